/* Sessions: opening what is and is not a store, putting and reading, snapshots, refresh, staging,
 * closing. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/arbor-catalog.h"

#include "kit/sessions.h"
#include "storage/arbor-staging.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.arbor", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static const Part none[] = { { 0, 0 } };
static const Part one[] = { { 1, 3000 }, { 0, 0 } };
static const Part two[] = { { 1, 3000 }, { 2, 100000 }, { 0, 0 } };
static const Part three[] = { { 3, 2500 }, { 2, 100000 }, { 4, 5000 }, { 0, 0 } };

static GError *
open_failing (const char *path, const ArborSessionOptions *options)
{
  GError *error = NULL;
  ArborSession *session = arbor_session_open (path, options, NULL, &error);

  g_assert_null (session);
  g_assert_nonnull (error);
  return error;
}

/* Opening */

static void
test_create (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  g_autofree char *real = realpath (fixture->path, NULL);
  g_autofree char *names = list_names (session);

  g_assert_cmpstr (names, ==, "");
  g_assert_cmpstr (arbor_session_get_path (session), ==, real);
  g_assert_false (arbor_session_is_read_only (session));
  close_store (session);

  session = open_store (fixture->path);
  put (session, "x", one);
  close_store (session);

  session = open_store (fixture->path);
  assert_content (session, "x", one);
  close_store (session);
}

static void
test_create_from_empty_file (Fixture *fixture, gconstpointer data)
{
  ArborSession *session;

  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  session = open_store (fixture->path);
  put (session, "x", two);
  assert_content (session, "x", two);
  close_store (session);
}

static void
test_not_found (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = { .create = FALSE };
  g_autoptr (GError) error = open_failing (fixture->path, &options);
  g_autoptr (GError) read_only_error = NULL;

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, fixture->path));
  options = default_options ();
  options.read_only = TRUE;
  read_only_error = open_failing (fixture->path, &options);
  g_assert_error (read_only_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static void
test_empty_without_create (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = { .create = FALSE };
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  error = open_failing (fixture->path, &options);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE);
}

static void
test_folder (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = open_failing (fixture->folder, &options);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

static void
test_missing_folder (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autofree char *path = g_build_filename (fixture->folder, "no", "such", NULL);
  g_autoptr (GError) error = open_failing (path, &options);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_foreign_files (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autofree char *long_text = g_strnfill (100000, 'x');
  const char *texts[] = { "x", "{\"a\": 1}\n", long_text };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *after = NULL;

      g_assert_true (g_file_set_contents (fixture->path, texts[i], -1, NULL));
      error = open_failing (fixture->path, &options);
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE);
      g_assert_nonnull (strstr (error->message, fixture->path));
      g_assert_true (g_file_get_contents (fixture->path, &after, NULL, NULL));
      g_assert_cmpstr (after, ==, texts[i]);
    }
}

static void
test_hard_link (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autofree char *other = g_build_filename (fixture->folder, "b.arbor", NULL);
  g_autoptr (GError) error = NULL;

  close_store (open_store (fixture->path));
  g_assert_cmpint (link (fixture->path, other), ==, 0);
  error = open_failing (other, &options);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED);
}

/* Through a symbolic link it is the same store, with the same lock file. */
static void
test_symbolic_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder, "b.arbor", NULL);
  g_autofree char *other_lock = g_strconcat (other, "-lock", NULL);
  ArborSession *first, *second;

  g_assert_cmpint (symlink ("a.arbor", other), ==, 0);
  second = open_store (other);
  first = open_store (fixture->path);
  g_assert_cmpstr (arbor_session_get_path (first), ==, arbor_session_get_path (second));
  put (first, "x", one);
  g_assert_true (arbor_session_refresh (second, NULL, NULL));
  assert_content (second, "x", one);
  g_assert_false (g_file_test (other_lock, G_FILE_TEST_EXISTS));
  close_store (first);
  close_store (second);
}

static void
test_cancelled_open (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (arbor_session_open (fixture->path, &options, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

/* Read-only first, writable second, on one file. */
static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;
  ArborSession *reader, *writer;

  close_store (open_store (fixture->path));
  options.read_only = TRUE;
  reader = arbor_session_open (fixture->path, &options, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (arbor_session_is_read_only (reader));
  g_assert_null (arbor_staging_new (reader, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY);
  g_clear_error (&error);

  writer = open_store (fixture->path);
  put (writer, "x", two);
  g_assert_true (arbor_session_refresh (reader, NULL, &error));
  assert_content (reader, "x", two);
  close_store (writer);
  assert_content (reader, "x", two);
  close_store (reader);
}

static void
test_immutable (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  ArborSessionOptions normal = default_options ();
  g_autofree char *lock = g_strconcat (fixture->path, "-lock", NULL);
  g_autoptr (GError) error = NULL;
  ArborSession *session = open_store (fixture->path);

  put (session, "x", two);
  close_store (session);
  g_assert_cmpint (g_unlink (lock), ==, 0);
  options.immutable = TRUE;
  session = arbor_session_open (fixture->path, &options, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (arbor_session_is_read_only (session));
  assert_content (session, "x", two);
  g_assert_false (g_file_test (lock, G_FILE_TEST_EXISTS));
  error = open_failing (fixture->path, &normal);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS);
  close_store (session);
}

/* Putting */

static void
test_put (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ArborSession *session = open_store (fixture->path);
  g_autoptr (ArborSnapshot) snapshot = NULL;
  g_autofree char *names = NULL;
  guint64 n;

  put (session, "b", one);
  put (session, "a", two);
  put (session, "nothing", none);
  put (session, "\xc3\xa4", three);
  names = list_names (session);
  g_assert_cmpstr (names, ==, "a,b,nothing,\xc3\xa4");
  assert_content (session, "a", two);
  assert_content (session, "b", one);
  assert_content (session, "nothing", none);
  assert_content (session, "\xc3\xa4", three);
  put (session, "a", three);
  assert_content (session, "a", three);
  assert_content (session, "b", one);
  delete_name (session, "b");
  delete_name (session, "unknown");

  snapshot = arbor_session_dup_snapshot (session, &error);
  g_assert_true (arbor_snapshot_get_n_arbors (snapshot, &n, &error));
  g_assert_cmpuint (n, ==, 3);
  g_assert_null (arbor_snapshot_lookup (snapshot, "b", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (arbor_snapshot_lookup (snapshot, "", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
  g_clear_pointer (&snapshot, arbor_snapshot_unref);
  close_store (session);
}

static void
test_record (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  gint64 before = g_get_real_time ();
  g_autoptr (ArborSnapshot) snapshot = NULL;
  g_autoptr (ArborRecord) record = NULL;
  guint64 n_bytes = 0;

  put (session, "a", three);
  snapshot = arbor_session_dup_snapshot (session, NULL);
  record = arbor_snapshot_lookup (snapshot, "a", NULL);
  g_assert_cmpstr (record->name, ==, "a");
  g_assert_cmpuint (record->generation, ==, get_generation (session, "a"));
  g_assert_cmpuint (record->n_trees, ==, 3);
  g_assert_cmpuint (record->n_batches, ==, 3);
  g_assert_cmpint (record->modified, >=, before);
  g_assert_cmpint (record->modified, <=, g_get_real_time ());
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) batch = make_batch (three[i].seed, three[i].size);
      gsize length;
      const guint8 *bytes = g_bytes_get_data (batch, &length);

      g_assert_cmpuint (record->batches[i].n_bytes, ==, length);
      g_assert_cmpuint (record->batches[i].n_trees, ==, 1);
      g_assert_cmpuint (record->batches[i].digest, ==, arbor_batch_peek_digest (bytes, length));
      g_assert_cmpuint (record->first_tree[i], ==, i);
      n_bytes += length;
    }
  g_assert_cmpuint (record->first_tree[3], ==, 3);
  g_assert_cmpuint (record->n_bytes, ==, n_bytes);
  g_clear_pointer (&snapshot, arbor_snapshot_unref);
  close_store (session);
}

/* A record that no catalogue has: base 0, of which nothing is left but what a patch has, and one that is
 * whole. What a snapshot gives of it, and that it gives the same again. */
static void
test_mended (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  const ArborMendPart parts[] = { { 1, 0, 1 }, { 0, 0, 1 } };
  g_autoptr (ArborSnapshot) snapshot = NULL;
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (ArborRecord) mended = NULL;
  g_autoptr (ArborMend) mend = NULL;
  g_autoptr (GError) error = NULL;
  const ArborBatch *batch;
  const guint8 *bytes;
  ArborBatchEntry entry;
  gsize length;

  put (session, "a", three);
  snapshot = arbor_session_dup_snapshot (session, NULL);
  record = arbor_snapshot_lookup (snapshot, "a", NULL);
  mend = arbor_mend_new (parts, 2, &record->batches[2].id, 1);
  entry = record->batches[0];
  entry.mend = mend;
  entry.n_trees = mend->n_trees;
  mended = arbor_record_new_draft ("a", record->generation, &entry, 1);
  arbor_record_set_patches (mended, record->batches + 1, 2);

  g_assert_cmpuint (mended->n_trees, ==, 2);
  g_assert_cmpuint (mended->n_patches, ==, 1);
  g_assert_cmpuint (mended->n_bytes, ==, record->batches[0].n_bytes + record->batches[2].n_bytes);
  g_assert_true (arbor_record_has_mends (mended));
  g_assert_false (arbor_record_has_mends (record));
  g_assert_nonnull (arbor_record_find_patch (mended, record->batches[2].id));
  g_assert_null (arbor_record_find_patch (mended, record->batches[1].id));

  batch = arbor_snapshot_get_batch (snapshot, mended, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_batch_get_n_trees (batch), ==, 2);
  g_assert_true (arbor_snapshot_get_batch (snapshot, mended, 0, &error) == batch);
  g_assert_true (arbor_snapshot_get_bytes (snapshot, mended, 0, &bytes, &length, &error));
  g_assert_cmpuint (arbor_batch_peek_digest (bytes, length), ==, arbor_batch_get_digest (batch));
  g_assert_true (arbor_snapshot_verify_batch (snapshot, mended, 0, &error));
  batch = arbor_snapshot_get_base (snapshot, mended, 0, &error);
  g_assert_cmpuint (arbor_batch_get_digest (batch), ==, record->batches[0].digest);
  batch = arbor_snapshot_get_patch (snapshot, mended, record->batches[2].id, &error);
  g_assert_cmpuint (arbor_batch_get_digest (batch), ==, record->batches[2].digest);
  g_clear_pointer (&snapshot, arbor_snapshot_unref);
  close_store (session);
}

/* A put that changes nothing keeps generation, batches and epoch. */
static void
test_unchanged (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  guint64 generation, epoch;

  put (session, "a", three);
  put (session, "nothing", none);
  generation = get_generation (session, "a");
  g_assert_cmpuint (generation, >, 0);
  epoch = arbor_session_get_epoch (session);
  put (session, "a", three);
  g_assert_cmpuint (get_generation (session, "a"), ==, generation);
  delete_name (session, "unknown");
  g_assert_cmpuint (arbor_session_get_epoch (session), ==, epoch);
  put (session, "b", one);
  g_assert_cmpuint (arbor_session_get_epoch (session), >, epoch);
  g_assert_cmpuint (get_generation (session, "a"), ==, generation);
  g_assert_cmpuint (get_generation (session, "b"), >, generation);
  close_store (session);
}

/* Batches that stay keep their ids; equal ones may be listed twice. */
static void
test_kept_batches (Fixture *fixture, gconstpointer data)
{
  static const Part before[] = { { 1, 3000 }, { 2, 4000 }, { 2, 4000 }, { 3, 5000 }, { 0, 0 } };
  static const Part after[] = { { 9, 3000 }, { 2, 4000 }, { 2, 4000 }, { 1, 3000 }, { 8, 2500 },
                                { 0, 0 } };
  ArborSession *session = open_store (fixture->path);
  g_autoptr (ArborSnapshot) old_snapshot = NULL;
  g_autoptr (ArborSnapshot) new_snapshot = NULL;
  g_autoptr (ArborRecord) old_record = NULL;
  g_autoptr (ArborRecord) new_record = NULL;
  g_autoptr (ArborStaging) staging = NULL;
  guint64 written, skipped;

  put (session, "a", before);
  old_snapshot = arbor_session_dup_snapshot (session, NULL);
  old_record = arbor_snapshot_lookup (old_snapshot, "a", NULL);
  staging = arbor_staging_new (session, NULL, NULL);
  g_assert_true (stage_parts (staging, "a", after, NULL));
  arbor_staging_get_counts (staging, &written, &skipped);
  g_assert_cmpuint (written, ==, 2);
  g_assert_cmpuint (skipped, ==, 3);
  g_assert_true (arbor_staging_commit (staging, NULL, NULL));

  new_snapshot = arbor_session_dup_snapshot (session, NULL);
  g_assert_true (snapshot_has (new_snapshot, "a", after, NULL));
  g_assert_true (snapshot_has (old_snapshot, "a", before, NULL));
  new_record = arbor_snapshot_lookup (new_snapshot, "a", NULL);
  g_assert_cmpuint (new_record->batches[1].id, ==, old_record->batches[1].id);
  g_assert_cmpuint (new_record->batches[2].id, ==, old_record->batches[2].id);
  g_assert_cmpuint (new_record->batches[3].id, ==, old_record->batches[0].id);
  g_assert_cmpuint (new_record->batches[0].id, >, old_record->batches[3].id);
  g_clear_pointer (&old_snapshot, arbor_snapshot_unref);
  g_clear_pointer (&new_snapshot, arbor_snapshot_unref);
  close_store (session);
}

/* Enough batches for pieces in the catalogue and lists of dead ones; growing and shrinking. */
static void
test_many_batches (Fixture *fixture, gconstpointer data)
{
  static const guint counts[] = { 64, 65, 1, 700, 128, 129, 0, 300 };
  ArborSession *session = open_store (fixture->path);

  put (session, "many\x21", one);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autofree Part *parts = g_new0 (Part, counts[i] + 1);
      g_autofree char *names = NULL;

      for (guint j = 0; j < counts[i]; j++)
        parts[j] = (Part){ i % 2 == 0 ? j : j * 7, 2100 + j };
      put (session, "many", parts);
      assert_content (session, "many", parts);
      names = list_names (session);
      g_assert_cmpstr (names, ==, "many,many!");
    }
  delete_name (session, "many");
  assert_content (session, "many!", one);
  close_store (session);
  session = open_store (fixture->path);
  assert_content (session, "many!", one);
  close_store (session);
}

/* Several names in one commit; the last word on a name counts. */
static void
test_put_many (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = NULL;
  g_autofree char *names = NULL;

  put (session, "gone", one);
  put (session, "stays", two);
  staging = arbor_staging_new (session, NULL, &error);
  g_assert_true (stage_parts (staging, "x", three, &error));
  g_assert_true (arbor_staging_delete_arbor (staging, "gone", &error));
  g_assert_true (stage_parts (staging, "y", two, &error));
  g_assert_true (stage_parts (staging, "x", one, &error));
  g_assert_true (arbor_staging_delete_arbor (staging, "y", &error));
  g_assert_true (stage_parts (staging, "z", none, &error));
  g_assert_true (arbor_staging_commit (staging, NULL, &error));
  g_assert_no_error (error);
  names = list_names (session);
  g_assert_cmpstr (names, ==, "stays,x,z");
  assert_content (session, "x", one);
  assert_content (session, "stays", two);
  close_store (session);
}

/* Past the 10 MB of memory; not seen until the commit; swept without one. */
static void
test_staged (Fixture *fixture, gconstpointer data)
{
  Part parts[41] = { { 0, 0 } };
  ArborSession *session = open_store (fixture->path);
  g_autoptr (GError) error = NULL;
  ArborStaging *staging;
  ArborSessionStats stats;
  guint64 written, skipped, full_size;

  for (guint i = 0; i < 40; i++)
    parts[i] = (Part){ i, 900000 };
  put (session, "x", one);

  staging = arbor_staging_new (session, NULL, &error);
  g_assert_true (stage_parts (staging, "x", parts, &error));
  arbor_staging_get_counts (staging, &written, &skipped);
  g_assert_cmpuint (written, ==, 40);
  g_assert_true (arbor_session_refresh (session, NULL, &error));
  assert_content (session, "x", one);
  arbor_staging_free (staging);
  g_assert_true (arbor_session_get_stats (session, &stats, &error));
  full_size = stats.file_bytes;
  g_assert_cmpuint (full_size, >, 30 * 900000);

  /* The sweep makes room for the next: the file does not grow by as much again. */
  for (;;)
    {
      g_assert_true (arbor_session_refresh (session, NULL, &error));
      g_assert_true (arbor_session_get_stats (session, &stats, &error));
      if (stats.free_pages * stats.page_size > 30 * 900000)
        break;
      g_usleep (1000);
    }
  put (session, "y", parts);
  assert_content (session, "y", parts);
  assert_content (session, "x", one);
  g_assert_true (arbor_session_get_stats (session, &stats, &error));
  g_assert_cmpuint (stats.file_bytes, <, full_size + full_size / 2);
  close_store (session);
}

static void
test_cancelled_put (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = arbor_staging_new (session, cancellable, &error);
  g_autoptr (GBytes) batch = make_batch (1, 3000);
  g_autofree char *names = NULL;

  g_assert_true (stage_parts (staging, "x", one, &error));
  g_cancellable_cancel (cancellable);
  g_assert_false (arbor_staging_add_batch (staging, batch, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (arbor_staging_commit (staging, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  names = list_names (session);
  g_assert_cmpstr (names, ==, "");
  g_clear_pointer (&staging, arbor_staging_free);
  close_store (session);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (255, 'n');
  g_autofree char *too_long = g_strnfill (256, 'n');
  const char *bad[] = { "", "a\nb", "\x01", "a\x7f", "\xff", "\xc2\x85", too_long };
  ArborSession *session = open_store (fixture->path);
  g_autoptr (ArborStaging) staging = arbor_staging_new (session, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (arbor_name_check (bad[i], &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
      g_clear_error (&error);
      g_assert_false (arbor_staging_begin_arbor (staging, bad[i], &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
    }
  g_clear_pointer (&staging, arbor_staging_free);
  put (session, longest, three);
  assert_content (session, longest, three);
  close_store (session);
}

/* Snapshots */

static void
test_snapshots (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  g_autoptr (ArborSnapshot) first = NULL;
  g_autoptr (ArborSnapshot) again = NULL;
  g_autoptr (ArborSnapshot) second = NULL;

  put (session, "x", one);
  first = arbor_session_dup_snapshot (session, NULL);
  again = arbor_session_dup_snapshot (session, NULL);
  g_assert_true (first == again);
  g_assert_cmpuint (arbor_snapshot_get_epoch (first), ==, arbor_session_get_epoch (session));
  put (session, "x", two);
  second = arbor_session_dup_snapshot (session, NULL);
  g_assert_true (first != second);
  g_assert_cmpuint (arbor_snapshot_get_epoch (second), ==, arbor_session_get_epoch (session));
  g_assert_cmpuint (arbor_snapshot_get_epoch (first), <, arbor_snapshot_get_epoch (second));
  g_assert_true (snapshot_has (first, "x", one, NULL));
  g_assert_true (snapshot_has (second, "x", two, NULL));

  /* Unreferenced after the teardown: nothing but memory is left of them. */
  g_clear_pointer (&again, arbor_snapshot_unref);
  close_store (session);
}

/* Renewed in place, a snapshot finds opened batches again, and the ones that moved. */
static void
test_renewal (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);

  put (session, "x", two);
  for (guint i = 0; i < 20; i++)
    {
      const Part changing[] = { { i, 2100 + 1000 * i }, { 0, 0 } };

      assert_content (session, "x", two);
      put (session, "y", changing);
      assert_content (session, "y", changing);
    }
  close_store (session);
}

static void
test_refresh (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  ArborSession *other = open_store (fixture->path);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) changed = NULL;
  g_autofree char *joined = NULL;
  guint64 epoch;

  put (other, "same", one);
  put (other, "changed", one);
  put (other, "gone", one);
  g_assert_true (arbor_session_refresh (session, NULL, &error));
  epoch = arbor_session_get_epoch (session);
  g_assert_true (arbor_session_refresh (session, &changed, &error));
  g_assert_cmpuint (g_strv_length (changed), ==, 0);
  g_assert_cmpuint (arbor_session_get_epoch (session), ==, epoch);
  g_clear_pointer (&changed, g_strfreev);

  put (other, "changed", two);
  put (other, "new", two);
  delete_name (other, "gone");
  g_assert_cmpuint (get_generation (session, "new"), ==, 0);
  g_assert_true (arbor_session_refresh (session, &changed, &error));
  joined = g_strjoinv (",", changed);
  g_assert_cmpstr (joined, ==, "changed,gone,new");
  g_assert_cmpuint (arbor_session_get_epoch (session), >, epoch);
  g_assert_cmpuint (get_generation (session, "new"), ==, get_generation (other, "new"));
  assert_content (session, "changed", two);
  close_store (session);
  close_store (other);
}

/* A kept batch that another writer replaced before the commit is written again. */
static void
test_kept_batch_lost (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  ArborSession *other = open_store (fixture->path);
  g_autoptr (ArborStaging) staging = NULL;

  put (session, "x", two);
  staging = arbor_staging_new (session, NULL, NULL);
  g_assert_true (stage_parts (staging, "x", three, NULL));
  put (other, "x", one);
  for (guint i = 0; i < 5; i++)
    put (other, "filler", i % 2 == 0 ? two : one);
  g_assert_true (arbor_staging_commit (staging, NULL, NULL));
  assert_content (session, "x", three);
  g_clear_pointer (&staging, arbor_staging_free);
  close_store (session);
  assert_content (other, "filler", two);
  g_assert_true (arbor_session_refresh (other, NULL, NULL));
  assert_content (other, "x", three);
  close_store (other);
}

/* Closing */

static void
test_close (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  g_autoptr (ArborGate) gate = arbor_gate_ref (arbor_session_get_gate (session));
  g_autoptr (GError) error = NULL;
  ArborSnapshot *snapshot;
  ArborStaging *staging;
  int stripe;

  put (session, "x", two);
  snapshot = arbor_session_dup_snapshot (session, NULL);
  staging = arbor_staging_new (session, NULL, NULL);
  g_assert_true (stage_parts (staging, "x", three, NULL));
  stripe = arbor_gate_enter (gate);
  g_assert_true (arbor_gate_close (gate));
  /* Inside, everything still lies where it did. */
  g_assert_true (snapshot_has (snapshot, "x", two, NULL));
  arbor_gate_leave (gate, stripe);
  while (!arbor_gate_is_torn_down (gate))
    g_usleep (200);

  g_assert_null (arbor_snapshot_lookup (snapshot, "x", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (arbor_session_dup_snapshot (session, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  arbor_staging_free (staging);
  arbor_snapshot_unref (snapshot);
  arbor_session_unref (session);
}

static void
test_unref_without_close (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  g_autoptr (ArborGate) gate = arbor_gate_ref (arbor_session_get_gate (session));
  ArborSnapshot *snapshot = arbor_session_dup_snapshot (session, NULL);

  arbor_session_unref (arbor_session_ref (session));
  g_assert_false (arbor_gate_is_closed (gate));
  arbor_session_unref (session);
  while (!arbor_gate_is_torn_down (gate))
    g_usleep (200);
  arbor_snapshot_unref (snapshot);
}

/* With the last session the file is left alone: no descriptor of it is open. */
static guint
count_descriptors (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  g_autofree char *real = realpath (path, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link_path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (link_path, NULL);

      if (target != NULL && g_str_has_prefix (target, real))
        {
          int flags = fcntl (atoi (name), F_GETFD);

          g_assert_cmpint (flags & FD_CLOEXEC, ==, FD_CLOEXEC);
          n++;
        }
    }
  return n;
}

static void
test_environment_shared (Fixture *fixture, gconstpointer data)
{
  ArborSession *first = open_store (fixture->path);
  guint n = count_descriptors (fixture->path);
  ArborSession *second = open_store (fixture->path);

  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (count_descriptors (fixture->path), ==, n);
  close_store (first);
  g_assert_cmpuint (count_descriptors (fixture->path), ==, n);
  put (second, "x", one);
  assert_content (second, "x", one);
  close_store (second);
  g_assert_cmpuint (count_descriptors (fixture->path), ==, 0);
}

/* Limits */

static void
test_too_many_readers (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;
  ArborSession *session;
  GPtrArray *snapshots = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_snapshot_unref);
  ArborSessionStats stats;
  guint64 n = 0;

  options.max_readers = 5;
  session = arbor_session_open (fixture->path, &options, NULL, &error);
  g_assert_no_error (error);
  while (error == NULL && n < 100)
    {
      ArborSnapshot *snapshot = arbor_session_dup_snapshot (session, &error);
      const Part parts[] = { { (guint32) n++, 2500 }, { 0, 0 } };

      if (snapshot == NULL)
        break;
      g_ptr_array_add (snapshots, snapshot);
      put (session, "x", parts);
    }
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_TOO_MANY_READERS);
  g_assert_cmpuint (snapshots->len, >=, 4);
  g_clear_error (&error);
  g_ptr_array_unref (snapshots);
  g_assert_true (arbor_session_get_stats (session, &stats, &error));
  g_assert_cmpuint (stats.max_readers, >=, 5);
  g_assert_cmpuint (stats.page_size, >=, 4096);
  g_assert_cmpuint (stats.map_bytes, ==, STORE_MAP_SIZE);
  close_store (session);
}

/* The map grows when nothing is pinned; else the store is full, and what it held is intact. */
static void
test_map_size (Fixture *fixture, gconstpointer data)
{
  static const Part large[] = { { 1, 900000 }, { 2, 900000 }, { 3, 900000 }, { 0, 0 } };
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;
  ArborSession *session;
  ArborSnapshot *snapshot;
  ArborSessionStats stats;

  options.map_size = 1024 * 1024;
  session = arbor_session_open (fixture->path, &options, NULL, &error);
  g_assert_no_error (error);
  put (session, "x", one);
  snapshot = arbor_session_dup_snapshot (session, NULL);
  g_assert_false (try_put (session, "large", large, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL);
  g_clear_error (&error);
  g_assert_true (snapshot_has (snapshot, "x", one, NULL));
  arbor_snapshot_unref (snapshot);

  put (session, "large", large);
  assert_content (session, "large", large);
  assert_content (session, "x", one);
  g_assert_true (arbor_session_get_stats (session, &stats, &error));
  g_assert_cmpuint (stats.map_bytes, >, options.map_size);
  close_store (session);
}

static void
test_replaced_file (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  g_autofree char *away = g_build_filename (fixture->folder, "away", NULL);
  g_autoptr (GError) error = NULL;

  put (session, "x", one);
  g_assert_cmpint (g_rename (fixture->path, away), ==, 0);
  g_assert_false (try_put (session, "x", two, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (fixture->path, "other", -1, NULL));
  g_assert_false (try_put (session, "x", two, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  assert_content (session, "x", one);
  close_store (session);
}

static void
test_fork (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  ArborSnapshot *snapshot;
  pid_t child;
  int status;

  put (session, "x", two);
  snapshot = arbor_session_dup_snapshot (session, NULL);
  child = fork ();
  if (child == 0)
    {
      GError *error = NULL;

      if (arbor_session_check_process (session, &error) ||
          !g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_WRONG_PROCESS))
        _exit (1);
      arbor_snapshot_unref (snapshot);
      arbor_session_unref (session);
#ifndef __SANITIZE_THREAD__ /* which cannot have the child make threads */
      {
        /* Opened by itself, the child reads and writes like any process. */
        ArborSession *own = open_store (fixture->path);

        assert_content (own, "x", two);
        put (own, "y", one);
        close_store (own);
      }
#endif
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_true (arbor_session_check_process (session, NULL));
  g_assert_true (snapshot_has (snapshot, "x", two, NULL));
  arbor_snapshot_unref (snapshot);
  g_assert_true (arbor_session_refresh (session, NULL, NULL));
#ifndef __SANITIZE_THREAD__
  assert_content (session, "y", one);
#endif
  put (session, "x", three);
  assert_content (session, "x", three);
  close_store (session);
}

#define ADD(name) g_test_add ("/session/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (create);
  ADD (create_from_empty_file);
  ADD (not_found);
  ADD (empty_without_create);
  ADD (folder);
  ADD (missing_folder);
  ADD (foreign_files);
  ADD (hard_link);
  ADD (symbolic_link);
  ADD (cancelled_open);
  ADD (read_only);
  ADD (immutable);
  ADD (put);
  ADD (record);
  ADD (mended);
  ADD (unchanged);
  ADD (kept_batches);
  ADD (many_batches);
  ADD (put_many);
  ADD (staged);
  ADD (cancelled_put);
  ADD (names);
  ADD (snapshots);
  ADD (renewal);
  ADD (refresh);
  ADD (kept_batch_lost);
  ADD (close);
  ADD (unref_without_close);
  ADD (environment_shared);
  ADD (too_many_readers);
  ADD (map_size);
  ADD (replaced_file);
  ADD (fork);
  return g_test_run ();
}
