/* The gate: striped counts, a latch, and teardowns, in place or on the one service thread.
 *
 * Each count has a cache line of its own; a thread picks its stripe once, in turn. The order that
 * everything rests on: a stripe read as zero after the latch was set stays empty of callers that
 * were let in, for whoever counts itself in later sees the latch. Reading the stripes one after the
 * other is therefore enough, no moment at which all are zero together is needed. Whoever counts
 * itself out after the latch (those turned away included) sums again, so the last one finds zero.
 *
 * A teardown is first tried where it falls due, by the thread that closed or left, without waiting
 * for anybody; so it has run when the call returns, and a program that ends right after it leaves
 * nothing behind. One that would have to wait goes to the service thread, and what is queued there
 * when the process exits gets a second. Where no thread is to be had it waits in place after all.
 *
 * In a forked child no teardown runs: the threads that were inside do not exist there, and what the
 * teardown would end belongs to the parent.
 */

#include "base/arbor-gate.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-process.h"

#define N_STRIPES 16u
#define CACHE_LINE 64
#define EXIT_WAIT_SECONDS 1

typedef struct
{
  gint64 inside;
} __attribute__ ((aligned (CACHE_LINE))) Stripe;

/* Who waits for the teardown. */
typedef struct _Waiter Waiter;

struct _Waiter
{
  GDestroyNotify func;
  gpointer data;
  Waiter *next;
};

typedef enum
{
  TEARDOWN_NONE,
  TEARDOWN_CLAIMED,
  TEARDOWN_DONE,
} TeardownState;

struct _ArborGate
{
  Stripe stripes[N_STRIPES];
  int latch;    /* 0 open, 1 closed; never goes back */
  int teardown; /* TeardownState */
  gint ref_count; /* g_atomic_int_*, which is compiled in here and seen by ThreadSanitizer */
  guint process;
  ArborGateTeardown func;
  gpointer data;
  ArborGate *next;  /* in the service queue, guarded by service.mutex */
  Waiter *waiters;  /* the last one first, guarded by service.mutex; none are added once done */
};

/* Gates whose teardown has to wait, first in, first out. The thread is made at the first and stays. */
static struct
{
  pthread_mutex_t mutex; /* guards all of it */
  pthread_cond_t cond;
  pthread_cond_t is_done; /* by the monotonic clock; signalled when nothing is left to do */
  ArborGate *head;
  ArborGate *tail;
  guint n_left;  /* queued, or being torn down by the thread */
  guint process; /* the process that the thread runs in, 0: none */
  pthread_t thread;
} service = {
  .mutex = PTHREAD_MUTEX_INITIALIZER,
};

/* With the monotonic clock, which no initialiser knows. */
static void
service_make_conditions (void)
{
  pthread_condattr_t attr;

  pthread_condattr_init (&attr);
  pthread_condattr_setclock (&attr, CLOCK_MONOTONIC);
  pthread_cond_init (&service.cond, &attr);
  pthread_cond_init (&service.is_done, &attr);
  pthread_condattr_destroy (&attr);
}

static void
service_prepare_fork (void)
{
  pthread_mutex_lock (&service.mutex);
}

static void
service_parent_after_fork (void)
{
  pthread_mutex_unlock (&service.mutex);
}

static void
service_child_after_fork (void)
{
  pthread_mutex_init (&service.mutex, NULL);
  service_make_conditions ();
  service.head = NULL;
  service.tail = NULL;
  service.n_left = 0;
  service.process = 0;
}

static void
service_install (void)
{
  service_make_conditions ();
  if (pthread_atfork (service_prepare_fork, service_parent_after_fork, service_child_after_fork) !=
      0)
    g_error ("out of memory: no room for a fork handler");
}

/* The mutex is taken with this alone, so that a fork never finds it locked. */
static void
service_lock (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, service_install);
  pthread_mutex_lock (&service.mutex);
}

/* The end of a teardown: says so, and calls those who waited for it, in order. */
static void
finish_teardown (ArborGate *gate)
{
  Waiter *waiters, *ordered = NULL;

  service_lock ();
  __atomic_store_n (&gate->teardown, TEARDOWN_DONE, __ATOMIC_SEQ_CST);
  waiters = g_steal_pointer (&gate->waiters);
  pthread_mutex_unlock (&service.mutex);

  while (waiters != NULL)
    {
      Waiter *next = waiters->next;

      waiters->next = ordered;
      ordered = waiters;
      waiters = next;
    }
  while (ordered != NULL)
    {
      Waiter *next = ordered->next;

      ordered->func (ordered->data);
      g_free (ordered);
      ordered = next;
    }
}

static void *
service_run (void *unused)
{
  pthread_mutex_lock (&service.mutex);
  for (;;)
    {
      ArborGate *gate;

      while (service.head == NULL)
        pthread_cond_wait (&service.cond, &service.mutex);
      gate = service.head;
      service.head = gate->next;
      if (service.head == NULL)
        service.tail = NULL;
      pthread_mutex_unlock (&service.mutex);

      gate->func (gate->data, TRUE);
      finish_teardown (gate);
      arbor_gate_unref (gate);

      pthread_mutex_lock (&service.mutex);
      if (--service.n_left == 0)
        pthread_cond_broadcast (&service.is_done);
    }
  return NULL;
}

/* With the mutex held. Signals are for the threads of the program. */
static gboolean
service_start (guint process)
{
  sigset_t all, before;
  pthread_attr_t attr;
  int failed;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  pthread_attr_init (&attr);
  pthread_attr_setdetachstate (&attr, PTHREAD_CREATE_DETACHED);
  failed = pthread_create (&service.thread, &attr, service_run, NULL);
  pthread_attr_destroy (&attr);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (failed == 0)
    service.process = process;
  return failed == 0;
}

/* Takes over a reference to @gate, unless there is no thread to give it to. */
static gboolean
service_push (ArborGate *gate)
{
  gboolean has_thread;

  service_lock ();
  has_thread = service.process != 0 || service_start (gate->process);
  if (has_thread)
    {
      gate->next = NULL;
      if (service.tail != NULL)
        service.tail->next = gate;
      else
        service.head = gate;
      service.tail = gate;
      service.n_left++;
      pthread_cond_signal (&service.cond);
    }
  pthread_mutex_unlock (&service.mutex);
  return has_thread;
}

/* The end of the process, which the service thread would not survive. Nothing is waited for in a
 * forked child, whose threads are elsewhere, nor by the service thread itself. */
__attribute__ ((destructor)) static void
service_wait_at_exit (void)
{
  struct timespec until;

  service_lock ();
  if (service.n_left > 0 && service.process == arbor_process_get_serial () &&
      !pthread_equal (service.thread, pthread_self ()))
    {
      clock_gettime (CLOCK_MONOTONIC, &until);
      until.tv_sec += EXIT_WAIT_SECONDS;
      while (service.n_left > 0 &&
             pthread_cond_timedwait (&service.is_done, &service.mutex, &until) == 0)
        continue;
    }
  pthread_mutex_unlock (&service.mutex);
}

ArborGate *
arbor_gate_new (void)
{
  void *memory;
  ArborGate *self;

  if (posix_memalign (&memory, CACHE_LINE, sizeof (ArborGate)) != 0)
    g_error ("out of memory: no room for a gate");
  self = memory;
  *self = (ArborGate){ 0 };
  self->ref_count = 1;
  self->process = arbor_process_get_serial ();
  return self;
}

ArborGate *
arbor_gate_ref (ArborGate *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
arbor_gate_unref (ArborGate *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    free (self);
}

void
arbor_gate_set_teardown (ArborGate *self, ArborGateTeardown func, gpointer data)
{
  g_assert (self->func == NULL);

  self->func = func;
  self->data = data;
}

static guint
pick_stripe (void)
{
  static guint next;
  /* Plus one; 0: not picked yet. So small that there is room for it wherever the library is loaded
   * late, and then reading it is no call. */
  static __thread guint mine __attribute__ ((tls_model ("initial-exec")));

  if (G_UNLIKELY (mine == 0))
    mine = __atomic_fetch_add (&next, 1, __ATOMIC_RELAXED) % N_STRIPES + 1;
  return mine - 1;
}

static gboolean
is_empty (ArborGate *self)
{
  for (guint i = 0; i < N_STRIPES; i++)
    if (__atomic_load_n (&self->stripes[i].inside, __ATOMIC_SEQ_CST) != 0)
      return FALSE;
  return TRUE;
}

/* Claimed. */
static void
run_teardown (ArborGate *self)
{
  if (self->func != NULL && !self->func (self->data, FALSE))
    {
      if (service_push (arbor_gate_ref (self)))
        return;
      arbor_gate_unref (self);
      self->func (self->data, TRUE);
    }
  finish_teardown (self);
}

/* The latch is set. */
static void
try_teardown (ArborGate *self)
{
  int none = TEARDOWN_NONE;

  if (!is_empty (self) ||
      !__atomic_compare_exchange_n (&self->teardown, &none, TEARDOWN_CLAIMED, FALSE,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    return;

  if (self->process != arbor_process_get_serial ())
    __atomic_store_n (&self->teardown, TEARDOWN_DONE, __ATOMIC_SEQ_CST);
  else
    run_teardown (self);
}

int
arbor_gate_enter (ArborGate *self)
{
  guint stripe = pick_stripe ();

  __atomic_add_fetch (&self->stripes[stripe].inside, 1, __ATOMIC_SEQ_CST);
  if (G_LIKELY (__atomic_load_n (&self->latch, __ATOMIC_SEQ_CST) == 0))
    return (int) stripe;
  arbor_gate_leave (self, (int) stripe);
  return -1;
}

void
arbor_gate_leave (ArborGate *self, int stripe)
{
  gint64 inside;

  g_assert (stripe >= 0 && (guint) stripe < N_STRIPES);

  inside = __atomic_sub_fetch (&self->stripes[stripe].inside, 1, __ATOMIC_SEQ_CST);
  g_assert (inside >= 0);
  if (G_UNLIKELY (__atomic_load_n (&self->latch, __ATOMIC_SEQ_CST) != 0))
    try_teardown (self);
}

gboolean
arbor_gate_close (ArborGate *self)
{
  int open = 0;

  if (!__atomic_compare_exchange_n (&self->latch, &open, 1, FALSE, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST))
    return FALSE;
  try_teardown (self);
  return TRUE;
}

gboolean
arbor_gate_is_closed (ArborGate *self)
{
  return __atomic_load_n (&self->latch, __ATOMIC_SEQ_CST) != 0;
}

gboolean
arbor_gate_is_torn_down (ArborGate *self)
{
  return __atomic_load_n (&self->teardown, __ATOMIC_SEQ_CST) == TEARDOWN_DONE;
}

void
arbor_gate_add_torn_down_func (ArborGate *self, GDestroyNotify func, gpointer data)
{
  gboolean is_done;

  service_lock ();
  is_done = arbor_gate_is_torn_down (self);
  if (!is_done)
    {
      Waiter *waiter = g_new (Waiter, 1);

      *waiter = (Waiter){ .func = func, .data = data, .next = self->waiters };
      self->waiters = waiter;
    }
  pthread_mutex_unlock (&service.mutex);
  if (is_done)
    func (data);
}

gboolean
arbor_gate_check (ArborGate *self, GError **error)
{
  if (G_LIKELY (!arbor_gate_is_closed (self)))
    return TRUE;
  arbor_gate_set_closed_error (error);
  return FALSE;
}

void
arbor_gate_set_closed_error (GError **error)
{
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED, _("ArborStore has been closed"));
}
