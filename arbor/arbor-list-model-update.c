/* ArborListModel: how it goes over from one listing to the next.
 *
 * Whatever changes (a property, the store) is noted, and a source in the model's context starts a job: one
 * at a time, on a thread of the library, with what is to be shown and the listing that is. A job delivers
 * listings to the context, each with what leads to it from the listing before: at most two, the first rows
 * of a model that shows nothing, and all. What came too late, because the model shows something else by
 * then, is dropped, and computed again.
 *
 * While a delivery is told, splice by splice from the last to the first, the model has both listings and
 * the position at which the one before ends (arbor_list_model_count). Handlers may do anything, iterate the
 * context too; what comes meanwhile waits in a queue until the last splice was told.
 *
 * Sources hold the model weakly.
 */

#include "arbor-list-model-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-close-token.h"
#include "arbor-store-private.h"
#include "arbor-store.h"
#include "base/arbor-jobs.h"
#include "base/arbor-stop.h"
#include "query/model/arbor-search.h"
#include "query/model/arbor-splices.h"

/* More than any screen shows. */
#define FIRST_ROWS 256u

struct _ArborListJob
{
  gatomicrefcount ref_count;
  GWeakRef model;
  GMainContext *context;
  GCancellable *cancellable;

  ArborStore *store; /* NULL: nothing is shown */
  char *name;
  ArborNode *filter;
  char *search;
  char **search_paths;
  ArborListingOrder order; /* without the condition, until it runs */
  guint64 order_serial;
  gboolean is_same_order; /* as that of what is shown */
  ArborListing *shown;
};

/* What a job found; without a listing: it has ended, maybe by an error. */
typedef struct
{
  ArborListJob *job;
  ArborListing *before; /* from which splices lead to listing */
  ArborListing *listing;
  ArborTreeMap *map;
  GArray *splices;
  guint pending; /* trees that are left */
  GError *error;
} Delivery;

static void
job_unref (ArborListJob *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_weak_ref_clear (&self->model);
  g_main_context_unref (self->context);
  g_object_unref (self->cancellable);
  g_clear_object (&self->store);
  g_free (self->name);
  g_clear_pointer (&self->filter, arbor_node_unref);
  g_free (self->search);
  g_strfreev (self->search_paths);
  g_clear_pointer (&self->order.condition, arbor_node_unref);
  g_clear_pointer (&self->order.keys, arbor_sort_keys_unref);
  arbor_listing_unref (self->shown);
  g_free (self);
}

static ArborListJob *
job_ref (ArborListJob *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborListJob, job_unref)

static void
delivery_free (Delivery *self)
{
  g_clear_pointer (&self->before, arbor_listing_unref);
  g_clear_pointer (&self->listing, arbor_listing_unref);
  g_clear_pointer (&self->map, arbor_tree_map_unref);
  g_clear_pointer (&self->splices, g_array_unref);
  g_clear_error (&self->error);
  job_unref (self->job);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Delivery, delivery_free)

/* A job, on its thread */

static gboolean deliver (gpointer data);

static void
attach (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[arbor] list model");
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, context);
  g_source_unref (source);
}

/* Of a source that may never be called. */
static void
free_holder (gpointer data)
{
  g_clear_pointer ((Delivery **) data, delivery_free);
  g_free (data);
}

static void
post (ArborListJob *job, ArborListing *before, ArborTreeMap *map, ArborListing *listing, guint pending,
      GError *error)
{
  Delivery *delivery = g_new0 (Delivery, 1);
  Delivery **holder;

  delivery->job = job_ref (job);
  delivery->pending = pending;
  delivery->error = error;
  if (listing != NULL)
    {
      delivery->before = arbor_listing_ref (before);
      delivery->map = arbor_tree_map_ref (map);
      delivery->listing = arbor_listing_ref (listing);
      delivery->splices = arbor_splices_find (before, map, listing);
    }
  holder = g_new (Delivery *, 1);
  *holder = delivery;
  attach (job->context, deliver, holder, free_holder);
}

/* The condition of the filter and of what is searched. */
static gboolean
make_condition (ArborListJob *self, ArborAccess *access, GError **error)
{
  g_autoptr (ArborNode) search = NULL;

  if (self->filter != NULL && !arbor_node_check_condition (self->filter, error))
    return FALSE;
  if (!arbor_search_make_condition (self->search, (const char *const *) self->search_paths, access,
                                    &search, self->cancellable, error))
    return FALSE;
  if (self->filter != NULL && search != NULL)
    self->order.condition =
        arbor_node_new_call ("and", (ArborNode *[]){ self->filter, search }, 2, error);
  else if (self->filter != NULL)
    self->order.condition = arbor_node_ref (self->filter);
  else
    self->order.condition = g_steal_pointer (&search);
  return self->order.condition != NULL || self->filter == NULL;
}

/* Where the trees of what is shown are now. */
static ArborTreeMap *
map_shown (ArborListJob *self, ArborAccess *access, GError **error)
{
  ArborSource *source = self->shown->source;
  guint32 n_old = source != NULL ? (guint32) arbor_source_get_n_trees (source) : 0;
  ArborTreeMap *map;
  ArborAccess old;

  if (source == NULL || arbor_source_get_session (source) != access->session ||
      !arbor_access_begin (&old, source, self->shown->pin, NULL))
    return arbor_tree_map_new_disjoint (n_old, (guint32) arbor_source_get_n_trees (access->source));
  map = arbor_tree_map_new (&old, access, self->cancellable, error);
  arbor_access_end (&old, error);
  return map;
}

/* All of a name, from what is shown to what is to be. */
static gboolean
show_all (ArborListJob *self, ArborAccess *access, GError **error)
{
  g_autoptr (ArborTreeMap) map = map_shown (self, access, error);
  g_autoptr (ArborListing) listing = NULL;

  if (map == NULL)
    return FALSE;
  listing = self->is_same_order
                ? arbor_listing_new_next (self->shown, map, access, &self->order, self->cancellable, error)
                : arbor_listing_new_all (access, &self->order, self->cancellable, error);
  if (listing != NULL)
    post (self, self->shown, map, listing, 0, NULL);
  return listing != NULL;
}

/* The first rows of a model that shows none, and that has more than these. */
static gboolean
show_first (ArborListJob *self, ArborAccess *access, GError **error)
{
  guint64 n_trees = arbor_source_get_n_trees (access->source);
  g_autoptr (ArborTreeMap) map = NULL;
  g_autoptr (ArborListing) listing = NULL;

  if (self->shown->n > 0 || n_trees <= FIRST_ROWS)
    return TRUE;
  listing = arbor_listing_new_first (access, &self->order, FIRST_ROWS, self->cancellable, error);
  if (listing == NULL)
    return FALSE;
  if (listing->n < FIRST_ROWS)
    return TRUE;
  map = map_shown (self, access, error);
  if (map == NULL)
    return FALSE;
  post (self, self->shown, map, listing, (guint) (n_trees - listing->n), NULL);
  arbor_listing_unref (self->shown);
  self->shown = g_steal_pointer (&listing);
  self->is_same_order = FALSE;
  return TRUE;
}

static void
show_nothing (ArborListJob *self)
{
  g_autoptr (ArborListing) listing = arbor_listing_new_empty ();
  ArborSource *source = self->shown->source;
  g_autoptr (ArborTreeMap) map = arbor_tree_map_new_disjoint (
      source != NULL ? (guint32) arbor_source_get_n_trees (source) : 0, 0);

  post (self, self->shown, map, listing, 0, NULL);
}

/* Inside. */
static gboolean
show_name (ArborListJob *self, ArborAccess *access, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  g_autoptr (ArborRecord) record = arbor_snapshot_lookup (access->snapshot, self->name, &wrong);

  if (record == NULL)
    {
      if (g_error_matches (wrong, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND))
        {
          show_nothing (self);
          return TRUE;
        }
      g_propagate_error (error, g_steal_pointer (&wrong));
      return FALSE;
    }
  access->source = arbor_source_new_stored (access->session, record, access->snapshot, NULL);
  return make_condition (self, access, error) && show_first (self, access, error) &&
         show_all (self, access, error);
}

static gboolean
show (ArborListJob *self, GError **error)
{
  g_autoptr (ArborSource) source = NULL;
  ArborAccess access;
  gboolean is_good;

  if (self->store == NULL || self->name == NULL)
    {
      show_nothing (self);
      return TRUE;
    }
  if (!arbor_store_enter (self->store, &access, error))
    return FALSE;
  access.snapshot = arbor_session_dup_snapshot (self->store->session, error);
  is_good = access.snapshot != NULL && show_name (self, &access, error);
  source = access.source;
  arbor_access_end (&access, error);
  return is_good;
}

static void
run (gpointer data, gpointer unused)
{
  ArborListJob *self = data;
  g_auto (ArborStop) stop;
  GError *error = NULL;

  arbor_stop_begin (&stop, self->cancellable);
  show (self, &error);
  post (self, NULL, NULL, NULL, 0, error);
  job_unref (self);
}

/* Starting one, in the model's context */

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

/* Under the mutex. */
static ArborListJob *
job_new (ArborListModel *self)
{
  ArborListJob *job = g_new0 (ArborListJob, 1);

  g_atomic_ref_count_init (&job->ref_count);
  g_weak_ref_init (&job->model, self);
  job->context = g_main_context_ref (self->context);
  job->cancellable = g_cancellable_new ();
  g_set_object (&job->store, self->store);
  job->name = g_strdup (self->name);
  job->filter = self->filter != NULL ? arbor_node_ref (self->filter) : NULL;
  job->search = g_strdup (self->search);
  job->search_paths = g_strdupv (self->search_paths);
  job->order.keys = self->keys != NULL ? arbor_sort_keys_ref (self->keys) : NULL;
  job->order.is_reversed = self->is_reversed;
  job->order_serial = self->order_serial;
  job->is_same_order = self->listing->source != NULL && self->listing_order == self->order_serial;
  job->shown = arbor_listing_ref (self->listing);
  return job;
}

static void
start (ArborListModel *self)
{
  ArborListJob *job = NULL;

  pthread_mutex_lock (&self->mutex);
  self->is_queued = FALSE;
  if (self->is_wanted && self->job == NULL && !self->is_emitting)
    {
      self->is_wanted = FALSE;
      job = job_new (self);
      self->job = job_ref (job);
    }
  pthread_mutex_unlock (&self->mutex);
  if (job == NULL)
    return;
  set_pending (self, MAX (1, arbor_list_model_get_pending (self)));
  if (!arbor_jobs_push (NULL, run, job))
    run (job, NULL);
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
    stopped = job_ref (self->job);
  pthread_mutex_unlock (&self->mutex);
  if (stopped != NULL)
    g_cancellable_cancel (stopped->cancellable);
  if (is_first)
    attach (self->context, start_in_context, new_weak (self), free_weak);
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

/* Goes over to @listing. */
static void
show_listing (ArborListModel *self, ArborListing *listing, ArborTreeMap *map, const GArray *splices,
              guint64 order_serial)
{
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
  self->map = arbor_tree_map_ref (map);
  self->split_old = self->before->n;
  self->split_new = listing->n;
  rows = arbor_list_rows_ref (self->rows);
  pthread_mutex_unlock (&self->mutex);

  arbor_list_rows_begin (rows, map, listing, token);
  tell_splices (self, splices);

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
  g_autoptr (ArborListing) listing = arbor_listing_new_empty ();
  g_autoptr (ArborTreeMap) map = NULL;
  g_autoptr (GArray) splices = NULL;
  g_autoptr (ArborListing) shown = NULL;
  GError *error = NULL;

  pthread_mutex_lock (&self->mutex);
  self->is_closing = FALSE;
  job = g_steal_pointer (&self->job);
  shown = arbor_listing_ref (self->listing);
  pthread_mutex_unlock (&self->mutex);
  map = arbor_tree_map_new_disjoint (
      shown->source != NULL ? (guint32) arbor_source_get_n_trees (shown->source) : 0, 0);
  splices = arbor_splices_find (shown, map, listing);
  show_listing (self, listing, map, splices, 0);
  set_pending (self, 0);
  arbor_gate_set_closed_error (&error);
  arbor_list_model_take_error (self, error);
}

/* A job is over. */
static void
end_job (ArborListModel *self, Delivery *delivery)
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
take_delivery (ArborListModel *self, Delivery *delivery)
{
  gboolean is_late;

  if (delivery->listing == NULL)
    {
      end_job (self, delivery);
      return;
    }
  pthread_mutex_lock (&self->mutex);
  is_late = self->job != delivery->job || self->listing != delivery->before ||
            g_cancellable_is_cancelled (delivery->job->cancellable);
  if (is_late && self->job == delivery->job)
    self->is_wanted = TRUE;
  pthread_mutex_unlock (&self->mutex);
  if (is_late)
    return;
  show_listing (self, delivery->listing, delivery->map, delivery->splices,
                delivery->job->order_serial);
  if (delivery->pending > 0)
    set_pending (self, delivery->pending);
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
      g_autoptr (Delivery) delivery = NULL;
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
        take_delivery (self, delivery);
      else
        break;
    }
  start (self);
}

static gboolean
deliver (gpointer data)
{
  Delivery **delivery = data;
  g_autoptr (ArborListModel) self = g_weak_ref_get (&(*delivery)->job->model);

  if (self == NULL)
    return G_SOURCE_REMOVE;
  pthread_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->waiting, g_steal_pointer (delivery));
  pthread_mutex_unlock (&self->mutex);
  take_waiting (self);
  return G_SOURCE_REMOVE;
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
    attach (self->context, end_in_context, new_weak (self), free_weak);
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

  if (before_changed_id != 0)
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
  Delivery *delivery;

  arbor_list_model_follow (self, NULL);
  pthread_mutex_lock (&self->mutex);
  job = g_steal_pointer (&self->job);
  pthread_mutex_unlock (&self->mutex);
  if (job != NULL)
    g_cancellable_cancel (job->cancellable);
  while ((delivery = g_queue_pop_head (&self->waiting)) != NULL)
    delivery_free (delivery);
}
