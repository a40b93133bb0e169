/* Compiles expressions for series, and runs them. See arbor-series-program.h.
 *
 * Arguments come before calls, as in the row evaluator, but nothing jumps: what that would skip is
 * not wanted (a byte for each place), so that costly row code is not called for it. The elements of
 * the array that a call walks are a domain of places of their own, inside the one of the rows; what
 * lies outside of the walk is repeated for each element.
 *
 * A call of what has few different values (a dictionary) is made for these values, once a batch.
 */

#include "query/series/arbor-series-program.h"

#include "batch/arbor-value-access.h"
#include "query/expr/arbor-function-private.h"
#include "query/series/arbor-series-call.h"
#include "query/series/arbor-series-path.h"

/* Elements of arrays that a strip of more than one row may have. */
#define MAX_ELEMENTS (64u * 1024u)
/* The most that a single row may have: beyond it the row is open. */
#define MAX_ELEMENTS_OF_ROW (256u * 1024u)
/* Bytes of texts that one place may take in one call, at most and at least. */
#define MAX_BOUND (32u * 1024u)
#define MIN_BOUND 256u
/* @ that nothing binds. */
#define NO_LOOP G_MAXUINT32
/* Of fewer rows than one in so many of a batch, strings are found one by one. */
#define FEW 8u
/* Arrays of so many bytes are dropped as soon as nobody needs them. */
#define MAX_LIVE (256u * 1024u)

typedef enum
{
  OP_PATH,
  OP_ELEMENT,
  OP_CONSTANT,
  OP_CALL,
  OP_MAP,       /* a call with vectors among its arguments, value by value */
  OP_STOP,      /* after an argument of "and" or "or": the places that it decides are not wanted */
  OP_CONDITION, /* after one of "when": what follows is wanted where it is true, ... */
  OP_OTHERWISE, /* ... and behind the value where it is not */
  OP_JOIN,      /* everything is wanted that was before the call's arguments */
  OP_EACH,      /* enter the elements of the array on top */
  OP_NEXT,      /* leave them: the series on top becomes runs */
} Operation;

typedef struct
{
  guint8 operation;
  guint32 n;      /* CALL, MAP: arguments; ELEMENT: the loop, counted from the outermost */
  guint32 path;   /* PATH, ELEMENT */
  const ArborNode *node;
  ArborSeries of;     /* CALL: the table that it was made for, ... */
  ArborSeries *table; /* ... and what it gave; NULL: none */
} Instruction;

typedef struct
{
  guint32 n;
  const guint8 *wanted; /* NULL: all */
  guint32 depth;        /* of the stack of what was wanted */
  /* Of elements: */
  const guint32 *starts;  /* of each place of the domain around it */
  const guint32 *parents; /* of each element, its place there */
  const guint8 *kind;     /* of each place around: ARRAY or what it is instead; NULL: ARRAY */
  const guint32 *rows;    /* they are these rows of column; NULL: they are values */
  guint32 column;
  ArborSeries values;
} Domain;

struct _ArborSeriesProgram
{
  ArborNode *node;
  GArray *instructions;
  GArray *paths; /* of ArborSeriesPath */
  guint32 max_depth;
  guint32 max_loops;
  guint32 max_wanted;
  gsize bound;
  guint32 max_of_row; /* elements */
  const ArborBatch *batch;
  guint32 n_rows; /* that will be asked for */
  ArborScope *kept; /* as long as the batch is at hand */

  /* Of a run. */
  const guint32 *rows;
  guint32 from;
  guint32 max; /* elements */
  gboolean is_too_much;
  ArborScope *arrays;
  ArborScope *texts;
  ArborSeries *stack;
  ArborScopeMark *marks; /* before each of them was made */
  guint32 n_stack;
  Domain *domains;
  guint32 n_domains;
  const guint8 **saved; /* wanted, before calls that narrow it */
  const guint8 **others;
  guint32 n_saved;
  ArborBuffer copy;
};

/* Compiling */

typedef struct
{
  const ArborNode *node;
  guint32 n_done;
  gboolean narrows;
} Pending;

typedef struct
{
  ArborSeriesProgram *program;
  GArray *pending;
  guint32 n_loops;
  guint32 n_wanted;
} Compiler;

static void
emit (ArborSeriesProgram *self, Operation operation, const ArborNode *node, guint32 n)
{
  Instruction instruction = { .operation = operation, .node = node, .n = n };

  if (operation == OP_PATH || operation == OP_ELEMENT)
    {
      ArborSeriesPath path;

      arbor_series_path_init (&path, node->path);
      instruction.path = self->paths->len;
      g_array_append_val (self->paths, path);
    }
  g_array_append_val (self->instructions, instruction);
}

static void
emit_leaf (Compiler *compiler, const ArborNode *node)
{
  if (node->kind == ARBOR_NODE_LITERAL)
    emit (compiler->program, OP_CONSTANT, node, 0);
  else if (node->kind == ARBOR_NODE_PATH)
    emit (compiler->program, OP_PATH, node, 0);
  else
    emit (compiler->program, OP_ELEMENT, node,
          compiler->n_loops > 0 ? compiler->n_loops - 1 : NO_LOOP);
}

static gboolean
may_narrow (const ArborNode *node)
{
  return node->kind == ARBOR_NODE_CALL && !node->is_vector &&
         (node->function->stops_at != ARBOR_STOPS_NEVER ||
          node->function->syntax == ARBOR_SYNTAX_CHOICE);
}

static void
emit_between (Compiler *compiler, Pending *pending)
{
  ArborSeriesProgram *self = compiler->program;
  const ArborNode *node = pending->node;
  const ArborFunction *function = node->function;

  if (pending->n_done == 0)
    return;
  if (may_narrow (node) && pending->n_done < node->n_arguments)
    {
      compiler->n_wanted += !pending->narrows;
      self->max_wanted = MAX (self->max_wanted, compiler->n_wanted);
      pending->narrows = TRUE;
      if (function->syntax != ARBOR_SYNTAX_CHOICE)
        emit (self, OP_STOP, node, pending->n_done);
      else
        emit (self, pending->n_done % 2 == 1 ? OP_CONDITION : OP_OTHERWISE, node,
              pending->n_done);
    }
  else if (function->walks && pending->n_done == 1 && node->n_arguments > 1)
    {
      emit (self, OP_EACH, node, 0);
      compiler->n_loops++;
      self->max_loops = MAX (self->max_loops, compiler->n_loops);
    }
  else if (function->walks && pending->n_done == 2)
    {
      emit (self, OP_NEXT, node, 0);
      compiler->n_loops--;
    }
}

static void
emit_call (Compiler *compiler, const Pending *pending)
{
  const ArborNode *node = pending->node;

  if (pending->narrows)
    {
      emit (compiler->program, OP_JOIN, node, 0);
      compiler->n_wanted--;
    }
  emit (compiler->program, node->is_vector && !node->function->spreads ? OP_MAP : OP_CALL, node,
        node->n_arguments);
}

static void
compile (ArborSeriesProgram *self)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  Compiler compiler = { .program = self };
  Pending root = { .node = self->node };
  guint32 depth = 0;

  g_array_append_val (pending, root);
  while (pending->len > 0)
    {
      Pending *top = &g_array_index (pending, Pending, pending->len - 1);
      const ArborNode *node = top->node;

      if (node->kind == ARBOR_NODE_CALL)
        emit_between (&compiler, top);
      if (top->n_done < node->n_arguments)
        {
          Pending next = { .node = node->arguments[top->n_done++] };

          g_array_append_val (pending, next);
          continue;
        }
      if (node->kind == ARBOR_NODE_CALL)
        emit_call (&compiler, top);
      else
        emit_leaf (&compiler, node);
      depth += 1 - node->n_arguments;
      self->max_depth = MAX (self->max_depth, depth + node->n_arguments);
      g_array_set_size (pending, pending->len - 1);
    }
}

static void
clear_path (gpointer path)
{
  arbor_series_path_clear (path);
}

ArborSeriesProgram *
arbor_series_program_new (ArborNode *node)
{
  ArborSeriesProgram *self = g_new0 (ArborSeriesProgram, 1);
  gsize n;

  self->node = arbor_node_ref (node);
  self->instructions = g_array_new (FALSE, FALSE, sizeof (Instruction));
  self->paths = g_array_new (FALSE, FALSE, sizeof (ArborSeriesPath));
  g_array_set_clear_func (self->paths, clear_path);
  self->kept = arbor_scope_new ();
  compile (self);

  /* All calls for one row together stay far below what the row evaluator lets them take. */
  n = self->instructions->len;
  self->bound = CLAMP (ARBOR_FUNCTION_BUDGET / 4 / n, MIN_BOUND, MAX_BOUND);
  self->max_of_row = (guint32) MIN (ARBOR_FUNCTION_BUDGET / 4 / sizeof (ArborValue) / n,
                                    MAX_ELEMENTS_OF_ROW);
  self->stack = g_new (ArborSeries, self->max_depth + 1);
  self->marks = g_new (ArborScopeMark, self->max_depth + 1);
  self->domains = g_new0 (Domain, self->max_loops + 1);
  self->saved = g_new (const guint8 *, self->max_wanted + 1);
  self->others = g_new (const guint8 *, self->max_wanted + 1);
  return self;
}

void
arbor_series_program_free (ArborSeriesProgram *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->instructions);
  g_array_unref (self->paths);
  arbor_scope_free (self->kept);
  g_free (self->stack);
  g_free (self->marks);
  g_free (self->domains);
  g_free (self->saved);
  g_free (self->others);
  arbor_buffer_free (&self->copy);
  arbor_node_unref (self->node);
  g_free (self);
}

void
arbor_series_program_set_batch (ArborSeriesProgram *self, const ArborBatch *batch, guint32 n_rows)
{
  self->n_rows = n_rows;
  if (batch == self->batch && batch != NULL)
    return;
  self->batch = batch;
  for (guint i = 0; i < self->paths->len; i++)
    {
      ArborSeriesPath *path = &g_array_index (self->paths, ArborSeriesPath, i);

      arbor_series_path_forget (path);
      path->is_brief = batch != NULL && n_rows < arbor_batch_get_n_trees (batch) / FEW;
    }
  for (guint i = 0; i < self->instructions->len; i++)
    g_array_index (self->instructions, Instruction, i).table = NULL;
  arbor_scope_reset (self->kept);
}

const ArborFunction *
arbor_series_find_row_code (const ArborNode *node)
{
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();

  g_ptr_array_add (pending, (gpointer) node);
  while (pending->len > 0)
    {
      const ArborNode *at = g_ptr_array_steal_index_fast (pending, pending->len - 1);

      if (at->kind == ARBOR_NODE_CALL && at->function->series == NULL)
        return at->function;
      for (guint32 i = 0; i < at->n_arguments; i++)
        g_ptr_array_add (pending, at->arguments[i]);
    }
  return NULL;
}

/* Domains */

static Domain *
get_domain (ArborSeriesProgram *self)
{
  return &self->domains[self->n_domains - 1];
}

static gpointer
new_array (ArborSeriesProgram *self, guint32 n, gsize size)
{
  return arbor_scope_alloc (self->arrays, MAX ((gsize) n, 1) * size);
}

/* A series of an outer domain, for the innermost one. */
static void
repeat (ArborSeriesProgram *self, guint32 of, ArborSeries *series)
{
  for (guint32 i = of + 1; i < self->n_domains; i++)
    {
      const Domain *domain = &self->domains[i];
      ArborSeries inner;

      if (series->form == ARBOR_SERIES_CONSTANT)
        {
          series->n = domain->n;
          continue;
        }
      if (series->form == ARBOR_SERIES_RUNS)
        arbor_series_to_values (series, self->arrays, series);
      arbor_series_gather (series, domain->parents, domain->n, self->arrays, &inner);
      *series = inner;
    }
}

static ArborSeriesPath *
get_path (ArborSeriesProgram *self, const Instruction *at)
{
  return &g_array_index (self->paths, ArborSeriesPath, at->path);
}

/* A vector in an element that has become a value again: a place's list as runs. */
static void
to_runs (ArborSeriesProgram *self, const ArborSeries *from, ArborSeries *to);

static void
read_path (ArborSeriesProgram *self, const Instruction *at, ArborSeries *result)
{
  const Domain *rows = &self->domains[0];

  if (!arbor_series_path_read (get_path (self, at), self->batch, 0, self->rows, self->from,
                               rows->n, self->max, self->kept, self->arrays, result))
    {
      ArborValue open = { .kind = ARBOR_KIND_OPEN };

      self->is_too_much = TRUE;
      arbor_series_set_constant (result, &open, rows->n);
      return;
    }
  if (self->n_domains == 1)
    return;
  repeat (self, 0, result);
  if (at->node->path->is_vector)
    {
      ArborSeries values = *result;

      to_runs (self, &values, result);
    }
}

/* What is missing among the elements of an array is null. */
static void
fill_missing (ArborSeriesProgram *self, ArborSeries *values)
{
  ArborSeries all;
  ArborValue *copy;

  if (!arbor_series_may_be (values, ARBOR_KIND_MISSING))
    return;
  arbor_series_to_values (values, self->arrays, &all);
  copy = new_array (self, all.n, sizeof *copy);
  for (guint32 i = 0; i < all.n; i++)
    {
      copy[i] = all.values[i];
      if (copy[i].kind == ARBOR_KIND_MISSING)
        copy[i].kind = ARBOR_KIND_NULL;
    }
  *values = (ArborSeries){ .form = ARBOR_SERIES_VALUES,
                           .n = all.n,
                           .kinds = (all.kinds & ~ARBOR_KINDS (ARBOR_KIND_MISSING)) |
                                    ARBOR_KINDS (ARBOR_KIND_NULL),
                           .values = copy };
}

/* What a path leads to from values. */
static void
follow_values (ArborSeriesProgram *self, const ArborPath *path, const ArborSeries *from,
               ArborSeries *result)
{
  ArborValue *values = new_array (self, from->n, sizeof *values);

  *result = (ArborSeries){ .form = ARBOR_SERIES_VALUES, .n = from->n, .values = values };
  for (guint32 i = 0; i < from->n; i++)
    {
      ArborValue *value = &values[i];

      arbor_series_get (from, i, value);
      for (guint s = 0; s < path->n_steps && value->kind != ARBOR_KIND_OPEN; s++)
        {
          const ArborStep *step = &path->steps[s];

          if (step->kind == ARBOR_STEP_INDEX)
            arbor_value_get_element (value, step->index, self->texts, value);
          else if (step->kind == ARBOR_STEP_KEY)
            arbor_value_get_member (value, step->key, step->length, self->texts, value);
          else
            value->kind = ARBOR_KIND_OPEN; /* vectors below values are for rows */
        }
      if (arbor_scope_take_trouble (self->texts))
        value->kind = ARBOR_KIND_OPEN;
      result->kinds |= ARBOR_KINDS (value->kind);
    }
}

static void
read_element (ArborSeriesProgram *self, const Instruction *at, ArborSeries *result)
{
  guint32 of = at->n + 1;
  const Domain *domain;
  const ArborPath *path = at->node->path;

  if (at->n == NO_LOOP) /* @ that nothing binds */
    {
      arbor_series_set_constant (result, &ARBOR_VALUE_MISSING, get_domain (self)->n);
      return;
    }
  domain = &self->domains[of];
  if (domain->rows != NULL)
    {
      if (!arbor_series_path_read (get_path (self, at), self->batch, domain->column, domain->rows,
                                   0, domain->n, self->max, self->kept, self->arrays, result))
        {
          ArborValue open = { .kind = ARBOR_KIND_OPEN };

          self->is_too_much = TRUE;
          arbor_series_set_constant (result, &open, domain->n);
        }
    }
  else if (path->n_steps == 0)
    *result = domain->values;
  else
    follow_values (self, path, &domain->values, result);
  if (path->n_steps == 0)
    fill_missing (self, result);
  repeat (self, of, result);
  if (path->is_vector && result->form != ARBOR_SERIES_RUNS)
    {
      ArborSeries values = *result;

      to_runs (self, &values, result);
    }
}

/* Runs */

/* Elements of the arrays among values, as values. */
static gboolean
list_values (ArborSeriesProgram *self, const ArborSeries *from, guint32 *starts,
             ArborSeries *elements)
{
  ArborScope *scope = self->texts;
  guint64 n = 0;
  ArborValue *values;
  guint32 at = 0;

  for (guint32 i = 0; i < from->n; i++)
    {
      ArborValue value;

      starts[i] = (guint32) n;
      arbor_series_get (from, i, &value);
      if (value.kind == ARBOR_KIND_ARRAY)
        n += arbor_value_get_length (&value, scope);
      else
        n += value.kind == ARBOR_KIND_OPEN;
      if (n > self->max)
        return FALSE;
    }
  starts[from->n] = (guint32) n;
  values = new_array (self, (guint32) n, sizeof *values);
  *elements = (ArborSeries){ .form = ARBOR_SERIES_VALUES, .n = (guint32) n, .values = values };
  for (guint32 i = 0; i < from->n; i++)
    {
      ArborValueIter iter;
      ArborValue value;

      arbor_series_get (from, i, &value);
      if (value.kind == ARBOR_KIND_ARRAY)
        {
          arbor_value_iter_init (&iter, &value, scope);
          while (at < starts[i + 1] && arbor_value_iter_next (&iter, NULL, NULL, &values[at]))
            at++;
        }
      while (at < starts[i + 1])
        values[at++] = (ArborValue){ .kind = ARBOR_KIND_OPEN };
    }
  if (arbor_scope_take_trouble (scope))
    for (at = 0; at < n; at++)
      values[at].kind = ARBOR_KIND_OPEN;
  for (at = 0; at < n; at++)
    elements->kinds |= ARBOR_KINDS (values[at].kind);
  return TRUE;
}

static void
to_runs (ArborSeriesProgram *self, const ArborSeries *from, ArborSeries *to)
{
  guint32 *starts;
  ArborSeries *inner;

  if (from->form == ARBOR_SERIES_RUNS)
    {
      *to = *from;
      return;
    }
  starts = new_array (self, from->n + 1, sizeof *starts);
  inner = new_array (self, 1, sizeof *inner);
  if (!list_values (self, from, starts, inner))
    {
      ArborValue open = { .kind = ARBOR_KIND_OPEN };

      self->is_too_much = TRUE;
      arbor_series_set_constant (inner, &open, from->n);
      for (guint32 i = 0; i <= from->n; i++)
        starts[i] = i;
    }
  *to = (ArborSeries){ .form = ARBOR_SERIES_RUNS,
                       .n = from->n,
                       .kinds = ARBOR_KINDS (ARBOR_KIND_ARRAY),
                       .starts = starts,
                       .inner = inner };
}

static const guint32 *
list_parents (ArborSeriesProgram *self, const guint32 *starts, guint32 n)
{
  guint32 *parents = new_array (self, starts[n], sizeof *parents);

  for (guint32 i = 0; i < n; i++)
    for (guint32 j = starts[i]; j < starts[i + 1]; j++)
      parents[j] = i;
  return parents;
}

static const guint8 *
repeat_wanted (ArborSeriesProgram *self, const guint8 *wanted, const guint32 *parents, guint32 n)
{
  guint8 *inner;

  if (wanted == NULL)
    return NULL;
  inner = new_array (self, n, 1);
  for (guint32 i = 0; i < n; i++)
    inner[i] = wanted[parents[i]];
  return inner;
}

static void
enter (ArborSeriesProgram *self)
{
  const ArborSeries *array = &self->stack[self->n_stack - 1];
  const Domain *outer = get_domain (self);
  Domain *domain = &self->domains[self->n_domains];
  guint8 *kind = NULL;
  ArborSeries runs;

  *domain = (Domain){ .depth = self->n_saved };
  if (array->form != ARBOR_SERIES_RUNS)
    {
      kind = new_array (self, outer->n, 1);
      for (guint32 i = 0; i < outer->n; i++)
        {
          ArborValue value;

          arbor_series_get (array, i, &value);
          kind[i] = value.kind;
        }
    }
  domain->kind = array->form == ARBOR_SERIES_RUNS ? array->kind : kind;
  if (array->form == ARBOR_SERIES_RUNS ||
      !arbor_series_list_elements (array, self->batch, self->max, self->arrays, &domain->starts,
                                   &domain->rows, &domain->column))
    {
      domain->rows = NULL;
      to_runs (self, array, &runs);
      domain->starts = runs.starts;
      domain->values = *runs.inner;
      fill_missing (self, &domain->values);
    }
  domain->n = domain->starts[outer->n];
  domain->parents = list_parents (self, domain->starts, outer->n);
  domain->wanted = repeat_wanted (self, outer->wanted, domain->parents, domain->n);
  self->n_domains++;
}

/* The body of a walk, on top, becomes the list of what it gave for each array. */
static void
leave (ArborSeriesProgram *self)
{
  ArborSeries *top = &self->stack[self->n_stack - 1];
  Domain *domain = get_domain (self);
  ArborSeries *inner = new_array (self, 1, sizeof *inner);
  guint32 n = self->domains[self->n_domains - 2].n;

  if (top->form == ARBOR_SERIES_RUNS)
    arbor_series_to_values (top, self->arrays, inner);
  else
    *inner = *top;
  *top = (ArborSeries){ .form = ARBOR_SERIES_RUNS,
                        .n = n,
                        .kinds = ARBOR_KINDS (ARBOR_KIND_ARRAY),
                        .kind = domain->kind,
                        .starts = domain->starts,
                        .inner = inner };
  self->n_domains--;
}

/* Calls */

/* Whether a table is worth it, and all that varies among the arguments: the codes of one. */
static const ArborSeries *
find_codes (const ArborSeriesCall *call)
{
  const ArborSeries *codes = NULL;

  for (guint a = 0; a < call->n_arguments; a++)
    {
      const ArborSeries *argument = &call->arguments[a];

      if (argument->form == ARBOR_SERIES_CONSTANT && argument->is_kept)
        continue;
      if (argument->form != ARBOR_SERIES_CODES || !argument->inner->is_kept ||
          (codes != NULL && codes->codes != argument->codes))
        return NULL;
      codes = argument;
    }
  return codes;
}

static gboolean
is_same_table (const ArborSeries *a, const ArborSeries *b)
{
  return a->form == b->form && a->values == b->values && a->n == b->n;
}

/* Once for each entry of the table: what there is trouble with is open, so no row that does not have
 * the entry learns of it. */
static ArborSeries *
make_table (ArborSeriesProgram *self, Instruction *at, const ArborSeriesCall *call,
            const ArborSeries *codes)
{
  ArborSeries *arguments = new_array (self, call->n_arguments, sizeof *arguments);
  ArborSeriesCall of_table = *call;

  if (at->table != NULL && is_same_table (&at->of, codes->inner))
    return at->table;
  for (guint a = 0; a < call->n_arguments; a++)
    if (call->arguments[a].form == ARBOR_SERIES_CODES)
      arguments[a] = *call->arguments[a].inner;
    else
      arbor_series_set_constant (&arguments[a], &call->arguments[a].constant, codes->inner->n);
  of_table.arguments = arguments;
  of_table.n = codes->inner->n;
  of_table.wanted = NULL;
  of_table.arrays = of_table.texts = self->kept;
  at->table = arbor_scope_alloc (self->kept, sizeof *at->table);
  at->of = *codes->inner;
  arbor_series_call_run (&of_table, at->table);
  at->table->is_kept = TRUE;
  return at->table;
}

static void
call_places (ArborSeriesProgram *self, Instruction *at, const ArborSeriesCall *call,
             ArborSeries *result)
{
  const ArborSeries *codes = find_codes (call);
  ArborSeries *table;

  if (codes == NULL || codes->inner->n / 2 > self->n_rows)
    {
      arbor_series_call_run (call, result);
      return;
    }
  table = make_table (self, at, call, codes);
  if (table->form == ARBOR_SERIES_CODES || table->form == ARBOR_SERIES_RUNS)
    {
      arbor_series_call_run (call, result);
      return;
    }
  *result = (ArborSeries){ .form = ARBOR_SERIES_CODES,
                           .n = call->n,
                           .kinds = table->kinds,
                           .codes = codes->codes,
                           .inner = table };
}

static ArborSeriesCall
get_call (ArborSeriesProgram *self, const Instruction *at)
{
  return (ArborSeriesCall){ .node = at->node,
                            .n_arguments = at->n,
                            .arguments = &self->stack[self->n_stack - at->n],
                            .n = get_domain (self)->n,
                            .wanted = get_domain (self)->wanted,
                            .arrays = self->arrays,
                            .texts = self->texts,
                            .bound = self->bound };
}

static void
call (ArborSeriesProgram *self, Instruction *at, ArborSeries *result)
{
  ArborSeriesCall call = get_call (self, at);

  call_places (self, at, &call, result);
  if (at->node->is_vector) /* it spreads */
    {
      ArborSeries values = *result;

      to_runs (self, &values, result);
    }
}

static gboolean
have_same_starts (const guint32 *a, const guint32 *b, guint32 n)
{
  return a == b || memcmp (a, b, ((gsize) n + 1) * sizeof *a) == 0;
}

/* Where each vector has its k-th element, for as many as the longest has. */
static guint32 *
zip (ArborSeriesProgram *self, const ArborSeries *runs, const guint32 *starts, guint32 n)
{
  guint32 *indices = new_array (self, starts[n], sizeof *indices);

  for (guint32 i = 0; i < n; i++)
    {
      guint32 length = runs->starts[i + 1] - runs->starts[i];

      for (guint32 j = 0; j < starts[i + 1] - starts[i]; j++)
        indices[starts[i] + j] = j < length ? runs->starts[i] + j : G_MAXUINT32;
    }
  return indices;
}

static const guint32 *
find_longest (ArborSeriesProgram *self, const ArborSeriesCall *call, gboolean *are_same)
{
  const guint32 *first = NULL;
  guint32 *starts;

  *are_same = TRUE;
  for (guint a = 0; a < call->n_arguments; a++)
    if (call->arguments[a].form == ARBOR_SERIES_RUNS)
      {
        if (first == NULL)
          first = call->arguments[a].starts;
        *are_same &= have_same_starts (first, call->arguments[a].starts, call->n);
      }
  if (*are_same)
    return first;
  starts = new_array (self, call->n + 1, sizeof *starts);
  starts[0] = 0;
  for (guint32 i = 0; i < call->n; i++)
    {
      guint32 length = 0;

      for (guint a = 0; a < call->n_arguments; a++)
        if (call->arguments[a].form == ARBOR_SERIES_RUNS)
          length = MAX (length, call->arguments[a].starts[i + 1] - call->arguments[a].starts[i]);
      starts[i + 1] = starts[i] + length;
    }
  return starts;
}

static void
map (ArborSeriesProgram *self, Instruction *at, ArborSeries *result)
{
  ArborSeriesCall outer = get_call (self, at);
  ArborSeriesCall inner = outer;
  ArborSeries *arguments = new_array (self, at->n, sizeof *arguments);
  ArborSeries *values = new_array (self, 1, sizeof *values);
  const guint32 *starts, *parents;
  gboolean are_same;

  for (guint a = 0; a < at->n; a++)
    if (at->node->arguments[a]->is_vector)
      to_runs (self, &outer.arguments[a], &arguments[a]);
    else if (outer.arguments[a].form == ARBOR_SERIES_RUNS)
      arbor_series_to_values (&outer.arguments[a], self->arrays, &arguments[a]);
    else
      arguments[a] = outer.arguments[a];
  outer.arguments = inner.arguments = arguments;
  starts = find_longest (self, &outer, &are_same);
  inner.n = starts[outer.n];
  parents = list_parents (self, starts, outer.n);
  for (guint a = 0; a < at->n; a++)
    {
      ArborSeries from = arguments[a];

      if (from.form == ARBOR_SERIES_CONSTANT)
        arguments[a].n = inner.n;
      else if (from.form != ARBOR_SERIES_RUNS)
        arbor_series_gather (&from, parents, inner.n, self->arrays, &arguments[a]);
      else if (are_same)
        arguments[a] = *from.inner;
      else
        arbor_series_gather (from.inner, zip (self, &from, starts, outer.n), inner.n, self->arrays,
                             &arguments[a]);
    }
  inner.wanted = repeat_wanted (self, outer.wanted, parents, inner.n);
  call_places (self, at, &inner, values);
  *result = (ArborSeries){ .form = ARBOR_SERIES_RUNS,
                           .n = outer.n,
                           .kinds = ARBOR_KINDS (ARBOR_KIND_ARRAY),
                           .starts = starts,
                           .inner = values };
}

/* What is wanted */

static void
narrow (ArborSeriesProgram *self, const ArborSeries *by, guint8 truth, gboolean is_kept)
{
  Domain *domain = get_domain (self);
  guint8 *wanted = new_array (self, domain->n, 1);
  ArborSeries truths;

  arbor_series_to_truths (by, self->arrays, &truths);
  for (guint32 i = 0; i < domain->n; i++)
    wanted[i] = ((truths.truths[i] == truth) == is_kept) &&
                (domain->wanted == NULL || domain->wanted[i]);
  domain->wanted = wanted;
}

/* The first time in a call; its arguments have been counted by the compiler. */
static void
save_wanted (ArborSeriesProgram *self, const Instruction *at)
{
  if (at->n == 1)
    self->saved[self->n_saved++] = get_domain (self)->wanted;
}

static void
stop (ArborSeriesProgram *self, const Instruction *at)
{
  gboolean at_true = at->node->function->stops_at == ARBOR_STOPS_AT_TRUE;

  save_wanted (self, at);
  narrow (self, &self->stack[self->n_stack - 1], at_true ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE,
          FALSE);
}

static void
choose (ArborSeriesProgram *self, const Instruction *at)
{
  Domain *domain = get_domain (self);
  const ArborSeries *top = &self->stack[self->n_stack - 1];
  const guint8 *before;

  save_wanted (self, at);
  before = domain->wanted;
  narrow (self, top, ARBOR_TRUTH_TRUE, FALSE);
  self->others[self->n_saved - 1] = domain->wanted;
  domain->wanted = before;
  narrow (self, top, ARBOR_TRUTH_TRUE, TRUE);
}

/* Memory */

/* The arrays of the arguments are dropped by moving those of the result below them. */
static void
compact (ArborSeriesProgram *self, ArborSeries *result, ArborScopeMark mark)
{
  static const gsize sizes[] = { 0,
                                 1,
                                 sizeof (guint64),
                                 sizeof (ArborString),
                                 sizeof (ArborValue),
                                 sizeof (guint16),
                                 sizeof (guint32) };
  gsize size = result->n * sizes[result->form];
  gsize n_kinds = result->kind != NULL ? result->n : 0;
  guint8 *to;

  /* Lists may lie among them. */
  if (result->form == ARBOR_SERIES_RUNS || result->kinds >= ARBOR_KINDS (ARBOR_KIND_ARRAY) ||
      (result->form == ARBOR_SERIES_CODES && !result->inner->is_kept) ||
      arbor_scope_get_used_since (self->arrays, mark) < MAX_LIVE)
    return;
  arbor_buffer_clear (&self->copy);
  if (size > 0)
    arbor_buffer_append (&self->copy, result->values, size);
  if (n_kinds > 0)
    arbor_buffer_append (&self->copy, result->kind, n_kinds);
  arbor_scope_release (self->arrays, mark);
  to = arbor_scope_alloc (self->arrays, MAX (size, 1));
  if (size > 0)
    {
      memcpy (to, self->copy.data, size);
      result->values = (const ArborValue *) (gconstpointer) to;
    }
  if (n_kinds > 0)
    {
      to = arbor_scope_alloc (self->arrays, n_kinds);
      memcpy (to, self->copy.data + size, n_kinds);
      result->kind = to;
    }
}

/* Running */

static void
push (ArborSeriesProgram *self, guint32 n_arguments, const ArborSeries *result, ArborScopeMark mark,
      gboolean is_compact)
{
  self->n_stack -= n_arguments;
  if (n_arguments > 0)
    mark = self->marks[self->n_stack];
  self->stack[self->n_stack] = *result;
  self->marks[self->n_stack] = mark;
  if (is_compact)
    compact (self, &self->stack[self->n_stack], mark);
  self->n_stack++;
}

static void
run_instruction (ArborSeriesProgram *self, Instruction *at)
{
  ArborScopeMark mark = arbor_scope_mark (self->arrays);
  Domain *domain = get_domain (self);
  ArborSeries result;

  switch ((Operation) at->operation)
    {
    case OP_PATH:
      read_path (self, at, &result);
      push (self, 0, &result, mark, FALSE);
      break;
    case OP_ELEMENT:
      read_element (self, at, &result);
      push (self, 0, &result, mark, FALSE);
      break;
    case OP_CONSTANT:
      arbor_series_set_constant (&result, &at->node->literal, domain->n);
      push (self, 0, &result, mark, FALSE);
      break;
    case OP_CALL:
      call (self, at, &result);
      /* What is wanted, and domains, lie among the arrays, too. */
      push (self, at->n, &result, mark, self->n_saved == 0 && self->n_domains == 1);
      break;
    case OP_MAP:
      map (self, at, &result);
      push (self, at->n, &result, mark, FALSE);
      break;
    case OP_STOP:
      stop (self, at);
      break;
    case OP_CONDITION:
      choose (self, at);
      break;
    case OP_OTHERWISE:
      domain->wanted = self->others[self->n_saved - 1];
      break;
    case OP_JOIN:
      domain->wanted = self->saved[--self->n_saved];
      break;
    case OP_EACH:
      enter (self);
      break;
    case OP_NEXT:
      leave (self);
      break;
    }
}

gboolean
arbor_series_program_run (ArborSeriesProgram *self, const guint32 *rows, guint32 from, guint32 n,
                          ArborScope *arrays, ArborScope *texts, ArborSeries *result)
{
  self->rows = rows;
  self->from = from;
  self->max = n > 1 ? MIN (MAX_ELEMENTS, self->max_of_row) : self->max_of_row;
  self->is_too_much = FALSE;
  self->arrays = arrays;
  self->texts = texts;
  self->n_stack = self->n_saved = 0;
  self->n_domains = 1;
  self->domains[0] = (Domain){ .n = n };
  for (guint i = 0; i < self->instructions->len; i++)
    {
      run_instruction (self, &g_array_index (self->instructions, Instruction, i));
      if (self->is_too_much && n > 1)
        return FALSE;
    }
  *result = self->stack[0];
  if (self->is_too_much)
    {
      ArborValue open = { .kind = ARBOR_KIND_OPEN };

      arbor_series_set_constant (result, &open, n);
    }
  return TRUE;
}
