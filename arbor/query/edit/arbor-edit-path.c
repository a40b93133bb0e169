/* One edit at a path. The path is walked as far as it is there; to set and to insert, what is missing
 * on the way is made: an object where a key follows, an array where index 0 follows.
 */

#include "query/edit/arbor-edit.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"

/* The first @n_steps of the path, for messages. */
static char *
describe (const ArborPath *path, guint n_steps)
{
  const ArborPath part = { .steps = path->steps, .n_steps = n_steps };

  return arbor_path_to_string (&part);
}

static gboolean
set_not_found (const ArborPath *path, guint n_steps, GError **error)
{
  g_autofree char *text = describe (path, n_steps);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND, _ ("The tree has nothing at '%s'"), text);
  return FALSE;
}

static gboolean
set_wrong_kind (const ArborPath *path, guint n_steps, ArborKind kind, GError **error)
{
  g_autofree char *text = describe (path, n_steps);
  gboolean is_key = path->steps[n_steps].kind == ARBOR_STEP_KEY;

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _ ("Expected %s at '%s', found %s"),
               is_key ? _ ("an object") : _ ("an array"), text, arbor_kind_to_string (kind));
  return FALSE;
}

static gboolean
set_out_of_range (const ArborPath *path, guint n_steps, guint32 n_elements, GError **error)
{
  g_autofree char *text = describe (path, n_steps);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
               _ ("Index %" PRId64 " is out of range: the array at '%s' has %u elements"),
               path->steps[n_steps].index, text, n_elements);
  return FALSE;
}

/* The place that step @i leads to from @node. An index may be the length when @may_append. */
static gboolean
find_place (ArborEdit *self, ArborEditNode *node, const ArborPath *path, guint i,
            gboolean may_append, ArborEditPlace *place, GError **error)
{
  const ArborStep *step = &path->steps[i];
  ArborKind kind = arbor_edit_get_kind (node);
  gint64 length, index;

  *place = (ArborEditPlace){ .parent = node };
  if (step->kind == ARBOR_STEP_KEY)
    {
      place->key = step->key;
      place->length = step->length;
      return kind == ARBOR_KIND_OBJECT || set_wrong_kind (path, i, kind, error);
    }
  if (kind != ARBOR_KIND_ARRAY)
    return set_wrong_kind (path, i, kind, error);
  length = arbor_edit_get_length (self, node);
  index = step->index < 0 ? step->index + length : step->index;
  if (index < 0 || index > length || (index == length && !may_append))
    return set_out_of_range (path, i, (guint32)length, error);
  place->index = (guint32)index;
  return TRUE;
}

/* An empty container in which step @i can be made. */
static ArborEditNode *
new_container (ArborEdit *self, const ArborStep *step)
{
  ArborValue empty = { .kind = step->kind == ARBOR_STEP_KEY ? ARBOR_KIND_OBJECT : ARBOR_KIND_ARRAY,
                       .holder_kind = ARBOR_HOLDER_LIST };

  return arbor_edit_new_node (self, &empty);
}

static gboolean
act (ArborEdit *self, ArborEditAction action, const ArborPath *path, const ArborEditPlace *place,
     const ArborValue *value, GError **error)
{
  gboolean is_there = arbor_edit_get (self, place) != NULL;
  g_autofree char *text = NULL;

  if (action == ARBOR_EDIT_REMOVE)
    {
      if (!is_there)
        return set_not_found (path, path->n_steps, error);
      arbor_edit_take (self, place);
      return TRUE;
    }
  if (action == ARBOR_EDIT_SET)
    {
      arbor_edit_put (self, place, arbor_edit_new_node (self, value));
      return TRUE;
    }
  if (is_there && arbor_edit_get_kind (place->parent) == ARBOR_KIND_OBJECT)
    {
      text = describe (path, path->n_steps);
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXISTS,
                   _ ("The tree has something at '%s' already"), text);
      return FALSE;
    }
  arbor_edit_insert (self, place, arbor_edit_new_node (self, value));
  return TRUE;
}

gboolean
arbor_edit_apply (ArborEdit *self, ArborEditAction action, const ArborPath *path,
                  const ArborValue *value, GError **error)
{
  const gboolean is_making = action != ARBOR_EDIT_REMOVE;
  ArborEditPlace place = { 0 };

  g_assert (!path->is_vector);
  for (guint i = 0; i < path->n_steps; i++)
    {
      ArborEditNode *node = arbor_edit_get (self, &place);

      if (node == NULL && !is_making)
        return set_not_found (path, i, error);
      if (node == NULL)
        {
          node = new_container (self, &path->steps[i]);
          arbor_edit_put (self, &place, node);
        }
      if (!find_place (self, node, path, i, is_making, &place, error))
        return FALSE;
    }
  if (path->n_steps > 0)
    return act (self, action, path, &place, value, error);
  if (action == ARBOR_EDIT_SET)
    {
      arbor_edit_put (self, &place, arbor_edit_new_node (self, value));
      return TRUE;
    }
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                       action == ARBOR_EDIT_REMOVE
                           ? _ ("The empty path is the whole tree, which cannot be removed")
                           : _ ("The empty path is the whole tree, beside which nothing can be "
                                "inserted"));
  return FALSE;
}
