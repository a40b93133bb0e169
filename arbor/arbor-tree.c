/* ArborTree: one document, or a part of one. It is a value (where it lies in a batch), what keeps
 * the batch alive, and the close token of the store that it came from. Each getter enters the
 * gate, walks a path from the value, and copies what it finds.
 */

#include "arbor-tree-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

#include "arbor-arbor-private.h"
#include "arbor-close-token.h"
#include "arbor-tree-variant-private.h"
#include "base/arbor-number.h"
#include "base/arbor-path.h"
#include "base/arbor-text.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-value-access.h"

/**
 * ArborTree:
 *
 * One JSON document of an arbor, or a part of one. Immutable.
 *
 * Getters take a path such as `name.last`, `tags[0]`, `tags[-1]` or `["any key"]`; %NULL or the
 * empty path is the tree itself. A tree from a store keeps the state of the store that it was read
 * from, so it is never stale; when the store is closed, each getter fails with
 * %ARBOR_ERROR_CLOSED.
 *
 * Any thread may use a tree.
 *
 * Since: 1.0
 */
struct _ArborTree
{
  GObject parent_instance;

  ArborSource *source; /* NULL when never opened */
  ArborSnapshot *snapshot; /* NULL in memory */
  ArborSource *memory; /* where the value lies when it was computed, else NULL */
  ArborCloseToken *token;
  ArborValue value;
};

G_DEFINE_FINAL_TYPE (ArborTree, arbor_tree, G_TYPE_OBJECT)

static void
arbor_tree_finalize (GObject *object)
{
  ArborTree *self = ARBOR_TREE (object);

  g_clear_pointer (&self->snapshot, arbor_snapshot_unref);
  g_clear_pointer (&self->memory, arbor_source_unref);
  g_clear_pointer (&self->source, arbor_source_unref);
  g_clear_object (&self->token);

  G_OBJECT_CLASS (arbor_tree_parent_class)->finalize (object);
}

static void
arbor_tree_class_init (ArborTreeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_tree_finalize;
}

static void
arbor_tree_init (ArborTree *self)
{
}

ArborTree *
arbor_tree_new (ArborSource *source, ArborSnapshot *snapshot, ArborCloseToken *token,
                ArborSource *memory, const ArborValue *value)
{
  ArborTree *self = g_object_new (ARBOR_TYPE_TREE, NULL);

  self->source = arbor_source_ref (source);
  if (snapshot != NULL)
    self->snapshot = arbor_snapshot_ref (snapshot);
  if (memory != NULL)
    self->memory = arbor_source_ref (memory);
  if (token != NULL)
    self->token = g_object_ref (token);
  self->value = *value;
  return self;
}

ArborTree *
arbor_tree_new_closed (ArborSource *source, ArborCloseToken *token)
{
  return arbor_tree_new (source, NULL, token, NULL, &ARBOR_VALUE_MISSING);
}

gboolean
arbor_tree_enter (ArborTree *self, ArborAccess *access, ArborValue *value, GError **error)
{
  ArborSession *session;

  if (self->source == NULL)
    {
      arbor_set_not_opened_error (error);
      return FALSE;
    }
  session = arbor_source_get_session (self->source);
  if (session != NULL && self->snapshot == NULL
          ? !arbor_access_begin_session (access, session, error)
          : !arbor_access_begin (access, self->source, self->snapshot, error))
    return FALSE;
  *value = self->value;
  return TRUE;
}

/* A look at one value of a tree: inside from begin to end. */
typedef struct
{
  ArborAccess access;
  ArborScope *scope;
  ArborValue value;
  gboolean is_passing; /* the value lies in what the scope parsed, not in a batch */
} Look;

/* To be called before a step from look->value to a child. */
static void
note_step (Look *look)
{
  if (look->value.holder_kind == ARBOR_HOLDER_TEXT || look->value.holder_kind == ARBOR_HOLDER_TAPE)
    look->is_passing = TRUE;
}

static gboolean
walk (const ArborPath *path, const char *text, Look *look, GError **error)
{
  if (path->is_vector)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY,
                   _("Path '%s' has [*], which gives several values, and one is needed here"),
                   text);
      return FALSE;
    }
  for (guint i = 0; i < path->n_steps; i++)
    {
      const ArborStep *step = &path->steps[i];
      ArborValue child;

      note_step (look);
      if (step->kind == ARBOR_STEP_KEY)
        arbor_value_get_member (&look->value, step->key, step->length, look->scope, &child);
      else
        arbor_value_get_element (&look->value, step->index, look->scope, &child);
      look->value = child;
    }
  return TRUE;
}

static gboolean
look_end (Look *look, gboolean is_good, GError **error)
{
  is_good = is_good && arbor_scope_check (look->scope, error);
  arbor_access_end (&look->access, error);
  g_clear_pointer (&look->scope, arbor_scope_free);
  return is_good;
}

/* Enters and finds the value at @path, MISSING when there is none. */
static gboolean
look_begin (ArborTree *self, const char *path, Look *look, GError **error)
{
  g_autoptr (ArborPath) steps = NULL;

  if (!arbor_tree_enter (self, &look->access, &look->value, error))
    return FALSE;
  look->scope = arbor_scope_new ();
  look->is_passing = FALSE;
  if (path == NULL || path[0] == '\0')
    return TRUE;
  steps = arbor_path_parse (path, error);
  if (steps != NULL && walk (steps, path, look, error) && arbor_scope_check (look->scope, error))
    return TRUE;
  return look_end (look, FALSE, error);
}

static gboolean
set_not_found (const char *path, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND, _("The tree has nothing at '%s'"),
               path != NULL ? path : "");
  return FALSE;
}

static gboolean
set_wrong_kind (const char *path, const char *expected, const ArborValue *value, GError **error)
{
  if (value->kind == ARBOR_KIND_MISSING)
    return set_not_found (path, error);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _("Expected %s at '%s', found %s"), expected,
               path != NULL ? path : "", arbor_kind_to_string (value->kind));
  return FALSE;
}

/* The value as a tree of its own, inside. */
static ArborTree *
wrap (ArborTree *self, Look *look, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = NULL;
  g_autoptr (ArborSource) memory = NULL;
  GPtrArray *batches;
  GBytes *batch;
  ArborAccess access;
  const ArborBatch *reader;
  ArborValue value;

  if (!look->is_passing)
    return arbor_tree_new (self->source, self->snapshot, self->token, self->memory, &look->value);

  /* What was parsed from overflow text is gone with the scope: it gets a batch of its own. */
  builder = arbor_batch_builder_new ();
  arbor_batch_builder_add_value (builder, &look->value, look->scope);
  batch = arbor_batch_builder_finish (builder, error);
  if (batch == NULL)
    return NULL;
  batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (batches, batch);
  memory = arbor_source_new_memory (batches, error);
  if (memory == NULL || !arbor_access_begin (&access, memory, NULL, error))
    return NULL;
  reader = arbor_access_get_batch (&access, 0, error);
  arbor_batch_get_tree (reader, 0, &value);
  arbor_access_end (&access, error);
  return arbor_tree_new (self->source, self->snapshot, self->token, memory, &value);
}

static ArborTree *
look_wrap (ArborTree *self, Look *look, const char *what, GError **error)
{
  ArborTree *tree = NULL;

  if (look->value.kind == ARBOR_KIND_MISSING)
    set_not_found (what, error);
  else
    tree = wrap (self, look, error);
  look_end (look, tree != NULL, error);
  return tree;
}

/**
 * arbor_tree_get:
 * @self: a tree
 * @path: a path
 * @error: where to put an error
 *
 * The part of the tree at a path, as a tree of its own.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND when there is nothing, %ARBOR_ERROR_EXPRESSION for a malformed
 * path, %ARBOR_ERROR_CARDINALITY for one with `[*]`, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the part
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_get (ArborTree *self, const char *path, GError **error)
{
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return look_begin (self, path, &look, error) ? look_wrap (self, &look, path, error) : NULL;
}

/**
 * arbor_tree_get_member:
 * @self: a tree that is an object
 * @key: a key, exactly as it stands in the JSON text; no path
 * @error: where to put an error
 *
 * The value of a key, as a tree of its own.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND when the object has no such key, %ARBOR_ERROR_TYPE when the tree
 * is no object, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the value
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_get_member (ArborTree *self, const char *key, GError **error)
{
  ArborValue member;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  if (!look_begin (self, NULL, &look, error))
    return NULL;
  if (look.value.kind != ARBOR_KIND_OBJECT)
    {
      set_wrong_kind (key, _("an object"), &look.value, error);
      look_end (&look, FALSE, error);
      return NULL;
    }
  note_step (&look);
  arbor_value_get_member (&look.value, key, strlen (key), look.scope, &member);
  look.value = member;
  return look_wrap (self, &look, key, error);
}

/**
 * arbor_tree_get_element:
 * @self: a tree that is an array
 * @index: a position, from 0; negative ones count from the end
 * @error: where to put an error
 *
 * An element, as a tree of its own.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE, %ARBOR_ERROR_TYPE when the tree is no array,
 * %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the element
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_get_element (ArborTree *self, gint64 index, GError **error)
{
  ArborTree *tree = NULL;
  ArborValue element;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!look_begin (self, NULL, &look, error))
    return NULL;
  note_step (&look);
  arbor_value_get_element (&look.value, index, look.scope, &element);
  if (look.value.kind != ARBOR_KIND_ARRAY)
    {
      set_wrong_kind ("", _("an array"), &look.value, error);
    }
  else if (element.kind == ARBOR_KIND_MISSING)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                   _("Index %" PRId64 " is out of range: the array has %u elements"), index,
                   arbor_value_get_length (&look.value, look.scope));
    }
  else
    {
      look.value = element;
      tree = wrap (self, &look, error);
    }
  look_end (&look, tree != NULL, error);
  return tree;
}

/**
 * arbor_tree_contains:
 * @self: a tree
 * @path: a path
 * @error: where to put an error
 *
 * Whether there is something at a path. JSON null is something.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a malformed path, %ARBOR_ERROR_CARDINALITY for one with
 * `[*]`, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: whether there is a value; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_tree_contains (ArborTree *self, const char *path, GError **error)
{
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  return look_begin (self, path, &look, error) && look_end (&look, TRUE, error) &&
         look.value.kind != ARBOR_KIND_MISSING;
}

/**
 * arbor_tree_get_kind:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The kind of the value at a path.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a malformed path, %ARBOR_ERROR_CARDINALITY for one with
 * `[*]`, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the kind; %ARBOR_KIND_MISSING without error where there is nothing
 *
 * Since: 1.0
 */
ArborKind
arbor_tree_get_kind (ArborTree *self, const char *path, GError **error)
{
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), ARBOR_KIND_MISSING);

  if (!look_begin (self, path, &look, error) || !look_end (&look, TRUE, error))
    return ARBOR_KIND_MISSING;
  return look.value.kind;
}

/**
 * arbor_tree_get_boolean:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The value at a path, which is true or false.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the value; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_tree_get_boolean (ArborTree *self, const char *path, GError **error)
{
  Look look;
  gboolean is_good;

  g_return_val_if_fail (ARBOR_IS_TREE (self), FALSE);

  if (!look_begin (self, path, &look, error))
    return FALSE;
  is_good = look.value.kind == ARBOR_KIND_BOOL ||
            set_wrong_kind (path, _("true or false"), &look.value, error);
  return look_end (&look, is_good, error) && look.value.boolean;
}

static gboolean
set_number_range (const char *path, const char *type, const ArborValue *value, GError **error)
{
  ArborBuffer text = { NULL };

  arbor_value_write_json (value, NULL, &text);
  arbor_buffer_append_byte (&text, '\0');
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
               _("The number %s at '%s' is not exactly a %s"), (char *) text.data,
               path != NULL ? path : "", type);
  arbor_buffer_free (&text);
  return FALSE;
}

/* A double that is an integer in [@low, @high). */
static gboolean
is_integral (double real, double low, double high)
{
  return real >= low && real < high && trunc (real) == real;
}

/**
 * arbor_tree_get_int64:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The number at a path, whose exact value must fit #gint64. `2.0` is 2.
 *
 * JavaScript rounds results beyond 2^53: [method@Arbor.Tree.get_number_text] has the exact digits.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no number,
 * %ARBOR_ERROR_OUT_OF_RANGE when it is another number, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the number; 0 with @error set on failure
 *
 * Since: 1.0
 */
gint64
arbor_tree_get_int64 (ArborTree *self, const char *path, GError **error)
{
  Look look;
  gint64 result = 0;
  gboolean is_good = TRUE;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!look_begin (self, path, &look, error))
    return 0;
  if (look.value.kind == ARBOR_KIND_INT64)
    result = look.value.int64;
  else if (look.value.kind == ARBOR_KIND_DOUBLE && is_integral (look.value.real, -0x1p63, 0x1p63))
    result = (gint64) look.value.real;
  else if (arbor_kind_is_number (look.value.kind))
    is_good = set_number_range (path, "gint64", &look.value, error);
  else
    is_good = set_wrong_kind (path, _("a number"), &look.value, error);
  return look_end (&look, is_good, error) ? result : 0;
}

/**
 * arbor_tree_get_uint64:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The number at a path, whose exact value must fit #guint64.
 *
 * Errors: those of [method@Arbor.Tree.get_int64]. Any thread may call this.
 *
 * Returns: the number; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_tree_get_uint64 (ArborTree *self, const char *path, GError **error)
{
  Look look;
  guint64 result = 0;
  gboolean is_good = TRUE;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!look_begin (self, path, &look, error))
    return 0;
  if (look.value.kind == ARBOR_KIND_UINT64 ||
      (look.value.kind == ARBOR_KIND_INT64 && look.value.int64 >= 0))
    result = look.value.uint64;
  else if (look.value.kind == ARBOR_KIND_DOUBLE && is_integral (look.value.real, 0, 0x1p64))
    result = (guint64) look.value.real;
  else if (arbor_kind_is_number (look.value.kind))
    is_good = set_number_range (path, "guint64", &look.value, error);
  else
    is_good = set_wrong_kind (path, _("a number"), &look.value, error);
  return look_end (&look, is_good, error) ? result : 0;
}

/**
 * arbor_tree_get_double:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The number at a path, as the nearest double.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no number,
 * %ARBOR_ERROR_OUT_OF_RANGE when it is beyond all doubles, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the number; 0 with @error set on failure
 *
 * Since: 1.0
 */
double
arbor_tree_get_double (ArborTree *self, const char *path, GError **error)
{
  Look look;
  double result = 0;
  gboolean is_good = TRUE;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!look_begin (self, path, &look, error))
    return 0;
  if (arbor_kind_is_number (look.value.kind))
    {
      result = arbor_number_to_double (&look.value);
      if (!isfinite (result))
        is_good = set_number_range (path, "double", &look.value, error);
    }
  else
    {
      is_good = set_wrong_kind (path, _("a number"), &look.value, error);
    }
  return look_end (&look, is_good, error) ? result : 0;
}

/**
 * arbor_tree_get_string:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The string at a path.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no string, or one that holds U+0000
 * and so needs [method@Arbor.Tree.dup_bytes], %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the string
 *
 * Since: 1.0
 */
char *
arbor_tree_get_string (ArborTree *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gboolean is_good;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!look_begin (self, path, &look, error))
    return NULL;
  is_good = look.value.kind == ARBOR_KIND_STRING ||
            set_wrong_kind (path, _("a string"), &look.value, error);
  if (is_good && memchr (look.value.text, 0, look.value.length) != NULL)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
                   _("The string at '%s' holds U+0000; get its bytes instead"),
                   path != NULL ? path : "");
      is_good = FALSE;
    }
  if (is_good)
    text = g_strndup (look.value.text, look.value.length);
  return look_end (&look, is_good, error) ? g_steal_pointer (&text) : NULL;
}

/**
 * arbor_tree_dup_bytes:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The UTF-8 bytes of the string at a path, which may hold U+0000. The bytes are a copy, which
 * stays readable after closing.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
arbor_tree_dup_bytes (ArborTree *self, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  gboolean is_good;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!look_begin (self, path, &look, error))
    return NULL;
  is_good = look.value.kind == ARBOR_KIND_STRING ||
            set_wrong_kind (path, _("a string"), &look.value, error);
  if (is_good)
    bytes = g_bytes_new (look.value.text, look.value.length);
  return look_end (&look, is_good, error) ? g_steal_pointer (&bytes) : NULL;
}

/* The JSON text of the value looked at. */
static char *
look_to_json (Look *look)
{
  ArborBuffer text = { NULL };

  arbor_value_write_json (&look->value, look->scope, &text);
  arbor_buffer_append_byte (&text, '\0');
  return (char *) text.data;
}

/**
 * arbor_tree_get_number_text:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The exact text of the number at a path, as it stands in exported JSON. Integers of any length
 * and numbers such as `1e400` come digit for digit.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no number,
 * %ARBOR_ERROR_EXPRESSION, %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_tree_get_number_text (ArborTree *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gboolean is_good;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!look_begin (self, path, &look, error))
    return NULL;
  is_good = arbor_kind_is_number (look.value.kind) ||
            set_wrong_kind (path, _("a number"), &look.value, error);
  if (is_good)
    text = look_to_json (&look);
  return look_end (&look, is_good, error) ? g_steal_pointer (&text) : NULL;
}

/**
 * arbor_tree_get_length:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * How many elements the array, or how many keys the object, at a path has.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is neither, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the length; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_tree_get_length (ArborTree *self, const char *path, GError **error)
{
  gboolean is_good;
  guint64 length;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!look_begin (self, path, &look, error))
    return 0;
  is_good = look.value.kind >= ARBOR_KIND_ARRAY ||
            set_wrong_kind (path, _("an array or object"), &look.value, error);
  length = arbor_value_get_length (&look.value, look.scope);
  return look_end (&look, is_good, error) ? length : 0;
}

/**
 * arbor_tree_dup_keys:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The keys of the object at a path, in their order. A key that holds U+0000 ends there.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no object,
 * %ARBOR_ERROR_EXPRESSION, %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the keys
 *
 * Since: 1.0
 */
char **
arbor_tree_dup_keys (ArborTree *self, const char *path, GError **error)
{
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();
  gboolean is_good;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!look_begin (self, path, &look, error))
    return NULL;
  is_good = look.value.kind == ARBOR_KIND_OBJECT ||
            set_wrong_kind (path, _("an object"), &look.value, error);
  if (is_good)
    {
      ArborValueIter iter;
      ArborValue member;
      const char *key;
      guint32 length;

      arbor_value_iter_init (&iter, &look.value, look.scope);
      while (arbor_value_iter_next (&iter, &key, &length, &member))
        {
          g_autofree char *copy = g_strndup (key, length);

          g_strv_builder_add (keys, copy);
        }
    }
  return look_end (&look, is_good, error) ? g_strv_builder_end (keys) : NULL;
}

/**
 * arbor_tree_to_json:
 * @self: a tree
 * @error: where to put an error
 *
 * The tree as JSON text: compact, keys in their order.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_tree_to_json (ArborTree *self, GError **error)
{
  g_autofree char *text = NULL;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!look_begin (self, NULL, &look, error))
    return NULL;
  text = look_to_json (&look);
  return look_end (&look, TRUE, error) ? g_steal_pointer (&text) : NULL;
}

/**
 * arbor_tree_to_variant:
 * @self: a tree
 * @error: where to put an error
 *
 * The tree as a [struct@GLib.Variant]: objects are `a{sv}`, arrays `av`, integers `x` or `t`,
 * doubles `d`, strings `s`, null an empty `mv`, and numbers that none of these holds `s` with their
 * text.
 *
 * Errors: %ARBOR_ERROR_LIMIT past 40 levels of nesting, %ARBOR_ERROR_NOT_SUPPORTED for U+0000,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the variant, not floating
 *
 * Since: 1.0
 */
GVariant *
arbor_tree_to_variant (ArborTree *self, GError **error)
{
  g_autoptr (GVariant) variant = NULL;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!look_begin (self, NULL, &look, error))
    return NULL;
  variant = arbor_variant_from_value (&look.value, look.scope, error);
  return look_end (&look, variant != NULL, error) ? g_steal_pointer (&variant) : NULL;
}

/**
 * arbor_tree_materialize:
 * @self: a tree
 * @error: where to put an error
 *
 * The same tree in memory, which depends on no store and carries no close token.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the tree in memory
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_materialize (ArborTree *self, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborArbor) arbor = NULL;
  GPtrArray *batches;
  GBytes *batch = NULL;
  Look look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!look_begin (self, NULL, &look, error))
    return NULL;
  arbor_batch_builder_add_value (builder, &look.value, look.scope);
  batch = arbor_batch_builder_finish (builder, error);
  if (!look_end (&look, batch != NULL, error))
    {
      g_clear_pointer (&batch, g_bytes_unref);
      return NULL;
    }
  batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (batches, batch);
  arbor = arbor_arbor_new_take_batches (batches, error);
  return arbor != NULL ? arbor_arbor_get (arbor, 0, error) : NULL;
}

/**
 * arbor_tree_is_closed:
 * @self: a tree
 *
 * Whether the store that the tree was read from has been closed. Any thread may call this, at any
 * time.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_tree_is_closed (ArborTree *self)
{
  g_return_val_if_fail (ARBOR_IS_TREE (self), TRUE);

  if (self->source == NULL)
    return TRUE;
  return self->token != NULL && arbor_close_token_is_closed (self->token);
}

/**
 * arbor_tree_dup_close_token:
 * @self: a tree
 *
 * The close token of the store that the tree was read from. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for a tree in memory
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_tree_dup_close_token (ArborTree *self)
{
  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  return self->token != NULL ? g_object_ref (self->token) : NULL;
}
