/* How near words are to each other: for telling people what they may have meant. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longer words are no typing mistakes of others. */
#define ARBOR_SPELLING_MAX_LENGTH 64u

/* How many letters to insert, leave out, replace or exchange with the next, for one word (UTF-8) to
 * become the other, capitals aside; @limit and one when it is more. */
guint arbor_spelling_get_distance (const char *a, const char *b, guint limit);

G_END_DECLS
