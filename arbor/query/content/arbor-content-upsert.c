/* Upserting. See arbor-content-where.h.
 *
 * The trees that come in are entries in a table by the hash of their key: a chain of entries, by
 * their numbers, hangs at each slot. Keys are not kept; equal hashes are told apart by evaluating
 * the key of the tree once more. An entry remembers where its tree lies, and whether a stored tree
 * has its key. Each stored tree that has the key of an entry is compared with the entry's tree, and
 * listed with it when they are not the same.
 */

#include "query/content/arbor-content-where.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "query/content/arbor-content-private.h"
#include "query/expr/arbor-evaluator.h"
#include "query/expr/arbor-same.h"

#define RUN      1024u
#define NO_ENTRY G_MAXUINT32

typedef struct
{
  guint64 hash;
  guint32 tree; /* in the source of the trees that come in */
  guint32 next; /* in the chain, or NO_ENTRY */
  gboolean is_stored;
} Entry;

typedef struct
{
  ArborSelection *incoming;
  ArborAccess *incoming_access;
  ArborEvaluator *stored_key;   /* set to the batch of the row looked at */
  ArborEvaluator *incoming_key; /* for trees that lie anywhere */
  ArborScope *scope;
  ArborSame *same;
  GArray *entries; /* Entry */
  GArray *slots;   /* guint32: first of a chain; a power of two of them */

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
  arbor_scope_free (self->scope);
  arbor_same_free (self->same);
  g_array_unref (self->entries);
  g_array_unref (self->slots);
  g_array_unref (self->trees);
  g_array_unref (self->changes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Upsert, upsert_clear)

static Entry *
get_entry (Upsert *self, guint32 entry)
{
  return &g_array_index (self->entries, Entry, entry);
}

static guint32 *
get_slot (Upsert *self, guint64 hash)
{
  return &g_array_index (self->slots, guint32, hash & (self->slots->len - 1));
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

/* The entry whose tree has @key, or NO_ENTRY. FALSE after an error. */
static gboolean
find_entry (Upsert *self, const ArborValue *key, guint64 hash, guint32 *entry, GError **error)
{
  for (guint32 i = *get_slot (self, hash); i != NO_ENTRY; i = get_entry (self, i)->next)
    {
      ArborValue tree, other;

      if (get_entry (self, i)->hash != hash)
        continue;
      if (!read_incoming (self, get_entry (self, i)->tree, &tree, error))
        return FALSE;
      arbor_evaluator_get_value_of (self->incoming_key, &tree, self->scope, &other);
      if (arbor_value_equal (key, &other, self->scope))
        {
          *entry = i;
          return TRUE;
        }
    }
  *entry = NO_ENTRY;
  return TRUE;
}

static void
add_to_slot (Upsert *self, guint32 entry)
{
  guint32 *slot = get_slot (self, get_entry (self, entry)->hash);

  get_entry (self, entry)->next = *slot;
  *slot = entry;
}

static void
set_n_slots (Upsert *self, guint n)
{
  const guint32 none = NO_ENTRY;

  g_array_set_size (self->slots, 0);
  for (guint i = 0; i < n; i++)
    g_array_append_val (self->slots, none);
  for (guint32 i = 0; i < self->entries->len; i++)
    add_to_slot (self, i);
}

/* Of equal keys the last counts. */
static gboolean
add_incoming (Upsert *self, guint64 position, guint32 index, GError **error)
{
  ArborValue tree, key;
  Entry fresh = { .tree = index };
  guint32 entry;

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
  fresh.hash = arbor_value_hash (&key, self->scope);
  if (!find_entry (self, &key, fresh.hash, &entry, error) ||
      !arbor_scope_check (self->scope, error))
    return FALSE;
  if (entry != NO_ENTRY)
    {
      get_entry (self, entry)->tree = index;
      return TRUE;
    }
  g_array_append_val (self->entries, fresh);
  add_to_slot (self, self->entries->len - 1);
  if (self->entries->len > self->slots->len)
    set_n_slots (self, self->slots->len * 2);
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
                                 &n_read, cancellable, error))
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

/* One stored tree. */
static gboolean
match_row (Upsert *self, const ArborBatch *batch, guint64 first_tree, guint32 row, GError **error)
{
  guint32 index = (guint32) (first_tree + row);
  ArborValue key, old_tree, new_tree;
  guint32 entry;

  arbor_evaluator_get_value (self->stored_key, row, self->scope, &key);
  if (arbor_value_is_null (&key))
    return TRUE;
  if (!find_entry (self, &key, arbor_value_hash (&key, self->scope), &entry, error))
    return FALSE;
  if (entry == NO_ENTRY)
    return TRUE;
  get_entry (self, entry)->is_stored = TRUE;
  if (!read_incoming (self, get_entry (self, entry)->tree, &new_tree, error))
    return FALSE;
  arbor_batch_get_tree (batch, row, &old_tree);
  if (!arbor_same_is (self->same, &old_tree, &new_tree, self->scope))
    {
      g_array_append_val (self->trees, index);
      g_array_append_val (self->changes, entry);
    }
  return TRUE;
}

static gboolean
match_piece (const ArborBatch *batch, guint64 first_tree, gpointer data, GError **error)
{
  Upsert *self = data;

  arbor_evaluator_set_batch (self->stored_key, batch, first_tree);
  for (guint32 row = 0; row < arbor_batch_get_n_trees (batch); row++)
    {
      if (!match_row (self, batch, first_tree, row, error))
        return FALSE;
      arbor_scope_reset (self->scope);
    }
  return arbor_scope_check (self->scope, error);
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
                             .scope = arbor_scope_new (),
                             .same = arbor_same_new (),
                             .entries = g_array_new (FALSE, FALSE, sizeof (Entry)),
                             .slots = g_array_new (FALSE, FALSE, sizeof (guint32)),
                             .trees = g_array_new (FALSE, FALSE, sizeof (guint32)),
                             .changes = g_array_new (FALSE, FALSE, sizeof (guint32)) };
  g_autoptr (ArborSelection) appended = NULL;
  ArborContentChange change = { .trees = upsert.trees,
                                .write = write_incoming,
                                .data = &upsert,
                                .appended_access = trees_access };
  guint64 n_new;

  arbor_stop_begin (&stop, cancellable);
  set_n_slots (&upsert, RUN);
  if (!arbor_access_verify (trees_access, cancellable, error) ||
      !read_all_incoming (&upsert, cancellable, error) ||
      !arbor_content_for_each_piece (self, access, match_piece, &upsert, cancellable, error))
    return FALSE;
  change.appended = appended = select_new (&upsert, &n_new);
  *n_changed = upsert.trees->len + n_new;
  return arbor_content_change (self, access, &change, sink, cancellable, error);
}
