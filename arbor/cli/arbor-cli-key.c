/* See arbor-cli-key.h. */

#include "arbor-cli-key.h"

#include <glib/gi18n-lib.h>

/* The JSON of a word: what it is, or, @as_string, a string in any case. */
static char *
get_json (const char *word, gboolean as_string)
{
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (GVariant) text = NULL;

  if (!as_string && (g_ascii_isdigit (*word) || *word == '-' || *word == '"' ||
                     g_str_equal (word, "true") || g_str_equal (word, "false")))
    {
      tree = arbor_tree_new_from_json (word, NULL);
      if (tree != NULL)
        return g_strdup (word);
    }
  text = g_variant_ref_sink (g_variant_new_string (word));
  tree = arbor_tree_new_from_variant (text, NULL);
  return tree != NULL ? arbor_tree_to_json (tree, NULL) : NULL;
}

static ArborTree *
parse_words (char **words, guint n, gboolean as_string, GError **error)
{
  g_autoptr (GString) json = g_string_new (n > 1 ? "[" : NULL);

  if (n == 1 && *words[0] == '[' && !as_string)
    return arbor_tree_new_from_json (words[0], error);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *word = get_json (words[i], as_string);

      if (word == NULL)
        {
          g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE, _("'%s' is not a key"), words[i]);
          return NULL;
        }
      g_string_append_printf (json, "%s%s", i > 0 ? "," : "", word);
    }
  if (n > 1)
    g_string_append_c (json, ']');
  return arbor_tree_new_from_json (json->str, error);
}

ArborTree *
arbor_cli_key_parse (char **words, guint n, GError **error)
{
  return parse_words (words, n, FALSE, error);
}

void
arbor_cli_key_set_not_found (char **words, const char *name, GError **error)
{
  g_autofree char *key = g_strjoinv (" ", words);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND, _("No tree of '%s' has the key %s"), name, key);
}

ArborTree *
arbor_cli_key_find (ArborArbor *arbor, char **words, GError **error)
{
  guint n = g_strv_length (words);
  g_autoptr (GError) failure = NULL;

  for (guint as_string = 0; as_string < (n == 1 && *words[0] == '[' ? 1 : 2); as_string++)
    {
      g_autoptr (ArborTree) key = parse_words (words, n, as_string == 1, error);
      ArborTree *tree = key != NULL ? arbor_arbor_find (arbor, key, &failure) : NULL;

      if (tree != NULL || key == NULL)
        return tree;
      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
    }
  return NULL;
}
