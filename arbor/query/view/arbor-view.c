/* See arbor-view.h. */

#include "query/view/arbor-view.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "query/series/arbor-series-ways.h"
#include "query/view/arbor-source-private.h"

ArborView *
arbor_view_new (ArborSource *source, ArborSelection *selection)
{
  ArborView *self;

  if (source == NULL || selection == NULL)
    {
      g_clear_pointer (&source, arbor_source_unref);
      g_clear_pointer (&selection, arbor_selection_unref);
      return NULL;
    }
  self = g_new0 (ArborView, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->source = source;
  self->selection = selection;
  return self;
}

ArborView *
arbor_view_new_all (ArborSource *source)
{
  return source != NULL ? arbor_view_new (source, arbor_selection_new_all ()) : NULL;
}

/* @made as strict as @self. */
static ArborView *
inherit (const ArborView *self, ArborView *made)
{
  if (made != NULL)
    made->is_strict = self->is_strict;
  return made;
}

ArborView *
arbor_view_select (const ArborView *self, ArborSelection *selection)
{
  return inherit (self, arbor_view_new (arbor_source_ref (self->source), selection));
}

ArborView *
arbor_view_compute (const ArborView *self, ArborSource *source)
{
  return inherit (self, arbor_view_new_all (source));
}

ArborView *
arbor_view_compute_view (const ArborView *self, ArborView *view)
{
  return inherit (self, view);
}

ArborView *
arbor_view_make_strict (const ArborView *self)
{
  ArborView *strict = arbor_view_select (self, arbor_selection_ref (self->selection));

  strict->is_strict = TRUE;
  return strict;
}

ArborView *
arbor_view_ref (ArborView *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_view_unref (ArborView *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  arbor_selection_unref (self->selection);
  arbor_source_unref (self->source);
  g_free (self);
}

void
arbor_view_set_not_opened_error (GError **error)
{
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED,
                       _("ArborStore has not been opened"));
}

gboolean
arbor_view_enter (ArborView *self, ArborAccess *access, GError **error)
{
  if (self != NULL)
    return arbor_access_begin (access, self->source, NULL, error);
  arbor_view_set_not_opened_error (error);
  return FALSE;
}

/* Describing */

static void
describe_given (ArborSource *source, GString *out)
{
  const char *name = arbor_source_get_name (source);

  if (name != NULL)
    g_string_append_printf (out, "stored '%s' in '%s'", name,
                            arbor_session_get_path (arbor_source_get_session (source)));
  else
    g_string_append (out, "in memory");
  g_string_append_printf (out, ": %" PRIu64 " trees in %u batches\n",
                          arbor_source_get_n_trees (source), arbor_source_get_n_batches (source));
}

/* Another input: where it lies or how it is computed, and the steps of its view. */
static void
describe_other (ArborSource *derived, guint input, gboolean with_counters, GString *out)
{
  ArborSource *source = arbor_source_get_input (derived, input);
  ArborSelection *selection = arbor_source_get_input_selection (derived, input);
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  if (arbor_source_describe (source, text))
    g_string_append_c (text, '\n');
  else
    describe_given (source, text);
  if (selection != NULL)
    arbor_selection_describe (selection, source, with_counters, text);
  lines = g_strsplit (text->str, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    g_string_append_printf (out, "  %s %s\n", i == 0 ? "and" : "   ", lines[i]);
}

/* How what is evaluated on the inputs of a derived source is found. */
static void
describe_ways (ArborSource *derived, GString *out)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);

  for (guint i = 0; i < arbor_source_get_n_inputs (derived); i++)
    arbor_source_list_nodes (derived, i, nodes);
  arbor_series_describe_ways (nodes, out);
}

/* A derived source after what it is computed from, along its first inputs. */
static void
describe_source (ArborSource *source, gboolean with_counters, GString *out)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();

  g_ptr_array_add (sources, source);
  while (arbor_source_get_n_inputs (source) > 0)
    g_ptr_array_add (sources, source = arbor_source_get_input (source, 0));
  for (guint i = sources->len; i > 0; i--)
    {
      ArborSource *at = sources->pdata[i - 1];
      guint n_inputs = arbor_source_get_n_inputs (at);

      if (i < sources->len && arbor_source_get_input_selection (at, 0) != NULL)
        arbor_selection_describe (arbor_source_get_input_selection (at, 0), sources->pdata[i],
                                  with_counters, out);
      for (guint j = 1; j < n_inputs; j++)
        describe_other (at, j, with_counters, out);
      if (arbor_source_is_same (at))
        continue;
      if (arbor_source_describe (at, out))
        {
          g_string_append_printf (out, " (%" PRIu64 " trees so far",
                                  arbor_source_get_n_trees (at));
          arbor_source_describe_narrow (at, out);
          g_string_append (out, ")\n");
          describe_ways (at, out);
        }
      else
        describe_given (at, out);
    }
}

void
arbor_view_describe (const ArborView *self, ArborSelection *selection, gboolean with_counters,
                     GString *out)
{
  describe_source (self->source, with_counters, out);
  arbor_selection_describe (selection, self->source, with_counters, out);
}
