/* See arbor-bounds.h. */

#include "query/series/arbor-bounds.h"

#include <float.h>

#include "base/arbor-number.h"

static ArborValue
get_number (ArborKind kind, guint64 key)
{
  if (kind == ARBOR_KIND_INT64)
    return ARBOR_VALUE_INT64 ((gint64) (key ^ ARBOR_KEY_SIGN));
  if (kind == ARBOR_KIND_UINT64)
    return ARBOR_VALUE_UINT64 (key);
  return ARBOR_VALUE_DOUBLE (arbor_key_to_double (key));
}

/* How many of the keys from @least to @most come before the literal; with @or_equal, also those
 * that equal it. One fewer than there are keys fits 64 bits, so all of them are told by *@is_all. */
static guint64
count_before (ArborKind kind, guint64 least, guint64 most, const ArborValue *literal,
              gboolean or_equal, gboolean *is_all)
{
  guint64 low = least;
  guint64 high = most;
  ArborValue number = get_number (kind, most);

  *is_all = arbor_number_compare (&number, literal) < or_equal;
  while (!*is_all && low < high)
    {
      guint64 middle = low + (high - low) / 2;

      number = get_number (kind, middle);
      if (arbor_number_compare (&number, literal) < or_equal)
        low = middle + 1;
      else
        high = middle;
    }
  return low - least;
}

void
arbor_bounds_init (ArborBounds *self, ArborKind kind, ArborComparison comparison,
                   const ArborValue *literal)
{
  guint64 least = kind == ARBOR_KIND_DOUBLE ? arbor_key_from_double (-DBL_MAX) : 0;
  guint64 most = kind == ARBOR_KIND_DOUBLE ? arbor_key_from_double (DBL_MAX) : G_MAXUINT64;
  gboolean all_below, all_up_to;
  guint64 below = count_before (kind, least, most, literal, FALSE, &all_below);
  guint64 up_to = count_before (kind, least, most, literal, TRUE, &all_up_to);

  *self = (ArborBounds){ .first = least, .last = most };
  switch (comparison)
    {
    case ARBOR_COMPARISON_EQ:
    case ARBOR_COMPARISON_NE:
      self->is_empty = all_below || (!all_up_to && below == up_to);
      self->first = least + below;
      self->last = all_up_to ? most : least + up_to - 1;
      break;
    case ARBOR_COMPARISON_LT:
      self->is_empty = !all_below && below == 0;
      self->last = all_below ? most : least + below - 1;
      break;
    case ARBOR_COMPARISON_LE:
      self->is_empty = !all_up_to && up_to == 0;
      self->last = all_up_to ? most : least + up_to - 1;
      break;
    case ARBOR_COMPARISON_GT:
      self->is_empty = all_up_to;
      self->first = least + up_to;
      break;
    case ARBOR_COMPARISON_GE:
      self->is_empty = all_below;
      self->first = least + below;
      break;
    }
}
