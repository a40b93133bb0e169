/* Each left tree with its matches in a field. See arbor-join.h. By rows here; arbor-join-nested.c does it by
 * columns.
 */

#include "query/group/arbor-join-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"

static guint32 *
look_up (ArborJoinSides *self, guint32 row, ArborScope *scope, guint64 *n, GError **error)
{
  for (gsize i = 0; i < self->n_keys; i++)
    arbor_evaluator_get_value (self->evaluators[i], row, scope, &self->values[i]);
  if (!arbor_scope_check (scope, error))
    return NULL;
  return arbor_key_index_look_up (self->index, &self->access, self->values, scope, n, error);
}

/* The field's value; FALSE with @error. */
static gboolean
write_matches (ArborJoinSides *self, const guint32 *matches, guint64 n, ArborScope *scope,
               ArborTapeWriter *out, GError **error)
{
  ArborValue tree;

  arbor_tape_writer_key (out, self->field, strlen (self->field));
  if (self->nest == ARBOR_NEST_KIND_MANY)
    arbor_tape_writer_begin_array (out);
  for (guint64 i = 0; i < n; i++)
    {
      if (!arbor_join_sides_get_right (self, matches[i], &tree, error))
        return FALSE;
      arbor_value_write_tape (&tree, scope, out);
    }
  if (self->nest == ARBOR_NEST_KIND_MANY)
    arbor_tape_writer_end_array (out);
  return TRUE;
}

static gboolean
check_one (ArborJoinSides *self, guint64 n, ArborScope *scope, GError **error)
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
  ArborJoinSides *self = data;
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
      if (arbor_join_is_key (self->field, key, length))
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

/* By columns */

static gboolean
write_nested (ArborJoinSides *self, const ArborRows *rows, ArborOutput *output, GError **error)
{
  const ArborNestPiece *piece = self->piece;

  arbor_join_sides_set_batch (self, rows->batch, rows->first);
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
make_nested (ArborJoinSides *self, const ArborRows *rows, ArborOutput *output, GError **error)
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
nest_row (ArborJoinSides *self, const ArborRows *rows, guint32 row, const guint32 *matches,
          guint64 n, ArborOutput *output, GError **error)
{
  ArborNestPiece *piece = self->piece;
  guint32 most = self->wanted != NULL ? ARBOR_BATCH_MAX_TREES : ARBOR_JOIN_WHOLE;

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
  ArborJoinSides *self = data;
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

/* Each tree gives one, if it may. */
static gboolean
nest_count (gpointer data, const ArborRows *rows, ArborScope *scope, guint32 *counts,
            gboolean *is_known, GError **error)
{
  ArborJoinSides *self = data;
  guint32 *groups = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *groups);
  const guint32 *members;
  const guint64 *starts;

  if (!arbor_matcher_find (self->matcher, &self->access, rows, scope, groups, error) ||
      !arbor_key_index_get_matches (self->index, &self->access, &members, &starts, error))
    return FALSE;
  for (guint32 i = 0; i < rows->n; i++)
    counts[i] = 1;
  /* A key with several matches is an error that names it, if the tree is an object. */
  for (guint32 i = 0; i < rows->n && self->nest == ARBOR_NEST_KIND_ONE; i++)
    if (groups[i] != ARBOR_NO_GROUP && starts[groups[i] + 1] - starts[groups[i]] > 1)
      *is_known = FALSE;
  return TRUE;
}

static void
list_nested (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  ArborJoinSides *self = data;
  guint n_skipped = self->nest == ARBOR_NEST_KIND_MANY ? 2 : 1;

  if (n_steps == 0)
    arbor_key_search_add (search, self->field);
  if (n_steps == 0 || !arbor_step_is_key (steps, self->field))
    arbor_key_search_ask (search, 0, steps, n_steps, NULL);
  else if (n_steps >= n_skipped && (n_skipped == 1 || steps[1].kind != ARBOR_STEP_KEY))
    arbor_key_search_ask (search, 1, steps + n_skipped, n_steps - n_skipped, NULL);
}

static ArborWanted *
want_nested (gpointer data)
{
  const ArborJoinSides *self = data;
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
  const ArborJoinSides *self = data;
  ArborJoinSides *copy =
      arbor_join_sides_alloc (self->verb, self->right, arbor_key_index_ref (self->index));

  arbor_join_sides_set_keys (copy, self->keys, self->right_keys, self->n_keys);
  copy->field = g_strdup (self->field);
  copy->nest = self->nest;
  wanted = wanted != NULL ? wanted : self->wanted;
  if (wanted != NULL)
    {
      copy->wanted = arbor_wanted_copy (wanted);
      copy->of_right = arbor_nest_want_right (self->field, self->nest, wanted);
    }
  return copy;
}

ArborSource *
arbor_join_nest (const ArborJoinSide *left, const ArborJoinSide *right, const char *field,
                 ArborNestKind nest, ArborGate *gate, GError **error)
{
  static const ArborMapping mapping = { .keys = list_nested,
                                        .nodes = arbor_join_sides_list_nodes,
                                        .map = map_nest,
                                        .map_rows = nest_rows,
                                        .narrow = nest_narrow,
                                        .want = want_nested,
                                        .count = nest_count,
                                        .is_one_each = TRUE,
                                        .set_batch = arbor_join_sides_set_batch,
                                        .prepare = arbor_join_sides_prepare,
                                        .describe = arbor_join_sides_describe,
                                        .free = arbor_join_sides_free };
  ArborJoinSides *self = arbor_join_sides_new ("nest", left, right, error);

  if (self == NULL)
    return NULL;
  self->field = g_strdup (field);
  self->nest = nest;
  return arbor_join_sides_make_source (&mapping, self, left, right, gate, error);
}
