/* How matches are made: by one caller, inside, before anybody else sees them. */

#pragma once

#include "arbor-matches.h"
#include "arbor-tree-private.h"
#include "query/jsonpath/arbor-jsonpath-columns.h"

G_BEGIN_DECLS

/* Both are documented in docs/jsonpath.md. */
#define ARBOR_MATCHES_MAX (1u << 24)
#define ARBOR_MATCHES_MAX_PATH_BYTES ((gsize) 1 << 30)

/* @origin is a tree that belongs where the values do. */
ArborMatches *arbor_matches_new (ArborTree *origin);
/* Appends the value that @run has at hand, in the tree at @index of its arbor. */
gboolean arbor_matches_add (ArborMatches *self, ArborJsonpathRun *run, const ArborValue *value,
                            gboolean is_passing, guint32 index, GError **error);
/* Appends what columns found of the trees before place @end of @found, whose place 0 is the tree at
 * @index; *@at is the first of its matches that is not appended yet. */
gboolean arbor_matches_add_found (ArborMatches *self, const ArborJsonpathFound *found, guint32 end,
                                  guint32 index, guint32 *at, GError **error);
/* When all is found: where that lies. */
void arbor_matches_finish (ArborMatches *self, ArborJsonpathColumns *columns);
/* Matches that were found tree by tree. For tests. */
guint64 arbor_matches_count_single (ArborMatches *self);
guint64 arbor_matches_count_passing (ArborMatches *self);
/* Keeps a scope in which values lie. */
void arbor_matches_take_scope (ArborMatches *self, ArborScope *scope);

G_END_DECLS
