/* What the files of joins share: arbor-join.c makes trees of pairs and arbor-join-columns.c makes them by
 * columns, arbor-join-nest.c and arbor-join-nested.c do so for trees with all of their matches, arbor-join-kept.c
 * keeps trees, arbor-join-sides.c has what there is of both sides.
 */

#pragma once

#include "batch/arbor-compose.h"
#include "query/expr/arbor-evaluator.h"
#include "query/group/arbor-join.h"
#include "query/group/arbor-matcher.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-together.h"

G_BEGIN_DECLS

#define ARBOR_NO_MATCH G_MAXUINT32

typedef struct
{
  guint32 n;
  gboolean are_matched;                 /* all of them */
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
 * right source. Some fields of trees become a batch of their own where that goes: then it is in *@bytes. */
gboolean arbor_join_columns_add (ArborJoinColumns *self, const ArborJoinPairs *pairs,
                                 const ArborBatch *left, ArborAccess *right, ArborScope *scope,
                                 gboolean *is_done, GBytes **bytes, GError **error);

/* Pairs that are made at once where trees are made whole, which may be large. */
#define ARBOR_JOIN_WHOLE 2048u

/* What joins and nests have in common: the data of the mappings. */
typedef struct
{
  const char *verb;
  gsize n_keys;
  ArborNode **keys;            /* of the left tree */
  ArborNode **right_keys;      /* as many */
  ArborEvaluator **evaluators; /* of them */
  ArborValue *values;
  ArborSource *right; /* an input of the derived source, which keeps it alive */
  ArborKeyIndex *index;
  ArborAccess access;     /* to the right source, in a step */
  ArborAccess trees;      /* the same where trees are read, which need not be whole */
  ArborWanted *of_right;  /* what of them is needed; NULL: all */
  ArborSource *narrowed;  /* the right source, narrowed to that; NULL before the first step */
  ArborMatcher *matcher;
  ArborWanted *wanted;     /* fields that are made; NULL: all */
  ArborWindows windows;    /* of the left trees */
  ArborJoinPairs *pairs;   /* not yet made; NULL before the first */
  ArborJoinColumns *columns; /* or NULL */
  ArborNestPiece *piece;     /* of nest: not yet made; NULL before the first */
  ArborNestColumns *nested;  /* or NULL */
  ArborScope *scope;       /* of a pair */
  ArborJoinNames names;
  GPtrArray *given;   /* of GString: the names made up for the pair at hand */

  char *field; /* nest */
  ArborNestKind nest;
  ArborJoinKind kind;
} ArborJoinSides;

ArborJoinSides *arbor_join_sides_alloc (const char *verb, ArborSource *right, ArborKeyIndex *index);
/* Of two views, which are checked. */
ArborJoinSides *arbor_join_sides_new (const char *verb, const ArborJoinSide *left,
                                      const ArborJoinSide *right, GError **error);
void arbor_join_sides_set_keys (ArborJoinSides *self, ArborNode *const *keys,
                                ArborNode *const *right_keys, gsize n);
/* Takes over @self. */
ArborSource *arbor_join_sides_make_source (const ArborMapping *mapping, ArborJoinSides *self,
                                           const ArborJoinSide *left, const ArborJoinSide *right,
                                           ArborGate *gate, GError **error);
/* Of ArborMapping. */
void arbor_join_sides_free (gpointer data);
void arbor_join_sides_describe (gpointer data, GString *text);
void arbor_join_sides_set_batch (gpointer data, const ArborBatch *batch, guint64 first);
gboolean arbor_join_sides_prepare (gpointer data, ArborAccess *access, GCancellable *cancellable,
                                   GError **error);
void arbor_join_sides_list_nodes (gpointer data, guint input, GPtrArray *nodes);
/* A right tree as a whole. In a step. */
gboolean arbor_join_sides_get_right (ArborJoinSides *self, guint32 index, ArborValue *tree,
                                     GError **error);

static inline gboolean
arbor_join_is_key (const char *name, const char *key, guint32 length)
{
  return strlen (name) == length && memcmp (name, key, length) == 0;
}

G_END_DECLS
