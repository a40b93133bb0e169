/* Which numbers of one kind pass a comparison with a literal: an interval, found once by searching
 * with the one comparator, so that a loop over a lane compares machine words and still agrees with
 * exact values (2^53 and 2^53 + 1, 1e400, 18446744073709551615).
 *
 * Numbers of a kind are told apart by keys: 64 bits in the order of the numbers.
 */

#pragma once

#include <string.h>

#include "base/arbor-comparison.h"
#include "base/arbor-value.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 first, last; /* keys; both included */
  gboolean is_empty;
} ArborBounds;

#define ARBOR_KEY_SIGN (G_GUINT64_CONSTANT (1) << 63)

static inline guint64
arbor_key_from_double (double number)
{
  guint64 bits;

  memcpy (&bits, &number, sizeof bits);
  return (bits & ARBOR_KEY_SIGN) != 0 ? ~bits : bits ^ ARBOR_KEY_SIGN;
}

static inline double
arbor_key_to_double (guint64 key)
{
  guint64 bits = (key & ARBOR_KEY_SIGN) != 0 ? key ^ ARBOR_KEY_SIGN : ~key;
  double number;

  memcpy (&number, &bits, sizeof number);
  return number;
}

/* The key of the bits of an INT64, UINT64 or DOUBLE as they lie in a batch. */
static inline guint64
arbor_key_from_bits (ArborKind kind, guint64 bits)
{
  double number;

  if (kind == ARBOR_KIND_INT64)
    return bits ^ ARBOR_KEY_SIGN;
  if (kind == ARBOR_KIND_UINT64)
    return bits;
  memcpy (&number, &bits, sizeof number);
  return arbor_key_from_double (number);
}

/* The keys of numbers of @kind (INT64, UINT64, DOUBLE) that pass; of NE, those that do not. */
void arbor_bounds_init (ArborBounds *self, ArborKind kind, ArborComparison comparison,
                        const ArborValue *literal);

G_END_DECLS
