/* ArborListModel and ArborRow: what they show, tell and refuse. Random commits are for
 * tests/conformance/test-live.c. */

#include "kit/mirror.h"

typedef struct
{
  StorePlace place;
  ArborListModel *model;
  Mirror mirror;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  store_place_set_up (&self->place, data);
  put_lines (self->place.store, "a", "{\"k\":1,\"s\":\"one\"}\n{\"k\":2,\"s\":\"two\"}\n{\"k\":3,\"s\":\"Three\"}\n");
  self->model = arbor_list_model_new (self->place.store, "a");
  mirror_begin (&self->mirror, self->model);
  settle (self->model);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  mirror_end (&self->mirror);
  g_object_unref (self->model);
  store_place_tear_down (&self->place, data);
}

/* The values of k. */
static void
assert_shows (Fixture *self, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);

  settle (self->model);
  for (guint i = 0; i < self->mirror.rows->len; i++)
    {
      g_autoptr (ArborTree) tree = arbor_row_get_tree (self->mirror.rows->pdata[i], NULL);

      g_string_append_printf (found, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "",
                              arbor_tree_get_int64 (tree, "k", NULL));
    }
  g_assert_cmpstr (found->str, ==, expected);
}

static void
assert_no_model_error (Fixture *self)
{
  g_autoptr (GError) error = arbor_list_model_dup_error (self->model);

  g_assert_no_error (error);
}

static void
assert_model_error (Fixture *self, int code)
{
  g_autoptr (GError) error = NULL;

  settle (self->model);
  error = arbor_list_model_dup_error (self->model);
  g_assert_error (error, ARBOR_ERROR, code);
}

static void
append (Fixture *self, const char *lines)
{
  g_autoptr (ArborArbor) more = read_lines (lines);
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_store_append (self->place.store, "a", more, NULL, &error));
  g_assert_no_error (error);
}

static void
test_follow (Fixture *self, gconstpointer data)
{
  g_autoptr (ArborExpr) two = parse ("k == 2");
  g_autoptr (ArborRow) third = NULL;
  g_autoptr (ArborRow) gone = NULL;
  g_autofree char *text = NULL;

  assert_shows (self, "1 2 3");
  third = g_list_model_get_item (G_LIST_MODEL (self->model), 2);
  gone = g_list_model_get_item (G_LIST_MODEL (self->model), 1);
  self->mirror.n_splices = 0;
  append (self, "{\"k\":4}");
  assert_shows (self, "1 2 3 4");
  g_assert_cmpuint (self->mirror.n_splices, ==, 1);
  g_assert_cmpuint (arbor_store_delete_where (self->place.store, "a", two, NULL, NULL), ==, 1);
  assert_shows (self, "1 3 4");
  g_assert_true (self->mirror.rows->pdata[1] == third);
  /* What is gone can be read by who has it. */
  text = dup_row_text (gone);
  g_assert_cmpstr (text, ==, "{\"k\":2,\"s\":\"two\"}");
  /* A name that is not there, and then is. */
  g_assert_true (arbor_store_rename (self->place.store, "a", "b", NULL, NULL));
  assert_shows (self, "");
  assert_no_model_error (self);
  put_lines (self->place.store, "a", "{\"k\":9}");
  assert_shows (self, "9");
  arbor_list_model_set_name (self->model, "b");
  assert_shows (self, "1 3 4");
  arbor_list_model_set_name (self->model, NULL);
  assert_shows (self, "");
  arbor_list_model_set_name (self->model, "b");
  arbor_list_model_set_store (self->model, NULL);
  assert_shows (self, "");
  g_assert_true (arbor_list_model_is_closed (self->model));
  arbor_list_model_set_store (self->model, self->place.store);
  assert_shows (self, "1 3 4");
}

static void
test_order (Fixture *self, gconstpointer data)
{
  g_autoptr (ArborExpr) odd = parse ("k mod 2 == 1");
  g_autoptr (ArborExpr) key = parse ("s");
  g_autoptr (ArborExpr) several = parse ("s[*]");
  g_autoptr (ArborSortOptions) options = arbor_sort_options_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *sort = NULL;

  arbor_list_model_set_sort (self->model, "s, k descending");
  assert_shows (self, "3 1 2");
  append (self, "{\"k\":5,\"s\":\"one\"}\n{\"k\":6}");
  assert_shows (self, "3 5 1 2 6");
  arbor_list_model_set_reversed (self->model, TRUE);
  assert_shows (self, "6 2 1 5 3");
  append (self, "{\"k\":7,\"s\":\"p\"}");
  assert_shows (self, "6 2 7 1 5 3");
  arbor_list_model_set_filter (self->model, odd);
  assert_shows (self, "7 1 5 3");
  arbor_list_model_set_reversed (self->model, FALSE);
  arbor_sort_options_set_descending (options, TRUE);
  g_assert_true (arbor_list_model_sort_by (self->model, &key, 1, options, &error));
  g_assert_no_error (error);
  sort = arbor_list_model_dup_sort (self->model);
  g_assert_cmpstr (sort, ==, "s descending");
  assert_shows (self, "7 1 5 3");
  arbor_list_model_set_sort (self->model, NULL);
  assert_shows (self, "1 3 5 7");
  arbor_list_model_set_filter (self->model, NULL);
  assert_shows (self, "1 2 3 5 6 7");
  g_assert_false (arbor_list_model_sort_by (self->model, &several, 1, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
}

static void
test_sort_text (Fixture *self, gconstpointer data)
{
  arbor_list_model_set_sort (self->model, "if_null(s, 'a, b') desc, round(k, 1) ascending nulls first");
  assert_shows (self, "2 1 3");
  assert_no_model_error (self);
  arbor_list_model_set_sort (self->model, "k descending nulls last");
  assert_shows (self, "3 2 1");
  arbor_list_model_set_sort (self->model, "k upwards");
  assert_model_error (self, ARBOR_ERROR_EXPRESSION);
  assert_shows (self, "3 2 1");
  arbor_list_model_set_sort (self->model, "");
  assert_shows (self, "1 2 3");
  assert_no_model_error (self);
}

static void
test_search (Fixture *self, gconstpointer data)
{
  const char *paths[] = { "t[*]", "u", NULL };
  const char *bad[] = { "t[", NULL };

  append (self, "{\"k\":41,\"t\":[\"Stra\u00dfe\",{\"x\":\"Two Words\"}]}\n{\"k\":5,\"u\":{\"v\":\"three\"}}\n");
  arbor_list_model_set_search (self->model, "tHREE");
  assert_shows (self, "3 5");
  arbor_list_model_set_search (self->model, " STRASSE  ords ");
  assert_shows (self, "41");
  arbor_list_model_set_search (self->model, "1");
  assert_shows (self, "1 41");
  append (self, "{\"k\":6,\"new\":{\"path\":\"a1b\"}}");
  assert_shows (self, "1 41 6");
  arbor_list_model_set_search (self->model, "two");
  assert_shows (self, "2 41");
  arbor_list_model_set_search_paths (self->model, paths);
  assert_shows (self, "41");
  arbor_list_model_set_search (self->model, "three");
  assert_shows (self, "5");
  arbor_list_model_set_search_paths (self->model, bad);
  assert_model_error (self, ARBOR_ERROR_EXPRESSION);
  arbor_list_model_set_search_paths (self->model, NULL);
  arbor_list_model_set_search (self->model, " \t");
  assert_shows (self, "1 2 3 41 5 6");
  assert_no_model_error (self);
}

/* A condition that is none leaves what is shown. */
static void
test_errors (Fixture *self, gconstpointer data)
{
  g_autoptr (ArborExpr) several = parse ("t[*] == 1");

  arbor_list_model_set_filter (self->model, several);
  assert_model_error (self, ARBOR_ERROR_EXPRESSION);
  assert_shows (self, "1 2 3");
  arbor_list_model_set_filter (self->model, NULL);
  assert_shows (self, "1 2 3");
  assert_no_model_error (self);
}

static void
test_columns (Fixture *self, gconstpointer data)
{
  const char *names[] = { "k", "half of it", "s", "tree", "is-odd", NULL };
  const char *texts[] = { "k", "k / 2", "s", "$", "k mod 2 == 1" };
  const char *properties[] = { "k", "half-of-it", "s", "tree-2", "is-odd" };
  const GType types[] = { G_TYPE_INT64, G_TYPE_DOUBLE, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN };
  ArborExpr *exprs[G_N_ELEMENTS (texts)];
  g_autoptr (ArborListModel) other = arbor_list_model_new (self->place.store, "a");
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborRow) row = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autofree char *s = NULL;
  g_autofree char *all = NULL;
  GObjectClass *klass;
  gboolean is_odd;
  double half;
  gint64 k;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    exprs[i] = parse (texts[i]);
  g_assert_true (arbor_list_model_set_columns (self->model, names, exprs, G_N_ELEMENTS (texts), &error));
  g_assert_no_error (error);
  g_assert_true (arbor_list_model_set_columns (other, names, exprs, G_N_ELEMENTS (texts), &error));
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (self->model)) ==
                 g_list_model_get_item_type (G_LIST_MODEL (other)));
  g_assert_true (g_type_is_a (g_list_model_get_item_type (G_LIST_MODEL (other)), ARBOR_TYPE_ROW));
  klass = g_type_class_ref (g_list_model_get_item_type (G_LIST_MODEL (other)));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *property = arbor_list_model_dup_column_property (self->model, names[i]);

      g_assert_cmpstr (property, ==, properties[i]);
      g_assert_true (g_object_class_find_property (klass, property)->value_type == types[i]);
    }
  g_type_class_unref (klass);
  g_assert_null (arbor_list_model_dup_column_property (self->model, "nothing"));

  row = g_list_model_get_item (G_LIST_MODEL (self->model), 2);
  g_object_get (row, "k", &k, "half-of-it", &half, "s", &s, "tree-2", &all, "is-odd", &is_odd, "tree",
                &tree, NULL);
  g_assert_cmpint (k, ==, 3);
  g_assert_cmpfloat (half, ==, 1.5);
  g_assert_cmpstr (s, ==, "Three");
  g_assert_cmpstr (all, ==, "{\"k\":3,\"s\":\"Three\"}");
  g_assert_true (is_odd);
  g_assert_true (ARBOR_IS_TREE (tree));

  names[1] = "k";
  g_assert_false (arbor_list_model_set_columns (self->model, names, exprs, G_N_ELEMENTS (texts), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_object_unref (exprs[i]);
  g_assert_true (arbor_list_model_set_columns (self->model, names + 5, NULL, 0, NULL));
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (self->model)) == ARBOR_TYPE_ROW);
  assert_shows (self, "1 2 3");
}

static void
note_property (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_string_append_printf (data, "%s ", pspec->name);
}

/* Empty, and told so by its context; rows are closed. */
static void
test_close (Fixture *self, gconstpointer data)
{
  const char *names[] = { "k", NULL };
  g_autoptr (ArborExpr) key = parse ("k");
  g_autoptr (GString) noted = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborRow) row = NULL;
  gint64 k = 7;

  g_assert_true (arbor_list_model_set_columns (self->model, names, &key, 1, NULL));
  row = g_list_model_get_item (G_LIST_MODEL (self->model), 0);
  settle (self->model);
  g_signal_connect (self->model, "notify", G_CALLBACK (note_property), noted);
  arbor_store_close (self->place.store);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->model)), ==, 3);
  assert_shows (self, "");
  g_assert_cmpstr (noted->str, ==, "n-items error ");
  assert_model_error (self, ARBOR_ERROR_CLOSED);
  g_assert_true (arbor_list_model_is_closed (self->model));
  g_assert_true (arbor_row_is_closed (row));
  g_assert_null (arbor_row_get_tree (row, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_object_get (row, "k", &k, NULL);
  g_assert_cmpint (k, ==, 0);
  g_clear_error (&error);
  g_assert_false (arbor_list_model_set_columns (self->model, names, &key, 1, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  arbor_list_model_set_name (self->model, "b");
  assert_model_error (self, ARBOR_ERROR_CLOSED);
}

/* The first rows come first, then all others at once. */
static void
note_splice (GListModel *model, guint position, guint n_removed, guint n_added, gpointer data)
{
  g_string_append_printf (data, "%u -%u +%u (%s); ", position, n_removed, n_added,
                          arbor_list_model_get_pending (ARBOR_LIST_MODEL (model)) > 0 ? "more" : "all");
}

static void
put_many_rows (Fixture *self, guint n)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (lines, "{\"k\":%u,\"m\":%u}\n", i, i * 7919 % n);
  put_lines (self->place.store, "many", lines->str);
}

static void
test_first_rows (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (ArborListModel) model = NULL;
  Mirror mirror;

  put_many_rows (self, 20000);
  for (guint round = 0; round < 4; round++)
    {
      model = arbor_list_model_new (self->place.store, "many");
      arbor_list_model_set_sort (model, round % 2 == 1 ? "m descending" : NULL);
      arbor_list_model_set_reversed (model, round / 2 == 1);
      g_string_truncate (told, 0);
      g_signal_connect (model, "items-changed", G_CALLBACK (note_splice), told);
      settle (model);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 20000);
      g_assert_cmpstr (told->str, ==, "0 -0 +256 (more); 256 -0 +19744 (more); ");
      mirror_begin (&mirror, model);
      mirror_compare (&mirror);
      mirror_end (&mirror);
      g_clear_object (&model);
    }
}

/* Each row is where it is said to be, also while a splice is told. */
static void
check_found (GListModel *model, guint position, guint n_removed, guint n_added, gpointer data)
{
  guint n = g_list_model_get_n_items (model);
  guint places[] = { 0, n / 3, position, position + n_added, n - 1 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (ArborRow) row = places[i] < n ? g_list_model_get_item (model, places[i]) : NULL;
      guint found;

      if (row == NULL)
        continue;
      g_assert_true (arbor_list_model_find (ARBOR_LIST_MODEL (model), row, &found));
      g_assert_cmpuint (found, ==, places[i]);
    }
}

/* Another order: of many rows the first ones replace all, and the others come behind them; of fewer all
 * are told at once. */
static void
test_another_order (Fixture *self, gconstpointer data)
{
  const struct
  {
    guint n;
    const char *sorted, *few;
  } rows[] = {
    { 20000, "0 -20000 +256 (more); 256 -0 +19744 (more); ", "0 -20000 +5 (more); " },
    { 16000, "0 -16000 +16000 (more); ", "0 -16000 +5 (more); " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) told = g_string_new (NULL);
      g_autoptr (ArborListModel) model = NULL;
      g_autoptr (ArborExpr) tenth = arbor_expr_parse ("m mod 10 == 3", NULL);
      g_autoptr (ArborExpr) few = arbor_expr_parse ("m < 5", NULL);
      g_autoptr (ArborListModel) other = NULL;
      g_autoptr (ArborRow) kept = NULL;
      g_autoptr (ArborRow) at = NULL;
      Mirror mirror;
      guint position;

      put_many_rows (self, rows[i].n);
      model = arbor_list_model_new (self->place.store, "many");
      mirror_begin (&mirror, model);
      settle (model);
      g_signal_connect (model, "items-changed", G_CALLBACK (note_splice), told);
      g_signal_connect (model, "items-changed", G_CALLBACK (check_found), NULL);
      g_string_truncate (told, 0);
      kept = g_list_model_get_item (G_LIST_MODEL (model), rows[i].n - 10);
      arbor_list_model_set_sort (model, "m descending");
      settle (model);
      g_assert_cmpstr (told->str, ==, rows[i].sorted);
      mirror_compare (&mirror);

      /* One that was seen before is the same, and found. */
      g_assert_true (arbor_list_model_find (model, kept, &position));
      at = g_list_model_get_item (G_LIST_MODEL (model), position);
      g_assert_true (at == kept);
      g_assert_true (arbor_list_model_find (model, kept, NULL));
      other = arbor_list_model_new (self->place.store, "many");
      settle (other);
      g_assert_false (arbor_list_model_find (other, kept, &position));

      /* Rows that stay are the same objects. */
      arbor_list_model_set_filter (model, tenth);
      settle (model);
      g_assert_cmpuint (mirror.rows->len, ==, rows[i].n / 10);
      mirror_compare (&mirror);
      arbor_list_model_set_filter (model, NULL);
      settle (model);
      g_assert_cmpuint (mirror.rows->len, ==, rows[i].n);
      mirror_compare (&mirror);

      /* No more than the first rows: found once, told once. */
      arbor_list_model_set_sort (model, "k");
      settle (model);
      g_string_truncate (told, 0);
      arbor_list_model_set_sort (model, "m descending");
      arbor_list_model_set_filter (model, few);
      settle (model);
      g_assert_cmpstr (told->str, ==, rows[i].few);
      g_assert_false (arbor_list_model_find (model, kept, &position));
      mirror_compare (&mirror);
      mirror_end (&mirror);
    }
}

/* Whatever handlers do: a main loop of their own, closing, dropping the model. */
static void
close_in_handler (GListModel *model, guint position, guint n_removed, guint n_added, gpointer data)
{
  Fixture *self = data;

  arbor_store_close (self->place.store);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_close_in_handler (Fixture *self, gconstpointer data)
{
  g_autoptr (ArborExpr) odd = parse ("k mod 2 == 1");

  g_signal_connect (self->model, "items-changed", G_CALLBACK (close_in_handler), self);
  g_assert_cmpuint (arbor_store_delete_where (self->place.store, "a", odd, NULL, NULL), ==, 2);
  assert_shows (self, "");
  assert_model_error (self, ARBOR_ERROR_CLOSED);
}

static void
write_in_handler (GListModel *model, guint position, guint n_removed, guint n_added, gpointer data)
{
  Fixture *self = data;

  if (self->mirror.n_splices > 20)
    return;
  append (self, "{\"k\":4}");
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_write_in_handler (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) expected = g_string_new ("1 2 3");

  self->mirror.n_splices = 0;
  g_signal_connect (self->model, "items-changed", G_CALLBACK (write_in_handler), self);
  append (self, "{\"k\":4}");
  settle (self->model);
  g_assert_cmpuint (self->mirror.rows->len, >, 10);
  for (guint i = 3; i < self->mirror.rows->len; i++)
    g_string_append (expected, " 4");
  assert_shows (self, expected->str);
}

static void
test_dropped (Fixture *self, gconstpointer data)
{
  ArborListModel *model = arbor_list_model_new (self->place.store, "a");

  g_object_add_weak_pointer (G_OBJECT (model), (gpointer *) &model);
  g_object_unref (model);
  g_assert_null (model);
  model = arbor_list_model_new (self->place.store, "a");
  g_object_add_weak_pointer (G_OBJECT (model), (gpointer *) &model);
  g_main_context_iteration (NULL, FALSE);
  g_object_unref (model);
  settle (self->model);
  g_assert_null (model);
  append (self, "{\"k\":4}");
  assert_shows (self, "1 2 3 4");
}

static void
test_not_opened (Fixture *self, gconstpointer data)
{
  g_autoptr (ArborStore) store = g_object_new (ARBOR_TYPE_STORE, NULL);
  g_autoptr (ArborRow) row = g_object_new (ARBOR_TYPE_ROW, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_null (arbor_row_get_tree (row, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_true (arbor_row_is_closed (row));
  g_assert_null (arbor_row_dup_close_token (row));
  arbor_list_model_set_store (self->model, store);
  assert_model_error (self, ARBOR_ERROR_CLOSED);
  text = arbor_list_model_to_string (self->model);
  g_assert_cmpstr (text, ==, "ArborListModel ('a', 3 rows, closed)");
  arbor_list_model_set_store (self->model, self->place.store);
  assert_shows (self, "1 2 3");
}

#define ADD(path, func) g_test_add ("/list-model/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("follow", test_follow);
  ADD ("order", test_order);
  ADD ("sort-text", test_sort_text);
  ADD ("search", test_search);
  ADD ("errors", test_errors);
  ADD ("columns", test_columns);
  ADD ("close", test_close);
  ADD ("first-rows", test_first_rows);
  ADD ("another-order", test_another_order);
  ADD ("close-in-handler", test_close_in_handler);
  ADD ("write-in-handler", test_write_in_handler);
  ADD ("dropped", test_dropped);
  ADD ("not-opened", test_not_opened);

  return g_test_run ();
}
