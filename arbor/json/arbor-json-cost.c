/* See arbor-json-cost.h. The factors are measured: what the process grows by at most, for a byte of
 * text (itself, its strings on the tape, in a column, in the batch, and in what LMDB writes) and for
 * a value (its places in simdjson's index, on the tape, in a column, in the batch).
 */

#include "json/arbor-json-cost.h"

#include "base/arbor-simd.h"

#define BYTES_A_BYTE  6u
#define BYTES_A_VALUE 56u

ARBOR_TARGET_CLONES
static guint
count_marks (const char *text, gsize n)
{
  guint marks = 0;

  for (gsize i = 0; i < n; i++)
    marks += (guint) (text[i] == ',') + (guint) ((text[i] & 0xdf) == '['); /* '[' and '{' */
  return marks;
}

void
arbor_json_estimate (const char *text, gsize length, ArborJsonCost *cost)
{
  guint64 n_values = 1;

  for (gsize at = 0; at < length; at += G_MAXINT32)
    n_values += count_marks (text + at, MIN (length - at, G_MAXINT32));
  cost->n_values = n_values;
  cost->n_bytes = length * (guint64) BYTES_A_BYTE + n_values * BYTES_A_VALUE;
}
