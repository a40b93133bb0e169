/* Builds batches from trees, one after the other, in reused memory. Where a batch ends depends on
 * the trees alone: after each 16,384th tree of the arbor, and within such a group wherever about
 * 1 MiB encoded or 32 MiB before encoding are passed. Equal trees give equal bytes. One thread at a time.
 */

#pragma once

#include "base/arbor-tape.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

typedef struct _ArborBatchBuilder ArborBatchBuilder;

ArborBatchBuilder *arbor_batch_builder_new (void);
void arbor_batch_builder_free (ArborBatchBuilder *self);

/* Drops what was added, and begins a new arbor (group position 0). */
void arbor_batch_builder_reset (ArborBatchBuilder *self);

/* Groups have so many trees from now on, at most ARBOR_BATCH_MAX_TREES: for what comes instead of trees that lie
 * otherwise than an import puts them. Resets it. */
void arbor_batch_builder_set_group (ArborBatchBuilder *self, guint32 n_trees);

/* From now on batches end after ARBOR_BATCH_MAX_TREES trees, or where they would take too much memory,
 * whatever they measure: for what is not kept. */
void arbor_batch_builder_set_one_batch (ArborBatchBuilder *self);
/* The same, and memory ends them only where no batch of a store would be near: for trees that lie in a few
 * batches, each of which is within the limits. */
void arbor_batch_builder_set_filled (ArborBatchBuilder *self);

/* Adds the value at @index of @tape as one tree. */
void arbor_batch_builder_add_tape (ArborBatchBuilder *self, const ArborTape *tape, guint32 index);
void arbor_batch_builder_add_value (ArborBatchBuilder *self, const ArborValue *value,
                                    ArborScope *scope);

guint32 arbor_batch_builder_get_n_trees (ArborBatchBuilder *self); /* since the last finish */
guint32 arbor_batch_builder_get_room (ArborBatchBuilder *self);    /* trees that the group takes yet */
gboolean arbor_batch_builder_is_full (ArborBatchBuilder *self);    /* finish now */

/* How many members were left out since the last such call, because their key came again. */
guint64 arbor_batch_builder_take_n_repeated (ArborBatchBuilder *self);

/* The batch of the trees added since the last finish, at least one; ARBOR_ERROR_LIMIT when it
 * passes 256 MiB or 2^28 values. The bytes lie at ARBOR_BATCH_PHASE modulo ARBOR_BATCH_ALIGNMENT. */
GBytes *arbor_batch_builder_finish (ArborBatchBuilder *self, GError **error);

/* A copy of a finished batch, aligned in the same way. */
GBytes *arbor_batch_copy_bytes (gconstpointer data, gsize size);
/* NULL and LIMIT where the system has no room for it. */
GBytes *arbor_batch_try_copy_bytes (gconstpointer data, gsize size, GError **error);

/* A batch of one tree. */
GBytes *arbor_batch_new_of_value (const ArborValue *value, ArborScope *scope, GError **error);
GBytes *arbor_batch_new_of_tape (const ArborTape *tape, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborBatchBuilder, arbor_batch_builder_free)

G_END_DECLS
