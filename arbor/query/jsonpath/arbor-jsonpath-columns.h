/* A JSONPath query over many trees of a batch at once: what ArborJsonpathRun finds in one tree after the
 * other. Where a query may lead in a batch is known by the batch's columns, so it is followed down
 * these, for all trees at each step; a match is a row of a column. Trees that this cannot decide (values
 * in overflow text on the way, more elements than are good to have at hand) are open: they are for
 * ArborJsonpathRun. One thread.
 */

#pragma once

#include "batch/arbor-rows.h"
#include "query/jsonpath/arbor-jsonpath.h"

G_BEGIN_DECLS

typedef struct _ArborJsonpathColumns ArborJsonpathColumns;

/* Where matches lie: its columns say the steps that lead there, all but the numbers of elements. */
typedef struct
{
  const ArborBatch *batch;
  guint32 column;
  guint32 n_numbers; /* elements on the way */
} ArborJsonpathSite;

typedef struct
{
  guint32 place; /* of the tree among the rows that were asked for */
  guint32 site;
  guint32 row;   /* of the site's column */
  guint32 number; /* of one element: which; of several: where they begin among the numbers of all calls */
} ArborJsonpathMatch;

/* What some trees have. */
typedef struct
{
  guint32 n;           /* trees that were decided, or are open */
  const guint8 *is_open; /* of each; NULL: none */
  const ArborJsonpathMatch *matches; /* of all others, tree by tree, in the standard's order */
  guint32 n_matches;
  guint32 n_numbers; /* of all calls, so far */
} ArborJsonpathFound;

/* NULL: the query goes tree by tree. It must outlive this. */
ArborJsonpathColumns *arbor_jsonpath_columns_new (const ArborJsonpath *query);
void arbor_jsonpath_columns_free (ArborJsonpathColumns *self);

/* The trees of @rows from place @from on, as many as are good at once, one at least: @found holds until
 * the next call. */
void arbor_jsonpath_columns_run (ArborJsonpathColumns *self, const ArborRows *rows, guint32 from,
                                 ArborJsonpathFound *found);
/* The sites and numbers of all calls, which are the caller's from now on. */
void arbor_jsonpath_columns_steal (ArborJsonpathColumns *self, ArborJsonpathSite **sites,
                                   guint32 **numbers);

/* Appends the normalized path (section 2.7) of a value at @site. */
void arbor_jsonpath_site_append_path (const ArborJsonpathSite *site, const guint32 *numbers,
                                      ArborBuffer *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborJsonpathColumns, arbor_jsonpath_columns_free)

G_END_DECLS
