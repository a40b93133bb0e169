/* The bytes of a store file, decoded through LMDB from docs/dev/storage.md alone; and files that
 * have others there: of another program, another version, damaged at one place.
 */

#include <lmdb.h>
#include <xxhash.h>
#include <fcntl.h>
#include <unistd.h>

#include "kit/sessions.h"

typedef struct
{
  char *folder;
  char *path;
  MDB_env *env;
  MDB_txn *txn;
} Fixture;

static const Part parts[] = { { 1, 3000 }, { 2, 70000 }, { 0, 0 } };

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

static void
begin (Fixture *fixture)
{
  g_assert_cmpint (mdb_env_create (&fixture->env), ==, 0);
  g_assert_cmpint (mdb_env_set_maxdbs (fixture->env, 8), ==, 0);
  g_assert_cmpint (mdb_env_set_mapsize (fixture->env, STORE_MAP_SIZE), ==, 0);
  g_assert_cmpint (mdb_env_open (fixture->env, fixture->path, MDB_NOSUBDIR, 0644), ==, 0);
  g_assert_cmpint (mdb_txn_begin (fixture->env, NULL, 0, &fixture->txn), ==, 0);
}

static void
end (Fixture *fixture)
{
  g_assert_cmpint (mdb_txn_commit (fixture->txn), ==, 0);
  mdb_env_close (fixture->env);
}

static GBytes *
get_value (Fixture *fixture, const char *table, gconstpointer key, gsize key_size)
{
  MDB_val key_value = { key_size, (void *) key };
  MDB_val value;
  MDB_dbi dbi;

  g_assert_cmpint (mdb_dbi_open (fixture->txn, table, 0, &dbi), ==, 0);
  g_assert_cmpint (mdb_get (fixture->txn, dbi, &key_value, &value), ==, 0);
  return g_bytes_new (value.mv_data, value.mv_size);
}

static void
set_value (Fixture *fixture, const char *table, gconstpointer key, gsize key_size,
           gconstpointer bytes, gsize size)
{
  MDB_val key_value = { key_size, (void *) key };
  MDB_val value = { size, (void *) bytes };
  MDB_dbi dbi;

  g_assert_cmpint (mdb_dbi_open (fixture->txn, table, 0, &dbi), ==, 0);
  g_assert_cmpint (mdb_put (fixture->txn, dbi, &key_value, &value, 0), ==, 0);
}

static gsize
count_entries (Fixture *fixture, const char *table)
{
  MDB_stat stat;
  MDB_dbi dbi;

  g_assert_cmpint (mdb_dbi_open (fixture->txn, table, 0, &dbi), ==, 0);
  g_assert_cmpint (mdb_stat (fixture->txn, dbi, &stat), ==, 0);
  return stat.ms_entries;
}

static guint64
number_at (GBytes *value, gsize at, gsize size)
{
  const guint8 *bytes = g_bytes_get_data (value, NULL);
  guint64 number = 0;

  g_assert_cmpuint (at + size, <=, g_bytes_get_size (value));
  for (gsize i = size; i-- > 0;)
    number = number << 8 | bytes[at + i];
  return number;
}

static guint64
digest_of (gconstpointer key, gsize key_size, const guint8 *bytes, gsize size)
{
  return XXH3_64bits_withSeed (bytes + 8, size - 8, XXH3_64bits (key, key_size));
}

static void
assert_sealed (GBytes *value, gconstpointer key, gsize key_size)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (value, &size);

  g_assert_cmpuint (number_at (value, 0, 8), ==, digest_of (key, key_size, bytes, size));
}

static void
assert_entry (GBytes *value, gsize at, guint64 id, const Part *part)
{
  g_autoptr (GBytes) batch = make_batch (part->seed, part->size);
  gsize length;
  const guint8 *bytes = g_bytes_get_data (batch, &length);

  g_assert_cmpuint (number_at (value, at, 8), ==, id);
  g_assert_cmpuint (number_at (value, at + 8, 8), ==, arbor_batch_peek_digest (bytes, length));
  g_assert_cmpuint (number_at (value, at + 16, 4), ==, length);
  g_assert_cmpuint (number_at (value, at + 20, 4), ==, 1);
}

static void
test_small (Fixture *fixture, gconstpointer data)
{
  static const guint8 second_id[8] = { 0, 0, 0, 0, 0, 0, 0, 2 };
  ArborSession *session = open_store (fixture->path);
  g_autoptr (GBytes) format = NULL;
  g_autoptr (GBytes) counters = NULL;
  g_autoptr (GBytes) record = NULL;
  g_autoptr (GBytes) batch = NULL;
  g_autoptr (GBytes) wanted = make_batch (2, 70000);

  put (session, "x", parts);
  close_store (session);
  begin (fixture);

  format = get_value (fixture, "info", "format", 6);
  g_assert_cmpuint (g_bytes_get_size (format), ==, 40);
  assert_sealed (format, "format", 6);
  g_assert_cmpint (memcmp ((const char *) g_bytes_get_data (format, NULL) + 8, "ArborSto", 8), ==,
                   0);
  g_assert_cmpuint (number_at (format, 16, 4), ==, 2);
  g_assert_cmpuint (number_at (format, 20, 4), ==, 0);
  g_assert_cmpuint (number_at (format, 30, 1) >> 4, ==, 4);
  g_assert_cmpuint (number_at (format, 32, 1) >> 6, ==, 2);

  counters = get_value (fixture, "info", "counters", 8);
  g_assert_cmpuint (g_bytes_get_size (counters), ==, 40);
  assert_sealed (counters, "counters", 8);
  g_assert_cmpuint (number_at (counters, 8, 8), ==, 3);
  g_assert_cmpuint (number_at (counters, 16, 8), ==, 2);
  g_assert_cmpuint (number_at (counters, 24, 8), ==, 1);

  record = get_value (fixture, "catalog", "x", 1);
  g_assert_cmpuint (g_bytes_get_size (record), ==, 56 + 2 * 24);
  assert_sealed (record, "x", 1);
  /* Of the one value that there is. */
  g_assert_cmpuint (number_at (counters, 32, 8), ==, number_at (record, 0, 8));
  g_assert_cmpuint (number_at (record, 8, 8), ==, 1);
  g_assert_cmpuint (number_at (record, 16, 8), ==, 2);
  g_assert_cmpuint (number_at (record, 24, 8), ==,
                    number_at (record, 56 + 16, 4) + number_at (record, 80 + 16, 4));
  g_assert_cmpuint (number_at (record, 40, 4), ==, 2);
  g_assert_cmpuint (number_at (record, 44, 4), ==, 2);
  g_assert_cmpuint (number_at (record, 48, 8), ==, 0);
  assert_entry (record, 56, 1, &parts[0]);
  assert_entry (record, 80, 2, &parts[1]);

  batch = get_value (fixture, "batches", second_id, 8);
  g_assert_true (g_bytes_equal (batch, wanted));
  g_assert_cmpuint (count_entries (fixture, "batches"), ==, 2);
  g_assert_cmpuint (count_entries (fixture, "staging"), ==, 0);
  end (fixture);
}

static void
test_pieces (Fixture *fixture, gconstpointer data)
{
  Part many[131] = { { 0, 0 } };
  ArborSession *session = open_store (fixture->path);
  g_autoptr (GBytes) record = NULL;

  for (guint i = 0; i < 130; i++)
    many[i] = (Part){ i, 2100 };
  put (session, "xy", many);
  close_store (session);
  begin (fixture);
  record = get_value (fixture, "catalog", "xy", 2);
  g_assert_cmpuint (g_bytes_get_size (record), ==, 56);
  assert_sealed (record, "xy", 2);
  g_assert_cmpuint (number_at (record, 16, 8), ==, 130);
  g_assert_cmpuint (number_at (record, 40, 4), ==, 130);
  for (guint8 p = 0; p < 5; p++)
    {
      const guint8 key[] = { 'x', 'y', 0, 0, 0, 0, p };
      guint count = p < 4 ? 32 : 2;
      g_autoptr (GBytes) piece = get_value (fixture, "catalog", key, sizeof key);

      assert_sealed (piece, key, sizeof key);
      g_assert_cmpuint (g_bytes_get_size (piece), ==, 16 + count * 24);
      g_assert_cmpuint (number_at (piece, 8, 4), ==, 32u * p);
      g_assert_cmpuint (number_at (piece, 12, 4), ==, count);
      for (guint i = 0; i < count; i++)
        assert_entry (piece, 16 + i * 24, 1 + 32u * p + i, &many[32u * p + i]);
    }
  g_assert_cmpuint (count_entries (fixture, "catalog"), ==, 6);
  end (fixture);
}

/* Version 1: a file that it wrote, with a name of few batches, of many and of none. */

static void
unpack_fixture (const char *name, const char *path)
{
  g_autofree char *packed = g_test_build_filename (G_TEST_DIST, "..", "fixtures", name, NULL);
  g_autoptr (GFile) from = g_file_new_for_path (packed);
  g_autoptr (GFile) to = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GZlibDecompressor) unzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GFileInputStream) in = g_file_read (from, NULL, &error);
  g_autoptr (GInputStream) plain = NULL;
  g_autoptr (GFileOutputStream) out = NULL;

  g_assert_no_error (error);
  plain = g_converter_input_stream_new (G_INPUT_STREAM (in), G_CONVERTER (unzip));
  out = g_file_create (to, G_FILE_CREATE_PRIVATE, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_splice (G_OUTPUT_STREAM (out), plain, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL,
                          &error);
  g_assert_no_error (error);
}

/* The size that version 1 wants the value of a name to have. */
static gsize
size_1 (guint64 n_batches)
{
  return n_batches <= 64 ? 48 + n_batches * 24 : 48;
}

/* Whether the name has these trees; its batches are as they were written then. */
static void
assert_trees (ArborSession *session, const char *name, const Part *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, &error);
  g_autoptr (ArborRecord) record = arbor_snapshot_lookup (snapshot, name, &error);
  guint32 n = 0;

  g_assert_no_error (error);
  for (; wanted[n].size > 0; n++)
    {
      g_autoptr (GBytes) bytes = make_batch (wanted[n].seed, wanted[n].size);
      g_autoptr (ArborBatch) batch = NULL;
      const ArborBatch *found;
      ArborValue tree, wanted_tree;

      batch = arbor_batch_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (n, <, record->n_batches);
      found = arbor_snapshot_get_batch (snapshot, record, n, &error);
      g_assert_no_error (error);
      arbor_batch_get_tree (batch, 0, &wanted_tree);
      arbor_batch_get_tree (found, 0, &tree);
      g_assert_cmpuint (tree.kind, ==, ARBOR_KIND_STRING);
      g_assert_cmpmem (tree.text, tree.length, wanted_tree.text,
                       wanted_tree.length);
    }
  g_assert_cmpuint (n, ==, record->n_batches);
}

static void
test_version_1 (Fixture *fixture, gconstpointer data)
{
  static const Part small[] = { { 1, 3000 }, { 2, 70000 }, { 0, 0 } };
  static const Part none[] = { { 0, 0 } };
  Part many[72] = { { 0, 0 } };
  g_autoptr (GBytes) format = NULL;
  g_autoptr (GBytes) old_format = NULL;
  ArborSession *session;

  for (guint i = 0; i < 70; i++)
    many[i] = (Part){ 100 + i, 10 };
  unpack_fixture ("store-v1.arbor.gz", fixture->path);
  session = open_store (fixture->path);
  assert_trees (session, "small", small);
  assert_trees (session, "many", many);
  assert_trees (session, "nothing", none);
  put (session, "nothing", none);
  close_store (session);

  /* Reading, and a put that changes nothing, leave it as it is. */
  begin (fixture);
  old_format = get_value (fixture, "info", "format", 6);
  g_assert_cmpuint (number_at (old_format, 16, 4), ==, 1);
  end (fixture);

  session = open_store (fixture->path);
  many[70] = (Part){ 200, 10 };
  put (session, "many", many);
  assert_trees (session, "small", small);
  close_store (session);
  session = open_store (fixture->path);
  assert_trees (session, "small", small);
  assert_content (session, "many", many);
  assert_trees (session, "nothing", none);
  close_store (session);
  begin (fixture);
  format = get_value (fixture, "info", "format", 6);
  g_assert_cmpuint (number_at (format, 16, 4), ==, 2);
  g_assert_cmpuint (number_at (format, 24, 8), ==, number_at (old_format, 24, 8));
  end (fixture);
}

/* A process of version 1 that has the file open does not look at the format again: it finds each new value
 * to be of the wrong size. */
static void
test_refused_by_version_1 (Fixture *fixture, gconstpointer data)
{
  ArborSession *session = open_store (fixture->path);
  Part many[71] = { { 0, 0 } };

  for (guint n = 0; n <= 70; n++)
    {
      g_autoptr (GBytes) record = NULL;

      if (n > 0)
        many[n - 1] = (Part){ n, 10 };
      put (session, "x", many);
      close_store (session);
      begin (fixture);
      record = get_value (fixture, "catalog", "x", 1);
      g_assert_cmpuint (number_at (record, 40, 4), ==, n);
      g_assert_cmpuint (g_bytes_get_size (record), !=, size_1 (n));
      end (fixture);
      session = open_store (fixture->path);
    }
  close_store (session);
}

/* Files of others */

static GError *
open_failing (const char *path)
{
  ArborSessionOptions options = default_options ();
  GError *error = NULL;

  g_assert_null (arbor_session_open (path, &options, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, path));
  return error;
}

static void
test_foreign_lmdb (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  MDB_val key = { 3, (void *) "key" };
  MDB_val value = { 5, (void *) "value" };
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize length_before, length_after;
  MDB_dbi dbi;

  begin (fixture);
  g_assert_cmpint (mdb_dbi_open (fixture->txn, "info", MDB_CREATE | MDB_DUPSORT, &dbi), ==, 0);
  g_assert_cmpint (mdb_put (fixture->txn, dbi, &key, &value, 0), ==, 0);
  end (fixture);
  g_assert_true (g_file_get_contents (fixture->path, &before, &length_before, NULL));
  error = open_failing (fixture->path);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE);
  g_assert_true (g_file_get_contents (fixture->path, &after, &length_after, NULL));
  g_assert_cmpmem (before, length_before, after, length_after);
}

/* Tables of the right names, without our records in them. */
static void
test_foreign_tables (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "info", "catalog", "batches", "staging" };
  g_autoptr (GError) error = NULL;
  MDB_dbi dbi;

  begin (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpint (mdb_dbi_open (fixture->txn, names[i], MDB_CREATE, &dbi), ==, 0);
  end (fixture);
  error = open_failing (fixture->path);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE);
}

/* An LMDB file that nothing was ever put into becomes a store as an empty file does. */
static void
test_empty_lmdb (Fixture *fixture, gconstpointer data)
{
  ArborSession *session;

  begin (fixture);
  end (fixture);
  session = open_store (fixture->path);
  put (session, "x", parts);
  assert_content (session, "x", parts);
  close_store (session);
}

static void
write_at (const char *path, gconstpointer bytes, gsize size, off_t at)
{
  int fd = open (path, O_WRONLY);

  g_assert_cmpint (pwrite (fd, bytes, size, at), ==, (gssize) size);
  close (fd);
}

static void
test_lmdb_versions (Fixture *fixture, gconstpointer data)
{
  static const guint32 version = 2;
  static const guint32 swapped[] = { 0xdec0efbeu, 0x01000000u };
  static const guint32 longer_header[] = { 0, 0, 0xbeefc0deu, 2 };

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;

      g_unlink (fixture->path);
      close_store (open_store (fixture->path));
      if (i == 0)
        {
          /* Of one meta page alone it is damage. */
          write_at (fixture->path, &version, sizeof version, 20);
          error = open_failing (fixture->path);
          g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
          g_clear_error (&error);
          write_at (fixture->path, &version, sizeof version, 4096 + 20);
        }
      else if (i == 1)
        write_at (fixture->path, swapped, sizeof swapped, 16);
      else
        write_at (fixture->path, longer_header, sizeof longer_header, 16);
      error = open_failing (fixture->path);
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION);
    }
}

/* As those who do not know of the sum write the counters: what was changed behind its back would be told. */
static void
drop_sum (Fixture *fixture)
{
  g_autoptr (GBytes) value = get_value (fixture, "info", "counters", 8);
  guint8 bytes[32];
  guint64 digest;

  memcpy (bytes, g_bytes_get_data (value, NULL), sizeof bytes);
  digest = GUINT64_TO_LE (digest_of ("counters", 8, bytes, sizeof bytes));
  memcpy (bytes, &digest, sizeof digest);
  set_value (fixture, "info", "counters", 8, bytes, sizeof bytes);
}

/* Changes four bytes of a sealed value, and seals it again when @seal. */
static void
change_value (Fixture *fixture, const char *table, const char *key, gsize at, guint32 number,
              gboolean seal)
{
  g_autoptr (GBytes) value = NULL;
  g_autofree guint8 *bytes = NULL;
  guint64 digest;
  gsize size;

  begin (fixture);
  value = get_value (fixture, table, key, strlen (key));
  bytes = g_memdup2 (g_bytes_get_data (value, &size), g_bytes_get_size (value));
  number = GUINT32_TO_LE (number);
  memcpy (bytes + at, &number, sizeof number);
  digest = GUINT64_TO_LE (digest_of (key, strlen (key), bytes, size));
  if (seal)
    memcpy (bytes, &digest, sizeof digest);
  set_value (fixture, table, key, strlen (key), bytes, size);
  if (seal && strcmp (table, "catalog") == 0)
    drop_sum (fixture);
  end (fixture);
}

static void
test_newer_format (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  close_store (open_store (fixture->path));
  change_value (fixture, "info", "format", 16, 3, TRUE);
  error = open_failing (fixture->path);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION);
  g_clear_error (&error);
  change_value (fixture, "info", "format", 16, 1, TRUE);
  close_store (open_store (fixture->path));
  change_value (fixture, "info", "format", 20, 4, TRUE);
  error = open_failing (fixture->path);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION);
  g_clear_error (&error);
  change_value (fixture, "info", "format", 20, 0, FALSE);
  error = open_failing (fixture->path);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
}

/* Damage */

static void
test_damaged_record (Fixture *fixture, gconstpointer data)
{
  /* The first is not sealed; the others contradict themselves. */
  static const struct
  {
    gsize at;
    guint32 number;
    gboolean seal;
  } changes[] = {
    { 16, 3, FALSE }, { 16, 3, TRUE }, { 24, 1, TRUE },  { 40, 1, TRUE }, { 40, 3, TRUE },
    { 40, 5, TRUE },  { 40, 33, TRUE }, { 40, G_MAXUINT32, TRUE }, { 44, 1, TRUE }, { 44, 3, TRUE },
    { 48, 1, TRUE },  { 48, G_MAXUINT32, TRUE }, { 76, 0, TRUE }, { 76, 16385, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      ArborSession *session;
      g_autoptr (ArborSnapshot) snapshot = NULL;
      g_autoptr (GError) error = NULL;

      g_unlink (fixture->path);
      session = open_store (fixture->path);
      put (session, "x", parts);
      put (session, "y", parts);
      close_store (session);
      change_value (fixture, "catalog", "x", changes[i].at, changes[i].number, changes[i].seal);
      session = open_store (fixture->path);
      snapshot = arbor_session_dup_snapshot (session, NULL);
      g_assert_null (arbor_snapshot_lookup (snapshot, "x", &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
      g_assert_nonnull (strstr (error->message, "'x'"));
      assert_content (session, "y", parts);
      g_clear_pointer (&snapshot, arbor_snapshot_unref);
      close_store (session);
    }
}

static void
test_damaged_counters (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ArborSession *session = open_store (fixture->path);

  put (session, "x", parts);
  close_store (session);
  change_value (fixture, "info", "counters", 8, 1, FALSE);
  session = open_store (fixture->path);
  assert_content (session, "x", parts);
  g_assert_false (try_put (session, "y", parts, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  close_store (session);
}

/* A batch that is another one, or none. */
static void
test_damaged_batch (Fixture *fixture, gconstpointer data)
{
  static const guint8 second_id[8] = { 0, 0, 0, 0, 0, 0, 0, 2 };
  g_autoptr (GBytes) other = make_batch (9, 70000);
  g_autofree guint8 *zeros = g_malloc0 (70000);

  for (guint i = 0; i < 2; i++)
    {
      ArborSession *session;
      g_autoptr (ArborSnapshot) snapshot = NULL;
      g_autoptr (ArborRecord) record = NULL;
      g_autoptr (GError) error = NULL;

      g_unlink (fixture->path);
      session = open_store (fixture->path);
      put (session, "x", parts);
      close_store (session);
      begin (fixture);
      if (i == 0)
        set_value (fixture, "batches", second_id, 8, g_bytes_get_data (other, NULL),
                   g_bytes_get_size (other));
      else
        set_value (fixture, "batches", second_id, 8, zeros, 70000);
      end (fixture);

      session = open_store (fixture->path);
      snapshot = arbor_session_dup_snapshot (session, NULL);
      record = arbor_snapshot_lookup (snapshot, "x", &error);
      g_assert_no_error (error);
      g_assert_nonnull (arbor_snapshot_get_batch (snapshot, record, 0, &error));
      g_assert_null (arbor_snapshot_get_batch (snapshot, record, 1, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
      g_assert_nonnull (strstr (error->message, "Batch 1 of arbor 'x'"));
      g_clear_pointer (&snapshot, arbor_snapshot_unref);
      close_store (session);
    }
}

#define ADD(name) g_test_add ("/format/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (small);
  ADD (pieces);
  ADD (version_1);
  ADD (refused_by_version_1);
  ADD (foreign_lmdb);
  ADD (foreign_tables);
  ADD (empty_lmdb);
  ADD (lmdb_versions);
  ADD (newer_format);
  ADD (damaged_record);
  ADD (damaged_counters);
  ADD (damaged_batch);
  return g_test_run ();
}
