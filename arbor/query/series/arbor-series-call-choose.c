/* What each place chose of the arguments of a call. See arbor-series-call.h. The form of the result
 * is the narrowest that takes the kinds of what was chosen: words, codes of strings that stand in
 * the expression, strings, or values.
 */

#include "query/series/arbor-series-call.h"

#include "base/arbor-simd.h"

#define OPEN ARBOR_KINDS (ARBOR_KIND_OPEN)

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
  codes = arbor_series_call_new_array (self, sizeof *codes);
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
  values = arbor_series_call_new_array (self, sizeof *values);
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
