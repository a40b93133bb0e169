/* Runs expressions for series. See arbor-series-program.h.
 *
 * Arguments come before calls, as in the row evaluator, but nothing jumps: what that would skip is
 * not wanted (a byte for each place), so that costly row code is not called for it. The elements of
 * the array that a call walks are a domain of places of their own, inside the one of the rows; what
 * lies outside of the walk is repeated for each element.
 *
 * A call of what has few different values (a dictionary) is made for these values, once a batch.
 */

#include "query/series/arbor-series-program.h"

#include "base/arbor-simd.h"
#include "batch/arbor-compose.h"
#include "query/expr/arbor-function-private.h"
#include "query/series/arbor-series-program-private.h"

/* Elements of arrays that a strip of more than one row may have. */
#define MAX_ELEMENTS (64u * 1024u)
/* The most that a single row may have: beyond it the row is open. */
#define MAX_ELEMENTS_OF_ROW (256u * 1024u)
/* Bytes of texts that one place may take in one call, at most. */
#define MAX_BOUND (32u * 1024u)
/* Of fewer rows than one in so many of a batch, strings are found one by one. */
#define FEW 8u
/* Arrays of so many bytes are dropped as soon as nobody needs them. */
#define MAX_LIVE (256u * 1024u)

static void
clear_path (gpointer path)
{
  arbor_series_path_clear (path);
}

ArborSeriesProgram *
arbor_series_program_new (ArborNode *node)
{
  ArborSeriesProgram *self = g_new0 (ArborSeriesProgram, 1);
  gsize n, budget;

  self->node = arbor_node_ref (node);
  self->instructions = g_array_new (FALSE, FALSE, sizeof (ArborSeriesInstruction));
  self->paths = g_array_new (FALSE, FALSE, sizeof (ArborSeriesPath));
  g_array_set_clear_func (self->paths, clear_path);
  self->kept = arbor_scope_new ();
  arbor_series_program_compile (self);

  /* All calls for one row together stay far below what the row evaluator lets them take. */
  n = self->instructions->len;
  budget = arbor_function_get_budget () / 4 / n;
  self->bound = MIN (budget, MAX_BOUND);
  self->max_of_row = (guint32) MIN (budget / sizeof (ArborValue), MAX_ELEMENTS_OF_ROW);
  self->stack = g_new (ArborSeries, self->max_depth + 1);
  self->marks = g_new (ArborScopeMark, self->max_depth + 1);
  self->domains = g_new0 (ArborSeriesDomain, self->max_loops + 1);
  self->saved = g_new (const guint8 *, self->max_wanted + 1);
  self->others = g_new (const guint8 *, self->max_wanted + 1);
  self->slots = g_new0 (ArborSeries, self->n_slots + 1);
  self->shared = arbor_scope_new ();
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
  g_free (self->slots);
  arbor_scope_free (self->shared);
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
    {
      g_array_index (self->instructions, ArborSeriesInstruction, i).table = NULL;
      g_array_index (self->instructions, ArborSeriesInstruction, i).made = NULL;
      g_array_index (self->instructions, ArborSeriesInstruction, i).elements = NULL;
    }
  arbor_scope_reset (self->kept);
}

gboolean
arbor_series_program_used_table (const ArborSeriesProgram *self)
{
  return self->used_table;
}

const ArborFunction *
arbor_series_program_get_refused (const ArborSeriesProgram *self)
{
  return self->refused;
}

const ArborFunction *
arbor_series_find_row_code (const ArborNode *node, gboolean of_trees)
{
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();

  g_ptr_array_add (pending, (gpointer) node);
  while (pending->len > 0)
    {
      const ArborNode *at = g_ptr_array_steal_index_fast (pending, pending->len - 1);

      if (at->kind == ARBOR_NODE_CALL && at->function->series == NULL &&
          !(of_trees && at->function->aggregate != ARBOR_AGGREGATE_NONE))
        return at->function;
      for (guint32 i = 0; i < at->n_arguments; i++)
        g_ptr_array_add (pending, at->arguments[i]);
    }
  return NULL;
}

/* What is wanted */

ARBOR_TARGET_CLONES
static void
find_wanted (const guint8 *truths, guint8 truth, guint8 is_kept, guint32 n, guint8 *wanted)
{
  for (guint32 i = 0; i < n; i++)
    wanted[i] = (truths[i] == truth) == is_kept;
}

ARBOR_TARGET_CLONES
static void
and_bytes (const guint8 *bytes, guint32 n, guint8 *out)
{
  for (guint32 i = 0; i < n; i++)
    out[i] &= bytes[i];
}

static void
narrow (ArborSeriesProgram *self, const ArborSeries *by, guint8 truth, gboolean is_kept)
{
  ArborSeriesDomain *domain = arbor_series_program_get_domain (self);
  guint8 *wanted = arbor_series_program_new_array (self, domain->n, 1);
  ArborSeries truths;

  arbor_series_to_truths (by, self->arrays, &truths);
  find_wanted (truths.truths, truth, is_kept, domain->n, wanted);
  if (domain->wanted != NULL)
    and_bytes (domain->wanted, domain->n, wanted);
  domain->wanted = wanted;
}

/* The first time in a call; its arguments have been counted by the compiler. */
static void
save_wanted (ArborSeriesProgram *self, const ArborSeriesInstruction *at)
{
  if (at->n == 1)
    self->saved[self->n_saved++] = arbor_series_program_get_domain (self)->wanted;
}

static void
stop (ArborSeriesProgram *self, const ArborSeriesInstruction *at)
{
  gboolean at_true = at->node->function->stops_at == ARBOR_STOPS_AT_TRUE;

  save_wanted (self, at);
  narrow (self, &self->stack[self->n_stack - 1], at_true ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE,
          FALSE);
}

static void
choose (ArborSeriesProgram *self, const ArborSeriesInstruction *at)
{
  ArborSeriesDomain *domain = arbor_series_program_get_domain (self);
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

static gsize
get_size (const ArborSeries *series)
{
  static const gsize sizes[] = { 0,
                                 1,
                                 sizeof (guint64),
                                 sizeof (ArborString),
                                 sizeof (ArborValue),
                                 sizeof (guint16),
                                 sizeof (guint32) };

  return series->n * sizes[series->form];
}

/* It has its own arrays, and nothing else of what is released. Lists may lie among arrays. */
static gboolean
may_move (const ArborSeries *series)
{
  return series->form != ARBOR_SERIES_RUNS && series->kinds < ARBOR_KINDS (ARBOR_KIND_ARRAY) &&
         (series->form != ARBOR_SERIES_CODES || series->inner->is_kept);
}

/* The arrays of the arguments are dropped by moving those of the result below them. */
static void
compact (ArborSeriesProgram *self, ArborSeries *result, ArborScopeMark mark)
{
  gsize size = get_size (result);
  gsize n_kinds = result->kind != NULL ? result->n : 0;
  guint8 *to;

  if (!may_move (result) || arbor_scope_get_used_since (self->arrays, mark) < MAX_LIVE)
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

/* A copy of what is on top, for the run. */
static void
store (ArborSeriesProgram *self, const ArborSeriesInstruction *at)
{
  const ArborSeries *top = &self->stack[self->n_stack - 1];
  ArborSeries *slot = &self->slots[at->slot];

  if (!may_move (top) || top->n == 0)
    return;
  *slot = *top;
  if (get_size (top) > 0)
    slot->values = (const ArborValue *) (gconstpointer) arbor_scope_copy (
        self->shared, (const char *) top->values, get_size (top));
  if (top->kind != NULL)
    slot->kind = (const guint8 *) arbor_scope_copy (self->shared, (const char *) top->kind, top->n);
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
run_instruction (ArborSeriesProgram *self, ArborSeriesInstruction *at)
{
  ArborScopeMark mark = arbor_scope_mark (self->arrays);
  ArborSeriesDomain *domain = arbor_series_program_get_domain (self);
  ArborSeries result;

  switch ((ArborSeriesOperation) at->operation)
    {
    case ARBOR_SERIES_OP_PATH:
      arbor_series_program_read_path (self, at, &result);
      push (self, 0, &result, mark, FALSE);
      break;
    case ARBOR_SERIES_OP_ELEMENT:
      arbor_series_program_read_element (self, at, &result);
      push (self, 0, &result, mark, FALSE);
      break;
    case ARBOR_SERIES_OP_CONSTANT:
      arbor_series_set_constant (&result, &at->node->literal, domain->n);
      push (self, 0, &result, mark, FALSE);
      break;
    case ARBOR_SERIES_OP_CALL:
      arbor_series_program_call (self, at, &result);
      /* What is wanted, and domains, lie among the arrays, too. */
      push (self, at->n, &result, mark, self->n_saved == 0 && self->n_domains == 1);
      break;
    case ARBOR_SERIES_OP_MAP:
      arbor_series_program_map (self, at, &result);
      push (self, at->n, &result, mark, FALSE);
      break;
    case ARBOR_SERIES_OP_STOP:
      stop (self, at);
      break;
    case ARBOR_SERIES_OP_CONDITION:
      choose (self, at);
      break;
    case ARBOR_SERIES_OP_OTHERWISE:
      domain->wanted = self->others[self->n_saved - 1];
      break;
    case ARBOR_SERIES_OP_JOIN:
      domain->wanted = self->saved[--self->n_saved];
      break;
    case ARBOR_SERIES_OP_STORE:
      store (self, at);
      break;
    case ARBOR_SERIES_OP_LOAD:
      push (self, 0, &self->slots[at->slot], mark, FALSE);
      break;
    case ARBOR_SERIES_OP_EACH:
      arbor_series_program_enter (self);
      break;
    case ARBOR_SERIES_OP_NEXT:
      arbor_series_program_leave (self);
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
  self->is_too_much = self->used_table = FALSE;
  self->refused = NULL;
  self->arrays = arrays;
  self->texts = texts;
  self->n_stack = self->n_saved = 0;
  self->n_domains = 1;
  self->domains[0] = (ArborSeriesDomain){ .n = n };
  memset (self->slots, 0, self->n_slots * sizeof *self->slots);
  if (self->needs_objects && !arbor_compose_has_objects_only (self->batch))
    {
      ArborValue open = { .kind = ARBOR_KIND_OPEN };

      arbor_series_set_constant (result, &open, n);
      return TRUE;
    }
  arbor_scope_reset (self->shared);
  for (guint i = 0; i < self->instructions->len; i++)
    {
      ArborSeriesInstruction *at = &g_array_index (self->instructions, ArborSeriesInstruction, i);

      if (at->operation == ARBOR_SERIES_OP_LOAD && self->slots[at->slot].n == 0)
        continue; /* it could not be stored */
      run_instruction (self, at);
      if (at->operation == ARBOR_SERIES_OP_LOAD)
        i = at->target - 1;
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
