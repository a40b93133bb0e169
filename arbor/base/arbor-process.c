/* The serial lives in a variable that a pthread_atfork handler increments in the child. The first
 * call installs the handler, so whoever remembers a serial has it installed. See arbor-process.h.
 */

#include "base/arbor-process.h"

#include <pthread.h>

static guint process_serial = 1;

static void
count_fork (void)
{
  __atomic_add_fetch (&process_serial, 1, __ATOMIC_RELAXED);
}

static void
install (void)
{
  if (pthread_atfork (NULL, NULL, count_fork) != 0)
    g_error ("out of memory: no room for a fork handler");
}

guint
arbor_process_get_serial (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, install);
  return __atomic_load_n (&process_serial, __ATOMIC_RELAXED);
}

gboolean
arbor_process_is (guint serial)
{
  return __atomic_load_n (&process_serial, __ATOMIC_RELAXED) == serial;
}

guint64
arbor_thread_get_number (void)
{
  static guint64 last;
  static __thread guint64 mine;

  if (mine == 0)
    mine = __atomic_add_fetch (&last, 1, __ATOMIC_RELAXED);
  return mine;
}
