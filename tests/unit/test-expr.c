/* ArborExpr: every builder makes the expression that its text makes, and errors come out as they
 * are. What expressions mean is tested with the evaluator. */

#include <arbor/arbor.h>

#include "kit/arbors.h"

#include <math.h>

static void
assert_text (ArborExpr *expr, const char *expected)
{
  g_autoptr (ArborExpr) parsed = parse (expected);
  g_autofree char *text = arbor_expr_to_string (expr);

  g_assert_cmpstr (text, ==, expected);
  g_assert_true (arbor_expr_equal (expr, parsed));
  g_assert_cmpuint (arbor_expr_hash (expr), ==, arbor_expr_hash (parsed));
}

static void
test_operators (void)
{
  static const struct
  {
    ArborExpr *(*make) (ArborExpr *self, GError **error);
    const char *text;
  } unary[] = {
    { arbor_expr_negate, "not a" },
    { arbor_expr_minus, "-a" },
    { arbor_expr_is_null, "is_null(a)" },
    { arbor_expr_is_missing, "is_missing(a)" },
    { arbor_expr_exists, "exists(a)" },
    { arbor_expr_any, "any(a)" },
    { arbor_expr_all, "all(a)" },
    { arbor_expr_count, "count(a)" },
    { arbor_expr_len, "len(a)" },
    { arbor_expr_lower, "lower(a)" },
  };
  static const struct
  {
    ArborExpr *(*make) (ArborExpr *self, ArborExpr *other, GError **error);
    const char *text;
  } binary[] = {
    { arbor_expr_eq, "a == b" },
    { arbor_expr_ne, "a != b" },
    { arbor_expr_lt, "a < b" },
    { arbor_expr_le, "a <= b" },
    { arbor_expr_gt, "a > b" },
    { arbor_expr_ge, "a >= b" },
    { arbor_expr_both, "a and b" },
    { arbor_expr_either, "a or b" },
    { arbor_expr_add, "a + b" },
    { arbor_expr_subtract, "a - b" },
    { arbor_expr_multiply, "a * b" },
    { arbor_expr_divide, "a / b" },
    { arbor_expr_contains, "a contains b" },
    { arbor_expr_starts_with, "a starts_with b" },
    { arbor_expr_ends_with, "a ends_with b" },
  };
  g_autoptr (ArborExpr) a = arbor_path ("a", NULL);
  g_autoptr (ArborExpr) b = arbor_expr_new_path ("b", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (unary); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborExpr) made = unary[i].make (a, &error);

      g_assert_no_error (error);
      assert_text (made, unary[i].text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (binary); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborExpr) made = binary[i].make (a, b, &error);

      g_assert_no_error (error);
      assert_text (made, binary[i].text);
    }
}

static void
test_is_in (void)
{
  g_autoptr (ArborExpr) a = arbor_path ("a", NULL);
  g_autoptr (ArborExpr) one = arbor_expr_new_int64 (1);
  g_autoptr (ArborExpr) b = arbor_path ("b", NULL);
  g_autoptr (ArborExpr) vector = arbor_path ("c[*]", NULL);
  ArborExpr *candidates[] = { one, b, vector };
  g_autoptr (ArborExpr) none = arbor_expr_is_in (a, NULL, 0, NULL);
  g_autoptr (ArborExpr) two = arbor_expr_is_in (a, candidates, 2, NULL);
  g_autoptr (GError) error = NULL;

  assert_text (none, "a in []");
  assert_text (two, "a in [1, b]");
  g_assert_null (arbor_expr_is_in (a, candidates, 3, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==,
                   "One value is needed for each tree, but 'c[*]' has several: reduce it with any(), "
                   "all(), count() or len()");
}

static void
test_literals (void)
{
  g_autoptr (ArborExpr) null = arbor_expr_new_null ();
  g_autoptr (ArborExpr) yes = arbor_expr_new_boolean (7);
  g_autoptr (ArborExpr) no = arbor_expr_new_boolean (FALSE);
  g_autoptr (ArborExpr) least = arbor_expr_new_int64 (G_MININT64);
  g_autoptr (ArborExpr) most = arbor_expr_new_uint64 (G_MAXUINT64);
  g_autoptr (ArborExpr) small = arbor_expr_new_uint64 (5);
  g_autoptr (ArborExpr) real = arbor_expr_new_double (5, NULL);
  g_autoptr (ArborExpr) string = arbor_expr_new_string ("it's \"\xc3\xa9\"\n");
  g_autoptr (ArborExpr) json = arbor_expr_new_json (" { \"a\" : [ 1e400 ] } ", NULL);

  assert_text (null, "null");
  assert_text (yes, "true");
  assert_text (no, "false");
  assert_text (least, "-9223372036854775808");
  assert_text (most, "18446744073709551615");
  assert_text (small, "5");
  assert_text (real, "5.0");
  assert_text (string, "\"it's \\\"\xc3\xa9\\\"\\n\"");
  assert_text (json, "{\"a\":[1e400]}");
  g_assert_false (arbor_expr_equal (small, real));
}

static void
test_vector (void)
{
  g_autoptr (ArborExpr) vector = parse ("a[*].b == 1");
  g_autoptr (ArborExpr) any = arbor_expr_any (vector, NULL);

  g_assert_true (arbor_expr_is_vector (vector));
  g_assert_false (arbor_expr_is_vector (any));
}

static void
test_call (void)
{
  g_autoptr (ArborExpr) a = arbor_path ("a", NULL);
  ArborExpr *arguments[] = { a, a, a };
  g_autoptr (ArborExpr) chain = arbor_expr_new_call ("or", arguments, 3, NULL);
  g_autoptr (GError) error = NULL;

  assert_text (chain, "a or a or a");

  g_assert_null (arbor_expr_new_call ("or", arguments, 1, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==, "'or' takes at least 2 arguments, found 1");
  g_clear_error (&error);

  g_assert_null (arbor_expr_new_call ("len", NULL, 0, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==, "'len' takes 1 argument, found 0");
  g_clear_error (&error);

  g_assert_null (arbor_expr_new_call ("nonesuch", arguments, 1, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==, "Unknown function 'nonesuch'");
}

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_expr_parse ("a >", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==,
                   "Expected a value, a path or a function, found the end at position 3 (bytes from "
                   "0)\n"
                   "a >\n"
                   "   ^");
  g_clear_error (&error);

  g_assert_null (arbor_path ("a[", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);

  g_assert_null (arbor_expr_new_json ("{", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);

  g_assert_null (arbor_expr_new_double (INFINITY, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==, "A literal must be a finite number, found inf");
  g_clear_error (&error);

  g_assert_null (arbor_expr_new_double (NAN, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
}

/* Bindings can make such an object: it answers, as the literal null. */
static void
test_bare_object (void)
{
  g_autoptr (ArborExpr) bare = g_object_new (ARBOR_TYPE_EXPR, NULL);
  g_autoptr (ArborExpr) made = arbor_expr_negate (bare, NULL);

  assert_text (bare, "null");
  assert_text (made, "not null");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/expr/operators", test_operators);
  g_test_add_func ("/expr/is-in", test_is_in);
  g_test_add_func ("/expr/literals", test_literals);
  g_test_add_func ("/expr/vector", test_vector);
  g_test_add_func ("/expr/call", test_call);
  g_test_add_func ("/expr/errors", test_errors);
  g_test_add_func ("/expr/bare-object", test_bare_object);
  return g_test_run ();
}
