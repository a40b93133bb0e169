/* The values of a path of fields in some rows of a batch, lane by lane: for loops over lanes. Rows
 * may be all of the batch, or any of them in any order. For each lane:
 *
 *   positions  of its values among the rows, ascending; NULL where each row has one
 *   indices    of these values in the lane; NULL where they are 0, 1, 2, ...
 *
 * What a path cannot say by lanes alone (text on the way, any other step than a key) has no such
 * parts, and is read row by row (arbor-evaluator.h).
 */

#pragma once

#include "batch/arbor-group-key.h"
#include "batch/arbor-lanes.h"
#include "batch/arbor-rows.h"
#include "query/expr/arbor-node.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborLane *lane;
  guint32 n;
  const guint32 *positions;
  const guint32 *indices;
  gboolean is_computed; /* the lane is no batch's, and says nothing of the order of strings */
  /* Of computed strings: each of them, or which of the table it is; else NULL. */
  const struct _ArborString *strings;
  const guint16 *codes;
  const struct _ArborString *table;
  guint32 n_table;
} ArborPart;

typedef struct
{
  ArborLanes lanes;
  guint32 n_rows;
  guint n_parts;
  ArborPart parts[ARBOR_N_LANE_KINDS];
  guint32 n_nulls;
  const guint32 *nulls; /* positions */
  guint32 n_missing;
} ArborPathRows;


/* FALSE: these rows are to be read one by one, since lanes do not tell, or would take longer.
 * Everything lies in @scope. */
gboolean arbor_path_rows_init (ArborPathRows *self, const ArborPath *path, const ArborRows *rows,
                               ArborScope *scope);

/* The only part, where no value lies elsewhere; NULL otherwise. There may be nulls, and rows
 * without a value. */
static inline const ArborPart *
arbor_path_rows_get_single (const ArborPathRows *self)
{
  return self->n_parts == 1 ? &self->parts[0] : NULL;
}

/* Unsigned numbers of @width bytes (1, 2, 4 or 8): of INT64 and UINT64 above the lane's min, of a
 * BOOL 0 and 1, of a dictionary its codes, of a DOUBLE its bits. */
typedef struct
{
  gconstpointer data;
  guint width;
} ArborNumbers;

/* FALSE for any other lane. */
gboolean arbor_part_get_numbers (const ArborPart *self, ArborScope *scope, ArborNumbers *numbers);
guint64 arbor_numbers_get_max (const ArborNumbers *self, guint32 n);
/* Whether all of the @n doubles at @bits are finite: others read as null. */
gboolean arbor_bits_are_finite (const guint64 *bits, guint32 n);

/* The strings of a STRING lane's part. */
typedef struct _ArborString ArborString;
struct _ArborString
{
  const char *bytes;
  guint32 length;
};

/* All that arbor_lane_get_string knows, and @n_more empty ones behind them. */
const ArborString *arbor_lane_list_strings (const ArborLane *lane, guint32 n_more,
                                            ArborScope *scope);
const ArborString *arbor_part_get_strings (const ArborPart *self, ArborScope *scope);

/* The values of all rows, @stride apart. FALSE: not from lanes (arrays, objects, number texts). Texts
 * lie in the batch. */
gboolean arbor_path_rows_get_values (const ArborPathRows *self, ArborScope *scope,
                                     ArborValue *values, gsize stride);

/* The same as keys of a group table. */
gboolean arbor_path_rows_get_keys (const ArborPathRows *self, ArborScope *scope, ArborGroupKey *keys,
                                   gsize stride);

/* Value @i of a part that has numbers. */
void arbor_part_get_value (const ArborPart *self, const ArborNumbers *numbers, guint32 i,
                           ArborValue *value);

G_END_DECLS
