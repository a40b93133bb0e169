/* Reading the values of an expression into a column. See arbor-column-data.h. A plain path over all
 * trees of a batch is read lane by lane, all else through series; both give the same column.
 */

#include "query/column/arbor-column-data.h"
#include "query/view/arbor-narrow.h"

#include "base/arbor-stop.h"
#include "query/series/arbor-series-reader.h"
#include "query/view/arbor-trace.h"
#include "query/view/arbor-trees.h"

/* Room that is made at once: more trees than this are believed as they come. */
#define MOST_RESERVED (G_GUINT64_CONSTANT (1) << 28)

typedef struct
{
  ArborColumnData *data;
  ArborSeriesReader *reader;
  ArborScope *scope; /* of a value */
} Read;

static gboolean
append_lanes (Read *self, const ArborRows *rows, ArborScope *scope, gboolean *is_done,
              GError **error)
{
  const ArborPath *path = arbor_series_reader_get_path (self->reader);
  ArborLanes lanes;

  *is_done = FALSE;
  if (path == NULL || rows->batch == NULL || rows->rows != NULL)
    return TRUE;
  arbor_lanes_init (&lanes, rows->batch, 0, path->steps, path->n_steps, scope);
  return arbor_column_data_append_lanes (self->data, &lanes, scope, is_done, error);
}

static gboolean
append_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Read *self = data;
  ArborSeries chunk;
  gboolean is_done;

  if (!append_lanes (self, rows, scope, &is_done, error))
    return FALSE;
  if (is_done)
    return TRUE;
  arbor_series_reader_begin (self->reader, rows);
  while (arbor_series_reader_next (self->reader, &chunk) > 0)
    {
      if (!arbor_series_reader_check (self->reader, error))
        return FALSE;
      for (guint32 i = 0; i < chunk.n; i++)
        {
          ArborValue value;

          arbor_series_get (&chunk, i, &value);
          if (!arbor_column_data_append (self->data, &value, self->scope, error) ||
              !arbor_scope_check (self->scope, error))
            return FALSE;
          arbor_scope_reset (self->scope);
        }
    }
  return TRUE;
}

ArborColumnData *
arbor_column_data_read (ArborNode *node, ArborSelection *selection, ArborAccess *access,
                        GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborColumnData) data = arbor_column_data_new ();
  g_autoptr (ArborSeriesReader) reader = NULL;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Read read = { .data = data, .scope = scope };
  g_auto (ArborTrace) trace;
  ArborAccess narrow;
  guint64 count;

  arbor_stop_begin (&stop, cancellable);
  arbor_trace_init (&trace, arbor_access_get_about (access), selection, &node, 1,
                    ARBOR_TRACE_VALUES);
  arbor_trace_enter (&trace, access, &narrow);
  arbor_access_narrow (&narrow, &narrow, trace.nodes, 1, NULL);
  access = &narrow;
  selection = trace.selection;
  read.reader = reader = arbor_series_reader_new (trace.nodes[0]);
  if (!arbor_selection_get_count (selection, access, cancellable, &count, error) ||
      !arbor_column_data_reserve (data, MIN (count, MOST_RESERVED), error) ||
      !arbor_trees_read_runs (selection, access, append_rows, &read, cancellable, error))
    return NULL;
  /* A call that a closing overtook must not look like one that came before it. */
  if (!arbor_access_check (access, cancellable, error))
    return NULL;
  arbor_column_data_finish (data);
  return g_steal_pointer (&data);
}
