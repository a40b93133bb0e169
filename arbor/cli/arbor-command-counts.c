/* arbor counts: how often each value comes, or how numbers are spread, with bars for people. */

#include "arbor-cli-fields.h"
#include "arbor-cli-table.h"

#include <glib/gi18n-lib.h>

#define MAX_BINS 1000000
#define BAR      40u /* characters of the longest */

typedef struct
{
  gint n_bins; /* 0: values, not bins */
  gint64 limit; /* -1: all */
  gboolean bars;
  ArborFormat format;
  ArborCliTable table;
} CountsOptions;

/* Blocks, of which the last one is cut to eighths. */
static char *
draw_bar (double share)
{
  static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
  guint n = (guint) (share * BAR * 8 + 0.5);
  GString *bar = g_string_new (NULL);

  for (guint i = 0; i < n / 8; i++)
    g_string_append (bar, "█");
  /* What is there is seen. */
  g_string_append (bar, eighths[n == 0 && share > 0 ? 1 : n % 8]);
  return g_string_free (bar, FALSE);
}

static gboolean
find_greatest (ArborArbor *counts, gint64 *greatest, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (counts, error);
  g_autoptr (GError) failure = NULL;

  *greatest = 0;
  if (iter == NULL)
    return FALSE;
  while (TRUE)
    {
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &failure);
      gint64 n = tree != NULL ? arbor_tree_get_int64 (tree, "count", &failure) : 0;

      if (tree == NULL || failure != NULL)
        break;
      *greatest = MAX (*greatest, n);
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
add_bar (ArborBuilder *builder, ArborTree *tree, gint64 greatest, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gint64 n = arbor_tree_get_int64 (tree, "count", &failure);
  g_autofree char *bar = failure == NULL ? draw_bar ((double) n / (double) MAX (greatest, 1)) : NULL;
  g_autoptr (ArborTree) text = bar != NULL ? arbor_tree_new_from_variant (g_variant_new_string (bar), &failure)
                                              : NULL;
  g_autoptr (ArborTree) longer = text != NULL ? arbor_tree_set_value (tree, "bar", text, &failure) : NULL;

  if (longer != NULL && arbor_builder_add_tree (builder, longer, &failure))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* The same with a field `bar`. */
static ArborArbor *
draw_bars (ArborArbor *counts, GError **error)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborIter) iter = NULL;
  g_autoptr (GError) failure = NULL;
  gint64 greatest;

  if (!find_greatest (counts, &greatest, error))
    return NULL;
  iter = arbor_arbor_iterator (counts, &failure);
  while (failure == NULL)
    {
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &failure);

      if (tree == NULL || !add_bar (builder, tree, greatest, &failure))
        break;
    }
  if (failure == NULL)
    return arbor_builder_finish (builder, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

static ArborArbor *
count (ArborArbor *trees, ArborExpr *expr, const CountsOptions *options, GError **error)
{
  g_autoptr (ArborArbor) counts = options->n_bins > 0
                                      ? arbor_arbor_histogram (trees, expr, (guint) options->n_bins, error)
                                      : arbor_arbor_value_counts (trees, expr, error);
  g_autoptr (ArborArbor) first = NULL;

  if (counts == NULL)
    return NULL;
  first = options->limit >= 0 ? arbor_arbor_head (counts, (guint64) options->limit, error)
                              : g_object_ref (counts);
  if (first == NULL || !options->bars)
    return g_steal_pointer (&first);
  return draw_bars (first, error);
}

static gboolean
print_counts (char **words, const CountsOptions *options, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (ArborExpr) expr = arbor_cli_parse_key (words[2], "EXPRESSION", error);
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) trees = NULL;
  g_autoptr (ArborArbor) counts = NULL;

  if (expr == NULL)
    return FALSE;
  store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  trees = store != NULL ? arbor_store_get (store, words[1], error) : NULL;
  if (trees == NULL || !arbor_cli_note_paths (told, trees, &expr, 1, NULL, error))
    return FALSE;
  counts = count (trees, expr, options, error);
  return counts != NULL &&
         arbor_cli_print_trees (counts, NULL, options->format, options->table, output, error) &&
         g_output_stream_flush (output, NULL, error);
}

static gboolean
check_options (CountsOptions *options, const char *format, GError **error)
{
  const char *message = NULL;

  if (!arbor_cli_parse_format (format, &options->format, &options->table, error))
    return FALSE;
  if (options->n_bins < 0 || options->n_bins > MAX_BINS)
    message = _("--bins takes a number, 1 to 1000000");
  else if (options->limit < -1)
    message = _("--limit takes a number of values, 0 or more");
  if (message != NULL)
    g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, message);
  if (options->format == ARBOR_FORMAT_AUTO && options->table == ARBOR_CLI_TABLE_NONE &&
      (options->bars || arbor_cli_is_terminal ()))
    {
      options->table = ARBOR_CLI_TABLE_PLAIN;
      options->bars = TRUE;
    }
  return message == NULL;
}

static gboolean
run_counts (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_autofree char *format = NULL;
  CountsOptions options = { .limit = -1 };
  const GOptionEntry entries[] = {
    { "bins", 'b', 0, G_OPTION_ARG_INT, &options.n_bins,
      N_ ("Count numbers in N bins of equal width, between the least and the greatest"), N_ ("N") },
    { "limit", 'n', 0, G_OPTION_ARG_INT64, &options.limit, N_ ("Stop after N values"), N_ ("N") },
    { "bars", 0, 0, G_OPTION_ARG_NONE, &options.bars,
      N_ ("Draw a bar for each, which a table on a terminal has anyway"), NULL },
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &format, ARBOR_CLI_FORMAT_HELP, N_ ("FORMAT") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);

  return words != NULL && check_options (&options, format, error) &&
         print_counts (words, &options, error);
}

const ArborCommand arbor_command_counts = {
  .name = "counts",
  .words = "STORE NAME EXPRESSION",
  .n_words_min = 3,
  .n_words_max = 3,
  .summary = N_ ("Count how often each value comes, or how numbers are spread"),
  .description = N_ ("The most frequent value comes first; missing values and null count, too. With --bins a line "
                     "for each bin of numbers.\n\n"
                     "Examples:\n"
                     "  arbor counts players.arbor people birth.country -n 10\n"
                     "  arbor counts players.arbor people height --bins 12\n"
                     "  arbor counts players.arbor people 'len(name)' --format markdown"),
  .only_reads = TRUE,
  .run = run_counts,
};
