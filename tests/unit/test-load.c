/* Reading JSON text into memory: the functions, their options and their report. */

#include <arbor/arbor.h>
#include <glib/gstdio.h>

#include "kit/arbors.h"

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

typedef ArborArbor *(*ReadFunc) (GBytes *data, GError **error);

static void
assert_read (ReadFunc read, const char *text, const char *expected)
{
  g_autoptr (GBytes) data = bytes_of (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = read (data, &error);

  g_assert_no_error (error);
  assert_lines (arbor, expected);
}

static void
assert_unreadable (ReadFunc read, const char *text, const char *part)
{
  g_autoptr (GBytes) data = bytes_of (text);
  g_autoptr (GError) error = NULL;

  g_assert_null (read (data, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
  if (strstr (error->message, part) == NULL)
    g_error ("'%s' does not say '%s'", error->message, part);
}

static void
test_jsonl (void)
{
  assert_read (arbor_read_jsonl, "", "");
  assert_read (arbor_read_jsonl, "\n\r\n  \n", "");
  assert_read (arbor_read_jsonl, "{\"b\":1,\"a\":2}\n[1.0]\n", "{\"b\":1,\"a\":2}\n[1.0]\n");
  assert_read (arbor_read_jsonl, "\xef\xbb\xbf{\"a\": 1}\r\n\r\n{\"a\": 2}",
               "{\"a\":1}\n{\"a\":2}\n");
  assert_unreadable (arbor_read_jsonl, "{\"a\":1}\n{\"a\":}\n", "line 2");
  assert_unreadable (arbor_read_jsonl, "{\"a\":\n1}\n", "line 1");
}

static void
test_json (void)
{
  assert_read (arbor_read_json, "{\n \"a\": [1,\n 2]\n}\n", "{\"a\":[1,2]}\n");
  assert_read (arbor_read_json, "[{\"a\":1},{\"a\":2}]", "[{\"a\":1},{\"a\":2}]\n");
  assert_read (arbor_read_json, "\xef\xbb\xbfnull", "null\n");
  assert_unreadable (arbor_read_json, "", "line 1");
  assert_unreadable (arbor_read_json, "{\"a\": 1}\n{\"a\": 2}\n", "line 2");
}

static ArborLoadOptions *
options_with (ArborFormat format, const char *at, gboolean skip_bad)
{
  return g_object_new (ARBOR_TYPE_LOAD_OPTIONS, "format", format, "at", at, "skip-bad", skip_bad,
                       NULL);
}

static void
test_formats (void)
{
  static const char *const text = "[{\"n\": 1},\n{\"n\": 2}]\n";
  g_autoptr (GBytes) data = bytes_of (text);
  g_autoptr (ArborLoadOptions) json = options_with (ARBOR_FORMAT_JSON, NULL, FALSE);
  g_autoptr (ArborLoadOptions) lines = options_with (ARBOR_FORMAT_JSONL, NULL, FALSE);
  g_autoptr (ArborLoadOptions) at_root = options_with (ARBOR_FORMAT_AUTO, "", FALSE);
  g_autoptr (ArborLoadOptions) at_none = options_with (ARBOR_FORMAT_JSON, "[5]", FALSE);
  g_autoptr (ArborArbor) by_default = arbor_load_bytes (data, NULL, NULL, NULL);
  g_autoptr (ArborArbor) by_json = arbor_load_bytes (data, json, NULL, NULL);
  g_autoptr (ArborArbor) by_at = arbor_load_bytes (data, at_root, NULL, NULL);
  g_autoptr (GError) error = NULL;

  assert_lines (by_default, "{\"n\":1}\n{\"n\":2}\n");
  assert_lines (by_json, "[{\"n\":1},{\"n\":2}]\n");
  assert_lines (by_at, "{\"n\":1}\n{\"n\":2}\n");
  g_assert_null (arbor_load_bytes (data, lines, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
  g_clear_error (&error);
  g_assert_null (arbor_load_bytes (data, at_none, NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == ARBOR_ERROR);
}

static void
test_at (void)
{
  g_autoptr (GBytes) data = bytes_of ("{\"639-3\": [{\"a\": 1}, 2], \"x\": 0}");
  g_autoptr (ArborLoadOptions) options = options_with (ARBOR_FORMAT_JSON, "639-3", FALSE);
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_load_bytes (data, options, &report, &error);

  g_assert_no_error (error);
  assert_lines (arbor, "{\"a\":1}\n2\n");
  g_assert_cmpuint (arbor_load_report_get_n_trees (report), ==, 2);
  g_assert_cmpuint (arbor_load_report_get_n_bytes (report), ==, g_bytes_get_size (data));
}

static void
assert_loads (const char *text, const char *first_property, gconstpointer value,
              const char *second_property, gconstpointer other, const char *trees)
{
  g_autoptr (GBytes) data = bytes_of (text);
  g_autoptr (ArborLoadOptions) options = arbor_load_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = NULL;

  g_object_set (options, first_property, value, second_property, other, NULL);
  arbor = arbor_load_bytes (data, options, NULL, &error);
  g_assert_no_error (error);
  assert_lines (arbor, trees);
}

/* What becomes a tree: every option by its name. */
static void
test_parts (void)
{
  static const char keyed[] = "{\"data\":{\"a\":{\"n\":1},\"b\":2}}";

  assert_loads ("[1,2]", "whole", GINT_TO_POINTER (TRUE), NULL, NULL, "[1,2]\n");
  assert_loads (keyed, "at", "data", NULL, NULL,
                "{\"key\":\"a\",\"n\":1}\n{\"key\":\"b\",\"value\":2}\n");
  assert_loads (keyed, "as-object", "id", "at", "data",
                "{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\",\"value\":2}\n");
  assert_loads (keyed, "as-object", "id", NULL, NULL,
                "{\"id\":\"data\",\"a\":{\"n\":1},\"b\":2}\n");
  assert_loads (keyed, "at", "data", "whole", GINT_TO_POINTER (TRUE), "{\"a\":{\"n\":1},\"b\":2}\n");
  assert_loads ("{\"a\":1.50}{\"a\":-0}", "decimals", GINT_TO_POINTER (ARBOR_DECIMALS_EXACT), NULL,
                NULL, "{\"a\":1.50}\n{\"a\":-0}\n");
}

static void
test_memory_limit (void)
{
  g_autoptr (GString) text = g_string_new ("{\"a\":[0");
  g_autoptr (ArborLoadOptions) options = arbor_load_options_new ();
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1000000; i++)
    g_string_append (text, ",1");
  g_string_append (text, "]}");
  data = bytes_of (text->str);
  arbor_load_options_set_memory_limit (options, 40 << 20);
  g_assert_null (arbor_load_bytes (data, options, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "'memory-limit'"));
}

static void
test_repeated_keys (void)
{
  g_autoptr (GBytes) data = bytes_of ("{\"a\":1,\"a\":2}\n{\"a\":3}\n");
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborArbor) arbor = arbor_load_bytes (data, NULL, &report, NULL);

  assert_lines (arbor, "{\"a\":2}\n{\"a\":3}\n");
  g_assert_cmpuint (arbor_load_report_get_n_repeated_keys (report), ==, 1);
}

static void
test_report (void)
{
  g_autoptr (GBytes) data = bytes_of ("{\"a\":1}\n{\"a\":\n\n[1]\nnope\n");
  g_autoptr (ArborLoadOptions) options = options_with (ARBOR_FORMAT_JSONL, NULL, TRUE);
  g_autoptr (ArborLoadReport) first = NULL;
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_load_bytes (data, options, &first, &error);
  g_autofree guint64 *lines = NULL;
  g_auto (GStrv) messages = NULL;
  gsize n_lines = 0;

  g_assert_no_error (error);
  assert_lines (arbor, "{\"a\":1}\n[1]\n");

  report = g_boxed_copy (ARBOR_TYPE_LOAD_REPORT, first);
  g_clear_pointer (&first, arbor_load_report_free);
  g_assert_cmpuint (arbor_load_report_get_n_trees (report), ==, 2);
  g_assert_cmpuint (arbor_load_report_get_n_bytes (report), ==, g_bytes_get_size (data));
  g_assert_cmpuint (arbor_load_report_get_n_bad (report), ==, 2);
  g_assert_cmpuint (arbor_load_report_get_n_batches_written (report), ==, 0);
  g_assert_cmpuint (arbor_load_report_get_n_batches_skipped (report), ==, 0);
  lines = arbor_load_report_dup_bad_lines (report, &n_lines);
  g_assert_cmpuint (n_lines, ==, 2);
  g_assert_cmpuint (lines[0], ==, 2);
  g_assert_cmpuint (lines[1], ==, 5);
  messages = arbor_load_report_dup_bad_messages (report);
  g_assert_cmpuint (g_strv_length (messages), ==, 2);
  g_assert_cmpstr (messages[0], !=, "");
  g_assert_cmpstr (messages[1], !=, "");
}

static void
test_empty_report (void)
{
  g_autoptr (GBytes) data = bytes_of ("");
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborArbor) arbor = arbor_load_bytes (data, NULL, &report, NULL);
  g_autofree guint64 *lines = NULL;
  g_auto (GStrv) messages = NULL;
  gsize n_lines = 9;

  assert_lines (arbor, "");
  lines = arbor_load_report_dup_bad_lines (report, &n_lines);
  messages = arbor_load_report_dup_bad_messages (report);
  g_assert_cmpuint (n_lines, ==, 0);
  g_assert_cmpuint (g_strv_length (messages), ==, 0);
  g_assert_cmpuint (arbor_load_report_get_n_bad (report), ==, 0);
}

static void
assert_refused (ArborLoadOptions *options, ArborError code, const char *message)
{
  g_autoptr (GBytes) data = bytes_of ("{}");
  g_autoptr (GError) error = NULL;
  ArborLoadReport *report = (gpointer)data;

  g_assert_null (arbor_load_bytes (data, options, &report, &error));
  g_assert_null (report);
  g_assert_error (error, ARBOR_ERROR, (int)code);
  if (!g_str_has_prefix (error->message, message))
    g_error ("'%s' does not begin with '%s'", error->message, message);
}

static void
test_contradictions (void)
{
  g_autoptr (ArborLoadOptions) at_lines = options_with (ARBOR_FORMAT_JSONL, "a", FALSE);
  g_autoptr (ArborLoadOptions) bad_path = options_with (ARBOR_FORMAT_JSON, "a[", FALSE);
  g_autoptr (ArborLoadOptions) vector = options_with (ARBOR_FORMAT_JSON, "a[*].b", FALSE);
  g_autoptr (ArborLoadOptions) skip_json = options_with (ARBOR_FORMAT_JSON, NULL, TRUE);
  g_autoptr (ArborLoadOptions) skip_at = options_with (ARBOR_FORMAT_AUTO, "a", TRUE);
  g_autoptr (ArborLoadOptions) format = arbor_load_options_new ();
  g_autoptr (ArborLoadOptions) parts = options_with (ARBOR_FORMAT_AUTO, NULL, FALSE);
  g_autoptr (ArborLoadOptions) key_lines = options_with (ARBOR_FORMAT_JSONL, NULL, FALSE);

  arbor_load_options_set_format (format, (ArborFormat)7);
  g_object_set (parts, "whole", TRUE, "as-object", "k", NULL);
  g_object_set (key_lines, "as-object", "k", NULL);
  assert_refused (parts, ARBOR_ERROR_INVALID_OPTIONS, "Load options 'whole' and 'as-object'");
  assert_refused (key_lines, ARBOR_ERROR_INVALID_OPTIONS, "Load option 'as-object'");
  assert_refused (at_lines, ARBOR_ERROR_INVALID_OPTIONS,
                  "Load option 'at': expected format auto or json, which have one document to look "
                  "into, found jsonl");
  assert_refused (bad_path, ARBOR_ERROR_EXPRESSION, "Load option 'at': ");
  assert_refused (vector, ARBOR_ERROR_INVALID_OPTIONS,
                  "Load option 'at': expected a path to one array or object, without [*], found 'a[*].b'");
  assert_refused (skip_json, ARBOR_ERROR_INVALID_OPTIONS,
                  "Load option 'skip-bad': expected JSON Lines or CSV, found one JSON document, which has "
                  "no lines to leave out");
  assert_refused (skip_at, ARBOR_ERROR_INVALID_OPTIONS, "Load option 'skip-bad': ");
  assert_refused (format, ARBOR_ERROR_INVALID_OPTIONS,
                  "Load option 'format': expected a value from 0 to 3, found 7");
}

static void
note_name (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", pspec->name);
}

static void
test_options (void)
{
  g_autoptr (ArborLoadOptions) options = arbor_load_options_new ();
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *none = arbor_load_options_dup_at (options);
  g_autofree char *at = NULL, *by_property = NULL, *as_object = NULL;
  ArborFormat format;
  gboolean skip_bad;

  g_assert_cmpint (arbor_load_options_get_format (options), ==, ARBOR_FORMAT_AUTO);
  g_assert_null (none);
  g_assert_false (arbor_load_options_get_skip_bad (options));

  g_signal_connect (options, "notify", G_CALLBACK (note_name), names);
  for (guint i = 0; i < 2; i++)
    {
      arbor_load_options_set_format (options, ARBOR_FORMAT_JSONL);
      arbor_load_options_set_at (options, "a.b");
      arbor_load_options_set_skip_bad (options, TRUE);
      arbor_load_options_set_whole (options, TRUE);
      arbor_load_options_set_as_object (options, "id");
      arbor_load_options_set_decimals (options, ARBOR_DECIMALS_EXACT);
      arbor_load_options_set_memory_limit (options, 5);
    }
  g_assert_cmpstr (names->str, ==, "format at skip-bad whole as-object decimals memory-limit ");
  as_object = arbor_load_options_dup_as_object (options);
  g_assert_cmpstr (as_object, ==, "id");
  g_assert_true (arbor_load_options_get_whole (options));
  g_assert_cmpint (arbor_load_options_get_decimals (options), ==, ARBOR_DECIMALS_EXACT);
  g_assert_cmpuint (arbor_load_options_get_memory_limit (options), ==, 5);

  at = arbor_load_options_dup_at (options);
  g_object_get (options, "format", &format, "at", &by_property, "skip-bad", &skip_bad, NULL);
  g_assert_cmpstr (at, ==, "a.b");
  g_assert_cmpstr (by_property, ==, "a.b");
  g_assert_cmpint (format, ==, ARBOR_FORMAT_JSONL);
  g_assert_true (skip_bad);
}

/* Words with blanks between them. */
static void
assert_strings (char **strings, const char *expected)
{
  g_autofree char *joined = g_strjoinv (" ", strings);

  g_assert_cmpstr (joined, ==, expected);
}

/* Files. */

typedef struct
{
  char *folder;
  char *file;
} Files;

static void
files_set_up (Files *files, gconstpointer unused)
{
  files->folder = make_folder ();
  files->file = g_build_filename (files->folder, "data.jsonl", NULL);
  g_assert_true (g_file_set_contents (files->file, "{\"a\":1}\n{\"a\":2}\n", -1, NULL));
}

static void
files_tear_down (Files *files, gconstpointer unused)
{
  remove_folder (files->folder);
  g_free (files->file);
  g_free (files->folder);
}

static void
test_file (Files *files, gconstpointer unused)
{
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_load_file (files->file, NULL, &report, NULL, &error);

  g_assert_no_error (error);
  assert_lines (arbor, "{\"a\":1}\n{\"a\":2}\n");
  g_assert_cmpuint (arbor_load_report_get_n_trees (report), ==, 2);
  g_assert_cmpuint (arbor_load_report_get_n_bytes (report), ==, 16);
}

static void
test_bad_file (Files *files, gconstpointer unused)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_load_file (files->folder, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_clear_error (&error);

  g_assert_null (arbor_load_file ("/nonexistent/data.jsonl", NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/nonexistent/data.jsonl"));
  g_clear_error (&error);

  g_cancellable_cancel (cancelled);
  g_assert_null (arbor_load_file (files->file, NULL, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (files->file, "{\"a\":1}\n{\"a\":2,}\n", -1, NULL));
  g_assert_null (arbor_load_file (files->file, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
  g_assert_nonnull (strstr (error->message, files->file));
  g_assert_nonnull (strstr (error->message, "line 2"));
}

static void
test_stream (void)
{
  g_autoptr (GInputStream) stream =
      g_memory_input_stream_new_from_data ("{\"a\":1}\n{\"a\":2}", -1, NULL);
  g_autoptr (GInputStream) again = g_memory_input_stream_new_from_data ("1\n", -1, NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_load_stream (stream, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  assert_lines (arbor, "{\"a\":1}\n{\"a\":2}\n");
  g_assert_false (g_input_stream_is_closed (stream));

  g_cancellable_cancel (cancelled);
  g_assert_null (arbor_load_stream (again, NULL, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* CSV: what the options say of columns, and what the report does. */
static void
test_csv (void)
{
  static const char text[] = "id;price;zip;none\n1;9.90;02134;\n2;12.00;10001;\n";
  static const char *const types[] = { "id=text", "a=b=number", NULL };
  static const char *const unknown[] = { "id=int", NULL };
  g_autoptr (GBytes) data = g_bytes_new_static (text, strlen (text));
  g_autoptr (ArborLoadOptions) options = options_with (ARBOR_FORMAT_CSV, NULL, FALSE);
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborArbor) arbor = arbor_load_bytes (data, options, &report, NULL);
  g_autofree char *delimiter = arbor_load_report_dup_delimiter (report);
  g_auto (GStrv) columns = arbor_load_report_dup_columns (report);
  g_auto (GStrv) kinds = arbor_load_report_dup_column_types (report);
  g_auto (GStrv) reasons = arbor_load_report_dup_column_reasons (report);
  g_auto (GStrv) notes = arbor_load_report_dup_notes (report);
  g_auto (GStrv) none = arbor_load_options_dup_types (options);
  g_auto (GStrv) by_property = NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *csv = arbor_arbor_to_csv (arbor, NULL);

  g_assert_cmpstr (csv, ==, "id,price,zip,none\n1,9.9,02134,\n2,12.0,10001,\n");
  g_assert_cmpstr (delimiter, ==, ";");
  assert_strings (columns, "id price zip none");
  assert_strings (kinds, "number decimal text empty");
  g_assert_cmpuint (g_strv_length (reasons), ==, 4);
  g_assert_cmpstr (reasons[0], ==, "numbers");
  g_assert_cmpuint (g_strv_length (notes), ==, 3);
  g_assert_cmpstr (notes[0], ==, "cells are parted by ';'");
  g_assert_nonnull (strstr (notes[1], "'price' is numbers: zeros at the end, as in '9.90' (line 2)"));
  g_assert_nonnull (strstr (notes[2], "'zip' is text: the cell '02134' (line 2)"));
  g_assert_null (none);

  g_signal_connect (options, "notify", G_CALLBACK (note_name), names);
  for (guint i = 0; i < 2; i++)
    arbor_load_options_set_types (options, types);
  g_assert_cmpstr (names->str, ==, "types ");
  g_object_get (options, "types", &by_property, NULL);
  assert_strings (by_property, "id=text a=b=number");
  assert_refused (options, ARBOR_ERROR_INVALID_OPTIONS,
                  "line 1, byte 0 (tree 0): load option 'types': expected the name of a column, "
                  "found 'id'");
  g_object_set (options, "types", unknown, NULL);
  assert_refused (options, ARBOR_ERROR_INVALID_OPTIONS,
                  "Load option 'types': expected NAME=number, NAME=text or NAME=auto, found "
                  "'id=int'");
}

/* A report of JSON has no columns. */
static void
test_no_csv (void)
{
  g_autoptr (GBytes) data = g_bytes_new_static ("1\n", 2);
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborArbor) arbor = arbor_load_bytes (data, NULL, &report, NULL);
  g_auto (GStrv) columns = arbor_load_report_dup_columns (report);
  g_auto (GStrv) notes = arbor_load_report_dup_notes (report);

  g_assert_null (arbor_load_report_dup_delimiter (report));
  g_assert_cmpuint (g_strv_length (columns), ==, 0);
  g_assert_cmpuint (g_strv_length (notes), ==, 0);
}

static void
test_save_file (Files *files, gconstpointer unused)
{
  static const char *const columns[] = { "a", NULL };
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_load_file (files->file, NULL, NULL, NULL, NULL);
  g_autofree char *path = g_build_filename (files->folder, "data.tsv", NULL);
  g_autofree char *text = NULL;

  g_cancellable_cancel (cancelled);
  g_assert_false (arbor_arbor_save_file (arbor, path, ARBOR_FORMAT_AUTO, NULL, NULL, cancelled,
                                         &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  g_assert_false (arbor_arbor_save_file (arbor, path, ARBOR_FORMAT_JSON, columns, NULL, NULL,
                                         &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  g_assert_true (arbor_arbor_save_file (arbor, path, ARBOR_FORMAT_AUTO, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "a\n1\n2\n");
  g_clear_pointer (&text, g_free);
  g_assert_true (arbor_arbor_save_file (arbor, path, ARBOR_FORMAT_JSON, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "[\n{\"a\":1},\n{\"a\":2}\n]\n");
  g_unlink (path);
}

/* What the name of a file says. */
static void
test_save_json (Files *files, gconstpointer unused)
{
  g_autoptr (ArborArbor) arbor = arbor_load_file (files->file, NULL, NULL, NULL, NULL);
  g_autofree char *path = g_build_filename (files->folder, "data.JSON", NULL);
  g_autofree char *text = NULL;

  g_assert_true (arbor_arbor_save_file (arbor, path, ARBOR_FORMAT_AUTO, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "[\n{\"a\":1},\n{\"a\":2}\n]\n");
  g_clear_pointer (&text, g_free);
  g_assert_true (arbor_arbor_save_file (arbor, path, ARBOR_FORMAT_JSONL, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "{\"a\":1}\n{\"a\":2}\n");
  g_unlink (path);
}

/* Few fields in common: a bound on what is next to nothing but delimiters. */
static void
test_wide_csv (void)
{
  for (guint n = 4096; n <= 4097; n++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GBytes) data = NULL;
      g_autoptr (ArborArbor) arbor = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *csv = NULL;

      for (guint i = 0; i < n; i++)
        g_string_append_printf (text, "{\"k%u\":1}\n", i);
      data = g_string_free_to_bytes (g_steal_pointer (&text));
      arbor = arbor_read_jsonl (data, NULL);
      csv = arbor_arbor_to_csv (arbor, &error);
      if (n == 4096)
        {
          g_assert_no_error (error);
          g_assert_cmpuint (strlen (csv), >, 4096 * 4096);
          continue;
        }
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
      g_assert_cmpstr (error->message, ==,
                       "Columns of CSV: expected at most 4096, or cells of which one in 64 has a "
                       "value, found 4097 different fields in 4097 trees: name the columns to write, "
                       "or write JSON Lines");
    }
}

/* Many columns that are filled are fine, in and out. */
static void
test_filled_csv (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) data = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autofree char *csv = NULL;

  for (guint row = 0; row < 100; row++)
    for (guint i = 0; i < 10000; i++)
      g_string_append_printf (text, row == 0 ? "c%u%c" : "%u%c", i + row, i == 9999 ? '\n' : ',');
  data = g_bytes_new (text->str, text->len);
  arbor = arbor_read_csv (data, NULL);
  csv = arbor_arbor_to_csv (arbor, NULL);
  g_assert_cmpstr (csv, ==, text->str);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/load/jsonl", test_jsonl);
  g_test_add_func ("/load/json", test_json);
  g_test_add_func ("/load/formats", test_formats);
  g_test_add_func ("/load/at", test_at);
  g_test_add_func ("/load/parts", test_parts);
  g_test_add_func ("/load/memory-limit", test_memory_limit);
  g_test_add_func ("/load/repeated-keys", test_repeated_keys);
  g_test_add_func ("/load/report", test_report);
  g_test_add_func ("/load/empty-report", test_empty_report);
  g_test_add_func ("/load/contradictions", test_contradictions);
  g_test_add_func ("/load/options", test_options);
  g_test_add ("/load/file", Files, NULL, files_set_up, test_file, files_tear_down);
  g_test_add ("/load/bad-file", Files, NULL, files_set_up, test_bad_file, files_tear_down);
  g_test_add_func ("/load/stream", test_stream);
  g_test_add_func ("/load/csv", test_csv);
  g_test_add_func ("/load/no-csv", test_no_csv);
  g_test_add ("/load/save-file", Files, NULL, files_set_up, test_save_file, files_tear_down);
  g_test_add ("/load/save-json", Files, NULL, files_set_up, test_save_json, files_tear_down);
  g_test_add_func ("/load/wide-csv", test_wide_csv);
  g_test_add_func ("/load/filled-csv", test_filled_csv);

  return g_test_run ();
}
