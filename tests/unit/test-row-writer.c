/* The writers of rows and records against values one by one: every kind and encoding, random nested trees
 * in batches dense and sparse, rows in any order, batches by turns, and damaged batches.
 */

#include "json/arbor-row-writer.h"

#include "base/arbor-text.h"
#include "batch/arbor-batch-format.h"

#include "kit/record-texts.h"
#include "kit/row-texts.h"
#include "kit/values.h"

/* A batch of texts. */
static void
build (TestBatch *self, GPtrArray *trees)
{
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func (document_free);

  for (guint i = 0; i < trees->len; i++)
    g_ptr_array_add (documents, document_new (trees->pdata[i]));
  test_batch_init (self, (Document *const *) documents->pdata, documents->len);
}

static void
assert_texts_same (GPtrArray *trees)
{
  TestBatch batch;

  build (&batch, trees);
  assert_rows_same (batch.batch);
  test_batch_clear (&batch);
}

static void
test_kinds (void)
{
  static const char *const kinds[] = {
    "null",     "true",       "false",  "0",    "-1",   "-9223372036854775808",
    "2.5",      "-0.0",       "1e400",  "\"\"", "[]",   "18446744073709551615",
    "{}",       "[[],{},[{}]]", "\"a\\\"\\\\\\u0000\\u001f/\\u00e9\"",
    "{\"\":{\"\":{}}}", "{\"k\\\"\\n\":[1,null,[true,\"x\"],{\"b\":1e300,\"a\":12345678901}]}",
  };
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GPtrArray) one = g_ptr_array_new ();

      g_ptr_array_add (all, (gpointer) kinds[i]);
      for (guint copies = 0; copies < 5; copies++)
        g_ptr_array_add (one, (gpointer) kinds[i]);
      assert_texts_same (one);
    }
  assert_texts_same (all);
}

/* The text itself, once, so that both cannot be wrong together. */
static void
test_text (void)
{
  const char *tree = "{\"a\":1,\"b\":[\"x\",null,{\"c\":true}],\"d\":{},\"e\":\"\\\"\\n\"}";
  g_autoptr (ArborRowWriter) writer = arbor_row_writer_new ();
  g_autoptr (GPtrArray) trees = g_ptr_array_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborBuffer out = { NULL };
  TestBatch batch;

  for (guint i = 0; i < 10; i++)
    g_ptr_array_add (trees, (gpointer) tree);
  build (&batch, trees);
  for (guint32 i = 0; i < 10; i++)
    {
      arbor_buffer_clear (&out);
      arbor_row_writer_write (writer, batch.batch, i, scope, &out);
      g_assert_cmpmem (out.data, out.length, tree, strlen (tree));
    }
  arbor_buffer_free (&out);
  test_batch_clear (&batch);
}

/* A string of few or of many kinds, now and then with bytes that need escapes, or long. */
static void
append_string (GString *text, GRand *rand)
{
  static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz\"\\\n\x01 \xc3\xa9";
  guint length = (guint) g_rand_int_range (rand, 0, g_rand_int_range (rand, 0, 40) == 0 ? 400 : 40);
  gboolean is_plain = g_rand_boolean (rand);
  g_autoptr (GString) bytes = g_string_new (NULL);
  ArborBuffer out = { NULL };

  if (g_rand_boolean (rand))
    length %= 3;
  for (guint i = 0; i < length; i++)
    if (!is_plain && g_rand_int_range (rand, 0, 30) == 0)
      g_string_append (bytes, "\xc3\xa9");
    else
      g_string_append_c (bytes, alphabet[g_rand_int_range (rand, 0, is_plain ? 26 : 31)]);
  arbor_text_append_string (&out, bytes->str, bytes->len);
  g_string_append_len (text, (const char *) out.data, (gssize) out.length);
  arbor_buffer_free (&out);
}

static void
append_scalar (GString *text, GRand *rand)
{
  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
      g_string_append (text, "null");
      break;
    case 1:
      g_string_append (text, g_rand_boolean (rand) ? "true" : "false");
      break;
    case 2:
      g_string_append_printf (text, "%.17g", g_rand_double_range (rand, -1e6, 1e6));
      break;
    case 3:
      g_string_append (text, g_rand_boolean (rand) ? "1e999" : "18446744073709551615");
      break;
    case 4:
    case 5:
      g_string_append_printf (text, "%" G_GINT64_FORMAT,
                              (gint64) (((guint64) g_rand_int (rand) << 32 | g_rand_int (rand)) >>
                                        g_rand_int_range (rand, 0, 64)));
      break;
    default:
      append_string (text, rand);
      break;
    }
}

/* @variety: of keys. */
static void
append_value (GString *text, GRand *rand, guint depth, guint variety)
{
  guint n = (guint) g_rand_int_range (rand, 0, 6);

  switch (depth == 0 ? 0 : g_rand_int_range (rand, 0, 4))
    {
    case 1:
      g_string_append_c (text, '[');
      for (guint i = 0; i < n; i++)
        {
          g_string_append (text, i > 0 ? "," : "");
          append_value (text, rand, depth - 1, variety);
        }
      g_string_append_c (text, ']');
      break;
    case 2:
    case 3:
      g_string_append_c (text, '{');
      for (guint i = 0; i < n; i++)
        {
          g_string_append_printf (text, "%s\"%u\\n\":", i > 0 ? "," : "",
                                  g_rand_int_range (rand, 0, (gint32) variety));
          append_value (text, rand, depth - 1, variety);
        }
      g_string_append_c (text, '}');
      break;
    default:
      append_scalar (text, rand);
      break;
    }
}

static GPtrArray *
make_random (GRand *rand, guint max_trees)
{
  GPtrArray *trees = g_ptr_array_new_with_free_func (g_free);
  guint n = (guint) g_rand_int_range (rand, 1, (gint32) max_trees);
  guint variety = g_rand_boolean (rand) ? 4 : 300;
  guint depth = (guint) g_rand_int_range (rand, 0, 6);

  for (guint i = 0; i < n; i++)
    {
      GString *text = g_string_new (NULL);

      append_value (text, rand, depth, variety);
      g_ptr_array_add (trees, g_string_free (text, FALSE));
    }
  return trees;
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (31);

  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (GPtrArray) trees = make_random (rand, round % 10 == 0 ? 3000 : 200);

      assert_texts_same (trees);
    }
}

/* Too deep and too wide for columns: overflow. */
static void
test_overflow (void)
{
  g_autoptr (GPtrArray) trees = g_ptr_array_new_with_free_func (g_free);

  for (guint depth = 55; depth < 75; depth++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint i = 0; i < depth; i++)
        g_string_append (text, i % 2 == 0 ? "[1," : "{\"a\":");
      g_string_append (text, "{}");
      for (guint i = depth; i > 0; i--)
        g_string_append (text, i % 2 == 1 ? "]" : "}");
      g_ptr_array_add (trees, g_strdup (text->str));
    }
  assert_texts_same (trees);

  for (guint n = 1020; n < 1030; n++)
    {
      g_autoptr (GString) text = g_string_new ("[{");

      for (guint i = 0; i < n; i++)
        g_string_append_printf (text, "%s\"%u\":%u", i > 0 ? "," : "", i, i);
      g_string_append (text, "},2]");
      g_ptr_array_add (trees, g_strdup (text->str));
    }
  assert_texts_same (trees);
}

/* Long strings and many of them: each width of spans, dictionaries of each width and none. */
static void
test_widths (void)
{
  static const guint lengths[] = { 3, 300, 70000 };
  static const guint kinds[] = { 1, 20, 3000 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    for (guint j = 0; j < G_N_ELEMENTS (kinds); j++)
      {
        g_autoptr (GPtrArray) trees = g_ptr_array_new_with_free_func (g_free);
        g_autofree char *padding = g_strnfill (lengths[i], j == 1 ? '\t' : 'p');

        for (guint n = 0; n < MIN (4000, 3000000 / lengths[i]); n++)
          {
            g_autofree char *bytes = g_strdup_printf ("%u%s", n % kinds[j], padding);
            ArborBuffer out = { NULL };

            arbor_text_append_string (&out, bytes, n % 2 == 0 ? lengths[i] : 2);
            g_ptr_array_add (trees, g_strdup_printf ("{\"s\":%.*s,\"n\":%u}", (int) out.length,
                                                     out.data, n * lengths[i] * lengths[i]));
            arbor_buffer_free (&out);
          }
        assert_texts_same (trees);
      }
}

/* Rows of two batches by turns, in runs of any length: plans are made, dropped and made again. */
static void
test_turns (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (32);
  g_autoptr (GPtrArray) trees_a = make_random (rand, 500);
  g_autoptr (GPtrArray) trees_b = make_random (rand, 500);
  g_autoptr (ArborRowWriter) writer = arbor_row_writer_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborBuffer expected = { NULL };
  ArborBuffer found = { NULL };
  TestBatch a, b;

  build (&a, trees_a);
  build (&b, trees_b);
  for (guint round = 0; round < 300; round++)
    {
      const ArborBatch *batch = round % 2 == 0 ? a.batch : b.batch;
      guint run = (guint) g_rand_int_range (rand, 1, 40);
      gint32 n = (gint32) arbor_batch_get_n_trees (batch);

      for (guint i = 0; i < run; i++)
        assert_row_same (writer, batch, (guint32) g_rand_int_range (rand, 0, n), scope, &expected,
                         &found);
    }
  arbor_buffer_free (&expected);
  arbor_buffer_free (&found);
  test_batch_clear (&a);
  test_batch_clear (&b);
}

/* Some bytes of a batch changed: what still opens is written alike. */
static guint
damage (const TestBatch *sound, GRand *rand)
{
  g_autoptr (GBytes) bytes = arbor_batch_copy_bytes (sound->batch->data, sound->batch->size);
  g_autoptr (ArborBatch) batch = NULL;
  gsize size;
  guint8 *data = (guint8 *) g_bytes_get_data (bytes, &size);
  guint n = (guint) g_rand_int_range (rand, 1, 4);

  for (guint i = 0; i < n; i++)
    {
      gsize at = (gsize) g_rand_double_range (rand, sizeof (ArborBatchHeader), (double) size);

      data[at] ^= (guint8) (g_rand_boolean (rand) ? g_rand_int_range (rand, 1, 256)
                                                  : 1 << g_rand_int_range (rand, 0, 8));
    }
  batch = arbor_batch_open (data, size, NULL);
  if (batch == NULL)
    return 0;
  assert_rows_same (batch);
  assert_records_same (batch, ',', FALSE);
  return 1;
}

static void
test_damage (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (33);
  guint n_open = 0;

  for (guint round = 0; round < 40; round++)
    {
      g_autoptr (GPtrArray) trees = make_random (rand, 40);
      TestBatch sound;

      build (&sound, trees);
      for (guint i = 0; i < 100; i++)
        n_open += damage (&sound, rand);
      test_batch_clear (&sound);
    }
  g_assert_cmpuint (n_open, >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/row-writer/kinds", test_kinds);
  g_test_add_func ("/row-writer/text", test_text);
  g_test_add_func ("/row-writer/random", test_random);
  g_test_add_func ("/row-writer/overflow", test_overflow);
  g_test_add_func ("/row-writer/widths", test_widths);
  g_test_add_func ("/row-writer/turns", test_turns);
  g_test_add_func ("/row-writer/damage", test_damage);
  return g_test_run ();
}
