/* See arbor-series-ways.h. */

#include "query/series/arbor-series-ways.h"

#include <pthread.h>

#include "query/expr/arbor-function.h"
#include "query/series/arbor-series-program.h"

void
arbor_series_append_reason (const ArborNode *node, gboolean of_trees, GString *text)
{
  const ArborFunction *function = arbor_series_find_row_code (node, of_trees);

  if (function != NULL)
    g_string_append_printf (text, " (%s has no code for columns)", function->name);
}

/* Before */

static void
append_node (const ArborNode *node, GString *out)
{
  g_autofree char *text = arbor_node_to_string (node);

  g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", text);
  arbor_series_append_reason (node, TRUE, out);
}

static void
append_way (const char *way, const GString *nodes, gboolean *is_first, GString *text)
{
  if (nodes->len == 0)
    return;
  g_string_append_printf (text, "%s%s: %s", *is_first ? "  " : " | ", way, nodes->str);
  *is_first = FALSE;
}

/* Both sides of a join mostly have the same key. */
static gboolean
is_told (const GPtrArray *nodes, guint i)
{
  for (guint j = 0; j < i; j++)
    if (arbor_node_equal (nodes->pdata[j], nodes->pdata[i]))
      return TRUE;
  return FALSE;
}

void
arbor_series_describe_ways (GPtrArray *nodes, GString *text)
{
  g_autoptr (GString) lanes = g_string_new (NULL);
  g_autoptr (GString) columns = g_string_new (NULL);
  g_autoptr (GString) rows = g_string_new (NULL);
  gboolean is_first = TRUE;

  for (guint i = 0; i < nodes->len; i++)
    {
      const ArborNode *node = nodes->pdata[i];

      if (node->kind == ARBOR_NODE_LITERAL || is_told (nodes, i))
        continue;
      append_node (node, arbor_node_get_key_path (node) != NULL            ? lanes
                         : arbor_series_find_row_code (node, TRUE) != NULL ? rows
                                                                           : columns);
    }
  append_way ("lanes", lanes, &is_first, text);
  append_way ("columns", columns, &is_first, text);
  append_way ("row by row", rows, &is_first, text);
  if (!is_first)
    g_string_append_c (text, '\n');
}

/* Behind */

typedef struct
{
  char *text;
  ArborSeriesCounters counters;
} Line;

struct _ArborTally
{
  pthread_mutex_t mutex; /* guards lines */
  GPtrArray *lines;      /* of Line */
};

static void
line_free (gpointer data)
{
  Line *self = data;

  g_free (self->text);
  g_free (self);
}

ArborTally *
arbor_tally_new (void)
{
  ArborTally *self = g_new0 (ArborTally, 1);

  pthread_mutex_init (&self->mutex, NULL);
  self->lines = g_ptr_array_new_with_free_func (line_free);
  return self;
}

void
arbor_tally_free (ArborTally *self)
{
  if (self == NULL)
    return;
  pthread_mutex_destroy (&self->mutex);
  g_ptr_array_unref (self->lines);
  g_free (self);
}

static Line *
get_line (ArborTally *self, const ArborNode *node)
{
  g_autofree char *text = arbor_node_to_string (node);
  Line *line;

  for (guint i = 0; i < self->lines->len; i++)
    {
      line = self->lines->pdata[i];
      if (strcmp (line->text, text) == 0)
        return line;
    }
  line = g_new0 (Line, 1);
  line->text = g_steal_pointer (&text);
  g_ptr_array_add (self->lines, line);
  return line;
}

void
arbor_tally_add (ArborTally *self, const ArborNode *node, const ArborSeriesCounters *counters)
{
  ArborSeriesCounters *sum;

  pthread_mutex_lock (&self->mutex);
  sum = &get_line (self, node)->counters;
  sum->n_lanes += counters->n_lanes;
  sum->n_columns += counters->n_columns;
  sum->n_plain += counters->n_plain;
  sum->n_dictionary += counters->n_dictionary;
  sum->n_values += counters->n_values;
  sum->n_rows += counters->n_rows;
  if (counters->refused != NULL)
    sum->refused = counters->refused;
  pthread_mutex_unlock (&self->mutex);
}

static void
append_count (const char *way, guint64 n, gboolean *is_first, GString *text)
{
  if (n == 0)
    return;
  g_string_append_printf (text, "%s%s: %" G_GUINT64_FORMAT, *is_first ? "" : ", ", way, n);
  *is_first = FALSE;
}

static void
describe_line (const Line *self, GString *text)
{
  const ArborSeriesCounters *counters = &self->counters;
  const ArborFunction *refused = counters->refused;
  gboolean is_first = TRUE;

  g_string_append_printf (text, "values of %s | ", self->text);
  append_count ("from lanes", counters->n_lanes, &is_first, text);
  append_count ("by columns", counters->n_plain, &is_first, text);
  append_count ("by dictionary", counters->n_dictionary, &is_first, text);
  append_count ("row by row", counters->n_values + counters->n_rows, &is_first, text);
  if (refused != NULL)
    g_string_append_printf (text,
                            refused->series == NULL ? " (%s has no code for columns)"
                                                    : " (%s has code for columns, not for these)",
                            refused->name);
  else if (counters->n_rows > 0)
    g_string_append (text, " (values in overflow text, or that take much memory)");
  g_string_append_c (text, '\n');
}

void
arbor_tally_describe (ArborTally *self, GString *text)
{
  pthread_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->lines->len; i++)
    describe_line (self->lines->pdata[i], text);
  pthread_mutex_unlock (&self->mutex);
}
