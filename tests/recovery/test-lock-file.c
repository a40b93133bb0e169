/* The lock file: its blocks, its rights, what may stand at its name, and two of them at one store. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/sessions.h"
#include "storage/arbor-lock-file.h"

typedef struct
{
  char *folder;
  char *path;
  char *lock;
} Fixture;

static const Part small[] = { { 1, 3000 }, { 2, 30000 }, { 0, 0 } };
static const Part other[] = { { 3, 3000 }, { 4, 50000 }, { 0, 0 } };

/* What fallocate fails with; 0: it does not. Under the names that programs with and without large file
 * offsets link to. */
static int fallocate_fails;
static guint64 n_reserved;

int hook_fallocate (int fd, int mode, off_t start, off_t size) __asm__ ("fallocate");
int hook_fallocate64 (int fd, int mode, off_t start, off_t size) __asm__ ("fallocate64");

int
hook_fallocate (int fd, int mode, off_t start, off_t size)
{
  /* GLib's, to write a file. */
  if (mode != FALLOC_FL_KEEP_SIZE)
    return 0;
  g_assert_cmpint (start, ==, 0);
  n_reserved = (guint64) size;
  errno = fallocate_fails;
  return fallocate_fails != 0 ? -1 : 0;
}

int
hook_fallocate64 (int fd, int mode, off_t start, off_t size)
{
  return hook_fallocate (fd, mode, start, size);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.arbor", NULL);
  fixture->lock = g_strconcat (fixture->path, "-lock", NULL);
  fallocate_fails = 0;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->lock);
}

static struct stat
look (const char *path)
{
  struct stat info;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  return info;
}

static void
make_store (const char *path)
{
  ArborSession *session = open_store (path);

  put (session, "x", small);
  close_store (session);
}

/* The error of opening. */
static GError *
refuse (const char *path)
{
  ArborSessionOptions options = default_options ();
  GError *error = NULL;

  g_assert_null (arbor_session_open (path, &options, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, path));
  return error;
}

/* Another process, which has the store open until it is told to end. */
typedef struct
{
  pid_t pid;
  int ready;
  int go;
} Peer;

static Peer
open_elsewhere (const char *path)
{
  int ready[2], go[2];
  Peer peer;
  char byte;

  g_assert_cmpint (pipe (ready), ==, 0);
  g_assert_cmpint (pipe (go), ==, 0);
  peer.pid = fork ();
  g_assert_cmpint (peer.pid, >=, 0);
  if (peer.pid == 0)
    {
      ArborSession *session = open_store (path);

      assert_content (session, "x", small);
      g_assert_cmpint (write (ready[1], "x", 1), ==, 1);
      g_assert_cmpint (read (go[0], &byte, 1), ==, 1);
      assert_content (session, "x", small);
      close_store (session);
      _exit (0);
    }
  close (ready[1]);
  close (go[0]);
  peer.ready = ready[0];
  peer.go = go[1];
  g_assert_cmpint (read (peer.ready, &byte, 1), ==, 1);
  return peer;
}

static void
end_peer (Peer *peer)
{
  int status;

  g_assert_cmpint (write (peer->go, "x", 1), ==, 1);
  g_assert_cmpint (waitpid (peer->pid, &status, 0), ==, peer->pid);
  g_assert_cmpint (status, ==, 0);
  close (peer->ready);
  close (peer->go);
}

/* Blocks */

/* LMDB makes the file as long as was reckoned, and no more than that was reserved. */
static void
test_size (Fixture *fixture, gconstpointer data)
{
  static const guint counts[] = { 1, 2, 63, 126, 1000, 1024, 65536 };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      ArborSessionOptions options = default_options ();
      g_autoptr (GError) error = NULL;
      ArborSession *session;

      g_unlink (fixture->lock);
      options.max_readers = counts[i];
      session = arbor_session_open (fixture->path, &options, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint ((guint64) look (fixture->lock).st_size, ==,
                        arbor_lock_file_get_size (counts[i]));
      g_assert_cmpuint (n_reserved, ==, arbor_lock_file_get_size (counts[i]));
      close_store (session);
    }
  /* What is larger already is kept, and reserved as it is. */
  make_store (fixture->path);
  g_assert_cmpuint (n_reserved, ==, arbor_lock_file_get_size (65536));
  g_assert_cmpuint ((guint64) look (fixture->lock).st_size, ==, arbor_lock_file_get_size (65536));
}

static void
test_full (Fixture *fixture, gconstpointer data)
{
  static const int failures[] = { ENOSPC, EDQUOT };

  make_store (fixture->path);
  for (guint i = 0; i < G_N_ELEMENTS (failures) * 2; i++)
    {
      ArborSessionOptions options = default_options ();
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) no_error = NULL;
      ArborSession *session;

      /* With and without one. */
      if (i % 2 == 1)
        make_store (fixture->path);
      else
        g_unlink (fixture->lock);
      fallocate_fails = failures[i / 2];
      error = refuse (fixture->path);
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL);
      g_assert_nonnull (strstr (error->message, "immutable"));
      g_assert_nonnull (strstr (error->message, fixture->lock));
      g_assert_true (g_file_test (fixture->lock, G_FILE_TEST_EXISTS) == (i % 2 == 1));

      options.immutable = TRUE;
      session = arbor_session_open (fixture->path, &options, NULL, &no_error);
      g_assert_no_error (no_error);
      assert_content (session, "x", small);
      close_store (session);
      fallocate_fails = 0;
    }
}

/* Where a file system cannot reserve, a new file is filled, and one that is there left alone. */
static void
test_no_fallocate (Fixture *fixture, gconstpointer data)
{
  ArborSession *session;
  struct stat info;

  fallocate_fails = EOPNOTSUPP;
  make_store (fixture->path);
  info = look (fixture->lock);
  g_assert_cmpuint ((guint64) info.st_size, ==, arbor_lock_file_get_size (1024));
  g_assert_cmpuint ((guint64) info.st_blocks * 512, >=, (guint64) info.st_size);
  session = open_store (fixture->path);
  assert_content (session, "x", small);
  close_store (session);
}

/* Rights */

static void
test_mode (Fixture *fixture, gconstpointer data)
{
  static const guint modes[] = { 0, 0600, 0640, 0660, 0644, 0666 };
  mode_t umask_before = umask (0027);

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      ArborSessionOptions options = default_options ();
      g_autoptr (GError) error = NULL;
      guint wanted = modes[i] != 0 ? modes[i] : 0600;
      ArborSession *session;

      g_unlink (fixture->path);
      g_unlink (fixture->lock);
      options.mode = modes[i];
      session = arbor_session_open (fixture->path, &options, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (look (fixture->path).st_mode & 07777, ==, wanted);
      g_assert_cmpuint (look (fixture->lock).st_mode & 07777, ==, wanted);
      close_store (session);

      /* One that exists keeps its mode, and a lock file that is made anew has it. */
      g_unlink (fixture->lock);
      options.mode = 0600;
      session = arbor_session_open (fixture->path, &options, NULL, &error);
      g_assert_cmpuint (look (fixture->path).st_mode & 07777, ==, wanted);
      g_assert_cmpuint (look (fixture->lock).st_mode & 07777, ==, wanted);
      close_store (session);
    }
  umask (umask_before);
}

static void
test_group (Fixture *fixture, gconstpointer data)
{
  struct stat info;

  make_store (fixture->path);
  /* Only root can give a file to any group; others have one to give it to. */
  if (geteuid () == 0)
    g_assert_cmpint (chown (fixture->path, (uid_t) -1, 12345), ==, 0);
  g_assert_cmpint (g_chmod (fixture->path, 0664), ==, 0);
  g_unlink (fixture->lock);
  make_store (fixture->path);
  info = look (fixture->lock);
  g_assert_cmpuint (info.st_gid, ==, look (fixture->path).st_gid);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0664);
}

/* What stands at its name */

static void
test_links (Fixture *fixture, gconstpointer data)
{
  g_autofree char *target = g_build_filename (fixture->folder, "precious", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  make_store (fixture->path);
  g_unlink (fixture->lock);

  /* To nothing: nothing is made. */
  g_assert_cmpint (symlink (target, fixture->lock), ==, 0);
  error = refuse (fixture->path);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
  g_clear_error (&error);

  /* To something: it is not touched. */
  g_assert_true (g_file_set_contents (target, "precious", -1, NULL));
  error = refuse (fixture->path);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_clear_error (&error);
  g_unlink (fixture->lock);
  g_assert_cmpint (link (target, fixture->lock), ==, 0);
  error = refuse (fixture->path);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_clear_error (&error);
  g_unlink (fixture->lock);
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "precious");

  g_assert_cmpint (mkfifo (fixture->lock, 0600), ==, 0);
  error = refuse (fixture->path);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_clear_error (&error);
  g_unlink (fixture->lock);
  g_assert_cmpint (g_mkdir (fixture->lock, 0700), ==, 0);
  error = refuse (fixture->path);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_rmdir (fixture->lock);
  make_store (fixture->path);
}

/* Opened as a store, or again, the file is never opened and closed under LMDB: its locks are there
 * still, as another process sees. */
static void
test_kept_locks (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  ArborSession *second = open_store (fixture->path);
  g_autoptr (GError) error = NULL;
  int status;
  pid_t child;

  error = refuse (fixture->lock);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE);
  close_store (second);
  child = fork ();
  if (child == 0)
    {
      struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
      int fd = open (fixture->lock, O_RDWR);

      _exit (fd >= 0 && fcntl (fd, F_GETLK, &lock) == 0 && lock.l_type == F_RDLCK ? 0 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  close_store (session);
}

/* Two at one store */

static void
test_removed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Peer peer;

  make_store (fixture->path);
  peer = open_elsewhere (fixture->path);
  g_unlink (fixture->lock);
  error = refuse (fixture->path);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY);
  g_assert_false (g_file_test (fixture->lock, G_FILE_TEST_EXISTS));
  end_peer (&peer);
  make_store (fixture->path);
}

/* Somebody who is no Arbor makes another. */
static void
test_replaced (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ArborSession *session;
  Peer peer;

  make_store (fixture->path);
  peer = open_elsewhere (fixture->path);
  g_unlink (fixture->lock);
  g_assert_true (g_file_set_contents (fixture->lock, "", 0, NULL));
  error = refuse (fixture->path);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY);
  g_clear_error (&error);
  end_peer (&peer);

  session = open_store (fixture->path);
  put (session, "x", small);
  assert_content (session, "x", small);
  g_unlink (fixture->lock);
  /* No harm yet. */
  put (session, "y", other);
  assert_content (session, "y", other);
  g_assert_true (g_file_set_contents (fixture->lock, "", 0, NULL));
  g_assert_false (try_put (session, "x", other, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, fixture->lock));
  close_store (session);
  session = open_store (fixture->path);
  assert_content (session, "x", small);
  assert_content (session, "y", other);
  close_store (session);
}

/* The store under another name, where there is no lock file, or an old one. */
static void
test_renamed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "b.arbor", NULL);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      Peer peer;

      if (i == 1)
        {
          make_store (path);
          g_unlink (path);
        }
      make_store (fixture->path);
      peer = open_elsewhere (fixture->path);
      g_assert_cmpint (g_rename (fixture->path, path), ==, 0);
      error = refuse (path);
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY);
      end_peer (&peer);
      make_store (path);
      g_unlink (path);
    }
}

/* Another file in the place of the store, as who restores a copy puts it. */
static void
replace_store (Fixture *fixture, const char *contents, gsize length)
{
  g_assert_true (g_file_set_contents (fixture->path, contents, (gssize) length, NULL));
}

typedef struct
{
  ArborGate *gate;
  int stripe;
} Inside;

static gpointer
leave_late (gpointer data)
{
  Inside *inside = data;

  g_usleep (100 * G_TIME_SPAN_MILLISECOND);
  arbor_gate_leave (inside->gate, inside->stripe);
  return NULL;
}

/* Closed, while somebody is still inside: who opens what is there now waits for them. */
static void
test_exchanged_store (Fixture *fixture, gconstpointer data)
{
  g_autofree char *contents = NULL;
  g_autoptr (ArborGate) gate = NULL;
  g_autoptr (GError) error = NULL;
  ArborSession *session;
  Inside inside;
  GThread *thread;
  gsize length;

  session = open_store (fixture->path);
  put (session, "x", small);
  close_store (session);
  g_assert_true (g_file_get_contents (fixture->path, &contents, &length, NULL));

  session = open_store (fixture->path);
  gate = arbor_gate_ref (arbor_session_get_gate (session));
  replace_store (fixture, contents, length);
  error = refuse (fixture->path);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "this process"));

  inside = (Inside){ gate, arbor_gate_enter (gate) };
  g_assert_cmpint (inside.stripe, >=, 0);
  arbor_session_unref (session);
  g_assert_false (arbor_gate_is_torn_down (gate));
  thread = g_thread_new ("inside", leave_late, &inside);
  session = open_store (fixture->path);
  assert_content (session, "x", small);
  g_thread_join (thread);
  close_store (session);
}

/* Three at once find none, and make one. */
static void
test_made_at_once (Fixture *fixture, gconstpointer data)
{
  make_store (fixture->path);
  for (guint i = 0; i < 30; i++)
    {
      pid_t children[3];
      int gate[2], status;

      g_unlink (fixture->lock);
      g_assert_cmpint (pipe (gate), ==, 0);
      for (guint k = 0; k < G_N_ELEMENTS (children); k++)
        if ((children[k] = fork ()) == 0)
          {
            char byte;

            close (gate[1]);
            (void) !read (gate[0], &byte, 1);
            make_store (fixture->path);
            _exit (0);
          }
      /* The end of the pipe lets all of them go. */
      close (gate[0]);
      close (gate[1]);
      for (guint k = 0; k < G_N_ELEMENTS (children); k++)
        {
          g_assert_cmpint (waitpid (children[k], &status, 0), ==, children[k]);
          g_assert_cmpint (status, ==, 0);
        }
    }
}

#define ADD(name) g_test_add ("/lock-file/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (size);
  ADD (full);
  ADD (no_fallocate);
  ADD (mode);
  ADD (group);
  ADD (links);
  ADD (kept_locks);
  ADD (removed);
  ADD (replaced);
  ADD (renamed);
  ADD (exchanged_store);
  ADD (made_at_once);
  return g_test_run ();
}
