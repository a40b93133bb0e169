/* Trees to and from the Arrow C data and C stream interfaces, by which other engines take them in the
 * same process without a copy more than needed. For C: the structs hold pointers that no binding can
 * check. Python has the same as PyCapsules.
 */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

#include "arbor-arrow-abi.h"

G_BEGIN_DECLS

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_export_arrow_stream (ArborArbor *self, const struct ArrowSchema *requested,
                                          struct ArrowArrayStream *stream,
                                          GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_export_arrow_schema (ArborArbor *self, struct ArrowSchema *schema,
                                          GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_column_export_arrow (ArborColumn *self, struct ArrowSchema *schema,
                                    struct ArrowArray *array, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_load_arrow_stream (struct ArrowArrayStream *stream, GCancellable *cancellable,
                                     GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_load_arrow_array (struct ArrowSchema *schema, struct ArrowArray *array,
                                    GCancellable *cancellable, GError **error);

G_END_DECLS
