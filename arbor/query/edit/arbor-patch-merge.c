/* JSON Merge Patch: see arbor-patch.h. Members of the patch are put at once, those that are objects
 * as empty ones to be filled later, so that new members come in the patch's order.
 */

#include "query/edit/arbor-patch.h"

#include "batch/arbor-value-access.h"

typedef struct
{
  ArborEditNode *target; /* an object */
  ArborValue patch;      /* an object */
} Merge;

static const ArborValue empty_object = { .kind = ARBOR_KIND_OBJECT,
                                         .holder_kind = ARBOR_HOLDER_LIST };

/* What is at @place becomes an object, if it is none, for @patch to be merged into. */
static void
push (ArborEdit *edit, const ArborEditPlace *place, const ArborValue *patch, ArborBuffer *todo)
{
  Merge merge = { arbor_edit_get (edit, place), *patch };

  if (merge.target == NULL || arbor_edit_get_kind (merge.target) != ARBOR_KIND_OBJECT)
    {
      merge.target = arbor_edit_new_node (edit, &empty_object);
      arbor_edit_put (edit, place, merge.target);
    }
  arbor_buffer_append (todo, &merge, sizeof merge);
}

static void
merge_members (ArborEdit *edit, const Merge *merge, ArborScope *scope, ArborBuffer *todo)
{
  ArborEditPlace place = { .parent = merge->target };
  ArborValueIter iter;
  ArborValue value;

  arbor_value_iter_init (&iter, &merge->patch, scope);
  while (arbor_value_iter_next (&iter, &place.key, &place.length, &value))
    if (value.kind == ARBOR_KIND_OBJECT)
      push (edit, &place, &value, todo);
    else if (value.kind != ARBOR_KIND_NULL)
      arbor_edit_put (edit, &place, arbor_edit_new_node (edit, &value));
    else if (arbor_edit_get (edit, &place) != NULL)
      arbor_edit_take (edit, &place);
}

void
arbor_patch_merge (ArborEdit *edit, const ArborValue *patch, ArborScope *scope)
{
  const ArborEditPlace root = { 0 };
  ArborBuffer todo = { 0 };

  if (patch->kind == ARBOR_KIND_OBJECT)
    push (edit, &root, patch, &todo);
  else
    arbor_edit_put (edit, &root, arbor_edit_new_node (edit, patch));
  while (todo.length > 0)
    {
      Merge merge;

      todo.length -= sizeof merge;
      memcpy (&merge, todo.data + todo.length, sizeof merge);
      merge_members (edit, &merge, scope, &todo);
    }
  arbor_buffer_free (&todo);
}
