/* A column of data as an ArrowArray, which shares what the column has as Arrow has it. */

#pragma once

#include "base/arbor-arrow-abi.h"
#include "query/column/arbor-column-data.h"

G_BEGIN_DECLS

/* @data is finished. LIMIT where there is no memory: nothing is exported. */
gboolean arbor_arrow_export_column (const ArborColumnData *data, const char *name,
                                    struct ArrowSchema *schema, struct ArrowArray *array,
                                    GError **error);

G_END_DECLS
