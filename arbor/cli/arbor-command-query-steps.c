/* The steps of arbor query, in the order in which they are applied: where, explode, group and agg,
 * sort, unique, sample, offset and limit, select. Each takes an arbor and gives one that is
 * computed as far as somebody reads it; --agg alone is computed at once. NULL goes through all.
 */

#include "arbor-command-query-private.h"

#include "arbor-cli-fields.h"
#include "arbor-cli-group.h"

/* @arbor, or NULL and what went wrong with @option. */
static ArborArbor *
made_by (const char *option, ArborArbor *arbor, GError **error)
{
  if (arbor == NULL)
    g_prefix_error (error, "%s: ", option);
  return arbor;
}

/* Takes @trees; @option is NULL for the condition that is a word. */
static ArborArbor *
filter_trees (ArborArbor *trees, const char *option, const char *text, GError **error)
{
  g_autoptr (ArborArbor) all = trees;
  g_autoptr (ArborExpr) predicate = NULL;

  if (all == NULL || text == NULL)
    return g_steal_pointer (&all);
  predicate =
      option != NULL ? arbor_cli_parse_expr (text, option, error) : arbor_expr_parse (text, error);
  return predicate != NULL ? arbor_arbor_filter (all, predicate, error) : NULL;
}

/* The trees of all @names, one arbor after the other. */
static ArborArbor *
get_trees (ArborStore *store, char **names, gboolean only_first, GError **error)
{
  g_autoptr (GPtrArray) arbors = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; names[i] != NULL && (i == 0 || !only_first); i++)
    {
      ArborArbor *arbor = arbor_store_get (store, names[i], error);

      if (arbor == NULL)
        return NULL;
      g_ptr_array_add (arbors, arbor);
    }
  if (arbors->len == 1)
    return g_object_ref (arbors->pdata[0]);
  return arbor_arbor_concat ((ArborArbor **)arbors->pdata, arbors->len, error);
}

/* The keys of @option; ":desc" and ":asc" end one where @flags is given. */
static GPtrArray *
parse_keys (const char *text, const char *option, GArray *flags, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) texts = arbor_cli_split_keys (text, option, error);

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
      key = arbor_cli_parse_expr (texts[i], option, error);
      if (key == NULL)
        return NULL;
      g_ptr_array_add (keys, key);
      if (flags != NULL)
        g_array_append_val (flags, flag);
    }
  return texts != NULL ? g_steal_pointer (&keys) : NULL;
}

static ArborArbor *
order_trees (ArborArbor *trees, const QueryOptions *options, GError **error)
{
  g_autoptr (ArborArbor) given = trees;
  g_autoptr (GArray) flags = g_array_new (FALSE, FALSE, sizeof (ArborSortFlags));
  g_autoptr (GPtrArray) keys = NULL;

  if (given == NULL || options->sort == NULL)
    return g_steal_pointer (&given);
  keys = parse_keys (options->sort, "--sort", flags, error);
  if (keys == NULL)
    return NULL;
  return made_by ("--sort",
                  arbor_arbor_sort_by (given, (ArborExpr **)keys->pdata, keys->len,
                                       (const ArborSortFlags *)(gpointer)flags->data, flags->len,
                                       error),
                  error);
}

/* Takes @trees. */
static ArborArbor *
slice_trees (ArborArbor *trees, const QueryOptions *options, GError **error)
{
  g_autoptr (ArborArbor) given = trees;

  if (given != NULL && options->sample >= 0)
    {
      g_autoptr (ArborArbor) all = g_steal_pointer (&given);

      given = arbor_arbor_sample (all, (guint64)options->sample,
                                  options->seed == QUERY_NONE ? -1 : options->seed, error);
    }
  if (given == NULL || (options->offset == 0 && options->limit < 0))
    return g_steal_pointer (&given);
  return arbor_arbor_slice (given, (guint64)options->offset,
                            options->limit < 0 ? G_MAXUINT64 : (guint64)options->limit, error);
}

/* Takes @trees. */
static ArborArbor *
select_fields (ArborArbor *trees, const QueryOptions *options, GStrv *columns, GError **error)
{
  g_autoptr (ArborArbor) given = trees;
  g_auto (ArborCliFields) fields = ARBOR_CLI_FIELDS_INIT;

  if (given == NULL || options->select == NULL)
    return g_steal_pointer (&given);
  if (!arbor_cli_fields_parse (&fields, options->select, "--select", error))
    return NULL;
  g_strfreev (*columns);
  *columns = g_strdupv ((GStrv)fields.names->pdata);
  return made_by ("--select",
                  arbor_arbor_select (given, (const char *const *)fields.names->pdata,
                                      (ArborExpr **)fields.exprs->pdata, fields.exprs->len, error),
                  error);
}

static ArborArbor *
unique_trees (ArborArbor *trees, const QueryOptions *options, GError **error)
{
  g_autoptr (ArborArbor) given = trees;
  g_autoptr (GPtrArray) keys = NULL;

  if (given != NULL && options->unique != NULL)
    {
      g_autoptr (ArborArbor) all = g_steal_pointer (&given);

      keys = parse_keys (options->unique, "--unique", NULL, error);
      if (keys == NULL)
        return NULL;
      given =
          made_by ("--unique",
                   arbor_arbor_unique_by (all, (ArborExpr **)keys->pdata, keys->len, error), error);
    }
  return g_steal_pointer (&given);
}

ArborArbor *
arbor_query_run_steps (ArborStore *store, char **words, const QueryOptions *options, GStrv *columns,
                       GError **error)
{
  gboolean has_where = options->where != NULL;
  ArborArbor *trees =
      filter_trees (get_trees (store, words + 1, !has_where, error), has_where ? "--where" : NULL,
                    has_where ? options->where : words[2], error);

  if (trees != NULL && options->explode != NULL)
    {
      g_autoptr (ArborArbor) whole = trees;

      trees =
          made_by ("--explode", arbor_arbor_explode (whole, options->explode, NULL, error), error);
    }
  if (trees != NULL && (options->group != NULL || options->agg != NULL))
    {
      g_autoptr (ArborArbor) whole = trees;

      trees =
          arbor_cli_group (whole, options->group, options->agg, options->explain, columns, error);
    }
  trees = unique_trees (order_trees (trees, options, error), options, error);
  return select_fields (slice_trees (trees, options, error), options, columns, error);
}
