/* arbor show: what a store holds, or the schema and size of one arbor. */

#include "arbor-cli.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

typedef struct
{
  guint64 n_trees;
  guint64 n_batches;
  char *size; /* owned */
  char *keys; /* owned; NULL: none */
} Figures;

static void
figures_clear (Figures *figures)
{
  g_free (figures->size);
  g_free (figures->keys);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Figures, figures_clear)

static gboolean
measure (ArborArbor *arbor, Figures *figures, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_auto (GStrv) paths = NULL;
  guint64 n_bytes = 0;

  figures->n_trees = arbor_arbor_get_n_trees (arbor, &failure);
  if (failure == NULL)
    figures->n_batches = arbor_arbor_get_n_batches (arbor, &failure);
  if (failure == NULL)
    n_bytes = arbor_arbor_get_n_bytes (arbor, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  figures->size = g_format_size (n_bytes);
  paths = arbor_arbor_dup_keys (arbor);
  if (paths[0] != NULL)
    {
      g_autofree char *joined = g_strjoinv (", ", paths);

      figures->keys = g_strdup_printf (arbor_arbor_get_keys_unique (arbor) ? _(", unique key %s")
                                                                           : _(", key %s"),
                                       joined);
    }
  return TRUE;
}

static char *
format_figures (const Figures *figures)
{
  g_autofree char *trees = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%llu tree", "%llu trees",
                                                         (gulong) figures->n_trees),
                                            (unsigned long long)figures->n_trees);
  g_autofree char *batches =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%llu batch", "%llu batches",
                                    (gulong) figures->n_batches),
                       (unsigned long long)figures->n_batches);

  return g_strdup_printf ("%s, %s, %s%s", trees, batches, figures->size,
                          figures->keys != NULL ? figures->keys : "");
}

/* What is shown of a schema. */
typedef struct
{
  guint64 depth; /* of paths; 0 for any */
  gboolean every_key;
} Extent;

static ArborSchema *
infer_schema (ArborArbor *arbor, const Extent *extent, GError **error)
{
  g_autoptr (ArborSchema) schema = arbor_arbor_infer_schema (arbor, error);
  g_autoptr (ArborSchema) expanded = NULL;

  if (schema != NULL && extent->every_key)
    {
      expanded = g_steal_pointer (&schema);
      schema = arbor_schema_expand (expanded);
    }
  if (schema != NULL && extent->depth > 0)
    return arbor_schema_limit_depth (schema, (guint) extent->depth);
  return g_steal_pointer (&schema);
}

/* @extent is NULL for no schema. */
static gboolean
show_arbor (ArborStore *store, const char *name, const Extent *extent, GOutputStream *output,
            GError **error)
{
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, name, error);
  g_autoptr (ArborSchema) schema = NULL;
  g_auto (Figures) figures = { 0 };
  g_autofree char *figures_text = NULL;
  g_autofree char *schema_text = NULL;

  if (arbor == NULL || !measure (arbor, &figures, error))
    return FALSE;
  figures_text = format_figures (&figures);
  if (!arbor_cli_tell (output, error, "%s: %s\n", name, figures_text))
    return FALSE;
  if (extent == NULL)
    return TRUE;

  schema = infer_schema (arbor, extent, error);
  if (schema == NULL)
    return FALSE;
  schema_text = arbor_schema_to_string (schema);
  g_strchomp (schema_text);
  return schema_text[0] == '\0' || arbor_cli_tell (output, error, "%s\n", schema_text);
}

static gboolean
show_store (ArborStore *store, const char *path, GOutputStream *output, GError **error)
{
  g_auto (GStrv) names = arbor_store_list_names (store, error);
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *size = NULL;
  GStatBuf status;
  guint n_names;

  if (names == NULL)
    return FALSE;
  n_names = g_strv_length (names);
  size = g_format_size (g_stat (path, &status) == 0 ? status.st_size : 0);
  if (!arbor_cli_tell (output, error,
                       g_dngettext (GETTEXT_PACKAGE, "%s: %u arbor, a file of %s\n",
                                    "%s: %u arbors, a file of %s\n", n_names),
                       shown, n_names, size))
    return FALSE;
  for (guint i = 0; i < n_names; i++)
    if (!show_arbor (store, names[i], NULL, output, error))
      return FALSE;
  return TRUE;
}

static gboolean
run_show (const ArborCommand *self, int argc, char **argv, GError **error)
{
  Extent extent = { 0 };
  const GOptionEntry entries[] = {
    ARBOR_CLI_DEPTH_ENTRY,
    { "every-key", 0, 0, G_OPTION_ARG_NONE, &extent.every_key,
      N_ ("Show every key of dictionaries, objects with many keys and like values"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse_into (self, entries, &extent.depth, argc, argv, error);
  g_autoptr (GOutputStream) output = NULL;
  g_autoptr (ArborStore) store = NULL;
  gboolean done;

  if (words == NULL)
    return FALSE;
  if (words[1] == NULL && (extent.depth > 0 || extent.every_key))
    {
      g_set_error_literal (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                           _("--depth and --every-key are for the paths of an arbor: give NAME"));
      return FALSE;
    }
  store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  if (store == NULL)
    return FALSE;
  output = arbor_cli_output ();
  if (words[1] != NULL)
    done = show_arbor (store, words[1], &extent, output, error);
  else
    done = show_store (store, words[0], output, error);
  return done && g_output_stream_flush (output, NULL, error);
}

const ArborCommand arbor_command_show = {
  .name = "show",
  .words = "STORE [NAME]",
  .n_words_min = 1,
  .n_words_max = 2,
  .summary = N_ ("Show counts, sizes and the schema"),
  .description = N_ ("Without NAME: each arbor with its trees, batches and encoded size. With "
                     "NAME: also each path\nin its trees with the kinds of values found there. Where an object is a "
                     "dictionary, with many\nkeys and like values, its keys are one path, as in "
                     "people.*.name.\n\n"
                     "Examples:\n"
                     "  arbor show players.arbor\n"
                     "  arbor show players.arbor people\n"
                     "  arbor show players.arbor people --depth 1"),
  .only_reads = TRUE,
  .run = run_show,
};
