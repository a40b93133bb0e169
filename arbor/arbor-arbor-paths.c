/* ArborArbor: paths that no tree has, for those who mistyped one (query/make/arbor-path-notes.h), and strict
 * arbors, which refuse them.
 */

#include "arbor-arbor-private.h"

#include "arbor-expr-private.h"
#include "base/arbor-error.h"
#include "query/view/arbor-derived.h"
#include "query/make/arbor-path-notes.h"

/**
 * arbor_arbor_check_paths:
 * @self: an arbor
 * @exprs: (array length=n_exprs): what may be asked of its trees; a path is one
 *   ([func@Arbor.path])
 * @n_exprs: how many
 * @error: where to put an error
 *
 * What a person should know before asking: a line such as `no tree has 'nmae'; there is 'name'` for
 * each path in the expressions that no tree of the arbor has, whatever a view leaves out. The answer
 * comes from the directories of the data, so that no tree is read; where they cannot tell (values so
 * irregular that they are kept as text, what aggregates give) nothing is said, and neither is
 * about an arbor without trees. The arguments of `exists` and `is_missing` ask themselves.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full) (array zero-terminated=1): the lines, for people; none is good
 *
 * Since: 1.0
 */
char **
arbor_arbor_check_paths (ArborArbor *self, ArborExpr **exprs, gsize n_exprs, GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  gboolean is_good = TRUE;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  for (gsize i = 0; i < n_exprs && is_good; i++)
    is_good = arbor_path_notes_add (notes, self->source, &access, arbor_expr_get_node (exprs[i]),
                                    error);
  arbor_access_end (&access, error);
  if (!is_good)
    return NULL;
  g_ptr_array_add (notes, NULL);
  return (char **)g_ptr_array_steal (notes, NULL);
}

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
      g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)arbor_node_unref);
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

/**
 * arbor_arbor_dup_notes:
 * @self: an arbor
 *
 * What a person should know of what has been computed so far: a line such as `sum(v): 1 of 3 values
 * were no numbers and were left out` for each aggregate over groups that left out values. Computes
 * nothing: complete once the arbor was read, or [method@Arbor.Arbor.compute] called. Always answers.
 * Any thread may call this.
 *
 * Returns: (transfer full) (array zero-terminated=1): the lines
 *
 * Since: 1.0
 */
char **
arbor_arbor_dup_notes (ArborArbor *self)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new ();

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (self->source != NULL)
    list_notes (self->source, notes);
  g_ptr_array_add (notes, NULL);
  return (char **)g_ptr_array_steal (notes, NULL);
}

void
arbor_arbor_describe_notes (ArborArbor *self, GString *out)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)arbor_node_unref);
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();
  ArborAccess access;

  /* Of what is closed no paths are told. */
  if (arbor_arbor_enter (self, &access, NULL))
    {
      arbor_selection_list_nodes (self->selection, nodes);
      g_ptr_array_add (sources, self->source);
      if (add_notes (notes, self->source, &access, nodes))
        while (sources->len > 0 &&
               note_inputs (notes, g_ptr_array_steal_index (sources, sources->len - 1), &access,
                            sources))
          ;
      arbor_access_end (&access, NULL);
    }
  list_notes (self->source, notes);
  for (guint i = 0; i < notes->len; i++)
    g_string_append_printf (out, "note: %s\n", (const char *)notes->pdata[i]);
}

gboolean
arbor_arbor_check_nodes (ArborArbor *self, ArborAccess *access, ArborNode *const *nodes, gsize n,
                         GError **error)
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
arbor_arbor_check_path (ArborArbor *self, ArborAccess *access, const char *path, GError **error)
{
  g_autoptr (ArborNode) node = NULL;

  if (!self->is_strict)
    return TRUE;
  node = arbor_node_new_path (path, error);
  return node != NULL && arbor_arbor_check_nodes (self, access, &node, 1, error);
}

/**
 * arbor_arbor_strict:
 * @self: an arbor
 * @error: where to put an error
 *
 * A view of the same trees that refuses paths which no tree has: each of its operations that takes
 * expressions or paths, and those of whatever comes of them, fails at once with
 * %ARBOR_ERROR_SCHEMA and what [method@Arbor.Arbor.check_paths] says. Without it such a path is
 * missing in every tree, which is no error.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_strict (ArborArbor *self, GError **error)
{
  ArborAccess access;
  ArborArbor *strict;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  strict = arbor_arbor_derive (self, &access, arbor_selection_ref (self->selection), error);
  if (strict != NULL)
    strict->is_strict = TRUE;
  return strict;
}
