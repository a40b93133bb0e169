/* See arbor-wanted.h. Functions call themselves no deeper than MAX_DEPTH: what lies deeper is wanted as a
 * whole.
 */

#include "batch/arbor-wanted.h"

#include <string.h>

#define MAX_DEPTH 8u

ArborWanted *
arbor_wanted_new (void)
{
  return g_new0 (ArborWanted, 1);
}

void
arbor_wanted_free (ArborWanted *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    {
      g_free (self->fields[i].key);
      arbor_wanted_free (self->fields[i].below);
    }
  g_free (self->fields);
  g_free (self);
}

ArborWanted *
arbor_wanted_copy (const ArborWanted *self)
{
  ArborWanted *copy = arbor_wanted_new ();

  for (guint i = 0; i < self->n; i++)
    arbor_wanted_add_field (copy, &self->fields[i]);
  return copy;
}

static ArborWantedField *
find (const ArborWanted *self, const char *key, gsize length)
{
  for (guint i = 0; i < self->n; i++)
    {
      ArborWantedField *field = &self->fields[i];

      if (field->length == length && (length == 0 || memcmp (field->key, key, length) == 0))
        return field;
    }
  return NULL;
}

const ArborWantedField *
arbor_wanted_find (const ArborWanted *self, const char *key, gsize length)
{
  return find (self, key, length);
}

gboolean
arbor_wanted_has (const ArborWanted *self, const char *key, gsize length)
{
  return self == NULL || find (self, key, length) != NULL;
}

/* Nothing of its value, where it is new. */
static ArborWantedField *
make_field (ArborWanted *self, const char *key, guint32 length)
{
  ArborWantedField *field = find (self, key, length);

  if (field != NULL)
    return field;
  self->fields = g_renew (ArborWantedField, self->fields, self->n + 1);
  field = &self->fields[self->n++];
  *field = (ArborWantedField){ .key = g_malloc ((gsize) length + 1),
                               .length = length,
                               .below = arbor_wanted_new () };
  memcpy (field->key, key, length);
  field->key[length] = '\0';
  return field;
}

static void
add_below (ArborWantedField *self, const ArborWanted *below, gboolean is_list)
{
  if (below == NULL)
    {
      g_clear_pointer (&self->below, arbor_wanted_free);
      self->is_list = FALSE;
      return;
    }
  if (self->below == NULL)
    return;
  self->is_list |= is_list;
  for (guint i = 0; i < below->n; i++)
    arbor_wanted_add_field (self->below, &below->fields[i]);
}

void
arbor_wanted_add_field (ArborWanted *self, const ArborWantedField *field)
{
  add_below (make_field (self, field->key, field->length), field->below, field->is_list);
}

void
arbor_wanted_add_key (ArborWanted *self, const char *key, guint32 length)
{
  add_below (make_field (self, key, length), NULL, FALSE);
}

static guint
get_depth (const ArborWanted *self)
{
  guint depth = 0;

  for (guint i = 0; self != NULL && i < self->n; i++)
    depth = MAX (depth, 1 + get_depth (self->fields[i].below));
  return depth;
}

gboolean
arbor_wanted_add (ArborWanted *self, const ArborStep *steps, guint n_steps,
                  const ArborWanted *below, gboolean is_list)
{
  ArborWantedField *field = NULL;
  guint depth = 0;

  if (n_steps == 0 || steps[0].kind != ARBOR_STEP_KEY)
    return FALSE;
  for (guint i = 0; i < n_steps; i++)
    {
      if (steps[i].kind == ARBOR_STEP_INDEX || steps[i].kind == ARBOR_STEP_EACH)
        continue;
      if (field != NULL && field->below == NULL)
        return TRUE;
      if (steps[i].kind != ARBOR_STEP_KEY || ++depth > MAX_DEPTH)
        {
          add_below (field, NULL, FALSE);
          return TRUE;
        }
      field = make_field (field != NULL ? field->below : self, steps[i].key, steps[i].length);
    }
  add_below (field, depth + get_depth (below) > MAX_DEPTH ? NULL : below, is_list);
  return TRUE;
}

gboolean
arbor_wanted_covers (const ArborWanted *self, const ArborWanted *other)
{
  for (guint i = 0; i < other->n; i++)
    {
      const ArborWantedField *wanted = &other->fields[i];
      const ArborWantedField *field = find (self, wanted->key, wanted->length);

      if (field == NULL)
        return FALSE;
      if (field->below == NULL)
        continue;
      if (wanted->below == NULL || (wanted->is_list && !field->is_list) ||
          !arbor_wanted_covers (field->below, wanted->below))
        return FALSE;
    }
  return TRUE;
}
