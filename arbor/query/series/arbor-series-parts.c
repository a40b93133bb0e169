/* See arbor-series-parts.h. A part has a lane of its own, made for it, that says what lanes of
 * batches say; its strings lie where they are.
 */

#include "query/series/arbor-series-parts.h"

#include "base/arbor-simd.h"

static gpointer
new_array (ArborScope *scope, gsize n, gsize size)
{
  return arbor_scope_alloc (scope, MAX (n, 1) * size);
}

/* The values of one kind, and where. */
typedef struct
{
  guint8 kind;
  guint32 n;
  guint32 *positions;
  guint64 *words;
  ArborString *strings;
} Values;

typedef struct
{
  ArborScope *scope;
  ArborScope *arrays; /* for a strip */
  guint32 n_rows;
  Values of_kind[ARBOR_KIND_STRING + 1];
} Collector;

static Values *
get_values (Collector *self, guint8 kind)
{
  Values *values = &self->of_kind[kind];

  if (values->positions != NULL)
    return values;
  values->kind = kind;
  /* One more, so that loops can write before they know whether they keep it. */
  values->positions = new_array (self->scope, (gsize) self->n_rows + 1, sizeof (guint32));
  if (kind == ARBOR_KIND_STRING)
    values->strings = new_array (self->scope, (gsize) self->n_rows + 1, sizeof (ArborString));
  else if (kind > ARBOR_KIND_NULL)
    values->words = new_array (self->scope, (gsize) self->n_rows + 1, sizeof (guint64));
  return values;
}

/* A strip of one kind without gaps is copied as a whole. */
static void
add_plain (Collector *self, const ArborSeries *strip, guint32 first)
{
  Values *values = get_values (self, arbor_series_get_kind (strip, 0));

  for (guint32 i = 0; i < strip->n; i++)
    values->positions[values->n + i] = first + i;
  if (values->words != NULL)
    memcpy (values->words + values->n, strip->words, (gsize) strip->n * sizeof (guint64));
  if (values->strings != NULL)
    memcpy (values->strings + values->n, strip->strings, (gsize) strip->n * sizeof (ArborString));
  values->n += strip->n;
}

/* The places of one kind, and what they have. */
static void
add_kind (Collector *self, const ArborSeries *strip, guint8 kind, guint32 first)
{
  Values *values = get_values (self, kind);
  guint32 n = values->n;

  for (guint32 i = 0; i < strip->n; i++)
    {
      values->positions[n] = first + i;
      if (kind == ARBOR_KIND_STRING)
        values->strings[n] = strip->strings[i];
      else if (kind > ARBOR_KIND_NULL)
        values->words[n] = strip->words[i];
      n += strip->kind[i] == kind;
    }
  values->n = n;
}

/* Words of one kind among nulls: one look at each. */
static void
add_among_nulls (Collector *self, const ArborSeries *strip, guint8 kind, guint32 first)
{
  Values *values = get_values (self, kind), *nulls = get_values (self, ARBOR_KIND_NULL);
  guint32 *positions = values->positions, *null_positions = nulls->positions;
  guint64 *words = values->words;
  guint32 n = values->n, n_nulls = nulls->n;

  for (guint32 i = 0; i < strip->n; i++)
    {
      guint32 is_value = strip->kind[i] == kind;

      positions[n] = null_positions[n_nulls] = first + i;
      words[n] = strip->words[i];
      n += is_value;
      n_nulls += 1 - is_value;
    }
  values->n = n;
  nulls->n = n_nulls;
}

/* The last form, when there is no other. */
static void
add_values (Collector *self, const ArborSeries *strip, guint32 first)
{
  for (guint32 i = 0; i < strip->n; i++)
    {
      ArborValue value;
      Values *values;

      arbor_series_get (strip, i, &value);
      values = get_values (self, value.kind);
      values->positions[values->n] = first + i;
      if (value.kind == ARBOR_KIND_STRING)
        values->strings[values->n] = (ArborString){ value.text, value.length };
      else if (value.kind == ARBOR_KIND_BOOL)
        values->words[values->n] = value.boolean != 0;
      else if (value.kind > ARBOR_KIND_NULL)
        values->words[values->n] = value.uint64;
      values->n++;
    }
}

static gboolean
is_among_nulls (const ArborSeries *strip)
{
  guint32 others = strip->kinds & ~ARBOR_KINDS (ARBOR_KIND_NULL);

  return strip->form == ARBOR_SERIES_WORDS && others != strip->kinds &&
         others > ARBOR_KINDS (ARBOR_KIND_NULL) && (others & (others - 1)) == 0;
}

static void
add_strip (Collector *self, const ArborSeries *strip, guint32 first)
{
  ArborScopeMark mark = arbor_scope_mark (self->arrays);
  ArborSeries flat;

  if (strip->n == 0)
    return;
  if (!arbor_series_to_words (strip, self->arrays, &flat) &&
      !arbor_series_to_strings (strip, self->arrays, &flat))
    add_values (self, strip, first);
  else if (flat.kind == NULL)
    add_plain (self, &flat, first);
  else if (is_among_nulls (&flat))
    add_among_nulls (self, &flat, (guint8) (31 - __builtin_clz (flat.kinds)), first);
  else
    for (guint32 kinds = flat.kinds; kinds != 0; kinds &= kinds - 1)
      add_kind (self, &flat, (guint8) __builtin_ctz (kinds), first);
  arbor_scope_release (self->arrays, mark);
}

/* Lanes */

ARBOR_TARGET_CLONES
static void
find_signed_ends (const guint64 *words, guint32 n, gint64 *min, gint64 *max)
{
  gint64 least = G_MAXINT64, most = G_MININT64;

  for (guint32 i = 0; i < n; i++)
    {
      least = MIN (least, (gint64) words[i]);
      most = MAX (most, (gint64) words[i]);
    }
  *min = least;
  *max = most;
}

#define NARROW(type)                                                                               \
  ARBOR_TARGET_CLONES static void narrow_##type (const guint64 *words, guint64 min, guint32 n,     \
                                                 type *out)                                        \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      out[i] = (type) (words[i] - min);                                                            \
  }

NARROW (guint8)
NARROW (guint16)
NARROW (guint32)
NARROW (guint64)

static void
set_frame (const Values *values, ArborLaneRecord *record, ArborLane *lane, ArborScope *scope)
{
  guint64 min = G_MAXUINT64, max = 0;
  guint8 *out;

  if (values->kind == ARBOR_KIND_INT64)
    {
      gint64 least, most;

      find_signed_ends (values->words, values->n, &least, &most);
      min = (guint64) least;
      max = (guint64) most;
    }
  else
    for (guint32 i = 0; i < values->n; i++)
      {
        min = MIN (min, values->words[i]);
        max = MAX (max, values->words[i]);
      }
  record->encoding = ARBOR_ENCODING_FRAME;
  record->min = min;
  record->max = max;
  record->width = max - min <= G_MAXUINT8    ? 1
                  : max - min <= G_MAXUINT16 ? 2
                  : max - min <= G_MAXUINT32 ? 4
                                             : 8;
  out = new_array (scope, values->n, record->width);
  lane->a = out;
  switch (record->width)
    {
    case 1:
      narrow_guint8 (values->words, min, values->n, out);
      break;
    case 2:
      narrow_guint16 (values->words, min, values->n, (gpointer) out);
      break;
    case 4:
      narrow_guint32 (values->words, min, values->n, (gpointer) out);
      break;
    default:
      narrow_guint64 (values->words, min, values->n, (gpointer) out);
      break;
    }
}

static void
set_bits (const Values *values, ArborLaneRecord *record, ArborLane *lane, ArborScope *scope)
{
  gsize n_words = arbor_bits_n_words (values->n);
  guint64 *bits = new_array (scope, n_words, sizeof *bits);
  gsize n_true = 0;

  memset (bits, 0, n_words * sizeof *bits);
  for (guint32 i = 0; i < values->n; i++)
    if (values->words[i] != 0)
      {
        arbor_bits_set (bits, i);
        n_true++;
      }
  record->encoding = ARBOR_ENCODING_BITS;
  record->min = n_true == values->n;
  record->max = n_true > 0;
  lane->a = (const guint8 *) bits;
}

static void
set_reals (const Values *values, ArborLaneRecord *record, ArborLane *lane)
{
  const double *reals = (const double *) (gconstpointer) values->words;
  double min = reals[0], max = reals[0];

  for (guint32 i = 1; i < values->n; i++)
    {
      min = MIN (min, reals[i]);
      max = MAX (max, reals[i]);
    }
  record->encoding = ARBOR_ENCODING_RAW;
  record->width = 8;
  memcpy (&record->min, &min, sizeof min);
  memcpy (&record->max, &max, sizeof max);
  lane->a = (const guint8 *) values->words;
}

/* Codes */

/* The table that the codes of all strips are of, and which has nothing but strings; NULL: none. */
static const ArborSeries *
find_table (const ArborSeries *strips, guint n_strips, guint32 n_rows)
{
  const ArborSeries *table = n_strips > 0 ? strips[0].inner : NULL;

  for (guint i = 0; i < n_strips; i++)
    if (strips[i].form != ARBOR_SERIES_CODES || strips[i].inner != table ||
        (strips[i].kinds & ~(ARBOR_KINDS (ARBOR_KIND_STRING) | ARBOR_KINDS_NOTHING)) != 0)
      return NULL;
  return table != NULL && table->form == ARBOR_SERIES_STRINGS && table->n <= n_rows ? table : NULL;
}

/* One part of strings, as codes. */
static void
make_codes (const ArborSeries *strips, guint n_strips, const ArborSeries *table, ArborScope *scope,
            ArborPathRows *parts)
{
  ArborLaneRecord *record = new_array (scope, 1, sizeof *record);
  ArborLane *lane = new_array (scope, 1, sizeof *lane);
  guint16 *codes = new_array (scope, parts->n_rows, sizeof *codes);
  guint32 *positions = NULL, *nulls = NULL;
  guint32 kinds = 0, first = 0, n = 0;

  for (guint i = 0; i < n_strips; i++)
    kinds |= strips[i].kinds;
  if (kinds != ARBOR_KINDS (ARBOR_KIND_STRING))
    {
      positions = new_array (scope, (gsize) parts->n_rows + 1, sizeof *positions);
      nulls = new_array (scope, (gsize) parts->n_rows + 1, sizeof *nulls);
    }
  for (guint i = 0; i < n_strips; first += strips[i].n, i++)
    if (positions == NULL)
      memcpy (codes + first, strips[i].codes, (gsize) strips[i].n * sizeof *codes);
    else
      for (guint32 j = 0; j < strips[i].n; j++)
        {
          guint8 kind = arbor_series_get_kind (table, strips[i].codes[j]);

          positions[n] = nulls[parts->n_nulls] = first + j;
          codes[n] = strips[i].codes[j];
          n += kind == ARBOR_KIND_STRING;
          parts->n_nulls += kind == ARBOR_KIND_NULL;
        }
  n = positions == NULL ? parts->n_rows : n;
  parts->nulls = nulls;
  parts->n_missing = parts->n_rows - n - parts->n_nulls;
  if (n == 0)
    return;
  *record = (ArborLaneRecord){ .kind = ARBOR_KIND_STRING,
                               .encoding = ARBOR_ENCODING_SPANS,
                               .count = n };
  *lane = (ArborLane){ .record = record, .kind = ARBOR_KIND_STRING, .count = n };
  parts->parts[parts->n_parts++] = (ArborPart){ .lane = lane,
                                                .n = n,
                                                .positions = n < parts->n_rows ? positions : NULL,
                                                .is_computed = TRUE,
                                                .codes = codes,
                                                .table = table->strings,
                                                .n_table = table->n };
}

static void
add_part (ArborPathRows *parts, const Values *values, ArborScope *scope)
{
  ArborLaneRecord *record = new_array (scope, 1, sizeof *record);
  ArborLane *lane = new_array (scope, 1, sizeof *lane);
  ArborPart *part = &parts->parts[parts->n_parts++];

  *record = (ArborLaneRecord){ .kind = values->kind,
                               .encoding = ARBOR_ENCODING_SPANS,
                               .count = values->n };
  *lane = (ArborLane){ .record = record, .kind = values->kind, .count = values->n };
  *part = (ArborPart){ .lane = lane,
                       .n = values->n,
                       .positions = values->n < parts->n_rows ? values->positions : NULL,
                       .strings = values->strings,
                       .is_computed = TRUE };
  switch (values->kind)
    {
    case ARBOR_KIND_BOOL:
      set_bits (values, record, lane, scope);
      break;
    case ARBOR_KIND_INT64:
    case ARBOR_KIND_UINT64:
      set_frame (values, record, lane, scope);
      break;
    case ARBOR_KIND_DOUBLE:
      set_reals (values, record, lane);
      break;
    default:
      break;
    }
}

void
arbor_series_make_parts (const ArborSeries *strips, guint n_strips, const ArborRows *rows,
                         ArborScope *arrays, ArborScope *scope, ArborPathRows *parts)
{
  Collector collector = { .scope = scope, .arrays = arrays, .n_rows = rows->n };
  const ArborSeries *table = find_table (strips, n_strips, rows->n);
  guint32 first = 0;

  parts->n_rows = rows->n;
  parts->n_parts = 0;
  parts->n_nulls = 0;
  if (table != NULL)
    {
      make_codes (strips, n_strips, table, scope, parts);
      return;
    }
  for (guint i = 0; i < n_strips; i++)
    {
      add_strip (&collector, &strips[i], first);
      first += strips[i].n;
    }
  for (guint kind = ARBOR_KIND_BOOL; kind <= ARBOR_KIND_STRING; kind++)
    if (collector.of_kind[kind].n > 0)
      add_part (parts, &collector.of_kind[kind], scope);
  parts->n_nulls = collector.of_kind[ARBOR_KIND_NULL].n;
  parts->nulls = collector.of_kind[ARBOR_KIND_NULL].positions;
  parts->n_missing = collector.of_kind[ARBOR_KIND_MISSING].n;
}
