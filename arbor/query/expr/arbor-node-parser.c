/* Text to nodes. The grammar is in docs/expressions.md.
 *
 * Operator precedence parsing on two explicit stacks: operands (nodes, done) and frames (operators,
 * brackets and choices that wait for operands), so that the depth of a text costs no C stack.
 * Between two tokens the parser expects either an operand or an operator; that alone tells a minus
 * from a sign, a function from an infix word and a path from an index.
 */

#include "query/expr/arbor-node-parser-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

/* Frames */

static ArborFrame *
get_top (ArborNodeParser *self)
{
  return self->frames->len > 0 ? &g_array_index (self->frames, ArborFrame, self->frames->len - 1)
                               : NULL;
}

static ArborFrame *
push_frame (ArborNodeParser *self, const ArborFunction *function, ArborFrameState state,
            guint n_before, gsize position)
{
  ArborFrame frame = { .function = function,
                       .state = state,
                       .first = self->operands->len - n_before,
                       .position = position };

  g_array_append_val (self->frames, frame);
  self->expects_operand = TRUE;
  self->is_after_list = FALSE;
  return get_top (self);
}

/* What would end a frame. */
static const char *
get_closer (const ArborFrame *frame)
{
  if (frame->state == ARBOR_FRAME_CONDITION)
    return "then";
  if (frame->state == ARBOR_FRAME_VALUE)
    return "otherwise";
  return frame->close == ']' ? "]" : ")";
}

static gboolean
is_operator (const ArborFrame *frame)
{
  return frame != NULL && frame->state == ARBOR_FRAME_OPERATOR;
}

/* Replaces the operands from @first on by the call of @function with them. */
static gboolean
make_call (ArborNodeParser *self, const ArborFunction *function, guint first, gsize position)
{
  g_autoptr (GError) error = NULL;
  ArborNode *call = arbor_node_new_call_of (function, (ArborNode **)self->operands->pdata + first,
                                            self->operands->len - first, &error);

  if (call == NULL)
    return arbor_node_parser_fail_with (self, position, error->message);

  g_ptr_array_set_size (self->operands, (int)first);
  g_ptr_array_add (self->operands, call);
  return TRUE;
}

/* Makes the calls of the operators on top that bind at least as tightly as @precedence. */
static gboolean
reduce (ArborNodeParser *self, guint precedence)
{
  for (ArborFrame *top = get_top (self);
       is_operator (top) && top->function->precedence >= precedence; top = get_top (self))
    {
      ArborFrame frame = *top;

      g_array_set_size (self->frames, self->frames->len - 1);
      if (!make_call (self, frame.function, frame.first, frame.position))
        return FALSE;
    }
  return TRUE;
}

static gboolean
push_prefix (ArborNodeParser *self, const ArborFunction *function, gsize length)
{
  const ArborFrame *top = get_top (self);
  gboolean is_choice = function->syntax == ARBOR_SYNTAX_CHOICE;

  if (is_operator (top) && top->function->precedence > function->precedence)
    return arbor_node_parser_fail (self, self->position,
                                   _ ("'%s' needs parentheses here: (%s ...)"),
                                   arbor_function_get_symbol (function),
                                   arbor_function_get_symbol (function));

  push_frame (self, function, is_choice ? ARBOR_FRAME_CONDITION : ARBOR_FRAME_OPERATOR, 0,
              self->position);
  self->position += length;
  return TRUE;
}

static gboolean
push_infix (ArborNodeParser *self, const ArborFunction *function, gsize length)
{
  gsize position = self->position;
  guint precedence = function->precedence;
  ArborFrame *top;

  if (!reduce (self, precedence + 1))
    return FALSE;

  top = get_top (self);
  if ((self->is_after_list && precedence >= ARBOR_PRECEDENCE_COMPARISON) ||
      (precedence == ARBOR_PRECEDENCE_COMPARISON && is_operator (top) &&
       top->function->precedence == precedence))
    return arbor_node_parser_fail (
        self, position, _ ("Comparisons do not chain: write a < b and b < c, or use parentheses"));

  self->position += length;
  self->expects_operand = TRUE;
  if (is_operator (top) && top->function == function && function->is_flat)
    return TRUE; /* one more argument */

  if (!reduce (self, precedence))
    return FALSE;
  push_frame (self, function, ARBOR_FRAME_OPERATOR, 1, position);
  return TRUE;
}

/* in ?, whose list comes from outside. */
static gboolean
read_list_place (ArborNodeParser *self, gboolean is_negated)
{
  ArborFrame frame = *get_top (self);

  g_array_set_size (self->frames, self->frames->len - 1);
  if (!arbor_node_parser_read_list_place (self) ||
      !make_call (self, frame.function, frame.first, frame.position) ||
      (is_negated && !make_call (self, arbor_function_find ("not"), frame.first, frame.position)))
    return FALSE;
  self->expects_operand = FALSE;
  self->is_after_list = TRUE;
  return TRUE;
}

/* in [...], is_between (...) */
static gboolean
push_list (ArborNodeParser *self, const ArborFunction *function, gsize length, gboolean is_negated)
{
  gsize position = self->position;
  gboolean is_range = function->syntax == ARBOR_SYNTAX_RANGE;
  ArborFrame *frame;

  if (!push_infix (self, function, length))
    return FALSE;

  self->position = arbor_node_parser_skip_space (self->text, self->position);
  if (is_range && arbor_node_parser_peek (self, 0) != '(')
    return arbor_node_parser_fail (self, self->position, _ ("Expected '(' and two values"));
  if (!is_range && arbor_node_parser_peek (self, 0) == '?' && self->values != NULL)
    return read_list_place (self, is_negated);
  if (!is_range && arbor_node_parser_peek (self, 0) != '[')
    return arbor_node_parser_fail (
        self, self->position,
        _ ("Expected '[' and a list of values; to look into an array, use contains"));

  g_array_set_size (self->frames, self->frames->len - 1);
  frame = push_frame (self, function, ARBOR_FRAME_BRACKET, 1, position);
  frame->close = is_range ? ')' : ']';
  frame->is_list = TRUE;
  frame->is_negated = is_negated;
  self->position++;
  return TRUE;
}

static void
unbind_element (ArborNodeParser *self, ArborFrame *frame)
{
  self->n_bindings -= frame->binds_element;
  frame->binds_element = FALSE;
}

/* Directly behind a call a path goes on from its value: f (x).a[1] is get (field (f (x), "a"), 1), and
 * f (x)[*] is each (f (x)). */
static gboolean
read_steps (ArborNodeParser *self, guint first)
{
  while (arbor_node_parser_peek (self, 0) == '.' || arbor_node_parser_peek (self, 0) == '[')
    {
      gsize position = self->position;
      const char *function;

      if (!arbor_node_parser_read_step (self, &function))
        return FALSE;
      self->expects_operand = FALSE;
      if (!make_call (self, arbor_function_find (function), first, position))
        return FALSE;
    }
  return TRUE;
}

/* At a closing bracket: the innermost open one ends. */
static gboolean
close_bracket (ArborNodeParser *self)
{
  char close = arbor_node_parser_peek (self, 0);
  ArborFrame frame;

  if (!reduce (self, ARBOR_PRECEDENCE_NONE))
    return FALSE;
  if (get_top (self) == NULL)
    return arbor_node_parser_fail (self, self->position,
                                   _ ("Nothing is open that '%c' could close"), close);

  unbind_element (self, get_top (self));
  frame = *get_top (self);
  if (frame.close != close)
    return arbor_node_parser_fail (self, self->position,
                                   _ ("Expected '%s' for what opens at position %zu, found '%c'"),
                                   get_closer (&frame), frame.position, close);

  g_array_set_size (self->frames, self->frames->len - 1);
  if (frame.function != NULL && !make_call (self, frame.function, frame.first, frame.position))
    return FALSE;
  if (frame.is_negated &&
      !make_call (self, arbor_function_find ("not"), frame.first, frame.position))
    return FALSE;

  self->position++;
  self->expects_operand = FALSE;
  self->is_after_list = frame.is_list;
  if (frame.function == NULL || frame.is_list)
    return TRUE;
  return read_steps (self, frame.first);
}

static gboolean
read_comma (ArborNodeParser *self)
{
  ArborFrame *top;

  if (!reduce (self, ARBOR_PRECEDENCE_NONE))
    return FALSE;

  top = get_top (self);
  if (top == NULL || top->function == NULL || top->state != ARBOR_FRAME_BRACKET)
    return arbor_node_parser_fail (self, self->position,
                                   _ ("A ',' stands only between arguments and in lists"));

  unbind_element (self, top);
  top->n_commas++;
  if (top->function->walks && top->n_commas == 1)
    {
      top->binds_element = TRUE;
      self->n_bindings++;
    }
  self->position++;
  self->expects_operand = TRUE;
  self->is_after_list = FALSE;
  return TRUE;
}

/* Behind a condition or a value of a choice. FALSE without an error: @word does not belong there.
 */
static gboolean
read_choice_word (ArborNodeParser *self, const char *word, gsize length)
{
  ArborFrame *top;
  gboolean is_then = arbor_node_parser_is_word (word, length, "then");
  gboolean is_when = arbor_node_parser_is_word (word, length, "when");

  if (!is_then && !is_when && !arbor_node_parser_is_word (word, length, "otherwise"))
    return FALSE;
  if (!reduce (self, ARBOR_PRECEDENCE_NONE))
    return FALSE;

  top = get_top (self);
  if (top == NULL || top->state != (is_then ? ARBOR_FRAME_CONDITION : ARBOR_FRAME_VALUE))
    return FALSE;

  /* After "otherwise" it is an operator that binds less tightly than any other. */
  top->state = is_then ? ARBOR_FRAME_VALUE : is_when ? ARBOR_FRAME_CONDITION : ARBOR_FRAME_OPERATOR;
  self->position += length;
  self->expects_operand = TRUE;
  self->is_after_list = FALSE;
  return TRUE;
}

/* The two states */

static gboolean
read_call (ArborNodeParser *self, gsize length, gsize open)
{
  const char *name = self->text + self->position;
  const ArborFunction *function = arbor_function_find_call (name, length);

  if (function == NULL)
    {
      const char *near = arbor_function_find_near (name, length);

      if (near != NULL)
        return arbor_node_parser_fail (self, self->position,
                                       _ ("Unknown function '%.*s'; there is '%s'"), (int)length,
                                       name, near);
      return arbor_node_parser_fail (self, self->position, _ ("Unknown function '%.*s'"),
                                     (int)length, name);
    }

  push_frame (self, function, ARBOR_FRAME_BRACKET, 0, self->position)->close = ')';
  self->position = arbor_node_parser_skip_space (self->text, open + 1);
  return arbor_node_parser_peek (self, 0) != ')' || close_bracket (self);
}

static gboolean
read_word (ArborNodeParser *self, gsize length)
{
  const char *word = self->text + self->position;
  gsize after = arbor_node_parser_skip_space (self->text, self->position + length);
  const ArborFunction *prefix;

  if (arbor_node_parser_is_word (word, length, "null") ||
      arbor_node_parser_is_word (word, length, "true") ||
      arbor_node_parser_is_word (word, length, "false"))
    return arbor_node_parser_read_literal (self, length, NULL, 0);

  prefix = arbor_function_find_operator (ARBOR_SYNTAX_PREFIX, word, length);
  if (prefix == NULL)
    prefix = arbor_function_find_operator (ARBOR_SYNTAX_CHOICE, word, length);
  if (prefix != NULL)
    return push_prefix (self, prefix, length);

  if (arbor_node_is_reserved (word, length))
    return arbor_node_parser_fail (
        self, self->position,
        _ ("Expected a value, found the word '%.*s'; as a key it is written [\"%.*s\"]"),
        (int)length, word, (int)length, word);

  if (self->text[after] == '(')
    return read_call (self, length, after);
  return arbor_node_parser_read_path (self);
}

static gboolean
read_operand (ArborNodeParser *self)
{
  const ArborFrame *top = get_top (self);
  gsize word = arbor_node_parser_measure_word (self->text, self->position);
  char c = arbor_node_parser_peek (self, 0);
  const ArborFunction *prefix;
  g_autofree char *place = NULL;

  if (!arbor_node_parser_count_operand (self))
    return FALSE;
  if (word > 0)
    return read_word (self, word);
  if (g_ascii_isdigit (c) || (c == '-' && g_ascii_isdigit (arbor_node_parser_peek (self, 1))))
    return arbor_node_parser_read_number (self);
  if (c == '"' || c == '\'')
    return arbor_node_parser_read_string (self);
  if (c == '?' && self->values != NULL)
    return arbor_node_parser_read_place (self);
  if (c == '$' || c == '@' || (c == '[' && arbor_node_parser_is_step (self)))
    return arbor_node_parser_read_path (self);
  if (c == '[' || c == '{')
    return arbor_node_parser_read_container (self);
  if (c == '(')
    {
      push_frame (self, NULL, ARBOR_FRAME_BRACKET, 0, self->position)->close = ')';
      self->position++;
      return TRUE;
    }
  /* x in [] */
  if (c == ']' && top != NULL && top->close == ']' && top->first == self->operands->len - 1)
    return close_bracket (self);

  prefix = arbor_function_find_operator (ARBOR_SYNTAX_PREFIX, &c, 1);
  if (prefix != NULL)
    return push_prefix (self, prefix, 1);

  place = arbor_node_parser_describe_place (self);
  return arbor_node_parser_fail (self, self->position,
                                 _ ("Expected a value, a path or a function, found %s"), place);
}

/* in [...], is_between (...), or with "not" before it; FALSE without an error: none of these. */
static gboolean
read_list_operator (ArborNodeParser *self, gsize length)
{
  const char *at = self->text + self->position;
  gboolean is_negated = arbor_node_parser_is_word (at, length, "not");
  gsize start = self->position;
  const ArborFunction *function;

  if (is_negated)
    {
      start = arbor_node_parser_skip_space (self->text, start + length);
      length = arbor_node_parser_measure_word (self->text, start);
    }

  function = arbor_function_find_operator (ARBOR_SYNTAX_LIST, self->text + start, length);
  if (function == NULL)
    function = arbor_function_find_operator (ARBOR_SYNTAX_RANGE, self->text + start, length);
  return function != NULL &&
         push_list (self, function, start + length - self->position, is_negated);
}

static gboolean
read_operator (ArborNodeParser *self)
{
  const char *at = self->text + self->position;
  gsize word = arbor_node_parser_measure_word (self->text, self->position);
  gsize left = self->length - self->position;
  g_autofree char *place = NULL;

  if (*at == ')' || *at == ']')
    return close_bracket (self);
  if (*at == ',')
    return read_comma (self);

  for (gsize length = word > 0 ? word : MIN (left, 2); length > 0;
       length = word > 0 ? 0 : length - 1)
    {
      const ArborFunction *infix = arbor_function_find_operator (ARBOR_SYNTAX_INFIX, at, length);

      if (infix != NULL)
        return push_infix (self, infix, length);
    }

  if (word > 0 && (read_list_operator (self, word) || *self->error != NULL))
    return *self->error == NULL;
  if (word > 0 && (read_choice_word (self, at, word) || *self->error != NULL))
    return *self->error == NULL;
  if (word > 0)
    return arbor_node_parser_fail (self, self->position,
                                   _ ("Expected an operator or the end, found '%.*s'"), (int)word,
                                   at);
  place = arbor_node_parser_describe_place (self);
  return arbor_node_parser_fail (self, self->position,
                                 _ ("Expected an operator or the end, found %s"), place);
}

static ArborNode *
parse (ArborNodeParser *self)
{
  const ArborFrame *top;

  for (;;)
    {
      self->position = arbor_node_parser_skip_space (self->text, self->position);
      if (self->position == self->length && !self->expects_operand)
        break;
      if (!(self->expects_operand ? read_operand (self) : read_operator (self)))
        return NULL;
    }

  if (!reduce (self, ARBOR_PRECEDENCE_NONE))
    return NULL;
  top = get_top (self);
  if (top != NULL)
    {
      arbor_node_parser_fail (self, self->length,
                              _ ("Expected '%s' for what opens at position %zu, found the end"),
                              get_closer (top), top->position);
      return NULL;
    }
  return g_ptr_array_steal_index (self->operands, 0);
}

static gboolean
check_places (ArborNodeParser *self)
{
  if (self->n_places == self->n_values)
    return TRUE;
  return arbor_node_parser_fail (
      self, self->length,
      _ ("Expected as many places as values, found %u places for %u values; within quotes a place is "
         "text"),
      self->n_places, self->n_values);
}

ArborNode *
arbor_node_parse (const char *text, GError **error)
{
  return arbor_node_parse_with (text, NULL, 0, error);
}

ArborNode *
arbor_node_parse_with (const char *text, ArborNode *const *values, guint n_values, GError **error)
{
  g_autoptr (GPtrArray) operands =
      g_ptr_array_new_with_free_func ((GDestroyNotify)arbor_node_unref);
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (ArborFrame));
  g_autoptr (GError) own = NULL;
  ArborNodeParser parser = { .text = text,
                             .length = strlen (text),
                             .expects_operand = TRUE,
                             .operands = operands,
                             .frames = frames,
                             .values = values,
                             .n_values = n_values,
                             .error = &own };
  ArborNode *node;
  const char *end;

  if (!g_utf8_validate (text, -1, &end))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _ ("Expected UTF-8, found a byte that is none at position %zu (bytes from 0)"),
                   (gsize)(end - text));
      return NULL;
    }

  node = parse (&parser);
  if (node != NULL && !check_places (&parser))
    g_clear_pointer (&node, arbor_node_unref);
  if (node == NULL)
    g_propagate_error (error, g_steal_pointer (&own));
  return node;
}
