/* Text of values and its width on a terminal. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

/* What @value looks like, without anything that would move the cursor or turn the direction of
 * text. */
char *arbor_cli_cell_format (ArborTree *value, ArborKind kind, GError **error);
char *arbor_cli_cell_clean (const char *text);
/* The same of several lines, which need not be UTF-8. */
char *arbor_cli_cell_clean_lines (const char *text);
guint64 arbor_cli_cell_measure (const char *text);
/* At most @width, which is not 0, wide; what is cut ends with an ellipsis. */
char *arbor_cli_cell_cut (const char *text, guint64 width);

G_END_DECLS
