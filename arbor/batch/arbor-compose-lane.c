/* Values of a lane, picked out of it, as a lane of a batch that is being encoded. Numbers, texts
 * and codes are copied in the encoding that they have; what the new lane says of them (range, least
 * and greatest string) is found anew and holds for the values that were picked.
 */

#include "batch/arbor-compose-private.h"

#include "base/arbor-bits.h"
#include "base/arbor-simd.h"
#include "batch/arbor-batch-pack.h"
#include "batch/arbor-group-key.h"

/* Texts */

guint64
arbor_compose_lane_list_lengths (const ArborComposeLane *self, guint32 *lengths)
{
  const guint8 *spans = self->data + self->from->offset_b;
  guint64 total = 0;

  for (guint32 i = 0; i < self->places->n; i++)
    {
      guint32 index = arbor_places_get (self->places, i);

      lengths[i] = self->from->span_width < 4
                       ? (guint32) arbor_load_unsigned (spans, self->from->span_width, index)
                       : arbor_load_u32 (spans + (gsize) index * 4 + 4) -
                             arbor_load_u32 (spans + (gsize) index * 4);
      total += lengths[i];
    }
  return total;
}

typedef struct
{
  guint64 head; /* the first eight bytes as a number of the same order */
  const char *text;
  guint32 length;
} Text;

static inline Text
make_text (const char *text, guint32 length)
{
  guint64 head;

  if (length >= 8)
    memcpy (&head, text, 8);
  else
    head = arbor_group_key_load (text, length);
  return (Text){ GUINT64_FROM_BE (head), text, length };
}

static inline gboolean
is_before (const Text *a, const Text *b)
{
  int order;

  if (G_LIKELY (a->head != b->head))
    return a->head < b->head;
  order = memcmp (a->text, b->text, MIN (a->length, b->length));
  return order < 0 || (order == 0 && a->length < b->length);
}

typedef struct
{
  Text least, most;
  guint32 min, max; /* which they are */
} Range;

/* Strings from number @first on, which follow each other. */
static void
add_to_range (Range *self, const char *texts, const guint32 *lengths, guint32 first, guint32 n)
{
  for (guint32 i = first; i < first + n; texts += lengths[i++])
    {
      const Text text = make_text (texts, lengths[i]);

      if (i == 0 || is_before (&text, &self->least))
        {
          self->least = text;
          self->min = i;
        }
      if (i == 0 || is_before (&self->most, &text))
        {
          self->most = text;
          self->max = i;
        }
    }
}

/* How many places from @at on follow each other, and how long their strings are together. */
static guint32
count_stretch (const ArborPlaces *places, const guint32 *lengths, guint32 at, gsize *size)
{
  guint32 first = arbor_places_get (places, at);
  guint32 n = 0;

  *size = 0;
  while (at + n < places->n && arbor_places_get (places, at + n) == first + n)
    *size += lengths[at + n++];
  return n;
}

/* Without a call where there are few; no byte past them is read or written. */
static inline void
copy_bytes (guint8 *out, const char *from, gsize size)
{
  guint64 head, tail;

  if (size > 16)
    memcpy (out, from, size);
  else if (size >= 8)
    {
      memcpy (&head, from, 8);
      memcpy (&tail, from + size - 8, 8);
      memcpy (out, &head, 8);
      memcpy (out + size - 8, &tail, 8);
    }
  else
    for (gsize i = 0; i < size; i++)
      out[i] = (guint8) from[i];
}

static void
write_strings (const ArborComposeLane *self, ArborBatchEncoder *encoder, ArborLaneRecord *lane)
{
  const guint8 *data = self->data;
  const guint32 *lengths = self->lengths;
  Range range = { { 0 } };
  gsize size = 0;
  guint8 *out = NULL;
  guint32 n;

  for (guint32 i = 0; i < self->places->n; i++)
    size += lengths[i];
  lane->encoding = ARBOR_ENCODING_SPANS;
  lane->size_a = (guint32) size;
  if (size > 0)
    {
      lane->offset_a = arbor_batch_encoder_reserve_unset (encoder, size, ARBOR_BATCH_ALIGNMENT);
      out = encoder->out.data + lane->offset_a;
    }
  for (guint32 i = 0; i < self->places->n; i += n)
    {
      guint64 start, end;
      const char *texts;

      n = count_stretch (self->places, lengths, i, &size);
      arbor_spans_get (data + self->from->offset_b, self->from->count, self->from->span_width,
                       arbor_places_get (self->places, i), &start, &end);
      texts = (const char *) data + self->from->offset_a + start;
      copy_bytes (out, texts, size);
      out += size;
      add_to_range (&range, texts, lengths, i, n);
    }
  lane->min = range.min;
  lane->max = range.max;
  arbor_batch_encoder_write_spans (encoder, lane, lengths, self->places->n);
}

/* Numbers */

#define COPY(type)                                                                                 \
  ARBOR_TARGET_CLONES static void get_range_##type (const type *numbers, guint32 n, guint64 *min,  \
                                                    guint64 *max)                                  \
  {                                                                                                \
    type least = numbers[0], most = numbers[0];                                                    \
                                                                                                   \
    for (guint32 i = 0; i < n; i++)                                                                \
      {                                                                                            \
        least = MIN (least, numbers[i]);                                                           \
        most = MAX (most, numbers[i]);                                                             \
      }                                                                                            \
    *min = least;                                                                                  \
    *max = most;                                                                                   \
  }                                                                                                \
                                                                                                   \
  ARBOR_TARGET_CLONES static void lower_##type (type *numbers, guint32 n, type by)                 \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      numbers[i] = (type) (numbers[i] - by);                                                       \
  }                                                                                                \
                                                                                                   \
  static void copy_##type (const guint8 *from, const ArborPlaces *places, guint8 *out)             \
  {                                                                                                \
    const type *numbers = (const type *) (gconstpointer) from;                                     \
    type *to = (type *) (gpointer) out;                                                            \
                                                                                                   \
    if (places->list == NULL)                                                                      \
      memcpy (to, numbers + places->from, places->n * sizeof (type));                              \
    else                                                                                           \
      for (guint32 i = 0; i < places->n; i++)                                                      \
        memcpy (&to[i], from + (gsize) places->list[i] * sizeof (type), sizeof (type));            \
  }

COPY (guint8)
COPY (guint16)
COPY (guint32)
COPY (guint64)

/* Copies numbers of @width bytes; their range. */
static void
copy_numbers (const guint8 *from, guint width, const ArborPlaces *places, guint8 *out, guint64 *min,
              guint64 *max)
{
  switch (width)
    {
    case 1:
      copy_guint8 (from, places, out);
      get_range_guint8 (out, places->n, min, max);
      break;
    case 2:
      copy_guint16 (from, places, out);
      get_range_guint16 ((gpointer) out, places->n, min, max);
      break;
    case 4:
      copy_guint32 (from, places, out);
      get_range_guint32 ((gpointer) out, places->n, min, max);
      break;
    default:
      copy_guint64 (from, places, out);
      get_range_guint64 ((gpointer) out, places->n, min, max);
      break;
    }
}

static void
lower (guint8 *numbers, guint width, guint32 n, guint64 by)
{
  switch (width)
    {
    case 1:
      lower_guint8 (numbers, n, (guint8) by);
      break;
    case 2:
      lower_guint16 ((gpointer) numbers, n, (guint16) by);
      break;
    case 4:
      lower_guint32 ((gpointer) numbers, n, (guint32) by);
      break;
    default:
      lower_guint64 ((gpointer) numbers, n, by);
      break;
    }
}

/* Buffer a; the range of what is in it. */
static void
write_numbers (const ArborComposeLane *self, ArborBatchEncoder *encoder, ArborLaneRecord *lane,
               guint64 *min, guint64 *max)
{
  *min = *max = 0;
  lane->encoding = self->from->encoding;
  lane->width = self->from->width;
  lane->size_a = self->places->n * self->from->width;
  if (self->from->width == 0)
    return;
  lane->offset_a =
      arbor_batch_encoder_reserve_unset (encoder, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  copy_numbers (self->data + self->from->offset_a, self->from->width, self->places,
                encoder->out.data + lane->offset_a, min, max);
}

static void
write_frame (const ArborComposeLane *self, ArborBatchEncoder *encoder, ArborLaneRecord *lane)
{
  guint64 min, max;

  write_numbers (self, encoder, lane, &min, &max);
  lane->min = self->from->min + min;
  lane->max = self->from->min + max;
  if (min > 0)
    lower (encoder->out.data + lane->offset_a, lane->width, self->places->n, min);
}

static void
write_reals (const ArborComposeLane *self, ArborBatchEncoder *encoder, ArborLaneRecord *lane)
{
  const double *reals;
  double least[4], most[4];
  guint64 unused;

  write_numbers (self, encoder, lane, &unused, &unused);
  reals = (const double *) (gconstpointer) (encoder->out.data + lane->offset_a);
  for (guint j = 0; j < 4; j++)
    least[j] = most[j] = reals[0];
  for (guint32 i = 0; i < self->places->n; i++)
    {
      least[i % 4] = MIN (least[i % 4], reals[i]);
      most[i % 4] = MAX (most[i % 4], reals[i]);
    }
  for (guint j = 1; j < 4; j++)
    {
      least[0] = MIN (least[0], least[j]);
      most[0] = MAX (most[0], most[j]);
    }
  memcpy (&lane->min, &least[0], 8);
  memcpy (&lane->max, &most[0], 8);
}

static void
write_dictionary (const ArborComposeLane *self, ArborBatchEncoder *encoder, ArborLaneRecord *lane)
{
  const ArborLaneRecord *from = self->from;

  /* Entries ascend, so codes do. */
  write_numbers (self, encoder, lane, &lane->min, &lane->max);
  lane->n_distinct = from->n_distinct;
  lane->span_width = from->span_width;
  lane->size_b = from->size_b;
  lane->offset_b = arbor_batch_encoder_write (encoder, self->data + from->offset_b, from->size_b);
  lane->size_c = from->size_c;
  lane->offset_c = arbor_batch_encoder_write (encoder, self->data + from->offset_c, from->size_c);
}

static void
write_bools (const ArborComposeLane *self, ArborBatchEncoder *encoder, ArborScope *scope,
             ArborLaneRecord *lane)
{
  const guint8 *bits = self->data + self->from->offset_a;
  guint8 *bools = arbor_scope_alloc (scope, self->places->n);
  guint32 n_true = 0;

  for (guint32 i = 0; i < self->places->n; i++)
    {
      guint32 index = arbor_places_get (self->places, i);

      bools[i] = (bits[index / 8] >> (index % 8)) & 1;
      n_true += bools[i];
    }
  lane->encoding = ARBOR_ENCODING_BITS;
  lane->min = n_true == self->places->n;
  lane->max = n_true > 0;
  lane->size_a = (guint32) arbor_bitmap_words_size (self->places->n);
  lane->offset_a = arbor_batch_encoder_reserve (encoder, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  arbor_pack_bits (encoder->out.data + lane->offset_a, bools, self->places->n, 1);
}

void
arbor_compose_lane_write (const ArborComposeLane *self, ArborBatchEncoder *encoder,
                          ArborScope *scope, ArborLaneRecord *lane)
{
  switch (self->from->encoding)
    {
    case ARBOR_ENCODING_BITS:
      write_bools (self, encoder, scope, lane);
      break;
    case ARBOR_ENCODING_FRAME:
      write_frame (self, encoder, lane);
      break;
    case ARBOR_ENCODING_RAW:
      write_reals (self, encoder, lane);
      break;
    case ARBOR_ENCODING_DICTIONARY:
      write_dictionary (self, encoder, lane);
      break;
    default: /* ARBOR_ENCODING_SPANS */
      write_strings (self, encoder, lane);
      break;
    }
}
