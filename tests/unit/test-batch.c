/* Batches: what goes in comes out, equal trees give equal bytes, limits turn into overflow, cuts
 * depend on the trees alone. What damage does: test-batch-verify.c.
 *
 * The oracle for content is the tape: the JSON text of a tree's tape, which no column has seen.
 */

#include "base/arbor-error.h"
#include "batch/arbor-batch-cells.h"
#include "batch/arbor-batch-format.h"
#include "batch/arbor-value-access.h"

static ArborParser *parser;

static void
parse (const char *json, ArborTape *tape)
{
  static ArborBuffer text;
  gsize length = strlen (json);
  const char *reason;
  gsize offset;

  arbor_buffer_clear (&text);
  arbor_buffer_append (&text, json, length);
  memset (arbor_buffer_reserve (&text, ARBOR_PARSER_PADDING), 0, ARBOR_PARSER_PADDING);
  if (!arbor_parser_parse (parser, (const char *) text.data, length, tape, &offset, &reason))
    g_error ("%s: byte %" G_GSIZE_FORMAT ": %s", json, offset, reason);
}

static GBytes *
build (const char *const *trees, gsize n)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (GError) error = NULL;
  GBytes *batch;

  for (gsize i = 0; i < n; i++)
    {
      ArborTape tape;

      parse (trees[i], &tape);
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
    }
  batch = arbor_batch_builder_finish (builder, &error);
  g_assert_no_error (error);
  return batch;
}

static ArborBatch *
open_batch (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  ArborBatch *batch = arbor_batch_open (data, size, &error);

  g_assert_no_error (error);
  g_assert_cmpuint ((guintptr) data % ARBOR_BATCH_ALIGNMENT, ==, ARBOR_BATCH_PHASE);
  arbor_batch_verify (batch, &error);
  g_assert_no_error (error);
  return batch;
}

static char *
row_to_json (const ArborBatch *batch, guint32 row)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborBuffer out = { NULL };
  ArborValue value;

  arbor_batch_get_tree (batch, row, &value);
  arbor_value_write_json (&value, scope, &out);
  arbor_buffer_append_byte (&out, 0);
  g_assert_true (arbor_scope_check (scope, NULL));
  return (char *) out.data;
}

static char *
tape_to_json (const char *json)
{
  ArborBuffer out = { NULL };
  ArborTape tape;

  parse (json, &tape);
  arbor_tape_write_json (&tape, ARBOR_TAPE_ROOT, &out);
  arbor_buffer_append_byte (&out, 0);
  return (char *) out.data;
}

static void
assert_round_trip (const char *const *trees, gsize n)
{
  g_autoptr (GBytes) bytes = build (trees, n);
  g_autoptr (GBytes) again = build (trees, n);
  g_autoptr (ArborBatch) batch = open_batch (bytes);

  g_assert_true (g_bytes_equal (bytes, again));
  g_assert_cmpuint (g_bytes_get_size (bytes), >=, ARBOR_BATCH_MIN_BYTES);
  g_assert_cmpuint (arbor_batch_get_n_trees (batch), ==, n);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *found = row_to_json (batch, (guint32) i);
      g_autofree char *expected = tape_to_json (trees[i]);

      g_assert_cmpstr (found, ==, expected);
    }
}

static const char *const kinds[] = {
  "null",
  "true",
  "-9223372036854775808",
  "18446744073709551615",
  "1.5",
  "-0.0",
  "1e400",
  "123456789012345678901234567890",
  "\"\"",
  "\"a\\u0000b\"",
  "[]",
  "{}",
  "[1,\"x\",null,[2,[]],{\"a\":[{}]}]",
  "{\"a\":1,\"b\":{\"c\":[1,2,{\"d\":null}]},\"\":false}",
  "{\"b\":2,\"a\":1}",
  "{\"a\":null,\"a\":{\"z\":1},\"k\":2}",
  "{\"a\":[true,false,1,2.5,\"s\"]}",
  "{\"b\":{\"c\":[]},\"a\":9007199254740993}",
};

static void
test_kinds (void)
{
  assert_round_trip (kinds, G_N_ELEMENTS (kinds));
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    assert_round_trip (&kinds[i], 1);
}

/* A random value of bounded depth, as text. */
static void
append_random (GString *text, GRand *rand, guint depth)
{
  static const char *const scalars[] = { "null", "true",  "false",  "0",     "-1",  "70000",
                                         "1.25", "1e300", "\"a\"",  "\"\"",  "1e400",
                                         "18446744073709551615", "\"\\u00e9\\n\"" };
  guint n = (guint) g_rand_int_range (rand, 0, 5);

  switch (depth == 0 ? 0 : g_rand_int_range (rand, 0, 4))
    {
    case 1:
      g_string_append_c (text, '[');
      for (guint i = 0; i < n; i++)
        {
          g_string_append (text, i > 0 ? "," : "");
          append_random (text, rand, depth - 1);
        }
      g_string_append_c (text, ']');
      break;
    case 2:
    case 3:
      g_string_append_c (text, '{');
      for (guint i = 0; i < n; i++)
        {
          g_string_append_printf (text, "%s\"%c\":", i > 0 ? "," : "",
                                  'a' + g_rand_int_range (rand, 0, 7));
          append_random (text, rand, depth - 1);
        }
      g_string_append_c (text, '}');
      break;
    default:
      g_string_append (text, scalars[g_rand_int_range (rand, 0, G_N_ELEMENTS (scalars))]);
      break;
    }
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);

  for (guint round = 0; round < 60; round++)
    {
      g_autoptr (GPtrArray) trees = g_ptr_array_new_with_free_func (g_free);
      guint n = (guint) g_rand_int_range (rand, 1, 400);

      for (guint i = 0; i < n; i++)
        {
          GString *text = g_string_new (NULL);

          append_random (text, rand, 5);
          g_ptr_array_add (trees, g_string_free (text, FALSE));
        }
      assert_round_trip ((const char *const *) trees->pdata, n);
    }
}

static char *
nest (guint depth)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, i % 2 == 0 ? "{\"k\":" : "[7,");
  g_string_append_c (text, '1');
  for (guint i = depth; i > 0; i--)
    g_string_append (text, i % 2 == 1 ? "}" : "]");
  return g_string_free (text, FALSE);
}

/* Objects used as maps, and nesting past the columns' depth, lie in overflow lanes. */
static void
test_overflow (void)
{
  GString *map = g_string_new ("{\"id\":1,\"map\":{");
  g_autofree char *map_text = NULL;
  g_autofree char *deep = nest (1000);
  g_autofree char *shallow = nest (ARBOR_BATCH_MAX_DEPTH - 1);
  const char *trees[] = { NULL, deep, "{\"map\":{\"k1\":true}}", shallow, "{\"map\":[1]}" };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborBatch) batch = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (map, "%s\"k%u\":%u", i > 0 ? "," : "", i, i);
  g_string_append (map, "}}");
  trees[0] = map_text = g_string_free (map, FALSE);
  assert_round_trip (trees, G_N_ELEMENTS (trees));

  bytes = build (trees, G_N_ELEMENTS (trees));
  batch = open_batch (bytes);
  g_assert_true (arbor_batch_has_overflow (batch, arbor_batch_find_field (batch, 0, "map", 3)));
  g_assert_cmpuint (arbor_batch_get_n_columns (batch), <, 80);

  g_clear_pointer (&bytes, g_bytes_unref);
  g_clear_pointer (&batch, arbor_batch_free);
  bytes = build (&trees[3], 1);
  batch = open_batch (bytes);
  for (guint32 i = 0; i < arbor_batch_get_n_columns (batch); i++)
    g_assert_false (arbor_batch_has_overflow (batch, i));
}

/* More different keys over many trees than there may be columns. */
static void
test_many_columns (void)
{
  g_autoptr (GPtrArray) trees = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborBatch) batch = NULL;

  for (guint i = 0; i < 3000; i++)
    g_ptr_array_add (trees, g_strdup_printf ("{\"id\":%u,\"m\":{\"a%u\":1,\"b%u\":[%u]}}", i, i, i, i));
  assert_round_trip ((const char *const *) trees->pdata, trees->len);
  bytes = build ((const char *const *) trees->pdata, trees->len);
  batch = open_batch (bytes);
  g_assert_cmpuint (arbor_batch_get_n_columns (batch), <=, ARBOR_BATCH_MAX_COLUMNS);
  g_assert_true (arbor_batch_has_overflow (batch, arbor_batch_find_field (batch, 0, "m", 1)));
}

/* Encodings follow from the values. */
static void
test_encodings (void)
{
  g_autoptr (GPtrArray) trees = g_ptr_array_new_with_free_func (g_free);
  static const struct
  {
    const char *key;
    guint8 kind, encoding, width;
    guint32 n_distinct;
    gint64 min, max;
  } expected[] = {
    { "byte", ARBOR_KIND_INT64, ARBOR_ENCODING_FRAME, 1, 0, 1000, 1249 },
    { "constant", ARBOR_KIND_INT64, ARBOR_ENCODING_FRAME, 0, 0, -5, -5 },
    { "few", ARBOR_KIND_STRING, ARBOR_ENCODING_DICTIONARY, 1, 3, 0, 2 },
    { "id", ARBOR_KIND_STRING, ARBOR_ENCODING_SPANS, 0, 0, 0, 599 },
    { "long", ARBOR_KIND_INT64, ARBOR_ENCODING_FRAME, 8, 0, G_MININT64, G_MAXINT64 },
    { "real", ARBOR_KIND_DOUBLE, ARBOR_ENCODING_RAW, 8, 0, 0, 0 },
    { "short", ARBOR_KIND_INT64, ARBOR_ENCODING_FRAME, 2, 0, 0, 599 * 3 },
    { "yes", ARBOR_KIND_BOOL, ARBOR_ENCODING_BITS, 0, 0, 0, 1 },
  };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborBatch) batch = NULL;

  for (guint i = 0; i < 600; i++)
    g_ptr_array_add (trees, g_strdup_printf ("{\"id\":\"tree-%06u\",\"byte\":%u,\"short\":%u,"
                                             "\"long\":%s,\"constant\":-5,\"real\":%u.5,"
                                             "\"few\":\"%s\",\"yes\":%s}",
                                             i, 1000 + i % 250, i * 3,
                                             i % 2 ? "9223372036854775807" : "-9223372036854775808",
                                             i, i % 3 == 0 ? "red" : i % 3 == 1 ? "green" : "blue",
                                             i % 5 ? "true" : "false"));
  assert_round_trip ((const char *const *) trees->pdata, trees->len);
  bytes = build ((const char *const *) trees->pdata, trees->len);
  batch = open_batch (bytes);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      guint32 column =
          arbor_batch_find_field (batch, 0, expected[i].key, strlen (expected[i].key));
      const ArborLaneRecord *lane;

      g_assert_cmpuint (column, ==, i + 1); /* siblings lie sorted by key */
      lane = arbor_batch_find_lane (batch, &batch->columns[column], expected[i].kind);
      g_assert_nonnull (lane);
      g_assert_cmpuint (lane->encoding, ==, expected[i].encoding);
      g_assert_cmpuint (lane->width, ==, expected[i].width);
      g_assert_cmpuint (lane->n_distinct, ==, expected[i].n_distinct);
      g_assert_cmpuint (lane->offset_a % ARBOR_BATCH_ALIGNMENT, ==,
                        lane->size_a == 0 ? 0 : ARBOR_BATCH_ALIGNMENT - ARBOR_BATCH_PHASE);
      if (expected[i].kind != ARBOR_KIND_DOUBLE)
        {
          g_assert_cmpint ((gint64) lane->min, ==, expected[i].min);
          g_assert_cmpint ((gint64) lane->max, ==, expected[i].max);
        }
    }
}

/* Strings that repeat late, and strings that do not. */
static void
test_dictionaries (void)
{
  g_autoptr (GPtrArray) trees = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < 9000; i++)
    g_ptr_array_add (trees, g_strdup_printf ("{\"a\":\"%u\",\"b\":\"value %u\",\"c\":\"%s\"}", i,
                                             i % 1000, i < 5000 ? "" : "zz"));
  assert_round_trip ((const char *const *) trees->pdata, trees->len);
}

static guint
count_batches (guint n_trees, guint string_bytes, guint32 *sizes)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autofree char *filler = g_strnfill (string_bytes, 'x');
  guint n = 0;

  for (guint i = 0; i < n_trees; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"s\":\"%u %s\"}", i, filler);
      ArborTape tape;

      parse (json, &tape);
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
      if (arbor_batch_builder_is_full (builder) || i + 1 == n_trees)
        {
          g_autoptr (GBytes) batch = NULL;

          sizes[n++] = arbor_batch_builder_get_n_trees (builder);
          batch = arbor_batch_builder_finish (builder, NULL);
          g_assert_cmpuint (g_bytes_get_size (batch), <, 2 * ARBOR_BATCH_TARGET_BYTES);
        }
    }
  return n;
}

/* Groups of 16,384 trees, cut again near 1 MiB; a group never reaches into the next. */
static void
test_cuts (void)
{
  guint32 sizes[64];
  guint n = count_batches (40000, 1, sizes);
  guint32 sum = 0;

  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (sizes[0], ==, ARBOR_BATCH_CUT_TREES);
  g_assert_cmpuint (sizes[1], ==, ARBOR_BATCH_CUT_TREES);
  g_assert_cmpuint (sizes[2], ==, 40000 - 2 * ARBOR_BATCH_CUT_TREES);

  n = count_batches (20000, 200, sizes);
  g_assert_cmpuint (n, >, 4);
  for (guint i = 0; i < n; i++)
    {
      guint32 before = sum;

      sum += sizes[i];
      g_assert_true (before / ARBOR_BATCH_CUT_TREES == (sum - 1) / ARBOR_BATCH_CUT_TREES);
    }
  g_assert_cmpuint (sum, ==, 20000);
}

/* Cuts come in time for what the columns alone would not show: values that need no bytes, keys,
 * shapes; and strings that repeat stay in their dictionary, however many others there are. */
static gsize
build_until_full (const char *(*make) (guint i, GString *text), guint limit, guint *n)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) batch = NULL;

  for (*n = 0; *n < limit && !arbor_batch_builder_is_full (builder); (*n)++)
    {
      ArborTape tape;

      g_string_truncate (text, 0);
      parse (make (*n, text), &tape);
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
    }
  batch = arbor_batch_builder_finish (builder, &error);
  g_assert_no_error (error);
  return g_bytes_get_size (batch);
}

static const char *
make_constants (guint i, GString *text)
{
  g_string_append_c (text, '[');
  for (guint j = 0; j < 100000; j++)
    g_string_append (text, j > 0 ? ",7" : "7");
  g_string_append_c (text, ']');
  return text->str;
}

static const char *
make_long_keys (guint i, GString *text)
{
  g_autofree char *filler = g_strnfill (10000, 'k');

  g_string_append_printf (text, "{\"%u%s\":1}", i, filler);
  return text->str;
}

static const char *
make_shapes (guint i, GString *text)
{
  for (guint j = 0; j < 1000; j++)
    g_string_append_printf (text, "%s\"%u\":null", j > 0 ? "," : "{", (j + i) % 1000);
  g_string_append_c (text, '}');
  return text->str;
}

static const char *
make_strings (guint i, GString *text)
{
  g_autofree char *filler = g_strnfill (1000, 's');

  g_string_append_printf (text, "\"%.*s%u\"", i % 2 == 0 ? 1000 : 0, filler,
                          i % 2 == 0 ? 0 : i);
  return text->str;
}

static void
test_cuts_by_memory (void)
{
  guint n;

  g_assert_cmpuint (build_until_full (make_constants, 1000, &n), <, 4096);
  g_assert_cmpuint (n, ==, ARBOR_BATCH_MAX_RAW_BYTES / 800000 + 1);

  g_assert_cmpuint (build_until_full (make_long_keys, 4000, &n), <, 2 * ARBOR_BATCH_TARGET_BYTES);
  g_assert_cmpuint (n, <, 200);

  g_assert_cmpuint (build_until_full (make_shapes, 1000, &n), <, 2 * ARBOR_BATCH_TARGET_BYTES);
  g_assert_cmpuint (n, <, 1000);

  g_assert_cmpuint (build_until_full (make_strings, 6000, &n), <, 65536);
  g_assert_cmpuint (n, ==, 6000);
}

/* Many rows, of which few have a value. */
static void
test_sparse (void)
{
  g_autoptr (GString) text = g_string_new ("[");
  const char *trees[1];

  for (guint i = 0; i < 300000; i++)
    {
      g_string_append (text, i > 0 ? ",{" : "{");
      if (i % 10000 == 77)
        g_string_append_printf (text, "\"list\":%u,", i);
      if (i % 3 == 0 || i < 1000)
        g_string_append_printf (text, "\"bitmap\":%u,", i);
      if (i < 200000)
        g_string_append (text, "\"first\":1,");
      if (text->str[text->len - 1] == ',')
        g_string_truncate (text, text->len - 1);
      g_string_append_c (text, '}');
    }
  g_string_append_c (text, ']');
  trees[0] = text->str;
  assert_round_trip (trees, 1);
}

/* A document that no batch can hold is an error, and the builder goes on. */
static void
test_too_large (void)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (130u << 20, 'y');
  g_autoptr (GBytes) batch = NULL;
  g_autoptr (ArborTapeWriter) writer = arbor_tape_writer_new ();
  ArborValue first = ARBOR_VALUE_STRING (text, (130u << 20));
  ArborValue second = ARBOR_VALUE_STRING (text, (130u << 20) - 1);
  ArborTape tape;

  arbor_tape_writer_begin_array (writer);
  arbor_tape_writer_scalar (writer, &first);
  arbor_tape_writer_scalar (writer, &second);
  arbor_tape_writer_end_array (writer);
  arbor_tape_writer_finish (writer, &tape);
  arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
  g_assert_null (arbor_batch_builder_finish (builder, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);

  /* More values than a batch may have: only pretended, for they would take gigabytes. */
  g_clear_error (&error);
  parse ("{\"a\":1}", &tape);
  arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
  builder->columns[0].n_values = ARBOR_BATCH_MAX_VALUES;
  g_assert_null (arbor_batch_builder_finish (builder, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);

  arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
  batch = arbor_batch_builder_finish (builder, NULL);
  g_assert_nonnull (batch);
}

/* A batch that lies at an odd address reads the same. */
static void
test_unaligned (void)
{
  g_autoptr (GBytes) bytes = build (kinds, G_N_ELEMENTS (kinds));
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree guint8 *copy = g_malloc (size + 1);
  g_autoptr (ArborBatch) batch = NULL;

  memcpy (copy + 1, data, size);
  batch = arbor_batch_open (copy + 1, size, NULL);
  g_assert_nonnull (batch);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *found = row_to_json (batch, (guint32) i);
      g_autofree char *expected = tape_to_json (kinds[i]);

      g_assert_cmpstr (found, ==, expected);
    }
}

/* Fields give the bytes that the same objects give as trees. */
static void
test_fields (void)
{
  static const char *const names[] = { "a", "b", "text", "x" };
  g_autoptr (ArborBatchBuilder) fields = arbor_batch_builder_new ();
  g_autoptr (ArborBatchBuilder) trees = arbor_batch_builder_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  guint n_batches = 0;

  for (guint i = 0; i < 40000; i++)
    {
      g_autofree char *text = g_strdup_printf ("text %d", g_rand_int_range (rand, 0, 30000));
      ArborValue values[] = {
        ARBOR_VALUE_INT64 (g_rand_int_range (rand, -5, 1000)),
        i % 3 == 0 ? ARBOR_VALUE_BOOL (i % 2) : ARBOR_VALUE_DOUBLE (g_rand_double (rand)),
        ARBOR_VALUE_STRING (text, (guint32)strlen (text)),
        i < 17000 ? ARBOR_VALUE_MISSING : ARBOR_VALUE_NULL,
      };
      ArborValue pairs[2 * G_N_ELEMENTS (names)];
      ArborValue object = { .kind = ARBOR_KIND_OBJECT,
                            .holder_kind = ARBOR_HOLDER_LIST,
                            .holder = pairs };

      if (i % 5000 == 4999)
        values[1] = ARBOR_VALUE_UINT64 (G_MAXUINT64 - i);
      if (i % 7000 == 6999)
        values[0] = ARBOR_VALUE_NUMBER ("1e999", 5);
      for (guint j = 0; j < G_N_ELEMENTS (names); j++)
        {
          if (values[j].kind == ARBOR_KIND_MISSING)
            continue;
          pairs[2 * object.index] = ARBOR_VALUE_STRING (names[j], (guint32)strlen (names[j]));
          pairs[2 * object.index++ + 1] = values[j];
        }
      arbor_batch_builder_add_fields (fields, names, values, G_N_ELEMENTS (names), scope);
      arbor_batch_builder_add_value (trees, &object, scope);
      g_assert_cmpint (arbor_batch_builder_is_full (fields), ==,
                       arbor_batch_builder_is_full (trees));
      if (arbor_batch_builder_is_full (trees) || i == 39999)
        {
          g_autoptr (GBytes) a = arbor_batch_builder_finish (fields, NULL);
          g_autoptr (GBytes) b = arbor_batch_builder_finish (trees, NULL);

          g_assert_true (g_bytes_equal (a, b));
          n_batches++;
        }
      arbor_scope_reset (scope);
    }
  g_assert_cmpuint (n_batches, >=, 3);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  parser = arbor_parser_new ();
  g_test_add_func ("/batch/kinds", test_kinds);
  g_test_add_func ("/batch/random", test_random);
  g_test_add_func ("/batch/overflow", test_overflow);
  g_test_add_func ("/batch/many-columns", test_many_columns);
  g_test_add_func ("/batch/encodings", test_encodings);
  g_test_add_func ("/batch/dictionaries", test_dictionaries);
  g_test_add_func ("/batch/cuts", test_cuts);
  g_test_add_func ("/batch/cuts-by-memory", test_cuts_by_memory);
  g_test_add_func ("/batch/sparse", test_sparse);
  g_test_add_func ("/batch/too-large", test_too_large);
  g_test_add_func ("/batch/unaligned", test_unaligned);
  g_test_add_func ("/batch/fields", test_fields);
  result = g_test_run ();
  arbor_parser_free (parser);
  return result;
}
