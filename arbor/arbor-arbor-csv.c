/* ArborArbor: all trees as CSV (query/export/arbor-export.h). */

#include "arbor-arbor-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "query/export/arbor-export.h"

static gboolean
export (ArborArbor *self, ArborExport *out, const char *const *columns, const char *delimiter,
        GCancellable *cancellable, GError **error)
{
  ArborAccess access;
  gboolean is_done;

  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  is_done = arbor_export_csv (out, self->view, &access, columns, delimiter, cancellable, error);
  return arbor_access_end (&access, error) && is_done;
}

/**
 * arbor_arbor_save_csv:
 * @self: an arbor of objects
 * @stream: where to write
 * @columns: (nullable) (array zero-terminated=1): the fields to write, or %NULL for all
 * @delimiter: (nullable): what stands between cells, one ASCII character; %NULL for the comma
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Writes all trees as CSV (RFC 4180), in pieces: a record with the names of the columns, then one a
 * tree, each ended by LF. Without @columns, or with none in it, the columns are all fields at the
 * top of any tree, in the order in which they are first met; the trees are read twice to know them.
 * An arbor that has none gives empty text.
 *
 * Strings are written as they are, numbers and booleans as in JSON, arrays and objects as JSON
 * text, null and what is missing as an empty cell. Cells are quoted where they hold a delimiter, a
 * quote or a line end, where they are the empty string, which is not null, and where an empty cell
 * would make an empty line. The stream is neither
 * flushed nor closed. After an error it holds the beginning of the text; for a file that is written as
 * a whole or not at all see [method@Arbor.Arbor.save_file].
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_TYPE, whose
 * message names the tree, when one is no object, %ARBOR_ERROR_INVALID_ARGUMENT for a column that is
 * given twice or a delimiter that cannot be one, %ARBOR_ERROR_LIMIT without @columns when the trees
 * have more than 4,096 different fields and less than one cell in 64 would have a value, and those of
 * the stream. Any thread may call this.
 *
 * Returns: whether all was written
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_save_csv (ArborArbor *self, GOutputStream *stream, const char *const *columns,
                      const char *delimiter, GCancellable *cancellable, GError **error)
{
  g_auto (ArborExport) out = { stream };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);

  return export (self, &out, columns, delimiter, cancellable, error);
}

/**
 * arbor_arbor_to_csv:
 * @self: an arbor of objects
 * @error: where to put an error
 *
 * All trees as CSV: see [method@Arbor.Arbor.save_csv], which can also pick columns.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_LIMIT for too
 * many different fields, %ARBOR_ERROR_TYPE when a tree is no object, or a string holds U+0000, which this text cannot. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_arbor_to_csv (ArborArbor *self, GError **error)
{
  g_auto (ArborExport) out = { NULL };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (!export (self, &out, NULL, NULL, NULL, error))
    return NULL;
  if (out.text.length > 0 && memchr (out.text.data, '\0', out.text.length) != NULL)
    {
      g_set_error_literal (
          error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
          _("Text of CSV: expected strings without U+0000, found one that has it: "
             "save to a stream instead"));
      return NULL;
    }
  return g_strndup (out.text.data != NULL ? (const char *) out.text.data : "", out.text.length);
}
