/* The code behind the rows of arbor-function.c, by family, and what the families share. */

#pragma once

#include "query/expr/arbor-function.h"

G_BEGIN_DECLS

/* What one evaluation of an expression for one tree may hold at a time, and the size that its
 * result may have: beyond it the result is null. */
#define ARBOR_FUNCTION_BUDGET (256u * 1024u * 1024u)
gsize arbor_function_get_budget (void);
/* For tests: another one; 0: that above. Not while anything is evaluated. */
void arbor_function_set_budget (gsize n_bytes);

/* A whole number within 64 bits, of whatever kind; the largest UINT64 count as G_MAXINT64. */
gboolean arbor_function_get_integer (const ArborValue *value, gint64 *integer);

/* The second and third argument, a start and a length that may be left out, as a part of @n things;
 * a start below 0 counts from the end. FALSE: they say none. */
gboolean arbor_function_get_range (const ArborNode *call, const ArborValue *arguments, gint64 n,
                                   gint64 *start, gint64 *length);

/* Copies @from into the scope; NULL beyond the budget. */
const ArborTape *arbor_function_keep_tape (const ArborTape *from, ArborScope *scope);

/* A string of at most @size bytes, to be filled; NULL beyond the budget. */
char *arbor_function_new_string (ArborScope *scope, gsize size);
void arbor_function_set_string (const char *text, gsize length, ArborValue *result);
/* The same from a copy. */
void arbor_function_copy_string (const char *text, gsize length, ArborScope *scope,
                                 ArborValue *result);
/* @value as a terminated string in the scope; NULL when it is none or holds U+0000. */
const char *arbor_function_get_text (const ArborValue *value, ArborScope *scope);
/* What follows the character at @at, which lies before @end; damaged text is walked, too. */
const char *arbor_function_next_character (const char *at, const char *end);
/* Valid UTF-8, U+0000 included. */
gboolean arbor_function_is_utf8 (const char *text, gsize length);
guint32 arbor_function_count_characters (const char *text, gsize length);

/* Room for @n values, or members as pairs; NULL beyond the budget. */
ArborValue *arbor_function_new_list (ArborScope *scope, gsize n);
void arbor_function_set_list (const ArborValue *values, gsize n, ArborValue *result);
void arbor_function_set_object (const ArborValue *members, gsize n, ArborValue *result);
/* The elements of @array, MISSING as null; NULL beyond the budget. */
ArborValue *arbor_function_read_list (const ArborValue *array, ArborScope *scope, guint32 *n);
/* The members of @object; room for @n_more behind them. */
ArborValue *arbor_function_read_members (const ArborValue *object, ArborScope *scope,
                                         guint32 n_more, guint32 *n);

/* Whether it can become a tree: nested at most ARBOR_TAPE_MAX_DEPTH levels deep, and as text within
 * the budget. */
gboolean arbor_function_is_reasonable (const ArborValue *value, ArborScope *scope);

/* to_string; other families need it. */
void arbor_function_write_string (const ArborValue *value, ArborScope *scope, ArborValue *result);
/* What is left of a / b rounded down, between 0 and b; and that quotient. NAN where b is 0. */
double arbor_function_mod_doubles (double a, double b);
double arbor_function_div_doubles (double a, double b);
/* FALSE: the power is no INT64. */
gboolean arbor_function_pow_fits (gint64 a, gint64 b, gint64 *result);
/* To so many decimals, by the exact value of the double, ties to even. */
double arbor_function_round_double (double number, gint64 digits);

/* Whether @a == @b; -1 is null. A literal null as operand asks for null or MISSING. */
int arbor_function_test_equal (const ArborNode *node_a, const ArborNode *node_b,
                               const ArborValue *a, const ArborValue *b, ArborScope *scope);

/* The argument is a literal, or there is none: NULL. */
const ArborValue *arbor_function_get_literal (const ArborNode *call, guint argument);

/* Hooks */
gboolean arbor_function_prepare_regex (ArborNode *call, GError **error);
void arbor_function_free_regex (gpointer prepared);
gboolean arbor_function_prepare_set (ArborNode *call, GError **error);
void arbor_function_free_set (gpointer prepared);
gboolean arbor_function_prepare_unit (ArborNode *call, GError **error);
gboolean arbor_function_prepare_format (ArborNode *call, GError **error);
gboolean arbor_function_prepare_epoch_unit (ArborNode *call, GError **error);
gboolean arbor_function_prepare_cast (ArborNode *call, GError **error);

#define ARBOR_FUNCTION(name)                                                                       \
  void arbor_function_##name (const ArborNode *call, const ArborValue *arguments,                  \
                              ArborScope *scope, ArborValue *result)

/* arbor-function-logic.c */
ARBOR_FUNCTION (or);
ARBOR_FUNCTION (and);
ARBOR_FUNCTION (not);
ARBOR_FUNCTION (eq);
ARBOR_FUNCTION (ne);
ARBOR_FUNCTION (lt);
ARBOR_FUNCTION (le);
ARBOR_FUNCTION (gt);
ARBOR_FUNCTION (ge);
ARBOR_FUNCTION (is_in);
ARBOR_FUNCTION (is_between);

/* arbor-function-choice.c */
ARBOR_FUNCTION (is_null);
ARBOR_FUNCTION (is_missing);
ARBOR_FUNCTION (exists);
ARBOR_FUNCTION (coalesce);
ARBOR_FUNCTION (null_if);
ARBOR_FUNCTION (when);
ARBOR_FUNCTION (case);

/* arbor-function-number.c */
ARBOR_FUNCTION (add);
ARBOR_FUNCTION (subtract);
ARBOR_FUNCTION (multiply);
ARBOR_FUNCTION (divide);
ARBOR_FUNCTION (div);
ARBOR_FUNCTION (mod);
ARBOR_FUNCTION (neg);
ARBOR_FUNCTION (pow);

/* arbor-function-rounding.c */
ARBOR_FUNCTION (abs);
ARBOR_FUNCTION (round);
ARBOR_FUNCTION (floor);
ARBOR_FUNCTION (ceil);
ARBOR_FUNCTION (sqrt);
ARBOR_FUNCTION (exp);
ARBOR_FUNCTION (log);
ARBOR_FUNCTION (clip);

/* arbor-function-string.c */
ARBOR_FUNCTION (contains);
ARBOR_FUNCTION (starts_with);
ARBOR_FUNCTION (ends_with);
ARBOR_FUNCTION (strip);
ARBOR_FUNCTION (lstrip);
ARBOR_FUNCTION (rstrip);
ARBOR_FUNCTION (strip_prefix);
ARBOR_FUNCTION (strip_suffix);
ARBOR_FUNCTION (substring);
ARBOR_FUNCTION (replace);
ARBOR_FUNCTION (split);
ARBOR_FUNCTION (join);

/* arbor-function-letter.c */
ARBOR_FUNCTION (lower);
ARBOR_FUNCTION (upper);
ARBOR_FUNCTION (casefold);

/* The first part that split () makes of a string, NULL: none; where the part at @at ends, and *@next
 * begins, NULL: it is the last. @separator: NULL for white space. */
const char *arbor_function_find_first_part (const ArborValue *text, const ArborValue *separator);
const char *arbor_function_find_part_end (const char *at, const char *end,
                                          const ArborValue *separator, const char **next);

/* arbor-function-regex.c */
/* The regular expression that a literal of the call is; else NULL. */
const struct _ArborPattern *arbor_function_get_pattern (const ArborNode *call);
ARBOR_FUNCTION (match);
ARBOR_FUNCTION (extract);
ARBOR_FUNCTION (replace_regex);

/* arbor-function-array.c */
ARBOR_FUNCTION (aggregate);
ARBOR_FUNCTION (len);
ARBOR_FUNCTION (get);
ARBOR_FUNCTION (each);
ARBOR_FUNCTION (slice);
ARBOR_FUNCTION (reverse);
ARBOR_FUNCTION (concat);
ARBOR_FUNCTION (flatten);

/* arbor-function-walk.c */
ARBOR_FUNCTION (unique);
ARBOR_FUNCTION (sort);
ARBOR_FUNCTION (map);
ARBOR_FUNCTION (filter);
ARBOR_FUNCTION (min_by);
ARBOR_FUNCTION (max_by);

/* arbor-function-object.c */
ARBOR_FUNCTION (keys);
ARBOR_FUNCTION (values);
ARBOR_FUNCTION (field);
ARBOR_FUNCTION (has_key);
ARBOR_FUNCTION (with_field);
ARBOR_FUNCTION (without);
ARBOR_FUNCTION (rename);
ARBOR_FUNCTION (entries);
ARBOR_FUNCTION (from_entries);

/* arbor-function-date.c */
ARBOR_FUNCTION (year);
ARBOR_FUNCTION (month);
ARBOR_FUNCTION (day);
ARBOR_FUNCTION (hour);
ARBOR_FUNCTION (minute);
ARBOR_FUNCTION (second);
ARBOR_FUNCTION (weekday);
ARBOR_FUNCTION (week);
ARBOR_FUNCTION (week_year);
ARBOR_FUNCTION (quarter);
ARBOR_FUNCTION (epoch);
ARBOR_FUNCTION (date_truncate);
ARBOR_FUNCTION (date_add);
ARBOR_FUNCTION (date_diff);

/* arbor-function-read.c */
ARBOR_FUNCTION (parse_json);
ARBOR_FUNCTION (parse_date);
ARBOR_FUNCTION (date_from_epoch);
ARBOR_FUNCTION (to_epoch);

/* arbor-function-type.c */
ARBOR_FUNCTION (type_of);
ARBOR_FUNCTION (is_bool);
ARBOR_FUNCTION (is_int);
ARBOR_FUNCTION (is_number);
ARBOR_FUNCTION (is_string);
ARBOR_FUNCTION (is_array);
ARBOR_FUNCTION (is_object);
ARBOR_FUNCTION (to_number);
ARBOR_FUNCTION (to_string);
ARBOR_FUNCTION (cast);

G_END_DECLS
