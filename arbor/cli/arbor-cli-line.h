/* Lines that people type, edited with libedit on a terminal, with a history that is kept; else read as they
 * come.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What may come in the place of the last word of a line, a string each (transfer full); ":files" stands for
 * the names of files. */
typedef char **(*ArborCliCompleteFunc) (const char *line, gpointer data);

void arbor_cli_line_begin (ArborCliCompleteFunc complete, gpointer data);
/* NULL at the end. */
char *arbor_cli_line_read (const char *prompt);
void arbor_cli_line_end (void);
/* Whether a person types them. */
gboolean arbor_cli_line_is_edited (void);

G_END_DECLS
