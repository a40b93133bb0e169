/* What the files of joins share: arbor-join.c makes trees of pairs, arbor-join-columns.c makes what
 * somebody wants of them by columns.
 */

#pragma once

#include "batch/arbor-compose.h"
#include "query/group/arbor-join.h"
#include "query/view/arbor-narrow.h"

G_BEGIN_DECLS

#define ARBOR_NO_MATCH G_MAXUINT32

typedef struct
{
  guint32 n;
  guint32 left[ARBOR_BATCH_MAX_TREES];  /* rows of one batch */
  guint32 right[ARBOR_BATCH_MAX_TREES]; /* indices in the right source, or ARBOR_NO_MATCH */
} ArborJoinPairs;

/* Under which names fields of right trees come. */
typedef struct
{
  GPtrArray *dropped; /* keys of right trees that are not repeated */
  char *suffix;
} ArborJoinNames;

/* The right trees by their keys, where both sides have as many and none of several values. */
ArborKeyIndex *arbor_join_make_index (const ArborJoinSide *left, const ArborJoinSide *right,
                                      GError **error);

gboolean arbor_join_drops (const ArborJoinNames *self, const char *key, guint32 length);

/* What of trees says what the wanted fields are, to @all. */
void arbor_join_want_names (const char *suffix, const ArborWanted *wanted, ArborWanted *all);
/* The same of right trees, which may be made narrow for that; NULL: trees as wholes. */
ArborWanted *arbor_join_want_right (const ArborJoinNames *names, const ArborWanted *wanted);

/* Right trees in one batch. All zero: empty. */
typedef struct
{
  ArborWanted *wanted; /* what of them is needed; NULL: all */
  ArborBatchBuilder *builder;
  ArborCompose *compose;
  GBytes *bytes;
  ArborBatch *batch; /* that they were put into, until the next call; NULL: theirs */
} ArborJoinRight;

void arbor_join_right_clear (ArborJoinRight *self);
/* The @n trees at @indices, at least one and no more than a batch has, become rows of *@batch.
 * *@is_done FALSE: not by columns. */
gboolean arbor_join_right_find (ArborJoinRight *self, ArborAccess *access, guint32 *indices,
                                guint32 n, ArborScope *scope, const ArborBatch **batch,
                                gboolean *is_done, GError **error);

/* Left trees with all their matches. */
typedef struct
{
  guint32 n;
  guint32 left[ARBOR_BATCH_MAX_TREES];    /* rows of one batch */
  guint32 lengths[ARBOR_BATCH_MAX_TREES]; /* matches of each */
  guint32 n_right;
  guint32 right[ARBOR_BATCH_MAX_TREES];   /* indices in the right source; they are lost */
} ArborNestPiece;

/* Matches put into a field, by columns. The field, what is wanted (NULL: all) and the builder outlive it. One
 * thread. */
typedef struct _ArborNestColumns ArborNestColumns;

ArborNestColumns *arbor_nest_columns_new (const char *field, ArborNestKind nest,
                                          const ArborWanted *wanted, ArborBatchBuilder *builder);
void arbor_nest_columns_free (ArborNestColumns *self);
void arbor_nest_columns_forget (ArborNestColumns *self);
/* What of right trees is needed; NULL: all. */
ArborWanted *arbor_nest_want_right (const char *field, ArborNestKind nest, const ArborWanted *wanted);
/* Adds the trees; *@is_done FALSE: nothing was added, by rows. */
gboolean arbor_nest_columns_add (ArborNestColumns *self, ArborNestPiece *piece,
                                 const ArborBatch *left, ArborAccess *right, ArborScope *scope,
                                 gboolean *is_done, GError **error);

/* Pairs by columns. Names, fields (NULL: all) and builder outlive it. One thread. */
typedef struct _ArborJoinColumns ArborJoinColumns;

ArborJoinColumns *arbor_join_columns_new (const ArborJoinNames *names, const ArborWanted *wanted,
                                          ArborBatchBuilder *builder);
void arbor_join_columns_free (ArborJoinColumns *self);
/* Before left batches go away, or those of the right source. */
void arbor_join_columns_forget (ArborJoinColumns *self);
/* Adds the trees of the pairs; *@is_done FALSE: nothing was added, by rows. @right is the access to the
 * right source. */
gboolean arbor_join_columns_add (ArborJoinColumns *self, const ArborJoinPairs *pairs,
                                 const ArborBatch *left, ArborAccess *right, ArborScope *scope,
                                 gboolean *is_done, GError **error);

G_END_DECLS
