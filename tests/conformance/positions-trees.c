/* Positions that say which trees come, and in which order: conditions, orders, unique trees, joins, and
 * what is set in stored trees. See positions.h.
 */

#include "positions.h"

#include "batch/arbor-value-access.h"
#include "kit/operations.h"

/* Trees of the view, in the order of @indices. */
static GPtrArray *
list_trees (const Case *at, const guint *indices, guint n)
{
  GPtrArray *lines = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (lines, (gpointer) case_get_line (at, indices[i]));
  return lines;
}

void
check_filter (Case *at, GRand *random)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) filtered = arbor_arbor_filter (at->view->arbor, at->expr, &error);
  g_autofree char *text = error == NULL ? arbor_arbor_to_jsonl (filtered, &error) : NULL;
  g_autoptr (GPtrArray) expected = g_ptr_array_new ();
  g_autoptr (GError) count_error = NULL;
  guint64 n;

  for (guint i = 0; i < case_get_n (at); i++)
    if (at->values[i].kind == ARBOR_KIND_BOOL && at->values[i].boolean)
      g_ptr_array_add (expected, (gpointer) case_get_line (at, i));
  if (case_check_condition_error (at, error))
    case_check_text (at, text, expected);
  n = arbor_arbor_count_matches (at->view->arbor, at->expr, NULL, &count_error);
  if (case_check_condition_error (at, count_error))
    case_check_number (at, n, expected->len);
}

/* Places of @indices by the values, equal ones as they are. An insertion sort: slow and obvious. */
static void
sort_places (Case *at, ArborSortFlags flags, guint *places)
{
  for (guint i = 0; i < case_get_n (at); i++)
    {
      guint j = i;

      for (; j > 0; j--)
        {
          gboolean is_nothing = at->values[i].kind <= ARBOR_KIND_NULL;
          gboolean was_nothing = at->values[places[j - 1]].kind <= ARBOR_KIND_NULL;
          int order = case_compare (at, places[j - 1], i);

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

void
check_sort (Case *at, GRand *random)
{
  ArborSortFlags flags = (ArborSortFlags) g_rand_int_range (random, 0, 4);
  guint n = case_get_n (at), k = (guint) g_rand_int_range (random, 0, 30);
  g_autofree guint *places = g_new (guint, n);
  g_autoptr (GPtrArray) expected = NULL;
  g_autoptr (GError) error = NULL;
  ArborArbor *sorted;

  if (n > 500)
    return;
  if (at->error == NULL)
    sort_places (at, flags, places);
  expected = list_trees (at, places, at->error == NULL ? (k < 10 ? MIN (k + 1, n) : n) : 0);
  sorted = k < 10 ? top_of_arbor (at->view->arbor, k + 1, &at->expr, 1, &flags, 1, &error)
                  : sort_arbor (at->view->arbor, &at->expr, 1, &flags, 1, &error);
  case_check_lines (at, sorted, expected, g_steal_pointer (&error));
}

void
check_unique (Case *at, GRand *random)
{
  g_autoptr (GPtrArray) expected = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  ArborArbor *unique = NULL;

  if (case_get_n (at) > 500)
    return;
  if (at->error == NULL)
    {
      g_autofree guint *firsts = case_find_firsts (at);

      for (guint i = 0; i < case_get_n (at); i++)
        if (firsts[i] == i)
          g_ptr_array_add (expected, (gpointer) case_get_line (at, i));
    }
  unique = arbor_arbor_unique_by (at->view->arbor, &at->expr, 1, &error);
  case_check_lines (at, unique, expected, g_steal_pointer (&error));
}

/* Trees that have a value that every third one has, too. */
void
check_join (Case *at, GRand *random)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GPtrArray) expected = g_ptr_array_new ();
  g_autoptr (ArborArbor) other = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_anti = g_rand_boolean (random);
  ArborArbor *joined;
  guint n = case_get_n (at);

  /* An error of the other side would be told first. */
  if (n > 500 || at->error != NULL)
    return;
  for (guint i = 0; i < n; i++)
    {
      gboolean is_found = FALSE;

      if (i % 3 == 0)
        g_string_append_printf (lines, "%s\n", case_get_line (at, i));
      for (guint j = 0; j < n && at->values[i].kind > ARBOR_KIND_NULL; j += 3)
        is_found |= case_compare (at, i, j) == 0;
      if (is_found != is_anti)
        g_ptr_array_add (expected, (gpointer) case_get_line (at, i));
    }
  other = read_lines (lines->str);
  joined = join_arbors (at->view->arbor, other, &at->expr, 1, &at->expr, 1,
                             is_anti ? ARBOR_JOIN_KIND_ANTI : ARBOR_JOIN_KIND_SEMI, NULL, &error);
  case_check_lines (at, joined, expected, g_steal_pointer (&error));
}


/* What setting fields makes of stored trees */

/* The tree with field "s" set to @value: in its place, or at the end. */
static char *
set_field (Case *at, guint i, const ArborValue *value)
{
  g_autoptr (GString) text = g_string_new ("{");
  g_autofree char *set = case_write (at, value);
  ArborScope *scope = reference_get_scope (at->view->reference);
  gboolean is_there = FALSE;
  ArborValue tree, member;
  ArborValueIter iter;
  const char *key;
  guint32 length;

  reference_get_tree (at->view->reference, i, &tree);
  if (tree.kind != ARBOR_KIND_OBJECT)
    return g_strdup (case_get_line (at, i));
  arbor_value_iter_init (&iter, &tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    {
      gboolean is_it = length == 1 && key[0] == 's';
      g_autofree char *json = case_write (at, is_it ? value : &member);
      ArborValue name = { .kind = ARBOR_KIND_STRING, .text = key, .length = length };
      g_autofree char *key_text = case_write (at, &name);

      is_there |= is_it;
      if (json != NULL)
        g_string_append_printf (text, "%s%s:%s", text->len > 1 ? "," : "", key_text, json);
    }
  if (!is_there && set != NULL)
    g_string_append_printf (text, "%s\"s\":%s", text->len > 1 ? "," : "", set);
  g_string_append_c (text, '}');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Whether tree @i is one of those whose field is set. */
static gboolean
is_chosen (Case *at, guint i)
{
  ArborScope *scope = reference_get_scope (at->view->reference);
  ArborValue tree;

  reference_get_tree (at->view->reference, i, &tree);
  arbor_value_get_member (&tree, "n", 1, scope, &tree);
  return tree.kind == ARBOR_KIND_INT64 && tree.int64 % 2 == 0;
}

/* The expression is the condition, or the value that a field is set to where another condition holds. */
void
check_update (Case *at, GRand *random)
{
  const char *const names[] = { "s", NULL };
  const char *stored = "changed";
  gboolean is_condition = g_rand_boolean (random);
  g_autoptr (ArborExpr) other = parse (is_condition ? "17" : "n mod 2 == 0");
  const ArborValue seventeen = { .kind = ARBOR_KIND_INT64, .int64 = 17 };
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) result = NULL;
  g_autofree char *text = NULL;
  guint64 n, n_changed = 0;

  if (!at->view->is_base)
    return;
  put_arbor (at->store, stored, at->view->arbor);
  at->error = is_condition ? at->error : NULL;
  for (guint i = 0; i < case_get_n (at); i++)
    {
      gboolean is_set = is_condition ? at->values[i].kind == ARBOR_KIND_BOOL && at->values[i].boolean
                                     : is_chosen (at, i);

      if (!is_condition && is_set && at->error == NULL)
        at->error = at->errors[i];
      g_ptr_array_add (expected,
                       is_set ? set_field (at, i, is_condition ? &seventeen : &at->values[i])
                              : g_strdup (case_get_line (at, i)));
      n_changed += strcmp (expected->pdata[i], case_get_line (at, i)) != 0;
    }
  n = arbor_store_update_where (at->store, stored, is_condition ? at->expr : other, names,
                                is_condition ? &other : &at->expr, 1, NULL, &error);
  if (!(is_condition ? case_check_condition_error (at, error) : case_check_error (at, error)))
    return;
  case_check_number (at, n, n_changed);
  result = get_arbor (at->store, stored);
  text = arbor_arbor_to_jsonl (result, &error);
  g_assert_no_error (error);
  case_check_text (at, text, expected);
}
