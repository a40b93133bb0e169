/* The gate: striped counts, a latch, and the one service thread that runs teardowns.
 *
 * Each count has a cache line of its own; a thread picks its stripe once, in turn. The order that
 * everything rests on: a stripe read as zero after the latch was set stays empty of callers that
 * were let in, for whoever counts itself in later sees the latch. Reading the stripes one after the
 * other is therefore enough, no moment at which all are zero together is needed. Whoever counts
 * itself out after the latch (those turned away included) sums again, so the last one finds zero.
 *
 * In a forked child no teardown runs: the threads that were inside do not exist there, and what the
 * teardown would end belongs to the parent.
 */

#include "base/arbor-gate.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-process.h"

#define N_STRIPES 16u
#define CACHE_LINE 64

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
  GDestroyNotify func;
  gpointer data;
  ArborGate *next;  /* in the service queue, guarded by service.mutex */
  Waiter *waiters;  /* the last one first, guarded by service.mutex; none are added once done */
};

/* Gates whose teardown is due, first in, first out. The thread is made at the first and stays. */
static struct
{
  pthread_mutex_t mutex;
  pthread_cond_t cond;
  ArborGate *head;
  ArborGate *tail;
  guint process; /* the process that the thread runs in, 0: none */
} service = {
  .mutex = PTHREAD_MUTEX_INITIALIZER,
  .cond = PTHREAD_COND_INITIALIZER,
};

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
  pthread_cond_init (&service.cond, NULL);
  service.head = NULL;
  service.tail = NULL;
  service.process = 0;
}

static void
service_install (void)
{
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
  for (;;)
    {
      ArborGate *gate;

      pthread_mutex_lock (&service.mutex);
      while (service.head == NULL)
        pthread_cond_wait (&service.cond, &service.mutex);
      gate = service.head;
      service.head = gate->next;
      if (service.head == NULL)
        service.tail = NULL;
      pthread_mutex_unlock (&service.mutex);

      gate->func (gate->data);
      finish_teardown (gate);
      arbor_gate_unref (gate);
    }
  return NULL;
}

static void
service_start (void)
{
  pthread_attr_t attr;
  pthread_t thread;
  int failed;

  pthread_attr_init (&attr);
  pthread_attr_setdetachstate (&attr, PTHREAD_CREATE_DETACHED);
  failed = pthread_create (&thread, &attr, service_run, NULL);
  pthread_attr_destroy (&attr);
  if (failed != 0)
    g_error ("no thread can be made: %s", g_strerror (failed));
}

/* Takes over a reference to @gate. */
static void
service_push (ArborGate *gate)
{
  service_lock ();
  if (service.process == 0)
    {
      service_start ();
      service.process = gate->process;
    }
  gate->next = NULL;
  if (service.tail != NULL)
    service.tail->next = gate;
  else
    service.head = gate;
  service.tail = gate;
  pthread_cond_signal (&service.cond);
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
arbor_gate_set_teardown (ArborGate *self, GDestroyNotify func, gpointer data)
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
  else if (self->func == NULL)
    finish_teardown (self);
  else
    service_push (arbor_gate_ref (self));
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
