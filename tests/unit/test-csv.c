/* Reading CSV: the trees that come out, in every cut of the input into pieces, and each error with
 * its place; writing cells; and both against each other on random tables. */

#include "kit/reading.h"

#include "base/arbor-text.h"
#include "json/arbor-csv-column.h"
#include "json/arbor-csv-delimiter.h"
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
    { "a,b\n\"1\", \"2\"\n", "{\"a\":\"1\",\"b\":\" \\\"2\\\"\"}\n" },
    /* Empty cells are null; an empty line is no record, an empty quoted cell is a text. */
    { "a,b,c\n,2,\n,,\n", "{\"a\":null,\"b\":2,\"c\":null}\n{\"a\":null,\"b\":null,\"c\":null}\n" },
    { "a\n\n\"\"\nx\n", "{\"a\":\"\"}\n{\"a\":\"x\"}\n" },
    { "a,b\n1,\"\"", "{\"a\":1,\"b\":\"\"}\n" },
    { "a,b\n1,", "{\"a\":1,\"b\":null}\n" },
    { "n,m\n1,1\n\"\",\n2,2\n",
      "{\"n\":\"1\",\"m\":1}\n{\"n\":\"\",\"m\":null}\n{\"n\":\"2\",\"m\":2}\n" },
    /* Numbers are those of JSON that are written as they were. */
    { "n\n0\n-1\n1.0\n-5e-08\n18446744073709551615\n123456789012345678901\n1e400\n-1E-400\n",
      "{\"n\":0}\n{\"n\":-1}\n{\"n\":1.0}\n{\"n\":-5e-08}\n{\"n\":18446744073709551615}\n"
      "{\"n\":123456789012345678901}\n{\"n\":1e400}\n{\"n\":-1E-400}\n" },
    { "n\n1\n18446744073709551615\n123456789012345678901\n1e400\n2.5\n-0.0\n-0\n",
      "{\"n\":\"1\"}\n{\"n\":\"18446744073709551615\"}\n{\"n\":\"123456789012345678901\"}\n"
      "{\"n\":\"1e400\"}\n{\"n\":\"2.5\"}\n{\"n\":\"-0.0\"}\n{\"n\":\"-0\"}\n" },
    { "a,b\n0E0,1\n0E8,1e3\n", "{\"a\":\"0E0\",\"b\":\"1\"}\n{\"a\":\"0E8\",\"b\":\"1e3\"}\n" },
    /* Or decimals with one number of digits. */
    { "n,m\n9.90,0.10\n-12.00,\n0.05,1.25\n",
      "{\"n\":9.9,\"m\":0.1}\n{\"n\":-12.0,\"m\":null}\n{\"n\":0.05,\"m\":1.25}\n" },
    { "n,m,o\n9.90,100000.0,0.00001\n100000.00,20000000000000000.0,-1000000.5\n",
      "{\"n\":9.9,\"m\":100000.0,\"o\":0.00001}\n"
      "{\"n\":100000.0,\"m\":20000000000000000.0,\"o\":-1000000.5}\n" },
    { "n,m\n0.270,9.90\n3.10,9\n",
      "{\"n\":\"0.270\",\"m\":\"9.90\"}\n{\"n\":\"3.10\",\"m\":\"9\"}\n" },
    { "n,m\n3.1,1.5\n3.10,1.500\n",
      "{\"n\":\"3.1\",\"m\":\"1.5\"}\n{\"n\":\"3.10\",\"m\":\"1.500\"}\n" },
    { "n\n0.10000000000000000555\n0.20000000000000001110\n",
      "{\"n\":\"0.10000000000000000555\"}\n{\"n\":\"0.20000000000000001110\"}\n" },
    { "n\n1.00\n100000000000000000000000.00\n",
      "{\"n\":\"1.00\"}\n{\"n\":\"100000000000000000000000.00\"}\n" },
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
                   "{\"column1\":\"a\",\"column2\":1}\n{\"column1\":\"b\",\"column2\":null}\n");
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
                     "found 'a' again in column 3: give it another name, or read the names as data "
                     "(has-header off)" },
    { ",\n", "t.csv: line 1, byte 1 (tree 0): expected a name of its own for each column, found '' "
             "again in column 2: give it another name, or read the names as data (has-header "
             "off)" },
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
                   "again in column 2: give it another name, or read the names as data (has-header "
                   "off)");
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
    { NULL, FALSE, "" },
    { NULL, TRUE, "\"\"" },
    { "", FALSE, "\"\"" },
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

      arbor_csv_append_cell (&out, cases[i].text, cases[i].text != NULL ? strlen (cases[i].text) : 0,
                             ';', cases[i].is_alone);
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
                                     .no_header = TRUE,
                                     .delimiter = ',' };

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

static void
test_delimiters (void)
{
  static const struct
  {
    const char *text;
    char delimiter;
  } cases[] = {
    { "", ',' },
    { "a\n1\n", ',' },
    { "a,b\n1,2\n", ',' },
    { "name;city;year\nAnn;Oslo;1999\n", ';' },
    { "a\tb\r\n1\t2\r\n", '\t' },
    { "a|b|c\n1|2|3", '|' },
    { "\"a,x\";\"b\"\n\"1,5\";\"2\"\n", ';' },
    { "a;b\n1,5;2,5\n", ';' },
    { "1,5;2,5;3,5\n4,5;5,5;6,5\n", ';' },
    { "a,b\n\"x;y;z\",1\n\"x\n;y\",2\n", ',' },
    { "a;b;c\nx, y;1;2\nx, y;1\n", ';' },
    { "a,b\nx;y,1\nx;y,2\n", ',' },
    { "Last, First|Age\nDoe, Ann|3\nBo|4\n", '|' },
    { "a,b,c", ',' },
    { "a;b\n\n\n1;2\n", ';' },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ArborJsonReport report;
      Result result;

      g_assert_cmpint (arbor_csv_find_delimiter (cases[i].text, strlen (cases[i].text), TRUE), ==,
                       cases[i].delimiter);
      read_text (cases[i].text, strlen (cases[i].text), 1, &csv, &report, &result, NULL);
      g_assert_cmpint (report.delimiter, ==, cases[i].delimiter);
      arbor_json_report_clear (&report);
      g_string_free (result.trees, TRUE);
    }
  /* What lies behind the sample does not count, nor does the record that it cuts. */
  g_assert_cmpint (arbor_csv_find_delimiter ("a;b\n1;2\n3", 9, FALSE), ==, ';');
}

static ArborCsvColumn *
get_column (ArborJsonReport *report, guint i)
{
  return &g_array_index (report->columns, ArborCsvColumn, i);
}

static void
test_reasons (void)
{
  static const struct
  {
    const char *text;
    const char *type;
    const char *reason;
    gboolean deserves_word;
  } cases[] = {
    { "n\n1\n\n2.5\n", "number", "numbers", FALSE },
    { "n,m\n,1\n", "empty", "empty: no cell has a value", FALSE },
    { "n\n9.95\n\n9.90\n1.00\n", "decimal",
      "numbers: zeros at the end, as in '9.90' (line 4), will not be written again", TRUE },
    { "n\nx\n", "text", "text: the cell 'x' (line 2) is not a number", FALSE },
    { "n\n1\nN/A\n", "text", "text: the cell 'N/A' (line 3) is not a number", TRUE },
    { "n\n02134\n", "text", "text: the cell '02134' (line 2) is not written as JSON writes numbers", TRUE },
    { "n\n1.2.3\n", "text", "text: the cell '1.2.3' (line 2) is not a number", FALSE },
    { "n\n\"a\n\t7\"\n", "text", "text: the cell 'a\\u000a\\u00097' (line 2) is quoted", FALSE },
    { "n\n1\n\"7\"\n", "text", "text: the cell '7' (line 3) is quoted", TRUE },
    { "n\n0E8\n", "text", "text: as a number the cell '0E8' (line 2) would be written as 0.0", TRUE },
    { "n\n-0\n", "text", "text: as a number the cell '-0' (line 2) would be written as 0", TRUE },
    { "n\n0.270\n3.10\n", "text",
      "text: the number '3.10' (line 3) has not as many digits behind the point as those before it, "
      "so that zeros at the end would be lost", TRUE },
    { "n\n1.50\n2\n", "text",
      "text: the number '2' (line 3) has not as many digits behind the point as those before it, "
      "so that zeros at the end would be lost", TRUE },
    { "n\nabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n", "text",
      "text: the cell 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn…' (line 2) is not a number", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ArborJsonReport report;
      Result result;
      gboolean deserves_word;
      g_autofree char *reason = NULL;

      g_assert_true (read_text (cases[i].text, strlen (cases[i].text), WHOLE, &csv, &report,
                                &result, NULL));
      reason = arbor_csv_column_describe (get_column (&report, 0), &deserves_word);
      g_assert_cmpstr (reason, ==, cases[i].reason);
      g_assert_cmpint (deserves_word, ==, cases[i].deserves_word);
      g_assert_cmpstr (arbor_csv_column_get_type_name (get_column (&report, 0)), ==,
                       cases[i].type);
      arbor_json_report_clear (&report);
      g_string_free (result.trees, TRUE);
    }
}

static void
test_types (void)
{
  ArborCsvTypeOption told[] = { { (char *)"n", ARBOR_CSV_TYPE_NUMBER },
                                { (char *)"t", ARBOR_CSV_TYPE_TEXT } };
  ArborCsvTypeOption guess[] = { { (char *)"n", ARBOR_CSV_TYPE_AUTO } };
  ArborCsvTypeOption wrong[] = { { (char *)"m", ARBOR_CSV_TYPE_TEXT } };
  g_autoptr (GArray) types = g_array_new (FALSE, FALSE, sizeof (ArborCsvTypeOption));
  ArborJsonReadOptions options = { .format = ARBOR_JSON_CSV, .types = types };
  static const char bad[] = "n,t\n1,1\n1x,2\n";
  static const char good[] = "t,n,u\n1,007,1\n, +2.50 ,2\n\"\",\"3\",\n1.0,\"\",4\n";

  g_array_append_vals (types, told, 2);
  assert_reads_as (good, strlen (good), &options,
                   "{\"t\":\"1\",\"n\":7,\"u\":1}\n{\"t\":null,\"n\":2.5,\"u\":2}\n"
                   "{\"t\":\"\",\"n\":3,\"u\":null}\n{\"t\":\"1.0\",\"n\":null,\"u\":4}\n");
  assert_fails_as (bad, strlen (bad), &options, ARBOR_ERROR_PARSE,
                   "line 3, byte 8 (tree 1): expected a number in column 'n', which the options say "
                   "it is, found '1x'");
  options.skip_bad = TRUE;
  assert_reads_as ("n,t\nx,1\n+,1\n2,2\n", 16, &options, "{\"n\":2,\"t\":\"2\"}\n");
  options.skip_bad = FALSE;

  options.text_only = TRUE;
  g_array_set_size (types, 0);
  g_array_append_vals (types, guess, 1);
  assert_reads_as ("n,t\n1,1\n", 8, &options, "{\"n\":1,\"t\":\"1\"}\n");
  g_array_append_vals (types, wrong, 1);
  assert_fails_as ("n\n1\n", 4, &options, ARBOR_ERROR_INVALID_OPTIONS,
                   "line 1, byte 0 (tree 0): load option 'types': expected the name of a column, "
                   "found 'm'");
}

/* Batches that were made anew are those that would have been made had the columns been known. */
static void
test_recode (void)
{
  static const guint n_trees = 5 * ARBOR_BATCH_CUT_TREES / 2;

  for (guint round = 0; round < 12; round++)
    {
      guint n_columns = (guint)g_test_rand_int_range (1, 5);
      g_autofree guint *switches = g_new (guint, n_columns);
      g_autoptr (GString) text = g_string_new ("a,b,c,d,long\n");
      g_autoptr (GArray) types = g_array_new (FALSE, FALSE, sizeof (ArborCsvTypeOption));
      ArborJsonReadOptions known = { .format = ARBOR_JSON_CSV, .types = types };
      ArborJsonReport reports[2];
      Result results[2];

      for (guint i = 0; i < n_columns; i++)
        {
          static const char *const names[] = { "a", "b", "c", "d" };
          ArborCsvTypeOption type = { (char *)names[i], ARBOR_CSV_TYPE_TEXT };

          switches[i] = (guint)g_test_rand_int_range (0, (gint)n_trees);
          g_array_append_val (types, type);
        }
      for (guint row = 0; row < n_trees; row++)
        {
          for (guint i = 0; i < 4; i++)
            if (row % 7 == i)
              g_string_append_c (text, ',');
            else if (i < n_columns && row == switches[i])
              g_string_append (text, "x,");
            else if (i % 2 == 0)
              g_string_append_printf (text, "%u,", row * 7919u % 1000003u);
            else
              g_string_append_printf (text, "%u.%02u,", row % 1000u, row % 100u);
          /* Several batches a group. */
          g_string_append_printf (text, "%0*u\n", round % 3 == 0 ? 200 : 1, row);
        }
      /* An empty cell at the place of the switch would leave a column of numbers. */
      for (guint i = 0; i < 4; i++)
        g_string_append (text, i < n_columns ? "y," : ",");
      g_string_append (text, "z\n");

      g_assert_true (read_text (text->str, text->len, WHOLE, &csv, &reports[0], &results[0], NULL));
      g_assert_true (read_text (text->str, text->len, WHOLE, &known, &reports[1], &results[1],
                                NULL));
      g_assert_cmpuint (reports[0].n_batches, ==, reports[1].n_batches);
      g_assert_cmpuint (results[0].n_batches, ==, reports[0].n_batches);
      g_assert_cmpuint (results[0].digest, ==, results[1].digest);
      g_assert_cmpstr (results[0].trees->str, ==, results[1].trees->str);
      for (guint i = 0; i < 2; i++)
        {
          arbor_json_report_clear (&reports[i]);
          g_string_free (results[i].trees, TRUE);
        }
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
  g_test_add_func ("/csv/delimiters", test_delimiters);
  g_test_add_func ("/csv/reasons", test_reasons);
  g_test_add_func ("/csv/types", test_types);
  g_test_add_func ("/csv/recode", test_recode);
  return g_test_run ();
}
