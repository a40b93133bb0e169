/* How groups are made. */

#pragma once

#include "arbor-groups.h"
#include "query/group/arbor-group.h"

G_BEGIN_DECLS

/* Takes over @grouping. @keys: an arbor of the groups' keys, of the same store. */
ArborGroups *arbor_groups_new_take (ArborGrouping *grouping, ArborArbor *arbor, ArborArbor *keys);

G_END_DECLS
