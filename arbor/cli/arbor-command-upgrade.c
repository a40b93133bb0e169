/* arbor upgrade: writes an older format anew. */

#include "arbor-cli.h"

#include "arbor-cli-cell.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

static gboolean
run_upgrade (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *shown_path = NULL;
  guint64 n_arbors;

  if (words == NULL)
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], TRUE, FALSE, cancellable, error);
  if (store == NULL)
    return FALSE;
  n_arbors = arbor_store_upgrade (store, cancellable, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  shown_path = arbor_cli_cell_clean_lines (words[0]);
  /* Translators: a file, and how many arbors were written anew. */
  g_printerr (_("%s: arbors written anew: %" PRIu64 "\n"), shown_path, n_arbors);
  return TRUE;
}

const ArborCommand arbor_command_upgrade = {
  .name = "upgrade",
  .words = "STORE",
  .n_words_min = 1,
  .n_words_max = 1,
  .summary = N_ ("Write an older format anew"),
  .description = N_ ("Reading does not need it. Afterwards older versions of the library cannot open the store.\n\n"
                     "Example:\n"
                     "  arbor upgrade players.arbor"),
  .run = run_upgrade,
};
