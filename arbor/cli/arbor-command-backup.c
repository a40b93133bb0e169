/* arbor backup: a copy of a store while it is in use. */

#include "arbor-cli.h"

#include "arbor-cli-bar.h"
#include "arbor-cli-cell.h"

#include <glib/gi18n-lib.h>

static gboolean
print_copy (ArborStore *store, ArborBackupFlags flags, GCancellable *cancellable, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (GCancellable) give_up = g_cancellable_new ();

  if (arbor_store_backup_stream (store, output, flags, NULL, NULL, cancellable, error))
    return g_output_stream_close (output, cancellable, error);
  /* What is still in its buffer is not written after a failure. */
  g_cancellable_cancel (give_up);
  g_output_stream_close (output, give_up, NULL);
  return FALSE;
}

static gboolean
run_backup (const ArborCommand *self, int argc, char **argv, GError **error)
{
  gboolean is_compact = FALSE, is_update = FALSE;
  const GOptionEntry entries[] = { { "compact", 0, 0, G_OPTION_ARG_NONE, &is_compact,
                                     N_ ("Leave out pages that are free"), NULL },
                                   { "update", 0, 0, G_OPTION_ARG_NONE, &is_update,
                                     N_ ("FILE is an older copy: write only what differs"), NULL },
                                   G_OPTION_ENTRY_NULL };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autofree char *shown_path = NULL;
  ArborBackupFlags flags;
  ArborCliBar bar = { 0 };
  gboolean is_done;

  if (words == NULL)
    return FALSE;
  flags = (is_compact ? ARBOR_BACKUP_COMPACT : 0) | (is_update ? ARBOR_BACKUP_UPDATE : 0);
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], FALSE, FALSE, cancellable, error);
  if (store == NULL)
    return FALSE;
  if (g_str_equal (words[1], "-"))
    return print_copy (store, flags, cancellable, error);
  bar.name = shown_path = arbor_cli_cell_clean_lines (words[1]);
  is_done = arbor_store_backup (store, words[1], flags, arbor_cli_bar_get_progress (), &bar,
                                cancellable, error);
  arbor_cli_bar_wipe (&bar);
  return is_done;
}

const ArborCommand arbor_command_backup = {
  .name = "backup",
  .words = "STORE FILE",
  .n_words_min = 2,
  .n_words_max = 2,
  .summary = N_ ("Copy a store while others use it"),
  .description = N_ ("FILE becomes a store with all arbors as they were in one moment; it is there, or replaced, "
                     "when all of it is written.\nWith - it goes to standard output.\n\n"
                     "Examples:\n"
                     "  arbor backup players.arbor players-backup.arbor\n"
                     "  arbor backup players.arbor players-backup.arbor --update\n"
                     "  arbor backup players.arbor - --compact | zstd > players.arbor.zst"),
  .only_reads = TRUE,
  .run = run_backup,
};
