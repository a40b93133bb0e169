/* See arbor-watch.h. The source rests on the descriptor of inotify and on its own ready time. After it
 * was told of a write it does not look at the descriptor until a pause is over. Another file may come to
 * the path (arbor-exchange.h): the old one then loses its name, which is told too, and the new one is
 * watched.
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
  char *path;
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

/* Nothing changes where the path has the same file still. */
static gboolean
add_watch (Watch *self)
{
  return inotify_add_watch (self->fd, self->path, IN_MODIFY | IN_ATTRIB) >= 0;
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
      if (was_told)
        add_watch (self);
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
  g_free (self->path);
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
  self->path = g_strdup (path);
  if (self->fd >= 0 && !add_watch (self))
    {
      close (self->fd);
      self->fd = -1;
    }
  if (self->fd >= 0)
    self->tag = g_source_add_unix_fd (source, self->fd, G_IO_IN);
  g_source_set_ready_time (source, g_get_monotonic_time () + PERIOD);
  return source;
}
