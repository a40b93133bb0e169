/* Reading JSON and JSON Lines: the trees that come out, in every cut of the input into pieces, and
 * each error with its place. Trees are read back from the batches as JSON text. */

#include "kit/reading.h"

#include "base/arbor-pool.h"

static void
test_lines (void)
{
  static const struct
  {
    const char *text;
    const char *trees;
  } cases[] = {
    { "", "" },
    { "\n", "" },
    { " \r\n\t\n", "" },
    { "1", "1\n" },
    { "1\n", "1\n" },
    { "1\r\n2\r\n", "1\n2\n" },
    { "\n\n{\"a\": 1}\n\r\n \n[2]", "{\"a\":1}\n[2]\n" },
    { "\xef\xbb\xbf{\"a\":1}\n", "{\"a\":1}\n" },
    { "\xef\xbb\xbf", "" },
    { "{\"b\":1,\"a\":2}\n{\"a\":1,\"b\":2}\nnull\n\"x\"\n1e400\n",
      "{\"b\":1,\"a\":2}\n{\"a\":1,\"b\":2}\nnull\n\"x\"\n1e400\n" },
  };
  ArborJsonReadOptions lines = { .format = ARBOR_JSON_LINES };
  ArborJsonReadOptions any = { .format = ARBOR_JSON_AUTO };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      assert_reads_as (cases[i].text, strlen (cases[i].text), &lines, cases[i].trees);
      assert_reads_as (cases[i].text, strlen (cases[i].text), &any, cases[i].trees);
    }
}

static void
test_document (void)
{
  static const struct
  {
    const char *text;
    const char *tree;
    const char *elements; /* where it is an array: those */
  } cases[] = {
    { "{\n  \"a\": [\n    1,\n    2\n  ]\n}\n", "{\"a\":[1,2]}\n", NULL },
    { "[\n1\n]", "[1]\n", "1\n" },
    { "[\n{\"a\":1}\n]", "[{\"a\":1}]\n", "{\"a\":1}\n" },
    { "\n\n {\"a\":\r\n{\"b\":1}\r\n}\r\n\r\n", "{\"a\":{\"b\":1}}\n", NULL },
    { "\xef\xbb\xbf[\n]", "[]\n", "" },
    { "{\"a\":1}", "{\"a\":1}\n", NULL },
    { "[1,\n2\n,3]", "[1,2,3]\n", "1\n2\n3\n" },
  };
  ArborJsonReadOptions document = { .format = ARBOR_JSON_DOCUMENT };
  ArborJsonReadOptions any = { .format = ARBOR_JSON_AUTO };
  ArborJsonReadOptions whole = { .format = ARBOR_JSON_AUTO, .whole = TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      assert_reads_as (cases[i].text, strlen (cases[i].text), &document, cases[i].tree);
      assert_reads_as (cases[i].text, strlen (cases[i].text), &whole, cases[i].tree);
      assert_reads_as (cases[i].text, strlen (cases[i].text), &any,
                       cases[i].elements != NULL ? cases[i].elements : cases[i].tree);
    }
}

static void
test_at (void)
{
  static const char text[] =
    "{\"639-3\": [{\"a\":1}, [2], 3], \"deep\": [0, {\"x\": [\"y\"]}], \"none\": [],\n"
    " \"twice\": [1], \"twice\": [2, 3]}";
  static const struct
  {
    const char *at;
    const char *trees;
  } good[] = {
    { "639-3", "{\"a\":1}\n[2]\n3\n" },  { "[\"639-3\"]", "{\"a\":1}\n[2]\n3\n" },
    { "$.639-3[1]", "2\n" },             { "deep[1].x", "\"y\"\n" },
    { "deep[-1].x", "\"y\"\n" },         { "none", "" },
    { "twice", "2\n3\n" },
    { "deep[1]", "{\"key\":\"x\",\"value\":[\"y\"]}\n" },
    { "$", "{\"key\":\"639-3\",\"value\":[{\"a\":1},[2],3]}\n"
           "{\"key\":\"deep\",\"value\":[0,{\"x\":[\"y\"]}]}\n{\"key\":\"none\",\"value\":[]}\n"
           "{\"key\":\"twice\",\"value\":[1]}\n{\"key\":\"twice\",\"value\":[2,3]}\n" },
  };
  static const struct
  {
    const char *at;
    ArborError code;
    const char *message;
  } bad[] = {
    { "deep[", ARBOR_ERROR_EXPRESSION,
      "Malformed path 'deep[': expected an index, '*' or a key in quotes at byte 5" },
    { "deep[*]", ARBOR_ERROR_EXPRESSION,
      "Path 'deep[*]': expected the place of one array or object, found '[*]'" },
    { "639-4", ARBOR_ERROR_NOT_FOUND,
      "iso.json: expected an array or an object at '[\"639-4\"]', found nothing there: the object at '$' has no "
      "key '639-4'" },
    { "deep[2]", ARBOR_ERROR_NOT_FOUND,
      "iso.json: expected an array or an object at 'deep[2]', found nothing there: the array at 'deep' has 2 "
      "elements" },
    { "deep[-3].x", ARBOR_ERROR_NOT_FOUND,
      "iso.json: expected an array or an object at 'deep[-3].x', found nothing there: the array at 'deep' has 2 "
      "elements" },
    { "deep.x", ARBOR_ERROR_NOT_FOUND,
      "iso.json: expected an array or an object at 'deep.x', found nothing there: at 'deep' there is a value of "
      "kind 'array'" },
    { "deep[0][0]", ARBOR_ERROR_NOT_FOUND,
      "iso.json: expected an array or an object at 'deep[0][0]', found nothing there: at 'deep[0]' there is a "
      "value of kind 'int'" },
    { "deep[1].x[0]", ARBOR_ERROR_TYPE,
      "iso.json: expected an array or an object at 'deep[1].x[0]', found a value of kind 'string'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    for (ArborJsonFormat format = ARBOR_JSON_AUTO; format <= ARBOR_JSON_DOCUMENT; format++)
      {
        ArborJsonReadOptions options = { .format = format, .at = good[i].at };

        assert_reads_as (text, strlen (text), &options, good[i].trees);
      }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      ArborJsonReadOptions options = { .at = bad[i].at, .name = "iso.json" };

      assert_fails_as (text, strlen (text), &options, (int) bad[i].code, bad[i].message);
    }
}

static void
test_parse_errors (void)
{
  static const struct
  {
    ArborJsonFormat format;
    const char *name;
    const char *text;
    const char *message;
  } cases[] = {
    { ARBOR_JSON_LINES, "people.jsonl", "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3 \"b\":4}\n{\"a\":5}\n",
      "people.jsonl: line 4, byte 24 (tree 2): expected ',' or '}' in object" },
    { ARBOR_JSON_LINES, NULL, "\xef\xbb\xbf[1,]\n",
      "line 1, byte 6 (tree 0): expected a value" },
    { ARBOR_JSON_LINES, NULL, "{\n\"a\":1}\n",
      "line 1, byte 1 (tree 0): expected a key in quotes or '}' in object" },
    { ARBOR_JSON_LINES, NULL, "1\r\n{\"a\":\r\n",
      "line 2, byte 8 (tree 1): expected a value, found the end of the text" },
    { ARBOR_JSON_LINES, NULL, "1 2", "line 1, byte 2 (tree 0): expected the end of the text after "
                                     "the value" },
    { ARBOR_JSON_LINES, NULL, "1\n\"\xff\"", "line 2, byte 3 (tree 1): invalid UTF-8" },
    { ARBOR_JSON_DOCUMENT, "a.json", "", "a.json: line 1, byte 0 (tree 0): expected a value, found "
                                         "the end of the text" },
    { ARBOR_JSON_DOCUMENT, "a.json", " \n ",
      "a.json: line 1, byte 0 (tree 0): expected a value, found the end of the text" },
    { ARBOR_JSON_DOCUMENT, "a.json", "{\n \"a\": 1,\n}\n",
      "a.json: line 3, byte 11 (tree 0): expected a key in quotes after ',' in object" },
    { ARBOR_JSON_DOCUMENT, "a.json", "1\n2\n",
      "a.json: line 2, byte 2 (tree 0): expected the end of the text after the value" },
    { ARBOR_JSON_DOCUMENT, NULL, "[1,\n2\n\n",
      "line 2, byte 5 (tree 0): expected ',' or ']' in array" },
    /* A first line that begins nothing. */
    { ARBOR_JSON_AUTO, NULL, "name,height\nA,1\n", "line 1, byte 1 (tree 0): expected 'true', "
                                                   "'false' or 'null'" },
    { ARBOR_JSON_AUTO, NULL, "\n{\"a\":1,}\n{\"a\":2}\n",
      "line 2, byte 8 (tree 0): expected a key in quotes after ',' in object" },
    /* A first line that is cut off. */
    { ARBOR_JSON_AUTO, NULL, "{\"a\":1\n{\"a\":2}\n",
      "line 1, byte 6 (tree 0): expected ',' or '}' in object" },
    { ARBOR_JSON_AUTO, NULL, "{\"a\":1,\n{\"a\":2}\n{\"a\":3}\n",
      "line 1, byte 7 (tree 0): expected a key in quotes after ',' in object" },
    { ARBOR_JSON_AUTO, NULL, "{\"a\":\n{\"a\":2}\n{\"a\":3}\n",
      "line 1, byte 5 (tree 0): expected a value, found the end of the text" },
    { ARBOR_JSON_AUTO, NULL, "{\"a\":\"x\n{\"a\":2}\n",
      "line 1, byte 7 (tree 0): expected '\"' at the end of string" },
    { ARBOR_JSON_AUTO, NULL, "{\"a\":1", "line 1, byte 6 (tree 0): expected ',' or '}' in object" },
    { ARBOR_JSON_AUTO, NULL, "{\"a\":1\n\n",
      "line 1, byte 6 (tree 0): expected ',' or '}' in object" },
    /* A document with an error. */
    { ARBOR_JSON_AUTO, NULL, "[\n{\"a\":1}\n{\"a\":2}\n]\n",
      "line 3, byte 10 (tree 0): expected ',' or ']' in array" },
    { ARBOR_JSON_AUTO, NULL, "{\n \"a\": 1\n \"b\": 2\n}\n",
      "line 3, byte 11 (tree 0): expected ',' or '}' in object" },
    { ARBOR_JSON_AUTO, NULL, "[1,\n2,\n",
      "line 2, byte 6 (tree 0): expected a value, found the end of the text" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ArborJsonReadOptions options = { .format = cases[i].format, .name = cases[i].name };

      assert_fails_as (cases[i].text, strlen (cases[i].text), &options, ARBOR_ERROR_PARSE,
                       cases[i].message);
    }
}

static void
test_skip_bad (void)
{
  static const char text[] = "{\"a\":1\n{\"a\":2}\nx\n\n{\"a\":3}\n[1,]\n";
  static const char *messages[] = {
    "p: line 1, byte 6 (tree 0): expected ',' or '}' in object",
    "p: line 3, byte 15 (tree 1): expected a value",
    "p: line 6, byte 29 (tree 2): expected a value",
  };
  static const guint64 lines[] = { 1, 3, 6 };
  static const guint64 offsets[] = { 6, 15, 29 };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    for (ArborJsonFormat format = ARBOR_JSON_AUTO; format <= ARBOR_JSON_LINES; format++)
      {
        ArborJsonReadOptions options = { .format = format, .skip_bad = TRUE, .name = "p" };
        g_autoptr (GError) error = NULL;
        ArborJsonReport report;
        Result result;

        read_text (text, strlen (text), pieces[i], &options, &report, &result, &error);
        g_assert_no_error (error);
        g_assert_cmpstr (result.trees->str, ==, "{\"a\":2}\n{\"a\":3}\n");
        g_assert_cmpuint (report.n_bad, ==, 3);
        g_assert_cmpuint (report.bad_lines->len, ==, 3);
        for (guint j = 0; j < 3; j++)
          {
            ArborBadLine *bad = &g_array_index (report.bad_lines, ArborBadLine, j);

            g_assert_cmpstr (bad->message, ==, messages[j]);
            g_assert_cmpuint (bad->line, ==, lines[j]);
            g_assert_cmpuint (bad->offset, ==, offsets[j]);
          }
        arbor_json_report_clear (&report);
        g_assert_null (report.bad_lines);
        g_string_free (result.trees, TRUE);
      }
}

/* More bad lines than are described. */
static void
test_many_bad_lines (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ArborJsonReadOptions options = { .format = ARBOR_JSON_LINES, .skip_bad = TRUE };
  ArborJsonReport report;
  Result result;

  for (guint i = 0; i < ARBOR_JSON_MAX_BAD_LINES + 5; i++)
    g_string_append (text, "?\n");
  g_string_append (text, "1\n");
  g_assert_true (read_text (text->str, text->len, WHOLE, &options, &report, &result, NULL));
  g_assert_cmpstr (result.trees->str, ==, "1\n");
  g_assert_cmpuint (report.n_bad, ==, ARBOR_JSON_MAX_BAD_LINES + 5);
  g_assert_cmpuint (report.bad_lines->len, ==, ARBOR_JSON_MAX_BAD_LINES);
  g_assert_cmpuint (
    g_array_index (report.bad_lines, ArborBadLine, ARBOR_JSON_MAX_BAD_LINES - 1).line, ==,
    ARBOR_JSON_MAX_BAD_LINES);
  arbor_json_report_clear (&report);
  g_string_free (result.trees, TRUE);
}

static void
remember_progress (guint64 done, guint64 total, gpointer data)
{
  GArray *seen = data;

  g_assert_cmpuint (total, ==, 123);
  g_array_append_val (seen, done);
}

/* Lines of all lengths up to some MiB, several batches: the same trees whatever the pieces are, the
 * same batches too, and progress that grows to the end. */
static void
test_long_input (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) expected = g_string_new (NULL);
  static const gsize long_pieces[] = { WHOLE, 1000, 65536, 1 << 20, 1 << 24 };
  guint n_batches = 0;

  for (guint i = 0; i < 40000; i++)
    {
      gsize length = i % 5000 == 4999 ? (gsize) g_rand_int_range (rand, 1, 3000000)
                                      : (gsize) g_rand_int_range (rand, 0, 60);
      g_autofree char *body = g_strnfill (length, (char) ('a' + i % 26));

      g_string_append_printf (text, "{\"id\": %u, \"s\": \"%s\"}%s\n", i, body,
                              i % 3 == 0 ? "\r" : "");
      g_string_append_printf (expected, "{\"id\":%u,\"s\":\"%s\"}\n", i, body);
    }
  for (guint i = 0; i < G_N_ELEMENTS (long_pieces); i++)
    {
      g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (guint64));
      g_autoptr (GError) error = NULL;
      ArborJsonReadOptions options = { .total = 123,
                                       .progress = remember_progress,
                                       .progress_data = seen };
      ArborJsonReport report;
      Result result;

      read_text (text->str, text->len, long_pieces[i], &options, &report, &result, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (result.trees->str, result.trees->len, expected->str, expected->len);
      g_assert_cmpuint (report.n_trees, ==, 40000);
      g_assert_cmpuint (report.n_bytes, ==, text->len);
      if (i == 0)
        n_batches = result.n_batches;
      g_assert_cmpuint (result.n_batches, ==, n_batches);
      g_assert_cmpuint (n_batches, >, 2);
      g_assert_cmpuint (seen->len, >=, n_batches);
      for (guint j = 1; j < seen->len; j++)
        g_assert_cmpuint (g_array_index (seen, guint64, j), >=,
                          g_array_index (seen, guint64, j - 1));
      g_assert_cmpuint (g_array_index (seen, guint64, seen->len - 1), ==, text->len);
      arbor_json_report_clear (&report);
      g_string_free (result.trees, TRUE);
    }
}

/* An indented document of some MiB is recognised, and its error found, past the first piece too. */
static void
test_long_document (void)
{
  g_autoptr (GString) text = g_string_new ("[\n");
  g_autoptr (GString) trees = g_string_new (NULL);
  g_autoptr (GString) whole = g_string_new ("[");
  g_autofree char *message = NULL;
  ArborJsonReadOptions any = { .format = ARBOR_JSON_AUTO };
  ArborJsonReadOptions as_whole = { .format = ARBOR_JSON_AUTO, .whole = TRUE };
  ArborJsonReadOptions at = { .at = "" };

  for (guint i = 0; i < 60000; i++)
    {
      g_string_append_printf (text, "%s  {\n    \"n\": %u\n  }", i > 0 ? ",\n" : "", i);
      g_string_append_printf (whole, "%s{\"n\":%u}", i > 0 ? "," : "", i);
      g_string_append_printf (trees, "{\"n\":%u}\n", i);
    }
  g_string_append (text, "\n]\n");
  g_string_append (whole, "]\n");
  g_assert_cmpuint (text->len, >, 1 << 20);

  for (guint i = 0; i < 3; i++)
    {
      static const gsize long_pieces[] = { WHOLE, 5000, 1 << 20 };
      g_autoptr (GError) error = NULL;
      Result result;

      read_text (text->str, text->len, long_pieces[i], &any, NULL, &result, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (result.trees->str, ==, trees->str);
      g_string_free (result.trees, TRUE);

      read_text (text->str, text->len, long_pieces[i], &as_whole, NULL, &result, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (result.trees->str, ==, whole->str);
      g_string_free (result.trees, TRUE);

      read_text (text->str, text->len, long_pieces[i], &at, NULL, &result, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (result.trees->str, ==, trees->str);
      g_string_free (result.trees, TRUE);

      text->str[text->len - 2] = '}';
      message = g_strdup_printf ("line 180002, byte %" G_GSIZE_FORMAT
                                 " (tree 60000): expected ',' or ']' in array",
                                 text->len - 2);
      g_assert_false (
        read_text (text->str, text->len, long_pieces[i], &any, NULL, &result, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
      g_assert_cmpstr (error->message, ==, message);
      g_clear_pointer (&message, g_free);
      g_string_free (result.trees, TRUE);
      text->str[text->len - 2] = ']';
    }
}

static void
test_limit (void)
{
  static const char lines[] = "[1]\n\"234567890123456\"\n3\n";
  static const char document[] = "[\n  \"234567890123456\"\n]";
  ArborJsonReadOptions options = { .format = ARBOR_JSON_LINES, .name = "x", .max_text = 18 };

  assert_reads_as (lines, strlen (lines), &options, "[1]\n\"234567890123456\"\n3\n");
  options.max_text = 17;
  assert_fails_as (lines, strlen (lines), &options, ARBOR_ERROR_LIMIT,
                   "x: line 2, byte 4 (tree 1): text of more than 17 bytes, the limit for one line of "
                  "JSON Lines, for one record of CSV and for one JSON document");
  options.format = ARBOR_JSON_AUTO;
  assert_fails_as (lines, strlen (lines), &options, ARBOR_ERROR_LIMIT,
                   "x: line 2, byte 4 (tree 1): text of more than 17 bytes, the limit for one line of "
                  "JSON Lines, for one record of CSV and for one JSON document");

  options.max_text = strlen (document);
  options.format = ARBOR_JSON_DOCUMENT;
  assert_reads_as (document, strlen (document), &options, "[\"234567890123456\"]\n");
  options.format = ARBOR_JSON_AUTO;
  assert_reads_as (document, strlen (document), &options, "\"234567890123456\"\n");
  options.max_text = strlen (document) - 1;
  assert_reads_as (document, strlen (document), &options, "\"234567890123456\"\n");
  options.whole = TRUE;
  assert_fails_as (document, strlen (document), &options, ARBOR_ERROR_LIMIT,
                   "x: line 1, byte 0 (tree 0): text of more than 22 bytes, the limit for one line of "
                  "JSON Lines, for one record of CSV and for one JSON document");
}

/* Errors of the stream, cancelling and errors of the sink come through as they are. By one thread it
 * is certain how far it came. Several read ahead: a stream that cancels while the third group is read
 * may do so before the first was handed on, when the thread that builds it had to wait. */
static void
check_stops (guint n_threads)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ArborJsonReadOptions options = { .sink = take_batch };

  for (guint i = 0; i < 50000; i++)
    g_string_append_printf (text, "{\"i\":%u}\n", i);

  for (guint way = 0; way < 4; way++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GInputStream) stream = g_object_new (piece_stream_get_type (), NULL);
      PieceStream *pieces_stream = (PieceStream *) stream;
      Result result = { .trees = g_string_new (NULL), .fail_at_batch = way == 2 ? 2 : 0 };
      gboolean success;

      options.sink_data = &result;
      pieces_stream->bytes = text->str;
      pieces_stream->n_bytes = text->len;
      pieces_stream->piece = 10000;
      pieces_stream->cancellable = cancellable;
      pieces_stream->fail_at = way == 0 ? 100000 : 0;
      pieces_stream->cancel_at = way == 1 ? 100000 : 0;
      if (way == 3)
        {
          g_cancellable_cancel (cancellable);
          success = arbor_json_read_bytes (text->str, text->len, &options, NULL, cancellable,
                                           &error);
        }
      else
        {
          success = arbor_json_read_stream (stream, &options, NULL, cancellable, &error);
        }

      g_assert_false (success);
      if (way == 0)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      else if (way == 2)
        g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL);
      else
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      if (way == 1 && n_threads > 1)
        g_assert_cmpuint (result.n_batches, <=, 2);
      else
        g_assert_cmpuint (result.n_batches, ==, way == 3 ? 0 : 2);
      g_string_free (result.trees, TRUE);
    }
}

static void
test_stops (void)
{
  for (guint n_threads = 1; n_threads <= 4; n_threads++)
    {
      arbor_pool_set_n_threads (n_threads);
      check_stops (n_threads);
    }
  arbor_pool_set_n_threads (0);
}

static void
test_directory (void)
{
  g_autoptr (GFile) directory = g_file_new_for_path (g_get_tmp_dir ());
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (directory, NULL, &error);
  ArborJsonReadOptions options = { .sink = take_batch };

  if (stream != NULL)
    g_assert_false (
      arbor_json_read_stream (G_INPUT_STREAM (stream), &options, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-reader/lines", test_lines);
  g_test_add_func ("/json-reader/document", test_document);
  g_test_add_func ("/json-reader/at", test_at);
  g_test_add_func ("/json-reader/parse-errors", test_parse_errors);
  g_test_add_func ("/json-reader/skip-bad", test_skip_bad);
  g_test_add_func ("/json-reader/many-bad-lines", test_many_bad_lines);
  g_test_add_func ("/json-reader/long-input", test_long_input);
  g_test_add_func ("/json-reader/long-document", test_long_document);
  g_test_add_func ("/json-reader/limit", test_limit);
  g_test_add_func ("/json-reader/stops", test_stops);
  g_test_add_func ("/json-reader/directory", test_directory);
  return g_test_run ();
}
