/* Both sides of a join or nest: keys, the index of the right trees, reading these. See
 * arbor-join-private.h.
 */

#include "query/group/arbor-join-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "query/group/arbor-asked.h"

void
arbor_join_sides_free (gpointer data)
{
  ArborJoinSides *self = data;

  for (gsize i = 0; i < self->n_keys; i++)
    {
      arbor_evaluator_free (self->evaluators[i]);
      arbor_node_unref (self->keys[i]);
      arbor_node_unref (self->right_keys[i]);
    }
  g_free (self->evaluators);
  g_free (self->keys);
  g_free (self->right_keys);
  g_free (self->values);
  g_clear_pointer (&self->index, arbor_key_index_unref);
  g_clear_pointer (&self->matcher, arbor_matcher_free);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
  g_clear_pointer (&self->of_right, arbor_wanted_free);
  g_clear_pointer (&self->narrowed, arbor_source_unref);
  g_clear_pointer (&self->columns, arbor_join_columns_free);
  g_clear_pointer (&self->nested, arbor_nest_columns_free);
  g_free (self->piece);
  arbor_scope_free (self->scope);
  g_free (self->pairs);
  g_ptr_array_unref (self->names.dropped);
  g_ptr_array_unref (self->given);
  g_free (self->field);
  g_free (self->names.suffix);
  g_free (self);
}

void
arbor_join_sides_describe (gpointer data, GString *text)
{
  ArborJoinSides *self = data;

  g_string_append_printf (text, "%s%s%s by ", self->verb, self->field != NULL ? " " : "",
                          self->field != NULL ? self->field : "");
  arbor_key_index_describe (self->index, text);
}

void
arbor_join_sides_set_batch (gpointer data, const ArborBatch *batch, guint64 first)
{
  ArborJoinSides *self = data;

  for (gsize i = 0; i < self->n_keys; i++)
    arbor_evaluator_set_batch (self->evaluators[i], batch, first);
}

gboolean
arbor_join_sides_prepare (gpointer data, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  ArborJoinSides *self = data;
  guint32 n_keys;

  arbor_access_borrow (&self->access, access, self->right);
  self->trees = self->access;
  if (self->of_right != NULL)
    arbor_access_narrow_to (&self->trees, &self->access, self->of_right, &self->narrowed);
  arbor_matcher_forget (self->matcher);
  return arbor_key_index_get_n_keys (self->index, &self->access, cancellable, &n_keys, error);
}

gboolean
arbor_join_sides_get_right (ArborJoinSides *self, guint32 index, ArborValue *tree, GError **error)
{
  ArborPlace place;

  /* The index may know of it without it having been made. */
  if (!arbor_trees_ensure (&self->trees, &index, 1, NULL, error))
    return FALSE;
  if (!arbor_access_find_tree (&self->trees, index, &place, error))
    return FALSE;
  arbor_batch_get_tree (place.batch, arbor_place_get_row (&place, index), tree);
  return TRUE;
}

void
arbor_join_sides_list_nodes (gpointer data, guint input, GPtrArray *nodes)
{
  ArborJoinSides *self = data;
  ArborNode *const *keys = input == 0 ? self->keys : self->right_keys;

  for (gsize i = 0; i < self->n_keys; i++)
    g_ptr_array_add (nodes, arbor_node_ref (keys[i]));
}

/* Making */

static void
free_string (gpointer data)
{
  g_string_free (data, TRUE);
}

ArborJoinSides *
arbor_join_sides_alloc (const char *verb, ArborSource *right, ArborKeyIndex *index)
{
  ArborJoinSides *self = g_new0 (ArborJoinSides, 1);

  self->verb = verb;
  self->right = right;
  self->index = index;
  self->names.dropped = g_ptr_array_new_with_free_func (g_free);
  self->given = g_ptr_array_new_with_free_func (free_string);
  self->scope = arbor_scope_new ();
  return self;
}

void
arbor_join_sides_set_keys (ArborJoinSides *self, ArborNode *const *keys, ArborNode *const *right_keys, gsize n)
{
  self->keys = g_new (ArborNode *, n + 1);
  self->right_keys = g_new (ArborNode *, n + 1);
  self->evaluators = g_new (ArborEvaluator *, n + 1);
  self->values = g_new (ArborValue, n + 1);
  for (; self->n_keys < n; self->n_keys++)
    {
      self->keys[self->n_keys] = arbor_node_ref (keys[self->n_keys]);
      self->right_keys[self->n_keys] = arbor_node_ref (right_keys[self->n_keys]);
      self->evaluators[self->n_keys] = arbor_evaluator_new (keys[self->n_keys]);
    }
  self->matcher = arbor_matcher_new (self->index, keys, n);
}

ArborSource *
arbor_join_sides_make_source (const ArborMapping *mapping, ArborJoinSides *self, const ArborJoinSide *left,
             const ArborJoinSide *right, ArborGate *gate, GError **error)
{
  ArborSource *source = arbor_source_new_mapped (mapping, self, left->source, left->selection,
                                                 &right->source, 1, gate, error);

  if (source != NULL)
    arbor_source_set_input_selection (source, 1, right->selection);
  return source;
}

static gboolean
check_keys (const ArborJoinSide *left, const ArborJoinSide *right, GError **error)
{
  if (left->n_keys != right->n_keys)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _("Expected as many keys on both sides, found %u and %u"),
                   (guint) left->n_keys, (guint) right->n_keys);
      return FALSE;
    }
  for (gsize i = 0; i < left->n_keys; i++)
    if (!arbor_node_check_scalar (left->keys[i], error))
      return FALSE;
  return TRUE;
}

ArborKeyIndex *
arbor_join_make_index (const ArborJoinSide *left, const ArborJoinSide *right, GError **error)
{
  ArborKeyIndex *index = check_keys (left, right, error)
                             ? arbor_key_index_new (right->source, right->selection, right->keys,
                                                    right->n_keys, error)
                             : NULL;

  if (index != NULL)
    arbor_key_index_expect (index, arbor_asked_new (left, right));
  return index;
}

ArborJoinSides *
arbor_join_sides_new (const char *verb, const ArborJoinSide *left, const ArborJoinSide *right, GError **error)
{
  ArborKeyIndex *index = arbor_join_make_index (left, right, error);
  ArborJoinSides *self;

  if (index == NULL)
    return NULL;
  self = arbor_join_sides_alloc (verb, right->source, index);
  arbor_join_sides_set_keys (self, left->keys, right->keys, left->n_keys);
  return self;
}
