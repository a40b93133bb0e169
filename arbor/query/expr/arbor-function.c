/* The table of operators and functions. See arbor-function.h. */

#include "query/expr/arbor-function.h"

#include "base/arbor-spelling.h"

#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"

#define ROW(n, s, p, min, max, v, c)                                                               \
  .name = (n), .syntax = ARBOR_SYNTAX_##s, .precedence = ARBOR_PRECEDENCE_##p,                     \
  .min_arguments = (min), .max_arguments = (max), .vectors = ARBOR_VECTORS_##v,                    \
  .code = arbor_function_##c

/* With code over whole series. */
#define SERIES(name) .series = arbor_series_##name

#define CALL(n, min, max, v) ROW (#n, CALL, ATOM, min, max, v, n)
#define INFIX(n, p, c) ROW (n, INFIX, p, 2, 2, MAP, c), .builder = #c
#define COLLECTION(n, a)                                                                           \
  ROW (#n, CALL, ATOM, 1, 1, REDUCE, aggregate), .aggregate = ARBOR_AGGREGATE_##a
#define AGGREGATE(n, max, a)                                                                       \
  ROW (#n, CALL, ATOM, max, max, REDUCE, aggregate), .aggregate = ARBOR_AGGREGATE_##a,             \
  SERIES (aggregate), .runs = ARBOR_RUNS_MADE
#define REGEX                                                                                      \
  .prepare = arbor_function_prepare_regex, .free_prepared = arbor_function_free_regex

/* clang-format off */
static const ArborFunction functions[] = {
  /* logic */
  { ROW ("or", INFIX, OR, 2, ARBOR_ANY_NUMBER, MAP, or), .aliases = { "||" }, .builder = "either",
    .is_flat = TRUE, .stops_at = ARBOR_STOPS_AT_TRUE, SERIES (or) },
  { ROW ("and", INFIX, AND, 2, ARBOR_ANY_NUMBER, MAP, and), .aliases = { "&&" }, .builder = "both",
    .is_flat = TRUE, .stops_at = ARBOR_STOPS_AT_FALSE, SERIES (and) },
  { ROW ("not", PREFIX, NOT, 1, 1, MAP, not), .aliases = { "!" }, .builder = "negate", SERIES (not) },

  /* comparison */
  { INFIX ("==", COMPARISON, eq), .aliases = { "=" }, SERIES (eq) },
  { INFIX ("!=", COMPARISON, ne), .aliases = { "<>" }, SERIES (ne) },
  { INFIX ("<=", COMPARISON, le), SERIES (le) },
  { INFIX ("<", COMPARISON, lt), SERIES (lt) },
  { INFIX (">=", COMPARISON, ge), SERIES (ge) },
  { INFIX (">", COMPARISON, gt), SERIES (gt) },
  { ROW ("is_in", LIST, COMPARISON, 1, ARBOR_ANY_NUMBER, MAP_FIRST, is_in), .symbol = "in",
    SERIES (is_in), .prepare = arbor_function_prepare_set,
    .free_prepared = arbor_function_free_set },
  { ROW ("is_between", RANGE, COMPARISON, 3, 3, MAP, is_between), SERIES (is_between) },

  /* null */
  { CALL (is_null, 1, 1, MAP), SERIES (is_null) },
  { CALL (is_missing, 1, 1, MAP), SERIES (is_missing) },
  { CALL (exists, 1, 1, MAP), SERIES (exists) },
  { CALL (coalesce, 1, ARBOR_ANY_NUMBER, MAP), SERIES (coalesce) },
  { ROW ("if_null", CALL, ATOM, 2, 2, MAP, coalesce), SERIES (coalesce) },
  { CALL (null_if, 2, 2, MAP), SERIES (null_if) },

  /* choice */
  { ROW ("when", CHOICE, NONE, 3, ARBOR_ANY_NUMBER, MAP, when), SERIES (when) },
  { CALL (case, 3, ARBOR_ANY_NUMBER, MAP), SERIES (case) },

  /* arithmetic */
  { INFIX ("+", SUM, add), SERIES (add) },
  { INFIX ("-", SUM, subtract), SERIES (subtract) },
  { INFIX ("*", PRODUCT, multiply), SERIES (multiply) },
  { INFIX ("/", PRODUCT, divide), SERIES (divide) },
  { INFIX ("div", PRODUCT, div), .aliases = { "//" }, SERIES (div) },
  { INFIX ("mod", PRODUCT, mod), .aliases = { "%" }, SERIES (mod) },
  { ROW ("neg", PREFIX, NEGATIVE, 1, 1, MAP, neg), .symbol = "-", .builder = "minus", SERIES (neg) },
  { CALL (pow, 2, 2, MAP), SERIES (pow) },
  { CALL (abs, 1, 1, MAP), SERIES (abs) },
  { CALL (round, 1, 2, MAP), SERIES (round) },
  { CALL (floor, 1, 1, MAP), SERIES (floor) },
  { CALL (ceil, 1, 1, MAP), SERIES (ceil) },
  { CALL (sqrt, 1, 1, MAP), SERIES (sqrt) },
  { CALL (exp, 1, 1, MAP), SERIES (exp) },
  { CALL (log, 1, 2, MAP), SERIES (log) },
  { CALL (clip, 3, 3, MAP), SERIES (clip) },

  /* aggregates */
  { ROW ("count", CALL, ATOM, 0, 1, REDUCE, aggregate), .aggregate = ARBOR_AGGREGATE_COUNT,
    SERIES (aggregate), .runs = ARBOR_RUNS_MADE },
  { AGGREGATE (sum, 1, SUM) },
  { AGGREGATE (mean, 1, MEAN) },
  { AGGREGATE (min, 1, MIN) },
  { AGGREGATE (max, 1, MAX) },
  { AGGREGATE (first, 1, FIRST) },
  { AGGREGATE (last, 1, LAST) },
  { AGGREGATE (any, 1, ANY) },
  { AGGREGATE (all, 1, ALL) },
  { AGGREGATE (std, 1, STD) },
  { AGGREGATE (var, 1, VAR), .builder = "variance" },
  { AGGREGATE (median, 1, MEDIAN) },
  { AGGREGATE (quantile, 2, QUANTILE) },
  { AGGREGATE (n_unique, 1, N_UNIQUE) },
  { COLLECTION (collect, COLLECT) },
  { COLLECTION (collect_unique, COLLECT_UNIQUE) },

  /* string */
  { CALL (lower, 1, 1, MAP), SERIES (lower) },
  { CALL (upper, 1, 1, MAP), SERIES (upper) },
  { CALL (casefold, 1, 1, MAP), SERIES (casefold) },
  { CALL (strip, 1, 2, MAP), SERIES (strip) },
  { CALL (lstrip, 1, 2, MAP), SERIES (lstrip) },
  { CALL (rstrip, 1, 2, MAP), SERIES (rstrip) },
  { CALL (len, 1, 1, REDUCE), .aliases = { "length" }, SERIES (len),
    .runs = ARBOR_RUNS_TAKEN },
  { INFIX ("contains", COMPARISON, contains), SERIES (contains), .runs = ARBOR_RUNS_MADE },
  { INFIX ("starts_with", COMPARISON, starts_with), SERIES (starts_with) },
  { INFIX ("ends_with", COMPARISON, ends_with), SERIES (ends_with) },
  { CALL (substring, 2, 3, MAP), SERIES (substring) },
  { CALL (replace, 3, 3, MAP), SERIES (replace) },
  { CALL (split, 1, 2, MAP), SERIES (split) },
  { CALL (join, 1, 2, REDUCE) },
  { CALL (strip_prefix, 2, 2, MAP), SERIES (strip_prefix) },
  { CALL (strip_suffix, 2, 2, MAP), SERIES (strip_suffix) },
  { INFIX ("match", COMPARISON, match), .aliases = { "matches" }, SERIES (match), REGEX },
  { CALL (extract, 2, 3, MAP), SERIES (extract), REGEX },
  { CALL (replace_regex, 3, 3, MAP), SERIES (replace_regex), REGEX },
  { CALL (to_number, 1, 1, MAP), SERIES (to_number) },
  { CALL (to_string, 1, 1, MAP), .builder = "to_text", SERIES (to_string) },
  { CALL (parse_json, 1, 1, MAP), .nests = TRUE },

  /* array */
  { CALL (get, 2, 2, REDUCE), .builder = "item" },
  { CALL (each, 1, 1, REDUCE), .spreads = TRUE },
  { CALL (slice, 2, 3, REDUCE) },
  { CALL (unique, 1, 2, REDUCE), .walks = TRUE },
  { CALL (sort, 1, 3, REDUCE), .walks = TRUE },
  { CALL (reverse, 1, 1, REDUCE) },
  { CALL (concat, 1, ARBOR_ANY_NUMBER, REDUCE), SERIES (concat) },
  { CALL (flatten, 1, 1, REDUCE) },
  { CALL (map, 2, 2, REDUCE), .walks = TRUE, SERIES (map), .runs = ARBOR_RUNS_TAKEN },
  { CALL (filter, 2, 2, REDUCE), .walks = TRUE, SERIES (filter), .runs = ARBOR_RUNS_MADE },
  { CALL (min_by, 2, 2, REDUCE), .walks = TRUE, SERIES (min_by), .runs = ARBOR_RUNS_MADE },
  { CALL (max_by, 2, 2, REDUCE), .walks = TRUE, SERIES (max_by), .runs = ARBOR_RUNS_MADE },

  /* object */
  { CALL (keys, 1, 1, MAP) },
  { CALL (values, 1, 1, MAP) },
  { CALL (field, 2, 2, MAP), SERIES (field) },
  { CALL (has_key, 2, 2, MAP), SERIES (has_key) },
  { CALL (with_field, 3, 3, MAP), .nests = TRUE },
  { CALL (without, 2, ARBOR_ANY_NUMBER, MAP) },
  { CALL (rename, 3, 3, MAP) },
  { CALL (entries, 1, 1, MAP), .nests = TRUE },
  { CALL (from_entries, 1, 1, REDUCE) },

  /* date */
  { CALL (year, 1, 1, MAP), SERIES (year) },
  { CALL (month, 1, 1, MAP), SERIES (month) },
  { CALL (day, 1, 1, MAP), SERIES (day) },
  { CALL (hour, 1, 1, MAP), SERIES (hour) },
  { CALL (minute, 1, 1, MAP), SERIES (minute) },
  { CALL (second, 1, 1, MAP), SERIES (second) },
  { CALL (weekday, 1, 1, MAP), SERIES (weekday) },
  { CALL (week, 1, 1, MAP), SERIES (week) },
  { CALL (week_year, 1, 1, MAP), SERIES (week_year) },
  { CALL (quarter, 1, 1, MAP), SERIES (quarter) },
  { CALL (epoch, 1, 1, MAP), SERIES (epoch) },
  { CALL (date_truncate, 2, 2, MAP), .aliases = { "truncate" }, SERIES (date_truncate),
    .prepare = arbor_function_prepare_unit },
  { CALL (date_add, 3, 3, MAP), SERIES (date_add),
    .prepare = arbor_function_prepare_unit },
  { CALL (date_diff, 3, 3, MAP), .aliases = { "diff" }, SERIES (date_diff),
    .prepare = arbor_function_prepare_unit },

  { CALL (parse_date, 2, 2, MAP), .prepare = arbor_function_prepare_format },
  { CALL (date_from_epoch, 1, 2, MAP), .prepare = arbor_function_prepare_epoch_unit },
  { CALL (to_epoch, 1, 2, MAP), .prepare = arbor_function_prepare_epoch_unit },

  /* type */
  { CALL (type_of, 1, 1, MAP), SERIES (type_of) },
  { CALL (is_bool, 1, 1, MAP), SERIES (is_bool) },
  { CALL (is_int, 1, 1, MAP), SERIES (is_int) },
  { CALL (is_number, 1, 1, MAP), SERIES (is_number) },
  { CALL (is_string, 1, 1, MAP), SERIES (is_string) },
  { CALL (is_array, 1, 1, MAP), SERIES (is_array) },
  { CALL (is_object, 1, 1, MAP), SERIES (is_object) },
  { CALL (cast, 2, 2, MAP), SERIES (cast), .prepare = arbor_function_prepare_cast },
};
/* clang-format on */

/* Names that are further from a word than this are no help to whoever wrote it. */
#define MAX_DISTANCE 2u
#define MAX_NAME 24u

static gboolean
is_word (const char *name)
{
  return g_ascii_isalpha (name[0]);
}

static gboolean
matches (const char *name, const char *text, gsize length)
{
  return name != NULL && strlen (name) == length && memcmp (name, text, length) == 0;
}

static gboolean
has_alias (const ArborFunction *self, const char *text, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->aliases); i++)
    if (matches (self->aliases[i], text, length))
      return TRUE;
  return FALSE;
}

static gboolean
is_called (const ArborFunction *self, const char *text, gsize length)
{
  return matches (self->name, text, length) || matches (self->builder, text, length) ||
         has_alias (self, text, length);
}

const ArborFunction *
arbor_function_find (const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (is_called (&functions[i], name, length))
      return &functions[i];
  return NULL;
}

const ArborFunction *
arbor_function_find_call (const char *word, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (functions[i].syntax != ARBOR_SYNTAX_CHOICE && is_called (&functions[i], word, length))
      return &functions[i];
  return NULL;
}

const ArborFunction *
arbor_function_find_operator (ArborSyntax syntax, const char *symbol, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (functions[i].syntax == syntax && syntax != ARBOR_SYNTAX_CALL &&
        (matches (arbor_function_get_symbol (&functions[i]), symbol, length) ||
         (syntax == ARBOR_SYNTAX_LIST && matches (functions[i].name, symbol, length)) ||
         has_alias (&functions[i], symbol, length)))
      return &functions[i];
  return NULL;
}

const char *
arbor_function_find_near (const char *word, gsize length)
{
  guint least = MIN (MAX_DISTANCE, (guint) MIN (length, MAX_NAME) / 3) + 1;
  g_autofree char *text = g_strndup (word, length);
  const char *near = NULL;

  if (length > MAX_NAME)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      guint distance;

      if (!is_word (functions[i].name))
        continue;
      distance = arbor_spelling_get_distance (functions[i].name, text, least);
      if (distance < least)
        {
          least = distance;
          near = functions[i].name;
        }
    }
  return near;
}

const ArborFunction *
arbor_function_get_nth (guint i)
{
  return i < G_N_ELEMENTS (functions) ? &functions[i] : NULL;
}

const char *
arbor_function_get_symbol (const ArborFunction *self)
{
  return self->symbol != NULL ? self->symbol : self->name;
}
