/* JSON text of scalars against slow oracles: one byte at a time for strings, g_snprintf for
 * integers, strtod and length for doubles. */

#include "base/arbor-text.h"

#include <math.h>

static char *
take (ArborBuffer *out)
{
  arbor_buffer_append_byte (out, 0);
  return (char *) out->data;
}

static void
test_strings (void)
{
  static const struct
  {
    const char *bytes;
    gsize length;
    const char *json;
  } cases[] = {
    { "", 0, "\"\"" },
    { "a", 1, "\"a\"" },
    { "say \"hi\"", 8, "\"say \\\"hi\\\"\"" },
    { "back\\slash", 10, "\"back\\\\slash\"" },
    { "/slash/", 7, "\"/slash/\"" },
    { "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"" },
    { "a\0b", 3, "\"a\\u0000b\"" },
    { "\x01\x0b\x1f", 3, "\"\\u0001\\u000b\\u001f\"" },
    { "\x7f", 1, "\"\x7f\"" },
    { "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", 11, "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"" },
    { "0123456789abcdef\"", 17, "\"0123456789abcdef\\\"\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ArborBuffer out = { NULL };

      arbor_text_append_string (&out, cases[i].bytes, cases[i].length);
      g_assert_cmpstr (take (&out), ==, cases[i].json);
      arbor_buffer_free (&out);
    }
}

static void
slow_append_string (GString *out, const guint8 *bytes, gsize length)
{
  g_string_append_c (out, '"');
  for (gsize i = 0; i < length; i++)
    {
      const char *at = bytes[i] != 0 ? strchr ("\bb\ff\nn\rr\tt\"\"\\\\", bytes[i]) : NULL;

      if (bytes[i] == '"' || bytes[i] == '\\')
        g_string_append_printf (out, "\\%c", bytes[i]);
      else if (bytes[i] < 0x20 && at != NULL)
        g_string_append_printf (out, "\\%c", at[1]);
      else if (bytes[i] < 0x20)
        g_string_append_printf (out, "\\u%04x", bytes[i]);
      else
        g_string_append_c (out, (char) bytes[i]);
    }
  g_string_append_c (out, '"');
}

/* Every byte at every place of a word, among bytes that need no escape and bytes that do. */
static void
test_every_byte_everywhere (void)
{
  static const char fillers[] = { 'x', '"', '\\', '\x01', '\x80', '\xff', '\x21', '\x5d' };
  ArborBuffer out = { NULL };

  for (guint filler = 0; filler < G_N_ELEMENTS (fillers); filler++)
    for (guint at = 0; at < 20; at++)
      for (guint byte = 0; byte < 256; byte++)
        {
          guint8 bytes[20];
          g_autoptr (GString) expected = g_string_new (NULL);

          memset (bytes, fillers[filler], sizeof bytes);
          bytes[at] = (guint8) byte;
          slow_append_string (expected, bytes, sizeof bytes);
          arbor_buffer_clear (&out);
          arbor_text_append_string (&out, (const char *) bytes, sizeof bytes);
          g_assert_cmpmem (out.data, out.length, expected->str, expected->len);
        }
  arbor_buffer_free (&out);
}

static void
test_integers (void)
{
  static const gint64 numbers[] = {
    0, 1, -1, 9, 10, 99, 100, -100, 1234567890, G_MAXINT64, G_MININT64, G_MAXINT64 - 1,
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      ArborBuffer out = { NULL };
      char expected[64];

      g_snprintf (expected, sizeof expected, "%" G_GINT64_FORMAT "%" G_GUINT64_FORMAT, numbers[i],
                  (guint64) numbers[i]);
      arbor_text_append_int64 (&out, numbers[i]);
      arbor_text_append_uint64 (&out, (guint64) numbers[i]);
      g_assert_cmpstr (take (&out), ==, expected);
      arbor_buffer_free (&out);
    }
}

static void
test_doubles (void)
{
  static const struct
  {
    double number;
    const char *text;
  } cases[] = {
    { 0.0, "0.0" },
    { -0.0, "-0.0" },
    { 1.0, "1.0" },
    { -1.0, "-1.0" },
    { 0.1, "0.1" },
    { 100.0, "100.0" },
    { 1e5, "100000.0" },
    { -1e5, "-100000.0" },
    { 1e11, "100000000000.0" },
    { 99999999999.0, "99999999999.0" },
    { 12.34, "12.34" },
    { -0.0001, "-0.0001" },
    { 0.00005, "0.00005" },
    { 1e-6, "0.000001" },
    { 123456.789, "123456.789" },
    { 1e22, "1e+22" },
    { 1e300, "1e+300" },
    { 1e-7, "0.0000001" },
    { 9.9e-8, "9.9e-08" },
    { 1.2345678901234566e-7, "0.00000012345678901234566" },
    { 1e17, "1e+17" },
    { 5e-324, "5e-324" },
    { 1e-320, "1e-320" },
    { 9007199254740992.0, "9007199254740992.0" },
    { 1e16, "10000000000000000.0" },
    { 18014398509481984.0, "18014398509481984.0" },
    { 99999999999999984.0, "99999999999999984.0" },
    { 123456789012345680.0, "1.2345678901234568e+17" },
    { -9223372036854775808.0, "-9.223372036854776e+18" },
    { 18446744073709551616.0, "1.8446744073709552e+19" },
    { 99999999999999983616.0, "9.999999999999998e+19" },
    { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 0.30000000000000004, "0.30000000000000004" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ArborBuffer out = { NULL };

      arbor_text_append_double (&out, cases[i].number);
      g_assert_cmpstr (take (&out), ==, cases[i].text);
      arbor_buffer_free (&out);
    }
}

static guint
count_digits (const char *text)
{
  guint n = 0;

  for (; *text != '\0' && *text != 'e'; text++)
    n += (guint) g_ascii_isdigit (*text);
  return n;
}

/* Whole numbers that long are written with no digit behind those that tell doubles apart. */
static void
test_long_doubles (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);
  ArborBuffer out = { NULL };

  for (guint i = 0; i < 20000; i++)
    {
      double number = pow (10, g_rand_double_range (rand, 15.5, 22.5)) * (i % 2 == 0 ? 1 : -1);
      double back;
      guint n;

      arbor_buffer_clear (&out);
      arbor_text_append_double (&out, number);
      back = g_ascii_strtod (take (&out), NULL);
      g_assert_cmpmem (&back, 8, &number, 8);
      n = count_digits ((char *) out.data) - g_str_has_suffix ((char *) out.data, ".0");
      g_assert_cmpuint (n, <=, 17);
    }
  arbor_buffer_free (&out);
}

/* Random bits: the text reads back as the same double, is a double, and no text of fewer digits
 * reads back. */
static void
test_doubles_read_back (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  ArborBuffer out = { NULL };

  for (guint i = 0; i < 100000; i++)
    {
      guint64 bits = (guint64) g_rand_int (rand) << 32 | g_rand_int (rand);
      double number;
      double back;
      char shorter[64];

      memcpy (&number, &bits, 8);
      if (!isfinite (number))
        continue;
      arbor_buffer_clear (&out);
      arbor_text_append_double (&out, number);
      back = g_ascii_strtod (take (&out), NULL);
      g_assert_cmpmem (&back, 8, &number, 8);
      g_assert_nonnull (strpbrk ((char *) out.data, ".e"));

      if (strchr ((char *) out.data, 'e') != NULL && count_digits ((char *) out.data) > 1)
        {
          g_snprintf (shorter, sizeof shorter, "%.*e",
                      (int) count_digits ((char *) out.data) - 2, number);
          g_assert_true (g_ascii_strtod (shorter, NULL) != number);
        }
    }
  arbor_buffer_free (&out);
}

/* Decimals of up to fifteen digits come back as they were written. */
static void
test_short_decimals (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  ArborBuffer out = { NULL };

  for (guint i = 0; i < 200000; i++)
    {
      double magnitude = pow (10, g_rand_double_range (rand, 0, 15));
      gint64 digits = (gint64) (g_rand_double_range (rand, -1, 1) * magnitude);
      guint n_behind = (guint) g_rand_int_range (rand, 1, 7);
      gint64 power = (gint64) (pow (10, n_behind) + 0.5);
      char text[64];
      gsize n;

      n = (gsize) g_snprintf (text, sizeof text, "%s%" G_GINT64_FORMAT ".%0*" G_GINT64_FORMAT,
                              digits < 0 ? "-" : "", ABS (digits) / power, (int) n_behind,
                              ABS (digits) % power);
      while (text[n - 1] == '0' && text[n - 2] != '.')
        text[--n] = '\0';
      arbor_buffer_clear (&out);
      arbor_text_append_double (&out, g_ascii_strtod (text, NULL));
      g_assert_cmpstr (take (&out), ==, text);
    }
  arbor_buffer_free (&out);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/strings", test_strings);
  g_test_add_func ("/text/every-byte-everywhere", test_every_byte_everywhere);
  g_test_add_func ("/text/integers", test_integers);
  g_test_add_func ("/text/doubles", test_doubles);
  g_test_add_func ("/text/doubles-read-back", test_doubles_read_back);
  g_test_add_func ("/text/short-decimals", test_short_decimals);
  g_test_add_func ("/text/doubles/long", test_long_doubles);
  return g_test_run ();
}
