/* I-Regexp by way of PCRE2. See arbor-iregexp.h.
 *
 * The translator reads the grammar of RFC 9485 from left to right; all that nests are
 * parentheses, which are counted. Characters that could mean something to PCRE2 are written as
 * \x{...}.
 */

#include "query/jsonpath/arbor-iregexp.h"

#include <string.h>

#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-pattern.h"

#define MAX_PATTERN 65536u
#define MAX_NESTING 200u

typedef struct
{
  const char *at;
  const char *end;
  GString *out;
  guint n_open;        /* parentheses */
  gboolean can_repeat; /* what was read last can have a quantifier */
} Translator;

static gboolean
is_at (const Translator *self, char c)
{
  return self->at < self->end && *self->at == c;
}

static void
append_character (Translator *self, gunichar c)
{
  if (c < 0x80 && g_ascii_isalnum ((char) c))
    g_string_append_c (self->out, (char) c);
  else
    g_string_append_printf (self->out, "\\x{%X}", c);
}

static gunichar
take_character (Translator *self)
{
  gunichar c = g_utf8_get_char (self->at);

  self->at = g_utf8_next_char (self->at);
  return c;
}

/* Behind "\p" or "\P": {Lu}. */
static gboolean
read_category (Translator *self, char letter)
{
  static const struct
  {
    char major;
    const char *minors;
  } categories[] = {
    { 'L', "lmotu" }, { 'M', "cen" }, { 'N', "dlo" }, { 'P', "cdefios" },
    { 'Z', "lps" }, { 'S', "ckmo" }, { 'C', "cfno" },
  };
  const char *name = self->at + 1;
  gsize length = 0;

  if (!is_at (self, '{'))
    return FALSE;
  while (name + length < self->end && name[length] != '}')
    length++;
  if (name + length >= self->end || length < 1 || length > 2)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (categories); i++)
    if (categories[i].major == name[0] &&
        (length == 1 || (name[1] != '\0' && strchr (categories[i].minors, name[1]) != NULL)))
      {
        g_string_append_printf (self->out, "\\%c{%.*s}", letter, (int) length, name);
        self->at = name + length + 1;
        return TRUE;
      }
  return FALSE;
}

/* Behind a backslash: the character that is meant, 0 for none. */
static gunichar
read_escaped (Translator *self)
{
  static const char plain[] = "()*+-.?[\\]^{|}";
  char c = self->at < self->end ? *self->at : '\0';

  self->at++;
  switch (c)
    {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c != '\0' && strchr (plain, c) != NULL ? (gunichar) c : 0;
    }
}

/* A character of a class. */
static gboolean
read_class_character (Translator *self, gunichar *c)
{
  if (self->at >= self->end || is_at (self, '-') || is_at (self, '[') || is_at (self, ']'))
    return FALSE;
  if (!is_at (self, '\\'))
    {
      *c = take_character (self);
      return TRUE;
    }
  self->at++;
  *c = read_escaped (self);
  return *c != 0;
}

/* A character, a range or a category. */
static gboolean
read_class_item (Translator *self)
{
  gunichar first, last;

  if (is_at (self, '\\') && self->at + 1 < self->end && (self->at[1] == 'p' || self->at[1] == 'P'))
    {
      char letter = self->at[1];

      self->at += 2;
      return read_category (self, letter);
    }
  if (!read_class_character (self, &first))
    return FALSE;
  append_character (self, first);
  if (!is_at (self, '-') || self->at + 1 >= self->end || self->at[1] == ']')
    return TRUE;

  self->at++;
  if (!read_class_character (self, &last) || last < first)
    return FALSE;
  g_string_append_c (self->out, '-');
  append_character (self, last);
  return TRUE;
}

/* Behind '['. */
static gboolean
read_class (Translator *self)
{
  gboolean is_empty = TRUE;

  g_string_append_c (self->out, '[');
  /* [^] holds the character ^ alone: there must be something in it. */
  if (is_at (self, '^') && self->at + 1 < self->end && self->at[1] != ']')
    {
      g_string_append_c (self->out, '^');
      self->at++;
    }
  while (self->at < self->end && !is_at (self, ']'))
    {
      if (is_at (self, '-'))
        {
          /* First or last. */
          if (!is_empty && (self->at + 1 >= self->end || self->at[1] != ']'))
            return FALSE;
          append_character (self, take_character (self));
        }
      else if (!read_class_item (self))
        {
          return FALSE;
        }
      is_empty = FALSE;
    }
  if (is_empty || self->at >= self->end)
    return FALSE;
  self->at++;
  g_string_append_c (self->out, ']');
  return TRUE;
}

/* Behind '{': digits [ "," [ digits ] ] "}". */
static gboolean
read_range (Translator *self)
{
  const char *start = self->at;
  const char *at = start;

  while (at < self->end && g_ascii_isdigit (*at))
    at++;
  if (at == start)
    return FALSE;
  if (at < self->end && *at == ',')
    for (at++; at < self->end && g_ascii_isdigit (*at);)
      at++;
  if (at >= self->end || *at != '}')
    return FALSE;
  g_string_append_printf (self->out, "{%.*s}", (int) (at - start), start);
  self->at = at + 1;
  return TRUE;
}

static gboolean
read_quantifier (Translator *self)
{
  char c = *self->at++;

  if (!self->can_repeat)
    return FALSE;
  self->can_repeat = FALSE;
  if (c == '{')
    return read_range (self);
  g_string_append_c (self->out, c);
  return TRUE;
}

static gboolean
read_escape (Translator *self)
{
  gunichar c;

  self->at++;
  if (is_at (self, 'p') || is_at (self, 'P'))
    return read_category (self, *self->at++);
  c = read_escaped (self);
  if (c == 0)
    return FALSE;
  append_character (self, c);
  return TRUE;
}

static gboolean
read_parenthesis (Translator *self)
{
  char c = *self->at++;

  if (c == '(')
    {
      g_string_append (self->out, "(?:");
      self->can_repeat = FALSE;
      return ++self->n_open <= MAX_NESTING;
    }
  g_string_append_c (self->out, ')');
  self->can_repeat = TRUE;
  return self->n_open-- > 0;
}

/* One atom, quantifier, bar or parenthesis. */
static gboolean
read_next (Translator *self)
{
  switch (*self->at)
    {
    case '(':
    case ')':
      return read_parenthesis (self);
    case '|':
      g_string_append_c (self->out, *self->at++);
      self->can_repeat = FALSE;
      return TRUE;
    case '*':
    case '+':
    case '?':
    case '{':
      return read_quantifier (self);
    case '}':
    case ']':
      return FALSE;
    default:
      break;
    }

  self->can_repeat = TRUE;
  switch (*self->at)
    {
    case '\\':
      return read_escape (self);
    case '[':
      self->at++;
      return read_class (self);
    case '.':
      self->at++;
      g_string_append (self->out, "[^\\n\\r]");
      return TRUE;
    case '^':
      self->at++;
      g_string_append (self->out, "(?:\\A)");
      return TRUE;
    case '$':
      self->at++;
      g_string_append (self->out, "(?:\\z)");
      return TRUE;
    default:
      append_character (self, take_character (self));
      return TRUE;
    }
}

char *
arbor_iregexp_translate (const char *pattern, gsize length, gboolean is_whole)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Translator self = { .at = pattern, .end = pattern + length, .out = out };

  if (length > MAX_PATTERN || !arbor_function_is_utf8 (pattern, length))
    return NULL;
  g_string_append (out, is_whole ? "\\A(?:" : "(?:");
  while (self.at < self.end)
    if (!read_next (&self))
      return NULL;
  if (self.n_open > 0)
    return NULL;
  g_string_append (out, is_whole ? ")\\z" : ")");
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
translate_search (const char *pattern, gsize length)
{
  return arbor_iregexp_translate (pattern, length, FALSE);
}

static char *
translate_match (const char *pattern, gsize length)
{
  return arbor_iregexp_translate (pattern, length, TRUE);
}

gboolean
arbor_iregexp_match (const char *pattern, gsize pattern_length, const char *text, gsize length,
                     gboolean is_whole, ArborScope *scope)
{
  static const ArborPatternKind kinds[] = { { FALSE, translate_search }, { FALSE, translate_match } };
  const ArborPattern *compiled;

  compiled = arbor_pattern_get (&kinds[is_whole ? 1 : 0], pattern_length > 0 ? pattern : "",
                                pattern_length, scope);
  return compiled != NULL && length < G_MAXINT32 && arbor_function_is_utf8 (text, length) &&
         arbor_pattern_search (compiled, length > 0 ? text : "", length, 0, scope) ==
             ARBOR_SEARCH_FOUND;
}
