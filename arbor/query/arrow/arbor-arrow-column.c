/* See arbor-arrow-plan.h: from an ArrowArray to a column of a plan. */

#include "query/arrow/arbor-arrow-plan.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"

/* So that no product of a length and a width passes 64 bits. */
#define MAX_SLOTS (G_GINT64_CONSTANT (1) << 48)

void
arbor_arrow_column_free (ArborArrowColumn *self)
{
  for (gint64 i = 0; i < self->n_children; i++)
    arbor_arrow_column_free (self->children[i]);
  g_free (self->children);
  g_clear_pointer (&self->dictionary, arbor_arrow_column_free);
  g_free (self);
}

static gboolean
refuse (const ArborArrowColumn *self, const char *what, gint64 found, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_SCHEMA,
               _("Arrow column '%s': the array does not have the shape of its type: %s: found %" PRId64),
               self->plan->path, what, found);
  return FALSE;
}

static gboolean
has_validity (const ArborArrowPlan *plan)
{
  return plan->read != ARBOR_ARROW_READ_NULL && plan->read != ARBOR_ARROW_READ_SPARSE_UNION &&
         plan->read != ARBOR_ARROW_READ_DENSE_UNION && plan->read != ARBOR_ARROW_READ_RUNS;
}

/* Besides validity; -1: any number from 2 on. */
static gint64
count_buffers (const ArborArrowPlan *plan)
{
  switch (plan->read)
    {
    case ARBOR_ARROW_READ_NULL:
    case ARBOR_ARROW_READ_RUNS:
    case ARBOR_ARROW_READ_STRUCT:
    case ARBOR_ARROW_READ_FIXED_LIST:
      return 0;
    case ARBOR_ARROW_READ_TEXT:
    case ARBOR_ARROW_READ_LIST_VIEW:
    case ARBOR_ARROW_READ_DENSE_UNION:
      return 2;
    case ARBOR_ARROW_READ_VIEW:
      return -1;
    default:
      return 1;
    }
}

static gboolean
set_buffers (ArborArrowColumn *self, GError **error)
{
  const struct ArrowArray *array = self->array;
  gint64 n_wanted = count_buffers (self->plan), first = has_validity (self->plan);
  gint64 n_found = array->n_buffers;
  gboolean needs_second = self->plan->read == ARBOR_ARROW_READ_LIST_VIEW ||
                          self->plan->read == ARBOR_ARROW_READ_DENSE_UNION;

  if (n_wanted < 0 ? n_found < 3 : n_found != first + n_wanted)
    return refuse (self, "number of buffers", n_found, error);
  if (n_found > 0 && array->buffers == NULL)
    return refuse (self, "buffers", 0, error);
  if (first > 0)
    self->valid = array->buffers[0];
  if (n_wanted != 0)
    self->items = array->buffers[first];
  if (n_wanted == 2)
    self->others = array->buffers[first + 1];
  if (self->length > 0 && n_wanted != 0 && self->items == NULL &&
      (self->plan->read != ARBOR_ARROW_READ_FIXED_BINARY || self->plan->n_fixed > 0))
    return refuse (self, "a buffer", 0, error);
  return self->length == 0 || !needs_second || self->others != NULL ||
         refuse (self, "a buffer", 0, error);
}

/* How many values a child must have at least. */
static guint64
count_needed (const ArborArrowColumn *self)
{
  guint64 n_slots = self->offset + self->length;

  switch (self->plan->read)
    {
    case ARBOR_ARROW_READ_STRUCT:
    case ARBOR_ARROW_READ_SPARSE_UNION:
      return n_slots;
    case ARBOR_ARROW_READ_FIXED_LIST:
      return n_slots > 0 && (guint64) self->plan->n_fixed > (guint64) MAX_SLOTS / n_slots
                 ? G_MAXUINT64
                 : n_slots * (guint64) self->plan->n_fixed;
    default:
      return 0;
    }
}

static gboolean
add_children (ArborArrowColumn *self, GError **error)
{
  const struct ArrowArray *array = self->array;
  guint64 n_needed = count_needed (self);

  if (array->n_children != self->plan->n_children ||
      (array->n_children > 0 && array->children == NULL))
    return refuse (self, "number of children", array->n_children, error);
  self->children = g_new (ArborArrowColumn *, array->n_children);
  for (gint64 i = 0; i < array->n_children; i++)
    {
      ArborArrowColumn *child =
          arbor_arrow_column_new (self->plan->children[i], array->children[i], error);

      if (child == NULL)
        return FALSE;
      self->children[self->n_children++] = child;
      if (child->length < n_needed)
        return refuse (self, "length of a child", (gint64) child->length, error);
    }
  /* Run ends are read where they lie. */
  return self->plan->read != ARBOR_ARROW_READ_RUNS || self->children[0]->valid == NULL ||
         self->children[0]->array->null_count == 0 || refuse (self, "null run ends", 1, error);
}

ArborArrowColumn *
arbor_arrow_column_new (const ArborArrowPlan *plan, const struct ArrowArray *array, GError **error)
{
  g_autoptr (ArborArrowColumn) self = g_new0 (ArborArrowColumn, 1);

  self->plan = plan;
  self->array = array;
  if (array == NULL || array->release == NULL || array->length < 0 || array->offset < 0 ||
      array->length > MAX_SLOTS || array->offset > MAX_SLOTS)
    {
      refuse (self, "length", array != NULL ? array->length : -1, error);
      return NULL;
    }
  self->length = (guint64) array->length;
  self->offset = (guint64) array->offset;
  if (!set_buffers (self, error) || !add_children (self, error))
    return NULL;
  if ((plan->dictionary != NULL) != (array->dictionary != NULL))
    {
      refuse (self, "a dictionary", array->dictionary != NULL, error);
      return NULL;
    }
  if (plan->dictionary != NULL)
    {
      self->dictionary = arbor_arrow_column_new (plan->dictionary, array->dictionary, error);
      if (self->dictionary == NULL)
        return NULL;
    }
  return g_steal_pointer (&self);
}
