/* See arbor-series-numbers.h. */

#include "query/series/arbor-series-numbers.h"

#include "base/arbor-simd.h"

#define OPEN    ARBOR_KINDS (ARBOR_KIND_OPEN)
#define NUMBERS (ARBOR_KINDS (ARBOR_KIND_INT64) | ARBOR_KINDS (ARBOR_KIND_DOUBLE))
/* Integers up to here, and down to minus it, are doubles. */
#define MAX_EXACT (G_GINT64_CONSTANT (1) << 53)

gboolean
arbor_number_series_init (ArborNumberSeries *self, const ArborSeriesCall *call, const ArborSeries *series)
{
  const guint32 others = ARBOR_KINDS_NOTHING | OPEN | ARBOR_KINDS (ARBOR_KIND_BOOL);
  ArborSeries words;

  if ((series->kinds & ~(NUMBERS | others)) != 0 ||
      !arbor_series_to_words (series, call->arrays, &words))
    return FALSE;
  *self = (ArborNumberSeries){ .words = words.words, .kind = words.kind };
  self->has_bools = arbor_series_may_be (&words, ARBOR_KIND_BOOL);
  if ((words.kinds & NUMBERS) == ARBOR_KINDS (ARBOR_KIND_INT64))
    self->sole = ARBOR_KIND_INT64;
  else if ((words.kinds & NUMBERS) == ARBOR_KINDS (ARBOR_KIND_DOUBLE))
    self->sole = ARBOR_KIND_DOUBLE;
  if (words.kind == NULL && self->sole == ARBOR_KIND_MISSING)
    self->kind = arbor_series_call_list_kinds (call, &words);
  return TRUE;
}

const guint8 *
arbor_number_series_list_kinds (const ArborNumberSeries *self, const ArborSeriesCall *call)
{
  guint8 *kind;

  if (self->kind != NULL)
    return self->kind;
  kind = arbor_scope_alloc (call->arrays, MAX (call->n, 1));
  memset (kind, self->sole, call->n);
  return kind;
}

ARBOR_TARGET_CLONES
static void
convert_integers (const gint64 *integers, guint32 n, double *reals)
{
  for (guint32 i = 0; i < n; i++)
    reals[i] = (double) integers[i];
}

ARBOR_TARGET_CLONES
static void
convert_mixed (const guint64 *words, const guint8 *kind, guint32 n, double *reals)
{
  for (guint32 i = 0; i < n; i++)
    reals[i] = arbor_word_get_real (words[i], kind[i]);
}

const double *
arbor_number_series_list_reals (const ArborNumberSeries *self, const ArborSeriesCall *call)
{
  double *reals;

  if (self->sole == ARBOR_KIND_DOUBLE)
    return (const double *) (gconstpointer) self->words;
  reals = arbor_scope_alloc (call->arrays, MAX ((gsize) call->n, 1) * sizeof *reals);
  if (self->sole == ARBOR_KIND_INT64)
    convert_integers ((const gint64 *) self->words, call->n, reals);
  else
    convert_mixed (self->words, self->kind, call->n, reals);
  return reals;
}

ARBOR_TARGET_CLONES
static gboolean
are_near (const guint64 *words, guint32 n)
{
  guint64 far = 0;

  for (guint32 i = 0; i < n; i++)
    far |= words[i] + MAX_EXACT > (guint64) MAX_EXACT * 2;
  return far == 0;
}

gboolean
arbor_number_series_are_exact (const ArborNumberSeries *self, const ArborSeriesCall *call)
{
  if (self->sole == ARBOR_KIND_DOUBLE)
    return TRUE;
  if (self->sole == ARBOR_KIND_INT64)
    return are_near (self->words, call->n);
  for (guint32 i = 0; i < call->n; i++)
    if (self->kind[i] == ARBOR_KIND_INT64 && !are_near (&self->words[i], 1))
      return FALSE;
  return TRUE;
}

ARBOR_TARGET_CLONES
static void
merge_kinds (const guint8 *a, const guint8 *b, guint8 result, guint32 n, guint8 *kind)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint8 is_open = (a[i] == ARBOR_KIND_OPEN) | (b[i] == ARBOR_KIND_OPEN);
      guint8 are_numbers = ((a[i] == ARBOR_KIND_INT64) | (a[i] == ARBOR_KIND_DOUBLE)) &
                           ((b[i] == ARBOR_KIND_INT64) | (b[i] == ARBOR_KIND_DOUBLE));

      kind[i] = is_open ? ARBOR_KIND_OPEN : are_numbers ? result : ARBOR_KIND_NULL;
    }
}

const guint8 *
arbor_number_series_merge_kinds (const ArborNumberSeries *a, const ArborNumberSeries *b, guint8 kind,
                           const ArborSeriesCall *call)
{
  guint8 *merged;

  if (a->kind == NULL && b->kind == NULL)
    return NULL;
  merged = arbor_scope_alloc (call->arrays, MAX (call->n, 1));
  /* Where one of them is a number everywhere only the other counts. */
  merge_kinds (a->kind != NULL ? a->kind : b->kind, b->kind != NULL ? b->kind : a->kind, kind,
               call->n, merged);
  return merged;
}

/* Results */

ARBOR_TARGET_CLONES
static void
clear_infinite (const guint64 *words, guint32 n, guint8 *kind)
{
  const guint64 exponent = G_GUINT64_CONSTANT (0x7FF) << 52;

  for (guint32 i = 0; i < n; i++)
    {
      guint8 is_infinite = (words[i] & exponent) == exponent;

      kind[i] = is_infinite & (kind[i] == ARBOR_KIND_DOUBLE) ? ARBOR_KIND_NULL : kind[i];
    }
}

void
arbor_series_call_finish_words (const ArborSeriesCall *call, ArborSeries *result)
{
  guint8 *kind = (guint8 *) result->kind;

  if (arbor_series_may_be (result, ARBOR_KIND_DOUBLE) &&
      !arbor_bits_are_finite (result->words, call->n))
    {
      if (kind == NULL)
        {
          kind = arbor_scope_alloc (call->arrays, MAX (call->n, 1));
          memset (kind, ARBOR_KIND_DOUBLE, call->n);
          result->kind = kind;
        }
      clear_infinite (result->words, call->n, kind);
    }
  arbor_series_call_finish_kinds (call, result);
}
