/* See arbor-function-set.h. */

#include "query/expr/arbor-function-set.h"

#include "batch/arbor-value-access.h"
#include "query/expr/arbor-function-private.h"

/* Fewer are compared one after the other. */
#define MIN_LITERALS 9u

static void
add (ArborLiteralSet *self, const ArborValue *literal, ArborScope *scope)
{
  guint32 slot = (guint32) arbor_value_hash (literal, scope) & self->mask;

  while (self->slots[slot] != NULL)
    slot = (slot + 1) & self->mask;
  self->slots[slot] = literal;
  self->n++;
}

gboolean
arbor_function_prepare_set (ArborNode *call, G_GNUC_UNUSED GError **error)
{
  g_autoptr (ArborScope) scope = NULL;
  ArborLiteralSet *self;

  if (call->n_arguments <= MIN_LITERALS || arbor_function_get_literal (call, 0) != NULL)
    return TRUE;
  for (guint i = 1; i < call->n_arguments; i++)
    if (arbor_function_get_literal (call, i) == NULL)
      return TRUE;
  scope = arbor_scope_new ();
  self = g_new0 (ArborLiteralSet, 1);
  self->mask = 15;
  while (self->mask / 2 < call->n_arguments)
    self->mask = self->mask * 2 + 1;
  self->slots = g_new0 (const ArborValue *, (gsize) self->mask + 1);
  for (guint i = 1; i < call->n_arguments; i++)
    {
      const ArborValue *literal = arbor_function_get_literal (call, i);

      if (literal->kind == ARBOR_KIND_NULL)
        self->has_null = TRUE;
      else if (!arbor_literal_set_has (self, literal, scope))
        add (self, literal, scope);
    }
  call->prepared = self;
  return TRUE;
}

void
arbor_function_free_set (gpointer prepared)
{
  ArborLiteralSet *self = prepared;

  g_free (self->slots);
  g_free (self);
}

gboolean
arbor_literal_set_has (const ArborLiteralSet *self, const ArborValue *value, ArborScope *scope)
{
  guint32 slot = (guint32) arbor_value_hash (value, scope) & self->mask;

  for (; self->slots[slot] != NULL; slot = (slot + 1) & self->mask)
    if (arbor_value_equal (self->slots[slot], value, scope))
      return TRUE;
  return FALSE;
}
