/* Forms of series, and the ways from one to the other. See arbor-series.h. */

#include "query/series/arbor-series.h"

#include "base/arbor-simd.h"

#define OPEN ARBOR_KINDS (ARBOR_KIND_OPEN)

static const guint8 kind_of_truth[] = { ARBOR_KIND_BOOL, ARBOR_KIND_NULL, ARBOR_KIND_BOOL,
                                        ARBOR_KIND_MISSING, ARBOR_KIND_OPEN };

static gpointer
new_array (ArborScope *scope, guint32 n, gsize size)
{
  return arbor_scope_alloc (scope, MAX ((gsize) n, 1) * size);
}

void
arbor_series_set_constant (ArborSeries *self, const ArborValue *value, guint32 n)
{
  *self = (ArborSeries){ .form = ARBOR_SERIES_CONSTANT,
                         .is_kept = TRUE,
                         .n = n,
                         .kinds = ARBOR_KINDS (value->kind),
                         .constant = *value };
}

ARBOR_TARGET_CLONES
static guint32
collect_kinds (const guint8 *kind, guint32 n)
{
  guint32 kinds = 0;

  for (guint32 i = 0; i < n; i++)
    kinds |= 1u << kind[i];
  return kinds;
}

guint32
arbor_series_collect_kinds (const guint8 *kind, guint32 n)
{
  return collect_kinds (kind, n);
}

static inline void
get_of_words (guint8 kind, guint64 word, ArborValue *value)
{
  *value = (ArborValue){ .kind = kind };
  if (kind == ARBOR_KIND_BOOL)
    value->boolean = word != 0;
  else
    value->uint64 = word;
}

static inline void
get_of_strings (guint8 kind, const ArborString *string, ArborValue *value)
{
  *value = (ArborValue){ .kind = kind };
  if (kind == ARBOR_KIND_STRING)
    {
      value->text = string->bytes;
      value->length = string->length;
    }
}

void
arbor_series_get (const ArborSeries *self, guint32 i, ArborValue *value)
{
  if (self->form == ARBOR_SERIES_CODES)
    {
      i = self->codes[i];
      self = self->inner;
    }
  switch ((ArborSeriesForm) self->form)
    {
    case ARBOR_SERIES_CONSTANT:
      *value = self->constant;
      break;
    case ARBOR_SERIES_TRUTHS:
      get_of_words (kind_of_truth[self->truths[i]], self->truths[i] == ARBOR_TRUTH_TRUE, value);
      break;
    case ARBOR_SERIES_WORDS:
      get_of_words (arbor_series_get_kind (self, i), self->words[i], value);
      break;
    case ARBOR_SERIES_STRINGS:
      get_of_strings (arbor_series_get_kind (self, i), &self->strings[i], value);
      break;
    case ARBOR_SERIES_VALUES:
      *value = self->values[i];
      break;
    case ARBOR_SERIES_CODES: /* a table has none */
    case ARBOR_SERIES_RUNS:
    default:
      *value = ARBOR_VALUE_MISSING;
      break;
    }
}

/* Truth values */

static guint8
get_truth (guint8 kind, gboolean is_true)
{
  switch (kind)
    {
    case ARBOR_KIND_BOOL:
      return is_true ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE;
    case ARBOR_KIND_MISSING:
      return ARBOR_TRUTH_MISSING;
    case ARBOR_KIND_OPEN:
      return ARBOR_TRUTH_OPEN;
    default:
      return ARBOR_TRUTH_NULL; /* for logic, every other kind is as null */
    }
}

void
arbor_series_to_truths (const ArborSeries *from, ArborScope *scope, ArborSeries *to)
{
  guint8 *truths;
  ArborSeries table;
  ArborValue value;

  if (from->form == ARBOR_SERIES_TRUTHS)
    {
      *to = *from;
      return;
    }
  truths = new_array (scope, from->n, 1);
  switch ((ArborSeriesForm) from->form)
    {
    case ARBOR_SERIES_CODES:
      arbor_series_to_truths (from->inner, scope, &table);
      for (guint32 i = 0; i < from->n; i++)
        truths[i] = table.truths[from->codes[i]];
      break;
    case ARBOR_SERIES_CONSTANT:
      memset (truths, get_truth (from->constant.kind, arbor_value_is_true (&from->constant)),
              from->n);
      break;
    case ARBOR_SERIES_WORDS:
      if (from->kinds == ARBOR_KINDS (ARBOR_KIND_BOOL))
        {
          for (guint32 i = 0; i < from->n; i++)
            truths[i] = from->words[i] != 0 ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE;
          break;
        }
      for (guint32 i = 0; i < from->n; i++)
        truths[i] = get_truth (arbor_series_get_kind (from, i), from->words[i] != 0);
      break;
    default:
      for (guint32 i = 0; i < from->n; i++)
        {
          arbor_series_get (from, i, &value);
          truths[i] = get_truth (value.kind, arbor_value_is_true (&value));
        }
      break;
    }
  *to = (ArborSeries){ .form = ARBOR_SERIES_TRUTHS,
                       .n = from->n,
                       .kinds = (from->kinds & (OPEN | ARBOR_KINDS_NOTHING)) |
                                ARBOR_KINDS (ARBOR_KIND_BOOL) | ARBOR_KINDS (ARBOR_KIND_NULL),
                       .truths = truths };
}

/* Words */

static void
truths_to_words (const ArborSeries *from, guint8 *kind, guint64 *words)
{
  for (guint32 i = 0; i < from->n; i++)
    kind[i] = kind_of_truth[from->truths[i]];
  for (guint32 i = 0; i < from->n; i++)
    words[i] = from->truths[i] == ARBOR_TRUTH_TRUE;
}

ARBOR_TARGET_CLONES
static void
fill_words (guint64 word, guint32 n, guint64 *words)
{
  for (guint32 i = 0; i < n; i++)
    words[i] = word;
}

gboolean
arbor_series_to_words (const ArborSeries *from, ArborScope *scope, ArborSeries *to)
{
  guint8 *kind;
  guint64 *words;
  ArborSeries table;

  if ((from->kinds & ~(ARBOR_KINDS_WORDS | ARBOR_KINDS_NOTHING | OPEN)) != 0 ||
      from->form == ARBOR_SERIES_RUNS)
    return FALSE;
  if (from->form == ARBOR_SERIES_WORDS)
    {
      *to = *from;
      return TRUE;
    }
  words = new_array (scope, from->n, sizeof *words);
  kind = (from->kinds & (from->kinds - 1)) == 0 ? NULL : new_array (scope, from->n, 1);
  *to = (ArborSeries){ .form = ARBOR_SERIES_WORDS,
                       .n = from->n,
                       .kinds = from->kinds,
                       .kind = kind,
                       .words = words };
  /* A table may have more kinds than the places. */
  switch (from->form == ARBOR_SERIES_CODES && !arbor_series_to_words (from->inner, scope, &table)
              ? ARBOR_SERIES_VALUES
              : (ArborSeriesForm) from->form)
    {
    case ARBOR_SERIES_CODES:
      for (guint32 i = 0; i < from->n; i++)
        words[i] = table.words[from->codes[i]];
      for (guint32 i = 0; kind != NULL && i < from->n; i++)
        kind[i] = arbor_series_get_kind (&table, from->codes[i]);
      break;
    case ARBOR_SERIES_CONSTANT:
      fill_words (from->constant.kind == ARBOR_KIND_BOOL ? from->constant.boolean != 0
                                                         : from->constant.uint64,
                  from->n, words);
      break;
    case ARBOR_SERIES_TRUTHS:
      if (kind == NULL)
        to->kind = kind = new_array (scope, from->n, 1);
      truths_to_words (from, kind, words);
      break;
    default:
      if (kind == NULL)
        to->kind = kind = new_array (scope, from->n, 1);
      for (guint32 i = 0; i < from->n; i++)
        {
          ArborValue value;

          arbor_series_get (from, i, &value);
          kind[i] = value.kind;
          words[i] = value.kind == ARBOR_KIND_BOOL ? value.boolean != 0 : value.uint64;
        }
      break;
    }
  return TRUE;
}

/* Strings */

gboolean
arbor_series_to_strings (const ArborSeries *from, ArborScope *scope, ArborSeries *to)
{
  const guint32 kinds = ARBOR_KINDS (ARBOR_KIND_STRING) | ARBOR_KINDS_NOTHING | OPEN;
  ArborString *strings;
  guint8 *kind;
  ArborSeries table;

  if ((from->kinds & ~kinds) != 0 || from->form == ARBOR_SERIES_RUNS)
    return FALSE;
  if (from->form == ARBOR_SERIES_STRINGS)
    {
      *to = *from;
      return TRUE;
    }
  strings = new_array (scope, from->n, sizeof *strings);
  kind = from->kinds == ARBOR_KINDS (ARBOR_KIND_STRING) ? NULL : new_array (scope, from->n, 1);
  if (from->form == ARBOR_SERIES_CODES && arbor_series_to_strings (from->inner, scope, &table))
    for (guint32 i = 0; i < from->n; i++)
      {
        strings[i] = table.strings[from->codes[i]];
        if (kind != NULL)
          kind[i] = arbor_series_get_kind (&table, from->codes[i]);
      }
  else
    for (guint32 i = 0; i < from->n; i++)
      {
        ArborValue value;

        arbor_series_get (from, i, &value);
        if (kind != NULL)
          kind[i] = value.kind;
        strings[i] = value.kind == ARBOR_KIND_STRING ? (ArborString){ value.text, value.length }
                                                     : (ArborString){ "", 0 };
      }
  *to = (ArborSeries){ .form = ARBOR_SERIES_STRINGS,
                       .n = from->n,
                       .kinds = from->kinds,
                       .kind = kind,
                       .strings = strings };
  return TRUE;
}

/* Values */

static void
runs_to_values (const ArborSeries *from, ArborScope *scope, ArborValue *values)
{
  ArborSeries inner;

  arbor_series_to_values (from->inner, scope, &inner);
  for (guint32 i = 0; i < from->n; i++)
    {
      guint32 start = from->starts[i];
      guint32 end = from->starts[i + 1];
      guint8 kind = ARBOR_KIND_ARRAY;

      if (from->kind != NULL && from->kind[i] != ARBOR_KIND_ARRAY)
        {
          values[i] = ARBOR_VALUE_NULL;
          if (from->kind[i] == ARBOR_KIND_OPEN)
            values[i].kind = ARBOR_KIND_OPEN;
          continue;
        }
      /* One open element leaves the whole row open. */
      for (guint32 j = start; arbor_series_has_open (&inner) && j < end; j++)
        if (inner.values[j].kind == ARBOR_KIND_OPEN)
          kind = ARBOR_KIND_OPEN;
      values[i] = (ArborValue){ .kind = kind,
                                .holder_kind = ARBOR_HOLDER_LIST,
                                .index = end - start,
                                .holder = inner.values + start };
    }
}

void
arbor_series_to_values (const ArborSeries *from, ArborScope *scope, ArborSeries *to)
{
  ArborValue *values;

  if (from->form == ARBOR_SERIES_VALUES)
    {
      *to = *from;
      return;
    }
  values = new_array (scope, from->n, sizeof *values);
  if (from->form == ARBOR_SERIES_RUNS)
    runs_to_values (from, scope, values);
  else
    for (guint32 i = 0; i < from->n; i++)
      arbor_series_get (from, i, &values[i]);
  *to = (ArborSeries){ .form = ARBOR_SERIES_VALUES,
                       .n = from->n,
                       .kinds = from->form == ARBOR_SERIES_RUNS
                                    ? ARBOR_KINDS (ARBOR_KIND_ARRAY) | OPEN |
                                          (from->kind != NULL ? ARBOR_KINDS (ARBOR_KIND_NULL) : 0)
                                    : from->kinds,
                       .values = values };
}

/* Gather */

void
arbor_series_gather (const ArborSeries *from, const guint32 *indices, guint32 n,
                     ArborScope *scope, ArborSeries *to)
{
  gboolean has_missing = FALSE;

  for (guint32 i = 0; i < n; i++)
    has_missing |= indices[i] >= from->n;
  *to = *from;
  to->n = n;
  to->is_kept = FALSE;
  if (from->form == ARBOR_SERIES_CONSTANT && !has_missing)
    return;
  if (from->form == ARBOR_SERIES_CODES && !has_missing)
    {
      guint16 *codes = new_array (scope, n, sizeof *codes);

      for (guint32 i = 0; i < n; i++)
        codes[i] = from->codes[indices[i]];
      to->codes = codes;
    }
  else if (from->form == ARBOR_SERIES_WORDS)
    {
      guint64 *words = new_array (scope, n, sizeof *words);
      guint8 *kind = has_missing || from->kind != NULL ? new_array (scope, n, 1) : NULL;

      for (guint32 i = 0; i < n; i++)
        words[i] = indices[i] < from->n ? from->words[indices[i]] : 0;
      for (guint32 i = 0; kind != NULL && i < n; i++)
        kind[i] = indices[i] < from->n ? arbor_series_get_kind (from, indices[i])
                                       : (guint8) ARBOR_KIND_MISSING;
      to->kind = kind;
      to->words = words;
      to->kinds |= has_missing ? ARBOR_KINDS (ARBOR_KIND_MISSING) : 0;
    }
  else if (from->form == ARBOR_SERIES_STRINGS)
    {
      ArborString *strings = new_array (scope, n, sizeof *strings);
      guint8 *kind = has_missing || from->kind != NULL ? new_array (scope, n, 1) : NULL;

      for (guint32 i = 0; i < n; i++)
        strings[i] = indices[i] < from->n ? from->strings[indices[i]] : (ArborString){ "", 0 };
      for (guint32 i = 0; kind != NULL && i < n; i++)
        kind[i] = indices[i] < from->n ? arbor_series_get_kind (from, indices[i])
                                       : (guint8) ARBOR_KIND_MISSING;
      to->kind = kind;
      to->strings = strings;
      to->kinds |= has_missing ? ARBOR_KINDS (ARBOR_KIND_MISSING) : 0;
    }
  else
    {
      ArborValue *values = new_array (scope, n, sizeof *values);

      for (guint32 i = 0; i < n; i++)
        if (indices[i] < from->n)
          arbor_series_get (from, indices[i], &values[i]);
        else
          values[i] = ARBOR_VALUE_MISSING;
      *to = (ArborSeries){ .form = ARBOR_SERIES_VALUES,
                           .n = n,
                           .kinds = from->kinds |
                                    (has_missing ? ARBOR_KINDS (ARBOR_KIND_MISSING) : 0),
                           .values = values };
    }
}
