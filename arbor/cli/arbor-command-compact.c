/* arbor compact: gives room that is free in a store's file back to the file system. */

#include "arbor-cli.h"

#include "arbor-cli-bar.h"
#include "arbor-cli-cell.h"

#include <glib/gi18n-lib.h>

static gboolean
measure (ArborStore *store, guint64 *n_bytes, GError **error)
{
  g_autoptr (ArborStats) stats = arbor_store_get_stats (store, error);

  if (stats == NULL)
    return FALSE;
  *n_bytes = arbor_stats_get_disk_bytes (stats);
  return TRUE;
}

static gboolean
compact (ArborStore *store, const char *path, gboolean is_full, GCancellable *cancellable,
         GError **error)
{
  g_autofree char *shown_path = arbor_cli_cell_clean_lines (path);
  ArborCliBar bar = { .name = shown_path };
  g_autofree char *before_text = NULL;
  g_autofree char *after_text = NULL;
  guint64 before, after;
  gboolean is_done;

  if (!measure (store, &before, error))
    return FALSE;
  is_done = arbor_store_compact (store, is_full ? ARBOR_COMPACT_FULL : ARBOR_COMPACT_NONE,
                                 arbor_cli_bar_get_progress (), &bar, cancellable, error);
  arbor_cli_bar_wipe (&bar);
  if (!is_done || !measure (store, &after, error))
    return FALSE;
  before_text = g_format_size (before);
  after_text = g_format_size (after);
  /* Translators: a file, and how much of the disk it took before and takes now. */
  g_printerr (_("%s: %s, now %s on disk\n"), shown_path, before_text, after_text);
  return TRUE;
}

static gboolean
run_compact (const ArborCommand *self, int argc, char **argv, GError **error)
{
  gboolean is_full = FALSE;
  const GOptionEntry entries[] = {
    { "full", 0, 0, G_OPTION_ARG_NONE, &is_full,
      N_ ("Write the file anew, without what is free; nobody else may have the store open"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborStore) store = NULL;

  if (words == NULL)
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], TRUE, FALSE, cancellable, error);
  return store != NULL && compact (store, words[0], is_full, cancellable, error);
}

const ArborCommand arbor_command_compact = {
  .name = "compact",
  .words = "STORE",
  .n_words_min = 1,
  .n_words_max = 1,
  .summary = N_ ("Give the room of what was deleted back to the disk"),
  .description = N_ ("Beside programs that read and write the store, the file keeps its length and takes "
                     "less of the disk.\nWith --full it becomes as short as it can be.\n\n"
                     "Examples:\n"
                     "  arbor compact players.arbor\n"
                     "  arbor compact players.arbor --full"),
  .run = run_compact,
};
