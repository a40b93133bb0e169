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
#include "query/view/arbor-keyed.h"
#include "query/view/arbor-trees.h"
#include "query/expr/arbor-evaluator.h"
#include "query/expr/arbor-same.h"
#include "query/series/arbor-key-ids.h"

#define RUN 1024u
/* Of so many stored trees for each that comes in, keys are looked up. */
#define KEYS_OF_TREES 1024u

typedef struct
{
  guint32 tree; /* in the source of the trees that come in */
  gboolean is_stored;
} Entry;

/* A stored tree, and what it is to be. */
typedef struct
{
  guint32 tree;
  guint32 entry;
} Change;

typedef struct
{
  ArborSelection *incoming;
  ArborAccess *incoming_access;
  ArborNode *const *keys;
  guint n_keys;
  ArborEvaluator *row_keys[ARBOR_KEYS_MAX_PATHS]; /* set to the batch of the row looked at */
  ArborEvaluator *incoming_keys[ARBOR_KEYS_MAX_PATHS];  /* for trees that lie anywhere */
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
  GArray *changes; /* Change, the same */
} Upsert;

static void
upsert_clear (Upsert *self)
{
  for (guint i = 0; i < self->n_keys; i++)
    {
      arbor_evaluator_free (self->row_keys[i]);
      arbor_evaluator_free (self->incoming_keys[i]);
    }
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

/* The key of a tree that comes in, in the scope. */
static gboolean
read_incoming_key (Upsert *self, guint32 index, ArborValue *key, GError **error)
{
  ArborValue tree;

  if (!read_incoming (self, index, &tree, error))
    return FALSE;
  for (guint i = 0; i < self->n_keys; i++)
    arbor_evaluator_get_value_of (self->incoming_keys[i], &tree, self->scope, &key[i]);
  return arbor_scope_check (self->scope, error);
}

static gboolean
check_is_there (const Upsert *self, guint64 position, const ArborValue *key, GError **error)
{
  for (guint i = 0; i < self->n_keys; i++)
    if (arbor_value_is_null (&key[i]))
      {
        g_autofree char *path = arbor_node_to_string (self->keys[i]);

        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY,
                     _("Tree %" PRIu64 " of the arbor to be upserted has no key: %s is missing or null"),
                     position, path);
        return FALSE;
      }
  return TRUE;
}

/* Of equal keys the last counts. */
static gboolean
add_incoming (Upsert *self, guint64 position, guint32 index, GError **error)
{
  const Entry fresh = { .tree = index };
  ArborValue key[ARBOR_KEYS_MAX_PATHS];
  guint32 group;

  if (!read_incoming_key (self, index, key, error) || !check_is_there (self, position, key, error) ||
      !arbor_group_table_add (&self->table, key, self->scope, &group, error))
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
match_row (Upsert *self, const ArborBatch *batch, guint32 row, guint32 tree, guint32 entry,
           GError **error)
{
  const Change change = { tree, entry };
  ArborValue old_tree, new_tree;

  get_entry (self, entry)->is_stored = TRUE;
  if (!read_incoming (self, get_entry (self, entry)->tree, &new_tree, error))
    return FALSE;
  arbor_batch_get_tree (batch, row, &old_tree);
  if (!arbor_same_is (self->same, &old_tree, &new_tree, self->row_scope))
    g_array_append_val (self->changes, change);
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
  for (guint k = 0; k < self->n_keys; k++)
    arbor_evaluator_set_batch (self->row_keys[k], rows->batch, rows->first);
  for (guint32 i = 0; i < rows->n; i++)
    {
      ArborValue key[ARBOR_KEYS_MAX_PATHS];

      for (guint k = 0; k < self->n_keys; k++)
        arbor_evaluator_get_value (self->row_keys[k], arbor_rows_get (rows, i), self->row_scope, &key[k]);
      if (!arbor_group_table_find (&self->table, key, self->row_scope, &groups[i]))
        groups[i] = ARBOR_NO_GROUP;
      arbor_scope_reset (self->row_scope);
    }
}

static gboolean
match_batch (const ArborRows *rows, const guint32 *trees, gpointer data, GError **error)
{
  Upsert *self = data;
  guint32 *groups;

  arbor_scope_reset (self->scope);
  arbor_key_ids_forget (self->stored_keys);
  groups = arbor_scope_alloc (self->scope, rows->n * sizeof *groups);
  find_entries (self, rows, groups);
  /* What is damaged must not be taken for a tree without key. */
  if (!arbor_scope_check (self->row_scope, error) || !arbor_scope_check (self->scope, error))
    return FALSE;
  for (guint32 i = 0; i < rows->n; i++)
    if (groups[i] != ARBOR_NO_GROUP &&
        !match_row (self, rows->batch, arbor_rows_get (rows, i),
                    arbor_content_get_tree (rows, trees, i), groups[i], error))
      return FALSE;
  return arbor_scope_check (self->row_scope, error);
}

/* Whether the stored trees have the key declared, and few are asked for. */
static gboolean
can_ask_keys (const Upsert *self, const ArborRecord *record)
{
  if (record == NULL || record->keys == NULL || record->keys->n_paths != self->n_keys ||
      self->entries->len > record->n_trees / KEYS_OF_TREES + 16)
    return FALSE;
  for (guint i = 0; i < self->n_keys; i++)
    if (self->keys[i]->kind != ARBOR_NODE_PATH ||
        !arbor_path_equal (self->keys[i]->path, record->keys->paths[i]))
      return FALSE;
  return TRUE;
}

/* The stored trees with the key of an entry. */
static gboolean
match_entry (Upsert *self, ArborContent *content, ArborAccess *access, guint32 entry, GArray *places,
             GError **error)
{
  ArborRecord *record = arbor_content_get_record (content);
  ArborValue key[ARBOR_KEYS_MAX_PATHS];

  g_array_set_size (places, 0);
  if (!read_incoming_key (self, get_entry (self, entry)->tree, key, error) ||
      !arbor_keyed_find (access, record, key, self->scope, places, error))
    return FALSE;
  for (guint i = 0; i < places->len; i++)
    {
      const ArborKeyPlace *place = &g_array_index (places, ArborKeyPlace, i);
      const ArborBatch *batch =
          place->patch != 0
              ? arbor_content_get_patch (content, access, place->patch, TRUE, error)
              : arbor_content_get_base (content, access, place->entry, TRUE, error);

      if (batch == NULL || !match_row (self, batch, place->row, place->tree, entry, error))
        return FALSE;
    }
  return arbor_scope_check (self->row_scope, error);
}

static gboolean
match_by_keys (Upsert *self, ArborContent *content, ArborAccess *access, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (ArborKeyPlace));

  for (guint32 i = 0; i < self->entries->len; i++)
    {
      if ((i % RUN == 0 && !arbor_access_check (access, cancellable, error)) ||
          !match_entry (self, content, access, i, places, error))
        return FALSE;
      arbor_scope_reset (self->scope);
    }
  return TRUE;
}

static int
compare_changes (gconstpointer a, gconstpointer b)
{
  const Change *left = a, *right = b;

  return (left->tree > right->tree) - (left->tree < right->tree);
}

/* In the order of the trees. */
static void
sort_changes (Upsert *self)
{
  g_array_sort (self->changes, compare_changes);
  for (guint i = 0; i < self->changes->len; i++)
    g_array_append_val (self->trees, g_array_index (self->changes, Change, i).tree);
}

static gboolean
write_incoming (guint n, const ArborBatch *batch, guint32 row, ArborScope *scope,
                ArborBatchBuilder *builder, gpointer data, GError **error)
{
  Upsert *self = data;
  guint32 entry = g_array_index (self->changes, Change, n).entry;
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
arbor_content_upsert (ArborContent *self, ArborAccess *access, ArborNode *const *keys, guint n,
                      ArborSelection *trees, ArborAccess *trees_access,
                      const ArborContentSink *sink, guint64 *n_changed, GCancellable *cancellable,
                      GError **error)
{
  g_auto (ArborStop) stop;
  g_auto (Upsert) upsert = { .incoming = trees,
                             .incoming_access = trees_access,
                             .keys = keys,
                             .stored_keys = arbor_key_ids_new (keys, n),
                             .scope = arbor_scope_new (),
                             .row_scope = arbor_scope_new (),
                             .same = arbor_same_new (),
                             .entries = g_array_new (FALSE, FALSE, sizeof (Entry)),
                             .trees = g_array_new (FALSE, FALSE, sizeof (guint32)),
                             .changes = g_array_new (FALSE, FALSE, sizeof (Change)) };
  g_autoptr (ArborSelection) appended = NULL;
  ArborContentChange change = { .trees = upsert.trees,
                                .write = write_incoming,
                                .data = &upsert,
                                .appended_access = trees_access };
  guint64 n_new;

  arbor_stop_begin (&stop, cancellable);
  arbor_group_table_init (&upsert.table, n, "upsert");
  for (; upsert.n_keys < n; upsert.n_keys++)
    {
      upsert.row_keys[upsert.n_keys] = arbor_evaluator_new (keys[upsert.n_keys]);
      upsert.incoming_keys[upsert.n_keys] = arbor_evaluator_new (keys[upsert.n_keys]);
    }
  if (!arbor_access_verify (trees_access, cancellable, error) ||
      !read_all_incoming (&upsert, cancellable, error) ||
      !(can_ask_keys (&upsert, arbor_content_get_record (self))
            ? match_by_keys (&upsert, self, access, cancellable, error)
            : arbor_content_for_each_batch (self, access, match_batch, &upsert, cancellable, error)))
    return FALSE;
  sort_changes (&upsert);
  change.appended = appended = select_new (&upsert, &n_new);
  *n_changed = upsert.trees->len + n_new;
  return arbor_content_change (self, access, &change, sink, cancellable, error);
}
