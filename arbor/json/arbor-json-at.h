/* Following a path into a document to the array whose elements become trees. */

#pragma once

#include "base/arbor-path.h"
#include "base/arbor-tape.h"

G_BEGIN_DECLS

/* Parses @at; EXPRESSION when it is malformed or has [*]. */
ArborPath *arbor_json_at_parse (const char *at, GError **error);

/* Sets *@index to the word of the array at @path. Else NOT_FOUND or TYPE, saying what is there
 * instead; @name is the file, or NULL. */
gboolean arbor_json_at_find (const ArborTape *tape, const ArborPath *path, const char *name,
                             guint32 *index, GError **error);

G_END_DECLS
