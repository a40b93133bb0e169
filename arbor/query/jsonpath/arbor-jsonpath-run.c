/* Evaluating JSONPath queries. See arbor-jsonpath-run-private.h. */

#include "query/jsonpath/arbor-jsonpath-run-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"

#define NONE G_MAXUINT32

ArborJsonpathRun *
arbor_jsonpath_run_new (const ArborJsonpath *query, const ArborJsonpathSink *sink)
{
  ArborJsonpathRun *self = g_new0 (ArborJsonpathRun, 1);

  self->path = query;
  self->sink = *sink;
  self->ways = g_new0 (ArborJsonpathField, (gsize)query->n_slots * ARBOR_JSONPATH_FIELDS);
  self->reaches = g_new0 (ArborJsonpathReach, query->n_slots);
  self->cache = g_new0 (ArborJsonpathCached, query->n_cached);
  arbor_jsonpath_run_init_text (self);
  return self;
}

void
arbor_jsonpath_run_free (ArborJsonpathRun *self)
{
  g_free (self->frames);
  g_free (self->stack);
  g_free (self->steps);
  arbor_jsonpath_run_clear_text (self);
  g_free (self->ways);
  arbor_jsonpath_run_clear_reaches (self);
  g_free (self->cache);
  g_free (self);
}

gboolean
arbor_jsonpath_run_check (ArborJsonpathRun *self, GError **error)
{
  if (self->n_counted > self->sink.max_steps)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _ ("The query takes more than %" PRIu64 " steps on one tree"),
                   self->sink.max_steps);
      return FALSE;
    }
  return self->sink.check == NULL || self->sink.check (self->sink.data, error);
}

static gpointer
grow (gpointer array, guint32 *max, gsize size)
{
  *max = MAX (*max * 2, 32);
  return g_realloc_n (array, *max, size);
}

void
arbor_jsonpath_run_reserve_stack (ArborJsonpathRun *self, guint32 n)
{
  while (self->n_stack + n > self->max_stack)
    self->stack = grow (self->stack, &self->max_stack, sizeof *self->stack);
}

/* The caller sets what it needs beyond this. */
static ArborJsonpathRunFrame *
push (ArborJsonpathRun *self, ArborJsonpathRunKind kind)
{
  ArborJsonpathRunFrame *frame;

  if (self->n_frames == self->max_frames)
    self->frames = grow (self->frames, &self->max_frames, sizeof *self->frames);
  frame = &self->frames[self->n_frames++];
  frame->kind = kind;
  frame->is_begun = frame->is_passing = frame->is_testing = FALSE;
  frame->mark = arbor_scope_mark (self->scope);
  frame->n_steps = self->n_steps;
  return frame;
}

static void
pop (ArborJsonpathRun *self)
{
  arbor_scope_release (self->scope, arbor_jsonpath_run_top (self)->mark);
  self->n_frames--;
}

/* Only the ways of the query itself are asked for, not those of its filters. */
static void
push_step (ArborJsonpathRun *self, const ArborJsonpathStep *step)
{
  if (self->inner != NONE)
    return;
  if (self->n_steps == self->max_steps)
    self->steps = grow (self->steps, &self->max_steps, sizeof *self->steps);
  self->steps[self->n_steps++] = *step;
}

static gboolean
lies_in_text (const ArborValue *value)
{
  return value->holder_kind == ARBOR_HOLDER_TAPE || value->holder_kind == ARBOR_HOLDER_TEXT;
}

static void
push_segment (ArborJsonpathRun *self, ArborJsonpathRunKind kind,
              const ArborJsonpathSegment *segment, const ArborValue *value, gboolean is_passing)
{
  ArborJsonpathRunFrame *frame = push (self, kind);

  frame->value = *value;
  frame->is_passing = is_passing || lies_in_text (value);
  frame->segment = segment;
  frame->selector = segment->selectors;
}

void
arbor_jsonpath_run_get_member (ArborJsonpathRun *self, const ArborJsonpathSelector *selector,
                               const ArborValue *value, ArborValue *member)
{
  const ArborBatch *batch = value->holder;
  ArborJsonpathField *way;

  if (value->kind != ARBOR_KIND_OBJECT || value->holder_kind != ARBOR_HOLDER_BATCH)
    {
      arbor_value_get_member (value, selector->name, selector->length, self->scope, member);
      return;
    }
  way = &self->ways[selector->slot * ARBOR_JSONPATH_FIELDS + value->column % ARBOR_JSONPATH_FIELDS];
  if (way->batch != batch || way->column != value->column)
    {
      way->batch = batch;
      way->column = value->column;
      way->field = arbor_batch_find_field (batch, value->column, selector->name, selector->length);
    }
  if (way->field == ARBOR_NO_COLUMN)
    *member = ARBOR_VALUE_MISSING;
  else
    arbor_batch_get_value (batch, way->field, value->index, member);
}

/* The one child that a name or an index selects, and the step to it. */
static gboolean
find_child (ArborJsonpathRun *self, const ArborJsonpathSelector *selector, const ArborValue *value,
            ArborValue *child, ArborJsonpathStep *step)
{
  gint64 index = selector->start;

  if (selector->kind == ARBOR_SELECTOR_NAME)
    {
      *step = (ArborJsonpathStep){ .kind = ARBOR_CHILD_MEMBER,
                                   .key = selector->name,
                                   .length = selector->length,
                                   .is_fixed = TRUE };
      arbor_jsonpath_run_get_member (self, selector, value, child);
    }
  else
    {
      arbor_value_get_element (value, index, self->scope, child);
      if (index < 0)
        index += arbor_value_get_length (value, self->scope);
      *step = (ArborJsonpathStep){ .kind = ARBOR_CHILD_ELEMENT, .index = index };
    }
  return child->kind != ARBOR_KIND_MISSING;
}

/* A query of names and indices, all at once. */
static ArborValue
follow (ArborJsonpathRun *self, const ArborJsonpathQuery *query, ArborValue value)
{
  for (const ArborJsonpathSegment *s = query->segments;
       s != NULL && value.kind != ARBOR_KIND_MISSING; s = s->next)
    {
      const ArborJsonpathSelector *selector = s->selectors;
      ArborValue child;

      if (selector->kind == ARBOR_SELECTOR_NAME)
        arbor_jsonpath_run_get_member (self, selector, &value, &child);
      else
        arbor_value_get_element (&value, selector->start, self->scope, &child);
      value = child;
    }
  return value;
}

static ArborValue
get_answer (ArborJsonpathAsk ask, gint64 n_found, const ArborValue *found)
{
  if (ask == ARBOR_JSONPATH_ASK_EXISTS)
    return ARBOR_VALUE_BOOL (n_found > 0);
  if (ask == ARBOR_JSONPATH_ASK_COUNT)
    return ARBOR_VALUE_INT64 (n_found);
  return n_found == 1 ? *found : ARBOR_VALUE_MISSING;
}

/* A result of the innermost query, which may know enough now. */
static void
add_found (ArborJsonpathRun *self, const ArborValue *value)
{
  ArborJsonpathRunFrame *frame = &self->frames[self->inner];
  ArborJsonpathAsk ask = frame->instruction->argument;

  frame->n_found++;
  frame->found = *value;
  if (ask == ARBOR_JSONPATH_ASK_EXISTS || (ask == ARBOR_JSONPATH_ASK_ONE && frame->n_found > 1))
    while (self->n_frames - 1 > self->inner)
      pop (self);
}

/* @value, that @segment (NULL: nothing) is to be applied to. */
static gboolean
go_on (ArborJsonpathRun *self, const ArborJsonpathSegment *segment, const ArborValue *value,
       gboolean is_passing, GError **error)
{
  ArborValue at = *value;

  for (;
       segment != NULL && !segment->is_descendant && arbor_jsonpath_segment_is_one_child (segment);
       segment = segment->next)
    {
      ArborJsonpathStep step;
      ArborValue child;

      if (at.kind < ARBOR_KIND_ARRAY)
        return TRUE;
      is_passing |= lies_in_text (&at);
      if (!find_child (self, segment->selectors, &at, &child, &step))
        return TRUE;
      push_step (self, &step);
      at = child;
    }
  if (segment != NULL)
    {
      if (at.kind >= ARBOR_KIND_ARRAY)
        push_segment (self, segment->is_descendant ? ARBOR_RUN_VISIT : ARBOR_RUN_SELECT, segment,
                      &at, is_passing);
      return TRUE;
    }
  if (self->inner == NONE)
    return self->sink.func (self, &at, is_passing, self->sink.data, error);
  add_found (self, &at);
  return TRUE;
}

void
arbor_jsonpath_run_push_query (ArborJsonpathRun *self, const ArborJsonpathInstruction *instruction,
                               const ArborValue *current)
{
  const ArborJsonpathQuery *query = instruction->query;
  const ArborValue *start = query->is_absolute ? &self->root : current;
  ArborJsonpathRunFrame *frame;

  if (query->is_singular)
    {
      ArborValue found = follow (self, query, *start);
      ArborValue answer =
          get_answer (instruction->argument, found.kind != ARBOR_KIND_MISSING, &found);

      self->stack[self->n_stack++] = answer;
      return;
    }
  if (query->is_absolute && self->cache[query->cache].is_known)
    {
      self->stack[self->n_stack++] = self->cache[query->cache].value;
      return;
    }
  frame = push (self, ARBOR_RUN_QUERY);
  frame->instruction = instruction;
  frame->outer = self->inner;
  frame->n_found = 0;
  self->inner = self->n_frames - 1;
  go_on (self, query->segments, start, FALSE, NULL);
}

/* The frames of the query are done, or need not go on: its answer. */
static void
close_query (ArborJsonpathRun *self)
{
  const ArborJsonpathRunFrame *frame = arbor_jsonpath_run_top (self);
  const ArborJsonpathQuery *query = frame->instruction->query;
  ArborValue answer = get_answer (frame->instruction->argument, frame->n_found, &frame->found);

  if (query->is_absolute)
    self->cache[query->cache] = (ArborJsonpathCached){ TRUE, answer };
  self->inner = frame->outer;
  pop (self);
  self->stack[self->n_stack++] = answer;
}

/* A child that the segment of the top frame selects. */
static gboolean
emit (ArborJsonpathRun *self, const ArborValue *child, const ArborJsonpathStep *step,
      GError **error)
{
  const ArborJsonpathRunFrame *top = arbor_jsonpath_run_top (self);

  push_step (self, step);
  return go_on (self, top->segment->next, child, top->is_passing, error);
}

static gint64
clamp (gint64 index, gint64 length, gint64 low, gint64 high)
{
  return CLAMP (index >= 0 ? index : length + index, low, high);
}

/* Section 2.3.4.2.2. Elements that can only be reached one after the other are listed first. */
static void
begin_slice (ArborJsonpathRun *self, ArborJsonpathRunFrame *frame)
{
  const ArborJsonpathSelector *slice = frame->selector;
  gint64 length = arbor_value_get_length (&frame->iter.container, self->scope);
  gboolean is_up = slice->step >= 0;
  gint64 low = is_up ? 0 : -1;
  gint64 high = is_up ? length : length - 1;

  frame->index = slice->has_start ? clamp (slice->start, length, low, high) : is_up ? low : high;
  frame->end = slice->has_end ? clamp (slice->end, length, low, high) : is_up ? high : low;
  if (slice->step == 0)
    frame->end = frame->index;

  if (frame->iter.container.holder_kind == ARBOR_HOLDER_TAPE && length > 0)
    {
      ArborValue *list = arbor_scope_alloc (self->scope, (gsize)length * sizeof (ArborValue));
      guint32 n = 0;

      while (n < length && arbor_value_iter_next (&frame->iter, NULL, NULL, &list[n]))
        n++;
      frame->iter.container = (ArborValue){
        .kind = ARBOR_KIND_ARRAY, .holder_kind = ARBOR_HOLDER_LIST, .index = n, .holder = list
      };
    }
}

static gboolean
next_of_slice (ArborJsonpathRun *self, ArborJsonpathRunFrame *frame, ArborValue *child,
               ArborJsonpathStep *step)
{
  gint64 stride = frame->selector->step;

  if (stride >= 0 ? frame->index >= frame->end : frame->index <= frame->end)
    return FALSE;
  *step = (ArborJsonpathStep){ .kind = ARBOR_CHILD_ELEMENT, .index = frame->index };
  arbor_value_get_element (&frame->iter.container, frame->index, self->scope, child);
  frame->index += stride;
  return child->kind != ARBOR_KIND_MISSING;
}

static gboolean
next_child (ArborJsonpathRunFrame *frame, ArborValue *child, ArborJsonpathStep *step)
{
  *step = (ArborJsonpathStep){ .kind = ARBOR_CHILD_ELEMENT, .index = frame->index++ };
  if (!arbor_value_iter_next (&frame->iter, &step->key, &step->length, child))
    return FALSE;
  if (frame->iter.container.kind == ARBOR_KIND_OBJECT)
    step->kind = ARBOR_CHILD_MEMBER;
  return TRUE;
}

static void
begin_iter (ArborJsonpathRun *self, ArborJsonpathRunFrame *frame)
{
  arbor_scope_release (self->scope, frame->mark);
  arbor_value_iter_init (&frame->iter, &frame->value, self->scope);
  frame->index = 0;
  frame->is_begun = TRUE;
}

static void
next_selector (ArborJsonpathRunFrame *frame)
{
  frame->selector = frame->selector->next;
  frame->is_begun = FALSE;
}

static gboolean
has_child (ArborJsonpathRun *self, ArborJsonpathRunFrame *frame, ArborValue *child,
           ArborJsonpathStep *step)
{
  ArborSelectorKind kind = frame->selector->kind;

  if (kind == ARBOR_SELECTOR_NAME || kind == ARBOR_SELECTOR_INDEX)
    {
      gboolean is_found = find_child (self, frame->selector, &frame->value, child, step);

      next_selector (frame);
      return is_found;
    }
  if (!frame->is_begun)
    {
      if (kind == ARBOR_SELECTOR_SLICE && frame->value.kind != ARBOR_KIND_ARRAY)
        {
          next_selector (frame);
          return FALSE;
        }
      begin_iter (self, frame);
      if (kind == ARBOR_SELECTOR_SLICE)
        begin_slice (self, frame);
    }
  if (kind == ARBOR_SELECTOR_SLICE ? next_of_slice (self, frame, child, step)
                                   : next_child (frame, child, step))
    return TRUE;
  next_selector (frame);
  return FALSE;
}

static gboolean
step_select (ArborJsonpathRun *self, GError **error)
{
  ArborJsonpathRunFrame *frame = arbor_jsonpath_run_top (self);
  ArborJsonpathStep step;
  ArborValue child;
  gboolean is_done, result;

  if (self->inner == NONE)
    self->n_steps = frame->n_steps;
  if (frame->is_testing)
    {
      if (!arbor_jsonpath_run_program (self, &is_done, &result, error))
        return FALSE;
      if (!is_done)
        return TRUE;
      frame = arbor_jsonpath_run_top (self);
      frame->is_testing = FALSE;
      return !result || emit (self, &frame->child, &frame->child_step, error);
    }
  if (frame->selector == NULL)
    {
      pop (self);
      return TRUE;
    }
  if (!has_child (self, frame, &child, &step))
    return TRUE;
  /* A name or index is done, and its frame on the next selector, already. */
  if (frame->selector == NULL || frame->selector->kind != ARBOR_SELECTOR_FILTER || !frame->is_begun)
    return emit (self, &child, &step, error);

  frame->child = child;
  frame->child_step = step;
  frame->pc = 0;
  frame->is_testing = TRUE;
  return TRUE;
}

/* The segment on the value itself, then on each descendant: members and elements in order. */
static gboolean
step_visit (ArborJsonpathRun *self, GError **error)
{
  ArborJsonpathRunFrame *frame = arbor_jsonpath_run_top (self);
  const ArborJsonpathSegment *segment = frame->segment;
  gboolean is_passing = frame->is_passing;
  ArborJsonpathStep step;
  ArborValue child;

  if (self->inner == NONE)
    self->n_steps = frame->n_steps;
  if (!frame->is_begun)
    {
      begin_iter (self, frame);
      child = frame->iter.container;
      if (child.kind < ARBOR_KIND_ARRAY)
        return TRUE;
      arbor_jsonpath_run_meet (self, segment, &child);
      if (!arbor_jsonpath_segment_is_one_child (segment))
        push_segment (self, ARBOR_RUN_SELECT, segment, &child, is_passing);
      else if (find_child (self, segment->selectors, &frame->iter.container, &child, &step))
        return emit (self, &child, &step, error);
      return TRUE;
    }

  arbor_jsonpath_run_pass_over (self, frame);
  if (!next_child (frame, &child, &step))
    {
      pop (self);
    }
  else if (child.kind >= ARBOR_KIND_ARRAY)
    {
      push_step (self, &step);
      push_segment (self, ARBOR_RUN_VISIT, segment, &child, is_passing);
    }
  return TRUE;
}

gboolean
arbor_jsonpath_run (ArborJsonpathRun *self, const ArborValue *root, ArborScope *scope,
                    GError **error)
{
  ArborScopeMark mark = arbor_scope_mark (scope);
  gboolean success = TRUE;

  self->scope = scope;
  self->root = *root;
  self->n_counted = 0;
  self->inner = NONE;
  self->n_frames = 0;
  self->n_stack = 0;
  /* Without a part to remember there is no array, which memset does not take. */
  if (self->path->n_cached > 0)
    memset (self->cache, 0, self->path->n_cached * sizeof (ArborJsonpathCached));

  self->n_steps = 0;
  arbor_jsonpath_run_begin_text (self);
  success = go_on (self, self->path->query->segments, root, FALSE, error);
  while (success && self->n_frames > 0)
    {
      success = arbor_jsonpath_run_count (self, error);
      if (!success)
        break;
      switch ((ArborJsonpathRunKind)arbor_jsonpath_run_top (self)->kind)
        {
        case ARBOR_RUN_SELECT:
          success = step_select (self, error);
          break;
        case ARBOR_RUN_VISIT:
          success = step_visit (self, error);
          break;
        case ARBOR_RUN_QUERY:
        default:
          close_query (self);
          break;
        }
    }
  arbor_scope_release (scope, mark);
  return success;
}
