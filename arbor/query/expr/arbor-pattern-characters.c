/* Reading a regular expression: characters, escapes that stand for one, and classes, each as the set of what
 * it matches. Of characters beyond ASCII a set knows only whether there may be any: that is on the safe side
 * for whether one repetition may take what follows it.
 */

#include "query/expr/arbor-pattern-private.h"

#include <string.h>

void
arbor_pattern_set_add (const ArborPatternReader *self, gunichar c, ArborPatternSet *set)
{
  if (c >= 0x80)
    {
      set->is_wide = TRUE;
      return;
    }
  set->ascii[c / 64] |= G_GUINT64_CONSTANT (1) << (c % 64);
  if (self->is_caseless && g_ascii_isalpha ((char)c))
    {
      c ^= 0x20;
      set->ascii[c / 64] |= G_GUINT64_CONSTANT (1) << (c % 64);
      set->is_wide = TRUE; /* s and k have a third */
    }
}

gboolean
arbor_pattern_set_has (const ArborPatternSet *set, gunichar c)
{
  return c >= 0x80 ? set->is_wide : (set->ascii[c / 64] >> (c % 64) & 1) != 0;
}

void
arbor_pattern_set_negate (ArborPatternSet *set)
{
  set->ascii[0] = ~set->ascii[0];
  set->ascii[1] = ~set->ascii[1];
  set->is_wide = set->is_negated = TRUE;
}

gboolean
arbor_pattern_is_class_letter (char c)
{
  return c != '\0' && strchr ("dDwWsS", c) != NULL;
}

/* \d and its kin. */
void
arbor_pattern_set_add_class (const ArborPatternReader *self, char letter, ArborPatternSet *set)
{
  ArborPatternSet all = { { 0 } };

  for (gunichar c = 0; c < 0x80; c++)
    {
      char l = g_ascii_tolower (letter);

      if (l == 'd'   ? g_ascii_isdigit ((char)c)
          : l == 'w' ? g_ascii_isalnum ((char)c) || c == '_'
                     : g_ascii_isspace ((char)c) || c == '\v')
        arbor_pattern_set_add (self, c, &all);
    }
  all.is_wide = TRUE;
  if (g_ascii_isupper (letter))
    arbor_pattern_set_negate (&all);
  set->ascii[0] |= all.ascii[0];
  set->ascii[1] |= all.ascii[1];
  set->is_wide = TRUE;
  set->is_negated |= all.is_negated;
}

gunichar
arbor_pattern_reader_take (ArborPatternReader *self)
{
  gunichar c = g_utf8_get_char (self->at);

  self->at = g_utf8_next_char (self->at);
  return c;
}

/* Behind "\x". */
static gboolean
take_hex (ArborPatternReader *self, gunichar *c)
{
  const char *at = self->at;
  gboolean has_braces = at < self->end && *at == '{';
  guint n = 0;

  *c = 0;
  for (at += has_braces; at < self->end && g_ascii_isxdigit (*at) && n < (has_braces ? 6u : 2u);
       at++, n++)
    *c = *c * 16 + (gunichar)g_ascii_xdigit_value (*at);
  if (has_braces && (n == 0 || at >= self->end || *at++ != '}'))
    return FALSE;
  self->at = at;
  return g_unichar_validate (*c);
}

/* Behind a backslash: a character. FALSE, nothing taken: it is none that is known. */
gboolean
arbor_pattern_reader_take_escaped (ArborPatternReader *self, gunichar *c)
{
  static const char letters[] = "ntrfea";
  static const char meanings[] = "\n\t\r\f\033\a";
  const char *letter;

  if (self->at >= self->end)
    return FALSE;
  if (*self->at == 'x')
    {
      self->at++;
      return take_hex (self, c);
    }
  letter = strchr (letters, *self->at);
  if (letter != NULL && *letter != '\0')
    *c = (gunichar)meanings[letter - letters];
  else if (g_ascii_ispunct (*self->at) || *self->at == ' ')
    *c = (gunichar)*self->at;
  else
    return FALSE;
  self->at++;
  return TRUE;
}

/* Behind \p or \P: anything. */
gboolean
arbor_pattern_reader_read_property (ArborPatternReader *self, ArborPatternSet *set)
{
  const char *close = self->at < self->end && *self->at == '{'
                          ? memchr (self->at, '}', (gsize)(self->end - self->at))
                          : NULL;

  if (close == NULL)
    return arbor_pattern_reader_set_unknown (self);
  self->at = close + 1;
  *set = (ArborPatternSet){ { G_MAXUINT64, G_MAXUINT64 }, TRUE, TRUE };
  return TRUE;
}

/* A character of a class, at most the first of a range. */
static gboolean
read_class_item (ArborPatternReader *self, ArborPatternSet *set, gunichar *c, gboolean *is_one)
{
  *is_one = FALSE;
  if (*self->at == '\\' && self->at + 1 < self->end)
    {
      self->at++;
      if (arbor_pattern_is_class_letter (*self->at))
        {
          arbor_pattern_set_add_class (self, *self->at++, set);
          return TRUE;
        }
      if (*self->at == 'p' || *self->at == 'P')
        {
          self->at++;
          return arbor_pattern_reader_read_property (self, set);
        }
      *is_one = TRUE;
      return arbor_pattern_reader_take_escaped (self, c) || arbor_pattern_reader_set_unknown (self);
    }
  if (arbor_pattern_reader_is_at (self, "[:") || arbor_pattern_reader_is_at (self, "[.") ||
      arbor_pattern_reader_is_at (self, "[="))
    return arbor_pattern_reader_set_unknown (self);
  *is_one = TRUE;
  *c = arbor_pattern_reader_take (self);
  return TRUE;
}

/* Behind '['. */
gboolean
arbor_pattern_reader_read_class (ArborPatternReader *self, ArborPatternSet *set)
{
  gboolean is_negative = arbor_pattern_reader_is_at (self, "^");
  gboolean is_first = TRUE;

  self->at += is_negative;
  for (; self->at < self->end && (is_first || *self->at != ']'); is_first = FALSE)
    {
      gunichar first, last;
      gboolean is_one;

      if (!read_class_item (self, set, &first, &is_one))
        return FALSE;
      if (!is_one)
        continue;
      last = first;
      if (arbor_pattern_reader_is_at (self, "-") && self->at + 1 < self->end && self->at[1] != ']')
        {
          self->at++;
          if (!read_class_item (self, set, &last, &is_one) || !is_one || last < first)
            return arbor_pattern_reader_set_unknown (self);
        }
      for (gunichar c = first; c <= MIN (last, 0x80); c++)
        arbor_pattern_set_add (self, c, set);
      if (last >= 0x80)
        set->is_wide = TRUE;
      /* The letters that others have as another case. */
      if (last >= 0x80 && first < last && self->is_caseless)
        *set = (ArborPatternSet){ { G_MAXUINT64, G_MAXUINT64 }, TRUE, TRUE };
    }
  if (self->at >= self->end)
    return arbor_pattern_reader_set_unknown (self);
  self->at++;
  if (set->is_wide)
    set->is_negated = TRUE; /* which ones is not kept */
  if (is_negative)
    arbor_pattern_set_negate (set);
  return TRUE;
}
