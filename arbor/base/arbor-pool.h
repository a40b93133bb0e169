/* The thread pool: numbered tasks, shared out between the caller and a bounded number of threads
 * that the process keeps. The caller always takes part, so a run needs no thread but its own to
 * end, runs may be nested, and nothing waits for a thread that could not be started.
 *
 * Tasks begin in the order of their numbers, and end in any. Who puts results together does it by
 * number, so that nothing depends on how many threads there are.
 *
 * ARBOR_THREADS says how many threads work at one run, the caller among them; 1 switches the pool
 * off. Without it there are as many as processors, ARBOR_POOL_MAX_THREADS at most.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ARBOR_POOL_MAX_THREADS 64u

typedef void (*ArborPoolFunc) (guint32 task, gpointer data);

/* Threads that work at one run, the caller among them: 1 or more. 1 in a forked child. */
guint arbor_pool_get_n_threads (void);
/* 0: what ARBOR_THREADS or the machine says. */
void arbor_pool_set_n_threads (guint n);

/* Calls @func for tasks 0 to @n_tasks - 1 and returns when all of them have ended. */
void arbor_pool_run (guint32 n_tasks, ArborPoolFunc func, gpointer data);

G_END_DECLS
