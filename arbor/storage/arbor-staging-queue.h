/* A staging with a thread of its own: who makes batches hands them over and goes on making, while
 * the thread stages and writes them in order. At most ARBOR_STAGING_QUEUE_LENGTH batches wait, so
 * memory stays bounded. The first error ends it: later batches are dropped, and add and finish
 * say that error. Where no thread is to be had, batches are staged as they are added. Used inside
 * the gate, by one thread.
 */

#pragma once

#include "storage/arbor-staging.h"

G_BEGIN_DECLS

#define ARBOR_STAGING_QUEUE_LENGTH 6u

typedef struct _ArborStagingQueue ArborStagingQueue;

/* @staging is the thread's until finish. */
ArborStagingQueue *arbor_staging_queue_new (ArborStaging *staging, GCancellable *cancellable);
gboolean arbor_staging_queue_add (ArborStagingQueue *self, GBytes *batch, GError **error);

/* Waits until all is staged, ends the thread and frees the queue. */
gboolean arbor_staging_queue_finish (ArborStagingQueue *self, GError **error);

G_END_DECLS
