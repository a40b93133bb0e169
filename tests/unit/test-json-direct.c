/* Lines by prediction against the parser: a batch of which each line was offered to prediction first
 * has the bytes of one whose lines all went through the parser, and what prediction takes the parser
 * takes, too. */

#include "json/arbor-json-direct.h"

#include <string.h>

/* Two builders that get the same lines. */
typedef struct
{
  ArborParser *parser;
  ArborBatchBuilder *predicted;
  ArborBatchBuilder *parsed;
  ArborJsonDirect *direct;
  guint n_predicted;
} Pair;

static void
pair_init (Pair *self)
{
  *self = (Pair){ .parser = arbor_parser_new () };
  self->predicted = arbor_batch_builder_new ();
  self->parsed = arbor_batch_builder_new ();
  self->direct = arbor_json_direct_new (self->predicted);
}

static void
pair_finish (Pair *self)
{
  g_autoptr (GBytes) predicted = arbor_batch_builder_finish (self->predicted, NULL);
  g_autoptr (GBytes) parsed = arbor_batch_builder_finish (self->parsed, NULL);

  g_assert_true (g_bytes_equal (predicted, parsed));
}

static void
pair_clear (Pair *self)
{
  arbor_json_direct_free (self->direct);
  arbor_parser_free (self->parser);
  arbor_batch_builder_free (self->predicted);
  arbor_batch_builder_free (self->parsed);
}

/* Whether it was predicted. */
static gboolean
pair_add (Pair *self, const char *line, gsize length)
{
  g_autofree char *text = g_malloc (length + 1 + ARBOR_PARSER_PADDING);
  ArborTape tape;
  gsize offset, n;
  const char *reason;
  gboolean is_json;

  memcpy (text, line, length);
  text[length] = '\n';
  memset (text + length + 1, '"', ARBOR_PARSER_PADDING);
  is_json = arbor_parser_parse (self->parser, text, length, &tape, &offset, &reason);
  if (is_json)
    arbor_batch_builder_add_tape (self->parsed, &tape, ARBOR_TAPE_ROOT);
  n = g_utf8_validate_len (line, length, NULL)
          ? arbor_json_direct_read (self->direct, text, G_MAXSIZE)
          : 0;
  if (n > 0)
    {
      if (!is_json || n != length + 1)
        g_error ("taken, %d: %.*s", is_json, (int) length, line);
      self->n_predicted++;
    }
  else if (is_json)
    arbor_batch_builder_add_tape (self->predicted, &tape, ARBOR_TAPE_ROOT);
  if (is_json && (arbor_batch_builder_is_full (self->parsed) ||
                  arbor_batch_builder_is_full (self->predicted)))
    pair_finish (self);
  return n > 0;
}

static void
test_cases (void)
{
  static const struct
  {
    const char *line;
    gboolean is_predicted; /* when it comes again */
  } cases[] = {
    { "{\"a\":1}", TRUE },
    { " {\t\"a\" : -12 , \"b\":\"x\" }\r", TRUE },
    { "{\"b\":\"\",\"a\":true}", TRUE },
    { "{\"a\":[1,[2,{}],{\"c\":null}],\"long key of many bytes\":{\"d\":false}}", TRUE },
    { "{\"a\":[],\"e\":[[]]}", TRUE },
    { "{}", TRUE },
    { "[]", TRUE },
    { "[[[[1]]]]", TRUE },
    { "null", TRUE },
    { "\"root\"", TRUE },
    { "9223372036854775807", TRUE },
    { "1234567890123456789", TRUE },
    { "-9223372036854775807", TRUE },
    { "-9223372036854775808", FALSE },
    { "9223372036854775808", FALSE },
    { "18446744073709551616", FALSE },
    { "-0", FALSE },
    { "0", TRUE },
    { "0.0", TRUE },
    { "-0.0", TRUE },
    { "0e1", TRUE },
    { "1e400", FALSE },
    { "1e-400", FALSE },
    { "1.7976931348623157e308", TRUE },
    { "4.9e-324", TRUE },
    { "0.1", TRUE },
    { "123456789012345678901234567890.5", TRUE },
    { "9007199254740993.0", TRUE },
    { "1.5E+5", TRUE },
    { "3e22", TRUE },
    { "3e23", TRUE },
    { "\"\\u00e9\\n\\\"\\\\\\/\\b\\f\\r\\t\\ud83c\\udf32 and more after it\"", TRUE },
    { "\"\\u007f\\u0080\\u07ff\\u0800\\uFFFF\\ud800\\udc00\\uDBFF\\uDFFF\\uabcd\\uEF01\"", TRUE },
    { "\"\\u00g0\"", FALSE },
    { "\"\\u00/0\"", FALSE },
    { "\"\\u0000\"", TRUE },
    { "{\"a\":\"\\u0041\",\"b\":\"second \\u00DF\"}", TRUE },
    { "\"\xd1\x8f\xd0\xb1\xd0\xbb\xd0\xbe\xd0\xbd\xd1\x8f\"", TRUE },
    { "\"\\ud83c\"", FALSE },
    { "\"\\udf32\"", FALSE },
    { "\"\\ud83c\\u0041\"", FALSE },
    { "\"\\u12\"", FALSE },
    { "\"\\x\"", FALSE },
    { "\"tab\t\"", FALSE },
    { "{\"a\":1,\"a\":2}", FALSE },
    { "{\"\\u0061\":1}", FALSE },
    { "{\"\":1}", TRUE },
    { "{\"q\\\"\":1}", FALSE },
    { "{\"q\"\":1}", FALSE },
    { "{\"back\\\\\":1}", FALSE },
    { "{\"back\\\":1}", FALSE },
    { "01", FALSE },
    { "1.", FALSE },
    { ".5", FALSE },
    { "1e", FALSE },
    { "1e+", FALSE },
    { "-", FALSE },
    { "+1", FALSE },
    { "1 2", FALSE },
    { "tru", FALSE },
    { "nul", FALSE },
    { "truee", FALSE },
    { "[1,]", FALSE },
    { "[,1]", FALSE },
    { "[1 2]", FALSE },
    { "[1}", FALSE },
    { "{\"a\":1,}", FALSE },
    { "{\"a\" 1}", FALSE },
    { "{\"a\":}", FALSE },
    { "{,}", FALSE },
    { "{\"a\":1", FALSE },
    { "[", FALSE },
    { "\"", FALSE },
    { "\"abc", FALSE },
    { "", FALSE },
    { " ", FALSE },
  };
  Pair pair;

  pair_init (&pair);
  for (guint round = 0; round < 3; round++)
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        gboolean is_predicted = FALSE;

        /* It gives up for a while after a row of refusals. */
        for (guint n = 0; n < (cases[i].is_predicted ? 80 : 1) && !is_predicted; n++)
          is_predicted = pair_add (&pair, cases[i].line, strlen (cases[i].line));
        if (is_predicted != cases[i].is_predicted)
          g_error ("%s", cases[i].line);
      }
  pair_finish (&pair);
  pair_clear (&pair);
}

/* Records with optional, nested and mixed members. */
static void
append_value (GString *line, GRand *random, guint depth)
{
  static const char *const keys[] = { "id", "name", "a longer name", "\xc3\xa9", "k\\n", "", "x" };
  guint n = (guint) g_rand_int_range (random, 0, 4);

  switch (g_rand_int_range (random, 0, depth > 3 ? 7 : 10))
    {
    case 0:
      g_string_append_printf (line, "%d", g_rand_int_range (random, -1000, 1000));
      break;
    case 1:
      g_string_append_printf (line, "%.*g", g_rand_int_range (random, 1, 18),
                              g_rand_double_range (random, -1e6, 1e6));
      break;
    case 2:
      g_string_append_printf (line, "%" G_GUINT64_FORMAT ".%ue%d",
                              (guint64) g_rand_int (random) << (n * 10), g_rand_int (random),
                              g_rand_int_range (random, -330, 320));
      break;
    case 3:
      g_string_append (line, n == 0 ? "true" : n == 1 ? "false" : "null");
      break;
    case 4:
      g_string_append_printf (line, "\"some text %u of any length \\u%04x\"",
                              g_rand_int (random) >> (n * 9), g_rand_int (random) & 0xffff);
      break;
    case 5:
    case 6:
      g_string_append_printf (line, "\"%.*s\"", (int) n * 9,
                              "abcdefghijklmnopqrstuvwxyz0123456789");
      break;
    case 7:
      g_string_append_c (line, '[');
      for (guint i = 0; i < n; i++)
        {
          g_string_append (line, i > 0 ? ", " : "");
          append_value (line, random, depth + 1);
        }
      g_string_append_c (line, ']');
      break;
    default:
      g_string_append_c (line, '{');
      for (guint i = 0, m = 0; i < G_N_ELEMENTS (keys); i++)
        if (g_rand_int_range (random, 0, 3) > 0)
          {
            g_string_append_printf (line, "%s\"%s\":", m++ > 0 ? "," : "", keys[i]);
            append_value (line, random, depth + 1);
          }
      g_string_append_c (line, '}');
      break;
    }
}

/* Random lines, each also with a byte or two changed. */
static void
test_random (void)
{
  static const char bytes[] = "{}[]\",:\\ \t\r0123456789eE+-.utfn\x01\x7f\xc3\xa9";
  g_autoptr (GRand) random = g_rand_new_with_seed (20260103);
  g_autoptr (GString) line = g_string_new (NULL);
  Pair pair;

  pair_init (&pair);
  for (guint i = 0; i < 30000; i++)
    {
      g_string_truncate (line, 0);
      append_value (line, random, i % 3);
      pair_add (&pair, line->str, line->len);
      for (guint n = 0; n < 1 + i % 2; n++)
        line->str[g_rand_int_range (random, 0, (gint) line->len)] =
            bytes[g_rand_int_range (random, 0, sizeof bytes - 1)];
      pair_add (&pair, line->str, line->len);
    }
  g_assert_cmpuint (pair.n_predicted, >, 3000);
  pair_finish (&pair);
  pair_clear (&pair);
}

/* Many strings, all distinct and few distinct ones: dictionaries that stay and that are left. */
static void
test_strings (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  Pair pair;

  pair_init (&pair);
  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *line = g_strdup_printf (
          "{\"unique\":\"u%u\",\"few\":\"%.*s\",\"some\":\"a rather long text, number %d\"}", i,
          g_rand_int_range (random, 0, 20), "12345678901234567890",
          g_rand_int_range (random, 0, 3000));

      pair_add (&pair, line, strlen (line));
    }
  g_assert_cmpuint (pair.n_predicted, >, 19900);
  pair_finish (&pair);
  pair_clear (&pair);
}

/* An object of more than 1,024 members, and levels deeper than columns go, are text in a batch. */
static void
test_limits (void)
{
  g_autoptr (GString) wide = g_string_new ("{\"m0\":0");
  g_autoptr (GString) deep = g_string_new (NULL);
  Pair pair;

  pair_init (&pair);
  for (guint i = 1; i < 1024; i++)
    g_string_append_printf (wide, ",\"m%u\":%u", i, i);
  for (guint i = 0; i < 63; i++)
    g_string_append_c (deep, '[');
  g_string_append (deep, "[5]");
  for (guint i = 0; i < 63; i++)
    g_string_append_c (deep, ']');
  for (guint i = 0; i < 3; i++)
    {
      pair_add (&pair, wide->str, wide->len);
      pair_add (&pair, deep->str, deep->len);
      pair_add (&pair, deep->str + 1, deep->len - 2);
    }
  g_string_append (wide, "}");
  g_assert_false (pair_add (&pair, wide->str, wide->len));
  g_assert_true (pair_add (&pair, wide->str, wide->len));
  wide->str[wide->len - 1] = ',';
  g_string_append (wide, "\"m1024\":0}");
  g_assert_false (pair_add (&pair, wide->str, wide->len));
  g_assert_false (pair_add (&pair, wide->str, wide->len));
  pair_finish (&pair);
  pair_clear (&pair);
}

/* A line as long as it may be, and one byte more. */
static void
test_max_length (void)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  ArborJsonDirect *direct = arbor_json_direct_new (builder);
  char text[8 + ARBOR_PARSER_PADDING] = "12345\n";

  g_assert_cmpuint (arbor_json_direct_read (direct, text, 5), ==, 0);
  g_assert_cmpuint (arbor_batch_builder_get_n_trees (builder), ==, 0);
  g_assert_cmpuint (arbor_json_direct_read (direct, text, 6), ==, 6);
  g_assert_cmpuint (arbor_batch_builder_get_n_trees (builder), ==, 1);
  arbor_json_direct_free (direct);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-direct/cases", test_cases);
  g_test_add_func ("/json-direct/random", test_random);
  g_test_add_func ("/json-direct/strings", test_strings);
  g_test_add_func ("/json-direct/limits", test_limits);
  g_test_add_func ("/json-direct/max-length", test_max_length);
  return g_test_run ();
}
