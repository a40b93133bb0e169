/* arbor export: a whole arbor as JSON text or CSV. A file is put in its place when all is written, so
 * that a failure leaves what was there, or nothing.
 */

#include "arbor-cli.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

static gboolean
is_same_file (const char *path, const char *other)
{
  GStatBuf one, two;

  return g_stat (path, &one) == 0 && g_stat (other, &two) == 0 && one.st_dev == two.st_dev &&
         one.st_ino == two.st_ino;
}

static gboolean
check_target (const char *path, const char *store_path, GError **error)
{
  /* The lock file lies beside the store, not beside a link to it. */
  g_autofree char *real_path = realpath (store_path, NULL);
  g_autofree char *lock_path = NULL;

  if (real_path == NULL)
    return TRUE;
  lock_path = g_strconcat (real_path, "-lock", NULL);
  if (!is_same_file (path, real_path) && !is_same_file (path, lock_path))
    return TRUE;
  g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
               _("'%s' is the store itself: choose another FILE"), path);
  return FALSE;
}

typedef struct
{
  ArborFormat format;
  const char *delimiter; /* of CSV; NULL for the comma, or what the name of the file tells */
} Shape;

static gboolean
print_all (ArborArbor *arbor, const Shape *shape, GCancellable *cancellable, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (GCancellable) give_up = g_cancellable_new ();
  gboolean is_written;

  if (shape->format == ARBOR_FORMAT_CSV || shape->delimiter != NULL)
    is_written = arbor_arbor_save_csv (arbor, output, NULL, shape->delimiter, cancellable, error);
  else
    is_written = arbor_arbor_save (arbor, output, shape->format, cancellable, error);
  if (is_written)
    return g_output_stream_close (output, cancellable, error);
  /* What is still in its buffer is not written after a failure. */
  g_cancellable_cancel (give_up);
  g_output_stream_close (output, give_up, NULL);
  return FALSE;
}

static gboolean
choose_shape (const char *format, const char *delimiter, Shape *shape, GError **error)
{
  if (!arbor_cli_parse_format (format, &shape->format, NULL, error) ||
      !arbor_cli_parse_delimiter (delimiter, &shape->delimiter, error))
    return FALSE;
  if (delimiter == NULL || shape->format == ARBOR_FORMAT_CSV || shape->format == ARBOR_FORMAT_AUTO)
    return TRUE;
  g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                       _("--delimiter is for CSV: not with another format"));
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
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  Shape shape = { ARBOR_FORMAT_AUTO };
  gboolean to_file;

  if (words == NULL || !choose_shape (format, delimiter, &shape, error))
    return FALSE;
  to_file = words[2] != NULL && !g_str_equal (words[2], "-");
  if (to_file && !check_target (words[2], words[0], error))
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], FALSE, FALSE, cancellable, error);
  if (store == NULL)
    return FALSE;
  arbor = arbor_store_get (store, words[1], error);
  if (arbor == NULL)
    return FALSE;
  return to_file ? arbor_arbor_save_file (arbor, words[2], shape.format, NULL, shape.delimiter,
                                          cancellable, error)
                 : print_all (arbor, &shape, cancellable, error);
}

const ArborCommand arbor_command_export = {
  .name = "export",
  .words = "STORE NAME [FILE]",
  .n_words_min = 2,
  .n_words_max = 3,
  .summary = N_ ("Write an arbor as JSON text or CSV"),
  .description = N_ ("FILE is there, or replaced, when everything is written; without it, or with -, the text "
                     "goes to standard output. Without --format it is CSV when FILE ends with .csv "
                     "or .tsv, one JSON array when it ends with .json, else JSON Lines.\nThe columns of CSV are the fields at the top of "
                     "the trees, in the order in which they are met;\narrays and objects in them "
                     "are written as JSON.\n\n"
                     "Examples:\n"
                     "  arbor export players.arbor people people.jsonl\n"
                     "  arbor export players.arbor people --format json | less\n"
                     "  arbor export players.arbor people people.csv"),
  .only_reads = TRUE,
  .run = run_export,
};
