/* The close token: one latch, shared by everything that derives from an opened store. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_CLOSE_TOKEN (arbor_close_token_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborCloseToken, arbor_close_token, ARBOR, CLOSE_TOKEN, GObject)

/**
 * ArborClosedFunc:
 * @token: the token that was closed
 * @user_data: what was given with the function
 *
 * Called once when a token is closed: see [method@Arbor.CloseToken.add_closed_func].
 *
 * Since: 1.0
 */
typedef void (*ArborClosedFunc) (ArborCloseToken *token, gpointer user_data);

ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_close_token_new (void);
ARBOR_AVAILABLE_IN_1_0
void arbor_close_token_close (ArborCloseToken *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_close_token_is_closed (ArborCloseToken *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_close_token_check (ArborCloseToken *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint arbor_close_token_add_closed_func (ArborCloseToken *self, ArborClosedFunc func,
                                         gpointer user_data, GDestroyNotify destroy);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_close_token_remove_closed_func (ArborCloseToken *self, guint id);
ARBOR_AVAILABLE_IN_1_0
GCancellable *arbor_close_token_dup_cancellable (ArborCloseToken *self);

G_END_DECLS
