/* ArborArbor: everything that takes a condition. A filter is a view, computed when it is read; the
 * others scan at once and stop as early as the answer is known.
 */

#include "arbor-arbor-private.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "arbor-expr-private.h"
#include "arbor-tree.h"
#include "query/make/arbor-view-notes.h"

static gboolean
check_predicate (ArborArbor *self, ArborAccess *access, ArborExpr *predicate, GError **error)
{
  ArborNode *node = arbor_expr_get_node (predicate);

  return arbor_node_check_condition (node, error) &&
         arbor_view_check_nodes (self->view, access, &node, 1, error);
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
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), NULL);

  return arbor_arbor_apply (self, arbor_plan_filter (arbor_expr_get_node (predicate)), error);
}

static gboolean
scan (ArborArbor *self, ArborAccess *access, ArborExpr *predicate, ArborScanEnd end,
      ArborFound *found, GCancellable *cancellable, GError **error)
{
  return check_predicate (self, access, predicate, error) &&
         arbor_scan_run (self->view->selection, arbor_expr_get_node (predicate), end, found, access,
                         cancellable, error);
}

/* Enters, scans and leaves: for those who want figures only. */
static gboolean
scan_once (ArborArbor *self, ArborExpr *predicate, ArborScanEnd end, ArborFound *found,
           GCancellable *cancellable, GError **error)
{
  ArborAccess access;
  gboolean is_done;

  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  is_done = scan (self, &access, predicate, end, found, cancellable, error);
  return arbor_access_end (&access, error) && is_done;
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
  ArborFound found = { positions };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), NULL);
  g_return_val_if_fail (n_indices != NULL, NULL);

  *n_indices = 0;
  if (!scan_once (self, predicate, ARBOR_SCAN_ALL, &found, cancellable, error))
    return NULL;
  /* An empty result is an array too, not NULL. */
  g_array_set_size (positions, positions->len + 1);
  *n_indices = positions->len - 1;
  return (guint64 *) g_array_free (g_steal_pointer (&positions), FALSE);
}

static ArborTree *
find (ArborArbor *self, ArborExpr *predicate, gboolean must_exist, GError **error)
{
  ArborFound found = { NULL };
  ArborTree *tree = NULL;
  ArborAccess access;

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (scan (self, &access, predicate, ARBOR_SCAN_UNTIL_KEPT, &found, NULL, error))
    {
      if (found.n_kept > 0)
        tree = arbor_arbor_make_tree (self, &access, found.first, error);
      else if (must_exist &&
               arbor_selection_get_count (self->view->selection, &access, NULL, &found.n_seen, error))
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND,
                     _("None of %" PRIu64 " trees matches"), found.n_seen);
    }
  if (!arbor_access_end (&access, error))
    g_clear_object (&tree);
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
        arbor_selection_new_filter (self->view->selection, arbor_expr_get_node (predicate), error);
  if (selection != NULL &&
      !arbor_selection_tell_count (selection, &access, cancellable, &count, error))
    count = 0;
  return arbor_access_end (&access, error) ? count : 0;
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
  ArborFound found = { NULL };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), FALSE);

  return scan_once (self, predicate, ARBOR_SCAN_UNTIL_KEPT, &found, NULL, error) &&
         found.n_kept > 0;
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
  ArborFound found = { NULL };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), FALSE);

  return scan_once (self, predicate, ARBOR_SCAN_UNTIL_REJECTED, &found, NULL, error) &&
         found.n_kept == found.n_seen;
}
