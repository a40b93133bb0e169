/* What the two halves of the JSONPath evaluator share: arbor-jsonpath-run.c (queries over values)
 * and arbor-jsonpath-program.c (filters).
 *
 * A run is a stack of frames. Segments are applied depth first, which gives the values in the
 * standard's order and keeps no list of intermediate ones: a SELECT frame applies the selectors of
 * a segment to one value, a VISIT frame does so to a value and all its descendants, and a child
 * that is selected is a result or gets a frame for the next segment. A filter that meets a query
 * pushes a QUERY frame, which waits below the query's own frames for their results. Each frame
 * winds the scope back to where it was before it.
 *
 * A segment that is one name or one index needs no frame: it is followed at once.
 *
 * The steps that lead from the root to what is at hand lie in a stack of their own; a frame knows
 * how many of them lead to its value. Filters go their own ways, of which nobody asks.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "query/jsonpath/arbor-iregexp.h"
#include "query/jsonpath/arbor-jsonpath-private.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_RUN_SELECT,
  ARBOR_RUN_VISIT,
  ARBOR_RUN_QUERY,
} ArborJsonpathRunKind;

/* From a container to a child of it. */
typedef struct
{
  enum
  {
    ARBOR_CHILD_SELF, /* no step */
    ARBOR_CHILD_MEMBER,
    ARBOR_CHILD_ELEMENT,
  } kind;
  guint32 length;
  const char *key;
  gint64 index;
  gboolean is_fixed; /* key lies in the query */
} ArborJsonpathStep;

typedef struct
{
  guint8 kind;         /* ArborJsonpathRunKind */
  gboolean is_begun;   /* SELECT: the selector is; VISIT: the value itself is done */
  gboolean is_passing; /* the children of the value lie in the scope */
  gboolean is_testing; /* SELECT: a filter decides on child */
  ArborScopeMark mark;
  ArborValue value; /* an array or object */
  guint32 n_steps;  /* that lead to value */

  const ArborJsonpathSegment *segment;
  const ArborJsonpathSelector *selector;
  ArborValueIter iter;
  gint64 index; /* of the next child */
  gint64 end;   /* of a slice */

  guint32 pc; /* of the filter */
  ArborValue child;
  ArborJsonpathStep child_step;

  /* QUERY */
  const ArborJsonpathInstruction *instruction;
  guint32 outer; /* the QUERY frame around it, G_MAXUINT32 for none */
  gint64 n_found;
  ArborValue found;
} ArborJsonpathRunFrame;

typedef struct
{
  gboolean is_known;
  ArborValue value;
} ArborJsonpathCached;

/* Which column a name leads to from a column of a batch: the last ones of each name. */
#define ARBOR_JSONPATH_FIELDS 8u
typedef struct
{
  const ArborBatch *batch;
  guint32 column;
  guint32 field; /* or ARBOR_NO_COLUMN */
} ArborJsonpathField;

/* Which columns of a batch have a member of a name below them, or may have one in overflow text.
 * Looked up once a few trees of the batch were met in a row. */
typedef struct
{
  const ArborBatch *batch;
  guint n_met;
  guint8 *may; /* NULL: not known yet */
} ArborJsonpathReach;

struct _ArborJsonpathRun
{
  const ArborJsonpath *path;
  ArborJsonpathSink sink;
  /* Stacks, with room for so many. */
  ArborJsonpathRunFrame *frames;
  guint32 n_frames;
  guint32 max_frames;
  ArborValue *stack; /* what filters work on */
  guint32 n_stack;
  guint32 max_stack;
  ArborJsonpathStep *steps; /* from the root to what is at hand */
  guint32 n_steps;
  guint32 max_steps;
  ArborJsonpathField *ways;      /* ARBOR_JSONPATH_FIELDS for each name */
  ArborJsonpathReach *reaches; /* one for each name */
  ArborJsonpathCached *cache;  /* of the answers to absolute queries in filters */
  ArborScope *scope;
  ArborValue root;
  guint64 n_counted; /* steps of work */
  guint32 inner;     /* the innermost QUERY frame, G_MAXUINT32 for none */
  /* The normalized path that was written last: what it has in common with the next is kept. */
  ArborBuffer text;
  GArray *written; /* of Written */
};

static inline ArborJsonpathRunFrame *
arbor_jsonpath_run_top (ArborJsonpathRun *self)
{
  return &self->frames[self->n_frames - 1];
}

/* One name, or one index. */
static inline gboolean
arbor_jsonpath_segment_is_one_child (const ArborJsonpathSegment *segment)
{
  const ArborJsonpathSelector *selector = segment->selectors;

  return selector->next == NULL &&
         (selector->kind == ARBOR_SELECTOR_NAME || selector->kind == ARBOR_SELECTOR_INDEX);
}

/* Makes room for @n more values. */
void arbor_jsonpath_run_reserve_stack (ArborJsonpathRun *self, guint32 n);

/* The member of @value that @selector names. */
void arbor_jsonpath_run_get_member (ArborJsonpathRun *self, const ArborJsonpathSelector *selector,
                                    const ArborValue *value, ArborValue *member);
/* In arbor-jsonpath-reach.c: that `..` has come to @value, and passing over children of a VISIT
 * frame that can give nothing. */
void arbor_jsonpath_run_meet (ArborJsonpathRun *self, const ArborJsonpathSegment *segment,
                              const ArborValue *value);
void arbor_jsonpath_run_pass_over (ArborJsonpathRun *self, ArborJsonpathRunFrame *frame);
void arbor_jsonpath_run_clear_reaches (ArborJsonpathRun *self);

/* In arbor-jsonpath-text.c: that another tree begins, whose keys may lie where others did. */
void arbor_jsonpath_run_begin_text (ArborJsonpathRun *self);
void arbor_jsonpath_run_init_text (ArborJsonpathRun *self);
void arbor_jsonpath_run_clear_text (ArborJsonpathRun *self);

/* The check of the sink is called once in so many steps, a power of two. */
#define ARBOR_JSONPATH_CHECK_EVERY 4096u
gboolean arbor_jsonpath_run_check (ArborJsonpathRun *self, GError **error);
/* Counts a step, and looks now and then whether to go on. */
static inline gboolean
arbor_jsonpath_run_count (ArborJsonpathRun *self, GError **error)
{
  self->n_counted++;
  return G_LIKELY (self->n_counted <= self->sink.max_steps &&
                   self->n_counted % ARBOR_JSONPATH_CHECK_EVERY != 0) ||
         arbor_jsonpath_run_check (self, error);
}
/* Goes on with the filter of the top frame until it is decided (TRUE in *@is_done: *@result says
 * how) or has pushed a query. */
gboolean arbor_jsonpath_run_program (ArborJsonpathRun *self, gboolean *is_done, gboolean *result,
                                     GError **error);
/* Pushes a query of a filter on @current; or, where its answer is had at once, that. */
void arbor_jsonpath_run_push_query (ArborJsonpathRun *self,
                                    const ArborJsonpathInstruction *instruction,
                                    const ArborValue *current);

G_END_DECLS
