/* See arbor-group-table.h. Arrays and objects are parsed from their JSON text, once, when their group
 * is made.
 */

#include "batch/arbor-group-table.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "batch/arbor-value-access.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Whether to stop is looked up once in so many slots. */
#define ASK_EVERY 65536u
#define FIRST_SLOTS 64u
/* Slots are at most half full, and 32 bits tell them apart. */
#define MAX_GROUPS (1u << 31)
/* Rows that are looked up together: their slots are on the way while they are hashed. */
#define BLOCK 32u
#define GOLDEN G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)

void
arbor_group_table_init (ArborGroupTable *self, gsize n_keys, const char *operation)
{
  *self = (ArborGroupTable){ .n_keys = n_keys, .charge = { .operation = operation } };
}

void
arbor_group_table_clear (ArborGroupTable *self)
{
  g_clear_pointer (&self->values, g_free);
  g_clear_pointer (&self->slots, g_free);
  g_clear_pointer (&self->tapes, arbor_scope_free);
  arbor_texts_clear (&self->texts);
  arbor_charge_release (&self->charge);
}

/* Lists hold what JSON cannot say, MISSING: they become what would be written of them. */
static void
settle (ArborValue *value, ArborScope *scope)
{
  ArborBuffer json = { 0 };
  const ArborTape *tape;

  if (value->kind != ARBOR_KIND_ARRAY || value->holder_kind != ARBOR_HOLDER_LIST)
    return;
  arbor_value_write_json (value, scope, &json);
  tape = arbor_scope_parse (scope, arbor_scope_copy (scope, (const char *)json.data, json.length),
                            json.length);
  *value = ARBOR_VALUE_NULL;
  if (tape != NULL)
    arbor_tape_get_value (tape, ARBOR_TAPE_ROOT, value);
  arbor_buffer_free (&json);
}

/* That of arbor_value_hash, for texts without a call. */
static inline guint64
hash_value (ArborValue *value, ArborScope *scope)
{
  if (value->kind == ARBOR_KIND_STRING)
    return XXH3_64bits (value->text, value->length);
  settle (value, scope);
  return arbor_value_hash (value, scope);
}

static inline guint32
hash_values (ArborValue *values, gsize n, ArborScope *scope)
{
  guint64 hash = n;

  for (gsize i = 0; i < n; i++)
    {
      hash = (hash ^ hash_value (&values[i], scope)) * GOLDEN;
      hash ^= hash >> 32;
    }
  return (guint32)(hash * GOLDEN >> 32);
}

static inline gboolean
equals (const ArborGroupTable *self, guint32 group, const ArborValue *values, ArborScope *scope)
{
  const ArborValue *key = arbor_group_table_get_key (self, group);

  for (gsize i = 0; i < self->n_keys; i++)
    {
      if (key[i].kind == ARBOR_KIND_STRING && values[i].kind == ARBOR_KIND_STRING)
        {
          if (key[i].length != values[i].length ||
              memcmp (key[i].text, values[i].text, key[i].length) != 0)
            return FALSE;
        }
      else if (key[i].kind == ARBOR_KIND_INT64 && values[i].kind == ARBOR_KIND_INT64)
        {
          if (key[i].int64 != values[i].int64)
            return FALSE;
        }
      else if (!arbor_value_equal (&key[i], &values[i], scope))
        {
          return FALSE;
        }
    }
  return TRUE;
}

static inline gsize
get_home (gsize n_slots, guint32 hash)
{
  return (guint64)hash * n_slots >> 32;
}

/* The slot of the group, or the free one where it belongs. */
static inline ArborGroupSlot *
find_slot (const ArborGroupTable *self, guint32 hash, const ArborValue *values, ArborScope *scope)
{
  gsize at = get_home (self->n_slots, hash);

  while (self->slots[at].group != 0 &&
         (self->slots[at].hash != hash ||
          !equals (self, self->slots[at].group - 1, values, scope)))
    at = (at + 1) & (self->n_slots - 1);
  return &self->slots[at];
}

gboolean
arbor_group_table_find (const ArborGroupTable *self, ArborValue *values, ArborScope *scope,
                        guint32 *group)
{
  arbor_group_table_find_rows (self, values, 1, scope, group);
  return *group != ARBOR_NO_GROUP;
}

static void
move_slots (const ArborGroupTable *self, gsize from, gsize to, ArborGroupSlot *slots, gsize n_slots)
{
  for (gsize i = from; i < to; i++)
    {
      gsize at = get_home (n_slots, self->slots[i].hash);

      if (self->slots[i].group == 0)
        continue;
      while (slots[at].group != 0)
        at = (at + 1) & (n_slots - 1);
      slots[at] = self->slots[i];
    }
}

/* Room for @n groups in all. */
static gboolean
grow_slots (ArborGroupTable *self, gsize n, GError **error)
{
  gsize n_slots = MAX (self->n_slots, FIRST_SLOTS);
  ArborGroupSlot *slots;

  while (n_slots / 2 < n)
    n_slots *= 2;
  slots = arbor_charge_alloc (&self->charge, n_slots, sizeof (ArborGroupSlot), error);
  if (slots == NULL)
    return FALSE;
  memset (slots, 0, n_slots * sizeof (ArborGroupSlot));
  for (gsize from = 0; from < self->n_slots; from += ASK_EVERY)
    {
      if (!arbor_stop_check (NULL, error))
        {
          arbor_charge_subtract (&self->charge, n_slots * sizeof (ArborGroupSlot));
          g_free (slots);
          return FALSE;
        }
      move_slots (self, from, MIN (from + ASK_EVERY, self->n_slots), slots, n_slots);
    }
  arbor_charge_subtract (&self->charge, self->n_slots * sizeof (ArborGroupSlot));
  g_free (self->slots);
  self->slots = slots;
  self->n_slots = n_slots;
  return TRUE;
}

static gboolean
keep_container (ArborGroupTable *self, ArborValue *value, ArborScope *scope, GError **error)
{
  ArborBuffer json = { 0 };
  const ArborTape *tape = NULL;
  const char *text;

  arbor_value_write_json (value, scope, &json);
  if (arbor_charge_add (&self->charge, (guint64)json.length * ARBOR_TAPE_FACTOR, error))
    {
      if (self->tapes == NULL)
        self->tapes = arbor_scope_new ();
      text = arbor_scope_copy (self->tapes, (const char *)json.data, json.length);
      tape = arbor_scope_parse (self->tapes, text, json.length);
      if (tape != NULL)
        arbor_tape_get_value (tape, ARBOR_TAPE_ROOT, value);
      else
        arbor_scope_check (self->tapes, error);
    }
  arbor_buffer_free (&json);
  return tape != NULL;
}

static inline gboolean
keep (ArborGroupTable *self, ArborValue *value, ArborScope *scope, GError **error)
{
  if (self->borrows)
    return TRUE;
  if (value->kind == ARBOR_KIND_STRING || value->kind == ARBOR_KIND_NUMBER)
    return arbor_texts_copy (&self->texts, value->text, value->length, &self->charge, &value->text,
                             error);
  return value->kind < ARBOR_KIND_ARRAY || keep_container (self, value, scope, error);
}

static gboolean
add_group (ArborGroupTable *self, const ArborValue *values, ArborScope *scope, GError **error)
{
  gsize n_values = (gsize)self->n_groups * self->n_keys;
  ArborValue *key;

  if (self->n_groups == MAX_GROUPS)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT, _("There can be at most %u groups"),
                   MAX_GROUPS);
      return FALSE;
    }
  if (n_values + self->n_keys > self->values_capacity &&
      !arbor_charge_grow (&self->charge, &self->values, &self->values_capacity,
                          n_values + self->n_keys, sizeof (ArborValue), error))
    return FALSE;
  key = self->values + n_values;
  for (gsize i = 0; i < self->n_keys; i++)
    {
      key[i] = values[i];
      if (!keep (self, &key[i], scope, error))
        return FALSE;
    }
  self->n_groups++;
  return TRUE;
}

/* Fetches the slots of some rows, and then the keys that they most likely have. */
static void
fetch (const ArborGroupTable *self, const guint32 *hashes, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    __builtin_prefetch (&self->slots[get_home (self->n_slots, hashes[i])], 1);
  for (guint32 i = 0; i < n; i++)
    {
      const ArborGroupSlot *slot = &self->slots[get_home (self->n_slots, hashes[i])];

      if (slot->group != 0 && slot->hash == hashes[i])
        __builtin_prefetch (arbor_group_table_get_key (self, slot->group - 1));
    }
}

static guint32
hash_block (const ArborGroupTable *self, ArborValue *values, guint32 n, ArborScope *scope,
            guint32 *hashes)
{
  guint32 n_block = MIN (n, BLOCK);

  for (guint32 i = 0; i < n_block; i++)
    hashes[i] = hash_values (values + i * self->n_keys, self->n_keys, scope);
  return n_block;
}

gboolean
arbor_group_table_add_rows (ArborGroupTable *self, ArborValue *values, guint32 n, ArborScope *scope,
                            guint32 *groups, GError **error)
{
  guint32 hashes[BLOCK];
  guint32 n_block;

  for (guint32 done = 0; done < n; done += n_block, values += n_block * self->n_keys)
    {
      n_block = hash_block (self, values, n - done, scope, hashes);
      if (self->n_groups + (gsize)n_block > self->n_slots / 2 &&
          !grow_slots (self, self->n_groups + (gsize)n_block, error))
        return FALSE;
      fetch (self, hashes, n_block);
      for (guint32 i = 0; i < n_block; i++)
        {
          const ArborValue *row = values + i * self->n_keys;
          ArborGroupSlot *slot = find_slot (self, hashes[i], row, scope);

          if (slot->group == 0)
            {
              if (!add_group (self, row, scope, error))
                return FALSE;
              *slot = (ArborGroupSlot){ hashes[i], self->n_groups };
            }
          groups[done + i] = slot->group - 1;
        }
    }
  return TRUE;
}

gboolean
arbor_group_table_add (ArborGroupTable *self, ArborValue *values, ArborScope *scope, guint32 *group,
                       GError **error)
{
  return arbor_group_table_add_rows (self, values, 1, scope, group, error);
}

void
arbor_group_table_find_rows (const ArborGroupTable *self, ArborValue *values, guint32 n,
                             ArborScope *scope, guint32 *groups)
{
  guint32 hashes[BLOCK];
  guint32 n_block;

  for (guint32 done = 0; done < n; done += n_block, values += n_block * self->n_keys)
    {
      n_block = hash_block (self, values, n - done, scope, hashes);
      if (self->n_slots > 0)
        fetch (self, hashes, n_block);
      for (guint32 i = 0; i < n_block; i++)
        groups[done + i] =
            self->n_slots > 0
                ? find_slot (self, hashes[i], values + i * self->n_keys, scope)->group - 1
                : ARBOR_NO_GROUP;
    }
}
