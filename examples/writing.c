/* Writing in C: transactions, changes, asynchronous calls, closing.
 *
 *   cc writing.c -o writing $(pkg-config --cflags --libs arbor-1)
 *   ./writing cities.arbor data/cities.jsonl
 */

#include <arbor/arbor.h>
#include <locale.h>
#include <string.h>

static void
tell (ArborCloseObserver *observer, gpointer data)
{
  g_print ("Told of closing\n");
}

static ArborArbor *
read_lines (const char *lines, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (lines, strlen (lines));

  return arbor_read_jsonl (bytes, error);
}

/* All or nothing, and others see all of it or nothing. */
static gboolean
begin_log (ArborStore *store, GError **error)
{
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, error);
  g_autoptr (ArborArbor) log = read_lines ("{\"what\":\"begun\"}", error);
  g_autoptr (ArborArbor) countries = read_lines ("{\"name\":\"Egypt\"}", error);
  g_auto (GStrv) names = NULL;
  g_autofree char *text = NULL;

  if (transaction == NULL || !arbor_transaction_put (transaction, "log", log, NULL, error) ||
      !arbor_transaction_put (transaction, "countries", countries, NULL, error) ||
      !arbor_transaction_commit (transaction, NULL, error))
    return FALSE;
  names = arbor_store_list_names (store, error);
  if (names == NULL)
    return FALSE;
  text = g_strjoinv (", ", names);
  g_print ("Names: %s\n", text);
  return TRUE;
}

static gboolean
change_cities (ArborStore *store, GError **error)
{
  const char *fields[] = { "is_low", NULL };
  g_autoptr (ArborExpr) is_low = arbor_expr_parse ("elevation < 100", error);
  g_autoptr (ArborExpr) yes = arbor_expr_new_boolean (TRUE);
  g_autoptr (ArborExpr) is_there = arbor_expr_parse ("country == 'Colombia'", error);

  g_print ("Changed: %" G_GUINT64_FORMAT "\n",
           arbor_store_update_where (store, "cities", is_low, fields, &yes, 1, NULL, error));
  g_print ("Deleted: %" G_GUINT64_FORMAT "\n",
           arbor_store_delete_where (store, "cities", is_there, NULL, error));
  return error == NULL || *error == NULL;
}

static ArborTree *
set_value (ArborTree *tree, const char *path, const char *json, GError **error)
{
  g_autoptr (ArborTree) value = arbor_tree_new_from_json (json, error);

  return value != NULL ? arbor_tree_set_value (tree, path, value, error) : NULL;
}

static ArborTree *
get_country (ArborStore *store, GError **error)
{
  g_autoptr (ArborArbor) countries = arbor_store_get (store, "countries", error);

  return countries != NULL ? arbor_arbor_get (countries, 0, error) : NULL;
}

static gboolean
change_country (ArborStore *store, GError **error)
{
  g_autoptr (ArborTree) old = get_country (store, error);
  g_autoptr (ArborTree) with_capital =
      old != NULL ? set_value (old, "capital", "\"Cairo\"", error) : NULL;
  g_autoptr (ArborTree) changed =
      with_capital != NULL ? set_value (with_capital, "area", "1002450", error) : NULL;
  g_autofree char *line = changed != NULL ? arbor_tree_to_json (changed, error) : NULL;
  g_autoptr (ArborArbor) arbor = line != NULL ? read_lines (line, error) : NULL;
  g_autoptr (ArborTree) found = NULL;
  g_autofree char *json = NULL;

  if (arbor == NULL)
    return FALSE;
  g_print ("Upserted: %" G_GUINT64_FORMAT "\n",
           arbor_store_upsert (store, "countries", "name", arbor, NULL, error));
  found = get_country (store, error);
  if (found == NULL)
    return FALSE;
  json = arbor_tree_to_json (found, NULL);
  g_print ("%s\n", json);
  return TRUE;
}

/* A tree is found by its key without a look at the others, and no two have the same. */
static gboolean
use_keys (ArborStore *store, GError **error)
{
  const char *const paths[] = { "name", NULL };
  g_autoptr (ArborArbor) countries = NULL;
  g_autoptr (ArborTree) found = NULL;
  g_autofree char *capital = NULL;
  g_autoptr (ArborArbor) again = read_lines ("{\"name\":\"Egypt\"}", error);
  g_autoptr (GError) taken = NULL;

  if (again == NULL ||
      !arbor_store_set_keys (store, "countries", paths, ARBOR_KEY_UNIQUE, NULL, NULL, NULL, error))
    return FALSE;
  countries = arbor_store_get (store, "countries", error);
  found = countries != NULL ? arbor_arbor_find_string (countries, "Egypt", error) : NULL;
  capital = found != NULL ? arbor_tree_dup_string (found, "capital", error) : NULL;
  if (capital == NULL)
    return FALSE;
  g_print ("The capital of Egypt: %s\n", capital);
  arbor_store_append (store, "countries", again, NULL, &taken);
  if (g_error_matches (taken, ARBOR_ERROR, ARBOR_ERROR_EXISTS))
    g_print ("The name Egypt is taken\n");
  return TRUE;
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = G_ASYNC_RESULT (g_object_ref (result));
}

/* In a thread of the library, while the main loop goes on. */
static gboolean
write_later (ArborStore *store, GError **error)
{
  g_autoptr (ArborArbor) line = read_lines ("{\"what\":\"appended\"}", error);
  g_autoptr (ArborArbor) log = NULL;
  GAsyncResult *result = NULL;
  gboolean is_good;

  if (line == NULL)
    return FALSE;
  arbor_store_append_async (store, "log", line, NULL, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  is_good = arbor_store_append_finish (store, result, error);
  g_object_unref (result);
  log = is_good ? arbor_store_get (store, "log", error) : NULL;
  if (log != NULL)
    g_print ("Log: %" G_GUINT64_FORMAT "\n", arbor_arbor_get_n_trees (log, NULL));
  return log != NULL;
}

static gboolean
run (const char *store_path, const char *data_path, GError **error)
{
  g_autoptr (ArborStore) store = arbor_store_open (store_path, NULL, NULL, error);
  g_autoptr (ArborCloseToken) token = NULL;
  g_autoptr (ArborCloseObserver) observer = NULL;
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (GError) closed = NULL;

  if (store == NULL)
    return FALSE;
  report = arbor_store_import_file (store, "cities", data_path, NULL, NULL, NULL, NULL, error);
  if (report == NULL)
    return FALSE;
  /* Who may only look is given this. */
  token = arbor_store_dup_close_token (store);
  observer = arbor_close_observer_new (token);
  g_signal_connect (observer, "closed", G_CALLBACK (tell), NULL);

  if (!begin_log (store, error) || !change_cities (store, error) ||
      !change_country (store, error) || !use_keys (store, error) ||
      !write_later (store, error))
    return FALSE;

  arbor_store_close (store);
  g_print ("Closed: %s\n", arbor_close_observer_is_closed (observer) ? "yes" : "no");
  if (!arbor_close_observer_check (observer, &closed))
    g_print ("%s\n", closed->message);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 3)
    {
      g_printerr ("usage: writing STORE FILE\n");
      return 2;
    }
  if (run (argv[1], argv[2], &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
