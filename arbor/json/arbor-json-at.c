/* See arbor-json-at.h. */

#include "json/arbor-json-at.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

ArborPath *
arbor_json_at_parse (const char *at, GError **error)
{
  g_autoptr (ArborPath) path = arbor_path_parse (at, error);

  if (path != NULL && path->is_vector)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _("Path '%s': expected the place of one array or object, found '[*]'"), at);
      return NULL;
    }
  return g_steal_pointer (&path);
}

/* The value of @key in the object at @index, the last one where it is duplicate; 0 for none. */
static guint32
find_member (const ArborTape *tape, guint32 index, const ArborStep *key, guint64 *n_repeated)
{
  guint32 end = arbor_tape_next (tape, index) - 1;
  guint32 found = 0;

  for (guint32 at = index + 1; at < end; at = arbor_tape_next (tape, at + 1))
    {
      guint32 length;
      const char *text = arbor_tape_string (tape, at, &length);

      if (length != key->length || memcmp (text, key->key, length) != 0)
        continue;
      *n_repeated += found != 0;
      found = at + 1;
    }
  return found;
}

/* The element at @position, counted from the end when negative; 0 for none. */
static guint32
find_element (const ArborTape *tape, guint32 index, gint64 position, guint32 *n_elements)
{
  guint32 end = arbor_tape_next (tape, index) - 1;
  guint32 at;

  *n_elements = 0;
  for (at = index + 1; at < end; at = arbor_tape_next (tape, at))
    (*n_elements)++;
  if (position < 0)
    position += *n_elements;
  if (position < 0 || position >= *n_elements)
    return 0;
  for (at = index + 1; position > 0; position--)
    at = arbor_tape_next (tape, at);
  return at;
}

static const char *
get_kind_name (const ArborTape *tape, guint32 index)
{
  ArborValue value;

  arbor_tape_get_value (tape, index, &value);
  return arbor_kind_to_string (value.kind);
}

/* One step on from *@index; NULL, or what stands in the way. */
static char *
take_step (const ArborTape *tape, const ArborStep *step, const char *place, guint32 *index,
           guint64 *n_repeated)
{
  char tag = arbor_tape_tag (tape, *index);
  guint32 from = *index;
  guint32 n_elements;

  if (step->kind == ARBOR_STEP_KEY && tag == '{')
    {
      *index = find_member (tape, from, step, n_repeated);
      return *index != 0 ? NULL
                         : g_strdup_printf (_("the object at '%s' has no key '%s'"), place, step->key);
    }
  if (step->kind == ARBOR_STEP_INDEX && tag == '[')
    {
      *index = find_element (tape, from, step->index, &n_elements);
      return *index != 0
               ? NULL
               : g_strdup_printf (_("the array at '%s' has %u elements"), place, n_elements);
    }
  return g_strdup_printf (_("at '%s' there is a value of kind '%s'"), place,
                          get_kind_name (tape, from));
}

/* The text of the first @n steps. */
static char *
describe_place (const ArborPath *path, guint n)
{
  ArborPath part = { .steps = path->steps, .n_steps = n };

  return arbor_path_to_string (&part);
}

gboolean
arbor_json_at_find (const ArborTape *tape, const ArborPath *path, const char *name, guint32 *index,
                    guint64 *n_repeated, GError **error)
{
  g_autofree char *target = arbor_path_to_string (path);

  *index = ARBOR_TAPE_ROOT;
  for (guint i = 0; i < path->n_steps; i++)
    {
      g_autofree char *place = describe_place (path, i);
      g_autofree char *obstacle = take_step (tape, &path->steps[i], place, index, n_repeated);

      if (obstacle != NULL)
        {
          g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND,
                       _("%s: expected an array or an object at '%s', found nothing there: %s"),
                       name != NULL ? name : _("JSON text"), target, obstacle);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
arbor_json_at_fail (const ArborTape *tape, const ArborPath *path, const char *name, guint32 index,
                    gboolean wants_object, GError **error)
{
  g_autofree char *target = arbor_path_to_string (path);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
               wants_object
                   ? _("%s: expected an object at '%s', found a value of kind '%s'")
                   : _("%s: expected an array or an object at '%s', found a value of kind '%s'"),
               name != NULL ? name : _("JSON text"), target, get_kind_name (tape, index));
  return FALSE;
}
