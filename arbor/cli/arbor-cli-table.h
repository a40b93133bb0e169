/* Trees as a table for people. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

gboolean arbor_cli_is_terminal (void);

/* Prints a line for each tree under one of names. @columns are the fields shown, NULL for those
 * that the trees have, in the order in which they are first met. On a terminal lines are cut to its
 * width. */
gboolean arbor_cli_print_table (ArborArbor *trees, const char *const *columns, ArborCliTable style,
                                GOutputStream *output, GError **error);

/* As --format says: a table, on a terminal also where it is AUTO, or text. */
gboolean arbor_cli_print_trees (ArborArbor *trees, const char *const *columns, ArborFormat format,
                                ArborCliTable table, GOutputStream *output, GError **error);

G_END_DECLS
