/* arbor diff: which trees of one arbor another one lacks, has besides, or has otherwise, told by their keys. All
 * of it is selections and joins of the library.
 */

#include "arbor-cli-fields.h"
#include "arbor-cli-table.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  char *other_path; /* of the store of OTHER; NULL: the same */
  char **keys;
  char *format;
  ArborFormat how;
  ArborCliTable table;
} DiffOptions;

static void
diff_options_clear (DiffOptions *self)
{
  g_free (self->other_path);
  g_strfreev (self->keys);
  g_free (self->format);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DiffOptions, diff_options_clear)

/* What was given, or else what is declared of @arbor. */
static char **
choose_keys (ArborArbor *arbor, const DiffOptions *options, const char *name, GError **error)
{
  char **declared = options->keys == NULL ? arbor_arbor_dup_keys (arbor) : g_strdupv (options->keys);

  if (declared != NULL && declared[0] != NULL)
    return declared;
  g_strfreev (declared);
  g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
               _("'%s' has no keys declared: --key says what tells its trees apart"), name);
  return NULL;
}

/* The trees that have all of their keys, or those that lack one. */
static ArborArbor *
filter_keys (ArborArbor *arbor, char **keys, gboolean has_all, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (ArborExpr) expr = NULL;

  for (guint i = 0; keys[i] != NULL; i++)
    g_string_append_printf (text, "%s(%s) %s null", i == 0 ? "" : has_all ? " and " : " or ", keys[i],
                            has_all ? "!=" : "==");
  expr = arbor_cli_parse_expr (text->str, "--key", error);
  return expr != NULL ? arbor_arbor_filter (arbor, expr, error) : NULL;
}

/* Trees that cannot be compared are not passed over in silence. */
static gboolean
note_keyless (ArborArbor *arbor, char **keys, const char *name, GError **error)
{
  g_autoptr (ArborArbor) keyless = filter_keys (arbor, keys, FALSE, error);
  g_autoptr (GError) failure = NULL;
  guint64 n;

  if (keyless == NULL)
    return FALSE;
  n = arbor_arbor_get_n_trees (keyless, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (n > 0)
    arbor_cli_complain (g_dngettext (GETTEXT_PACKAGE, "note: %llu tree of '%s' has no key and is left out",
                                     "note: %llu trees of '%s' have no key and are left out", (gulong) n),
                        (unsigned long long) n, name);
  return TRUE;
}

/* Trees of the keys and, as @field, the tree itself. */
static ArborArbor *
select_keys (ArborArbor *arbor, const ArborCliFields *keys, const char *field, GError **error)
{
  guint n = keys->exprs->len;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) exprs = g_ptr_array_new ();
  g_autoptr (ArborExpr) whole = arbor_expr_new_path ("$", error);

  if (whole == NULL)
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (names, keys->names->pdata[i]);
      g_ptr_array_add (exprs, keys->exprs->pdata[i]);
    }
  g_ptr_array_add (names, (gpointer) field);
  g_ptr_array_add (names, NULL);
  g_ptr_array_add (exprs, whole);
  return arbor_arbor_select (arbor, (const char *const *) names->pdata, (ArborExpr **) exprs->pdata, n + 1,
                             error);
}

static ArborArbor *
join (ArborArbor *left, ArborArbor *right, const GPtrArray *keys, ArborJoinKind kind, GError **error)
{
  g_autoptr (ArborJoinOptions) options = arbor_join_options_new ();

  arbor_join_options_set_kind (options, kind);
  return arbor_arbor_join (left, right, (ArborExpr **) keys->pdata, keys->len, options, error);
}

/* The keys of what select_keys() made: fields of their names. */
static GPtrArray *
make_field_keys (const ArborCliFields *keys, GError **error)
{
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < keys->exprs->len; i++)
    {
      GVariant *name = g_variant_new_string (keys->names->pdata[i]);
      g_autoptr (ArborTree) tree = arbor_tree_new_from_variant (name, error);
      g_autofree char *quoted = tree != NULL ? arbor_tree_to_json (tree, error) : NULL;
      g_autofree char *path = quoted != NULL ? g_strdup_printf ("[%s]", quoted) : NULL;
      ArborExpr *key = path != NULL ? arbor_expr_new_path (path, error) : NULL;

      if (key == NULL)
        return NULL;
      g_ptr_array_add (made, key);
    }
  return g_steal_pointer (&made);
}

static ArborArbor *
keep_different (ArborArbor *both, GError **error)
{
  g_autoptr (ArborExpr) differs = arbor_expr_parse ("before != after", error);

  return differs != NULL ? arbor_arbor_filter (both, differs, error) : NULL;
}

/* What went, what came, what changed. */
static ArborArbor *
compare (ArborArbor *arbor, ArborArbor *other, const ArborCliFields *keys, GError **error)
{
  g_autoptr (ArborArbor) before = select_keys (arbor, keys, "before", error);
  g_autoptr (ArborArbor) after = before != NULL ? select_keys (other, keys, "after", error) : NULL;
  g_autoptr (GPtrArray) fields = after != NULL ? make_field_keys (keys, error) : NULL;
  g_autoptr (ArborArbor) gone = NULL;
  g_autoptr (ArborArbor) come = NULL;
  g_autoptr (ArborArbor) both = NULL;
  g_autoptr (ArborArbor) changed = NULL;

  if (fields == NULL)
    return NULL;
  gone = join (before, after, fields, ARBOR_JOIN_KIND_ANTI, error);
  come = gone != NULL ? join (after, before, fields, ARBOR_JOIN_KIND_ANTI, error) : NULL;
  both = come != NULL ? join (before, after, fields, ARBOR_JOIN_KIND_INNER, error) : NULL;
  changed = both != NULL ? keep_different (both, error) : NULL;
  return changed != NULL ? arbor_arbor_concat ((ArborArbor *[]){ gone, come, changed }, 3, error) : NULL;
}

static gboolean
print_differences (ArborArbor *arbor, ArborArbor *other, char **words, const DiffOptions *options, GError **error)
{
  g_autoptr (GOutputStream) output = arbor_cli_output ();
  g_auto (GStrv) keys = choose_keys (arbor, options, words[1], error);
  g_auto (ArborCliFields) fields = { NULL };
  g_autofree char *list = keys != NULL ? g_strjoinv (",", keys) : NULL;
  g_autoptr (ArborArbor) kept = NULL;
  g_autoptr (ArborArbor) other_kept = NULL;
  g_autoptr (ArborArbor) found = NULL;

  if (keys == NULL || !arbor_cli_fields_parse_keys (&fields, list, "--key", error) ||
      !note_keyless (arbor, keys, words[1], error) || !note_keyless (other, keys, words[2], error))
    return FALSE;
  kept = filter_keys (arbor, keys, TRUE, error);
  other_kept = kept != NULL ? filter_keys (other, keys, TRUE, error) : NULL;
  found = other_kept != NULL ? compare (kept, other_kept, &fields, error) : NULL;
  return found != NULL &&
         arbor_cli_print_trees (found, NULL, options->how, options->table, output, error) &&
         g_output_stream_flush (output, NULL, error);
}

static gboolean
run_diff (const ArborCommand *self, int argc, char **argv, GError **error)
{
  g_auto (DiffOptions) options = { NULL };
  const GOptionEntry entries[] = {
    { "key", 'k', 0, G_OPTION_ARG_FILENAME_ARRAY, &options.keys,
      N_ ("What tells trees apart, instead of the declared keys; several make one key"), N_ ("PATH") },
    { "in", 'i', 0, G_OPTION_ARG_FILENAME, &options.other_path, N_ ("OTHER is in this store"), N_ ("STORE") },
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &options.format, ARBOR_CLI_FORMAT_HELP, N_ ("FORMAT") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) words = arbor_cli_parse (self, entries, argc, argv, error);
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborStore) other_store = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborArbor) other = NULL;

  if (words == NULL || !arbor_cli_check_utf8 (words[2], "OTHER", error) ||
      !arbor_cli_parse_format (options.format, &options.how, &options.table, error))
    return FALSE;
  store = arbor_cli_open (words[0], FALSE, FALSE, NULL, error);
  if (store == NULL)
    return FALSE;
  other_store = options.other_path == NULL
                    ? g_object_ref (store)
                    : arbor_cli_open (options.other_path, FALSE, FALSE, NULL, error);
  if (other_store == NULL)
    return FALSE;
  arbor = arbor_store_get (store, words[1], error);
  other = arbor != NULL ? arbor_store_get (other_store, words[2], error) : NULL;
  return other != NULL && print_differences (arbor, other, words, &options, error);
}

const ArborCommand arbor_command_diff = {
  .name = "diff",
  .words = "STORE NAME OTHER",
  .n_words_min = 3,
  .n_words_max = 3,
  .summary = N_ ("Print which trees of an arbor another one lacks, has besides, or has otherwise"),
  .description = N_ ("A line has the keys of a tree and what it is \"before\", in NAME, and \"after\", in OTHER: only one of "
                     "them where the\nother arbor has no such tree. Nothing is printed where both are equal.\n\n"
                     "Examples:\n"
                     "  arbor diff players.arbor people people-old\n"
                     "  arbor diff players-backup.arbor people people --in players.arbor --key playerID"),
  .only_reads = TRUE,
  .run = run_diff,
};
