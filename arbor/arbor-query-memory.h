/* How much memory computations may use. */

#pragma once

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

ARBOR_AVAILABLE_IN_1_0
void arbor_set_query_memory (guint64 n_bytes);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_get_query_memory (void);

G_END_DECLS
