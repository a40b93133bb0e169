/* What the files that read somebody's columns share. */

#pragma once

#include "batch/arbor-batch.h"
#include "query/arrow/arbor-arrow-take.h"

G_BEGIN_DECLS

#define ARBOR_ARROW_MAX_VALUES (1u << 26)           /* of a tree */
#define ARBOR_ARROW_MAX_TEXT ARBOR_BATCH_MAX_BYTES /* of a tree, in bytes */

struct _ArborArrowReader
{
  ArborTapeWriter *writer;
  ArborParser *parser;
  ArborBuffer text;   /* of what is made text */
  ArborBuffer padded; /* JSON, with the parser's padding */
  guint64 n_values;   /* of this tree so far */
  guint64 n_bytes;
};

/* FALSE, and what is wrong of the column. */
gboolean arbor_arrow_reader_set_damaged (const ArborArrowColumn *column, const char *what, GError **error);
gboolean arbor_arrow_reader_set_limit (const ArborArrowColumn *column, GError **error);

/* An integer of @width bytes, and one of an INTEGER column as it is said to be. */
gint64 arbor_arrow_load_signed (const guint8 *items, guint width, guint64 index);
void arbor_arrow_load_integer (const ArborArrowColumn *column, guint64 slot, ArborValue *value);
/* A string of valid UTF-8, or of binary its base64 text: those of one slot. */
gboolean arbor_arrow_reader_get_text (ArborArrowReader *self, const ArborArrowColumn *column,
                                      guint64 slot, const char **text, gsize *n, GError **error);
/* The value of a slot of a column that is neither of arrays nor of objects nor JSON; of a dictionary the
 * index. Text that is made lies in the reader until the next one. */
gboolean arbor_arrow_reader_get_scalar (ArborArrowReader *self, const ArborArrowColumn *column,
                                        guint64 slot, ArborValue *value, GError **error);

static inline gboolean
arbor_arrow_test_bit (const guint8 *bits, guint64 slot)
{
  return bits[slot / 8] >> (slot % 8) & 1;
}

static inline gboolean
arbor_arrow_is_null (const ArborArrowColumn *column, guint64 slot)
{
  return column->valid != NULL && !arbor_arrow_test_bit (column->valid, slot);
}

G_END_DECLS
