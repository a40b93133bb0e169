/* What a selection is made of: arbor-selection.c makes it, arbor-selection-read.c computes it,
 * arbor-selection-set.c has its trees without their order, arbor-selection-describe.c tells of it. */

#pragma once

#include <pthread.h>

#include "query/view/arbor-filter.h"
#include "query/view/arbor-selection.h"

G_BEGIN_DECLS

typedef enum
{
  SELECTION_ALL,
  SELECTION_FILTER,
  SELECTION_SLICE,
  SELECTION_TAIL,
  SELECTION_REVERSE,
  SELECTION_LIST,
  SELECTION_ORDERED,
} SelectionKind;

struct _ArborSelection
{
  gatomicrefcount ref_count;
  SelectionKind kind;
  guint depth;
  ArborSelection *parent; /* NULL for ALL and LIST */
  guint64 start;          /* SLICE */
  guint64 n;              /* LIST: count; SLICE, TAIL: at most */
  ArborNode *predicate;   /* FILTER */
  guint32 *list;          /* LIST: n indices */
  ArborOrdering *ordering; /* ORDERED */
  guint n_parts;          /* ORDERED, atomic: how often a part of it was wanted */

  pthread_mutex_t mutex; /* guards what follows; FILTER and ORDERED only */
  ArborFilter *filter;   /* FILTER of all trees: what was found is in there, not in indices */
  ArborScan *scan;       /* FILTER of others: NULL before the first read and after the last */
  ArborIndices indices;  /* found so far */
  gboolean is_complete;
  ArborKernelCounters counters; /* of a scan that is done */
  guint32 n_key_batches; /* that were asked for keys, where these decided it; else 0 */
  ArborSelection *set;   /* the same trees in the order of the source, where they have another; or NULL */
  gboolean fears_set;    /* something goes wrong there: to be decided in order */
};

ArborSelection *arbor_selection_alloc (SelectionKind kind, ArborSelection *parent);
/* A filter that has not begun and that nobody but its one child can read: the child decides it
 * together with its own. */
gboolean arbor_selection_can_be_fused (ArborSelection *self);
/* The conditions of this filter and of those right above it, to @predicates, which owns nothing; FALSE: what is above them
 * does not judge every tree for itself. */
gboolean arbor_selection_list_conditions (ArborSelection *self, GPtrArray *predicates);
/* One step of @of again, not computed, over @parent, which is taken over. */
ArborSelection *arbor_selection_copy_step (ArborSelection *of, ArborSelection *parent);
/* Of a filter, under its mutex: dup_set, but NULL where that is itself. */
ArborSelection *arbor_selection_dup_set_locked (ArborSelection *self);
/* Whether the rest of it was decided so; otherwise its scan goes on. LIMIT in @error: neither. */
gboolean arbor_selection_decide_set (ArborSelection *self, ArborAccess *access, gboolean *is_done,
                                     GCancellable *cancellable, GError **error);

/* Of a filter or an ordering, so far; under its mutex. */
static inline guint64
arbor_selection_get_n_found (const ArborSelection *self)
{
  return self->filter != NULL ? arbor_filter_get_n_found (self->filter) : self->indices.n;
}

G_END_DECLS
