/* See arbor-staging-queue.h. */

#include "storage/arbor-staging-queue.h"

#include <pthread.h>

#include "base/arbor-memory.h"
#include "base/arbor-stop.h"

/* Of more, only one batch at a time: those of very large trees. */
#define MAX_BYTES (64u * 1024u * 1024u)

struct _ArborStagingQueue
{
  ArborStaging *staging;
  GCancellable *cancellable;
  ArborStop stop; /* of who made it */
  pthread_t thread;
  gboolean has_thread; /* none was to be had: batches are staged as they are added */

  pthread_mutex_t mutex; /* guards what follows */
  pthread_cond_t changed;
  GQueue batches; /* GBytes * that wait */
  gsize n_bytes;  /* of these, and of the one that is being staged */
  gboolean is_ending;
  GError *error; /* the first one */
};

/* The next batch, NULL at the end. */
static GBytes *
wait_for_batch (ArborStagingQueue *self)
{
  GBytes *batch;

  pthread_mutex_lock (&self->mutex);
  while (g_queue_is_empty (&self->batches) && !self->is_ending)
    pthread_cond_wait (&self->changed, &self->mutex);
  batch = g_queue_pop_head (&self->batches);
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->mutex);
  return batch;
}

static gboolean
has_failed (ArborStagingQueue *self, GError **error)
{
  gboolean has;

  pthread_mutex_lock (&self->mutex);
  has = self->error != NULL;
  if (has && error != NULL)
    *error = g_error_copy (self->error);
  pthread_mutex_unlock (&self->mutex);
  return has;
}

static void
stage (ArborStagingQueue *self, GBytes *batch)
{
  g_autoptr (GError) error = NULL;

  if (has_failed (self, NULL) ||
      arbor_staging_add_batch (self->staging, batch, self->cancellable, &error))
    return;
  pthread_mutex_lock (&self->mutex);
  self->error = g_steal_pointer (&error);
  pthread_mutex_unlock (&self->mutex);
}

static gpointer
stage_batches (gpointer data)
{
  ArborStagingQueue *self = data;
  GBytes *batch;
  gsize n_bytes;

  arbor_stop_adopt (&self->stop);
  while ((batch = wait_for_batch (self)) != NULL)
    {
      stage (self, batch);
      n_bytes = g_bytes_get_size (batch);
      g_bytes_unref (batch);
      pthread_mutex_lock (&self->mutex);
      self->n_bytes -= n_bytes;
      pthread_cond_signal (&self->changed);
      pthread_mutex_unlock (&self->mutex);
    }
  return NULL;
}

ArborStagingQueue *
arbor_staging_queue_new (ArborStaging *staging, GCancellable *cancellable)
{
  ArborStagingQueue *self = g_new0 (ArborStagingQueue, 1);

  arbor_memory_keep_blocks ();

  self->staging = staging;
  self->cancellable = cancellable;
  arbor_stop_capture (&self->stop);
  pthread_mutex_init (&self->mutex, NULL);
  pthread_cond_init (&self->changed, NULL);
  g_queue_init (&self->batches);
  self->has_thread = pthread_create (&self->thread, NULL, stage_batches, self) == 0;
  return self;
}

gboolean
arbor_staging_queue_add (ArborStagingQueue *self, GBytes *batch, GError **error)
{
  if (!self->has_thread)
    {
      stage (self, batch);
      return !has_failed (self, error);
    }
  if (has_failed (self, error))
    return FALSE;
  pthread_mutex_lock (&self->mutex);
  while (g_queue_get_length (&self->batches) >= ARBOR_STAGING_QUEUE_LENGTH ||
         (self->n_bytes > 0 && self->n_bytes + g_bytes_get_size (batch) > MAX_BYTES))
    pthread_cond_wait (&self->changed, &self->mutex);
  g_queue_push_tail (&self->batches, g_bytes_ref (batch));
  self->n_bytes += g_bytes_get_size (batch);
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->mutex);
  return TRUE;
}

gboolean
arbor_staging_queue_finish (ArborStagingQueue *self, GError **error)
{
  gboolean is_good;

  pthread_mutex_lock (&self->mutex);
  self->is_ending = TRUE;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->mutex);
  if (self->has_thread)
    pthread_join (self->thread, NULL);

  is_good = self->error == NULL;
  if (!is_good)
    g_propagate_error (error, g_steal_pointer (&self->error));
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
  return is_good;
}
