/* See arbor-json-sniff.h. No text of JSON or CSV begins like any of these. */

#include "json/arbor-json-sniff.h"

#include <glib/gi18n-lib.h>

/* Enough for the longest of them. */
#define N_FIRST 10u

typedef struct
{
  const char *name;
  const char *bytes;
  gsize n;
  const char *tool;
} Mark;

static const Mark compressed[] = {
  { "gzip", "\x1f\x8b", 2, "gzip -dc" },
  { "zstd", "\x28\xb5\x2f\xfd", 4, "zstd -dc" },
  { "xz", "\xfd" "7zXZ\0", 6, "xz -dc" },
  { "zip", "PK\x03\x04", 4, "unzip -p" },
  { "zip", "PK\x05\x06", 4, "unzip -p" },
  { "zip", "PK\x07\x08", 4, "unzip -p" },
  { "lz4", "\x04\x22\x4d\x18", 4, "lz4 -dc" },
  { "lzip", "LZIP\x01", 5, "lzip -dc" },
  { "7z", "7z\xbc\xaf\x27\x1c", 6, "7z x -so" },
  { "compress", "\x1f\x9d", 2, "gzip -dc" },
};

static gboolean
begins_with (const char *text, gsize length, const char *bytes, gsize n)
{
  return length >= n && memcmp (text, bytes, n) == 0;
}

/* A digit, and how each block begins, or how an input without blocks ends. */
static gboolean
is_bzip2 (const char *text, gsize length)
{
  return begins_with (text, length, "BZh", 3) && length >= 10 && text[3] >= '1' && text[3] <= '9' &&
         (memcmp (text + 4, "1AY&SY", 6) == 0 || memcmp (text + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

static gboolean
refuse_compressed (ArborJsonReader *self, const char *name, const char *tool, GError **error)
{
  g_autofree char *reason = g_strdup_printf (
      _("expected text, found data compressed by %s: expand it first, as '%s' does"), name, tool);

  return arbor_json_reader_fail (self, ARBOR_ERROR_PARSE, self->line, 0, reason, error);
}

static gboolean
check_compression (ArborJsonReader *self, const char *text, gsize length, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (compressed); i++)
    if (begins_with (text, length, compressed[i].bytes, compressed[i].n))
      return refuse_compressed (self, compressed[i].name, compressed[i].tool, error);
  return !is_bzip2 (text, length) || refuse_compressed (self, "bzip2", "bzip2 -dc", error);
}

static gboolean
fill (ArborJsonInput *input, GError **error)
{
  while (arbor_json_input_length (input) < N_FIRST && !input->is_at_end)
    if (!arbor_json_input_fill (input, error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_json_sniff (ArborJsonReader *self, GError **error)
{
  ArborJsonInput *input = &self->input;
  const ArborPacking *packing;
  const char *text;
  gsize length;

  if (!fill (input, error))
    return FALSE;
  packing = arbor_packing_find (arbor_json_input_text (input), arbor_json_input_length (input));
  if (packing != NULL)
    {
      arbor_json_input_begin_packed (input, packing);
      if (!fill (input, error))
        return FALSE;
    }
  text = arbor_json_input_text (input);
  length = arbor_json_input_length (input);

  if (begins_with (text, length, "\xef\xbb\xbf", 3))
    {
      arbor_json_input_consume (input, 3);
      return TRUE;
    }
  if (begins_with (text, length, "\xff\xfe\0\0", 4) || begins_with (text, length, "\0\0\xfe\xff", 4))
    return arbor_json_reader_fail (self, ARBOR_ERROR_PARSE, self->line, 0,
                                   _("expected text in UTF-8 or UTF-16, found UTF-32"), error);
  if (begins_with (text, length, "\xff\xfe", 2) || begins_with (text, length, "\xfe\xff", 2))
    {
      gboolean is_big_endian = (guint8) text[0] == 0xfe;

      arbor_json_input_consume (input, 2);
      arbor_json_input_begin_wide (input, is_big_endian);
      return TRUE;
    }
  return check_compression (self, text, length, error);
}
