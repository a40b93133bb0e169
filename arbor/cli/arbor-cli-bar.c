/* See arbor-cli-bar.h. */

#include "arbor-cli-bar.h"

#include <unistd.h>

#define WIDTH           30
#define REDRAW_INTERVAL (G_USEC_PER_SEC / 10)

static void
draw (guint64 done, guint64 total, gpointer data)
{
  ArborCliBar *self = data;
  gint64 now = g_get_monotonic_time ();
  g_autofree char *done_text = NULL;

  if (self->drawn_at != 0 && now - self->drawn_at < REDRAW_INTERVAL)
    return;
  self->drawn_at = now;
  done_text = g_format_size (done);
  if (total == 0)
    g_printerr ("\r%s  %s\033[K", self->name, done_text);
  else
    {
      double part = MIN ((double) done / (double) total, 1.0);
      int full = (int) (part * WIDTH);
      g_autofree char *total_text = g_format_size (total);

      g_printerr ("\r%s  [%.*s%*s] %3d%%  %s / %s\033[K", self->name, full,
                  "##############################", WIDTH - full, "", (int) (part * 100.0), done_text,
                  total_text);
    }
}

ArborProgressFunc
arbor_cli_bar_get_progress (void)
{
  return isatty (STDERR_FILENO) ? draw : NULL;
}

void
arbor_cli_bar_wipe (const ArborCliBar *self)
{
  if (self->drawn_at != 0)
    g_printerr ("\r\033[K");
}
