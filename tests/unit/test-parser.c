/* The parser: what each text becomes on the tape, and where and why it stops being JSON. The wide
 * table of texts is tests/conformance/test-json-acceptance.c. */

#include "base/arbor-tape.h"

#include "kit/tape-dump.h"

/* A copy of @text in a block of exactly the padding asked for, so that sanitizers see reads past it;
 * the padding is full of what would be taken for JSON. */
static char *
pad (const char *text, gsize length)
{
  char *padded = g_malloc (length + ARBOR_PARSER_PADDING);

  memcpy (padded, text, length);
  memset (padded + length, '1', ARBOR_PARSER_PADDING);
  return padded;
}

static void
assert_parses (ArborParser *parser, const char *text, gsize length, const char *expected)
{
  g_autofree char *padded = pad (text, length);
  g_autofree char *dump = NULL;
  ArborTape tape;
  gsize offset = 0;
  const char *reason = "";

  if (!arbor_parser_parse (parser, padded, length, &tape, &offset, &reason))
    g_error ("%.*s: %s at %zu", (int) MIN (length, 100), text, reason, offset);
  dump = tape_dump (&tape);
  g_assert_cmpstr (dump, ==, expected);
}

static void
assert_refuses (ArborParser *parser, const char *text, gsize length, gsize expected_offset,
                const char *expected_reason)
{
  g_autofree char *padded = pad (text, length);
  ArborTape tape;
  gsize offset = G_MAXSIZE;
  const char *reason = NULL;

  if (arbor_parser_parse (parser, padded, length, &tape, &offset, &reason))
    g_error ("accepted: %.*s", (int) MIN (length, 100), text);
  g_assert_cmpstr (reason, ==, expected_reason);
  g_assert_cmpuint (offset, ==, expected_offset);
}

static void
test_kinds (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  static const struct
  {
    const char *text;
    const char *dump;
  } cases[] = {
    { "null", "null" },
    { " true ", "true" },
    { "false\n", "false" },
    { "0", "i0" },
    { "-0", "i0" },
    { "-1", "i-1" },
    { "9223372036854775807", "i9223372036854775807" },
    { "-9223372036854775808", "i-9223372036854775808" },
    { "9223372036854775808", "u9223372036854775808" },
    { "18446744073709551615", "u18446744073709551615" },
    { "1.0", "d3ff0000000000000" },
    { "-0.0", "d8000000000000000" },
    { "0.0", "d0000000000000000" },
    { "-0e0", "d8000000000000000" },
    { "1e2", "d4059000000000000" },
    { "1e-320", "d00000000000007e8" },
    { "3e-324", "d0000000000000001" },
    { "1.7976931348623157e308", "d7fefffffffffffff" },
    { "9007199254740993.0", "d4340000000000000" },
    { "\"\"", "\"\"" },
    { "\"a\\u0000b\"", "\"a%00b\"" },
    { "\"\\ud83d\\ude00\"", "\"%F0%9F%98%80\"" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"%22%5C%2F%08%0C%0A%0D%09\"" },
    { "[]", "[0 ]" },
    { "{}", "{0 }" },
    { "[1,[2,[]],{}]", "[3 i1 [2 i2 [0 ] ] {0 } ]" },
    { "{\"a\":1,\"\":{\"a\":null},\"a\":2}",
      "{3 \"a\" i1 \"\" {1 \"a\" null } \"a\" i2 }" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_parses (parser, cases[i].text, strlen (cases[i].text), cases[i].dump);
}

/* Numbers that no 64 bits hold: kept as text, among strings that look the same. */
static void
test_big_numbers (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  static const struct
  {
    const char *text;
    const char *dump;
  } cases[] = {
    { "18446744073709551616", "n18446744073709551616" },
    { "-9223372036854775809", "n%2D9223372036854775809" },
    { "1e400", "n1e400" },
    { "-1E+400", "n%2D1E%2B400" },
    { "1e-400", "n1e%2D400" },
    { "[0.0,1e-400]", "[2 d0000000000000000 n1e%2D400 ]" },
    { "2e-324", "n2e%2D324" },
    { "1e-0000000400", "n1e%2D0000000400" },
    { "1e-99999999999999999999", "n1e%2D99999999999999999999" },
    { "0e-99999999999999999999", "d0000000000000000" },
    { "0.00e400", "d0000000000000000" },
    { "1.7976931348623159e308", "n1%2E7976931348623159e308" },
    { "[\"1e400\",1e400,\"1e400\"]", "[3 \"1e400\" n1e400 \"1e400\" ]" },
    { "{\"1e400\":1e400,\"b\":[1,2.5,18446744073709551615],\"1e400\":2e400}",
      "{3 \"1e400\" n1e400 \"b\" [3 i1 d4004000000000000 u18446744073709551615 ] "
      "\"1e400\" n2e400 }" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_parses (parser, cases[i].text, strlen (cases[i].text), cases[i].dump);
}

/* Zeros in front of the first digit make a number as small as an exponent does. */
static void
test_long_fractions (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();

  for (guint zeros = 180; zeros < 480; zeros += 7)
    for (guint before = 0; before < 64; before += 13)
      {
        g_autofree char *run = g_strnfill (zeros, '0');
        g_autofree char *spaces = g_strnfill (before, ' ');
        g_autofree char *text = g_strdup_printf ("%s[0.%s1, 0.%se-99]", spaces, run, run);
        g_autofree char *small = g_strdup_printf ("0.%s1", run);
        double number = g_ascii_strtod (small, NULL);
        g_autofree char *first = NULL;
        g_autofree char *expected = NULL;
        guint64 bits;

        memcpy (&bits, &number, 8);
        first = number != 0 ? g_strdup_printf ("d%016" G_GINT64_MODIFIER "x", bits)
                            : g_strdup_printf ("n0%%2E%s1", run);
        expected = g_strdup_printf ("[2 %s d0000000000000000 ]", first);
        assert_parses (parser, text, strlen (text), expected);
      }
}

static void
test_errors (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  static const struct
  {
    const char *text;
    gsize offset;
    const char *reason;
  } cases[] = {
    { "", 0, "expected a value, found the end of the text" },
    { " \n", 2, "expected a value, found the end of the text" },
    { "x", 0, "expected a value" },
    { "01", 1, "expected no digit after the leading 0 of a number" },
    { "-01", 2, "expected no digit after the leading 0 of a number" },
    { "1.", 2, "expected a digit in number" },
    { "-", 1, "expected a digit in number" },
    { "[1e]", 3, "expected a digit in number" },
    { "[1e+]", 4, "expected a digit in number" },
    { ".5", 0, "expected a value" },
    { "+1", 0, "expected a value" },
    { "NaN", 0, "expected a value" },
    { "-Infinity", 1, "expected a digit in number" },
    { "nul", 3, "expected 'true', 'false' or 'null'" },
    { "truth", 3, "expected 'true', 'false' or 'null'" },
    { "truex", 4, "expected the end of the text after the value" },
    { "[1,]", 3, "expected a value" },
    { "[1 2]", 3, "expected ',' or ']' in array" },
    { "[1", 2, "expected ',' or ']' in array" },
    { "[", 1, "expected a value, found the end of the text" },
    { "[1}", 2, "expected ',' or ']' in array" },
    { "{", 1, "expected a key in quotes or '}' in object" },
    { "{1:2}", 1, "expected a key in quotes or '}' in object" },
    { "{\"a\":1,}", 7, "expected a key in quotes after ',' in object" },
    { "{\"a\" 1}", 5, "expected ':' after key in object" },
    { "{\"a\":}", 5, "expected a value" },
    { "{\"a\":1 \"b\":2}", 7, "expected ',' or '}' in object" },
    { "[] x", 3, "expected the end of the text after the value" },
    { "1 2", 2, "expected the end of the text after the value" },
    { "{}{}", 2, "expected the end of the text after the value" },
    { "\"a\tb\"", 2, "control character in string, which must be escaped" },
    { "\"abc", 4, "expected '\"' at the end of string" },
    { "\"abc\\", 5, "expected '\"' at the end of string" },
    { "\"\\x41\"", 2, "invalid escape in string" },
    { "\"\\u12g4\"", 5, "expected four hexadecimal digits after \\u in string" },
    { "\"\\u12", 5, "expected four hexadecimal digits after \\u in string" },
    { "\"ab\\ud800\"", 3, "lone surrogate in string" },
    { "\"\\udc00\"", 1, "lone surrogate in string" },
    { "\"\\ud800\\u0041\"", 1, "lone surrogate in string" },
    { "\"\\ud800\\ud800\"", 1, "lone surrogate in string" },
    { "\"a\xff\"", 2, "invalid UTF-8" },
    { "\"\xc0\x80\"", 1, "invalid UTF-8" },
    { "\"\xed\xa0\x80\"", 1, "invalid UTF-8" },
    { "\"\xf4\x90\x80\x80\"", 1, "invalid UTF-8" },
    { "\"\xe2\x82", 1, "invalid UTF-8" },
    { "\xef\xbb\xbf{}", 0, "expected a value" },
    { "[1e400,]", 7, "expected a value" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refuses (parser, cases[i].text, strlen (cases[i].text), cases[i].offset,
                    cases[i].reason);
  assert_refuses (parser, "1\0", 2, 1, "expected the end of the text after the value");
  assert_refuses (parser, "\"a\0\"", 4, 2, "control character in string, which must be escaped");
}

/* Refused before a byte of it is read. */
static void
test_too_long (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  ArborTape tape;
  gsize offset = 0;
  const char *reason = NULL;

  g_assert_false (
    arbor_parser_parse (parser, "1", (gsize) G_MAXUINT32 + 1, &tape, &offset, &reason));
  g_assert_cmpuint (offset, ==, G_MAXUINT32);
  g_assert_cmpstr (reason, ==, "a document of 4 GiB or more");
}

/* @levels containers around @inside, arrays, objects or both in turn. */
static char *
nest (guint levels, const char *inside, guint arrays, guint objects)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < levels; i++)
    g_string_append (text, i % (arrays + objects) < arrays ? "[" : "{\"a\":");
  g_string_append (text, inside);
  for (guint i = levels; i-- > 0;)
    g_string_append (text, i % (arrays + objects) < arrays ? "]" : "}");
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  static const guint mixes[][2] = { { 1, 0 }, { 0, 1 }, { 1, 1 }, { 3, 2 } };
  static const char *insides[] = { "1", "[]", "{}", "\"x\"", "1e400", "1,[1],2" };

  for (guint mix = 0; mix < G_N_ELEMENTS (mixes); mix++)
    for (guint levels = 1020; levels < 1030; levels++)
      for (guint inside = 0; inside < G_N_ELEMENTS (insides); inside++)
        {
          g_autofree char *text = nest (levels, insides[inside], mixes[mix][0], mixes[mix][1]);
          g_autofree char *padded = pad (text, strlen (text));
          gboolean deeper = strpbrk (insides[inside], "[{") != NULL;
          ArborTape tape;
          gsize offset = 0;
          const char *reason = NULL;
          gboolean ok;

          if (strchr (insides[inside], ',') != NULL && mixes[mix][1] > 0)
            continue;
          ok = arbor_parser_parse (parser, padded, strlen (text), &tape, &offset, &reason);
          g_assert_cmpint (ok, ==, levels + deeper <= 1024);
          if (ok)
            {
              g_autofree char *dump = tape_dump (&tape);
              g_assert_nonnull (dump);
            }
          else
            {
              g_assert_cmpstr (reason, ==, "more than 1,024 levels of arrays and objects");
              g_assert_true (text[offset] == '[' || text[offset] == '{');
            }
        }
}

/* Lengths around each doubling, and a long document after short ones. */
static void
test_growth (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();

  for (gsize length = 1; length < 300000; length = length * 5 / 4 + 1)
    {
      g_autofree char *body = g_strnfill (length, 'y');
      g_autofree char *text = g_strdup_printf ("[\"%s\",18446744073709551616]", body);
      g_autofree char *expected = g_strdup_printf ("[2 \"%s\" n18446744073709551616 ]", body);

      assert_parses (parser, text, strlen (text), expected);
      assert_parses (parser, "1", 1, "i1");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parser/kinds", test_kinds);
  g_test_add_func ("/parser/big-numbers", test_big_numbers);
  g_test_add_func ("/parser/long-fractions", test_long_fractions);
  g_test_add_func ("/parser/errors", test_errors);
  g_test_add_func ("/parser/too-long", test_too_long);
  g_test_add_func ("/parser/depth", test_depth);
  g_test_add_func ("/parser/growth", test_growth);
  return g_test_run ();
}
