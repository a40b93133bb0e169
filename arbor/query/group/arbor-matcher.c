/* See arbor-matcher.h. */

#include "query/group/arbor-matcher.h"

#include "query/expr/arbor-evaluator.h"
#include "query/series/arbor-key-ids.h"

/* As the tag of an id that no key of the index has. */
#define NO_MATCH (ARBOR_NO_TAG - 1)
/* So few rows are looked up one by one. */
#define FEW 8u

struct _ArborMatcher
{
  ArborKeyIndex *index;
  gsize n;
  ArborEvaluator **evaluators;
  ArborValue *values;
  ArborKeyIds *ids;
  ArborScope *scope; /* of a row */
};

ArborMatcher *
arbor_matcher_new (ArborKeyIndex *index, ArborNode *const *keys, gsize n)
{
  ArborMatcher *self = g_new0 (ArborMatcher, 1);

  self->index = index;
  self->n = n;
  self->evaluators = g_new (ArborEvaluator *, n + 1);
  self->values = g_new (ArborValue, n + 1);
  for (gsize i = 0; i < n; i++)
    self->evaluators[i] = arbor_evaluator_new (keys[i]);
  self->ids = arbor_key_ids_new (keys, n);
  self->scope = arbor_scope_new ();
  return self;
}

void
arbor_matcher_free (ArborMatcher *self)
{
  for (gsize i = 0; i < self->n; i++)
    arbor_evaluator_free (self->evaluators[i]);
  g_free (self->evaluators);
  g_free (self->values);
  g_clear_pointer (&self->ids, arbor_key_ids_free);
  arbor_scope_free (self->scope);
  g_free (self);
}

void
arbor_matcher_forget (ArborMatcher *self)
{
  if (self->ids != NULL)
    arbor_key_ids_forget (self->ids);
}

static gboolean
find_row (ArborMatcher *self, ArborAccess *access, guint32 row, guint32 *group, GError **error)
{
  gboolean is_good;

  for (gsize i = 0; i < self->n; i++)
    arbor_evaluator_get_value (self->evaluators[i], row, self->scope, &self->values[i]);
  /* What is damaged matches nothing, and is told of. */
  is_good = arbor_scope_check (self->scope, error) &&
            arbor_key_index_find (self->index, access, self->values, 1, self->scope, group, error);
  arbor_scope_reset (self->scope);
  return is_good;
}

static gboolean
find_ids (ArborMatcher *self, ArborAccess *access, const ArborRows *rows, const ArborIds *ids,
          guint32 *groups, GError **error)
{
  for (guint32 i = 0; i < rows->n; i++)
    {
      guint32 *tag = &ids->tags[ids->ids[i]];

      if (G_UNLIKELY (*tag == ARBOR_NO_TAG))
        {
          if (!find_row (self, access, arbor_rows_get (rows, i), tag, error))
            {
              *tag = ARBOR_NO_TAG;
              return FALSE;
            }
          if (*tag == ARBOR_NO_GROUP)
            *tag = NO_MATCH;
        }
      groups[i] = *tag == NO_MATCH ? ARBOR_NO_GROUP : *tag;
    }
  return TRUE;
}

gboolean
arbor_matcher_find (ArborMatcher *self, ArborAccess *access, const ArborRows *rows,
                    ArborScope *scope, guint32 *groups, GError **error)
{
  ArborValue *values = NULL;
  ArborIds ids;

  for (gsize i = 0; i < self->n; i++)
    arbor_evaluator_set_batch (self->evaluators[i], rows->batch, rows->first);
  if (self->ids != NULL && rows->n >= FEW)
    {
      if (arbor_key_ids_find (self->ids, rows, scope, &ids))
        return find_ids (self, access, rows, &ids, groups, error);
      values = arbor_key_ids_get_values (self->ids, rows, scope);
    }
  if (values != NULL)
    return arbor_key_index_find (self->index, access, values, rows->n, scope, groups, error);
  for (guint32 i = 0; i < rows->n; i++)
    if (!find_row (self, access, arbor_rows_get (rows, i), &groups[i], error))
      return FALSE;
  return TRUE;
}
