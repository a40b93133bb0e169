/* Accumulators: values that are gone by the time of the result, the same ones inside of an
 * expression, and exact results. */

#include "query/expr/arbor-aggregate.h"

#include "base/arbor-stop.h"
#include "query/expr/arbor-evaluator.h"

#include "kit/values.h"

static const struct
{
  const char *function, *values, *expected;
} rows[] = {
  { "count", "[]", "0" },
  { "count", "[1,null,\"x\",[],false]", "4" },
  { "sum", "[]", "0" },
  { "sum", "[null]", "0" },
  { "sum", "[1,2,3]", "6" },
  { "sum", "[1,2.5]", "3.5" },
  { "sum", "[1,\"2\"]", "null" },
  { "sum", "[1,true]", "null" },
  { "sum", "[9223372036854775807,1,-1]", "9223372036854775807" },
  { "sum", "[9223372036854775807,1]", "9.223372036854776e+18" },
  { "sum", "[9223372036854775808,1]", "9223372036854775809" },
  { "sum", "[-9223372036854775808,-1,1]", "-9223372036854775808" },
  { "sum", "[1e16,1.0,-1e16]", "1.0" },
  { "sum", "[1.0,1e100,1.0,-1e100]", "2.0" },
  { "sum", "[0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1]", "1.0" },
  { "sum", "[9007199254740993,0.0]", "9007199254740992.0" },
  { "sum", "[9007199254740993,1.0]", "9007199254740994.0" },
  { "sum", "[1e308,1e308]", "null" },
  { "sum", "[1e400,1]", "null" },
  { "mean", "[]", "null" },
  { "mean", "[1,2,null]", "1.5" },
  { "mean", "[9223372036854775807,9223372036854775807]", "9.223372036854776e+18" },
  { "mean", "[\"x\"]", "null" },
  { "min", "[]", "null" },
  { "min", "[3,1.0,1,2]", "1.0" },
  { "min", "[\"b\",\"a\",null]", "\"a\"" },
  { "min", "[\"b\",1,[0],true]", "true" },
  { "min", "[[2],[1,{\"a\":\"b\"}]]", "[1,{\"a\":\"b\"}]" },
  { "max", "[3,1,3.0]", "3" },
  { "max", "[\"\",\"a\"]", "\"a\"" },
  { "max", "[1e400,1e401,5]", "1e401" },
  { "max", "[1,{\"k\":[\"v\"]}]", "{\"k\":[\"v\"]}" },
  { "first", "[]", "null" },
  { "first", "[null,\"x\",2]", "\"x\"" },
  { "last", "[1,\"x\",{\"a\":1},null]", "{\"a\":1}" },
  { "any", "[]", "false" },
  { "any", "[false,1,null,true]", "true" },
  { "any", "[1,\"true\"]", "false" },
  { "all", "[]", "true" },
  { "all", "[true,null]", "true" },
  { "all", "[true,1]", "false" },
  { "var", "[1]", "null" },
  { "var", "[1,2,3,4]", "1.6666666666666667" },
  { "var", "[1000000000.0,1000000001.0,1000000002.0]", "1.0" },
  { "std", "[2,4,4,4,5,5,7,9,null]", "2.138089935299395" },
  { "std", "[1,\"x\",3]", "null" },
  { "std", "[5,5]", "0.0" },
  { "median", "[]", "null" },
  { "median", "[3,1,2]", "2.0" },
  { "median", "[4,1,3,2]", "2.5" },
  { "median", "[1,false]", "null" },
  { "quantile", "[1,2,3,4]", "1.75" }, /* of 0.25 */
  { "quantile", "[7]", "7.0" },
  { "quantile", "[-1.7e308,1.7e308]", "-8.499999999999999e+307" },
  { "n_unique", "[]", "0" },
  { "n_unique", "[1,1.0,true,\"1\",null,\"1\",[1],[1.0],{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]",
    "5" },
};

static const ArborFunction *
find (const char *name)
{
  const ArborFunction *function = arbor_function_find (name);

  g_assert_nonnull (function);
  g_assert_true (arbor_function_is_aggregate (function));
  return function;
}

/* One value at a time, each on a page that is written over before the next one comes. */
static char *
run_apart (const char *name, const char *values, ArborScope *scope)
{
  g_autoptr (ArborAggregate) aggregate = arbor_aggregate_new (find (name));
  Document *document = document_new (values);
  ArborValue array = document_on_tape (document);
  guint32 n = arbor_value_get_length (&array, scope);
  ArborValue result;

  arbor_aggregate_set_parameter (aggregate, &ARBOR_VALUE_DOUBLE (0.25));
  for (guint32 i = 0; i < n; i++)
    {
      ArborBuffer json = { NULL };
      ArborValue value;
      Document *one;

      arbor_value_get_element (&array, i, scope, &value);
      arbor_value_write_json (&value, scope, &json);
      arbor_buffer_append_byte (&json, 0);
      one = document_new ((const char *)json.data);
      value = document_on_tape (one);
      arbor_aggregate_add (aggregate, &value, scope);
      arbor_scope_reset (scope);
      document_free (one);
      arbor_buffer_free (&json);
    }
  document_free (document);
  arbor_aggregate_finish (aggregate, scope, &result);
  g_assert_cmpuint (arbor_aggregate_get_size (aggregate), >=, sizeof (ArborAggregate));
  return value_to_json (&result, scope);
}

static char *
run_in_expression (const char *name, const char *values, ArborScope *scope)
{
  g_autofree char *text =
      g_strdup_printf (strcmp (name, "quantile") == 0 ? "%s($, 0.25)" : "%s($)", name);
  g_autoptr (ArborNode) node = arbor_node_parse (text, NULL);
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
  Document *document = document_new (values);
  ArborValue array = document_on_tape (document);
  ArborValue result;
  char *json;

  arbor_evaluator_get_value_of (evaluator, &array, scope, &result);
  json = value_to_json (&result, scope);
  document_free (document);
  return json;
}

static void
test_rows (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *apart = run_apart (rows[i].function, rows[i].values, scope);
      g_autofree char *inside = run_in_expression (rows[i].function, rows[i].values, scope);

      if (strcmp (apart, rows[i].expected) != 0 || strcmp (inside, apart) != 0)
        g_error ("%s of %s: expected %s, found %s, and %s in an expression", rows[i].function,
                 rows[i].values, rows[i].expected, apart, inside);
    }
}

/* Against the plainest loop: sums of 64-bit integers, and how many of them differ. */
static void
test_many (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (ArborAggregate) sum = arbor_aggregate_new (find ("sum"));
  g_autoptr (ArborAggregate) unique = arbor_aggregate_new (find ("n_unique"));
  g_autoptr (ArborAggregate) texts = arbor_aggregate_new (find ("n_unique"));
  gint64 expected = 0;
  ArborValue result;

  for (guint i = 0; i < 20000; i++)
    {
      gint32 number = g_rand_int_range (random, -5000, 5000);
      char text[16];

      expected += number;
      g_hash_table_add (seen, GINT_TO_POINTER (number));
      arbor_aggregate_add (sum, &ARBOR_VALUE_INT64 (number), scope);
      arbor_aggregate_add (unique,
                           i % 2 == 0 ? &ARBOR_VALUE_INT64 (number) : &ARBOR_VALUE_DOUBLE (number),
                           scope);
      g_snprintf (text, sizeof text, "%d", number);
      arbor_aggregate_add (texts, &ARBOR_VALUE_STRING (text, (guint32)strlen (text)), scope);
    }
  arbor_aggregate_finish (sum, scope, &result);
  g_assert_cmpint (result.int64, ==, expected);
  arbor_aggregate_finish (unique, scope, &result);
  g_assert_cmpint (result.int64, ==, g_hash_table_size (seen));
  arbor_aggregate_finish (texts, scope, &result);
  g_assert_cmpint (result.int64, ==, g_hash_table_size (seen));
  g_assert_cmpuint (arbor_aggregate_get_size (texts), >, 20000);
}

static void
test_parameter (void)
{
  static const struct
  {
    ArborValue parameter;
    double expected; /* below 0: null */
  } cases[] = {
    { { .kind = ARBOR_KIND_INT64, .int64 = 0 }, 10 },
    { { .kind = ARBOR_KIND_INT64, .int64 = 1 }, 40 },
    { { .kind = ARBOR_KIND_DOUBLE, .real = 0.5 }, 25 },
    { { .kind = ARBOR_KIND_DOUBLE, .real = 1.5 }, -1 },
    { { .kind = ARBOR_KIND_DOUBLE, .real = -0.5 }, -1 },
    { { .kind = ARBOR_KIND_NULL }, -1 },
    { { .kind = ARBOR_KIND_BOOL, .boolean = TRUE }, -1 },
  };
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborAggregate) quantile = arbor_aggregate_new (find ("quantile"));
  ArborValue result;

  for (gint64 i = 4; i > 0; i--)
    g_assert_true (arbor_aggregate_add (quantile, &ARBOR_VALUE_INT64 (i * 10), scope));
  arbor_aggregate_finish (quantile, scope, &result);
  g_assert_cmpint (result.kind, ==, ARBOR_KIND_NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      arbor_aggregate_set_parameter (quantile, &cases[i].parameter);
      arbor_aggregate_finish (quantile, scope, &result);
      if (cases[i].expected < 0)
        g_assert_cmpint (result.kind, ==, ARBOR_KIND_NULL);
      else
        g_assert_cmpfloat (result.real, ==, cases[i].expected);
    }
}

/* What decides early says so. */
static void
test_early (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborAggregate) any = arbor_aggregate_new (find ("any"));
  g_autoptr (ArborAggregate) all = arbor_aggregate_new (find ("all"));
  g_autoptr (ArborAggregate) first = arbor_aggregate_new (find ("first"));

  g_assert_true (arbor_aggregate_add (any, &ARBOR_VALUE_BOOL (FALSE), scope));
  g_assert_false (arbor_aggregate_add (any, &ARBOR_VALUE_BOOL (TRUE), scope));
  g_assert_true (arbor_aggregate_add (all, &ARBOR_VALUE_NULL, scope));
  g_assert_false (arbor_aggregate_add (all, &ARBOR_VALUE_INT64 (1), scope));
  g_assert_true (arbor_aggregate_add (first, &ARBOR_VALUE_MISSING, scope));
  g_assert_false (arbor_aggregate_add (first, &ARBOR_VALUE_INT64 (1), scope));
}

/* The sort of a median asks. */
static void
test_stop (void)
{
  static const char *const functions[] = { "median", "quantile" };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autoptr (ArborAggregate) aggregate = arbor_aggregate_new (find (functions[i]));
      g_autoptr (GError) error = NULL;
      ArborValue result;
      ArborStop stop;

      arbor_aggregate_set_parameter (aggregate, &ARBOR_VALUE_DOUBLE (0.5));
      for (gint64 n = 0; n < 1001; n++)
        arbor_aggregate_add (aggregate, &ARBOR_VALUE_INT64 (n * 7919 % 1001), scope);
      g_cancellable_cancel (cancellable);
      arbor_stop_begin (&stop, cancellable);
      arbor_aggregate_finish (aggregate, scope, &result);
      arbor_stop_end (&stop);
      /* Nobody stops the check itself: the sort has found out. */
      g_assert_false (arbor_scope_check (scope, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

      arbor_aggregate_finish (aggregate, scope, &result);
      g_assert_true (arbor_scope_check (scope, NULL));
      g_assert_cmpfloat (result.real, ==, 500);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aggregate/rows", test_rows);
  g_test_add_func ("/aggregate/many", test_many);
  g_test_add_func ("/aggregate/parameter", test_parameter);
  g_test_add_func ("/aggregate/early", test_early);
  g_test_add_func ("/aggregate/stop", test_stop);
  return g_test_run ();
}
