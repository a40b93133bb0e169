/* Rows ordered by one number each: as much of their keys as fits into 64 bits beside the row's
 * number.
 *
 *   | rank, value of key 0 | rank, value of key 1 | ... | row |
 *
 * A value takes as many bits as its column's values differ in: an integer its distance from the
 * least one, a text for each of its bytes its distance from the least one that stands there. So
 * several keys often fit whole, and nothing is left to compare. Where they do not, the last one has
 * its upper bits only, and rows that are equal so far are for the caller (arbor-sort.c).
 */

#pragma once

#include "query/order/arbor-sort-table.h"

G_BEGIN_DECLS

/* Sets @items, of all rows, in order: the row is in the lower @row_bits. *@n_keys: so many keys are
 * wholly decided. @spare has as much room. Which of the two has the result is returned; NULL:
 * CLOSED or cancelled. */
guint64 *arbor_sort_pack (ArborSortTable *table, ArborAccess *access, GCancellable *cancellable,
                          guint64 *items, guint64 *spare, guint *row_bits, guint32 *n_keys,
                          GError **error);

G_END_DECLS
