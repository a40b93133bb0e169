/* arbor delete: takes an arbor out of a store, or trees out of an arbor. */

#include "arbor-cli-fields.h"

#include <glib/gi18n-lib.h>

static gboolean
delete_trees (ArborStore *store, const char *name, ArborExpr *condition, GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (GError) failure = NULL;
  guint64 n = arbor_store_delete_where (store, name, condition, cancellable, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return arbor_cli_tell (output, error,
                         g_dngettext (GETTEXT_PACKAGE, "%s: %llu tree was deleted\n",
                                      "%s: %llu trees were deleted\n", (gulong) n),
                         name, (unsigned long long) n) &&
         g_output_stream_flush (output, NULL, error);
}

static gboolean
run_delete (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_autofree char *where = NULL;
  const GOptionEntry entries[] = { { "where", 'w', 0, G_OPTION_ARG_FILENAME, &where,
                                     N_ ("Delete only the trees for which this is true"),
                                     N_ ("EXPRESSION") },
                                   G_OPTION_ENTRY_NULL };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autoptr (ArborExpr) condition = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (ArborStore) store = NULL;

  if (words == NULL)
    return FALSE;
  if (where != NULL && (condition = arbor_cli_parse_expr (where, "--where", error)) == NULL)
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], TRUE, FALSE, cancellable, error);
  if (store == NULL)
    return FALSE;
  if (condition != NULL)
    return delete_trees (store, words[1], condition, cancellable, error);
  if (arbor_store_delete (store, words[1], cancellable, &failure))
    return TRUE;
  /* The library calls an unknown name no error; who typed it wants to know. */
  if (failure == NULL)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND, _("'%s' has no arbor '%s'"), words[0],
                 words[1]);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

const ArborCommand arbor_command_delete = {
  .name = "delete",
  .words = "STORE NAME",
  .n_words_min = 2,
  .n_words_max = 2,
  .summary = N_ ("Delete an arbor, or trees of one"),
  .description = N_ ("What comes next uses the room; arbor compact gives it back to the disk.\n\n"
                     "Examples:\n"
                     "  arbor delete players.arbor people\n"
                     "  arbor delete players.arbor people --where 'height == null'"),
  .run = run_delete,
};
