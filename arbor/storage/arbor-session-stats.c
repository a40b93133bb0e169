/* Figures of a session: those of its environment, its snapshots, what it has written. */

#include "storage/arbor-session-private.h"

#include "base/arbor-gate.h"
#include "storage/arbor-shrink.h"

void
arbor_session_note_written (ArborSession *self, guint64 n_written, guint64 n_skipped,
                            guint64 n_bytes, guint64 n_catalog_bytes)
{
  pthread_mutex_lock (&self->mutex);
  self->n_written += n_written;
  self->n_skipped += n_skipped;
  self->bytes_written += n_bytes;
  self->catalog_bytes_written += n_catalog_bytes;
  self->n_last_written = n_written;
  self->n_last_skipped = n_skipped;
  pthread_mutex_unlock (&self->mutex);
}

/* A snapshot is pinned when somebody besides the session has it. */
static void
count_snapshots (ArborSession *self, ArborSessionStats *stats)
{
  for (GList *link = self->snapshots.head; link != NULL; link = link->next)
    {
      ArborSnapshot *snapshot = link->data;
      gint own = snapshot == self->current ? 1 : 0;

      stats->n_snapshots++;
      if (g_atomic_int_get (&snapshot->ref_count) > own)
        stats->n_pinned++;
    }
}

gboolean
arbor_session_get_stats (ArborSession *self, ArborSessionStats *stats, GError **error)
{
  *stats = (ArborSessionStats){ 0 };
  pthread_mutex_lock (&self->mutex);
  count_snapshots (self, stats);
  stats->n_written = self->n_written;
  stats->n_skipped = self->n_skipped;
  stats->bytes_written = self->bytes_written;
  stats->catalog_bytes_written = self->catalog_bytes_written;
  stats->n_last_written = self->n_last_written;
  stats->n_last_skipped = self->n_last_skipped;
  pthread_mutex_unlock (&self->mutex);
  if (!arbor_environment_get_stats (self->environment, stats, error))
    return FALSE;
  stats->can_shrink = arbor_shrink_is_possible (self->environment);
  return TRUE;
}
