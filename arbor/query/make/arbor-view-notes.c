/* See arbor-view-notes.h. */

#include "query/make/arbor-view-notes.h"

#include "base/arbor-error.h"
#include "query/make/arbor-path-notes.h"
#include "query/view/arbor-derived.h"

static gboolean
add_notes (GPtrArray *notes, ArborSource *source, ArborAccess *access, GPtrArray *nodes)
{
  ArborAccess input;
  gboolean is_good = TRUE;

  arbor_access_borrow (&input, access, source);
  for (guint i = 0; i < nodes->len && is_good; i++)
    is_good = arbor_path_notes_add (notes, source, &input, nodes->pdata[i], NULL);
  return is_good;
}

/* Of everything that the derived @source asks its inputs, which come to @sources. */
static gboolean
note_inputs (GPtrArray *notes, ArborSource *source, ArborAccess *access, GPtrArray *sources)
{
  for (guint i = arbor_source_get_n_inputs (source); i > 0; i--)
    {
      g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
      ArborSelection *selection = arbor_source_get_input_selection (source, i - 1);

      if (selection != NULL)
        arbor_selection_list_nodes (selection, nodes);
      arbor_source_list_nodes (source, i - 1, nodes);
      if (!add_notes (notes, arbor_source_get_input (source, i - 1), access, nodes))
        return FALSE;
      g_ptr_array_add (sources, arbor_source_get_input (source, i - 1));
    }
  return TRUE;
}

/* What was computed of @source and all that it is computed from. */
static void
list_notes (ArborSource *source, GPtrArray *notes)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();

  g_ptr_array_add (sources, source);
  while (sources->len > 0)
    {
      ArborSource *at = g_ptr_array_steal_index (sources, sources->len - 1);

      arbor_source_list_notes (at, notes);
      for (guint i = arbor_source_get_n_inputs (at); i > 0; i--)
        g_ptr_array_add (sources, arbor_source_get_input (at, i - 1));
    }
}

void
arbor_view_notes_list (const ArborView *self, GPtrArray *notes)
{
  list_notes (self->source, notes);
}

void
arbor_view_notes_describe (ArborView *self, GString *out)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();
  ArborAccess access;

  /* Of what is closed no paths are told. */
  if (arbor_view_enter (self, &access, NULL))
    {
      arbor_selection_list_nodes (self->selection, nodes);
      g_ptr_array_add (sources, self->source);
      if (add_notes (notes, self->source, &access, nodes))
        while (sources->len > 0 &&
               note_inputs (notes, g_ptr_array_steal_index (sources, sources->len - 1), &access,
                            sources))
          ;
      arbor_access_leave (&access, NULL);
    }
  list_notes (self->source, notes);
  for (guint i = 0; i < notes->len; i++)
    g_string_append_printf (out, "note: %s\n", (const char *) notes->pdata[i]);
}

gboolean
arbor_view_check_nodes (const ArborView *self, ArborAccess *access, ArborNode *const *nodes,
                        gsize n, GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < n && self->is_strict; i++)
    {
      if (!arbor_path_notes_add (notes, self->source, access, nodes[i], error))
        return FALSE;
      if (notes->len == 0)
        continue;
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_SCHEMA, notes->pdata[0]);
      return FALSE;
    }
  return TRUE;
}

gboolean
arbor_view_check_path (const ArborView *self, ArborAccess *access, const char *path,
                       GError **error)
{
  g_autoptr (ArborNode) node = NULL;

  if (!self->is_strict)
    return TRUE;
  node = arbor_node_new_path (path, error);
  return node != NULL && arbor_view_check_nodes (self, access, &node, 1, error);
}
