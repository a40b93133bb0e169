/* The `arbor` command: finds the subcommand, runs it, and turns what came of it into an exit code.
 * See arbor-cli.h for the rules.
 */

#include "arbor-cli-complete.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum
{
  EXIT_USAGE = 2,
  EXIT_DAMAGED = 3,
};

/* What was left out of the build, behind --version. */
#ifdef ARBOR_HAVE_ZLIB
#define HAS_GZIP '+'
#else
#define HAS_GZIP '-'
#endif
#ifdef ARBOR_HAVE_ZSTD
#define HAS_ZSTD '+'
#else
#define HAS_ZSTD '-'
#endif
#ifdef ARBOR_HAVE_EDITLINE
#define HAS_EDITLINE '+'
#else
#define HAS_EDITLINE '-'
#endif
#ifdef ARBOR_HAVE_SYSPROF
#define HAS_SYSPROF '+'
#else
#define HAS_SYSPROF '-'
#endif

static const ArborCommand *const commands[] = {
  &arbor_command_import,   &arbor_command_ls,     &arbor_command_show,   &arbor_command_query,
  &arbor_command_describe, &arbor_command_counts, &arbor_command_diff,   &arbor_command_export,
  &arbor_command_delete,
  &arbor_command_update,   &arbor_command_rename, &arbor_command_keys,   &arbor_command_get,
  &arbor_command_set,      &arbor_command_unset,  &arbor_command_stats,  &arbor_command_compact,
  &arbor_command_verify,   &arbor_command_backup, &arbor_command_recover,
  &arbor_command_dump,     &arbor_command_load,   &arbor_command_upgrade,
  &arbor_command_shell,
};

gboolean
arbor_cli_is_command (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (word, commands[i]->name))
      return TRUE;
  return FALSE;
}

static char *
describe_commands (void)
{
  GString *text = g_string_new (_("Commands:"));

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "\n  %-8s %s", commands[i]->name,
                            g_dgettext (GETTEXT_PACKAGE, commands[i]->summary));
  g_string_append (text, "\n\n");
  g_string_append (text, _("'arbor COMMAND --help' tells more about each."));
  return g_string_free (text, FALSE);
}

/* The command that @argv names, and what is left for it; NULL without an error when all is done. */
static const ArborCommand *
find_command (int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (_("COMMAND [ARGUMENT...]"));
  g_autofree char *description = describe_commands ();
  gboolean version = FALSE;
  const GOptionEntry entries[] = { { "version", 0, 0, G_OPTION_ARG_NONE, &version,
                                     N_ ("Print the version and exit"), NULL },
                                   G_OPTION_ENTRY_NULL };

  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_set_summary (context, _("Keeps JSON documents in a store and queries them."));
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, error))
    return NULL;

  if (version)
    {
      g_print ("arbor %s (%cgzip %czstd %ceditline %csysprof)\n", ARBOR_VERSION, HAS_GZIP,
               HAS_ZSTD, HAS_EDITLINE, HAS_SYSPROF);
      return NULL;
    }
  if (*argc < 2)
    {
      g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, _("Expected a command"));
      return NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal ((*argv)[1], commands[i]->name))
      return commands[i];
  g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, _("Unknown command '%s'"),
               (*argv)[1]);
  return NULL;
}

static void
die_of_signal (int number)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, number);
  signal (number, SIG_DFL);
  pthread_sigmask (SIG_UNBLOCK, &set, NULL);
  raise (number);
}

static int
report (const GError *error)
{
  /* The reader of our output has seen enough. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    return EXIT_SUCCESS;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && arbor_cli_get_signal () != 0)
    {
      arbor_cli_complain (_("Interrupted, nothing was changed"));
      die_of_signal (arbor_cli_get_signal ());
    }

  arbor_cli_complain ("%s", error->message);
  if (g_error_matches (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_DAMAGED))
    return EXIT_DAMAGED;
  if (error->domain == ARBOR_CLI_ERROR || error->domain == G_OPTION_ERROR)
    {
      g_printerr (_("Try '%s --help'\n"), g_get_prgname ());
      return EXIT_USAGE;
    }
  return EXIT_FAILURE;
}

/* Of the standard descriptors those that are closed would be given to the files that are opened
 * next. What is printed to them goes nowhere; reading from standard input fails, for nobody meant that
 * there is nothing to read. */
static void
open_standard_descriptors (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && errno == EBADF &&
        open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDWR) != fd)
      _exit (EXIT_FAILURE);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const ArborCommand *command;
  gboolean is_good;

  open_standard_descriptors ();
  setlocale (LC_ALL, "");
  arbor_cli_set_print_handlers ();
  /* Writing to a closed pipe, or past the size that files may have, shall fail, not kill: a part of an
   * export would stay under its passing name. */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
  g_set_prgname ("arbor");

  if (argc >= 3 && g_str_equal (argv[1], "complete"))
    {
      arbor_cli_complete (commands, G_N_ELEMENTS (commands), argv + 2);
      arbor_cli_close ();
      return EXIT_SUCCESS;
    }
  command = find_command (&argc, &argv, &error);
  is_good = command != NULL && command->run (command, argc - 1, argv + 1, &error);
  arbor_cli_close ();
  if (is_good)
    return EXIT_SUCCESS;
  return error != NULL ? report (error) : EXIT_SUCCESS;
}
