/* The turn: who edits a part of an arbor and found that others were first takes it, and who begins
 * another edit waits for it, so that the one who lost does not lose for ever. It is held by one edit
 * on the machine: in this process by a flag, against others by an OFD lock on a byte of its own. It
 * orders those who are polite and protects nothing: whoever waited long enough goes on without.
 */

#include "base/arbor-stop.h"
#include "storage/arbor-environment.h"
#include "storage/arbor-session-private.h"

#define POLL_LEAST (G_TIME_SPAN_MILLISECOND / 10)
#define POLL_MOST  (5 * G_TIME_SPAN_MILLISECOND)

static gboolean
try_take (ArborEnvironment *environment)
{
  if (!g_atomic_int_compare_and_exchange (&environment->turn, 0, 1))
    return FALSE;
  if (arbor_environment_try_lock (environment, ARBOR_LOCK_TURN) == 0)
    return TRUE;
  g_atomic_int_set (&environment->turn, 0);
  return FALSE;
}

static gboolean
is_free (ArborEnvironment *environment)
{
  return g_atomic_int_get (&environment->turn) == 0 &&
         !arbor_environment_is_locked (environment, ARBOR_LOCK_TURN, 1);
}

static gboolean
wait_for (ArborSession *self, gboolean (*is_there) (ArborEnvironment *environment), gint64 wait,
          GCancellable *cancellable)
{
  gint64 deadline = g_get_monotonic_time () + wait;
  gint64 pause = POLL_LEAST;

  while (!is_there (self->environment))
    {
      if (g_get_monotonic_time () >= deadline || arbor_stop_is_asked (cancellable) ||
          arbor_gate_is_closed (arbor_session_get_gate (self)))
        return FALSE;
      g_usleep ((gulong) pause);
      pause = MIN (pause * 2, POLL_MOST);
    }
  return TRUE;
}

gboolean
arbor_session_take_turn (ArborSession *self, gint64 wait, GCancellable *cancellable)
{
  return wait_for (self, try_take, wait, cancellable);
}

void
arbor_session_await_turn (ArborSession *self, gint64 wait, GCancellable *cancellable)
{
  wait_for (self, is_free, wait, cancellable);
}

void
arbor_session_give_turn (ArborSession *self)
{
  arbor_environment_unlock (self->environment, ARBOR_LOCK_TURN);
  g_atomic_int_set (&self->environment->turn, 0);
}
