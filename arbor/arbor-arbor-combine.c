/* ArborArbor: one arbor out of several. What comes out carries the close tokens of all of them.
 */

#include "arbor-arbor-private.h"

#include "arbor-close-token.h"
#include "query/view/arbor-concat.h"

/* Tells the first that is closed or stale. */
static gboolean
check_all (ArborArbor **arbors, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      ArborAccess access;

      if (!arbor_arbor_enter (arbors[i], &access, error))
        return FALSE;
      arbor_access_end (&access, error);
    }
  return TRUE;
}

static ArborArbor *
concat (ArborArbor **arbors, gsize n, GError **error)
{
  g_autofree ArborPart *parts = g_new (ArborPart, n + 1);
  ArborCloseToken *token;
  ArborGate *gate;
  ArborArbor *all;

  if (!check_all (arbors, n, error))
    return NULL;
  for (gsize i = 0; i < n; i++)
    parts[i] = (ArborPart){ arbors[i]->source, arbors[i]->selection };
  token = arbor_arbor_join_tokens (arbors, n, &gate);
  all = arbor_arbor_new_computed (arbor_concat_new (parts, n, gate, error), token);
  for (gsize i = 0; i < n && all != NULL; i++)
    all->is_strict |= arbors[i]->is_strict;
  return all;
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
  for (gsize i = 0; i < n_arbors; i++)
    g_return_val_if_fail (ARBOR_IS_ARBOR (arbors[i]), NULL);

  return concat (arbors, n_arbors, error);
}
