/* Reading text into memory: the batches that the JSON layer makes are collected as they come
 * and become an arbor when all is well; nothing is left of a load that failed.
 */

#include "arbor-load-private.h"

#include "arbor-arbor-private.h"
#include "arbor-gfile.h"
#include "json/arbor-csv-recode.h"

typedef struct
{
  GPtrArray *batches; /* of GBytes */
  GPtrArray *former;  /* the same, while they are looked through again */
} Collect;

static gboolean
collect_batch (GBytes *batch, guint32 n_trees, gpointer data, GError **error)
{
  Collect *self = data;

  g_ptr_array_add (self->batches, g_bytes_ref (batch));
  return TRUE;
}

static GBytes *
take_former (guint32 index, gpointer data, GError **error)
{
  Collect *self = data;

  return g_steal_pointer (&self->former->pdata[index]);
}

static gboolean
keep_former (guint32 index, gpointer data, GError **error)
{
  Collect *self = data;

  g_ptr_array_add (self->batches, g_steal_pointer (&self->former->pdata[index]));
  return TRUE;
}

static void
free_batch (gpointer batch)
{
  if (batch != NULL)
    g_bytes_unref (batch);
}

static void
collect_init (Collect *self)
{
  self->batches = g_ptr_array_new_with_free_func (free_batch);
}

static void
collect_clear (Collect *self)
{
  g_clear_pointer (&self->batches, g_ptr_array_unref);
  g_clear_pointer (&self->former, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Collect, collect_clear)

/* Where text comes from: one of the two is not NULL. */
typedef struct
{
  GBytes *bytes;
  GInputStream *stream;
} Source;

static gboolean
read_source (const Source *source, const ArborJsonReadOptions *options, ArborJsonReport *counts,
             GCancellable *cancellable, GError **error)
{
  const char *text;
  gsize length;

  if (source->stream != NULL)
    return arbor_json_read_stream (source->stream, options, counts, cancellable, error);
  text = g_bytes_get_data (source->bytes, &length);
  return arbor_json_read_bytes (text != NULL ? text : "", length, options, counts, cancellable,
                                error);
}

static gboolean
recode (Collect *self, ArborJsonReport *counts, GCancellable *cancellable, GError **error)
{
  const ArborCsvBatches batches = {
    .get = take_former, .keep = keep_former, .add = collect_batch, .data = self
  };

  if (!arbor_csv_needs_recode (counts))
    return TRUE;
  self->former = g_steal_pointer (&self->batches);
  collect_init (self);
  return arbor_csv_recode (counts, &batches, cancellable, error);
}

/* Reads by @read, whose sink is set here. */
static ArborArbor *
load (const Source *source, ArborJsonReadOptions *read, ArborLoadReport **report,
      GCancellable *cancellable, GError **error)
{
  g_auto (Collect) collect = { NULL };
  g_autoptr (ArborArbor) arbor = NULL;
  ArborJsonReport counts = { 0 };

  collect_init (&collect);
  read->sink = collect_batch;
  read->sink_data = &collect;
  if (read_source (source, read, &counts, cancellable, error) &&
      recode (&collect, &counts, cancellable, error))
    arbor = arbor_arbor_new_take_batches (g_steal_pointer (&collect.batches), error);
  if (arbor != NULL && report != NULL)
    *report = arbor_load_report_new_take (&counts, 0, 0);
  arbor_json_report_clear (&counts);
  return g_steal_pointer (&arbor);
}

/**
 * arbor_read_jsonl:
 * @data: JSON Lines, UTF-8
 *
 * Reads JSON Lines into an arbor in memory, one tree a line. Blank lines and one byte order mark at
 * the start are skipped; empty text is an arbor of no trees. Any thread may call this.
 *
 * Errors: %ARBOR_ERROR_PARSE, whose message names line, byte and tree, when a line is no JSON;
 * %ARBOR_ERROR_LIMIT when a tree is too large.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_read_jsonl (GBytes *data, GError **error)
{
  ArborJsonReadOptions read = { .format = ARBOR_JSON_LINES };

  g_return_val_if_fail (data != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return load (&(Source){ .bytes = data }, &read, NULL, NULL, error);
}

/**
 * arbor_read_json:
 * @data: one JSON document, UTF-8
 *
 * Reads one JSON document into an arbor in memory that has it as its only tree. For the elements of
 * an array in it, each a tree, see [property@Arbor.LoadOptions:at]. Any thread may call this.
 *
 * Errors: %ARBOR_ERROR_PARSE, whose message names line and byte, when the text is not one JSON
 * document, empty text included; %ARBOR_ERROR_LIMIT when it is too large for a tree.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_read_json (GBytes *data, GError **error)
{
  ArborJsonReadOptions read = { .format = ARBOR_JSON_DOCUMENT };

  g_return_val_if_fail (data != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return load (&(Source){ .bytes = data }, &read, NULL, NULL, error);
}

/**
 * arbor_read_csv:
 * @data: comma-separated values, UTF-8
 *
 * Reads CSV into an arbor in memory, one tree a record: see [class@Arbor.LoadOptions]. Empty text is
 * an arbor of no trees. Any thread may call this.
 *
 * Errors: %ARBOR_ERROR_PARSE, whose message names line, byte and tree, when a record is malformed;
 * %ARBOR_ERROR_LIMIT when a record is too large.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_read_csv (GBytes *data, GError **error)
{
  ArborJsonReadOptions read = { .format = ARBOR_JSON_CSV };

  g_return_val_if_fail (data != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return load (&(Source){ .bytes = data }, &read, NULL, NULL, error);
}

/**
 * arbor_load_bytes:
 * @data: JSON text or CSV, UTF-8
 * @options: (nullable): how to read it, or %NULL for the defaults
 * @report: (out) (optional): what was read; set when all went well
 *
 * Reads text into an arbor in memory. Any thread may call this.
 *
 * Errors: %ARBOR_ERROR_PARSE, whose message names line, byte and tree, when the text is malformed;
 * %ARBOR_ERROR_INVALID_OPTIONS when options contradict each other; %ARBOR_ERROR_EXPRESSION when
 * [property@Arbor.LoadOptions:at] is malformed; %ARBOR_ERROR_NOT_FOUND or %ARBOR_ERROR_TYPE when
 * there is no array; %ARBOR_ERROR_LIMIT when a tree is too large.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_load_bytes (GBytes *data, ArborLoadOptions *options, ArborLoadReport **report, GError **error)
{
  ArborJsonReadOptions read = { 0 };

  g_return_val_if_fail (data != NULL, NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_LOAD_OPTIONS (options), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (report != NULL)
    *report = NULL;
  if (!arbor_load_options_fill (options, NULL, &read, error))
    return NULL;
  read.total = g_bytes_get_size (data);
  return load (&(Source){ .bytes = data }, &read, report, NULL, error);
}

/* Of @path; or of @file, whose name that is then. */
static ArborArbor *
load_from (const char *path, GFile *file, ArborLoadOptions *options, ArborLoadReport **report,
           GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autofree char *name = NULL;
  ArborJsonReadOptions read = { 0 };

  if (report != NULL)
    *report = NULL;
  if (!arbor_load_options_fill (options, path, &read, error))
    return NULL;
  stream = arbor_gfile_read (file, path, cancellable, error);
  if (stream == NULL)
    return NULL;
  name = g_filename_display_name (path);
  read.name = name;
  read.any_thread = TRUE;
  return load (&(Source){ .stream = stream }, &read, report, cancellable, error);
}

/**
 * arbor_load_file:
 * @path: (type filename): a file of JSON text or CSV, UTF-8
 * @options: (nullable): how to read it, or %NULL for the defaults
 * @report: (out) (optional): what was read; set when all went well
 * @cancellable: (nullable): ends the call when it is cancelled
 *
 * Reads a file into an arbor in memory. To put a file into a store,
 * [method@Arbor.Store.import_file] needs no memory for it. Any thread may call this.
 *
 * Errors: those of [func@Arbor.load_bytes], whose messages name the file, those of GIO when the
 * file cannot be read, and %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_load_file (const char *path, ArborLoadOptions *options, ArborLoadReport **report,
                 GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_LOAD_OPTIONS (options), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return load_from (path, NULL, options, report, cancellable, error);
}

/**
 * arbor_load_gfile:
 * @file: a file of JSON text or CSV, UTF-8
 * @options: (nullable): how to read it, or %NULL for the defaults
 * @report: (out) (optional): what was read; set when all went well
 * @cancellable: (nullable): ends the call when it is cancelled
 *
 * [func@Arbor.load_file] with a file of GIO, which may be anywhere that GIO reads. Any thread may call
 * this.
 *
 * Errors: those of [func@Arbor.load_file].
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_load_gfile (GFile *file, ArborLoadOptions *options, ArborLoadReport **report,
                  GCancellable *cancellable, GError **error)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_LOAD_OPTIONS (options), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  name = arbor_gfile_dup_name (file);
  return load_from (name, file, options, report, cancellable, error);
}

/**
 * arbor_load_stream:
 * @stream: a stream of JSON text or CSV, UTF-8
 * @options: (nullable): how to read it, or %NULL for the defaults
 * @report: (out) (optional): what was read; set when all went well
 * @cancellable: (nullable): ends the call when it is cancelled
 *
 * Reads a stream to its end into an arbor in memory, and leaves it open. Any thread may call this.
 *
 * Errors: those of [func@Arbor.load_bytes], those of the stream, and %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_load_stream (GInputStream *stream, ArborLoadOptions *options, ArborLoadReport **report,
                   GCancellable *cancellable, GError **error)
{
  ArborJsonReadOptions read = { 0 };

  g_return_val_if_fail (G_IS_INPUT_STREAM (stream), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_LOAD_OPTIONS (options), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (report != NULL)
    *report = NULL;
  if (!arbor_load_options_fill (options, NULL, &read, error))
    return NULL;
  return load (&(Source){ .stream = stream }, &read, report, cancellable, error);
}
