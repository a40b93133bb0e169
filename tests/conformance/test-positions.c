/* Random expressions of all functions in every position in which the library evaluates one: as a
 * condition, a column, a field, a key of an order, of groups, of joins and of unique trees, inside of
 * aggregates, and set into stored trees; over whole arbors in memory and stored, in several batches, mended, and
 * over filtered, sorted, mixed up, joined, appended and exploded ones. What comes out must be what the row
 * evaluator says of the same trees one by one (reference.h), errors with their message and the number of
 * the tree included. One case in eight is tried with little memory for what an expression may take.
 *
 * Longer: ARBOR_RANDOM_POSITIONS=1000000. A case is made from ARBOR_RANDOM_SEED and its number alone; a
 * failure prints both, the expression and the tree. ARBOR_RANDOM_FIRST=N begins with case N.
 */

#include "positions.h"

#include "arbor-expr-private.h"
#include "base/arbor-pool.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-function-private.h"
#include "query/series/arbor-series-reader.h"
#include "query/view/arbor-share.h"
#include "query/view/arbor-trace.h"
#include "random-exprs.h"

#include <stdlib.h>

#define MAX_FAILURES 20u /* after so many, that was enough */
/* Bytes that an expression may take for a tree, where memory is short. */
#define LITTLE 2000u
/* Of a hundred values that are read through series, so many go by columns at least. */
#define LEAST_SHARE 90u

typedef struct
{
  guint64 n_values, n_somethings, n_errors, n_failures;
} Totals;

/* Telling what is wrong */

void
case_fail (Case *self, gint tree, const char *expected, const char *found)
{
  g_printerr ("seed %u, case %" G_GUINT64_FORMAT ", %s, %s\nexpression: %s\n", self->seed,
              self->number, self->view->label, self->position, self->text);
  if (tree >= 0)
    g_printerr ("tree %d: %.3000s\n", tree, case_get_line (self, (guint) tree));
  g_printerr ("by rows: %.2000s\nfound:   %.2000s\n\n", expected, found);
  self->n_failures++;
}

static char *
describe_error (const GError *error)
{
  return error != NULL ? g_strdup_printf ("%d: %s", error->code, error->message)
                       : g_strdup ("no error");
}

static gboolean
are_same (const GError *a, const GError *b)
{
  return a == NULL || b == NULL
             ? a == b
             : a->code == b->code && strcmp (a->message, b->message) == 0;
}

gboolean
case_check_error (Case *self, const GError *found)
{
  if (self->error == NULL && found == NULL)
    return TRUE;
  self->has_error = TRUE;
  if (!are_same (self->error, found))
    {
      g_autofree char *expected_text = describe_error (self->error);
      g_autofree char *text = describe_error (found);

      case_fail (self, -1, expected_text, text);
    }
  return FALSE;
}

gboolean
case_check_condition_error (Case *self, const GError *found)
{
  for (guint i = 0; i < case_get_n (self); i++)
    if (self->errors[i] != NULL)
      {
        self->has_error = TRUE;
        if (are_same (self->errors[i], found))
          return FALSE;
        if (reference_is_excused (self->view->reference, self->node, i))
          continue;
        self->error = self->errors[i];
        return case_check_error (self, found);
      }
  self->error = NULL;
  return case_check_error (self, found);
}

void
case_check_number (Case *self, guint64 found, guint64 expected)
{
  g_autofree char *found_text = g_strdup_printf ("%" G_GUINT64_FORMAT, found);
  g_autofree char *expected_text = g_strdup_printf ("%" G_GUINT64_FORMAT, expected);

  if (found != expected)
    case_fail (self, -1, expected_text, found_text);
}

void
case_check_text (Case *self, const char *text, GPtrArray *expected)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (lines);

  n -= n > 0 ? 1 : 0; /* nothing is behind the last line's end */
  for (guint i = 0; i < MAX (n, expected->len); i++)
    {
      const char *line = i < expected->len ? expected->pdata[i] : "(no more)";
      const char *found = i < n ? lines[i] : "(no more)";

      if (strcmp (found, line) == 0)
        continue;
      case_fail (self, expected->len == case_get_n (self) ? (gint) i : -1, line, found);
      break;
    }
}

void
case_check_lines (Case *self, ArborArbor *arbor, GPtrArray *expected, GError *failure)
{
  g_autoptr (ArborArbor) result = arbor;
  g_autoptr (GError) error = failure;
  g_autofree char *text = error == NULL ? arbor_arbor_to_jsonl (result, &error) : NULL;

  if (case_check_error (self, error))
    case_check_text (self, text, expected);
}

/* Comparing values by rows */

int
case_compare (const Case *self, guint a, guint b)
{
  return arbor_value_compare (&self->values[a], &self->values[b],
                              reference_get_scope (self->view->reference));
}

guint *
case_find_firsts (const Case *self)
{
  guint n = case_get_n (self);
  guint *firsts = g_new (guint, n);

  for (guint i = 0; i < n; i++)
    for (firsts[i] = 0; case_compare (self, firsts[i], i) != 0;)
      firsts[i]++;
  return firsts;
}

/* Cases */

typedef struct
{
  const char *name;
  gboolean takes_vectors;
  PositionFunc check;
} Position;

static const Position positions[] = {
  { "condition", FALSE, check_filter }, { "column", FALSE, check_column },
  { "field", FALSE, check_select },     { "added field", FALSE, check_added },
  { "order", FALSE, check_sort },       { "unique", FALSE, check_unique },
  { "groups", FALSE, check_groups },    { "aggregate", TRUE, check_aggregate },
  { "join", FALSE, check_join },        { "value counts", FALSE, check_counts },
  { "update", FALSE, check_update },
};

/* The first error, and how much there is to see. */
static void
look_at_values (Case *at, Totals *totals)
{
  for (guint i = 0; i < case_get_n (at); i++)
    {
      if (at->error == NULL)
        at->error = at->errors[i];
      totals->n_somethings += at->values[i].kind > ARBOR_KIND_NULL;
    }
  totals->n_values += case_get_n (at);
}

static void
run_case (const Views *views, RandomExprs *exprs, GRand *random, guint32 seed, guint64 number,
          Totals *totals)
{
  const Position *position = &positions[g_rand_int_range (random, 0, G_N_ELEMENTS (positions))];
  guint which = (guint) g_rand_int_range (random, number % 50 == 0 ? 0 : 1,
                                          number % 50 == 0 ? 1 : (gint32) views->views->len);
  guint depth = (guint) g_rand_int_range (random, 0, 4);
  guint function = (guint) (number % random_exprs_get_n_functions (exprs));
  g_autoptr (ArborNode) made = position->takes_vectors
                                   ? random_exprs_make (exprs, function, depth)
                                   : random_exprs_make_scalar (exprs, function, depth);
  g_autofree char *text = arbor_node_to_string (made);
  g_autoptr (ArborExpr) expr = parse (text);
  Case at = { .number = number,
              .seed = seed,
              .position = position->name,
              .store = views->place.store,
              .view = views->views->pdata[which],
              .text = text,
              .expr = expr,
              .node = arbor_expr_get_node (expr) };
  gboolean is_short;

  if (g_getenv ("ARBOR_RANDOM_TRACE") != NULL)
    g_printerr ("%" G_GUINT64_FORMAT " %s of %s: %s\n", number, position->name, at.view->label,
                text);
  is_short = g_rand_int_range (random, 0, 8) == 0 && !at.view->takes_memory;
  view_renew (views->views->pdata[which]);
  arbor_function_set_budget (is_short ? LITTLE : 0);
  arbor_trace_set_most (number % 4 == 0 ? 1 : 0);
  reference_evaluate (at.view->reference, at.node, &at.values, &at.errors);
  look_at_values (&at, totals);
  /* The same, whether threads share the trees or not. */
  arbor_pool_set_n_threads (1 + (guint) (number % 3));
  arbor_share_set_part (number % 2 == 0 ? 40 : 7);
  position->check (&at, random);
  arbor_pool_set_n_threads (0);
  arbor_share_set_part (0);
  arbor_trace_set_most (0);
  arbor_function_set_budget (0);
  totals->n_errors += at.has_error;
  totals->n_failures += at.n_failures;
}

static guint64
get_number (const char *name, guint64 otherwise)
{
  const char *text = g_getenv (name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static void
test_random (void)
{
  guint64 first = get_number ("ARBOR_RANDOM_FIRST", 0);
  guint64 n = get_number ("ARBOR_RANDOM_POSITIONS", 5000);
  guint32 seed = (guint32) get_number ("ARBOR_RANDOM_SEED", 20261130);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (RandomExprs) exprs = random_exprs_new (random);
  Totals totals = { 0 };
  ArborSeriesCounters before, after;
  guint64 by_columns, by_rows;
  Views views;

  views_set_up (&views);
  arbor_series_get_totals (&before);
  for (guint64 i = first; i < first + n && totals.n_failures < MAX_FAILURES; i++)
    {
      const guint32 seeds[] = { seed, (guint32) i, (guint32) (i >> 32) };

      g_rand_set_seed_array (random, seeds, G_N_ELEMENTS (seeds));
      run_case (&views, exprs, random, seed, i, &totals);
    }
  arbor_series_get_totals (&after);
  by_columns = after.n_columns + after.n_lanes - before.n_columns - before.n_lanes;
  by_rows = after.n_rows - before.n_rows;
  g_test_message ("%" G_GUINT64_FORMAT " values, %" G_GUINT64_FORMAT " of them something, %"
                  G_GUINT64_FORMAT " errors; %" G_GUINT64_FORMAT " by columns, %" G_GUINT64_FORMAT
                  " by rows",
                  totals.n_values, totals.n_somethings, totals.n_errors, by_columns, by_rows);
  g_assert_cmpuint (totals.n_failures, ==, 0);
  /* The test is worth something. */
  g_assert_cmpuint (totals.n_somethings, >, totals.n_values / 3);
  if (n >= 5000)
    {
      g_assert_cmpuint (totals.n_errors, >, 0);
      g_assert_cmpuint (by_columns * 100, >, (by_columns + by_rows) * LEAST_SHARE);
    }
  views_clear (&views);
}

/* Each function was found something to do with. */
static void
test_functions (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (RandomExprs) exprs = random_exprs_new (random);
  g_auto (GStrv) unknown = random_exprs_list_unknown (exprs);
  g_autofree char *names = g_strjoinv (", ", unknown);

  g_assert_cmpuint (random_exprs_get_n_functions (exprs), >=, 100);
  g_assert_cmpstr (names, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/positions/functions", test_functions);
  g_test_add_func ("/positions/random", test_random);
  return g_test_run ();
}
