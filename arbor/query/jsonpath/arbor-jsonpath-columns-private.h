/* What the files of queries by columns share: arbor-jsonpath-columns.c goes the ways of a plan,
 * arbor-jsonpath-matches.c makes matches of where they led, and orders them.
 */

#pragma once

#include "query/jsonpath/arbor-jsonpath-columns.h"
#include "query/jsonpath/arbor-jsonpath-plan.h"

G_BEGIN_DECLS

typedef struct
{
  ArborScopeMark mark; /* before them */
  guint32 n;
  const guint32 *rows;
  const guint32 *parents; /* of the level above; NULL: each is its own */
  const guint32 *numbers; /* of elements */
} ArborJsonpathNodes;

/* Before matches are in order. */
typedef struct
{
  ArborJsonpathMatch match;
  guint32 way;
  guint32 key; /* where its order begins among the keys */
} ArborJsonpathCandidate;

struct _ArborJsonpathColumns
{
  const ArborJsonpath *query;
  ArborJsonpathPlan plan;
  const ArborBatch *batch; /* of the plan */
  gboolean is_planned;     /* and there is one */
  ArborJsonpathNodes *levels;
  ArborScope *kept;
  ArborScope *arrays;
  ArborScope *texts;
  GArray *sites;
  /* Of a run. */
  guint32 first; /* the place of a strip's first tree among those of its batch */
  const guint32 *places; /* and of these among all; NULL: the same */
  guint8 *is_open;
  guint32 n_open_room;
  GArray *candidates;
  GArray *keys;
  GArray *numbers;
  GArray *matches;
};

static inline ArborJsonpathWay *
arbor_jsonpath_get_way (const ArborJsonpathColumns *self, guint32 i)
{
  return &g_array_index (self->plan.ways, ArborJsonpathWay, i);
}

/* Of a list that may be left out where each is its own. */
static inline guint32
arbor_jsonpath_listed (const guint32 *list, guint32 i)
{
  return list != NULL ? list[i] : i;
}

/* For each of the @n nodes at @depth that @nodes (NULL: all) lists, the one at level @above that it comes
 * from. */
const guint32 *arbor_jsonpath_columns_trace (ArborJsonpathColumns *self, guint32 depth,
                                             guint32 above, const guint32 *nodes, guint32 n);
/* The nodes of a way that is a result, as candidates. */
void arbor_jsonpath_columns_add_matches (ArborJsonpathColumns *self, guint32 index);
/* The candidates from @first on, whose places are below @n, tree by tree. */
void arbor_jsonpath_columns_sort_by_place (ArborJsonpathColumns *self, guint32 first, guint32 n);
/* Each tree's by their keys, where they are of several ways of the plan at hand. */
void arbor_jsonpath_columns_sort_by_keys (ArborJsonpathColumns *self, guint32 first);

G_END_DECLS
