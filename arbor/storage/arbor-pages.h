/* What must hold of an LMDB file before LMDB may look at it: liblmdb trusts its pages, so a
 * damaged one can crash it. Read here with pread, never through the map: header and both meta
 * pages; then all branch and leaf pages that a transaction can reach. They are few, for batches lie
 * in overflow pages, of which only the extent is checked here.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ARBOR_PAGE_HEADER 16u

/* @is_empty: the file has no bytes, or LMDB's meta pages alone. */
gboolean arbor_pages_check_header (int fd, const char *path, guint64 file_size, gboolean *is_new,
                                   GError **error);

typedef struct
{
  gboolean is_empty;     /* no table at all: a store that was never initialised */
  guint32 page_size;
  guint64 anchor_page;   /* where the record of the first table lies in the file: together with */
  guint32 anchor_offset; /* its address in the map they tell where the map begins */
} ArborPagesInfo;

/* Walks what the transaction @txnid sees. @names: the tables that must be there, NULL-terminated;
 * others are left alone. FALSE without error: the meta page of @txnid was overwritten meanwhile,
 * begin a newer transaction. */
gboolean arbor_pages_walk (int fd, const char *path, guint64 txnid, const char *const *names,
                           ArborPagesInfo *info, GError **error);

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
