/* How one key orders. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * ArborSortFlags:
 * @ARBOR_SORT_NONE: ascending; null, then missing, last
 * @ARBOR_SORT_DESCENDING: values the other way round; null, then missing, still last
 * @ARBOR_SORT_NULLS_FIRST: null, then missing, before all values
 *
 * How one key of [method@Arbor.Arbor.sort_by] orders.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  ARBOR_SORT_NONE = 0,
  ARBOR_SORT_DESCENDING = 1 << 0,
  ARBOR_SORT_NULLS_FIRST = 1 << 1,
} ArborSortFlags;

G_END_DECLS
