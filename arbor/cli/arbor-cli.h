/* What the commands of `arbor` share. A command is one ArborCommand, defined in the file of its
 * name and listed in arbor-main.c. It uses the public library only.
 *
 * Every command returns FALSE with an error when it failed, and main alone turns errors into
 * messages and exit codes: ARBOR_CLI_ERROR and G_OPTION_ERROR mean that the command line was wrong
 * (2) or that there is damage (3), a closed pipe at standard output is no error (0), a signal that was waited for ends the
 * program as that signal would, all else is 1.
 *
 * Data goes to standard output as UTF-8, whatever the locale; messages go to standard error in the
 * locale's encoding, in other letters where that lacks some.
 */

#pragma once

#include <arbor/arbor.h>

G_BEGIN_DECLS

typedef struct _ArborCommand ArborCommand;
struct _ArborCommand
{
  const char *name;
  const char *words;       /* the words after the options, as --help shows them */
  guint n_words_min;       /* how many of them are needed ... */
  guint n_words_max;       /* ... and allowed */
  const char *summary;     /* one line, to translate */
  const char *description; /* examples, to translate */
  gboolean only_reads;     /* so that the store may be opened as immutable */
  gboolean (*run) (const ArborCommand *self, int argc, char **argv, GError **error);
};

extern const ArborCommand arbor_command_backup;
extern const ArborCommand arbor_command_compact;
extern const ArborCommand arbor_command_counts;
extern const ArborCommand arbor_command_delete;
extern const ArborCommand arbor_command_describe;
extern const ArborCommand arbor_command_diff;
extern const ArborCommand arbor_command_dump;
extern const ArborCommand arbor_command_export;
extern const ArborCommand arbor_command_get;
extern const ArborCommand arbor_command_import;
extern const ArborCommand arbor_command_load;
extern const ArborCommand arbor_command_keys;
extern const ArborCommand arbor_command_ls;
extern const ArborCommand arbor_command_query;
extern const ArborCommand arbor_command_rename;
extern const ArborCommand arbor_command_set;
extern const ArborCommand arbor_command_shell;
extern const ArborCommand arbor_command_show;
extern const ArborCommand arbor_command_stats;
extern const ArborCommand arbor_command_unset;
extern const ArborCommand arbor_command_update;
extern const ArborCommand arbor_command_recover;
extern const ArborCommand arbor_command_upgrade;
extern const ArborCommand arbor_command_verify;

/* Whether a word is the name of one. */
gboolean arbor_cli_is_command (const char *word);

/* A mistake in the command line. */
#define ARBOR_CLI_ERROR       (arbor_cli_error_quark ())
#define ARBOR_CLI_ERROR_USAGE 0
/* The command did what it should and found damage (3). */
#define ARBOR_CLI_ERROR_DAMAGED 1

GQuark arbor_cli_error_quark (void);

/* Reads options and words; exits after --help. @entries may be NULL. The words are raw bytes that
 * were checked to be UTF-8, but for file names. */
char **arbor_cli_parse (const ArborCommand *command, const GOptionEntry *entries, int argc,
                        char **argv, GError **error);
/* The same; @data is for callbacks among @entries. */
char **arbor_cli_parse_into (const ArborCommand *command, const GOptionEntry *entries,
                             gpointer data, int argc, char **argv, GError **error);
typedef enum
{
  ARBOR_CLI_TABLE_NONE,
  ARBOR_CLI_TABLE_PLAIN,
  ARBOR_CLI_TABLE_MARKDOWN, /* as GitHub's: for a page, so nothing is cut */
} ArborCliTable;

/* @table is NULL where tables are none of the formats; it stays as it is for others. */
gboolean arbor_cli_parse_format (const char *text, ArborFormat *format, ArborCliTable *table,
                                 GError **error);
/* Of --format, where tables are among them. */
#define ARBOR_CLI_FORMAT_HELP                                                                      \
  N_ ("jsonl, json (one array), csv, table, markdown, or auto: table on a terminal, else jsonl")
/* @delimiter is what the library takes; NULL for NULL. */
gboolean arbor_cli_parse_delimiter (const char *text, const char **delimiter, GError **error);
/* @text must be UTF-8; @what names it in the error. */
gboolean arbor_cli_check_utf8 (const char *text, const char *what, GError **error);
/* The paths of --pick: splits at the commas that stand outside of quotes. */
char **arbor_cli_split_paths (const char *text, GError **error);

/* For g_option_context_parse: a --depth, of 1 or more, for the guint64 at @data. */
gboolean arbor_cli_parse_depth (const char *option, const char *value, gpointer data,
                                GError **error);
#define ARBOR_CLI_DEPTH_ENTRY                                                                      \
  {                                                                                                \
    "depth", 'd', G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer)arbor_cli_parse_depth,  \
        N_ ("Leave out paths of more than N steps: birth.year and tags[*] have two"), N_ ("N")     \
  }

/* As immutable where the command only reads and was told so. */
ArborStore *arbor_cli_open (const char *path, gboolean writable, gboolean create,
                            GCancellable *cancellable, GError **error);
/* Closes what was opened, so that the file is let go before the process ends, however it ends. */
void arbor_cli_close (void);

/* Standard output, buffered: flush it before success is reported. */
GOutputStream *arbor_cli_output (void);
gboolean arbor_cli_print (GOutputStream *output, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* The same for text that people read, with names in it: what would turn its direction is escaped. */
gboolean arbor_cli_tell (GOutputStream *output, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* Makes g_print() and g_printerr() write what the locale's encoding lacks in letters that it has. */
void arbor_cli_set_print_handlers (void);
/* A line on standard error, escaped in the same way, "arbor: " before it. */
void arbor_cli_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* "note: " and each of @notes, likewise. */
void arbor_cli_print_notes (char **notes);

/* Cancelled by SIGINT, SIGTERM or SIGHUP; a second signal ends the program at once. Call it before
 * anything that starts threads. */
GCancellable *arbor_cli_cancel_on_signals (void);
/* The signal that cancelled, 0 for none. */
int arbor_cli_get_signal (void);

G_END_DECLS
