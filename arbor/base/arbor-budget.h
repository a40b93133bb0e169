/* The query memory: how many bytes the computations of this process (sorts, groups, indexes, joins)
 * may use together. A charge is what one computation has taken of it; it is made before the memory
 * is allocated, so asking too much is ARBOR_ERROR_LIMIT and never an abort. A charge belongs to one
 * thread at a time; the sum of all of them is atomic and never passes the limit.
 *
 * The limit is that of the environment variable ARBOR_QUERY_MEMORY (bytes, or with K, M, G, T:
 * powers of 1,024) when the first charge is made, otherwise a quarter of the physical memory.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint64 arbor_budget_get_limit (void);
void arbor_budget_set_limit (guint64 n_bytes); /* 0: the default again */
guint64 arbor_budget_get_used (void);          /* by all charges */

/* All zero but for the operation: nothing charged. Without an operation
 * it counts for itself, and belongs to no sum. */
typedef struct
{
  const char *operation; /* for messages: "sort_by", ... */
  guint64 n_bytes;
} ArborCharge;

/* More by @n_bytes. LIMIT: the charge is as it was. */
gboolean arbor_charge_add (ArborCharge *self, guint64 n_bytes, GError **error);
void arbor_charge_subtract (ArborCharge *self, guint64 n_bytes);
/* Everything: the memory has been freed, or belongs to the result from now on. */
void arbor_charge_release (ArborCharge *self);

/* Charged memory for @n items of @size bytes, not cleared, for g_free; NULL and LIMIT also when the
 * system has no more. Never NULL for n = 0. */
gpointer arbor_charge_alloc (ArborCharge *self, gsize n, gsize size, GError **error);

/* Makes room in the array @memory of *@capacity items of @size bytes (NULL and 0 at first) for
 * @n_needed: it grows by half at least, so appending one by one is linear. FALSE: it is as it was.
 */
gboolean arbor_charge_grow (ArborCharge *self, gpointer memory_location, gsize *capacity,
                            gsize n_needed, gsize size, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ArborCharge, arbor_charge_release)

G_END_DECLS
