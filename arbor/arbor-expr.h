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

ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_between (ArborExpr *self, ArborExpr *low, ArborExpr *high, GError
                                  **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_if_null (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_null_if (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_div (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_mod (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_pow (ArborExpr *self, ArborExpr *exponent, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_abs (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_round (ArborExpr *self, ArborExpr *digits, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_floor (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_ceil (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_sqrt (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_exp (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_log (ArborExpr *self, ArborExpr *base, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_clip (ArborExpr *self, ArborExpr *low, ArborExpr *high, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_upper (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_casefold (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_strip (ArborExpr *self, ArborExpr *characters, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_lstrip (ArborExpr *self, ArborExpr *characters, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_rstrip (ArborExpr *self, ArborExpr *characters, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_substring (ArborExpr *self, ArborExpr *start, ArborExpr *length, GError
                                 **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_replace (ArborExpr *self, ArborExpr *part, ArborExpr *replacement, GError
                               **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_split (ArborExpr *self, ArborExpr *separator, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_join (ArborExpr *self, ArborExpr *separator, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_strip_prefix (ArborExpr *self, ArborExpr *prefix, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_strip_suffix (ArborExpr *self, ArborExpr *suffix, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_match (ArborExpr *self, ArborExpr *pattern, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_extract (ArborExpr *self, ArborExpr *pattern, ArborExpr *group, GError
                               **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_replace_regex (ArborExpr *self, ArborExpr *pattern, ArborExpr *replacement,
                                     GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_to_number (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_cast (ArborExpr *self, ArborExpr *type, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_type_of (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_bool (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_int (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_number (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_string (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_array (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_is_object (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_to_text (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_sum (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_mean (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_min (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_max (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_first (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_last (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_median (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_n_unique (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_std (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_variance (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_quantile (ArborExpr *self, ArborExpr *fraction, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_item (ArborExpr *self, ArborExpr *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_each (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_slice (ArborExpr *self, ArborExpr *start, ArborExpr *length, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_unique (ArborExpr *self, ArborExpr *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_sort (ArborExpr *self, ArborExpr *key, ArborExpr *descending, GError
                            **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_reverse (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_concat (ArborExpr *self, ArborExpr *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_flatten (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_map (ArborExpr *self, ArborExpr *body, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_filter (ArborExpr *self, ArborExpr *condition, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_min_by (ArborExpr *self, ArborExpr *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_max_by (ArborExpr *self, ArborExpr *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_keys (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_values (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_field (ArborExpr *self, ArborExpr *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_has_key (ArborExpr *self, ArborExpr *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_with_field (ArborExpr *self, ArborExpr *key, ArborExpr *value, GError
                                  **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_without (ArborExpr *self, ArborExpr *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_rename (ArborExpr *self, ArborExpr *old_key, ArborExpr *new_key, GError
                              **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_entries (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_from_entries (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_year (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_month (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_day (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_hour (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_minute (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_second (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_weekday (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_week (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_quarter (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_epoch (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_date_truncate (ArborExpr *self, ArborExpr *unit, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_date_add (ArborExpr *self, ArborExpr *n, ArborExpr *unit, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_date_diff (ArborExpr *self, ArborExpr *other, ArborExpr *unit, GError
                                 **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_when (ArborExpr *self, ArborExpr *value, ArborExpr *otherwise,
                            GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_week_year (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_parse_date (ArborExpr *self, ArborExpr *format, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_date_from_epoch (ArborExpr *self, ArborExpr *unit, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_to_epoch (ArborExpr *self, ArborExpr *unit, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_parse_json (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_collect (ArborExpr *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_expr_collect_unique (ArborExpr *self, GError **error);

G_END_DECLS
