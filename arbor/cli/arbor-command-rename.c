/* arbor rename: another name for an arbor. */

#include "arbor-cli.h"

#include <glib/gi18n-lib.h>

static gboolean
run_rename (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborStore) store = NULL;

  if (words == NULL || !arbor_cli_check_utf8 (words[2], "NEW-NAME", error))
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], TRUE, FALSE, cancellable, error);
  return store != NULL && arbor_store_rename (store, words[1], words[2], cancellable, error);
}

const ArborCommand arbor_command_rename = {
  .name = "rename",
  .words = "STORE NAME NEW-NAME",
  .n_words_min = 3,
  .n_words_max = 3,
  .summary = N_ ("Give an arbor another name"),
  .description = N_ ("NEW-NAME must not be there yet.\n\n"
                     "Example:\n"
                     "  arbor rename players.arbor people players"),
  .run = run_rename,
};
