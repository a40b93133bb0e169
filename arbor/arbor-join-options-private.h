/* How trees of two arbors are joined. */

#pragma once

#include "arbor-join-options.h"
#include "query/plan/arbor-plan.h"
#include "arbor-expr-private.h"

G_BEGIN_DECLS

/* The step of a plan that joins with @other; @options may be NULL. */
ArborPlanStep *arbor_join_options_plan (ArborJoinOptions *options, ArborView *other, ArborGate *gate,
                                        ArborExpr **keys, gsize n_keys);

G_END_DECLS
