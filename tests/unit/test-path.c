/* Paths: what each text means, its canonical form, and where malformed ones go wrong. */

#include "base/arbor-path.h"

#include "base/arbor-error.h"

#include <string.h>

/* Steps as plain text: k:KEY with bytes outside of ASCII letters, digits and - as %XX, i:N, each. */
static char *
describe (const ArborPath *path)
{
  GString *out = g_string_new (path->is_vector ? "vector" : "scalar");

  for (guint i = 0; i < path->n_steps; i++)
    {
      const ArborStep *step = &path->steps[i];

      if (step->kind == ARBOR_STEP_EACH)
        g_string_append (out, " each");
      else if (step->kind == ARBOR_STEP_INDEX)
        g_string_append_printf (out, " i:%" G_GINT64_FORMAT, step->index);
      else
        {
          g_string_append (out, " k:");
          for (guint32 j = 0; j < step->length; j++)
            if (g_ascii_isalnum (step->key[j]) || step->key[j] == '-')
              g_string_append_c (out, step->key[j]);
            else
              g_string_append_printf (out, "%%%02X", (guint8) step->key[j]);
          g_assert_cmpint (step->key[step->length], ==, '\0');
        }
    }
  return g_string_free (out, FALSE);
}

static const struct
{
  const char *text;
  const char *steps;
  const char *canonical;
} good[] = {
  { "", "scalar", "$" },
  { "$", "scalar", "$" },
  { "a", "scalar k:a", "a" },
  { "$.a", "scalar k:a", "a" },
  { "$[0]", "scalar i:0", "[0]" },
  { "a.b.c", "scalar k:a k:b k:c", "a.b.c" },
  { "a[0].b[-1]", "scalar k:a i:0 k:b i:-1", "a[0].b[-1]" },
  { "a[*].b", "vector k:a each k:b", "a[*].b" },
  { "[*]", "vector each", "[*]" },
  { "a.0", "scalar k:a k:0", "a[\"0\"]" },
  { "639-3", "scalar k:639-3", "[\"639-3\"]" },
  { "[\"639-3\"]", "scalar k:639-3", "[\"639-3\"]" },
  { "[\"any key, \\\"quoted\\\"\"]", "scalar k:any%20key%2C%20%22quoted%22",
    "[\"any key, \\\"quoted\\\"\"]" },
  { "[\"\"]", "scalar k:", "[\"\"]" },
  { "[\"a\\u0000b\"].c", "scalar k:a%00b k:c", "[\"a\\u0000b\"].c" },
  { "[\"]\"][\".\"]", "scalar k:%5D k:%2E", "[\"]\"][\".\"]" },
  { "[\"\\\\\"]", "scalar k:%5C", "[\"\\\\\"]" },
  { "[\"\\ud83d\\ude00\"]", "scalar k:%F0%9F%98%80", "[\"\xf0\x9f\x98\x80\"]" },
  { "\xc3\xa9t\xc3\xa9.x", "scalar k:%C3%A9t%C3%A9 k:x", "[\"\xc3\xa9t\xc3\xa9\"].x" },
  { "\"Major Genre\"", "scalar k:Major%20Genre", "[\"Major Genre\"]" },
  { "a.\"b.c\"[0].\"d\\\"\"", "scalar k:a k:b%2Ec i:0 k:d%22", "a[\"b.c\"][0][\"d\\\"\"]" },
  { "$.\"a\".\"\"", "scalar k:a k:", "a[\"\"]" },
  { "two words.*", "scalar k:two%20words k:%2A", "[\"two words\"][\"*\"]" },
  { "$a", "scalar k:%24a", "[\"$a\"]" },
  { "a.$", "scalar k:a k:%24", "a[\"$\"]" },
  { "[\"$\"]", "scalar k:%24", "[\"$\"]" },
  { "[ \"a\" ][ 1 ][ * ]", "vector k:a i:1 each", "a[1][*]" },
  { "_x1[007]", "scalar k:%5Fx1 i:7", "_x1[7]" },
  { "[9223372036854775807][-9223372036854775808]",
    "scalar i:9223372036854775807 i:-9223372036854775808",
    "[9223372036854775807][-9223372036854775808]" },
};

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborPath) path = arbor_path_parse (good[i].text, &error);
      g_autoptr (ArborPath) again = NULL;
      g_autoptr (ArborPath) copy = NULL;
      g_autofree char *steps = NULL;
      g_autofree char *canonical = NULL;

      g_assert_no_error (error);
      steps = describe (path);
      canonical = arbor_path_to_string (path);
      g_assert_cmpstr (steps, ==, good[i].steps);
      g_assert_cmpstr (canonical, ==, good[i].canonical);

      again = arbor_path_parse (canonical, &error);
      g_assert_no_error (error);
      g_assert_true (arbor_path_equal (path, again));
      copy = arbor_path_copy (path);
      g_assert_true (arbor_path_equal (copy, path));
      g_assert_cmpint (copy->is_vector, ==, path->is_vector);
    }
}

static void
test_equal (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    for (guint j = 0; j < G_N_ELEMENTS (good); j++)
      {
        g_autoptr (ArborPath) a = arbor_path_parse (good[i].text, NULL);
        g_autoptr (ArborPath) b = arbor_path_parse (good[j].text, NULL);

        g_assert_cmpint (arbor_path_equal (a, b), ==,
                         strcmp (good[i].steps, good[j].steps) == 0);
      }
}

static void
test_errors (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { ".", "Malformed path '.': expected a key at byte 0" },
    { ".a", "Malformed path '.a': expected a key at byte 0" },
    { "a.", "Malformed path 'a.': expected a key at byte 2" },
    { "$.", "Malformed path '$.': expected a key at byte 2" },
    { "a..b", "Malformed path 'a..b': expected a key at byte 2" },
    { "a.[0]", "Malformed path 'a.[0]': expected a key at byte 2" },
    { "a]", "Malformed path 'a]': expected '.', '[' or the end at byte 1" },
    { "a\"b\"", "Malformed path 'a\"b\"': expected '.', '[' or the end at byte 1" },
    { "a[0]b", "Malformed path 'a[0]b': expected '.', '[' or the end at byte 4" },
    { "[", "Malformed path '[': expected an index, '*' or a key in quotes at byte 1" },
    { "[]", "Malformed path '[]': expected an index, '*' or a key in quotes at byte 1" },
    { "a[x]", "Malformed path 'a[x]': expected an index, '*' or a key in quotes at byte 2" },
    { "[-]", "Malformed path '[-]': expected the digits of an index at byte 2" },
    { "[0", "Malformed path '[0': expected ']' at byte 2" },
    { "[1.5]", "Malformed path '[1.5]': expected ']' at byte 2" },
    { "[*", "Malformed path '[*': expected ']' at byte 2" },
    { "\"a", "Malformed path '\"a': expected '\"' at the end of the key at byte 2" },
    { "\"a\"b", "Malformed path '\"a\"b': expected '.', '[' or the end at byte 3" },
    { "a.\"b\\x\"", "Malformed path 'a.\"b\\x\"': invalid escape in string at byte 5" },
    { "[\"a\"", "Malformed path '[\"a\"': expected ']' at byte 4" },
    { "[\"a", "Malformed path '[\"a': expected '\"' at the end of the key at byte 3" },
    { "[\"a\\", "Malformed path '[\"a\\': expected '\"' at the end of the key at byte 4" },
    { "[\"a\\x\"]", "Malformed path '[\"a\\x\"]': invalid escape in string at byte 4" },
    { "[\"\\ud800\"]", "Malformed path '[\"\\ud800\"]': lone surrogate in string at byte 2" },
    { "[9223372036854775808]",
      "Malformed path '[9223372036854775808]': an index beyond 64 bits at byte 1" },
    { "[-9223372036854775809]",
      "Malformed path '[-9223372036854775809]': an index beyond 64 bits at byte 1" },
    { "ab\xff", "Malformed path 'ab\xef\xbf\xbd': invalid UTF-8 at byte 2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (arbor_path_parse (cases[i].text, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_bracket (void)
{
  static const char text[] = "x is_in [\"a b\"][2]";
  g_autoptr (GError) error = NULL;
  gsize position = 8;
  ArborStep step;

  g_assert_true (arbor_path_parse_bracket (text, strlen (text), &position, &step, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (position, ==, 15);
  g_assert_cmpmem (step.key, step.length, "a b", 3);
  arbor_step_clear (&step);

  g_assert_true (arbor_path_parse_bracket (text, strlen (text), &position, &step, &error));
  g_assert_cmpuint (position, ==, 18);
  g_assert_cmpint (step.index, ==, 2);

  /* The text ends where the caller says. */
  position = 15;
  g_assert_false (arbor_path_parse_bracket (text, 17, &position, &step, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==, "Malformed path: expected ']' at byte 17");
  g_assert_cmpuint (position, ==, 15);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path/parse", test_parse);
  g_test_add_func ("/path/equal", test_equal);
  g_test_add_func ("/path/errors", test_errors);
  g_test_add_func ("/path/bracket", test_bracket);
  return g_test_run ();
}
