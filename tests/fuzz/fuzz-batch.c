/* Any bytes as a batch, its length and digest mended. What opens is read whole: nothing crashes,
 * and no more values come out than its columns count, however damage may have tied them together.
 * The writer of rows writes what others do, and what verifies gives the same trees when it is
 * written anew.
 *
 * Corpus: build/tests/conformance/test-batch-format TREES.jsonl FILE --write
 */

#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-batch-format.h"
#include "batch/arbor-scope.h"
#include "batch/arbor-value-access.h"
#include "query/column/arbor-column-data.h"
#include "query/group/arbor-group.h"
#include "query/make/arbor-summary.h"
#include "query/order/arbor-ordering.h"
#include "query/series/arbor-decider.h"
#include "query/series/arbor-row-reader.h"
#include "query/series/arbor-series-reader.h"
#include "fuzz.h"

#include "kit/record-texts.h"
#include "kit/row-texts.h"

/* Batches of more values are not read: there is nothing new in them but time. */
#define MAX_VALUES 100000u

static guint64
count_values (const ArborBatch *batch)
{
  guint64 n = 0;

  for (guint32 i = 0; i < batch->header->n_columns; i++)
    n += batch->columns[i].n_values;
  return n;
}

/* The sum of a text's ends, to touch them. */
static guint
touch (const char *text, guint32 length)
{
  return length == 0 ? 0 : (guint) (guint8) text[0] + (guint8) text[length - 1];
}

/* Reads all trees; texts of the overflow lane are parsed, but not looked into. */
static guint64
read_trees (const ArborBatch *batch, ArborScope *scope, guint *sum)
{
  guint64 n = 0;

  for (guint32 i = 0; i < arbor_batch_get_n_trees (batch); i++)
    {
      ArborWalkEvent event;
      ArborValueWalk walk;
      ArborValue tree;

      arbor_batch_get_tree (batch, i, &tree);
      arbor_value_walk_init (&walk, &tree, scope);
      while ((event = arbor_value_walk_next (&walk)) != ARBOR_WALK_END)
        {
          n += event != ARBOR_WALK_CLOSE;
          if (event == ARBOR_WALK_OPEN && walk.value.holder_kind != ARBOR_HOLDER_BATCH)
            arbor_value_walk_skip (&walk);
          if (walk.key != NULL)
            *sum += touch (walk.key, walk.key_length);
          if (walk.value.kind == ARBOR_KIND_STRING || walk.value.kind == ARBOR_KIND_NUMBER)
            *sum += touch (walk.value.text, walk.value.length);
        }
      arbor_scope_check (scope, NULL);
      arbor_scope_reset (scope);
    }
  return n;
}

/* Each column by its own ways, past its ends as well. */
static void
read_columns (const ArborBatch *batch)
{
  for (guint32 i = 0; i < arbor_batch_get_n_columns (batch); i++)
    {
      ArborColumnInfo info;
      ArborValue value;
      guint32 start, end, length;
      const char *key = arbor_batch_get_key (batch, i, &length);

      arbor_batch_get_column_info (batch, i, &info);
      if (key != NULL)
        arbor_batch_find_field (batch, info.parent, key, length);
      arbor_batch_get_value (batch, i, info.n_rows - 1, &value);
      g_assert_cmpint (value.kind, <=, ARBOR_KIND_OBJECT);
      arbor_batch_get_value (batch, i, info.n_rows, &value);
      g_assert_cmpint (value.kind, ==, ARBOR_KIND_MISSING);
      arbor_batch_get_value (batch, i, G_MAXUINT32, &value);
      g_assert_cmpint (value.kind, ==, ARBOR_KIND_MISSING);
      arbor_batch_get_array (batch, i, G_MAXUINT32, &start, &end);
      g_assert_cmpuint (start, ==, end);
      g_assert_cmpuint (arbor_batch_get_shape (batch, i, G_MAXUINT32, &start), ==, 0);
    }
}

/* Predicates of every kind of kernel, over the whole batch; what they say of damage is not asked. */
static void
run_kernels (const ArborBatch *batch)
{
  static const char *const texts[] = {
    "a > 1 and (b == \"x\" or not c)", "any(a[*].b >= 0.5) or all(b[*])",
    "name contains \"an\" or id starts_with \"a\"", "b ends_with \"x\" or a.b.c == null",
    "id == \"oak\" or tag in [\"x\", \"fir\", 7]", "s < \"m\" and lower(s) != \"\"",
    "$ == 1 or is_null(r) or any($[*] == \"x\")",
  };
  static ArborDecider *deciders[G_N_ELEMENTS (texts)];
  g_autofree guint64 *bits = g_new0 (guint64, ARBOR_BATCH_MAX_TREES / 64);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (deciders[i] == NULL)
        {
          g_autoptr (ArborNode) node = arbor_node_parse (texts[i], NULL);

          deciders[i] = arbor_decider_new (&node, 1);
        }
      arbor_decider_set_batch (deciders[i], batch, 0);
      g_assert_cmpuint (arbor_decider_decide (deciders[i], 0, arbor_batch_get_n_trees (batch), bits),
                        <=, arbor_batch_get_n_trees (batch));
      arbor_decider_check (deciders[i], NULL);
      arbor_decider_set_batch (deciders[i], NULL, 0);
    }
}

/* Expressions by series are what the row evaluator says of each row, of what verifies; of what a stranger has made
 * up, a value that is of two kinds for one, each has its own way. */
static void
run_series (const ArborBatch *batch, gboolean is_good)
{
  static const char *const texts[] = {
    "a * 2 > b", "lower(s)", "when c then a otherwise b", "coalesce(name, id, tag)", "len(b)",
    "sum(a[*].b)", "count(filter(a, @.b > 0))", "b[0]", "a[-1].b", "concat(s, id)", "tag == 'fir'",
    "any($[*] == \"x\")", "type_of($)", "$", "year(r)", "is_missing(a.b.c) or a.b > 0",
  };
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborRows rows = { .batch = batch, .n = arbor_batch_get_n_trees (batch) };
  ArborBuffer expected = { NULL }, found = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (texts) && rows.n > 0; i++)
    {
      g_autoptr (ArborNode) node = arbor_node_parse (texts[i], NULL);
      g_autoptr (ArborSeriesReader) reader = arbor_series_reader_new (node);
      g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
      guint32 row = 0;
      ArborSeries chunk;

      arbor_evaluator_set_batch (evaluator, batch, 0);
      arbor_series_reader_begin (reader, &rows);
      while (arbor_series_reader_next (reader, &chunk) > 0)
        for (guint32 j = 0; j < chunk.n; j++, row++)
          {
            ArborValue value;

            arbor_buffer_clear (&expected);
            arbor_buffer_clear (&found);
            arbor_series_get (&chunk, j, &value);
            arbor_value_write_json (&value, scope, &found);
            arbor_evaluator_get_value (evaluator, row, scope, &value);
            arbor_value_write_json (&value, scope, &expected);
            if (is_good)
              g_assert_cmpmem (found.data, found.length, expected.data, expected.length);
            arbor_scope_reset (scope);
          }
      g_assert_cmpuint (row, ==, rows.n);
    }
  arbor_buffer_free (&expected);
  arbor_buffer_free (&found);
}

/* The path of the fields that lead to @column; NULL where elements are among them. */
static ArborPath *
make_path (const ArborBatch *batch, guint32 column)
{
  ArborStep *steps = g_new0 (ArborStep, ARBOR_BATCH_MAX_DEPTH);
  guint n = 0;

  for (guint32 at = column; at != 0; at = batch->columns[at].parent)
    {
      guint32 length;
      const char *key = arbor_batch_get_key (batch, at, &length);
      ArborStep step = { .kind = ARBOR_STEP_KEY };

      if (key == NULL)
        {
          arbor_path_free (arbor_path_new_take (steps, n));
          return NULL;
        }
      step.key = g_malloc0 ((gsize) length + 1);
      memcpy (step.key, key, length);
      step.length = length;
      memmove (steps + 1, steps, n * sizeof *steps);
      steps[0] = step;
      n++;
    }
  return arbor_path_new_take (steps, n);
}

/* The values at a path, all at once and row by row. What verifies gives the same both ways. */
static void
read_path (const ArborBatch *batch, ArborPath *path, ArborScope *scope, gboolean is_good)
{
  g_autoptr (ArborNode) node = arbor_node_new_path_take (path);
  g_autoptr (ArborRowReader) reader = arbor_row_reader_new (node);
  g_autoptr (ArborColumnData) by_lanes = arbor_column_data_new ();
  g_autoptr (ArborColumnData) by_rows = arbor_column_data_new ();
  g_autoptr (ArborScope) lanes_scope = arbor_scope_new ();
  ArborBuffer lanes_json = { NULL }, rows_json = { NULL };
  gboolean is_done = FALSE;
  ArborLanes lanes;

  arbor_lanes_init (&lanes, batch, 0, path->steps, path->n_steps, lanes_scope);
  g_assert_true (
      arbor_column_data_append_lanes (by_lanes, &lanes, lanes_scope, &is_done, NULL));
  arbor_row_reader_set_batch (reader, batch, 0);
  for (guint32 row = 0; row < arbor_batch_get_n_trees (batch); row++)
    {
      ArborValue value;

      arbor_row_reader_get (reader, row, scope, &value);
      /* Containers are read elsewhere, and can be long. */
      if (value.kind >= ARBOR_KIND_ARRAY)
        value = ARBOR_VALUE_NULL;
      g_assert_true (arbor_column_data_append (by_rows, &value, scope, NULL));
      arbor_scope_check (scope, NULL);
      arbor_scope_reset (scope);
    }
  arbor_column_data_finish (by_lanes);
  arbor_column_data_finish (by_rows);
  arbor_column_data_write_json (by_lanes, &lanes_json);
  arbor_column_data_write_json (by_rows, &rows_json);
  if (is_done && is_good)
    {
      g_assert_cmpint (by_lanes->layout, ==, by_rows->layout);
      g_assert_cmpmem (lanes_json.data, lanes_json.length, rows_json.data, rows_json.length);
    }
  arbor_buffer_free (&lanes_json);
  arbor_buffer_free (&rows_json);
}

static void
read_paths (const ArborBatch *batch, ArborScope *scope, gboolean is_good)
{
  for (guint32 i = 0; i < MIN (arbor_batch_get_n_columns (batch), 64u); i++)
    {
      ArborPath *path = make_path (batch, i);

      if (path != NULL)
        read_path (batch, path, scope, is_good);
    }
}

/* The fields of the trees, as expressions: @max of them. */
static guint
make_keys (const ArborBatch *batch, ArborNode **keys, guint max)
{
  guint n = 0;

  for (guint32 i = 1; i < batch->header->n_columns && n < max; i++)
    if (batch->columns[i].parent == 0 && batch->columns[i].key != ARBOR_NO_COLUMN)
      {
        ArborStep *step = g_new0 (ArborStep, 1);
        const char *key = arbor_batch_get_key (batch, i, &step->length);

        step->kind = ARBOR_STEP_KEY;
        step->key = g_strndup (key, step->length);
        keys[n++] = arbor_node_new_path_take (arbor_path_new_take (step, 1));
      }
  return n;
}

static void
read_ordered (ArborSelection *all, ArborAccess *access, ArborOrdering *ordering)
{
  g_autoptr (ArborSelection) ordered = arbor_selection_new_ordered (all, ordering, NULL);
  guint64 count;

  arbor_selection_get_count (ordered, access, NULL, &count, NULL);
}

static void
read_derived (ArborSource *taken)
{
  g_autoptr (ArborSource) source = taken;
  ArborAccess access;
  guint64 count;

  g_assert_true (arbor_access_begin (&access, source, NULL, NULL));
  arbor_access_count_trees (&access, G_MAXUINT64, NULL, &count, NULL);
  arbor_access_leave (&access, NULL);
}

/* What reads lanes without the evaluator, by each field and the next; results are not asked. */
static void
run_queries (GBytes *bytes, const ArborBatch *batch)
{
  static const char *const functions[] = { "sum", "min", "max", "first", "n_unique", "std" };
  static const char *const names[] = { "k", "l", NULL };
  static const char *const results[] = { "m", "n", NULL };
  GPtrArray *batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (ArborSource) source = NULL;
  g_autoptr (ArborSelection) all = arbor_selection_new_all ();
  ArborNode *keys[5];
  guint n = make_keys (batch, keys, G_N_ELEMENTS (keys));
  ArborAccess access;

  g_ptr_array_add (batches, g_bytes_ref (bytes));
  source = arbor_source_new_memory (batches, NULL);
  g_assert_true (arbor_access_begin (&access, source, NULL, NULL));
  read_derived (arbor_summary_describe (source, all, NULL));
  for (guint i = 0; i + 1 < n; i++)
    {
      const ArborSortFlags flags[] = { (ArborSortFlags) (i & 3), ARBOR_SORT_NONE };
      g_autoptr (ArborGrouping) grouping =
          arbor_grouping_new (source, all, names, keys + i, 2, NULL);
      ArborSortKeys *sort_keys = arbor_sort_keys_new (keys + i, 2, flags, 2, NULL);
      ArborNode *nodes[2];
      GBytes *whole;
      char **notes = NULL;

      read_ordered (all, &access, arbor_ordering_new_sort (sort_keys));
      read_ordered (all, &access, arbor_ordering_new_top (sort_keys, 2));
      read_ordered (all, &access, arbor_ordering_new_unique (sort_keys));
      arbor_sort_keys_unref (sort_keys);
      read_derived (arbor_summary_value_counts (source, all, keys[i], NULL));
      read_derived (arbor_summary_histogram (source, all, keys[i], 3, NULL));
      for (guint j = 0; j < G_N_ELEMENTS (functions); j++)
        {
          nodes[0] = arbor_node_new_call (functions[j], &keys[i], 1, NULL);
          nodes[1] = arbor_node_new_call (functions[j], &keys[i + 1], 1, NULL);
          whole = arbor_group_aggregate_all (all, &access, results, nodes, 2, &notes, NULL, NULL);
          g_clear_pointer (&whole, g_bytes_unref);
          g_clear_pointer (&notes, g_strfreev);
          read_derived (arbor_grouping_aggregate (grouping, results, nodes, 2, NULL));
          arbor_node_unref (nodes[0]);
          arbor_node_unref (nodes[1]);
        }
    }
  for (guint i = 0; i < n; i++)
    arbor_node_unref (keys[i]);
  arbor_access_leave (&access, NULL);
}

/* Batches of trees that can be many times as long as the batch are left alone. */
static gboolean
texts_are_short (const ArborBatch *batch)
{
  for (guint32 i = 0; i < batch->header->n_lanes; i++)
    if (batch->lanes[i].encoding == ARBOR_ENCODING_DICTIONARY &&
        (guint64) batch->lanes[i].count * batch->lanes[i].size_c > MAX_VALUES * 10)
      return FALSE;
  return TRUE;
}

static void
write_anew (const ArborBatch *batch, ArborScope *scope)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborBatch) second = NULL;
  g_autoptr (GBytes) bytes = NULL;
  ArborBuffer before = { NULL };
  ArborBuffer after = { NULL };
  ArborValue tree;

  for (guint32 i = 0; i < arbor_batch_get_n_trees (batch); i++)
    {
      arbor_batch_get_tree (batch, i, &tree);
      arbor_batch_builder_add_value (builder, &tree, scope);
      arbor_value_write_json (&tree, scope, &before);
      g_assert_true (arbor_scope_check (scope, NULL));
      arbor_scope_reset (scope);
    }
  bytes = arbor_batch_builder_finish (builder, NULL);
  g_assert_nonnull (bytes);
  second = arbor_batch_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
  g_assert_nonnull (second);
  g_assert_true (arbor_batch_verify (second, NULL));
  for (guint32 i = 0; i < arbor_batch_get_n_trees (second); i++)
    {
      arbor_batch_get_tree (second, i, &tree);
      arbor_value_write_json (&tree, scope, &after);
      arbor_scope_reset (scope);
    }
  g_assert_cmpmem (after.data, after.length, before.data, before.length);
  arbor_buffer_free (&before);
  arbor_buffer_free (&after);
}

static void
mend (guint8 *data, gsize size)
{
  ArborBatchHeader *header = (ArborBatchHeader *) data;
  g_autoptr (ArborBatch) batch = NULL;

  header->n_bytes = size;
  batch = arbor_batch_open_unsealed (data, size, NULL);
  if (batch != NULL)
    arbor_batch_seal (data, size);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborBatch) batch = NULL;
  g_autoptr (GBytes) copy = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_good;
  guint64 n_values;
  guint sum = 0;

  /* The longest length that a batch may have. */
  if (size < 2 * ARBOR_BATCH_ALIGNMENT)
    return 0;
  size = (size + ARBOR_BATCH_PHASE) / ARBOR_BATCH_ALIGNMENT * ARBOR_BATCH_ALIGNMENT -
         ARBOR_BATCH_PHASE;
  copy = arbor_batch_copy_bytes (data, size);
  mend ((guint8 *) g_bytes_get_data (copy, NULL), size);

  batch = arbor_batch_open (g_bytes_get_data (copy, NULL), size, &error);
  if (batch == NULL)
    {
      g_assert_true (g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT) ||
                     g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_VERSION));
      return 0;
    }
  n_values = count_values (batch);
  if (n_values > MAX_VALUES)
    return 0;
  g_assert_cmpuint (read_trees (batch, scope, &sum), <=, n_values);
  read_columns (batch);
  run_kernels (batch);
  is_good = arbor_batch_verify (batch, &error);
  if (texts_are_short (batch))
    {
      assert_rows_same (batch);
      assert_records_same (batch, ',', FALSE);
      run_series (batch, is_good);
      read_paths (batch, scope, is_good);
      run_queries (copy, batch);
    }
  if (is_good)
    {
      g_assert_cmpuint (read_trees (batch, scope, &sum), ==, n_values);
      if (texts_are_short (batch))
        write_anew (batch, scope);
    }
  else
    {
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
    }
  return 0;
}
