/* See arbor-comparison.h. */

#include "base/arbor-comparison.h"

ArborComparison
arbor_comparison_flip (ArborComparison comparison)
{
  switch (comparison)
    {
    case ARBOR_COMPARISON_LT:
      return ARBOR_COMPARISON_GT;
    case ARBOR_COMPARISON_LE:
      return ARBOR_COMPARISON_GE;
    case ARBOR_COMPARISON_GT:
      return ARBOR_COMPARISON_LT;
    case ARBOR_COMPARISON_GE:
      return ARBOR_COMPARISON_LE;
    default:
      return comparison;
    }
}

gboolean
arbor_comparison_test (ArborComparison comparison, int order)
{
  switch (comparison)
    {
    case ARBOR_COMPARISON_EQ:
      return order == 0;
    case ARBOR_COMPARISON_NE:
      return order != 0;
    case ARBOR_COMPARISON_LT:
      return order < 0;
    case ARBOR_COMPARISON_LE:
      return order <= 0;
    case ARBOR_COMPARISON_GT:
      return order > 0;
    default:
      return order >= 0;
    }
}
