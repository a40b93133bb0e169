/* Derived sources: trees that are computed from other arbors, in steps and only as far as somebody
 * reads. An operator says how: each step reads on in its inputs and puts the trees that it makes
 * into an output; when the step succeeds they become batches of the source, all at once. After a
 * failed step the source is as it was before, and the step is tried again by the next who needs it.
 *
 * The source's mutex is held during a step; inputs lock their own below it, never the reverse.
 */

#pragma once

#include "base/arbor-tape.h"
#include "query/view/arbor-key-search.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-rebuild.h"
#include "query/view/arbor-trees.h"

G_BEGIN_DECLS

/* Steps from stored or given trees at most: each step computes inside the one after it. */
#define ARBOR_DERIVED_MAX_DEPTH 1024u

typedef struct _ArborOutput ArborOutput;

/* One more tree: what is written to the tape until the end. */
ArborTapeWriter *arbor_output_begin_tree (ArborOutput *self);
gboolean arbor_output_end_tree (ArborOutput *self, GError **error);
/* One more tree, which lies somewhere else. */
gboolean arbor_output_add_tree (ArborOutput *self, const ArborValue *tree, ArborScope *scope,
                                GError **error);

/* One more tree, an object of these fields without those that are MISSING. No name comes twice. */
gboolean arbor_output_add_fields (ArborOutput *self, const char *const *names,
                                  const ArborValue *values, gsize n, ArborScope *scope,
                                  GError **error);

/* For who adds to the batch under construction himself; then says that he has. */
ArborBatchBuilder *arbor_output_get_builder (ArborOutput *self);
gboolean arbor_output_end_block (ArborOutput *self, GError **error);

/* More trees, which are a batch already; those before it end theirs. */
gboolean arbor_output_add_bytes (ArborOutput *self, GBytes *bytes, GError **error);

/* Trees that lie in batches, as they are. */
ArborRebuild *arbor_output_get_rebuild (ArborOutput *self);

/* Batches of an input before @end, as they are: nothing is read or copied. */
gboolean arbor_output_add_batches (ArborOutput *self, ArborSource *input, guint32 first,
                                   guint32 end, GError **error);

typedef struct
{
  const char *name; /* for messages */
  /* Reads about @n_trees trees of the inputs, through accesses borrowed from @access. Sets @at_end
   * when there are no more. Unless commit follows, the next step begins where this one did. */
  gboolean (*step) (gpointer data, ArborAccess *access, guint32 n_trees, ArborOutput *output,
                    gboolean *at_end, GCancellable *cancellable, GError **error);
  void (*commit) (gpointer data);
  /* One line for people, without line end: what is computed. */
  void (*describe) (gpointer data, GString *text);
  void (*free) (gpointer data);
  /* NULL, or tells @search which keys the objects at @steps of the trees have, which it can. */
  void (*keys) (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search);
  /* NULL, or adds to @nodes, which owns them, what is evaluated on the trees of an input. */
  void (*nodes) (gpointer data, guint input, GPtrArray *nodes);
  /* NULL, or adds to @notes, which owns them, what people should know of what was computed so far.
   * In any thread at any time. */
  void (*notes) (gpointer data, GPtrArray *notes);
  /* NULL, or how many trees there are in all, found without making them; *@is_known FALSE: they must be
   * made. Who finds @limit of them may stop there. */
  gboolean (*count) (gpointer data, ArborAccess *access, guint64 limit, guint64 *n,
                     gboolean *is_known, GCancellable *cancellable, GError **error);
  /* NULL, or data for the same operator over the same inputs that makes the same trees, but of objects
   * only the fields that are wanted; NULL where it cannot. */
  gpointer (*narrow) (gpointer data, const ArborWanted *wanted);
  /* NULL, or data for the same operator over the same inputs that makes only the trees at @indices, which
   * ascend, and of which the ones past the end are left out; NULL where it cannot, or not without an error. */
  gpointer (*pick) (gpointer data, ArborAccess *access, const guint32 *indices, guint32 n,
                    GCancellable *cancellable);
  /* NULL, or what @node, evaluated on a tree of this source, is on the tree of input 0 that it is made of;
   * NULL where that cannot be said. Each tree of its selection gives one, and none is refused. */
  ArborNode *(*trace) (gpointer data, ArborNode *node);
  /* NULL, or data for the same operator over the same inputs that makes the same trees in another order, in
   * which they are sooner made; NULL where there is none. */
  gpointer (*unorder) (gpointer data);
  /* The trees are those of input 0, in its batches: what else is entered, something is chosen by. Whoever
   * narrows reads that input, and nothing is told to people. */
  gboolean is_same;
} ArborOperator;

/* Takes over @data, also after an error. @gate: what ends the source besides its leaves; with NULL
 * that of an input, when there is one.
 * LIMIT past ARBOR_DERIVED_MAX_DEPTH. */
ArborSource *arbor_source_new_derived (const ArborOperator *op, gpointer data,
                                       ArborSource *const *inputs, guint n_inputs, ArborGate *gate,
                                       GError **error);

/* How many trees there are in all. Other than arbor_access_count_trees it makes none where the operator
 * knows without. */
gboolean arbor_access_tell_count (ArborAccess *self, GCancellable *cancellable, guint64 *count,
                                  GError **error);

/* A source of the same trees, in an order in which they are sooner made, beside @self as long as that one is
 * there; for who needs no order but that of errors. NULL: there is none. */
ArborSource *arbor_source_dup_unordered (ArborSource *self);

/* FALSE unless the source is derived. */
gboolean arbor_source_describe (ArborSource *self, GString *text);
/* FALSE when its operator cannot tell. */
gboolean arbor_source_list_keys (ArborSource *self, const ArborStep *steps, guint n_steps,
                                 ArborKeySearch *search);
/* What its operator evaluates on the trees of an input, to @nodes, which owns them. */
void arbor_source_list_nodes (ArborSource *self, guint input, GPtrArray *nodes);
void arbor_source_list_notes (ArborSource *self, GPtrArray *notes);
guint arbor_source_get_n_inputs (ArborSource *self); /* 0 unless derived */
ArborSource *arbor_source_get_input (ArborSource *self, guint input); /* (transfer none) */
/* For describing: which trees of an input are read. Set before the source is shared; NULL when it was
 * not. (transfer none) */
void arbor_source_set_input_selection (ArborSource *self, guint input, ArborSelection *selection);
ArborSelection *arbor_source_get_input_selection (ArborSource *self, guint input);

/* Of the trees that a row gives, some that follow each other. */
typedef struct
{
  guint32 first;
  guint32 n;
} ArborWindow;

/* Those of many rows, one after the other. All zero: each row gives all of its trees. */
typedef struct
{
  const ArborWindow *list;
  gsize next; /* of the row that comes next */
} ArborWindows;

/* Which of the trees from *@start to *@end the next row gives. */
static inline void
arbor_windows_cut (ArborWindows *self, guint64 *start, guint64 *end)
{
  const ArborWindow *window;

  if (self->list == NULL)
    return;
  window = &self->list[self->next++];
  *start = MIN (*start + window->first, *end);
  *end = MIN (*start + window->n, *end);
}

/* The usual operator: each tree of one view gives any number of trees. */
typedef struct
{
  /* For tree @row of @batch, whose value is @tree. */
  gboolean (*map) (gpointer data, const ArborBatch *batch, guint32 row, const ArborValue *tree,
                   ArborScope *scope, ArborOutput *output, GError **error);
  /* NULL, or called before the first row of another batch, whose first tree is @first. */
  void (*set_batch) (gpointer data, const ArborBatch *batch, guint64 first);
  /* NULL, or called before every step, with the accesses of the step. */
  gboolean (*prepare) (gpointer data, ArborAccess *access, GCancellable *cancellable,
                       GError **error);
  void (*describe) (gpointer data, GString *text);
  void (*free) (gpointer data);
  /* That of ArborOperator: input 0 is the view. */
  void (*keys) (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search);
  void (*nodes) (gpointer data, guint input, GPtrArray *nodes);
  /* NULL, or makes the trees of several rows at once; where *@is_done stays FALSE it has made none, and
   * map does. */
  gboolean (*map_rows) (gpointer data, const ArborRows *rows, ArborScope *scope, ArborOutput *output,
                        gboolean *is_done, GError **error);
  gboolean is_one_to_one; /* each tree gives one, and none is refused */
  gboolean is_one_each;   /* each tree gives one, if it is not refused */
  /* NULL, or how many trees each of the rows gives; *@is_known FALSE: they must be made. It evaluates the
   * nodes of input 0 and no more. */
  gboolean (*count) (gpointer data, const ArborRows *rows, ArborScope *scope, guint32 *counts,
                     gboolean *is_known, GError **error);
  /* That of ArborOperator; with @wanted NULL, the same again. */
  gpointer (*narrow) (gpointer data, const ArborWanted *wanted);
  /* NULL, or where the windows of its rows are, for data that has some. */
  ArborWindows *(*get_windows) (gpointer data);
  /* That of ArborOperator. */
  ArborNode *(*trace) (gpointer data, ArborNode *node);
  /* NULL, or what of the trees of input 0 is needed; it returns NULL for trees as wholes. */
  ArborWanted *(*want) (gpointer data);
} ArborMapping;

/* Takes over @data. @others: what the mapping reads besides. */
ArborSource *arbor_source_new_mapped (const ArborMapping *mapping, gpointer data,
                                      ArborSource *source, ArborSelection *selection,
                                      ArborSource *const *others, guint n_others, ArborGate *gate,
                                      GError **error);

G_END_DECLS
