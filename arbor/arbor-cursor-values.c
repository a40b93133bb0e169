/* ArborCursor: getters of the values of the tree at hand. They copy, so what they return outlives
 * the store. What a value is as a type is decided where trees decide it (arbor-typed.c).
 */

#include "arbor-cursor-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-tree-private.h"
#include "arbor-typed-private.h"
#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"

static gboolean
set_no_tree (GError **error)
{
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                       _("The cursor stands on no tree: go to one with next or seek"));
  return FALSE;
}

static gboolean
set_no_path (ArborCursor *self, guint path, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
               _("Path number %u is out of range: the cursor has %u paths"), path, self->n_paths);
  return FALSE;
}

/* Leaves. FALSE unless @is_good and nothing that was read is damaged. */
static gboolean
look_end (ArborCursor *self, ArborStay *stay, gboolean uses_scope, gboolean is_good, GError **error)
{
  if (uses_scope)
    {
      is_good = is_good && arbor_scope_check (self->scope, error);
      arbor_scope_reset (self->scope);
    }
  if (!arbor_cursor_check_damage (self, NULL))
    {
      g_clear_error (error);
      is_good = arbor_cursor_check_damage (self, error);
    }
  arbor_cursor_leave (self, stay, error);
  return is_good;
}

/* Enters and reads the value at a path, which is valid until look_end. */
static inline gboolean
look_begin (ArborCursor *self, guint path, ArborStay *stay, ArborValue *value, GError **error)
{
  if (!arbor_cursor_enter (self, stay, error))
    return FALSE;
  if (G_UNLIKELY (path >= self->n_paths || !self->has_tree))
    return look_end (self, stay, FALSE,
                     path >= self->n_paths ? set_no_path (self, path, error) : set_no_tree (error),
                     error);
  arbor_row_reader_get (self->readers[path], self->row, self->scope, value);
  if (arbor_row_reader_uses_scope (self->readers[path]) && !arbor_scope_check (self->scope, error))
    return look_end (self, stay, TRUE, FALSE, error);
  return TRUE;
}

static inline gboolean
uses_scope (ArborCursor *self, guint path)
{
  return arbor_row_reader_uses_scope (self->readers[path]);
}

/**
 * arbor_cursor_get_kind:
 * @self: a cursor
 * @path: the number of a path, from 0
 * @error: where to put an error
 *
 * The kind of the value at a path.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE when the cursor stands on no tree or has no such path,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT.
 *
 * Returns: the kind; %ARBOR_KIND_MISSING without error where there is nothing
 *
 * Since: 1.0
 */
ArborKind
arbor_cursor_get_kind (ArborCursor *self, guint path, GError **error)
{
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), ARBOR_KIND_MISSING);

  if (!look_begin (self, path, &stay, &value, error) ||
      !look_end (self, &stay, uses_scope (self, path), TRUE, error))
    return ARBOR_KIND_MISSING;
  return (ArborKind) value.kind;
}

/**
 * arbor_cursor_get_boolean:
 * @self: a cursor
 * @path: the number of a path, from 0
 * @error: where to put an error
 *
 * The value at a path, which is true or false.
 *
 * Errors: those of [method@Arbor.Cursor.get_kind], %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE.
 *
 * Returns: the value; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_cursor_get_boolean (ArborCursor *self, guint path, GError **error)
{
  gboolean result = FALSE;
  gboolean is_good;
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), FALSE);

  if (!look_begin (self, path, &stay, &value, error))
    return FALSE;
  is_good = arbor_typed_get_boolean (self->paths[path], &value, &result, error);
  return look_end (self, &stay, uses_scope (self, path), is_good, error) && result;
}

/**
 * arbor_cursor_get_int64:
 * @self: a cursor
 * @path: the number of a path, from 0
 * @error: where to put an error
 *
 * The number at a path, whose exact value must fit #gint64. `2.0` is 2.
 *
 * JavaScript rounds results beyond 2^53: [method@Arbor.Cursor.dup_number_text] has the exact
 * digits.
 *
 * Errors: those of [method@Arbor.Cursor.get_kind], %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when
 * it is no number, %ARBOR_ERROR_OUT_OF_RANGE when it is another number.
 *
 * Returns: the number; 0 with @error set on failure
 *
 * Since: 1.0
 */
gint64
arbor_cursor_get_int64 (ArborCursor *self, guint path, GError **error)
{
  gint64 result = 0;
  gboolean is_good = TRUE;
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), 0);

  if (!look_begin (self, path, &stay, &value, error))
    return 0;
  if (G_LIKELY (value.kind == ARBOR_KIND_INT64))
    result = value.int64;
  else
    is_good = arbor_typed_get_int64 (self->paths[path], &value, &result, error);
  return look_end (self, &stay, uses_scope (self, path), is_good, error) ? result : 0;
}

/**
 * arbor_cursor_get_uint64:
 * @self: a cursor
 * @path: the number of a path, from 0
 * @error: where to put an error
 *
 * The number at a path, whose exact value must fit #guint64.
 *
 * Errors: those of [method@Arbor.Cursor.get_int64].
 *
 * Returns: the number; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_cursor_get_uint64 (ArborCursor *self, guint path, GError **error)
{
  guint64 result = 0;
  gboolean is_good;
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), 0);

  if (!look_begin (self, path, &stay, &value, error))
    return 0;
  is_good = arbor_typed_get_uint64 (self->paths[path], &value, &result, error);
  return look_end (self, &stay, uses_scope (self, path), is_good, error) ? result : 0;
}

/**
 * arbor_cursor_get_double:
 * @self: a cursor
 * @path: the number of a path, from 0
 * @error: where to put an error
 *
 * The number at a path, as the nearest double.
 *
 * Errors: those of [method@Arbor.Cursor.get_kind], %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when
 * it is no number, %ARBOR_ERROR_OUT_OF_RANGE when it is beyond all doubles.
 *
 * Returns: the number; 0 with @error set on failure
 *
 * Since: 1.0
 */
double
arbor_cursor_get_double (ArborCursor *self, guint path, GError **error)
{
  double result = 0;
  gboolean is_good;
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), 0);

  if (!look_begin (self, path, &stay, &value, error))
    return 0;
  is_good = arbor_typed_get_double (self->paths[path], &value, &result, error);
  return look_end (self, &stay, uses_scope (self, path), is_good, error) ? result : 0;
}

/**
 * arbor_cursor_dup_string:
 * @self: a cursor
 * @path: the number of a path, from 0
 * @error: where to put an error
 *
 * The string at a path.
 *
 * Errors: those of [method@Arbor.Cursor.get_kind], %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when
 * it is no string, or one that holds U+0000 and so needs [method@Arbor.Cursor.dup_bytes].
 *
 * Returns: (transfer full): the string
 *
 * Since: 1.0
 */
char *
arbor_cursor_dup_string (ArborCursor *self, guint path, GError **error)
{
  g_autofree char *text = NULL;
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), NULL);

  if (!look_begin (self, path, &stay, &value, error))
    return NULL;
  text = arbor_typed_dup_string (self->paths[path], &value, error);
  return look_end (self, &stay, uses_scope (self, path), text != NULL, error)
             ? g_steal_pointer (&text)
             : NULL;
}

/**
 * arbor_cursor_dup_bytes:
 * @self: a cursor
 * @path: the number of a path, from 0
 * @error: where to put an error
 *
 * The UTF-8 bytes of the string at a path, which may hold U+0000. The bytes are a copy, which
 * stays readable after closing.
 *
 * Errors: those of [method@Arbor.Cursor.get_kind], %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
arbor_cursor_dup_bytes (ArborCursor *self, guint path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), NULL);

  if (!look_begin (self, path, &stay, &value, error))
    return NULL;
  bytes = arbor_typed_dup_bytes (self->paths[path], &value, error);
  return look_end (self, &stay, uses_scope (self, path), bytes != NULL, error)
             ? g_steal_pointer (&bytes)
             : NULL;
}

/**
 * arbor_cursor_dup_number_text:
 * @self: a cursor
 * @path: the number of a path, from 0
 * @error: where to put an error
 *
 * The exact text of the number at a path, as it stands in exported JSON.
 *
 * Errors: those of [method@Arbor.Cursor.get_kind], %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when
 * it is no number.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_cursor_dup_number_text (ArborCursor *self, guint path, GError **error)
{
  g_autofree char *text = NULL;
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), NULL);

  if (!look_begin (self, path, &stay, &value, error))
    return NULL;
  text = arbor_typed_dup_number_text (self->paths[path], &value, error);
  return look_end (self, &stay, uses_scope (self, path), text != NULL, error)
             ? g_steal_pointer (&text)
             : NULL;
}

/**
 * arbor_cursor_dup_json:
 * @self: a cursor
 * @path: the number of a path, from 0
 * @error: where to put an error
 *
 * The value at a path as JSON text.
 *
 * Errors: those of [method@Arbor.Cursor.get_kind].
 *
 * Returns: (transfer full) (nullable): the text; %NULL without error where there is nothing
 *
 * Since: 1.0
 */
char *
arbor_cursor_dup_json (ArborCursor *self, guint path, GError **error)
{
  ArborBuffer text = { NULL };
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), NULL);

  if (!look_begin (self, path, &stay, &value, error))
    return NULL;
  if (value.kind != ARBOR_KIND_MISSING)
    {
      arbor_value_write_json (&value, self->scope, &text);
      arbor_buffer_append_byte (&text, '\0');
    }
  /* Overflow text is parsed to be written. */
  if (!look_end (self, &stay, TRUE, TRUE, error))
    arbor_buffer_free (&text);
  return (char *) text.data;
}

/**
 * arbor_cursor_get_tree:
 * @self: a cursor
 * @error: where to put an error
 *
 * The tree at hand, as an object that goes on without the cursor.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE when the cursor stands on no tree, %ARBOR_ERROR_CLOSED.
 *
 * Returns: (transfer full): the tree
 *
 * Since: 1.0
 */
ArborTree *
arbor_cursor_get_tree (ArborCursor *self, GError **error)
{
  ArborTree *tree = NULL;
  ArborValue value;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), NULL);

  if (!arbor_cursor_enter (self, &stay, error))
    return NULL;
  if (self->has_tree)
    {
      arbor_batch_get_tree (self->place.batch, self->row, &value);
      tree = arbor_tree_new (self->source, self->pin, self->token,
                             self->at_hand != self->source ? self->at_hand : NULL, &value);
    }
  else
    {
      set_no_tree (error);
    }
  if (tree != NULL && !arbor_cursor_check_damage (self, error))
    g_clear_object (&tree);
  arbor_cursor_leave (self, &stay, error);
  return tree;
}
