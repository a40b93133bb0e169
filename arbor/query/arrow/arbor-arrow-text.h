/* Columns of text under construction: offsets of 32 or 64 bits, and bytes. For arbor-arrow-encode.c. */

#pragma once

#include "batch/arbor-lanes.h"
#include "query/arrow/arbor-arrow-array.h"

G_BEGIN_DECLS

/* The strings of a lane at the rows that have them; @array has been begun with three buffers. LIMIT where
 * they are too long for offsets of 32 bits: @name is told. */
gboolean arbor_arrow_text_add_lane (struct ArrowArray *array, const ArborLane *lane,
                                    gboolean is_large, GBytes *holder, const char *name,
                                    ArborScope *scope, GError **error);
/* The different strings of a lane, one after the other. */
gboolean arbor_arrow_text_add_distinct (struct ArrowArray *array, const ArborLane *lane,
                                        gboolean is_large, GBytes *holder, const char *name,
                                        ArborScope *scope, GError **error);
/* Which of these each row has; @array has been begun with two buffers. */
gboolean arbor_arrow_text_add_codes (struct ArrowArray *array, const ArborLane *lane,
                                     GError **error);
/* Text that was written: @ends of each row, of 64 bits. */
gboolean arbor_arrow_text_add_written (struct ArrowArray *array, const guint64 *ends,
                                       const guint8 *text, gboolean is_large, const char *name,
                                       GError **error);

G_END_DECLS
