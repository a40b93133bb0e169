/* Exact sums against 128-bit integers, and against themselves in another order or split otherwise. */

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/arbor-exact-sum.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ArborExactSum, arbor_exact_sum_clear)

#define N_MAX 3000u

static gboolean
is_same (double a, double b)
{
  return memcmp (&a, &b, sizeof a) == 0 || (a == 0 && b == 0);
}

#define assert_same(a, b)                                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    double x_ = (a), y_ = (b);                                                                     \
    if (!is_same (x_, y_))                                                                         \
      g_error ("%s:%d: %a is not %a", __FILE__, __LINE__, x_, y_);                                 \
  }                                                                                                \
  G_STMT_END

static double
draw (guint kind)
{
  double unit = g_test_rand_double_range (-1, 1);

  switch (kind)
    {
    case 0: /* near each other */
      return 1e12 + unit;
    case 1: /* all over the range */
      return ldexp (unit, g_test_rand_int_range (-1080, 1020));
    case 2: /* halves of the last place, which tie */
      return ldexp ((double)g_test_rand_int_range (-8, 9), g_test_rand_int_range (-2, 56));
    case 3:
      return ldexp (unit, -1060); /* below the least normal one */
    default:
      return g_test_rand_bit () ? DBL_MAX : -DBL_MAX;
    }
}

static void
shuffle (double *numbers, gsize n)
{
  for (gsize i = n; i > 1; i--)
    {
      gsize j = (gsize)g_test_rand_int_range (0, (gint32)i);
      double kept = numbers[i - 1];

      numbers[i - 1] = numbers[j];
      numbers[j] = kept;
    }
}

/* The sum of [0, n), added in parts of any size by either function, merged in any order. */
static void
add_in_parts (ArborExactSum *sum, ArborExactSum *squares, const double *numbers, gsize n)
{
  for (gsize start = 0, end; start < n; start = end)
    {
      g_auto (ArborExactSum) part = { { 0 } };
      gboolean is_first = g_test_rand_bit ();
      gsize size = (gsize)g_test_rand_int_range (1, 700);

      end = MIN (n, start + size);
      if (g_test_rand_bit ())
        arbor_exact_sum_add_many (&part, numbers + start, end - start);
      else
        for (gsize i = start; i < end; i++)
          arbor_exact_sum_add (&part, numbers[i]);
      for (gsize i = start; i < end; i++)
        arbor_exact_sum_add_square (squares, numbers[i]);
      if (is_first)
        {
          /* The other way round. */
          ArborExactSum kept = *sum;

          arbor_exact_sum_merge (&part, &kept);
          arbor_exact_sum_clear (sum);
          *sum = part;
          memset (&part, 0, sizeof part);
        }
      else
        arbor_exact_sum_merge (sum, &part);
    }
}

static void
test_any_order (void)
{
  g_autofree double *numbers = g_new (double, N_MAX);

  for (guint round = 0; round < 300; round++)
    {
      gsize n = (gsize)g_test_rand_int_range (2, round % 5 == 0 ? (gint32)N_MAX : 40);
      g_auto (ArborExactSum) first = { { 0 } }, first_squares = { { 0 } };
      guint64 divisor = (guint64)g_test_rand_int_range (1, G_MAXINT32);

      for (gsize i = 0; i < n; i++)
        numbers[i] = draw (round % 6 < 5 ? round % 6 : (guint)g_test_rand_int_range (0, 5));
      add_in_parts (&first, &first_squares, numbers, n);
      for (guint again = 0; again < 3; again++)
        {
          g_auto (ArborExactSum) sum = { { 0 } }, squares = { { 0 } };

          shuffle (numbers, n);
          add_in_parts (&sum, &squares, numbers, n);
          assert_same (arbor_exact_sum_divide (&sum, 1), arbor_exact_sum_divide (&first, 1));
          assert_same (arbor_exact_sum_divide (&sum, divisor),
                       arbor_exact_sum_divide (&first, divisor));
          for (guint is_root = 0; is_root < 2; is_root++)
            assert_same (
                arbor_exact_sum_get_variance (&sum, &squares, n, (gboolean)is_root),
                arbor_exact_sum_get_variance (&first, &first_squares, n, (gboolean)is_root));
        }

      /* Less each of them nothing is left, to the last bit. */
      for (gsize i = 0; i < n; i++)
        arbor_exact_sum_add (&first, -numbers[i]);
      assert_same (arbor_exact_sum_divide (&first, 1), 0);
    }
}

/* Doubles that are multiples of 2^-40 add up in 128 bits, which gcc rounds to nearest. */
static void
test_against_integers (void)
{
  for (guint round = 0; round < 500; round++)
    {
      g_auto (ArborExactSum) sum = { { 0 } };
      __int128 exact = 0;
      guint n = (guint)g_test_rand_int_range (1, 900);
      g_autofree double *numbers = g_new (double, n);

      for (guint i = 0; i < n; i++)
        {
          gint64 number = g_test_rand_int_range (-G_MAXINT32, G_MAXINT32) *
                          (G_GINT64_CONSTANT (1) << g_test_rand_int_range (0, 22));

          numbers[i] = ldexp ((double)number, -40);
          exact += number;
        }
      arbor_exact_sum_add_many (&sum, numbers, n);
      assert_same (arbor_exact_sum_divide (&sum, 1), ldexp ((double)exact, -40));
      assert_same (arbor_exact_sum_divide (&sum, 1u << 20), ldexp ((double)exact, -60));
    }
}

static void
test_integers (void)
{
  for (guint round = 0; round < 500; round++)
    {
      g_auto (ArborExactSum) sum = { { 0 } };
      __int128 exact = 0;

      for (guint i = 0; i < 50; i++)
        {
          guint64 bits = (guint64)(guint32)g_test_rand_int () << 32 | (guint32)g_test_rand_int ();
          gboolean is_signed = g_test_rand_bit ();
          __int128 number = is_signed ? (__int128)(gint64)bits : (__int128)bits;

          arbor_exact_sum_add_integer (&sum, number);
          exact += number;
        }
      assert_same (arbor_exact_sum_divide (&sum, 1), (double)exact);
      arbor_exact_sum_add_integer (&sum, -exact);
      assert_same (arbor_exact_sum_divide (&sum, 1), 0);
    }
}

static void
test_edges (void)
{
  g_auto (ArborExactSum) sum = { { 0 } }, squares = { { 0 } }, empty = { { 0 } };
  const double least = 4.9406564584124654e-324;

  assert_same (arbor_exact_sum_divide (&sum, 1), 0);
  arbor_exact_sum_merge (&sum, &empty);
  assert_same (arbor_exact_sum_divide (&sum, 7), 0);

  /* Past the range on the way, within at the end; infinite where the sum is. */
  for (guint i = 0; i < 1000; i++)
    arbor_exact_sum_add (&sum, DBL_MAX);
  assert_same (arbor_exact_sum_divide (&sum, 1), INFINITY);
  assert_same (arbor_exact_sum_divide (&sum, 1000), DBL_MAX);
  arbor_exact_sum_add_times (&sum, -DBL_MAX, 999);
  assert_same (arbor_exact_sum_divide (&sum, 1), DBL_MAX);
  arbor_exact_sum_add (&sum, least);
  assert_same (arbor_exact_sum_divide (&sum, 1), DBL_MAX);
  arbor_exact_sum_add (&sum, -DBL_MAX);
  assert_same (arbor_exact_sum_divide (&sum, 1), least);

  /* Half of the least double: ties to even, so nothing; a little more is the least. */
  assert_same (arbor_exact_sum_divide (&sum, 2), 0);
  arbor_exact_sum_add_times (&sum, least, 2);
  assert_same (arbor_exact_sum_divide (&sum, 2), 2 * least);
  arbor_exact_sum_clear (&sum);
  assert_same (arbor_exact_sum_divide (&sum, 1), 0);

  /* The greatest and the least double squared, beside each other. */
  arbor_exact_sum_add (&sum, DBL_MAX);
  arbor_exact_sum_add (&sum, -DBL_MAX);
  arbor_exact_sum_add_square (&squares, DBL_MAX);
  arbor_exact_sum_add_square (&squares, -DBL_MAX);
  g_assert_true (isinf (arbor_exact_sum_get_variance (&sum, &squares, 2, FALSE)));
  g_assert_true (isinf (arbor_exact_sum_get_variance (&sum, &squares, 2, TRUE)));
  arbor_exact_sum_clear (&sum);
  arbor_exact_sum_clear (&squares);
  arbor_exact_sum_add (&sum, least);
  arbor_exact_sum_add_square (&squares, least);
  arbor_exact_sum_add_square (&squares, 0);
  assert_same (arbor_exact_sum_get_variance (&sum, &squares, 2, FALSE), 0);
  assert_same (arbor_exact_sum_get_variance (&sum, &squares, 2, TRUE), least); /* 0.7 of it */
}

/* What is no number spoils every result, and that is kept by merging. */
static void
test_endless (void)
{
  static const double specials[] = { INFINITY, -INFINITY, NAN };

  for (guint i = 0; i < G_N_ELEMENTS (specials); i++)
    {
      g_auto (ArborExactSum) sum = { { 0 } }, squares = { { 0 } }, other = { { 0 } };
      double numbers[600];

      for (guint j = 0; j < G_N_ELEMENTS (numbers); j++)
        numbers[j] = j == 300 ? specials[i] : 1;
      arbor_exact_sum_add_many (&other, numbers, G_N_ELEMENTS (numbers));
      g_assert_true (isnan (arbor_exact_sum_divide (&other, 1)));
      arbor_exact_sum_add (&sum, 1);
      arbor_exact_sum_merge (&sum, &other);
      g_assert_true (isnan (arbor_exact_sum_divide (&sum, 3)));
      g_assert_true (isnan (arbor_exact_sum_get_variance (&sum, &squares, 2, TRUE)));
      arbor_exact_sum_clear (&sum);
      arbor_exact_sum_add (&sum, 1);
      assert_same (arbor_exact_sum_divide (&sum, 1), 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exact-sum/any-order", test_any_order);
  g_test_add_func ("/exact-sum/against-integers", test_against_integers);
  g_test_add_func ("/exact-sum/integers", test_integers);
  g_test_add_func ("/exact-sum/edges", test_edges);
  g_test_add_func ("/exact-sum/endless", test_endless);
  return g_test_run ();
}
