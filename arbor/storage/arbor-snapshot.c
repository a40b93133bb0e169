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
  pthread_mutex_init (&self->mutex, NULL);
  return self;
}

void
arbor_snapshot_free (ArborSnapshot *self)
{
  ArborSession *session = self->session;

  g_hash_table_unref (self->batches);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
  arbor_session_release (session);
}

void
arbor_snapshot_renewed (ArborSnapshot *self)
{
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

/* Locks the snapshot; FALSE and CLOSED, unlocked, when it has ended. */
static gboolean
lock_snapshot (ArborSnapshot *self, ArborEnvironment **env, GError **error)
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
  if (!lock_snapshot (self, env, error))
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
  is_good = arbor_catalog_read_record ((ArborTxn){ env, self->txn }, name, &record, error);
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
  is_good = arbor_catalog_read_generation ((ArborTxn){ env, self->txn }, name, generation, error);
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
  is_good = arbor_catalog_list ((ArborTxn){ env, self->txn }, listing->names, listing->generations, error);
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
  data = arbor_catalog_read_batch ((ArborTxn){ env, self->txn }, id, &length, error);
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

/* Whether the bytes are those that were written: read once a batch in a process. */
static gboolean
check_digest (ArborSnapshot *self, const guint8 *data, gsize length, const ArborBatchEntry *listed,
              GError **error)
{
  ArborEnvironment *env = arbor_session_get_environment (self->session);

  if (arbor_environment_is_verified (env, listed->id))
    return TRUE;
  if (length != listed->n_bytes || arbor_batch_compute_digest (data, length) != listed->digest)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT, _("its checksum is wrong"));
      return FALSE;
    }
  arbor_environment_note_verified (env, listed->id);
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
      arbor_batch_peek_n_trees (data, entry->length) != listed->n_trees)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                           _("it is not the one that the catalogue lists"));
      return FALSE;
    }
  batch = arbor_batch_open (data, entry->length, error);
  if (batch == NULL)
    return FALSE;
  if (arbor_session_verifies_checksums (self->session) &&
      !check_digest (self, data, entry->length, listed, error))
    return FALSE;
  if (entry->copy == NULL)
    arbor_batch_set_mapped (batch);
  entry->batch = g_steal_pointer (&batch);
  return TRUE;
}

static void
prefix_batch_error (GError **error, ArborSession *session, const ArborRecord *record, guint32 index)
{
  if (error != NULL && *error != NULL)
    g_prefix_error (error, _("Batch %u of arbor '%s' in store '%s' cannot be read: "), index,
                    record->name, arbor_session_get_path (session));
}

const ArborBatch *
arbor_snapshot_get_batch (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                          GError **error)
{
  const ArborBatchEntry *listed = &record->batches[index];
  const ArborBatch *batch = NULL;
  ArborEnvironment *env;
  OpenBatch *entry;

  g_assert (index < record->n_batches);

  if (!lock_snapshot (self, &env, error))
    return NULL;
  entry = find_batch (self, env, listed->id, error);
  if (entry != NULL && (entry->batch != NULL || open_entry (self, entry, listed, error)))
    batch = entry->batch;
  pthread_mutex_unlock (&self->mutex);
  if (batch == NULL)
    prefix_batch_error (error, self->session, record, index);
  return batch;
}

gboolean
arbor_snapshot_get_bytes (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                          const guint8 **data, gsize *length, GError **error)
{
  g_assert (index < record->n_batches);

  *data = arbor_snapshot_find_bytes (self, record->batches[index].id, length, error);
  if (*data == NULL)
    prefix_batch_error (error, self->session, record, index);
  return *data != NULL;
}

gboolean
arbor_snapshot_verify_batch (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                             GError **error)
{
  const guint8 *data;
  gsize length;

  if (!arbor_snapshot_get_bytes (self, record, index, &data, &length, error))
    return FALSE;
  if (check_digest (self, data, length, &record->batches[index], error))
    return TRUE;
  prefix_batch_error (error, self->session, record, index);
  return FALSE;
}

const guint8 *
arbor_snapshot_find_bytes (ArborSnapshot *self, guint64 id, gsize *length, GError **error)
{
  const guint8 *data = NULL;
  ArborEnvironment *env;
  OpenBatch *entry;

  if (!lock_snapshot (self, &env, error))
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
