/* Values of rows as keys of a group table. See arbor-path-rows.h. A dictionary's entries become keys once,
 * where there are more rows than entries.
 */

#include "query/series/arbor-path-rows.h"

/* Where the key of value @i of a part goes. */
static inline ArborGroupKey *
get_place (const ArborPart *part, ArborGroupKey *keys, gsize stride, guint32 i)
{
  return &keys[(part->positions != NULL ? part->positions[i] : i) * stride];
}

static void
set_computed_codes (const ArborPart *part, ArborScope *scope, ArborGroupKey *keys, gsize stride)
{
  ArborGroupKey *of_code = arbor_scope_alloc (scope, (gsize)part->n_table * sizeof *of_code);

  for (guint32 i = 0; i < part->n_table; i++)
    arbor_group_key_set_text (&of_code[i], part->table[i].bytes, part->table[i].length);
  for (guint32 i = 0; i < part->n; i++)
    *get_place (part, keys, stride, i) = of_code[part->codes[i]];
}

static gboolean
set_codes (const ArborPart *part, ArborScope *scope, ArborGroupKey *keys, gsize stride)
{
  guint32 n_strings = arbor_lane_get_n_strings (part->lane);
  const ArborString *strings;
  ArborGroupKey *of_code;
  ArborNumbers codes;

  if (part->codes != NULL && part->n_table <= part->n)
    {
      set_computed_codes (part, scope, keys, stride);
      return TRUE;
    }
  if (part->is_computed || part->lane->record->encoding != ARBOR_ENCODING_DICTIONARY ||
      n_strings > part->n || !arbor_part_get_numbers (part, scope, &codes))
    return FALSE;
  strings = arbor_lane_list_strings (part->lane, 1, scope);
  of_code = arbor_scope_alloc (scope, ((gsize)n_strings + 1) * sizeof *of_code);
  for (guint32 i = 0; i <= n_strings; i++)
    arbor_group_key_set_text (&of_code[i], strings[i].bytes, strings[i].length);
  /* What a damaged batch has past them reads as the empty one behind. */
  for (guint32 i = 0; i < part->n; i++)
    *get_place (part, keys, stride, i) =
        of_code[MIN (arbor_load_unsigned (codes.data, codes.width, i), n_strings)];
  return TRUE;
}

static void
set_strings (const ArborPart *part, ArborScope *scope, ArborGroupKey *keys, gsize stride)
{
  const ArborString *strings;

  if (set_codes (part, scope, keys, stride))
    return;
  strings = arbor_part_get_strings (part, scope);
  for (guint32 i = 0; i < part->n; i++)
    arbor_group_key_set_text (get_place (part, keys, stride, i), strings[i].bytes,
                              strings[i].length);
}

static void
set_reals (const ArborPart *part, const double *reals, ArborGroupKey *keys, gsize stride)
{
  for (guint32 i = 0; i < part->n; i++)
    arbor_group_key_set_real (get_place (part, keys, stride, i), reals[i]);
}

static void
set_numbers (const ArborPart *part, const ArborNumbers *numbers, ArborGroupKey *keys, gsize stride)
{
  const ArborLane *lane = part->lane;
  guint64 min = lane->record->min;

  for (guint32 i = 0; i < part->n; i++)
    {
      ArborGroupKey *key = get_place (part, keys, stride, i);
      guint64 number = arbor_load_unsigned (numbers->data, numbers->width, i);

      if (lane->kind == ARBOR_KIND_INT64)
        arbor_group_key_set_word (key, min + number, ARBOR_GROUP_KEY_INTEGER, 0);
      else if (lane->kind == ARBOR_KIND_UINT64)
        arbor_group_key_set_unsigned (key, min + number);
      else
        arbor_group_key_set_word (key, number != 0, ARBOR_GROUP_KEY_BOOL, 0);
    }
}

gboolean
arbor_path_rows_get_keys (const ArborPathRows *self, ArborScope *scope, ArborGroupKey *keys,
                          gsize stride)
{
  if (self->n_parts != 1 || self->parts[0].positions != NULL)
    for (guint32 i = 0; i < self->n_rows; i++)
      arbor_group_key_set_word (&keys[i * stride], 0, ARBOR_GROUP_KEY_MISSING, 0);
  for (guint32 i = 0; i < self->n_nulls; i++)
    arbor_group_key_set_word (&keys[self->nulls[i] * stride], 0, ARBOR_GROUP_KEY_NULL, 0);
  for (guint i = 0; i < self->n_parts; i++)
    {
      const ArborPart *part = &self->parts[i];
      ArborNumbers numbers;

      if (part->lane->kind == ARBOR_KIND_STRING)
        set_strings (part, scope, keys, stride);
      else if (part->lane->kind >= ARBOR_KIND_NUMBER ||
               !arbor_part_get_numbers (part, scope, &numbers) ||
               (part->lane->kind == ARBOR_KIND_DOUBLE &&
                !arbor_bits_are_finite (numbers.data, part->n)))
        return FALSE;
      else if (part->lane->kind == ARBOR_KIND_DOUBLE)
        set_reals (part, numbers.data, keys, stride);
      else
        set_numbers (part, &numbers, keys, stride);
    }
  return TRUE;
}
