/* Mending an entry anew: its trees are gone through in order, each is kept or left out, and rows of patches
 * come in between. And the rules when an entry is mended, and when it is better written anew. For
 * query/content alone.
 *
 * Two debts are kept apart. What an entry owes is its cuts, its dead rows and what it has in patches: past a
 * limit its trees are written anew. What patches owe is their number: eight of one size become one,
 * wherever in the arbor their rows belong, and dead rows are left behind.
 */

#pragma once

#include "storage/arbor-record.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborBatchEntry *entry;
  GArray *parts; /* ArborMendPart: what comes out so far; batches by place in ids */
  GArray *ids;   /* guint64: patches, the old ones first */
  const ArborMendPart *old;
  guint32 n_old;
  ArborMendPart whole;
  guint32 part;  /* the next tree: the part that it is of, */
  guint32 in_part; /* and the number in it */
} ArborMender;

void arbor_mender_init (ArborMender *self);
void arbor_mender_clear (ArborMender *self);
void arbor_mender_begin (ArborMender *self, const ArborBatchEntry *entry);

/* Where the next tree lies, and how many follow it there: 0 at the end. @patch gets 0 for the base. */
guint32 arbor_mender_peek (const ArborMender *self, guint64 *patch, guint32 *row);
/* Of the next trees, which arbor_mender_peek has told to follow each other. */
void arbor_mender_keep (ArborMender *self, guint32 n);
void arbor_mender_skip (ArborMender *self, guint32 n);
/* Rows of a patch come next. */
void arbor_mender_add (ArborMender *self, guint64 patch, guint32 row, guint32 n);

/* NULL: no tree is left, or all of them are the base's. */
ArborMend *arbor_mender_finish (ArborMender *self);

/* Whether the entry, of whose trees @n_gone go and to which @n_new come, is to be mended rather than written
 * anew. */
gboolean arbor_mender_is_worth_it (const ArborRecord *record, guint32 index, guint32 n_gone,
                                   guint32 n_new, guint32 n_places);

/* The patches that are to become one with @n_new rows more: ids (guint64 *, of the record), or NULL. */
GHashTable *arbor_mender_choose_patches (const ArborRecord *record, guint32 n_new);

/* Encoded bytes of new trees that one entry takes at once; of more it is written anew. */
#define ARBOR_MENDER_MOST_BYTES (ARBOR_BATCH_TARGET_BYTES / 8)

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ArborMender, arbor_mender_clear)

G_END_DECLS
