/* arbor set: puts a tree in the place of the one with its key. */

#include "arbor-cli.h"

#include "arbor-cli-key.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* The tree with @wanted at @path: it has that there, or nothing, and gets it. */
static ArborTree *
set_part (ArborTree *tree, const char *path, ArborTree *wanted, GError **error)
{
  g_autoptr (ArborTree) value = arbor_tree_get (tree, path, NULL);
  g_autofree char *found = NULL;
  g_autofree char *text = NULL;

  if (value == NULL)
    return arbor_tree_set_value (tree, path, wanted, error);
  found = arbor_tree_to_json (value, error);
  text = found != NULL ? arbor_tree_to_json (wanted, error) : NULL;
  if (text == NULL)
    return NULL;
  if (g_str_equal (found, text))
    return g_object_ref (tree);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
               _("The tree has %s at its key '%s', not %s"), found, path, text);
  return NULL;
}

/* The tree with the key that was named. */
static ArborArbor *
make_arbor (ArborTree *tree, char **paths, ArborTree *key, GError **error)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborTree) at = g_object_ref (tree);
  guint n = g_strv_length (paths);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ArborTree) part =
          n > 1 ? arbor_tree_get_element (key, i, error) : g_object_ref (key);
      g_autoptr (ArborTree) before = g_steal_pointer (&at);

      at = part != NULL ? set_part (before, paths[i], part, error) : NULL;
      if (at == NULL)
        return NULL;
    }
  return arbor_builder_add_tree (builder, at, error) ? arbor_builder_finish (builder, error) : NULL;
}

/* Keys are declared, and of as many values as @key has. */
static gboolean
check_count (char **paths, ArborTree *key, const char *name, GError **error)
{
  gboolean is_list = arbor_tree_get_kind (key, NULL, NULL) == ARBOR_KIND_ARRAY;
  guint64 n = is_list ? arbor_tree_get_length (key, NULL, NULL) : 1;
  g_autofree char *list = NULL;

  if (paths[0] == NULL)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _("No keys are declared for '%s': arbor keys declares them"), name);
      return FALSE;
    }
  if (n == g_strv_length (paths))
    return TRUE;
  list = g_strjoinv (", ", paths);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
               _("Keys of '%s' are of %u values (%s), and %" PRIu64 " were given"), name,
               g_strv_length (paths), list, n);
  return FALSE;
}

static gboolean
run_set (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborArbor) arbor = NULL, tree_arbor = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborTree) tree = NULL, key = NULL;
  g_autoptr (GError) failure = NULL;
  g_auto (GStrv) paths = NULL;
  guint n;

  if (words == NULL)
    return FALSE;
  n = g_strv_length (words);
  tree = arbor_tree_new_from_json (words[n - 1], error);
  key = tree != NULL ? arbor_cli_key_parse (words + 2, n - 3, error) : NULL;
  if (key == NULL)
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], TRUE, FALSE, cancellable, error);
  arbor = store != NULL ? arbor_store_get (store, words[1], error) : NULL;
  if (arbor == NULL)
    return FALSE;
  paths = arbor_arbor_dup_keys (arbor);
  tree_arbor = check_count (paths, key, words[1], error) ? make_arbor (tree, paths, key, error) : NULL;
  if (tree_arbor == NULL)
    return FALSE;
  arbor_store_upsert (store, words[1], NULL, tree_arbor, cancellable, &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

const ArborCommand arbor_command_set = {
  .name = "set",
  .words = "STORE NAME KEY... JSON",
  .n_words_min = 4,
  .n_words_max = 19,
  .summary = N_ ("Put a tree in the place of the one with a key"),
  .description = N_ ("Where no tree has the KEY, the new one comes at the end. JSON is the tree; where it lacks "
                     "the key, it\ngets it as its last field. A KEY is written as for arbor get.\n\n"
                     "Examples:\n"
                     "  arbor set players.arbor people aardsda01 '{\"name\": \"David Aardsma\"}'\n"
                     "  arbor set flights.arbor legs LH 2001 2026-03-01 '{\"gate\": \"B20\"}'"),
  .run = run_set,
};
