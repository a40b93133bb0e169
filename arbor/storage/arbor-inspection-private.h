/* What the files of inspecting share: arbor-inspection.c finds values and batches, arbor-inspection-check.c reads
 * records and batches, arbor-inspection-keys.c tables of keys.
 */

#pragma once

#include "storage/arbor-inspection.h"
#include "storage/arbor-pages.h"
#include "storage/arbor-record-private.h"

G_BEGIN_DECLS

/* Where a batch lies. */
typedef struct
{
  guint64 id; /* 0: found without one */
  guint64 page;
  guint32 size;
} ArborExtent;

/* What is known of a batch that somebody lists. */
typedef struct
{
  guint64 id;
  gboolean is_there;
  ArborBatchDamage *damage; /* NULL: none, or nothing of it can be used */
  char *problem;            /* why nothing can be used; NULL: it can */
} ArborBatchState;

struct _ArborInspection
{
  int fd;
  char *path;
  ArborInspector inspector;
  GCancellable *cancellable;
  ArborInspectionCounts counts;
  gboolean is_torn; /* pages that lead to others are damaged */
  int failure;      /* why something could not be read, an errno; 0: all could */

  GHashTable *info;     /* values by keys, GBytes both */
  GHashTable *staging;
  ArborFoundValues catalog;
  GHashTable *extents;  /* ArborExtent by id */
  GHashTable *key_tables; /* by the id of their batch */
  GHashTable *strays;   /* ArborExtent by digest of the header: batches without an id */
  GHashTable *used_strays; /* digests of those that somebody lists */

  GPtrArray *arbors;    /* ArborInspectedArbor */
  GHashTable *states;   /* ArborBatchState by id */
  guint64 done, total;  /* bytes of batches */
};

/* As arbor_pages_read_at(), and remembers a failure. */
gssize arbor_inspection_read_at (ArborInspection *self, guint8 *buffer, gsize size, guint64 offset);
void arbor_inspection_find (ArborInspection *self, const ArborFindingInfo *finding);
/* A finding that is about no arbor. */
void arbor_inspection_find_at (ArborInspection *self, ArborFindingKind kind, guint64 page,
                               const char *message);
/* The bytes of an extent, NULL without error where they are not what they should be. */
GBytes *arbor_inspection_read (ArborInspection *self, const ArborExtent *extent, guint64 n_bytes,
                               GError **error);
/* Tables of keys: of none, whether a key of the table of batches is that of one, noting one, comparing it with
 * its batch, telling of those whose batch is not there. */
GHashTable *arbor_inspection_new_key_tables (void);
gboolean arbor_inspection_is_key_table (const guint8 *key, gsize key_size);
void arbor_inspection_note_key_table (ArborInspection *self, const guint8 *key, const guint8 *value,
                                      guint32 size, guint64 page);
void arbor_inspection_check_key_table (ArborInspection *self, const ArborInspectedArbor *arbor,
                                       const ArborBatchEntry *batch);
void arbor_inspection_check_unused_key_tables (ArborInspection *self);
/* Where what @entry lists lies; NULL: nowhere. */
const ArborExtent *arbor_inspection_locate (ArborInspection *self, const ArborBatchEntry *entry);

G_END_DECLS
