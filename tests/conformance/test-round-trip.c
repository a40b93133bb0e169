/* Nothing is lost: parse (export (batches (parse (x)))) equals parse (x), kinds, number texts, key
 * order and all, for documents chosen to hurt. Tapes are compared as dumps (tape-dump.h), which show
 * each kind and each bit. Every document goes alone, all go together in one arbor, and the export
 * read again gives the same batches byte by byte.
 */

#include "batch/arbor-batch.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-json-reader.h"

#include "kit/tape-dump.h"

/* The trees of an arbor as they come out, and its batches. */
typedef struct
{
  GPtrArray *batches; /* GBytes */
  GString *text;      /* JSON Lines */
} Arbor;

static gboolean
take_batch (GBytes *bytes, guint32 n_trees, gpointer data, GError **error)
{
  Arbor *self = data;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  gsize size;
  const guint8 *bytes_data = g_bytes_get_data (bytes, &size);
  g_autoptr (ArborBatch) batch = arbor_batch_open (bytes_data, size, error);
  ArborBuffer out = { NULL };

  g_assert_no_error (*error);
  g_assert_cmpuint (arbor_batch_get_n_trees (batch), ==, n_trees);
  g_assert_true (arbor_batch_verify (batch, error));
  for (guint32 row = 0; row < n_trees; row++)
    {
      ArborValue tree;

      arbor_batch_get_tree (batch, row, &tree);
      arbor_value_write_json (&tree, scope, &out);
      arbor_buffer_append_byte (&out, '\n');
      g_assert_true (arbor_scope_check (scope, error));
      arbor_scope_reset (scope);
    }
  g_string_append_len (self->text, (const char *) out.data, (gssize) out.length);
  g_ptr_array_add (self->batches, g_bytes_ref (bytes));
  arbor_buffer_free (&out);
  return TRUE;
}

static void
arbor_init (Arbor *self, const char *lines, gsize length)
{
  ArborJsonReadOptions options = { .format = ARBOR_JSON_LINES, .sink = take_batch };
  g_autoptr (GError) error = NULL;

  self->batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->text = g_string_new (NULL);
  options.sink_data = self;
  arbor_json_read_bytes (lines, length, &options, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
arbor_clear (Arbor *self)
{
  g_ptr_array_unref (self->batches);
  g_string_free (self->text, TRUE);
}

static char *
dump_text (ArborParser *parser, const char *text, gsize length)
{
  g_autofree char *padded = g_malloc0 (length + ARBOR_PARSER_PADDING);
  ArborTape tape;
  gsize offset;
  const char *reason = "";

  memcpy (padded, text, length);
  if (!arbor_parser_parse (parser, padded, length, &tape, &offset, &reason))
    g_error ("%.*s: %s at byte %" G_GSIZE_FORMAT, (int) MIN (length, 200), text, reason, offset);
  return tape_dump (&tape);
}

/* The documents of @lines come out as those of @expected, one by one. */
static void
assert_round_trip (const char *lines, gsize length, const char *expected)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  Arbor first;
  Arbor second;
  const char *in = expected;
  const char *out;

  arbor_init (&first, lines, length);
  for (out = first.text->str; *out != '\0'; out = strchr (out, '\n') + 1)
    {
      gsize in_length = strcspn (in, "\n");
      g_autofree char *wanted = dump_text (parser, in, in_length);
      g_autofree char *got = dump_text (parser, out, strcspn (out, "\n"));

      g_assert_cmpstr (got, ==, wanted);
      in += in_length + (in[in_length] == '\n');
    }
  g_assert_cmpint (*in, ==, '\0');

  arbor_init (&second, first.text->str, first.text->len);
  g_assert_cmpstr (second.text->str, ==, first.text->str);
  g_assert_cmpuint (second.batches->len, ==, first.batches->len);
  for (guint i = 0; i < first.batches->len; i++)
    g_assert_true (g_bytes_equal (first.batches->pdata[i], second.batches->pdata[i]));
  arbor_clear (&first);
  arbor_clear (&second);
}

static void
assert_keeps (const char *lines)
{
  assert_round_trip (lines, strlen (lines), lines);
}

static const char *const documents[] = {
  "null",
  "true",
  "[]",
  "{}",
  "\"\"",
  "-0",
  "-0.0",
  "0.0",
  "1",
  "1.0",
  "9007199254740993",
  "9007199254740993.0",
  "-9223372036854775808",
  "9223372036854775807",
  "9223372036854775808",
  "18446744073709551615",
  "18446744073709551616",
  "-18446744073709551616",
  "1e400",
  "-1E+400",
  "1e-320",
  "1e-400",
  "5e-324",
  "1.7976931348623157e308",
  "0.1",
  "[1,1.0,1e400,\"1\",true,null,[],{}]",
  "[[],[[]],[[],[]],[[[1]]],{}]",
  "{\"\":1}",
  "{\"\":{\"\":{\"\":[]}}}",
  "{\"a\":null}",
  "{\"a\":{}}",
  "{\"a\":[]}",
  "{\"a\":[null]}",
  "{\"a\":[{}]}",
  "{\"a\":[{\"b\":1},{\"c\":2},{\"c\":3,\"b\":4},{\"b\":5,\"c\":6},null,7,\"x\",[]]}",
  "{\"a\":1,\"b\":2}",
  "{\"b\":2,\"a\":1}",
  "{\"a\":\"1\",\"b\":[1,2,3]}",
  "{\"a\":1.5,\"b\":{\"c\":1}}",
  "{\"a\":18446744073709551615}",
  "{\"a\":-1}",
  "{\"a\":12345678901234567890123}",
  "{\"a\":true}",
  "{\"a\\u0000b\":\"\\u0000\",\"a\":\"\\u0000\\u0000\"}",
  "{\"\xf0\x9f\x98\x80\":\"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\",\"\\\"\\\\\":\"\\b\\f\\n\\r\\t\\u001f\"}",
  "{\"a.b\":1,\"a[0]\":2,\"[\\\"x\\\"]\":3,\"$\":4,\"@\":5,\"*\":6,\" \":7}",
  "{\"1e400\":1e400,\"x\":\"1e400\"}",
  "{\"d\":[0.0,-0.0,1e-400,1e-320,1e22,123456789.125]}",
};

static void
test_alone (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    assert_keeps (documents[i]);
}

static void
test_together (void)
{
  g_autofree char *lines = NULL;
  g_autoptr (GPtrArray) many = g_ptr_array_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);

  for (guint i = 0; i < 40000; i++)
    g_ptr_array_add (many, (gpointer) documents[i < G_N_ELEMENTS (documents)
                                                  ? i
                                                  : (guint) g_rand_int_range (
                                                      rand, 0, G_N_ELEMENTS (documents))]);
  g_ptr_array_add (many, NULL);
  lines = g_strjoinv ("\n", (char **) many->pdata);
  assert_keeps (lines);
}

static void
test_digits (void)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint n = 15; n <= 400; n += 11)
    {
      g_autofree char *nines = g_strnfill (n, '9');
      g_autofree char *ones = g_strnfill (n, '1');

      g_string_append_printf (lines, "%s\n-%s\n{\"n\":%s}\n[%s,0.%s,%s.5,1e%s]\n", nines, nines, ones,
                              ones, ones, ones, n < 30 ? nines : "5");
    }
  assert_keeps (lines->str);
}

static void
test_duplicate_keys (void)
{
  static const char in[] =
    "{\"a\":1,\"b\":2,\"a\":3}\n"
    "{\"a\":1,\"a\":{\"x\":1,\"x\":[{\"y\":1,\"y\":2}]}}\n"
    "{\"\":0,\"\":1,\"\":2}\n"
    "[{\"k\":{\"a\":1}},{\"k\":{\"a\":1},\"k\":null},{\"k\":1,\"j\":2,\"k\":\"s\",\"j\":[]}]\n"
    "{\"a\\u0000\":1,\"a\":2,\"a\\u0000\":3}\n";
  static const char out[] =
    "{\"a\":3,\"b\":2}\n"
    "{\"a\":{\"x\":[{\"y\":2}]}}\n"
    "{\"\":2}\n"
    "[{\"k\":{\"a\":1}},{\"k\":null},{\"k\":\"s\",\"j\":[]}]\n"
    "{\"a\\u0000\":3,\"a\":2}\n";

  assert_round_trip (in, strlen (in), out);
}

static void
append_nested (GString *lines, guint levels, guint arrays, guint objects, const char *inside)
{
  for (guint i = 0; i < levels; i++)
    g_string_append (lines, i % (arrays + objects) < arrays ? "[" : "{\"a\":");
  g_string_append (lines, inside);
  for (guint i = levels; i-- > 0;)
    g_string_append (lines, i % (arrays + objects) < arrays ? "]" : "}");
  g_string_append_c (lines, '\n');
}

static void
test_levels (void)
{
  static const guint levels[] = { 10, 50, 63, 64, 65, 66, 100, 1000, 1023, 1024 };
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      append_nested (lines, levels[i], 1, 0, "1");
      append_nested (lines, levels[i], 0, 1, "1e400");
      append_nested (lines, levels[i], 1, 1, "\"\\u0000\"");
      append_nested (lines, levels[i], 2, 3, "null");
      append_nested (lines, levels[i] - 2, 1, 2, "{\"b\":1,\"a\":[]}");
    }
  assert_keeps (lines->str);
}

static void
test_many_keys (void)
{
  g_autoptr (GString) lines = g_string_new ("{\"small\":1}\n{\"map\":{\"k5\":0}}\n{\"map\":{");

  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (lines, "%s\"k%u\":%u", i > 0 ? "," : "", (i * 7919) % 100000, i);
  g_string_append (lines, "}}\n{");
  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (lines, "%s\"%x\":{\"v\":[%u]}", i > 0 ? "," : "", i, i);
  g_string_append (lines, "}\n");
  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (lines, "{\"t%u\":%u,\"same\":true}\n", i, i);
  assert_keeps (lines->str);
}

static void
test_long_values (void)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (gsize length = 1; length < 3000000; length = length * 3 + 1)
    {
      g_autofree char *text = g_strnfill (length, 'z');

      g_string_append_printf (lines, "{\"s\":\"%s\",\"%s\":1}\n\"%s\"\n", text, text, text);
    }
  g_string_append (lines, "[0");
  for (guint i = 1; i < 200000; i++)
    g_string_append_printf (lines, ",%u", i % 3 == 0 ? i : i % 250);
  g_string_append (lines, "]\n");
  assert_keeps (lines->str);
}

static void
append_random (GString *out, GRand *rand, guint depth)
{
  gint32 what = g_rand_int_range (rand, 0, depth > 0 ? 12 : 9);
  guint n = (guint) g_rand_int_range (rand, 0, 5);
  guint shift = (guint) g_rand_int_range (rand, 0, 8);

  switch (what)
    {
    case 0:
      g_string_append (out, "null");
      return;
    case 1:
      g_string_append (out, g_rand_boolean (rand) ? "true" : "false");
      return;
    case 2:
    case 3:
      g_string_append_printf (out, "%d", (gint32) g_rand_int (rand) >> g_rand_int_range (rand, 0, 31));
      return;
    case 4:
      g_string_append_printf (out, "%u%u", 1 + g_rand_int (rand) / 2, 1000000000 + g_rand_int (rand) / 2);
      return;
    case 5:
      g_string_append_printf (out, "%.*e", g_rand_int_range (rand, 0, 18),
                              g_rand_double_range (rand, -1e6, 1e6));
      return;
    case 6:
      g_string_append_printf (out, "%u.%ue%d", n, g_rand_int (rand), g_rand_int_range (rand, -400, 400));
      return;
    case 7:
    case 8:
      g_string_append_printf (out, "\"%s%x\"", n == 0 ? "\\u0000" : n == 1 ? "\xc3\xa9" : "s",
                              g_rand_int (rand) >> (4 * shift));
      return;
    case 9:
      g_string_append_c (out, '[');
      for (guint i = 0; i < n; i++)
        {
          g_string_append (out, i > 0 ? "," : "");
          append_random (out, rand, depth - 1);
        }
      g_string_append_c (out, ']');
      return;
    default:
      /* Keys in two orders, some left out. */
      g_string_append_c (out, '{');
      for (guint i = 0; i < n; i++)
        {
          g_string_append_printf (out, "%s\"k%u\":", i > 0 ? "," : "",
                                  shift % 2 == 0 ? i * (1 + shift / 4) : 20 - i);
          append_random (out, rand, depth - 1);
        }
      g_string_append_c (out, '}');
    }
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  for (guint round = 0; round < 60; round++)
    {
      g_autoptr (GString) lines = g_string_new (NULL);

      for (guint i = 0; i < 200; i++)
        {
          append_random (lines, rand, round % 6);
          g_string_append_c (lines, '\n');
        }
      assert_keeps (lines->str);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/round-trip/alone", test_alone);
  g_test_add_func ("/round-trip/together", test_together);
  g_test_add_func ("/round-trip/digits", test_digits);
  g_test_add_func ("/round-trip/duplicate-keys", test_duplicate_keys);
  g_test_add_func ("/round-trip/levels", test_levels);
  g_test_add_func ("/round-trip/many-keys", test_many_keys);
  g_test_add_func ("/round-trip/long-values", test_long_values);
  g_test_add_func ("/round-trip/random", test_random);
  return g_test_run ();
}
