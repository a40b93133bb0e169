/* Lanes of numbers, truth values, shapes and runs, copied piece by piece. See arbor-splice-private.h. Numbers
 * are copied at the width that all of them find room in, above the least that any of the lanes says; then
 * what the new lane says of its range is found anew.
 */

#include "batch/arbor-splice-private.h"

#include "base/arbor-number.h"
#include "base/arbor-simd.h"
#include "batch/arbor-batch-pack.h"

/* Numbers */

/* The first piece that does not go on from @piece: those of its batch lie as far from their places as it does, and the ones
 * between them have taken the places of as many. */
static inline const ArborSplicePiece *
find_run_end (const ArborSplicePiece *piece, const ArborSplicePiece *last, guint32 *n)
{
  *n = piece->n;
  while (piece + 2 < last && piece[2].batch == piece->batch &&
         piece[2].from == piece->from + piece->n + piece[1].n)
    {
      *n += piece[1].n + piece[2].n;
      piece += 2;
    }
  return piece + 1;
}

#define LOOPS(type)                                                                                \
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
  ARBOR_TARGET_CLONES static void raise_##type (type *numbers, guint32 n, type by)                 \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      numbers[i] = (type) (numbers[i] + by);                                                       \
  }                                                                                                \
                                                                                                   \
  static void widen_##type (const guint8 *from, guint width, guint32 first, guint32 n, guint64 by, \
                            type *out)                                                             \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      out[i] = (type) (arbor_load_unsigned (from, width, first + i) + by);                         \
  }                                                                                                \
                                                                                                   \
  /* @n numbers from @first on. */                                                                 \
  static inline void copy_##type (const ArborSpliceNumbers *from, guint32 first, guint32 n, type *out)           \
  {                                                                                                \
    if (from->width != sizeof (type))                                                              \
      {                                                                                            \
        widen_##type (from->numbers, from->width, first, n, from->by, out);                        \
        return;                                                                                    \
      }                                                                                            \
    if (n == 1)                                                                                    \
      {                                                                                            \
        memcpy (out, from->numbers + (gsize) first * sizeof (type), sizeof (type));                \
        *out = (type) (*out + (type) from->by);                                                    \
        return;                                                                                    \
      }                                                                                            \
    memcpy (out, from->numbers + (gsize) first * sizeof (type), n * sizeof (type));                \
    if (from->by != 0)                                                                             \
      raise_##type (out, n, (type) from->by);                                                      \
  }                                                                                                \
                                                                                                   \
  static void copy_all_##type (const ArborSpliceNumbers *from, const ArborPieces *places, type *out)             \
  {                                                                                                \
    const ArborSplicePiece *piece = places->list, *last = piece + places->n;                       \
                                                                                                   \
    while (piece < last)                                                                           \
      {                                                                                            \
        guint32 n;                                                                                 \
        const ArborSplicePiece *end = find_run_end (piece, last, &n);                              \
        type *to = out;                                                                            \
                                                                                                   \
        copy_##type (&from[piece->batch], piece->from, n, out);                                    \
        for (; piece + 1 < end; piece += 2)                                                        \
          {                                                                                        \
            to += piece->n;                                                                        \
            copy_##type (&from[piece[1].batch], piece[1].from, piece[1].n, to);                    \
            to += piece[1].n;                                                                      \
          }                                                                                        \
        piece = end;                                                                               \
        out += n;                                                                                  \
      }                                                                                            \
  }

LOOPS (guint8)
LOOPS (guint16)
LOOPS (guint32)
LOOPS (guint64)

void
arbor_splice_copy_numbers (const ArborSpliceNumbers *from, const ArborPieces *places, guint width, guint8 *out)
{
  switch (width)
    {
    case 1:
      copy_all_guint8 (from, places, out);
      break;
    case 2:
      copy_all_guint16 (from, places, (gpointer) out);
      break;
    case 4:
      copy_all_guint32 (from, places, (gpointer) out);
      break;
    default:
      copy_all_guint64 (from, places, (gpointer) out);
      break;
    }
}

void
arbor_splice_get_range (const guint8 *numbers, guint width, guint32 n, guint64 *min, guint64 *max)
{
  switch (width)
    {
    case 1:
      get_range_guint8 (numbers, n, min, max);
      break;
    case 2:
      get_range_guint16 ((gconstpointer) numbers, n, min, max);
      break;
    case 4:
      get_range_guint32 ((gconstpointer) numbers, n, min, max);
      break;
    default:
      get_range_guint64 ((gconstpointer) numbers, n, min, max);
      break;
    }
}

static void
raise_all (guint8 *numbers, guint width, guint32 n, guint64 by)
{
  switch (width)
    {
    case 1:
      raise_guint8 (numbers, n, (guint8) by);
      break;
    case 2:
      raise_guint16 ((gpointer) numbers, n, (guint16) by);
      break;
    case 4:
      raise_guint32 ((gpointer) numbers, n, (guint32) by);
      break;
    default:
      raise_guint64 ((gpointer) numbers, n, by);
      break;
    }
}

static inline gboolean
is_less (guint8 kind, guint64 a, guint64 b)
{
  return kind == ARBOR_KIND_INT64 ? (gint64) a < (gint64) b : a < b;
}

/* The least of all lanes, and how far above it the greatest may lie: a lane may say more than is in it, but
 * its numbers have no more than their width. */
static void
find_frame (const ArborSplice *self, const ArborSpliceLane *lane, guint64 *least, guint64 *most)
{
  gboolean is_first = TRUE;

  *least = *most = 0;
  for (guint i = 0; i < self->n_batches; i++)
    if (lane->of[i] != NULL && (is_first || is_less (lane->kind, lane->of[i]->min, *least)))
      {
        *least = lane->of[i]->min;
        is_first = FALSE;
      }
  for (guint i = 0; i < self->n_batches; i++)
    if (lane->of[i] != NULL)
      {
        guint64 greatest = is_less (lane->kind, lane->of[i]->max, lane->of[i]->min) ? lane->of[i]->min
                                                                                    : lane->of[i]->max;

        *most = MAX (*most, greatest - *least);
      }
}

/* Of each batch, as far above @least as they are. */
static ArborSpliceNumbers *
list_numbers (ArborSplice *self, const ArborSpliceLane *lane, guint64 least)
{
  ArborSpliceNumbers *from = arbor_scope_alloc (self->scope, self->n_batches * sizeof *from);

  for (guint i = 0; i < self->n_batches; i++)
    if (lane->of[i] != NULL)
      from[i] = (ArborSpliceNumbers){ arbor_splice_get_buffer (self, i, lane->of[i]->offset_a), lane->of[i]->width,
                        lane->of[i]->min - least };
  return from;
}

static gboolean
write_frame (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record)
{
  guint64 least, most, min = 0, max = 0;
  ArborSpliceNumbers *from;
  guint8 *out;

  find_frame (self, lane, &least, &most);
  record->encoding = ARBOR_ENCODING_FRAME;
  record->width = (guint8) arbor_unsigned_width (most);
  record->size_a = record->count * record->width;
  record->min = record->max = least;
  if (record->width == 0)
    return TRUE;
  record->offset_a =
      arbor_batch_encoder_reserve_unset (&self->encoder, record->size_a, ARBOR_BATCH_ALIGNMENT);
  out = self->encoder.out.data + record->offset_a;
  from = list_numbers (self, lane, least);
  arbor_splice_copy_numbers (from, &lane->places, record->width, out);
  arbor_splice_get_range (out, record->width, record->count, &min, &max);
  if (min > 0)
    raise_all (out, record->width, record->count, 0 - min);
  record->min = least + min;
  record->max = least + max;
  return TRUE;
}

static gboolean
write_reals (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record)
{
  const double *reals;
  double least[4], most[4];
  ArborSpliceNumbers *from;
  guint8 *out;

  record->encoding = ARBOR_ENCODING_RAW;
  record->width = 8;
  record->size_a = record->count * 8;
  record->offset_a =
      arbor_batch_encoder_reserve_unset (&self->encoder, record->size_a, ARBOR_BATCH_ALIGNMENT);
  out = self->encoder.out.data + record->offset_a;
  from = list_numbers (self, lane, 0);
  for (guint i = 0; i < self->n_batches; i++)
    from[i].by = 0;
  arbor_splice_copy_numbers (from, &lane->places, 8, out);
  reals = (const double *) (gconstpointer) out;
  for (guint j = 0; j < 4; j++)
    least[j] = most[j] = reals[0];
  for (guint32 i = 0; i < record->count; i++)
    {
      least[i % 4] = MIN (least[i % 4], reals[i]);
      most[i % 4] = MAX (most[i % 4], reals[i]);
    }
  for (guint j = 1; j < 4; j++)
    {
      least[0] = MIN (least[0], least[j]);
      most[0] = MAX (most[0], most[j]);
    }
  memcpy (&record->min, &least[0], 8);
  memcpy (&record->max, &most[0], 8);
  return TRUE;
}

static gboolean
write_bools (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record)
{
  gsize n_words = arbor_bits_n_words (record->count);
  guint64 *bits = arbor_scope_alloc (self->scope, (n_words + 1) * 8);
  gsize at = 0, n_true;

  memset (bits, 0, (n_words + 1) * 8);
  for (guint32 i = 0; i < lane->places.n; at += lane->places.list[i++].n)
    {
      const ArborSplicePiece *piece = &lane->places.list[i];

      arbor_bits_copy (
          bits, at, arbor_splice_get_buffer (self, piece->batch, lane->of[piece->batch]->offset_a),
          piece->from, piece->n);
    }
  n_true = arbor_bits_count (bits, record->count);
  record->encoding = ARBOR_ENCODING_BITS;
  record->min = n_true == record->count;
  record->max = n_true > 0;
  record->size_a = (guint32) (n_words * 8);
  record->offset_a = arbor_batch_encoder_write (&self->encoder, bits, record->size_a);
  return TRUE;
}

/* Objects and arrays */

static gboolean
write_shapes (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record)
{
  record->encoding = ARBOR_ENCODING_SHAPES;
  record->width = (guint8) arbor_unsigned_width (lane->n_shapes - 1);
  record->size_a = record->count * record->width;
  if (record->width == 0)
    return TRUE;
  record->offset_a =
      arbor_batch_encoder_reserve_unset (&self->encoder, record->size_a, ARBOR_BATCH_ALIGNMENT);
  arbor_pack_u32 (self->encoder.out.data + record->offset_a, record->width, lane->shapes, record->count);
  return TRUE;
}

static gboolean
write_runs (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record)
{
  guint32 *lengths = arbor_scope_alloc (self->scope, (gsize) record->count * sizeof *lengths);
  gsize at = 0;

  for (guint32 i = 0; i < lane->places.n; i++)
    {
      const ArborSplicePiece *piece = &lane->places.list[i];
      const ArborLaneRecord *from = lane->of[piece->batch];
      const guint8 *spans = arbor_splice_get_buffer (self, piece->batch, from->offset_b);

      for (guint32 j = piece->from; j < piece->from + piece->n; j++)
        lengths[at++] = from->span_width < 4
                            ? (guint32) arbor_load_unsigned (spans, from->span_width, j)
                            : arbor_load_u32 (spans + ((gsize) j + 1) * 4) -
                                  arbor_load_u32 (spans + (gsize) j * 4);
    }
  record->encoding = ARBOR_ENCODING_RUNS;
  record->size_a = lane->n_elements;
  arbor_batch_encoder_write_spans (&self->encoder, record, lengths, record->count);
  return TRUE;
}

gboolean
arbor_splice_write_lane (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record)
{
  switch (lane->kind)
    {
    case ARBOR_KIND_BOOL:
      return write_bools (self, lane, record);
    case ARBOR_KIND_INT64:
    case ARBOR_KIND_UINT64:
      return write_frame (self, lane, record);
    case ARBOR_KIND_DOUBLE:
      return write_reals (self, lane, record);
    case ARBOR_KIND_STRING:
      return arbor_splice_write_strings (self, lane, record);
    case ARBOR_KIND_ARRAY:
      return write_runs (self, lane, record);
    case ARBOR_KIND_OBJECT:
      return write_shapes (self, lane, record);
    default: /* ARBOR_KIND_NUMBER, overflow */
      return arbor_splice_write_text (self, lane, record);
    }
}
