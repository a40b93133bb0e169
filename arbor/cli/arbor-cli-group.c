/* --group and --agg of arbor query: an arbor of groups, or of the one tree of what is computed over
 * all trees. */

#include "arbor-cli-group.h"

#include "arbor-cli-fields.h"

/* Prefixes what went wrong with the option. */
static ArborArbor *
check (ArborArbor *arbor, const char *option, GError **error)
{
  if (arbor == NULL)
    g_prefix_error (error, "%s: ", option);
  return arbor;
}

static ArborArbor *
aggregate_groups (ArborArbor *trees, const ArborCliFields *keys, const ArborCliFields *figures,
                  GError **error)
{
  g_autoptr (ArborGroups) groups =
      arbor_arbor_group_by (trees, (const char *const *)keys->names->pdata,
                            (ArborExpr **)keys->exprs->pdata, keys->exprs->len, error);

  if (groups == NULL)
    return check (NULL, "--group", error);
  return check (arbor_groups_aggregate (groups, (const char *const *)figures->names->pdata,
                                        (ArborExpr **)figures->exprs->pdata, figures->exprs->len,
                                        error),
                "--agg", error);
}

static ArborArbor *
aggregate_all (ArborArbor *trees, const ArborCliFields *figures, GError **error)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborTree) tree =
      arbor_arbor_aggregate (trees, (const char *const *)figures->names->pdata,
                             (ArborExpr **)figures->exprs->pdata, figures->exprs->len, NULL, error);

  if (tree == NULL)
    return check (NULL, "--agg", error);
  return arbor_builder_add_tree (builder, tree, error) ? arbor_builder_finish (builder, error)
                                                       : NULL;
}

ArborArbor *
arbor_cli_group (ArborArbor *trees, const char *group, char **agg, GError **error)
{
  g_auto (ArborCliFields) keys = ARBOR_CLI_FIELDS_INIT;
  g_auto (ArborCliFields) figures = ARBOR_CLI_FIELDS_INIT;

  if (!arbor_cli_fields_parse (&figures, agg, "--agg", error) ||
      (group != NULL && !arbor_cli_fields_parse_keys (&keys, group, "--group", error)))
    return NULL;
  if (group != NULL)
    return aggregate_groups (trees, &keys, &figures, error);
  return aggregate_all (trees, &figures, error);
}
