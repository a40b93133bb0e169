/* JSONPath queries on trees and arbors, which become ArborMatches here. The trees of an arbor are queried
 * by columns (query/jsonpath/arbor-jsonpath-columns.h), many at once; those that this leaves open, and
 * single ones, by the engine that hands over one value after the other (query/jsonpath/arbor-jsonpath.h).
 *
 * Values that were parsed from overflow text live in the scope of the query. A scope that holds some
 * is kept with the matches; otherwise one scope serves tree after tree.
 */

#include "arbor-arbor-private.h"
#include "arbor-matches-private.h"
#include "arbor-tree.h"
#include "query/series/arbor-series-reader.h"
#include "query/view/arbor-kept-runs.h"

/* Trees that may share a scope that is kept. */
#define TREES_A_SCOPE 1024u

typedef struct
{
  ArborMatches *matches;
  ArborJsonpathRun *run;
  ArborJsonpathColumns *columns; /* NULL: tree by tree */
  ArborScope *scope;
  ArborAccess *access;
  GCancellable *cancellable;
  guint32 index;     /* of the tree at hand */
  guint64 n_passing; /* matches of scopes that were given away */
  guint n_trees;     /* since the scope was new, when it holds matches */
} Collector;

static gboolean
add_match (ArborJsonpathRun *run, const ArborValue *value, gboolean is_passing, gpointer data,
           GError **error)
{
  Collector *self = data;

  return arbor_matches_add (self->matches, run, value, is_passing, self->index, error);
}

static gboolean
check (gpointer data, GError **error)
{
  Collector *self = data;

  return arbor_access_check (self->access, self->cancellable, error);
}

static void
give_scope (Collector *self)
{
  arbor_matches_take_scope (self->matches, self->scope);
  self->scope = arbor_scope_new ();
  self->n_passing = arbor_matches_count_passing (self->matches);
  self->n_trees = 0;
}

static gboolean
query_value (Collector *self, const ArborValue *value, GError **error)
{
  if (!arbor_jsonpath_run (self->run, value, self->scope, error) ||
      !arbor_scope_check (self->scope, error))
    return FALSE;
  if (arbor_matches_count_passing (self->matches) == self->n_passing)
    arbor_scope_reset (self->scope);
  else if (++self->n_trees == TREES_A_SCOPE)
    give_scope (self);
  return TRUE;
}

/* The tree at a place of @rows, by itself. */
static gboolean
query_place (Collector *self, const ArborRows *rows, guint32 place, GError **error)
{
  ArborPlace at;
  ArborValue tree;
  guint64 index = arbor_rows_get_tree (rows, place);

  if (!arbor_access_find_tree (self->access, index, &at, error))
    return FALSE;
  arbor_batch_get_tree (at.batch, arbor_place_get_row (&at, index), &tree);
  return query_value (self, &tree, error);
}

static gboolean
query_each (Collector *self, const ArborRows *rows, GError **error)
{
  for (guint32 i = 0; i < rows->n; i++, self->index++)
    if (!query_place (self, rows, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
query_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Collector *self = data;
  guint32 first = self->index;
  ArborJsonpathFound found;

  if (self->columns == NULL)
    return query_each (self, rows, error);
  for (guint32 from = 0; from < rows->n; from += found.n)
    {
      guint32 at = 0;

      if (!check (self, error))
        return FALSE;
      arbor_jsonpath_columns_run (self->columns, rows, from, &found);
      for (guint32 i = 0; found.is_open != NULL && i < found.n; i++)
        if (found.is_open[i])
          {
            self->index = first + from + i;
            if (!arbor_matches_add_found (self->matches, &found, i, first + from, &at, error) ||
                !query_place (self, rows, from + i, error))
              return FALSE;
          }
      if (!arbor_matches_add_found (self->matches, &found, found.n, first + from, &at, error))
        return FALSE;
    }
  self->index = first + rows->n;
  return TRUE;
}

/* @arbor is NULL for the one tree @value. */
static ArborMatches *
collect (ArborTree *origin, const ArborValue *value, ArborArbor *arbor, ArborAccess *access,
         const char *text, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborMatches) matches = NULL;
  g_autoptr (ArborJsonpath) path = arbor_jsonpath_parse (text, error);
  Collector self = { .access = access, .cancellable = cancellable };
  const ArborJsonpathSink sink = {
    .func = add_match, .check = check, .data = &self, .max_steps = ARBOR_JSONPATH_MAX_STEPS
  };
  gboolean success;

  if (path == NULL)
    return NULL;
  self.matches = matches = arbor_matches_new (origin);
  self.run = arbor_jsonpath_run_new (path, &sink);
  self.scope = arbor_scope_new ();
  self.columns = arbor != NULL && arbor_series_is_enabled () ? arbor_jsonpath_columns_new (path) : NULL;
  success = arbor != NULL ? arbor_trees_read_kept_runs (arbor->view->selection, access, query_rows,
                                                        &self, cancellable, error)
                          : query_value (&self, value, error);
  if (self.columns != NULL)
    arbor_matches_finish (matches, self.columns);
  arbor_jsonpath_columns_free (self.columns);
  give_scope (&self);
  arbor_scope_free (self.scope);
  arbor_jsonpath_run_free (self.run);
  return success ? g_steal_pointer (&matches) : NULL;
}

/**
 * arbor_tree_query:
 * @self: a tree
 * @jsonpath: a JSONPath query, such as `$.store.book[?@.price < 10].title`
 * @error: where to put an error
 *
 * The values in the tree that a JSONPath query (RFC 9535) selects. `$` is the tree itself.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for an invalid query, with the position in it,
 * %ARBOR_ERROR_LIMIT past the limits that the documentation of JSONPath names,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): what was selected, which may be nothing
 *
 * Since: 1.0
 */
ArborMatches *
arbor_tree_query (ArborTree *self, const char *jsonpath, GError **error)
{
  ArborMatches *matches;
  ArborAccess access;
  ArborValue value;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (jsonpath != NULL, NULL);

  if (!arbor_tree_enter (self, &access, &value, error))
    return NULL;
  matches = collect (self, &value, NULL, &access, jsonpath, NULL, error);
  if (!arbor_access_end (&access, error))
    g_clear_object (&matches);
  return matches;
}

/**
 * arbor_arbor_query:
 * @self: an arbor
 * @jsonpath: a JSONPath query, such as `$..author`
 * @cancellable: (nullable): to stop a long query
 * @error: where to put an error
 *
 * The values that a JSONPath query (RFC 9535) selects in each tree, tree by tree. `$` is one tree;
 * [method@Arbor.Matches.get_index] tells which.
 *
 * Errors: those of [method@Arbor.Tree.query], %ARBOR_ERROR_STALE, %G_IO_ERROR_CANCELLED. Any thread
 * may call this.
 *
 * Returns: (transfer full): what was selected, which may be nothing
 *
 * Since: 1.0
 */
ArborMatches *
arbor_arbor_query (ArborArbor *self, const char *jsonpath, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (ArborTree) origin = NULL;
  g_autoptr (ArborPin) pin = NULL;
  ArborMatches *matches;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (jsonpath != NULL, NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  pin = arbor_access_dup_pin (&access);
  origin =
      arbor_tree_new (self->view->source, pin, self->token, NULL, &ARBOR_VALUE_MISSING);
  matches = collect (origin, NULL, self, &access, jsonpath, cancellable, error);
  if (!arbor_access_end (&access, error))
    g_clear_object (&matches);
  return matches;
}
