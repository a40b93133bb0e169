/* A store file that was cut off, or has other bytes in places: whatever it is, opening, reading and
 * writing it give an error or the right data, never a crash. Checksums are verified, so data that
 * reads without error must be right to the byte.
 */

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/arbor-session-private.h"
#include "kit/sessions.h"

#define N_NAMES  6u
#define N_SINGLE 600u
#define N_BURSTS 200u

typedef struct
{
  char *folder;
  char *path;
  char *bytes; /* of the sound file */
  gsize length;
  guint n_opened;  /* times that a damaged file could be opened */
  guint n_refused;
} Fixture;

static const Part contents[N_NAMES][8] = {
  { { 0, 0 } },
  { { 1, 2200 }, { 0, 0 } },
  { { 2, 5000 }, { 3, 9000 }, { 4, 2100 }, { 0, 0 } },
  { { 5, 40000 }, { 6, 2500 }, { 0, 0 } },
  { { 7, 2500 }, { 8, 2500 }, { 9, 2500 }, { 10, 2500 }, { 11, 2500 }, { 12, 2500 }, { 13, 2500 },
    { 0, 0 } },
  { { 14, 3000 }, { 14, 3000 }, { 0, 0 } },
};

static const Part extra[] = { { 99, 4000 }, { 98, 20000 }, { 0, 0 } };

static char *
name_of (guint i)
{
  return g_strdup_printf ("arbor %u", i);
}

/* Some names are put twice and some deleted, so that there are free pages. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  ArborSession *session;
  g_autoptr (GError) error = NULL;

  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.arbor", NULL);
  session = open_store (fixture->path);
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *name = name_of (i);

      put (session, name, contents[(i + 1) % N_NAMES]);
      put (session, "deleted", contents[i]);
      put (session, name, contents[i]);
    }
  /* Names enough for a catalogue of several pages, with branches. */
  for (guint i = 0; i < 120; i++)
    {
      g_autofree char *name = g_strdup_printf ("empty name that fills up the catalogue %u", i);

      put (session, name, contents[0]);
    }
  delete_name (session, "deleted");
  close_store (session);
  g_assert_true (g_file_get_contents (fixture->path, &fixture->bytes, &fixture->length, &error));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->bytes);
}

static void
assert_damage_error (const GError *error)
{
  g_assert_nonnull (error);
  if (!g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT) &&
      !g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE) &&
      !g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_VERSION))
    g_error ("not an error of damage: %s", error->message);
}

/* The name has its right content, or reading it fails as damaged. Where the catalogue said that a
 * name of it is damaged, that may be the one that is not found. */
static void
check_name (ArborSnapshot *snapshot, const char *name, const Part *parts, gboolean may_be_lost)
{
  g_autoptr (GError) error = NULL;

  if (!snapshot_has (snapshot, name, parts, &error) &&
      !(may_be_lost && g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND)))
    assert_damage_error (error);
}

static void
check_write (ArborSession *session)
{
  g_autoptr (GError) error = NULL;

  if (!try_put (session, "extra", extra, &error))
    {
      assert_damage_error (error);
      return;
    }
  if (!arbor_session_refresh (session, NULL, &error))
    assert_damage_error (error);
  else
    assert_content (session, "extra", extra);
}

static void
check_names (ArborSession *session)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, &error);
  g_auto (GStrv) names = NULL;

  g_assert_no_error (error);
  names = arbor_snapshot_list_names (snapshot, &error);
  if (names == NULL)
    assert_damage_error (error);
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *name = name_of (i);

      check_name (snapshot, name, contents[i], names == NULL);
    }
}

/* In place: the lock file goes on belonging to the path. */
static void
write_file (const char *path, const char *bytes, gsize length)
{
  int fd = open (path, O_WRONLY | O_TRUNC | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, bytes, length), ==, (gssize) length);
  close (fd);
}

static void
check_file (Fixture *fixture, const char *bytes, gsize length)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;
  ArborSession *session;

  options.create = FALSE;
  options.verify_checksums = TRUE;
  write_file (fixture->path, bytes, length);
  session = arbor_session_open (fixture->path, &options, NULL, &error);
  if (session == NULL)
    {
      assert_damage_error (error);
      fixture->n_refused++;
      return;
    }
  fixture->n_opened++;
  check_names (session);
  check_write (session);
  check_names (session);
  close_store (session);
}

/* The sound file passes its own check. */
static void
test_sound (Fixture *fixture, gconstpointer data)
{
  check_file (fixture, fixture->bytes, fixture->length);
  g_assert_cmpuint (fixture->n_opened, ==, 1);
}

static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  gsize length = 0;

  while (length < fixture->length)
    {
      check_file (fixture, fixture->bytes, length);
      length += length < 300 ? 13 : length < 20000 ? 397 : 2039;
    }
  for (length = 0; length < fixture->length; length += 4096)
    check_file (fixture, fixture->bytes, length);
  /* What was cut off here is not all of it free. */
  g_assert_cmpuint (fixture->n_refused, >, 50);
}

/* Zeros in place of the end: the length is right, the pages are not. */
static void
test_zeroed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *bytes = g_malloc (fixture->length);

  for (gsize page = 0; page < fixture->length / 4096; page++)
    {
      memcpy (bytes, fixture->bytes, fixture->length);
      memset (bytes + page * 4096, 0, 4096);
      check_file (fixture, bytes, fixture->length);
    }
}

/* Bytes that LMDB looks at are few, so most go into the heads of pages and to their ends. */
static gsize
pick_place (gsize length)
{
  gsize page = (gsize) g_test_rand_int_range (0, (gint32) (length / 4096)) * 4096;

  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return page + (gsize) g_test_rand_int_range (0, 64);
    case 1:
      return (gsize) g_test_rand_int_range (0, 8192) % 400 + (page / 4096 % 2) * 4096;
    case 2:
      return page + (gsize) g_test_rand_int_range (3000, 4096);
    default:
      return page + (gsize) g_test_rand_int_range (0, 4096);
    }
}

static char
pick_byte (char old)
{
  static const guint8 special[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, 0x10, 0x08 };

  if (g_test_rand_bit ())
    return (char) (old ^ (1 << g_test_rand_int_range (0, 8)));
  return (char) special[g_test_rand_int_range (0, G_N_ELEMENTS (special))];
}

static void
test_single_bytes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *bytes = g_memdup2 (fixture->bytes, fixture->length);

  for (guint i = 0; i < N_SINGLE; i++)
    {
      gsize place = pick_place (fixture->length);

      bytes[place] = pick_byte (fixture->bytes[place]);
      check_file (fixture, bytes, fixture->length);
      bytes[place] = fixture->bytes[place];
    }
  g_assert_cmpuint (fixture->n_opened, >, 0);
  g_assert_cmpuint (fixture->n_refused, >, 0);
}

static void
test_bursts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *bytes = g_malloc (fixture->length);

  for (guint i = 0; i < N_BURSTS; i++)
    {
      guint n = (guint) g_test_rand_int_range (2, 40);

      memcpy (bytes, fixture->bytes, fixture->length);
      for (guint j = 0; j < n; j++)
        {
          gsize place = pick_place (fixture->length);

          bytes[place] = (char) g_test_rand_int_range (0, 256);
        }
      check_file (fixture, bytes, fixture->length);
    }
}

/* Two pages that changed places: each is sound by itself. */
static void
test_swapped_pages (Fixture *fixture, gconstpointer data)
{
  g_autofree char *bytes = g_malloc (fixture->length);
  gsize n_pages = fixture->length / 4096;

  for (guint i = 0; i < 150; i++)
    {
      gsize a = (gsize) g_test_rand_int_range (0, (gint32) n_pages) * 4096;
      gsize b = (gsize) g_test_rand_int_range (0, (gint32) n_pages) * 4096;

      memcpy (bytes, fixture->bytes, fixture->length);
      memcpy (bytes + a, fixture->bytes + b, 4096);
      /* Half of them with a page number that is right. */
      if (i % 2 == 0)
        {
          guint64 number = a / 4096;

          memcpy (bytes + a, &number, sizeof number);
        }
      check_file (fixture, bytes, fixture->length);
    }
}

static void
test_random_files (Fixture *fixture, gconstpointer data)
{
  g_autofree guint32 *bytes = g_new (guint32, 5000);

  for (guint i = 0; i < 30; i++)
    {
      for (guint j = 0; j < 5000; j++)
        bytes[j] = (guint32) g_test_rand_int ();
      /* Some begin as a store does. */
      if (i % 3 == 1)
        memcpy (bytes, fixture->bytes, 200);
      if (i % 3 == 2)
        memcpy (bytes, fixture->bytes, 8192);
      check_file (fixture, (const char *) bytes, 20000);
    }
  g_assert_cmpuint (fixture->n_opened, ==, 0);
}

/* A store that is open when its file is cut off. Where the pages are gone the map is SIGBUS, so this
 * happens in a child. */

static void
assert_cut_off (GError *error)
{
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  g_error_free (error);
}

static void
use_cut_off (Fixture *fixture, gsize length, gboolean is_put_back)
{
  ArborSession *session = open_store (fixture->path);
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, NULL);
  GError *error = NULL;
  ArborSessionStats stats;

  arbor_session_set_watching (session, TRUE);
  /* Cached, so that no look-up need notice. */
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *name = name_of (i);

      g_assert_true (snapshot_has (snapshot, name, contents[i], NULL));
    }
  g_assert_cmpint (truncate (fixture->path, (off_t) length), ==, 0);

  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *name = name_of (i);

      g_assert_false (snapshot_has (snapshot, name, contents[i], &error));
      assert_cut_off (g_steal_pointer (&error));
    }
  if (is_put_back)
    g_assert_cmpint (truncate (fixture->path, (off_t) fixture->length), ==, 0);
  g_assert_null (arbor_snapshot_list_names (snapshot, &error));
  assert_cut_off (g_steal_pointer (&error));
  arbor_session_find_news (session);
  arbor_session_find_news (session);
  g_assert_false (arbor_session_refresh (session, NULL, &error));
  assert_cut_off (g_steal_pointer (&error));
  g_assert_false (try_put (session, "x", extra, &error));
  assert_cut_off (g_steal_pointer (&error));
  g_assert_false (arbor_session_get_stats (session, &stats, &error));
  assert_cut_off (g_steal_pointer (&error));
  close_store (session);
}

static void
test_cut_off_while_open (Fixture *fixture, gconstpointer data)
{
  gsize lengths[] = { 0, 100, 4096, 8192, fixture->length / 2, fixture->length - 4096 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths) * 2; i++)
    {
      pid_t child;
      int status;

      g_assert_true (g_file_set_contents (fixture->path, fixture->bytes, (gssize) fixture->length,
                                          NULL));
      child = fork ();
      if (child == 0)
        {
          use_cut_off (fixture, lengths[i / 2], i % 2 == 1);
          _exit (0);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_cmpint (status, ==, 0);
    }
}

/* One batch, read again and again: it is noticed when the clock has ticked. */
static void
read_one_cut_off (Fixture *fixture)
{
  ArborSession *session = open_store (fixture->path);
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, NULL);
  g_autoptr (ArborRecord) record = arbor_snapshot_lookup (snapshot, "arbor 1", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (arbor_snapshot_get_batch (snapshot, record, 0, NULL));
  g_assert_cmpint (truncate (fixture->path, 8192), ==, 0);
  g_usleep (50000);
  g_assert_null (arbor_snapshot_get_batch (snapshot, record, 0, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  close_store (session);
}

static void
test_cut_off_one (Fixture *fixture, gconstpointer data)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      read_one_cut_off (fixture);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
}

/* Writes values, each of a few pages, and deletes the last of them in the same transaction: where there
 * are free pages to begin with, LMDB never writes those of a value that is deleted so. */
static gboolean
write_and_delete (ArborTxn txn, gpointer data, GError **error)
{
  const guint *round = data;
  MDB_dbi table = txn.env->tables[ARBOR_TABLE_BATCHES];

  for (guint i = 0; i < 4; i++)
    {
      guint64 id = GUINT64_TO_BE (G_GUINT64_CONSTANT (1) << 62 | i);
      MDB_val key = { sizeof id, &id };
      MDB_val value = { 10000 + 20000 * i + 5000 * (*round % 3), NULL };

      g_assert_cmpint (mdb_put (txn.mdb, table, &key, &value, MDB_RESERVE), ==, 0);
      memset (value.mv_data, (int) i, value.mv_size);
    }
  for (guint i = 3; i >= 2; i--)
    {
      guint64 id = GUINT64_TO_BE (G_GUINT64_CONSTANT (1) << 62 | i);
      MDB_val key = { sizeof id, &id };

      g_assert_cmpint (mdb_del (txn.mdb, table, &key, NULL), ==, 0);
    }
  return TRUE;
}

/* After each commit the file is as long as LMDB counts, or its length would not tell whether it was
 * cut off. */
static void
test_as_long_as_counted (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "long.arbor", NULL);
  ArborSession *session = open_store (path);
  ArborEnvironment *environment = arbor_session_get_environment (session);
  ArborWriteOptions options = { .busy_timeout = 5000 };

  for (guint round = 0; round < 30; round++)
    {
      g_autoptr (GError) error = NULL;
      MDB_envinfo info;
      struct stat file;

      arbor_writer_run (environment, write_and_delete, &round, &options, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (mdb_env_info (environment->env, &info), ==, 0);
      g_assert_cmpint (stat (path, &file), ==, 0);
      g_assert_cmpuint ((guint64) file.st_size, >=,
                        (info.me_last_pgno + 1) * environment->page_size);
    }
  close_store (session);
}

#define ADD(name) g_test_add ("/damage/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (sound);
  ADD (truncated);
  ADD (zeroed);
  ADD (single_bytes);
  ADD (bursts);
  ADD (swapped_pages);
  ADD (random_files);
  ADD (cut_off_while_open);
  ADD (cut_off_one);
  ADD (as_long_as_counted);
  return g_test_run ();
}
