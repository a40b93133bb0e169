/* See arbor-batch-pack.h. Each loop is one that the compiler vectorises: no exit in the middle, one
 * width of store.
 */

#include "batch/arbor-batch-pack.h"

#include <string.h>

#include "base/arbor-simd.h"

#define IMPLEMENT_RANGE(name, type)                                                                \
  ARBOR_TARGET_CLONES                                                                              \
  static gboolean name (const type *numbers, gsize n, type *low, type *high)                       \
  {                                                                                                \
    type least = numbers[0], most = numbers[0];                                                    \
    guint64 descents = 0;                                                                          \
                                                                                                   \
    for (gsize i = 1; i < n; i++)                                                                  \
      {                                                                                            \
        least = MIN (least, numbers[i]);                                                           \
        most = MAX (most, numbers[i]);                                                             \
        descents |= numbers[i] < numbers[i - 1];                                                   \
      }                                                                                            \
    *low = least;                                                                                  \
    *high = most;                                                                                  \
    return descents == 0;                                                                          \
  }

IMPLEMENT_RANGE (find_range_signed, gint64)
IMPLEMENT_RANGE (find_range_unsigned, guint64)

gboolean
arbor_pack_range_signed (const gint64 *numbers, gsize n, gint64 *low, gint64 *high)
{
  return find_range_signed (numbers, n, low, high);
}

gboolean
arbor_pack_range_unsigned (const guint64 *numbers, gsize n, guint64 *low, guint64 *high)
{
  return find_range_unsigned (numbers, n, low, high);
}

ARBOR_TARGET_CLONES
static void
pack_words_1 (guint8 *restrict out, const guint64 *restrict numbers, gsize n, guint64 low)
{
  for (gsize i = 0; i < n; i++)
    out[i] = (guint8) (numbers[i] - low);
}

ARBOR_TARGET_CLONES
static void
pack_words_2 (guint16 *restrict out, const guint64 *restrict numbers, gsize n, guint64 low)
{
  for (gsize i = 0; i < n; i++)
    out[i] = GUINT16_TO_LE ((guint16) (numbers[i] - low));
}

ARBOR_TARGET_CLONES
static void
pack_words_4 (guint32 *restrict out, const guint64 *restrict numbers, gsize n, guint64 low)
{
  for (gsize i = 0; i < n; i++)
    out[i] = GUINT32_TO_LE ((guint32) (numbers[i] - low));
}

/* Lanes lie at multiples of 64 of the finished batch, and no buffer at an odd address. */
void
arbor_pack_words (guint8 *out, guint width, const guint64 *numbers, gsize n, guint64 low)
{
  switch (width)
    {
    case 1:
      pack_words_1 (out, numbers, n, low);
      break;
    case 2:
      pack_words_2 ((guint16 *) (gpointer) out, numbers, n, low);
      break;
    case 4:
      pack_words_4 ((guint32 *) (gpointer) out, numbers, n, low);
      break;
    default:
      for (gsize i = 0; i < n; i++)
        {
          guint64 number = GUINT64_TO_LE (numbers[i] - low);

          memcpy (out + i * 8, &number, 8);
        }
      break;
    }
}

ARBOR_TARGET_CLONES
static void
pack_u32_1 (guint8 *restrict out, const guint32 *restrict numbers, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = (guint8) numbers[i];
}

ARBOR_TARGET_CLONES
static void
pack_u32_2 (guint16 *restrict out, const guint32 *restrict numbers, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = GUINT16_TO_LE ((guint16) numbers[i]);
}

void
arbor_pack_u32 (guint8 *out, guint width, const guint32 *numbers, gsize n)
{
  if (width == 1)
    pack_u32_1 (out, numbers, n);
  else if (width == 2)
    pack_u32_2 ((guint16 *) (gpointer) out, numbers, n);
  else
    for (gsize i = 0; i < n; i++)
      {
        guint32 number = GUINT32_TO_LE (numbers[i]);

        memcpy (out + i * 4, &number, 4);
      }
}

ARBOR_TARGET_CLONES
static guint32
find_max (const guint32 *numbers, gsize n)
{
  guint32 most = 0;

  for (gsize i = 0; i < n; i++)
    most = MAX (most, numbers[i]);
  return most;
}

guint32
arbor_pack_max_u32 (const guint32 *numbers, gsize n)
{
  return find_max (numbers, n);
}

static guint64
gather_bits (const guint8 *bytes, gsize n, guint8 value)
{
  guint64 word = 0;

  for (gsize i = 0; i < n; i++)
    word |= (guint64) (bytes[i] == value) << i;
  return word;
}

ARBOR_TARGET_CLONES
static void
pack_bits (guint8 *out, const guint8 *bytes, gsize n, guint8 value)
{
  for (gsize i = 0; i < n; i += 64, out += 8)
    {
      guint64 word = GUINT64_TO_LE (gather_bits (bytes + i, MIN (n - i, 64), value));

      memcpy (out, &word, 8);
    }
}

void
arbor_pack_bits (guint8 *out, const guint8 *bytes, gsize n, guint8 value)
{
  pack_bits (out, bytes, n, value);
}
