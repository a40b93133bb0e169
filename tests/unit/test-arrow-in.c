/* What other engines hand in by the Arrow C data interface: arrays of every type, made by hand, and
 * arrays that are wrong, which must be an error and nothing worse.
 */

#include "kit/arbors.h"

#include <math.h>

/* One array and its type, of memory that stays. Releases are counted. */
typedef struct _Made Made;
struct _Made
{
  struct ArrowSchema schema;
  struct ArrowArray array;
  const void *buffers[5];
  struct ArrowSchema *fields[3];
  struct ArrowArray *children[3];
};

static guint n_released;

static void
release_schema (struct ArrowSchema *schema)
{
  n_released++;
  schema->release = NULL;
}

static void
release_array (struct ArrowArray *array)
{
  n_released++;
  array->release = NULL;
}

static Made *
make (Made *self, const char *format, gint64 length, guint n_buffers, const void *const *buffers)
{
  *self = (Made){ .schema = { .format = format, .name = "x", .release = release_schema },
                  .array = { .length = length, .n_buffers = n_buffers, .release = release_array } };
  for (guint i = 0; i < n_buffers; i++)
    self->buffers[i] = buffers[i];
  self->array.buffers = self->buffers;
  return self;
}

#define BUFFERS(...) G_N_ELEMENTS (((const void *[]){ __VA_ARGS__ })), (const void *[]){ __VA_ARGS__ }
#define BITS(...) ((const guint8[]){ __VA_ARGS__ })
#define I8(...) ((const gint8[]){ __VA_ARGS__ })
#define I16(...) ((const gint16[]){ __VA_ARGS__ })
#define I32(...) ((const gint32[]){ __VA_ARGS__ })
#define I64(...) ((const gint64[]){ __VA_ARGS__ })

static Made *
add_child (Made *self, Made *child, const char *name)
{
  child->schema.name = name;
  self->fields[self->schema.n_children++] = &child->schema;
  self->children[self->array.n_children++] = &child->array;
  self->schema.children = self->fields;
  self->array.children = self->children;
  return self;
}

static Made *
add_dictionary (Made *self, Made *dictionary)
{
  self->schema.dictionary = &dictionary->schema;
  self->array.dictionary = &dictionary->array;
  return self;
}

static ArborArbor *
take (Made *self, GError **error)
{
  ArborArbor *arbor;

  n_released = 0;
  arbor = arbor_load_arrow_array (&self->schema, &self->array, NULL, error);
  g_assert_null (self->schema.release);
  g_assert_null (self->array.release);
  g_assert_cmpuint (n_released, ==, 2);
  return arbor;
}

static void
assert_taken (Made *self, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = take (self, &error);

  g_assert_no_error (error);
  assert_lines (arbor, expected);
}

static void
assert_refused (Made *self, ArborError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = take (self, &error);

  g_assert_null (arbor);
  g_assert_error (error, ARBOR_ERROR, (int) code);
  g_test_message ("%s", error->message);
}

static void
test_numbers (void)
{
  const double reals[] = { 0.5, INFINITY, NAN, -0.0 };
  const float singles[] = { 0.25f, -1e30f };
  Made m;

  assert_taken (make (&m, "n", 2, 0, NULL), "null\nnull\n");
  assert_taken (make (&m, "b", 3, BUFFERS (NULL, BITS (5))), "true\nfalse\ntrue\n");
  assert_taken (make (&m, "c", 2, BUFFERS (NULL, I8 (-128, 127))), "-128\n127\n");
  assert_taken (make (&m, "C", 2, BUFFERS (NULL, I8 (-1, 127))), "255\n127\n");
  assert_taken (make (&m, "s", 2, BUFFERS (NULL, I16 (-32768, 5))), "-32768\n5\n");
  assert_taken (make (&m, "S", 1, BUFFERS (NULL, I16 (-1))), "65535\n");
  assert_taken (make (&m, "i", 3, BUFFERS (BITS (5), I32 (-1, 9, 3))), "-1\nnull\n3\n");
  assert_taken (make (&m, "I", 1, BUFFERS (NULL, I32 (-1))), "4294967295\n");
  assert_taken (make (&m, "l", 1, BUFFERS (NULL, I64 (G_MININT64))), "-9223372036854775808\n");
  assert_taken (make (&m, "L", 1, BUFFERS (NULL, I64 (-1))), "18446744073709551615\n");
  assert_taken (make (&m, "e", 5, BUFFERS (NULL, I16 (0x3C00, (gint16) 0xC100, 0x7C00, 1, 0x7BFF))),
                "1.0\n-2.5\nnull\n5.960464477539063e-08\n65504.0\n");
  assert_taken (make (&m, "f", 2, BUFFERS (NULL, singles)), "0.25\n-1.0000000150474662e+30\n");
  assert_taken (make (&m, "g", 4, BUFFERS (NULL, reals)), "0.5\nnull\nnull\n-0.0\n");
}

static void
test_decimals (void)
{
  Made m;

  assert_taken (make (&m, "d:10,2", 3, BUFFERS (NULL, I64 (12345, 0, -5, -1, 500, 0))),
                "123.45\n-0.05\n5.0\n");
  assert_taken (make (&m, "d:38,0", 3, BUFFERS (NULL, I64 (7, 0, -1, 0, 0, 1))),
                "7\n18446744073709551615\n18446744073709551616\n");
  assert_taken (make (&m, "d:9,4,32", 1, BUFFERS (NULL, I32 (-12345))), "-1.2345\n");
  assert_taken (make (&m, "d:18,-3,64", 1, BUFFERS (NULL, I64 (12))), "12000\n");
  /* More digits than a double is told by stay what they are. */
  assert_taken (make (&m, "d:38,10", 1, BUFFERS (NULL, I64 (G_MAXINT64, 0))),
                "922337203.6854775807\n");
  assert_taken (make (&m, "d:76,0,256", 1, BUFFERS (NULL, I64 (0, 0, 0, G_MININT64))),
                "-57896044618658097711785492504343953926634992332820282019728792003956564819968\n");
}

static void
test_times (void)
{
  Made m;

  assert_taken (make (&m, "tdD", 3, BUFFERS (NULL, I32 (0, -1, 19782))),
                "\"1970-01-01\"\n\"1969-12-31\"\n\"2024-02-29\"\n");
  assert_taken (make (&m, "tdm", 2, BUFFERS (NULL, I64 (86400000, 1))),
                "\"1970-01-02\"\n\"1970-01-01T00:00:00.001\"\n");
  assert_taken (make (&m, "tts", 1, BUFFERS (NULL, I32 (86399))), "\"23:59:59\"\n");
  assert_taken (make (&m, "ttm", 1, BUFFERS (NULL, I32 (1500))), "\"00:00:01.5\"\n");
  assert_taken (make (&m, "ttn", 1, BUFFERS (NULL, I64 (1))), "\"00:00:00.000000001\"\n");
  assert_taken (make (&m, "tss:", 1, BUFFERS (NULL, I64 (1709208000))), "\"2024-02-29T12:00:00\"\n");
  assert_taken (make (&m, "tsu:Europe/Berlin", 2, BUFFERS (NULL, I64 (-1, 1709208000250000))),
                "\"1969-12-31T23:59:59.999999Z\"\n\"2024-02-29T12:00:00.25Z\"\n");
  assert_taken (make (&m, "tDm", 2, BUFFERS (NULL, I64 (-1500, 0))), "\"PT-1.5S\"\n\"PT0S\"\n");
  assert_taken (make (&m, "tiM", 1, BUFFERS (NULL, I32 (14))), "\"P14M\"\n");
  assert_taken (make (&m, "tiD", 1, BUFFERS (NULL, I32 (2, 500))), "\"P2DT0.5S\"\n");
  assert_taken (make (&m, "tin", 1, BUFFERS (NULL, I64 (1 | G_GINT64_CONSTANT (2) << 32, 3000000000))),
                "\"P1M2DT3S\"\n");
  assert_refused (make (&m, "tts", 1, BUFFERS (NULL, I32 (86400))), ARBOR_ERROR_OUT_OF_RANGE);
  assert_refused (make (&m, "tss:", 1, BUFFERS (NULL, I64 (G_MAXINT64))), ARBOR_ERROR_OUT_OF_RANGE);
  assert_refused (make (&m, "tdD", 1, BUFFERS (NULL, I32 (G_MININT32))), ARBOR_ERROR_OUT_OF_RANGE);
}

/* Views of strings: 16 bytes each. */
static void
test_texts (void)
{
  static const char json[] = "\1\0\0\0\24\0\0\0ARROW:extension:name\12\0\0\0arrow.json";
  static const guint8 views[] = { 2, 0, 0, 0, 'h', 'i', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                  13, 0, 0, 0, 't', 'h', 'e', ' ', 0, 0, 0, 0, 1, 0, 0, 0 };
  Made m;

  assert_taken (make (&m, "u", 3, BUFFERS (BITS (5), I32 (0, 2, 2, 2), "hi")), "\"hi\"\nnull\n\"\"\n");
  assert_taken (make (&m, "u", 1, BUFFERS (NULL, I32 (0, 3), "a\0b")), "\"a\\u0000b\"\n");
  assert_taken (make (&m, "U", 1, BUFFERS (NULL, I64 (1, 2), "hi")), "\"i\"\n");
  assert_taken (make (&m, "u", 1, BUFFERS (NULL, I32 (0, 0), NULL)), "\"\"\n");
  assert_taken (make (&m, "z", 2, BUFFERS (NULL, I32 (0, 1, 4), "\xFFhey")), "\"/w==\"\n\"aGV5\"\n");
  assert_taken (make (&m, "w:2", 2, BUFFERS (NULL, "hiho")), "\"aGk=\"\n\"aG8=\"\n");
  assert_taken (make (&m, "vu", 2, BUFFERS (NULL, views, "-the long text", I64 (14))),
                "\"hi\"\n\"the long text\"\n");
  make (&m, "u", 2, BUFFERS (NULL, I32 (0, 9, 10), "{\"a\":[1]}2"));
  m.schema.metadata = json;
  assert_taken (&m, "{\"a\":[1]}\n2\n");
  make (&m, "u", 1, BUFFERS (NULL, I32 (0, 1), "{"));
  m.schema.metadata = json;
  assert_refused (&m, ARBOR_ERROR_PARSE);
  assert_refused (make (&m, "u", 1, BUFFERS (NULL, I32 (0, 1), "\xFF")), ARBOR_ERROR_PARSE);
  assert_refused (make (&m, "vu", 2, BUFFERS (NULL, views, "-the long text", I64 (13))),
                  ARBOR_ERROR_SCHEMA);
}

static void
test_nested (void)
{
  Made list, item, map, entries, key, value, record, field;

  make (&item, "i", 4, BUFFERS (NULL, I32 (1, 2, 3, 4)));
  assert_taken (add_child (make (&list, "+l", 3, BUFFERS (BITS (5), I32 (0, 2, 2, 3))), &item, "item"),
                "[1,2]\nnull\n[3]\n");
  make (&item, "i", 4, BUFFERS (NULL, I32 (1, 2, 3, 4)));
  assert_taken (add_child (make (&list, "+L", 1, BUFFERS (NULL, I64 (1, 4))), &item, "item"),
                "[2,3,4]\n");
  make (&item, "i", 4, BUFFERS (NULL, I32 (1, 2, 3, 4)));
  make (&list, "+w:2", 1, BUFFERS (NULL));
  list.array.offset = 1;
  assert_taken (add_child (&list, &item, "item"), "[3,4]\n");
  make (&item, "i", 4, BUFFERS (NULL, I32 (1, 2, 3, 4)));
  assert_taken (add_child (make (&list, "+vl", 2, BUFFERS (NULL, I32 (2, 0), I32 (2, 1))), &item, ""),
                "[3,4]\n[1]\n");

  make (&key, "u", 2, BUFFERS (NULL, I32 (0, 1, 2), "ab"));
  make (&value, "l", 2, BUFFERS (BITS (1), I64 (7, 8)));
  add_child (add_child (make (&entries, "+s", 2, BUFFERS (NULL)), &key, "key"), &value, "value");
  assert_taken (add_child (make (&map, "+m", 2, BUFFERS (NULL, I32 (0, 2, 2))), &entries, "entries"),
                "{\"a\":7,\"b\":null}\n{}\n");

  make (&field, "l", 3, BUFFERS (NULL, I64 (5, 6, 7)));
  make (&item, "b", 3, BUFFERS (NULL, BITS (2)));
  make (&record, "+s", 2, BUFFERS (BITS (2)));
  record.array.offset = 1;
  assert_taken (add_child (add_child (&record, &field, "f"), &item, "g"),
                "{\"f\":6,\"g\":true}\nnull\n");
}

static void
test_indirect (void)
{
  Made codes, texts, either, number, text, runs, ends, values;

  make (&texts, "u", 2, BUFFERS (NULL, I32 (0, 1, 2), "xy"));
  assert_taken (add_dictionary (make (&codes, "c", 3, BUFFERS (BITS (3), I8 (1, 0, 9))), &texts),
                "\"y\"\n\"x\"\nnull\n");

  make (&number, "l", 2, BUFFERS (NULL, I64 (5, 6)));
  make (&text, "u", 2, BUFFERS (NULL, I32 (0, 1, 2), "xy"));
  make (&either, "+us:3,0", 2, BUFFERS (I8 (0, 3)));
  assert_taken (add_child (add_child (&either, &number, "n"), &text, "t"), "\"x\"\n6\n");
  make (&number, "l", 2, BUFFERS (NULL, I64 (5, 6)));
  make (&text, "u", 2, BUFFERS (NULL, I32 (0, 1, 2), "xy"));
  make (&either, "+ud:0,1", 3, BUFFERS (I8 (0, 1, 0), I32 (1, 1, 0)));
  assert_taken (add_child (add_child (&either, &number, "n"), &text, "t"), "6\n\"y\"\n5\n");

  make (&ends, "i", 2, BUFFERS (NULL, I32 (2, 5)));
  make (&values, "l", 2, BUFFERS (BITS (1), I64 (7, 8)));
  make (&runs, "+r", 3, 0, NULL);
  runs.array.offset = 1;
  assert_taken (add_child (add_child (&runs, &ends, "run_ends"), &values, "values"),
                "7\nnull\nnull\n");
}

static void
test_bad_types (void)
{
  static const char *const formats[] = { "",     "x",     "d:",      "d:5",    "d:5,2,7", "d:5,9999", "td",
                                         "tdx",  "ts",    "tsx:",    "tix",    "w",       "w:",       "w:-1",
                                         "w:9x", "+",     "+x",      "+w:",    "+w:-1",   "+us",      "+us:0",
                                         "+l",   "+m",    "+r",      "vx",     "nn",      "d:77,0",   "tDx",
                                         "+ux:", "d:1,1,", "d:1,1,-8" };
  Made m;

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_test_message ("%s", formats[i]);
      assert_refused (make (&m, formats[i], 0, 0, NULL), ARBOR_ERROR_NOT_SUPPORTED);
    }
}

static void
test_bad_shapes (void)
{
  Made m;
  gint64 lengths[] = { -1, G_MAXINT64 };

  assert_refused (make (&m, "l", 1, BUFFERS (NULL)), ARBOR_ERROR_SCHEMA);
  assert_refused (make (&m, "l", 1, BUFFERS (NULL, NULL)), ARBOR_ERROR_SCHEMA);
  assert_refused (make (&m, "n", 1, BUFFERS (NULL)), ARBOR_ERROR_SCHEMA);
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      assert_refused (make (&m, "l", lengths[i], BUFFERS (NULL, I64 (1))), ARBOR_ERROR_SCHEMA);
      make (&m, "l", 1, BUFFERS (NULL, I64 (1)));
      m.array.offset = lengths[i];
      assert_refused (&m, ARBOR_ERROR_SCHEMA);
    }
  assert_refused (make (&m, "n", G_GINT64_CONSTANT (1) << 40, 0, NULL), ARBOR_ERROR_LIMIT);
  make (&m, "l", 1, BUFFERS (NULL, I64 (1)));
  m.array.buffers = NULL;
  assert_refused (&m, ARBOR_ERROR_SCHEMA);
}

static void
test_bad_children (void)
{
  Made m, child, other;

  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  add_child (make (&m, "+s", 2, BUFFERS (NULL)), &child, "f");
  assert_refused (&m, ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  add_child (make (&m, "+s", 1, BUFFERS (NULL)), &child, "f");
  m.array.n_children = 0;
  assert_refused (&m, ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  add_child (make (&m, "+s", 1, BUFFERS (NULL)), &child, "f");
  m.schema.children = NULL;
  assert_refused (&m, ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  add_child (make (&m, "+s", 1, BUFFERS (NULL)), &child, "\xFF");
  assert_refused (&m, ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  make (&other, "l", 1, BUFFERS (NULL, I64 (1)));
  add_child (add_child (make (&m, "+s", 1, BUFFERS (NULL)), &child, "f"), &other, "f");
  assert_refused (&m, ARBOR_ERROR_INVALID_ARGUMENT);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  add_dictionary (make (&m, "u", 0, BUFFERS (NULL, I32 (0), "")), &child);
  assert_refused (&m, ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  add_dictionary (make (&m, "c", 1, BUFFERS (NULL, I8 (0))), &child);
  m.array.dictionary = NULL;
  assert_refused (&m, ARBOR_ERROR_SCHEMA);
  /* A map by keys that are no text. */
  make (&child, "g", 0, BUFFERS (NULL, NULL));
  make (&other, "l", 0, BUFFERS (NULL, NULL));
  {
    Made entries;

    add_child (add_child (make (&entries, "+s", 0, BUFFERS (NULL)), &child, "key"), &other, "value");
    assert_refused (add_child (make (&m, "+m", 0, BUFFERS (NULL, I32 (0))), &entries, "e"),
                    ARBOR_ERROR_NOT_SUPPORTED);
  }
}

/* Offsets, indices, ids and runs that lead elsewhere. */
static void
test_bad_places (void)
{
  Made m, child, other;

  assert_refused (make (&m, "u", 1, BUFFERS (NULL, I32 (-1, 1), "x")), ARBOR_ERROR_SCHEMA);
  assert_refused (make (&m, "u", 1, BUFFERS (NULL, I32 (1, 0), "x")), ARBOR_ERROR_SCHEMA);
  assert_refused (make (&m, "u", 1, BUFFERS (NULL, I32 (0, 1), NULL)), ARBOR_ERROR_SCHEMA);
  assert_refused (make (&m, "U", 1, BUFFERS (NULL, I64 (0, G_MAXINT64), "x")), ARBOR_ERROR_LIMIT);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  assert_refused (add_child (make (&m, "+l", 1, BUFFERS (NULL, I32 (0, 2))), &child, ""),
                  ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  assert_refused (add_child (make (&m, "+L", 1, BUFFERS (NULL, I64 (G_MININT64, G_MAXINT64))), &child, ""),
                  ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  assert_refused (add_child (make (&m, "+vl", 1, BUFFERS (NULL, I32 (1), I32 (1))), &child, ""),
                  ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  assert_refused (add_child (make (&m, "+w:2147483647", 3, BUFFERS (NULL)), &child, ""),
                  ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  assert_refused (add_dictionary (make (&m, "c", 1, BUFFERS (NULL, I8 (-1))), &child),
                  ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  assert_refused (add_dictionary (make (&m, "L", 1, BUFFERS (NULL, I64 (-1))), &child),
                  ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  assert_refused (add_child (make (&m, "+ud:0", 1, BUFFERS (I8 (5), I32 (0))), &child, "n"),
                  ARBOR_ERROR_SCHEMA);
  make (&child, "l", 1, BUFFERS (NULL, I64 (1)));
  assert_refused (add_child (make (&m, "+ud:0", 1, BUFFERS (I8 (0), I32 (-7))), &child, "n"),
                  ARBOR_ERROR_SCHEMA);
  make (&child, "i", 1, BUFFERS (NULL, I32 (1)));
  make (&other, "l", 1, BUFFERS (NULL, I64 (1)));
  assert_refused (add_child (add_child (make (&m, "+r", 2, 0, NULL), &child, ""), &other, ""),
                  ARBOR_ERROR_SCHEMA);
}

#define N_LEVELS 70

static void
test_bad_depth (void)
{
  g_autofree Made *made = g_new (Made, N_LEVELS);

  make (&made[0], "n", 1, 0, NULL);
  for (guint i = 1; i < N_LEVELS; i++)
    add_child (make (&made[i], "+l", 1, BUFFERS (NULL, I32 (0, 1))), &made[i - 1], "");
  assert_refused (&made[N_LEVELS - 1], ARBOR_ERROR_LIMIT);
}

/* Lists that lie on each other: what they say is 1,000 to the fourth power. */
static void
test_bomb (void)
{
  static gint32 starts[1000], sizes[1000];
  g_autofree Made *made = g_new (Made, 6);

  for (guint i = 0; i < 1000; i++)
    sizes[i] = 1000;
  make (&made[0], "n", 1000, 0, NULL);
  for (guint i = 1; i < 6; i++)
    add_child (make (&made[i], "+vl", i < 5 ? 1000 : 1, BUFFERS (NULL, starts, sizes)), &made[i - 1], "");
  assert_refused (&made[5], ARBOR_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arrow/numbers", test_numbers);
  g_test_add_func ("/arrow/decimals", test_decimals);
  g_test_add_func ("/arrow/times", test_times);
  g_test_add_func ("/arrow/texts", test_texts);
  g_test_add_func ("/arrow/nested", test_nested);
  g_test_add_func ("/arrow/indirect", test_indirect);
  g_test_add_func ("/arrow/bad-types", test_bad_types);
  g_test_add_func ("/arrow/bad-shapes", test_bad_shapes);
  g_test_add_func ("/arrow/bad-children", test_bad_children);
  g_test_add_func ("/arrow/bad-places", test_bad_places);
  g_test_add_func ("/arrow/bad-depth", test_bad_depth);
  g_test_add_func ("/arrow/bomb", test_bomb);
  return g_test_run ();
}
