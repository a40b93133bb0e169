/* See arbor-shrink.h. */

#include "storage/arbor-shrink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-pages.h"
#include "storage/arbor-storage-error.h"

/* Of free pages. Fewer are soon used again, and each run costs a system call. */
#define LEAST_WON  (G_GUINT64_CONSTANT (16) << 20)
#define LEAST_RUN  (G_GUINT64_CONSTANT (64) << 10)
#define FAR_BEHIND (G_GUINT64_CONSTANT (1) << 42)
/* Of a slice. */
#define MOST_RUNS  1024u

/* 0, or an errno; EOPNOTSUPP where the file system does not know how. */
static int
punch (int fd, guint64 offset, guint64 n_bytes)
{
  int failed;

  do
    failed = fallocate (fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t) offset,
                        (off_t) n_bytes) != 0
                 ? errno
                 : 0;
  while (failed == EINTR);
  return failed == ENOSYS || failed == EINVAL ? EOPNOTSUPP : failed;
}

/* A hole behind the end changes nothing; so far behind it that nobody who writes meanwhile gets there. */
gboolean
arbor_shrink_is_possible (ArborEnvironment *environment)
{
  struct stat info;

  return environment->writable && fstat (environment->fd, &info) == 0 &&
         punch (environment->fd, MAX (FAR_BEHIND, 4 * (guint64) info.st_size),
                environment->page_size) == 0;
}

gboolean
arbor_shrink_age (ArborTxn txn, gpointer data, GError **error)
{
  ArborCounters counters;

  return arbor_catalog_read_counters (txn, &counters, error) &&
         arbor_catalog_write_counters (txn, &counters, error);
}

static gboolean
is_set (const guint64 *bits, guint64 i)
{
  return (bits[i / 64] >> (i % 64) & 1) != 0;
}

/* The first run of set bits at or after @from: [*first, *end). FALSE when there is none. */
static gboolean
find_run (const guint64 *bits, guint64 n, guint64 from, guint64 *first, guint64 *end)
{
  while (from < n && !is_set (bits, from))
    from = bits[from / 64] == 0 ? (from / 64 + 1) * 64 : from + 1;
  *first = MIN (from, n);
  for (*end = *first; *end < n && is_set (bits, *end); ++*end)
    continue;
  return *end > *first;
}

static gboolean
set_punch_error (ArborEnvironment *environment, int failed, GError **error)
{
  if (failed != EOPNOTSUPP)
    return arbor_environment_fail (environment, failed, error);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED,
               _("Store '%s' cannot be compacted in place: its file system cannot make holes in files; "
                 "write the file anew instead (full)"),
               environment->path);
  return FALSE;
}

static gboolean
punch_runs (ArborEnvironment *environment, const guint64 *free_pages, ArborShrink *self,
            GError **error)
{
  guint64 page_size = environment->page_size;
  guint64 first, end = self->next_page;
  guint n_runs = 0;

  while (n_runs < MOST_RUNS && find_run (free_pages, self->n_pages, end, &first, &end))
    {
      int failed;

      if (!self->is_thorough && (end - first) * page_size < LEAST_RUN)
        continue;
      failed = punch (environment->fd, first * page_size, (end - first) * page_size);
      if (failed != 0)
        return set_punch_error (environment, failed, error);
      n_runs++;
    }
  self->is_done = n_runs < MOST_RUNS;
  self->next_page = self->is_done ? self->n_pages : end;
  return TRUE;
}

/* What transactions before @before freed and nobody reads. Nobody else writes while this transaction
 * lives. The free list is read by the walk that proves it: a page that anything leads to is not free,
 * whatever the list says. */
static gboolean
find_free (ArborTxn txn, guint64 before, guint64 **free_pages, guint64 *n_pages, GError **error)
{
  ArborEnvironment *environment = txn.env;
  guint64 oldest = arbor_environment_find_oldest_reader (environment);
  g_autoptr (GError) local_error = NULL;

  if (arbor_pages_find_free (environment->fd, environment->path, mdb_txn_id (txn.mdb) - 1,
                             arbor_table_names, MIN (before, oldest), free_pages, n_pages,
                             &local_error))
    return TRUE;
  if (local_error == NULL)
    return arbor_storage_set_damaged (error, environment->path,
                                      _("its meta pages contradict each other"));
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* What the last transaction freed counts too: it is old enough after one more. */
gboolean
arbor_shrink_look (ArborTxn txn, gpointer data, GError **error)
{
  gboolean *is_worth_it = data;
  g_autofree guint64 *free_pages = NULL;
  guint64 n_pages, n_bytes = 0;
  guint64 disk_bytes, holes;
  struct stat info;

  *is_worth_it = FALSE;
  if (!find_free (txn, mdb_txn_id (txn.mdb), &free_pages, &n_pages, error))
    return FALSE;
  if (fstat (txn.env->fd, &info) != 0)
    return arbor_environment_fail (txn.env, errno, error);
  for (guint64 i = 0; free_pages != NULL && i < (n_pages + 63) / 64; i++)
    n_bytes += (guint64) __builtin_popcountll (free_pages[i]) * txn.env->page_size;
  disk_bytes = (guint64) info.st_blocks * 512;
  holes = (guint64) info.st_size > disk_bytes ? (guint64) info.st_size - disk_bytes : 0;
  n_bytes -= MIN (n_bytes, holes);
  *is_worth_it = n_bytes >= LEAST_WON && n_bytes >= disk_bytes / 4 &&
                 arbor_shrink_is_possible (txn.env);
  return TRUE;
}

gboolean
arbor_shrink_punch (ArborTxn txn, gpointer data, GError **error)
{
  ArborShrink *self = data;
  g_autofree guint64 *free_pages = NULL;

  if (!find_free (txn, mdb_txn_id (txn.mdb) - 1, &free_pages, &self->n_pages, error))
    return FALSE;
  if (free_pages != NULL)
    return punch_runs (txn.env, free_pages, self, error);
  self->is_done = TRUE;
  return TRUE;
}
