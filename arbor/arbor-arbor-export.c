/* ArborArbor: everything that reads all trees: materialize, JSON text, schema. */

#include "arbor-arbor-private.h"

#include "arbor-schema-private.h"
#include "query/export/arbor-export.h"
#include "query/view/arbor-narrow.h"

/**
 * arbor_arbor_materialize:
 * @self: an arbor
 * @cancellable: (nullable): to stop a long copy
 * @error: where to put an error
 *
 * An arbor in memory with the same trees, which depends on no store and carries no close token.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT,
 * %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: (transfer full): the arbor in memory
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_materialize (ArborArbor *self, GCancellable *cancellable, GError **error)
{
  GPtrArray *batches;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  batches = arbor_trees_copy_batches (self->view->selection, &access, cancellable, error);
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&batches, g_ptr_array_unref);
  return batches != NULL ? arbor_arbor_new_take_batches (batches, error) : NULL;
}

/* JSON text. */

static gboolean
export (ArborArbor *self, ArborExport *out, gboolean is_array, GCancellable *cancellable,
        GError **error)
{
  ArborAccess access;
  gboolean is_done;

  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  is_done = arbor_export_json (out, self->view, &access, is_array, cancellable, error);
  return arbor_access_end (&access, error) && is_done;
}

static char *
export_text (ArborArbor *self, gboolean is_array, GError **error)
{
  g_auto (ArborExport) out = { NULL };

  if (!export (self, &out, is_array, NULL, error))
    return NULL;
  arbor_buffer_append_byte (&out.text, '\0');
  return g_realloc (g_steal_pointer (&out.text.data), out.text.length);
}

/**
 * arbor_arbor_to_jsonl:
 * @self: an arbor
 * @error: where to put an error
 *
 * All trees as JSON Lines: compact, one tree a line, each line ended by a newline. Equal trees
 * give equal text.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_arbor_to_jsonl (ArborArbor *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return export_text (self, FALSE, error);
}

/**
 * arbor_arbor_to_json:
 * @self: an arbor
 * @error: where to put an error
 *
 * All trees as one JSON array, a tree a line.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_arbor_to_json (ArborArbor *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return export_text (self, TRUE, error);
}

/**
 * arbor_arbor_save:
 * @self: an arbor
 * @stream: where to write
 * @format: JSON Lines (also for %ARBOR_FORMAT_AUTO), one JSON array, or CSV
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Writes all trees as text, in pieces; CSV as [method@Arbor.Arbor.save_csv] does without columns and
 * delimiter. The stream is neither flushed nor closed. After an error it
 * holds the beginning of the text; for a file that is written as a whole or not at all see
 * [method@Arbor.Arbor.save_file].
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT, and those of the stream.
 * Any thread may call this.
 *
 * Returns: whether all was written
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_save (ArborArbor *self, GOutputStream *stream, ArborFormat format,
                  GCancellable *cancellable, GError **error)
{
  g_auto (ArborExport) out = { stream };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);

  if (format == ARBOR_FORMAT_CSV)
    return arbor_arbor_save_csv (self, stream, NULL, NULL, cancellable, error);
  return export (self, &out, format == ARBOR_FORMAT_JSON, cancellable, error);
}

/* Schema and sizes. */

static gboolean
add_to_schema (const ArborValue *tree, ArborScope *scope, gpointer data, GError **error)
{
  arbor_schema_add_tree (data, tree, scope);
  return TRUE;
}

static gboolean
infer_from_batches (ArborArbor *self, ArborAccess *of, ArborSchema *schema, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborAccess spliced;
  ArborAccess *access = arbor_access_splice_all (&spliced, of);
  guint64 count;

  if (!arbor_access_count_trees (access, G_MAXUINT64, NULL, &count, error))
    return FALSE;
  for (guint32 i = 0; i < arbor_source_get_n_batches (self->view->source); i++)
    {
      const ArborBatch *batch;

      if (!arbor_access_check (access, NULL, error))
        return FALSE;
      batch = arbor_access_get_batch (access, i, error);
      if (batch == NULL)
        return FALSE;
      arbor_schema_add_batch (schema, batch, scope);
      if (!arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  return TRUE;
}

/**
 * arbor_arbor_infer_schema:
 * @self: an arbor
 * @error: where to put an error
 *
 * The shape of the trees: each path that occurs, with how many values of each kind there are; the
 * keys of a dictionary are one path ([class@Arbor.Schema] says what is one). The result is a plain value that no closing affects.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the schema
 *
 * Since: 1.0
 */
ArborSchema *
arbor_arbor_infer_schema (ArborArbor *self, GError **error)
{
  g_autoptr (ArborSchema) schema = NULL;
  ArborAccess access;
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  schema = arbor_schema_new ();
  if (arbor_selection_is_all (self->view->selection))
    is_done = infer_from_batches (self, &access, schema, error);
  else
    is_done = arbor_trees_for_each (self->view->selection, &access, add_to_schema, schema, NULL,
                                    error);
  is_done = arbor_access_end (&access, error) && is_done;
  return is_done ? arbor_schema_collapse (schema) : NULL;
}

static guint64
get_figure (ArborArbor *self, gboolean is_bytes, GError **error)
{
  ArborAccess access;
  gboolean is_counted;
  guint64 count;

  if (!arbor_arbor_enter (self, &access, error))
    return 0;
  is_counted = arbor_access_count_trees (&access, G_MAXUINT64, NULL, &count, error);
  is_counted = arbor_access_end (&access, error) && is_counted;
  if (!is_counted)
    return 0;
  return is_bytes ? arbor_source_get_n_bytes (self->view->source)
                  : arbor_source_get_n_batches (self->view->source);
}

/**
 * arbor_arbor_get_n_bytes:
 * @self: an arbor
 * @error: where to put an error
 *
 * How many bytes the batches take, encoded, in memory or in the store. For a view, those of the
 * arbor that it is a view of.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: the size in bytes; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_arbor_get_n_bytes (ArborArbor *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), 0);

  return get_figure (self, TRUE, error);
}

/**
 * arbor_arbor_get_n_batches:
 * @self: an arbor
 * @error: where to put an error
 *
 * How many batches there are: see [method@Arbor.Arbor.get_n_bytes].
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: the number of batches; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_arbor_get_n_batches (ArborArbor *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), 0);

  return get_figure (self, FALSE, error);
}
