/* arbor delete: takes an arbor out of a store. */

#include "arbor-cli.h"

#include <glib/gi18n-lib.h>

static gboolean
run_delete (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (ArborStore) store = NULL;

  if (words == NULL)
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], TRUE, FALSE, cancellable, error);
  if (store == NULL)
    return FALSE;
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
  .summary = N_ ("Delete an arbor"),
  .description = N_ ("The file does not shrink; what comes next uses the room.\n\n"
                     "Example:\n"
                     "  arbor delete players.arbor people"),
  .run = run_delete,
};
