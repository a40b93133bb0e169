/* Reading the values of an expression into a column. See arbor-column-data.h. A plain path over all
 * trees of a source is read lane by lane, all else row by row; both give the same column.
 */

#include "query/column/arbor-column-data.h"

#include "base/arbor-stop.h"
#include "query/series/arbor-row-reader.h"
#include "query/view/arbor-trees.h"

/* Room that is made at once: more trees than this are believed as they come. */
#define MOST_RESERVED (G_GUINT64_CONSTANT (1) << 28)

typedef struct
{
  ArborColumnData *data;
  ArborRowReader *reader;
} Read;

static gboolean
append_row (const ArborBatch *batch, guint64 first, guint32 row, gboolean is_new, ArborScope *scope,
            gpointer data, GError **error)
{
  Read *self = data;
  ArborValue value;

  if (is_new)
    arbor_row_reader_set_batch (self->reader, batch, first);
  arbor_row_reader_get (self->reader, row, scope, &value);
  return arbor_column_data_append (self->data, &value, scope, error);
}

static gboolean
append_batch (Read *self, const ArborBatch *batch, guint64 first, ArborScope *scope,
              GError **error)
{
  const ArborPath *path = self->reader->path;
  gboolean is_done = FALSE;

  if (path != NULL)
    {
      ArborLanes lanes;

      arbor_lanes_init (&lanes, batch, 0, path->steps, path->n_steps, scope);
      if (!arbor_column_data_append_lanes (self->data, &lanes, scope, &is_done, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  for (guint32 row = 0; !is_done && row < arbor_batch_get_n_trees (batch); row++)
    {
      if (!append_row (batch, first, row, row == 0, scope, self, error) ||
          !arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  return TRUE;
}

static gboolean
read_all (Read *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint32 i = 0; i < arbor_source_get_n_batches (access->source); i++)
    {
      const ArborBatch *batch;

      if (!arbor_access_check (access, cancellable, error))
        return FALSE;
      batch = arbor_access_get_batch (access, i, error);
      if (batch == NULL ||
          !append_batch (self, batch, arbor_source_get_first_tree (access->source, i), scope, error))
        return FALSE;
    }
  /* A call that a closing overtook must not look like one that came before it. */
  return arbor_access_check (access, cancellable, error);
}

ArborColumnData *
arbor_column_data_read (ArborNode *node, ArborSelection *selection, ArborAccess *access,
                        GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborColumnData) data = arbor_column_data_new ();
  g_autoptr (ArborRowReader) reader = arbor_row_reader_new (node);
  Read read = { data, reader };
  const ArborRowSink sink = { .row = append_row, .data = &read };
  guint64 count;
  guint32 n_read;

  arbor_stop_begin (&stop, cancellable);
  if (!arbor_selection_get_count (selection, access, cancellable, &count, error) ||
      !arbor_column_data_reserve (data, MIN (count, MOST_RESERVED), error))
    return NULL;
  if (arbor_selection_is_all (selection)
          ? !read_all (&read, access, cancellable, error)
          : !arbor_trees_read_rows (selection, access, 0, G_MAXUINT32, &sink, &n_read, cancellable,
                                    error))
    return NULL;
  arbor_column_data_finish (data);
  return g_steal_pointer (&data);
}
