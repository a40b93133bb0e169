/* What the other classes need of an arbor, and what its own files share: arbor-arbor.c (the object
 * and its views), arbor-arbor-query.c (everything that takes a condition), arbor-arbor-export.c
 * (everything that reads all trees), arbor-arbor-model.c (GListModel).
 *
 * An arbor is a source, a selection of its trees, and the close token of the store that the source
 * lies in (NULL in memory). These never change.
 */

#pragma once

#include <pthread.h>

#include "arbor-arbor.h"
#include "base/arbor-buffer.h"
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

  ArborSource *source; /* NULL when never opened */
  ArborSelection *selection;
  ArborCloseToken *token;
  gboolean is_strict; /* paths that no tree has are refused; what is made of it is strict, too */

  pthread_mutex_t model_mutex; /* guards model */
  ArborModel model;
};

void arbor_arbor_model_init (GListModelInterface *iface);
void arbor_arbor_model_clear (ArborArbor *self);

/* An in-memory arbor of finished batches (GBytes), which are checked. Takes over @batches. */
ArborArbor *arbor_arbor_new_take_batches (GPtrArray *batches, GError **error);
/* Takes over @source and @selection, not @token. */
ArborArbor *arbor_arbor_new_take (ArborSource *source, ArborSelection *selection,
                                  ArborCloseToken *token);

/* Of a strict arbor: SCHEMA for a path that no tree has. Inside. */
gboolean arbor_arbor_check_nodes (ArborArbor *self, ArborAccess *access, ArborNode *const *nodes,
                                  gsize n, GError **error);
gboolean arbor_arbor_check_path (ArborArbor *self, ArborAccess *access, const char *path,
                                 GError **error);
/* A line for each path in its steps that no tree has, and for what aggregates left out. */
void arbor_arbor_describe_notes (ArborArbor *self, GString *out);

/* The gate of an arbor: CLOSED for one that was never opened. */
gboolean arbor_arbor_enter (ArborArbor *self, ArborAccess *access, GError **error);
void arbor_set_not_opened_error (GError **error);

/* A view of the same source. Takes over @selection, which may be NULL after an error. Leaves. */
ArborArbor *arbor_arbor_derive (ArborArbor *self, ArborAccess *access, ArborSelection *selection,
                                GError **error);

/* What is computed from one arbor or several carries all their tokens. (transfer full), may be NULL;
 * @gate: for arbor_source_new_derived, owned by the token. */
ArborCloseToken *arbor_arbor_join_tokens (ArborArbor *const *arbors, gsize n, ArborGate **gate);
/* An arbor of all trees of a derived source. Takes over @source, which may be NULL after an error,
 * and @token. */
ArborArbor *arbor_arbor_new_computed (ArborSource *source, ArborCloseToken *token);

/* Leaves @self, with an arbor of all trees of @source, which was computed from it. Takes over @source,
 * which may be NULL after an error. */
ArborArbor *arbor_arbor_leave_with (ArborArbor *self, ArborAccess *access, ArborSource *source,
                                    GError **error);
/* INVALID_ARGUMENT unless there are @n names. */
gboolean arbor_check_n_names (const char *const *names, gsize n, GError **error);

/* The tree at @index of the source, inside. */
ArborTree *arbor_arbor_make_tree (ArborArbor *self, ArborAccess *access, guint32 index,
                                  GError **error);

/* Calls @func for each tree in order, inside @access. @scope is reset after each. */
gboolean arbor_arbor_for_each (ArborArbor *self, ArborAccess *access, ArborTreeFunc func,
                               gpointer data, GCancellable *cancellable, GError **error);

/* Gives the arbor's batches to @sink: its own, valid until the access ends, or new ones where it
 * is a view. */
gboolean arbor_arbor_write_batches (ArborArbor *self, ArborAccess *access, ArborBatchFunc sink,
                                    gpointer data, GCancellable *cancellable, GError **error);

G_END_DECLS
