/* A snapshot: one LMDB read transaction, and the batches that were opened through it.
 *
 * LMDB wants one look-up at a time in a transaction, so each runs under the snapshot's mutex. What
 * it finds are addresses in the map, good until the transaction ends, and reading batches there
 * takes no lock. Opened batches are cached by id. When the transaction is renewed in place their
 * addresses may have changed: an id is never used again and its bytes never change, so an entry
 * whose id still lies at the same address is still right, and the others are opened anew.
 *
 * The snapshot ends with its last reference, or before when the session's gate is torn down: then
 * txn is NULL and only the struct is left.
 */

#include "storage/arbor-snapshot-private.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-gate.h"
#include "batch/arbor-batch-format.h"
#include "storage/arbor-catalog.h"

typedef struct
{
  guint64 id;
  const guint8 *data; /* in the map */
  gsize length;
  guint8 *copy;      /* the bytes again where the map does not align them, or NULL */
  ArborBatch *batch; /* NULL: not opened yet */
  guint serial;      /* of the transaction in which data was found */
} OpenBatch;

static void
open_batch_free (gpointer data)
{
  OpenBatch *self = data;

  g_clear_pointer (&self->batch, arbor_batch_free);
  g_aligned_free (self->copy);
  g_free (self);
}

ArborSnapshot *
arbor_snapshot_new (ArborSession *session, MDB_txn *txn)
{
  ArborSnapshot *self = g_new0 (ArborSnapshot, 1);

  self->ref_count = 1;
  self->session = arbor_session_hold (session);
  self->link.data = self;
  self->txn = txn;
  self->txnid = mdb_txn_id (txn);
  self->batches = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, open_batch_free);
  self->gathered = arbor_gathered_set_new ();
  pthread_mutex_init (&self->mutex, NULL);
  return self;
}

void
arbor_snapshot_free (ArborSnapshot *self)
{
  ArborSession *session = self->session;

  g_hash_table_unref (self->batches);
  g_hash_table_unref (self->gathered);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
  arbor_session_release (session);
}

void
arbor_snapshot_renewed (ArborSnapshot *self)
{
  /* Nobody has any, for nobody had the snapshot; the session keeps what was used last. */
  g_hash_table_remove_all (self->gathered);
  self->serial++;
  self->txnid = mdb_txn_id (self->txn);
}

ArborSnapshot *
arbor_snapshot_ref (ArborSnapshot *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
arbor_snapshot_unref (ArborSnapshot *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    arbor_session_end_snapshot (self->session, self);
}

guint64
arbor_snapshot_get_epoch (ArborSnapshot *self)
{
  return self->epoch;
}

gboolean
arbor_snapshot_lock (ArborSnapshot *self, ArborEnvironment **env, GError **error)
{
  pthread_mutex_lock (&self->mutex);
  if (G_LIKELY (self->txn != NULL))
    {
      *env = arbor_session_get_environment (self->session);
      return TRUE;
    }
  pthread_mutex_unlock (&self->mutex);
  arbor_gate_set_closed_error (error);
  return FALSE;
}

/* Locks it for a look-up in the catalogue. The map beyond the end of a file that was cut off is SIGBUS,
 * so the length is looked at before. */
static gboolean
lock_for_look_up (ArborSnapshot *self, ArborEnvironment **env, GError **error)
{
  if (!arbor_snapshot_lock (self, env, error))
    return FALSE;
  if (arbor_environment_read_file_size (*env, error))
    return TRUE;
  pthread_mutex_unlock (&self->mutex);
  return FALSE;
}

/* The catalogue */

void
arbor_session_set_not_found_error (ArborSession *session, const char *name, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND, _("Store '%s' has no arbor '%s'"),
               arbor_session_get_path (session), name);
}

ArborRecord *
arbor_snapshot_lookup (ArborSnapshot *self, const char *name, GError **error)
{
  ArborRecord *record = NULL;
  ArborEnvironment *env;
  gboolean is_good;

  if (!arbor_name_check (name, error) || !lock_for_look_up (self, &env, error))
    return NULL;
  is_good = arbor_catalog_read_record ((ArborTxn){ .env = env, .mdb = self->txn }, name, &record, error);
  pthread_mutex_unlock (&self->mutex);
  if (is_good && record == NULL)
    arbor_session_set_not_found_error (self->session, name, error);
  return record;
}

gboolean
arbor_snapshot_get_generation (ArborSnapshot *self, const char *name, guint64 *generation,
                               GError **error)
{
  ArborEnvironment *env;
  gboolean is_good;

  *generation = 0;
  if (!arbor_name_check (name, error) || !lock_for_look_up (self, &env, error))
    return FALSE;
  is_good = arbor_catalog_read_generation ((ArborTxn){ .env = env, .mdb = self->txn }, name, generation, error);
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}

gboolean
arbor_snapshot_get_origin (ArborSnapshot *self, guint8 *uuid, ArborCounters *counters, GError **error)
{
  ArborEnvironment *env;
  gboolean is_good;

  if (!lock_for_look_up (self, &env, error))
    return FALSE;
  is_good = arbor_catalog_read_uuid ((ArborTxn){ .env = env, .mdb = self->txn }, uuid, error) &&
            arbor_catalog_read_counters ((ArborTxn){ .env = env, .mdb = self->txn }, counters, error);
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}

void
arbor_listing_clear (ArborListing *self)
{
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->generations, g_array_unref);
}

gboolean
arbor_snapshot_list (ArborSnapshot *self, ArborListing *listing, GError **error)
{
  ArborEnvironment *env;
  gboolean is_good;

  *listing = (ArborListing){ 0 };
  if (!lock_for_look_up (self, &env, error))
    return FALSE;
  listing->names = g_ptr_array_new_with_free_func (g_free);
  listing->generations = g_array_new (FALSE, FALSE, sizeof (guint64));
  is_good = arbor_catalog_list ((ArborTxn){ .env = env, .mdb = self->txn }, listing->names, listing->generations, error);
  pthread_mutex_unlock (&self->mutex);
  if (!is_good)
    arbor_listing_clear (listing);
  return is_good;
}

/* Both are sorted, so one walk over them side by side. */
char **
arbor_listing_compare (const ArborListing *before, const ArborListing *after)
{
  GPtrArray *changed = g_ptr_array_new ();
  guint n_before = before->names != NULL ? before->names->len : 0;
  guint n_after = after->names != NULL ? after->names->len : 0;
  guint b = 0, a = 0;

  while (b < n_before || a < n_after)
    {
      const char *old_name = b < n_before ? g_ptr_array_index (before->names, b) : NULL;
      const char *new_name = a < n_after ? g_ptr_array_index (after->names, a) : NULL;
      int order = old_name == NULL ? 1 : new_name == NULL ? -1 : strcmp (old_name, new_name);
      gboolean differs = order != 0 || g_array_index (before->generations, guint64, b) !=
                                           g_array_index (after->generations, guint64, a);

      if (differs)
        g_ptr_array_add (changed, g_strdup (order <= 0 ? old_name : new_name));
      if (order <= 0)
        b++;
      if (order >= 0)
        a++;
    }
  g_ptr_array_add (changed, NULL);
  return (char **) g_ptr_array_free (changed, FALSE);
}

char **
arbor_snapshot_list_names (ArborSnapshot *self, GError **error)
{
  ArborListing listing;
  GPtrArray *names;

  if (!arbor_snapshot_list (self, &listing, error))
    return NULL;
  names = g_steal_pointer (&listing.names);
  arbor_listing_clear (&listing);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

gboolean
arbor_snapshot_list_generations (ArborSnapshot *self, char ***names, guint64 **generations,
                                 GError **error)
{
  ArborListing listing;

  if (!arbor_snapshot_list (self, &listing, error))
    return FALSE;
  g_ptr_array_add (listing.names, NULL);
  *names = (char **) g_ptr_array_free (g_steal_pointer (&listing.names), FALSE);
  *generations = (guint64 *) (gpointer) g_array_free (g_steal_pointer (&listing.generations), FALSE);
  return TRUE;
}

gboolean
arbor_snapshot_get_n_arbors (ArborSnapshot *self, guint64 *n, GError **error)
{
  ArborListing listing;

  *n = 0;
  if (!arbor_snapshot_list (self, &listing, error))
    return FALSE;
  *n = listing.names->len;
  arbor_listing_clear (&listing);
  return TRUE;
}

/* Batches */

/* The bytes at @data where the reader wants them: LMDB aligns all but small values of files with
 * large pages. */
static guint8 *
copy_unaligned (const guint8 *data, gsize length)
{
  guint8 *block;

  if ((gsize) data % ARBOR_BATCH_ALIGNMENT == ARBOR_BATCH_PHASE)
    return NULL;
  block = g_aligned_alloc (1, length + ARBOR_BATCH_PHASE, ARBOR_BATCH_ALIGNMENT);
  memcpy (block + ARBOR_BATCH_PHASE, data, length);
  return block;
}

/* The clock's last tick: some milliseconds long, and read without a system call. */
static guint64
get_tick (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC_COARSE, &now);
  return (guint64) now.tv_sec * G_GUINT64_CONSTANT (1000000000) + (guint64) now.tv_nsec;
}

/* Looks at the length of the file before each batch, but for one that is read again and again: then
 * once a tick. With the mutex held. */
static gboolean
check_file (ArborSnapshot *self, ArborEnvironment *env, guint64 id, GError **error)
{
  guint64 tick = get_tick ();

  if (G_LIKELY (id == self->checked_id && tick == self->checked_tick))
    return TRUE;
  self->checked_id = id;
  self->checked_tick = tick;
  return arbor_environment_read_file_size (env, error);
}

/* The entry of @id, its address confirmed in this transaction. With the mutex held. */
static OpenBatch *
find_batch (ArborSnapshot *self, ArborEnvironment *env, guint64 id, GError **error)
{
  OpenBatch *entry = g_hash_table_lookup (self->batches, &id);
  const guint8 *data;
  gsize length;

  if (!check_file (self, env, id, error))
    return NULL;
  if (G_LIKELY (entry != NULL && entry->serial == self->serial))
    return entry;
  data = arbor_catalog_read_batch ((ArborTxn){ .env = env, .mdb = self->txn }, id, &length, error);
  if (data == NULL)
    return NULL;
  if (entry == NULL || entry->data != data || entry->length != length)
    {
      entry = g_new0 (OpenBatch, 1);
      entry->id = id;
      entry->data = data;
      entry->length = length;
      entry->copy = copy_unaligned (data, length);
      g_hash_table_replace (self->batches, &entry->id, entry);
    }
  entry->serial = self->serial;
  return entry;
}

static const guint8 *
get_entry_bytes (const OpenBatch *entry)
{
  return entry->copy != NULL ? entry->copy + ARBOR_BATCH_PHASE : entry->data;
}

/* Whether all bytes are those that were written: read once a batch in a process. */
static gboolean
check_bytes (ArborSnapshot *self, const ArborBatch *batch, guint64 id, GError **error)
{
  ArborKnown *known = arbor_session_get_environment (self->session)->known;

  if (arbor_known_is_verified (known, id))
    return TRUE;
  if (!arbor_batch_check_bytes (batch, error))
    return FALSE;
  arbor_known_note_verified (known, id);
  return TRUE;
}

/* Whether the batch is the one that the catalogue means; opens it. */
static gboolean
open_entry (ArborSnapshot *self, OpenBatch *entry, const ArborBatchEntry *listed, GError **error)
{
  const guint8 *data = get_entry_bytes (entry);
  g_autoptr (ArborBatch) batch = NULL;

  if (entry->length != listed->n_bytes ||
      arbor_batch_peek_digest (data, entry->length) != listed->digest ||
      arbor_batch_peek_n_trees (data, entry->length) != listed->n_rows)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                           _("it is not the one that the catalogue lists"));
      return FALSE;
    }
  batch = arbor_batch_open (data, entry->length, error);
  if (batch == NULL)
    return FALSE;
  if (arbor_session_verifies_checksums (self->session) &&
      !check_bytes (self, batch, listed->id, error))
    return FALSE;
  arbor_known_set_checks (arbor_session_get_environment (self->session)->known, listed->id, batch);
  if (entry->copy == NULL && entry->length > ARBOR_ENVIRONMENT_SMALL_VALUE)
    arbor_batch_set_mapped (batch);
  entry->batch = g_steal_pointer (&batch);
  return TRUE;
}

void
arbor_snapshot_prefix_error (GError **error, ArborSession *session, const ArborRecord *record,
                             guint32 index)
{
  if (error != NULL && *error != NULL)
    g_prefix_error (error, _("Batch %u of arbor '%s' in store '%s' cannot be read: "), index,
                    record->name, arbor_session_get_path (session));
}

static void
prefix_patch_error (GError **error, ArborSession *session, const ArborRecord *record, guint64 id)
{
  if (error != NULL && *error != NULL)
    g_prefix_error (error,
                    _("Changed trees of arbor '%s' in store '%s' (batch id %" PRIu64
                      ") cannot be read: "),
                    record->name, arbor_session_get_path (session), id);
}

/* A batch as it lies there, whatever it is listed as. */
static const ArborBatch *
get_listed (ArborSnapshot *self, const ArborBatchEntry *listed, GError **error)
{
  const ArborBatch *batch = NULL;
  ArborEnvironment *env;
  OpenBatch *entry;

  if (!arbor_snapshot_lock (self, &env, error))
    return NULL;
  entry = find_batch (self, env, listed->id, error);
  if (entry != NULL && (entry->batch != NULL || open_entry (self, entry, listed, error)))
    batch = entry->batch;
  pthread_mutex_unlock (&self->mutex);
  return batch;
}

static const ArborBatch *
get_patch (ArborSnapshot *self, const ArborRecord *record, guint64 id, GError **error)
{
  const ArborBatchEntry *listed = arbor_record_find_patch (record, id);

  g_assert (listed != NULL);
  return get_listed (self, listed, error);
}

const ArborBatch *
arbor_snapshot_get_base (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                         GError **error)
{
  const ArborBatch *batch;

  g_assert (index < record->n_batches);

  batch = get_listed (self, &record->batches[index], error);
  if (batch == NULL)
    arbor_snapshot_prefix_error (error, self->session, record, index);
  return batch;
}

const ArborBatch *
arbor_snapshot_get_patch (ArborSnapshot *self, const ArborRecord *record, guint64 id,
                          GError **error)
{
  const ArborBatch *batch = get_patch (self, record, id, error);

  if (batch == NULL)
    prefix_patch_error (error, self->session, record, id);
  return batch;
}

const ArborBatch *
arbor_snapshot_get_batch (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                          GError **error)
{
  g_assert (index < record->n_batches);

  return arbor_record_is_mended (record, index)
             ? arbor_snapshot_gather_entry (self, record, index, NULL, error)
             : arbor_snapshot_get_base (self, record, index, error);
}

gboolean
arbor_snapshot_get_bytes (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                          const guint8 **data, gsize *length, GError **error)
{
  GBytes *bytes = NULL;

  g_assert (index < record->n_batches);

  if (arbor_record_is_mended (record, index))
    {
      if (arbor_snapshot_gather_entry (self, record, index, &bytes, error) == NULL)
        return FALSE;
      *data = g_bytes_get_data (bytes, length);
      return TRUE;
    }
  *data = arbor_snapshot_find_bytes (self, record->batches[index].id, length, error);
  if (*data == NULL)
    arbor_snapshot_prefix_error (error, self->session, record, index);
  return *data != NULL;
}

static gboolean
verify_listed (ArborSnapshot *self, const ArborBatchEntry *listed, GError **error)
{
  const ArborBatch *batch = get_listed (self, listed, error);

  return batch != NULL && check_bytes (self, batch, listed->id, error);
}

gboolean
arbor_snapshot_verify_patch (ArborSnapshot *self, const ArborRecord *record, guint64 id,
                             GError **error)
{
  if (verify_listed (self, arbor_record_find_patch (record, id), error))
    return TRUE;
  prefix_patch_error (error, self->session, record, id);
  return FALSE;
}

gboolean
arbor_snapshot_verify_base (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                            GError **error)
{
  if (verify_listed (self, &record->batches[index], error))
    return TRUE;
  arbor_snapshot_prefix_error (error, self->session, record, index);
  return FALSE;
}

gboolean
arbor_snapshot_verify_batch (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                             GError **error)
{
  const ArborBatchEntry *listed = &record->batches[index];

  if (!arbor_snapshot_verify_base (self, record, index, error))
    return FALSE;
  for (guint32 i = 0; listed->mend != NULL && i < listed->mend->n_patches; i++)
    if (!arbor_snapshot_verify_patch (self, record, listed->mend->patches[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
check_listed_damage (ArborKnown *known, const ArborBatchEntry *listed, GError **error)
{
  g_autofree char *column = arbor_known_dup_damage (known, listed->id);

  if (column == NULL)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
               _("the bytes of its column '%s' are not those that were written; restore the store, or "
                 "write the arbor anew"),
               column);
  return FALSE;
}

gboolean
arbor_snapshot_check_damage (ArborSnapshot *self, const ArborRecord *record, GError **error)
{
  ArborKnown *known = arbor_session_get_environment (self->session)->known;

  if (G_LIKELY (!arbor_known_has_damage (known)))
    return TRUE;
  for (guint32 i = 0; i < record->n_batches; i++)
    if (!check_listed_damage (known, &record->batches[i], error))
      {
        arbor_snapshot_prefix_error (error, self->session, record, i);
        return FALSE;
      }
  for (guint32 i = 0; i < record->n_patches; i++)
    if (!check_listed_damage (known, &record->patches[i], error))
      {
        prefix_patch_error (error, self->session, record, record->patches[i].id);
        return FALSE;
      }
  return TRUE;
}

const guint8 *
arbor_snapshot_find_bytes (ArborSnapshot *self, guint64 id, gsize *length, GError **error)
{
  const guint8 *data = NULL;
  ArborEnvironment *env;
  OpenBatch *entry;

  if (!arbor_snapshot_lock (self, &env, error))
    return NULL;
  entry = find_batch (self, env, id, error);
  if (entry != NULL)
    {
      data = get_entry_bytes (entry);
      *length = entry->length;
    }
  pthread_mutex_unlock (&self->mutex);
  return data;
}
