/* ArborArbor: paths that no tree has, for those who mistyped one (query/make/arbor-path-notes.h), and strict
 * arbors, which refuse them.
 */

#include "arbor-arbor-private.h"

#include "arbor-expr-private.h"
#include "base/arbor-error.h"
#include "query/make/arbor-path-notes.h"
#include "query/make/arbor-view-notes.h"

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
    is_good = arbor_path_notes_add (notes, self->view->source, &access, arbor_expr_get_node (exprs[i]),
                                    error);
  is_good = arbor_access_end (&access, error) && is_good;
  if (!is_good)
    return NULL;
  g_ptr_array_add (notes, NULL);
  return (char **) g_ptr_array_steal (notes, NULL);
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

  if (self->view != NULL)
    arbor_view_notes_list (self->view, notes);
  g_ptr_array_add (notes, NULL);
  return (char **) g_ptr_array_steal (notes, NULL);
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
  ArborView *strict;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  strict = arbor_view_make_strict (self->view);
  arbor_access_leave (&access, error);
  return arbor_arbor_new_take (strict, self->token);
}
