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

/* Rows are shared out to so many threads at most. */
#define ARBOR_SORT_MAX_PARTS 8u

/* Into how many parts so many rows are cut: 1 where one thread does. */
guint arbor_sort_get_n_parts (gsize n_rows);

/* Sets @items, of all rows, in order: the row is in the lower @row_bits. *@n_keys: so many keys are
 * wholly decided. @spare has as much room. Which of the two has the result is returned; NULL:
 * CLOSED or cancelled. With @n_parts of more than 1, no column has layout VALUE. */
guint64 *arbor_sort_pack (ArborSortTable *table, guint n_parts, ArborAccess *access,
                          GCancellable *cancellable, guint64 *items, guint64 *spare,
                          guint *row_bits, guint32 *n_keys, GError **error);

G_END_DECLS
