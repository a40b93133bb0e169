/* ArborIndex: a key index (query/group/arbor-key-index.h), the arbor that it is of, and which tree counts
 * where several have a key. Each look-up enters the arbor's gate.
 */

#include "arbor-index-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-arbor-private.h"
#include "arbor-tree-private.h"
#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"

/**
 * ArborIndex:
 *
 * Finds the trees of an arbor by a key, in constant time. [method@Arbor.Arbor.index_by] makes one.
 *
 * A key of one part is any JSON value; a key of several is an array of as many. An index ends as its
 * arbor does: %ARBOR_ERROR_CLOSED when its store is closed, %ARBOR_ERROR_STALE when its name has been
 * replaced or deleted. Any thread may use it.
 *
 * Since: 1.0
 */
struct _ArborIndex
{
  GObject parent_instance;

  ArborKeyIndex *index; /* NULL when never opened */
  ArborArbor *arbor;
  ArborDuplicates duplicates;
};

G_DEFINE_FINAL_TYPE (ArborIndex, arbor_index, G_TYPE_OBJECT)

static void
arbor_index_finalize (GObject *object)
{
  ArborIndex *self = ARBOR_INDEX (object);

  g_clear_pointer (&self->index, arbor_key_index_unref);
  g_clear_object (&self->arbor);

  G_OBJECT_CLASS (arbor_index_parent_class)->finalize (object);
}

static void
arbor_index_class_init (ArborIndexClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_index_finalize;
}

static void
arbor_index_init (ArborIndex *self)
{
}

ArborIndex *
arbor_index_new_take (ArborKeyIndex *index, ArborArbor *arbor, ArborDuplicates duplicates)
{
  ArborIndex *self = g_object_new (ARBOR_TYPE_INDEX, NULL);

  self->index = index;
  self->arbor = g_object_ref (arbor);
  self->duplicates = duplicates;
  return self;
}

static gboolean
enter (ArborIndex *self, ArborAccess *access, GError **error)
{
  if (self->index != NULL)
    return arbor_arbor_enter (self->arbor, access, error);
  arbor_view_set_not_opened_error (error);
  return FALSE;
}

/* The trees that count: all with COLLECT, otherwise one or none. */
static guint32 *
look_up (ArborIndex *self, ArborAccess *access, ArborValue *values, ArborScope *scope, guint64 *n,
         GError **error)
{
  guint32 *members = arbor_key_index_look_up (self->index, access, values, scope, n, error);

  if (members == NULL || *n <= 1 || self->duplicates == ARBOR_DUPLICATES_COLLECT)
    return members;
  if (self->duplicates == ARBOR_DUPLICATES_LAST)
    members[0] = members[*n - 1];
  *n = 1;
  return members;
}

/* The parts of a key that a tree gives. */
static ArborValue *
get_parts (ArborIndex *self, const ArborValue *key, ArborScope *scope, GError **error)
{
  gsize n = arbor_key_index_get_n_values (self->index);
  ArborValue *parts = arbor_scope_alloc (scope, n * sizeof *parts);

  if (n == 1)
    {
      parts[0] = *key;
      return parts;
    }
  if (key->kind != ARBOR_KIND_ARRAY || arbor_value_get_length (key, scope) != n)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
                   _("Expected a key that is an array of %u values, found %s"), (guint) n,
                   arbor_kind_to_string (key->kind));
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    arbor_value_get_element (key, (gint64) i, scope, &parts[i]);
  return parts;
}

/* The trees of a key, of the index's own access, inside. */
static guint32 *
look_up_tree (ArborIndex *self, ArborAccess *access, ArborTree *key, guint64 *n, GError **error)
{
  guint32 *members = NULL;
  ArborValue *parts;
  ArborLook look;

  if (!arbor_tree_look_begin (key, NULL, &look, error))
    return NULL;
  parts = get_parts (self, &look.value, look.scope, error);
  if (parts != NULL)
    members = look_up (self, access, parts, look.scope, n, error);
  if (!arbor_tree_look_end (&look, members != NULL, error))
    g_clear_pointer (&members, g_free);
  return members;
}

/* Leaves. Takes over @members, NULL after an error. */
static ArborTree *
leave_with_first (ArborIndex *self, ArborAccess *access, guint32 *members, guint64 n,
                  GError **error)
{
  g_autofree guint32 *taken = members;
  ArborTree *tree = NULL;

  if (taken != NULL && n > 0)
    tree = arbor_arbor_make_tree (self->arbor, access, taken[0], error);
  if (!arbor_access_end (access, error))
    g_clear_object (&tree);
  return tree;
}

static ArborTree *
look_up_scalar (ArborIndex *self, ArborValue *key, GError **error)
{
  g_autoptr (ArborScope) scope = NULL;
  guint32 *members = NULL;
  ArborValue *parts;
  ArborAccess access;
  guint64 n = 0;

  if (!enter (self, &access, error))
    return NULL;
  scope = arbor_scope_new ();
  parts = get_parts (self, key, scope, error);
  if (parts != NULL)
    members = look_up (self, &access, parts, scope, &n, error);
  return leave_with_first (self, &access, members, n, error);
}

/**
 * arbor_index_get_n_keys:
 * @self: an index
 * @error: where to put an error
 *
 * How many different keys there are.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: the number of keys; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_index_get_n_keys (ArborIndex *self, GError **error)
{
  ArborAccess access;
  guint32 n = 0;

  g_return_val_if_fail (ARBOR_IS_INDEX (self), 0);

  if (!enter (self, &access, error))
    return 0;
  if (!arbor_key_index_get_n_keys (self->index, &access, NULL, &n, error))
    n = 0;
  return arbor_access_end (&access, error) ? n : 0;
}

/**
 * arbor_index_look_up:
 * @self: an index
 * @key: the key: any value, or an array for an index by several
 * @error: where to put an error
 *
 * The tree of a key; where several have it and all count, the first one. Null is no key.
 *
 * Errors: %ARBOR_ERROR_TYPE when an index by several keys gets something else than an array of as
 * many values, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT. Any thread may call
 * this.
 *
 * Returns: (transfer full) (nullable): the tree; %NULL without error when there is none
 *
 * Since: 1.0
 */
ArborTree *
arbor_index_look_up (ArborIndex *self, ArborTree *key, GError **error)
{
  ArborAccess access;
  guint32 *members;
  guint64 n = 0;

  g_return_val_if_fail (ARBOR_IS_INDEX (self), NULL);
  g_return_val_if_fail (ARBOR_IS_TREE (key), NULL);

  if (!enter (self, &access, error))
    return NULL;
  members = look_up_tree (self, &access, key, &n, error);
  return leave_with_first (self, &access, members, n, error);
}

/**
 * arbor_index_look_up_string:
 * @self: an index by one key
 * @key: the key, UTF-8
 * @error: where to put an error
 *
 * The tree of a key that is a string, as [method@Arbor.Index.look_up].
 *
 * Errors: those of [method@Arbor.Index.look_up]. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the tree; %NULL without error when there is none
 *
 * Since: 1.0
 */
ArborTree *
arbor_index_look_up_string (ArborIndex *self, const char *key, GError **error)
{
  ArborValue value;
  gsize length;

  g_return_val_if_fail (ARBOR_IS_INDEX (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  length = strlen (key);
  g_return_val_if_fail (length <= G_MAXUINT32, NULL);
  value = ARBOR_VALUE_STRING (key, (guint32) length);
  return look_up_scalar (self, &value, error);
}

/**
 * arbor_index_look_up_int64:
 * @self: an index by one key
 * @key: the key
 * @error: where to put an error
 *
 * The tree of a key that is a number, as [method@Arbor.Index.look_up].
 *
 * Errors: those of [method@Arbor.Index.look_up]. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the tree; %NULL without error when there is none
 *
 * Since: 1.0
 */
ArborTree *
arbor_index_look_up_int64 (ArborIndex *self, gint64 key, GError **error)
{
  ArborValue value = ARBOR_VALUE_INT64 (key);

  g_return_val_if_fail (ARBOR_IS_INDEX (self), NULL);

  return look_up_scalar (self, &value, error);
}

/**
 * arbor_index_look_up_all:
 * @self: an index
 * @key: the key: any value, or an array for an index by several
 * @error: where to put an error
 *
 * A view of the trees of a key that count: all of them with %ARBOR_DUPLICATES_COLLECT, otherwise one;
 * none when there is no such key.
 *
 * Errors: those of [method@Arbor.Index.look_up]. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_index_look_up_all (ArborIndex *self, ArborTree *key, GError **error)
{
  ArborSelection *selection = NULL;
  ArborAccess access;
  guint32 *members;
  guint64 n = 0;

  g_return_val_if_fail (ARBOR_IS_INDEX (self), NULL);
  g_return_val_if_fail (ARBOR_IS_TREE (key), NULL);

  if (!enter (self, &access, error))
    return NULL;
  members = look_up_tree (self, &access, key, &n, error);
  if (members != NULL)
    selection = arbor_selection_new_list (members, n);
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&selection, arbor_selection_unref);
  return arbor_arbor_new_take (arbor_view_select (self->arbor->view, selection),
                               self->arbor->token);
}

/**
 * arbor_index_contains:
 * @self: an index
 * @key: the key: any value, or an array for an index by several
 * @error: where to put an error
 *
 * Whether a tree has the key.
 *
 * Errors: those of [method@Arbor.Index.look_up]. Any thread may call this.
 *
 * Returns: whether there is one; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_index_contains (ArborIndex *self, ArborTree *key, GError **error)
{
  g_autofree guint32 *members = NULL;
  ArborAccess access;
  guint64 n = 0;

  g_return_val_if_fail (ARBOR_IS_INDEX (self), FALSE);
  g_return_val_if_fail (ARBOR_IS_TREE (key), FALSE);

  if (!enter (self, &access, error))
    return FALSE;
  members = look_up_tree (self, &access, key, &n, error);
  return arbor_access_end (&access, error) && members != NULL && n > 0;
}

/**
 * arbor_index_is_closed:
 * @self: an index
 *
 * Whether the store of the index's trees has been closed. Any thread may call this, at any time.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_index_is_closed (ArborIndex *self)
{
  g_return_val_if_fail (ARBOR_IS_INDEX (self), TRUE);

  return self->arbor == NULL || arbor_arbor_is_closed (self->arbor);
}

/**
 * arbor_index_dup_close_token:
 * @self: an index
 *
 * The close token of the store that the index's trees derive from. Any thread may call this, at any
 * time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL in memory
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_index_dup_close_token (ArborIndex *self)
{
  g_return_val_if_fail (ARBOR_IS_INDEX (self), NULL);

  return self->arbor != NULL ? arbor_arbor_dup_close_token (self->arbor) : NULL;
}

/**
 * arbor_index_to_string:
 * @self: an index
 *
 * A description for people who debug, which never fails. Any thread may call this, at any time.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
arbor_index_to_string (ArborIndex *self)
{
  g_autofree char *arbor = NULL;
  g_autoptr (GString) keys = NULL;

  g_return_val_if_fail (ARBOR_IS_INDEX (self), NULL);

  if (self->index == NULL)
    return g_strdup ("ArborIndex (not opened)");
  arbor = arbor_arbor_to_string (self->arbor);
  keys = g_string_new (NULL);
  arbor_key_index_describe (self->index, keys);
  return g_strdup_printf ("ArborIndex (%s of %s)", keys->str, arbor);
}
