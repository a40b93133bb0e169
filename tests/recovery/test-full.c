/* A disk that is full, or broken, while a store is written: an error, the old data intact, and
 * writing goes on when there is room again. */

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/joint.h"
#include "write-hooks.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static const Part small[] = { { 1, 3000 }, { 2, 30000 }, { 0, 0 } };
static const Part other[] = { { 3, 3000 }, { 4, 50000 }, { 5, 2500 }, { 0, 0 } };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.arbor", NULL);
  hooks = (WriteHooks){ .path = fixture->path };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  hooks = (WriteHooks){ 0 };
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static gint64
get_size (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_size;
}

/* A little more room each time, until the put succeeds. */
static void
test_disk (Fixture *fixture, gconstpointer data)
{
  for (int is_short = 0; is_short < 2; is_short++)
    {
      ArborSession *session;
      guint n_failed = 0;
      gint64 size;

      g_unlink (fixture->path);
      session = open_store (fixture->path);
      put (session, "x", small);
      size = get_size (fixture->path);
      for (gint64 room = 0;; room += 5000)
        {
          g_autoptr (GError) error = NULL;

          hooks.is_short = is_short;
          hooks.disk_size = size + room;
          if (try_put (session, "y", other, &error))
            break;
          g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL);
          g_assert_nonnull (strstr (error->message, fixture->path));
          assert_content (session, "x", small);
          g_assert_cmpuint (get_generation (session, "y"), ==, 0);
          n_failed++;
        }
      g_assert_cmpuint (n_failed, >, 3);
      hooks.disk_size = 0;
      assert_content (session, "y", other);
      close_store (session);
      session = open_store (fixture->path);
      assert_content (session, "x", small);
      assert_content (session, "y", other);
      close_store (session);
    }
}

/* In the middle of an import of several transactions. */
static void
test_import (Fixture *fixture, gconstpointer data)
{
  Part large[31];
  ArborSession *session = open_store (fixture->path);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 30; i++)
    large[i] = (Part){ 100 + i, 900000 };
  large[30].size = 0;
  put (session, "x", small);
  hooks.disk_size = 16 * 1000 * 1000;
  g_assert_false (try_put (session, "x", large, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL);
  g_clear_error (&error);
  assert_content (session, "x", small);
  hooks.disk_size = 0;
  put (session, "x", large);
  assert_content (session, "x", large);
  close_store (session);
}

/* While the store is made. */
static void
test_create (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = NULL;
  guint n_failed = 0;

  for (hooks.disk_size = 1; session == NULL; hooks.disk_size += 3000)
    {
      ArborSessionOptions options = default_options ();
      g_autoptr (GError) error = NULL;
      g_autofree char *lock = g_strconcat (fixture->path, "-lock", NULL);

      g_unlink (fixture->path);
      g_unlink (lock);
      session = arbor_session_open (fixture->path, &options, NULL, &error);
      if (session == NULL)
        {
          g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL);
          n_failed++;
        }
    }
  g_assert_cmpuint (n_failed, >, 1);
  hooks.disk_size = 0;
  put (session, "x", small);
  assert_content (session, "x", small);
  close_store (session);
}

/* Each write and each sync fails once. LMDB gives the environment up when its meta page cannot be
 * written; it is opened again then. */
static void
test_broken (Fixture *fixture, gconstpointer data)
{
  guint n_failed = 0;
  gboolean succeeded = FALSE;

  for (gint fail_at = 1; !succeeded; fail_at++)
    {
      ArborSession *session;
      g_autoptr (GError) error = NULL;

      g_unlink (fixture->path);
      session = open_store (fixture->path);
      put (session, "x", small);
      hooks.n_calls = 0;
      hooks.fail_at = fail_at;
      succeeded = try_put (session, "y", other, &error) && hooks.n_calls < fail_at;
      hooks.fail_at = 0;
      if (error != NULL)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
          g_assert_cmpuint (get_generation (session, "y"), ==, 0);
          n_failed++;
        }
      assert_content (session, "x", small);
      put (session, "z", other);
      assert_content (session, "z", other);
      assert_content (session, "x", small);
      close_store (session);
    }
  g_assert_cmpuint (n_failed, >=, 3);
}

/* Fails as @fail_errno should look, and neither as damage nor as success. */
static void
assert_write_error (const GError *error, int fail_errno, const char *path)
{
  if (fail_errno == ENOSPC)
    g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_null (strstr (error->message, "damaged"));
}

/* The same while somebody reads: then it cannot be opened again. Whoever asks for more is told the
 * error of the write and what to do, what is being read stays, and everything works when it has
 * been let go of. Returns whether the write failed, and *@is_broken when LMDB gave up. */
static gboolean
break_while_read (Fixture *fixture, gint fail_at, int fail_errno, gboolean *is_broken)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) later = NULL;
  ArborSession *session;
  ArborSnapshot *pinned;
  gboolean has_failed;

  g_unlink (fixture->path);
  session = open_store (fixture->path);
  put (session, "x", small);
  pinned = arbor_session_dup_snapshot (session, &error);
  g_assert_no_error (error);
  hooks.n_calls = 0;
  hooks.fail_at = fail_at;
  hooks.fail_errno = fail_errno;
  has_failed = !try_put (session, "y", other, &error);
  hooks.fail_at = 0;
  if (has_failed)
    assert_write_error (error, fail_errno, fixture->path);
  *is_broken = !try_put (session, "z", other, &later);
  if (*is_broken)
    {
      assert_write_error (later, fail_errno, fixture->path);
      g_assert_nonnull (strstr (later->message, "let go"));
    }
  g_clear_error (&later);
  g_assert_true (snapshot_has (pinned, "x", small, &later));
  g_assert_no_error (later);
  arbor_snapshot_unref (pinned);

  put (session, "z", other);
  assert_content (session, "x", small);
  assert_content (session, "z", other);
  close_store (session);
  return has_failed;
}

static void
test_pinned (Fixture *fixture, gconstpointer data)
{
  static const int errors[] = { EIO, ENOSPC };

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      guint n_broken = 0;
      gint fail_at = 1;
      gboolean is_broken;

      for (; break_while_read (fixture, fail_at, errors[i], &is_broken) || fail_at < 8; fail_at++)
        n_broken += is_broken;
      g_assert_cmpuint (n_broken, >=, 1);
    }
}

/* Of writes that go together, the one that finds no room fails, and the others do not. */
static void
test_joint (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  Member *members[5];
  int fd;

  put (session, "x", small);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    members[i] = member_new (session, i, i == 2 ? 800000 : 3000);
  fd = hold_writer (fixture->path);
  start_members (members, G_N_ELEMENTS (members));
  hooks.disk_size = get_size (fixture->path) + 400000;
  close (fd);
  join_members (members, G_N_ELEMENTS (members));
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      if (i == 2)
        {
          g_assert_error (members[i]->error, ARBOR_ERROR, ARBOR_ERROR_FULL);
          g_assert_cmpuint (get_generation (session, members[i]->name), ==, 0);
        }
      else
        {
          g_assert_no_error (members[i]->error);
          assert_content (session, members[i]->name, members[i]->parts);
        }
      g_assert_cmpuint (members[i]->n_prepared, ==, 2);
      member_free (members[i]);
    }
  assert_content (session, "x", small);
  close_store (session);
}

/* The kernel's own refusal: a limit on the size of files. */
static void
limited_child (const char *path)
{
  struct rlimit limit = { 400 * 1024, RLIM_INFINITY };
  Part large[] = { { 7, 900000 }, { 8, 900000 }, { 0, 0 } };
  g_autoptr (GError) error = NULL;
  ArborSession *session;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  session = open_store (path);
  put (session, "x", small);
  g_assert_false (try_put (session, "x", large, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL);
  assert_content (session, "x", small);
  put (session, "y", other);
  assert_content (session, "y", other);
  close_store (session);
}

static void
test_limit (Fixture *fixture, gconstpointer data)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      limited_child (fixture->path);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

#define ADD(name) g_test_add ("/full/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (disk);
  ADD (import);
  ADD (create);
  ADD (broken);
  ADD (pinned);
  ADD (joint);
  ADD (limit);
  return g_test_run ();
}
