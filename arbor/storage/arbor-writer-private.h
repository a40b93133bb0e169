/* What the files of the writer share: arbor-writer.c (the thread and its queue), arbor-writer-transaction.c
 * (a transaction, and the lock before it). For arbor/storage alone.
 */

#pragma once

#include "storage/arbor-environment.h"

G_BEGIN_DECLS

/* BUSY; FALSE. */
gboolean arbor_writer_set_busy (ArborEnvironment *environment, GError **error);

/* Runs @func in a transaction and commits it, again from the start when the map had to grow. With the
 * writer's byte locked. */
gboolean arbor_writer_run_locked (ArborEnvironment *environment, ArborWriteFunc func, gpointer data,
                                  gboolean no_meta_sync, GError **error);

G_END_DECLS
