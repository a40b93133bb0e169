/* The shape of a regular expression: whether it is a plain text, and how the steps that PCRE2's
 * interpreter counts relate to those that its compiled code counts.
 *
 * Both count a step where a repetition goes on or gives back. Compiled code differs in two ways:
 *
 *  - It counts none for the alternatives of groups with a number. So these are multiplied, copies
 * of repeated groups included: that many times as much may go uncounted.
 *  - Where a repetition of one character is followed by a certain character, it looks for that one
 *    without counting what it gives back on the way. So the length of the text is a factor, unless
 *    the repetition can never give back: what follows it is not among what it repeats. PCRE2 sees
 *    that for single characters, which is what is looked for here ("tight").
 *
 * All that is not a character, a class, an anchor, a group, a bar or a quantifier makes the pattern
 * unknown, and the interpreter alone searches with it. Reading never fails: whether a text is a
 * regular expression at all is for PCRE2 to say.
 */

#include "query/expr/arbor-pattern-shape.h"

#include <string.h>

#define MAX_NESTING 64u
/* Repetitions of so few do not multiply much. */
#define FEW      4u
#define NO_LIMIT G_MAXUINT

/* Characters, as far as it matters. */
typedef struct
{
  guint64 ascii[2];
  gboolean is_wide;    /* others may be among them */
  gboolean is_negated; /* line ends beyond ASCII may be among them */
} Set;

typedef struct
{
  gboolean has_number;
  guint n_alternatives;
  guint n_ways; /* of the groups inside */
  gsize n_literal; /* before it */
} Group;

typedef struct
{
  ArborPatternShape *shape;
  const char *at;
  const char *end;
  gboolean has_numbers;
  gboolean is_caseless;
  Group groups[MAX_NESTING];
  guint n_open;
  gboolean is_pending; /* a repetition waits for what follows it */
  Set pending;
  gboolean is_anchored; /* an end anchor was read: nothing literal may follow */
} Reader;

static gboolean
is_at (const Reader *self, const char *text)
{
  gsize length = strlen (text);

  return (gsize)(self->end - self->at) >= length && memcmp (self->at, text, length) == 0;
}

static gboolean
set_unknown (Reader *self)
{
  self->shape->is_known = FALSE;
  self->shape->is_literal = FALSE;
  return FALSE;
}

static guint
multiply (guint a, guint b)
{
  guint product;

  return g_uint_checked_mul (&product, a, b) ? product : G_MAXUINT;
}

static void
add_character (const Reader *self, gunichar c, Set *set)
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

static gboolean
has_character (const Set *set, gunichar c)
{
  return c >= 0x80 ? set->is_wide : (set->ascii[c / 64] >> (c % 64) & 1) != 0;
}

static void
negate (Set *set)
{
  set->ascii[0] = ~set->ascii[0];
  set->ascii[1] = ~set->ascii[1];
  set->is_wide = set->is_negated = TRUE;
}

static gboolean
is_class_letter (char c)
{
  return c != '\0' && strchr ("dDwWsS", c) != NULL;
}

/* \d and its kin. */
static void
add_class (const Reader *self, char letter, Set *set)
{
  Set all = { { 0 } };

  for (gunichar c = 0; c < 0x80; c++)
    {
      char l = g_ascii_tolower (letter);

      if (l == 'd'   ? g_ascii_isdigit ((char)c)
          : l == 'w' ? g_ascii_isalnum ((char)c) || c == '_'
                     : g_ascii_isspace ((char)c) || c == '\v')
        add_character (self, c, &all);
    }
  all.is_wide = TRUE;
  if (g_ascii_isupper (letter))
    negate (&all);
  set->ascii[0] |= all.ascii[0];
  set->ascii[1] |= all.ascii[1];
  set->is_wide = TRUE;
  set->is_negated |= all.is_negated;
}

static gunichar
take_character (Reader *self)
{
  gunichar c = g_utf8_get_char (self->at);

  self->at = g_utf8_next_char (self->at);
  return c;
}

/* Behind "\x". */
static gboolean
take_hex (Reader *self, gunichar *c)
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
static gboolean
take_escaped (Reader *self, gunichar *c)
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
static gboolean
read_property (Reader *self, Set *set)
{
  const char *close = self->at < self->end && *self->at == '{'
                          ? memchr (self->at, '}', (gsize)(self->end - self->at))
                          : NULL;

  if (close == NULL)
    return set_unknown (self);
  self->at = close + 1;
  *set = (Set){ { G_MAXUINT64, G_MAXUINT64 }, TRUE, TRUE };
  return TRUE;
}

/* A character of a class, at most the first of a range. */
static gboolean
read_class_item (Reader *self, Set *set, gunichar *c, gboolean *is_one)
{
  *is_one = FALSE;
  if (*self->at == '\\' && self->at + 1 < self->end)
    {
      self->at++;
      if (is_class_letter (*self->at))
        {
          add_class (self, *self->at++, set);
          return TRUE;
        }
      if (*self->at == 'p' || *self->at == 'P')
        {
          self->at++;
          return read_property (self, set);
        }
      *is_one = TRUE;
      return take_escaped (self, c) || set_unknown (self);
    }
  if (is_at (self, "[:") || is_at (self, "[.") || is_at (self, "[="))
    return set_unknown (self);
  *is_one = TRUE;
  *c = take_character (self);
  return TRUE;
}

/* Behind '['. */
static gboolean
read_class (Reader *self, Set *set)
{
  gboolean is_negative = is_at (self, "^");
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
      if (is_at (self, "-") && self->at + 1 < self->end && self->at[1] != ']')
        {
          self->at++;
          if (!read_class_item (self, set, &last, &is_one) || !is_one || last < first)
            return set_unknown (self);
        }
      for (gunichar c = first; c <= MIN (last, 0x80); c++)
        add_character (self, c, set);
      if (last >= 0x80)
        set->is_wide = TRUE;
      /* The letters that others have as another case. */
      if (last >= 0x80 && first < last && self->is_caseless)
        *set = (Set){ { G_MAXUINT64, G_MAXUINT64 }, TRUE, TRUE };
    }
  if (self->at >= self->end)
    return set_unknown (self);
  self->at++;
  if (set->is_wide)
    set->is_negated = TRUE; /* which ones is not kept */
  if (is_negative)
    negate (set);
  return TRUE;
}

/* {n}, {n,} or {n,m}; FALSE, nothing taken: it is none of them. */
static gboolean
read_range (Reader *self, guint *min, guint *max)
{
  const char *at = self->at + 1;
  guint64 numbers[2] = { 0, 0 };
  gboolean has_comma = FALSE, has_max = FALSE;

  for (; at < self->end && *at != '}'; at++)
    {
      if (*at == ',' && !has_comma && at > self->at + 1)
        has_comma = TRUE;
      else if (g_ascii_isdigit (*at) && numbers[has_comma] < G_MAXUINT16)
        {
          numbers[has_comma] = numbers[has_comma] * 10 + (guint64)(*at - '0');
          has_max |= has_comma;
        }
      else
        return FALSE;
    }
  if (at >= self->end || at == self->at + 1)
    return FALSE;
  *min = (guint)numbers[0];
  *max = !has_comma ? *min : has_max ? (guint)numbers[1] : NO_LIMIT;
  self->at = at + 1;
  return TRUE;
}

/* What stands behind a part: how often it comes, once without. */
static gboolean
read_quantifier (Reader *self, guint *min, guint *max, gboolean *is_possessive)
{
  *min = *max = 1;
  *is_possessive = FALSE;
  if (self->at >= self->end || strchr ("*+?{", *self->at) == NULL || *self->at == '\0')
    return TRUE;

  self->shape->is_literal = FALSE;
  if (*self->at == '{')
    {
      if (!read_range (self, min, max))
        return set_unknown (self);
    }
  else
    {
      *min = *self->at == '+';
      *max = *self->at == '?' ? 1 : NO_LIMIT;
      self->at++;
    }
  if (is_at (self, "+"))
    *is_possessive = TRUE;
  if (is_at (self, "+") || is_at (self, "?"))
    self->at++;
  return TRUE;
}

/* Something follows, of which nothing is known. */
static void
meet_anything (Reader *self)
{
  self->shape->has_loops |= self->is_pending;
  self->is_pending = FALSE;
}

/* The end follows, or a line end. */
static void
meet_end (Reader *self)
{
  const Set *set = &self->pending;

  if (self->is_pending && (set->is_negated || (set->ascii[0] & 0x3C00) != 0))
    self->shape->has_loops = TRUE;
  self->is_pending = FALSE;
}

static gboolean
add_part (Reader *self, const Set *set, gboolean is_one, gunichar c)
{
  gboolean is_possessive;
  guint min, max;

  if (self->is_anchored)
    self->shape->is_literal = FALSE;
  if (!read_quantifier (self, &min, &max, &is_possessive))
    return FALSE;
  /* A caseless letter would do, too, but is no single character everywhere. */
  if (self->is_pending &&
      (!is_one || min == 0 || self->is_caseless || has_character (&self->pending, c)))
    self->shape->has_loops = TRUE;
  self->is_pending = max > min && (max == NO_LIMIT || max - min > FEW) && !is_possessive;
  self->pending = *set;
  self->shape->n_parts = MIN (self->shape->n_parts + MIN (max, FEW) + 1, G_MAXINT16);
  if (!is_one || self->is_caseless)
    self->shape->is_literal = FALSE;
  if (self->shape->is_literal)
    g_string_append_unichar (self->shape->literal, c);
  return TRUE;
}

/* Behind '('. */
static gboolean
open_group (Reader *self)
{
  static const char *const names[] = { "?<", "?P<", "?'" };
  Group group = { .has_number = self->has_numbers,
                  .n_alternatives = 1,
                  .n_ways = 1,
                  .n_literal = self->shape->literal->len };

  meet_anything (self);
  if (self->n_open == MAX_NESTING || is_at (self, "*"))
    return set_unknown (self);
  if (is_at (self, "?:"))
    {
      self->at += 2;
      group.has_number = FALSE;
    }
  else if (is_at (self, "?"))
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (names) && !is_at (self, names[i]))
        i++;
      if (i == G_N_ELEMENTS (names) || is_at (self, "?<=") || is_at (self, "?<!"))
        return set_unknown (self);
      self->at += strlen (names[i]);
      while (self->at < self->end && *self->at != '>' && *self->at != '\'')
        self->at++;
      if (self->at >= self->end)
        return set_unknown (self);
      self->at++;
      group.has_number = TRUE;
    }
  if (self->is_anchored || group.has_number)
    self->shape->is_literal = FALSE;
  self->groups[self->n_open++] = group;
  return TRUE;
}

/* Behind ')'. */
static gboolean
close_group (Reader *self)
{
  gboolean was_pending = self->is_pending;
  guint min, max, n_ways, n_copies, all = 1;
  gboolean is_possessive;
  const Group *group;

  if (self->n_open == 0 || !read_quantifier (self, &min, &max, &is_possessive))
    return set_unknown (self);
  /* Compiled code does not forget what groups inside took where what follows fails. */
  if (is_possessive)
    return set_unknown (self);
  group = &self->groups[--self->n_open];
  if (max != 1 || min != 1)
    g_string_truncate (self->shape->literal, group->n_literal);
  /* The next round begins behind it, or what is behind the bar goes on elsewhere. */
  if (was_pending && (max != 1 || min != 1 || group->n_alternatives > 1))
    meet_anything (self);

  n_ways = multiply (group->has_number ? group->n_alternatives : 1, group->n_ways);
  n_copies = max == NO_LIMIT ? MAX (min, 1) : max;
  for (guint i = 0; i < n_copies && n_ways > 1 && all != G_MAXUINT; i++)
    all = multiply (all, n_ways);
  self->shape->n_parts = MIN (multiply (self->shape->n_parts + 1, MAX (n_copies, 1)), G_MAXINT16);
  if (self->n_open > 0)
    self->groups[self->n_open - 1].n_ways = multiply (self->groups[self->n_open - 1].n_ways, all);
  else
    self->shape->n_ways = multiply (self->shape->n_ways, all);
  return TRUE;
}

static gboolean
read_bar (Reader *self)
{
  self->shape->is_literal = FALSE;
  self->shape->n_parts++;
  if (self->n_open > 0)
    {
      meet_anything (self);
      self->groups[self->n_open - 1].n_alternatives++;
    }
  else
    {
      self->shape->is_at_start = FALSE;
    }
  /* The other alternatives begin otherwise. */
  g_string_truncate (self->shape->literal, self->n_open > 0 ? self->groups[0].n_literal : 0);
  self->is_pending = FALSE;
  return TRUE;
}

static gboolean
read_anchor (Reader *self, gboolean is_end, gboolean is_strict)
{
  guint min, max;
  gboolean is_possessive;

  if (is_end)
    meet_end (self);
  else
    meet_anything (self);
  if (is_end)
    self->is_anchored = self->shape->is_at_end = TRUE;
  else if (self->shape->literal->len > 0 || self->is_anchored || self->shape->n_parts > 0)
    self->shape->is_literal = FALSE;
  else
    self->shape->is_at_start = TRUE;
  self->shape->is_strict |= is_strict;
  if (!read_quantifier (self, &min, &max, &is_possessive) || min != 1 || max != 1)
    return set_unknown (self);
  return TRUE;
}

/* Behind a backslash. */
static gboolean
read_escape (Reader *self)
{
  char letter = self->at < self->end ? *self->at : '\0';
  Set set = { { 0 } };
  gunichar c;

  if (is_class_letter (letter))
    {
      self->at++;
      add_class (self, letter, &set);
      return add_part (self, &set, FALSE, 0);
    }
  if (letter == 'p' || letter == 'P')
    {
      self->at++;
      return read_property (self, &set) && add_part (self, &set, FALSE, 0);
    }
  if (letter == 'A' || letter == 'Z' || letter == 'z')
    {
      self->at++;
      return read_anchor (self, letter != 'A', letter == 'z');
    }
  if (letter == 'b' || letter == 'B')
    {
      self->at++;
      meet_anything (self);
      self->shape->n_parts++;
      self->shape->is_literal = FALSE;
      return TRUE;
    }
  if (!take_escaped (self, &c))
    return set_unknown (self);
  add_character (self, c, &set);
  return add_part (self, &set, TRUE, c);
}

static gboolean
read_next (Reader *self)
{
  Set set = { { 0 } };
  gunichar c;

  switch (*self->at)
    {
    case '\\':
      self->at++;
      return read_escape (self);
    case '(':
      self->at++;
      return open_group (self);
    case ')':
      self->at++;
      return close_group (self);
    case '|':
      self->at++;
      return read_bar (self);
    case '^':
    case '$':
      return read_anchor (self, *self->at++ == '$', FALSE);
    case '[':
      self->at++;
      return read_class (self, &set) && add_part (self, &set, FALSE, 0);
    case '.':
      self->at++;
      negate (&set);
      return add_part (self, &set, FALSE, 0);
    case '*':
    case '+':
    case '?':
    case '{':
      return set_unknown (self);
    default:
      c = take_character (self);
      add_character (self, c, &set);
      return add_part (self, &set, TRUE, c);
    }
}

void
arbor_pattern_shape_read (ArborPatternShape *self, const char *text, gsize length,
                          gboolean has_numbers)
{
  Reader reader = { .shape = self, .at = text, .end = text + length, .has_numbers = has_numbers };
  gboolean is_good = TRUE;

  *self = (ArborPatternShape){ .is_known = TRUE, .is_literal = TRUE, .n_ways = 1 };
  self->literal = g_string_new (NULL);
  if (is_at (&reader, "(?i)"))
    {
      reader.is_caseless = TRUE;
      reader.at += 4;
    }
  while (is_good && reader.at < reader.end)
    is_good = read_next (&reader);
  if (reader.n_open > 0)
    set_unknown (&reader);
}

void
arbor_pattern_shape_clear (ArborPatternShape *self)
{
  g_string_free (self->literal, TRUE);
}

gint64
arbor_pattern_shape_get_limit (const ArborPatternShape *self, gsize length, guint64 n_steps)
{
  guint64 factor = self->n_ways;

  if (!self->is_known || self->n_ways > G_MAXUINT16)
    return -1;
  factor *= self->has_loops ? (guint64)length + 1 : 4;
  n_steps /= factor;
  return n_steps < self->n_parts ? -1 : (gint64)MIN (n_steps - self->n_parts, G_MAXINT32);
}
