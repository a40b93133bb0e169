/* Lanes of text: spans, all strings one after the other, dictionaries. See arbor-batch-format.h for
 * the bytes.
 */

#include "batch/arbor-batch-encoder-private.h"
#include "batch/arbor-batch-pack.h"

void
arbor_batch_encoder_write_spans (ArborBatchEncoder *self, ArborLaneRecord *lane,
                                 const guint32 *lengths, guint32 count)
{
  guint32 longest = arbor_pack_max_u32 (lengths, count);
  guint32 start = 0;
  guint8 *at, *anchors;

  lane->span_width = longest <= G_MAXUINT8 ? 1 : longest <= G_MAXUINT16 ? 2 : 4;
  lane->size_b = (guint32) arbor_spans_size (count, lane->span_width);
  lane->offset_b = arbor_batch_encoder_reserve (self, lane->size_b, ARBOR_BATCH_ALIGNMENT);
  at = self->out.data + lane->offset_b;
  if (lane->span_width == 4)
    {
      for (guint32 i = 0; i < count; start += lengths[i++])
        arbor_pack_u32 (at + (gsize) i * 4, 4, &start, 1);
      arbor_pack_u32 (at + (gsize) count * 4, 4, &start, 1);
      return;
    }
  arbor_pack_u32 (at, lane->span_width, lengths, count);
  anchors = at + arbor_spans_anchors (count, lane->span_width);
  for (guint32 i = 0; i < count; i += ARBOR_SPANS_STRIDE, anchors += 4)
    {
      guint32 end = MIN (count, i + ARBOR_SPANS_STRIDE);

      arbor_pack_u32 (anchors, 4, &start, 1);
      for (guint32 j = i; j < end; j++)
        start += lengths[j];
    }
}

static int
compare_text (const char *a, guint32 m, const char *b, guint32 n)
{
  guint64 x, y;
  int order;

  /* Most differ in their first bytes: that needs no call. */
  if (m >= 8 && n >= 8)
    {
      memcpy (&x, a, 8);
      memcpy (&y, b, 8);
      if (x != y)
        return GUINT64_FROM_BE (x) < GUINT64_FROM_BE (y) ? -1 : 1;
    }
  order = memcmp (a, b, MIN (m, n));
  return order != 0 ? order : m < n ? -1 : m > n;
}

void
arbor_batch_encoder_write_text (ArborBatchEncoder *self, ArborLaneRecord *lane,
                                const ArborTextLane *text)
{
  lane->encoding = ARBOR_ENCODING_SPANS;
  lane->size_a = (guint32) text->bytes.length;
  lane->offset_a = arbor_batch_encoder_write (self, text->bytes.data, text->bytes.length);
  arbor_batch_encoder_write_spans (self, lane, (const guint32 *) text->lengths.data, lane->count);
}

static void
write_all_strings (ArborBatchEncoder *self, ArborLaneRecord *lane, const ArborTextLane *strings)
{
  const char *bytes = (const char *) strings->bytes.data;
  const guint32 *lengths = (const guint32 *) strings->lengths.data;
  gboolean is_sorted = TRUE;
  gsize low = 0, high = 0, previous = 0, at = 0;
  guint32 low_index = 0, high_index = 0;

  arbor_batch_encoder_write_text (self, lane, strings);
  for (guint32 i = 0; i < lane->count; previous = at, at += lengths[i], i++)
    {
      if (i == 0)
        continue;
      if (compare_text (bytes + at, lengths[i], bytes + high, lengths[high_index]) > 0)
        {
          high = at;
          high_index = i;
        }
      else if (is_sorted &&
               compare_text (bytes + at, lengths[i], bytes + previous, lengths[i - 1]) < 0)
        {
          is_sorted = FALSE;
        }
      if (!is_sorted && compare_text (bytes + at, lengths[i], bytes + low, lengths[low_index]) < 0)
        {
          low = at;
          low_index = i;
        }
    }
  lane->flags = is_sorted ? ARBOR_LANE_SORTED : 0;
  lane->min = low_index;
  lane->max = high_index;
}

typedef struct
{
  const char *bytes;
  const guint32 *starts;
  const guint32 *lengths;
} Distinct;

static int
compare_codes (gconstpointer a, gconstpointer b, gpointer data)
{
  const Distinct *distinct = data;
  guint32 i = *(const guint32 *) a;
  guint32 j = *(const guint32 *) b;

  return compare_text (distinct->bytes + distinct->starts[i], distinct->lengths[i],
                       distinct->bytes + distinct->starts[j], distinct->lengths[j]);
}

static gboolean
is_ascending (const guint32 *numbers, guint32 n)
{
  guint32 descents = 0;

  for (guint32 i = 1; i < n; i++)
    descents |= numbers[i] < numbers[i - 1];
  return descents == 0;
}

static void
write_dictionary (ArborBatchEncoder *self, ArborLaneRecord *lane, ArborColumnBuilder *column)
{
  guint32 n = (guint32) (column->starts.length / 4);
  g_autofree guint32 *sorted = g_new (guint32, n);
  g_autofree guint32 *rank = g_new (guint32, n);
  g_autofree guint32 *lengths = g_new (guint32, n);
  guint32 *codes = (guint32 *) column->codes.data; /* become ranks */
  Distinct distinct = { (const char *) column->strings.bytes.data,
                        (const guint32 *) column->starts.data,
                        (const guint32 *) column->strings.lengths.data };
  gsize end;

  for (guint32 i = 0; i < n; i++)
    sorted[i] = i;
  g_qsort_with_data (sorted, (gint) n, sizeof (guint32), compare_codes, &distinct);
  for (guint32 i = 0; i < n; i++)
    {
      rank[sorted[i]] = i;
      lengths[i] = distinct.lengths[sorted[i]];
    }

  lane->encoding = ARBOR_ENCODING_DICTIONARY;
  lane->n_distinct = n;
  lane->min = 0;
  lane->max = n - 1;
  for (guint32 i = 0; i < lane->count; i++)
    codes[i] = rank[codes[i]];
  lane->flags = is_ascending (codes, lane->count) ? ARBOR_LANE_SORTED : 0;
  lane->width = (guint8) arbor_unsigned_width (n - 1);
  lane->size_a = lane->count * lane->width;
  if (lane->size_a > 0)
    {
      lane->offset_a = arbor_batch_encoder_reserve (self, lane->size_a, ARBOR_BATCH_ALIGNMENT);
      arbor_pack_u32 (self->out.data + lane->offset_a, lane->width, codes, lane->count);
    }
  arbor_batch_encoder_write_spans (self, lane, lengths, n);
  lane->size_c = (guint32) column->strings.bytes.length;
  if (lane->size_c == 0)
    return;
  lane->offset_c = arbor_batch_encoder_reserve (self, lane->size_c, ARBOR_BATCH_ALIGNMENT);
  end = lane->offset_c;
  for (guint32 i = 0; i < n; i++)
    {
      memcpy (self->out.data + end, distinct.bytes + distinct.starts[sorted[i]], lengths[i]);
      end += lengths[i];
    }
}

/* Whether codes and distinct strings take fewer bytes than all strings one after the other. */
static gboolean
dictionary_is_smaller (ArborColumnBuilder *column)
{
  gsize n = column->n_kind[ARBOR_KIND_STRING];
  gsize n_distinct = column->starts.length / 4;

  return n * arbor_unsigned_width (n_distinct - 1) + column->strings.bytes.length + n_distinct <
         column->n_string_bytes + n;
}

void
arbor_batch_encoder_write_strings (ArborBatchEncoder *self, ArborLaneRecord *lane,
                                   ArborColumnBuilder *column)
{
  if (!column->has_left_dictionary && !dictionary_is_smaller (column))
    arbor_column_builder_leave_dictionary (column);
  if (column->has_left_dictionary)
    write_all_strings (self, lane, &column->strings);
  else
    write_dictionary (self, lane, column);
}
