/* arbor stats: figures of a store's file, a line each, or as one JSON object. */

#include "arbor-cli.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* The figures that one who has just opened the store can know: what it has written itself is none of
 * them. */
typedef struct
{
  const char *key;   /* in JSON */
  const char *label; /* to translate */
  gboolean is_bytes;
  guint64 (*get) (ArborStats *stats);
} Figure;

static const Figure figures[] = {
  { "file_bytes", N_ ("file"), TRUE, arbor_stats_get_file_bytes },
  { "disk_bytes", N_ ("on disk"), TRUE, arbor_stats_get_disk_bytes },
  { "reclaimable_bytes", N_ ("of these, what compact would give back"), TRUE,
    arbor_stats_get_reclaimable_bytes },
  { "map_bytes", N_ ("address space"), TRUE, arbor_stats_get_map_bytes },
  { "page_size", N_ ("page"), TRUE, arbor_stats_get_page_size },
  { "free_pages", N_ ("free pages"), FALSE, arbor_stats_get_n_free_pages },
  { "held_pages", N_ ("free pages held by the oldest reader"), FALSE,
    arbor_stats_get_n_held_pages },
  { "readers", N_ ("readers"), FALSE, arbor_stats_get_n_readers },
  { "max_readers", N_ ("readers at most"), FALSE, arbor_stats_get_max_readers },
  { "oldest_reader_age", N_ ("commits since the oldest reader began"), FALSE,
    arbor_stats_get_oldest_reader_age },
  { "dead_batches", N_ ("batches to be deleted"), FALSE, arbor_stats_get_n_dead_batches },
  { "staged_batches", N_ ("batches of unfinished writes"), FALSE,
    arbor_stats_get_n_staged_batches },
  { "mended_batches", N_ ("mended batches"), FALSE, arbor_stats_get_n_mended_batches },
  { "patch_batches", N_ ("patches"), FALSE, arbor_stats_get_n_patch_batches },
  { "dead_trees", N_ ("dead trees in batches and patches"), FALSE, arbor_stats_get_n_dead_trees },
};

static gboolean
print_json (GOutputStream *output, ArborStats *stats, guint64 n_arbors, GError **error)
{
  if (!arbor_cli_print (output, error, "{\"arbors\":%" PRIu64, n_arbors))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    if (!arbor_cli_print (output, error, ",\"%s\":%" PRIu64, figures[i].key,
                          figures[i].get (stats)))
      return FALSE;
  return arbor_cli_print (output, error, ",\"can_shrink\":%s}\n",
                          arbor_stats_get_can_shrink (stats) ? "true" : "false");
}

static gboolean
print_text (GOutputStream *output, ArborStats *stats, guint64 n_arbors, GError **error)
{
  if (!arbor_cli_print (output, error, "%s: %" PRIu64 "\n", _("arbors"), n_arbors))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      guint64 value = figures[i].get (stats);
      g_autofree char *text = figures[i].is_bytes ? g_format_size (value)
                                                  : g_strdup_printf ("%" PRIu64, value);

      if (!arbor_cli_print (output, error, "%s: %s\n",
                            g_dgettext (GETTEXT_PACKAGE, figures[i].label), text))
        return FALSE;
    }
  return arbor_stats_get_can_shrink (stats) ||
         arbor_cli_print (output, error, "%s\n",
                          _("the file cannot shrink in place: it is not to be written, or its file system "
                            "cannot make holes"));
}

static gboolean
run_stats (const ArborCommand *self, int argc, char **argv, GError **error)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = { { "json", 0, 0, G_OPTION_ARG_NONE, &json,
                                     N_ ("Print one JSON object"), NULL },
                                   G_OPTION_ENTRY_NULL };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GOutputStream) output = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborStats) stats = NULL;
  guint64 n_arbors;

  if (words == NULL)
    return FALSE;
  store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  if (store == NULL || (stats = arbor_store_get_stats (store, error)) == NULL)
    return FALSE;
  n_arbors = arbor_store_get_n_arbors (store, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  output = arbor_cli_output ();
  return (json ? print_json : print_text) (output, stats, n_arbors, error) &&
         g_output_stream_flush (output, NULL, error);
}

const ArborCommand arbor_command_stats = {
  .name = "stats",
  .words = "STORE",
  .n_words_min = 1,
  .n_words_max = 1,
  .summary = N_ ("Print figures of a store's file and of who reads it"),
  .description = N_ ("Pages that were freed since the oldest reader began cannot be used again "
                     "before it ends.\n\n"
                     "Example:\n"
                     "  arbor stats players.arbor --json"),
  .only_reads = TRUE,
  .run = run_stats,
};
