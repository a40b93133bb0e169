/* Sums in few bytes: whatever is added, in whatever order, results are those of a superaccumulator. */

#include "base/arbor-sum.h"

#include <math.h>
#include <string.h>

static void
assert_same (double a, double b)
{
  if (isnan (a) && isnan (b))
    return;
  g_assert_cmpmem (&a, sizeof a, &b, sizeof b);
}

/* A double of one of some sorts: with few digits, any at all, greatest, least, or nothing. */
static double
make_number (GRand *rand, guint sort)
{
  guint64 bits = (guint64)g_rand_int (rand) << 32 | g_rand_int (rand);
  double number;

  switch (sort)
    {
    case 0:
      return g_rand_int_range (rand, -100000, 100000) / 100.0;
    case 1:
      return g_rand_double (rand) - 0.5;
    case 2:
      return ldexp (g_rand_double (rand) - 0.5, g_rand_int_range (rand, -60, 60));
    case 3:
      return g_rand_boolean (rand) ? G_MAXDOUBLE : -G_MAXDOUBLE;
    case 4:
      return ldexp (g_rand_int_range (rand, -3, 3), -1074);
    case 5:
      return g_rand_boolean (rand) ? -0.0 : 0.0;
    case 6:
      return g_rand_int_range (rand, -3, 4);
    default:
      memcpy (&number, &bits, sizeof number);
      return number; /* infinite or none among them */
    }
}

#define N_SORTS 8

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint round = 0; round < 20000; round++)
    {
      guint sort = round % N_SORTS, n = 1 + round / N_SORTS % 90;
      ArborExactSum exact = { { 0 } }, exact_squares = { { 0 } };
      ArborSum sum = { { 0 } }, squares = { { 0 } };
      gboolean has_integers = round % 3 == 0;
      __int128 integers = 0;

      for (guint i = 0; i < n; i++)
        {
          double number = make_number (rand, sort);
          gint64 integer = has_integers ? (gint64)((guint64)g_rand_int (rand)
                                                   << g_rand_int_range (rand, 0, 32))
                                        : 0;

          arbor_exact_sum_add (&exact, number);
          arbor_exact_sum_add_square (&exact_squares, number);
          arbor_sum_add_real (&sum, number);
          arbor_sum_add_square (&squares, number);
          if (!has_integers)
            continue;
          integers += integer;
          arbor_exact_sum_add_integer (&exact, integer);
          arbor_exact_sum_add_integer_square (&exact_squares, (guint64)integer);
          arbor_sum_add_integers (&sum, 1, integer, FALSE);
          arbor_sum_add_integer_square (&squares, (guint64)integer);
        }
      g_assert_true (arbor_sum_get_integers (&sum) == integers);
      g_assert_cmpuint (sum.n, ==, has_integers ? 2 * n : n);
      assert_same (arbor_sum_divide (&sum, 1), arbor_exact_sum_divide (&exact, 1));
      assert_same (arbor_sum_divide (&sum, sum.n), arbor_exact_sum_divide (&exact, sum.n));
      assert_same (arbor_sum_divide (&sum, 3), arbor_exact_sum_divide (&exact, 3));
      if (sum.n > 1)
        assert_same (
            arbor_sum_get_variance (&sum, &squares, round % 2 == 0),
            arbor_exact_sum_get_variance (&exact, &exact_squares, sum.n, round % 2 == 0));
      arbor_sum_clear (&sum);
      arbor_sum_clear (&squares);
      arbor_exact_sum_clear (&exact);
      arbor_exact_sum_clear (&exact_squares);
    }
}

/* Quotients that lie next to where rounding turns. */
static void
test_halves (void)
{
  for (guint64 n = 1; n < 200; n++)
    for (gint i = -60; i <= 60; i += 3)
      {
        const double parts[] = { 1 + ldexp (1, -52), ldexp (1, -53), ldexp (1, i - 53),
                                 (double)n * (1 + ldexp (1, -52)), ldexp ((double)n, -53) };
        ArborExactSum exact = { { 0 } };
        ArborSum sum = { { 0 } };

        for (guint j = 0; j < G_N_ELEMENTS (parts); j++)
          {
            arbor_exact_sum_add (&exact, parts[j]);
            arbor_sum_add_real (&sum, parts[j]);
            assert_same (arbor_sum_divide (&sum, n), arbor_exact_sum_divide (&exact, n));
          }
        arbor_sum_clear (&sum);
        arbor_exact_sum_clear (&exact);
      }
}

static void
test_integers (void)
{
  ArborSum sum = { { 0 } };

  arbor_sum_add_integers (&sum, 1, G_MAXINT64, FALSE);
  g_assert_false (sum.is_spread);
  g_assert_cmpuint (arbor_sum_get_size (&sum), ==, 0);
  arbor_sum_add_integers (&sum, 2, 2 * (__int128)G_MAXUINT64, TRUE);
  g_assert_true (sum.has_unsigned);
  g_assert_cmpuint (arbor_sum_get_size (&sum), >, 0);
  g_assert_true (arbor_sum_get_integers (&sum) == G_MAXINT64 + 2 * (__int128)G_MAXUINT64);
  arbor_sum_add_integers (&sum, 1, -2 * (__int128)G_MAXUINT64, TRUE);
  g_assert_true (arbor_sum_get_integers (&sum) == G_MAXINT64);
  g_assert_cmpuint (sum.n, ==, 4);
  arbor_sum_clear (&sum);
  g_assert_cmpuint (sum.n, ==, 0);
}

/* Many at once are many one by one. */
static void
test_many (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);
  double numbers[1000];
  ArborSum sum = { { 0 } }, other = { { 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    numbers[i] = make_number (rand, i % 3);
  arbor_sum_add_reals (&sum, numbers, 5);
  arbor_sum_add_reals (&sum, numbers + 5, 800);
  arbor_sum_add_reals (&sum, numbers + 805, 195);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    arbor_sum_add_real (&other, numbers[999 - i]);
  assert_same (arbor_sum_divide (&sum, 1000), arbor_sum_divide (&other, 1000));
  arbor_sum_clear (&sum);
  arbor_sum_clear (&other);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sum/random", test_random);
  g_test_add_func ("/sum/halves", test_halves);
  g_test_add_func ("/sum/integers", test_integers);
  g_test_add_func ("/sum/many", test_many);
  return g_test_run ();
}
