/* Which fields are written. See arbor-export-fields.h. */

#include "query/export/arbor-export-fields.h"

#include "query/series/arbor-series-reader.h"
#include "query/view/arbor-key-search.h"
#include "query/view/arbor-narrow.h"

void
arbor_export_fields_free (ArborExportFields *self)
{
  if (self == NULL)
    return;
  arbor_trace_clear (&self->trace);
  g_strfreev (self->names);
  g_free (self);
}

/* Whether trees are objects of these fields, and no others. */
static gboolean
list_names (const ArborView *view, const char *const *columns, GPtrArray *names)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);

  if (!arbor_source_is_derived (view->source) || arbor_source_is_computed (view->source) ||
      !arbor_key_search_list_made (view->source, columns != NULL ? all : names))
    return FALSE;
  for (guint i = 0; columns != NULL && columns[i] != NULL; i++)
    {
      /* A column that no tree has can be no node of it. */
      if (!g_ptr_array_find_with_equal_func (all, columns[i], g_str_equal, NULL))
        return FALSE;
      g_ptr_array_add (names, g_strdup (columns[i]));
    }
  return names->len > 0;
}

static ArborNode *
new_field_node (const char *name)
{
  ArborStep *step = g_new0 (ArborStep, 1);

  *step = (ArborStep){ .kind = ARBOR_STEP_KEY,
                       .key = g_strdup (name),
                       .length = (guint32) strlen (name) };
  return arbor_node_new_path_take (arbor_path_new_take (step, 1));
}

ArborExportFields *
arbor_export_fields_new (const ArborView *view, ArborAccess *access, const char *const *columns)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) nodes =
      g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  g_autoptr (ArborExportFields) self = NULL;

  if (!list_names (view, columns, names))
    return NULL;
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (nodes, new_field_node (names->pdata[i]));
  g_ptr_array_add (names, NULL);
  self = g_new0 (ArborExportFields, 1);
  self->names = (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
  if (!arbor_trace_init (&self->trace, arbor_access_get_about (access), view->selection,
                         (ArborNode **) nodes->pdata, nodes->len, ARBOR_TRACE_VALUES))
    return NULL;
  arbor_trace_enter (&self->trace, access, &self->access);
  arbor_access_narrow (&self->access, &self->access, self->trace.nodes, self->trace.n, NULL);
  return g_steal_pointer (&self);
}

/* Those that are met */

typedef struct
{
  guint n;
  ArborSeriesReader **readers; /* NULL: met */
  guint64 *first;              /* tree that has each */
  guint n_met;
  guint64 n_rows;
  gboolean is_refused;
} Search;

/* Of @reader's field, in these rows: n when none has it. */
static guint32
find_first (ArborSeriesReader *reader, const ArborRows *rows)
{
  ArborSeries chunk;
  ArborValue value;
  guint32 n = 0;

  arbor_series_reader_begin (reader, rows);
  while (arbor_series_reader_next (reader, &chunk) > 0)
    for (guint32 i = 0; i < chunk.n; i++, n++)
      {
        arbor_series_get (&chunk, i, &value);
        if (value.kind != ARBOR_KIND_MISSING)
          return n;
      }
  return n;
}

/* FALSE, without an error: there is nothing more to be found. */
static gboolean
search_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Search *self = data;

  for (guint i = 0; i < self->n && !self->is_refused; i++)
    {
      ArborSeriesReader *reader = self->readers[i];
      guint32 at;

      if (reader == NULL)
        continue;
      at = find_first (reader, rows);
      self->is_refused = arbor_series_reader_take_trouble (reader);
      arbor_series_reader_forget (reader);
      if (at == rows->n)
        continue;
      self->first[i] = self->n_rows + at;
      self->n_met++;
      g_clear_pointer (&self->readers[i], arbor_series_reader_free);
    }
  self->n_rows += rows->n;
  return !self->is_refused && self->n_met < self->n;
}

/* The @n names and nodes that were met, by where. */
static void
keep (ArborExportFields *self, const Search *search)
{
  guint n = 0;

  for (guint i = 0; i < search->n; i++)
    {
      ArborNode *node = self->trace.nodes[i];
      char *name = self->names[i];
      guint64 first = search->first[i];
      guint at = n;

      if (search->readers[i] != NULL)
        {
          arbor_node_unref (node);
          g_free (name);
          continue;
        }
      for (; at > 0 && search->first[at - 1] > first; at--)
        {
          self->trace.nodes[at] = self->trace.nodes[at - 1];
          self->names[at] = self->names[at - 1];
          search->first[at] = search->first[at - 1];
        }
      self->trace.nodes[at] = node;
      self->names[at] = name;
      search->first[at] = first;
      n++;
    }
  self->names[n] = NULL;
  self->trace.n = n;
}

gboolean
arbor_export_fields_keep_met (ArborExportFields *self, gboolean *is_done,
                              GCancellable *cancellable, GError **error)
{
  Search search = { .n = self->trace.n };
  g_autofree ArborSeriesReader **readers = g_new0 (ArborSeriesReader *, search.n + 1);
  g_autofree guint64 *first = g_new0 (guint64, search.n + 1);
  g_autoptr (GError) failure = NULL;
  guint32 n_read;

  search.readers = readers;
  search.first = first;
  for (guint i = 0; i < search.n; i++)
    readers[i] = arbor_series_reader_new (self->trace.nodes[i]);
  arbor_trees_read_content_runs (self->trace.selection, &self->access, 0, G_MAXUINT32, search_rows,
                                 &search, &n_read, cancellable, &failure);
  *is_done = failure == NULL && !search.is_refused && search.n_met > 0;
  if (*is_done)
    keep (self, &search);
  for (guint i = 0; i < search.n; i++)
    arbor_series_reader_free (readers[i]);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
