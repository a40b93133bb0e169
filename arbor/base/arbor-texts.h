/* Texts that are kept until all of them are dropped: bytes in chunks that grow, charged to the query
 * memory, one text behind the other. One thread at a time.
 */

#pragma once

#include "base/arbor-budget.h"

G_BEGIN_DECLS

/* All zero: none. */
typedef struct
{
  GPtrArray *chunks;
  gsize used, size; /* of the last one */
  gsize n_bytes;    /* of all, as charged */
} ArborTexts;

/* *@copy: @length bytes, not terminated, never NULL. LIMIT: nothing was kept. */
gboolean arbor_texts_copy (ArborTexts *self, gconstpointer bytes, gsize length, ArborCharge *charge,
                           const char **copy, GError **error);
/* Takes over those of @other, and their bytes from one charge to the other; LIMIT: it took none. */
gboolean arbor_texts_take (ArborTexts *self, ArborTexts *other, ArborCharge *charge,
                           ArborCharge *other_charge, GError **error);
/* The charge is the owner's to release. */
void arbor_texts_clear (ArborTexts *self);

G_END_DECLS
