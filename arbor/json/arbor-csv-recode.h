/* Columns of CSV that became text after some of their cells had been handed on as numbers: the
 * batches with these are read back and made anew, one after the other, with the texts that the cells
 * were. What comes out is what would have come out had the columns been known to be text from the
 * start, batch for batch.
 */

#pragma once

#include "json/arbor-json-reader.h"

G_BEGIN_DECLS

/* Where batches went. They are asked for once, in order; each is then kept, or followed by what takes
 * its place, by way of add. */
typedef struct
{
  GBytes *(*get) (guint32 index, gpointer data, GError **error);
  gboolean (*keep) (guint32 index, gpointer data, GError **error);
  ArborJsonSink add;
  gpointer data;
} ArborCsvBatches;

/* Most often there is nothing to be made anew. */
gboolean arbor_csv_needs_recode (const ArborJsonReport *report);
gboolean arbor_csv_recode (ArborJsonReport *report, const ArborCsvBatches *batches,
                           GCancellable *cancellable, GError **error);

G_END_DECLS
