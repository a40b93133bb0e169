/* Functions of strings. They count characters, not bytes, and know no locale: the same text gives
 * the same result everywhere. Anything but a string gives null.
 */

#include "query/expr/arbor-function-private.h"

#include "base/arbor-letters.h"
#include "batch/arbor-value-access.h"

/* Both are strings, and the second is not longer. */
static gboolean
get_strings (const ArborValue *arguments, ArborValue *result)
{
  if (arguments[0].kind != ARBOR_KIND_STRING || arguments[1].kind != ARBOR_KIND_STRING)
    {
      *result = ARBOR_VALUE_NULL;
      return FALSE;
    }
  *result = ARBOR_VALUE_BOOL (FALSE);
  return arguments[0].length >= arguments[1].length;
}

static gboolean
is_at (const ArborValue *text, gsize offset, const ArborValue *part)
{
  return part->length == 0 || memcmp (text->text + offset, part->text, part->length) == 0;
}

ARBOR_FUNCTION (starts_with)
{
  if (get_strings (arguments, result))
    *result = ARBOR_VALUE_BOOL (is_at (&arguments[0], 0, &arguments[1]));
}

ARBOR_FUNCTION (ends_with)
{
  if (get_strings (arguments, result))
    *result = ARBOR_VALUE_BOOL (
        is_at (&arguments[0], arguments[0].length - arguments[1].length, &arguments[1]));
}

/* Whether an element of the array equals the second argument. */
static void
find_element (const ArborValue *arguments, ArborScope *scope, ArborValue *result)
{
  ArborScopeMark mark = arbor_scope_mark (scope);
  ArborValueIter iter;
  ArborValue element;
  gboolean is_found = FALSE;

  if (arbor_value_is_null (&arguments[1]))
    {
      *result = ARBOR_VALUE_NULL;
      return;
    }

  arbor_value_iter_init (&iter, &arguments[0], scope);
  while (!is_found && arbor_value_iter_next (&iter, NULL, NULL, &element))
    is_found = arbor_value_equal (&element, &arguments[1], scope);
  arbor_scope_release (scope, mark);
  *result = ARBOR_VALUE_BOOL (is_found);
}

ARBOR_FUNCTION (contains)
{
  if (arguments[0].kind == ARBOR_KIND_ARRAY)
    find_element (arguments, scope, result);
  else if (get_strings (arguments, result))
    *result = ARBOR_VALUE_BOOL (arguments[1].length == 0 ||
                                memmem (arguments[0].text, arguments[0].length, arguments[1].text,
                                        arguments[1].length) != NULL);
}

/* Whether the character at @at, of @length bytes, is in @set; NULL stands for white space. */
static gboolean
is_stripped (const char *at, gsize length, const ArborValue *set)
{
  const char *end = set != NULL ? set->text + set->length : NULL;

  if (set == NULL)
    return arbor_letters_is_space (at, length);
  for (const char *other = set->text, *next; other < end; other = next)
    {
      next = arbor_function_next_character (other, end);
      if ((gsize)(next - other) == length && memcmp (other, at, length) == 0)
        return TRUE;
    }
  return FALSE;
}

/* @set: of characters; NULL for white space. */
static void
strip (const ArborValue *text, const ArborValue *set, gboolean left, gboolean right,
       ArborValue *result)
{
  const char *start = text->text;
  const char *end = start + text->length;

  *result = ARBOR_VALUE_NULL;
  if (text->kind != ARBOR_KIND_STRING || (set != NULL && set->kind != ARBOR_KIND_STRING))
    return;

  while (left && start < end)
    {
      const char *next = arbor_function_next_character (start, end);

      if (!is_stripped (start, (gsize)(next - start), set))
        break;
      start = next;
    }
  while (right && start < end)
    {
      const char *last = end - 1;

      while (last > start && ((guchar)*last & 0xC0) == 0x80)
        last--;
      if (!is_stripped (last, (gsize)(end - last), set))
        break;
      end = last;
    }
  arbor_function_set_string (start, (gsize)(end - start), result);
}

ARBOR_FUNCTION (strip)
{
  strip (arguments, call->n_arguments > 1 ? &arguments[1] : NULL, TRUE, TRUE, result);
}

ARBOR_FUNCTION (lstrip)
{
  strip (arguments, call->n_arguments > 1 ? &arguments[1] : NULL, TRUE, FALSE, result);
}

ARBOR_FUNCTION (rstrip)
{
  strip (arguments, call->n_arguments > 1 ? &arguments[1] : NULL, FALSE, TRUE, result);
}

ARBOR_FUNCTION (strip_prefix)
{
  const ArborValue *text = &arguments[0];
  const ArborValue *part = &arguments[1];

  if (get_strings (arguments, result) && is_at (text, 0, part))
    arbor_function_set_string (text->text + part->length, text->length - part->length, result);
  else if (result->kind != ARBOR_KIND_NULL)
    *result = *text;
}

ARBOR_FUNCTION (strip_suffix)
{
  const ArborValue *text = &arguments[0];
  const ArborValue *part = &arguments[1];

  if (get_strings (arguments, result) && is_at (text, text->length - part->length, part))
    arbor_function_set_string (text->text, text->length - part->length, result);
  else if (result->kind != ARBOR_KIND_NULL)
    *result = *text;
}

ARBOR_FUNCTION (substring)
{
  const ArborValue *text = &arguments[0];
  gint64 start, length;
  const char *at = text->text;
  const char *end = at + text->length;
  const char *from;

  *result = ARBOR_VALUE_NULL;
  if (text->kind != ARBOR_KIND_STRING ||
      !arbor_function_get_range (call, arguments,
                                 arbor_function_count_characters (text->text, text->length), &start,
                                 &length))
    return;

  for (; start > 0 && at < end; start--)
    at = arbor_function_next_character (at, end);
  from = at;
  for (; length > 0 && at < end; length--)
    at = arbor_function_next_character (at, end);
  arbor_function_set_string (from, (gsize)(at - from), result);
}

/* The next place of @part in [at, end); NULL: nowhere. */
static const char *
find (const char *at, const char *end, const ArborValue *part)
{
  if ((gsize)(end - at) < part->length)
    return NULL;
  return memmem (at, (gsize)(end - at), part->text, part->length);
}

ARBOR_FUNCTION (replace)
{
  const ArborValue *text = &arguments[0];
  const ArborValue *part = &arguments[1];
  const ArborValue *by = &arguments[2];
  const char *at = text->text;
  const char *end = at + text->length;
  gsize n_found = 0;
  char *out;
  gsize n = 0;

  *result = ARBOR_VALUE_NULL;
  if (text->kind != ARBOR_KIND_STRING || part->kind != ARBOR_KIND_STRING ||
      by->kind != ARBOR_KIND_STRING)
    return;

  for (const char *found = at; part->length > 0 && (found = find (found, end, part)) != NULL;
       found += part->length)
    n_found++;
  if (n_found == 0)
    {
      *result = *text;
      return;
    }

  out = arbor_function_new_string (scope,
                                   text->length - n_found * part->length + n_found * by->length);
  if (out == NULL)
    return;
  for (const char *found; n_found > 0; n_found--, at = found + part->length)
    {
      found = find (at, end, part);
      memcpy (out + n, at, (gsize)(found - at));
      n += (gsize)(found - at);
      if (by->length > 0)
        memcpy (out + n, by->text, by->length);
      n += by->length;
    }
  memcpy (out + n, at, (gsize)(end - at));
  arbor_function_set_string (out, n + (gsize)(end - at), result);
}

/* The end of the part that begins at @at; *@next is where the one after it begins, NULL for
 * none. Without a separator parts are runs of what is no white space; an empty one takes each
 * character. */
const char *
arbor_function_find_part_end (const char *at, const char *end, const ArborValue *separator,
                              const char **next)
{
  const char *found;

  if (separator != NULL && separator->length > 0)
    {
      found = find (at, end, separator);
      *next = found != NULL ? found + separator->length : NULL;
      return found != NULL ? found : end;
    }

  found = at < end ? arbor_function_next_character (at, end) : end;
  while (separator == NULL && found < end &&
         !is_stripped (found, (gsize)(arbor_function_next_character (found, end) - found), NULL))
    found = arbor_function_next_character (found, end);
  *next = found;
  while (separator == NULL && *next < end &&
         is_stripped (*next, (gsize)(arbor_function_next_character (*next, end) - *next), NULL))
    *next = arbor_function_next_character (*next, end);
  if (*next == end)
    *next = NULL;
  return found;
}

const char *
arbor_function_find_first_part (const ArborValue *text, const ArborValue *separator)
{
  const char *first = text->length > 0 ? text->text : "";
  const char *end = first + text->length;
  ArborValue stripped;

  if (separator == NULL)
    {
      strip (text, NULL, TRUE, FALSE, &stripped);
      first = end - stripped.length;
    }
  /* Nothing has no words and no characters, but is one part of itself. */
  return first == end && (separator == NULL || separator->length == 0) ? NULL : first;
}

ARBOR_FUNCTION (split)
{
  const ArborValue *separator = call->n_arguments > 1 ? &arguments[1] : NULL;
  const char *end = arguments->length > 0 ? arguments->text + arguments->length : NULL;
  const char *first;
  ArborValue *parts;
  const char *next;
  gsize n = 0;

  *result = ARBOR_VALUE_NULL;
  if (arguments->kind != ARBOR_KIND_STRING ||
      (separator != NULL && separator->kind != ARBOR_KIND_STRING))
    return;

  first = arbor_function_find_first_part (arguments, separator);
  end = arguments->length > 0 ? end : first;
  for (const char *at = first; at != NULL; at = next, n++)
    arbor_function_find_part_end (at, end, separator, &next);
  parts = arbor_function_new_list (scope, n);
  if (parts == NULL)
    return;
  n = 0;
  for (const char *at = first; at != NULL; at = next)
    {
      const char *part_end = arbor_function_find_part_end (at, end, separator, &next);

      arbor_function_set_string (at, (gsize)(part_end - at), &parts[n++]);
    }
  arbor_function_set_list (parts, n, result);
}

/* The texts of the elements that are not null, in place; FALSE: one has none. */
static gboolean
write_parts (ArborValue *parts, guint32 *n, gsize separator, ArborScope *scope, gsize *size)
{
  guint32 n_kept = 0;

  *size = 0;
  for (guint32 i = 0; i < *n; i++)
    {
      ArborValue part = parts[i];

      if (arbor_value_is_null (&part))
        continue;
      if (part.kind >= ARBOR_KIND_ARRAY)
        return FALSE;
      arbor_function_write_string (&part, scope, &parts[n_kept]);
      *size += parts[n_kept].length + (n_kept > 0 ? separator : 0);
      n_kept++;
    }
  *n = n_kept;
  return TRUE;
}

ARBOR_FUNCTION (join)
{
  ArborValue separator = call->n_arguments > 1 ? arguments[1] : ARBOR_VALUE_STRING ("", 0);
  ArborValue *parts;
  guint32 n_parts;
  gsize size, n = 0;
  char *out;

  *result = ARBOR_VALUE_NULL;
  if (arguments->kind != ARBOR_KIND_ARRAY || separator.kind != ARBOR_KIND_STRING)
    return;
  parts = arbor_function_read_list (arguments, scope, &n_parts);
  if (parts == NULL || !write_parts (parts, &n_parts, separator.length, scope, &size))
    return;
  out = arbor_function_new_string (scope, size);
  if (out == NULL)
    return;

  for (guint32 i = 0; i < n_parts; i++)
    {
      if (i > 0 && separator.length > 0)
        memcpy (out + n, separator.text, separator.length);
      n += i > 0 ? separator.length : 0;
      if (parts[i].length > 0)
        memcpy (out + n, parts[i].text, parts[i].length);
      n += parts[i].length;
    }
  arbor_function_set_string (out, n, result);
}
