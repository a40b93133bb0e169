/* Strings and types: builders of expressions. What each means is its function's matter (query/). */

#include "arbor-expr-private.h"

/**
 * arbor_expr_lower:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `lower (self)`: the string in lower case, character by character and the same in every
 * locale. What is no string gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_lower (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("lower", self, NULL, 0, error);
}

/**
 * arbor_expr_contains:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self contains other`: whether a string has another in it, or an array an element that
 * equals
 * @other. Everything else gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_contains (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("contains", self, &other, 1, error);
}

/**
 * arbor_expr_starts_with:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self starts_with other`, for two strings; everything else gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_starts_with (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("starts_with", self, &other, 1, error);
}

/**
 * arbor_expr_ends_with:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self ends_with other`, for two strings; everything else gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_ends_with (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("ends_with", self, &other, 1, error);
}

/**
 * arbor_expr_len:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `len (self)`: the characters of a string, the elements of an array, the members of an
 * object, the values of a vector (null and missing ones, too). Everything else gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_len (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("len", self, NULL, 0, error);
}

/**
 * arbor_expr_upper:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `upper (self)`: the string in upper case. The page *Expressions* says what other kinds
 * give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_upper (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("upper", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_casefold:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `casefold (self)`: the string without the difference of upper and lower case. The page
 * *Expressions* says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_casefold (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("casefold", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_strip:
 * @self: an expression
 * @characters: (nullable): a string of them, %NULL for white space
 * @error: return location for an error
 *
 * Makes `strip (self, characters)`: the string without these characters at both ends. The page
 * *Expressions* says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_strip (ArborExpr *self, ArborExpr *characters, GError **error)
{
  return arbor_expr_new_method ("strip", self, (ArborExpr *[]){ characters }, 1, 0, error);
}

/**
 * arbor_expr_lstrip:
 * @self: an expression
 * @characters: (nullable): a string of them, %NULL for white space
 * @error: return location for an error
 *
 * Makes `lstrip (self, characters)`: the string without these characters at its beginning. The
 * page *Expressions* says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_lstrip (ArborExpr *self, ArborExpr *characters, GError **error)
{
  return arbor_expr_new_method ("lstrip", self, (ArborExpr *[]){ characters }, 1, 0, error);
}

/**
 * arbor_expr_rstrip:
 * @self: an expression
 * @characters: (nullable): a string of them, %NULL for white space
 * @error: return location for an error
 *
 * Makes `rstrip (self, characters)`: the string without these characters at its end. The page
 * *Expressions* says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_rstrip (ArborExpr *self, ArborExpr *characters, GError **error)
{
  return arbor_expr_new_method ("rstrip", self, (ArborExpr *[]){ characters }, 1, 0, error);
}

/**
 * arbor_expr_substring:
 * @self: an expression
 * @start: a position, from 0, or below 0 from the end as an expression
 * @length: (nullable): how many characters, %NULL for all
 * @error: return location for an error
 *
 * Makes `substring (self, start, length)`, in characters. The page *Expressions* says what other
 * kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_substring (ArborExpr *self, ArborExpr *start, ArborExpr *length, GError **error)
{
  return arbor_expr_new_method ("substring", self, (ArborExpr *[]){ start, length }, 2, 1, error);
}

/**
 * arbor_expr_replace:
 * @self: an expression
 * @part: a string as an expression
 * @replacement: a string as an expression
 * @error: return location for an error
 *
 * Makes `replace (self, part, replacement)`: every @part in it replaced. The page *Expressions*
 * says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_replace (ArborExpr *self, ArborExpr *part, ArborExpr *replacement, GError **error)
{
  return arbor_expr_new_method ("replace", self, (ArborExpr *[]){ part, replacement }, 2, 2, error);
}

/**
 * arbor_expr_split:
 * @self: an expression
 * @separator: (nullable): a string, %NULL for white space
 * @error: return location for an error
 *
 * Makes `split (self, separator)`: an array of the parts. The page *Expressions* says what other
 * kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_split (ArborExpr *self, ArborExpr *separator, GError **error)
{
  return arbor_expr_new_method ("split", self, (ArborExpr *[]){ separator }, 1, 0, error);
}

/**
 * arbor_expr_join:
 * @self: an expression
 * @separator: (nullable): a string, %NULL for none
 * @error: return location for an error
 *
 * Makes `join (self, separator)`: the texts of the elements in one string, null ones left out.
 * The page *Expressions* says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_join (ArborExpr *self, ArborExpr *separator, GError **error)
{
  return arbor_expr_new_method ("join", self, (ArborExpr *[]){ separator }, 1, 0, error);
}

/**
 * arbor_expr_strip_prefix:
 * @self: an expression
 * @prefix: a string as an expression
 * @error: return location for an error
 *
 * Makes `strip_prefix (self, prefix)`: the string without that beginning. The page *Expressions*
 * says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_strip_prefix (ArborExpr *self, ArborExpr *prefix, GError **error)
{
  return arbor_expr_new_method ("strip_prefix", self, (ArborExpr *[]){ prefix }, 1, 1, error);
}

/**
 * arbor_expr_strip_suffix:
 * @self: an expression
 * @suffix: a string as an expression
 * @error: return location for an error
 *
 * Makes `strip_suffix (self, suffix)`: the string without that end. The page *Expressions* says
 * what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_strip_suffix (ArborExpr *self, ArborExpr *suffix, GError **error)
{
  return arbor_expr_new_method ("strip_suffix", self, (ArborExpr *[]){ suffix }, 1, 1, error);
}

/**
 * arbor_expr_match:
 * @self: an expression
 * @pattern: a regular expression of PCRE2 as an expression
 * @error: return location for an error
 *
 * Makes `self match pattern`: whether the pattern is found in the string. The page *Expressions*
 * says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_match (ArborExpr *self, ArborExpr *pattern, GError **error)
{
  return arbor_expr_new_method ("match", self, (ArborExpr *[]){ pattern }, 1, 1, error);
}

/**
 * arbor_expr_extract:
 * @self: an expression
 * @pattern: a regular expression of PCRE2 as an expression
 * @group: (nullable): number or name of a group, %NULL for all of it
 * @error: return location for an error
 *
 * Makes `extract (self, pattern, group)`: what the pattern finds first. The page *Expressions*
 * says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_extract (ArborExpr *self, ArborExpr *pattern, ArborExpr *group, GError **error)
{
  return arbor_expr_new_method ("extract", self, (ArborExpr *[]){ pattern, group }, 2, 1, error);
}

/**
 * arbor_expr_replace_regex:
 * @self: an expression
 * @pattern: a regular expression of PCRE2 as an expression
 * @replacement: a string, with \1 for group 1 as an expression
 * @error: return location for an error
 *
 * Makes `replace_regex (self, pattern, replacement)`: everything that the pattern finds replaced.
 * The page *Expressions* says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_replace_regex (ArborExpr *self, ArborExpr *pattern, ArborExpr *replacement, GError
                          **error)
{
  return arbor_expr_new_method ("replace_regex", self,
                                (ArborExpr *[]){ pattern, replacement }, 2, 2, error);
}

/**
 * arbor_expr_parse_json:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `parse_json (self)`: the value that a string holds as JSON. The page *Expressions*
 * says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_parse_json (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("parse_json", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}
