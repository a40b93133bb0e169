/* Running the filters of JSONPath: comparisons, functions, logic. See arbor-jsonpath-private.h. */

#include "query/jsonpath/arbor-jsonpath-run-private.h"

/* Numbers with numbers and strings with strings; nothing else has an order. */
static gboolean
is_less (const ArborValue *a, const ArborValue *b, ArborScope *scope)
{
  gboolean are_numbers = arbor_kind_is_number (a->kind) && arbor_kind_is_number (b->kind);
  gboolean are_strings = a->kind == ARBOR_KIND_STRING && b->kind == ARBOR_KIND_STRING;

  return (are_numbers || are_strings) && arbor_value_compare (a, b, scope) < 0;
}

gboolean
arbor_jsonpath_compare (ArborComparison comparison, const ArborValue *a,
                        const ArborValue *b, ArborScope *scope)
{
  if (a->kind == ARBOR_KIND_INT64 && b->kind == ARBOR_KIND_INT64)
    return arbor_comparison_test (comparison, (a->int64 > b->int64) - (a->int64 < b->int64));
  switch (comparison)
    {
    case ARBOR_COMPARISON_EQ:
      return arbor_value_equal (a, b, scope);
    case ARBOR_COMPARISON_NE:
      return !arbor_value_equal (a, b, scope);
    case ARBOR_COMPARISON_LT:
      return is_less (a, b, scope);
    case ARBOR_COMPARISON_LE:
      return is_less (a, b, scope) || arbor_value_equal (a, b, scope);
    case ARBOR_COMPARISON_GT:
      return is_less (b, a, scope);
    case ARBOR_COMPARISON_GE:
    default:
      return is_less (b, a, scope) || arbor_value_equal (a, b, scope);
    }
}

/* Characters of a string, elements or members of a container; of all else there is none. */
ArborValue
arbor_jsonpath_get_length (const ArborValue *value, ArborScope *scope)
{
  gint64 n = 0;

  if (value->kind >= ARBOR_KIND_ARRAY)
    return ARBOR_VALUE_INT64 (arbor_value_get_length (value, scope));
  if (value->kind != ARBOR_KIND_STRING)
    return ARBOR_VALUE_MISSING;
  for (guint32 i = 0; i < value->length; i++)
    n += ((guchar) value->text[i] & 0xC0) != 0x80;
  return ARBOR_VALUE_INT64 (n);
}

static ArborValue *
get_argument (ArborJsonpathRun *self, guint from_top)
{
  return &self->stack[self->n_stack - 1 - from_top];
}

static ArborValue
take (ArborJsonpathRun *self)
{
  return self->stack[--self->n_stack];
}

static gboolean
call (ArborJsonpathRun *self, ArborJsonpathFunction function, GError **error)
{
  ArborValue pattern;
  ArborValue *value;
  gboolean is_match;

  if (function == ARBOR_JSONPATH_LENGTH)
    {
      value = get_argument (self, 0);
      *value = arbor_jsonpath_get_length (value, self->scope);
      return TRUE;
    }

  pattern = take (self);
  value = get_argument (self, 0);
  is_match = value->kind == ARBOR_KIND_STRING && pattern.kind == ARBOR_KIND_STRING &&
             arbor_iregexp_match (pattern.text, pattern.length, value->text, value->length,
                                  function == ARBOR_JSONPATH_MATCH, self->scope);
  *value = ARBOR_VALUE_BOOL (is_match);
  return arbor_scope_check (self->scope, error);
}

/* Any instruction but a query. */
static gboolean
execute (ArborJsonpathRun *self, ArborJsonpathRunFrame *frame,
         const ArborJsonpathInstruction *instruction, GError **error)
{
  gboolean is_true;
  ArborValue b;

  switch ((ArborJsonpathOp) instruction->op)
    {
    case ARBOR_OP_LITERAL:
      self->stack[self->n_stack++] = instruction->value;
      return TRUE;
    case ARBOR_OP_COMPARE:
      b = take (self);
      is_true = arbor_jsonpath_compare (instruction->argument, get_argument (self, 0), &b,
                                        self->scope);
      *get_argument (self, 0) = ARBOR_VALUE_BOOL (is_true);
      return TRUE;
    case ARBOR_OP_CALL:
      return call (self, instruction->argument, error);
    case ARBOR_OP_NOT:
      *get_argument (self, 0) = ARBOR_VALUE_BOOL (!get_argument (self, 0)->boolean);
      return TRUE;
    case ARBOR_OP_JUMP_IF_FALSE:
    case ARBOR_OP_JUMP_IF_TRUE:
      is_true = get_argument (self, 0)->boolean;
      if (is_true == (instruction->op == ARBOR_OP_JUMP_IF_TRUE))
        frame->pc = instruction->target;
      else
        take (self);
      return TRUE;
    case ARBOR_OP_QUERY:
    default:
      g_assert_not_reached ();
    }
}

gboolean
arbor_jsonpath_run_program (ArborJsonpathRun *self, gboolean *is_done, gboolean *result,
                            GError **error)
{
  guint n_frames = self->n_frames;
  ArborJsonpathRunFrame *frame = arbor_jsonpath_run_top (self);
  const GArray *program = frame->selector->program;

  *is_done = FALSE;
  arbor_jsonpath_run_reserve_stack (self, program->len);
  while (frame->pc < program->len)
    {
      const ArborJsonpathInstruction *instruction =
        &g_array_index (program, ArborJsonpathInstruction, frame->pc++);

      if (!arbor_jsonpath_run_count (self, error))
        return FALSE;
      if (instruction->op == ARBOR_OP_QUERY)
        {
          ArborValue current = frame->child;

          arbor_jsonpath_run_push_query (self, instruction, &current);
          if (self->n_frames > n_frames)
            return TRUE;
        }
      else if (!execute (self, frame, instruction, error))
        {
          return FALSE;
        }
    }
  *is_done = TRUE;
  *result = take (self).boolean;
  return TRUE;
}
