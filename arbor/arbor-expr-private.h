/* What the other classes need of an expression: its node. */

#pragma once

#include "arbor-expr.h"
#include "query/expr/arbor-node.h"

G_BEGIN_DECLS

ArborNode *arbor_expr_get_node (ArborExpr *self); /* (transfer none), never NULL */
/* Whether all elements of a public array are expressions: for preconditions. */
gboolean arbor_are_exprs (ArborExpr *const *exprs, gsize n);
/* Their nodes, (transfer container), borrowed. */
ArborNode **arbor_exprs_get_nodes (ArborExpr *const *exprs, gsize n);
/* Keeps a copy of a public array, with references; NULL for none. */
void arbor_exprs_keep (GPtrArray **kept, ArborExpr *const *exprs, gsize n);
/* What was kept, as a public array, (transfer full); NULL for none. */
ArborExpr **arbor_exprs_dup (GPtrArray *kept, gsize *n);
/* The nodes of what was kept, or where that is none those of @exprs; (transfer container), borrowed. */
ArborNode **arbor_exprs_get_nodes_or (GPtrArray *kept, ArborExpr *const *exprs, gsize n,
                                      gsize *n_nodes);
/* Takes over @node; NULL for NULL, after an error. */
ArborExpr *arbor_expr_new_take (ArborNode *node);
/* The call of @function with @first, unless that is NULL, and the @n others. */
ArborExpr *arbor_expr_new_call_with (const char *function, ArborExpr *first, ArborExpr **others,
                                     gsize n, GError **error);
/* The same for a builder, arguments checked; those after the first @n_needed may be NULL. */
ArborExpr *arbor_expr_new_method (const char *function, ArborExpr *self, ArborExpr **others, gsize n,
                                  gsize n_needed, GError **error);
/* The same with literals. A text is NULL where it is not UTF-8. */
ArborExpr *arbor_expr_new_method_of (const char *function, ArborExpr *self, const ArborValue *values,
                                     gsize n, GError **error);
ArborValue arbor_expr_text (const char *text);
/* A literal; NULL, and an error, where the value is none. */
ArborNode *arbor_expr_new_literal_node (const ArborValue *value, GError **error);

G_END_DECLS
