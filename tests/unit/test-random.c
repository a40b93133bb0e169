/* Random numbers: the published sequences, and how evenly they are spread. */

#include "base/arbor-random.h"

static void
test_sequence (void)
{
  /* The generator's authors' own program prints these for the state 1, 2, 3, 4. */
  static const guint64 plain[] = { 11520,
                                   0,
                                   1509978240,
                                   G_GUINT64_CONSTANT (1215971899390074240),
                                   G_GUINT64_CONSTANT (1216172134540287360),
                                   G_GUINT64_CONSTANT (607988272756665600) };
  static const guint64 seeded[] = { G_GUINT64_CONSTANT (1546998764402558742),
                                    G_GUINT64_CONSTANT (6990951692964543102),
                                    G_GUINT64_CONSTANT (12544586762248559009) };
  /* SplitMix64 from 1234567. */
  static const guint64 state[] = { G_GUINT64_CONSTANT (6457827717110365317),
                                   G_GUINT64_CONSTANT (3203168211198807973),
                                   G_GUINT64_CONSTANT (9817491932198370423),
                                   G_GUINT64_CONSTANT (4593380528125082431) };
  ArborRandom random = { { 1, 2, 3, 4 } };

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_assert_cmpuint (arbor_random_next (&random), ==, plain[i]);
  arbor_random_init (&random, 1234567);
  for (guint i = 0; i < G_N_ELEMENTS (state); i++)
    g_assert_cmpuint (random.state[i], ==, state[i]);
  arbor_random_init (&random, 42);
  for (guint i = 0; i < G_N_ELEMENTS (seeded); i++)
    g_assert_cmpuint (arbor_random_next (&random), ==, seeded[i]);
}

static void
test_below (void)
{
  guint counts[6] = { 0 };
  ArborRandom random;

  arbor_random_init (&random, 0);
  for (guint i = 0; i < 60000; i++)
    counts[arbor_random_below (&random, 6)]++;
  for (guint i = 0; i < 6; i++)
    g_assert_true (counts[i] > 9600 && counts[i] < 10400);
  for (guint i = 0; i < 100; i++)
    {
      g_assert_cmpuint (arbor_random_below (&random, 1), ==, 0);
      g_assert_cmpuint (arbor_random_below (&random, (G_GUINT64_CONSTANT (1) << 63) + 1), <=,
                        G_GUINT64_CONSTANT (1) << 63);
      g_assert_cmpuint (arbor_random_draw_seed (), <, G_GUINT64_CONSTANT (1) << 53);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/sequence", test_sequence);
  g_test_add_func ("/random/below", test_below);
  return g_test_run ();
}
