/* What finding groups (arbor-group.c) shares with computing their trees (arbor-group-aggregate.c).
 */

#pragma once

#include <pthread.h>

#include "query/expr/arbor-evaluator.h"
#include "batch/arbor-group-table.h"
#include "query/group/arbor-group.h"
#include "query/series/arbor-key-ids.h"

G_BEGIN_DECLS

struct _ArborGrouping
{
  gatomicrefcount ref_count;
  ArborSource *source;
  ArborSource *about; /* what the selection is about, where that is another one (arbor-trace.h); or NULL */
  ArborSelection *selection;
  gsize n_keys;
  char **names;
  ArborNode **keys;

  pthread_mutex_t mutex; /* guards what follows, and that one computes at a time */
  gboolean is_complete;  /* the table has all groups */
  guint64 n_told;        /* atomic: how many groups there are, and one; 0 while nobody knows */
  ArborSeriesReader **readers;
  ArborKeyIds *ids;   /* or NULL */
  ArborValue *values; /* of the tree at hand */
  ArborGroupTable table;
  guint64 n_expected; /* groups of the trees that are read, by the first of them; 0: unknown */
  gboolean expects_members;
  guint32 *members; /* of all groups, one after the other; NULL until somebody asks */
  guint64 *starts; /* n_groups + 1 */
  gsize starts_capacity;
};

/* Rows of one batch and their groups. */
typedef struct
{
  const ArborRows *rows;
  const guint16 *ids; /* of each row: see arbor-key-ids.h; several may have one group */
  guint32 n_ids;
  const guint32 *groups; /* of each id that a row has */
  const guint32 *counts; /* rows of each id */
} ArborGroupedRows;

/* Each row has an id of its own, and @groups has the group of each row. */
void arbor_grouped_rows_set_each (ArborGroupedRows *self, const ArborRows *rows,
                                  const guint32 *groups, ArborScope *scope);

/* Told of all trees, in order. */
typedef gboolean (*ArborGroupFunc) (const ArborGroupedRows *grouped, ArborScope *scope,
                                    gpointer data, GError **error);

static inline guint32
arbor_grouped_rows_get (const ArborGroupedRows *self, guint32 i)
{
  return self->groups[self->ids[i]];
}

/* Reading trees into a grouping's table, and telling @func of them. */
typedef struct
{
  ArborGrouping *grouping;
  ArborGroupFunc func; /* NULL: only to find the groups */
  gpointer data;
  ArborScope *scope; /* of a row's key */
  guint64 n_trees;   /* in all; 0: unknown */
} ArborGroupRun;

/* For arbor_trees_read_runs; @data: an ArborGroupRun. */
gboolean arbor_group_run_visit (const ArborRows *rows, ArborScope *scope, gpointer data,
                                GError **error);
/* Before other batches are read than those of the call before. */
void arbor_grouping_forget (ArborGrouping *self);
/* How many groups there are, for who has found them elsewhere. */
void arbor_grouping_tell_n_groups (ArborGrouping *self, guint32 n_groups);
/* Under the mutex: the table has all groups. */
void arbor_grouping_set_complete (ArborGrouping *self);

/* Reads all trees under the mutex, which the caller holds; afterwards the table is complete. Besides keys,
 * @func looks at what the @nodes do. */
gboolean arbor_grouping_run (ArborGrouping *self, ArborAccess *access, ArborNode *const *nodes,
                             gsize n_nodes, ArborGroupFunc func, gpointer data,
                             GCancellable *cancellable, GError **error);

/* An access to the trees of the grouping, of one to whatever has their leaves. */
void arbor_grouping_enter (const ArborGrouping *self, const ArborAccess *of, ArborAccess *access);

G_END_DECLS
