/* Expressions made ready: compiled to instructions, bound to the columns of a batch. See
 * arbor-evaluator.h and, for the instructions, arbor-evaluator-private.h.
 */

#include "query/expr/arbor-evaluator-private.h"

#include "batch/arbor-batch-format.h"

/* No instruction: the end of a chain of those that jump to one place. */
#define NONE G_MAXUINT32

/* A node that is being compiled. */
typedef struct
{
  const ArborNode *node;
  guint32 n_done; /* arguments compiled */
  guint32 jumps;  /* the last instruction that jumps to its end; its target is the one before it */
  guint32 branch; /* the one that jumps behind the value that is being compiled */
  guint32 each;   /* the one that begins its loop */
  guint32 field;  /* the one that begins it as a field */
} Pending;

typedef struct
{
  ArborEvaluator *evaluator;
  GArray *pending;
  guint32 n_loops; /* around the node */
  guint32 max_loops;
  guint32 n_fields; /* around the node */
  guint32 max_fields;
} Compiler;

static ArborInstruction *
get_instruction (ArborEvaluator *self, guint32 i)
{
  return &g_array_index (self->instructions, ArborInstruction, i);
}

static guint32
emit (ArborEvaluator *self, ArborOperation operation, const ArborNode *node, guint32 n,
      guint32 target)
{
  ArborInstruction instruction = { .operation = operation, .n = n, .target = target, .node = node };

  if (operation == ARBOR_EVALUATE_STOP)
    instruction.decides = node->function->stops_at == ARBOR_STOPS_AT_TRUE;
  g_array_append_val (self->instructions, instruction);
  return self->instructions->len - 1;
}

static void
emit_leaf (Compiler *compiler, const ArborNode *node)
{
  ArborEvaluator *self = compiler->evaluator;

  if (node->kind == ARBOR_NODE_LITERAL)
    {
      emit (self, ARBOR_EVALUATE_LITERAL, node, 0, 0);
    }
  else
    {
      ArborBinding binding = { .path = node->path,
                               .columns = g_new (guint32, node->path->n_steps) };

      if (node->kind == ARBOR_NODE_PATH)
        emit (self, ARBOR_EVALUATE_PATH, node, 0, self->bindings->len);
      else
        emit (self, ARBOR_EVALUATE_ELEMENT, node,
              compiler->n_loops > 0 ? compiler->n_loops - 1 : ARBOR_NO_LOOP, self->bindings->len);
      g_array_append_val (self->bindings, binding);
      self->has_budget |= node->is_vector;
    }
}

/* Between the arguments of a choice: a condition is behind us, or a value. */
static void
emit_choice (ArborEvaluator *self, Pending *pending)
{
  if (pending->n_done % 2 == 1)
    {
      if (pending->n_done < pending->node->n_arguments)
        pending->branch = emit (self, ARBOR_EVALUATE_BRANCH, pending->node, 0, NONE);
    }
  else
    {
      pending->jumps = emit (self, ARBOR_EVALUATE_JUMP, pending->node, 0, pending->jumps);
      get_instruction (self, pending->branch)->target = self->instructions->len;
    }
}

/* What stands between the arguments of a call, after those that are done. */
static void
emit_between (Compiler *compiler, Pending *pending)
{
  ArborEvaluator *self = compiler->evaluator;
  const ArborNode *node = pending->node;
  const ArborFunction *function = node->function;

  if (pending->n_done == 0 || node->is_vector)
    return;

  if (function->syntax == ARBOR_SYNTAX_CHOICE)
    {
      emit_choice (self, pending);
    }
  else if (function->walks && pending->n_done == 1 && node->n_arguments > 1)
    {
      pending->each = emit (self, ARBOR_EVALUATE_EACH, node, compiler->n_loops++, NONE);
      compiler->max_loops = MAX (compiler->max_loops, compiler->n_loops);
    }
  else if (function->walks && pending->n_done == 2)
    {
      emit (self, ARBOR_EVALUATE_NEXT, node, --compiler->n_loops, pending->each + 1);
      get_instruction (self, pending->each)->target = self->instructions->len;
    }
  else if (function->stops_at != ARBOR_STOPS_NEVER && pending->n_done < node->n_arguments)
    {
      pending->jumps = emit (self, ARBOR_EVALUATE_STOP, node, pending->n_done, pending->jumps);
    }
}

/* The call itself, after its arguments; what jumps to its end now learns where that is. */
static void
emit_call (ArborEvaluator *self, const Pending *pending)
{
  const ArborNode *node = pending->node;
  const ArborFunction *function = node->function;
  guint32 next;

  if (node->is_vector && !function->spreads)
    emit (self, ARBOR_EVALUATE_MAP, node, node->n_arguments, 0);
  else if (function->syntax != ARBOR_SYNTAX_CHOICE)
    emit (self, ARBOR_EVALUATE_CALL, node, node->n_arguments, 0);
  self->has_budget |= node->is_vector || function->syntax == ARBOR_SYNTAX_CALL;
  self->nests |= function->vectors == ARBOR_VECTORS_REDUCE || function->nests;

  for (guint32 i = pending->jumps; i != NONE; i = next)
    {
      next = get_instruction (self, i)->target;
      get_instruction (self, i)->target = self->instructions->len;
    }
}

static void
begin_field (Compiler *compiler, Pending *pending)
{
  ArborEvaluator *self = compiler->evaluator;

  pending->field = emit (self, ARBOR_EVALUATE_FIELD, pending->node, compiler->n_fields++, NONE);
  get_instruction (self, pending->field)->decides =
      (pending->node->field & ARBOR_NODE_FIELD_OF_OBJECT) != 0;
  compiler->max_fields = MAX (compiler->max_fields, compiler->n_fields);
}

static void
end_field (Compiler *compiler, const Pending *pending)
{
  ArborEvaluator *self = compiler->evaluator;

  emit (self, ARBOR_EVALUATE_VALUE, pending->node, --compiler->n_fields, 0);
  get_instruction (self, pending->field)->target = self->instructions->len;
}

static void
compile (ArborEvaluator *self)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  Compiler compiler = { .evaluator = self };
  Pending root = { .node = self->node, .jumps = NONE };
  guint32 depth = 0;
  guint32 max_depth = 1;
  guint32 max_arguments = 1;

  g_array_append_val (pending, root);
  while (pending->len > 0)
    {
      Pending *top = &g_array_index (pending, Pending, pending->len - 1);
      const ArborNode *node = top->node;

      if (node->field != 0 && top->n_done == 0)
        begin_field (&compiler, top);
      if (node->kind == ARBOR_NODE_CALL)
        emit_between (&compiler, top);
      if (top->n_done < node->n_arguments)
        {
          Pending next = { .node = node->arguments[top->n_done++], .jumps = NONE };

          g_array_append_val (pending, next);
          continue;
        }

      if (node->kind == ARBOR_NODE_CALL)
        emit_call (self, top);
      else
        emit_leaf (&compiler, node);
      if (node->field != 0)
        end_field (&compiler, top);
      /* One more than a choice, which has one value at a time, ever needs. */
      depth += 1 - node->n_arguments;
      max_depth = MAX (max_depth, depth + 1);
      max_arguments = MAX (max_arguments, node->n_arguments);
      g_array_set_size (pending, pending->len - 1);
    }

  self->stack = g_new0 (ArborValue, max_depth);
  self->arguments = g_new0 (ArborValue, max_arguments);
  self->loops = g_new0 (ArborLoop, compiler.max_loops);
  self->budgets = g_new (ArborScopeBudget, compiler.max_fields);
}

static void
clear_binding (gpointer binding)
{
  g_free (((ArborBinding *)binding)->columns);
}

ArborEvaluator *
arbor_evaluator_new (ArborNode *node)
{
  ArborEvaluator *self = g_new0 (ArborEvaluator, 1);

  self->node = arbor_node_ref (node);
  self->instructions = g_array_new (FALSE, FALSE, sizeof (ArborInstruction));
  self->bindings = g_array_new (FALSE, FALSE, sizeof (ArborBinding));
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
  g_free (self->loops);
  g_free (self->budgets);
  arbor_node_unref (self->node);
  g_free (self);
}

void
arbor_evaluator_set_batch (ArborEvaluator *self, const ArborBatch *batch, guint64 first)
{
  self->batch = batch;
  self->first = first;
  for (guint i = 0; i < self->bindings->len; i++)
    {
      ArborBinding *binding = &g_array_index (self->bindings, ArborBinding, i);
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

gboolean
arbor_evaluator_nests (const ArborEvaluator *self)
{
  return self->nests && self->has_budget;
}

gboolean
arbor_evaluator_has_budget (const ArborEvaluator *self)
{
  return self->has_budget;
}

static gsize
get_column_bytes (const ArborBatch *batch, const ArborColumnRecord *column)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < column->n_lanes; i++)
    {
      const ArborLaneRecord *lane = &batch->lanes[column->first_lane + i];

      n_bytes += (gsize) lane->size_a + lane->size_b + lane->size_c;
      if (lane->kind == ARBOR_KIND_ARRAY) /* whose size_a counts elements */
        n_bytes -= lane->size_a;
    }
  return n_bytes;
}

gsize
arbor_evaluator_get_n_bytes (const ArborEvaluator *self)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < self->bindings->len; i++)
    {
      const ArborBinding *binding = &g_array_index (self->bindings, ArborBinding, i);

      for (guint j = 0; j < binding->path->n_steps; j++)
        if (binding->columns[j] != ARBOR_NO_COLUMN)
          n_bytes += get_column_bytes (self->batch, &self->batch->columns[binding->columns[j]]);
    }
  return n_bytes;
}

void
arbor_evaluator_get_value (ArborEvaluator *self, guint32 row, ArborScope *scope, ArborValue *value)
{
  ArborValue tree;

  arbor_batch_get_tree (self->batch, row, &tree);
  arbor_evaluator_run (self, self->batch, &tree, scope, value);
  arbor_scope_set_limited_tree (scope, self->first + row);
}

void
arbor_evaluator_get_value_of (ArborEvaluator *self, const ArborValue *tree, ArborScope *scope,
                              ArborValue *value)
{
  ArborValue copy = *tree;

  arbor_evaluator_run (self, NULL, &copy, scope, value);
}
