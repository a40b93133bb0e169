/* ArborColumn: every row as the ArborTree of that row has it, in every sort of arbor. */

#include "kit/columns.h"

#include <math.h>

static ArborColumn *
get_column (ArborArbor *arbor, const char *path)
{
  g_autoptr (GError) error = NULL;
  ArborColumn *column = arbor_arbor_get_column (arbor, path, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (column);
  return column;
}

/* What a getter of a tree gives for each row: values, or the first error. */
typedef gboolean (*OracleFunc) (ArborTree *tree, const char *path, gpointer item, GError **error);

static gboolean
oracle_int64 (ArborTree *tree, const char *path, gpointer item, GError **error)
{
  GError *failure = NULL;

  *(gint64 *) item = arbor_tree_get_int64 (tree, path, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}

static gboolean
oracle_uint64 (ArborTree *tree, const char *path, gpointer item, GError **error)
{
  GError *failure = NULL;

  *(guint64 *) item = arbor_tree_get_uint64 (tree, path, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}

/* As trees do, but nothing is rounded. */
static gboolean
oracle_double (ArborTree *tree, const char *path, gpointer item, GError **error)
{
  static const char *const inexact[] = { "9007199254740993", "18446744073709551615",
                                         "123456789012345678901234567890" };
  g_autofree char *text = arbor_tree_dup_number_text (tree, path, NULL);
  GError *failure = NULL;

  *(double *) item = arbor_tree_get_double (tree, path, &failure);
  for (guint i = 0; i < G_N_ELEMENTS (inexact); i++)
    if (g_strcmp0 (text, inexact[i]) == 0)
      g_set_error (&failure, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                   "The number %s at '%s' is not exactly a double", text, path);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}

static gboolean
oracle_boolean (ArborTree *tree, const char *path, gpointer item, GError **error)
{
  GError *failure = NULL;

  *(guint8 *) item = (guint8) arbor_tree_get_boolean (tree, path, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}

static void
check_typed (ArborColumn *column, GPtrArray *trees, const char *path, OracleFunc oracle, gsize size,
             gconstpointer blank, GBytes *(*dup) (ArborColumn *, GError **))
{
  g_autoptr (GError) expected_error = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *expected = g_malloc (trees->len * size + 1);
  g_autoptr (GBytes) bytes = dup (column, &error);

  for (guint i = 0; i < trees->len && expected_error == NULL; i++)
    {
      ArborTree *tree = trees->pdata[i];

      if (arbor_tree_get_kind (tree, path, NULL) <= ARBOR_KIND_NULL)
        memcpy (expected + i * size, blank, size);
      else
        oracle (tree, path, expected + i * size, &expected_error);
    }
  if (expected_error != NULL)
    {
      g_assert_null (bytes);
      g_assert_error (error, ARBOR_ERROR, expected_error->code);
      g_assert_cmpstr (error->message, ==, expected_error->message);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   trees->len * size);
}

static void
check_numbers (ArborColumn *column, GPtrArray *trees, const char *path)
{
  const gint64 zero = 0;
  const double nan = NAN;

  check_typed (column, trees, path, oracle_int64, 8, &zero, arbor_column_dup_int64s);
  check_typed (column, trees, path, oracle_uint64, 8, &zero, arbor_column_dup_uint64s);
  check_typed (column, trees, path, oracle_double, 8, &nan, arbor_column_dup_doubles);
  check_typed (column, trees, path, oracle_boolean, 1, &zero, arbor_column_dup_booleans);
}

/* By the rules as the documentation tells them. */
static ArborColumnLayout
choose_layout (GPtrArray *trees, const char *path)
{
  guint64 n[ARBOR_KIND_OBJECT + 1] = { 0 };
  guint64 n_values;
  gboolean has_negative = FALSE, has_large = FALSE;

  for (guint i = 0; i < trees->len; i++)
    {
      ArborKind kind = arbor_tree_get_kind (trees->pdata[i], path, NULL);
      gint64 integer;

      n[kind]++;
      if (kind != ARBOR_KIND_INT64)
        continue;
      integer = arbor_tree_get_int64 (trees->pdata[i], path, NULL);
      has_negative |= integer < 0;
      has_large |= ABS (integer) > G_GINT64_CONSTANT (1) << 53;
    }
  n_values = trees->len - n[ARBOR_KIND_MISSING] - n[ARBOR_KIND_NULL];
  if (n_values == 0)
    return ARBOR_COLUMN_LAYOUT_NONE;
  if (n_values == n[ARBOR_KIND_BOOL])
    return ARBOR_COLUMN_LAYOUT_BOOL;
  if (n_values == n[ARBOR_KIND_INT64])
    return ARBOR_COLUMN_LAYOUT_INT64;
  if (n_values == n[ARBOR_KIND_STRING])
    return ARBOR_COLUMN_LAYOUT_STRING;
  if (n_values == n[ARBOR_KIND_INT64] + n[ARBOR_KIND_UINT64] && !has_negative)
    return ARBOR_COLUMN_LAYOUT_UINT64;
  if (n_values == n[ARBOR_KIND_INT64] + n[ARBOR_KIND_DOUBLE] && !has_large)
    return ARBOR_COLUMN_LAYOUT_DOUBLE;
  return ARBOR_COLUMN_LAYOUT_MIXED;
}

static void
check_rows (ArborColumn *column, GPtrArray *trees, const char *path)
{
  g_autoptr (GBytes) kinds = arbor_column_dup_kinds (column);
  g_autoptr (GBytes) presence = arbor_column_dup_presence (column);
  g_autoptr (GBytes) validity = arbor_column_dup_validity (column);
  g_autoptr (GString) all = g_string_new ("[");
  g_autofree char *json = arbor_column_to_json (column);
  const guint8 *kind = g_bytes_get_data (kinds, NULL);
  const guint8 *present = g_bytes_get_data (presence, NULL);
  const guint8 *valid = g_bytes_get_data (validity, NULL);
  guint64 n[ARBOR_KIND_OBJECT + 1] = { 0 };

  g_assert_cmpuint (arbor_column_get_n_rows (column), ==, trees->len);
  g_assert_cmpuint (g_bytes_get_size (kinds), ==, trees->len);
  g_assert_cmpuint (g_bytes_get_size (presence), ==, (trees->len + 7) / 8);
  g_assert_cmpuint (g_bytes_get_size (validity), ==, (trees->len + 7) / 8);
  for (guint i = 0; i < trees->len; i++)
    {
      g_autoptr (ArborTree) part =
          path[0] == '\0' ? g_object_ref (trees->pdata[i])
                          : arbor_tree_get (trees->pdata[i], path, NULL);
      g_autofree char *expected = part != NULL ? arbor_tree_to_json (part, NULL) : NULL;
      g_autofree char *found = arbor_column_dup_json (column, i, NULL);

      g_assert_cmpint (kind[i], ==, arbor_tree_get_kind (trees->pdata[i], path, NULL));
      g_assert_cmpint (present[i / 8] >> (i % 8) & 1, ==, kind[i] > ARBOR_KIND_MISSING);
      g_assert_cmpint (valid[i / 8] >> (i % 8) & 1, ==, kind[i] > ARBOR_KIND_NULL);
      g_assert_cmpstr (found, ==, expected);
      g_string_append_printf (all, "%s%s", i > 0 ? "," : "", expected != NULL ? expected : "null");
      n[kind[i]]++;
    }
  g_string_append_c (all, ']');
  g_assert_cmpstr (json, ==, all->str);
  for (guint i = 0; i <= ARBOR_KIND_OBJECT; i++)
    g_assert_cmpuint (arbor_column_get_count (column, (ArborKind) i), ==, n[i]);
}

static void
check_texts (ArborColumn *column, GPtrArray *trees, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) codes = arbor_column_dup_codes (column, &error);
  g_autoptr (GBytes) offsets = NULL, bytes = NULL, all_offsets = NULL, all_bytes = NULL;
  g_auto (GStrv) dictionary = NULL;
  const gint32 *code;
  const gint64 *offset, *row_offset;
  const char *text, *row_text;
  gint32 n_seen = 0;

  if (codes == NULL)
    {
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE);
      g_assert_null (arbor_column_dup_dictionary (column, NULL));
      g_assert_null (arbor_column_dup_dictionary_offsets (column, NULL));
      g_assert_null (arbor_column_dup_dictionary_bytes (column, NULL));
      g_assert_null (arbor_column_dup_offsets (column, NULL));
      g_assert_null (arbor_column_dup_bytes (column, NULL));
      return;
    }
  offsets = arbor_column_dup_dictionary_offsets (column, NULL);
  bytes = arbor_column_dup_dictionary_bytes (column, NULL);
  all_offsets = arbor_column_dup_offsets (column, NULL);
  all_bytes = arbor_column_dup_bytes (column, NULL);
  dictionary = arbor_column_dup_dictionary (column, NULL);
  code = g_bytes_get_data (codes, NULL);
  offset = g_bytes_get_data (offsets, NULL);
  text = g_bytes_get_data (bytes, NULL);
  row_offset = g_bytes_get_data (all_offsets, NULL);
  row_text = g_bytes_get_data (all_bytes, NULL);
  g_assert_cmpuint (g_bytes_get_size (codes), ==, trees->len * 4);
  g_assert_cmpuint (g_bytes_get_size (all_offsets), ==, (trees->len + 1) * 8);
  for (guint i = 0; i < trees->len; i++)
    {
      g_autofree char *expected = arbor_tree_dup_string (trees->pdata[i], path, NULL);

      if (expected == NULL)
        {
          g_assert_cmpint (code[i], ==, -1);
          g_assert_cmpint (row_offset[i], ==, row_offset[i + 1]);
          continue;
        }
      /* In the order of the first row of each. */
      g_assert_cmpint (code[i], <=, n_seen);
      n_seen = MAX (n_seen, code[i] + 1);
      g_assert_cmpstr (dictionary[code[i]], ==, expected);
      g_assert_cmpmem (text + offset[code[i]], offset[code[i] + 1] - offset[code[i]], expected,
                       strlen (expected));
      g_assert_cmpmem (row_text + row_offset[i], row_offset[i + 1] - row_offset[i], expected,
                       strlen (expected));
    }
  g_assert_cmpint (g_bytes_get_size (offsets), ==, (n_seen + 1) * 8);
  g_assert_cmpint (g_strv_length (dictionary), ==, n_seen);
  g_assert_cmpint (g_bytes_get_size (all_bytes), ==, row_offset[trees->len]);
}

/* By the aggregates of the same name. */
static void
check_statistics (ArborColumn *column, ArborArbor *arbor, const char *path)
{
  static const char *const names[] = { "distinct", "min", "max", "sum", "mean", NULL };
  static const char *const functions[] = { "n_unique", "min", "max", "sum", "mean" };
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborTree) found = arbor_column_get_statistics (column, &error);
  g_autoptr (ArborTree) expected = NULL;
  ArborExpr *exprs[G_N_ELEMENTS (functions)];

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("%s($%s%s)", functions[i], path[0] == '\0' ? "" : ".", path);

      exprs[i] = parse (text);
    }
  expected = arbor_arbor_aggregate (arbor, names, exprs, G_N_ELEMENTS (functions), NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autoptr (ArborTree) a = arbor_tree_get (found, names[i], NULL);
      g_autoptr (ArborTree) b = arbor_tree_get (expected, names[i], NULL);
      g_autofree char *a_text = arbor_tree_to_json (a, NULL);
      g_autofree char *b_text = arbor_tree_to_json (b, NULL);

      g_assert_cmpstr (a_text, ==, b_text);
      g_object_unref (exprs[i]);
    }
  g_assert_cmpuint (arbor_tree_get_uint64 (found, "nulls", NULL), ==,
                    arbor_column_get_count (column, ARBOR_KIND_NULL));
  g_assert_cmpuint (arbor_tree_get_uint64 (found, "missing", NULL), ==,
                    arbor_column_get_count (column, ARBOR_KIND_MISSING));
  g_assert_cmpuint (arbor_tree_get_uint64 (found, "count", NULL) +
                        arbor_tree_get_uint64 (found, "nulls", NULL) +
                        arbor_tree_get_uint64 (found, "missing", NULL),
                    ==, arbor_column_get_n_rows (column));
}

static GPtrArray *
list_trees (ArborArbor *arbor)
{
  GPtrArray *trees = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (arbor, NULL);
  ArborTree *tree;

  while ((tree = arbor_iter_next_value (iter, NULL)) != NULL)
    g_ptr_array_add (trees, tree);
  return trees;
}

static void
check_column (ArborColumn *column, ArborArbor *arbor, GPtrArray *trees, const char *path)
{
  check_rows (column, trees, path);
  g_assert_cmpint (arbor_column_get_layout (column), ==, choose_layout (trees, path));
  check_numbers (column, trees, path);
  check_texts (column, trees, path);
  check_statistics (column, arbor, path);
}

static void
test_rows (void)
{
  Fixture fixture;
  guint n_layouts[ARBOR_COLUMN_LAYOUT_MIXED + 1] = { 0 };

  fixture_set_up (&fixture, N_LINES);
  for (guint i = 0; i < fixture.arbors->len; i++)
    {
      ArborArbor *arbor = fixture.arbors->pdata[i];
      g_autoptr (GPtrArray) trees = list_trees (arbor);

      /* Of the two whole ones, half the paths each. */
      for (guint j = i < N_WHOLE ? i : 0; j < G_N_ELEMENTS (fixture_paths);
           j += i < N_WHOLE ? 2 : 1)
        {
          g_autoptr (ArborColumn) column = get_column (arbor, fixture_paths[j]);

          check_column (column, arbor, trees, fixture_paths[j]);
          n_layouts[arbor_column_get_layout (column)]++;
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (n_layouts); i++)
    g_assert_cmpuint (n_layouts[i], >, 0);
  fixture_clear (&fixture);
}

/* Few rows of few kinds: layouts do not depend on the order. */
static void
test_layouts (void)
{
  static const char *const values[] = {
    "1", "-1", "2.5", "9007199254740992", "9007199254740993", "18446744073709551615", "true",
    "\"s\"", "null", "1e400", "[1]",
  };
  const guint n = G_N_ELEMENTS (values);

  for (guint i = 0; i < n * n * n; i += 3)
    {
      g_autofree char *text =
          g_strdup_printf ("{\"a\":%s}\n{}\n{\"a\":%s}\n{\"a\":%s}\n{\"a\":%s}\n", values[i % n],
                           values[i / n % n], values[i / n / n], values[i % n]);
      g_autoptr (ArborArbor) arbor = read_lines (text);
      g_autoptr (ArborArbor) view = arbor_arbor_reverse (arbor, NULL);
      g_autoptr (GPtrArray) trees = list_trees (arbor);
      g_autoptr (GPtrArray) view_trees = list_trees (view);
      g_autoptr (ArborColumn) column = get_column (arbor, "a");
      g_autoptr (ArborColumn) view_column = get_column (view, "a");

      check_column (column, arbor, trees, "a");
      check_column (view_column, view, view_trees, "a");
      g_assert_cmpint (arbor_column_get_layout (column), ==, arbor_column_get_layout (view_column));
    }
}

static void
test_expressions (void)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"a\":9007199254740993}\n{\"a\":2}\n{}\n");
  g_autoptr (ArborExpr) expr = parse ("a * 1.0");
  g_autoptr (ArborExpr) vector = parse ("a[*]");
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborColumn) column = arbor_arbor_get_column_of (arbor, expr, NULL, &error);
  g_autofree char *path = NULL, *json = NULL, *text = NULL;
  g_autoptr (GBytes) doubles = NULL;

  g_assert_no_error (error);
  path = arbor_column_dup_path (column);
  json = arbor_column_to_json (column);
  text = arbor_column_to_string (column);
  doubles = arbor_column_dup_doubles (column, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, "a * 1.0");
  g_assert_cmpstr (json, ==, "[9007199254740992.0,2.0,null]");
  g_assert_cmpstr (text, ==, "ArborColumn 'a * 1.0', double, 3 rows");
  g_assert_cmpfloat (((const double *) g_bytes_get_data (doubles, NULL))[0], ==, 0x1p53);

  g_assert_null (arbor_arbor_get_column_of (arbor, vector, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
}

static void
test_errors (void)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"a\":1}\n{\"a\":\"x\"}\n{\"b\":\"y\\u0000\"}\n");
  g_autoptr (ArborArbor) unopened = g_object_new (ARBOR_TYPE_ARBOR, NULL);
  g_autoptr (ArborColumn) empty = g_object_new (ARBOR_TYPE_COLUMN, NULL);
  g_autoptr (ArborColumn) column = get_column (arbor, "a");
  g_autoptr (ArborColumn) strings = get_column (arbor, "b");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_arbor_get_column (arbor, "a[", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);
  g_assert_null (arbor_arbor_get_column (arbor, "a[*]", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY);
  g_clear_error (&error);
  g_assert_null (arbor_arbor_get_column (unopened, "a[", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_null (arbor_arbor_get_column (arbor, "a", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_assert_null (arbor_column_dup_int64s (column, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE);
  g_assert_cmpstr (error->message, ==, "Expected a number at 'a', found string");
  g_clear_error (&error);
  g_assert_null (arbor_column_dup_codes (column, &error));
  g_assert_cmpstr (error->message, ==, "Expected a string at 'a', found int");
  g_clear_error (&error);
  g_assert_null (arbor_column_dup_json (column, 3, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_assert_cmpstr (error->message, ==, "Row 3 is out of range: the column has 3 rows");
  g_clear_error (&error);

  g_assert_null (arbor_column_dup_dictionary (strings, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE);
  bytes = arbor_column_dup_bytes (strings, NULL);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "y\0", 2);

  g_assert_cmpuint (arbor_column_get_n_rows (empty), ==, 0);
  g_assert_cmpint (arbor_column_get_layout (empty), ==, ARBOR_COLUMN_LAYOUT_NONE);
}

/* Query memory is asked for before it is taken, and given back. */
static void
test_memory (void)
{
  g_autoptr (ArborArbor) arbor = make_memory (3, 4000);
  static const char *const paths[] = { "id", "name", "any", "real" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborColumn) column = NULL;
      guint64 before = arbor_get_query_memory ();

      arbor_set_query_memory (8000);
      g_assert_null (arbor_arbor_get_column (arbor, paths[i], NULL, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
      arbor_set_query_memory (before);
      column = get_column (arbor, paths[i]);
      g_assert_cmpuint (arbor_column_get_n_rows (column), ==, 4000);
    }
}

/* A copy is not affected by what becomes of the arbor. */
static void
test_closing (void)
{
  Fixture fixture;
  g_autoptr (ArborColumn) column = NULL;
  g_autoptr (ArborArbor) other = read_lines ("{}\n");
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  ArborArbor *stored;

  fixture_set_up (&fixture, 3000);
  stored = fixture.arbors->pdata[1];
  column = get_column (stored, "name");
  before = arbor_column_to_json (column);
  arbor_store_put (fixture.store, "trees", other, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (arbor_arbor_get_column (stored, "a[", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  arbor_store_close (fixture.store);
  g_assert_null (arbor_arbor_get_column (stored, "a[", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  after = arbor_column_to_json (column);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpuint (strlen (after), >, 3000 * 4);
  fixture_clear (&fixture);
}

static void
test_async (void)
{
  g_autoptr (ArborArbor) arbor = make_memory (3, 2000);
  g_autoptr (ArborExpr) expr = parse ("n + 1");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ArborColumn) expected = get_column (arbor, "n");
  g_autoptr (GError) error = NULL;

  for (guint of = 0; of < 2; of++)
    {
      g_autoptr (ArborColumn) column = NULL;
      g_autoptr (GBytes) found = NULL, wanted = arbor_column_dup_int64s (expected, NULL);

      if (of == 0)
        arbor_arbor_get_column_async (arbor, "n", NULL, keep_result, &result);
      else
        arbor_arbor_get_column_of_async (arbor, expr, NULL, keep_result, &result);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      column = of == 0 ? arbor_arbor_get_column_finish (arbor, result, &error)
                       : arbor_arbor_get_column_of_finish (arbor, result, &error);
      g_clear_object (&result);
      g_assert_no_error (error);
      found = arbor_column_dup_int64s (column, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < 2000; i++)
        g_assert_cmpint (((const gint64 *) g_bytes_get_data (found, NULL))[i], ==,
                         ((const gint64 *) g_bytes_get_data (wanted, NULL))[i] + of);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/column/rows", test_rows);
  g_test_add_func ("/column/layouts", test_layouts);
  g_test_add_func ("/column/expressions", test_expressions);
  g_test_add_func ("/column/errors", test_errors);
  g_test_add_func ("/column/memory", test_memory);
  g_test_add_func ("/column/closing", test_closing);
  g_test_add_func ("/column/async", test_async);
  return g_test_run ();
}
