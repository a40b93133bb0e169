/* The trees of a view as an ArrowArrayStream, a record batch for each batch. Inside an access.
 *
 * Where the view is all of a source that is not computed, its batches are read one by one, from the
 * snapshot of the access, which the stream pins; otherwise its trees are put into batches of their own
 * first, for the types are made of all of them. A stream owns all that it needs but the gates: once
 * what it reads is closed, it ends with that error. What it has given is its consumer's, for ever.
 * One thread at a time, whichever that is.
 */

#pragma once

#include "query/arrow/arbor-arrow-field.h"
#include "query/view/arbor-view.h"

G_BEGIN_DECLS

/* @requested: NULL, or the columns that are wanted. */
gboolean arbor_arrow_stream_open (ArborView *view, ArborAccess *access,
                                  const struct ArrowSchema *requested,
                                  struct ArrowArrayStream *out, GCancellable *cancellable,
                                  GError **error);
/* The same as far as the types. */
gboolean arbor_arrow_stream_tell_schema (ArborView *view, ArborAccess *access,
                                         struct ArrowSchema *out, GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
