/* What the files of ArborListModel share. See arbor-list-model-update.c for how it goes over from one
 * listing to the next, and arbor-list-model-job.c for how the next one is found. */

#pragma once

#include <pthread.h>

#include "arbor-list-model.h"
#include "arbor-list-rows-private.h"
#include "query/model/arbor-listing-step.h"

G_BEGIN_DECLS

/* What a job works with: nobody changes it while it runs. */
typedef struct
{
  gatomicrefcount ref_count;
  GWeakRef model;
  GMainContext *context;
  GCancellable *cancellable;

  ArborStore *store; /* NULL: nothing is shown */
  ArborListingWish wish;
  guint64 order_serial;
  gboolean is_same_order; /* as that of what is shown */
  ArborListing *shown;
} ArborListJob;

/* What a job found; without a step: it has ended, maybe by an error. */
typedef struct
{
  ArborListJob *job;
  ArborListingStep *step;
  GError *error;
} ArborListDelivery;

struct _ArborListModel
{
  GObject parent_instance;

  GMainContext *context; /* in which everything is told */

  pthread_mutex_t mutex; /* guards what follows */

  /* What is to be shown. */
  ArborStore *store;
  char *name;
  ArborNode *filter;
  char *search;
  char **search_paths; /* NULL: all */
  char *sort;
  ArborSortKeys *keys; /* NULL: as stored */
  gboolean is_reversed;
  guint64 order_serial; /* moves with each of filter to is_reversed */

  /* What is shown: @before up to split_old, then @listing from split_new on. */
  ArborListing *listing;
  guint64 listing_order; /* the order_serial that it was made for */
  ArborListing *before; /* NULL but while splices are told */
  ArborTreeMap *map;    /* from before to listing */
  guint32 split_old;
  guint32 split_new;
  ArborListRows *rows;

  /* What is under way. */
  ArborListJob *job; /* NULL: none */
  gboolean is_wanted; /* something has changed since the job began */
  gboolean is_queued; /* a source will start one */
  gboolean is_closing; /* the store was closed: to be emptied */
  gboolean is_emitting;
  GQueue waiting; /* of deliveries that came while is_emitting */
  ArborRowColumns *next_columns; /* to be taken after emitting */
  guint pending;
  guint told_pending; /* by notify */
  GError *error;

  gulong changed_id; /* of the store, as closed_id */
  guint closed_id;
};

enum
{
  ARBOR_LIST_PROP_STORE = 1,
  ARBOR_LIST_PROP_NAME,
  ARBOR_LIST_PROP_FILTER,
  ARBOR_LIST_PROP_SEARCH,
  ARBOR_LIST_PROP_SEARCH_PATHS,
  ARBOR_LIST_PROP_SORT,
  ARBOR_LIST_PROP_REVERSED,
  ARBOR_LIST_PROP_PENDING,
  ARBOR_LIST_PROP_ERROR,
  ARBOR_LIST_PROP_N_ITEMS,
  ARBOR_LIST_PROP_ITEM_TYPE,
  ARBOR_LIST_N_PROPS,
};

void arbor_list_model_install_properties (GObjectClass *klass);
void arbor_list_model_notify (ArborListModel *self, guint property);

/* Of all that is to be shown by now. Under the mutex. */
ArborListJob *arbor_list_job_new (ArborListModel *model);
/* Takes over a reference. */
void arbor_list_job_start (ArborListJob *self);
ArborListJob *arbor_list_job_ref (ArborListJob *self);
void arbor_list_job_unref (ArborListJob *self);
void arbor_list_delivery_free (ArborListDelivery *self);

/* Has @func called soon, in @context. */
void arbor_list_model_attach (GMainContext *context, GSourceFunc func, gpointer data,
                              GDestroyNotify destroy);
/* Takes over @delivery. In the model's context. */
void arbor_list_model_take_delivery (ArborListModel *self, ArborListDelivery *delivery);

/* Something has changed: what is shown is computed anew, soon. Any thread; not under the mutex.
 * @is_other: what is under way is of no use. */
void arbor_list_model_schedule (ArborListModel *self, gboolean is_other);
/* Follows another store; drops the one before. */
void arbor_list_model_follow (ArborListModel *self, ArborStore *store);
void arbor_list_model_take_error (ArborListModel *self, GError *error);
/* Shows rows with these columns, which are taken over; now, or when splices have been told. */
void arbor_list_model_take_columns (ArborListModel *self, ArborRowColumns *columns);
/* CLOSED, also without a store. */
gboolean arbor_list_model_check_open (ArborListModel *self, GError **error);
void arbor_list_model_dispose_update (ArborListModel *self);

/* The position of items: under the mutex. */
static inline guint
arbor_list_model_count (const ArborListModel *self)
{
  return self->before != NULL ? self->split_old + (self->listing->n - self->split_new)
                              : self->listing->n;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborListJob, arbor_list_job_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborListDelivery, arbor_list_delivery_free)

G_END_DECLS
