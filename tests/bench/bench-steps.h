/* A task's steps, as bench-steps.c lists them: read from JSON once, run as often as asked. */

#pragma once

#include <arbor/arbor.h>

G_BEGIN_DECLS

char *bench_get_text (ArborTree *task, const char *field);
/* The steps that lie in @field of @task. */
GPtrArray *bench_read_steps (ArborTree *task, const char *field);
/* @arbor after @steps, none of which may be one that gives an answer. */
ArborArbor *bench_make_view (ArborStore *store, ArborArbor *arbor, GPtrArray *steps);
/* The answer as JSON: that of the last step, or all trees. Into @explained, unless it is NULL, goes
 * how explain says that they are made, as JSON. */
char *bench_run_steps (ArborStore *store, ArborArbor *arbor, GPtrArray *steps, char **explained);

G_END_DECLS
