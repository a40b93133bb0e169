/* Regular expressions: what they find is what GRegex finds, whether or not code is made of them,
 * where they take too much work as elsewhere; and replacements.
 */

#include "query/expr/arbor-pattern.h"

#include <string.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "query/expr/arbor-pattern-shape.h"
#include "query/expr/arbor-replacement.h"

/* Which patterns are plain texts. */
static const struct
{
  const char *pattern;
  const char *literal; /* NULL: it is none */
  gboolean is_at_start, is_at_end, is_strict;
} literals[] = {
  { "", "", FALSE, FALSE, FALSE },
  { "abc", "abc", FALSE, FALSE, FALSE },
  { "^abc", "abc", TRUE, FALSE, FALSE },
  { "abc$", "abc", FALSE, TRUE, FALSE },
  { "^abc$", "abc", TRUE, TRUE, FALSE },
  { "^$", "", TRUE, TRUE, FALSE },
  { "\\A(?:a\\.\\x{e9})\\z", "a.\xc3\xa9", TRUE, TRUE, TRUE },
  { "a\\Z", "a", FALSE, TRUE, FALSE },
  { "a]b}", "a]b}", FALSE, FALSE, FALSE },
  { "a\\x00b", "a", FALSE, FALSE, FALSE }, /* with U+0000 in it */
  { "a#b c", "a#b c", FALSE, FALSE, FALSE },
  { "(?:a)(?:b)", "ab", FALSE, FALSE, FALSE },
  { "a.c", NULL },
  { "a|b", NULL },
  { "(?:a|b)", NULL },
  { "[a]", NULL },
  { "ab?", NULL },
  { "(?:ab)*", NULL },
  { "(?i)a", NULL },
  { "(a)", NULL },
  { "a{2}", NULL },
  { "a{,3}", NULL },
  { "a^b", NULL },
  { "a$b", NULL },
  { "(?:a$)b", NULL },
  { "\\d", NULL },
  { "\\Qa.\\E", NULL },
  { "a$^", NULL },
  { "(?:^)?a", NULL },
  { "\\ba", NULL },
  { "(?x)a b", NULL },
  { "\\1", NULL },
};

static void
test_literal (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (literals); i++)
    {
      ArborPatternShape shape;

      arbor_pattern_shape_read (&shape, literals[i].pattern, strlen (literals[i].pattern), TRUE);
      g_test_message ("%s", literals[i].pattern);
      g_assert_cmpint (shape.is_literal, ==, literals[i].literal != NULL);
      if (shape.is_literal)
        {
          g_assert_cmpstr (shape.literal->str, ==, literals[i].literal);
          g_assert_cmpint (shape.is_at_start, ==, literals[i].is_at_start);
          g_assert_cmpint (shape.is_at_end, ==, literals[i].is_at_end);
          g_assert_cmpint (shape.is_strict, ==, literals[i].is_strict);
        }
      arbor_pattern_shape_clear (&shape);
    }
}

/* What compiled code may do: -1 is nothing. */
static const struct
{
  const char *pattern;
  gboolean is_known, has_loops;
  guint n_ways;
} shapes[] = {
  { "99$", TRUE, FALSE, 1 },
  { "(\\w+)@(\\w+)\\.com", TRUE, FALSE, 1 },
  { "\\w+-", TRUE, FALSE, 1 },
  { "\\w+", TRUE, FALSE, 1 },
  { "^\\w+$", TRUE, FALSE, 1 },
  { "[a-z]+\\d", TRUE, TRUE, 1 },
  { "\\w+a", TRUE, TRUE, 1 },
  { "\\w+\xc3\xa9", TRUE, TRUE, 1 },
  { "\\w+-?x", TRUE, TRUE, 1 },
  { ".*x", TRUE, TRUE, 1 },
  { ".*", TRUE, FALSE, 1 },
  { ".*$", TRUE, TRUE, 1 },
  { "(?:\\w+)*", TRUE, TRUE, 1 },
  { "(?:\\w+\\.)+com", TRUE, FALSE, 1 },
  { "(?i)a+A", TRUE, TRUE, 1 },
  { "(a|b|c)(d|e)", TRUE, FALSE, 6 },
  { "(?:a|b|c)(d|e)", TRUE, FALSE, 2 },
  { "(a|b){3}", TRUE, FALSE, 8 },
  { "(?:(a|b)c){2,3}", TRUE, FALSE, 8 },
  { "(a|b)*", TRUE, FALSE, 2 },
  { "(a|b){40}", TRUE, FALSE, G_MAXUINT },
  { "(a)\\1", FALSE },
  { "(?R)", FALSE },
  { "(?=a)", FALSE },
  { "(?>a)", FALSE },
  { "a\\K", FALSE },
  { "(*COMMIT)a", FALSE },
  { "\\X", FALSE },
  { "(?x)a", FALSE },
  { "a{,3}", FALSE },
  { "[[:alpha:]]", FALSE },
};

static void
test_shape (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      ArborPatternShape shape;

      arbor_pattern_shape_read (&shape, shapes[i].pattern, strlen (shapes[i].pattern), TRUE);
      g_test_message ("%s", shapes[i].pattern);
      g_assert_cmpint (shape.is_known, ==, shapes[i].is_known);
      if (shape.is_known)
        {
          g_assert_cmpint (shape.has_loops, ==, shapes[i].has_loops);
          g_assert_cmpuint (shape.n_ways, ==, shapes[i].n_ways);
        }
      g_assert_cmpint (arbor_pattern_shape_get_limit (&shape, 20, 90000) >= 0, ==,
                       shape.is_known && shape.n_ways < 1000);
      arbor_pattern_shape_clear (&shape);
    }
}

/* Random ones */

static const char *const atoms[] = {
  "a",    "b",   "c",        "-",   ".",     "\\w", "\\d", "[ab]",
  "[^a]", "\\.", "\xc3\xa9", "\\s", "[a-c]", "\\b", "\\D",
};
static const char *const quantifiers[] = { "*",   "+",     "?",    "*?", "+?",
                                           "{2}", "{1,3}", "{2,}", "*+", "{0,9}" };

static void
add_random (GRand *rand, GString *out, guint depth)
{
  gint32 n = g_rand_int_range (rand, 1, 5);

  for (gint32 i = 0; i < n; i++)
    {
      if (depth > 0 && g_rand_int_range (rand, 0, 3) == 0)
        {
          g_string_append (out, g_rand_boolean (rand) ? "(" : "(?:");
          add_random (rand, out, depth - 1);
          while (g_rand_int_range (rand, 0, 3) == 0)
            {
              g_string_append_c (out, '|');
              add_random (rand, out, depth - 1);
            }
          g_string_append_c (out, ')');
        }
      else
        {
          gint32 atom = g_rand_int_range (rand, 0, G_N_ELEMENTS (atoms));

          g_string_append (out, atoms[atom]);
          if (g_str_equal (atoms[atom], "\\b"))
            continue;
        }
      if (g_rand_boolean (rand))
        g_string_append (out, quantifiers[g_rand_int_range (rand, 0, G_N_ELEMENTS (quantifiers))]);
    }
}

static char *
make_pattern (GRand *rand)
{
  GString *out = g_string_new (g_rand_int_range (rand, 0, 6) == 0 ? "^" : "");

  if (g_rand_int_range (rand, 0, 8) == 0)
    g_string_prepend (out, "(?i)");
  add_random (rand, out, 3);
  if (g_rand_int_range (rand, 0, 4) == 0)
    g_string_append_c (out, '$');
  return g_string_free (out, FALSE);
}

static char *
make_text (GRand *rand)
{
  static const char *const letters[] = { "a", "a", "a",        "b",  "c", "-",
                                         ".", " ", "\xc3\xa9", "\n", "9", "A" };
  gboolean is_flat = g_rand_int_range (rand, 0, 3) == 0;
  gint32 n = g_rand_int_range (rand, 0, g_rand_int_range (rand, 0, 4) == 0 ? 200 : 24);
  GString *out = g_string_new (NULL);

  for (gint32 i = 0; i < n; i++)
    g_string_append (out,
                     letters[g_rand_int_range (rand, 0, is_flat ? 4 : G_N_ELEMENTS (letters))]);
  return g_string_free (out, FALSE);
}

typedef struct
{
  ArborSearch result;
  gsize places[16]; /* of groups; G_MAXSIZE: none */
} Found;

static Found
find (const ArborPattern *pattern, const char *text, gsize from)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Found found = { .result = arbor_pattern_search (pattern, text, strlen (text), from, scope) };

  memset (found.places, 0xFF, sizeof found.places);
  if (found.result == ARBOR_SEARCH_FOUND)
    for (guint i = 0; i < 8; i++)
      arbor_pattern_get_group (pattern, scope, i, &found.places[2 * i], &found.places[2 * i + 1]);
  return found;
}

/* With code and without, and beside GRegex where there is an answer. */
static void
compare (const char *pattern, const char *text, GRegex *oracle, guint *n_found, guint *n_open)
{
  Found with, without;

  for (guint groups = 0; groups < 2; groups++)
    {
      g_autoptr (ArborPattern) plain = arbor_pattern_new (pattern, strlen (pattern), groups, NULL);
      g_autoptr (ArborPattern) made = arbor_pattern_new (pattern, strlen (pattern), groups, NULL);
      g_autoptr (GMatchInfo) match = NULL;

      arbor_pattern_optimize (made);
      without = find (plain, text, 0);
      with = find (made, text, 0);
      g_test_message ("%s on '%s'", pattern, text);
      g_assert_cmpint (with.result, ==, without.result);
      g_assert_cmpmem (with.places, (groups ? 16 : 2) * sizeof (gsize), without.places,
                       (groups ? 16 : 2) * sizeof (gsize));
      *n_found += with.result == ARBOR_SEARCH_FOUND;
      *n_open += with.result == ARBOR_SEARCH_OPEN;
      if (with.result == ARBOR_SEARCH_OPEN || oracle == NULL)
        continue;
      g_assert_cmpint (g_regex_match (oracle, text, 0, &match), ==,
                       with.result == ARBOR_SEARCH_FOUND);
      for (int i = 0; with.result == ARBOR_SEARCH_FOUND && i < (groups ? 8 : 1); i++)
        {
          int start = -1, end = -1;

          if (i <= g_regex_get_capture_count (oracle))
            g_match_info_fetch_pos (match, i, &start, &end);
          g_assert_cmpint (start, ==, (int)(gssize)with.places[2 * i]);
          g_assert_cmpint (end, ==, (int)(gssize)with.places[2 * i + 1]);
        }
    }
}

/* @n_steps 0: the limits as they are. */
static void
compare_random (guint n, guint64 n_steps, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  guint n_found = 0, n_open = 0;

  arbor_pattern_set_limits (TRUE, n_steps, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *pattern = make_pattern (rand);
      g_autoptr (GRegex) oracle = g_regex_new (pattern, 0, 0, NULL);

      g_assert_nonnull (oracle);
      for (guint j = 0; j < 10; j++)
        {
          g_autofree char *text = make_text (rand);

          compare (pattern, text, n_steps == 0 ? oracle : NULL, &n_found, &n_open);
        }
    }
  arbor_pattern_set_limits (TRUE, 0, 0);
  g_test_message ("%u of %u found, %u open", n_found, 20 * n, n_open);
  g_assert_cmpuint (n_found, >, n);
  if (n_steps > 0)
    g_assert_cmpuint (n_open, >, n / 50);
}

static guint
get_n_rounds (guint usual)
{
  const char *text = g_getenv ("ARBOR_PATTERN_ROUNDS");

  return text != NULL ? (guint)g_ascii_strtoull (text, NULL, 10) : usual;
}

static void
test_random (void)
{
  compare_random (get_n_rounds (300), 0, 5);
}

/* Where limits are reached often, they must be reached both ways. */
static void
test_random_limits (void)
{
  static const guint64 n_steps[] = { 1, 300, 2000, 10000, 60000 };

  for (guint i = 0; i < G_N_ELEMENTS (n_steps); i++)
    compare_random (get_n_rounds (300), n_steps[i], 6 + i);
}

static void
test_ends (void)
{
  static const char *const ends[] = {
    "",   "\n",   "\r",       "\r\n",         "\n\n",
    "\v", "\f",   "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9",
    "b",  "\n\r", "\r\n\n",   "\xe2\x80\xaa", "\t",
  };
  static const char *const patterns[] = {
    "$",     "a$", "^a$", "^$", "\n$",   "\r$",  "a\\Z",    "a\\z",
    "^a\\z", "",   "^",   "a",  "\r\n$", "[a]$", "a[\r]?$",
  };
  guint n_found = 0, n_open = 0;

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    for (guint j = 0; j < G_N_ELEMENTS (patterns); j++)
      {
        g_autofree char *text = g_strconcat ("a", ends[i], NULL);
        g_autofree char *other = g_strconcat ("ba", ends[i], NULL);
        g_autoptr (GRegex) oracle = g_regex_new (patterns[j], 0, 0, NULL);

        compare (patterns[j], text, oracle, &n_found, &n_open);
        compare (patterns[j], other, oracle, &n_found, &n_open);
        compare (patterns[j], ends[i], oracle, &n_found, &n_open);
      }
  g_assert_cmpuint (n_open, ==, 0);
}

/* Hostile ones end, and say so. */
static void
test_limit (void)
{
  static const char *const patterns[] = {
    "(a+)+$",
    "(a|aa)+[bc]",
    "(?:(?:a*)*)*[xy]",
    "(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)"
    "(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)["
    "xy]",
    ".*a.*a.*a.*a.*a.*[xy]",
    "((a+)+)\\1*[xy]",
  };
  g_autofree char *flat = g_strnfill (60, 'a');
  g_autofree char *text = g_strconcat (flat, "-", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    for (guint has_code = 0; has_code < 2; has_code++)
      {
        g_autoptr (ArborPattern) pattern =
            arbor_pattern_new (patterns[i], strlen (patterns[i]), TRUE, NULL);
        g_autoptr (ArborScope) scope = arbor_scope_new ();
        g_autoptr (GError) error = NULL;

        if (has_code)
          arbor_pattern_optimize (pattern);
        g_test_message ("%s", patterns[i]);
        g_assert_cmpint (arbor_pattern_search (pattern, text, strlen (text), 0, scope), ==,
                         ARBOR_SEARCH_OPEN);
        arbor_scope_set_limited_tree (scope, 7);
        g_assert_false (arbor_scope_check (scope, &error));
        g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
        g_assert_true (
            g_str_has_prefix (error->message, "Tree 7: matching the regular expression '"));
        g_assert_nonnull (
            strstr (error->message, " takes too much work; use a simpler one, or leave"));
      }
}

/* A long text is not too much by itself. */
static void
test_long (void)
{
  g_autofree char *text = g_strnfill (3000000, 'a');
  static const char *const patterns[] = { "b",  "b$",   "[bc]", "a{7}[bc]?$",
                                          "a*", "^a*$", "a+?$", "^.*$" };
  static const gboolean found[] = { FALSE, FALSE, FALSE, TRUE, TRUE, TRUE, TRUE, TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (ArborPattern) pattern =
          arbor_pattern_new (patterns[i], strlen (patterns[i]), FALSE, NULL);
      g_autoptr (ArborScope) scope = arbor_scope_new ();

      arbor_pattern_optimize (pattern);
      g_test_message ("%s", patterns[i]);
      g_assert_cmpint (arbor_pattern_search (pattern, text, 3000000, 0, scope), ==, found[i]);
    }
}

/* What many searches cost is counted for all of the call. */
static void
test_effort (void)
{
  static const char hard[] = "(a+)+[bc]";
  g_autoptr (ArborPattern) pattern = arbor_pattern_new (hard, strlen (hard), FALSE, NULL);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GError) error = NULL;
  ArborStop call, inner;

  arbor_pattern_set_limits (TRUE, 0, 1);
  arbor_stop_begin (&call, NULL);
  arbor_stop_begin (&inner, NULL);
  /* Not a slow one. */
  g_assert_cmpint (arbor_pattern_search (pattern, "aab", 3, 0, scope), ==, ARBOR_SEARCH_FOUND);
  g_assert_true (arbor_scope_check (scope, &error));
  /* 2^17 steps: less than the limit of a search. */
  g_assert_cmpint (arbor_pattern_search (pattern, "aaaaaaaaaaaaaaaa-c", 18, 0, scope), ==,
                   ARBOR_SEARCH_OPEN);
  arbor_scope_set_limited_tree (scope, 7);
  g_assert_false (arbor_scope_check (scope, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_cmpstr (
      error->message, ==,
      "Matching the regular expression '(a+)+[bc]' takes too much work in all: most trees "
      "are slow; use a simpler one, or ask for fewer trees at a time");
  g_clear_error (&error);
  arbor_stop_end (&inner);
  /* Still the same call. */
  g_assert_cmpint (arbor_pattern_search (pattern, "aaaaaaaaaaaaaaaa-c", 18, 0, scope), ==,
                   ARBOR_SEARCH_OPEN);
  g_assert_false (arbor_scope_check (scope, NULL));
  arbor_stop_end (&call);
  arbor_pattern_set_limits (TRUE, 0, 0);
  arbor_stop_begin (&call, NULL);
  g_assert_cmpint (arbor_pattern_search (pattern, "aaaaaaaaaaaaaaaa-c", 18, 0, scope), ==,
                   ARBOR_SEARCH_NONE);
  g_assert_true (arbor_scope_check (scope, &error));
  arbor_stop_end (&call);
}

static void
test_errors (void)
{
  static const struct
  {
    const char *pattern;
    const char *message;
  } rows[] = {
    { "(", "Bad regular expression '(', at its character 1 (from 0): missing closing parenthesis" },
    { "\xc3\xa9[",
      "Bad regular expression '\xc3\xa9[', at its character 2 (from 0): missing terminating ] "
      "for character class" },
    { "\\C",
      "Bad regular expression '\\C', at its character 2 (from 0): using \\C is disabled by the "
      "application" },
    { "\xff", "Bad regular expression '\xff', at its character 0 (from 0): " },
  };
  g_autofree char *longer = g_strnfill (65537, 'a');
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_null (arbor_pattern_new (rows[i].pattern, strlen (rows[i].pattern), TRUE, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
      g_assert_true (g_str_has_prefix (error->message, rows[i].message));
      g_clear_error (&error);
    }
  g_assert_null (arbor_pattern_new (longer, 65537, TRUE, &error));
  g_assert_cmpstr (error->message, ==, "A regular expression has at most 65536 bytes, found 65537");
}

/* Replacements, beside GRegex's own. */
static void
test_replacement (void)
{
  static const char *const replacements[] = {
    "",
    "x",
    "\\0",
    "<\\1>",
    "\\2\\1",
    "\\9",
    "\\g<1>",
    "\\g<n>",
    "\\g<none>",
    "\\g<77>",
    "\\x41\\x{e9}",
    "\\t\\n\\\\",
    "\\101",
    "\\012",
    "\\18",
    "\\u\\0x",
    "\\U\\0x\\Ey",
    "\\L\\1ABC",
    "\\l\\1ABC",
    "a\\u",
    "\\u\xc3\xa9\\1",
    "\\U\\u\\1\\1",
    "\\u\\L\\1",
    "\\1112",
  };
  static const char *const bad[] = { "\\",      "\\q",  "\\g",  "\\g<",  "\\g<>",   "\\g<1",
                                     "\\g<1a>", "\\x4", "\\x{", "\\x{}", "\\g<a b>" };
  static const char text[] = "ab \xc3\xa9"
                             "B";
  static const char source[] = "(?<n>\\w)(B)?";
  g_autoptr (ArborPattern) pattern = arbor_pattern_new (source, strlen (source), TRUE, NULL);
  g_autoptr (GRegex) oracle = g_regex_new (source, 0, 0, NULL);
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint i = 0; i < G_N_ELEMENTS (replacements); i++)
    {
      g_autoptr (ArborReplacement) by = arbor_replacement_new (replacements[i], NULL);
      g_autofree char *expected = g_regex_replace (oracle, text, -1, 0, replacements[i], 0, NULL);
      g_autoptr (GString) out = g_string_new (NULL);
      gsize from = 0, start, end;

      while (arbor_pattern_search (pattern, text, strlen (text), from, scope) == ARBOR_SEARCH_FOUND)
        {
          g_assert_true (arbor_pattern_get_group (pattern, scope, 0, &start, &end));
          g_string_append_len (out, text + from, (gssize)(start - from));
          arbor_replacement_append (by, pattern, text, scope, out);
          from = end;
        }
      g_string_append (out, text + from);
      g_test_message ("%s", replacements[i]);
      g_assert_cmpstr (out->str, ==, expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_false (g_regex_check_replacement (bad[i], NULL, NULL));
      g_assert_null (arbor_replacement_new (bad[i], &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
      g_assert_true (g_str_has_prefix (error->message, "Bad replacement '"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pattern/literal", test_literal);
  g_test_add_func ("/pattern/shape", test_shape);
  g_test_add_func ("/pattern/random", test_random);
  g_test_add_func ("/pattern/random-limits", test_random_limits);
  g_test_add_func ("/pattern/ends", test_ends);
  g_test_add_func ("/pattern/limit", test_limit);
  g_test_add_func ("/pattern/long", test_long);
  g_test_add_func ("/pattern/effort", test_effort);
  g_test_add_func ("/pattern/errors", test_errors);
  g_test_add_func ("/pattern/replacement", test_replacement);
  return g_test_run ();
}
