/* Reports: what verifying a store and a file says, of sound ones and of damaged ones, and what is left of the damaged
 * when it is recovered. One byte of a batch is changed, where a text of which there is only one lies.
 */

#include <arbor/arbor.h>

#include <string.h>

#include "kit/files.h"

#define NEEDLE "needle-in-one-batch"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStore) store = NULL;

  self->folder = make_folder ();
  self->path = g_build_filename (self->folder, "store.arbor", NULL);
  store = arbor_store_open (self->path, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (ArborArbor) arbor = NULL;

      for (guint j = 0; j < 100; j++)
        g_string_append_printf (text, "{\"n\":%u,\"s\":\"%s%u\"}\n", j, i == 1 && j == 50 ? NEEDLE : "text", j);
      bytes = g_bytes_new (text->str, text->len);
      arbor = arbor_read_jsonl (bytes, &error);
      g_assert_no_error (error);
      g_assert_true (arbor_store_put (store, i == 0 ? "sound" : "damaged", arbor, NULL, &error));
    }
  arbor_store_close (store);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

static void
damage (const Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  char *found = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (self->path, &data, &length, &error));
  for (gsize i = 0; i + strlen (NEEDLE) <= length; i++)
    if (memcmp (data + i, NEEDLE, strlen (NEEDLE)) == 0)
      {
        found = data + i;
        *found = 'N';
      }
  g_assert_nonnull (found);
  g_assert_true (g_file_set_contents (self->path, data, (gssize) length, &error));
}

static void
assert_sound (ArborReport *report)
{
  static const char *const names[] = { "damaged", "sound", NULL };
  g_auto (GStrv) found = arbor_report_dup_names (report);

  g_assert_true (arbor_report_is_sound (report));
  g_assert_cmpuint (arbor_report_get_n_findings (report), ==, 0);
  g_assert_null (arbor_report_dup_finding (report, 0));
  g_assert_cmpstrv (found, names);
  g_assert_true (arbor_report_is_arbor_sound (report, "damaged"));
  g_assert_cmpuint (arbor_report_get_n_trees (report, NULL), ==, 200);
  g_assert_cmpuint (arbor_report_get_n_trees (report, "sound"), ==, 100);
  g_assert_cmpuint (arbor_report_get_n_trees (report, "nobody"), ==, 0);
  g_assert_cmpuint (arbor_report_get_n_sound_trees (report, NULL), ==, 200);
  g_assert_cmpuint (arbor_report_get_n_batches (report), ==, 2);
  g_assert_cmpuint (arbor_report_get_n_pages (report), >, 0);
  g_assert_cmpuint (arbor_report_get_n_lost_pages (report), ==, 0);
  g_assert_cmpuint (arbor_report_get_format_version (report), >, 0);
}

static void
note_progress (guint64 done, guint64 total, gpointer data)
{
  guint64 *last = data;

  g_assert_cmpuint (done, >=, *last);
  g_assert_cmpuint (done, <=, total);
  *last = done;
}

static void
test_sound (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborReport) of_file = arbor_verify_file (self->path, NULL, NULL, NULL, &error);
  g_autoptr (ArborStore) store = arbor_store_open (self->path, NULL, NULL, &error);
  g_autoptr (ArborReport) of_store = NULL;
  guint64 done = 0;

  g_assert_no_error (error);
  assert_sound (of_file);
  of_store = arbor_store_verify (store, note_progress, &done, NULL, &error);
  g_assert_no_error (error);
  assert_sound (of_store);
  g_assert_cmpuint (done, >, 0);
  arbor_store_close (store);
  assert_sound (of_store);
}

static void
assert_damaged (ArborReport *report)
{
  g_autofree char *json = arbor_report_to_json (report);
  gboolean is_named = FALSE;

  g_assert_false (arbor_report_is_sound (report));
  g_assert_true (arbor_report_is_arbor_sound (report, "sound"));
  g_assert_false (arbor_report_is_arbor_sound (report, "damaged"));
  g_assert_cmpuint (arbor_report_get_n_sound_trees (report, "sound"), ==, 100);
  g_assert_cmpuint (arbor_report_get_n_sound_trees (report, "damaged"), <, 100);
  g_assert_cmpuint (arbor_report_get_n_findings (report), >, 0);
  for (guint i = 0; i < arbor_report_get_n_findings (report); i++)
    {
      g_autoptr (ArborFinding) finding = arbor_report_dup_finding (report, i);
      g_autofree char *name = arbor_finding_dup_arbor_name (finding);
      g_autofree char *message = arbor_finding_dup_message (finding);

      g_assert_cmpstr (message, !=, "");
      is_named = is_named || g_strcmp0 (name, "damaged") == 0;
      if (g_strcmp0 (name, "damaged") == 0)
        {
          g_assert_cmpuint (arbor_finding_get_first_tree (finding) + arbor_finding_get_n_trees (finding), <=, 100);
          g_assert_cmpuint (arbor_finding_get_batch (finding), >, 0);
        }
      g_assert_cmpstr (name, !=, "sound");
    }
  g_assert_true (is_named);
  g_assert_nonnull (strstr (json, "damaged"));
}

static void
test_damaged (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, "recovered.arbor", NULL);
  g_autoptr (ArborReport) of_file = NULL;
  g_autoptr (ArborReport) of_store = NULL;
  g_autoptr (ArborReport) left = NULL;
  g_autoptr (ArborReport) again = NULL;
  g_autoptr (ArborStore) store = NULL;

  damage (self);
  of_file = arbor_verify_file (self->path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_damaged (of_file);
  store = arbor_store_open (self->path, NULL, NULL, &error);
  g_assert_no_error (error);
  of_store = arbor_store_verify (store, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_damaged (of_store);
  arbor_store_close (store);

  left = arbor_recover_file (self->path, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_damaged (left);
  again = arbor_verify_file (path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (arbor_report_is_sound (again));
  g_assert_cmpuint (arbor_report_get_n_trees (again, "sound"), ==, 100);
}

static void
test_errors (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "nothing.arbor", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStore) store = NULL;

  g_assert_null (arbor_verify_file (path, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "no store at all", -1, &error));
  g_assert_null (arbor_verify_file (path, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE);
  g_clear_error (&error);

  g_cancellable_cancel (cancellable);
  g_assert_null (arbor_verify_file (self->path, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  store = arbor_store_open (self->path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (arbor_store_verify (store, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  arbor_store_close (store);
  g_assert_null (arbor_store_verify (store, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/report/sound", Fixture, NULL, set_up, test_sound, tear_down);
  g_test_add ("/report/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/report/errors", Fixture, NULL, set_up, test_errors, tear_down);

  return g_test_run ();
}
