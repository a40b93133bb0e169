/* Operators and functions: one table (arbor-function.c), one row each. The parser reads names,
 * arity and syntax from it, the printer precedence, the evaluator code; to add a function is to
 * add a row and its code in the file of its family.
 */

#pragma once

#include "batch/arbor-scope.h"
#include "query/expr/arbor-node.h"

G_BEGIN_DECLS

/* How it is written. Everything whose name is a word can be written as a call, too. */
typedef enum
{
  ARBOR_SYNTAX_CALL,   /* len (a) */
  ARBOR_SYNTAX_PREFIX, /* not a */
  ARBOR_SYNTAX_INFIX,  /* a + b */
  ARBOR_SYNTAX_LIST,   /* a in [b, c] */
  ARBOR_SYNTAX_RANGE,  /* a is_between (b, c) */
  ARBOR_SYNTAX_CHOICE, /* when a then b when c then d otherwise e */
} ArborSyntax;

/* What it does with vector arguments. */
typedef enum
{
  ARBOR_VECTORS_MAP,       /* value by value; two vectors zip, the shorter padded with MISSING */
  ARBOR_VECTORS_MAP_FIRST, /* the first argument value by value; the others must be single values */
  ARBOR_VECTORS_REDUCE,    /* takes a vector or an array whole, gives one value */
} ArborVectors;

/* The truth value of an argument that decides, so that those after it are not evaluated. */
typedef enum
{
  ARBOR_STOPS_NEVER,
  ARBOR_STOPS_AT_FALSE,
  ARBOR_STOPS_AT_TRUE,
} ArborStops;

/* What its code over series does with arrays that are runs over a series of their elements. */
typedef enum
{
  ARBOR_RUNS_BOXED, /* it is asked with lists instead */
  ARBOR_RUNS_TAKEN, /* it is asked with runs where there are some */
  ARBOR_RUNS_MADE,  /* arrays of a batch become runs for it, as its first argument */
} ArborFunctionRuns;

/* Which accumulator of arbor-aggregate.h computes it. */
typedef enum
{
  ARBOR_AGGREGATE_NONE,
  ARBOR_AGGREGATE_COUNT,
  ARBOR_AGGREGATE_SUM,
  ARBOR_AGGREGATE_MEAN,
  ARBOR_AGGREGATE_MIN,
  ARBOR_AGGREGATE_MAX,
  ARBOR_AGGREGATE_FIRST,
  ARBOR_AGGREGATE_LAST,
  ARBOR_AGGREGATE_ANY,
  ARBOR_AGGREGATE_ALL,
  ARBOR_AGGREGATE_STD,
  ARBOR_AGGREGATE_VAR,
  ARBOR_AGGREGATE_MEDIAN,
  ARBOR_AGGREGATE_QUANTILE,
  ARBOR_AGGREGATE_N_UNIQUE,
  ARBOR_AGGREGATE_COLLECT,
  ARBOR_AGGREGATE_COLLECT_UNIQUE,
} ArborAggregateKind;

/* Operators that bind tighter have higher numbers; equal ones group to the left, but comparisons
 * do not chain. */
enum
{
  ARBOR_PRECEDENCE_NONE = 0,
  ARBOR_PRECEDENCE_OR,
  ARBOR_PRECEDENCE_AND,
  ARBOR_PRECEDENCE_NOT,
  ARBOR_PRECEDENCE_COMPARISON,
  ARBOR_PRECEDENCE_SUM,
  ARBOR_PRECEDENCE_PRODUCT,
  ARBOR_PRECEDENCE_NEGATIVE,
  ARBOR_PRECEDENCE_ATOM,
};

/* Computes one value from as many arguments as @call has. A vector that is reduced comes as an
 * array of ARBOR_HOLDER_LIST. @result is none of @arguments. */
typedef void (*ArborFunctionCode) (const ArborNode *call, const ArborValue *arguments,
                                   ArborScope *scope, ArborValue *result);

/* Looks at the literals among the arguments of a call that is being made: an error where one cannot
 * be meant; or sets call->prepared to what every evaluation would make of them anew. */
typedef gboolean (*ArborFunctionPrepare) (ArborNode *call, GError **error);

/* The same for many places at once (series/arbor-series-call.h); FALSE: not for these arguments. */
typedef struct _ArborSeries ArborSeries;
typedef struct _ArborSeriesCall ArborSeriesCall;
typedef gboolean (*ArborFunctionSeries) (const ArborSeriesCall *call, ArborSeries *result);

#define ARBOR_ANY_NUMBER G_MAXUINT16

struct _ArborFunction
{
  const char *name;
  const char *symbol;     /* in PREFIX, INFIX and LIST form, where it is not the name */
  const char *aliases[2]; /* further ways to write it */
  const char *builder;    /* in call form, too: the builder's name, where it is not the name */
  guint8 syntax;
  guint8 precedence;
  guint8 vectors;
  guint8 is_flat; /* associative: a or b or c is one call of three arguments */
  guint16 min_arguments;
  guint16 max_arguments; /* ARBOR_ANY_NUMBER: no limit */
  guint8 spreads;        /* the array that it gives is a vector: its elements are many values */
  guint8 walks;          /* the second argument is evaluated for each element, which is @ in it, and
                          * comes as the array of what it gave */
  guint8 nests;          /* the result may be nested deeper than the arguments */
  guint8 aggregate;      /* ArborAggregateKind */
  guint8 stops_at;       /* ArborStops */
  guint8 runs;           /* ArborFunctionRuns */
  ArborFunctionCode code; /* of CHOICE: for vectors only, else the evaluator jumps */
  ArborFunctionSeries series;    /* or NULL: then it is the code, place by place */
  ArborFunctionPrepare prepare;  /* or NULL */
  GDestroyNotify free_prepared;
};

const ArborFunction *arbor_function_find (const char *name); /* by name or alias */
/* In a text: as name of a call; as operator before or between operands. NULL: there is none. */
const ArborFunction *arbor_function_find_call (const char *word, gsize length);
const ArborFunction *arbor_function_find_operator (ArborSyntax syntax, const char *symbol,
                                                   gsize length);
/* The name that was meant, as far as one can tell, or NULL. */
const char *arbor_function_find_near (const char *word, gsize length);
/* All rows, in the order of their families; NULL past the end. */
const ArborFunction *arbor_function_get_nth (guint i);
const char *arbor_function_get_symbol (const ArborFunction *self);

G_END_DECLS
