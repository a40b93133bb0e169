/* Jobs: work that runs apart from its caller, on threads of the library's own, so that however much
 * of it there is, the other tasks of the program (those of GTask, which share ten threads) do not
 * wait for it.
 *
 * Jobs of one queue run one after the other, in order, and while one of them runs the others have
 * no thread: a hundred writers of one file keep one thread. Jobs of no queue run as soon as a thread
 * is free. There are ARBOR_JOBS_MAX_THREADS at most, started when they are needed.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ARBOR_JOBS_MAX_THREADS 16u

/* @func (@data) is called once, on another thread. @queue may be NULL. FALSE: there is no thread and
 * none could be started; nothing was taken over. */
gboolean arbor_jobs_push (const char *queue, GFunc func, gpointer data);

/* TRUE when the job of @data had not begun, and will not. */
gboolean arbor_jobs_remove (gpointer data);

G_END_DECLS
