/* See arbor-group-table.h. Texts of keys lie in a scope that is never reset; arrays and objects are
 * parsed there from their JSON text, once, when their group is made.
 */

#include "query/series/arbor-group-table.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "batch/arbor-value-access.h"

/* Whether to stop is looked up once in so many groups. */
#define ASK_EVERY 16384u
#define FIRST_SLOTS 64u
/* What a scope needs for a text besides its bytes, and for the tape of a text for each byte of it. */
#define TEXT_OVERHEAD 16u
#define TAPE_FACTOR   10u

void
arbor_group_table_init (ArborGroupTable *self, gsize n_keys, const char *operation)
{
  *self = (ArborGroupTable){ .n_keys = n_keys, .charge = { .operation = operation } };
  self->kept = arbor_scope_new ();
}

void
arbor_group_table_clear (ArborGroupTable *self)
{
  g_clear_pointer (&self->values, g_free);
  g_clear_pointer (&self->hashes, g_free);
  g_clear_pointer (&self->slots, g_free);
  g_clear_pointer (&self->kept, arbor_scope_free);
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

static guint64
hash_values (ArborValue *values, gsize n, ArborScope *scope)
{
  guint64 hash = n;

  for (gsize i = 0; i < n; i++)
    {
      settle (&values[i], scope);
      hash = (hash ^ arbor_value_hash (&values[i], scope)) *
             G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
      hash ^= hash >> 32;
    }
  return hash;
}

static gboolean
equals (const ArborGroupTable *self, guint32 group, const ArborValue *values, ArborScope *scope)
{
  const ArborValue *key = arbor_group_table_get_key (self, group);

  for (gsize i = 0; i < self->n_keys; i++)
    if (!arbor_value_equal (&key[i], &values[i], scope))
      return FALSE;
  return TRUE;
}

/* The slot of the group, or the free one where it belongs. */
static ArborGroupSlot *
find_slot (const ArborGroupTable *self, guint64 hash, const ArborValue *values, ArborScope *scope)
{
  gsize at = hash & (self->n_slots - 1);

  while (self->slots[at].group != 0 &&
         (self->slots[at].hash != (guint32)(hash >> 32) ||
          !equals (self, self->slots[at].group - 1, values, scope)))
    at = (at + 1) & (self->n_slots - 1);
  return &self->slots[at];
}

gboolean
arbor_group_table_find (const ArborGroupTable *self, ArborValue *values, ArborScope *scope,
                        guint32 *group)
{
  const ArborGroupSlot *slot;

  if (self->n_slots == 0)
    return FALSE;
  slot = find_slot (self, hash_values (values, self->n_keys, scope), values, scope);
  *group = slot->group - 1;
  return slot->group != 0;
}

static gboolean
grow_slots (ArborGroupTable *self, GError **error)
{
  gsize n_slots = MAX (self->n_slots * 2, FIRST_SLOTS);
  ArborGroupSlot *slots =
      arbor_charge_alloc (&self->charge, n_slots, sizeof (ArborGroupSlot), error);

  if (slots == NULL)
    return FALSE;
  memset (slots, 0, n_slots * sizeof (ArborGroupSlot));
  for (guint32 group = 0; group < self->n_groups; group++)
    {
      gsize at = self->hashes[group] & (n_slots - 1);

      if (group % ASK_EVERY == 0 && !arbor_stop_check (NULL, error))
        {
          arbor_charge_subtract (&self->charge, n_slots * sizeof (ArborGroupSlot));
          g_free (slots);
          return FALSE;
        }
      while (slots[at].group != 0)
        at = (at + 1) & (n_slots - 1);
      slots[at] = (ArborGroupSlot){ (guint32)(self->hashes[group] >> 32), group + 1 };
    }
  arbor_charge_subtract (&self->charge, self->n_slots * sizeof (ArborGroupSlot));
  g_free (self->slots);
  self->slots = slots;
  self->n_slots = n_slots;
  return TRUE;
}

static gboolean
keep (ArborGroupTable *self, ArborValue *value, ArborScope *scope, GError **error)
{
  ArborBuffer json = { 0 };
  const ArborTape *tape = NULL;
  const char *text;

  if (value->kind == ARBOR_KIND_STRING || value->kind == ARBOR_KIND_NUMBER)
    {
      if (!arbor_charge_add (&self->charge, (guint64)value->length + TEXT_OVERHEAD, error))
        return FALSE;
      value->text = arbor_scope_copy (self->kept, value->text, value->length);
      return TRUE;
    }
  if (value->kind < ARBOR_KIND_ARRAY)
    return TRUE;

  arbor_value_write_json (value, scope, &json);
  if (arbor_charge_add (&self->charge, (guint64)json.length * TAPE_FACTOR + TEXT_OVERHEAD, error))
    {
      text = arbor_scope_copy (self->kept, (const char *)json.data, json.length);
      tape = arbor_scope_parse (self->kept, text, json.length);
      if (tape != NULL)
        arbor_tape_get_value (tape, ARBOR_TAPE_ROOT, value);
      else
        arbor_scope_check (self->kept, error);
    }
  arbor_buffer_free (&json);
  return tape != NULL;
}

static gboolean
add_group (ArborGroupTable *self, guint64 hash, const ArborValue *values, ArborScope *scope,
           GError **error)
{
  ArborValue *key;

  if (self->n_groups == G_MAXUINT32 - 1)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT, _("There can be at most %u groups"),
                   G_MAXUINT32 - 1);
      return FALSE;
    }
  if (!arbor_charge_grow (&self->charge, &self->hashes, &self->hashes_capacity,
                          (gsize)self->n_groups + 1, sizeof (guint64), error) ||
      !arbor_charge_grow (&self->charge, &self->values, &self->values_capacity,
                          ((gsize)self->n_groups + 1) * self->n_keys, sizeof (ArborValue), error))
    return FALSE;
  key = self->values + (gsize)self->n_groups * self->n_keys;
  for (gsize i = 0; i < self->n_keys; i++)
    {
      key[i] = values[i];
      if (!keep (self, &key[i], scope, error))
        return FALSE;
    }
  self->hashes[self->n_groups++] = hash;
  return TRUE;
}

gboolean
arbor_group_table_add (ArborGroupTable *self, ArborValue *values, ArborScope *scope, guint32 *group,
                       GError **error)
{
  guint64 hash = hash_values (values, self->n_keys, scope);
  ArborGroupSlot *slot;

  if (self->n_groups >= self->n_slots / 2 && !grow_slots (self, error))
    return FALSE;
  slot = find_slot (self, hash, values, scope);
  if (slot->group == 0)
    {
      if (!add_group (self, hash, values, scope, error))
        return FALSE;
      *slot = (ArborGroupSlot){ (guint32)(hash >> 32), self->n_groups };
    }
  *group = slot->group - 1;
  return TRUE;
}
