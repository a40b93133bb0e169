/* Tapes: the writer makes what the parser makes, and JSON text comes out of both with duplicate keys
 * resolved. */

#include "base/arbor-tape.h"

#include "kit/tape-dump.h"

static char *
parse_and_write (ArborParser *parser, const char *text)
{
  g_autofree char *padded = g_malloc0 (strlen (text) + ARBOR_PARSER_PADDING);
  ArborBuffer out = { NULL };
  ArborTape tape;
  gsize offset;
  const char *reason;

  memcpy (padded, text, strlen (text));
  g_assert_true (
    arbor_parser_parse (parser, padded, strlen (text), &tape, &offset, &reason));
  arbor_tape_write_json (&tape, ARBOR_TAPE_ROOT, &out);
  arbor_buffer_append_byte (&out, 0);
  return (char *) out.data;
}

static void
test_write_json (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  static const struct
  {
    const char *in;
    const char *out; /* NULL: the same */
  } cases[] = {
    { "null", NULL },
    { "-0.0", NULL },
    { "-0", "0" },
    { "1e400", NULL },
    { "\"\\u0000\\u00e9/\"", "\"\\u0000\xc3\xa9/\"" },
    { "[]", NULL },
    { "{}", NULL },
    { " [ 1 , [ ] , { } , [ [ 2 ] ] ] ", "[1,[],{},[[2]]]" },
    { "{\"a\":{\"b\":[1,2.50,18446744073709551615]},\"c\":true,\"d\":false}",
      "{\"a\":{\"b\":[1,2.5,18446744073709551615]},\"c\":true,\"d\":false}" },
    { "{\"b\":1,\"a\":2,\"b\":3}", "{\"b\":3,\"a\":2}" },
    { "{\"a\":1,\"a\":[{\"x\":1,\"x\":{\"y\":1,\"z\":0,\"y\":[2]}}],\"\":0}",
      "{\"a\":[{\"x\":{\"y\":[2],\"z\":0}}],\"\":0}" },
    { "{\"a\":{\"k\":1,\"k\":2},\"a\":{\"j\":3,\"j\":4}}", "{\"a\":{\"j\":4}}" },
    { "[{\"a\":1,\"a\":2},{\"a\":3,\"b\":4},{\"b\":5,\"b\":[],\"b\":6}]",
      "[{\"a\":2},{\"a\":3,\"b\":4},{\"b\":6}]" },
    { "{\"a\\u0000\":1,\"a\":2,\"a\\u0000\":3}", "{\"a\\u0000\":3,\"a\":2}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = parse_and_write (parser, cases[i].in);

      g_assert_cmpstr (json, ==, cases[i].out != NULL ? cases[i].out : cases[i].in);
    }
}

/* Objects of random keys from a small set, against a list searched from its start. */
static void
test_duplicate_keys (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (guint round = 0; round < 500; round++)
    {
      guint n = (guint) g_rand_int_range (rand, 1, 60);
      guint n_keys = (guint) g_rand_int_range (rand, 1, 120);
      g_autoptr (GString) text = g_string_new ("{");
      g_autoptr (GString) expected = g_string_new ("{");
      guint keys[60];
      guint values[60];
      guint n_kept = 0;
      g_autofree char *json = NULL;

      for (guint i = 0; i < n; i++)
        {
          guint key = (guint) g_rand_int_range (rand, 0, (gint32) n_keys);
          guint at = 0;

          g_string_append_printf (text, "%s\"k%u\":%u", i > 0 ? "," : "", key, i);
          while (at < n_kept && keys[at] != key)
            at++;
          keys[at] = key;
          values[at] = i;
          n_kept = MAX (n_kept, at + 1);
        }
      for (guint i = 0; i < n_kept; i++)
        g_string_append_printf (expected, "%s\"k%u\":%u", i > 0 ? "," : "", keys[i], values[i]);
      g_string_append_c (text, '}');
      g_string_append_c (expected, '}');

      json = parse_and_write (parser, text->str);
      g_assert_cmpstr (json, ==, expected->str);
    }
}

static const char sample[] =
  "{\"a\":[1,-2,18446744073709551615,2.5,1e400,\"x\\u0000y\",true,false,null,[],{}],"
  "\"b\":{\"c\":{\"d\":\"\"}},\"b\":0}";

static const char sample_dump[] =
  "{3 \"a\" [11 i1 i-2 u18446744073709551615 d4004000000000000 n1e400 \"x%00y\" true false null "
  "[0 ] {0 } ] \"b\" {1 \"c\" {1 \"d\" \"\" } } \"b\" i0 }";

static void
write_sample (ArborTapeWriter *writer)
{
  static const ArborValue values[] = {
    ARBOR_VALUE_INT64 (1),        ARBOR_VALUE_INT64 (-2),
    ARBOR_VALUE_UINT64 (G_MAXUINT64), ARBOR_VALUE_DOUBLE (2.5),
    ARBOR_VALUE_NUMBER ("1e400", 5), ARBOR_VALUE_STRING ("x\0y", 3),
    ARBOR_VALUE_BOOL (TRUE),      ARBOR_VALUE_BOOL (FALSE),
    ARBOR_VALUE_NULL,
  };

  arbor_tape_writer_begin_object (writer);
  arbor_tape_writer_key (writer, "a", 1);
  arbor_tape_writer_begin_array (writer);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    arbor_tape_writer_scalar (writer, &values[i]);
  arbor_tape_writer_begin_array (writer);
  arbor_tape_writer_end_array (writer);
  arbor_tape_writer_begin_object (writer);
  arbor_tape_writer_end_object (writer);
  arbor_tape_writer_end_array (writer);
  arbor_tape_writer_key (writer, "b", 1);
  arbor_tape_writer_begin_object (writer);
  arbor_tape_writer_key (writer, "c", 1);
  arbor_tape_writer_begin_object (writer);
  arbor_tape_writer_key (writer, "d", 1);
  arbor_tape_writer_scalar (writer, &ARBOR_VALUE_STRING ("", 0));
  arbor_tape_writer_end_object (writer);
  arbor_tape_writer_end_object (writer);
  arbor_tape_writer_key (writer, "b", 1);
  arbor_tape_writer_scalar (writer, &ARBOR_VALUE_INT64 (0));
  arbor_tape_writer_end_object (writer);
}

static void
test_writer (void)
{
  g_autoptr (ArborTapeWriter) writer = arbor_tape_writer_new ();

  for (guint round = 0; round < 3; round++)
    {
      ArborTape tape;
      g_autofree char *dump = NULL;

      write_sample (writer);
      arbor_tape_writer_finish (writer, &tape);
      dump = tape_dump (&tape);
      g_assert_cmpstr (dump, ==, sample_dump);
      arbor_tape_writer_reset (writer);
    }
}

static void
test_copy (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (ArborTapeWriter) writer = arbor_tape_writer_new ();
  g_autofree char *padded = g_malloc0 (sizeof sample + ARBOR_PARSER_PADDING);
  g_autofree char *expected = g_strdup_printf ("[3 \"%%2E\" %s %s ]", sample_dump, sample_dump);
  g_autofree char *dump = NULL;
  ArborTape tape;
  ArborTape copy;
  gsize offset;
  const char *reason;

  memcpy (padded, sample, sizeof sample);
  g_assert_true (
    arbor_parser_parse (parser, padded, strlen (sample), &tape, &offset, &reason));

  arbor_tape_writer_begin_array (writer);
  arbor_tape_writer_scalar (writer, &ARBOR_VALUE_STRING (".", 1));
  arbor_tape_writer_copy (writer, &tape, ARBOR_TAPE_ROOT);
  arbor_tape_writer_copy (writer, &tape, ARBOR_TAPE_ROOT);
  arbor_tape_writer_end_array (writer);
  arbor_tape_writer_finish (writer, &copy);
  dump = tape_dump (&copy);
  g_assert_cmpstr (dump, ==, expected);
}

/* Members and elements come out as values, each of its kind. */
static void
test_get_value (void)
{
  g_autoptr (ArborTapeWriter) writer = arbor_tape_writer_new ();
  static const guint8 kinds[] = {
    ARBOR_KIND_INT64,  ARBOR_KIND_INT64, ARBOR_KIND_UINT64, ARBOR_KIND_DOUBLE, ARBOR_KIND_NUMBER,
    ARBOR_KIND_STRING, ARBOR_KIND_BOOL,  ARBOR_KIND_BOOL,   ARBOR_KIND_NULL,   ARBOR_KIND_ARRAY,
    ARBOR_KIND_OBJECT,
  };
  ArborTape tape;
  ArborValue values[G_N_ELEMENTS (kinds)];
  guint32 index = ARBOR_TAPE_ROOT + 3;

  write_sample (writer);
  arbor_tape_writer_finish (writer, &tape);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      arbor_tape_get_value (&tape, index, &values[i]);
      g_assert_cmpuint (values[i].kind, ==, kinds[i]);
      index = arbor_tape_next (&tape, index);
    }
  g_assert_cmpint (values[0].int64, ==, 1);
  g_assert_cmpint (values[1].int64, ==, -2);
  g_assert_cmpuint (values[2].uint64, ==, G_MAXUINT64);
  g_assert_cmpfloat (values[3].real, ==, 2.5);
  g_assert_cmpmem (values[4].text, values[4].length, "1e400", 5);
  g_assert_cmpmem (values[5].text, values[5].length, "x\0y", 3);
  g_assert_true (values[6].boolean);
  g_assert_false (values[7].boolean);
  g_assert_cmpuint (values[9].holder_kind, ==, ARBOR_HOLDER_TAPE);
  g_assert_true (values[10].holder == &tape);
  g_assert_cmpint (arbor_tape_tag (&tape, values[10].index), ==, '{');
}

/* Many levels and many keys: no recursion, no quadratic work. */
static void
test_deep_and_wide (void)
{
  g_autoptr (ArborTapeWriter) writer = arbor_tape_writer_new ();
  g_autoptr (GString) expected = g_string_new (NULL);
  ArborBuffer out = { NULL };
  ArborTape tape;

  for (guint i = 0; i < 200000; i++)
    arbor_tape_writer_begin_array (writer);
  for (guint i = 0; i < 200000; i++)
    arbor_tape_writer_end_array (writer);
  arbor_tape_writer_finish (writer, &tape);
  arbor_tape_write_json (&tape, ARBOR_TAPE_ROOT, &out);
  g_assert_cmpuint (out.length, ==, 400000);
  g_assert_cmpint (out.data[199999], ==, '[');
  g_assert_cmpint (out.data[200000], ==, ']');

  arbor_tape_writer_reset (writer);
  arbor_tape_writer_begin_object (writer);
  g_string_append_c (expected, '{');
  for (guint i = 0; i < 200000; i++)
    {
      char key[16];
      int n = g_snprintf (key, sizeof key, "%u", i % 100000);

      arbor_tape_writer_key (writer, key, (gsize) n);
      arbor_tape_writer_scalar (writer, &ARBOR_VALUE_INT64 (i));
      if (i < 100000)
        g_string_append_printf (expected, "%s\"%s\":%u", i > 0 ? "," : "", key, i + 100000);
    }
  g_string_append_c (expected, '}');
  arbor_tape_writer_end_object (writer);
  arbor_tape_writer_finish (writer, &tape);
  arbor_buffer_clear (&out);
  arbor_tape_write_json (&tape, ARBOR_TAPE_ROOT, &out);
  g_assert_cmpmem (out.data, out.length, expected->str, expected->len);
  arbor_buffer_free (&out);
}

/* The count in an opening word stops at its 24 bits. */
static void
test_saturated_count (void)
{
  g_autoptr (ArborTapeWriter) writer = arbor_tape_writer_new ();
  ArborTape tape;

  arbor_tape_writer_begin_array (writer);
  for (guint i = 0; i < 0x1000001; i++)
    arbor_tape_writer_scalar (writer, &ARBOR_VALUE_NULL);
  arbor_tape_writer_end_array (writer);
  arbor_tape_writer_finish (writer, &tape);
  g_assert_cmpuint (arbor_tape_payload (&tape, ARBOR_TAPE_ROOT) >> 32, ==, 0xFFFFFF);
  g_assert_cmpuint (arbor_tape_next (&tape, ARBOR_TAPE_ROOT), ==, 0x1000004);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tape/write-json", test_write_json);
  g_test_add_func ("/tape/duplicate-keys", test_duplicate_keys);
  g_test_add_func ("/tape/writer", test_writer);
  g_test_add_func ("/tape/copy", test_copy);
  g_test_add_func ("/tape/get-value", test_get_value);
  g_test_add_func ("/tape/deep-and-wide", test_deep_and_wide);
  g_test_add_func ("/tape/saturated-count", test_saturated_count);
  return g_test_run ();
}
