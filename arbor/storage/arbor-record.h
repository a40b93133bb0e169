/* Records: stored arbors as the catalogue lists them. */

#pragma once

#include <gio/gio.h>

#include "batch/arbor-mend.h"
#include "storage/arbor-keys.h"

G_BEGIN_DECLS

/* A batch that an arbor lists: one of its bases, or a patch (arbor-mend.h). */
typedef struct
{
  guint64 id;
  guint64 digest;
  guint32 n_trees; /* that the arbor has of it: those of the mend where there is one; of a patch all */
  guint32 n_rows;  /* of the batch */
  guint64 n_bytes;
  ArborMend *mend; /* NULL: the batch as it is, and always of a patch */
} ArborBatchEntry;

typedef struct _ArborKeySet ArborKeySet; /* arbor-key-set.h */

/* One stored arbor as the catalogue lists it: immutable, refcounted, holds no map memory. */

typedef struct
{
  gatomicrefcount ref_count;
  char *name;
  guint64 generation;
  guint64 n_trees;
  guint64 n_bytes;      /* encoded bytes of all batches, patches too */
  gint64 modified;      /* microseconds since 1970, UTC */
  guint32 n_batches;
  ArborBatchEntry *batches; /* the bases */
  guint64 *first_tree;  /* n_batches + 1 entries, the last is n_trees */
  guint32 n_patches;
  ArborBatchEntry *patches; /* by id; those that the mends name, and no others */
  ArborKeys *keys;      /* what is declared of keys; NULL: nothing */
  gboolean sets_keys;   /* of a draft: they are to be declared, or no more */
  ArborKeySet *key_set; /* atomic: the tables of these, once somebody has asked for them */
} ArborRecord;

ArborRecord *arbor_record_ref (ArborRecord *self);
void arbor_record_unref (ArborRecord *self);
/* A record that no catalogue has: of batches of @name at @generation, and of others, whose id is 0
 * and which the caller has elsewhere. */
ArborRecord *arbor_record_new_draft (const char *name, guint64 generation,
                                     const ArborBatchEntry *batches, guint32 n);

/* Its tables of keys, for all who come after; takes over @set, which is let go where another was first. Returns
 * the one that it has (transfer none). */
ArborKeySet *arbor_record_set_key_set (ArborRecord *self, ArborKeySet *set);

/* Of a record in the making, after its batches: those of @patches, in any order, that their mends name. */
void arbor_record_set_patches (ArborRecord *self, const ArborBatchEntry *patches, guint32 n);

/* Whether the trees of an entry are not those of its batch. */
static inline gboolean
arbor_record_is_mended (const ArborRecord *self, guint32 index)
{
  return self->batches[index].mend != NULL;
}

gboolean arbor_record_has_mends (const ArborRecord *self);

/* NULL: it has none of this id. */
const ArborBatchEntry *arbor_record_find_patch (const ArborRecord *self, guint64 id);

gboolean arbor_name_check (const char *name, GError **error); /* ARBOR_ERROR_INVALID_NAME */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborRecord, arbor_record_unref)

G_END_DECLS
