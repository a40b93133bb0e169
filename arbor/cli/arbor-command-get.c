/* arbor get: the tree with a key. */

#include "arbor-cli.h"

#include "arbor-cli-key.h"

#include <glib/gi18n-lib.h>

static gboolean
run_get (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (GStrv) words = arbor_cli_parse (self, NULL, argc, argv, error);
  g_autoptr (GOutputStream) output = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *json = NULL;

  if (words == NULL)
    return FALSE;
  store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  arbor = store != NULL ? arbor_store_get (store, words[1], error) : NULL;
  if (arbor == NULL)
    return FALSE;
  tree = arbor_cli_key_find (arbor, words + 2, &failure);
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else if (tree == NULL)
    arbor_cli_key_set_not_found (words + 2, words[1], error);
  json = tree != NULL ? arbor_tree_to_json (tree, error) : NULL;
  output = arbor_cli_output ();
  return json != NULL && g_output_stream_write_all (output, json, strlen (json), NULL, NULL, error) &&
         g_output_stream_write_all (output, "\n", 1, NULL, NULL, error) &&
         g_output_stream_flush (output, NULL, error);
}

const ArborCommand arbor_command_get = {
  .name = "get",
  .words = "STORE NAME KEY...",
  .n_words_min = 3,
  .n_words_max = 18,
  .summary = N_ ("Print the tree with a key"),
  .description = N_ ("KEY is a number, true, false or a string; a string that looks like one of the others may "
                     "have quotes\naround it. Of an arbor whose key has several values there are as many, or one JSON array "
                     "of\nthem. What the key is, arbor keys or arbor import --key declares.\n\n"
                     "Examples:\n"
                     "  arbor get players.arbor people aardsda01\n"
                     "  arbor get flights.arbor legs LH 2001 2026-03-01\n"
                     "  arbor get flights.arbor legs '[\"LH\", 2001, \"2026-03-01\"]'"),
  .only_reads = TRUE,
  .run = run_get,
};
