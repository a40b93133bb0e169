/* Text to nodes. The grammar is in docs/expressions.md.
 *
 * Operator precedence parsing on two explicit stacks: operands (nodes, done) and frames (operators
 * and brackets that wait for operands), so that the depth of a text costs no C stack. Between
 * two tokens the parser expects either an operand or an operator; that alone tells a minus from
 * a sign, a function from an infix word and a path from an index.
 */

#include "query/arbor-node.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "query/arbor-function.h"

typedef struct
{
  const ArborFunction *function; /* NULL: plain parentheses */
  char close;                    /* ')' or ']' where it is a bracket, 0 where it is an operator */
  gboolean is_negated;           /* not in [...] */
  guint first;                   /* its first operand */
  gsize position;                /* of the operator, name or bracket */
} Frame;

typedef struct
{
  const char *text;
  gsize length;
  gsize position;
  gboolean expects_operand;
  gboolean is_after_list; /* the last operand is an in-list without parentheses */
  GPtrArray *operands;
  GArray *frames;
  GError **error;
} Parser;

/* How much of a long text an error shows, in characters on each side of the place. */
#define WINDOW 40

/* Errors: what, where in bytes, the text, and a caret under the place. */

static gboolean
fail_with (Parser *self, gsize position, const char *message)
{
  const char *at = self->text + position;
  const char *start = at;
  const char *end = at;
  g_autoptr (GString) shown = g_string_new (NULL);
  gsize indent = 0;

  for (guint i = 0; i < WINDOW && start > self->text; i++)
    start = g_utf8_prev_char (start);
  for (guint i = 0; i < WINDOW && *end != '\0'; i++)
    end = g_utf8_next_char (end);

  if (start > self->text)
    g_string_append (shown, "…");
  indent = start > self->text ? 1 : 0;
  for (const char *c = start; c < end; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      g_string_append_unichar (shown, g_unichar_iscntrl (character) ? ' ' : character);
      if (c < at)
        indent += g_unichar_iszerowidth (character) ? 0 : g_unichar_iswide (character) ? 2 : 1;
    }
  if (*end != '\0')
    g_string_append (shown, "…");

  g_set_error (self->error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _("%s at position %zu (bytes from 0)\n%s\n%*s^"), message, position,
               shown->str, (int) indent, "");
  return FALSE;
}

G_GNUC_PRINTF (3, 4)
static gboolean
fail (Parser *self, gsize position, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  return fail_with (self, position, message);
}

/* What stands at the position, for messages. */
static char *
describe_place (Parser *self)
{
  const char *at = self->text + self->position;

  if (self->position >= self->length)
    return g_strdup (_("the end"));
  return g_strdup_printf ("'%.*s'", (int) (g_utf8_next_char (at) - at), at);
}

/* Tokens */

static char
peek (Parser *self, gsize ahead)
{
  return self->position + ahead < self->length ? self->text[self->position + ahead] : '\0';
}

static gsize
skip_space (const char *text, gsize position)
{
  while (text[position] == ' ' || text[position] == '\t' || text[position] == '\n' ||
         text[position] == '\r')
    position++;
  return position;
}

/* The length of the identifier at @position, 0 when there is none. */
static gsize
measure_word (const char *text, gsize position)
{
  const char *start = text + position;
  const char *end = start;

  while (g_ascii_isalnum (*end) || *end == '_' ||
         ((guchar) *end >= 0x80 && g_unichar_isalnum (g_utf8_get_char (end))))
    end = g_utf8_next_char (end);

  return g_ascii_isdigit (*start) ? 0 : end - start;
}

static gsize
measure_number (const char *text, gsize position)
{
  gsize at = position;

  at += text[at] == '-';
  while (g_ascii_isdigit (text[at]))
    at++;
  if (text[at] == '.')
    at++;
  while (g_ascii_isdigit (text[at]))
    at++;
  if (text[at] == 'e' || text[at] == 'E')
    {
      at++;
      at += text[at] == '+' || text[at] == '-';
      while (g_ascii_isdigit (text[at]))
        at++;
    }
  return at - position;
}

/* The length of the string at @position, quotes included; 0 when it does not end. */
static gsize
measure_string (const char *text, gsize position)
{
  char quote = text[position];

  for (gsize at = position + 1; text[at] != '\0'; at++)
    {
      if (text[at] == quote)
        return at + 1 - position;
      if (text[at] == '\\' && text[at + 1] != '\0')
        at++;
    }
  return 0;
}

/* The length of the JSON array or object at @position; 0 when it does not end. Only brackets are
 * counted: whether it is JSON, the JSON parser says. */
static gsize
measure_container (const char *text, gsize position)
{
  gsize depth = 0;

  for (gsize at = position; text[at] != '\0'; at++)
    {
      if (text[at] == '"')
        {
          gsize length = measure_string (text, at);

          if (length == 0)
            return 0;
          at += length - 1;
        }
      else if (text[at] == '[' || text[at] == '{')
        {
          depth++;
        }
      else if ((text[at] == ']' || text[at] == '}') && --depth == 0)
        {
          return at + 1 - position;
        }
    }
  return 0;
}

static gboolean
is_word (const char *text, gsize length, const char *word)
{
  return strlen (word) == length && memcmp (text, word, length) == 0;
}

gboolean
arbor_node_is_reserved (const char *word, gsize length)
{
  static const char *const reserved[] = {
    "and", "false", "in", "not", "null", "or", "otherwise", "then", "true", "when",
  };

  for (guint i = 0; i < G_N_ELEMENTS (reserved); i++)
    if (is_word (word, length, reserved[i]))
      return TRUE;
  return FALSE;
}

/* Operands */

static void
push_operand (Parser *self, ArborNode *node)
{
  g_ptr_array_add (self->operands, node);
  self->expects_operand = FALSE;
  self->is_after_list = FALSE;
}

/* A literal of @length bytes; @json is that as JSON, where it differs. */
static gboolean
read_literal (Parser *self, gsize length, const char *json, gsize json_length)
{
  gsize offset;
  const char *reason;
  ArborNode *node = arbor_node_new_literal_at (json != NULL ? json : self->text + self->position,
                                               json != NULL ? json_length : length, &offset,
                                               &reason);

  if (node == NULL)
    return fail_with (self, self->position + MIN (offset, length), reason);

  push_operand (self, node);
  self->position += length;
  return TRUE;
}

static gboolean
read_number (Parser *self)
{
  gsize length = measure_number (self->text, self->position);
  ArborValue number;

  if (!arbor_number_parse (self->text + self->position, length, &number) ||
      measure_word (self->text, self->position + length) > 0 ||
      peek (self, length) == '.' || g_ascii_isdigit (peek (self, length)))
    return fail (self, self->position, _("Expected a number as JSON writes it"));

  push_operand (self, arbor_node_new_literal (&number));
  self->position += length;
  return TRUE;
}

static gboolean
read_string (Parser *self)
{
  gsize length = measure_string (self->text, self->position);
  const char *text = self->text + self->position;
  g_autoptr (GString) json = NULL;

  if (length == 0)
    return fail (self, self->position, _("The string that begins here does not end: expected %c"),
                 *text);
  if (*text == '"')
    return read_literal (self, length, NULL, 0);

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
  return read_literal (self, length, json->str, json->len);
}

static gboolean
read_container (Parser *self)
{
  gsize length = measure_container (self->text, self->position);
  const char *text = self->text + self->position;
  g_autofree char *json = NULL;
  gsize comma = length - 2;

  if (length == 0)
    return fail (self, self->position, _("Expected '%c' for the '%c' that stands here"),
                 *text == '[' ? ']' : '}', *text);

  /* ["a",] is an array, ["a"] a path: one comma before the end means nothing else. */
  while (comma > 0 && g_ascii_isspace (text[comma]))
    comma--;
  if (*text == '[' && comma > 1 && text[comma] == ',')
    {
      json = g_strndup (text, length);
      json[comma] = ' ';
    }
  return read_literal (self, length, json, length);
}

/* Whether the bracket at the position is a step of a path: ["key"], [0], [-1], [*]. */
static gboolean
is_step (Parser *self)
{
  const char *text = self->text;
  gsize at = skip_space (text, self->position + 1);
  gsize start = at;

  if (text[at] == '*')
    {
      at++;
    }
  else if (text[at] == '"')
    {
      at += measure_string (text, at);
    }
  else
    {
      at += text[at] == '-';
      while (g_ascii_isdigit (text[at]))
        at++;
    }
  return at > start && text[skip_space (text, at)] == ']';
}

static void
clear_step (gpointer step)
{
  arbor_step_clear (step);
}

static gboolean
read_key (Parser *self, GArray *steps)
{
  gsize length = measure_word (self->text, self->position);
  ArborStep step = { .kind = ARBOR_STEP_KEY, .length = (guint32) length };

  if (length == 0)
    return fail (self, self->position,
                 _("Expected a key: letters, digits and _, or any other key as [\"key\"]"));

  step.key = g_strndup (self->text + self->position, length);
  g_array_append_val (steps, step);
  self->position += length;
  return TRUE;
}

static gboolean
read_bracket (Parser *self, GArray *steps)
{
  gsize position = self->position;
  ArborStep step;

  if (!arbor_path_parse_bracket (self->text, self->length, &self->position, &step, NULL))
    return fail (self, position, _("Expected [\"key\"], [index] or [*]"));

  g_array_append_val (steps, step);
  return TRUE;
}

/* At a word, a '$' or a bracket that is a step. */
static gboolean
read_path (Parser *self)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (ArborStep));
  gboolean success = TRUE;
  ArborStep *data;
  gsize n;

  g_array_set_clear_func (steps, clear_step);
  if (peek (self, 0) == '$')
    self->position++;
  else if (peek (self, 0) == '[')
    success = read_bracket (self, steps);
  else
    success = read_key (self, steps);

  while (success && (peek (self, 0) == '.' || peek (self, 0) == '['))
    {
      if (peek (self, 0) == '[')
        {
          success = read_bracket (self, steps);
        }
      else
        {
          self->position++;
          success = read_key (self, steps);
        }
    }
  if (!success)
    return FALSE;

  data = g_array_steal (steps, &n);
  push_operand (self, arbor_node_new_path_take (arbor_path_new_take (data, (guint) n)));
  return TRUE;
}

/* Frames */

static Frame *
get_top (Parser *self)
{
  return self->frames->len > 0 ? &g_array_index (self->frames, Frame, self->frames->len - 1) : NULL;
}

static void
push_frame (Parser *self, const ArborFunction *function, char close, guint n_before,
            gsize position)
{
  Frame frame = { .function = function,
                  .close = close,
                  .first = self->operands->len - n_before,
                  .position = position };

  g_array_append_val (self->frames, frame);
  self->expects_operand = TRUE;
  self->is_after_list = FALSE;
}

/* Replaces the operands from @first on by the call of @function with them. */
static gboolean
make_call (Parser *self, const ArborFunction *function, guint first, gsize position)
{
  g_autoptr (GError) error = NULL;
  ArborNode *call = arbor_node_new_call_of (function, (ArborNode **) self->operands->pdata + first,
                                            self->operands->len - first, &error);

  if (call == NULL)
    return fail_with (self, position, error->message);

  g_ptr_array_set_size (self->operands, (int) first);
  g_ptr_array_add (self->operands, call);
  return TRUE;
}

/* Makes the calls of the operators on top that bind at least as tightly as @precedence. */
static gboolean
reduce (Parser *self, guint precedence)
{
  for (Frame *top = get_top (self);
       top != NULL && top->close == 0 && top->function->precedence >= precedence;
       top = get_top (self))
    {
      Frame frame = *top;

      g_array_set_size (self->frames, self->frames->len - 1);
      if (!make_call (self, frame.function, frame.first, frame.position))
        return FALSE;
    }
  return TRUE;
}

static gboolean
push_prefix (Parser *self, const ArborFunction *function, gsize length)
{
  const Frame *top = get_top (self);

  if (top != NULL && top->close == 0 && top->function->precedence > function->precedence)
    return fail (self, self->position, _("'%s' needs parentheses here: (%s ...)"),
                 arbor_function_get_symbol (function), arbor_function_get_symbol (function));

  push_frame (self, function, 0, 0, self->position);
  self->position += length;
  return TRUE;
}

static gboolean
push_infix (Parser *self, const ArborFunction *function, gsize length)
{
  gsize position = self->position;
  guint precedence = function->precedence;
  Frame *top;

  if (!reduce (self, precedence + 1))
    return FALSE;

  top = get_top (self);
  if ((self->is_after_list && precedence >= ARBOR_PRECEDENCE_COMPARISON) ||
      (precedence == ARBOR_PRECEDENCE_COMPARISON && top != NULL && top->close == 0 &&
       top->function->precedence == precedence))
    return fail (self, position,
                 _("Comparisons do not chain: write a < b and b < c, or use parentheses"));

  self->position += length;
  self->expects_operand = TRUE;
  if (top != NULL && top->function == function && top->close == 0 && function->is_flat)
    return TRUE; /* one more argument */

  if (!reduce (self, precedence))
    return FALSE;
  push_frame (self, function, 0, 1, position);
  return TRUE;
}

static gboolean
push_list (Parser *self, const ArborFunction *function, gsize length, gboolean is_negated)
{
  gsize position = self->position;

  if (!push_infix (self, function, length))
    return FALSE;

  self->position = skip_space (self->text, self->position);
  if (peek (self, 0) != '[')
    return fail (self, self->position,
                 _("Expected '[' and a list of values; to look into an array, use contains"));

  g_array_set_size (self->frames, self->frames->len - 1);
  push_frame (self, function, ']', 1, position);
  get_top (self)->is_negated = is_negated;
  self->position++;
  return TRUE;
}

/* At a closing bracket: the innermost open one ends. */
static gboolean
close_bracket (Parser *self)
{
  char close = peek (self, 0);
  Frame frame;

  if (!reduce (self, ARBOR_PRECEDENCE_NONE))
    return FALSE;
  if (get_top (self) == NULL)
    return fail (self, self->position, _("Nothing is open that '%c' could close"), close);

  frame = *get_top (self);
  if (frame.close != close)
    return fail (self, self->position,
                 _("Expected '%c' for what opens at position %zu, found '%c'"),
                 frame.close, frame.position, close);

  g_array_set_size (self->frames, self->frames->len - 1);
  if (frame.function != NULL && !make_call (self, frame.function, frame.first, frame.position))
    return FALSE;
  if (frame.is_negated &&
      !make_call (self, arbor_function_find ("not"), frame.first, frame.position))
    return FALSE;

  self->position++;
  self->expects_operand = FALSE;
  self->is_after_list = close == ']';
  return TRUE;
}

static gboolean
read_comma (Parser *self)
{
  const Frame *top;

  if (!reduce (self, ARBOR_PRECEDENCE_NONE))
    return FALSE;

  top = get_top (self);
  if (top == NULL || top->function == NULL)
    return fail (self, self->position, _("A ',' stands only between arguments and in lists"));

  self->position++;
  self->expects_operand = TRUE;
  self->is_after_list = FALSE;
  return TRUE;
}

/* The two states */

static gboolean
read_call (Parser *self, gsize length, gsize open)
{
  const char *name = self->text + self->position;
  const ArborFunction *function = arbor_function_find_call (name, length);

  if (function == NULL)
    return fail (self, self->position, _("Unknown function '%.*s'"), (int) length, name);

  push_frame (self, function, ')', 0, self->position);
  self->position = skip_space (self->text, open + 1);
  return peek (self, 0) != ')' || close_bracket (self);
}

static gboolean
read_word (Parser *self, gsize length)
{
  const char *word = self->text + self->position;
  gsize after = skip_space (self->text, self->position + length);
  const ArborFunction *prefix;

  if (is_word (word, length, "null") || is_word (word, length, "true") ||
      is_word (word, length, "false"))
    return read_literal (self, length, NULL, 0);

  prefix = arbor_function_find_operator (ARBOR_SYNTAX_PREFIX, word, length);
  if (prefix != NULL)
    return push_prefix (self, prefix, length);

  if (arbor_node_is_reserved (word, length))
    return fail (self, self->position,
                 _("Expected a value, found the word '%.*s'; as a key it is written [\"%.*s\"]"),
                 (int) length, word, (int) length, word);

  if (self->text[after] == '(')
    return read_call (self, length, after);
  return read_path (self);
}

static gboolean
read_operand (Parser *self)
{
  const Frame *top = get_top (self);
  gsize word = measure_word (self->text, self->position);
  char c = peek (self, 0);
  const ArborFunction *prefix;
  g_autofree char *place = NULL;

  if (word > 0)
    return read_word (self, word);
  if (g_ascii_isdigit (c) || (c == '-' && g_ascii_isdigit (peek (self, 1))))
    return read_number (self);
  if (c == '"' || c == '\'')
    return read_string (self);
  if (c == '$' || (c == '[' && is_step (self)))
    return read_path (self);
  if (c == '[' || c == '{')
    return read_container (self);
  if (c == '(')
    {
      push_frame (self, NULL, ')', 0, self->position);
      self->position++;
      return TRUE;
    }
  /* x in [] */
  if (c == ']' && top != NULL && top->close == ']' && top->first == self->operands->len - 1)
    return close_bracket (self);
  if (c == '@')
    return fail (self, self->position, _("'@' stands only inside functions that walk an array"));

  prefix = arbor_function_find_operator (ARBOR_SYNTAX_PREFIX, &c, 1);
  if (prefix != NULL)
    return push_prefix (self, prefix, 1);

  place = describe_place (self);
  return fail (self, self->position, _("Expected a value, a path or a function, found %s"), place);
}

static gboolean
read_operator (Parser *self)
{
  const char *at = self->text + self->position;
  gsize word = measure_word (self->text, self->position);
  gsize left = self->length - self->position;
  g_autofree char *place = NULL;

  if (*at == ')' || *at == ']')
    return close_bracket (self);
  if (*at == ',')
    return read_comma (self);

  for (gsize length = word > 0 ? word : MIN (left, 2); length > 0;
       length = word > 0 ? 0 : length - 1)
    {
      const ArborFunction *infix =
          arbor_function_find_operator (ARBOR_SYNTAX_INFIX, at, length);
      const ArborFunction *list = arbor_function_find_operator (ARBOR_SYNTAX_LIST, at, length);

      if (infix != NULL)
        return push_infix (self, infix, length);
      if (list != NULL)
        return push_list (self, list, length, FALSE);
    }

  if (is_word (at, word, "not"))
    {
      gsize after = skip_space (self->text, self->position + word);
      gsize next = measure_word (self->text, after);
      const ArborFunction *list =
          arbor_function_find_operator (ARBOR_SYNTAX_LIST, self->text + after, next);

      if (list != NULL)
        return push_list (self, list, after + next - self->position, TRUE);
    }

  if (word > 0)
    return fail (self, self->position, _("Expected an operator or the end, found '%.*s'"),
                 (int) word, at);
  place = describe_place (self);
  return fail (self, self->position, _("Expected an operator or the end, found %s"), place);
}

static ArborNode *
parse (Parser *self)
{
  const Frame *top;

  for (;;)
    {
      self->position = skip_space (self->text, self->position);
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
      fail (self, self->length,
            _("Expected '%c' for what opens at position %zu, found the end"),
            top->close, top->position);
      return NULL;
    }
  return g_ptr_array_steal_index (self->operands, 0);
}

ArborNode *
arbor_node_parse (const char *text, GError **error)
{
  g_autoptr (GPtrArray) operands = g_ptr_array_new_with_free_func ((GDestroyNotify)
                                                                       arbor_node_unref);
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  Parser parser = { .text = text,
                    .length = strlen (text),
                    .expects_operand = TRUE,
                    .operands = operands,
                    .frames = frames,
                    .error = error };
  const char *end;

  if (!g_utf8_validate (text, -1, &end))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _("Expected UTF-8, found a byte that is none at position %zu (bytes from 0)"),
                   (gsize) (end - text));
      return NULL;
    }
  return parse (&parser);
}
