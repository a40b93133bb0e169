/* The gate: who is let in, when the teardown runs, and that nobody is inside when it does. */

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arbor-error.h"
#include "base/arbor-gate.h"

typedef struct
{
  gboolean must_wait;
  int tries;
  int runs;
  pthread_t thread;
} Teardown;

static gboolean
note_teardown (gpointer data, gboolean may_wait)
{
  Teardown *teardown = data;

  __atomic_add_fetch (&teardown->tries, 1, __ATOMIC_SEQ_CST);
  if (teardown->must_wait && !may_wait)
    return FALSE;
  teardown->thread = pthread_self ();
  __atomic_add_fetch (&teardown->runs, 1, __ATOMIC_SEQ_CST);
  return TRUE;
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
  /* In place: it has run when close returns. */
  g_assert_true (arbor_gate_is_torn_down (gate));
  g_assert_cmpint (teardown.runs, ==, 1);
  g_assert_true (pthread_equal (teardown.thread, pthread_self ()));
}

/* What must wait is done elsewhere. */
static void
test_must_wait (void)
{
  g_autoptr (ArborGate) gate = arbor_gate_new ();
  Teardown teardown = { .must_wait = TRUE };

  arbor_gate_set_teardown (gate, note_teardown, &teardown);
  g_assert_true (arbor_gate_close (gate));
  wait_torn_down (gate);
  g_assert_cmpint (teardown.tries, ==, 2);
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
  g_assert_cmpint (teardown.tries, ==, 0);
  arbor_gate_leave (gate, outer);
  g_assert_true (arbor_gate_is_torn_down (gate));
  g_assert_cmpint (teardown.runs, ==, 1);
  g_assert_true (pthread_equal (teardown.thread, pthread_self ()));
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

/* Now and then it must wait. */
static gboolean
end_shared (gpointer data, gboolean may_wait)
{
  Shared *shared = data;

  if (!may_wait && g_random_boolean ())
    return FALSE;
  __atomic_store_n (&shared->alive, 0, __ATOMIC_SEQ_CST);
  __atomic_add_fetch (&shared->runs, 1, __ATOMIC_SEQ_CST);
  return TRUE;
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
  Teardown teardown = { .must_wait = TRUE };
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
      Teardown own_teardown = { .must_wait = TRUE };
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

/* A process that ends while a teardown is at work on the service thread. */

typedef struct
{
  int began;
  int wrote_to;
  gulong lasts; /* microseconds */
} Slow;

static gboolean
be_slow (gpointer data, gboolean may_wait)
{
  Slow *slow = data;

  if (!may_wait)
    return FALSE;
  __atomic_store_n (&slow->began, 1, __ATOMIC_SEQ_CST);
  g_usleep (slow->lasts);
  g_assert_cmpint (write (slow->wrote_to, "x", 1), ==, 1);
  return TRUE;
}

static gboolean
end_unwillingly (gpointer data, gboolean may_wait)
{
  if (may_wait)
    exit (0);
  return FALSE;
}

/* Whether a process that does @work, and then returns from main, has written when it is gone. */
static gboolean
writes_before_end (void (*work) (int fd))
{
  int ends[2];
  pid_t child;
  int status;
  char byte;
  gssize n;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      close (ends[0]);
      work (ends[1]);
      exit (0);
    }
  close (ends[1]);
  n = read (ends[0], &byte, 1);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  close (ends[0]);
  return n == 1;
}

static void
close_slowly (int fd)
{
  static Slow slow = { .lasts = 20000 };
  ArborGate *gate = arbor_gate_new ();

  slow.wrote_to = fd;
  arbor_gate_set_teardown (gate, be_slow, &slow);
  arbor_gate_close (gate);
}

/* What would take for ever is given up. */
static void
close_endlessly (int fd)
{
  static Slow slow = { .lasts = G_MAXULONG };
  ArborGate *gate = arbor_gate_new ();

  slow.wrote_to = fd;
  arbor_gate_set_teardown (gate, be_slow, &slow);
  arbor_gate_close (gate);
}

/* The process ends on the service thread itself: it must not wait for itself, but it may wait for
 * nobody else either, so the main thread does. */
static void
end_on_service_thread (int fd)
{
  ArborGate *gate = arbor_gate_new ();

  arbor_gate_set_teardown (gate, end_unwillingly, NULL);
  arbor_gate_close (gate);
  for (;;)
    pause ();
}

/* A child that has inherited a teardown at work does not wait for a thread that it does not have. */
static void
end_in_child (int fd)
{
  static Slow slow = { .lasts = G_MAXULONG };
  ArborGate *gate = arbor_gate_new ();
  pid_t child;
  int status;

  slow.wrote_to = fd;
  arbor_gate_set_teardown (gate, be_slow, &slow);
  arbor_gate_close (gate);
  while (__atomic_load_n (&slow.began, __ATOMIC_SEQ_CST) == 0)
    g_usleep (100);
  child = fork ();
  if (child == 0)
    exit (0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
}

static void
test_exit (void)
{
  g_assert_true (writes_before_end (close_slowly));
  g_assert_false (writes_before_end (close_endlessly));
  g_assert_false (writes_before_end (end_on_service_thread));
  g_assert_false (writes_before_end (end_in_child));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gate/open", test_open);
  g_test_add_func ("/gate/closed", test_closed);
  g_test_add_func ("/gate/must-wait", test_must_wait);
  g_test_add_func ("/gate/close-inside", test_close_inside);
  g_test_add_func ("/gate/no-teardown", test_no_teardown);
  g_test_add_func ("/gate/torn-down-func", test_torn_down_func);
  g_test_add_func ("/gate/torn-down-order", test_torn_down_order);
  g_test_add_func ("/gate/storm", test_storm);
  g_test_add_func ("/gate/fork", test_fork);
  g_test_add_func ("/gate/exit", test_exit);
  return g_test_run ();
}
