/* See arbor-ordering.h. */

#include "query/order/arbor-ordering.h"

#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-random.h"
#include "query/order/arbor-sort-table.h"
#include "query/order/arbor-top.h"
#include "query/order/arbor-unique.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-share.h"

#define PIECE 4096u

/* How many trees are taken through a heap, rather than from the whole order. */
#define MAX_TOP 1000000u
/* Of more than so many, and every eighth tree or more, all are sorted. */
#define FEW     1024u
#define MANY_OF 8u

typedef struct
{
  ArborOrdering parent;  /* which verbs it has says what it is */
  ArborSortKeys *keys;   /* SORT, TOP, UNIQUE */
  guint64 n;             /* TOP, SAMPLE */
  guint64 seed;          /* SAMPLE, SHUFFLE */
  ArborSelection *whole; /* TOP of a slice */
  ArborUnique *unique;   /* UNIQUE: from the first step to the last */
} Ordering;

static Ordering *
ordering_new (const ArborOrderingVerbs *verbs, ArborSortKeys *keys)
{
  Ordering *self = g_new0 (Ordering, 1);

  self->parent.verbs = verbs;
  if (keys != NULL)
    self->keys = arbor_sort_keys_ref (keys);
  return self;
}

static ArborOrdering *
ordering_copy (const ArborOrdering *ordering)
{
  const Ordering *self = (const Ordering *) ordering;
  Ordering *copy = ordering_new (ordering->verbs, self->keys);

  copy->n = self->n;
  copy->seed = self->seed;
  return &copy->parent;
}

static void
ordering_free (ArborOrdering *ordering)
{
  Ordering *self = (Ordering *) ordering;

  g_clear_pointer (&self->keys, arbor_sort_keys_unref);
  g_clear_pointer (&self->whole, arbor_selection_unref);
  g_clear_pointer (&self->unique, arbor_unique_free);
  g_free (self);
}

static void
list_nodes (const ArborOrdering *ordering, GPtrArray *nodes)
{
  const ArborSortKeys *keys = ((const Ordering *) ordering)->keys;

  for (guint32 i = 0; keys != NULL && i < keys->n; i++)
    g_ptr_array_add (nodes, arbor_node_ref (keys->nodes[i]));
}

static void
describe_by_keys (const ArborOrdering *ordering, GString *out)
{
  g_string_append_printf (out, "%s ", ordering->verbs->name);
  arbor_sort_keys_describe (((const Ordering *) ordering)->keys, out);
}

static void
describe_top (const ArborOrdering *ordering, GString *out)
{
  const Ordering *self = (const Ordering *) ordering;

  g_string_append_printf (out, "top_k %" PRIu64 " by ", self->n);
  arbor_sort_keys_describe (self->keys, out);
}

static void
describe_sample (const ArborOrdering *ordering, GString *out)
{
  const Ordering *self = (const Ordering *) ordering;

  g_string_append_printf (out, "sample %" PRIu64 " with seed %" PRIu64, self->n, self->seed);
}

static void
describe_shuffle (const ArborOrdering *ordering, GString *out)
{
  g_string_append_printf (out, "shuffle with seed %" PRIu64, ((const Ordering *) ordering)->seed);
}

/* Reading the parent from end to end */

typedef gboolean (*IndexFunc) (gpointer data, ArborAccess *access, guint32 index, GError **error);

static gboolean
for_each_index (ArborSelection *parent, ArborAccess *access, IndexFunc func, gpointer data,
                GCancellable *cancellable, GError **error)
{
  g_autofree guint32 *piece = g_new (guint32, PIECE);
  ArborAccess narrow;
  guint64 position = 0;
  guint32 n_read;

  /* Nothing of the trees is looked at. */
  arbor_access_narrow (&narrow, access, NULL, 0, NULL);
  access = &narrow;
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

/* By several threads: each part of the trees has a table of its own. */

static gpointer
new_part (gpointer data)
{
  const Fill *fill = data;
  Fill *part = g_new (Fill, 1);

  part->table = arbor_sort_table_new (fill->table->keys, fill->table->charge.operation);
  part->access = fill->access;
  return part;
}

static gboolean
merge_part (gpointer data, gpointer state, GError **error)
{
  return arbor_sort_table_take (((Fill *) data)->table, ((Fill *) state)->table, error);
}

static void
free_part (gpointer state)
{
  arbor_sort_table_free (((Fill *) state)->table);
  g_free (state);
}

/* Of all trees; where threads do not do, once more in order. */
static gboolean
fill_table (Fill *fill, ArborSortKeys *keys, ArborSelection *parent, GCancellable *cancellable,
            GError **error)
{
  static const ArborShareVerbs verbs = { new_part, add_to_table, merge_part, free_part };
  guint64 n_trees;

  /* All trees are needed: counting them does nothing that reading them would not do. */
  if (!arbor_selection_get_count (parent, fill->access, cancellable, &n_trees, error) ||
      !arbor_sort_table_expect (fill->table, n_trees, error))
    return FALSE;
  if (arbor_trees_share (parent, fill->access, &verbs, fill, cancellable))
    return TRUE;
  arbor_sort_table_free (fill->table);
  fill->table = arbor_sort_table_new (keys, "sort_by");
  return arbor_sort_table_expect (fill->table, n_trees, error) &&
         arbor_trees_read_runs (parent, fill->access, add_to_table, fill, cancellable, error);
}

static gboolean
are_in_place (const guint32 *indices, gsize n)
{
  gsize n_not = 0;

  for (gsize i = 0; i < n; i++)
    n_not += indices[i] != i;
  return n_not == 0;
}

/* Rows of the table in order, as indices of trees. */
static gboolean
order_table (ArborSortTable *table, ArborAccess *access, ArborIndices *list,
             GCancellable *cancellable, GError **error)
{
  guint32 *rows;

  if (!arbor_indices_make_room (list, table->n_rows, error))
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
run_sort (ArborOrdering *ordering, ArborSelection *parent, ArborAccess *access, guint64 n_wanted,
          ArborIndices *list, gboolean *is_complete, GCancellable *cancellable, GError **error)
{
  Ordering *self = (Ordering *) ordering;
  ArborAccess narrow;
  g_autoptr (ArborSortKeys) keys = arbor_sort_keys_enter (self->keys, parent, access, &narrow);
  Fill fill = { arbor_sort_table_new (keys, "sort_by"), &narrow };

  *is_complete = fill_table (&fill, keys, parent, cancellable, error) &&
                 order_table (fill.table, &narrow, list, cancellable, error);
  arbor_sort_table_free (fill.table);
  return *is_complete;
}

static gboolean
copy_from_whole (Ordering *self, ArborAccess *access, ArborIndices *list,
                 GCancellable *cancellable, GError **error)
{
  guint32 n_read;
  guint64 n;

  do
    {
      n = MIN (self->n - list->n, PIECE);
      if (!arbor_indices_make_room (list, list->n + n, error) ||
          !arbor_selection_read (self->whole, access, list->n, (guint32) n, list->indices + list->n,
                                 &n_read, cancellable, error))
        return FALSE;
      list->n += n_read;
    }
  while (n_read == PIECE);
  return TRUE;
}

/* Whether so many of the trees are wanted that all of them are sorted sooner. */
static gboolean
wants_many (const Ordering *self, ArborSelection *parent, ArborAccess *access,
            GCancellable *cancellable)
{
  guint64 n_trees;

  /* All trees are needed in any case; what is wrong with them is told by who reads them. */
  return self->n > FEW &&
         arbor_selection_tell_count (parent, access, cancellable, &n_trees, NULL) &&
         self->n > n_trees / MANY_OF;
}

/* A heap takes less memory: with LIMIT it is its turn. */
static gboolean
cut_from_sorted (Ordering *self, ArborSelection *parent, ArborAccess *access, ArborIndices *list,
                 GCancellable *cancellable, GError **error)
{
  gboolean is_complete = FALSE;
  GError *wrong = NULL;

  if (run_sort (&self->parent, parent, access, G_MAXUINT64, list, &is_complete, cancellable, &wrong))
    {
      list->n = MIN (list->n, self->n);
      return TRUE;
    }
  if (!g_error_matches (wrong, ARBOR_ERROR, ARBOR_ERROR_LIMIT))
    {
      g_propagate_error (error, wrong);
      return FALSE;
    }
  g_clear_error (&wrong);
  return arbor_top_run (self->keys, self->n, parent, access, list, cancellable, error);
}

static gboolean
run_top (ArborOrdering *ordering, ArborSelection *parent, ArborAccess *access, guint64 n_wanted,
         ArborIndices *list, gboolean *is_complete, GCancellable *cancellable, GError **error)
{
  Ordering *self = (Ordering *) ordering;

  if (self->n == 0)
    *is_complete = TRUE;
  else if (self->whole != NULL && arbor_selection_prefers_whole (self->whole))
    *is_complete = copy_from_whole (self, access, list, cancellable, error);
  else if (wants_many (self, parent, access, cancellable))
    *is_complete = cut_from_sorted (self, parent, access, list, cancellable, error);
  else
    *is_complete = arbor_top_run (self->keys, self->n, parent, access, list, cancellable, error);
  return *is_complete;
}

/* Chance */

static gboolean
add_to_list (gpointer data, ArborAccess *access, guint32 index, GError **error)
{
  return arbor_indices_append (data, &index, 1, error);
}

/* Fisher and Yates: each tree in turn, from the last one, changes places with one up to it. */
static gboolean
run_shuffle (ArborOrdering *ordering, ArborSelection *parent, ArborAccess *access, guint64 n_wanted,
             ArborIndices *list, gboolean *is_complete, GCancellable *cancellable, GError **error)
{
  Ordering *self = (Ordering *) ordering;
  ArborRandom random;

  if (!for_each_index (parent, access, add_to_list, list, cancellable, error))
    return FALSE;
  arbor_random_init (&random, self->seed);
  for (gsize i = list->n; i > 1; i--)
    {
      gsize j = (gsize) arbor_random_below (&random, i);
      guint32 index = list->indices[i - 1];

      list->indices[i - 1] = list->indices[j];
      list->indices[j] = index;
    }
  *is_complete = TRUE;
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
run_sample (ArborOrdering *ordering, ArborSelection *parent, ArborAccess *access, guint64 n_wanted,
            ArborIndices *list, gboolean *is_complete, GCancellable *cancellable, GError **error)
{
  Ordering *self = (Ordering *) ordering;
  Sample sample = { .list = list };

  if (!arbor_selection_tell_count (parent, access, cancellable, &sample.n_left, error))
    return FALSE;
  sample.n_wanted = MIN (self->n, sample.n_left);
  arbor_random_init (&sample.random, self->seed);
  *is_complete = for_each_index (parent, access, maybe_take, &sample, cancellable, error);
  return *is_complete;
}

static gboolean
run_unique (ArborOrdering *ordering, ArborSelection *parent, ArborAccess *access, guint64 n_wanted,
            ArborIndices *list, gboolean *is_complete, GCancellable *cancellable, GError **error)
{
  Ordering *self = (Ordering *) ordering;

  if (self->unique == NULL)
    self->unique = arbor_unique_new (parent, self->keys);
  if (!arbor_unique_run (self->unique, access, n_wanted, list, is_complete, cancellable, error))
    return FALSE;
  if (*is_complete)
    g_clear_pointer (&self->unique, arbor_unique_free);
  return TRUE;
}

/* The first trees of a sorted selection: from a heap, but from @whole when that has been computed, or
 * was asked for before. */
static ArborOrdering *
take_first (const ArborOrdering *ordering, guint64 n, ArborSelection *whole)
{
  ArborOrdering *top;

  if (n > MAX_TOP)
    return NULL;
  top = arbor_ordering_new_top (((const Ordering *) ordering)->keys, n);
  ((Ordering *) top)->whole = arbor_selection_ref (whole);
  return top;
}

static const ArborOrderingVerbs sort_verbs = {
  "sort_by",  TRUE,       ordering_copy, ordering_free, describe_by_keys,
  list_nodes, take_first, run_sort,      ARBOR_ORDERING_PERMUTES,
};

static const ArborOrderingVerbs top_verbs = {
  "top_k", TRUE, ordering_copy, ordering_free, describe_top, list_nodes, NULL, run_top,
};

static const ArborOrderingVerbs unique_verbs = {
  "unique_by", FALSE, ordering_copy, ordering_free, describe_by_keys, list_nodes, NULL, run_unique,
  ARBOR_ORDERING_KEEPS,
};

static const ArborOrderingVerbs sample_verbs = {
  "sample", TRUE, ordering_copy, ordering_free, describe_sample, list_nodes, NULL, run_sample,
  ARBOR_ORDERING_KEEPS,
};

static const ArborOrderingVerbs shuffle_verbs = {
  "shuffle", TRUE, ordering_copy, ordering_free, describe_shuffle, list_nodes, NULL, run_shuffle,
  ARBOR_ORDERING_PERMUTES,
};

ArborOrdering *
arbor_ordering_new_sort (ArborSortKeys *keys)
{
  return &ordering_new (&sort_verbs, keys)->parent;
}

ArborOrdering *
arbor_ordering_new_top (ArborSortKeys *keys, guint64 n)
{
  Ordering *self = ordering_new (&top_verbs, keys);

  self->n = n;
  return &self->parent;
}

ArborOrdering *
arbor_ordering_new_unique (ArborSortKeys *keys)
{
  return &ordering_new (&unique_verbs, keys)->parent;
}

ArborOrdering *
arbor_ordering_new_sample (guint64 n, guint64 seed)
{
  Ordering *self = ordering_new (&sample_verbs, NULL);

  self->n = n;
  self->seed = seed;
  return &self->parent;
}

ArborOrdering *
arbor_ordering_new_shuffle (guint64 seed)
{
  Ordering *self = ordering_new (&shuffle_verbs, NULL);

  self->seed = seed;
  return &self->parent;
}
