/* See arbor-join.h. */

#include "query/group/arbor-join-private.h"

#include "batch/arbor-group-table.h"
#include "batch/arbor-value-access.h"

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
    if (arbor_join_is_key (self->dropped->pdata[i], key, length))
      return TRUE;
  return FALSE;
}

static gboolean
is_given (ArborJoinSides *self, const GString *name)
{
  for (guint i = 0; i < self->given->len; i++)
    if (g_string_equal (self->given->pdata[i], name))
      return TRUE;
  return FALSE;
}

/* A name for the match's field @key, whose own the left tree has: one that neither tree has, and
 * that no other field of the pair was given. */
static GString *
give_name (ArborJoinSides *self, const ArborValue *left, const ArborValue *right, const char *key,
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
write_field (ArborJoinSides *self, const char *key, gsize length, const ArborValue *value, ArborScope *scope,
             ArborTapeWriter *out)
{
  if (!arbor_wanted_has (self->wanted, key, length))
    return;
  arbor_tape_writer_key (out, key, length);
  arbor_value_write_tape (value, scope, out);
}

static void
write_match_field (ArborJoinSides *self, const ArborValue *left, const ArborValue *right, const char *key,
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
write_pair (ArborJoinSides *self, const ArborValue *left, const ArborValue *right, ArborScope *scope,
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
write_pairs (ArborJoinSides *self, const ArborBatch *batch, ArborOutput *output, GError **error)
{
  const ArborJoinPairs *pairs = self->pairs;

  for (guint32 i = 0; i < pairs->n; i++)
    {
      ArborValue left, right;

      arbor_scope_reset (self->scope);
      arbor_batch_get_tree (batch, pairs->left[i], &left);
      if (!(pairs->right[i] == ARBOR_NO_MATCH
                ? arbor_output_add_tree (output, &left, self->scope, error)
                : arbor_join_sides_get_right (self, pairs->right[i], &right, error) &&
                      write_pair (self, &left, &right, self->scope, output, error)) ||
          !arbor_scope_check (self->scope, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_pairs (ArborJoinSides *self, const ArborBatch *batch, ArborOutput *output, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  gboolean is_done = FALSE;

  if (self->pairs->n == 0)
    return TRUE;
  if (self->columns == NULL)
    self->columns = arbor_join_columns_new (&self->names, self->wanted,
                                            arbor_output_get_builder (output));
  arbor_scope_reset (self->scope);
  if (!arbor_join_columns_add (self->columns, self->pairs, batch, &self->trees, self->scope,
                               &is_done, &bytes, error) ||
      (bytes != NULL && !arbor_output_add_bytes (output, bytes, error)) ||
      (is_done && !arbor_output_end_block (output, error)))
    return FALSE;
  if (!is_done && !write_pairs (self, batch, output, error))
    return FALSE;
  self->pairs->n = 0;
  return TRUE;
}

/* How many pairs are made next. */
static guint32
get_limit (ArborJoinSides *self, ArborOutput *output)
{
  guint32 room = arbor_batch_builder_get_room (arbor_output_get_builder (output));

  return self->wanted == NULL ? MIN (room, ARBOR_JOIN_WHOLE) : room;
}

/* Rows from @at on, each with one match at most, until there are @limit pairs; where it stopped. */
static guint32
pair_single (ArborJoinSides *self, const ArborRows *rows, const guint32 *groups, guint32 at,
             guint32 limit, const guint32 *members)
{
  ArborJoinPairs *pairs = self->pairs;
  gboolean keeps_all = self->kind == ARBOR_JOIN_KIND_LEFT;
  guint32 n = pairs->n;

  while (at < rows->n && n < limit)
    {
      guint32 end = at + MIN (rows->n - at, limit - n);

      for (; at < end; at++)
        {
          gboolean is_matched = groups[at] != ARBOR_NO_GROUP;

          pairs->left[n] = arbor_rows_get (rows, at);
          pairs->right[n] = is_matched ? members[groups[at]] : ARBOR_NO_MATCH;
          n += is_matched | keeps_all;
        }
    }
  pairs->n = n;
  return at;
}

static gboolean
pair_several (ArborJoinSides *self, const ArborRows *rows, const guint32 *groups,
              const guint32 *members, const guint64 *starts, ArborOutput *output, GError **error)
{
  ArborJoinPairs *pairs = self->pairs;
  guint32 limit = get_limit (self, output);

  for (guint32 i = 0; i < rows->n; i++)
    {
      gboolean is_matched = groups[i] != ARBOR_NO_GROUP;
      guint64 k = is_matched ? starts[groups[i]] : 0;
      guint64 end = is_matched                           ? starts[groups[i] + 1]
                    : self->kind == ARBOR_JOIN_KIND_LEFT ? 1
                                                         : 0;

      arbor_windows_cut (&self->windows, &k, &end);
      for (; k < end; k++)
        {
          pairs->left[pairs->n] = arbor_rows_get (rows, i);
          pairs->right[pairs->n++] = is_matched ? members[k] : ARBOR_NO_MATCH;
          if (pairs->n < limit)
            continue;
          if (!make_pairs (self, rows->batch, output, error))
            return FALSE;
          limit = get_limit (self, output);
        }
    }
  return TRUE;
}

static gboolean
join_pairs (ArborJoinSides *self, const ArborRows *rows, const guint32 *groups, ArborOutput *output,
            GError **error)
{
  const guint32 *members;
  const guint64 *starts;
  guint32 n_keys, at = 0;
  gboolean is_good = TRUE;

  if (!arbor_key_index_get_matches (self->index, &self->access, &members, &starts, error) ||
      !arbor_key_index_get_n_keys (self->index, &self->access, NULL, &n_keys, error))
    return FALSE;
  if (self->pairs == NULL)
    self->pairs = g_new (ArborJoinPairs, 1);
  self->pairs->n = 0;
  self->pairs->are_matched = self->kind == ARBOR_JOIN_KIND_INNER;
  /* Those of the call before are gone. */
  if (self->columns != NULL)
    arbor_join_columns_forget (self->columns);
  if (starts[n_keys] > n_keys || self->windows.list != NULL)
    is_good = pair_several (self, rows, groups, members, starts, output, error);
  /* The only match of a key is at its number. */
  else
    while (is_good && at < rows->n)
      {
        at = pair_single (self, rows, groups, at, get_limit (self, output), members);
        is_good = make_pairs (self, rows->batch, output, error);
      }
  return is_good && make_pairs (self, rows->batch, output, error);
}

static gboolean
join_rows (gpointer data, const ArborRows *rows, ArborScope *scope, ArborOutput *output,
           gboolean *is_done, GError **error)
{
  ArborJoinSides *self = data;
  guint32 *groups = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *groups);

  *is_done = TRUE;
  return arbor_matcher_find (self->matcher, &self->access, rows, scope, groups, error) &&
         join_pairs (self, rows, groups, output, error);
}

static gboolean
join_count (gpointer data, const ArborRows *rows, ArborScope *scope, guint32 *counts,
            gboolean *is_known, GError **error)
{
  ArborJoinSides *self = data;
  guint32 *groups = counts;
  guint32 n_unmatched = self->kind == ARBOR_JOIN_KIND_LEFT;
  const guint32 *members;
  const guint64 *starts;

  if (!arbor_matcher_find (self->matcher, &self->access, rows, scope, groups, error) ||
      !arbor_key_index_get_matches (self->index, &self->access, &members, &starts, error))
    return FALSE;
  for (guint32 i = 0; i < rows->n; i++)
    counts[i] = groups[i] == ARBOR_NO_GROUP
                    ? n_unmatched
                    : (guint32) (starts[groups[i] + 1] - starts[groups[i]]);
  return TRUE;
}

/* Which keys come out */

static void
list_joined (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  ArborJoinSides *self = data;

  arbor_key_search_ask (search, 0, steps, n_steps, NULL);
  arbor_key_search_ask (search, 1, steps, n_steps, NULL);
  /* Names that are made up depend on each pair of trees. */
  arbor_key_search_set_open_for (search, steps, n_steps, self->names.suffix);
}

/* Making */

static ArborWanted *
want_left (gpointer data)
{
  const ArborJoinSides *self = data;
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
  const ArborJoinSides *self = data;
  ArborJoinSides *copy =
      arbor_join_sides_alloc (self->verb, self->right, arbor_key_index_ref (self->index));

  arbor_join_sides_set_keys (copy, self->keys, self->right_keys, self->n_keys);
  for (guint i = 0; i < self->names.dropped->len; i++)
    g_ptr_array_add (copy->names.dropped, g_strdup (self->names.dropped->pdata[i]));
  copy->kind = self->kind;
  copy->names.suffix = g_strdup (self->names.suffix);
  wanted = wanted != NULL ? wanted : self->wanted;
  if (wanted != NULL)
    {
      copy->wanted = arbor_wanted_copy (wanted);
      copy->of_right = arbor_join_want_right (&copy->names, wanted);
    }
  return copy;
}

static ArborWindows *
get_windows (gpointer data)
{
  return &((ArborJoinSides *) data)->windows;
}

ArborSource *
arbor_join_new (const ArborJoinSide *left, const ArborJoinSide *right, ArborJoinKind kind,
                const char *suffix, ArborGate *gate, GError **error)
{
  static const ArborMapping mapping = { .keys = list_joined,
                                        .nodes = arbor_join_sides_list_nodes,
                                        .map_rows = join_rows,
                                        .count = join_count,
                                        .narrow = join_narrow,
                                        .get_windows = get_windows,
                                        .want = want_left,
                                        .prepare = arbor_join_sides_prepare,
                                        .describe = arbor_join_sides_describe,
                                        .free = arbor_join_sides_free };
  ArborJoinSides *self = arbor_join_sides_new (kind == ARBOR_JOIN_KIND_LEFT ? "left join" : "inner join", left, right, error);

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
  return arbor_join_sides_make_source (&mapping, self, left, right, gate, error);
}
