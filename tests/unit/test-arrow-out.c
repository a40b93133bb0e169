/* Arbors out by the Arrow C interfaces: types, columns as asked for, closing in the middle. That random
 * arbors come back as they were is tests/conformance/test-arrow.c; what other engines hand in,
 * test-arrow-in.c.
 */

#include "kit/arbors.h"
#include "kit/arrow.h"

#include <errno.h>

static struct ArrowArrayStream
export_stream (ArborArbor *arbor, const struct ArrowSchema *requested)
{
  struct ArrowArrayStream stream;
  g_autoptr (GError) error = NULL;
  gboolean is_done = arbor_arbor_export_arrow_stream (arbor, requested, &stream, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (is_done);
  return stream;
}

static void
assert_types (const char *lines, const char *expected)
{
  g_autoptr (ArborArbor) arbor = read_lines (lines);
  struct ArrowArrayStream stream = export_stream (arbor, NULL);
  g_autoptr (GString) types = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  struct ArrowSchema schema;

  arrow_check_stream (&stream);
  arbor_arbor_export_arrow_schema (arbor, &schema, NULL, &error);
  g_assert_no_error (error);
  arrow_check_schema (&schema);
  arrow_describe (&schema, types);
  g_assert_cmpstr (types->str, ==, expected);
  schema.release (&schema);
  stream.release (&stream);
}

static void
test_types (void)
{
  assert_types ("", "{}");
  assert_types ("{}\n{}", "{}");
  assert_types ("{\"b\":true,\"a\":null}\n{\"c\":-1}", "{b:b, a:n, c:l}");
  assert_types ("{\"a\":1}\n{\"a\":18446744073709551615}", "{a:L}");
  assert_types ("{\"a\":-1}\n{\"a\":18446744073709551615}", "{a:j}");
  assert_types ("{\"a\":1}\n{\"a\":0.5}\n{\"a\":null}", "{a:g}");
  assert_types ("{\"a\":9007199254740993}\n{\"a\":0.5}", "{a:j}");
  assert_types ("{\"a\":123456789012345678901}", "{a:j}");
  assert_types ("{\"a\":\"x\"}\n{\"a\":1}", "{a:j}");
  assert_types ("{\"a\":\"x\"}\n{\"b\":\"y\"}", "{a:u, b:u}");
  assert_types ("{\"a\":[1,null]}\n{\"a\":[]}", "{a:[l]}");
  assert_types ("{\"a\":[]}", "{a:[n]}");
  assert_types ("{\"a\":[[1],[\"x\"]]}", "{a:[[j]]}");
  assert_types ("{\"a\":{\"c\":1,\"b\":[{\"d\":0.5}]}}", "{a:{c:l, b:[{d:g}]}}");
  assert_types ("{\"a\":{}}", "{a:j}");
  assert_types ("{\"a\":{\"x\\u0000\":1}}", "{a:j}");
  assert_types ("{\"x\\u0000\":1}", "{value:j}");
  assert_types ("1\n2", "{value:l}");
  assert_types ("{\"a\":1}\nnull", "{value:{a:l}}");
  assert_types ("{\"a\":1}\n[1]", "{value:j}");
}

/* Deeper than readers follow, and wider than columns go: text, which comes back. */
static void
test_depth (void)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *tree = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborArbor) back = NULL;
  g_autoptr (GError) error = NULL;
  struct ArrowArrayStream stream;

  for (guint i = 0; i < 63; i++)
    g_string_append (line, i % 2 == 0 ? "{\"a\":" : "[");
  g_string_append_c (line, '7');
  for (guint i = 63; i > 0; i--)
    g_string_append_c (line, i % 2 == 1 ? '}' : ']');
  tree = g_strconcat (line->str, "\n", NULL);
  arbor = read_lines (tree);
  stream = export_stream (arbor, NULL);
  arrow_check_stream (&stream);
  back = arbor_load_arrow_stream (&stream, NULL, &error);
  g_assert_no_error (error);
  assert_lines (back, tree);
}

/* Columns as they are asked for */

static void
keep_schema (struct ArrowSchema *schema)
{
}

static struct ArrowSchema
make_field (const char *format, const char *name)
{
  return (struct ArrowSchema){ .format = format, .name = name, .release = keep_schema };
}

#define ARBOR_LINES "{\"a\":1,\"s\":\"x\"}\n{\"a\":2,\"s\":\"y\"}\n{\"s\":\"x\"}\n"

/* @fields as the columns of ARBOR_LINES; NULL with @error. */
static ArborArbor *
request (struct ArrowSchema **fields, gint64 n, const char *types, GError **error)
{
  g_autoptr (ArborArbor) arbor = read_lines (ARBOR_LINES);
  g_autoptr (GString) found = g_string_new (NULL);
  struct ArrowSchema wanted = make_field ("+s", ""), schema;
  struct ArrowArrayStream stream;

  wanted.n_children = n;
  wanted.children = fields;
  if (!arbor_arbor_export_arrow_stream (arbor, &wanted, &stream, NULL, error))
    return NULL;
  g_assert_cmpint (stream.get_schema (&stream, &schema), ==, 0);
  arrow_describe (&schema, found);
  g_assert_cmpstr (found->str, ==, types);
  schema.release (&schema);
  arrow_check_stream (&stream);
  return arbor_load_arrow_stream (&stream, NULL, error);
}

static void
test_request (void)
{
  struct ArrowSchema text = make_field ("U", ""), codes = make_field ("i", "s");
  struct ArrowSchema none = make_field ("L", "none"), real = make_field ("g", "a");
  struct ArrowSchema large = make_field ("U", "s"), wrong = make_field ("b", "a");
  struct ArrowSchema days = make_field ("tdD", "a");
  struct ArrowSchema *fields[] = { &codes, &none, &real };
  struct ArrowSchema *plain[] = { &large };
  struct ArrowSchema *refused[] = { &wrong };
  struct ArrowSchema *unknown[] = { &days };
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) all = NULL;
  g_autoptr (ArborArbor) one = NULL;

  codes.dictionary = &text;
  all = request (fields, 3, "{s:#U, none:L, a:g}", &error);
  g_assert_no_error (error);
  assert_lines (all, "{\"s\":\"x\",\"none\":null,\"a\":1.0}\n{\"s\":\"y\",\"none\":null,\"a\":2.0}\n"
                     "{\"s\":\"x\",\"none\":null,\"a\":null}\n");
  one = request (plain, 1, "{s:U}", &error);
  g_assert_no_error (error);
  assert_lines (one, "{\"s\":\"x\"}\n{\"s\":\"y\"}\n{\"s\":\"x\"}\n");
  g_assert_null (request (refused, 1, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE);
  g_assert_nonnull (strstr (error->message, "'a'"));
  g_clear_error (&error);
  g_assert_null (request (unknown, 1, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED);
}

/* Closing */

/* Several batches. */
static ArborArbor *
make_many (void)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < 40000; i++)
    g_string_append_printf (lines, "{\"i\":%u,\"d\":%u.5,\"s\":\"text %u\",\"l\":[%u]}\n", i, i, i, i);
  return read_lines (lines->str);
}

static void
assert_many (const struct ArrowSchema *schema, const struct ArrowArray *array)
{
  const gint64 *integers = array->children[0]->buffers[1];
  const double *reals = array->children[1]->buffers[1];

  arrow_check_array (schema, array);
  for (gint64 i = 0; i < array->length; i++)
    {
      g_assert_cmpint (integers[i], ==, i);
      g_assert_cmpfloat (reals[i], ==, (double) i + 0.5);
    }
}

/* A batch, then the end of what it came from, then the error, and the batch is still what it was. */
static void
assert_closed_between (StorePlace *place, ArborArbor *arbor)
{
  struct ArrowArrayStream stream = export_stream (arbor, NULL);
  struct ArrowSchema schema;
  struct ArrowArray first, second;

  g_assert_cmpint (stream.get_schema (&stream, &schema), ==, 0);
  g_assert_cmpint (stream.get_next (&stream, &first), ==, 0);
  assert_many (&schema, &first);
  arbor_store_close (place->store);
  g_assert_cmpint (stream.get_next (&stream, &second), ==, EBADF);
  g_assert_null (second.release);
  g_assert_nonnull (strstr (stream.get_last_error (&stream), "closed"));
  g_assert_cmpint (stream.get_next (&stream, &second), ==, EBADF);
  assert_many (&schema, &first);
  stream.release (&stream);
  assert_many (&schema, &first);
  first.release (&first);
  schema.release (&schema);
}

static void
test_close (StorePlace *place, gconstpointer data)
{
  g_autoptr (ArborArbor) many = make_many ();
  g_autoptr (ArborArbor) stored = NULL;

  put_arbor (place->store, "t", many);
  stored = get_arbor (place->store, "t");
  assert_closed_between (place, stored);
}

/* What is computed ends with the store as well. */
static void
test_close_view (StorePlace *place, gconstpointer data)
{
  g_autoptr (ArborArbor) many = make_many ();
  g_autoptr (ArborExpr) all = parse ("i >= 0");
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) view = NULL;
  struct ArrowArrayStream stream;
  g_autoptr (GError) error = NULL;

  put_arbor (place->store, "t", many);
  stored = get_arbor (place->store, "t");
  view = arbor_arbor_filter (stored, all, &error);
  g_assert_no_error (error);
  assert_closed_between (place, view);
  g_assert_false (arbor_arbor_export_arrow_stream (view, NULL, &stream, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_null (stream.release);
}

/* Of memory: arrays keep what they are parts of. */
static void
test_outlives (void)
{
  ArborArbor *many = make_many ();
  struct ArrowArrayStream stream = export_stream (many, NULL);
  struct ArrowSchema schema;
  struct ArrowArray first, reals;

  g_assert_cmpint (stream.get_schema (&stream, &schema), ==, 0);
  g_assert_cmpint (stream.get_next (&stream, &first), ==, 0);
  g_object_unref (many);
  stream.release (&stream);
  assert_many (&schema, &first);
  /* A child that is taken out lives on alone. */
  reals = *first.children[1];
  first.children[1]->release = NULL;
  first.release (&first);
  for (gint64 i = 0; i < reals.length; i++)
    g_assert_cmpfloat (((const double *) reals.buffers[1])[i], ==, (double) i + 0.5);
  reals.release (&reals);
  schema.release (&schema);
}

/* A stale arbor hands out nothing; a stream that had begun goes on. */
static void
test_stale (StorePlace *place, gconstpointer data)
{
  g_autoptr (ArborArbor) many = make_many ();
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) back = NULL;
  g_autoptr (GError) error = NULL;
  struct ArrowArrayStream stream, refused;

  put_arbor (place->store, "t", many);
  stored = get_arbor (place->store, "t");
  stream = export_stream (stored, NULL);
  put_lines (place->store, "t", "{\"other\":1}");
  g_assert_false (arbor_arbor_export_arrow_stream (stored, NULL, &refused, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  back = arbor_load_arrow_stream (&stream, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_arbor_get_n_trees (back, NULL), ==, 40000);
}

static gpointer
read_in_thread (gpointer data)
{
  struct ArrowArrayStream *stream = data;

  return arbor_load_arrow_stream (stream, NULL, NULL);
}

static void
test_thread (StorePlace *place, gconstpointer data)
{
  g_autoptr (ArborArbor) many = make_many ();
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) back = NULL;
  struct ArrowArrayStream stream;

  put_arbor (place->store, "t", many);
  stored = get_arbor (place->store, "t");
  stream = export_stream (stored, NULL);
  g_clear_object (&stored);
  back = g_thread_join (g_thread_new ("reader", read_in_thread, &stream));
  g_assert_cmpuint (arbor_arbor_get_n_trees (back, NULL), ==, 40000);
}

/* Streams of others */

static int
fail_schema (struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
  *out = make_field ("l", "");
  return 0;
}

static int
fail_next (struct ArrowArrayStream *stream, struct ArrowArray *out)
{
  return EIO;
}

static const char *
tell_failure (struct ArrowArrayStream *stream)
{
  return "the other side is gone";
}

static void
release_failing (struct ArrowArrayStream *stream)
{
  *(gboolean *) stream->private_data = TRUE;
  stream->release = NULL;
}

static void
test_failing (void)
{
  gboolean is_released = FALSE;
  struct ArrowArrayStream stream = { .get_schema = fail_schema,
                                     .get_next = fail_next,
                                     .get_last_error = tell_failure,
                                     .release = release_failing,
                                     .private_data = &is_released };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_load_arrow_stream (&stream, NULL, &error));
  g_assert_cmpint (error->domain, ==, G_IO_ERROR);
  g_assert_nonnull (strstr (error->message, "the other side is gone"));
  g_assert_true (is_released);
  g_clear_error (&error);
  stream.release = release_failing;
  g_cancellable_cancel (cancellable);
  g_assert_null (arbor_load_arrow_stream (&stream, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Columns */

static void
assert_column (const char *lines, const char *types, const char *expected)
{
  g_autoptr (ArborArbor) arbor = read_lines (lines);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborColumn) column = arbor_arbor_get_column (arbor, "a", NULL, &error);
  g_autoptr (GString) found = g_string_new (NULL);
  g_autoptr (ArborArbor) back = NULL;
  struct ArrowSchema schema;
  struct ArrowArray array;

  g_assert_no_error (error);
  arbor_column_export_arrow (column, &schema, &array, &error);
  g_assert_no_error (error);
  g_clear_object (&column);
  arrow_check_schema (&schema);
  arrow_check_array (&schema, &array);
  arrow_describe (&schema, found);
  g_assert_cmpstr (found->str, ==, types);
  back = arbor_load_arrow_array (&schema, &array, NULL, &error);
  g_assert_no_error (error);
  assert_lines (back, expected);
}

static void
test_columns (void)
{
  assert_column ("{\"a\":null}\n{}", "n", "null\nnull\n");
  assert_column ("{\"a\":true}\n{}\n{\"a\":false}", "b", "true\nnull\nfalse\n");
  assert_column ("{\"a\":-5}\n{\"a\":7}", "l", "-5\n7\n");
  assert_column ("{\"a\":18446744073709551615}\n{}", "L", "18446744073709551615\nnull\n");
  assert_column ("{\"a\":0.5}\n{\"a\":1}", "g", "0.5\n1.0\n");
  assert_column ("{\"a\":\"x\"}\n{}\n{\"a\":\"\"}\n{\"a\":\"x\"}", "#U", "\"x\"\nnull\n\"\"\n\"x\"\n");
  assert_column ("{\"a\":\"x\"}\n{\"a\":[1]}\n{}", "j", "\"x\"\n[1]\nnull\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arrow/types", test_types);
  g_test_add_func ("/arrow/depth", test_depth);
  g_test_add_func ("/arrow/request", test_request);
  g_test_add_func ("/arrow/outlives", test_outlives);
  g_test_add_func ("/arrow/failing", test_failing);
  g_test_add_func ("/arrow/columns", test_columns);
#define ADD(name, test)                                                                            \
  g_test_add (name, StorePlace, NULL, store_place_set_up, test, store_place_tear_down)
  ADD ("/arrow/close", test_close);
  ADD ("/arrow/close-view", test_close_view);
  ADD ("/arrow/stale", test_stale);
  ADD ("/arrow/thread", test_thread);
#undef ADD
  return g_test_run ();
}
