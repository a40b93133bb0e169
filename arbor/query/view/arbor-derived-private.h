/* What the files of a derived source share: arbor-derived.c computes, counts and narrows it,
 * arbor-derived-output.c takes what the steps write.
 */

#pragma once

#include <pthread.h>

#include "base/arbor-budget.h"
#include "query/view/arbor-pick.h"
#include "query/view/arbor-source-private.h"

G_BEGIN_DECLS

/* Pages that are kept for who reads tree by tree. */
#define ARBOR_N_PAGES 8u

/* A batch of the step under way. */
typedef struct
{
  ArborBatchPlace place;
  guint64 n_trees;
  guint64 n_bytes;
} ArborPendingBatch;

struct _ArborOutput
{
  ArborTapeWriter *writer;
  ArborBatchBuilder *builder;
  ArborRebuild *rebuild; /* NULL until somebody asks for it */
  GArray *pending; /* of ArborPendingBatch */
  ArborCharge charge; /* for the batches, pending ones included */
};

struct _ArborDerived
{
  ArborSource *source; /* not a reference */
  const ArborOperator *op;
  gpointer data;
  ArborSource **inputs;
  ArborSelection **selections; /* of the inputs, for describing; may be NULL each */
  guint n_inputs;
  guint depth;

  pthread_mutex_t mutex; /* guards what follows, and that one computes at a time */
  gboolean is_complete;  /* atomic */
  guint64 n_told;        /* atomic: trees in all; NOT_TOLD: nobody has counted them */
  guint32 step_size;
  ArborOutput output;
  GPtrArray *retired; /* of ArborBatchList: replaced, and maybe still read */

  guint n_traced;      /* atomic: how often its trees were read as what they are made of */
  ArborSource *full;   /* of a narrow source, not a reference; NULL: it is full */
  ArborWanted *wanted; /* of a narrow source */
  pthread_mutex_t narrow_mutex; /* guards what follows */
  GPtrArray *narrow;            /* of ArborSource */
  ArborSource *unordered;       /* NULL before somebody asks for it */
  ArborPage pages[ARBOR_N_PAGES];
  guint next_page; /* where the next one goes */

  guint64 n_picked;     /* atomic: trees */
  gboolean is_too_large; /* atomic: it does not go into the query memory */
};

/* Clears an ArborPendingBatch. */
void arbor_output_clear_pending (gpointer data);
/* Ends the batch under way, if there is one. @user_data is the output. */
gboolean arbor_output_flush (gpointer user_data, GError **error);
/* Lets go of what the step has written. */
void arbor_output_drop (ArborOutput *self);

/* A source of its own, of other data; whatever it is narrowed to, or picked from. */
ArborSource *arbor_derived_make_beside (ArborDerived *self, gpointer data);
gboolean arbor_derived_check_n_trees (guint64 n_trees, GError **error); /* LIMIT */
/* Makes what the step has written part of the source; with the mutex held. */
gboolean arbor_derived_publish (ArborDerived *self, GError **error);

G_END_DECLS
