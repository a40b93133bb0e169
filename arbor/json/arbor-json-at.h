/* Following a path into a document to the array or object whose parts become trees. */

#pragma once

#include "base/arbor-path.h"
#include "base/arbor-tape.h"

G_BEGIN_DECLS

/* Parses @at; EXPRESSION when it is malformed or has [*]. */
ArborPath *arbor_json_at_parse (const char *at, GError **error);

/* Sets *@index to the word of the value at @path, and adds to *@n_repeated the members on the way
 * whose key came again. Else NOT_FOUND, saying what is there instead; @name is the file, or NULL. */
gboolean arbor_json_at_find (const ArborTape *tape, const ArborPath *path, const char *name,
                             guint32 *index, guint64 *n_repeated, GError **error);

/* Sets TYPE: the value at @index, that of @path, is neither an array nor an object, or no object. */
gboolean arbor_json_at_fail (const ArborTape *tape, const ArborPath *path, const char *name,
                             guint32 index, gboolean wants_object, GError **error);

G_END_DECLS
