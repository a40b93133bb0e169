/* How matches are made: by one caller, inside, before anybody else sees them. */

#pragma once

#include "arbor-matches.h"
#include "arbor-tree-private.h"
#include "query/jsonpath/arbor-jsonpath.h"

G_BEGIN_DECLS

/* Both are documented in docs/jsonpath.md. */
#define ARBOR_MATCHES_MAX (1u << 24)
#define ARBOR_MATCHES_MAX_PATH_BYTES ((gsize) 1 << 30)

/* @origin is a tree that belongs where the values do. */
ArborMatches *arbor_matches_new (ArborTree *origin);
/* Appends the value that @run has at hand, in the tree at @index of its arbor. */
gboolean arbor_matches_add (ArborMatches *self, ArborJsonpathRun *run, const ArborValue *value,
                            gboolean is_passing, guint32 index, GError **error);
guint64 arbor_matches_count_passing (ArborMatches *self);
/* Keeps a scope in which values lie. */
void arbor_matches_take_scope (ArborMatches *self, ArborScope *scope);

G_END_DECLS
