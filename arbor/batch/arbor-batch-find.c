/* See arbor-batch-find.h. Rows mostly ascend, so that a bitmap's rank goes on from word to word. */

#include "batch/arbor-batch-find.h"

#include "base/arbor-simd.h"
#include "batch/arbor-batch-format.h"

/* Words that are counted one by one before the directory is asked. */
#define NEAR 8u

/* A bitmap with the word that was read last. */
typedef struct
{
  ArborBitmap bitmap;
  guint32 word;
  guint32 rank; /* ones before it */
  guint64 bits; /* of it */
} Cursor;

static inline void
move (Cursor *self, guint32 word)
{
  if (word > self->word && word - self->word <= NEAR)
    {
      self->rank += (guint32) __builtin_popcountll (self->bits);
      for (guint32 i = self->word + 1; i < word; i++)
        self->rank += (guint32) __builtin_popcountll (arbor_bitmap_word (&self->bitmap, i));
    }
  else
    {
      self->rank = arbor_bitmap_rank (&self->bitmap, word * 64);
    }
  self->word = word;
  self->bits = arbor_bitmap_word (&self->bitmap, word);
}

static inline void
begin (Cursor *self, const guint8 *data, guint32 n_bits)
{
  *self = (Cursor){ .word = G_MAXUINT32 };
  arbor_bitmap_init (&self->bitmap, data, n_bits);
}

/* FALSE: the bit is not set, or there is none. */
static inline gboolean
find_bit (Cursor *self, guint32 bit, guint32 *rank)
{
  guint64 mask = G_GUINT64_CONSTANT (1) << (bit % 64);

  if (bit >= self->bitmap.n_bits)
    return FALSE;
  if (bit / 64 != self->word)
    move (self, bit / 64);
  *rank = self->rank + (guint32) __builtin_popcountll (self->bits & (mask - 1));
  return (self->bits & mask) != 0;
}

/* A position in a list of rows, from *@at on or from the beginning. */
static gboolean
find_in_list (const guint8 *list, guint32 n, guint32 row, guint32 *at)
{
  guint32 low = 0, high = n;

  if (*at < n && arbor_load_u32 (list + (gsize) *at * 4) <= row)
    low = *at;
  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (arbor_load_u32 (list + (gsize) middle * 4) < row)
        low = middle + 1;
      else
        high = middle;
    }
  *at = low;
  return low < n && arbor_load_u32 (list + (gsize) low * 4) == row;
}

/* The slots of rows among the values of the column. */
ARBOR_TARGET_CLONES
static guint32
find_slots (const guint8 *presence, const ArborColumnRecord *record, const guint32 *rows, guint32 n,
            guint32 *which, guint32 *found)
{
  guint32 n_found = 0;
  guint32 slot = 0;
  Cursor cursor;

  if (record->presence == ARBOR_PRESENCE_BITMAP)
    {
      begin (&cursor, presence, record->n_rows);
      for (guint32 i = 0; i < n; i++)
        if (find_bit (&cursor, rows[i], &slot))
          {
            which[n_found] = i;
            found[n_found++] = slot;
          }
      return n_found;
    }
  for (guint32 i = 0; i < n; i++)
    if (record->presence == ARBOR_PRESENCE_ALL
            ? rows[i] < record->n_rows
            : find_in_list (presence, record->n_values, rows[i], &slot))
      {
        which[n_found] = i;
        found[n_found++] = record->presence == ARBOR_PRESENCE_ALL ? rows[i] : slot;
      }
  return n_found;
}

/* The indices in the lane of slots: in their place. */
ARBOR_TARGET_CLONES
static guint32
find_indices (const guint8 *slots, const ArborColumnRecord *record, const ArborLaneRecord *lane,
              guint32 n, guint32 *which, guint32 *found)
{
  guint32 n_found = 0;
  guint32 index = 0;
  Cursor cursor;

  begin (&cursor, slots, record->n_values);
  for (guint32 i = 0; i < n; i++)
    if (lane->slots_offset == 0 ? (index = found[i], TRUE) : find_bit (&cursor, found[i], &index))
      if (index < lane->count)
        {
          which[n_found] = which[i];
          found[n_found++] = index;
        }
  return n_found;
}

guint32
arbor_batch_find_in_lane (const ArborBatch *self, guint32 column, guint8 kind, const guint32 *rows,
                          guint32 n, guint32 *which, guint32 *found)
{
  const ArborColumnRecord *record = &self->columns[column];
  const ArborLaneRecord *lane = arbor_batch_find_lane (self, record, kind);

  if (lane == NULL || !arbor_batch_column_is_good (self, column))
    return 0;
  n = find_slots (self->data + record->presence_offset, record, rows, n, which, found);
  return find_indices (self->data + lane->slots_offset, record, lane, n, which, found);
}

guint32
arbor_batch_find_present (const ArborBatch *self, guint32 column, const guint32 *rows, guint32 n,
                          guint32 *which, guint32 *found)
{
  const ArborColumnRecord *record = &self->columns[column];

  if (!arbor_batch_column_is_good (self, column))
    return 0;
  n = find_slots (self->data + record->presence_offset, record, rows, n, which, found);
  for (guint32 i = 0; i < n; i++)
    found[i] = rows[which[i]];
  return n;
}

void
arbor_batch_find_runs (const ArborBatch *self, guint32 column, const guint32 *indices, guint32 n,
                       guint32 *starts, guint32 *ends)
{
  const ArborColumnRecord *record = &self->columns[column];
  const ArborLaneRecord *lane = arbor_batch_find_lane (self, record, ARBOR_KIND_ARRAY);
  gboolean is_good = lane != NULL && record->has_elements && arbor_batch_column_is_good (self, column);
  guint32 next = G_MAXUINT32;
  guint64 at = 0;

  for (guint32 i = 0; i < n; i++)
    {
      guint32 index = indices[i];
      guint64 start = 0, end = 0;

      if (is_good && index < lane->count)
        {
          /* Runs follow each other: the next begins where this one ends. */
          if (index == next && lane->span_width < 4)
            {
              start = at;
              end = at + arbor_load_unsigned (self->data + lane->offset_b, lane->span_width, index);
            }
          else
            {
              arbor_spans_get (self->data + lane->offset_b, lane->count, lane->span_width, index,
                               &start, &end);
            }
          next = index + 1;
          at = end;
          if (start > end || end > lane->size_a)
            start = end = 0;
        }
      starts[i] = (guint32) start;
      ends[i] = (guint32) end;
    }
}
