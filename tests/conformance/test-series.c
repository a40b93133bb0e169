/* Series against the row evaluator: random expressions of all functions over random batches have the
 * same values by both ways, for whole batches and for some rows in any order. Longer:
 * ARBOR_RANDOM_EXPRESSIONS=100000.
 */

#include "batch/arbor-batch-format.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-evaluator.h"
#include "query/series/arbor-series-call.h"
#include "query/series/arbor-series-program.h"
#include "query/series/arbor-series-reader.h"

#include "kit/batches.h"

#include <stdlib.h>
#include <string.h>

#define N_BATCHES 24u

/* Expressions */

static ArborNode *
make_literal (GRand *random)
{
  static const char *const others[] = {
    "null", "true", "false", "[]", "{}", "[1]", "{\"y\": 1900}", "1900", "25", "30000", "-9.5",
    "0.5", "\"blue\"", "\"x\"", "\"day\"", "\"month\"", "\"2024-02-29T12:30:05\"", "\"%Y-%m-%d\"",
    "\"int\"", "\"double\"", "\"string\"", "\"2020-01-01\"", "\"hour\"", "\"quarter\"", "\"ab \"",
    "\"int64\"", "\"a+\"", "[3, 1, 2]", "\"s\"", "1", "2", "0",
  };
  const char *text = g_rand_boolean (random)   ? PICK (others)
                     : g_rand_boolean (random) ? PICK (strings)
                                               : PICK (numbers);

  return arbor_node_new_literal_json (text, strlen (text), NULL);
}

static ArborNode *
make_path (GRand *random)
{
  static const char *const paths[] = {
    "n", "id", "m", "s", "f", "t", "w", "o.y", "o.p.q", "o", "items", "items[0].x", "items[-1]",
    "items[0]", "any", "mix", "map", "map.y", "map.key500", "z", "nothing", "$", "any.x", "any.y[0]",
    "v", "big", "u", "day", "at", "a", "r", "q", "a[*]", "r[*]", "q[*]", "g", "h", "l",
    "items[*].x", "items[*].k", "items[*]", "items[*].b", "any[*]", "any[*].x", "any.tags[*]",
  };

  return arbor_node_new_path (PICK (paths), NULL);
}

static ArborNode *
make_element (GRand *random)
{
  static const char *const paths[] = { "", "", "x", "k", "b", "x[*]", "y", "[0]" };

  return arbor_node_new_element (PICK (paths), NULL);
}

static ArborNode *make_node (GRand *random, guint depth, guint n_loops);

/* NULL where the arguments do not suit. */
static ArborNode *
make_call (GRand *random, guint depth, guint n_loops)
{
  guint n_functions = 0;
  const ArborFunction *function;
  g_autoptr (GPtrArray) arguments =
      g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  gint32 n;

  while (arbor_function_get_nth (n_functions) != NULL)
    n_functions++;
  function =
      arbor_function_get_nth ((guint) g_rand_int_range (random, 0, (gint32) n_functions));
  n = g_rand_int_range (random, function->min_arguments,
                        MIN (function->max_arguments, function->min_arguments + 3) + 1);
  for (gint32 i = 0; i < n; i++)
    g_ptr_array_add (arguments,
                     make_node (random, depth - 1, n_loops + (function->walks && i == 1)));
  return arbor_node_new_call (function->name, (ArborNode **) arguments->pdata, (guint) n, NULL);
}

static ArborNode *
make_node (GRand *random, guint depth, guint n_loops)
{
  for (guint i = 0; depth > 0 && i < 20; i++)
    {
      ArborNode *call = make_call (random, depth, n_loops);

      if (call != NULL)
        return call;
    }
  if (n_loops > 0 && g_rand_boolean (random))
    return make_element (random);
  return g_rand_int_range (random, 0, 3) == 0 ? make_literal (random) : make_path (random);
}

/* Comparing */

typedef struct
{
  ArborScope *scope;
  ArborBuffer text;
} Writer;

static const char *
write_value (Writer *writer, const ArborValue *value)
{
  arbor_buffer_clear (&writer->text);
  arbor_buffer_append (&writer->text, arbor_kind_to_string (value->kind),
                       strlen (arbor_kind_to_string (value->kind)));
  arbor_buffer_append (&writer->text, " ", 1);
  arbor_value_write_json (value, writer->scope, &writer->text);
  arbor_buffer_append (&writer->text, "", 1);
  return (const char *) writer->text.data;
}

static void
check (ArborNode *node, ArborSeriesReader *reader, ArborEvaluator *evaluator, const ArborRows *rows,
       guint64 *n_values)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Writer a = { .scope = scope }, b = { .scope = scope };
  ArborSeries chunk;
  guint32 at = 0, n;

  arbor_evaluator_set_batch (evaluator, rows->batch, rows->first);
  arbor_series_reader_begin (reader, rows);
  while ((n = arbor_series_reader_next (reader, &chunk)) > 0)
    {
      g_assert_cmpuint (chunk.n, ==, n);
      for (guint32 i = 0; i < n; i++, at++)
        {
          ArborValue expected, value;
          guint32 row = arbor_rows_get (rows, at);

          arbor_series_get (&chunk, i, &value);
          arbor_evaluator_get_value (evaluator, row, scope, &expected);
          if (strcmp (write_value (&a, &value), write_value (&b, &expected)) != 0)
            {
              g_autofree char *text = arbor_node_to_string (node);
              ArborValue tree;

              arbor_batch_get_tree (rows->batch, row, &tree);
              arbor_buffer_clear (&a.text);
              arbor_value_write_json (&tree, scope, &a.text);
              g_printerr ("row %u: %.*s\n", row, (int) MIN (a.text.length, 2000), a.text.data);
              arbor_series_get (&chunk, i, &value);
              g_printerr ("series %s\n", write_value (&a, &value));
              g_error ("%s gives another value by series than by rows, %s", text,
                       write_value (&b, &expected));
            }
          arbor_scope_reset (scope);
        }
      *n_values += n;
    }
  g_assert_cmpuint (at, ==, rows->n);
  arbor_buffer_free (&a.text);
  arbor_buffer_free (&b.text);
}

static void
test_random (void)
{
  const char *wanted = g_getenv ("ARBOR_RANDOM_EXPRESSIONS");
  guint n = wanted != NULL ? (guint) strtoul (wanted, NULL, 10) : 5000;
  const char *seed = g_getenv ("ARBOR_RANDOM_SEED");
  g_autoptr (GRand) random = g_rand_new_with_seed (seed != NULL ? (guint32) atoi (seed) : 12);
  TestBatch batches[N_BATCHES];
  guint64 n_values = 0, n_columns = 0, n_rows = 0;

  for (guint i = 0; i < N_BATCHES; i++)
    make_batch (random, i, &batches[i]);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ArborNode) node = make_node (random, (guint) g_rand_int_range (random, 1, 4), 0);
      g_autoptr (ArborSeriesReader) reader = NULL;
      g_autoptr (ArborEvaluator) evaluator = NULL;

      if (!arbor_node_check_row (node, NULL))
        continue;
      if (g_getenv ("ARBOR_RANDOM_TRACE") != NULL)
        {
          g_autofree char *text = arbor_node_to_string (node);

          g_printerr ("%u %s\n", i, text);
        }
      reader = arbor_series_reader_new (node);
      evaluator = arbor_evaluator_new (node);
      for (guint j = 0; j < 3; j++)
        {
          const ArborBatch *batch = batches[g_rand_int_range (random, 0, N_BATCHES)].batch;
          guint32 n_trees = arbor_batch_get_n_trees (batch);
          g_autofree guint32 *some = g_new (guint32, n_trees);
          ArborRows rows = { .batch = batch, .n = n_trees };

          check (node, reader, evaluator, &rows, &n_values);
          rows.n = 1 + (guint32) g_rand_int_range (random, 0, (gint32) n_trees);
          for (guint32 k = 0; k < rows.n; k++)
            some[k] = (guint32) g_rand_int_range (random, 0, (gint32) n_trees);
          rows.rows = some;
          check (node, reader, evaluator, &rows, &n_values);
        }
      n_columns += arbor_series_reader_get_counters (reader)->n_columns;
      n_rows += arbor_series_reader_get_counters (reader)->n_rows;
    }
  g_test_message ("%" G_GUINT64_FORMAT " values, %" G_GUINT64_FORMAT " by columns, %"
                  G_GUINT64_FORMAT " of them then by rows", n_values, n_columns, n_rows);
  /* Most go by columns, and stay there. */
  g_assert_cmpuint (n_rows, <, n_columns / 4);
  for (guint i = 0; i < N_BATCHES; i++)
    {
      arbor_batch_free (batches[i].batch);
      g_bytes_unref (batches[i].bytes);
    }
}

/* Calls whose arguments code over whole series takes: each function that has such code is here. */
static const char *const fast[] = {
  "n + m", "n - f", "v * 2", "n / g", "n div 7", "n mod v", "-n", "pow (f, 2)", "abs (m)", "round (f, 1)",
  "floor (h)", "ceil (h)", "sqrt (n)", "exp (f)", "log (n)", "log (n, 10)", "clip (m, 0, f)", "n == m",
  "s != \"red\"", "f < v", "w <= u", "t > false", "g >= 7", "l == null", "n is_between (3, h)",
  "n in [1, 2, 3]", "u in [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\", \"j\"]",
  "t and t or t", "t and t", "not t", "when t then n otherwise m", "case (n, 1, w, m, u)",
  "coalesce (g, n)", "if_null (l, w)", "null_if (n, 5)", "is_null (g)", "is_missing (l)", "exists (h)",
  "type_of (v)", "is_bool (t)", "is_int (v)", "is_number (v)", "is_string (w)", "is_array (a)",
  "is_object (n)", "cast (n, \"double\")", "cast (v, \"int\")", "cast (u, \"int\")",
  "cast (n, \"string\")", "to_number (u)", "to_string (v)", "len (u)", "len (a[*])", "len (a)", "lower (u)",
  "upper (l)", "casefold (u)", "strip (u)", "lstrip (u)", "rstrip (u, \"1\")", "w contains \"ab\"",
  "l contains \"1\"", "a[*] contains 3", "u starts_with \"A\"", "u ends_with l", "substring (u, 1, 2)", "concat (u, l)",
  "replace (w, \"ab\", \"c\")", "strip_prefix (u, \"A\")", "strip_suffix (u, \"1\")", "year (day)", "month (at)",
  "day (day)", "hour (at)", "minute (at)", "second (at)", "weekday (day)", "week (day)",
  "week_year (day)", "quarter (day)", "epoch (at)", "date_truncate (at, \"hour\")",
  "date_add (day, g, \"month\")", "date_diff (day, at, \"day\")", "count (a[*])", "sum (a[*])",
  "sum (r[*])", "mean (r[*])", "min (q[*])", "max (r[*])", "first (q[*])", "last (a[*])",
  "any (items[*].b)", "all (items[*].b)", "std (r[*])", "var (a[*])", "median (r[*])",
  "quantile (a[*], 0.9)", "n_unique (q[*])", "split (u, \" \")", "split (w)",
  "w match \"a.*b\"", "u match \"^A\"", "extract (u, \"[0-9]+\")", "extract (w, \"(a)(b)?\", 2)",
  "replace_regex (u, \"[0-9]\", \"#\")", "field (items[*], \"b\")", "has_key (items[*], \"b\")",
};

/* By whole series alone, and then place by place. */
static void
check_fast (const ArborBatch *batch, const char *text, ArborScope *arrays, ArborScope *texts)
{
  g_autoptr (ArborNode) node = arbor_node_parse (text, NULL);
  g_autoptr (GPtrArray) programs =
      g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_series_program_free);
  Writer a = { .scope = texts }, b = { .scope = texts };
  ArborSeries arguments[16], values, boxed[16];
  ArborSeriesCall call = { .node = node,
                           .n_arguments = node->n_arguments,
                           .arguments = arguments,
                           .n = MIN (arbor_batch_get_n_trees (batch), ARBOR_SERIES_STRIP),
                           .arrays = arrays,
                           .texts = texts,
                           .bound = 1024 };

  for (guint i = 0; i < node->n_arguments; i++)
    {
      ArborSeriesProgram *program = arbor_series_program_new (node->arguments[i]);

      g_ptr_array_add (programs, program);
      arbor_series_program_set_batch (program, batch, call.n);
      g_assert_true (arbor_series_program_run (program, NULL, 0, call.n, arrays, texts,
                                               &arguments[i]));
      boxed[i] = arguments[i];
      if (boxed[i].form == ARBOR_SERIES_RUNS)
        arbor_series_to_values (&arguments[i], arrays, &boxed[i]);
    }
  if (!arbor_series_call_try (&call, &values))
    g_error ("%s is called place by place", text);
  if (values.form == ARBOR_SERIES_RUNS)
    return;
  call.arguments = boxed;
  for (guint32 i = 0; i < call.n; i++)
    {
      ArborValue list[16], value, expected;

      arbor_series_get (&values, i, &value);
      arbor_series_call_place (&call, i, list, &expected);
      if (value.kind == ARBOR_KIND_OPEN || expected.kind == ARBOR_KIND_OPEN)
        g_assert_cmpint (value.kind, ==, expected.kind);
      else
        g_assert_cmpstr (write_value (&a, &value), ==, write_value (&b, &expected));
    }
  arbor_buffer_free (&a.text);
  arbor_buffer_free (&b.text);
}

static void
test_fast (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  const ArborFunction *function;

  for (guint i = 0; i < 9; i++)
    {
      TestBatch batch;

      make_batch (random, i, &batch);
      for (guint j = 0; i % 3 < 2 && j < G_N_ELEMENTS (fast); j++)
        {
          g_autoptr (ArborScope) arrays = arbor_scope_new ();
          g_autoptr (ArborScope) texts = arbor_scope_new ();

          if (i % 3 == 0 && strstr (fast[j], "items") != NULL)
            continue;
          check_fast (batch.batch, fast[j], arrays, texts);
        }
      arbor_batch_free (batch.batch);
      g_bytes_unref (batch.bytes);
    }
  for (guint i = 0; (function = arbor_function_get_nth (i)) != NULL; i++)
    {
      gboolean is_there = function->series == NULL || function->walks;

      for (guint j = 0; j < G_N_ELEMENTS (fast) && !is_there; j++)
        {
          g_autoptr (ArborNode) node = arbor_node_parse (fast[j], NULL);

          is_there = node->function == function;
        }
      if (!is_there)
        g_error ("no call of %s is checked for being fast", function->name);
    }
}

/* Dates as they are written, and as they are not quite. */
static void
append_date (GRand *random, GString *out)
{
  static const char *const shapes[] = {
    "%04d-%02d-%02d", "%04d-%02d-%02dT%02d:%02d:%02d", "%04d-%02d-%02d %02d:%02d:%02dZ",
    "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", "%04d-%02d-%02dT%02d:%02d:%02d.%03d",
    "%04d-%02d-%02dT%02d:%02d:%02d+02:30", "%04d-%02d-%02dT%02d:%02d:%02d.%03d5-11:00",
    "%04d-%02d", "%04d", "%04d-%02d-%02dT%02d:%02d",
  };
  g_autofree char *text = g_strdup_printf (
      shapes[g_rand_int_range (random, 0, G_N_ELEMENTS (shapes))],
      g_rand_int_range (random, 0, 3) == 0 ? g_rand_int_range (random, 0, 10000)
                                           : 1896 + g_rand_int_range (random, 0, 9) * 26,
      g_rand_int_range (random, 0, 14), g_rand_int_range (random, 0, 33),
      g_rand_int_range (random, 0, 25), g_rand_int_range (random, 0, 61),
      g_rand_int_range (random, 0, 62), g_rand_int_range (random, 0, 3) * 125);

  if (g_rand_int_range (random, 0, 8) == 0)
    text[g_rand_int_range (random, 0, (gint32) strlen (text))] =
        "0:/9-.TZ +"[g_rand_int_range (random, 0, 10)];
  g_string_append (out, text);
}

/* Of one shape each, or mixed, with others among them. */
static void
append_dates (GRand *random, GString *out, guint number, guint i)
{
  g_string_append_printf (out, "{\"n\":%u", i);
  for (guint j = 0; j < 2; j++)
    {
      gint32 kind = g_rand_int_range (random, 0, 12);

      if (number > 2 && kind == 0)
        continue;
      g_string_append_printf (out, ",\"%c\":", 'a' + j);
      if (number > 4 && kind == 1)
        {
          g_string_append (out, number > 6 ? "17" : "null");
          continue;
        }
      g_string_append_c (out, '"');
      if (number % 3 == 2)
        append_date (random, out);
      else
        g_string_append_printf (out, number % 3 == 0 ? "%04u-%02u-%02u" : "%04u-%02u-%02uT23:59:59Z",
                                1999 + i % 3, 1 + i % 12, 1 + i % 31);
      g_string_append_c (out, '"');
    }
  g_string_append_c (out, '}');
}

static void
test_dates (void)
{
  static const char *const texts[] = {
    "year (a)", "month (a)", "day (a)", "hour (a)", "minute (a)", "second (a)", "quarter (a)",
    "weekday (a)", "week (a)", "week_year (a)", "epoch (a)", "date_diff (a, b, 'day')",
    "date_diff (a, b, 'hour')", "date_diff (a, b, 'month')", "date_diff (a, '2001-02-28', 'day')",
    "date_diff ('2001-02-28T12:00:00.5Z', b, 'week')", "date_diff (a, '2001-02-30', 'day')",
    "when n mod 3 == 0 then epoch (a) otherwise hour (b)", "date_truncate (a, 'month')",
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (8);

  for (guint i = 0; i < 12; i++)
    {
      guint64 n_values = 0;
      TestBatch batch;

      make_batch_of (random, append_dates, i, 700, &batch);
      for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
        {
          g_autoptr (ArborNode) node = arbor_node_parse (texts[j], NULL);
          g_autoptr (ArborSeriesReader) reader = arbor_series_reader_new (node);
          g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
          const ArborRows rows = { .batch = batch.batch,
                                   .n = arbor_batch_get_n_trees (batch.batch) };

          check (node, reader, evaluator, &rows, &n_values);
        }
      arbor_batch_free (batch.batch);
      g_bytes_unref (batch.bytes);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/series/dates", test_dates);
  g_test_add_func ("/series/fast", test_fast);
  g_test_add_func ("/series/random", test_random);
  return g_test_run ();
}
