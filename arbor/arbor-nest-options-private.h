/* How trees of one arbor are put into those of another. */

#pragma once

#include "arbor-nest-options.h"
#include "query/plan/arbor-plan.h"
#include "arbor-expr-private.h"

G_BEGIN_DECLS

/* The step of a plan that nests @other; @options may be NULL. */
ArborPlanStep *arbor_nest_options_plan (ArborNestOptions *options, ArborView *other, ArborGate *gate,
                                        ArborExpr **keys, gsize n_keys, const char *field);

G_END_DECLS
