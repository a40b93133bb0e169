/* Group tables: what they number is compared with lists of JSON texts, of rows that come one by one and
 * many at once.
 */

#include "batch/arbor-group-table.h"

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "batch/arbor-value-access.h"

#define N_ROWS 30000u

/* One of about @n values of several kinds; equal ones of different kinds among them. */
static void
make_value (GRand *rand, guint n, ArborScope *scope, ArborValue *value)
{
  guint32 i = (guint32)g_rand_int_range (rand, 0, (gint)n);
  g_autofree char *text = g_strdup_printf ("text %u", i);
  g_autofree char *json = g_strdup_printf ("{\"a\":[%u]}", i);
  const ArborTape *tape;
  char number[32];

  switch (g_rand_int_range (rand, 0, 12))
    {
    case 0:
      *value = ARBOR_VALUE_INT64 (i);
      break;
    case 1:
      *value = ARBOR_VALUE_DOUBLE (i);
      break;
    case 2:
      *value = ARBOR_VALUE_DOUBLE (i + 0.5);
      break;
    case 3:
      *value = i % 2 == 0 ? ARBOR_VALUE_NULL : ARBOR_VALUE_MISSING;
      break;
    case 4:
      *value = ARBOR_VALUE_BOOL (i % 2 == 0);
      break;
    case 5:
      tape = arbor_scope_parse (scope, arbor_scope_copy (scope, json, strlen (json)),
                                strlen (json));
      arbor_tape_get_value (tape, ARBOR_TAPE_ROOT, value);
      break;
    case 6:
      *value = ARBOR_VALUE_UINT64 (i);
      break;
    case 7:
      g_snprintf (number, sizeof number, i % 3 == 0 ? "%u.%0*d" : "%u.5%0*d", i, (int)(i % 5), 0);
      *value = ARBOR_VALUE_NUMBER (arbor_scope_copy (scope, number, strlen (number)),
                                   (guint32)strlen (number));
      break;
    case 8:
      *value = ARBOR_VALUE_DOUBLE (i == 0 ? -0.0 : -(gdouble)i);
      break;
    case 9:
    case 10:
      /* Of every length about that which lies in a key, and with zeros at the end. */
      memset (number, 0, sizeof number);
      g_snprintf (number, sizeof number, "%u", i / 20);
      *value = ARBOR_VALUE_STRING (arbor_scope_copy (scope, number, sizeof number), i % 20);
      break;
    default:
      *value = ARBOR_VALUE_STRING (arbor_scope_copy (scope, text, strlen (text)),
                                   (guint32)strlen (text));
      break;
    }
}

/* A text that equal values share, and no others. */
static char *
describe_value (const ArborValue *value, ArborScope *scope)
{
  ArborBuffer text = { 0 };
  ArborValue real = *value;
  char *copy;

  if (arbor_kind_is_number (value->kind))
    real = ARBOR_VALUE_DOUBLE (arbor_number_to_double (value) + 0.0);
  arbor_value_write_json (&real, scope, &text);
  copy = g_strdup_printf ("%d %.*s", value->kind == ARBOR_KIND_MISSING, (int)text.length,
                          (const char *)text.data);
  arbor_buffer_free (&text);
  return copy;
}

/* What was met first is kept as it was. */
static void
check_same (const ArborGroupTable *table, guint32 group, gsize i, const ArborValue *value,
            ArborScope *scope)
{
  ArborBuffer text = { 0 }, expected = { 0 };
  ArborValue kept;

  arbor_group_table_get_value (table, group, i, &kept);
  g_assert_cmpuint (kept.kind, ==, value->kind);
  arbor_value_write_json (&kept, scope, &text);
  arbor_value_write_json (value, scope, &expected);
  g_assert_cmpmem (text.data, text.length, expected.data, expected.length);
  arbor_buffer_free (&text);
  arbor_buffer_free (&expected);
}

static void
check_rows (guint n_values, gsize n_keys, guint32 piece)
{
  g_autoptr (GHashTable) oracle = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (n_values + piece);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree ArborValue *values = g_new (ArborValue, piece * n_keys);
  g_autofree guint32 *groups = g_new (guint32, piece);
  g_autofree guint32 *found = g_new (guint32, piece);
  ArborGroupTable table;

  arbor_group_table_init (&table, n_keys, "test");
  for (guint32 done = 0; done < N_ROWS; done += piece)
    {
      g_autoptr (GError) error = NULL;

      arbor_scope_reset (scope);
      for (gsize i = 0; i < piece * n_keys; i++)
        make_value (rand, n_values, scope, &values[i]);
      g_assert_true (
          arbor_group_table_add_rows (&table, values, piece, scope, groups, &error));
      g_assert_no_error (error);
      arbor_group_table_find_rows (&table, values, piece, scope, found);
      g_assert_cmpmem (found, piece * sizeof (guint32), groups, piece * sizeof (guint32));
      for (guint32 i = 0; i < piece; i++)
        {
          g_autoptr (GString) key = g_string_new (NULL);
          gpointer group = GUINT_TO_POINTER (groups[i] + 1);
          guint n_before = g_hash_table_size (oracle);
          ArborValue kept;

          for (gsize j = 0; j < n_keys; j++)
            {
              g_autofree char *part = describe_value (&values[i * n_keys + j], scope);

              g_string_append_printf (key, "%s;", part);
              arbor_group_table_get_value (&table, groups[i], j, &kept);
              g_assert_true (arbor_value_equal (&kept, &values[i * n_keys + j], scope));
            }
          if (!g_hash_table_contains (oracle, key->str))
            {
              g_assert_cmpuint (groups[i], ==, n_before);
              for (gsize j = 0; j < n_keys; j++)
                check_same (&table, groups[i], j, &values[i * n_keys + j], scope);
              g_hash_table_insert (oracle, g_strdup (key->str), group);
            }
          g_assert_true (g_hash_table_lookup (oracle, key->str) == group);
        }
    }
  g_assert_cmpuint (table.n_groups, ==, g_hash_table_size (oracle));
  arbor_group_table_clear (&table);
}

static void
test_rows (void)
{
  check_rows (5, 1, 1);
  check_rows (100000, 1, 1);
  check_rows (100000, 1, 1000);
  check_rows (20, 2, 500);
  check_rows (3000, 3, 33);
}

static void
test_find (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborValue value = ARBOR_VALUE_STRING ("a", 1);
  ArborGroupTable table;
  guint32 group;

  arbor_group_table_init (&table, 1, NULL);
  g_assert_false (arbor_group_table_find (&table, &value, scope, &group));
  g_assert_cmpuint (group, ==, ARBOR_NO_GROUP);
  g_assert_true (arbor_group_table_add (&table, &value, scope, &group, NULL));
  g_assert_true (arbor_group_table_find (&table, &value, scope, &group));
  g_assert_cmpuint (group, ==, 0);
  g_assert_cmpuint (table.charge.n_bytes, >, 0);
  g_assert_cmpuint (arbor_budget_get_used (), ==, 0);
  value = ARBOR_VALUE_STRING ("b", 1);
  g_assert_false (arbor_group_table_find (&table, &value, scope, &group));
  arbor_group_table_clear (&table);
}

/* Whatever was added before the limit stays, and what was charged is given back. */
static void
test_limit (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GError) error = NULL;
  ArborGroupTable table;
  guint32 group;

  arbor_budget_set_limit (100000);
  arbor_group_table_init (&table, 1, "test");
  for (gint64 i = 0; error == NULL; i++)
    {
      ArborValue value = ARBOR_VALUE_INT64 (i);

      g_assert_cmpint (i, <, 100000);
      if (arbor_group_table_add (&table, &value, scope, &group, &error))
        g_assert_cmpint (group, ==, i);
      else
        g_assert_cmpint (table.n_groups, ==, i);
    }
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  for (gint64 i = 0; i < table.n_groups; i++)
    {
      ArborValue value = ARBOR_VALUE_INT64 (i);

      g_assert_true (arbor_group_table_find (&table, &value, scope, &group));
      g_assert_cmpint (group, ==, i);
    }
  arbor_group_table_clear (&table);
  g_assert_cmpuint (arbor_budget_get_used (), ==, 0);
  arbor_budget_set_limit (0);
}

static void
test_texts (void)
{
  ArborCharge charge = { .operation = "test" };
  ArborTexts texts = { 0 };
  g_autoptr (GPtrArray) copies = g_ptr_array_new ();
  g_autofree char *large = g_strnfill (3000000, 'x');
  const char *copy;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%0*u", (int)(i % 300), i);

      g_assert_true (arbor_texts_copy (&texts, text, strlen (text) + 1, &charge, &copy, NULL));
      g_ptr_array_add (copies, (gpointer)copy);
    }
  g_assert_true (arbor_texts_copy (&texts, large, 3000001, &charge, &copy, NULL));
  g_assert_cmpstr (copy, ==, large);
  g_assert_true (arbor_texts_copy (&texts, "", 0, &charge, &copy, NULL));
  g_assert_nonnull (copy);
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%0*u", (int)(i % 300), i);

      g_assert_cmpstr (g_ptr_array_index (copies, i), ==, text);
    }
  g_assert_cmpuint (charge.n_bytes, >=, 3000001);
  g_assert_cmpuint (charge.n_bytes, <, 3000001 + 2 * 1024 * 1024);
  arbor_texts_clear (&texts);
  arbor_charge_release (&charge);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/group-table/rows", test_rows);
  g_test_add_func ("/group-table/find", test_find);
  g_test_add_func ("/group-table/limit", test_limit);
  g_test_add_func ("/group-table/texts", test_texts);
  return g_test_run ();
}
