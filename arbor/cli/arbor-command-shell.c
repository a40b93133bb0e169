/* arbor shell: commands line by line, without naming the store each time. Each runs as a process of its own, with
 * the store as its first word: so Ctrl-C ends a command and not the shell, and nothing of one is left for the
 * next. A line that begins with the name of an arbor is a query of it.
 */

#include "arbor-cli.h"

#include "arbor-cli-line.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *program;
  char *path; /* of the store */
} Shell;

static void
shell_clear (Shell *self)
{
  g_free (self->program);
  g_free (self->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Shell, shell_clear)

/* Words that end the shell, or are about itself. */
static gboolean
is_end (const char *word)
{
  return g_str_equal (word, "quit") || g_str_equal (word, "exit");
}

/* "people height > 80" is the query of people with all that follows as one expression. */
static gboolean
begins_with_name (const Shell *self, const char *word)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) store = NULL;
  gboolean is_name;

  /* It may lie where nothing can be written, or be gone by now. */
  arbor_store_options_set_read_only (options, TRUE);
  arbor_store_options_set_create (options, FALSE);
  store = arbor_store_open (self->path, options, NULL, NULL);
  is_name = store != NULL && arbor_store_contains (store, word, NULL);
  if (store != NULL)
    arbor_store_close (store);
  return is_name;
}

/* The words of a line as those of a command; NULL without error: there is none. */
static char **
make_words (const Shell *self, const char *line, GError **error)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autoptr (GError) failure = NULL;
  g_auto (GStrv) typed = NULL;
  const char *rest = line + strspn (line, " \t");
  g_autofree char *first = g_strndup (rest, strcspn (rest, " \t"));

  if (first[0] == '\0' || first[0] == '#')
    return NULL;
  g_strv_builder_add (words, self->program);
  if (!arbor_cli_is_command (first) && begins_with_name (self, first))
    {
      rest += strlen (first);
      rest += strspn (rest, " \t");
      g_strv_builder_add_many (words, "query", self->path, first, NULL);
      if (rest[0] == '-')
        {
          if (!g_shell_parse_argv (rest, NULL, &typed, error))
            return NULL;
          g_strv_builder_addv (words, (const char **) typed);
        }
      else if (rest[0] != '\0')
        g_strv_builder_add (words, rest);
      return g_strv_builder_end (words);
    }
  if (!g_shell_parse_argv (line, NULL, &typed, error))
    return NULL;
  g_strv_builder_add (words, g_str_equal (typed[0], "help") ? "--help" : typed[0]);
  if (arbor_cli_is_command (typed[0]))
    g_strv_builder_add (words, self->path);
  g_strv_builder_addv (words, (const char **) typed + 1);
  return g_strv_builder_end (words);
}

/* What the shell ignores its commands do not. */
static void
set_up_child (G_GNUC_UNUSED gpointer data)
{
  signal (SIGINT, SIG_DFL);
  signal (SIGPIPE, SIG_DFL);
}

/* Whether the command did what it should; it has said what was wrong. */
static gboolean
run_words (char **words, GError **error)
{
  void (*interrupt) (int) = signal (SIGINT, SIG_IGN);
  int status = 0;
  gboolean is_run = g_spawn_sync (NULL, words, NULL,
                                  G_SPAWN_CHILD_INHERITS_STDIN | G_SPAWN_LEAVE_DESCRIPTORS_OPEN,
                                  set_up_child, NULL, NULL, NULL, &status, error);

  signal (SIGINT, interrupt);
  return is_run && WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

static gboolean
run_line (const Shell *self, const char *line)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = make_words (self, line, &error);
  gboolean is_good = words != NULL ? run_words (words, &error) : error == NULL;

  if (error != NULL)
    arbor_cli_complain ("%s", error->message);
  return is_good;
}

/* What `arbor complete` says of the words so far. */
static char **
complete (const char *line, gpointer data)
{
  const Shell *self = data;
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) typed = g_strsplit (line, " ", -1);
  g_auto (GStrv) all = NULL;
  g_autofree char *out = NULL;

  g_strv_builder_add_many (words, self->program, "complete", NULL);
  for (guint i = 0; typed[i] != NULL; i++)
    {
      if (typed[i][0] != '\0' || typed[i + 1] == NULL)
        g_strv_builder_add (words, typed[i]);
      if (i == 0 && typed[1] != NULL)
        g_strv_builder_add (words, self->path);
    }
  all = g_strv_builder_end (words);
  if (!g_spawn_sync (NULL, all, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL, NULL, NULL))
    return g_new0 (char *, 1);
  return g_strsplit (out, "\n", -1);
}

static gboolean
run_shell (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (ArborStore) store = words != NULL ? arbor_cli_open (words[0], FALSE, FALSE, NULL, error) : NULL;
  g_auto (Shell) shell = { NULL };
  g_autofree char *name = NULL;
  g_autofree char *prompt = NULL;
  gboolean is_good = TRUE;
  char *line;

  if (store == NULL)
    return FALSE;
  shell.program = g_file_read_link ("/proc/self/exe", error);
  if (shell.program == NULL)
    return FALSE;
  shell.path = realpath (words[0], NULL);
  g_clear_object (&store);
  arbor_cli_close ();
  name = g_path_get_basename (words[0]);
  prompt = g_strdup_printf ("%s> ", name);
  arbor_cli_line_begin (complete, &shell);
  while ((line = arbor_cli_line_read (prompt)) != NULL)
    {
      g_autofree char *typed = g_strstrip (line);

      if (is_end (typed))
        break;
      is_good = run_line (&shell, typed) && is_good;
    }
  arbor_cli_line_end ();
  if (!is_good && !arbor_cli_line_is_edited ())
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("Some of the lines failed"));
  return is_good || arbor_cli_line_is_edited ();
}

const ArborCommand arbor_command_shell = {
  .name = "shell",
  .words = "STORE",
  .n_words_min = 1,
  .n_words_max = 1,
  .summary = N_ ("Type commands about a store, with history and completion"),
  .description = N_ ("A line is a command without STORE, or the name of an arbor and an expression. help lists "
                     "commands; quit, or\nCtrl-D, ends. Lines also come from standard input.\n\n"
                     "Examples of lines:\n"
                     "  ls\n"
                     "  people height > 80\n"
                     "  people --sort height:desc --limit 3 --pick name,height\n"
                     "  query people 'height > 80' --explain"),
  .run = run_shell,
};
