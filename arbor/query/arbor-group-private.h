/* What finding groups (arbor-group.c) shares with computing their trees (arbor-group-aggregate.c). */

#pragma once

#include <pthread.h>

#include "query/arbor-evaluator.h"
#include "query/arbor-group-table.h"
#include "query/arbor-group.h"

G_BEGIN_DECLS

struct _ArborGrouping
{
  gatomicrefcount ref_count;
  ArborSource *source;
  ArborSelection *selection;
  gsize n_keys;
  char **names;
  ArborNode **keys;

  pthread_mutex_t mutex; /* guards what follows, and that one computes at a time */
  gboolean is_complete;  /* atomic: the table has all groups */
  ArborEvaluator **evaluators;
  ArborValue *values; /* of the tree at hand */
  ArborGroupTable table;
  guint32 *members; /* of all groups, one after the other; NULL until somebody asks */
  guint64 *starts; /* n_groups + 1 */
  gsize starts_capacity;
};

/* Told of each tree, in order. @is_new as in ArborRowSink. */
typedef gboolean (*ArborGroupFunc) (const ArborBatch *batch, guint32 row, gboolean is_new,
                                    guint32 group, ArborScope *scope, gpointer data,
                                    GError **error);

/* Reads all trees under the mutex, which the caller holds; afterwards the table is complete. */
gboolean arbor_grouping_run (ArborGrouping *self, ArborAccess *access, ArborGroupFunc func,
                             gpointer data, GCancellable *cancellable, GError **error);

G_END_DECLS
