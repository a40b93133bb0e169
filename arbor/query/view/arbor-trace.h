/* Expressions on trees that are computed field by field (select, add, drop) are expressions on the trees
 * that those are made of, one of each: who evaluates some reads these, and nothing is made. A trace says
 * which trees, and what the expressions are there. Indices mean the same where all trees of the input are
 * taken; where some are, it is told by their selection instead, if all of the computed ones are read.
 *
 * What is evaluated so is computed for each who asks. Who asks often has narrow trees made
 * (arbor-narrow.h), where they lie.
 */

#pragma once

#include "query/view/arbor-selection.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_traced;        /* FALSE: all is as it was given */
  ArborSource *source;       /* whose trees are read */
  ArborSource *about;        /* what the selection is about */
  ArborSelection *selection;
  guint n;
  ArborNode **nodes;         /* as many as were given */
} ArborTrace;

typedef enum
{
  ARBOR_TRACE_VALUES,  /* whoever reads wants values in their order */
  ARBOR_TRACE_INDICES, /* or their indices, which must mean the same */
} ArborTraceFor;

/* TRUE: it is traced. */
gboolean arbor_trace_init (ArborTrace *self, ArborSource *source, ArborSelection *selection,
                           ArborNode *const *nodes, guint n, ArborTraceFor what);
void arbor_trace_clear (ArborTrace *self);

/* Of an access to the source that was given, or to whatever has its leaves. Valid as long as that one and
 * the trace, and not ended. */
void arbor_trace_enter (const ArborTrace *self, const ArborAccess *of, ArborAccess *access);

/* The source that a selection is about which is read with @access. */
ArborSource *arbor_access_get_about (const ArborAccess *access);

/* How often a computed source is traced; for tests. 0: as usual. */
void arbor_trace_set_most (guint n);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ArborTrace, arbor_trace_clear)

G_END_DECLS
