/* Trees as JSON text. See arbor-export.h. */

#include "query/export/arbor-export-private.h"

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

gboolean
arbor_export_json (ArborExport *self, const ArborView *view, ArborAccess *access, gboolean is_array,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborRowWriter) writer = arbor_row_writer_new ();
  const ArborRowText lines = { write_line, writer, "", "" };
  const ArborRowText elements = { write_element, writer, "\n", ",\n" };
  guint64 n_rows;

  if (is_array)
    arbor_buffer_append_byte (&self->text, '[');
  if (!arbor_export_write_rows (self, view, access, is_array ? &elements : &lines, &n_rows,
                                cancellable, error))
    return FALSE;
  if (is_array)
    arbor_buffer_append_literal (&self->text, n_rows > 0 ? "\n]\n" : "]\n");
  return arbor_export_flush (self, TRUE, cancellable, error);
}
