/* Steps of a task. Each is a row of the table below: its name, and a function that takes the query
 * so far (new_query), or what the query gives (new_arbor), or that makes the answer (finish). What
 * stands in brackets is an argument, as JSON; keys of sort, top and unique are expressions, with
 * " desc" behind those to be read from the greatest down.
 *
 *   filter EXPR; head N; slice START N; sort [KEY...]; top K [KEY...]; unique [KEY...];
 *   select {NAME: EXPR...}; add {NAME: EXPR...}; drop [NAME...]; explode PATH; append ARBOR;
 *   group {NAME: KEY...} {NAME: EXPR...}; join ARBOR KIND [KEY...] [OTHER KEY...];
 *   nest ARBOR FIELD [KEY...] [OTHER KEY...]
 *   counts EXPR (value_counts); histogram EXPR N
 *   count; trees; aggregate {NAME: EXPR...}; matches JSONPATH; column EXPR; save "jsonl"|"csv"
 */

#include "bench-steps.h"

#include "bench.h"
#include "kit/operations.h"

#include <glib/gstdio.h>
#include <string.h>

#define MAX_ARGUMENTS 4

/* Text, array of texts, or object of them; a number is read into @number, too. */
typedef struct
{
  char **names; /* of an object's members; or NULL */
  char **texts;
  gsize n;
  guint64 number;
} Argument;

typedef struct BenchVerb BenchVerb;

typedef struct
{
  const BenchVerb *verb;
  Argument arguments[MAX_ARGUMENTS];
} Step;

struct BenchVerb
{
  const char *name;
  ArborQuery *(*new_query) (ArborStore *store, ArborQuery *query, const Step *step,
                            GError **error);
  ArborArbor *(*new_arbor) (ArborArbor *arbor, const Step *step, GError **error);
  char *(*finish) (ArborArbor *arbor, const Step *step, GError **error);
};

/* Expressions of an argument, parsed. */

typedef struct
{
  ArborExpr **exprs;
  ArborSortFlags *flags;
  gsize n;
} Exprs;

static Exprs *
exprs_parse (const Argument *argument)
{
  Exprs *self = g_new (Exprs, 1);

  *self = (Exprs){ g_new (ArborExpr *, argument->n + 1), g_new (ArborSortFlags, argument->n + 1),
                   argument->n };
  for (gsize i = 0; i < argument->n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strdup (argument->texts[i]);
      gboolean is_descending = g_str_has_suffix (text, " desc");

      if (is_descending)
        text[strlen (text) - strlen (" desc")] = '\0';
      self->flags[i] = is_descending ? ARBOR_SORT_DESCENDING : ARBOR_SORT_NONE;
      self->exprs[i] = arbor_expr_parse (text, &error);
      bench_check (error);
    }
  return self;
}

static void
exprs_free (Exprs *self)
{
  for (gsize i = 0; i < self->n; i++)
    g_object_unref (self->exprs[i]);
  g_free (self->exprs);
  g_free (self->flags);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Exprs, exprs_free)

static const char *const *
names_of (const Argument *argument)
{
  return (const char *const *) argument->names;
}

/* Steps of a query */

static ArborQuery *
add_filter (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (Exprs) predicate = exprs_parse (&step->arguments[0]);

  return arbor_query_filter (query, predicate->exprs[0], error);
}

static ArborQuery *
add_head (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  return arbor_query_head (query, step->arguments[0].number, error);
}

static ArborQuery *
add_slice (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  return arbor_query_slice (query, step->arguments[0].number, step->arguments[1].number, error);
}

static ArborQuery *
add_sort (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (Exprs) keys = exprs_parse (&step->arguments[0]);
  g_autoptr (ArborSortOptions) options = make_sort_options (keys->flags, keys->n);

  return arbor_query_sort_by (query, keys->exprs, keys->n, options, error);
}

static ArborQuery *
add_top (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (Exprs) keys = exprs_parse (&step->arguments[1]);
  g_autoptr (ArborSortOptions) options = make_sort_options (keys->flags, keys->n);

  return arbor_query_top_k (query, step->arguments[0].number, keys->exprs, keys->n, options, error);
}

static ArborQuery *
add_unique (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (Exprs) keys = exprs_parse (&step->arguments[0]);

  return arbor_query_unique_by (query, keys->exprs, keys->n, error);
}

static ArborQuery *
add_select (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (Exprs) exprs = exprs_parse (&step->arguments[0]);

  return arbor_query_select (query, names_of (&step->arguments[0]), exprs->exprs, exprs->n, error);
}

static ArborQuery *
add_add (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (Exprs) exprs = exprs_parse (&step->arguments[0]);

  return arbor_query_add_fields (query, names_of (&step->arguments[0]), exprs->exprs, exprs->n,
                                 error);
}

static ArborQuery *
add_drop (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  return arbor_query_drop_fields (query, (const char *const *) step->arguments[0].texts, error);
}

static ArborQuery *
add_explode (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  return arbor_query_explode (query, step->arguments[0].texts[0], NULL, NULL, error);
}

static ArborQuery *
add_append (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (ArborArbor) other = arbor_store_get (store, step->arguments[0].texts[0], error);

  return other != NULL ? arbor_query_append (query, other, error) : NULL;
}

static ArborQuery *
add_group (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (Exprs) keys = exprs_parse (&step->arguments[0]);
  g_autoptr (Exprs) figures = exprs_parse (&step->arguments[1]);

  return arbor_query_group_by (query, names_of (&step->arguments[0]), keys->exprs, keys->n,
                               names_of (&step->arguments[1]), figures->exprs, figures->n, error);
}

static ArborJoinKind
get_join_kind (const char *name)
{
  const char *const names[] = { "inner", "left", "semi", "anti" };
  const ArborJoinKind kinds[]
      = { ARBOR_JOIN_KIND_INNER, ARBOR_JOIN_KIND_LEFT, ARBOR_JOIN_KIND_SEMI, ARBOR_JOIN_KIND_ANTI };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], name) == 0)
      return kinds[i];
  g_error ("there is no join '%s'", name);
}

static ArborQuery *
add_join (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (ArborArbor) other = arbor_store_get (store, step->arguments[0].texts[0], error);
  g_autoptr (Exprs) keys = exprs_parse (&step->arguments[2]);
  g_autoptr (Exprs) other_keys = exprs_parse (&step->arguments[3]);
  g_autoptr (ArborJoinOptions) options = make_join_options (
      other_keys->exprs, other_keys->n, get_join_kind (step->arguments[1].texts[0]), NULL);

  return other != NULL ? arbor_query_join (query, other, keys->exprs, keys->n, options, error) : NULL;
}

static ArborQuery *
add_nest (ArborStore *store, ArborQuery *query, const Step *step, GError **error)
{
  g_autoptr (ArborArbor) other = arbor_store_get (store, step->arguments[0].texts[0], error);
  g_autoptr (Exprs) keys = exprs_parse (&step->arguments[2]);
  g_autoptr (Exprs) other_keys = exprs_parse (&step->arguments[3]);
  g_autoptr (ArborNestOptions) options = arbor_nest_options_new ();

  arbor_nest_options_set_other_keys (options, other_keys->exprs, other_keys->n);
  return other != NULL ? arbor_query_nest (query, other, keys->exprs, keys->n,
                                           step->arguments[1].texts[0], options, error)
                       : NULL;
}

/* Steps of an arbor */

static ArborArbor *
get_counts (ArborArbor *arbor, const Step *step, GError **error)
{
  g_autoptr (Exprs) exprs = exprs_parse (&step->arguments[0]);

  return arbor_arbor_value_counts (arbor, exprs->exprs[0], error);
}

static ArborArbor *
get_histogram (ArborArbor *arbor, const Step *step, GError **error)
{
  g_autoptr (Exprs) exprs = exprs_parse (&step->arguments[0]);

  return arbor_arbor_histogram (arbor, exprs->exprs[0], (guint) step->arguments[1].number, error);
}

/* Answers */

static char *
answer_count (ArborArbor *arbor, const Step *step, GError **error)
{
  guint64 n = arbor_arbor_get_n_trees (arbor, error);

  return g_strdup_printf ("%" G_GUINT64_FORMAT, n);
}

static char *
answer_trees (ArborArbor *arbor, const Step *step, GError **error)
{
  return arbor_arbor_to_json (arbor, error);
}

static char *
answer_aggregate (ArborArbor *arbor, const Step *step, GError **error)
{
  g_autoptr (Exprs) exprs = exprs_parse (&step->arguments[0]);
  g_autoptr (ArborTree) tree = arbor_arbor_aggregate (arbor, names_of (&step->arguments[0]),
                                                      exprs->exprs, exprs->n, NULL, error);

  return tree != NULL ? arbor_tree_to_json (tree, error) : NULL;
}

static char *
answer_matches (ArborArbor *arbor, const Step *step, GError **error)
{
  g_autoptr (ArborMatches) matches
      = arbor_arbor_query (arbor, step->arguments[0].texts[0], NULL, error);

  return matches != NULL ? g_strdup_printf ("%" G_GUINT64_FORMAT,
                                            arbor_matches_get_n_matches (matches, error))
                         : NULL;
}

/* How many values there are that are not null. */
static char *
answer_column (ArborArbor *arbor, const Step *step, GError **error)
{
  g_autoptr (Exprs) exprs = exprs_parse (&step->arguments[0]);
  g_autoptr (ArborColumn) column
      = arbor_arbor_get_column_of (arbor, exprs->exprs[0], NULL, error);

  return column != NULL
             ? g_strdup_printf ("%" G_GUINT64_FORMAT,
                                arbor_column_get_n_rows (column) -
                                    arbor_column_get_count (column, ARBOR_KIND_NULL) -
                                    arbor_column_get_count (column, ARBOR_KIND_MISSING))
             : NULL;
}

/* How many bytes the file has. */
static char *
answer_save (ArborArbor *arbor, const Step *step, GError **error)
{
  g_autoptr (GOutputStream) stream = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFileInfo) info = NULL;
  g_autofree char *path = NULL;
  int descriptor = g_file_open_tmp ("arbor-bench-XXXXXX", &path, error);
  char *answer = NULL;

  if (descriptor < 0 || !g_close (descriptor, error))
    return NULL;
  file = g_file_new_for_path (path);
  if (arbor_arbor_save_file (arbor, path,
                             strcmp (step->arguments[0].texts[0], "csv") == 0 ? ARBOR_FORMAT_CSV
                                                                              : ARBOR_FORMAT_JSONL,
                             NULL, NULL, NULL, error))
    info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL,
                              error);
  if (info != NULL)
    answer = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) g_file_info_get_size (info));
  g_file_delete (file, NULL, NULL);
  return answer;
}

static const BenchVerb verbs[] = {
  { "filter", add_filter, NULL, NULL },
  { "head", add_head, NULL, NULL },
  { "slice", add_slice, NULL, NULL },
  { "sort", add_sort, NULL, NULL },
  { "top", add_top, NULL, NULL },
  { "unique", add_unique, NULL, NULL },
  { "select", add_select, NULL, NULL },
  { "add", add_add, NULL, NULL },
  { "drop", add_drop, NULL, NULL },
  { "explode", add_explode, NULL, NULL },
  { "append", add_append, NULL, NULL },
  { "group", add_group, NULL, NULL },
  { "join", add_join, NULL, NULL },
  { "nest", add_nest, NULL, NULL },
  { "counts", NULL, get_counts, NULL },
  { "histogram", NULL, get_histogram, NULL },
  { "count", NULL, NULL, answer_count },
  { "trees", NULL, NULL, answer_trees },
  { "aggregate", NULL, NULL, answer_aggregate },
  { "matches", NULL, NULL, answer_matches },
  { "column", NULL, NULL, answer_column },
  { "save", NULL, NULL, answer_save },
};

/* Running */

static ArborArbor *
take_result (ArborQuery *query)
{
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor = arbor_query_execute (query, &error);

  bench_check (error);
  g_object_unref (query);
  return arbor;
}

ArborArbor *
bench_make_view (ArborStore *store, ArborArbor *arbor, GPtrArray *steps)
{
  g_autoptr (GError) error = NULL;
  ArborQuery *query = arbor_query_new (arbor, &error);

  bench_check (error);
  for (guint i = 0; i < steps->len; i++)
    {
      const Step *step = steps->pdata[i];

      if (step->verb->new_query != NULL)
        {
          ArborQuery *longer = step->verb->new_query (store, query, step, &error);

          bench_check (error);
          g_object_unref (query);
          query = longer;
        }
      else if (step->verb->new_arbor != NULL)
        {
          g_autoptr (ArborArbor) before = take_result (query);
          g_autoptr (ArborArbor) after = step->verb->new_arbor (before, step, &error);

          bench_check (error);
          query = arbor_query_new (after, &error);
          bench_check (error);
        }
      else
        {
          g_assert (i == steps->len - 1);
        }
    }
  return take_result (query);
}

char *
bench_run_steps (ArborStore *store, ArborArbor *arbor, GPtrArray *steps, char **explained)
{
  g_autoptr (ArborArbor) view = bench_make_view (store, arbor, steps);
  const Step *last = steps->len > 0 ? steps->pdata[steps->len - 1] : NULL;
  g_autoptr (GError) error = NULL;
  char *answer = last != NULL && last->verb->finish != NULL
                     ? last->verb->finish (view, last, &error)
                     : answer_trees (view, last, &error);

  bench_check (error);
  if (explained != NULL)
    {
      g_autofree char *text = arbor_arbor_explain (view);
      g_autoptr (ArborExpr) literal = arbor_expr_new_string (text);

      *explained = arbor_expr_to_string (literal);
    }
  return answer;
}

/* Reading */

char *
bench_get_text (ArborTree *task, const char *field)
{
  g_autoptr (GError) error = NULL;
  char *text = arbor_tree_dup_string (task, field, &error);

  bench_check (error);
  return text;
}

static void
argument_clear (Argument *argument)
{
  g_clear_pointer (&argument->names, g_strfreev);
  g_clear_pointer (&argument->texts, g_strfreev);
}

static void
step_free (Step *step)
{
  for (guint i = 0; i < MAX_ARGUMENTS; i++)
    argument_clear (&step->arguments[i]);
  g_free (step);
}

static void
read_argument (ArborTree *value, Argument *argument)
{
  g_autoptr (GError) error = NULL;
  ArborKind kind = arbor_tree_get_kind (value, "$", &error);

  if (kind == ARBOR_KIND_OBJECT)
    argument->names = arbor_tree_dup_keys (value, "$", &error);
  argument->n = kind == ARBOR_KIND_OBJECT || kind == ARBOR_KIND_ARRAY
                    ? arbor_tree_get_length (value, "$", &error)
                    : 1;
  argument->texts = g_new0 (char *, argument->n + 1);
  if (kind == ARBOR_KIND_STRING)
    argument->texts[0] = arbor_tree_dup_string (value, "$", &error);
  else if (kind == ARBOR_KIND_INT64)
    argument->number = arbor_tree_get_uint64 (value, "$", &error);
  bench_check (error);
  for (gsize i = 0; (kind == ARBOR_KIND_OBJECT || kind == ARBOR_KIND_ARRAY) && i < argument->n; i++)
    {
      g_autoptr (ArborTree) item
          = argument->names != NULL ? arbor_tree_get_member (value, argument->names[i], &error)
                                    : arbor_tree_get_element (value, (gint64) i, &error);

      bench_check (error);
      argument->texts[i] = bench_get_text (item, "$");
    }
}

static Step *
read_step (ArborTree *tree)
{
  g_autofree char *name = bench_get_text (tree, "[0]");
  g_autoptr (GError) error = NULL;
  guint64 n = arbor_tree_get_length (tree, "$", &error);
  Step *step = g_new0 (Step, 1);

  bench_check (error);
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i].name, name) == 0)
      step->verb = &verbs[i];
  if (step->verb == NULL || n > 1 + MAX_ARGUMENTS)
    g_error ("there is no step '%s' of %" G_GUINT64_FORMAT " parts", name, n);
  for (guint64 i = 1; i < n; i++)
    {
      g_autoptr (ArborTree) value = arbor_tree_get_element (tree, (gint64) i, &error);

      bench_check (error);
      read_argument (value, &step->arguments[i - 1]);
    }
  return step;
}

GPtrArray *
bench_read_steps (ArborTree *task, const char *field)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func ((GDestroyNotify) step_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborTree) list = arbor_tree_get_member (task, field, &error);
  guint64 n;

  bench_check (error);
  n = arbor_tree_get_length (list, "$", &error);
  bench_check (error);
  for (guint64 i = 0; i < n; i++)
    {
      g_autoptr (ArborTree) tree = arbor_tree_get_element (list, (gint64) i, &error);

      bench_check (error);
      g_ptr_array_add (steps, read_step (tree));
    }
  return steps;
}
