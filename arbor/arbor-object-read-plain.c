/* Trees to objects: the properties that are no objects. A value is taken only where it is of the kind that
 * the property is of, but that a real number may be an integer, and an integer a real number without a
 * fraction; an integer that the property cannot hold is an error, never another integer.
 */

#include "arbor-object-read-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "batch/arbor-value-access.h"

gboolean
arbor_object_read_fail (ArborObjectReader *self, GParamSpec *pspec, const char *expected,
                        const ArborValue *found, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _("%s:%s takes %s, found %s"),
               g_type_name (self->type), pspec->name, expected, arbor_kind_to_string (found->kind));
  return FALSE;
}

static char *
dup_text (const ArborValue *value)
{
  return g_strndup (value->text, value->length);
}

/* Numbers */

/* An integer in [@least, @most], which a double may be too, without a fraction. */
static gboolean
get_integer (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, gint64 least,
             gint64 most, gint64 *integer, GError **error)
{
  g_autofree char *expected = NULL;

  if (value->kind == ARBOR_KIND_INT64)
    *integer = value->int64;
  else if (value->kind == ARBOR_KIND_DOUBLE && value->real >= -9007199254740992.0 &&
           value->real <= 9007199254740992.0 && (double) (gint64) value->real == value->real)
    *integer = (gint64) value->real;
  else
    return arbor_object_read_fail (self, pspec, _("an integer"), value, error);
  if (*integer >= least && *integer <= most)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
               _("%s:%s takes integers from %" PRId64 " to %" PRId64 ", found %" PRId64),
               g_type_name (self->type), pspec->name, least, most, *integer);
  return FALSE;
}

static gboolean
read_integer (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, GValue *out,
              GError **error)
{
  gint64 integer = 0;

  switch (G_TYPE_FUNDAMENTAL (pspec->value_type))
    {
#define READ(TYPE, least, most, set)                                                               \
  case TYPE:                                                                                       \
    if (!get_integer (self, pspec, value, least, most, &integer, error))                          \
      return FALSE;                                                                                \
    set;                                                                                           \
    return TRUE;

      READ (G_TYPE_CHAR, G_MININT8, G_MAXINT8, g_value_set_schar (out, (gint8) integer))
      READ (G_TYPE_UCHAR, 0, G_MAXUINT8, g_value_set_uchar (out, (guint8) integer))
      READ (G_TYPE_INT, G_MININT, G_MAXINT, g_value_set_int (out, (int) integer))
      READ (G_TYPE_UINT, 0, G_MAXUINT, g_value_set_uint (out, (guint) integer))
      READ (G_TYPE_LONG, G_MINLONG, G_MAXLONG, g_value_set_long (out, (glong) integer))
      READ (G_TYPE_INT64, G_MININT64, G_MAXINT64, g_value_set_int64 (out, integer))
#undef READ
    default:
      break;
    }
  /* The unsigned ones of 64 bits. */
  if (value->kind == ARBOR_KIND_UINT64)
    integer = (gint64) value->uint64;
  else if (!get_integer (self, pspec, value, 0, G_MAXINT64, &integer, error))
    return FALSE;
  if (G_TYPE_FUNDAMENTAL (pspec->value_type) == G_TYPE_ULONG)
    g_value_set_ulong (out, (gulong) integer);
  else
    g_value_set_uint64 (out, (guint64) integer);
  return TRUE;
}

static gboolean
read_real (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, GValue *out,
           GError **error)
{
  double real;

  if (value->kind == ARBOR_KIND_INT64)
    real = (double) value->int64;
  else if (value->kind == ARBOR_KIND_UINT64)
    real = (double) value->uint64;
  else if (value->kind == ARBOR_KIND_DOUBLE)
    real = value->real;
  else
    return arbor_object_read_fail (self, pspec, _("a number"), value, error);
  if (G_VALUE_HOLDS_FLOAT (out))
    g_value_set_float (out, (float) real);
  else
    g_value_set_double (out, real);
  return TRUE;
}

/* Enumerations and flags */

static gboolean
read_enum (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, GValue *out,
           GError **error)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  g_autofree char *nick = NULL;
  GEnumValue *member;
  gint64 integer;

  if (value->kind != ARBOR_KIND_STRING)
    {
      if (!get_integer (self, pspec, value, G_MININT, G_MAXINT, &integer, error))
        return FALSE;
      g_value_set_enum (out, (int) integer);
      return TRUE;
    }
  nick = dup_text (value);
  member = g_enum_get_value_by_nick (klass, nick);
  if (member == NULL)
    member = g_enum_get_value_by_name (klass, nick);
  if (member != NULL)
    {
      g_value_set_enum (out, member->value);
      return TRUE;
    }
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _("%s:%s takes a %s, which has no '%s'"),
               g_type_name (self->type), pspec->name, g_type_name (pspec->value_type), nick);
  return FALSE;
}

static gboolean
add_flag (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, guint *flags,
          GError **error)
{
  GFlagsClass *klass = G_PARAM_SPEC_FLAGS (pspec)->flags_class;
  g_autofree char *nick = NULL;
  GFlagsValue *member;
  gint64 integer;

  if (value->kind != ARBOR_KIND_STRING)
    {
      if (!get_integer (self, pspec, value, 0, G_MAXUINT, &integer, error))
        return FALSE;
      *flags |= (guint) integer;
      return TRUE;
    }
  nick = dup_text (value);
  member = g_flags_get_value_by_nick (klass, nick);
  if (member == NULL)
    member = g_flags_get_value_by_name (klass, nick);
  if (member != NULL)
    {
      *flags |= member->value;
      return TRUE;
    }
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _("%s:%s takes %s, which have no '%s'"),
               g_type_name (self->type), pspec->name, g_type_name (pspec->value_type), nick);
  return FALSE;
}

static gboolean
read_flags (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, GValue *out,
            GError **error)
{
  gboolean is_good = TRUE;
  guint flags = 0;
  ArborValueIter iter;
  ArborValue element;

  if (value->kind != ARBOR_KIND_ARRAY)
    {
      is_good = add_flag (self, pspec, value, &flags, error);
    }
  else
    {
      arbor_value_iter_init (&iter, value, self->scope);
      while (is_good && arbor_value_iter_next (&iter, NULL, NULL, &element))
        is_good = add_flag (self, pspec, &element, &flags, error);
    }
  g_value_set_flags (out, flags);
  return is_good;
}

/* Boxed */

static gboolean
read_texts (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, GValue *out,
            GError **error)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  ArborValueIter iter;
  ArborValue element;

  if (value->kind != ARBOR_KIND_ARRAY)
    return arbor_object_read_fail (self, pspec, _("an array of strings"), value, error);
  arbor_value_iter_init (&iter, value, self->scope);
  while (arbor_value_iter_next (&iter, NULL, NULL, &element))
    {
      g_autofree char *text = NULL;

      if (element.kind != ARBOR_KIND_STRING)
        return arbor_object_read_fail (self, pspec, _("an array of strings"), &element, error);
      text = dup_text (&element);
      g_strv_builder_add (texts, text);
    }
  g_value_take_boxed (out, g_strv_builder_end (texts));
  return TRUE;
}

static gboolean
read_boxed (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, GValue *out,
            GError **error)
{
  g_autofree char *text = NULL;
  GDateTime *moment;
  gsize size;

  if (pspec->value_type == G_TYPE_STRV)
    return read_texts (self, pspec, value, out, error);
  if (value->kind != ARBOR_KIND_STRING)
    return arbor_object_read_fail (self, pspec, _("a string"), value, error);
  text = dup_text (value);
  if (pspec->value_type == G_TYPE_BYTES)
    {
      guchar *bytes = g_base64_decode (text, &size);

      g_value_take_boxed (out, g_bytes_new_take (bytes, size));
      return TRUE;
    }
  moment = NULL;
  if (pspec->value_type == G_TYPE_DATE_TIME)
    {
      g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();

      moment = g_date_time_new_from_iso8601 (text, utc);
    }
  if (moment == NULL)
    return arbor_object_read_fail (self, pspec, g_type_name (pspec->value_type), value, error);
  g_value_take_boxed (out, moment);
  return TRUE;
}

gboolean
arbor_object_read_plain (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value,
                         GValue *out, GError **error)
{
  switch (G_TYPE_FUNDAMENTAL (pspec->value_type))
    {
    case G_TYPE_BOOLEAN:
      if (value->kind != ARBOR_KIND_BOOL)
        return arbor_object_read_fail (self, pspec, _("true or false"), value, error);
      g_value_set_boolean (out, value->boolean);
      return TRUE;
    case G_TYPE_STRING:
      if (value->kind != ARBOR_KIND_STRING)
        return arbor_object_read_fail (self, pspec, _("a string"), value, error);
      g_value_take_string (out, dup_text (value));
      return TRUE;
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
      return read_real (self, pspec, value, out, error);
    case G_TYPE_ENUM:
      return read_enum (self, pspec, value, out, error);
    case G_TYPE_FLAGS:
      return read_flags (self, pspec, value, out, error);
    case G_TYPE_BOXED:
      return read_boxed (self, pspec, value, out, error);
    case G_TYPE_CHAR:
    case G_TYPE_UCHAR:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
      return read_integer (self, pspec, value, out, error);
    default:
      return arbor_object_read_fail (self, pspec, g_type_name (pspec->value_type), value, error);
    }
}
