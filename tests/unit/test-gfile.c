/* Functions with a GFile: what is on this machine is as with its path; resources of a program, which have no
 * path, can be read and nothing else.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>

#include "kit/arbors.h"

static const char towns[] = "{\"name\":\"Kiruna\",\"n\":1}\n{\"name\":\"Ume\xc3\xa5\",\"n\":2}\n";

static GFile *
file_in (StorePlace *self, const char *name)
{
  return g_file_new_build_filename (self->folder, name, NULL);
}

static void
test_local (StorePlace *self, gconstpointer data)
{
  g_autoptr (GFile) store_file = file_in (self, "other.arbor");
  g_autoptr (GFile) text_file = file_in (self, "towns.csv.gz");
  g_autoptr (ArborArbor) arbor = read_lines (towns);
  g_autoptr (ArborArbor) read = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborLoadReport) imported = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_arbor_save_gfile (arbor, text_file, ARBOR_FORMAT_AUTO, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  read = arbor_load_gfile (text_file, NULL, &report, NULL, &error);
  g_assert_no_error (error);
  assert_lines (read, towns);
  g_assert_cmpuint (arbor_load_report_get_n_trees (report), ==, 2);
  store = arbor_store_open_gfile (store_file, NULL, NULL, &error);
  g_assert_no_error (error);
  imported = arbor_store_import_gfile (store, "towns", text_file, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_stored (store, "towns", towns);
}

static void
test_missing (StorePlace *self, gconstpointer data)
{
  g_autoptr (GFile) file = file_in (self, "nothing.jsonl");
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_load_gfile (file, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (
      arbor_store_import_gfile (self->store, "a", file, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_elsewhere (StorePlace *self, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_uri ("resource:///arbor/towns.csv");
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborArbor) read = NULL;
  g_autoptr (ArborArbor) later = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  /* That it is CSV is told by its name. */
  read = arbor_load_gfile (file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_lines (read, towns);
  report = arbor_store_import_gfile (self->store, "t", file, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_stored (self->store, "t", towns);
  arbor_load_gfile_async (file, NULL, NULL, NULL, NULL, NULL, keep_result, &result);
  later = arbor_load_gfile_finish (wait_for (&result), NULL, &error);
  g_assert_no_error (error);
  assert_lines (later, towns);
}

static void
assert_says (const GError *error, const char *part)
{
  g_assert_nonnull (error);
  if (strstr (error->message, part) == NULL)
    g_error ("'%s' does not say '%s'", error->message, part);
}

static void
test_elsewhere_errors (StorePlace *self, gconstpointer data)
{
  g_autoptr (GFile) broken = g_file_new_for_uri ("resource:///arbor/broken.jsonl");
  g_autoptr (ArborArbor) arbor = read_lines (towns);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_load_gfile (broken, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
  assert_says (error, "resource:///arbor/broken.jsonl");
  g_clear_error (&error);
  g_assert_null (
      arbor_store_import_gfile (self->store, "a", broken, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
  g_clear_error (&error);
  g_assert_null (arbor_store_open_gfile (broken, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED);
  assert_says (error, "'resource:///arbor/broken.jsonl' has no path on this machine");
  g_clear_error (&error);
  arbor_store_open_gfile_async (broken, NULL, NULL, keep_result, &result);
  g_assert_null (arbor_store_open_gfile_finish (wait_for (&result), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_assert_false (
      arbor_arbor_save_gfile (arbor, broken, ARBOR_FORMAT_AUTO, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED);
  assert_says (error, "write into a stream");
}

static void
test_store_itself (StorePlace *self, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;

  put_lines (self->store, "t", towns);
  arbor = get_arbor (self->store, "t");
  g_assert_false (arbor_arbor_save_gfile (arbor, file, ARBOR_FORMAT_AUTO, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/gfile/" name, StorePlace, NULL, store_place_set_up, func, store_place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("local", test_local);
  ADD ("missing", test_missing);
  ADD ("elsewhere", test_elsewhere);
  ADD ("elsewhere-errors", test_elsewhere_errors);
  ADD ("store-itself", test_store_itself);
  return g_test_run ();
}
