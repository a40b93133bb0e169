/* Composing: objects whose fields come from columns of batches, from rows of one column each, or were
 * computed, become trees of a batch under construction, column by column: what somebody asks for of
 * joins, explodes and computed fields. The fields of a tree lie in the order given. One thread at a time.
 */

#pragma once

#include "batch/arbor-gather.h"
#include "batch/arbor-wanted.h"

G_BEGIN_DECLS

typedef struct
{
  const char *key;
  guint32 length;
  const ArborBatch *batch;
  guint32 column;         /* whose values, and all below */
  const guint32 *rows;    /* of it: of each tree that may have the field, in order */
  guint32 n_rows;
  const guint64 *present; /* a bit for each tree: whether it has one of these rows; NULL: all */
  /* NULL, or the values are arrays: how many elements each has, which the rows are, one after the other */
  const guint32 *lengths;
  /* 0, or a column of arrays, which is all that there is in it, below: it is left out, or with @elements
   * each of its arrays is the element at the next of these rows. */
  guint32 arrays;
  const guint32 *elements;
  const ArborWantedField *of; /* what of the values is needed, as long as the composer; NULL: all */
  /* NULL, or instead of all that: of each tree; MISSING: it does not have the field */
  const ArborValue *values;
} ArborFieldRows;

typedef struct _ArborCompose ArborCompose;

/* @builder outlives it. */
ArborCompose *arbor_compose_new (ArborBatchBuilder *builder);
void arbor_compose_free (ArborCompose *self);

/* Before batches go away that were composed from. */
void arbor_compose_forget (ArborCompose *self);

/* The fields of all trees of @batch in an order in which each tree has its own: as many as returned, in
 * *@columns, which lies in @scope. ARBOR_NO_COLUMN: there is no such order, or trees are not all objects in
 * columns. */
guint32 arbor_compose_list_fields (const ArborBatch *batch, ArborScope *scope, guint32 **columns);
/* Whether the trees of a batch are objects, all of them, and in columns. */
gboolean arbor_compose_has_objects_only (const ArborBatch *batch);

/* Adds @n_trees trees, which find room in the group of the builder (arbor_batch_builder_get_room).
 * FALSE: something of them does not go by columns, or there is much of it: nothing was added. No key
 * comes twice. */
gboolean arbor_compose_add (ArborCompose *self, const ArborFieldRows *fields, guint n_fields,
                            guint32 n_trees);

/* The trees as a batch of their own, for what is not kept: lanes are copied as they are, so numbers may be
 * wider than they need to be and dictionaries have entries that no tree uses; statistics are exact. NULL:
 * something of them does not go so, or, with @error, there is no room. */
GBytes *arbor_compose_encode (ArborCompose *self, const ArborFieldRows *fields, guint n_fields,
                              guint32 n_trees, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborCompose, arbor_compose_free)

G_END_DECLS
