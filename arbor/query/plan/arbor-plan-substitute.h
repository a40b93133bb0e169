/* Reading a step through a row map: saying of the tree before the map what a step after it says of
 * the tree that the map makes.
 */

#pragma once

#include "query/plan/arbor-plan.h"

G_BEGIN_DECLS

/* A step that looks at the trees before @map as @step does at those after it; NULL where that cannot
 * be said. With @computed, paths to fields that the map computes may give way to the computation,
 * once; without, to paths only, so that nothing is computed twice. */
ArborPlanStep *arbor_plan_substitute (const ArborPlanStep *map, ArborPlanStep *step,
                                      gboolean computed);

G_END_DECLS
