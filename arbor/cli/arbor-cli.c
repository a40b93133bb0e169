/* What the commands share: reading the command line, opening, output. See arbor-cli.h. */

#include "arbor-cli.h"

#include "arbor-cli-cell.h"
#include "arbor-cli-complete.h"

#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

G_DEFINE_QUARK (arbor - cli - error - quark, arbor_cli_error)

/* The option --immutable. */
static gboolean is_immutable;

static gboolean
check_words (const ArborCommand *command, char **words, GError **error)
{
  guint n_words = words != NULL ? g_strv_length (words) : 0;

  if (n_words < command->n_words_min)
    {
      g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                   _("'arbor %s' needs more arguments: %s"), command->name, command->words);
      return FALSE;
    }
  if (n_words > command->n_words_max)
    {
      g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                   _("'arbor %s' takes fewer arguments, '%s' is one too many: %s"), command->name,
                   words[command->n_words_max], command->words);
      return FALSE;
    }
  return TRUE;
}

char **
arbor_cli_parse (const ArborCommand *command, const GOptionEntry *entries, int argc, char **argv,
                 GError **error)
{
  return arbor_cli_parse_into (command, entries, NULL, argc, argv, error);
}

char **
arbor_cli_parse_into (const ArborCommand *command, const GOptionEntry *entries, gpointer data,
                      int argc, char **argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (command->words);
  g_autofree char *program = g_strdup_printf ("arbor %s", command->name);
  g_auto (GStrv) words = NULL;
  /* GLib would convert strings from the locale's encoding, which is ASCII where no locale is set:
   * file names come as they are. */
  const GOptionEntry rest[] = { { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words,
                                  NULL, NULL },
                                G_OPTION_ENTRY_NULL };

  GOptionGroup *group = g_option_group_new (command->name, "", "", data, NULL);

  g_option_context_set_main_group (context, group);
  const GOptionEntry reading[] = { { "immutable", 0, 0, G_OPTION_ARG_NONE, &is_immutable,
                                     N_ ("Read without a lock file, on a full or read-only disk; "
                                         "only while nobody writes the store"),
                                     NULL },
                                   G_OPTION_ENTRY_NULL };

  if (arbor_cli_is_completing ())
    {
      arbor_cli_complete_command (command, (const GOptionEntry *const[]){
                                               entries, command->only_reads ? reading : NULL });
      return NULL;
    }
  g_set_prgname (program);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, g_dgettext (GETTEXT_PACKAGE, command->summary));
  g_option_context_set_description (context, g_dgettext (GETTEXT_PACKAGE, command->description));
  if (command->only_reads)
    g_option_context_add_main_entries (context, reading, GETTEXT_PACKAGE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, rest, GETTEXT_PACKAGE);

  if (!g_option_context_parse (context, &argc, &argv, error) ||
      !check_words (command, words, error))
    return NULL;
  /* Where there is one, it is the second word. */
  if (words[1] != NULL && strstr (command->words, "NAME") != NULL &&
      !arbor_cli_check_utf8 (words[1], "NAME", error))
    return NULL;
  return g_steal_pointer (&words);
}

gboolean
arbor_cli_check_utf8 (const char *text, const char *what, GError **error)
{
  if (g_utf8_validate (text, -1, NULL))
    return TRUE;
  g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, _("%s is not valid UTF-8"), what);
  return FALSE;
}

gboolean
arbor_cli_parse_format (const char *text, ArborFormat *format, ArborCliTable *table, GError **error)
{
  static const char *const names[] = {
    [ARBOR_FORMAT_AUTO] = "auto",
    [ARBOR_FORMAT_JSONL] = "jsonl",
    [ARBOR_FORMAT_JSON] = "json",
    [ARBOR_FORMAT_CSV] = "csv",
  };

  *format = ARBOR_FORMAT_AUTO;
  if (text == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (text, names[i]))
      {
        *format = (ArborFormat)i;
        return TRUE;
      }
  if (table != NULL && (g_str_equal (text, "table") || g_str_equal (text, "markdown")))
    {
      *table = text[0] == 't' ? ARBOR_CLI_TABLE_PLAIN : ARBOR_CLI_TABLE_MARKDOWN;
      return TRUE;
    }
  g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
               table != NULL
                   ? _("Unknown format '%s': expected auto, jsonl, json, csv, table or markdown")
                   : _("Unknown format '%s': expected auto, jsonl, json or csv"),
               text);
  return FALSE;
}

gboolean
arbor_cli_parse_delimiter (const char *text, const char **delimiter, GError **error)
{
  *delimiter = text;
  if (text == NULL)
    return TRUE;
  if (g_str_equal (text, "tab") || g_str_equal (text, "\\t"))
    *delimiter = "\t";
  else if (text[0] == '\0' || text[1] != '\0' || !(g_ascii_isprint (text[0]) || text[0] == '\t') ||
           text[0] == '"')
    {
      g_set_error_literal (
          error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
          _("--delimiter takes one ASCII character other than a quote, or the word tab"));
      return FALSE;
    }
  return TRUE;
}

gboolean
arbor_cli_parse_depth (const char *option, const char *value, gpointer data, GError **error)
{
  guint64 *depth = data;

  if (g_ascii_string_to_unsigned (value, 10, 1, G_MAXUINT32, depth, NULL))
    return TRUE;
  g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                       _("--depth takes a number of steps, 1 or more"));
  return FALSE;
}

char **
arbor_cli_split_paths (const char *text, GError **error)
{
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  const char *start = text;
  gboolean quoted = FALSE;

  if (!arbor_cli_check_utf8 (text, "--pick", error))
    return NULL;
  for (const char *at = text;; at++)
    {
      if (quoted && *at == '\\' && at[1] != '\0')
        at++;
      else if (*at == '"')
        quoted = !quoted;
      else if (*at == '\0' || (*at == ',' && !quoted))
        {
          g_autofree char *path = g_strndup (start, at - start);

          if (path[0] == '\0')
            {
              g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                           _("An empty path in '%s': write $ for the whole tree"), text);
              return NULL;
            }
          g_strv_builder_add (paths, path);
          if (*at == '\0')
            return g_strv_builder_end (paths);
          start = at + 1;
        }
    }
}

static GPtrArray *opened; /* stores; NULL: none */

ArborStore *
arbor_cli_open (const char *path, gboolean writable, gboolean create, GCancellable *cancellable,
                GError **error)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  ArborStore *store;

  arbor_store_options_set_create (options, create);
  arbor_store_options_set_read_only (options, !writable);
  arbor_store_options_set_immutable (options, is_immutable);
  store = arbor_store_open (path, options, cancellable, error);
  if (store == NULL)
    return NULL;
  if (opened == NULL)
    opened = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (opened, g_object_ref (store));
  return store;
}

void
arbor_cli_close (void)
{
  for (guint i = 0; opened != NULL && i < opened->len; i++)
    arbor_store_close (opened->pdata[i]);
  g_clear_pointer (&opened, g_ptr_array_unref);
}

GOutputStream *
arbor_cli_output (void)
{
  g_autoptr (GOutputStream) file = g_unix_output_stream_new (STDOUT_FILENO, FALSE);

  return g_buffered_output_stream_new_sized (file, 64 * 1024);
}

gboolean
arbor_cli_print (GOutputStream *output, GError **error, const char *format, ...)
{
  va_list arguments;
  gboolean done;

  va_start (arguments, format);
  done = g_output_stream_vprintf (output, NULL, NULL, error, format, arguments);
  va_end (arguments);
  return done;
}

gboolean
arbor_cli_tell (GOutputStream *output, GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  shown = arbor_cli_cell_clean_lines (text);
  return g_output_stream_write_all (output, shown, strlen (shown), NULL, NULL, error);
}

void
arbor_cli_complain (const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *shown = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  shown = arbor_cli_cell_clean_lines (message);
  g_printerr ("arbor: %s\n", shown);
}

void
arbor_cli_print_notes (char **notes)
{
  for (guint i = 0; notes[i] != NULL; i++)
    arbor_cli_complain (_("note: %s"), notes[i]);
}
