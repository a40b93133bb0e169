/* The trees of a view as text: JSON, a line a tree or one array, or CSV. Inside an access. */

#pragma once

#include "base/arbor-budget.h"
#include "base/arbor-buffer.h"
#include "query/view/arbor-view.h"

G_BEGIN_DECLS

/* Where the text goes. Zeroed but for the stream. */
typedef struct
{
  GOutputStream *stream; /* NULL: all stays in text, as far as the query memory goes */
  ArborBuffer text;
  ArborCharge charge;
} ArborExport;

void arbor_export_clear (ArborExport *self);
gboolean arbor_export_json (ArborExport *self, const ArborView *view, ArborAccess *access,
                            gboolean is_array, GCancellable *cancellable, GError **error);

/* With @columns NULL, the fields that trees have, in the order in which they are first met. TYPE for a
 * tree that is no object, LIMIT for so many columns that next to nothing is in them,
 * INVALID_ARGUMENT for a column that comes twice or a @delimiter (NULL: a comma) that is none. */
gboolean arbor_export_csv (ArborExport *self, const ArborView *view, ArborAccess *access,
                           const char *const *columns, const char *delimiter,
                           GCancellable *cancellable, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ArborExport, arbor_export_clear)

G_END_DECLS
