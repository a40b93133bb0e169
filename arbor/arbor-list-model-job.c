/* ArborListModel: a job, which finds out what is to be shown, on a thread of the library.
 *
 * A job has copies of all that it needs of the model, which it holds weakly and does not look at. It posts
 * deliveries to the model's context, in the order in which they are to be taken: one for each step to what
 * is to be shown, and a last one without a step, which says that it has ended, maybe by an error. A source
 * that is dropped with its context frees its delivery.
 */

#include "arbor-list-model-private.h"

#include "arbor-store-private.h"
#include "base/arbor-jobs.h"
#include "base/arbor-stop.h"

ArborListJob *
arbor_list_job_ref (ArborListJob *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_list_job_unref (ArborListJob *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_weak_ref_clear (&self->model);
  g_main_context_unref (self->context);
  g_object_unref (self->cancellable);
  g_clear_object (&self->store);
  arbor_listing_wish_clear (&self->wish);
  arbor_listing_unref (self->shown);
  g_free (self);
}

void
arbor_list_delivery_free (ArborListDelivery *self)
{
  g_clear_pointer (&self->step, arbor_listing_step_free);
  g_clear_error (&self->error);
  arbor_list_job_unref (self->job);
  g_free (self);
}

void
arbor_list_model_attach (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[arbor] list model");
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, context);
  g_source_unref (source);
}

static gboolean
deliver (gpointer data)
{
  ArborListDelivery **delivery = data;
  g_autoptr (ArborListModel) model = g_weak_ref_get (&(*delivery)->job->model);

  if (model != NULL)
    arbor_list_model_take_delivery (model, g_steal_pointer (delivery));
  return G_SOURCE_REMOVE;
}

/* Of a source that may never be called. */
static void
free_holder (gpointer data)
{
  g_clear_pointer ((ArborListDelivery **) data, arbor_list_delivery_free);
  g_free (data);
}

/* Takes over @step and @error. */
static void
post (ArborListJob *self, ArborListingStep *step, GError *error)
{
  ArborListDelivery *delivery = g_new0 (ArborListDelivery, 1);
  ArborListDelivery **holder = g_new (ArborListDelivery *, 1);

  delivery->job = arbor_list_job_ref (self);
  delivery->step = step;
  delivery->error = error;
  *holder = delivery;
  arbor_list_model_attach (self->context, deliver, holder, free_holder);
}

static void
post_step (ArborListingStep *step, gpointer data)
{
  post (data, step, NULL);
}

static gboolean
show (ArborListJob *self, GError **error)
{
  g_autoptr (ArborSource) source = NULL;
  ArborAccess access;
  gboolean is_good;

  if (self->store == NULL || self->wish.name == NULL)
    {
      post (self, arbor_listing_step_new_end (self->shown), NULL);
      return TRUE;
    }
  if (!arbor_store_enter (self->store, &access, error))
    return FALSE;
  access.snapshot = arbor_session_dup_snapshot (self->store->session, error);
  is_good = access.snapshot != NULL &&
            arbor_listing_find_steps (&self->wish, self->shown, self->is_same_order, &access, post_step,
                                      self, self->cancellable, error);
  source = access.source;
  is_good = arbor_access_end (&access, error) && is_good;
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
  post (self, NULL, error);
  arbor_list_job_unref (self);
}

ArborListJob *
arbor_list_job_new (ArborListModel *model)
{
  ArborListJob *self = g_new0 (ArborListJob, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_weak_ref_init (&self->model, model);
  self->context = g_main_context_ref (model->context);
  self->cancellable = g_cancellable_new ();
  g_set_object (&self->store, model->store);
  self->wish.name = g_strdup (model->name);
  self->wish.filter = model->filter != NULL ? arbor_node_ref (model->filter) : NULL;
  self->wish.search = g_strdup (model->search);
  self->wish.search_paths = g_strdupv (model->search_paths);
  self->wish.keys = model->keys != NULL ? arbor_sort_keys_ref (model->keys) : NULL;
  self->wish.is_reversed = model->is_reversed;
  self->order_serial = model->order_serial;
  self->is_same_order =
      model->listing->source != NULL && model->listing_order == model->order_serial;
  self->shown = arbor_listing_ref (model->listing);
  return self;
}

void
arbor_list_job_start (ArborListJob *self)
{
  if (!arbor_jobs_push (NULL, run, self))
    run (self, NULL);
}
