/* Arbors and columns to and from Arrow: the public calls. docs/arrow.md says what becomes what. */

#include "arbor-arrow.h"

#include "arbor-arbor-private.h"
#include "arbor-column-private.h"
#include "query/arrow/arbor-arrow-shared.h"
#include "query/arrow/arbor-arrow-stream.h"
#include "query/arrow/arbor-arrow-take.h"

/**
 * arbor_arbor_export_arrow_stream: (skip)
 * @self: an arbor
 * @requested: (nullable): the columns that are wanted, a schema of the format `+s`; %NULL for those
 *   that the trees have, in types made by rule of all of them
 * @stream: where to put the stream, which its consumer releases
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Hands the trees out as a stream of record batches. @requested stays the caller's; its columns need
 * not be those of the trees, and one that no tree has is null.
 *
 * The stream reads the state that there is now. Trees of a view, and such that are computed, are put
 * into memory first; others are read batch by batch. Once the store is closed, `get_next` returns
 * `EBADF` and `get_last_error` that it has been closed. Arrays that were given stay as they are, also
 * when arbor and store are gone.
 *
 * Errors: %ARBOR_ERROR_TYPE and %ARBOR_ERROR_NOT_SUPPORTED for columns that cannot be as they are
 * wanted, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_LIMIT,
 * %G_IO_ERROR_CANCELLED; and what computing the trees may fail with. Any thread may call this, and use
 * the stream, one at a time.
 *
 * Returns: whether there is a stream
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_export_arrow_stream (ArborArbor *self, const struct ArrowSchema *requested,
                                 struct ArrowArrayStream *stream, GCancellable *cancellable,
                                 GError **error)
{
  ArborAccess access;
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (stream != NULL, FALSE);

  stream->release = NULL;
  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  is_done = arbor_arrow_stream_open (self->view, &access, requested, stream, cancellable, error);
  if (arbor_access_end (&access, error))
    return is_done;
  if (is_done)
    stream->release (stream);
  return FALSE;
}

/**
 * arbor_arbor_export_arrow_schema: (skip)
 * @self: an arbor
 * @schema: where to put the schema, to be released by the caller
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * The columns and types of `arbor_arbor_export_arrow_stream` without its trees. A view, and
 * what is computed, is read for it.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT, %G_IO_ERROR_CANCELLED; and
 * what computing the trees may fail with. Any thread may call this.
 *
 * Returns: whether there is a schema
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_export_arrow_schema (ArborArbor *self, struct ArrowSchema *schema,
                                 GCancellable *cancellable, GError **error)
{
  ArborAccess access;
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (schema != NULL, FALSE);

  schema->release = NULL;
  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  is_done = arbor_arrow_stream_tell_schema (self->view, &access, schema, cancellable, error);
  if (arbor_access_end (&access, error))
    return is_done;
  if (is_done)
    schema->release (schema);
  return FALSE;
}

/**
 * arbor_column_export_arrow: (skip)
 * @self: a column
 * @schema: where to put its type, to be released by the caller
 * @array: where to put its values, to be released by the caller
 * @error: where to put an error
 *
 * Hands a column out as one array. What it has as Arrow has it is shared, not copied: numbers and
 * codes. Strings are a dictionary, values of %ARBOR_COLUMN_LAYOUT_MIXED are JSON text.
 *
 * Errors: %ARBOR_ERROR_LIMIT where there is no memory. Any thread may call this.
 *
 * Returns: whether there is an array
 *
 * Since: 1.0
 */
gboolean
arbor_column_export_arrow (ArborColumn *self, struct ArrowSchema *schema, struct ArrowArray *array,
                           GError **error)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), FALSE);
  g_return_val_if_fail (schema != NULL, FALSE);
  g_return_val_if_fail (array != NULL, FALSE);

  schema->release = NULL;
  array->release = NULL;
  return arbor_arrow_export_column (self->data, self->path, schema, array, error);
}

/* Takes over @batches, which may be NULL after an error. */
static ArborArbor *
make_arbor (GPtrArray *batches, GError **error)
{
  return batches != NULL ? arbor_arbor_new_take_batches (batches, error) : NULL;
}

/**
 * arbor_load_arrow_stream: (skip)
 * @stream: a stream, which is taken over: it is released when this returns, also with an error
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Reads all of a stream into an arbor in memory: a row of a record batch is an object, a value of
 * another array what it is. To put it into a store, give the arbor to [method@Arbor.Store.put].
 *
 * Offsets, indices and texts are checked, so a stream that is wrong gives an error; how long buffers
 * are nobody says in the C data interface, so that they are as long as they must be is taken on trust.
 *
 * Errors: those of the stream in the domain of GIO, %ARBOR_ERROR_NOT_SUPPORTED for a type that JSON
 * cannot say, %ARBOR_ERROR_SCHEMA for arrays that are not of their types, %ARBOR_ERROR_PARSE for text
 * that is not UTF-8 or JSON, %ARBOR_ERROR_INVALID_ARGUMENT for two fields of one name,
 * %ARBOR_ERROR_OUT_OF_RANGE for dates that are none, %ARBOR_ERROR_LIMIT, %G_IO_ERROR_CANCELLED. Any
 * thread may call this.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_load_arrow_stream (struct ArrowArrayStream *stream, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (stream != NULL && stream->release != NULL, NULL);

  return make_arbor (arbor_arrow_take_stream (stream, cancellable, error), error);
}

/**
 * arbor_load_arrow_array: (skip)
 * @schema: the type of @array, which is taken over: it is released when this returns
 * @array: an array, which is taken over in the same way
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * `arbor_load_arrow_stream` of one array.
 *
 * Errors: those of `arbor_load_arrow_stream` but those of the stream. Any thread may call this.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_load_arrow_array (struct ArrowSchema *schema, struct ArrowArray *array,
                        GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (schema != NULL && schema->release != NULL, NULL);
  g_return_val_if_fail (array != NULL && array->release != NULL, NULL);

  return make_arbor (arbor_arrow_take_array (schema, array, cancellable, error), error);
}
