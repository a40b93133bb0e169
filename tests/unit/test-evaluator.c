/* The row evaluator, row by row from one table. Every row is evaluated for a tree in a batch among
 * the trees of all rows, for the same tree on a tape, and as a filter. */

#include "query/expr/arbor-evaluator.h"

#include <string.h>

#include "base/arbor-error.h"
#include "kit/values.h"

#define MISSING "missing"

/* Vectors are written as (a, b), their MISSING as missing. */
static const struct
{
  const char *expression, *tree, *expected;
} rows[] = {
  /* paths */
  { "a", "{\"a\":1}", "1" },
  { "a", "{\"b\":1}", MISSING },
  { "a", "[1]", MISSING },
  { "a", "null", MISSING },
  { "a", "{\"a\":null}", "null" },
  { "$", "{\"b\":[1,{\"a\":2}]}", "{\"b\":[1,{\"a\":2}]}" },
  { "$", "\"text\"", "\"text\"" },
  { "a.b.c", "{\"a\":{\"b\":{\"c\":[1]}}}", "[1]" },
  { "a.b.c", "{\"a\":{\"b\":7}}", MISSING },
  { "a.b.c", "{\"a\":[{\"b\":{\"c\":1}}]}", MISSING },
  { "a[0]", "{\"a\":[1,2,3]}", "1" },
  { "a[-1]", "{\"a\":[1,2,3]}", "3" },
  { "a[-3]", "{\"a\":[1,2,3]}", "1" },
  { "a[3]", "{\"a\":[1,2,3]}", MISSING },
  { "a[-4]", "{\"a\":[1,2,3]}", MISSING },
  { "a[9223372036854775807]", "{\"a\":[1,2,3]}", MISSING },
  { "a[-9223372036854775808]", "{\"a\":[1,2,3]}", MISSING },
  { "a[0]", "{\"a\":{\"0\":1}}", MISSING },
  { "a[\"0\"]", "{\"a\":{\"0\":1}}", "1" },
  { "a[1].b", "{\"a\":[{\"b\":1},{\"b\":{\"c\":2}}]}", "{\"c\":2}" },
  { "[1][0]", "[[1],[2,3]]", "2" },
  { "[\"\"]", "{\"\":5}", "5" },
  { "[\"a\\u0000b\"]", "{\"a\\u0000b\":5}", "5" },

  /* vectors */
  { "a[*]", "{\"a\":[1,null,\"x\"]}", "(1, null, \"x\")" },
  { "a[*]", "{\"a\":[]}", "()" },
  { "a[*]", "{\"a\":{\"b\":1}}", "()" },
  { "a[*]", "{}", "()" },
  { "a[*].b", "{\"a\":[{\"b\":1},{},7,{\"b\":[2]}]}", "(1, missing, missing, [2])" },
  { "a[*].b.c", "{\"a\":[{\"b\":{\"c\":1}},{\"b\":2}]}", "(1, missing)" },
  { "a[*].b", "{\"a\":[]}", "()" },
  { "a[*].b[*]", "{\"a\":[{\"b\":[1,2]},{\"b\":[]},{},{\"b\":[3]}]}", "(1, 2, missing, 3)" },
  { "a[*].b[*].c", "{}", "()" },
  { "a[*].b[0]", "{\"a\":[{\"b\":[1,2]},{\"b\":[]}]}", "(1, missing)" },
  { "[*][*]", "[[1,2],3,[[4]]]", "(1, 2, missing, [4])" },
  { "a[*] == 1", "{\"a\":[1,2,null,\"1\",1.0]}", "(true, false, null, false, true)" },
  { "1 < a[*]", "{\"a\":[1,2,null,\"1\"]}", "(false, true, null, null)" },
  { "a[*] + b[*]", "{\"a\":[1,2,3],\"b\":[10,20]}", "(11, 22, null)" },
  { "a[*] + b[*]", "{\"a\":[1],\"b\":[10,20]}", "(11, null)" },
  { "is_missing(a[*].b)", "{\"a\":[{\"b\":1},{}]}", "(false, true)" },
  { "not a[*]", "{\"a\":[true,false,null,1]}", "(false, true, null, null)" },
  { "a[*] and b", "{\"a\":[true,false,null],\"b\":true}", "(true, false, null)" },
  { "a[*] and b", "{\"a\":[true,false,null],\"b\":false}", "(false, false, false)" },
  { "a[*] in [1, 2]", "{\"a\":[1,3,null]}", "(true, false, null)" },
  { "lower(a[*])", "{\"a\":[\"A\",1]}", "(\"a\", null)" },
  { "a[*] starts_with b[*]", "{\"a\":[\"ab\",\"cd\"],\"b\":[\"a\",\"d\"]}", "(true, false)" },
  { "-a[*] * 2", "{\"a\":[1,\"x\",2.5]}", "(-2, null, -5.0)" },
  { "a[*] == null", "{\"a\":[1,null]}", "(false, true)" },

  /* literals */
  { "null", "1", "null" },
  { "[1, {\"a\": \"b\"}]", "1", "[1,{\"a\":\"b\"}]" },
  { "1e400", "1", "1e400" },
  { "'it'", "1", "\"it\"" },

  /* and, or, not: Kleene; what is no truth value counts as null */
  { "a and b", "{\"a\":true,\"b\":true}", "true" },
  { "a and b", "{\"a\":true,\"b\":false}", "false" },
  { "a and b", "{\"a\":true,\"b\":null}", "null" },
  { "a and b", "{\"a\":true}", "null" },
  { "a and b", "{\"a\":false,\"b\":true}", "false" },
  { "a and b", "{\"a\":false,\"b\":false}", "false" },
  { "a and b", "{\"a\":false,\"b\":null}", "false" },
  { "a and b", "{\"a\":false}", "false" },
  { "a and b", "{\"a\":null,\"b\":true}", "null" },
  { "a and b", "{\"a\":null,\"b\":false}", "false" },
  { "a and b", "{\"a\":null,\"b\":null}", "null" },
  { "a and b", "{\"b\":false}", "false" },
  { "a and b", "{}", "null" },
  { "a and b", "{\"a\":1,\"b\":true}", "null" },
  { "a and b", "{\"a\":\"true\",\"b\":false}", "false" },
  { "a or b", "{\"a\":true,\"b\":true}", "true" },
  { "a or b", "{\"a\":true,\"b\":false}", "true" },
  { "a or b", "{\"a\":true,\"b\":null}", "true" },
  { "a or b", "{\"a\":true}", "true" },
  { "a or b", "{\"a\":false,\"b\":true}", "true" },
  { "a or b", "{\"a\":false,\"b\":false}", "false" },
  { "a or b", "{\"a\":false,\"b\":null}", "null" },
  { "a or b", "{\"a\":null,\"b\":true}", "true" },
  { "a or b", "{\"a\":null,\"b\":false}", "null" },
  { "a or b", "{}", "null" },
  { "a or b", "{\"a\":1,\"b\":false}", "null" },
  { "a or b", "{\"a\":[],\"b\":true}", "true" },
  { "a or b or c", "{\"a\":false,\"c\":true}", "true" },
  { "a and b and c", "{\"a\":true,\"c\":false}", "false" },
  { "a and (b or c) and not d", "{\"a\":true,\"b\":false,\"c\":true,\"d\":false}", "true" },
  { "(a and b) or (b and a)", "{\"a\":true,\"b\":false}", "false" },
  { "a and (b or c and (d or e))", "{\"a\":true,\"c\":true,\"e\":true}", "true" },
  { "lower(a) == 'x' and b or c", "{\"a\":\"X\",\"b\":false,\"c\":true}", "true" },
  { "not a", "{\"a\":true}", "false" },
  { "not a", "{\"a\":false}", "true" },
  { "not a", "{\"a\":null}", "null" },
  { "not a", "{}", "null" },
  { "not a", "{\"a\":0}", "null" },

  /* == and != */
  { "a == b", "{\"a\":1,\"b\":1.0}", "true" },
  { "a == b", "{\"a\":0,\"b\":-0.0}", "true" },
  { "a == b", "{\"a\":9007199254740993,\"b\":9007199254740992.0}", "false" },
  { "a == b", "{\"a\":9223372036854775807,\"b\":9223372036854775808}", "false" },
  { "a == b", "{\"a\":9223372036854775808,\"b\":9223372036854775808.0}", "true" },
  { "a == b", "{\"a\":1e400,\"b\":10e399}", "true" },
  { "a == b", "{\"a\":1,\"b\":\"1\"}", "false" },
  { "a != b", "{\"a\":1,\"b\":\"1\"}", "true" },
  { "a == b", "{\"a\":1,\"b\":true}", "false" },
  { "a == b", "{\"a\":\"x\",\"b\":\"x\"}", "true" },
  { "a == b", "{\"a\":\"x\",\"b\":\"x\\u0000\"}", "false" },
  { "a == b", "{\"a\":[1,[2]],\"b\":[1.0,[2]]}", "true" },
  { "a == b", "{\"a\":[1],\"b\":[1,2]}", "false" },
  { "a == b", "{\"a\":{\"x\":1,\"y\":2},\"b\":{\"y\":2,\"x\":1}}", "true" },
  { "a == b", "{\"a\":{\"x\":1},\"b\":{\"x\":2}}", "false" },
  { "a == b", "{\"a\":[],\"b\":{}}", "false" },
  { "a == b", "{\"a\":[null],\"b\":[null]}", "true" },
  { "a == b", "{\"a\":null,\"b\":null}", "null" },
  { "a == b", "{\"a\":1,\"b\":null}", "null" },
  { "a == b", "{\"a\":1}", "null" },
  { "a == b", "{}", "null" },
  { "a != b", "{\"a\":1}", "null" },
  { "a != b", "{\"a\":1,\"b\":2}", "true" },
  { "a != b", "{\"a\":1,\"b\":1}", "false" },
  { "a == null", "{\"a\":null}", "true" },
  { "a == null", "{}", "true" },
  { "a == null", "{\"a\":0}", "false" },
  { "null == a", "{}", "true" },
  { "a != null", "{\"a\":null}", "false" },
  { "a != null", "{}", "false" },
  { "a != null", "{\"a\":false}", "true" },
  { "null != a", "{\"a\":[]}", "true" },
  { "null == null", "1", "true" },
  { "null != null", "1", "false" },
  { "a == [1,]", "{\"a\":[1]}", "true" },
  { "a == {\"x\": [1.0]}", "{\"a\":{\"x\":[1]}}", "true" },

  /* < <= > >= */
  { "a < b", "{\"a\":1,\"b\":2}", "true" },
  { "a < b", "{\"a\":2,\"b\":2}", "false" },
  { "a <= b", "{\"a\":2,\"b\":2.0}", "true" },
  { "a > b", "{\"a\":2,\"b\":1.5}", "true" },
  { "a >= b", "{\"a\":1,\"b\":1.5}", "false" },
  { "a < b", "{\"a\":9007199254740992.0,\"b\":9007199254740993}", "true" },
  { "a < b", "{\"a\":18446744073709551615,\"b\":18446744073709551616}", "true" },
  { "a < b", "{\"a\":-1,\"b\":18446744073709551615}", "true" },
  { "a > b", "{\"a\":1e400,\"b\":1e308}", "true" },
  { "a > b", "{\"a\":1e-400,\"b\":0}", "true" },
  { "a < b", "{\"a\":\"a\",\"b\":\"b\"}", "true" },
  { "a < b", "{\"a\":\"Z\",\"b\":\"a\"}", "true" },
  { "a < b", "{\"a\":\"a\",\"b\":\"aa\"}", "true" },
  { "a < b", "{\"a\":\"z\",\"b\":\"\xc3\xa9\"}", "true" },
  { "a < b", "{\"a\":false,\"b\":true}", "true" },
  { "a >= b", "{\"a\":false,\"b\":false}", "true" },
  { "a < b", "{\"a\":[1,2],\"b\":[1,3]}", "true" },
  { "a < b", "{\"a\":[1],\"b\":[1,0]}", "true" },
  { "a < b", "{\"a\":[\"x\"],\"b\":[1]}", "false" },
  { "a < b", "{\"a\":{\"x\":1},\"b\":{\"x\":2}}", "null" },
  { "a < b", "{\"a\":1,\"b\":\"2\"}", "null" },
  { "a > b", "{\"a\":1,\"b\":true}", "null" },
  { "a <= b", "{\"a\":[],\"b\":{}}", "null" },
  { "a < b", "{\"a\":null,\"b\":1}", "null" },
  { "a >= b", "{\"a\":null,\"b\":null}", "null" },
  { "a < null", "{\"a\":1}", "null" },
  { "a <= b", "{}", "null" },

  /* in */
  { "a in [1, 'x', [2,]]", "{\"a\":1.0}", "true" },
  { "a in [1, 'x', [2,]]", "{\"a\":\"x\"}", "true" },
  { "a in [1, 'x', [2,]]", "{\"a\":[2]}", "true" },
  { "a in [1, 'x', [2,]]", "{\"a\":2}", "false" },
  { "a in [1, 'x', [2,]]", "{\"a\":null}", "null" },
  { "a in [1, 'x', [2,]]", "{}", "null" },
  { "a in []", "{\"a\":1}", "false" },
  { "a in []", "{}", "false" },
  { "a in [1, null]", "{}", "true" },
  { "a in [1, null]", "{\"a\":null}", "true" },
  { "a in [1, null]", "{\"a\":2}", "false" },
  { "a in [b, 1]", "{\"a\":1}", "true" },
  { "a in [b, 1]", "{\"a\":2}", "null" },
  { "a in [b, b + 1]", "{\"a\":2,\"b\":1}", "true" },
  { "a not in [1, 2]", "{\"a\":3}", "true" },
  { "a not in [1, 2]", "{}", "null" },

  /* null and MISSING */
  { "is_null(a)", "{\"a\":null}", "true" },
  { "is_null(a)", "{}", "false" },
  { "is_null(a)", "{\"a\":0}", "false" },
  { "is_missing(a)", "{\"a\":null}", "false" },
  { "is_missing(a)", "{}", "true" },
  { "is_missing(a[2])", "{\"a\":[1]}", "true" },
  { "exists(a)", "{\"a\":null}", "true" },
  { "exists(a)", "{\"a\":0}", "true" },
  { "exists(a)", "{}", "false" },
  { "is_null(a + 1)", "{}", "true" },

  /* arithmetic */
  { "a + b", "{\"a\":1,\"b\":2}", "3" },
  { "a + b", "{\"a\":1,\"b\":2.5}", "3.5" },
  { "a + b", "{\"a\":1,\"b\":2.0}", "3.0" },
  { "a - b", "{\"a\":1,\"b\":2}", "-1" },
  { "a * b", "{\"a\":-3,\"b\":4}", "-12" },
  { "a / b", "{\"a\":6,\"b\":3}", "2.0" },
  { "a / b", "{\"a\":1,\"b\":4}", "0.25" },
  { "a / b", "{\"a\":1,\"b\":0}", "null" },
  { "a / b", "{\"a\":1,\"b\":-0.0}", "null" },
  { "a / b", "{\"a\":0,\"b\":0}", "null" },
  { "a + b", "{\"a\":9223372036854775807,\"b\":0}", "9223372036854775807" },
  { "a + b", "{\"a\":9223372036854775807,\"b\":1}", "9.223372036854776e+18" },
  { "a - b", "{\"a\":-9223372036854775808,\"b\":1}", "-9.223372036854776e+18" },
  { "a * b", "{\"a\":4611686018427387904,\"b\":2}", "9.223372036854776e+18" },
  { "a * b", "{\"a\":-4611686018427387904,\"b\":2}", "-9223372036854775808" },
  { "a + b", "{\"a\":9223372036854775808,\"b\":1}", "9223372036854775809" },
  { "a + b", "{\"a\":9223372036854775808,\"b\":-1}", "9223372036854775807" },
  { "a - b", "{\"a\":18446744073709551615,\"b\":18446744073709551615}", "0" },
  { "a - b", "{\"a\":9223372036854775808,\"b\":18446744073709551615}", "-9223372036854775807" },
  { "a - b", "{\"a\":-1,\"b\":9223372036854775808}", "-9.223372036854776e+18" },
  { "a + b", "{\"a\":18446744073709551615,\"b\":1}", "1.8446744073709552e+19" },
  { "a * b", "{\"a\":9223372036854775808,\"b\":2}", "1.8446744073709552e+19" },
  { "a * b", "{\"a\":9223372036854775809,\"b\":1}", "9223372036854775809" },
  { "a * b", "{\"a\":9223372036854775808,\"b\":-1}", "-9223372036854775808" },
  { "a * b", "{\"a\":18446744073709551615,\"b\":18446744073709551615}", "3.402823669209385e+38" },
  { "a * b", "{\"a\":1e308,\"b\":10}", "null" },
  { "a - b", "{\"a\":1e308,\"b\":-1e308}", "null" },
  { "a + b", "{\"a\":18446744073709551616,\"b\":1}", "1.8446744073709552e+19" },
  { "a + b", "{\"a\":1e400,\"b\":1}", "null" },
  { "a / b", "{\"a\":1,\"b\":1e400}", "0.0" },
  { "a + b", "{\"a\":1e-400,\"b\":1}", "1.0" },
  { "a + b", "{\"a\":0.1,\"b\":0.2}", "0.30000000000000004" },
  { "a + b", "{\"a\":\"1\",\"b\":2}", "null" },
  { "a + b", "{\"a\":\"x\",\"b\":\"y\"}", "null" },
  { "a + b", "{\"a\":true,\"b\":1}", "null" },
  { "a * b", "{\"a\":[1],\"b\":1}", "null" },
  { "a + b", "{\"a\":null,\"b\":1}", "null" },
  { "a + b", "{\"a\":1}", "null" },
  { "-a", "{\"a\":5}", "-5" },
  { "-a", "{\"a\":-9223372036854775808}", "9.223372036854776e+18" },
  { "-a", "{\"a\":9223372036854775808}", "-9223372036854775808" },
  { "-a", "{\"a\":9223372036854775809}", "-9.223372036854776e+18" },
  { "-a", "{\"a\":0}", "0" },
  { "-a", "{\"a\":0.0}", "-0.0" },
  { "-a", "{\"a\":1e400}", "null" },
  { "-a", "{\"a\":\"x\"}", "null" },
  { "-a", "{}", "null" },
  { "a + b * c - d / e", "{\"a\":1,\"b\":2,\"c\":3,\"d\":8,\"e\":4}", "5.0" },
  { "(a - b) - c == a - b - c", "{\"a\":10,\"b\":2,\"c\":3}", "true" },

  /* strings */
  { "a contains 'b'", "{\"a\":\"abc\"}", "true" },
  { "a contains ''", "{\"a\":\"\"}", "true" },
  { "a contains 'x'", "{\"a\":\"abc\"}", "false" },
  { "a contains 'abcd'", "{\"a\":\"abc\"}", "false" },
  { "a contains 'c\\u0000d'", "{\"a\":\"c\\u0000d\"}", "true" },
  { "a contains 'b'", "{\"a\":5}", "null" },
  { "a contains 5", "{\"a\":\"5\"}", "null" },
  { "a contains 'b'", "{}", "null" },
  { "a contains 'b'", "{\"a\":{\"b\":1}}", "null" },
  { "a contains 1", "{\"a\":[\"x\",1.0]}", "true" },
  { "a contains [1,]", "{\"a\":[1,[1]]}", "true" },
  { "a contains 2", "{\"a\":[1,null]}", "false" },
  { "a contains 2", "{\"a\":[]}", "false" },
  { "a contains null", "{\"a\":[null]}", "null" },
  { "a starts_with 'ab'", "{\"a\":\"abc\"}", "true" },
  { "a starts_with 'bc'", "{\"a\":\"abc\"}", "false" },
  { "a starts_with ''", "{\"a\":\"abc\"}", "true" },
  { "a starts_with 'abcd'", "{\"a\":\"abc\"}", "false" },
  { "a starts_with 'a'", "{\"a\":[\"a\"]}", "null" },
  { "a starts_with 'a'", "{\"a\":null}", "null" },
  { "a ends_with 'bc'", "{\"a\":\"abc\"}", "true" },
  { "a ends_with 'ab'", "{\"a\":\"abc\"}", "false" },
  { "a ends_with ''", "{\"a\":\"\"}", "true" },
  { "a ends_with 'xabc'", "{\"a\":\"abc\"}", "false" },
  { "a ends_with 1", "{\"a\":\"1\"}", "null" },
  { "lower(a)", "{\"a\":\"already lower 1!\"}", "\"already lower 1!\"" },
  { "lower(a)", "{\"a\":\"MiXed\"}", "\"mixed\"" },
  { "lower(a)", "{\"a\":\"\"}", "\"\"" },
  { "lower(a)", "{\"a\":\"\xc3\x89" "A\\u0000B\xf0\x9f\x8c\xb3\"}",
    "\"\xc3\xa9" "a\\u0000b\xf0\x9f\x8c\xb3\"" },
  { "lower(a)", "{\"a\":\"\xc8\xba\xc8\xba\xc8\xba\"}", /* two bytes become three */
    "\"\xe2\xb1\xa5\xe2\xb1\xa5\xe2\xb1\xa5\"" },
  { "lower(a)", "{\"a\":\"\xe2\x84\xaa\"}", "\"k\"" },
  { "lower(a)", "{\"a\":\"\xc4\xb0I\"}", "\"ii\"" },
  { "lower(a)", "{\"a\":1}", "null" },
  { "lower(a)", "{}", "null" },

  /* any, all, count, len */
  { "any(a)", "{\"a\":[false,true]}", "true" },
  { "any(a)", "{\"a\":[false,null,1]}", "false" },
  { "any(a)", "{\"a\":[]}", "false" },
  { "any(a)", "{\"a\":null}", "false" },
  { "any(a)", "{}", "false" },
  { "any(a)", "{\"a\":true}", "null" },
  { "any(a[*] > 2)", "{\"a\":[1,3]}", "true" },
  { "any(a[*] > 2)", "{\"a\":[1,null,\"3\"]}", "false" },
  { "any(a[*].b == 'x')", "{\"a\":[{},{\"b\":\"x\"}]}", "true" },
  { "all(a)", "{\"a\":[true,true]}", "true" },
  { "all(a)", "{\"a\":[true,null]}", "true" },
  { "all(a)", "{\"a\":[true,false]}", "false" },
  { "all(a)", "{\"a\":[true,1]}", "false" },
  { "all(a)", "{\"a\":[]}", "true" },
  { "all(a)", "{}", "true" },
  { "all(a)", "{\"a\":\"x\"}", "null" },
  { "all(a[*] > 2)", "{\"a\":[3,4,null]}", "true" },
  { "all(a[*] > 2)", "{\"a\":[3,2]}", "false" },
  { "count(a)", "{\"a\":[1,null,[],false]}", "3" },
  { "count(a)", "{\"a\":[]}", "0" },
  { "count(a)", "{\"a\":null}", "0" },
  { "count(a)", "{}", "0" },
  { "count(a)", "{\"a\":{\"b\":1}}", "null" },
  { "count(a[*].b)", "{\"a\":[{\"b\":1},{},{\"b\":null},{\"b\":2}]}", "2" },
  { "count(a[*])", "{}", "0" },
  { "len(a)", "{\"a\":\"\"}", "0" },
  { "len(a)", "{\"a\":\"\xc3\xa9t\xc3\xa9 \xf0\x9f\x8c\xb3\"}", "5" },
  { "len(a)", "{\"a\":\"a\\u0000b\"}", "3" },
  { "len(a)", "{\"a\":[1,null,3]}", "3" },
  { "len(a)", "{\"a\":{\"x\":1,\"y\":2}}", "2" },
  { "len(a)", "{\"a\":{}}", "0" },
  { "len(a)", "{\"a\":12}", "null" },
  { "len(a)", "{\"a\":null}", "null" },
  { "len(a)", "{}", "null" },
  { "len(a[*].b)", "{\"a\":[{\"b\":1},{},{\"b\":null}]}", "3" },
  { "any(a[*]) and len(b[*]) > 1", "{\"a\":[true],\"b\":[1,2]}", "true" },

  /* all together */
  { "birth.year > 1950 and name.last starts_with \"A\"",
    "{\"birth\":{\"year\":1954},\"name\":{\"last\":\"Aaron\"}}", "true" },
  { "birth.year > 1950 and name.last starts_with \"A\"", "{\"name\":{\"last\":\"Aaron\"}}",
    "null" },
  { "[\"639-3\"][*].alpha_3", "{\"639-3\":[{\"alpha_3\":\"aaa\"},{}]}", "(\"aaa\", missing)" },
};

static char *
show (const ArborValue *value, gboolean is_vector, ArborScope *scope)
{
  GString *out;

  if (value->kind == ARBOR_KIND_MISSING)
    return g_strdup (MISSING);
  if (!is_vector)
    return value_to_json (value, scope);

  g_assert_cmpint (value->kind, ==, ARBOR_KIND_ARRAY);
  g_assert_cmpint (value->holder_kind, ==, ARBOR_HOLDER_LIST);
  out = g_string_new ("(");
  for (guint i = 0; i < value->index; i++)
    {
      g_autofree char *element = show ((const ArborValue *) value->holder + i, FALSE, scope);

      g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", element);
    }
  g_string_append_c (out, ')');
  return g_string_free (out, FALSE);
}

static void
test_rows (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func (document_free);
  TestBatch batch;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_ptr_array_add (documents, document_new (rows[i].tree));
  test_batch_init (&batch, (Document **) documents->pdata, documents->len);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborNode) node = arbor_node_parse (rows[i].expression, &error);
      g_autoptr (ArborEvaluator) evaluator = NULL;
      g_autofree char *from_batch = NULL;
      g_autofree char *from_tape = NULL;
      ArborValue tree = document_on_tape (documents->pdata[i]);
      ArborValue value;
      guint32 row = i;

      g_assert_no_error (error);
      evaluator = arbor_evaluator_new (node);
      arbor_evaluator_get_value_of (evaluator, &tree, scope, &value);
      from_tape = show (&value, node->is_vector, scope);
      arbor_evaluator_set_batch (evaluator, batch.batch, 0);
      arbor_evaluator_get_value (evaluator, row, scope, &value);
      from_batch = show (&value, node->is_vector, scope);

      if (strcmp (from_tape, rows[i].expected) != 0 || strcmp (from_batch, from_tape) != 0)
        g_error ("%s of %s: expected %s, found %s on the tape, %s in the batch",
                 rows[i].expression, rows[i].tree, rows[i].expected, from_tape, from_batch);

      if (!node->is_vector)
        g_assert_cmpuint (test_batch_filter (batch.batch, node, &row, 1, &row), ==,
                          strcmp (rows[i].expected, "true") == 0);
    }
  g_assert_true (arbor_scope_check (scope, NULL));
  test_batch_clear (&batch);
}

/* Every expression of the table on every tree of it: batch, tape and filter agree. */
static void
test_places_agree (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func (document_free);
  guint32 all[G_N_ELEMENTS (rows)];
  guint32 kept[G_N_ELEMENTS (rows)];
  TestBatch batch;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_ptr_array_add (documents, document_new (rows[i].tree));
      all[i] = G_N_ELEMENTS (rows) - 1 - i;
    }
  test_batch_init (&batch, (Document **) documents->pdata, documents->len);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ArborNode) node = arbor_node_parse (rows[i].expression, NULL);
      g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
      guint32 n, expected = 0;

      arbor_evaluator_set_batch (evaluator, batch.batch, 0);
      n = test_batch_filter (batch.batch, node, all, G_N_ELEMENTS (all), kept);
      for (guint j = 0; j < G_N_ELEMENTS (all); j++)
        {
          ArborValue tree = document_on_tape (documents->pdata[all[j]]);
          ArborValue on_tape, in_batch;
          g_autofree char *from_tape = NULL;
          g_autofree char *from_batch = NULL;

          arbor_evaluator_get_value_of (evaluator, &tree, scope, &on_tape);
          arbor_evaluator_get_value (evaluator, all[j], scope, &in_batch);
          from_tape = show (&on_tape, node->is_vector, scope);
          from_batch = show (&in_batch, node->is_vector, scope);
          g_assert_cmpstr (from_tape, ==, from_batch);
          if (strcmp (from_tape, "true") == 0)
            g_assert_cmpuint (kept[expected++], ==, all[j]);
          arbor_scope_reset (scope);
        }
      g_assert_cmpuint (n, ==, expected);
    }
  test_batch_clear (&batch);
}

/* A map of so many keys lies as text in the batch: paths go on inside of it. */
static void
test_overflow (void)
{
  static const struct
  {
    const char *expression, *expected;
  } cases[] = {
    { "map.k1999.v", "1999" },
    { "map.k2.list[-1]", "\"two\"" },
    { "map.k2.list[*]", "(1, \"two\")" },
    { "map.k2000", MISSING },
    { "len(map)", "2000" },
    { "any(list[*].map.k1.v == 1)", "true" },
    { "list[*].map.k0.v", "(0, missing, missing)" },
    { "map == list[0].map", "true" },
    { "map == list[1].map", "null" },
  };
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GString) map = g_string_new ("{");
  g_autofree char *json = NULL;
  Document *documents[2];
  TestBatch batch;

  for (guint i = 0; i < 2000; i++)
    g_string_append_printf (map, "%s\"k%u\":{\"v\":%u,\"list\":[1,\"two\"]}", i > 0 ? "," : "",
                            i, i);
  g_string_append_c (map, '}');
  json = g_strdup_printf ("{\"map\":%s,\"list\":[{\"map\":%s},{},{\"map\":7}]}", map->str,
                          map->str);
  documents[0] = document_new ("{\"map\":{\"k1999\":5}}");
  documents[1] = document_new (json);
  test_batch_init (&batch, documents, 2);
  g_assert_true (arbor_batch_has_overflow (
      batch.batch, arbor_batch_find_field (batch.batch, 0, "map", 3)));

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ArborNode) node = arbor_node_parse (cases[i].expression, NULL);
      g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
      g_autofree char *found = NULL;
      ArborValue value;

      arbor_evaluator_set_batch (evaluator, batch.batch, 0);
      arbor_evaluator_get_value (evaluator, 1, scope, &value);
      found = show (&value, node->is_vector, scope);
      g_assert_cmpstr (found, ==, cases[i].expected);
      arbor_scope_reset (scope);
    }
  g_assert_true (arbor_scope_check (scope, NULL));
  test_batch_clear (&batch);
  document_free (documents[0]);
  document_free (documents[1]);
}

/* The same evaluator on one batch after the other: paths are bound anew. */
static void
test_batches (void)
{
  static const char *const trees[] = { "{\"a\":{\"b\":1}}", "{\"z\":0,\"a\":{\"x\":0,\"b\":2}}",
                                       "{\"b\":3}", "[4]", "{\"a\":{\"b\":5},\"y\":{\"b\":0}}" };
  static const char *const expected[] = { "1", "2", MISSING, MISSING, "5" };
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborNode) node = arbor_node_parse ("a.b", NULL);
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);

  for (guint i = 0; i < G_N_ELEMENTS (trees); i++)
    {
      Document *document = document_new (trees[i]);
      g_autofree char *found = NULL;
      TestBatch batch;
      ArborValue value;

      test_batch_init (&batch, &document, 1);
      arbor_evaluator_set_batch (evaluator, batch.batch, 0);
      arbor_evaluator_get_value (evaluator, 0, scope, &value);
      found = show (&value, FALSE, scope);
      g_assert_cmpstr (found, ==, expected[i]);
      test_batch_clear (&batch);
      document_free (document);
    }
}

/* Strings that are computed live until the scope is reset, whatever is evaluated after them. */
static void
test_lifetime (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborNode) node = arbor_node_parse ("lower(a)", NULL);
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
  Document *document = document_new ("{\"a\":\"ABC\"}");
  Document *other = document_new ("{\"a\":\"XYZ\"}");
  ArborValue tree = document_on_tape (document);
  ArborValue other_tree = document_on_tape (other);
  ArborValue first, second;

  arbor_evaluator_get_value_of (evaluator, &tree, scope, &first);
  arbor_evaluator_get_value_of (evaluator, &other_tree, scope, &second);
  g_assert_cmpmem (first.text, first.length, "abc", 3);
  g_assert_cmpmem (second.text, second.length, "xyz", 3);
  document_free (document);
  document_free (other);
}

static void
test_deep (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (ArborNode) node = NULL;
  g_autoptr (ArborEvaluator) evaluator = NULL;
  ArborValue tree = ARBOR_VALUE_INT64 (1);
  ArborValue value;

  for (guint i = 0; i < 999; i++)
    g_string_append (text, "1 + (");
  g_string_append_c (text, '$');
  for (guint i = 0; i < 999; i++)
    g_string_append_c (text, ')');
  node = arbor_node_parse (text->str, NULL);
  evaluator = arbor_evaluator_new (node);
  arbor_evaluator_get_value_of (evaluator, &tree, scope, &value);
  g_assert_cmpint (value.int64, ==, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluator/rows", test_rows);
  g_test_add_func ("/evaluator/places-agree", test_places_agree);
  g_test_add_func ("/evaluator/overflow", test_overflow);
  g_test_add_func ("/evaluator/batches", test_batches);
  g_test_add_func ("/evaluator/lifetime", test_lifetime);
  g_test_add_func ("/evaluator/deep", test_deep);
  return g_test_run ();
}
