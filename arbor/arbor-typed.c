/* See arbor-typed-private.h. */

#include "arbor-typed-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "arbor-tree-private.h"
#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "batch/arbor-value-access.h"

/* The JSON text of a number. */
static char *
number_to_text (const ArborValue *value)
{
  ArborBuffer text = { NULL };

  arbor_value_write_json (value, NULL, &text);
  arbor_buffer_append_byte (&text, '\0');
  return (char *) text.data;
}

gboolean
arbor_typed_set_no_number (const char *path, const char *type, const ArborValue *value,
                           GError **error)
{
  g_autofree char *text = NULL;

  if (!arbor_kind_is_number (value->kind))
    return arbor_tree_set_wrong_kind (path, _("a number"), value, error);
  text = number_to_text (value);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
               _("The number %s at '%s' is not exactly a %s"), text, path != NULL ? path : "",
               type);
  return FALSE;
}

gboolean
arbor_typed_get_boolean (const char *path, const ArborValue *value, gboolean *result,
                         GError **error)
{
  if (value->kind != ARBOR_KIND_BOOL)
    return arbor_tree_set_wrong_kind (path, _("true or false"), value, error);
  *result = value->boolean;
  return TRUE;
}

/* A double that is an integer in [@low, @high). */
static gboolean
is_integral (const ArborValue *value, double low, double high)
{
  return value->kind == ARBOR_KIND_DOUBLE && value->real >= low && value->real < high &&
         trunc (value->real) == value->real;
}

gboolean
arbor_typed_get_int64 (const char *path, const ArborValue *value, gint64 *result, GError **error)
{
  if (value->kind == ARBOR_KIND_INT64)
    *result = value->int64;
  else if (is_integral (value, -0x1p63, 0x1p63))
    *result = (gint64) value->real;
  else
    return arbor_typed_set_no_number (path, "gint64", value, error);
  return TRUE;
}

gboolean
arbor_typed_get_uint64 (const char *path, const ArborValue *value, guint64 *result, GError **error)
{
  if (value->kind == ARBOR_KIND_UINT64 || (value->kind == ARBOR_KIND_INT64 && value->int64 >= 0))
    *result = value->uint64;
  else if (is_integral (value, 0, 0x1p64))
    *result = (guint64) value->real;
  else
    return arbor_typed_set_no_number (path, "guint64", value, error);
  return TRUE;
}

gboolean
arbor_typed_get_double (const char *path, const ArborValue *value, double *result, GError **error)
{
  double real = arbor_kind_is_number (value->kind) ? arbor_number_to_double (value) : (double) NAN;

  if (!isfinite (real))
    return arbor_typed_set_no_number (path, "double", value, error);
  *result = real;
  return TRUE;
}

static gboolean
check_string (const char *path, const ArborValue *value, GError **error)
{
  return value->kind == ARBOR_KIND_STRING ||
         arbor_tree_set_wrong_kind (path, _("a string"), value, error);
}

char *
arbor_typed_dup_string (const char *path, const ArborValue *value, GError **error)
{
  if (!check_string (path, value, error))
    return NULL;
  if (memchr (value->text, 0, value->length) == NULL)
    return g_strndup (value->text, value->length);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
               _("The string at '%s' holds U+0000; get its bytes instead"),
               path != NULL ? path : "");
  return NULL;
}

GBytes *
arbor_typed_dup_bytes (const char *path, const ArborValue *value, GError **error)
{
  return check_string (path, value, error) ? g_bytes_new (value->text, value->length) : NULL;
}

char *
arbor_typed_dup_number_text (const char *path, const ArborValue *value, GError **error)
{
  if (arbor_kind_is_number (value->kind))
    return number_to_text (value);
  arbor_tree_set_wrong_kind (path, _("a number"), value, error);
  return NULL;
}
