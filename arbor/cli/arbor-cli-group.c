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
                            (ArborExpr **) keys->exprs->pdata, keys->exprs->len, error);

  if (groups == NULL)
    return check (NULL, "--group", error);
  return check (arbor_groups_aggregate (groups, (const char *const *)figures->names->pdata,
                                        (ArborExpr **) figures->exprs->pdata, figures->exprs->len,
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

  g_auto (GStrv) notes = NULL;

  if (tree == NULL)
    return check (NULL, "--agg", error);
  notes = arbor_tree_dup_notes (tree);
  arbor_cli_print_notes (notes);
  return arbor_builder_add_tree (builder, tree, error) ? arbor_builder_finish (builder, error)
                                                       : NULL;
}

/* The fields of what comes out. */
static GStrv
list_fields (const ArborCliFields *keys, const ArborCliFields *figures)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; keys->exprs != NULL && i < keys->exprs->len; i++)
    g_strv_builder_add (names, keys->names->pdata[i]);
  for (guint i = 0; i < figures->exprs->len; i++)
    g_strv_builder_add (names, figures->names->pdata[i]);
  return g_strv_builder_end (names);
}

static gboolean
note_paths (GHashTable *told, ArborArbor *trees, const ArborCliFields *fields, const char *option,
            GError **error)
{
  return fields->exprs == NULL ||
         arbor_cli_note_paths (told, trees, (ArborExpr **) fields->exprs->pdata, fields->exprs->len,
                               option, error);
}

ArborArbor *
arbor_cli_group (ArborArbor *trees, const char *group, char **agg, gboolean is_lazy,
                 GHashTable *told, GStrv *columns, GError **error)
{
  g_auto (ArborCliFields) keys = ARBOR_CLI_FIELDS_INIT;
  g_auto (ArborCliFields) figures = ARBOR_CLI_FIELDS_INIT;

  if (!arbor_cli_fields_parse (&figures, agg, "--agg", error) ||
      (group != NULL && !arbor_cli_fields_parse_keys (&keys, group, "--group", error)))
    return NULL;
  if (!note_paths (told, trees, &keys, "--group", error) ||
      !note_paths (told, trees, &figures, "--agg", error))
    return NULL;
  g_strfreev (*columns);
  *columns = list_fields (&keys, &figures);
  if (group == NULL && !is_lazy)
    return aggregate_all (trees, &figures, error);
  /* No keys make one group of all trees. */
  if (group == NULL && !arbor_cli_fields_parse (&keys, NULL, "--group", error))
    return NULL;
  return aggregate_groups (trees, &keys, &figures, error);
}
