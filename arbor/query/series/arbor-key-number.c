/* Numbers for the values of one key. See arbor-key-ids.h. Each lane has a range of ids of its own,
 * in which equal values have one id. What the range says (a base, a dictionary) is all that its
 * numbers mean, but for those in which values are met, which mean nothing in another batch.
 */

#include "query/series/arbor-key-ids-private.h"

#include "base/arbor-simd.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define ID_NULL    0u
#define ID_MISSING 1u
#define FIRST_ID   2u

/* The most distances of integers; more are numbered as they are met. */
#define MAX_SPAN 32768u
/* A power of two, half as many again as a batch has rows at least. */
#define N_SLOTS 32768u
G_STATIC_ASSERT (N_SLOTS >= ARBOR_BATCH_MAX_TREES / 2 * 3);

/* Numbers in which values are met */

void
arbor_key_met_init (ArborKeyMet *self, guint32 n, ArborScope *scope)
{
  self->slots = arbor_scope_alloc (scope, N_SLOTS * sizeof (guint16));
  self->ids = arbor_scope_alloc (scope, (gsize)n * sizeof (guint16));
  self->firsts = arbor_scope_alloc (scope, (gsize)n * sizeof (guint32));
  self->n = 0;
  memset (self->slots, 0, N_SLOTS * sizeof (guint16));
}

static void
met_add (ArborKeyMet *self, guint32 i, guint32 slot)
{
  self->firsts[self->n] = i;
  self->slots[slot] = (guint16)++self->n;
}

void
arbor_key_met_add_numbers (ArborKeyMet *self, const guint64 *numbers, guint32 n)
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
meet_strings (ArborKeyMet *self, const ArborString *strings, guint32 n)
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
set_distances (ArborKeyRange *range, const ArborKeyRange *before, guint64 min, guint32 n)
{
  guint32 room = n / 4 + 16; /* on both sides */

  if (before != NULL && before->numbering == ARBOR_KEY_NUMBERING_DISTANCE &&
      before->kind == range->kind && before->first == range->first && min - before->base < before->n &&
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
number_codes (const ArborPart *part, ArborKeyRange *range, guint16 **ids, ArborScope *scope)
{
  guint16 *of_part = arbor_scope_alloc (scope, (gsize)part->n * sizeof *of_part);
  ArborKeyMet met;

  arbor_key_met_init (&met, part->n_table, scope);
  meet_strings (&met, part->table, part->n_table);
  for (guint32 i = 0; i < part->n_table; i++)
    met.ids[i] = (guint16)(met.ids[i] + range->first);
  for (guint32 i = 0; i < part->n; i++)
    of_part[i] = met.ids[part->codes[i]];
  range->numbering = ARBOR_KEY_NUMBERING_MET;
  range->n = met.n;
  *ids = of_part;
}

/* Chooses how the values of @part are numbered, and numbers them: *@ids lies in @scope. */
static gboolean
number_part (const ArborPart *part, const ArborKeyRange *before, ArborKeyRange *range,
             guint16 **ids, ArborScope *scope)
{
  const ArborLaneRecord *record = part->lane->record;
  ArborNumbers numbers = { NULL, 0 };
  gboolean has_numbers = arbor_part_get_numbers (part, scope, &numbers);
  guint64 max = has_numbers ? arbor_numbers_get_max (&numbers, part->n) : 0;
  ArborKeyMet met;

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
      range->numbering = ARBOR_KEY_NUMBERING_CODES;
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
      range->numbering = ARBOR_KEY_NUMBERING_DISTANCE;
      set_distances (range, before, record->min, (guint32)max + 1);
      *ids = arbor_scope_alloc (scope, (gsize)part->n * sizeof (guint16));
      add_distances (*ids, &numbers, part->n,
                     range->first + (guint32)(record->min - range->base));
      return TRUE;
    }

  range->numbering = ARBOR_KEY_NUMBERING_MET;
  arbor_key_met_init (&met, part->n, scope);
  if (has_numbers)
    arbor_key_met_add_numbers (&met, widen (&numbers, part->n, scope), part->n);
  else
    meet_strings (&met, arbor_part_get_strings (part, scope), part->n);
  for (guint32 i = 0; i < part->n; i++)
    met.ids[i] = (guint16)(met.ids[i] + range->first);
  range->n = met.n;
  *ids = met.ids;
  return TRUE;
}

gboolean
arbor_key_meaning_find (const ArborPathRows *values, const ArborKeyMeaning *before,
                        ArborKeyMeaning *meaning, const guint16 **ids, ArborScope *scope)
{
  guint16 *all = NULL;
  guint32 n_ids = FIRST_ID;

  meaning->n = values->n_parts;
  for (guint i = 0; i < values->n_parts; i++)
    {
      const ArborPart *part = &values->parts[i];
      ArborKeyRange *range = &meaning->ranges[i];
      guint16 *of_part;

      *range = (ArborKeyRange){ .first = n_ids };
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
