/* ArborIter: pull iteration. It pins the snapshots that it began on until its end, its close or
 * its finalisation, and a run of indices that it has read ahead. The gate is entered at each step,
 * also in the middle of a run. With picks it computes objects a run at a time into a batch in
 * memory and hands out the trees of that.
 */

#include "arbor-iter-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-arbor-private.h"
#include "arbor-close-token.h"
#include "arbor-tree-private.h"
#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-value-access.h"
#include "query/view/arbor-pick.h"

#define FIRST_RUN 8u
#define LARGEST_RUN 512u

/**
 * ArborIter:
 *
 * Pull iteration over the trees of an arbor, or over what [method@Arbor.Arbor.pick] makes of them.
 *
 * An iterator keeps reading the state of the store that it began on: never torn, never stale. When
 * the store is closed, the next step fails with %ARBOR_ERROR_CLOSED. An iterator may move between
 * threads, but only one may use it at a time.
 *
 * Since: 1.0
 */
struct _ArborIter
{
  GObject parent_instance;

  ArborSource *source; /* NULL when never opened */
  ArborSelection *selection;
  ArborPin *pin; /* pinned; NULL in memory and after the end */
  ArborCloseToken *token;
  ArborArbor *arbor;  /* whose trees these are */
  guint64 n_given;    /* trees that were handed out */
  gboolean is_closed; /* by arbor_iter_close; atomic */
  gboolean at_end;

  guint64 position; /* of the first tree after the run */
  guint32 run_size; /* trees in the next run */
  guint32 run[LARGEST_RUN];
  guint32 n_run;
  guint32 next; /* in the run */
  ArborSource *at_hand; /* the source that has the trees of the run; see query/view/arbor-pick.h */

  guint n_picks;
  char **keys;
  ArborEvaluator **picks;
  ArborTapeWriter *writer;
  ArborBatchBuilder *builder;
  ArborScope *scope;
  ArborSource *picked; /* the objects of the run */
};

enum
{
  PROP_ARBOR = 1,
  PROP_POSITION,
  PROP_CLOSED,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ArborIter, arbor_iter, G_TYPE_OBJECT)

static void
arbor_iter_finalize (GObject *object)
{
  ArborIter *self = ARBOR_ITER (object);

  for (guint i = 0; i < self->n_picks; i++)
    arbor_evaluator_free (self->picks[i]);
  g_free (self->picks);
  g_strfreev (self->keys);
  g_clear_pointer (&self->writer, arbor_tape_writer_free);
  g_clear_pointer (&self->builder, arbor_batch_builder_free);
  g_clear_pointer (&self->scope, arbor_scope_free);
  g_clear_pointer (&self->picked, arbor_source_unref);
  g_clear_pointer (&self->at_hand, arbor_source_unref);
  g_clear_pointer (&self->pin, arbor_pin_unref);
  g_clear_pointer (&self->selection, arbor_selection_unref);
  g_clear_pointer (&self->source, arbor_source_unref);
  g_clear_object (&self->token);
  g_clear_object (&self->arbor);

  G_OBJECT_CLASS (arbor_iter_parent_class)->finalize (object);
}

static void
arbor_iter_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborIter *self = ARBOR_ITER (object);

  switch (id)
    {
    case PROP_ARBOR:
      g_value_take_object (value, arbor_iter_dup_arbor (self));
      break;
    case PROP_POSITION:
      g_value_set_uint64 (value, arbor_iter_get_position (self));
      break;
    case PROP_CLOSED:
      g_value_set_boolean (value, arbor_iter_is_closed (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
arbor_iter_class_init (ArborIterClass *klass)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = arbor_iter_finalize;
  object_class->get_property = arbor_iter_get_property;

  /**
   * ArborIter:arbor: (getter dup_arbor)
   *
   * The arbor whose trees these are. It never changes.
   *
   * Since: 1.0
   */
  properties[PROP_ARBOR] = g_param_spec_object ("arbor", NULL, NULL, ARBOR_TYPE_ARBOR, readable);

  /**
   * ArborIter:position: (getter get_position)
   *
   * How many trees the iterator has given; after an error it is what it was. That it changed is told once
   * a step, in the thread that takes it.
   *
   * Since: 1.0
   */
  properties[PROP_POSITION] =
      g_param_spec_uint64 ("position", NULL, NULL, 0, G_MAXUINT64, 0, readable);

  /**
   * ArborIter:closed: (getter is_closed)
   *
   * Whether the iterator, or the store that it reads, has been closed. That the iterator was closed is told
   * in the thread that closed it; that the store was, [class@Arbor.CloseToken] tells.
   *
   * Since: 1.0
   */
  properties[PROP_CLOSED] = g_param_spec_boolean ("closed", NULL, NULL, FALSE, readable);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
arbor_iter_init (ArborIter *self)
{
  self->run_size = FIRST_RUN;
}

ArborIter *
arbor_iter_new (ArborArbor *arbor, ArborPin *pin, char **keys, ArborEvaluator **picks,
                guint n_picks)
{
  ArborIter *self = g_object_new (ARBOR_TYPE_ITER, NULL);

  self->arbor = g_object_ref (arbor);
  self->source = arbor_source_ref (arbor->view->source);
  self->selection = arbor_selection_ref (arbor->view->selection);
  self->pin = pin;
  g_set_object (&self->token, arbor->token);
  self->keys = keys;
  self->picks = picks;
  self->n_picks = n_picks;
  if (n_picks > 0)
    {
      self->writer = arbor_tape_writer_new ();
      self->builder = arbor_batch_builder_new ();
      self->scope = arbor_scope_new ();
    }
  return self;
}

/* The object of the picked values of one tree. */
static void
pick_tree (ArborIter *self, guint32 row)
{
  ArborTape tape;

  arbor_tape_writer_reset (self->writer);
  arbor_tape_writer_begin_object (self->writer);
  for (guint i = 0; i < self->n_picks; i++)
    {
      ArborValue value;

      arbor_evaluator_get_value (self->picks[i], row, self->scope, &value);
      if (value.kind == ARBOR_KIND_MISSING)
        continue;
      arbor_tape_writer_key (self->writer, self->keys[i], strlen (self->keys[i]));
      arbor_value_write_tape (&value, self->scope, self->writer);
    }
  arbor_tape_writer_end_object (self->writer);
  arbor_tape_writer_finish (self->writer, &tape);
  arbor_batch_builder_add_tape (self->builder, &tape, ARBOR_TAPE_ROOT);
}

/* Computes the objects of the run into self->picked. */
static gboolean
pick_run (ArborIter *self, ArborPicked *picked, GError **error)
{
  g_autoptr (GPtrArray) batches =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  ArborPlace place = { .batch = NULL };

  arbor_batch_builder_reset (self->builder);
  for (guint32 i = 0; i < self->n_run; i++)
    {
      if (!arbor_place_has (&place, self->run[i]))
        {
          if (!arbor_picked_find (picked, self->run[i], &place, error))
            return FALSE;
          for (guint j = 0; j < self->n_picks; j++)
            arbor_evaluator_set_batch (self->picks[j], place.batch, arbor_place_get_base (&place));
        }
      pick_tree (self, arbor_place_get_row (&place, self->run[i]));
      if (!arbor_scope_check (self->scope, error))
        return FALSE;
      arbor_scope_reset (self->scope);
      if (arbor_batch_builder_is_full (self->builder) || i + 1 == self->n_run)
        {
          GBytes *batch = arbor_batch_builder_finish (self->builder, error);

          if (batch == NULL)
            return FALSE;
          g_ptr_array_add (batches, batch);
        }
    }
  g_clear_pointer (&self->picked, arbor_source_unref);
  self->picked = arbor_source_new_memory (g_steal_pointer (&batches), error);
  return self->picked != NULL;
}

static gboolean
read_run (ArborIter *self, ArborAccess *access, GError **error)
{
  g_auto (ArborPicked) picked = { .source = NULL };
  guint32 n_read;

  if (!arbor_selection_read (self->selection, access, self->position, self->run_size, self->run,
                             &n_read, NULL, error) ||
      !arbor_picked_init (&picked, access, self->run, n_read, NULL, error))
    {
      self->n_run = self->next = 0;
      return FALSE;
    }
  g_clear_pointer (&self->at_hand, arbor_source_unref);
  self->at_hand = arbor_source_ref (picked.access.source);
  self->position += n_read;
  self->n_run = n_read;
  self->next = 0;
  self->run_size = MIN (self->run_size * 4, LARGEST_RUN);
  if (n_read > 0 && self->n_picks > 0)
    return pick_run (self, &picked, error);
  return TRUE;
}

/* The tree at self->next of the run. */
static ArborTree *
make_tree (ArborIter *self, ArborAccess *access, GError **error)
{
  gboolean is_picked = self->n_picks > 0;
  ArborSource *source = is_picked ? self->picked : self->at_hand;
  guint64 index = is_picked ? self->next : self->run[self->next];
  ArborPlace place;
  ArborValue value;
  ArborAccess at_hand;

  if (!is_picked)
    arbor_access_borrow (&at_hand, access, source);
  else if (!arbor_access_begin (&at_hand, self->picked, NULL, error))
    return NULL;
  if (!arbor_access_find_tree (&at_hand, index, &place, error))
    return NULL;
  arbor_batch_get_tree (place.batch, arbor_place_get_row (&place, index), &value);
  return arbor_tree_new (self->source, self->pin, self->token,
                         source != self->source ? source : NULL, &value);
}

static gboolean
enter (ArborIter *self, ArborAccess *access, GError **error)
{
  if (self->source == NULL)
    {
      arbor_view_set_not_opened_error (error);
      return FALSE;
    }
  /* Past the end nothing is read any more: only the gate counts then. */
  if (self->at_end ? !arbor_access_begin_gate (access, self->source, error)
                   : !arbor_access_begin (access, self->source, self->pin, error))
    return FALSE;
  if (!g_atomic_int_get (&self->is_closed))
    return TRUE;
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED, _("ArborIter has been closed"));
  arbor_access_leave (access, error);
  return FALSE;
}

/* The next tree, NULL at the end or after an error. Inside. */
static ArborTree *
step (ArborIter *self, ArborAccess *access, GError **error)
{
  ArborTree *tree;

  if (self->at_end)
    return NULL;
  if (self->next == self->n_run && !read_run (self, access, error))
    return NULL;
  if (self->next == self->n_run)
    {
      self->at_end = TRUE;
      g_clear_pointer (&self->pin, arbor_pin_unref);
      return NULL;
    }
  tree = make_tree (self, access, error);
  if (tree != NULL)
    self->next++;
  return tree;
}

static void
count_given (ArborIter *self, guint64 n)
{
  self->n_given += n;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSITION]);
}

/**
 * arbor_iter_next_value:
 * @self: an iterator
 * @error: where to put an error
 *
 * The next tree. After an error the iterator stands where it stood.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT.
 *
 * Returns: (transfer full) (nullable): the tree; %NULL without error at the end
 *
 * Since: 1.0
 */
ArborTree *
arbor_iter_next_value (ArborIter *self, GError **error)
{
  ArborAccess access;
  ArborTree *tree;

  g_return_val_if_fail (ARBOR_IS_ITER (self), NULL);

  if (!enter (self, &access, error))
    return NULL;
  tree = step (self, &access, error);
  if (!arbor_access_end (&access, error))
    g_clear_object (&tree);
  if (tree != NULL)
    count_given (self, 1);
  return tree;
}

static void
free_trees (GPtrArray *trees)
{
  g_ptr_array_set_free_func (trees, g_object_unref);
  g_ptr_array_unref (trees);
}

/**
 * arbor_iter_next_many:
 * @self: an iterator
 * @max_trees: how many trees at most, at least 1
 * @n_trees: (out): how many there are
 * @error: where to put an error
 *
 * The next trees at once. An empty array is the end. When a damaged tree is met, the trees before
 * it are returned first, and the error at the next call.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT.
 *
 * Returns: (array length=n_trees) (transfer full): the trees
 *
 * Since: 1.0
 */
ArborTree **
arbor_iter_next_many (ArborIter *self, gsize max_trees, gsize *n_trees, GError **error)
{
  GPtrArray *trees;
  ArborAccess access;
  g_autoptr (GError) failure = NULL;
  gboolean is_damaged;

  g_return_val_if_fail (ARBOR_IS_ITER (self), NULL);
  g_return_val_if_fail (max_trees > 0, NULL);
  g_return_val_if_fail (n_trees != NULL, NULL);

  *n_trees = 0;
  if (!enter (self, &access, error))
    return NULL;
  trees = g_ptr_array_new ();
  while (trees->len < max_trees && arbor_access_check (&access, NULL, &failure))
    {
      ArborTree *tree = step (self, &access, &failure);

      if (tree == NULL)
        break;
      g_ptr_array_add (trees, tree);
    }
  is_damaged = !arbor_access_check_damage (&access, NULL);
  if (!arbor_access_end (&access, &failure) &&
      (trees->len == 0 || is_damaged || g_error_matches (failure, ARBOR_ERROR, ARBOR_ERROR_CLOSED)))
    {
      free_trees (trees);
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  *n_trees = trees->len;
  if (trees->len > 0)
    count_given (self, trees->len);
  /* An empty result is an array too, not NULL. */
  g_ptr_array_add (trees, NULL);
  return (ArborTree **) g_ptr_array_free (trees, FALSE);
}

/**
 * arbor_iter_iterator:
 * @self: an iterator
 *
 * The iterator itself, for languages that ask for one.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
ArborIter *
arbor_iter_iterator (ArborIter *self)
{
  g_return_val_if_fail (ARBOR_IS_ITER (self), NULL);

  return g_object_ref (self);
}

/**
 * arbor_iter_get_n_ready:
 * @self: an iterator
 *
 * How many trees the next steps give without computing which ones they are. The step behind them may
 * take long where a condition or an order has to be computed: a program that must stay responsive
 * takes that one in another thread.
 *
 * Returns: how many trees are at hand, maybe 0
 *
 * Since: 1.0
 */
guint64
arbor_iter_get_n_ready (ArborIter *self)
{
  g_return_val_if_fail (ARBOR_IS_ITER (self), 0);

  return self->at_end ? 0 : self->n_run - self->next;
}

/**
 * arbor_iter_close:
 * @self: an iterator
 *
 * Ends the iteration early and lets go of the state of the store that it held. Each later step
 * fails with %ARBOR_ERROR_CLOSED. Closing again does nothing.
 *
 * Since: 1.0
 */
void
arbor_iter_close (ArborIter *self)
{
  g_return_if_fail (ARBOR_IS_ITER (self));

  self->at_end = TRUE;
  g_clear_pointer (&self->pin, arbor_pin_unref);
  if (g_atomic_int_compare_and_exchange (&self->is_closed, FALSE, TRUE))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLOSED]);
}

/**
 * arbor_iter_dup_arbor: (get-property arbor)
 * @self: an iterator
 *
 * The arbor whose trees these are. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the arbor; %NULL of an iterator that was never opened
 *
 * Since: 1.0
 */
ArborArbor *
arbor_iter_dup_arbor (ArborIter *self)
{
  g_return_val_if_fail (ARBOR_IS_ITER (self), NULL);

  return self->arbor != NULL ? g_object_ref (self->arbor) : NULL;
}

/**
 * arbor_iter_get_position: (get-property position)
 * @self: an iterator
 *
 * How many trees the iterator has given so far.
 *
 * Returns: how many trees, which is the position of the next one
 *
 * Since: 1.0
 */
guint64
arbor_iter_get_position (ArborIter *self)
{
  g_return_val_if_fail (ARBOR_IS_ITER (self), 0);

  return self->n_given;
}

/**
 * arbor_iter_is_closed: (get-property closed)
 * @self: an iterator
 *
 * Whether the iterator, or the store that it reads, has been closed.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_iter_is_closed (ArborIter *self)
{
  g_return_val_if_fail (ARBOR_IS_ITER (self), TRUE);

  if (self->source == NULL || g_atomic_int_get (&self->is_closed))
    return TRUE;
  return self->token != NULL && arbor_close_token_is_closed (self->token);
}

/**
 * arbor_iter_dup_close_token:
 * @self: an iterator
 *
 * The close token of the store that the iterator reads.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for an arbor in memory
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_iter_dup_close_token (ArborIter *self)
{
  g_return_val_if_fail (ARBOR_IS_ITER (self), NULL);

  return self->token != NULL ? g_object_ref (self->token) : NULL;
}
