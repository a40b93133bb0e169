/* The walks that begin at a meta page, through all trees of a file (arbor-page-tree.h); and the scan of what
 * no tree reaches.
 */

#include "storage/arbor-page-tree.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "storage/arbor-storage-error.h"

#define HOLE_STEP 256u /* pages: so often a scan asks where the next bytes are */

static gboolean
walk_named (ArborPageWalk *walk, guint i, GError **error)
{
  gboolean is_found = (walk->found >> i & 1) != 0;

  walk->tree = walk->names[i];
  walk->table = i;
  if (!is_found && !arbor_page_tree_tell (walk, ARBOR_PAGES_TABLE, 0))
    return arbor_pages_set_not_a_store (error, walk->path,
                                        _("it is the LMDB file of another program"));
  return !is_found || arbor_page_tree_walk (walk, &walk->tables[i], ARBOR_PAGE_TREE_NAMED, error);
}

static gboolean
walk_all (ArborPageWalk *walk, const Meta *meta, GError **error)
{
  guint n_names = g_strv_length ((char **) walk->names);

  g_assert (n_names <= ARBOR_PAGES_MAX_TABLES);

  walk->tree = "main";
  if (!arbor_page_tree_walk (walk, &meta->main, ARBOR_PAGE_TREE_MAIN, error))
    return FALSE;
  walk->info->is_empty = meta->main.entries == 0;
  for (guint i = 0; i < n_names && !walk->info->is_empty; i++)
    if (!walk_named (walk, i, error))
      return FALSE;
  walk->tree = "free";
  walk->has_trouble = FALSE;
  return arbor_page_tree_walk (walk, &meta->free_list, ARBOR_PAGE_TREE_FREE_LIST, error);
}

static gboolean
walk_from (ArborPageWalk *walk, const Meta *meta, guint64 file_size, GError **error)
{
  g_autofree Table *tables = g_new0 (Table, g_strv_length ((char **) walk->names) + 1);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (ArborPageStep));
  g_autofree guint8 *page = g_malloc (meta->page_size);
  gboolean is_good;

  walk->page_size = walk->info->page_size = meta->page_size;
  walk->n_pages = file_size / meta->page_size;
  walk->last_page = meta->last_page;
  walk->n_usable = MIN (walk->n_pages, meta->last_page + 1);
  walk->seen = g_new0 (guint64, walk->n_pages / 64 + 1);
  if (walk->free_before > 0)
    walk->free_pages = g_new0 (guint64, walk->n_pages / 64 + 1);
  walk->page = page;
  walk->steps = steps;
  walk->tables = tables;
  is_good = walk_all (walk, meta, error);
  walk->page = NULL;
  walk->steps = NULL;
  walk->tables = NULL;
  return is_good;
}

static gboolean
read_meta_bytes (ArborPageWalk *walk, guint8 *bytes, guint64 offset, GError **error)
{
  gssize n = arbor_page_tree_read (walk, bytes, META_SIZE, offset);

  if (n < 0)
    return arbor_storage_set_error (error, walk->failure, walk->path, walk->fd);
  return n == META_SIZE ||
         arbor_storage_set_damaged (error, walk->path, _("it was cut off in its meta pages"));
}

/* The meta page of @txnid. FALSE without error: it was overwritten. */
static gboolean
read_meta_of (ArborPageWalk *walk, guint64 txnid, guint64 *file_size, Meta *meta, GError **error)
{
  guint8 bytes[META_SIZE];
  off_t size = lseek (walk->fd, 0, SEEK_END);

  if (size < 0)
    return arbor_storage_set_file_error (error, errno, walk->path);
  *file_size = (guint64) size;
  /* Both meta pages have the same page size: arbor_pages_check_header saw to that. */
  if (!read_meta_bytes (walk, bytes, 0, error))
    return FALSE;
  read_meta (bytes, meta);
  if ((txnid & 1) != 0 && is_page_size (meta->page_size) &&
      !read_meta_bytes (walk, bytes, meta->page_size, error))
    return FALSE;
  return arbor_pages_check_meta (walk->path, bytes, META_SIZE, txnid & 1, 0, *file_size, meta,
                                 error) &&
         meta->txnid == txnid;
}

/* @walk has what does not depend on the file; its info is set. */
static gboolean
walk_file (ArborPageWalk *walk, guint64 txnid, GError **error)
{
  guint64 file_size = 0;
  Meta meta;

  *walk->info = (ArborPagesInfo){ 0 };
  return read_meta_of (walk, txnid, &file_size, &meta, error) &&
         walk_from (walk, &meta, file_size, error);
}

gboolean
arbor_pages_walk (int fd, const char *path, guint64 txnid, const char *const *names,
                  ArborPagesDepth depth, ArborPagesInfo *info, GError **error)
{
  ArborPageWalk walk = { .fd = fd, .path = path, .info = info, .names = names };
  gboolean is_good;

  walk.looks_at_overflow = depth == ARBOR_PAGES_ALL;
  is_good = walk_file (&walk, txnid, error);
  g_free (walk.seen);
  return is_good;
}

gboolean
arbor_pages_find_free (int fd, const char *path, guint64 txnid, const char *const *names,
                       guint64 before, guint64 **free_pages, guint64 *n_pages, GError **error)
{
  ArborPagesInfo info;
  ArborPageWalk walk = { .fd = fd, .path = path, .info = &info, .names = names, .free_before = before };
  gboolean is_good = walk_file (&walk, txnid, error);

  g_free (walk.seen);
  *n_pages = walk.n_pages;
  *free_pages = g_steal_pointer (&walk.free_pages);
  if (!is_good)
    g_clear_pointer (free_pages, g_free);
  return is_good;
}

/* Visiting */

static void
count_pages (ArborPageWalk *walk, ArborPagesCount *count)
{
  guint64 n_reached = 0;

  for (guint64 i = 0; i <= walk->n_pages / 64; i++)
    n_reached += (guint64) __builtin_popcountll (walk->seen[i]);
  *count = (ArborPagesCount){ .page_size = walk->page_size,
                              .n_pages = walk->n_usable,
                              .n_free = walk->n_free,
                              .is_free_list_whole = !walk->has_trouble };
  count->n_lost = walk->n_usable - MIN (walk->n_usable, n_reached + 2);
  count->reached = g_steal_pointer (&walk->seen);
}

gboolean
arbor_pages_visit (int fd, const char *path, guint64 txnid, const char *const *names,
                   const ArborPagesVisitor *visitor, ArborPagesCount *count, gboolean *is_doubtful,
                   GError **error)
{
  ArborPagesInfo info = { 0 };
  ArborPageWalk walk = { .fd = fd, .path = path, .info = &info, .names = names, .visitor = visitor,
                .looks_at_overflow = TRUE };
  off_t end = lseek (fd, 0, SEEK_END);
  guint64 file_size = end < 0 ? 0 : (guint64) end;
  gboolean is_good;
  Meta meta;

  *count = (ArborPagesCount){ 0 };
  if (!arbor_pages_choose_meta (fd, path, file_size, &meta, is_doubtful, error) ||
      (txnid != G_MAXUINT64 && !read_meta_of (&walk, txnid, &file_size, &meta, error)))
    return FALSE;
  is_good = walk_from (&walk, &meta, file_size, error);
  if (is_good)
    count_pages (&walk, count);
  count->failure = walk.failure;
  g_free (walk.seen);
  return is_good;
}

/* Scanning */

static gboolean
is_reached (const guint64 *reached, guint64 page)
{
  return reached != NULL && (reached[page / 64] >> (page % 64) & 1) != 0;
}

static gboolean
scan_page (ArborPageWalk *walk, guint64 page, GError **error)
{
  guint16 flags = read_u16 (walk->page + 10);
  guint64 n = read_u32 (walk->page + 12);
  guint32 n_nodes;

  if (read_u64 (walk->page) != page)
    return TRUE;
  if (flags == PAGE_OVERFLOW && n > 0 && n <= walk->n_pages - page &&
      n * walk->page_size <= G_MAXUINT32)
    return walk->visitor->entry (walk->visitor->data, walk->table, NULL, 0, NULL,
                                 (guint32) (n * walk->page_size - ARBOR_PAGE_HEADER), page, error);
  n_nodes = flags == PAGE_LEAF ? arbor_page_tree_count_nodes (walk, TRUE) : 0;
  for (guint32 i = 0; i < n_nodes; i++)
    {
      guint16 offset = read_u16 (walk->page + ARBOR_PAGE_HEADER + 2 * i);

      if (arbor_page_tree_has_node (walk, i) &&
          !arbor_page_tree_visit (walk, walk->page + offset, walk->page_size - (gsize) offset, error))
        return FALSE;
    }
  return TRUE;
}

/* The first page from @page on in which there may be anything: a file may be mostly holes. */
static guint64
skip_hole (ArborPageWalk *walk, guint64 page)
{
  off_t data = lseek (walk->fd, (off_t) (page * walk->page_size), SEEK_DATA);

  if (data < 0)
    return errno == ENXIO ? walk->n_pages : page;
  return MAX (page, (guint64) data / walk->page_size);
}

gboolean
arbor_pages_scan (int fd, const char *path, const char *const *names, guint32 page_size,
                  const guint64 *reached, const ArborPagesVisitor *visitor, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (page_size);
  ArborPageWalk walk = { .fd = fd, .path = path, .page_size = page_size, .page = bytes, .visitor = visitor,
                .table = g_strv_length ((char **) names) };
  off_t end = lseek (fd, 0, SEEK_END);

  walk.n_pages = end < 0 ? 0 : (guint64) end / page_size;
  for (guint64 page = skip_hole (&walk, 2); page < walk.n_pages;
       page = (page + 1) % HOLE_STEP == 0 ? skip_hole (&walk, page + 1) : page + 1)
    if (!is_reached (reached, page) &&
        arbor_pages_read_at (fd, bytes, page_size, page * page_size) == (gssize) page_size &&
        !scan_page (&walk, page, error))
      return FALSE;
  return TRUE;
}
