/* A summary as an operator: what all of them have in common. */

#pragma once

#include "query/expr/arbor-evaluator.h"
#include "query/make/arbor-summary.h"
#include "query/series/arbor-series-reader.h"
#include "query/view/arbor-trace.h"
#include "query/view/arbor-trees.h"

G_BEGIN_DECLS

#define ARBOR_SUMMARY_MAX_FIELDS 4u

typedef struct _ArborSummary ArborSummary;

typedef struct
{
  const char *name; /* for messages */
  /* Reads all trees and says how many rows there are. After an error it is called anew. */
  gboolean (*compute) (ArborSummary *self, ArborAccess *access, guint32 *n_rows,
                       GCancellable *cancellable, GError **error);
  /* NULL where rows are the values of these names, MISSING ones left out. */
  void (*write) (ArborSummary *self, guint32 row, ArborScope *scope, ArborTapeWriter *out);
  /* Drops what was computed: after an error, and after the last row. */
  void (*clear) (ArborSummary *self);
  void (*describe) (ArborSummary *self, GString *text);
  gsize size; /* of the struct that begins with an ArborSummary */
  const char *const *names; /* up to ARBOR_SUMMARY_MAX_FIELDS */
  gsize n_names;
  void (*get) (ArborSummary *self, guint32 row, ArborValue *values);
} ArborSummaryClass;

struct _ArborSummary
{
  const ArborSummaryClass *class;
  ArborSource *source; /* kept alive by the derived source's list of inputs */
  ArborSelection *selection;
  ArborNode *node;           /* or NULL */
  ArborTrace trace;          /* where it is read, and how; zeroed without one */
  ArborSeriesReader *reader; /* of that */
  gboolean is_computed;
  guint32 n_rows;
  guint32 position;
  guint32 end; /* of the step under way */
};

ArborSummary *arbor_summary_new (const ArborSummaryClass *class, ArborSource *source,
                                 ArborSelection *selection, ArborNode *node);
/* Takes over @self. */
ArborSource *arbor_summary_to_source (ArborSummary *self, GError **error);

/* Told of each value of the expression: once a tree, or for each value of a vector. */
typedef gboolean (*ArborSummaryFunc) (ArborSummary *self, ArborValue *value, ArborScope *scope,
                                      GError **error);
/* Sets *@is_taken when it has taken all values of @rows from lanes. */
typedef gboolean (*ArborSummaryRowsFunc) (ArborSummary *self, const ArborRows *rows,
                                          ArborScope *scope, gboolean *is_taken, GError **error);
/* @rows_func, which may be NULL, is asked first. */
gboolean arbor_summary_for_each_value (ArborSummary *self, ArborAccess *access,
                                       ArborSummaryRowsFunc rows_func, ArborSummaryFunc func,
                                       GCancellable *cancellable, GError **error);

void arbor_summary_write_field (ArborTapeWriter *out, const char *name, const ArborValue *value,
                                ArborScope *scope);

G_END_DECLS
