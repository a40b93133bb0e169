/* One table from LMDB's codes to ours. It has a row for each code that LMDB 0.9 can return, checked
 * when compiled: a code that a newer LMDB adds shows up as a build failure, not as a wrong message.
 *
 * A full disk reaches us as ENOSPC, or as EIO when LMDB's own write came out short, or as EFBIG or
 * EDQUOT where a limit stopped it: EIO counts as full when the file system has no room left, or
 * the file is as long as this process may make it.
 */

#include "storage/arbor-storage-error.h"

#include <errno.h>
#include <lmdb.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <glib/gi18n-lib.h>

typedef struct
{
  int code;
  ArborError error;
  const char *message; /* NULL: LMDB's own text */
} ErrorRow;

/* In the order of LMDB's numbers, so that a code finds its row by subtraction. */
static const ErrorRow error_rows[] = {
  { MDB_KEYEXIST, ARBOR_ERROR_CORRUPT, N_ ("a record is there that should not be") },
  { MDB_NOTFOUND, ARBOR_ERROR_CORRUPT, N_ ("a record is missing") },
  { MDB_PAGE_NOTFOUND, ARBOR_ERROR_CORRUPT, N_ ("a page lies outside of the file") },
  { MDB_CORRUPTED, ARBOR_ERROR_CORRUPT, N_ ("a page is not what it should be") },
  /* Told by arbor_storage_set_broken where it can be known what failed. */
  { MDB_PANIC, ARBOR_ERROR_BUSY, N_ ("an earlier write failed; close the store and open it again") },
  { MDB_VERSION_MISMATCH, ARBOR_ERROR_VERSION,
    N_ ("its lock file belongs to another version of LMDB; end the other program") },
  { MDB_INVALID, ARBOR_ERROR_CORRUPT, N_ ("it, or its lock file, is damaged") },
  { MDB_MAP_FULL, ARBOR_ERROR_FULL, N_ ("the map is full; open it with a larger map-size") },
  { MDB_DBS_FULL, ARBOR_ERROR_CORRUPT, NULL },
  { MDB_READERS_FULL, ARBOR_ERROR_TOO_MANY_READERS,
    N_ ("no reader slot is free; close stores that are not needed, or raise max-readers") },
  { MDB_TLS_FULL, ARBOR_ERROR_TOO_MANY_READERS, NULL },
  { MDB_TXN_FULL, ARBOR_ERROR_LIMIT, N_ ("too many pages in one transaction") },
  { MDB_CURSOR_FULL, ARBOR_ERROR_CORRUPT, N_ ("the tree of pages is too deep") },
  { MDB_PAGE_FULL, ARBOR_ERROR_CORRUPT, N_ ("a page is too full") },
  { MDB_MAP_RESIZED, ARBOR_ERROR_FULL,
    N_ ("another process made it larger than the map; end what reads from it here, or open it with "
        "a larger map-size") },
  { MDB_INCOMPATIBLE, ARBOR_ERROR_CORRUPT, N_ ("a table is of another kind") },
  { MDB_BAD_RSLOT, ARBOR_ERROR_CORRUPT, N_ ("a reader slot was changed by another program") },
  { MDB_BAD_TXN, ARBOR_ERROR_CORRUPT, N_ ("a page could not be read") },
  { MDB_BAD_VALSIZE, ARBOR_ERROR_CORRUPT, N_ ("a record has an impossible size") },
  { MDB_BAD_DBI, ARBOR_ERROR_CORRUPT, N_ ("a table was replaced by another program") },
};

G_STATIC_ASSERT (MDB_KEYEXIST == -30799);
G_STATIC_ASSERT (MDB_LAST_ERRCODE == MDB_BAD_DBI);
G_STATIC_ASSERT (G_N_ELEMENTS (error_rows) == MDB_LAST_ERRCODE - MDB_KEYEXIST + 1);

gboolean
arbor_storage_set_damaged (GError **error, const char *path, const char *detail)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT, _("Store '%s' is damaged: %s"), path,
               detail);
  return FALSE;
}

gboolean
arbor_storage_set_file_error (GError **error, int saved_errno, const char *path)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
               _("Store '%s' cannot be opened: %s"), path, g_strerror (saved_errno));
  return FALSE;
}

static gboolean
is_disk_full (int code, int fd)
{
  struct statvfs disk;
  struct rlimit limit;
  struct stat file;

  if (code == ENOSPC || code == EDQUOT || code == EFBIG)
    return TRUE;
  if (code != EIO || fd < 0)
    return FALSE;
  if (fstatvfs (fd, &disk) == 0 && disk.f_bavail == 0)
    return TRUE;
  return getrlimit (RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
         fstat (fd, &file) == 0 && (rlim_t) file.st_size >= limit.rlim_cur;
}

gboolean
arbor_storage_set_broken (GError **error, int write_failure, const char *path, int fd)
{
  int code = write_failure != 0 ? write_failure : EIO;
  gboolean is_full = is_disk_full (code, fd);

  g_set_error (error, is_full ? ARBOR_ERROR : G_IO_ERROR,
               is_full ? (int) ARBOR_ERROR_FULL : (int) g_io_error_from_errno (code),
               _("Store '%s' cannot be used now: an earlier write failed (%s), and what is read from "
                 "it keeps it from being opened again; let go of arbors and transactions that you hold "
                 "and try again, or close the store; what it held before is intact"),
               path, g_strerror (code));
  return FALSE;
}

gboolean
arbor_storage_set_error (GError **error, int code, const char *path, int fd)
{
  if (code >= MDB_KEYEXIST && code <= MDB_LAST_ERRCODE)
    {
      const ErrorRow *row = &error_rows[code - MDB_KEYEXIST];

      g_assert (row->code == code);
      if (row->error == ARBOR_ERROR_CORRUPT)
        return arbor_storage_set_damaged (
            error, path, row->message != NULL ? _(row->message) : mdb_strerror (code));
      g_set_error (error, ARBOR_ERROR, (int) row->error, _("Store '%s' cannot be used: %s"), path,
                   row->message != NULL ? _(row->message) : mdb_strerror (code));
    }
  else if (is_disk_full (code, fd))
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL,
                 _("Store '%s' cannot be written: the disk is full (%s); what it held before is "
                   "intact"),
                 path, g_strerror (code));
  else if (code == EACCES || code == EROFS)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY, _("Store '%s' cannot be written: %s"),
                 path, g_strerror (code));
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
                 _("Store '%s' cannot be used: %s"), path, g_strerror (code));
  return FALSE;
}
