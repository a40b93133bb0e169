/* From GVariant to tapes: a walk with a stack of open containers. See arbor-variant-private.h for
 * what becomes of each type.
 */

#include "arbor-variant-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"
#include "base/arbor-path.h"

#define MAX_SIZE ((gsize)1 << 30)

typedef struct
{
  GVariant *container; /* owned */
  gboolean is_object;
  gboolean is_entry; /* a dictionary entry that stands alone */
  gsize next;
  gsize n_children;
  GVariant *key; /* owned; of the member being written */
} Level;

static void
clear_level (gpointer data)
{
  Level *level = data;

  g_variant_unref (level->container);
  g_clear_pointer (&level->key, g_variant_unref);
}

/* Where the walk is, as a path. */
static char *
describe_place (GArray *stack)
{
  ArborStep *steps = g_new0 (ArborStep, stack->len);
  g_autoptr (ArborPath) path = NULL;
  g_autofree char *text = NULL;
  guint n_steps = 0;

  for (guint i = 0; i < stack->len; i++)
    {
      Level *level = &g_array_index (stack, Level, i);
      ArborStep *step = &steps[n_steps];
      gsize length;

      if (level->is_object && level->key == NULL)
        break;
      n_steps++;
      step->kind = level->is_object ? ARBOR_STEP_KEY : ARBOR_STEP_INDEX;
      if (level->is_object)
        {
          step->key = g_variant_dup_string (level->key, &length);
          step->length = (guint32) length;
        }
      else
        step->index = (gint64) level->next - 1;
    }
  path = arbor_path_new_take (steps, n_steps);
  text = arbor_path_to_string (path);
  return *text != '\0' ? g_steal_pointer (&text) : g_strdup ("$");
}

static gboolean
fail (GArray *stack, const char *expected, const char *found, GError **error)
{
  g_autofree char *place = describe_place (stack);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
               /* Translators: what was expected, what was found, and the path in the value */
               _("Value for a tree: expected %s, found %s, at %s"), expected, found, place);
  return FALSE;
}

static gboolean
write_double (GArray *stack, double number, ArborTapeWriter *out, GError **error)
{
  if (!isfinite (number))
    return fail (stack, _("a finite number"), isnan (number) ? "nan" : "inf", error);
  arbor_tape_writer_scalar (out, &ARBOR_VALUE_DOUBLE (number));
  return TRUE;
}

static gboolean
write_scalar (GArray *stack, GVariant *value, ArborTapeWriter *out, GError **error)
{
  ArborValue scalar = ARBOR_VALUE_NULL;
  const char *text;
  gsize length;

  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      scalar = ARBOR_VALUE_BOOL (g_variant_get_boolean (value));
      break;
    case G_VARIANT_CLASS_BYTE:
      scalar = ARBOR_VALUE_INT64 (g_variant_get_byte (value));
      break;
    case G_VARIANT_CLASS_INT16:
      scalar = ARBOR_VALUE_INT64 (g_variant_get_int16 (value));
      break;
    case G_VARIANT_CLASS_UINT16:
      scalar = ARBOR_VALUE_INT64 (g_variant_get_uint16 (value));
      break;
    case G_VARIANT_CLASS_INT32:
      scalar = ARBOR_VALUE_INT64 (g_variant_get_int32 (value));
      break;
    case G_VARIANT_CLASS_UINT32:
      scalar = ARBOR_VALUE_INT64 (g_variant_get_uint32 (value));
      break;
    case G_VARIANT_CLASS_INT64:
      scalar = ARBOR_VALUE_INT64 (g_variant_get_int64 (value));
      break;
    case G_VARIANT_CLASS_UINT64:
      if (g_variant_get_uint64 (value) <= G_MAXINT64)
        scalar = ARBOR_VALUE_INT64 ((gint64) g_variant_get_uint64 (value));
      else
        scalar = ARBOR_VALUE_UINT64 (g_variant_get_uint64 (value));
      break;
    case G_VARIANT_CLASS_DOUBLE:
      return write_double (stack, g_variant_get_double (value), out, error);
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      text = g_variant_get_string (value, &length);
      scalar = ARBOR_VALUE_STRING (text, (guint32) length);
      break;
    default:
      return fail (stack, _("a value that JSON can say"), g_variant_get_type_string (value),
                   error);
    }
  arbor_tape_writer_scalar (out, &scalar);
  return TRUE;
}

/* Takes off variants and maybes: NULL for nothing. Takes over @value. */
static GVariant *
unbox (GVariant *value)
{
  while (value != NULL && (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT) ||
                           g_variant_is_of_type (value, G_VARIANT_TYPE_MAYBE)))
    {
      gboolean is_empty = g_variant_n_children (value) == 0;
      GVariant *inner = is_empty ? NULL : g_variant_get_child_value (value, 0);

      g_variant_unref (value);
      value = inner;
    }
  return value;
}

/* GLib 2.84 keeps what g_variant_new_bytestring makes in a place of its own, and then hands out its
 * elements with a critical; an array that is made of the same bytes is like any other. */
static GVariant *
dup_container (GVariant *value)
{
  g_autoptr (GBytes) bytes = NULL;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return g_variant_ref (value);
  bytes = g_variant_get_data_as_bytes (value);
  return g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE));
}

static gboolean
push_container (GArray *stack, GVariant *value, ArborTapeWriter *out, GError **error)
{
  gboolean is_entry = g_variant_is_of_type (value, G_VARIANT_TYPE_DICT_ENTRY);
  Level level = {
    .is_object = is_entry || g_variant_is_of_type (value, G_VARIANT_TYPE_DICTIONARY),
    .is_entry = is_entry,
    .n_children = is_entry ? 1 : g_variant_n_children (value),
  };

  if (stack->len >= ARBOR_TAPE_MAX_DEPTH)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("Value for a tree: expected at most %u levels, found more"),
                   ARBOR_TAPE_MAX_DEPTH);
      return FALSE;
    }
  if (level.is_object)
    arbor_tape_writer_begin_object (out);
  else
    arbor_tape_writer_begin_array (out);
  level.container = dup_container (value);
  g_array_append_val (stack, level);
  return TRUE;
}

static gboolean
write_value (GArray *stack, GVariant *boxed, ArborTapeWriter *out, GError **error)
{
  g_autoptr (GVariant) value = unbox (g_variant_ref (boxed));

  if (value == NULL)
    {
      arbor_tape_writer_scalar (out, &ARBOR_VALUE_NULL);
      return TRUE;
    }
  if (g_variant_is_container (value))
    return push_container (stack, value, out, error);
  return write_scalar (stack, value, out, error);
}

static gboolean
is_text (GVariant *value)
{
  return g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ||
         g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH) ||
         g_variant_is_of_type (value, G_VARIANT_TYPE_SIGNATURE);
}

static gboolean
write_member (GArray *stack, GVariant *entry, ArborTapeWriter *out, GError **error)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);
  Level *level = &g_array_index (stack, Level, stack->len - 1);
  const char *text;
  gsize length;

  g_clear_pointer (&level->key, g_variant_unref);
  if (!is_text (key))
    return fail (stack, _("strings as keys"), g_variant_get_type_string (key), error);
  text = g_variant_get_string (key, &length);
  arbor_tape_writer_key (out, text, length);
  level->key = g_steal_pointer (&key);
  return write_value (stack, value, out, error);
}

static gboolean
write_next (GArray *stack, ArborTapeWriter *out, GError **error)
{
  Level *level = &g_array_index (stack, Level, stack->len - 1);
  g_autoptr (GVariant) child = NULL;

  if (level->next == level->n_children)
    {
      if (level->is_object)
        arbor_tape_writer_end_object (out);
      else
        arbor_tape_writer_end_array (out);
      g_array_set_size (stack, stack->len - 1);
      return TRUE;
    }
  child = level->is_entry ? g_variant_ref (level->container)
                          : g_variant_get_child_value (level->container, level->next);
  level->next++;
  if (level->is_object)
    return write_member (stack, child, out, error);
  return write_value (stack, child, out, error);
}

gboolean
arbor_variant_write_tape (GVariant *value, ArborTapeWriter *out, GError **error)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Level));

  g_array_set_clear_func (stack, clear_level);
  if (g_variant_get_size (value) > MAX_SIZE)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                           _("Value for a tree: expected at most 1 GiB, found more"));
      return FALSE;
    }
  if (!write_value (stack, value, out, error))
    return FALSE;
  while (stack->len > 0)
    if (!write_next (stack, out, error))
      return FALSE;
  return TRUE;
}
