/* ArborArbor: everything that reads all trees: materialize, JSON text, schema, and the batches that
 * a store takes over.
 */

#include "arbor-arbor-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-schema-private.h"
#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "json/arbor-row-writer.h"

#define WRITE_SIZE (256u * 1024u) /* bytes handed to a stream at once */
#define N_SAMPLED 1024u           /* trees whose text tells how long all of it will be */
#define MAX_EXPANSION 16u         /* bytes of text for one of a batch, which are believed */

gboolean
arbor_arbor_for_each (ArborArbor *self, ArborAccess *access, ArborTreeFunc func, gpointer data,
                      GCancellable *cancellable, GError **error)
{
  return arbor_trees_for_each (self->selection, access, func, data, cancellable, error);
}

gboolean
arbor_arbor_write_batches (ArborArbor *self, ArborAccess *access, ArborBatchFunc sink,
                           gpointer data, GCancellable *cancellable, GError **error)
{
  return arbor_trees_write_batches (self->selection, access, sink, data, cancellable, error);
}

typedef struct
{
  GPtrArray *batches;
  gboolean must_copy; /* they lie in the map */
} Collect;

static gboolean
collect_batch (GBytes *batch, gpointer data, GError **error)
{
  Collect *self = data;
  gsize size;
  gconstpointer bytes = g_bytes_get_data (batch, &size);

  GBytes *copy = self->must_copy ? arbor_batch_try_copy_bytes (bytes, size, error)
                                 : g_bytes_ref (batch);

  if (copy != NULL)
    g_ptr_array_add (self->batches, copy);
  return copy != NULL;
}

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
  Collect collect = { NULL };
  ArborArbor *copy = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  collect.batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  collect.must_copy = access.session != NULL && arbor_trees_are_whole (self->selection, self->source);
  if (arbor_arbor_write_batches (self, &access, collect_batch, &collect, cancellable, error))
    copy = arbor_arbor_new_take_batches (g_steal_pointer (&collect.batches), error);
  g_clear_pointer (&collect.batches, g_ptr_array_unref);
  arbor_access_end (&access, error);
  return copy;
}

/* JSON text. */

typedef struct
{
  ArborBuffer text;
  gboolean is_array; /* one JSON array; otherwise a line a tree */
  guint64 n_trees; /* written so far */
  GOutputStream *stream; /* NULL: all stays in text */
  GCancellable *cancellable;
  ArborRowWriter *writer;
  ArborSource *source; /* of which all is written, or NULL */
} Export;

static gboolean
flush_text (Export *self, gsize at_least, GError **error)
{
  if (self->stream == NULL || self->text.length < at_least)
    return TRUE;
  if (!g_output_stream_write_all (self->stream, self->text.data, self->text.length, NULL,
                                  self->cancellable, error))
    return FALSE;
  arbor_buffer_clear (&self->text);
  return TRUE;
}

/* Text that grows in memory step by step is moved, page by page, with each step. */
static void
expect_text (Export *self)
{
  guint64 n_trees = arbor_source_get_n_trees (self->source);
  guint64 most = arbor_source_get_n_bytes (self->source) * MAX_EXPANSION;
  double wanted = (double) self->text.length / N_SAMPLED * ((double) n_trees - N_SAMPLED) * 1.05;

  if (wanted > 0)
    arbor_buffer_expect (&self->text, (gsize) MIN (wanted, (double) most));
}

static gboolean
export_row (const ArborBatch *batch, guint64 first, guint32 row, gboolean is_new, ArborScope *scope,
            gpointer data, GError **error)
{
  Export *self = data;

  if (self->is_array)
    arbor_buffer_append_literal (&self->text, self->n_trees > 0 ? ",\n" : "\n");
  self->n_trees++;
  arbor_row_writer_write (self->writer, batch, row, scope, &self->text);
  if (!self->is_array)
    arbor_buffer_append_byte (&self->text, '\n');
  if (self->n_trees == N_SAMPLED && self->stream == NULL && self->source != NULL)
    expect_text (self);
  return flush_text (self, WRITE_SIZE, error);
}

static gboolean
export (ArborArbor *self, Export *data, GError **error)
{
  g_autoptr (ArborRowWriter) writer = arbor_row_writer_new ();
  const ArborRowSink sink = { .row = export_row, .data = data };
  ArborAccess access;
  gboolean is_done;
  guint32 n_read;

  data->writer = writer;
  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  data->source = arbor_selection_is_all (self->selection) ? self->source : NULL;
  if (data->is_array)
    arbor_buffer_append_byte (&data->text, '[');
  is_done = arbor_trees_read_rows (self->selection, &access, 0, G_MAXUINT32, &sink, &n_read,
                                   data->cancellable, error);
  if (is_done && data->is_array)
    arbor_buffer_append_literal (&data->text, data->n_trees > 0 ? "\n]\n" : "]\n");
  is_done = is_done && flush_text (data, 1, error);
  arbor_access_end (&access, error);
  return is_done;
}

static char *
export_text (ArborArbor *self, gboolean is_array, GError **error)
{
  Export data = { .is_array = is_array };

  if (!export (self, &data, error))
    {
      arbor_buffer_free (&data.text);
      return NULL;
    }
  arbor_buffer_append_byte (&data.text, '\0');
  return g_realloc (data.text.data, data.text.length);
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
  Export data = { .stream = stream,
                  .is_array = format == ARBOR_FORMAT_JSON,
                  .cancellable = cancellable };
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);

  if (format == ARBOR_FORMAT_CSV)
    return arbor_arbor_save_csv (self, stream, NULL, NULL, cancellable, error);
  is_done = export (self, &data, error);
  arbor_buffer_free (&data.text);
  return is_done;
}

/* Schema and sizes. */

static gboolean
add_to_schema (const ArborValue *tree, ArborScope *scope, gpointer data, GError **error)
{
  arbor_schema_add_tree (data, tree, scope);
  return TRUE;
}

static gboolean
infer_from_batches (ArborArbor *self, ArborAccess *access, ArborSchema *schema, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  guint64 count;

  if (!arbor_access_count_trees (access, G_MAXUINT64, NULL, &count, error))
    return FALSE;
  for (guint32 i = 0; i < arbor_source_get_n_batches (self->source); i++)
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
  if (arbor_selection_is_all (self->selection))
    is_done = infer_from_batches (self, &access, schema, error);
  else
    is_done = arbor_arbor_for_each (self, &access, add_to_schema, schema, NULL, error);
  arbor_access_end (&access, error);
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
  arbor_access_end (&access, error);
  if (!is_counted)
    return 0;
  return is_bytes ? arbor_source_get_n_bytes (self->source)
                  : arbor_source_get_n_batches (self->source);
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
