/* Signals that cancel a command instead of killing it, so that a half-done import or export leaves
 * nothing behind. They are blocked in every thread; one thread waits for them, because cancelling
 * is nothing that a signal handler may do.
 */

#include "arbor-cli.h"

#include <pthread.h>
#include <signal.h>

static GCancellable *cancellable;
static sigset_t waited_for;
static int received; /* atomic: the first signal that came */

static void *
wait_for_signals (void *data)
{
  int number;

  while (sigwait (&waited_for, &number) != 0)
    continue;
  g_atomic_int_set (&received, number);
  g_cancellable_cancel (cancellable);

  /* Whoever asks twice does not want to wait. */
  pthread_sigmask (SIG_UNBLOCK, &waited_for, NULL);
  while (TRUE)
    sigsuspend (&(sigset_t){ 0 });
  return NULL;
}

GCancellable *
arbor_cli_cancel_on_signals (void)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  pthread_t thread;

  g_assert (cancellable == NULL);
  cancellable = g_cancellable_new ();

  sigemptyset (&waited_for);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction action;

      /* What was ignored when the program began (nohup) stays ignored. */
      if (sigaction (numbers[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL)
        sigaddset (&waited_for, numbers[i]);
    }
  pthread_sigmask (SIG_BLOCK, &waited_for, NULL);
  if (pthread_create (&thread, NULL, wait_for_signals, NULL) == 0)
    pthread_detach (thread);
  else
    pthread_sigmask (SIG_UNBLOCK, &waited_for, NULL);
  return g_object_ref (cancellable);
}

int
arbor_cli_get_signal (void)
{
  return g_atomic_int_get (&received);
}
