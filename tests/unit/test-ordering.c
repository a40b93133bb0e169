/* Orderings against obvious oracles: an insertion sort with the one comparator, a search of all
 * that came before, and the laws of permutations and samples. Trees are random, keys of every
 * layout.
 */

#include <string.h>

#include "base/arbor-error.h"
#include "query/order/arbor-ordering.h"
#include "query/expr/arbor-evaluator.h"
#include "kit/values.h"

#define N_PROFILES 12
#define NESTED     7
#define ALWAYS     9 /* from here on every tree has a value */

/* A source in memory, its trees also as documents of their own. */
typedef struct
{
  GPtrArray *documents;
  ArborSource *source;
  ArborSelection *all;
  ArborScope *scope;
} Data;

static void
append_scalar (GString *out, GRand *rand, guint profile)
{
  static const char *const numbers[] = {
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "9007199254740992.0",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e400",
    "-1e400",
    "1e-400",
    "-0.0",
    "0",
    "1.0",
    "1",
    "0.1",
    "1e308",
    "9223372036854775807.5",
    "-1e-400",
  };
  static const char *const strings[] = {
    "",
    "a",
    "a\\u0000",
    "a\\u0000b",
    "abcdefg",
    "abcdefgh",
    "abcdefg\\u0000",
    "abcdefgi",
    "abcdefghij",
    "\xc3\xa9",
    "z",
    "abcdef",
    "abcdefghabcdefghabcdefgh",
    "abcdefghabcdefghabcdefghi",
  };

  switch (profile)
    {
    case 0:
      g_string_append_printf (out, "%d", g_rand_int_range (rand, -20, 20));
      break;
    case 1:
      g_string_append_printf (out, "%d", (gint32)g_rand_int (rand));
      break;
    case 2:
      if (g_rand_boolean (rand))
        g_string_append_printf (out, "%d", g_rand_int_range (rand, -9, 9));
      else
        g_string_append_printf (out, "%d.5", g_rand_int_range (rand, -9, 9));
      break;
    case 3:
      g_string_append_printf (out, "\"%s\"", strings[g_rand_int_range (rand, 0, 14)]);
      break;
    case 4:
      g_string_append (out, g_rand_boolean (rand) ? "true" : "false");
      break;
    case 5:
      g_string_append (out, numbers[g_rand_int_range (rand, 0, 20)]);
      break;
    case 8:
    case 9:
      /* What they begin with, and how much fits in a word, differs from one to the other. */
      g_string_append_printf (out, "\"player%0*d%s\"", profile == 8 ? 7 : 2,
                              g_rand_int_range (rand, 0, 99),
                              profile == 8 || g_rand_boolean (rand) ? "" : "abcdefghijklmnopqrst");
      break;
    case 10:
      g_string_append_printf (out, "%.17g", (g_rand_double (rand) - 0.5) *
                                                (g_rand_boolean (rand) ? 1e-300 : 1e300));
      break;
    case 11:
      g_string_append_printf (out, "%" G_GINT64_FORMAT,
                              (gint64)((guint64)g_rand_int (rand) << 32 | g_rand_int (rand)));
      break;
    default:
      append_scalar (out, rand, (guint)g_rand_int_range (rand, 0, 6));
      break;
    }
}

static void
append_value (GString *out, GRand *rand, guint profile, guint depth)
{
  guint n = (guint)g_rand_int_range (rand, 0, 4);

  if (profile < ALWAYS && g_rand_int_range (rand, 0, 10) == 0)
    {
      g_string_append (out, "null");
      return;
    }
  if (profile != NESTED || depth > 2 || g_rand_int_range (rand, 0, 3) == 0)
    {
      append_scalar (out, rand, profile);
      return;
    }
  if (g_rand_boolean (rand))
    {
      g_string_append_c (out, '[');
      for (guint i = 0; i < n; i++)
        {
          g_string_append (out, i > 0 ? "," : "");
          append_value (out, rand, profile, depth + 1);
        }
      g_string_append_c (out, ']');
      return;
    }
  g_string_append_c (out, '{');
  for (guint i = 0; i < n; i++)
    {
      g_string_append_printf (out, "%s\"%c\":", i > 0 ? "," : "", "abc"[(i + n) % 3]);
      append_value (out, rand, profile, depth + 1);
    }
  g_string_append_c (out, '}');
}

static char *
make_tree (GRand *rand, guint a, guint b)
{
  GString *out = g_string_new ("{");

  if (a >= ALWAYS || g_rand_int_range (rand, 0, 8) > 0)
    {
      g_string_append (out, "\"a\":");
      append_value (out, rand, a, 0);
      g_string_append_c (out, ',');
    }
  if (b >= ALWAYS || g_rand_int_range (rand, 0, 8) > 0)
    {
      g_string_append (out, "\"b\":");
      append_value (out, rand, b, 0);
      g_string_append_c (out, ',');
    }
  g_string_append (out, "\"c\":0}");
  return g_string_free (out, FALSE);
}

/* @n trees in batches of at most @per_batch. */
static Data *
data_new (GRand *rand, guint n, guint per_batch, guint a, guint b)
{
  Data *self = g_new0 (Data, 1);
  GPtrArray *batches = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (GError) error = NULL;

  self->documents = g_ptr_array_new_with_free_func (document_free);
  self->scope = arbor_scope_new ();
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *json = make_tree (rand, a, b);
      Document *document = document_new (json);

      g_ptr_array_add (self->documents, document);
      arbor_batch_builder_add_tape (builder, &document->tape, ARBOR_TAPE_ROOT);
      if (i % per_batch == per_batch - 1 || i == n - 1)
        g_ptr_array_add (batches, arbor_batch_builder_finish (builder, &error));
      g_assert_no_error (error);
    }
  self->source = arbor_source_new_memory (batches, &error);
  g_assert_no_error (error);
  self->all = arbor_selection_new_all ();
  return self;
}

static void
data_free (Data *self)
{
  arbor_selection_unref (self->all);
  arbor_source_unref (self->source);
  arbor_scope_free (self->scope);
  g_ptr_array_unref (self->documents);
  g_free (self);
}

static ArborSortKeys *
make_keys (const char *const *texts, guint n, const ArborSortFlags *flags)
{
  g_autofree ArborNode **nodes = g_new0 (ArborNode *, n + 1);
  g_autoptr (GError) error = NULL;
  ArborSortKeys *keys;

  for (guint i = 0; i < n; i++)
    {
      nodes[i] = arbor_node_parse (texts[i], &error);
      g_assert_no_error (error);
    }
  keys = arbor_sort_keys_new (nodes, n, flags, flags != NULL ? n : 0, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    arbor_node_unref (nodes[i]);
  return keys;
}

/* All indices of a selection, with @error that may be NULL: then nothing may go wrong. */
static GArray *
read_all (Data *data, ArborSelection *selection, GError **error)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (guint32));
  ArborAccess access;
  guint32 piece[7];
  guint32 n_read = 7;
  gboolean is_read = TRUE;

  g_assert_true (arbor_access_begin (&access, data->source, NULL, NULL));
  while (is_read && n_read == 7)
    {
      is_read = arbor_selection_read (selection, &access, all->len, 7, piece, &n_read, NULL, error);
      g_array_append_vals (all, piece, n_read);
    }
  arbor_access_leave (&access, NULL);
  g_assert_true (is_read || error != NULL);
  return all;
}

static GArray *
run (Data *data, ArborSelection *parent, ArborOrdering *ordering)
{
  g_autoptr (ArborSelection) selection = arbor_selection_new_ordered (parent, ordering, NULL);

  return read_all (data, selection, NULL);
}

/* The keys of all trees by the row evaluator, each off its own document: tree by tree. */
static ArborValue *
evaluate_all (Data *data, ArborSortKeys *keys)
{
  ArborValue *values = g_new0 (ArborValue, data->documents->len * keys->n + 1);

  for (guint32 key = 0; key < keys->n; key++)
    {
      g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (keys->nodes[key]);

      for (guint tree = 0; tree < data->documents->len; tree++)
        {
          ArborValue root = document_on_tape (data->documents->pdata[tree]);

          arbor_evaluator_get_value_of (evaluator, &root, data->scope,
                                        &values[tree * keys->n + key]);
        }
    }
  return values;
}

/* Semantics, section 2, word by word. */
static int
compare_trees (Data *data, ArborSortKeys *keys, const ArborValue *values, guint32 a, guint32 b)
{
  int order = 0;

  for (guint32 i = 0; order == 0 && i < keys->n; i++)
    {
      const ArborValue *x = &values[a * keys->n + i];
      const ArborValue *y = &values[b * keys->n + i];
      gboolean x_is_null = x->kind == ARBOR_KIND_NULL || x->kind == ARBOR_KIND_MISSING;
      gboolean y_is_null = y->kind == ARBOR_KIND_NULL || y->kind == ARBOR_KIND_MISSING;

      order = arbor_value_compare (x, y, data->scope);
      if (x_is_null != y_is_null)
        order = x_is_null == !(keys->flags[i] & ARBOR_SORT_NULLS_FIRST) ? 1 : -1;
      else if (!x_is_null && (keys->flags[i] & ARBOR_SORT_DESCENDING) != 0)
        order = -order;
    }
  return order;
}

static GArray *
sort_slowly (Data *data, ArborSortKeys *keys, const GArray *trees)
{
  g_autofree ArborValue *values = evaluate_all (data, keys);
  GArray *sorted = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < trees->len; i++)
    {
      guint32 tree = g_array_index (trees, guint32, i);
      guint low = 0;
      guint high = sorted->len;

      /* Behind all that are not greater. */
      while (low < high)
        {
          guint middle = (low + high) / 2;

          if (compare_trees (data, keys, values, g_array_index (sorted, guint32, middle), tree) <=
              0)
            low = middle + 1;
          else
            high = middle;
        }
      g_array_insert_val (sorted, low, tree);
    }
  return sorted;
}

static void
assert_same (const GArray *found, const GArray *expected, guint n)
{
  g_assert_cmpuint (found->len, ==, MIN (expected->len, n));
  g_assert_true (found->len == 0 || memcmp (found->data, expected->data, found->len * 4ul) == 0);
}

static void
check_sorts (Data *data, GRand *rand, const char *const *texts, guint n_keys)
{
  ArborSortFlags flags[4];
  g_autoptr (ArborSortKeys) keys = NULL;
  g_autoptr (GArray) all = read_all (data, data->all, NULL);
  g_autoptr (GArray) expected = NULL;
  g_autoptr (GArray) found = NULL;
  guint cuts[] = { 0,  1, 5, 50, 3 * all->len / 4, 2 * all->len,
                   (guint)g_rand_int_range (rand, 0, 700) };

  for (guint i = 0; i < n_keys; i++)
    flags[i] = (ArborSortFlags)g_rand_int_range (rand, 0, 4);
  keys = make_keys (texts, n_keys, flags);
  expected = sort_slowly (data, keys, all);
  found = run (data, data->all, arbor_ordering_new_sort (keys));
  assert_same (found, expected, G_MAXUINT);

  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autoptr (GArray) top = run (data, data->all, arbor_ordering_new_top (keys, cuts[i]));

      assert_same (top, expected, cuts[i]);
    }
}

static void
test_sort (void)
{
  static const char *const keys[][3] = {
    { "a", NULL },          { "a", "b", NULL },
    { "b", "a", NULL },     { "lower(a)", "b", NULL },
    { "a == b", "b", "a" }, { "a + b", "lower(b)", NULL },
  };
  static const guint sizes[] = { 0, 1, 2, 30, 300, 1500 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint a = 0; a < N_PROFILES; a++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
      {
        guint b = (a + i) % N_PROFILES;
        Data *data = data_new (rand, sizes[i], 70, a, b);

        for (guint j = 0; j < G_N_ELEMENTS (keys); j++)
          if (sizes[i] < 1000 || j == a % G_N_ELEMENTS (keys))
            check_sorts (data, rand, keys[j], keys[j][1] == NULL ? 1 : keys[j][2] == NULL ? 2 : 3);
        data_free (data);
      }
}

/* Enough equal and different words for every way of ordering them. */
static void
test_sort_large (void)
{
  static const char *const keys[] = { "a", "b" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);

  for (guint a = 0; a < N_PROFILES; a++)
    {
      Data *data = data_new (rand, 5000, 3000, a, (a * 5 + 1) % N_PROFILES);

      check_sorts (data, rand, keys, 1 + (a + 1) % 2);
      data_free (data);
    }
}

static void
test_unique (void)
{
  static const char *const texts[] = { "a", "b" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);

  for (guint a = 0; a < N_PROFILES; a++)
    for (guint n_keys = 0; n_keys <= 2; n_keys++)
      {
        Data *data = data_new (rand, 400, 90, a, a / 2);
        g_autoptr (ArborSortKeys) keys = make_keys (texts, n_keys, NULL);
        g_autofree ArborValue *values = evaluate_all (data, keys);
        g_autoptr (GArray) expected = g_array_new (FALSE, FALSE, sizeof (guint32));
        g_autoptr (GArray) found = run (data, data->all, arbor_ordering_new_unique (keys));

        for (guint32 tree = 0; tree < 400; tree++)
          {
            gboolean is_new = TRUE;

            for (guint i = 0; is_new && i < expected->len; i++)
              is_new = compare_trees (data, keys, values, g_array_index (expected, guint32, i),
                                      tree) != 0;
            if (is_new)
              g_array_append_val (expected, tree);
          }
        assert_same (found, expected, G_MAXUINT);
        data_free (data);
      }
}

/* A part of what is unique is found without reading the rest; then the search goes on. */
static void
test_unique_in_part (void)
{
  static const char *const texts[] = { "a" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (10);
  Data *data = data_new (rand, 20000, 16384, 1, 0);
  g_autoptr (ArborSortKeys) keys = make_keys (texts, 1, NULL);
  g_autoptr (ArborSelection) unique =
      arbor_selection_new_ordered (data->all, arbor_ordering_new_unique (keys), NULL);
  g_autoptr (ArborSelection) head = arbor_selection_new_slice (unique, 0, 10, NULL);
  g_autoptr (GArray) first = read_all (data, head, NULL);
  g_autoptr (GString) plan = g_string_new (NULL);
  g_autoptr (GArray) all = NULL;
  g_autoptr (GArray) again = run (data, data->all, arbor_ordering_new_unique (keys));

  g_assert_cmpuint (first->len, ==, 10);
  arbor_selection_describe (unique, NULL, FALSE, plan);
  g_assert_true (g_str_has_prefix (plan->str, "unique_by a (computed in part: "));
  all = read_all (data, unique, NULL);
  assert_same (all, again, G_MAXUINT);
  assert_same (first, again, 10);
  data_free (data);
}

static int
compare_indices (gconstpointer a, gconstpointer b)
{
  return *(const guint32 *)a < *(const guint32 *)b ? -1 : 1;
}

static void
test_chance (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  Data *data = data_new (rand, 1000, 300, 0, 0);
  g_autoptr (GArray) all = read_all (data, data->all, NULL);
  g_autoptr (GArray) one = run (data, data->all, arbor_ordering_new_shuffle (1));
  g_autoptr (GArray) same = run (data, data->all, arbor_ordering_new_shuffle (1));
  g_autoptr (GArray) other = run (data, data->all, arbor_ordering_new_shuffle (2));
  const guint sizes[] = { 0, 1, 10, 999, 1000, 5000 };

  /* Computed by a program of its own: other versions and machines must find them, too. */
  const guint32 first[] = { 173, 725, 123, 392, 23 };
  const guint32 sampled[] = { 76, 198, 281, 315, 439 };

  g_assert_cmpmem (one->data, sizeof first, first, sizeof first);
  assert_same (same, one, G_MAXUINT);
  g_assert_false (memcmp (one->data, other->data, 4000) == 0);
  g_array_sort (one, compare_indices);
  g_array_sort (other, compare_indices);
  assert_same (one, all, G_MAXUINT);
  assert_same (other, all, G_MAXUINT);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GArray) sample =
          run (data, data->all, arbor_ordering_new_sample (sizes[i], 3 + i));
      g_autoptr (GArray) twin = run (data, data->all, arbor_ordering_new_sample (sizes[i], 3 + i));

      g_assert_cmpuint (sample->len, ==, MIN (sizes[i], 1000));
      assert_same (twin, sample, G_MAXUINT);
      for (guint j = 1; j < sample->len; j++)
        g_assert_cmpuint (g_array_index (sample, guint32, j - 1), <,
                          g_array_index (sample, guint32, j));
      g_assert_true (sample->len == 0 || g_array_index (sample, guint32, sample->len - 1) < 1000);
      if (sizes[i] == 10)
        g_assert_cmpmem (sample->data, sizeof sampled, sampled, sizeof sampled);
    }
  data_free (data);
}

/* Every ordering, and a filter, over the same trees. */
static ArborSelection *
make_selection (Data *data, guint kind)
{
  static const char *const texts[] = { "a", "b" };
  g_autoptr (ArborSortKeys) keys = make_keys (texts, 2, NULL);
  g_autoptr (ArborNode) predicate = arbor_node_parse ("a == a", NULL);

  switch (kind)
    {
    case 0:
      return arbor_selection_new_ordered (data->all, arbor_ordering_new_sort (keys), NULL);
    case 1:
      return arbor_selection_new_ordered (data->all, arbor_ordering_new_top (keys, 50), NULL);
    case 2:
      return arbor_selection_new_ordered (data->all, arbor_ordering_new_unique (keys), NULL);
    case 3:
      return arbor_selection_new_ordered (data->all, arbor_ordering_new_sample (700, 1), NULL);
    case 4:
      return arbor_selection_new_ordered (data->all, arbor_ordering_new_shuffle (1), NULL);
    case 5:
      /* So many that all are sorted, unless memory does not do. */
      return arbor_selection_new_ordered (data->all, arbor_ordering_new_top (keys, 1100), NULL);
    default:
      return arbor_selection_new_filter (data->all, predicate, NULL);
    }
}

/* Whatever the limit is at which memory ends: an error that names it, nothing left charged but what the
 * selection goes on with, and the right answer as soon as there is enough. */
static void
test_limits (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (12);
  Data *data = data_new (rand, 1200, 500, 3, 7);

  for (guint kind = 0; kind < 7; kind++)
    {
      g_autoptr (ArborSelection) free_one = make_selection (data, kind);
      g_autoptr (GArray) expected = read_all (data, free_one, NULL);
      g_autoptr (ArborSelection) same = make_selection (data, kind);
      gboolean is_enough = FALSE;
      guint n_failures = 0;

      for (guint64 limit = 1; !is_enough; limit += MAX (limit / 40, 64))
        {
          g_autoptr (ArborSelection) fresh = make_selection (data, kind);
          g_autoptr (GError) error = NULL;
          g_autoptr (GArray) found = NULL;
          g_autoptr (GArray) found_again = NULL;

          arbor_budget_set_limit (limit);
          found = read_all (data, fresh, &error);
          is_enough = error == NULL;
          if (!is_enough)
            {
              g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
              g_assert_nonnull (strstr (error->message, "ARBOR_QUERY_MEMORY"));
              n_failures++;
            }
          g_clear_error (&error);
          g_clear_pointer (&fresh, arbor_selection_unref);

          /* One that has failed before. */
          found_again = read_all (data, same, &error);
          if (error == NULL)
            assert_same (found_again, expected, G_MAXUINT);
          if (is_enough)
            assert_same (found, expected, G_MAXUINT);
        }
      g_assert_cmpuint (n_failures, >, 5);
      g_clear_pointer (&same, arbor_selection_unref);
      g_assert_cmpuint (arbor_budget_get_used (), ==, 0);
      arbor_budget_set_limit (0);
    }
  data_free (data);
}

static void
test_cancel (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (13);
  Data *data = data_new (rand, 1200, 500, 3, 7);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  for (guint kind = 0; kind < 7; kind++)
    {
      g_autoptr (ArborSelection) selection = make_selection (data, kind);
      g_autoptr (ArborSelection) other = make_selection (data, kind);
      g_autoptr (GArray) expected = read_all (data, other, NULL);
      g_autoptr (GArray) found = NULL;
      g_autoptr (GError) error = NULL;
      ArborAccess access;
      guint64 count = 0;

      g_assert_true (arbor_access_begin (&access, data->source, NULL, NULL));
      g_assert_false (arbor_selection_get_count (selection, &access, cancellable, &count, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      arbor_access_leave (&access, NULL);
      found = read_all (data, selection, NULL);
      assert_same (found, expected, G_MAXUINT);
    }
  g_assert_cmpuint (arbor_budget_get_used (), ==, 0);
  data_free (data);
}

/* A filter whose filter is held by nobody else is decided together with it: only what is kept. */
static void
test_fused_filters (void)
{
  static const char *const texts[] = { "a < 10", "b != a", "b > -15", "a + b > 0", "a > 0" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (14);
  Data *data = data_new (rand, 2000, 300, 0, 2);
  g_autoptr (ArborSelection) held = arbor_selection_ref (data->all);
  g_autoptr (ArborSelection) dropped = arbor_selection_ref (data->all);
  g_autoptr (GPtrArray) all_held =
      g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_selection_unref);
  g_autoptr (GArray) expected = NULL;
  g_autoptr (GArray) found = NULL;
  g_autoptr (GString) plan = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (ArborNode) predicate = arbor_node_parse (texts[i], NULL);
      ArborSelection *next = arbor_selection_new_filter (held, predicate, NULL);

      g_ptr_array_add (all_held, arbor_selection_ref (next));
      arbor_selection_unref (held);
      held = next;
      next = arbor_selection_new_filter (dropped, predicate, NULL);
      arbor_selection_unref (dropped);
      dropped = next;
    }
  expected = read_all (data, held, NULL);
  found = read_all (data, dropped, NULL);
  g_assert_cmpuint (found->len, >, 10);
  assert_same (found, expected, G_MAXUINT);

  arbor_selection_describe (dropped, NULL, FALSE, plan);
  g_assert_true (g_str_has_prefix (plan->str, "filter a < 10 (not computed)\n"
                                              "  kernel: a < 10 | reads a\n"
                                              "filter b != a (not computed)\n"));
  g_string_truncate (plan, 0);
  arbor_selection_describe (held, NULL, FALSE, plan);
  g_assert_true (g_str_has_prefix (plan->str, "filter a < 10 (computed: "));
  data_free (data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ordering/sort", test_sort);
  g_test_add_func ("/ordering/sort-large", test_sort_large);
  g_test_add_func ("/ordering/unique", test_unique);
  g_test_add_func ("/ordering/unique-in-part", test_unique_in_part);
  g_test_add_func ("/ordering/chance", test_chance);
  g_test_add_func ("/ordering/limits", test_limits);
  g_test_add_func ("/ordering/cancel", test_cancel);
  g_test_add_func ("/ordering/fused-filters", test_fused_filters);
  return g_test_run ();
}
