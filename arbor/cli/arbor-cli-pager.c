/* See arbor-cli-pager.h. */

#include "arbor-cli-pager.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static GSubprocess *pager;
static void (*interrupt) (int);

static guint
get_terminal_height (void)
{
  const char *lines = g_getenv ("LINES");
  struct winsize size = { 0 };
  guint64 height;

  if (lines != NULL && g_ascii_string_to_unsigned (lines, 10, 1, G_MAXUINT16, &height, NULL))
    return (guint) height;
  return ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

GOutputStream *
arbor_cli_pager_begin (guint64 n_lines)
{
  const char *command = g_getenv ("PAGER");
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  guint height = get_terminal_height ();

  if (isatty (STDOUT_FILENO) != 1 || isatty (STDIN_FILENO) != 1 || height == 0 || n_lines < height ||
      (command != NULL && (command[0] == '\0' || g_str_equal (command, "cat"))) ||
      g_strcmp0 (g_getenv ("TERM"), "dumb") == 0)
    return NULL;
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE);
  /* Colours stay, lines are not folded. */
  g_subprocess_launcher_setenv (launcher, "LESS", "FRSX", FALSE);
  pager = g_subprocess_launcher_spawn (launcher, NULL, "sh", "-c",
                                       command != NULL ? command : "exec less 2>/dev/null || exec more", NULL);
  if (pager == NULL)
    return NULL;
  /* Ctrl-C is for the pager. */
  interrupt = signal (SIGINT, SIG_IGN);
  return g_buffered_output_stream_new (g_subprocess_get_stdin_pipe (pager));
}

void
arbor_cli_pager_end (GOutputStream *stream)
{
  g_output_stream_close (stream, NULL, NULL);
  g_object_unref (stream);
  g_subprocess_wait (pager, NULL, NULL);
  signal (SIGINT, interrupt);
  g_clear_object (&pager);
}
