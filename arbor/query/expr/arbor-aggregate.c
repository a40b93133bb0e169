/* Accumulators. See arbor-aggregate.h. */

#include "query/expr/arbor-aggregate.h"

#include <math.h>
#include <stdlib.h>

#include "base/arbor-number.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-function-private.h"

void
arbor_aggregate_init (ArborAggregate *self, const ArborFunction *function)
{
  g_assert (arbor_function_is_aggregate (function));

  memset (self, 0, sizeof *self);
  self->function = function;
  self->fraction = function->aggregate == ARBOR_AGGREGATE_MEDIAN ? 0.5 : NAN;
}

ArborAggregate *
arbor_aggregate_new (const ArborFunction *function)
{
  ArborAggregate *self = g_new (ArborAggregate, 1);

  arbor_aggregate_init (self, function);
  return self;
}

static void
kept_clear (ArborKept *kept)
{
  g_clear_pointer (&kept->bytes, g_free);
  g_clear_pointer (&kept->writer, arbor_tape_writer_free);
  g_clear_pointer (&kept->tape, g_free);
}

void
arbor_aggregate_clear (ArborAggregate *self)
{
  ArborKept *unique = (ArborKept *)(gpointer)self->unique.data;

  for (gsize i = 0; i < self->unique.length / sizeof (ArborKept); i++)
    kept_clear (&unique[i]);
  kept_clear (&self->best);
  arbor_exact_sum_clear (&self->reals);
  if (self->squares != NULL)
    arbor_exact_sum_clear (self->squares);
  g_clear_pointer (&self->squares, g_free);
  arbor_buffer_free (&self->numbers);
  arbor_buffer_free (&self->unique);
  arbor_buffer_free (&self->hashes);
  g_clear_pointer (&self->slots, g_free);
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

  if (self->function->aggregate == ARBOR_AGGREGATE_QUANTILE)
    self->fraction = fraction >= 0 && fraction <= 1 ? fraction : NAN;
}

gsize
arbor_aggregate_get_size (const ArborAggregate *self)
{
  gsize size = sizeof *self + self->n_bytes + self->numbers.capacity + self->unique.capacity +
               self->hashes.capacity + (gsize)self->n_slots * sizeof (guint32) +
               arbor_exact_sum_get_size (&self->reals);

  if (self->squares != NULL)
    size += sizeof *self->squares + arbor_exact_sum_get_size (self->squares);
  return size;
}

/* Keeping values */

static void
keep (ArborAggregate *self, const ArborValue *value, ArborScope *scope, ArborKept *kept)
{
  *kept = (ArborKept){ .value = *value };
  if (self->borrows)
    return;

  if (value->kind == ARBOR_KIND_STRING || value->kind == ARBOR_KIND_NUMBER)
    {
      /* One byte more: an empty text must not become NULL. */
      char *bytes = g_malloc ((gsize)value->length + 1);

      if (value->length > 0)
        memcpy (bytes, value->text, value->length);
      kept->bytes = bytes;
      kept->value.text = bytes;
      self->n_bytes += (gsize)value->length + 1;
    }
  else if (value->kind >= ARBOR_KIND_ARRAY)
    {
      kept->writer = arbor_tape_writer_new ();
      kept->tape = g_new (ArborTape, 1);
      arbor_value_write_tape (value, scope, kept->writer);
      arbor_tape_writer_finish (kept->writer, kept->tape);
      arbor_tape_get_value (kept->tape, ARBOR_TAPE_ROOT, &kept->value);
      self->n_bytes +=
          sizeof (ArborTape) + arbor_tape_next (kept->tape, ARBOR_TAPE_ROOT) * 2 * sizeof (guint64);
    }
}

static void
keep_best (ArborAggregate *self, const ArborValue *value, ArborScope *scope)
{
  kept_clear (&self->best);
  self->n_bytes = 0;
  keep (self, value, scope, &self->best);
}

static void
grow_slots (ArborAggregate *self)
{
  const guint64 *hashes = (const guint64 *)(gpointer)self->hashes.data;
  gsize n = self->hashes.length / sizeof (guint64);

  g_free (self->slots);
  self->n_slots = MAX (self->n_slots * 2, 16);
  self->slots = g_new0 (guint32, self->n_slots);
  for (gsize i = 0; i < n; i++)
    {
      guint32 slot = (guint32)hashes[i] & (self->n_slots - 1);

      while (self->slots[slot] != 0)
        slot = (slot + 1) & (self->n_slots - 1);
      self->slots[slot] = (guint32)i + 1;
    }
}

static void
add_unique (ArborAggregate *self, const ArborValue *value, ArborScope *scope)
{
  guint64 hash = arbor_value_hash (value, scope);
  gsize n = self->hashes.length / sizeof (guint64);
  ArborKept kept;
  guint32 slot;

  if (n >= self->n_slots / 2)
    grow_slots (self);

  for (slot = (guint32)hash & (self->n_slots - 1); self->slots[slot] != 0;
       slot = (slot + 1) & (self->n_slots - 1))
    {
      guint32 i = self->slots[slot] - 1;
      const ArborKept *other = (const ArborKept *)(gpointer)self->unique.data + i;

      if (((const guint64 *)(gpointer)self->hashes.data)[i] == hash &&
          arbor_value_equal (&other->value, value, scope))
        return;
    }

  self->slots[slot] = (guint32)n + 1;
  keep (self, value, scope, &kept);
  arbor_buffer_append (&self->unique, &kept, sizeof kept);
  arbor_buffer_append (&self->hashes, &hash, sizeof hash);
}

static void
collect (ArborAggregate *self, const ArborValue *value, ArborScope *scope)
{
  ArborKept kept;

  keep (self, value, scope, &kept);
  arbor_buffer_append (&self->unique, &kept, sizeof kept);
}

/* Adding */

static void
add_number (ArborAggregate *self, const ArborValue *value)
{
  if (value->kind == ARBOR_KIND_INT64)
    {
      self->integers += value->int64;
    }
  else if (value->kind == ARBOR_KIND_UINT64)
    {
      self->integers += value->uint64;
      self->has_unsigned = TRUE;
    }
  else
    {
      arbor_exact_sum_add (&self->reals, arbor_number_to_double (value));
      self->has_double = TRUE;
    }
}

static void
add_square (ArborAggregate *self, const ArborValue *value)
{
  if (self->squares == NULL)
    self->squares = g_new0 (ArborExactSum, 1);
  if (value->kind == ARBOR_KIND_INT64)
    arbor_exact_sum_add_integer_square (self->squares, value->int64 < 0
                                                           ? 0 - (guint64)value->int64
                                                           : (guint64)value->int64);
  else if (value->kind == ARBOR_KIND_UINT64)
    arbor_exact_sum_add_integer_square (self->squares, value->uint64);
  else
    arbor_exact_sum_add_square (self->squares, arbor_number_to_double (value));
}

void
arbor_aggregate_add_reals (ArborAggregate *self, const double *numbers, guint32 n)
{
  arbor_exact_sum_add_many (&self->reals, numbers, n);
  self->n += n;
  self->has_double |= n > 0;
}

/* Room for rests beside the doubles, from the first number on that has one. */
static void
split_numbers (ArborAggregate *self)
{
  gsize n = self->numbers.length / sizeof (double);
  ArborBuffer split = { NULL };

  for (gsize i = 0; i < n; i++)
    {
      ArborSplit number = { .real = ((const double *)(gpointer)self->numbers.data)[i] };

      arbor_buffer_append (&split, &number, sizeof number);
    }
  arbor_buffer_free (&self->numbers);
  self->numbers = split;
  self->has_rests = TRUE;
}

static void
add_split (ArborAggregate *self, const ArborValue *value)
{
  ArborSplit number = { .real = arbor_number_to_double (value) };

  if (value->kind == ARBOR_KIND_INT64)
    number.rest = (double)((__int128)value->int64 - (__int128)number.real);
  else if (value->kind == ARBOR_KIND_UINT64)
    number.rest = (double)((__int128)value->uint64 - (__int128)number.real);
  if (number.rest != 0 && !self->has_rests)
    split_numbers (self);
  arbor_buffer_append (&self->numbers, &number,
                       self->has_rests ? sizeof number : sizeof number.real);
}

gboolean
arbor_aggregate_add (ArborAggregate *self, const ArborValue *value, ArborScope *scope)
{
  guint aggregate = self->function->aggregate;

  if (arbor_value_is_null (value))
    return TRUE;

  self->n++;
  switch ((ArborAggregateKind)aggregate)
    {
    case ARBOR_AGGREGATE_NONE:
    case ARBOR_AGGREGATE_COUNT:
      break;
    case ARBOR_AGGREGATE_ANY:
      self->is_decided |= arbor_value_is_true (value);
      return !self->is_decided;
    case ARBOR_AGGREGATE_ALL:
      self->is_decided |= !arbor_value_is_true (value);
      return !self->is_decided;
    case ARBOR_AGGREGATE_FIRST:
      if (self->n == 1)
        keep_best (self, value, scope);
      return FALSE;
    case ARBOR_AGGREGATE_LAST:
      keep_best (self, value, scope);
      break;
    case ARBOR_AGGREGATE_MIN:
      if (self->n == 1 || arbor_value_compare (value, &self->best.value, scope) < 0)
        keep_best (self, value, scope);
      break;
    case ARBOR_AGGREGATE_MAX:
      if (self->n == 1 || arbor_value_compare (value, &self->best.value, scope) > 0)
        keep_best (self, value, scope);
      break;
    case ARBOR_AGGREGATE_N_UNIQUE:
    case ARBOR_AGGREGATE_COLLECT_UNIQUE:
      add_unique (self, value, scope);
      break;
    case ARBOR_AGGREGATE_COLLECT:
      collect (self, value, scope);
      break;
    case ARBOR_AGGREGATE_SUM:
    case ARBOR_AGGREGATE_MEAN:
    case ARBOR_AGGREGATE_STD:
    case ARBOR_AGGREGATE_VAR:
    case ARBOR_AGGREGATE_MEDIAN:
    case ARBOR_AGGREGATE_QUANTILE:
      if (!arbor_kind_is_number (value->kind))
        {
          self->is_spoilt = !self->skips_others;
          self->n_others++;
          self->n--;
          return self->skips_others;
        }
      if (aggregate == ARBOR_AGGREGATE_MEDIAN || aggregate == ARBOR_AGGREGATE_QUANTILE)
        add_split (self, value);
      else
        add_number (self, value);
      if (aggregate == ARBOR_AGGREGATE_STD || aggregate == ARBOR_AGGREGATE_VAR)
        add_square (self, value);
      break;
    }
  return TRUE;
}

/* Results */

/* All numbers together, to be cleared. */
static ArborExactSum
get_total (const ArborAggregate *self)
{
  ArborExactSum total = { { 0 } };

  arbor_exact_sum_merge (&total, &self->reals);
  arbor_exact_sum_add_integer (&total, self->integers);
  return total;
}

static double
divide_total (const ArborAggregate *self, guint64 n)
{
  ArborExactSum total = get_total (self);
  double result = arbor_exact_sum_divide (&total, n);

  arbor_exact_sum_clear (&total);
  return result;
}

static double
get_variance (const ArborAggregate *self, gboolean is_root)
{
  ArborExactSum total = get_total (self);
  double result = arbor_exact_sum_get_variance (&total, self->squares, self->n, is_root);

  arbor_exact_sum_clear (&total);
  return result;
}

static void
finish_sum (const ArborAggregate *self, ArborValue *result)
{
  __int128 sum = self->integers;

  if (self->has_double)
    *result = ARBOR_VALUE_DOUBLE (divide_total (self, 1));
  else if (sum >= G_MININT64 && sum <= G_MAXINT64)
    *result = ARBOR_VALUE_INT64 ((gint64)sum);
  else if (self->has_unsigned && sum > 0 && sum <= G_MAXUINT64)
    *result = ARBOR_VALUE_UINT64 ((guint64)sum);
  else
    *result = ARBOR_VALUE_DOUBLE ((double)sum);
}

/* With all equal from then on a sort that is to stop ends soon; who reads the scope's check gets no
 * result of it. */
static int
compare_doubles (gconstpointer a, gconstpointer b, gpointer scope)
{
  double x = *(const double *)a;
  double y = *(const double *)b;

  return arbor_scope_is_stopped (scope) ? 0 : (x > y) - (x < y);
}

static int
compare_splits (gconstpointer a, gconstpointer b, gpointer scope)
{
  const ArborSplit *x = a;
  const ArborSplit *y = b;

  /* Rounding keeps order, so rests decide between equal doubles only. */
  return x->real != y->real ? compare_doubles (&x->real, &y->real, scope)
                            : compare_doubles (&x->rest, &y->rest, scope);
}

static ArborSplit
get_split (const ArborAggregate *self, gsize i)
{
  if (self->has_rests)
    return ((const ArborSplit *)(gpointer)self->numbers.data)[i];
  return (ArborSplit){ .real = ((const double *)(gpointer)self->numbers.data)[i] };
}

/* The mean of two numbers, rounded once. */
static double
get_middle (const ArborSplit *a, const ArborSplit *b)
{
  const double parts[] = { a->real, a->rest, b->real, b->rest };
  ArborExactSum sum = { { 0 } };
  double middle;

  arbor_exact_sum_add_many (&sum, parts, G_N_ELEMENTS (parts));
  middle = arbor_exact_sum_divide (&sum, 2);
  arbor_exact_sum_clear (&sum);
  return middle;
}

/* Between the two values that lie at (n - 1) * fraction, linearly. */
static double
get_quantile (ArborAggregate *self, ArborScope *scope)
{
  gsize size = self->has_rests ? sizeof (ArborSplit) : sizeof (double);
  gsize n = self->numbers.length / size;
  double place = (double)(n - 1) * self->fraction;
  gsize below = (gsize)place;
  double part = place - (double)below;
  ArborSplit low, high;
  double distance;

  qsort_r (self->numbers.data, n, size, self->has_rests ? compare_splits : compare_doubles, scope);
  low = get_split (self, below);
  if (part == 0)
    return low.real;
  high = get_split (self, below + 1);
  if (part == 0.5)
    return get_middle (&low, &high);
  distance = high.real - low.real;
  if (isfinite (distance))
    return low.real + distance * part;
  return low.real * (1 - part) + high.real * part;
}

/* What was kept, as an array in the scope. */
static void
finish_list (const ArborAggregate *self, ArborScope *scope, ArborValue *result)
{
  const ArborKept *kept = (const ArborKept *)(gpointer)self->unique.data;
  gsize n = self->unique.length / sizeof (ArborKept);
  ArborValue *list = arbor_function_new_list (scope, n);

  if (list == NULL)
    return;
  for (gsize i = 0; i < n; i++)
    list[i] = kept[i].value;
  arbor_function_set_list (list, n, result);
}

void
arbor_aggregate_finish (ArborAggregate *self, ArborScope *scope, ArborValue *result)
{
  *result = ARBOR_VALUE_NULL;
  if (self->is_spoilt || (self->n == 0 && self->n_others > 0))
    return;

  switch ((ArborAggregateKind)self->function->aggregate)
    {
    case ARBOR_AGGREGATE_NONE:
      break;
    case ARBOR_AGGREGATE_COUNT:
      *result = ARBOR_VALUE_INT64 ((gint64)self->n);
      break;
    case ARBOR_AGGREGATE_ANY:
      *result = ARBOR_VALUE_BOOL (self->is_decided);
      break;
    case ARBOR_AGGREGATE_ALL:
      *result = ARBOR_VALUE_BOOL (!self->is_decided);
      break;
    case ARBOR_AGGREGATE_N_UNIQUE:
      *result = ARBOR_VALUE_INT64 ((gint64)(self->hashes.length / sizeof (guint64)));
      break;
    case ARBOR_AGGREGATE_COLLECT:
    case ARBOR_AGGREGATE_COLLECT_UNIQUE:
      finish_list (self, scope, result);
      break;
    case ARBOR_AGGREGATE_SUM:
      finish_sum (self, result);
      break;
    case ARBOR_AGGREGATE_MEAN:
      if (self->n > 0)
        *result = ARBOR_VALUE_DOUBLE (divide_total (self, self->n));
      break;
    case ARBOR_AGGREGATE_MIN:
    case ARBOR_AGGREGATE_MAX:
    case ARBOR_AGGREGATE_FIRST:
    case ARBOR_AGGREGATE_LAST:
      if (self->n > 0)
        *result = self->best.value;
      break;
    case ARBOR_AGGREGATE_VAR:
      if (self->n > 1)
        *result = ARBOR_VALUE_DOUBLE (get_variance (self, FALSE));
      break;
    case ARBOR_AGGREGATE_STD:
      if (self->n > 1)
        *result = ARBOR_VALUE_DOUBLE (get_variance (self, TRUE));
      break;
    case ARBOR_AGGREGATE_MEDIAN:
    case ARBOR_AGGREGATE_QUANTILE:
      if (self->n > 0 && !isnan (self->fraction))
        *result = ARBOR_VALUE_DOUBLE (get_quantile (self, scope));
      break;
    }

  if (result->kind == ARBOR_KIND_DOUBLE && !isfinite (result->real))
    *result = ARBOR_VALUE_NULL;
}
