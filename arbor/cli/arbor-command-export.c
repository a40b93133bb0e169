/* arbor export: a whole arbor as JSON text or CSV. A file that is there is replaced when all is
 * written, so that a failure leaves it as it was.
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

typedef struct
{
  ArborFormat format;
  const char *delimiter; /* of CSV; NULL for the comma */
} Shape;

static gboolean
write_all (ArborArbor *arbor, GOutputStream *target, const Shape *shape, GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GCancellable) give_up = g_cancellable_new ();
  gboolean is_written;

  if (shape->format == ARBOR_FORMAT_CSV)
    is_written = arbor_arbor_save_csv (arbor, target, NULL, shape->delimiter, cancellable, error);
  else
    is_written = arbor_arbor_save (arbor, target, shape->format, cancellable, error);
  if (is_written)
    return g_output_stream_close (target, cancellable, error);
  /* Closing a file that replaces another puts it in place, unless closing is cancelled. */
  g_cancellable_cancel (give_up);
  g_output_stream_close (target, give_up, NULL);
  return FALSE;
}

static gboolean
is_named (const char *path, const char *ending)
{
  g_autofree char *lower = path != NULL ? g_ascii_strdown (path, -1) : NULL;

  return lower != NULL && g_str_has_suffix (lower, ending);
}

/* The format that is asked for, or that the name of the file tells. */
static gboolean
choose_shape (const char *format, const char *delimiter, const char *path, Shape *shape,
              GError **error)
{
  if (!arbor_cli_parse_format (format, &shape->format, NULL, error) ||
      !arbor_cli_parse_delimiter (delimiter, &shape->delimiter, error))
    return FALSE;
  if (shape->format == ARBOR_FORMAT_AUTO &&
      (delimiter != NULL || is_named (path, ".csv") || is_named (path, ".tsv")))
    shape->format = ARBOR_FORMAT_CSV;
  if (delimiter == NULL && is_named (path, ".tsv"))
    shape->delimiter = "\t";
  if (delimiter == NULL || shape->format == ARBOR_FORMAT_CSV)
    return TRUE;
  g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                       _ ("--delimiter is for CSV: not with another format"));
  return FALSE;
}

static gboolean
run_export (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_autofree char *format = NULL;
  g_autofree char *delimiter = NULL;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &format,
      N_ ("auto (default), jsonl (a tree a line), json (one array of all trees) or csv"),
      N_ ("FORMAT") },
    { "delimiter", 0, 0, G_OPTION_ARG_FILENAME, &delimiter,
      N_ ("CSV: what stands between cells instead of the comma; tab is a word for it"),
      N_ ("CHARACTER") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GOutputStream) target = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  Shape shape = { ARBOR_FORMAT_AUTO };

  if (words == NULL || !choose_shape (format, delimiter, words[2], &shape, error))
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], FALSE, FALSE, cancellable, error);
  if (store == NULL)
    return FALSE;
  arbor = arbor_store_get (store, words[1], error);
  if (arbor == NULL)
    return FALSE;
  target = open_target (words[2], words[0], cancellable, error);
  return target != NULL && write_all (arbor, target, &shape, cancellable, error);
}

const ArborCommand arbor_command_export = {
  .name = "export",
  .words = "STORE NAME [FILE]",
  .n_words_min = 2,
  .n_words_max = 3,
  .summary = N_ ("Write an arbor as JSON text or CSV"),
  .description = N_ ("FILE is replaced when everything is written; without it, or with -, the text "
                     "goes to standard output. Without --format it is CSV when FILE ends with .csv "
                     "or .tsv, else JSON Lines.\nThe columns of CSV are the fields at the top of "
                     "the trees, in the order in which they are met;\narrays and objects in them "
                     "are written as JSON.\n\n"
                     "Examples:\n"
                     "  arbor export players.arbor people people.jsonl\n"
                     "  arbor export players.arbor people --format json | less\n"
                     "  arbor export players.arbor people people.csv"),
  .only_reads = TRUE,
  .run = run_export,
};
