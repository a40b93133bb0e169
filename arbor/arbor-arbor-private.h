/* What the other classes need of an arbor. */

#pragma once

#include "arbor-arbor.h"

G_BEGIN_DECLS

/* An in-memory arbor of finished batches (GBytes), which are checked. Takes over @batches. */
ArborArbor *arbor_arbor_new_take_batches (GPtrArray *batches, GError **error);

G_END_DECLS
