/* Semi and anti joins: the left trees that have a match, or none, are a selection of them, as those of a
 * filter are; no tree is made. What they are chosen by is read from the right source, so the view has a
 * source that stands for the left one, and whoever enters it enters the right one, too.
 */

#include "query/group/arbor-join-private.h"

#include "query/group/arbor-matcher.h"
#include "query/view/arbor-pick.h"

#define FIRST_PIECE   64u
#define LARGEST_PIECE ARBOR_BATCH_MAX_TREES

/* The source */

typedef struct
{
  GPtrArray *right_keys; /* ArborNode */
  guint32 n_batches;     /* of the left source that were given */
  guint32 next_batch;    /* after the step under way */
} Beside;

static gboolean
beside_step (gpointer data, ArborAccess *access, guint32 n_trees, ArborOutput *output,
             gboolean *at_end, GCancellable *cancellable, GError **error)
{
  Beside *self = data;
  ArborSource *left = arbor_source_get_input (access->source, 0);
  guint64 n_before = arbor_source_get_n_trees (access->source);
  ArborAccess input;
  guint64 n;

  arbor_access_borrow (&input, access, left);
  if (!arbor_access_count_trees (&input, n_before + n_trees, cancellable, &n, error))
    return FALSE;
  *at_end = n < n_before + n_trees;
  self->next_batch = arbor_source_get_n_batches (left);
  return arbor_output_add_batches (output, left, self->n_batches, self->next_batch, error);
}

static void
beside_commit (gpointer data)
{
  Beside *self = data;

  self->n_batches = self->next_batch;
}

static gboolean
beside_count (gpointer data, ArborAccess *access, guint64 limit, guint64 *n, gboolean *is_known,
              GCancellable *cancellable, GError **error)
{
  ArborAccess input;

  arbor_access_borrow (&input, access, arbor_source_get_input (access->source, 0));
  *is_known = TRUE;
  return limit == G_MAXUINT64 ? arbor_access_tell_count (&input, cancellable, n, error)
                              : arbor_access_tell_up_to (&input, limit, cancellable, n, error);
}

static void
beside_list_keys (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  arbor_key_search_ask (search, 0, steps, n_steps, NULL);
}

static void
beside_list_nodes (gpointer data, guint input, GPtrArray *nodes)
{
  Beside *self = data;

  for (guint i = 0; input == 1 && i < self->right_keys->len; i++)
    g_ptr_array_add (nodes, arbor_node_ref (self->right_keys->pdata[i]));
}

static void
beside_free (gpointer data)
{
  Beside *self = data;

  g_ptr_array_unref (self->right_keys);
  g_free (self);
}

static ArborSource *
make_source (const ArborJoinSide *left, const ArborJoinSide *right, ArborGate *gate, GError **error)
{
  static const ArborOperator op = { .name = "join",
                                    .is_same = TRUE,
                                    .step = beside_step,
                                    .commit = beside_commit,
                                    .free = beside_free,
                                    .keys = beside_list_keys,
                                    .nodes = beside_list_nodes,
                                    .count = beside_count };
  ArborSource *const inputs[] = { left->source, right->source };
  Beside *self = g_new0 (Beside, 1);
  ArborSource *source;

  self->right_keys = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  for (gsize i = 0; i < right->n_keys; i++)
    g_ptr_array_add (self->right_keys, arbor_node_ref (right->keys[i]));
  source = arbor_source_new_derived (&op, self, inputs, G_N_ELEMENTS (inputs), gate, error);
  if (source != NULL)
    arbor_source_set_input_selection (source, 1, right->selection);
  return source;
}

/* The selection */

typedef struct
{
  ArborOrdering parent;
  ArborSource *right;
  ArborKeyIndex *index;
  GPtrArray *keys;       /* ArborNode, of the left trees */
  ArborMatcher *matcher; /* from the first step to the last */
  guint64 position;      /* of the next tree of the selection that is chosen from */
  guint32 piece;         /* trees in the next step */
} Kept;

typedef struct
{
  Kept *kept;
  ArborAccess *right;
  ArborIndices *list;
} Visit;

static const ArborOrderingVerbs semi_verbs, anti_verbs;

static Kept *
kept_new (const ArborOrderingVerbs *verbs, ArborSource *right, ArborKeyIndex *index,
          ArborNode *const *keys, gsize n)
{
  Kept *self = g_new0 (Kept, 1);

  self->parent.verbs = verbs;
  self->right = arbor_source_ref (right);
  self->index = arbor_key_index_ref (index);
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (self->keys, arbor_node_ref (keys[i]));
  self->piece = FIRST_PIECE;
  return self;
}

static ArborOrdering *
kept_copy (const ArborOrdering *ordering)
{
  const Kept *self = (const Kept *) ordering;

  return &kept_new (ordering->verbs, self->right, self->index,
                    (ArborNode *const *) self->keys->pdata, self->keys->len)
              ->parent;
}

static void
kept_free (ArborOrdering *ordering)
{
  Kept *self = (Kept *) ordering;

  g_clear_pointer (&self->matcher, arbor_matcher_free);
  g_ptr_array_unref (self->keys);
  arbor_key_index_unref (self->index);
  arbor_source_unref (self->right);
  g_free (self);
}

static void
kept_describe (const ArborOrdering *ordering, GString *out)
{
  g_string_append_printf (out, "%s by ", ordering->verbs->name);
  arbor_key_index_describe (((const Kept *) ordering)->index, out);
}

static void
kept_list_nodes (const ArborOrdering *ordering, GPtrArray *nodes)
{
  const Kept *self = (const Kept *) ordering;

  for (guint i = 0; i < self->keys->len; i++)
    g_ptr_array_add (nodes, arbor_node_ref (self->keys->pdata[i]));
}

/* Batch by batch: after an error the next call goes on with the one that had it. */
static gboolean
keep_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Visit *visit = data;
  Kept *self = visit->kept;
  ArborIndices *list = visit->list;
  gboolean is_anti = self->parent.verbs == &anti_verbs;
  guint32 *groups = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *groups);
  guint32 *indices;
  gsize n = 0;

  if (!arbor_matcher_find (self->matcher, visit->right, rows, scope, groups, error) ||
      !arbor_indices_make_room (list, list->n + rows->n, error))
    return FALSE;
  indices = list->indices + list->n;
  for (guint32 i = 0; i < rows->n; i++)
    {
      indices[n] = (guint32) (rows->first + arbor_rows_get (rows, i));
      n += (groups[i] == ARBOR_NO_GROUP) == is_anti;
    }
  list->n += n;
  self->position += rows->n;
  return TRUE;
}

static gboolean
kept_run (ArborOrdering *ordering, ArborSelection *parent, ArborAccess *access, guint64 n_wanted,
          ArborIndices *list, gboolean *is_complete, GCancellable *cancellable, GError **error)
{
  Kept *self = (Kept *) ordering;
  ArborNode *const *keys = (ArborNode *const *) self->keys->pdata;
  Visit visit = { .kept = self, .list = list };
  ArborAccess narrow, right;
  guint32 n_keys;

  arbor_access_borrow (&right, access, self->right);
  visit.right = &right;
  arbor_access_narrow (&narrow, access, keys, self->keys->len, NULL);
  if (!arbor_key_index_get_n_keys (self->index, &right, cancellable, &n_keys, error))
    return FALSE;
  if (self->matcher == NULL)
    self->matcher = arbor_matcher_new (self->index, keys, self->keys->len);
  arbor_matcher_forget (self->matcher);
  while (!*is_complete && list->n < n_wanted)
    {
      guint32 n_read;

      if (!arbor_trees_read_some (parent, &narrow, self->position, self->piece, keep_rows, &visit,
                                  &n_read, cancellable, error))
        return FALSE;
      *is_complete = n_read < self->piece;
      self->piece = MIN (self->piece * 4, LARGEST_PIECE);
    }
  if (*is_complete)
    g_clear_pointer (&self->matcher, arbor_matcher_free);
  return TRUE;
}

static const ArborOrderingVerbs semi_verbs = {
  .name = "semi join",
  .copy = kept_copy,
  .free = kept_free,
  .describe = kept_describe,
  .list_nodes = kept_list_nodes,
  .run = kept_run,
  .effect = ARBOR_ORDERING_JUDGES,
};

static const ArborOrderingVerbs anti_verbs = {
  .name = "anti join",
  .copy = kept_copy,
  .free = kept_free,
  .describe = kept_describe,
  .list_nodes = kept_list_nodes,
  .run = kept_run,
  .effect = ARBOR_ORDERING_JUDGES,
};

ArborView *
arbor_join_keep (const ArborJoinSide *left, const ArborJoinSide *right, gboolean is_anti,
                 ArborGate *gate, GError **error)
{
  g_autoptr (ArborSource) source = NULL;
  ArborKeyIndex *index;
  Kept *kept;

  index = arbor_join_make_index (left, right, error);
  if (index == NULL)
    return NULL;
  kept = kept_new (is_anti ? &anti_verbs : &semi_verbs, right->source, index, left->keys,
                   left->n_keys);
  arbor_key_index_unref (index);
  source = make_source (left, right, gate, error);
  if (source == NULL)
    {
      kept_free (&kept->parent);
      return NULL;
    }
  return arbor_view_new (g_steal_pointer (&source),
                         arbor_selection_new_ordered (left->selection, &kept->parent, error));
}
