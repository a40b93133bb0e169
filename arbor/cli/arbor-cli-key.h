/* Keys as words of a command line: what get, set and unset share. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

/* The tree that a key is found by: of one word, or of several an array, which may be one word of JSON. A word that is a number, true, false or a
 * string in quotes is that; every other one is a string. */
ArborTree *arbor_cli_key_parse (char **words, guint n, GError **error);
/* "is there none": NOT_FOUND, with the key. */
void arbor_cli_key_set_not_found (char **words, const char *name, GError **error);

/* The tree with the key of @words, and the one that was looked for in a store that another has changed. Where the
 * key is written without quotes and no tree has the number, the string is looked for. */
ArborTree *arbor_cli_key_find (ArborArbor *arbor, char **words, GError **error);

G_END_DECLS
