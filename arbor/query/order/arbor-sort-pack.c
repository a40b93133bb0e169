/* See arbor-sort-pack.h. The numbers are made key by key, and sorted by their digits, least
 * significant first, which keeps the order of rows that are equal. Of many rows each thread takes a
 * part of them; parts that are sorted are merged, by each thread a part of what comes out: as no two
 * numbers are equal, there is one order.
 */

#include "query/order/arbor-sort-pack.h"

#include "base/arbor-pool.h"
#include "base/arbor-simd.h"
#include "base/arbor-stop.h"
#include "query/view/arbor-share.h"

#define MAX_PLACES 16u /* bytes of a text */
#define DIGIT      11u
#define FEW        16384u /* rows, for which shorter digits do */
#define FEW_DIGIT  8u

/* What a text may have at one place: a byte of these, or, below all bytes, its end. */
typedef struct
{
  guint8 least, greatest;
  gboolean has_end;
  guint n_bits;
} Place;

typedef struct
{
  const ArborSortColumn *column;
  ArborSortFlags flags;
  guint n_bits; /* of the value */
  gboolean is_whole;
  guint64 least, greatest; /* words */
  guint shift;             /* of a word's distance from the least */
  Place places[MAX_PLACES];
  guint n_places;
} Field;

static guint
count_bits (guint64 number)
{
  return number == 0 ? 0 : 64 - (guint)__builtin_clzll (number);
}

static gboolean
has_value (const ArborSortColumn *column, gsize row)
{
  return column->ranks == NULL || column->ranks[row] == ARBOR_SORT_RANK_VALUE;
}

/* Texts */

/* Rows that a thread takes, and what it finds. */
typedef struct
{
  gsize from, to;
  guint64 least, greatest; /* words */
  guint32 longest;         /* text */
  gsize n_ends[MAX_PLACES + 1];
  Place places[MAX_PLACES];
  guint64 *sorted; /* its items; NULL: stopped */
} Part;

typedef struct
{
  const ArborSortTable *table;
  ArborAccess *access;
  GCancellable *cancellable;
  guint64 *items, *spare;
  guint row_bits, n_bits; /* of the row, and of all keys so far */
  Field *field;           /* the key at hand */
  Part parts[ARBOR_SORT_MAX_PARTS];
  guint n_parts;
  gsize starts[ARBOR_SORT_MAX_PARTS + 1][ARBOR_SORT_MAX_PARTS]; /* of what is merged, in each part */
} Pack;

guint
arbor_sort_get_n_parts (gsize n_rows)
{
  guint n = MIN (arbor_pool_get_n_threads (), ARBOR_SORT_MAX_PARTS);

  return n_rows < 2 * (gsize)arbor_share_get_sample () ? 1 : n;
}

static void
find_places (guint32 task, gpointer data)
{
  Pack *self = data;
  Part *part = &self->parts[task];
  const ArborSortColumn *column = self->field->column;
  guint32 skip = column->skip;

  part->longest = 0;
  memset (part->n_ends, 0, sizeof part->n_ends);
  for (guint i = 0; i < MAX_PLACES; i++)
    part->places[i] = (Place){ .least = 0xFF };
  for (gsize row = part->from; row < part->to; row++)
    {
      const ArborSortText *text = &column->texts[row];
      const guint8 *bytes;
      guint32 n;

      if (!has_value (column, row))
        continue;
      bytes = (const guint8 *)text->bytes + skip;
      part->longest = MAX (part->longest, text->length - skip);
      n = MIN (text->length - skip, MAX_PLACES);
      part->n_ends[n]++;
      for (guint32 i = 0; i < n; i++)
        {
          part->places[i].least = MIN (part->places[i].least, bytes[i]);
          part->places[i].greatest = MAX (part->places[i].greatest, bytes[i]);
        }
    }
}

static guint32
merge_places (Pack *self)
{
  Field *field = self->field;
  gboolean has_end = FALSE;
  guint32 longest = 0;

  for (guint i = 0; i < MAX_PLACES; i++)
    {
      Place *place = &field->places[i];

      *place = (Place){ .least = 0xFF };
      for (guint j = 0; j < self->n_parts; j++)
        {
          place->least = MIN (place->least, self->parts[j].places[i].least);
          place->greatest = MAX (place->greatest, self->parts[j].places[i].greatest);
          has_end |= self->parts[j].n_ends[i] > 0;
          longest = MAX (longest, self->parts[j].longest);
        }
      place->has_end = has_end;
      place->n_bits = place->greatest >= place->least
                          ? count_bits ((guint64)(place->greatest - place->least) + has_end)
                          : 0;
    }
  return longest;
}

static void
plan_text (Pack *self, guint n_free)
{
  Field *field = self->field;
  guint32 longest;

  arbor_pool_run (self->n_parts, find_places, self);
  longest = merge_places (self);
  while (field->n_places < MAX_PLACES && field->n_places < longest &&
         field->n_bits + field->places[field->n_places].n_bits <= n_free)
    field->n_bits += field->places[field->n_places++].n_bits;
  field->is_whole = field->n_places >= longest;
}

static guint64
get_text_field (const Field *field, gsize row)
{
  const ArborSortText *text = &field->column->texts[row];
  const guint8 *bytes = (const guint8 *)text->bytes + field->column->skip;
  guint32 n = text->length - field->column->skip;
  guint64 word = 0;

  for (guint32 i = 0; i < field->n_places; i++)
    {
      const Place *place = &field->places[i];

      word <<= place->n_bits;
      if (i < n)
        word |= (guint64)(bytes[i] - place->least) + place->has_end;
    }
  return word;
}

/* Anything else */

ARBOR_TARGET_CLONES
static void
find_ends (const guint64 *words, gsize n, guint64 flip, guint64 *least, guint64 *greatest)
{
  guint64 low = G_MAXUINT64, high = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint64 word = words[i] ^ flip;

      low = MIN (low, word);
      high = MAX (high, word);
    }
  *least = low;
  *greatest = high;
}

static void
find_words (guint32 task, gpointer data)
{
  Pack *self = data;
  Part *part = &self->parts[task];
  const ArborSortColumn *column = self->field->column;

  part->least = G_MAXUINT64;
  part->greatest = 0;
  if (column->layout == ARBOR_SORT_LAYOUT_BOOLEAN)
    find_ends (column->words + part->from, part->to - part->from, 0, &part->least, &part->greatest);
  else if (column->layout == ARBOR_SORT_LAYOUT_INTEGER)
    find_ends (column->words + part->from, part->to - part->from, ARBOR_SORT_SIGN, &part->least,
               &part->greatest);
  else
    for (gsize row = part->from; row < part->to; row++)
      if (has_value (column, row))
        {
          guint64 word = arbor_sort_column_get_word (column, row, 0);

          part->least = MIN (part->least, word);
          part->greatest = MAX (part->greatest, word);
        }
}

static void
plan_words (Pack *self, guint n_free)
{
  Field *field = self->field;
  guint n_bits;

  arbor_pool_run (self->n_parts, find_words, self);
  field->least = G_MAXUINT64;
  for (guint i = 0; i < self->n_parts; i++)
    {
      field->least = MIN (field->least, self->parts[i].least);
      field->greatest = MAX (field->greatest, self->parts[i].greatest);
    }
  if (field->least > field->greatest)
    field->least = field->greatest = 0;
  n_bits = count_bits (field->greatest - field->least);
  field->n_bits = MIN (n_bits, n_free);
  field->shift = n_bits - field->n_bits;
  field->is_whole = field->shift == 0 && field->column->layout != ARBOR_SORT_LAYOUT_VALUE;
}

static guint64
get_word_field (const Field *field, gsize row)
{
  guint64 word = arbor_sort_column_get_word (field->column, row, 0);

  word = (field->flags & ARBOR_SORT_DESCENDING) != 0 ? field->greatest - word
                                                     : word - field->least;
  return field->shift < 64 ? word >> field->shift : 0;
}

/* The numbers */

ARBOR_TARGET_CLONES
static void
add_integers (guint64 *items, const guint64 *words, gsize n, const Field *field)
{
  guint64 sign = field->column->layout == ARBOR_SORT_LAYOUT_INTEGER ? ARBOR_SORT_SIGN : 0;
  gboolean descends = (field->flags & ARBOR_SORT_DESCENDING) != 0;
  guint64 least = field->least, greatest = field->greatest;
  guint n_bits = field->n_bits, shift = field->shift;

  for (gsize i = 0; i < n; i++)
    {
      guint64 word = words[i] ^ sign;

      word = descends ? greatest - word : word - least;
      items[i] = items[i] << n_bits | word >> shift;
    }
}

/* Null and MISSING after the values or before them. */
static guint64
get_rank_field (const Field *field, gsize row)
{
  guint64 rank = field->column->ranks[row];

  return (field->flags & ARBOR_SORT_NULLS_FIRST) != 0 ? (rank + 2) % 3 : rank;
}

static void
add_fields (guint64 *items, gsize from, gsize to, const Field *field)
{
  const ArborSortColumn *column = field->column;
  gboolean is_text = column->layout == ARBOR_SORT_LAYOUT_TEXT;
  gboolean flips = is_text && (field->flags & ARBOR_SORT_DESCENDING) != 0;
  guint64 flip = flips && field->n_bits > 0 ? G_MAXUINT64 >> (64 - field->n_bits) : 0;

  for (gsize row = from; row < to; row++)
    {
      guint64 word = 0;

      if (column->layout != ARBOR_SORT_LAYOUT_EMPTY && has_value (column, row))
        word = is_text ? get_text_field (field, row) ^ flip : get_word_field (field, row);
      if (column->ranks != NULL)
        items[row] = items[row] << 2 | get_rank_field (field, row);
      items[row] = items[row] << field->n_bits | word;
    }
}

static void
add_key (guint32 task, gpointer data)
{
  Pack *self = data;
  const Part *part = &self->parts[task];
  const Field *field = self->field;
  const ArborSortColumn *column = field->column;

  if (column->ranks == NULL && field->shift < 64 &&
      (column->layout == ARBOR_SORT_LAYOUT_BOOLEAN || column->layout == ARBOR_SORT_LAYOUT_INTEGER))
    add_integers (self->items + part->from, column->words + part->from, part->to - part->from, field);
  else
    add_fields (self->items, part->from, part->to, field);
}

/* Digits */

static void
count_digits (const guint64 *items, gsize n, guint first, guint digit, guint n_digits,
              guint32 *counts)
{
  guint64 mask = (G_GUINT64_CONSTANT (1) << digit) - 1;

  for (gsize i = 0; i < n; i++)
    for (guint j = 0; j < n_digits; j++)
      counts[((gsize)j << digit) + ((items[i] >> (first + j * digit)) & mask)]++;
}

/* FALSE: all have the same digit. */
static gboolean
sum_up (guint32 *counts, guint digit, gsize n)
{
  guint32 sum = 0;

  for (gsize i = 0; i < (gsize)1 << digit; i++)
    {
      guint32 count = counts[i];

      if (count == n)
        return FALSE;
      counts[i] = sum;
      sum += count;
    }
  return TRUE;
}

static void
move_items (const guint64 *items, gsize n, guint shift, guint64 mask, guint32 *starts, guint64 *out)
{
  for (gsize i = 0; i < n; i++)
    out[starts[(items[i] >> shift) & mask]++] = items[i];
}

/* Which of the two has the result; NULL: stopped. */
static guint64 *
sort_items (const Pack *self, guint64 *items, guint64 *spare, gsize n)
{
  guint first = self->row_bits, n_bits = self->n_bits;
  guint digit = n < FEW ? FEW_DIGIT : DIGIT;
  guint n_digits = (n_bits + digit - 1) / digit;
  guint64 mask = (G_GUINT64_CONSTANT (1) << digit) - 1;
  g_autofree guint32 *counts = g_new0 (guint32, ((gsize)n_digits << digit) + 1);

  count_digits (items, n, first, digit, n_digits, counts);
  for (guint i = 0; i < n_digits; i++)
    {
      guint64 *swap = items;

      if (!sum_up (counts + ((gsize)i << digit), digit, n))
        continue;
      if (!arbor_access_check (self->access, self->cancellable, NULL))
        return NULL;
      move_items (items, n, first + i * digit, mask, counts + ((gsize)i << digit), spare);
      items = spare;
      spare = swap;
    }
  return items;
}

static void
sort_part (guint32 task, gpointer data)
{
  Pack *self = data;
  Part *part = &self->parts[task];
  guint64 *items = self->items + part->from;
  gsize n = part->to - part->from;

  for (gsize i = 0; i < n; i++)
    items[i] = items[i] << self->row_bits | (part->from + i);
  part->sorted = sort_items (self, items, self->spare + part->from, n);
  /* What is merged lies in one place. */
  if (part->sorted != NULL && self->n_parts > 1 && part->sorted != items)
    {
      memcpy (items, part->sorted, n * sizeof *items);
      part->sorted = items;
    }
}

/* Merging */

/* How many of the items of a part are less. */
static gsize
count_less (const Part *part, guint64 word)
{
  gsize low = 0, high = part->to - part->from;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (part->sorted[middle] < word)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Where in each part those items end of which there are @n in all. */
static void
split (const Pack *self, gsize n, gsize *ends)
{
  guint64 word = 0;
  gsize n_less;

  /* The greatest number that no more than @n items are less than. */
  for (guint bit = 64; bit > 0; bit--)
    {
      guint64 larger = word | G_GUINT64_CONSTANT (1) << (bit - 1);

      n_less = 0;
      for (guint i = 0; i < self->n_parts; i++)
        n_less += count_less (&self->parts[i], larger);
      if (n_less <= n)
        word = larger;
    }
  for (guint i = 0; i < self->n_parts; i++)
    ends[i] = count_less (&self->parts[i], word);
}

static void
merge_two (const guint64 *a, const guint64 *a_end, const guint64 *b, const guint64 *b_end,
           guint64 *out)
{
  while (a < a_end && b < b_end)
    {
      gboolean is_less = *b < *a;

      *out++ = is_less ? *b : *a;
      b += is_less;
      a += !is_less;
    }
  memcpy (out, a, (gsize)(a_end - a) * sizeof *out);
  memcpy (out + (a_end - a), b, (gsize)(b_end - b) * sizeof *out);
}

static void
merge_part (guint32 task, gpointer data)
{
  Pack *self = data;
  const guint64 *at[ARBOR_SORT_MAX_PARTS], *ends[ARBOR_SORT_MAX_PARTS];
  guint64 *out = self->spare;
  guint n = 0;

  for (guint i = 0; i < self->n_parts; i++)
    {
      out += self->starts[task][i];
      at[n] = self->parts[i].sorted + self->starts[task][i];
      ends[n] = self->parts[i].sorted + self->starts[task + 1][i];
      n += at[n] < ends[n];
    }
  while (n > 2)
    {
      guint least = 0;

      for (guint i = 1; i < n; i++)
        if (*at[i] < *at[least])
          least = i;
      *out++ = *at[least]++;
      if (at[least] < ends[least])
        continue;
      n--;
      at[least] = at[n];
      ends[least] = ends[n];
    }
  if (n == 2)
    merge_two (at[0], ends[0], at[1], ends[1], out);
  else if (n == 1)
    memcpy (out, at[0], (gsize)(ends[0] - at[0]) * sizeof *out);
}

/* NULL: stopped. */
static guint64 *
sort_parts (Pack *self)
{
  gsize n = self->table->n_rows;

  arbor_pool_run (self->n_parts, sort_part, self);
  for (guint i = 0; i < self->n_parts; i++)
    if (self->parts[i].sorted == NULL)
      return NULL;
  if (self->n_parts == 1)
    return self->parts[0].sorted;
  for (guint i = 0; i < self->n_parts; i++)
    split (self, n / self->n_parts * i, self->starts[i]);
  for (guint i = 0; i < self->n_parts; i++)
    self->starts[self->n_parts][i] = self->parts[i].to - self->parts[i].from;
  arbor_pool_run (self->n_parts, merge_part, self);
  return self->spare;
}

/* All keys that find room. */
static gboolean
add_keys (Pack *self, guint32 *n_keys, GError **error)
{
  const ArborSortTable *table = self->table;
  guint n_free = 64 - self->row_bits;
  gboolean is_whole = TRUE;

  *n_keys = 0;
  for (guint32 i = 0; is_whole && i < table->keys->n; i++)
    {
      Field field = { .column = &table->columns[i],
                      .flags = table->keys->flags[i],
                      .is_whole = TRUE };
      guint rank_bits = field.column->ranks != NULL ? 2 : 0;

      if (!arbor_access_check (self->access, self->cancellable, error))
        return FALSE;
      if (self->n_bits + rank_bits > n_free)
        break;
      self->n_bits += rank_bits;
      self->field = &field;
      if (field.column->layout == ARBOR_SORT_LAYOUT_TEXT)
        plan_text (self, n_free - self->n_bits);
      else if (field.column->layout != ARBOR_SORT_LAYOUT_EMPTY)
        plan_words (self, n_free - self->n_bits);
      self->n_bits += field.n_bits;
      arbor_pool_run (self->n_parts, add_key, self);
      is_whole = field.is_whole;
      *n_keys += is_whole;
    }
  return TRUE;
}

guint64 *
arbor_sort_pack (ArborSortTable *table, guint n_parts, ArborAccess *access,
                 GCancellable *cancellable, guint64 *items, guint64 *spare, guint *row_bits,
                 guint32 *n_keys, GError **error)
{
  g_autofree Pack *self = g_new0 (Pack, 1);
  gsize n = table->n_rows;
  guint64 *sorted;

  *row_bits = count_bits (MAX (n, 2) - 1);
  *self = (Pack){ .table = table,
                  .access = access,
                  .cancellable = cancellable,
                  .items = items,
                  .spare = spare,
                  .row_bits = *row_bits,
                  .n_parts = n_parts };
  for (guint i = 0; i < n_parts; i++)
    {
      self->parts[i].from = n / n_parts * i;
      self->parts[i].to = i + 1 < n_parts ? n / n_parts * (i + 1) : n;
    }
  memset (items, 0, n * sizeof *items);
  if (!add_keys (self, n_keys, error))
    return NULL;
  sorted = sort_parts (self);
  if (sorted == NULL && arbor_access_check (access, cancellable, error))
    arbor_stop_set_error (error);
  return sorted;
}
