/* Reading a content batch by batch, as its trees lie: what is looked for in all of it is found without
 * putting mended pieces together.
 */

#include "query/content/arbor-content-private.h"

/* A draft has pieces in memory, which only its source knows. */
const ArborBatch *
arbor_content_get_piece (ArborContent *self, ArborAccess *access, guint32 piece, GError **error)
{
  if (access->source != NULL)
    return arbor_access_verify_batch (access, piece, error)
               ? arbor_access_get_batch (access, piece, error)
               : NULL;
  return arbor_snapshot_verify_batch (access->snapshot, self->record, piece, error)
             ? arbor_snapshot_get_batch (access->snapshot, self->record, piece, error)
             : NULL;
}

const ArborBatch *
arbor_content_get_base (ArborContent *self, ArborAccess *access, guint32 piece, gboolean verify,
                        GError **error)
{
  if (access->source != NULL)
    return !verify || arbor_access_verify_base (access, piece, error)
               ? arbor_access_get_base (access, piece, error)
               : NULL;
  return !verify || arbor_snapshot_verify_base (access->snapshot, self->record, piece, error)
             ? arbor_snapshot_get_base (access->snapshot, self->record, piece, error)
             : NULL;
}

const ArborBatch *
arbor_content_get_patch (ArborContent *self, ArborAccess *access, guint64 id, gboolean verify,
                         GError **error)
{
  if (access->source != NULL)
    return !verify || arbor_access_verify_patch (access, id, error)
               ? arbor_access_get_patch (access, id, error)
               : NULL;
  return !verify || arbor_snapshot_verify_patch (access->snapshot, self->record, id, error)
             ? arbor_snapshot_get_patch (access->snapshot, self->record, id, error)
             : NULL;
}

typedef struct
{
  ArborContent *content;
  ArborAccess *access;
  ArborContentRowsFunc func;
  gpointer data;
  guint32 *rows;  /* ARBOR_BATCH_MAX_TREES each, made when they are needed */
  guint32 *trees;
} Reading;

/* The rows that the mend has of one of its batches. */
static guint32
list_rows (Reading *self, const ArborMend *mend, guint32 number, guint64 first_tree)
{
  guint32 tree = (guint32) first_tree;
  guint32 n = 0;

  for (guint32 i = 0; i < mend->n_parts; i++)
    {
      const ArborMendPart *part = &mend->parts[i];

      for (guint32 row = 0; part->batch == number && row < part->n_rows; row++)
        {
          self->rows[n] = part->first_row + row;
          self->trees[n++] = tree + row;
        }
      tree += part->n_rows;
    }
  return n;
}

static gboolean
read_mended (Reading *self, guint32 piece, GError **error)
{
  const ArborRecord *record = self->content->record;
  const ArborMend *mend = record->batches[piece].mend;

  if (self->rows == NULL)
    {
      self->rows = g_new (guint32, ARBOR_BATCH_MAX_TREES);
      self->trees = g_new (guint32, ARBOR_BATCH_MAX_TREES);
    }
  for (guint32 i = 0; i <= mend->n_patches; i++)
    {
      ArborRows rows = { .first = record->first_tree[piece], .rows = self->rows };

      rows.n = list_rows (self, mend, i, record->first_tree[piece]);
      if (rows.n == 0)
        continue;
      rows.batch = i == 0 ? arbor_content_get_base (self->content, self->access, piece, TRUE, error)
                          : arbor_content_get_patch (self->content, self->access,
                                                     mend->patches[i - 1], TRUE, error);
      if (rows.batch == NULL || !self->func (&rows, self->trees, self->data, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_piece (Reading *self, guint32 piece, GError **error)
{
  const ArborRecord *record = self->content->record;
  ArborRows rows = { .first = record->first_tree[piece], .n = record->batches[piece].n_trees };

  if (record->batches[piece].mend != NULL)
    return read_mended (self, piece, error);
  rows.batch = arbor_content_get_base (self->content, self->access, piece, TRUE, error);
  return rows.batch != NULL && self->func (&rows, NULL, self->data, error);
}

gboolean
arbor_content_for_each_batch (ArborContent *self, ArborAccess *access, ArborContentRowsFunc func,
                              gpointer data, GCancellable *cancellable, GError **error)
{
  Reading reading = { .content = self, .access = access, .func = func, .data = data };
  gboolean is_good = TRUE;

  for (guint32 i = 0; is_good && i < arbor_content_get_n_pieces (self); i++)
    is_good = arbor_access_check (access, cancellable, error) && read_piece (&reading, i, error);
  g_free (reading.rows);
  g_free (reading.trees);
  return is_good;
}
