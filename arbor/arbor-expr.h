/* Expressions: what filters and, later, every other query is written in. */

#pragma once

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_EXPR (arbor_expr_get_type ())

ARBOR_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ArborExpr, arbor_expr, ARBOR, EXPR, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_parse (const char *text, GError **error);
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
ArborExpr *arbor_expr_negate (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_minus (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_null (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_missing (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_exists (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_any (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_all (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_count (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_len (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_lower (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_eq (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_ne (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_lt (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_le (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_gt (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_ge (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_both (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_either (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_add (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_subtract (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_multiply (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_divide (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_contains (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_starts_with (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_ends_with (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_in (ArborExpr *self, ArborExpr **candidates, gsize n_candidates,
                             GError **error);

G_END_DECLS
