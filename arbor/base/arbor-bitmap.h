/* A bitmap with a rank directory, read where it lies: n_bits bits in little-endian 64-bit words
 * (bit i is bit i % 64 of word i / 64, bits past the end are zero), then one u32 for each 256
 * bits, the count of ones before them. Rank is one directory read and at most four popcounts.
 * Nothing here needs alignment.
 */

#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

#define ARBOR_BITMAP_BLOCK 256u

typedef struct
{
  const guint8 *words;
  const guint8 *ranks;
  guint32 n_bits;
} ArborBitmap;

static inline gsize
arbor_bitmap_words_size (gsize n_bits)
{
  return (n_bits + 63) / 64 * 8;
}

static inline gsize
arbor_bitmap_ranks_size (gsize n_bits)
{
  return (n_bits + ARBOR_BITMAP_BLOCK - 1) / ARBOR_BITMAP_BLOCK * 4;
}

static inline gsize
arbor_bitmap_size (gsize n_bits)
{
  return arbor_bitmap_words_size (n_bits) + arbor_bitmap_ranks_size (n_bits);
}

static inline void
arbor_bitmap_init (ArborBitmap *self, const guint8 *data, guint32 n_bits)
{
  self->words = data;
  self->ranks = data + arbor_bitmap_words_size (n_bits);
  self->n_bits = n_bits;
}

static inline guint64
arbor_bitmap_word (const ArborBitmap *self, guint32 word)
{
  guint64 bits;

  memcpy (&bits, self->words + (gsize) word * 8, 8);
  return GUINT64_FROM_LE (bits);
}

static inline gboolean
arbor_bitmap_test (const ArborBitmap *self, guint32 bit)
{
  return (self->words[bit / 8] >> (bit % 8)) & 1;
}

/* How many of the bits before @bit are set; @bit < n_bits. */
static inline guint32
arbor_bitmap_rank (const ArborBitmap *self, guint32 bit)
{
  guint32 block = bit / ARBOR_BITMAP_BLOCK;
  guint32 count;

  memcpy (&count, self->ranks + (gsize) block * 4, 4);
  count = GUINT32_FROM_LE (count);
  for (guint32 word = block * (ARBOR_BITMAP_BLOCK / 64); word < bit / 64; word++)
    count += (guint32) __builtin_popcountll (arbor_bitmap_word (self, word));
  if (bit % 64 != 0)
    count += (guint32) __builtin_popcountll (arbor_bitmap_word (self, bit / 64) &
                                             ((G_GUINT64_CONSTANT (1) << (bit % 64)) - 1));
  return count;
}

/* Writes the rank directory behind the words of a bitmap of @n_bits at @data; returns the ones. */
guint32 arbor_bitmap_write_ranks (guint8 *data, guint32 n_bits);

/* Whether the bits past the end are zero, the directory is right and the ones are @n_ones. */
gboolean arbor_bitmap_check (const ArborBitmap *self, guint32 n_ones);

G_END_DECLS
