/* The table of operators and functions. See arbor-function.h. */

#include "query/arbor-function.h"

#include "query/arbor-function-private.h"

#define CALL(n, min, max, v)                                                                       \
  .name = #n, .syntax = ARBOR_SYNTAX_CALL, .precedence = ARBOR_PRECEDENCE_ATOM,                    \
  .min_arguments = (min), .max_arguments = (max), .vectors = ARBOR_VECTORS_##v, .stops_at = -1,    \
  .code = arbor_function_##n

#define INFIX(n, p, c)                                                                             \
  .name = (n), .syntax = ARBOR_SYNTAX_INFIX, .precedence = ARBOR_PRECEDENCE_##p,                   \
  .min_arguments = 2, .max_arguments = 2, .vectors = ARBOR_VECTORS_MAP, .stops_at = -1,            \
  .code = arbor_function_##c

#define PREFIX(n, s, p)                                                                            \
  .name = #n, .symbol = (s), .syntax = ARBOR_SYNTAX_PREFIX, .precedence = ARBOR_PRECEDENCE_##p,    \
  .min_arguments = 1, .max_arguments = 1, .vectors = ARBOR_VECTORS_MAP, .stops_at = -1,            \
  .code = arbor_function_##n

#define AGGREGATE(n, max, a)                                                                       \
  .name = #n, .syntax = ARBOR_SYNTAX_CALL, .precedence = ARBOR_PRECEDENCE_ATOM,                    \
  .min_arguments = (max), .max_arguments = (max), .vectors = ARBOR_VECTORS_REDUCE,                 \
  .aggregate = ARBOR_AGGREGATE_##a, .stops_at = -1, .code = arbor_function_aggregate

/* clang-format off */
static const ArborFunction functions[] = {
  /* logic */
  { .name = "or", .aliases = { "||" }, .syntax = ARBOR_SYNTAX_INFIX,
    .precedence = ARBOR_PRECEDENCE_OR, .vectors = ARBOR_VECTORS_MAP, .is_flat = TRUE,
    .min_arguments = 2, .max_arguments = ARBOR_ANY_NUMBER, .stops_at = 1,
    .code = arbor_function_or },
  { .name = "and", .aliases = { "&&" }, .syntax = ARBOR_SYNTAX_INFIX,
    .precedence = ARBOR_PRECEDENCE_AND, .vectors = ARBOR_VECTORS_MAP, .is_flat = TRUE,
    .min_arguments = 2, .max_arguments = ARBOR_ANY_NUMBER, .stops_at = 0,
    .code = arbor_function_and },
  { PREFIX (not, "not", NOT), .aliases = { "!" } },

  /* comparison */
  { INFIX ("==", COMPARISON, eq), .aliases = { "=" } },
  { INFIX ("!=", COMPARISON, ne), .aliases = { "<>" } },
  { INFIX ("<=", COMPARISON, le) },
  { INFIX ("<", COMPARISON, lt) },
  { INFIX (">=", COMPARISON, ge) },
  { INFIX (">", COMPARISON, gt) },
  { .name = "is_in", .symbol = "in", .syntax = ARBOR_SYNTAX_LIST,
    .precedence = ARBOR_PRECEDENCE_COMPARISON, .vectors = ARBOR_VECTORS_MAP_FIRST,
    .min_arguments = 1, .max_arguments = ARBOR_ANY_NUMBER, .stops_at = -1,
    .code = arbor_function_is_in },

  /* null */
  { CALL (is_null, 1, 1, MAP) },
  { CALL (is_missing, 1, 1, MAP) },
  { CALL (exists, 1, 1, MAP) },

  /* arithmetic */
  { INFIX ("+", SUM, add) },
  { INFIX ("-", SUM, subtract) },
  { INFIX ("*", PRODUCT, multiply) },
  { INFIX ("/", PRODUCT, divide) },
  { PREFIX (neg, "-", NEGATIVE) },

  /* string */
  { INFIX ("contains", COMPARISON, contains) },
  { INFIX ("starts_with", COMPARISON, starts_with) },
  { INFIX ("ends_with", COMPARISON, ends_with) },
  { CALL (lower, 1, 1, MAP) },

  /* aggregates, and length */
  { AGGREGATE (count, 1, COUNT) },
  { AGGREGATE (sum, 1, SUM) },
  { AGGREGATE (mean, 1, MEAN) },
  { AGGREGATE (min, 1, MIN) },
  { AGGREGATE (max, 1, MAX) },
  { AGGREGATE (first, 1, FIRST) },
  { AGGREGATE (last, 1, LAST) },
  { AGGREGATE (any, 1, ANY) },
  { AGGREGATE (all, 1, ALL) },
  { AGGREGATE (std, 1, STD) },
  { AGGREGATE (var, 1, VAR) },
  { AGGREGATE (median, 1, MEDIAN) },
  { AGGREGATE (quantile, 2, QUANTILE) },
  { AGGREGATE (n_unique, 1, N_UNIQUE) },
  { CALL (len, 1, 1, REDUCE), .aliases = { "length" } },
};
/* clang-format on */

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

const ArborFunction *
arbor_function_find (const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (matches (functions[i].name, name, length) || has_alias (&functions[i], name, length))
      return &functions[i];
  return NULL;
}

const ArborFunction *
arbor_function_find_call (const char *word, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (is_word (functions[i].name) &&
        (matches (functions[i].name, word, length) || has_alias (&functions[i], word, length)))
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
arbor_function_get_symbol (const ArborFunction *self)
{
  return self->symbol != NULL ? self->symbol : self->name;
}
