/* Any bytes through the JSON parser. The parser, which mostly has simdjson do it, and our own reader
 * must agree on what is JSON, why it is none, and on the tape; tapes must be well formed; and the text written from a tape must
 * give the same tape again, duplicate keys apart, and the same text from then on.
 */

#include "base/arbor-json-scan.h"
#include "base/arbor-tape.h"

#include "kit/tape-dump.h"
#include "fuzz.h"

static gboolean
has_duplicate_keys (const ArborTape *tape)
{
  guint32 n_words = (guint32) arbor_tape_payload (tape, 0);
  ArborBuffer members = { NULL };
  gboolean found = FALSE;

  for (guint32 i = ARBOR_TAPE_ROOT; i < n_words - 1; i++)
    {
      char tag = arbor_tape_tag (tape, i);

      found |= tag == '{' && arbor_tape_resolve_object (tape, i, &members);
      i += tag == 'l' || tag == 'u' || tag == 'd';
    }
  arbor_buffer_free (&members);
  return found;
}

/* Writes @tape as text into @out, with padding behind its length. */
static void
write_text (const ArborTape *tape, ArborBuffer *out)
{
  arbor_tape_write_json (tape, ARBOR_TAPE_ROOT, out);
  memset (arbor_buffer_reserve (out, ARBOR_PARSER_PADDING), '7', ARBOR_PARSER_PADDING);
}

static void
check_round_trip (ArborParser *parser, const ArborTape *tape)
{
  g_autofree char *before = tape_dump (tape);
  gboolean duplicates = has_duplicate_keys (tape);
  ArborBuffer text = { NULL };
  ArborBuffer again = { NULL };
  g_autofree char *after = NULL;
  ArborTape second;
  gsize offset;
  const char *reason;

  write_text (tape, &text);
  g_assert_true (arbor_parser_parse (parser, (const char *) text.data, text.length, &second, &offset,
                                     &reason));
  after = tape_dump (&second);
  if (!duplicates)
    g_assert_cmpstr (after, ==, before);
  write_text (&second, &again);
  g_assert_cmpmem (again.data, again.length, text.data, text.length);
  arbor_buffer_free (&text);
  arbor_buffer_free (&again);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static ArborParser *parser; /* reused from one input to the next, as readers do */
  static ArborParser *second;
  static ArborTapeWriter *writer;
  g_autofree char *padded = g_malloc (size + ARBOR_PARSER_PADDING);
  g_autofree char *exact = g_memdup2 (data, size);
  ArborTape tape;
  ArborTape scan_tape;
  gsize offset = 0;
  gsize scan_offset = 0;
  const char *reason = NULL;
  const char *scan_reason = NULL;
  gboolean parsed;
  gboolean scanned;

  if (parser == NULL)
    {
      parser = arbor_parser_new ();
      second = arbor_parser_new ();
      writer = arbor_tape_writer_new ();
    }
  arbor_tape_writer_reset (writer);
  if (size > 0)
    memcpy (padded, data, size);
  memset (padded + size, '"', ARBOR_PARSER_PADDING);

  parsed = arbor_parser_parse (parser, padded, size, &tape, &offset, &reason);
  scanned = arbor_json_scan (exact != NULL ? exact : "", size, FALSE, writer, &scan_offset,
                             &scan_reason);
  g_assert_cmpint (parsed, ==, scanned);
  if (parsed)
    {
      g_autofree char *dump = tape_dump (&tape);
      g_autofree char *scan_dump = NULL;

      arbor_tape_writer_finish (writer, &scan_tape);
      scan_dump = tape_dump (&scan_tape);
      g_assert_cmpstr (dump, ==, scan_dump);
      check_round_trip (second, &tape);
    }
  else
    {
      g_assert_cmpuint (offset, <=, size);
      g_assert_cmpuint (offset, ==, scan_offset);
      g_assert_cmpstr (reason, ==, scan_reason);
    }
  return 0;
}
