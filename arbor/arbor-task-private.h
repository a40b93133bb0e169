/* Asynchronous calls, all of them: the task, the thread that it runs on, and how its end is checked. The
 * functions themselves are made of async.table.
 *
 * A task runs on the library's own threads (base/arbor-jobs.h). One that waits there and is cancelled
 * ends at once, in the main context of its caller. Its cancellable is the current one of the thread,
 * so that it stops calls that take none, too.
 */

#pragma once

#include "arbor-types.h"

G_BEGIN_DECLS

/* Room for the name of a queue. */
#define ARBOR_TASK_QUEUE_SIZE 32

/* A task of the call that @tag is, which is the _async function. */
GTask *arbor_task_new (gpointer source, gpointer tag, const char *name, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data);

/* Before it runs: who is told how far it is, in the context of the task. */
void arbor_task_set_progress (GTask *task, ArborProgressFunc progress, gpointer progress_data,
                              GDestroyNotify progress_destroy);
/* What a synchronous function that tells how far it is is given, so that the task's caller is told. */
ArborProgressFunc arbor_task_get_progress (GTask *task);
gpointer arbor_task_get_progress_data (GTask *task);

/* Has @func return for @task on another thread. @queue: tasks of one run one after the other; may be
 * NULL. */
void arbor_task_run (GTask *task, const char *queue, GTaskThreadFunc func);

/* The queue of the calls of one object. */
const char *arbor_task_name_queue (gpointer object, char *name);

/* The number of the thread that made the call, as by arbor_thread_get_number. */
guint64 arbor_task_get_caller (GTask *task);

/* In the thread, first of all: FALSE when the task has ended, cancelled before it began. @is_closed:
 * whether its source is closed, which is told before. */
gboolean arbor_task_begin (GTask *task, gboolean is_closed);
/* In the thread: the call has returned, with an error or without. What it gave is in the task's data. */
void arbor_task_end (GTask *task, GError *error);
/* For _finish functions: the task's data, or NULL and its error. */
gpointer arbor_task_finish (GAsyncResult *result, GError **error);

/* For _finish functions: whether @result is of this object and of this call. */
gboolean arbor_task_is_of (gpointer result, gpointer source, gpointer tag);

#define arbor_return_val_if_not_finish(result, source, tag, error, value)                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_return_val_if_fail (error == NULL || *error == NULL, value);                                 \
    g_return_val_if_fail (arbor_task_is_of (result, source, (gpointer) tag), value);               \
  }                                                                                                \
  G_STMT_END

/* Arguments and results that are arrays; @objects and @texts may be NULL where there are none. */
gpointer arbor_task_copy_objects (gconstpointer objects, gsize n);
void arbor_task_free_objects (gpointer objects, gsize n);
gboolean arbor_task_are_objects (gconstpointer objects, gsize n, GType type);
char **arbor_task_copy_texts (const char *const *texts, gsize n);
gboolean arbor_task_are_texts (const char *const *texts, gsize n);

G_END_DECLS
