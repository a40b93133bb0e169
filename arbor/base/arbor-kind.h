/* The kinds of values that a tree can hold: public, because every layer and every caller speaks
 * of them. The numbers are part of the ABI and of the batch format (docs/dev/format.md).
 */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <glib-object.h>

#include "arbor-version-macros.h"

G_BEGIN_DECLS

/**
 * ArborKind:
 * @ARBOR_KIND_MISSING: nothing is there; never stored, and different from null
 * @ARBOR_KIND_NULL: JSON null
 * @ARBOR_KIND_BOOL: true or false
 * @ARBOR_KIND_INT64: an integer that fits `gint64`
 * @ARBOR_KIND_UINT64: an integer in [2^63, 2^64)
 * @ARBOR_KIND_DOUBLE: a number with fraction or exponent whose nearest double is finite
 * @ARBOR_KIND_NUMBER: any other number, kept digit for digit as text
 * @ARBOR_KIND_STRING: UTF-8 text, which may hold U+0000
 * @ARBOR_KIND_ARRAY: an ordered list of values
 * @ARBOR_KIND_OBJECT: an ordered list of pairs of key and value
 *
 * The kind of a JSON value.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_KIND_MISSING = 0,
  ARBOR_KIND_NULL = 1,
  ARBOR_KIND_BOOL = 2,
  ARBOR_KIND_INT64 = 3,
  ARBOR_KIND_UINT64 = 4,
  ARBOR_KIND_DOUBLE = 5,
  ARBOR_KIND_NUMBER = 6,
  ARBOR_KIND_STRING = 7,
  ARBOR_KIND_ARRAY = 8,
  ARBOR_KIND_OBJECT = 9,
} ArborKind;

ARBOR_AVAILABLE_IN_1_0
const char *arbor_kind_to_string (ArborKind kind);

G_END_DECLS
