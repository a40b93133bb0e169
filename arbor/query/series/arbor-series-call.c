/* See arbor-series-call.h. */

#include "query/series/arbor-series-call.h"

#include "base/arbor-simd.h"

#define OPEN ARBOR_KINDS (ARBOR_KIND_OPEN)

/* Bytes of texts that may be alive at a time: places beyond are open. */
#define MAX_TEXTS (64u * 1024u * 1024u)

static gpointer
new_array (const ArborSeriesCall *self, gsize size)
{
  return arbor_scope_alloc (self->arrays, MAX ((gsize) self->n, 1) * size);
}

guint8 *
arbor_series_call_new_truths (const ArborSeriesCall *self, ArborSeries *result)
{
  guint8 *truths = new_array (self, 1);

  *result = (ArborSeries){ .form = ARBOR_SERIES_TRUTHS,
                           .n = self->n,
                           .kinds = ARBOR_KINDS (ARBOR_KIND_BOOL) | ARBOR_KINDS (ARBOR_KIND_NULL),
                           .truths = truths };
  return truths;
}

guint64 *
arbor_series_call_new_words (const ArborSeriesCall *self, gboolean has_kinds, ArborSeries *result)
{
  guint64 *words = new_array (self, sizeof *words);

  *result = (ArborSeries){ .form = ARBOR_SERIES_WORDS,
                           .n = self->n,
                           .kind = has_kinds ? new_array (self, 1) : NULL,
                           .words = words };
  return words;
}

ArborString *
arbor_series_call_new_strings (const ArborSeriesCall *self, gboolean has_kinds, ArborSeries *result)
{
  ArborString *strings = new_array (self, sizeof *strings);

  *result = (ArborSeries){ .form = ARBOR_SERIES_STRINGS,
                           .n = self->n,
                           .kinds = ARBOR_KINDS (ARBOR_KIND_STRING),
                           .kind = has_kinds ? new_array (self, 1) : NULL,
                           .strings = strings };
  return strings;
}

const guint8 *
arbor_series_call_list_kinds (const ArborSeriesCall *self, const ArborSeries *series)
{
  guint8 *kinds;

  if ((series->form == ARBOR_SERIES_WORDS || series->form == ARBOR_SERIES_STRINGS) &&
      series->kind != NULL)
    return series->kind;
  kinds = new_array (self, 1);
  if (series->form == ARBOR_SERIES_VALUES)
    {
      for (guint32 i = 0; i < self->n; i++)
        kinds[i] = series->values[i].kind;
      return kinds;
    }
  if (series->form == ARBOR_SERIES_TRUTHS)
    {
      static const guint8 of_truth[] = { ARBOR_KIND_BOOL, ARBOR_KIND_NULL, ARBOR_KIND_BOOL,
                                         ARBOR_KIND_MISSING, ARBOR_KIND_OPEN };

      for (guint32 i = 0; i < self->n; i++)
        kinds[i] = of_truth[series->truths[i]];
      return kinds;
    }
  if (series->form != ARBOR_SERIES_RUNS && (series->kinds & (series->kinds - 1)) == 0)
    {
      memset (kinds, arbor_series_get_kind (series, 0), self->n);
      return kinds;
    }
  for (guint32 i = 0; i < self->n; i++)
    {
      ArborValue value;

      arbor_series_get (series, i, &value);
      kinds[i] = value.kind;
    }
  return kinds;
}

void
arbor_series_call_finish_kinds (const ArborSeriesCall *self, ArborSeries *result)
{
  if (result->kind == NULL)
    return;
  result->kinds = arbor_series_collect_kinds (result->kind, self->n);
  if (self->n > 0 && (result->kinds & (result->kinds - 1)) == 0)
    result->kind = NULL;
}

ARBOR_TARGET_CLONES
static guint8
find_greatest (const guint8 *truths, guint32 n)
{
  guint8 greatest = 0;

  for (guint32 i = 0; i < n; i++)
    greatest = MAX (greatest, truths[i]);
  return greatest;
}

void
arbor_series_call_finish_truths (const ArborSeriesCall *self, ArborSeries *result)
{
  if (find_greatest (result->truths, self->n) == ARBOR_TRUTH_OPEN)
    result->kinds |= OPEN;
}

char *
arbor_series_call_new_text (const ArborSeriesCall *self, gsize size)
{
  if (size > self->bound || arbor_scope_get_used (self->texts) > MAX_TEXTS)
    return NULL;
  return arbor_scope_alloc (self->texts, MAX (size, 1));
}

const ArborValue *
arbor_series_call_get_constant (const ArborSeriesCall *self, guint argument)
{
  return self->arguments[argument].form == ARBOR_SERIES_CONSTANT
             ? &self->arguments[argument].constant
             : NULL;
}

/* Choice */

/* What the places that chose an argument may be. */
ARBOR_TARGET_CLONES
static guint8
is_chosen (const guint16 *choice, guint16 argument, guint32 n)
{
  guint8 is_any = FALSE;

  for (guint32 i = 0; i < n; i++)
    is_any |= choice[i] == argument;
  return is_any;
}

/* Arguments beyond are taken for chosen. */
#define MAX_LOOKED_FOR 16u

static guint32
get_kinds_of_choice (const ArborSeriesCall *self, const guint16 *choice)
{
  guint32 kinds = 0;

  if (is_chosen (choice, ARBOR_CHOICE_NULL, self->n))
    kinds |= ARBOR_KINDS (ARBOR_KIND_NULL);
  if (is_chosen (choice, ARBOR_CHOICE_OPEN, self->n))
    kinds |= OPEN;
  for (guint a = 0; a < self->n_arguments; a++)
    if (a >= MAX_LOOKED_FOR || is_chosen (choice, (guint16) a, self->n))
      kinds |= self->arguments[a].kinds;
  return kinds;
}

ARBOR_TARGET_CLONES
static void
take_words (const guint64 *from, const guint16 *choice, guint16 argument, guint32 n, guint64 *words)
{
  for (guint32 i = 0; i < n; i++)
    words[i] = choice[i] == argument ? from[i] : words[i];
}

ARBOR_TARGET_CLONES
static void
take_word (guint64 word, const guint16 *choice, guint16 argument, guint32 n, guint64 *words)
{
  for (guint32 i = 0; i < n; i++)
    words[i] = choice[i] == argument ? word : words[i];
}

ARBOR_TARGET_CLONES
static void
take_kinds (const guint8 *from, const guint16 *choice, guint16 argument, guint32 n, guint8 *kind)
{
  for (guint32 i = 0; i < n; i++)
    kind[i] = choice[i] == argument ? from[i] : kind[i];
}

ARBOR_TARGET_CLONES
static void
take_kind (guint8 of, const guint16 *choice, guint16 argument, guint32 n, guint8 *kind)
{
  for (guint32 i = 0; i < n; i++)
    kind[i] = choice[i] == argument ? of : kind[i];
}

static void
take_kinds_of (const ArborSeriesCall *self, const ArborSeries *from, const guint16 *choice,
               guint16 argument, guint8 *kind)
{
  if (from->kind != NULL)
    take_kinds (from->kind, choice, argument, self->n, kind);
  else if (from->kinds != 0)
    take_kind (arbor_series_get_kind (from, 0), choice, argument, self->n, kind);
}

/* Null, until a place gets what it chose. */
static guint8 *
begin_kinds (const ArborSeriesCall *self, const guint16 *choice, ArborSeries *result)
{
  guint8 *kind = (guint8 *) result->kind;

  memset (kind, ARBOR_KIND_NULL, self->n);
  take_kind (ARBOR_KIND_OPEN, choice, ARBOR_CHOICE_OPEN, self->n, kind);
  return kind;
}

static void
choose_words (const ArborSeriesCall *self, const guint16 *choice, ArborSeries *result)
{
  guint64 *words = arbor_series_call_new_words (self, TRUE, result);
  guint8 *kind = begin_kinds (self, choice, result);

  memset (words, 0, self->n * sizeof *words);
  for (guint a = 0; a < self->n_arguments; a++)
    {
      ArborScopeMark mark = arbor_scope_mark (self->arrays);
      const ArborValue *constant = arbor_series_call_get_constant (self, a);
      ArborSeries from;

      if (constant != NULL)
        {
          guint64 word = constant->kind == ARBOR_KIND_BOOL ? constant->boolean != 0
                                                           : constant->uint64;

          take_word (word, choice, (guint16) a, self->n, words);
          take_kind (constant->kind, choice, (guint16) a, self->n, kind);
          continue;
        }
      if (!arbor_series_to_words (&self->arguments[a], self->arrays, &from))
        continue; /* nobody chose it */
      take_words (from.words, choice, (guint16) a, self->n, words);
      take_kinds_of (self, &from, choice, (guint16) a, kind);
      arbor_scope_release (self->arrays, mark);
    }
  arbor_series_call_finish_kinds (self, result);
}

static void
choose_strings (const ArborSeriesCall *self, const guint16 *choice, ArborSeries *result)
{
  ArborString *strings = arbor_series_call_new_strings (self, TRUE, result);
  guint8 *kind = begin_kinds (self, choice, result);

  for (guint32 i = 0; i < self->n; i++)
    strings[i] = (ArborString){ "", 0 };
  for (guint a = 0; a < self->n_arguments; a++)
    {
      ArborScopeMark mark = arbor_scope_mark (self->arrays);
      const ArborValue *constant = arbor_series_call_get_constant (self, a);
      ArborString text = { "", 0 };
      ArborSeries from;

      if (constant != NULL)
        {
          if (constant->kind == ARBOR_KIND_STRING)
            text = (ArborString){ constant->text, constant->length };
          for (guint32 i = 0; i < self->n; i++)
            strings[i] = choice[i] == a ? text : strings[i];
          take_kind (constant->kind, choice, (guint16) a, self->n, kind);
          continue;
        }
      if (!arbor_series_to_strings (&self->arguments[a], self->arrays, &from))
        continue; /* nobody chose it */
      for (guint32 i = 0; i < self->n; i++)
        strings[i] = choice[i] == a ? from.strings[i] : strings[i];
      take_kinds_of (self, &from, choice, (guint16) a, kind);
      arbor_scope_release (self->arrays, mark);
    }
  arbor_series_call_finish_kinds (self, result);
}

static const ArborValue *
get_literal (const ArborSeriesCall *self, guint argument)
{
  const ArborNode *node = self->node->arguments[argument];

  return node->kind == ARBOR_NODE_LITERAL ? &node->literal : NULL;
}

/* A table of what stands in the expression as a string, null for null, and behind that what every table ends
 * with. */
static const ArborSeries *
get_choices (const ArborSeriesCall *self)
{
  guint32 n = self->n_arguments + 3;
  ArborString *strings;
  guint8 *kind;

  if (*self->made != NULL)
    return *self->made;
  strings = arbor_scope_alloc (self->kept, n * sizeof *strings);
  kind = arbor_scope_alloc (self->kept, n);
  memset (kind, ARBOR_KIND_MISSING, n);
  kind[n - 2] = ARBOR_KIND_NULL;
  kind[n - 1] = ARBOR_KIND_OPEN;
  for (guint a = 0; a < n; a++)
    {
      const ArborValue *literal = a < self->n_arguments ? get_literal (self, a) : NULL;

      strings[a] = (ArborString){ "", 0 };
      if (literal != NULL && literal->kind == ARBOR_KIND_STRING)
        strings[a] = (ArborString){ literal->text, literal->length };
      if (a < self->n_arguments)
        kind[a] = literal != NULL && (literal->kind == ARBOR_KIND_STRING ||
                                      literal->kind == ARBOR_KIND_NULL)
                      ? literal->kind
                      : (guint8) ARBOR_KIND_OPEN;
    }
  *self->made = arbor_scope_alloc (self->kept, sizeof **self->made);
  **self->made = (ArborSeries){ .form = ARBOR_SERIES_STRINGS,
                                .is_kept = TRUE,
                                .n = n,
                                .kinds = ARBOR_KINDS (ARBOR_KIND_STRING) | ARBOR_KINDS_NOTHING | OPEN,
                                .kind = kind,
                                .strings = strings };
  return *self->made;
}

/* Strings all of which stand in the expression. */
static gboolean
choose_codes (const ArborSeriesCall *self, const guint16 *choice, guint32 kinds, ArborSeries *result)
{
  guint16 n = (guint16) self->n_arguments;
  guint16 *codes;

  if (self->kept == NULL || self->n_arguments > MAX_LOOKED_FOR)
    return FALSE;
  for (guint a = 0; a < self->n_arguments; a++)
    if (get_literal (self, a) == NULL && is_chosen (choice, (guint16) a, self->n))
      return FALSE;
  codes = new_array (self, sizeof *codes);
  for (guint32 i = 0; i < self->n; i++)
    codes[i] = choice[i] == ARBOR_CHOICE_NULL   ? (guint16) (n + 1)
               : choice[i] == ARBOR_CHOICE_OPEN ? (guint16) (n + 2)
                                                : choice[i];
  *result = (ArborSeries){ .form = ARBOR_SERIES_CODES,
                           .n = self->n,
                           .kinds = kinds,
                           .has_others = TRUE,
                           .codes = codes,
                           .inner = get_choices (self) };
  return TRUE;
}

void
arbor_series_call_choose (const ArborSeriesCall *self, const guint16 *choice, ArborSeries *result)
{
  const guint32 others = ARBOR_KINDS_NOTHING | OPEN;
  guint32 kinds = get_kinds_of_choice (self, choice);
  ArborValue *values;
  ArborSeries chosen;

  if ((kinds & ~(ARBOR_KINDS_WORDS | others)) == 0)
    {
      choose_words (self, choice, result);
      return;
    }
  if ((kinds & ~(ARBOR_KINDS (ARBOR_KIND_STRING) | others)) == 0)
    {
      if (choose_codes (self, choice, kinds, result))
        return;
      choose_strings (self, choice, result);
      return;
    }
  values = new_array (self, sizeof *values);
  for (guint32 i = 0; i < self->n; i++)
    if (choice[i] == ARBOR_CHOICE_NULL)
      values[i] = ARBOR_VALUE_NULL;
    else if (choice[i] == ARBOR_CHOICE_OPEN)
      values[i] = (ArborValue){ .kind = ARBOR_KIND_OPEN };
    else
      arbor_series_get (&self->arguments[choice[i]], i, &values[i]);
  chosen = (ArborSeries){ .form = ARBOR_SERIES_VALUES,
                          .n = self->n,
                          .kinds = kinds,
                          .values = values };
  *result = chosen;
}

/* The row code, place by place */

void
arbor_series_call_place (const ArborSeriesCall *self, guint32 i, ArborValue *arguments,
                         ArborValue *result)
{
  ArborScopeMark mark = arbor_scope_mark (self->texts);

  for (guint a = 0; a < self->n_arguments; a++)
    {
      arbor_series_get (&self->arguments[a], i, &arguments[a]);
      if (arguments[a].kind == ARBOR_KIND_OPEN)
        {
          *result = arguments[a];
          return;
        }
    }
  if (arbor_scope_get_used (self->texts) > MAX_TEXTS)
    {
      *result = (ArborValue){ .kind = ARBOR_KIND_OPEN };
      return;
    }
  arbor_scope_begin_budget (self->texts, self->bound);
  self->node->function->code (self->node, arguments, self->texts, result);
  if (!arbor_scope_is_over_budget (self->texts) && !arbor_scope_take_trouble (self->texts))
    return;
  arbor_scope_release (self->texts, mark);
  *result = (ArborValue){ .kind = ARBOR_KIND_OPEN };
}

/* The form that suits values of these kinds best. */
static void
settle (const ArborSeriesCall *self, const ArborValue *values, guint32 kinds, ArborSeries *result)
{
  ArborSeries all = { .form = ARBOR_SERIES_VALUES,
                      .n = self->n,
                      .kinds = kinds,
                      .values = values };

  if (!arbor_series_to_words (&all, self->arrays, result) &&
      !arbor_series_to_strings (&all, self->arrays, result))
    *result = all;
}

static const ArborSeries *
box_runs (const ArborSeriesCall *self)
{
  ArborSeries *boxed =
      arbor_scope_alloc (self->arrays, MAX (self->n_arguments, 1) * sizeof *boxed);

  for (guint a = 0; a < self->n_arguments; a++)
    if (self->arguments[a].form == ARBOR_SERIES_RUNS)
      arbor_series_to_values (&self->arguments[a], self->arrays, &boxed[a]);
    else
      boxed[a] = self->arguments[a];
  return boxed;
}

static void
run_rows (const ArborSeriesCall *self, ArborSeries *result)
{
  ArborSeriesCall call = *self;
  ArborValue *values = new_array (self, sizeof *values);
  ArborValue *arguments =
      arbor_scope_alloc (self->arrays, MAX (self->n_arguments, 1) * sizeof *arguments);
  guint32 kinds = 0;

  call.arguments = box_runs (self);
  for (guint32 i = 0; i < self->n; i++)
    {
      if (arbor_scope_is_stopped (self->texts))
        {
          for (; i < self->n; i++)
            values[i] = ARBOR_VALUE_NULL; /* nobody looks at it */
          kinds |= ARBOR_KINDS (ARBOR_KIND_NULL);
          break;
        }
      if (self->wanted != NULL && !self->wanted[i])
        values[i] = ARBOR_VALUE_NULL;
      else
        arbor_series_call_place (&call, i, arguments, &values[i]);
      kinds |= ARBOR_KINDS (values[i].kind);
    }
  settle (self, values, kinds, result);
}

/* Open places */

/* Whether the row evaluator may leave out arguments, when others have decided. */
static gboolean
is_lazy (const ArborNode *node)
{
  return !node->is_vector && (node->function->stops_at != ARBOR_STOPS_NEVER ||
                              node->function->syntax == ARBOR_SYNTAX_CHOICE);
}

/* Sets the places where @series is open; FALSE: there are none. */
static gboolean
find_open (const ArborSeries *series, guint8 *open)
{
  gboolean has_open = FALSE;
  ArborValue value;

  if (series->form == ARBOR_SERIES_RUNS)
    {
      gboolean has_inner = arbor_series_has_open (series->inner);

      for (guint32 i = 0; (has_inner || series->kind != NULL) && i < series->n; i++)
        {
          gboolean is_open = series->kind != NULL && series->kind[i] == ARBOR_KIND_OPEN;

          for (guint32 j = series->starts[i]; has_inner && !is_open && j < series->starts[i + 1];
               j++)
            {
              arbor_series_get (series->inner, j, &value);
              is_open = value.kind == ARBOR_KIND_OPEN;
            }
          open[i] |= (guint8) is_open;
          has_open |= is_open;
        }
      return has_open;
    }
  for (guint32 i = 0; arbor_series_has_open (series) && i < series->n; i++)
    {
      arbor_series_get (series, i, &value);
      open[i] |= value.kind == ARBOR_KIND_OPEN;
      has_open |= value.kind == ARBOR_KIND_OPEN;
    }
  return has_open;
}

/* What an argument leaves open is open, whatever code over series made of it: the row evaluator looks
 * at all arguments, and may meet an error there. */
static void
keep_open (const ArborSeriesCall *self, ArborSeries *result)
{
  gboolean has_open = FALSE;
  ArborValue *values;
  guint8 *open;

  if (is_lazy (self->node))
    return;
  for (guint a = 0; a < self->n_arguments; a++)
    has_open |= self->arguments[a].form == ARBOR_SERIES_RUNS
                    ? self->arguments[a].kind != NULL ||
                          arbor_series_has_open (self->arguments[a].inner)
                    : arbor_series_has_open (&self->arguments[a]);
  if (!has_open)
    return;
  open = new_array (self, 1);
  memset (open, 0, self->n);
  has_open = FALSE;
  for (guint a = 0; a < self->n_arguments; a++)
    has_open |= find_open (&self->arguments[a], open);
  if (!has_open)
    return;
  arbor_series_to_values (result, self->arrays, result);
  values = new_array (self, sizeof *values);
  memcpy (values, result->values, self->n * sizeof *values);
  for (guint32 i = 0; i < self->n; i++)
    if (open[i])
      values[i] = (ArborValue){ .kind = ARBOR_KIND_OPEN };
  *result = (ArborSeries){ .form = ARBOR_SERIES_VALUES,
                           .n = self->n,
                           .kinds = result->kinds | OPEN,
                           .values = values };
}

/* Arguments that are runs are for few; others see what the row code sees. */
gboolean
arbor_series_call_try (const ArborSeriesCall *self, ArborSeries *result)
{
  ArborScopeMark mark = arbor_scope_mark (self->arrays);
  const ArborFunction *function = self->node->function;
  ArborSeriesCall call = *self;
  gboolean has_runs = FALSE;

  for (guint a = 0; a < self->n_arguments; a++)
    has_runs |= self->arguments[a].form == ARBOR_SERIES_RUNS;
  if (function->series == NULL)
    return FALSE;
  if (has_runs && function->runs == ARBOR_RUNS_BOXED)
    call.arguments = box_runs (self);
  if (function->series (&call, result))
    {
      keep_open (self, result);
      return TRUE;
    }
  arbor_scope_release (self->arrays, mark);
  return FALSE;
}

gboolean
arbor_series_call_run (const ArborSeriesCall *self, ArborSeries *result)
{
  gboolean is_constant = TRUE;

  for (guint a = 0; a < self->n_arguments; a++)
    is_constant &= self->arguments[a].form == ARBOR_SERIES_CONSTANT;
  if (is_constant && self->n > 0)
    {
      ArborValue *arguments =
          arbor_scope_alloc (self->arrays, MAX (self->n_arguments, 1) * sizeof *arguments);
      ArborValue value;

      arbor_series_call_place (self, 0, arguments, &value);
      arbor_series_set_constant (result, &value, self->n);
      /* What it points to may be shorter-lived. */
      result->is_kept = value.kind < ARBOR_KIND_NUMBER;
      return TRUE;
    }
  if (arbor_series_call_try (self, result))
    return TRUE;
  run_rows (self, result);
  return FALSE;
}
