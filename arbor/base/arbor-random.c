/* See arbor-random.h. */

#include "base/arbor-random.h"

static guint64
rotate_left (guint64 word, guint n)
{
  return (word << n) | (word >> (64 - n));
}

/* One step of SplitMix64. */
static guint64
split_mix (guint64 *state)
{
  guint64 z = *state += G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  return z ^ (z >> 31);
}

void
arbor_random_init (ArborRandom *self, guint64 seed)
{
  for (guint i = 0; i < 4; i++)
    self->state[i] = split_mix (&seed);
}

guint64
arbor_random_next (ArborRandom *self)
{
  guint64 *s = self->state;
  guint64 result = rotate_left (s[1] * 5, 7) * 9;
  guint64 shifted = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = rotate_left (s[3], 45);
  return result;
}

guint64
arbor_random_below (ArborRandom *self, guint64 n)
{
  /* 2^64 mod n: drawing again below it leaves a multiple of n of equally likely numbers. */
  guint64 least = -n % n;
  guint64 drawn;

  do
    drawn = arbor_random_next (self);
  while (drawn < least);
  return drawn % n;
}

guint64
arbor_random_draw_seed (void)
{
  return (((guint64) g_random_int () << 32) | g_random_int ()) >> 11;
}
