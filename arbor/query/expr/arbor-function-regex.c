/* Regular expressions: PCRE2 through GRegex.
 *
 * A search must end soon whatever the pattern and the text are. PCRE2 counts its steps, but from
 * each place of the text anew, and its compiled code does not count them all. So a pattern is
 * wrapped: it is tried at the first place only, and what walks on from there, lazily, is part of
 * the pattern. One count then holds for the whole search; beyond the limit there is no answer, and
 * whoever owns the scope reports LIMIT.
 *
 * A literal pattern is compiled once, when the call is made; any other for every evaluation.
 */

#include "query/expr/arbor-function-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

/* Steps of one search; about 0.1 seconds. PCRE2 itself would go on for ten million. */
#define LIMITS      "(*NO_JIT)(*LIMIT_MATCH=2000000)"
#define MAX_PATTERN 65536u

/* NULL and @error, which is not NULL, when @pattern is none. */
static GRegex *
compile (const char *pattern, GError **error)
{
  /* The second closes a comment of (?x) first, the third a \Q. */
  static const char *const ends[] = { ")", "\n)", "\\E)" };
  g_autoptr (GRegex) alone = NULL;
  GRegex *wrapped = NULL;

  if (strlen (pattern) > MAX_PATTERN)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _ ("A regular expression has at most %u bytes, found %zu"), MAX_PATTERN,
                   strlen (pattern));
      return NULL;
    }

  /* Alone first: it must be whole without the wrapping. */
  alone = g_regex_new (pattern, G_REGEX_DEFAULT, 0, error);
  if (alone == NULL)
    return NULL;

  for (guint i = 0; wrapped == NULL && i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *text = g_strconcat (LIMITS "(?s:.*?)\\K(?:", pattern, ends[i], NULL);

      g_clear_error (error);
      wrapped = g_regex_new (text, G_REGEX_ANCHORED, 0, error);
    }
  return wrapped;
}

static gboolean
check_group (const GRegex *regex, const ArborValue *group, GError **error)
{
  gint64 number;
  g_autofree char *name = NULL;

  if (group == NULL)
    return TRUE;
  if (arbor_function_get_integer (group, &number))
    {
      if (number >= 0 && number <= g_regex_get_capture_count (regex))
        return TRUE;
      name = g_strdup_printf ("%" G_GINT64_FORMAT, number);
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _ ("The regular expression has groups 0 to %d, no group %s"),
                   g_regex_get_capture_count (regex), name);
      return FALSE;
    }
  if (group->kind == ARBOR_KIND_STRING)
    {
      name = g_strndup (group->text, group->length);
      if (g_regex_get_string_number (regex, name) >= 0)
        return TRUE;
    }
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _ ("The regular expression has no group '%s'"), name != NULL ? name : "");
  return FALSE;
}

gboolean
arbor_function_prepare_regex (ArborNode *call, GError **error)
{
  const ArborValue *pattern = arbor_function_get_literal (call, 1);
  const ArborValue *third = arbor_function_get_literal (call, 2);
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GError) why = NULL;
  g_autofree char *text = NULL;

  if (pattern == NULL)
    return TRUE;
  if (pattern->kind != ARBOR_KIND_STRING ||
      (pattern->length > 0 && memchr (pattern->text, 0, pattern->length) != NULL))
    {
      text = arbor_node_to_string (call->arguments[1]);
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _ ("Expected a regular expression, a string without U+0000, found %s"), text);
      return FALSE;
    }

  text = g_strndup (pattern->text, pattern->length);
  regex = compile (text, &why);
  if (regex == NULL)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION, _ ("Bad regular expression: %s"),
                   why->message);
      return FALSE;
    }

  if (g_str_equal (call->function->name, "extract") && !check_group (regex, third, error))
    return FALSE;
  if (g_str_equal (call->function->name, "replace_regex") && third != NULL &&
      third->kind == ARBOR_KIND_STRING)
    {
      g_autofree char *by = g_strndup (third->text, third->length);

      if (!g_regex_check_replacement (by, NULL, &why))
        {
          g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION, _ ("Bad replacement: %s"),
                       why->message);
          return FALSE;
        }
    }
  call->prepared = g_steal_pointer (&regex);
  return TRUE;
}

void
arbor_function_free_regex (gpointer prepared)
{
  g_regex_unref (prepared);
}

/* The regular expression of the call, a reference; NULL when what data gave is none. */
static GRegex *
get_regex (const ArborNode *call, const ArborValue *pattern, ArborScope *scope)
{
  g_autoptr (GError) ignored = NULL;
  const char *text;

  if (call->prepared != NULL)
    return g_regex_ref (call->prepared);
  text = arbor_function_get_text (pattern, scope);
  return text != NULL ? compile (text, &ignored) : NULL;
}

/* Only what PCRE2 can walk: it trusts that text is UTF-8. */
static gboolean
is_searchable (const ArborValue *text)
{
  return text->kind == ARBOR_KIND_STRING && text->length < G_MAXINT32 &&
         arbor_function_is_utf8 (text->text, text->length);
}

/* TRUE: found; FALSE with @is_known: it is not in the text, without: the limit was reached. */
static gboolean
search (const GRegex *regex, const ArborValue *text, ArborScope *scope, GMatchInfo **match,
        gboolean *is_known)
{
  g_autoptr (GError) error = NULL;
  gboolean found = g_regex_match_full (regex, text->length > 0 ? text->text : "", text->length, 0,
                                       0, match, &error);

  *is_known = error == NULL;
  if (error != NULL)
    arbor_scope_set_limited (scope);
  return found && *is_known;
}

ARBOR_FUNCTION (match)
{
  g_autoptr (GRegex) regex = NULL;
  gboolean found, is_known;

  *result = ARBOR_VALUE_NULL;
  if (!is_searchable (arguments))
    return;
  regex = get_regex (call, &arguments[1], scope);
  if (regex == NULL)
    return;
  found = search (regex, arguments, scope, NULL, &is_known);
  if (is_known)
    *result = ARBOR_VALUE_BOOL (found);
}

ARBOR_FUNCTION (extract)
{
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  gboolean is_known, has_group = FALSE;
  const char *name = NULL;
  gint64 group = 0;
  int start = -1, end = -1;

  *result = ARBOR_VALUE_NULL;
  if (!is_searchable (arguments))
    return;
  if (call->n_arguments > 2 && !arbor_function_get_integer (&arguments[2], &group))
    {
      name = arbor_function_get_text (&arguments[2], scope);
      if (name == NULL)
        return;
    }
  regex = get_regex (call, &arguments[1], scope);
  if (regex == NULL || !search (regex, arguments, scope, &match, &is_known))
    return;

  if (name != NULL)
    has_group = g_match_info_fetch_named_pos (match, name, &start, &end);
  else if (group >= 0 && group <= G_MAXINT)
    has_group = g_match_info_fetch_pos (match, (int)group, &start, &end);
  if (has_group && start >= 0)
    arbor_function_set_string (arguments->text + start, (gsize)(end - start), result);
}

/* Appends what replaces the match; FALSE: too much. */
static gboolean
append_replacement (GString *out, const ArborValue *text, int from, const GMatchInfo *match,
                    const char *by, int *end)
{
  g_autofree char *expanded = NULL;
  int start;

  g_match_info_fetch_pos (match, 0, &start, end);
  expanded = g_match_info_expand_references (match, by, NULL);
  if (expanded == NULL)
    return FALSE;
  g_string_append_len (out, text->text + from, MAX (start - from, 0));
  g_string_append (out, expanded);
  return out->len <= ARBOR_FUNCTION_BUDGET;
}

ARBOR_FUNCTION (replace_regex)
{
  const char *by = arbor_function_get_text (&arguments[2], scope);
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) out = NULL;
  gboolean is_known;
  int at = 0;

  *result = ARBOR_VALUE_NULL;
  if (!is_searchable (arguments) || by == NULL)
    return;
  regex = get_regex (call, &arguments[1], scope);
  if (regex == NULL || !g_regex_check_replacement (by, NULL, NULL))
    return;
  if (!search (regex, arguments, scope, &match, &is_known))
    {
      *result = is_known ? *arguments : ARBOR_VALUE_NULL;
      return;
    }

  out = g_string_sized_new (arguments->length);
  while (error == NULL && g_match_info_matches (match))
    {
      if (!append_replacement (out, arguments, at, match, by, &at))
        return;
      g_match_info_next (match, &error);
    }
  if (error != NULL)
    {
      arbor_scope_set_limited (scope);
      return;
    }
  g_string_append_len (out, arguments->text + at, (gssize)arguments->length - at);
  arbor_function_copy_string (out->str, out->len, scope, result);
}
