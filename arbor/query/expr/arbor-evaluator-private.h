/* An expression, written out: what the compiler (arbor-evaluator.c) makes and the machine
 * (arbor-evaluator-run.c) runs.
 *
 * Arguments come before calls, as a flat list of instructions for a stack of values: no recursion,
 * and nothing is allocated for a row unless a function makes a string or a list. What is not
 * needed is jumped over, what walks an array jumps back.
 */

#pragma once

#include "batch/arbor-value-access.h"
#include "query/expr/arbor-evaluator.h"
#include "query/expr/arbor-function.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_EVALUATE_PATH,
  ARBOR_EVALUATE_ELEMENT, /* the element of loop n, or what a path from there leads to */
  ARBOR_EVALUATE_LITERAL,
  ARBOR_EVALUATE_CALL,
  ARBOR_EVALUATE_MAP,    /* a call with vectors among its arguments, value by value */
  ARBOR_EVALUATE_STOP,   /* if the value on top is decisive for a logic call: drop what it has, jump */
  ARBOR_EVALUATE_BRANCH, /* drop the condition on top; jump unless it is true */
  ARBOR_EVALUATE_JUMP,
  ARBOR_EVALUATE_EACH, /* begin loop n over the array on top; with no element, jump */
  ARBOR_EVALUATE_NEXT, /* keep the value on top as that of an element; jump back for the next one */
  ARBOR_EVALUATE_FIELD, /* begin field n; where there is none, jump */
  ARBOR_EVALUATE_VALUE, /* the value on top becomes what field n has */
} ArborOperation;

typedef struct
{
  guint8 operation; /* ArborOperation */
  gboolean decides; /* STOP: the truth value that does; FIELD: it is one of objects only */
  guint32 n;        /* CALL, MAP, STOP: arguments on the stack; ELEMENT, EACH, NEXT: the loop */
  guint32 target;   /* the next instruction where it jumps; PATH and ELEMENT: the binding */
  const ArborNode *node;
} ArborInstruction;

/* @ where nothing binds it. */
#define ARBOR_NO_LOOP G_MAXUINT32

typedef struct
{
  const ArborPath *path;
  guint32 *columns; /* after each step; ARBOR_NO_COLUMN: no tree of the batch goes there */
} ArborBinding;

/* A walk over an array that is under way. */
typedef struct
{
  ArborValueIter iter;
  ArborValue element;
  ArborValue *values; /* what the elements gave */
  guint32 n_values;
  guint32 n_elements;
  ArborScopeMark mark; /* before what is made for the element */
} ArborLoop;

struct _ArborEvaluator
{
  ArborNode *node;
  GArray *instructions; /* of ArborInstruction */
  GArray *bindings;     /* of ArborBinding */
  const ArborBatch *batch;
  guint64 first; /* the number of its first tree */
  ArborValue *stack;
  ArborValue *arguments; /* of one call of a MAP */
  ArborLoop *loops;
  ArborScopeBudget *budgets; /* of what is around each field */
  gboolean has_budget; /* something in it may take memory */
  gboolean nests;      /* something in it makes containers of containers */
};

/* @tree has the value of a tree; @batch is NULL where it does not lie in the batch. */
void arbor_evaluator_run (ArborEvaluator *self, const ArborBatch *batch, const ArborValue *tree,
                          ArborScope *scope, ArborValue *result);

G_END_DECLS
