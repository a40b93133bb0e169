/* See arbor-path-rows.h. The rows with a value in a lane are a bitmap over the batch. Where all
 * rows of the batch are wanted, its ones are the positions; otherwise a table says for each row of
 * the batch which value of the lane it has.
 */

#include "query/series/arbor-path-rows.h"

#include "base/arbor-simd.h"

/* Of a batch whose rows are this many times more than those wanted, lanes do not pay. */
#define FEWEST_OF 8u
#define NONE      G_MAXUINT16

/* What a lane of width 0 has. */
static const guint8 zeros[ARBOR_BATCH_MAX_TREES];

/* The positions of the rows that @bits has, ascending, and which of its ones each of them is. */
static guint32
find_positions (const ArborPathRows *self, const guint64 *bits, const ArborRows *rows,
                ArborScope *scope, const guint32 **positions, const guint32 **indices)
{
  guint32 n_rows = self->lanes.n_rows;
  gsize size = (gsize) MAX (n_rows, rows->n) * sizeof (guint32);
  guint32 *ones = arbor_scope_alloc (scope, size);
  guint32 n_ones = arbor_bits_list (bits, 0, n_rows, 0, n_rows, ones);
  guint16 *place;
  guint32 *at;
  guint32 n = 0;

  *positions = ones;
  *indices = NULL;
  if (rows->rows == NULL)
    return n_ones;

  place = arbor_scope_alloc (scope, (gsize) n_rows * sizeof (guint16));
  memset (place, 0xFF, (gsize) n_rows * sizeof (guint16));
  for (guint32 i = 0; i < n_ones; i++)
    place[ones[i]] = (guint16) i;
  *indices = at = arbor_scope_alloc (scope, (gsize) rows->n * sizeof (guint32));
  for (guint32 i = 0; i < rows->n; i++)
    {
      guint16 index = place[rows->rows[i]];

      /* Written over the list that has been read. */
      ones[n] = i;
      at[n] = index;
      n += index != NONE;
    }
  return n;
}

static void
add_part (ArborPathRows *self, const ArborLane *lane, const ArborRows *rows, ArborScope *scope)
{
  ArborPart *part = &self->parts[self->n_parts];

  *part = (ArborPart){ .lane = lane, .n = rows->n, .indices = rows->rows };
  if (lane->rows != NULL)
    part->n = find_positions (self, lane->rows, rows, scope, &part->positions, &part->indices);
  else if (lane->count < self->lanes.n_rows)
    part->n = 0; /* damaged */
  if (part->n == 0)
    return;
  if (part->n == rows->n)
    part->positions = NULL;
  self->n_parts++;
}

gboolean
arbor_path_rows_init (ArborPathRows *self, const ArborPath *path, const ArborRows *rows,
                      ArborScope *scope)
{
  const guint32 *places;
  guint32 n_known = 0;

  if (rows->n < arbor_batch_get_n_trees (rows->batch) / FEWEST_OF)
    return FALSE;
  self->n_parts = 0;
  self->n_nulls = 0;
  self->nulls = NULL;
  self->n_rows = rows->n;
  arbor_lanes_init (&self->lanes, rows->batch, 0, path->steps, path->n_steps, scope);
  if (self->lanes.hidden != NULL)
    return FALSE;
  for (guint i = 0; i < self->lanes.n_lanes; i++)
    {
      add_part (self, &self->lanes.lanes[i], rows, scope);
      n_known += self->n_parts > 0 && self->parts[self->n_parts - 1].lane == &self->lanes.lanes[i]
                     ? self->parts[self->n_parts - 1].n
                     : 0;
    }
  if (self->lanes.nulls != NULL)
    self->n_nulls = find_positions (self, self->lanes.nulls, rows, scope, &self->nulls, &places);
  n_known += self->n_nulls;
  self->n_missing = n_known < rows->n ? rows->n - n_known : 0;
  return TRUE;
}

/* Numbers */

#define GATHER(type)                                                                               \
  static gpointer gather_##type (const type *from, const guint32 *indices, guint32 n,              \
                                 ArborScope *scope)                                                \
  {                                                                                                \
    type *to = arbor_scope_alloc (scope, (gsize) n * sizeof (type));                               \
                                                                                                   \
    for (guint32 i = 0; i < n; i++)                                                                \
      to[i] = from[indices[i]];                                                                    \
    return to;                                                                                     \
  }

GATHER (guint8)
GATHER (guint16)
GATHER (guint32)
GATHER (guint64)

static gpointer
gather (gconstpointer from, guint width, const guint32 *indices, guint32 n, ArborScope *scope)
{
  switch (width)
    {
    case 1:
      return gather_guint8 (from, indices, n, scope);
    case 2:
      return gather_guint16 (from, indices, n, scope);
    case 4:
      return gather_guint32 (from, indices, n, scope);
    default:
      return gather_guint64 (from, indices, n, scope);
    }
}

ARBOR_TARGET_CLONES
static void
spread_bits (const guint8 *bits, guint32 n, guint8 *out)
{
  for (guint32 i = 0; i < n; i++)
    out[i] = (bits[i / 8] >> (i % 8)) & 1;
}

gboolean
arbor_part_get_numbers (const ArborPart *self, ArborScope *scope, ArborNumbers *numbers)
{
  const ArborLane *lane = self->lane;
  guint8 *values;

  *numbers = (ArborNumbers){ lane->a, lane->record->width };
  switch ((ArborEncoding) lane->record->encoding)
    {
    case ARBOR_ENCODING_BITS:
      values = arbor_scope_alloc (scope, lane->count);
      spread_bits (lane->a, lane->count, values);
      *numbers = (ArborNumbers){ values, 1 };
      break;
    case ARBOR_ENCODING_FRAME:
    case ARBOR_ENCODING_DICTIONARY:
      if (numbers->width > 0)
        break;
      numbers->width = 1;
      numbers->data = zeros;
      if (lane->count <= ARBOR_BATCH_MAX_TREES)
        return TRUE;
      /* Of elements there are more than trees. */
      numbers->data = values = arbor_scope_alloc (scope, lane->count);
      memset (values, 0, lane->count);
      return TRUE;
    case ARBOR_ENCODING_RAW:
      numbers->width = 8;
      break;
    default:
      return FALSE;
    }
  /* Only in a damaged batch buffers are not aligned. */
  if ((guintptr) numbers->data % numbers->width != 0)
    {
      values = arbor_scope_alloc (scope, (gsize) lane->count * numbers->width);
      memcpy (values, numbers->data, (gsize) lane->count * numbers->width);
      numbers->data = values;
    }
  if (self->indices != NULL)
    numbers->data = gather (numbers->data, numbers->width, self->indices, self->n, scope);
  return TRUE;
}

#define GET_MAX(type)                                                                              \
  ARBOR_TARGET_CLONES static guint64 get_max_##type (const type *numbers, guint32 n)               \
  {                                                                                                \
    type max = 0;                                                                                  \
                                                                                                   \
    for (guint32 i = 0; i < n; i++)                                                                \
      max = MAX (max, numbers[i]);                                                                 \
    return max;                                                                                    \
  }

GET_MAX (guint8)
GET_MAX (guint16)
GET_MAX (guint32)
GET_MAX (guint64)

guint64
arbor_numbers_get_max (const ArborNumbers *self, guint32 n)
{
  switch (self->width)
    {
    case 1:
      return get_max_guint8 (self->data, n);
    case 2:
      return get_max_guint16 (self->data, n);
    case 4:
      return get_max_guint32 (self->data, n);
    default:
      return get_max_guint64 (self->data, n);
    }
}

ARBOR_TARGET_CLONES
static gboolean
are_finite (const guint64 *bits, guint32 n)
{
  const guint64 exponent = G_GUINT64_CONSTANT (0x7FF) << 52;
  guint32 n_not = 0;

  for (guint32 i = 0; i < n; i++)
    n_not += (bits[i] & exponent) == exponent;
  return n_not == 0;
}

gboolean
arbor_bits_are_finite (const guint64 *bits, guint32 n)
{
  return are_finite (bits, n);
}

/* Strings */

/* By spans of @width bytes. */
#define LIST_STRINGS(width)                                                                        \
  static void list_strings_##width (const guint8 *spans, guint32 n, const char *bytes,             \
                                    guint64 size, ArborString *strings)                            \
  {                                                                                                \
    for (guint32 first = 0; first < n; first += ARBOR_SPANS_STRIDE)                                \
      {                                                                                            \
        guint32 next = MIN (n, first + ARBOR_SPANS_STRIDE);                                        \
        guint64 start, end;                                                                        \
                                                                                                   \
        arbor_spans_get (spans, n, width, first, &start, &end);                                    \
        for (guint32 i = first; i < next; i++, start = end)                                        \
          {                                                                                        \
            end = width == 4 ? arbor_load_u32 (spans + (gsize) i * 4 + 4)                          \
                             : start + arbor_load_unsigned (spans, width, i);                      \
            strings[i] = start <= end && end <= size                                               \
                             ? (ArborString){ bytes + start, (guint32) (end - start) }             \
                             : (ArborString){ "", 0 };                                             \
          }                                                                                        \
      }                                                                                            \
  }

LIST_STRINGS (1)
LIST_STRINGS (2)
LIST_STRINGS (4)

const ArborString *
arbor_lane_list_strings (const ArborLane *lane, guint32 n_more, ArborScope *scope)
{
  gboolean is_dictionary = lane->record->encoding == ARBOR_ENCODING_DICTIONARY;
  const char *bytes = (const char *) (is_dictionary ? lane->c : lane->a);
  guint64 size = is_dictionary ? lane->record->size_c : lane->record->size_a;
  guint32 n = arbor_lane_get_n_strings (lane);
  guint width = lane->record->span_width;
  ArborString *strings = arbor_scope_alloc (scope, ((gsize) n + n_more + 1) * sizeof *strings);

  for (guint32 i = 0; i < n_more; i++)
    strings[n + i] = (ArborString){ "", 0 };
  switch (width)
    {
    case 1:
      list_strings_1 (lane->b, n, bytes, size, strings);
      break;
    case 2:
      list_strings_2 (lane->b, n, bytes, size, strings);
      break;
    default:
      list_strings_4 (lane->b, n, bytes, size, strings);
      break;
    }
  return strings;
}

const ArborString *
arbor_part_get_strings (const ArborPart *self, ArborScope *scope)
{
  const ArborLane *lane = self->lane;
  guint32 n_strings = arbor_lane_get_n_strings (lane);
  const ArborString *strings;
  ArborString *out;
  ArborNumbers codes;

  if (self->strings != NULL)
    return self->strings;
  if (self->codes != NULL)
    {
      out = arbor_scope_alloc (scope, (gsize) self->n * sizeof *out);
      for (guint32 i = 0; i < self->n; i++)
        out[i] = self->table[self->codes[i]];
      return out;
    }
  strings = arbor_lane_list_strings (lane, 0, scope);
  if (lane->record->encoding != ARBOR_ENCODING_DICTIONARY && self->indices == NULL)
    return strings;
  out = arbor_scope_alloc (scope, (gsize) self->n * sizeof *out);
  if (lane->record->encoding != ARBOR_ENCODING_DICTIONARY)
    {
      for (guint32 i = 0; i < self->n; i++)
        out[i] = strings[self->indices[i]];
      return out;
    }
  arbor_part_get_numbers (self, scope, &codes);
  for (guint32 i = 0; i < self->n; i++)
    {
      guint64 code = arbor_load_unsigned (codes.data, codes.width, i);

      out[i] = code < n_strings ? strings[code] : (ArborString){ "", 0 };
    }
  return out;
}

void
arbor_part_get_value (const ArborPart *self, const ArborNumbers *numbers, guint32 i,
                      ArborValue *value)
{
  const ArborLane *lane = self->lane;
  guint64 number = arbor_load_unsigned (numbers->data, numbers->width, i);

  *value = (ArborValue){ .kind = lane->kind };
  switch (lane->kind)
    {
    case ARBOR_KIND_BOOL:
      value->boolean = number != 0;
      break;
    case ARBOR_KIND_STRING:
      value->text = arbor_lane_get_string (lane, (guint32) MIN (number, G_MAXUINT32),
                                           &value->length);
      break;
    case ARBOR_KIND_DOUBLE:
      value->uint64 = number;
      break;
    default:
      value->uint64 = lane->record->min + number;
      break;
    }
}

/* Values */

static void
set_strings (const ArborPart *part, ArborScope *scope, ArborValue *values, gsize stride)
{
  const ArborString *strings = arbor_part_get_strings (part, scope);

  for (guint32 i = 0; i < part->n; i++)
    values[(part->positions != NULL ? part->positions[i] : i) * stride] =
        ARBOR_VALUE_STRING (strings[i].bytes, strings[i].length);
}

static void
set_numbers (const ArborPart *part, const ArborNumbers *numbers, ArborValue *values, gsize stride)
{
  for (guint32 i = 0; i < part->n; i++)
    arbor_part_get_value (part, numbers, i,
                          &values[(part->positions != NULL ? part->positions[i] : i) * stride]);
}

gboolean
arbor_path_rows_get_values (const ArborPathRows *self, ArborScope *scope, ArborValue *values,
                            gsize stride)
{
  if (self->n_parts != 1 || self->parts[0].positions != NULL)
    for (guint32 i = 0; i < self->n_rows; i++)
      values[i * stride] = ARBOR_VALUE_MISSING;
  for (guint32 i = 0; i < self->n_nulls; i++)
    values[self->nulls[i] * stride] = ARBOR_VALUE_NULL;
  for (guint i = 0; i < self->n_parts; i++)
    {
      const ArborPart *part = &self->parts[i];
      ArborNumbers numbers;

      if (part->lane->kind == ARBOR_KIND_STRING)
        set_strings (part, scope, values, stride);
      else if (part->lane->kind >= ARBOR_KIND_NUMBER ||
               !arbor_part_get_numbers (part, scope, &numbers) ||
               (part->lane->kind == ARBOR_KIND_DOUBLE &&
                !arbor_bits_are_finite (numbers.data, part->n)))
        return FALSE;
      else
        set_numbers (part, &numbers, values, stride);
    }
  return TRUE;
}
