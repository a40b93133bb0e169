/* JSONPath text to programs: the logical expressions behind `?`. See arbor-jsonpath-parser.h.
 *
 * The operand that was read last is the end of the program. Only what follows tells what a query is
 * asked for (whether it selects anything, its one value, how many), so its instruction is
 * changed afterwards. "and" and "or" become jumps; those whose targets are not known yet are
 * chained through their targets.
 */

#include "query/jsonpath/arbor-jsonpath-parser.h"

#include <glib/gi18n-lib.h>

const ArborJsonpathFunctionInfo arbor_jsonpath_functions[ARBOR_JSONPATH_N_FUNCTIONS] = {
  [ARBOR_JSONPATH_LENGTH] = { "length", 1, { ARBOR_JSONPATH_TYPE_VALUE },
                              ARBOR_JSONPATH_TYPE_VALUE },
  [ARBOR_JSONPATH_COUNT] = { "count", 1, { ARBOR_JSONPATH_TYPE_NODES }, ARBOR_JSONPATH_TYPE_VALUE },
  [ARBOR_JSONPATH_MATCH] = { "match", 2, { ARBOR_JSONPATH_TYPE_VALUE, ARBOR_JSONPATH_TYPE_VALUE },
                             ARBOR_JSONPATH_TYPE_LOGICAL },
  [ARBOR_JSONPATH_SEARCH] = { "search", 2, { ARBOR_JSONPATH_TYPE_VALUE, ARBOR_JSONPATH_TYPE_VALUE },
                              ARBOR_JSONPATH_TYPE_LOGICAL },
  [ARBOR_JSONPATH_VALUE] = { "value", 1, { ARBOR_JSONPATH_TYPE_NODES }, ARBOR_JSONPATH_TYPE_VALUE },
};

static ArborJsonpathInstruction *
get_last (GArray *program)
{
  return &g_array_index (program, ArborJsonpathInstruction, program->len - 1);
}

static ArborJsonpathInstruction *
emit (GArray *program, ArborJsonpathOp op, guint argument)
{
  ArborJsonpathInstruction instruction = { .op = op, .argument = (guint8) argument };

  g_array_append_val (program, instruction);
  return get_last (program);
}

static void
emit_jump (GArray *program, ArborJsonpathOp op, guint32 *chain)
{
  emit (program, op, 0)->target = *chain;
  *chain = program->len;
}

/* All jumps of the chain go to the end of the program. */
static void
patch (GArray *program, guint32 *chain)
{
  while (*chain != 0)
    {
      ArborJsonpathInstruction *jump =
        &g_array_index (program, ArborJsonpathInstruction, *chain - 1);

      *chain = jump->target;
      jump->target = program->len;
    }
}

static void
set_operand (ArborJsonpathFrame *logic, int form, ArborJsonpathType type, gsize position)
{
  logic->operand.form = form;
  logic->operand.type = type;
  logic->operand.position = position;
}

gboolean
arbor_jsonpath_push_logic (ArborJsonpathParser *self, ArborJsonpathPlace place, GArray *program)
{
  ArborJsonpathFrame *frame = arbor_jsonpath_push (self, ARBOR_FRAME_LOGIC);

  if (frame == NULL)
    return FALSE;
  frame->place = place;
  frame->program = program;
  return TRUE;
}

void
arbor_jsonpath_add_query (ArborJsonpathParser *self, ArborJsonpathQuery *query)
{
  ArborJsonpathFrame *logic = arbor_jsonpath_parser_top (self);

  emit (logic->program, ARBOR_OP_QUERY, ARBOR_JSONPATH_ASK_EXISTS)->query = query;
  set_operand (logic, ARBOR_OPERAND_QUERY, ARBOR_JSONPATH_TYPE_NODES, query->position);
}

static gboolean
push_literal (ArborJsonpathParser *self, const ArborValue *value, gsize position)
{
  ArborJsonpathFrame *logic = arbor_jsonpath_parser_top (self);

  if (logic->is_negated)
    return arbor_jsonpath_fail (&self->lexer, position,
                                _("'!' takes a query, a function or parentheses, no literal"));
  emit (logic->program, ARBOR_OP_LITERAL, 0)->value = *value;
  set_operand (logic, ARBOR_OPERAND_LITERAL, ARBOR_JSONPATH_TYPE_VALUE, position);
  return TRUE;
}

static gboolean
read_string (ArborJsonpathParser *self)
{
  gsize position = self->lexer.position;
  ArborValue value;
  const char *bytes;
  guint32 length;

  if (!arbor_jsonpath_read_string (&self->lexer, &bytes, &length))
    return FALSE;
  value = ARBOR_VALUE_STRING (bytes, length);
  return push_literal (self, &value, position);
}

static gboolean
read_number (ArborJsonpathParser *self)
{
  gsize position = self->lexer.position;
  ArborValue value;

  return arbor_jsonpath_read_number (&self->lexer, &value) &&
         push_literal (self, &value, position);
}

static gboolean
push_call (ArborJsonpathParser *self, const char *name, gsize length)
{
  gsize position = self->lexer.position;
  ArborJsonpathFrame *logic = arbor_jsonpath_parser_top (self);
  GArray *program = logic->program;

  for (guint i = 0; i < ARBOR_JSONPATH_N_FUNCTIONS; i++)
    if (strlen (arbor_jsonpath_functions[i].name) == length &&
        memcmp (arbor_jsonpath_functions[i].name, name, length) == 0)
      {
        ArborJsonpathFrame *call = arbor_jsonpath_push (self, ARBOR_FRAME_CALL);

        if (call == NULL)
          return FALSE;
        call->function = i;
        call->program = program;
        self->lexer.position += length + 1;
        return TRUE;
      }
  return arbor_jsonpath_fail (&self->lexer, position,
                              _("There is no function '%.*s': there are length, count, match, "
                                "search and value"), (int) length, name);
}

/* A literal or a function. */
static gboolean
read_word (ArborJsonpathParser *self)
{
  static const struct
  {
    const char *word;
    ArborValue value;
  } literals[] = {
    { "true", { .kind = ARBOR_KIND_BOOL, .boolean = TRUE } },
    { "false", { .kind = ARBOR_KIND_BOOL, .boolean = FALSE } },
    { "null", { .kind = ARBOR_KIND_NULL } },
  };
  const char *word = self->lexer.text + self->lexer.position;
  gsize length = 0;

  while (g_ascii_islower (word[length]) ||
         (length > 0 && (g_ascii_isdigit (word[length]) || word[length] == '_')))
    length++;
  if (length > 0 && word[length] == '(')
    return push_call (self, word, length);
  for (guint i = 0; i < G_N_ELEMENTS (literals); i++)
    if (strlen (literals[i].word) == length && memcmp (literals[i].word, word, length) == 0)
      {
        self->lexer.position += length;
        return push_literal (self, &literals[i].value, self->lexer.position - length);
      }
  return arbor_jsonpath_fail_expected (
      &self->lexer, _("a query that begins with @ or $, a literal, a function or '('"));
}

static gboolean
read_operand (ArborJsonpathParser *self, ArborJsonpathFrame *logic)
{
  char c;

  arbor_jsonpath_skip_space (&self->lexer);
  c = arbor_jsonpath_peek (&self->lexer, 0);
  if (c == '@' || c == '$')
    return arbor_jsonpath_push_query (self);
  if (c == '\'' || c == '"')
    return read_string (self);
  if (c == '-' || g_ascii_isdigit (c))
    return read_number (self);
  if (logic->has_comparison || (c != '(' && (c != '!' || logic->is_negated)))
    return read_word (self);

  if (c == '(')
    {
      if (!arbor_jsonpath_push_logic (self, ARBOR_LOGIC_PARENTHESES, logic->program))
        return FALSE;
    }
  else
    {
      logic->is_negated = TRUE;
    }
  self->lexer.position++;
  return TRUE;
}

/* The operand must be what can be compared: a literal, a singular query, a function of a value. */
static gboolean
check_comparable (ArborJsonpathParser *self, ArborJsonpathFrame *logic)
{
  const ArborJsonpathOperand *operand = &logic->operand;
  ArborJsonpathInstruction *last = get_last (logic->program);

  switch (operand->form)
    {
    case ARBOR_OPERAND_LITERAL:
      return TRUE;
    case ARBOR_OPERAND_QUERY:
      if (!last->query->is_singular)
        return arbor_jsonpath_fail (&self->lexer, operand->position,
                                    _("Only a query that gives at most one value can be compared: "
                                      "names and indices, no *, .., slices, lists or filters"));
      if (last->query->is_spaced)
        return arbor_jsonpath_fail (&self->lexer, operand->position,
                                    _("A query that is compared has no white space inside of "
                                      "its brackets"));
      last->argument = ARBOR_JSONPATH_ASK_ONE;
      return TRUE;
    case ARBOR_OPERAND_CALL:
      if (operand->type == ARBOR_JSONPATH_TYPE_VALUE)
        return TRUE;
      return arbor_jsonpath_fail (&self->lexer, operand->position,
                                  _("This function is true or false, which cannot be compared"));
    default:
      return arbor_jsonpath_fail (&self->lexer, operand->position,
                                  _("A condition cannot be compared"));
    }
}

/* The operand must be what can stand alone as a condition. */
static gboolean
check_test (ArborJsonpathParser *self, ArborJsonpathFrame *logic)
{
  const ArborJsonpathOperand *operand = &logic->operand;

  if (operand->form == ARBOR_OPERAND_LITERAL)
    return arbor_jsonpath_fail (&self->lexer, operand->position,
                                _("A literal is no condition: it must be compared"));
  if (operand->form == ARBOR_OPERAND_CALL && operand->type == ARBOR_JSONPATH_TYPE_VALUE)
    return arbor_jsonpath_fail (&self->lexer, operand->position,
                                _("This function gives a value, which must be compared"));
  return TRUE;
}

/* The comparison operator at the cursor: its length, 0 for none. */
static gsize
measure_comparison (ArborJsonpathParser *self, ArborComparison *comparison)
{
  static const struct
  {
    char text[3];
    guint8 comparison;
  } operators[] = {
    { "==", ARBOR_COMPARISON_EQ }, { "!=", ARBOR_COMPARISON_NE }, { "<=", ARBOR_COMPARISON_LE },
    { ">=", ARBOR_COMPARISON_GE }, { "<", ARBOR_COMPARISON_LT },  { ">", ARBOR_COMPARISON_GT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    if (g_str_has_prefix (self->lexer.text + self->lexer.position, operators[i].text))
      {
        *comparison = operators[i].comparison;
        return strlen (operators[i].text);
      }
  return 0;
}

static gboolean
read_comparison (ArborJsonpathParser *self, ArborJsonpathFrame *logic, gsize length)
{
  if (logic->has_comparison)
    return arbor_jsonpath_fail (&self->lexer, self->lexer.position,
                                _("Comparisons do not chain: write a < b && b < c"));
  if (logic->is_negated)
    return arbor_jsonpath_fail (&self->lexer, self->lexer.position,
                                _("'!' does not apply to a comparison: write !(a == b)"));
  if (!check_comparable (self, logic))
    return FALSE;
  logic->has_comparison = TRUE;
  set_operand (logic, ARBOR_OPERAND_NONE, ARBOR_JSONPATH_TYPE_NONE, 0);
  self->lexer.position += length;
  return TRUE;
}

/* A comparison, or a test with or without "!", ends. */
static gboolean
close_basic (ArborJsonpathParser *self, ArborJsonpathFrame *logic)
{
  if (logic->has_comparison)
    {
      if (!check_comparable (self, logic))
        return FALSE;
      emit (logic->program, ARBOR_OP_COMPARE, logic->comparison);
    }
  else
    {
      if (!check_test (self, logic))
        return FALSE;
      if (logic->is_negated)
        emit (logic->program, ARBOR_OP_NOT, 0);
    }
  logic->has_comparison = FALSE;
  logic->is_negated = FALSE;
  set_operand (logic, ARBOR_OPERAND_LOGICAL, ARBOR_JSONPATH_TYPE_LOGICAL, logic->position);
  return TRUE;
}

/* The argument on top of the program as the call's next one. */
static gboolean
add_argument (ArborJsonpathParser *self, const ArborJsonpathOperand *operand)
{
  ArborJsonpathFrame *call = arbor_jsonpath_parser_top (self);
  const ArborJsonpathFunctionInfo *info = &arbor_jsonpath_functions[call->function];
  ArborJsonpathInstruction *last = get_last (call->program);

  if (call->n_arguments == info->n_arguments)
    return arbor_jsonpath_fail (&self->lexer, operand->position,
                                g_dngettext (GETTEXT_PACKAGE, "%s() takes %u argument",
                                             "%s() takes %u arguments", info->n_arguments),
                                info->name, info->n_arguments);
  if (info->arguments[call->n_arguments] == ARBOR_JSONPATH_TYPE_NODES)
    {
      if (operand->form != ARBOR_OPERAND_QUERY)
        return arbor_jsonpath_fail (&self->lexer, operand->position,
                                    _("%s() takes a query"), info->name);
      last->argument = call->function == ARBOR_JSONPATH_COUNT ? ARBOR_JSONPATH_ASK_COUNT
                                                              : ARBOR_JSONPATH_ASK_ONE;
    }
  else if (operand->form == ARBOR_OPERAND_QUERY)
    {
      if (!last->query->is_singular)
        return arbor_jsonpath_fail (&self->lexer, operand->position,
                                    _("%s() takes a value: a query must be of names and indices "
                                      "only, others go through value()"), info->name);
      last->argument = ARBOR_JSONPATH_ASK_ONE;
    }
  else if (operand->form != ARBOR_OPERAND_LITERAL &&
           (operand->form != ARBOR_OPERAND_CALL || operand->type != ARBOR_JSONPATH_TYPE_VALUE))
    {
      return arbor_jsonpath_fail (&self->lexer, operand->position,
                                  _("%s() takes a value, and this is true or false"), info->name);
    }
  call->n_arguments++;
  return TRUE;
}

/* The logical expression on top is complete. */
static gboolean
close_logic (ArborJsonpathParser *self)
{
  ArborJsonpathFrame done = *arbor_jsonpath_parser_top (self);

  patch (done.program, &done.and_chain);
  patch (done.program, &done.or_chain);
  g_array_set_size (self->frames, self->frames->len - 1);
  if (done.place == ARBOR_LOGIC_FILTER)
    return TRUE; /* the brackets around it go on */
  if (done.place == ARBOR_LOGIC_ARGUMENT)
    return add_argument (self, &done.operand);

  if (arbor_jsonpath_peek (&self->lexer, 0) != ')')
    return arbor_jsonpath_fail_expected (&self->lexer, _("')', '&&', '||' or a comparison"));
  self->lexer.position++;
  set_operand (arbor_jsonpath_parser_top (self), ARBOR_OPERAND_LOGICAL,
               ARBOR_JSONPATH_TYPE_LOGICAL, done.position);
  return TRUE;
}

gboolean
arbor_jsonpath_step_logic (ArborJsonpathParser *self)
{
  ArborJsonpathFrame *logic = arbor_jsonpath_parser_top (self);
  const char *at;
  gboolean is_and, is_or;
  gsize length;

  if (logic->operand.form == ARBOR_OPERAND_NONE)
    return read_operand (self, logic);

  arbor_jsonpath_skip_space (&self->lexer);
  at = self->lexer.text + self->lexer.position;
  is_and = g_str_has_prefix (at, "&&");
  is_or = g_str_has_prefix (at, "||");
  if (!logic->has_comparison)
    {
      length = measure_comparison (self, &logic->comparison);
      if (length > 0)
        return read_comparison (self, logic, length);
    }
  else if (measure_comparison (self, &(ArborComparison){ 0 }) > 0)
    {
      return read_comparison (self, logic, 0);
    }

  /* An argument may be something else than a condition, if it stands alone. */
  if (logic->place == ARBOR_LOGIC_ARGUMENT && !is_and && !is_or && !logic->has_comparison &&
      !logic->is_negated && logic->and_chain == 0 && logic->or_chain == 0)
    return close_logic (self);

  if (!close_basic (self, logic))
    return FALSE;
  if (!is_and && !is_or)
    return close_logic (self);

  if (is_or)
    patch (logic->program, &logic->and_chain);
  emit_jump (logic->program, is_and ? ARBOR_OP_JUMP_IF_FALSE : ARBOR_OP_JUMP_IF_TRUE,
             is_and ? &logic->and_chain : &logic->or_chain);
  set_operand (logic, ARBOR_OPERAND_NONE, ARBOR_JSONPATH_TYPE_NONE, 0);
  self->lexer.position += 2;
  return TRUE;
}

static gboolean
close_call (ArborJsonpathParser *self)
{
  ArborJsonpathFrame done = *arbor_jsonpath_parser_top (self);
  const ArborJsonpathFunctionInfo *info = &arbor_jsonpath_functions[done.function];

  if (done.n_arguments < info->n_arguments)
    return arbor_jsonpath_fail (&self->lexer, self->lexer.position,
                                g_dngettext (GETTEXT_PACKAGE, "%s() takes %u argument",
                                             "%s() takes %u arguments", info->n_arguments),
                                info->name, info->n_arguments);
  self->lexer.position++;
  g_array_set_size (self->frames, self->frames->len - 1);
  /* count() and value() are done by what their query is asked for. */
  if (info->arguments[0] != ARBOR_JSONPATH_TYPE_NODES)
    emit (done.program, ARBOR_OP_CALL, done.function);
  set_operand (arbor_jsonpath_parser_top (self), ARBOR_OPERAND_CALL, info->result, done.position);
  return TRUE;
}

gboolean
arbor_jsonpath_step_call (ArborJsonpathParser *self)
{
  ArborJsonpathFrame *call = arbor_jsonpath_parser_top (self);
  char c;

  arbor_jsonpath_skip_space (&self->lexer);
  c = arbor_jsonpath_peek (&self->lexer, 0);
  if (c == ')' && !call->expects_argument)
    return close_call (self);
  if (call->n_arguments > 0 && !call->expects_argument)
    {
      if (c != ',')
        return arbor_jsonpath_fail_expected (&self->lexer, _("',' or ')'"));
      self->lexer.position++;
      call->expects_argument = TRUE;
      return TRUE;
    }
  call->expects_argument = FALSE;
  return arbor_jsonpath_push_logic (self, ARBOR_LOGIC_ARGUMENT, call->program);
}
