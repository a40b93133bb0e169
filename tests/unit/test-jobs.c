/* Jobs: one at a time in a queue and in order, as many at once elsewhere as there are threads. */

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arbor-jobs.h"

typedef struct
{
  pthread_mutex_t mutex; /* guards what follows */
  GString *log;
  guint n_running;
  guint most;
  guint n_done;
  gboolean may_end;
} Shared;

typedef struct
{
  Shared *shared;
  char letter;
} Letter;

static void
shared_init (Shared *self)
{
  *self = (Shared){ .log = g_string_new (NULL) };
  pthread_mutex_init (&self->mutex, NULL);
}

static void
shared_clear (Shared *self)
{
  g_string_free (self->log, TRUE);
  pthread_mutex_destroy (&self->mutex);
}

static guint
get (Shared *self, const guint *what)
{
  guint value;

  pthread_mutex_lock (&self->mutex);
  value = *what;
  pthread_mutex_unlock (&self->mutex);
  return value;
}

/* Runs until it may end. */
static void
note (gpointer data, gpointer unused)
{
  Letter *letter = data;
  Shared *shared = letter->shared;

  pthread_mutex_lock (&shared->mutex);
  g_string_append_c (shared->log, letter->letter);
  shared->n_running++;
  shared->most = MAX (shared->most, shared->n_running);
  while (!shared->may_end)
    {
      pthread_mutex_unlock (&shared->mutex);
      g_usleep (100);
      pthread_mutex_lock (&shared->mutex);
    }
  shared->n_running--;
  shared->n_done++;
  pthread_mutex_unlock (&shared->mutex);
}

static void
let_end (Shared *self, guint n)
{
  pthread_mutex_lock (&self->mutex);
  self->may_end = TRUE;
  pthread_mutex_unlock (&self->mutex);
  while (get (self, &self->n_done) < n)
    g_usleep (100);
}

/* However many wait in a queue, others have threads. */
static void
test_queue (void)
{
  Letter letters[26], other;
  Shared shared, others;

  shared_init (&shared);
  shared_init (&others);
  for (guint i = 0; i < 26; i++)
    {
      letters[i] = (Letter){ &shared, (char) ('a' + i) };
      g_assert_true (arbor_jobs_push ("file", note, &letters[i]));
    }
  while (get (&shared, &shared.n_running) == 0)
    g_usleep (100);
  for (guint i = 0; i < 2; i++)
    {
      shared_clear (&others);
      shared_init (&others);
      other = (Letter){ &others, 'x' };
      g_assert_true (arbor_jobs_push (i == 0 ? NULL : "other file", note, &other));
      let_end (&others, 1);
    }
  g_assert_cmpstr (shared.log->str, ==, "a");
  let_end (&shared, 26);
  g_assert_cmpstr (shared.log->str, ==, "abcdefghijklmnopqrstuvwxyz");
  g_assert_cmpuint (shared.most, ==, 1);
  shared_clear (&shared);
  shared_clear (&others);
}

static void
test_no_queue (void)
{
  Letter letters[2 * ARBOR_JOBS_MAX_THREADS];
  Shared shared;

  shared_init (&shared);
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    {
      letters[i] = (Letter){ &shared, 'x' };
      g_assert_true (arbor_jobs_push (NULL, note, &letters[i]));
    }
  while (get (&shared, &shared.n_running) < ARBOR_JOBS_MAX_THREADS)
    g_usleep (100);
  let_end (&shared, G_N_ELEMENTS (letters));
  g_assert_cmpuint (shared.most, ==, ARBOR_JOBS_MAX_THREADS);
  shared_clear (&shared);
}

static void
test_remove (void)
{
  Letter first, second, third;
  Shared shared;

  shared_init (&shared);
  first = (Letter){ &shared, 'a' };
  second = (Letter){ &shared, 'b' };
  third = (Letter){ &shared, 'c' };
  arbor_jobs_push ("file", note, &first);
  arbor_jobs_push ("file", note, &second);
  arbor_jobs_push ("file", note, &third);
  while (get (&shared, &shared.n_running) == 0)
    g_usleep (100);
  g_assert_false (arbor_jobs_remove (&first));
  g_assert_true (arbor_jobs_remove (&second));
  g_assert_false (arbor_jobs_remove (&second));
  let_end (&shared, 2);
  g_assert_cmpstr (shared.log->str, ==, "ac");
  shared_clear (&shared);
}

/* The child of a fork has jobs of its own, and none of its parent's. */
static void
test_fork (void)
{
  Letter letter;
  Shared shared;
  pid_t child;
  int status;

  shared_init (&shared);
  letter = (Letter){ &shared, 'a' };
  arbor_jobs_push ("file", note, &letter);
  while (get (&shared, &shared.n_running) == 0)
    g_usleep (100);
  child = fork ();
  if (child == 0)
    {
      Letter own;
      Shared own_shared;

      shared_init (&own_shared);
      own = (Letter){ &own_shared, 'b' };
      arbor_jobs_push ("file", note, &own);
      let_end (&own_shared, 1);
      _exit (g_str_equal (own_shared.log->str, "b") ? 0 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  let_end (&shared, 1);
  shared_clear (&shared);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jobs/queue", test_queue);
  g_test_add_func ("/jobs/no-queue", test_no_queue);
  g_test_add_func ("/jobs/remove", test_remove);
  g_test_add_func ("/jobs/fork", test_fork);
  return g_test_run ();
}
