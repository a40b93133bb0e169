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
 *
 * Of many rows each thread takes a part, which is cut where the packed number changes, and orders the
 * ranges that are left in it. Where that fails, all is done once more by one thread.
 */

#include "query/order/arbor-sort-pack.h"

#include "base/arbor-pool.h"

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
  ArborCharge charge; /* for items and ranges */
} Sort;

/* Rows of a table, shared out. */
typedef struct
{
  ArborSortTable *table;
  const guint64 *items; /* the packed numbers, in order */
  guint row_bits;
  guint32 n_keys; /* that they decide */
  guint32 *rows;
  Sort sorts[ARBOR_SORT_MAX_PARTS];
  gsize starts[ARBOR_SORT_MAX_PARTS + 1]; /* of their rows */
  GError *errors[ARBOR_SORT_MAX_PARTS];
  gboolean has_failed; /* atomic */
} Order;

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
  if (!arbor_charge_grow (&self->charge, &self->ranges, &self->ranges_capacity, self->n_ranges + 1,
                          sizeof (Range), error))
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

/* Rows from @start to @end by the packed number; leaves ranges of those that it does not tell apart. */
static gboolean
order_packed (Sort *self, const Order *order, gsize start, gsize end, GError **error)
{
  const guint64 *items = order->items;
  guint64 mask = (G_GUINT64_CONSTANT (1) << order->row_bits) - 1;
  guint row_bits = order->row_bits;
  gsize first = start;

  for (gsize i = start; i < end; i++)
    self->rows[i] = (guint32)(items[i] & mask);
  for (gsize i = start + 1; order->n_keys < self->table->keys->n && i <= end; i++)
    if (i == end || items[i] >> row_bits != items[first] >> row_bits)
      {
        if (i - first > 1 && !order_equal (self, first, i, order->n_keys, error))
          return FALSE;
        first = i;
      }
  return TRUE;
}

/* The ranges on the stack, and those that they leave. */
static gboolean
order_ranges (Sort *self, GError **error)
{
  gsize longest = 0;

  for (gsize i = 0; i < self->n_ranges; i++)
    longest = MAX (longest, self->ranges[i].end - self->ranges[i].start);
  if (longest == 0)
    return TRUE;
  self->items = arbor_charge_alloc (&self->charge, longest, sizeof (Item), error);
  if (self->items != NULL)
    self->spare = arbor_charge_alloc (&self->charge, longest, sizeof (Item), error);
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

static void
order_packed_part (guint32 task, gpointer data)
{
  Order *self = data;

  if (!order_packed (&self->sorts[task], self, self->starts[task], self->starts[task + 1],
                     &self->errors[task]))
    __atomic_store_n (&self->has_failed, TRUE, __ATOMIC_RELAXED);
}

static void
order_ranges_of_part (guint32 task, gpointer data)
{
  Order *self = data;

  if (__atomic_load_n (&self->has_failed, __ATOMIC_RELAXED) ||
      !order_ranges (&self->sorts[task], &self->errors[task]))
    __atomic_store_n (&self->has_failed, TRUE, __ATOMIC_RELAXED);
}

/* Parts of about as many rows, of which none has the same number in two of them. */
static void
cut (Order *self, guint n_parts)
{
  gsize n = self->table->n_rows;

  for (guint i = 0; i <= n_parts; i++)
    {
      gsize start = i < n_parts ? n / n_parts * i : n;

      start = i > 0 ? MAX (start, self->starts[i - 1]) : start;
      while (start > 0 && start < n &&
             self->items[start] >> self->row_bits == self->items[start - 1] >> self->row_bits)
        start++;
      self->starts[i] = start;
    }
}

/* Of the packed numbers nothing is left when the ranges are ordered. */
static gboolean
pack (Order *self, guint n_parts, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  g_auto (ArborCharge) packed = { .operation = self->table->charge.operation };
  gsize n = self->table->n_rows;
  g_autofree guint64 *items = arbor_charge_alloc (&packed, n, sizeof (guint64), error);
  g_autofree guint64 *spare = NULL;

  if (items != NULL)
    spare = arbor_charge_alloc (&packed, n, sizeof (guint64), error);
  if (spare == NULL)
    return FALSE;
  self->items = arbor_sort_pack (self->table, n_parts, access, cancellable, items, spare,
                                 &self->row_bits, &self->n_keys, error);
  if (self->items == NULL)
    return FALSE;
  cut (self, n_parts);
  arbor_pool_run (n_parts, order_packed_part, self);
  return !self->has_failed;
}

static gboolean
order_parts (ArborSortTable *table, guint n_parts, ArborAccess *access, GCancellable *cancellable,
             guint32 *rows, GError **error)
{
  g_autofree Order *self = g_new0 (Order, 1);
  gboolean is_ordered;

  self->table = table;
  for (guint i = 0; i < n_parts; i++)
    self->sorts[i] = (Sort){ .table = table,
                             .access = access,
                             .cancellable = cancellable,
                             .rows = rows,
                             .charge = { .operation = table->charge.operation } };
  is_ordered = pack (self, n_parts, access, cancellable, error);
  if (is_ordered)
    arbor_pool_run (n_parts, order_ranges_of_part, self);
  is_ordered &= !self->has_failed;
  for (guint i = 0; i < n_parts; i++)
    {
      if (self->errors[i] != NULL && (error == NULL || *error == NULL))
        g_propagate_error (error, g_steal_pointer (&self->errors[i]));
      g_clear_error (&self->errors[i]);
      g_free (self->sorts[i].items);
      g_free (self->sorts[i].spare);
      g_free (self->sorts[i].ranges);
      arbor_charge_release (&self->sorts[i].charge);
    }
  return is_ordered;
}

gboolean
arbor_sort_table_order (ArborSortTable *self, ArborAccess *access, GCancellable *cancellable,
                        guint32 *rows, GError **error)
{
  guint n_parts = arbor_sort_get_n_parts (self->n_rows);
  gboolean is_ordered;

  for (guint32 i = 0; i < self->keys->n; i++)
    {
      arbor_sort_column_prepare (&self->columns[i]);
      /* Comparing them parses into one scope. */
      if (self->columns[i].layout == ARBOR_SORT_LAYOUT_VALUE)
        n_parts = 1;
    }
  is_ordered = (n_parts > 1 && order_parts (self, n_parts, access, cancellable, rows, NULL)) ||
               order_parts (self, 1, access, cancellable, rows, error);
  for (guint32 i = 0; is_ordered && i < self->keys->n; i++)
    is_ordered =
        self->columns[i].scope == NULL || arbor_scope_check (self->columns[i].scope, error);
  return is_ordered;
}
