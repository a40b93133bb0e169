/* What Unicode says of a character: its case, and whether it is white space. The tables are those of
 * libunistring, whole ones, in no locale; ASCII is answered here.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Unicode's simple mappings: one character for one. */
gunichar arbor_letters_to_lower (gunichar c);
gunichar arbor_letters_to_upper (gunichar c);

/* Unicode's full folding of valid UTF-8, U+0000 included, neither terminated nor normalised. */
char *arbor_letters_fold (const char *text, gsize length, gsize *n_folded);

/* Whether the one character that @at holds in @length bytes has the property White_Space; damaged
 * text has not. */
gboolean arbor_letters_is_space (const char *at, gsize length);

/* Leaves out white space at either end. */
void arbor_letters_skip_space (const char **start, const char *end);
void arbor_letters_drop_space (const char *start, const char **end);

G_END_DECLS
