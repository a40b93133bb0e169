/* See arbor-profile.h. Who records starts the program, with an environment of its own: whether somebody
 * does is found out once.
 */

#include "base/arbor-profile.h"

#include <sysprof-capture.h>

#define SHORTEST ((gint64) SYSPROF_NSEC_PER_SEC / 10000)

static gboolean
is_recorded (void)
{
  enum { UNKNOWN, NO, YES };
  static guint answer; /* atomic */
  guint known = __atomic_load_n (&answer, __ATOMIC_RELAXED);

  if (known == UNKNOWN)
    {
      known = sysprof_collector_is_active () ? YES : NO;
      __atomic_store_n (&answer, known, __ATOMIC_RELAXED);
    }
  return known == YES;
}

gint64
arbor_profile_begin (void)
{
  return is_recorded () ? SYSPROF_CAPTURE_CURRENT_TIME : 0;
}

void
arbor_profile_end (gint64 begin, const char *what, const char *about)
{
  gint64 duration = begin == 0 ? 0 : SYSPROF_CAPTURE_CURRENT_TIME - begin;

  if (duration >= SHORTEST)
    sysprof_collector_mark (begin, duration, "Arbor", what, about != NULL ? about : "");
}
