/* See arbor-series-scatter.h. */

#include "query/series/arbor-series-scatter.h"

#define STRINGS_ONLY (ARBOR_KINDS (ARBOR_KIND_STRING) | ARBOR_KINDS_NOTHING)
#define WORDS_ONLY   (ARBOR_KINDS_WORDS | ARBOR_KINDS_NOTHING)

void
arbor_series_scatter_init (ArborSeriesScatter *self, guint32 n, ArborScope *scope)
{
  *self = (ArborSeriesScatter){ .scope = scope, .n = n };
  self->kind = arbor_scope_alloc (scope, MAX ((gsize) n, 1));
  memset (self->kind, ARBOR_KIND_MISSING, n);
}

static ArborValue
get_value (const ArborSeriesScatter *self, guint32 i)
{
  ArborValue value = { .kind = self->kind[i] };

  if (value.kind == ARBOR_KIND_STRING)
    {
      value.text = self->strings[i].bytes;
      value.length = self->strings[i].length;
    }
  else if (value.kind == ARBOR_KIND_BOOL)
    value.boolean = self->words[i] != 0;
  else if (value.kind > ARBOR_KIND_NULL)
    value.uint64 = self->words[i];
  return value;
}

/* Makes VALUES of what there is. */
static void
give_up (ArborSeriesScatter *self)
{
  if (self->values != NULL)
    return;
  self->values = arbor_scope_alloc (self->scope, MAX ((gsize) self->n, 1) * sizeof *self->values);
  for (guint32 i = 0; i < self->n; i++)
    self->values[i] = get_value (self, i);
}

static void
add_values (ArborSeriesScatter *self, const ArborSeries *series, const guint32 *places)
{
  for (guint32 i = 0; i < series->n; i++)
    arbor_series_get (series, i, &self->values[places[i]]);
}

static void
add_kinds (ArborSeriesScatter *self, const ArborSeries *series, const guint32 *places)
{
  guint8 kind = arbor_series_get_kind (series, 0);

  for (guint32 i = 0; i < series->n; i++)
    self->kind[places[i]] = series->kind != NULL ? series->kind[i] : kind;
}

static void
add_words (ArborSeriesScatter *self, const ArborSeries *series, const guint32 *places)
{
  if (self->words == NULL)
    self->words = arbor_scope_alloc (self->scope, (gsize) self->n * sizeof *self->words);
  if (series->form == ARBOR_SERIES_WORDS)
    {
      add_kinds (self, series, places);
      for (guint32 i = 0; i < series->n; i++)
        self->words[places[i]] = series->words[i];
      return;
    }
  for (guint32 i = 0; i < series->n; i++)
    {
      ArborValue value;

      arbor_series_get (series, i, &value);
      self->kind[places[i]] = value.kind;
      self->words[places[i]] = value.kind == ARBOR_KIND_BOOL ? value.boolean != 0 : value.uint64;
    }
}

static void
add_strings (ArborSeriesScatter *self, const ArborSeries *series, const guint32 *places)
{
  if (self->strings == NULL)
    self->strings = arbor_scope_alloc (self->scope, (gsize) self->n * sizeof *self->strings);
  if (series->form == ARBOR_SERIES_STRINGS)
    {
      add_kinds (self, series, places);
      for (guint32 i = 0; i < series->n; i++)
        self->strings[places[i]] = series->strings[i];
      return;
    }
  for (guint32 i = 0; i < series->n; i++)
    {
      ArborValue value;

      arbor_series_get (series, i, &value);
      self->kind[places[i]] = value.kind;
      if (value.kind == ARBOR_KIND_STRING)
        self->strings[places[i]] = (ArborString){ value.text, value.length };
    }
}

void
arbor_series_scatter_add (ArborSeriesScatter *self, const ArborSeries *series,
                          const guint32 *places)
{
  if (series->n == 0)
    return;
  self->kinds |= series->kinds;
  if ((self->kinds & ~WORDS_ONLY) != 0 && (self->kinds & ~STRINGS_ONLY) != 0)
    give_up (self);
  if (self->values != NULL)
    add_values (self, series, places);
  else if ((self->kinds & ~WORDS_ONLY) == 0)
    add_words (self, series, places);
  else
    add_strings (self, series, places);
}

void
arbor_series_scatter_finish (const ArborSeriesScatter *self, ArborSeries *all)
{
  gboolean is_uniform = self->kinds != 0 && (self->kinds & (self->kinds - 1)) == 0;

  *all = (ArborSeries){ .form = ARBOR_SERIES_VALUES,
                        .n = self->n,
                        .kinds = self->kinds,
                        .values = self->values };
  if (self->values != NULL)
    return;
  all->kind = is_uniform ? NULL : self->kind;
  if (self->strings != NULL)
    {
      all->form = ARBOR_SERIES_STRINGS;
      all->strings = self->strings;
    }
  else
    {
      all->form = ARBOR_SERIES_WORDS;
      all->words = self->words;
    }
}
