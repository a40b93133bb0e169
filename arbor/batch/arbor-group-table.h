/* The group table: groups of values that are equal by the one equality, numbered in the order of
 * their first encounter. A group's key is what was met first, copied; null and MISSING are keys as any
 * other value. It is the one hash table of whatever tells many values apart: groups, indexes, unique
 * trees, counts of values. One thread at a time.
 *
 * Values are looked up as keys of two words (arbor-group-key.h), of which those of a group lie side by
 * side. An open table of slots finds a key. A slot has 32 bits of the key's hash, and lies where the upper
 * ones of them say: so the slots are in the order of hashes, and growing reads and writes from one end
 * to the other. Many rows are looked up in blocks, whose slots are fetched together.
 */

#pragma once

#include "base/arbor-texts.h"
#include "batch/arbor-group-key.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

typedef struct
{
  guint32 hash;
  guint32 group; /* and one; 0 is free */
} ArborGroupSlot;

typedef struct
{
  gsize n_keys; /* values of each group */
  guint32 n_groups;
  ArborGroupKey *keys; /* n_keys of each group */
  gsize keys_capacity;
  ArborGroupSlot *slots;
  gsize n_slots; /* a power of two, at most half full; or 0 */
  gboolean borrows; /* texts outlive the table: they are not copied */
  ArborTexts texts;
  ArborScope *tapes; /* of OTHER keys, never reset; NULL before the first */
  GHashTable *numbers; /* by the place of a key that came as a NUMBER: its ArborValue, in tapes; or NULL */
  ArborCharge charge; /* of all of it */
} ArborGroupTable;

/* @operation, for messages, lives as long as the program; NULL: charged to nobody. */
void arbor_group_table_init (ArborGroupTable *self, gsize n_keys, const char *operation);
void arbor_group_table_clear (ArborGroupTable *self);

/* Makes room for so many groups in all, that nothing needs to grow; or none, where that takes too much. */
void arbor_group_table_expect (ArborGroupTable *self, guint64 n);
/* How many groups @n_rows rows will have when the first @n_seen of them have those of @self, as far as chance
 * tells: what was met twice says how many there are to be met. */
guint64 arbor_group_table_estimate (const ArborGroupTable *self, guint32 n_seen, guint64 n_rows);

/* The group of the @values, a new one if need be. LIMIT: none was added. @scope is what the values may
 * lie in. */
gboolean arbor_group_table_add (ArborGroupTable *self, const ArborValue *values, ArborScope *scope,
                                guint32 *group, GError **error);
/* The groups of @n rows, whose values lie one row after the other. After an error those of the first
 * rows may have been added. */
gboolean arbor_group_table_add_rows (ArborGroupTable *self, const ArborValue *values, guint32 n,
                                     ArborScope *scope, guint32 *groups, GError **error);
/* The same for keys that were made of values already: none is OTHER, or came as a NUMBER. */
gboolean arbor_group_table_add_keys (ArborGroupTable *self, const ArborGroupKey *keys, guint32 n,
                                     guint32 *groups, GError **error);
/* What rows of keys hash to; none is OTHER. */
void arbor_group_table_hash_keys (gsize n_keys, const ArborGroupKey *keys, guint32 n,
                                  guint32 *hashes);
/* FALSE when there is none. */
gboolean arbor_group_table_find (const ArborGroupTable *self, const ArborValue *values,
                                 ArborScope *scope, guint32 *group);
/* ARBOR_NO_GROUP for rows without one. */
void arbor_group_table_find_rows (const ArborGroupTable *self, const ArborValue *values, guint32 n,
                                  ArborScope *scope, guint32 *groups);
void arbor_group_table_find_keys (const ArborGroupTable *self, const ArborGroupKey *keys, guint32 n,
                                  guint32 *groups);

#define ARBOR_NO_GROUP G_MAXUINT32

/* Whether its keys may be added to other tables. */
static inline gboolean
arbor_group_table_is_plain (const ArborGroupTable *self)
{
  return self->tapes == NULL;
}

/* Value @i of the group, as it was met first. Its text is there until more is added. */
void arbor_group_table_get_value (const ArborGroupTable *self, guint32 group, gsize i,
                                  ArborValue *value);

G_END_DECLS
