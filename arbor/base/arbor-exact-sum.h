/* Exact sums of numbers, and of their squares: a superaccumulator (R. M. Neal, Fast exact summation
 * using small and large superaccumulators, 2015). Nothing is rounded until a result is asked for, and
 * that once. So neither the order of the numbers nor how they are split among sums that are merged
 * can be seen in a result, and it is finite wherever the true one is.
 *
 * The sum is a row of limbs, limb i worth 2^32 times limb i - 1, from below the square of the
 * smallest double on. A limb has
 * 64 bits, so 2^30 numbers are added before carries must be passed on. Most sums touch a few limbs
 * next to each other, which lie in the struct; what spreads further takes all of them, on the heap.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ARBOR_EXACT_SUM_NEAR 8

typedef struct
{
  gint64 near[ARBOR_EXACT_SUM_NEAR]; /* limbs from first on, while all is NULL */
  gint64 *all;
  guint32 n_added; /* since carries were passed on */
  guint16 first;
  guint8 is_begun;   /* first is known */
  guint8 is_endless; /* a number was not finite */
} ArborExactSum;

/* An empty sum is all zeros. */
void arbor_exact_sum_clear (ArborExactSum *self);
gsize arbor_exact_sum_get_size (const ArborExactSum *self); /* bytes on the heap */

/* What is not finite makes every result NAN. */
void arbor_exact_sum_add (ArborExactSum *self, double number);
void arbor_exact_sum_add_many (ArborExactSum *self, const double *numbers, gsize n);
void arbor_exact_sum_add_integer (ArborExactSum *self, __int128 number);
/* @number times @factor. */
void arbor_exact_sum_add_times (ArborExactSum *self, double number, guint32 factor);
/* The square of it. */
void arbor_exact_sum_add_square (ArborExactSum *self, double number);
void arbor_exact_sum_add_integer_square (ArborExactSum *self, guint64 magnitude);
void arbor_exact_sum_merge (ArborExactSum *self, const ArborExactSum *other);

/* The double nearest to the sum divided by @n, which is not 0; infinite beyond the range. */
double arbor_exact_sum_divide (const ArborExactSum *self, guint64 n);
/* The sample variance, and its root, of @n numbers, at least 2, whose sums these are: nearest, but
 * for the root's own rounding. */
double arbor_exact_sum_get_variance (const ArborExactSum *self, const ArborExactSum *squares,
                                     guint64 n, gboolean is_root);

G_END_DECLS
