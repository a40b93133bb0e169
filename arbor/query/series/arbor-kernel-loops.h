/* The loops of the kernels: over the buffers of a lane, one value after the other, vectorised. Each
 * writes a bit for each value. What they read lies in a batch, whose buffers may be read in blocks
 * of 64 bytes; values past the last one give bits that are cleared.
 */

#pragma once

#include "base/arbor-bits.h"

G_BEGIN_DECLS

/* Whether first <= number <= first + span, for numbers of @width bytes (1, 2, 4 or 8) at @numbers. */
void arbor_loop_range (const guint8 *numbers, guint width, guint32 n, guint64 first, guint64 span,
                       guint64 *bits);
/* The same for doubles; NaN is in no range. */
void arbor_loop_doubles (const guint8 *numbers, guint32 n, double first, double last,
                         guint64 *bits);
/* Whether table[code] is not zero; codes from @n_table on have none. */
void arbor_loop_table (const guint8 *codes, guint width, guint32 n, const guint8 *table,
                       guint32 n_table, guint64 *bits);

/* A text that is searched for. Up to four of its bytes, chosen for being rare, are compared with
 * many places at once; where all of them are right the rest is. */
typedef struct
{
  const char *text;
  guint32 length; /* 1 at least */
  gboolean is_ready; /* offsets are chosen */
  guint n_probes;
  guint32 offsets[4];
} ArborNeedle;

/* The first place at or after @from, before @size, at which all of the needle lies; @size when
 * there is none. */
guint32 arbor_needle_find (ArborNeedle *self, const guint8 *bytes, guint32 size, guint32 from);

G_END_DECLS
