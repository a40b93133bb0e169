/* Walking the pages that a transaction can reach. See arbor-pages-private.h for how they lie.
 *
 * Invariants that the walk proves: each page is reached once, by a tree or by the free list; each
 * node lies inside its page; all leaves of a tree lie at its depth; everything lies in the file;
 * keys ascend through the whole tree, and those of branch pages lie between the leaves that they
 * part.
 */

#include "storage/arbor-pages-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "storage/arbor-storage-error.h"

typedef enum
{
  TREE_FREE_LIST,
  TREE_MAIN,
  TREE_NAMED,
} TreeKind;

typedef struct
{
  guint16 size;
  guint8 bytes[MAX_KEY];
} Key;

/* A page to read, and the key that parts it from the one before (size 0: none). */
typedef struct
{
  guint64 page;
  guint32 level;
  Key separator;
} Step;

typedef struct
{
  int fd;
  const char *path;
  guint32 page_size;
  guint64 n_pages;    /* of the file */
  guint64 last_page;  /* that the meta page knows; those past the file are free */
  guint64 *seen;      /* a bit for each page of the file */
  guint8 *page;       /* one page, read into */
  GArray *steps;      /* Step: pages still to read, the next one last */
  Key last;           /* the last key seen, in order; size 0: none */
  gboolean may_equal; /* it was a separator: the next key may be the same */
  ArborPagesInfo *info;
  const char *const *names;
  Table *tables; /* one for each name */
  guint64 found; /* bit i: name i */
} Walk;

static gboolean
set_page_damaged (Walk *walk, guint64 page, GError **error)
{
  g_autofree char *detail = g_strdup_printf (_("page %" PRIu64 " is not what it should be"), page);

  return arbor_storage_set_damaged (error, walk->path, detail);
}

/* Whether the @n pages from @first are in the file and were not reached before. */
static gboolean
claim_pages (Walk *walk, guint64 first, guint64 n)
{
  if (first < 2 || first >= walk->n_pages || n > walk->n_pages - first)
    return FALSE;
  for (guint64 page = first, left = n; left > 0;)
    {
      guint64 in_word = MIN (left, 64 - page % 64);
      guint64 bits = (G_MAXUINT64 >> (64 - in_word)) << (page % 64);

      if (walk->seen[page / 64] & bits)
        return FALSE;
      walk->seen[page / 64] |= bits;
      page += in_word;
      left -= in_word;
    }
  return TRUE;
}

/* One entry of the free list: a count, then so many page numbers, descending. */
static gboolean
check_free_pages (Walk *walk, const guint8 *list, gsize size)
{
  guint64 n, previous = NO_PAGE;

  if (size < 8 || size % 8 != 0)
    return FALSE;
  n = read_u64 (list);
  if (n > size / 8 - 1)
    return FALSE;
  for (guint64 i = 1; i <= n; i++)
    {
      guint64 page = read_u64 (list + i * 8);

      if (page < 2 || page > walk->last_page || page >= previous)
        return FALSE;
      if (page < walk->n_pages && !claim_pages (walk, page, 1))
        return FALSE;
      previous = page;
    }
  return TRUE;
}

gboolean
arbor_pages_check_overflow (const guint8 *header, guint64 page, guint64 n_pages)
{
  return read_u64 (header) == page && (read_u16 (header + 10) & 0x0fu) == PAGE_OVERFLOW &&
         read_u32 (header + 12) == n_pages;
}

/* The value of a free list entry was read and written by LMDB in place: it may lie in more pages
 * than it needs. */
static gboolean
check_big_free_pages (Walk *walk, guint64 page, guint32 size)
{
  gsize n_bytes = (gsize) size + ARBOR_PAGE_HEADER;
  g_autofree guint8 *bytes = NULL;
  guint32 n_pages;

  if (page < 2 || page >= walk->n_pages ||
      n_bytes > (walk->n_pages - page) * (guint64) walk->page_size)
    return FALSE;
  bytes = g_try_malloc (n_bytes);
  if (bytes == NULL ||
      arbor_pages_read_at (walk->fd, bytes, n_bytes, page * walk->page_size) != (gssize) n_bytes)
    return FALSE;
  n_pages = read_u32 (bytes + 12);
  return n_pages >= arbor_pages_for_value (size, walk->page_size) &&
         arbor_pages_check_overflow (bytes, page, n_pages) && claim_pages (walk, page, n_pages) &&
         check_free_pages (walk, bytes + ARBOR_PAGE_HEADER, size);
}

/* Remembers a table that is one of ours. One of another kind is not, whatever its name. */
static void
note_table (Walk *walk, const guint8 *key, gsize key_size, const guint8 *data)
{
  for (guint i = 0; walk->names[i] != NULL; i++)
    if (strlen (walk->names[i]) == key_size && memcmp (walk->names[i], key, key_size) == 0)
      {
        read_table (data, &walk->tables[i]);
        if (walk->tables[i].flags == 0)
          walk->found |= G_GUINT64_CONSTANT (1) << i;
        if (i == 0)
          {
            walk->info->anchor_page = read_u64 (walk->page);
            walk->info->anchor_offset = (guint32) (data - walk->page);
          }
      }
}

static gboolean
check_leaf_node (Walk *walk, TreeKind kind, const guint8 *node, gsize room)
{
  guint32 size = read_u32 (node);
  guint16 flags = read_u16 (node + 4);
  guint16 key_size = read_u16 (node + 6);
  const guint8 *data = node + NODE_HEADER + key_size;

  if (key_size < 1 || key_size > MAX_KEY || (kind == TREE_FREE_LIST && key_size != 8))
    return FALSE;
  room -= NODE_HEADER + key_size;
  if (flags == NODE_BIG && kind == TREE_FREE_LIST)
    return room >= 8 && check_big_free_pages (walk, read_u64 (data), size);
  if (flags == NODE_BIG)
    return room >= 8 && arbor_pages_is_overflow (key_size, size, walk->page_size) &&
           claim_pages (walk, read_u64 (data), arbor_pages_for_value (size, walk->page_size));
  if (room < size || arbor_pages_is_overflow (key_size, size, walk->page_size))
    return FALSE;
  if (flags == NODE_TABLE && kind == TREE_MAIN && size == TABLE_SIZE)
    {
      note_table (walk, node + NODE_HEADER, key_size, data);
      return TRUE;
    }
  return flags == 0 && (kind != TREE_FREE_LIST || check_free_pages (walk, data, size));
}

static int
compare_keys (TreeKind kind, const Key *a, const guint8 *b, guint16 b_size)
{
  int order;

  if (kind == TREE_FREE_LIST && a->size == 8 && b_size == 8)
    {
      guint64 a_number = read_u64 (a->bytes);
      guint64 b_number = read_u64 (b);

      return a_number < b_number ? -1 : a_number > b_number;
    }
  order = memcmp (a->bytes, b, MIN (a->size, b_size));
  return order != 0 ? order : (int) a->size - (int) b_size;
}

/* The next key in the order of the tree. */
static gboolean
advance (Walk *walk, TreeKind kind, const guint8 *key, guint16 size, gboolean is_separator)
{
  int order = walk->last.size == 0 ? -1 : compare_keys (kind, &walk->last, key, size);

  if (order > 0 || (order == 0 && (!walk->may_equal || is_separator)))
    return FALSE;
  memcpy (walk->last.bytes, key, size);
  walk->last.size = size;
  walk->may_equal = is_separator;
  return TRUE;
}

/* The children are put down in reverse, so that the first is read first. */
static gboolean
check_branch (Walk *walk, TreeKind kind, guint32 n, guint32 level)
{
  for (guint32 i = n; i-- > 0;)
    {
      const guint8 *node = walk->page + read_u16 (walk->page + ARBOR_PAGE_HEADER + 2 * i);
      guint16 size = read_u16 (node + 6);
      Step step = { .page = read_u32 (node) | (guint64) read_u16 (node + 4) << 32,
                    .level = level + 1 };

      if (size > MAX_KEY || (i > 0 && (size == 0 || (kind == TREE_FREE_LIST && size != 8))))
        return FALSE;
      /* The first key of a branch page is not used. */
      step.separator.size = i > 0 ? size : 0;
      memcpy (step.separator.bytes, node + NODE_HEADER, step.separator.size);
      g_array_append_val (walk->steps, step);
    }
  return TRUE;
}

static gboolean
check_leaf (Walk *walk, TreeKind kind, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint16 offset = read_u16 (walk->page + ARBOR_PAGE_HEADER + 2 * i);
      const guint8 *node = walk->page + offset;

      if (!check_leaf_node (walk, kind, node, walk->page_size - (gsize) offset) ||
          !advance (walk, kind, node + NODE_HEADER, read_u16 (node + 6), FALSE))
        return FALSE;
    }
  return TRUE;
}

/* The page that was read: each node and its key lie inside it. Returns how many there are, 0 when
 * something is wrong. */
static guint32
count_nodes (const Walk *walk, gboolean is_leaf)
{
  const guint8 *page = walk->page;
  guint16 lower = read_u16 (page + 12);
  guint16 upper = read_u16 (page + 14);
  guint32 n;

  if (lower < ARBOR_PAGE_HEADER || lower > upper || upper > walk->page_size || lower % 2 != 0)
    return 0;
  n = (lower - ARBOR_PAGE_HEADER) / 2;
  if (!is_leaf && n < 2)
    return 0;
  for (guint32 i = 0; i < n; i++)
    {
      guint16 offset = read_u16 (page + ARBOR_PAGE_HEADER + 2 * i);
      gsize room = walk->page_size - (gsize) offset;

      if (offset < upper || offset % 2 != 0 || offset > walk->page_size || room < NODE_HEADER ||
          room < (gsize) NODE_HEADER + read_u16 (page + offset + 6))
        return 0;
    }
  return n;
}

static gboolean
check_tree_page (Walk *walk, const Table *table, TreeKind kind, const Step *step,
                 guint64 *n_entries)
{
  gboolean is_leaf = step->level == table->depth;
  guint32 n;

  if (step->level > table->depth || !claim_pages (walk, step->page, 1) ||
      arbor_pages_read_at (walk->fd, walk->page, walk->page_size, step->page * walk->page_size) !=
          (gssize) walk->page_size ||
      read_u64 (walk->page) != step->page)
    return FALSE;
  if (read_u16 (walk->page + 10) != (is_leaf ? PAGE_LEAF : PAGE_BRANCH))
    return FALSE;
  if (step->separator.size > 0 &&
      !advance (walk, kind, step->separator.bytes, step->separator.size, TRUE))
    return FALSE;
  n = count_nodes (walk, is_leaf);
  if (!is_leaf)
    return n > 0 && check_branch (walk, kind, n, step->level);
  *n_entries += n;
  return n > 0 && check_leaf (walk, kind, n);
}

static gboolean
walk_tree (Walk *walk, const Table *table, TreeKind kind, GError **error)
{
  Step root = { .page = table->root, .level = 1 };
  guint64 n_entries = 0;

  if (table->root == NO_PAGE && table->depth == 0 && table->entries == 0)
    return TRUE;
  if (table->depth < 1 || table->depth > MAX_DEPTH)
    return arbor_storage_set_damaged (error, walk->path, _("a table is damaged"));

  walk->last.size = 0;
  g_array_set_size (walk->steps, 0);
  g_array_append_val (walk->steps, root);
  while (walk->steps->len > 0)
    {
      Step step = g_array_index (walk->steps, Step, walk->steps->len - 1);

      g_array_set_size (walk->steps, walk->steps->len - 1);
      if (!check_tree_page (walk, table, kind, &step, &n_entries))
        return set_page_damaged (walk, step.page, error);
    }
  if (n_entries != table->entries)
    return arbor_storage_set_damaged (error, walk->path, _("a table is damaged"));
  return TRUE;
}

static gboolean
walk_all (Walk *walk, const Meta *meta, GError **error)
{
  guint n_names = g_strv_length ((char **) walk->names);

  g_assert (n_names < 64);

  if (!walk_tree (walk, &meta->main, TREE_MAIN, error))
    return FALSE;
  walk->info->is_empty = meta->main.entries == 0;
  if (walk->info->is_empty)
    return walk_tree (walk, &meta->free_list, TREE_FREE_LIST, error);
  if (walk->found != (G_GUINT64_CONSTANT (1) << n_names) - 1)
    return arbor_pages_set_not_a_store (error, walk->path, _("it is the LMDB file of another program"));
  for (guint i = 0; i < n_names; i++)
    if (!walk_tree (walk, &walk->tables[i], TREE_NAMED, error))
      return FALSE;
  return walk_tree (walk, &meta->free_list, TREE_FREE_LIST, error);
}

gboolean
arbor_pages_walk (int fd, const char *path, guint64 txnid, const char *const *names,
                  ArborPagesInfo *info, GError **error)
{
  g_autofree guint64 *seen = NULL;
  g_autofree guint8 *page = NULL;
  g_autofree Table *tables = g_new0 (Table, g_strv_length ((char **) names) + 1);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (Step));
  guint8 bytes[META_SIZE];
  Meta meta;
  off_t file_size = lseek (fd, 0, SEEK_END);
  Walk walk = {
    .fd = fd, .path = path, .steps = steps, .info = info, .names = names, .tables = tables
  };

  *info = (ArborPagesInfo){ 0 };
  if (file_size < 0)
    return arbor_storage_set_file_error (error, errno, path);
  /* Both meta pages have the same page size: arbor_pages_check_header saw to that. */
  if (arbor_pages_read_at (fd, bytes, sizeof bytes, 0) != META_SIZE)
    return arbor_storage_set_damaged (error, path, _("it was cut off in its meta pages"));
  read_meta (bytes, &meta);
  if ((txnid & 1) != 0 && is_page_size (meta.page_size) &&
      arbor_pages_read_at (fd, bytes, sizeof bytes, meta.page_size) != META_SIZE)
    return arbor_storage_set_damaged (error, path, _("it was cut off in its meta pages"));
  if (!arbor_pages_check_meta (path, bytes, META_SIZE, txnid & 1, 0, (guint64) file_size, &meta, error))
    return FALSE;
  if (meta.txnid != txnid)
    return FALSE;

  walk.page_size = info->page_size = meta.page_size;
  walk.n_pages = (guint64) file_size / meta.page_size;
  walk.last_page = meta.last_page;
  walk.seen = seen = g_new0 (guint64, walk.n_pages / 64 + 1);
  walk.page = page = g_malloc (meta.page_size);
  return walk_all (&walk, &meta, error);
}
