/* Aggregates: many values in, one out. There is one struct for each aggregate, with an accumulator for
 * each group: one for the values of a vector or an array inside of an expression and for all trees of an
 * arbor, millions for the trees of groups.
 *
 * Null and MISSING are skipped. A value of a kind that the aggregate cannot work on (text in a
 * sum) makes its result null inside of an expression; over the trees of a group or an arbor it is left
 * out and counted, and the result is null only where there are no others. Over nothing: count, sum and n_unique are 0, any is false, all is
 * true, everything else is null. The result depends on the values and their order alone, not on
 * how they come in batches; of sum, mean, var and std on the values alone: sums are exact, and rounded
 * once.
 *
 * An accumulator is a cell of 8 to 64 bytes: a count, a sum or two, or a value. Aggregates that need all
 * values, or all different ones, keep these of all groups as they come, each with its group, and bring
 * those of a group together before results are asked for.
 */

#pragma once

#include "base/arbor-sum.h"
#include "batch/arbor-group-table.h"
#include "query/expr/arbor-function.h"

G_BEGIN_DECLS

/* One of these, as the aggregate needs it. */
typedef union
{
  guint64 n;        /* count, n_unique */
  guint8 is_decided; /* any, all: no more values can change the result */
  ArborValue best;  /* min, max, first, last; MISSING: none yet */
  ArborSum sums[2]; /* of numbers; var, std: and of their squares */
} ArborAccumulator;

/* What all values, or different ones, are kept in: those of all groups as they come. */
typedef struct
{
  gsize n;
  guint32 *groups; /* NULL with a single one */
  gsize groups_capacity;
  guint64 *keys;   /* median, quantile: doubles as numbers of the same order */
  gsize keys_capacity;
  guint64 *rests;  /* what these were rounded by, in the same way; NULL while that is nothing */
  gsize rests_capacity;
  ArborValue *values; /* collect */
  gsize values_capacity;
  gsize *starts; /* of each group, and the end, when its values lie together; or NULL */
  gsize starts_capacity;
} ArborKept;

typedef struct
{
  const ArborFunction *function;
  gboolean borrows;      /* values added outlive this: nothing is copied */
  gboolean skips_others; /* values of the wrong kind are left out and counted */
  gboolean is_spoilt;    /* by a value of the wrong kind */
  gboolean is_tied;      /* min, max: of values that are equal, but not the same, the first was kept */
  guint64 n;             /* values that were neither null nor MISSING, nor left out */
  guint64 n_others;      /* those left out */
  double fraction;       /* quantile */
  gboolean has_groups;   /* otherwise there is a single one */
  guint32 n_groups;
  gsize cell_size;
  gpointer cells;        /* of n_groups; NULL: the only one is here */
  gsize capacity;
  ArborAccumulator only;
  ArborTexts texts;      /* of cells and of kept values */
  gsize n_dropped;       /* bytes of texts that nothing points to any more */
  gsize n_used;          /* those of the others */
  gboolean has_containers; /* among them */
  ArborKept kept;
  ArborGroupTable *table; /* n_unique, collect_unique: (group, value), or the value; or NULL */
  guint64 *met;          /* of groups of met_span integers from met_base on each: those in the table that
                          * were asked for; or NULL */
  gint64 met_base;
  guint64 met_span;      /* 0: nobody has asked; G_MAXUINT64: they are too many */
  gsize n_met;           /* words */
  ArborCharge charge;    /* but for the table's; operation NULL unless it was set */
  GError *error;         /* LIMIT: something was not added; or NULL */
} ArborAggregate;

static inline gboolean
arbor_function_is_aggregate (const ArborFunction *function)
{
  return function->aggregate != ARBOR_AGGREGATE_NONE;
}

/* On the heap, or where the caller has room. @function is an aggregate. There is one group. */
ArborAggregate *arbor_aggregate_new (const ArborFunction *function);
void arbor_aggregate_free (ArborAggregate *self);
void arbor_aggregate_init (ArborAggregate *self, const ArborFunction *function);
void arbor_aggregate_clear (ArborAggregate *self);

/* For trees: values of the wrong kind are left out. @operation: what is kept is charged to it. With
 * groups there are none at first. */
void arbor_aggregate_init_for_trees (ArborAggregate *self, const ArborFunction *function,
                                     const char *operation, gboolean has_groups);
/* @n groups in all; between batches, for then texts may move. */
gboolean arbor_aggregate_ensure (ArborAggregate *self, guint32 n, GError **error);
/* Makes room for @n groups in all, as far as there is some. */
void arbor_aggregate_expect (ArborAggregate *self, guint64 n);
/* LIMIT when something could not be added since it was begun. */
gboolean arbor_aggregate_check (const ArborAggregate *self, GError **error);

/* What @other has added, for trees too, comes after what @self has: group i of it is group @map[i] here, which
 * there is. Both are of one function. FALSE: LIMIT. */
gboolean arbor_aggregate_merge (ArborAggregate *self, const ArborAggregate *other,
                                const guint32 *map, ArborScope *scope, GError **error);

/* Brings together what was kept of each group, before results are asked for: no more may come. */
gboolean arbor_aggregate_gather (ArborAggregate *self, GError **error);

/* The second argument of quantile, any time before finish: a number from 0 to 1, or the result is
 * null. Other aggregates have none. */
void arbor_aggregate_set_parameter (ArborAggregate *self, const ArborValue *parameter);

/* Copies what it must keep of @value; @scope is for looking into it. FALSE: further values of the group
 * will not change the result. */
gboolean arbor_aggregate_add_to (ArborAggregate *self, guint32 group, const ArborValue *value,
                                 ArborScope *scope);
/* Values of many groups, in order; @groups: that of each. */
void arbor_aggregate_add_values (ArborAggregate *self, const guint32 *groups,
                                 const ArborValue *values, guint32 n, ArborScope *scope);
/* The same of n_unique for keys that were made of values already (arbor_group_table_add_keys). */
void arbor_aggregate_keep_unique_keys (ArborAggregate *self, const guint32 *groups,
                                       const ArborGroupKey *keys, guint32 n, ArborScope *scope);
/* Of n_unique: whether the integer, one of those from @least to @most that are at hand, was asked for before;
 * it is to be added otherwise. FALSE where nobody remembers. */
gboolean arbor_aggregate_has_met (ArborAggregate *self, guint32 group, gint64 number, gint64 least,
                                  gint64 most);
/* Of min, max, first and last: what is best so far, or MISSING. */
const ArborValue *arbor_aggregate_peek_best (const ArborAggregate *self, guint32 group);
gboolean arbor_aggregate_is_settled (const ArborAggregate *self, guint32 group);

/* Many values at once: what adding them one by one would come to. Of count; of sum and mean; of all
 * that work on numbers alone. Not for an aggregate that is spoilt. */
void arbor_aggregate_count_to (ArborAggregate *self, guint32 group, guint64 n);
void arbor_aggregate_add_integers_to (ArborAggregate *self, guint32 group, guint64 n, __int128 sum,
                                      gboolean is_unsigned);
void arbor_aggregate_add_reals_to (ArborAggregate *self, guint32 group, const double *numbers,
                                   guint32 n);
/* Of var and std besides: the squares of @n integers that were added. */
void arbor_aggregate_add_integer_squares_to (ArborAggregate *self, guint32 group, guint64 n,
                                             __int128 sum);
void arbor_aggregate_leave_out (ArborAggregate *self, guint32 group, guint64 n);

/* The result, valid as long as @self. Without groups more values may be added, and finish called
 * again. */
void arbor_aggregate_finish_group (ArborAggregate *self, guint32 group, ArborScope *scope,
                                   ArborValue *result);

/* Bytes that it keeps, itself included: for whoever has a budget. */
gsize arbor_aggregate_get_size (const ArborAggregate *self);

/* Of the only group. */

static inline gboolean
arbor_aggregate_add (ArborAggregate *self, const ArborValue *value, ArborScope *scope)
{
  return arbor_aggregate_add_to (self, 0, value, scope);
}

static inline void
arbor_aggregate_add_integers (ArborAggregate *self, guint64 n, __int128 sum, gboolean is_unsigned)
{
  arbor_aggregate_add_integers_to (self, 0, n, sum, is_unsigned);
}

static inline void
arbor_aggregate_add_reals (ArborAggregate *self, const double *numbers, guint32 n)
{
  arbor_aggregate_add_reals_to (self, 0, numbers, n);
}

static inline void
arbor_aggregate_finish (ArborAggregate *self, ArborScope *scope, ArborValue *result)
{
  arbor_aggregate_finish_group (self, 0, scope, result);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborAggregate, arbor_aggregate_free)

G_END_DECLS
