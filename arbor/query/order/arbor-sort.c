/* Ordering the rows of a table. See arbor-sort-table.h.
 *
 * All rows are ordered by a packed number of their keys first (arbor-sort-pack.h). What that does
 * not decide is left as ranges of rows, most significant key first. A range of rows that are equal
 * so far is ordered by the words of one column (arbor_sort_column_get_word), with its rows beside
 * them so that memory is walked in order; then each run of equal words is a new range, which goes
 * on at the next level of the texts, or at the next key. Values of the widest layout whose words
 * tie are merged by the comparator. Ranges wait on a stack of our own, and short ones are ordered
 * at once by comparing rows, so the stack holds at most one range for each SHORT rows.
 *
 * Rows of a range are always in ascending order before it is ordered, and every step is stable.
 */

#include "query/order/arbor-sort-pack.h"

#define SHORT       24u
#define BLOCK       16u
#define RADIX_FROM  2048u /* below, merging is faster */
#define CHECK_EVERY 65536u

typedef struct
{
  guint64 word;
  guint32 row;
} Item;

typedef struct
{
  gsize start, end;
  guint32 key;
  guint32 level;
} Range;

typedef struct
{
  ArborSortTable *table;
  ArborAccess *access;
  GCancellable *cancellable;
  guint32 *rows;
  Item *items; /* as many as the longest range has rows */
  Item *spare;
  Range *ranges; /* a stack */
  gsize n_ranges;
  gsize ranges_capacity;
  guint64 n_done; /* steps since the last check */
} Sort;

static gboolean
check (Sort *self, guint64 n_steps, GError **error)
{
  self->n_done += n_steps;
  if (self->n_done < CHECK_EVERY)
    return TRUE;
  self->n_done = 0;
  return arbor_access_check (self->access, self->cancellable, error);
}

static gboolean
push (Sort *self, gsize start, gsize end, guint32 key, guint32 level, GError **error)
{
  if (key == self->table->keys->n || end - start < 2)
    return TRUE;
  if (!arbor_charge_grow (&self->table->charge, &self->ranges, &self->ranges_capacity,
                          self->n_ranges + 1, sizeof (Range), error))
    return FALSE;
  self->ranges[self->n_ranges++] = (Range){ start, end, key, level };
  return TRUE;
}

/* Items by their words */

static void
insert_block (Item *items, gsize n)
{
  for (gsize i = 1; i < n; i++)
    {
      Item item = items[i];
      gsize j = i;

      for (; j > 0 && items[j - 1].word > item.word; j--)
        items[j] = items[j - 1];
      items[j] = item;
    }
}

static void
merge_items (const Item *from, gsize middle, gsize n, Item *to)
{
  gsize a = 0, b = middle;

  for (gsize i = 0; i < n; i++)
    to[i] = b == n || (a < middle && from[a].word <= from[b].word) ? from[a++] : from[b++];
}

/* Leaves the result in items, which it may swap with spare. */
static void
merge_sort (Sort *self, gsize n)
{
  for (gsize i = 0; i < n; i += BLOCK)
    insert_block (self->items + i, MIN (BLOCK, n - i));
  for (gsize width = BLOCK; width < n; width *= 2)
    {
      Item *result = self->spare;

      for (gsize i = 0; i < n; i += 2 * width)
        merge_items (self->items + i, MIN (width, n - i), MIN (2 * width, n - i), result + i);
      self->spare = self->items;
      self->items = result;
    }
}

/* By bytes, least significant first; those in which no two words differ are left out. */
static void
radix_sort (Sort *self, gsize n, guint64 differing)
{
  for (guint shift = 0; shift < 64; shift += 8)
    {
      gsize starts[256] = { 0 };
      gsize sum = 0;
      Item *result = self->spare;

      if (((differing >> shift) & 0xFF) == 0)
        continue;
      for (gsize i = 0; i < n; i++)
        starts[(self->items[i].word >> shift) & 0xFF]++;
      for (guint i = 0; i < 256; i++)
        {
          gsize count = starts[i];

          starts[i] = sum;
          sum += count;
        }
      for (gsize i = 0; i < n; i++)
        result[starts[(self->items[i].word >> shift) & 0xFF]++] = self->items[i];
      self->spare = self->items;
      self->items = result;
    }
}

/* Rows by comparing */

static int
compare_in_key (const ArborSortTable *table, guint32 key, gboolean only_key, guint32 a, guint32 b)
{
  int order;

  if (!only_key)
    return arbor_sort_table_compare (table, key, a, b);
  order = arbor_sort_column_compare (&table->columns[key], a, b);
  return (table->keys->flags[key] & ARBOR_SORT_DESCENDING) != 0 ? -order : order;
}

static void
insert_rows (Sort *self, guint32 *rows, gsize n, guint32 key, gboolean only_key)
{
  for (gsize i = 1; i < n; i++)
    {
      guint32 row = rows[i];
      gsize j = i;

      for (; j > 0 && compare_in_key (self->table, key, only_key, rows[j - 1], row) > 0; j--)
        rows[j] = rows[j - 1];
      rows[j] = row;
    }
}

/* By one key, with the comparator. */
static gboolean
merge_rows (Sort *self, guint32 *rows, gsize n, guint32 key, GError **error)
{
  guint32 *from = rows;
  guint32 *to = (guint32 *)self->spare;

  for (gsize i = 0; i < n; i += BLOCK)
    {
      if (!check (self, BLOCK * BLOCK, error))
        return FALSE;
      insert_rows (self, rows + i, MIN (BLOCK, n - i), key, TRUE);
    }
  for (gsize width = BLOCK; width < n; width *= 2)
    {
      guint32 *swap = from;

      for (gsize start = 0; start < n; start += 2 * width)
        {
          gsize middle = MIN (start + width, n);
          gsize end = MIN (start + 2 * width, n);
          gsize a = start, b = middle;

          for (gsize i = start; i < end; i++)
            {
              if (!check (self, 16, error))
                return FALSE;
              to[i] = b == end || (a < middle &&
                                   compare_in_key (self->table, key, TRUE, from[a], from[b]) <= 0)
                          ? from[a++]
                          : from[b++];
            }
        }
      from = to;
      to = swap;
    }
  if (from != rows)
    memcpy (rows, from, n * sizeof (guint32));
  return TRUE;
}

/* Ranges */

/* Parts the rows of @range into those with a value, null and MISSING. The last two go on at the
 * next key;
 * @range becomes the first. */
static gboolean
part_ranks (Sort *self, Range *range, GError **error)
{
  const ArborSortColumn *column = &self->table->columns[range->key];
  gboolean nulls_first = (self->table->keys->flags[range->key] & ARBOR_SORT_NULLS_FIRST) != 0;
  guint32 *rows = self->rows + range->start;
  gsize n = range->end - range->start;
  guint32 *parted = (guint32 *)self->spare;
  gsize counts[3] = { 0 }, starts[3], next[3];

  for (gsize i = 0; i < n; i++)
    counts[column->ranks[rows[i]]]++;
  starts[ARBOR_SORT_RANK_NULL] = nulls_first ? 0 : counts[ARBOR_SORT_RANK_VALUE];
  starts[ARBOR_SORT_RANK_MISSING] = starts[ARBOR_SORT_RANK_NULL] + counts[ARBOR_SORT_RANK_NULL];
  starts[ARBOR_SORT_RANK_VALUE] = nulls_first ? n - counts[ARBOR_SORT_RANK_VALUE] : 0;

  memcpy (next, starts, sizeof next);
  for (gsize i = 0; i < n; i++)
    parted[next[column->ranks[rows[i]]]++] = rows[i];
  memcpy (rows, parted, n * sizeof (guint32));

  for (guint i = ARBOR_SORT_RANK_NULL; i <= ARBOR_SORT_RANK_MISSING; i++)
    if (!push (self, range->start + starts[i], range->start + starts[i] + counts[i], range->key + 1,
               0, error))
      return FALSE;
  range->start += starts[ARBOR_SORT_RANK_VALUE];
  range->end = range->start + counts[ARBOR_SORT_RANK_VALUE];
  return TRUE;
}

/* Rows [start, end) have the same word. */
static gboolean
order_run (Sort *self, const Range *range, gsize start, gsize end, guint64 word, GError **error)
{
  const ArborSortColumn *column = &self->table->columns[range->key];
  gsize first = start;

  if (end - start <= SHORT)
    {
      insert_rows (self, self->rows + start, end - start, range->key, FALSE);
      return check (self, (end - start) * (end - start), error);
    }
  if (column->layout == ARBOR_SORT_LAYOUT_TEXT && ARBOR_SORT_TEXT_GOES_ON (word))
    return push (self, start, end, range->key, range->level + 1, error);
  if (column->layout != ARBOR_SORT_LAYOUT_VALUE)
    return push (self, start, end, range->key + 1, 0, error);

  if (!merge_rows (self, self->rows + start, end - start, range->key, error))
    return FALSE;
  for (gsize i = start + 1; i <= end; i++)
    if (i == end || arbor_sort_column_compare (column, self->rows[i - 1], self->rows[i]) != 0)
      {
        if (!push (self, first, i, range->key + 1, 0, error))
          return FALSE;
        first = i;
      }
  return TRUE;
}

static gboolean
order_words (Sort *self, const Range *range, GError **error)
{
  const ArborSortColumn *column = &self->table->columns[range->key];
  gboolean descends = (self->table->keys->flags[range->key] & ARBOR_SORT_DESCENDING) != 0;
  guint64 flip = descends ? G_MAXUINT64 : 0;
  guint32 *rows = self->rows + range->start;
  gsize n = range->end - range->start;
  guint64 differing = 0;
  gsize first = 0;
  guint64 word;

  for (gsize i = 0; i < n; i++)
    {
      self->items[i].word = arbor_sort_column_get_word (column, rows[i], range->level) ^ flip;
      self->items[i].row = rows[i];
      differing |= self->items[i].word ^ self->items[0].word;
    }
  word = self->items[0].word ^ flip;
  if (differing == 0 && n > SHORT)
    return order_run (self, range, range->start, range->end, word, error);

  if (n >= RADIX_FROM)
    radix_sort (self, n, differing);
  else
    merge_sort (self, n);
  for (gsize i = 0; i < n; i++)
    rows[i] = self->items[i].row;

  /* Ordering a run may use the spare items, never the items. */
  for (gsize i = 1; i <= n; i++)
    if (i == n || self->items[i].word != self->items[first].word)
      {
        if (i - first > 1 && !order_run (self, range, range->start + first, range->start + i,
                                         self->items[first].word ^ flip, error))
          return FALSE;
        first = i;
      }
  return TRUE;
}

static gboolean
order_range (Sort *self, Range *range, GError **error)
{
  gsize n = range->end - range->start;

  if (!check (self, n, error))
    return FALSE;
  if (n <= SHORT && range->level == 0)
    {
      insert_rows (self, self->rows + range->start, n, range->key, FALSE);
      return TRUE;
    }
  if (range->level == 0 && self->table->columns[range->key].ranks != NULL &&
      !part_ranks (self, range, error))
    return FALSE;
  return range->end - range->start < 2 || order_words (self, range, error);
}

/* Rows that are equal as far as the packed number goes, from key @key on. */
static gboolean
order_equal (Sort *self, gsize start, gsize end, guint32 key, GError **error)
{
  if (end - start > SHORT)
    return push (self, start, end, key, 0, error);
  insert_rows (self, self->rows + start, end - start, key, FALSE);
  return check (self, (end - start) * (end - start), error);
}

/* All rows by the packed number; leaves ranges of those that it does not tell apart. */
static gboolean
order_packed (Sort *self, guint64 *items, guint64 *spare, GError **error)
{
  ArborSortTable *table = self->table;
  gsize n = table->n_rows;
  gsize first = 0;
  guint32 n_keys;
  guint row_bits;
  guint64 mask;

  items = arbor_sort_pack (table, self->access, self->cancellable, items, spare, &row_bits, &n_keys,
                           error);
  if (items == NULL)
    return FALSE;
  mask = (G_GUINT64_CONSTANT (1) << row_bits) - 1;
  for (gsize i = 0; i < n; i++)
    self->rows[i] = (guint32)(items[i] & mask);
  for (gsize i = 1; n_keys < table->keys->n && i <= n; i++)
    if (i == n || items[i] >> row_bits != items[first] >> row_bits)
      {
        if (i - first > 1 && !order_equal (self, first, i, n_keys, error))
          return FALSE;
        first = i;
      }
  return TRUE;
}

/* The ranges on the stack, and those that they leave. */
static gboolean
order_ranges (Sort *self, ArborCharge *charge, GError **error)
{
  gsize longest = 0;

  for (gsize i = 0; i < self->n_ranges; i++)
    longest = MAX (longest, self->ranges[i].end - self->ranges[i].start);
  if (longest == 0)
    return TRUE;
  self->items = arbor_charge_alloc (charge, longest, sizeof (Item), error);
  if (self->items != NULL)
    self->spare = arbor_charge_alloc (charge, longest, sizeof (Item), error);
  if (self->spare == NULL)
    return FALSE;
  while (self->n_ranges > 0)
    {
      Range range = self->ranges[--self->n_ranges];

      if (!order_range (self, &range, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_sort_table_order (ArborSortTable *self, ArborAccess *access, GCancellable *cancellable,
                        guint32 *rows, GError **error)
{
  g_auto (ArborCharge) charge = { .operation = self->charge.operation };
  g_auto (ArborCharge) packed = { .operation = self->charge.operation };
  g_autofree guint64 *items = arbor_charge_alloc (&packed, self->n_rows, sizeof (guint64), error);
  g_autofree guint64 *spare = NULL;
  Sort sort = { .table = self, .access = access, .cancellable = cancellable, .rows = rows };
  gboolean is_ordered;

  for (guint32 i = 0; i < self->keys->n; i++)
    arbor_sort_column_prepare (&self->columns[i]);
  if (items != NULL)
    spare = arbor_charge_alloc (&packed, self->n_rows, sizeof (guint64), error);
  is_ordered = spare != NULL && order_packed (&sort, items, spare, error);
  g_clear_pointer (&items, g_free);
  g_clear_pointer (&spare, g_free);
  arbor_charge_release (&packed);

  is_ordered = is_ordered && order_ranges (&sort, &charge, error);
  for (guint32 i = 0; is_ordered && i < self->keys->n; i++)
    is_ordered =
        self->columns[i].scope == NULL || arbor_scope_check (self->columns[i].scope, error);

  g_free (sort.items);
  g_free (sort.spare);
  g_free (sort.ranges);
  arbor_charge_subtract (&self->charge, sort.ranges_capacity * sizeof (Range));
  return is_ordered;
}
