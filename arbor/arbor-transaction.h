/* Several writes to a store, one commit. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_TRANSACTION (arbor_transaction_get_type ())

ARBOR_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ArborTransaction, arbor_transaction, ARBOR, TRANSACTION, GObject)

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

G_END_DECLS
