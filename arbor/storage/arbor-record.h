/* Records: stored arbors as the catalogue lists them. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One stored arbor as the catalogue lists it: immutable, refcounted, holds no map memory. */
typedef struct
{
  guint64 id;
  guint64 digest;
  guint32 n_trees;
  guint64 n_bytes;
} ArborBatchEntry;

typedef struct
{
  gatomicrefcount ref_count;
  char *name;
  guint64 generation;
  guint64 n_trees;
  guint64 n_bytes;      /* encoded bytes of all batches */
  gint64 modified;      /* microseconds since 1970, UTC */
  guint32 n_batches;
  ArborBatchEntry *batches;
  guint64 *first_tree;  /* n_batches + 1 entries, the last is n_trees */
} ArborRecord;

ArborRecord *arbor_record_ref (ArborRecord *self);
void arbor_record_unref (ArborRecord *self);
/* A record that no catalogue has: of batches of @name at @generation, and of others, whose id is 0
 * and which the caller has elsewhere. */
ArborRecord *arbor_record_new_draft (const char *name, guint64 generation,
                                     const ArborBatchEntry *batches, guint32 n);

gboolean arbor_name_check (const char *name, GError **error); /* ARBOR_ERROR_INVALID_NAME */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborRecord, arbor_record_unref)

G_END_DECLS
