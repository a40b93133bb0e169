/* Content: what a name has or is about to have, as a list of pieces. A piece is a batch, either one
 * of the stored record by its index, or a new one in memory. Replacing a range of trees, of which
 * inserting, deleting and appending are cases, makes a new list: pieces that are not concerned are
 * kept, the trees of the others are built anew together with the trees that come in.
 *
 * A piece of which few trees change is *mended* (arbor-content-mend.h): its base stays where it is, and the
 * trees that come in, of all pieces together, are in as few patches as may be.
 *
 * Which pieces are concerned where none is mended:
 *  - In the middle, those that hold a tree of the range, or the insertion point; and the neighbour
 *    on either side when it is small, so that dust does not pile up. What comes out is cut evenly.
 *  - At the end, where the range is empty: from the last piece backwards each that is not full and
 *    has less than twice the trees after it. So the pieces behind the last full one at least halve
 *    from one to the next: there are O(log n) of them, and n appends write each tree O(log n) times.
 */

#pragma once

#include "query/view/arbor-selection.h"

G_BEGIN_DECLS

typedef struct _ArborContent ArborContent;

/* Without a record: no trees. */
ArborContent *arbor_content_new (ArborRecord *record);
void arbor_content_free (ArborContent *self);

guint64 arbor_content_get_n_trees (ArborContent *self);
ArborRecord *arbor_content_get_record (ArborContent *self); /* (transfer none), may be NULL */

/* Where the pieces of the new content go, in order. A new batch may lie in memory that is valid
 * only until the function returns to who called replace. Patches, which mends name by a provisional id, come
 * before or after these. Without mend and patch, pieces are written anew. */
typedef struct
{
  gboolean (*keep) (guint32 piece, gpointer data, GError **error); /* of the old content */
  gboolean (*mend) (guint32 piece, ArborMend *mend, gpointer data, GError **error);
  gboolean (*patch) (GBytes *batch, guint64 id, gpointer data, GError **error);
  gboolean (*add) (GBytes *batch, gpointer data, GError **error);
  gpointer data;
} ArborContentSink;

/* Replaces @n_trees trees from @start on by those of @trees (NULL: none), which are read inside
 * @trees_access. The old ones are read inside @access, whose snapshot, or source when it has one,
 * has the record.
 * OUT_OF_RANGE, LIMIT. */
gboolean arbor_content_replace (ArborContent *self, ArborAccess *access, guint64 start,
                                guint64 n_trees, ArborSelection *trees, ArborAccess *trees_access,
                                const ArborContentSink *sink, GCancellable *cancellable,
                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborContent, arbor_content_free)

G_END_DECLS
