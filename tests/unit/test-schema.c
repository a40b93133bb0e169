/* ArborSchema: fields, kinds and counts; the same from columns, tree by tree, and as expected. */

#include <arbor/arbor.h>

#include "kit/arbors.h"
#include <pthread.h>

static ArborSchema *
infer (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  ArborSchema *schema = arbor_arbor_infer_schema (arbor, &error);

  g_assert_no_error (error);
  return schema;
}

static char *
describe (ArborArbor *arbor)
{
  g_autoptr (ArborSchema) schema = infer (arbor);

  return arbor_schema_to_string (schema);
}

/* From whole batches, and from the trees of a view. */
static void
assert_schema (const char *lines, const char *expected)
{
  g_autoptr (ArborArbor) arbor = read_lines (lines);
  g_autoptr (ArborArbor) view = arbor_arbor_reverse (arbor, NULL);
  g_autofree char *by_columns = describe (arbor);
  g_autofree char *by_trees = describe (view);

  g_assert_cmpstr (by_columns, ==, expected);
  g_assert_cmpstr (by_trees, ==, expected);
}

/* {"PREFIX0":VALUE,...}, @n of them from @start on. */
static char *
make_object (const char *prefix, guint start, guint n, const char *value)
{
  GString *text = g_string_new ("{");

  for (guint i = start; i < start + n; i++)
    g_string_append_printf (text, "%s\"%s%u\":%s", i > start ? "," : "", prefix, i, value);
  g_string_append (text, "}");
  return g_string_free (text, FALSE);
}

static guint
count_fields (const char *lines)
{
  g_autoptr (ArborArbor) arbor = read_lines (lines);
  g_autoptr (ArborSchema) schema = infer (arbor);

  return arbor_schema_get_n_fields (schema);
}

/* What is a dictionary, and what is none by one key or one object. */
static void
test_dictionaries (void)
{
  g_autofree char *objects = make_object ("id", 0, 101, "{\"n\":1,\"t\":[\"x\"]}");
  g_autofree char *few = make_object ("id", 0, 100, "{\"n\":1}");
  g_autofree char *inner = make_object ("k", 0, 200, "[true]");
  g_autofree char *nested = make_object ("id", 0, 150, inner);
  g_autofree char *numbers = make_object ("c", 0, 150, "1");
  g_autofree char *two = g_strdup_printf ("%s\n%s\n", numbers, numbers);
  g_autofree char *others = make_object ("c", 150, 150, "1.5");
  g_autofree char *sparse = g_strdup_printf ("%s\n%s\n", numbers, others);
  g_autofree char *at = g_strdup_printf ("{\"a b\":%s,\"z\":0}\n{\"z\":1}\n", objects);

  assert_schema (at, "[\"a b\"]          object?   1 of 2\n"
                     "[\"a b\"].*        object    101\n"
                     "[\"a b\"].*.n      int       101\n"
                     "[\"a b\"].*.t      array     101\n"
                     "[\"a b\"].*.t[*]   string    101\n"
                     "z                int       2\n");
  assert_schema (objects, "*        object   101\n"
                          "*.n      int      101\n"
                          "*.t      array    101\n"
                          "*.t[*]   string   101\n");
  assert_schema (nested, "*        object   150\n"
                         "*.*      array    30000\n"
                         "*.*[*]   bool     30000\n");
  assert_schema (numbers, "*   int   150\n");
  assert_schema (sparse, "*   int|double   300\n");
  g_assert_cmpuint (count_fields (few), ==, 200);
  g_assert_cmpuint (count_fields (two), ==, 150);
}

/* Nine of ten values are alike, or there are very many. */
static void
test_dictionaries_of_several_kinds (void)
{
  g_autofree char *numbers = make_object ("n", 0, 180, "1");
  g_autofree char *strings = make_object ("s", 0, 20, "\"x\"");
  g_autofree char *more = make_object ("s", 0, 21, "\"x\"");
  g_autofree char *many = make_object ("m", 0, 800, "\"x\"");
  g_autofree char *nothing = make_object ("z", 0, 300, "null");

  numbers[strlen (numbers) - 1] = ',';
  {
    g_autofree char *alike = g_strconcat (numbers, strings + 1, NULL);
    g_autofree char *unlike = g_strconcat (numbers, more + 1, NULL);
    g_autofree char *a_thousand = g_strconcat (numbers, many + 1, NULL);

    assert_schema (alike, "*   int|string   200\n");
    g_assert_cmpuint (count_fields (unlike), ==, 201);
    g_assert_cmpuint (count_fields (a_thousand), ==, 980);
    strings[strlen (strings) - 1] = ',';
    g_free (g_steal_pointer (&a_thousand));
    a_thousand = g_strconcat (numbers, strings + 1, many + 1, NULL);
    g_assert_cmpuint (count_fields (a_thousand), ==, 1000);
  }
  {
    g_autofree char *rest = make_object ("r", 0, 1, "\"x\"");
    g_autofree char *beyond = NULL;

    many[strlen (many) - 1] = ',';
    strings[strlen (strings) - 1] = ',';
    beyond = g_strconcat (numbers, strings + 1, many + 1, rest + 1, NULL);
    assert_schema (beyond, "*   int|string   1001\n");
  }
  assert_schema (nothing, "*   null   300\n");
}

static void
test_expand (void)
{
  g_autofree char *objects = make_object ("id", 0, 101, "{\"n\":1}");
  g_autoptr (ArborArbor) arbor = read_lines (objects);
  g_autoptr (ArborSchema) schema = infer (arbor);
  g_autoptr (ArborSchema) shallow = arbor_schema_limit_depth (schema, 1);
  g_autoptr (ArborSchema) every = arbor_schema_expand (shallow);
  g_autoptr (ArborSchema) again = arbor_schema_expand (every);
  g_autoptr (ArborSchema) keys = arbor_schema_limit_depth (every, 1);
  g_autoptr (ArborSchema) wide = arbor_schema_limit_depth (shallow, 9);
  g_autoptr (ArborSchema) whole = arbor_schema_expand (keys);
  g_autofree char *text = arbor_schema_to_string (shallow);
  g_autofree char *path = arbor_schema_dup_path (every, 3);

  g_assert_cmpstr (text, ==, "*   object   101\n");
  g_assert_cmpuint (arbor_schema_get_n_fields (schema), ==, 2);
  g_assert_cmpuint (arbor_schema_get_n_fields (every), ==, 202);
  g_assert_cmpuint (arbor_schema_get_n_fields (keys), ==, 101);
  g_assert_cmpuint (arbor_schema_get_n_fields (wide), ==, 1);
  g_assert_true (again == every);
  g_assert_true (whole == every);
  g_assert_cmpstr (path, ==, "id1.n");
  g_assert_cmpuint (arbor_schema_get_n_trees (shallow), ==, 1);
  g_assert_cmpuint (arbor_schema_get_count (schema, 0, ARBOR_KIND_MISSING), ==, 0);
}

static char *
describe_all (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) figures = arbor_arbor_describe (arbor, NULL, &error);
  char *text = figures != NULL ? arbor_arbor_to_jsonl (figures, &error) : NULL;

  g_assert_no_error (error);
  return text;
}

static void
test_described (void)
{
  g_autofree char *ones = make_object ("id", 0, 60, "{\"n\":1}");
  g_autofree char *fives = make_object ("id", 60, 60, "{\"n\":5,\"s\":null}");
  g_autofree char *lines = g_strdup_printf ("%s\n%s\n", ones, fives);
  g_autoptr (ArborArbor) arbor = read_lines (lines);
  g_autoptr (ArborArbor) view = arbor_arbor_reverse (arbor, NULL);
  g_autofree char *text = describe_all (arbor);
  g_autofree char *by_trees = describe_all (view);

  g_assert_cmpstr (
      text, ==,
      "{\"path\":\"*\",\"count\":120,\"nulls\":0,\"missing\":0,\"kinds\":{\"object\":120},"
      "\"min\":null,\"max\":null,\"mean\":null,\"distinct\":0}\n"
      "{\"path\":\"*.n\",\"count\":120,\"nulls\":0,\"missing\":0,\"kinds\":{\"int\":120},"
      "\"min\":1,\"max\":5,\"mean\":3.0,\"distinct\":2}\n"
      "{\"path\":\"*.s\",\"count\":0,\"nulls\":60,\"missing\":60,\"kinds\":{},"
      "\"min\":null,\"max\":null,\"mean\":null,\"distinct\":0}\n");
  g_assert_cmpstr (by_trees, ==, text);
}

static void
test_text (void)
{
  assert_schema ("", "");
  assert_schema ("{}\n{}\n", "");
  assert_schema ("{\"name\":\"x\",\"alpha_2\":\"y\"}\n{\"name\":\"z\"}\n",
                 "alpha_2   string?   1 of 2\n"
                 "name      string    2\n");
  assert_schema ("{\"a\":null}\n{\"a\":1}\n{\"a\":1.5}\n{\"a\":\"x\"}\n{\"a\":true}\n",
                 "a   bool|int|double|string|null   5\n");
  assert_schema ("{\"a\":18446744073709551615}\n{\"a\":1e400}\n", "a   uint|number   2\n");
  assert_schema ("{\"a\":null}\n{}\n", "a   null?   1 of 2\n");
}

/* Containers before their contents, elements before keys, keys by bytes, whatever the documents'
 * own order. What is optional is so in the objects that are there. */
static void
test_nested (void)
{
  assert_schema ("{\"b\":{\"y\":1,\"x\":2},\"a\":[{\"k\":1},{},{\"k\":null}]}\n"
                 "{\"B\":1,\"a\":{\"z\":0}}\n"
                 "{\"b\":{\"y\":3}}\n",
                 "B        int?            1 of 3\n"
                 "a        array|object?   2 of 3\n"
                 "a[*]     object          3\n"
                 "a[*].k   int|null?       2 of 3\n"
                 "a.z      int             1\n"
                 "b        object?         2 of 3\n"
                 "b.x      int?            1 of 2\n"
                 "b.y      int             2\n");
}

static void
test_empty_arrays (void)
{
  assert_schema ("{\"a\":[]}\n{\"a\":[[]]}\n{\"a\":[]}\n", "a      array   3\n"
                                                           "a[*]   array   1\n");
}

/* Trees that are no objects are a field themselves. */
static void
test_root (void)
{
  assert_schema ("1\n\"x\"\nnull\n", "$   int|string|null   3\n");
  assert_schema ("[1,2]\n{\"a\":1}\n", "$     array|object   2\n"
                                       "[*]   int            2\n"
                                       "a     int            1\n");
}

static void
test_quoted (void)
{
  assert_schema ("{\"639-3\":[{\"a b\":1}],\"\":2,\"é\":3}\n",
                 "[\"\"]                  int      1\n"
                 "[\"639-3\"]             array    1\n"
                 "[\"639-3\"][*]          object   1\n"
                 "[\"639-3\"][*][\"a b\"]   int      1\n"
                 "[\"é\"]                 int      1\n");
}

static void
test_figures (void)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"a\":1,\"b\":[true,\"x\",null]}\n{\"a\":null}\n");
  g_autoptr (ArborSchema) schema = infer (arbor);
  static const char *const paths[] = { "a", "b", "b[*]" };
  static const guint64 counts[][ARBOR_KIND_OBJECT + 1] = {
    { [ARBOR_KIND_INT64] = 1, [ARBOR_KIND_NULL] = 1 },
    { [ARBOR_KIND_ARRAY] = 1, [ARBOR_KIND_MISSING] = 1 },
    { [ARBOR_KIND_BOOL] = 1, [ARBOR_KIND_STRING] = 1, [ARBOR_KIND_NULL] = 1 },
  };

  g_clear_object (&arbor);
  g_assert_cmpuint (arbor_schema_get_n_trees (schema), ==, 2);
  g_assert_cmpuint (arbor_schema_get_n_fields (schema), ==, G_N_ELEMENTS (paths));
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *path = arbor_schema_dup_path (schema, i);

      g_assert_cmpstr (path, ==, paths[i]);
      for (guint kind = 0; kind <= ARBOR_KIND_OBJECT; kind++)
        g_assert_cmpuint (arbor_schema_get_count (schema, i, (ArborKind)kind), ==, counts[i][kind]);
      g_assert_cmpint (arbor_schema_is_optional (schema, i), ==, i == 1);
    }
}

/* An object used as a map: more keys than a batch has columns. */
static void
test_many_keys (void)
{
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborSchema) schema = NULL;
  g_autoptr (ArborSchema) every = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GString) lines = g_string_new ("{\"a\":1,\"map\":{");
  g_autoptr (GString) expected = g_string_new ("a               int?     1 of 2\n"
                                               "map             object   2\n");

  for (guint i = 0; i < 10000; i++)
    {
      g_string_append_printf (lines, "%s\"k%05u\":[%u]", i > 0 ? "," : "", 99999 - i, i);
      g_string_append_printf (expected,
                              "map.k%05u      array?   1 of 2\n"
                              "map.k%05u[*]   int      1\n",
                              90000 + i, 90000 + i);
    }
  g_string_append (lines, "}}\n{\"map\":{}}\n");
  assert_schema (lines->str, "a          int?     1 of 2\n"
                             "map        object   2\n"
                             "map.*      array    10000\n"
                             "map.*[*]   int      10000\n");
  arbor = read_lines (lines->str);
  schema = infer (arbor);
  every = arbor_schema_expand (schema);
  text = arbor_schema_to_string (every);
  g_assert_true (g_str_equal (text, expected->str));
}

/* Deeper than a batch has columns. */
static void
test_deep (void)
{
  const guint n_levels = 1000;
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborSchema) schema = NULL;

  for (guint i = 0; i < n_levels; i++)
    g_string_append (lines, "{\"a\":");
  g_string_append_c (lines, '7');
  for (guint i = 0; i < n_levels; i++)
    g_string_append_c (lines, '}');
  g_string_append_c (lines, '\n');
  arbor = read_lines (lines->str);
  schema = infer (arbor);

  g_assert_cmpuint (arbor_schema_get_n_fields (schema), ==, n_levels);
  for (guint i = 0; i < n_levels; i++)
    {
      g_autofree char *found = arbor_schema_dup_path (schema, i);
      ArborKind kind = i == n_levels - 1 ? ARBOR_KIND_INT64 : ARBOR_KIND_OBJECT;

      g_string_append (path, i > 0 ? ".a" : "a");
      g_assert_cmpstr (found, ==, path->str);
      g_assert_cmpuint (arbor_schema_get_count (schema, i, kind), ==, 1);
      g_assert_false (arbor_schema_is_optional (schema, i));
    }
}

/* Fields that come and go from batch to batch add up. */
static void
test_batches (void)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autofree char *expected = NULL;
  const guint n = 50000;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (lines,
                            i < n / 2 ? "{\"i\":%u,\"early\":[%u]}\n"
                                      : "{\"late\":%u.5,\"i\":%u}\n",
                            i, i);
  expected = g_strdup_printf ("early      array?    %u of %u\n"
                              "early[*]   int       %u\n"
                              "i          int       %u\n"
                              "late       double?   %u of %u\n",
                              n / 2, n, n / 2, n, n / 2, n);
  assert_schema (lines->str, expected);
}

static gpointer
describe_in_thread (gpointer schema)
{
  return arbor_schema_to_string (schema);
}

/* The order is made once, whoever asks first. */
static void
test_threads (void)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"b\":1,\"a\":2}\n");
  g_autoptr (ArborSchema) schema = infer (arbor);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("describe", describe_in_thread, schema);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autofree char *text = g_thread_join (threads[i]);

      g_assert_cmpstr (text, ==, "a   int   1\nb   int   1\n");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/schema/text", test_text);
  g_test_add_func ("/schema/dictionaries", test_dictionaries);
  g_test_add_func ("/schema/dictionaries-of-several-kinds", test_dictionaries_of_several_kinds);
  g_test_add_func ("/schema/expand", test_expand);
  g_test_add_func ("/schema/described", test_described);
  g_test_add_func ("/schema/nested", test_nested);
  g_test_add_func ("/schema/empty-arrays", test_empty_arrays);
  g_test_add_func ("/schema/root", test_root);
  g_test_add_func ("/schema/quoted", test_quoted);
  g_test_add_func ("/schema/figures", test_figures);
  g_test_add_func ("/schema/many-keys", test_many_keys);
  g_test_add_func ("/schema/deep", test_deep);
  g_test_add_func ("/schema/batches", test_batches);
  g_test_add_func ("/schema/threads", test_threads);

  return g_test_run ();
}
