/* Dates: builders of expressions. What each means is its function's matter (query/). */

#include "arbor-expr-private.h"

/**
 * arbor_expr_year:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `year (self)`: the year of a date. The page *Expressions* says what other kinds give.
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
arbor_expr_year (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("year", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_month:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `month (self)`: the month of a date. The page *Expressions* says what other kinds give.
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
arbor_expr_month (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("month", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_day:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `day (self)`: the day of a date. The page *Expressions* says what other kinds give.
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
arbor_expr_day (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("day", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_hour:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `hour (self)`: the hour of a date. The page *Expressions* says what other kinds give.
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
arbor_expr_hour (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("hour", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_minute:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `minute (self)`: the minute of a date. The page *Expressions* says what other kinds give.
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
arbor_expr_minute (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("minute", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_second:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `second (self)`: the second of a date. The page *Expressions* says what other kinds give.
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
arbor_expr_second (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("second", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_weekday:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `weekday (self)`: the day of the week, Monday 0, of a date. The page *Expressions* says
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
arbor_expr_weekday (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("weekday", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_week:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `week (self)`: the week by ISO 8601 of a date. The page *Expressions* says what other
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
arbor_expr_week (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("week", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_quarter:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `quarter (self)`: the quarter of a date. The page *Expressions* says what other kinds
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
arbor_expr_quarter (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("quarter", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_epoch:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `epoch (self)`: the seconds of a date since 1970. The page *Expressions* says what other
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
arbor_expr_epoch (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("epoch", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_date_truncate:
 * @self: an expression
 * @unit: "year", "quarter", "month", "week", "day", "hour", "minute" or "second" as an expression
 * @error: return location for an error
 *
 * Makes `date_truncate (self, unit)`: the first moment of that unit. The page *Expressions* says
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
arbor_expr_date_truncate (ArborExpr *self, ArborExpr *unit, GError **error)
{
  return arbor_expr_new_method ("date_truncate", self, (ArborExpr *[]){ unit }, 1, 1, error);
}

/**
 * arbor_expr_date_add:
 * @self: an expression
 * @n: a whole number as an expression
 * @unit: a unit, as for [method@Arbor.Expr.date_truncate] as an expression
 * @error: return location for an error
 *
 * Makes `date_add (self, n, unit)`: so much later, by the calendar. The page *Expressions* says
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
arbor_expr_date_add (ArborExpr *self, ArborExpr *n, ArborExpr *unit, GError **error)
{
  return arbor_expr_new_method ("date_add", self, (ArborExpr *[]){ n, unit }, 2, 2, error);
}

/**
 * arbor_expr_date_diff:
 * @self: an expression
 * @other: another expression
 * @unit: a unit, as for [method@Arbor.Expr.date_truncate] as an expression
 * @error: return location for an error
 *
 * Makes `date_diff (self, other, unit)`: how many whole units @self is later. The page
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
arbor_expr_date_diff (ArborExpr *self, ArborExpr *other, ArborExpr *unit, GError **error)
{
  return arbor_expr_new_method ("date_diff", self, (ArborExpr *[]){ other, unit }, 2, 2, error);
}

/**
 * arbor_expr_week_year:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `week_year (self)`: the year of the week by ISO 8601 of a date. The page *Expressions*
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
arbor_expr_week_year (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("week_year", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_parse_date:
 * @self: an expression
 * @format: a format of dates as an expression
 * @error: return location for an error
 *
 * Makes `parse_date (self, format)`: the date that a string says in a format. The page *Expressions*
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
arbor_expr_parse_date (ArborExpr *self, ArborExpr *format, GError **error)
{
  return arbor_expr_new_method ("parse_date", self, (ArborExpr *[]){ format }, 1, 1, error);
}

/**
 * arbor_expr_date_from_epoch:
 * @self: an expression
 * @unit: (nullable): "second" when %NULL, or another unit as an expression
 * @error: return location for an error
 *
 * Makes `date_from_epoch (self, unit)`: the moment so many units after 1970. The page *Expressions*
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
arbor_expr_date_from_epoch (ArborExpr *self, ArborExpr *unit, GError **error)
{
  return arbor_expr_new_method ("date_from_epoch", self, (ArborExpr *[]){ unit }, 1, 0, error);
}

/**
 * arbor_expr_to_epoch:
 * @self: an expression
 * @unit: (nullable): "second" when %NULL, or another unit as an expression
 * @error: return location for an error
 *
 * Makes `to_epoch (self, unit)`: how many units after 1970 a date is. The page *Expressions*
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
arbor_expr_to_epoch (ArborExpr *self, ArborExpr *unit, GError **error)
{
  return arbor_expr_new_method ("to_epoch", self, (ArborExpr *[]){ unit }, 1, 0, error);
}
