/* arbor verify: reads all of a store and says what is damaged. */

#include "arbor-cli.h"

#include "arbor-cli-bar.h"
#include "arbor-cli-cell.h"
#include "arbor-cli-report.h"

#include <glib/gi18n-lib.h>

static gboolean
run_verify (const ArborCommand *self, int argc, char **argv, GError **error)
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
  report = arbor_verify_file (words[0], arbor_cli_bar_get_progress (), &bar, cancellable, error);
  arbor_cli_bar_wipe (&bar);
  return report != NULL && arbor_cli_report_print (report, is_json, error) &&
         arbor_cli_report_check (report, words[0], error);
}

const ArborCommand arbor_command_verify = {
  .name = "verify",
  .words = "STORE",
  .n_words_min = 1,
  .n_words_max = 1,
  .summary = N_ ("Read all of a store and say what is damaged"),
  .description = N_ ("Other programs may read and write the store meanwhile.\n"
                     "Exits with 0 where all is sound, with 3 where something is damaged, with 1 where the file "
                     "could not be read.\n\n"
                     "Examples:\n"
                     "  arbor verify players.arbor\n"
                     "  arbor verify players.arbor --json"),
  .run = run_verify,
};
