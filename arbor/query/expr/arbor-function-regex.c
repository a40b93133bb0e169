/* match, extract and replace_regex: regular expressions (arbor-pattern.h) on strings.
 *
 * Literal arguments are made ready once, when the call is made; a pattern that data says is kept in
 * the scope with others.
 */

#include "query/expr/arbor-function-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/arbor-error.h"
#include "query/expr/arbor-pattern.h"
#include "query/expr/arbor-replacement.h"

/* What literals became; each may be NULL. */
typedef struct
{
  ArborPattern *pattern;
  ArborReplacement *replacement;
} Prepared;

/* match asks for no groups. */
static gboolean
needs_groups (const ArborNode *call)
{
  return call->function->code != arbor_function_match;
}

static const ArborPatternKind kinds[] = { { FALSE, NULL }, { TRUE, NULL } };

static gboolean
check_group (const ArborPattern *pattern, const ArborValue *group, GError **error)
{
  gint64 number;
  g_autofree char *name = NULL;

  if (group == NULL)
    return TRUE;
  if (arbor_function_get_integer (group, &number))
    {
      if (number >= 0 && number <= arbor_pattern_get_n_groups (pattern))
        return TRUE;
      name = g_strdup_printf ("%" G_GINT64_FORMAT, number);
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _ ("The regular expression has groups 0 to %u, no group %s"),
                   arbor_pattern_get_n_groups (pattern), name);
      return FALSE;
    }
  if (group->kind == ARBOR_KIND_STRING)
    {
      name = g_strndup (group->text, group->length);
      if (arbor_pattern_has_group (pattern, name))
        return TRUE;
    }
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _ ("The regular expression has no group '%s'"), name != NULL ? name : "");
  return FALSE;
}

gboolean
arbor_function_prepare_regex (ArborNode *call, GError **error)
{
  const ArborValue *literal = arbor_function_get_literal (call, 1);
  const ArborValue *third = arbor_function_get_literal (call, 2);
  g_autoptr (ArborReplacement) replacement = NULL;
  g_autoptr (ArborPattern) pattern = NULL;
  Prepared *prepared;

  if (literal == NULL)
    return TRUE;
  if (literal->kind != ARBOR_KIND_STRING ||
      (literal->length > 0 && memchr (literal->text, 0, literal->length) != NULL))
    {
      g_autofree char *text = arbor_node_to_string (call->arguments[1]);

      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _ ("Expected a regular expression, a string without U+0000, found %s"), text);
      return FALSE;
    }

  pattern = arbor_pattern_new (literal->length > 0 ? literal->text : "", literal->length,
                               needs_groups (call), error);
  if (pattern == NULL)
    return FALSE;
  if (call->function->code == arbor_function_extract && !check_group (pattern, third, error))
    return FALSE;
  if (call->function->code == arbor_function_replace_regex && third != NULL &&
      third->kind == ARBOR_KIND_STRING &&
      (third->length == 0 || memchr (third->text, 0, third->length) == NULL))
    {
      g_autofree char *by = g_strndup (third->text, third->length);

      replacement = arbor_replacement_new (by, error);
      if (replacement == NULL)
        return FALSE;
    }

  arbor_pattern_optimize (pattern);
  prepared = g_new (Prepared, 1);
  *prepared = (Prepared){ g_steal_pointer (&pattern), g_steal_pointer (&replacement) };
  call->prepared = prepared;
  return TRUE;
}

void
arbor_function_free_regex (gpointer data)
{
  Prepared *prepared = data;

  arbor_pattern_free (prepared->pattern);
  arbor_replacement_free (prepared->replacement);
  g_free (prepared);
}

/* Only what PCRE2 can walk: it trusts that text is UTF-8. */
static gboolean
is_searchable (const ArborValue *text)
{
  return text->kind == ARBOR_KIND_STRING && text->length < G_MAXINT32 &&
         arbor_function_is_utf8 (text->text, text->length);
}

/* The regular expression of the call; NULL when what data gave is none. */
static const ArborPattern *
get_pattern (const ArborNode *call, const ArborValue *pattern, ArborScope *scope)
{
  const Prepared *prepared = call->prepared;

  if (prepared != NULL)
    return prepared->pattern;
  if (pattern->kind != ARBOR_KIND_STRING || pattern->length > ARBOR_PATTERN_MAX_LENGTH ||
      (pattern->length > 0 && memchr (pattern->text, 0, pattern->length) != NULL))
    return NULL;
  return arbor_pattern_get (&kinds[needs_groups (call)], pattern->length > 0 ? pattern->text : "",
                            pattern->length, scope);
}

const ArborPattern *
arbor_function_get_pattern (const ArborNode *call)
{
  const Prepared *prepared = call->prepared;

  return prepared != NULL ? prepared->pattern : NULL;
}

static ArborSearch
search (const ArborPattern *pattern, const ArborValue *text, gsize from, ArborScope *scope)
{
  return arbor_pattern_search (pattern, text->length > 0 ? text->text : "", text->length, from,
                               scope);
}

ARBOR_FUNCTION (match)
{
  const ArborPattern *pattern = NULL;
  ArborSearch found;

  *result = ARBOR_VALUE_NULL;
  if (is_searchable (arguments))
    pattern = get_pattern (call, &arguments[1], scope);
  if (pattern == NULL)
    return;
  found = search (pattern, arguments, 0, scope);
  if (found != ARBOR_SEARCH_OPEN)
    *result = ARBOR_VALUE_BOOL (found == ARBOR_SEARCH_FOUND);
}

ARBOR_FUNCTION (extract)
{
  const ArborPattern *pattern;
  const char *name = NULL;
  gint64 group = 0;
  gsize start, end;
  gboolean has_group;

  *result = ARBOR_VALUE_NULL;
  if (!is_searchable (arguments))
    return;
  if (call->n_arguments > 2 && !arbor_function_get_integer (&arguments[2], &group))
    {
      name = arbor_function_get_text (&arguments[2], scope);
      if (name == NULL)
        return;
    }
  pattern = get_pattern (call, &arguments[1], scope);
  if (pattern == NULL || search (pattern, arguments, 0, scope) != ARBOR_SEARCH_FOUND)
    return;

  if (name != NULL)
    has_group = arbor_pattern_get_named (pattern, scope, name, &start, &end);
  else
    has_group = group >= 0 && group <= G_MAXINT32 &&
                arbor_pattern_get_group (pattern, scope, (guint)group, &start, &end);
  if (has_group)
    arbor_function_set_string (arguments->length > 0 ? arguments->text + start : "", end - start,
                               result);
}

/* Replaces from the match at hand on; NULL: too long, or left open. A match that ends where its
 * search began moves the next search one character on; one that lies where the last one lay is
 * none. */
static GString *
replace_all (const ArborPattern *pattern, const ArborReplacement *by, const ArborValue *text,
             ArborScope *scope)
{
  g_autoptr (GString) out = g_string_sized_new (text->length + 1u);
  const char *bytes = text->length > 0 ? text->text : "";
  ArborSearch found = ARBOR_SEARCH_FOUND;
  gsize last_start = G_MAXSIZE, last_end = G_MAXSIZE;
  gsize from = 0, copied = 0, start, end;

  while (found == ARBOR_SEARCH_FOUND)
    {
      if (!arbor_pattern_get_group (pattern, scope, 0, &start, &end))
        break;
      if (start != last_start || end != last_end)
        {
          if (start > copied)
            g_string_append_len (out, bytes + copied, (gssize)(start - copied));
          arbor_replacement_append (by, pattern, bytes, scope, out);
          copied = last_end = end;
          last_start = start;
        }
      if (out->len > arbor_function_get_budget () || arbor_scope_is_stopped (scope))
        return NULL;
      if (end != from)
        from = end;
      else if (from < text->length)
        from = (gsize)(g_utf8_next_char (bytes + from) - bytes);
      else
        break;
      found = search (pattern, text, from, scope);
    }
  if (found == ARBOR_SEARCH_OPEN)
    return NULL;
  g_string_append_len (out, bytes + copied, (gssize)(text->length - copied));
  return g_steal_pointer (&out);
}

ARBOR_FUNCTION (replace_regex)
{
  const Prepared *prepared = call->prepared;
  g_autoptr (ArborReplacement) read = NULL;
  const ArborReplacement *by = prepared != NULL ? prepared->replacement : NULL;
  const char *text = by == NULL ? arbor_function_get_text (&arguments[2], scope) : NULL;
  const ArborPattern *pattern = NULL;
  g_autoptr (GString) out = NULL;
  ArborSearch found;

  *result = ARBOR_VALUE_NULL;
  if (!is_searchable (arguments))
    return;
  if (by == NULL && text != NULL)
    by = read = arbor_replacement_new (text, NULL);
  if (by != NULL)
    pattern = get_pattern (call, &arguments[1], scope);
  if (pattern == NULL)
    return;
  found = search (pattern, arguments, 0, scope);
  if (found == ARBOR_SEARCH_NONE)
    *result = *arguments;
  if (found != ARBOR_SEARCH_FOUND)
    return;
  out = replace_all (pattern, by, arguments, scope);
  if (out != NULL)
    arbor_function_copy_string (out->str, out->len, scope, result);
}
