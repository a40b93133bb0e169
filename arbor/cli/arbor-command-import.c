/* arbor import: JSON text or CSV into a store. The only command that makes a store. */

#include "arbor-command-import-private.h"

#include "arbor-cli-bar.h"
#include "arbor-cli-cell.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* A mistyped input shall not leave an empty store behind. */
static gboolean
check_readable (const char *path, GError **error)
{
  int reason = 0;

  if (g_access (path, R_OK) != 0)
    reason = errno;
  else if (g_file_test (path, G_FILE_TEST_IS_DIR))
    reason = EISDIR;
  else
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (reason), _("Cannot read '%s': %s"), path,
               g_strerror (reason));
  return FALSE;
}

typedef struct
{
  char *format;
  char *at;
  gboolean skip_bad;
  char *delimiter;
  gboolean no_header;
  gboolean text;
  gboolean whole;
  char *as_object;
  gboolean exact;
  char *memory;
  char **types; /* each a list */
  char **keys;
  gboolean unique;
  gboolean append;
  gboolean upsert;
} ImportOptions;

#define MAX_NOTES 20u

static void
import_options_clear (ImportOptions *options)
{
  g_free (options->format);
  g_free (options->at);
  g_free (options->delimiter);
  g_free (options->as_object);
  g_free (options->memory);
  g_strfreev (options->types);
  g_strfreev (options->keys);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ImportOptions, import_options_clear)

static gboolean
is_about_csv (const ImportOptions *options)
{
  return options->delimiter != NULL || options->no_header || options->text ||
         options->types != NULL;
}

static gboolean
check_options (const ImportOptions *options, ArborFormat format, GError **error)
{
  gboolean has_csv = is_about_csv (options);
  gboolean has_parts = options->at != NULL || options->as_object != NULL;
  const char *message = NULL;

  if (options->whole && (options->as_object != NULL || format == ARBOR_FORMAT_CSV || has_csv))
    message = _("--whole makes one tree of a document of JSON: not with --as-object or CSV");
  else if (options->as_object != NULL && (format == ARBOR_FORMAT_JSONL || format == ARBOR_FORMAT_CSV))
    message = _("--as-object takes apart one JSON document: not with --format jsonl or csv");
  else if (options->at != NULL && (format == ARBOR_FORMAT_JSONL || format == ARBOR_FORMAT_CSV))
    message = _("--at takes apart one JSON document: not with --format jsonl or csv");
  else if (options->skip_bad && (has_parts || format == ARBOR_FORMAT_JSON))
    message = _("--skip-bad leaves out lines of JSON Lines or CSV: "
                "not with --format json, --at or --as-object");
  else if (has_csv &&
           (has_parts || format == ARBOR_FORMAT_JSONL || format == ARBOR_FORMAT_JSON))
    message =
        _("--delimiter, --no-header, --text and --type are for CSV: "
          "not with --at or another format");
  else if (options->append && (options->upsert || options->keys != NULL))
    message = _("--append adds to what there is: not with --upsert or --key");
  else if (options->upsert && (options->unique || (options->keys != NULL && options->keys[1] != NULL)))
    message = _("--upsert goes by one --key: not with --unique");
  else if (options->unique && options->keys == NULL)
    message = _("--unique is about keys: expected --key");
  if (message != NULL)
    g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, message);
  return message == NULL;
}

/* "200M", "3G", or bytes. */
static gboolean
parse_memory (const char *text, guint64 *n_bytes, GError **error)
{
  static const char units[] = "KMGT";
  const char *unit;
  char *end;

  *n_bytes = 0;
  if (text == NULL)
    return TRUE;
  if (g_ascii_isdigit (*text))
    {
      *n_bytes = g_ascii_strtoull (text, &end, 10);
      unit = *end != '\0' ? strchr (units, g_ascii_toupper (*end)) : NULL;
      if (*n_bytes > 0 && *n_bytes < G_MAXUINT64 &&
          (*end == '\0' || (unit != NULL && end[1] == '\0' &&
                            g_uint64_checked_mul (n_bytes, *n_bytes,
                                                  G_GUINT64_CONSTANT (1024) << (10 * (unit - units))))))
        return TRUE;
    }
  g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
               _("--memory takes a number of bytes such as 500M, found '%s'"), text);
  return FALSE;
}

/* All that the --type options list. */
static char **
split_types (char **lists, GError **error)
{
  g_autoptr (GStrvBuilder) types = g_strv_builder_new ();

  for (guint i = 0; lists[i] != NULL; i++)
    {
      g_auto (GStrv) words = NULL;

      if (!arbor_cli_check_utf8 (lists[i], "--type", error))
        return NULL;
      words = g_strsplit (lists[i], ",", -1);
      g_strv_builder_addv (types, (const char **) words);
    }
  return g_strv_builder_end (types);
}

static gboolean
set_types (ArborLoadOptions *load, char **lists, GError **error)
{
  g_auto (GStrv) types = NULL;

  if (lists == NULL)
    return TRUE;
  types = split_types (lists, error);
  if (types == NULL)
    return FALSE;
  for (guint i = 0; types[i] != NULL; i++)
    if (!g_str_has_suffix (types[i], "=number") && !g_str_has_suffix (types[i], "=text"))
      {
        g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                     _("--type takes NAME=number or NAME=text, several with commas between them, "
                       "found '%s'"),
                     types[i]);
        return FALSE;
      }
  arbor_load_options_set_types (load, (const char *const *)types);
  return TRUE;
}

static ArborLoadOptions *
make_options (const ImportOptions *options, GError **error)
{
  g_autoptr (ArborLoadOptions) load = arbor_load_options_new ();
  const char *delimiter;
  ArborFormat format;
  guint64 memory;

  if (!arbor_cli_parse_format (options->format, &format, NULL, error) ||
      !arbor_cli_parse_delimiter (options->delimiter, &delimiter, error) ||
      !check_options (options, format, error))
    return NULL;
  if ((options->at != NULL && !arbor_cli_check_utf8 (options->at, "--at", error)) ||
      (options->as_object != NULL &&
       !arbor_cli_check_utf8 (options->as_object, "--as-object", error)) ||
      !parse_memory (options->memory, &memory, error))
    return NULL;
  /* Who says how CSV is written says that it is CSV. */
  if (is_about_csv (options))
    format = ARBOR_FORMAT_CSV;
  arbor_load_options_set_format (load, format);
  arbor_load_options_set_at (load, options->at);
  arbor_load_options_set_whole (load, options->whole);
  arbor_load_options_set_as_object (load, options->as_object);
  arbor_load_options_set_decimals (load, options->exact ? ARBOR_DECIMALS_EXACT
                                                        : ARBOR_DECIMALS_NEAREST);
  arbor_load_options_set_memory_limit (load, memory);
  arbor_load_options_set_skip_bad (load, options->skip_bad);
  arbor_load_options_set_delimiter (load, delimiter);
  arbor_load_options_set_has_header (load, !options->no_header);
  arbor_load_options_set_infer_numbers (load, !options->text);
  if (!set_types (load, options->types, error))
    return NULL;
  for (guint i = 0; options->keys != NULL && options->keys[i] != NULL; i++)
    if (!arbor_cli_check_utf8 (options->keys[i], "--key", error))
      return NULL;
  arbor_load_options_set_keys (load, (const char *const *) options->keys);
  arbor_load_options_set_keys_unique (load, options->unique);
  return g_steal_pointer (&load);
}

static void
report_bad_lines (ArborLoadReport *report, const char *path)
{
  guint64 n_bad = arbor_load_report_get_n_bad (report);
  g_auto (GStrv) messages = arbor_load_report_dup_bad_messages (report);
  guint n_messages = messages != NULL ? g_strv_length (messages) : 0;

  for (guint i = 0; i < n_messages; i++)
    arbor_cli_complain ("%s", messages[i]);
  if (n_bad > 0)
    arbor_cli_complain (g_dngettext (GETTEXT_PACKAGE, "%s: %llu bad line was left out",
                                     "%s: %llu bad lines were left out", (gulong) n_bad),
                        path, (unsigned long long)n_bad);
}

static void
report_repeated_keys (ArborLoadReport *report, const char *path)
{
  guint64 n = arbor_load_report_get_n_repeated_keys (report);

  if (n > 0)
    arbor_cli_complain (
        g_dngettext (GETTEXT_PACKAGE,
                     "%s: %llu key came again in its object: the last value was kept",
                     "%s: %llu keys came again in their object: the last value was kept", (gulong)n),
        path, (unsigned long long)n);
}

static void
report_notes (ArborLoadReport *report, const char *name)
{
  g_auto (GStrv) notes = arbor_load_report_dup_notes (report);
  guint n = g_strv_length (notes);

  for (guint i = 0; i < MIN (n, MAX_NOTES); i++)
    arbor_cli_complain ("%s: %s", name, notes[i]);
  if (n > MAX_NOTES)
    arbor_cli_complain (g_dngettext (GETTEXT_PACKAGE, "%s: and %u more note of this kind",
                                     "%s: and %u more notes of this kind", n - MAX_NOTES),
                        name, n - MAX_NOTES);
}

gboolean
arbor_command_import_report (ArborLoadReport *report, const char *name, const char *path,
                             GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  guint64 n_trees = arbor_load_report_get_n_trees (report);
  g_autofree char *size = g_format_size (arbor_load_report_get_n_bytes (report));

  report_bad_lines (report, path);
  report_repeated_keys (report, path);
  report_notes (report, name);
  return arbor_cli_tell (output, error,
                         g_dngettext (GETTEXT_PACKAGE, "%s: %llu tree from %s\n",
                                      "%s: %llu trees from %s\n", (gulong) n_trees),
                         name, (unsigned long long)n_trees, size) &&
         g_output_stream_flush (output, NULL, error);
}

/* One file that becomes the arbor: it is stored as it is read. */
static gboolean
import_file (char **words, ArborLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_autofree char *shown_name = arbor_cli_cell_clean_lines (words[1]);
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborStore) store = arbor_cli_open (words[0], TRUE, TRUE, cancellable, error);
  ArborCliBar bar = { .name = shown_name };
  ArborProgressFunc progress = arbor_cli_bar_get_progress ();

  if (store == NULL)
    return FALSE;
  if (g_str_equal (words[2], "-"))
    {
      g_autoptr (GInputStream) stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);

      report = arbor_store_import_stream (store, words[1], stream, options, progress, &bar,
                                          cancellable, error);
    }
  else
    report = arbor_store_import_file (store, words[1], words[2], options, progress, &bar,
                                      cancellable, error);
  arbor_cli_bar_wipe (&bar);
  arbor_store_close (store);
  return report != NULL && arbor_command_import_report (report, words[1], words[2], error);
}

static gboolean
run_import (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (ImportOptions) import = { NULL };
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &import.format,
      N_ ("auto (default: an array is a tree an element, else a tree a document), jsonl (a tree a "
          "line), json (the file is one tree) or csv"),
      N_ ("FORMAT") },
    { "at", 0, 0, G_OPTION_ARG_FILENAME, &import.at,
      N_ ("Take the array or object at PATH of one JSON document, an element or member a tree"),
      N_ ("PATH") },
    { "as-object", 0, 0, G_OPTION_ARG_FILENAME, &import.as_object,
      N_ ("Take the members of an object (the document, or what is at --at), a tree each, and put "
          "their keys into the field KEY"),
      N_ ("KEY") },
    { "whole", 0, 0, G_OPTION_ARG_NONE, &import.whole,
      N_ ("Make one tree of an array that is all of the file, or of what is at --at"), NULL },
    { "exact", 0, 0, G_OPTION_ARG_NONE, &import.exact,
      N_ ("Keep every digit of decimals, and -0"), NULL },
    { "memory", 0, 0, G_OPTION_ARG_FILENAME, &import.memory,
      N_ ("Let one tree take at most SIZE bytes of memory (500M, 2G)"), N_ ("SIZE") },
    { "key", 'k', 0, G_OPTION_ARG_FILENAME_ARRAY, &import.keys,
      N_ ("The key of a tree is what is at PATH: arbor get finds trees by it; several make one key"),
      N_ ("PATH") },
    { "unique", 'u', 0, G_OPTION_ARG_NONE, &import.unique,
      N_ ("With --key: no two trees have the same key"), NULL },
    { "append", 0, 0, G_OPTION_ARG_NONE, &import.append,
      N_ ("Put the trees behind those that NAME has"), NULL },
    { "upsert", 0, 0, G_OPTION_ARG_NONE, &import.upsert,
      N_ ("Put the trees in the place of those with the same --key, or of the declared one, or behind"),
      NULL },
    { "skip-bad", 0, 0, G_OPTION_ARG_NONE, &import.skip_bad,
      N_ ("Leave out lines that are malformed, and report them"), NULL },
    { "delimiter", 0, 0, G_OPTION_ARG_FILENAME, &import.delimiter,
      N_ ("CSV: what stands between cells, which else is found out; tab is a word for it"),
      N_ ("CHARACTER") },
    { "no-header", 0, 0, G_OPTION_ARG_NONE, &import.no_header,
      N_ ("CSV: the first record is data; columns are column1, column2, ..."), NULL },
    { "text", 0, 0, G_OPTION_ARG_NONE, &import.text,
      N_ ("CSV: keep numbers as the strings they are written as"), NULL },
    { "type", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &import.types,
      N_ ("CSV: what columns are, instead of finding out: NAME=number or NAME=text, with commas "
          "between them"),
      N_ ("TYPES") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborLoadOptions) options = NULL;
  ImportWay way = import.upsert ? IMPORT_UPSERT : import.append ? IMPORT_APPEND : IMPORT_REPLACE;

  if (words == NULL)
    return FALSE;
  options = make_options (&import, error);
  if (options == NULL)
    return FALSE;
  for (guint i = 2; words[i] != NULL; i++)
    if (!g_str_equal (words[i], "-") && !check_readable (words[i], error))
      return FALSE;

  cancellable = arbor_cli_cancel_on_signals ();
  if (way == IMPORT_REPLACE && words[3] == NULL)
    return import_file (words, options, cancellable, error);
  return arbor_command_import_several (words[0], words[1], words + 2, options, way,
                                       import.keys != NULL ? import.keys[0] : NULL, cancellable, error);
}

const ArborCommand arbor_command_import = {
  .name = "import",
  .words = "STORE NAME FILE...",
  .n_words_min = 3,
  .n_words_max = G_MAXUINT,
  .summary = N_ ("Read JSON or CSV into the arbor NAME of a store"),
  .description =
      N_ ("FILE is an array of JSON, whose elements become trees, JSON Lines or other JSON "
          "documents, or CSV when\nits name ends with .csv or .tsv; - is standard input. STORE is "
          "made if there is none; an arbor of\nthat name is replaced, all at once when the whole "
          "file has been read. Several files follow each other;\nthey, and those of --append and "
          "--upsert, are read into memory first.\n\n"
          "Examples:\n"
          "  arbor import players.arbor people players.jsonl\n"
          "  arbor import players.arbor people players.jsonl --key playerID --unique\n"
          "  arbor import logs.arbor lines january.jsonl.gz february.jsonl.gz\n"
          "  arbor import players.arbor people new.jsonl --upsert --key playerID\n"
          "  zcat players.jsonl.gz | arbor import players.arbor people -\n"
          "  arbor import iso.arbor languages --at 639-3 iso_639-3.json\n"
          "  arbor import web.arbor features --at data --as-object id features.json\n"
          "  arbor import sales.arbor orders orders.csv --type price=number,version=text"),
  .run = run_import,
};
