/* What the files of mapped sources share: arbor-mapped.c makes trees in order, arbor-mapped-pick.c counts them and
 * makes a few of them.
 */

#pragma once

#include "query/view/arbor-derived.h"
#include "query/view/arbor-together.h"

G_BEGIN_DECLS

/* So many trees of the view, of which it is known how many come out before them. */
#define ARBOR_MAPPED_PIECE 256u

typedef struct
{
  const ArborMapping *mapping;
  gpointer data;
  ArborSource *source; /* kept alive by the derived source's list of inputs */
  ArborSelection *selection;
  ArborScope *scope; /* of a row */
  ArborWanted *wanted;   /* what is needed of the view's trees; NULL: all */
  ArborSource *narrowed; /* the view's source, narrowed to that; NULL before the first step */
  guint64 position; /* of the next tree to map */
  guint64 end;      /* of the step under way */
  ArborOutput *output; /* of the step under way */
  ArborTogether together; /* trees of the view that are strewn over batches */
  gboolean is_together;   /* some of the step under way have been put so, and rows are not theirs */
  gboolean keeps_apart;   /* they are not */

  /* Where trees come from, as far as they were counted. */
  GArray *starts;       /* of guint64: trees that come before each piece; NULL before the first */
  guint64 n_counted;    /* trees of the view */
  guint64 n_found;      /* trees that they give */
  gboolean is_counted;  /* all are */
  gboolean cannot_count;
  ArborWindow *windows; /* of who makes a few trees; or NULL */
} ArborMapped;

ArborMapped *arbor_mapped_new (const ArborMapping *mapping, gpointer data, ArborSource *source,
                               ArborSelection *selection);
void arbor_mapped_free (gpointer data);
gboolean arbor_mapped_prepare (ArborMapped *self, ArborAccess *access, GCancellable *cancellable,
                               GError **error);

/* Of ArborOperator. */
gboolean arbor_mapped_count (gpointer data, ArborAccess *access, guint64 limit, guint64 *n,
                             gboolean *is_known, GCancellable *cancellable, GError **error);
gpointer arbor_mapped_pick (gpointer data, ArborAccess *access, const guint32 *indices, guint32 n,
                            GCancellable *cancellable);

G_END_DECLS
