/* The public face of base/arbor-budget.h. */

#include "arbor-query-memory.h"

#include "base/arbor-budget.h"

/**
 * arbor_set_query_memory:
 * @n_bytes: a number of bytes; 0 for the default
 *
 * Sets how much memory the running computations of this process may use together: sorts, groups,
 * and everything else that must hold much at once. One that needs more fails with
 * %ARBOR_ERROR_LIMIT, and nothing else changes. The default is what the environment variable
 * `ARBOR_QUERY_MEMORY` says (bytes, or with `K`, `M`, `G` or `T` behind the number: powers of
 * 1,024), otherwise a quarter of the physical memory. Results, such as the order that a view
 * remembers (4 bytes a tree), count only while they are computed.
 *
 * Computations that run already keep what they have. Any thread may call this.
 *
 * Since: 1.0
 */
void
arbor_set_query_memory (guint64 n_bytes)
{
  arbor_budget_set_limit (n_bytes);
}

/**
 * arbor_get_query_memory:
 *
 * How much memory the running computations of this process may use together. See
 * [func@Arbor.set_query_memory]. Any thread may call this.
 *
 * Returns: a number of bytes
 *
 * Since: 1.0
 */
guint64
arbor_get_query_memory (void)
{
  return arbor_budget_get_limit ();
}
