/* The options of arbor query that are steps: kept in the order in which they are written, which
 * GOption tells nobody but callbacks. What belongs together makes one step: --select directly after
 * --select, and --agg with the --group and --agg beside it.
 */

#include "arbor-command-query-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  const char *name;
  const char *short_name;
  QueryStepKind kind;
  gboolean is_number;
} StepOption;

static const StepOption step_options[] = {
  { "--where", "-w", QUERY_STEP_WHERE, FALSE },   { "--explode", NULL, QUERY_STEP_EXPLODE, FALSE },
  { "--group", "-g", QUERY_STEP_GROUP, FALSE },   { "--agg", "-a", QUERY_STEP_GROUP, FALSE },
  { "--sort", "-s", QUERY_STEP_SORT, FALSE },     { "--unique", "-u", QUERY_STEP_UNIQUE, FALSE },
  { "--select", NULL, QUERY_STEP_SELECT, FALSE }, { "--sample", NULL, QUERY_STEP_SAMPLE, TRUE },
  { "--offset", NULL, QUERY_STEP_OFFSET, TRUE },  { "--limit", "-n", QUERY_STEP_LIMIT, TRUE },
  { "--as-object", NULL, QUERY_STEP_EXPLODE, FALSE },
  { "--join", NULL, QUERY_STEP_JOIN, FALSE },     { "--left-join", NULL, QUERY_STEP_JOIN, FALSE },
  { "--semi-join", NULL, QUERY_STEP_JOIN, FALSE }, { "--anti-join", NULL, QUERY_STEP_JOIN, FALSE },
  { "--on", NULL, QUERY_STEP_JOIN, FALSE },
};

static void
step_free (gpointer data)
{
  QueryStep *step = data;

  g_free (step->text);
  g_free (step->key);
  g_clear_pointer (&step->fields, g_ptr_array_unref);
  g_free (step);
}

GPtrArray *
arbor_command_query_steps_new (void)
{
  return g_ptr_array_new_with_free_func (step_free);
}

static const StepOption *
find_option (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (step_options); i++)
    if (g_str_equal (name, step_options[i].name) ||
        g_strcmp0 (name, step_options[i].short_name) == 0)
      return &step_options[i];
  return NULL;
}

static QueryStep *
step_new (QueryStepKind kind, const char *option)
{
  QueryStep *step = g_new0 (QueryStep, 1);

  step->kind = kind;
  step->option = option;
  if (kind == QUERY_STEP_GROUP || kind == QUERY_STEP_SELECT)
    step->fields = g_ptr_array_new_with_free_func (g_free);
  return step;
}

/* The last step where @option belongs to it, or a new one. */
static QueryStep *
ensure_step (QueryOptions *options, const StepOption *option)
{
  gboolean is_group = g_str_equal (option->name, "--group");
  QueryStep *step = NULL;

  if (options->steps->len > 0)
    step = options->steps->pdata[options->steps->len - 1];
  if (step == NULL || step->kind != option->kind || step->fields == NULL ||
      (is_group && step->text != NULL))
    {
      step = step_new (option->kind, option->name);
      g_ptr_array_add (options->steps, step);
    }
  return step;
}

/* --as-object, for the --explode that it stands behind, and --on, for the join. */
static gboolean
name_keys (QueryOptions *options, QueryStepKind kind, const char *key, GError **error)
{
  QueryStep *step =
      options->steps->len > 0 ? options->steps->pdata[options->steps->len - 1] : NULL;

  if (step == NULL || step->kind != kind || step->key != NULL)
    {
      g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                           kind == QUERY_STEP_JOIN
                               ? _("--on belongs directly behind a join, once")
                               : _("--as-object belongs directly behind an --explode, once"));
      return FALSE;
    }
  step->key = g_strdup (key);
  return TRUE;
}

gboolean
arbor_command_query_add_step (const char *option, const char *value, gpointer data, GError **error)
{
  const StepOption *found = find_option (option);
  QueryStep *step;
  guint64 n = 0;

  if (found->is_number && !g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &n, NULL))
    {
      g_autofree char *valid = g_utf8_make_valid (value, -1);

      g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                   _("%s takes a number of trees, 0 or more, found '%s'"), found->name, valid);
      return FALSE;
    }
  if (!arbor_cli_check_utf8 (value, found->name, error))
    return FALSE;

  if (g_str_equal (found->name, "--as-object") || g_str_equal (found->name, "--on"))
    return name_keys (data, found->kind, value, error);
  step = ensure_step (data, found);
  step->n = n;
  if (g_str_equal (found->name, "--agg") || found->kind == QUERY_STEP_SELECT)
    g_ptr_array_add (step->fields, g_strdup (value));
  else
    step->text = g_strdup (value);
  return TRUE;
}

void
arbor_command_query_add_condition (QueryOptions *options, char *text)
{
  QueryStep *step = step_new (QUERY_STEP_WHERE, NULL);

  step->text = text;
  g_ptr_array_insert (options->steps, 0, step);
}

void
arbor_command_query_end_steps (QueryOptions *options)
{
  for (guint i = 0; i < options->steps->len; i++)
    {
      QueryStep *step = options->steps->pdata[i];

      if (step->fields != NULL)
        g_ptr_array_add (step->fields, NULL);
    }
}
