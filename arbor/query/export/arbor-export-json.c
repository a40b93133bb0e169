/* Trees as JSON text. See arbor-export.h. */

#include "query/export/arbor-export-private.h"

#include "query/view/arbor-narrow.h"

#include "json/arbor-row-writer.h"

static gboolean
write_element (gpointer data, const ArborBatch *batch, guint32 row, guint64 n, ArborScope *scope,
               ArborBuffer *out, GError **error)
{
  arbor_row_writer_write (data, batch, row, scope, out);
  return TRUE;
}

static gboolean
write_line (gpointer data, const ArborBatch *batch, guint32 row, guint64 n, ArborScope *scope,
            ArborBuffer *out, GError **error)
{
  arbor_row_writer_write (data, batch, row, scope, out);
  arbor_buffer_append_byte (out, '\n');
  return TRUE;
}

static gpointer
copy_writer (gpointer data)
{
  return arbor_row_writer_new ();
}

static void
forget_batches (gpointer data)
{
  arbor_row_writer_forget (data);
}

static void
free_writer (gpointer data)
{
  arbor_row_writer_free (data);
}

gboolean
arbor_export_json (ArborExport *self, const ArborView *view, ArborAccess *of, gboolean is_array,
                   GCancellable *cancellable, GError **error)
{
  ArborAccess spliced;
  ArborAccess *access = arbor_access_splice_all (&spliced, of);
  g_autoptr (ArborRowWriter) writer = arbor_row_writer_new ();
  g_autoptr (ArborExportFields) fields = arbor_export_fields_new (view, access, NULL);
  const ArborRowText text = { .write = is_array ? write_element : write_line,
                              .data = writer,
                              .first = is_array ? "\n" : "",
                              .between = is_array ? ",\n" : "",
                              .copy = copy_writer,
                              .forget = forget_batches,
                              .free = free_writer,
                              .fields = fields,
                              .format = { .first = is_array ? "\n" : "",
                                          .between = is_array ? ",\n" : "",
                                          .end = is_array ? "}" : "}\n" } };
  guint64 n_rows;

  if (is_array)
    arbor_buffer_append_byte (&self->text, '[');
  if (!arbor_export_write_rows (self, view, access, &text, &n_rows, cancellable, error))
    return FALSE;
  if (is_array)
    arbor_buffer_append_literal (&self->text, n_rows > 0 ? "\n]\n" : "]\n");
  return arbor_export_flush (self, TRUE, cancellable, error);
}
