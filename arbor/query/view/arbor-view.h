/* A view: a source and a selection of its trees. Everything that has trees is one, so operations take
 * views and make views. Immutable; refcounted; any thread. What ends a view travels in its source: the
 * gates of the leaves, and that of a derived source.
 */

#pragma once

#include "query/view/arbor-selection.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  ArborSource *source;
  ArborSelection *selection;
  gboolean is_strict; /* paths that no tree has are refused; what is made of it is strict, too */
} ArborView;

/* All of these take over what they are given, and return NULL for NULL, after an error. */
ArborView *arbor_view_new (ArborSource *source, ArborSelection *selection);
ArborView *arbor_view_new_all (ArborSource *source);
/* Other trees of the same source. */
ArborView *arbor_view_select (const ArborView *self, ArborSelection *selection);
/* All trees of @source, which is computed from the view. */
ArborView *arbor_view_compute (const ArborView *self, ArborSource *source);
/* The same of a new view. */
ArborView *arbor_view_compute_view (const ArborView *self, ArborView *view);
ArborView *arbor_view_make_strict (const ArborView *self);

ArborView *arbor_view_ref (ArborView *self);
void arbor_view_unref (ArborView *self);

/* CLOSED for NULL, which stands for what was never opened. */
gboolean arbor_view_enter (ArborView *self, ArborAccess *access, GError **error);
void arbor_view_set_not_opened_error (GError **error);

/* How the view comes about, for people: where its trees lie or what computes them, then its steps; with
 * counters, what computing took. Computes nothing. */
void arbor_view_describe (const ArborView *self, ArborSelection *selection, gboolean with_counters,
                          GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborView, arbor_view_unref)

G_END_DECLS
