/* Column data as it grows row by row, where nobody knows how many rows there will be: each row
 * stays what it was when the layout changes. (Whole columns are in test-column.c.)
 */

#include "query/column/arbor-column-data.h"

#include "batch/arbor-value-access.h"

#define N_ROWS 3000

/* Nothing, a null, or a value that the layouts at @level know. */
static ArborValue
make_value (GRand *random, guint level)
{
  static const char *const texts[] = { "", "x", "yy" };
  guint text = (guint) g_rand_int_range (random, 0, G_N_ELEMENTS (texts));
  const ArborValue values[] = {
    ARBOR_VALUE_MISSING,
    ARBOR_VALUE_NULL,
    ARBOR_VALUE_INT64 (g_rand_int_range (random, 0, 1000)),
    ARBOR_VALUE_INT64 (-g_rand_int_range (random, 0, 1000)),
    ARBOR_VALUE_DOUBLE (g_rand_double (random)),
    ARBOR_VALUE_BOOL (g_rand_boolean (random)),
    ARBOR_VALUE_UINT64 (G_MAXUINT64),
    ARBOR_VALUE_STRING (texts[text], (guint32) text),
  };

  return values[g_rand_int_range (random, 0, (gint) MIN (level + 2, G_N_ELEMENTS (values)))];
}

static void
assert_row (const ArborColumnData *data, gsize row, const ArborValue *expected, ArborScope *scope)
{
  ArborValue value;

  arbor_column_data_get (data, row, scope, &value);
  g_assert_cmpint (value.kind, ==, expected->kind);
  g_assert_cmpint (arbor_value_compare (&value, expected, scope), ==, 0);
  arbor_scope_reset (scope);
}

/* The n-th round changes its layout after n rows, for the first time. */
static void
test_growing (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree ArborValue *expected = g_new (ArborValue, N_ROWS);

  for (guint round = 0; round < 60; round++)
    {
      g_autoptr (ArborColumnData) data = arbor_column_data_new ();
      gsize n_rows = MIN (N_ROWS, 10 + round * round);

      for (gsize i = 0; i < n_rows; i++)
        {
          expected[i] = make_value (random, (guint) (i / MAX (round, 1)));
          g_assert_true (arbor_column_data_append (data, &expected[i], scope, NULL));
          arbor_scope_reset (scope);
        }
      for (gsize i = 0; i < n_rows; i++)
        assert_row (data, i, &expected[i], scope);
      arbor_column_data_finish (data);
      g_assert_cmpuint (arbor_budget_get_used (), ==, 0);
      g_assert_cmpuint (g_bytes_get_size (data->kinds_bytes), ==, n_rows);
      for (gsize i = 0; i < n_rows; i++)
        assert_row (data, i, &expected[i], scope);
    }
}

/* Rows of one kind, then of another, at every length around those at which room is made. */
static void
test_two_kinds (void)
{
  static const ArborValue values[] = {
    { .kind = ARBOR_KIND_MISSING },
    { .kind = ARBOR_KIND_NULL },
    { .kind = ARBOR_KIND_BOOL, .boolean = TRUE },
    { .kind = ARBOR_KIND_INT64, .int64 = 5 },
    { .kind = ARBOR_KIND_DOUBLE, .real = 0.5 },
    { .kind = ARBOR_KIND_UINT64, .uint64 = G_MAXUINT64 },
  };
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint pair = 0; pair < G_N_ELEMENTS (values) * G_N_ELEMENTS (values); pair++)
    for (gsize n = 0; n < 150; n++)
      {
        g_autoptr (ArborColumnData) data = arbor_column_data_new ();
        const ArborValue *first = &values[pair % G_N_ELEMENTS (values)];
        const ArborValue *second = &values[pair / G_N_ELEMENTS (values)];

        for (gsize i = 0; i < n; i++)
          g_assert_true (arbor_column_data_append (data, first, scope, NULL));
        g_assert_true (arbor_column_data_append (data, second, scope, NULL));
        for (gsize i = 0; i < n; i++)
          assert_row (data, i, first, scope);
        assert_row (data, n, second, scope);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/column-data/growing", test_growing);
  g_test_add_func ("/column-data/two-kinds", test_two_kinds);
  return g_test_run ();
}
