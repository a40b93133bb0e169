/* Accumulators as cells. See arbor-aggregate.h; what is kept beside them is in
 * arbor-aggregate-kept.c, and results are in arbor-aggregate-result.c. A cell of zeros has met
 * nothing.
 */

#include "query/expr/arbor-aggregate-private.h"

#include <math.h>

#include "base/arbor-number.h"
#include "base/arbor-stop.h"
#include "batch/arbor-value-access.h"

/* Texts that nothing points to any more, and are not worth moving the others. */
#define LEAST_DROPPED (64u * 1024u)
/* Cells that are gone over before it is asked whether to stop. */
#define ASK_EVERY 65536u

static ArborAggregateKind
get_kind (const ArborAggregate *self)
{
  return (ArborAggregateKind)self->function->aggregate;
}

static gsize
get_cell_size (ArborAggregateKind kind)
{
  switch (kind)
    {
    case ARBOR_AGGREGATE_COUNT:
    case ARBOR_AGGREGATE_N_UNIQUE:
      return sizeof (guint64);
    case ARBOR_AGGREGATE_ANY:
    case ARBOR_AGGREGATE_ALL:
      return sizeof (guint8);
    case ARBOR_AGGREGATE_MIN:
    case ARBOR_AGGREGATE_MAX:
    case ARBOR_AGGREGATE_FIRST:
    case ARBOR_AGGREGATE_LAST:
      return sizeof (ArborValue);
    case ARBOR_AGGREGATE_SUM:
    case ARBOR_AGGREGATE_MEAN:
      return sizeof (ArborSum);
    case ARBOR_AGGREGATE_VAR:
    case ARBOR_AGGREGATE_STD:
      return 2 * sizeof (ArborSum);
    default:
      return 0;
    }
}

static gboolean
has_sums (const ArborAggregate *self)
{
  return get_kind (self) == ARBOR_AGGREGATE_SUM || get_kind (self) == ARBOR_AGGREGATE_MEAN ||
         get_kind (self) == ARBOR_AGGREGATE_VAR || get_kind (self) == ARBOR_AGGREGATE_STD;
}

void
arbor_aggregate_init (ArborAggregate *self, const ArborFunction *function)
{
  g_assert (arbor_function_is_aggregate (function));

  memset (self, 0, sizeof *self);
  self->function = function;
  self->fraction = function->aggregate == ARBOR_AGGREGATE_MEDIAN ? 0.5 : NAN;
  self->cell_size = get_cell_size (get_kind (self));
  self->n_groups = 1;
}

void
arbor_aggregate_init_for_trees (ArborAggregate *self, const ArborFunction *function,
                                const char *operation, gboolean has_groups)
{
  arbor_aggregate_init (self, function);
  self->skips_others = TRUE;
  self->charge.operation = operation;
  self->has_groups = has_groups;
  self->n_groups = has_groups ? 0 : 1;
}

ArborAggregate *
arbor_aggregate_new (const ArborFunction *function)
{
  ArborAggregate *self = g_new (ArborAggregate, 1);

  arbor_aggregate_init (self, function);
  return self;
}

void
arbor_aggregate_clear (ArborAggregate *self)
{
  guint n_sums = (guint)(self->cell_size / sizeof (ArborSum));

  for (guint32 group = 0; has_sums (self) && group < self->n_groups; group++)
    for (guint i = 0; i < n_sums; i++)
      {
        ArborSum *sum = (ArborSum *)arbor_aggregate_get_cell (self, group) + i;

        if (sum->is_spread)
          arbor_sum_clear (sum);
      }
  g_clear_pointer (&self->cells, g_free);
  g_clear_pointer (&self->met, g_free);
  self->met_span = self->n_met = 0;
  arbor_texts_clear (&self->texts);
  arbor_aggregate_clear_kept (self);
  arbor_charge_release (&self->charge);
  g_clear_error (&self->error);
}

void
arbor_aggregate_free (ArborAggregate *self)
{
  if (self == NULL)
    return;

  arbor_aggregate_clear (self);
  g_free (self);
}

void
arbor_aggregate_set_parameter (ArborAggregate *self, const ArborValue *parameter)
{
  double fraction =
      arbor_kind_is_number (parameter->kind) ? arbor_number_to_double (parameter) : NAN;

  if (get_kind (self) == ARBOR_AGGREGATE_QUANTILE)
    self->fraction = fraction >= 0 && fraction <= 1 ? fraction : NAN;
}

gsize
arbor_aggregate_get_size (const ArborAggregate *self)
{
  gsize size = sizeof *self + self->charge.n_bytes;

  if (self->table != NULL)
    size += self->table->charge.n_bytes;
  if (self->n_groups == 1 && has_sums (self))
    for (guint i = 0; i < self->cell_size / sizeof (ArborSum); i++)
      size += arbor_sum_get_size ((ArborSum *)arbor_aggregate_get_cell (self, 0) + i);
  return size;
}

gboolean
arbor_aggregate_check (const ArborAggregate *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

/* Texts */

gboolean
arbor_aggregate_copy (ArborAggregate *self, ArborValue *value, ArborScope *scope)
{
  ArborBuffer json = { 0 };
  gboolean is_copied;

  if (self->borrows)
    return TRUE;
  if (value->kind == ARBOR_KIND_STRING || value->kind == ARBOR_KIND_NUMBER)
    {
      self->n_used += value->length;
      return arbor_texts_copy (&self->texts, value->text, value->length, &self->charge,
                               &value->text, &self->error);
    }
  if (value->kind < ARBOR_KIND_ARRAY)
    return TRUE;
  arbor_value_write_json (value, scope, &json);
  *value = (ArborValue){ .kind = value->kind,
                         .holder_kind = ARBOR_HOLDER_TEXT,
                         .length = (guint32)json.length };
  is_copied = arbor_texts_copy (&self->texts, json.data, json.length, &self->charge, &value->text,
                                &self->error);
  self->n_used += json.length;
  self->has_containers = TRUE;
  arbor_buffer_free (&json);
  return is_copied;
}

static gboolean
has_text (const ArborValue *value)
{
  return value->kind == ARBOR_KIND_STRING || value->kind >= ARBOR_KIND_NUMBER;
}

/* Moves the texts that cells have. */
static void
move_texts (ArborAggregate *self)
{
  ArborTexts old = self->texts;

  self->texts = (ArborTexts){ 0 };
  for (guint32 group = 0; self->error == NULL && group < self->n_groups; group++)
    {
      ArborValue *best = arbor_aggregate_get_cell (self, group);

      if (has_text (best) && !arbor_texts_copy (&self->texts, best->text, best->length,
                                                &self->charge, &best->text, &self->error))
        *best = ARBOR_VALUE_MISSING;
    }
  arbor_charge_subtract (&self->charge, old.n_bytes);
  arbor_texts_clear (&old);
  self->n_dropped = 0;
}

static void
move_texts_if_due (ArborAggregate *self)
{
  if (self->n_dropped > self->n_used + LEAST_DROPPED)
    move_texts (self);
}

static void
keep_best (ArborAggregate *self, ArborValue *best, const ArborValue *value, ArborScope *scope)
{
  ArborValue kept = *value;

  if (!self->borrows && has_text (best))
    {
      /* A text in the place of a longer one; never of a container, which a scope may have parsed. */
      if (best->kind < ARBOR_KIND_ARRAY && value->kind < ARBOR_KIND_ARRAY && has_text (value) &&
          value->length <= best->length)
        {
          self->n_dropped += best->length - value->length;
          self->n_used -= best->length - value->length;
          kept.text = best->text;
          memcpy ((char *)best->text, value->text, value->length);
          *best = kept;
          return;
        }
      self->n_dropped += best->length;
      self->n_used -= best->length;
      *best = ARBOR_VALUE_MISSING;
    }
  if (!arbor_aggregate_copy (self, &kept, scope))
    return;
  *best = kept;
  if (!self->has_containers)
    move_texts_if_due (self);
}

gboolean
arbor_aggregate_ensure (ArborAggregate *self, guint32 n, GError **error)
{
  move_texts_if_due (self);
  if (n <= self->n_groups || !self->has_groups)
    return arbor_aggregate_check (self, error);
  if (self->cell_size > 0)
    {
      if (!arbor_charge_grow (&self->charge, &self->cells, &self->capacity, n, self->cell_size,
                              error))
        return FALSE;
      memset ((char *)self->cells + self->n_groups * self->cell_size, 0,
              (n - self->n_groups) * self->cell_size);
    }
  self->n_groups = n;
  return arbor_aggregate_check (self, error);
}

void
arbor_aggregate_expect (ArborAggregate *self, guint64 n)
{
  if (self->has_groups && self->cell_size > 0 && n <= G_MAXUINT32)
    arbor_charge_grow (&self->charge, &self->cells, &self->capacity, n, self->cell_size, NULL);
}

/* Adding */

static inline int
compare (const ArborValue *a, const ArborValue *b, ArborScope *scope)
{
  if (a->kind == ARBOR_KIND_INT64 && b->kind == ARBOR_KIND_INT64)
    return (a->int64 > b->int64) - (a->int64 < b->int64);
  if (a->kind == ARBOR_KIND_DOUBLE && b->kind == ARBOR_KIND_DOUBLE)
    return (a->real > b->real) - (a->real < b->real);
  return arbor_value_compare (a, b, scope);
}

static void
add_number (ArborAggregate *self, ArborSum *sums, const ArborValue *value)
{
  gboolean squares = self->cell_size > sizeof (ArborSum);

  if (value->kind == ARBOR_KIND_INT64)
    {
      arbor_sum_add_integers (&sums[0], 1, value->int64, FALSE);
      if (squares)
        arbor_sum_add_integer_square (&sums[1], value->int64 < 0 ? 0 - (guint64)value->int64
                                                                 : (guint64)value->int64);
    }
  else if (value->kind == ARBOR_KIND_UINT64)
    {
      arbor_sum_add_integers (&sums[0], 1, value->uint64, TRUE);
      if (squares)
        arbor_sum_add_integer_square (&sums[1], value->uint64);
    }
  else
    {
      double real = arbor_number_to_double (value);

      arbor_sum_add_real (&sums[0], real);
      if (squares)
        arbor_sum_add_square (&sums[1], real);
    }
}

/* Of numbers of two kinds, of zeros of both signs and of whatever has a text of its own. */
static gboolean
is_same (const ArborValue *a, const ArborValue *b)
{
  return a->kind == b->kind && a->kind < ARBOR_KIND_ARRAY && a->kind != ARBOR_KIND_NUMBER &&
         (a->kind != ARBOR_KIND_DOUBLE || a->uint64 == b->uint64);
}

/* @sign: 1 for the greatest, -1 for the least. */
static void
keep_extreme (ArborAggregate *self, ArborValue *best, const ArborValue *value, int sign,
              ArborScope *scope)
{
  int order = best->kind == ARBOR_KIND_MISSING ? sign : compare (value, best, scope);

  if (order == 0)
    self->is_tied |= !is_same (value, best);
  else if ((order > 0) == (sign > 0))
    keep_best (self, best, value, scope);
}

void
arbor_aggregate_leave_out (ArborAggregate *self, guint32 group, guint64 n)
{
  self->is_spoilt |= !self->skips_others;
  self->n_others += n;
  if (get_kind (self) == ARBOR_AGGREGATE_SUM)
    ((ArborSum *)arbor_aggregate_get_cell (self, group))->has_others = TRUE;
}

gboolean
arbor_aggregate_add_to (ArborAggregate *self, guint32 group, const ArborValue *value,
                        ArborScope *scope)
{
  ArborAggregateKind kind = get_kind (self);
  gpointer cell = arbor_aggregate_get_cell (self, group);
  guint8 *is_decided = cell;
  ArborValue *best = cell;

  if (arbor_value_is_null (value) || self->error != NULL)
    return TRUE;
  self->n++;
  switch (kind)
    {
    case ARBOR_AGGREGATE_NONE:
      break;
    case ARBOR_AGGREGATE_COUNT:
      ++*(guint64 *)cell;
      break;
    case ARBOR_AGGREGATE_ANY:
      *is_decided |= arbor_value_is_true (value);
      return !*is_decided;
    case ARBOR_AGGREGATE_ALL:
      *is_decided |= !arbor_value_is_true (value);
      return !*is_decided;
    case ARBOR_AGGREGATE_FIRST:
      if (best->kind == ARBOR_KIND_MISSING)
        keep_best (self, best, value, scope);
      return FALSE;
    case ARBOR_AGGREGATE_LAST:
      keep_best (self, best, value, scope);
      break;
    case ARBOR_AGGREGATE_MIN:
      keep_extreme (self, best, value, -1, scope);
      break;
    case ARBOR_AGGREGATE_MAX:
      keep_extreme (self, best, value, 1, scope);
      break;
    case ARBOR_AGGREGATE_N_UNIQUE:
    case ARBOR_AGGREGATE_COLLECT_UNIQUE:
      arbor_aggregate_keep_unique (self, &group, value, 1, scope);
      break;
    case ARBOR_AGGREGATE_COLLECT:
      arbor_aggregate_keep_value (self, group, value, scope);
      break;
    case ARBOR_AGGREGATE_SUM:
    case ARBOR_AGGREGATE_MEAN:
    case ARBOR_AGGREGATE_STD:
    case ARBOR_AGGREGATE_VAR:
    case ARBOR_AGGREGATE_MEDIAN:
    case ARBOR_AGGREGATE_QUANTILE:
      if (!arbor_kind_is_number (value->kind))
        {
          self->n--;
          arbor_aggregate_leave_out (self, group, 1);
          return self->skips_others;
        }
      if (kind == ARBOR_AGGREGATE_MEDIAN || kind == ARBOR_AGGREGATE_QUANTILE)
        arbor_aggregate_keep_number (self, group, value);
      else
        add_number (self, cell, value);
      break;
    }
  return TRUE;
}

void
arbor_aggregate_add_values (ArborAggregate *self, const guint32 *groups, const ArborValue *values,
                            guint32 n, ArborScope *scope)
{
  if (get_kind (self) == ARBOR_AGGREGATE_N_UNIQUE ||
      get_kind (self) == ARBOR_AGGREGATE_COLLECT_UNIQUE)
    arbor_aggregate_keep_unique (self, groups, values, n, scope);
  else
    for (guint32 i = 0; i < n; i++)
      arbor_aggregate_add_to (self, groups[i], &values[i], scope);
}

const ArborValue *
arbor_aggregate_peek_best (const ArborAggregate *self, guint32 group)
{
  return arbor_aggregate_get_cell (self, group);
}

gboolean
arbor_aggregate_is_settled (const ArborAggregate *self, guint32 group)
{
  gconstpointer cell = arbor_aggregate_get_cell (self, group);

  switch (get_kind (self))
    {
    case ARBOR_AGGREGATE_ANY:
    case ARBOR_AGGREGATE_ALL:
      return *(const guint8 *)cell;
    case ARBOR_AGGREGATE_FIRST:
      return ((const ArborValue *)cell)->kind != ARBOR_KIND_MISSING;
    default:
      return self->is_spoilt;
    }
}

void
arbor_aggregate_count_to (ArborAggregate *self, guint32 group, guint64 n)
{
  self->n += n;
  *(guint64 *)arbor_aggregate_get_cell (self, group) += n;
}

void
arbor_aggregate_add_integers_to (ArborAggregate *self, guint32 group, guint64 n, __int128 sum,
                                 gboolean is_unsigned)
{
  self->n += n;
  arbor_sum_add_integers (arbor_aggregate_get_cell (self, group), n, sum, is_unsigned);
}

void
arbor_aggregate_add_reals_to (ArborAggregate *self, guint32 group, const double *numbers, guint32 n)
{
  ArborSum *sums = arbor_aggregate_get_cell (self, group);

  self->n += n;
  arbor_sum_add_reals (&sums[0], numbers, n);
  if (self->cell_size > sizeof (ArborSum))
    arbor_sum_add_squares (&sums[1], numbers, n);
}

void
arbor_aggregate_add_integer_squares_to (ArborAggregate *self, guint32 group, guint64 n, __int128 sum)
{
  ArborSum *sums = arbor_aggregate_get_cell (self, group);

  arbor_sum_add_integers (&sums[1], n, sum, FALSE);
}

/* Merging */

static void
merge_cell (ArborAggregate *self, guint32 group, gconstpointer from, ArborScope *scope)
{
  gpointer cell = arbor_aggregate_get_cell (self, group);
  const ArborValue *other = from;
  ArborValue *best = cell;
  gboolean is_better = FALSE;

  switch (get_kind (self))
    {
    case ARBOR_AGGREGATE_COUNT:
      *(guint64 *)cell += *(const guint64 *)from;
      return;
    case ARBOR_AGGREGATE_ANY:
    case ARBOR_AGGREGATE_ALL:
      *(guint8 *)cell |= *(const guint8 *)from;
      return;
    case ARBOR_AGGREGATE_MIN:
    case ARBOR_AGGREGATE_MAX:
      if (other->kind != ARBOR_KIND_MISSING)
        keep_extreme (self, best, other, get_kind (self) == ARBOR_AGGREGATE_MAX ? 1 : -1, scope);
      return;
    case ARBOR_AGGREGATE_FIRST:
      is_better = best->kind == ARBOR_KIND_MISSING;
      break;
    case ARBOR_AGGREGATE_LAST:
      is_better = TRUE;
      break;
    default:
      for (guint i = 0; has_sums (self) && i < self->cell_size / sizeof (ArborSum); i++)
        arbor_sum_merge ((ArborSum *)cell + i, (const ArborSum *)from + i);
      return;
    }
  if (is_better && other->kind != ARBOR_KIND_MISSING)
    keep_best (self, best, other, scope);
}

gboolean
arbor_aggregate_merge (ArborAggregate *self, const ArborAggregate *other, const guint32 *map,
                       ArborScope *scope, GError **error)
{
  self->n += other->n;
  self->n_others += other->n_others;
  self->is_tied |= other->is_tied;
  if (other->table != NULL || other->kept.n > 0)
    arbor_aggregate_merge_kept (self, other, map, scope);
  /* Of n_unique what is in the table has been counted. */
  for (guint32 i = 0; other->table == NULL && self->cell_size > 0 && i < other->n_groups; i++)
    {
      if (i % ASK_EVERY == ASK_EVERY - 1 && !arbor_stop_check (NULL, error))
        return FALSE;
      if (self->error != NULL)
        break;
      merge_cell (self, map[i], arbor_aggregate_get_cell (other, i), scope);
    }
  return arbor_aggregate_check (self, error);
}
