/* A live model in C: rows that follow the store, as a list of GTK would show them.
 *
 *   cc live.c -o live $(pkg-config --cflags --libs arbor-1)
 *   ./live cities.arbor data/cities.jsonl
 */

#include <arbor/arbor.h>
#include <locale.h>
#include <string.h>

/* What a program's main loop does by itself. */
static void
settle (ArborListModel *model)
{
  while (arbor_list_model_get_pending (model) > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
tell_splice (GListModel *model, guint position, guint n_removed, guint n_added, gpointer data)
{
  g_print ("At %u: %u gone, %u new\n", position, n_removed, n_added);
}

static char *
dup_name (ArborListModel *model, guint position)
{
  g_autoptr (GObject) row = g_list_model_get_object (G_LIST_MODEL (model), position);
  char *name;

  g_object_get (row, "name", &name, NULL);
  return name;
}

static gboolean
set_columns (ArborListModel *model, GError **error)
{
  const char *names[] = { "name", "elevation", NULL };
  g_autoptr (ArborExpr) name = arbor_expr_parse ("name", error);
  g_autoptr (ArborExpr) elevation = arbor_expr_parse ("elevation", error);
  ArborExpr *exprs[] = { name, elevation };

  return arbor_list_model_set_columns (model, names, exprs, 2, error);
}

static void
print_rows (ArborListModel *model)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (model));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GObject) row = g_list_model_get_object (G_LIST_MODEL (model), i);
      g_autofree char *name = NULL;
      gint64 elevation;

      g_object_get (row, "name", &name, "elevation", &elevation, NULL);
      g_print ("%s: %" G_GINT64_FORMAT " m\n", name, elevation);
    }
}

/* Commits, of this program or of another one: one place for each tree that came or went. */
static gboolean
change (ArborStore *store, GError **error)
{
  const char *text = "{\"name\":\"Quito\",\"country\":\"Ecuador\",\"elevation\":2850}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (ArborArbor) quito = arbor_read_jsonl (bytes, error);
  g_autoptr (ArborExpr) cairo = arbor_expr_parse ("name == \"Cairo\"", error);

  return arbor_store_append (store, "cities", quito, NULL, error) &&
         arbor_store_delete_where (store, "cities", cairo, NULL, error) == 1;
}

static gboolean
run (const char *store_path, const char *data_path, GError **error)
{
  g_autoptr (ArborStore) store = arbor_store_open (store_path, NULL, NULL, error);
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborListModel) model = NULL;
  g_autoptr (GError) why = NULL;
  g_autofree char *highest = NULL;

  if (store == NULL)
    return FALSE;
  report = arbor_store_import_file (store, "cities", data_path, NULL, NULL, NULL, NULL, error);
  if (report == NULL)
    return FALSE;

  model = arbor_list_model_new (store, "cities");
  arbor_list_model_set_sort (model, "elevation descending");
  if (!set_columns (model, error))
    return FALSE;
  settle (model);
  g_signal_connect (model, "items-changed", G_CALLBACK (tell_splice), NULL);
  print_rows (model);

  if (!change (store, error))
    return FALSE;
  settle (model);
  highest = dup_name (model, 0);
  g_print ("Highest: %s, of %u\n", highest, g_list_model_get_n_items (G_LIST_MODEL (model)));

  arbor_list_model_set_search (model, "DANUBE");
  settle (model);
  g_print ("Found: ");
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++)
    {
      g_autofree char *name = dup_name (model, i);

      g_print ("%s%s", i > 0 ? ", " : "", name);
    }
  g_print ("\n");

  /* Everything that came from the store ends with it. */
  arbor_store_close (store);
  while (g_list_model_get_n_items (G_LIST_MODEL (model)) > 0)
    g_main_context_iteration (NULL, TRUE);
  why = arbor_list_model_dup_error (model);
  g_print ("Closed: %s\n", why->message);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 3)
    {
      g_printerr ("usage: live STORE FILE\n");
      return 2;
    }
  if (run (argv[1], argv[2], &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
