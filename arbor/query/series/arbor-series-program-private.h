/* What the compiler and the machine of series (arbor-series-program.h) share. */

#pragma once

#include "query/series/arbor-series-call.h"
#include "query/series/arbor-series-path.h"
#include "query/series/arbor-series-program.h"

G_BEGIN_DECLS

/* @ that nothing binds. */
#define ARBOR_SERIES_NO_LOOP G_MAXUINT32

typedef enum
{
  ARBOR_SERIES_OP_PATH,
  ARBOR_SERIES_OP_ELEMENT,
  ARBOR_SERIES_OP_CONSTANT,
  ARBOR_SERIES_OP_CALL,
  ARBOR_SERIES_OP_MAP,       /* a call with vectors among its arguments, value by value */
  ARBOR_SERIES_OP_STOP,      /* after an argument of "and" or "or": the places that it decides are not wanted */
  ARBOR_SERIES_OP_CONDITION, /* after one of "when": what follows is wanted where it is true, ... */
  ARBOR_SERIES_OP_OTHERWISE, /* ... and behind the value where it is not */
  ARBOR_SERIES_OP_JOIN,      /* everything is wanted that was before the call's arguments */
  ARBOR_SERIES_OP_EACH,      /* enter the elements of the array on top */
  ARBOR_SERIES_OP_STORE,     /* what is on top is wanted again: for LOAD */
  ARBOR_SERIES_OP_LOAD,      /* what was stored, if it was, instead of all up to the target */
  ARBOR_SERIES_OP_NEXT,      /* leave them: the series on top becomes runs */
} ArborSeriesOperation;

typedef struct
{
  guint8 operation;
  guint32 n;      /* CALL, MAP: arguments; ELEMENT: the loop, counted from the outermost */
  guint32 path;   /* PATH, ELEMENT */
  guint32 slot;   /* STORE, LOAD */
  guint32 target; /* LOAD: the instruction behind */
  const ArborNode *node;
  ArborSeries of;     /* CALL: the table that it was made for, ... */
  ArborSeries *table; /* ... and what it gave; NULL: none */
  guint32 kinds;      /* of it, but for its last three entries */
  ArborSeries *made;  /* what the function keeps for the batch; NULL: nothing */
  ArborLaneReader *elements; /* of the arrays that are its first argument, ... */
  guint32 column;            /* ... at this column of the batch */
} ArborSeriesInstruction;

typedef struct
{
  guint32 n;
  const guint8 *wanted; /* NULL: all */
  guint32 depth;        /* of the stack of what was wanted */
  /* Of elements: */
  const guint32 *starts;  /* of each place of the domain around it */
  const guint32 *parents; /* of each element, its place there */
  const guint8 *kind;     /* of each place around: ARRAY or what it is instead; NULL: ARRAY */
  const guint32 *rows;    /* they are these rows of column; NULL: they are values */
  guint32 column;
  ArborSeries values;
} ArborSeriesDomain;

struct _ArborSeriesProgram
{
  ArborNode *node;
  GArray *instructions;
  GArray *paths; /* of ArborSeriesPath */
  guint32 max_depth;
  guint32 max_loops;
  guint32 max_wanted;
  guint32 n_slots;
  gsize bound;
  guint32 max_of_row; /* elements */
  gboolean needs_objects; /* trees that are none are left open */
  const ArborBatch *batch;
  guint32 n_rows; /* that will be asked for */
  ArborScope *kept; /* as long as the batch is at hand */

  /* Of a run. */
  const guint32 *rows;
  guint32 from;
  guint32 max; /* elements */
  gboolean is_too_much;
  gboolean used_table;           /* a call was made for entries of a dictionary */
  const ArborFunction *refused;  /* whose row code was called place by place; NULL: none */
  ArborScope *arrays;
  ArborScope *texts;
  ArborSeries *stack;
  ArborScopeMark *marks; /* before each of them was made */
  guint32 n_stack;
  ArborSeriesDomain *domains;
  guint32 n_domains;
  const guint8 **saved; /* wanted, before calls that narrow it */
  const guint8 **others;
  guint32 n_saved;
  ArborBuffer copy;
  ArborSeries *slots;  /* common parts; n is 0 where there is none yet */
  ArborScope *shared;  /* their arrays */
};

/* arbor-series-compile.c */
void arbor_series_program_compile (ArborSeriesProgram *self);

/* arbor-series-domain.c */
static inline ArborSeriesDomain *
arbor_series_program_get_domain (ArborSeriesProgram *self)
{
  return &self->domains[self->n_domains - 1];
}

static inline gpointer
arbor_series_program_new_array (ArborSeriesProgram *self, guint32 n, gsize size)
{
  return arbor_scope_alloc (self->arrays, MAX ((gsize) n, 1) * size);
}

void arbor_series_program_read_path (ArborSeriesProgram *self, const ArborSeriesInstruction *at,
                                     ArborSeries *result);
void arbor_series_program_read_element (ArborSeriesProgram *self, const ArborSeriesInstruction *at,
                                        ArborSeries *result);
/* Vectors that have become values again: each place's list as runs. */
void arbor_series_program_to_runs (ArborSeriesProgram *self, const ArborSeries *from,
                                   ArborSeries *to);
/* The place of each element. */
const guint32 *arbor_series_program_list_parents (ArborSeriesProgram *self, const guint32 *starts,
                                                  guint32 n);
/* What is wanted of the elements: what is of their places. */
const guint8 *arbor_series_program_repeat_wanted (ArborSeriesProgram *self, const guint8 *wanted,
                                                  const guint32 *parents, guint32 n);
/* The elements of the array on top become the domain, and back. */
void arbor_series_program_enter (ArborSeriesProgram *self);
void arbor_series_program_leave (ArborSeriesProgram *self);

/* arbor-series-program-call.c: the call of @at for what is on the stack, which stays there. */
void arbor_series_program_call (ArborSeriesProgram *self, ArborSeriesInstruction *at,
                                ArborSeries *result);
void arbor_series_program_map (ArborSeriesProgram *self, ArborSeriesInstruction *at,
                               ArborSeries *result);

G_END_DECLS
