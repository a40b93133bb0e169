/* Nanoseconds a row of expressions, by series and by the row evaluator, over flat and nested rows made
 * from a seed: one expression for each function at least. Arguments: rows (1000000), and a text
 * that expressions are to contain.
 */

#include "batch/arbor-batch-builder.h"
#include "query/expr/arbor-evaluator.h"
#include "query/series/arbor-series-reader.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The row evaluator is asked for one batch in so many. */
#define ROWS_OF 8u

static const char *const expressions[] = {
  /* paths */
  "i", "g", "m", "s", "w", "scores", "o.y", "items[0].x",
  /* arithmetic */
  "i + j", "i - 5", "i * 3", "i / 7", "i div 7", "i mod 7", "-i", "d + d", "d * 2", "d / d", "i + d",
  "g + 1", "g * e", "m + 1", "m * m", "m / 2", "i * i * i", "pow (d, 2)", "pow (j, 2)", "abs (j)",
  "round (d)", "round (d, 2)", "round (i, 1)", "floor (d)", "ceil (e)", "sqrt (i)", "exp (d)",
  "log (i)", "log (i, 10)", "clip (j, 0, 1000)", "clip (d, 0, 1)", "d mod 3", "d div 3",
  /* comparison, logic */
  "i * 2 > j", "i > 500", "500 < i", "d < e", "g == 7", "m >= 10", "m == 10", "i > d", "b == true",
  "i != j", "s == \"s7\"", "w == \"w123456\"", "w < \"w5\"", "w < u", "w == u",
  "i > 500 and j < 1000", "i > 500 or g < 10", "not b", "not (g > 5)", "i is_between (10, 5000)",
  "d is_between (0.5, 2)", "w is_between (\"w1\", \"w2\")", "i in [1, 2, 3]",
  "i in [1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 49, 53, 57, 61]",
  "w in [\"w1\", \"w22\", \"w333\"]",
  "w in [\"w1\", \"w2\", \"w3\", \"w4\", \"w5\", \"w6\", \"w7\", \"w8\", \"w9\", \"w10\", \"w11\"]",
  "s in [\"s1\", \"s2\"]", "g == null",
  /* choice, types */
  "is_null (g)", "is_missing (g)", "exists (o.y)", "coalesce (g, i)", "if_null (g, 0)",
  "null_if (i, 5)", "when i > 500 then 1 otherwise 0", "when i > 500 then w otherwise u",
  "when i > 500 then \"high\" otherwise \"low\"", "when i > 500 then i when j > 0 then d otherwise 0",
  "case (s, \"s1\", 1, \"s2\", 2, 3)", "case (i, 1, w, 2, u, \"x\")", "type_of (m)", "is_bool (b)",
  "is_int (m)", "is_number (m)", "is_string (w)", "is_array (tags)", "is_object (o)",
  "cast (i, \"double\")", "cast (d, \"int\")", "cast (i, \"string\")", "cast (t, \"int\")",
  "to_number (t)", "to_string (i)", "to_string (d)",
  /* strings */
  "len (w)", "len (s)", "len (u)", "lower (w)", "upper (w)", "upper (u)", "casefold (w)", "strip (w)",
  "lstrip (w)", "rstrip (w)", "strip (w, \"w\")", "w starts_with \"w12\"", "w ends_with \"99\"",
  "w contains \"345\"", "w contains t", "substring (w, 1, 3)", "substring (u, 1, 3)",
  "concat (w, t)", "concat (s, \"-\", w)", "replace (w, \"1\", \"one\")", "split (w, \"1\")",
  "strip_prefix (w, \"w1\")", "strip_suffix (w, \"9\")", "w match \"9$\"", "extract (w, \"[0-9]+\")",
  "replace_regex (w, \"1+\", \"x\")", "parse_json (t)", "upper (s) == \"S7\"",
  /* dates */
  "year (at)", "month (at)", "day (at)", "hour (at)", "minute (at)", "second (at)", "weekday (at)",
  "week (at)", "week_year (at)", "quarter (at)", "epoch (at)", "date_truncate (at, \"month\")",
  "date_truncate (at, \"hour\")", "date_add (at, 3, \"day\")", "date_add (at, 1, \"month\")",
  "date_diff (at, \"2020-01-01\", \"day\")", "date_diff (at, \"2020-01-01\", \"month\")", "year (day)",
  "parse_date (day, \"%Y-%m-%d\")", "date_from_epoch (i)", "to_epoch (at)", "year (at) == 2020",
  /* arrays */
  "len (scores)", "len (tags)", "len (items)", "len (tags) > 2", "sum (scores)", "count (scores)",
  "mean (scores)", "min (scores)", "max (scores)", "first (scores)", "last (scores)", "max (tags)",
  "any (map (scores, @ > 90))", "all (map (scores, @ > 10))", "std (scores)", "median (scores)",
  "quantile (scores, 0.9)", "n_unique (scores)", "n_unique (tags)", "collect_unique (tags)",
  "sum (items[*].x)", "sum (items[*].p)", "count (items[*].x)", "min (items[*].p)",
  "sum (items[*].x * 2)", "any (items[*].x > 40)", "get (scores, 0)", "get (scores, -1)",
  "tags contains \"t3\"", "len (filter (items, @.x > 25))", "count (filter (scores, @ > 50))",
  "sum (map (items, @.x * @.p))", "sum (map (filter (items, @.x > 25), @.p))",
  "max (map (items, @.x))", "filter (scores, @ > 50)", "map (scores, @ * 2)", "sort (scores)",
  "unique (tags)", "reverse (scores)", "slice (scores, 0, 2)", "join (tags, \",\")",
  "concat (tags, scores)", "flatten (scores)", "min_by (items, @.x)", "max_by (items, @.x)",
  "get (max_by (items, @.x), \"p\")", "sum (map (scores, @ + i))",
  /* objects */
  "keys (o)", "values (o)", "field (o, \"y\")", "get (o, \"y\")", "has_key (o, \"y\")",
  "with_field (o, \"z\", 1)", "without (o, \"y\")", "rename (o, \"y\", \"z\")", "entries (o)",
  "from_entries (entries (o))",
};

typedef struct
{
  GBytes *bytes;
  ArborBatch *batch;
} Part;

static void
append_row (GRand *random, GString *out, guint32 i)
{
  static const char *const letters[] = { "\xc3\xa9t\xc3\xa9", "plain text", "Stra\xc3\x9f" "e", "words" };
  guint32 n = (guint32) g_rand_int_range (random, 0, 6);

  g_string_append_printf (out, "{\"i\":%u,\"j\":%d,\"d\":%.3f,\"b\":%s,\"s\":\"s%d\"", i,
                          g_rand_int_range (random, -200, 60000),
                          g_rand_double_range (random, 0, 10), i % 3 == 0 ? "true" : "false",
                          g_rand_int_range (random, 0, 40));
  if (g_rand_int_range (random, 0, 5) > 0)
    g_string_append_printf (out, ",\"g\":%d,\"e\":%.2f", g_rand_int_range (random, 0, 100),
                            g_rand_double_range (random, 0, 10));
  else if (g_rand_boolean (random))
    g_string_append (out, ",\"g\":null");
  g_string_append_printf (out, g_rand_boolean (random) ? ",\"m\":%d" : ",\"m\":%d.5",
                          g_rand_int_range (random, 0, 100));
  g_string_append_printf (out, ",\"w\":\"w%u\",\"u\":\"%s %u\",\"t\":\"%u\"",
                          g_rand_int (random) % 1000000, letters[i % 4], g_rand_int (random),
                          g_rand_int (random) % 1000000);
  g_string_append_printf (out, ",\"at\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\"",
                          g_rand_int_range (random, 1990, 2025), g_rand_int_range (random, 1, 13),
                          g_rand_int_range (random, 1, 29), g_rand_int_range (random, 0, 24),
                          g_rand_int_range (random, 0, 60), g_rand_int_range (random, 0, 60));
  g_string_append_printf (out, ",\"day\":\"%04d-%02d-%02d\"", g_rand_int_range (random, 1990, 2025),
                          g_rand_int_range (random, 1, 13), g_rand_int_range (random, 1, 29));
  g_string_append (out, ",\"scores\":[");
  for (guint32 k = 0; k < n; k++)
    g_string_append_printf (out, "%s%d", k > 0 ? "," : "", g_rand_int_range (random, 0, 100));
  g_string_append (out, "],\"tags\":[");
  for (guint32 k = 0; k < n; k++)
    g_string_append_printf (out, "%s\"t%d\"", k > 0 ? "," : "", g_rand_int_range (random, 0, 20));
  g_string_append (out, "],\"items\":[");
  for (guint32 k = 0; k < n / 2 + 1; k++)
    g_string_append_printf (out, "%s{\"x\":%d,\"p\":%.2f}", k > 0 ? "," : "",
                            g_rand_int_range (random, 0, 50), g_rand_double_range (random, 0, 9));
  g_string_append (out, "]");
  if (i % 4 != 0)
    g_string_append_printf (out, ",\"o\":{\"y\":%d,\"q\":\"x\"}", g_rand_int_range (random, 1900, 2000));
  g_string_append_c (out, '}');
}

static GArray *
make_parts (guint32 n_rows)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (Part));

  for (guint32 i = 0; i < n_rows;)
    {
      g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
      Part part;

      for (; i < n_rows && !arbor_batch_builder_is_full (builder); i++)
        {
          ArborTape tape;
          gsize offset, length;
          const char *reason;

          g_string_truncate (text, 0);
          append_row (random, text, i);
          length = text->len;
          for (guint j = 0; j < ARBOR_PARSER_PADDING; j++)
            g_string_append_c (text, ' ');
          if (!arbor_parser_parse (parser, text->str, length, &tape, &offset, &reason))
            g_error ("%s: %s", reason, text->str);
          arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
        }
      part.bytes = arbor_batch_builder_finish (builder, NULL);
      part.batch = arbor_batch_open (g_bytes_get_data (part.bytes, NULL),
                                     g_bytes_get_size (part.bytes), NULL);
      g_array_append_val (parts, part);
    }
  return parts;
}

/* Of the processor, in nanoseconds: others may be at work. */
static double
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

static double
time_series (ArborNode *node, GArray *parts, guint32 *n_open)
{
  g_autoptr (ArborSeriesReader) reader = arbor_series_reader_new (node);
  guint64 n = 0;
  double start = get_time ();

  for (guint p = 0; p < parts->len; p++)
    {
      const ArborBatch *batch = g_array_index (parts, Part, p).batch;
      ArborRows rows = { .batch = batch, .n = arbor_batch_get_n_trees (batch) };
      ArborSeries chunk;

      arbor_series_reader_begin (reader, &rows);
      while (arbor_series_reader_next (reader, &chunk) > 0)
        ;
      n += rows.n;
    }
  *n_open = (guint32) arbor_series_reader_get_counters (reader)->n_rows;
  return (get_time () - start) / (double) n;
}

static double
time_rows (ArborNode *node, GArray *parts)
{
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint64 n = 0;
  double start = get_time ();

  for (guint p = 0; p < parts->len; p += ROWS_OF)
    {
      const ArborBatch *batch = g_array_index (parts, Part, p).batch;

      arbor_evaluator_set_batch (evaluator, batch, 0);
      for (guint32 i = 0; i < arbor_batch_get_n_trees (batch); i++)
        {
          ArborValue value;

          arbor_evaluator_get_value (evaluator, i, scope, &value);
          arbor_scope_reset (scope);
        }
      n += arbor_batch_get_n_trees (batch);
    }
  return (get_time () - start) / (double) n;
}

int
main (int argc, char *argv[])
{
  guint32 n_rows = argc > 1 ? (guint32) atoi (argv[1]) : 1000000;
  GArray *parts = make_parts (n_rows);

  g_print ("%-60s %9s %9s\n", "ns a row", "series", "rows");
  for (guint i = 0; i < G_N_ELEMENTS (expressions); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborNode) node = arbor_node_parse (expressions[i], &error);
      double best = G_MAXDOUBLE;
      guint32 n_open = 0;

      if (node == NULL)
        g_error ("%s: %s", expressions[i], error->message);
      if (argc > 2 && strstr (expressions[i], argv[2]) == NULL)
        continue;
      for (guint round = 0; round < 3; round++)
        {
          double time = time_series (node, parts, &n_open);

          best = MIN (best, time);
        }
      g_print ("%-60.60s %9.2f %9.2f", expressions[i], best,
               argc > 3 ? 0 : time_rows (node, parts));
      g_print (n_open > 0 ? "  %u by rows\n" : "\n", n_open);
    }
  for (guint p = 0; p < parts->len; p++)
    {
      arbor_batch_free (g_array_index (parts, Part, p).batch);
      g_bytes_unref (g_array_index (parts, Part, p).bytes);
    }
  g_array_unref (parts);
  return 0;
}
