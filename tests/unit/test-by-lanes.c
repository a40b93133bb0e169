/* Whatever is grouped, aggregated, told apart, ordered or counted by paths of fields is read from
 * lanes where that can be done. Here each such operation is done a second time with the same paths
 * inside of an expression, `when true then PATH otherwise 0`, which is evaluated tree by tree: both
 * must give the same text. Trees are random, of one kind or of several at a path, nested, with null
 * and without a value; they lie in several batches, and are read whole and through views. Groups and
 * aggregates are found a third time by several threads, which take few trees at a time.
 */

#include "kit/arbors.h"
#include "kit/operations.h"

#include "base/arbor-pool.h"
#include "query/view/arbor-share.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  GRand *rand;
} Maker;

static void
append_string (Maker *self, GString *out, guint n)
{
  g_string_append_printf (out, "\"%s%d\"", g_rand_boolean (self->rand) ? "name" : "",
                          g_rand_int_range (self->rand, 0, (gint)n));
}

/* A value of kind @kind: of narrow and wide integers, few and many strings, and so on. */
static void
append_value (Maker *self, GString *out, guint kind)
{
  static const char *const odd[] = { "-0.0",  "0",  "0.0",  "1",    "1.0", "18446744073709551615",
                                     "1e400", "-3", "true", "null", "[1]", "{\"x\":1}",
                                     "\"\"",  "1e300" };
  GRand *rand = self->rand;

  switch (kind)
    {
    case 0:
      g_string_append_printf (out, "%d", g_rand_int_range (rand, 1850, 1990));
      break;
    case 1:
      g_string_append_printf (out, "%d", g_rand_int_range (rand, -40000, 40000));
      break;
    case 2:
      g_string_append_printf (out, "%" G_GINT64_FORMAT,
                              (gint64) ((guint64) g_rand_int (rand) << 32 | g_rand_int (rand)));
      break;
    case 3:
      append_string (self, out, 5);
      break;
    case 4:
      append_string (self, out, 1000000);
      break;
    case 5:
      g_string_append (out, g_rand_boolean (rand) ? "true" : "false");
      break;
    case 6:
      g_string_append_printf (out, "%d.%d", g_rand_int_range (rand, -3, 3),
                              g_rand_int_range (rand, 0, 3));
      break;
    case 7:
      g_string_append_printf (out, "%.17g", g_rand_double (rand) * 1e10);
      break;
    case 8:
      g_string_append (out, "7");
      break;
    default:
      g_string_append (out, odd[g_rand_int_range (rand, 0, G_N_ELEMENTS (odd))]);
      break;
    }
}

#define N_KINDS 10

/* Field @name: mostly of kind @kind, with holes for half of the @modes. */
static void
append_field (Maker *self, GString *out, const char *name, guint kind, guint mode)
{
  gint chance = g_rand_int_range (self->rand, 0, 10);

  if (mode > 0 && chance == 0)
    return;
  g_string_append_printf (out, ",\"%s\":", name);
  if (mode > 0 && chance == 1)
    g_string_append (out, "null");
  else if (mode == 2 && chance < 4)
    append_value (self, out, (kind + 1) % N_KINDS);
  else
    append_value (self, out, kind);
}

static char *
make_lines (Maker *self, guint n, const guint *kinds, guint mode)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      g_string_append_printf (out, "{\"id\":%u", i);
      append_field (self, out, "a", kinds[0], mode);
      append_field (self, out, "b", kinds[1], mode);
      if (mode == 0 || g_rand_int_range (self->rand, 0, 5) > 0)
        {
          g_string_append (out, ",\"n\":{\"x\":0");
          append_field (self, out, "c", kinds[2], mode);
          g_string_append_c (out, '}');
        }
      else if (g_rand_boolean (self->rand))
        {
          g_string_append (out, ",\"n\":5");
        }
      if (mode == 1)
        {
          g_string_append (out, ",\"list\":[0");
          for (gint j = g_rand_int_range (self->rand, 0, 4); j > 0; j--)
            {
              g_string_append_c (out, ',');
              append_value (self, out, kinds[2]);
            }
          g_string_append (out, ",{\"y\":7}]");
        }
      g_string_append (out, "}\n");
    }
  return g_string_free (out, FALSE);
}

static ArborArbor *
make_arbor (Maker *self, guint n_batches, guint n, const guint *kinds, guint mode)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  ArborArbor *all;

  for (guint i = 0; i < n_batches; i++)
    {
      g_autofree char *lines = make_lines (self, n, kinds, mode);
      g_autoptr (GBytes) bytes = g_bytes_new (lines, strlen (lines));

      g_ptr_array_add (parts, arbor_read_jsonl (bytes, &error));
      g_assert_no_error (error);
    }
  all = arbor_arbor_concat ((ArborArbor **) parts->pdata, parts->len, &error);
  g_assert_no_error (error);
  return all;
}

static ArborExpr *
make_expr (const char *format, const char *path, gboolean by_rows)
{
  g_autofree char *inner =
      by_rows ? g_strdup_printf ("when true then %s otherwise 0", path) : g_strdup (path);
  g_autoptr (GString) text = g_string_new (format);
  g_autoptr (GError) error = NULL;
  ArborExpr *expr;

  g_string_replace (text, "%", inner, 0);
  expr = arbor_expr_parse (text->str, &error);
  g_assert_no_error (error);
  return expr;
}

static char *
take_text (ArborArbor *taken)
{
  g_autoptr (ArborArbor) arbor = taken;
  g_autoptr (GError) error = NULL;
  char *text = arbor_arbor_to_jsonl (arbor, &error);

  g_assert_no_error (error);
  return text;
}

static const char *const paths[] = { "a", "b", "n.c" };

#define MAX_KEYS 3

static void
make_keys (ArborExpr **keys, guint first, guint n, gboolean by_rows)
{
  for (guint i = 0; i < n; i++)
    keys[i] = make_expr ("%", paths[(first + i) % G_N_ELEMENTS (paths)], by_rows);
}

static void
free_exprs (ArborExpr **exprs, guint n)
{
  for (guint i = 0; i < n; i++)
    g_object_unref (exprs[i]);
}

static const char *const aggregates[] = {
  "count(%)", "sum(%)",    "mean(%)",          "min(%)", "max(%)", "first(%)", "last(%)",
  "std(%)",   "median(%)", "quantile(%, 0.3)", "any(%)", "all(%)", "collect(%)",
};

/* Instead of the first ones, when asked for: with these, other ways are gone. */
static const char *const different[] = { "n_unique(%)", "collect_unique(%)" };
static gboolean asks_different;

static const char *
get_aggregate (guint i)
{
  return asks_different && i < G_N_ELEMENTS (different) ? different[i] : aggregates[i];
}

#define N_AGGREGATES G_N_ELEMENTS (aggregates)
#define N_FIELDS     (1 + N_AGGREGATES * G_N_ELEMENTS (paths))

/* Every aggregate of every path. */
static void
make_aggregates (char **names, ArborExpr **exprs, gboolean by_rows)
{
  guint n = 0;

  names[n] = g_strdup ("trees");
  exprs[n++] = make_expr ("count()", "", by_rows);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    for (guint j = 0; j < N_AGGREGATES; j++)
      {
        names[n] = g_strdup_printf ("%s of %s", get_aggregate (j), paths[i]);
        exprs[n++] = make_expr (get_aggregate (j), paths[i], by_rows);
      }
  names[n] = NULL;
}

static char *
group (ArborArbor *arbor, guint first, guint n_keys, gboolean by_rows)
{
  const char *names[MAX_KEYS + 1] = { "k0", "k1", "k2", NULL };
  char *fields[N_FIELDS + 1];
  ArborExpr *keys[MAX_KEYS], *exprs[N_FIELDS];
  g_autoptr (ArborGroups) groups = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *trees = NULL;
  guint64 n_groups;

  names[n_keys] = NULL;
  make_keys (keys, first, n_keys, by_rows);
  make_aggregates (fields, exprs, by_rows);
  groups = arbor_arbor_group_by (arbor, names, keys, n_keys, &error);
  g_assert_no_error (error);
  trees = take_text (arbor_groups_aggregate (groups, (const char *const *) fields, exprs, N_FIELDS,
                                             &error));
  g_string_append (text, trees);
  n_groups = (guint64) arbor_groups_get_n_groups (groups, &error);
  for (guint64 i = 0; i < MIN (n_groups, 5); i++)
    {
      g_autofree char *members = take_text (arbor_groups_get_members (groups, i, &error));

      g_string_append (text, members);
    }
  free_exprs (keys, n_keys);
  free_exprs (exprs, N_FIELDS);
  for (guint i = 0; i < N_FIELDS; i++)
    g_free (fields[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
aggregate_all (ArborArbor *arbor, gboolean by_rows)
{
  char *fields[N_FIELDS + 1];
  ArborExpr *exprs[N_FIELDS];
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (GError) error = NULL;
  char *text;

  make_aggregates (fields, exprs, by_rows);
  tree = arbor_arbor_aggregate (arbor, (const char *const *) fields, exprs, N_FIELDS, NULL, &error);
  g_assert_no_error (error);
  text = arbor_tree_to_json (tree, &error);
  g_assert_no_error (error);
  free_exprs (exprs, N_FIELDS);
  for (guint i = 0; i < N_FIELDS; i++)
    g_free (fields[i]);
  return text;
}

static char *
order (ArborArbor *arbor, guint first, guint n_keys, guint k, guint flags, gboolean by_rows)
{
  ArborSortFlags each[MAX_KEYS];
  ArborExpr *keys[MAX_KEYS];
  g_autoptr (GError) error = NULL;
  char *text;

  make_keys (keys, first, n_keys, by_rows);
  for (guint i = 0; i < n_keys; i++)
    each[i] = (ArborSortFlags) ((flags >> (2 * i)) & 3);
  text = take_text (k > 0 ? top_of_arbor (arbor, k, keys, n_keys, each, n_keys, &error)
                          : sort_arbor (arbor, keys, n_keys, each, n_keys, &error));
  free_exprs (keys, n_keys);
  return text;
}

static char *
make_unique (ArborArbor *arbor, guint first, guint n_keys, gboolean by_rows)
{
  ArborExpr *keys[MAX_KEYS];
  char *text;

  make_keys (keys, first, n_keys, by_rows);
  text = take_text (arbor_arbor_unique_by (arbor, keys, n_keys, NULL));
  free_exprs (keys, n_keys);
  return text;
}

static char *
summarise (ArborArbor *arbor, guint path, gboolean is_histogram, gboolean by_rows)
{
  g_autoptr (ArborExpr) expr = make_expr ("%", paths[path], by_rows);

  return take_text (is_histogram ? arbor_arbor_histogram (arbor, expr, 7, NULL)
                                 : arbor_arbor_value_counts (arbor, expr, NULL));
}

/* Of a view in the same order as the arbor, batches are not whole. */
static void
check_description (ArborArbor *arbor)
{
  g_autoptr (ArborExpr) all = arbor_expr_parse ("true", NULL);
  g_autoptr (ArborArbor) view = arbor_arbor_filter (arbor, all, NULL);
  g_autofree char *by_lanes = take_text (arbor_arbor_describe (arbor, NULL, NULL));
  g_autofree char *by_rows = take_text (arbor_arbor_describe (view, NULL, NULL));

  g_assert_cmpstr (by_lanes, ==, by_rows);
}

/* Parts of @n_trees, by @n_threads. */
static void
share_out (guint32 n_trees, guint n_threads)
{
  arbor_share_set_part (n_trees);
  arbor_pool_set_n_threads (n_threads);
}

static void
check_groups (ArborArbor *arbor, guint first, guint n_keys, GRand *rand)
{
  g_autofree char *all = NULL;
  g_autofree char *one_key = NULL;
  g_autofree char *keys = NULL;

  asks_different = g_rand_boolean (rand);
  all = aggregate_all (arbor, TRUE);
  one_key = group (arbor, first, 1, TRUE);
  keys = group (arbor, first, n_keys, TRUE);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *all_again = NULL;
      g_autofree char *one_key_again = NULL;
      g_autofree char *keys_again = NULL;

      share_out (i == 0 ? 0 : (guint32) g_rand_int_range (rand, 5, 200), 1 + i);
      all_again = aggregate_all (arbor, FALSE);
      one_key_again = group (arbor, first, 1, FALSE);
      keys_again = group (arbor, first, n_keys, FALSE);
      g_assert_cmpstr (all_again, ==, all);
      g_assert_cmpstr (one_key_again, ==, one_key);
      g_assert_cmpstr (keys_again, ==, keys);
    }
  share_out (0, 1);
}

/* Trees that consist of expressions, as text, before any of them is made and after. */
static char *
write_selected (ArborArbor *arbor, gboolean as_csv, gboolean by_rows)
{
  const char *names[] = { "first", "second", "third", NULL };
  g_autoptr (ArborExpr) first = arbor_expr_new_path (paths[0], NULL);
  g_autoptr (ArborExpr) second = arbor_expr_parse ("concat (b, '-', id)", NULL);
  g_autoptr (ArborExpr) third = arbor_expr_parse ("if_null (n.c / 3, b)", NULL);
  ArborExpr *expressions[] = { first, second, third };
  g_autoptr (ArborArbor) selected = arbor_arbor_select (arbor, names, expressions, 3, NULL);

  if (by_rows)
    g_assert_true (arbor_arbor_compute (selected, NULL, NULL, NULL, NULL));
  return as_csv ? arbor_arbor_to_csv (selected, NULL) : arbor_arbor_to_json (selected, NULL);
}

#define N_TEXTS 10u

/* What orders, sets and counts of the arbor come to, and its own texts. */
static void
list_texts (ArborArbor *arbor, guint first, guint n_keys, guint flags, gboolean by_rows,
            char *texts[N_TEXTS])
{
  texts[0] = order (arbor, first, n_keys, 0, flags, by_rows);
  texts[1] = order (arbor, first, 1, 3, flags, by_rows);
  texts[2] = order (arbor, first, n_keys, 20, flags, by_rows);
  texts[3] = make_unique (arbor, first, n_keys, by_rows);
  texts[4] = summarise (arbor, first, FALSE, by_rows);
  texts[5] = summarise (arbor, first, TRUE, by_rows);
  texts[6] = arbor_arbor_to_json (arbor, NULL);
  texts[7] = arbor_arbor_to_csv (arbor, NULL);
  texts[8] = write_selected (arbor, FALSE, by_rows);
  texts[9] = write_selected (arbor, TRUE, by_rows);
}

static void
check (ArborArbor *arbor, GRand *rand)
{
  char *by_rows[N_TEXTS];
  guint first = (guint) g_rand_int_range (rand, 0, G_N_ELEMENTS (paths));
  guint n_keys = (guint) g_rand_int_range (rand, 1, MAX_KEYS + 1);
  guint flags = g_rand_int (rand);

  share_out (0, 1);
  check_groups (arbor, first, n_keys, rand);
  list_texts (arbor, first, n_keys, flags, TRUE, by_rows);
  for (guint i = 0; i < 3; i++)
    {
      char *by_lanes[N_TEXTS];

      share_out (i == 0 ? 0 : (guint32) g_rand_int_range (rand, 5, 200), 1 + i * 2);
      list_texts (arbor, first, n_keys, flags, FALSE, by_lanes);
      for (guint j = 0; j < N_TEXTS; j++)
        {
          g_assert_cmpstr (by_lanes[j], ==, by_rows[j]);
          g_free (by_lanes[j]);
        }
    }
  for (guint j = 0; j < N_TEXTS; j++)
    g_free (by_rows[j]);
  share_out (0, 1);
}

/* Views that batches are not read whole through: in order with gaps, a part, backwards, mixed up,
 * some trees several times. */
static ArborArbor *
make_view (ArborArbor *arbor, guint which, GRand *rand)
{
  g_autoptr (ArborExpr) third = arbor_expr_parse ("id mod 3 != 0", NULL);
  g_autoptr (ArborExpr) few = arbor_expr_parse ("id mod 17 == 0", NULL);
  guint64 indices[1000];
  gint n = (gint) arbor_arbor_get_n_trees (arbor, NULL);

  switch (which)
    {
    case 0:
      return g_object_ref (arbor);
    case 1:
      return arbor_arbor_filter (arbor, third, NULL);
    case 2:
      return arbor_arbor_filter (arbor, few, NULL);
    case 3:
      return arbor_arbor_slice (arbor, 77, (guint64) n - 100, NULL);
    case 4:
      return arbor_arbor_reverse (arbor, NULL);
    case 5:
      return arbor_arbor_shuffle (arbor, 5, NULL);
    default:
      for (guint i = 0; i < G_N_ELEMENTS (indices); i++)
        indices[i] = (guint64) g_rand_int_range (rand, 0, MIN (n, 300));
      return arbor_arbor_take (arbor, indices, G_N_ELEMENTS (indices), NULL);
    }
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (31);
  Maker maker = { .rand = rand };
  const char *rounds = g_getenv ("ARBOR_LANES_ROUNDS");
  guint n_rounds = rounds != NULL ? (guint) atoi (rounds) : N_KINDS;

  for (guint i = 0; i < n_rounds; i++)
    for (guint mode = 0; mode < 3; mode++)
      {
        const guint kinds[] = { i % N_KINDS, (guint) g_rand_int_range (rand, 0, N_KINDS),
                                (guint) g_rand_int_range (rand, 0, N_KINDS) };
        g_autoptr (ArborArbor) arbor =
            make_arbor (&maker, 3, 350 + (guint) g_rand_int_range (rand, 0, 50), kinds, mode);
        g_autoptr (ArborArbor) view =
            make_view (arbor, (guint) g_rand_int_range (rand, 1, 7), rand);

        check (arbor, rand);
        check (view, rand);
        check_description (arbor);
      }
}

/* Batches that differ in what they have at a path: numbers for keys of one are not those of the
 * next. */
static void
test_changing_batches (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (32);
  Maker maker = { .rand = rand };
  g_autoptr (ArborArbor) all = NULL;
  ArborArbor *parts[2 * N_KINDS];

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      const guint kinds[] = { i / 2, (i + 3) % N_KINDS, i % 5 };

      parts[i] = make_arbor (&maker, 1, 120, kinds, i % 3);
    }
  all = arbor_arbor_concat (parts, G_N_ELEMENTS (parts), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_object_unref (parts[i]);
  for (guint i = 0; i < 7; i++)
    {
      g_autoptr (ArborArbor) view = make_view (all, i, rand);

      check (view, rand);
    }
}

/* A whole batch of many trees, and sums that pass 64 bits. */
static void
test_large (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (33);
  Maker maker = { .rand = rand };

  for (guint i = 0; i < 3; i++)
    {
      const guint kinds[] = { i, 2 - i % 2, 3 + i };
      g_autoptr (ArborArbor) arbor = make_arbor (&maker, 2, 9000, kinds, i % 2);

      check (arbor, rand);
      check_description (arbor);
    }
}

/* Stopping in the middle of what several threads do */

typedef struct
{
  ArborStore *store; /* to be closed, or */
  GCancellable *cancellable;
  gulong delay;
} Stopper;

static gpointer
stop_later (gpointer data)
{
  const Stopper *self = data;

  g_usleep (self->delay);
  if (self->store != NULL)
    arbor_store_close (self->store);
  else
    g_cancellable_cancel (self->cancellable);
  return NULL;
}

/* Each of these goes to the end or tells why not. */
static void
do_shared (ArborArbor *arbor, guint which, GCancellable *cancellable, GError **error)
{
  const char *names[] = { "n", NULL }, *key_names[] = { "k", NULL };
  g_autoptr (ArborExpr) key = arbor_expr_parse ("a", NULL);
  g_autoptr (ArborExpr) count = arbor_expr_parse ("count ()", NULL);
  ArborExpr *keys[] = { key }, *counts[] = { count };
  g_autoptr (ArborArbor) made = NULL;
  g_autoptr (ArborGroups) groups = NULL;
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();

  switch (which)
    {
    case 0:
      made = arbor_arbor_sort_by (arbor, keys, 1, NULL, error);
      break;
    case 1:
      groups = arbor_arbor_group_by (arbor, key_names, keys, 1, error);
      made = groups != NULL ? arbor_groups_aggregate (groups, names, counts, 1, error) : NULL;
      break;
    case 2:
      made = join_arbors (arbor, arbor, keys, 1, keys, 1, ARBOR_JOIN_KIND_SEMI, "_r", error);
      break;
    default:
      arbor_arbor_save (arbor, stream, ARBOR_FORMAT_JSONL, cancellable, error);
      return;
    }
  if (made != NULL)
    arbor_arbor_compute (made, NULL, NULL, cancellable, error);
}

static void
test_stopping (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "stop.arbor", NULL);
  g_autoptr (ArborArbor) arbor = NULL;

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, "{\"id\":%u,\"a\":%u,\"b\":\"text %u\"}\n", i, i * 7919 % 10007, i);
  arbor = read_lines (text->str);
  share_out (100, 4);
  for (guint i = 0; i < 64; i++)
    {
      g_autoptr (ArborStore) store = open_store (path);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Stopper stopper = { i % 2 == 0 ? store : NULL, cancellable, i / 8 * 1500 };
      g_autoptr (ArborArbor) stored = NULL;
      g_autoptr (GError) error = NULL;
      GThread *thread;

      if (i == 0)
        put_arbor (store, "trees", arbor);
      stored = get_arbor (store, "trees");
      thread = g_thread_new ("stop", stop_later, &stopper);
      do_shared (stored, i / 2 % 4, cancellable, &error);
      g_thread_join (thread);
      if (error != NULL && i % 2 == 0)
        g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
      else if (error != NULL)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      arbor_store_close (store);
    }
  share_out (0, 1);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/by-lanes/random", test_random);
  g_test_add_func ("/by-lanes/changing-batches", test_changing_batches);
  g_test_add_func ("/by-lanes/large", test_large);
  g_test_add_func ("/by-lanes/stopping", test_stopping);
  return g_test_run ();
}
