/* The parser: simdjson, and a careful way round for what it cannot do.
 *
 * The ordinary document costs one simdjson parse and one look over its tape. The careful way is
 * taken when simdjson refuses, or when a double zero on the tape may stand for a number that is not
 * zero (simdjson reads 1e-400 as 0.0). There our own scanner decides whether the text is JSON. If it
 * is, the numbers that no 64 bits hold are quoted in a copy of the text, the copy is parsed, and
 * the strings that they became are found again by their ordinal and retagged 'N'.
 *
 * Depth needs no counting: simdjson, told 1,024, takes no document that is deeper, but refuses those
 * of 1,024 levels whose innermost is not empty. The scanner counts for these, and a second simdjson
 * parser, told one more, reads them.
 */

#include "base/arbor-tape.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-json-scan.h"
#include "base/arbor-simdjson.h"

struct _ArborParser
{
  ArborSimdjson *fast;
  ArborSimdjson *deep; /* made when first needed */
  ArborBuffer big;     /* ArborBigNumber of the last scan */
  ArborBuffer quoted;
};

ArborParser *
arbor_parser_new (void)
{
  ArborParser *self = g_new0 (ArborParser, 1);

  self->fast = arbor_simdjson_new (ARBOR_TAPE_MAX_DEPTH);
  return self;
}

void
arbor_parser_free (ArborParser *self)
{
  if (self == NULL)
    return;
  arbor_simdjson_free (self->fast);
  g_clear_pointer (&self->deep, arbor_simdjson_free);
  arbor_buffer_free (&self->big);
  arbor_buffer_free (&self->quoted);
  g_free (self);
}

/* Four words at a time, for the one look over every tape. */
typedef guint64 Words __attribute__ ((vector_size (32)));

/* Whether a word is zero but for its sign bit, as the words after 'd' for 0.0 and -0.0 are, and that
 * after 'l' for 0. No other word is, for they have tags. */
static gboolean
has_zero_word (const guint64 *words, guint32 n_words)
{
  Words found = { 0 };
  guint32 i = 0;

  for (; i + 4 <= n_words; i += 4)
    {
      Words shifted;

      memcpy (&shifted, words + i, sizeof shifted);
      shifted += shifted;
      found |= (shifted - 1) & ~shifted; /* the top bit: shifted is zero */
    }
  for (; i < n_words; i++)
    found[0] |= ((words[i] << 1) - 1) & ~(words[i] << 1);
  return (found[0] | found[1] | found[2] | found[3]) >> 63;
}

/* Whether a double 0.0 or -0.0 is on the tape. May be wrong in saying yes. */
static gboolean
has_zero_double (const guint64 *words)
{
  guint32 n_words = (guint32) words[0];

  if (G_LIKELY (!has_zero_word (words, n_words)))
    return FALSE;
  for (guint32 i = 1; i < n_words; i++)
    if (words[i] << 1 == 0 && words[i - 1] >> 56 == 'd')
      return TRUE;
  return FALSE;
}

/* Whether @text may hold a number so small that it reads as zero. To fall below 1e-323 a number
 * needs an exponent of three digits, or two hundred zeros in a row. May be wrong in saying yes. */
static gboolean
has_tiny_number (const char *text, gsize length)
{
  const char *end = text + length;

  for (const char *at = text; (at = memchr (at, '-', (gsize) (end - at))) != NULL; at++)
    {
      const char *digit = at + 1;

      if (at == text || (at[-1] != 'e' && at[-1] != 'E'))
        continue;
      while (digit < end && *digit == '0')
        digit++;
      if (end - digit >= 3 && g_ascii_isdigit (digit[0]) && g_ascii_isdigit (digit[1]) &&
          g_ascii_isdigit (digit[2]))
        return TRUE;
    }
  for (gsize i = 128; i < length; i += 64)
    if (text[i - 128] == '0' && text[i - 64] == '0' && text[i] == '0')
      return TRUE;
  return FALSE;
}

/* Copies the text, with the big numbers in quotes. */
static void
quote_big_numbers (ArborParser *self, const char *text, gsize length)
{
  const ArborBigNumber *big = (const ArborBigNumber *) self->big.data;
  gsize n_big = self->big.length / sizeof (ArborBigNumber);
  gsize done = 0;

  arbor_buffer_clear (&self->quoted);
  arbor_buffer_reserve (&self->quoted, length + 2 * n_big + ARBOR_PARSER_PADDING);
  for (gsize i = 0; i < n_big; i++)
    {
      arbor_buffer_append (&self->quoted, text + done, big[i].offset - done);
      arbor_buffer_append_byte (&self->quoted, '"');
      arbor_buffer_append (&self->quoted, text + big[i].offset, big[i].length);
      arbor_buffer_append_byte (&self->quoted, '"');
      done = (gsize) big[i].offset + big[i].length;
    }
  arbor_buffer_append (&self->quoted, text + done, length - done);
  memset (arbor_buffer_reserve (&self->quoted, ARBOR_PARSER_PADDING), 0, ARBOR_PARSER_PADDING);
}

/* Retags the strings that stand for big numbers. */
static void
retag_big_numbers (ArborParser *self, const ArborTape *tape, guint64 *words)
{
  const ArborBigNumber *big = (const ArborBigNumber *) self->big.data;
  gsize n_big = self->big.length / sizeof (ArborBigNumber);
  guint32 ordinal = 0;
  gsize next = 0;

  for (guint32 i = ARBOR_TAPE_ROOT; next < n_big; i++)
    {
      char tag = arbor_tape_tag (tape, i);

      if (tag == 'l' || tag == 'u' || tag == 'd')
        i++;
      else if (tag == '"' && ordinal++ == big[next].ordinal)
        {
          words[i] = (guint64) 'N' << 56 | arbor_tape_payload (tape, i);
          next++;
        }
    }
}

static gboolean
parse_carefully (ArborParser *self, const char *text, gsize length, ArborTape *tape,
                 gsize *error_offset, const char **reason)
{
  guint64 *words;
  guint8 *strings;

  if (!arbor_json_scan (text, length, &self->big, error_offset, reason))
    {
      *reason = _ (*reason);
      return FALSE;
    }
  if (self->deep == NULL)
    self->deep = arbor_simdjson_new (ARBOR_TAPE_MAX_DEPTH + 1);
  if (self->big.length > 0)
    {
      quote_big_numbers (self, text, length);
      text = (const char *) self->quoted.data;
      length = self->quoted.length;
    }
  if (length > ARBOR_SIMDJSON_MAX_LENGTH ||
      !arbor_simdjson_parse (self->deep, text, length, &words, &strings))
    {
      *error_offset = 0;
      *reason = _("a document that cannot be read");
      return FALSE;
    }
  *tape = (ArborTape){ words, strings };
  retag_big_numbers (self, tape, words);
  return TRUE;
}

gboolean
arbor_parser_parse (ArborParser *self, const char *text, gsize length, ArborTape *tape,
                    gsize *error_offset, const char **reason)
{
  guint64 *words;
  guint8 *strings;

  if (length > ARBOR_SIMDJSON_MAX_LENGTH)
    {
      *error_offset = ARBOR_SIMDJSON_MAX_LENGTH;
      *reason = _("a document of 4 GiB or more");
      return FALSE;
    }
  if (arbor_simdjson_parse (self->fast, text, length, &words, &strings) &&
      !(G_UNLIKELY (has_zero_double (words)) && has_tiny_number (text, length)))
    {
      *tape = (ArborTape){ words, strings };
      return TRUE;
    }
  return parse_carefully (self, text, length, tape, error_offset, reason);
}
