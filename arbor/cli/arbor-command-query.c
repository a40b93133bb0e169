/* arbor query: the trees that match an expression, in another order, or parts of them, as text.
 * Steps are done in the order in which they are written; the condition that is a word comes first,
 * what is printed of each tree (pick, jsonpath) last.
 */

#include "arbor-command-query-private.h"

#include "arbor-cli-fields.h"
#include "arbor-cli-table.h"

#include <glib/gi18n-lib.h>

static gboolean
has_where (const QueryOptions *options)
{
  for (guint i = 0; i < options->steps->len; i++)
    if (((const QueryStep *)options->steps->pdata[i])->kind == QUERY_STEP_WHERE)
      return TRUE;
  return FALSE;
}

static gboolean
has_sample (const QueryOptions *options)
{
  for (guint i = 0; i < options->steps->len; i++)
    if (((const QueryStep *)options->steps->pdata[i])->kind == QUERY_STEP_SAMPLE)
      return TRUE;
  return FALSE;
}

static const char *
find_contradiction (char **words, const QueryOptions *options)
{
  if (!has_where (options) && words[2] != NULL && words[3] != NULL)
    return _("Several names need their condition in --where");
  if (options->seed < 0 && options->seed != QUERY_NO_SEED)
    return _("--seed takes a number, 0 or more");
  if (options->seed != QUERY_NO_SEED && !has_sample (options))
    return _("--seed says which trees --sample takes: not without it");
  if (options->count && (options->format != NULL || options->pick != NULL))
    return _("--count prints one number: not with --format or --pick");
  if (options->paths && options->jsonpath == NULL)
    return _("--paths prints where --jsonpath finds something: not without it");
  if (options->jsonpath != NULL &&
      (options->pick != NULL || options->count || options->format != NULL))
    return _("--jsonpath prints values: not with --pick, --count or --format");
  if (options->explain && options->analyze)
    return _("--explain-analyze prints the plan, too: not with --explain");
  if (options->analyze && (options->pick != NULL || options->count || options->format != NULL ||
                           options->jsonpath != NULL))
    return _("--explain-analyze prints the plan: not with --pick, --count, --format or --jsonpath");
  if (options->explain && (options->pick != NULL || options->count || options->format != NULL ||
                           options->jsonpath != NULL))
    return _("--explain prints the plan: not with --pick, --count, --format or --jsonpath");
  return NULL;
}

static gboolean
check_options (char **words, QueryOptions *options, GError **error)
{
  const char *message;

  if (!arbor_cli_parse_format (options->format, &options->how, &options->table, error) ||
      (options->jsonpath != NULL && !arbor_cli_check_utf8 (options->jsonpath, "--jsonpath", error)))
    return FALSE;
  if (options->table == ARBOR_CLI_TABLE_NONE && options->how == ARBOR_FORMAT_AUTO &&
      arbor_cli_is_terminal ())
    options->table = ARBOR_CLI_TABLE_PLAIN;
  for (guint i = 2; words[i] != NULL; i++)
    if (!arbor_cli_check_utf8 (words[i], has_where (options) ? "NAME" : "EXPRESSION", error))
      return FALSE;
  message = find_contradiction (words, options);
  if (message != NULL)
    g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, message);
  return message == NULL;
}

/* Whether @word, which names no arbor, must be a condition: it has what no careful name has, while
 * a name that is mistyped shall not be taken for a field. */
static gboolean
looks_like_condition (const char *word)
{
  return strpbrk (word, " =<>!()\"'") != NULL;
}

/* Takes the condition out of the words after the store, and makes it a step: the second of them,
 * or where --where stands, too, the last one that is no name. */
static gboolean
take_condition (ArborStore *store, char **names, QueryOptions *options, GError **error)
{
  g_autoptr (GError) failure = NULL;
  guint last = g_strv_length (names) - 1;

  if (last == 0)
    return TRUE;
  if (has_where (options) &&
      (arbor_store_contains (store, names[last], &failure) || !looks_like_condition (names[last])))
    return TRUE;
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  arbor_command_query_add_condition (options, g_steal_pointer (&names[last]));
  return TRUE;
}

/* @paths may be NULL. */
static gboolean
note_picks (ArborArbor *trees, const QueryOptions *options, char **paths, GHashTable *told,
            GError **error)
{
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      g_autoptr (ArborExpr) path = arbor_expr_new_path (paths[i], error);

      if (path == NULL)
        g_prefix_error (error, "--pick: ");
      if (path == NULL || !arbor_cli_note_paths (options->strict ? NULL : told, trees, &path, 1,
                                                 "--pick", error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
query (char **words, QueryOptions *options, GError **error)
{
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
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
  if (store == NULL || !take_condition (store, words + 1, options, error))
    return FALSE;
  arbor_command_query_end_steps (options);
  trees = arbor_command_query_run_steps (store, words + 1, options, told, &columns, error);
  return trees != NULL && note_picks (trees, options, paths, told, error) &&
         arbor_command_query_print (trees, options, (const char *const *)paths,
                            (const char *const *)columns, output, error) &&
         g_output_stream_flush (output, NULL, error);
}

static gboolean
run_query (const ArborCommand *self, int argc, char **argv, GError **error)
{
  QueryOptions options = { .steps = arbor_command_query_steps_new (), .seed = QUERY_NO_SEED };
#define STEP G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer)arbor_command_query_add_step
  const GOptionEntry entries[] = {
    { "where", 'w', STEP, N_ ("Keep the trees for which this is true"), N_ ("EXPRESSION") },
    { "explode", 0, STEP, N_ ("Take a tree for each element of the array, or member of the object, at PATH"),
      N_ ("PATH") },
    { "as-object", 0, STEP, N_ ("Behind an --explode: put the keys of members into the field KEY (key)"),
      N_ ("KEY") },
    { "join", 0, STEP, N_ ("Put the fields of the trees of NAME into those with the same key"), N_ ("NAME") },
    { "left-join", 0, STEP, N_ ("The same, and keep trees that find none"), N_ ("NAME") },
    { "semi-join", 0, STEP, N_ ("Keep the trees that find one of NAME"), N_ ("NAME") },
    { "anti-join", 0, STEP, N_ ("Keep the trees that find none of NAME"), N_ ("NAME") },
    { "on", 0, STEP, N_ ("Behind a join: by this key, or by KEY here and OTHER in NAME"),
      N_ ("KEY[=OTHER],...") },
    { "group", 'g', STEP, N_ ("Take a tree for each value of these keys"), N_ ("[NAME=]KEY,...") },
    { "agg", 'a', STEP,
      N_ ("Compute this over each group of the --group beside it, or without one over all trees; "
          "may come again"),
      N_ ("NAME=EXPRESSION") },
    { "sort", 's', STEP, N_ ("Sort by these keys; :desc after one turns it round"),
      N_ ("KEY[:desc],...") },
    { "unique", 'u', STEP, N_ ("Keep the first tree for each value of these keys"),
      N_ ("KEY,...") },
    { "select", 0, STEP,
      N_ ("Make trees of this field, and of those that a --select directly after it names"),
      N_ ("NAME=EXPRESSION") },
    { "sample", 0, STEP, N_ ("Take N trees by chance"), N_ ("N") },
    { "offset", 0, STEP, N_ ("Leave out the first N trees"), N_ ("N") },
    { "limit", 'n', STEP, N_ ("Stop after N trees"), N_ ("N") },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options.seed,
      N_ ("The same number takes the same samples again"), N_ ("S") },
    { "pick", 'p', 0, G_OPTION_ARG_FILENAME, &options.pick,
      N_ ("Print these parts of each tree only; a comma inside quotes is part of a path"),
      N_ ("PATH,...") },
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &options.format,
      ARBOR_CLI_FORMAT_HELP, N_ ("FORMAT") },
    { "strict", 0, 0, G_OPTION_ARG_NONE, &options.strict,
      N_ ("Fail where a path is one that no tree has, which is noted otherwise"), NULL },
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
#undef STEP
  g_auto (GStrv) words = arbor_cli_parse_into (self, entries, &options, argc, argv, error);
  gboolean done =
      words != NULL && check_options (words, &options, error) && query (words, &options, error);

  g_ptr_array_unref (options.steps);
  g_free (options.pick);
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
          "with a minus sign.\n\n"
          "Steps are done in the order in which they are written, and may come again:\n--where, "
          "--explode, joins with --on, --group with --agg, --sort, --unique, --select, --sample,\n--offset, --limit. "
          "EXPRESSION comes before all of them, --pick and --jsonpath after.\nSo --select can make "
          "what --sort sorts by, and --where after --group is about groups.\nWith --where all words "
          "after STORE are names, whose trees follow each other; a last one\nthat is no name may "
          "still be EXPRESSION.\n\n"
          "Examples:\n"
          "  arbor query players.arbor people 'height > 80' --pick playerID,height\n"
          "  arbor query players.arbor people 'birth.country == \"USA\"' --count\n"
          "  arbor query players.arbor people --group birth.country --agg 'n=count()'\n"
          "  arbor query players.arbor people --select 'n=len(name)' --sort n:desc -n 3\n"
          "  arbor query players.arbor people --explode teams --where 'teams.year > 1950'\n"
          "  arbor query shop.arbor orders --join customers --on customer=id --pick id,name\n"
          "  arbor query players.arbor people -g birth.country -a 'n=count()' -w 'n > 9'\n"
          "  arbor query players.arbor people --pick '[\"last, first\"]' --limit 10\n"
          "  arbor query players.arbor people --jsonpath '$..city' --paths"),
  .only_reads = TRUE,
  .run = run_query,
};
