/* An environment: read transactions, values in the map, opening again. Nothing of LMDB is reached before
 * the pages were checked (arbor-pages.h).
 */

#include "storage/arbor-environment-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-descriptors.h"
#include "base/arbor-memory.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-lock-file.h"
#include "storage/arbor-pages.h"
#include "storage/arbor-storage-error.h"

#define FOLLOW_TIMEOUT 1000u /* milliseconds */

static __thread int last_failure;

gboolean
arbor_environment_fail (ArborEnvironment *self, int code, GError **error)
{
  last_failure = code;
  if (code == MDB_PANIC)
    return arbor_storage_set_broken (error, __atomic_load_n (&self->write_failure, __ATOMIC_SEQ_CST),
                                     self->path, self->fd);
  return arbor_storage_set_error (error, code, self->path, self->fd);
}

int
arbor_environment_get_last_failure (void)
{
  return last_failure;
}

/* Read transactions */

/* Whether all that @txn sees lies in the file. LMDB counts pages at the end that were free when
 * they should have been written, so a file that seems short is walked. With mutex held. */
static gboolean
check_length (ArborEnvironment *self, MDB_txn *txn, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  ArborPagesInfo info;
  MDB_envinfo env_info;
  int code = mdb_env_info (self->env, &env_info);

  if (code != 0)
    return arbor_environment_fail (self, code, error);
  if ((env_info.me_last_pgno + 1) * self->page_size <= arbor_environment_get_file_size (self))
    return TRUE;
  if (!arbor_environment_read_file_size (self, error))
    return FALSE;
  if ((env_info.me_last_pgno + 1) * self->page_size <= arbor_environment_get_file_size (self))
    return TRUE;
  if (arbor_pages_walk (self->fd, self->path, mdb_txn_id (txn), arbor_table_names, ARBOR_PAGES_TREES, &info,
                        &local_error))
    return TRUE;
  if (local_error == NULL)
    {
      /* Overwritten while it was walked, by a writer that has made the file long enough. */
      if (arbor_environment_read_file_size (self, error) &&
          (env_info.me_last_pgno + 1) * self->page_size <= arbor_environment_get_file_size (self))
        return TRUE;
      return arbor_storage_set_damaged (error, self->path, _("it was cut off"));
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Once a reader slot is taken: that what it protects is there, and that others see it. */
static gboolean
check_begun (ArborEnvironment *self, MDB_txn *txn, GError **error)
{
  return check_length (self, txn, error) && arbor_lock_file_check (self, FALSE, error);
}

/* With mutex held. LMDB reads the meta pages, so the file must not have been cut off before. */
static int
begin_locked (ArborEnvironment *self, MDB_txn **txn, GError **error)
{
  int code, n_dead;

  if (!arbor_environment_read_file_size (self, error))
    return MDB_CORRUPTED;
  code = self->env == NULL ? MDB_PANIC : mdb_txn_begin (self->env, NULL, MDB_RDONLY, txn);
  if (code == MDB_READERS_FULL && mdb_reader_check (self->env, &n_dead) == 0)
    code = mdb_txn_begin (self->env, NULL, MDB_RDONLY, txn);
  if (code != 0)
    {
      arbor_environment_fail (self, code, error);
      return code;
    }
  if (check_begun (self, *txn, error))
    return 0;
  mdb_txn_abort (*txn);
  return MDB_CORRUPTED;
}

int
arbor_environment_begin_read (ArborEnvironment *self, MDB_txn **txn, GError **error)
{
  int code;

  pthread_mutex_lock (&self->mutex);
  code = begin_locked (self, txn, error);
  if (code == 0)
    self->n_transactions++;
  pthread_mutex_unlock (&self->mutex);
  return code;
}

static int
renew_locked (ArborEnvironment *self, MDB_txn *txn, GError **error)
{
  int code;

  mdb_txn_reset (txn);
  if (!arbor_environment_read_file_size (self, error))
    return MDB_CORRUPTED;
  code = mdb_txn_renew (txn);
  if (code != 0)
    arbor_environment_fail (self, code, error);
  else if (!check_begun (self, txn, error))
    code = MDB_CORRUPTED;
  return code;
}

int
arbor_environment_renew_read (ArborEnvironment *self, MDB_txn *txn, GError **error)
{
  int code;

  pthread_mutex_lock (&self->mutex);
  code = renew_locked (self, txn, error);
  if (code != 0)
    {
      mdb_txn_abort (txn);
      self->n_transactions--;
    }
  pthread_mutex_unlock (&self->mutex);
  return code;
}

void
arbor_environment_end_read (ArborEnvironment *self, MDB_txn *txn)
{
  pthread_mutex_lock (&self->mutex);
  mdb_txn_abort (txn);
  self->n_transactions--;
  pthread_mutex_unlock (&self->mutex);
}

guint64
arbor_environment_get_last_txnid (ArborEnvironment *self)
{
  MDB_envinfo info = { 0 };

  pthread_mutex_lock (&self->mutex);
  /* Read from a meta page, in the map. */
  if (self->env != NULL && arbor_environment_read_file_size (self, NULL))
    mdb_env_info (self->env, &info);
  pthread_mutex_unlock (&self->mutex);
  return info.me_last_txnid;
}

gboolean
arbor_environment_check_value (ArborEnvironment *self, const guint8 *value, gsize length)
{
  return arbor_environment_check_value_of (self, 8, value, length);
}

gboolean
arbor_environment_check_value_of (ArborEnvironment *self, gsize n_key_bytes, const guint8 *value,
                                  gsize length)
{
  const guint8 *header = value - ARBOR_PAGE_HEADER;
  guint64 n_pages = arbor_pages_for_value (length, self->page_size);
  guint64 page;

  if (!arbor_pages_is_overflow (n_key_bytes, length, self->page_size))
    return TRUE;
  if (header < self->map || (gsize) (header - self->map) % self->page_size != 0)
    return FALSE;
  page = (guint64) (header - self->map) / self->page_size;
  if ((page + n_pages) * self->page_size > arbor_environment_get_file_size (self) &&
      (!arbor_environment_read_file_size (self, NULL) ||
       (page + n_pages) * self->page_size > arbor_environment_get_file_size (self)))
    return FALSE;
  /* With the header the directory of an ordinary batch. */
  arbor_memory_bring_in (header, length <= ARBOR_ENVIRONMENT_SMALL_VALUE ? length : 8192);
  return arbor_pages_check_overflow (header, page, n_pages);
}

void
arbor_environment_catch_up (ArborEnvironment *self)
{
  pthread_mutex_lock (&self->clients_mutex);
  for (guint i = 0; i < self->clients->len; i++)
    {
      ArborClient *client = self->clients->pdata[i];

      client->verbs->catch_up (client);
    }
  pthread_mutex_unlock (&self->clients_mutex);
}

/* Opening again */

gboolean
arbor_environment_is_curable (int code, gboolean *larger)
{
  *larger = code == MDB_MAP_FULL || code == MDB_MAP_RESIZED;
  return *larger || code == MDB_PANIC;
}

/* With mutex held and no transaction left. */
static gboolean
reopen_locked (ArborEnvironment *self, gboolean larger, GError **error)
{
  ArborSessionOptions options = { .create = FALSE, .immutable = self->immutable };
  guint64 old_size = self->map_size;
  guint64 file_size = arbor_environment_get_file_size (self);
  guint64 size = larger ? MAX (old_size, file_size) * 2 : old_size;
  gboolean is_good;

  g_clear_pointer (&self->env, mdb_env_close);
  arbor_descriptors_hold ();
  is_good = (!g_atomic_int_get (&self->is_behind) ||
             arbor_environment_follow (self, FOLLOW_TIMEOUT, error)) &&
            arbor_environment_read_file_size (self, error) &&
            arbor_environment_open_checked (self, &options, size, error);
  arbor_descriptors_release ();
  if (!is_good)
    {
      g_clear_pointer (&self->env, mdb_env_close);
      return FALSE;
    }
  return !larger || self->map_size > old_size || arbor_environment_fail (self, MDB_MAP_FULL, error);
}

void
arbor_environment_drop_idle (ArborEnvironment *self)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      ArborClient *client = self->clients->pdata[i];

      client->verbs->drop_idle (client);
    }
}

gboolean
arbor_environment_reopen (ArborEnvironment *self, gboolean larger, GError **error)
{
  gboolean is_behind = g_atomic_int_get (&self->is_behind);
  gboolean is_good;

  /* Whoever has the registry may wait for the writer's thread, which may be this one. */
  if (is_behind && !arbor_environment_try_lock_registry ())
    return arbor_environment_fail (self, MDB_PANIC, error);
  pthread_mutex_lock (&self->clients_mutex);
  arbor_environment_drop_idle (self);
  pthread_mutex_lock (&self->mutex);
  if (self->n_transactions > 0)
    is_good = arbor_environment_fail (self, larger ? MDB_MAP_FULL : MDB_PANIC, error);
  else
    is_good = reopen_locked (self, larger, error);
  pthread_mutex_unlock (&self->mutex);
  pthread_mutex_unlock (&self->clients_mutex);
  if (is_behind)
    arbor_environment_unlock_registry ();
  return is_good;
}
