/* Members of objects over series. Objects that lie in the batch are mostly of one column: a key is looked
 * for once, and then it is a column of its own.
 */

#include "query/series/arbor-series-call.h"

#include "batch/arbor-batch.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-function-series.h"

/* Where a key leads to from the objects of a column. */
typedef struct
{
  const ArborValue *key;
  const ArborBatch *batch;
  guint32 column;
  guint32 field;
} Finder;

static void
find_member (Finder *self, const ArborValue *object, ArborScope *scope, ArborValue *member)
{
  if (object->holder_kind != ARBOR_HOLDER_BATCH)
    {
      arbor_value_get_member (object, self->key->text, self->key->length, scope, member);
      if (arbor_scope_take_trouble (scope))
        member->kind = ARBOR_KIND_OPEN;
      return;
    }
  if (self->batch != object->holder || self->column != object->column)
    {
      self->batch = object->holder;
      self->column = object->column;
      self->field =
          arbor_batch_find_field (self->batch, self->column, self->key->text, self->key->length);
    }
  if (self->field == ARBOR_NO_COLUMN)
    *member = ARBOR_VALUE_MISSING;
  else
    arbor_batch_get_value (self->batch, self->field, object->index, member);
}

/* What lies at the constant key in each object; null where there is no object. FALSE: not for these
 * arguments. */
static gboolean
find_members (const ArborSeriesCall *call, ArborValue **out, guint32 *kinds)
{
  Finder finder = { .key = arbor_series_call_get_constant (call, 1) };
  ArborValue *values;

  if (finder.key == NULL || finder.key->kind != ARBOR_KIND_STRING || finder.key->length == 0 ||
      call->arguments[0].form == ARBOR_SERIES_RUNS)
    return FALSE;
  *out = values = arbor_scope_alloc (call->arrays, MAX ((gsize) call->n, 1) * sizeof *values);
  *kinds = 0;
  for (guint32 i = 0; i < call->n; i++)
    {
      ArborValue object;

      arbor_series_get (&call->arguments[0], i, &object);
      if (object.kind == ARBOR_KIND_OPEN)
        values[i] = object;
      else if (object.kind != ARBOR_KIND_OBJECT || (call->wanted != NULL && !call->wanted[i]))
        values[i] = ARBOR_VALUE_NULL;
      else
        find_member (&finder, &object, call->texts, &values[i]);
      *kinds |= ARBOR_KINDS (values[i].kind);
    }
  return TRUE;
}

ARBOR_SERIES (field)
{
  ArborValue *values;
  ArborSeries all;
  guint32 kinds;

  if (!find_members (call, &values, &kinds))
    return FALSE;
  all = (ArborSeries){
    .form = ARBOR_SERIES_VALUES, .n = call->n, .kinds = kinds, .values = values
  };
  if (!arbor_series_to_words (&all, call->arrays, result) &&
      !arbor_series_to_strings (&all, call->arrays, result))
    *result = all;
  return TRUE;
}

/* Null where there is no object: its member was not looked for. */
static guint8
test_member (const ArborSeriesCall *call, guint32 i, const ArborValue *member)
{
  ArborValue object;

  if (member->kind == ARBOR_KIND_OPEN)
    return ARBOR_TRUTH_OPEN;
  if (member->kind == ARBOR_KIND_MISSING)
    return ARBOR_TRUTH_FALSE;
  if (member->kind != ARBOR_KIND_NULL)
    return ARBOR_TRUTH_TRUE;
  arbor_series_get (&call->arguments[0], i, &object);
  return object.kind == ARBOR_KIND_OBJECT ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_NULL;
}

ARBOR_SERIES (has_key)
{
  ArborValue *values;
  guint8 *truths;
  guint32 kinds;

  if (!find_members (call, &values, &kinds))
    return FALSE;
  truths = arbor_series_call_new_truths (call, result);
  for (guint32 i = 0; i < call->n; i++)
    truths[i] = test_member (call, i, &values[i]);
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}
