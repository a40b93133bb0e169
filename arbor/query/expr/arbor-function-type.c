/* What kind a value is, and making one kind of another. */

#include "query/expr/arbor-function-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"
#include "base/arbor-letters.h"
#include "base/arbor-number.h"
#include "batch/arbor-value-access.h"

ARBOR_FUNCTION (type_of)
{
  const char *name = arbor_kind_to_string (arguments->kind);

  *result = ARBOR_VALUE_STRING (name, (guint32)strlen (name));
}

/* An integer of any length. */
static gboolean
is_integer (const ArborValue *value)
{
  if (value->kind != ARBOR_KIND_NUMBER)
    return value->kind == ARBOR_KIND_INT64 || value->kind == ARBOR_KIND_UINT64;

  for (guint32 i = 0; i < value->length; i++)
    if (value->text[i] == '.' || value->text[i] == 'e' || value->text[i] == 'E')
      return FALSE;
  return TRUE;
}

ARBOR_FUNCTION (is_bool)
{
  *result = ARBOR_VALUE_BOOL (arguments->kind == ARBOR_KIND_BOOL);
}

ARBOR_FUNCTION (is_int)
{
  *result = ARBOR_VALUE_BOOL (is_integer (arguments));
}

ARBOR_FUNCTION (is_number)
{
  *result = ARBOR_VALUE_BOOL (arbor_kind_is_number (arguments->kind));
}

ARBOR_FUNCTION (is_string)
{
  *result = ARBOR_VALUE_BOOL (arguments->kind == ARBOR_KIND_STRING);
}

ARBOR_FUNCTION (is_array)
{
  *result = ARBOR_VALUE_BOOL (arguments->kind == ARBOR_KIND_ARRAY);
}

ARBOR_FUNCTION (is_object)
{
  *result = ARBOR_VALUE_BOOL (arguments->kind == ARBOR_KIND_OBJECT);
}

/* The number that a string holds as JSON writes it, in ASCII digits, white space (as strip takes it)
 * around it or not. With @keeps_digits it is not rounded: a NUMBER where it has a fraction or an
 * exponent. */
static void
parse_number (const ArborValue *value, gboolean keeps_digits, ArborValue *result)
{
  const char *at = value->text;
  const char *end = at + value->length;

  arbor_letters_skip_space (&at, end);
  arbor_letters_drop_space (at, &end);
  if (at == end || !arbor_number_parse (at, (gsize)(end - at), result))
    *result = ARBOR_VALUE_NULL;
  else if (keeps_digits && result->kind == ARBOR_KIND_DOUBLE)
    *result = ARBOR_VALUE_NUMBER (at, (guint32)(end - at));
}

ARBOR_FUNCTION (to_number)
{
  if (arbor_kind_is_number (arguments->kind))
    *result = *arguments;
  else if (arguments->kind == ARBOR_KIND_STRING)
    parse_number (arguments, FALSE, result);
  else
    *result = ARBOR_VALUE_NULL;
}

void
arbor_function_write_string (const ArborValue *value, ArborScope *scope, ArborValue *result)
{
  ArborBuffer json = { NULL };

  *result = ARBOR_VALUE_NULL;
  if (arbor_value_is_null (value))
    return;
  if (value->kind == ARBOR_KIND_STRING)
    {
      *result = *value;
      return;
    }
  if (!arbor_function_is_reasonable (value, scope))
    return;

  arbor_value_write_json (value, scope, &json);
  arbor_function_copy_string ((const char *)json.data, json.length, scope, result);
  arbor_buffer_free (&json);
}

ARBOR_FUNCTION (to_string)
{
  arbor_function_write_string (arguments, scope, result);
}

static const char *const cast_names[] = {
  "bool", "int", "double", "number", "string", "array", "object",
};

static gboolean
is_name (const ArborValue *value, const char *name)
{
  return value->kind == ARBOR_KIND_STRING && value->length == strlen (name) &&
         memcmp (value->text, name, value->length) == 0;
}

gboolean
arbor_function_prepare_cast (ArborNode *call, GError **error)
{
  const ArborValue *name = arbor_function_get_literal (call, 1);
  g_autofree char *text = NULL;

  if (name == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (cast_names); i++)
    if (is_name (name, cast_names[i]))
      return TRUE;

  text = arbor_node_to_string (call->arguments[1]);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _ ("Expected \"bool\", \"int\", \"double\", \"number\", \"string\", \"array\" or "
                  "\"object\" to cast to, found %s"),
               text);
  return FALSE;
}

static void
cast_double (const ArborValue *number, ArborValue *result)
{
  double real = arbor_number_to_double (number);

  *result = isfinite (real) ? ARBOR_VALUE_DOUBLE (real) : ARBOR_VALUE_NULL;
}

static void
cast_bool (const ArborValue *value, ArborValue *result)
{
  *result = ARBOR_VALUE_NULL;
  if (value->kind == ARBOR_KIND_BOOL)
    *result = *value;
  else if (is_name (value, "true") || is_name (value, "false"))
    *result = ARBOR_VALUE_BOOL (value->length == 4);
  else if (arbor_kind_is_number (value->kind))
    {
      if (arbor_number_compare (value, &ARBOR_VALUE_INT64 (0)) == 0)
        *result = ARBOR_VALUE_BOOL (FALSE);
      else if (arbor_number_compare (value, &ARBOR_VALUE_INT64 (1)) == 0)
        *result = ARBOR_VALUE_BOOL (TRUE);
    }
}

ARBOR_FUNCTION (cast)
{
  const ArborValue *name = &arguments[1];
  ArborValue value = arguments[0];

  *result = ARBOR_VALUE_NULL;
  if (is_name (name, "bool"))
    {
      cast_bool (&value, result);
    }
  else if (is_name (name, "string"))
    {
      arbor_function_write_string (&value, scope, result);
    }
  else if (is_name (name, "array") || is_name (name, "object"))
    {
      if (value.kind == (is_name (name, "array") ? ARBOR_KIND_ARRAY : ARBOR_KIND_OBJECT))
        *result = value;
    }
  else
    {
      if (value.kind == ARBOR_KIND_BOOL)
        value = ARBOR_VALUE_INT64 (!!value.boolean);
      else if (value.kind == ARBOR_KIND_STRING)
        parse_number (&arguments[0], is_name (name, "int"), &value);
      if (!arbor_kind_is_number (value.kind))
        return;
      if (is_name (name, "int"))
        {
          if (!arbor_number_truncate (&value, result))
            *result = ARBOR_VALUE_NULL;
        }
      else if (is_name (name, "double"))
        cast_double (&value, result);
      else if (is_name (name, "number"))
        *result = value;
    }
}
