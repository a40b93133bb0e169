/* arbor export: a whole arbor as JSON text. A file that is there is replaced when all is written,
 * so that a failure leaves it as it was.
 */

#include "arbor-cli.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

/* Where the text goes: standard output, a device or pipe as it is, a file by way of a new one. */
static GOutputStream *
open_target (const char *path, const char *store_path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = NULL;
  GStatBuf target;
  GStatBuf store;

  if (path == NULL || g_str_equal (path, "-"))
    return arbor_cli_output ();

  file = g_file_new_for_path (path);
  if (g_stat (path, &target) != 0)
    return G_OUTPUT_STREAM (
        g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, cancellable, error));

  if (g_stat (store_path, &store) == 0 && target.st_dev == store.st_dev &&
      target.st_ino == store.st_ino)
    {
      g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                   _ ("'%s' is the store itself: choose another FILE"), path);
      return NULL;
    }
  if (S_ISREG (target.st_mode) || S_ISDIR (target.st_mode))
    return G_OUTPUT_STREAM (
        g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, cancellable, error));

  int descriptor = g_open (path, O_WRONLY | O_CLOEXEC, 0);
  if (descriptor < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("Cannot write '%s': %s"),
                   path, g_strerror (errno));
      return NULL;
    }
  return g_unix_output_stream_new (descriptor, TRUE);
}

static gboolean
write_all (ArborArbor *arbor, GOutputStream *target, ArborFormat format, GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GCancellable) give_up = g_cancellable_new ();

  if (arbor_arbor_save (arbor, target, format, cancellable, error))
    return g_output_stream_close (target, cancellable, error);
  /* Closing a file that replaces another puts it in place, unless closing is cancelled. */
  g_cancellable_cancel (give_up);
  g_output_stream_close (target, give_up, NULL);
  return FALSE;
}

static gboolean
run_export (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_autofree char *format_text = NULL;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &format_text,
      N_ ("jsonl (default, a tree a line) or json (one array of all trees)"), N_ ("FORMAT") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GOutputStream) target = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  ArborFormat format;

  if (words == NULL || !arbor_cli_parse_format (format_text, &format, error))
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], FALSE, FALSE, cancellable, error);
  if (store == NULL)
    return FALSE;
  arbor = arbor_store_get (store, words[1], error);
  if (arbor == NULL)
    return FALSE;
  target = open_target (words[2], words[0], cancellable, error);
  return target != NULL && write_all (arbor, target, format, cancellable, error);
}

const ArborCommand arbor_command_export = {
  .name = "export",
  .words = "STORE NAME [FILE]",
  .n_words_min = 2,
  .n_words_max = 3,
  .summary = N_ ("Write an arbor as JSON text"),
  .description = N_ ("FILE is replaced when everything is written; without it, or with -, the text "
                     "goes to standard output.\n\n"
                     "Examples:\n"
                     "  arbor export players.arbor people people.jsonl\n"
                     "  arbor export players.arbor people --format json | less"),
  .run = run_export,
};
