/* Several writes to a store, one commit. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

/**
 * ArborTransactionState:
 * @ARBOR_TRANSACTION_STATE_OPEN: what is staged can be committed
 * @ARBOR_TRANSACTION_STATE_COMMITTED: what was staged is written
 * @ARBOR_TRANSACTION_STATE_ROLLED_BACK: what was staged is forgotten
 * @ARBOR_TRANSACTION_STATE_CLOSED: the store was closed before; also of what was never begun
 *
 * How far a [class@Arbor.Transaction] is.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_TRANSACTION_STATE_OPEN = 0,
  ARBOR_TRANSACTION_STATE_COMMITTED = 1,
  ARBOR_TRANSACTION_STATE_ROLLED_BACK = 2,
  ARBOR_TRANSACTION_STATE_CLOSED = 3,
} ArborTransactionState;

#define ARBOR_TYPE_TRANSACTION (arbor_transaction_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborTransaction, arbor_transaction, ARBOR, TRANSACTION, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_transaction_get (ArborTransaction *self, const char *name, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_contains (ArborTransaction *self, const char *name, GError **error);
ARBOR_AVAILABLE_IN_1_0
char **arbor_transaction_list_names (ArborTransaction *self, GError **error);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_put (ArborTransaction *self, const char *name, ArborArbor *arbor,
                                GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_append (ArborTransaction *self, const char *name, ArborArbor *arbor,
                                   GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_replace (ArborTransaction *self, const char *name, guint64 start,
                                    guint64 n_trees, ArborArbor *arbor, GCancellable *cancellable,
                                    GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_delete (ArborTransaction *self, const char *name, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_set_keys (ArborTransaction *self, const char *name,
                                     const char *const *paths, ArborKeyFlags flags, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_rename (ArborTransaction *self, const char *name, const char *new_name,
                                   GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_expect (ArborTransaction *self, const char *name, guint64 generation,
                                   GError **error);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_commit (ArborTransaction *self, GCancellable *cancellable,
                                   GError **error);
ARBOR_AVAILABLE_IN_1_0
void arbor_transaction_rollback (ArborTransaction *self);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_has_changes (ArborTransaction *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_transaction_is_closed (ArborTransaction *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_transaction_dup_close_token (ArborTransaction *self);

ARBOR_AVAILABLE_IN_1_0
ArborStore *arbor_transaction_dup_store (ArborTransaction *self);
ARBOR_AVAILABLE_IN_1_0
ArborTransactionState arbor_transaction_get_state (ArborTransaction *self);

G_END_DECLS
