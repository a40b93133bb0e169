/* The rows of a view as text, in its order. See arbor-export-private.h. Where trees are strewn over
 * batches they are written batch by batch, for a writer is at home in one batch, and their texts are
 * then put in order. Where that fails, or takes much memory, they are written in order, so that what is
 * told is told of the first tree that has it.
 */

#include "query/export/arbor-export-private.h"

#include "base/arbor-stop.h"
#include "query/view/arbor-trees.h"

#define WRITE_SIZE (256u * 1024u) /* bytes handed to a stream at once */
#define N_SAMPLED 1024u           /* trees whose text tells how long all of it will be */
#define MAX_EXPANSION 16u         /* bytes of text for one of a batch, which are believed */
#define MAX_STREWN (32u * 1024u * 1024u) /* bytes of texts that are put in order at once */
#define CHECK_EACH 1024u          /* rows */

typedef struct
{
  ArborExport *out;
  const ArborRowText *text;
  guint64 n_rows;      /* written so far */
  ArborSource *source; /* of which all is written, or NULL */
  ArborAccess *access;
  GCancellable *cancellable;
  ArborScope *scope;   /* of a row */
  ArborBuffer strewn;
} Rows;

/* A row of a run, and where its text lies. */
typedef struct
{
  const ArborBatch *batch;
  guint32 row;
  guint32 length;
  gsize start;
} Place;

void
arbor_export_clear (ArborExport *self)
{
  arbor_buffer_free (&self->text);
  arbor_charge_release (&self->charge);
}

/* Text that stays takes of the query memory: LIMIT, not an abort, where there is no more. */
static gboolean
charge_text (ArborExport *self, GError **error)
{
  self->charge.operation = "text of trees";
  return self->stream != NULL ||
         arbor_charge_add (&self->charge, self->text.length - self->charge.n_bytes, error);
}

gboolean
arbor_export_flush (ArborExport *self, gboolean is_end, GCancellable *cancellable, GError **error)
{
  if (self->stream == NULL || self->text.length == 0 ||
      (!is_end && self->text.length < WRITE_SIZE))
    return TRUE;
  if (!g_output_stream_write_all (self->stream, self->text.data, self->text.length, NULL,
                                  cancellable, error))
    return FALSE;
  arbor_buffer_clear (&self->text);
  return TRUE;
}

/* Text that grows in memory step by step is moved, page by page, with each step. */
static void
expect_text (Rows *self)
{
  guint64 n_trees = arbor_source_get_n_trees (self->source);
  guint64 most = arbor_source_get_n_bytes (self->source) * MAX_EXPANSION;
  double wanted = (double) self->out->text.length / N_SAMPLED * ((double) n_trees - N_SAMPLED) * 1.05;

  if (wanted > 0)
    arbor_buffer_expect (&self->out->text, (gsize) MIN (wanted, (double) most));
}

static void
begin_row (Rows *self)
{
  arbor_buffer_append_literal (&self->out->text,
                               self->n_rows > 0 ? self->text->between : self->text->first);
}

static gboolean
end_row (Rows *self, GError **error)
{
  self->n_rows++;
  if (self->n_rows == N_SAMPLED && self->out->stream == NULL && self->source != NULL)
    expect_text (self);
  if (self->n_rows % CHECK_EACH == 0)
    {
      if (!arbor_access_check (self->access, self->cancellable, error) ||
          !charge_text (self->out, error))
        return FALSE;
      arbor_stop_tell (self->n_rows, self->source != NULL ? arbor_source_get_n_trees (self->source) : 0);
    }
  return arbor_export_flush (self->out, FALSE, self->cancellable, error);
}

static inline gboolean
write_row (Rows *self, const ArborBatch *batch, guint32 row, guint64 n, ArborBuffer *out,
           GError **error)
{
  gboolean is_good = self->text->write (self->text->data, batch, row, n, self->scope, out, error) &&
                     arbor_scope_check (self->scope, error);

  arbor_scope_reset (self->scope);
  return is_good;
}

/* Rows that follow each other */

static gboolean
write_in_order (Rows *self, const ArborBatch *batch, guint32 row, GError **error)
{
  begin_row (self);
  return write_row (self, batch, row, self->n_rows, &self->out->text, error) &&
         end_row (self, error);
}

/* Strewn ones */

/* FALSE: not so. */
static gboolean
write_by_batch (Rows *self, const ArborRows *rows, Place *places)
{
  arbor_buffer_clear (&self->strewn);
  for (guint32 i = 0; i < rows->n_stretches; i++)
    {
      const ArborStretch *stretch = &rows->stretches[i];

      for (guint32 j = 0; j < stretch->n; j++)
        {
          Place *place = &places[stretch->places[j]];

          place->start = self->strewn.length;
          if (place->start > MAX_STREWN ||
              !write_row (self, place->batch, place->row, self->n_rows + stretch->places[j],
                          &self->strewn, NULL))
            return FALSE;
          place->length = (guint32) (self->strewn.length - place->start);
        }
    }
  return TRUE;
}

static gboolean
put_in_order (Rows *self, const Place *places, guint32 n, GError **error)
{
  for (guint32 i = 0; i < n; i++)
    {
      begin_row (self);
      arbor_buffer_append (&self->out->text, self->strewn.data + places[i].start, places[i].length);
      if (!end_row (self, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_run (Rows *self, const ArborRows *rows, ArborScope *scope, GError **error)
{
  Place *places = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *places);

  for (guint32 i = 0; i < rows->n_stretches; i++)
    {
      const ArborStretch *stretch = &rows->stretches[i];

      for (guint32 j = 0; j < stretch->n; j++)
        places[stretch->places[j]] = (Place){ .batch = stretch->batch, .row = stretch->rows[j] };
    }
  if (write_by_batch (self, rows, places))
    return put_in_order (self, places, rows->n, error);
  for (guint32 i = 0; i < rows->n; i++)
    if (!write_in_order (self, places[i].batch, places[i].row, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Rows *self = data;

  if (rows->batch == NULL)
    return write_run (self, rows, scope, error);
  for (guint32 i = 0; i < rows->n; i++)
    if (!write_in_order (self, rows->batch, arbor_rows_get (rows, i), error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_export_write_rows (ArborExport *self, const ArborView *view, ArborAccess *access,
                         const ArborRowText *text, guint64 *n_rows, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Rows rows = { .out = self,
                .text = text,
                .access = access,
                .cancellable = cancellable,
                .scope = scope };
  gboolean is_done;

  if (arbor_selection_is_all (view->selection))
    rows.source = view->source;
  is_done = arbor_trees_read_content_runs (view->selection, access, write_rows, &rows, cancellable,
                                           error);
  arbor_buffer_free (&rows.strewn);
  *n_rows = rows.n_rows;
  if (is_done)
    arbor_stop_tell (rows.n_rows, rows.n_rows);
  return is_done;
}
