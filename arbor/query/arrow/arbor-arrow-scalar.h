/* What Arrow says with its bytes and JSON with text: metadata, decimals, dates and times, binary. */

#pragma once

#include "base/arbor-arrow-abi.h"
#include "base/arbor-buffer.h"
#include "base/arbor-value.h"

G_BEGIN_DECLS

/* Whether the metadata of @schema has @value for @key. */
gboolean arbor_arrow_metadata_has (const struct ArrowSchema *schema, const char *key,
                                   const char *value);

/* Integers of 32 to 256 bits, little-endian, over 10^@scale: an integer that 64 bits hold, else the
 * double that is written with the same digits, else a NUMBER of them, in @text, which is overwritten. */
void arbor_arrow_scalar_decimal (const guint8 *bytes, guint n_bytes, gint32 scale, ArborBuffer *text,
                                 ArborValue *value);

typedef enum
{
  ARBOR_ARROW_SECONDS,
  ARBOR_ARROW_MILLISECONDS,
  ARBOR_ARROW_MICROSECONDS,
  ARBOR_ARROW_NANOSECONDS,
} ArborArrowUnit;

/* These replace @text. FALSE for what lies outside of the years 0 to 9999, or of a day. */
gboolean arbor_arrow_scalar_date (gint64 days, ArborBuffer *text); /* since 1970 */
/* Date and time; @is_zoned: of an instant, in UTC, with Z. */
gboolean arbor_arrow_scalar_timestamp (gint64 count, ArborArrowUnit unit, gboolean is_zoned,
                                       ArborBuffer *text);
gboolean arbor_arrow_scalar_time (gint64 count, ArborArrowUnit unit, ArborBuffer *text);
/* ISO 8601: P1M2DT3.5S, PT0S. */
void arbor_arrow_scalar_duration (gint64 months, gint64 days, gint64 count, ArborArrowUnit unit,
                                  ArborBuffer *text);
void arbor_arrow_scalar_base64 (const guint8 *bytes, gsize size, ArborBuffer *text);
double arbor_arrow_scalar_half (guint16 bits);

G_END_DECLS
