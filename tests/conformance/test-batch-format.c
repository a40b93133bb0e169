/* The batch format stays as it is: the trees of a fixture, encoded anew, give the bytes that were
 * committed with it, and the fixture has an example of all that docs/dev/format.md describes.
 *
 * usage: test-batch-format TREES.jsonl BATCH.bin [--write | OLD.bin]
 *
 * OLD.bin holds the same trees as they were written before batches had digests of their columns.
 *
 * With --write the batch is made instead of compared: after a deliberate change of the format.
 */

#include <string.h>

#include "base/arbor-tape.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-batch-format.h"
#include "batch/arbor-scope.h"
#include "batch/arbor-value-access.h"

static char *trees;
static gsize trees_length;
static const char *batch_path;
static const char *old_path;

static GBytes *
encode (void)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *padded = g_malloc0 (trees_length + ARBOR_PARSER_PADDING);
  const char *end = padded + trees_length;
  GBytes *bytes;

  memcpy (padded, trees, trees_length);
  for (const char *line = padded, *next; line < end; line = next + 1)
    {
      ArborTape tape;
      gsize offset;
      const char *reason;

      next = memchr (line, '\n', (gsize) (end - line));
      g_assert_nonnull (next);
      g_assert_false (arbor_batch_builder_is_full (builder));
      if (!arbor_parser_parse (parser, line, (gsize) (next - line), &tape, &offset, &reason))
        g_error ("%.60s: byte %" G_GSIZE_FORMAT ": %s", line, offset, reason);
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
    }
  bytes = arbor_batch_builder_finish (builder, &error);
  g_assert_no_error (error);
  return bytes;
}

static GBytes *
load_fixture (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return arbor_batch_copy_bytes (data, size);
}

static void
test_same_bytes (void)
{
  g_autoptr (GBytes) made = encode ();
  g_autoptr (GBytes) fixture = load_fixture (batch_path);

  g_assert_cmpmem (g_bytes_get_data (made, NULL), g_bytes_get_size (made),
                   g_bytes_get_data (fixture, NULL), g_bytes_get_size (fixture));
}

/* What was once written is read for good. */
static void
test_same_trees (gconstpointer path)
{
  g_autoptr (GBytes) fixture = load_fixture (*(const char *const *) path);
  g_autoptr (GBytes) newest = load_fixture (batch_path);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborBatch) batch = arbor_batch_open (g_bytes_get_data (fixture, NULL),
                                                   g_bytes_get_size (fixture), &error);

  g_assert_no_error (error);
  arbor_batch_verify (batch, &error);
  g_assert_no_error (error);
  for (guint32 i = 0; i < arbor_batch_get_n_trees (batch); i++)
    {
      ArborValue value;

      arbor_batch_get_tree (batch, i, &value);
      arbor_batch_builder_add_value (builder, &value, scope);
      g_assert_true (arbor_scope_check (scope, &error));
      arbor_scope_reset (scope);
    }
  again = arbor_batch_builder_finish (builder, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again),
                   g_bytes_get_data (newest, NULL), g_bytes_get_size (newest));
}

/* Of each encoding, each width that it may have: but for widths that take 65,536 different ones. */
static const struct
{
  guint8 kind, encoding, width, span_width;
} expected[] = {
  { ARBOR_KIND_BOOL, ARBOR_ENCODING_BITS, 0, 0 },
  { ARBOR_KIND_INT64, ARBOR_ENCODING_FRAME, 0, 0 },
  { ARBOR_KIND_INT64, ARBOR_ENCODING_FRAME, 1, 0 },
  { ARBOR_KIND_INT64, ARBOR_ENCODING_FRAME, 2, 0 },
  { ARBOR_KIND_INT64, ARBOR_ENCODING_FRAME, 4, 0 },
  { ARBOR_KIND_INT64, ARBOR_ENCODING_FRAME, 8, 0 },
  { ARBOR_KIND_UINT64, ARBOR_ENCODING_FRAME, 1, 0 },
  { ARBOR_KIND_DOUBLE, ARBOR_ENCODING_RAW, 8, 0 },
  { ARBOR_KIND_NUMBER, ARBOR_ENCODING_SPANS, 0, 1 },
  { ARBOR_KIND_NUMBER, ARBOR_ENCODING_SPANS, 0, 2 },
  { ARBOR_KIND_STRING, ARBOR_ENCODING_SPANS, 0, 1 },
  { ARBOR_KIND_STRING, ARBOR_ENCODING_SPANS, 0, 2 },
  { ARBOR_KIND_STRING, ARBOR_ENCODING_SPANS, 0, 4 },
  { ARBOR_KIND_STRING, ARBOR_ENCODING_DICTIONARY, 0, 1 },
  { ARBOR_KIND_STRING, ARBOR_ENCODING_DICTIONARY, 1, 1 },
  { ARBOR_KIND_STRING, ARBOR_ENCODING_DICTIONARY, 1, 2 },
  { ARBOR_KIND_STRING, ARBOR_ENCODING_DICTIONARY, 2, 1 },
  { ARBOR_KIND_ARRAY, ARBOR_ENCODING_RUNS, 0, 1 },
  { ARBOR_KIND_ARRAY, ARBOR_ENCODING_RUNS, 0, 2 },
  { ARBOR_KIND_OBJECT, ARBOR_ENCODING_SHAPES, 0, 0 },
  { ARBOR_KIND_OBJECT, ARBOR_ENCODING_SHAPES, 1, 0 },
  { ARBOR_KIND_OBJECT, ARBOR_ENCODING_SHAPES, 2, 0 },
  { ARBOR_LANE_OVERFLOW, ARBOR_ENCODING_SPANS, 0, 2 },
  { ARBOR_LANE_OVERFLOW, ARBOR_ENCODING_SPANS, 0, 1 },
};

static void
test_has_all (void)
{
  g_autoptr (GBytes) fixture = load_fixture (batch_path);
  g_autoptr (ArborBatch) batch =
      arbor_batch_open (g_bytes_get_data (fixture, NULL), g_bytes_get_size (fixture), NULL);
  gboolean has_presence[3] = { FALSE };
  gboolean has_no_lane = FALSE;
  gboolean has_all_lanes = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      guint n = 0;

      for (guint32 j = 0; j < batch->header->n_lanes; j++)
        n += batch->lanes[j].kind == expected[i].kind &&
             batch->lanes[j].encoding == expected[i].encoding &&
             batch->lanes[j].width == expected[i].width &&
             batch->lanes[j].span_width == expected[i].span_width;
      g_test_message ("kind %u, encoding %u, width %u, span width %u: %u", expected[i].kind,
                      expected[i].encoding, expected[i].width, expected[i].span_width, n);
      g_assert_cmpuint (n, >, 0);
    }
  for (guint32 i = 0; i < batch->header->n_columns; i++)
    {
      has_presence[batch->columns[i].presence] = TRUE;
      has_no_lane |= batch->columns[i].n_lanes == 0;
      has_all_lanes |= batch->columns[i].n_lanes == ARBOR_N_LANE_KINDS - ARBOR_KIND_BOOL &&
                       batch->columns[i].n_nulls > 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (has_presence); i++)
    g_assert_true (has_presence[i]);
  g_assert_true (has_no_lane);
  g_assert_true (has_all_lanes);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (argc < 3)
    g_error ("usage: %s TREES.jsonl BATCH.bin [--write]", argv[0]);
  batch_path = argv[2];
  if (!g_file_get_contents (argv[1], &trees, &trees_length, &error))
    g_error ("%s", error->message);
  if (argc == 4 && g_str_equal (argv[3], "--write"))
    {
      g_autoptr (GBytes) made = encode ();

      if (!g_file_set_contents (batch_path, g_bytes_get_data (made, NULL),
                                (gssize) g_bytes_get_size (made), &error))
        g_error ("%s", error->message);
      return 0;
    }
  g_test_add_func ("/batch-format/same-bytes", test_same_bytes);
  g_test_add_data_func ("/batch-format/same-trees", &batch_path, test_same_trees);
  old_path = argv[3];
  if (old_path != NULL)
    g_test_add_data_func ("/batch-format/same-trees-of-old", &old_path, test_same_trees);
  g_test_add_func ("/batch-format/has-all", test_has_all);
  return g_test_run ();
}
