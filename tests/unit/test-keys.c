/* What is declared of keys: what is accepted, and that it is read as it was written or refused. */

#include "storage/arbor-keys.h"

#include "base/arbor-error.h"

static ArborKeys *
make (const char *a, const char *b, gboolean is_unique)
{
  const char *paths[] = { a, b, NULL };
  g_autoptr (GError) error = NULL;
  ArborKeys *keys = arbor_keys_new (paths, is_unique, &error);

  g_assert_no_error (error);
  return keys;
}

static void
refuse (const char *const *paths, ArborError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_keys_new (paths, FALSE, &error));
  g_assert_error (error, ARBOR_ERROR, (int) code);
}

static void
test_new (void)
{
  g_autoptr (ArborKeys) keys = make ("$.a.b", "[\"x y\"]", TRUE);
  g_autoptr (ArborKeys) same = make ("a.b", "[\"x y\"]", TRUE);
  g_autoptr (ArborKeys) other = make ("a.b", "[\"x y\"]", FALSE);
  g_autoptr (ArborKeys) single = make ("a.b", NULL, TRUE);
  g_autofree char *text = arbor_keys_describe (keys);
  char *long_path = g_strnfill (ARBOR_KEYS_MAX, 'k');
  const char *many[ARBOR_KEYS_MAX_PATHS + 2] = { NULL };
  char names[ARBOR_KEYS_MAX_PATHS + 1][2] = { { 0 } };

  g_assert_true (keys->is_unique);
  g_assert_cmpuint (keys->n_paths, ==, 2);
  g_assert_cmpstr (text, ==, "a.b, [\"x y\"]");
  g_assert_true (arbor_keys_equal (keys, same));
  g_assert_false (arbor_keys_equal (keys, other));
  g_assert_true (arbor_keys_same_paths (keys, other));
  g_assert_cmpuint (keys->digest, ==, other->digest);
  g_assert_false (arbor_keys_same_paths (keys, single));
  g_assert_true (arbor_keys_equal (NULL, NULL));
  g_assert_false (arbor_keys_equal (keys, NULL));

  refuse ((const char *[]){ NULL }, ARBOR_ERROR_INVALID_ARGUMENT);
  refuse ((const char *[]){ "a[*]", NULL }, ARBOR_ERROR_INVALID_ARGUMENT);
  refuse ((const char *[]){ "$", NULL }, ARBOR_ERROR_INVALID_ARGUMENT);
  refuse ((const char *[]){ "a", "b", "$.a", NULL }, ARBOR_ERROR_INVALID_ARGUMENT);
  refuse ((const char *[]){ long_path, NULL }, ARBOR_ERROR_INVALID_ARGUMENT);
  refuse ((const char *[]){ "a[", NULL }, ARBOR_ERROR_EXPRESSION);
  for (guint i = 0; i <= ARBOR_KEYS_MAX_PATHS; i++)
    {
      names[i][0] = (char) ('a' + i);
      many[i] = names[i];
    }
  refuse (many, ARBOR_ERROR_INVALID_ARGUMENT);
  g_free (long_path);
}

static void
test_bytes (void)
{
  g_autoptr (ArborKeys) keys = make ("a.b", "[\"x y\"]", TRUE);
  g_autoptr (ArborKeys) read = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (keys->bytes, &size);
  g_autofree guint8 *copy = g_memdup2 (data, size);

  read = arbor_keys_read (data, size, &error);
  g_assert_no_error (error);
  g_assert_true (arbor_keys_equal (keys, read));
  g_assert_true (read->is_unique);
  g_assert_cmpuint (read->digest, ==, keys->digest);
  for (gsize shorter = 0; shorter < size; shorter++)
    g_assert_null (arbor_keys_read (data, shorter, NULL));
  for (gsize i = 0; i < size; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autoptr (ArborKeys) changed = NULL;

        copy[i] ^= (guint8) (1 << bit);
        changed = arbor_keys_read (copy, size, NULL);
        g_assert_false (changed != NULL && arbor_keys_equal (changed, keys));
        copy[i] ^= (guint8) (1 << bit);
      }
  copy[4] = 0;
  g_assert_null (arbor_keys_read (copy, size, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keys/new", test_new);
  g_test_add_func ("/keys/bytes", test_bytes);
  return g_test_run ();
}
