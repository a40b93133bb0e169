/* A chain of stack frames, of which each thread knows the innermost. See arbor-stop.h. */

#include "base/arbor-stop.h"

static _Thread_local const ArborStop *innermost;

void
arbor_stop_begin (ArborStop *self, GCancellable *cancellable)
{
  *self = (ArborStop){ .cancellable = cancellable, .outer = innermost };
  innermost = self;
}

void
arbor_stop_end (ArborStop *self)
{
  g_assert (innermost == self);
  innermost = self->outer;
}

void
arbor_stop_capture (ArborStop *self)
{
  *self = (ArborStop){ .cancellable = g_cancellable_get_current (), .outer = innermost };
}

const ArborStop *
arbor_stop_adopt (const ArborStop *stop)
{
  const ArborStop *before = innermost;

  innermost = stop;
  return before;
}

gboolean
arbor_stop_is_asked (GCancellable *cancellable)
{
  if (g_cancellable_is_cancelled (cancellable) ||
      g_cancellable_is_cancelled (g_cancellable_get_current ()))
    return TRUE;
  for (const ArborStop *at = innermost; at != NULL; at = at->outer)
    if (g_cancellable_is_cancelled (at->cancellable))
      return TRUE;
  return FALSE;
}

ArborEffort *
arbor_stop_get_effort (void)
{
  const ArborStop *at = innermost;

  while (at != NULL && at->outer != NULL)
    at = at->outer;
  return at != NULL ? &((ArborStop *) at)->effort : NULL;
}

struct _ArborTally *
arbor_stop_get_tally (void)
{
  const ArborStop *at = innermost;

  while (at != NULL && at->tally == NULL)
    at = at->outer;
  return at != NULL ? at->tally : NULL;
}

void
arbor_stop_tell (guint64 done, guint64 total)
{
  const ArborStop *at = innermost;

  while (at != NULL && at->tell == NULL)
    at = at->outer;
  if (at != NULL)
    at->tell (done, total, at->tell_data);
}

GCancellable *
arbor_stop_pick (GCancellable *cancellable)
{
  if (cancellable == NULL)
    cancellable = g_cancellable_get_current ();
  for (const ArborStop *at = innermost; cancellable == NULL && at != NULL; at = at->outer)
    cancellable = at->cancellable;
  return cancellable;
}

void
arbor_stop_set_error (GError **error)
{
  /* In GLib's own words, which it has translated. */
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  g_cancellable_set_error_if_cancelled (cancelled, error);
}

gboolean
arbor_stop_check (GCancellable *cancellable, GError **error)
{
  if (!arbor_stop_is_asked (cancellable))
    return TRUE;
  arbor_stop_set_error (error);
  return FALSE;
}
