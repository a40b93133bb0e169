/* Giving blocks of the file back to the file system: those of free pages. The file keeps its length and
 * every page its place, so readers and writers of all processes go on beside it; a page that is used
 * again gets blocks again.
 *
 * A page may go once no reader can look at it and neither of LMDB's two meta pages leads to it: that is
 * what LMDB asks of a page before it uses it again, and the same is asked here.
 */

#pragma once

#include "storage/arbor-environment.h"

G_BEGIN_DECLS

/* All zeros at first. A slice at a time, so that nobody waits long to write. */
typedef struct
{
  gboolean is_thorough; /* every page, not the long runs alone */
  guint64 next_page;    /* where the next slice goes on */
  guint64 n_pages;      /* of the file */
  gboolean is_done;
} ArborShrink;

/* Write functions. The first commits nothing but its number: what the transaction before it freed is old
 * enough then. The second is a slice of an ArborShrink; it changes no page that is used. */
gboolean arbor_shrink_age (ArborTxn txn, gpointer data, GError **error);
gboolean arbor_shrink_punch (ArborTxn txn, gpointer data, GError **error);

/* Another one, of a gboolean: whether so much is free that a file which shrinks and grows again costs less
 * than one that does not. It takes no slot among the readers. */
gboolean arbor_shrink_look (ArborTxn txn, gpointer data, GError **error);

/* Whether blocks can be given back: the file may be written, and its file system knows how. */
gboolean arbor_shrink_is_possible (ArborEnvironment *environment);

G_END_DECLS
