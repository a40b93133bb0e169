/* Who may hear of closing, and ask, but not close. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_CLOSE_OBSERVER (arbor_close_observer_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborCloseObserver, arbor_close_observer, ARBOR, CLOSE_OBSERVER, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborCloseObserver *arbor_close_observer_new (ArborCloseToken *token);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_close_observer_is_closed (ArborCloseObserver *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_close_observer_check (ArborCloseObserver *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GCancellable *arbor_close_observer_dup_cancellable (ArborCloseObserver *self);

G_END_DECLS
