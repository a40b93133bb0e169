/* What must hold of an LMDB file before LMDB may look at it: liblmdb trusts its pages, so a
 * damaged one can crash it. Read here with pread, never through the map: header and both meta
 * pages; then all branch and leaf pages that a transaction can reach. They are few, for batches lie
 * in overflow pages, of which only the extent is checked here.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ARBOR_PAGE_HEADER      16u
#define ARBOR_PAGES_MAX_TABLES 8u

/* @is_empty: the file has no bytes, or LMDB's meta pages alone. */
gboolean arbor_pages_check_header (int fd, const char *path, guint64 file_size, gboolean *is_new,
                                   GError **error);

typedef struct
{
  gboolean is_empty;     /* no table at all: a store that was never initialised */
  guint32 page_size;
  guint64 anchor_page;   /* where the record of the first table lies in the file: together with */
  guint32 anchor_offset; /* its address in the map they tell where the map begins */
  guint64 sums[ARBOR_PAGES_MAX_TABLES]; /* for each table, of the first 8 bytes of all its values in leaf pages */
} ArborPagesInfo;

typedef enum
{
  ARBOR_PAGES_TREES, /* branch and leaf pages */
  ARBOR_PAGES_ALL,   /* and the headers of overflow pages: one more read a batch */
} ArborPagesDepth;

/* Walks what the transaction @txnid sees. @names: the tables that must be there, NULL-terminated;
 * others are left alone. FALSE without error: the meta page of @txnid was overwritten meanwhile,
 * begin a newer transaction. */
gboolean arbor_pages_walk (int fd, const char *path, guint64 txnid, const char *const *names,
                           ArborPagesDepth depth, ArborPagesInfo *info, GError **error);

/* The same walk, for the pages that nobody looks at: those that transactions before @before freed. @free_pages
 * gets a bit for each page of the file, @n_pages of them. */
gboolean arbor_pages_find_free (int fd, const char *path, guint64 txnid, const char *const *names,
                                guint64 before, guint64 **free_pages, guint64 *n_pages,
                                GError **error);

/* A walk that goes on behind damage, for whoever wants to know of all of it. Everything is told in the thread
 * that walks. */
typedef enum
{
  ARBOR_PAGES_TREE,      /* a page of a table is not what it should be: what lies below it is not found */
  ARBOR_PAGES_NODE,      /* something in a page of a table, whose other nodes are good */
  ARBOR_PAGES_USED_TWICE,
  ARBOR_PAGES_TABLE,     /* the counts of a table are not what was found */
} ArborPagesTrouble;

typedef struct
{
  /* @table: a name, or what else it is. */
  void (*damaged) (gpointer data, ArborPagesTrouble trouble, const char *table, guint64 page);
  /* An entry of the table names[@table]. @value: NULL where it lies in pages from @page on, which are in
   * the file. FALSE ends the walk, with error. */
  gboolean (*entry) (gpointer data, guint table, const guint8 *key, gsize key_size,
                     const guint8 *value, guint32 size, guint64 page, GError **error);
  gpointer data;
} ArborPagesVisitor;

typedef struct
{
  guint32 page_size;
  guint64 n_pages;  /* that the file has and the meta page counts */
  guint64 n_free;   /* of these, listed as free */
  guint64 n_lost;   /* neither reached nor free */
  guint64 *reached; /* a bit for each page, free ones too; freed by the caller */
  gboolean is_free_list_whole;
  int failure; /* why something could not be read, an errno; 0: all could */
} ArborPagesCount;

/* Walks what the transaction @txnid sees, or, where that is G_MAXUINT64, the newest meta page that can be
 * read. *@is_doubtful: the other one cannot, or does not follow it, so there may have been a newer state.
 * FALSE with error: there is nothing to walk, or the visitor said so; without: as arbor_pages_walk. */
gboolean arbor_pages_visit (int fd, const char *path, guint64 txnid, const char *const *names,
                            const ArborPagesVisitor *visitor, ArborPagesCount *count,
                            gboolean *is_doubtful, GError **error);

/* Goes through all pages that have no bit in @reached (NULL: through all), wherever they belong, and tells the
 * entries of those that are leaf pages, and each run of overflow pages: a NULL key, and @size all that it
 * has. @table is then the number of names. */
gboolean arbor_pages_scan (int fd, const char *path, const char *const *names, guint32 page_size,
                           const guint64 *reached, const ArborPagesVisitor *visitor,
                           GError **error);

/* The pages that an overflow value of @size bytes takes. */
static inline guint64
arbor_pages_for_value (guint64 size, guint32 page_size)
{
  return (ARBOR_PAGE_HEADER - 1 + size) / page_size + 1;
}

/* Whether a value of @size bytes under a key of @key_size lies in overflow pages. */
static inline gboolean
arbor_pages_is_overflow (guint64 key_size, guint64 size, guint32 page_size)
{
  guint32 node_max = (((page_size - ARBOR_PAGE_HEADER) / 2) & ~1u) - 2;

  return 8 + key_size + size > node_max;
}

/* The header of the first overflow page, as it lies before a value: ours to check before LMDB
 * frees what it claims. */
gboolean arbor_pages_check_overflow (const guint8 *header, guint64 page, guint64 n_pages);

G_END_DECLS
