/* The machine that runs an expression for one tree. See arbor-evaluator-private.h.
 *
 * A path is bound by the columns that its steps lead through; values that lie in other places
 * (overflow text, tapes, lists) go on by name from where the columns end.
 */

#include "query/expr/arbor-evaluator-private.h"

#include "query/expr/arbor-function-private.h"

/* Paths */

/* Moves @value along the steps from @first on, as far as the next [*] or the end; returns where. A
 * value in the batch always lies in the column that the step before led to. */
static guint
follow (const ArborBinding *binding, const ArborBatch *batch, guint first, ArborScope *scope,
        ArborValue *value)
{
  const ArborPath *path = binding->path;
  guint i = first;

  for (; i < path->n_steps && path->steps[i].kind != ARBOR_STEP_EACH; i++)
    {
      const ArborStep *step = &path->steps[i];

      if (step->kind == ARBOR_STEP_INDEX)
        arbor_value_get_element (value, step->index, scope, value);
      else if (value->kind != ARBOR_KIND_OBJECT)
        *value = ARBOR_VALUE_MISSING;
      else if (batch == NULL || value->holder_kind != ARBOR_HOLDER_BATCH)
        arbor_value_get_member (value, step->key, step->length, scope, value);
      else if (binding->columns[i] == ARBOR_NO_COLUMN)
        *value = ARBOR_VALUE_MISSING;
      else
        arbor_batch_get_value (batch, binding->columns[i], value->index, value);
    }
  return i;
}

/* The elements of all arrays among the @n values, in order. What is no array has none; but once
 * the values are elements themselves (@keeps_place), it leaves MISSING in its place. */
static ArborValue *
expand (const ArborValue *values, guint32 *n, gboolean keeps_place, ArborScope *scope)
{
  gsize n_all = 0;
  gsize n_filled = 0;
  ArborValue *all;

  for (guint32 i = 0; i < *n; i++)
    n_all += values[i].kind == ARBOR_KIND_ARRAY ? arbor_value_get_length (&values[i], scope)
                                                : (guint32)keeps_place;
  all = arbor_function_new_list (scope, n_all);
  if (all == NULL)
    n_all = 0;
  for (guint32 i = 0; i < *n && n_filled < n_all; i++)
    {
      ArborValueIter iter;

      if (values[i].kind != ARBOR_KIND_ARRAY)
        {
          if (keeps_place)
            all[n_filled++] = ARBOR_VALUE_MISSING;
          continue;
        }
      arbor_value_iter_init (&iter, &values[i], scope);
      while (n_filled < n_all && arbor_value_iter_next (&iter, NULL, NULL, &all[n_filled]))
        n_filled++;
    }
  *n = (guint32)n_filled;
  return all;
}

static void
read_path (const ArborBinding *binding, const ArborBatch *batch, ArborScope *scope,
           ArborValue *value)
{
  const ArborPath *path = binding->path;
  guint step = follow (binding, batch, 0, scope, value);
  ArborValue *values = value;
  guint32 n = 1;
  gboolean keeps_place = FALSE;

  if (!path->is_vector)
    return;

  while (step < path->n_steps)
    {
      guint next = step + 1;

      values = expand (values, &n, keeps_place, scope);
      for (guint32 i = 0; i < n; i++)
        next = follow (binding, batch, step + 1, scope, &values[i]);
      while (next < path->n_steps && path->steps[next].kind != ARBOR_STEP_EACH)
        next++; /* there was no value to follow */
      step = next;
      keeps_place = TRUE;
    }
  arbor_function_set_list (values, n, value);
}

/* Calls */

static void
map (ArborEvaluator *self, const ArborNode *call, const ArborValue *arguments, ArborScope *scope,
     ArborValue *result)
{
  guint32 n = 0;
  ArborValue *values;

  for (guint i = 0; i < call->n_arguments; i++)
    if (call->arguments[i]->is_vector)
      n = MAX (n, arguments[i].index);

  values = arbor_function_new_list (scope, n);
  if (values == NULL)
    n = 0;
  for (guint32 row = 0; row < n; row++)
    {
      if (arbor_scope_is_stopped (scope))
        {
          n = row; /* nobody looks at it */
          break;
        }
      for (guint i = 0; i < call->n_arguments; i++)
        {
          if (!call->arguments[i]->is_vector)
            self->arguments[i] = arguments[i];
          else if (row < arguments[i].index)
            self->arguments[i] = ((const ArborValue *)arguments[i].holder)[row];
          else
            self->arguments[i] = ARBOR_VALUE_MISSING;
        }
      call->function->code (call, self->arguments, scope, &values[row]);
    }
  arbor_function_set_list (values, n, result);
}

/* Loops */

static gboolean
next_element (ArborLoop *loop, ArborScope *scope)
{
  loop->mark = arbor_scope_mark (scope);
  if (loop->n_values == loop->n_elements ||
      !arbor_value_iter_next (&loop->iter, NULL, NULL, &loop->element))
    return FALSE;
  /* A vector has become an array, whose elements are all there. */
  if (loop->element.kind == ARBOR_KIND_MISSING)
    loop->element = ARBOR_VALUE_NULL;
  return TRUE;
}

/* FALSE with what the loop gives in @result: there is no element. */
static gboolean
begin_loop (ArborLoop *loop, const ArborValue *array, ArborScope *scope, ArborValue *result)
{
  *result = ARBOR_VALUE_NULL;
  if (array->kind != ARBOR_KIND_ARRAY)
    return FALSE;

  loop->n_values = 0;
  loop->n_elements = arbor_value_get_length (array, scope);
  loop->values = arbor_function_new_list (scope, loop->n_elements);
  if (loop->values == NULL)
    return FALSE;
  arbor_value_iter_init (&loop->iter, array, scope);
  if (next_element (loop, scope))
    return TRUE;
  arbor_function_set_list (loop->values, 0, result);
  return FALSE;
}

/* TRUE: there is another element; FALSE with the values of all of them in @value. */
static gboolean
step_loop (ArborLoop *loop, ArborScope *scope, ArborValue *value)
{
  loop->values[loop->n_values++] = *value;
  if (value->kind < ARBOR_KIND_NUMBER) /* it has nothing in the scope */
    arbor_scope_release (scope, loop->mark);
  if (!arbor_scope_is_stopped (scope) && next_element (loop, scope))
    return TRUE;
  arbor_function_set_list (loop->values, loop->n_values, value);
  return FALSE;
}

static void
read_element (const ArborEvaluator *self, const ArborInstruction *at, ArborScope *scope,
              ArborValue *value)
{
  const ArborBinding *binding = &g_array_index (self->bindings, ArborBinding, at->target);

  *value = at->n != ARBOR_NO_LOOP ? self->loops[at->n].element : ARBOR_VALUE_MISSING;
  read_path (binding, NULL, scope, value);
}

/* Fields */

/* A container that was made here as a tree has it: what is MISSING in it is null there. */
static void
copy_container (ArborScope *scope, ArborValue *value)
{
  g_autoptr (ArborTapeWriter) writer = arbor_tape_writer_new ();
  const ArborTape *kept;
  ArborTape tape;

  arbor_value_write_tape (value, scope, writer);
  arbor_tape_writer_finish (writer, &tape);
  arbor_scope_begin_budget (scope, G_MAXSIZE / 2); /* it was found to be reasonable */
  kept = arbor_function_keep_tape (&tape, scope);
  arbor_tape_get_value (kept, ARBOR_TAPE_ROOT, value);
}

/* What the tree would have that was made with it: no more than a tree holds. */
static void
make_value (ArborScope *scope, ArborValue *value)
{
  gboolean is_made = value->kind >= ARBOR_KIND_ARRAY && value->holder_kind == ARBOR_HOLDER_LIST;

  if (arbor_scope_is_over_budget (scope) ||
      (is_made && !arbor_function_is_reasonable (value, scope)))
    *value = ARBOR_VALUE_NULL;
  else if (is_made)
    copy_container (scope, value);
}

/* What passed the budget, or no tree could hold, is null. */
static void
check_result (const ArborEvaluator *self, ArborScope *scope, ArborValue *result)
{
  if (!arbor_scope_is_over_budget (scope) &&
      (!self->nests || arbor_function_is_reasonable (result, scope)))
    return;

  if (self->node->is_vector)
    arbor_function_set_list (NULL, 0, result);
  else
    *result = ARBOR_VALUE_NULL;
}

void
arbor_evaluator_run (ArborEvaluator *self, const ArborBatch *batch, const ArborValue *tree,
                     ArborScope *scope, ArborValue *result)
{
  const ArborInstruction *instructions = &g_array_index (self->instructions, ArborInstruction, 0);
  const ArborBinding *bindings = (const ArborBinding *)(gpointer)self->bindings->data;
  guint n = self->instructions->len;
  ArborValue *top = self->stack; /* one past the topmost */
  ArborValue value;

  if (self->has_budget)
    arbor_scope_begin_budget (scope, arbor_function_get_budget ());

  for (guint i = 0; i < n; i++)
    {
      const ArborInstruction *at = &instructions[i];

      switch ((ArborOperation)at->operation)
        {
        case ARBOR_EVALUATE_PATH:
          *top = *tree;
          read_path (&bindings[at->target], batch, scope, top++);
          break;
        case ARBOR_EVALUATE_ELEMENT:
          read_element (self, at, scope, top++);
          break;
        case ARBOR_EVALUATE_LITERAL:
          *top++ = at->node->literal;
          break;
        case ARBOR_EVALUATE_CALL:
          top -= at->n;
          at->node->function->code (at->node, top, scope, &value);
          *top++ = value;
          break;
        case ARBOR_EVALUATE_MAP:
          top -= at->n;
          map (self, at->node, top, scope, &value);
          *top++ = value;
          break;
        case ARBOR_EVALUATE_STOP:
          if (top[-1].kind == ARBOR_KIND_BOOL && !!top[-1].boolean == at->decides)
            {
              top -= at->n;
              *top++ = ARBOR_VALUE_BOOL (at->decides);
              i = at->target - 1;
            }
          break;
        case ARBOR_EVALUATE_BRANCH:
          if (!arbor_value_is_true (--top))
            i = at->target - 1;
          break;
        case ARBOR_EVALUATE_JUMP:
          i = at->target - 1;
          break;
        case ARBOR_EVALUATE_EACH:
          if (!begin_loop (&self->loops[at->n], &top[-1], scope, top))
            {
              top++;
              i = at->target - 1;
            }
          break;
        case ARBOR_EVALUATE_FIELD:
          if (at->decides && tree->kind != ARBOR_KIND_OBJECT)
            {
              *top++ = ARBOR_VALUE_MISSING;
              i = at->target - 1;
              break;
            }
          arbor_scope_save_budget (scope, &self->budgets[at->n]);
          arbor_scope_begin_budget (scope, arbor_function_get_budget ());
          break;
        case ARBOR_EVALUATE_VALUE:
          make_value (scope, &top[-1]);
          arbor_scope_restore_budget (scope, &self->budgets[at->n]);
          break;
        case ARBOR_EVALUATE_NEXT:
          if (step_loop (&self->loops[at->n], scope, &top[-1]))
            {
              top--;
              i = at->target - 1;
            }
          break;
        }
    }

  *result = self->stack[0];
  if (self->has_budget)
    check_result (self, scope, result);
}
