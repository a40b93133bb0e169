/* Random expressions of all functions in every position in which the library evaluates one: as a
 * condition, a column, a field, a key of an order, of groups and of unique trees, and inside of
 * aggregates; over whole arbors in memory and stored, in several batches, and over filtered, sorted,
 * mixed up, joined, appended and exploded ones. What comes out must be what the row evaluator says of the
 * same trees one by one (reference.h), errors with their message and the number of the tree included.
 *
 * Longer: ARBOR_RANDOM_POSITIONS=1000000. A case is made from ARBOR_RANDOM_SEED and its number alone; a
 * failure prints both, the expression and the tree. ARBOR_RANDOM_FIRST=N begins with case N.
 */

#include <arbor/arbor.h>

#include "arbor-expr-private.h"
#include "base/arbor-pool.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-aggregate.h"
#include "query/view/arbor-share.h"
#include "random-exprs.h"
#include "random-trees.h"
#include "reference.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FAILURES 20u /* after so many, that was enough */

typedef struct
{
  char *label;
  ArborArbor *arbor;
  Reference *reference;
} View;

typedef struct
{
  char *folder;
  ArborStore *store;
  GPtrArray *views;
} Fixture;

/* A case that is being tried. */
typedef struct
{
  guint64 number;
  const char *position;
  const View *view;
  char *text;
  ArborExpr *expr;
  ArborNode *node;
  const ArborValue *values; /* by rows */
  GError *error;            /* by rows */
} Case;

static guint64 n_values, n_somethings, n_errors, n_failures;
static guint32 seed = 20261130;

/* Views */

static ArborExpr *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ArborExpr *expr = arbor_expr_parse (text, &error);

  g_assert_no_error (error);
  return expr;
}

static char *
make_lines (GRand *random, RandomTrees sort, guint first, guint n)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      random_trees_append (random, sort, first + i, out);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

static ArborArbor *
read_lines (const char *lines)
{
  g_autoptr (GBytes) bytes = g_bytes_new (lines, strlen (lines));
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor = arbor_read_jsonl (bytes, &error);

  g_assert_no_error (error);
  return arbor;
}

/* A batch of a few trees, and two longer ones. */
static ArborArbor *
make_pieces (GRand *random, RandomTrees sort)
{
  static const guint sizes[] = { 3, 40, 30 };
  ArborArbor *parts[G_N_ELEMENTS (sizes)];
  g_autoptr (GError) error = NULL;
  ArborArbor *all;
  guint first = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *lines = make_lines (random, sort, first, sizes[i]);

      parts[i] = read_lines (lines);
      first += sizes[i];
    }
  all = arbor_arbor_concat (parts, G_N_ELEMENTS (parts), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    g_object_unref (parts[i]);
  return all;
}

static ArborArbor *
put (Fixture *self, const char *name, ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  ArborArbor *stored;

  arbor_store_put (self->store, name, arbor, NULL, &error);
  g_assert_no_error (error);
  stored = arbor_store_get (self->store, name, &error);
  g_assert_no_error (error);
  return stored;
}

/* Takes @arbor. Where its trees are those of another one, @base, errors tell their places there. */
static void
add_view (Fixture *self, const char *label, RandomTrees sort, ArborArbor *arbor, ArborArbor *base)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *lines = arbor_arbor_to_jsonl (arbor, &error);
  g_autofree guint64 *numbers = NULL;
  View *view = g_new (View, 1);

  g_assert_no_error (error);
  if (base != NULL)
    {
      g_autofree char *base_lines = arbor_arbor_to_jsonl (base, NULL);
      g_auto (GStrv) there = g_strsplit (base_lines, "\n", -1);
      g_auto (GStrv) here = g_strsplit (lines, "\n", -1);
      guint n = g_strv_length (here);

      numbers = g_new0 (guint64, n + 1);
      for (guint i = 0; i < n; i++)
        while (there[numbers[i]] != NULL && strcmp (there[numbers[i]], here[i]) != 0)
          numbers[i]++;
    }
  view->label = g_strdup_printf ("%s of sort %d", label, sort);
  view->arbor = arbor;
  view->reference = reference_new (lines, numbers);
  g_ptr_array_add (self->views, view);
}

static void
view_free (gpointer data)
{
  View *self = data;

  reference_free (self->reference);
  g_object_unref (self->arbor);
  g_free (self->label);
  g_free (self);
}

static ArborArbor *
join (ArborArbor *arbor, ArborJoinKind kind)
{
  g_autoptr (ArborArbor) other = read_lines ("{\"key\":0,\"extra\":\"none\",\"m\":7}\n"
                                             "{\"key\":1,\"extra\":[1,2],\"s\":\"right\"}\n"
                                             "{\"key\":1,\"extra\":null}\n"
                                             "{\"key\":2.0,\"extra\":1.5,\"u\":true}\n");
  g_autoptr (ArborExpr) key = parse ("n mod 4");
  g_autoptr (ArborExpr) other_key = parse ("$.key");
  g_autoptr (GError) error = NULL;
  ArborArbor *joined = arbor_arbor_join (arbor, other, &key, 1, &other_key, 1, kind, NULL, &error);

  g_assert_no_error (error);
  return joined;
}

static void
add_views (Fixture *self, GRand *random, RandomTrees sort)
{
  g_autoptr (ArborArbor) pieces = make_pieces (random, sort);
  g_autofree char *name = g_strdup_printf ("sort%d", sort);
  g_autoptr (ArborArbor) stored = put (self, name, pieces);
  g_autoptr (ArborExpr) third = parse ("n mod 3 != 0");
  g_autoptr (ArborExpr) key = parse ("s");
  g_autoptr (ArborArbor) filtered = arbor_arbor_filter (pieces, third, NULL);
  g_autoptr (ArborArbor) few = arbor_arbor_slice (stored, 5, 20, NULL);
  guint64 indices[50];

  for (guint i = 0; i < G_N_ELEMENTS (indices); i++)
    indices[i] = (guint64) g_rand_int_range (random, 0, 60);
  add_view (self, "pieces", sort, g_object_ref (pieces), NULL);
  add_view (self, "stored", sort, g_object_ref (stored), NULL);
  add_view (self, "filtered", sort, g_object_ref (filtered), pieces);
  add_view (self, "sorted", sort, arbor_arbor_sort_by (pieces, &key, 1, NULL, 0, NULL), pieces);
  add_view (self, "shuffled", sort, arbor_arbor_shuffle (filtered, 5, NULL), pieces);
  add_view (self, "taken", sort,
            arbor_arbor_take (stored, indices, G_N_ELEMENTS (indices), NULL), stored);
  add_view (self, "joined", sort, join (pieces, ARBOR_JOIN_KIND_INNER), NULL);
  add_view (self, "left joined", sort, join (filtered, ARBOR_JOIN_KIND_LEFT), NULL);
  add_view (self, "appended", sort, arbor_arbor_append (filtered, few, NULL), NULL);
  add_view (self, "exploded", sort, arbor_arbor_explode (pieces, "items", NULL, NULL, NULL), NULL);
}

/* More trees than are computed at a time. */
static void
add_large_view (Fixture *self, GRand *random)
{
  g_autofree char *lines = make_lines (random, RANDOM_TREES_GAPS, 0, 5000);

  add_view (self, "large", RANDOM_TREES_GAPS, read_lines (lines), NULL);
}

static void
fixture_set_up (Fixture *self)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("arbor-positions-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (self->folder, "a.arbor", NULL);
  self->store = arbor_store_open (path, NULL, NULL, &error);
  g_assert_no_error (error);
  self->views = g_ptr_array_new_with_free_func (view_free);
  add_large_view (self, random);
  for (guint i = 0; i < N_RANDOM_TREES; i++)
    add_views (self, random, (RandomTrees) i);
}

static void
fixture_clear (Fixture *self)
{
  static const char *const names[] = { "a.arbor", "a.arbor-lock" };

  g_ptr_array_unref (self->views);
  arbor_store_close (self->store);
  g_object_unref (self->store);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
}

/* Telling what is wrong */

static void
fail (const Case *at, gint tree, const char *expected, const char *found)
{
  g_printerr ("seed %u, case %" G_GUINT64_FORMAT ", %s, %s\nexpression: %s\n", seed, at->number,
              at->view->label, at->position, at->text);
  if (tree >= 0)
    g_printerr ("tree %d: %.3000s\n", tree,
                reference_get_line (at->view->reference, (guint) tree));
  g_printerr ("by rows: %.2000s\nfound:   %.2000s\n\n", expected, found);
  n_failures++;
}

/* TRUE: go on; FALSE: an error was expected or came. */
static gboolean
check_error (const Case *at, GError *found)
{
  g_autofree char *expected_text = NULL;
  g_autofree char *text = NULL;

  if (at->error == NULL && found == NULL)
    return TRUE;
  if (at->error != NULL)
    expected_text = g_strdup_printf ("%d: %s", at->error->code, at->error->message);
  if (found != NULL)
    text = g_strdup_printf ("%d: %s", found->code, found->message);
  if (g_strcmp0 (text, expected_text) != 0)
    fail (at, -1, expected_text != NULL ? expected_text : "no error",
          text != NULL ? text : "no error");
  n_errors++;
  return FALSE;
}

/* Lines of @arbor beside those that are expected, which are told where they differ. Takes @arbor. */
static void
check_lines (const Case *at, ArborArbor *arbor, GPtrArray *expected, GError *failure)
{
  g_autoptr (ArborArbor) result = arbor;
  g_autoptr (GError) error = failure;
  g_autofree char *text = error == NULL ? arbor_arbor_to_jsonl (result, &error) : NULL;
  g_auto (GStrv) lines = NULL;
  guint n;

  if (!check_error (at, error))
    return;
  lines = g_strsplit (text, "\n", -1);
  n = g_strv_length (lines);
  n -= n > 0 ? 1 : 0; /* nothing is behind the last line's end */
  for (guint i = 0; i < MAX (n, expected->len); i++)
    {
      const char *line = i < expected->len ? expected->pdata[i] : "(no more)";
      const char *found = i < n ? lines[i] : "(no more)";

      if (strcmp (found, line) == 0)
        continue;
      fail (at, expected->len == reference_get_n_trees (at->view->reference) ? (gint) i : -1, line,
            found);
      break;
    }
}

/* Positions. Each says what rows would come to, from values by rows. */

static guint
get_n (const Case *at)
{
  return reference_get_n_trees (at->view->reference);
}

static int
compare (const Case *at, guint a, guint b)
{
  return arbor_value_compare (&at->values[a], &at->values[b],
                              reference_get_scope (at->view->reference));
}

/* Trees of the view, in the order of @indices. */
static GPtrArray *
list_trees (const Case *at, const guint *indices, guint n)
{
  GPtrArray *lines = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (lines, (gpointer) reference_get_line (at->view->reference, indices[i]));
  return lines;
}

static void
check_filter (Case *at, GRand *random)
{
  g_autoptr (GError) error = NULL;
  ArborArbor *filtered = arbor_arbor_filter (at->view->arbor, at->expr, &error);
  g_autoptr (GPtrArray) expected = g_ptr_array_new ();
  g_autoptr (GError) count_error = NULL;
  guint64 n;

  for (guint i = 0; at->error == NULL && i < get_n (at); i++)
    if (at->values[i].kind == ARBOR_KIND_BOOL && at->values[i].boolean)
      g_ptr_array_add (expected, (gpointer) reference_get_line (at->view->reference, i));
  check_lines (at, filtered, expected, g_steal_pointer (&error));
  n = arbor_arbor_count_matches (at->view->arbor, at->expr, NULL, &count_error);
  if (check_error (at, count_error))
    g_assert_cmpuint (n, ==, expected->len);
}

static void
check_column (Case *at, GRand *random)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborColumn) column
      = arbor_arbor_get_column_of (at->view->arbor, at->expr, NULL, &error);

  if (!check_error (at, error))
    return;
  g_assert_cmpuint (arbor_column_get_n_rows (column), ==, get_n (at));
  for (guint i = 0; i < get_n (at); i++)
    {
      g_autofree char *expected = reference_write (at->view->reference, &at->values[i]);
      g_autofree char *found = arbor_column_dup_json (column, i, &error);

      g_assert_no_error (error);
      if (g_strcmp0 (expected, found) == 0)
        continue;
      fail (at, (gint) i, expected != NULL ? expected : "nothing",
            found != NULL ? found : "nothing");
      break;
    }
}

static GPtrArray *
list_fields (Case *at)
{
  GPtrArray *expected = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; at->error == NULL && i < get_n (at); i++)
    {
      g_autofree char *json = reference_write (at->view->reference, &at->values[i]);

      g_ptr_array_add (expected,
                       json != NULL ? g_strdup_printf ("{\"x\":%s}", json) : g_strdup ("{}"));
    }
  return expected;
}

static void
check_select (Case *at, GRand *random)
{
  const char *const names[] = { "x", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) expected = list_fields (at);
  ArborArbor *selected = arbor_arbor_select (at->view->arbor, names, &at->expr, 1, &error);

  check_lines (at, selected, expected, g_steal_pointer (&error));
}

/* A computed field, then one that reads it: what was late is put together. */
static void
check_added (Case *at, GRand *random)
{
  const char *const added[] = { "computed", NULL };
  const char *const names[] = { "x", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) expected = list_fields (at);
  g_autoptr (ArborExpr) path = parse ("computed");
  g_autoptr (ArborArbor) longer = NULL;
  ArborArbor *selected = NULL;

  if (at->error == NULL)
    for (guint i = 0; i < get_n (at); i++)
      if (reference_get_line (at->view->reference, i)[0] != '{')
        return; /* there is no place for a field */
  longer = arbor_arbor_add_fields (at->view->arbor, added, &at->expr, 1, &error);
  if (longer != NULL)
    selected = arbor_arbor_select (longer, names, &path, 1, &error);
  check_lines (at, selected, expected, g_steal_pointer (&error));
}

/* Places of @indices by the values, equal ones as they are. An insertion sort: slow and obvious. */
static void
sort_places (Case *at, ArborSortFlags flags, guint *places)
{
  for (guint i = 0; i < get_n (at); i++)
    {
      guint j = i;

      for (; j > 0; j--)
        {
          gboolean is_nothing = at->values[i].kind <= ARBOR_KIND_NULL;
          gboolean was_nothing = at->values[places[j - 1]].kind <= ARBOR_KIND_NULL;
          int order = compare (at, places[j - 1], i);

          if (is_nothing != was_nothing)
            order = was_nothing == ((flags & ARBOR_SORT_NULLS_FIRST) == 0) ? 1 : -1;
          else if (!is_nothing && (flags & ARBOR_SORT_DESCENDING) != 0)
            order = -order;
          if (order <= 0)
            break;
          places[j] = places[j - 1];
        }
      places[j] = i;
    }
}

static void
check_sort (Case *at, GRand *random)
{
  ArborSortFlags flags = (ArborSortFlags) g_rand_int_range (random, 0, 4);
  guint n = get_n (at), k = (guint) g_rand_int_range (random, 0, 30);
  g_autofree guint *places = g_new (guint, n);
  g_autoptr (GPtrArray) expected = NULL;
  g_autoptr (GError) error = NULL;
  ArborArbor *sorted;

  if (n > 500)
    return;
  if (at->error == NULL)
    sort_places (at, flags, places);
  expected = list_trees (at, places, at->error == NULL ? (k < 10 ? MIN (k + 1, n) : n) : 0);
  sorted = k < 10 ? arbor_arbor_top_k (at->view->arbor, k + 1, &at->expr, 1, &flags, 1, &error)
                  : arbor_arbor_sort_by (at->view->arbor, &at->expr, 1, &flags, 1, &error);
  check_lines (at, sorted, expected, g_steal_pointer (&error));
}

/* For each tree the first one that has an equal value. */
static guint *
find_firsts (Case *at)
{
  guint n = get_n (at);
  guint *firsts = g_new (guint, n);

  for (guint i = 0; i < n; i++)
    for (firsts[i] = 0; compare (at, firsts[i], i) != 0;)
      firsts[i]++;
  return firsts;
}

static void
check_unique (Case *at, GRand *random)
{
  g_autoptr (GPtrArray) expected = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  ArborArbor *unique = NULL;

  if (get_n (at) > 500)
    return;
  if (at->error == NULL)
    {
      g_autofree guint *firsts = find_firsts (at);

      for (guint i = 0; i < get_n (at); i++)
        if (firsts[i] == i)
          g_ptr_array_add (expected, (gpointer) reference_get_line (at->view->reference, i));
    }
  unique = arbor_arbor_unique_by (at->view->arbor, &at->expr, 1, &error);
  check_lines (at, unique, expected, g_steal_pointer (&error));
}

/* Groups with how many trees each has. */
static void
check_groups (Case *at, GRand *random)
{
  const char *const names[] = { "k", NULL };
  const char *const figures[] = { "count", NULL };
  g_autoptr (ArborExpr) count = parse ("count()");
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) groups = NULL;
  ArborArbor *table = NULL;

  if (get_n (at) > 500)
    return;
  if (at->error == NULL)
    {
      g_autofree guint *firsts = find_firsts (at);

      for (guint i = 0; i < get_n (at); i++)
        {
          g_autofree char *json = reference_write (at->view->reference, &at->values[i]);
          guint n = 0;

          for (guint j = i; firsts[i] == i && j < get_n (at); j++)
            n += firsts[j] == i;
          if (n > 0)
            g_ptr_array_add (expected,
                             json != NULL ? g_strdup_printf ("{\"k\":%s,\"count\":%u}", json, n)
                                          : g_strdup_printf ("{\"count\":%u}", n));
        }
    }
  groups = arbor_arbor_group_by (at->view->arbor, names, &at->expr, 1, &error);
  if (groups != NULL)
    table = arbor_groups_aggregate (groups, figures, &count, 1, &error);
  check_lines (at, table, expected, g_steal_pointer (&error));
}

static const char *const aggregates[] = {
  "count", "sum", "mean", "min", "max", "first", "last", "any", "all", "std", "var", "median",
  "quantile", "n_unique", "collect", "collect_unique",
};

/* All values that are something, those of vectors one by one. */
static GArray *
list_values (Case *at)
{
  ArborScope *scope = reference_get_scope (at->view->reference);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (ArborValue));

  for (guint i = 0; i < get_n (at); i++)
    {
      guint32 n = at->node->is_vector ? arbor_value_get_length (&at->values[i], scope) : 1;

      for (guint32 j = 0; j < n; j++)
        {
          ArborValue value = at->values[i];

          if (at->node->is_vector)
            arbor_value_get_element (&at->values[i], j, scope, &value);
          if (value.kind > ARBOR_KIND_NULL)
            g_array_append_val (all, value);
        }
    }
  return all;
}

/* The first of equal ones. */
static void
make_unique (Case *at, GArray *values)
{
  ArborScope *scope = reference_get_scope (at->view->reference);
  guint n = 0;

  for (guint i = 0; i < values->len; i++)
    {
      ArborValue value = g_array_index (values, ArborValue, i);
      guint j = 0;

      while (j < n && !arbor_value_equal (&g_array_index (values, ArborValue, j), &value, scope))
        j++;
      if (j == n)
        g_array_index (values, ArborValue, n++) = value;
    }
  g_array_set_size (values, n);
}

/* The number of the best by order; the first of equal ones. */
static guint
find_best (Case *at, GArray *values, int sign)
{
  guint best = 0;

  for (guint i = 1; i < values->len; i++)
    if (sign * arbor_value_compare (&g_array_index (values, ArborValue, i),
                                    &g_array_index (values, ArborValue, best),
                                    reference_get_scope (at->view->reference)) > 0)
      best = i;
  return best;
}

static char *
write_list (Case *at, GArray *values)
{
  g_autoptr (GString) text = g_string_new ("[");

  for (guint i = 0; i < values->len; i++)
    {
      g_autofree char *json
          = reference_write (at->view->reference, &g_array_index (values, ArborValue, i));

      g_string_append_printf (text, "%s%s", i > 0 ? "," : "", json);
    }
  g_string_append_c (text, ']');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
count_true (GArray *values, gboolean all)
{
  guint n = 0;

  for (guint i = 0; i < values->len; i++)
    n += arbor_value_is_true (&g_array_index (values, ArborValue, i));
  return g_strdup ((all ? n == values->len : n > 0) ? "true" : "false");
}

/* Of numbers: value by value. */
static char *
compute (Case *at, GArray *values, const char *name)
{
  ArborScope *scope = reference_get_scope (at->view->reference);
  ArborValue fraction = { .kind = ARBOR_KIND_DOUBLE, .real = 0.3 };
  ArborAggregate aggregate;
  ArborValue result;
  char *json;

  arbor_aggregate_init_for_trees (&aggregate, arbor_function_find (name), "test", FALSE);
  arbor_aggregate_set_parameter (&aggregate, &fraction);
  for (guint i = 0; i < values->len; i++)
    arbor_aggregate_add (&aggregate, &g_array_index (values, ArborValue, i), scope);
  arbor_aggregate_finish (&aggregate, scope, &result);
  json = reference_write (at->view->reference, &result);
  arbor_aggregate_clear (&aggregate);
  return json;
}

static char *
aggregate_values (Case *at, const char *name)
{
  g_autoptr (GArray) values = list_values (at);
  guint which = 0;

  if (strcmp (name, "count") == 0)
    return g_strdup_printf ("%u", values->len);
  if (strcmp (name, "any") == 0 || strcmp (name, "all") == 0)
    return count_true (values, strcmp (name, "all") == 0);
  if (strcmp (name, "collect") == 0)
    return write_list (at, values);
  if (strcmp (name, "n_unique") == 0 || strcmp (name, "collect_unique") == 0)
    {
      make_unique (at, values);
      return name[0] == 'n' ? g_strdup_printf ("%u", values->len) : write_list (at, values);
    }
  if (strcmp (name, "last") == 0)
    which = values->len - 1;
  else if (strcmp (name, "min") == 0 || strcmp (name, "max") == 0)
    which = find_best (at, values, name[1] == 'a' ? 1 : -1);
  else if (strcmp (name, "first") != 0)
    return compute (at, values, name);
  return values->len > 0
             ? reference_write (at->view->reference, &g_array_index (values, ArborValue, which))
             : g_strdup ("null");
}

static void
check_aggregate (Case *at, GRand *random)
{
  const char *name = aggregates[g_rand_int_range (random, 0, G_N_ELEMENTS (aggregates))];
  const char *const names[] = { "x", NULL };
  g_autofree char *text
      = g_strdup_printf (strcmp (name, "quantile") == 0 ? "%s(%s, 0.3)" : "%s(%s)", name, at->text);
  g_autofree char *expected = NULL;
  g_autofree char *found = NULL;
  g_autoptr (ArborExpr) expr = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (GError) error = NULL;

  expr = parse (text);
  tree = arbor_arbor_aggregate (at->view->arbor, names, &expr, 1, NULL, &error);
  at->position = name;
  if (!check_error (at, error))
    return;
  expected = aggregate_values (at, name);
  found = arbor_tree_to_json (tree, &error);
  g_assert_no_error (error);
  {
    g_autofree char *json = g_strdup_printf ("{\"x\":%s}", expected);

    if (strcmp (json, found) != 0)
      fail (at, -1, json, found);
  }
}

/* Trees that have a value that every third one has, too. */
static void
check_join (Case *at, GRand *random)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GPtrArray) expected = g_ptr_array_new ();
  g_autoptr (ArborArbor) other = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_anti = g_rand_boolean (random);
  ArborArbor *joined;
  guint n = get_n (at);

  /* An error of the other side would be told first. */
  if (n > 500 || at->error != NULL)
    return;
  for (guint i = 0; i < n; i++)
    {
      gboolean is_found = FALSE;

      if (i % 3 == 0)
        g_string_append_printf (lines, "%s\n", reference_get_line (at->view->reference, i));
      for (guint j = 0; j < n && at->values[i].kind > ARBOR_KIND_NULL; j += 3)
        is_found |= compare (at, i, j) == 0;
      if (is_found != is_anti)
        g_ptr_array_add (expected, (gpointer) reference_get_line (at->view->reference, i));
    }
  other = read_lines (lines->str);
  joined = arbor_arbor_join (at->view->arbor, other, &at->expr, 1, &at->expr, 1,
                             is_anti ? ARBOR_JOIN_KIND_ANTI : ARBOR_JOIN_KIND_SEMI, NULL, &error);
  check_lines (at, joined, expected, g_steal_pointer (&error));
}

/* How often each value comes, the most frequent first, then in the order of their first. */
static void
check_counts (Case *at, GRand *random)
{
  guint n = get_n (at);
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  ArborArbor *counts;

  if (n > 500)
    return;
  if (at->error == NULL)
    {
      g_autofree guint *firsts = find_firsts (at);
      g_autofree guint *n_of = g_new0 (guint, n);

      for (guint i = 0; i < n; i++)
        n_of[firsts[i]]++;
      for (guint many = n; many > 0; many--)
        for (guint i = 0; i < n; i++)
          if (n_of[i] == many)
            {
              g_autofree char *json = reference_write (at->view->reference, &at->values[i]);

              g_ptr_array_add (expected,
                               json != NULL
                                   ? g_strdup_printf ("{\"value\":%s,\"count\":%u}", json, many)
                                   : g_strdup_printf ("{\"count\":%u}", many));
            }
    }
  counts = arbor_arbor_value_counts (at->view->arbor, at->expr, &error);
  check_lines (at, counts, expected, g_steal_pointer (&error));
}

typedef struct
{
  const char *name;
  gboolean takes_vectors;
  void (*check) (Case *at, GRand *random);
} Position;

static const Position positions[] = {
  { "condition", FALSE, check_filter }, { "column", FALSE, check_column },
  { "field", FALSE, check_select },     { "added field", FALSE, check_added },
  { "order", FALSE, check_sort },       { "unique", FALSE, check_unique },
  { "groups", FALSE, check_groups },    { "aggregate", TRUE, check_aggregate },
  { "join", FALSE, check_join },        { "value counts", FALSE, check_counts },
};

/* Cases */

static void
note_values (const Case *at)
{
  for (guint i = 0; at->error == NULL && i < get_n (at); i++)
    n_somethings += at->values[i].kind > ARBOR_KIND_NULL;
  n_values += get_n (at);
}

static void
run_case (const Fixture *fixture, RandomExprs *exprs, GRand *random, guint64 number)
{
  const Position *position = &positions[g_rand_int_range (random, 0, G_N_ELEMENTS (positions))];
  /* The first view is large. */
  guint which = (guint) g_rand_int_range (random, number % 50 == 0 ? 0 : 1,
                                          number % 50 == 0 ? 1 : (gint32) fixture->views->len);
  guint depth = (guint) g_rand_int_range (random, 0, 4);
  guint function = (guint) (number % random_exprs_get_n_functions (exprs));
  g_autoptr (ArborNode) made = position->takes_vectors
                                   ? random_exprs_make (exprs, function, depth)
                                   : random_exprs_make_scalar (exprs, function, depth);
  g_autofree char *text = arbor_node_to_string (made);
  g_autoptr (ArborExpr) expr = parse (text);
  Case at = { .number = number,
              .position = position->name,
              .view = fixture->views->pdata[which],
              .text = text,
              .expr = expr,
              .node = arbor_expr_get_node (expr) };

  if (g_getenv ("ARBOR_RANDOM_TRACE") != NULL)
    g_printerr ("%" G_GUINT64_FORMAT " %s of %s: %s\n", number, position->name, at.view->label,
                text);
  reference_evaluate (at.view->reference, at.node, &at.values, &at.error);
  note_values (&at);
  /* The same, whether threads share the trees or not. */
  arbor_pool_set_n_threads (1 + (guint) (number % 3));
  arbor_share_set_part (number % 2 == 0 ? 40 : 7);
  position->check (&at, random);
  arbor_pool_set_n_threads (0);
  arbor_share_set_part (0);
  g_clear_error (&at.error);
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
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (RandomExprs) exprs = random_exprs_new (random);
  Fixture fixture;

  seed = (guint32) get_number ("ARBOR_RANDOM_SEED", seed);
  fixture_set_up (&fixture);
  for (guint64 i = first; i < first + n && n_failures < MAX_FAILURES; i++)
    {
      const guint32 seeds[] = { seed, (guint32) i, (guint32) (i >> 32) };

      g_rand_set_seed_array (random, seeds, G_N_ELEMENTS (seeds));
      run_case (&fixture, exprs, random, i);
    }
  g_test_message ("%" G_GUINT64_FORMAT " values, %" G_GUINT64_FORMAT " of them something, %"
                  G_GUINT64_FORMAT " errors", n_values, n_somethings, n_errors);
  /* The test is worth something. */
  g_assert_cmpuint (n_failures, ==, 0);
  g_assert_cmpuint (n_somethings, >, n_values / 3);
  g_assert_true (n < 5000 || n_errors > 0);
  fixture_clear (&fixture);
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
