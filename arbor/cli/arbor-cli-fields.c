/* Lists of keys and "NAME=EXPRESSION" in the command line. What stands in quotes (double or single,
 * with \ before a quote inside), brackets or parentheses is one piece; whether these match is for
 * the parser of expressions to say.
 */

#include "arbor-cli-fields.h"

#include <glib/gi18n-lib.h>

void
arbor_cli_fields_clear (ArborCliFields *self)
{
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->exprs, g_ptr_array_unref);
}

/* The end of the string that begins at @at, its closing quote included. */
static const char *
skip_string (const char *at)
{
  char quote = *at++;

  while (*at != '\0' && *at != quote)
    at += *at == '\\' && at[1] != '\0' ? 2 : 1;
  return *at != '\0' ? at + 1 : at;
}

/* The first @mark of @text that is in nothing, or its end. */
static const char *
find_outside (const char *text, char mark)
{
  guint64 depth = 0;

  while (*text != '\0' && (*text != mark || depth > 0))
    {
      if (*text == '"' || *text == '\'')
        {
          text = skip_string (text);
          continue;
        }
      if (strchr ("([{", *text) != NULL)
        depth++;
      else if (strchr (")]}", *text) != NULL && depth > 0)
        depth--;
      text++;
    }
  return text;
}

char **
arbor_cli_split_keys (const char *text, const char *option, GError **error)
{
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();
  const char *end;

  if (!arbor_cli_check_utf8 (text, option, error))
    return NULL;
  for (const char *start = text;; start = end + 1)
    {
      g_autofree char *key = NULL;

      end = find_outside (start, ',');
      key = g_strstrip (g_strndup (start, end - start));
      if (key[0] == '\0')
        {
          g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                       _("%s: an empty key in '%s'"), option, text);
          return NULL;
        }
      g_strv_builder_add (keys, key);
      if (*end == '\0')
        return g_strv_builder_end (keys);
    }
}

char *
arbor_cli_find_equals (char *text)
{
  char *at = text;

  while (*(at = (char *) find_outside (at, '=')) != '\0')
    {
      if (at > text && strchr ("<>!", at[-1]) == NULL && at[1] != '=')
        return at;
      at += at[1] == '=' ? 2 : 1;
    }
  return NULL;
}

ArborExpr *
arbor_cli_parse_expr (const char *text, const char *option, GError **error)
{
  ArborExpr *expr = NULL;

  if (!arbor_cli_check_utf8 (text, option, error))
    return NULL;
  expr = arbor_expr_parse (text, error);
  if (expr == NULL)
    g_prefix_error (error, "%s: ", option);
  return expr;
}

/* Whether @text is nothing but a key in double quotes. */
static gboolean
is_quoted_key (const char *text)
{
  return text[0] == '"' && *skip_string (text) == '\0';
}

/* The name that @text, in quotes, is. */
static char *
read_quoted_name (const char *text, const char *option, GError **error)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborTree) tree = NULL;
  char *name = NULL;

  if (arbor_builder_add_json (builder, text, error) &&
      (arbor = arbor_builder_finish (builder, error)) != NULL &&
      (tree = arbor_arbor_get (arbor, 0, error)) != NULL)
    name = arbor_tree_dup_string (tree, "$", error);
  if (name == NULL)
    g_prefix_error (error, "%s: ", option);
  return name;
}

ArborExpr *
arbor_cli_parse_key (const char *text, const char *option, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  ArborExpr *path = trimmed[0] == '"' ? arbor_expr_new_path (trimmed, NULL) : NULL;

  return path != NULL ? path : arbor_cli_parse_expr (text, option, error);
}

gboolean
arbor_cli_note_paths (GHashTable *told, ArborArbor *trees, ArborExpr **exprs, gsize n_exprs,
                      const char *option, GError **error)
{
  g_auto (GStrv) notes = NULL;

  if (told == NULL)
    return TRUE;
  notes = arbor_arbor_check_paths (trees, exprs, n_exprs, error);
  for (guint i = 0; notes != NULL && notes[i] != NULL; i++)
    if (g_hash_table_add (told, g_strdup (notes[i])))
      arbor_cli_complain ("%s%s%s", option != NULL ? option : "", option != NULL ? ": " : "",
                          notes[i]);
  return notes != NULL;
}

guint64
arbor_cli_count_steps (const char *path)
{
  guint64 n_steps = 0;

  for (const char *at = path; *at != '\0' && !g_str_equal (path, "$"); n_steps++)
    {
      at += *at == '.';
      if (*at != '[')
        at += strcspn (at, ".[");
      else if (at[1] == '"')
        at = skip_string (at + 1) + 1;
      else
        at += strcspn (at, "]") + 1;
    }
  return n_steps;
}

char *
arbor_cli_name_path (const char *text)
{
  g_autoptr (ArborExpr) path = arbor_expr_new_path (text, NULL);
  g_autofree char *canonical = path != NULL ? arbor_expr_to_string (path) : NULL;
  gsize length = canonical != NULL ? strlen (canonical) : 0;
  char *name = NULL;

  if (length > 4 && canonical[0] == '[' && canonical[length - 1] == ']')
    {
      canonical[length - 1] = '\0';
      if (is_quoted_key (canonical + 1))
        name = read_quoted_name (canonical + 1, "", NULL);
    }
  return name != NULL ? name : g_strdup (text);
}

/* The '=' after the name that @text begins with, or NULL. A name is a string, or without anything
 * that only an expression has. */
static const char *
find_equals (const char *text)
{
  const char *at = text;

  if (*at == '"')
    {
      at = skip_string (at);
      while (g_ascii_isspace (*at))
        at++;
    }
  else
    at += strcspn (at, "=()[]{}<>!\"'");
  return *at == '=' && at[1] != '=' && at > text ? at : NULL;
}

/* A key without a name is named by its text; figures have names. */
static gboolean
add_field (ArborCliFields *self, const char *text, const char *option, gboolean is_key,
           GError **error)
{
  const char *equals = find_equals (text);
  g_autofree char *name = NULL;
  ArborExpr *expr;

  if (equals != NULL)
    name = g_strstrip (g_strndup (text, equals - text));
  else if (is_key)
    name = arbor_cli_name_path (text);
  if (name == NULL || name[0] == '\0')
    {
      g_set_error (error, ARBOR_CLI_ERROR, ARBOR_CLI_ERROR_USAGE,
                   _("%s takes NAME=EXPRESSION, found '%s'"), option, text);
      return FALSE;
    }
  if (equals != NULL && name[0] == '"')
    {
      g_autofree char *quoted = g_steal_pointer (&name);

      name = read_quoted_name (quoted, option, error);
      if (name == NULL)
        return FALSE;
    }
  text = equals != NULL ? equals + 1 : text;
  expr = is_key ? arbor_cli_parse_key (text, option, error)
                : arbor_cli_parse_expr (text, option, error);
  if (expr == NULL)
    return FALSE;
  g_ptr_array_add (self->names, g_steal_pointer (&name));
  g_ptr_array_add (self->exprs, expr);
  return TRUE;
}

static gboolean
add_fields (ArborCliFields *self, char **texts, const char *option, gboolean are_keys,
            GError **error)
{
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->exprs = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    if (!arbor_cli_check_utf8 (texts[i], option, error) ||
        !add_field (self, texts[i], option, are_keys, error))
      return FALSE;
  g_ptr_array_add (self->names, NULL);
  return TRUE;
}

gboolean
arbor_cli_fields_parse_keys (ArborCliFields *self, const char *text, const char *option,
                             GError **error)
{
  g_auto (GStrv) keys = arbor_cli_split_keys (text, option, error);

  return keys != NULL && add_fields (self, keys, option, TRUE, error);
}

gboolean
arbor_cli_fields_parse (ArborCliFields *self, char **texts, const char *option, GError **error)
{
  return add_fields (self, texts, option, FALSE, error);
}
