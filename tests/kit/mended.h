/* Mended entries made of parts, without an edit: random bases and patches are put into a store as two arbors,
 * and a source is made whose entries are mended, in any way that there is. Beside it a source in memory that has
 * the same trees put anew.
 */

#pragma once

#include "query/view/arbor-source.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-staging.h"

#include "kit/batches.h"
#include "kit/files.h"

#define MENDED_MAP_SIZE (G_GUINT64_CONSTANT (1) << 30)

typedef struct
{
  char *folder;
  ArborSession *session;
  ArborSource *mended;
  ArborSource *plain;
  guint32 n_bases;
  guint32 n_patches;
  TestBatch *batches; /* the bases, then the patches */
} Mended;

static inline ArborRecord *
mended_stage (ArborSession *session, const char *name, const TestBatch *batches, guint32 n,
              ArborSnapshot **snapshot)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = arbor_staging_new (session, NULL, &error);
  ArborRecord *record;

  g_assert_no_error (error);
  g_assert_true (arbor_staging_begin_arbor (staging, name, &error));
  for (guint32 i = 0; i < n; i++)
    g_assert_true (arbor_staging_add_batch (staging, batches[i].bytes, NULL, &error));
  arbor_staging_commit (staging, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (snapshot, arbor_snapshot_unref);
  *snapshot = arbor_session_dup_snapshot (session, &error);
  g_assert_no_error (error);
  record = arbor_snapshot_lookup (*snapshot, name, &error);
  g_assert_no_error (error);
  return record;
}

typedef enum
{
  MENDED_SELDOM,
  MENDED_OFTEN,
  MENDED_DELETED,   /* patches have no part in it */
  MENDED_FORGOTTEN, /* no row of the base is left, or one */
  MENDED_DEVOURED,
  N_MENDED
} MendedWay;

static inline void
mended_add_patch (GRand *random, GArray *parts, const ArborBatchEntry *patches, guint32 n_patches)
{
  guint32 patch = (guint32) g_rand_int_range (random, 0, (gint32) n_patches);
  guint32 n = (guint32) g_rand_int_range (random, 1, 5);
  ArborMendPart part = { .batch = patch + 1 };

  part.first_row = (guint32) g_rand_int_range (random, 0, (gint32) patches[patch].n_rows);
  part.n_rows = MIN (n, patches[patch].n_rows - part.first_row);
  g_array_append_val (parts, part);
}

/* NULL: whole. */
static inline ArborMend *
mended_make_mend (GRand *random, guint32 n_rows, const ArborBatchEntry *patches, guint32 n_patches)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (ArborMendPart));
  g_autofree guint64 *ids = g_new (guint64, n_patches + 1);
  MendedWay way = (MendedWay) g_rand_int_range (random, 0, N_MENDED);
  guint32 longest = way == MENDED_SELDOM ? 200 : 12;
  guint32 row = 0;

  if (g_rand_int_range (random, 0, 6) == 0)
    return NULL;
  for (guint32 i = 0; i < n_patches; i++)
    ids[i] = patches[i].id;
  while (row < n_rows)
    {
      guint32 n = (guint32) g_rand_int_range (random, 1, (gint32) longest);
      ArborMendPart part = { .first_row = row };

      n = MIN (n, n_rows - row);
      part.n_rows = way >= MENDED_FORGOTTEN ? 0 : n;
      g_array_append_val (parts, part);
      row += n + (guint32) g_rand_int_range (random, 0, 4);
      if (way != MENDED_DELETED && g_rand_boolean (random))
        mended_add_patch (random, parts, patches, n_patches);
    }
  if (way == MENDED_DEVOURED || parts->len < 3)
    {
      ArborMendPart last = { 0, n_rows - 1, 1 };

      if (way >= MENDED_FORGOTTEN)
        g_array_append_val (parts, last);
    }
  if (way == MENDED_FORGOTTEN)
    mended_add_patch (random, parts, patches, n_patches);
  return arbor_mend_new ((const ArborMendPart *) (gconstpointer) parts->data, parts->len, ids,
                         n_patches);
}

/* The entry as a batch, by the builder. */
static inline GBytes *
mended_gather (const Mended *self, const ArborRecord *patches, guint32 entry, const ArborMend *mend)
{
  g_autofree const ArborBatch **batches = g_new (const ArborBatch *, self->n_patches + 1);
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  if (mend == NULL)
    return g_bytes_ref (self->batches[entry].bytes);
  batches[0] = self->batches[entry].batch;
  for (guint32 i = 0; i < mend->n_patches; i++)
    for (guint32 j = 0; j < patches->n_batches; j++)
      if (patches->batches[j].id == mend->patches[i])
        batches[i + 1] = self->batches[self->n_bases + j].batch;
  bytes = arbor_mend_gather (mend, batches, &error);
  g_assert_no_error (error);
  return bytes;
}

static inline void
mended_init (Mended *self, GRand *random, guint32 n_bases, guint32 n_patches, guint kind)
{
  g_autofree char *path = NULL;
  ArborSessionOptions options;
  g_autoptr (ArborSnapshot) snapshot = NULL;
  g_autoptr (ArborRecord) bases = NULL;
  g_autoptr (ArborRecord) patches = NULL;
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *plain = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  options = (ArborSessionOptions){ .create = TRUE, .map_size = MENDED_MAP_SIZE, .busy_timeout = 5000 };
  *self = (Mended){ .n_bases = n_bases, .n_patches = n_patches };
  self->folder = make_folder ();
  path = g_build_filename (self->folder, "mended.arbor", NULL);
  self->session = arbor_session_open (path, &options, NULL, &error);
  g_assert_no_error (error);
  self->batches = g_new0 (TestBatch, n_bases + n_patches);
  for (guint32 i = 0; i < n_bases + n_patches; i++)
    make_batch_of (random, append_tree, i < n_bases ? kind : (guint) g_rand_int_range (random, 0, 3),
                   i < n_bases ? (guint) g_rand_int_range (random, 1, 700)
                               : (guint) g_rand_int_range (random, 1, 60),
                   &self->batches[i]);
  bases = mended_stage (self->session, "bases", self->batches, n_bases, &snapshot);
  patches = mended_stage (self->session, "patches", self->batches + n_bases, n_patches, &snapshot);
  record = arbor_record_new_draft ("bases", 0, bases->batches, n_bases);
  for (guint32 i = 0; i < n_bases; i++)
    {
      ArborBatchEntry *entry = &record->batches[i];
      g_autoptr (ArborMend) mend =
          mended_make_mend (random, entry->n_rows, patches->batches, n_patches);

      g_ptr_array_add (plain, mended_gather (self, patches, i, mend));
      if (mend == NULL)
        continue;
      bases->batches[i].n_trees = mend->n_trees;
      bases->batches[i].mend = arbor_mend_ref (mend);
    }
  arbor_record_set_batches (record, bases->batches, n_bases);
  arbor_record_set_patches (record, patches->batches, n_patches);
  self->mended = arbor_source_new_stored (self->session, record, snapshot, snapshot);
  self->plain = arbor_source_new_memory (plain, &error);
  g_assert_no_error (error);
}

static inline void
mended_clear (Mended *self)
{
  arbor_source_unref (self->mended);
  arbor_source_unref (self->plain);
  arbor_gate_close (arbor_session_get_gate (self->session));
  arbor_session_unref (self->session);
  for (guint32 i = 0; i < self->n_bases + self->n_patches; i++)
    {
      arbor_batch_free (self->batches[i].batch);
      g_bytes_unref (self->batches[i].bytes);
    }
  g_free (self->batches);
  remove_folder (self->folder);
  g_free (self->folder);
}
