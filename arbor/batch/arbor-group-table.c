/* See arbor-group-table.h. Arrays and objects are parsed from their JSON text, once, when their group
 * is made.
 */

#include "batch/arbor-group-table.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "base/arbor-stop.h"
#include "batch/arbor-value-access.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Whether to stop is looked up once in so many slots. */
#define ASK_EVERY 65536u
#define FIRST_SLOTS 64u
/* Up to here a table grows in few steps. */
#define QUICK_SLOTS 65536u
/* Slots are at most half full, and 32 bits tell them apart. */
#define MAX_GROUPS (1u << 31)
/* Rows that are looked up together: their slots are on the way while they are hashed. */
#define BLOCK 64u
/* Of any hash: two odd numbers without pattern. */
#define SEED_0 G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)
#define SEED_1 G_GUINT64_CONSTANT (0xD6E8FEB86659FD93)

void
arbor_group_table_init (ArborGroupTable *self, gsize n_keys, const char *operation)
{
  *self = (ArborGroupTable){ .n_keys = n_keys, .charge = { .operation = operation } };
}

void
arbor_group_table_clear (ArborGroupTable *self)
{
  g_clear_pointer (&self->keys, g_free);
  g_clear_pointer (&self->slots, g_free);
  g_clear_pointer (&self->numbers, g_hash_table_unref);
  g_clear_pointer (&self->tapes, arbor_scope_free);
  arbor_texts_clear (&self->texts);
  arbor_charge_release (&self->charge);
}

/* Keys of values */

/* Lists hold what JSON cannot say, MISSING: they become what would be written of them. */
static const ArborValue *
settle (const ArborValue *value, ArborScope *scope)
{
  ArborBuffer json = { 0 };
  const ArborTape *tape;
  ArborValue *settled;

  if (value->kind != ARBOR_KIND_ARRAY || value->holder_kind != ARBOR_HOLDER_LIST)
    return value;
  arbor_value_write_json (value, scope, &json);
  tape = arbor_scope_parse (scope, arbor_scope_copy (scope, (const char *)json.data, json.length),
                            json.length);
  settled = arbor_scope_alloc (scope, sizeof *settled);
  *settled = ARBOR_VALUE_NULL;
  if (tape != NULL)
    arbor_tape_get_value (tape, ARBOR_TAPE_ROOT, settled);
  arbor_buffer_free (&json);
  return settled;
}

/* The number of 64 bits that a NUMBER equals. */
static gboolean
find_equal (const ArborValue *number, ArborValue *equal)
{
  if (arbor_number_truncate (number, equal) && arbor_number_compare (number, equal) == 0)
    return TRUE;
  *equal = ARBOR_VALUE_DOUBLE (arbor_number_to_double (number));
  return isfinite (equal->real) && arbor_number_compare (number, equal) == 0;
}

/* What is OTHER lies where the value does, or in @scope. */
static inline void
set_key (ArborGroupKey *key, const ArborValue *value, ArborScope *scope)
{
  ArborValue equal;

  if (G_LIKELY (value->kind < ARBOR_KIND_ARRAY && value->kind != ARBOR_KIND_NUMBER))
    {
      arbor_group_key_set_scalar (key, value);
    }
  else if (value->kind == ARBOR_KIND_NUMBER && find_equal (value, &equal))
    {
      arbor_group_key_set_scalar (key, &equal);
      key->bytes[ARBOR_GROUP_KEY_ORIGIN] = ARBOR_GROUP_KEY_AS_NUMBER;
    }
  else
    {
      value = settle (value, scope);
      if (value->kind == ARBOR_KIND_NULL)
        {
          arbor_group_key_set_scalar (key, value);
          return;
        }
      arbor_group_key_set_word (key, 0, ARBOR_GROUP_KEY_OTHER, ARBOR_GROUP_KEY_AS_CLASS);
      key->value = value;
    }
}

void
arbor_group_table_get_value (const ArborGroupTable *self, guint32 group, gsize i, ArborValue *value)
{
  gsize at = (gsize)group * self->n_keys + i;
  const ArborGroupKey *key = &self->keys[at];

  *value = ARBOR_VALUE_MISSING;
  switch ((ArborGroupKeyClass)arbor_group_key_get_class (key))
    {
    case ARBOR_GROUP_KEY_MISSING:
      return;
    case ARBOR_GROUP_KEY_NULL:
      value->kind = ARBOR_KIND_NULL;
      return;
    case ARBOR_GROUP_KEY_BOOL:
      *value = ARBOR_VALUE_BOOL (key->words[0] != 0);
      return;
    case ARBOR_GROUP_KEY_SHORT:
      *value =
          ARBOR_VALUE_STRING ((const char *)key->bytes, key->bytes[ARBOR_GROUP_KEY_LENGTH]);
      return;
    case ARBOR_GROUP_KEY_LONG:
      *value = ARBOR_VALUE_STRING (key->text, arbor_group_key_get_long_length (key));
      return;
    case ARBOR_GROUP_KEY_OTHER:
      *value = *key->value;
      return;
    case ARBOR_GROUP_KEY_INTEGER:
      *value = ARBOR_VALUE_INT64 ((gint64)key->words[0]);
      break;
    case ARBOR_GROUP_KEY_UNSIGNED:
      *value = ARBOR_VALUE_UINT64 (key->words[0]);
      break;
    case ARBOR_GROUP_KEY_REAL:
      value->kind = ARBOR_KIND_DOUBLE;
      value->uint64 = key->words[0];
      break;
    }
  switch ((ArborGroupKeyOrigin)key->bytes[ARBOR_GROUP_KEY_ORIGIN])
    {
    case ARBOR_GROUP_KEY_AS_CLASS:
      break;
    case ARBOR_GROUP_KEY_AS_UINT64:
      value->kind = ARBOR_KIND_UINT64;
      break;
    case ARBOR_GROUP_KEY_AS_DOUBLE:
      *value = ARBOR_VALUE_DOUBLE (value->kind == ARBOR_KIND_UINT64 ? (double)value->uint64
                                                                    : (double)value->int64);
      break;
    case ARBOR_GROUP_KEY_AS_NEGATIVE_ZERO:
      *value = ARBOR_VALUE_DOUBLE (-0.0);
      break;
    case ARBOR_GROUP_KEY_AS_NUMBER:
      *value = *(const ArborValue *)g_hash_table_lookup (self->numbers, GSIZE_TO_POINTER (at));
      break;
    }
}

/* Hashing and comparing */

static inline guint64
fold (guint64 a, guint64 b)
{
  unsigned __int128 product = (unsigned __int128)a * b;

  return (guint64)product ^ (guint64)(product >> 64);
}

static inline guint32
hash_keys (const ArborGroupKey *keys, gsize n, ArborScope *scope)
{
  guint64 hash = SEED_0;

  for (gsize i = 0; i < n; i++)
    {
      const ArborGroupKey *key = &keys[i];
      guint64 word = key->words[0];

      if (arbor_group_key_get_class (key) == ARBOR_GROUP_KEY_LONG)
        word = XXH3_64bits (key->text, arbor_group_key_get_long_length (key));
      else if (arbor_group_key_get_class (key) == ARBOR_GROUP_KEY_OTHER)
        word = arbor_value_hash (key->value, scope);
      hash = fold (word ^ hash, (key->words[1] & ARBOR_GROUP_KEY_MASK) ^ SEED_1);
    }
  return (guint32)(hash >> 32);
}

void
arbor_group_table_hash_keys (gsize n_keys, const ArborGroupKey *keys, guint32 n, guint32 *hashes)
{
  for (guint32 i = 0; i < n; i++)
    hashes[i] = hash_keys (keys + i * n_keys, n_keys, NULL);
}

/* What two words do not say. */
static gboolean
equals_beyond (const ArborGroupKey *a, const ArborGroupKey *b, ArborScope *scope)
{
  if (arbor_group_key_get_class (a) == ARBOR_GROUP_KEY_LONG)
    return memcmp (a->text, b->text, arbor_group_key_get_long_length (a)) == 0;
  return arbor_group_key_get_class (a) == ARBOR_GROUP_KEY_OTHER &&
         arbor_value_equal (a->value, b->value, scope);
}

static inline gboolean
equals (const ArborGroupTable *self, guint32 group, const ArborGroupKey *keys, ArborScope *scope)
{
  const ArborGroupKey *of_group = self->keys + (gsize)group * self->n_keys;

  for (gsize i = 0; i < self->n_keys; i++)
    if (((of_group[i].words[1] ^ keys[i].words[1]) & ARBOR_GROUP_KEY_MASK) != 0 ||
        (of_group[i].words[0] != keys[i].words[0] && !equals_beyond (&of_group[i], &keys[i], scope)))
      return FALSE;
  return TRUE;
}

/* Slots */

static inline gsize
get_home (gsize n_slots, guint32 hash)
{
  return (guint64)hash * n_slots >> 32;
}

/* The slot of the group, or the free one where it belongs. */
static inline ArborGroupSlot *
find_slot (const ArborGroupTable *self, guint32 hash, const ArborGroupKey *keys, ArborScope *scope)
{
  gsize at = get_home (self->n_slots, hash);

  while (self->slots[at].group != 0 &&
         (self->slots[at].hash != hash || !equals (self, self->slots[at].group - 1, keys, scope)))
    at = (at + 1) & (self->n_slots - 1);
  return &self->slots[at];
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
    n_slots *= n_slots < QUICK_SLOTS ? 4 : 2;
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

void
arbor_group_table_expect (ArborGroupTable *self, guint64 n)
{
  if (n > self->n_slots / 2 && n <= MAX_GROUPS)
    grow_slots (self, n, NULL);
  /* All trees are one group of no keys. */
  if (self->n_keys > 0 && n < G_MAXSIZE / self->n_keys / sizeof (ArborGroupKey))
    arbor_charge_grow (&self->charge, &self->keys, &self->keys_capacity, n * self->n_keys,
                       sizeof (ArborGroupKey), NULL);
}

guint64
arbor_group_table_estimate (const ArborGroupTable *self, guint32 n_seen, guint64 n_rows)
{
  double n = n_seen, n_twice = n - self->n_groups;
  double n_all = n_twice > 0 ? n * n / (2 * n_twice) : 0;

  if (self->n_groups < n / 2)
    return self->n_groups;
  return n_all > 0 ? (guint64)(n_all * -expm1 (-(double)n_rows / n_all)) : n_rows;
}

/* Keeping */

/* A copy of the value in tapes, without what it points to. */
static ArborValue *
keep_value (ArborGroupTable *self, const ArborValue *value, GError **error)
{
  ArborValue *kept;

  if (!arbor_charge_add (&self->charge, sizeof *kept, error))
    return NULL;
  if (self->tapes == NULL)
    self->tapes = arbor_scope_new ();
  kept = arbor_scope_alloc (self->tapes, sizeof *kept);
  *kept = *value;
  return kept;
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

/* The value and what it points to. */
static ArborValue *
keep_other (ArborGroupTable *self, const ArborValue *value, ArborScope *scope, GError **error)
{
  ArborValue *kept = keep_value (self, value, error);
  gboolean is_good = kept != NULL;

  if (is_good && !self->borrows)
    is_good = value->kind >= ARBOR_KIND_ARRAY
                  ? keep_container (self, kept, scope, error)
                  : arbor_texts_copy (&self->texts, kept->text, kept->length, &self->charge,
                                      &kept->text, error);
  return is_good ? kept : NULL;
}

/* Beside key @at, which says no more than what it equals. */
static gboolean
keep_number (ArborGroupTable *self, gsize at, const ArborValue *value, GError **error)
{
  ArborValue *kept = keep_other (self, value, NULL, error);

  if (kept == NULL)
    return FALSE;
  if (self->numbers == NULL)
    self->numbers = g_hash_table_new (NULL, NULL);
  g_hash_table_replace (self->numbers, GSIZE_TO_POINTER (at), kept);
  return TRUE;
}

/* @value: where the key came from; or NULL. */
static inline gboolean
keep (ArborGroupTable *self, gsize at, const ArborValue *value, ArborScope *scope, GError **error)
{
  ArborGroupKey *key = &self->keys[at];

  if (arbor_group_key_get_class (key) == ARBOR_GROUP_KEY_LONG && !self->borrows)
    return arbor_texts_copy (&self->texts, key->text, arbor_group_key_get_long_length (key),
                             &self->charge, &key->text, error);
  if (arbor_group_key_get_class (key) == ARBOR_GROUP_KEY_OTHER)
    return (key->value = keep_other (self, key->value, scope, error)) != NULL;
  return key->bytes[ARBOR_GROUP_KEY_ORIGIN] != ARBOR_GROUP_KEY_AS_NUMBER ||
         keep_number (self, at, value, error);
}

static gboolean
add_group (ArborGroupTable *self, const ArborGroupKey *keys, const ArborValue *values,
           ArborScope *scope, GError **error)
{
  gsize first = (gsize)self->n_groups * self->n_keys;

  if (self->n_groups == MAX_GROUPS)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT, _("There can be at most %u groups"),
                   MAX_GROUPS);
      return FALSE;
    }
  if (first + self->n_keys > self->keys_capacity &&
      !arbor_charge_grow (&self->charge, &self->keys, &self->keys_capacity, first + self->n_keys,
                          sizeof (ArborGroupKey), error))
    return FALSE;
  for (gsize i = 0; i < self->n_keys; i++)
    {
      self->keys[first + i] = keys[i];
      if (!keep (self, first + i, values != NULL ? &values[i] : NULL, scope, error))
        return FALSE;
    }
  self->n_groups++;
  return TRUE;
}

/* Many rows */

/* Hashes some rows, and fetches their slots, and then the keys that they most likely have. */
static void
hash_block (const ArborGroupTable *self, const ArborGroupKey *keys, guint32 n, ArborScope *scope,
            guint32 *hashes)
{
  for (guint32 i = 0; i < n; i++)
    {
      hashes[i] = hash_keys (keys + i * self->n_keys, self->n_keys, scope);
      __builtin_prefetch (&self->slots[get_home (self->n_slots, hashes[i])], 1);
    }
  for (guint32 i = 0; i < n; i++)
    {
      const ArborGroupSlot *slot = &self->slots[get_home (self->n_slots, hashes[i])];

      if (slot->group != 0 && slot->hash == hashes[i])
        __builtin_prefetch (self->keys + (gsize)(slot->group - 1) * self->n_keys);
    }
}

/* Up to BLOCK rows; @values: what the keys came from, or NULL. */
static gboolean
add_block (ArborGroupTable *self, const ArborGroupKey *keys, const ArborValue *values, guint32 n,
           ArborScope *scope, guint32 *groups, GError **error)
{
  guint32 hashes[BLOCK];

  if (self->n_groups + (gsize)n > self->n_slots / 2 &&
      !grow_slots (self, self->n_groups + (gsize)n, error))
    return FALSE;
  hash_block (self, keys, n, scope, hashes);
  for (guint32 i = 0; i < n; i++)
    {
      const ArborGroupKey *row = keys + i * self->n_keys;
      ArborGroupSlot *slot = find_slot (self, hashes[i], row, scope);

      if (slot->group == 0)
        {
          if (!add_group (self, row, values != NULL ? values + i * self->n_keys : NULL, scope,
                          error))
            return FALSE;
          *slot = (ArborGroupSlot){ hashes[i], self->n_groups };
        }
      groups[i] = slot->group - 1;
    }
  return TRUE;
}

static void
find_block (const ArborGroupTable *self, const ArborGroupKey *keys, guint32 n, ArborScope *scope,
            guint32 *groups)
{
  guint32 hashes[BLOCK];

  if (self->n_slots == 0)
    {
      memset (groups, 0xFF, n * sizeof *groups);
      return;
    }
  hash_block (self, keys, n, scope, hashes);
  for (guint32 i = 0; i < n; i++)
    groups[i] = find_slot (self, hashes[i], keys + i * self->n_keys, scope)->group - 1;
}

/* The next rows, as many as a block has; how many. */
static guint32
set_keys (const ArborGroupTable *self, const ArborValue *values, guint32 n, ArborScope *scope,
          ArborGroupKey *keys)
{
  guint32 n_block = MIN (n, BLOCK);

  for (gsize i = 0; i < n_block * self->n_keys; i++)
    set_key (&keys[i], &values[i], scope);
  return n_block;
}

gboolean
arbor_group_table_add_keys (ArborGroupTable *self, const ArborGroupKey *keys, guint32 n,
                            guint32 *groups, GError **error)
{
  for (guint32 done = 0; done < n; done += BLOCK)
    if (!add_block (self, keys + done * self->n_keys, NULL, MIN (n - done, BLOCK), NULL,
                    groups + done, error))
      return FALSE;
  return TRUE;
}

void
arbor_group_table_find_keys (const ArborGroupTable *self, const ArborGroupKey *keys, guint32 n,
                             guint32 *groups)
{
  for (guint32 done = 0; done < n; done += BLOCK)
    find_block (self, keys + done * self->n_keys, MIN (n - done, BLOCK), NULL, groups + done);
}

gboolean
arbor_group_table_add_rows (ArborGroupTable *self, const ArborValue *values, guint32 n,
                            ArborScope *scope, guint32 *groups, GError **error)
{
  ArborScopeMark mark = arbor_scope_mark (scope);
  ArborGroupKey *keys = arbor_scope_alloc (scope, MIN (n, BLOCK) * self->n_keys * sizeof *keys);
  gboolean is_good = TRUE;
  guint32 n_block;

  for (guint32 done = 0; is_good && done < n; done += n_block, values += n_block * self->n_keys)
    {
      n_block = set_keys (self, values, n - done, scope, keys);
      is_good = add_block (self, keys, values, n_block, scope, groups + done, error);
    }
  arbor_scope_release (scope, mark);
  return is_good;
}

void
arbor_group_table_find_rows (const ArborGroupTable *self, const ArborValue *values, guint32 n,
                             ArborScope *scope, guint32 *groups)
{
  ArborScopeMark mark = arbor_scope_mark (scope);
  ArborGroupKey *keys = arbor_scope_alloc (scope, MIN (n, BLOCK) * self->n_keys * sizeof *keys);
  guint32 n_block;

  for (guint32 done = 0; done < n; done += n_block, values += n_block * self->n_keys)
    {
      n_block = set_keys (self, values, n - done, scope, keys);
      find_block (self, keys, n_block, scope, groups + done);
    }
  arbor_scope_release (scope, mark);
}

gboolean
arbor_group_table_add (ArborGroupTable *self, const ArborValue *values, ArborScope *scope,
                       guint32 *group, GError **error)
{
  return arbor_group_table_add_rows (self, values, 1, scope, group, error);
}

gboolean
arbor_group_table_find (const ArborGroupTable *self, const ArborValue *values, ArborScope *scope,
                        guint32 *group)
{
  arbor_group_table_find_rows (self, values, 1, scope, group);
  return *group != ARBOR_NO_GROUP;
}
