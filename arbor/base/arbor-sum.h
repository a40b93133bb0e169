/* An exact sum in few bytes, for millions of them: that of integers in 64 bits, that of doubles as two
 * doubles that together have no rounding error. What does not fit spreads into a superaccumulator
 * (arbor-exact-sum.h) on the heap, so that results are those of one, whatever the order.
 */

#pragma once

#include "base/arbor-exact-sum.h"

G_BEGIN_DECLS

typedef struct _ArborSpreadSum ArborSpreadSum;

/* All zero: nothing. */
typedef struct
{
  union
  {
    gint64 integers;
    ArborSpreadSum *spread; /* with is_spread: all of it */
  };
  double high, low; /* the doubles */
  guint64 n : 60;   /* numbers */
  guint64 is_spread : 1;
  guint64 has_double : 1;
  guint64 has_unsigned : 1;
  guint64 has_others : 1; /* the owner's: something was left out */
} ArborSum;

void arbor_sum_clear (ArborSum *self);
gsize arbor_sum_get_size (const ArborSum *self); /* bytes on the heap */

/* @n integers, or one. */
void arbor_sum_add_integers (ArborSum *self, guint64 n, __int128 sum, gboolean is_unsigned);
void arbor_sum_add_real (ArborSum *self, double number);
void arbor_sum_add_reals (ArborSum *self, const double *numbers, gsize n);
/* All that @other has added. */
void arbor_sum_merge (ArborSum *self, const ArborSum *other);
/* The square of a double, and of an integer whose magnitude is given. */
void arbor_sum_add_square (ArborSum *self, double number);
void arbor_sum_add_integer_square (ArborSum *self, guint64 magnitude);
void arbor_sum_add_squares (ArborSum *self, const double *numbers, gsize n);

/* Of the integers alone. */
__int128 arbor_sum_get_integers (const ArborSum *self);
/* The double nearest to the sum divided by @n, which is not 0. */
double arbor_sum_divide (const ArborSum *self, guint64 n);
double arbor_sum_get_variance (const ArborSum *self, const ArborSum *squares, gboolean is_root);

G_END_DECLS
