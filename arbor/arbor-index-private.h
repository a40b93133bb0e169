/* How indexes are made. */

#pragma once

#include "arbor-index.h"
#include "base/arbor-join-kind.h"
#include "query/group/arbor-key-index.h"

G_BEGIN_DECLS

/* Takes over @index. */
ArborIndex *arbor_index_new_take (ArborKeyIndex *index, ArborArbor *arbor,
                                  ArborDuplicates duplicates);

G_END_DECLS
