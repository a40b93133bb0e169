/* The laws of the one order and the one equality, on values picked for their edges and on random ones:
 * total, antisymmetric, transitive, equality that hashing agrees with, wherever the values lie.
 * Numbers are also compared by an oracle of their decimal digits.
 */

#include <math.h>
#include <stdlib.h>

#include "kit/values.h"

/* In ascending order; equal ones on one line, separated by spaces. */
static const char *const ladder[] = {
  "false",
  "true",
  "-1e401 -10e400",
  "-1e400",
  "-18446744073709551616 -18446744073709551616.0 -1.8446744073709551616e19",
  "-9223372036854775809",
  "-9223372036854775808 -9223372036854775808.0 -9.223372036854775808e18",
  "-9223372036854775807",
  "-9007199254740993",
  "-9007199254740992 -9007199254740992.0",
  "-9007199254740991",
  "-1 -1.0 -1e0 -10e-1",
  "-0.1",
  "-1e-400",
  "0 0.0 -0 -0.0 0e10 -0e-400",
  "1e-401",
  "1e-400 10e-401 0.1e-399",
  "5e-324",
  "0.1 1e-1",
  "1 1.0 1e0 10e-1",
  "9007199254740991 9007199254740991.0",
  "9007199254740992 9007199254740992.0",
  "9007199254740993",
  "9007199254740994 9007199254740994.0",
  "9223372036854774784.0",
  "9223372036854775806",
  "9223372036854775807",
  "9223372036854775808 9223372036854775808.0 9.223372036854775808e18",
  "9223372036854775809",
  "18446744073709549568.0",
  "18446744073709551614",
  "18446744073709551615",
  "18446744073709551616 18446744073709551616.0",
  "18446744073709551617",
  "123456789012345678901234567890",
  "123456789012345678901234567891",
  "1.7976931348623157e308",
  "1e400 10e399 0.1e401",
  "1000000000000000000000000000000000000001e400",
  "\"\"",
  "\"\\u0000\"",
  "\"\\u0000\\u0000\"",
  "\"\\u0001\"",
  "\"1\"",
  "\"a\"",
  "\"a\\u0000\"",
  "\"aa\"",
  "\"b\" \"\\u0062\"",
  "\"\xc3\xa9\" \"\\u00e9\"",
  "\"\xef\xbf\xbd\"",
  "\"\xf0\x9f\x98\x80\" \"\\ud83d\\ude00\"",
  "[]",
  "[false]",
  "[1] [1.0]",
  "[1,1]",
  "[1,[]]",
  "[1,null]",
  "[2]",
  "[[]]",
  "[[[]]]",
  "[{}]",
  "[null]",
  "[null,0]",
  "{}",
  "{\"\":0}",
  "{\"a\":0} {\"a\":-0.0}",
  "{\"a\":0,\"b\":9} {\"b\":9,\"a\":0.0}",
  "{\"a\":1} {\"a\":5,\"a\":1}",
  "{\"a\":1,\"b\":0,\"c\":[{\"y\":1,\"x\":2}]} {\"c\":[{\"x\":2,\"y\":1.0}],\"b\":0,\"a\":1}",
  "{\"a\":1,\"c\":0}",
  "{\"a\":{}}",
  "{\"a\":null}",
  "{\"aa\":0}",
  "{\"b\":0}",
  "null",
};

/* One value in each place where it can lie. */
typedef struct
{
  Document *document;
  TestBatch batch;
  ArborValue places[3];
} Case;

static Case *
case_new (const char *json)
{
  Case *self = g_new0 (Case, 1);

  self->document = document_new (json);
  test_batch_init (&self->batch, &self->document, 1);
  self->places[0] = document_on_tape (self->document);
  self->places[1] = document_as_text (self->document);
  arbor_batch_get_tree (self->batch.batch, 0, &self->places[2]);
  return self;
}

static void
case_free (gpointer data)
{
  Case *self = data;

  test_batch_clear (&self->batch);
  document_free (self->document);
  g_free (self);
}

static int
sign (int order)
{
  return (order > 0) - (order < 0);
}

/* Compares in every pair of places, both ways round, hashes included. */
static int
compare (const Case *a, const Case *b, ArborScope *scope)
{
  int order = sign (arbor_value_compare (&a->places[0], &b->places[0], scope));

  for (guint i = 0; i < G_N_ELEMENTS (a->places); i++)
    for (guint j = 0; j < G_N_ELEMENTS (b->places); j++)
      {
        g_assert_cmpint (sign (arbor_value_compare (&a->places[i], &b->places[j], scope)), ==,
                         order);
        g_assert_cmpint (sign (arbor_value_compare (&b->places[j], &a->places[i], scope)), ==,
                         -order);
        g_assert_cmpint (arbor_value_equal (&a->places[i], &b->places[j], scope), ==, order == 0);
        if (order == 0)
          g_assert_cmpuint (arbor_value_hash (&a->places[i], scope), ==,
                            arbor_value_hash (&b->places[j], scope));
      }
  return order;
}

static void
test_ladder (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func (case_free);
  g_autoptr (GArray) rungs = g_array_new (FALSE, FALSE, sizeof (guint));
  const ArborValue missing = ARBOR_VALUE_MISSING;

  for (guint i = 0; i < G_N_ELEMENTS (ladder); i++)
    {
      g_auto (GStrv) texts = g_strsplit (ladder[i], " ", -1);

      for (guint j = 0; texts[j] != NULL; j++)
        {
          g_ptr_array_add (cases, case_new (texts[j]));
          g_array_append_val (rungs, i);
        }
    }

  for (guint i = 0; i < cases->len; i++)
    {
      const Case *at = cases->pdata[i];

      arbor_scope_reset (scope);
      for (guint j = 0; j < cases->len; j++)
        {
          guint rung_i = g_array_index (rungs, guint, i);
          guint rung_j = g_array_index (rungs, guint, j);

          if (compare (at, cases->pdata[j], scope) != (rung_i > rung_j) - (rung_i < rung_j))
            g_error ("'%s' and '%s' are in the wrong order", at->document->text,
                     ((Case *) cases->pdata[j])->document->text);
        }
      g_assert_cmpint (arbor_value_compare (&at->places[0], &missing, scope), <, 0);
      g_assert_cmpint (arbor_value_compare (&missing, &at->places[0], scope), >, 0);
    }
  g_assert_true (arbor_value_equal (&missing, &missing, scope));
}

/* Random values of few different parts, so that many are equal or nearly so. */
static void
append_random (GString *out, GRand *rand, guint depth)
{
  static const char *const scalars[] = {
    "null", "true", "false", "0", "-0.0", "1", "1.0", "9007199254740993", "9007199254740992.0",
    "9223372036854775807", "9223372036854775808", "9223372036854775808.0", "18446744073709551615",
    "1e400", "10e399", "123456789012345678901", "123456789012345678901.0", "1e-400", "\"\"",
    "\"a\"", "\"a\\u0000\"", "\"b\"",
  };
  guint choice = (guint) g_rand_int_range (rand, 0, depth > 3 ? 1 : 3);
  guint n = (guint) g_rand_int_range (rand, 0, 4);

  if (choice == 0)
    {
      g_string_append (out, scalars[g_rand_int_range (rand, 0, G_N_ELEMENTS (scalars))]);
      return;
    }
  g_string_append_c (out, choice == 1 ? '[' : '{');
  for (guint i = 0; i < n; i++)
    {
      g_string_append (out, i > 0 ? "," : "");
      if (choice == 2)
        g_string_append_printf (out, "\"%c\":", "abc"[g_rand_int_range (rand, 0, 3)]);
      append_random (out, rand, depth + 1);
    }
  g_string_append_c (out, choice == 1 ? ']' : '}');
}

static void
test_laws (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);
  const guint n = 90;

  for (guint round = 0; round < 8; round++)
    {
      g_autoptr (ArborScope) scope = arbor_scope_new ();
      g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func (case_free);
      g_autofree gint8 *orders = g_new0 (gint8, n * n);

      for (guint i = 0; i < n; i++)
        {
          g_autoptr (GString) json = g_string_new (NULL);

          append_random (json, rand, round % 4);
          g_ptr_array_add (cases, case_new (json->str));
        }
      for (guint i = 0; i < n; i++)
        for (guint j = 0; j < n; j++)
          orders[i * n + j] = (gint8) compare (cases->pdata[i], cases->pdata[j], scope);

      for (guint i = 0; i < n; i++)
        {
          g_assert_cmpint (orders[i * n + i], ==, 0);
          for (guint j = 0; j < n; j++)
            for (guint k = 0; orders[i * n + j] <= 0 && k < n; k++)
              if (orders[j * n + k] <= 0)
                g_assert_cmpint (orders[i * n + k], ==,
                                 MIN (orders[i * n + j], orders[j * n + k]));
        }
    }
}

/* Numbers as exact decimals: sign, digits without zeros at either end, and where the point is. */
typedef struct
{
  int sign;
  char digits[64];
  int point; /* 0.digits * 10^point */
} Decimal;

static Decimal
read_decimal (const char *text)
{
  Decimal self = { .sign = *text == '-' ? -1 : 1 };
  guint n = 0;
  gboolean seen_point = FALSE;

  for (text += *text == '-'; *text != '\0' && *text != 'e'; text++)
    {
      if (*text == '.')
        {
          seen_point = TRUE;
          continue;
        }
      if (n > 0 || *text != '0')
        self.digits[n++] = *text;
      if (!seen_point)
        self.point += n > 0;
      else
        self.point -= n == 0;
    }
  if (*text == 'e')
    self.point += atoi (text + 1);
  while (n > 0 && self.digits[n - 1] == '0')
    self.digits[--n] = '\0';
  if (n == 0)
    self = (Decimal){ .sign = 0 };
  return self;
}

static int
compare_decimals (const Decimal *a, const Decimal *b)
{
  if (a->sign != b->sign || a->sign == 0)
    return sign (a->sign - b->sign);
  if (a->point != b->point)
    return sign (a->point - b->point) * a->sign;
  return sign (strcmp (a->digits, b->digits)) * a->sign;
}

/* A number of each kind near a power of two, or of any size. Doubles are written so that their
 * text is their exact value. */
static char *
make_number (GRand *rand)
{
  static const guint powers[] = { 0, 1, 52, 53, 54, 62, 63, 64, 65 };
  guint power = powers[g_rand_int_range (rand, 0, G_N_ELEMENTS (powers))];
  gint offset = g_rand_int_range (rand, -3, 4);
  const char *minus = g_rand_boolean (rand) ? "-" : "";
  double real = ldexp (1.0, (int) power) + offset;
  guint64 integer = (power < 64 ? G_GUINT64_CONSTANT (1) << power : 0) + (guint64) (gint64) offset;

  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      return g_strdup_printf ("%s%" G_GUINT64_FORMAT, minus, integer);
    case 1:
      return g_strdup_printf ("%s%.1f", minus, fabs (real));
    case 2:
      return g_strdup_printf ("%s%" G_GUINT64_FORMAT "%u", minus, integer | 1,
                              (guint) g_rand_int_range (rand, 0, 10));
    default:
      return g_strdup_printf ("%s%u%u%ue%d", minus, (guint) g_rand_int_range (rand, 1, 10),
                              g_rand_int (rand) % 10, g_rand_int (rand) % 2,
                              g_rand_int_range (rand, 390, 393));
    }
}

static void
test_numbers (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (21);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func (case_free);
  const guint n = 350;
  g_autofree Decimal *decimals = g_new0 (Decimal, n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = make_number (rand);

      g_ptr_array_add (cases, case_new (text));
      decimals[i] = read_decimal (text);
    }
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++)
      g_assert_cmpint (compare (cases->pdata[i], cases->pdata[j], scope), ==,
                       compare_decimals (&decimals[i], &decimals[j]));
}

/* Different values seldom have the same hash. */
static void
test_hashes_differ (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GHashTable) hashes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (ladder); i++)
    {
      g_auto (GStrv) texts = g_strsplit (ladder[i], " ", -1);
      Case *at = case_new (texts[0]);
      guint64 *hash = g_new (guint64, 1);

      *hash = arbor_value_hash (&at->places[0], scope);
      g_hash_table_add (hashes, hash);
      case_free (at);
      n++;
    }
  g_assert_cmpuint (g_hash_table_size (hashes), ==, n);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/value-order/ladder", test_ladder);
  g_test_add_func ("/value-order/laws", test_laws);
  g_test_add_func ("/value-order/numbers", test_numbers);
  g_test_add_func ("/value-order/hashes-differ", test_hashes_differ);
  return g_test_run ();
}
