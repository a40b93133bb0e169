/* ArborRow: an item of a live model. See arbor-row-private.h. */

#include "arbor-row-private.h"

#include <math.h>

#include "arbor-close-token.h"
#include "arbor-tree-private.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-evaluator.h"
#include "query/view/arbor-view.h"

/**
 * ArborRow:
 *
 * An item of a [class@Arbor.ListModel]: a tree, as an object that stays the same while the tree is in
 * its store, for those who bind to it.
 *
 * [method@Arbor.Row.get_tree] gives the tree. Where the model has columns
 * ([method@Arbor.ListModel.set_columns]), rows are of a class of their own, with a property that can be
 * read for each: a number, a text or a truth value, 0, %NULL or %FALSE where the tree has none of that
 * kind (of doubles a NaN), and when the store is closed.
 *
 * A tree never changes, so neither do the properties of a row: what replaces a tree is another one, in
 * another row. A row whose tree was deleted keeps a copy of it.
 *
 * Any thread may use a row.
 *
 * Since: 1.0
 */

typedef struct
{
  ArborRowColumns *columns;
  ArborRowLock *lock; /* guards what follows; NULL when made by nobody */
  ArborCloseToken *token;
  ArborListing *listing; /* NULL once there is a copy */
  guint32 tree;
  ArborTree *copy;
} ArborRowPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (ArborRow, arbor_row, G_TYPE_OBJECT)

enum
{
  PROP_TREE = 1,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static ArborRowPrivate *
get_private (ArborRow *self)
{
  return arbor_row_get_instance_private (self);
}

ArborRowLock *
arbor_row_lock_new (void)
{
  ArborRowLock *self = g_new0 (ArborRowLock, 1);

  g_atomic_ref_count_init (&self->ref_count);
  pthread_mutex_init (&self->mutex, NULL);
  return self;
}

ArborRowLock *
arbor_row_lock_ref (ArborRowLock *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_row_lock_unref (ArborRowLock *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

static void
arbor_row_finalize (GObject *object)
{
  ArborRowPrivate *self = get_private (ARBOR_ROW (object));

  g_clear_pointer (&self->columns, arbor_row_columns_unref);
  g_clear_pointer (&self->listing, arbor_listing_unref);
  g_clear_pointer (&self->lock, arbor_row_lock_unref);
  g_clear_object (&self->copy);
  g_clear_object (&self->token);

  G_OBJECT_CLASS (arbor_row_parent_class)->finalize (object);
}

static void
arbor_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TREE)
    g_value_take_object (value, arbor_row_get_tree (ARBOR_ROW (object), NULL));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
arbor_row_class_init (ArborRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = arbor_row_finalize;
  object_class->get_property = arbor_row_get_property;

  /**
   * ArborRow:tree: (getter get_tree)
   *
   * The tree; %NULL when it cannot be read, such as when its store is closed.
   *
   * Since: 1.0
   */
  properties[PROP_TREE] =
      g_param_spec_object ("tree", NULL, NULL, ARBOR_TYPE_TREE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
arbor_row_init (ArborRow *self)
{
}

ArborRow *
arbor_row_new (ArborRowColumns *columns, ArborRowLock *lock, ArborCloseToken *token,
               ArborListing *listing, guint32 tree)
{
  ArborRow *row = g_object_new (columns->type, NULL);
  ArborRowPrivate *self = get_private (row);

  self->columns = arbor_row_columns_ref (columns);
  self->lock = arbor_row_lock_ref (lock);
  self->token = token != NULL ? g_object_ref (token) : NULL;
  self->listing = arbor_listing_ref (listing);
  self->tree = tree;
  return row;
}

void
arbor_row_move (ArborRow *row, ArborListing *listing, guint32 tree)
{
  ArborRowPrivate *self = get_private (row);

  arbor_listing_ref (listing);
  arbor_listing_unref (self->listing);
  self->listing = listing;
  self->tree = tree;
}

gboolean
arbor_row_find_tree (ArborRow *row, ArborRowLock *lock, const ArborListing *listing, guint32 *tree)
{
  ArborRowPrivate *self = get_private (row);
  gboolean is_of_it;

  if (self->lock != lock)
    return FALSE;
  pthread_mutex_lock (&lock->mutex);
  is_of_it = self->listing == listing;
  *tree = self->tree;
  pthread_mutex_unlock (&lock->mutex);
  return is_of_it;
}

/* The tree at @index of the listing, inside. */
static gboolean
find_value (ArborAccess *access, guint32 index, ArborValue *value, GError **error)
{
  ArborPlace place;

  if (!arbor_access_find_tree (access, index, &place, error))
    return FALSE;
  arbor_batch_get_tree (place.batch, arbor_place_get_row (&place, index), value);
  return TRUE;
}

/* What the row is now: a copy, or a listing and an index. */
static ArborTree *
look (ArborRowPrivate *self, ArborListing **listing, guint32 *tree)
{
  ArborTree *copy = NULL;

  *listing = NULL;
  if (self->lock == NULL)
    return NULL;
  pthread_mutex_lock (&self->lock->mutex);
  if (self->copy != NULL)
    copy = g_object_ref (self->copy);
  else
    *listing = arbor_listing_ref (self->listing);
  *tree = self->tree;
  pthread_mutex_unlock (&self->lock->mutex);
  return copy;
}

/**
 * arbor_row_get_tree: (get-property tree)
 * @self: a row
 * @error: where to put an error
 *
 * The tree of the row, as it is in the state of the store that the model shows, which the tree keeps
 * as long as it is there: get it anew rather than keep it.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the tree
 *
 * Since: 1.0
 */
ArborTree *
arbor_row_get_tree (ArborRow *row, GError **error)
{
  g_autoptr (ArborListing) listing = NULL;
  g_autoptr (ArborTree) copy = NULL;
  ArborTree *tree = NULL;
  ArborRowPrivate *self;
  ArborAccess access;
  ArborValue value;
  guint32 index;

  g_return_val_if_fail (ARBOR_IS_ROW (row), NULL);

  self = get_private (row);
  copy = look (self, &listing, &index);
  if (copy != NULL)
    return self->token == NULL || arbor_close_token_check (self->token, error)
               ? g_steal_pointer (&copy)
               : NULL;
  if (listing == NULL)
    {
      arbor_view_set_not_opened_error (error);
      return NULL;
    }
  if (!arbor_access_begin (&access, listing->source, listing->pin, error))
    return NULL;
  if (find_value (&access, index, &value, error))
    tree = arbor_tree_new (listing->source, listing->pin, self->token, NULL, &value);
  if (!arbor_access_end (&access, error))
    g_clear_object (&tree);
  return tree;
}

/* A tree of its own, which ends with the store as any other; closed where it cannot be read. */
static ArborTree *
copy_tree (ArborRowPrivate *self, ArborListing *listing, guint32 index)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborTree *tree = NULL;
  ArborAccess access;
  ArborValue value;

  if (!arbor_access_begin (&access, listing->source, listing->pin, NULL))
    return arbor_tree_new_closed (listing->source, self->token);
  if (find_value (&access, index, &value, NULL))
    {
      g_autoptr (GBytes) batch = arbor_batch_new_of_value (&value, scope, NULL);

      if (batch != NULL && arbor_scope_check (scope, NULL))
        tree = arbor_tree_new_take_batch (listing->source, NULL, self->token,
                                          g_steal_pointer (&batch), NULL);
    }
  if (!arbor_access_end (&access, NULL))
    g_clear_object (&tree);
  return tree != NULL ? tree : arbor_tree_new_closed (listing->source, self->token);
}

void
arbor_row_detach (ArborRow *row)
{
  ArborRowPrivate *self = get_private (row);
  g_autoptr (ArborListing) listing = NULL;
  g_autoptr (ArborTree) copy = NULL;
  guint32 index;

  copy = look (self, &listing, &index);
  if (listing == NULL)
    return;
  copy = copy_tree (self, listing, index);
  pthread_mutex_lock (&self->lock->mutex);
  self->copy = g_steal_pointer (&copy);
  g_clear_pointer (&self->listing, arbor_listing_unref);
  pthread_mutex_unlock (&self->lock->mutex);
}

/**
 * arbor_row_is_closed:
 * @self: a row
 *
 * Whether the row's store has been closed. Any thread may call this, at any time.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_row_is_closed (ArborRow *row)
{
  ArborRowPrivate *self;

  g_return_val_if_fail (ARBOR_IS_ROW (row), TRUE);

  self = get_private (row);
  return self->token == NULL || arbor_close_token_is_closed (self->token);
}

/**
 * arbor_row_dup_close_token:
 * @self: a row
 *
 * The close token of the store that the row comes from. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for a row that no model made
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_row_dup_close_token (ArborRow *row)
{
  ArborRowPrivate *self;

  g_return_val_if_fail (ARBOR_IS_ROW (row), NULL);

  self = get_private (row);
  return self->token != NULL ? g_object_ref (self->token) : NULL;
}

/* Columns */

static gint64
to_int64 (const ArborValue *value)
{
  switch (value->kind)
    {
    case ARBOR_KIND_INT64:
      return value->int64;
    case ARBOR_KIND_UINT64:
      return G_MAXINT64;
    case ARBOR_KIND_DOUBLE:
      return value->real >= 9223372036854775808.0    ? G_MAXINT64
             : value->real < -9223372036854775808.0 ? G_MININT64
                                                     : (gint64) value->real;
    default:
      return 0;
    }
}

static guint64
to_uint64 (const ArborValue *value)
{
  if (value->kind == ARBOR_KIND_UINT64)
    return value->uint64;
  if (value->kind == ARBOR_KIND_DOUBLE)
    return value->real >= 18446744073709551616.0 ? G_MAXUINT64
           : value->real > 0                     ? (guint64) value->real
                                                 : 0;
  return value->kind == ARBOR_KIND_INT64 && value->int64 > 0 ? (guint64) value->int64 : 0;
}

static double
to_double (const ArborValue *value)
{
  switch (value->kind)
    {
    case ARBOR_KIND_INT64:
      return (double) value->int64;
    case ARBOR_KIND_UINT64:
      return (double) value->uint64;
    case ARBOR_KIND_DOUBLE:
      return value->real;
    case ARBOR_KIND_NUMBER:
      {
        g_autofree char *text = g_strndup (value->text, value->length);

        return g_ascii_strtod (text, NULL);
      }
    default:
      return NAN;
    }
}

static void
take_text (GValue *out, const ArborValue *value, ArborScope *scope)
{
  ArborBuffer text = { 0 };

  if (value->kind == ARBOR_KIND_MISSING || value->kind == ARBOR_KIND_NULL)
    return;
  if (value->kind == ARBOR_KIND_STRING)
    {
      g_value_take_string (out, g_strndup (value->text, value->length));
      return;
    }
  arbor_value_write_json (value, scope, &text);
  g_value_take_string (out, g_strndup ((const char *) text.data, text.length));
  arbor_buffer_free (&text);
}

static void
set_value (GValue *out, const ArborValue *value, ArborScope *scope)
{
  switch (G_VALUE_TYPE (out))
    {
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (out, value->kind == ARBOR_KIND_BOOL && value->boolean);
      break;
    case G_TYPE_INT64:
      g_value_set_int64 (out, to_int64 (value));
      break;
    case G_TYPE_UINT64:
      g_value_set_uint64 (out, to_uint64 (value));
      break;
    case G_TYPE_DOUBLE:
      g_value_set_double (out, to_double (value));
      break;
    default:
      take_text (out, value, scope);
    }
}

void
arbor_row_read (ArborRow *row, guint column, GValue *out)
{
  ArborRowPrivate *self = get_private (row);
  g_autoptr (ArborTree) tree = arbor_row_get_tree (row, NULL);
  g_autoptr (ArborEvaluator) evaluator = NULL;
  g_autoptr (ArborScope) scope = NULL;
  ArborValue root, value;
  ArborAccess access;

  if (tree == NULL || !arbor_tree_enter (tree, &access, &root, NULL))
    {
      set_value (out, &ARBOR_VALUE_MISSING, NULL);
      return;
    }
  scope = arbor_scope_new ();
  evaluator = arbor_evaluator_new (self->columns->nodes[column]);
  arbor_evaluator_get_value_of (evaluator, &root, scope, &value);
  set_value (out, arbor_scope_check (scope, NULL) ? &value : &ARBOR_VALUE_MISSING, scope);
  if (!arbor_access_end (&access, NULL))
    set_value (out, &ARBOR_VALUE_MISSING, NULL);
}
