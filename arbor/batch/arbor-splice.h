/* Splicing: rows of a few batches, in pieces that follow each other in each, become a batch in memory for
 * those who read, column by column and only the columns that are wanted. Of most columns one batch has nearly
 * all values, so what is copied are long pieces of its lanes. Numbers may be wider than they need to be,
 * and dictionaries have entries that no tree uses; statistics are exact. The batch has no digest: it is
 * not for a store, to which gathered ones go (arbor-gather.h).
 */

#pragma once

#include "batch/arbor-batch.h"
#include "batch/arbor-mend.h"
#include "batch/arbor-wanted.h"

G_BEGIN_DECLS

/* The trees of @parts, of which there are some and which lie in the @n_batches; of trees that are objects the
 * fields that are @wanted (NULL: all). NULL: something of them is damaged, or in any other way not as this wants
 * it: then it is to be gathered. */
GBytes *arbor_splice (const ArborBatch *const *batches, guint n_batches, const ArborMendPart *parts,
                      guint32 n_parts, const ArborWanted *wanted);

G_END_DECLS
