/* See arbor-kernel-loops.h.
 *
 * 64 values become 64 bytes of 0 or 1 in a loop that gcc vectorises, then these become one word.
 */

#include "query/series/arbor-kernel-loops.h"

#include "base/arbor-simd.h"

static inline guint64
pack (const guint8 *flags)
{
  guint64 word = 0;

  for (guint i = 0; i < 8; i++)
    {
      guint64 eight;

      memcpy (&eight, flags + 8 * i, 8);
      word |= ((eight * G_GUINT64_CONSTANT (0x0102040810204080)) >> 56) << (8 * i);
    }
  return word;
}

/* @test is an expression of p[i]. The last block may go past the buffer: it is copied. */
#define LOOP(type, test)                                                                           \
  for (guint32 word = 0; word < arbor_bits_n_words (n); word++)                                    \
    {                                                                                              \
      const type *p = values + (gsize) word * 64;                                                  \
      guint8 flags[64];                                                                            \
      type last[64] = { 0 };                                                                       \
                                                                                                   \
      if (G_UNLIKELY (n - word * 64 < 64))                                                         \
        {                                                                                          \
          memcpy (last, p, (n - word * 64) * sizeof (type));                                       \
          p = last;                                                                                \
        }                                                                                          \
      for (guint i = 0; i < 64; i++)                                                               \
        flags[i] = (test);                                                                         \
      bits[word] = pack (flags);                                                                   \
    }                                                                                              \
  if (n % 64 != 0)                                                                                 \
    bits[n / 64] &= arbor_bits_last_mask (n);

#define DEFINE_RANGE(type)                                                                         \
  ARBOR_TARGET_CLONES                                                                              \
  static void range_##type (const type *values, guint32 n, type first, type span, guint64 *bits)   \
  {                                                                                                \
    LOOP (type, (type) (p[i] - first) <= span)                                                     \
  }

DEFINE_RANGE (guint8)
DEFINE_RANGE (guint16)
DEFINE_RANGE (guint32)
DEFINE_RANGE (guint64)

ARBOR_TARGET_CLONES
static void
range_double (const double *values, guint32 n, double first, double last_value, guint64 *bits)
{
  LOOP (double, (p[i] >= first) & (p[i] <= last_value))
}

/* Batches that lie where they should are aligned; others are copied when they are opened, so a
 * buffer is always aligned for its numbers. */
void
arbor_loop_range (const guint8 *numbers, guint width, guint32 n, guint64 first, guint64 span,
                  guint64 *bits)
{
  gconstpointer values = numbers;

  switch (width)
    {
    case 1:
      range_guint8 (values, n, (guint8) first, (guint8) span, bits);
      break;
    case 2:
      range_guint16 (values, n, (guint16) first, (guint16) span, bits);
      break;
    case 4:
      range_guint32 (values, n, (guint32) first, (guint32) span, bits);
      break;
    default:
      range_guint64 (values, n, first, span, bits);
      break;
    }
}

void
arbor_loop_doubles (const guint8 *numbers, guint32 n, double first, double last, guint64 *bits)
{
  range_double ((const double *) (gconstpointer) numbers, n, first, last, bits);
}

#define DEFINE_TABLE(type)                                                                         \
  static void table_##type (const type *values, guint32 n, const guint8 *table, guint32 n_table,   \
                            guint64 *bits)                                                         \
  {                                                                                                \
    LOOP (type, p[i] < n_table ? table[p[i]] : 0)                                                  \
  }

DEFINE_TABLE (guint8)
DEFINE_TABLE (guint16)
DEFINE_TABLE (guint32)

void
arbor_loop_table (const guint8 *codes, guint width, guint32 n, const guint8 *table,
                  guint32 n_table, guint64 *bits)
{
  gconstpointer values = codes;

  if (width == 1)
    table_guint8 (values, n, table, n_table, bits);
  else if (width == 2)
    table_guint16 (values, n, table, n_table, bits);
  else
    table_guint32 (values, n, table, n_table, bits);
}

/* Searching */

#define SAMPLE 512u

/* Chooses the bytes of the needle that are rarest among some of the haystack. */
static void
choose_probes (ArborNeedle *self, const guint8 *bytes, guint32 size)
{
  guint16 counts[256] = { 0 };
  guint32 step = MAX (size / SAMPLE, 1) | 1;

  for (guint32 i = 0; i < size; i += step)
    counts[bytes[i]]++;
  self->n_probes = MIN (self->length, G_N_ELEMENTS (self->offsets));
  for (guint k = 0; k < self->n_probes; k++)
    {
      guint32 best = G_MAXUINT32;

      for (guint32 i = 0; i < MIN (self->length, 256); i++)
        {
          gboolean is_taken = FALSE;

          for (guint j = 0; j < k; j++)
            is_taken |= self->offsets[j] == i;
          if (!is_taken && (best == G_MAXUINT32 || counts[(guint8) self->text[i]] <=
                                                       counts[(guint8) self->text[best]]))
            best = i;
        }
      self->offsets[k] = best;
    }
  for (guint k = self->n_probes; k < G_N_ELEMENTS (self->offsets); k++)
    self->offsets[k] = self->offsets[0];
  self->is_ready = TRUE;
}

/* The next block of 64 places at which a needle may begin, all of which can be read: *@from becomes
 * its first place; which of the places are candidates. 0: there is none. */
ARBOR_TARGET_CLONES
static guint64
find_block (const guint8 *bytes, guint32 end, guint32 *from, const guint8 *probes,
            const guint32 *offsets)
{
  const guint8 a = probes[0], b = probes[1], c = probes[2], d = probes[3];

  for (guint32 at = *from; at < end && end - at >= 64; at += 64)
    {
      const guint8 *pa = bytes + at + offsets[0];
      const guint8 *pb = bytes + at + offsets[1];
      const guint8 *pc = bytes + at + offsets[2];
      const guint8 *pd = bytes + at + offsets[3];
      guint8 flags[64];
      guint8 any = 0;

      for (guint i = 0; i < 64; i++)
        {
          flags[i] = (pa[i] == a) & (pb[i] == b) & (pc[i] == c) & (pd[i] == d);
          any |= flags[i];
        }
      if (any != 0)
        {
          *from = at;
          return pack (flags);
        }
      *from = at + 64;
    }
  return 0;
}

guint32
arbor_needle_find (ArborNeedle *self, const guint8 *bytes, guint32 size, guint32 from)
{
  guint8 probes[4];
  guint32 end; /* places at which it may begin */
  guint32 at = from;
  guint64 places;

  if (size < self->length || from > size - self->length)
    return size;
  if (!self->is_ready)
    choose_probes (self, bytes, size);
  for (guint k = 0; k < G_N_ELEMENTS (probes); k++)
    probes[k] = (guint8) self->text[self->offsets[k]];

  end = size - self->length + 1;
  while ((places = find_block (bytes, end, &at, probes, self->offsets)) != 0)
    {
      for (; places != 0; places &= places - 1)
        {
          guint32 place = at + (guint32) __builtin_ctzll (places);

          if (memcmp (bytes + place, self->text, self->length) == 0)
            return place;
        }
      at += 64;
    }
  for (; at < end; at++)
    if (bytes[at + self->offsets[0]] == probes[0] &&
        memcmp (bytes + at, self->text, self->length) == 0)
      return at;
  return size;
}
