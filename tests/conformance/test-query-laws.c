/* Queries give what the operations of an arbor give, called one by one: random pipelines over random
 * trees, full output compared, until every rewrite has been applied many times; and for each
 * rewrite a pipeline where it must be applied. ARBOR_QUERY_ROUNDS says how many pipelines.
 */

#include <stdlib.h>
#include <arbor/arbor.h>

#include "kit/arbors.h"
#include "kit/operations.h"

static const char *const rewrites[] = {
  "fuse filters",  "filter before sorting",   "drop two reverses", "fuse slices",
  "fuse tails",    "sort and limit to top_k", "narrow top_k",      "select before making trees",
  "project",
};

static const char *const conditions[] = {
  "a > 2",         "b starts_with \"x\"",  "not exists(c.d)", "any(v[*] > 1)", "c.d == null",
  "a + len(b) < 6", "exists(n)",           "n > 3 or m < 2",  "len(v) > 1",    "true",
  "$ == [1, 2]",   "[0] == 1",             "is_null(a)",      "m == a",
};
static const char *const values[] = {
  "a", "b", "c", "c.d", "v[0]", "v", "v[*]", "a * 2", "$", "n", "5", "m + a", "[1]", "lower(b)",
};
static const char *const keys[] = { "a", "b", "c.d", "v", "v[-1]", "n", "a * -1", "m", "c", "$" };
static const char *const fields[] = { "a", "b", "c", "n", "m", "v" };

/* Knuth's MMIX generator. */
static guint
draw (guint64 *state, guint n)
{
  *state = *state * G_GUINT64_CONSTANT (6364136223846793005) +
           G_GUINT64_CONSTANT (1442695040888963407);
  return (guint) ((*state >> 33) % n);
}

static ArborArbor *
make_arbor (guint64 *state)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  guint n = draw (state, 40);

  for (guint i = 0; i < n; i++)
    {
      static const char *const odd[] = { "[1,2]", "7", "null", "[1,[3]]", "{}", "\"x\"" };
      static const char *const strings[] = { "xa", "XB", "", "y", "\xc3\xa9" };
      const char *comma = "";

      if (draw (state, 8) == 0)
        {
          g_string_append_printf (lines, "%s\n", odd[draw (state, G_N_ELEMENTS (odd))]);
          continue;
        }
      g_string_append_c (lines, '{');
      for (guint j = 0; j < G_N_ELEMENTS (fields); j++)
        {
          if (draw (state, 3) == 0)
            continue;
          g_string_append_printf (lines, "%s\"%s\":", comma, fields[j]);
          comma = ",";
          if (j == 1)
            g_string_append_printf (lines, "\"%s\"", strings[draw (state, 5)]);
          else if (j == 2)
            g_string_append_printf (lines, "{\"d\":%u}", draw (state, 4));
          else if (j == 5)
            g_string_append_printf (lines, "[%u,%u]", draw (state, 4), draw (state, 4));
          else if (draw (state, 5) == 0)
            g_string_append (lines, "null");
          else
            g_string_append_printf (lines, "%u", draw (state, 6));
        }
      g_string_append (lines, "}\n");
    }
  bytes = g_bytes_new (lines->str, lines->len);
  return arbor_read_jsonl (bytes, NULL);
}

/* One operation, on an arbor and on a query alike. */
typedef struct
{
  guint kind;
  guint64 start;
  guint64 n;
  ArborExpr *exprs[2];
  const char *names[3];
  const char *new_names[3];
  ArborSortOptions *sort;
} Step;

#define N_KINDS 16u

static const char *const fresh[] = { "r", "s", "t", "u", "w" };

#define PICK(state, table) (table)[draw (state, G_N_ELEMENTS (table))]

static void
draw_step (Step *step, guint64 *state)
{
  const char *const *texts = values;
  guint n_texts = G_N_ELEMENTS (values);
  ArborSortFlags flags[2];

  *step = (Step){ .kind = draw (state, N_KINDS), .start = draw (state, 5), .n = draw (state, 20) };
  if (step->kind <= 1)
    {
      texts = conditions;
      n_texts = G_N_ELEMENTS (conditions);
    }
  else if (step->kind <= 4)
    {
      texts = keys;
      n_texts = G_N_ELEMENTS (keys);
    }
  for (guint i = 0; i < 2; i++)
    {
      step->exprs[i] = parse (texts[draw (state, n_texts)]);
      flags[i] = (ArborSortFlags) draw (state, 4);
    }
  step->sort = make_sort_options (flags, step->kind == 2 ? 2 : 1);
  step->names[0] = PICK (state, fields);
  do
    step->names[1] = PICK (state, fields);
  while (step->names[1] == step->names[0]);
  /* Exchanged, or one with a name that is seldom there already: then reading fails. */
  step->new_names[0] = draw (state, 2) == 0 ? step->names[1] : PICK (state, fresh);
  step->new_names[1] = step->names[0];
}

static void
clear_step (Step *step)
{
  g_object_unref (step->exprs[0]);
  g_object_unref (step->exprs[1]);
  g_object_unref (step->sort);
}

/* The same words for both classes. */
#define APPLY(prefix, on, step, other, error)                                                      \
  ((step)->kind <= 1    ? prefix##_filter (on, (step)->exprs[0], error)                            \
   : (step)->kind == 2  ? prefix##_sort_by (on, (step)->exprs, 2, (step)->sort, error)             \
   : (step)->kind == 3  ? prefix##_top_k (on, (step)->n, (step)->exprs, 1, (step)->sort, error)    \
   : (step)->kind == 4  ? prefix##_unique_by (on, (step)->exprs, 1, error)                         \
   : (step)->kind == 5  ? prefix##_head (on, (step)->n, error)                                     \
   : (step)->kind == 6  ? prefix##_slice (on, (step)->start, (step)->n, error)                     \
   : (step)->kind == 7  ? prefix##_tail (on, (step)->n, error)                                     \
   : (step)->kind == 8  ? prefix##_reverse (on, error)                                             \
   : (step)->kind == 9  ? prefix##_sample (on, (step)->n, (gint64) (step)->start, error)           \
   : (step)->kind == 10 ? prefix##_shuffle (on, (gint64) (step)->start, error)                     \
   : (step)->kind == 11 ? prefix##_select (on, (step)->names, (step)->exprs, 2, error)             \
   : (step)->kind == 12 ? prefix##_add_fields (on, (step)->names, (step)->exprs, 2, error)         \
   : (step)->kind == 13 ? prefix##_drop_fields (on, (step)->names, error)                          \
   : (step)->kind == 14 ? prefix##_rename_fields (on, (step)->names, (step)->new_names, error)     \
   : (step)->n % 2      ? prefix##_explode (on, "v", NULL, NULL, error)                                  \
                        : prefix##_append (on, other, error))

/* NULL where a tree has a new name already. */
static char *
to_text (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  char *text = arbor_arbor_to_jsonl (arbor, &error);

  if (!g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_EXISTS))
    g_assert_no_error (error);
  return text;
}

static void
count_rewrites (ArborQuery *query, guint *counts)
{
  g_autofree char *text = arbor_query_explain (query);
  const char *at = strstr (text, "because of:\n");
  g_auto (GStrv) lines = g_strsplit (at != NULL ? at : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (rewrites); j++)
      if (g_str_has_prefix (lines[i], "  ") && g_str_equal (lines[i] + 2, rewrites[j]))
        counts[j]++;
}

static void
run_pipeline (guint64 seed, guint *counts)
{
  guint64 state = seed;
  g_autoptr (ArborArbor) start = make_arbor (&state);
  g_autoptr (ArborArbor) other = make_arbor (&state);
  g_autoptr (ArborArbor) arbor = g_object_ref (start);
  g_autoptr (ArborArbor) result = NULL;
  g_autoptr (ArborArbor) as_written = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborQuery) query = arbor_query_new (start, &error);
  guint n = 1 + draw (&state, 8);
  g_autofree char *eager = NULL;
  g_autofree char *lazy = NULL;
  g_autofree char *written = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) query_error = NULL;
      Step step;
      ArborArbor *next;
      ArborQuery *next_query;

      draw_step (&step, &state);
      next = APPLY (arbor_arbor, arbor, &step, other, &error);
      next_query = APPLY (arbor_query, query, &step, other, &query_error);
      clear_step (&step);
      if (next == NULL)
        {
          /* A vector key, say: both refuse it with the same words. */
          g_assert_null (next_query);
          g_assert_cmpint (error->code, ==, query_error->code);
          g_assert_cmpstr (error->message, ==, query_error->message);
          g_clear_error (&error);
          continue;
        }
      g_assert_no_error (query_error);
      g_object_unref (arbor);
      arbor = next;
      g_object_unref (query);
      query = next_query;
    }

  result = arbor_query_execute (query, &error);
  g_assert_no_error (error);
  as_written = arbor_query_execute_as_written (query, &error);
  g_assert_no_error (error);
  eager = to_text (arbor);
  lazy = to_text (result);
  written = to_text (as_written);
  /* A plan may read fewer trees, and so meet fewer that fail, never more. */
  if (eager != NULL && (g_strcmp0 (eager, lazy) != 0 || g_strcmp0 (eager, written) != 0))
    {
      g_autofree char *plan = arbor_query_explain (query);

      g_test_message ("seed %" G_GUINT64_FORMAT ":\n%s\neager:\n%s\nlazy:\n%s", seed, plan, eager,
                      lazy);
    }
  g_assert_true (eager == NULL || g_strcmp0 (eager, lazy) == 0);
  g_assert_true (eager == NULL || g_strcmp0 (eager, written) == 0);
  count_rewrites (query, counts);
}

static void
test_random (void)
{
  const char *rounds = g_getenv ("ARBOR_QUERY_ROUNDS");
  guint n_rounds = rounds != NULL ? (guint) atoi (rounds) : 3000;
  guint counts[G_N_ELEMENTS (rewrites)] = { 0 };

  for (guint i = 0; i < n_rounds; i++)
    run_pipeline (i, counts);
  for (guint i = 0; i < G_N_ELEMENTS (rewrites); i++)
    {
      g_test_message ("%s: %u", rewrites[i], counts[i]);
      g_assert_cmpuint (counts[i], >=, 10);
    }
}

/* What is run, line by line, for what is written. */
static void
test_plans (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("{\"a\":1}\n", 8);
  g_autoptr (ArborArbor) arbor = arbor_read_jsonl (bytes, NULL);
  g_autoptr (ArborQuery) query = arbor_query_new (arbor, NULL);
  g_autoptr (ArborExpr) a = parse ("a");
  g_autoptr (ArborExpr) twice = parse ("a * 2");
  g_autoptr (ArborExpr) computed = parse ("b > 1");
  g_autoptr (ArborExpr) b = parse ("b");
  g_autoptr (ArborExpr) condition = parse ("a > 0");
  g_autofree char *text = NULL;
  const char *names[] = { "b", NULL };
  g_autoptr (ArborSortOptions) options = arbor_sort_options_new ();

  arbor_sort_options_set_descending (options, TRUE);
  g_set_object (&query, arbor_query_add_fields (query, names, &twice, 1, NULL));
  g_object_unref (query);
  g_set_object (&query, arbor_query_sort_by (query, &a, 1, options, NULL));
  g_object_unref (query);
  g_set_object (&query, arbor_query_filter (query, condition, NULL));
  g_object_unref (query);
  g_set_object (&query, arbor_query_head (query, 3, NULL));
  g_object_unref (query);
  g_set_object (&query, arbor_query_select (query, names, &b, 1, NULL));
  g_object_unref (query);
  g_set_object (&query, arbor_query_filter (query, computed, NULL));
  g_object_unref (query);
  text = arbor_query_explain (query);
  g_assert_cmpstr (strstr (text, "as written:"), ==,
                   "as written:\n"
                   "  add_fields b = a * 2\n"
                   "  sort_by a descending\n"
                   "  filter a > 0\n"
                   "  head 3\n"
                   "  select b = b\n"
                   "  filter b > 1\n"
                   "as run:\n"
                   "  filter a > 0\n"
                   "  top_k 3 by a descending\n"
                   "  add_fields b = a * 2\n"
                   "  filter b > 1\n"
                   "  select b = b\n"
                   "because of:\n"
                   "  select before making trees\n"
                   "  select before making trees\n"
                   "  filter before sorting\n"
                   "  select before making trees\n"
                   "  sort and limit to top_k\n"
                   "  select before making trees\n");
}

/* A chain of a thousand conditions. */
static void
test_long (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("{\"a\":1}\n{\"a\":2}\n", 16);
  g_autoptr (ArborArbor) arbor = arbor_read_jsonl (bytes, NULL);
  g_autoptr (ArborArbor) result = NULL;
  g_autoptr (GError) error = NULL;
  ArborQuery *query = arbor_query_new (arbor, NULL);
  g_autoptr (ArborExpr) condition = parse ("a > 1");
  g_autofree char *text = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      ArborQuery *next = arbor_query_filter (query, condition, &error);

      g_assert_no_error (error);
      g_object_unref (query);
      query = next;
    }
  result = arbor_query_execute (query, &error);
  g_assert_no_error (error);
  text = to_text (result);
  g_assert_cmpstr (text, ==, "{\"a\":2}\n");
  g_object_unref (query);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/query-laws/random", test_random);
  g_test_add_func ("/query-laws/plans", test_plans);
  g_test_add_func ("/query-laws/long", test_long);
  return g_test_run ();
}
