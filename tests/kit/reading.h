/* Reading text by the JSON layer in every cut of the input into pieces; the trees that come out are
 * read back from the batches as JSON text. */

#pragma once

#include "json/arbor-json-reader.h"

#include "base/arbor-error.h"
#include "batch/arbor-batch.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-csv-recode.h"

#include <string.h>

/* A stream that gives its bytes in pieces of a fixed size, and may fail or cancel on its way. */

typedef struct
{
  GInputStream parent;
  const char *bytes;
  gsize n_bytes;
  gsize piece;
  gsize fail_at;   /* when fewer than these are left */
  gsize cancel_at; /* the same */
  GCancellable *cancellable;
} PieceStream;

typedef GInputStreamClass PieceStreamClass;
GType piece_stream_get_type (void);
G_DEFINE_TYPE (PieceStream, piece_stream, G_TYPE_INPUT_STREAM)

static gssize
piece_stream_read (GInputStream *stream, void *out, gsize room, GCancellable *cancellable,
                   GError **error)
{
  PieceStream *self = (PieceStream *) stream;
  gsize n = MIN (MIN (room, self->piece), self->n_bytes);

  if (self->n_bytes < self->fail_at)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the line is dead");
      return -1;
    }
  if (self->n_bytes < self->cancel_at)
    g_cancellable_cancel (self->cancellable);
  if (n > 0)
    memcpy (out, self->bytes, n);
  self->bytes += n;
  self->n_bytes -= n;
  return (gssize) n;
}

static void
piece_stream_class_init (PieceStreamClass *klass)
{
  klass->read_fn = piece_stream_read;
}

static void
piece_stream_init (PieceStream *self)
{
}

/* What came to the sink. */
typedef struct
{
  GString *trees; /* JSON texts, a line each */
  guint n_batches;
  guint64 n_trees;
  guint64 digest;      /* of all batches in their order */
  guint fail_at_batch; /* from 1 */
  GPtrArray *batches;  /* of GBytes */
  GPtrArray *former;   /* the same, while they are looked through again */
} Result;

static gboolean
take_batch (GBytes *bytes, guint32 n_trees, gpointer data, GError **error)
{
  Result *self = data;
  gsize length;
  const guint8 *bytes_data = g_bytes_get_data (bytes, &length);
  g_autoptr (ArborBatch) batch = arbor_batch_open (bytes_data, length, NULL);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborBuffer out = { NULL };

  if (++self->n_batches == self->fail_at_batch)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_FULL, "the sink is full");
      return FALSE;
    }
  if (self->batches != NULL)
    g_ptr_array_add (self->batches, g_bytes_ref (bytes));
  g_assert_nonnull (batch);
  self->digest = self->digest * 31 + arbor_batch_get_digest (batch);
  g_assert_cmpuint (arbor_batch_get_n_trees (batch), ==, n_trees);
  self->n_trees += n_trees;
  for (guint32 row = 0; row < n_trees; row++)
    {
      ArborValue tree;

      arbor_batch_get_tree (batch, row, &tree);
      arbor_value_write_json (&tree, scope, &out);
      arbor_buffer_append_byte (&out, '\n');
    }
  g_string_append_len (self->trees, (const char *) out.data, (gssize) out.length);
  arbor_buffer_free (&out);
  return TRUE;
}

static GBytes *
get_former (guint32 index, gpointer data, GError **error)
{
  return g_bytes_ref (((Result *) data)->former->pdata[index]);
}

static gboolean
keep_former (guint32 index, gpointer data, GError **error)
{
  GBytes *bytes = ((Result *) data)->former->pdata[index];
  gsize length;
  const guint8 *bytes_data = g_bytes_get_data (bytes, &length);

  return take_batch (bytes, arbor_batch_peek_n_trees (bytes_data, length), data, error);
}

/* What whoever takes batches does when all are there. */
static inline gboolean
recode (Result *self, ArborJsonReport *report, GError **error)
{
  const ArborCsvBatches batches = { get_former, keep_former, take_batch, self };
  gboolean is_done;

  if (!arbor_csv_needs_recode (report))
    return TRUE;
  self->former = self->batches;
  self->batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->n_batches = 0;
  self->n_trees = 0;
  self->digest = 0;
  g_string_truncate (self->trees, 0);
  is_done = arbor_csv_recode (report, &batches, NULL, error);
  g_clear_pointer (&self->former, g_ptr_array_unref);
  return is_done;
}

#define WHOLE 0 /* as bytes, not as a stream */

static inline gboolean
read_text (const char *text, gsize length, gsize piece, const ArborJsonReadOptions *options,
           ArborJsonReport *report, Result *result, GError **error)
{
  ArborJsonReadOptions with_sink = *options;
  g_autoptr (GInputStream) stream = g_object_new (piece_stream_get_type (), NULL);
  PieceStream *self = (PieceStream *) stream;
  g_autofree char *exact = g_memdup2 (text, length); /* no byte more, for sanitizers */
  gboolean is_read;

  *result = (Result){ .trees = g_string_new (NULL) };
  result->batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  with_sink.sink = take_batch;
  with_sink.sink_data = result;
  self->bytes = exact;
  self->n_bytes = length;
  self->piece = piece;
  is_read = piece == WHOLE
                ? arbor_json_read_bytes (exact, length, &with_sink, report, NULL, error)
                : arbor_json_read_stream (stream, &with_sink, report, NULL, error);
  is_read = is_read && (report == NULL || recode (result, report, error));
  g_clear_pointer (&result->batches, g_ptr_array_unref);
  return is_read;
}

static const gsize pieces[] = { WHOLE, 1, 2, 3, 7, 64, 4096, 1 << 22 };

static inline void
assert_reads_as (const char *text, gsize length, const ArborJsonReadOptions *options,
                 const char *expected)
{
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GError) error = NULL;
      ArborJsonReport report;
      Result result;

      read_text (text, length, pieces[i], options, &report, &result, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (result.trees->str, ==, expected);
      g_assert_cmpuint (report.n_trees, ==, result.n_trees);
      g_assert_cmpuint (report.n_batches, ==, result.n_batches);
      g_assert_cmpuint (report.n_bytes, ==, length);
      arbor_json_report_clear (&report);
      g_string_free (result.trees, TRUE);
    }
}

static inline void
assert_fails_as (const char *text, gsize length, const ArborJsonReadOptions *options, int code,
                 const char *message)
{
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GError) error = NULL;
      ArborJsonReport report;
      Result result;

      g_assert_false (read_text (text, length, pieces[i], options, &report, &result, &error));
      g_assert_cmpstr (error->message, ==, message);
      g_assert_error (error, ARBOR_ERROR, code);
      arbor_json_report_clear (&report);
      g_string_free (result.trees, TRUE);
    }
}

