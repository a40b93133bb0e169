/* Where the values of a block lie: from rows to slots to lanes to the rows of the next columns. See
 * arbor-gather-private.h. Nothing of the builder changes here, so a block that turns out to be too
 * large can be planned again, smaller.
 */

#include "batch/arbor-gather-private.h"

#include "base/arbor-bits.h"

/* Elements listed at once; a block of one row lists none. */
#define MAX_LISTED (4u * 1024u * 1024u)

static guint32 *
new_list (ArborGather *self, gsize n)
{
  return arbor_scope_alloc (self->scope, MAX (n, 1) * sizeof (guint32));
}

guint64 *
arbor_gather_new_bits (ArborGather *self, gsize n)
{
  guint64 *bits = arbor_scope_alloc (self->scope, MAX (arbor_bits_n_words (n), 1) * 8);

  memset (bits, 0, arbor_bits_n_words (n) * 8);
  return bits;
}

/* Ones before @bit, which may be the one behind the last; there are @n_ones in all. */
static guint32
rank (const ArborBitmap *bitmap, guint32 bit, guint32 n_ones)
{
  return bit >= bitmap->n_bits ? n_ones : arbor_bitmap_rank (bitmap, bit);
}

/* Bits @from to @from + @n - 1 of the bitmap, from bit 0 on. */
static guint64 *
cut_bits (ArborGather *self, const ArborBitmap *bitmap, guint32 from, guint32 n)
{
  guint64 *out = arbor_gather_new_bits (self, n);
  guint32 n_words = (guint32) arbor_bits_n_words (bitmap->n_bits);
  guint shift = from % 64;

  for (guint32 i = 0, word = from / 64; i < arbor_bits_n_words (n); i++, word++)
    {
      out[i] = arbor_bitmap_word (bitmap, word) >> shift;
      if (shift != 0 && word + 1 < n_words)
        out[i] |= arbor_bitmap_word (bitmap, word + 1) << (64 - shift);
    }
  if (n > 0)
    out[arbor_bits_n_words (n) - 1] &= arbor_bits_last_mask (n);
  return out;
}

/* The first position in a row list of a row that is not below @row. */
static guint32
find_row (const guint8 *rows, guint32 n, guint32 row)
{
  guint32 low = 0, high = n;

  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (arbor_load_u32 (rows + (gsize) middle * 4) < row)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Slots */

static void
find_slots_in_range (ArborGather *self, const ArborColumnRecord *record, guint32 from, guint32 n,
                     ArborGatherColumn *column)
{
  const guint8 *presence = self->batch->data + record->presence_offset;
  ArborBitmap bitmap;
  guint64 *present;

  if (record->presence == ARBOR_PRESENCE_BITMAP)
    {
      arbor_bitmap_init (&bitmap, presence, record->n_rows);
      column->slots.from = rank (&bitmap, from, record->n_values);
      column->slots.n = rank (&bitmap, from + n, record->n_values) - column->slots.from;
      if (column->slots.n < n)
        column->present = cut_bits (self, &bitmap, from, n);
      return;
    }
  column->slots.from = find_row (presence, record->n_values, from);
  column->slots.n = find_row (presence, record->n_values, from + n) - column->slots.from;
  if (column->slots.n == n)
    return;
  column->present = present = arbor_gather_new_bits (self, n);
  for (guint32 i = 0; i < column->slots.n; i++)
    arbor_bits_set (present,
                    arbor_load_u32 (presence + (gsize) (column->slots.from + i) * 4) - from);
}

/* Rows of a list ascend more often than not: the search goes on where the last one ended. */
static gboolean
find_next_row (const guint8 *rows, guint32 n, guint32 row, guint32 *at)
{
  if (*at > 0 && arbor_load_u32 (rows + (gsize) (*at - 1) * 4) >= row)
    *at = find_row (rows, n, row);
  for (guint i = 0; i < 8 && *at < n && arbor_load_u32 (rows + (gsize) *at * 4) < row; i++)
    ++*at;
  if (*at < n && arbor_load_u32 (rows + (gsize) *at * 4) < row)
    *at += find_row (rows + (gsize) *at * 4, n - *at, row);
  return *at < n && arbor_load_u32 (rows + (gsize) *at * 4) == row;
}

static void
find_slots_of_list (ArborGather *self, const ArborColumnRecord *record, const ArborPlaces *rows,
                    ArborGatherColumn *column)
{
  const guint8 *presence = self->batch->data + record->presence_offset;
  gboolean is_bitmap = record->presence == ARBOR_PRESENCE_BITMAP;
  guint32 *slots = new_list (self, rows->n);
  guint64 *present = arbor_gather_new_bits (self, rows->n);
  ArborBitmap bitmap = { NULL, NULL, 0 };
  guint32 n = 0, at = 0;

  if (is_bitmap)
    arbor_bitmap_init (&bitmap, presence, record->n_rows);
  for (guint32 i = 0; i < rows->n; i++)
    {
      guint32 row = rows->list[i];

      if (is_bitmap ? !arbor_bitmap_test (&bitmap, row)
                    : !find_next_row (presence, record->n_values, row, &at))
        continue;
      arbor_bits_set (present, i);
      slots[n++] = is_bitmap ? arbor_bitmap_rank (&bitmap, row) : at;
    }
  column->slots = (ArborPlaces){ .n = n, .list = slots };
  if (n < rows->n)
    column->present = present;
}

/* Lanes */

static void
find_lanes_in_range (ArborGather *self, const ArborColumnRecord *record, ArborGatherColumn *column)
{
  const ArborPlaces *slots = &column->slots;
  guint8 *tags = NULL;

  column->kind = ARBOR_KIND_NULL;
  for (guint i = 0; i < record->n_lanes; i++)
    {
      const ArborLaneRecord *lane = &self->batch->lanes[record->first_lane + i];
      ArborPlaces *places = &self->lanes[record->first_lane + i];
      ArborBitmap bitmap;

      arbor_bitmap_init (&bitmap, self->batch->data + lane->slots_offset, record->n_values);
      places->list = NULL;
      places->from = rank (&bitmap, slots->from, lane->count);
      places->n = rank (&bitmap, slots->from + slots->n, lane->count) - places->from;
      if (places->n == 0)
        continue;
      if (places->n == slots->n)
        {
          column->kind = lane->kind;
          continue;
        }
      if (tags == NULL)
        {
          tags = arbor_scope_alloc (self->scope, slots->n);
          memset (tags, ARBOR_KIND_NULL, slots->n);
        }
      for (guint32 word = 0; word * 64 < slots->n; word++)
        {
          guint32 first = slots->from + word * 64;
          guint64 bits = arbor_bitmap_word (&bitmap, first / 64) >> (first % 64);

          if (first % 64 != 0 && (first / 64 + 1) * 64 < record->n_values)
            bits |= arbor_bitmap_word (&bitmap, first / 64 + 1) << (64 - first % 64);
          if (slots->n - word * 64 < 64)
            bits &= arbor_bits_last_mask (slots->n);
          for (; bits != 0; bits &= bits - 1)
            tags[word * 64 + (guint) __builtin_ctzll (bits)] = lane->kind;
        }
    }
  column->tags = tags;
}

static void
find_lanes_of_list (ArborGather *self, const ArborColumnRecord *record, ArborGatherColumn *column)
{
  const ArborPlaces *slots = &column->slots;
  guint8 *tags = arbor_scope_alloc (self->scope, slots->n);
  ArborBitmap bitmaps[ARBOR_N_LANE_KINDS];
  guint32 *lists[ARBOR_N_LANE_KINDS];
  guint32 n[ARBOR_N_LANE_KINDS] = { 0 };
  const ArborLaneRecord *lanes = self->batch->lanes + record->first_lane;
  gboolean is_mixed = FALSE;

  for (guint i = 0; i < record->n_lanes; i++)
    {
      arbor_bitmap_init (&bitmaps[i], self->batch->data + lanes[i].slots_offset, record->n_values);
      lists[i] = new_list (self, slots->n);
    }
  for (guint32 i = 0; i < slots->n; i++)
    {
      guint lane = 0;

      while (lane < record->n_lanes && !arbor_bitmap_test (&bitmaps[lane], slots->list[i]))
        lane++;
      tags[i] = lane < record->n_lanes ? lanes[lane].kind : ARBOR_KIND_NULL;
      if (lane < record->n_lanes)
        lists[lane][n[lane]++] = arbor_bitmap_rank (&bitmaps[lane], slots->list[i]);
    }
  column->kind = ARBOR_KIND_NULL;
  for (guint i = 0; i < record->n_lanes; i++)
    {
      self->lanes[record->first_lane + i] = (ArborPlaces){ .n = n[i], .list = lists[i] };
      is_mixed |= n[i] > 0;
      if (n[i] == slots->n)
        column->kind = lanes[i].kind;
    }
  column->tags = is_mixed && column->kind == ARBOR_KIND_NULL ? tags : NULL;
}

static void
find_lanes (ArborGather *self, const ArborColumnRecord *record, ArborGatherColumn *column)
{
  if (record->n_lanes == 1 && self->batch->lanes[record->first_lane].slots_offset == 0)
    {
      self->lanes[record->first_lane] = column->slots;
      column->kind = self->batch->lanes[record->first_lane].kind;
      column->tags = NULL;
    }
  else if (column->slots.list != NULL)
    find_lanes_of_list (self, record, column);
  else
    find_lanes_in_range (self, record, column);
}

/* Elements */

static gboolean
list_elements (ArborGather *self, const ArborLaneRecord *lane, const ArborPlaces *arrays,
               ArborPlaces *elements)
{
  const guint8 *spans = self->batch->data + lane->offset_b;
  guint64 start, end, n = 0;
  guint32 *list;

  for (guint32 i = 0; i < arrays->n; i++)
    {
      arbor_spans_get (spans, lane->count, lane->span_width, arrays->list[i], &start, &end);
      n += end - start;
    }
  if (n > MAX_LISTED)
    return FALSE;
  list = new_list (self, n);
  *elements = (ArborPlaces){ .n = (guint32) n, .list = list };
  for (guint32 i = 0; i < arrays->n; i++)
    {
      arbor_spans_get (spans, lane->count, lane->span_width, arrays->list[i], &start, &end);
      for (guint64 row = start; row < end; row++)
        *list++ = (guint32) row;
    }
  return TRUE;
}

static gboolean
find_elements (ArborGather *self, const ArborLaneRecord *lane, const ArborPlaces *arrays,
               ArborPlaces *elements)
{
  const guint8 *spans = self->batch->data + lane->offset_b;
  guint64 start, end, last;

  if (arrays->list != NULL)
    return list_elements (self, lane, arrays, elements);
  arbor_spans_get (spans, lane->count, lane->span_width, arrays->from, &start, &end);
  arbor_spans_get (spans, lane->count, lane->span_width, arrays->from + arrays->n - 1, &last, &end);
  *elements = (ArborPlaces){ .n = (guint32) (end - start), .from = (guint32) start };
  return TRUE;
}

/* Columns */

/* The rows of a column, of which the parent's have been found. */
static const ArborPlaces *
find_rows (ArborGather *self, guint32 index)
{
  static const ArborPlaces none = { 0 };
  const ArborColumnRecord *record = &self->batch->columns[index];
  const ArborColumnRecord *parent = &self->batch->columns[record->parent];
  const ArborGatherColumn *above = &self->columns[record->parent];
  const ArborLaneRecord *lane;

  if (above->n_rows == 0 || above->slots.n == 0)
    return &none;
  if (record->key == ARBOR_NO_COLUMN)
    return &above->elements;
  lane = arbor_batch_find_lane (self->batch, parent, ARBOR_KIND_OBJECT);
  return &self->lanes[lane - self->batch->lanes];
}

static gboolean
plan_column (ArborGather *self, guint32 index, const ArborPlaces *rows)
{
  const ArborColumnRecord *record = &self->batch->columns[index];
  ArborGatherColumn *column = &self->columns[index];

  self->planned[self->n_planned++] = index;
  column->n_rows = self->left_out != NULL && self->left_out[index] ? 0 : rows->n;
  column->slots = *rows;
  column->present = NULL;
  column->elements.n = 0;
  if (column->n_rows == 0)
    return TRUE;
  if (record->presence != ARBOR_PRESENCE_ALL && rows->list != NULL)
    find_slots_of_list (self, record, rows, column);
  else if (record->presence != ARBOR_PRESENCE_ALL)
    find_slots_in_range (self, record, rows->from, rows->n, column);
  if (column->slots.n == 0)
    return TRUE;
  if (index == self->exploded && index != 0)
    {
      for (guint32 i = record->first_lane; i < record->first_lane + record->n_lanes; i++)
        self->lanes[i].n = 0;
      column->elements = (ArborPlaces){ .n = column->slots.n, .list = self->elements };
      return TRUE;
    }
  find_lanes (self, record, column);
  for (guint32 i = record->first_lane; i < record->first_lane + record->n_lanes; i++)
    {
      const ArborLaneRecord *lane = &self->batch->lanes[i];

      if (self->lanes[i].n > 0 &&
          (lane->kind == ARBOR_LANE_OVERFLOW ||
           (lane->kind == ARBOR_KIND_ARRAY &&
            !find_elements (self, lane, &self->lanes[i], &column->elements))))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_gather_plan (ArborGather *self, const ArborPlaces *rows)
{
  self->n_planned = 0;
  for (guint32 i = 0; i < self->batch->header->n_columns; i++)
    if (!plan_column (self, i, i == 0 ? rows : find_rows (self, i)))
      return FALSE;
  return TRUE;
}

/* Level by level: the children of columns that follow each other do so, too. */
gboolean
arbor_gather_plan_column (ArborGather *self, guint32 index, const ArborPlaces *rows)
{
  guint32 from = index, to = index + 1;

  self->n_planned = 0;
  if (!plan_column (self, index, rows))
    return FALSE;
  while (from < to)
    {
      guint32 first = 0, end = 0;

      for (guint32 i = from; i < to; i++)
        {
          const ArborColumnRecord *record = &self->batch->columns[i];

          if (record->first_child == 0)
            continue;
          first = first == 0 ? record->first_child : first;
          end = record->first_child + record->n_fields + record->has_elements;
        }
      for (guint32 i = first; i < end; i++)
        if (!plan_column (self, i, find_rows (self, i)))
          return FALSE;
      from = first;
      to = end;
    }
  return TRUE;
}

/* Leaving out */

typedef struct
{
  guint32 column;
  const ArborWanted *wanted;
  gboolean is_list;
} Place;

static void
make_left_out (ArborGather *self)
{
  if (self->left_out == NULL)
    self->left_out = g_new0 (guint8, self->batch->header->n_columns);
}

void
arbor_gather_leave_out_column (ArborGather *self, guint32 column)
{
  make_left_out (self);
  self->left_out[column] = TRUE;
}

void
arbor_gather_leave_out (ArborGather *self, guint32 column, const ArborWantedField *wanted)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  Place place = { column, wanted->below, wanted->is_list };

  make_left_out (self);
  g_array_append_val (places, place);
  while (places->len > 0)
    {
      guint32 first, n, elements;

      place = g_array_index (places, Place, places->len - 1);
      g_array_set_size (places, places->len - 1);
      n = place.is_list ? 0 : arbor_batch_get_fields (self->batch, place.column, &first);
      for (guint32 i = 0; i < n; i++)
        {
          guint32 length;
          const char *key = arbor_batch_get_key (self->batch, first + i, &length);
          const ArborWantedField *field = arbor_wanted_find (place.wanted, key, length);
          const Place below = { first + i, field != NULL ? field->below : NULL,
                                field != NULL && field->is_list };

          self->left_out[first + i] = field == NULL;
          if (below.wanted != NULL)
            g_array_append_val (places, below);
        }
      elements = arbor_batch_find_elements (self->batch, place.column);
      /* An element that stands for the array is what may be an object. */
      place.is_list &= self->exploded != 0 && place.column == self->exploded;
      place.column = elements;
      if (elements != ARBOR_NO_COLUMN)
        g_array_append_val (places, place);
    }
}
