/* Objects in C: GObjects of trees, and back, by their properties.
 *
 *   cc objects.c -o objects $(pkg-config --cflags --libs arbor-1)
 *   ./objects cities.arbor data/cities.jsonl
 */

#include <arbor/arbor.h>
#include <locale.h>

#define CITY_TYPE (city_get_type ())
G_DECLARE_FINAL_TYPE (City, city, CITY, CITY, GObject)

struct _City
{
  GObject parent_instance;

  char *name;
  gint64 elevation;
  char *country;
};

G_DEFINE_TYPE (City, city, G_TYPE_OBJECT)

enum
{
  PROP_NAME = 1,
  PROP_ELEVATION,
  PROP_COUNTRY
};

static void
city_finalize (GObject *object)
{
  City *self = CITY_CITY (object);

  g_free (self->name);
  g_free (self->country);
  G_OBJECT_CLASS (city_parent_class)->finalize (object);
}

static void
city_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  City *self = CITY_CITY (object);

  if (id == PROP_NAME)
    g_value_set_string (value, self->name);
  else if (id == PROP_ELEVATION)
    g_value_set_int64 (value, self->elevation);
  else if (id == PROP_COUNTRY)
    g_value_set_string (value, self->country);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
city_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  City *self = CITY_CITY (object);
  char **text = id == PROP_NAME ? &self->name : &self->country;

  if (id == PROP_ELEVATION)
    self->elevation = g_value_get_int64 (value);
  else if (id == PROP_NAME || id == PROP_COUNTRY)
    {
      g_free (*text);
      *text = g_value_dup_string (value);
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
city_class_init (CityClass *klass)
{
  const GParamFlags flags = (GParamFlags) (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = city_finalize;
  object_class->get_property = city_get_property;
  object_class->set_property = city_set_property;
  g_object_class_install_property (object_class, PROP_NAME,
                                   g_param_spec_string ("name", NULL, NULL, "", flags));
  g_object_class_install_property (
      object_class, PROP_ELEVATION,
      g_param_spec_int64 ("elevation", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags));
  g_object_class_install_property (object_class, PROP_COUNTRY,
                                   g_param_spec_string ("country", NULL, NULL, "", flags));
}

static void
city_init (City *self)
{
  self->country = g_strdup ("");
}

static City *
city_of (ArborArbor *arbor, guint64 index, GError **error)
{
  g_autoptr (ArborTree) tree = arbor_arbor_get (arbor, index, error);

  return tree != NULL ? (City *) arbor_tree_to_object (tree, CITY_TYPE, error) : NULL;
}

/* What the class does not know, such as the location, stays with the object. */
static gboolean
save_changed (ArborStore *store, City *city, GError **error)
{
  g_autoptr (GObject) quito =
      G_OBJECT (g_object_new (CITY_TYPE, "name", "Quito", "elevation", (gint64) 2850, "country",
                              "Ecuador", NULL));
  g_autoptr (ArborArbor) cities = NULL;
  g_autoptr (ArborTree) first = NULL;
  g_autoptr (ArborTree) location = NULL;
  g_autoptr (City) last = NULL;
  g_autofree char *json = NULL;
  GObject *saved[2];
  guint64 n;

  city->elevation++;
  saved[0] = G_OBJECT (city);
  saved[1] = quito;
  n = arbor_store_upsert_objects (store, "cities", "name", saved, 2, NULL, error);
  if (n == 0)
    return FALSE;
  g_print ("Saved: %" G_GUINT64_FORMAT "\n", n);
  cities = arbor_store_get (store, "cities", error);
  first = cities != NULL ? arbor_arbor_get (cities, 0, error) : NULL;
  last = first != NULL ? city_of (cities, arbor_arbor_get_n_trees (cities, NULL) - 1, error) : NULL;
  if (last == NULL)
    return FALSE;
  location = arbor_tree_get (first, "location", error);
  if (location == NULL)
    return FALSE;
  json = arbor_tree_to_json (location, NULL);
  g_print ("%s\nLast: %s\n", json, last->name);
  return TRUE;
}

static gboolean
put_few (ArborStore *store, GError **error)
{
  g_autoptr (GObject) oslo = G_OBJECT (g_object_new (CITY_TYPE, "name", "Oslo", NULL));
  g_autoptr (GObject) rome = G_OBJECT (g_object_new (
      CITY_TYPE, "name", "Rome", "elevation", (gint64) 21, "country", "Italy", NULL));
  g_autoptr (ArborArbor) few = NULL;
  g_autoptr (City) first = NULL;
  g_autoptr (City) second = NULL;
  GObject *objects[2];

  objects[0] = oslo;
  objects[1] = rome;
  if (!arbor_store_put_objects (store, "few", objects, 2, NULL, error))
    return FALSE;
  few = arbor_store_get (store, "few", error);
  first = few != NULL ? city_of (few, 0, error) : NULL;
  second = first != NULL ? city_of (few, 1, error) : NULL;
  if (second != NULL)
    g_print ("Few: %s, %s\n", first->name, second->name);
  return second != NULL;
}

static gboolean
run (const char *store_path, const char *data_path, GError **error)
{
  g_autoptr (ArborStore) store = arbor_store_open (store_path, NULL, NULL, error);
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborArbor) cities = NULL;
  g_autoptr (City) city = NULL;
  gboolean is_good;

  if (store == NULL)
    return FALSE;
  report = arbor_store_import_file (store, "cities", data_path, NULL, NULL, NULL, NULL, error);
  cities = report != NULL ? arbor_store_get (store, "cities", error) : NULL;
  city = cities != NULL ? city_of (cities, 0, error) : NULL;
  if (city == NULL)
    return FALSE;
  g_print ("%s: %" G_GINT64_FORMAT " m\n", city->name, city->elevation);
  is_good = save_changed (store, city, error) && put_few (store, error);
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
      g_printerr ("usage: objects STORE FILE\n");
      return 2;
    }
  if (run (argv[1], argv[2], &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
