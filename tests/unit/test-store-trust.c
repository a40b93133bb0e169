/* Verifying, recovering, copying and dumping stores, through the public header alone. What is damaged in every way
 * is in tests/recovery/test-damage-campaign.py.
 */

#include <arbor/arbor.h>

#include "kit/arbors.h"

typedef struct
{
  char *folder;
  char *path;
  char *other;
  ArborStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "store.arbor", NULL);
  fixture->other = g_build_filename (fixture->folder, "other.arbor", NULL);
  fixture->store = open_store (fixture->path);
  put_lines (fixture->store, "a", "{\"k\":\"violet\"}\n{\"k\":\"orange\"}\n{\"n\":1}\n");
  put_lines (fixture->store, "b", "[1,2]\n");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  arbor_store_close (fixture->store);
  g_clear_object (&fixture->store);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->other);
}

/* The file, where the letters of the first column are others. */
static void
damage (Fixture *fixture, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize size, at = 0;

  g_assert_true (g_file_get_contents (fixture->path, &bytes, &size, &error));
  while (at + 6 <= size && memcmp (bytes + at, "violet", 6) != 0)
    at++;
  g_assert_cmpuint (at + 6, <=, size);
  bytes[at] = 'V';
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, &error));
  g_assert_no_error (error);
}

static void
count (guint64 done, guint64 total, gpointer data)
{
  g_assert_cmpuint (done, <=, total);
  ++*(guint *) data;
}

static void
test_sound (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint n_told = 0;
  g_autoptr (ArborReport) report = arbor_store_verify (fixture->store, count, &n_told, NULL, &error);
  g_auto (GStrv) names = NULL;

  g_assert_no_error (error);
  g_assert_true (arbor_report_is_sound (report));
  g_assert_cmpuint (arbor_report_get_n_findings (report), ==, 0);
  g_assert_null (arbor_report_dup_finding (report, 0));
  names = arbor_report_dup_names (report);
  g_assert_cmpstr (names[0], ==, "a");
  g_assert_cmpstr (names[1], ==, "b");
  g_assert_null (names[2]);
  g_assert_true (arbor_report_is_arbor_sound (report, "b"));
  g_assert_cmpuint (arbor_report_get_n_trees (report, NULL), ==, 4);
  g_assert_cmpuint (arbor_report_get_n_sound_trees (report, "a"), ==, 3);
  g_assert_cmpuint (arbor_report_get_n_batches (report), ==, 2);
  g_assert_cmpuint (arbor_report_get_n_lost_pages (report), ==, 0);
  g_assert_cmpuint (arbor_report_get_format_version (report), ==, 2);
  g_assert_cmpuint (n_told, ==, 2);
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autofree char *new_path = g_build_filename (fixture->folder, "new.arbor", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborReport) report = NULL;
  g_autoptr (ArborFinding) finding = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autofree char *column = NULL;
  g_autofree char *name = NULL;
  g_autofree char *message = NULL;
  g_autofree char *json = NULL;

  damage (fixture, fixture->other);
  report = arbor_recover_file (fixture->other, new_path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (arbor_report_is_sound (report));
  g_assert_cmpuint (arbor_report_get_n_findings (report), ==, 1);
  finding = arbor_report_dup_finding (report, 0);
  g_assert_cmpint (arbor_finding_get_kind (finding), ==, ARBOR_FINDING_COLUMN);
  column = arbor_finding_dup_column (finding);
  g_assert_cmpstr (column, ==, "k");
  name = arbor_finding_dup_arbor_name (finding);
  g_assert_cmpstr (name, ==, "a");
  message = arbor_finding_dup_message (finding);
  g_assert_nonnull (strstr (message, "'k'"));
  g_assert_cmpuint (arbor_finding_get_page (finding), ==, 0);
  g_assert_cmpuint (arbor_finding_get_batch (finding), ==, 1);
  g_assert_cmpuint (arbor_finding_get_first_tree (finding), ==, 0);
  g_assert_cmpuint (arbor_finding_get_n_trees (finding), ==, 2);
  g_assert_false (arbor_report_is_arbor_sound (report, "a"));
  g_assert_cmpuint (arbor_report_get_n_sound_trees (report, "a"), ==, 1);
  json = arbor_report_to_json (report);
  g_assert_nonnull (strstr (json, "{\"kind\":\"column\",\"arbor\":\"a\",\"column\":\"k\",\"batch\":1,"
                                  "\"first_tree\":0,\"trees\":2,"));

  store = open_store (new_path);
  arbor = arbor_store_get (store, "a", &error);
  g_assert_no_error (error);
  assert_lines (arbor, "{\"n\":1}\n");
  arbor_store_close (store);
}

static void
test_untrusted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStore) store = NULL;

  g_assert_false (arbor_store_options_get_untrusted (options));
  arbor_store_options_set_untrusted (options, TRUE);
  damage (fixture, fixture->other);
  g_assert_null (arbor_store_open (fixture->other, options, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  store = open_store_with (fixture->path, options);
  arbor_store_close (store);
}

static void
test_copies (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dump = g_build_filename (fixture->folder, "dump", NULL);
  g_autofree char *again = g_build_filename (fixture->folder, "again", NULL);
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (GError) error = NULL;
  guint n_told = 0;

  g_assert_true (arbor_store_backup (fixture->store, fixture->other, ARBOR_BACKUP_COMPACT, count, &n_told,
                                     NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_told, >, 0);
  g_assert_true (arbor_store_dump (fixture->store, dump, count, &n_told, NULL, &error));
  g_assert_no_error (error);
  store = open_store (fixture->other);
  put_lines (store, "a", "1\n");
  g_assert_true (arbor_store_load (store, dump, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (arbor_store_dump (store, again, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (dump, &text, NULL, &error));
  g_assert_true (g_file_get_contents (again, &text_again, NULL, &error));
  g_assert_cmpstr (text, ==, text_again);
  g_assert_cmpstr (text, ==,
                   "{\"arbor_dump\":1,\"arbors\":2}\n{\"arbor\":\"a\",\"trees\":3}\n"
                   "{\"k\":\"violet\"}\n{\"k\":\"orange\"}\n{\"n\":1}\n{\"arbor\":\"b\",\"trees\":1}\n"
                   "[1,2]\n{\"end\":true,\"trees\":4}\n");
  g_assert_cmpuint (arbor_store_upgrade (store, NULL, &error), ==, 0);
  g_assert_no_error (error);
  arbor_store_close (store);
}

static void
test_closed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  arbor_store_close (fixture->store);
  g_assert_null (arbor_store_verify (fixture->store, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (arbor_store_dump (fixture->store, fixture->other, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store-trust/sound", Fixture, NULL, set_up, test_sound, tear_down);
  g_test_add ("/store-trust/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/store-trust/untrusted", Fixture, NULL, set_up, test_untrusted, tear_down);
  g_test_add ("/store-trust/copies", Fixture, NULL, set_up, test_copies, tear_down);
  g_test_add ("/store-trust/closed", Fixture, NULL, set_up, test_closed, tear_down);
  return g_test_run ();
}
