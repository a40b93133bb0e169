/* See arbor-arrow-text.h. */

#include "query/arrow/arbor-arrow-text.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "batch/arbor-column-builder.h"
#include "json/arbor-lane-cursor.h"

/* Where a column's offsets go. */
typedef struct
{
  gpointer offsets; /* one more than rows */
  gboolean is_large;
} Offsets;

static inline void
put_offset (const Offsets *self, gsize row, guint64 offset)
{
  if (self->is_large)
    ((gint64 *) self->offsets)[row] = (gint64) offset;
  else
    ((gint32 *) self->offsets)[row] = (gint32) offset;
}

static gboolean
begin (Offsets *self, struct ArrowArray *array, gboolean is_large, guint64 n_bytes,
       const char *name, GError **error)
{
  if (!is_large && n_bytes > G_MAXINT32)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("Arrow column '%s': expected at most 2 GiB of text in a batch, found %" PRIu64
                     " bytes; ask for large_utf8"),
                   name, n_bytes);
      return FALSE;
    }
  self->is_large = is_large;
  self->offsets = arbor_arrow_array_alloc (
      array, 1, ((gsize) array->length + 1) * (is_large ? sizeof (gint64) : sizeof (gint32)), error);
  return self->offsets != NULL;
}

/* The strings that a lane knows, wherever they lie. */
typedef struct
{
  const guint8 *bytes;
  guint64 size;
  ArborSpanCursor spans;
  guint32 n;
} Strings;

static void
strings_init (Strings *self, const ArborLane *lane)
{
  gboolean is_dictionary = lane->record->encoding == ARBOR_ENCODING_DICTIONARY;

  self->bytes = is_dictionary ? lane->c : lane->a;
  self->size = is_dictionary ? lane->record->size_c : lane->record->size_a;
  self->n = arbor_lane_get_n_strings (lane);
  arbor_span_cursor_init (&self->spans, lane->b, self->n, lane->record->span_width);
}

/* As arbor_lane_get_string: the empty one where that is damaged. */
static inline const guint8 *
strings_get (Strings *self, guint32 index, guint64 *length)
{
  guint64 start, end;

  *length = 0;
  if (G_UNLIKELY (index >= self->n))
    return self->bytes;
  arbor_span_cursor_get (&self->spans, index, &start, &end);
  if (G_UNLIKELY (start > end || end > self->size))
    return self->bytes;
  *length = end - start;
  return self->bytes + start;
}

/* Where each string ends; FALSE when they do not follow each other from the first byte on. */
static gboolean
list_ends (const ArborLane *lane, guint32 *ends)
{
  Strings strings;
  guint64 end = 0;

  strings_init (&strings, lane);
  for (guint32 i = 0; i < strings.n; i++)
    {
      guint64 length;
      const guint8 *at = strings_get (&strings, i, &length);

      if (at != strings.bytes + end)
        return FALSE;
      end += length;
      ends[i] = (guint32) end;
    }
  return TRUE;
}

static gboolean
add_bytes (struct ArrowArray *array, const guint8 *bytes, gsize size, GBytes *holder,
           GError **error)
{
  guint8 *copy;

  if (holder != NULL)
    {
      arbor_arrow_array_view (array, 2, bytes, holder);
      return TRUE;
    }
  copy = arbor_arrow_array_alloc (array, 2, size, error);
  if (copy != NULL && size > 0)
    memcpy (copy, bytes, size);
  return copy != NULL;
}

/* Row by row, of which those in @rows take the next end. */
static void
put_ends (const Offsets *offsets, const guint32 *ends, const guint64 *rows, gsize n_rows)
{
  guint32 last = 0;

  put_offset (offsets, 0, 0);
  for (gsize i = 0; i < n_rows; i++)
    {
      if (rows == NULL || arbor_bits_test (rows, i))
        last = *ends++;
      put_offset (offsets, i + 1, last);
    }
}

/* Strings that lie one after the other, as they are wanted. */
static gboolean
add_plain (struct ArrowArray *array, const ArborLane *lane, const guint64 *rows,
           const guint32 *ends, gboolean is_large, GBytes *holder, const char *name,
           GError **error)
{
  Strings strings;
  Offsets offsets;
  gsize size;

  strings_init (&strings, lane);
  size = strings.n > 0 ? ends[strings.n - 1] : 0;
  if (!begin (&offsets, array, is_large, size, name, error) ||
      !add_bytes (array, strings.bytes, size, holder, error))
    return FALSE;
  put_ends (&offsets, ends, rows, (gsize) array->length);
  return TRUE;
}

static inline guint32
get_code (const ArborLane *lane, guint32 index)
{
  guint64 code;

  if (lane->record->encoding != ARBOR_ENCODING_DICTIONARY)
    return index;
  code = arbor_load_unsigned (lane->a, lane->record->width, index);
  return (guint32) MIN (code, G_MAXUINT32);
}

/* Strings that are copied one by one, as those of a dictionary. */
typedef struct
{
  const guint8 **starts; /* of each string that the lane knows, and of one that is damaged */
  guint64 *lengths;
  guint32 n;
} Known;

static void
list_known (Known *self, const ArborLane *lane, ArborScope *scope)
{
  Strings strings;

  strings_init (&strings, lane);
  self->n = strings.n;
  self->starts = arbor_scope_alloc (scope, ((gsize) strings.n + 1) * sizeof *self->starts);
  self->lengths = arbor_scope_alloc (scope, ((gsize) strings.n + 1) * sizeof *self->lengths);
  for (guint32 i = 0; i <= strings.n; i++)
    self->starts[i] = strings_get (&strings, i, &self->lengths[i]);
}

static gboolean
add_known (struct ArrowArray *array, const ArborLane *lane, gboolean is_large, const char *name,
           ArborScope *scope, GError **error)
{
  Known known;
  Offsets offsets;
  guint64 size = 0, at = 0;
  guint32 next = 0;
  guint8 *bytes;

  list_known (&known, lane, scope);
  for (guint32 i = 0; i < lane->count; i++)
    size += known.lengths[MIN (get_code (lane, i), known.n)];
  if (!begin (&offsets, array, is_large, size, name, error))
    return FALSE;
  bytes = arbor_arrow_array_alloc (array, 2, size, error);
  if (bytes == NULL)
    return FALSE;
  put_offset (&offsets, 0, 0);
  for (gsize i = 0; i < (gsize) array->length; i++)
    {
      if (lane->rows == NULL || arbor_bits_test (lane->rows, i))
        {
          guint32 code = get_code (lane, next++);

          code = MIN (code, known.n);
          arbor_copy_text (bytes + at, (const char *) known.starts[code],
                           (guint32) known.lengths[code]);
          at += known.lengths[code];
        }
      put_offset (&offsets, i + 1, at);
    }
  return TRUE;
}

gboolean
arbor_arrow_text_add_lane (struct ArrowArray *array, const ArborLane *lane, gboolean is_large,
                           GBytes *holder, const char *name, ArborScope *scope, GError **error)
{
  guint32 *ends;

  if (lane->record->encoding == ARBOR_ENCODING_DICTIONARY)
    return add_known (array, lane, is_large, name, scope, error);
  ends = arbor_scope_alloc (scope, ((gsize) lane->count + 1) * sizeof *ends);
  return list_ends (lane, ends)
             ? add_plain (array, lane, lane->rows, ends, is_large, holder, name, error)
             : add_known (array, lane, is_large, name, scope, error);
}

static gboolean
set_damaged (const char *name, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
               _("Arrow column '%s': its strings are damaged"), name);
  return FALSE;
}

gboolean
arbor_arrow_text_add_distinct (struct ArrowArray *array, const ArborLane *lane, gboolean is_large,
                               GBytes *holder, const char *name, ArborScope *scope, GError **error)
{
  guint32 *ends =
      arbor_scope_alloc (scope, ((gsize) arbor_lane_get_n_strings (lane) + 1) * sizeof *ends);

  return list_ends (lane, ends)
             ? add_plain (array, lane, NULL, ends, is_large, holder, name, error)
             : set_damaged (name, error);
}

gboolean
arbor_arrow_text_add_codes (struct ArrowArray *array, const ArborLane *lane, GError **error)
{
  guint32 n_strings = arbor_lane_get_n_strings (lane);
  gint32 *codes =
      arbor_arrow_array_alloc (array, 1, (gsize) array->length * sizeof *codes, error);
  guint32 next = 0;

  if (codes == NULL)
    return FALSE;
  for (gsize i = 0; i < (gsize) array->length; i++)
    {
      guint32 code = 0;

      if (lane->rows == NULL || arbor_bits_test (lane->rows, i))
        {
          code = get_code (lane, next++);
          if (code >= n_strings)
            return set_damaged ("", error);
        }
      codes[i] = (gint32) code;
    }
  return TRUE;
}

gboolean
arbor_arrow_text_add_written (struct ArrowArray *array, const guint64 *ends, const guint8 *text,
                              gboolean is_large, const char *name, GError **error)
{
  guint64 size = array->length > 0 ? ends[array->length - 1] : 0;
  Offsets offsets;

  if (!begin (&offsets, array, is_large, size, name, error) ||
      !add_bytes (array, text, size, NULL, error))
    return FALSE;
  put_offset (&offsets, 0, 0);
  for (gsize i = 0; i < (gsize) array->length; i++)
    put_offset (&offsets, i + 1, ends[i]);
  return TRUE;
}
