/* The parser: simdjson, and a strict reader of our own that has the last word.
 *
 * The ordinary document costs one simdjson parse and one look over its tape. What simdjson refuses is
 * read again by our own reader (arbor-json-scan.h), which says why it is no JSON or makes the tape:
 * numbers that no 64 bits hold, deep nesting. So is what simdjson may accept and must not decide,
 * because its versions differ or it is not exact:
 *
 *  - a byte order mark before the document: new versions skip it, it is no JSON;
 *  - nesting about as deep as the limit: simdjson is told fewer levels than are allowed, so its own
 *    way of counting the last one does not matter;
 *  - a double zero that may stand for a number that is not zero (it reads 1e-400 as 0.0), or for the
 *    integer -0, which can be compiled to become -0.0;
 *  - where every digit is to be kept, documents with decimals.
 */

#include "base/arbor-tape.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-json-scan.h"
#include "base/arbor-simdjson.h"

/* So far from the limit that no version of simdjson lets pass what is deeper. */
#define FAST_DEPTH (ARBOR_TAPE_MAX_DEPTH - 24u)

struct _ArborParser
{
  ArborSimdjson *fast;
  ArborTapeWriter *writer; /* of our own reader; made when first needed */
  gboolean is_exact;
};

ArborParser *
arbor_parser_new (void)
{
  ArborParser *self = g_new0 (ArborParser, 1);

  self->fast = arbor_simdjson_new (FAST_DEPTH);
  return self;
}

void
arbor_parser_free (ArborParser *self)
{
  if (self == NULL)
    return;
  arbor_simdjson_free (self->fast);
  g_clear_pointer (&self->writer, arbor_tape_writer_free);
  g_free (self);
}

void
arbor_parser_set_exact (ArborParser *self, gboolean is_exact)
{
  self->is_exact = is_exact;
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

/* Whether @text may have the integer -0. May be wrong in saying yes. */
static gboolean
has_minus_zero (const char *text, gsize length)
{
  const char *end = text + length;

  for (const char *at = text; (at = memchr (at, '-', (gsize) (end - at))) != NULL; at++)
    if (end - at >= 2 && at[1] == '0' && (end - at == 2 || strchr (".eE", at[2]) == NULL) &&
        (at == text || strchr (" \t\r\n,:[", at[-1]) != NULL))
      return TRUE;
  return FALSE;
}

/* Whether a double is on the tape. May be wrong in saying yes. */
static gboolean
has_double (const guint64 *words)
{
  for (guint32 i = 1; i < (guint32) words[0]; i++)
    if (words[i] >> 56 == 'd')
      return TRUE;
  return FALSE;
}

/* Whether what simdjson read is certain to be what our own reader makes of it. */
static gboolean
is_certain (ArborParser *self, const char *text, gsize length, const guint64 *words)
{
  if (G_UNLIKELY (self->is_exact) && (has_double (words) || has_minus_zero (text, length)))
    return FALSE;
  return G_LIKELY (!has_zero_double (words)) ||
         (!has_tiny_number (text, length) && !has_minus_zero (text, length));
}

static gboolean
parse_carefully (ArborParser *self, const char *text, gsize length, ArborTape *tape,
                 gsize *error_offset, const char **reason)
{
  if (self->writer == NULL)
    self->writer = arbor_tape_writer_new ();
  arbor_tape_writer_reset (self->writer);
  if (!arbor_json_scan (text, length, self->is_exact, self->writer, error_offset, reason))
    {
      *reason = _ (*reason);
      return FALSE;
    }
  arbor_tape_writer_finish (self->writer, tape);
  return TRUE;
}

gboolean
arbor_parser_parse (ArborParser *self, const char *text, gsize length, ArborTape *tape,
                    gsize *error_offset, const char **reason)
{
  gboolean may_have_mark = length > 0 && (guint8) text[0] == 0xef;
  guint64 *words;
  guint8 *strings;

  if (length > ARBOR_SIMDJSON_MAX_LENGTH)
    {
      *error_offset = ARBOR_SIMDJSON_MAX_LENGTH;
      *reason = _("a document of 4 GiB or more");
      return FALSE;
    }
  if (G_LIKELY (!may_have_mark) &&
      arbor_simdjson_parse (self->fast, text, length, &words, &strings) &&
      is_certain (self, text, length, words))
    {
      *tape = (ArborTape){ words, strings };
      return TRUE;
    }
  return parse_carefully (self, text, length, tape, error_offset, reason);
}
