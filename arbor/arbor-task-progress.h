/* How an asynchronous call tells its caller how far it is. See arbor-task-progress.c. */

#pragma once

#include "arbor-types.h"

G_BEGIN_DECLS

typedef struct _ArborTaskProgress ArborTaskProgress;

ArborTaskProgress *arbor_task_progress_new (GTask *task, ArborProgressFunc func, gpointer data,
                                            GDestroyNotify destroy);
/* Any thread; @data is the progress. */
void arbor_task_progress_tell (guint64 done, guint64 total, gpointer data);
/* Nothing is told any more; takes over @self. */
void arbor_task_progress_end (gpointer self);

G_END_DECLS
