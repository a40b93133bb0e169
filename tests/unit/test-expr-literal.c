/* Literals where they stand: each builder for literals makes what the builder makes of the literal, and
 * what goes into a text never becomes a part of it. */

#include <arbor/arbor.h>

#include "kit/arbors.h"

#include <math.h>

static ArborExpr *
take_text (ArborExpr *expr, const char *expected)
{
  g_autofree char *text = expr != NULL ? arbor_expr_to_string (expr) : NULL;

  g_assert_cmpstr (text, ==, expected);
  g_clear_object (&expr);
  return NULL;
}

static void
test_builders (void)
{
  static const char *const texts[] = { "a", "b' or true", NULL };
  static const gint64 numbers[] = { 1, G_MININT64 };
  g_autoptr (ArborExpr) a = parse ("a");
  g_autoptr (GError) error = NULL;

  take_text (arbor_expr_gt_int (a, 80, NULL), "a > 80");
  take_text (arbor_expr_eq_string (a, "x\" or \"", NULL), "a == \"x\\\" or \\\"\"");
  take_text (arbor_expr_ne_boolean (a, 5, NULL), "a != true");
  take_text (arbor_expr_le_double (a, 0.5, NULL), "a <= 0.5");
  take_text (arbor_expr_is_between_int (a, 1, 2, NULL), "a is_between (1, 2)");
  take_text (arbor_expr_replace_string (a, "x", "y", NULL), "replace(a, \"x\", \"y\")");
  take_text (arbor_expr_item_int (a, -1, NULL), "get(a, -1)");
  take_text (arbor_expr_is_in_strings (a, texts, NULL), "a in [\"a\", \"b' or true\"]");
  take_text (arbor_expr_is_in_ints (a, numbers, 2, NULL), "a in [1, -9223372036854775808]");
  take_text (arbor_expr_is_in_ints (a, NULL, 0, NULL), "a in []");

  g_assert_null (arbor_expr_is_between_double (a, INFINITY, NAN, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==, "A literal must be a finite number, found inf");
  g_clear_error (&error);
  g_assert_null (arbor_expr_eq_string (a, "\xff", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);
  g_assert_null (arbor_expr_match_string (a, "(", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
}

static void
test_format (void)
{
  const char *evil = "x' or true or '\" or true --%d ?";

  take_text (arbor_expr_parsef ("age > %d and name == %s", NULL, 30, "Ek"),
             "age > 30 and name == \"Ek\"");
  take_text (arbor_expr_parsef ("name == %s", NULL, evil),
             "name == \"x' or true or '\\\" or true --%d ?\"");
  take_text (arbor_expr_parsef ("a %% 2 == %u", NULL, 1u), "a mod 2 == 1");
  take_text (arbor_expr_parsef ("a in [%ld, %" G_GINT64_FORMAT ", %zu, %lu]", NULL, -1l, G_MININT64,
                                (gsize) 7, G_MAXULONG),
             "a in [-1, -9223372036854775808, 7, 18446744073709551615]");
  take_text (arbor_expr_parsef ("a < %g or a > %f or b == %s", NULL, 0.5, 1e300, (char *) NULL),
             "a < 0.5 or a > 1e+300 or b == null");
  take_text (arbor_expr_parsef ("a > 1", NULL), "a > 1");
  take_text (arbor_expr_parsef ("a - %d * 2", NULL, -3), "a - -3 * 2");
}

static void
assert_refused (ArborExpr *expr, GError *error, const char *part)
{
  g_assert_null (expr);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_nonnull (strstr (error->message, part));
  g_error_free (error);
}

static void
test_bad_format (void)
{
  GError *error = NULL;
  ArborExpr *expr;

  expr = arbor_expr_parsef ("name == '%s'", &error, "x");
  assert_refused (expr, g_steal_pointer (&error), "0 places for 1 values");
  expr = arbor_expr_parsef ("a == %x", &error, 1u);
  assert_refused (expr, g_steal_pointer (&error), "at position 5");
  expr = arbor_expr_parsef ("a == ?", &error);
  assert_refused (expr, g_steal_pointer (&error), "a place more than the 0 values");
  expr = arbor_expr_parsef ("a == %g", &error, NAN);
  assert_refused (expr, g_steal_pointer (&error), "finite");
  expr = arbor_expr_parsef ("a == %s", &error, "\xff");
  assert_refused (expr, g_steal_pointer (&error), "UTF-8");
  expr = arbor_expr_parsef ("a == %d b", &error, 1);
  assert_refused (expr, g_steal_pointer (&error), "Expected an operator");
}

static ArborExpr *
new_json (const char *json)
{
  ArborExpr *expr = arbor_expr_new_json (json, NULL);

  g_assert_nonnull (expr);
  return expr;
}

/* Behind in, the elements of a list. */
static void
test_lists_for_places (void)
{
  g_autoptr (ArborExpr) list = new_json ("[1,\"x\",null]");
  g_autoptr (ArborExpr) nested = new_json ("[[1,2],{\"k\":3}]");
  g_autoptr (ArborExpr) none = new_json ("[]");
  g_autoptr (ArborExpr) path = parse ("b");
  ArborExpr *values[] = { list, nested };
  GError *error = NULL;
  ArborExpr *expr;

  take_text (arbor_expr_parse_with ("a in ?", values, 1, NULL), "a in [1, \"x\", null]");
  take_text (arbor_expr_parse_with ("b and a not in  ? or c", values, 1, NULL),
             "b and not a in [1, \"x\", null] or c");
  take_text (arbor_expr_parse_with ("a in ? and b == ?", values, 2, NULL),
             "a in [1, \"x\", null] and b == [[1,2],{\"k\":3}]");
  take_text (arbor_expr_parse_with ("a in [?]", values, 1, NULL), "a in [[1,\"x\",null]]");
  take_text (arbor_expr_parse_with ("a in ?", &values[1], 1, NULL), "a in [[1,2], {\"k\":3}]");
  take_text (arbor_expr_parse_with ("a in ?", &none, 1, NULL), "a in []");
  expr = arbor_expr_parse_with ("a in ?", &path, 1, &error);
  assert_refused (expr, g_steal_pointer (&error), "Expected a list of values for the place");
  expr = arbor_expr_parse_with ("a in ? + 1", values, 1, &error);
  assert_refused (expr, g_steal_pointer (&error), "Comparisons do not chain");
  expr = arbor_expr_parse_with ("a in ? and b in ?", values, 1, &error);
  assert_refused (expr, g_steal_pointer (&error), "a place more than");
  expr = arbor_expr_parse ("a in ?", &error);
  assert_refused (expr, g_steal_pointer (&error), "Expected '['");
}

static void
test_places (void)
{
  g_autoptr (ArborExpr) sum = parse ("b + 1");
  g_autoptr (ArborExpr) text = arbor_expr_new_string ("?");
  ArborExpr *values[] = { sum, text };
  GError *error = NULL;
  ArborExpr *expr;

  take_text (arbor_expr_parse_with ("a == ? * 2 and c == ?", values, 2, NULL),
             "a == (b + 1) * 2 and c == \"?\"");
  take_text (arbor_expr_parse_with ("c == '?' or c == \"?\"", NULL, 0, NULL),
             "c == \"?\" or c == \"?\"");
  test_lists_for_places ();
  expr = arbor_expr_parse_with ("a == ?", values, 2, &error);
  assert_refused (expr, g_steal_pointer (&error), "1 places for 2 values");
  expr = arbor_expr_parse_with ("a == ? or ? or ?", values, 2, &error);
  assert_refused (expr, g_steal_pointer (&error), "at position 15");
  expr = arbor_expr_parse ("a == ?", &error);
  assert_refused (expr, g_steal_pointer (&error), "found '?'");
}

/* Each builder's name is the name of a function of texts, too. */
static void
test_names (void)
{
  g_autoptr (ArborExpr) expr = parse ("add(subtract(a, 1), minus(b))");
  g_autoptr (ArborExpr) choice = parse ("either(both(eq(a, 1), negate(b)), le(c, item(d, 0)))");

  take_text (g_steal_pointer (&expr), "a - 1 + -b");
  take_text (g_steal_pointer (&choice), "a == 1 and not b or c <= get(d, 0)");
}

static void
test_trees (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborTree) tree = arbor_tree_new_from_json ("{\"a\": [1, 2]}", &error);
  g_autoptr (ArborTree) of_variant =
      arbor_tree_new_from_variant (g_variant_new_parsed ("{'a': <2>}"), &error);
  g_autofree char *text = arbor_tree_to_json (tree, NULL);
  g_autofree char *other = arbor_tree_to_json (of_variant, NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "{\"a\":[1,2]}");
  g_assert_cmpstr (other, ==, "{\"a\":2}");
  g_assert_null (arbor_tree_new_from_json ("{", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
  g_clear_error (&error);
  g_assert_null (arbor_tree_new_from_variant (g_variant_new_double (NAN), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/expr-literal/builders", test_builders);
  g_test_add_func ("/expr-literal/format", test_format);
  g_test_add_func ("/expr-literal/bad-format", test_bad_format);
  g_test_add_func ("/expr-literal/places", test_places);
  g_test_add_func ("/expr-literal/names", test_names);
  g_test_add_func ("/expr-literal/trees", test_trees);
  return g_test_run ();
}
