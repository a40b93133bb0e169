/* ArborArbor: its columns. */

#include "arbor-arbor-private.h"

#include "arbor-column-private.h"
#include "arbor-expr-private.h"
#include "arbor-tree-private.h"
#include "query/make/arbor-view-notes.h"

/* What a column is read of. */
typedef struct
{
  const char *path; /* not parsed yet; NULL when there is a node */
  ArborNode *node;
} Wanted;

static ArborNode *
make_node (const Wanted *wanted, GError **error)
{
  ArborPath *path;

  if (wanted->node != NULL)
    return arbor_node_check_scalar (wanted->node, error) ? arbor_node_ref (wanted->node) : NULL;
  path = arbor_tree_parse_path (wanted->path, error);
  return path != NULL ? arbor_node_new_path_take (path) : NULL;
}

/* Inside: an argument that cannot be is told after closed and stale. */
static ArborColumn *
read_inside (ArborArbor *self, const Wanted *wanted, ArborAccess *access, GCancellable *cancellable,
             GError **error)
{
  g_autoptr (ArborNode) node = make_node (wanted, error);
  ArborColumnData *data;

  if (node == NULL || !arbor_view_check_nodes (self->view, access, &node, 1, error))
    return NULL;
  data = arbor_column_data_read (node, self->view->selection, access, cancellable, error);
  if (data == NULL)
    return NULL;
  return arbor_column_new (wanted->path != NULL ? g_strdup (wanted->path)
                                                : arbor_node_to_string (node),
                           data);
}

static ArborColumn *
read_column (ArborArbor *self, const Wanted *wanted, GCancellable *cancellable, GError **error)
{
  ArborAccess access;
  ArborColumn *column;

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  column = read_inside (self, wanted, &access, cancellable, error);
  if (!arbor_access_end (&access, error))
    g_clear_object (&column);
  return column;
}

/**
 * arbor_arbor_get_column:
 * @self: an arbor
 * @path: a path, such as `birth.year`; the empty one are the trees themselves
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Copies the values at a path, of all trees in order, into typed memory. The result is a plain
 * value that no closing affects.
 *
 * For a path of fields over all trees this reads whole columns where they lie; otherwise it reads
 * tree by tree.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a malformed path, %ARBOR_ERROR_CARDINALITY for one with
 * `[*]`, %ARBOR_ERROR_LIMIT when the query memory is too small, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE,
 * %ARBOR_ERROR_CORRUPT, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: (transfer full): the column
 *
 * Since: 1.0
 */
ArborColumn *
arbor_arbor_get_column (ArborArbor *self, const char *path, GCancellable *cancellable,
                        GError **error)
{
  Wanted wanted = { .path = path };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return read_column (self, &wanted, cancellable, error);
}

/**
 * arbor_arbor_get_column_of:
 * @self: an arbor
 * @expr: an expression with one value a tree
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * The values of an expression for all trees in order: [method@Arbor.Arbor.get_column] for more
 * than a path.
 *
 * Errors: those of [method@Arbor.Arbor.get_column], %ARBOR_ERROR_EXPRESSION for an expression with
 * several values a tree. Any thread may call this.
 *
 * Returns: (transfer full): the column
 *
 * Since: 1.0
 */
ArborColumn *
arbor_arbor_get_column_of (ArborArbor *self, ArborExpr *expr, GCancellable *cancellable,
                           GError **error)
{
  Wanted wanted = { NULL };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (expr), NULL);

  wanted.node = arbor_expr_get_node (expr);
  return read_column (self, &wanted, cancellable, error);
}
