/* Replacements. See arbor-replacement.h.
 *
 * A replacement is read once into parts: a text, a group or a change of case. A change holds until
 * the next one, or for one character, whatever part that comes from. A group that the pattern has
 * not, or that has no part in the match, is nothing.
 */

#include "query/expr/arbor-replacement.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/arbor-error.h"

typedef enum
{
  PART_TEXT,
  PART_GROUP,
  PART_NAMED,
  PART_CASE,
} PartKind;

typedef struct
{
  PartKind kind;
  GString *text; /* TEXT, or the name of NAMED */
  guint group;
  char letter; /* of CASE: l u L U E */
} Part;

struct _ArborReplacement
{
  GArray *parts;
};

typedef struct
{
  ArborReplacement *replacement;
  const char *text;
  const char *at;
  GString *open; /* the text that is being read */
} Reader;

static void
clear_part (gpointer data)
{
  Part *part = data;

  if (part->text != NULL)
    g_string_free (part->text, TRUE);
}

static void
end_text (Reader *self)
{
  Part part = { .kind = PART_TEXT, .text = self->open };

  if (self->open->len == 0)
    return;
  g_array_append_val (self->replacement->parts, part);
  self->open = g_string_new (NULL);
}

static void
add_part (Reader *self, Part part)
{
  end_text (self);
  g_array_append_val (self->replacement->parts, part);
}

static gboolean
fail (const Reader *self, const char *expected, GError **error)
{
  g_set_error (
      error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
      /* Translators: the first %s is the replacement, the second what should stand there. */
      _ ("Bad replacement '%s': expected %s at its byte %zu (from 0)"), self->text, expected,
      (gsize)(self->at - self->text));
  return FALSE;
}

static gboolean
add_character (Reader *self, guint64 c, GError **error)
{
  if (c > 0x10FFFF || !g_unichar_validate ((gunichar)c))
    return fail (self, _ ("the number of a character"), error);
  g_string_append_unichar (self->open, (gunichar)c);
  return TRUE;
}

/* Behind \x: {1F600}, or two digits. */
static gboolean
read_hex (Reader *self, GError **error)
{
  gboolean has_braces = *self->at == '{';
  guint64 c = 0;
  guint n = 0;

  self->at += has_braces;
  for (; g_ascii_isxdigit (*self->at) && n < (has_braces ? 8u : 2u); n++)
    c = c * 16 + (guint64)g_ascii_xdigit_value (*self->at++);
  if (has_braces ? n == 0 || *self->at != '}' : n < 2)
    return fail (self, has_braces ? _ ("hexadecimal digits and '}'") : _ ("two hexadecimal digits"),
                 error);
  self->at += has_braces;
  return add_character (self, c, error);
}

/* At a digit: a group; or an octal number, which begins with 0 or has three digits up to 7. */
static gboolean
read_digits (Reader *self, GError **error)
{
  gboolean is_octal = *self->at == '0' && g_ascii_isdigit (self->at[1]);
  gboolean is_decimal = FALSE;
  guint octal = 0, decimal = 0, n = 0;

  self->at += is_octal;
  for (; n < 3 && g_ascii_isdigit (*self->at); n++)
    {
      guint digit = (guint)g_ascii_digit_value (*self->at);

      if (digit > 7 && is_octal)
        break;
      is_decimal |= digit > 7;
      if (n == 2 && is_decimal)
        break;
      octal = octal * 8 + digit;
      decimal = decimal * 10 + digit;
      self->at++;
    }
  if (is_octal || n == 3)
    return add_character (self, octal, error);
  add_part (self, (Part){ .kind = PART_GROUP, .group = decimal });
  return TRUE;
}

/* Behind \g: <1> or <name>. */
static gboolean
read_reference (Reader *self, GError **error)
{
  const char *name = self->at + 1;
  guint64 number = 0;
  gsize length = 0;

  if (*self->at != '<')
    return fail (self, "'<'", error);
  while (g_ascii_isalnum (name[length]) || name[length] == '_')
    length++;
  self->at = name + length;
  if (length == 0 || *self->at != '>')
    return fail (self, _ ("the number or name of a group and '>'"), error);
  self->at++;
  if (!g_ascii_isdigit (*name))
    {
      add_part (self,
                (Part){ .kind = PART_NAMED, .text = g_string_new_len (name, (gssize)length) });
      return TRUE;
    }
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (name[i]))
        return fail (self, _ ("digits alone before '>'"), error);
      number = MIN (number * 10 + (guint64)g_ascii_digit_value (name[i]), G_MAXINT32);
    }
  add_part (self, (Part){ .kind = PART_GROUP, .group = (guint)number });
  return TRUE;
}

/* Behind a backslash. */
static gboolean
read_escape (Reader *self, GError **error)
{
  static const char letters[] = "tnvrfab\\";
  static const char meanings[] = "\t\n\v\r\f\a\b\\";
  const char *letter;

  if (g_ascii_isdigit (*self->at))
    return read_digits (self, error);
  if (*self->at != '\0' && strchr ("luLUE", *self->at) != NULL)
    {
      add_part (self, (Part){ .kind = PART_CASE, .letter = *self->at++ });
      return TRUE;
    }
  letter = *self->at != '\0' ? strchr (letters, *self->at) : NULL;
  if (letter != NULL)
    g_string_append_c (self->open, meanings[letter - letters]);
  else if (*self->at != 'x' && *self->at != 'g')
    return fail (self, _ ("a digit or one of \\ a b f g l n r t u v x E L U behind '\\'"), error);
  self->at++;
  if (letter != NULL)
    return TRUE;
  return self->at[-1] == 'x' ? read_hex (self, error) : read_reference (self, error);
}

ArborReplacement *
arbor_replacement_new (const char *text, GError **error)
{
  g_autoptr (ArborReplacement) self = g_new0 (ArborReplacement, 1);
  Reader reader = { .replacement = self, .text = text, .at = text, .open = g_string_new (NULL) };
  gboolean is_good = TRUE;

  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  g_array_set_clear_func (self->parts, clear_part);
  while (is_good && *reader.at != '\0')
    {
      const char *next = strchr (reader.at, '\\');
      gsize length = next != NULL ? (gsize)(next - reader.at) : strlen (reader.at);

      g_string_append_len (reader.open, reader.at, (gssize)length);
      reader.at += length;
      if (next != NULL)
        {
          reader.at++;
          is_good = read_escape (&reader, error);
        }
    }
  end_text (&reader);
  g_string_free (reader.open, TRUE);
  return is_good ? g_steal_pointer (&self) : NULL;
}

void
arbor_replacement_free (ArborReplacement *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->parts);
  g_free (self);
}

/* In the case that @letter asks for, which is used up by one character if it is for one. */
static void
append_text (const char *text, gsize length, char *letter, GString *out)
{
  const char *end = text + length;

  while (text < end && *letter != 'E')
    {
      gunichar c = g_utf8_get_char (text);

      g_string_append_unichar (out, g_ascii_tolower (*letter) == 'l' ? g_unichar_tolower (c)
                                                                     : g_unichar_toupper (c));
      if (g_ascii_islower (*letter))
        *letter = 'E';
      text = g_utf8_next_char (text);
    }
  g_string_append_len (out, text, end - text);
}

void
arbor_replacement_append (const ArborReplacement *self, const ArborPattern *pattern,
                          const char *text, ArborScope *scope, GString *out)
{
  char letter = 'E';
  gsize start, end;

  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = &g_array_index (self->parts, Part, i);

      if (part->kind == PART_CASE)
        letter = part->letter;
      else if (part->kind == PART_TEXT)
        append_text (part->text->str, part->text->len, &letter, out);
      else if (part->kind == PART_GROUP
                   ? arbor_pattern_get_group (pattern, scope, part->group, &start, &end)
                   : arbor_pattern_get_named (pattern, scope, part->text->str, &start, &end))
        append_text (text + start, end - start, &letter, out);
    }
}
