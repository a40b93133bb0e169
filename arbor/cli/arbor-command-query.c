/* arbor query: the trees that match an expression, in another order, or parts of them, as text. The
 * steps are applied in one order, whatever that of the options: where, explode, group and agg,
 * sort, unique, offset and limit, pick or jsonpath.
 */

#include "arbor-cli-fields.h"
#include "arbor-cli-group.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  char *pick;
  char *where;
  char *explode;
  char *sort;
  char *group;
  char **agg;
  char *unique;
  char *format;
  ArborFormat how; /* what format says */
  gint64 offset;
  gint64 limit; /* -1 for none */
  gboolean count;
  char *jsonpath;
  gboolean paths; /* of what jsonpath selects */
} QueryOptions;

static gboolean
check_options (char **words, QueryOptions *options, GError **error)
{
  const char *message = NULL;

  if (!arbor_cli_parse_format (options->format, &options->how, error) ||
      (options->where != NULL && !arbor_cli_check_utf8 (options->where, "--where", error)) ||
      (options->explode != NULL && !arbor_cli_check_utf8 (options->explode, "--explode", error)) ||
      (options->jsonpath != NULL && !arbor_cli_check_utf8 (options->jsonpath, "--jsonpath", error)))
    return FALSE;
  /* Without --where, what follows the one name is the condition. */
  for (guint i = 2; words[i] != NULL; i++)
    if (!arbor_cli_check_utf8 (words[i], options->where != NULL ? "NAME" : "EXPRESSION", error))
      return FALSE;
  if (options->where == NULL && words[2] != NULL && words[3] != NULL)
    message = _ ("Several names need their condition in --where");
  else if (options->offset < 0)
    message = _ ("--offset takes a number of trees, 0 or more");
  else if (options->count && (options->format != NULL || options->offset > 0))
    message = _ ("--count prints one number: not with --format or --offset");
  else if (options->limit < -1)
    message = _ ("--limit takes a number of trees, 0 or more");
  else if (options->count && (options->pick != NULL || options->limit >= 0))
    message = _ ("--count prints one number: not with --pick or --limit");
  else if (options->paths && options->jsonpath == NULL)
    message = _ ("--paths prints where --jsonpath finds something: not without it");
  else if (options->jsonpath != NULL &&
           (options->pick != NULL || options->count || options->format != NULL))
    message = _ ("--jsonpath prints values: not with --pick, --count or --format");
  if (message != NULL)
    g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, message);
  return message == NULL;
}

/* @arbor, or NULL and what went wrong with @option. */
static ArborArbor *
made_by (const char *option, ArborArbor *arbor, GError **error)
{
  if (arbor == NULL)
    g_prefix_error (error, "%s: ", option);
  return arbor;
}

/* Takes @trees; NULL stays NULL. */
static ArborArbor *
filter_trees (ArborArbor *trees, const char *text, GError **error)
{
  g_autoptr (ArborArbor) all = trees;
  g_autoptr (ArborExpr) predicate = NULL;

  if (all == NULL || text == NULL)
    return g_steal_pointer (&all);
  predicate = arbor_expr_parse (text, error);
  return predicate != NULL ? arbor_arbor_filter (all, predicate, error) : NULL;
}

/* The trees of all @names, one arbor after the other. */
static ArborArbor *
get_trees (ArborStore *store, char **names, gboolean only_first, GError **error)
{
  g_autoptr (GPtrArray) arbors = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; names[i] != NULL && (i == 0 || !only_first); i++)
    {
      ArborArbor *arbor = arbor_store_get (store, names[i], error);

      if (arbor == NULL)
        return NULL;
      g_ptr_array_add (arbors, arbor);
    }
  if (arbors->len == 1)
    return g_object_ref (arbors->pdata[0]);
  return arbor_arbor_concat ((ArborArbor **)arbors->pdata, arbors->len, error);
}

/* The keys of @option; ":desc" and ":asc" end one where @flags is given. */
static GPtrArray *
parse_keys (const char *text, const char *option, GArray *flags, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) texts = arbor_cli_split_keys (text, option, error);

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      ArborSortFlags flag = ARBOR_SORT_NONE;
      ArborExpr *key;

      if (flags != NULL && g_str_has_suffix (texts[i], ":desc"))
        {
          flag = ARBOR_SORT_DESCENDING;
          texts[i][strlen (texts[i]) - strlen (":desc")] = '\0';
        }
      else if (flags != NULL && g_str_has_suffix (texts[i], ":asc"))
        texts[i][strlen (texts[i]) - strlen (":asc")] = '\0';
      key = arbor_cli_parse_expr (texts[i], option, error);
      if (key == NULL)
        return NULL;
      g_ptr_array_add (keys, key);
      if (flags != NULL)
        g_array_append_val (flags, flag);
    }
  return texts != NULL ? g_steal_pointer (&keys) : NULL;
}

static ArborArbor *
order_trees (ArborArbor *trees, const QueryOptions *options, GError **error)
{
  g_autoptr (ArborArbor) given = trees;
  g_autoptr (GArray) flags = g_array_new (FALSE, FALSE, sizeof (ArborSortFlags));
  g_autoptr (GPtrArray) keys = NULL;

  if (given == NULL || options->sort == NULL)
    return g_steal_pointer (&given);
  keys = parse_keys (options->sort, "--sort", flags, error);
  if (keys == NULL)
    return NULL;
  return made_by ("--sort",
                  arbor_arbor_sort_by (given, (ArborExpr **)keys->pdata, keys->len,
                                       (const ArborSortFlags *)(gpointer)flags->data, flags->len,
                                       error),
                  error);
}

static ArborArbor *
reduce_trees (ArborArbor *trees, const QueryOptions *options, GError **error)
{
  g_autoptr (ArborArbor) given = trees;
  g_autoptr (GPtrArray) keys = NULL;

  if (given != NULL && options->unique != NULL)
    {
      g_autoptr (ArborArbor) all = g_steal_pointer (&given);

      keys = parse_keys (options->unique, "--unique", NULL, error);
      if (keys == NULL)
        return NULL;
      given = made_by ("--unique",
                       arbor_arbor_unique_by (all, (ArborExpr **)keys->pdata, keys->len, error),
                       error);
    }
  if (given == NULL || (options->offset == 0 && options->limit < 0))
    return g_steal_pointer (&given);
  return arbor_arbor_slice (given, (guint64)options->offset,
                            options->limit < 0 ? G_MAXUINT64 : (guint64)options->limit, error);
}

static ArborArbor *
select_trees (ArborStore *store, char **words, const QueryOptions *options, GError **error)
{
  const char *text = options->where != NULL ? options->where : words[2];
  ArborArbor *trees =
      filter_trees (get_trees (store, words + 1, options->where == NULL, error), text, error);

  if (trees != NULL && options->explode != NULL)
    {
      g_autoptr (ArborArbor) whole = trees;

      trees = made_by ("--explode", arbor_arbor_explode (whole, options->explode, NULL, error),
                       error);
    }
  if (trees != NULL && (options->group != NULL || options->agg != NULL))
    {
      g_autoptr (ArborArbor) whole = trees;

      trees = arbor_cli_group (whole, options->group, options->agg, error);
    }
  return reduce_trees (order_trees (trees, options, error), options, error);
}

static gboolean
print_count (ArborArbor *trees, GOutputStream *output, GError **error)
{
  g_autoptr (GError) failure = NULL;
  guint64 n_trees = arbor_arbor_get_n_trees (trees, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return arbor_cli_print (output, error, "%" G_GUINT64_FORMAT "\n", n_trees);
}

static gboolean
print_picked (ArborArbor *trees, const char *const *paths, GOutputStream *output, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_pick (trees, paths, error);
  g_autoptr (GError) failure = NULL;

  if (iter == NULL)
    return FALSE;
  while (TRUE)
    {
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &failure);
      g_autofree char *json = NULL;

      if (tree == NULL)
        break;
      json = arbor_tree_to_json (tree, &failure);
      if (json == NULL || !arbor_cli_print (output, &failure, "%s\n", json))
        break;
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* As one arbor, for formats that are written whole. */
static ArborArbor *
collect_picked (ArborArbor *trees, const char *const *paths, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_pick (trees, paths, error);
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (GError) failure = NULL;

  if (iter == NULL)
    return NULL;
  while (TRUE)
    {
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &failure);

      if (tree == NULL || !arbor_builder_add_tree (builder, tree, &failure))
        break;
    }
  if (failure == NULL)
    return arbor_builder_finish (builder, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

static gboolean
print_trees (ArborArbor *trees, const char *const *paths, ArborFormat format, GOutputStream *output,
             GError **error)
{
  g_autoptr (ArborArbor) picked = NULL;

  if (paths != NULL && (format == ARBOR_FORMAT_JSONL || format == ARBOR_FORMAT_AUTO))
    return print_picked (trees, paths, output, error);
  if (paths != NULL)
    {
      picked = collect_picked (trees, paths, error);
      if (picked == NULL)
        return FALSE;
      trees = picked;
    }
  if (format == ARBOR_FORMAT_CSV)
    return arbor_arbor_save_csv (trees, output, paths, NULL, NULL, error);
  return arbor_arbor_save (trees, output, format, NULL, error);
}

/* Trees that are asked at a time: their matches are in memory together. */
#define QUERY_TREES 1024u

/* What the query selects in these trees, a line each; the path and a tab before it, if asked for. */
static gboolean
print_matches (ArborMatches *matches, gboolean paths, GOutputStream *output, GError **error)
{
  guint64 n_matches = arbor_matches_get_n_matches (matches, error);

  for (guint64 i = 0; i < n_matches; i++)
    {
      g_autoptr (ArborTree) match = arbor_matches_get_match (matches, i, error);
      g_autofree char *json = match != NULL ? arbor_tree_to_json (match, error) : NULL;
      g_autofree char *path = json != NULL ? arbor_matches_dup_path (matches, i, error) : NULL;

      if (path == NULL)
        return FALSE;
      if (paths && !arbor_cli_print (output, error, "%s\t", path))
        return FALSE;
      if (!arbor_cli_print (output, error, "%s\n", json))
        return FALSE;
    }
  return TRUE;
}

static gboolean
print_jsonpath (ArborArbor *trees, const QueryOptions *options, GOutputStream *output,
                GError **error)
{
  g_autoptr (GError) failure = NULL;
  guint64 n_trees = arbor_arbor_get_n_trees (trees, &failure);

  for (guint64 start = 0; failure == NULL && (start < n_trees || start == 0); start += QUERY_TREES)
    {
      g_autoptr (ArborArbor) some = arbor_arbor_slice (trees, start, QUERY_TREES, &failure);
      g_autoptr (ArborMatches) matches =
          some != NULL ? arbor_arbor_query (some, options->jsonpath, NULL, &failure) : NULL;

      if (matches == NULL || !print_matches (matches, options->paths, output, &failure))
        break;
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
query (char **words, const QueryOptions *options, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) trees = NULL;
  g_auto (GStrv) paths = NULL;
  gboolean done;

  if (options->pick != NULL)
    {
      paths = arbor_cli_split_paths (options->pick, error);
      if (paths == NULL)
        return FALSE;
    }
  store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  if (store == NULL)
    return FALSE;
  trees = select_trees (store, words, options, error);
  if (trees == NULL)
    return FALSE;

  if (options->count)
    done = print_count (trees, output, error);
  else if (options->jsonpath != NULL)
    done = print_jsonpath (trees, options, output, error);
  else
    done = print_trees (trees, (const char *const *)paths, options->how, output, error);
  return done && g_output_stream_flush (output, NULL, error);
}

static gboolean
run_query (const ArborCommand *self, int argc, char **argv, GError **error)
{
  QueryOptions options = { .limit = -1 };
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
      N_ ("jsonl (default), json (one array) or csv"), N_ ("FORMAT") },
    { "offset", 0, 0, G_OPTION_ARG_INT64, &options.offset, N_ ("Leave out the first N trees"),
      N_ ("N") },
    { "limit", 'n', 0, G_OPTION_ARG_INT64, &options.limit, N_ ("Stop after N trees"), N_ ("N") },
    { "count", 'c', 0, G_OPTION_ARG_NONE, &options.count,
      N_ ("Print how many trees match, nothing else"), NULL },
    { "jsonpath", 'j', 0, G_OPTION_ARG_FILENAME, &options.jsonpath,
      N_ ("Print the values in each tree that a JSONPath query (RFC 9535) selects"),
      N_ ("QUERY") },
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
  .description = N_ ("Trees are printed as JSON Lines; without EXPRESSION, all of them. Write -- "
                     "before an expression\nthat begins with a minus sign.\nThe order of steps: "
                     "where, explode, group and agg, sort, unique,\noffset and limit, pick or "
                     "jsonpath.\n\n"
                     "Examples:\n"
                     "  arbor query players.arbor people 'height > 80' --pick playerID,height\n"
                     "  arbor query players.arbor people 'birth.country == \"USA\"' --count\n"
                     "  arbor query players.arbor people --group birth.country --agg 'n=count()'\n"
                     "  arbor query players.arbor people --pick '[\"last, first\"]' --limit 10\n"
                     "  arbor query players.arbor people --jsonpath '$..city' --paths"),
  .run = run_query,
};
