/* The table of all operators and functions, arbor/expressions.table, row by row: as text, printed
 * and parsed again, and made call by call; on a tape and in a batch. */

#include "base/arbor-error.h"
#include "query/expr/arbor-evaluator.h"
#include "query/expr/arbor-function-private.h"

#include "kit/values.h"

#define MISSING "missing"

typedef struct
{
  guint line;
  char *expression;
  char *tree;
  char *expected;
} Row;

static GPtrArray *rows; /* of Row */

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->expression);
  g_free (row->tree);
  g_free (row->expected);
  g_free (row);
}

static void
read_table (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  rows = g_ptr_array_new_with_free_func (row_free);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = NULL;
      Row *row;

      if (lines[i][0] == '#' || (!g_str_has_prefix (lines[i], "  ") && lines[i][0] != '!'))
        continue;
      parts = g_strsplit (lines[i] + 2, " | ", -1);
      if (g_strv_length (parts) != 3)
        g_error ("line %u: expected three parts", i + 1);
      row = g_new0 (Row, 1);
      row->line = i + 1;
      row->expression = g_strdup (parts[0]);
      row->tree = g_strdup (strcmp (parts[1], "-") == 0 ? "{}" : parts[1]);
      row->expected = g_strdup (parts[2]);
      g_ptr_array_add (rows, row);
    }
  g_assert_cmpuint (rows->len, >, 500);
}

static char *
show (const ArborValue *value, gboolean is_vector, ArborScope *scope)
{
  GString *out;

  if (value->kind == ARBOR_KIND_MISSING)
    return g_strdup (MISSING);
  if (!is_vector)
    return value_to_json (value, scope);

  out = g_string_new ("(");
  for (guint i = 0; i < value->index; i++)
    {
      g_autofree char *element = show ((const ArborValue *) value->holder + i, FALSE, scope);

      g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", element);
    }
  g_string_append_c (out, ')');
  return g_string_free (out, FALSE);
}

/* The same node from public makers alone: each call by its name, leaves from their texts. */
static ArborNode *
rebuild (const ArborNode *node)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func ((GDestroyNotify)
                                                                        arbor_node_unref);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  ArborNode *copy;

  if (node->kind == ARBOR_NODE_LITERAL)
    copy = arbor_node_new_literal_json (g_bytes_get_data (node->json, NULL),
                                        g_bytes_get_size (node->json), &error);
  else if (node->kind != ARBOR_NODE_CALL)
    {
      text = arbor_path_to_string (node->path);
      copy = node->kind == ARBOR_NODE_PATH ? arbor_node_new_path (text, &error)
                                           : arbor_node_new_element (text, &error);
    }
  else
    {
      for (guint i = 0; i < node->n_arguments; i++)
        g_ptr_array_add (arguments, rebuild (node->arguments[i]));
      copy = arbor_node_new_call (node->function->name, (ArborNode **) arguments->pdata,
                                  arguments->len, &error);
    }
  g_assert_no_error (error);
  return copy;
}

static void
check_value (const Row *row, const char *how, ArborNode *node, const Document *document,
             const ArborBatch *batch, ArborScope *scope)
{
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
  g_autofree char *from_tape = NULL;
  g_autofree char *from_batch = NULL;
  ArborValue tree = document_on_tape (document);
  ArborValue value;
  guint32 first = 0;

  arbor_evaluator_get_value_of (evaluator, &tree, scope, &value);
  from_tape = show (&value, node->is_vector, scope);
  arbor_evaluator_set_batch (evaluator, batch, 0);
  arbor_evaluator_get_value (evaluator, 0, scope, &value);
  from_batch = show (&value, node->is_vector, scope);
  if (strcmp (from_tape, row->expected) != 0 || strcmp (from_batch, row->expected) != 0)
    {
      g_printerr ("line %u, %s: %s of %s: expected %s, found %s on the tape, %s in the batch\n",
                  row->line, how, row->expression, row->tree, row->expected, from_tape,
                  from_batch);
      g_test_fail ();
    }
  if (!node->is_vector)
    g_assert_cmpuint (test_batch_filter (batch, node, &first, 1, &first), ==,
                      strcmp (from_batch, "true") == 0);
  arbor_scope_reset (scope);
}

static void
test_rows (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = rows->pdata[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborNode) node = arbor_node_parse (row->expression, &error);
      g_autoptr (ArborNode) again = NULL;
      g_autoptr (ArborNode) built = NULL;
      g_autofree char *text = NULL;
      Document *document = document_new (row->tree);
      TestBatch batch;

      if (node == NULL)
        g_error ("line %u: %s", row->line, error->message);
      text = arbor_node_to_string (node);
      again = arbor_node_parse (text, &error);
      if (again == NULL)
        g_error ("line %u: %s", row->line, error->message);
      g_assert_true (arbor_node_equal (node, again));
      built = rebuild (node);
      g_assert_true (arbor_node_equal (node, built));
      g_assert_cmpuint (arbor_node_hash (node), ==, arbor_node_hash (built));

      test_batch_init (&batch, &document, 1);
      check_value (row, "parsed", node, document, batch.batch, scope);
      check_value (row, "built", built, document, batch.batch, scope);
      g_assert_true (arbor_scope_check (scope, NULL));
      test_batch_clear (&batch);
      document_free (document);
    }
}

static void
note_functions (const ArborNode *node, GHashTable *seen)
{
  if (node->function != NULL)
    g_hash_table_add (seen, (gpointer) node->function->name);
  for (guint i = 0; i < node->n_arguments; i++)
    note_functions (node->arguments[i], seen);
}

static void
test_complete (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  const ArborFunction *function;

  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = rows->pdata[i];
      g_autoptr (ArborNode) node = arbor_node_parse (row->expression, NULL);

      note_functions (node, seen);
    }
  for (guint i = 0; (function = arbor_function_get_nth (i)) != NULL; i++)
    if (!g_hash_table_contains (seen, function->name))
      g_error ("%s is in no row", function->name);
}

/* Every function with arguments of every kind: nothing crashes, and the result is a value that can be
 * compared, hashed and written. */
static void
test_all_kinds (void)
{
  static const char *const literals[] = {
    "null", "true", "0", "-3", "18446744073709551615", "1.5", "-1e308", "1e400", "\"\"",
    "\"a\\u0000\xc3\xa9\"", "\"2024-02-29\"", "\"month\"", "[]", "[1,\"x\",null]", "{}",
    "{\"k\":[1]}",
  };
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborNode) missing = arbor_node_new_path ("nowhere", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  ArborNode *leaves[G_N_ELEMENTS (literals) + 1];
  const ArborFunction *function;
  guint n_made = 0;

  for (guint i = 0; i < G_N_ELEMENTS (literals); i++)
    leaves[i] = arbor_node_new_literal_json (literals[i], strlen (literals[i]), NULL);
  leaves[G_N_ELEMENTS (literals)] = missing;

  for (guint i = 0; (function = arbor_function_get_nth (i)) != NULL; i++)
    for (guint round = 0; round < 400; round++)
      {
        guint n = MIN (function->max_arguments, (guint) function->min_arguments + round % 3);
        ArborNode *arguments[8];
        g_autoptr (ArborNode) node = NULL;
        g_autoptr (ArborEvaluator) evaluator = NULL;
        ArborBuffer json = { NULL };
        ArborValue tree = ARBOR_VALUE_NULL;
        ArborValue value;

        for (guint j = 0; j < n; j++)
          arguments[j] = leaves[g_rand_int_range (random, 0, G_N_ELEMENTS (leaves))];
        node = arbor_node_new_call (function->name, arguments, n, NULL);
        if (node == NULL) /* a bad literal */
          continue;
        n_made++;
        evaluator = arbor_evaluator_new (node);
        arbor_evaluator_get_value_of (evaluator, &tree, scope, &value);
        g_assert_cmpint (arbor_value_compare (&value, &value, scope), ==, 0);
        arbor_value_hash (&value, scope);
        arbor_value_write_json (&value, scope, &json);
        if (value.kind == ARBOR_KIND_STRING)
          g_assert_true (arbor_function_is_utf8 (value.text, value.length));
        arbor_buffer_free (&json);
        arbor_scope_reset (scope);
      }
  g_assert_cmpuint (n_made, >, 10000);
  for (guint i = 0; i < G_N_ELEMENTS (literals); i++)
    arbor_node_unref (leaves[i]);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  read_table (argv[1]);
  g_test_add_func ("/expression-table/rows", test_rows);
  g_test_add_func ("/expression-table/complete", test_complete);
  g_test_add_func ("/expression-table/all-kinds", test_all_kinds);
  status = g_test_run ();
  g_ptr_array_unref (rows);
  return status;
}
