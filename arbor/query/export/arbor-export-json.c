/* Trees as JSON text, and where text goes. See arbor-export.h. */

#include "query/export/arbor-export.h"

#include "json/arbor-row-writer.h"
#include "query/view/arbor-trees.h"

#define WRITE_SIZE (256u * 1024u) /* bytes handed to a stream at once */
#define N_SAMPLED 1024u           /* trees whose text tells how long all of it will be */
#define MAX_EXPANSION 16u         /* bytes of text for one of a batch, which are believed */

void
arbor_export_clear (ArborExport *self)
{
  arbor_buffer_free (&self->text);
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

typedef struct
{
  ArborExport *out;
  gboolean is_array; /* one JSON array; otherwise a line a tree */
  guint64 n_trees;   /* written so far */
  GCancellable *cancellable;
  ArborRowWriter *writer;
  ArborSource *source; /* of which all is written, or NULL */
} Json;

/* Text that grows in memory step by step is moved, page by page, with each step. */
static void
expect_text (Json *self)
{
  guint64 n_trees = arbor_source_get_n_trees (self->source);
  guint64 most = arbor_source_get_n_bytes (self->source) * MAX_EXPANSION;
  double wanted = (double) self->out->text.length / N_SAMPLED * ((double) n_trees - N_SAMPLED) * 1.05;

  if (wanted > 0)
    arbor_buffer_expect (&self->out->text, (gsize) MIN (wanted, (double) most));
}

static gboolean
export_row (const ArborBatch *batch, guint64 first, guint32 row, gboolean is_new, ArborScope *scope,
            gpointer data, GError **error)
{
  Json *self = data;

  if (self->is_array)
    arbor_buffer_append_literal (&self->out->text, self->n_trees > 0 ? ",\n" : "\n");
  self->n_trees++;
  arbor_row_writer_write (self->writer, batch, row, scope, &self->out->text);
  if (!self->is_array)
    arbor_buffer_append_byte (&self->out->text, '\n');
  if (self->n_trees == N_SAMPLED && self->out->stream == NULL && self->source != NULL)
    expect_text (self);
  return arbor_export_flush (self->out, FALSE, self->cancellable, error);
}

gboolean
arbor_export_json (ArborExport *self, const ArborView *view, ArborAccess *access, gboolean is_array,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborRowWriter) writer = arbor_row_writer_new ();
  Json json = { self, is_array, 0, cancellable, writer, NULL };
  const ArborRowSink sink = { .row = export_row, .data = &json };
  guint32 n_read;

  if (arbor_selection_is_all (view->selection))
    json.source = view->source;
  if (is_array)
    arbor_buffer_append_byte (&self->text, '[');
  if (!arbor_trees_read_rows (view->selection, access, 0, G_MAXUINT32, &sink, &n_read, cancellable,
                              error))
    return FALSE;
  if (is_array)
    arbor_buffer_append_literal (&self->text, json.n_trees > 0 ? "\n]\n" : "]\n");
  return arbor_export_flush (self, TRUE, cancellable, error);
}
