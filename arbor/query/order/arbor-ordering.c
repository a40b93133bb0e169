/* See arbor-ordering.h. */

#include "query/order/arbor-ordering.h"

#include <inttypes.h>

#include "base/arbor-random.h"
#include "base/arbor-stop.h"
#include "query/order/arbor-sort-table.h"
#include "query/order/arbor-top.h"
#include "query/order/arbor-unique.h"

#define PIECE 4096u

typedef enum
{
  ORDERING_SORT,
  ORDERING_TOP,
  ORDERING_UNIQUE,
  ORDERING_SAMPLE,
  ORDERING_SHUFFLE,
} OrderingKind;

struct _ArborOrdering
{
  OrderingKind kind;
  ArborSortKeys *keys;
  guint64 n;             /* TOP, SAMPLE */
  guint64 seed;          /* SAMPLE, SHUFFLE */
  ArborSelection *whole; /* TOP of a slice */
  ArborUnique *unique;   /* UNIQUE: from the first step to the last */
};

static ArborOrdering *
ordering_new (OrderingKind kind, ArborSortKeys *keys)
{
  ArborOrdering *self = g_new0 (ArborOrdering, 1);

  self->kind = kind;
  if (keys != NULL)
    self->keys = arbor_sort_keys_ref (keys);
  return self;
}

ArborOrdering *
arbor_ordering_new_sort (ArborSortKeys *keys)
{
  return ordering_new (ORDERING_SORT, keys);
}

ArborOrdering *
arbor_ordering_new_top (ArborSortKeys *keys, guint64 n, ArborSelection *whole)
{
  ArborOrdering *self = ordering_new (ORDERING_TOP, keys);

  self->n = n;
  if (whole != NULL)
    self->whole = arbor_selection_ref (whole);
  return self;
}

ArborOrdering *
arbor_ordering_new_unique (ArborSortKeys *keys)
{
  return ordering_new (ORDERING_UNIQUE, keys);
}

ArborOrdering *
arbor_ordering_new_sample (guint64 n, guint64 seed)
{
  ArborOrdering *self = ordering_new (ORDERING_SAMPLE, NULL);

  self->n = n;
  self->seed = seed;
  return self;
}

ArborOrdering *
arbor_ordering_new_shuffle (guint64 seed)
{
  ArborOrdering *self = ordering_new (ORDERING_SHUFFLE, NULL);

  self->seed = seed;
  return self;
}

ArborOrdering *
arbor_ordering_copy (const ArborOrdering *self)
{
  ArborOrdering *copy = ordering_new (self->kind, self->keys);

  copy->n = self->n;
  copy->seed = self->seed;
  return copy;
}

void
arbor_ordering_free (ArborOrdering *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->keys, arbor_sort_keys_unref);
  g_clear_pointer (&self->whole, arbor_selection_unref);
  g_clear_pointer (&self->unique, arbor_unique_free);
  g_free (self);
}

ArborSortKeys *
arbor_ordering_get_keys (ArborOrdering *self)
{
  return self->keys;
}

ArborSortKeys *
arbor_ordering_get_sort_keys (ArborOrdering *self)
{
  return self->kind == ORDERING_SORT ? self->keys : NULL;
}

gboolean
arbor_ordering_needs_all (ArborOrdering *self)
{
  return self->kind != ORDERING_UNIQUE;
}

const char *
arbor_ordering_get_name (ArborOrdering *self)
{
  static const char *const names[] = {
    [ORDERING_SORT] = "sort_by",  [ORDERING_TOP] = "top_k",       [ORDERING_UNIQUE] = "unique_by",
    [ORDERING_SAMPLE] = "sample", [ORDERING_SHUFFLE] = "shuffle",
  };

  return names[self->kind];
}

void
arbor_ordering_describe (ArborOrdering *self, GString *out)
{
  g_string_append (out, arbor_ordering_get_name (self));
  if (self->kind == ORDERING_TOP || self->kind == ORDERING_SAMPLE)
    g_string_append_printf (out, " %" PRIu64, self->n);
  if (self->kind == ORDERING_SAMPLE || self->kind == ORDERING_SHUFFLE)
    g_string_append_printf (out, " with seed %" PRIu64, self->seed);
  if (self->keys != NULL)
    {
      g_string_append (out, self->kind == ORDERING_TOP ? " by " : " ");
      arbor_sort_keys_describe (self->keys, out);
    }
}

/* Reading the parent from end to end */

typedef gboolean (*IndexFunc) (gpointer data, ArborAccess *access, guint32 index, GError **error);

static gboolean
for_each_index (ArborSelection *parent, ArborAccess *access, IndexFunc func, gpointer data,
                GCancellable *cancellable, GError **error)
{
  g_autofree guint32 *piece = g_new (guint32, PIECE);
  guint64 position = 0;
  guint32 n_read;

  do
    {
      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (parent, access, position, PIECE, piece, &n_read, cancellable,
                                 error))
        return FALSE;
      for (guint32 i = 0; i < n_read; i++)
        if (!func (data, access, piece[i], error))
          return FALSE;
      position += n_read;
    }
  while (n_read == PIECE);
  return TRUE;
}

/* Sorting */

typedef struct
{
  ArborSortTable *table;
  ArborAccess *access;
} Fill;

static gboolean
add_to_table (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Fill *self = data;

  return arbor_sort_table_add_rows (self->table, self->access, rows, error);
}

static gboolean
are_in_place (const guint32 *indices, gsize n)
{
  gsize n_not = 0;

  for (gsize i = 0; i < n; i++)
    n_not += indices[i] != i;
  return n_not == 0;
}

static gboolean
run_sort (ArborOrdering *self, ArborSelection *parent, ArborAccess *access, ArborIndices *list,
          GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborSortTable) table = arbor_sort_table_new (self->keys, "sort_by", FALSE);
  Fill fill = { table, access };
  guint64 n_trees;
  guint32 *rows;

  /* All trees are needed: counting them does nothing that reading them would not do. */
  if (!arbor_selection_get_count (parent, access, cancellable, &n_trees, error) ||
      !arbor_sort_table_expect (table, n_trees, error) ||
      !arbor_trees_read_batches (parent, access, add_to_table, &fill, cancellable, error) ||
      !arbor_indices_make_room (list, table->n_rows, error))
    return FALSE;
  rows = list->indices;
  if (!arbor_sort_table_order (table, access, cancellable, rows, error))
    return FALSE;
  /* Of a source that is sorted as it is, rows are indices already. */
  if (!are_in_place (table->indices, table->n_rows))
    for (gsize i = 0; i < table->n_rows; i++)
      rows[i] = table->indices[rows[i]];
  list->n = table->n_rows;
  return TRUE;
}

static gboolean
copy_from_whole (ArborOrdering *self, ArborAccess *access, ArborIndices *list,
                 GCancellable *cancellable, GError **error)
{
  guint32 n_read;
  guint64 n;

  do
    {
      n = MIN (self->n - list->n, PIECE);
      if (!arbor_indices_make_room (list, list->n + n, error) ||
          !arbor_selection_read (self->whole, access, list->n, (guint32)n, list->indices + list->n,
                                 &n_read, cancellable, error))
        return FALSE;
      list->n += n_read;
    }
  while (n_read == PIECE);
  return TRUE;
}

static gboolean
run_top (ArborOrdering *self, ArborSelection *parent, ArborAccess *access, ArborIndices *list,
         GCancellable *cancellable, GError **error)
{
  if (self->n == 0)
    return TRUE;
  if (self->whole != NULL && arbor_selection_prefers_whole (self->whole))
    return copy_from_whole (self, access, list, cancellable, error);
  return arbor_top_run (self->keys, self->n, parent, access, list, cancellable, error);
}

/* Chance */

static gboolean
add_to_list (gpointer data, ArborAccess *access, guint32 index, GError **error)
{
  return arbor_indices_append (data, &index, 1, error);
}

/* Fisher and Yates: each tree in turn, from the last one, changes places with one up to it. */
static gboolean
run_shuffle (ArborOrdering *self, ArborSelection *parent, ArborAccess *access, ArborIndices *list,
             GCancellable *cancellable, GError **error)
{
  ArborRandom random;

  if (!for_each_index (parent, access, add_to_list, list, cancellable, error))
    return FALSE;
  arbor_random_init (&random, self->seed);
  for (gsize i = list->n; i > 1; i--)
    {
      gsize j = (gsize)arbor_random_below (&random, i);
      guint32 index = list->indices[i - 1];

      list->indices[i - 1] = list->indices[j];
      list->indices[j] = index;
    }
  return TRUE;
}

typedef struct
{
  ArborRandom random;
  guint64 n_left;   /* trees not seen yet */
  guint64 n_wanted; /* of them */
  ArborIndices *list;
} Sample;

/* Selection sampling (Knuth, "The Art of Computer Programming", 3.4.2, S): a tree is taken with the
 * chance of those wanted among those left. */
static gboolean
maybe_take (gpointer data, ArborAccess *access, guint32 index, GError **error)
{
  Sample *self = data;

  if (self->n_wanted == 0 || arbor_random_below (&self->random, self->n_left--) >= self->n_wanted)
    return TRUE;
  self->n_wanted--;
  return arbor_indices_append (self->list, &index, 1, error);
}

static gboolean
run_sample (ArborOrdering *self, ArborSelection *parent, ArborAccess *access, ArborIndices *list,
            GCancellable *cancellable, GError **error)
{
  Sample sample = { .list = list };

  if (!arbor_selection_get_count (parent, access, cancellable, &sample.n_left, error))
    return FALSE;
  sample.n_wanted = MIN (self->n, sample.n_left);
  arbor_random_init (&sample.random, self->seed);
  return for_each_index (parent, access, maybe_take, &sample, cancellable, error);
}

gboolean
arbor_ordering_run (ArborOrdering *self, ArborSelection *parent, ArborAccess *access,
                    guint64 n_wanted, ArborIndices *list, gboolean *is_complete,
                    GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  gboolean is_done;

  arbor_stop_begin (&stop, cancellable);
  switch (self->kind)
    {
    case ORDERING_UNIQUE:
      if (self->unique == NULL)
        self->unique = arbor_unique_new (parent, self->keys);
      if (!arbor_unique_run (self->unique, access, n_wanted, list, is_complete, cancellable, error))
        return FALSE;
      if (*is_complete)
        g_clear_pointer (&self->unique, arbor_unique_free);
      return TRUE;
    case ORDERING_SORT:
      is_done = run_sort (self, parent, access, list, cancellable, error);
      break;
    case ORDERING_TOP:
      is_done = run_top (self, parent, access, list, cancellable, error);
      break;
    case ORDERING_SAMPLE:
      is_done = run_sample (self, parent, access, list, cancellable, error);
      break;
    default:
      is_done = run_shuffle (self, parent, access, list, cancellable, error);
      break;
    }
  if (!is_done)
    arbor_indices_reset (list);
  *is_complete = is_done;
  return is_done;
}
