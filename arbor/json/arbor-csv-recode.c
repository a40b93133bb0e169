/* See arbor-csv-recode.h. A batch never reaches over a multiple of ARBOR_BATCH_CUT_TREES, where the
 * builder begins afresh; so whole groups of so many trees are made anew, up to the last that has a
 * number to be taken back, and all behind them are kept as they are.
 */

#include "json/arbor-csv-recode.h"

#include "batch/arbor-batch-builder.h"
#include "batch/arbor-batch.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-csv-column.h"

typedef struct
{
  const ArborJsonReport *report;
  const ArborCsvBatches *batches;
  ArborBatchBuilder *builder;
  ArborTapeWriter *writer;
  ArborScope *scope;
  ArborBuffer text;
  guint64 n_made;
} Recode;

static gboolean
flush (Recode *self, GError **error)
{
  guint32 n_trees = arbor_batch_builder_get_n_trees (self->builder);
  g_autoptr (GBytes) batch = arbor_batch_builder_finish (self->builder, error);

  self->n_made++;
  return batch != NULL && self->batches->add (batch, n_trees, self->batches->data, error);
}

/* A tree of CSV has every column, in order. */
static gboolean
recode_tree (Recode *self, const ArborValue *tree, GError **error)
{
  ArborValueIter iter;
  ArborValue cell;
  ArborTape tape;
  const char *key;
  guint32 length;

  arbor_tape_writer_reset (self->writer);
  arbor_tape_writer_begin_object (self->writer);
  arbor_value_iter_init (&iter, tree, self->scope);
  for (guint i = 0; arbor_value_iter_next (&iter, &key, &length, &cell); i++)
    {
      const ArborCsvColumn *column = &g_array_index (self->report->columns, ArborCsvColumn, i);

      if (column->is_text && arbor_kind_is_number (cell.kind))
        {
          arbor_csv_column_restore (column, &cell, &self->text);
          cell = ARBOR_VALUE_STRING ((const char *) self->text.data, (guint32) self->text.length);
        }
      arbor_tape_writer_key (self->writer, key, length);
      arbor_tape_writer_scalar (self->writer, &cell);
    }
  arbor_tape_writer_end_object (self->writer);
  arbor_tape_writer_finish (self->writer, &tape);
  if (!arbor_scope_check (self->scope, error))
    return FALSE;
  arbor_scope_reset (self->scope);
  arbor_batch_builder_add_tape (self->builder, &tape, ARBOR_TAPE_ROOT);
  return !arbor_batch_builder_is_full (self->builder) || flush (self, error);
}

static gboolean
recode_batch (Recode *self, GBytes *bytes, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  g_autoptr (ArborBatch) batch = arbor_batch_open (data, length, error);

  if (batch == NULL)
    return FALSE;
  for (guint32 row = 0; row < arbor_batch_get_n_trees (batch); row++)
    {
      ArborValue tree;

      arbor_batch_get_tree (batch, row, &tree);
      if (!recode_tree (self, &tree, error))
        return FALSE;
    }
  return TRUE;
}

/* How many trees, whole groups, are to be made anew. */
static guint64
count_trees (const ArborJsonReport *report)
{
  guint64 n = 0;

  for (guint i = 0; report->columns != NULL && i < report->columns->len; i++)
    {
      const ArborCsvColumn *column = &g_array_index (report->columns, ArborCsvColumn, i);

      if (arbor_csv_column_needs_recode (column))
        n = MAX (n, column->first_text);
    }
  return (n + ARBOR_BATCH_CUT_TREES - 1) / ARBOR_BATCH_CUT_TREES * ARBOR_BATCH_CUT_TREES;
}

static gboolean
recode_all (Recode *self, guint64 n_trees, GCancellable *cancellable, GError **error)
{
  const ArborCsvBatches *batches = self->batches;
  guint64 first = 0;
  guint32 i;

  for (i = 0; i < self->report->n_batches && first < n_trees; i++)
    {
      g_autoptr (GBytes) bytes = NULL;
      gsize length;
      const guint8 *data;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      bytes = batches->get (i, batches->data, error);
      if (bytes == NULL || !recode_batch (self, bytes, error))
        return FALSE;
      data = g_bytes_get_data (bytes, &length);
      first += arbor_batch_peek_n_trees (data, length);
    }
  if (arbor_batch_builder_get_n_trees (self->builder) > 0 && !flush (self, error))
    return FALSE;
  for (; i < self->report->n_batches; i++, self->n_made++)
    if (!batches->keep (i, batches->data, error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_csv_needs_recode (const ArborJsonReport *report)
{
  return count_trees (report) > 0;
}

gboolean
arbor_csv_recode (ArborJsonReport *report, const ArborCsvBatches *batches,
                  GCancellable *cancellable, GError **error)
{
  Recode self = { .report = report, .batches = batches };
  guint64 n_trees = count_trees (report);
  gboolean is_done;

  self.builder = arbor_batch_builder_new ();
  self.writer = arbor_tape_writer_new ();
  self.scope = arbor_scope_new ();
  is_done = recode_all (&self, n_trees, cancellable, error);
  report->n_batches = self.n_made;
  arbor_batch_builder_free (self.builder);
  arbor_tape_writer_free (self.writer);
  arbor_scope_free (self.scope);
  arbor_buffer_free (&self.text);
  return is_done;
}
