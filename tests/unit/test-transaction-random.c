/* Transactions against others and against a model. The oracle of the counter is a sum, that of the
 * random transactions a table of strings: what each name must have, one character for each tree.
 */

#include "kit/transactions.h"

/* The loop that documentation tells to write: many who add one to a counter lose none. */

typedef struct
{
  ArborStore *store;
  guint n_conflicts;
} Adder;

#define N_ADDERS 4
#define N_ADDED  25

static gboolean
try_add (ArborStore *store, GError **error)
{
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, error);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborArbor) fresh = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autofree char *text = NULL;
  gint64 count = 0;

  if (transaction == NULL)
    return FALSE;
  arbor = arbor_transaction_get (transaction, "counter", error);
  if (arbor == NULL || (tree = arbor_arbor_get (arbor, 0, error)) == NULL)
    return FALSE;
  count = arbor_tree_get_int64 (tree, "n", error);
  text = g_strdup_printf ("{\"n\":%" G_GINT64_FORMAT "}", count + 1);
  fresh = read_lines (text);
  return arbor_transaction_put (transaction, "counter", fresh, NULL, error) &&
         arbor_transaction_commit (transaction, NULL, error);
}

static gpointer
add_many (gpointer data)
{
  Adder *self = data;

  for (guint i = 0; i < N_ADDED;)
    {
      g_autoptr (GError) error = NULL;

      if (try_add (self->store, &error))
        i++;
      else if (g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT) ||
               g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_STALE))
        self->n_conflicts++;
      else
        g_assert_no_error (error);
    }
  return NULL;
}

static void
test_counter (Fixture *fixture, gconstpointer data)
{
  Adder adders[N_ADDERS] = { { NULL } };
  GThread *threads[N_ADDERS];
  g_autofree char *expected = g_strdup_printf ("{\"n\":%d}\n", N_ADDERS * N_ADDED);

  put_lines (fixture->store, "counter", "{\"n\":0}");
  for (guint i = 0; i < N_ADDERS; i++)
    {
      adders[i].store = i % 2 == 0 ? fixture->store : fixture->other;
      threads[i] = g_thread_new ("adder", add_many, &adders[i]);
    }
  for (guint i = 0; i < N_ADDERS; i++)
    g_thread_join (threads[i]);
  assert_stored (fixture->store, "counter", expected);
}

/* Random transactions. */

static const char *const NAMES[] = { "a", "b", "c", "d" };

static char *
to_jsonl (const char *trees)
{
  GString *text = g_string_new (NULL);

  for (; *trees != '\0'; trees++)
    g_string_append_printf (text, "\"%c\"\n", *trees);
  return g_string_free (text, FALSE);
}

static char *
random_trees (GRand *random)
{
  guint n = (guint)g_rand_int_range (random, 0, 5);
  GString *trees = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_c (trees, (char)g_rand_int_range (random, 'a', 'z' + 1));
  return g_string_free (trees, FALSE);
}

/* @model: name -> trees */
static void
random_step (ArborTransaction *transaction, GHashTable *model, GRand *random)
{
  const char *name = NAMES[g_rand_int_range (random, 0, G_N_ELEMENTS (NAMES))];
  const char *other = NAMES[g_rand_int_range (random, 0, G_N_ELEMENTS (NAMES))];
  const char *old = g_hash_table_lookup (model, name);
  g_autofree char *trees = random_trees (random);
  g_autofree char *text = to_jsonl (trees);

  switch (g_rand_int_range (random, 0, 6))
    {
    case 0:
      put (transaction, name, text);
      g_hash_table_insert (model, g_strdup (name), g_strdup (trees));
      break;

    case 1:
      append (transaction, name, text);
      g_hash_table_insert (model, g_strdup (name),
                           g_strconcat (old != NULL ? old : "", trees, NULL));
      break;

    case 2:
    case 3:
      if (old != NULL)
        {
          gint n = (gint)strlen (old);
          gint start = g_rand_int_range (random, 0, n + 1);
          gint n_trees = g_rand_int_range (random, 0, n - start + 1);
          g_autofree char *before = g_strndup (old, (gsize)start);

          replace (transaction, name, (guint64)start, (guint64)n_trees, text);
          g_hash_table_insert (model, g_strdup (name),
                               g_strconcat (before, trees, old + start + n_trees, NULL));
        }
      break;

    case 4:
      if (old != NULL && !g_hash_table_contains (model, other))
        {
          rename_to (transaction, name, other);
          g_hash_table_insert (model, g_strdup (other), g_strdup (old));
          g_hash_table_remove (model, name);
        }
      break;

    default:
      delete_name (transaction, name, old != NULL);
      g_hash_table_remove (model, name);
      break;
    }
}

static void
assert_model (ArborTransaction *transaction, GHashTable *model)
{
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      const char *trees = g_hash_table_lookup (model, NAMES[i]);
      g_autofree char *text = trees != NULL ? to_jsonl (trees) : NULL;

      g_assert_cmpint (arbor_transaction_contains (transaction, NAMES[i], NULL), ==, trees != NULL);
      if (text != NULL)
        assert_staged (transaction, NAMES[i], text);
    }
}

static GHashTable *
copy_model (GHashTable *model)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer name, trees;

  g_hash_table_iter_init (&iter, model);
  while (g_hash_table_iter_next (&iter, &name, &trees))
    g_hash_table_insert (copy, g_strdup (name), g_strdup (trees));
  return copy;
}

static void
test_random (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autoptr (GHashTable) model = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint round = 0; round < 120; round++)
    {
      g_autoptr (ArborTransaction) transaction = begin (fixture->store);
      g_autoptr (GHashTable) fresh = copy_model (model);
      gint n_steps = g_rand_int_range (random, 1, 12);

      for (gint i = 0; i < n_steps; i++)
        {
          random_step (transaction, fresh, random);
          if (g_rand_boolean (random))
            assert_model (transaction, fresh);
        }
      assert_model (transaction, fresh);
      if (g_rand_int_range (random, 0, 4) > 0)
        {
          commit (transaction);
          g_hash_table_unref (model);
          model = g_steal_pointer (&fresh);
        }
      for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
        {
          const char *trees = g_hash_table_lookup (model, NAMES[i]);
          g_autofree char *text = trees != NULL ? to_jsonl (trees) : NULL;

          assert_stored (round % 2 == 0 ? fixture->store : fixture->other, NAMES[i], text);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/transaction-random/counter", Fixture, NULL, set_up, test_counter, tear_down);
  g_test_add ("/transaction-random/random", Fixture, NULL, set_up, test_random, tear_down);
  return g_test_run ();
}
