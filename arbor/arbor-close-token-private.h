/* What the other classes need of a close token: the gate that it wraps. */

#pragma once

#include "arbor-close-token.h"
#include "base/arbor-gate.h"

G_BEGIN_DECLS

/* A token whose latch is that of @gate. arbor_close_token_close closes the gate. */
ArborCloseToken *arbor_close_token_new_for_gate (ArborGate *gate);
/* Where closed-in-context is emitted, when that is not the default of the thread that made the token.
 * Before the token is shared. */
void arbor_close_token_set_context (ArborCloseToken *self, GMainContext *context);
/* A token that closes with either of two, and whose own closing closes neither: for what derives from
 * both. NULL stands for what nothing closes; the one that is left is returned as it is. */
ArborCloseToken *arbor_close_token_join (ArborCloseToken *a, ArborCloseToken *b);
/* The store whose token it is, held weakly: NULL when that is gone, of a token that no store has, of one
 * that several have, and of NULL. (transfer full) */
void arbor_close_token_set_store (ArborCloseToken *self, ArborStore *store);
ArborStore *arbor_close_token_dup_store (ArborCloseToken *self);
/* Has @teller emit @signal, which takes nothing, in the main context of the token, if somebody listens. */
void arbor_close_token_tell_in_context (ArborCloseToken *self, GObject *teller, guint signal);
ArborGate *arbor_close_token_get_gate (ArborCloseToken *self); /* (transfer none) */

G_END_DECLS
