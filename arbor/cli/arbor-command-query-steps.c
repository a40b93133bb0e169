/* The steps of arbor query, done in the order in which they are written. Each takes an arbor and
 * gives one that is computed as far as somebody reads it; groups without keys alone are computed at
 * once.
 */

#include "arbor-command-query-private.h"

#include "arbor-cli-fields.h"
#include "arbor-cli-group.h"

#include <glib/gi18n-lib.h>

/* What a step needs to know besides itself. */
typedef struct
{
  ArborStore *store;
  const QueryOptions *options;
  GStrv *columns;   /* of the trees that it gives */
  GHashTable *told; /* for arbor_cli_note_paths() */
} Run;

typedef ArborArbor *(*StepFunc) (Run *run, ArborArbor *trees, const QueryStep *step,
                                 GError **error);

static gboolean
note_paths (const Run *run, ArborArbor *trees, const GPtrArray *exprs, const QueryStep *step,
            GError **error)
{
  return arbor_cli_note_paths (run->told, trees, (ArborExpr **) exprs->pdata, exprs->len,
                               step->option, error);
}

/* @arbor, or NULL and what went wrong with the option. */
static ArborArbor *
made_by (const QueryStep *step, ArborArbor *arbor, GError **error)
{
  if (arbor == NULL && step->option != NULL)
    g_prefix_error (error, "%s: ", step->option);
  return arbor;
}

static ArborArbor *
filter_trees (Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  g_autoptr (ArborExpr) predicate = step->option != NULL
                                        ? arbor_cli_parse_expr (step->text, step->option, error)
                                        : arbor_expr_parse (step->text, error);

  if (predicate == NULL ||
      !arbor_cli_note_paths (run->told, trees, &predicate, 1, step->option, error))
    return NULL;
  return made_by (step, arbor_arbor_filter (trees, predicate, error), error);
}

static ArborArbor *
explode_trees (Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  g_autoptr (ArborExpr) path = arbor_expr_new_path (step->text, error);

  if (path == NULL)
    return made_by (step, NULL, error);
  if (!arbor_cli_note_paths (run->told, trees, &path, 1, step->option, error))
    return NULL;
  return made_by (step, arbor_arbor_explode (trees, step->text, NULL, step->key, error), error);
}

static gboolean
choose_join (const QueryStep *step, ArborJoinKind *kind, GError **error)
{
  static const struct
  {
    const char *option;
    ArborJoinKind kind;
  } kinds[] = { { "--join", ARBOR_JOIN_KIND_INNER },
                { "--left-join", ARBOR_JOIN_KIND_LEFT },
                { "--semi-join", ARBOR_JOIN_KIND_SEMI },
                { "--anti-join", ARBOR_JOIN_KIND_ANTI } };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (step->option, kinds[i].option))
      *kind = kinds[i].kind;
  if (step->key != NULL)
    return TRUE;
  g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
               _("%s needs a key: --on KEY, or --on KEY=OTHER where '%s' has another"), step->option,
               step->text);
  return FALSE;
}

/* "KEY", or "KEY=OTHER": of a comparison the two sides are one key. */
static gboolean
parse_join_keys (const QueryStep *step, GPtrArray *keys, GPtrArray *others, GError **error)
{
  g_auto (GStrv) texts = arbor_cli_split_keys (step->key, "--on", error);

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      char *equals = arbor_cli_find_equals (texts[i]);
      ArborExpr *key, *other;

      if (equals != NULL)
        *equals++ = '\0';
      key = arbor_cli_parse_key (texts[i], "--on", error);
      other = key == NULL       ? NULL
              : equals != NULL ? arbor_cli_parse_key (equals, "--on", error)
                               : g_object_ref (key);
      if (key != NULL)
        g_ptr_array_add (keys, key);
      if (other == NULL)
        return FALSE;
      g_ptr_array_add (others, other);
    }
  return texts != NULL;
}

static ArborArbor *
join_trees (Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ArborJoinOptions) options = arbor_join_options_new ();
  g_autoptr (ArborArbor) other = NULL;
  ArborJoinKind kind = ARBOR_JOIN_KIND_INNER;

  if (!choose_join (step, &kind, error) || !parse_join_keys (step, keys, others, error))
    return NULL;
  other = arbor_store_get (run->store, step->text, error);
  if (other == NULL)
    return made_by (step, NULL, error);
  if (!note_paths (run, trees, keys, step, error) || !note_paths (run, other, others, step, error))
    return NULL;
  arbor_join_options_set_kind (options, kind);
  arbor_join_options_set_other_keys (options, (ArborExpr **) others->pdata, others->len);
  g_clear_pointer (run->columns, g_strfreev);
  return made_by (step,
                  arbor_arbor_join (trees, other, (ArborExpr **) keys->pdata, keys->len, options, error),
                  error);
}

static ArborArbor *
group_trees (Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  return arbor_cli_group (trees, step->text, (char **) step->fields->pdata, run->options->explain,
                          run->told, run->columns, error);
}

/* The keys of a step; ":desc" and ":asc" end one where @flags is given. */
static GPtrArray *
parse_keys (const QueryStep *step, GArray *flags, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) texts = arbor_cli_split_keys (step->text, step->option, error);

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      ArborSortFlags flag = ARBOR_SORT_NONE;
      ArborExpr *key;

      if (flags != NULL && g_str_has_suffix (texts[i], ":desc"))
        {
          flag = ARBOR_SORT_DESCENDING;
          texts[i][strlen (texts[i]) - strlen (":desc")] = '\0';
        }
      else if (flags != NULL && g_str_has_suffix (texts[i], ":asc"))
        texts[i][strlen (texts[i]) - strlen (":asc")] = '\0';
      key = arbor_cli_parse_key (texts[i], step->option, error);
      if (key == NULL)
        return NULL;
      g_ptr_array_add (keys, key);
      if (flags != NULL)
        g_array_append_val (flags, flag);
    }
  return texts != NULL ? g_steal_pointer (&keys) : NULL;
}

static ArborArbor *
sort_trees (Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  g_autoptr (GArray) flags = g_array_new (FALSE, FALSE, sizeof (ArborSortFlags));
  g_autoptr (GPtrArray) keys = parse_keys (step, flags, error);
  g_autoptr (ArborSortOptions) options = arbor_sort_options_new ();

  if (keys == NULL || !note_paths (run, trees, keys, step, error))
    return NULL;
  arbor_sort_options_set_flags (options, (const ArborSortFlags *) (gpointer) flags->data, flags->len);
  return made_by (
      step,
      arbor_arbor_sort_by (trees, (ArborExpr **) keys->pdata, keys->len, options, error), error);
}

static ArborArbor *
unique_trees (Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  g_autoptr (GPtrArray) keys = parse_keys (step, NULL, error);

  if (keys == NULL || !note_paths (run, trees, keys, step, error))
    return NULL;
  return made_by (
      step, arbor_arbor_unique_by (trees, (ArborExpr **) keys->pdata, keys->len, error), error);
}

static ArborArbor *
select_fields (Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  g_auto (ArborCliFields) fields = ARBOR_CLI_FIELDS_INIT;

  if (!arbor_cli_fields_parse (&fields, (char **) step->fields->pdata, step->option, error) ||
      !note_paths (run, trees, fields.exprs, step, error))
    return NULL;
  g_strfreev (*run->columns);
  *run->columns = g_strdupv ((GStrv)fields.names->pdata);
  return made_by (step,
                  arbor_arbor_select (trees, (const char *const *)fields.names->pdata,
                                      (ArborExpr **) fields.exprs->pdata, fields.exprs->len, error),
                  error);
}

static ArborArbor *
sample_trees (Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  return arbor_arbor_sample (trees, step->n, MAX (run->options->seed, -1), error);
}

static ArborArbor *
leave_out_trees (G_GNUC_UNUSED Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  return arbor_arbor_slice (trees, step->n, G_MAXUINT64, error);
}

static ArborArbor *
limit_trees (G_GNUC_UNUSED Run *run, ArborArbor *trees, const QueryStep *step, GError **error)
{
  return arbor_arbor_head (trees, step->n, error);
}

/* The trees of all @names, one arbor after the other. */
static ArborArbor *
get_trees (ArborStore *store, char **names, GError **error)
{
  g_autoptr (GPtrArray) arbors = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; names[i] != NULL; i++)
    {
      ArborArbor *arbor = arbor_store_get (store, names[i], error);

      if (arbor == NULL)
        return NULL;
      g_ptr_array_add (arbors, arbor);
    }
  if (arbors->len == 1)
    return g_object_ref (arbors->pdata[0]);
  return arbor_arbor_concat ((ArborArbor **) arbors->pdata, arbors->len, error);
}

/* The same trees, whose operations refuse what would be noted. */
static ArborArbor *
make_strict (ArborArbor *trees, GError **error)
{
  g_autoptr (ArborArbor) given = trees;

  return given != NULL ? arbor_arbor_strict (given, error) : NULL;
}

ArborArbor *
arbor_command_query_run_steps (ArborStore *store, char **names, const QueryOptions *options,
                       GHashTable *told, GStrv *columns, GError **error)
{
  static const StepFunc funcs[] = {
    [QUERY_STEP_WHERE] = filter_trees,   [QUERY_STEP_EXPLODE] = explode_trees,
    [QUERY_STEP_JOIN] = join_trees,
    [QUERY_STEP_GROUP] = group_trees,    [QUERY_STEP_SORT] = sort_trees,
    [QUERY_STEP_UNIQUE] = unique_trees,  [QUERY_STEP_SELECT] = select_fields,
    [QUERY_STEP_SAMPLE] = sample_trees,  [QUERY_STEP_OFFSET] = leave_out_trees,
    [QUERY_STEP_LIMIT] = limit_trees,
  };
  ArborArbor *trees = get_trees (store, names, error);
  Run run = { store, options, columns, options->strict ? NULL : told };

  if (options->strict)
    trees = make_strict (trees, error);
  for (guint i = 0; trees != NULL && i < options->steps->len; i++)
    {
      const QueryStep *step = options->steps->pdata[i];
      g_autoptr (ArborArbor) given = trees;

      trees = funcs[step->kind](&run, given, step, error);
    }
  return trees;
}
