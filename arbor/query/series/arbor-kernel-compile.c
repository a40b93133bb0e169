/* From a predicate to the parts of a kernel. See arbor-kernel-private.h.
 *
 * What has no kernel becomes a part for rows, except below any() and all(): there it is the whole of
 * these that is for rows, since elements cannot be asked one by one.
 */

#include "query/series/arbor-kernel-private.h"

#include "query/expr/arbor-function-private.h"

/* Deeper parts are for rows. */
#define MAX_DEPTH 64u

/* Where the paths of a part begin: at the tree, or at the elements of the array at a path. */
typedef struct
{
  const ArborPath *array; /* NULL: at the tree */
  guint n_steps;          /* of the array's path: its [*] comes next */
} Base;

static ArborKernelPart *compile (const ArborNode *node, const Base *base, guint depth);

static ArborKernelPart *
part_new (ArborKernelKind kind, const ArborNode *node, const Base *base)
{
  ArborKernelPart *self = g_new0 (ArborKernelPart, 1);

  self->kind = (guint8) kind;
  self->node = node;
  self->in_vector = base->array != NULL;
  return self;
}

void
arbor_kernel_part_free (ArborKernelPart *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_parts; i++)
    arbor_kernel_part_free (self->parts[i]);
  g_free (self->parts);
  g_free (self);
}

/* NULL below any() and all(). */
static ArborKernelPart *
leave_to_rows (const ArborNode *node, const Base *base)
{
  return base->array == NULL ? part_new (ARBOR_KERNEL_ROWS, node, base) : NULL;
}

/* Takes over @part, and frees all when that is NULL. */
static gboolean
add_part (ArborKernelPart **self, ArborKernelPart *part)
{
  if (part == NULL)
    {
      g_clear_pointer (self, arbor_kernel_part_free);
      return FALSE;
    }
  (*self)->parts = g_renew (ArborKernelPart *, (*self)->parts, (*self)->n_parts + 1);
  (*self)->parts[(*self)->n_parts++] = part;
  return TRUE;
}

/* Paths */

static gboolean
steps_are_equal (const ArborStep *a, const ArborStep *b, guint n)
{
  for (guint i = 0; i < n; i++)
    if (a[i].kind != b[i].kind || a[i].length != b[i].length ||
        (a[i].kind == ARBOR_STEP_KEY && memcmp (a[i].key, b[i].key, a[i].length) != 0) ||
        (a[i].kind == ARBOR_STEP_INDEX && a[i].index != b[i].index))
      return FALSE;
  return TRUE;
}

/* Whether fields lead from the base to what @node is the path of; says which. */
static gboolean
get_fields (const ArborNode *node, const Base *base, const ArborStep **steps, guint *n_steps)
{
  guint first = 0;

  if (node->kind != ARBOR_NODE_PATH)
    return FALSE;
  if (base->array != NULL)
    {
      first = base->n_steps + 1;
      if (node->path->n_steps < first ||
          !steps_are_equal (node->path->steps, base->array->steps, first))
        return FALSE;
    }
  for (guint i = first; i < node->path->n_steps; i++)
    if (node->path->steps[i].kind != ARBOR_STEP_KEY)
      return FALSE;
  *n_steps = node->path->n_steps - first;
  *steps = *n_steps > 0 ? node->path->steps + first : NULL;
  return TRUE;
}

/* Leaves */

static ArborKernelPart *
leaf_new (ArborKernelKind kind, const ArborNode *node, const ArborNode *path,
          const ArborNode *literal, const Base *base)
{
  const ArborStep *steps;
  guint n_steps;
  ArborKernelPart *self;

  if (!get_fields (path, base, &steps, &n_steps))
    return leave_to_rows (node, base);
  self = part_new (kind, node, base);
  self->steps = steps;
  self->n_steps = n_steps;
  if (literal == NULL)
    return self;
  self->literal = &literal->literal;
  if (literal->literal.kind == ARBOR_KIND_STRING)
    self->needle = (ArborNeedle){ .text = literal->literal.text,
                                  .length = literal->literal.length };
  return self;
}

static ArborKernelPart *
compare_new (ArborComparison comparison, const ArborNode *node, const ArborNode *a,
             const ArborNode *b, const Base *base)
{
  ArborKernelPart *self;

  if (a->kind == ARBOR_NODE_LITERAL)
    {
      const ArborNode *path = b;

      comparison = arbor_comparison_flip (comparison);
      b = a;
      a = path;
    }
  if (b->kind != ARBOR_NODE_LITERAL)
    return leave_to_rows (node, base);
  if (arbor_node_is_null_literal (b))
    {
      /* Only == and != ask for null; what the others give is null everywhere. */
      if (comparison == ARBOR_COMPARISON_EQ)
        return leaf_new (ARBOR_KERNEL_IS_ABSENT, node, a, NULL, base);
      if (comparison != ARBOR_COMPARISON_NE)
        return leave_to_rows (node, base);
      self = part_new (ARBOR_KERNEL_NOT, node, base);
      add_part (&self, leaf_new (ARBOR_KERNEL_IS_ABSENT, node, a, NULL, base));
      return self;
    }

  self = leaf_new (ARBOR_KERNEL_COMPARE, node, a, b, base);
  if (self == NULL || self->kind == ARBOR_KERNEL_ROWS)
    return self;
  self->comparison = (guint8) comparison;
  if (arbor_kind_is_number ((ArborKind) b->literal.kind))
    for (ArborKind kind = ARBOR_KIND_INT64; kind <= ARBOR_KIND_DOUBLE; kind++)
      arbor_bounds_init (&self->bounds[kind], kind, comparison, &b->literal);
  return self;
}

static ArborKernelPart *
text_new (ArborKernelKind kind, const ArborNode *node, const Base *base)
{
  const ArborNode *literal = node->arguments[1];

  if (literal->kind != ARBOR_NODE_LITERAL || literal->literal.kind != ARBOR_KIND_STRING)
    return leave_to_rows (node, base);
  return leaf_new (kind, node, node->arguments[0], literal, base);
}

/* Combinations */

static ArborKernelPart *
between_new (const ArborNode *node, const Base *base)
{
  ArborKernelPart *self = part_new (ARBOR_KERNEL_AND, node, base);

  if (add_part (&self, compare_new (ARBOR_COMPARISON_GE, node, node->arguments[0],
                                    node->arguments[1], base)))
    add_part (&self, compare_new (ARBOR_COMPARISON_LE, node, node->arguments[0],
                                  node->arguments[2], base));
  return self;
}

static ArborKernelPart *
in_new (const ArborNode *node, const Base *base)
{
  ArborKernelPart *self = part_new (ARBOR_KERNEL_OR, node, base);

  for (guint i = 1; i < node->n_arguments; i++)
    if (!add_part (&self, compare_new (ARBOR_COMPARISON_EQ, node, node->arguments[0],
                                       node->arguments[i], base)))
      return NULL;
  return self;
}

static ArborKernelPart *
logic_new (ArborKernelKind kind, const ArborNode *node, const Base *base, guint depth)
{
  ArborKernelPart *self = part_new (kind, node, base);

  for (guint i = 0; i < node->n_arguments; i++)
    if (!add_part (&self, compile (node->arguments[i], base, depth + 1)))
      return NULL;
  return self;
}

/* The first path with [*] below @node. */
static const ArborNode *
find_vector (const ArborNode *node)
{
  while (node->kind == ARBOR_NODE_CALL)
    {
      const ArborNode *next = NULL;

      for (guint i = 0; i < node->n_arguments && next == NULL; i++)
        if (node->arguments[i]->is_vector)
          next = node->arguments[i];
      if (next == NULL)
        return NULL;
      node = next;
    }
  return node->kind == ARBOR_NODE_PATH && node->path->is_vector ? node : NULL;
}

static ArborKernelPart *
reduce_new (ArborKernelKind kind, const ArborNode *node, const Base *base, guint depth)
{
  const ArborNode *vector = base->array == NULL ? find_vector (node->arguments[0]) : NULL;
  Base elements = { .array = vector != NULL ? vector->path : NULL };
  ArborKernelPart *inner, *self;

  if (vector == NULL)
    return leave_to_rows (node, base);
  while (vector->path->steps[elements.n_steps].kind == ARBOR_STEP_KEY)
    elements.n_steps++;
  if (vector->path->steps[elements.n_steps].kind != ARBOR_STEP_EACH)
    return leave_to_rows (node, base);
  inner = compile (node->arguments[0], &elements, depth + 1);
  if (inner == NULL)
    return leave_to_rows (node, base);
  self = part_new (kind, node, base);
  self->steps = vector->path->steps;
  self->n_steps = elements.n_steps;
  add_part (&self, inner);
  return self;
}

/* Functions */

static ArborKernelPart *
compile_compare (const ArborNode *node, const Base *base)
{
  static const struct
  {
    ArborFunctionCode code;
    ArborComparison comparison;
  } table[] = {
    { arbor_function_eq, ARBOR_COMPARISON_EQ }, { arbor_function_ne, ARBOR_COMPARISON_NE },
    { arbor_function_lt, ARBOR_COMPARISON_LT }, { arbor_function_le, ARBOR_COMPARISON_LE },
    { arbor_function_gt, ARBOR_COMPARISON_GT }, { arbor_function_ge, ARBOR_COMPARISON_GE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (node->function->code == table[i].code)
      return compare_new (table[i].comparison, node, node->arguments[0], node->arguments[1], base);
  return leave_to_rows (node, base);
}

static ArborKernelPart *
compile_call (const ArborNode *node, const Base *base, guint depth)
{
  const ArborFunction *function = node->function;
  ArborFunctionCode code = function->code;

  if (code == arbor_function_and)
    return logic_new (ARBOR_KERNEL_AND, node, base, depth);
  if (code == arbor_function_or)
    return logic_new (ARBOR_KERNEL_OR, node, base, depth);
  if (code == arbor_function_not)
    return logic_new (ARBOR_KERNEL_NOT, node, base, depth);
  if (function->aggregate == ARBOR_AGGREGATE_ANY)
    return reduce_new (ARBOR_KERNEL_ANY, node, base, depth);
  if (function->aggregate == ARBOR_AGGREGATE_ALL)
    return reduce_new (ARBOR_KERNEL_ALL, node, base, depth);
  if (code == arbor_function_is_between)
    return between_new (node, base);
  if (code == arbor_function_is_in && node->n_arguments > 1)
    return in_new (node, base);
  if (code == arbor_function_starts_with)
    return text_new (ARBOR_KERNEL_STARTS_WITH, node, base);
  if (code == arbor_function_ends_with)
    return text_new (ARBOR_KERNEL_ENDS_WITH, node, base);
  if (code == arbor_function_contains)
    return text_new (ARBOR_KERNEL_CONTAINS, node, base);
  if (code == arbor_function_is_null)
    return leaf_new (ARBOR_KERNEL_IS_NULL, node, node->arguments[0], NULL, base);
  if (code == arbor_function_is_missing)
    return leaf_new (ARBOR_KERNEL_IS_MISSING, node, node->arguments[0], NULL, base);
  if (code == arbor_function_exists)
    {
      ArborKernelPart *self = part_new (ARBOR_KERNEL_NOT, node, base);

      add_part (&self,
                leaf_new (ARBOR_KERNEL_IS_MISSING, node, node->arguments[0], NULL, base));
      return self;
    }
  return compile_compare (node, base);
}

static ArborKernelPart *
compile (const ArborNode *node, const Base *base, guint depth)
{
  /* A field of objects only: of other trees it says something else. */
  if (depth > MAX_DEPTH || (node->field & ARBOR_NODE_FIELD_OF_OBJECT) != 0)
    return leave_to_rows (node, base);
  if (node->kind == ARBOR_NODE_CALL)
    return compile_call (node, base, depth);
  if (node->kind == ARBOR_NODE_PATH)
    return leaf_new (ARBOR_KERNEL_TRUTH, node, node, NULL, base);
  return leave_to_rows (node, base);
}

ArborKernelPart *
arbor_kernel_compile (const ArborNode *node)
{
  const Base trees = { 0 };

  return compile (node, &trees, 0);
}
