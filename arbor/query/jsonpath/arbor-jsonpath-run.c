/* Evaluating JSONPath queries. See arbor-jsonpath-run-private.h. */

#include "query/jsonpath/arbor-jsonpath-run-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-text.h"

/* The sink's check is called once in so many steps, a power of two. */
#define CHECK_EVERY 4096u
#define NONE G_MAXUINT32

ArborJsonpathRun *
arbor_jsonpath_run_new (const ArborJsonpath *query, const ArborJsonpathSink *sink)
{
  ArborJsonpathRun *self = g_new0 (ArborJsonpathRun, 1);

  self->path = query;
  self->sink = *sink;
  self->frames = g_array_new (FALSE, FALSE, sizeof (ArborJsonpathRunFrame));
  self->stack = g_array_new (FALSE, FALSE, sizeof (ArborValue));
  self->cache = g_new0 (ArborJsonpathCached, query->n_cached);
  return self;
}

void
arbor_jsonpath_run_free (ArborJsonpathRun *self)
{
  g_array_unref (self->frames);
  g_array_unref (self->stack);
  g_free (self->cache);
  g_free (self);
}

gboolean
arbor_jsonpath_run_count (ArborJsonpathRun *self, GError **error)
{
  if (++self->n_steps > self->sink.max_steps)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("The query takes more than %" PRIu64 " steps on one tree"),
                   self->sink.max_steps);
      return FALSE;
    }
  if (self->n_steps % CHECK_EVERY == 0 && self->sink.check != NULL)
    return self->sink.check (self->sink.data, error);
  return TRUE;
}

static ArborJsonpathRunFrame *
push (ArborJsonpathRun *self, ArborJsonpathRunKind kind)
{
  ArborJsonpathRunFrame frame = { .kind = kind, .mark = arbor_scope_mark (self->scope) };

  g_array_append_val (self->frames, frame);
  return arbor_jsonpath_run_top (self);
}

static void
pop (ArborJsonpathRun *self)
{
  arbor_scope_release (self->scope, arbor_jsonpath_run_top (self)->mark);
  g_array_set_size (self->frames, self->frames->len - 1);
}

/* @segment on @value, if that has children at all. */
static void
push_segment (ArborJsonpathRun *self, const ArborJsonpathSegment *segment, const ArborValue *value,
              gboolean is_passing, const ArborJsonpathStep *step)
{
  ArborJsonpathRunFrame *frame;

  if (value->kind < ARBOR_KIND_ARRAY)
    return;
  frame = push (self, segment->is_descendant ? ARBOR_RUN_VISIT : ARBOR_RUN_SELECT);
  frame->value = *value;
  frame->is_passing = is_passing || value->holder_kind == ARBOR_HOLDER_TAPE ||
                      value->holder_kind == ARBOR_HOLDER_TEXT;
  frame->step = *step;
  frame->segment = segment;
  frame->selector = segment->selectors;
}

/* A query of names and indices, all at once. */
static ArborValue
follow (ArborJsonpathRun *self, const ArborJsonpathQuery *query, ArborValue value)
{
  for (const ArborJsonpathSegment *s = query->segments;
       s != NULL && value.kind != ARBOR_KIND_MISSING; s = s->next)
    {
      const ArborJsonpathSelector *selector = s->selectors;

      if (selector->kind == ARBOR_SELECTOR_NAME)
        arbor_value_get_member (&value, selector->name, selector->length, self->scope, &value);
      else
        arbor_value_get_element (&value, selector->start, self->scope, &value);
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

      g_array_append_val (self->stack, answer);
      return;
    }
  if (query->is_absolute && self->cache[query->cache].is_known)
    {
      g_array_append_val (self->stack, self->cache[query->cache].value);
      return;
    }
  frame = push (self, ARBOR_RUN_QUERY);
  frame->instruction = instruction;
  frame->outer = self->inner;
  self->inner = self->frames->len - 1;
  push_segment (self, query->segments, start, FALSE,
                &(ArborJsonpathStep){ .kind = ARBOR_CHILD_SELF });
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
  g_array_append_val (self->stack, answer);
}

/* A result of the innermost query, which may know enough now. */
static void
add_found (ArborJsonpathRun *self, const ArborValue *value)
{
  ArborJsonpathRunFrame *frame =
    &g_array_index (self->frames, ArborJsonpathRunFrame, self->inner);
  ArborJsonpathAsk ask = frame->instruction->argument;

  frame->n_found++;
  frame->found = *value;
  if (ask == ARBOR_JSONPATH_ASK_EXISTS || (ask == ARBOR_JSONPATH_ASK_ONE && frame->n_found > 1))
    while (self->frames->len - 1 > self->inner)
      pop (self);
}

/* A child that a segment of the top frame selects. */
static gboolean
emit (ArborJsonpathRun *self, const ArborValue *child, const ArborJsonpathStep *step,
      GError **error)
{
  const ArborJsonpathRunFrame *top = arbor_jsonpath_run_top (self);
  const ArborJsonpathSegment *next = top->segment->next;
  gboolean is_passing = top->is_passing;
  ArborJsonpathStep copy = *step;
  ArborValue value = *child;

  if (next != NULL)
    {
      push_segment (self, next, &value, is_passing, &copy);
      return TRUE;
    }
  if (self->inner != NONE)
    {
      add_found (self, &value);
      return TRUE;
    }
  self->last = copy;
  return self->sink.func (self, &value, is_passing, self->sink.data, error);
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
      ArborValue *list = arbor_scope_alloc (self->scope, (gsize) length * sizeof (ArborValue));
      guint32 n = 0;

      while (n < length && arbor_value_iter_next (&frame->iter, NULL, NULL, &list[n]))
        n++;
      frame->iter.container = (ArborValue){ .kind = ARBOR_KIND_ARRAY,
                                            .holder_kind = ARBOR_HOLDER_LIST,
                                            .index = n,
                                            .holder = list };
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

/* The one child of a name or an index; the selector is done with it. */
static gboolean
find_child (ArborJsonpathRun *self, ArborJsonpathRunFrame *frame, ArborValue *child,
            ArborJsonpathStep *step)
{
  const ArborJsonpathSelector *selector = frame->selector;
  gint64 index = selector->start;

  if (selector->kind == ARBOR_SELECTOR_NAME)
    {
      *step = (ArborJsonpathStep){ .kind = ARBOR_CHILD_MEMBER,
                                   .key = selector->name,
                                   .length = selector->length };
      arbor_value_get_member (&frame->value, selector->name, selector->length, self->scope, child);
    }
  else
    {
      arbor_value_get_element (&frame->value, index, self->scope, child);
      if (index < 0)
        index += arbor_value_get_length (&frame->value, self->scope);
      *step = (ArborJsonpathStep){ .kind = ARBOR_CHILD_ELEMENT, .index = index };
    }
  return child->kind != ARBOR_KIND_MISSING;
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
      gboolean is_found = find_child (self, frame, child, step);

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
  if (frame->selector == NULL || frame->selector->kind != ARBOR_SELECTOR_FILTER ||
      !frame->is_begun)
    return emit (self, &child, &step, error);

  frame->child = child;
  frame->child_step = step;
  frame->pc = 0;
  frame->is_testing = TRUE;
  return TRUE;
}

/* The segment on the value itself, then on each descendant: members and elements in order. */
static void
step_visit (ArborJsonpathRun *self)
{
  ArborJsonpathRunFrame *frame = arbor_jsonpath_run_top (self);
  ArborJsonpathStep step = { .kind = ARBOR_CHILD_SELF };
  ArborValue child;

  if (!frame->is_begun)
    {
      const ArborJsonpathSegment *segment = frame->segment;
      gboolean is_passing = frame->is_passing;
      ArborJsonpathRunFrame *select;

      begin_iter (self, frame);
      child = frame->iter.container;
      if (child.kind < ARBOR_KIND_ARRAY)
        return;
      select = push (self, ARBOR_RUN_SELECT);
      select->value = child;
      select->is_passing = is_passing;
      select->step = step;
      select->segment = segment;
      select->selector = segment->selectors;
    }
  else if (next_child (frame, &child, &step))
    {
      push_segment (self, frame->segment, &child, frame->is_passing, &step);
    }
  else
    {
      pop (self);
    }
}

gboolean
arbor_jsonpath_run (ArborJsonpathRun *self, const ArborValue *root, ArborScope *scope,
                    GError **error)
{
  const ArborJsonpathStep none = { .kind = ARBOR_CHILD_SELF };
  ArborScopeMark mark = arbor_scope_mark (scope);
  gboolean success = TRUE;

  self->scope = scope;
  self->root = *root;
  self->n_steps = 0;
  self->inner = NONE;
  g_array_set_size (self->frames, 0);
  g_array_set_size (self->stack, 0);
  /* Without a part to remember there is no array, which memset does not take. */
  if (self->path->n_cached > 0)
    memset (self->cache, 0, self->path->n_cached * sizeof (ArborJsonpathCached));

  if (self->path->query->segments == NULL)
    {
      self->last = none;
      return self->sink.func (self, root, FALSE, self->sink.data, error);
    }
  push_segment (self, self->path->query->segments, root, FALSE, &none);
  while (success && self->frames->len > 0)
    {
      success = arbor_jsonpath_run_count (self, error);
      if (!success)
        break;
      switch ((ArborJsonpathRunKind) arbor_jsonpath_run_top (self)->kind)
        {
        case ARBOR_RUN_SELECT:
          success = step_select (self, error);
          break;
        case ARBOR_RUN_VISIT:
          step_visit (self);
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

/* Section 2.7: single quotes, and only the escapes that are needed. */
static void
append_name (const char *name, guint32 length, ArborBuffer *out)
{
  static const char letters[] = "btn\vfr"; /* of U+0008 to U+000D; \v has none */
  static const char digits[] = "0123456789abcdef";

  arbor_buffer_append_literal (out, "['");
  for (guint32 i = 0; i < length; i++)
    {
      guchar c = (guchar) name[i];

      if (c >= 0x20)
        {
          if (c == '\'' || c == '\\')
            arbor_buffer_append_byte (out, '\\');
          arbor_buffer_append_byte (out, c);
        }
      else if (c >= '\b' && c <= '\r' && c != '\v')
        {
          arbor_buffer_append_byte (out, '\\');
          arbor_buffer_append_byte (out, (guint8) letters[c - '\b']);
        }
      else
        {
          arbor_buffer_append_literal (out, c < 0x10 ? "\\u000" : "\\u001");
          arbor_buffer_append_byte (out, (guint8) digits[c & 0xF]);
        }
    }
  arbor_buffer_append_literal (out, "']");
}

static void
append_step (const ArborJsonpathStep *step, ArborBuffer *out)
{
  if (step->kind == ARBOR_CHILD_MEMBER)
    {
      append_name (step->key, step->length, out);
    }
  else if (step->kind == ARBOR_CHILD_ELEMENT)
    {
      arbor_buffer_append_byte (out, '[');
      arbor_text_append_int64 (out, step->index);
      arbor_buffer_append_byte (out, ']');
    }
}

void
arbor_jsonpath_run_append_path (ArborJsonpathRun *self, ArborBuffer *out)
{
  arbor_buffer_append_byte (out, '$');
  for (guint i = 0; i < self->frames->len; i++)
    append_step (&g_array_index (self->frames, ArborJsonpathRunFrame, i).step, out);
  append_step (&self->last, out);
}
