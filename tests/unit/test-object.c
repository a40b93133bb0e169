/* Trees to objects and back, and models of objects. */

#include "kit/mirror.h"

typedef enum
{
  LEAF_NONE = 0,
  LEAF_NEEDLE = 1,
  LEAF_BROAD = 2,
} Leaf;

static GType
leaf_get_type (void)
{
  static const GEnumValue values[] = {
    { LEAF_NONE, "LEAF_NONE", "none" },
    { LEAF_NEEDLE, "LEAF_NEEDLE", "needle" },
    { LEAF_BROAD, "LEAF_BROAD", "broad" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TestLeaf", values));
  return type;
}

/* A class with a property of each sort that has a form. */
#define TEST_TYPE_PLANT (test_plant_get_type ())
G_DECLARE_FINAL_TYPE (TestPlant, test_plant, TEST, PLANT, GObject)

enum
{
  PROP_ID = 1,
  PROP_LATIN_NAME,
  PROP_HEIGHT,
  PROP_IS_TREE,
  PROP_BIG,
  PROP_LEAF,
  PROP_FLAGS,
  PROP_TAGS,
  PROP_SEEN,
  PROP_DATA,
  PROP_PARENT,
  PROP_PARTS,
  PROP_ANY,
  PROP_CODE,
  N_PROPS,
};

struct _TestPlant
{
  GObject parent_instance;
  GValue values[N_PROPS];
};

static GParamSpec *properties[N_PROPS];
static void test_plant_map (ArborMappableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestPlant, test_plant, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ARBOR_TYPE_MAPPABLE, test_plant_map))

static void
test_plant_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_copy (&TEST_PLANT (object)->values[id], value);
}

static void
test_plant_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  g_value_copy (value, &TEST_PLANT (object)->values[id]);
}

static void
test_plant_finalize (GObject *object)
{
  for (guint i = 1; i < N_PROPS; i++)
    g_value_unset (&TEST_PLANT (object)->values[i]);
  G_OBJECT_CLASS (test_plant_parent_class)->finalize (object);
}

static void
test_plant_class_init (TestPlantClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = test_plant_get_property;
  object_class->set_property = test_plant_set_property;
  object_class->finalize = test_plant_finalize;
  properties[PROP_ID] =
      g_param_spec_int ("id", NULL, NULL, G_MININT, G_MAXINT, 0, flags | G_PARAM_CONSTRUCT_ONLY);
  properties[PROP_LATIN_NAME] = g_param_spec_string ("latin-name", NULL, NULL, NULL, flags);
  properties[PROP_HEIGHT] = g_param_spec_double ("height", NULL, NULL, 0, 1000, 0, flags);
  properties[PROP_IS_TREE] = g_param_spec_boolean ("is-tree", NULL, NULL, FALSE, flags);
  properties[PROP_BIG] = g_param_spec_uint64 ("big", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_LEAF] = g_param_spec_enum ("leaf", NULL, NULL, leaf_get_type (), LEAF_NONE, flags);
  properties[PROP_FLAGS] =
      g_param_spec_flags ("flags", NULL, NULL, ARBOR_TYPE_SORT_FLAGS, ARBOR_SORT_NONE, flags);
  properties[PROP_TAGS] = g_param_spec_boxed ("tags", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_SEEN] = g_param_spec_boxed ("seen", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_DATA] = g_param_spec_boxed ("data", NULL, NULL, G_TYPE_BYTES, flags);
  properties[PROP_PARENT] = g_param_spec_object ("parent", NULL, NULL, TEST_TYPE_PLANT, flags);
  properties[PROP_PARTS] = g_param_spec_object ("parts", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  properties[PROP_ANY] = g_param_spec_object ("any", NULL, NULL, ARBOR_TYPE_TREE, flags);
  properties[PROP_CODE] = g_param_spec_int ("code", NULL, NULL, 0, 1000, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
test_plant_init (TestPlant *self)
{
  g_autoptr (GListStore) parts = g_list_store_new (TEST_TYPE_PLANT);

  for (guint i = 1; i < N_PROPS; i++)
    g_value_init (&self->values[i], properties[i]->value_type);
  g_value_set_object (&self->values[PROP_PARTS], parts);
}

/* The code is written as hexadecimal text, in a field that is called otherwise. */
static char *
dup_field_name (ArborMappable *self, GParamSpec *pspec)
{
  return pspec == properties[PROP_CODE] ? g_strdup ("the code") : NULL;
}

static char *
write_property (ArborMappable *self, GParamSpec *pspec, const GValue *value)
{
  return pspec == properties[PROP_CODE] ? g_strdup_printf ("\"%x\"", g_value_get_int (value)) : NULL;
}

static gboolean
read_property (ArborMappable *self, GParamSpec *pspec, ArborTree *tree)
{
  g_autofree char *text = NULL;

  if (pspec != properties[PROP_CODE])
    return FALSE;
  text = arbor_tree_dup_string (tree, NULL, NULL);
  g_object_set (self, "code", (int) g_ascii_strtoll (text, NULL, 16), NULL);
  return TRUE;
}

static void
test_plant_map (ArborMappableInterface *iface)
{
  iface->dup_field_name = dup_field_name;
  iface->write_property = write_property;
  iface->read_property = read_property;
}

static ArborTree *
make_tree (const char *json)
{
  g_autoptr (ArborArbor) arbor = read_lines (json);

  return arbor_arbor_get (arbor, 0, NULL);
}

static GObject *
make_object (const char *json, GType type)
{
  g_autoptr (ArborTree) tree = make_tree (json);
  g_autoptr (GError) error = NULL;
  GObject *object = arbor_tree_to_object (tree, type, &error);

  g_assert_no_error (error);
  return object;
}

static void
assert_json (gpointer object, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborTree) tree = arbor_tree_new_from_object (object, &error);
  g_autofree char *json = NULL;

  g_assert_no_error (error);
  json = arbor_tree_to_json (tree, NULL);
  g_assert_cmpstr (json, ==, expected);
}

#define EMPTY                                                                                      \
  "\"latin_name\":null,\"height\":0.0,\"is_tree\":false,\"big\":0,\"leaf\":\"none\",\"flags\":[]," \
  "\"tags\":null,\"seen\":null,\"data\":null,\"parent\":null,\"parts\":[],\"any\":null,"           \
  "\"the code\":\"0\""

static void
test_round_trip (void)
{
  const char *json =
      "{\"id\":-7,\"latin_name\":\"Taxus \\\"b\\\"\",\"height\":12.5,\"is_tree\":true,"
      "\"big\":18446744073709551615,\"leaf\":\"needle\",\"flags\":[\"descending\",\"nulls-first\"],"
      "\"tags\":[\"a\",\"\"],\"seen\":\"2026-02-03T04:05:06.789000Z\",\"data\":\"AAEC\","
      "\"parent\":{\"id\":1," EMPTY "},\"parts\":[{\"id\":2," EMPTY ",\"extra\":[1]},{\"id\":3," EMPTY "}],"
      "\"any\":{\"x\":[1.5,null]},\"the code\":\"ff\",\"unknown\":{\"y\":1e400},\"u2\":\"\xc3\xbc\"}";
  g_autoptr (GObject) object = make_object (json, TEST_TYPE_PLANT);
  g_autoptr (GListModel) parts = NULL;
  g_autoptr (GObject) part = NULL;
  g_autoptr (GDateTime) seen = NULL;
  g_autoptr (GBytes) bytes = NULL;
  int code, id;

  assert_json (object, json);
  g_object_get (object, "parts", &parts, "code", &code, "seen", &seen, "data", &bytes, NULL);
  g_assert_cmpint (code, ==, 255);
  g_assert_cmpint (g_date_time_get_microsecond (seen), ==, 789000);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "\0\1\2", 3);
  g_assert_cmpuint (g_list_model_get_n_items (parts), ==, 2);
  part = g_list_model_get_item (parts, 1);
  g_assert_true (TEST_IS_PLANT (part));
  g_object_get (part, "id", &id, NULL);
  g_assert_cmpint (id, ==, 3);
}

/* What else a field may be. */
static void
test_lenient (void)
{
  g_autoptr (GObject) object =
      make_object ("{\"latin-name\":\"x\",\"id\":2.0,\"height\":3,\"leaf\":\"LEAF_BROAD\","
                   "\"flags\":\"descending\",\"big\":5,\"is_tree\":null,\"parts\":null}",
                   TEST_TYPE_PLANT);
  g_autoptr (GObject) other = make_object ("{\"leaf\":1,\"flags\":[1,\"nulls-first\"]}", TEST_TYPE_PLANT);
  g_autofree char *name = NULL;
  double height;
  guint flags;
  int id, leaf;

  g_object_get (object, "latin-name", &name, "id", &id, "height", &height, "leaf", &leaf, "flags",
                &flags, NULL);
  g_assert_cmpstr (name, ==, "x");
  g_assert_cmpint (id, ==, 2);
  g_assert_cmpfloat (height, ==, 3);
  g_assert_cmpint (leaf, ==, LEAF_BROAD);
  g_assert_cmpuint (flags, ==, ARBOR_SORT_DESCENDING);
  g_object_get (other, "leaf", &leaf, "flags", &flags, NULL);
  g_assert_cmpint (leaf, ==, LEAF_NEEDLE);
  g_assert_cmpuint (flags, ==, ARBOR_SORT_DESCENDING | ARBOR_SORT_NULLS_FIRST);
}

static void
test_errors (void)
{
  static const struct
  {
    const char *json;
    const char *message;
  } rows[] = {
    { "[1]", "A TestPlant is made of an object, not of array" },
    { "{\"id\":\"1\"}", "TestPlant:id takes an integer, found string" },
    { "{\"id\":1.5}", "TestPlant:id takes an integer, found double" },
    { "{\"id\":3000000000}",
      "TestPlant:id takes integers from -2147483648 to 2147483647, found 3000000000" },
    { "{\"latin_name\":1}", "TestPlant:latin-name takes a string, found int" },
    { "{\"is_tree\":1}", "TestPlant:is-tree takes true or false, found int" },
    { "{\"height\":\"1\"}", "TestPlant:height takes a number, found string" },
    { "{\"leaf\":\"square\"}", "TestPlant:leaf takes a TestLeaf, which has no 'square'" },
    { "{\"flags\":[\"up\"]}", "TestPlant:flags takes ArborSortFlags, which have no 'up'" },
    { "{\"tags\":[1]}", "TestPlant:tags takes an array of strings, found int" },
    { "{\"seen\":\"yesterday\"}", "TestPlant:seen takes GDateTime, found string" },
    { "{\"parent\":{\"id\":[]}}", "TestPlant:id takes an integer, found array" },
    { "{\"parts\":{}}", "TestPlant:parts takes an array, found object" },
    { "{\"parts\":[5]}", "A TestPlant is made of an object, not of int" },
  };
  g_autoptr (ArborTree) tree = make_tree ("{}");
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) circle = make_object ("{}", TEST_TYPE_PLANT);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ArborTree) bad = make_tree (rows[i].json);

      g_assert_null (arbor_tree_to_object (bad, TEST_TYPE_PLANT, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE);
      g_assert_cmpstr (error->message, ==, rows[i].message);
      g_clear_error (&error);
    }
  g_assert_null (arbor_tree_to_object (tree, G_TYPE_INT, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (arbor_tree_to_object (tree, G_TYPE_INPUT_STREAM, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_object_set (circle, "parent", circle, NULL);
  g_assert_null (arbor_tree_new_from_object (circle, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_object_set (circle, "parent", NULL, NULL);
}

/* The objects are read when the call begins: what becomes of them later is not written. */
static void
check_asynchronous (ArborStore *store, GObject **plants)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GObject) circle = g_object_new (TEST_TYPE_PLANT, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autofree char *name = NULL;

  g_object_set (plants[0], "latin-name", "Acer", NULL);
  arbor_store_put_objects_async (store, "later", plants, 2, NULL, keep_result, &result);
  g_object_set (plants[0], "latin-name", "Abies", NULL);
  g_assert_true (arbor_store_put_objects_finish (store, wait_for (&result), &error));
  g_assert_no_error (error);
  g_clear_object (&result);
  arbor = get_arbor (store, "later");
  tree = arbor_arbor_get (arbor, 0, NULL);
  name = arbor_tree_dup_string (tree, "latin_name", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "Acer");
  arbor_store_upsert_objects_async (store, "later", "id", plants, 1, NULL, keep_result, &result);
  g_assert_cmpuint (arbor_store_upsert_objects_finish (store, wait_for (&result), &error), ==, 1);
  g_assert_no_error (error);
  g_clear_object (&result);

  g_object_set (circle, "parent", circle, NULL);
  arbor_store_put_objects_async (store, "later", &circle, 1, NULL, keep_result, &result);
  g_object_set (circle, "parent", NULL, NULL);
  g_assert_false (arbor_store_put_objects_finish (store, wait_for (&result), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
}

static void
test_store (StorePlace *place, gconstpointer data)
{
  GObject *plants[2] = { make_object ("{\"id\":1}", TEST_TYPE_PLANT),
                         make_object ("{\"id\":2,\"note\":\"kept\"}", TEST_TYPE_PLANT) };
  g_autoptr (ArborListModel) rows = arbor_list_model_new (place->store, "plants");
  g_autoptr (ArborObjectModel) model = arbor_object_model_new (G_LIST_MODEL (rows), TEST_TYPE_PLANT);
  g_autoptr (GListModel) of_arbor = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GObject) first = NULL;
  g_autoptr (GObject) second = NULL;
  g_autoptr (GObject) again = NULL;
  g_autoptr (GObject) changed = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  g_assert_true (arbor_store_put_objects (place->store, "plants", plants, 2, NULL, &error));
  g_assert_no_error (error);
  settle (rows);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (model)) == TEST_TYPE_PLANT);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 2);
  first = g_list_model_get_item (G_LIST_MODEL (model), 0);
  second = g_list_model_get_item (G_LIST_MODEL (model), 1);
  again = g_list_model_get_item (G_LIST_MODEL (model), 1);
  g_assert_true (second == again);

  g_object_set (second, "latin-name", "Ulmus", NULL);
  g_assert_cmpuint (
      arbor_store_upsert_objects (place->store, "plants", "id", &second, 1, NULL, &error), ==, 1);
  g_assert_no_error (error);
  settle (rows);
  changed = g_list_model_get_item (G_LIST_MODEL (model), 1);
  g_assert_true (changed != second);
  g_object_get (changed, "latin-name", &name, NULL);
  g_assert_cmpstr (name, ==, "Ulmus");
  g_clear_object (&again);
  again = g_list_model_get_item (G_LIST_MODEL (model), 0);
  g_assert_true (again == first);

  arbor = get_arbor (place->store, "plants");
  {
    g_autoptr (ArborTree) tree = arbor_arbor_get (arbor, 1, NULL);
    g_autofree char *note = arbor_tree_dup_string (tree, "note", NULL);

    g_assert_cmpstr (note, ==, "kept");
  }
  of_arbor = G_LIST_MODEL (arbor_object_model_new (G_LIST_MODEL (arbor), TEST_TYPE_PLANT));
  g_assert_cmpuint (g_list_model_get_n_items (of_arbor), ==, 2);
  check_asynchronous (place->store, plants);
  arbor_store_close (place->store);
  g_assert_false (arbor_store_put_objects (place->store, "plants", plants, 2, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  settle (rows);
  while (g_list_model_get_n_items (G_LIST_MODEL (model)) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (plants[0]);
  g_object_unref (plants[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/object/round-trip", test_round_trip);
  g_test_add_func ("/object/lenient", test_lenient);
  g_test_add_func ("/object/errors", test_errors);
  g_test_add ("/object/store", StorePlace, NULL, store_place_set_up, test_store, store_place_tear_down);
  return g_test_run ();
}
