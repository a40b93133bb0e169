/* See arbor-sweep.h. */

#include "storage/arbor-sweep.h"

#include "storage/arbor-catalog.h"

#define SLICE 64u

/* Deletes up to a slice of the batches of one piece, and the piece when none is left. */
static gboolean
sweep_piece (ArborTxn txn, guint64 id, guint32 piece,
             GArray *batches, ArborSweep *sweep, GError **error)
{
  guint n = MIN (batches->len, SLICE - sweep->n_deleted);
  guint left = batches->len - n;

  for (guint i = left; i < batches->len; i++)
    if (!arbor_catalog_delete_batch (txn, g_array_index (batches, guint64, i), error))
      return FALSE;
  sweep->n_deleted += n;
  if (left == 0)
    return arbor_catalog_delete_staging_piece (txn, id, piece, error);
  return arbor_catalog_write_staging (txn, id, &piece, ARBOR_STAGING_DEAD,
                                      (const guint64 *) batches->data, left, error);
}

/* A live entry whose byte nobody has locked is that of a dead process: its lock was taken under
 * the writer's byte, which is ours now. */
static gboolean
is_orphan (ArborEnvironment *environment, guint64 id)
{
  return !arbor_writer_has_staging (environment, id) &&
         !arbor_environment_is_locked (environment, ARBOR_LOCK_STAGING + (gint64) id, 1);
}

gboolean
arbor_sweep_slice (ArborTxn txn, gpointer data, GError **error)
{
  ArborSweep *sweep = data;
  g_autoptr (GArray) batches = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 id = 0;

  *sweep = (ArborSweep){ 0 };
  while (sweep->n_deleted < SLICE)
    {
      guint64 found;
      guint32 piece;
      ArborStagingState state;

      if (!arbor_catalog_find_staging (txn, id, &found, &piece, &state, batches,
                                       error))
        return FALSE;
      if (found == 0)
        {
          sweep->is_done = TRUE;
          return TRUE;
        }
      if (state != ARBOR_STAGING_DEAD && !is_orphan (txn.env, found))
        id = found + 1;
      else if (!sweep_piece (txn, found, piece, batches, sweep, error))
        return FALSE;
    }
  return TRUE;
}
