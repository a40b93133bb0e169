/* The thread pool: every task once, the bound on threads, nested runs, what the environment says,
 * a forked child. */

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arbor-pool.h"

#define N_TASKS 10000u

typedef struct
{
  guint8 counts[N_TASKS]; /* atomic */
  guint32 n_inside;       /* atomic: threads in a task now */
  guint32 most_inside;    /* atomic */
} Counts;

static void
count_task (guint32 task, gpointer data)
{
  Counts *counts = data;
  guint32 n = __atomic_add_fetch (&counts->n_inside, 1, __ATOMIC_SEQ_CST);
  guint32 most = __atomic_load_n (&counts->most_inside, __ATOMIC_SEQ_CST);

  while (n > most && !__atomic_compare_exchange_n (&counts->most_inside, &most, n, FALSE,
                                                   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    ;
  __atomic_fetch_add (&counts->counts[task], 1, __ATOMIC_RELAXED);
  __atomic_fetch_sub (&counts->n_inside, 1, __ATOMIC_SEQ_CST);
}

static void
assert_counts (const Counts *counts, guint32 n, guint8 expected)
{
  for (guint32 i = 0; i < n; i++)
    g_assert_cmpuint (counts->counts[i], ==, expected);
}

static void
test_run (void)
{
  static const guint n_threads[] = { 1, 2, 3, 8, 64 };

  for (guint i = 0; i < G_N_ELEMENTS (n_threads); i++)
    for (guint32 n = 0; n <= N_TASKS; n = n * 10 + 1)
      {
        g_autofree Counts *counts = g_new0 (Counts, 1);

        arbor_pool_set_n_threads (n_threads[i]);
        g_assert_cmpuint (arbor_pool_get_n_threads (), ==, n_threads[i]);
        arbor_pool_run (n, count_task, counts);
        assert_counts (counts, n, 1);
        assert_counts (counts, 0, 0);
        g_assert_cmpuint (counts->most_inside, <=, n_threads[i]);
      }
  arbor_pool_set_n_threads (0);
}

/* Two tasks that each wait for the other end only where two threads work at them. */
static void
meet (guint32 task, gpointer data)
{
  pthread_barrier_wait (data);
}

static void
test_together (void)
{
  pthread_barrier_t barrier;

  arbor_pool_set_n_threads (2);
  pthread_barrier_init (&barrier, NULL, 2);
  for (guint i = 0; i < 100; i++)
    arbor_pool_run (2, meet, &barrier);
  pthread_barrier_destroy (&barrier);
  arbor_pool_set_n_threads (0);
}

static void
run_inner (guint32 task, gpointer data)
{
  arbor_pool_run (100, count_task, data);
}

static gpointer
run_outer (gpointer data)
{
  arbor_pool_run (50, run_inner, data);
  return NULL;
}

/* From several threads at once, each run with runs inside. */
static void
test_nested (void)
{
  g_autofree Counts *counts = g_new0 (Counts, 1);
  pthread_t threads[4];

  arbor_pool_set_n_threads (3);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_create (&threads[i], NULL, run_outer, counts);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
  assert_counts (counts, 100, 4 * 50);
  arbor_pool_set_n_threads (0);
}

/* The threads stay in the parent; the child works alone. */
static void
test_fork (void)
{
  g_autofree Counts *counts = g_new0 (Counts, 1);
  pid_t child;
  int status;

  arbor_pool_set_n_threads (2);
  arbor_pool_run (10, count_task, counts);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      gboolean is_good = arbor_pool_get_n_threads () == 1;

      arbor_pool_run (N_TASKS, count_task, counts);
      for (guint32 i = 0; i < N_TASKS; i++)
        is_good &= counts->counts[i] == (i < 10 ? 2 : 1);
      _exit (is_good ? 0 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  arbor_pool_set_n_threads (0);
}

static void
test_environment (void)
{
  if (g_test_subprocess ())
    {
      g_print ("threads: %u\n", arbor_pool_get_n_threads ());
      return;
    }
  setenv ("ARBOR_THREADS", "3", TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*threads: 3*");
  setenv ("ARBOR_THREADS", "1", TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_stdout ("*threads: 1*");
  setenv ("ARBOR_THREADS", "none", TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*ARBOR_THREADS is 'none', which is no number from 1 to 64*");
  unsetenv ("ARBOR_THREADS");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/run", test_run);
  g_test_add_func ("/pool/together", test_together);
  g_test_add_func ("/pool/nested", test_nested);
  g_test_add_func ("/pool/fork", test_fork);
  g_test_add_func ("/pool/environment", test_environment);
  return g_test_run ();
}
