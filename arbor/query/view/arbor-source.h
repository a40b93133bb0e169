/* A source: where trees lie. An ordered list of batches: in memory (GBytes, opened once), stored (a
 * record of the catalogue; batches come from a snapshot), or derived (computed from other sources
 * as far as somebody reads, see arbor-derived.h; then in memory). A draft is a stored source that
 * is not stored yet: some batches of its record lie in memory. Refcounted; any thread. Immutable to
 * the eye: a stored one remembers the epoch at which it was last found fresh, a derived one grows.
 *
 * The leaves of a source are the stored sources that it reads: itself when it is stored, none in
 * memory, any number when it is derived. An access is one stay inside: it enters the gate of every
 * leaf, holds the snapshots that it reads from, and has tested that the name of each leaf still has
 * the generation that the leaf remembers. Batches and values got through an access are valid until
 * it ends. The order of tests is that of semantics.md section 7.4: process, closed, stale.
 */

#pragma once

#include "batch/arbor-wanted.h"
#include "storage/arbor-session.h"

G_BEGIN_DECLS

/* Tree indices are 32-bit inside selections. */
#define ARBOR_MAX_TREES ((guint64) G_MAXUINT32)

typedef struct _ArborSource ArborSource;

/* Checks and takes over @batches (GBytes). */
ArborSource *arbor_source_new_memory (GPtrArray *batches, GError **error);
/* The same of a batch of one tree, which is valid as long as the source; NULL for NULL. */
ArborSource *arbor_source_new_single (GBytes *batch, ArborValue *tree, GError **error);
/* With @pinned, the source reads from that snapshot for life and is never stale. */
ArborSource *arbor_source_new_stored (ArborSession *session, ArborRecord *record,
                                      ArborSnapshot *current, ArborSnapshot *pinned);

/* A batch in memory that several drafts may have. */
typedef struct _ArborPiece ArborPiece;
ArborPiece *arbor_piece_new (GBytes *batch, GError **error);
ArborPiece *arbor_piece_ref (ArborPiece *self);
void arbor_piece_unref (ArborPiece *self);
GBytes *arbor_piece_get_bytes (ArborPiece *self); /* (transfer none) */
/* Its id: drawn, or that of the patch which it is. */
guint64 arbor_piece_get_id (ArborPiece *self);
void arbor_piece_set_id (ArborPiece *self, guint64 id);
/* Pieces by their ids, which it owns. */
GHashTable *arbor_piece_new_set (void);

/* What @name is to have. @record lists the batches; those whose id is provisional lie in @pieces, which is
 * NULL at the others and taken over; patches of such ids in @patches (arbor_piece_new_set), too. The draft is stale once the record's name does not have the
 * record's generation any more, unless that is 0: then it has batches in memory only. */
ArborSource *arbor_source_new_draft (ArborSession *session, const char *name, ArborRecord *record,
                                     GPtrArray *pieces, GHashTable *patches);
/* A stored source or a draft again, pinned to @snapshot, in which it is fresh. */
ArborSource *arbor_source_copy_pinned (ArborSource *self, ArborSnapshot *snapshot);
/* The same in another session of the file. */
ArborSource *arbor_source_copy_pinned_in (ArborSource *self, ArborSession *session,
                                          ArborSnapshot *snapshot);

ArborSource *arbor_source_ref (ArborSource *self);
void arbor_source_unref (ArborSource *self);

/* Of a derived source these four tell what has been computed so far. */
guint64 arbor_source_get_n_trees (ArborSource *self);
guint64 arbor_source_get_n_bytes (ArborSource *self);
guint32 arbor_source_get_n_batches (ArborSource *self);
gboolean arbor_source_is_derived (ArborSource *self);
/* Whether all of its trees are there: always, but for a derived one. */
gboolean arbor_source_is_computed (ArborSource *self);

guint64 arbor_source_get_first_tree (ArborSource *self, guint32 batch); /* n_batches: n_trees */
ArborSession *arbor_source_get_session (ArborSource *self); /* NULL unless stored */
const char *arbor_source_get_name (ArborSource *self);      /* NULL unless stored */
guint64 arbor_source_get_generation (ArborSource *self);    /* 0 unless stored, and of a draft */
ArborRecord *arbor_source_get_record (ArborSource *self);   /* (transfer none), NULL unless stored */
ArborMend *arbor_source_get_mend (ArborSource *self, guint32 batch); /* NULL: whole, or not stored */
gboolean arbor_source_has_mends (ArborSource *self);
ArborPiece *arbor_source_get_piece (ArborSource *self, guint32 batch); /* NULL where stored */
ArborPiece *arbor_source_get_patch_piece (ArborSource *self, guint64 id); /* NULL where stored */
guint arbor_source_get_n_leaves (ArborSource *self);
ArborSource *arbor_source_get_leaf (ArborSource *self, guint leaf); /* (transfer none) */

/* Which batch holds @tree, which is below n_trees. */
guint32 arbor_source_find_batch (ArborSource *self, guint64 tree);

/* The snapshots that an access reads from, one a leaf, for those who go on reading the same state
 * after it has ended. Refcounted; immutable. */
typedef struct _ArborPin ArborPin;

ArborPin *arbor_pin_ref (ArborPin *self);
void arbor_pin_unref (ArborPin *self);

typedef struct _ArborHeld ArborHeld; /* what is spliced for an access: see arbor-held.c */

typedef struct _ArborAccess ArborAccess;
struct _ArborAccess
{
  ArborSource *source;
  ArborSession *session;   /* NULL unless stored */
  ArborSnapshot *snapshot; /* NULL unless stored */
  int stripe;
  gint64 began;            /* for a profile, or 0 */
  ArborAccess *leaves;     /* of a derived source: one each of its leaves, and maybe others */
  guint n_leaves;
  gboolean is_borrowed;    /* lives on what another access holds */
  ArborSource *about;      /* what selections are about, where that is another source whose trees stand at
                            * the same places (arbor-trace.h); else NULL. Not a reference */
  ArborHeld *held;         /* NULL where no leaf has a mended entry */
  const ArborWanted *wanted; /* of mended entries: nothing else is looked at (arbor-narrow.h); NULL: all.
                              * Held */
};

/* @pin: read from these snapshots, which the caller holds, without a test for staleness. */
gboolean arbor_access_begin (ArborAccess *self, ArborSource *source, ArborPin *pin, GError **error);
/* Only enters the gates: nothing can be read. */
gboolean arbor_access_begin_gate (ArborAccess *self, ArborSource *source, GError **error);
/* Only enters: no source, no snapshot yet. */
gboolean arbor_access_begin_session (ArborAccess *self, ArborSession *session, GError **error);
/* An access to @source, all of whose leaves @of has; it is not ended, and valid as long as @of. */
void arbor_access_borrow (ArborAccess *self, const ArborAccess *of, ArborSource *source);
/* Leaves. FALSE when *@error is set already, and with CORRUPT, whatever was computed, when a batch of the
 * source is known to be damaged: values of it may have read as MISSING. An error that says CANCELLED
 * becomes CLOSED when the store was closed meanwhile. */
gboolean arbor_access_end (ArborAccess *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same after an error, which becomes CORRUPT where it may come of damage; FALSE. */
gboolean arbor_access_fail (ArborAccess *self, GError **error);
/* Whether nothing that the access reads is known to be damaged. */
gboolean arbor_access_check_damage (const ArborAccess *self, GError **error);
/* The same of snapshots of @source that are held beyond an access. */
gboolean arbor_pin_check_damage (const ArborPin *self, ArborSource *source, GError **error);
/* For whoever read no values, or has no use for what he read. */
void arbor_access_leave (ArborAccess *self, GError **error);

ArborPin *arbor_access_dup_pin (const ArborAccess *self); /* NULL where no leaf is */

/* How many trees the source has, or @limit when it has at least as many: a derived source computes
 * no further than that. Batches below the count can be read then. */
gboolean arbor_access_count_trees (ArborAccess *self, guint64 limit, GCancellable *cancellable,
                                   guint64 *count, GError **error);
const ArborBatch *arbor_access_get_batch (ArborAccess *self, guint32 batch, GError **error);

/* Where a tree lies. */
typedef struct
{
  const ArborBatch *batch;
  guint64 first; /* this tree */
  guint32 row;   /* is that row, */
  guint64 next;  /* and those up to here are the ones behind it */
} ArborPlace;

static inline guint32
arbor_place_get_row (const ArborPlace *self, guint64 tree)
{
  return self->row + (guint32) (tree - self->first);
}

static inline gboolean
arbor_place_has (const ArborPlace *self, guint64 tree)
{
  return tree >= self->first && tree < self->next;
}

/* For those who number the rows of the batch: what its row 0 would be, also where that is no tree. */
static inline guint64
arbor_place_get_base (const ArborPlace *self)
{
  return self->first - self->row;
}

/* For those who read tree by tree, or keep what they read: of a mended entry nothing is made. */
gboolean arbor_access_find_tree (ArborAccess *self, guint64 tree, ArborPlace *place, GError **error);
/* What a mended entry of a stored source is made of (arbor-mend.h): its base, which has dead rows, and a patch
 * by the id that the mend has for it. A mended entry as a batch is gathered. */
const ArborBatch *arbor_access_get_base (ArborAccess *self, guint32 batch, GError **error);
const ArborBatch *arbor_access_get_patch (ArborAccess *self, guint64 id, GError **error);
/* The bytes of a batch, to be dropped before the access ends. */
GBytes *arbor_access_get_bytes (ArborAccess *self, guint32 batch, GError **error);
/* CORRUPT unless every stored batch that the leaves list has its digest. Comes before trees of the
 * source are written to a store: what was computed or chosen from damaged batches would be written
 * as well as what is read from them. */
gboolean arbor_access_verify (ArborAccess *self, GCancellable *cancellable, GError **error);
/* The same of one batch, and before its bytes are handed on as they are; of its base alone, of a patch. */
gboolean arbor_access_verify_batch (ArborAccess *self, guint32 batch, GError **error);
gboolean arbor_access_verify_base (ArborAccess *self, guint32 batch, GError **error);
gboolean arbor_access_verify_patch (ArborAccess *self, guint64 id, GError **error);
/* The test inside long loops: closed, then cancelled, then damaged. */
gboolean arbor_access_check (ArborAccess *self, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSource, arbor_source_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborPiece, arbor_piece_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborPin, arbor_pin_unref)

G_END_DECLS
