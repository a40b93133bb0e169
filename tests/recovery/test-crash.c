/* A process killed at each of its writes: what it left is the content of before or the one of
 * after, and the next writer clears up the rest. */

#include <lmdb.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/sessions.h"
#include "write-hooks.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static const Part before[] = { { 1, 3000 }, { 2, 30000 }, { 0, 0 } };
static const Part after[] = { { 3, 4000 }, { 2, 30000 }, { 4, 9000 }, { 0, 0 } };
static const Part other[] = { { 5, 2500 }, { 0, 0 } };

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

/* How many entries a table of a closed store has. */
static gsize
count_entries (const char *path, const char *table)
{
  MDB_env *env;
  MDB_txn *txn;
  MDB_dbi dbi;
  MDB_stat stat;

  g_assert_cmpint (mdb_env_create (&env), ==, 0);
  g_assert_cmpint (mdb_env_set_maxdbs (env, 8), ==, 0);
  g_assert_cmpint (mdb_env_open (env, path, MDB_NOSUBDIR | MDB_RDONLY, 0644), ==, 0);
  g_assert_cmpint (mdb_txn_begin (env, NULL, MDB_RDONLY, &txn), ==, 0);
  g_assert_cmpint (mdb_dbi_open (txn, table, 0, &dbi), ==, 0);
  g_assert_cmpint (mdb_stat (txn, dbi, &stat), ==, 0);
  mdb_txn_abort (txn);
  mdb_env_close (env);
  return stat.ms_entries;
}

/* Runs @work in a process that is killed at its @kill_at-th write. TRUE when it was. */
static gboolean
run_killed (const char *path, void (*work) (const char *path), int kill_at, gboolean halfway)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      hooks.path = path;
      hooks.kill_at = kill_at;
      hooks.halfway = halfway;
      work (path);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFSIGNALED (status))
    {
      g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
      return TRUE;
    }
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  return FALSE;
}

static gboolean
has_content (ArborSession *session, const char *name, const Part *parts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, &error);
  gboolean has;

  g_assert_no_error (error);
  has = snapshot_has (snapshot, name, parts, &error);
  if (error != NULL)
    g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
  return has;
}

static guint
count_parts (const Part *parts)
{
  guint n = 0;

  while (parts[n].size > 0)
    n++;
  return n;
}

/* A write, then the sweep: no staging is left, and no batch that nobody lists. */
static void
assert_swept (const char *path, guint n_listed)
{
  for (guint i = 0; i < 2000; i++)
    {
      ArborSession *session = open_store (path);

      put (session, "other", i % 2 == 0 ? other : before);
      put (session, "other", other);
      g_usleep (1000 * i);
      close_store (session);
      if (count_entries (path, "staging") == 0)
        break;
    }
  g_assert_cmpuint (count_entries (path, "staging"), ==, 0);
  g_assert_cmpuint (count_entries (path, "batches"), ==, n_listed + 1);
}

static void
work_create (const char *path)
{
  ArborSession *session = open_store (path);

  put (session, "x", before);
}

/* Killed while the file is made: it is made anew, or holds what was put. */
static void
test_create (Fixture *fixture, gconstpointer data)
{
  for (int halfway = 0; halfway < 2; halfway++)
    for (int kill_at = 1;; kill_at++)
      {
        g_autofree char *lock = g_strconcat (fixture->path, "-lock", NULL);
        gboolean was_killed;
        ArborSession *session;

        g_unlink (fixture->path);
        g_unlink (lock);
        was_killed = run_killed (fixture->path, work_create, kill_at, halfway);
        if (halfway && kill_at == 1)
          {
            /* Half of the meta pages: no file that LMDB made stays like this but here. */
            g_autoptr (GError) error = NULL;
            ArborSessionOptions options = default_options ();

            g_assert_null (arbor_session_open (fixture->path, &options, NULL, &error));
            g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
            continue;
          }
        session = open_store (fixture->path);
        if (!was_killed)
          g_assert_true (has_content (session, "x", before));
        put (session, "x", after);
        g_assert_true (has_content (session, "x", after));
        close_store (session);
        if (!was_killed)
          break;
      }
}

static void
work_replace (const char *path)
{
  ArborSession *session = open_store (path);

  put (session, "x", after);
}

static void
prepare (const char *path, const Part *parts)
{
  ArborSession *session = open_store (path);

  put (session, "x", parts);
  close_store (session);
}

static void
test_replace (Fixture *fixture, gconstpointer data)
{
  guint n_before = 0, n_after = 0;

  for (int halfway = 0; halfway < 2; halfway++)
    for (int kill_at = 1;; kill_at++)
      {
        gboolean was_killed;
        ArborSession *session;
        gboolean is_after;

        prepare (fixture->path, before);
        was_killed = run_killed (fixture->path, work_replace, kill_at, halfway);
        session = open_store (fixture->path);
        is_after = has_content (session, "x", after);
        g_assert_true (is_after || (was_killed && has_content (session, "x", before)));
        n_after += is_after;
        n_before += !is_after;
        close_store (session);
        assert_swept (fixture->path, count_parts (is_after ? after : before));
        if (!was_killed)
          break;
      }
  g_assert_cmpuint (n_before, >, 2);
  g_assert_cmpuint (n_after, >=, 2);
}

static void
make_large (Part *parts, guint n, guint seed)
{
  for (guint i = 0; i < n; i++)
    parts[i] = (Part){ seed + i, 550000 };
  parts[n].size = 0;
}

#define N_LARGE 24

/* Staged in several transactions, replacing as much; then the sweep of what was replaced. */
static void
work_import (const char *path)
{
  Part large[N_LARGE + 1];
  ArborSession *session = open_store (path);
  ArborSessionStats stats;

  make_large (large, N_LARGE, 100);
  put (session, "x", large);
  do
    {
      g_usleep (500);
      arbor_session_refresh (session, NULL, NULL);
      arbor_session_get_stats (session, &stats, NULL);
    }
  while (stats.free_pages * stats.page_size < N_LARGE * 550000);
}

static void
test_import (Fixture *fixture, gconstpointer data)
{
  Part old[N_LARGE + 1], fresh[N_LARGE + 1];
  guint n_before = 0, n_after = 0;

  make_large (old, N_LARGE, 1);
  make_large (fresh, N_LARGE, 100);
  for (int kill_at = 1;; kill_at++)
    {
      gboolean was_killed;
      ArborSession *session;
      gboolean is_after;

      prepare (fixture->path, old);
      was_killed = run_killed (fixture->path, work_import, kill_at, kill_at % 2);
      session = open_store (fixture->path);
      is_after = has_content (session, "x", fresh);
      g_assert_true (is_after || (was_killed && has_content (session, "x", old)));
      n_after += is_after;
      n_before += !is_after;
      close_store (session);
      assert_swept (fixture->path, N_LARGE);
      if (!was_killed)
        break;
      /* Every write of small files was tried above; of these many, some. */
      kill_at += kill_at / 6;
    }
  g_assert_cmpuint (n_before, >, 3);
  g_assert_cmpuint (n_after, >, 1);
}

#define ADD(name) g_test_add ("/crash/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (create);
  ADD (replace);
  ADD (import);
  return g_test_run ();
}
