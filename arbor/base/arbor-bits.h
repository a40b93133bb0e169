/* Plain bitmaps in memory: bit i is bit i % 64 of word i / 64, bits past the last are zero. What
 * loops over whole lanes say about rows is such a bitmap. (The bitmap with ranks that lies in
 * batches is arbor-bitmap.h.)
 */

#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

static inline gsize
arbor_bits_n_words (gsize n)
{
  return (n + 63) / 64;
}

static inline gboolean
arbor_bits_test (const guint64 *bits, gsize i)
{
  return (bits[i / 64] >> (i % 64)) & 1;
}

static inline void
arbor_bits_set (guint64 *bits, gsize i)
{
  bits[i / 64] |= G_GUINT64_CONSTANT (1) << (i % 64);
}

/* The bits of the last word that count. */
static inline guint64
arbor_bits_last_mask (gsize n)
{
  return n % 64 == 0 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << (n % 64)) - 1;
}

static inline void
arbor_bits_fill (guint64 *bits, gsize n)
{
  gsize n_words = arbor_bits_n_words (n);

  memset (bits, 0xff, n_words * 8);
  if (n_words > 0)
    bits[n_words - 1] &= arbor_bits_last_mask (n);
}

/* How many of the first @n bits are set; nothing need be zero past them. */
gsize arbor_bits_count (const guint64 *bits, gsize n);
gboolean arbor_bits_any (const guint64 *bits, gsize n);

/* Of @n bits. @out may be one of the others. */
void arbor_bits_and (guint64 *out, const guint64 *a, const guint64 *b, gsize n);
void arbor_bits_or (guint64 *out, const guint64 *a, const guint64 *b, gsize n);
void arbor_bits_and_not (guint64 *out, const guint64 *a, const guint64 *b, gsize n);
void arbor_bits_not (guint64 *out, const guint64 *a, gsize n);

/* Spreads @inner over @outer, of @n bits: the k-th one of @outer stays one where bit k of @inner
 * is set. @inner has as many bits as @outer has ones, at least. @out is neither. */
void arbor_bits_spread (guint64 *out, const guint64 *inner, const guint64 *outer, gsize n);

/* Bits @from to @from + @n - 1 of @words, which need not be aligned, at most 64: no word is read that has none
 * of them. */
static inline guint64
arbor_bits_load (const guint8 *words, gsize from, guint n)
{
  guint shift = from % 64;
  guint64 low, high;

  memcpy (&low, words + from / 64 * 8, 8);
  low >>= shift;
  if (shift + n > 64)
    {
      memcpy (&high, words + (from / 64 + 1) * 8, 8);
      low |= high << (64 - shift);
    }
  return n == 64 ? low : low & ((G_GUINT64_CONSTANT (1) << n) - 1);
}

/* Bits from @at on, where none is set yet, become the @n ones of @words from @from on; NULL: all ones. */
static inline void
arbor_bits_copy (guint64 *out, gsize at, const guint8 *words, gsize from, gsize n)
{
  for (gsize i = 0; i < n; i += 64, at += 64)
    {
      guint n_here = (guint) MIN (n - i, 64), shift = at % 64;
      guint64 bits = words != NULL  ? arbor_bits_load (words, from + i, n_here)
                     : n_here == 64 ? G_MAXUINT64
                                    : (G_GUINT64_CONSTANT (1) << n_here) - 1;

      out[at / 64] |= bits << shift;
      if (shift + n_here > 64)
        out[at / 64 + 1] |= bits >> (64 - shift);
    }
}

/* Writes the positions, plus @first, of the ones among bits @from to @to - 1, @max at most; returns
 * how many. */
guint32 arbor_bits_list (const guint64 *bits, guint32 from, guint32 to, guint32 first, guint32 max,
                         guint32 *positions);

G_END_DECLS
