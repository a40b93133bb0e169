/* Where the values of a lane are for some rows of a batch, and which kind these have there. See
 * arbor-lane-places.h.
 */

#include "query/series/arbor-lane-places.h"

#include "base/arbor-simd.h"

/* Rows in a row: they are a stretch, which is read faster. */
/* Clones are chosen by symbols that cannot be hidden, so they are static. */
ARBOR_TARGET_CLONES
static gboolean
are_stretch (const guint32 *rows, guint32 n)
{
  guint32 others = 0;

  for (guint32 i = 0; i < n; i++)
    others |= rows[i] ^ (rows[0] + i);
  return others == 0;
}

gboolean
arbor_lane_places_are_stretch (const guint32 *rows, guint32 n)
{
  return are_stretch (rows, n);
}

/* A byte of 0 or 1 for each of @n bits from @from on. */
void
arbor_lane_places_expand_bits (const guint64 *bits, guint32 from, guint32 n, guint8 *out)
{
  guint32 i = 0;

  for (; i < n && (from + i) % 8 != 0; i++)
    out[i] = arbor_bits_test (bits, from + i);
  for (; n - i >= 8; i += 8)
    {
      guint64 eight = (bits[(from + i) / 64] >> ((from + i) % 64)) & 0xFF;

      /* Each byte keeps its own bit, and that becomes the lowest. */
      eight = (eight * G_GUINT64_CONSTANT (0x0101010101010101)) &
              G_GUINT64_CONSTANT (0x8040201008040201);
      eight = ((eight + G_GUINT64_CONSTANT (0x7F7F7F7F7F7F7F7F)) >> 7) &
              G_GUINT64_CONSTANT (0x0101010101010101);
      eight = GUINT64_TO_LE (eight);
      memcpy (out + i, &eight, 8);
    }
  for (; i < n; i++)
    out[i] = arbor_bits_test (bits, from + i);
}

/* Where the values of a lane are for some places: indices[i] of the lane, or ARBOR_LANE_NONE. */

static void
find_stretch (const ArborLaneReader *self, guint lane, guint32 from, guint32 n, ArborScope *scope,
              guint32 *indices)
{
  const guint64 *bits = self->lanes.lanes[lane].rows;
  guint32 count = self->lanes.lanes[lane].count;
  guint32 index = from;
  guint8 *is_there;

  if (bits == NULL)
    {
      for (guint32 i = 0; i < n; i++)
        indices[i] = from + i < count ? from + i : ARBOR_LANE_NONE;
      return;
    }
  is_there = arbor_scope_alloc (scope, MAX (n, 1));
  arbor_lane_places_expand_bits (bits, from, n, is_there);
  index = n == 0 ? 0
                 : self->ranks[lane][from / 64] +
                       (guint32) __builtin_popcountll (
                           bits[from / 64] & ((G_GUINT64_CONSTANT (1) << (from % 64)) - 1));
  for (guint32 i = 0; i < n; i++)
    {
      /* ARBOR_LANE_NONE is all ones. */
      indices[i] = index | ((guint32) ((is_there[i] != 0) & (index < count)) - 1);
      index += is_there[i];
    }
}

/* Whether some of the rows are none of the @n_rows. */
ARBOR_TARGET_CLONES
static gboolean
have_others (const guint32 *rows, guint32 n, guint32 n_rows)
{
  guint32 n_others = 0;

  for (guint32 i = 0; i < n; i++)
    n_others += rows[i] >= n_rows;
  return n_others > 0;
}

/* Of rows that there are. */
ARBOR_TARGET_CLONES
static void
find_ranks (const guint64 *bits, const guint32 *ranks, guint32 count, const guint32 *rows, guint32 n,
            guint32 *indices)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint64 word = bits[rows[i] / 64];
      guint64 bit = G_GUINT64_CONSTANT (1) << (rows[i] % 64);
      guint32 index = ranks[rows[i] / 64] + (guint32) __builtin_popcountll (word & (bit - 1));

      /* ARBOR_LANE_NONE is all ones. */
      indices[i] = index | ((guint32) (((word & bit) != 0) & (index < count)) - 1);
    }
}

void
arbor_lane_places_find_indices (const ArborLaneReader *self, guint lane, const guint32 *rows,
                                guint32 from, guint32 n,
              ArborScope *scope, guint32 *indices)
{
  const guint64 *bits = self->lanes.lanes[lane].rows;
  const guint32 *ranks = self->ranks[lane];
  guint32 n_rows = self->lanes.n_rows;
  guint32 count = self->lanes.lanes[lane].count;

  if (rows == NULL)
    {
      find_stretch (self, lane, from, n, scope, indices);
      return;
    }
  if (bits != NULL && !have_others (rows, n, n_rows))
    {
      find_ranks (bits, ranks, count, rows, n, indices);
      return;
    }
  for (guint32 i = 0; i < n; i++)
    {
      guint32 row = rows[i];
      guint32 index = row;

      if (row >= n_rows)
        {
          indices[i] = ARBOR_LANE_NONE;
          continue;
        }
      if (bits != NULL)
        {
          guint64 word = bits[row / 64];
          guint64 bit = G_GUINT64_CONSTANT (1) << (row % 64);

          index = ranks[row / 64] + (guint32) __builtin_popcountll (word & (bit - 1));
          index = (word & bit) != 0 ? index : ARBOR_LANE_NONE;
        }
      indices[i] = index < count ? index : ARBOR_LANE_NONE;
    }
}

/* The places that a lane has get its kind. */
ARBOR_TARGET_CLONES
static void
set_kind (const guint32 *indices, guint8 of, guint32 n, guint8 *kind)
{
  for (guint32 i = 0; i < n; i++)
    kind[i] = indices[i] != ARBOR_LANE_NONE ? of : kind[i];
}

void
arbor_lane_places_set_kind (const guint32 *indices, guint8 of, guint32 n, guint8 *kind)
{
  set_kind (indices, of, n, kind);
}

ARBOR_TARGET_CLONES
static void
set_kind_where (const guint8 *is_there, guint8 of, guint32 n, guint8 *kind)
{
  for (guint32 i = 0; i < n; i++)
    kind[i] = is_there[i] ? of : kind[i];
}

void
arbor_lane_places_set_kind_where (const guint8 *is_there, guint8 of, guint32 n, guint8 *kind)
{
  set_kind_where (is_there, of, n, kind);
}

static void
set_kind_of_bits (const guint64 *bits, guint8 of, guint32 from, guint32 n, ArborScope *scope,
                  guint8 *kind)
{
  guint8 *is_there;

  if (bits == NULL)
    return;
  is_there = arbor_scope_alloc (scope, MAX (n, 1));
  arbor_lane_places_expand_bits (bits, from, n, is_there);
  arbor_lane_places_set_kind_where (is_there, of, n, kind);
}

/* Of rows that there are. */
ARBOR_TARGET_CLONES
static void
set_kind_of_rows (const guint64 *bits, guint8 of, const guint32 *rows, guint32 n, guint8 *kind)
{
  for (guint32 i = 0; i < n; i++)
    kind[i] = ((bits[rows[i] / 64] >> (rows[i] % 64)) & 1) != 0 ? of : kind[i];
}

/* The kinds of places that no lane has. */
void
arbor_lane_places_set_others (const ArborLaneReader *self, const guint32 *rows, guint32 from,
                              guint32 n,
            ArborScope *scope, guint8 *kind)
{
  const ArborLanes *lanes = &self->lanes;

  memset (kind, ARBOR_KIND_MISSING, n);
  if (rows == NULL)
    {
      set_kind_of_bits (lanes->hidden, ARBOR_KIND_OPEN, from, n, scope, kind);
      set_kind_of_bits (lanes->nulls, ARBOR_KIND_NULL, from, n, scope, kind);
      return;
    }
  if (!have_others (rows, n, lanes->n_rows))
    {
      if (lanes->hidden != NULL)
        set_kind_of_rows (lanes->hidden, ARBOR_KIND_OPEN, rows, n, kind);
      if (lanes->nulls != NULL)
        set_kind_of_rows (lanes->nulls, ARBOR_KIND_NULL, rows, n, kind);
      return;
    }
  for (guint32 i = 0; i < n; i++)
    {
      guint32 row = rows[i];

      if (row >= lanes->n_rows)
        kind[i] = row == ARBOR_ROW_OPEN ? ARBOR_KIND_OPEN : ARBOR_KIND_MISSING;
      else if (lanes->nulls != NULL && arbor_bits_test (lanes->nulls, row))
        kind[i] = ARBOR_KIND_NULL;
      else if (lanes->hidden != NULL && arbor_bits_test (lanes->hidden, row))
        kind[i] = ARBOR_KIND_OPEN;
    }
}
