/* Documents, elements and members read one by one: which trees come out of what, what is refused and
 * where; texts in UTF-16; what is compressed; numbers kept exactly; keys that come again; and that a
 * tree which would take too much memory is refused before it does. */

#include "kit/reading.h"

#include "json/arbor-json-cost.h"

static const ArborJsonReadOptions any = { .format = ARBOR_JSON_AUTO };

/* Documents, whatever stands between them. */
static void
test_documents (void)
{
  static const struct
  {
    const char *text;
    const char *trees;
  } cases[] = {
    { "{\"n\":1}{\"n\":2}\n{\"n\":3}\n\n{\n \"n\": 4\n}\n", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n" },
    { "{}{}", "{}\n{}\n" },
    { "[1,2] [3]", "[1,2]\n[3]\n" },
    { "[1,2]\n[3]\n", "[1,2]\n[3]\n" },
    { "[1,2][]", "[1,2]\n[]\n" },
    { "[1,2]\n\n \n", "1\n2\n" },
    { "[]", "" },
    { "[[]]", "[]\n" },
    { "[[1],[2]]\n", "[1]\n[2]\n" },
    { "1 2", "1\n2\n" },
    { "\"a\"\"b\" null true[1]-0.5{\"a\":1}", "\"a\"\nnull\n" },
    { "{\n\"a\":1\n}\n{\"a\":2}\n{\"a\":3}{\"a\":\n4}{\"a\":5}\n{\"a\":6}\n",
      "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n{\"a\":5}\n{\"a\":6}\n" },
    { "{\"s\":\"}{\\\"][\"}{\"s\":\"\\\\\"}", "{\"s\":\"}{\\\"][\"}\n{\"s\":\"\\\\\"}\n" },
    { "", "" },
    { " \n\t\r\n ", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (i == 10)
      assert_reads_as (cases[i].text, strlen (cases[i].text), &any,
                       "\"a\"\n\"b\"\nnull\ntrue\n[1]\n-0.5\n{\"a\":1}\n");
    else
      assert_reads_as (cases[i].text, strlen (cases[i].text), &any, cases[i].trees);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "[1,2,]", "line 1, byte 5 (tree 0): expected a value" },
    { "[1,2,]\n", "line 1, byte 5 (tree 0): expected a value" },
    { "{},{}", "line 1, byte 2 (tree 1): expected a value" },
    { "{}\n]", "line 2, byte 3 (tree 1): expected a value" },
    { "[1,2", "line 1, byte 4 (tree 0): expected ',' or ']' in array" },
    { "{\"a\":1}{\"a\":}", "line 1, byte 12 (tree 1): expected a value" },
    { "{\"a\":1}\n{\"a\":2}{\n\"a\":\n}", "line 4, byte 22 (tree 2): expected a value" },
    { "{\"a\":1}\n\xef\xbb\xbf{\"a\":2}", "line 2, byte 8 (tree 1): expected a value" },
    { "\xef\xbb\xbf\xef\xbb\xbf[]", "line 1, byte 3 (tree 0): expected a value" },
    { "truefalse", "line 1, byte 4 (tree 0): expected the end of the text after the value" },
    { "12 013", "line 1, byte 4 (tree 1): expected no digit after the leading 0 of a number" },
    { "{\"a\":\"x", "line 1, byte 7 (tree 0): expected '\"' at the end of string" },
    { "[\"a\nb\"]", "line 1, byte 3 (tree 0): expected '\"' at the end of string" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_fails_as (cases[i].text, strlen (cases[i].text), &any, ARBOR_ERROR_PARSE,
                     cases[i].message);
  assert_fails_as ("{\"a\":1}\0{}", 10, &any, ARBOR_ERROR_PARSE,
                   "line 1, byte 7 (tree 1): expected a value");
}

/* Elements of an array that is longer than what is looked at beforehand. */
static void
test_long_array (void)
{
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (GString) trees = g_string_new (NULL);
  g_autofree char *blanks = g_strnfill (1 << 20, ' ');
  g_autofree char *message = NULL;

  for (guint i = 0; i < 300000; i++)
    {
      g_string_append_printf (text, "%s{\"n\":%u}", i > 0 ? "," : "", i);
      g_string_append_printf (trees, "{\"n\":%u}\n", i);
    }
  g_string_append (text, "]\n");
  for (guint i = 0; i < 4; i++)
    {
      static const gsize sizes[] = { WHOLE, 5000, 65536, 1 << 22 };
      g_autoptr (GError) error = NULL;
      ArborJsonReport report;
      Result result;

      read_text (text->str, text->len, sizes[i], &any, &report, &result, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (result.trees->str, ==, trees->str);
      g_assert_cmpuint (report.n_bytes, ==, text->len);
      arbor_json_report_clear (&report);
      g_string_free (result.trees, TRUE);
    }

  /* What follows then is a mistake, not another tree. */
  message = g_strdup_printf ("line 2, byte %zu (tree 300000): expected the end of the text after the "
                             "array or object that is taken apart; several documents are read as a "
                             "tree each with the option 'whole', or as JSON Lines",
                             text->len);
  g_string_append (text, "[1]");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      Result result;

      g_assert_false (
        read_text (text->str, text->len, i == 0 ? WHOLE : 70000, &any, NULL, &result, &error));
      g_assert_cmpstr (error->message, ==, message);
      g_string_free (result.trees, TRUE);
    }
  g_string_assign (text, "[1");
  g_string_append (text, blanks);
  g_string_append (text, ",2]");
  assert_reads_as (text->str, text->len, &any, "1\n2\n");
}

/* A line that is cut off, and what cannot end, are found long before the end of the text. */
static void
test_found_early (void)
{
  static const char *const beginnings[] = { "{\"a\":1,\n", "{\"a\":\"x\n", "[1,\n", "[[[[1,2}" };

  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    {
      g_autoptr (GString) text = g_string_new (beginnings[i]);
      g_autoptr (GError) error = NULL;
      ArborJsonReport report;
      Result result;

      for (guint j = 0; j < 1000000; j++)
        g_string_append (text, "{\"a\":2}\n");
      g_assert_false (read_text (text->str, text->len, 100000, &any, &report, &result, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
      g_assert_true (g_str_has_prefix (error->message, "line 1, byte "));
      arbor_json_report_clear (&report);
      g_string_free (result.trees, TRUE);
    }
}

static void
test_nesting (void)
{
  g_autofree char *deep = g_strnfill (3000000, '[');
  g_autofree char *all = g_strnfill (1024, '[');
  g_autofree char *ends = g_strnfill (1024, ']');
  g_autofree char *most = g_strconcat ("0", all, ends, NULL);
  g_autofree char *tree = g_strconcat ("0\n", all, ends, "\n", NULL);
  g_autofree char *more = g_strconcat ("0[", all, ends, "]", NULL);

  assert_fails_as (deep, 3000000, &any, ARBOR_ERROR_PARSE,
                   "line 1, byte 1024 (tree 0): more than 1,024 levels of arrays and objects");
  assert_reads_as (most, strlen (most), &any, tree);
  assert_fails_as (more, strlen (more), &any, ARBOR_ERROR_PARSE,
                   "line 1, byte 1025 (tree 1): more than 1,024 levels of arrays and objects");
}

static void
test_as_object (void)
{
  static const char text[] = "{\"data\": {\"a\": {\"x\": 1}, \"b\\u00e9\": 2,\n \"c\": {\"id\": \"c\"},"
                             " \"\": {}}}";
  static const char trees[] = "{\"id\":\"a\",\"x\":1}\n{\"id\":\"b\xc3\xa9\",\"value\":2}\n"
                              "{\"id\":\"c\"}\n{\"id\":\"\"}\n";
  g_autofree char *inner = g_strndup (text + 9, strlen (text) - 10);
  ArborJsonReadOptions at = { .at = "data", .as_object = "id" };
  ArborJsonReadOptions root = { .as_object = "id" };
  ArborJsonReadOptions whole = { .at = "data.a", .whole = TRUE };
  ArborJsonReadOptions taken = { .as_object = "x", .name = "f" };

  assert_reads_as (text, strlen (text), &at, trees);
  assert_reads_as (inner, strlen (inner), &root, trees);
  assert_reads_as ("{}", 2, &root, "");
  assert_reads_as (text, strlen (text), &whole, "{\"x\":1}\n");
  assert_fails_as ("[1]", 3, &root, ARBOR_ERROR_TYPE,
                   "JSON text: expected an object at '$', found a value of kind 'array'");
  assert_fails_as ("{\"a\":1,}", 8, &root, ARBOR_ERROR_PARSE,
                   "line 1, byte 7 (tree 1): expected a key in quotes after ',' in object");
  assert_fails_as ("{\"a\":1}\n{}", 10, &root, ARBOR_ERROR_PARSE,
                   "line 2, byte 8 (tree 1): expected the end of the text after the array or object "
                   "that is taken apart; several documents are read as a tree each with the option "
                   "'whole', or as JSON Lines");
  assert_fails_as ("{\"a\" 1}", 7, &root, ARBOR_ERROR_PARSE,
                   "line 1, byte 5 (tree 0): expected ':' after key in object");
  assert_fails_as ("{\"a\":", 5, &root, ARBOR_ERROR_PARSE,
                   "line 1, byte 5 (tree 0): expected a value, found the end of the text");
  assert_fails_as ("{\"k\":{\"x\":1}}", 13, &taken, ARBOR_ERROR_INVALID_OPTIONS,
                   "f: line 1, byte 12 (tree 0): the member 'k' has another value in 'x', where its "
                   "key is to go: give the option 'as-object' another name");
}

/* UTF-16. */

static GString *
encode (const char *text, gboolean is_big_endian)
{
  GString *out = g_string_new (NULL);
  glong n;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (text, -1, NULL, &n, NULL);

  for (glong i = 0; i < n; i++)
    {
      char high = (char) (units[i] >> 8);
      char low = (char) (units[i] & 0xff);

      g_string_append_c (out, is_big_endian ? high : low);
      g_string_append_c (out, is_big_endian ? low : high);
    }
  return out;
}

static void
test_wide (void)
{
  static const char lines[] = "\xef\xbb\xbf{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}\r\n{\"a\":1}{\"a\":2}\n";
  static const char bad[] = "\xef\xbb\xbf{\"a\":\"\xf0\x9f\x98\x80\"}\n{\"\xc3\xa9\":}\n";
  static const char csv[] = "\xef\xbb\xbf" "a\tb\nx\xc3\xa9\ty\n";
  ArborJsonReadOptions tabs = { .format = ARBOR_JSON_CSV, .delimiter = '\t' };
  ArborJsonReadOptions skip = { .format = ARBOR_JSON_LINES, .skip_bad = TRUE };

  for (guint order = 0; order < 2; order++)
    {
      GString *text = encode (lines, order != 0);

      assert_reads_as (text->str, text->len, &any,
                       "{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}\n{\"a\":1}\n{\"a\":2}\n");
      g_string_free (text, TRUE);

      text = encode (csv, order != 0);
      assert_reads_as (text->str, text->len, &tabs, "{\"a\":\"x\xc3\xa9\",\"b\":\"y\"}\n");
      g_string_free (text, TRUE);

      /* Bytes are those of the input: 2, then 11 units and a newline, then 5 units. */
      text = encode (bad, order != 0);
      assert_fails_as (text->str, text->len, &any, ARBOR_ERROR_PARSE,
                       "line 2, byte 34 (tree 1): expected a value");
      g_string_free (text, TRUE);

      /* Half a pair, in a string; and cut in the middle of a character. */
      text = encode ("\xef\xbb\xbf\"ab\"\n1\n", order != 0);
      text->str[order == 0 ? 7 : 6] = (char) 0xd8;
      assert_fails_as (text->str, text->len, &any, ARBOR_ERROR_PARSE,
                       "line 1, byte 6 (tree 0): half of a surrogate pair, which is no character");
      assert_reads_as (text->str, text->len, &skip, "1\n");
      g_string_free (text, TRUE);

      text = encode ("\xef\xbb\xbf{\"a\":1}\n", order != 0);
      assert_fails_as (text->str, text->len - 1, &any, ARBOR_ERROR_PARSE,
                       "line 1, byte 16 (tree 1): UTF-16 that ends in the middle of a character");
      assert_fails_as (text->str, text->len - 3, &any, ARBOR_ERROR_PARSE,
                       "line 1, byte 14 (tree 0): UTF-16 that ends in the middle of a character");
      g_string_free (text, TRUE);
    }
  assert_reads_as ("\xff\xfe", 2, &any, "");
  assert_fails_as ("\xff\xfe\0\0[\0\0\0", 8, &any, ARBOR_ERROR_PARSE,
                   "line 1, byte 0 (tree 0): expected text in UTF-8 or UTF-16, found UTF-32");
  assert_fails_as ("\0\0\xfe\xff\0\0\0[", 8, &any, ARBOR_ERROR_PARSE,
                   "line 1, byte 0 (tree 0): expected text in UTF-8 or UTF-16, found UTF-32");
}

/* Longer than any buffer: pairs and lines across its ends. */
static void
test_long_wide (void)
{
  g_autoptr (GString) text = g_string_new ("\xef\xbb\xbf");
  g_autoptr (GString) trees = g_string_new (NULL);
  GString *wide;

  for (guint i = 0; i < 100000; i++)
    {
      g_string_append_printf (text, "{\"n\":%u,\"s\":\"\xf0\x9f\x98\x80\xc3\xa9\"}\n", i);
      g_string_append_printf (trees, "{\"n\":%u,\"s\":\"\xf0\x9f\x98\x80\xc3\xa9\"}\n", i);
    }
  wide = encode (text->str, FALSE);
  for (guint i = 0; i < 4; i++)
    {
      static const gsize sizes[] = { WHOLE, 1001, 65536, 1 << 22 };
      g_autoptr (GError) error = NULL;
      ArborJsonReport report;
      Result result;

      read_text (wide->str, wide->len, sizes[i], &any, &report, &result, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (result.trees->str, ==, trees->str);
      g_assert_cmpuint (report.n_bytes, ==, wide->len);
      arbor_json_report_clear (&report);
      g_string_free (result.trees, TRUE);
    }
  g_string_free (wide, TRUE);
}

/* What is compressed in a way that no build reads. */
static void
test_compressed (void)
{
  static const struct
  {
    const char *bytes;
    gsize n;
    const char *name;
    const char *tool;
  } cases[] = {
    { "\x1f\x8b\x01", 3, "gzip", "gzip -dc" },
    { "\x04\x22\x4d\x18\x64\x40", 6, "lz4", "lz4 -dc" },
    { "\xfd" "7zXZ\0\0\x04", 8, "xz", "xz -dc" },
    { "BZh91AY&SY\x01", 11, "bzip2", "bzip2 -dc" },
    { "BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0", 14, "bzip2", "bzip2 -dc" },
    { "PK\x03\x04\x14\0", 6, "zip", "unzip -p" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (ArborJsonFormat format = ARBOR_JSON_AUTO; format <= ARBOR_JSON_CSV; format++)
      {
        ArborJsonReadOptions options = { .format = format, .name = "f" };
        g_autofree char *message =
          g_strdup_printf ("f: line 1, byte 0 (tree 0): expected text, found data compressed by %s: "
                           "expand it first, as '%s' does",
                           cases[i].name, cases[i].tool);

        assert_fails_as (cases[i].bytes, cases[i].n, &options, ARBOR_ERROR_PARSE, message);
      }
}

/* Every digit, and no less with many keys, where objects go as text. */
static void
test_exact (void)
{
  static const char text[] =
    "{\"a\":1.10,\"b\":1e2,\"c\":-0,\"d\":0.1,\"e\":3.14159265358979323846,\"f\":-0.0,\"g\":[1.0,10,2.50]}\n"
    "{\"a\":0.1000000000000000055511151231257827021181583404541015625}\n";
  ArborJsonReadOptions exact = { .format = ARBOR_JSON_LINES, .exact = TRUE };
  ArborJsonReadOptions nearest = { .format = ARBOR_JSON_LINES };
  g_autoptr (GString) map = g_string_new ("{");

  assert_reads_as (text, strlen (text), &exact, text);
  assert_reads_as (text, strlen (text), &nearest,
                   "{\"a\":1.1,\"b\":100.0,\"c\":0,\"d\":0.1,\"e\":3.141592653589793,\"f\":-0.0,"
                   "\"g\":[1.0,10,2.5]}\n{\"a\":0.1}\n");
  for (guint i = 0; i < 2000; i++)
    g_string_append_printf (map, "%s\"%u\":[1.50,-0,\"x\\n\"]", i > 0 ? "," : "", i);
  g_string_append (map, "}\n");
  assert_reads_as (map->str, map->len, &exact, map->str);
}

static void
test_repeated (void)
{
  g_autoptr (GString) map = g_string_new ("{");
  g_autoptr (GString) lines = g_string_new (NULL);
  ArborJsonReport report;
  Result result;

  static const char text[] = "{\"a\":1,\"a\":2,\"b\":{\"c\":1,\"c\":2,\"c\":3}}\n{\"a\":1}\n";

  g_assert_true (read_text (text, strlen (text), WHOLE, &any, &report, &result, NULL));
  g_assert_cmpstr (result.trees->str, ==, "{\"a\":2,\"b\":{\"c\":3}}\n{\"a\":1}\n");
  g_assert_cmpuint (report.n_repeated, ==, 3);
  arbor_json_report_clear (&report);
  g_string_free (result.trees, TRUE);

  for (guint i = 0; i < 3000; i++)
    g_string_append_printf (map, "%s\"%u\":{\"x\":1,\"x\":2}", i > 0 ? "," : "", i % 2000);
  g_string_append (map, "}\n");
  g_assert_true (read_text (map->str, map->len, WHOLE, &any, &report, &result, NULL));
  g_assert_cmpuint (report.n_repeated, ==, 1000 + 2000);
  arbor_json_report_clear (&report);
  g_string_free (result.trees, TRUE);

  /* Groups that are read twice count once. */
  for (guint i = 0; i < 50000; i++)
    g_string_append (lines, i % 1000 == 7 ? "{\"i\":1,\"i\":2}\n" : i == 40000 ? "{\n}\n" : "{\"i\":3}\n");
  g_assert_true (read_text (lines->str, lines->len, WHOLE, &any, &report, &result, NULL));
  g_assert_cmpuint (report.n_repeated, ==, 50);
  g_assert_cmpuint (report.n_trees, ==, 50000);
  arbor_json_report_clear (&report);
  g_string_free (result.trees, TRUE);
}

/* Random documents, some of them spoiled: the same trees or the same error in every cut. */

static void
append_value (GString *text, GRand *rand, guint depth)
{
  static const char *const scalars[] = { "1", "-0", "2.50", "null", "true", "\"a\"", "\"}\\\"{\"",
                                         "\"\xc3\xa9\\u20ac\"", "1e400", "[]", "{}" };
  static const char *const blanks[] = { "", "", "", " ", "\n", "\r\n", "\t" };
  gint kind = g_rand_int_range (rand, 0, depth < 4 ? 4 : 2);
  gint n = g_rand_int_range (rand, 1, 4);

  if (kind < 2)
    {
      g_string_append (text, scalars[g_rand_int_range (rand, 0, G_N_ELEMENTS (scalars))]);
      return;
    }
  g_string_append_c (text, kind == 2 ? '[' : '{');
  for (gint i = 0; i < n; i++)
    {
      g_string_append (text, blanks[g_rand_int_range (rand, 0, G_N_ELEMENTS (blanks))]);
      if (kind == 3)
        g_string_append_printf (text, "\"k%d\":", i);
      append_value (text, rand, depth + 1);
      g_string_append (text, blanks[g_rand_int_range (rand, 0, G_N_ELEMENTS (blanks))]);
      if (i + 1 < n)
        g_string_append_c (text, ',');
    }
  g_string_append_c (text, kind == 2 ? ']' : '}');
}

static void
spoil (GString *text, GRand *rand)
{
  static const char bytes[] = "[]{},:\"\\ \n1x\xff";
  gsize at = (gsize) g_rand_int_range (rand, 0, (gint) text->len);

  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      g_string_erase (text, (gssize) at, 1);
      break;
    case 1:
      g_string_truncate (text, at);
      break;
    case 2:
      text->str[at] = bytes[g_rand_int_range (rand, 0, (gint) sizeof bytes)];
      break;
    default:
      break;
    }
}

static char *
tell (const GString *text, gsize piece, const ArborJsonReadOptions *options)
{
  g_autoptr (GError) error = NULL;
  ArborJsonReport report;
  Result result;
  char *story;

  read_text (text->str, text->len, piece, options, &report, &result, &error);
  story = g_strdup_printf ("%s%s%zu bad, %zu bytes", result.trees->str,
                           error != NULL ? error->message : "", (gsize) report.n_bad,
                           error != NULL ? 0 : (gsize) report.n_bytes);
  arbor_json_report_clear (&report);
  g_string_free (result.trees, TRUE);
  return story;
}

static void
test_random (void)
{
  static const ArborJsonReadOptions ways[] = {
    { .format = ARBOR_JSON_AUTO },
    { .format = ARBOR_JSON_AUTO, .whole = TRUE, .exact = TRUE },
    { .format = ARBOR_JSON_AUTO, .skip_bad = TRUE },
    { .format = ARBOR_JSON_AUTO, .as_object = "k1" },
    { .format = ARBOR_JSON_AUTO, .at = "" },
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (guint round = 0; round < 1500; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      const ArborJsonReadOptions *options = &ways[round % G_N_ELEMENTS (ways)];
      g_autofree char *whole = NULL;
      gint n = g_rand_int_range (rand, 1, 5);

      for (gint i = 0; i < n; i++)
        {
          append_value (text, rand, 0);
          g_string_append (text, i % 2 == 0 ? "\n" : " ");
        }
      spoil (text, rand);
      whole = tell (text, WHOLE, options);
      for (gsize piece = 1; piece < 40; piece = piece * 3 - 1)
        {
          g_autofree char *cut = tell (text, piece, options);

          g_assert_cmpstr (cut, ==, whole);
        }
    }
}

/* What a tree would take is known from its text, and from half of it. */
static void
test_memory (void)
{
  static const char *const shapes[] = { "1,", "\"abcdefgh\",", "[],", "{\"a\":1}," };
  ArborJsonReadOptions options = { .format = ARBOR_JSON_DOCUMENT, .memory = 64 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (guint way = 0; way < 3; way++)
      {
        g_autoptr (GString) text = g_string_new (way == 2 ? "[0,[" : "[");
        g_autoptr (GError) error = NULL;
        ArborJsonReport report;
        Result result;

        while (text->len < 12 << 20)
          g_string_append (text, shapes[i]);
        g_string_append (text, way == 2 ? "0]]" : "0]");
        options.format = way == 0 ? ARBOR_JSON_DOCUMENT : ARBOR_JSON_AUTO;
        options.whole = way == 1;
        g_assert_false (read_text (text->str, text->len, 1 << 16, &options, &report, &result, &error));
        g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
        g_assert_nonnull (strstr (error->message, "memory-limit"));
        arbor_json_report_clear (&report);
        g_string_free (result.trees, TRUE);
      }
}

static void
test_cost (void)
{
  ArborJsonCost cost;

  arbor_json_estimate ("[1,{\"a\":[2,3]},\",\"]", 19, &cost);
  g_assert_cmpuint (cost.n_values, ==, 1 + 4 + 3);
  g_assert_cmpuint (cost.n_bytes, >=, 19);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-values/documents", test_documents);
  g_test_add_func ("/json-values/refused", test_refused);
  g_test_add_func ("/json-values/long-array", test_long_array);
  g_test_add_func ("/json-values/found-early", test_found_early);
  g_test_add_func ("/json-values/nesting", test_nesting);
  g_test_add_func ("/json-values/as-object", test_as_object);
  g_test_add_func ("/json-values/wide", test_wide);
  g_test_add_func ("/json-values/long-wide", test_long_wide);
  g_test_add_func ("/json-values/compressed", test_compressed);
  g_test_add_func ("/json-values/exact", test_exact);
  g_test_add_func ("/json-values/repeated", test_repeated);
  g_test_add_func ("/json-values/random", test_random);
  g_test_add_func ("/json-values/memory", test_memory);
  g_test_add_func ("/json-values/cost", test_cost);
  return g_test_run ();
}
