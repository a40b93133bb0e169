/* The gate: who is let in, when the teardown runs, and that nobody is inside when it does. */

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arbor-error.h"
#include "base/arbor-gate.h"

typedef struct
{
  int runs;
  pthread_t thread;
} Teardown;

static void
note_teardown (gpointer data)
{
  Teardown *teardown = data;

  teardown->thread = pthread_self ();
  __atomic_add_fetch (&teardown->runs, 1, __ATOMIC_SEQ_CST);
}

static void
wait_torn_down (ArborGate *gate)
{
  while (!arbor_gate_is_torn_down (gate))
    g_usleep (100);
}

static void
test_open (void)
{
  g_autoptr (ArborGate) gate = arbor_gate_new ();
  g_autoptr (GError) error = NULL;
  int outer, inner;

  g_assert_false (arbor_gate_is_closed (gate));
  g_assert_true (arbor_gate_check (gate, &error));
  g_assert_no_error (error);
  outer = arbor_gate_enter (gate);
  g_assert_cmpint (outer, >=, 0);
  inner = arbor_gate_enter (gate);
  g_assert_cmpint (inner, >=, 0);
  arbor_gate_leave (gate, inner);
  arbor_gate_leave (gate, outer);
  g_assert_false (arbor_gate_is_torn_down (gate));
}

static void
test_closed (void)
{
  g_autoptr (ArborGate) gate = arbor_gate_new ();
  g_autoptr (GError) error = NULL;
  Teardown teardown = { 0 };

  arbor_gate_set_teardown (gate, note_teardown, &teardown);
  g_assert_true (arbor_gate_close (gate));
  g_assert_false (arbor_gate_close (gate));
  g_assert_true (arbor_gate_is_closed (gate));
  g_assert_cmpint (arbor_gate_enter (gate), ==, -1);
  g_assert_false (arbor_gate_check (gate, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_cmpstr (error->message, ==, "ArborStore has been closed");
  wait_torn_down (gate);
  g_assert_cmpint (teardown.runs, ==, 1);
  g_assert_false (pthread_equal (teardown.thread, pthread_self ()));
}

/* Closing from inside does not block; the teardown waits for the outermost leave. */
static void
test_close_inside (void)
{
  g_autoptr (ArborGate) gate = arbor_gate_new ();
  Teardown teardown = { 0 };
  int outer, inner;

  arbor_gate_set_teardown (gate, note_teardown, &teardown);
  outer = arbor_gate_enter (gate);
  inner = arbor_gate_enter (gate);
  g_assert_true (arbor_gate_close (gate));
  g_assert_false (arbor_gate_check (gate, NULL));
  g_assert_cmpint (arbor_gate_enter (gate), ==, -1);
  arbor_gate_leave (gate, inner);
  g_usleep (2000);
  g_assert_false (arbor_gate_is_torn_down (gate));
  g_assert_cmpint (teardown.runs, ==, 0);
  arbor_gate_leave (gate, outer);
  wait_torn_down (gate);
  g_assert_cmpint (teardown.runs, ==, 1);
  g_assert_false (pthread_equal (teardown.thread, pthread_self ()));
}

/* A latch that stands alone has nothing to tear down. */
static void
test_no_teardown (void)
{
  g_autoptr (ArborGate) gate = arbor_gate_new ();

  g_assert_true (arbor_gate_close (gate));
  g_assert_true (arbor_gate_is_torn_down (gate));
}

static void
append_letter (gpointer data)
{
  GString *told = data;

  g_string_append_c (told, (char) ('a' + told->len));
}

static void
note_told (gpointer data)
{
  __atomic_add_fetch ((int *) data, 1, __ATOMIC_SEQ_CST);
}

/* Those who wait are told after the teardown, once; who comes later is told at once. */
static void
test_torn_down_func (void)
{
  g_autoptr (ArborGate) gate = arbor_gate_new ();
  g_autoptr (GString) told = g_string_new (NULL);
  Teardown teardown = { 0 };
  int before = 0, after = 0;
  int stripe;

  arbor_gate_set_teardown (gate, note_teardown, &teardown);
  stripe = arbor_gate_enter (gate);
  arbor_gate_add_torn_down_func (gate, note_told, &before);
  arbor_gate_close (gate);
  arbor_gate_add_torn_down_func (gate, note_told, &after);
  g_usleep (2000);
  g_assert_cmpint (__atomic_load_n (&before, __ATOMIC_SEQ_CST), ==, 0);
  g_assert_cmpint (__atomic_load_n (&after, __ATOMIC_SEQ_CST), ==, 0);
  arbor_gate_leave (gate, stripe);
  while (__atomic_load_n (&after, __ATOMIC_SEQ_CST) == 0)
    g_usleep (100);
  g_assert_true (arbor_gate_is_torn_down (gate));
  g_assert_cmpint (teardown.runs, ==, 1);
  g_assert_cmpint (before, ==, 1);

  arbor_gate_add_torn_down_func (gate, append_letter, told);
  g_assert_cmpstr (told->str, ==, "a");
}

static void
append_x (gpointer data)
{
  g_string_append_c (data, 'x');
}

/* In order of adding; a latch that stands alone tells in the thread that closes. */
static void
test_torn_down_order (void)
{
  g_autoptr (ArborGate) gate = arbor_gate_new ();
  g_autoptr (GString) told = g_string_new (NULL);

  arbor_gate_add_torn_down_func (gate, append_letter, told);
  arbor_gate_add_torn_down_func (gate, append_x, told);
  arbor_gate_add_torn_down_func (gate, append_letter, told);
  arbor_gate_close (gate);
  g_assert_cmpstr (told->str, ==, "axc");
}

#define N_READERS 6
#define N_ROUNDS 60

typedef struct
{
  ArborGate *gate;
  int alive;  /* what the teardown ends */
  int runs;
  int closed; /* how many of the closers set the latch */
} Shared;

static void
end_shared (gpointer data)
{
  Shared *shared = data;

  __atomic_store_n (&shared->alive, 0, __ATOMIC_SEQ_CST);
  __atomic_add_fetch (&shared->runs, 1, __ATOMIC_SEQ_CST);
}

static gpointer
read_until_closed (gpointer data)
{
  Shared *shared = data;
  gsize n = 0;

  for (;;)
    {
      int stripe = arbor_gate_enter (shared->gate);
      int nested;

      if (stripe < 0)
        return GSIZE_TO_POINTER (n);
      nested = arbor_gate_enter (shared->gate);
      if (nested >= 0)
        arbor_gate_leave (shared->gate, nested);
      g_assert_cmpint (__atomic_load_n (&shared->alive, __ATOMIC_SEQ_CST), ==, 1);
      arbor_gate_leave (shared->gate, stripe);
      n++;
    }
}

static gpointer
close_gate (gpointer data)
{
  Shared *shared = data;

  if (arbor_gate_close (shared->gate))
    __atomic_add_fetch (&shared->closed, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void
test_storm (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (ArborGate) gate = arbor_gate_new ();
      Shared shared = { .gate = gate, .alive = 1 };
      GThread *threads[N_READERS + 2];

      arbor_gate_set_teardown (gate, end_shared, &shared);
      for (guint i = 0; i < N_READERS; i++)
        threads[i] = g_thread_new ("reader", read_until_closed, &shared);
      for (guint i = N_READERS; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("closer", close_gate, &shared);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_thread_join (threads[i]);
      wait_torn_down (gate);
      g_assert_cmpint (shared.closed, ==, 1);
      g_assert_cmpint (shared.runs, ==, 1);
      g_assert_cmpint (shared.alive, ==, 0);
    }
}

/* The child of a fork tears nothing of its parent down, and has a service thread of its own. */
static void
test_fork (void)
{
  g_autoptr (ArborGate) gate = arbor_gate_new ();
  Teardown teardown = { 0 };
  pid_t child;
  int told = 0;
  int status;

  arbor_gate_set_teardown (gate, note_teardown, &teardown);
  arbor_gate_add_torn_down_func (gate, note_told, &told);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      ArborGate *own = arbor_gate_new ();
      Teardown own_teardown = { 0 };
      int own_told = 0;

      arbor_gate_set_teardown (own, note_teardown, &own_teardown);
      arbor_gate_add_torn_down_func (own, note_told, &own_told);
      arbor_gate_close (gate);
      arbor_gate_close (own);
      wait_torn_down (gate);
      wait_torn_down (own);
      while (__atomic_load_n (&own_told, __ATOMIC_SEQ_CST) == 0)
        g_usleep (100);
      _exit (teardown.runs == 0 && own_teardown.runs == 1 && told == 0 ? 0 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);

  g_assert_true (arbor_gate_close (gate));
  while (__atomic_load_n (&told, __ATOMIC_SEQ_CST) == 0)
    g_usleep (100);
  g_assert_cmpint (teardown.runs, ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gate/open", test_open);
  g_test_add_func ("/gate/closed", test_closed);
  g_test_add_func ("/gate/close-inside", test_close_inside);
  g_test_add_func ("/gate/no-teardown", test_no_teardown);
  g_test_add_func ("/gate/torn-down-func", test_torn_down_func);
  g_test_add_func ("/gate/torn-down-order", test_torn_down_order);
  g_test_add_func ("/gate/storm", test_storm);
  g_test_add_func ("/gate/fork", test_fork);
  return g_test_run ();
}
