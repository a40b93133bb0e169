/* Expressions: what queries are written in. Methods that make calls of functions are in
 * arbor-expr-builders.h, which is made of expressions.table. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_EXPR (arbor_expr_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborExpr, arbor_expr, ARBOR, EXPR, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_parse (const char *text, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_parse_with (const char *text, ArborExpr **values, gsize n_values,
                                  GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_parsef (const char *format, GError **error, ...) G_GNUC_PRINTF (1, 3);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_vparsef (const char *format, GError **error, va_list args)
    G_GNUC_PRINTF (1, 0);
ARBOR_AVAILABLE_IN_1_0
char *arbor_expr_to_string (ArborExpr *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_expr_equal (ArborExpr *self, ArborExpr *other);
ARBOR_AVAILABLE_IN_1_0
guint arbor_expr_hash (ArborExpr *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_expr_is_vector (ArborExpr *self);

ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_path (const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_element (const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_new_path (const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_new_null (void);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_new_boolean (gboolean value);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_new_int64 (gint64 value);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_new_uint64 (guint64 value);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_new_double (double value, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_new_string (const char *value);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_new_json (const char *json, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_new_call (const char *function, ArborExpr **arguments, gsize n_arguments,
                                GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_in (ArborExpr *self, ArborExpr **candidates, gsize n_candidates,
                             GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_in_strings (ArborExpr *self, const char *const *candidates,
                                     GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_in_ints (ArborExpr *self, const gint64 *candidates, gsize n_candidates,
                                  GError **error);

G_END_DECLS
