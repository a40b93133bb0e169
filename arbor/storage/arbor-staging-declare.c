/* Declaring keys of what a name has: tables of all its batches are made, and whether keys differ is found, before
 * the commit and outside of any transaction; the commit expects that nobody has written the name meanwhile.
 */

#include "storage/arbor-staging-private.h"

#include <stdlib.h>

#include "base/arbor-stop.h"
#include "storage/arbor-key-tables.h"

/* Of more trees the commit compares keys itself, round by round. */
#define MOST_HASHES (64u * 1024u * 1024u)

/* What is known of a batch. */
typedef struct
{
  guint64 *hashes;
  guint8 *has_key;
} Hashed;

typedef struct
{
  ArborStaging *staging;
  ArborSnapshot *snapshot;
  const ArborRecord *record;
  ArborKeys *keys;
  Hashed *patches;   /* one each */
  GArray *hashes;    /* guint64: of all trees, or NULL */
  gboolean is_clean; /* no tree has an array or object for a key */
} Declaring;

static void
clear_hashed (Hashed *self)
{
  g_clear_pointer (&self->hashes, g_free);
  g_clear_pointer (&self->has_key, g_free);
}

static void
declaring_clear (Declaring *self)
{
  for (guint32 i = 0; i < self->record->n_patches; i++)
    clear_hashed (&self->patches[i]);
  g_free (self->patches);
  g_clear_pointer (&self->hashes, g_array_unref);
}

/* A batch as it lies there; its table goes to the staging. */
static gboolean
hash_batch (Declaring *self, const ArborBatch *batch, guint64 id, Hashed *hashed, GError **error)
{
  ArborKeys *keys = self->keys;
  g_autoptr (ArborKeyTable) table = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint32 n_rows;

  if (batch == NULL)
    return FALSE;
  n_rows = arbor_batch_get_n_trees (batch);
  hashed->hashes = g_new (guint64, n_rows);
  hashed->has_key = g_new (guint8, n_rows);
  if (!arbor_key_hash_rows (batch, keys->paths, keys->n_paths, hashed->hashes, hashed->has_key, error))
    return FALSE;
  if (n_rows < ARBOR_KEY_TABLE_LEAST_ROWS)
    return TRUE;
  bytes = arbor_key_table_build_of (batch, keys->paths, keys->n_paths, hashed->hashes, hashed->has_key);
  table = arbor_key_table_open (bytes, arbor_batch_get_digest (batch), n_rows, keys->paths,
                                keys->n_paths, error);
  if (table == NULL)
    return FALSE;
  arbor_staging_add_key_table (self->staging, id, table);
  return TRUE;
}

static void
note_rows (Declaring *self, const Hashed *hashed, guint32 first, guint32 n)
{
  for (guint32 row = first; row < first + n; row++)
    {
      if (hashed->has_key[row] == ARBOR_ROW_CONTAINER)
        self->is_clean = FALSE;
      else if (self->hashes != NULL && hashed->has_key[row] == ARBOR_ROW_KEY)
        g_array_append_val (self->hashes, hashed->hashes[row]);
    }
}

static const Hashed *
find_patch (const Declaring *self, guint64 id)
{
  return &self->patches[arbor_record_find_patch (self->record, id) - self->record->patches];
}

static gboolean
read_entry (Declaring *self, guint32 entry, GError **error)
{
  const ArborBatchEntry *listed = &self->record->batches[entry];
  const ArborMend *mend = listed->mend;
  Hashed base = { NULL };
  gboolean is_good =
      hash_batch (self, arbor_snapshot_get_base (self->snapshot, self->record, entry, error),
                  listed->id, &base, error);

  if (is_good && mend == NULL)
    note_rows (self, &base, 0, listed->n_rows);
  for (guint32 i = 0; is_good && mend != NULL && i < mend->n_parts; i++)
    {
      const ArborMendPart *part = &mend->parts[i];

      note_rows (self, part->batch == 0 ? &base : find_patch (self, mend->patches[part->batch - 1]),
                 part->first_row, part->n_rows);
    }
  clear_hashed (&base);
  return is_good;
}

static int
compare_u64 (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return (left > right) - (left < right);
}

/* Whether no hash comes twice. */
static gboolean
are_distinct (GArray *hashes)
{
  const guint64 *at;

  if (hashes->len > 1)
    qsort (hashes->data, hashes->len, sizeof (guint64), compare_u64);
  at = (const guint64 *) (gconstpointer) hashes->data;
  for (guint i = 1; i < hashes->len; i++)
    if (at[i] == at[i - 1])
      return FALSE;
  return TRUE;
}

static gboolean
read_all (Declaring *self, ArborSessionProgressFunc progress, gpointer progress_data,
          GCancellable *cancellable, GError **error)
{
  const ArborRecord *record = self->record;

  for (guint32 i = 0; i < record->n_patches; i++)
    if (!arbor_stop_check (cancellable, error) ||
        !hash_batch (self,
                     arbor_snapshot_get_patch (self->snapshot, record, record->patches[i].id, error),
                     record->patches[i].id, &self->patches[i], error))
      return FALSE;
  for (guint32 i = 0; i < record->n_batches; i++)
    {
      if (!arbor_gate_check (arbor_session_get_gate (self->staging->session), error) ||
          !arbor_stop_check (cancellable, error) || !read_entry (self, i, error))
        return FALSE;
      if (progress != NULL)
        progress (record->first_tree[i + 1], record->n_trees, progress_data);
    }
  return TRUE;
}

gboolean
arbor_staging_declare_keys (ArborStaging *self, ArborSnapshot *snapshot, const ArborRecord *record,
                            ArborKeys *keys, ArborSessionProgressFunc progress,
                            gpointer progress_data, GCancellable *cancellable, GError **error)
{
  Declaring declaring = {
    .staging = self, .snapshot = snapshot, .record = record, .keys = keys, .is_clean = TRUE
  };
  gboolean is_good;

  for (guint32 i = 0; i < record->n_batches; i++)
    arbor_staging_keep_batch (self, record, i);
  arbor_staging_set_keys (self, keys);
  if (keys == NULL || arbor_keys_equal (keys, record->keys))
    return TRUE;
  declaring.patches = g_new0 (Hashed, record->n_patches + 1);
  if (keys->is_unique && record->n_trees <= MOST_HASHES)
    declaring.hashes = g_array_new (FALSE, FALSE, sizeof (guint64));
  is_good = read_all (&declaring, progress, progress_data, cancellable, error);
  /* Otherwise the commit finds out, and says which trees. */
  if (is_good && declaring.is_clean &&
      (!keys->is_unique || (declaring.hashes != NULL && are_distinct (declaring.hashes))))
    arbor_staging_set_distinct (self);
  declaring_clear (&declaring);
  return is_good;
}
