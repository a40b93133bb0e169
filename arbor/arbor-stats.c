/* ArborStats: figures of a store at one moment. Immutable, so a copy is a reference. */

#include "arbor-stats.h"

#include "arbor-store-private.h"

struct _ArborStats
{
  ArborSessionStats figures;
};

/**
 * ArborStats:
 *
 * Figures of a store at one moment: its file, who reads it, what this store object has written.
 * [method@Arbor.Store.get_stats] makes one.
 *
 * A plain value, which does not change and is not affected by closing the store; any thread may use
 * it.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (ArborStats, arbor_stats, arbor_stats_copy, arbor_stats_free)

/**
 * arbor_store_get_stats:
 * @self: a store
 * @error: where to put an error
 *
 * Counts what the store has and does now. Reads the list of free pages and what waits to be deleted,
 * but no batch.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_TOO_MANY_READERS. Any thread may
 * call this.
 *
 * Returns: (transfer full): the figures
 *
 * Since: 1.0
 */
ArborStats *
arbor_store_get_stats (ArborStore *self, GError **error)
{
  ArborSessionStats figures;
  ArborStats *stats = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);

  if (!arbor_store_enter (self, &access, error))
    return NULL;
  if (arbor_session_get_stats (self->session, &figures, error))
    {
      stats = g_atomic_rc_box_new0 (ArborStats);
      stats->figures = figures;
    }
  arbor_access_leave (&access, error);
  return stats;
}

/**
 * arbor_stats_copy:
 * @self: figures
 *
 * Copies figures. Any thread may call this.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
ArborStats *
arbor_stats_copy (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * arbor_stats_free:
 * @self: (transfer full): figures
 *
 * Frees figures. Any thread may call this.
 *
 * Since: 1.0
 */
void
arbor_stats_free (ArborStats *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release (self);
}

/**
 * arbor_stats_get_file_bytes:
 * @self: figures
 *
 * Gets the size of the file, in bytes. Any thread may call this.
 *
 * Returns: the bytes
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_file_bytes (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.file_bytes;
}

/**
 * arbor_stats_get_disk_bytes:
 * @self: figures
 *
 * Gets how much of the disk the file takes, in bytes: less than its size where it has holes, see
 * [method@Arbor.Store.compact]. Any thread may call this.
 *
 * Returns: the bytes
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_disk_bytes (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.disk_bytes;
}

/**
 * arbor_stats_get_reclaimable_bytes:
 * @self: figures
 *
 * Gets how much of the disk compacting in place would give back, in bytes: the blocks of free pages
 * that nobody holds. Batches that wait to be deleted add to it. Any thread may call this.
 *
 * Returns: the bytes
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_reclaimable_bytes (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.reclaimable_bytes;
}

/**
 * arbor_stats_get_can_shrink:
 * @self: figures
 *
 * Gets whether blocks of the file can be given back in place: it may be written, and its file system
 * can make holes in files. Any thread may call this.
 *
 * Returns: whether they can
 *
 * Since: 1.0
 */
gboolean
arbor_stats_get_can_shrink (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->figures.can_shrink;
}

/**
 * arbor_stats_get_map_bytes:
 * @self: figures
 *
 * Gets how much address space is reserved for the file, in bytes: as large as it can become
 * while the store is open. Any thread may call this.
 *
 * Returns: the bytes
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_map_bytes (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.map_bytes;
}

/**
 * arbor_stats_get_page_size:
 * @self: figures
 *
 * Gets the size of a page of the file, in bytes. Any thread may call this.
 *
 * Returns: the bytes of a page
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_page_size (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.page_size;
}

/**
 * arbor_stats_get_n_free_pages:
 * @self: figures
 *
 * Gets how many pages of the file are free, those that [method@Arbor.Stats.get_n_held_pages]
 * tells of included. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_free_pages (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.free_pages;
}

/**
 * arbor_stats_get_n_held_pages:
 * @self: figures
 *
 * Gets how many pages were freed since the oldest reader began: they can be used again only when
 * it has ended. Iterators, trees and models keep their readers; closing or dropping them lets
 * go. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_held_pages (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.held_pages;
}

/**
 * arbor_stats_get_n_readers:
 * @self: figures
 *
 * Gets how many readers of the file there are now, in all processes. Each is one snapshot. Any
 * thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_readers (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.n_readers;
}

/**
 * arbor_stats_get_max_readers:
 * @self: figures
 *
 * Gets how many readers of the file there can be. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_max_readers (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.max_readers;
}

/**
 * arbor_stats_get_oldest_reader_age:
 * @self: figures
 *
 * Gets how old the oldest reader of all processes is: how many transactions were committed since
 * it began. Any thread may call this.
 *
 * Returns: the number of transactions, 0 when there is no reader
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_oldest_reader_age (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.oldest_age;
}

/**
 * arbor_stats_get_n_snapshots:
 * @self: figures
 *
 * Gets how many snapshots of this store are alive: its current one, and those that are pinned.
 * Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_snapshots (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.n_snapshots;
}

/**
 * arbor_stats_get_n_pinned:
 * @self: figures
 *
 * Gets how many snapshots of this store are pinned: by iterators, trees, models, by the arbors
 * of a store with the option `pinned`, and by calls under way. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_pinned (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.n_pinned;
}

/**
 * arbor_stats_get_n_dead_batches:
 * @self: figures
 *
 * Gets how many replaced batches wait to be deleted, which happens in slices when nobody writes.
 * Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_dead_batches (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.dead_batches;
}

/**
 * arbor_stats_get_n_staged_batches:
 * @self: figures
 *
 * Gets how many batches were written ahead by imports and puts that have not committed yet, or
 * that died before they did. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_staged_batches (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.staged_batches;
}

/**
 * arbor_stats_get_n_mended_batches:
 * @self: figures
 *
 * Gets how many batches of all arbors are mended: small changes have taken trees out of
 * them, or put others in between, and the batches themselves lie there as they were. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_mended_batches (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.mended_entries;
}

/**
 * arbor_stats_get_n_patch_batches:
 * @self: figures
 *
 * Gets how many patches there are: small batches that have the trees that changes have put in;
 * as they become many, they become one. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_patch_batches (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.patches;
}

/**
 * arbor_stats_get_n_dead_trees:
 * @self: figures
 *
 * Gets how many trees lie in batches and patches that no arbor has any more; they go when these
 * are written anew. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_dead_trees (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.dead_rows;
}

/**
 * arbor_stats_get_n_batches_written:
 * @self: figures
 *
 * Gets how many batches the commits of this store object have written. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_batches_written (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.n_written;
}

/**
 * arbor_stats_get_n_batches_skipped:
 * @self: figures
 *
 * Gets how many batches the commits of this store object did not write, because the file had
 * them already. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_batches_skipped (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.n_skipped;
}

/**
 * arbor_stats_get_n_bytes_written:
 * @self: figures
 *
 * Gets how many bytes the batches have that [method@Arbor.Stats.get_n_batches_written] counts. Any
 * thread may call this.
 *
 * Returns: the bytes
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_bytes_written (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.bytes_written;
}

/**
 * arbor_stats_get_n_catalog_bytes_written:
 * @self: figures
 *
 * Gets how many bytes of the catalogue, keys and values, the commits of this store object have written: which
 * batches the arbors have, and which trees of these were changed. Any thread may call this.
 *
 * Returns: the bytes
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_catalog_bytes_written (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.catalog_bytes_written;
}

/**
 * arbor_stats_get_n_last_batches_written:
 * @self: figures
 *
 * Gets how many batches the last commit of this store object wrote. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_last_batches_written (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.n_last_written;
}

/**
 * arbor_stats_get_n_last_batches_skipped:
 * @self: figures
 *
 * Gets how many batches the last commit of this store object did not write, because the file had
 * them already. Any thread may call this.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint64
arbor_stats_get_n_last_batches_skipped (ArborStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->figures.n_last_skipped;
}
