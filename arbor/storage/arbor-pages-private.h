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
 */

#pragma once

#include "storage/arbor-pages.h"

#include <string.h>

G_BEGIN_DECLS

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
  guint64 branch_pages;
  guint64 leaf_pages;
  guint64 overflow_pages;
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

static inline guint16
read_u16 (const guint8 *at)
{
  guint16 value;

  memcpy (&value, at, sizeof value);
  return value;
}

static inline guint32
read_u32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return value;
}

static inline guint64
read_u64 (const guint8 *at)
{
  guint64 value;

  memcpy (&value, at, sizeof value);
  return value;
}

/* How many of @size bytes at @offset there are; -1 with errno. */
gssize arbor_pages_read_at (int fd, guint8 *buffer, gsize size, guint64 offset);

/* CORRUPT unless the @n bytes of @page are meta page @index of a file; @page_size, unless it is 0, is
 * what the other one says. */
gboolean arbor_pages_check_meta (const char *path, const guint8 *page, gsize n, guint index,
                                 guint32 page_size, guint64 file_size, Meta *meta, GError **error);
/* The newest meta page that can be read. *@is_doubtful: there may have been a newer one. */
gboolean arbor_pages_choose_meta (int fd, const char *path, guint64 file_size, Meta *meta,
                                  gboolean *is_doubtful, GError **error);
gboolean arbor_pages_set_not_a_store (GError **error, const char *path, const char *what);

static inline gboolean
is_page_size (guint32 size)
{
  return size >= MIN_PAGE_SIZE && size <= MAX_PAGE_SIZE && (size & (size - 1)) == 0;
}

static inline void
read_table (const guint8 *at, Table *table)
{
  table->flags = read_u16 (at + 4);
  table->depth = read_u16 (at + 6);
  table->branch_pages = read_u64 (at + 8);
  table->leaf_pages = read_u64 (at + 16);
  table->overflow_pages = read_u64 (at + 24);
  table->entries = read_u64 (at + 32);
  table->root = read_u64 (at + 40);
}

static inline void
read_meta (const guint8 *page, Meta *meta)
{
  const guint8 *at = page + ARBOR_PAGE_HEADER;

  meta->page_size = read_u32 (at + 24);
  read_table (at + 24, &meta->free_list);
  read_table (at + 24 + TABLE_SIZE, &meta->main);
  meta->last_page = read_u64 (at + 24 + 2 * TABLE_SIZE);
  meta->txnid = read_u64 (at + 32 + 2 * TABLE_SIZE);
}

G_END_DECLS
