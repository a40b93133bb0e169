/* Numbers: reading, exact order and hashing, against slow oracles that know nothing of doubles:
 * every number becomes a sign, a run of digits before and one behind the point. */

#include "base/arbor-number.h"

#include "base/arbor-tape.h"

#include <math.h>
#include <string.h>

/* A plain decimal: digits without exponent, for numbers of moderate size. */
typedef struct
{
  gboolean negative;
  GString *whole;
  GString *fraction;
} Plain;

static void
plain_clear (Plain *self)
{
  g_string_free (self->whole, TRUE);
  g_string_free (self->fraction, TRUE);
}

static Plain
plain_from_text (const char *text, gsize length)
{
  g_autofree char *copy = g_strndup (text, length);
  Plain self = { copy[0] == '-', g_string_new (NULL), g_string_new (NULL) };
  gint64 exponent = 0;
  gboolean behind = FALSE;

  for (const char *at = copy + self.negative; *at != '\0'; at++)
    if (*at == '.')
      behind = TRUE;
    else if (g_ascii_isdigit (*at))
      g_string_append_c (behind ? self.fraction : self.whole, *at);
    else
      {
        exponent = g_ascii_strtoll (at + 1, NULL, 10);
        break;
      }
  for (; exponent > 0; exponent--)
    {
      g_string_append_c (self.whole, self.fraction->len > 0 ? self.fraction->str[0] : '0');
      g_string_erase (self.fraction, 0, self.fraction->len > 0 ? 1 : 0);
    }
  for (; exponent < 0; exponent++)
    {
      g_string_prepend_c (self.fraction,
                          self.whole->len > 0 ? self.whole->str[self.whole->len - 1] : '0');
      g_string_truncate (self.whole, self.whole->len > 0 ? self.whole->len - 1 : 0);
    }
  g_string_erase (self.whole, 0, (gssize) strspn (self.whole->str, "0"));
  while (g_str_has_suffix (self.fraction->str, "0"))
    g_string_truncate (self.fraction, self.fraction->len - 1);
  if (self.whole->len + self.fraction->len == 0)
    self.negative = FALSE;
  return self;
}

static Plain
plain_from_value (const ArborValue *value)
{
  g_autofree char *text = NULL;

  switch ((ArborKind) value->kind)
    {
    case ARBOR_KIND_INT64:
      text = g_strdup_printf ("%" G_GINT64_FORMAT, value->int64);
      break;
    case ARBOR_KIND_UINT64:
      text = g_strdup_printf ("%" G_GUINT64_FORMAT, value->uint64);
      break;
    case ARBOR_KIND_DOUBLE:
      text = g_strdup_printf ("%.1100f", value->real); /* exact; the tests run in the C locale */
      break;
    default:
      return plain_from_text (value->text, value->length);
    }
  return plain_from_text (text, strlen (text));
}

static int
sign_of (int number)
{
  return (number > 0) - (number < 0);
}

static int
slow_compare (const ArborValue *a, const ArborValue *b)
{
  Plain x = plain_from_value (a);
  Plain y = plain_from_value (b);
  int result;

  if (x.negative != y.negative)
    result = x.negative ? -1 : 1;
  else
    {
      result = (x.whole->len > y.whole->len) - (x.whole->len < y.whole->len);
      if (result == 0)
        result = sign_of (strcmp (x.whole->str, y.whole->str));
      if (result == 0)
        result = sign_of (strcmp (x.fraction->str, y.fraction->str));
      if (x.negative)
        result = -result;
    }
  plain_clear (&x);
  plain_clear (&y);
  return result;
}

static void
assert_compares (const ArborValue *a, const ArborValue *b, int expected)
{
  g_assert_cmpint (sign_of (arbor_number_compare (a, b)), ==, expected);
  g_assert_cmpint (sign_of (arbor_number_compare (b, a)), ==, -expected);
  if (expected == 0)
    g_assert_cmphex (arbor_number_hash (a), ==, arbor_number_hash (b));
}

static ArborValue
read_value (const char *text)
{
  ArborValue value;

  g_assert_true (arbor_number_parse (text, strlen (text), &value));
  return value;
}

static ArborValue
text_value (const char *text)
{
  return ARBOR_VALUE_NUMBER (text, (guint32) strlen (text));
}

static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    ArborKind kind;
  } cases[] = {
    { "0", ARBOR_KIND_INT64 },
    { "-0", ARBOR_KIND_INT64 },
    { "9223372036854775807", ARBOR_KIND_INT64 },
    { "-9223372036854775808", ARBOR_KIND_INT64 },
    { "9223372036854775808", ARBOR_KIND_UINT64 },
    { "18446744073709551615", ARBOR_KIND_UINT64 },
    { "18446744073709551616", ARBOR_KIND_NUMBER },
    { "184467440737095516150", ARBOR_KIND_NUMBER },
    { "-9223372036854775809", ARBOR_KIND_NUMBER },
    { "0.0", ARBOR_KIND_DOUBLE },
    { "1e2", ARBOR_KIND_DOUBLE },
    { "1.7976931348623157e308", ARBOR_KIND_DOUBLE },
    { "1.7976931348623159e308", ARBOR_KIND_NUMBER },
    { "1e-323", ARBOR_KIND_DOUBLE },
    { "2e-324", ARBOR_KIND_NUMBER },
    { "0e999999999999", ARBOR_KIND_DOUBLE },
    { "1e999999999999", ARBOR_KIND_NUMBER },
  };
  static const char *bad[] = { "",   "-",   "01",   "-01", "+1", ".5",  "1.",   "1.e2",
                               "1e", "1e+", "1e1.", "0x1", "1 ", " 1", "NaN", "1e5x" };
  ArborValue value;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (read_value (cases[i].text).kind, ==, cases[i].kind);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (arbor_number_parse (bad[i], strlen (bad[i]), &value));

  g_assert_cmpint (read_value ("-9223372036854775808").int64, ==, G_MININT64);
  g_assert_cmpint (read_value ("-0").int64, ==, 0);
  g_assert_cmpuint (read_value ("18446744073709551615").uint64, ==, G_MAXUINT64);
  g_assert_cmpfloat (read_value ("-12.5e1").real, ==, -125.0);
  g_assert_true (signbit (read_value ("-0.0").real));
  value = read_value ("1e400");
  g_assert_cmpmem (value.text, value.length, "1e400", 5);
}

/* What the parser says of a number's kind and value, arbor_number_parse says too. */
static void
test_parse_agrees_with_parser (void)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (guint i = 0; i < 50000; i++)
    {
      char text[256] = "";
      int n = g_snprintf (text, 64, "%s%u", g_rand_boolean (rand) ? "-" : "",
                          g_rand_int (rand) >> g_rand_int_range (rand, 0, 32));
      ArborTape tape;
      ArborValue expected;
      ArborValue value;
      gsize offset;
      const char *reason;

      for (gint32 more = g_rand_int_range (rand, 0, 15); more > 0; more--)
        if (text[n - 1] != '0' || n > 2)
          n += g_snprintf (text + n, 8, "%d", g_rand_int_range (rand, 0, 10));
      if (g_rand_boolean (rand))
        n += g_snprintf (text + n, 64, ".%u%u", g_rand_int (rand), g_rand_int (rand));
      if (g_rand_boolean (rand))
        n += g_snprintf (text + n, 64, "e%d", g_rand_int_range (rand, -360, 340));

      g_assert_true (
        arbor_parser_parse (parser, text, (gsize) n, &tape, &offset, &reason));
      arbor_tape_get_value (&tape, ARBOR_TAPE_ROOT, &expected);
      g_assert_true (arbor_number_parse (text, (gsize) n, &value));
      g_assert_cmpuint (value.kind, ==, expected.kind);
      if (value.kind == ARBOR_KIND_NUMBER)
        g_assert_cmpmem (value.text, value.length, expected.text, expected.length);
      else
        g_assert_cmphex (value.uint64, ==, expected.uint64);
    }
}

static const char *const ladder[] = {
  "-1e999999999999999999999999999999",
  "-1e400",
  "-1.7976931348623157e308",
  "-18446744073709551616",
  "-9223372036854775809",
  "-9223372036854775808",
  "-9223372036854775807",
  "-1.5",
  "-1",
  "-1e-400",
  "-1e-999999999999999999999999",
  "0",
  "1e-99999999999999999999999999",
  "1e-400",
  "4.9e-324",
  "1e-300",
  "0.1",
  "0.5",
  "1",
  "1.0000000000000002",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "9007199254740994",
  "9223372036854775807",
  "9223372036854775808",
  "9223372036854775809",
  "18446744073709551615",
  "18446744073709551616",
  "18446744073709551617",
  "100000000000000000000",
  "1e308",
  "1.7976931348623157e308",
  "1.7976931348623159e308",
  "1e400",
  "1.00000000000000000001e400",
  "2e400",
  "1e401",
  "1e999999999999999999",
  "1e1000000000000000000",
  "1e1000000000000000001",
  "1e9999999999999999999999999999999",
};

static void
test_ladder (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ladder); i++)
    for (guint j = 0; j < G_N_ELEMENTS (ladder); j++)
      {
        ArborValue a = read_value (ladder[i]);
        ArborValue b = read_value (ladder[j]);

        assert_compares (&a, &b, (i > j) - (i < j));
      }
}

/* The same number in many spellings and kinds. */
static void
test_equals (void)
{
  static const char *const groups[][8] = {
    { "0", "-0", "0.0", "-0.0", "0e5", "0.000e-999999999999999999999" },
    { "1", "1.0", "1e0", "10e-1", "0.1e1", "1000.00e-3", "1E+0" },
    { "9007199254740992", "9007199254740992.0", "9.007199254740992e15" },
    { "18446744073709551616", "18446744073709551616.0", "18446744073709551616000e-3" },
    { "18446744073709549568", "18446744073709549568.0", "1844674407370954956.8e1" },
    { "-9223372036854775808", "-9223372036854775808.0", "-92233720368547758080e-1" },
    { "1e400", "10e399", "0.1e401", "1.000e400", "1e+0400" },
    { "1e1000000000000000000", "10e999999999999999999", "0.01e1000000000000000002",
      "100e999999999999999998" },
    { "1e-1000000000000000000", "0.1e-999999999999999999", "10e-1000000000000000001" },
    { "12e99999999999999999999999999999999", "1.2e100000000000000000000000000000000" },
    { "1e10000000000000000000000", "10e9999999999999999999999" },
    { "100000000000000000000", "1e20", "1.0e20" },
    { "0.5", "5e-1", "0.50" },
  };

  for (guint group = 0; group < G_N_ELEMENTS (groups); group++)
    for (guint i = 0; i < 8 && groups[group][i] != NULL; i++)
      for (guint j = 0; j < 8 && groups[group][j] != NULL; j++)
        {
          ArborValue a = read_value (groups[group][i]);
          ArborValue b = read_value (groups[group][j]);
          ArborValue a_text = text_value (groups[group][i]);
          ArborValue b_text = text_value (groups[group][j]);

          assert_compares (&a, &b, 0);
          assert_compares (&a_text, &b, 0);
          assert_compares (&a_text, &b_text, 0);
        }
}

/* The exact expansion of a double, and its neighbours in the last digit. */
static void
test_doubles_against_text (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (guint i = 0; i < 2000; i++)
    {
      guint64 bits = (guint64) g_rand_int (rand) << 32 | g_rand_int (rand);
      ArborValue real = { .kind = ARBOR_KIND_DOUBLE, .uint64 = bits };
      g_autofree char *text = NULL;
      g_autofree char *more = NULL;
      ArborValue exact;
      ArborValue beyond;
      gboolean negative;

      if (!isfinite (real.real) || real.real == 0)
        continue;
      negative = real.real < 0;
      text = g_strdup_printf ("%.1100f", real.real);
      more = g_strconcat (text, "0000000001", NULL);
      exact = text_value (text);
      beyond = text_value (more);
      assert_compares (&real, &exact, 0);
      assert_compares (&real, &beyond, negative ? 1 : -1);
      assert_compares (&exact, &beyond, negative ? 1 : -1);
    }
}

static ArborValue
random_number (GRand *rand, GPtrArray *texts)
{
  guint64 bits = (guint64) g_rand_int (rand) << 32 | g_rand_int (rand);
  GString *text;
  ArborValue value;

  switch (g_rand_int_range (rand, 0, 6))
    {
    case 0:
      return ARBOR_VALUE_INT64 ((gint64) bits >> g_rand_int_range (rand, 0, 63));
    case 1:
      return ARBOR_VALUE_UINT64 (bits | G_GUINT64_CONSTANT (0x8000000000000000));
    case 2:
      return ARBOR_VALUE_DOUBLE (ldexp ((double) (gint64) bits, g_rand_int_range (rand, -70, 10)));
    case 3:
      return ARBOR_VALUE_DOUBLE ((double) ((gint64) bits >> g_rand_int_range (rand, 0, 63)));
    default:
      text = g_string_new (NULL);
      g_string_printf (text, "%" G_GINT64_FORMAT, (gint64) bits >> g_rand_int_range (rand, 0, 63));
      for (gint32 n = g_rand_int_range (rand, 0, 3); n > 0 && text->str[0] != '0'; n--)
        g_string_append_c (text, "05"[g_rand_int_range (rand, 0, 2)]);
      if (g_rand_boolean (rand))
        g_string_append_printf (text, ".%s", g_rand_boolean (rand) ? "0" : "25");
      if (g_rand_boolean (rand))
        g_string_append_printf (text, "e%d", g_rand_int_range (rand, -4, 5));
      value = text_value (text->str);
      g_ptr_array_add (texts, g_string_free (text, FALSE));
      return value;
    }
}

/* Numbers chosen so that many are near each other or equal. */
static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint n_equal = 0;

  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
      ArborValue values[48];

      for (guint i = 0; i < G_N_ELEMENTS (values); i++)
        {
          values[i] = random_number (rand, texts);
          if (i % 3 == 1)
            values[i] = ARBOR_VALUE_DOUBLE (arbor_number_to_double (&values[i - 1]));
          if (i % 3 == 2)
            {
              char *text = g_strdup_printf ("%.60f", arbor_number_to_double (&values[i - 1]));

              g_ptr_array_add (texts, text);
              values[i] = text_value (text);
            }
        }
      for (guint i = 0; i < G_N_ELEMENTS (values); i++)
        for (guint j = i; j < MIN (i + 4, G_N_ELEMENTS (values)); j++)
          {
            int expected = slow_compare (&values[i], &values[j]);

            n_equal += i != j && expected == 0;
            assert_compares (&values[i], &values[j], expected);
          }
    }
  g_assert_cmpuint (n_equal, >, 100);
}

/* Not one of these hashes like another. */
static void
test_hash_differs (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ladder); i++)
    {
      ArborValue value = read_value (ladder[i]);
      gint64 hash = (gint64) arbor_number_hash (&value);

      g_assert_true (g_hash_table_add (seen, g_memdup2 (&hash, sizeof hash)));
    }
}

static void
test_to_double (void)
{
  static const struct
  {
    const char *text;
    double real;
  } cases[] = {
    { "18446744073709551616", 18446744073709551616.0 },
    { "-18446744073709551617", -18446744073709551616.0 },
    { "1e400", INFINITY },
    { "-1e400", -INFINITY },
    { "0.0001e404", INFINITY },
    { "1e-400", 0.0 },
    { "-1e-400", 0.0 },
    { "1e99999999999999999999999", INFINITY },
    { "1e-99999999999999999999999", 0.0 },
    { "10000000000000000000000000000e-28", 1.0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ArborValue value = text_value (cases[i].text);

      g_assert_true (arbor_number_to_double (&value) == cases[i].real);
    }
  g_assert_true (arbor_number_to_double (&ARBOR_VALUE_INT64 (-5)) == -5.0);
  g_assert_true (arbor_number_to_double (&ARBOR_VALUE_UINT64 (G_MAXUINT64)) == 0x1p64);
  g_assert_true (arbor_number_to_double (&ARBOR_VALUE_DOUBLE (0.25)) == 0.25);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/number/parse", test_parse);
  g_test_add_func ("/number/parse-agrees-with-parser", test_parse_agrees_with_parser);
  g_test_add_func ("/number/ladder", test_ladder);
  g_test_add_func ("/number/equals", test_equals);
  g_test_add_func ("/number/doubles-against-text", test_doubles_against_text);
  g_test_add_func ("/number/random", test_random);
  g_test_add_func ("/number/hash-differs", test_hash_differs);
  g_test_add_func ("/number/to-double", test_to_double);
  return g_test_run ();
}
