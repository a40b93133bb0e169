/* arbor query: the trees that match an expression, or parts of them, as JSON Lines. */

#include "arbor-cli.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  char *pick;
  gint64 limit; /* -1 for none */
  gboolean count;
} QueryOptions;

static gboolean
check_options (const QueryOptions *options, GError **error)
{
  const char *message = NULL;

  if (options->limit < -1)
    message = _ ("--limit takes a number of trees, 0 or more");
  else if (options->count && (options->pick != NULL || options->limit >= 0))
    message = _ ("--count prints one number: not with --pick or --limit");
  if (message != NULL)
    g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, message);
  return message == NULL;
}

static ArborArbor *
select_trees (ArborStore *store, const char *name, const char *text, gint64 limit, GError **error)
{
  g_autoptr (ArborArbor) trees = arbor_store_get (store, name, error);

  if (trees == NULL)
    return NULL;
  if (text != NULL)
    {
      g_autoptr (ArborExpr) predicate = arbor_expr_parse (text, error);
      g_autoptr (ArborArbor) all = g_steal_pointer (&trees);

      if (predicate == NULL)
        return NULL;
      trees = arbor_arbor_filter (all, predicate, error);
      if (trees == NULL)
        return NULL;
    }
  if (limit < 0)
    return g_steal_pointer (&trees);
  return arbor_arbor_head (trees, (guint64)limit, error);
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
  trees = select_trees (store, words[1], words[2], options->limit, error);
  if (trees == NULL)
    return FALSE;

  if (options->count)
    done = print_count (trees, output, error);
  else if (paths != NULL)
    done = print_picked (trees, (const char *const *)paths, output, error);
  else
    done = arbor_arbor_save (trees, output, ARBOR_FORMAT_JSONL, NULL, error);
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
    { "limit", 'n', 0, G_OPTION_ARG_INT64, &options.limit, N_ ("Stop after N trees"), N_ ("N") },
    { "count", 'c', 0, G_OPTION_ARG_NONE, &options.count,
      N_ ("Print how many trees match, nothing else"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autofree char *pick = g_steal_pointer (&options.pick);

  options.pick = pick;
  if (words == NULL || !check_options (&options, error))
    return FALSE;
  if (words[2] != NULL && !arbor_cli_check_utf8 (words[2], "EXPRESSION", error))
    return FALSE;
  return query (words, &options, error);
}

const ArborCommand arbor_command_query = {
  .name = "query",
  .words = "STORE NAME [EXPRESSION]",
  .n_words_min = 2,
  .n_words_max = 3,
  .summary = N_ ("Print the trees for which an expression is true"),
  .description = N_ ("Trees are printed as JSON Lines; without EXPRESSION, all of them. Write -- "
                     "before an expression\nthat begins with a minus sign.\n\n"
                     "Examples:\n"
                     "  arbor query players.arbor people 'height > 80' --pick playerID,height\n"
                     "  arbor query players.arbor people 'birth.country == \"USA\"' --count\n"
                     "  arbor query players.arbor people --pick '[\"last, first\"]' --limit 10"),
  .run = run_query,
};
