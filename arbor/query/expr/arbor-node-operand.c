/* Literals and paths in the text form of expressions. */

#include "query/expr/arbor-node-parser-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-number.h"

/* Before another operand is read: what no node could hold must not be kept first. */
gboolean
arbor_node_parser_count_operand (ArborNodeParser *self)
{
  /* Printed, an expression has no more parentheses than calls. */
  if (++self->n_operands <= 2 * ARBOR_NODE_MAX_NODES && self->operands->len < ARBOR_NODE_MAX_NODES)
    return TRUE;
  return arbor_node_parser_fail (self, self->position,
                                 _ ("The expression has more than %d parts: split it"),
                                 ARBOR_NODE_MAX_NODES);
}

void
arbor_node_parser_push_operand (ArborNodeParser *self, ArborNode *node)
{
  g_ptr_array_add (self->operands, node);
  self->expects_operand = FALSE;
  self->is_after_list = FALSE;
}

/* A literal of @length bytes; @json is that as JSON, where it differs. */
gboolean
arbor_node_parser_read_literal (ArborNodeParser *self, gsize length, const char *json,
                                gsize json_length)
{
  gsize offset;
  const char *reason;
  ArborNode *node =
      arbor_node_new_literal_at (json != NULL ? json : self->text + self->position,
                                 json != NULL ? json_length : length, &offset, &reason);

  if (node == NULL)
    return arbor_node_parser_fail_with (self, self->position + MIN (offset, length), reason);

  arbor_node_parser_push_operand (self, node);
  self->position += length;
  return TRUE;
}

/* The value of the `?` at the position; NULL: there is none. */
static ArborNode *
take_place (ArborNodeParser *self)
{
  if (self->n_places == self->n_values)
    {
      arbor_node_parser_fail (self, self->position,
                              _ ("Expected as many places as values, found a place more than "
                                 "the %u values"),
                              self->n_values);
      return NULL;
    }
  return self->values[self->n_places++];
}

/* A `?`, where a value comes from outside. */
gboolean
arbor_node_parser_read_place (ArborNodeParser *self)
{
  ArborNode *value = take_place (self);

  if (value == NULL)
    return FALSE;
  arbor_node_parser_push_operand (self, arbor_node_ref (value));
  self->position++;
  return TRUE;
}

/* A `?`, where a list comes from outside: each of its elements is an operand. */
gboolean
arbor_node_parser_read_list_place (ArborNodeParser *self)
{
  const ArborNode *list = take_place (self);
  guint32 end;

  if (list == NULL)
    return FALSE;
  if (list->kind != ARBOR_NODE_LITERAL || list->literal.kind != ARBOR_KIND_ARRAY)
    return arbor_node_parser_fail (self, self->position,
                                   _ ("Expected a list of values for the place behind 'in'"));
  end = arbor_tape_next (&list->tape, ARBOR_TAPE_ROOT) - 1;
  for (guint32 i = ARBOR_TAPE_ROOT + 1; i < end; i = arbor_tape_next (&list->tape, i))
    {
      if (!arbor_node_parser_count_operand (self))
        return FALSE;
      arbor_node_parser_push_operand (self, arbor_node_new_literal_part (list, i));
    }
  self->position++;
  return TRUE;
}

gboolean
arbor_node_parser_read_number (ArborNodeParser *self)
{
  gsize length = arbor_node_parser_measure_number (self->text, self->position);
  ArborValue number;

  if (!arbor_number_parse (self->text + self->position, length, &number) ||
      arbor_node_parser_measure_word (self->text, self->position + length) > 0 ||
      arbor_node_parser_peek (self, length) == '.' ||
      g_ascii_isdigit (arbor_node_parser_peek (self, length)))
    return arbor_node_parser_fail (self, self->position, _ ("Expected a number as JSON writes it"));

  arbor_node_parser_push_operand (self, arbor_node_new_literal (&number));
  self->position += length;
  return TRUE;
}

gboolean
arbor_node_parser_read_string (ArborNodeParser *self)
{
  gsize length = arbor_node_parser_measure_string (self->text, self->position);
  const char *text = self->text + self->position;
  g_autoptr (GString) json = NULL;

  if (length == 0)
    return arbor_node_parser_fail (self, self->position,
                                   _ ("The string that begins here does not end: expected %c"),
                                   *text);
  if (*text == '"')
    return arbor_node_parser_read_literal (self, length, NULL, 0);

  /* Single quotes: as JSON, which escapes the other kind. */
  json = g_string_new ("\"");
  for (gsize i = 1; i < length - 1; i++)
    {
      if (text[i] == '\\' && text[i + 1] == '\'')
        i++;
      else if (text[i] == '\\')
        g_string_append_c (json, text[i++]);
      else if (text[i] == '"')
        g_string_append_c (json, '\\');
      g_string_append_c (json, text[i]);
    }
  g_string_append_c (json, '"');
  return arbor_node_parser_read_literal (self, length, json->str, json->len);
}

gboolean
arbor_node_parser_read_container (ArborNodeParser *self)
{
  gsize length = arbor_node_parser_measure_container (self->text, self->position);
  const char *text = self->text + self->position;
  g_autofree char *json = NULL;
  gsize comma = length - 2;

  if (length == 0)
    return arbor_node_parser_fail (self, self->position,
                                   _ ("Expected '%c' for the '%c' that stands here"),
                                   *text == '[' ? ']' : '}', *text);

  /* ["a",] is an array, ["a"] a path: one comma before the end means nothing else. */
  while (comma > 0 && g_ascii_isspace (text[comma]))
    comma--;
  if (*text == '[' && comma > 1 && text[comma] == ',')
    {
      json = g_strndup (text, length);
      json[comma] = ' ';
    }
  return arbor_node_parser_read_literal (self, length, json, length);
}

/* Whether the bracket at the position is a step of a path: ["key"], [0], [-1], [*]. */
gboolean
arbor_node_parser_is_step (ArborNodeParser *self)
{
  const char *text = self->text;
  gsize at = arbor_node_parser_skip_space (text, self->position + 1);
  gsize start = at;

  if (text[at] == '*')
    {
      at++;
    }
  else if (text[at] == '"')
    {
      at += arbor_node_parser_measure_string (text, at);
    }
  else
    {
      at += text[at] == '-';
      while (g_ascii_isdigit (text[at]))
        at++;
    }
  return at > start && text[arbor_node_parser_skip_space (text, at)] == ']';
}

static void
clear_step (gpointer step)
{
  arbor_step_clear (step);
}

static gboolean
read_key (ArborNodeParser *self, GArray *steps)
{
  gsize length = arbor_node_parser_measure_word (self->text, self->position);
  ArborStep step = { .kind = ARBOR_STEP_KEY, .length = (guint32)length };

  if (length == 0)
    return arbor_node_parser_fail (
        self, self->position,
        _ ("Expected a key: letters, digits and _, or any other key as [\"key\"]"));

  step.key = g_strndup (self->text + self->position, length);
  g_array_append_val (steps, step);
  self->position += length;
  return TRUE;
}

static gboolean
read_bracket (ArborNodeParser *self, GArray *steps)
{
  gsize position = self->position;
  ArborStep step;

  if (!arbor_path_parse_bracket (self->text, self->length, &self->position, &step, NULL))
    return arbor_node_parser_fail (self, position, _ ("Expected [\"key\"], [index] or [*]"));

  g_array_append_val (steps, step);
  return TRUE;
}

/* FALSE with the error set: no tree is that deep. */
static gboolean
check_steps (ArborNodeParser *self, const GArray *steps)
{
  if (steps->len <= ARBOR_TAPE_MAX_DEPTH)
    return TRUE;
  return arbor_node_parser_fail (self, self->position, _ ("A path has at most %d steps: no tree is deeper"),
                                 ARBOR_TAPE_MAX_DEPTH);
}

gboolean
arbor_node_parser_read_path (ArborNodeParser *self)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (ArborStep));
  char begin = arbor_node_parser_peek (self, 0);
  gboolean success = TRUE;
  ArborPath *path;
  ArborStep *data;
  gsize n;

  if (begin == '@' && self->n_bindings == 0)
    return arbor_node_parser_fail (self, self->position,
                                   _ ("'@' stands only inside functions that walk an array"));

  g_array_set_clear_func (steps, clear_step);
  if (begin == '$' || begin == '@')
    self->position++;
  else if (begin == '[')
    success = read_bracket (self, steps);
  else
    success = read_key (self, steps);

  while (success && check_steps (self, steps) &&
         (arbor_node_parser_peek (self, 0) == '.' || arbor_node_parser_peek (self, 0) == '['))
    {
      if (arbor_node_parser_peek (self, 0) == '[')
        {
          success = read_bracket (self, steps);
        }
      else
        {
          self->position++;
          success = read_key (self, steps);
        }
    }
  if (!success || steps->len > ARBOR_TAPE_MAX_DEPTH)
    return FALSE;

  data = g_array_steal (steps, &n);
  path = arbor_path_new_take (data, (guint)n);
  arbor_node_parser_push_operand (self, begin == '@' ? arbor_node_new_element_take (path)
                                                     : arbor_node_new_path_take (path));
  return TRUE;
}

/* One step behind a call: the function that takes it and, where it has another argument, that as a
 * literal. */
gboolean
arbor_node_parser_read_step (ArborNodeParser *self, const char **function)
{
  const ArborNode *call = g_ptr_array_index (self->operands, self->operands->len - 1);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (ArborStep));
  gsize position = self->position;
  const ArborStep *step;
  ArborValue value;

  g_array_set_clear_func (steps, clear_step);
  if (arbor_node_parser_peek (self, 0) == '[')
    {
      if (!read_bracket (self, steps))
        return FALSE;
    }
  else
    {
      self->position++;
      if (!read_key (self, steps))
        return FALSE;
    }
  step = &g_array_index (steps, ArborStep, 0);
  if (call->is_vector && step->kind != ARBOR_STEP_KEY)
    return arbor_node_parser_fail (self, position,
                                   _ ("Behind a call with several values only keys can follow: to "
                                      "go over the arrays in them use map()"));
  *function = step->kind == ARBOR_STEP_EACH  ? "each"
              : step->kind == ARBOR_STEP_KEY ? "field"
                                             : "get";
  if (step->kind == ARBOR_STEP_EACH)
    return TRUE;
  value = step->kind == ARBOR_STEP_KEY ? ARBOR_VALUE_STRING (step->key, step->length)
                                       : ARBOR_VALUE_INT64 (step->index);
  arbor_node_parser_push_operand (self, arbor_node_new_literal (&value));
  return TRUE;
}
