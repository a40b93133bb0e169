/* Expressions inside of aggregates. See positions.h. */

#include "positions.h"

#include "batch/arbor-value-access.h"
#include "query/expr/arbor-aggregate.h"

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

  for (guint i = 0; i < case_get_n (at); i++)
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
          = case_write (at, &g_array_index (values, ArborValue, i));

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
  json = case_write (at, &result);
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
             ? case_write (at, &g_array_index (values, ArborValue, which))
             : g_strdup ("null");
}

void
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
  if (!case_check_error (at, error))
    return;
  expected = aggregate_values (at, name);
  found = arbor_tree_to_json (tree, &error);
  g_assert_no_error (error);
  {
    g_autofree char *json = g_strdup_printf ("{\"x\":%s}", expected);

    if (strcmp (json, found) != 0)
      case_fail (at, -1, json, found);
  }
}

