/* ArborListModel: how it goes over from one listing to the next.
 *
 * Whatever changes (a property, the store) is noted, and a source in the model's context starts a job
 * (arbor-list-model-job.c), one at a time, with what is to be shown and the listing that is. What a job
 * delivers is taken here. What came too late, because the model shows something else by then, is dropped,
 * and computed again.
 *
 * While a delivery is told, splice by splice from the last to the first, the model has both listings and
 * the position at which the one before ends (arbor_list_model_count). Handlers may do anything, iterate the
 * context too; what comes meanwhile waits in a queue until the last splice was told.
 *
 * Sources hold the model weakly.
 */

#include "arbor-list-model-private.h"

#include "arbor-close-token.h"
#include "arbor-store-private.h"
#include "arbor-store.h"

/* How far it is */

/**
 * arbor_list_model_get_pending: (get-property pending)
 * @self: a model
 *
 * Gets [property@Arbor.ListModel:pending]. Any thread may call this, at any time.
 *
 * Returns: how many trees are still to be looked at; 0 when all that there is to show is shown
 *
 * Since: 1.0
 */
guint
arbor_list_model_get_pending (ArborListModel *self)
{
  guint pending;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), 0);

  pthread_mutex_lock (&self->mutex);
  pending = self->pending;
  pthread_mutex_unlock (&self->mutex);
  return pending;
}

/**
 * arbor_list_model_dup_error: (get-property error)
 * @self: a model
 *
 * Gets [property@Arbor.ListModel:error]. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): why the model does not show what it should
 *
 * Since: 1.0
 */
GError *
arbor_list_model_dup_error (ArborListModel *self)
{
  GError *error;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);

  pthread_mutex_lock (&self->mutex);
  error = self->error != NULL ? g_error_copy (self->error) : NULL;
  pthread_mutex_unlock (&self->mutex);
  return error;
}

static void
set_pending (ArborListModel *self, guint pending)
{
  gboolean is_other;

  pthread_mutex_lock (&self->mutex);
  is_other = self->told_pending != pending;
  self->pending = self->told_pending = pending;
  pthread_mutex_unlock (&self->mutex);
  if (is_other)
    arbor_list_model_notify (self, ARBOR_LIST_PROP_PENDING);
}

void
arbor_list_model_take_error (ArborListModel *self, GError *error)
{
  g_autoptr (GError) before = NULL;

  pthread_mutex_lock (&self->mutex);
  before = self->error;
  self->error = error;
  pthread_mutex_unlock (&self->mutex);
  if (before != NULL || error != NULL)
    arbor_list_model_notify (self, ARBOR_LIST_PROP_ERROR);
}

/* Starting one, in the model's context */

static void
start (ArborListModel *self)
{
  ArborListJob *job = NULL;

  pthread_mutex_lock (&self->mutex);
  self->is_queued = FALSE;
  if (self->is_wanted && self->job == NULL && !self->is_emitting)
    {
      self->is_wanted = FALSE;
      job = arbor_list_job_new (self);
      self->job = arbor_list_job_ref (job);
    }
  pthread_mutex_unlock (&self->mutex);
  if (job == NULL)
    return;
  set_pending (self, MAX (1, arbor_list_model_get_pending (self)));
  arbor_list_job_start (job);
}

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static GWeakRef *
new_weak (ArborListModel *self)
{
  GWeakRef *weak = g_new (GWeakRef, 1);

  g_weak_ref_init (weak, self);
  return weak;
}

static gboolean
start_in_context (gpointer data)
{
  g_autoptr (ArborListModel) self = g_weak_ref_get (data);

  if (self != NULL)
    start (self);
  return G_SOURCE_REMOVE;
}

void
arbor_list_model_schedule (ArborListModel *self, gboolean is_other)
{
  g_autoptr (ArborListJob) stopped = NULL;
  gboolean is_first;

  pthread_mutex_lock (&self->mutex);
  is_first = !self->is_queued;
  self->is_queued = self->is_wanted = TRUE;
  self->pending = MAX (1, self->pending);
  if (is_other && self->job != NULL)
    stopped = arbor_list_job_ref (self->job);
  pthread_mutex_unlock (&self->mutex);
  if (stopped != NULL)
    g_cancellable_cancel (stopped->cancellable);
  if (is_first)
    arbor_list_model_attach (self->context, start_in_context, new_weak (self), free_weak);
}

/* Telling what a job found, in the model's context */

static void
tell_splices (ArborListModel *self, const GArray *splices)
{
  for (guint i = splices->len; i-- > 0;)
    {
      const ArborSplice *splice = &g_array_index (splices, ArborSplice, i);

      pthread_mutex_lock (&self->mutex);
      self->split_old = splice->old_start;
      self->split_new = splice->new_start;
      pthread_mutex_unlock (&self->mutex);
      g_list_model_items_changed (G_LIST_MODEL (self), splice->old_start, splice->n_removed,
                                  splice->n_added);
    }
}

/* Goes over to the listing of @step. */
static void
take_step (ArborListModel *self, const ArborListingStep *step, guint64 order_serial)
{
  ArborListing *listing = step->listing;
  g_autoptr (ArborCloseToken) token = NULL;
  g_autoptr (ArborListing) before = NULL;
  g_autoptr (ArborTreeMap) old_map = NULL;
  ArborListRows *rows;
  guint n_before;

  if (listing->source != NULL)
    token = arbor_list_model_dup_close_token (self);
  pthread_mutex_lock (&self->mutex);
  n_before = self->listing->n;
  self->is_emitting = TRUE;
  self->before = self->listing;
  self->listing = arbor_listing_ref (listing);
  self->listing_order = order_serial;
  self->map = arbor_tree_map_ref (step->map);
  self->split_old = self->before->n;
  self->split_new = listing->n;
  rows = arbor_list_rows_ref (self->rows);
  pthread_mutex_unlock (&self->mutex);

  arbor_list_rows_begin (rows, step->map, listing, token);
  tell_splices (self, step->splices);

  pthread_mutex_lock (&self->mutex);
  before = g_steal_pointer (&self->before);
  old_map = g_steal_pointer (&self->map);
  self->is_emitting = FALSE;
  pthread_mutex_unlock (&self->mutex);
  arbor_list_rows_end (rows);
  arbor_list_rows_unref (rows);
  if (n_before != listing->n)
    arbor_list_model_notify (self, ARBOR_LIST_PROP_N_ITEMS);
}

/* The store is closed: nothing is left, and what is still under way counts no more. */
static void
show_end (ArborListModel *self)
{
  g_autoptr (ArborListJob) job = NULL;
  g_autoptr (ArborListing) shown = NULL;
  g_autoptr (ArborListingStep) step = NULL;
  GError *error = NULL;

  pthread_mutex_lock (&self->mutex);
  self->is_closing = FALSE;
  job = g_steal_pointer (&self->job);
  shown = arbor_listing_ref (self->listing);
  pthread_mutex_unlock (&self->mutex);
  step = arbor_listing_step_new_end (shown);
  take_step (self, step, 0);
  set_pending (self, 0);
  arbor_gate_set_closed_error (&error);
  arbor_list_model_take_error (self, error);
}

/* A job is over. */
static void
end_job (ArborListModel *self, ArborListDelivery *delivery)
{
  g_autoptr (ArborListJob) job = NULL;
  gboolean is_wanted;

  pthread_mutex_lock (&self->mutex);
  if (self->job == delivery->job)
    job = g_steal_pointer (&self->job);
  is_wanted = self->is_wanted;
  pthread_mutex_unlock (&self->mutex);
  if (job == NULL)
    return;
  if (is_wanted)
    {
      start (self);
      return;
    }
  if (g_error_matches (delivery->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_clear_error (&delivery->error);
  set_pending (self, 0);
  arbor_list_model_take_error (self, g_steal_pointer (&delivery->error));
}

static void
show_delivery (ArborListModel *self, ArborListDelivery *delivery)
{
  const ArborListingStep *step = delivery->step;
  gboolean is_late;

  if (step == NULL)
    {
      end_job (self, delivery);
      return;
    }
  pthread_mutex_lock (&self->mutex);
  is_late = self->job != delivery->job || self->listing != step->before ||
            g_cancellable_is_cancelled (delivery->job->cancellable);
  if (is_late && self->job == delivery->job)
    self->is_wanted = TRUE;
  pthread_mutex_unlock (&self->mutex);
  if (is_late)
    return;
  take_step (self, step, delivery->job->order_serial);
  if (step->pending > 0)
    set_pending (self, step->pending);
}

static void
show_columns (ArborListModel *self, ArborRowColumns *columns)
{
  g_autoptr (ArborCloseToken) token = NULL;
  g_autoptr (ArborTreeMap) map = NULL;
  ArborListRows *before, *rows = arbor_list_rows_new (columns);
  guint n;

  token = arbor_list_model_dup_close_token (self);
  pthread_mutex_lock (&self->mutex);
  before = self->rows;
  self->rows = arbor_list_rows_ref (rows);
  n = self->listing->n;
  map = arbor_tree_map_new_disjoint (0, 0);
  arbor_list_rows_begin (rows, map, self->listing, token);
  self->is_emitting = TRUE;
  pthread_mutex_unlock (&self->mutex);
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, n);
  pthread_mutex_lock (&self->mutex);
  self->is_emitting = FALSE;
  pthread_mutex_unlock (&self->mutex);
  arbor_list_rows_end (rows);
  arbor_list_rows_unref (before);
  arbor_list_rows_unref (rows);
  arbor_list_model_notify (self, ARBOR_LIST_PROP_ITEM_TYPE);
}

/* What could not be told while something else was. */
static void
take_waiting (ArborListModel *self)
{
  for (;;)
    {
      g_autoptr (ArborListDelivery) delivery = NULL;
      ArborRowColumns *columns = NULL;
      gboolean is_closing = FALSE;

      pthread_mutex_lock (&self->mutex);
      if (!self->is_emitting)
        {
          is_closing = self->is_closing;
          columns = is_closing ? NULL : g_steal_pointer (&self->next_columns);
          if (!is_closing && columns == NULL)
            delivery = g_queue_pop_head (&self->waiting);
        }
      pthread_mutex_unlock (&self->mutex);
      if (is_closing)
        show_end (self);
      else if (columns != NULL)
        show_columns (self, columns);
      else if (delivery != NULL)
        show_delivery (self, delivery);
      else
        break;
    }
  start (self);
}

void
arbor_list_model_take_delivery (ArborListModel *self, ArborListDelivery *delivery)
{
  pthread_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->waiting, delivery);
  pthread_mutex_unlock (&self->mutex);
  take_waiting (self);
}

void
arbor_list_model_take_columns (ArborListModel *self, ArborRowColumns *columns)
{
  g_autoptr (ArborRowColumns) dropped = NULL;

  pthread_mutex_lock (&self->mutex);
  dropped = self->next_columns;
  self->next_columns = columns;
  pthread_mutex_unlock (&self->mutex);
  take_waiting (self);
}

/* Following the store */

static void
on_changed (ArborStore *store, const char *name, gpointer data)
{
  g_autoptr (ArborListModel) self = g_weak_ref_get (data);
  gboolean is_ours;

  if (self == NULL)
    return;
  pthread_mutex_lock (&self->mutex);
  is_ours = self->store == store && g_strcmp0 (self->name, name) == 0;
  pthread_mutex_unlock (&self->mutex);
  if (is_ours)
    arbor_list_model_schedule (self, FALSE);
}

static gboolean
end_in_context (gpointer data)
{
  g_autoptr (ArborListModel) self = g_weak_ref_get (data);

  if (self != NULL)
    take_waiting (self);
  return G_SOURCE_REMOVE;
}

/* In the thread that closes. */
static void
on_closed (ArborCloseToken *token, gpointer data)
{
  g_autoptr (ArborListModel) self = g_weak_ref_get (data);
  gboolean is_ours;

  if (self == NULL)
    return;
  pthread_mutex_lock (&self->mutex);
  is_ours = self->store != NULL && self->store->token == token;
  self->is_closing |= is_ours;
  pthread_mutex_unlock (&self->mutex);
  if (is_ours)
    arbor_list_model_attach (self->context, end_in_context, new_weak (self), free_weak);
}

static void
free_weak_closure (gpointer data, GClosure *closure)
{
  free_weak (data);
}

void
arbor_list_model_follow (ArborListModel *self, ArborStore *store)
{
  g_autoptr (ArborStore) before = NULL;
  g_autoptr (ArborCloseToken) token = NULL;
  gulong changed_id, before_changed_id;
  guint closed_id, before_closed_id;

  pthread_mutex_lock (&self->mutex);
  before = self->store;
  self->store = store != NULL ? g_object_ref (store) : NULL;
  before_changed_id = self->changed_id;
  before_closed_id = self->closed_id;
  self->changed_id = self->closed_id = 0;
  self->is_closing = FALSE;
  pthread_mutex_unlock (&self->mutex);

  /* A store that was disposed of has let go of it. */
  if (before_changed_id != 0 && g_signal_handler_is_connected (before, before_changed_id))
    g_signal_handler_disconnect (before, before_changed_id);
  if (before_closed_id != 0)
    arbor_close_token_remove_closed_func (before->token, before_closed_id);
  if (store == NULL || store->token == NULL)
    return;
  changed_id = g_signal_connect_data (store, "changed", G_CALLBACK (on_changed), new_weak (self),
                                      free_weak_closure, 0);
  closed_id = arbor_close_token_add_closed_func (store->token, on_closed, new_weak (self), free_weak);
  pthread_mutex_lock (&self->mutex);
  self->changed_id = changed_id;
  self->closed_id = closed_id;
  pthread_mutex_unlock (&self->mutex);
}

void
arbor_list_model_dispose_update (ArborListModel *self)
{
  g_autoptr (ArborListJob) job = NULL;
  ArborListDelivery *delivery;

  arbor_list_model_follow (self, NULL);
  pthread_mutex_lock (&self->mutex);
  job = g_steal_pointer (&self->job);
  pthread_mutex_unlock (&self->mutex);
  if (job != NULL)
    g_cancellable_cancel (job->cancellable);
  while ((delivery = g_queue_pop_head (&self->waiting)) != NULL)
    arbor_list_delivery_free (delivery);
}
