/* The row evaluator. See arbor-evaluator.h.
 *
 * The nodes are written out once, arguments before calls, as a flat list of instructions for a
 * stack of values: no recursion, and nothing is allocated for a row unless a function makes a
 * string or a list. A path is bound by the columns that its steps lead through; values that
 * lie in other places (overflow text, tapes) go on by name from where the columns end.
 */

#include "query/arbor-evaluator.h"

#include "batch/arbor-value-access.h"
#include "query/arbor-function.h"

typedef enum
{
  OP_PATH,
  OP_LITERAL,
  OP_CALL,
  OP_MAP,  /* a call with vectors among its arguments, value by value */
  OP_STOP, /* if the value on top is decisive for a logic call: drop what it has, jump behind it */
} Operation;

typedef struct
{
  guint8 operation;
  gboolean decides;      /* STOP: the truth value that does */
  guint32 n;             /* arguments on the stack */
  guint32 target;        /* PATH: the binding; STOP: the next instruction */
  const ArborNode *node;
} Instruction;

typedef struct
{
  const ArborPath *path;
  guint32 *columns; /* after each step; ARBOR_NO_COLUMN: no tree of the batch goes there */
} Binding;

struct _ArborEvaluator
{
  ArborNode *node;
  GArray *instructions; /* of Instruction */
  GArray *bindings;     /* of Binding */
  const ArborBatch *batch;
  ArborValue *stack;
  ArborValue *arguments; /* of one call of a MAP */
};

/* Compiling */

typedef struct
{
  const ArborNode *node;
  guint32 n_done;     /* arguments compiled */
  guint32 first_stop; /* index of the first instruction of the call */
} Pending;

static void
emit (ArborEvaluator *self, Operation operation, const ArborNode *node, guint32 n, guint32 target)
{
  Instruction instruction = { .operation = operation, .n = n, .target = target, .node = node };

  if (operation == OP_STOP)
    instruction.decides = node->function->stops_at;
  g_array_append_val (self->instructions, instruction);
}

static void
emit_leaf (ArborEvaluator *self, const ArborNode *node)
{
  if (node->kind == ARBOR_NODE_PATH)
    {
      Binding binding = { .path = node->path, .columns = g_new (guint32, node->path->n_steps) };

      emit (self, OP_PATH, node, 0, self->bindings->len);
      g_array_append_val (self->bindings, binding);
    }
  else
    {
      emit (self, OP_LITERAL, node, 0, 0);
    }
}

/* The call itself, after its arguments; its STOPs now know where it ends. */
static void
emit_call (ArborEvaluator *self, const Pending *pending)
{
  const ArborNode *node = pending->node;
  guint32 end = self->instructions->len + 1;

  emit (self, node->is_vector ? OP_MAP : OP_CALL, node, node->n_arguments, 0);
  if (node->function->stops_at < 0 || node->is_vector)
    return;

  for (guint i = pending->first_stop; i < end; i++)
    {
      Instruction *at = &g_array_index (self->instructions, Instruction, i);

      if (at->operation == OP_STOP && at->node == node && at->target == 0)
        at->target = end;
    }
}

static void
compile (ArborEvaluator *self)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  Pending root = { .node = self->node };
  guint32 depth = 0;
  guint32 max_depth = 1;
  guint32 max_arguments = 1;

  g_array_append_val (pending, root);
  while (pending->len > 0)
    {
      Pending *top = &g_array_index (pending, Pending, pending->len - 1);
      const ArborNode *node = top->node;

      if (node->kind == ARBOR_NODE_CALL && top->n_done > 0 && top->n_done < node->n_arguments &&
          node->function->stops_at >= 0 && !node->is_vector)
        emit (self, OP_STOP, node, top->n_done, 0);

      if (top->n_done < node->n_arguments)
        {
          Pending next = { .node = node->arguments[top->n_done++],
                           .first_stop = self->instructions->len };

          g_array_append_val (pending, next);
          continue;
        }

      if (node->kind == ARBOR_NODE_CALL)
        emit_call (self, top);
      else
        emit_leaf (self, node);
      depth += 1 - node->n_arguments;
      max_depth = MAX (max_depth, depth);
      max_arguments = MAX (max_arguments, node->n_arguments);
      g_array_set_size (pending, pending->len - 1);
    }

  self->stack = g_new0 (ArborValue, max_depth);
  self->arguments = g_new0 (ArborValue, max_arguments);
}

static void
clear_binding (gpointer binding)
{
  g_free (((Binding *) binding)->columns);
}

ArborEvaluator *
arbor_evaluator_new (ArborNode *node)
{
  ArborEvaluator *self = g_new0 (ArborEvaluator, 1);

  self->node = arbor_node_ref (node);
  self->instructions = g_array_new (FALSE, FALSE, sizeof (Instruction));
  self->bindings = g_array_new (FALSE, FALSE, sizeof (Binding));
  g_array_set_clear_func (self->bindings, clear_binding);
  compile (self);
  return self;
}

void
arbor_evaluator_free (ArborEvaluator *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->instructions);
  g_array_unref (self->bindings);
  g_free (self->stack);
  g_free (self->arguments);
  arbor_node_unref (self->node);
  g_free (self);
}

void
arbor_evaluator_set_batch (ArborEvaluator *self, const ArborBatch *batch)
{
  self->batch = batch;
  for (guint i = 0; i < self->bindings->len; i++)
    {
      Binding *binding = &g_array_index (self->bindings, Binding, i);
      guint32 column = 0;

      for (guint j = 0; j < binding->path->n_steps; j++)
        {
          const ArborStep *step = &binding->path->steps[j];

          if (column != ARBOR_NO_COLUMN && step->kind == ARBOR_STEP_KEY)
            column = arbor_batch_find_field (batch, column, step->key, step->length);
          else if (column != ARBOR_NO_COLUMN)
            column = arbor_batch_find_elements (batch, column);
          binding->columns[j] = column;
        }
    }
}

/* Paths */

/* Moves @value along the steps from @first on, as far as the next [*] or the end; returns where. A
 * value in the batch always lies in the column that the step before led to. */
static guint
follow (const Binding *binding, const ArborBatch *batch, guint first, ArborScope *scope,
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
                                                : (guint32) keeps_place;
  if (n_all > G_MAXUINT32 / sizeof (ArborValue)) /* only where arrays of a damaged batch overlap */
    {
      arbor_scope_set_corrupt (scope);
      n_all = 0;
    }

  all = arbor_scope_alloc (scope, n_all * sizeof (ArborValue));
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
  *n = (guint32) n_filled;
  return all;
}

static void
set_list (const ArborValue *values, guint32 n, ArborValue *list)
{
  *list = (ArborValue){ .kind = ARBOR_KIND_ARRAY,
                        .holder_kind = ARBOR_HOLDER_LIST,
                        .index = n,
                        .holder = values };
}

static void
read_path (const Binding *binding, const ArborBatch *batch, ArborScope *scope, ArborValue *value)
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
  set_list (values, n, value);
}

/* Running */

static void
map (ArborEvaluator *self, const ArborNode *call, const ArborValue *arguments, ArborScope *scope,
     ArborValue *result)
{
  guint32 n = 0;
  ArborValue *values;

  for (guint i = 0; i < call->n_arguments; i++)
    if (call->arguments[i]->is_vector)
      n = MAX (n, arguments[i].index);

  values = arbor_scope_alloc (scope, n * sizeof (ArborValue));
  for (guint32 row = 0; row < n; row++)
    {
      for (guint i = 0; i < call->n_arguments; i++)
        {
          if (!call->arguments[i]->is_vector)
            self->arguments[i] = arguments[i];
          else if (row < arguments[i].index)
            self->arguments[i] = ((const ArborValue *) arguments[i].holder)[row];
          else
            self->arguments[i] = ARBOR_VALUE_MISSING;
        }
      call->function->code (call, self->arguments, scope, &values[row]);
    }
  set_list (values, n, result);
}

/* @tree has the value of a tree; @batch is NULL where it does not lie in the batch. */
static void
run (ArborEvaluator *self, const ArborBatch *batch, const ArborValue *tree, ArborScope *scope,
     ArborValue *result)
{
  const Instruction *instructions = &g_array_index (self->instructions, Instruction, 0);
  const Binding *bindings = (const Binding *) (gpointer) self->bindings->data;
  guint n = self->instructions->len;
  ArborValue *top = self->stack; /* one past the topmost */
  ArborValue value;

  for (guint i = 0; i < n; i++)
    {
      const Instruction *at = &instructions[i];

      switch ((Operation) at->operation)
        {
        case OP_PATH:
          *top = *tree;
          read_path (&bindings[at->target], batch, scope, top++);
          break;
        case OP_LITERAL:
          *top++ = at->node->literal;
          break;
        case OP_CALL:
          top -= at->n;
          at->node->function->code (at->node, top, scope, &value);
          *top++ = value;
          break;
        case OP_MAP:
          top -= at->n;
          map (self, at->node, top, scope, &value);
          *top++ = value;
          break;
        case OP_STOP:
          if (top[-1].kind == ARBOR_KIND_BOOL && !!top[-1].boolean == at->decides)
            {
              top -= at->n;
              *top++ = ARBOR_VALUE_BOOL (at->decides);
              i = at->target - 1;
            }
          break;
        }
    }
  *result = self->stack[0];
}

void
arbor_evaluator_get_value (ArborEvaluator *self, guint32 row, ArborScope *scope, ArborValue *value)
{
  ArborValue tree;

  arbor_batch_get_tree (self->batch, row, &tree);
  run (self, self->batch, &tree, scope, value);
}

void
arbor_evaluator_get_value_of (ArborEvaluator *self, const ArborValue *tree, ArborScope *scope,
                              ArborValue *value)
{
  ArborValue copy = *tree;

  run (self, NULL, &copy, scope, value);
}

guint32
arbor_evaluator_filter (ArborEvaluator *self, const guint32 *rows, guint32 n, ArborScope *scope,
                        guint32 *kept)
{
  guint32 n_kept = 0;

  for (guint32 i = 0; i < n; i++)
    {
      guint32 row = rows[i];
      ArborValue value;

      arbor_evaluator_get_value (self, row, scope, &value);
      if (arbor_value_is_true (&value))
        kept[n_kept++] = row;
      arbor_scope_reset (scope);
    }
  return n_kept;
}
