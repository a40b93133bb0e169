/* ArborArbor: everything that takes a condition. A filter is a view, computed when it is read; the
 * others scan at once and stop as early as the answer is known.
 */

#include "arbor-arbor-private.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "arbor-expr-private.h"
#include "arbor-tree.h"

static gboolean
check_predicate (ArborArbor *self, ArborAccess *access, ArborExpr *predicate, GError **error)
{
  ArborNode *node = arbor_expr_get_node (predicate);

  if (!node->is_vector)
    return arbor_node_check_row (node, error) &&
           arbor_arbor_check_nodes (self, access, &node, 1, error);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _("A condition must give one value for each tree, and this one gives several: reduce "
                 "it with any(), all(), count(), ..."));
  return FALSE;
}

/**
 * arbor_arbor_filter:
 * @self: an arbor
 * @predicate: a condition
 * @error: where to put an error
 *
 * A view of the trees for which the condition is exactly true: not false, not null, not missing.
 * Order is kept.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a condition that gives several values,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_filter (ArborArbor *self, ArborExpr *predicate, GError **error)
{
  ArborAccess access;
  ArborSelection *selection = NULL;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (check_predicate (self, &access, predicate, error))
    selection =
        arbor_selection_new_filter (self->selection, arbor_expr_get_node (predicate), error);
  return arbor_arbor_derive (self, &access, selection, error);
}

/* What to do with the trees that a scan keeps. */
typedef struct
{
  GArray *positions; /* guint64, NULL when not wanted */
  guint64 n_kept;
  guint64 n_seen;
  gboolean stop_at_first;  /* after the first that is kept */
  gboolean stop_at_reject; /* after the first that is not */
  guint32 first;           /* index in the source of the first that was kept */
} Scan;

static gboolean
scan (ArborArbor *self, ArborAccess *access, ArborExpr *predicate, Scan *result,
      GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborScan) scan = NULL;
  gboolean at_end = FALSE;

  if (!check_predicate (self, access, predicate, error))
    return FALSE;
  scan = arbor_scan_new (self->selection, arbor_expr_get_node (predicate));
  while (!at_end)
    {
      const guint64 *positions;
      const guint32 *indices;
      guint32 n;

      if (!arbor_scan_step (scan, access, cancellable, &positions, &indices, &n, &result->n_seen,
                            &at_end, error))
        return FALSE;
      if (n > 0 && result->n_kept == 0)
        result->first = indices[0];
      if (result->positions != NULL)
        g_array_append_vals (result->positions, positions, n);
      result->n_kept += n;
      if ((result->stop_at_first && result->n_kept > 0) ||
          (result->stop_at_reject && result->n_kept < result->n_seen))
        return TRUE;
    }
  return TRUE;
}

/* Enters, scans and leaves: for those who want figures only. */
static gboolean
scan_once (ArborArbor *self, ArborExpr *predicate, Scan *result, GCancellable *cancellable,
           GError **error)
{
  ArborAccess access;
  gboolean is_done;

  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  is_done = scan (self, &access, predicate, result, cancellable, error);
  arbor_access_end (&access, error);
  return is_done;
}

/**
 * arbor_arbor_matching_indices:
 * @self: an arbor
 * @predicate: a condition
 * @n_indices: (out): how many indices there are
 * @cancellable: (nullable): to stop a long scan
 * @error: where to put an error
 *
 * The positions in this arbor of the trees for which the condition is exactly true, ascending.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE,
 * %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: (array length=n_indices) (transfer full): the positions
 *
 * Since: 1.0
 */
guint64 *
arbor_arbor_matching_indices (ArborArbor *self, ArborExpr *predicate, gsize *n_indices,
                              GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) positions = g_array_new (FALSE, FALSE, sizeof (guint64));
  Scan result = { .positions = positions };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), NULL);
  g_return_val_if_fail (n_indices != NULL, NULL);

  *n_indices = 0;
  if (!scan_once (self, predicate, &result, cancellable, error))
    return NULL;
  /* An empty result is an array too, not NULL. */
  g_array_set_size (positions, positions->len + 1);
  *n_indices = positions->len - 1;
  return (guint64 *) g_array_free (g_steal_pointer (&positions), FALSE);
}

static ArborTree *
find (ArborArbor *self, ArborExpr *predicate, gboolean must_exist, GError **error)
{
  Scan result = { .stop_at_first = TRUE };
  ArborTree *tree = NULL;
  ArborAccess access;

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (scan (self, &access, predicate, &result, NULL, error))
    {
      if (result.n_kept > 0)
        tree = arbor_arbor_make_tree (self, &access, result.first, error);
      else if (must_exist)
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND,
                     _("None of %" PRIu64 " trees matches"), result.n_seen);
    }
  arbor_access_end (&access, error);
  return tree;
}

/**
 * arbor_arbor_find_one:
 * @self: an arbor
 * @predicate: a condition
 * @error: where to put an error
 *
 * The first tree for which the condition is exactly true. The scan stops there.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call
 * this.
 *
 * Returns: (transfer full) (nullable): the tree; %NULL without error when there is none
 *
 * Since: 1.0
 */
ArborTree *
arbor_arbor_find_one (ArborArbor *self, ArborExpr *predicate, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), NULL);

  return find (self, predicate, FALSE, error);
}

/**
 * arbor_arbor_find_one_or_error:
 * @self: an arbor
 * @predicate: a condition
 * @error: where to put an error
 *
 * As [method@Arbor.Arbor.find_one], for those who rely on there being one.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND when no tree matches, and those of
 * [method@Arbor.Arbor.find_one]. Any thread may call this.
 *
 * Returns: (transfer full): the tree
 *
 * Since: 1.0
 */
ArborTree *
arbor_arbor_find_one_or_error (ArborArbor *self, ArborExpr *predicate, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), NULL);

  return find (self, predicate, TRUE, error);
}

/**
 * arbor_arbor_count_matches:
 * @self: an arbor
 * @predicate: a condition
 * @cancellable: (nullable): to stop a long scan
 * @error: where to put an error
 *
 * How many trees there are for which the condition is exactly true.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION, %ARBOR_ERROR_LIMIT when the query memory is too small for a bit a
 * tree, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: the number of trees; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_arbor_count_matches (ArborArbor *self, ArborExpr *predicate, GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (ArborSelection) selection = NULL;
  guint64 count = 0;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), 0);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), 0);

  if (!arbor_arbor_enter (self, &access, error))
    return 0;
  if (check_predicate (self, &access, predicate, error))
    selection =
        arbor_selection_new_filter (self->selection, arbor_expr_get_node (predicate), error);
  if (selection != NULL &&
      !arbor_selection_get_count (selection, &access, cancellable, &count, error))
    count = 0;
  arbor_access_end (&access, error);
  return count;
}

/**
 * arbor_arbor_any_of:
 * @self: an arbor
 * @predicate: a condition
 * @error: where to put an error
 *
 * Whether the condition is exactly true for at least one tree. False for an empty arbor. The scan
 * stops at the first one.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call
 * this.
 *
 * Returns: whether some tree matches; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_any_of (ArborArbor *self, ArborExpr *predicate, GError **error)
{
  Scan result = { .stop_at_first = TRUE };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), FALSE);

  return scan_once (self, predicate, &result, NULL, error) && result.n_kept > 0;
}

/**
 * arbor_arbor_all_of:
 * @self: an arbor
 * @predicate: a condition
 * @error: where to put an error
 *
 * Whether the condition is exactly true for every tree. True for an empty arbor. The scan stops at
 * the first tree that does not match.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call
 * this.
 *
 * Returns: whether every tree matches; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_all_of (ArborArbor *self, ArborExpr *predicate, GError **error)
{
  Scan result = { .stop_at_reject = TRUE };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), FALSE);

  return scan_once (self, predicate, &result, NULL, error) && result.n_kept == result.n_seen;
}
