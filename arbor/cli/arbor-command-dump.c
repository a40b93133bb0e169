/* arbor dump: all of a store as text. */

#include "arbor-cli.h"

#include "arbor-cli-bar.h"
#include "arbor-cli-cell.h"

#include <glib/gi18n-lib.h>

static gboolean
print_dump (ArborStore *store, GCancellable *cancellable, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (GCancellable) give_up = g_cancellable_new ();

  if (arbor_store_dump_stream (store, output, NULL, NULL, cancellable, error))
    return g_output_stream_close (output, cancellable, error);
  /* What is still in its buffer is not written after a failure. */
  g_cancellable_cancel (give_up);
  g_output_stream_close (output, give_up, NULL);
  return FALSE;
}

static gboolean
run_dump (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autofree char *shown_path = NULL;
  ArborCliBar bar = { 0 };
  gboolean is_done;

  if (words == NULL)
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], FALSE, FALSE, cancellable, error);
  if (store == NULL)
    return FALSE;
  if (words[1] == NULL || g_str_equal (words[1], "-"))
    return print_dump (store, cancellable, error);
  bar.name = shown_path = arbor_cli_cell_clean_lines (words[1]);
  is_done = arbor_store_dump (store, words[1], arbor_cli_bar_get_progress (), &bar, cancellable, error);
  arbor_cli_bar_wipe (&bar);
  return is_done;
}

const ArborCommand arbor_command_dump = {
  .name = "dump",
  .words = "STORE [FILE]",
  .n_words_min = 1,
  .n_words_max = 2,
  .summary = N_ ("Write all of a store as text"),
  .description = N_ ("The text is JSON Lines: a line for each tree, and before those of an arbor one with its name. "
                     "'arbor load' reads it back as it was.\nFILE is there, or replaced, when all is written; "
                     "without it, or with -, the text goes to standard output.\n\n"
                     "Examples:\n"
                     "  arbor dump players.arbor | less\n"
                     "  arbor dump players.arbor players.jsonl.zst"),
  .only_reads = TRUE,
  .run = run_dump,
};
