/* ArborListModel: columns, whose types are those of the values that the arbor has now. */

#include "arbor-list-model-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "arbor-expr-private.h"
#include "arbor-store-private.h"
#include "query/column/arbor-column-data.h"
#include "query/plan/arbor-plan.h"
#include "query/view/arbor-view.h"

/* So many trees tell, where one of them has a text: a column that has one is of texts. */
#define SAMPLE 4096u

/* Of values of these kinds; of integers past the range of gint64, @layout says more. */
static GType
get_type_of_kinds (const guint64 *n_kind, ArborDataLayout layout)
{
  guint64 n_doubles = n_kind[ARBOR_KIND_DOUBLE] + n_kind[ARBOR_KIND_NUMBER];
  guint64 n_integers = n_kind[ARBOR_KIND_INT64] + n_kind[ARBOR_KIND_UINT64];
  guint64 n_texts =
      n_kind[ARBOR_KIND_STRING] + n_kind[ARBOR_KIND_ARRAY] + n_kind[ARBOR_KIND_OBJECT];

  if (n_texts > 0)
    return G_TYPE_STRING;
  if (n_kind[ARBOR_KIND_BOOL] > 0)
    return n_doubles + n_integers == 0 ? G_TYPE_BOOLEAN : G_TYPE_STRING;
  if (n_doubles > 0)
    return G_TYPE_DOUBLE;
  if (n_kind[ARBOR_KIND_UINT64] > 0)
    return layout == ARBOR_DATA_LAYOUT_UINT64 ? G_TYPE_UINT64 : G_TYPE_DOUBLE;
  return n_integers > 0 ? G_TYPE_INT64 : G_TYPE_STRING;
}

/* The kinds of the values at a path of keys in a batch, by its columns; FALSE: they do not tell. */
static gboolean
add_kinds (const ArborBatch *batch, const ArborPath *path, guint64 *n_kind)
{
  guint32 column = 0;
  ArborColumnInfo info;

  for (guint i = 0; i < path->n_steps && column != ARBOR_NO_COLUMN; i++)
    {
      if (arbor_batch_has_overflow (batch, column))
        return FALSE;
      column = arbor_batch_find_field (batch, column, path->steps[i].key, path->steps[i].length);
    }
  if (column == ARBOR_NO_COLUMN)
    return TRUE;
  arbor_batch_get_column_info (batch, column, &info);
  for (guint i = 0; i < ARBOR_N_KINDS; i++)
    n_kind[i] += info.n_kind[i];
  return TRUE;
}

/* Of a path of keys, without a look at any value. FALSE without error: values must be read. */
static gboolean
find_type_of_path (ArborAccess *access, const ArborPath *path, GType *type, GError **error)
{
  guint32 n_batches = arbor_source_get_n_batches (access->source);
  guint64 n_kind[ARBOR_N_KINDS] = { 0 };

  for (guint32 i = 0; i < n_batches; i++)
    {
      const ArborBatch *batch = arbor_access_get_batch (access, i, error);

      if (batch == NULL || !add_kinds (batch, path, n_kind))
        return FALSE;
    }
  *type = get_type_of_kinds (n_kind, ARBOR_DATA_LAYOUT_MIXED);
  return n_kind[ARBOR_KIND_UINT64] == 0;
}

static gboolean
read_type (ArborAccess *access, ArborNode *node, guint64 n_trees, GType *type, gboolean *has_text,
           GError **error)
{
  g_autoptr (ArborSelection) all = arbor_selection_new_all ();
  g_autoptr (ArborSelection) some = arbor_selection_new_slice (all, 0, n_trees, error);
  g_autoptr (ArborColumnData) data =
      some != NULL ? arbor_column_data_read (node, some, access, NULL, error) : NULL;

  if (data == NULL)
    return FALSE;
  *type = get_type_of_kinds (data->n_kind, (ArborDataLayout) data->layout);
  *has_text = data->n_kind[ARBOR_KIND_STRING] + data->n_kind[ARBOR_KIND_ARRAY] +
                  data->n_kind[ARBOR_KIND_OBJECT] > 0;
  return TRUE;
}

static gboolean
find_type (ArborAccess *access, ArborNode *node, GType *type, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const ArborPath *path = arbor_node_get_key_path (node);
  gboolean has_text;

  if (path != NULL && find_type_of_path (access, path, type, &failure))
    return TRUE;
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (!read_type (access, node, SAMPLE, type, &has_text, error))
    return FALSE;
  return has_text || arbor_source_get_n_trees (access->source) <= SAMPLE ||
         read_type (access, node, G_MAXUINT64, type, &has_text, error);
}

/* Inside an access to the arbor. */
static gboolean
find_types (ArborAccess *access, ArborNode *const *nodes, GType *types, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!find_type (access, nodes[i], &types[i], error))
      return FALSE;
  return TRUE;
}

/* Texts, of what is not there. */
static gboolean
guess_types (ArborListModel *self, ArborNode *const *nodes, GType *types, gsize n, GError **error)
{
  g_autoptr (ArborStore) store = arbor_list_model_dup_store (self);
  g_autofree char *name = arbor_list_model_dup_name (self);
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (ArborSource) source = NULL;
  gboolean is_good = TRUE;
  ArborAccess access;

  for (gsize i = 0; i < n; i++)
    types[i] = G_TYPE_STRING;
  if (name == NULL)
    return TRUE;
  if (!arbor_store_enter (store, &access, error))
    return FALSE;
  access.snapshot = arbor_session_dup_snapshot (store->session, error);
  is_good = access.snapshot != NULL;
  if (is_good)
    record = arbor_snapshot_lookup (access.snapshot, name, NULL);
  if (record != NULL)
    {
      access.source = source = arbor_source_new_stored (access.session, record, access.snapshot, NULL);
      is_good = find_types (&access, nodes, types, n, error);
    }
  return arbor_access_end (&access, error) && is_good;
}

gboolean
arbor_list_model_check_open (ArborListModel *self, GError **error)
{
  g_autoptr (ArborStore) store = arbor_list_model_dup_store (self);
  ArborAccess access;

  if (store == NULL)
    {
      arbor_view_set_not_opened_error (error);
      return FALSE;
    }
  if (!arbor_store_enter (store, &access, error))
    return FALSE;
  arbor_access_leave (&access, NULL);
  return TRUE;
}

static gboolean
check_name (const char *const *names, gsize i, GError **error)
{
  for (gsize j = 0; j < i; j++)
    if (strcmp (names[j], names[i]) == 0)
      {
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                     _("The column '%s' is given twice"), names[i]);
        return FALSE;
      }
  return TRUE;
}

/**
 * arbor_list_model_set_columns:
 * @self: a model
 * @names: (array zero-terminated=1): the names of columns, as many as there are expressions
 * @exprs: (array length=n_exprs): their values
 * @n_exprs: how many
 * @error: where to put an error
 *
 * Gives the rows properties: from now on they are of a class derived from [class@Arbor.Row], which is
 * [property@Arbor.ListModel:item-type], with a property for each of the columns, which can be read only.
 * Properties are what GtkExpression, property bindings and `row.props` know.
 *
 * A property has the type of the values that its expression gives for the trees that are there now: a
 * truth value, `gint64`, `guint64`, double or text, which is also for values of several kinds, arrays
 * and objects (as JSON), and where there are no values. To be sure of a type, convert: `cast (a,
 * "double")`, `to_string (a)`. A value of another kind than that of its property is 0, a NaN, %FALSE or
 * %NULL; numbers are rounded towards 0.
 *
 * Its name is that of the column where it can be one; [method@Arbor.ListModel.dup_column_property]
 * tells the name of any. Classes are shared by models that have the same columns, and stay as long as the
 * program: there can be 1,000.
 *
 * Rows that there are already are replaced. Without columns rows are [class@Arbor.Row]s again.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for an expression that gives several values,
 * %ARBOR_ERROR_INVALID_ARGUMENT when a name comes twice or the numbers differ, %ARBOR_ERROR_LIMIT,
 * %ARBOR_ERROR_CLOSED, also of a model without a store, %ARBOR_ERROR_CORRUPT.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
arbor_list_model_set_columns (ArborListModel *self, const char *const *names, ArborExpr **exprs,
                              gsize n_exprs, GError **error)
{
  g_autofree ArborNode **nodes = NULL;
  g_autofree GType *types = NULL;
  ArborRowColumns *columns;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), FALSE);
  g_return_val_if_fail (names != NULL, FALSE);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), FALSE);

  if (!arbor_list_model_check_open (self, error) || !arbor_plan_check_names (names, n_exprs, error))
    return FALSE;
  nodes = arbor_exprs_get_nodes (exprs, n_exprs);
  for (gsize i = 0; i < n_exprs; i++)
    if (!arbor_node_check_scalar (nodes[i], error) || !check_name (names, i, error))
      return FALSE;
  types = g_new (GType, n_exprs + 1);
  if (!guess_types (self, nodes, types, n_exprs, error))
    return FALSE;
  columns = arbor_row_columns_new (names, nodes, types, (guint) n_exprs, error);
  if (columns == NULL)
    return FALSE;
  arbor_list_model_take_columns (self, columns);
  return TRUE;
}

/**
 * arbor_list_model_dup_column_property:
 * @self: a model
 * @name: the name of a column
 *
 * The name of the property that rows have for a column: the column's own where it begins with a letter
 * and has letters, digits, `-` and `_` only; else it in ASCII with `-` for what cannot be in such a name, and
 * with a number where another property is called so. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the name of the property; %NULL when there is no such column
 *
 * Since: 1.0
 */
char *
arbor_list_model_dup_column_property (ArborListModel *self, const char *name)
{
  ArborRowColumns *columns;
  char *property = NULL;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  pthread_mutex_lock (&self->mutex);
  columns = self->next_columns != NULL ? self->next_columns : self->rows->columns;
  for (guint i = 0; i < columns->n && property == NULL; i++)
    if (strcmp (columns->names[i], name) == 0)
      property = g_strdup (columns->properties[i]);
  pthread_mutex_unlock (&self->mutex);
  return property;
}
