/* See arbor-lane-items.h. */

#include "batch/arbor-lane-items.h"

#include "base/arbor-simd.h"

#define DEFINE_WIDEN(bits)                                                                         \
  ARBOR_TARGET_CLONES                                                                              \
  static void widen_##bits (gint64 *out, const guint##bits *numbers, gsize n, guint64 min)         \
  {                                                                                                \
    for (gsize i = 0; i < n; i++)                                                                  \
      out[i] = (gint64) (min + numbers[i]);                                                        \
  }

DEFINE_WIDEN (8)
DEFINE_WIDEN (16)
DEFINE_WIDEN (32)
DEFINE_WIDEN (64)

void
arbor_lane_widen (const ArborLane *self, gint64 *out)
{
  gconstpointer numbers = self->a;
  guint64 min = self->record->min;

  switch (self->record->width)
    {
    case 0:
      for (gsize i = 0; i < self->count; i++)
        out[i] = (gint64) min;
      break;
    case 1:
      widen_8 (out, numbers, self->count, min);
      break;
    case 2:
      widen_16 (out, numbers, self->count, min);
      break;
    case 4:
      widen_32 (out, numbers, self->count, min);
      break;
    default:
      widen_64 (out, numbers, self->count, min);
      break;
    }
}

ARBOR_TARGET_CLONES
static void
to_reals (double *out, const gint64 *integers, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = (double) integers[i];
}

void
arbor_items_to_reals (double *out, const gint64 *integers, gsize n)
{
  to_reals (out, integers, n);
}

#define DEFINE_SCATTER(bits)                                                                       \
  void arbor_items_scatter_##bits (guint##bits *out, const guint##bits *items,                     \
                                   const guint64 *rows, gsize n_rows)                              \
  {                                                                                                \
    for (gsize word = 0; word < arbor_bits_n_words (n_rows); word++, out += 64)                    \
      {                                                                                            \
        if (rows[word] == G_MAXUINT64)                                                             \
          {                                                                                        \
            memcpy (out, items, 64 * sizeof *out);                                                 \
            items += 64;                                                                           \
            continue;                                                                              \
          }                                                                                        \
        for (guint64 left = rows[word]; left != 0; left &= left - 1)                               \
          out[__builtin_ctzll (left)] = *items++;                                                  \
      }                                                                                            \
  }

DEFINE_SCATTER (8)
DEFINE_SCATTER (32)
DEFINE_SCATTER (64)
