/* See arbor-cli-line.h. */

#include "arbor-cli-line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef ARBOR_HAVE_EDITLINE
#include <editline/readline.h>
#endif

#define MAX_HISTORY 1000

gboolean
arbor_cli_line_is_edited (void)
{
  return isatty (STDIN_FILENO) == 1 && isatty (STDOUT_FILENO) == 1;
}

static char *
read_plainly (void)
{
  char *line = NULL;
  size_t size = 0;

  if (getline (&line, &size, stdin) >= 0)
    return g_steal_pointer (&line);
  free (line);
  return NULL;
}

#ifdef ARBOR_HAVE_EDITLINE

static ArborCliCompleteFunc complete_func;
static gpointer complete_data;
static char **candidates;
static guint next_candidate;

static char *
dup_history_path (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "arbor", NULL);

  g_mkdir_with_parents (folder, 0700);
  return g_build_filename (folder, "history", NULL);
}

/* libedit asks for one after the other, each to be freed by it. */
static char *
give_candidate (G_GNUC_UNUSED const char *text, G_GNUC_UNUSED int state)
{
  const char *found = candidates[next_candidate];

  if (found == NULL)
    return NULL;
  next_candidate++;
  return strdup (found);
}

/* What stands before the word that is typed belongs to what may come in its place. */
static char **
complete_word (const char *text, int start, int end)
{
  g_autofree char *line = g_strndup (rl_line_buffer, (gsize) end);
  g_auto (GStrv) found = complete_func (line, complete_data);
  g_autoptr (GStrvBuilder) kept = g_strv_builder_new ();
  const char *word = strrchr (line, ' ') != NULL ? strrchr (line, ' ') + 1 : line;
  gsize n_before = (gsize) start >= (gsize) (word - line) ? (gsize) start - (gsize) (word - line) : 0;

  rl_attempted_completion_over = 1;
  for (guint i = 0; found[i] != NULL; i++)
    if (g_str_equal (found[i], ":files"))
      rl_attempted_completion_over = 0;
    else if (strlen (found[i]) > n_before && found[i][0] != ':')
      g_strv_builder_add (kept, found[i] + n_before);
  g_strfreev (candidates);
  candidates = g_strv_builder_end (kept);
  next_candidate = 0;
  /* What is whole is followed by the next word. */
  rl_completion_append_character = ' ';
  for (guint i = 0; candidates[i] != NULL; i++)
    if (g_str_has_suffix (candidates[i], "=") || g_str_has_suffix (candidates[i], "("))
      rl_completion_append_character = '\0';
  return candidates[0] != NULL ? rl_completion_matches (text, give_candidate) : NULL;
}

void
arbor_cli_line_begin (ArborCliCompleteFunc complete, gpointer data)
{
  g_autofree char *path = NULL;

  complete_func = complete;
  complete_data = data;
  if (!arbor_cli_line_is_edited ())
    return;
  rl_readline_name = "arbor";
  rl_attempted_completion_function = complete_word;
  using_history ();
  stifle_history (MAX_HISTORY);
  path = dup_history_path ();
  read_history (path);
}

char *
arbor_cli_line_read (const char *prompt)
{
  char *line = arbor_cli_line_is_edited () ? readline (prompt) : read_plainly ();

  if (line != NULL && line[0] != '\0' && arbor_cli_line_is_edited ())
    add_history (line);
  return line;
}

void
arbor_cli_line_end (void)
{
  g_autofree char *path = NULL;

  g_clear_pointer (&candidates, g_strfreev);
  if (!arbor_cli_line_is_edited ())
    return;
  putchar ('\n');
  path = dup_history_path ();
  write_history (path);
}

#else

void
arbor_cli_line_begin (G_GNUC_UNUSED ArborCliCompleteFunc complete, G_GNUC_UNUSED gpointer data)
{
}

char *
arbor_cli_line_read (const char *prompt)
{
  if (arbor_cli_line_is_edited ())
    {
      fputs (prompt, stdout);
      fflush (stdout);
    }
  return read_plainly ();
}

void
arbor_cli_line_end (void)
{
}

#endif
