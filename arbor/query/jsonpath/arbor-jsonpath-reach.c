/* Which children of a value `..` need not visit. See arbor-jsonpath-run-private.h.
 *
 * A column without arrays, objects and overflow text has nothing inside; and where a segment is one
 * name, one below which no column has that name selects nothing.
 */

#include <string.h>

#include "batch/arbor-batch-format.h"
#include "query/jsonpath/arbor-jsonpath-run-private.h"

/* Trees of a batch in a row, after which it pays to look over its columns. */
#define MET_FOR_REACH 16u

void
arbor_jsonpath_run_clear_reaches (ArborJsonpathRun *self)
{
  for (guint32 i = 0; i < self->path->n_slots; i++)
    g_free (self->reaches[i].may);
  g_free (self->reaches);
}

/* From the last column to the first, for children come behind their parents. */
static guint8 *
find_reach (const ArborBatch *batch, const ArborJsonpathSelector *selector)
{
  guint32 n_columns = arbor_batch_get_n_columns (batch);
  guint8 *may = g_new0 (guint8, n_columns);

  for (guint32 column = n_columns - 1; column > 0; column--)
    {
      guint32 parent = batch->columns[column].parent;
      gboolean has_key = batch->columns[column].key != ARBOR_NO_COLUMN;
      guint32 length = 0;
      const char *key = has_key ? arbor_batch_get_key (batch, column, &length) : NULL;

      if (parent >= column)
        {
          memset (may, 1, n_columns);
          break;
        }
      may[column] |= arbor_batch_has_overflow (batch, column);
      may[parent] |= may[column] || (key != NULL && length == selector->length &&
                                     (length == 0 || memcmp (key, selector->name, length) == 0));
    }
  return may;
}

void
arbor_jsonpath_run_meet (ArborJsonpathRun *self, const ArborJsonpathSegment *segment,
                         const ArborValue *value)
{
  const ArborJsonpathSelector *selector = segment->selectors;
  const ArborBatch *batch = value->holder;
  ArborJsonpathReach *reach;

  if (!arbor_jsonpath_segment_is_one_child (segment) || selector->kind != ARBOR_SELECTOR_NAME ||
      value->holder_kind != ARBOR_HOLDER_BATCH)
    return;
  reach = &self->reaches[selector->slot];
  if (reach->batch != batch)
    {
      g_clear_pointer (&reach->may, g_free);
      reach->n_met = 0;
      reach->batch = batch;
    }
  if (value->column == 0 && ++reach->n_met == MET_FOR_REACH)
    reach->may = find_reach (batch, selector);
}

/* NULL: nothing is known. */
static const guint8 *
get_reach (const ArborJsonpathRun *self, const ArborJsonpathSegment *segment,
           const ArborBatch *batch)
{
  const ArborJsonpathSelector *selector = segment->selectors;

  return arbor_jsonpath_segment_is_one_child (segment) && selector->kind == ARBOR_SELECTOR_NAME &&
                 self->reaches[selector->slot].batch == batch
             ? self->reaches[selector->slot].may
             : NULL;
}

void
arbor_jsonpath_run_pass_over (ArborJsonpathRun *self, ArborJsonpathRunFrame *frame)
{
  ArborValueIter *iter = &frame->iter;
  const ArborBatch *batch = iter->container.holder;
  const guint8 *may;

  if (iter->container.holder_kind != ARBOR_HOLDER_BATCH || iter->position >= iter->end)
    return;
  may = get_reach (self, frame->segment, batch);
  if (iter->container.kind == ARBOR_KIND_ARRAY)
    {
      if (!arbor_batch_may_nest (batch, iter->column) || (may != NULL && !may[iter->column]))
        iter->position = iter->end;
      return;
    }
  for (; iter->position < iter->end; iter->position++)
    {
      guint32 column = arbor_batch_get_shape_field (batch, iter->container.column, iter->position);

      if (arbor_batch_may_nest (batch, column) && (may == NULL || may[column]))
        return;
    }
}
