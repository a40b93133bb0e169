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

#include "query/expr/arbor-pattern-private.h"

#include <string.h>

/* Repetitions of so few do not multiply much. */
#define FEW      4u
#define NO_LIMIT G_MAXUINT

gboolean
arbor_pattern_reader_is_at (const ArborPatternReader *self, const char *text)
{
  gsize length = strlen (text);

  return (gsize)(self->end - self->at) >= length && memcmp (self->at, text, length) == 0;
}

gboolean
arbor_pattern_reader_set_unknown (ArborPatternReader *self)
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

/* {n}, {n,} or {n,m}; FALSE, nothing taken: it is none of them. */
static gboolean
read_range (ArborPatternReader *self, guint *min, guint *max)
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
read_quantifier (ArborPatternReader *self, guint *min, guint *max, gboolean *is_possessive)
{
  *min = *max = 1;
  *is_possessive = FALSE;
  if (self->at >= self->end || strchr ("*+?{", *self->at) == NULL || *self->at == '\0')
    return TRUE;

  self->shape->is_literal = FALSE;
  if (*self->at == '{')
    {
      if (!read_range (self, min, max))
        return arbor_pattern_reader_set_unknown (self);
    }
  else
    {
      *min = *self->at == '+';
      *max = *self->at == '?' ? 1 : NO_LIMIT;
      self->at++;
    }
  if (arbor_pattern_reader_is_at (self, "+"))
    *is_possessive = TRUE;
  if (arbor_pattern_reader_is_at (self, "+") || arbor_pattern_reader_is_at (self, "?"))
    self->at++;
  return TRUE;
}

/* Something follows, of which nothing is known. */
static void
meet_anything (ArborPatternReader *self)
{
  self->shape->has_loops |= self->is_pending;
  self->is_pending = FALSE;
}

/* The end follows, or a line end. */
static void
meet_end (ArborPatternReader *self)
{
  const ArborPatternSet *set = &self->pending;

  if (self->is_pending && (set->is_negated || (set->ascii[0] & 0x3C00) != 0))
    self->shape->has_loops = TRUE;
  self->is_pending = FALSE;
}

static gboolean
add_part (ArborPatternReader *self, const ArborPatternSet *set, gboolean is_one, gunichar c)
{
  gboolean is_possessive;
  guint min, max;

  if (self->is_anchored)
    self->shape->is_literal = FALSE;
  if (!read_quantifier (self, &min, &max, &is_possessive))
    return FALSE;
  /* A caseless letter would do, too, but is no single character everywhere. */
  if (self->is_pending &&
      (!is_one || min == 0 || self->is_caseless || arbor_pattern_set_has (&self->pending, c)))
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
open_group (ArborPatternReader *self)
{
  static const char *const names[] = { "?<", "?P<", "?'" };
  ArborPatternGroup group = { .has_number = self->has_numbers,
                  .n_alternatives = 1,
                  .n_ways = 1,
                  .n_literal = self->shape->literal->len };

  meet_anything (self);
  if (self->n_open == ARBOR_PATTERN_MAX_NESTING || arbor_pattern_reader_is_at (self, "*"))
    return arbor_pattern_reader_set_unknown (self);
  if (arbor_pattern_reader_is_at (self, "?:"))
    {
      self->at += 2;
      group.has_number = FALSE;
    }
  else if (arbor_pattern_reader_is_at (self, "?"))
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (names) && !arbor_pattern_reader_is_at (self, names[i]))
        i++;
      if (i == G_N_ELEMENTS (names) || arbor_pattern_reader_is_at (self, "?<=") ||
          arbor_pattern_reader_is_at (self, "?<!"))
        return arbor_pattern_reader_set_unknown (self);
      self->at += strlen (names[i]);
      while (self->at < self->end && *self->at != '>' && *self->at != '\'')
        self->at++;
      if (self->at >= self->end)
        return arbor_pattern_reader_set_unknown (self);
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
close_group (ArborPatternReader *self)
{
  gboolean was_pending = self->is_pending;
  guint min, max, n_ways, n_copies, all = 1;
  gboolean is_possessive;
  const ArborPatternGroup *group;

  if (self->n_open == 0 || !read_quantifier (self, &min, &max, &is_possessive))
    return arbor_pattern_reader_set_unknown (self);
  /* Compiled code does not forget what groups inside took where what follows fails. */
  if (is_possessive)
    return arbor_pattern_reader_set_unknown (self);
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
read_bar (ArborPatternReader *self)
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
read_anchor (ArborPatternReader *self, gboolean is_end, gboolean is_strict)
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
    return arbor_pattern_reader_set_unknown (self);
  return TRUE;
}

/* Behind a backslash. */
static gboolean
read_escape (ArborPatternReader *self)
{
  char letter = self->at < self->end ? *self->at : '\0';
  ArborPatternSet set = { { 0 } };
  gunichar c;

  if (arbor_pattern_is_class_letter (letter))
    {
      self->at++;
      arbor_pattern_set_add_class (self, letter, &set);
      return add_part (self, &set, FALSE, 0);
    }
  if (letter == 'p' || letter == 'P')
    {
      self->at++;
      return arbor_pattern_reader_read_property (self, &set) && add_part (self, &set, FALSE, 0);
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
  if (!arbor_pattern_reader_take_escaped (self, &c))
    return arbor_pattern_reader_set_unknown (self);
  arbor_pattern_set_add (self, c, &set);
  return add_part (self, &set, TRUE, c);
}

static gboolean
read_next (ArborPatternReader *self)
{
  ArborPatternSet set = { { 0 } };
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
      return arbor_pattern_reader_read_class (self, &set) && add_part (self, &set, FALSE, 0);
    case '.':
      self->at++;
      arbor_pattern_set_negate (&set);
      return add_part (self, &set, FALSE, 0);
    case '*':
    case '+':
    case '?':
    case '{':
      return arbor_pattern_reader_set_unknown (self);
    default:
      c = arbor_pattern_reader_take (self);
      arbor_pattern_set_add (self, c, &set);
      return add_part (self, &set, TRUE, c);
    }
}

void
arbor_pattern_shape_read (ArborPatternShape *self, const char *text, gsize length,
                          gboolean has_numbers)
{
  ArborPatternReader reader = {
    .shape = self, .at = text, .end = text + length, .has_numbers = has_numbers
  };
  gboolean is_good = TRUE;

  *self = (ArborPatternShape){ .is_known = TRUE, .is_literal = TRUE, .n_ways = 1 };
  self->literal = g_string_new (NULL);
  if (arbor_pattern_reader_is_at (&reader, "(?i)"))
    {
      reader.is_caseless = TRUE;
      reader.at += 4;
    }
  while (is_good && reader.at < reader.end)
    is_good = read_next (&reader);
  if (reader.n_open > 0)
    arbor_pattern_reader_set_unknown (&reader);
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
