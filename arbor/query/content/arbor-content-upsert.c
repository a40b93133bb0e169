/* Upserting. See arbor-content-where.h.
 *
 * The keys of the trees that come in are groups in a table; a group is an entry, which remembers where its
 * tree lies, and whether a stored tree has its key. The stored trees are looked up in it batch by batch.
 * Each that has the key of an entry is compared with the entry's tree, and listed with it when they are
 * not the same.
 */

#include "query/content/arbor-content-where.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "batch/arbor-group-table.h"
#include "query/content/arbor-content-private.h"
#include "query/view/arbor-trees.h"
#include "query/expr/arbor-evaluator.h"
#include "query/expr/arbor-same.h"
#include "query/series/arbor-key-ids.h"

#define RUN 1024u

typedef struct
{
  guint32 tree; /* in the source of the trees that come in */
  gboolean is_stored;
} Entry;

typedef struct
{
  ArborSelection *incoming;
  ArborAccess *incoming_access;
  ArborEvaluator *stored_key;   /* set to the batch of the row looked at */
  ArborEvaluator *incoming_key; /* for trees that lie anywhere */
  ArborKeyIds *stored_keys;     /* of many rows at once */
  ArborScope *scope;
  ArborScope *row_scope;
  ArborSame *same;
  ArborGroupTable table; /* of keys: a group is the number of an entry */
  GArray *entries;       /* Entry */

  const ArborBatch *found_batch; /* that an incoming tree was last read from, or NULL */
  guint32 found;                 /* its first tree, and the first one behind it */
  guint64 found_end;

  GArray *trees;   /* guint32: stored ones that change */
  GArray *changes; /* guint32: the entry for each */
} Upsert;

static void
upsert_clear (Upsert *self)
{
  arbor_evaluator_free (self->stored_key);
  arbor_evaluator_free (self->incoming_key);
  arbor_key_ids_free (self->stored_keys);
  arbor_scope_free (self->scope);
  arbor_scope_free (self->row_scope);
  arbor_same_free (self->same);
  arbor_group_table_clear (&self->table);
  g_array_unref (self->entries);
  g_array_unref (self->trees);
  g_array_unref (self->changes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Upsert, upsert_clear)

static Entry *
get_entry (Upsert *self, guint32 entry)
{
  return &g_array_index (self->entries, Entry, entry);
}

/* The tree at an index of the source. */
static gboolean
read_incoming (Upsert *self, guint32 index, ArborValue *tree, GError **error)
{
  ArborSource *source = self->incoming_access->source;

  if (self->found_batch == NULL || index < self->found || index >= self->found_end)
    {
      guint32 batch = arbor_source_find_batch (source, index);

      self->found = (guint32) arbor_source_get_first_tree (source, batch);
      self->found_end = arbor_source_get_first_tree (source, batch + 1);
      self->found_batch = arbor_access_get_batch (self->incoming_access, batch, error);
      if (self->found_batch == NULL)
        return FALSE;
    }
  arbor_batch_get_tree (self->found_batch, index - self->found, tree);
  return TRUE;
}

/* Of equal keys the last counts. */
static gboolean
add_incoming (Upsert *self, guint64 position, guint32 index, GError **error)
{
  const Entry fresh = { .tree = index };
  ArborValue tree, key;
  guint32 group;

  if (!read_incoming (self, index, &tree, error))
    return FALSE;
  arbor_evaluator_get_value_of (self->incoming_key, &tree, self->scope, &key);
  if (arbor_value_is_null (&key))
    {
      if (arbor_scope_check (self->scope, error))
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY,
                     _ ("Tree %" PRIu64 " of the arbor to be upserted has no key: it is missing or "
                        "null"),
                     position);
      return FALSE;
    }
  if (!arbor_scope_check (self->scope, error) ||
      !arbor_group_table_add (&self->table, &key, self->scope, &group, error))
    return FALSE;
  if (group < self->entries->len)
    get_entry (self, group)->tree = index;
  else
    g_array_append_val (self->entries, fresh);
  return TRUE;
}

static gboolean
read_all_incoming (Upsert *self, GCancellable *cancellable, GError **error)
{
  guint32 indices[RUN];
  guint64 position = 0;
  guint32 n_read;

  do
    {
      if (!arbor_access_check (self->incoming_access, cancellable, error) ||
          !arbor_selection_read (self->incoming, self->incoming_access, position, RUN, indices,
                                 &n_read, cancellable, error) ||
          !arbor_trees_ensure (self->incoming_access, indices, n_read, cancellable, error))
        return FALSE;
      for (guint32 i = 0; i < n_read; i++)
        {
          if (!add_incoming (self, position + i, indices[i], error))
            return FALSE;
          arbor_scope_reset (self->scope);
        }
      position += n_read;
    }
  while (n_read == RUN);
  return TRUE;
}

/* The stored tree has the key of an entry. */
static gboolean
match_row (Upsert *self, const ArborBatch *batch, guint64 first_tree, guint32 row, guint32 entry,
           GError **error)
{
  guint32 index = (guint32) (first_tree + row);
  ArborValue old_tree, new_tree;

  get_entry (self, entry)->is_stored = TRUE;
  if (!read_incoming (self, get_entry (self, entry)->tree, &new_tree, error))
    return FALSE;
  arbor_batch_get_tree (batch, row, &old_tree);
  if (!arbor_same_is (self->same, &old_tree, &new_tree, self->row_scope))
    {
      g_array_append_val (self->trees, index);
      g_array_append_val (self->changes, entry);
    }
  arbor_scope_reset (self->row_scope);
  return TRUE;
}

/* The entries of the keys of all rows, ARBOR_NO_GROUP where there is none. */
static void
find_entries (Upsert *self, const ArborRows *rows, guint32 *groups)
{
  const ArborGroupKey *keys = arbor_key_ids_get_keys (self->stored_keys, rows, self->scope);

  if (keys != NULL)
    {
      arbor_group_table_find_keys (&self->table, keys, rows->n, groups);
      return;
    }
  arbor_evaluator_set_batch (self->stored_key, rows->batch, rows->first);
  for (guint32 row = 0; row < rows->n; row++)
    {
      ArborValue key;

      arbor_evaluator_get_value (self->stored_key, row, self->row_scope, &key);
      if (!arbor_group_table_find (&self->table, &key, self->row_scope, &groups[row]))
        groups[row] = ARBOR_NO_GROUP;
      arbor_scope_reset (self->row_scope);
    }
}

static gboolean
match_piece (const ArborBatch *batch, guint64 first_tree, gpointer data, GError **error)
{
  Upsert *self = data;
  const ArborRows rows = { .batch = batch,
                           .first = first_tree,
                           .n = arbor_batch_get_n_trees (batch) };
  guint32 *groups;

  arbor_scope_reset (self->scope);
  arbor_key_ids_forget (self->stored_keys);
  groups = arbor_scope_alloc (self->scope, rows.n * sizeof *groups);
  find_entries (self, &rows, groups);
  /* What is damaged must not be taken for a tree without key. */
  if (!arbor_scope_check (self->row_scope, error) || !arbor_scope_check (self->scope, error))
    return FALSE;
  for (guint32 row = 0; row < rows.n; row++)
    if (groups[row] != ARBOR_NO_GROUP &&
        !match_row (self, batch, first_tree, row, groups[row], error))
      return FALSE;
  return arbor_scope_check (self->row_scope, error);
}

static gboolean
write_incoming (guint n, const ArborBatch *batch, guint32 row, ArborScope *scope,
                ArborBatchBuilder *builder, gpointer data, GError **error)
{
  Upsert *self = data;
  guint32 entry = g_array_index (self->changes, guint32, n);
  ArborValue tree;

  if (!read_incoming (self, get_entry (self, entry)->tree, &tree, error))
    return FALSE;
  arbor_batch_builder_add_value (builder, &tree, scope);
  return TRUE;
}

/* The entries whose keys no stored tree has, as a selection of their source. */
static ArborSelection *
select_new (Upsert *self, guint64 *n_new)
{
  guint32 *indices = g_new (guint32, MAX (self->entries->len, 1));

  *n_new = 0;
  for (guint32 i = 0; i < self->entries->len; i++)
    if (!get_entry (self, i)->is_stored)
      indices[(*n_new)++] = get_entry (self, i)->tree;
  return arbor_selection_new_list (indices, *n_new);
}

gboolean
arbor_content_upsert (ArborContent *self, ArborAccess *access, ArborNode *key,
                      ArborSelection *trees, ArborAccess *trees_access,
                      const ArborContentSink *sink, guint64 *n_changed, GCancellable *cancellable,
                      GError **error)
{
  g_auto (ArborStop) stop;
  g_auto (Upsert) upsert = { .incoming = trees,
                             .incoming_access = trees_access,
                             .stored_key = arbor_evaluator_new (key),
                             .incoming_key = arbor_evaluator_new (key),
                             .stored_keys = arbor_key_ids_new (&key, 1),
                             .scope = arbor_scope_new (),
                             .row_scope = arbor_scope_new (),
                             .same = arbor_same_new (),
                             .entries = g_array_new (FALSE, FALSE, sizeof (Entry)),
                             .trees = g_array_new (FALSE, FALSE, sizeof (guint32)),
                             .changes = g_array_new (FALSE, FALSE, sizeof (guint32)) };
  g_autoptr (ArborSelection) appended = NULL;
  ArborContentChange change = { .trees = upsert.trees,
                                .write = write_incoming,
                                .data = &upsert,
                                .appended_access = trees_access };
  guint64 n_new;

  arbor_stop_begin (&stop, cancellable);
  arbor_group_table_init (&upsert.table, 1, "upsert");
  if (!arbor_access_verify (trees_access, cancellable, error) ||
      !read_all_incoming (&upsert, cancellable, error) ||
      !arbor_content_for_each_piece (self, access, match_piece, &upsert, cancellable, error))
    return FALSE;
  change.appended = appended = select_new (&upsert, &n_new);
  *n_changed = upsert.trees->len + n_new;
  return arbor_content_change (self, access, &change, sink, cancellable, error);
}
