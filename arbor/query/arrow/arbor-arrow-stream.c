/* See arbor-arrow-stream.h. */

#include "query/arrow/arbor-arrow-stream.h"

#include <errno.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "query/arrow/arbor-arrow-encode.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-trees.h"

typedef struct
{
  ArborView *view;
  ArborPin *pin;          /* NULL where no leaf is */
  ArborArrowTable *table;
  GPtrArray *batches;     /* of GBytes; NULL: those of the view's source */
  guint32 next;
  GError *failure;        /* of the last call, or NULL */
} Stream;

/* Making one */

static gboolean
is_direct (const ArborView *view)
{
  return arbor_selection_is_all (view->selection) && !arbor_source_is_derived (view->source);
}

static gboolean
count_bytes (ArborArrowCount *count, GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autoptr (ArborBatch) batch = arbor_batch_open (data, size, error);

  if (batch != NULL)
    arbor_arrow_count_add_batch (count, batch);
  return batch != NULL;
}

static gboolean
count_source (ArborArrowCount *count, ArborView *view, ArborAccess *of, GCancellable *cancellable,
              GError **error)
{
  ArborAccess spliced;
  ArborAccess *access = arbor_access_splice_all (&spliced, of);

  for (guint32 i = 0; i < arbor_source_get_n_batches (view->source); i++)
    {
      const ArborBatch *batch;

      if (!arbor_access_check (access, cancellable, error))
        return FALSE;
      batch = arbor_access_get_batch (access, i, error);
      if (batch == NULL)
        return FALSE;
      arbor_arrow_count_add_batch (count, batch);
    }
  return TRUE;
}

/* The types; *@batches are the trees where they are not those of the source. */
static ArborArrowTable *
make_table (ArborView *view, ArborAccess *access, GPtrArray **batches, GCancellable *cancellable,
            GError **error)
{
  g_autoptr (ArborArrowCount) count = arbor_arrow_count_new ();
  g_autoptr (GPtrArray) copies = NULL;
  g_auto (ArborStop) stop;

  *batches = NULL;
  arbor_stop_begin (&stop, cancellable);
  if (is_direct (view))
    return count_source (count, view, access, cancellable, error) ? arbor_arrow_count_finish (count)
                                                                  : NULL;
  copies = arbor_trees_copy_batches (view->selection, access, cancellable, error);
  if (copies == NULL)
    return NULL;
  for (guint i = 0; i < copies->len; i++)
    if (!count_bytes (count, copies->pdata[i], error))
      return NULL;
  *batches = g_steal_pointer (&copies);
  return arbor_arrow_count_finish (count);
}

/* Reading one. Each call begins with gates, or an access, and ends with what these say. */

static int
get_errno (const GError *error)
{
  if (g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED))
    return EBADF;
  if (g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT))
    return ENOMEM;
  return EIO;
}

/* FALSE at the end, too, without an error. */
static gboolean
read_source (Stream *self, struct ArrowArray *out, GError **error)
{
  ArborAccess of, spliced;
  ArborAccess *access;
  g_autoptr (GBytes) holder = NULL;
  const ArborBatch *batch = NULL;
  gboolean is_read = FALSE, is_end;

  if (!arbor_access_begin (&of, self->view->source, self->pin, error))
    return FALSE;
  access = arbor_access_splice_all (&spliced, &of);
  is_end = self->next == arbor_source_get_n_batches (self->view->source);
  if (!is_end && arbor_access_check (access, NULL, error))
    batch = arbor_access_get_batch (access, self->next, error);
  if (batch != NULL && access->session == NULL)
    holder = arbor_access_get_bytes (access, self->next, error);
  if (batch != NULL && (access->session != NULL || holder != NULL))
    is_read = arbor_arrow_encode_batch (self->table, batch, holder, out, error);
  self->next += is_read;
  g_clear_pointer (&holder, g_bytes_unref);
  if (arbor_access_end (&of, error))
    return is_read;
  if (is_read)
    arbor_arrow_array_clear (out);
  return FALSE;
}

static gboolean
read_copy (Stream *self, struct ArrowArray *out, GError **error)
{
  ArborAccess gate;
  g_autoptr (ArborBatch) batch = NULL;
  gboolean is_read = FALSE;
  gsize size;

  if (!arbor_access_begin_gate (&gate, self->view->source, error))
    return FALSE;
  if (self->next < self->batches->len)
    {
      GBytes *bytes = self->batches->pdata[self->next];
      const guint8 *data = g_bytes_get_data (bytes, &size);

      batch = arbor_batch_open (data, size, error);
      is_read = batch != NULL && arbor_arrow_encode_batch (self->table, batch, bytes, out, error);
      self->next += is_read;
    }
  arbor_access_leave (&gate, error);
  return is_read;
}

static int
get_schema (struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
  Stream *self = stream->private_data;

  g_clear_error (&self->failure);
  arbor_arrow_table_export (self->table, out);
  return 0;
}

static int
get_next (struct ArrowArrayStream *stream, struct ArrowArray *out)
{
  Stream *self = stream->private_data;

  g_clear_error (&self->failure);
  *out = (struct ArrowArray){ .release = NULL };
  if (self->batches != NULL)
    read_copy (self, out, &self->failure);
  else
    read_source (self, out, &self->failure);
  return self->failure != NULL ? get_errno (self->failure) : 0;
}

static const char *
get_last_error (struct ArrowArrayStream *stream)
{
  const Stream *self = stream->private_data;

  return self->failure != NULL ? self->failure->message : NULL;
}

static void
stream_free (Stream *self)
{
  g_clear_pointer (&self->batches, g_ptr_array_unref);
  g_clear_pointer (&self->pin, arbor_pin_unref);
  g_clear_pointer (&self->table, arbor_arrow_table_unref);
  arbor_view_unref (self->view);
  g_clear_error (&self->failure);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_free)

static void
release_stream (struct ArrowArrayStream *stream)
{
  stream_free (stream->private_data);
  stream->release = NULL;
}

gboolean
arbor_arrow_stream_open (ArborView *view, ArborAccess *access, const struct ArrowSchema *requested,
                         struct ArrowArrayStream *out, GCancellable *cancellable, GError **error)
{
  g_autoptr (Stream) self = g_new0 (Stream, 1);
  ArborArrowTable *table;

  self->view = arbor_view_ref (view);
  self->table = make_table (view, access, &self->batches, cancellable, error);
  if (self->table == NULL)
    return FALSE;
  if (requested != NULL)
    {
      table = arbor_arrow_table_request (self->table, requested, error);
      if (table == NULL)
        return FALSE;
      arbor_arrow_table_unref (self->table);
      self->table = table;
    }
  if (self->batches == NULL)
    self->pin = arbor_access_dup_pin (access);
  *out = (struct ArrowArrayStream){ .get_schema = get_schema,
                                    .get_next = get_next,
                                    .get_last_error = get_last_error,
                                    .release = release_stream,
                                    .private_data = g_steal_pointer (&self) };
  return TRUE;
}

gboolean
arbor_arrow_stream_tell_schema (ArborView *view, ArborAccess *access, struct ArrowSchema *out,
                                GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) batches = NULL;
  g_autoptr (ArborArrowTable) table = make_table (view, access, &batches, cancellable, error);

  if (table != NULL)
    arbor_arrow_table_export (table, out);
  return table != NULL;
}
