/* ArborArbor: the object and its views. See arbor-arbor-private.h for what it is made of.
 *
 * Nothing here computes: each function enters the gate, checks its arguments, and makes a new
 * selection or asks one.
 */

#include "arbor-arbor-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "arbor-close-token-private.h"
#include "arbor-iter-private.h"
#include "arbor-tree-private.h"
#include "query/make/arbor-view-notes.h"
#include "query/view/arbor-pick.h"

/**
 * ArborArbor:
 *
 * An immutable ordered collection of trees (JSON documents).
 *
 * An arbor lies in memory ([func@Arbor.read_jsonl], [class@Arbor.Builder]), in a store
 * ([method@Arbor.Store.get]), or is a view of another one ([method@Arbor.Arbor.filter],
 * [method@Arbor.Arbor.head], ...). All three answer alike. Indices are positions in *this* arbor,
 * from 0. Views compute which trees they have when somebody first needs to know, once, and only as
 * far as needed.
 *
 * A stored arbor, and everything derived from it, ends when its store is closed: each call then
 * fails with %ARBOR_ERROR_CLOSED. When its name has been replaced or deleted in the meantime it is
 * stale, %ARBOR_ERROR_STALE, and [method@Arbor.Store.get] gives the present one. Results of
 * [method@Arbor.Arbor.materialize] are in memory and depend on no store.
 *
 * An arbor is a [iface@Gio.ListModel] of [class@Arbor.Tree], for list widgets. That interface
 * cannot report errors; programs call the methods of this class instead. The model keeps the state
 * of the store that it found at its first call, and becomes empty when the store is closed.
 *
 * Any thread may use an arbor.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE_WITH_CODE (ArborArbor, arbor_arbor, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, arbor_arbor_model_init))

static void
arbor_arbor_finalize (GObject *object)
{
  ArborArbor *self = ARBOR_ARBOR (object);

  arbor_arbor_model_clear (self);
  g_clear_pointer (&self->view, arbor_view_unref);
  g_clear_object (&self->token);
  pthread_mutex_destroy (&self->model_mutex);

  G_OBJECT_CLASS (arbor_arbor_parent_class)->finalize (object);
}

static void
arbor_arbor_class_init (ArborArborClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_arbor_finalize;
  arbor_arbor_install_properties (G_OBJECT_CLASS (klass));
}

static void
arbor_arbor_init (ArborArbor *self)
{
  pthread_mutex_init (&self->model_mutex, NULL);
}

ArborArbor *
arbor_arbor_new_take (ArborView *view, ArborCloseToken *token)
{
  ArborArbor *self;

  if (view == NULL)
    return NULL;
  self = g_object_new (ARBOR_TYPE_ARBOR, NULL);
  self->view = view;
  g_set_object (&self->token, token);
  return self;
}

ArborArbor *
arbor_arbor_new_take_batches (GPtrArray *batches, GError **error)
{
  return arbor_arbor_new_take (arbor_view_new_all (arbor_source_new_memory (batches, error)), NULL);
}

gboolean
arbor_arbor_enter (ArborArbor *self, ArborAccess *access, GError **error)
{
  return arbor_view_enter (self->view, access, error);
}

ArborArbor *
arbor_arbor_apply (ArborArbor *self, ArborPlanStep *step, GError **error)
{
  g_autoptr (ArborPlanStep) taken = step;

  return arbor_arbor_new_take (arbor_plan_step_apply (step, self->view, error), self->token);
}

ArborCloseToken *
arbor_join_tokens (ArborCloseToken *a, ArborCloseToken *b, ArborGate **gate)
{
  ArborCloseToken *token = arbor_close_token_join (a, b);

  *gate = token != a && token != b ? arbor_close_token_get_gate (token) : NULL;
  return token;
}

static gboolean
set_out_of_range (guint64 index, guint64 count, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
               _("Index %" PRIu64 " is out of range: the arbor has %" PRIu64
                 " trees"),
               index, count);
  return FALSE;
}

/* The source's index of the tree at @position. */
static gboolean
resolve (ArborArbor *self, ArborAccess *access, guint64 position, guint32 *index, GError **error)
{
  guint32 n_read;
  guint64 count;

  if (!arbor_selection_read (self->view->selection, access, position, 1, index, &n_read, NULL, error))
    return FALSE;
  if (n_read == 1)
    return TRUE;
  return arbor_selection_tell_count (self->view->selection, access, NULL, &count, error) &&
         set_out_of_range (position, count, error);
}

ArborTree *
arbor_arbor_make_pinned_tree (ArborArbor *self, ArborAccess *access, ArborPin *pin, guint32 index,
                              GError **error)
{
  g_auto (ArborPicked) picked = { .source = NULL };
  ArborValue value;

  if (!arbor_picked_init (&picked, access, &index, 1, NULL, error) ||
      !arbor_picked_get (&picked, index, &value, error))
    return NULL;
  return arbor_tree_new (self->view->source, pin, self->token, picked.source, &value);
}

ArborTree *
arbor_arbor_make_tree (ArborArbor *self, ArborAccess *access, guint32 index, GError **error)
{
  g_autoptr (ArborPin) pin = arbor_access_dup_pin (access);

  return arbor_arbor_make_pinned_tree (self, access, pin, index, error);
}

/**
 * arbor_arbor_get_n_trees:
 * @self: an arbor
 * @error: where to put an error
 *
 * How many trees the arbor has. A view that was not computed yet is computed to its end.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: the number of trees; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_arbor_get_n_trees (ArborArbor *self, GError **error)
{
  ArborAccess access;
  guint64 count = 0;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), 0);

  if (!arbor_arbor_enter (self, &access, error))
    return 0;
  if (!arbor_selection_tell_count (self->view->selection, &access, NULL, &count, error))
    count = 0;
  return arbor_access_end (&access, error) ? count : 0;
}

/**
 * arbor_arbor_get:
 * @self: an arbor
 * @index: a position, from 0
 * @error: where to put an error
 *
 * The tree at a position. A view is computed only as far as @index; of trees that are computed only those
 * around it are made.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE,
 * %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the tree
 *
 * Since: 1.0
 */
ArborTree *
arbor_arbor_get (ArborArbor *self, guint64 index, GError **error)
{
  ArborAccess access;
  ArborTree *tree = NULL;
  guint32 tree_index;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (resolve (self, &access, index, &tree_index, error))
    tree = arbor_arbor_make_tree (self, &access, tree_index, error);
  if (!arbor_access_end (&access, error))
    g_clear_object (&tree);
  return tree;
}

/**
 * arbor_arbor_iterator:
 * @self: an arbor
 * @error: where to put an error
 *
 * An iterator over all trees in order. It keeps reading the state of the store that it began on,
 * also when the arbor becomes stale meanwhile.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): an iterator at the first tree
 *
 * Since: 1.0
 */
ArborIter *
arbor_arbor_iterator (ArborArbor *self, GError **error)
{
  ArborAccess access;
  ArborIter *iter;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  iter = arbor_iter_new (self, arbor_access_dup_pin (&access), NULL, NULL, 0);
  arbor_access_leave (&access, error);
  return iter;
}

/* One key in quotes gives the name between them. */
static char *
name_pick (const char *text)
{
  g_autoptr (ArborPath) path = arbor_path_parse (text, NULL);
  const char *name = path != NULL ? arbor_path_get_name (path) : NULL;

  return g_strdup (name != NULL ? name : text);
}

/* @keys and @picks have room for all. */
static gboolean
parse_picks (const char *const *paths, char **keys, ArborEvaluator **picks, GError **error)
{
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr (ArborNode) node = arbor_node_new_path (paths[i], error);

      if (node == NULL)
        {
          while (i > 0)
            arbor_evaluator_free (picks[--i]);
          return FALSE;
        }
      picks[i] = arbor_evaluator_new (node);
      keys[i] = name_pick (paths[i]);
    }
  return TRUE;
}

static gboolean
check_picks (ArborArbor *self, ArborAccess *access, const char *const *paths, GError **error)
{
  for (guint i = 0; paths[i] != NULL; i++)
    if (!arbor_view_check_path (self->view, access, paths[i], error))
      return FALSE;
  return TRUE;
}

/**
 * arbor_arbor_pick:
 * @self: an arbor
 * @paths: (nullable) (array zero-terminated=1): the paths to pick, %NULL or empty for whole trees
 * @error: where to put an error
 *
 * An iterator over objects that have the picked values only. Keys are the paths as written, in
 * that order, but of one key in quotes, `["last, first"]` or `"last, first"`, what stands between
 * these; a path that a tree does not have is left out; a path with `[*]` gives an array. In
 * Python and JavaScript each step gives a native dictionary.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a malformed path, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE.
 * Any thread may call this.
 *
 * Returns: (transfer full): an iterator at the first tree
 *
 * Since: 1.0
 */
ArborIter *
arbor_arbor_pick (ArborArbor *self, const char *const *paths, GError **error)
{
  guint n = paths != NULL ? g_strv_length ((char **) paths) : 0;
  g_autofree ArborEvaluator **picks = g_new0 (ArborEvaluator *, n + 1);
  g_auto (GStrv) keys = g_new0 (char *, n + 1);
  ArborAccess access;
  ArborIter *iter = NULL;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (n == 0)
    iter = arbor_iter_new (self, arbor_access_dup_pin (&access), NULL, NULL, 0);
  else if (check_picks (self, &access, paths, error) && parse_picks (paths, keys, picks, error))
    iter = arbor_iter_new (self, arbor_access_dup_pin (&access), g_steal_pointer (&keys),
                           g_steal_pointer (&picks), n);
  arbor_access_leave (&access, error);
  return iter;
}

/**
 * arbor_arbor_head:
 * @self: an arbor
 * @n_trees: how many trees; more than there are means all
 * @error: where to put an error
 *
 * A view of the first trees. Of a filtered view it computes only as many.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_head (ArborArbor *self, guint64 n_trees, GError **error)
{
  return arbor_arbor_slice (self, 0, n_trees, error);
}

/**
 * arbor_arbor_tail:
 * @self: an arbor
 * @n_trees: how many trees; more than there are means all
 * @error: where to put an error
 *
 * A view of the last trees, in the same order.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_tail (ArborArbor *self, guint64 n_trees, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return arbor_arbor_apply (self, arbor_plan_tail (n_trees), error);
}

/**
 * arbor_arbor_slice:
 * @self: an arbor
 * @start: the first position
 * @n_trees: how many trees; more than there are means all from @start on
 * @error: where to put an error
 *
 * A view of consecutive trees; empty when @start is past the end.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_slice (ArborArbor *self, guint64 start, guint64 n_trees, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return arbor_arbor_apply (self, arbor_plan_slice (start, n_trees), error);
}

/**
 * arbor_arbor_take:
 * @self: an arbor
 * @indices: (array length=n_indices): positions in this arbor
 * @n_indices: how many
 * @error: where to put an error
 *
 * A view of the trees at these positions, in this order, duplicates kept.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE naming the first index that is too large,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_take (ArborArbor *self, const guint64 *indices, gsize n_indices, GError **error)
{
  g_autofree guint32 *list = NULL;
  ArborView *view = NULL;
  gboolean is_good = TRUE;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (indices != NULL || n_indices == 0, NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  list = g_new (guint32, n_indices + 1);
  for (gsize i = 0; i < n_indices && is_good; i++)
    is_good = resolve (self, &access, indices[i], &list[i], error);
  if (is_good)
    view = arbor_view_select (self->view,
                              arbor_selection_new_list (g_steal_pointer (&list), n_indices));
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&view, arbor_view_unref);
  return arbor_arbor_new_take (view, self->token);
}

/**
 * arbor_arbor_reverse:
 * @self: an arbor
 * @error: where to put an error
 *
 * A view of all trees, last one first.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_reverse (ArborArbor *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return arbor_arbor_apply (self, arbor_plan_reverse (), error);
}

/**
 * arbor_arbor_is_closed:
 * @self: an arbor
 *
 * Whether the arbor's store has been closed. Always %FALSE for an arbor in memory. Any thread may
 * call this, at any time.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_is_closed (ArborArbor *self)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), TRUE);

  if (self->view == NULL)
    return TRUE;
  return self->token != NULL && arbor_close_token_is_closed (self->token);
}

/**
 * arbor_arbor_dup_close_token:
 * @self: an arbor
 *
 * The close token of the store that the arbor derives from. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for an arbor in memory
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_arbor_dup_close_token (ArborArbor *self)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return self->token != NULL ? g_object_ref (self->token) : NULL;
}

/**
 * arbor_arbor_to_string:
 * @self: an arbor
 *
 * A description for people who debug, which never fails and computes nothing. Any thread may call
 * this, at any time.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
arbor_arbor_to_string (ArborArbor *self)
{
  const char *name;
  const char *view;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (self->view == NULL)
    return g_strdup ("ArborArbor (not opened)");
  name = arbor_source_get_name (self->view->source);
  view = arbor_selection_is_all (self->view->selection) ? "" : "view of ";
  if (arbor_source_is_derived (self->view->source))
    return g_strdup_printf ("ArborArbor (%scomputed trees, %" G_GUINT64_FORMAT " so far%s)", view,
                            arbor_source_get_n_trees (self->view->source),
                            arbor_arbor_is_closed (self) ? ", closed" : "");
  if (name == NULL)
    return g_strdup_printf ("ArborArbor (%s%" G_GUINT64_FORMAT " trees in memory)", view,
                            arbor_source_get_n_trees (self->view->source));
  return g_strdup_printf ("ArborArbor (%s'%s', %" G_GUINT64_FORMAT " trees in '%s'%s)", view, name,
                          arbor_source_get_n_trees (self->view->source),
                          arbor_session_get_path (arbor_source_get_session (self->view->source)),
                          arbor_arbor_is_closed (self) ? ", closed" : "");
}
