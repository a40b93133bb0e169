/* arbor load: reads what arbor dump has written. */

#include "arbor-cli.h"

#include "arbor-cli-bar.h"
#include "arbor-cli-cell.h"

#include <glib/gi18n-lib.h>

#include <gio/gunixinputstream.h>
#include <unistd.h>

static gboolean
run_load (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (GInputStream) input = NULL;
  g_autofree char *shown_path = NULL;
  ArborCliBar bar = { 0 };
  gboolean is_done;

  if (words == NULL)
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], TRUE, TRUE, cancellable, error);
  if (store == NULL)
    return FALSE;
  bar.name = shown_path = arbor_cli_cell_clean_lines (words[1]);
  if (g_str_equal (words[1], "-"))
    {
      input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
      is_done = arbor_store_load_stream (store, input, arbor_cli_bar_get_progress (), &bar, cancellable,
                                         error);
    }
  else
    is_done = arbor_store_load (store, words[1], arbor_cli_bar_get_progress (), &bar, cancellable,
                                error);
  arbor_cli_bar_wipe (&bar);
  return is_done;
}

const ArborCommand arbor_command_load = {
  .name = "load",
  .words = "STORE FILE",
  .n_words_min = 2,
  .n_words_max = 2,
  .summary = N_ ("Read a dump into a store"),
  .description = N_ ("FILE is what 'arbor dump' has written, compressed or not; - is standard input. Each arbor of "
                     "it is put under its name, others stay.\nAll of it is one change: where anything is wrong, "
                     "nothing is changed. The store is made where there is none.\n\n"
                     "Examples:\n"
                     "  arbor load copy.arbor players.jsonl.zst\n"
                     "  arbor dump players.arbor | arbor load copy.arbor -"),
  .run = run_load,
};
