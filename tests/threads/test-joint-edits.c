/* Edits of one name by many threads go together (arbor-store-joint.c): everyone's result is right, errors are of
 * those who made them, closing and killing lose nothing that was acknowledged. Public header alone.
 */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/arbors.h"

#define N_THREADS 8
#define N_ROUNDS  60

static void
store_counters (ArborStore *store, guint n)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  /* ThreadSanitizer does not see GLib make a class: it is made before there are threads. */
  g_type_class_unref (g_type_class_ref (ARBOR_TYPE_EXPR));
  for (guint i = 0; i < n; i++)
    g_string_append_printf (lines, "{\"id\":%u,\"n\":0}\n", i);
  put_lines (store, "a", lines->str);
}

/* One more for counter @id, by content. */
static guint64
raise_counter (ArborStore *store, guint id, GCancellable *cancellable, GError **error)
{
  g_autofree char *text = g_strdup_printf ("id == %u", id);
  g_autoptr (ArborExpr) predicate = parse (text);
  g_autoptr (ArborExpr) value = parse ("n + 1");
  const char *const fields[] = { "n", NULL };

  return arbor_store_update_where (store, "a", predicate, fields, &value, 1, cancellable, error);
}

static gint64
get_counter (ArborStore *store, guint id)
{
  g_autoptr (ArborArbor) arbor = get_arbor (store, "a");
  g_autofree char *text = g_strdup_printf ("id == %u", id);
  g_autoptr (ArborExpr) predicate = parse (text);
  g_autoptr (ArborArbor) found = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  found = arbor_arbor_filter (arbor, predicate, &error);
  g_assert_no_error (error);
  line = arbor_arbor_to_jsonl (found, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (line, "\"n\":"));
  return g_ascii_strtoll (strstr (line, "\"n\":") + 4, NULL, 10);
}

typedef struct
{
  const char *path;
  ArborStore *store; /* NULL: one of its own */
  guint number;
  int n_done; /* atomic where others look; or a pipe to tell it to */
} Worker;

/* All sorts of edits, and between them such as must fail. */
static gpointer
edit_often (gpointer data)
{
  Worker *self = data;
  g_autoptr (ArborStore) store =
      self->store != NULL ? g_object_ref (self->store) : open_store (self->path);
  g_autofree char *own = g_strdup_printf ("own%u", self->number);
  g_autoptr (ArborArbor) tree = read_lines ("{\"id\":1000,\"n\":0}");

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) own_error = NULL;

      g_assert_cmpuint (raise_counter (store, self->number, NULL, &error), ==, 1);
      g_assert_no_error (error);
      g_assert_cmpuint (raise_counter (store, 999, NULL, &error), ==, 1); /* everybody's */
      g_assert_no_error (error);
      g_assert_cmpuint (raise_counter (store, 5000, NULL, &error), ==, 0); /* nobody's */
      g_assert_no_error (error);
      g_assert_false (arbor_store_replace (store, "a", 100000000, 1, tree, NULL, &own_error));
      g_assert_error (own_error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
      g_assert_nonnull (strstr (own_error->message, "100000000"));
      g_clear_error (&own_error);
      g_assert_false (arbor_store_replace (store, own, 1 + self->number, 1, tree, NULL, &own_error));
      if (i == 0)
        g_assert_error (own_error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
      else
        g_assert_error (own_error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
      arbor_store_append (store, "a", tree, NULL, &error);
      g_assert_no_error (error);
      if (i == 0)
        put_lines (store, own, "1");
      self->n_done++;
    }
  return NULL;
}

static void
check_edits (StorePlace *fixture, gboolean has_own)
{
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;
  guint64 before;

  store_counters (fixture->store, 1000);
  arbor = get_arbor (fixture->store, "a");
  before = arbor_arbor_get_generation (arbor);
  g_clear_object (&arbor);
  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ fixture->path, has_own ? NULL : fixture->store, i, 0 };
      threads[i] = g_thread_new ("edit", edit_often, &workers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_clear_object (&fixture->store);
  fixture->store = open_store (fixture->path);
  for (guint i = 0; i < N_THREADS; i++)
    g_assert_cmpint (get_counter (fixture->store, i), ==, N_ROUNDS);
  g_assert_cmpint (get_counter (fixture->store, 999), ==, N_ROUNDS * N_THREADS);
  arbor = get_arbor (fixture->store, "a");
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, 1000 + N_ROUNDS * N_THREADS);
  g_assert_no_error (error);
  /* A generation each: two raises, an append; and a name of his own each. */
  g_assert_cmpuint (arbor_arbor_get_generation (arbor), >=, before + 3 * N_ROUNDS * N_THREADS);
  g_assert_cmpuint (arbor_arbor_get_generation (arbor), <=,
                    before + 3 * N_ROUNDS * N_THREADS + N_THREADS);
}

static void
test_one_store (StorePlace *fixture, gconstpointer data)
{
  check_edits (fixture, FALSE);
}

static void
test_own_stores (StorePlace *fixture, gconstpointer data)
{
  check_edits (fixture, TRUE);
}

/* Raises its counter until its store is closed, or the call is cancelled. */
static gpointer
raise_until_closed (gpointer data)
{
  Worker *self = data;

  while (TRUE)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;

      if (self->n_done % 5 == 4)
        g_cancellable_cancel (cancellable);
      if (raise_counter (self->store, self->number, cancellable, &error) == 1)
        {
          g_atomic_int_inc (&self->n_done);
          continue;
        }
      if (g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED))
        return NULL;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      if (raise_counter (self->store, self->number, NULL, &error) == 1)
        g_atomic_int_inc (&self->n_done);
      else
        {
          g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
          return NULL;
        }
    }
}

/* Stores are closed one after the other, while the others go on. */
static void
test_close (StorePlace *fixture, gconstpointer data)
{
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];

  store_counters (fixture->store, N_THREADS);
  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ fixture->path, open_store (fixture->path), i, 0 };
      threads[i] = g_thread_new ("raise", raise_until_closed, &workers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    {
      while (g_atomic_int_get (&workers[i].n_done) < 10 * ((int) i + 1))
        g_usleep (500);
      arbor_store_close (workers[i].store);
      g_thread_join (threads[i]);
      g_object_unref (workers[i].store);
    }
  g_clear_object (&fixture->store);
  fixture->store = open_store (fixture->path);
  /* A commit that had begun is told as it ended. */
  for (guint i = 0; i < N_THREADS; i++)
    g_assert_cmpint (get_counter (fixture->store, i), ==, workers[i].n_done);
}

/* Tells of each raise after it returned. */
static gpointer
raise_and_tell (gpointer data)
{
  Worker *self = data;
  guint8 number = (guint8) self->number;

  while (TRUE)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (raise_counter (self->store, self->number, NULL, &error), ==, 1);
      g_assert_no_error (error);
      g_assert_cmpint (write (self->n_done, &number, 1), ==, 1);
    }
  return NULL;
}

static void
kill_child (const char *path, guint n_told)
{
  guint told[N_THREADS] = { 0 };
  int ends[2];
  guint8 number;
  pid_t child;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      ArborStore *store = open_store (path);
      Worker workers[N_THREADS];

      for (guint i = 0; i < N_THREADS; i++)
        {
          workers[i] = (Worker){ path, store, i, ends[1] };
          g_thread_new ("raise", raise_and_tell, &workers[i]);
        }
      pause ();
      _exit (1);
    }
  close (ends[1]);
  for (guint i = 0; i < n_told; i++)
    {
      g_assert_cmpint (read (ends[0], &number, 1), ==, 1);
      told[number]++;
    }
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  while (read (ends[0], &number, 1) == 1)
    told[number]++;
  close (ends[0]);

  {
    g_autoptr (ArborStore) store = open_store (path);

    /* Each had at most one more under way. */
    for (guint i = 0; i < N_THREADS; i++)
      {
        gint64 n = get_counter (store, i);

        g_assert_cmpint (n, >=, told[i]);
        g_assert_cmpint (n, <=, told[i] + 1);
      }
    store_counters (store, N_THREADS);
    arbor_store_close (store);
  }
}

static void
test_kill (StorePlace *fixture, gconstpointer data)
{
  store_counters (fixture->store, N_THREADS);
  arbor_store_close (fixture->store);
  for (guint i = 0; i < 8; i++)
    kill_child (fixture->path, 20 + 37 * i);
}

/* Who listens is told of the name; what others changed before is told, too. */
static void
note_name (ArborStore *store, const char *name, gpointer data)
{
  g_string_append_printf (data, "%s ", name);
}

static void
test_told (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) other = open_store (fixture->path);
  g_autoptr (GString) changed = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  store_counters (fixture->store, 2);
  g_signal_connect (fixture->store, "changed", G_CALLBACK (note_name), changed);
  put_lines (other, "b", "1");
  g_assert_cmpuint (raise_counter (other, 0, NULL, &error), ==, 1);
  g_assert_cmpuint (raise_counter (fixture->store, 1, NULL, &error), ==, 1);
  g_assert_cmpstr (changed->str, ==, "a b ");
  g_string_truncate (changed, 0);
  put_lines (other, "b", "2");
  /* Who changes nothing tells what others did. */
  g_assert_cmpuint (raise_counter (fixture->store, 77, NULL, &error), ==, 0);
  g_assert_cmpstr (changed->str, ==, "b ");
  put_lines (other, "b", "3");
  g_string_truncate (changed, 0);
  g_assert_false (arbor_store_replace (fixture->store, "a", 9, 1, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_assert_cmpstr (changed->str, ==, "b ");
}

#define ADD(path, name) g_test_add ("/joint-edits/" path, StorePlace, NULL, store_place_set_up, test_##name, store_place_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-store", one_store);
  ADD ("own-stores", own_stores);
  ADD ("close", close);
  ADD ("kill", kill);
  ADD ("told", told);
  return g_test_run ();
}
