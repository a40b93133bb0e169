/* The six comparisons, for whoever compares values: expressions, JSONPath, loops over lanes. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  ARBOR_COMPARISON_EQ,
  ARBOR_COMPARISON_NE,
  ARBOR_COMPARISON_LT,
  ARBOR_COMPARISON_LE,
  ARBOR_COMPARISON_GT,
  ARBOR_COMPARISON_GE,
} ArborComparison;

/* b < a for a > b, and so on. */
ArborComparison arbor_comparison_flip (ArborComparison comparison);

/* Whether a value whose order to the literal is @order passes. */
gboolean arbor_comparison_test (ArborComparison comparison, int order);

G_END_DECLS
