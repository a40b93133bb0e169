/* A live model beside a mirror, over random commits: of this store, of another process, of transactions;
 * appended, deleted, changed, upserted, replaced, put anew, renamed and deleted as a whole; with other
 * filters, searches and orders in between, and stores that are closed. The mirror applies each splice and
 * compares the whole inside each emission (kit/mirror.h); when nothing is under way any more, the model
 * has what the frozen view of the same filter and order has.
 *
 * 300 commits; ARBOR_RANDOM_COMMITS=10000 for the long form, ARBOR_RANDOM_SEED for others.
 */

#include <malloc.h>
#include <stdlib.h>

#include "kit/mirror.h"
#include "kit/operations.h"

#define N_ROWS 120 /* at the beginning */

typedef struct
{
  char *folder;
  char *path;
  GRand *rand;
  ArborStore *store;
  ArborListModel *model;
  Mirror mirror;
  GSubprocess *writer;
  guint next_key;
} Live;

/* Commits, of whoever has a store. */

static char *
make_rows (GRand *rand, guint n, guint first_key)
{
  static const char *const words[] = { "elm", "Oak", "ash", "BEECH", "yew", "fir" };
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      /* Some come again. */
      guint key = g_rand_int_range (rand, 0, 10) == 0 ? 5 : first_key + i;

      g_string_append_printf (lines, "{\"k\":%u,\"s\":\"%s\"", key,
                              words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))]);
      if (g_rand_boolean (rand))
        g_string_append_printf (lines, ",\"x\":%d", g_rand_int_range (rand, -9, 10));
      if (g_rand_int_range (rand, 0, 6) == 0)
        g_string_append (lines, ",\"t\":[null,\"a b\",1.50]");
      g_string_append (lines, "}\n");
    }
  return g_string_free (lines, FALSE);
}

static ArborArbor *
make_arbor (GRand *rand, guint n, guint *next_key)
{
  g_autofree char *lines = make_rows (rand, n, *next_key);

  *next_key += n;
  return read_lines (lines);
}

static ArborExpr *
make_condition (GRand *rand)
{
  g_autofree char *text = g_strdup_printf ("k mod %d == %d", g_rand_int_range (rand, 2, 60),
                                           g_rand_int_range (rand, 0, 3));

  return parse (text);
}

static void
change_rows (ArborStore *store, GRand *rand, const char *name, guint *next_key)
{
  guint n = g_rand_int_range (rand, 1, g_rand_int_range (rand, 2, 12));
  g_autoptr (ArborArbor) more = make_arbor (rand, n, next_key);
  g_autoptr (ArborArbor) now = arbor_store_get (store, name, NULL);
  g_autoptr (ArborExpr) condition = make_condition (rand);
  g_autoptr (ArborExpr) value = parse ("x + 1");
  guint64 n_trees = now != NULL ? arbor_arbor_get_n_trees (now, NULL) : 0;
  guint64 start = g_rand_int_range (rand, 0, (gint32) n_trees + 1);
  const char *fields[] = { "x", NULL };

  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
    case 1:
      arbor_store_append (store, name, more, NULL, NULL);
      break;
    case 2:
      arbor_store_delete_where (store, name, condition, NULL, NULL);
      break;
    case 3:
      arbor_store_update_where (store, name, condition, fields, &value, 1, NULL, NULL);
      break;
    case 4:
      arbor_store_upsert (store, name, "k", more, NULL, NULL);
      break;
    case 5: /* inserted */
      arbor_store_replace (store, name, start, 0, more, NULL, NULL);
      break;
    case 6:
      arbor_store_replace (store, name, start, MIN (n_trees - start, n), more, NULL, NULL);
      break;
    default:
      arbor_store_replace (store, name, start, MIN (n_trees - start, 3 * n), NULL, NULL, NULL);
    }
}

/* The whole name becomes another one. */
static void
change_name (ArborStore *store, GRand *rand, guint *next_key)
{
  g_autoptr (ArborArbor) now = arbor_store_get (store, "a", NULL);
  g_autoptr (ArborArbor) other = NULL;

  switch (g_rand_int_range (rand, 0, 5))
    {
    case 0:
      arbor_store_delete (store, "a", NULL, NULL);
      break;
    case 1:
      arbor_store_rename (store, "a", "b", NULL, NULL);
      break;
    case 2:
      arbor_store_delete (store, "a", NULL, NULL);
      arbor_store_rename (store, "b", "a", NULL, NULL);
      break;
    case 3: /* the same trees, in another order */
      other = now != NULL ? arbor_arbor_shuffle (now, g_rand_int (rand), NULL) : NULL;
      if (other != NULL)
        put_arbor (store, "a", other);
      break;
    default:
      other = make_arbor (rand, g_rand_int_range (rand, 1, N_ROWS), next_key);
      put_arbor (store, "a", other);
    }
}

static void
change_in_transaction (ArborStore *store, GRand *rand, guint *next_key)
{
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, NULL);

  for (guint i = g_rand_int_range (rand, 1, 5); i > 0; i--)
    {
      g_autoptr (ArborArbor) more = make_arbor (rand, 2, next_key);

      arbor_transaction_append (transaction, "a", more, NULL, NULL);
    }
  arbor_transaction_commit (transaction, NULL, NULL);
}

static void
change (ArborStore *store, GRand *rand, guint *next_key)
{
  gint32 what = g_rand_int_range (rand, 0, 40);

  if (!arbor_store_contains (store, "a", NULL))
    {
      g_autoptr (ArborArbor) fresh = make_arbor (rand, N_ROWS, next_key);

      put_arbor (store, "a", fresh);
    }
  else if (what < 2)
    change_name (store, rand, next_key);
  else if (what < 6)
    change_in_transaction (store, rand, next_key);
  else
    change_rows (store, rand, "a", next_key);
}

/* The other process: a commit for each number that it is given, told by a line. */

static int
serve (const char *path)
{
  g_autoptr (ArborStore) store = open_store (path);
  char line[64];

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      guint seed = (guint) strtoul (line, NULL, 10);
      GRand *rand = g_rand_new_with_seed (seed);
      guint next_key = 1000000 + seed % 1000000;

      g_strfreev (arbor_store_refresh (store, NULL));
      change (store, rand, &next_key);
      g_rand_free (rand);
      puts ("done");
      fflush (stdout);
    }
  arbor_store_close (store);
  return 0;
}

static void
change_elsewhere (Live *self)
{
  g_autofree char *line = g_strdup_printf ("%u\n", g_rand_int (self->rand));
  char answer[5];
  gsize n;

  g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (self->writer), line,
                                            strlen (line), &n, NULL, NULL));
  g_assert_true (g_input_stream_read_all (g_subprocess_get_stdout_pipe (self->writer), answer,
                                          sizeof answer, &n, NULL, NULL));
  g_assert_cmpuint (n, ==, sizeof answer);
  g_strfreev (arbor_store_refresh (self->store, NULL));
}

/* What is shown. */

static void
change_order (Live *self)
{
  static const char *const sorts[] = { NULL, "x", "s descending, x nulls first", "x descending, k", "$" };
  static const char *const searches[] = { NULL, "e", "BE", "a 5", "1.5", "nothing" };
  g_autoptr (ArborExpr) condition = NULL;

  switch (g_rand_int_range (self->rand, 0, 4))
    {
    case 0:
      condition = g_rand_boolean (self->rand) ? make_condition (self->rand) : NULL;
      arbor_list_model_set_filter (self->model, condition);
      break;
    case 1:
      arbor_list_model_set_search (self->model, searches[g_rand_int_range (self->rand, 0, 6)]);
      break;
    case 2:
      arbor_list_model_set_reversed (self->model, g_rand_boolean (self->rand));
      break;
    default:
      arbor_list_model_set_sort (self->model, sorts[g_rand_int_range (self->rand, 0, 5)]);
    }
}

static void
open_again (Live *self)
{
  if (self->store != NULL)
    {
      arbor_store_close (self->store);
      settle (self->model);
      g_assert_cmpuint (self->mirror.rows->len, ==, 0);
      g_object_unref (self->store);
    }
  self->store = open_store (self->path);
  arbor_list_model_set_store (self->model, self->store);
}

/* The frozen view */

static gboolean
is_found (ArborTree *tree, const char *search)
{
  g_autofree char *text = arbor_tree_to_json (tree, NULL);
  g_auto (GStrv) words = g_strsplit (search, " ", -1);
  g_autofree char *s = NULL;
  gboolean is_good = TRUE;

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *word = g_utf8_casefold (words[i], -1);
      g_autofree char *all = NULL;
      g_autoptr (GString) values = g_string_new (NULL);
      const char *paths[] = { "k", "s", "x", "t[1]", "t[2]" };

      for (guint j = 0; j < G_N_ELEMENTS (paths); j++)
        {
          g_autoptr (ArborTree) part = arbor_tree_get (tree, paths[j], NULL);
          g_autofree char *json = part != NULL ? arbor_tree_to_json (part, NULL) : NULL;

          g_string_append_printf (values, "%s\n", json != NULL ? json : "");
        }
      all = g_utf8_casefold (values->str, -1);
      is_good &= strstr (all, word) != NULL;
    }
  return is_good;
}

static char *
dup_expected (Live *self)
{
  g_autofree char *search = arbor_list_model_dup_search (self->model);
  g_autofree char *sort = arbor_list_model_dup_sort (self->model);
  g_autoptr (ArborExpr) filter = arbor_list_model_dup_filter (self->model);
  g_autoptr (ArborArbor) arbor = arbor_store_get (self->store, "a", NULL);
  GString *lines = g_string_new (NULL);
  guint64 n;

  if (arbor == NULL)
    return g_string_free (lines, FALSE);
  if (filter != NULL)
    {
      g_autoptr (ArborArbor) whole = g_steal_pointer (&arbor);

      arbor = arbor_arbor_filter (whole, filter, NULL);
    }
  if (sort != NULL)
    {
      g_autoptr (ArborArbor) unsorted = g_steal_pointer (&arbor);
      g_auto (GStrv) texts = g_strsplit (sort, ", ", -1);
      guint n_keys = g_strv_length (texts);
      ArborSortFlags flags[2] = { ARBOR_SORT_NONE, ARBOR_SORT_NONE };
      ArborExpr *keys[2];

      for (guint i = 0; i < n_keys; i++)
        {
          g_auto (GStrv) words = g_strsplit (texts[i], " ", 2);

          keys[i] = parse (words[0]);
          if (g_strcmp0 (words[1], "descending") == 0)
            flags[i] = ARBOR_SORT_DESCENDING;
          else if (words[1] != NULL)
            flags[i] = ARBOR_SORT_NULLS_FIRST;
        }
      arbor = sort_arbor (unsorted, keys, n_keys, flags, n_keys, NULL);
      for (guint i = 0; i < n_keys; i++)
        g_object_unref (keys[i]);
    }
  n = arbor_arbor_get_n_trees (arbor, NULL);
  for (guint64 i = 0; i < n; i++)
    {
      guint64 at = arbor_list_model_get_reversed (self->model) ? n - 1 - i : i;
      g_autoptr (ArborTree) tree = arbor_arbor_get (arbor, at, NULL);
      g_autofree char *text = arbor_tree_to_json (tree, NULL);

      if (search == NULL || is_found (tree, search))
        g_string_append_printf (lines, "%s\n", text);
    }
  return g_string_free (lines, FALSE);
}

static void
check (Live *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *found = NULL;

  settle (self->model);
  error = arbor_list_model_dup_error (self->model);
  g_assert_no_error (error);
  expected = dup_expected (self);
  found = mirror_dup_lines (&self->mirror);
  g_assert_cmpstr (found, ==, expected);
}

static void
step (Live *self)
{
  gint32 what = g_rand_int_range (self->rand, 0, 100);

  if (what < 1)
    open_again (self);
  if (what < 15)
    change_order (self);
  if (what < 45)
    change_elsewhere (self);
  else
    change (self->store, self->rand, &self->next_key);
  /* Sometimes several come together, sometimes while one is under way. */
  if (what % 4 == 0)
    g_main_context_iteration (NULL, FALSE);
  else if (what % 4 != 1)
    check (self);
}

static guint
get_number (const char *variable, guint otherwise)
{
  const char *text = g_getenv (variable);

  return text != NULL ? (guint) strtoul (text, NULL, 10) : otherwise;
}

static const char *program;

static void
test_random (void)
{
  Live live = { .folder = make_folder () };
  guint n = get_number ("ARBOR_RANDOM_COMMITS", 300);
  g_autoptr (GError) error = NULL;

  live.rand = g_rand_new_with_seed (get_number ("ARBOR_RANDOM_SEED", 1));
  live.path = g_build_filename (live.folder, "live.arbor", NULL);
  live.model = arbor_list_model_new (NULL, "a");
  mirror_begin (&live.mirror, live.model);
  open_again (&live);
  live.writer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                                  program, "--serve", live.path, NULL);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    step (&live);
  check (&live);
  g_test_message ("%u splices, %u rows", live.mirror.n_splices, live.mirror.rows->len);
  g_assert_cmpuint (live.mirror.n_splices, >, n / 4);

  g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (live.writer), NULL, NULL));
  g_assert_true (g_subprocess_wait_check (live.writer, NULL, &error));
  g_object_unref (live.writer);
  arbor_store_close (live.store);
  settle (live.model);
  mirror_end (&live.mirror);
  g_object_unref (live.model);
  g_object_unref (live.store);
  g_rand_free (live.rand);
  remove_folder (live.folder);
  g_free (live.folder);
  g_free (live.path);
}

static void
note_replaced (GListModel *model, guint position, guint n_removed, guint n_added, gpointer data)
{
  guint *most = data;

  if (n_removed > 0)
    *most = MAX (*most, n_added);
}

/* Of many rows that replace others at once no emission has too many for a view to look at each. */
static void
test_many (void)
{
  static const char *const conditions[] = { "true", "k mod 2 == 0", "k > 1000", "k mod 9000 < 7000" };
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "live.arbor", NULL);
  g_autoptr (ArborStore) store = open_store (path);
  g_autoptr (ArborListModel) model = arbor_list_model_new (store, "a");
  g_autoptr (GString) lines = g_string_new (NULL);
  const char *fields[] = { "x", NULL };
  guint most = 0;
  Mirror mirror;

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (lines, "{\"k\":%u,\"x\":1}\n", i);
  put_lines (store, "a", lines->str);
  settle (model);
  mirror_begin (&mirror, model);
  g_signal_connect (model, "items-changed", G_CALLBACK (note_replaced), &most);
  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    {
      g_autoptr (ArborExpr) condition = parse (conditions[i]);
      g_autoptr (ArborExpr) value = parse ("x + 1");
      g_autoptr (ArborArbor) now = NULL;
      g_autofree char *expected = NULL;
      g_autofree char *found = NULL;

      g_assert_cmpuint (arbor_store_update_where (store, "a", condition, fields, &value, 1, NULL, NULL), >, 0);
      settle (model);
      now = arbor_store_get (store, "a", NULL);
      expected = arbor_arbor_to_jsonl (now, NULL);
      found = mirror_dup_lines (&mirror);
      g_assert_cmpstr (found, ==, expected);
    }
  g_assert_cmpuint (most, >, 1000);
  g_assert_cmpuint (most, <=, 16384);
  mirror_end (&mirror);
  arbor_store_close (store);
  remove_folder (folder);
}

/* Nothing is kept of states that are over: rows that somebody has go along, or become copies. */
static void
test_memory (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "live.arbor", NULL);
  g_autoptr (ArborStore) store = open_store (path);
  g_autoptr (ArborListModel) model = arbor_list_model_new (store, "a");
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GString) lines = g_string_new (NULL);
  gsize after_few = 0, after_all = 0;
  guint64 size_after_few = 0, size_after_all = 0;

  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (lines, "{\"k\":%u,\"s\":\"row %u\"}\n", i, i);
  put_lines (store, "a", lines->str);
  arbor_list_model_set_sort (model, "s");
  settle (model);
  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (kept, g_list_model_get_item (G_LIST_MODEL (model), i * 50));

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *line = g_strdup_printf ("{\"k\":%u,\"s\":\"row %u\"}", 5000 + i, g_rand_int (rand));
      g_autofree char *text = g_strdup_printf ("k == %u", i);
      g_autoptr (ArborExpr) first = parse (text);
      g_autoptr (ArborArbor) more = read_lines (line);
      g_autoptr (ArborStats) stats = NULL;

      g_assert_true (arbor_store_append (store, "a", more, NULL, NULL));
      if (i % 2 == 0)
        settle (model);
      g_assert_cmpuint (arbor_store_delete_where (store, "a", first, NULL, NULL), ==, 1);
      settle (model);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 5000);
      if (i != 299 && i != 999)
        continue;
      stats = arbor_store_get_stats (store, NULL);
      g_assert_cmpuint (arbor_stats_get_n_snapshots (stats), <=, 2);
      *(i == 299 ? &after_few : &after_all) = mallinfo2 ().uordblks;
      *(i == 299 ? &size_after_few : &size_after_all) = arbor_stats_get_file_bytes (stats);
    }
  g_test_message ("%zu bytes after 300 commits of two, %zu after 1,000; file %" G_GUINT64_FORMAT
                  ", %" G_GUINT64_FORMAT, after_few, after_all, size_after_few, size_after_all);
  g_assert_cmpuint (after_all, <, after_few + after_few / 4 + 500000);
  g_assert_cmpuint (size_after_all, <=, 2 * size_after_few);
  for (guint i = 0; i < kept->len; i++)
    g_free (dup_row_text (kept->pdata[i]));
  arbor_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--serve") == 0)
    return serve (argv[2]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live/random", test_random);
  g_test_add_func ("/live/many", test_many);
  g_test_add_func ("/live/memory", test_memory);
  return g_test_run ();
}
