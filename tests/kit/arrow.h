/* A strict look at what is handed out by the C data interface: everything that its page asks for, of the
 * types that arbors become, and that each text is UTF-8. It reads every buffer up to its end.
 */

#pragma once

#include <arbor/arbor.h>
#include <string.h>

static inline gboolean
arrow_has_bit (gconstpointer bits, gint64 i)
{
  return ((const guint8 *) bits)[i / 8] >> (i % 8) & 1;
}

static inline void
arrow_check_metadata (const char *metadata)
{
  gint32 n, length;

  if (metadata == NULL)
    return;
  memcpy (&n, metadata, 4);
  metadata += 4;
  g_assert_cmpint (n, >, 0);
  for (gint32 i = 0; i < 2 * n; i++)
    {
      memcpy (&length, metadata, 4);
      g_assert_cmpint (length, >, 0);
      g_assert_true (g_utf8_validate (metadata + 4, length, NULL));
      metadata += 4 + length;
    }
}

static inline void
arrow_check_schema (const struct ArrowSchema *schema)
{
  g_assert_nonnull (schema->release);
  g_assert_nonnull (schema->format);
  g_assert_nonnull (schema->name);
  g_assert_true (g_utf8_validate (schema->name, -1, NULL));
  g_assert_cmpint (schema->flags & ~(gint64) ARROW_FLAG_NULLABLE, ==, 0);
  arrow_check_metadata (schema->metadata);
  g_assert_cmpint (schema->n_children, >=, 0);
  for (gint64 i = 0; i < schema->n_children; i++)
    {
      arrow_check_schema (schema->children[i]);
      g_assert_cmpint (schema->children[i]->flags, ==, ARROW_FLAG_NULLABLE);
    }
  if (schema->dictionary != NULL)
    arrow_check_schema (schema->dictionary);
}

static inline guint
arrow_count_buffers (const struct ArrowSchema *schema)
{
  if (schema->dictionary != NULL)
    return 2;
  if (g_str_equal (schema->format, "n"))
    return 0;
  if (g_str_equal (schema->format, "+s"))
    return 1;
  return g_str_equal (schema->format, "u") || g_str_equal (schema->format, "U") ? 3 : 2;
}

/* Offsets ascend from 0; returns the last. */
static inline gint64
arrow_check_offsets (const struct ArrowArray *array, gboolean is_large)
{
  gint64 last = 0;

  g_assert_nonnull (array->buffers[1]);
  for (gint64 i = 0; i <= array->length; i++)
    {
      gint64 offset = is_large ? ((const gint64 *) array->buffers[1])[i]
                               : ((const gint32 *) array->buffers[1])[i];

      g_assert_cmpint (offset, >=, last);
      g_assert_true (i > 0 || offset == 0);
      if (i > 0 && array->buffers[0] != NULL && !arrow_has_bit (array->buffers[0], i - 1))
        g_assert_cmpint (offset, ==, last);
      last = offset;
    }
  return last;
}

static inline void
arrow_check_text (const struct ArrowArray *array, gboolean is_large)
{
  gint64 end = arrow_check_offsets (array, is_large);
  const char *bytes = array->buffers[2];

  g_assert_nonnull (bytes);
  for (gint64 i = 0, at = 0; i < array->length; i++)
    {
      gint64 next = is_large ? ((const gint64 *) array->buffers[1])[i + 1]
                             : ((const gint32 *) array->buffers[1])[i + 1];
      g_autofree char *text = g_strndup (bytes + at, (gsize) (next - at));

      for (gint64 j = 0; j < next - at; j++) /* U+0000 is none that GLib takes */
        if (text[j] == '\0')
          text[j] = ' ';
      g_assert_true (g_utf8_validate (text, next - at, NULL));
      at = next;
    }
  g_assert_cmpint (end, >=, 0);
}

static inline void
arrow_check_items (const struct ArrowSchema *schema, const struct ArrowArray *array)
{
  gsize width = g_str_equal (schema->format, "i") ? 4 : 8;
  gsize size = g_str_equal (schema->format, "b") ? ((gsize) array->length + 7) / 8
                                                 : (gsize) array->length * width;
  g_autofree guint8 *copy = g_malloc (size + 1);

  g_assert_nonnull (array->buffers[1]);
  memcpy (copy, array->buffers[1], size); /* all of it can be read */
  for (gint64 i = 0; schema->dictionary != NULL && i < array->length; i++)
    {
      gint32 code = ((const gint32 *) (gconstpointer) copy)[i];

      g_assert_cmpint (code, >=, 0);
      if (array->buffers[0] == NULL || arrow_has_bit (array->buffers[0], i))
        g_assert_cmpint (code, <, array->dictionary->length);
    }
}

static inline void
arrow_check_array (const struct ArrowSchema *schema, const struct ArrowArray *array)
{
  guint n_buffers = arrow_count_buffers (schema);
  gint64 n_nulls = 0;

  g_assert_nonnull (array->release);
  g_assert_cmpint (array->length, >=, 0);
  g_assert_cmpint (array->offset, ==, 0);
  g_assert_cmpint (array->n_buffers, ==, n_buffers);
  g_assert_cmpint (array->n_children, ==, schema->n_children);
  g_assert_true ((array->dictionary != NULL) == (schema->dictionary != NULL));
  for (guint i = 0; i < n_buffers; i++)
    g_assert_cmpuint ((guintptr) array->buffers[i] % 8, ==, 0);
  for (gint64 i = 0; n_buffers > 0 && array->buffers[0] != NULL && i < array->length; i++)
    n_nulls += !arrow_has_bit (array->buffers[0], i);
  g_assert_cmpint (array->null_count, ==, n_buffers > 0 ? n_nulls : array->length);
  if (n_buffers == 3)
    arrow_check_text (array, schema->format[0] == 'U');
  else if (g_str_equal (schema->format, "+l"))
    g_assert_cmpint (arrow_check_offsets (array, FALSE), <=, array->children[0]->length);
  else if (n_buffers == 2)
    arrow_check_items (schema, array);
  for (gint64 i = 0; i < array->n_children; i++)
    {
      arrow_check_array (schema->children[i], array->children[i]);
      if (g_str_equal (schema->format, "+s"))
        g_assert_cmpint (array->children[i]->length, ==, array->length);
    }
  if (array->dictionary != NULL)
    arrow_check_array (schema->dictionary, array->dictionary);
}

/* A schema as a short text: {a:l, b:[u]}; j is JSON text, #u a dictionary. */
static inline void
arrow_describe (const struct ArrowSchema *schema, GString *out)
{
  gboolean is_list = g_str_equal (schema->format, "+l");

  if (schema->dictionary != NULL)
    g_string_append_printf (out, "#%s", schema->dictionary->format);
  else if (schema->format[0] != '+')
    g_string_append (out, schema->metadata != NULL ? "j" : schema->format);
  else
    {
      g_string_append_c (out, is_list ? '[' : '{');
      for (gint64 i = 0; i < schema->n_children; i++)
        {
          if (!is_list)
            g_string_append_printf (out, "%s%s:", i > 0 ? ", " : "", schema->children[i]->name);
          arrow_describe (schema->children[i], out);
        }
      g_string_append_c (out, is_list ? ']' : '}');
    }
}

/* Another stream that gives what @stream gives, every schema and array of it checked. Owns it. */
typedef struct
{
  struct ArrowArrayStream inner;
  struct ArrowSchema schema;
  gint64 n_rows;
} ArrowChecked;

static inline int
arrow_checked_get_schema (struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
  ArrowChecked *self = stream->private_data;
  int code = self->inner.get_schema (&self->inner, out);

  if (code == 0)
    arrow_check_schema (out);
  return code;
}

static inline int
arrow_checked_get_next (struct ArrowArrayStream *stream, struct ArrowArray *out)
{
  ArrowChecked *self = stream->private_data;
  int code = self->inner.get_next (&self->inner, out);

  if (code == 0 && out->release != NULL)
    {
      arrow_check_array (&self->schema, out);
      self->n_rows += out->length;
    }
  return code;
}

static inline const char *
arrow_checked_get_last_error (struct ArrowArrayStream *stream)
{
  ArrowChecked *self = stream->private_data;

  return self->inner.get_last_error (&self->inner);
}

static inline void
arrow_checked_release (struct ArrowArrayStream *stream)
{
  ArrowChecked *self = stream->private_data;

  self->schema.release (&self->schema);
  self->inner.release (&self->inner);
  g_assert_null (self->inner.release);
  g_free (self);
  stream->release = NULL;
}

/* Moves it. */
static inline void
arrow_check_stream (struct ArrowArrayStream *stream)
{
  ArrowChecked *checked = g_new0 (ArrowChecked, 1);

  checked->inner = *stream;
  g_assert_cmpint (stream->get_schema (&checked->inner, &checked->schema), ==, 0);
  *stream = (struct ArrowArrayStream){ .get_schema = arrow_checked_get_schema,
                                       .get_next = arrow_checked_get_next,
                                       .get_last_error = arrow_checked_get_last_error,
                                       .release = arrow_checked_release,
                                       .private_data = checked };
}
