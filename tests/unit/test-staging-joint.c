/* Joint commits: who goes together, one transaction for all of them, and everybody his own result. Edits by them
 * are in tests/threads/test-joint-edits.c, and a full disk in tests/recovery/test-full.c.
 */

#include "kit/joint.h"

#define N 6

typedef struct
{
  char *folder;
  char *path;
  ArborSession *session;
  Member *members[N];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.arbor", NULL);
  fixture->session = open_store (fixture->path);
  for (guint i = 0; i < N; i++)
    fixture->members[i] = member_new (fixture->session, i, 3000);
  joint_room = G_MAXUINT;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < N; i++)
    member_free (fixture->members[i]);
  close_store (fixture->session);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static guint64
get_last (Fixture *fixture)
{
  return arbor_environment_get_last_txnid (arbor_session_get_environment (fixture->session));
}

/* @act comes while all of them wait. Returns how many transactions there were. */
static guint64
run_all (Fixture *fixture, void (*act) (Fixture *fixture))
{
  int fd = hold_writer (fixture->path);
  guint64 before = get_last (fixture);

  start_members (fixture->members, N);
  if (act != NULL)
    act (fixture);
  close (fd);
  join_members (fixture->members, N);
  return get_last (fixture) - before;
}

static void
assert_written (Fixture *fixture, guint number)
{
  Member *member = fixture->members[number];

  g_assert_no_error (member->error);
  g_assert_true (member->result);
  assert_content (fixture->session, member->name, member->parts);
}

/* The first write of a process is followed by a sweep, which may be a transaction more. */
static void
write_once (Fixture *fixture)
{
  ArborWriter *writer = arbor_session_get_environment (fixture->session)->writer;
  static const Part other[] = { { 99, 3000 }, { 0, 0 } };

  put (fixture->session, "other", other);
  while (!arbor_writer_is_idle (writer))
    g_usleep (200);
}

static void
test_together (Fixture *fixture, gconstpointer data)
{
  write_once (fixture);
  g_assert_cmpuint (run_all (fixture, NULL), ==, 1);
  for (guint i = 0; i < N; i++)
    {
      assert_written (fixture, i);
      g_assert_cmpuint (fixture->members[i]->n_prepared, ==, 1);
      g_assert_cmpuint (fixture->members[i]->place, ==, i);
    }
}

static void
test_room (Fixture *fixture, gconstpointer data)
{
  joint_room = 2;
  write_once (fixture);
  g_assert_cmpuint (run_all (fixture, NULL), ==, N / 2);
  for (guint i = 0; i < N; i++)
    {
      assert_written (fixture, i);
      g_assert_cmpuint (fixture->members[i]->n_prepared, ==, 1);
      g_assert_cmpuint (fixture->members[i]->place, ==, i % 2);
    }
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  fixture->members[0]->is_refused = fixture->members[3]->is_refused = TRUE;
  write_once (fixture);
  g_assert_cmpuint (run_all (fixture, NULL), ==, 1);
  for (guint i = 0; i < N; i++)
    if (i % 3 == 0)
      {
        g_assert_error (fixture->members[i]->error, ARBOR_ERROR, ARBOR_ERROR_SCHEMA);
        g_assert_nonnull (strstr (fixture->members[i]->error->message, fixture->members[i]->name));
        g_assert_cmpuint (get_generation (fixture->session, fixture->members[i]->name), ==, 0);
      }
    else
      assert_written (fixture, i);
}

static void
test_all_refused (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < N; i++)
    fixture->members[i]->is_refused = TRUE;
  write_once (fixture);
  g_assert_cmpuint (run_all (fixture, NULL), ==, 0);
  for (guint i = 0; i < N; i++)
    g_assert_error (fixture->members[i]->error, ARBOR_ERROR, ARBOR_ERROR_SCHEMA);
}

/* The one that waits for the file, and one in the queue. */
static void
cancel_two (Fixture *fixture)
{
  g_cancellable_cancel (fixture->members[0]->cancellable);
  g_cancellable_cancel (fixture->members[4]->cancellable);
  join_members (&fixture->members[0], 1);
  join_members (&fixture->members[4], 1);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  fixture->members[0]->cancellable = g_cancellable_new ();
  fixture->members[4]->cancellable = g_cancellable_new ();
  write_once (fixture);
  g_assert_cmpuint (run_all (fixture, cancel_two), ==, 1);
  for (guint i = 0; i < N; i++)
    if (i % 4 == 0)
      {
        g_assert_error (fixture->members[i]->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_assert_cmpuint (fixture->members[i]->n_prepared, ==, 0);
        g_assert_cmpuint (get_generation (fixture->session, fixture->members[i]->name), ==, 0);
      }
    else
      assert_written (fixture, i);
}

/* Members of two sessions: each finds it in his own. */
static void
test_sessions (Fixture *fixture, gconstpointer data)
{
  ArborSession *other = open_store (fixture->path);

  for (guint i = 0; i < N; i += 2)
    fixture->members[i]->session = other;
  write_once (fixture);
  g_assert_cmpuint (run_all (fixture, NULL), ==, 1);
  for (guint i = 0; i < N; i++)
    {
      assert_written (fixture, i);
      assert_content (other, fixture->members[i]->name, fixture->members[i]->parts);
    }
  close_store (other);
}

/* Steps are generations. */
static void
test_steps (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = arbor_staging_new (fixture->session, NULL, &error);
  static const Part one[] = { { 1, 3000 }, { 0, 0 } }, two[] = { { 2, 3000 }, { 0, 0 } };
  guint64 before;

  g_assert_no_error (error);
  put (fixture->session, "a", one);
  before = get_generation (fixture->session, "a");
  g_assert_true (stage_parts (staging, "a", two, &error));
  arbor_staging_set_steps (staging, 5);
  g_assert_true (arbor_staging_commit (staging, NULL, &error));
  g_assert_cmpuint (get_generation (fixture->session, "a"), ==, before + 5);
  put (fixture->session, "b", one);
  g_assert_cmpuint (get_generation (fixture->session, "b"), ==, before + 6);
}

#define ADD(path, name) g_test_add ("/staging-joint/" path, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("together", together);
  ADD ("room", room);
  ADD ("refused", refused);
  ADD ("all-refused", all_refused);
  ADD ("cancelled", cancelled);
  ADD ("sessions", sessions);
  ADD ("steps", steps);
  return g_test_run ();
}
