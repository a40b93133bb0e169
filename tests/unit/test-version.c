/* The version macros, and what the library says that it is. */

#include <arbor/arbor.h>

G_STATIC_ASSERT (ARBOR_CHECK_VERSION (ARBOR_MAJOR_VERSION, ARBOR_MINOR_VERSION, ARBOR_MICRO_VERSION));
G_STATIC_ASSERT (ARBOR_CHECK_VERSION (ARBOR_MAJOR_VERSION - 1, 999, 999));
G_STATIC_ASSERT (!ARBOR_CHECK_VERSION (ARBOR_MAJOR_VERSION + 1, 0, 0));
G_STATIC_ASSERT (!ARBOR_CHECK_VERSION (ARBOR_MAJOR_VERSION, ARBOR_MINOR_VERSION + 1, 0));
G_STATIC_ASSERT (!ARBOR_CHECK_VERSION (ARBOR_MAJOR_VERSION, ARBOR_MINOR_VERSION,
                                       ARBOR_MICRO_VERSION + 1));
G_STATIC_ASSERT (ARBOR_VERSION_MIN_REQUIRED >= ARBOR_VERSION_1_0);
G_STATIC_ASSERT (ARBOR_VERSION_MAX_ALLOWED >= ARBOR_VERSION_MIN_REQUIRED);

static void
test_run_time (void)
{
  guint major = arbor_get_major_version ();
  guint minor = arbor_get_minor_version ();
  guint micro = arbor_get_micro_version ();

  g_assert_cmpuint (major, ==, ARBOR_MAJOR_VERSION);
  g_assert_cmpuint (minor, ==, ARBOR_MINOR_VERSION);
  g_assert_cmpuint (micro, ==, ARBOR_MICRO_VERSION);
  g_assert_null (arbor_check_version (major, minor, micro));
  g_assert_cmpstr (arbor_check_version (major, minor, micro + 1), ==,
                   "the library is too old: its version is below the one that is needed");
  g_assert_cmpstr (arbor_check_version (major, minor + 1, 0), ==,
                   "the library is too old: its version is below the one that is needed");
  g_assert_cmpstr (arbor_check_version (major + 1, 0, 0), ==,
                   "the library is too old: its major version differs");
  g_assert_cmpstr (arbor_check_version (major - 1, 9, 9), ==,
                   "the library is too new: its major version differs");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/version/run-time", test_run_time);
  return g_test_run ();
}
