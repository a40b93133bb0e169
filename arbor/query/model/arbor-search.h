/* Searching for a text as a condition: what people type into a search field. The text is taken apart at
 * white space; a tree is found when each of the words is part of one of its values, whatever the case of
 * letters (casefold). Values are strings, and numbers as JSON writes them.
 */

#pragma once

#include "query/expr/arbor-node.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

/* *@condition: NULL for a text without words, which finds everything. @paths: NULL for all that have
 * strings or numbers, and else expressions, of which strings and whatever to_string () makes of others
 * are looked at. EXPRESSION for a path that is none; LIMIT where there are too many of them. */
gboolean arbor_search_make_condition (const char *text, const char *const *paths, ArborAccess *access,
                                      ArborNode **condition, GCancellable *cancellable, GError **error);

G_END_DECLS
