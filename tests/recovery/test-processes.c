/* Several processes on one file, and users who may not do everything. */

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/sessions.h"
#include "storage/arbor-staging.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static const Part small[] = { { 1, 3000 }, { 2, 30000 }, { 0, 0 } };
static const Part other[] = { { 3, 3000 }, { 4, 50000 }, { 0, 0 } };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.arbor", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_chmod (fixture->folder, 0700);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
make_large (Part *parts, guint n, guint seed)
{
  for (guint i = 0; i < n; i++)
    parts[i] = (Part){ seed + i, 600000 };
  parts[n].size = 0;
}

/* Another process, which says when it is ready, and goes on when told. */
typedef struct
{
  pid_t pid;
  int ready;
  int go;
} Peer;

static void
say (int fd)
{
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
}

static void
hear (int fd)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
}

static Peer
start_peer (void (*work) (const char *path, int ready, int go), const char *path)
{
  int ready[2], go[2];
  Peer peer;

  g_assert_cmpint (pipe (ready), ==, 0);
  g_assert_cmpint (pipe (go), ==, 0);
  peer.pid = fork ();
  g_assert_cmpint (peer.pid, >=, 0);
  if (peer.pid == 0)
    {
      work (path, ready[1], go[0]);
      _exit (0);
    }
  close (ready[1]);
  close (go[0]);
  peer.ready = ready[0];
  peer.go = go[1];
  hear (peer.ready);
  return peer;
}

static void
end_peer (Peer *peer)
{
  int status;

  say (peer->go);
  g_assert_cmpint (waitpid (peer->pid, &status, 0), ==, peer->pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  close (peer->ready);
  close (peer->go);
}

/* Runs @work as a user who owns nothing here, when we are root, who may do anything. */
static void
run_as_other_user (void (*work) (const char *path), const char *path)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      if (geteuid () == 0)
        {
          g_assert_cmpint (setgroups (0, NULL), ==, 0);
          g_assert_cmpint (setresgid (65534, 65534, 65534), ==, 0);
          g_assert_cmpint (setresuid (65534, 65534, 65534), ==, 0);
        }
      work (path);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* Writing at the same time */

static void
hold_writer_lock (const char *path, int ready, int go)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t) 1 << 62,
                        .l_len = 1 };
  int fd = open (path, O_RDWR);

  g_assert_cmpint (fcntl (fd, F_OFD_SETLK, &lock), ==, 0);
  say (ready);
  hear (go);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (30000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_busy (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ArborStaging) staging = NULL;
  g_autoptr (GError) error = NULL;
  ArborSession *session;
  GThread *thread;
  Peer peer;

  close_store (open_store (fixture->path));
  peer = start_peer (hold_writer_lock, fixture->path);
  options.busy_timeout = 50;
  session = arbor_session_open (fixture->path, &options, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (try_put (session, "x", small, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_clear_error (&error);
  close_store (session);

  options.busy_timeout = 3600 * 1000;
  session = arbor_session_open (fixture->path, &options, NULL, &error);
  staging = arbor_staging_new (session, NULL, &error);
  g_assert_true (stage_parts (staging, "x", small, &error));
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_false (arbor_staging_commit (staging, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_thread_join (thread);

  end_peer (&peer);
  g_assert_true (arbor_staging_commit (staging, NULL, &error));
  assert_content (session, "x", small);
  g_clear_pointer (&staging, arbor_staging_free);
  close_store (session);
}

/* Behind another thread of this process that waits, a writer times out and can be cancelled too. */
static gpointer
put_waiting (gpointer session)
{
  g_autoptr (GError) error = NULL;

  try_put (session, "first", small, &error);
  g_assert_no_error (error);
  return NULL;
}

static void
test_busy_threads (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;
  ArborSession *patient, *hasty;
  GThread *thread;
  Peer peer;

  close_store (open_store (fixture->path));
  peer = start_peer (hold_writer_lock, fixture->path);
  options.busy_timeout = 3600 * 1000;
  patient = arbor_session_open (fixture->path, &options, NULL, &error);
  g_assert_no_error (error);
  options.busy_timeout = 30;
  hasty = arbor_session_open (fixture->path, &options, NULL, &error);
  thread = g_thread_new ("put", put_waiting, patient);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_false (try_put (hasty, "second", small, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY);
      g_clear_error (&error);
    }
  end_peer (&peer);
  g_thread_join (thread);
  assert_content (patient, "first", small);
  close_store (patient);
  close_store (hasty);
}

static void
put_many (const char *path, int ready, int go)
{
  ArborSession *session = open_store (path);

  say (ready);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("peer %u", i);
      const Part parts[] = { { i, 2500 + i }, { 0, 0 } };

      put (session, name, parts);
    }
  close_store (session);
  hear (go);
}

static void
test_both_write (Fixture *fixture, gconstpointer data)
{
  Peer peer = start_peer (put_many, fixture->path);
  ArborSession *session = open_store (fixture->path);

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("own %u", i);
      const Part parts[] = { { 1000 + i, 2500 + i }, { 0, 0 } };

      put (session, name, parts);
    }
  end_peer (&peer);
  g_assert_true (arbor_session_refresh (session, NULL, NULL));
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *own = g_strdup_printf ("own %u", i);
      g_autofree char *peers = g_strdup_printf ("peer %u", i);
      const Part own_parts[] = { { 1000 + i, 2500 + i }, { 0, 0 } };
      const Part peer_parts[] = { { i, 2500 + i }, { 0, 0 } };

      assert_content (session, own, own_parts);
      assert_content (session, peers, peer_parts);
    }
  close_store (session);
}

/* Making one new file into a store at the same time. */
static void
create_and_put (const char *path, int ready, int go)
{
  ArborSession *session;

  say (ready);
  session = open_store (path);
  put (session, "peer", other);
  close_store (session);
  hear (go);
}

static void
test_both_create (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *lock = g_strconcat (fixture->path, "-lock", NULL);
      ArborSession *session;
      Peer peer;

      g_unlink (fixture->path);
      g_unlink (lock);
      peer = start_peer (create_and_put, fixture->path);
      session = open_store (fixture->path);
      put (session, "own", small);
      end_peer (&peer);
      g_assert_true (arbor_session_refresh (session, NULL, NULL));
      assert_content (session, "own", small);
      assert_content (session, "peer", other);
      close_store (session);
    }
}

/* Staging */

static void
import_slowly (const char *path, int ready, int go)
{
  Part large[31];
  ArborSession *session = open_store (path);
  g_autoptr (ArborStaging) staging = arbor_staging_new (session, NULL, NULL);

  make_large (large, 30, 500);
  g_assert_true (stage_parts (staging, "imported", large, NULL));
  say (ready);
  hear (go);
  g_assert_true (arbor_staging_commit (staging, NULL, NULL));
  g_clear_pointer (&staging, arbor_staging_free);
  close_store (session);
}

/* The sweep of one process leaves the running import of another alone. */
static void
test_live_staging (Fixture *fixture, gconstpointer data)
{
  Part large[31];
  Peer peer = start_peer (import_slowly, fixture->path);
  ArborSession *session = open_store (fixture->path);

  for (guint i = 0; i < 10; i++)
    {
      put (session, "x", i % 2 == 0 ? small : other);
      g_usleep (3000);
    }
  end_peer (&peer);
  make_large (large, 30, 500);
  g_assert_true (arbor_session_refresh (session, NULL, NULL));
  assert_content (session, "imported", large);
  assert_content (session, "x", other);
  close_store (session);
}

/* A process that dies in the middle leaves its staging to be swept by the next writer. */
static void
import_and_die (const char *path, int ready, int go)
{
  Part large[31];
  ArborSession *session = open_store (path);
  ArborStaging *staging = arbor_staging_new (session, NULL, NULL);

  make_large (large, 30, 500);
  g_assert_true (stage_parts (staging, "imported", large, NULL));
  say (ready);
  hear (go);
}

static void
test_dead_staging (Fixture *fixture, gconstpointer data)
{
  Peer peer = start_peer (import_and_die, fixture->path);
  ArborSession *session = open_store (fixture->path);
  ArborSessionStats stats = { 0 };

  end_peer (&peer);
  put (session, "x", small);
  while (stats.free_pages * stats.page_size < 16 * 600000)
    {
      g_usleep (1000);
      g_assert_true (arbor_session_refresh (session, NULL, NULL));
      g_assert_true (arbor_session_get_stats (session, &stats, NULL));
    }
  g_assert_cmpuint (get_generation (session, "imported"), ==, 0);
  assert_content (session, "x", small);
  close_store (session);
}

/* Readers */

static void
read_and_die (const char *path, int ready, int go)
{
  ArborSession *session = open_store (path);

  for (guint i = 0; i < 3; i++)
    {
      const Part parts[] = { { i, 2500 }, { 0, 0 } };

      arbor_session_dup_snapshot (session, NULL);
      put (session, "x", parts);
    }
  say (ready);
  hear (go);
}

/* The slots of a dead process are free for others. */
static void
test_dead_reader (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;
  ArborSession *session;
  ArborSnapshot *snapshots[4];

  options.max_readers = 6;
  session = arbor_session_open (fixture->path, &options, NULL, &error);
  g_assert_no_error (error);
  for (guint round = 0; round < 3; round++)
    {
      Peer peer = start_peer (read_and_die, fixture->path);

      end_peer (&peer);
    }
  for (guint i = 0; i < 4; i++)
    {
      const Part parts[] = { { 10 + i, 2500 }, { 0, 0 } };

      snapshots[i] = arbor_session_dup_snapshot (session, &error);
      g_assert_no_error (error);
      put (session, "x", parts);
    }
  for (guint i = 0; i < 4; i++)
    arbor_snapshot_unref (snapshots[i]);
  close_store (session);
}

/* The map */

static void
put_large (const char *path, int ready, int go)
{
  Part large[9];
  ArborSession *session = open_store (path);

  make_large (large, 8, 700);
  put (session, "large", large);
  close_store (session);
  say (ready);
  hear (go);
}

/* Another process makes the file larger than our map. */
static void
test_map_resized (Fixture *fixture, gconstpointer data)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;
  ArborSession *session;
  ArborSnapshot *snapshot;
  Part large[9];
  Peer peer;

  make_large (large, 8, 700);
  options.map_size = 1024 * 1024;
  session = arbor_session_open (fixture->path, &options, NULL, &error);
  g_assert_no_error (error);
  put (session, "x", small);
  snapshot = arbor_session_dup_snapshot (session, &error);
  peer = start_peer (put_large, fixture->path);
  end_peer (&peer);

  /* Not while something is pinned, but that goes on. */
  g_assert_false (arbor_session_refresh (session, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL);
  g_clear_error (&error);
  g_assert_true (snapshot_has (snapshot, "x", small, &error));
  arbor_snapshot_unref (snapshot);

  g_assert_true (arbor_session_refresh (session, NULL, &error));
  g_assert_no_error (error);
  assert_content (session, "large", large);
  assert_content (session, "x", small);
  put (session, "y", other);
  assert_content (session, "y", other);
  close_store (session);
}

/* Users */

static void
open_in_read_only_folder (const char *path)
{
  ArborSessionOptions options = default_options ();
  g_autofree char *lock = g_strconcat (path, "-lock", NULL);
  g_autofree char *fresh = g_strconcat (path, "-new", NULL);
  g_autoptr (GError) error = NULL;
  ArborSession *session;

  g_assert_null (arbor_session_open (path, &options, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY);
  g_assert_nonnull (strstr (error->message, lock));
  g_clear_error (&error);
  options.read_only = TRUE;
  g_assert_null (arbor_session_open (path, &options, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY);
  g_assert_nonnull (strstr (error->message, lock));
  g_clear_error (&error);

  options.immutable = TRUE;
  session = arbor_session_open (path, &options, NULL, &error);
  g_assert_no_error (error);
  assert_content (session, "x", small);
  g_assert_null (arbor_staging_new (session, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY);
  g_clear_error (&error);
  close_store (session);

  options = default_options ();
  g_assert_null (arbor_session_open (fresh, &options, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_read_only_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *lock = g_strconcat (fixture->path, "-lock", NULL);
  ArborSession *session = open_store (fixture->path);

  put (session, "x", small);
  close_store (session);
  g_unlink (lock);
  g_assert_cmpint (g_chmod (fixture->path, 0644), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0555), ==, 0);
  run_as_other_user (open_in_read_only_folder, fixture->path);
}

static void
open_read_only_file (const char *path)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;
  ArborSession *session;

  g_assert_null (arbor_session_open (path, &options, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY);
  g_clear_error (&error);
  options.read_only = TRUE;
  session = arbor_session_open (path, &options, NULL, &error);
  g_assert_no_error (error);
  assert_content (session, "x", small);
  close_store (session);
}

static void
test_read_only_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *lock = g_strconcat (fixture->path, "-lock", NULL);
  ArborSession *session = open_store (fixture->path);

  put (session, "x", small);
  close_store (session);
  g_unlink (lock);
  g_assert_cmpint (g_chmod (fixture->path, 0444), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0777), ==, 0);
  run_as_other_user (open_read_only_file, fixture->path);
}

static void
open_unreadable_file (const char *path)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_session_open (path, &options, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_unreadable_file (Fixture *fixture, gconstpointer data)
{
  close_store (open_store (fixture->path));
  g_assert_cmpint (g_chmod (fixture->path, 0), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0777), ==, 0);
  run_as_other_user (open_unreadable_file, fixture->path);
}

#define ADD(name) g_test_add ("/processes/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (busy);
  ADD (busy_threads);
  ADD (both_write);
  ADD (both_create);
  ADD (live_staging);
  ADD (dead_staging);
  ADD (dead_reader);
  ADD (map_resized);
  ADD (read_only_folder);
  ADD (read_only_file);
  ADD (unreadable_file);
  return g_test_run ();
}
