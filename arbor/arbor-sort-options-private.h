/* How keys order trees. */

#pragma once

#include "arbor-sort-options.h"

G_BEGIN_DECLS

/* What a sort by keys takes: none, one for all or one for each; freed by the caller. */
ArborSortFlags *arbor_sort_options_make_flags (ArborSortOptions *options, gsize *n_flags);

G_END_DECLS
