/* Cursors over what a batch keeps in order: bitmaps with ranks, row lists, spans. Each gives what
 * the reader of batches gives (arbor-batch.c), for any order of questions; asked in order, it goes
 * on from the last answer instead of counting anew. For columns whose presence, slots and runs
 * have been checked (ArborColumnState); spans may lie outside of the data, as there.
 */

#pragma once

#include "batch/arbor-batch-format.h"

G_BEGIN_DECLS

/* Over a bitmap: which bits are set, and how many before them. */
typedef struct
{
  ArborBitmap bitmap;
  guint32 next;   /* the bit after the last one that was found */
  guint32 n_ones; /* before next */
} ArborBitCursor;

static inline void
arbor_bit_cursor_init (ArborBitCursor *self, const guint8 *data, guint32 n_bits)
{
  arbor_bitmap_init (&self->bitmap, data, n_bits);
  self->next = 0;
  self->n_ones = 0;
}

/* Whether @bit, below n_bits, is set; then how many ones are before it. */
static inline gboolean
arbor_bit_cursor_find (ArborBitCursor *self, guint32 bit, guint32 *rank)
{
  guint64 word = arbor_bitmap_word (&self->bitmap, bit / 64);
  guint64 before = word & ((G_GUINT64_CONSTANT (1) << (bit % 64)) - 1);

  if (((word >> (bit % 64)) & 1) == 0)
    return FALSE;
  /* Zeros alone between next and the bit. */
  if (bit / 64 == self->next / 64 && bit >= self->next && before >> (self->next % 64) == 0)
    *rank = self->n_ones;
  else
    *rank = arbor_bitmap_rank (&self->bitmap, bit);
  self->next = bit + 1;
  self->n_ones = *rank + 1;
  return TRUE;
}

/* Over an ascending list of rows. */
typedef struct
{
  const guint8 *rows; /* u32 */
  guint32 n;
  guint32 next; /* the position after the last one that was found */
} ArborRowCursor;

static inline gboolean
arbor_row_cursor_find (ArborRowCursor *self, guint32 row, guint32 *position)
{
  guint32 low = 0;
  guint32 high = self->n;

  if (self->next < self->n && arbor_load_u32 (self->rows + (gsize) self->next * 4) == row)
    {
      *position = self->next++;
      return TRUE;
    }
  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (arbor_load_u32 (self->rows + (gsize) middle * 4) < row)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == self->n || arbor_load_u32 (self->rows + (gsize) low * 4) != row)
    return FALSE;
  *position = low;
  self->next = low + 1;
  return TRUE;
}

/* Over spans: where a run lies. */
typedef struct
{
  const guint8 *spans;
  const guint8 *anchors; /* u32; of widths 1 and 2 */
  guint32 count;
  guint8 width;
  guint32 next; /* the run after the last one that was asked for */
  guint64 end;  /* of that one */
} ArborSpanCursor;

static inline void
arbor_span_cursor_init (ArborSpanCursor *self, const guint8 *spans, guint32 count, guint8 width)
{
  self->spans = spans;
  self->anchors = spans + arbor_spans_anchors (count, width);
  self->count = count;
  self->width = width;
  self->next = 0;
  self->end = 0;
}

/* As arbor_spans_get: within a stride, sums of lengths from its anchor on. */
static inline void
arbor_span_cursor_get (ArborSpanCursor *self, guint32 index, guint64 *start, guint64 *end)
{
  if (self->width == 4)
    {
      *start = arbor_load_u32 (self->spans + (gsize) index * 4);
      *end = arbor_load_u32 (self->spans + (gsize) index * 4 + 4);
      return;
    }
  if (index % ARBOR_SPANS_STRIDE == 0)
    *start = arbor_load_u32 (self->anchors + (gsize) (index / ARBOR_SPANS_STRIDE) * 4);
  else if (index == self->next)
    *start = self->end;
  else
    {
      arbor_spans_get (self->spans, self->count, self->width, index, start, end);
      self->next = index + 1;
      self->end = *end;
      return;
    }
  *end = *start + arbor_load_unsigned (self->spans, self->width, index);
  self->next = index + 1;
  self->end = *end;
}

G_END_DECLS
