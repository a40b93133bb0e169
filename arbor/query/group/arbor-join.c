/* See arbor-join.h. */

#include "query/group/arbor-join-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "batch/arbor-group-table.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-evaluator.h"
#include "query/group/arbor-matcher.h"

/* Pairs that are made at once where trees are made whole, which may be large. */
#define WHOLE_PAIRS 2048u

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
  ArborAccess access;     /* to the right source, in a step */
  ArborAccess trees;      /* the same where trees are read, which need not be whole */
  ArborWanted *of_right;  /* what of them is needed; NULL: all */
  ArborSource *narrowed;  /* the right source, narrowed to that; NULL before the first step */
  ArborMatcher *matcher;
  ArborWanted *wanted;     /* fields that are made; NULL: all */
  ArborJoinPairs *pairs;   /* not yet made; NULL before the first */
  ArborJoinColumns *columns; /* or NULL */
  ArborNestPiece *piece;     /* of nest: not yet made; NULL before the first */
  ArborNestColumns *nested;  /* or NULL */
  ArborScope *scope;       /* of a pair */
  ArborJoinNames names;
  GPtrArray *given;   /* of GString: the names made up for the pair at hand */

  char *field; /* nest */
  ArborNestKind nest;
  ArborJoinKind kind;
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
  self->trees = self->access;
  if (self->of_right != NULL)
    arbor_access_narrow_to (&self->trees, &self->access, self->of_right, &self->narrowed);
  arbor_matcher_forget (self->matcher);
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
  const ArborBatch *reader;
  guint32 batch;

  /* The index may know of it without it having been made. */
  if (!arbor_trees_ensure (&self->trees, &index, 1, NULL, error))
    return FALSE;
  batch = arbor_source_find_batch (self->trees.source, index);
  reader = arbor_access_get_batch (&self->trees, batch, error);
  if (reader == NULL)
    return FALSE;
  arbor_batch_get_tree (
      reader, (guint32) (index - arbor_source_get_first_tree (self->trees.source, batch)), tree);
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
  if (self->nest == ARBOR_NEST_KIND_MANY)
    arbor_tape_writer_begin_array (out);
  for (guint64 i = 0; i < n; i++)
    {
      if (!get_right (self, matches[i], &tree, error))
        return FALSE;
      arbor_value_write_tape (&tree, scope, out);
    }
  if (self->nest == ARBOR_NEST_KIND_MANY)
    arbor_tape_writer_end_array (out);
  return TRUE;
}

static gboolean
check_one (Join *self, guint64 n, ArborScope *scope, GError **error)
{
  ArborBuffer key = { 0 };

  if (self->nest == ARBOR_NEST_KIND_MANY || n <= 1)
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
  if (n == 0 && self->nest == ARBOR_NEST_KIND_ONE)
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

/* Nest by columns */

static gboolean
write_nested (Join *self, const ArborRows *rows, ArborOutput *output, GError **error)
{
  const ArborNestPiece *piece = self->piece;

  join_set_batch (self, rows->batch, rows->first);
  for (guint32 i = 0; i < piece->n; i++)
    {
      ArborValue tree;

      arbor_scope_reset (self->scope);
      arbor_batch_get_tree (rows->batch, piece->left[i], &tree);
      if (!map_nest (self, rows->batch, piece->left[i], &tree, self->scope, output, error) ||
          !arbor_scope_check (self->scope, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_nested (Join *self, const ArborRows *rows, ArborOutput *output, GError **error)
{
  gboolean is_done = FALSE;

  if (self->piece->n == 0)
    return TRUE;
  if (self->nested == NULL)
    self->nested = arbor_nest_columns_new (self->field, self->nest, self->wanted,
                                           arbor_output_get_builder (output));
  arbor_scope_reset (self->scope);
  /* More matches of one tree than a batch has. */
  if (self->piece->n_right <= ARBOR_BATCH_MAX_TREES &&
      !arbor_nest_columns_add (self->nested, self->piece, rows->batch, &self->trees, self->scope,
                               &is_done, error))
    return FALSE;
  if (!(is_done ? arbor_output_end_block (output, error)
                : write_nested (self, rows, output, error)))
    return FALSE;
  self->piece->n = self->piece->n_right = 0;
  return TRUE;
}

static gboolean
nest_row (Join *self, const ArborRows *rows, guint32 row, const guint32 *matches, guint64 n,
          ArborOutput *output, GError **error)
{
  ArborNestPiece *piece = self->piece;
  guint32 most = self->wanted != NULL ? ARBOR_BATCH_MAX_TREES : WHOLE_PAIRS;

  if ((piece->n_right + n > most ||
       piece->n >= MIN (arbor_batch_builder_get_room (arbor_output_get_builder (output)), most)) &&
      !make_nested (self, rows, output, error))
    return FALSE;
  piece->left[piece->n] = row;
  piece->lengths[piece->n++] = (guint32) n;
  if (n <= ARBOR_BATCH_MAX_TREES)
    memcpy (piece->right + piece->n_right, matches, n * sizeof *matches);
  piece->n_right += (guint32) n;
  return piece->n_right <= ARBOR_BATCH_MAX_TREES || make_nested (self, rows, output, error);
}

static gboolean
nest_rows (gpointer data, const ArborRows *rows, ArborScope *scope, ArborOutput *output,
           gboolean *is_done, GError **error)
{
  Join *self = data;
  guint32 *groups = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *groups);
  const guint32 *members;
  const guint64 *starts;

  if (!arbor_compose_has_objects_only (rows->batch))
    return TRUE;
  *is_done = TRUE;
  if (!arbor_matcher_find (self->matcher, &self->access, rows, scope, groups, error) ||
      !arbor_key_index_get_matches (self->index, &self->access, &members, &starts, error))
    return FALSE;
  if (self->piece == NULL)
    self->piece = g_new (ArborNestPiece, 1);
  self->piece->n = self->piece->n_right = 0;
  /* Those of the call before are gone. */
  if (self->nested != NULL)
    arbor_nest_columns_forget (self->nested);
  for (guint32 i = 0; i < rows->n; i++)
    {
      gboolean has_any = groups[i] != ARBOR_NO_GROUP;
      guint64 first = has_any ? starts[groups[i]] : 0;
      guint64 n = has_any ? starts[groups[i] + 1] - first : 0;

      if (!nest_row (self, rows, arbor_rows_get (rows, i), members + first, n, output, error))
        return FALSE;
    }
  return make_nested (self, rows, output, error);
}

/* Join */

static gboolean
has_field (const ArborValue *object, const char *key, gsize length, ArborScope *scope)
{
  ArborValue member;

  arbor_value_get_member (object, key, length, scope, &member);
  return member.kind != ARBOR_KIND_MISSING;
}

gboolean
arbor_join_drops (const ArborJoinNames *self, const char *key, guint32 length)
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
    g_string_append (name, self->names.suffix);
  while (has_field (left, name->str, name->len, scope) ||
         has_field (right, name->str, name->len, scope) || is_given (self, name));
  g_ptr_array_add (self->given, name);
  return name;
}

static void
write_field (Join *self, const char *key, gsize length, const ArborValue *value, ArborScope *scope,
             ArborTapeWriter *out)
{
  if (!arbor_wanted_has (self->wanted, key, length))
    return;
  arbor_tape_writer_key (out, key, length);
  arbor_value_write_tape (value, scope, out);
}

static void
write_match_field (Join *self, const ArborValue *left, const ArborValue *right, const char *key,
                   guint32 length, const ArborValue *value, ArborScope *scope, ArborTapeWriter *out)
{
  if (has_field (left, key, length, scope))
    {
      const GString *name = give_name (self, left, right, key, length, scope);

      write_field (self, name->str, name->len, value, scope, out);
    }
  else
    {
      write_field (self, key, length, value, scope, out);
    }
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
    write_field (self, key, length, &member, scope, out);
  arbor_value_iter_init (&iter, right, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    if (!arbor_join_drops (&self->names, key, length))
      write_match_field (self, left, right, key, length, &member, scope, out);
  arbor_tape_writer_end_object (out);
  return arbor_output_end_tree (output, error);
}

/* Pairs are made when there are many. */

static gboolean
write_pairs (Join *self, const ArborBatch *batch, ArborOutput *output, GError **error)
{
  const ArborJoinPairs *pairs = self->pairs;

  for (guint32 i = 0; i < pairs->n; i++)
    {
      ArborValue left, right;

      arbor_scope_reset (self->scope);
      arbor_batch_get_tree (batch, pairs->left[i], &left);
      if (!(pairs->right[i] == ARBOR_NO_MATCH
                ? arbor_output_add_tree (output, &left, self->scope, error)
                : get_right (self, pairs->right[i], &right, error) &&
                      write_pair (self, &left, &right, self->scope, output, error)) ||
          !arbor_scope_check (self->scope, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_pairs (Join *self, const ArborBatch *batch, ArborOutput *output, GError **error)
{
  gboolean is_done = FALSE;

  if (self->pairs->n == 0)
    return TRUE;
  if (self->columns == NULL)
    self->columns = arbor_join_columns_new (&self->names, self->wanted,
                                            arbor_output_get_builder (output));
  arbor_scope_reset (self->scope);
  if (!arbor_join_columns_add (self->columns, self->pairs, batch, &self->trees, self->scope,
                               &is_done, error) ||
      (is_done && !arbor_output_end_block (output, error)))
    return FALSE;
  if (!is_done && !write_pairs (self, batch, output, error))
    return FALSE;
  self->pairs->n = 0;
  return TRUE;
}

static gboolean
add_pair (Join *self, const ArborRows *rows, guint32 row, guint32 right, ArborOutput *output,
          GError **error)
{
  ArborJoinPairs *pairs = self->pairs;

  pairs->left[pairs->n] = row;
  pairs->right[pairs->n++] = right;
  return (pairs->n < arbor_batch_builder_get_room (arbor_output_get_builder (output)) &&
          (self->wanted != NULL || pairs->n < WHOLE_PAIRS)) ||
         make_pairs (self, rows->batch, output, error);
}

static gboolean
join_pairs (Join *self, const ArborRows *rows, const guint32 *groups, ArborOutput *output,
            GError **error)
{
  const guint32 *members;
  const guint64 *starts;

  if (!arbor_key_index_get_matches (self->index, &self->access, &members, &starts, error))
    return FALSE;
  if (self->pairs == NULL)
    self->pairs = g_new (ArborJoinPairs, 1);
  self->pairs->n = 0;
  /* Those of the call before are gone. */
  if (self->columns != NULL)
    arbor_join_columns_forget (self->columns);
  for (guint32 i = 0; i < rows->n; i++)
    {
      guint32 row = arbor_rows_get (rows, i);

      if (groups[i] == ARBOR_NO_GROUP)
        {
          if (self->kind == ARBOR_JOIN_KIND_LEFT &&
              !add_pair (self, rows, row, ARBOR_NO_MATCH, output, error))
            return FALSE;
          continue;
        }
      for (guint64 k = starts[groups[i]]; k < starts[groups[i] + 1]; k++)
        if (!add_pair (self, rows, row, members[k], output, error))
          return FALSE;
    }
  return make_pairs (self, rows->batch, output, error);
}

static gboolean
join_rows (gpointer data, const ArborRows *rows, ArborScope *scope, ArborOutput *output,
           gboolean *is_done, GError **error)
{
  Join *self = data;
  guint32 *groups = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *groups);

  *is_done = TRUE;
  return arbor_matcher_find (self->matcher, &self->access, rows, scope, groups, error) &&
         join_pairs (self, rows, groups, output, error);
}

static gboolean
join_count (gpointer data, const ArborRows *rows, ArborScope *scope, guint64 *n, gboolean *is_known,
            GError **error)
{
  Join *self = data;
  guint32 *groups = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *groups);
  const guint32 *members;
  const guint64 *starts;
  guint64 n_matches = 0;
  guint32 n_without = 0;

  if (!arbor_matcher_find (self->matcher, &self->access, rows, scope, groups, error) ||
      !arbor_key_index_get_matches (self->index, &self->access, &members, &starts, error))
    return FALSE;
  for (guint32 i = 0; i < rows->n; i++)
    if (groups[i] == ARBOR_NO_GROUP)
      n_without++;
    else
      n_matches += starts[groups[i] + 1] - starts[groups[i]];
  *n = n_matches + (self->kind == ARBOR_JOIN_KIND_LEFT ? n_without : 0);
  return TRUE;
}

/* Each tree gives one, if it may. */
static gboolean
nest_count (gpointer data, const ArborRows *rows, ArborScope *scope, guint64 *n, gboolean *is_known,
            GError **error)
{
  Join *self = data;
  guint32 *groups = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *groups);
  const guint32 *members;
  const guint64 *starts;

  *n = rows->n;
  if (!arbor_matcher_find (self->matcher, &self->access, rows, scope, groups, error) ||
      !arbor_key_index_get_matches (self->index, &self->access, &members, &starts, error))
    return FALSE;
  /* A key with several matches is an error that names it, if the tree is an object. */
  for (guint32 i = 0; i < rows->n && self->nest == ARBOR_NEST_KIND_ONE; i++)
    if (groups[i] != ARBOR_NO_GROUP && starts[groups[i] + 1] - starts[groups[i]] > 1)
      *is_known = FALSE;
  return TRUE;
}

/* Which keys come out */

static void
list_nested (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  Join *self = data;
  guint n_skipped = self->nest == ARBOR_NEST_KIND_MANY ? 2 : 1;

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
  arbor_key_search_ask (search, 1, steps, n_steps, NULL);
  /* Names that are made up depend on each pair of trees. */
  arbor_key_search_set_open_for (search, steps, n_steps, self->names.suffix);
}

/* Making */

static Join *
join_alloc (const char *verb, ArborSource *right, ArborKeyIndex *index)
{
  Join *self = g_new0 (Join, 1);

  self->verb = verb;
  self->right = right;
  self->index = index;
  self->names.dropped = g_ptr_array_new_with_free_func (g_free);
  self->given = g_ptr_array_new_with_free_func (free_string);
  self->scope = arbor_scope_new ();
  return self;
}

static void
join_set_keys (Join *self, ArborNode *const *keys, ArborNode *const *right_keys, gsize n)
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

static ArborWanted *
want_left (gpointer data)
{
  const Join *self = data;
  g_autoptr (ArborWanted) all = arbor_wanted_new ();

  if (self->wanted == NULL)
    return NULL;
  arbor_join_want_names (self->names.suffix, self->wanted, all);
  for (gsize i = 0; i < self->n_keys; i++)
    if (!arbor_wanted_add_node (all, self->keys[i]))
      return NULL;
  return g_steal_pointer (&all);
}

static gpointer
join_narrow (gpointer data, const ArborWanted *wanted)
{
  const Join *self = data;
  Join *copy = join_alloc (self->verb, self->right, arbor_key_index_ref (self->index));

  join_set_keys (copy, self->keys, self->right_keys, self->n_keys);
  for (guint i = 0; i < self->names.dropped->len; i++)
    g_ptr_array_add (copy->names.dropped, g_strdup (self->names.dropped->pdata[i]));
  copy->kind = self->kind;
  copy->names.suffix = g_strdup (self->names.suffix);
  copy->wanted = arbor_wanted_copy (wanted);
  copy->of_right = arbor_join_want_right (&copy->names, wanted);
  return copy;
}

static ArborWanted *
want_nested (gpointer data)
{
  const Join *self = data;
  g_autoptr (ArborWanted) all = NULL;

  if (self->wanted == NULL)
    return NULL;
  all = arbor_wanted_copy (self->wanted);
  for (gsize i = 0; i < self->n_keys; i++)
    if (!arbor_wanted_add_node (all, self->keys[i]))
      return NULL;
  return g_steal_pointer (&all);
}

static gpointer
nest_narrow (gpointer data, const ArborWanted *wanted)
{
  const Join *self = data;
  Join *copy = join_alloc (self->verb, self->right, arbor_key_index_ref (self->index));

  join_set_keys (copy, self->keys, self->right_keys, self->n_keys);
  copy->field = g_strdup (self->field);
  copy->nest = self->nest;
  copy->wanted = arbor_wanted_copy (wanted);
  copy->of_right = arbor_nest_want_right (self->field, self->nest, wanted);
  return copy;
}

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

ArborKeyIndex *
arbor_join_make_index (const ArborJoinSide *left, const ArborJoinSide *right, GError **error)
{
  return check_keys (left, right, error)
             ? arbor_key_index_new (right->source, right->selection, right->keys, right->n_keys,
                                    error)
             : NULL;
}

static Join *
join_new (const char *verb, const ArborJoinSide *left, const ArborJoinSide *right, GError **error)
{
  ArborKeyIndex *index = arbor_join_make_index (left, right, error);
  Join *self;

  if (index == NULL)
    return NULL;
  self = join_alloc (verb, right->source, index);
  join_set_keys (self, left->keys, right->keys, left->n_keys);
  return self;
}

ArborSource *
arbor_join_nest (const ArborJoinSide *left, const ArborJoinSide *right, const char *field,
                 ArborNestKind nest, ArborGate *gate, GError **error)
{
  static const ArborMapping mapping = { .keys = list_nested,
                                        .nodes = list_nodes,
                                        .map = map_nest,
                                        .map_rows = nest_rows,
                                        .narrow = nest_narrow,
                                        .want = want_nested,
                                        .count = nest_count,
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
arbor_join_new (const ArborJoinSide *left, const ArborJoinSide *right, ArborJoinKind kind,
                const char *suffix, ArborGate *gate, GError **error)
{
  static const ArborMapping mapping = { .keys = list_joined,
                                        .nodes = list_nodes,
                                        .map_rows = join_rows,
                                        .count = join_count,
                                        .narrow = join_narrow,
                                        .want = want_left,
                                        .prepare = join_prepare,
                                        .describe = join_describe,
                                        .free = join_free };
  Join *self = join_new (kind == ARBOR_JOIN_KIND_LEFT ? "left join" : "inner join", left, right, error);

  if (self == NULL)
    return NULL;
  self->kind = kind;
  self->names.suffix = g_strdup (suffix);
  for (gsize i = 0; i < right->n_keys; i++)
    {
      const ArborNode *key = right->keys[i];

      /* Where the left key is computed, the left tree need not have the value. */
      if (left->keys[i]->kind == ARBOR_NODE_PATH && key->kind == ARBOR_NODE_PATH &&
          key->path->n_steps == 1 && key->path->steps[0].kind == ARBOR_STEP_KEY)
        g_ptr_array_add (self->names.dropped, g_strdup (key->path->steps[0].key));
    }
  return make_source (&mapping, self, left, right, gate, error);
}
