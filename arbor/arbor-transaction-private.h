/* What the files of ArborTransaction share: arbor-transaction.c (beginning, reading, ending),
 * arbor-transaction-edit.c (staging) and arbor-transaction-commit.c.
 *
 * A transaction holds no lock, no snapshot and nothing in the file. It knows the generation that
 * each name had when it began, and has a draft of each name that it changed: what the name is to
 * have, as a list of batches in memory and of stored ones. What it reads of the store is read from
 * the store's current snapshot, after a test that the name still has the generation of the
 * beginning: so all that it ever reads is one state of the store, or it fails with a conflict.
 */

#pragma once

#include <pthread.h>

#include "arbor-store-private.h"
#include "arbor-transaction.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  guint64 generation;
} TransactionExpectation;

struct _ArborTransaction
{
  GObject parent_instance;

  ArborStore *store; /* NULL when never begun */
  guint closed_id;
  int state;       /* ArborTransactionState, atomic; changed under mutex */
  int has_changes; /* atomic; changed under mutex */

  pthread_mutex_t mutex; /* guards what follows */
  char **names;          /* of the beginning, by bytes */
  guint n_names;
  guint64 *generations;
  GHashTable *drafts;   /* char * -> ArborSource *, NULL where the name is to be deleted */
  GHashTable *was_read; /* char *: what of the beginning was looked at */
  gboolean was_listed;  /* all of it */
  GArray *expectations; /* TransactionExpectation */
};

/* Properties: arbor-transaction-properties.c. */
void arbor_transaction_install_properties (GObjectClass *klass);
void arbor_transaction_tell_state (ArborTransaction *self);

/* The queue of its asynchronous calls: that of the store, so that what is staged is staged in order. */
const char *arbor_transaction_get_queue (ArborTransaction *self);

/* One stay inside: the store's gate, then the mutex. CLOSED after the end of the transaction. */
gboolean arbor_transaction_enter (ArborTransaction *self, ArborAccess *access, GError **error);
void arbor_transaction_leave (ArborTransaction *self, ArborAccess *access, GError **error);

/* All with the mutex held. */

/* What @name had at the beginning, 0 when there was none. */
guint64 arbor_transaction_get_generation (ArborTransaction *self, const char *name);

/* What @name has, drafts included; @source is NULL when there is none. That it was read is noted.
 * CONFLICT when it was changed since the beginning. */
gboolean arbor_transaction_find (ArborTransaction *self, const char *name, ArborSource **source,
                                 GError **error);
/* FALSE and NOT_FOUND when there is none. */
gboolean arbor_transaction_find_existing (ArborTransaction *self, const char *name,
                                          ArborSource **source, GError **error);
/* Takes over @source, NULL to delete. */
void arbor_transaction_set_draft (ArborTransaction *self, const char *name, ArborSource *source);

/* Lets go of all that was staged. */
void arbor_transaction_end (ArborTransaction *self, ArborTransactionState state);

G_END_DECLS
