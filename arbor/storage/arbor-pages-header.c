/* The header of a file and its two meta pages. See arbor-pages.h. */

#include "storage/arbor-pages-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/arbor-error.h"
#include "storage/arbor-storage-error.h"

gssize
arbor_pages_read_at (int fd, guint8 *buffer, gsize size, guint64 offset)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n = pread (fd, buffer + done, size - done, (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      done += (gsize) n;
    }
  return (gssize) done;
}

/* Whether a file that does not begin as LMDB 0.9 does has a meta page of it nevertheless. */
static gboolean
has_other_meta (int fd)
{
  for (guint32 size = MIN_PAGE_SIZE; size <= MAX_PAGE_SIZE; size *= 2)
    {
      guint8 bytes[8];

      if (arbor_pages_read_at (fd, bytes, 8, size + ARBOR_PAGE_HEADER) == 8 && read_u32 (bytes) == META_MAGIC &&
          read_u32 (bytes + 4) == META_VERSION)
        return TRUE;
    }
  return FALSE;
}

gboolean
arbor_pages_set_not_a_store (GError **error, const char *path, const char *what)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE, _("File '%s' is not a store: %s"),
               path, what);
  return FALSE;
}

static gboolean
set_version (GError **error, const char *path, guint32 version)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION,
               _("File '%s' is an LMDB file of another version (data version %u, expected %u); "
                  "export it with the program that wrote it and import it here"),
               path, version, META_VERSION);
  return FALSE;
}

/* The first meta page tells what kind of file this is. */
static gboolean
check_first (int fd, const char *path, const guint8 *page, gsize n, GError **error)
{
  gboolean has_magic = n >= ARBOR_PAGE_HEADER + 8 && read_u32 (page + 16) == META_MAGIC;

  if (!has_magic && n >= ARBOR_PAGE_HEADER + 16 && read_u32 (page + 24) == META_MAGIC)
    return set_version (error, path, read_u32 (page + 28));
  if (!has_magic && n >= ARBOR_PAGE_HEADER + 8 &&
      read_u32 (page + 16) == GUINT32_SWAP_LE_BE (META_MAGIC))
    return set_version (error, path, GUINT32_SWAP_LE_BE (read_u32 (page + 20)));
  if (!has_magic && has_other_meta (fd))
    return arbor_storage_set_damaged (error, path, _("its first page is not a meta page"));
  if (!has_magic)
    return arbor_pages_set_not_a_store (error, path, _("it does not begin as one"));
  if (read_u32 (page + 20) != META_VERSION && has_other_meta (fd))
    return arbor_storage_set_damaged (error, path, _("a meta page is damaged"));
  if (read_u32 (page + 20) != META_VERSION)
    return set_version (error, path, read_u32 (page + 20));
  return TRUE;
}

gboolean
arbor_pages_check_meta (const char *path, const guint8 *page, gsize n, guint index,
                        guint32 page_size, guint64 file_size, Meta *meta, GError **error)
{
  if (n < META_SIZE)
    return arbor_storage_set_damaged (error, path, _("it was cut off in its meta pages"));
  if (read_u32 (page + 16) != META_MAGIC || read_u32 (page + 20) != META_VERSION ||
      (read_u16 (page + 10) & PAGE_META) == 0)
    return arbor_storage_set_damaged (error, path, _("a meta page is damaged"));

  read_meta (page, meta);
  if (!is_page_size (meta->page_size) || (page_size != 0 && meta->page_size != page_size) ||
      (meta->free_list.flags & TABLE_FLAGS) != TABLE_INTEGER ||
      (meta->main.flags & TABLE_FLAGS) != 0 || meta->last_page < 1 || meta->txnid == G_MAXUINT64 ||
      (meta->txnid != 0 && (meta->txnid & 1) != index))
    return arbor_storage_set_damaged (error, path, _("a meta page is damaged"));
  /* Pages that were free when they should have been written may be missing at the end, not more. */
  if (meta->last_page >= (file_size * 2 + UNUSED_SLACK) / meta->page_size)
    return arbor_storage_set_damaged (error, path, _("it was cut off"));
  return TRUE;
}

static gboolean
read_header (int fd, const char *path, guint64 file_size, Meta *first, Meta *second, GError **error)
{
  guint8 page[META_SIZE];
  gssize n = arbor_pages_read_at (fd, page, sizeof page, 0);

  if (n < 0)
    return arbor_storage_set_file_error (error, errno, path);
  if (!check_first (fd, path, page, (gsize) n, error) ||
      !arbor_pages_check_meta (path, page, (gsize) n, 0, 0, file_size, first, error))
    return FALSE;

  n = arbor_pages_read_at (fd, page, sizeof page, first->page_size);
  if (n < 0)
    return arbor_storage_set_file_error (error, errno, path);
  return arbor_pages_check_meta (path, page, (gsize) n, 1, first->page_size, file_size, second,
                                 error);
}

/* Each commit writes the meta page that the one before it did not: the older one is its predecessor, or
 * the newer would be taken for the older. */
static gboolean
are_neighbours (const Meta *first, const Meta *second)
{
  return first->txnid == second->txnid ? first->txnid == 0
                                       : MAX (first->txnid, second->txnid) -
                                                 MIN (first->txnid, second->txnid) == 1;
}

gboolean
arbor_pages_check_header (int fd, const char *path, guint64 file_size, gboolean *is_new,
                          GError **error)
{
  Meta first, second, last = { 0 };

  *is_new = file_size == 0;
  if (*is_new)
    return TRUE;

  for (;;)
    {
      if (!read_header (fd, path, file_size, &first, &second, error))
        return FALSE;
      if (are_neighbours (&first, &second))
        break;
      /* Commits between the two reads. */
      if (last.page_size != 0 && first.txnid == last.txnid)
        return arbor_storage_set_damaged (error, path, _("its meta pages contradict each other"));
      last = first;
    }
  *is_new = first.txnid == 0 && second.txnid == 0;
  return TRUE;
}

/* A meta page wherever pages of some size put it. */
static gboolean
read_meta_at (int fd, const char *path, guint index, guint32 page_size, guint64 file_size, Meta *meta,
              int *failure)
{
  guint8 page[META_SIZE];
  gssize n = arbor_pages_read_at (fd, page, sizeof page, (guint64) index * page_size);

  if (n < 0)
    *failure = errno;
  return n >= 0 && arbor_pages_check_meta (path, page, (gsize) n, index, index == 0 ? 0 : page_size,
                                           G_MAXINT64 / 4, meta, NULL) &&
         meta->last_page <= (file_size * 2 + UNUSED_SLACK) / meta->page_size;
}

gboolean
arbor_pages_choose_meta (int fd, const char *path, guint64 file_size, Meta *meta,
                         gboolean *is_doubtful, GError **error)
{
  int failure = 0;
  gboolean has_first = read_meta_at (fd, path, 0, 0, file_size, meta, &failure);
  gboolean has_second = FALSE;
  Meta second;

  for (guint32 size = has_first ? meta->page_size : MIN_PAGE_SIZE;
       size <= MAX_PAGE_SIZE && !has_second; size *= 2)
    {
      has_second = read_meta_at (fd, path, 1, size, file_size, &second, &failure);
      if (has_first)
        break;
    }
  if (!has_first && !has_second && failure != 0)
    return arbor_storage_set_error (error, failure, path, fd);
  if (!has_first && !has_second)
    return arbor_storage_set_damaged (error, path, _("both its meta pages are damaged"));
  *is_doubtful = !has_first || !has_second ||
                 MAX (meta->txnid, second.txnid) - MIN (meta->txnid, second.txnid) != 1;
  if (!has_first || (has_second && second.txnid > meta->txnid))
    *meta = second;
  return TRUE;
}
