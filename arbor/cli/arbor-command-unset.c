/* arbor unset: deletes the tree with a key. */

#include "arbor-cli.h"

#include "arbor-cli-key.h"

#include <glib/gi18n-lib.h>

/* The condition that a tree has the key of @tree, which was found by it. */
static ArborExpr *
make_condition (ArborTree *tree, char **paths, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr (ArborTree) value = arbor_tree_get (tree, paths[i], error);
      g_autofree char *json = value != NULL ? arbor_tree_to_json (value, error) : NULL;

      if (json == NULL)
        return NULL;
      g_string_append_printf (text, "%s%s == %s", i > 0 ? " and " : "", paths[i], json);
    }
  return arbor_expr_parse (text->str, error);
}

static gboolean
run_unset (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborExpr) condition = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (GError) failure = NULL;
  g_auto (GStrv) paths = NULL;

  if (words == NULL)
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], TRUE, FALSE, cancellable, error);
  arbor = store != NULL ? arbor_store_get (store, words[1], error) : NULL;
  if (arbor == NULL)
    return FALSE;
  tree = arbor_cli_key_find (arbor, words + 2, &failure);
  if (tree == NULL && failure == NULL)
    arbor_cli_key_set_not_found (words + 2, words[1], &failure);
  if (tree != NULL)
    {
      paths = arbor_arbor_dup_keys (arbor);
      condition = make_condition (tree, paths, &failure);
    }
  if (condition != NULL)
    arbor_store_delete_where (store, words[1], condition, cancellable, &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

const ArborCommand arbor_command_unset = {
  .name = "unset",
  .words = "STORE NAME KEY...",
  .n_words_min = 3,
  .n_words_max = 18,
  .summary = N_ ("Delete the tree with a key"),
  .description = N_ ("Where several trees have the KEY, all of them are deleted. A KEY is written as for arbor "
                     "get.\n\n"
                     "Example:\n"
                     "  arbor unset players.arbor people aardsda01"),
  .run = run_unset,
};
