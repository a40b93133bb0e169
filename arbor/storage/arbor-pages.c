/* The pages of an LMDB 0.9 file on a 64-bit machine, in the machine's byte order:
 *
 *   page header   0 page number u64, 8 pad u16, 10 flags u16, 12 lower u16, 14 upper u16
 *                 (overflow pages: 12 number of pages u32)
 *   meta page     at 16: magic u32, version u32, address u64, map size u64, table record of the
 *                 free list, table record of the main table, last page u64, transaction u64
 *   table record  0 pad u32 (of the free list: page size), 4 flags u16, 6 depth u16, 8 branch
 *                 pages u64, 16 leaf pages u64, 24 overflow pages u64, 32 entries u64, 40 root u64
 *   tree page     from 16 up to lower: offsets u16 of the nodes; from upper: the nodes
 *   node          0 size u32 (branch: low 32 bits of the child), 4 flags u16 (branch: high bits),
 *                 6 key size u16, 8 key, then the data or the number u64 of its overflow page
 *
 * Invariants that the walk proves: each page is reached once, by a tree or by the free list; each
 * node lies inside its page; all leaves of a tree lie at its depth; everything lies in the file;
 * keys ascend through the whole tree, and those of branch pages lie between the leaves that they
 * part.
 */

#include "storage/arbor-pages.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "storage/arbor-storage-error.h"

#define META_MAGIC    0xbeefc0deu
#define META_VERSION  1u
#define META_SIZE     152u /* page header, meta record */
#define TABLE_SIZE    48u
#define NODE_HEADER   8u
#define MIN_PAGE_SIZE 512u
#define MAX_PAGE_SIZE 32768u
#define MAX_DEPTH     32u
#define MAX_KEY       511u
#define NO_PAGE       G_MAXUINT64
#define UNUSED_SLACK  (G_GUINT64_CONSTANT (64) << 20)

#define PAGE_BRANCH    0x01u
#define PAGE_LEAF      0x02u
#define PAGE_OVERFLOW  0x04u
#define PAGE_META      0x08u
#define NODE_BIG       0x01u
#define NODE_TABLE     0x02u
#define TABLE_INTEGER  0x08u
#define TABLE_FLAGS    0x7fu
#define MAP_FIXED_FLAG 0x01u

typedef struct
{
  guint16 flags;
  guint16 depth;
  guint64 entries;
  guint64 root;
} Table;

typedef struct
{
  guint32 page_size;
  Table free_list;
  Table main;
  guint64 last_page;
  guint64 txnid;
} Meta;

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

static guint16
read_u16 (const guint8 *at)
{
  guint16 value;

  memcpy (&value, at, sizeof value);
  return value;
}

static guint32
read_u32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return value;
}

static guint64
read_u64 (const guint8 *at)
{
  guint64 value;

  memcpy (&value, at, sizeof value);
  return value;
}

/* How many of @size bytes at @offset there are; -1 with errno. */
static gssize
read_at (int fd, guint8 *buffer, gsize size, guint64 offset)
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

static gboolean
is_page_size (guint32 size)
{
  return size >= MIN_PAGE_SIZE && size <= MAX_PAGE_SIZE && (size & (size - 1)) == 0;
}

static void
read_table (const guint8 *at, Table *table)
{
  table->flags = read_u16 (at + 4);
  table->depth = read_u16 (at + 6);
  table->entries = read_u64 (at + 32);
  table->root = read_u64 (at + 40);
}

static void
read_meta (const guint8 *page, Meta *meta)
{
  const guint8 *at = page + ARBOR_PAGE_HEADER;

  meta->page_size = read_u32 (at + 24);
  read_table (at + 24, &meta->free_list);
  read_table (at + 24 + TABLE_SIZE, &meta->main);
  meta->last_page = read_u64 (at + 24 + 2 * TABLE_SIZE);
  meta->txnid = read_u64 (at + 32 + 2 * TABLE_SIZE);
}

/* Whether a file that does not begin as LMDB 0.9 does has a meta page of it nevertheless. */
static gboolean
has_other_meta (int fd)
{
  for (guint32 size = MIN_PAGE_SIZE; size <= MAX_PAGE_SIZE; size *= 2)
    {
      guint8 magic[4];

      if (read_at (fd, magic, 4, size + ARBOR_PAGE_HEADER) == 4 && read_u32 (magic) == META_MAGIC)
        return TRUE;
    }
  return FALSE;
}

static gboolean
set_not_a_store (GError **error, const char *path, const char *what)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE, _ ("File '%s' is not a store: %s"),
               path, what);
  return FALSE;
}

static gboolean
set_version (GError **error, const char *path, guint32 version)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION,
               _ ("File '%s' is an LMDB file of another version (data version %u, expected %u); "
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
    return arbor_storage_set_damaged (error, path, _ ("its first page is not a meta page"));
  if (!has_magic)
    return set_not_a_store (error, path, _ ("it does not begin as one"));
  if (read_u32 (page + 20) != META_VERSION)
    return set_version (error, path, read_u32 (page + 20));
  return TRUE;
}

static gboolean
check_meta (const char *path, const guint8 *page, gsize n, guint index, guint32 page_size,
            guint64 file_size, Meta *meta, GError **error)
{
  if (n < META_SIZE)
    return arbor_storage_set_damaged (error, path, _ ("it was cut off in its meta pages"));
  if (read_u32 (page + 16) != META_MAGIC || read_u32 (page + 20) != META_VERSION ||
      (read_u16 (page + 10) & PAGE_META) == 0)
    return arbor_storage_set_damaged (error, path, _ ("a meta page is damaged"));

  read_meta (page, meta);
  if (!is_page_size (meta->page_size) || (page_size != 0 && meta->page_size != page_size) ||
      (meta->free_list.flags & TABLE_FLAGS) != TABLE_INTEGER ||
      (meta->main.flags & TABLE_FLAGS) != 0 || meta->last_page < 1 || meta->txnid == G_MAXUINT64 ||
      (meta->txnid != 0 && (meta->txnid & 1) != index))
    return arbor_storage_set_damaged (error, path, _ ("a meta page is damaged"));
  /* Pages that were free when they should have been written may be missing at the end, not more. */
  if (meta->last_page >= (file_size * 2 + UNUSED_SLACK) / meta->page_size)
    return arbor_storage_set_damaged (error, path, _ ("it was cut off"));
  return TRUE;
}

gboolean
arbor_pages_check_header (int fd, const char *path, guint64 file_size, gboolean *is_new,
                          GError **error)
{
  guint8 page[META_SIZE];
  Meta first, second;
  gssize n;

  *is_new = file_size == 0;
  if (*is_new)
    return TRUE;

  n = read_at (fd, page, sizeof page, 0);
  if (n < 0)
    return arbor_storage_set_file_error (error, errno, path);
  if (!check_first (fd, path, page, (gsize) n, error) ||
      !check_meta (path, page, (gsize) n, 0, 0, file_size, &first, error))
    return FALSE;

  n = read_at (fd, page, sizeof page, first.page_size);
  if (n < 0)
    return arbor_storage_set_file_error (error, errno, path);
  if (!check_meta (path, page, (gsize) n, 1, first.page_size, file_size, &second, error))
    return FALSE;
  if (first.txnid == second.txnid && first.txnid != 0)
    return arbor_storage_set_damaged (error, path, _ ("its meta pages contradict each other"));
  *is_new = first.txnid == 0 && second.txnid == 0;
  return TRUE;
}

static gboolean
set_page_damaged (Walk *walk, guint64 page, GError **error)
{
  g_autofree char *detail = g_strdup_printf (_ ("page %" PRIu64 " is not what it should be"), page);

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
      read_at (walk->fd, bytes, n_bytes, page * walk->page_size) != (gssize) n_bytes)
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
      read_at (walk->fd, walk->page, walk->page_size, step->page * walk->page_size) !=
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
    return arbor_storage_set_damaged (error, walk->path, _ ("a table is damaged"));

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
    return arbor_storage_set_damaged (error, walk->path, _ ("a table is damaged"));
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
    return set_not_a_store (error, walk->path, _ ("it is the LMDB file of another program"));
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
  if (read_at (fd, bytes, sizeof bytes, 0) != META_SIZE)
    return arbor_storage_set_damaged (error, path, _ ("it was cut off in its meta pages"));
  read_meta (bytes, &meta);
  if ((txnid & 1) != 0 && is_page_size (meta.page_size) &&
      read_at (fd, bytes, sizeof bytes, meta.page_size) != META_SIZE)
    return arbor_storage_set_damaged (error, path, _ ("it was cut off in its meta pages"));
  if (!check_meta (path, bytes, META_SIZE, txnid & 1, 0, (guint64) file_size, &meta, error))
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
