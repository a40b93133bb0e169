/* What the files of the kernels share: arbor-kernel.c (logic, rows), arbor-kernel-compile.c (from
 * expressions), arbor-kernel-lane.c (one lane and a literal), arbor-kernel-string.c (strings).
 */

#pragma once

#include "batch/arbor-lanes.h"
#include "query/series/arbor-bounds.h"
#include "query/series/arbor-kernel-loops.h"
#include "query/series/arbor-kernel.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_KERNEL_ROWS, /* not for kernels: each row is to be asked */
  ARBOR_KERNEL_AND,
  ARBOR_KERNEL_OR,
  ARBOR_KERNEL_NOT,
  ARBOR_KERNEL_ANY, /* of the elements of the array at the path */
  ARBOR_KERNEL_ALL,
  ARBOR_KERNEL_COMPARE,
  ARBOR_KERNEL_STARTS_WITH,
  ARBOR_KERNEL_ENDS_WITH,
  ARBOR_KERNEL_CONTAINS,
  ARBOR_KERNEL_IS_NULL,
  ARBOR_KERNEL_IS_MISSING,
  ARBOR_KERNEL_IS_ABSENT, /* null or MISSING: == null */
  ARBOR_KERNEL_TRUTH,     /* the value itself */
} ArborKernelKind;

/* A part of a predicate. Those from ANY on have a path, whose fields lead from the rows of the
 * domain to the values. */
typedef struct _ArborKernelPart ArborKernelPart;
struct _ArborKernelPart
{
  guint8 kind;       /* ArborKernelKind */
  guint8 comparison; /* ArborComparison */
  gboolean in_vector;
  const ArborNode *node;
  const ArborStep *steps;
  guint n_steps;
  const ArborValue *literal;
  ArborBounds bounds[ARBOR_N_KINDS]; /* of INT64, UINT64 and DOUBLE; of a number literal */
  ArborNeedle needle;                /* of a string literal */
  ArborKernelPart **parts;
  guint n_parts;

  /* The batch at hand. */
  guint serial; /* the run for which the lanes were found */
  ArborLanes lanes;
};

/* What a lane says about its values. */
typedef enum
{
  ARBOR_LANE_SAYS_NULL,
  ARBOR_LANE_SAYS_FALSE,
  ARBOR_LANE_SAYS_TRUE,
  ARBOR_LANE_SAYS_BITS,    /* true where a bit is set, else false */
  ARBOR_LANE_SAYS_NOTHING, /* rows have to be asked */
} ArborLaneSays;

/* What is known of a lane without reading its values: BITS where they must be read. */
ArborLaneSays arbor_kernel_weigh_lane (ArborKernelPart *part, const ArborLane *lane);
/* Reads the values; @bits has room for a bit each. */
ArborLaneSays arbor_kernel_read_lane (ArborKernelPart *part, const ArborLane *lane,
                                      ArborScope *scope, ArborKernelCounters *counters,
                                      guint64 *bits);

/* The same for a lane of strings and a string literal. */
ArborLaneSays arbor_kernel_weigh_strings (const ArborKernelPart *part, const ArborLane *lane);
ArborLaneSays arbor_kernel_read_strings (ArborKernelPart *part, const ArborLane *lane,
                                         ArborScope *scope, ArborKernelCounters *counters,
                                         guint64 *bits);

/* NULL beyond what kernels go down to: the whole predicate is for rows. */
ArborKernelPart *arbor_kernel_compile (const ArborNode *node);
void arbor_kernel_part_free (ArborKernelPart *self);

G_END_DECLS
