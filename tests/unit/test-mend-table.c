/* Mends as the catalogue has them: whatever is staged, a process that opens the file finds the same, and
 * no value is left behind.
 */

#include "storage/arbor-catalog.h"

#include "kit/sessions.h"

#define N_ROWS 3000u

typedef struct
{
  char *folder;
  char *path;
  ArborSession *session;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.arbor", NULL);
  fixture->session = open_store (fixture->path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_store (fixture->session);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

/* @n numbers from @first on. */
static GBytes *
make_numbers (guint32 first, guint32 n)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint32 i = 0; i < n; i++)
    {
      ArborValue value = ARBOR_VALUE_INT64 ((gint64) first + i);

      arbor_batch_builder_add_value (builder, &value, scope);
    }
  return arbor_batch_builder_finish (builder, NULL);
}

static ArborRecord *
look_up (Fixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (fixture->session, &error);
  ArborRecord *record = arbor_snapshot_lookup (snapshot, name, &error);

  g_assert_no_error (error);
  return record;
}

/* What the name has, read by whoever knows nothing of mends. */
static GArray *
read_numbers (Fixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (fixture->session, &error);
  g_autoptr (ArborRecord) record = arbor_snapshot_lookup (snapshot, name, &error);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (gint64));

  g_assert_no_error (error);
  for (guint32 i = 0; i < record->n_batches; i++)
    {
      const ArborBatch *batch = arbor_snapshot_get_batch (snapshot, record, i, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (arbor_batch_get_n_trees (batch), ==, record->batches[i].n_trees);
      for (guint32 row = 0; row < record->batches[i].n_trees; row++)
        {
          ArborValue value;

          arbor_batch_get_tree (batch, row, &value);
          g_array_append_val (numbers, value.int64);
        }
    }
  return numbers;
}

static void
reopen (Fixture *fixture)
{
  close_store (fixture->session);
  fixture->session = open_store (fixture->path);
}

static gsize
count_values (Fixture *fixture)
{
  MDB_env *env;
  MDB_txn *txn;
  MDB_dbi dbi;
  MDB_stat stat;

  close_store (fixture->session);
  g_assert_cmpint (mdb_env_create (&env), ==, 0);
  mdb_env_set_maxdbs (env, 8);
  mdb_env_set_mapsize (env, STORE_MAP_SIZE);
  g_assert_cmpint (mdb_env_open (env, fixture->path, MDB_NOSUBDIR | MDB_RDONLY, 0644), ==, 0);
  g_assert_cmpint (mdb_txn_begin (env, NULL, MDB_RDONLY, &txn), ==, 0);
  g_assert_cmpint (mdb_dbi_open (txn, "catalog", 0, &dbi), ==, 0);
  g_assert_cmpint (mdb_stat (txn, dbi, &stat), ==, 0);
  mdb_txn_abort (txn);
  mdb_env_close (env);
  fixture->session = open_store (fixture->path);
  return stat.ms_entries;
}

/* A random change of the parts of a mend: some row goes, or comes twice from the patch, or some from
 * another. */
static ArborMend *
change_mend (GRand *random, const ArborBatchEntry *entry, guint64 fresh, guint32 n_fresh)
{
  const ArborMendPart whole = { 0, 0, entry->n_rows };
  const ArborMend *old = entry->mend;
  guint32 n_old = old != NULL ? old->n_parts : 1;
  const ArborMendPart *parts = old != NULL ? old->parts : &whole;
  guint32 n_patches = old != NULL ? old->n_patches : 0;
  guint32 at = (guint32) g_rand_int_range (random, 0, (gint32) n_old);
  g_autoptr (GArray) out = g_array_new (FALSE, FALSE, sizeof (ArborMendPart));
  g_autofree guint64 *ids = g_new (guint64, n_patches + 1);

  if (n_patches > 0)
    memcpy (ids, old->patches, n_patches * sizeof *ids);
  ids[n_patches] = fresh;
  for (guint32 i = 0; i < n_old; i++)
    {
      ArborMendPart part = parts[i];
      guint32 cut = (guint32) g_rand_int_range (random, 0, (gint32) part.n_rows + 1);
      ArborMendPart head = { part.batch, part.first_row, cut };
      ArborMendPart between = { n_patches + 1, (guint32) g_rand_int_range (random, 0, (gint32) n_fresh),
                                1 };
      guint32 n_dead = (guint32) g_rand_int_range (random, 0, 3);

      if (i != at)
        {
          g_array_append_val (out, part);
          continue;
        }
      n_dead = MIN (n_dead, part.n_rows - cut);
      g_array_append_val (out, head);
      if (g_rand_int_range (random, 0, 4) != 0)
        g_array_append_val (out, between);
      part.first_row += cut + n_dead;
      part.n_rows -= cut + n_dead;
      g_array_append_val (out, part);
    }
  return arbor_mend_new ((const ArborMendPart *) (gconstpointer) out->data, out->len, ids,
                         n_patches + 1);
}

static void
stage_first (Fixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = arbor_staging_new (fixture->session, NULL, &error);
  g_autoptr (GBytes) base = make_numbers (0, N_ROWS);
  g_autoptr (GBytes) other = make_numbers (50000, 5);

  g_assert_true (arbor_staging_begin_arbor (staging, name, &error));
  g_assert_true (arbor_staging_add_batch (staging, base, NULL, &error));
  g_assert_true (arbor_staging_add_batch (staging, other, NULL, &error));
  g_assert_true (arbor_staging_commit (staging, NULL, &error));
}

static void
commit_mend (Fixture *fixture, const char *name, ArborMend *mend, GBytes *patch, guint64 id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = arbor_staging_new (fixture->session, NULL, &error);
  g_autoptr (ArborRecord) record = look_up (fixture, name);

  g_assert_true (arbor_staging_begin_arbor (staging, name, &error));
  arbor_staging_mend_batch (staging, record, 0, mend);
  arbor_staging_keep_batch (staging, record, 1);
  g_assert_true (arbor_staging_add_patch (staging, patch, id, NULL, &error));
  arbor_staging_commit (staging, NULL, &error);
  g_assert_no_error (error);
}

static void
delete_it (Fixture *fixture, const char *name)
{
  delete_name (fixture->session, name);
}

static void
test_random (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (2);
  const char *name = "a";
  guint32 most = 0;

  stage_first (fixture, name);
  for (guint round = 0; round < 700; round++)
    {
      guint32 n = 1 + round % 3;
      g_autoptr (GBytes) patch = make_numbers (100000 + round * 10, n);
      g_autoptr (ArborRecord) record = look_up (fixture, name);
      guint64 id = arbor_mend_draw_id ();
      g_autoptr (ArborMend) mend = change_mend (random, &record->batches[0], id, n);
      g_autoptr (ArborRecord) fresh = NULL;
      g_autoptr (GArray) before = NULL;
      g_autoptr (GArray) after = NULL;

      commit_mend (fixture, name, mend, patch, id);
      if (round % 50 != 49)
        continue;
      before = read_numbers (fixture, name);
      if (round % 100 == 99)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (ArborStaging) staging = arbor_staging_new (fixture->session, NULL, &error);
          const char *other = strcmp (name, "a") == 0 ? "b" : "a";

          g_assert_true (arbor_staging_rename_arbor (staging, name, other, &error));
          g_assert_true (arbor_staging_commit (staging, NULL, &error));
          name = other;
        }
      g_clear_pointer (&record, arbor_record_unref);
      record = look_up (fixture, name);
      reopen (fixture);
      fresh = look_up (fixture, name);
      g_assert_cmpuint (fresh->generation, ==, record->generation);
      g_assert_true (arbor_mend_equal (fresh->batches[0].mend, record->batches[0].mend));
      g_assert_cmpuint (fresh->n_patches, ==, record->n_patches);
      g_assert_cmpuint (fresh->n_trees, ==, record->n_trees);
      g_assert_cmpuint (fresh->n_bytes, ==, record->n_bytes);
      after = read_numbers (fixture, name);
      g_assert_cmpuint (after->len, ==, before->len);
      g_assert_cmpint (memcmp (after->data, before->data, after->len * sizeof (gint64)), ==, 0);
      most = MAX (most, fresh->batches[0].mend->n_parts);
    }
  g_assert_cmpuint (most, >, 400);
  g_assert_cmpuint (count_values (fixture), >, 100);
  delete_it (fixture, name);
  g_assert_cmpuint (count_values (fixture), ==, 0);
}

/* Equal bytes may be wanted as they are beside a mended base: then they are written again. */
static void
test_same_bytes (Fixture *fixture, gconstpointer data)
{
  const ArborMendPart part = { 0, 1, N_ROWS - 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = NULL;
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (ArborRecord) fresh = NULL;
  g_autoptr (ArborMend) mend = arbor_mend_new (&part, 1, NULL, 0);
  g_autoptr (GBytes) base = make_numbers (0, N_ROWS);
  g_autoptr (GArray) numbers = NULL;

  stage_first (fixture, "a");
  record = look_up (fixture, "a");
  staging = arbor_staging_new (fixture->session, NULL, &error);
  g_assert_true (arbor_staging_begin_arbor (staging, "a", &error));
  arbor_staging_mend_batch (staging, record, 0, mend);
  g_assert_true (arbor_staging_add_batch (staging, base, NULL, &error));
  g_assert_true (arbor_staging_commit (staging, NULL, &error));
  reopen (fixture);
  fresh = look_up (fixture, "a");
  g_assert_cmpuint (fresh->n_trees, ==, 2 * N_ROWS - 1);
  g_assert_cmpuint (fresh->batches[0].id, ==, record->batches[0].id);
  g_assert_cmpuint (fresh->batches[1].id, >, record->batches[1].id);
  numbers = read_numbers (fixture, "a");
  g_assert_cmpint (g_array_index (numbers, gint64, 0), ==, 1);
  g_assert_cmpint (g_array_index (numbers, gint64, N_ROWS - 1), ==, 0);
}

/* The same trees again: nothing is mended any more, and the base is not written. */
static void
test_put_again (Fixture *fixture, gconstpointer data)
{
  const ArborMendPart parts[] = { { 0, 5, 10 }, { 1, 0, 1 } };
  guint64 id = arbor_mend_draw_id ();
  g_autoptr (ArborMend) mend = arbor_mend_new (parts, 2, &id, 1);
  g_autoptr (GBytes) patch = make_numbers (9, 1);
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (ArborRecord) fresh = NULL;

  stage_first (fixture, "a");
  commit_mend (fixture, "a", mend, patch, id);
  record = look_up (fixture, "a");
  g_assert_cmpuint (record->n_trees, ==, 16);
  g_assert_cmpuint (record->n_patches, ==, 1);
  stage_first (fixture, "a");
  fresh = look_up (fixture, "a");
  g_assert_false (arbor_record_has_mends (fresh));
  g_assert_cmpuint (fresh->n_patches, ==, 0);
  g_assert_cmpuint (fresh->batches[0].id, ==, record->batches[0].id);
  g_assert_cmpuint (fresh->n_trees, ==, N_ROWS + 5);
  g_assert_cmpuint (count_values (fixture), ==, 1);
}

/* Any byte of any value of the catalogue changed: an error or nothing, never other trees. */
static void
test_damage (Fixture *fixture, gconstpointer data)
{
  const ArborMendPart parts[] = { { 0, 5, 10 }, { 1, 1, 1 }, { 0, 20, 100 }, { 1, 0, 1 } };
  guint64 id = arbor_mend_draw_id ();
  g_autoptr (ArborMend) mend = arbor_mend_new (parts, 4, &id, 1);
  g_autoptr (GBytes) patch = make_numbers (9, 2);
  g_autofree char *good = NULL;
  guint n_found = 0;
  gsize length;

  stage_first (fixture, "a");
  commit_mend (fixture, "a", mend, patch, id);
  close_store (fixture->session);
  g_assert_true (g_file_get_contents (fixture->path, &good, &length, NULL));
  for (gsize at = 0; at + 2 < length; at++)
    {
      ArborSessionOptions options = default_options ();
      g_autoptr (GError) error = NULL;
      g_autofree char *bad = NULL;
      ArborSession *session;

      /* Keys of mends and patches, and what stands behind them. */
      if (good[at] != 0 || (good[at + 1] != 'm' && good[at + 1] != 'p') || good[at + 2] != 0)
        continue;
      for (gsize behind = 0; behind < 56 && at + behind < length; behind += 3)
        {
          g_unlink (fixture->path);
          bad = g_memdup2 (good, length);
          bad[at + behind] ^= 0x11;
          g_assert_true (g_file_set_contents (fixture->path, bad, (gssize) length, NULL));
          g_clear_pointer (&bad, g_free);
          g_clear_error (&error);
          session = arbor_session_open (fixture->path, &options, NULL, &error);
          if (session != NULL)
            {
              g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, NULL);
              g_autoptr (ArborRecord) record = arbor_snapshot_lookup (snapshot, "a", &error);

              g_assert_true (record == NULL || arbor_mend_equal (record->batches[0].mend, mend) ||
                             record->n_trees == 117);
              n_found += record == NULL;
              g_clear_pointer (&snapshot, arbor_snapshot_unref);
              close_store (session);
            }
        }
    }
  g_assert_cmpuint (n_found, >, 10);
  g_unlink (fixture->path);
  fixture->session = open_store (fixture->path);
}

#define ADD(name) \
  g_test_add ("/mend-table/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (random);
  ADD (same_bytes);
  ADD (put_again);
  ADD (damage);
  return g_test_run ();
}
