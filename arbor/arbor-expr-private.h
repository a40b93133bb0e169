/* What the other classes need of an expression: its node. */

#pragma once

#include "arbor-expr.h"
#include "query/arbor-node.h"

G_BEGIN_DECLS

ArborNode *arbor_expr_get_node (ArborExpr *self); /* (transfer none), never NULL */
/* Takes over @node; NULL for NULL, after an error. */
ArborExpr *arbor_expr_new_take (ArborNode *node);

G_END_DECLS
