/* arbor keys: what the key of a tree is. */

#include "arbor-cli.h"

#include "arbor-cli-bar.h"
#include "arbor-cli-cell.h"

#include <glib/gi18n-lib.h>

static gboolean
print_keys (ArborStore *store, const char *name, GError **error)
{
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, name, error);
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_auto (GStrv) paths = NULL;

  if (arbor == NULL)
    return FALSE;
  paths = arbor_arbor_dup_keys (arbor);
  for (guint i = 0; paths[i] != NULL; i++)
    if (!arbor_cli_tell (output, error, "%s\n", paths[i]))
      return FALSE;
  if (arbor_arbor_get_keys_unique (arbor))
    g_printerr ("%s\n", _("No two trees have the same key"));
  return g_output_stream_flush (output, NULL, error);
}

static gboolean
run_keys (const ArborCommand *self, int argc, char **argv, GError **error)
{
  gboolean is_unique = FALSE, none = FALSE;
  const GOptionEntry entries[] = {
    { "unique", 'u', 0, G_OPTION_ARG_NONE, &is_unique, N_ ("No two trees have the same key"), NULL },
    { "none", 0, 0, G_OPTION_ARG_NONE, &none, N_ ("The arbor is to have no keys any more"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autofree char *shown_name = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (ArborStore) store = NULL;
  ArborCliBar bar = { 0 };
  gboolean is_asked, is_done;

  if (words == NULL)
    return FALSE;
  if ((none && (is_unique || words[2] != NULL)) || (is_unique && words[2] == NULL))
    {
      g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                           none ? _ ("--none takes no PATH, and not --unique")
                                : _ ("--unique is about keys: expected a PATH"));
      return FALSE;
    }
  is_asked = !none && words[2] == NULL;
  cancellable = arbor_cli_cancel_on_signals ();
  store = arbor_cli_open (words[0], !is_asked, FALSE, cancellable, error);
  if (store == NULL)
    return FALSE;
  if (is_asked)
    return print_keys (store, words[1], error);
  shown_name = arbor_cli_cell_clean_lines (words[1]);
  bar.name = shown_name;
  is_done = arbor_store_set_keys (store, words[1], (const char *const *) words + 2,
                                  is_unique ? ARBOR_KEY_UNIQUE : ARBOR_KEY_NONE,
                                  arbor_cli_bar_get_progress (), &bar, cancellable, error);
  arbor_cli_bar_wipe (&bar);
  return is_done;
}

const ArborCommand arbor_command_keys = {
  .name = "keys",
  .words = "STORE NAME [PATH...]",
  .n_words_min = 2,
  .n_words_max = 18,
  .summary = N_ ("Declare or print what the key of a tree is"),
  .description = N_ ("With a PATH the key of each tree is what is there, a string or a number; several make a "
                     "key\nof several values. arbor get, set and unset find trees by it, and so do queries "
                     "that ask for\nit. Without a PATH the paths that are declared are printed, one a line.\n\n"
                     "Examples:\n"
                     "  arbor keys players.arbor people playerID --unique\n"
                     "  arbor keys players.arbor people"),
  .run = run_keys,
};
