/* Loops over the values of a lane that the encoder runs: ranges, narrowing, bits. Plain arrays in,
 * little-endian bytes out; @out has room.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The range of @n numbers, at least one; whether they ascend, equal ones allowed. */
gboolean arbor_pack_range_signed (const gint64 *numbers, gsize n, gint64 *low, gint64 *high);
gboolean arbor_pack_range_unsigned (const guint64 *numbers, gsize n, guint64 *low, guint64 *high);

/* Writes number - @low in @width bytes each: 1, 2, 4 or 8. */
void arbor_pack_words (guint8 *out, guint width, const guint64 *numbers, gsize n, guint64 low);
/* Writes the numbers in @width bytes each: 1, 2 or 4. */
void arbor_pack_u32 (guint8 *out, guint width, const guint32 *numbers, gsize n);

guint32 arbor_pack_max_u32 (const guint32 *numbers, gsize n); /* 0 for none */

/* Writes a bit for each of @n bytes, set where the byte is @value, into whole 64-bit words. */
void arbor_pack_bits (guint8 *out, const guint8 *bytes, gsize n, guint8 value);

G_END_DECLS
