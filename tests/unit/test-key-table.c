/* Tables of keys beside a look at each tree: what has a key is found by each key that equals it, what has
 * none is not; a table that was changed, or is of another batch or other paths, is refused; and one that
 * was made to be accepted leads nowhere outside of the batch. */

#include "batch/arbor-key-table.h"

#include <xxhash.h>

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "batch/arbor-batch-format.h"
#include "batch/arbor-value-access.h"
#include "kit/batches.h"

#define MOST_PATHS 3u
#define N_ROUNDS 90u

static const char *const path_texts[] = {
  "n", "id", "m", "s", "f", "t", "w", "v", "big", "o.y", "o.p.q", "any", "mix", "map.y", "a[0]", "q[-1]",
  "items[1].k", "none", "any.x", "g", "u",
};

typedef struct
{
  ArborPath *paths[MOST_PATHS];
  guint n;
} Paths;

static void
paths_init (Paths *self, GRand *random)
{
  *self = (Paths){ .n = (guint) g_rand_int_range (random, 1, MOST_PATHS + 1) };
  for (guint i = 0; i < self->n; i++)
    self->paths[i] = arbor_path_parse (PICK (path_texts), NULL);
}

static void
paths_clear (Paths *self)
{
  for (guint i = 0; i < self->n; i++)
    arbor_path_free (self->paths[i]);
}

/* The slow and obvious way. */
static void
get_key (const ArborBatch *batch, const Paths *paths, guint32 row, ArborScope *scope, ArborValue *key)
{
  for (guint i = 0; i < paths->n; i++)
    {
      ArborValue child;

      arbor_batch_get_tree (batch, row, &key[i]);
      for (guint j = 0; j < paths->paths[i]->n_steps; j++)
        {
          const ArborStep *step = &paths->paths[i]->steps[j];

          if (step->kind == ARBOR_STEP_KEY)
            arbor_value_get_member (&key[i], step->key, step->length, scope, &child);
          else
            arbor_value_get_element (&key[i], step->index, scope, &child);
          key[i] = child;
        }
    }
}

static gboolean
is_key (const ArborValue *key, guint n)
{
  for (guint i = 0; i < n; i++)
    if (key[i].kind != ARBOR_KIND_BOOL && key[i].kind != ARBOR_KIND_STRING &&
        !arbor_kind_is_number ((ArborKind) key[i].kind))
      return FALSE;
  return TRUE;
}

static gboolean
keys_equal (const ArborValue *a, const ArborValue *b, guint n, ArborScope *scope)
{
  for (guint i = 0; i < n; i++)
    if (!arbor_value_equal (&a[i], &b[i], scope))
      return FALSE;
  return TRUE;
}

static ArborKeyTable *
open_table (GBytes *bytes, const ArborBatch *batch, const Paths *paths, GError **error)
{
  return arbor_key_table_open (bytes, arbor_batch_get_digest (batch), arbor_batch_get_n_trees (batch),
                               (ArborPath *const *) paths->paths, paths->n, error);
}

static ArborKeyTable *
open_copy (const guint8 *data, gsize size, const ArborBatch *batch, const Paths *paths, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  return open_table (bytes, batch, paths, error);
}

/* Rows with the key, found by the table and looked at. */
static void
check_found (const ArborKeyTable *table, const ArborBatch *batch, const Paths *paths,
             const ArborValue *keys, guint32 row, guint *n_false)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint32 n_rows = arbor_batch_get_n_trees (batch);
  const ArborValue *key = &keys[row * MOST_PATHS];
  guint32 at = 0, candidate, next = 0;
  guint64 hash;

  g_assert_true (arbor_key_hash (key, paths->n, &hash));
  while (arbor_key_table_next (table, hash, &at, &candidate))
    {
      g_assert_cmpuint (candidate, <, n_rows);
      g_assert_cmpuint (candidate, >=, next);
      for (; next < candidate; next++)
        g_assert_false (is_key (&keys[next * MOST_PATHS], paths->n) &&
                        keys_equal (key, &keys[next * MOST_PATHS], paths->n, scope));
      next = candidate + 1;
      g_assert_true (is_key (&keys[candidate * MOST_PATHS], paths->n));
      *n_false += !keys_equal (key, &keys[candidate * MOST_PATHS], paths->n, scope);
    }
  for (; next < n_rows; next++)
    g_assert_false (is_key (&keys[next * MOST_PATHS], paths->n) &&
                    keys_equal (key, &keys[next * MOST_PATHS], paths->n, scope));
}

static void
test_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (21);
  guint n_keys = 0, n_false = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (ArborScope) scope = arbor_scope_new ();
      g_autoptr (ArborKeyTable) table = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autofree ArborValue *keys = NULL;
      TestBatch batch;
      Paths paths;
      guint32 n_rows, n_here = 0;

      make_batch (random, round, &batch);
      paths_init (&paths, random);
      n_rows = arbor_batch_get_n_trees (batch.batch);
      bytes = arbor_key_table_build (batch.batch, paths.paths, paths.n, &error);
      g_assert_no_error (error);
      table = open_table (bytes, batch.batch, &paths, &error);
      g_assert_no_error (error);
      keys = g_new (ArborValue, n_rows * MOST_PATHS);
      for (guint32 row = 0; row < n_rows; row++)
        get_key (batch.batch, &paths, row, scope, &keys[row * MOST_PATHS]);
      for (guint32 row = 0; row < n_rows; row++)
        if (is_key (&keys[row * MOST_PATHS], paths.n))
          {
            check_found (table, batch.batch, &paths, keys, row, &n_false);
            n_here++;
          }
      g_assert_cmpuint (arbor_key_table_get_n_keys (table), ==, n_here);
      n_keys += n_here;
      paths_clear (&paths);
      arbor_batch_free (batch.batch);
      g_bytes_unref (batch.bytes);
    }
  g_test_message ("%u keys, %u rows looked at for nothing", n_keys, n_false);
  g_assert_cmpuint (n_keys, >, 3000);
  g_assert_cmpuint (n_false, <, n_keys);
}

/* What lies in files stays: docs/dev/format.md. */
static void
test_hashes (void)
{
  const ArborValue one = ARBOR_VALUE_INT64 (1), one_real = ARBOR_VALUE_DOUBLE (1.0);
  const ArborValue half = ARBOR_VALUE_DOUBLE (0.5), none = ARBOR_VALUE_NULL;
  const ArborValue one_text = { .kind = ARBOR_KIND_NUMBER, .text = "10e-1", .length = 5 };
  const ArborValue large = { .kind = ARBOR_KIND_NUMBER, .text = "-1.20e400", .length = 9 };
  const ArborValue word = { .kind = ARBOR_KIND_STRING, .text = "oak", .length = 3 };
  const ArborValue yes = { .kind = ARBOR_KIND_BOOL, .boolean = TRUE };
  gint64 integer = 1;
  double real = 0.5;
  guint8 byte = 1;
  guint64 hash, other;

  g_assert_true (arbor_key_hash (&one, 1, &hash));
  g_assert_cmpuint (hash, ==, XXH3_64bits_withSeed (&integer, 8, 0));
  g_assert_true (arbor_key_hash (&one_real, 1, &other));
  g_assert_cmpuint (other, ==, hash);
  g_assert_true (arbor_key_hash (&one_text, 1, &other));
  g_assert_cmpuint (other, ==, hash);
  g_assert_true (arbor_key_hash (&half, 1, &other));
  g_assert_cmpuint (other, ==, XXH3_64bits_withSeed (&real, 8, 2));
  g_assert_true (arbor_key_hash (&yes, 1, &other));
  g_assert_cmpuint (other, ==, XXH3_64bits_withSeed (&byte, 1, 1));
  g_assert_true (arbor_key_hash (&large, 1, &other));
  g_assert_cmpuint (other, ==,
                    XXH3_64bits_withSeed ("12", 2, XXH3_64bits_withSeed ("401", 3, G_MAXUINT64)));
  g_assert_true (arbor_key_hash (&word, 1, &other));
  g_assert_cmpuint (other, ==, XXH3_64bits ("oak", 3));
  g_assert_true (arbor_key_hash ((ArborValue[]){ one, word }, 2, &hash));
  g_assert_cmpuint (hash, ==, XXH3_64bits_withSeed (&other, 8, XXH3_64bits_withSeed (&integer, 8, 0)));
  g_assert_false (arbor_key_hash (&none, 1, &hash));
  g_assert_false (arbor_key_hash ((ArborValue[]){ one, none }, 2, &hash));
}

static void
make_table (GRand *random, TestBatch *batch, Paths *paths, GBytes **bytes)
{
  g_autoptr (GError) error = NULL;

  make_batch (random, 0, batch);
  *paths = (Paths){ .paths = { arbor_path_parse ("id", NULL) }, .n = 1 };
  *bytes = arbor_key_table_build (batch->batch, paths->paths, 1, &error);
  g_assert_no_error (error);
}

static void
test_damage (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guint8 *copy = NULL;
  TestBatch batch, other;
  Paths paths, others;
  gsize size;

  make_table (random, &batch, &paths, &bytes);
  size = g_bytes_get_size (bytes);
  copy = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
  for (gsize i = 0; i <= size; i++)
    {
      g_autoptr (GError) error = NULL;
      ArborKeyTable *table;

      if (i < size)
        copy[i] ^= (guint8) (1 << (i % 8));
      table = open_copy (copy, size, batch.batch, &paths, &error);
      if (i < size)
        copy[i] ^= (guint8) (1 << (i % 8));
      g_assert_true ((table != NULL) == (i == size));
      if (i == size)
        arbor_key_table_unref (table);
      else
        g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
    }
  for (gsize shorter = 0; shorter < size; shorter++)
    g_assert_null (open_copy (copy, shorter, batch.batch, &paths, NULL));

  make_batch (random, 0, &other);
  others = (Paths){ .paths = { arbor_path_parse ("n", NULL) }, .n = 1 };
  g_assert_null (open_table (bytes, other.batch, &paths, NULL));
  g_assert_null (open_table (bytes, batch.batch, &others, NULL));
  paths_clear (&paths);
  paths_clear (&others);
  arbor_batch_free (batch.batch);
  g_bytes_unref (batch.bytes);
  arbor_batch_free (other.batch);
  g_bytes_unref (other.bytes);
}

/* With the digest mended, whatever opens names rows of the batch, and not more than there are keys. */
static void
test_behind_digest (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  g_autoptr (GBytes) bytes = NULL;
  TestBatch batch;
  guint n_opened = 0;
  Paths paths;
  gsize size;

  make_table (random, &batch, &paths, &bytes);
  size = g_bytes_get_size (bytes);
  for (guint round = 0; round < 20000; round++)
    {
      g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      g_autoptr (ArborKeyTable) table = NULL;
      guint64 seed = arbor_batch_get_digest (batch.batch);
      guint64 digest;

      for (gint n = g_rand_int_range (random, 1, 4); n > 0; n--)
        copy[g_rand_int_range (random, 8, (gint) (round % 2 == 0 ? size : 40))] =
            (guint8) g_rand_int (random);
      seed = XXH3_64bits_withSeed ("id", 2, seed);
      digest = XXH3_64bits_withSeed (copy + 8, size - 8, seed);
      memcpy (copy, &digest, sizeof digest);
      table = open_copy (copy, size, batch.batch, &paths, NULL);
      if (table == NULL)
        continue;
      n_opened++;
      for (guint i = 0; i < 20; i++)
        {
          guint64 hash = (guint64) g_rand_int (random) << 32;
          guint32 at = 0, row, n = 0;

          while (arbor_key_table_next (table, hash, &at, &row))
            {
              g_assert_cmpuint (row, <, arbor_batch_get_n_trees (batch.batch));
              g_assert_cmpuint (++n, <=, arbor_key_table_get_n_keys (table));
            }
        }
    }
  g_assert_cmpuint (n_opened, >, 1000);
  paths_clear (&paths);
  arbor_batch_free (batch.batch);
  g_bytes_unref (batch.bytes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-table/hashes", test_hashes);
  g_test_add_func ("/key-table/random", test_random);
  g_test_add_func ("/key-table/damage", test_damage);
  g_test_add_func ("/key-table/behind-digest", test_behind_digest);
  return g_test_run ();
}
