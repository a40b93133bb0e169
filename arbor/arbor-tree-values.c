/* ArborTree: getters of single values, each for one type. They copy, so what they return outlives
 * the store.
 */

#include "arbor-tree-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "batch/arbor-value-access.h"

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
  ArborLook look;
  gboolean is_good;

  g_return_val_if_fail (ARBOR_IS_TREE (self), FALSE);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return FALSE;
  is_good = look.value.kind == ARBOR_KIND_BOOL ||
            arbor_tree_set_wrong_kind (path, _("true or false"), &look.value, error);
  return arbor_tree_look_end (&look, is_good, error) && look.value.boolean;
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
  ArborLook look;
  gint64 result = 0;
  gboolean is_good = TRUE;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return 0;
  if (look.value.kind == ARBOR_KIND_INT64)
    result = look.value.int64;
  else if (look.value.kind == ARBOR_KIND_DOUBLE && is_integral (look.value.real, -0x1p63, 0x1p63))
    result = (gint64) look.value.real;
  else if (arbor_kind_is_number (look.value.kind))
    is_good = set_number_range (path, "gint64", &look.value, error);
  else
    is_good = arbor_tree_set_wrong_kind (path, _("a number"), &look.value, error);
  return arbor_tree_look_end (&look, is_good, error) ? result : 0;
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
  ArborLook look;
  guint64 result = 0;
  gboolean is_good = TRUE;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return 0;
  if (look.value.kind == ARBOR_KIND_UINT64 ||
      (look.value.kind == ARBOR_KIND_INT64 && look.value.int64 >= 0))
    result = look.value.uint64;
  else if (look.value.kind == ARBOR_KIND_DOUBLE && is_integral (look.value.real, 0, 0x1p64))
    result = (guint64) look.value.real;
  else if (arbor_kind_is_number (look.value.kind))
    is_good = set_number_range (path, "guint64", &look.value, error);
  else
    is_good = arbor_tree_set_wrong_kind (path, _("a number"), &look.value, error);
  return arbor_tree_look_end (&look, is_good, error) ? result : 0;
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
  ArborLook look;
  double result = 0;
  gboolean is_good = TRUE;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return 0;
  if (arbor_kind_is_number (look.value.kind))
    {
      result = arbor_number_to_double (&look.value);
      if (!isfinite (result))
        is_good = set_number_range (path, "double", &look.value, error);
    }
  else
    {
      is_good = arbor_tree_set_wrong_kind (path, _("a number"), &look.value, error);
    }
  return arbor_tree_look_end (&look, is_good, error) ? result : 0;
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
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return NULL;
  is_good = look.value.kind == ARBOR_KIND_STRING ||
            arbor_tree_set_wrong_kind (path, _("a string"), &look.value, error);
  if (is_good && memchr (look.value.text, 0, look.value.length) != NULL)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
                   _("The string at '%s' holds U+0000; get its bytes instead"),
                   path != NULL ? path : "");
      is_good = FALSE;
    }
  if (is_good)
    text = g_strndup (look.value.text, look.value.length);
  return arbor_tree_look_end (&look, is_good, error) ? g_steal_pointer (&text) : NULL;
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
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return NULL;
  is_good = look.value.kind == ARBOR_KIND_STRING ||
            arbor_tree_set_wrong_kind (path, _("a string"), &look.value, error);
  if (is_good)
    bytes = g_bytes_new (look.value.text, look.value.length);
  return arbor_tree_look_end (&look, is_good, error) ? g_steal_pointer (&bytes) : NULL;
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
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return NULL;
  is_good = arbor_kind_is_number (look.value.kind) ||
            arbor_tree_set_wrong_kind (path, _("a number"), &look.value, error);
  if (is_good)
    text = arbor_tree_look_to_json (&look);
  return arbor_tree_look_end (&look, is_good, error) ? g_steal_pointer (&text) : NULL;
}
