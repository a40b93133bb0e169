/* See arbor-key-ids.h. */

#include "query/series/arbor-key-ids.h"

#include "base/arbor-simd.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define ID_NULL    0u
#define ID_MISSING 1u
#define FIRST_ID   2u

/* The most distances of integers; more are numbered as they are met. */
#define MAX_SPAN 32768u
/* A power of two, twice what a batch has rows. */
#define N_SLOTS (2 * ARBOR_BATCH_MAX_TREES)
/* So many batches whose values are mostly different, and lanes are asked no more. */
#define MAX_POOR 4u
/* So few new ones are looked up one by one. */
#define FEW_NEW 16u
/* Of a dictionary whose batch goes away. */
#define MAX_OWN 65536u
/* Of fewer than one in so many, keys are made for these alone. */
#define FEW_OF 4u

typedef enum
{
  NUMBERING_DISTANCE,
  NUMBERING_CODES,
  NUMBERING_MET, /* means nothing in the next batch */
} Numbering;

/* The numbers of one lane. */
typedef struct
{
  Numbering numbering;
  guint8 kind;
  guint32 first, n; /* ids */
  guint64 base;     /* DISTANCE: of the first id; modulo 2^64 */
  ArborLane lane;   /* CODES: of a dictionary */
  ArborLaneRecord *own; /* NULL, or the lane is a copy, all of which lies here */
} Range;

typedef struct
{
  guint n;
  Range ranges[ARBOR_N_LANE_KINDS];
  guint32 n_ids;
} Meaning;

struct _ArborKeyIds
{
  gsize n_keys;
  ArborSeriesReader **readers;
  Meaning *meanings; /* of each key, in the batch before */
  gboolean is_known; /* they and the tags are */
  guint n_poor;
  guint32 *tags;
  guint32 n_tags;
};

static const guint16 all_equal[ARBOR_BATCH_MAX_TREES];

ArborKeyIds *
arbor_key_ids_new (ArborNode *const *keys, gsize n)
{
  ArborKeyIds *self = g_new0 (ArborKeyIds, 1);

  self->n_keys = n;
  self->readers = g_new (ArborSeriesReader *, n + 1);
  self->meanings = g_new0 (Meaning, n + 1);
  for (gsize i = 0; i < n; i++)
    self->readers[i] = arbor_series_reader_new (keys[i]);
  return self;
}

static void
meaning_clear (Meaning *self)
{
  for (guint i = 0; i < self->n; i++)
    g_free (self->ranges[i].own);
  *self = (Meaning){ 0 };
}

void
arbor_key_ids_free (ArborKeyIds *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < self->n_keys; i++)
    {
      arbor_series_reader_free (self->readers[i]);
      meaning_clear (&self->meanings[i]);
    }
  g_free (self->readers);
  g_free (self->meanings);
  g_free (self->tags);
  g_free (self);
}

void
arbor_key_ids_forget (ArborKeyIds *self)
{
  self->is_known = FALSE;
  self->n_poor = 0;
  for (gsize i = 0; i < self->n_keys; i++)
    arbor_series_reader_forget (self->readers[i]);
}

/* Copies what a dictionary says. FALSE: it is large. */
static gboolean
own_range (Range *self)
{
  const ArborLaneRecord *record = self->lane.record;
  guint8 *bytes;

  if (self->numbering != NUMBERING_CODES || self->kind != ARBOR_KIND_STRING || self->own != NULL)
    return TRUE;
  if ((guint64) record->size_b + record->size_c > MAX_OWN)
    return FALSE;
  self->own = g_malloc (sizeof *record + record->size_b + record->size_c);
  *self->own = *record;
  bytes = (guint8 *) (self->own + 1);
  memcpy (bytes, self->lane.b, record->size_b);
  memcpy (bytes + record->size_b, self->lane.c, record->size_c);
  self->lane.record = self->own;
  self->lane.b = bytes;
  self->lane.c = bytes + record->size_b;
  return TRUE;
}

void
arbor_key_ids_leave_batches (ArborKeyIds *self)
{
  for (gsize i = 0; i < self->n_keys; i++)
    {
      arbor_series_reader_forget (self->readers[i]);
      for (guint j = 0; self->is_known && j < self->meanings[i].n; j++)
        self->is_known = own_range (&self->meanings[i].ranges[j]);
    }
}

/* Numbers in which values are met */

typedef struct
{
  guint16 *slots; /* ids and one; 0 is free */
  guint16 *ids;   /* of each value */
  guint32 *firsts; /* the first value of each id */
  guint32 n;
} Met;

static void
met_init (Met *self, guint32 n, ArborScope *scope)
{
  self->slots = arbor_scope_alloc (scope, N_SLOTS * sizeof (guint16));
  self->ids = arbor_scope_alloc (scope, (gsize)n * sizeof (guint16));
  self->firsts = arbor_scope_alloc (scope, (gsize)n * sizeof (guint32));
  self->n = 0;
  memset (self->slots, 0, N_SLOTS * sizeof (guint16));
}

static void
met_add (Met *self, guint32 i, guint32 slot)
{
  self->firsts[self->n] = i;
  self->slots[slot] = (guint16)++self->n;
}

static void
meet_numbers (Met *self, const guint64 *numbers, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint32 slot = (guint32)((numbers[i] * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) >> 49);

      while (self->slots[slot] != 0 && numbers[self->firsts[self->slots[slot] - 1]] != numbers[i])
        slot = (slot + 1) % N_SLOTS;
      if (self->slots[slot] == 0)
        met_add (self, i, slot);
      self->ids[i] = (guint16)(self->slots[slot] - 1);
    }
}

static gboolean
strings_equal (const ArborString *a, const ArborString *b)
{
  return a->length == b->length && memcmp (a->bytes, b->bytes, a->length) == 0;
}

static void
meet_strings (Met *self, const ArborString *strings, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint32 slot = (guint32)(XXH3_64bits (strings[i].bytes, strings[i].length) % N_SLOTS);

      while (self->slots[slot] != 0 &&
             !strings_equal (&strings[self->firsts[self->slots[slot] - 1]], &strings[i]))
        slot = (slot + 1) % N_SLOTS;
      if (self->slots[slot] == 0)
        met_add (self, i, slot);
      self->ids[i] = (guint16)(self->slots[slot] - 1);
    }
}

/* Ids of the values of a part */

#define ADD_DISTANCES(type)                                                                        \
  ARBOR_TARGET_CLONES static void add_distances_##type (guint16 *ids, const type *numbers,         \
                                                        guint32 n, guint16 first)                  \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      ids[i] = (guint16)(first + numbers[i]);                                                      \
  }

ADD_DISTANCES (guint8)
ADD_DISTANCES (guint16)
ADD_DISTANCES (guint32)
ADD_DISTANCES (guint64)

static void
add_distances (guint16 *ids, const ArborNumbers *numbers, guint32 n, guint32 first)
{
  guint16 from = (guint16)first;

  switch (numbers->width)
    {
    case 1:
      add_distances_guint8 (ids, numbers->data, n, from);
      break;
    case 2:
      add_distances_guint16 (ids, numbers->data, n, from);
      break;
    case 4:
      add_distances_guint32 (ids, numbers->data, n, from);
      break;
    default:
      add_distances_guint64 (ids, numbers->data, n, from);
      break;
    }
}

/* Distances from the base of the batch before, where that does; or from a new one. */
static void
set_distances (Range *range, const Range *before, guint64 min, guint32 n)
{
  guint32 room = n / 4 + 16; /* on both sides */

  if (before != NULL && before->numbering == NUMBERING_DISTANCE && before->kind == range->kind &&
      before->first == range->first && min - before->base < before->n &&
      n <= before->n - (min - before->base))
    {
      range->base = before->base;
      range->n = before->n;
      return;
    }
  range->base = min - room;
  range->n = n + 2 * room;
}

static guint64 *
widen (const ArborNumbers *numbers, guint32 n, ArborScope *scope)
{
  guint64 *wide = arbor_scope_alloc (scope, (gsize)n * sizeof *wide);

  for (guint32 i = 0; i < n; i++)
    wide[i] = arbor_load_unsigned (numbers->data, numbers->width, i);
  return wide;
}

/* By the entries of a table, among which the same may come more than once. */
static void
number_codes (const ArborPart *part, Range *range, guint16 **ids, ArborScope *scope)
{
  guint16 *of_part = arbor_scope_alloc (scope, (gsize)part->n * sizeof *of_part);
  Met met;

  met_init (&met, part->n_table, scope);
  meet_strings (&met, part->table, part->n_table);
  for (guint32 i = 0; i < part->n_table; i++)
    met.ids[i] = (guint16)(met.ids[i] + range->first);
  for (guint32 i = 0; i < part->n; i++)
    of_part[i] = met.ids[part->codes[i]];
  range->numbering = NUMBERING_MET;
  range->n = met.n;
  *ids = of_part;
}

/* Chooses how the values of @part are numbered, and numbers them: *@ids lies in @scope. */
static gboolean
number_part (const ArborPart *part, const Range *before, Range *range, guint16 **ids,
             ArborScope *scope)
{
  const ArborLaneRecord *record = part->lane->record;
  ArborNumbers numbers = { NULL, 0 };
  gboolean has_numbers = arbor_part_get_numbers (part, scope, &numbers);
  guint64 max = has_numbers ? arbor_numbers_get_max (&numbers, part->n) : 0;
  Met met;

  range->kind = part->lane->kind;
  range->lane = *part->lane;
  if (part->lane->kind >= ARBOR_KIND_ARRAY)
    return FALSE;
  if (part->codes != NULL && part->n_table <= ARBOR_BATCH_MAX_TREES)
    {
      number_codes (part, range, ids, scope);
      return TRUE;
    }
  if (has_numbers && (range->kind == ARBOR_KIND_BOOL || range->kind == ARBOR_KIND_STRING))
    {
      range->numbering = NUMBERING_CODES;
      range->n = range->kind == ARBOR_KIND_BOOL ? 2 : record->n_distinct;
      *ids = arbor_scope_alloc (scope, (gsize)part->n * sizeof (guint16));
      add_distances (*ids, &numbers, part->n, range->first);
      return max < range->n && range->n <= ARBOR_BATCH_MAX_TREES;
    }
  if (range->kind == ARBOR_KIND_INT64 && max < MAX_SPAN)
    {
      /* The whole lane's, not these rows': it changes less. */
      guint64 span = record->max - record->min;

      if (span < MAX_SPAN)
        max = MAX (max, span);
      range->numbering = NUMBERING_DISTANCE;
      set_distances (range, before, record->min, (guint32)max + 1);
      *ids = arbor_scope_alloc (scope, (gsize)part->n * sizeof (guint16));
      add_distances (*ids, &numbers, part->n,
                     range->first + (guint32)(record->min - range->base));
      return TRUE;
    }

  range->numbering = NUMBERING_MET;
  met_init (&met, part->n, scope);
  if (has_numbers)
    meet_numbers (&met, widen (&numbers, part->n, scope), part->n);
  else
    meet_strings (&met, arbor_part_get_strings (part, scope), part->n);
  for (guint32 i = 0; i < part->n; i++)
    met.ids[i] = (guint16)(met.ids[i] + range->first);
  range->n = met.n;
  *ids = met.ids;
  return TRUE;
}

/* Ids of one key for all rows. */
static gboolean
number_key (const ArborPathRows *values, const Meaning *before, Meaning *meaning,
            const guint16 **ids, ArborScope *scope)
{
  guint16 *all = NULL;
  guint32 n_ids = FIRST_ID;

  meaning->n = values->n_parts;
  for (guint i = 0; i < values->n_parts; i++)
    {
      const ArborPart *part = &values->parts[i];
      Range *range = &meaning->ranges[i];
      guint16 *of_part;

      *range = (Range){ .first = n_ids };
      if (!number_part (part, before != NULL && i < before->n ? &before->ranges[i] : NULL, range,
                        &of_part, scope))
        return FALSE;
      n_ids += range->n;
      if (n_ids > ARBOR_KEY_MAX_IDS)
        return FALSE;
      if (part->positions == NULL)
        {
          all = of_part;
          meaning->n = i + 1;
          break;
        }
      if (all == NULL)
        {
          all = arbor_scope_alloc (scope, (gsize)values->n_rows * sizeof *all);
          for (guint32 j = 0; j < values->n_rows; j++)
            all[j] = ID_MISSING;
        }
      for (guint32 j = 0; j < part->n; j++)
        all[part->positions[j]] = of_part[j];
    }
  if (all == NULL)
    {
      all = arbor_scope_alloc (scope, (gsize)values->n_rows * sizeof *all);
      for (guint32 j = 0; j < values->n_rows; j++)
        all[j] = ID_MISSING;
    }
  for (guint32 j = 0; j < values->n_nulls; j++)
    all[values->nulls[j]] = ID_NULL;
  meaning->n_ids = n_ids;
  *ids = all;
  return TRUE;
}

/* What numbers mean */

static gboolean
dictionaries_equal (const ArborLane *a, const ArborLane *b)
{
  const ArborLaneRecord *x = a->record, *y = b->record;

  return x->n_distinct == y->n_distinct && x->span_width == y->span_width &&
         x->size_b == y->size_b && x->size_c == y->size_c && memcmp (a->b, b->b, x->size_b) == 0 &&
         memcmp (a->c, b->c, x->size_c) == 0;
}

static gboolean
meanings_equal (const Meaning *a, const Meaning *b)
{
  if (a->n != b->n || a->n_ids != b->n_ids)
    return FALSE;
  for (guint i = 0; i < a->n; i++)
    {
      const Range *x = &a->ranges[i], *y = &b->ranges[i];

      if (x->numbering != y->numbering || x->numbering == NUMBERING_MET || x->kind != y->kind ||
          x->first != y->first || x->n != y->n || x->base != y->base)
        return FALSE;
      if (x->numbering == NUMBERING_CODES && x->kind == ARBOR_KIND_STRING &&
          !dictionaries_equal (&x->lane, &y->lane))
        return FALSE;
    }
  return TRUE;
}

/* Numbers that are met but a few times only cost time. */
static gboolean
is_poor_number (guint32 n_met, guint32 n)
{
  return n_met > n / 8;
}

static void
clear_tags (ArborKeyIds *self, guint32 n_ids)
{
  if (n_ids > self->n_tags)
    {
      g_free (self->tags);
      self->tags = g_new (guint32, n_ids);
      self->n_tags = n_ids;
    }
  memset (self->tags, 0xFF, (gsize)n_ids * sizeof (guint32));
}

/* Another digit: ids of several keys so far, and of the next. FALSE in *@means: numbers in which
 * pairs are met. Returns whether it is worth it. */
static gboolean
combine (ArborIds *ids, const guint16 *more, guint32 n_more, guint32 n, gboolean *means,
         ArborScope *scope)
{
  gboolean is_good = TRUE;
  guint16 *both;
  Met met;

  if ((guint64)ids->n_ids * n_more <= ARBOR_KEY_MAX_IDS)
    {
      both = arbor_scope_alloc (scope, (gsize)n * sizeof *both);
      for (guint32 i = 0; i < n; i++)
        both[i] = (guint16)((guint32)ids->ids[i] * n_more + more[i]);
      ids->n_ids *= n_more;
    }
  else
    {
      guint64 *pairs = arbor_scope_alloc (scope, (gsize)n * sizeof *pairs);

      for (guint32 i = 0; i < n; i++)
        pairs[i] = (guint64)ids->ids[i] << 32 | more[i];
      met_init (&met, n, scope);
      meet_numbers (&met, pairs, n);
      both = met.ids;
      ids->n_ids = met.n;
      *means = FALSE;
      is_good = !is_poor_number (met.n, n);
    }
  ids->ids = both;
  return is_good;
}

static gboolean
is_poor (const Meaning *meaning, guint32 n)
{
  for (guint i = 0; i < meaning->n; i++)
    if (meaning->ranges[i].numbering == NUMBERING_MET && is_poor_number (meaning->ranges[i].n, n))
      return TRUE;
  return FALSE;
}

gboolean
arbor_key_ids_find (ArborKeyIds *self, const ArborRows *rows, ArborScope *scope, ArborIds *ids)
{
  gboolean was_known = self->is_known;
  gboolean means = was_known;

  if (self->n_poor >= MAX_POOR)
    return FALSE;
  *ids = (ArborIds){ .ids = all_equal, .n_ids = 1 };
  self->is_known = FALSE;
  for (gsize i = 0; i < self->n_keys; i++)
    {
      Meaning *before = was_known ? &self->meanings[i] : NULL;
      ArborPathRows values;
      const guint16 *of_key;
      Meaning meaning;

      if (!arbor_series_reader_get_parts (self->readers[i], rows, scope, &values) ||
          !number_key (&values, before, &meaning, &of_key, scope))
        return FALSE;
      if (is_poor (&meaning, rows->n))
        {
          self->n_poor++;
          return FALSE;
        }
      if (before == NULL || !meanings_equal (before, &meaning))
        {
          means = FALSE;
          meaning_clear (&self->meanings[i]);
          self->meanings[i] = meaning;
        }
      if (i == 0)
        *ids = (ArborIds){ .ids = of_key, .n_ids = meaning.n_ids };
      else if (!combine (ids, of_key, meaning.n_ids, rows->n, &means, scope))
        {
          self->n_poor++;
          return FALSE;
        }
    }
  if (!means)
    clear_tags (self, ids->n_ids);
  self->is_known = TRUE;
  ids->tags = self->tags;
  return TRUE;
}

ArborGroupKey *
arbor_key_ids_get_keys (ArborKeyIds *self, const ArborRows *rows, ArborScope *scope)
{
  ArborGroupKey *keys = arbor_scope_alloc (scope, rows->n * self->n_keys * sizeof *keys);

  for (gsize i = 0; i < self->n_keys; i++)
    {
      ArborPathRows of_key;

      if (!arbor_series_reader_get_parts (self->readers[i], rows, scope, &of_key) ||
          !arbor_path_rows_get_keys (&of_key, scope, keys + i, self->n_keys))
        return NULL;
    }
  return keys;
}

/* The first row of each id that has no tag. */
static guint32
list_new_rows (const ArborRows *rows, const ArborIds *ids, guint32 *new_rows, ArborScope *scope)
{
  gsize size = arbor_bits_n_words (ids->n_ids) * 8;
  guint64 *seen = arbor_scope_alloc (scope, size);
  guint32 n = 0;

  memset (seen, 0, size);
  for (guint32 i = 0; i < rows->n; i++)
    if (ids->tags[ids->ids[i]] == ARBOR_NO_TAG && !arbor_bits_test (seen, ids->ids[i]))
      {
        arbor_bits_set (seen, ids->ids[i]);
        new_rows[n++] = i;
      }
  return n;
}

ArborGroupKey *
arbor_key_ids_get_new_keys (ArborKeyIds *self, const ArborRows *rows, const ArborIds *ids,
                            ArborScope *scope, const guint32 **new_rows, guint32 *n)
{
  guint32 *list = arbor_scope_alloc (scope, rows->n * sizeof *list);
  ArborGroupKey *keys = NULL;

  *n = list_new_rows (rows, ids, list, scope);
  *new_rows = list;
  if (*n > FEW_NEW && *n < rows->n / FEW_OF && rows->batch != NULL)
    {
      guint32 *some = arbor_scope_alloc (scope, *n * sizeof *some);
      ArborRows asked = *rows;

      for (guint32 i = 0; i < *n; i++)
        some[i] = arbor_rows_get (rows, list[i]);
      asked.rows = some;
      asked.n = *n;
      return arbor_key_ids_get_keys (self, &asked, scope);
    }
  if (*n > FEW_NEW)
    keys = arbor_key_ids_get_keys (self, rows, scope);
  for (guint32 i = 0; keys != NULL && i < *n; i++)
    memmove (keys + i * self->n_keys, keys + list[i] * self->n_keys, self->n_keys * sizeof *keys);
  return keys;
}

/* Counting. Rows with one id often follow each other, and adding to what was just written waits for
 * it: four tables in turn, where they are small. */

const guint32 *
arbor_ids_count (const ArborIds *self, guint32 n, ArborScope *scope)
{
  guint32 n_ids = self->n_ids;
  guint32 n_tables = n_ids <= n / 16 ? 4 : 1;
  guint32 *counts = arbor_scope_alloc (scope, (gsize)n_ids * n_tables * sizeof *counts);
  const guint16 *ids = self->ids;
  guint32 i = 0;

  memset (counts, 0, (gsize)n_ids * n_tables * sizeof *counts);
  if (n_ids == 1)
    {
      counts[0] = n;
      return counts;
    }
  for (; n_tables == 4 && i + 4 <= n; i += 4)
    {
      counts[ids[i]]++;
      counts[n_ids + ids[i + 1]]++;
      counts[2 * n_ids + ids[i + 2]]++;
      counts[3 * n_ids + ids[i + 3]]++;
    }
  for (; i < n; i++)
    counts[ids[i]]++;
  for (i = 0; n_tables == 4 && i < n_ids; i++)
    counts[i] += counts[n_ids + i] + counts[2 * n_ids + i] + counts[3 * n_ids + i];
  return counts;
}
