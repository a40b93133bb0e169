/* arbor describe: figures of each path of an arbor. */

#include "arbor-cli-table.h"

#include <glib/gi18n-lib.h>

static gboolean
describe (char **words, ArborFormat format, gboolean is_table, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (ArborStore) store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  g_autoptr (ArborArbor) arbor = store != NULL ? arbor_store_get (store, words[1], error) : NULL;
  g_autoptr (ArborArbor) figures = arbor != NULL ? arbor_arbor_describe (arbor, NULL, error) : NULL;

  if (figures == NULL)
    return FALSE;
  if (is_table || (format == ARBOR_FORMAT_AUTO && arbor_cli_is_terminal ()))
    return arbor_cli_print_table (figures, NULL, output, error) &&
           g_output_stream_flush (output, NULL, error);
  return arbor_arbor_save (figures, output, format, NULL, error) &&
         g_output_stream_flush (output, NULL, error);
}

static gboolean
run_describe (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_autofree char *text = NULL;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &text,
      N_ ("jsonl, json (one array), csv, table, or auto: table on a terminal, else jsonl"),
      N_ ("FORMAT") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  gboolean is_table = FALSE;
  ArborFormat format;

  return words != NULL && arbor_cli_parse_format (text, &format, &is_table, error) &&
         describe (words, format, is_table, error);
}

const ArborCommand arbor_command_describe = {
  .name = "describe",
  .words = "STORE NAME",
  .n_words_min = 2,
  .n_words_max = 2,
  .summary = N_ ("Print figures of each path of an arbor"),
  .description = N_ ("How many values there are, how many are null or missing, of which kinds they "
                     "are,\nthe least, the greatest, the mean, and how many different ones.\n\n"
                     "Example:\n"
                     "  arbor describe players.arbor people"),
  .run = run_describe,
};
