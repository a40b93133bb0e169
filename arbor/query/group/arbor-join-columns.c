/* Pairs of trees by columns: of what somebody wants of a join, each field comes from the left trees or
 * from the right ones. Which of the two, and under which name, depends on the keys that both trees
 * have; where all trees at hand agree on that, columns are gathered.
 */

#include "query/group/arbor-join-private.h"

#include "base/arbor-bits.h"
#include "batch/arbor-batch-format.h"

/* Right trees that lie in several batches, put into one. */
typedef struct
{
  GBytes *bytes;
  ArborBatch *batch;
  gboolean is_too_large;
  ArborBatchBuilder *builder;
} Together;

static gboolean
flush_together (gpointer data, GError **error)
{
  Together *self = data;

  /* Another one would be needed. */
  self->is_too_large |= self->bytes != NULL;
  g_clear_pointer (&self->bytes, g_bytes_unref);
  self->bytes = arbor_batch_builder_finish (self->builder, error);
  return self->bytes != NULL;
}

static gboolean
put_together (Together *self, ArborAccess *access, const guint32 *indices, guint32 n,
              GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborRebuild) rebuild = arbor_rebuild_new (builder, flush_together, self);
  gsize size;
  const guint8 *data;

  self->builder = builder;
  arbor_batch_builder_set_one_batch (builder);
  if (!arbor_rebuild_add_indices (rebuild, access, indices, n, error) ||
      (arbor_batch_builder_get_n_trees (builder) > 0 && !flush_together (self, error)))
    return FALSE;
  data = g_bytes_get_data (self->bytes, &size);
  self->batch = arbor_batch_open (data, size, error);
  return self->batch != NULL;
}

static void
together_clear (Together *self)
{
  g_clear_pointer (&self->batch, arbor_batch_free);
  g_clear_pointer (&self->bytes, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Together, together_clear)

/* Whether all trees are objects, and in columns. */
static gboolean
has_objects_only (const ArborBatch *batch)
{
  return batch->columns[0].n_lanes == 1 && batch->columns[0].n_nulls == 0 &&
         arbor_batch_find_lane (batch, &batch->columns[0], ARBOR_KIND_OBJECT) != NULL;
}

static gboolean
ends_with (const char *key, guint32 length, const char *suffix)
{
  gsize n = strlen (suffix);

  return n > 0 && length >= n && memcmp (key + length - n, suffix, n) == 0;
}

/* Names that are made up depend on what left trees have without the suffixes. */
void
arbor_join_list_left (const char *suffix, const ArborWanted *wanted, GPtrArray *nodes)
{
  guint32 n_suffix = (guint32) strlen (suffix);

  arbor_nodes_add_wanted (nodes, wanted);
  for (guint i = 0; i < wanted->n && n_suffix > 0; i++)
    {
      guint32 length;
      const char *key = arbor_wanted_get (wanted, i, &length);

      for (; ends_with (key, length, suffix); length -= n_suffix)
        arbor_nodes_add_field (nodes, key, length - n_suffix);
    }
}

/* Where names are made up, the order of the right tree's fields may count, which narrow trees do not keep. */
GPtrArray *
arbor_join_list_right (const ArborJoinNames *names, const ArborWanted *wanted)
{
  g_autoptr (GPtrArray) nodes =
      g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);

  for (guint i = 0; i < wanted->n; i++)
    {
      guint32 length;
      const char *key = arbor_wanted_get (wanted, i, &length);

      if (ends_with (key, length, names->suffix))
        return NULL;
      if (!arbor_join_drops (names, key, length))
        arbor_nodes_add_field (nodes, key, length);
    }
  return g_steal_pointer (&nodes);
}

static gboolean
all_have (const ArborBatch *batch, guint32 column)
{
  return batch->columns[column].presence == ARBOR_PRESENCE_ALL;
}

/* A piece of pairs. */
typedef struct
{
  const ArborJoinPairs *pairs;
  const ArborBatch *left;
  const ArborBatch *right;     /* NULL: no tree has a match */
  guint32 *right_rows;         /* of those that have one */
  guint32 n_right;
  const guint64 *has_right;    /* which have; NULL: all */
  ArborFieldRows *fields;
  guint n_fields;
} Piece;

static void
add_left (Piece *self, const char *key, guint32 length, guint32 column)
{
  self->fields[self->n_fields++] = (ArborFieldRows){ .key = key,
                                                     .length = length,
                                                     .batch = self->left,
                                                     .column = column,
                                                     .rows = self->pairs->left,
                                                     .n_rows = self->pairs->n };
}

static void
add_right (Piece *self, const char *key, guint32 length, guint32 column)
{
  self->fields[self->n_fields++] = (ArborFieldRows){ .key = key,
                                                     .length = length,
                                                     .batch = self->right,
                                                     .column = column,
                                                     .rows = self->right_rows,
                                                     .n_rows = self->n_right,
                                                     .present = self->has_right };
}

static guint32
find_right (Piece *self, const ArborJoinNames *names, const char *key, guint32 length)
{
  if (self->right == NULL || arbor_join_drops (names, key, length))
    return ARBOR_NO_COLUMN;
  return arbor_batch_find_field (self->right, 0, key, length);
}

/* What stands under a name that no tree of either side has: a right field of a name that all left
 * trees have, with the suffix. FALSE: not the same for all. */
static gboolean
add_suffixed (Piece *self, const ArborJoinNames *names, const char *key, guint32 length)
{
  guint32 n_suffix = (guint32) strlen (names->suffix);
  guint32 n = length - n_suffix;
  guint32 left, right;

  if (self->right == NULL || !ends_with (key, length, names->suffix))
    return TRUE;
  /* Suffixes in a row, or a key that is left out but there: names that are made up may meet. */
  if (ends_with (key, n, names->suffix) ||
      arbor_batch_find_field (self->right, 0, key, length) != ARBOR_NO_COLUMN)
    return FALSE;
  left = arbor_batch_find_field (self->left, 0, key, n);
  right = find_right (self, names, key, n);
  if (left == ARBOR_NO_COLUMN || right == ARBOR_NO_COLUMN)
    return TRUE;
  if (!all_have (self->left, left))
    return FALSE;
  add_right (self, key, length, right);
  return TRUE;
}

/* FALSE: not the same for all trees. */
static gboolean
add_field (Piece *self, const ArborJoinNames *names, const char *key, guint32 length)
{
  guint32 left = arbor_batch_find_field (self->left, 0, key, length);
  guint32 right = find_right (self, names, key, length);

  if (left != ARBOR_NO_COLUMN)
    {
      if (right != ARBOR_NO_COLUMN && !all_have (self->left, left))
        return FALSE;
      /* A name made up for another field may meet this one where a tree does not have it. */
      if (!all_have (self->left, left) && self->right != NULL &&
          ends_with (key, length, names->suffix))
        return FALSE;
      add_left (self, key, length, left);
      return TRUE;
    }
  if (right != ARBOR_NO_COLUMN)
    {
      if (!all_have (self->right, right) && ends_with (key, length, names->suffix))
        return FALSE;
      add_right (self, key, length, right);
      return TRUE;
    }
  return add_suffixed (self, names, key, length);
}

static gboolean
list_fields (Piece *self, const ArborJoinNames *names, const ArborWanted *wanted)
{
  for (guint i = 0; i < wanted->n; i++)
    {
      guint32 length;
      const char *key = arbor_wanted_get (wanted, i, &length);

      if (!add_field (self, names, key, length))
        return FALSE;
    }
  return TRUE;
}

/* The right trees of the piece, in one batch. */
static gboolean
find_right_rows (Piece *self, ArborAccess *access, Together *together, ArborScope *scope,
                 GError **error)
{
  const ArborJoinPairs *pairs = self->pairs;
  guint32 *indices = arbor_scope_alloc (scope, (gsize) pairs->n * sizeof *indices);
  guint64 *has = arbor_scope_alloc (scope, arbor_bits_n_words (pairs->n) * 8);
  gboolean is_one = TRUE;
  guint64 first, next;
  guint32 batch;

  memset (has, 0, arbor_bits_n_words (pairs->n) * 8);
  for (guint32 i = 0; i < pairs->n; i++)
    if (pairs->right[i] != ARBOR_NO_MATCH)
      {
        indices[self->n_right++] = pairs->right[i];
        arbor_bits_set (has, i);
      }
  self->has_right = self->n_right < pairs->n ? has : NULL;
  self->right_rows = indices;
  if (self->n_right == 0)
    return TRUE;
  if (!arbor_trees_ensure (access, indices, self->n_right, NULL, error))
    return FALSE;
  batch = arbor_source_find_batch (access->source, indices[0]);
  first = arbor_source_get_first_tree (access->source, batch);
  next = arbor_source_get_first_tree (access->source, batch + 1);
  for (guint32 i = 0; i < self->n_right; i++)
    is_one &= indices[i] >= first && indices[i] < next;
  if (!is_one && !put_together (together, access, indices, self->n_right, error))
    return FALSE;
  for (guint32 i = 0; i < self->n_right; i++)
    indices[i] = is_one ? (guint32) (indices[i] - first) : i;
  self->right = is_one ? arbor_access_get_batch (access, batch, error) : together->batch;
  return self->right != NULL;
}

gboolean
arbor_join_compose (const ArborJoinPairs *pairs, const ArborBatch *left, ArborAccess *right,
                    const ArborJoinNames *names, const ArborWanted *wanted, ArborCompose *compose,
                    ArborScope *scope, gboolean *is_done, GError **error)
{
  g_auto (Together) together = { NULL };
  g_autofree ArborFieldRows *fields = g_new0 (ArborFieldRows, wanted->n + 1);
  Piece piece = { .pairs = pairs, .left = left, .fields = fields };

  *is_done = FALSE;
  if (!has_objects_only (left))
    return TRUE;
  if (!find_right_rows (&piece, right, &together, scope, error))
    return FALSE;
  if (together.is_too_large || (piece.right != NULL && !has_objects_only (piece.right)))
    return TRUE;
  *is_done = list_fields (&piece, names, wanted) &&
             arbor_compose_add (compose, fields, piece.n_fields, pairs->n);
  /* What was put together goes away. */
  if (together.batch != NULL)
    arbor_compose_forget (compose);
  return TRUE;
}
