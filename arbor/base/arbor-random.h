/* Random numbers that are the same on every machine, for ever, for the same seed: xoshiro256**, its
 * state filled by SplitMix64 (D. Blackman and S. Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", 2021; https://prng.di.unimi.it/). Not for secrets. One thread.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 state[4]; /* never all zero */
} ArborRandom;

void arbor_random_init (ArborRandom *self, guint64 seed);
guint64 arbor_random_next (ArborRandom *self);
/* Uniform in [0, n); n is not 0. */
guint64 arbor_random_below (ArborRandom *self, guint64 n);

/* A seed nobody can foresee, below 2^53: every language writes it exactly. */
guint64 arbor_random_draw_seed (void);

G_END_DECLS
