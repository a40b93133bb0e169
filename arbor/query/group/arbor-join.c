/* See arbor-join.h. */

#include "query/group/arbor-join.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-evaluator.h"

typedef struct
{
  const char *verb;
  gsize n_keys;
  ArborNode **keys;            /* of the left tree */
  ArborNode **right_keys;      /* as many */
  ArborEvaluator **evaluators; /* of them */
  ArborValue *values;
  ArborSource *right; /* an input of the derived source, which keeps it alive */
  ArborKeyIndex *index;
  ArborAccess access; /* to the right source, in a step */
  GPtrArray *dropped; /* keys of right trees that are not repeated */
  GPtrArray *given;   /* of GString: the names made up for the pair at hand */

  char *field; /* nest */
  ArborNest nest;
  ArborJoin kind;
  char *suffix;
} Join;

static void
join_free (gpointer data)
{
  Join *self = data;

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
  g_clear_pointer (&self->index, arbor_key_index_free);
  g_ptr_array_unref (self->dropped);
  g_ptr_array_unref (self->given);
  g_free (self->field);
  g_free (self->suffix);
  g_free (self);
}

static void
join_describe (gpointer data, GString *text)
{
  Join *self = data;

  g_string_append_printf (text, "%s%s%s by ", self->verb, self->field != NULL ? " " : "",
                          self->field != NULL ? self->field : "");
  arbor_key_index_describe (self->index, text);
}

static void
join_set_batch (gpointer data, const ArborBatch *batch, guint64 first)
{
  Join *self = data;

  for (gsize i = 0; i < self->n_keys; i++)
    arbor_evaluator_set_batch (self->evaluators[i], batch, first);
}

static gboolean
join_prepare (gpointer data, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  Join *self = data;
  guint32 n_keys;

  arbor_access_borrow (&self->access, access, self->right);
  return arbor_key_index_get_n_keys (self->index, &self->access, cancellable, &n_keys, error);
}

static guint32 *
look_up (Join *self, guint32 row, ArborScope *scope, guint64 *n, GError **error)
{
  for (gsize i = 0; i < self->n_keys; i++)
    arbor_evaluator_get_value (self->evaluators[i], row, scope, &self->values[i]);
  if (!arbor_scope_check (scope, error))
    return NULL;
  return arbor_key_index_look_up (self->index, &self->access, self->values, scope, n, error);
}

static gboolean
get_right (Join *self, guint32 index, ArborValue *tree, GError **error)
{
  guint32 batch = arbor_source_find_batch (self->right, index);
  const ArborBatch *reader = arbor_access_get_batch (&self->access, batch, error);

  if (reader == NULL)
    return FALSE;
  arbor_batch_get_tree (
      reader, (guint32) (index - arbor_source_get_first_tree (self->right, batch)), tree);
  return TRUE;
}

static gboolean
is_key (const char *name, const char *key, guint32 length)
{
  return strlen (name) == length && memcmp (name, key, length) == 0;
}

/* Nest */

static void
free_string (gpointer data)
{
  g_string_free (data, TRUE);
}

/* The field's value; FALSE with @error. */
static gboolean
write_matches (Join *self, const guint32 *matches, guint64 n, ArborScope *scope,
               ArborTapeWriter *out, GError **error)
{
  ArborValue tree;

  arbor_tape_writer_key (out, self->field, strlen (self->field));
  if (self->nest == ARBOR_NEST_MANY)
    arbor_tape_writer_begin_array (out);
  for (guint64 i = 0; i < n; i++)
    {
      if (!get_right (self, matches[i], &tree, error))
        return FALSE;
      arbor_value_write_tape (&tree, scope, out);
    }
  if (self->nest == ARBOR_NEST_MANY)
    arbor_tape_writer_end_array (out);
  return TRUE;
}

static gboolean
check_one (Join *self, guint64 n, ArborScope *scope, GError **error)
{
  ArborBuffer key = { 0 };

  if (self->nest == ARBOR_NEST_MANY || n <= 1)
    return TRUE;
  for (gsize i = 0; i < self->n_keys; i++)
    {
      if (i > 0)
        arbor_buffer_append_literal (&key, ", ");
      arbor_value_write_json (&self->values[i], scope, &key);
    }
  arbor_buffer_append_byte (&key, '\0');
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY,
               _("Key %s has %" PRIu64 " matches, and one at most was expected"),
               (const char *) key.data, n);
  arbor_buffer_free (&key);
  return FALSE;
}

static gboolean
map_nest (gpointer data, const ArborBatch *batch, guint32 row, const ArborValue *tree,
          ArborScope *scope, ArborOutput *output, GError **error)
{
  Join *self = data;
  g_autofree guint32 *matches = NULL;
  gboolean is_done = FALSE;
  ArborTapeWriter *out;
  ArborValueIter iter;
  ArborValue member;
  const char *key;
  guint32 length;
  guint64 n;

  if (tree->kind != ARBOR_KIND_OBJECT)
    return arbor_output_add_tree (output, tree, scope, error);
  matches = look_up (self, row, scope, &n, error);
  if (matches == NULL || !check_one (self, n, scope, error))
    return FALSE;
  /* There is nothing to set the field to, so what stands there is not taken away. */
  if (n == 0 && self->nest == ARBOR_NEST_ONE)
    return arbor_output_add_tree (output, tree, scope, error);

  out = arbor_output_begin_tree (output);
  arbor_tape_writer_begin_object (out);
  arbor_value_iter_init (&iter, tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    {
      if (is_key (self->field, key, length))
        {
          is_done = TRUE;
          if (!write_matches (self, matches, n, scope, out, error))
            return FALSE;
          continue;
        }
      arbor_tape_writer_key (out, key, length);
      arbor_value_write_tape (&member, scope, out);
    }
  if (!is_done && !write_matches (self, matches, n, scope, out, error))
    return FALSE;
  arbor_tape_writer_end_object (out);
  return arbor_output_end_tree (output, error);
}

/* Join */

static gboolean
has_field (const ArborValue *object, const char *key, gsize length, ArborScope *scope)
{
  ArborValue member;

  arbor_value_get_member (object, key, length, scope, &member);
  return member.kind != ARBOR_KIND_MISSING;
}

static gboolean
is_dropped (Join *self, const char *key, guint32 length)
{
  for (guint i = 0; i < self->dropped->len; i++)
    if (is_key (self->dropped->pdata[i], key, length))
      return TRUE;
  return FALSE;
}

static gboolean
is_given (Join *self, const GString *name)
{
  for (guint i = 0; i < self->given->len; i++)
    if (g_string_equal (self->given->pdata[i], name))
      return TRUE;
  return FALSE;
}

/* A name for the match's field @key, whose own the left tree has: one that neither tree has, and
 * that no other field of the pair was given. */
static GString *
give_name (Join *self, const ArborValue *left, const ArborValue *right, const char *key,
           guint32 length, ArborScope *scope)
{
  GString *name = g_string_new_len (key, length);

  do
    g_string_append (name, self->suffix);
  while (has_field (left, name->str, name->len, scope) ||
         has_field (right, name->str, name->len, scope) || is_given (self, name));
  g_ptr_array_add (self->given, name);
  return name;
}

static void
write_match_field (Join *self, const ArborValue *left, const ArborValue *right, const char *key,
                   guint32 length, const ArborValue *value, ArborScope *scope, ArborTapeWriter *out)
{
  if (has_field (left, key, length, scope))
    {
      const GString *name = give_name (self, left, right, key, length, scope);

      arbor_tape_writer_key (out, name->str, name->len);
    }
  else
    {
      arbor_tape_writer_key (out, key, length);
    }
  arbor_value_write_tape (value, scope, out);
}

static gboolean
write_pair (Join *self, const ArborValue *left, const ArborValue *right, ArborScope *scope,
            ArborOutput *output, GError **error)
{
  ArborTapeWriter *out;
  ArborValueIter iter;
  ArborValue member;
  const char *key;
  guint32 length;

  if (left->kind != ARBOR_KIND_OBJECT || right->kind != ARBOR_KIND_OBJECT)
    return arbor_output_add_tree (output, left, scope, error);
  g_ptr_array_set_size (self->given, 0);
  out = arbor_output_begin_tree (output);
  arbor_tape_writer_begin_object (out);
  arbor_value_iter_init (&iter, left, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    {
      arbor_tape_writer_key (out, key, length);
      arbor_value_write_tape (&member, scope, out);
    }
  arbor_value_iter_init (&iter, right, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    if (!is_dropped (self, key, length))
      write_match_field (self, left, right, key, length, &member, scope, out);
  arbor_tape_writer_end_object (out);
  return arbor_output_end_tree (output, error);
}

static gboolean
map_join (gpointer data, const ArborBatch *batch, guint32 row, const ArborValue *tree,
          ArborScope *scope, ArborOutput *output, GError **error)
{
  Join *self = data;
  g_autofree guint32 *matches = NULL;
  guint64 n;

  matches = look_up (self, row, scope, &n, error);
  if (matches == NULL)
    return FALSE;
  if (self->kind == ARBOR_JOIN_SEMI || self->kind == ARBOR_JOIN_ANTI)
    return (n > 0) == (self->kind == ARBOR_JOIN_ANTI) ||
           arbor_output_add_tree (output, tree, scope, error);
  if (n == 0)
    return self->kind == ARBOR_JOIN_INNER || arbor_output_add_tree (output, tree, scope, error);

  for (guint64 i = 0; i < n; i++)
    {
      ArborScopeMark mark = arbor_scope_mark (scope);
      ArborValue right;

      if (!get_right (self, matches[i], &right, error) ||
          !write_pair (self, tree, &right, scope, output, error))
        return FALSE;
      arbor_scope_release (scope, mark);
    }
  return TRUE;
}

/* Which keys come out */

static void
list_nested (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  Join *self = data;
  guint n_skipped = self->nest == ARBOR_NEST_MANY ? 2 : 1;

  if (n_steps == 0)
    arbor_key_search_add (search, self->field);
  if (n_steps == 0 || !arbor_step_is_key (steps, self->field))
    arbor_key_search_ask (search, 0, steps, n_steps, NULL);
  else if (n_steps >= n_skipped && (n_skipped == 1 || steps[1].kind != ARBOR_STEP_KEY))
    arbor_key_search_ask (search, 1, steps + n_skipped, n_steps - n_skipped, NULL);
}

static void
list_nodes (gpointer data, guint input, GPtrArray *nodes)
{
  Join *self = data;
  ArborNode *const *keys = input == 0 ? self->keys : self->right_keys;

  for (gsize i = 0; i < self->n_keys; i++)
    g_ptr_array_add (nodes, arbor_node_ref (keys[i]));
}

static void
list_joined (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  Join *self = data;

  arbor_key_search_ask (search, 0, steps, n_steps, NULL);
  if (self->kind == ARBOR_JOIN_SEMI || self->kind == ARBOR_JOIN_ANTI)
    return;
  arbor_key_search_ask (search, 1, steps, n_steps, NULL);
  /* Names that are made up depend on each pair of trees. */
  arbor_key_search_set_open_for (search, steps, n_steps, self->suffix);
}

/* Making */

static ArborSource *
make_source (const ArborMapping *mapping, Join *self, const ArborJoinSide *left,
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

static Join *
join_new (const char *verb, const ArborJoinSide *left, const ArborJoinSide *right, GError **error)
{
  Join *self;

  if (!check_keys (left, right, error))
    return NULL;
  self = g_new0 (Join, 1);
  self->verb = verb;
  self->right = right->source;
  self->dropped = g_ptr_array_new_with_free_func (g_free);
  self->given = g_ptr_array_new_with_free_func (free_string);
  self->keys = g_new (ArborNode *, left->n_keys + 1);
  self->right_keys = g_new (ArborNode *, left->n_keys + 1);
  self->evaluators = g_new (ArborEvaluator *, left->n_keys + 1);
  self->values = g_new (ArborValue, left->n_keys + 1);
  self->index =
      arbor_key_index_new (right->source, right->selection, right->keys, right->n_keys, error);
  if (self->index == NULL)
    {
      join_free (self);
      return NULL;
    }
  for (; self->n_keys < left->n_keys; self->n_keys++)
    {
      self->keys[self->n_keys] = arbor_node_ref (left->keys[self->n_keys]);
      self->right_keys[self->n_keys] = arbor_node_ref (right->keys[self->n_keys]);
      self->evaluators[self->n_keys] = arbor_evaluator_new (left->keys[self->n_keys]);
    }
  return self;
}

ArborSource *
arbor_join_nest (const ArborJoinSide *left, const ArborJoinSide *right, const char *field,
                 ArborNest nest, ArborGate *gate, GError **error)
{
  static const ArborMapping mapping = { .keys = list_nested,
                                        .nodes = list_nodes,
                                        .map = map_nest,
                                        .set_batch = join_set_batch,
                                        .prepare = join_prepare,
                                        .describe = join_describe,
                                        .free = join_free };
  Join *self = join_new ("nest", left, right, error);

  if (self == NULL)
    return NULL;
  self->field = g_strdup (field);
  self->nest = nest;
  return make_source (&mapping, self, left, right, gate, error);
}

ArborSource *
arbor_join_new (const ArborJoinSide *left, const ArborJoinSide *right, ArborJoin kind,
                const char *suffix, ArborGate *gate, GError **error)
{
  static const ArborMapping mapping = { .keys = list_joined,
                                        .nodes = list_nodes,
                                        .map = map_join,
                                        .set_batch = join_set_batch,
                                        .prepare = join_prepare,
                                        .describe = join_describe,
                                        .free = join_free };
  static const char *const verbs[] = { "inner join", "left join", "semi join", "anti join" };
  Join *self = join_new (verbs[kind], left, right, error);

  if (self == NULL)
    return NULL;
  self->kind = kind;
  self->suffix = g_strdup (suffix);
  for (gsize i = 0; i < right->n_keys; i++)
    {
      const ArborNode *key = right->keys[i];

      /* Where the left key is computed, the left tree need not have the value. */
      if (left->keys[i]->kind == ARBOR_NODE_PATH && key->kind == ARBOR_NODE_PATH &&
          key->path->n_steps == 1 && key->path->steps[0].kind == ARBOR_STEP_KEY)
        g_ptr_array_add (self->dropped, g_strdup (key->path->steps[0].key));
    }
  return make_source (&mapping, self, left, right, gate, error);
}
