/* The main job in C: open a store, import JSON Lines, filter, iterate, pick, close.
 *
 *   cc quickstart.c -o quickstart $(pkg-config --cflags --libs arbor-1)
 *   ./quickstart cities.arbor data/cities.jsonl
 */

#include <arbor/arbor.h>
#include <locale.h>

static gboolean
print_cities (ArborArbor *cities, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (cities, error);
  g_autoptr (GError) failure = NULL;
  ArborTree *next;

  if (iter == NULL)
    return FALSE;
  while ((next = arbor_iter_next_value (iter, &failure)) != NULL)
    {
      g_autoptr (ArborTree) city = next;
      g_autofree char *name = arbor_tree_dup_string (city, "name", NULL);
      g_autofree char *country = arbor_tree_dup_string (city, "country", NULL);

      g_print ("%s, %s: %" G_GINT64_FORMAT " m\n", name, country,
               arbor_tree_get_int64 (city, "elevation", NULL));
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Only the fields at @paths, as JSON. */
static gboolean
print_fields (ArborArbor *cities, const char *const *paths, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_pick (cities, paths, error);
  g_autoptr (GError) failure = NULL;
  ArborTree *next;

  if (iter == NULL)
    return FALSE;
  while ((next = arbor_iter_next_value (iter, &failure)) != NULL)
    {
      g_autoptr (ArborTree) fields = next;
      g_autofree char *json = arbor_tree_to_json (fields, NULL);

      g_print ("%s\n", json);
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
run (const char *store_path, const char *data_path, GError **error)
{
  const char *const paths[] = { "name", "location.lat", NULL };
  g_autoptr (GError) closed = NULL;

  g_autoptr (ArborStore) store = arbor_store_open (store_path, NULL, NULL, error);
  if (store == NULL)
    return FALSE;
  g_autoptr (ArborLoadReport) report
      = arbor_store_import_file (store, "cities", data_path, NULL, NULL, NULL, NULL, error);
  if (report == NULL)
    return FALSE;

  g_autoptr (ArborArbor) cities = arbor_store_get (store, "cities", error);
  if (cities == NULL)
    return FALSE;
  g_autoptr (ArborExpr) is_high = arbor_expr_parse ("elevation > 1000", error);
  if (is_high == NULL)
    return FALSE;
  g_autoptr (ArborArbor) high = arbor_arbor_filter (cities, is_high, error);
  if (high == NULL)
    return FALSE;

  g_print ("%" G_GUINT64_FORMAT " cities, %" G_GUINT64_FORMAT " above 1000 m\n",
           arbor_arbor_get_n_trees (cities, NULL), arbor_arbor_get_n_trees (high, NULL));
  if (!print_cities (high, error))
    return FALSE;

  g_autoptr (ArborExpr) has_danube = arbor_expr_parse ("any(rivers[*] == \"Danube\")", error);
  if (has_danube == NULL)
    return FALSE;
  g_autoptr (ArborArbor) on_danube = arbor_arbor_filter (cities, has_danube, error);
  if (on_danube == NULL)
    return FALSE;

  g_print ("On the Danube:\n");
  if (!print_fields (on_danube, paths, error))
    return FALSE;

  /* Everything that came from the store ends with it. */
  arbor_store_close (store);
  arbor_arbor_get_n_trees (high, &closed);
  g_print ("Closed: %s\n", closed->message);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 3)
    {
      g_printerr ("usage: quickstart STORE FILE\n");
      return 2;
    }
  if (run (argv[1], argv[2], &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
