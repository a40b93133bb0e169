/* Stagings: expected generations, batches kept by their ids, renaming. That a put skips batches
 * which the name has already is in test-session.c.
 */

#include "kit/sessions.h"
#include "storage/arbor-staging.h"

typedef struct
{
  char *folder;
  ArborSession *session;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  fixture->folder = make_folder ();
  path = g_build_filename (fixture->folder, "a.arbor", NULL);
  fixture->session = open_store (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_store (fixture->session);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static const Part one[] = { { 1, 3000 }, { 0, 0 } };
static const Part two[] = { { 1, 3000 }, { 2, 5000 }, { 0, 0 } };
static const Part three[] = { { 1, 3000 }, { 3, 4000 }, { 2, 5000 }, { 0, 0 } };

static ArborStaging *
begin (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  ArborStaging *staging = arbor_staging_new (fixture->session, NULL, &error);

  g_assert_no_error (error);
  return staging;
}

static void
stage (ArborStaging *staging, const char *name, const Part *parts)
{
  g_autoptr (GError) error = NULL;

  stage_parts (staging, name, parts, &error);
  g_assert_no_error (error);
}

static void
expect (ArborStaging *staging, const char *name, guint64 generation)
{
  g_autoptr (GError) error = NULL;

  arbor_staging_expect (staging, name, generation, &error);
  g_assert_no_error (error);
}

static void
add_seed (ArborStaging *staging, guint32 seed, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) batch = make_batch (seed, size);

  arbor_staging_add_batch (staging, batch, NULL, &error);
  g_assert_no_error (error);
}

/* @written and @skipped are batches. */
static void
commit (ArborStaging *staging, guint n_changed, guint64 written, guint64 skipped)
{
  g_autoptr (GError) error = NULL;
  guint64 n_written, n_skipped;

  arbor_staging_commit (staging, NULL, &error);
  g_assert_no_error (error);
  arbor_staging_get_counts (staging, &n_written, &n_skipped);
  g_assert_cmpuint (arbor_staging_get_n_changed (staging), ==, n_changed);
  g_assert_cmpuint (n_written, ==, written);
  g_assert_cmpuint (n_skipped, ==, skipped);
}

static void
assert_conflict (ArborStaging *staging, const char *parts)
{
  g_autofree char *message = g_strconcat (
      "Nothing was changed, because stored arbors were changed in the meantime: ", parts, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (arbor_staging_commit (staging, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT);
  g_assert_cmpstr (error->message, ==, message);
}

static ArborRecord *
look_up (Fixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (fixture->session, &error);
  ArborRecord *record;

  g_assert_no_error (error);
  record = arbor_snapshot_lookup (snapshot, name, &error);
  g_assert_no_error (error);
  return record;
}

static void
test_expect (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStaging) staging = NULL;

  put (fixture->session, "a", one);
  staging = begin (fixture);
  expect (staging, "a", get_generation (fixture->session, "a"));
  expect (staging, "b", 0);
  stage (staging, "b", two);
  commit (staging, 1, 2, 0);
  assert_content (fixture->session, "b", two);
}

static void
test_expect_conflict (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStaging) staging = begin (fixture);
  g_autofree char *parts = NULL;
  guint64 generation;

  put (fixture->session, "a", one);
  put (fixture->session, "b", one);
  put (fixture->session, "same", one);
  generation = get_generation (fixture->session, "a");
  expect (staging, "a", generation + 100);
  expect (staging, "same", get_generation (fixture->session, "same"));
  expect (staging, "b", 0);
  expect (staging, "gone", 7);
  stage (staging, "a", two);
  stage (staging, "new", two);
  parts = g_strdup_printf ("'a' (expected generation %" G_GUINT64_FORMAT
                           ", found generation %" G_GUINT64_FORMAT
                           "), 'b' (expected none, found generation %" G_GUINT64_FORMAT
                           "), 'gone' (expected generation 7, found none)",
                           generation + 100, generation,
                           get_generation (fixture->session, "b"));
  assert_conflict (staging, parts);
  g_assert_cmpuint (get_generation (fixture->session, "a"), ==, generation);
  assert_content (fixture->session, "a", one);
  g_assert_cmpuint (get_generation (fixture->session, "new"), ==, 0);
}

static void
test_expect_name (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStaging) staging = begin (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_false (arbor_staging_expect (staging, "", 0, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
}

static void
test_keep (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborRecord) before = NULL;
  g_autoptr (ArborRecord) after = NULL;
  g_autoptr (ArborStaging) staging = begin (fixture);
  g_autoptr (GBytes) batch = make_batch (3, 4000);
  g_autoptr (GError) error = NULL;

  put (fixture->session, "a", two);
  before = look_up (fixture, "a");
  arbor_staging_begin_arbor (staging, "a", &error);
  g_assert_no_error (error);
  arbor_staging_keep_batch (staging, before, 0);
  add_seed (staging, 3, 4000);
  arbor_staging_keep_batch (staging, before, 1);
  commit (staging, 1, 1, 2);
  g_assert_cmpuint (arbor_staging_get_bytes_written (staging), ==, g_bytes_get_size (batch));
  assert_content (fixture->session, "a", three);
  after = look_up (fixture, "a");
  g_assert_cmpuint (after->batches[0].id, ==, before->batches[0].id);
  g_assert_cmpuint (after->batches[2].id, ==, before->batches[1].id);
}

static void
test_keep_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (ArborStaging) staging = begin (fixture);

  put (fixture->session, "a", two);
  record = look_up (fixture, "a");
  stage (staging, "a", (const Part[]){ { 0, 0 } });
  arbor_staging_keep_batch (staging, record, 0);
  arbor_staging_keep_batch (staging, record, 1);
  commit (staging, 0, 0, 2);
  g_assert_cmpuint (get_generation (fixture->session, "a"), ==, record->generation);
}

static void
test_keep_conflict (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (ArborStaging) staging = begin (fixture);
  g_autofree char *parts = NULL;

  put (fixture->session, "a", two);
  record = look_up (fixture, "a");
  stage (staging, "a", one);
  arbor_staging_keep_batch (staging, record, 1);
  put (fixture->session, "a", three);
  parts = g_strdup_printf ("'a' (expected generation %" G_GUINT64_FORMAT
                           ", found generation %" G_GUINT64_FORMAT ")",
                           record->generation, get_generation (fixture->session, "a"));
  assert_conflict (staging, parts);
  assert_content (fixture->session, "a", three);
}

/* What was kept by its id and what was not listed any more: the next reader finds both right. */
static void
test_keep_part (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (ArborStaging) staging = begin (fixture);
  const Part wanted[] = { { 2, 5000 }, { 2, 5000 }, { 0, 0 } };

  put (fixture->session, "a", three);
  record = look_up (fixture, "a");
  stage (staging, "a", (const Part[]){ { 0, 0 } });
  arbor_staging_keep_batch (staging, record, 2);
  add_seed (staging, 2, 5000);
  commit (staging, 1, 0, 2);
  assert_content (fixture->session, "a", wanted);
}

static void
rename_arbor (Fixture *fixture, const char *name, const char *new_name)
{
  g_autoptr (ArborStaging) staging = begin (fixture);
  g_autoptr (GError) error = NULL;

  arbor_staging_rename_arbor (staging, name, new_name, &error);
  g_assert_no_error (error);
  arbor_staging_commit (staging, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_staging_get_n_changed (staging), ==, 2);
}

static void
test_rename (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborRecord) before = NULL;
  g_autoptr (ArborRecord) after = NULL;
  g_autofree char *names = NULL;

  put (fixture->session, "a", two);
  before = look_up (fixture, "a");
  rename_arbor (fixture, "a", "b");
  after = look_up (fixture, "b");
  names = list_names (fixture->session);
  g_assert_cmpstr (names, ==, "b");
  g_assert_cmpuint (after->generation, >, before->generation);
  g_assert_cmpuint (after->batches[0].id, ==, before->batches[0].id);
  g_assert_cmpuint (after->batches[1].id, ==, before->batches[1].id);
  assert_content (fixture->session, "b", two);
}

static void
test_rename_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ArborStaging *staging = begin (fixture);

  put (fixture->session, "a", one);
  put (fixture->session, "b", two);
  g_assert_false (arbor_staging_rename_arbor (staging, "x", "y", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
  g_clear_error (&error);
  arbor_staging_free (staging);

  staging = begin (fixture);
  g_assert_false (arbor_staging_rename_arbor (staging, "a", "b", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXISTS);
  g_assert_cmpstr (error->message, ==,
                   "Arbor 'a' cannot be renamed to 'b': there is an arbor of that name");
  g_clear_error (&error);
  arbor_staging_free (staging);

  staging = begin (fixture);
  g_assert_false (arbor_staging_rename_arbor (staging, "a", "", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
  arbor_staging_free (staging);
  assert_content (fixture->session, "a", one);
  assert_content (fixture->session, "b", two);
}

static void
test_rename_conflict (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStaging) staging = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autofree char *parts = NULL;
  guint64 generation;

  put (fixture->session, "a", one);
  generation = get_generation (fixture->session, "a");
  arbor_staging_rename_arbor (staging, "a", "b", &error);
  g_assert_no_error (error);
  put (fixture->session, "a", two);
  put (fixture->session, "b", two);
  parts = g_strdup_printf ("'a' (expected generation %" G_GUINT64_FORMAT
                           ", found generation %" G_GUINT64_FORMAT
                           "), 'b' (expected none, found generation %" G_GUINT64_FORMAT ")",
                           generation, get_generation (fixture->session, "a"),
                           get_generation (fixture->session, "b"));
  assert_conflict (staging, parts);
  assert_content (fixture->session, "a", two);
}

/* New content of the former name has a batch that went along with the arbor: it gets a copy, so
 * that deleting either leaves the other whole. */
static void
test_rename_and_put (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStaging) staging = begin (fixture);
  g_autoptr (ArborRecord) a = NULL;
  g_autoptr (ArborRecord) b = NULL;
  g_autoptr (GError) error = NULL;

  put (fixture->session, "a", two);
  stage (staging, "a", two);
  arbor_staging_rename_arbor (staging, "a", "b", &error);
  g_assert_no_error (error);
  stage (staging, "a", two);
  arbor_staging_commit (staging, NULL, &error);
  g_assert_no_error (error);
  a = look_up (fixture, "a");
  b = look_up (fixture, "b");
  g_assert_cmpuint (a->batches[0].id, !=, b->batches[0].id);
  g_assert_cmpuint (a->batches[1].id, !=, b->batches[1].id);
  delete_name (fixture->session, "a");
  assert_content (fixture->session, "b", two);
}

static void
test_swap (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStaging) staging = begin (fixture);
  g_autoptr (ArborRecord) a = NULL;
  g_autoptr (ArborRecord) b = NULL;

  put (fixture->session, "a", one);
  put (fixture->session, "b", three);
  a = look_up (fixture, "a");
  b = look_up (fixture, "b");
  stage (staging, "a", (const Part[]){ { 0, 0 } });
  for (guint32 i = 0; i < 3; i++)
    arbor_staging_keep_batch (staging, b, i);
  stage (staging, "b", (const Part[]){ { 0, 0 } });
  arbor_staging_keep_batch (staging, a, 0);
  commit (staging, 2, 0, 4);
  assert_content (fixture->session, "a", three);
  assert_content (fixture->session, "b", one);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add ("/staging/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (expect);
  ADD (expect_conflict);
  ADD (expect_name);
  ADD (keep);
  ADD (keep_all);
  ADD (keep_conflict);
  ADD (keep_part);
  ADD (rename);
  ADD (rename_refused);
  ADD (rename_conflict);
  ADD (rename_and_put);
  ADD (swap);
#undef ADD

  return g_test_run ();
}
