/* JSONPath text to queries: segments and selectors. See arbor-jsonpath-parser.h. */

#include "query/jsonpath/arbor-jsonpath-parser.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

ArborJsonpathFrame *
arbor_jsonpath_push (ArborJsonpathParser *self, ArborJsonpathFrameKind kind)
{
  ArborJsonpathFrame frame = { .kind = kind, .position = self->lexer.position };

  if (self->frames->len >= ARBOR_JSONPATH_MAX_NESTING)
    {
      g_set_error (self->lexer.error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("A JSONPath query nests at most %u levels deep"), ARBOR_JSONPATH_MAX_NESTING);
      return NULL;
    }
  g_array_append_val (self->frames, frame);
  return arbor_jsonpath_parser_top (self);
}

static gpointer
alloc (ArborJsonpathParser *self, gsize size)
{
  return memset (arbor_scope_alloc (self->path->scope, size), 0, size);
}

gboolean
arbor_jsonpath_push_query (ArborJsonpathParser *self)
{
  ArborJsonpathFrame *frame = arbor_jsonpath_push (self, ARBOR_FRAME_QUERY);

  if (frame == NULL)
    return FALSE;
  frame->query = alloc (self, sizeof (ArborJsonpathQuery));
  frame->query->position = self->lexer.position;
  frame->query->is_absolute = arbor_jsonpath_peek (&self->lexer, 0) == '$';
  frame->query->is_singular = TRUE;
  frame->segment_end = &frame->query->segments;
  self->lexer.position++;
  return TRUE;
}

static ArborJsonpathSelector *
add_selector (ArborJsonpathParser *self, ArborSelectorKind kind)
{
  ArborJsonpathFrame *frame = arbor_jsonpath_parser_top (self);
  ArborJsonpathSelector *selector = alloc (self, sizeof *selector);

  selector->kind = kind;
  if (kind == ARBOR_SELECTOR_NAME)
    selector->slot = self->path->n_slots++;
  if (kind != ARBOR_SELECTOR_NAME && kind != ARBOR_SELECTOR_INDEX)
    frame->query->is_singular = FALSE;
  *frame->selector_end = selector;
  frame->selector_end = &selector->next;
  return selector;
}

static gboolean
at_int (ArborJsonpathParser *self)
{
  char c = arbor_jsonpath_peek (&self->lexer, 0);

  return c == '-' || g_ascii_isdigit (c);
}

/* Behind the first colon: S [end S] [":" [S step]]. */
static gboolean
read_slice (ArborJsonpathParser *self, ArborJsonpathSelector *slice)
{
  slice->step = 1;
  arbor_jsonpath_skip_space (&self->lexer);
  slice->has_end = at_int (self);
  if (slice->has_end)
    {
      if (!arbor_jsonpath_read_int (&self->lexer, &slice->end))
        return FALSE;
      arbor_jsonpath_skip_space (&self->lexer);
    }
  if (arbor_jsonpath_peek (&self->lexer, 0) != ':')
    return TRUE;

  self->lexer.position++;
  arbor_jsonpath_skip_space (&self->lexer);
  return !at_int (self) || arbor_jsonpath_read_int (&self->lexer, &slice->step);
}

static gboolean
read_index_or_slice (ArborJsonpathParser *self)
{
  ArborJsonpathSelector *selector;
  gboolean has_start = at_int (self);
  gint64 start = 0;
  gsize end;

  if (has_start && !arbor_jsonpath_read_int (&self->lexer, &start))
    return FALSE;
  end = self->lexer.position;
  arbor_jsonpath_skip_space (&self->lexer);
  if (arbor_jsonpath_peek (&self->lexer, 0) != ':')
    {
      self->lexer.position = end;
      add_selector (self, ARBOR_SELECTOR_INDEX)->start = start;
      return TRUE;
    }

  self->lexer.position++;
  selector = add_selector (self, ARBOR_SELECTOR_SLICE);
  selector->has_start = has_start;
  selector->start = start;
  return read_slice (self, selector);
}

static gboolean
read_filter (ArborJsonpathParser *self)
{
  ArborJsonpathSelector *selector = add_selector (self, ARBOR_SELECTOR_FILTER);

  self->lexer.position++;
  selector->program = g_array_new (FALSE, FALSE, sizeof (ArborJsonpathInstruction));
  g_ptr_array_add (self->path->programs, selector->program);
  return arbor_jsonpath_push_logic (self, ARBOR_LOGIC_FILTER, selector->program);
}

static gboolean
read_selector (ArborJsonpathParser *self)
{
  ArborJsonpathSelector *selector;

  switch (arbor_jsonpath_peek (&self->lexer, 0))
    {
    case '\'':
    case '"':
      selector = add_selector (self, ARBOR_SELECTOR_NAME);
      return arbor_jsonpath_read_string (&self->lexer, &selector->name, &selector->length);
    case '*':
      self->lexer.position++;
      add_selector (self, ARBOR_SELECTOR_WILDCARD);
      return TRUE;
    case '?':
      return read_filter (self);
    default:
      if (at_int (self) || arbor_jsonpath_peek (&self->lexer, 0) == ':')
        return read_index_or_slice (self);
      return arbor_jsonpath_fail_expected (
          &self->lexer, _("a selector: 'name', *, an index, start:end:step or ?condition"));
    }
}

/* Inside of brackets: one selector, or what follows it. */
static gboolean
step_bracket (ArborJsonpathParser *self, ArborJsonpathFrame *frame)
{
  gsize before = self->lexer.position;
  char c;

  arbor_jsonpath_skip_space (&self->lexer);
  if (self->lexer.position > before)
    frame->query->is_spaced = TRUE;
  if (frame->expects_selector)
    {
      frame->expects_selector = FALSE;
      return read_selector (self);
    }

  c = arbor_jsonpath_peek (&self->lexer, 0);
  if (c != ',' && c != ']')
    return arbor_jsonpath_fail_expected (&self->lexer, _("',' or ']'"));
  self->lexer.position++;
  if (c == ',')
    {
      frame->expects_selector = TRUE;
      frame->query->is_singular = FALSE;
    }
  else
    {
      frame->selector_end = NULL;
    }
  return TRUE;
}

/* Behind . or .. */
static gboolean
read_after_dot (ArborJsonpathParser *self, ArborJsonpathFrame *frame)
{
  ArborJsonpathSelector *selector;
  gboolean success = TRUE;

  if (arbor_jsonpath_peek (&self->lexer, 0) == '*')
    {
      self->lexer.position++;
      add_selector (self, ARBOR_SELECTOR_WILDCARD);
    }
  else
    {
      selector = add_selector (self, ARBOR_SELECTOR_NAME);
      success = arbor_jsonpath_read_shorthand (&self->lexer, &selector->name, &selector->length);
    }
  frame->selector_end = NULL;
  return success;
}

/* At . or [ */
static gboolean
read_segment (ArborJsonpathParser *self, ArborJsonpathFrame *frame)
{
  ArborJsonpathSegment *segment = alloc (self, sizeof *segment);

  *frame->segment_end = segment;
  frame->segment_end = &segment->next;
  frame->selector_end = &segment->selectors;
  if (arbor_jsonpath_peek (&self->lexer, 0) == '.')
    {
      segment->is_descendant = arbor_jsonpath_peek (&self->lexer, 1) == '.';
      self->lexer.position += segment->is_descendant ? 2 : 1;
      if (segment->is_descendant)
        frame->query->is_singular = FALSE;
      if (!segment->is_descendant || arbor_jsonpath_peek (&self->lexer, 0) != '[')
        return read_after_dot (self, frame);
    }
  self->lexer.position++;
  frame->expects_selector = TRUE;
  return TRUE;
}

static gboolean
step_query (ArborJsonpathParser *self)
{
  ArborJsonpathFrame *frame = arbor_jsonpath_parser_top (self);
  ArborJsonpathQuery *query = frame->query;
  gsize end = self->lexer.position;
  char c;

  if (frame->selector_end != NULL)
    return step_bracket (self, frame);

  arbor_jsonpath_skip_space (&self->lexer);
  c = arbor_jsonpath_peek (&self->lexer, 0);
  if (c == '.' || c == '[')
    return read_segment (self, frame);

  self->lexer.position = end;
  g_array_set_size (self->frames, self->frames->len - 1);
  if (self->frames->len > 0)
    {
      query->cache = query->is_absolute ? self->path->n_cached++ : 0;
      arbor_jsonpath_add_query (self, query);
      return TRUE;
    }
  if (end < self->lexer.length)
    return arbor_jsonpath_fail_expected (&self->lexer, _("'.', '..', '[' or the end"));
  return TRUE;
}

static gboolean
parse (ArborJsonpathParser *self)
{
  if (arbor_jsonpath_peek (&self->lexer, 0) != '$')
    return arbor_jsonpath_fail_expected (&self->lexer, _("'$'"));
  if (!arbor_jsonpath_push_query (self))
    return FALSE;
  self->path->query = arbor_jsonpath_parser_top (self)->query;

  while (self->frames->len > 0)
    {
      ArborJsonpathFrameKind kind = arbor_jsonpath_parser_top (self)->kind;
      gboolean success = kind == ARBOR_FRAME_QUERY   ? step_query (self)
                         : kind == ARBOR_FRAME_LOGIC ? arbor_jsonpath_step_logic (self)
                                                     : arbor_jsonpath_step_call (self);

      if (!success)
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_text (const char *text, gsize length, GError **error)
{
  const char *end;

  if (length > ARBOR_JSONPATH_MAX_LENGTH)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("A JSONPath query has at most %u bytes, not %zu"), ARBOR_JSONPATH_MAX_LENGTH,
                   length);
      return FALSE;
    }
  if (!g_utf8_validate (text, (gssize) length, &end))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _("The JSONPath query is not UTF-8 at position %zu (bytes from 0)"),
                   (gsize) (end - text));
      return FALSE;
    }
  return TRUE;
}

static void
free_program (gpointer program)
{
  g_array_unref (program);
}

ArborJsonpath *
arbor_jsonpath_parse (const char *text, GError **error)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (ArborJsonpathFrame));
  g_autoptr (ArborJsonpath) self = NULL;
  ArborJsonpathParser parser = { .frames = frames };
  gsize length = strlen (text);

  if (!check_text (text, length, error))
    return NULL;
  self = g_new0 (ArborJsonpath, 1);
  self->scope = arbor_scope_new ();
  self->programs = g_ptr_array_new_with_free_func (free_program);
  parser.path = self;
  parser.lexer = (ArborJsonpathLexer){
    .text = text, .length = length, .scope = self->scope, .error = error
  };
  return parse (&parser) ? g_steal_pointer (&self) : NULL;
}

void
arbor_jsonpath_free (ArborJsonpath *self)
{
  g_ptr_array_unref (self->programs);
  arbor_scope_free (self->scope);
  g_free (self);
}
