/* arbor describe: figures of each path of an arbor. */

#include "arbor-cli-fields.h"
#include "arbor-cli-table.h"

#include <glib/gi18n-lib.h>

/* The trees of @figures whose path has @depth steps at most, any where that is 0. */
static ArborArbor *
limit_depth (ArborArbor *figures, guint64 depth, GError **error)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborIter) iter = NULL;
  g_autoptr (GError) failure = NULL;

  if (depth == 0)
    return g_object_ref (figures);
  iter = arbor_arbor_iterator (figures, &failure);
  while (failure == NULL)
    {
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &failure);
      g_autofree char *path = NULL;

      if (tree == NULL)
        break;
      path = arbor_tree_dup_string (tree, "path", &failure);
      if (path != NULL && arbor_cli_count_steps (path) <= depth)
        arbor_builder_add_tree (builder, tree, &failure);
    }
  if (failure == NULL)
    return arbor_builder_finish (builder, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

static gboolean
describe (char **words, guint64 depth, ArborFormat format, ArborCliTable table, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (ArborStore) store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  g_autoptr (ArborArbor) arbor = store != NULL ? arbor_store_get (store, words[1], error) : NULL;
  g_autoptr (ArborArbor) all = arbor != NULL ? arbor_arbor_describe (arbor, NULL, error) : NULL;
  g_autoptr (ArborArbor) figures = all != NULL ? limit_depth (all, depth, error) : NULL;

  if (figures == NULL)
    return FALSE;
  return arbor_cli_print_trees (figures, NULL, format, table, output, error) &&
         g_output_stream_flush (output, NULL, error);
}

static gboolean
run_describe (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_autofree char *text = NULL;
  guint64 depth = 0;
  const GOptionEntry entries[] = {
    ARBOR_CLI_DEPTH_ENTRY,
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &text,
      ARBOR_CLI_FORMAT_HELP, N_ ("FORMAT") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse_into (self, entries, &depth, argc, argv, error);
  ArborCliTable table = ARBOR_CLI_TABLE_NONE;
  ArborFormat format;

  return words != NULL && arbor_cli_parse_format (text, &format, &table, error) &&
         describe (words, depth, format, table, error);
}

const ArborCommand arbor_command_describe = {
  .name = "describe",
  .words = "STORE NAME",
  .n_words_min = 2,
  .n_words_max = 2,
  .summary = N_ ("Print figures of each path of an arbor"),
  .description = N_ ("How many values there are, how many are null or missing, of which kinds they "
                     "are,\nthe least, the greatest, the mean, and how many different ones.\nThe keys of "
                     "a dictionary, an object with many keys and like values, are one path, as in\n"
                     "people.*.name.\n\n"
                     "Example:\n"
                     "  arbor describe players.arbor people"),
  .only_reads = TRUE,
  .run = run_describe,
};
