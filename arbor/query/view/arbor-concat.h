/* Concatenation: the trees of several views, one after the other, as one derived source. Views that
 * are whole sources are taken over batch by batch, uncopied; the trees of the others are copied. A
 * concatenation among the parts gives way to its own parts, so chains stay flat.
 */

#pragma once

#include "query/view/arbor-derived.h"
#include "query/view/arbor-view.h"

G_BEGIN_DECLS

ArborSource *arbor_concat_new (ArborView *const *views, gsize n_views, ArborGate *gate,
                               GError **error);

G_END_DECLS
