/* The code over whole series behind the rows of arbor-function.c: what series/arbor-series-<family>.c
 * has. Declared here, below what it is about, because the table names it.
 */

#pragma once

#include "query/expr/arbor-function.h"

G_BEGIN_DECLS

#define ARBOR_SERIES(name)                                                                         \
  gboolean arbor_series_##name (const ArborSeriesCall *call, ArborSeries *result)

/* arbor-series-number.c */
ARBOR_SERIES (add);
ARBOR_SERIES (subtract);
ARBOR_SERIES (multiply);
ARBOR_SERIES (divide);
ARBOR_SERIES (div);
ARBOR_SERIES (mod);
ARBOR_SERIES (pow);

/* arbor-series-rounding.c */
ARBOR_SERIES (neg);
ARBOR_SERIES (abs);
ARBOR_SERIES (round);
ARBOR_SERIES (floor);
ARBOR_SERIES (ceil);
ARBOR_SERIES (sqrt);
ARBOR_SERIES (exp);
ARBOR_SERIES (log);
ARBOR_SERIES (clip);

/* arbor-series-compare.c */
ARBOR_SERIES (eq);
ARBOR_SERIES (ne);
ARBOR_SERIES (lt);
ARBOR_SERIES (le);
ARBOR_SERIES (gt);
ARBOR_SERIES (ge);
ARBOR_SERIES (is_between);

/* arbor-series-logic.c */
ARBOR_SERIES (or);
ARBOR_SERIES (and);
ARBOR_SERIES (not);

/* arbor-series-set.c */
ARBOR_SERIES (is_in);

/* arbor-series-choice.c */
ARBOR_SERIES (when);
ARBOR_SERIES (case);
ARBOR_SERIES (coalesce);
ARBOR_SERIES (null_if);

/* arbor-series-type.c */
ARBOR_SERIES (is_null);
ARBOR_SERIES (is_missing);
ARBOR_SERIES (exists);
ARBOR_SERIES (type_of);
ARBOR_SERIES (is_bool);
ARBOR_SERIES (is_int);
ARBOR_SERIES (is_number);
ARBOR_SERIES (is_string);
ARBOR_SERIES (is_array);
ARBOR_SERIES (is_object);
ARBOR_SERIES (cast);
ARBOR_SERIES (to_number);
ARBOR_SERIES (to_string);

/* arbor-series-string.c */
ARBOR_SERIES (starts_with);
ARBOR_SERIES (ends_with);
ARBOR_SERIES (contains);
ARBOR_SERIES (strip);
ARBOR_SERIES (lstrip);
ARBOR_SERIES (rstrip);
ARBOR_SERIES (strip_prefix);
ARBOR_SERIES (strip_suffix);
ARBOR_SERIES (substring);

/* arbor-series-text.c */
ARBOR_SERIES (lower);
ARBOR_SERIES (upper);
ARBOR_SERIES (casefold);
ARBOR_SERIES (concat);
ARBOR_SERIES (replace);

/* arbor-series-pattern.c */
ARBOR_SERIES (match);
ARBOR_SERIES (extract);
ARBOR_SERIES (replace_regex);

/* arbor-series-split.c */
ARBOR_SERIES (split);

/* arbor-series-object.c */
ARBOR_SERIES (has_key);
ARBOR_SERIES (field);

/* arbor-series-date.c */
ARBOR_SERIES (year);
ARBOR_SERIES (month);
ARBOR_SERIES (day);
ARBOR_SERIES (hour);
ARBOR_SERIES (minute);
ARBOR_SERIES (second);
ARBOR_SERIES (weekday);
ARBOR_SERIES (week);
ARBOR_SERIES (week_year);
ARBOR_SERIES (quarter);
ARBOR_SERIES (epoch);
ARBOR_SERIES (date_truncate);
ARBOR_SERIES (date_add);
ARBOR_SERIES (date_diff);

/* arbor-series-array.c */
ARBOR_SERIES (aggregate);
ARBOR_SERIES (len);
ARBOR_SERIES (map);
ARBOR_SERIES (filter);
ARBOR_SERIES (min_by);
ARBOR_SERIES (max_by);

G_END_DECLS
