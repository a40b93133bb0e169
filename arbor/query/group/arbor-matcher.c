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
    arbor_key_ids_leave_batches (self->ids);
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

/* Looks up the ids that were not met before. */
static gboolean
find_new_ids (ArborMatcher *self, ArborAccess *access, const ArborRows *rows, const ArborIds *ids,
              ArborScope *scope, GError **error)
{
  const guint32 *new_rows;
  guint32 n;
  const ArborGroupKey *keys =
      arbor_key_ids_get_new_keys (self->ids, rows, ids, scope, &new_rows, &n);
  guint32 *groups = arbor_scope_alloc (scope, ((gsize) n + 1) * sizeof *groups);

  if (keys != NULL && !arbor_key_index_find_keys (self->index, access, keys, n, groups, error))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      if (keys == NULL &&
          !find_row (self, access, arbor_rows_get (rows, new_rows[i]), &groups[i], error))
        return FALSE;
      ids->tags[ids->ids[new_rows[i]]] = groups[i] == ARBOR_NO_GROUP ? NO_MATCH : groups[i];
    }
  return TRUE;
}

/* FALSE: some id has not been met before. */
static gboolean
set_groups (const ArborIds *ids, guint32 n, guint32 *groups)
{
  const guint32 *tags = ids->tags;
  guint32 n_new = 0;

  G_STATIC_ASSERT (ARBOR_NO_GROUP == ARBOR_NO_TAG);
  for (guint32 i = 0; i < n; i++)
    {
      guint32 tag = tags[ids->ids[i]];

      n_new += tag == ARBOR_NO_TAG;
      groups[i] = tag + (tag == NO_MATCH);
    }
  return n_new == 0;
}

static gboolean
find_ids (ArborMatcher *self, ArborAccess *access, const ArborRows *rows, const ArborIds *ids,
          ArborScope *scope, guint32 *groups, GError **error)
{
  if (set_groups (ids, rows->n, groups))
    return TRUE;
  if (!find_new_ids (self, access, rows, ids, scope, error))
    return FALSE;
  set_groups (ids, rows->n, groups);
  return TRUE;
}

gboolean
arbor_matcher_find (ArborMatcher *self, ArborAccess *access, const ArborRows *rows,
                    ArborScope *scope, guint32 *groups, GError **error)
{
  ArborGroupKey *keys = NULL;
  ArborIds ids;

  for (gsize i = 0; i < self->n; i++)
    arbor_evaluator_set_batch (self->evaluators[i], rows->batch, rows->first);
  if (self->ids != NULL && rows->n >= FEW)
    {
      if (arbor_key_ids_find (self->ids, rows, scope, &ids))
        return find_ids (self, access, rows, &ids, scope, groups, error);
      keys = arbor_key_ids_get_keys (self->ids, rows, scope);
    }
  if (keys != NULL)
    return arbor_key_index_find_keys (self->index, access, keys, rows->n, groups, error);
  for (guint32 i = 0; i < rows->n; i++)
    if (!find_row (self, access, arbor_rows_get (rows, i), &groups[i], error))
      return FALSE;
  return TRUE;
}
