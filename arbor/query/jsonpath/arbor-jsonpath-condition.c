/* See arbor-jsonpath-condition.h.
 *
 * The program is the one that arbor-jsonpath-program.c runs for one value. Nothing jumps here: both
 * sides of "and" and "or" are computed, and put together where the jump would have ended. That costs
 * work, never another answer: what fails is open.
 */

#include "query/jsonpath/arbor-jsonpath-condition.h"

#include "query/jsonpath/arbor-iregexp.h"
#include "query/series/arbor-series-compare.h"
#include "query/series/arbor-series-path.h"

/* Text that a match may need in between. */
#define BOUND (64u * 1024u)

typedef struct
{
  ArborPath path;
  ArborSeriesPath reader;
} Query;

/* An "and" or "or" whose right side is being computed, up to @target. */
typedef struct
{
  guint32 target;
  gboolean is_or;
} Pending;

struct _ArborJsonpathCondition
{
  const GArray *program;
  Query *queries; /* of each instruction; those that are none are empty */
  GArray *pending;
  ArborSeries *stack;
  guint32 n_stack;
  /* Of a run. */
  ArborSeriesCall call; /* what all computing is for */
  const ArborBatch *batch;
  guint32 column;
  const guint32 *rows;
  const guint32 *trees;
  ArborScope *kept;
};

static void
init_query (Query *self, const ArborJsonpathQuery *query)
{
  guint n = 0;

  for (const ArborJsonpathSegment *s = query->segments; s != NULL; s = s->next)
    n++;
  self->path.steps = g_new0 (ArborStep, MAX (n, 1));
  for (const ArborJsonpathSegment *s = query->segments; s != NULL; s = s->next)
    {
      const ArborJsonpathSelector *selector = s->selectors;
      ArborStep *step = &self->path.steps[self->path.n_steps++];

      step->kind = selector->kind == ARBOR_SELECTOR_NAME ? ARBOR_STEP_KEY : ARBOR_STEP_INDEX;
      step->key = (char *) selector->name;
      step->length = selector->length;
      step->index = selector->start;
    }
  arbor_series_path_init (&self->reader, &self->path);
}

ArborJsonpathCondition *
arbor_jsonpath_condition_new (const GArray *program)
{
  ArborJsonpathCondition *self;

  for (guint32 i = 0; i < program->len; i++)
    {
      const ArborJsonpathInstruction *at = &g_array_index (program, ArborJsonpathInstruction, i);

      if (at->op == ARBOR_OP_QUERY && !at->query->is_singular)
        return NULL;
    }
  self = g_new0 (ArborJsonpathCondition, 1);
  self->program = program;
  self->queries = g_new0 (Query, program->len);
  self->pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  self->stack = g_new (ArborSeries, program->len + 1);
  for (guint32 i = 0; i < program->len; i++)
    {
      const ArborJsonpathInstruction *at = &g_array_index (program, ArborJsonpathInstruction, i);

      if (at->op == ARBOR_OP_QUERY)
        init_query (&self->queries[i], at->query);
    }
  return self;
}

void
arbor_jsonpath_condition_free (ArborJsonpathCondition *self)
{
  if (self == NULL)
    return;
  for (guint32 i = 0; i < self->program->len; i++)
    if (self->queries[i].path.steps != NULL)
      {
        arbor_series_path_clear (&self->queries[i].reader);
        g_free (self->queries[i].path.steps);
      }
  g_free (self->queries);
  g_array_unref (self->pending);
  g_free (self->stack);
  g_free (self);
}

static ArborSeries *
push (ArborJsonpathCondition *self)
{
  return &self->stack[self->n_stack++];
}

/* Queries */

static guint8
test_kind (guint8 kind)
{
  return kind == ARBOR_KIND_OPEN      ? ARBOR_TRUTH_OPEN
         : kind == ARBOR_KIND_MISSING ? ARBOR_TRUTH_FALSE
                                      : ARBOR_TRUTH_TRUE;
}

/* Whether there is something. */
static void
test_exists (ArborJsonpathCondition *self, ArborSeries *series)
{
  ArborSeries values = *series;
  guint8 *truths = arbor_series_call_new_truths (&self->call, series);
  const guint8 *kind = arbor_series_call_list_kinds (&self->call, &values);

  for (guint32 i = 0; i < values.n; i++)
    truths[i] = test_kind (kind[i]);
  arbor_series_call_finish_truths (&self->call, series);
}

static void
read_query (ArborJsonpathCondition *self, guint32 pc, const ArborJsonpathInstruction *at)
{
  gboolean is_absolute = at->query->is_absolute;
  ArborSeries *series = push (self);

  arbor_series_path_read (&self->queries[pc].reader, self->batch, is_absolute ? 0 : self->column,
                          is_absolute ? self->trees : self->rows, 0, self->call.n, G_MAXUINT32,
                          self->kept, self->call.arrays, series);
  if (at->argument == ARBOR_JSONPATH_ASK_ONE)
    return;
  test_exists (self, series);
  if (at->argument == ARBOR_JSONPATH_ASK_COUNT)
    {
      ArborSeries truths = *series;
      guint64 *words = arbor_series_call_new_words (&self->call, TRUE, series);

      for (guint32 i = 0; i < truths.n; i++)
        {
          words[i] = truths.truths[i] == ARBOR_TRUTH_TRUE;
          ((guint8 *) series->kind)[i] = truths.truths[i] == ARBOR_TRUTH_OPEN ? ARBOR_KIND_OPEN
                                                                             : ARBOR_KIND_INT64;
        }
      arbor_series_call_finish_kinds (&self->call, series);
    }
}

/* Comparisons */

static gboolean
are_ordered (const ArborSeries *a, const ArborSeries *b)
{
  const guint32 numbers = ARBOR_KINDS_INTEGERS | ARBOR_KINDS (ARBOR_KIND_DOUBLE);
  guint32 kinds =
      (a->kinds | b->kinds) & ~(ARBOR_KINDS_NOTHING | ARBOR_KINDS (ARBOR_KIND_OPEN));

  return kinds == ARBOR_KINDS (ARBOR_KIND_STRING) || (kinds & ~numbers) == 0;
}

/* One by one where a place has nothing to order by, or all of them. */
static void
compare_rest (ArborJsonpathCondition *self, ArborComparison comparison,
              const ArborSeries *a, const ArborSeries *b, gboolean is_all, guint32 n,
              guint8 *truths)
{
  for (guint32 i = 0; i < n; i++)
    {
      ArborValue x, y;

      if (!is_all && truths[i] != ARBOR_TRUTH_NULL)
        continue;
      arbor_series_get (a, i, &x);
      arbor_series_get (b, i, &y);
      if (x.kind == ARBOR_KIND_OPEN || y.kind == ARBOR_KIND_OPEN)
        truths[i] = ARBOR_TRUTH_OPEN;
      else
        truths[i] = arbor_jsonpath_compare (comparison, &x, &y, self->call.texts)
                        ? ARBOR_TRUTH_TRUE
                        : ARBOR_TRUTH_FALSE;
      if (arbor_scope_take_trouble (self->call.texts))
        truths[i] = ARBOR_TRUTH_OPEN;
    }
}

static void
compare_series (ArborJsonpathCondition *self, ArborComparison comparison,
                const ArborSeries *a, const ArborSeries *b, guint32 n, guint8 *truths)
{
  ArborSeriesCall call = self->call;
  gboolean is_done;

  call.n = n;
  is_done = are_ordered (a, b) && arbor_series_compare (&call, comparison, a, b, truths);
  compare_rest (self, comparison, a, b, !is_done, n, truths);
}

/* The codes of the two, where all else is the same for all places. */
static const ArborSeries *
find_codes (const ArborSeries *a, const ArborSeries *b)
{
  const ArborSeries *codes = a->form == ARBOR_SERIES_CODES ? a : b;
  const ArborSeries *other = codes == a ? b : a;

  return codes->form == ARBOR_SERIES_CODES && other->form == ARBOR_SERIES_CONSTANT &&
                 codes->inner->n <= codes->n
             ? codes
             : NULL;
}

/* An argument for each entry of the table. */
static ArborSeries
get_entries (const ArborSeries *argument, const ArborSeries *codes)
{
  ArborSeries entries = argument == codes ? *codes->inner : *argument;

  entries.n = codes->inner->n;
  return entries;
}

static void
spread_codes (const ArborSeries *codes, const guint8 *of_entry, guint8 *truths)
{
  for (guint32 i = 0; i < codes->n; i++)
    truths[i] = of_entry[codes->codes[i]];
}

/* What two series come to, once for each entry of a dictionary. */
typedef void (*Combine) (ArborJsonpathCondition *self, guint which, const ArborSeries *a,
                         const ArborSeries *b, guint32 n, guint8 *truths);

static void
combine (ArborJsonpathCondition *self, Combine func, guint which)
{
  ArborSeries b = self->stack[--self->n_stack];
  ArborSeries a = self->stack[self->n_stack - 1];
  ArborSeries *result = &self->stack[self->n_stack - 1];
  guint8 *truths = arbor_series_call_new_truths (&self->call, result);
  const ArborSeries *codes = find_codes (&a, &b);

  if (codes != NULL)
    {
      guint8 *of_entry = arbor_scope_alloc (self->call.arrays, MAX (codes->inner->n, 1));
      ArborSeries x = get_entries (&a, codes), y = get_entries (&b, codes);

      func (self, which, &x, &y, codes->inner->n, of_entry);
      spread_codes (codes, of_entry, truths);
    }
  else
    {
      func (self, which, &a, &b, self->call.n, truths);
    }
  arbor_series_call_finish_truths (&self->call, result);
}

static void
compare (ArborJsonpathCondition *self, guint which, const ArborSeries *a, const ArborSeries *b,
         guint32 n, guint8 *truths)
{
  compare_series (self, (ArborComparison) which, a, b, n, truths);
}

/* Functions */

static void
match (ArborJsonpathCondition *self, guint which, const ArborSeries *a, const ArborSeries *b,
       guint32 n, guint8 *truths)
{
  ArborScope *texts = self->call.texts;

  for (guint32 i = 0; i < n; i++)
    {
      ArborValue text, pattern;
      gboolean is_match;

      arbor_series_get (a, i, &text);
      arbor_series_get (b, i, &pattern);
      is_match = text.kind == ARBOR_KIND_STRING && pattern.kind == ARBOR_KIND_STRING &&
                 arbor_iregexp_match (pattern.text, pattern.length, text.text, text.length,
                                      which == ARBOR_JSONPATH_MATCH, texts);
      truths[i] = is_match ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE;
      if (text.kind == ARBOR_KIND_OPEN || pattern.kind == ARBOR_KIND_OPEN ||
          arbor_scope_take_trouble (texts))
        truths[i] = ARBOR_TRUTH_OPEN;
    }
}

static void
measure (ArborJsonpathCondition *self)
{
  ArborSeries of = self->stack[self->n_stack - 1];
  ArborSeries *result = &self->stack[self->n_stack - 1];
  guint64 *words = arbor_series_call_new_words (&self->call, TRUE, result);
  guint8 *kind = (guint8 *) result->kind;

  for (guint32 i = 0; i < of.n; i++)
    {
      ArborValue value;

      arbor_series_get (&of, i, &value);
      if (value.kind != ARBOR_KIND_OPEN)
        value = arbor_jsonpath_get_length (&value, self->call.texts);
      kind[i] = value.kind;
      words[i] = value.uint64;
      if (arbor_scope_take_trouble (self->call.texts))
        kind[i] = ARBOR_KIND_OPEN;
    }
  arbor_series_call_finish_kinds (&self->call, result);
}

/* Logic */

static guint8 *
copy_truths (ArborJsonpathCondition *self, ArborSeries *series)
{
  guint8 *truths = arbor_scope_alloc (self->call.arrays, MAX (self->call.n, 1));

  memcpy (truths, series->truths, self->call.n);
  series->truths = truths;
  return truths;
}

static void
negate (ArborJsonpathCondition *self)
{
  ArborSeries *series = &self->stack[self->n_stack - 1];
  guint8 *truths = copy_truths (self, series);

  for (guint32 i = 0; i < self->call.n; i++)
    truths[i] = truths[i] == ARBOR_TRUTH_OPEN   ? ARBOR_TRUTH_OPEN
                : truths[i] == ARBOR_TRUTH_TRUE ? ARBOR_TRUTH_FALSE
                                                : ARBOR_TRUTH_TRUE;
}

/* Open is the greatest: it stays in both. */
static void
join (ArborJsonpathCondition *self, gboolean is_or)
{
  const guint8 *b = self->stack[--self->n_stack].truths;
  ArborSeries *series = &self->stack[self->n_stack - 1];
  guint8 *truths = copy_truths (self, series);

  for (guint32 i = 0; i < self->call.n; i++)
    {
      guint8 greatest = MAX (truths[i], b[i]);

      truths[i] = is_or || greatest == ARBOR_TRUTH_OPEN ? greatest : MIN (truths[i], b[i]);
    }
}

static void
end_pending (ArborJsonpathCondition *self, guint32 pc)
{
  while (self->pending->len > 0 &&
         g_array_index (self->pending, Pending, self->pending->len - 1).target <= pc)
    {
      join (self, g_array_index (self->pending, Pending, self->pending->len - 1).is_or);
      g_array_set_size (self->pending, self->pending->len - 1);
    }
}

static void
execute (ArborJsonpathCondition *self, guint32 pc, const ArborJsonpathInstruction *at)
{
  Pending pending = { .target = at->target, .is_or = at->op == ARBOR_OP_JUMP_IF_TRUE };

  switch ((ArborJsonpathOp) at->op)
    {
    case ARBOR_OP_LITERAL:
      arbor_series_set_constant (push (self), &at->value, self->call.n);
      break;
    case ARBOR_OP_QUERY:
      read_query (self, pc, at);
      break;
    case ARBOR_OP_COMPARE:
      combine (self, compare, at->argument);
      break;
    case ARBOR_OP_CALL:
      if (at->argument == ARBOR_JSONPATH_LENGTH)
        measure (self);
      else
        combine (self, match, at->argument);
      break;
    case ARBOR_OP_NOT:
      negate (self);
      break;
    case ARBOR_OP_JUMP_IF_FALSE:
    case ARBOR_OP_JUMP_IF_TRUE:
    default:
      g_array_append_val (self->pending, pending);
      break;
    }
}

void
arbor_jsonpath_condition_run (ArborJsonpathCondition *self, const ArborBatch *batch, guint32 column,
                              const guint32 *rows, const guint32 *trees, guint32 n,
                              ArborScope *kept, ArborScope *arrays, ArborScope *texts,
                              guint8 *truths)
{
  self->call = (ArborSeriesCall){ .n = n, .arrays = arrays, .texts = texts, .bound = BOUND };
  self->batch = batch;
  self->column = column;
  self->rows = rows;
  self->trees = trees;
  self->kept = kept;
  self->n_stack = 0;
  for (guint32 pc = 0; pc < self->program->len; pc++)
    {
      end_pending (self, pc);
      execute (self, pc, &g_array_index (self->program, ArborJsonpathInstruction, pc));
    }
  end_pending (self, self->program->len);
  memcpy (truths, self->stack[0].truths, n);
}
