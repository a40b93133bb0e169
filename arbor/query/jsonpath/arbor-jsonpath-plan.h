/* Where a JSONPath query may lead in one batch: a tree of steps from column to column, parents first.
 * Whatever the query is made of (wildcards over members, lists of selectors, `..`) has become single
 * steps here, for a batch has but so many columns.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "query/jsonpath/arbor-jsonpath-condition.h"
#include "query/jsonpath/arbor-jsonpath-private.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_WAY_ROOT,
  ARBOR_WAY_MEMBER,
  ARBOR_WAY_ELEMENTS, /* all, or as the selector says */
} ArborJsonpathWayKind;

typedef struct
{
  guint8 kind;             /* ArborJsonpathWayKind */
  gboolean is_result;      /* what lies here is selected */
  gboolean goes_on;        /* and what is below is looked for */
  gboolean is_descent;     /* by .., not yet by a selector */
  gboolean is_visited;     /* its parent is one of the values that .. comes to */
  gboolean is_needed;
  guint32 parent;          /* step */
  guint32 column;          /* that it leads to */
  guint32 depth;           /* the root has 0 */
  guint32 n_numbers;       /* steps by elements up to here */
  guint32 ordinal;         /* of the selector in its segment */
  guint32 end;             /* of the steps below it, in the order of steps */
  guint32 site;            /* of results */
  const ArborJsonpathSelector *selector; /* of elements, and of filters; NULL: all */
  ArborJsonpathCondition *condition;     /* of filters */
  guint32 *positions;      /* of the member in each shape; NULL: the order of members tells nothing */
} ArborJsonpathWay;

typedef struct
{
  GArray *ways;      /* of ArborJsonpathWay; those that are needed, each before those below it */
  guint32 n_results; /* ways that are */
  guint32 max_depth;
} ArborJsonpathPlan;

/* FALSE: the trees of this batch go one by one, since there are too many columns, or these are damaged. */
gboolean arbor_jsonpath_plan_make (ArborJsonpathPlan *self, const ArborJsonpath *query,
                                   const ArborBatch *batch);
void arbor_jsonpath_plan_clear (ArborJsonpathPlan *self);

/* Whether a query may go by columns at all. */
gboolean arbor_jsonpath_plan_is_possible (const ArborJsonpath *query);

G_END_DECLS
