/* What arbor query prints of the trees that its steps led to. */

#include "arbor-command-query-private.h"

#include "arbor-cli-fields.h"
#include "arbor-cli-table.h"

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
    {
      g_prefix_error (error, "--pick: ");
      return FALSE;
    }
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
    {
      g_prefix_error (error, "--pick: ");
      return NULL;
    }
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

static GStrv
name_columns (const char *const *paths)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *name = arbor_cli_name_path (paths[i]);

      g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

static gboolean
print_trees (ArborArbor *trees, const QueryOptions *options, const char *const *paths,
             const char *const *columns, GOutputStream *output, GError **error)
{
  gboolean is_jsonl = options->how == ARBOR_FORMAT_JSONL || options->how == ARBOR_FORMAT_AUTO;
  g_autoptr (ArborArbor) picked = NULL;
  g_auto (GStrv) names = NULL;

  if (paths != NULL && is_jsonl && options->table == ARBOR_CLI_TABLE_NONE)
    return print_picked (trees, paths, output, error);
  if (paths != NULL)
    {
      picked = collect_picked (trees, paths, error);
      if (picked == NULL)
        return FALSE;
      trees = picked;
      names = name_columns (paths);
      columns = (const char *const *)names;
    }
  return arbor_cli_print_trees (trees, columns, options->how, options->table, output, error);
}

/* Trees that are asked at a time: their matches are in memory together. */
#define QUERY_TREES 1024u

/* What the query selects in these trees, a line each; the path and a tab before it, if asked for.
 */
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
print_plan (ArborArbor *trees, gboolean analyze, GOutputStream *output, GError **error)
{
  g_autofree char *plan = analyze ? arbor_arbor_explain_analyze (trees, NULL, error)
                                  : arbor_arbor_explain (trees);

  return plan != NULL && arbor_cli_tell (output, error, "%s", plan);
}

gboolean
arbor_command_query_print (ArborArbor *trees, const QueryOptions *options, const char *const *paths,
                   const char *const *columns, GOutputStream *output, GError **error)
{
  g_auto (GStrv) notes = NULL;
  gboolean is_good;

  if (options->explain || options->analyze)
    return print_plan (trees, options->analyze, output, error);
  if (options->count)
    is_good = print_count (trees, output, error);
  else if (options->jsonpath != NULL)
    is_good = print_jsonpath (trees, options, output, error);
  else
    is_good = print_trees (trees, options, paths, columns, output, error);
  notes = arbor_arbor_dup_notes (trees);
  arbor_cli_print_notes (notes);
  return is_good;
}
