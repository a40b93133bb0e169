/* ArborStoreOptions: defaults, properties, notification, and what validate refuses. */

#include <arbor/arbor.h>
#include <unistd.h>

static void
test_defaults (void)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_store_options_get_create (options));
  g_assert_false (arbor_store_options_get_read_only (options));
  g_assert_false (arbor_store_options_get_immutable (options));
  g_assert_false (arbor_store_options_get_verify_checksums (options));
  g_assert_cmpuint (arbor_store_options_get_map_size (options), ==, 0);
  g_assert_cmpuint (arbor_store_options_get_max_readers (options), ==, 1024);
  g_assert_cmpuint (arbor_store_options_get_busy_timeout (options), ==, 5000);
  g_assert_cmpuint (arbor_store_options_get_mode (options), ==, 0600);
  g_assert_cmpint (arbor_store_options_get_durability (options), ==, ARBOR_DURABILITY_FULL);
  g_assert_cmpint (arbor_store_options_get_staleness (options), ==, ARBOR_STALENESS_STRICT);
  g_assert_true (arbor_store_options_validate (options, &error));
  g_assert_no_error (error);
}

/* Each property's default is what a new object has. */
static void
test_default_values (void)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (options), &n_pspecs);
  g_assert_cmpuint (n_pspecs, ==, 11);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (options), pspecs[i]->name, &value);
      g_assert_true (g_param_value_defaults (pspecs[i], &value));
    }
}

static void
test_properties (void)
{
  g_autoptr (ArborStoreOptions) options =
      g_object_new (ARBOR_TYPE_STORE_OPTIONS, "create", FALSE, "read-only", TRUE, "immutable", TRUE,
                    "verify-checksums", TRUE, "untrusted", TRUE, "map-size", G_GUINT64_CONSTANT (1) << 40,
                    "max-readers", 7u, "busy-timeout", 250u, "mode", 0640u, "durability",
                    ARBOR_DURABILITY_NO_META_SYNC, "staleness", ARBOR_STALENESS_PINNED, NULL);
  gboolean create, read_only, immutable, verify_checksums, untrusted;
  guint64 map_size;
  guint max_readers, busy_timeout, mode;
  ArborDurability durability;
  ArborStaleness staleness;

  g_object_get (options, "create", &create, "read-only", &read_only, "immutable", &immutable,
                "verify-checksums", &verify_checksums, "untrusted", &untrusted, "map-size", &map_size, "max-readers",
                &max_readers, "busy-timeout", &busy_timeout, "mode", &mode, "durability",
                &durability, "staleness", &staleness, NULL);
  g_assert_false (create);
  g_assert_true (read_only);
  g_assert_true (immutable);
  g_assert_true (verify_checksums);
  g_assert_true (untrusted);
  g_assert_cmpuint (map_size, ==, G_GUINT64_CONSTANT (1) << 40);
  g_assert_cmpuint (max_readers, ==, 7);
  g_assert_cmpuint (busy_timeout, ==, 250);
  g_assert_cmpuint (mode, ==, 0640);
  g_assert_cmpint (durability, ==, ARBOR_DURABILITY_NO_META_SYNC);
  g_assert_cmpint (staleness, ==, ARBOR_STALENESS_PINNED);
  g_assert_true (arbor_store_options_validate (options, NULL));
}

static void
note_name (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  GString *names = user_data;

  g_string_append_printf (names, "%s ", pspec->name);
}

static void
test_notify (void)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (GString) names = g_string_new (NULL);

  g_signal_connect (options, "notify", G_CALLBACK (note_name), names);
  for (guint i = 0; i < 2; i++)
    {
      arbor_store_options_set_create (options, FALSE);
      arbor_store_options_set_read_only (options, 2);
      arbor_store_options_set_immutable (options, TRUE);
      arbor_store_options_set_verify_checksums (options, TRUE);
      arbor_store_options_set_map_size (options, 1 << 20);
      arbor_store_options_set_max_readers (options, 3);
      arbor_store_options_set_busy_timeout (options, 0);
      arbor_store_options_set_mode (options, 0666);
      arbor_store_options_set_durability (options, ARBOR_DURABILITY_NO_META_SYNC);
      arbor_store_options_set_staleness (options, ARBOR_STALENESS_PINNED);
    }
  g_assert_cmpstr (names->str, ==,
                   "create read-only immutable verify-checksums map-size max-readers busy-timeout "
                   "mode durability staleness ");
  g_assert_cmpint (arbor_store_options_get_read_only (options), ==, TRUE);

  g_string_truncate (names, 0);
  g_object_set (options, "create", TRUE, "max-readers", 3u, NULL);
  g_assert_cmpstr (names->str, ==, "create ");
}

static void
assert_invalid (ArborStoreOptions *options, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (arbor_store_options_validate (options, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_map_size (void)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autofree char *odd = NULL;

  arbor_store_options_set_map_size (options, (1 << 20) - 4096);
  assert_invalid (options, "Store option 'map-size': expected 0 or from 1 MiB to 64 TiB, "
                           "found 1044480 bytes");
  arbor_store_options_set_map_size (options, G_MAXUINT64);
  assert_invalid (options, "Store option 'map-size': expected 0 or from 1 MiB to 64 TiB, "
                           "found 18446744073709551615 bytes");
  arbor_store_options_set_map_size (options, (1 << 20) + 1);
  odd = g_strdup_printf ("Store option 'map-size': expected a multiple of the page size, %ld "
                         "bytes, found 1048577 bytes",
                         sysconf (_SC_PAGESIZE));
  assert_invalid (options, odd);

  arbor_store_options_set_map_size (options, 1 << 20);
  g_assert_true (arbor_store_options_validate (options, NULL));
  arbor_store_options_set_map_size (options, G_GUINT64_CONSTANT (64) << 40);
  g_assert_true (arbor_store_options_validate (options, NULL));
}

static void
test_max_readers (void)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();

  arbor_store_options_set_max_readers (options, 0);
  assert_invalid (options,
                  "Store option 'max-readers': expected a number from 1 to 65536, found 0");
  arbor_store_options_set_max_readers (options, 65537);
  assert_invalid (options,
                  "Store option 'max-readers': expected a number from 1 to 65536, found 65537");
  arbor_store_options_set_max_readers (options, 1);
  g_assert_true (arbor_store_options_validate (options, NULL));
  arbor_store_options_set_max_readers (options, 65536);
  g_assert_true (arbor_store_options_validate (options, NULL));
}

static void
test_mode (void)
{
  static const guint bad[] = { 0, 0400, 0066, 0700, 0602 | 0100, 01600, 0100600 };
  static const guint good[] = { 0600, 0640, 0660, 0644, 0666 };
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *message =
          g_strdup_printf ("Store option 'mode': expected 0600, with 0066 for group and others at "
                           "most, found 0%o",
                           bad[i]);

      arbor_store_options_set_mode (options, bad[i]);
      assert_invalid (options, message);
    }
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      arbor_store_options_set_mode (options, good[i]);
      g_assert_true (arbor_store_options_validate (options, NULL));
    }
}

static void
test_policies (void)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();

  arbor_store_options_set_durability (options, (ArborDurability)2);
  assert_invalid (options, "Store option 'durability': expected a value from 0 to 1, found 2");
  arbor_store_options_set_durability (options, ARBOR_DURABILITY_FULL);
  arbor_store_options_set_staleness (options, (ArborStaleness)9);
  assert_invalid (options, "Store option 'staleness': expected a value from 0 to 1, found 9");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/store-options/defaults", test_defaults);
  g_test_add_func ("/store-options/default-values", test_default_values);
  g_test_add_func ("/store-options/properties", test_properties);
  g_test_add_func ("/store-options/notify", test_notify);
  g_test_add_func ("/store-options/map-size", test_map_size);
  g_test_add_func ("/store-options/max-readers", test_max_readers);
  g_test_add_func ("/store-options/mode", test_mode);
  g_test_add_func ("/store-options/policies", test_policies);

  return g_test_run ();
}
