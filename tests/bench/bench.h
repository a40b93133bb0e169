/* What the benchmark programs share: a clock, medians, and where a task finds its data. A task that
 * meets an error ends the program: a figure of something that failed is none.
 */

#pragma once

#include <arbor/arbor.h>

G_BEGIN_DECLS

typedef struct
{
  const char *store_path;
  ArborArbor *arbor; /* the stored one, "data" */
  guint64 n_trees;
} BenchData;

/* Does it once; the answer as JSON, which the other side must give, too. */
typedef char *(*BenchFunc) (const BenchData *data);

typedef struct
{
  const char *set; /* the data: "flat", "shuffled", "nested"; "scaling": flat at all sizes */
  const char *name;
  gboolean is_closed; /* runs while nothing has the store open: without an arbor */
  guint n_calls;    /* of which the median counts; one more before them does not */
  guint n_units;    /* what one call does so many times over: the time is divided by it */
  BenchFunc run;    /* timed */
  BenchFunc answer; /* not timed: where @run does not make the answer; or NULL */
} BenchTask;

extern const BenchTask bench_tasks[];
extern const gsize n_bench_tasks;

static inline void
bench_check (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

/* Milliseconds; with BENCH_CLOCK=cpu those of the processors that the process has used. */
double bench_now (void);
double bench_median (double *times, gsize n);

ArborStore *bench_open (const char *path);
ArborArbor *bench_get (ArborStore *store);
/* Returns when nothing uses the file any more. */
void bench_close (ArborStore *store);

G_END_DECLS
