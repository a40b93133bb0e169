/* Figures of an environment: its file, its readers, what is free and what waits to be deleted.
 *
 * LMDB keeps its free list in table 0: under the number of each transaction the count of the pages
 * that it freed, then their numbers. Those freed after the oldest reader began are what that reader
 * may still look at.
 */

#include "storage/arbor-environment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "storage/arbor-catalog.h"

typedef struct
{
  guint32 n;
  guint64 oldest; /* number of the transaction, G_MAXUINT64 when there is none */
} Readers;

/* LMDB tells its readers as text: process, thread and transaction, or a dash for a slot that is not
 * in use just now. The lines of no reader, and the title, have no numbers. */
static int
note_reader (const char *line, void *data)
{
  Readers *self = data;
  long process;
  unsigned long long thread, txnid;

  if (sscanf (line, "%ld %llx %llu", &process, &thread, &txnid) == 3)
    {
      self->n++;
      self->oldest = MIN (self->oldest, (guint64) txnid);
    }
  return 0;
}

static int
count_free (MDB_txn *txn, guint64 oldest, ArborSessionStats *stats)
{
  MDB_cursor *cursor;
  MDB_val key, value;
  int code = mdb_cursor_open (txn, 0, &cursor);

  if (code != 0)
    return code;
  while ((code = mdb_cursor_get (cursor, &key, &value, MDB_NEXT)) == 0)
    {
      guint64 id, n;

      if (key.mv_size != sizeof id || value.mv_size < sizeof n)
        {
          code = MDB_CORRUPTED;
          break;
        }
      memcpy (&id, key.mv_data, sizeof id);
      memcpy (&n, value.mv_data, sizeof n);
      stats->free_pages += n;
      if (id > oldest)
        stats->held_pages += n;
    }
  mdb_cursor_close (cursor);
  return code == MDB_NOTFOUND ? 0 : code;
}

/* With the mutex held, which keeps LMDB's environment. */
static int
read_figures (ArborEnvironment *self, Readers *readers, ArborSessionStats *stats)
{
  MDB_envinfo info;
  int code = self->env == NULL ? MDB_PANIC : mdb_env_info (self->env, &info);

  if (code != 0 || (code = mdb_reader_list (self->env, note_reader, readers)) < 0)
    return code;
  stats->map_bytes = info.me_mapsize;
  stats->page_size = self->page_size;
  stats->n_readers = readers->n;
  stats->max_readers = info.me_maxreaders;
  if (readers->n > 0 && info.me_last_txnid > readers->oldest)
    stats->oldest_age = info.me_last_txnid - readers->oldest;
  return 0;
}

guint64
arbor_environment_find_oldest_reader (ArborEnvironment *self)
{
  Readers readers = { .oldest = G_MAXUINT64 };
  int code = MDB_PANIC;
  int n_dead;

  pthread_mutex_lock (&self->mutex);
  if (self->env != NULL && (code = mdb_reader_check (self->env, &n_dead)) == 0)
    code = mdb_reader_list (self->env, note_reader, &readers);
  pthread_mutex_unlock (&self->mutex);
  /* Who cannot be asked may be there. */
  return code < 0 ? 0 : readers.oldest;
}

/* What is free and not given back yet. Nobody counts holes: they are what the file lacks in blocks. */
static gboolean
measure_disk (ArborEnvironment *self, ArborSessionStats *stats, GError **error)
{
  guint64 n_free = (stats->free_pages - stats->held_pages) * self->page_size;
  guint64 holes;
  struct stat info;

  if (fstat (self->fd, &info) != 0)
    return arbor_environment_fail (self, errno, error);
  stats->disk_bytes = (guint64) info.st_blocks * 512;
  holes = stats->file_bytes > stats->disk_bytes ? stats->file_bytes - stats->disk_bytes : 0;
  stats->reclaimable_bytes = n_free > holes ? n_free - holes : 0;
  return TRUE;
}

static void
count_record (const ArborRecord *record, ArborSessionStats *stats)
{
  guint64 n_rows = 0;

  for (guint32 i = 0; i < record->n_batches; i++)
    {
      stats->mended_entries += record->batches[i].mend != NULL;
      n_rows += record->batches[i].n_rows;
    }
  for (guint32 i = 0; i < record->n_patches; i++)
    n_rows += record->patches[i].n_rows;
  stats->patches += record->n_patches;
  stats->dead_rows += n_rows - MIN (n_rows, record->n_trees);
}

/* What changes have left, of all names. */
static gboolean
count_mends (ArborTxn txn, ArborSessionStats *stats, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (!arbor_catalog_list (txn, names, NULL, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (ArborRecord) record = NULL;

      if (!arbor_catalog_read_record (txn, g_ptr_array_index (names, i), &record, error))
        return FALSE;
      count_record (record, stats);
    }
  return TRUE;
}

gboolean
arbor_environment_get_stats (ArborEnvironment *self, ArborSessionStats *stats, GError **error)
{
  Readers readers = { .oldest = G_MAXUINT64 };
  gboolean is_good;
  MDB_txn *txn;
  int code;

  /* First the readers: the transaction that counts is not to be one of them. */
  if (!arbor_environment_read_file_size (self, error))
    return FALSE;
  pthread_mutex_lock (&self->mutex);
  code = read_figures (self, &readers, stats);
  pthread_mutex_unlock (&self->mutex);
  if (code != 0)
    return arbor_environment_fail (self, code, error);

  if (arbor_environment_begin_read (self, &txn, error) != 0)
    return FALSE;
  code = count_free (txn, readers.oldest, stats);
  is_good = code == 0 ? arbor_catalog_count_staged ((ArborTxn){ .env = self, .mdb = txn }, &stats->dead_batches,
                                                    &stats->staged_batches, error)
                      : arbor_environment_fail (self, code, error);
  is_good = is_good && count_mends ((ArborTxn){ .env = self, .mdb = txn }, stats, error);
  arbor_environment_end_read (self, txn);
  stats->file_bytes = arbor_environment_get_file_size (self);
  return is_good && measure_disk (self, stats, error);
}
