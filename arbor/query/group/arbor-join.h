/* Trees of one view together with those of another that have the same key. For each tree of the
 * first, in its order, the matches of the other in theirs. A null or missing key matches nothing.
 * The index over the other view is made before the first step. Derived sources: they read both.
 */

#pragma once

#include "base/arbor-join-kind.h"
#include "query/view/arbor-derived.h"
#include "query/view/arbor-view.h"
#include "query/group/arbor-key-index.h"

G_BEGIN_DECLS

typedef struct
{
  ArborSource *source;
  ArborSelection *selection;
  ArborNode *const *keys;
  gsize n_keys;
} ArborJoinSide;

/* Puts the matches into @field: in its place when the tree has it, otherwise at the end. A tree that
 * is no object stays as it is. CARDINALITY, when read, for several matches with ARBOR_NEST_KIND_ONE. */
ArborSource *arbor_join_nest (const ArborJoinSide *left, const ArborJoinSide *right,
                              const char *field, ArborNestKind nest, ArborGate *gate, GError **error);

/* INNER and LEFT. Adds the fields of the match to the tree, but for keys that are plain fields; a name that is taken
 * gets @suffix behind it, until it is free. */
ArborSource *arbor_join_new (const ArborJoinSide *left, const ArborJoinSide *right, ArborJoinKind kind,
                             const char *suffix, ArborGate *gate, GError **error);

/* SEMI and ANTI: the left trees that have a match, or none, as they are. */
ArborView *arbor_join_keep (const ArborJoinSide *left, const ArborJoinSide *right, gboolean is_anti,
                            ArborGate *gate, GError **error);

G_END_DECLS
