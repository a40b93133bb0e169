/* ArborBuilder: JSON text, GVariant and trees into arbors; what is refused leaves nothing behind.
 */

#include <arbor/arbor.h>

#include "kit/arbors.h"
#include <math.h>

static void
assert_finish (ArborBuilder *builder, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_builder_finish (builder, &error);

  g_assert_no_error (error);
  g_assert_nonnull (arbor);
  assert_lines (arbor, expected);
  g_assert_cmpuint (arbor_builder_get_n_trees (builder), ==, 0);
}

static void
add_json (ArborBuilder *builder, const char *json)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_builder_add_json (builder, json, &error));
  g_assert_no_error (error);
}

static void
test_json (void)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();

  assert_finish (builder, "");
  add_json (builder, "{\"b\": 1, \"a\": [null, true, 1.5, \"x\"]}");
  add_json (builder, " 18446744073709551615 ");
  add_json (builder, "{\"a\": 1, \"b\": 2, \"a\": 3}");
  g_assert_true (arbor_builder_add_json (builder, "[1]", NULL));
  g_assert_true (arbor_builder_add_json (builder, "\"a\\u0000b\"", NULL));
  g_assert_cmpuint (arbor_builder_get_n_trees (builder), ==, 5);
  assert_finish (builder, "{\"b\":1,\"a\":[null,true,1.5,\"x\"]}\n"
                          "18446744073709551615\n"
                          "{\"a\":3,\"b\":2}\n"
                          "[1]\n"
                          "\"a\\u0000b\"\n");
  assert_finish (builder, "");
}

static void
assert_parse_error (ArborBuilder *builder, const char *json, const char *place)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (arbor_builder_add_json (builder, json, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
  if (!g_str_has_prefix (error->message, place))
    g_error ("'%s' does not begin with '%s'", error->message, place);
}

static void
test_bad_json (void)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (GString) deep = g_string_new (NULL);

  add_json (builder, "1");
  assert_parse_error (builder, "", "line 1, byte 0 (tree 1): ");
  assert_parse_error (builder, "{\"a\": 1,}", "line 1, byte 8 (tree 1): ");
  assert_parse_error (builder, "[1,\n 2,\n x]", "line 3, byte 9 (tree 1): ");
  assert_parse_error (builder, "[1] [2]", "line 1, byte 4 (tree 1): ");
  assert_parse_error (builder, "[1", "line 1, byte 2 (tree 1): ");
  assert_parse_error (builder, "\"\\ud800\"", "line 1, byte 1 (tree 1): ");
  assert_parse_error (builder, "\"a\xff\"", "line 1, byte 2 (tree 1): ");
  for (guint i = 0; i < 1025; i++)
    g_string_append_c (deep, '[');
  for (guint i = 0; i < 1025; i++)
    g_string_append_c (deep, ']');
  assert_parse_error (builder, deep->str, "line 1, byte 1024 (tree 1): ");
  g_assert_cmpuint (arbor_builder_get_n_trees (builder), ==, 1);
  add_json (builder, "2");
  assert_finish (builder, "1\n2\n");
}

static void
test_variant (void)
{
  static const struct
  {
    const char *variant;
    const char *json;
  } cases[] = {
    { "true", "true" },
    { "byte 0xff", "255" },
    { "int16 -7", "-7" },
    { "uint16 65535", "65535" },
    { "-1", "-1" },
    { "uint32 4294967295", "4294967295" },
    { "int64 -9223372036854775808", "-9223372036854775808" },
    { "uint64 9223372036854775807", "9223372036854775807" },
    { "uint64 9223372036854775808", "9223372036854775808" },
    { "1.0", "1.0" },
    { "0.1", "0.1" },
    { "'text \"quoted\"'", "\"text \\\"quoted\\\"\"" },
    { "objectpath '/a/b'", "\"/a/b\"" },
    { "signature 'a{sv}'", "\"a{sv}\"" },
    { "()", "[]" },
    { "(1, 'a', [1.5])", "[1,\"a\",[1.5]]" },
    { "@ai []", "[]" },
    { "@a{sv} {}", "{}" },
    { "b'ab'", "[97,98,0]" },
    { "<<<3>>>", "3" },
    { "@mi 4", "4" },
    { "@mi nothing", "null" },
    { "@mmi just nothing", "null" },
    { "{'b': <1>, 'a': <{'c': <[true]>}>}", "{\"b\":1,\"a\":{\"c\":[true]}}" },
    { "{'a': 1, 'b': 2, 'a': 3}", "{\"a\":3,\"b\":2}" },
    { "{objectpath '/x': 1}", "{\"/x\":1}" },
    { "{'alone', 1}", "{\"alone\":1}" },
    { "[{'k', <@ms nothing>}]", "{\"k\":null}" },
    { "{'': ''}", "{\"\":\"\"}" },
  };
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = g_strconcat (cases[i].json, "\n", NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (
          arbor_builder_add_variant (builder, g_variant_new_parsed (cases[i].variant), &error));
      g_assert_no_error (error);
      assert_finish (builder, line);
    }
}

static void
assert_variant_error (ArborBuilder *builder, GVariant *value, ArborError code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (arbor_builder_add_variant (builder, value, &error));
  g_assert_error (error, ARBOR_ERROR, (int)code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_bad_variant (void)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();

  assert_variant_error (builder, g_variant_new_double (NAN), ARBOR_ERROR_INVALID_ARGUMENT,
                        "Value for a tree: expected a finite number, found nan, at $");
  assert_variant_error (builder, g_variant_new_parsed ("{'a': <(1, [-inf])>}"),
                        ARBOR_ERROR_INVALID_ARGUMENT,
                        "Value for a tree: expected a finite number, found inf, at a[1][0]");
  assert_variant_error (builder, g_variant_new_parsed ("[<1>, <handle 3>]"),
                        ARBOR_ERROR_INVALID_ARGUMENT,
                        "Value for a tree: expected a value that JSON can say, found h, at [1]");
  assert_variant_error (builder, g_variant_new_parsed ("{'a': {1: 2}}"),
                        ARBOR_ERROR_INVALID_ARGUMENT,
                        "Value for a tree: expected strings as keys, found i, at a");
  g_assert_cmpuint (arbor_builder_get_n_trees (builder), ==, 0);
  assert_finish (builder, "");
}

/* @n_levels arrays, each in the next. */
static GVariant *
nest (guint n_levels)
{
  GVariant *value = g_variant_new_array (G_VARIANT_TYPE_VARIANT, NULL, 0);

  for (guint i = 1; i < n_levels; i++)
    {
      GVariant *boxed = g_variant_new_variant (value);

      value = g_variant_new_array (G_VARIANT_TYPE_VARIANT, &boxed, 1);
    }
  return value;
}

static void
test_deep_variant (void)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (GString) line = g_string_new (NULL);

  assert_variant_error (builder, nest (1025), ARBOR_ERROR_LIMIT,
                        "Value for a tree: expected at most 1024 levels, found more");
  g_assert_true (arbor_builder_add_variant (builder, nest (1024), NULL));
  for (guint i = 0; i < 1024; i++)
    g_string_append_c (line, '[');
  for (guint i = 0; i < 1024; i++)
    g_string_append_c (line, ']');
  g_string_append_c (line, '\n');
  assert_finish (builder, line->str);
}

/* A value that others hold is not consumed, a floating one is. */
static void
test_variant_reference (void)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (5));

  g_assert_true (arbor_builder_add_variant (builder, value, NULL));
  g_assert_true (arbor_builder_add_variant (builder, value, NULL));
  g_assert_cmpint (g_variant_get_int32 (value), ==, 5);
  assert_finish (builder, "5\n5\n");
}

static void
test_tree (void)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (ArborTree) part = NULL;
  g_autoptr (GError) error = NULL;

  add_json (builder, "{\"z\": {\"y\": [1, 1e400]}, \"a\": \"\\u0000\"}");
  arbor = arbor_builder_finish (builder, &error);
  g_assert_no_error (error);
  tree = arbor_arbor_get (arbor, 0, &error);
  g_assert_no_error (error);
  part = arbor_tree_get (tree, "z.y", &error);
  g_assert_no_error (error);

  g_assert_true (arbor_builder_add_tree (builder, tree, &error));
  g_assert_true (arbor_builder_add_tree (builder, part, &error));
  g_assert_true (arbor_builder_add_tree (builder, tree, &error));
  g_assert_no_error (error);
  g_clear_object (&arbor);
  g_clear_object (&tree);
  g_clear_object (&part);
  assert_finish (builder, "{\"z\":{\"y\":[1,1e400]},\"a\":\"\\u0000\"}\n"
                          "[1,1e400]\n"
                          "{\"z\":{\"y\":[1,1e400]},\"a\":\"\\u0000\"}\n");
}

/* More trees than a batch holds keep their order. */
static void
test_many (void)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 40000; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"n\":%u,\"t\":\"%x\"}", i, i * 2654435761u);

      add_json (builder, json);
      g_string_append_printf (expected, "%s\n", json);
    }
  g_assert_cmpuint (arbor_builder_get_n_trees (builder), ==, 40000);
  arbor = arbor_builder_finish (builder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, NULL), ==, 40000);
  g_assert_cmpuint (arbor_arbor_get_n_batches (arbor, NULL), >, 2);
  assert_lines (arbor, expected->str);
}

/* A tree that no batch can hold is refused, and what was there before stays. */
static void
test_too_large (void)
{
  const gsize length = (gsize)241 << 20;
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autofree char *text = g_malloc0 (length + 1);
  g_autoptr (GError) error = NULL;

  memset (text, 'x', length);
  text[0] = '"';
  text[length - 1] = '"';
  add_json (builder, "1");
  g_assert_false (arbor_builder_add_json (builder, text, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==,
                   "Tree for an arbor: expected at most 240 MiB in columns, found more");
  add_json (builder, "2");
  assert_finish (builder, "1\n2\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/builder/json", test_json);
  g_test_add_func ("/builder/bad-json", test_bad_json);
  g_test_add_func ("/builder/variant", test_variant);
  g_test_add_func ("/builder/bad-variant", test_bad_variant);
  g_test_add_func ("/builder/deep-variant", test_deep_variant);
  g_test_add_func ("/builder/variant-reference", test_variant_reference);
  g_test_add_func ("/builder/tree", test_tree);
  g_test_add_func ("/builder/many", test_many);
  g_test_add_func ("/builder/too-large", test_too_large);

  return g_test_run ();
}
