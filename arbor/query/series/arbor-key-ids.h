/* Small numbers that stand for the keys of rows, batch by batch: rows with one number have equal
 * keys, so what is done for a key (finding its group, asking whether it was seen) is done once for
 * a number. Rows with different numbers may have equal keys, too: 1 and 1.0.
 *
 *   0        null
 *   1        MISSING
 *   2 ...    of each lane in turn: an integer's distance from a base, a code of a dictionary, or
 *            the numbers in which its values are met
 *
 * Several keys are one number after the other, as digits. Each number has a tag, which belongs to
 * the caller; tags are kept from batch to batch as long as numbers mean the same. One thread.
 */

#pragma once

#include "query/series/arbor-series-reader.h"

G_BEGIN_DECLS

#define ARBOR_KEY_MAX_IDS 65536u
#define ARBOR_NO_TAG      G_MAXUINT32

typedef struct _ArborKeyIds ArborKeyIds;

typedef struct
{
  const guint16 *ids; /* of each row */
  guint32 n_ids;
  guint32 *tags; /* of each id; ARBOR_NO_TAG at first */
} ArborIds;

ArborKeyIds *arbor_key_ids_new (ArborNode *const *keys, gsize n);
void arbor_key_ids_free (ArborKeyIds *self);

/* Before anything else, and before a new access: no tag is known any more. */
void arbor_key_ids_forget (ArborKeyIds *self);

/* Before batches go away: what numbers mean is known as well in the next ones. */
void arbor_key_ids_leave_batches (ArborKeyIds *self);

/* FALSE: these rows have none. */
gboolean arbor_key_ids_find (ArborKeyIds *self, const ArborRows *rows, ArborScope *scope,
                             ArborIds *ids);

/* Where rows have no numbers: their keys, one row after the other, in @scope; NULL where lanes do not
 * tell. */
ArborGroupKey *arbor_key_ids_get_keys (ArborKeyIds *self, const ArborRows *rows, ArborScope *scope);
/* The keys of ids without a tag, in the order in which rows have them: *@new_rows, as many as *@n, are the
 * first of each. NULL: they are to be read one by one. */
ArborGroupKey *arbor_key_ids_get_new_keys (ArborKeyIds *self, const ArborRows *rows,
                                           const ArborIds *ids, ArborScope *scope,
                                           const guint32 **new_rows, guint32 *n);

/* How many of the @n rows have each id. In @scope. */
const guint32 *arbor_ids_count (const ArborIds *self, guint32 n, ArborScope *scope);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborKeyIds, arbor_key_ids_free)

G_END_DECLS
