/* ArborArbor: computing a view or new trees at once, where somebody wants to wait for it, see how far it
 * is, or stop it. Everything else computes as it reads.
 */

#include "arbor-arbor-private.h"

#include "base/arbor-error.h"
#include "base/arbor-stop.h"

#define RUN 16384u

typedef struct
{
  ArborProgressFunc progress;
  gpointer progress_data;
  GCancellable *cancellable;
} Compute;

static void
tell (const Compute *compute, guint64 done, guint64 total)
{
  if (compute->progress != NULL)
    compute->progress (done, total, compute->progress_data);
  else
    arbor_stop_tell (done, total);
}

static gboolean
read_all (ArborArbor *self, ArborAccess *access, const Compute *compute, GError **error)
{
  g_autofree guint32 *indices = g_new (guint32, RUN);
  guint64 position = 0;
  guint32 n_read;

  do
    {
      if (!arbor_access_check (access, compute->cancellable, error) ||
          !arbor_selection_read (self->view->selection, access, position, RUN, indices, &n_read,
                                 compute->cancellable, error) ||
          !arbor_trees_ensure (access, indices, n_read, compute->cancellable, error))
        return FALSE;
      position += n_read;
      tell (compute, position, n_read < RUN ? position : 0);
    }
  while (n_read == RUN);
  /* The progress function may have closed the store. */
  return arbor_access_check (access, NULL, error);
}

static gboolean
compute_all (ArborArbor *self, const Compute *compute, GError **error)
{
  gboolean is_done;
  ArborAccess access;

  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  is_done = read_all (self, &access, compute, error);
  return arbor_access_end (&access, error) && is_done;
}

/**
 * arbor_arbor_compute:
 * @self: an arbor
 * @progress: (nullable) (scope call) (closure progress_data): told how many trees there are so far;
 *   the total is 0 until it is known
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Computes all of what would otherwise be computed when it is first read: the trees that conditions
 * keep, an order, new trees. What was computed is kept: after an error the next call, or the next who
 * reads, goes on from there. A sort is one piece and tells no progress inside.
 *
 * Errors: %ARBOR_ERROR_LIMIT when the query memory is too small, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: whether all is computed
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_compute (ArborArbor *self, ArborProgressFunc progress, gpointer progress_data,
                     GCancellable *cancellable, GError **error)
{
  const Compute compute = { progress, progress_data, cancellable };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);

  return compute_all (self, &compute, error);
}

/**
 * arbor_arbor_is_computed:
 * @self: an arbor
 *
 * Whether all of it is computed, so that reading it only reads: always so for what is stored or was
 * loaded, and after [method@Arbor.Arbor.compute]. %FALSE while another thread computes it. Any thread
 * may call this.
 *
 * Returns: whether it is computed
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_is_computed (ArborArbor *self)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);

  return self->view != NULL && arbor_source_is_computed (self->view->source) &&
         arbor_selection_is_computed (self->view->selection);
}
