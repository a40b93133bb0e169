/* See arbor-watch.h. The source rests on the descriptor of inotify and on its own ready time. After it
 * was told of a write it does not look at the descriptor until a pause is over.
 */

#include "storage/arbor-watch.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/arbor-descriptors.h"

#define PERIOD G_USEC_PER_SEC
#define PAUSE  (G_USEC_PER_SEC / 10)

typedef struct
{
  GSource source;
  int fd; /* -1: polling only */
  gpointer tag;
  gboolean is_paused;
} Watch;

/* What the events are does not matter. */
static void
drain (int fd)
{
  char events[4096];
  gssize n;

  do
    n = read (fd, events, sizeof events);
  while (n > 0 || (n < 0 && errno == EINTR));
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  Watch *self = (Watch *) source;
  gboolean was_told = FALSE;

  if (self->fd >= 0)
    {
      was_told = !self->is_paused &&
                 (g_source_query_unix_fd (source, self->tag) & G_IO_IN) != 0;
      drain (self->fd);
      g_source_modify_unix_fd (source, self->tag, was_told ? 0 : G_IO_IN);
      self->is_paused = was_told;
    }
  g_source_set_ready_time (source, g_get_monotonic_time () + (was_told ? PAUSE : PERIOD));
  return callback == NULL || callback (data);
}

static void
finalize (GSource *source)
{
  Watch *self = (Watch *) source;

  if (self->fd >= 0)
    close (self->fd);
}

GSource *
arbor_watch_source_new (const char *path)
{
  static GSourceFuncs funcs = { .dispatch = dispatch, .finalize = finalize };
  GSource *source = g_source_new (&funcs, sizeof (Watch));
  Watch *self = (Watch *) source;

  g_source_set_static_name (source, "[arbor] watch");
  arbor_descriptors_hold ();
  self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  arbor_descriptors_release ();
  if (self->fd >= 0 && inotify_add_watch (self->fd, path, IN_MODIFY) < 0)
    {
      close (self->fd);
      self->fd = -1;
    }
  if (self->fd >= 0)
    self->tag = g_source_add_unix_fd (source, self->fd, G_IO_IN);
  g_source_set_ready_time (source, g_get_monotonic_time () + PERIOD);
  return source;
}
