/* JSONPath: what the table of cases (tests/conformance/jsonpath.json) cannot say. Messages, limits,
 * ends before the end, and the same results wherever the value lies.
 */

#include <gio/gio.h>

#include "query/jsonpath/arbor-jsonpath.h"

#include "base/arbor-error.h"
#include "kit/values.h"

typedef struct
{
  ArborScope *scope;
  GString *found; /* path=value, a line each */
  guint n_found;
  guint n_passing;
  guint stop_after; /* matches; 0 for none */
  guint n_checks;
  guint checks_left;
} Found;

static gboolean
add_found (ArborJsonpathRun *run, const ArborValue *value, gboolean is_passing, gpointer data,
           GError **error)
{
  Found *self = data;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborBuffer text = { NULL };

  if (self->found != NULL)
    {
      arbor_jsonpath_run_append_path (run, &text);
      arbor_buffer_append_byte (&text, '=');
      arbor_value_write_json (value, scope, &text);
      g_string_append_len (self->found, (char *) text.data, (gssize) text.length);
      g_string_append_c (self->found, '\n');
      arbor_buffer_free (&text);
    }
  self->n_found++;
  self->n_passing += is_passing;
  if (self->n_found == self->stop_after)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_BUSY, "enough");
      return FALSE;
    }
  return TRUE;
}

static gboolean
check (gpointer data, GError **error)
{
  Found *self = data;

  self->n_checks++;
  if (self->n_checks <= self->checks_left)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stop");
  return FALSE;
}

static gboolean
run (const char *query, const ArborValue *value, Found *found, guint64 max_steps, GError **error)
{
  g_autoptr (ArborJsonpath) path = arbor_jsonpath_parse (query, error);
  ArborJsonpathSink sink = { add_found, check, found, max_steps };
  g_autoptr (ArborJsonpathRun) self = NULL;
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  if (path == NULL)
    return FALSE;
  self = arbor_jsonpath_run_new (path, &sink);
  return arbor_jsonpath_run (self, value, scope, error);
}

static const struct
{
  const char *query;
  const char *message;
} mistakes[] = {
  { "", "Expected '$', found the end at position 0 (bytes from 0)\n\n^" },
  { " $", "Expected '$', found ' ' at position 0 (bytes from 0)\n $\n^" },
  { "$.a ", "Expected '.', '..', '[' or the end, found ' ' at position 3 (bytes from 0)\n"
            "$.a \n   ^" },
  { "$[01]", "An integer has no leading zeros, and zero has no sign at position 2 (bytes from 0)\n"
             "$[01]\n  ^" },
  { "$[-0]", "An integer has no leading zeros, and zero has no sign at position 2 (bytes from 0)\n"
             "$[-0]\n  ^" },
  { "$[9007199254740992]",
    "An integer must lie between -(2^53 - 1) and 2^53 - 1 at position 2 (bytes from 0)\n"
    "$[9007199254740992]\n  ^" },
  { "$['\xc3\xa9\\x']",
    "No such escape in a string: there are \\' \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four "
    "hexadecimal digits at position 5 (bytes from 0)\n$['\xc3\xa9\\x']\n    ^" },
  { "$['\\ud800']", "This escape is one half of a surrogate pair without the other at position 3 "
                    "(bytes from 0)\n$['\\ud800']\n   ^" },
  { "$['a", "The string that begins here does not end: expected ' at position 2 (bytes from 0)\n"
            "$['a\n  ^" },
  { "$['a\tb']", "A control character in a string must be written as an escape: \\u0009 at "
                 "position 4 (bytes from 0)\n$['a b']\n    ^" },
  { "$[?@.a = 1]", "Expected ',' or ']', found '=' at position 7 (bytes from 0)\n"
                   "$[?@.a = 1]\n       ^" },
  { "$[?length(@.a)]", "This function gives a value, which must be compared at position 3 (bytes "
                       "from 0)\n$[?length(@.a)]\n   ^" },
  { "$[?match(@.a, 'x') == true]", "This function is true or false, which cannot be compared at "
                                   "position 3 (bytes from 0)\n$[?match(@.a, 'x') == true]\n   ^" },
  { "$[?@.* == 1]", "Only a query that gives at most one value can be compared: names and indices, "
                    "no *, .., slices, lists or filters at position 3 (bytes from 0)\n"
                    "$[?@.* == 1]\n   ^" },
  { "$[?foo(@)]", "There is no function 'foo': there are length, count, match, search and value at "
                  "position 3 (bytes from 0)\n$[?foo(@)]\n   ^" },
  { "$[?count(1) > 0]", "count() takes a query at position 9 (bytes from 0)\n"
                        "$[?count(1) > 0]\n         ^" },
  { "$[?match(@.a)]", "match() takes 2 arguments at position 12 (bytes from 0)\n"
                      "$[?match(@.a)]\n            ^" },
  { "$[?length(@.a, 1) > 0]", "length() takes 1 argument at position 15 (bytes from 0)\n"
                              "$[?length(@.a, 1) > 0]\n               ^" },
  { "$[?@.a == 1 == 2]", "Comparisons do not chain: write a < b && b < c at position 12 (bytes "
                         "from 0)\n$[?@.a == 1 == 2]\n            ^" },
  { "$[?!@.a == 1]", "'!' does not apply to a comparison: write !(a == b) at position 8 (bytes "
                     "from 0)\n$[?!@.a == 1]\n        ^" },
  { "$[?1]", "A literal is no condition: it must be compared at position 3 (bytes from 0)\n"
             "$[?1]\n   ^" },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (arbor_jsonpath_parse (mistakes[i].query, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
      g_assert_cmpstr (error->message, ==, mistakes[i].message);
    }
}

/* Every text cut short is an error or a query, never a crash. */
static void
test_prefixes (void)
{
  static const char text[] =
    "$ [ 'a\\u00e9' , 1 : -2 : 3 , * , ? ! ( @.a [0] == \"\\ud83d\\ude00\" || length( @ ) >= 1.5e-3 )"
    " && match( @.b , 'x.*' ) || value( $..[?@[?@]] ) != null ] ..['z', ?count(@..*) < 2].*";
  gsize n_good = 0;

  for (gsize n = 0; n <= strlen (text); n++)
    {
      g_autofree char *prefix = g_strndup (text, n);
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborJsonpath) path = arbor_jsonpath_parse (prefix, &error);

      g_assert_true ((path != NULL) == (error == NULL));
      n_good += path != NULL;
      g_assert_true (path != NULL || error->code == ARBOR_ERROR_EXPRESSION);
    }
  /* "$", then from the first complete bracket on, each complete segment. */
  g_assert_cmpuint (n_good, ==, 4);
}

static char *
repeat (const char *before, const char *each, guint n, const char *middle, const char *last,
        guint n_last)
{
  GString *text = g_string_new (before);

  for (guint i = 0; i < n; i++)
    g_string_append (text, each);
  g_string_append (text, middle);
  for (guint i = 0; i < n_last; i++)
    g_string_append (text, last);
  return g_string_free (text, FALSE);
}

static void
expect (const char *query, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborJsonpath) path = arbor_jsonpath_parse (query, &error);

  if (code == 0)
    {
      g_assert_no_error (error);
      g_assert_nonnull (path);
      return;
    }
  g_assert_null (path);
  g_assert_error (error, ARBOR_ERROR, code);
}

static void
test_limits_of_queries (void)
{
  /* The query and its filter are two levels. */
  g_autofree char *deepest = repeat ("$[?", "(", ARBOR_JSONPATH_MAX_NESTING - 3, "@.a",
                                     ")", ARBOR_JSONPATH_MAX_NESTING - 3);
  g_autofree char *good = g_strconcat (deepest, "]", NULL);
  g_autofree char *deeper = repeat ("$[?", "(", ARBOR_JSONPATH_MAX_NESTING, "@.a", ")", 1);
  g_autofree char *filters = repeat ("$", "[?@", 100000, "", "]", 100000);
  g_autofree char *open = repeat ("$[?", "(", 500000, "", "", 0);
  g_autofree char *calls = repeat ("$[?", "length(", 1000, "@", ")", 1000);
  g_autofree char *nots = repeat ("$[?", "!(", 1000, "@", ")", 1000);
  g_autofree char *longest = repeat ("$", ".a", ARBOR_JSONPATH_MAX_LENGTH / 2 - 1, "", "", 0);
  g_autofree char *longer = repeat ("$", ".a", ARBOR_JSONPATH_MAX_LENGTH / 2, "", "", 0);
  g_autofree char *ors = repeat ("$[?@", "||@", 100000, "]", "", 0);

  expect (good, 0);
  expect (deeper, ARBOR_ERROR_LIMIT);
  expect (filters, ARBOR_ERROR_LIMIT);
  expect (open, ARBOR_ERROR_LIMIT);
  expect (calls, ARBOR_ERROR_LIMIT);
  expect (nots, ARBOR_ERROR_LIMIT);
  expect (longest, 0);
  expect (longer, ARBOR_ERROR_LIMIT);
  expect (ors, 0);
  expect ("$.\xff", ARBOR_ERROR_EXPRESSION);
}

static void
run_deepest (const char *json, const char *query, guint n_expected)
{
  g_autoptr (GError) error = NULL;
  Document *document = document_new (json);
  ArborValue value = document_on_tape (document);
  Found found = { .checks_left = G_MAXUINT };

  run (query, &value, &found, ARBOR_JSONPATH_MAX_STEPS, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found.n_found, ==, n_expected);
  document_free (document);
}

/* As deep as documents can be, with queries that go all the way in every frame. */
static void
test_deep_data (void)
{
  g_autofree char *deep = repeat ("", "[", 1024, "", "]", 1024);
  g_autofree char *steps = repeat ("$", "[0]", 1023, "", "", 0);
  g_autofree char *objects = repeat ("", "{\"a\":", 1023, "[7]", "}", 1023);

  run_deepest (deep, "$..*", 1023);
  run_deepest (deep, steps, 1);
  run_deepest (deep, "$[?@..[0]]", 1);
  run_deepest (deep, "$..[?count(@..*) == 500]", 1);
  /* 1023 values: choose three levels, one below the other. */
  run_deepest (deep, "$..[0]..[0]", 1023 * 1022 / 2);
  run_deepest (objects, "$..[?@ == 7]", 1);
  run_deepest (objects, "$..a", 1023);
}

static void
test_steps (void)
{
  g_autofree char *json = repeat ("[", "[1,2,3],", 1000, "0", "]", 1);
  Document *document = document_new (json);
  ArborValue value = document_on_tape (document);
  g_autoptr (GError) error = NULL;
  Found found = { .checks_left = G_MAXUINT };

  /* As many as it takes, and one less. */
  for (guint64 max_steps = 20000; error == NULL; max_steps--)
    {
      found.n_found = 0;
      run ("$..*", &value, &found, max_steps, &error);
      g_assert_true (error != NULL || found.n_found == 4001);
    }
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_true (g_str_has_prefix (error->message, "The query takes more than "));
  g_clear_error (&error);

  /* A cubic query is stopped by the check of its sink, by its limit, and by the sink itself. */
  found = (Found){ .checks_left = 3 };
  run ("$..[?@..[?@..[?@ == 9]]]", &value, &found, ARBOR_JSONPATH_MAX_STEPS, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (found.n_checks, ==, 4);
  g_clear_error (&error);

  found = (Found){ .checks_left = G_MAXUINT, .stop_after = 2 };
  run ("$..*", &value, &found, ARBOR_JSONPATH_MAX_STEPS, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY);
  g_assert_cmpuint (found.n_found, ==, 2);
  document_free (document);
}

/* An absolute query in a filter is answered once, not for each value. */
static void
test_absolute_once (void)
{
  g_autofree char *json = repeat ("[", "1,", 3000, "[3001]", "]", 1);
  Document *document = document_new (json);
  ArborValue value = document_on_tape (document);
  g_autoptr (GError) error = NULL;
  Found found = { .checks_left = G_MAXUINT };

  run ("$[?count($..*) == 3002]", &value, &found, 50000, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found.n_found, ==, 3001);
  document_free (document);
}

static void
expect_lines (const ArborValue *value, const char *query, const char *expected, gboolean is_passing)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) lines = g_string_new (NULL);
  Found found = { .checks_left = G_MAXUINT, .found = lines };

  run (query, value, &found, ARBOR_JSONPATH_MAX_STEPS, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lines->str, ==, expected);
  g_assert_cmpuint (found.n_passing, ==, is_passing ? found.n_found : 0);
}

static const struct
{
  const char *query;
  const char *expected;
} lines[] = {
  { "$.a[1:]", "$['a'][1]=[2,3]\n$['a'][2]=\"x\"\n" },
  { "$.a[::-2]", "$['a'][2]=\"x\"\n$['a'][0]=1\n" },
  { "$..[-1]", "$['a'][2]=\"x\"\n$['a'][1][1]=3\n" },
  { "$.*[0]", "$['a'][0]=1\n" },
  { "$..[?@ > 1]", "$['a'][1][0]=2\n$['a'][1][1]=3\n$['b']['c']=9\n" },
  { "$[?@.d == 'y\\u0000']", "$['b']={\"c\":9,\"d\":\"y\\u0000\"}\n" },
  { "$['b','a']['c',1]", "$['b']['c']=9\n$['a'][1]=[2,3]\n" },
};

static void
test_places (void)
{
  static const char json[] = "{\"a\":[1,[2,3],\"x\"],\"b\":{\"c\":8,\"d\":\"y\\u0000\",\"c\":9}}";
  g_autoptr (GError) error = NULL;
  Document *document = document_new (json);
  ArborValue on_tape = document_on_tape (document);
  ArborValue as_text = { .kind = ARBOR_KIND_OBJECT, .holder_kind = ARBOR_HOLDER_TEXT,
                         .text = json, .length = sizeof json - 1 };
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborBatch) batch = NULL;
  ArborValue in_batch;

  arbor_batch_builder_add_tape (builder, &document->tape, ARBOR_TAPE_ROOT);
  bytes = arbor_batch_builder_finish (builder, &error);
  g_assert_no_error (error);
  batch = arbor_batch_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  arbor_batch_get_tree (batch, 0, &in_batch);

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      expect_lines (&on_tape, lines[i].query, lines[i].expected, TRUE);
      expect_lines (&as_text, lines[i].query, lines[i].expected, TRUE);
      expect_lines (&in_batch, lines[i].query, lines[i].expected, FALSE);
    }
  /* The value itself lies where it lies. */
  expect_lines (&in_batch, "$.a[0,0]", "$['a'][0]=1\n$['a'][0]=1\n", FALSE);
  document_free (document);
}

/* Damaged text gives no values, and the scope says so. */
static void
test_damaged (void)
{
  ArborValue value = { .kind = ARBOR_KIND_ARRAY, .holder_kind = ARBOR_HOLDER_TEXT,
                       .text = "[1,", .length = 3 };
  static const char *const queries[] = { "$..*", "$[0]", "$[::2]", "$[?@]", "$[*]", "$..[?@..*]" };

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autoptr (ArborJsonpath) path = arbor_jsonpath_parse (queries[i], NULL);
      g_autoptr (ArborScope) scope = arbor_scope_new ();
      g_autoptr (GError) error = NULL;
      Found found = { .checks_left = G_MAXUINT };
      ArborJsonpathSink sink = { add_found, check, &found, 1000 };
      g_autoptr (ArborJsonpathRun) self = arbor_jsonpath_run_new (path, &sink);

      g_assert_true (arbor_jsonpath_run (self, &value, scope, &error));
      g_assert_cmpuint (found.n_found, ==, 0);
      g_assert_false (arbor_scope_check (scope, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jsonpath/mistakes", test_mistakes);
  g_test_add_func ("/jsonpath/prefixes", test_prefixes);
  g_test_add_func ("/jsonpath/limits-of-queries", test_limits_of_queries);
  g_test_add_func ("/jsonpath/deep-data", test_deep_data);
  g_test_add_func ("/jsonpath/steps", test_steps);
  g_test_add_func ("/jsonpath/absolute-once", test_absolute_once);
  g_test_add_func ("/jsonpath/places", test_places);
  g_test_add_func ("/jsonpath/damaged", test_damaged);
  return g_test_run ();
}
