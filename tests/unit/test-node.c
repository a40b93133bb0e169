/* The text form of expressions: what parses to what, where errors are, and that text and nodes are
 * inverse to each other. */

#include "query/expr/arbor-node.h"

#include <string.h>

#include "base/arbor-error.h"
#include "query/expr/arbor-function.h"

/* A text and its shortest form, NULL when it is that already. */
static const struct
{
  const char *text, *shortest;
} texts[] = {
  /* paths */
  { "a", NULL },
  { "a.b.c", NULL },
  { "$", NULL },
  { "$.a", "a" },
  { "$[0]", "[0]" },
  { "$[\"a\"].b", "a.b" },
  { "[0]", NULL },
  { "[-1].x", NULL },
  { "[*].x", NULL },
  { "[ \"639-3\" ].x", "[\"639-3\"].x" },
  { "[\"639-3\"][*].name", NULL },
  { "[\"\"]", NULL },
  { "a[0][-1][\"b c\"]", NULL },
  { "a[\"b\"]", "a.b" },
  { "[\"q\\\"\\u0041\\u0000\"]", "[\"q\\\"A\\u0000\"]" },
  { "[\"not\"]", "$.not" },
  { "$.null.in", NULL },
  { "a.and.or", NULL },
  { "contains", NULL },
  { "lower", NULL },
  { "lower == length", NULL },
  { "is_in.starts_with", NULL },
  { "gr\xc3\xb6\xc3\x9f" "e", "[\"gr\xc3\xb6\xc3\x9f" "e\"]" },
  { "_a1", NULL },

  /* literals */
  { "null", NULL },
  { "true", NULL },
  { "false", NULL },
  { "1", NULL },
  { "-1", NULL },
  { "-0", "0" },
  { "1.0", NULL },
  { "-0.0", NULL },
  { "1E3", "1000.0" },
  { "9223372036854775808", NULL },
  { "18446744073709551616", NULL },
  { "1e400", NULL },
  { "\"text\"", NULL },
  { "'text'", "\"text\"" },
  { "'it\\'s \"so\"\\n'", "\"it's \\\"so\\\"\\n\"" },
  { "\"\\u00e9\\u0000/\"", "\"\xc3\xa9\\u0000/\"" },
  { "[]", NULL },
  { "{}", NULL },
  { "[1, 2]", "[1,2]" },
  { "[1,]", NULL },
  { "[\"a\",]", NULL },
  { "[ \"a\" , ]", "[\"a\",]" },
  { "[1, 2,]", "[1,2]" },
  { "[1.5]", NULL },
  { "[true]", NULL },
  { "[[1]]", NULL },
  { "[[]]", NULL },
  { "[18446744073709551616,]", NULL },
  { "{\"a\": [1, \"]\"], \"a\": 2}", "{\"a\":2}" },
  { "{\"a\":[{\"b\":\"}\"}]}", NULL },

  /* operators and their precedence */
  { "a == 1", NULL },
  { "a = 1", "a == 1" },
  { "a <> 1", "a != 1" },
  { "a==1 and b<2", "a == 1 and b < 2" },
  { "a && b || ! c", "a and b or not c" },
  { "a or b and c", NULL },
  { "(a or b) and c", NULL },
  { "(a and b) or c", "a and b or c" },
  { "a or (b or c)", NULL },
  { "(a or b) or c or (d or e)", NULL },
  { "(a and b) and (c or d)", NULL },
  { "not a == b", NULL },
  { "not (a == b)", "not a == b" },
  { "(not a) == b", NULL },
  { "a == (not b)", NULL },
  { "not not a", NULL },
  { "!!a", "not not a" },
  { "not (a and b)", NULL },
  { "not a and b", NULL },
  { "a + b * c", NULL },
  { "(a + b) * c", NULL },
  { "a - b - c", NULL },
  { "a - (b - c)", NULL },
  { "a - (b + c)", NULL },
  { "a / (b * c)", NULL },
  { "a+b<c-d", "a + b < c - d" },
  { "(a < b) + c", NULL },
  { "(a < b) < c", NULL },
  { "a < (b < c)", NULL },
  { "-a", NULL },
  { "--a", NULL },
  { "- 5", "-(5)" },
  { "-(5)", NULL },
  { "-(-5)", NULL },
  { "- -5", "-(-5)" },
  { "neg(5)", "-(5)" },
  { "-a * b", NULL },
  { "-(a * b)", NULL },
  { "a * -b", NULL },
  { "a -5", "a - 5" },
  { "a - -5", NULL },
  { "a--5", "a - -5" },
  { "((a))", "a" },

  /* words, calls, lists */
  { "birth.year > 1950 and name.last starts_with \"A\"", NULL },
  { "starts_with(a, 'x')", "a starts_with \"x\"" },
  { "a contains b + c", NULL },
  { "(a contains b) == c", NULL },
  { "contains (contains, contains)", "contains contains contains" },
  { "a ends_with ('x')", "a ends_with \"x\"" },
  { "lower(a)", NULL },
  { "lower ( a )", "lower(a)" },
  { "len(a) + length(b)", "len(a) + len(b)" },
  { "any(tags[*] == 'x')", "any(tags[*] == \"x\")" },
  { "any(a[*] and b[*] or c)", NULL },
  { "is_null(a) or is_missing(b) or exists(c)", NULL },
  { "a in [1, 2]", NULL },
  { "a in ['x', b.c, [1,], -1, d or e]", "a in [\"x\", b.c, [1,], -1, d or e]" },
  { "a in []", NULL },
  { "a is_in [1]", "a in [1]" },
  { "is_in(a, 1, 2)", "a in [1, 2]" },
  { "is_in(a)", "a in []" },
  { "a not in [1]", "not a in [1]" },
  { "not a in [1]", NULL },
  { "a + 1 in [2]", NULL },
  { "(a in [1]) == b", NULL },
  { "(a == b) in [true]", NULL },
  { "a in [b in [1], (c)]", "a in [b in [1], c]" },
  { "a in [1] and b not in [2] or c", "a in [1] and not b in [2] or c" },

  /* choices, ranges, elements */
  { "when a then b otherwise c", NULL },
  { "when (a) then (b) otherwise (c)", "when a then b otherwise c" },
  { "when a then b when c then d otherwise e", NULL },
  { "(when a then b otherwise c) + 1", NULL },
  { "when a then b otherwise c + 1", NULL },
  { "when a then b otherwise c or d", NULL },
  { "(when a then b otherwise c) or d", NULL },
  { "a or (when b then c otherwise d)", NULL },
  { "when when a then b otherwise c then d otherwise e", NULL },
  { "when a then when b then c otherwise d otherwise e", NULL },
  { "when a then b otherwise when c then d otherwise e", NULL },
  { "f.when", NULL },
  { "len(when a then b otherwise c)", NULL },
  { "a in [when a then b otherwise c, d]", NULL },
  { "not (when a then b otherwise c)", NULL },
  { "a is_between (1, 2)", NULL },
  { "is_between (a, 1, 2)", "a is_between (1, 2)" },
  { "a not is_between (1, 2)", "not a is_between (1, 2)" },
  { "(a is_between (1, 2)) == b", NULL },
  { "a + 1 is_between (b or c, 2)", NULL },
  { "a div b mod c", NULL },
  { "a // b % c", "a div b mod c" },
  { "a div (b mod c)", NULL },
  { "-a div b", NULL },
  { "a matches 'x'", "a match \"x\"" },
  { "map(a, @)", NULL },
  { "map(a, @.b[0][\"c d\"])", NULL },
  { "map(a, @[\"b\"].c)", "map(a, @.b.c)" },
  { "map(a, @[0])", NULL },
  { "map(a, map(@, @ + 1))", NULL },
  { "map(a, @.not)", NULL },
  { "sort(a)", NULL },
  { "sort(a, @.b, true)", NULL },
  { "truncate(a, 'days')", "date_truncate(a, \"days\")" },
  { "coalesce(a, b, 1)", NULL },
  { "a\n==\t1\r\n", "a == 1" },
};

static void
test_texts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborNode) node = arbor_node_parse (texts[i].text, &error);
      g_autoptr (ArborNode) again = NULL;
      g_autofree char *shortest = NULL;

      if (node == NULL)
        g_error ("%s: %s", texts[i].text, error->message);
      shortest = arbor_node_to_string (node);
      g_assert_cmpstr (shortest, ==,
                       texts[i].shortest != NULL ? texts[i].shortest : texts[i].text);
      again = arbor_node_parse (shortest, &error);
      g_assert_no_error (error);
      g_assert_true (arbor_node_equal (node, again));
      g_assert_cmpuint (arbor_node_hash (node), ==, arbor_node_hash (again));
    }
}

static void
test_different (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (guint j = 0; j < i; j++)
      {
        g_autoptr (ArborNode) a = arbor_node_parse (texts[i].text, NULL);
        g_autoptr (ArborNode) b = arbor_node_parse (texts[j].text, NULL);
        g_autofree char *text_a = arbor_node_to_string (a);
        g_autofree char *text_b = arbor_node_to_string (b);

        g_assert_cmpint (arbor_node_equal (a, b), ==, strcmp (text_a, text_b) == 0);
      }
}

/* Texts without end are answered, not followed. */
static void
test_deep (void)
{
  static const struct
  {
    const char *open, *middle, *close;
    guint limit; /* of nesting that is accepted; 0: any */
  } cases[] = {
    { "(", "a", ")", 0 },
    { "not ", "a", "", 999 },
    { "-", "a", "", 999 },
    { "lower(", "a", ")", 999 },
    { "a + (", "a", ")", 999 },
    { "a in [", "a", "]", 999 },
    { "a or ", "a", "", 0 },
    { "a and (", "a", ")", 999 },
    { "(", "a", " and a)", 999 },
    { "a + ", "a", "", 999 },
    { "[", "[]", "]", 1023 },
    { "{\"a\":", "1", "}", 1024 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint depths[] = { cases[i].limit > 0 ? cases[i].limit : 2000,
                         cases[i].limit > 0 ? cases[i].limit + 1 : 3000, 50000 };

      for (guint j = 0; j < G_N_ELEMENTS (depths); j++)
        {
          g_autoptr (GString) text = g_string_new (NULL);
          g_autoptr (GError) error = NULL;
          g_autoptr (ArborNode) node = NULL;

          for (guint k = 0; k < depths[j]; k++)
            g_string_append (text, cases[i].open);
          g_string_append (text, cases[i].middle);
          for (guint k = 0; k < depths[j]; k++)
            g_string_append (text, cases[i].close);

          node = arbor_node_parse (text->str, &error);
          if (cases[i].limit > 0 && j > 0)
            {
              g_assert_null (node);
              g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
            }
          else
            {
              g_autofree char *shortest = NULL;
              g_autoptr (ArborNode) again = NULL;

              g_assert_no_error (error);
              shortest = arbor_node_to_string (node);
              again = arbor_node_parse (shortest, &error);
              g_assert_no_error (error);
              g_assert_true (arbor_node_equal (node, again));
            }
        }
    }
}

static void
test_deep_message (void)
{
  g_autoptr (ArborNode) node = arbor_node_new_path ("a", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < ARBOR_NODE_MAX_DEPTH; i++)
    {
      ArborNode *next = arbor_node_new_call ("not", &node, 1, &error);

      g_assert_no_error (error);
      arbor_node_unref (node);
      node = next;
    }
  g_assert_null (arbor_node_new_call ("not", &node, 1, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==,
                   "The expression is nested deeper than 1000 levels: split it");
}

static char *
repeat (const char *begin, const char *part, const char *end, guint n)
{
  GString *text = g_string_new (begin);

  for (guint i = 0; i < n; i++)
    g_string_append (text, part);
  g_string_append (text, end);
  return g_string_free (text, FALSE);
}

/* Texts of a million parts are refused where they pass the limit, not when all was read. */
static void
test_long (void)
{
  static const struct
  {
    const char *begin, *part, *end;
    gsize furthest; /* the place at which it must be refused at the latest; 0: anywhere */
  } rows[] = {
    { "a", " or a", "", 600000 },     { "a in [1", ",1", "]", 300000 },
    { "a", "+a", "", 300000 },        { "", "(", "a", 300000 },
    { "", "-", "a", 300000 },         { "", "not ", "a", 900000 },
    { "a", ".a", "", 3000 },          { "a", "[0]", "", 4000 },
    { "@", "[0]", "", 4000 },         { "coalesce(a", ", a", ")", 400000 },
    { "when a then b", " when a then b", " otherwise c", 1500000 }, { "", "[", "1", 0 },
    { "", "{\"a\":", "1", 0 },        { "", "lower(", "a", 1300000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = repeat (rows[i].begin, rows[i].part, rows[i].end, 1000000);
      g_autoptr (GError) error = NULL;
      const char *at;

      g_assert_null (arbor_node_parse (text, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
      at = strstr (error->message, "position ");
      if (rows[i].furthest > 0)
        {
          g_assert_nonnull (at);
          g_assert_cmpuint (strtoul (at + strlen ("position "), NULL, 10), <=, rows[i].furthest);
        }
    }
}

static void
test_long_path (void)
{
  g_autofree char *most = repeat ("a", ".a", "", 1023);
  g_autofree char *text = repeat ("a", ".a", "", 1000000);
  g_autoptr (ArborNode) node = arbor_node_new_path (most, NULL);
  g_autoptr (ArborNode) parsed = arbor_node_parse (most, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (node);
  g_assert_true (arbor_node_equal (node, parsed));
  g_assert_null (arbor_node_new_path (text, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
}

/* Sharing must not make an expression of exponential size. */
static void
test_shared (void)
{
  g_autoptr (ArborNode) node = arbor_node_new_path ("a", NULL);
  g_autoptr (GError) error = NULL;
  guint n = 0;

  while (error == NULL)
    {
      ArborNode *both[] = { node, node };
      ArborNode *next = arbor_node_new_call ("+", both, 2, &error);

      if (next == NULL)
        break;
      arbor_node_unref (node);
      node = next;
      n++;
    }
  g_assert_cmpuint (n, ==, 15); /* 2^16 - 1 nodes */
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==, "The expression has more than 100000 parts: split it");
}

static void
test_make (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborNode) vector = arbor_node_new_path ("a[*].b", NULL);
  g_autoptr (ArborNode) scalar = arbor_node_new_path ("639-3", NULL);
  g_autoptr (ArborNode) any = arbor_node_new_call ("any", &vector, 1, NULL);
  g_autoptr (ArborNode) lower = arbor_node_new_call ("lower", &vector, 1, NULL);
  g_autoptr (ArborNode) chain = arbor_node_ref (scalar);
  g_autofree char *text = arbor_node_to_string (scalar);
  g_autofree char *chain_text = NULL;

  g_assert_cmpstr (text, ==, "[\"639-3\"]");

  /* A chain of calls is one call, however long. */
  for (guint i = 0; i < 2000; i++)
    {
      ArborNode *both[] = { i % 2 == 0 ? chain : any, i % 2 == 0 ? any : chain };
      ArborNode *next = arbor_node_new_call ("or", both, 2, NULL);

      arbor_node_unref (chain);
      chain = next;
    }
  g_assert_cmpuint (chain->n_arguments, ==, 2001);
  g_assert_cmpuint (chain->depth, ==, 3);
  chain_text = arbor_node_to_string (chain);
  g_assert_true (g_str_has_prefix (chain_text, "any(a[*].b) or any(a[*].b) or "));
  g_assert_true (vector->is_vector);
  g_assert_true (lower->is_vector);
  g_assert_false (any->is_vector);
  g_assert_true (arbor_node_check_scalar (any, NULL));
  g_assert_false (arbor_node_check_scalar (lower, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==,
                   "One value is needed for each tree, but 'lower(a[*].b)' has several: reduce it "
                   "with any(), all(), count() or len()");
  g_clear_error (&error);

  g_assert_null (arbor_node_new_call ("nonesuch", &scalar, 1, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==, "Unknown function 'nonesuch'");
  g_clear_error (&error);

  g_assert_null (arbor_node_new_path ("a..b", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);

  g_assert_null (arbor_node_new_literal_json ("[1,", 3, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_true (g_str_has_prefix (error->message, "A literal must be JSON: "));
  g_assert_true (g_str_has_suffix (error->message, " at position 3 (bytes from 0)"));
}

/* Scalars become what their text reads back as. */
static void
test_literals (void)
{
  const ArborValue values[] = {
    ARBOR_VALUE_NULL,
    ARBOR_VALUE_BOOL (TRUE),
    ARBOR_VALUE_INT64 (G_MININT64),
    ARBOR_VALUE_UINT64 (7),
    ARBOR_VALUE_UINT64 (G_MAXUINT64),
    ARBOR_VALUE_DOUBLE (0.1),
    ARBOR_VALUE_DOUBLE (-0.0),
    ARBOR_VALUE_NUMBER ("1e400", 5),
    ARBOR_VALUE_NUMBER ("12", 2),
    ARBOR_VALUE_STRING ("a\0b", 3),
  };
  static const char *const expected[] = {
    "null", "true", "-9223372036854775808", "7", "18446744073709551615", "0.1", "-0.0", "1e400",
    "12", "\"a\\u0000b\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (ArborNode) node = arbor_node_new_literal (&values[i]);
      g_autofree char *text = arbor_node_to_string (node);
      g_autoptr (ArborNode) parsed = arbor_node_parse (text, NULL);
      g_autoptr (ArborNode) json = arbor_node_new_literal_json (text, strlen (text), NULL);

      g_assert_cmpstr (text, ==, expected[i]);
      g_assert_true (arbor_node_equal (node, parsed));
      g_assert_true (arbor_node_equal (node, json));
      g_assert_cmpint (node->literal.kind, ==, parsed->literal.kind);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node/texts", test_texts);
  g_test_add_func ("/node/different", test_different);
  g_test_add_func ("/node/deep", test_deep);
  g_test_add_func ("/node/deep-message", test_deep_message);
  g_test_add_func ("/node/shared", test_shared);
  g_test_add_func ("/node/long", test_long);
  g_test_add_func ("/node/long-path", test_long_path);
  g_test_add_func ("/node/make", test_make);
  g_test_add_func ("/node/literals", test_literals);
  return g_test_run ();
}
