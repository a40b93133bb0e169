/* arbor recover: copies what is sound of a damaged store. */

#include "arbor-cli.h"

#include "arbor-cli-bar.h"
#include "arbor-cli-cell.h"
#include "arbor-cli-report.h"

#include <glib/gi18n-lib.h>

static gboolean
run_recover (const ArborCommand *self, int argc, char **argv, GError **error)
{
  gboolean is_json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &is_json, N_ ("Print the report as one JSON object"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborReport) report = NULL;
  g_autofree char *shown_path = NULL;
  ArborCliBar bar = { 0 };

  if (words == NULL)
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  bar.name = shown_path = arbor_cli_cell_clean_lines (words[0]);
  report = arbor_recover_file (words[0], words[1], arbor_cli_bar_get_progress (), &bar, cancellable,
                               error);
  arbor_cli_bar_wipe (&bar);
  return report != NULL && arbor_cli_report_print (report, is_json, error) &&
         arbor_cli_report_check (report, words[0], error);
}

const ArborCommand arbor_command_recover = {
  .name = "recover",
  .words = "STORE NEW",
  .n_words_min = 2,
  .n_words_max = 2,
  .summary = N_ ("Copy what is sound of a damaged store into a new one"),
  .description = N_ ("The damaged file is only read, and may be one that nothing else can open. NEW must not be "
                     "there yet, and gets its name when it is whole.\n"
                     "Exits with 0 where all was sound, with 3 where something was damaged and the rest was "
                     "copied, with 1 where nothing was.\n\n"
                     "Example:\n"
                     "  arbor recover damaged.arbor players.arbor"),
  .run = run_recover,
};
