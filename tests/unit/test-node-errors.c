/* Mistakes in the text of an expression: what is said, and where. */

#include "query/expr/arbor-node.h"

#include <string.h>

#include "base/arbor-error.h"

/* Message, position, the text as shown and where the caret stands. */
static const struct
{
  const char *text, *message;
} errors[] = {
  { "",
    "Expected a value, a path or a function, found the end at position 0 (bytes from 0)\n"
    "\n"
    "^" },
  { "a ==",
    "Expected a value, a path or a function, found the end at position 4 (bytes from 0)\n"
    "a ==\n"
    "    ^" },
  { "a == )",
    "Expected a value, a path or a function, found ')' at position 5 (bytes from 0)\n"
    "a == )\n"
    "     ^" },
  { "a b",
    "Expected an operator or the end, found 'b' at position 2 (bytes from 0)\n"
    "a b\n"
    "  ^" },
  { "a $ b",
    "Expected an operator or the end, found '$' at position 2 (bytes from 0)\n"
    "a $ b\n"
    "  ^" },
  { "a [0]",
    "Expected an operator or the end, found '[' at position 2 (bytes from 0)\n"
    "a [0]\n"
    "  ^" },
  { "\"\xc3\xa4\xe6\x9c\xa8\" \xe2\x89\xa0 1",
    "Expected an operator or the end, found '\xe2\x89\xa0' at position 8 (bytes from 0)\n"
    "\"\xc3\xa4\xe6\x9c\xa8\" \xe2\x89\xa0 1\n"
    "      ^" },
  { "(a",
    "Expected ')' for what opens at position 0, found the end at position 2 (bytes from 0)\n"
    "(a\n"
    "  ^" },
  { "a in [1)",
    "Expected ']' for what opens at position 2, found ')' at position 7 (bytes from 0)\n"
    "a in [1)\n"
    "       ^" },
  { "a)",
    "Nothing is open that ')' could close at position 1 (bytes from 0)\n"
    "a)\n"
    " ^" },
  { "a, b",
    "A ',' stands only between arguments and in lists at position 1 (bytes from 0)\n"
    "a, b\n"
    " ^" },
  { "(a, b)",
    "A ',' stands only between arguments and in lists at position 2 (bytes from 0)\n"
    "(a, b)\n"
    "  ^" },
  { "a < b < c",
    "Comparisons do not chain: write a < b and b < c, or use parentheses at position 6 (bytes from "
    "0)\n"
    "a < b < c\n"
    "      ^" },
  { "a in [1] == b",
    "Comparisons do not chain: write a < b and b < c, or use parentheses at position 9 (bytes from "
    "0)\n"
    "a in [1] == b\n"
    "         ^" },
  { "a == b in [1]",
    "Comparisons do not chain: write a < b and b < c, or use parentheses at position 7 (bytes from "
    "0)\n"
    "a == b in [1]\n"
    "       ^" },
  { "a == not b",
    "'not' needs parentheses here: (not ...) at position 5 (bytes from 0)\n"
    "a == not b\n"
    "     ^" },
  { "a in b",
    "Expected '[' and a list of values; to look into an array, use contains at position 5 (bytes "
    "from 0)\n"
    "a in b\n"
    "     ^" },
  { "a in [1,]",
    "Expected a value, a path or a function, found ']' at position 8 (bytes from 0)\n"
    "a in [1,]\n"
    "        ^" },
  { "or == 1",
    "Expected a value, found the word 'or'; as a key it is written [\"or\"] at position 0 (bytes "
    "from 0)\n"
    "or == 1\n"
    "^" },
  { "then.x",
    "Expected a value, found the word 'then'; as a key it is written [\"then\"] at position 0 "
    "(bytes from 0)\n"
    "then.x\n"
    "^" },
  { "when.x",
    "Expected a value, a path or a function, found '.' at position 4 (bytes from 0)\n"
    "when.x\n"
    "    ^" },
  { "when a then b",
    "Expected 'otherwise' for what opens at position 0, found the end at position 13 (bytes from "
    "0)\n"
    "when a then b\n"
    "             ^" },
  { "(when a otherwise b)",
    "Expected an operator or the end, found 'otherwise' at position 8 (bytes from 0)\n"
    "(when a otherwise b)\n"
    "        ^" },
  { "(when a then b)",
    "Expected 'otherwise' for what opens at position 1, found ')' at position 14 (bytes from 0)\n"
    "(when a then b)\n"
    "              ^" },
  { "f(when a, b)",
    "Unknown function 'f' at position 0 (bytes from 0)\n"
    "f(when a, b)\n"
    "^" },
  { "len(when a then b, c)",
    "A ',' stands only between arguments and in lists at position 17 (bytes from 0)\n"
    "len(when a then b, c)\n"
    "                 ^" },
  { "1 + when a then b otherwise c",
    "'when' needs parentheses here: (when ...) at position 4 (bytes from 0)\n"
    "1 + when a then b otherwise c\n"
    "    ^" },
  { "a then b",
    "Expected an operator or the end, found 'then' at position 2 (bytes from 0)\n"
    "a then b\n"
    "  ^" },
  { "a is_between [1, 2]",
    "Expected '(' and two values at position 13 (bytes from 0)\n"
    "a is_between [1, 2]\n"
    "             ^" },
  { "a is_between (1)",
    "'is_between' takes 3 arguments, found 2 at position 2 (bytes from 0)\n"
    "a is_between (1)\n"
    "  ^" },
  { "a is_between (1, 2) == b",
    "Comparisons do not chain: write a < b and b < c, or use parentheses at position 20 (bytes "
    "from 0)\n"
    "a is_between (1, 2) == b\n"
    "                    ^" },
  { "a match '('",
    "Bad regular expression '(', at its character 1 (from 0): missing closing parenthesis at position 2 "
    "(bytes from 0)\n"
    "a match '('\n"
    "  ^" },
  { "a match 'a)(b'",
    "Bad regular expression 'a)(b', at its character 1 (from 0): unmatched closing parenthesis at "
    "position 2 (bytes from 0)\n"
    "a match 'a)(b'\n"
    "  ^" },
  { "extract(a, 'x', 1)",
    "The regular expression has groups 0 to 0, no group 1 at position 0 (bytes from 0)\n"
    "extract(a, 'x', 1)\n"
    "^" },
  { "extract(a, 'x', 'n')",
    "The regular expression has no group 'n' at position 0 (bytes from 0)\n"
    "extract(a, 'x', 'n')\n"
    "^" },
  { "a match 5",
    "Expected a regular expression, a string without U+0000, found 5 at position 2 (bytes from "
    "0)\n"
    "a match 5\n"
    "  ^" },
  { "date_add(a, 1, 'fortnight')",
    "Expected a unit, \"year\", \"quarter\", \"month\", \"week\", \"day\", \"hour\", "
    "\"minute\" or \"second\", found \"fortnight\" at position 0 (bytes from 0)\n"
    "date_add(a, 1, 'fortnight')\n"
    "^" },
  { "cast(a, 'complex')",
    "Expected \"bool\", \"int\", \"double\", \"number\", \"string\", \"array\" or "
    "\"object\" to cast to, found \"complex\" at position 0 (bytes from 0)\n"
    "cast(a, 'complex')\n"
    "^" },
  { "map(@, 1)",
    "'@' stands only inside functions that walk an array at position 4 (bytes from 0)\n"
    "map(@, 1)\n"
    "    ^" },
  { "sort(a, @, @)",
    "'@' stands only inside functions that walk an array at position 11 (bytes from 0)\n"
    "sort(a, @, @)\n"
    "           ^" },
  { "map(a, 1) + @",
    "'@' stands only inside functions that walk an array at position 12 (bytes from 0)\n"
    "map(a, 1) + @\n"
    "            ^" },
  { "map(a, @[*])",
    "One value is needed for each tree, but '@[*]' has several: reduce it with any(), all(), "
    "count() or len() at position 0 (bytes from 0)\n"
    "map(a, @[*])\n"
    "^" },
  { "uper(a)",
    "Unknown function 'uper'; there is 'upper' at position 0 (bytes from 0)\n"
    "uper(a)\n"
    "^" },
  { "1 + frobnicate(a)",
    "Unknown function 'frobnicate' at position 4 (bytes from 0)\n"
    "1 + frobnicate(a)\n"
    "    ^" },
  { "a == lower(a, b)",
    "'lower' takes 1 argument, found 2 at position 5 (bytes from 0)\n"
    "a == lower(a, b)\n"
    "     ^" },
  { "any()",
    "'any' takes 1 argument, found 0 at position 0 (bytes from 0)\n"
    "any()\n"
    "^" },
  { "is_in()",
    "'is_in' takes at least 1 argument, found 0 at position 0 (bytes from 0)\n"
    "is_in()\n"
    "^" },
  { "starts_with(a)",
    "'starts_with' takes 2 arguments, found 1 at position 0 (bytes from 0)\n"
    "starts_with(a)\n"
    "^" },
  { "lower(a, )",
    "Expected a value, a path or a function, found ')' at position 9 (bytes from 0)\n"
    "lower(a, )\n"
    "         ^" },
  { "a in [1, b[*] + 1]",
    "One value is needed for each tree, but 'b[*] + 1' has several: reduce it with any(), all(), "
    "count() or len() at position 2 (bytes from 0)\n"
    "a in [1, b[*] + 1]\n"
    "  ^" },
  { "a.",
    "Expected a key: letters, digits and _, or any other key as [\"key\"] at position 2 (bytes "
    "from 0)\n"
    "a.\n"
    "  ^" },
  { "a.0",
    "Expected a key: letters, digits and _, or any other key as [\"key\"] at position 2 (bytes "
    "from 0)\n"
    "a.0\n"
    "  ^" },
  { "a[x]",
    "Expected [\"key\"], [index] or [*] at position 1 (bytes from 0)\n"
    "a[x]\n"
    " ^" },
  { "a[99999999999999999999]",
    "Expected [\"key\"], [index] or [*] at position 1 (bytes from 0)\n"
    "a[99999999999999999999]\n"
    " ^" },
  { "a == \"x",
    "The string that begins here does not end: expected \" at position 5 (bytes from 0)\n"
    "a == \"x\n"
    "     ^" },
  { "'x\\'",
    "The string that begins here does not end: expected ' at position 0 (bytes from 0)\n"
    "'x\\'\n"
    "^" },
  { "[1, 2",
    "Expected ']' for the '[' that stands here at position 0 (bytes from 0)\n"
    "[1, 2\n"
    "^" },
  { "{\"a\": \"",
    "Expected '}' for the '{' that stands here at position 0 (bytes from 0)\n"
    "{\"a\": \"\n"
    "^" },
  { "1.",
    "Expected a number as JSON writes it at position 0 (bytes from 0)\n"
    "1.\n"
    "^" },
  { "a > 007",
    "Expected a number as JSON writes it at position 4 (bytes from 0)\n"
    "a > 007\n"
    "    ^" },
  { "5x",
    "Expected a number as JSON writes it at position 0 (bytes from 0)\n"
    "5x\n"
    "^" },
  { "1.5.2",
    "Expected a number as JSON writes it at position 0 (bytes from 0)\n"
    "1.5.2\n"
    "^" },
  { "@ > 1",
    "'@' stands only inside functions that walk an array at position 0 (bytes from 0)\n"
    "@ > 1\n"
    "^" },
  { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa #"
    " bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    "Expected an operator or the end, found '#' at position 61 (bytes from 0)\n"
    "\xe2\x80\xa6" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa #"
    " bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\xe2\x80\xa6\n"
    "                                         ^" },
  { "a\n== \t#",
    "Expected a value, a path or a function, found '#' at position 6 (bytes from 0)\n"
    "a ==  #\n"
    "      ^" },
  { "a == \xff",
    "Expected UTF-8, found a byte that is none at position 5 (bytes from 0)" },
};

static void
test_errors (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (arbor_node_parse (errors[i].text, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
      g_assert_cmpstr (error->message, ==, errors[i].message);
    }
}

/* What JSON itself is wrong about: its words, our position. */
static void
test_json_errors (void)
{
  static const struct
  {
    const char *text;
    gsize position;
  } cases[] = {
    { "a == [1, x]", 9 }, { "[1,,]", 4 },          { "a == {\"b\" 1}", 10 },
    { "a == [,]", 6 },    { "a == \"\\q\"", 7 },  { "{\"a\":1,}", 7 },
    { "[1}", 2 },         { "\"\\ud800\"", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *expected = g_strdup_printf (" at position %zu (bytes from 0)\n%s\n%*s^",
                                                   cases[i].position, cases[i].text,
                                                   (int) cases[i].position, "");

      g_assert_null (arbor_node_parse (cases[i].text, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
      if (!g_str_has_suffix (error->message, expected))
        g_error ("%s: %s", cases[i].text, error->message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node-errors/messages", test_errors);
  g_test_add_func ("/node-errors/json", test_json_errors);
  return g_test_run ();
}
