/* What may come next on a command line, for completion in shells (arbor.bash, arbor.zsh). They call
 *
 *   arbor complete WORD...
 *
 * with the words behind `arbor`, the last of which is being typed and may be empty, and get a candidate a
 * line; ":files" says that names of files may come, ":stores" those of stores. Nothing is listed there that is not listed here
 * anyway: commands and options are those of the tables, what an argument is follows from how --help shows
 * it, names and fields are those of the store. A line that is wrong so far has no candidates.
 */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

/* The commands, or what @words[0] of them says. */
void arbor_cli_complete (const ArborCommand *const *commands, guint n_commands, char **words);

/* Whether a command has been called for that; it then tells what it knows, and does nothing. */
gboolean arbor_cli_is_completing (void);
/* @entries: two tables of options, which may be NULL. */
void arbor_cli_complete_command (const ArborCommand *command, const GOptionEntry *const entries[2]);

G_END_DECLS
