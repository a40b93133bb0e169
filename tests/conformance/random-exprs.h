/* Random expressions of all functions of the table, nested, four in five of which mean something. Nobody says
 * here what a function takes: that is found by trying, over some trees, which sorts of arguments give
 * it something other than null, so a function that is added to the table is covered by itself.
 */

#pragma once

#include "query/expr/arbor-function.h"

G_BEGIN_DECLS

typedef struct _RandomExprs RandomExprs;

/* @random is used by all calls. */
RandomExprs *random_exprs_new (GRand *random);
void random_exprs_free (RandomExprs *self);

guint random_exprs_get_n_functions (const RandomExprs *self);
/* An expression whose outermost call is the function @which, not counting count(), with calls @depth
 * deep in it; a leaf where the function takes nothing that was thought of. It may be a vector, but it
 * is whole, and for trees. */
ArborNode *random_exprs_make (RandomExprs *self, guint which, guint depth);
/* The same, one value a tree. */
ArborNode *random_exprs_make_scalar (RandomExprs *self, guint which, guint depth);
/* A path or a literal. */
ArborNode *random_exprs_make_leaf (RandomExprs *self);

/* Functions that gave nothing but null for whatever was tried: their names. */
char **random_exprs_list_unknown (const RandomExprs *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RandomExprs, random_exprs_free)

G_END_DECLS
