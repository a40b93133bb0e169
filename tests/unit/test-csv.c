/* Reading CSV: the trees that come out, in every cut of the input into pieces, and each error with
 * its place; writing cells; and both against each other on random tables. */

#include "read-fixture.h"

#include "base/arbor-text.h"
#include "json/arbor-csv.h"

static const ArborJsonReadOptions csv = { .format = ARBOR_JSON_CSV };

static void
test_records (void)
{
  static const struct
  {
    const char *text;
    const char *trees;
  } cases[] = {
    { "", "" },
    { "\n\r\n\r", "" },
    { "a,b", "" },
    { "a,b\n", "" },
    { "a,b\n1,2", "{\"a\":1,\"b\":2}\n" },
    { "a,b\r\n1,2\r\n\r\n3,4\r\n", "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n" },
    { "a,b\r1,2\r\r3,4\r", "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n" },
    { "\xef\xbb\xbf\"a\"\n1\n", "{\"a\":1}\n" },
    /* Quotes. */
    { "\"a,b\",\"c\"\"d\"\n\"x\ny\",\"\r\n\"\n", "{\"a,b\":\"x\\ny\",\"c\\\"d\":\"\\r\\n\"}\n" },
    { "a,b\n\"\"\"\",\"\"\"x\"\"\"\n", "{\"a\":\"\\\"\",\"b\":\"\\\"x\\\"\"}\n" },
    { "a,b\n5'10\",x\"\"y\n", "{\"a\":\"5'10\\\"\",\"b\":\"x\\\"\\\"y\"}\n" },
    { "a,b\n\"1\", \"2\"\n", "{\"a\":1,\"b\":\" \\\"2\\\"\"}\n" },
    /* Empty cells are missing; an empty line is no record, an empty quoted cell is one. */
    { "a,b,c\n,2,\n,,\n", "{\"b\":2}\n{}\n" },
    { "a\n\n\"\"\nx\n", "{}\n{\"a\":\"x\"}\n" },
    { "a,b\n1,\"\"", "{\"a\":1}\n" },
    { "a,b\n1,", "{\"a\":1}\n" },
    /* Numbers are those of JSON. */
    { "n\n0\n-1\n1.0\n1e3\n-0.5E-7\n18446744073709551615\n123456789012345678901\n1e400\n",
      "{\"n\":0}\n{\"n\":-1}\n{\"n\":1.0}\n{\"n\":1000.0}\n{\"n\":-5e-08}\n"
      "{\"n\":18446744073709551615}\n{\"n\":123456789012345678901}\n{\"n\":1e400}\n" },
    { "n\n007\n+1\n\"1,5\"\n1.\n.5\n 1\n1 \n0x1\nNaN\nInfinity\n1e\n-\n",
      "{\"n\":\"007\"}\n{\"n\":\"+1\"}\n{\"n\":\"1,5\"}\n{\"n\":\"1.\"}\n{\"n\":\".5\"}\n"
      "{\"n\":\" 1\"}\n{\"n\":\"1 \"}\n{\"n\":\"0x1\"}\n{\"n\":\"NaN\"}\n{\"n\":\"Infinity\"}\n"
      "{\"n\":\"1e\"}\n{\"n\":\"-\"}\n" },
    { "n\ntrue\nnull\n[1]\n", "{\"n\":\"true\"}\n{\"n\":\"null\"}\n{\"n\":\"[1]\"}\n" },
    /* Names are plain keys. */
    { "a.b,,x[0]\n1,2,3\n", "{\"a.b\":1,\"\":2,\"x[0]\":3}\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_reads_as (cases[i].text, strlen (cases[i].text), &csv, cases[i].trees);
}

static void
test_options (void)
{
  ArborJsonReadOptions bare = { .format = ARBOR_JSON_CSV, .no_header = TRUE };
  ArborJsonReadOptions text = { .format = ARBOR_JSON_CSV, .text_only = TRUE };
  ArborJsonReadOptions tabs = { .format = ARBOR_JSON_CSV, .delimiter = '\t' };

  assert_reads_as ("\na,1\nb,\n", 8, &bare,
                   "{\"column1\":\"a\",\"column2\":1}\n{\"column1\":\"b\"}\n");
  assert_reads_as ("a,b\n1,x\n", 8, &text, "{\"a\":\"1\",\"b\":\"x\"}\n");
  assert_reads_as ("a\tb\n1,5\t\"\t\"\n", 12, &tabs, "{\"a\":\"1,5\",\"b\":\"\\t\"}\n");
  assert_reads_as ("a\nx\0y\n", 6, &csv, "{\"a\":\"x\\u0000y\"}\n");

  g_assert_true (arbor_csv_is_delimiter (',') && arbor_csv_is_delimiter (' '));
  g_assert_false (arbor_csv_is_delimiter ('"') || arbor_csv_is_delimiter ('\n') ||
                  arbor_csv_is_delimiter ('\r') || arbor_csv_is_delimiter ('\0') ||
                  arbor_csv_is_delimiter ((char)0xe9));
}

static void
test_errors (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "a,b\n1,2\n3\n", "t.csv: line 3, byte 8 (tree 1): expected 2 cells, found 1" },
    { "a\n1,2\n", "t.csv: line 2, byte 2 (tree 0): expected 1 cell, found 2" },
    { "a,b\n\n\"x\ny\",1\n1,2,3\n", "t.csv: line 5, byte 13 (tree 1): expected 2 cells, found 3" },
    { "a,b\n1,\"x\ny\"z\n", "t.csv: line 3, byte 11 (tree 0): expected the end of the cell after "
                            "its closing quote" },
    { "a,b\n1,\"x\n2,y\n", "t.csv: line 2, byte 6 (tree 0): the quote that begins this cell is "
                           "never closed" },
    { "a,b\r\nx,\"\r\n\xff\"", "t.csv: line 3, byte 10 (tree 0): invalid UTF-8" },
    { "a,\xff\n", "t.csv: line 1, byte 2 (tree 0): invalid UTF-8" },
    { "a,b,\"a\"\n", "t.csv: line 1, byte 5 (tree 0): expected a name of its own for each column, "
                     "found 'a' again in column 3" },
    { ",\n", "t.csv: line 1, byte 1 (tree 0): expected a name of its own for each column, found '' "
             "again in column 2" },
    { "\"a", "t.csv: line 1, byte 0 (tree 0): the quote that begins this cell is never closed" },
  };
  ArborJsonReadOptions named = { .format = ARBOR_JSON_CSV, .name = "t.csv" };
  ArborJsonReadOptions small = { .format = ARBOR_JSON_CSV, .name = "t.csv", .max_text = 8 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_fails_as (cases[i].text, strlen (cases[i].text), &named, ARBOR_ERROR_PARSE,
                     cases[i].message);
  /* A quote that is never closed takes no more memory than a record may. */
  assert_fails_as ("a\n1\n\"2345678901234567890\n", 25, &small, ARBOR_ERROR_LIMIT,
                   "t.csv: line 3, byte 4 (tree 1): text of more than 8 bytes, the limit for one "
                   "line of JSON Lines, for one record of CSV and for one JSON document");
}

static void
test_skip_bad (void)
{
  static const char text[] = "a,b\n1,2\n3\n\"x\"y,4\n5,\"6\n7,8\n\"\xff\n\",9\n10,11\n";
  static const guint64 lines[] = { 3, 4, 5, 7 };
  ArborJsonReadOptions skip = { .format = ARBOR_JSON_CSV, .skip_bad = TRUE };
  ArborJsonReadOptions bare = { .format = ARBOR_JSON_CSV, .skip_bad = TRUE, .no_header = TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GError) error = NULL;
      ArborJsonReport report;
      Result result;

      g_assert_true (read_text (text, strlen (text), pieces[i], &skip, &report, &result, &error));
      /* The stray quote of line 5 closes at that of line 7, behind which comes no end of a cell. */
      g_assert_cmpstr (result.trees->str, ==,
                       "{\"a\":1,\"b\":2}\n{\"a\":7,\"b\":8}\n{\"a\":10,\"b\":11}\n");
      g_assert_cmpuint (report.n_bad, ==, G_N_ELEMENTS (lines));
      for (guint j = 0; j < G_N_ELEMENTS (lines); j++)
        g_assert_cmpuint (g_array_index (report.bad_lines, ArborBadLine, j).line, ==, lines[j]);
      g_assert_cmpuint (report.n_bytes, ==, strlen (text));
      arbor_json_report_clear (&report);
      g_string_free (result.trees, TRUE);
    }
  assert_reads_as ("\xff\n1,2\n3\n4,5\n", 12, &bare,
                   "{\"column1\":1,\"column2\":2}\n{\"column1\":4,\"column2\":5}\n");
  assert_fails_as ("a,a\n1,2\n", 8, &skip, ARBOR_ERROR_PARSE,
                   "line 1, byte 2 (tree 0): expected a name of its own for each column, found 'a' "
                   "again in column 2");
}

static void
test_cells (void)
{
  static const struct
  {
    const char *text;
    gboolean is_alone;
    const char *cell;
  } cases[] = {
    { "", FALSE, "" },
    { "", TRUE, "\"\"" },
    { "a b", TRUE, "a b" },
    { "a;b", FALSE, "\"a;b\"" },
    { "a,b", FALSE, "a,b" },
    { "\"", FALSE, "\"\"\"\"" },
    { "a\rb", FALSE, "\"a\rb\"" },
    { "a\n", FALSE, "\"a\n\"" },
    { "\xef\xbb\xbf", FALSE, "\"\xef\xbb\xbf\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ArborBuffer out = { NULL };

      arbor_csv_append_cell (&out, cases[i].text, strlen (cases[i].text), ';', cases[i].is_alone);
      arbor_buffer_append_byte (&out, '\0');
      g_assert_cmpstr ((const char *)out.data, ==, cases[i].cell);
      arbor_buffer_free (&out);
    }
}

/* A table of cells made of the characters that matter, written cell by cell, comes back. */
static void
test_random (void)
{
  static const char *const parts[] = { "",   "a", "\"", ",", "\n", "\r", "\r\n", " ",
                                       "\t", "x", "ü",  "'", ";",  "\\", "-" };
  ArborJsonReadOptions text_only = { .format = ARBOR_JSON_CSV,
                                     .text_only = TRUE,
                                     .no_header = TRUE };

  for (guint round = 0; round < 300; round++)
    {
      guint n_columns = (guint)g_test_rand_int_range (1, 4);
      g_autoptr (GString) expected = g_string_new (NULL);
      ArborBuffer out = { NULL };

      for (guint row = 0; row < 4; row++)
        {
          ArborBuffer tree = { NULL };

          arbor_buffer_append_byte (&tree, '{');
          for (guint column = 0; column < n_columns; column++)
            {
              g_autoptr (GString) cell = g_string_new (NULL);
              g_autofree char *name = g_strdup_printf ("column%u", column + 1);

              for (gint i = g_test_rand_int_range (0, 4); i > 0; i--)
                g_string_append (cell, parts[g_test_rand_int_range (0, G_N_ELEMENTS (parts))]);
              if (column > 0)
                arbor_buffer_append_byte (&out, ',');
              arbor_csv_append_cell (&out, cell->str, cell->len, ',', n_columns == 1);
              if (cell->len == 0)
                continue;
              if (tree.length > 1)
                arbor_buffer_append_byte (&tree, ',');
              arbor_text_append_string (&tree, name, strlen (name));
              arbor_buffer_append_byte (&tree, ':');
              arbor_text_append_string (&tree, cell->str, cell->len);
            }
          arbor_buffer_append_literal (&out, row % 2 == 0 ? "\n" : "\r\n");
          arbor_buffer_append_literal (&tree, "}\n");
          g_string_append_len (expected, (const char *)tree.data, (gssize)tree.length);
          arbor_buffer_free (&tree);
        }
      assert_reads_as ((const char *)out.data, out.length, &text_only, expected->str);
      arbor_buffer_free (&out);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/records", test_records);
  g_test_add_func ("/csv/options", test_options);
  g_test_add_func ("/csv/errors", test_errors);
  g_test_add_func ("/csv/skip-bad", test_skip_bad);
  g_test_add_func ("/csv/cells", test_cells);
  g_test_add_func ("/csv/random", test_random);
  return g_test_run ();
}
