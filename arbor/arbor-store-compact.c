/* ArborStore: making the file smaller. */

#include "arbor-store-private.h"

/**
 * arbor_store_compact:
 * @self: a store
 * @flags: in place, or as a whole
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; what is given back by then stays so
 * @error: where to put an error
 *
 * Gives the room of what was deleted and replaced back to the file system.
 *
 * In place, which is the default, the blocks of free pages become holes: the file keeps its length, and
 * takes less of the disk ([method@Arbor.Stats.get_disk_bytes]). All processes read and write on
 * meanwhile; pages that somebody still reads are left alone. Where the file system cannot make holes
 * ([method@Arbor.Stats.get_can_shrink]) it is %ARBOR_ERROR_NOT_SUPPORTED. A store does the same by
 * itself when much of its file has become free.
 *
 * With %ARBOR_COMPACT_FULL the file is written anew beside its place, without what is free, and put
 * there when it is whole: that makes it shorter, and needs as much room as what is in it. No other process
 * may have the store open, and in this one no iterator, tree, model or call under way may pin a
 * snapshot of it and nobody write it: else it is %ARBOR_ERROR_BUSY. Arbors and views of it stay as they
 * are. A crash leaves the old file or the new one, and maybe an unfinished
 * one beside it, whose name begins with `.arbor-`.
 *
 * Errors: %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_BUSY, %ARBOR_ERROR_NOT_SUPPORTED, %ARBOR_ERROR_FULL,
 * %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_CLOSED, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: whether it was done
 *
 * Since: 1.0
 */
gboolean
arbor_store_compact (ArborStore *self, ArborCompactFlags flags, ArborProgressFunc progress,
                     gpointer progress_data, GCancellable *cancellable, GError **error)
{
  gboolean is_done;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);

  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  is_done = arbor_session_compact (self->session, (flags & ARBOR_COMPACT_FULL) != 0, progress,
                                   progress_data, cancellable, error);
  return arbor_access_end (&access, error) && is_done;
}
