/* What the files of a source share: arbor-source.c (where trees lie), arbor-access.c (being inside),
 * arbor-derived.c (computing).
 */

#pragma once

#include "query/view/arbor-derived.h"

G_BEGIN_DECLS

/* A batch of a list: of its own memory, or one of another source, which the list does not own. */
typedef struct
{
  ArborBatch *batch; /* NULL: that of origin */
  GBytes *bytes;
  ArborSource *origin;
  guint32 index;
} ArborBatchPlace;

/* The batches of a source that is not stored, so far. Readers take it without a lock: it is replaced by a
 * larger one when it is full, and entries below n_batches never change. */
typedef struct
{
  guint32 capacity;
  ArborBatchPlace *places;
  guint64 *first_tree; /* capacity + 1 entries */
} ArborBatchList;

typedef struct _ArborDerived ArborDerived; /* how the trees are computed */

struct _ArborSource
{
  gatomicrefcount ref_count;
  guint64 n_trees;   /* these three are atomic where derived, and n_batches is written last */
  guint64 n_bytes;
  guint32 n_batches;
  ArborBatchList *list; /* atomic where derived; NULL where stored */

  /* Stored. */
  ArborSession *session;
  ArborRecord *record;
  gboolean has_mends;
  ArborSnapshot *pinned;
  guint64 epoch; /* atomic: of the last snapshot that had the record's generation */

  /* Of a draft, besides: see arbor-draft.c. */
  char *name;        /* which need not be the record's */
  GPtrArray *pieces; /* ArborPiece *, NULL where the record's batch is stored */
  GHashTable *patches; /* ArborPiece * by id, of those that are not stored */

  /* Derived. */
  ArborDerived *derived;
  ArborSource **leaves;
  guint n_leaves;
  ArborGate *gate; /* of the token of several sources; NULL with one source or none */
};

struct _ArborPiece
{
  guint64 id;
  GBytes *bytes;
  ArborBatch *batch;
};

ArborBatchList *arbor_batch_list_new (guint32 capacity);
/* The batches themselves stay. */
void arbor_batch_list_free (ArborBatchList *self);

ArborSource *arbor_source_alloc (void);

ArborHeld *arbor_held_new (void);
void arbor_held_free (ArborHeld *self);
/* The same for as long as it is held. */
const ArborWanted *arbor_held_keep (ArborHeld *self, const ArborWanted *wanted);
/* A mended entry as a batch of what is wanted. */
const ArborBatch *arbor_access_splice (ArborAccess *self, guint32 entry, GError **error);
/* The data of a derived source's operator, NULL when it is another operator. */
gpointer arbor_source_get_operator_data (ArborSource *self, const ArborOperator *op);
void arbor_derived_free (ArborDerived *self);
/* Whether it stands for its first input (ArborOperator.is_same). */
gboolean arbor_source_is_same (ArborSource *self);
/* What was made of it besides whole trees: ", 7 with name, height only". */
void arbor_source_describe_narrow (ArborSource *self, GString *out);

G_END_DECLS
