/* How much memory computations may use. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

ARBOR_AVAILABLE_IN_1_0
void arbor_set_query_memory (guint64 n_bytes);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_get_query_memory (void);

G_END_DECLS
