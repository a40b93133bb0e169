/* See arbor-cli-report.h. */

#include "arbor-cli-report.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

static gboolean
print_arbor (GOutputStream *output, ArborReport *report, const char *name, GError **error)
{
  guint64 n_trees = arbor_report_get_n_trees (report, name);
  guint64 n_sound = arbor_report_get_n_sound_trees (report, name);

  if (arbor_report_is_arbor_sound (report, name))
    /* Translators: an arbor, and how many trees it has. */
    return arbor_cli_tell (output, error, _("%s: sound, trees: %" PRIu64 "\n"), name, n_trees);
  return arbor_cli_tell (output, error, _("%s: DAMAGED, trees: %" PRIu64 ", of these sound: %" PRIu64 "\n"),
                         name, n_trees, n_sound);
}

static gboolean
print_finding (GOutputStream *output, ArborFinding *finding, GError **error)
{
  g_autofree char *message = arbor_finding_dup_message (finding);
  g_autofree char *name = arbor_finding_dup_arbor_name (finding);

  if (name == NULL || arbor_finding_get_n_trees (finding) == 0)
    return arbor_cli_tell (output, error, name == NULL ? "  %s\n" : "  %s: %s\n",
                           name == NULL ? message : name, message);
  /* Translators: an arbor, what is wrong, the first tree that it touches, and how many these are. */
  return arbor_cli_tell (output, error, _("  %s: %s (trees from %" PRIu64 " on: %" PRIu64 ")\n"), name, message,
                         arbor_finding_get_first_tree (finding), arbor_finding_get_n_trees (finding));
}

static gboolean
print_text (GOutputStream *output, ArborReport *report, GError **error)
{
  g_auto (GStrv) names = arbor_report_dup_names (report);

  for (guint i = 0; names[i] != NULL; i++)
    if (!print_arbor (output, report, names[i], error))
      return FALSE;
  for (guint i = 0; i < arbor_report_get_n_findings (report); i++)
    {
      g_autoptr (ArborFinding) finding = arbor_report_dup_finding (report, i);

      if (!print_finding (output, finding, error))
        return FALSE;
    }
  return arbor_cli_tell (output, error,
                         _("format %u, pages: %" PRIu64 ", free: %" PRIu64 ", lost: %" PRIu64
                           ", batches: %" PRIu64 "\n"),
                         arbor_report_get_format_version (report), arbor_report_get_n_pages (report),
                         arbor_report_get_n_free_pages (report),
                         arbor_report_get_n_lost_pages (report), arbor_report_get_n_batches (report));
}

gboolean
arbor_cli_report_print (ArborReport *report, gboolean is_json, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_autofree char *json = is_json ? arbor_report_to_json (report) : NULL;

  return (is_json ? arbor_cli_print (output, error, "%s\n", json) : print_text (output, report, error)) &&
         g_output_stream_flush (output, NULL, error);
}

gboolean
arbor_cli_report_check (ArborReport *report, const char *path, GError **error)
{
  g_autofree char *name = NULL;

  if (arbor_report_is_sound (report))
    return TRUE;
  name = g_filename_display_name (path);
  g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_DAMAGED,
               _("Store '%s' is damaged: of %" PRIu64 " trees %" PRIu64 " are sound"), name,
               arbor_report_get_n_trees (report, NULL), arbor_report_get_n_sound_trees (report, NULL));
  return FALSE;
}
