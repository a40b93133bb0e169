/* Whether two values are the same to the letter: kinds, key order and the text of numbers included,
 * which equality does not look at (1 equals 1.0). What is the same need not be written again.
 */

#pragma once

#include "batch/arbor-value-access.h"

G_BEGIN_DECLS

typedef struct _ArborSame ArborSame; /* reused memory; one thread at a time */

ArborSame *arbor_same_new (void);
void arbor_same_free (ArborSame *self);
gboolean arbor_same_is (ArborSame *self, const ArborValue *a, const ArborValue *b,
                        ArborScope *scope);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSame, arbor_same_free)

G_END_DECLS
