/* Kernels against the row evaluator: random predicates over random batches keep the same trees by
 * both ways, whole batches, pieces and single rows alike. Predicates are of what kernels know
 * (comparisons, text, null, logic, arrays), mixed with functions that they leave to rows; batches
 * have nested, missing, mixed, repeated and sorted values, maps in overflow text, numbers of every
 * kind. Longer: ARBOR_RANDOM_PREDICATES=100000.
 */

#include "batch/arbor-batch-format.h"
#include "query/series/arbor-decider.h"

#include "kit/batches.h"

#include <stdlib.h>
#include <string.h>

#define N_BATCHES 24u

/* Predicates */

static void
append_literal (GRand *random, GString *out)
{
  static const char *const others[] = {
    "null", "true", "false", "[]", "{}", "[1]", "{\"y\": 1900}", "1900", "1950.5", "25", "30000",
    "\"row00150\"", "\"green\"", "\"w5\"", "\"bab\"", "\"row\"", "-9.5", "0.5", "\"blue\"",
  };

  switch (g_rand_int_range (random, 0, 4))
    {
    case 0:
      g_string_append (out, PICK (numbers));
      break;
    case 1:
      g_string_append (out, PICK (strings));
      break;
    default:
      g_string_append (out, PICK (others));
      break;
    }
}

static const char *
pick_path (GRand *random)
{
  static const char *const paths[] = {
    "n", "id", "m", "s", "f", "t", "w", "o", "o.y", "o.p.q", "o.p", "items", "any", "any.x",
    "any.name.y", "mix", "map", "map.y", "map.key0", "map.key7", "none", "z", "$", "items[0].x",
    "any[0]", "items[-1].k",
  };

  return PICK (paths);
}

static void
append_leaf (GRand *random, GString *out, const char *path)
{
  static const char *const comparisons[] = { "==", "!=", "<", "<=", ">", ">=" };
  static const char *const texts[] = { "starts_with", "ends_with", "contains" };
  static const char *const tests[] = { "is_null", "is_missing", "exists" };

  switch (g_rand_int_range (random, 0, 12))
    {
    case 0:
      g_string_append (out, path);
      break;
    case 1:
      g_string_append_printf (out, "%s(%s)", PICK (tests), path);
      break;
    case 2:
      g_string_append_printf (out, "%s is_between (", path);
      append_literal (random, out);
      g_string_append (out, ", ");
      append_literal (random, out);
      g_string_append_c (out, ')');
      break;
    case 3:
      g_string_append_printf (out, "%s in [", path);
      for (gint32 i = g_rand_int_range (random, 0, 4); i >= 0; i--)
        {
          append_literal (random, out);
          g_string_append (out, i > 0 ? ", " : "]");
        }
      break;
    case 4:
    case 5:
      g_string_append_printf (out, "%s %s ", path, PICK (texts));
      if (g_rand_int_range (random, 0, 6) == 0)
        append_literal (random, out);
      else
        g_string_append (out, PICK (strings));
      break;
    case 6:
      append_literal (random, out);
      g_string_append_printf (out, " %s %s", PICK (comparisons), path);
      break;
    default:
      g_string_append_printf (out, "%s %s ", path, PICK (comparisons));
      append_literal (random, out);
      break;
    }
}

static void
append_element_leaf (GRand *random, GString *out)
{
  static const char *const paths[] = {
    "items[*].x", "items[*].k", "items[*].b", "items[*]", "any[*]", "any[*].x", "[*]",
    "items[*].x", "o[*]", "map.key0[*]", "any.x[*]", "items[*].k",
  };

  append_leaf (random, out, PICK (paths));
}

/* For rows only. */
static void
append_function (GRand *random, GString *out)
{
  static const char *const functions[] = {
    "lower(s) == \"red\"", "len(items) > 2", "m mod 2 == 0", "n < m", "count(items[*].x) >= 2",
    "w match \"w[0-4]\"", "coalesce(o.y, 0) > 1900", "any(items[*].x > n)", "s == lower(s)",
    "sum(items[*].x) > 50", "type_of(mix) == \"string\"", "any(map(items, @.x > 10))",
    "true", "null", "all(map(items, @.b))", "len(keys(any)) > 1",
  };

  g_string_append (out, PICK (functions));
}

static void
append_predicate (GRand *random, GString *out, guint depth)
{
  gint32 choice = g_rand_int_range (random, 0, 10);

  if (depth == 0 || choice >= 6)
    {
      append_leaf (random, out, pick_path (random));
    }
  else if (choice < 3)
    {
      const char *operator = g_rand_boolean (random) ? " and " : " or ";

      for (gint32 i = g_rand_int_range (random, 1, 4); i >= 0; i--)
        {
          g_string_append_c (out, '(');
          append_predicate (random, out, depth - 1);
          g_string_append_c (out, ')');
          g_string_append (out, i > 0 ? operator: "");
        }
    }
  else if (choice == 3)
    {
      g_string_append (out, "not (");
      append_predicate (random, out, depth - 1);
      g_string_append_c (out, ')');
    }
  else if (choice == 4)
    {
      g_string_append (out, g_rand_boolean (random) ? "any(" : "all(");
      append_element_leaf (random, out);
      while (g_rand_int_range (random, 0, 3) == 0)
        {
          g_string_append (out, g_rand_boolean (random) ? " and " : " or ");
          append_element_leaf (random, out);
        }
      g_string_append_c (out, ')');
    }
  else
    {
      append_function (random, out);
    }
}

/* The test */

static void
decide_rows (ArborDecider *decider, GRand *random, const ArborBatch *batch, const guint64 *expected)
{
  guint32 n = arbor_batch_get_n_trees (batch);
  g_autofree guint32 *rows = g_new (guint32, n);
  g_autofree guint32 *kept = g_new (guint32, n);
  guint32 n_rows = 0;
  guint32 n_kept, k = 0;
  guint32 step = g_rand_boolean (random) ? 1 : 50;

  for (guint32 i = (guint32) g_rand_int_range (random, 0, (gint32) n); i < n; i += step)
    rows[n_rows++] = i;
  arbor_decider_set_batch (decider, NULL, 0);
  arbor_decider_set_batch (decider, batch, 0);
  n_kept = arbor_decider_decide_rows (decider, rows, n_rows, kept);
  for (guint32 i = 0; i < n_rows; i++)
    if (arbor_bits_test (expected, rows[i]))
      {
        g_assert_cmpuint (k, <, n_kept);
        g_assert_cmpuint (kept[k++], ==, rows[i]);
      }
  g_assert_cmpuint (k, ==, n_kept);
}

static void
compare_ways (GRand *random, ArborNode *const *nodes, guint n_nodes, const char *text,
              const TestBatch *batches, guint64 *n_true)
{
  g_autoptr (ArborDecider) kernels = arbor_decider_new (nodes, n_nodes);
  g_autoptr (ArborDecider) asked = arbor_decider_new (nodes, n_nodes);

  arbor_decider_set_uses_kernels (asked, FALSE);
  for (guint i = 0; i < N_BATCHES; i++)
    {
      const ArborBatch *batch = batches[i].batch;
      guint32 n = arbor_batch_get_n_trees (batch);
      guint64 expected[16] = { 0 }, found[16] = { 0 };
      guint32 middle = (guint32) g_rand_int_range (random, 0, (gint32) n + 1);
      guint32 n_expected, n_found;

      arbor_decider_set_batch (kernels, batch, 0);
      arbor_decider_set_batch (asked, batch, 0);
      n_expected = arbor_decider_decide (asked, 0, n, expected);
      n_found = arbor_decider_decide (kernels, 0, middle, found);
      n_found += arbor_decider_decide (kernels, middle, n, found);
      for (guint32 row = 0; row < n; row++)
        if (arbor_bits_test (expected, row) != arbor_bits_test (found, row))
          g_error ("batch %u, row %u: %s: rows say %d", i, row, text,
                   arbor_bits_test (expected, row));
      g_assert_cmpuint (n_found, ==, n_expected);
      g_assert_cmpuint (n_found, ==, arbor_bits_count (found, n));
      decide_rows (kernels, random, batch, expected);
      *n_true += n_expected;
    }
  g_assert_true (arbor_decider_check (kernels, NULL));
  g_assert_true (arbor_decider_check (asked, NULL));
}

static void
test_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);
  const char *wanted = g_getenv ("ARBOR_RANDOM_PREDICATES");
  guint n = wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) : 5000;
  TestBatch batches[N_BATCHES];
  guint64 n_true = 0, n_kernel = 0, n_asked = 0;

  for (guint i = 0; i < N_BATCHES; i++)
    make_batch (random, i, &batches[i]);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (ArborNode) node = NULL;
      g_autoptr (ArborNode) second = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborKernel) kernel = NULL;
      ArborNode *nodes[2];

      append_predicate (random, text, 3);
      node = arbor_node_parse (text->str, &error);
      /* A literal that a function cannot take, or nothing but a vector. */
      if (node == NULL || !arbor_node_check_scalar (node, NULL))
        continue;
      kernel = arbor_kernel_new (node);
      n_kernel += arbor_kernel_is_complete (kernel);
      n_asked += !arbor_kernel_is_useful (kernel);
      nodes[0] = node;
      nodes[1] = second = arbor_node_parse ("m > 1000 or lower(s) == \"\"", NULL);
      compare_ways (random, nodes, i % 10 == 0 ? 2 : 1, text->str, batches, &n_true);
    }

  /* The test is worth something. */
  g_test_message ("%" G_GUINT64_FORMAT " trees kept; %" G_GUINT64_FORMAT " predicates by kernels "
                  "alone, %" G_GUINT64_FORMAT " by rows alone", n_true, n_kernel, n_asked);
  g_assert_cmpuint (n_true, >, n * 100);
  g_assert_cmpuint (n_kernel, >, n / 3);
  for (guint i = 0; i < N_BATCHES; i++)
    {
      arbor_batch_free (batches[i].batch);
      g_bytes_unref (batches[i].bytes);
    }
}

/* Which way a predicate goes. */
static void
test_ways (void)
{
  static const struct
  {
    const char *text, *description;
    gboolean is_complete, is_useful;
  } rows[] = {
    { "a.b > 1", "kernel: a.b > 1", TRUE, TRUE },
    { "1 < a", "kernel: 1 < a", TRUE, TRUE },
    { "a == null and b != null", "kernel: a == null; b != null", TRUE, TRUE },
    { "a is_between (1, 2)", "kernel: a is_between (1, 2)", TRUE, TRUE },
    { "a in [1, \"x\"]", "kernel: a in [1, \"x\"]", TRUE, TRUE },
    { "any(a[*].b > 1 and a[*].c)", "kernel: any(a[*].b > 1 and a[*].c)", TRUE, TRUE },
    { "any(a[*].b > c)", "columns: any(a[*].b > c)", FALSE, FALSE },
    { "any(a[*].b[*] > 1)", "columns: any(a[*].b[*] > 1)", FALSE, FALSE },
    { "a[0] > 1", "columns: a[0] > 1", FALSE, FALSE },
    { "a > 1 and lower(b) == \"x\"", "kernel: a > 1 | columns: lower(b) == \"x\"", FALSE,
      TRUE },
    { "not lower(b) == \"x\"", "columns: not lower(b) == \"x\"", FALSE, FALSE },
    { "a > b", "columns: a > b", FALSE, FALSE },
    { "a < null", "columns: a < null", FALSE, FALSE },
    { "a == 1 and sort(b) == c", "kernel: a == 1 | row by row: sort(b) == c (sort has no code for columns)", FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ArborNode) node = arbor_node_parse (rows[i].text, NULL);
      g_autoptr (ArborKernel) kernel = arbor_kernel_new (node);
      g_autoptr (GString) text = g_string_new (NULL);

      arbor_kernel_describe (kernel, text);
      g_assert_cmpstr (text->str, ==, rows[i].description);
      g_assert_cmpint (arbor_kernel_is_complete (kernel), ==, rows[i].is_complete);
      g_assert_cmpint (arbor_kernel_is_useful (kernel), ==, rows[i].is_useful);
    }
}

/* Runs that were damaged after their column had been found good, as another process can do to the map:
 * what says to reach beyond the elements has none, whatever lies there. */
static void
test_damaged_runs (void)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (ArborNode) node = arbor_node_parse ("any(a[*] == 2)", NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) copy = NULL;
  g_autoptr (ArborBatch) batch = NULL;
  const ArborLaneRecord *lane;
  guint8 *lengths;

  for (guint i = 0; i < 3; i++)
    {
      char text[ARBOR_PARSER_PADDING + 16] = { 0 };
      const char *reason;
      gsize offset;
      ArborTape tape;

      g_snprintf (text, sizeof text, "{\"a\":[%u]}", i == 0 ? 1 : 2);
      g_assert_true (arbor_parser_parse (parser, text, strlen (text), &tape, &offset, &reason));
      arbor_batch_builder_add_tape (builder, &tape, 1);
    }
  bytes = arbor_batch_builder_finish (builder, NULL);
  copy = arbor_batch_copy_bytes (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  batch = arbor_batch_open (g_bytes_get_data (copy, NULL), g_bytes_get_size (copy), NULL);
  g_assert_nonnull (batch);
  for (guint32 i = 0; i < batch->header->n_columns; i++)
    g_assert_true (arbor_batch_column_is_good (batch, i));
  lane = arbor_batch_find_lane (batch, &batch->columns[1], ARBOR_KIND_ARRAY);
  g_assert_nonnull (lane);
  g_assert_cmpuint (lane->span_width, ==, 1);
  lengths = (guint8 *) batch->data + lane->offset_b;

  for (guint8 length = 1; length < 255; length++)
    {
      g_autoptr (ArborDecider) decider = arbor_decider_new (&node, 1);
      guint64 found = 0;

      lengths[2] = length;
      arbor_decider_set_batch (decider, batch, 0);
      g_assert_cmpuint (arbor_decider_decide (decider, 0, 3, &found), ==, length == 1 ? 2 : 1);
      g_assert_cmpuint (found, ==, length == 1 ? 6 : 2);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/ways", test_ways);
  g_test_add_func ("/kernels/random", test_random);
  g_test_add_func ("/kernels/damaged-runs", test_damaged_runs);
  return g_test_run ();
}
