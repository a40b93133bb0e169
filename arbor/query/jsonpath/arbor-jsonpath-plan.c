/* See arbor-jsonpath-plan.h. */

#include "query/jsonpath/arbor-jsonpath-plan.h"

#include "batch/arbor-batch-format.h"

#define MAX_WAYS 1024u
/* Columns pay where there are not so many more rows to look at than values to find. */
#define ROWS_OF_VALUE 16u
#define NONE G_MAXUINT32

/* What is to be done at a way. */
typedef struct
{
  guint32 way;
  const ArborJsonpathSegment *segment; /* to be applied there; NULL: it is selected */
} Task;

typedef struct
{
  ArborJsonpathPlan *plan;
  const ArborBatch *batch;
  GArray *tasks;
  gboolean is_too_much;
} Planner;

static ArborJsonpathWay *
get_way (const ArborJsonpathPlan *self, guint32 i)
{
  return &g_array_index (self->ways, ArborJsonpathWay, i);
}

static void
add_task (Planner *self, guint32 way, const ArborJsonpathSegment *segment)
{
  Task task = { way, segment };

  g_array_append_val (self->tasks, task);
}

/* A step from @parent to @column. */
static guint32
add_way (Planner *self, guint32 parent, ArborJsonpathWayKind kind, guint32 column)
{
  const ArborJsonpathWay *from = get_way (self->plan, parent);
  ArborJsonpathWay way = { .kind = kind,
                           .parent = parent,
                           .column = column,
                           .depth = from->depth + 1,
                           .n_numbers = from->n_numbers + (kind == ARBOR_WAY_ELEMENTS) };

  self->is_too_much |= self->plan->ways->len >= MAX_WAYS;
  g_array_append_val (self->plan->ways, way);
  return self->plan->ways->len - 1;
}

/* Where the member of @column stands in each shape of @parent's objects. */
static guint32 *
list_positions (Planner *self, guint32 parent, guint32 column)
{
  const ArborBatch *batch = self->batch;
  const ArborColumnRecord *record = &batch->columns[parent];
  guint32 *positions;

  if (!arbor_batch_shapes_are_good (batch, parent))
    {
      self->is_too_much = TRUE;
      return NULL;
    }
  positions = g_new0 (guint32, MAX (record->n_shapes, 1));
  for (guint32 shape = 0; shape < record->n_shapes; shape++)
    {
      const guint8 *offsets = batch->shape_offsets + (gsize) (record->first_shape + shape) * 4;
      guint32 first = arbor_load_u32 (offsets), end = arbor_load_u32 (offsets + 4);

      for (guint32 i = first; i < end; i++)
        if (arbor_batch_get_shape_field (batch, parent, i) == column)
          positions[shape] = i - first;
    }
  return positions;
}

/* The members or elements of what lies at @parent, all of them. */
static void
add_children (Planner *self, guint32 parent, const ArborJsonpathSelector *selector, guint32 ordinal,
              gboolean is_visited, gboolean is_descent, const ArborJsonpathSegment *segment)
{
  guint32 column = get_way (self->plan, parent)->column;
  guint32 elements = arbor_batch_find_elements (self->batch, column);
  gboolean takes_members = selector == NULL || selector->kind == ARBOR_SELECTOR_WILDCARD ||
                           selector->kind == ARBOR_SELECTOR_FILTER;
  guint32 first, n_fields = arbor_batch_get_fields (self->batch, column, &first);

  for (guint32 i = 0; i <= n_fields && !self->is_too_much; i++)
    {
      guint32 child = i < n_fields ? first + i : elements;
      ArborJsonpathWay *way;
      guint32 added;

      if (child == ARBOR_NO_COLUMN || (i < n_fields && !takes_members) ||
          (is_descent && !arbor_batch_may_nest (self->batch, child)))
        continue;
      added = add_way (self, parent, i < n_fields ? ARBOR_WAY_MEMBER : ARBOR_WAY_ELEMENTS, child);
      way = get_way (self->plan, added);
      way->selector = selector;
      way->ordinal = ordinal;
      way->is_visited = is_visited;
      way->is_descent = is_descent;
      if (i < n_fields)
        way->positions = list_positions (self, column, child);
      if (selector != NULL && selector->kind == ARBOR_SELECTOR_FILTER)
        way->condition = arbor_jsonpath_condition_new (selector->program);
      add_task (self, added, segment);
    }
}

/* What the selectors of a segment select of what lies at @parent. */
static void
add_selected (Planner *self, guint32 parent, const ArborJsonpathSegment *segment)
{
  guint32 ordinal = 0;

  for (const ArborJsonpathSelector *s = segment->selectors; s != NULL && !self->is_too_much;
       s = s->next, ordinal++)
    {
      guint32 column = get_way (self->plan, parent)->column;
      guint32 field, added;

      if (s->kind != ARBOR_SELECTOR_NAME)
        {
          add_children (self, parent, s, ordinal, segment->is_descendant, FALSE, segment->next);
          continue;
        }
      field = arbor_batch_find_field (self->batch, column, s->name, s->length);
      if (field == ARBOR_NO_COLUMN)
        continue;
      added = add_way (self, parent, ARBOR_WAY_MEMBER, field);
      get_way (self->plan, added)->ordinal = ordinal;
      get_way (self->plan, added)->is_visited = segment->is_descendant;
      add_task (self, added, segment->next);
    }
}

static void
do_task (Planner *self, const Task *task)
{
  ArborJsonpathWay *way = get_way (self->plan, task->way);

  if (task->segment == NULL)
    {
      way->is_result = TRUE;
      return;
    }
  way->goes_on = TRUE;
  add_selected (self, task->way, task->segment);
  if (task->segment->is_descendant)
    add_children (self, task->way, NULL, 0, TRUE, TRUE, task->segment);
}

/* From the last way to the first, for those below come behind. */
static void
find_needed (ArborJsonpathPlan *self, const ArborBatch *batch)
{
  for (guint32 i = self->ways->len; i-- > 0;)
    {
      ArborJsonpathWay *way = get_way (self, i);

      way->is_needed |= way->is_result ||
                        (way->goes_on && arbor_batch_has_overflow (batch, way->column));
      if (way->is_needed && i > 0)
        get_way (self, way->parent)->is_needed = TRUE;
    }
}

static gboolean
pays (const ArborJsonpathPlan *self, const ArborBatch *batch)
{
  guint64 n_rows = 0, n_values = arbor_batch_get_n_trees (batch);

  for (guint32 i = 1; i < self->ways->len; i++)
    {
      const ArborJsonpathWay *way = get_way (self, i);
      const ArborColumnRecord *record = &batch->columns[way->column];

      if (!way->is_needed)
        continue;
      n_rows += batch->columns[get_way (self, way->parent)->column].n_rows;
      n_values += record->n_values;
    }
  return n_rows / ROWS_OF_VALUE <= n_values;
}

static void
clear_way (ArborJsonpathWay *way)
{
  arbor_jsonpath_condition_free (way->condition);
  g_free (way->positions);
}

/* Puts the ways below each one right behind it, and leaves out what leads nowhere. */
static void
put_in_order (ArborJsonpathPlan *self)
{
  guint32 n = self->ways->len;
  g_autofree guint32 *first = g_new (guint32, n);
  g_autofree guint32 *next = g_new (guint32, n);
  g_autofree guint32 *places = g_new (guint32, n);
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (guint32));
  GArray *ordered = g_array_new (FALSE, FALSE, sizeof (ArborJsonpathWay));
  guint32 root = 0;

  for (guint32 i = 0; i < n; i++)
    first[i] = NONE;
  for (guint32 i = n; i-- > 1;)
    if (get_way (self, i)->is_needed)
      {
        next[i] = first[get_way (self, i)->parent];
        first[get_way (self, i)->parent] = i;
      }
  g_array_append_val (pending, root);
  while (pending->len > 0)
    {
      guint32 i = g_array_index (pending, guint32, pending->len - 1);
      ArborJsonpathWay way = *get_way (self, i);

      g_array_set_size (pending, pending->len - 1);
      places[i] = ordered->len;
      way.parent = i > 0 ? places[way.parent] : 0;
      way.end = ordered->len + 1;
      self->n_results += way.is_result;
      self->max_depth = MAX (self->max_depth, way.depth);
      g_array_append_val (ordered, way);
      for (guint32 child = first[i]; child != NONE; child = next[child])
        g_array_append_val (pending, child);
    }
  for (guint32 i = 1; i < n; i++)
    if (!get_way (self, i)->is_needed)
      clear_way (get_way (self, i));
  g_array_unref (self->ways);
  self->ways = ordered;
  for (guint32 i = ordered->len; i-- > 1;)
    {
      ArborJsonpathWay *parent = get_way (self, get_way (self, i)->parent);

      parent->end = MAX (parent->end, get_way (self, i)->end);
    }
}

gboolean
arbor_jsonpath_plan_make (ArborJsonpathPlan *self, const ArborJsonpath *query,
                          const ArborBatch *batch)
{
  g_autoptr (GArray) tasks = g_array_new (FALSE, FALSE, sizeof (Task));
  Planner planner = { .plan = self, .batch = batch, .tasks = tasks };
  ArborJsonpathWay root = { .kind = ARBOR_WAY_ROOT, .is_needed = TRUE };

  *self = (ArborJsonpathPlan){ .ways = g_array_new (FALSE, TRUE, sizeof (ArborJsonpathWay)) };
  g_array_append_val (self->ways, root);
  add_task (&planner, 0, query->query->segments);
  while (tasks->len > 0 && !planner.is_too_much)
    {
      Task task = g_array_index (tasks, Task, tasks->len - 1);

      g_array_set_size (tasks, tasks->len - 1);
      do_task (&planner, &task);
    }
  find_needed (self, batch);
  if (planner.is_too_much || !pays (self, batch))
    return FALSE;
  put_in_order (self);
  return TRUE;
}

void
arbor_jsonpath_plan_clear (ArborJsonpathPlan *self)
{
  for (guint32 i = 0; self->ways != NULL && i < self->ways->len; i++)
    clear_way (get_way (self, i));
  g_clear_pointer (&self->ways, g_array_unref);
}

gboolean
arbor_jsonpath_plan_is_possible (const ArborJsonpath *query)
{
  for (const ArborJsonpathSegment *segment = query->query->segments; segment != NULL;
       segment = segment->next)
    for (const ArborJsonpathSelector *s = segment->selectors; s != NULL; s = s->next)
      {
        ArborJsonpathCondition *condition;

        if (s->kind != ARBOR_SELECTOR_FILTER)
          continue;
        condition = arbor_jsonpath_condition_new (s->program);
        if (condition == NULL)
          return FALSE;
        arbor_jsonpath_condition_free (condition);
      }
  return TRUE;
}
