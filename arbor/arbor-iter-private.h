/* How iterators are made. */

#pragma once

#include "arbor-iter.h"
#include "query/expr/arbor-evaluator.h"
#include "query/view/arbor-selection.h"

G_BEGIN_DECLS

/* Takes over @pin (NULL without leaves). With @n_picks > 0 it gives trees of those keys and values, and
 * takes over @keys (a GStrv) and @picks (n_picks evaluators). */
ArborIter *arbor_iter_new (ArborArbor *arbor, ArborPin *pin, char **keys, ArborEvaluator **picks,
                           guint n_picks);

G_END_DECLS
