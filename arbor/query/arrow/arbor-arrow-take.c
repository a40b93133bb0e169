/* See arbor-arrow-take.h. */

#include "query/arrow/arbor-arrow-read-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "batch/arbor-batch-cells.h"
#include "query/arrow/arbor-arrow-field.h"
#include "query/view/arbor-source.h"

#define CHECK_EACH 1024u /* rows */

/* Trees on their way into batches. */
typedef struct
{
  ArborArrowPlan *plan;
  gboolean is_values; /* the only column is the trees */
  const char **names; /* of a struct of plain columns; NULL: it is another type */
  ArborValue *values;
  ArborScope *scope;  /* of a row */
  ArborArrowReader *reader;
  ArborBatchBuilder *builder;
  GPtrArray *batches;
  guint64 n_trees;
  GCancellable *cancellable;
} Take;

static void
take_clear (Take *self)
{
  g_clear_pointer (&self->plan, arbor_arrow_plan_free);
  g_clear_pointer (&self->reader, arbor_arrow_reader_free);
  g_clear_pointer (&self->builder, arbor_batch_builder_free);
  g_clear_pointer (&self->batches, g_ptr_array_unref);
  g_clear_pointer (&self->scope, arbor_scope_free);
  g_free (self->names);
  g_free (self->values);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Take, take_clear)

/* Objects of plain values need no tape. */
static void
note_names (Take *self)
{
  for (gint64 i = 0; i < self->plan->n_children; i++)
    if (!self->plan->children[i]->is_plain)
      return;
  if (self->plan->read != ARBOR_ARROW_READ_STRUCT || self->plan->dictionary != NULL || self->is_values)
    return;
  self->names = g_new (const char *, self->plan->n_children);
  self->values = g_new (ArborValue, self->plan->n_children);
  self->scope = arbor_scope_new ();
  for (gint64 i = 0; i < self->plan->n_children; i++)
    self->names[i] = self->plan->children[i]->key;
}

static gboolean
take_begin (Take *self, const struct ArrowSchema *schema, GError **error)
{
  self->plan = arbor_arrow_plan_new (schema, error);
  if (self->plan == NULL)
    return FALSE;
  self->is_values = self->plan->read == ARBOR_ARROW_READ_STRUCT && self->plan->n_children == 1 &&
                    arbor_arrow_metadata_has (schema, ARBOR_ARROW_TREES_KEY,
                                              ARBOR_ARROW_TREES_VALUE);
  note_names (self);
  self->reader = arbor_arrow_reader_new ();
  self->builder = arbor_batch_builder_new ();
  self->batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return TRUE;
}

static gboolean
finish_batch (Take *self, GError **error)
{
  GBytes *batch = arbor_batch_builder_finish (self->builder, error);

  if (batch != NULL)
    g_ptr_array_add (self->batches, batch);
  return batch != NULL;
}

static gboolean
add_tape (Take *self, const ArborArrowColumn *column, guint64 row, GError **error)
{
  ArborTape tape;

  if (!arbor_arrow_reader_read (self->reader, column, row, &tape, error))
    return FALSE;
  if (arbor_tape_get_depth (&tape, ARBOR_TAPE_ROOT) > ARBOR_TAPE_MAX_DEPTH)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("expected at most %u levels, found more"), ARBOR_TAPE_MAX_DEPTH);
      return FALSE;
    }
  arbor_batch_builder_add_tape (self->builder, &tape, ARBOR_TAPE_ROOT);
  return TRUE;
}

static gboolean
add_plain (Take *self, const ArborArrowColumn *column, guint64 row, GError **error)
{
  arbor_scope_reset (self->scope);
  if (!arbor_arrow_reader_read_plain (self->reader, column, row, self->scope, self->values, error))
    return FALSE;
  arbor_batch_builder_add_fields (self->builder, self->names, self->values,
                                  (gsize) column->n_children, self->scope);
  return TRUE;
}

static gboolean
add_row (Take *self, const ArborArrowColumn *column, guint64 row, GError **error)
{
  gboolean is_plain = self->names != NULL && !arbor_arrow_is_null (column, column->offset + row);

  if (!(is_plain ? add_plain (self, column, row, error) : add_tape (self, column, row, error)))
    {
      g_prefix_error (error, _("Tree %" PRIu64 ": "), self->n_trees);
      return FALSE;
    }
  self->n_trees++;
  return !arbor_batch_builder_is_full (self->builder) || finish_batch (self, error);
}

static gboolean
add_rows (Take *self, const ArborArrowColumn *column, GError **error)
{
  const ArborArrowColumn *trees = column;
  guint64 first = 0;

  if (column->length > ARBOR_MAX_TREES - self->n_trees)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("Arrow array: expected at most %" PRIu64 " trees, found more"), ARBOR_MAX_TREES);
      return FALSE;
    }
  if (self->is_values)
    {
      trees = column->children[0];
      first = column->offset;
    }
  for (guint64 i = 0; i < column->length; i++)
    {
      if (i % CHECK_EACH == 0 && !arbor_stop_check (self->cancellable, error))
        return FALSE;
      if (!add_row (self, trees, first + i, error))
        return FALSE;
    }
  return TRUE;
}

/* Releases it. */
static gboolean
add_array (Take *self, struct ArrowArray *array, GError **error)
{
  g_autoptr (ArborArrowColumn) column = arbor_arrow_column_new (self->plan, array, error);
  gboolean is_added = column != NULL && add_rows (self, column, error);

  if (array->release != NULL)
    array->release (array);
  return is_added;
}

static GPtrArray *
take_finish (Take *self, GError **error)
{
  if (arbor_batch_builder_get_n_trees (self->builder) > 0 && !finish_batch (self, error))
    return NULL;
  return g_steal_pointer (&self->batches);
}

GPtrArray *
arbor_arrow_take_array (struct ArrowSchema *schema, struct ArrowArray *array,
                        GCancellable *cancellable, GError **error)
{
  g_auto (Take) take = { .cancellable = cancellable };
  gboolean is_begun = take_begin (&take, schema, error);
  gboolean is_added = is_begun && add_array (&take, array, error);

  if (array->release != NULL)
    array->release (array);
  if (schema->release != NULL)
    schema->release (schema);
  return is_added ? take_finish (&take, error) : NULL;
}

/* What the stream says of a call that failed. */
static gboolean
check_call (struct ArrowArrayStream *stream, int code, GError **error)
{
  const char *message;

  if (code == 0)
    return TRUE;
  message = stream->get_last_error != NULL ? stream->get_last_error (stream) : NULL;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code), _("Arrow stream: %s"),
               message != NULL ? message : g_strerror (code));
  return FALSE;
}

static gboolean
add_stream (Take *self, struct ArrowArrayStream *stream, GError **error)
{
  struct ArrowSchema schema = { .release = NULL };
  gboolean is_begun;

  if (!check_call (stream, stream->get_schema (stream, &schema), error))
    return FALSE;
  is_begun = take_begin (self, &schema, error);
  if (schema.release != NULL)
    schema.release (&schema);
  while (is_begun)
    {
      struct ArrowArray array = { .release = NULL };

      if (!arbor_stop_check (self->cancellable, error) ||
          !check_call (stream, stream->get_next (stream, &array), error))
        return FALSE;
      if (array.release == NULL)
        return TRUE;
      if (!add_array (self, &array, error))
        return FALSE;
    }
  return FALSE;
}

GPtrArray *
arbor_arrow_take_stream (struct ArrowArrayStream *stream, GCancellable *cancellable, GError **error)
{
  g_auto (Take) take = { .cancellable = cancellable };
  gboolean is_added = add_stream (&take, stream, error);

  stream->release (stream);
  return is_added ? take_finish (&take, error) : NULL;
}
