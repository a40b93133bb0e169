/* arbor ls: the names in a store, one a line. */

#include "arbor-cli.h"

#include <glib/gi18n-lib.h>

static gboolean
run_ls (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (GOutputStream) output = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_auto (GStrv) names = NULL;

  if (words == NULL)
    return FALSE;
  store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  if (store == NULL)
    return FALSE;
  names = arbor_store_list_names (store, error);
  if (names == NULL)
    return FALSE;

  output = arbor_cli_output ();
  for (guint i = 0; names[i] != NULL; i++)
    if (!arbor_cli_tell (output, error, "%s\n", names[i]))
      return FALSE;
  return g_output_stream_flush (output, NULL, error);
}

const ArborCommand arbor_command_ls = {
  .name = "ls",
  .words = "STORE",
  .n_words_min = 1,
  .n_words_max = 1,
  .summary = N_ ("List the arbors of a store"),
  .description = N_ ("The names come one a line, sorted by their bytes.\n\n"
                     "Example:\n"
                     "  arbor ls players.arbor"),
  .only_reads = TRUE,
  .run = run_ls,
};
