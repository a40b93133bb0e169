/* What is JSON and what is not, after RFC 8259 and semantics.md section 1: a table of texts by group,
 * each with the text that comes out (NULL: the text is refused). The groups are those of RFC 8259:
 * structure, arrays, objects, literals, numbers, strings, encoding.
 */

#include "base/arbor-tape.h"

#include <string.h>

typedef struct
{
  const char *text;
  const char *out;
} Case;

#define SAME(text) { text, text }
#define REFUSED(text) { text, NULL }

static const Case structure[] = {
  SAME ("[]"),
  SAME ("{}"),
  SAME ("\"\""),
  SAME ("0"),
  SAME ("null"),
  { " [] ", "[]" },
  { "\t\n\r []\t\n\r ", "[]" },
  { "[\n]", "[]" },
  REFUSED (""),
  REFUSED (" "),
  REFUSED ("\v[]"),
  REFUSED ("\f[]"),
  REFUSED ("[]\xc2\xa0"),
  REFUSED ("[\xe2\x80\xa8]"),
  REFUSED ("[]]"),
  REFUSED ("[]["),
  REFUSED ("[][]"),
  REFUSED ("{}}"),
  REFUSED ("[}"),
  REFUSED ("{]"),
  REFUSED ("{[]}"),
  REFUSED ("[1]x"),
  REFUSED ("\"a\"x"),
  REFUSED ("1,"),
  REFUSED (","),
  REFUSED (":"),
  REFUSED ("]"),
  REFUSED ("}"),
  REFUSED ("["),
  REFUSED ("{"),
  REFUSED ("\""),
  REFUSED ("\\"),
  REFUSED ("*"),
  REFUSED ("<null>"),
  REFUSED ("// []"),
  REFUSED ("[] // c"),
  REFUSED ("/* c */ []"),
  REFUSED ("[1/**/]"),
  REFUSED ("# c\n[]"),
  REFUSED ("\xef\xbb\xbf[]"),
  REFUSED ("[]\xef\xbb\xbf"),
};

static const Case arrays[] = {
  SAME ("[1]"),
  SAME ("[1,2]"),
  SAME ("[[]]"),
  SAME ("[[],[[]],[[[1]]]]"),
  SAME ("[null,1,\"1\",{}]"),
  SAME ("[\"\"]"),
  { "[ 1 , 2 ]", "[1,2]" },
  REFUSED ("[1,]"),
  REFUSED ("[,1]"),
  REFUSED ("[,]"),
  REFUSED ("[1,,2]"),
  REFUSED ("[1,,]"),
  REFUSED ("[1 2]"),
  REFUSED ("[1:2]"),
  REFUSED ("[1;2]"),
  REFUSED ("[\"a\" \"b\"]"),
  REFUSED ("[[] []]"),
  REFUSED ("[{} {}]"),
  REFUSED ("[1"),
  REFUSED ("[1,"),
  REFUSED ("[[1]"),
  REFUSED ("[1]]"),
  REFUSED ("[a]"),
  REFUSED ("[\"a\",\n4\n,1,"),
  REFUSED ("[...]"),
};

static const Case objects[] = {
  SAME ("{\"a\":1}"),
  SAME ("{\"\":0}"),
  SAME ("{\"b\":1,\"a\":2,\"c\":3}"),
  SAME ("{\"a\":{\"a\":{\"a\":{}}}}"),
  SAME ("{\"a\":[],\"b\":{}}"),
  { "{\"a\":1,\"a\":2}", "{\"a\":2}" },
  { "{\"a\":1,\"b\":0,\"a\":1}", "{\"a\":1,\"b\":0}" },
  { "{\"\\u0061\":1,\"a\":2}", "{\"a\":2}" },
  { "{ \"a\" : 1 }", "{\"a\":1}" },
  { "{\n\"a\":\n1\n}", "{\"a\":1}" },
  REFUSED ("{\"a\"}"),
  REFUSED ("{\"a\":}"),
  REFUSED ("{\"a\",1}"),
  REFUSED ("{\"a\" 1}"),
  REFUSED ("{\"a\"::1}"),
  REFUSED ("{\"a\":1,}"),
  REFUSED ("{\"a\":1,,\"b\":2}"),
  REFUSED ("{,\"a\":1}"),
  REFUSED ("{,}"),
  REFUSED ("{\"a\":1 \"b\":2}"),
  REFUSED ("{\"a\":1;\"b\":2}"),
  REFUSED ("{\"a\":1 true}"),
  REFUSED ("{a:1}"),
  REFUSED ("{'a':1}"),
  REFUSED ("{1:1}"),
  REFUSED ("{null:1}"),
  REFUSED ("{true:1}"),
  REFUSED ("{[]:1}"),
  REFUSED ("{{}:1}"),
  REFUSED ("{\"a\":1"),
  REFUSED ("{\"a\":"),
  REFUSED ("{\"a\""),
  REFUSED ("{\"a"),
  REFUSED ("{\"a\":1}}"),
  REFUSED ("{\"a\":b}"),
  REFUSED ("{\"a\":1]"),
};

static const Case literals[] = {
  SAME ("[true,false,null]"),
  { "\ttrue\n", "true" },
  REFUSED ("True"),
  REFUSED ("TRUE"),
  REFUSED ("tru"),
  REFUSED ("truee"),
  REFUSED ("true1"),
  REFUSED ("true\""),
  REFUSED ("fals"),
  REFUSED ("falsee"),
  REFUSED ("nul"),
  REFUSED ("nulll"),
  REFUSED ("nil"),
  REFUSED ("undefined"),
  REFUSED ("NaN"),
  REFUSED ("nan"),
  REFUSED ("-NaN"),
  REFUSED ("Infinity"),
  REFUSED ("-Infinity"),
  REFUSED ("inf"),
  REFUSED ("[truefalse]"),
  REFUSED ("t"),
  REFUSED ("f"),
  REFUSED ("n"),
};

static const Case numbers[] = {
  SAME ("0"),
  SAME ("1"),
  SAME ("-1"),
  SAME ("10"),
  SAME ("1234567890"),
  SAME ("9223372036854775807"),
  SAME ("-9223372036854775808"),
  SAME ("9223372036854775808"),
  SAME ("18446744073709551615"),
  SAME ("18446744073709551616"),
  SAME ("-9223372036854775809"),
  SAME ("100000000000000000000000000000000000000000"),
  { "-0", "0" },
  SAME ("0.0"),
  SAME ("-0.0"),
  SAME ("0.5"),
  SAME ("-1.25"),
  { "1.50", "1.5" },
  { "1e0", "1.0" },
  { "1E2", "100.0" },
  { "1e+2", "100.0" },
  { "1e-2", "0.01" },
  { "0e0", "0.0" },
  { "0e+1", "0.0" },
  { "0E-1", "0.0" },
  { "-0e5", "-0.0" },
  { "1.5e3", "1500.0" },
  { "1e00", "1.0" },
  { "1e007", "10000000.0" },
  SAME ("1e400"),
  SAME ("-1e400"),
  SAME ("1E400"),
  SAME ("1.0e+400"),
  SAME ("1e-400"),
  SAME ("-1e-400"),
  SAME ("0.1e-999999999999"),
  SAME ("1e999999999999999999999"),
  { "1e-320", "1e-320" },
  { "0e999999999999999999999", "0.0" },
  SAME ("1.7976931348623157e+308"),
  SAME ("1.7976931348623159e308"),
  SAME ("5e-324"),
  SAME ("2e-324"),
  { "123456789012345678901234567890.5", "1.2345678901234568e+29" },
  { "0.1000000000000000055511151231257827", "0.1" },
  { "9007199254740993.0", "9007199254740992.0" },
  REFUSED ("-"),
  REFUSED ("+1"),
  REFUSED ("--1"),
  REFUSED ("++1"),
  REFUSED ("+-1"),
  REFUSED ("- 1"),
  REFUSED ("01"),
  REFUSED ("-01"),
  REFUSED ("00"),
  REFUSED ("-00"),
  REFUSED ("012"),
  REFUSED ("00.5"),
  REFUSED (".5"),
  REFUSED ("-.5"),
  REFUSED ("1."),
  REFUSED ("-1."),
  REFUSED ("0."),
  REFUSED ("1.e1"),
  REFUSED ("1.5."),
  REFUSED ("1.2.3"),
  REFUSED ("1e"),
  REFUSED ("1e+"),
  REFUSED ("1e-"),
  REFUSED ("1E"),
  REFUSED ("1.5e"),
  REFUSED ("0e"),
  REFUSED ("e1"),
  REFUSED ("1e1e1"),
  REFUSED ("1e1.5"),
  REFUSED ("1e+-1"),
  REFUSED ("1 e1"),
  REFUSED ("1_000"),
  REFUSED ("1,000"),
  REFUSED ("1 000"),
  REFUSED ("0x1"),
  REFUSED ("0b1"),
  REFUSED ("0o7"),
  REFUSED ("1f"),
  REFUSED ("1L"),
  REFUSED ("1a"),
  REFUSED ("1\""),
  REFUSED ("[1]2"),
  REFUSED ("\xef\xbc\x91"),
  REFUSED ("[0e400,01]"),
  REFUSED ("[1e400,1.]"),
};

static const Case strings[] = {
  SAME ("\"a\""),
  SAME ("\"\\\"\\\\\""),
  { "\"\\/\"", "\"/\"" },
  SAME ("\"\\b\\f\\n\\r\\t\""),
  { "\"\\u0041\"", "\"A\"" },
  { "\"\\u0022\"", "\"\\\"\"" },
  { "\"\\u005C\"", "\"\\\\\"" },
  { "\"\\u000a\\u000B\"", "\"\\n\\u000b\"" },
  SAME ("\"\\u0000\""),
  SAME ("\"\x7f\""),
  { "\"\\u007f\"", "\"\x7f\"" },
  { "\"\\u00e9\\u20AC\"", "\"\xc3\xa9\xe2\x82\xac\"" },
  { "\"\\uD834\\udd1e\"", "\"\xf0\x9d\x84\x9e\"" },
  { "\"\\uDBFF\\uDFFF\"", "\"\xf4\x8f\xbf\xbf\"" },
  { "\"\\uFFFE\\uFFFF\"", "\"\xef\xbf\xbe\xef\xbf\xbf\"" },
  SAME ("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
  SAME ("\"\xe2\x80\xa8\xe2\x80\xa9\""),
  SAME ("\"/* c */ // c\""),
  SAME ("\"[{]},:\""),
  REFUSED ("\"a"),
  REFUSED ("a\""),
  REFUSED ("'a'"),
  REFUSED ("`a`"),
  REFUSED ("\"\\\""),
  REFUSED ("\"\\\\\\\""),
  REFUSED ("\"\\a\""),
  REFUSED ("\"\\v\""),
  REFUSED ("\"\\0\""),
  REFUSED ("\"\\'\""),
  REFUSED ("\"\\x41\""),
  REFUSED ("\"\\U0041\""),
  REFUSED ("\"\\ \""),
  REFUSED ("\"\\\n\""),
  REFUSED ("\"\\u\""),
  REFUSED ("\"\\u1\""),
  REFUSED ("\"\\u123\""),
  REFUSED ("\"\\u123g\""),
  REFUSED ("\"\\u 123\""),
  REFUSED ("\"\\u+123\""),
  REFUSED ("\"\\u{41}\""),
  REFUSED ("\"\\ud800\""),
  REFUSED ("\"\\udbff\""),
  REFUSED ("\"\\udc00\""),
  REFUSED ("\"\\udfff\""),
  REFUSED ("\"\\ud800a\""),
  REFUSED ("\"\\ud800\\n\""),
  REFUSED ("\"\\ud800\\u\""),
  REFUSED ("\"\\ud800\\u0041\""),
  REFUSED ("\"\\ud800\\ud800\""),
  REFUSED ("\"\\ud800\\ud800\\udc00\""),
  REFUSED ("\"\\udc00\\ud800\""),
  REFUSED ("\"\\ud83d \\ude00\""),
  REFUSED ("\"a\tb\""),
  REFUSED ("\"a\nb\""),
  REFUSED ("\"a\rb\""),
  REFUSED ("\"\x01\""),
  REFUSED ("\"\x1f\""),
  REFUSED ("[\"a\n\"]"),
  REFUSED ("{\"a\nb\":1}"),
};

static const Case encoding[] = {
  REFUSED ("\"\x80\""),
  REFUSED ("\"\xbf\""),
  REFUSED ("\"\xc0\x80\""),
  REFUSED ("\"\xc1\xbf\""),
  REFUSED ("\"\xc2\""),
  REFUSED ("\"\xc2\x41\""),
  REFUSED ("\"\xe0\x9f\xbf\""),
  REFUSED ("\"\xe0\x80\x80\""),
  REFUSED ("\"\xe2\x82\""),
  REFUSED ("\"\xe2\x28\xa1\""),
  REFUSED ("\"\xed\xa0\x80\""),
  REFUSED ("\"\xed\xbf\xbf\""),
  REFUSED ("\"\xed\xa0\x80\xed\xb0\x80\""),
  REFUSED ("\"\xf0\x8f\xbf\xbf\""),
  REFUSED ("\"\xf0\x9f\x98\""),
  REFUSED ("\"\xf4\x90\x80\x80\""),
  REFUSED ("\"\xf5\x80\x80\x80\""),
  REFUSED ("\"\xf8\x88\x80\x80\x80\""),
  REFUSED ("\"\xfe\""),
  REFUSED ("\"\xff\""),
  REFUSED ("{\"\xff\":1}"),
  REFUSED ("\xc3\xa9"),
  REFUSED ("[1\xff]"),
  REFUSED ("\xff\xfe[\x01]"),
};

static void
check (gconstpointer data, gsize n)
{
  const Case *cases = data;
  g_autoptr (ArborParser) parser = arbor_parser_new ();

  for (gsize i = 0; i < n; i++)
    {
      gsize length = strlen (cases[i].text);
      g_autofree char *padded = g_malloc0 (length + ARBOR_PARSER_PADDING);
      ArborBuffer out = { NULL };
      ArborTape tape;
      gsize offset = G_MAXSIZE;
      const char *reason = NULL;

      memcpy (padded, cases[i].text, length);
      if (arbor_parser_parse (parser, padded, length, &tape, &offset, &reason))
        {
          if (cases[i].out == NULL)
            g_error ("accepted: %s", cases[i].text);
          arbor_tape_write_json (&tape, ARBOR_TAPE_ROOT, &out);
          g_assert_cmpmem (out.data, out.length, cases[i].out, strlen (cases[i].out));
        }
      else
        {
          if (cases[i].out != NULL)
            g_error ("refused: %s: %s at byte %" G_GSIZE_FORMAT, cases[i].text, reason, offset);
          g_assert_cmpuint (offset, <=, length);
          g_assert_cmpuint (strlen (reason), >, 0);
        }
      arbor_buffer_free (&out);
    }
}

#define GROUP(name)                                                                                \
  static void test_##name (void)                                                                   \
  {                                                                                                \
    check (name, G_N_ELEMENTS (name));                                                             \
  }

GROUP (structure)
GROUP (arrays)
GROUP (objects)
GROUP (literals)
GROUP (numbers)
GROUP (strings)
GROUP (encoding)

/* Bytes of zero, which the table cannot hold. */
static void
test_nul (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  static const char texts[][4] = { "\0[]", "[]\0", "[\0]", "\"\0\"", "1\0\0", "{\0}" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      char padded[3 + ARBOR_PARSER_PADDING] = { 0 };
      ArborTape tape;
      gsize offset;
      const char *reason;

      memcpy (padded, texts[i], 3);
      g_assert_false (arbor_parser_parse (parser, padded, 3, &tape, &offset, &reason));
      g_assert_cmpuint (offset, ==, (gsize) ((const char *) memchr (texts[i], 0, 3) - texts[i]));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-acceptance/structure", test_structure);
  g_test_add_func ("/json-acceptance/arrays", test_arrays);
  g_test_add_func ("/json-acceptance/objects", test_objects);
  g_test_add_func ("/json-acceptance/literals", test_literals);
  g_test_add_func ("/json-acceptance/numbers", test_numbers);
  g_test_add_func ("/json-acceptance/strings", test_strings);
  g_test_add_func ("/json-acceptance/encoding", test_encoding);
  g_test_add_func ("/json-acceptance/nul", test_nul);
  return g_test_run ();
}
