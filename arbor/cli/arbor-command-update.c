/* arbor update: changes fields of the trees for which an expression is true, in one commit. */

#include "arbor-cli.h"

#include "arbor-cli-fields.h"

#include <glib/gi18n-lib.h>

static gboolean
update (ArborStore *store, const char *name, ArborExpr *condition, const ArborCliFields *fields,
        GCancellable *cancellable, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autoptr (GError) failure = NULL;
  guint64 n = arbor_store_update_where (store, name, condition, (const char *const *) fields->names->pdata,
                                        (ArborExpr **) fields->exprs->pdata, fields->exprs->len,
                                        cancellable, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return arbor_cli_tell (output, error,
                         g_dngettext (GETTEXT_PACKAGE, "%s: %llu tree was changed\n",
                                      "%s: %llu trees were changed\n", (gulong) n),
                         name, (unsigned long long) n) &&
         g_output_stream_flush (output, NULL, error);
}

static gboolean
run_update (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) sets = NULL;
  const GOptionEntry entries[] = { { "set", 's', 0, G_OPTION_ARG_FILENAME_ARRAY, &sets,
                                     N_ ("Give this field the value of this expression, which sees the tree as it "
                                         "was; may come again"),
                                     N_ ("NAME=EXPRESSION") },
                                   G_OPTION_ENTRY_NULL };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_auto (ArborCliFields) fields = { NULL };
  g_autoptr (ArborExpr) condition = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborStore) store = NULL;

  if (words == NULL)
    return FALSE;
  if (sets == NULL)
    {
      g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                           _("Nothing to change: --set NAME=EXPRESSION says what"));
      return FALSE;
    }
  condition = arbor_cli_parse_expr (words[2], _("the condition"), error);
  if (condition == NULL || !arbor_cli_fields_parse (&fields, sets, "--set", error))
    return FALSE;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], TRUE, FALSE, cancellable, error);
  return store != NULL && update (store, words[1], condition, &fields, cancellable, error);
}

const ArborCommand arbor_command_update = {
  .name = "update",
  .words = "STORE NAME EXPRESSION",
  .n_words_min = 3,
  .n_words_max = 3,
  .summary = N_ ("Change fields of the trees for which an expression is true"),
  .description = N_ ("All changes are one commit. A text among the expressions is written in quotes of its own.\n\n"
                     "Examples:\n"
                     "  arbor update players.arbor people 'height > 80' --set 'tall=true'\n"
                     "  arbor update shop.arbor orders 'id == 7' --set 'state=\"paid\"' --set 'total=total - 5'"),
  .run = run_update,
};
