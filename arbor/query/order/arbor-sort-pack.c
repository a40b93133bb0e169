/* See arbor-sort-pack.h. The numbers are made key by key, and sorted by their digits, least
 * significant first, which keeps the order of rows that are equal.
 */

#include "query/order/arbor-sort-pack.h"

#include "base/arbor-simd.h"

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

static void
find_places (Field *field, guint32 *longest)
{
  const ArborSortColumn *column = field->column;
  guint32 skip = column->skip;
  gsize n_ends[MAX_PLACES + 1] = { 0 };
  gboolean has_end = FALSE;

  *longest = 0;
  for (guint i = 0; i < MAX_PLACES; i++)
    field->places[i] = (Place){ .least = 0xFF };
  for (gsize row = 0; row < column->n_rows; row++)
    {
      const ArborSortText *text = &column->texts[row];
      const guint8 *bytes;
      guint32 n;

      if (!has_value (column, row))
        continue;
      bytes = (const guint8 *)text->bytes + skip;
      *longest = MAX (*longest, text->length - skip);
      n = MIN (text->length - skip, MAX_PLACES);
      n_ends[n]++;
      for (guint32 i = 0; i < n; i++)
        {
          field->places[i].least = MIN (field->places[i].least, bytes[i]);
          field->places[i].greatest = MAX (field->places[i].greatest, bytes[i]);
        }
    }
  for (guint i = 0; i < MAX_PLACES; i++)
    {
      Place *place = &field->places[i];

      has_end |= n_ends[i] > 0;
      place->has_end = has_end;
      place->n_bits = place->greatest >= place->least
                          ? count_bits ((guint64)(place->greatest - place->least) + has_end)
                          : 0;
    }
}

static void
plan_text (Field *field, guint n_free)
{
  guint32 longest;

  find_places (field, &longest);
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
plan_words (Field *field, guint n_free)
{
  const ArborSortColumn *column = field->column;
  guint n_bits;

  if (column->layout == ARBOR_SORT_LAYOUT_BOOLEAN)
    find_ends (column->words, column->n_rows, 0, &field->least, &field->greatest);
  else if (column->layout == ARBOR_SORT_LAYOUT_INTEGER)
    find_ends (column->words, column->n_rows, ARBOR_SORT_SIGN, &field->least, &field->greatest);
  else
    {
      field->least = G_MAXUINT64;
      for (gsize row = 0; row < column->n_rows; row++)
        if (has_value (column, row))
          {
            guint64 word = arbor_sort_column_get_word (column, row, 0);

            field->least = MIN (field->least, word);
            field->greatest = MAX (field->greatest, word);
          }
    }
  if (field->least > field->greatest)
    field->least = field->greatest = 0;
  n_bits = count_bits (field->greatest - field->least);
  field->n_bits = MIN (n_bits, n_free);
  field->shift = n_bits - field->n_bits;
  field->is_whole = field->shift == 0 && column->layout != ARBOR_SORT_LAYOUT_VALUE;
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
add_fields (guint64 *items, const Field *field)
{
  const ArborSortColumn *column = field->column;
  gboolean is_text = column->layout == ARBOR_SORT_LAYOUT_TEXT;
  gboolean flips = is_text && (field->flags & ARBOR_SORT_DESCENDING) != 0;
  guint64 flip = flips && field->n_bits > 0 ? G_MAXUINT64 >> (64 - field->n_bits) : 0;

  for (gsize row = 0; row < column->n_rows; row++)
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
add_key (guint64 *items, const Field *field)
{
  const ArborSortColumn *column = field->column;

  if (column->ranks == NULL && field->shift < 64 &&
      (column->layout == ARBOR_SORT_LAYOUT_BOOLEAN || column->layout == ARBOR_SORT_LAYOUT_INTEGER))
    add_integers (items, column->words, column->n_rows, field);
  else
    add_fields (items, field);
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

static guint64 *
sort_items (guint64 *items, guint64 *spare, gsize n, guint first, guint n_bits, ArborAccess *access,
            GCancellable *cancellable, GError **error)
{
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
      if (!arbor_access_check (access, cancellable, error))
        return NULL;
      move_items (items, n, first + i * digit, mask, counts + ((gsize)i << digit), spare);
      items = spare;
      spare = swap;
    }
  return items;
}

guint64 *
arbor_sort_pack (ArborSortTable *table, ArborAccess *access, GCancellable *cancellable,
                 guint64 *items, guint64 *spare, guint *row_bits, guint32 *n_keys, GError **error)
{
  gsize n = table->n_rows;
  guint n_free, n_bits = 0;
  gboolean is_whole = TRUE;

  *row_bits = count_bits (MAX (n, 2) - 1);
  *n_keys = 0;
  n_free = 64 - *row_bits;
  memset (items, 0, n * sizeof *items);
  for (guint32 i = 0; is_whole && i < table->keys->n; i++)
    {
      Field field = { .column = &table->columns[i],
                      .flags = table->keys->flags[i],
                      .is_whole = TRUE };
      guint rank_bits = field.column->ranks != NULL ? 2 : 0;

      if (!arbor_access_check (access, cancellable, error))
        return NULL;
      if (n_bits + rank_bits > n_free)
        break;
      n_bits += rank_bits;
      if (field.column->layout == ARBOR_SORT_LAYOUT_TEXT)
        plan_text (&field, n_free - n_bits);
      else if (field.column->layout != ARBOR_SORT_LAYOUT_EMPTY)
        plan_words (&field, n_free - n_bits);
      n_bits += field.n_bits;
      add_key (items, &field);
      is_whole = field.is_whole;
      *n_keys += is_whole;
    }
  for (gsize i = 0; i < n; i++)
    items[i] = items[i] << *row_bits | i;
  return sort_items (items, spare, n, *row_bits, n_bits, access, cancellable, error);
}
