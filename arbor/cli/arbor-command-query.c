/* arbor query: the trees that match an expression, in another order, or parts of them, as text. The
 * steps are applied in one order, whatever that of the options: where, explode, group and agg,
 * sort, unique, sample, offset and limit, select, pick or jsonpath.
 */

#include "arbor-command-query-private.h"

#include "arbor-cli-table.h"

#include <glib/gi18n-lib.h>

static const char *
find_contradiction (char **words, const QueryOptions *options)
{
  if (options->where == NULL && words[2] != NULL && words[3] != NULL)
    return _ ("Several names need their condition in --where");
  if (options->offset < 0)
    return _ ("--offset takes a number of trees, 0 or more");
  if (options->limit < 0 && options->limit != QUERY_NONE)
    return _ ("--limit takes a number of trees, 0 or more");
  if (options->sample < 0 && options->sample != QUERY_NONE)
    return _ ("--sample takes a number of trees, 0 or more");
  if (options->seed < 0 && options->seed != QUERY_NONE)
    return _ ("--seed takes a number, 0 or more");
  if (options->seed != QUERY_NONE && options->sample == QUERY_NONE)
    return _ ("--seed says which trees --sample takes: not without it");
  if (options->count && (options->format != NULL || options->offset > 0))
    return _ ("--count prints one number: not with --format or --offset");
  if (options->count && (options->pick != NULL || options->limit >= 0))
    return _ ("--count prints one number: not with --pick or --limit");
  if (options->paths && options->jsonpath == NULL)
    return _ ("--paths prints where --jsonpath finds something: not without it");
  if (options->jsonpath != NULL &&
      (options->pick != NULL || options->count || options->format != NULL))
    return _ ("--jsonpath prints values: not with --pick, --count or --format");
  if (options->explain && options->analyze)
    return _ ("--explain-analyze prints the plan, too: not with --explain");
  if (options->analyze && (options->pick != NULL || options->count || options->format != NULL ||
                           options->jsonpath != NULL))
    return _ ("--explain-analyze prints the plan: not with --pick, --count, --format or --jsonpath");
  if (options->explain && (options->pick != NULL || options->count || options->format != NULL ||
                           options->jsonpath != NULL))
    return _ ("--explain prints the plan: not with --pick, --count, --format or --jsonpath");
  return NULL;
}

static gboolean
check_options (char **words, QueryOptions *options, GError **error)
{
  const char *message;

  if (!arbor_cli_parse_format (options->format, &options->how, &options->is_table, error) ||
      (options->where != NULL && !arbor_cli_check_utf8 (options->where, "--where", error)) ||
      (options->explode != NULL && !arbor_cli_check_utf8 (options->explode, "--explode", error)) ||
      (options->jsonpath != NULL && !arbor_cli_check_utf8 (options->jsonpath, "--jsonpath", error)))
    return FALSE;
  if (!options->is_table && options->how == ARBOR_FORMAT_AUTO)
    options->is_table = arbor_cli_is_terminal ();
  /* Without --where, what follows the one name is the condition. */
  for (guint i = 2; words[i] != NULL; i++)
    if (!arbor_cli_check_utf8 (words[i], options->where != NULL ? "NAME" : "EXPRESSION", error))
      return FALSE;
  message = find_contradiction (words, options);
  if (message != NULL)
    g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, message);
  return message == NULL;
}

static gboolean
query (char **words, const QueryOptions *options, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) trees = NULL;
  g_auto (GStrv) columns = NULL;
  g_auto (GStrv) paths = NULL;

  if (options->pick != NULL)
    {
      paths = arbor_cli_split_paths (options->pick, error);
      if (paths == NULL)
        return FALSE;
    }
  store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  if (store == NULL)
    return FALSE;
  trees = arbor_query_run_steps (store, words, options, &columns, error);
  return trees != NULL &&
         arbor_query_print (trees, options, (const char *const *)paths,
                            (const char *const *)columns, output, error) &&
         g_output_stream_flush (output, NULL, error);
}

static gboolean
run_query (const ArborCommand *self, int argc, char **argv, GError **error)
{
  QueryOptions options = { .sample = QUERY_NONE, .seed = QUERY_NONE, .limit = QUERY_NONE };
  const GOptionEntry entries[] = {
    { "pick", 'p', 0, G_OPTION_ARG_FILENAME, &options.pick,
      N_ ("Print these parts of each tree only; a comma inside quotes is part of a path"),
      N_ ("PATH,...") },
    { "where", 'w', 0, G_OPTION_ARG_FILENAME, &options.where,
      N_ ("The condition; all other words are then names, whose trees follow each other"),
      N_ ("EXPRESSION") },
    { "explode", 0, 0, G_OPTION_ARG_FILENAME, &options.explode,
      N_ ("Take a tree for each element of the array at PATH"), N_ ("PATH") },
    { "group", 'g', 0, G_OPTION_ARG_FILENAME, &options.group,
      N_ ("Print a tree for each value of these keys"), N_ ("[NAME=]KEY,...") },
    { "agg", 'a', 0, G_OPTION_ARG_FILENAME_ARRAY, &options.agg,
      N_ ("Compute this over each group, or without --group over all trees; may come again"),
      N_ ("NAME=EXPRESSION") },
    { "sort", 's', 0, G_OPTION_ARG_FILENAME, &options.sort,
      N_ ("Sort by these keys; :desc after one turns it round"), N_ ("KEY[:desc],...") },
    { "unique", 'u', 0, G_OPTION_ARG_FILENAME, &options.unique,
      N_ ("Keep the first tree for each value of these keys"), N_ ("KEY,...") },
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &options.format,
      N_ ("jsonl, json (one array), csv, table, or auto: table on a terminal, else jsonl"),
      N_ ("FORMAT") },
    { "select", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.select,
      N_ ("Print trees of this field, and of those that further ones name"),
      N_ ("NAME=EXPRESSION") },
    { "sample", 0, 0, G_OPTION_ARG_INT64, &options.sample, N_ ("Take N trees by chance"),
      N_ ("N") },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options.seed,
      N_ ("The same number takes the same sample again"), N_ ("S") },
    { "offset", 0, 0, G_OPTION_ARG_INT64, &options.offset, N_ ("Leave out the first N trees"),
      N_ ("N") },
    { "limit", 'n', 0, G_OPTION_ARG_INT64, &options.limit, N_ ("Stop after N trees"), N_ ("N") },
    { "count", 'c', 0, G_OPTION_ARG_NONE, &options.count,
      N_ ("Print how many trees match, nothing else"), NULL },
    { "explain", 0, 0, G_OPTION_ARG_NONE, &options.explain,
      N_ ("Print how the trees would be found, in place of the trees"), NULL },
    { "explain-analyze", 0, 0, G_OPTION_ARG_NONE, &options.analyze,
      N_ ("The same, after finding the trees, with what that took"), NULL },
    { "jsonpath", 'j', 0, G_OPTION_ARG_FILENAME, &options.jsonpath,
      N_ ("Print the values in each tree that a JSONPath query (RFC 9535) selects"), N_ ("QUERY") },
    { "paths", 'P', 0, G_OPTION_ARG_NONE, &options.paths,
      N_ ("Print the normalized path of each value, and a tab, before it"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  gboolean done =
      words != NULL && check_options (words, &options, error) && query (words, &options, error);

  g_free (options.pick);
  g_free (options.where);
  g_free (options.explode);
  g_free (options.sort);
  g_free (options.unique);
  g_free (options.group);
  g_strfreev (options.agg);
  g_strfreev (options.select);
  g_free (options.format);
  g_free (options.jsonpath);
  return done;
}

const ArborCommand arbor_command_query = {
  .name = "query",
  .words = "STORE NAME... [EXPRESSION]",
  .n_words_min = 2,
  .n_words_max = G_MAXUINT,
  .summary = N_ ("Print the trees for which an expression is true"),
  .description =
      N_ ("Without EXPRESSION, all trees are printed. Write -- before an expression\nthat begins "
          "with a minus sign.\nThe order of steps: "
          "where, explode, group and agg, sort, unique,\nsample, offset and limit, select, "
          "pick or jsonpath.\n\n"
          "Examples:\n"
          "  arbor query players.arbor people 'height > 80' --pick playerID,height\n"
          "  arbor query players.arbor people 'birth.country == \"USA\"' --count\n"
          "  arbor query players.arbor people --group birth.country --agg 'n=count()'\n"
          "  arbor query players.arbor people --pick '[\"last, first\"]' --limit 10\n"
          "  arbor query players.arbor people --jsonpath '$..city' --paths"),
  .run = run_query,
};
