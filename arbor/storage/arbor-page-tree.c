/* See arbor-page-tree.h. */

#include "storage/arbor-page-tree.h"

#include <errno.h>
#include <string.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "storage/arbor-storage-error.h"

/* FALSE, and the walk is over, where nobody wants to know of more. */
gboolean
arbor_page_tree_tell (ArborPageWalk *walk, ArborPagesTrouble trouble, guint64 page)
{
  walk->has_trouble = TRUE;
  if (walk->visitor != NULL)
    walk->visitor->damaged (walk->visitor->data, trouble, walk->tree, page);
  return walk->visitor != NULL;
}

gssize
arbor_page_tree_read (ArborPageWalk *walk, guint8 *buffer, gsize size, guint64 offset)
{
  gssize n = arbor_pages_read_at (walk->fd, buffer, size, offset);

  if (n < 0)
    walk->failure = errno;
  return n;
}

/* What cannot be read is not damaged for that. */
static gboolean
set_page_damaged (ArborPageWalk *walk, guint64 page, GError **error)
{
  g_autofree char *detail = g_strdup_printf (_("page %" PRIu64 " is not what it should be"), page);

  if (walk->failure != 0)
    return arbor_storage_set_error (error, walk->failure, walk->path, walk->fd);
  return arbor_storage_set_damaged (error, walk->path, detail);
}

/* Whether the @n pages from @first are in the file and were not reached before. */
static gboolean
claim_pages (ArborPageWalk *walk, guint64 first, guint64 n)
{
  if (first < 2 || first >= walk->n_usable || n > walk->n_usable - first)
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

/* One entry of the free list, of the transaction @id: a count, then so many page numbers, descending. */
static gboolean
check_free_pages (ArborPageWalk *walk, guint64 id, const guint8 *list, gsize size)
{
  gboolean is_noted = walk->free_pages != NULL && id < walk->free_before;
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
      if (page < walk->n_usable && !claim_pages (walk, page, 1) &&
          !arbor_page_tree_tell (walk, ARBOR_PAGES_USED_TWICE, page))
        return FALSE;
      walk->n_free += page < walk->n_usable;
      if (page < walk->n_pages && is_noted)
        walk->free_pages[page / 64] |= G_GUINT64_CONSTANT (1) << (page % 64);
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

/* Whether the pages of a value are its own. */
static gboolean
check_big (ArborPageWalk *walk, guint64 page, guint64 n)
{
  guint8 header[ARBOR_PAGE_HEADER];

  walk->n_overflow += n;
  if (page < 2 || page >= walk->n_usable || n > walk->n_usable - page)
    return FALSE;
  if (!claim_pages (walk, page, n) && !arbor_page_tree_tell (walk, ARBOR_PAGES_USED_TWICE, page))
    return FALSE;
  return !walk->looks_at_overflow ||
         (arbor_page_tree_read (walk, header, sizeof header, page * walk->page_size) ==
              (gssize) sizeof header &&
          arbor_pages_check_overflow (header, page, n));
}

/* The value of a free list entry was read and written by LMDB in place: it may lie in more pages
 * than it needs. */
static gboolean
check_big_free_pages (ArborPageWalk *walk, guint64 id, guint64 page, guint32 size)
{
  gsize n_bytes = (gsize) size + ARBOR_PAGE_HEADER;
  g_autofree guint8 *bytes = NULL;
  guint32 n_pages;

  if (page < 2 || page >= walk->n_pages ||
      n_bytes > (walk->n_pages - page) * (guint64) walk->page_size)
    return FALSE;
  bytes = g_try_malloc (n_bytes);
  if (bytes == NULL ||
      arbor_page_tree_read (walk, bytes, n_bytes, page * walk->page_size) != (gssize) n_bytes)
    return FALSE;
  n_pages = read_u32 (bytes + 12);
  walk->n_overflow += n_pages;
  return n_pages >= arbor_pages_for_value (size, walk->page_size) &&
         arbor_pages_check_overflow (bytes, page, n_pages) && claim_pages (walk, page, n_pages) &&
         check_free_pages (walk, id, bytes + ARBOR_PAGE_HEADER, size);
}

/* Remembers a table that is one of ours. One of another kind is not, whatever its name. */
static void
note_table (ArborPageWalk *walk, const guint8 *key, gsize key_size, const guint8 *data)
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
check_leaf_node (ArborPageWalk *walk, ArborPageTreeKind kind, const guint8 *node, gsize room)
{
  guint32 size = read_u32 (node);
  guint16 flags = read_u16 (node + 4);
  guint16 key_size = read_u16 (node + 6);
  const guint8 *data = node + NODE_HEADER + key_size;

  if (key_size < 1 || key_size > MAX_KEY || (kind == ARBOR_PAGE_TREE_FREE_LIST && key_size != 8))
    return FALSE;
  room -= NODE_HEADER + key_size;
  if (flags == NODE_BIG && kind == ARBOR_PAGE_TREE_FREE_LIST)
    return room >= 8 &&
           check_big_free_pages (walk, read_u64 (node + NODE_HEADER), read_u64 (data), size);
  if (flags == NODE_BIG)
    return room >= 8 && arbor_pages_is_overflow (key_size, size, walk->page_size) &&
           check_big (walk, read_u64 (data), arbor_pages_for_value (size, walk->page_size));
  if (room < size || arbor_pages_is_overflow (key_size, size, walk->page_size))
    return FALSE;
  if (flags == NODE_TABLE && kind == ARBOR_PAGE_TREE_MAIN && size == TABLE_SIZE)
    {
      note_table (walk, node + NODE_HEADER, key_size, data);
      return TRUE;
    }
  if (flags == 0 && kind == ARBOR_PAGE_TREE_NAMED && size >= 8)
    walk->info->sums[walk->table] += read_u64 (data);
  return flags == 0 && (kind != ARBOR_PAGE_TREE_FREE_LIST ||
                        check_free_pages (walk, read_u64 (node + NODE_HEADER), data, size));
}

static int
compare_keys (ArborPageTreeKind kind, const ArborPageKey *a, const guint8 *b, guint16 b_size)
{
  int order;

  if (kind == ARBOR_PAGE_TREE_FREE_LIST && a->size == 8 && b_size == 8)
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
advance (ArborPageWalk *walk, ArborPageTreeKind kind, const guint8 *key, guint16 size,
         gboolean is_separator)
{
  int order = walk->last.size == 0 ? -1 : compare_keys (kind, &walk->last, key, size);

  if (order > 0 || (order == 0 && (!walk->may_equal || is_separator)))
    return FALSE;
  memcpy (walk->last.bytes, key, size);
  walk->last.size = size;
  walk->may_equal = is_separator;
  return TRUE;
}

gboolean
arbor_page_tree_has_node (const ArborPageWalk *walk, guint32 i)
{
  guint16 offset = read_u16 (walk->page + ARBOR_PAGE_HEADER + 2 * i);
  gsize room = walk->page_size - (gsize) offset;

  return offset >= read_u16 (walk->page + 14) && offset % 2 == 0 && offset <= walk->page_size &&
         room >= NODE_HEADER && room >= (gsize) NODE_HEADER + read_u16 (walk->page + offset + 6);
}

/* The children are put down in reverse, so that the first is read first. */
static gboolean
check_branch (ArborPageWalk *walk, ArborPageTreeKind kind, const ArborPageStep *parent, guint32 n)
{
  for (guint32 i = n; i-- > 0;)
    {
      const guint8 *node = walk->page + read_u16 (walk->page + ARBOR_PAGE_HEADER + 2 * i);
      ArborPageStep step = { .level = parent->level + 1 };
      guint16 size;

      if (!arbor_page_tree_has_node (walk, i))
        {
          if (!arbor_page_tree_tell (walk, ARBOR_PAGES_NODE, parent->page))
            return FALSE;
          continue;
        }
      size = read_u16 (node + 6);
      if ((size > MAX_KEY ||
           (i > 0 && (size == 0 || (kind == ARBOR_PAGE_TREE_FREE_LIST && size != 8)))) &&
          !arbor_page_tree_tell (walk, ARBOR_PAGES_NODE, parent->page))
        return FALSE;
      step.page = read_u32 (node) | (guint64) read_u16 (node + 4) << 32;
      /* The first key of a branch page is not used. */
      step.separator.size = i > 0 && size <= MAX_KEY ? size : 0;
      memcpy (step.separator.bytes, node + NODE_HEADER, step.separator.size);
      g_array_append_val (walk->steps, step);
    }
  return TRUE;
}

/* Tells of an entry whose node lies in its page. */
gboolean
arbor_page_tree_visit (ArborPageWalk *walk, const guint8 *node, gsize room, GError **error)
{
  guint32 size = read_u32 (node);
  guint16 flags = read_u16 (node + 4);
  guint16 key_size = read_u16 (node + 6);
  const guint8 *data = node + NODE_HEADER + key_size;
  guint64 page = 0;

  room -= NODE_HEADER + key_size;
  if (key_size < 1 || key_size > MAX_KEY || (flags & NODE_BIG ? 8 : size) > room)
    return TRUE;
  if (flags & NODE_BIG)
    {
      guint64 n = arbor_pages_for_value (size, walk->page_size);

      page = read_u64 (data);
      if (page < 2 || page >= walk->n_pages || n > walk->n_pages - page)
        return TRUE;
    }
  return walk->visitor->entry (walk->visitor->data, walk->table, node + NODE_HEADER, key_size,
                               flags & NODE_BIG ? NULL : data, size, page, error);
}

static gboolean
check_leaf (ArborPageWalk *walk, ArborPageTreeKind kind, const ArborPageStep *step, guint32 n,
            GError **error)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint16 offset = read_u16 (walk->page + ARBOR_PAGE_HEADER + 2 * i);
      const guint8 *node = walk->page + offset;
      gsize room = walk->page_size - (gsize) offset;
      gboolean is_inside = arbor_page_tree_has_node (walk, i);

      if ((!is_inside || !check_leaf_node (walk, kind, node, room) ||
           !advance (walk, kind, node + NODE_HEADER, read_u16 (node + 6), FALSE)) &&
          !arbor_page_tree_tell (walk, ARBOR_PAGES_NODE, step->page))
        return FALSE;
      if (is_inside && kind == ARBOR_PAGE_TREE_NAMED && walk->visitor != NULL &&
          !arbor_page_tree_visit (walk, node, room, error))
        return FALSE;
    }
  return TRUE;
}

/* How many nodes the page that was read has; 0 when something is wrong. */
guint32
arbor_page_tree_count_nodes (const ArborPageWalk *walk, gboolean is_leaf)
{
  guint16 lower = read_u16 (walk->page + 12);
  guint16 upper = read_u16 (walk->page + 14);
  guint32 n;

  if (lower < ARBOR_PAGE_HEADER || lower > upper || upper > walk->page_size || lower % 2 != 0)
    return 0;
  n = (lower - ARBOR_PAGE_HEADER) / 2;
  return !is_leaf && n < 2 ? 0 : n;
}

static gboolean
read_tree_page (ArborPageWalk *walk, const ArborPageStep *step)
{
  return step->page >= 2 && step->page < walk->n_pages &&
         arbor_page_tree_read (walk, walk->page, walk->page_size, step->page * walk->page_size) ==
             (gssize) walk->page_size &&
         read_u64 (walk->page) == step->page &&
         (read_u16 (walk->page + 10) == PAGE_LEAF || read_u16 (walk->page + 10) == PAGE_BRANCH);
}

/* FALSE without error: the page is damaged. */
static gboolean
check_tree_page (ArborPageWalk *walk, const Table *table, ArborPageTreeKind kind,
                 const ArborPageStep *step, guint64 *n_entries, GError **error)
{
  gboolean is_leaf;
  guint32 n;

  if (!claim_pages (walk, step->page, 1))
    return walk->visitor != NULL && step->page >= 2 && step->page < walk->n_usable &&
           arbor_page_tree_tell (walk, ARBOR_PAGES_USED_TWICE, step->page);
  if (step->level > MAX_DEPTH || !read_tree_page (walk, step))
    return FALSE;
  is_leaf = read_u16 (walk->page + 10) == PAGE_LEAF;
  if (is_leaf != (step->level == table->depth) &&
      !arbor_page_tree_tell (walk, ARBOR_PAGES_NODE, step->page))
    return FALSE;
  if (step->separator.size > 0 &&
      !advance (walk, kind, step->separator.bytes, step->separator.size, TRUE) &&
      !arbor_page_tree_tell (walk, ARBOR_PAGES_NODE, step->page))
    return FALSE;
  *(is_leaf ? &walk->n_leaf : &walk->n_branch) += 1;
  n = arbor_page_tree_count_nodes (walk, is_leaf);
  if (!is_leaf)
    return n > 0 && check_branch (walk, kind, step, n);
  *n_entries += n;
  return n > 0 && check_leaf (walk, kind, step, n, error);
}

/* Who wants to know of all damage wants to know of this, too; LMDB itself only tells of it. */
static gboolean
check_counts (ArborPageWalk *walk, const Table *table, guint64 n_entries)
{
  return n_entries == table->entries &&
         (walk->visitor == NULL ||
          (walk->n_branch == table->branch_pages && walk->n_leaf == table->leaf_pages &&
           walk->n_overflow == table->overflow_pages));
}

gboolean
arbor_page_tree_walk (ArborPageWalk *walk, const Table *table, ArborPageTreeKind kind,
                      GError **error)
{
  ArborPageStep root = { .page = table->root, .level = 1 };
  guint64 n_entries = 0;

  if (table->root == NO_PAGE && table->depth == 0 && table->entries == 0)
    return TRUE;
  if ((table->depth < 1 || table->depth > MAX_DEPTH) &&
      !arbor_page_tree_tell (walk, ARBOR_PAGES_TABLE, table->root))
    return arbor_storage_set_damaged (error, walk->path, _("a table is damaged"));

  walk->last.size = 0;
  walk->n_branch = walk->n_leaf = walk->n_overflow = 0;
  g_array_set_size (walk->steps, 0);
  g_array_append_val (walk->steps, root);
  while (walk->steps->len > 0)
    {
      ArborPageStep step = g_array_index (walk->steps, ArborPageStep, walk->steps->len - 1);
      g_autoptr (GError) local_error = NULL;

      g_array_set_size (walk->steps, walk->steps->len - 1);
      if (check_tree_page (walk, table, kind, &step, &n_entries, &local_error))
        continue;
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (!arbor_page_tree_tell (walk, ARBOR_PAGES_TREE, step.page))
        return set_page_damaged (walk, step.page, error);
    }
  if (!check_counts (walk, table, n_entries) &&
      !arbor_page_tree_tell (walk, ARBOR_PAGES_TABLE, table->root))
    return arbor_storage_set_damaged (error, walk->path, _("a table is damaged"));
  return TRUE;
}
