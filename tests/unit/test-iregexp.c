/* I-Regexp: what a pattern becomes for PCRE2, and the limit on one match. What patterns match is in
 * the table of JSONPath cases.
 */

#include "query/jsonpath/arbor-iregexp.h"

#include <string.h>

#include "base/arbor-error.h"

static const struct
{
  const char *pattern;
  const char *translated; /* of search, without the group around; NULL: no I-Regexp */
} patterns[] = {
  { "", "" },
  { "ab1", "ab1" },
  { "a.b", "a[^\\n\\r]b" },
  { "a b#", "a\\x{20}b\\x{23}" },
  { "\xc3\xa9", "\\x{E9}" },
  { "^a$", "(?:\\A)a(?:\\z)" },
  { "(a|b)*", "(?:a|b)*" },
  { "a{1}b{1,}c{2,3}", "a{1}b{1,}c{2,3}" },
  { "\\.\\n\\\\", "\\x{2E}\\x{A}\\x{5C}" },
  { "[a-c^.-]", "[a-c\\x{5E}\\x{2E}\\x{2D}]" },
  { "[^-a]", "[^\\x{2D}a]" },
  { "[^]", "[\\x{5E}]" },
  { "[\\p{L}\\P{Nd}]\\p{Zs}", "[\\p{L}\\P{Nd}]\\p{Zs}" },
  { "a**", NULL },
  { "a*?", NULL },
  { "(?:a)", NULL },
  { "\\d", NULL },
  { "\\p{Foo}", NULL },
  { "[b-a]", NULL },
  { "[a-\\p{L}]", NULL },
  { "[]", NULL },
  { "(", NULL },
  { ")(", NULL },
  { "a\\", NULL },
  { "[a\\", NULL },
  { "\\p{L", NULL },
  { "\xff", NULL },
};

static void
test_translate (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      const char *pattern = patterns[i].pattern;
      g_autofree char *search = arbor_iregexp_translate (pattern, strlen (pattern), FALSE);
      g_autofree char *match = arbor_iregexp_translate (pattern, strlen (pattern), TRUE);
      g_autofree char *in_search = NULL;
      g_autofree char *in_match = NULL;

      if (patterns[i].translated == NULL)
        {
          g_assert_null (search);
          g_assert_null (match);
          continue;
        }
      in_search = g_strdup_printf ("(?:%s)", patterns[i].translated);
      in_match = g_strdup_printf ("\\A(?:%s)\\z", patterns[i].translated);
      g_assert_true (g_str_has_suffix (search, in_search));
      g_assert_true (g_str_has_suffix (match, in_match));
    }
}

static void
test_size (void)
{
  g_autofree char *longest = g_strnfill (65536, 'a');
  g_autofree char *longer = g_strnfill (65537, 'a');
  g_autofree char *open = g_strnfill (201, '(');
  g_autofree char *close = g_strnfill (201, ')');
  g_autofree char *deeper = g_strconcat (open, close, NULL);
  g_autofree char *good = arbor_iregexp_translate (longest, 65536, TRUE);

  g_assert_nonnull (good);
  g_assert_null (arbor_iregexp_translate (longer, 65537, TRUE));
  g_assert_null (arbor_iregexp_translate (deeper, 402, TRUE));
  g_clear_pointer (&good, g_free);
  good = arbor_iregexp_translate (deeper + 1, 400, TRUE);
  g_assert_nonnull (good);
}

static void
expect (ArborScope *scope, const char *pattern, const char *text, gsize length, gboolean is_whole,
        gboolean expected)
{
  g_assert_cmpint (arbor_iregexp_match (pattern, strlen (pattern), text, length, is_whole, scope),
                   ==, expected);
  g_assert_true (arbor_scope_check (scope, NULL));
}

static void
test_match (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint round = 0; round < 50; round++)
    {
      expect (scope, "b", "abc", 3, FALSE, TRUE);
      expect (scope, "b", "abc", 3, TRUE, FALSE);
      expect (scope, "a.c", "a\0c", 3, TRUE, TRUE);
      expect (scope, "ab$", "ab\n", 3, FALSE, FALSE);
      expect (scope, "(", "(", 1, FALSE, FALSE);
      expect (scope, ".*", "a\xff", 2, FALSE, FALSE);
      expect (scope, ".*", "a\0\xff", 3, FALSE, FALSE);
      expect (scope, "", NULL, 0, TRUE, TRUE);
    }
  /* More patterns than are kept. */
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *pattern = g_strdup_printf ("a{%u}", i);
      g_autofree char *text = g_strnfill (i, 'a');

      expect (scope, pattern, text, i, TRUE, TRUE);
    }
}

static void
test_limit (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree char *text = g_strnfill (200000, 'a');
  g_autoptr (GError) error = NULL;

  g_assert_false (arbor_iregexp_match ("(a|aa)+[bc]", 11, text, 60, TRUE, scope));
  g_assert_false (arbor_scope_check (scope, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_cmpstr (
      error->message, ==,
      "Matching the regular expression '(a|aa)+[bc]' takes too much work; use a simpler one");
  /* Long texts are no problem by themselves. */
  expect (scope, "a*", text, 200000, TRUE, TRUE);
  expect (scope, "[^b]*", text, 200000, TRUE, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/iregexp/translate", test_translate);
  g_test_add_func ("/iregexp/size", test_size);
  g_test_add_func ("/iregexp/match", test_match);
  g_test_add_func ("/iregexp/limit", test_limit);
  return g_test_run ();
}
