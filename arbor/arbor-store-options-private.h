/* What ArborStore makes of its options. */

#pragma once

#include "arbor-store-options.h"
#include "storage/arbor-session.h"

G_BEGIN_DECLS

/* What open works with: the settings of @options, or the defaults when it is NULL, checked.
 * @out holds no reference to @options, so an open in another thread may use it. */
gboolean arbor_store_options_fill (ArborStoreOptions *options, ArborSessionOptions *out,
                                   ArborStaleness *staleness, GError **error);

G_END_DECLS
