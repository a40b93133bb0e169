/* Random trees: see random-trees.h. Fields have short names, and what suits functions of each family:
 *
 *   i j       integers, few and narrow, and up to the ends of 64 bits
 *   d p       doubles: any, and prices           b      truth values
 *   s u w     strings: few, each another, words  t tt   dates, and moments with offsets
 *   num js    numbers and JSON in strings        o      an object of objects
 *   a ss      numbers and strings in arrays      items  objects in one
 *   m any     a scalar and a value of any kind   map    of few keys, or of 1,100
 *   deep      arrays in arrays
 */

#include "random-trees.h"

static const char *const numbers[] = {
  "0", "-0.0", "1", "1.0", "-1", "2", "3", "100", "255", "256", "-300", "70000", "1.5", "-2.25",
  "1e-3", "9007199254740992", "9007199254740993", "9007199254740992.0", "4294967296",
  "-9223372036854775808", "9223372036854775807", "9223372036854775808", "18446744073709551615",
  "18446744073709551616", "1e19", "1e308", "-1e308", "1e400", "-1e400", "1e-400", "0.1",
};

static const char *const strings[] = {
  "\"\"", "\"a\"", "\"b\"", "\"ab\"", "\"aba\"", "\"abababab\"", "\"red\"", "\"RED\"", "\"x\"",
  "\"\xc3\x89t\xc3\xa9 \xc3\x9f\"", "\"a\\u0000b\"", "\"zz\"", "\"Anna\"", "\" x y \"", "\"12\"",
  "\"1.50\"", "\"2024-02-29\"", "\"[1,{\\\"k\\\":2}]\"", "\"\xf0\x9f\x8c\xb2 e\xcc\x81\"", "\"k\"",
};

static const char *
pick (GRand *random, const char *const *list, gsize n)
{
  return list[g_rand_int_range (random, 0, (gint32) n)];
}

#define PICK(list) pick (random, (list), G_N_ELEMENTS (list))

static gboolean
one_in (GRand *random, gint32 n)
{
  return g_rand_int_range (random, 0, n) == 0;
}

static void
append_scalar (GRand *random, GString *out)
{
  switch (g_rand_int_range (random, 0, 6))
    {
    case 0:
      g_string_append (out, "null");
      break;
    case 1:
      g_string_append (out, g_rand_boolean (random) ? "true" : "false");
      break;
    case 2:
    case 3:
      g_string_append (out, PICK (numbers));
      break;
    default:
      g_string_append (out, PICK (strings));
      break;
    }
}

static void
append_any (GRand *random, GString *out, guint depth)
{
  static const char *const keys[] = { "x", "y", "k", "key", "value" };
  gint32 choice = g_rand_int_range (random, 0, 6);
  gint32 n = g_rand_int_range (random, 0, 4);

  if (depth == 0 || choice > 2)
    {
      append_scalar (random, out);
      return;
    }
  g_string_append_c (out, choice == 0 ? '[' : '{');
  for (gint32 i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      if (choice != 0)
        g_string_append_printf (out, "\"%s\":", keys[(i + choice) % (gint32) G_N_ELEMENTS (keys)]);
      append_any (random, out, depth - 1);
    }
  g_string_append_c (out, choice == 0 ? ']' : '}');
}

/* Fields, as they are where nothing is wrong with them. */

static void
append_word (GRand *random, GString *out)
{
  static const char *const words[] = { "amber", "Birch", "falcon", "river", "\xc3\xbc" "ber", "x1" };

  /* What some patterns take too many steps for. */
  if (one_in (random, 50))
    g_string_append (out, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
  for (gint32 i = g_rand_int_range (random, 1, 5); i > 0; i--)
    g_string_append_printf (out, "%s%s", PICK (words), i > 1 ? " " : "");
}

static void
append_items (GRand *random, RandomTrees sort, GString *out)
{
  gint32 n = g_rand_int_range (random, 0, 5);

  g_string_append_c (out, '[');
  for (gint32 i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      if (sort >= RANDOM_TREES_MIXED && one_in (random, 8))
        {
          append_any (random, out, 1);
          continue;
        }
      g_string_append_printf (out, "{\"x\":%d", g_rand_int_range (random, 0, 50));
      if (sort == RANDOM_TREES_REGULAR || !one_in (random, 4))
        g_string_append_printf (out, ",\"k\":%s,\"b\":%s", PICK (strings),
                                g_rand_boolean (random) ? "true" : "false");
      if (one_in (random, 3))
        g_string_append_printf (out, ",\"tags\":[%s,%s]", PICK (strings), PICK (strings));
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, ']');
}

static void
append_list (GRand *random, RandomTrees sort, gboolean of_strings, GString *out)
{
  g_string_append_c (out, '[');
  for (gint32 i = g_rand_int_range (random, 0, 5); i > 0; i--)
    {
      if (sort >= RANDOM_TREES_MIXED && one_in (random, 6))
        append_any (random, out, 1);
      else if (of_strings)
        g_string_append (out, PICK (strings));
      else
        g_string_append_printf (out, "%d", g_rand_int_range (random, -9, 10));
      g_string_append (out, i > 1 ? "," : "");
    }
  g_string_append_c (out, ']');
}

static void
append_map (GRand *random, RandomTrees sort, GString *out)
{
  guint n = sort == RANDOM_TREES_WILD && one_in (random, 40) ? 1100 : 3;

  g_string_append_printf (out, "{\"y\":%d", g_rand_int_range (random, 1890, 1910));
  for (guint i = 0; i < n; i++)
    g_string_append_printf (out, ",\"key%u\":%u", i, i * 7 % 10);
  g_string_append_c (out, '}');
}

static void
append_deep (GRand *random, RandomTrees sort, GString *out)
{
  gint32 n = sort == RANDOM_TREES_WILD && one_in (random, 3) ? 70 : g_rand_int_range (random, 1, 4);

  for (gint32 i = 0; i < n; i++)
    g_string_append_c (out, '[');
  append_scalar (random, out);
  for (gint32 i = 0; i < n; i++)
    g_string_append_c (out, ']');
}

static void
append_date (GRand *random, gboolean with_time, GString *out)
{
  g_string_append_printf (out, "\"%d-%02d-%02d", g_rand_int_range (random, 2018, 2025),
                          g_rand_int_range (random, 1, 13), g_rand_int_range (random, 1, 29));
  if (with_time)
    g_string_append_printf (out, "T%02d:%02d:%02d%s", g_rand_int_range (random, 0, 24),
                            g_rand_int_range (random, 0, 60), g_rand_int_range (random, 0, 60),
                            one_in (random, 3) ? ".25+02:00" : "Z");
  g_string_append_c (out, '"');
}

static void
append_field (GRand *random, RandomTrees sort, const char *name, guint i, GString *out)
{
  static const char *const few[] = { "\"red\"", "\"green\"", "\"Blue\"", "\"\"" };
  static const char *const texts[] = { "{\\\"k\\\":[1,2]}", "[true]", "7", "\\\"q\\\"", "{" };
  guint field = g_str_hash (name);

  if (field == g_str_hash ("i"))
    g_string_append_printf (out, "%d", g_rand_int_range (random, -20, 200));
  else if (field == g_str_hash ("j"))
    g_string_append_printf (out, "%" G_GINT64_FORMAT,
                            (gint64) ((guint64) g_rand_int (random) << 32 | g_rand_int (random)) >>
                                g_rand_int_range (random, 0, 40));
  else if (field == g_str_hash ("d"))
    g_string_append_printf (out, "%.17g", (g_rand_double (random) - 0.5) * 1e6);
  else if (field == g_str_hash ("p"))
    g_string_append_printf (out, "%d.%02d", g_rand_int_range (random, 0, 90),
                            g_rand_int_range (random, 0, 100));
  else if (field == g_str_hash ("b"))
    g_string_append (out, g_rand_boolean (random) ? "true" : "false");
  else if (field == g_str_hash ("s"))
    g_string_append (out, PICK (few));
  else if (field == g_str_hash ("u"))
    g_string_append_printf (out, "\"u%05u\"", i * 7919 % 100003);
  else if (field == g_str_hash ("w"))
    {
      g_string_append_c (out, '"');
      append_word (random, out);
      g_string_append_c (out, '"');
    }
  else if (field == g_str_hash ("t") || field == g_str_hash ("tt"))
    append_date (random, field == g_str_hash ("tt"), out);
  else if (field == g_str_hash ("num"))
    g_string_append_printf (out, "\"%d.%d\"", g_rand_int_range (random, -9, 9),
                            g_rand_int_range (random, 0, 9));
  else if (field == g_str_hash ("js"))
    g_string_append_printf (out, "\"%s\"", PICK (texts));
  else if (field == g_str_hash ("o"))
    g_string_append_printf (out, "{\"y\":%d,\"s\":%s,\"p\":{\"q\":%s}}",
                            g_rand_int_range (random, 1800, 2000), PICK (few), PICK (numbers));
  else if (field == g_str_hash ("a") || field == g_str_hash ("ss"))
    append_list (random, sort, field == g_str_hash ("ss"), out);
  else if (field == g_str_hash ("items"))
    append_items (random, sort, out);
  else if (field == g_str_hash ("m"))
    append_scalar (random, out);
  else if (field == g_str_hash ("any"))
    append_any (random, out, 3);
  else if (field == g_str_hash ("map"))
    append_map (random, sort, out);
  else
    append_deep (random, sort, out);
}

void
random_trees_append (GRand *random, RandomTrees sort, guint i, GString *out)
{
  static const char *const names[] = { "i", "j", "d", "p", "b", "s", "u", "w", "t", "tt", "num",
                                       "js", "o", "a", "ss", "items", "m", "any", "map", "deep" };

  if (sort == RANDOM_TREES_WILD && one_in (random, 30))
    {
      append_any (random, out, 2);
      return;
    }
  g_string_append_printf (out, "{\"n\":%u", i);
  for (guint j = 0; j < G_N_ELEMENTS (names); j++)
    {
      gboolean has_gaps = sort != RANDOM_TREES_REGULAR;

      if (has_gaps && one_in (random, 6))
        continue;
      g_string_append_printf (out, ",\"%s\":", names[j]);
      if (has_gaps && one_in (random, 8))
        g_string_append (out, "null");
      else if (sort >= RANDOM_TREES_MIXED && one_in (random, 6))
        append_any (random, out, 1);
      else
        append_field (random, sort, names[j], i, out);
    }
  g_string_append_c (out, '}');
}
