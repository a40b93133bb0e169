/* Positions whose values come out: columns, fields, groups, counts of values. See positions.h. */

#include "positions.h"

#include "batch/arbor-value-access.h"

void
check_column (Case *at, GRand *random)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborColumn) column
      = arbor_arbor_get_column_of (at->view->arbor, at->expr, NULL, &error);

  if (!case_check_error (at, error))
    return;
  g_assert_cmpuint (arbor_column_get_n_rows (column), ==, case_get_n (at));
  for (guint i = 0; i < case_get_n (at); i++)
    {
      g_autofree char *expected = case_write (at, &at->values[i]);
      g_autofree char *found = arbor_column_dup_json (column, i, &error);

      g_assert_no_error (error);
      if (g_strcmp0 (expected, found) == 0)
        continue;
      case_fail (at, (gint) i, expected != NULL ? expected : "nothing",
            found != NULL ? found : "nothing");
      break;
    }
}

static GPtrArray *
list_fields (Case *at)
{
  GPtrArray *expected = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; at->error == NULL && i < case_get_n (at); i++)
    {
      g_autofree char *json = case_write (at, &at->values[i]);

      g_ptr_array_add (expected,
                       json != NULL ? g_strdup_printf ("{\"x\":%s}", json) : g_strdup ("{}"));
    }
  return expected;
}

void
check_select (Case *at, GRand *random)
{
  const char *const names[] = { "x", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) expected = list_fields (at);
  ArborArbor *selected = arbor_arbor_select (at->view->arbor, names, &at->expr, 1, &error);

  case_check_lines (at, selected, expected, g_steal_pointer (&error));
}

/* A computed field, then one that reads it: what was late is put together. */
void
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
    for (guint i = 0; i < case_get_n (at); i++)
      if (case_get_line (at, i)[0] != '{')
        return; /* there is no place for a field */
  longer = arbor_arbor_add_fields (at->view->arbor, added, &at->expr, 1, &error);
  if (longer != NULL)
    selected = arbor_arbor_select (longer, names, &path, 1, &error);
  case_check_lines (at, selected, expected, g_steal_pointer (&error));
}

/* Groups with how many trees each has. */
void
check_groups (Case *at, GRand *random)
{
  const char *const names[] = { "k", NULL };
  const char *const figures[] = { "count", NULL };
  g_autoptr (ArborExpr) count = parse ("count()");
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) groups = NULL;
  ArborArbor *table = NULL;

  if (case_get_n (at) > 500)
    return;
  if (at->error == NULL)
    {
      g_autofree guint *firsts = case_find_firsts (at);

      for (guint i = 0; i < case_get_n (at); i++)
        {
          g_autofree char *json = case_write (at, &at->values[i]);
          guint n = 0;

          for (guint j = i; firsts[i] == i && j < case_get_n (at); j++)
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
  case_check_lines (at, table, expected, g_steal_pointer (&error));
}

/* How often each value comes, the most frequent first, then in the order of their first. */
void
check_counts (Case *at, GRand *random)
{
  guint n = case_get_n (at);
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  ArborArbor *counts;

  if (n > 500)
    return;
  if (at->error == NULL)
    {
      g_autofree guint *firsts = case_find_firsts (at);
      g_autofree guint *n_of = g_new0 (guint, n);

      for (guint i = 0; i < n; i++)
        n_of[firsts[i]]++;
      for (guint many = n; many > 0; many--)
        for (guint i = 0; i < n; i++)
          if (n_of[i] == many)
            {
              g_autofree char *json = case_write (at, &at->values[i]);

              g_ptr_array_add (expected,
                               json != NULL
                                   ? g_strdup_printf ("{\"value\":%s,\"count\":%u}", json, many)
                                   : g_strdup_printf ("{\"count\":%u}", many));
            }
    }
  counts = arbor_arbor_value_counts (at->view->arbor, at->expr, &error);
  case_check_lines (at, counts, expected, g_steal_pointer (&error));
}

