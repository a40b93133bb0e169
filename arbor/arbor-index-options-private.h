/* How trees are indexed. */

#pragma once

#include "arbor-index-options.h"

G_BEGIN_DECLS

/* A copy that nobody else changes, for a call that goes on in another thread; NULL for NULL. */
ArborIndexOptions *arbor_index_options_copy (ArborIndexOptions *options);

G_END_DECLS
