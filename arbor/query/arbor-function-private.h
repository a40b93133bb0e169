/* The code behind the rows of arbor-function.c, by family. */

#pragma once

#include "query/arbor-function.h"

G_BEGIN_DECLS

#define ARBOR_FUNCTION(name)                                                                       \
  void arbor_function_##name (const ArborNode *call, const ArborValue *arguments,                  \
                              ArborScope *scope, ArborValue *result)

/* arbor-function-logic.c */
ARBOR_FUNCTION (or);
ARBOR_FUNCTION (and);
ARBOR_FUNCTION (not );
ARBOR_FUNCTION (eq);
ARBOR_FUNCTION (ne);
ARBOR_FUNCTION (lt);
ARBOR_FUNCTION (le);
ARBOR_FUNCTION (gt);
ARBOR_FUNCTION (ge);
ARBOR_FUNCTION (is_in);
ARBOR_FUNCTION (is_null);
ARBOR_FUNCTION (is_missing);
ARBOR_FUNCTION (exists);

/* arbor-function-number.c */
ARBOR_FUNCTION (add);
ARBOR_FUNCTION (subtract);
ARBOR_FUNCTION (multiply);
ARBOR_FUNCTION (divide);
ARBOR_FUNCTION (neg);

/* arbor-function-string.c */
ARBOR_FUNCTION (contains);
ARBOR_FUNCTION (starts_with);
ARBOR_FUNCTION (ends_with);
ARBOR_FUNCTION (lower);

/* arbor-function-array.c */
ARBOR_FUNCTION (aggregate);
ARBOR_FUNCTION (len);

G_END_DECLS
