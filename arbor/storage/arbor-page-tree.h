/* Walking the pages of one tree of a file: the free list, the main table, or one with a name. See
 * arbor-pages-private.h for how they lie.
 *
 * Invariants that the walk proves: each page is reached once, by a tree or by the free list; each
 * node lies inside its page; all leaves of a tree lie at its depth; everything lies in the file;
 * keys ascend through the whole tree, and those of branch pages lie between the leaves that they
 * part.
 */

#pragma once

#include "storage/arbor-pages-private.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_PAGE_TREE_FREE_LIST,
  ARBOR_PAGE_TREE_MAIN,
  ARBOR_PAGE_TREE_NAMED,
} ArborPageTreeKind;

typedef struct
{
  guint16 size;
  guint8 bytes[MAX_KEY];
} ArborPageKey;

/* A page to read, and the key that parts it from the one before (size 0: none). */
typedef struct
{
  guint64 page;
  guint32 level;
  ArborPageKey separator;
} ArborPageStep;

typedef struct
{
  int fd;
  const char *path;
  guint32 page_size;
  guint64 n_pages;            /* of the file */
  guint64 n_usable;           /* of these, those that the meta page counts */
  guint64 last_page;          /* that the meta page knows; those past the file are free */
  gboolean looks_at_overflow; /* at the headers of overflow pages, too */
  guint64 *seen;              /* a bit for each page of the file */
  ArborPagesInfo *info;
  const char *const *names;
  Table *tables; /* one for each name */
  guint64 found; /* bit i: name i */

  guint8 *page;       /* one page, read into */
  GArray *steps;      /* ArborPageStep: pages still to read, the next one last */
  ArborPageKey last;  /* the last key seen, in order; size 0: none */
  gboolean may_equal; /* it was a separator: the next key may be the same */
  guint64 n_branch, n_leaf, n_overflow; /* pages of the tree so far */

  guint64 n_free;
  const ArborPagesVisitor *visitor; /* NULL: the first damage ends the walk */
  const char *tree;     /* which one is walked, */
  guint table;          /* and the number of its name */
  gboolean has_trouble; /* the tree has */
  int failure;          /* why something could not be read, an errno; 0: all could */
  guint64 free_before;  /* pages that earlier transactions freed are noted */
  guint64 *free_pages;  /* in these bits; NULL: nowhere */
} ArborPageWalk;

/* As arbor_pages_read_at(), and remembers a failure. */
gssize arbor_page_tree_read (ArborPageWalk *walk, guint8 *buffer, gsize size, guint64 offset);

/* What is wrong, to whoever wants to know. FALSE, and the walk is over, where nobody wants to know of more. */
gboolean arbor_page_tree_tell (ArborPageWalk *walk, ArborPagesTrouble trouble, guint64 page);
gboolean arbor_page_tree_walk (ArborPageWalk *walk, const Table *table, ArborPageTreeKind kind,
                               GError **error);

/* Of the page that was read: how many nodes it has, 0 when something is wrong; */
guint32 arbor_page_tree_count_nodes (const ArborPageWalk *walk, gboolean is_leaf);
/* whether one of them lies in it; */
gboolean arbor_page_tree_has_node (const ArborPageWalk *walk, guint32 i);
/* telling of the entry of one that does, with @room bytes behind its beginning. */
gboolean arbor_page_tree_visit (ArborPageWalk *walk, const guint8 *node, gsize room,
                                GError **error);

G_END_DECLS
