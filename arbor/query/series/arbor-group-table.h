/* The group table: groups of values that are equal by the one equality, numbered in the order of
 * their first encounter. A group's key is what was met first, copied; an open hash table finds it.
 * Null and MISSING are keys as any other value. One thread at a time.
 */

#pragma once

#include "base/arbor-budget.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

typedef struct
{
  guint32 hash;  /* the upper half */
  guint32 group; /* and one; 0 is free */
} ArborGroupSlot;

typedef struct
{
  gsize n_keys; /* values of each group */
  guint32 n_groups;
  ArborValue *values; /* n_keys of each group */
  gsize values_capacity;
  guint64 *hashes; /* of each group */
  gsize hashes_capacity;
  ArborGroupSlot *slots;
  gsize n_slots;     /* a power of two, at most half full; or 0 */
  ArborScope *kept;  /* what the values point into; never reset */
  ArborCharge charge; /* of all of it */
} ArborGroupTable;

/* @operation, for messages, lives as long as the program. */
void arbor_group_table_init (ArborGroupTable *self, gsize n_keys, const char *operation);
void arbor_group_table_clear (ArborGroupTable *self);

/* The group of the @values, a new one if need be. LIMIT: none was added. @scope is what the values may
 * lie in; they are changed to what they are compared as. */
gboolean arbor_group_table_add (ArborGroupTable *self, ArborValue *values, ArborScope *scope,
                                guint32 *group, GError **error);
/* FALSE when there is none. */
gboolean arbor_group_table_find (const ArborGroupTable *self, ArborValue *values, ArborScope *scope,
                                 guint32 *group);

static inline const ArborValue *
arbor_group_table_get_key (const ArborGroupTable *self, guint32 group)
{
  return self->values + (gsize)group * self->n_keys;
}

G_END_DECLS
