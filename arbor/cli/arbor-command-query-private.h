/* The parts of arbor query: what was asked for, the steps, printing. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

/* Of a seed that was not given: the samples are by chance. */
#define QUERY_NO_SEED G_MININT64

/* What a step does to the trees that the one before it gave. */
typedef enum
{
  QUERY_STEP_WHERE,
  QUERY_STEP_EXPLODE,
  QUERY_STEP_JOIN,
  QUERY_STEP_GROUP, /* with or without keys */
  QUERY_STEP_SORT,
  QUERY_STEP_UNIQUE,
  QUERY_STEP_SELECT,
  QUERY_STEP_SAMPLE,
  QUERY_STEP_OFFSET,
  QUERY_STEP_LIMIT,
} QueryStepKind;

typedef struct
{
  QueryStepKind kind;
  const char *option; /* that asked for it; NULL for the condition that is a word */
  char *text;         /* its value; NULL for groups without keys and for --select */
  char *key;          /* of --as-object, for --explode, or of --on, for joins; or NULL */
  GPtrArray *fields;  /* of --agg and --select, in their order; ends with NULL once all is read */
  guint64 n;          /* of --sample, --offset and --limit */
} QueryStep;

/* What arbor query was asked for. */
typedef struct
{
  GPtrArray *steps; /* of QueryStep, in the order in which they are done */
  gint64 seed;      /* of each sample; QUERY_NO_SEED */
  char *pick;
  char *jsonpath;
  gboolean paths; /* of what jsonpath selects */
  gboolean strict; /* a path that no tree has is an error */
  gboolean count;
  gboolean explain;
  gboolean analyze; /* the same, and what it took */
  char *format;
  ArborFormat how;   /* what format says, */
  ArborCliTable table; /* and whether it is a table */
} QueryOptions;

/* For g_option_context_parse: an option that is a step, or belongs to the one before it. @data are
 * the QueryOptions. */
gboolean arbor_command_query_add_step (const char *option, const char *value, gpointer data,
                               GError **error);
/* The condition that is a word comes before all other steps. Takes @text. */
void arbor_command_query_add_condition (QueryOptions *options, char *text);
void arbor_command_query_end_steps (QueryOptions *options);
GPtrArray *arbor_command_query_steps_new (void);

/* Takes the trees of all @names, one arbor after the other, through all steps. @columns get the
 * fields of the result where the steps tell them, else NULL;
 * @told is for arbor_cli_note_paths(). */
ArborArbor *arbor_command_query_run_steps (ArborStore *store, char **names, const QueryOptions *options,
                                   GHashTable *told, GStrv *columns, GError **error);

/* @paths are those to pick, or NULL. */
gboolean arbor_command_query_print (ArborArbor *trees, const QueryOptions *options,
                            const char *const *paths, const char *const *columns,
                            GOutputStream *output, GError **error);

G_END_DECLS
