/* Writing and checking rank directories. See arbor-bitmap.h. */

#include "base/arbor-bitmap.h"

static guint32
count_word (const ArborBitmap *self, guint32 word)
{
  return (guint32) __builtin_popcountll (arbor_bitmap_word (self, word));
}

guint32
arbor_bitmap_write_ranks (guint8 *data, guint32 n_bits)
{
  guint32 n_words = (guint32) (arbor_bitmap_words_size (n_bits) / 8);
  guint8 *ranks = data + arbor_bitmap_words_size (n_bits);
  guint32 n_ones = 0;
  ArborBitmap self;

  arbor_bitmap_init (&self, data, n_bits);
  for (guint32 word = 0; word < n_words; word++)
    {
      if (word % (ARBOR_BITMAP_BLOCK / 64) == 0)
        {
          guint32 count = GUINT32_TO_LE (n_ones);

          memcpy (ranks + (gsize) word / (ARBOR_BITMAP_BLOCK / 64) * 4, &count, 4);
        }
      n_ones += count_word (&self, word);
    }
  return n_ones;
}

gboolean
arbor_bitmap_check (const ArborBitmap *self, guint32 n_ones)
{
  guint32 n_words = (guint32) (arbor_bitmap_words_size (self->n_bits) / 8);
  guint32 ones = 0;

  for (guint32 word = 0; word < n_words; word++)
    {
      if (word % (ARBOR_BITMAP_BLOCK / 64) == 0 &&
          arbor_bitmap_rank (self, word * 64) != ones)
        return FALSE;
      ones += count_word (self, word);
    }
  if (self->n_bits % 64 != 0 &&
      arbor_bitmap_word (self, n_words - 1) >> (self->n_bits % 64) != 0)
    return FALSE;
  return ones == n_ones;
}
