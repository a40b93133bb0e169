/* What the families of functions share: strings and lists within the budget. */

#include "query/expr/arbor-function-private.h"

#include "base/arbor-number.h"
#include "batch/arbor-value-access.h"

/* What a value costs in text beside its own bytes, about. */
#define BYTES_A_VALUE 8u

gboolean
arbor_function_get_integer (const ArborValue *value, gint64 *integer)
{
  double real;

  if (value->kind == ARBOR_KIND_INT64)
    {
      *integer = value->int64;
      return TRUE;
    }
  if (value->kind == ARBOR_KIND_UINT64)
    {
      *integer = G_MAXINT64;
      return TRUE;
    }
  if (value->kind != ARBOR_KIND_DOUBLE)
    return FALSE;

  real = value->real;
  if (real < -9223372036854775808.0 || real >= 9223372036854775808.0 ||
      real != (double)(gint64)real)
    return FALSE;
  *integer = (gint64)real;
  return TRUE;
}

gboolean
arbor_function_get_range (const ArborNode *call, const ArborValue *arguments, gint64 n,
                          gint64 *start, gint64 *length)
{
  gint64 first, wanted = G_MAXINT64;
  gint64 skipped;

  if (!arbor_function_get_integer (&arguments[1], &first) ||
      (call->n_arguments > 2 && !arbor_function_get_integer (&arguments[2], &wanted)) || wanted < 0)
    return FALSE;

  first = first < 0 ? first + n : first;
  /* What lies before the beginning counts, and is left out. Without a length nothing is counted. */
  skipped = first < 0 && call->n_arguments > 2 ? first : 0;
  *start = CLAMP (first, 0, n);
  *length = CLAMP (wanted + skipped, 0, n - *start);
  return TRUE;
}

char *
arbor_function_new_string (ArborScope *scope, gsize size)
{
  return size <= G_MAXUINT32 ? arbor_scope_try_alloc (scope, size) : NULL;
}

void
arbor_function_set_string (const char *text, gsize length, ArborValue *result)
{
  *result = ARBOR_VALUE_STRING (text, (guint32)length);
}

void
arbor_function_copy_string (const char *text, gsize length, ArborScope *scope, ArborValue *result)
{
  char *copy = arbor_function_new_string (scope, length);

  *result = ARBOR_VALUE_NULL;
  if (copy == NULL)
    return;
  if (length > 0)
    memcpy (copy, text, length);
  arbor_function_set_string (copy, length, result);
}

const char *
arbor_function_get_text (const ArborValue *value, ArborScope *scope)
{
  char *text;

  if (value->kind != ARBOR_KIND_STRING ||
      (value->length > 0 && memchr (value->text, 0, value->length) != NULL))
    return NULL;

  text = arbor_function_new_string (scope, (gsize)value->length + 1);
  if (text == NULL)
    return NULL;
  if (value->length > 0)
    memcpy (text, value->text, value->length);
  text[value->length] = '\0';
  return text;
}

const char *
arbor_function_next_character (const char *at, const char *end)
{
  at++;
  while (at < end && ((guchar)*at & 0xC0) == 0x80)
    at++;
  return at;
}

static inline gboolean
is_ascii_8 (const char *text)
{
  guint64 bytes;

  memcpy (&bytes, text, sizeof bytes);
  return (bytes & G_GUINT64_CONSTANT (0x8080808080808080)) == 0;
}

static inline gboolean
is_ascii_4 (const char *text)
{
  guint32 bytes;

  memcpy (&bytes, text, sizeof bytes);
  return (bytes & 0x80808080u) == 0;
}

gboolean
arbor_function_is_utf8 (const char *text, gsize length)
{
  const char *end = text + length;

  /* Most text is ASCII, and much of it is short: what is left of eight bytes is looked at with some of
   * those before. */
  if (length >= 8)
    {
      while (end - text > 8 && is_ascii_8 (text))
        text += 8;
      if (end - text <= 8 && is_ascii_8 (end - 8))
        return TRUE;
    }
  else if (length >= 4 && is_ascii_4 (text) && is_ascii_4 (end - 4))
    return TRUE;
  while (text < end && (*text & 0x80) == 0)
    text++;
  /* GLib stops at U+0000. */
  while (text < end && !g_utf8_validate_len (text, (gsize)(end - text), &text))
    if (*text++ != '\0')
      return FALSE;
  return TRUE;
}

guint32
arbor_function_count_characters (const char *text, gsize length)
{
  guint32 n = 0;

  for (gsize i = 0; i < length; i++)
    n += ((guchar)text[i] & 0xC0) != 0x80; /* bytes that begin a character */
  return n;
}

ArborValue *
arbor_function_new_list (ArborScope *scope, gsize n)
{
  if (n > G_MAXUINT32 / sizeof (ArborValue))
    n = G_MAXSIZE / sizeof (ArborValue); /* beyond every budget */
  return arbor_scope_try_alloc (scope, n * sizeof (ArborValue));
}

void
arbor_function_set_list (const ArborValue *values, gsize n, ArborValue *result)
{
  *result = (ArborValue){ .kind = ARBOR_KIND_ARRAY,
                          .holder_kind = ARBOR_HOLDER_LIST,
                          .index = (guint32)n,
                          .holder = values };
}

void
arbor_function_set_object (const ArborValue *members, gsize n, ArborValue *result)
{
  arbor_function_set_list (members, n, result);
  result->kind = ARBOR_KIND_OBJECT;
}

ArborValue *
arbor_function_read_list (const ArborValue *array, ArborScope *scope, guint32 *n)
{
  guint32 length = arbor_value_get_length (array, scope);
  ArborValue *list = arbor_function_new_list (scope, length);
  ArborValueIter iter;

  *n = 0;
  if (list == NULL)
    return NULL;
  arbor_value_iter_init (&iter, array, scope);
  for (; *n < length && !arbor_scope_is_stopped (scope) &&
         arbor_value_iter_next (&iter, NULL, NULL, &list[*n]);
       (*n)++)
    if (list[*n].kind == ARBOR_KIND_MISSING)
      list[*n] = ARBOR_VALUE_NULL;
  return list;
}

ArborValue *
arbor_function_read_members (const ArborValue *object, ArborScope *scope, guint32 n_more,
                             guint32 *n)
{
  guint32 length = arbor_value_get_length (object, scope);
  ArborValue *list = arbor_function_new_list (scope, ((gsize)length + n_more) * 2);
  ArborValueIter iter;

  *n = 0;
  if (list == NULL)
    return NULL;
  arbor_value_iter_init (&iter, object, scope);
  for (; *n < length; (*n)++)
    {
      ArborValue *member = &list[(gsize)*n * 2];
      const char *key;
      guint32 key_length;

      if (!arbor_value_iter_next (&iter, &key, &key_length, &member[1]))
        break;
      member[0] = ARBOR_VALUE_STRING (key, key_length);
    }
  return list;
}

static gsize budget = ARBOR_FUNCTION_BUDGET;

gsize
arbor_function_get_budget (void)
{
  return budget;
}

void
arbor_function_set_budget (gsize n_bytes)
{
  budget = n_bytes != 0 ? n_bytes : ARBOR_FUNCTION_BUDGET;
}

gboolean
arbor_function_is_reasonable (const ArborValue *value, ArborScope *scope)
{
  ArborScopeMark mark = arbor_scope_mark (scope);
  ArborValueWalk walk;
  ArborWalkEvent event;
  guint64 n_bytes = 0;
  guint depth = 0;

  if (value->kind < ARBOR_KIND_ARRAY || value->holder_kind != ARBOR_HOLDER_LIST)
    return TRUE;

  arbor_value_walk_init (&walk, value, scope);
  while (depth <= ARBOR_TAPE_MAX_DEPTH && n_bytes <= arbor_function_get_budget () &&
         (event = arbor_value_walk_next (&walk)) != ARBOR_WALK_END)
    {
      depth += event == ARBOR_WALK_OPEN;
      depth -= event == ARBOR_WALK_CLOSE;
      n_bytes += BYTES_A_VALUE + (walk.key != NULL ? walk.key_length : 0);
      if (walk.value.kind == ARBOR_KIND_STRING || walk.value.kind == ARBOR_KIND_NUMBER)
        n_bytes += walk.value.length;
    }
  arbor_scope_release (scope, mark);
  return depth <= ARBOR_TAPE_MAX_DEPTH && n_bytes <= arbor_function_get_budget ();
}

/* Not by arbor_scope_parse, which knows texts
 * by their places: here one may be written over. */
const ArborTape *
arbor_function_keep_tape (const ArborTape *from, ArborScope *scope)
{
  guint32 n_words = arbor_tape_next (from, ARBOR_TAPE_ROOT) + 1;
  gsize n_bytes = 0;
  ArborTape *tape = arbor_scope_try_alloc (scope, sizeof *tape);
  guint64 *words = arbor_scope_try_alloc (scope, n_words * sizeof (guint64));
  guint8 *strings;

  for (guint32 i = ARBOR_TAPE_ROOT; i < n_words - 1; i++)
    {
      char tag = arbor_tape_tag (from, i);
      guint32 length;

      if (tag == '"' || tag == 'N')
        {
          const char *string = arbor_tape_string (from, i, &length);

          n_bytes = MAX (n_bytes, (gsize)((const guint8 *)string - from->strings) + length + 1);
        }
      else if (tag == 'l' || tag == 'u' || tag == 'd')
        i++;
    }
  strings = arbor_scope_try_alloc (scope, MAX (n_bytes, 1));
  if (tape == NULL || words == NULL || strings == NULL)
    return NULL;
  memcpy (words, from->words, n_words * sizeof (guint64));
  if (n_bytes > 0)
    memcpy (strings, from->strings, n_bytes);
  *tape = (ArborTape){ words, strings };
  return tape;
}

const ArborValue *
arbor_function_get_literal (const ArborNode *call, guint argument)
{
  if (argument >= call->n_arguments || call->arguments[argument]->kind != ARBOR_NODE_LITERAL)
    return NULL;
  return &call->arguments[argument]->literal;
}
