/* Selections: which trees of a source a view has, in which order. A selection is immutable to the
 * eye and refcounted; what it has computed is cached behind its mutex and only grows, so a view
 * is computed once, and only as far as somebody reads.
 *
 * The trees of a selection have positions 0 .. count - 1; reading gives their indices in the
 * source. Filters of all trees remember a bit a tree (arbor-filter.h), other filters the indices that
 * they kept, orderings the ones that they put in order;
 * slices, tails and reversals only shift positions and remember nothing; a list is the result of
 * take. A selection locks itself, then those it derives from, never the reverse.
 *
 * Chains cost what their steps cost. A filter of a filter that nobody else can read decides both in
 * one scan; a slice of a sorted selection takes the first trees through a heap.
 */

#pragma once

#include "query/view/arbor-indices.h"
#include "query/series/arbor-kernel.h"
#include "query/expr/arbor-node.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

typedef struct _ArborSelection ArborSelection;

/* What turns the trees of its parent into a list of indices: query/order/arbor-ordering.h makes them.
 * The selection that has it remembers the list and guards it. */
typedef struct _ArborOrdering ArborOrdering;

/* Which of the parent's trees it has. */
typedef enum
{
  ARBOR_ORDERING_PICKS,    /* some, in another order */
  ARBOR_ORDERING_PERMUTES, /* all, each once, in another order */
  ARBOR_ORDERING_KEEPS,    /* some, in their order */
  ARBOR_ORDERING_JUDGES,   /* the same, each for what it is, whatever there is besides: as a filter does */
} ArborOrderingEffect;

typedef struct
{
  const char *name;   /* "sort_by" */
  gboolean needs_all; /* the first trees come only after all trees of the parent were read */
  /* The same one again, from its beginning. */
  ArborOrdering *(*copy) (const ArborOrdering *self);
  void (*free) (ArborOrdering *self);
  /* "sort_by height descending" */
  void (*describe) (const ArborOrdering *self, GString *out);
  /* Adds its keys to @nodes, which owns them. */
  void (*list_nodes) (const ArborOrdering *self, GPtrArray *nodes);
  /* NULL, or what gives the first @n of its trees for less, itself NULL where nothing does. @whole is
   * the selection that has this ordering. */
  ArborOrdering *(*take_first) (const ArborOrdering *self, guint64 n, ArborSelection *whole);
  /* Goes on until @list has @n_wanted indices, or all: then *@is_complete. One that needs all always
   * completes; what it has listed when it fails is thrown away. */
  gboolean (*run) (ArborOrdering *self, ArborSelection *parent, ArborAccess *access,
                   guint64 n_wanted, ArborIndices *list, gboolean *is_complete,
                   GCancellable *cancellable, GError **error);
  ArborOrderingEffect effect;
} ArborOrderingVerbs;

struct _ArborOrdering
{
  const ArborOrderingVerbs *verbs;
};

/* Steps from the source at most: reading a view goes through all of them. */
#define ARBOR_SELECTION_MAX_DEPTH 4096u

ArborSelection *arbor_selection_new_all (void);
/* The following are derived from @parent; LIMIT past ARBOR_SELECTION_MAX_DEPTH. */
ArborSelection *arbor_selection_new_filter (ArborSelection *parent, ArborNode *predicate,
                                            GError **error);
ArborSelection *arbor_selection_new_slice (ArborSelection *parent, guint64 start, guint64 n,
                                           GError **error);
ArborSelection *arbor_selection_new_tail (ArborSelection *parent, guint64 n, GError **error);
ArborSelection *arbor_selection_new_reverse (ArborSelection *parent, GError **error);
/* Takes over @ordering, also on failure. */
ArborSelection *arbor_selection_new_ordered (ArborSelection *parent, ArborOrdering *ordering,
                                             GError **error);
/* Takes over @indices, which are indices in the source. */
ArborSelection *arbor_selection_new_list (guint32 *indices, guint64 n);

ArborSelection *arbor_selection_ref (ArborSelection *self);
void arbor_selection_unref (ArborSelection *self);

/* All trees of the source in order: batches can be used whole. */
gboolean arbor_selection_is_all (ArborSelection *self);
/* Whether its trees may lie in another order than those of the source. */
gboolean arbor_selection_is_ordered (ArborSelection *self);

/* A selection of the same trees, each once, in the order of the source: itself, or, where its steps only put
 * trees in another order or choose of them, one that leaves out what puts them in order. NULL: its trees are
 * not known without their order, or come twice. What it computes is kept for the next who asks. (transfer
 * full) */
ArborSelection *arbor_selection_dup_set (ArborSelection *self);
/* Whether each of its steps judges every tree for itself, or only puts trees in order: then the same steps over some
 * trees of the source, whose @indices ascend and are taken over, give those of them that it has, in its order. */
gboolean arbor_selection_goes_among (ArborSelection *self);
ArborSelection *arbor_selection_new_among (ArborSelection *self, guint32 *indices, guint64 n);
/* Those of its trees for which all of @predicates are true, in its order, where these ask for few keys (arbor-keyed.h).
 * FALSE: not so, and nothing was said. *@indices, to be freed, has *@n. */
gboolean arbor_selection_decide_by_keys (ArborSelection *self, ArborAccess *access,
                                         ArborNode *const *predicates, guint n_predicates,
                                         guint32 **indices, guint32 *n);
/* A bit for each of the first *@n_bits trees of the source that it has. NULL: one comes twice, or that of
 * @error. */
guint64 *arbor_selection_list_bits (ArborSelection *self, ArborAccess *access, guint64 *n_bits,
                                    guint64 *n_selected, GCancellable *cancellable, GError **error);

/* Whether reading any of it computes nothing; FALSE also while somebody is computing it. */
gboolean arbor_selection_is_computed (ArborSelection *self);

/* A sorted selection of which somebody wants a part: TRUE when the whole of it is, or should be,
 * computed. The first part is worth a heap, the next ones are not. */
gboolean arbor_selection_prefers_whole (ArborSelection *self);

/* The same steps again, of which nothing is computed. */
ArborSelection *arbor_selection_copy (ArborSelection *self);

/* The steps from the source to here, each on a line of its own and said in how far it is computed;
 * below a filter how it is decided and, with counters, what that took. Computes nothing and waits
 * for nobody. */
void arbor_selection_describe (ArborSelection *self, ArborSource *source, gboolean with_counters,
                               GString *out);

/* The conditions and keys of the steps from the source to here, in their order, to @nodes, which owns
 * them. */
void arbor_selection_list_nodes (ArborSelection *self, GPtrArray *nodes);

gboolean arbor_selection_get_count (ArborSelection *self, ArborAccess *access,
                                    GCancellable *cancellable, guint64 *count, GError **error);

/* The same for who reads no tree: those of a derived source need not be made. */
gboolean arbor_selection_tell_count (ArborSelection *self, ArborAccess *access,
                                     GCancellable *cancellable, guint64 *count, GError **error);

/* The same as far as @limit. */
gboolean arbor_selection_tell_up_to (ArborSelection *self, ArborAccess *access, guint64 limit,
                                     GCancellable *cancellable, guint64 *count, GError **error);

/* Reads the indices of up to @max trees from @position; @n_read is less only at the end. The trees of a
 * derived source need not have been made: who reads them ensures that (arbor_trees_ensure), or picks them
 * (arbor-pick.h). */
gboolean arbor_selection_read (ArborSelection *self, ArborAccess *access, guint64 position,
                               guint32 max, guint32 *indices, guint32 *n_read,
                               GCancellable *cancellable, GError **error);

/* A scan decides a predicate over a selection from its beginning, piece by piece: small pieces
 * first, for those who stop early. One thread at a time. */
typedef struct _ArborScan ArborScan;

ArborScan *arbor_scan_new (ArborSelection *selection, ArborNode *predicate);
/* All of the @n predicates, in this order; a tree that one of them rejects is not shown to the next. */
ArborScan *arbor_scan_new_all (ArborSelection *selection, ArborNode *const *predicates, guint n);
void arbor_scan_free (ArborScan *self);
const ArborKernelCounters *arbor_scan_get_counters (ArborScan *self);
ArborSelection *arbor_scan_get_selection (ArborScan *self);
/* An access to what the predicates look at, which may be what the trees are made of (arbor-trace.h). */
void arbor_scan_narrow (ArborScan *self, const ArborAccess *access, ArborAccess *narrow);
/* That of the next tree to be decided. */
guint64 arbor_scan_get_position (ArborScan *self);

/* Decides the next piece. The trees that it keeps: @n_kept of them, their @positions in the
 * selection and their @indices in the source, valid until the next step. @n_seen (may be NULL) is
 * how many were decided in all; *@at_end becomes TRUE after the last. */
gboolean arbor_scan_step (ArborScan *self, ArborAccess *access, GCancellable *cancellable,
                          const guint64 **positions, const guint32 **indices, guint32 *n_kept,
                          guint64 *n_seen, gboolean *at_end, GError **error);

/* What a scan found. */
typedef struct
{
  GArray *positions; /* guint64, NULL when not wanted */
  guint64 n_kept;
  guint64 n_seen;
  guint32 first; /* index in the source of the first that was kept */
} ArborFound;

typedef enum
{
  ARBOR_SCAN_ALL,
  ARBOR_SCAN_UNTIL_KEPT,     /* to the end of the piece that has the first */
  ARBOR_SCAN_UNTIL_REJECTED,
} ArborScanEnd;

/* A scan from its beginning to @end. @found: zeroed but for its array. */
gboolean arbor_scan_run (ArborSelection *selection, ArborNode *predicate, ArborScanEnd end,
                         ArborFound *found, ArborAccess *access, GCancellable *cancellable,
                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSelection, arbor_selection_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborScan, arbor_scan_free)

G_END_DECLS
