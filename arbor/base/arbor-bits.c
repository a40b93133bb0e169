/* See arbor-bits.h. */

#include "base/arbor-bits.h"

#include "base/arbor-simd.h"

ARBOR_TARGET_CLONES
static gsize
count_words (const guint64 *bits, gsize n_words)
{
  gsize count = 0;

  for (gsize i = 0; i < n_words; i++)
    count += (gsize) __builtin_popcountll (bits[i]);
  return count;
}

gsize
arbor_bits_count (const guint64 *bits, gsize n)
{
  gsize count = count_words (bits, n / 64);

  if (n % 64 != 0)
    count += (gsize) __builtin_popcountll (bits[n / 64] & arbor_bits_last_mask (n));
  return count;
}

gboolean
arbor_bits_any (const guint64 *bits, gsize n)
{
  for (gsize i = 0; i < n / 64; i++)
    if (bits[i] != 0)
      return TRUE;
  return n % 64 != 0 && (bits[n / 64] & arbor_bits_last_mask (n)) != 0;
}

#define DEFINE(name, expression)                                                                   \
  void arbor_bits_##name (guint64 *out, const guint64 *a, const guint64 *b, gsize n)               \
  {                                                                                                \
    for (gsize i = 0; i < arbor_bits_n_words (n); i++)                                             \
      out[i] = (expression);                                                                       \
  }

DEFINE (and, a[i] & b[i])
DEFINE (or, a[i] | b[i])
DEFINE (and_not, a[i] & ~b[i])

void
arbor_bits_not (guint64 *out, const guint64 *a, gsize n)
{
  gsize n_words = arbor_bits_n_words (n);

  for (gsize i = 0; i < n_words; i++)
    out[i] = ~a[i];
  if (n_words > 0)
    out[n_words - 1] &= arbor_bits_last_mask (n);
}

/* Spreading */

/* The low bits of @bits, one for each one of @mask, at the places of these. */
static inline guint64
deposit (guint64 bits, guint64 mask)
{
  guint64 out = 0;

  for (; mask != 0; mask &= mask - 1, bits >>= 1)
    out |= (mask & -mask) & -(bits & 1);
  return out;
}

/* 64 bits of @bits from @at on; what lies past its last word is zero. */
static inline guint64
take (const guint64 *bits, gsize n_words, gsize at)
{
  gsize word = at / 64;
  guint shift = at % 64;
  guint64 low = word < n_words ? bits[word] >> shift : 0;

  if (shift == 0 || word + 1 >= n_words)
    return low;
  return low | bits[word + 1] << (64 - shift);
}

#define SPREAD(deposit)                                                                            \
  gsize n_words = arbor_bits_n_words (n);                                                          \
  gsize n_inner = arbor_bits_n_words (arbor_bits_count (outer, n));                                \
  gsize at = 0;                                                                                    \
                                                                                                   \
  for (gsize i = 0; i < n_words; i++)                                                              \
    {                                                                                              \
      guint64 mask = outer[i];                                                                     \
                                                                                                   \
      out[i] = mask == 0 ? 0 : deposit (take (inner, n_inner, at), mask);                          \
      at += (gsize) __builtin_popcountll (mask);                                                   \
    }

static void
spread_plainly (guint64 *out, const guint64 *inner, const guint64 *outer, gsize n)
{
  SPREAD (deposit)
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__ ((target ("bmi2,popcnt")))
static void
spread_fast (guint64 *out, const guint64 *inner, const guint64 *outer, gsize n)
{
  SPREAD (__builtin_ia32_pdep_di)
}

void
arbor_bits_spread (guint64 *out, const guint64 *inner, const guint64 *outer, gsize n)
{
  if (__builtin_cpu_supports ("bmi2"))
    spread_fast (out, inner, outer, n);
  else
    spread_plainly (out, inner, outer, n);
}
#else
void
arbor_bits_spread (guint64 *out, const guint64 *inner, const guint64 *outer, gsize n)
{
  spread_plainly (out, inner, outer, n);
}
#endif

guint32
arbor_bits_list (const guint64 *bits, guint32 from, guint32 to, guint32 first, guint32 max,
                 guint32 *positions)
{
  guint32 n = 0;

  for (guint32 word = from / 64; word * 64 < to && n < max; word++)
    {
      guint64 left = bits[word];

      if (word == from / 64)
        left &= G_MAXUINT64 << (from % 64);
      if (to - word * 64 < 64)
        left &= arbor_bits_last_mask (to);
      for (; left != 0 && n < max; left &= left - 1)
        positions[n++] = first + word * 64 + (guint32) __builtin_ctzll (left);
    }
  return n;
}
