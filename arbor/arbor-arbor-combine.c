/* ArborArbor: one arbor out of several. What comes out carries the close tokens of all of them.
 */

#include "arbor-arbor-private.h"

#include "arbor-close-token.h"
#include "arbor-task-private.h"

static ArborArbor *
concat (ArborArbor **arbors, gsize n, GError **error)
{
  g_autofree ArborView **views = g_new (ArborView *, n + 1);
  g_autoptr (ArborCloseToken) token = NULL;
  g_autoptr (ArborPlanStep) step = NULL;
  ArborGate *gate = NULL;

  if (n == 0)
    return arbor_arbor_new_take_batches (g_ptr_array_new (), error);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (ArborCloseToken) before = g_steal_pointer (&token);
      ArborGate *joined;

      views[i] = arbors[i]->view;
      token = arbor_join_tokens (before, arbors[i]->token, &joined);
      gate = joined != NULL ? joined : gate;
    }
  step = arbor_plan_append (views + 1, n - 1, gate);
  return arbor_arbor_new_take (arbor_plan_step_apply (step, views[0], error), token);
}

/**
 * arbor_arbor_append:
 * @self: an arbor
 * @other: another one, or the same
 * @error: where to put an error
 *
 * An arbor of the trees of @self, followed by those of @other. Neither changes. To append to what a
 * store has under a name, see [method@Arbor.Store.append].
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor, which ends when the store of one of them is closed
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_append (ArborArbor *self, ArborArbor *other, GError **error)
{
  ArborArbor *arbors[] = { self, other };

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_ARBOR (other), NULL);

  return concat (arbors, 2, error);
}

/**
 * arbor_arbor_concat:
 * @arbors: (array length=n_arbors): arbors, of any stores or in memory
 * @n_arbors: how many
 * @error: where to put an error
 *
 * An arbor of the trees of all of them, one after the other. What is a whole stored arbor is read
 * where it lies; of views the trees are copied when they are first read.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor, which ends when the store of one of them is closed
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_concat (ArborArbor **arbors, gsize n_arbors, GError **error)
{
  g_return_val_if_fail (arbors != NULL || n_arbors == 0, NULL);
  g_return_val_if_fail (arbor_task_are_objects (arbors, n_arbors, ARBOR_TYPE_ARBOR), NULL);

  return concat (arbors, n_arbors, error);
}
