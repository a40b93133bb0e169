/* The parts of arbor query: what was asked for, the steps, printing. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

/* Of a number that was not given. */
#define QUERY_NONE G_MININT64

/* What arbor query was asked for. */
typedef struct
{
  char *where;
  char *explode;
  char *group;
  char **agg;
  char *sort;
  char *unique;
  gint64 sample; /* < 0 for none */
  gint64 seed;
  gint64 offset;
  gint64 limit; /* < 0 for none */
  char **select;
  char *pick;
  char *jsonpath;
  gboolean paths; /* of what jsonpath selects */
  gboolean count;
  gboolean explain;
  gboolean analyze; /* the same, and what it took */
  char *format;
  ArborFormat how;   /* what format says, */
  gboolean is_table; /* and whether it is a table */
} QueryOptions;

/* All steps but pick and jsonpath. @words are the store, names and maybe the condition. @columns
 * get the fields of the result where the options tell them, else NULL. */
ArborArbor *arbor_query_run_steps (ArborStore *store, char **words, const QueryOptions *options,
                                   GStrv *columns, GError **error);

/* @paths are those to pick, or NULL. */
gboolean arbor_query_print (ArborArbor *trees, const QueryOptions *options,
                            const char *const *paths, const char *const *columns,
                            GOutputStream *output, GError **error);

G_END_DECLS
