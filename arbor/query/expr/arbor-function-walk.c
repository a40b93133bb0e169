/* Functions whose second argument is evaluated for each element of the first: it comes as an array
 * of as many values, in the same order.
 */

#include "query/expr/arbor-function-private.h"

#include "batch/arbor-value-access.h"

/* What is sorted before it is asked whether to stop. */
#define SORT_RUN 4096u

/* The array, and what each element gave: the elements themselves where that is left out. */
static gboolean
read_arguments (const ArborNode *call, const ArborValue *arguments, ArborScope *scope,
                ArborValue **list, const ArborValue **keys, guint32 *n)
{
  const ArborValue *given = call->n_arguments > 1 ? &arguments[1] : NULL;

  if (arguments->kind != ARBOR_KIND_ARRAY || (given != NULL && given->kind != ARBOR_KIND_ARRAY))
    return FALSE;
  *list = arbor_function_read_list (arguments, scope, n);
  if (*list == NULL)
    return FALSE;

  *keys = *list;
  if (given != NULL)
    {
      *keys = given->holder;
      *n = MIN (*n, given->index); /* damaged data */
    }
  return TRUE;
}

ARBOR_FUNCTION (map)
{
  ArborValue *list;
  guint32 n;

  *result = ARBOR_VALUE_NULL;
  if (arguments[0].kind != ARBOR_KIND_ARRAY || arguments[1].kind != ARBOR_KIND_ARRAY)
    return;
  list = arbor_function_read_list (&arguments[1], scope, &n);
  if (list != NULL)
    arbor_function_set_list (list, n, result);
}

ARBOR_FUNCTION (filter)
{
  const ArborValue *keys;
  ArborValue *list;
  guint32 n, n_kept = 0;

  *result = ARBOR_VALUE_NULL;
  if (!read_arguments (call, arguments, scope, &list, &keys, &n))
    return;
  for (guint32 i = 0; i < n; i++)
    if (arbor_value_is_true (&keys[i]))
      list[n_kept++] = list[i];
  arbor_function_set_list (list, n_kept, result);
}

static void
find_extreme (const ArborNode *call, const ArborValue *arguments, int sign, ArborScope *scope,
              ArborValue *result)
{
  const ArborValue *keys;
  const ArborValue *best = NULL;
  ArborValue *list;
  guint32 n;

  *result = ARBOR_VALUE_NULL;
  if (!read_arguments (call, arguments, scope, &list, &keys, &n))
    return;
  for (guint32 i = 0; i < n && !arbor_scope_is_stopped (scope); i++)
    if (!arbor_value_is_null (&keys[i]) &&
        (best == NULL || arbor_value_compare (&keys[i], best, scope) * sign > 0))
      {
        best = &keys[i];
        *result = list[i];
      }
}

ARBOR_FUNCTION (min_by)
{
  find_extreme (call, arguments, -1, scope, result);
}

ARBOR_FUNCTION (max_by)
{
  find_extreme (call, arguments, 1, scope, result);
}

/* The first element of each key, by an open hash table of indices. */
ARBOR_FUNCTION (unique)
{
  const ArborValue *keys;
  ArborValue *list;
  guint32 *slots;
  guint32 n, n_slots = 16, n_kept = 0;

  *result = ARBOR_VALUE_NULL;
  if (!read_arguments (call, arguments, scope, &list, &keys, &n))
    return;
  while (n_slots / 2 < n)
    n_slots *= 2;
  slots = arbor_scope_try_alloc (scope, (gsize)n_slots * sizeof (guint32));
  if (slots == NULL)
    return;
  if (keys == list) /* which is written over */
    {
      guint32 n_again;

      keys = arbor_function_read_list (arguments, scope, &n_again);
      if (keys == NULL)
        return;
    }

  memset (slots, 0, (gsize)n_slots * sizeof (guint32));
  for (guint32 i = 0; i < n && !arbor_scope_is_stopped (scope); i++)
    {
      guint32 slot = (guint32)arbor_value_hash (&keys[i], scope) & (n_slots - 1);

      while (slots[slot] != 0 && !arbor_value_equal (&keys[slots[slot] - 1], &keys[i], scope))
        slot = (slot + 1) & (n_slots - 1);
      if (slots[slot] != 0)
        continue;
      slots[slot] = i + 1;
      list[n_kept++] = list[i];
    }
  arbor_function_set_list (list, n_kept, result);
}

typedef struct
{
  ArborValue key;
  ArborValue element;
} Pair;

typedef struct
{
  ArborScope *scope;
  gboolean descends;
} Order;

/* Null and missing keys are last either way. */
static int
compare_pairs (gconstpointer a, gconstpointer b, gpointer data)
{
  const Pair *x = a;
  const Pair *y = b;
  const Order *order = data;
  gboolean x_is_null = arbor_value_is_null (&x->key);
  gboolean y_is_null = arbor_value_is_null (&y->key);

  if (x_is_null || y_is_null)
    return x_is_null - y_is_null;
  return order->descends ? arbor_value_compare (&y->key, &x->key, order->scope)
                         : arbor_value_compare (&x->key, &y->key, order->scope);
}

static int
compare_places (gconstpointer a, gconstpointer b, gpointer data)
{
  return compare_pairs (*(const Pair *const *)a, *(const Pair *const *)b, data);
}

/* Those before @middle and the others, each in order. */
static gboolean
merge (const Pair **from, guint32 middle, guint32 n, Order *order, const Pair **to)
{
  guint32 left = 0, right = middle;

  for (guint32 i = 0; i < n; i++)
    {
      if (arbor_scope_is_stopped (order->scope))
        return FALSE;
      if (left < middle &&
          (right == n || compare_pairs (from[left], from[right], order) <= 0))
        to[i] = from[left++];
      else
        to[i] = from[right++];
    }
  return TRUE;
}

/* Stable. FALSE when it is to stop, which no comparison could tell a sort of the C library. */
static gboolean
sort_places (const Pair **places, guint32 n, Order *order)
{
  g_autofree const Pair **merged = g_new (const Pair *, (gsize)n + 1);

  for (guint32 at = 0; at < n; at += MIN (SORT_RUN, n - at))
    {
      if (arbor_scope_is_stopped (order->scope))
        return FALSE;
      g_qsort_with_data (places + at, (int)MIN (SORT_RUN, n - at), sizeof *places, compare_places,
                         order);
    }
  for (guint64 width = SORT_RUN; width < n; width *= 2)
    {
      for (guint64 at = 0; at < n; at += width * 2)
        if (!merge (places + at, (guint32)MIN (width, n - at), (guint32)MIN (width * 2, n - at),
                    order, merged + at))
          return FALSE;
      memcpy (places, merged, n * sizeof *places);
    }
  return TRUE;
}

ARBOR_FUNCTION (sort)
{
  Order order = { .scope = scope };
  g_autofree const Pair **places = NULL;
  const ArborValue *keys;
  ArborValue *list;
  Pair *pairs;
  guint32 n;

  *result = ARBOR_VALUE_NULL;
  if (call->n_arguments > 2)
    {
      if (arguments[2].kind != ARBOR_KIND_BOOL)
        return;
      order.descends = !!arguments[2].boolean;
    }
  if (!read_arguments (call, arguments, scope, &list, &keys, &n) || n > G_MAXINT32)
    return;
  pairs = arbor_scope_try_alloc (scope, (gsize)n * sizeof (Pair));
  if (pairs == NULL)
    return;

  places = g_new (const Pair *, (gsize)n + 1);
  for (guint32 i = 0; i < n; i++)
    {
      pairs[i] = (Pair){ .key = keys[i], .element = list[i] };
      places[i] = &pairs[i];
    }
  if (!sort_places (places, n, &order))
    return;
  for (guint32 i = 0; i < n; i++)
    list[i] = places[i]->element;
  arbor_function_set_list (list, n, result);
}
