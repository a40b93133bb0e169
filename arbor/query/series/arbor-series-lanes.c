/* Values of lanes as series: numbers, strings and codes, anything. See arbor-series-lanes.h; where they
 * are is arbor-lane-places.c. */

#include "query/series/arbor-series-lanes.h"

#include <math.h>

#include "base/arbor-simd.h"
#include "query/series/arbor-lane-places.h"

#define MAX_CODES 65000u

static void
init_table (ArborLaneReader *self, const ArborLane *lane, ArborScope *kept)
{
  const guint8 others[] = { ARBOR_KIND_MISSING, ARBOR_KIND_NULL, ARBOR_KIND_OPEN };
  guint32 n = arbor_lane_get_n_strings (lane);
  guint8 *kind = arbor_scope_alloc (kept, n + G_N_ELEMENTS (others));

  memset (kind, ARBOR_KIND_STRING, n);
  memcpy (kind + n, others, sizeof others);
  self->table = (ArborSeries){ .form = ARBOR_SERIES_STRINGS,
                               .is_kept = TRUE,
                               .n = n + G_N_ELEMENTS (others),
                               .kinds = ARBOR_KINDS (ARBOR_KIND_STRING) | ARBOR_KINDS_NOTHING |
                                        ARBOR_KINDS (ARBOR_KIND_OPEN),
                               .kind = kind,
                               .strings = self->strings };
}

static void
init_lane (ArborLaneReader *self, guint i, gboolean is_brief, ArborScope *kept)
{
  const ArborLane *lane = &self->lanes.lanes[i];
  gsize n_words = arbor_bits_n_words (self->lanes.n_rows);
  guint32 rank = 0;

  if (lane->rows != NULL)
    {
      self->ranks[i] = arbor_scope_alloc (kept, MAX (n_words, 1) * sizeof (guint32));
      for (gsize word = 0; word < n_words; word++)
        {
          self->ranks[i][word] = rank;
          rank += (guint32) __builtin_popcountll (lane->rows[word]);
        }
    }
  if (lane->kind == ARBOR_KIND_STRING && !is_brief)
    self->strings = arbor_lane_list_strings (lane, 3, kept);
  self->kinds |= lane->kind == ARBOR_LANE_OVERFLOW ? ARBOR_KINDS (ARBOR_KIND_OPEN)
                                                   : ARBOR_KINDS (lane->kind);
}

void
arbor_lane_reader_init (ArborLaneReader *self, const ArborBatch *batch, guint32 column,
                        const ArborStep *steps, guint n_steps, gboolean is_brief,
                        ArborScope *kept)
{
  const guint32 others = ARBOR_KINDS_NOTHING | ARBOR_KINDS (ARBOR_KIND_OPEN);
  ArborLanes *lanes = &self->lanes;
  const ArborLane *strings;

  *self = (ArborLaneReader){ 0 };
  arbor_lanes_init (lanes, batch, column, steps, n_steps, kept);
  for (guint i = 0; i < lanes->n_lanes; i++)
    init_lane (self, i, is_brief, kept);
  if (lanes->n_lanes == 1 && lanes->lanes[0].rows == NULL && lanes->hidden == NULL &&
      lanes->nulls == NULL && lanes->lanes[0].count >= lanes->n_rows)
    self->full = &lanes->lanes[0];

  self->form = ARBOR_SERIES_VALUES;
  strings = arbor_lanes_find (lanes, ARBOR_KIND_STRING);
  if (strings != NULL && (self->kinds & ~(ARBOR_KINDS (ARBOR_KIND_STRING) | others)) == 0)
    self->form = self->strings != NULL && strings->record->encoding == ARBOR_ENCODING_DICTIONARY &&
                         arbor_lane_get_n_strings (strings) < MAX_CODES
                     ? ARBOR_SERIES_CODES
                     : ARBOR_SERIES_STRINGS;
  else if ((self->kinds & ~(ARBOR_KINDS_WORDS | others)) == 0)
    self->form = ARBOR_SERIES_WORDS;
  if (self->form == ARBOR_SERIES_CODES)
    init_table (self, strings, kept);
}

/* Numbers */

#define DECODE(width)                                                                              \
  ARBOR_TARGET_CLONES static void decode_##width (const guint8 *a, guint64 min, guint32 n,         \
                                                  guint64 *words)                                  \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      words[i] = min + arbor_load_unsigned (a, width, i);                                          \
  }

DECODE (1)
DECODE (2)
DECODE (4)
DECODE (8)

/* Values @from to @from + @n - 1 of a lane. */
static void
decode (const ArborLane *lane, guint32 from, guint32 n, guint64 *words)
{
  guint width = lane->kind == ARBOR_KIND_DOUBLE ? 8 : lane->record->width;
  guint64 min = lane->kind == ARBOR_KIND_DOUBLE ? 0 : lane->record->min;
  const guint8 *a = lane->a + (gsize) from * width;

  if (lane->kind == ARBOR_KIND_BOOL)
    {
      for (guint32 i = 0; i < n; i++)
        words[i] = (lane->a[(from + i) / 8] >> ((from + i) % 8)) & 1;
      return;
    }
  switch (width)
    {
    case 0:
      for (guint32 i = 0; i < n; i++)
        words[i] = min;
      break;
    case 1:
      decode_1 (a, min, n, words);
      break;
    case 2:
      decode_2 (a, min, n, words);
      break;
    case 4:
      decode_4 (a, min, n, words);
      break;
    default:
      decode_8 (a, min, n, words);
      break;
    }
}

static guint64
decode_one (const ArborLane *lane, guint32 index)
{
  if (lane->kind == ARBOR_KIND_BOOL)
    return (lane->a[index / 8] >> (index % 8)) & 1;
  if (lane->kind == ARBOR_KIND_DOUBLE)
    return arbor_load_unsigned (lane->a, 8, index);
  return lane->record->min + arbor_load_unsigned (lane->a, lane->record->width, index);
}

/* The values at some places of a lane; the other places stay as they are. No jumps: which places have
 * one is as good as random. */
#define PLACE(width)                                                                               \
  static void place_##width (const guint8 *a, guint64 min, const guint32 *indices, guint32 n,      \
                             guint64 *words)                                                       \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      {                                                                                            \
        guint64 has = 0 - (guint64) (indices[i] != ARBOR_LANE_NONE);                                          \
        guint64 word = min + arbor_load_unsigned (a, width, indices[i] & (guint32) has);           \
                                                                                                   \
        words[i] = (word & has) | (words[i] & ~has);                                               \
      }                                                                                            \
  }

PLACE (1)
PLACE (2)
PLACE (4)
PLACE (8)

static void
place (const ArborLane *lane, const guint32 *indices, guint32 n, guint64 *words)
{
  guint width = lane->kind == ARBOR_KIND_DOUBLE ? 8 : lane->record->width;
  guint64 min = lane->kind == ARBOR_KIND_DOUBLE ? 0 : lane->record->min;

  if (lane->count == 0)
    return;
  if (lane->kind == ARBOR_KIND_BOOL || width == 0)
    {
      for (guint32 i = 0; i < n; i++)
        if (indices[i] != ARBOR_LANE_NONE)
          words[i] = decode_one (lane, indices[i]);
      return;
    }
  switch (width)
    {
    case 1:
      place_1 (lane->a, min, indices, n, words);
      break;
    case 2:
      place_2 (lane->a, min, indices, n, words);
      break;
    case 4:
      place_4 (lane->a, min, indices, n, words);
      break;
    default:
      place_8 (lane->a, min, indices, n, words);
      break;
    }
}

/* Values that follow each other, each at the next place that has one; the others stay as they are. */
static void
spread_words (const guint64 *values, const guint8 *is_there, guint32 n, guint64 *words)
{
  guint32 at = 0;

  for (guint32 i = 0; i < n; i++)
    {
      guint64 has = 0 - (guint64) is_there[i];

      words[i] = (values[at] & has) | (words[i] & ~has);
      at += is_there[i];
    }
}

static guint32
count_bytes (const guint8 *bytes, guint32 n)
{
  guint32 sum = 0;

  for (guint32 i = 0; i < n; i++)
    sum += bytes[i];
  return sum;
}

/* A lane with gaps, for a stretch of rows. FALSE: it has fewer values than it says. */
static gboolean
read_stretch (const ArborLaneReader *self, guint l, guint32 from, guint32 n, ArborScope *scope,
              guint8 *kind, guint64 *words)
{
  const ArborLane *lane = &self->lanes.lanes[l];
  guint8 *is_there;
  guint64 *values;
  guint32 first, n_values;

  if (lane->rows == NULL || n == 0)
    return FALSE;
  is_there = arbor_scope_alloc (scope, n);
  arbor_lane_places_expand_bits (lane->rows, from, n, is_there);
  first = self->ranks[l][from / 64] +
          (guint32) __builtin_popcountll (lane->rows[from / 64] &
                                          ((G_GUINT64_CONSTANT (1) << (from % 64)) - 1));
  n_values = count_bytes (is_there, n);
  if (first > lane->count || n_values > lane->count - first)
    return FALSE;
  /* One more, which is loaded behind the last but never stored. */
  values = arbor_scope_alloc (scope, ((gsize) n_values + 1) * sizeof *values);
  decode (lane, first, n_values, values);
  values[n_values] = 0;
  arbor_lane_places_set_kind_where (is_there, lane->kind, n, kind);
  spread_words (values, is_there, n, words);
  return TRUE;
}

/* What is not finite is null. */
static void
clear_infinite (const ArborLaneReader *self, ArborScope *scope, ArborSeries *out)
{
  guint8 *kind = (guint8 *) out->kind;

  if (!arbor_series_may_be (out, ARBOR_KIND_DOUBLE) || arbor_bits_are_finite (out->words, out->n))
    return;
  if (kind == NULL)
    {
      kind = arbor_scope_alloc (scope, out->n);
      memset (kind, ARBOR_KIND_DOUBLE, out->n);
      out->kind = kind;
    }
  for (guint32 i = 0; i < out->n; i++)
    if (kind[i] == ARBOR_KIND_DOUBLE && !arbor_bits_are_finite (&out->words[i], 1))
      {
        kind[i] = ARBOR_KIND_NULL;
        out->kinds |= ARBOR_KINDS (ARBOR_KIND_NULL);
      }
}

static void
read_words (const ArborLaneReader *self, const guint32 *rows, guint32 from, guint32 n,
            ArborScope *scope, ArborSeries *out)
{
  guint64 *words = arbor_scope_alloc (scope, MAX ((gsize) n, 1) * sizeof *words);
  guint32 *indices;
  guint8 *kind;

  *out = (ArborSeries){ .form = ARBOR_SERIES_WORDS, .n = n, .words = words };
  if (self->full != NULL && rows == NULL)
    {
      out->kinds = self->kinds;
      decode (self->full, from, n, words);
      clear_infinite (self, scope, out);
      return;
    }
  kind = arbor_scope_alloc (scope, MAX (n, 1));
  indices = arbor_scope_alloc (scope, MAX ((gsize) n, 1) * sizeof *indices);
  arbor_lane_places_set_others (self, rows, from, n, scope, kind);
  memset (words, 0, (gsize) n * sizeof *words);
  for (guint l = 0; l < self->lanes.n_lanes; l++)
    {
      const ArborLane *lane = &self->lanes.lanes[l];
      gboolean is_open = lane->kind == ARBOR_LANE_OVERFLOW;

      if (!is_open && rows == NULL && read_stretch (self, l, from, n, scope, kind, words))
        continue;
      arbor_lane_places_find_indices (self, l, rows, from, n, scope, indices);
      arbor_lane_places_set_kind (indices, is_open ? ARBOR_KIND_OPEN : lane->kind, n, kind);
      if (!is_open)
        place (lane, indices, n, words);
    }
  out->kind = kind;
  out->kinds = arbor_series_collect_kinds (kind, n);
  if (n > 0 && (out->kinds & (out->kinds - 1)) == 0)
    out->kind = NULL;
  clear_infinite (self, scope, out);
}

/* Strings and anything */

static guint
find_strings (const ArborLaneReader *self)
{
  for (guint l = 0; l < self->lanes.n_lanes; l++)
    if (self->lanes.lanes[l].kind == ARBOR_KIND_STRING)
      return l;
  return 0;
}

/* Which of its strings the value at @index of a lane is. */
static guint32
get_code (const ArborLane *lane, guint32 index)
{
  guint64 code = index;

  if (lane->record->encoding == ARBOR_ENCODING_DICTIONARY)
    code = arbor_load_unsigned (lane->a, lane->record->width, index);
  return (guint32) MIN (code, G_MAXUINT32);
}

/* Codes of values that follow each other; those past the table are damaged. TRUE: there are such. */
#define COPY_CODES(type)                                                                           \
  ARBOR_TARGET_CLONES static gboolean copy_codes_##type (const guint8 *from, guint16 n_strings,    \
                                                         guint32 n, guint16 *codes)                \
  {                                                                                                \
    guint16 most = 0;                                                                              \
                                                                                                   \
    for (guint32 i = 0; i < n; i++)                                                                \
      {                                                                                            \
        type code;                                                                                 \
                                                                                                   \
        memcpy (&code, from + (gsize) i * sizeof code, sizeof code);                               \
        most = MAX (most, code);                                                                   \
        codes[i] = code < n_strings ? code : (guint16) (n_strings + 2);                            \
      }                                                                                            \
    return most >= n_strings;                                                                      \
  }

COPY_CODES (guint8)
COPY_CODES (guint16)

static gboolean
copy_codes (const ArborLane *lane, guint32 from, guint32 n_strings, guint32 n, guint16 *codes)
{
  gboolean is_damaged = FALSE;

  if (lane->record->width == 1)
    return copy_codes_guint8 (lane->a + from, (guint16) n_strings, n, codes);
  if (lane->record->width == 2 && G_BYTE_ORDER == G_LITTLE_ENDIAN)
    return copy_codes_guint16 (lane->a + (gsize) from * 2, (guint16) n_strings, n, codes);
  for (guint32 i = 0; i < n; i++)
    {
      guint32 code = get_code (lane, from + i);

      codes[i] = (guint16) (code < n_strings ? code : n_strings + 2);
      is_damaged |= code >= n_strings;
    }
  return is_damaged;
}

static void
read_codes (const ArborLaneReader *self, const guint32 *rows, guint32 from, guint32 n,
            ArborScope *scope, ArborSeries *out)
{
  guint at = find_strings (self);
  const ArborLane *lane = &self->lanes.lanes[at];
  guint32 n_strings = self->table.n - 3;
  guint16 *codes = arbor_scope_alloc (scope, MAX ((gsize) n, 1) * sizeof *codes);
  guint32 *indices;
  guint8 *kind;

  *out = (ArborSeries){ .form = ARBOR_SERIES_CODES,
                        .n = n,
                        .kinds = self->kinds | ARBOR_KINDS_NOTHING,
                        .has_others = TRUE,
                        .codes = codes,
                        .inner = &self->table };
  if (self->full != NULL && rows == NULL)
    {
      out->kinds = self->kinds;
      out->has_others = FALSE;
      if (copy_codes (lane, from, n_strings, n, codes))
        out->kinds |= ARBOR_KINDS (ARBOR_KIND_OPEN);
      return;
    }
  kind = arbor_scope_alloc (scope, MAX (n, 1));
  indices = arbor_scope_alloc (scope, MAX ((gsize) n, 1) * sizeof *indices);
  arbor_lane_places_set_others (self, rows, from, n, scope, kind);
  arbor_lane_places_find_indices (self, at, rows, from, n, scope, indices);
  for (guint32 i = 0; i < n; i++)
    {
      guint32 code = indices[i] != ARBOR_LANE_NONE ? get_code (lane, indices[i]) : G_MAXUINT32;

      if (code < n_strings)
        codes[i] = (guint16) code;
      else
        codes[i] = (guint16) (n_strings + (indices[i] != ARBOR_LANE_NONE || kind[i] == ARBOR_KIND_OPEN ? 2
                                           : kind[i] == ARBOR_KIND_NULL ? 1
                                                                        : 0));
    }
  /* The overflow lane. */
  for (guint l = 0; l < self->lanes.n_lanes; l++)
    if (self->lanes.lanes[l].kind == ARBOR_LANE_OVERFLOW)
      {
        arbor_lane_places_find_indices (self, l, rows, from, n, scope, indices);
        for (guint32 i = 0; i < n; i++)
          if (indices[i] != ARBOR_LANE_NONE)
            codes[i] = (guint16) (n_strings + 2);
      }
  for (guint32 i = 0; i < n; i++)
    if (codes[i] == n_strings + 2)
      out->kinds |= ARBOR_KINDS (ARBOR_KIND_OPEN);
}

static void
get_value (const ArborLaneReader *self, const ArborLane *lane, guint32 index, ArborValue *value)
{
  const ArborString *string;

  *value = (ArborValue){ .kind = lane->kind };
  switch (lane->kind)
    {
    case ARBOR_KIND_ARRAY:
    case ARBOR_KIND_OBJECT:
      value->holder_kind = ARBOR_HOLDER_BATCH;
      value->holder = self->lanes.batch;
      value->column = self->lanes.column;
      value->index = index;
      break;
    case ARBOR_KIND_STRING:
      index = get_code (lane, index);
      if (self->strings == NULL)
        {
          value->text = arbor_lane_get_string (lane, index, &value->length);
          break;
        }
      string = index < arbor_lane_get_n_strings (lane) ? &self->strings[index] : NULL;
      value->text = string != NULL ? string->bytes : "";
      value->length = string != NULL ? string->length : 0;
      break;
    case ARBOR_KIND_NUMBER:
      value->text = arbor_lane_get_string (lane, index, &value->length);
      break;
    case ARBOR_LANE_OVERFLOW:
      value->kind = ARBOR_KIND_OPEN;
      break;
    case ARBOR_KIND_BOOL:
      value->boolean = decode_one (lane, index) != 0;
      break;
    default:
      value->uint64 = decode_one (lane, index);
      if (lane->kind == ARBOR_KIND_DOUBLE && !isfinite (value->real))
        *value = ARBOR_VALUE_NULL;
      break;
    }
}

static void
read_values (const ArborLaneReader *self, const guint32 *rows, guint32 from, guint32 n,
             ArborScope *scope, ArborSeries *out)
{
  ArborValue *values = arbor_scope_alloc (scope, MAX ((gsize) n, 1) * sizeof *values);
  guint8 *kind = arbor_scope_alloc (scope, MAX (n, 1));
  guint32 *indices = arbor_scope_alloc (scope, MAX ((gsize) n, 1) * sizeof *indices);

  arbor_lane_places_set_others (self, rows, from, n, scope, kind);
  for (guint32 i = 0; i < n; i++)
    values[i] = (ArborValue){ .kind = kind[i] };
  for (guint l = 0; l < self->lanes.n_lanes; l++)
    {
      arbor_lane_places_find_indices (self, l, rows, from, n, scope, indices);
      for (guint32 i = 0; i < n; i++)
        if (indices[i] != ARBOR_LANE_NONE)
          get_value (self, &self->lanes.lanes[l], indices[i], &values[i]);
    }
  *out = (ArborSeries){ .form = ARBOR_SERIES_VALUES, .n = n, .values = values };
  for (guint32 i = 0; i < n; i++)
    out->kinds |= ARBOR_KINDS (values[i].kind);
}

static void
place_strings (const ArborLaneReader *self, const ArborLane *lane, const guint32 *indices,
               guint32 n, ArborString *strings)
{
  guint32 n_strings = arbor_lane_get_n_strings (lane);
  gboolean is_dictionary = lane->record->encoding == ARBOR_ENCODING_DICTIONARY;

  for (guint32 i = 0; i < n; i++)
    {
      guint32 index = indices[i];

      if (index != ARBOR_LANE_NONE && is_dictionary)
        index = get_code (lane, index);
      if (index < n_strings && self->strings != NULL)
        strings[i] = self->strings[index];
      else if (index < n_strings)
        strings[i].bytes = arbor_lane_get_string (lane, index, &strings[i].length);
    }
}

static void
read_strings (const ArborLaneReader *self, const guint32 *rows, guint32 from, guint32 n,
              ArborScope *scope, ArborSeries *out)
{
  ArborString *strings;
  guint32 *indices;
  guint8 *kind;

  if (self->full != NULL && rows == NULL && self->strings != NULL)
    {
      *out = (ArborSeries){ .form = ARBOR_SERIES_STRINGS,
                            .n = n,
                            .kinds = ARBOR_KINDS (ARBOR_KIND_STRING),
                            .strings = self->strings + from };
      if (self->full->record->encoding != ARBOR_ENCODING_DICTIONARY)
        return;
    }
  strings = arbor_scope_alloc (scope, MAX ((gsize) n, 1) * sizeof *strings);
  kind = arbor_scope_alloc (scope, MAX (n, 1));
  indices = arbor_scope_alloc (scope, MAX ((gsize) n, 1) * sizeof *indices);
  arbor_lane_places_set_others (self, rows, from, n, scope, kind);
  for (guint32 i = 0; i < n; i++)
    strings[i] = (ArborString){ "", 0 };
  for (guint l = 0; l < self->lanes.n_lanes; l++)
    {
      const ArborLane *lane = &self->lanes.lanes[l];
      gboolean is_open = lane->kind == ARBOR_LANE_OVERFLOW;

      arbor_lane_places_find_indices (self, l, rows, from, n, scope, indices);
      arbor_lane_places_set_kind (indices, is_open ? ARBOR_KIND_OPEN : ARBOR_KIND_STRING, n, kind);
      if (!is_open)
        place_strings (self, lane, indices, n, strings);
    }
  *out = (ArborSeries){ .form = ARBOR_SERIES_STRINGS,
                        .n = n,
                        .kinds = arbor_series_collect_kinds (kind, n),
                        .kind = kind,
                        .strings = strings };
  if (out->kinds == ARBOR_KINDS (ARBOR_KIND_STRING))
    out->kind = NULL;
}

void
arbor_lane_reader_read (const ArborLaneReader *self, const guint32 *rows, guint32 from, guint32 n,
                        ArborScope *scope, ArborSeries *out)
{
  if (rows != NULL && n > 0 && rows[0] < self->lanes.n_rows && n <= self->lanes.n_rows - rows[0] &&
      arbor_lane_places_are_stretch (rows, n))
    {
      from = rows[0];
      rows = NULL;
    }
  switch ((ArborSeriesForm) self->form)
    {
    case ARBOR_SERIES_WORDS:
      read_words (self, rows, from, n, scope, out);
      break;
    case ARBOR_SERIES_CODES:
      read_codes (self, rows, from, n, scope, out);
      break;
    case ARBOR_SERIES_STRINGS:
      read_strings (self, rows, from, n, scope, out);
      break;
    default:
      read_values (self, rows, from, n, scope, out);
      break;
    }
}
