/* What the other classes need of an arbor, and what its own files share.
 *
 * An arbor is a view (query/view/arbor-view.h) and the close token of the store that it reads (NULL in
 * memory). These never change.
 */

#pragma once

#include <pthread.h>

#include "arbor-arbor.h"
#include "base/arbor-buffer.h"
#include "query/plan/arbor-plan.h"
#include "query/view/arbor-trees.h"

G_BEGIN_DECLS

/* The state of GListModel, made by the first GListModel call. */
typedef struct
{
  gboolean is_started;
  gboolean is_emptied; /* its context has been told that it is closed */
  guint n_items;
  ArborPin *pin; /* pinned, NULL in memory */
  GMainContext *context;
  guint closed_id;
} ArborModel;

struct _ArborArbor
{
  GObject parent_instance;

  ArborView *view; /* NULL when never opened */
  ArborCloseToken *token;

  pthread_mutex_t model_mutex; /* guards model */
  ArborModel model;
};

void arbor_arbor_install_properties (GObjectClass *klass);
void arbor_arbor_model_init (GListModelInterface *iface);
void arbor_arbor_model_clear (ArborArbor *self);

/* An in-memory arbor of finished batches (GBytes), which are checked. Takes over @batches. */
ArborArbor *arbor_arbor_new_take_batches (GPtrArray *batches, GError **error);
/* Takes over @view, which may be NULL after an error, not @token. */
ArborArbor *arbor_arbor_new_take (ArborView *view, ArborCloseToken *token);

/* CLOSED for one that was never opened. */
gboolean arbor_arbor_enter (ArborArbor *self, ArborAccess *access, GError **error);

/* The arbor after an operation, whose step is taken over. */
ArborArbor *arbor_arbor_apply (ArborArbor *self, ArborPlanStep *step, GError **error);
/* A token for what is made of two, which owns *@gate: NULL, or what ends it besides what ends those. */
ArborCloseToken *arbor_join_tokens (ArborCloseToken *a, ArborCloseToken *b, ArborGate **gate);

/* The tree at @index of the source, inside. */
/* The tree at an index of the source, which need not have been made. @pin: that of the access, or NULL. */
ArborTree *arbor_arbor_make_pinned_tree (ArborArbor *self, ArborAccess *access, ArborPin *pin,
                                         guint32 index, GError **error);
ArborTree *arbor_arbor_make_tree (ArborArbor *self, ArborAccess *access, guint32 index,
                                  GError **error);

G_END_DECLS
