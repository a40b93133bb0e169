/* The query memory: limits, charges, growing, what the environment says. */

#include <stdlib.h>
#include <string.h>

#include "base/arbor-budget.h"
#include "base/arbor-error.h"

static void
test_charge (void)
{
  g_autoptr (GError) error = NULL;
  ArborCharge a = { .operation = "sort_by" };
  ArborCharge b = { .operation = "group_by" };

  arbor_budget_set_limit (1000);
  g_assert_cmpuint (arbor_budget_get_limit (), ==, 1000);
  g_assert_true (arbor_charge_add (&a, 600, &error));
  g_assert_false (arbor_charge_add (&b, 401, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==,
                   "'group_by' needs at least 401 bytes of query memory; its limit is 1000 bytes, "
                   "of which other computations use 600; set_query_memory or the environment "
                   "variable ARBOR_QUERY_MEMORY raises it");
  g_clear_error (&error);
  g_assert_true (arbor_charge_add (&b, 400, &error));
  g_assert_cmpuint (arbor_budget_get_used (), ==, 1000);
  g_assert_false (arbor_charge_add (&b, G_MAXUINT64, NULL));
  arbor_charge_subtract (&a, 100);
  g_assert_true (arbor_charge_add (&b, 100, &error));
  arbor_budget_set_limit (10); /* below what is used */
  g_assert_false (arbor_charge_add (&b, 0, &error));
  arbor_charge_release (&a);
  arbor_charge_release (&b);
  g_assert_cmpuint (arbor_budget_get_used (), ==, 0);
  arbor_budget_set_limit (0);
}

static void
test_grow (void)
{
  g_autoptr (GError) error = NULL;
  ArborCharge charge = { .operation = "sort_by" };
  guint64 *items = NULL;
  gsize capacity = 0;
  gpointer nothing;

  arbor_budget_set_limit (100000);
  for (gsize i = 0; i < 1000; i++)
    {
      g_assert_true (arbor_charge_grow (&charge, &items, &capacity, i + 1, sizeof *items, &error));
      items[i] = i * i;
    }
  for (gsize i = 0; i < 1000; i++)
    g_assert_cmpuint (items[i], ==, i * i);
  g_assert_cmpuint (charge.n_bytes, ==, capacity * sizeof *items);

  g_assert_false (arbor_charge_grow (&charge, &items, &capacity, 100000, sizeof *items, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (arbor_charge_grow (&charge, &items, &capacity, G_MAXSIZE / 2, 8, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_null (arbor_charge_alloc (&charge, G_MAXSIZE / 8, 8, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_cmpuint (items[999], ==, 999 * 999);

  nothing = arbor_charge_alloc (&charge, 0, 8, NULL);
  g_assert_nonnull (nothing);
  g_free (nothing);
  g_free (items);
  arbor_charge_release (&charge);
  g_assert_cmpuint (arbor_budget_get_used (), ==, 0);
  arbor_budget_set_limit (0);
}

/* The environment is read once a process: each case is a child. */
static void
test_environment (void)
{
  static const struct
  {
    const char *text;
    guint64 n_bytes;
  } cases[] = {
    { "1", 1 },
    { "5000", 5000 },
    { "64K", 65536 },
    { "3m", 3u << 20 },
    { "1G", 1u << 30 },
    { "2T", G_GUINT64_CONSTANT (2) << 40 },
    { "0", 0 },
    { "", 0 },
    { "-1", 0 },
    { "1KB", 0 },
    { "x", 0 },
    { "99999999999999999999", 0 },
    { "18446744073709551614T", 0 },
  };

  if (g_test_subprocess ())
    {
      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      g_print ("limit %" G_GUINT64_FORMAT "\n", arbor_budget_get_limit ());
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = g_strdup_printf ("*limit %" G_GUINT64_FORMAT "\n*", cases[i].n_bytes);

      g_setenv ("ARBOR_QUERY_MEMORY", cases[i].text, TRUE);
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      if (cases[i].n_bytes != 0)
        g_test_trap_assert_stdout (line);
      else
        g_test_trap_assert_stderr ("*ignored*");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/budget/charge", test_charge);
  g_test_add_func ("/budget/grow", test_grow);
  g_test_add_func ("/budget/environment", test_environment);
  return g_test_run ();
}
