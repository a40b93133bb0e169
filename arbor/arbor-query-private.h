/* What the files of a query share: arbor-query.c (the object and its run), arbor-query-steps.c (the
 * operations), arbor-query-combine.c (those that put trees together).
 */

#pragma once

#include "arbor-query.h"
#include "query/plan/arbor-plan.h"

G_BEGIN_DECLS

struct _ArborQuery
{
  GObject parent_instance;

  ArborArbor *arbor; /* NULL when never opened */
  GPtrArray *plan;   /* of ArborPlanStep */
  ArborCloseToken *token;
};

/* A query with one step more, if it can be done. Takes over @step, not @token, which ends it. */
ArborQuery *arbor_query_go_on (ArborQuery *self, ArborPlanStep *step, ArborCloseToken *token,
                               GError **error);

G_END_DECLS
