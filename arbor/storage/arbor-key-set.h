/* The tables of keys of all batches that a record lists: one look-up asks them all, and tells the trees of the
 * arbor that may have the key. Immutable, refcounted; any thread. A record has at most one (arbor_record_set_key_set).
 */

#pragma once

#include "batch/arbor-key-table.h"
#include "storage/arbor-record.h"

G_BEGIN_DECLS

/* A tree that may have the key, and where it lies. */
typedef struct
{
  guint32 tree;
  guint32 entry;
  guint64 patch; /* the id of the patch, 0: in the base */
  guint32 row;   /* of that batch */
} ArborKeyPlace;

/* Of as many tables as the record has bases and patches, in this order, which are taken over. Where one is
 * NULL, trees of that batch are not found. */
ArborKeySet *arbor_key_set_new (ArborKeyTable **tables, guint32 n);
ArborKeySet *arbor_key_set_ref (ArborKeySet *self);
void arbor_key_set_unref (ArborKeySet *self);

/* Appends to @places (ArborKeyPlace) the trees that may have a key of this hash, in their order. What is dead
 * is not among them. */
void arbor_key_set_find (const ArborKeySet *self, const ArborRecord *record, guint64 hash,
                         GArray *places);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborKeySet, arbor_key_set_unref)

G_END_DECLS
