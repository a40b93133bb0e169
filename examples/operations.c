/* Operations in C: order, groups, joins, JSONPath, columns.
 *
 *   cc operations.c -o operations $(pkg-config --cflags --libs arbor-1)
 *   ./operations cities.arbor data/cities.jsonl
 */

#include <arbor/arbor.h>
#include <locale.h>
#include <string.h>

static const char COUNTRIES[] = "{\"name\":\"Egypt\",\"continent\":\"Africa\"}\n"
                                "{\"name\":\"Hungary\",\"continent\":\"Europe\"}\n"
                                "{\"name\":\"Austria\",\"continent\":\"Europe\"}\n"
                                "{\"name\":\"Serbia\",\"continent\":\"Europe\"}\n";

static gboolean
print_highest (ArborArbor *cities, GError **error)
{
  g_autoptr (ArborExpr) elevation = arbor_path ("elevation", error);
  g_autoptr (ArborSortOptions) options = arbor_sort_options_new ();
  g_autoptr (ArborArbor) sorted = NULL;

  arbor_sort_options_set_descending (options, TRUE);
  sorted = arbor_arbor_sort_by (cities, &elevation, 1, options, error);
  for (guint64 i = 0; sorted != NULL && i < 2; i++)
    {
      g_autoptr (ArborTree) city = arbor_arbor_get (sorted, i, error);
      g_autofree char *name = NULL;

      if (city == NULL)
        return FALSE;
      name = arbor_tree_dup_string (city, "name", NULL);
      g_print ("%s: %" G_GINT64_FORMAT " m\n", name,
               arbor_tree_get_int64 (city, "elevation", NULL));
    }
  return sorted != NULL;
}

/* Values from outside are data, whatever they are. */
static gboolean
print_low (ArborArbor *cities, GError **error)
{
  g_autoptr (ArborExpr) is_low =
      arbor_expr_parsef ("elevation < %d and country != %s", error, 200, "Egypt");
  g_autoptr (ArborArbor) low = is_low != NULL ? arbor_arbor_filter (cities, is_low, error) : NULL;

  if (low != NULL)
    g_print ("Low: %" G_GUINT64_FORMAT "\n", arbor_arbor_get_n_trees (low, NULL));
  return low != NULL;
}

/* Each city with the fields of its country; the country's own name has another name then. */
static gboolean
print_continents (ArborArbor *cities, ArborArbor *countries, GError **error)
{
  const char *key_names[] = { "continent", NULL };
  const char *names[] = { "cities", "highest", NULL };
  g_autoptr (ArborExpr) country = arbor_path ("country", error);
  g_autoptr (ArborExpr) name = arbor_path ("name", error);
  g_autoptr (ArborExpr) continent = arbor_path ("continent", error);
  g_autoptr (ArborExpr) count = arbor_expr_parse ("count()", error);
  g_autoptr (ArborExpr) highest = arbor_expr_parse ("max(elevation)", error);
  ArborExpr *values[] = { count, highest };
  g_autoptr (ArborJoinOptions) options = arbor_join_options_new ();
  g_autoptr (ArborArbor) joined = NULL;
  g_autoptr (ArborGroups) groups = NULL;
  g_autoptr (ArborArbor) made = NULL;
  g_autoptr (ArborArbor) sorted = NULL;
  g_autofree char *text = NULL;

  arbor_join_options_set_other_keys (options, &name, 1);
  arbor_join_options_set_suffix (options, "_of_country");
  joined = arbor_arbor_join (cities, countries, &country, 1, options, error);
  groups = joined != NULL ? arbor_arbor_group_by (joined, key_names, &continent, 1, error) : NULL;
  made = groups != NULL ? arbor_groups_aggregate (groups, names, values, 2, error) : NULL;
  sorted = made != NULL ? arbor_arbor_sort_by (made, &continent, 1, NULL, error) : NULL;
  text = sorted != NULL ? arbor_arbor_to_jsonl (sorted, error) : NULL;
  if (text != NULL)
    g_print ("%s", text);
  return text != NULL;
}

static gboolean
print_nested (ArborArbor *cities, ArborArbor *countries, GError **error)
{
  g_autoptr (ArborExpr) country = arbor_path ("country", error);
  g_autoptr (ArborExpr) name = arbor_path ("name", error);
  g_autoptr (ArborNestOptions) options = arbor_nest_options_new ();
  g_autoptr (ArborArbor) nested = NULL;
  g_autoptr (ArborTree) first = NULL;
  g_autofree char *text = NULL;

  arbor_nest_options_set_other_keys (options, &country, 1);
  nested = arbor_arbor_nest (countries, cities, &name, 1, "cities", options, error);
  first = nested != NULL ? arbor_arbor_get (nested, 0, error) : NULL;
  if (first == NULL)
    return FALSE;
  text = arbor_tree_dup_string (first, "name", NULL);
  g_print ("In %s: %" G_GUINT64_FORMAT "\n", text, arbor_tree_get_length (first, "cities", NULL));
  return TRUE;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
print_rivers (ArborArbor *cities, GError **error)
{
  g_autoptr (ArborMatches) matches = arbor_arbor_query (cities, "$.rivers[*]", NULL, error);
  g_autoptr (GPtrArray) rivers = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;
  guint64 n;

  if (matches == NULL)
    return FALSE;
  n = arbor_matches_get_n_matches (matches, NULL);
  for (guint64 i = 0; i < n; i++)
    {
      g_autoptr (ArborTree) match = arbor_matches_get_match (matches, i, NULL);
      g_autofree char *river = arbor_tree_dup_string (match, NULL, NULL);

      if (!g_ptr_array_find_with_equal_func (rivers, river, g_str_equal, NULL))
        g_ptr_array_add (rivers, g_steal_pointer (&river));
    }
  g_ptr_array_sort (rivers, compare_texts);
  g_ptr_array_add (rivers, NULL);
  text = g_strjoinv (", ", (char **) rivers->pdata);
  g_print ("Rivers: %s\n", text);
  return TRUE;
}

/* All numbers at once, without an object for each tree. */
static gboolean
print_sum (ArborArbor *cities, GError **error)
{
  g_autoptr (ArborExpr) is_known = arbor_expr_parse ("elevation != null", error);
  g_autoptr (ArborArbor) known = is_known != NULL ? arbor_arbor_filter (cities, is_known, error) : NULL;
  g_autoptr (ArborColumn) column =
      known != NULL ? arbor_arbor_get_column (known, "elevation", NULL, error) : NULL;
  g_autoptr (GBytes) bytes = column != NULL ? arbor_column_dup_int64s (column, error) : NULL;
  const gint64 *elevations;
  gint64 sum = 0;
  gsize size;

  if (bytes == NULL)
    return FALSE;
  elevations = (const gint64 *) g_bytes_get_data (bytes, &size);
  for (gsize i = 0; i < size / sizeof *elevations; i++)
    sum += elevations[i];
  g_print ("Sum: %" G_GINT64_FORMAT " m\n", sum);
  return TRUE;
}

static gboolean
print_found (ArborArbor *cities, GError **error)
{
  g_autoptr (ArborExpr) name = arbor_path ("name", error);
  g_autoptr (ArborIndex) index = arbor_arbor_index_by (cities, &name, 1, NULL, NULL, error);
  g_autoptr (ArborTree) cairo = NULL;
  g_autofree char *country = NULL;

  if (index == NULL)
    return FALSE;
  cairo = arbor_index_look_up_string (index, "Cairo", error);
  if (cairo == NULL)
    return FALSE;
  country = arbor_tree_dup_string (cairo, "country", NULL);
  g_print ("Found: %s\n", country);
  return TRUE;
}

static gboolean
run (const char *store_path, const char *data_path, GError **error)
{
  g_autoptr (ArborStore) store = arbor_store_open (store_path, NULL, NULL, error);
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborArbor) cities = NULL;
  g_autoptr (ArborArbor) countries = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (COUNTRIES, strlen (COUNTRIES));
  gboolean is_good;

  if (store == NULL)
    return FALSE;
  report = arbor_store_import_file (store, "cities", data_path, NULL, NULL, NULL, NULL, error);
  cities = report != NULL ? arbor_store_get (store, "cities", error) : NULL;
  countries = cities != NULL ? arbor_read_jsonl (bytes, error) : NULL;
  is_good = countries != NULL && print_highest (cities, error) && print_low (cities, error) &&
            print_continents (cities, countries, error) &&
            print_nested (cities, countries, error) && print_rivers (cities, error) &&
            print_sum (cities, error) && print_found (cities, error);
  arbor_store_close (store);
  return is_good;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 3)
    {
      g_printerr ("usage: operations STORE FILE\n");
      return 2;
    }
  if (run (argv[1], argv[2], &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
