/* Editing trees: tables of edits at paths, of JSON Patches (each case of RFC 6902's appendix, and what
 * its text demands) and of merge patches (each case of RFC 7396's appendix); differences of
 * random trees; what comes of it when a store is closed.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>
#include <string.h>

#include "kit/arbors.h"

static ArborTree *
read_tree (const char *json)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;
  ArborTree *tree;

  arbor_builder_add_json (builder, json, &error);
  g_assert_no_error (error);
  arbor = arbor_builder_finish (builder, &error);
  g_assert_no_error (error);
  tree = arbor_arbor_get (arbor, 0, &error);
  g_assert_no_error (error);
  return tree;
}

/* @expected is JSON, or "! CODE part of the message". */
static void
check_result (ArborTree *tree, GError *error, const char *expected, const char *what)
{
  g_autofree char *json = tree != NULL ? arbor_tree_to_json (tree, NULL) : NULL;
  g_auto (GStrv) words = NULL;

  if (expected[0] != '!')
    {
      if (error != NULL || g_strcmp0 (json, expected) != 0)
        g_error ("%s: expected %s, found %s", what, expected, json ? json : error->message);
      return;
    }
  words = g_strsplit (expected, " ", 3);
  if (error == NULL || error->domain != ARBOR_ERROR || error->code != atoi (words[1]) ||
      strstr (error->message, words[2]) == NULL)
    g_error ("%s: expected %s, found %d %s", what, expected, error ? error->code : -1,
             error ? error->message : json);
}

#define STRING(code) #code
#define FAIL(code, text) "! " G_STRINGIFY (code) " " text
/* Numbers of ArborError, as they are promised. */
#define EXISTS 4
#define NOT_FOUND 3
#define INVALID 7
#define RANGE 8
#define EXPRESSION 10
#define TYPE 11
#define CARDINALITY 12
#define TEST_FAILED 25

typedef struct
{
  const char *json;
  const char *path;
  const char *value;
  const char *set;
  const char *insert;
} Edit;

static const Edit edits[] = {
  { "{\"a\":1,\"b\":2}", "a", "[9]", "{\"a\":[9],\"b\":2}",
    FAIL (EXISTS, "The tree has something at 'a' already") },
  { "{\"a\":1}", "b", "2", "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2}" },
  { "{\"a\":1}", "b.c.d", "2", "{\"a\":1,\"b\":{\"c\":{\"d\":2}}}",
    "{\"a\":1,\"b\":{\"c\":{\"d\":2}}}" },
  { "{}", "[\"x.y\"][0].z", "null", "{\"x.y\":[{\"z\":null}]}", "{\"x.y\":[{\"z\":null}]}" },
  { "[1,2]", "[0]", "9", "[9,2]", "[9,1,2]" },
  { "[1,2]", "[1]", "9", "[1,9]", "[1,9,2]" },
  { "[1,2]", "[2]", "9", "[1,2,9]", "[1,2,9]" },
  { "[1,2]", "[-1]", "9", "[1,9]", "[1,9,2]" },
  { "[1,2]", "[-2]", "9", "[9,2]", "[9,1,2]" },
  { "[1,2]", "[3]", "9", FAIL (RANGE, "Index 3 is out of range: the array at '$' has 2 elements"),
    FAIL (RANGE, "Index 3 is out of range: the array at '$' has 2 elements") },
  { "{\"a\":[]}", "a[-1]", "9", FAIL (RANGE, "the array at 'a' has 0 elements"),
    FAIL (RANGE, "the array at 'a' has 0 elements") },
  { "{}", "a[1]", "9", FAIL (RANGE, "Index 1 is out of range: the array at 'a' has 0 elements"),
    FAIL (RANGE, "Index 1 is out of range") },
  { "{\"a\":\"s\"}", "a.b", "9", FAIL (TYPE, "Expected an object at 'a', found string"),
    FAIL (TYPE, "Expected an object at 'a', found string") },
  { "{\"a\":null}", "a.b", "9", FAIL (TYPE, "Expected an object at 'a', found null"),
    FAIL (TYPE, "found null") },
  { "{\"a\":{}}", "a[0]", "9", FAIL (TYPE, "Expected an array at 'a', found object"),
    FAIL (TYPE, "found object") },
  { "[1]", "a", "9", FAIL (TYPE, "Expected an object at '$', found array"), FAIL (TYPE, "array") },
  { "7", "", "{\"a\":1}", "{\"a\":1}", FAIL (INVALID, "The empty path is the whole tree") },
  { "7", "$", "[]", "[]", FAIL (INVALID, "The empty path is the whole tree") },
  { "{}", "a[", "1", FAIL (EXPRESSION, "a["), FAIL (EXPRESSION, "a[") },
  { "{}", "a[*]", "1", FAIL (CARDINALITY, "a[*]"), FAIL (CARDINALITY, "a[*]") },
  { "{\"a\":1,\"a\":{\"b\":2}}", "a.b", "3", "{\"a\":{\"b\":3}}", FAIL (EXISTS, "a.b") },
  { "{\"n\":12345678901234567890123,\"s\":\"\\u0000\"}", "m", "1e400",
    "{\"n\":12345678901234567890123,\"s\":\"\\u0000\",\"m\":1e400}",
    "{\"n\":12345678901234567890123,\"s\":\"\\u0000\",\"m\":1e400}" },
};

static const struct
{
  const char *json, *path, *expected;
} removals[] = {
  { "{\"a\":1,\"b\":2,\"c\":3}", "b", "{\"a\":1,\"c\":3}" },
  { "{\"a\":{\"b\":1}}", "a.b", "{\"a\":{}}" },
  { "[1,2,3]", "[0]", "[2,3]" },
  { "[1,2,3]", "[-1]", "[1,2]" },
  { "[1]", "[0]", "[]" },
  { "{\"a\":[{\"b\":1},{\"c\":2}]}", "$.a[1].c", "{\"a\":[{\"b\":1},{}]}" },
  { "{\"a\":1}", "b", FAIL (NOT_FOUND, "The tree has nothing at 'b'") },
  { "{\"a\":1}", "b.c", FAIL (NOT_FOUND, "The tree has nothing at 'b'") },
  { "[1]", "[1]", FAIL (RANGE, "Index 1 is out of range: the array at '$' has 1 elements") },
  { "{\"a\":1}", "a.b", FAIL (TYPE, "Expected an object at 'a', found int") },
  { "{\"a\":1}", "", FAIL (INVALID, "cannot be removed") },
  { "{\"a\":1}", "[*]", FAIL (CARDINALITY, "[*]") },
};

static void
test_paths (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      const Edit *edit = &edits[i];
      g_autoptr (ArborTree) tree = read_tree (edit->json);
      g_autoptr (ArborTree) value = read_tree (edit->value);
      g_autoptr (GError) set_error = NULL;
      g_autoptr (GError) insert_error = NULL;
      g_autoptr (ArborTree) set = arbor_tree_set_value (tree, edit->path, value, &set_error);
      g_autoptr (ArborTree) inserted = arbor_tree_insert (tree, edit->path, value, &insert_error);
      g_autofree char *what = g_strdup_printf ("%s at %s", edit->json, edit->path);

      check_result (set, set_error, edit->set, what);
      check_result (inserted, insert_error, edit->insert, what);
    }
  for (guint i = 0; i < G_N_ELEMENTS (removals); i++)
    {
      g_autoptr (ArborTree) tree = read_tree (removals[i].json);
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborTree) removed = arbor_tree_remove (tree, removals[i].path, &error);

      check_result (removed, error, removals[i].expected, removals[i].path);
    }
}

typedef struct
{
  const char *json;
  const char *patch;
  const char *expected;
} Case;

#define OP(op, path) "{\"op\":\"" op "\",\"path\":\"" path "\"}"
#define OP_VALUE(op, path, value) "{\"op\":\"" op "\",\"path\":\"" path "\",\"value\":" value "}"
#define OP_FROM(op, from, path)                                                                    \
  "{\"op\":\"" op "\",\"from\":\"" from "\",\"path\":\"" path "\"}"

static const Case patches[] = {
  /* The appendix, in its order. */
  { "{\"foo\":\"bar\"}", "[" OP_VALUE ("add", "/baz", "\"qux\"") "]",
    "{\"foo\":\"bar\",\"baz\":\"qux\"}" },
  { "{\"foo\":[\"bar\",\"baz\"]}", "[" OP_VALUE ("add", "/foo/1", "\"qux\"") "]",
    "{\"foo\":[\"bar\",\"qux\",\"baz\"]}" },
  { "{\"baz\":\"qux\",\"foo\":\"bar\"}", "[" OP ("remove", "/baz") "]", "{\"foo\":\"bar\"}" },
  { "{\"foo\":[\"bar\",\"qux\",\"baz\"]}", "[" OP ("remove", "/foo/1") "]",
    "{\"foo\":[\"bar\",\"baz\"]}" },
  { "{\"baz\":\"qux\",\"foo\":\"bar\"}", "[" OP_VALUE ("replace", "/baz", "\"boo\"") "]",
    "{\"baz\":\"boo\",\"foo\":\"bar\"}" },
  { "{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}",
    "[" OP_FROM ("move", "/foo/waldo", "/qux/thud") "]",
    "{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}" },
  { "{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}",
    "[" OP_FROM ("move", "/foo/1", "/foo/3") "]",
    "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}" },
  { "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
    "[" OP_VALUE ("test", "/baz", "\"qux\"") "," OP_VALUE ("test", "/foo/1", "2") "]",
    "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}" },
  { "{\"baz\":\"qux\"}", "[" OP_VALUE ("test", "/baz", "\"bar\"") "]",
    FAIL (TEST_FAILED, "Operation 0 (test): What is at '/baz' does not equal the given value") },
  { "{\"foo\":\"bar\"}", "[" OP_VALUE ("add", "/child", "{\"grandchild\":{}}") "]",
    "{\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}" },
  { "{\"foo\":\"bar\"}",
    "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"xyz\":123}]",
    "{\"foo\":\"bar\",\"baz\":\"qux\"}" },
  { "{\"foo\":\"bar\"}", "[" OP_VALUE ("add", "/baz/bat", "\"qux\"") "]",
    FAIL (NOT_FOUND, "Operation 0 (add): There is nothing at '/baz'") },
  { "{\"foo\":\"bar\"}",
    "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"op\":\"remove\"}]",
    FAIL (NOT_FOUND, "Operation 0 (remove): There is nothing at '/baz'") },
  { "{\"/\":9,\"~1\":10}", "[" OP_VALUE ("test", "/~01", "10") "]", "{\"/\":9,\"~1\":10}" },
  { "{\"/\":9,\"~1\":10}", "[" OP_VALUE ("test", "/~01", "\"10\"") "]",
    FAIL (TEST_FAILED, "'/~01'") },
  { "{\"foo\":[\"bar\"]}", "[" OP_VALUE ("add", "/foo/-", "[\"abc\",\"def\"]") "]",
    "{\"foo\":[\"bar\",[\"abc\",\"def\"]]}" },
  /* What else the text says. */
  { "{\"a\":1}", "[]", "{\"a\":1}" },
  { "{\"a\":1}", "[" OP_VALUE ("add", "", "[1]") "," OP_VALUE ("add", "/1", "2") "]", "[1,2]" },
  { "{\"a\":1}", "[" OP_VALUE ("add", "/a", "null") "]", "{\"a\":null}" },
  { "{\"\":1}", "[" OP_VALUE ("replace", "/", "{\"\":2}") "," OP_VALUE ("test", "//", "2") "]",
    "{\"\":{\"\":2}}" },
  { "{\"a\":1}", "[" OP_VALUE ("replace", "", "null") "]", "null" },
  { "{\"a\":1}", "[" OP ("remove", "") "]", FAIL (INVALID, "Operation 0 (remove): The empty path") },
  { "{\"a\":1}", "[" OP_VALUE ("replace", "/b", "1") "]", FAIL (NOT_FOUND, "nothing at '/b'") },
  { "{\"a\":1}", "[" OP_FROM ("copy", "", "/b") "," OP_VALUE ("add", "/b/a", "2") "]",
    "{\"a\":1,\"b\":{\"a\":2}}" },
  { "{\"a\":{\"b\":1}}",
    "[" OP_FROM ("copy", "/a", "/c") "," OP_VALUE ("replace", "/a/b", "2") "," OP_FROM (
        "copy", "/a", "/d") "," OP_VALUE ("replace", "/a/b", "3") "]",
    "{\"a\":{\"b\":3},\"c\":{\"b\":1},\"d\":{\"b\":2}}" },
  { "{\"a\":{\"b\":1},\"c\":2}", "[" OP_FROM ("move", "/a/b", "/a") "]", "{\"a\":1,\"c\":2}" },
  { "{\"a\":{\"b\":1}}", "[" OP_FROM ("move", "/a", "/a") "]", "{\"a\":{\"b\":1}}" },
  { "{\"a\":{\"b\":1}}", "[" OP_FROM ("move", "", "") "]", "{\"a\":{\"b\":1}}" },
  { "{\"a\":{\"b\":1}}", "[" OP_FROM ("move", "/a", "/a/c") "]",
    FAIL (INVALID, "Operation 0 (move): Nothing can be moved into itself, here '/a'") },
  { "{\"a\":1}", "[" OP_FROM ("move", "", "/b") "]", FAIL (INVALID, "into itself") },
  { "{\"a\":1,\"ab\":{}}", "[" OP_FROM ("move", "/a", "/ab/c") "]", "{\"ab\":{\"c\":1}}" },
  { "{\"a\":1,\"b\":2}", "[" OP_FROM ("move", "/a", "/b") "]", "{\"b\":1}" },
  { "[1,2,3]", "[" OP_FROM ("move", "/0", "/-") "]", "[2,3,1]" },
  { "[1,2,3]", "[" OP_FROM ("move", "/0", "/3") "]",
    FAIL (RANGE, "Operation 0 (move): '/3' is beyond the end of its array") },
  { "[1]", "[" OP_VALUE ("add", "/2", "1") "]", FAIL (RANGE, "'/2'") },
  { "[1]", "[" OP_VALUE ("add", "/99999999999999999999", "1") "]", FAIL (RANGE, "beyond the end") },
  { "[1]", "[" OP_VALUE ("add", "/00", "1") "]", FAIL (INVALID, "'/00' leads into an array") },
  { "[1]", "[" OP_VALUE ("add", "/-1", "1") "]", FAIL (INVALID, "'/-1' leads into an array") },
  { "[1]", "[" OP_VALUE ("add", "/", "1") "]", FAIL (INVALID, "leads into an array") },
  { "[1]", "[" OP_VALUE ("replace", "/-", "1") "]", FAIL (NOT_FOUND, "nothing at '/-'") },
  { "[1]", "[" OP ("remove", "/1") "]", FAIL (NOT_FOUND, "nothing at '/1'") },
  { "{\"a\":\"s\"}", "[" OP_VALUE ("add", "/a/0", "1") "]", FAIL (TYPE, "nothing at '/a/0'") },
  { "{\"a\":1}", "[" OP_VALUE ("add", "a", "1") "]",
    FAIL (INVALID, "A JSON Pointer is empty or begins with '/', found 'a'") },
  { "{\"a\":1}", "[" OP_VALUE ("add", "/a~2", "1") "]", FAIL (INVALID, "found '/a~2'") },
  { "{\"a\":1}", "[" OP_VALUE ("add", "/a~", "1") "]", FAIL (INVALID, "found '/a~'") },
  { "{\"a\":1}", "[" OP_FROM ("copy", "a", "/b") "]", FAIL (INVALID, "found 'a'") },
  { "{\"a\":1}", "[" OP ("add", "/b") "]",
    FAIL (INVALID, "Operation 0 (add): Expected a member 'value'") },
  { "{\"a\":1}", "[" OP ("copy", "/b") "]", FAIL (INVALID, "Expected a member 'from'") },
  { "{\"a\":1}", "[{\"op\":\"add\"}]", FAIL (INVALID, "Expected a member 'path'") },
  { "{\"a\":1}", "[{\"op\":\"add\",\"path\":1}]",
    FAIL (INVALID, "Expected a string in 'path', found int") },
  { "{\"a\":1}", "[{\"path\":\"\"}]", FAIL (INVALID, "Operation 0: Expected a member 'op'") },
  { "{\"a\":1}", "[" OP ("spam", "/b") "]",
    FAIL (INVALID, "Operation 0: Expected add, remove, replace, move, copy or test, found 'spam'") },
  { "{\"a\":1}", "[1]", FAIL (INVALID, "Operation 0: Expected an object, found int") },
  { "{\"a\":1}", "{}", FAIL (INVALID, "Expected a JSON Patch") },
  { "{\"a\":1}", "[" OP ("remove", "/a") "," OP ("remove", "/a") "]",
    FAIL (NOT_FOUND, "Operation 1 (remove): There is nothing at '/a'") },
  { "{\"a\":[1,{\"x\":1,\"y\":2.0}]}",
    "[" OP_VALUE ("test", "", "{\"a\":[1.0,{\"y\":2,\"x\":1}]}") "]",
    "{\"a\":[1,{\"x\":1,\"y\":2.0}]}" },
  { "{\"a\":[1,2]}",
    "[" OP_VALUE ("add", "/a/0", "0") "," OP_VALUE ("test", "", "{\"a\":[0,1,2]}") "]",
    "{\"a\":[0,1,2]}" },
  { "{\"a\":null}", "[" OP_VALUE ("test", "/a", "null") "]", "{\"a\":null}" },
  { "{\"b\":null}", "[" OP_VALUE ("test", "/a", "null") "]", FAIL (NOT_FOUND, "'/a'") },
};

static const Case merges[] = {
  { "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
  { "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}" },
  { "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
  { "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}" },
  { "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
  { "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
  { "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}" },
  { "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}" },
  { "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
  { "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]" },
  { "{\"a\":\"foo\"}", "null", "null" },
  { "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"" },
  { "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" },
  { "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}" },
  { "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}" },
  { "{\"x\":1}", "{\"b\":{\"c\":{\"d\":[null]}},\"a\":2}",
    "{\"x\":1,\"b\":{\"c\":{\"d\":[null]}},\"a\":2}" },
};

static void
run_cases (const Case *cases, guint n, ArborTree *(*func) (ArborTree *, ArborTree *, GError **))
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ArborTree) tree = read_tree (cases[i].json);
      g_autoptr (ArborTree) patch = read_tree (cases[i].patch);
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborTree) patched = func (tree, patch, &error);

      check_result (patched, error, cases[i].expected, cases[i].patch);
    }
}

static void
test_patch (void)
{
  run_cases (patches, G_N_ELEMENTS (patches), arbor_tree_patch);
}

static void
test_merge_patch (void)
{
  run_cases (merges, G_N_ELEMENTS (merges), arbor_tree_merge_patch);
}

/* Each copy doubles the tree: the limit must come before the memory ends. */
static void
test_limits (void)
{
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (GString) deep = g_string_new ("");
  g_autoptr (ArborTree) tree = read_tree ("{\"a\":1}");
  g_autoptr (ArborTree) patch = NULL;
  g_autoptr (ArborTree) full = NULL;
  g_autoptr (ArborTree) fit = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 60; i++)
    g_string_append_printf (text, "%s" OP_FROM ("copy", "", "/k%u"), i ? "," : "", i);
  g_string_append_c (text, ']');
  patch = read_tree (text->str);
  g_assert_null (arbor_tree_patch (tree, patch, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "(copy): Copies make the tree larger than 256 MiB"));
  g_clear_error (&error);

  for (guint i = 0; i < 1024; i++)
    g_string_append (deep, i ? ".x" : "x");
  fit = arbor_tree_set_value (tree, deep->str, tree, &error);
  g_assert_null (fit);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "at most 1024 levels"));
  g_clear_error (&error);
  full = arbor_tree_get (tree, "a", &error);
  fit = arbor_tree_set_value (tree, deep->str, full, &error);
  g_assert_no_error (error);
  g_assert_cmpint (arbor_tree_get_int64 (fit, deep->str, &error), ==, 1);
}

static void
append_random (GRand *rand, GString *text, guint depth)
{
  static const char *const scalars[] = { "1", "1.0", "\"s\"", "null", "true" };
  guint kind = (guint)g_rand_int_range (rand, 0, depth > 3 ? 5 : 9);
  guint n = (guint)g_rand_int_range (rand, 0, 5);

  if (kind >= 5)
    {
      g_string_append_c (text, kind > 6 ? '{' : '[');
      for (guint i = 0; i < n; i++)
        {
          if (i > 0)
            g_string_append_c (text, ',');
          if (kind > 6)
            g_string_append_printf (text, "\"%s\":", (const char *[]){ "a", "/", "~", "~1", "" }[(
                                                         i * 3 + n) % 5]);
          append_random (rand, text, depth + 1);
        }
      g_string_append_c (text, kind > 6 ? '}' : ']');
      return;
    }
  /* Not as a compound literal: where g_string_append is a macro, its commas would part arguments. */
  g_string_append (text, scalars[kind]);
}

static void
test_diff (void)
{
  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (i);
      g_autoptr (GString) a = g_string_new ("[");
      g_autoptr (GString) b = g_string_new ("[");
      g_autoptr (ArborTree) from = NULL;
      g_autoptr (ArborTree) to = NULL;
      g_autoptr (ArborTree) diff = NULL;
      g_autoptr (ArborTree) patched = NULL;
      g_autoptr (ArborTree) again = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *nothing = NULL;

      append_random (rand, a, 0);
      append_random (rand, b, 0);
      g_string_append_c (a, ']');
      g_string_append_c (b, ']');
      from = read_tree (a->str);
      to = read_tree (b->str);
      diff = arbor_tree_diff (from, to, &error);
      g_assert_no_error (error);
      patched = arbor_tree_patch (from, diff, &error);
      g_assert_no_error (error);
      again = arbor_tree_diff (patched, to, &error);
      nothing = arbor_tree_to_json (again, &error);
      g_assert_cmpstr (nothing, ==, "[]");
      /* Equal by the one equality, told by the test operation. */
      {
        g_autofree char *all = arbor_tree_to_json (to, NULL);
        g_autofree char *json = g_strdup_printf ("[" OP_VALUE ("test", "", "%s") "]", all);
        g_autoptr (ArborTree) test = read_tree (json);
        g_autoptr (ArborTree) tested = arbor_tree_patch (patched, test, &error);

        g_assert_no_error (error);
        g_assert_nonnull (tested);
      }
    }
}

static const Case diffs[] = {
  { "{\"a\":1,\"b\":2}", "{\"b\":2.0,\"a\":1}", "[]" },
  { "{\"a\":1,\"b\":2}", "{\"b\":3,\"c\":4}",
    "[" OP ("remove", "/a") "," OP_VALUE ("replace", "/b", "3") "," OP_VALUE ("add", "/c", "4") "]" },
  { "[1,2,3,4]", "[1,3,4]", "[" OP ("remove", "/1") "]" },
  { "[1,4]", "[1,2,3,4]", "[" OP_VALUE ("add", "/1", "2") "," OP_VALUE ("add", "/2", "3") "]" },
  { "[1,[2,{\"x/y\":1}],3]", "[1,[2,{\"x/y\":2}],3]", "[" OP_VALUE ("replace", "/1/1/x~1y", "2") "]" },
  { "1", "{}", "[" OP_VALUE ("replace", "", "{}") "]" },
  { "[]", "{}", "[" OP_VALUE ("replace", "", "{}") "]" },
};

static void
test_diff_table (void)
{
  run_cases (diffs, G_N_ELEMENTS (diffs), arbor_tree_diff);
}

static ArborStore *
open_with_tree (const char *path)
{
  g_autoptr (ArborTree) tree = read_tree ("{\"a\":{\"b\":[1,2]}}");
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;
  ArborStore *store = arbor_store_open (path, NULL, NULL, &error);

  g_assert_no_error (error);
  arbor_builder_add_tree (builder, tree, &error);
  arbor = arbor_builder_finish (builder, &error);
  arbor_store_put (store, "x", arbor, NULL, &error);
  g_assert_no_error (error);
  return store;
}

/* What is made of trees of two stores ends with either. */
static void
test_closing (void)
{
  for (guint first = 0; first < 2; first++)
    {
      g_autofree char *folder = make_folder ();
      ArborTree *results[8] = { NULL };
      char *paths[2];
      ArborStore *stores[2];
      ArborTree *trees[2];
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < 2; i++)
        {
          g_autoptr (ArborArbor) arbor = NULL;

          paths[i] = g_strdup_printf ("%s/%u.arbor", folder, i);
          stores[i] = open_with_tree (paths[i]);
          arbor = arbor_store_get (stores[i], "x", &error);
          trees[i] = arbor_arbor_get (arbor, 0, &error);
          g_assert_no_error (error);
        }
      results[0] = arbor_tree_set_value (trees[0], "c", trees[1], &error);
      results[1] = arbor_tree_diff (trees[0], trees[1], &error);
      results[2] = arbor_tree_get (results[0], "c.a", &error);
      results[3] = arbor_tree_merge_patch (results[2], trees[1], &error);
      results[4] = arbor_tree_materialize (results[0], &error);
      results[5] = arbor_tree_set_value (results[4], "d", trees[first], &error);
      results[6] = arbor_tree_remove (trees[first], "a.b[0]", &error);
      results[7] = arbor_tree_remove (trees[!first], "a.b", &error);
      g_assert_no_error (error);

      arbor_store_close (stores[first]);
      for (guint i = 0; i < 8; i++)
        {
          g_autofree char *json = arbor_tree_to_json (results[i], &error);
          gboolean is_open = i == 4 || i == 7;

          g_assert_cmpint (arbor_tree_is_closed (results[i]), ==, !is_open);
          if (is_open)
            g_assert_no_error (error);
          else
            g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
          g_clear_error (&error);
          g_object_unref (results[i]);
        }
      for (guint i = 0; i < 2; i++)
        {
          arbor_store_close (stores[i]);
          g_object_unref (trees[i]);
          g_object_unref (stores[i]);
          g_free (paths[i]);
        }
      remove_folder (folder);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree-edit/paths", test_paths);
  g_test_add_func ("/tree-edit/patch", test_patch);
  g_test_add_func ("/tree-edit/merge-patch", test_merge_patch);
  g_test_add_func ("/tree-edit/limits", test_limits);
  g_test_add_func ("/tree-edit/diff", test_diff);
  g_test_add_func ("/tree-edit/diff-table", test_diff_table);
  g_test_add_func ("/tree-edit/closing", test_closing);
  return g_test_run ();
}
