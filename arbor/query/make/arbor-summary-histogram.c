/* How numbers are spread. See arbor-summary.h. Trees are read twice: for the ends, and to count. */

#include "query/make/arbor-summary-private.h"

#include <float.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

#include "base/arbor-budget.h"
#include "base/arbor-error.h"
#include "base/arbor-exact-sum.h"
#include "base/arbor-number.h"
#include "query/series/arbor-path-rows.h"

typedef struct
{
  ArborSummary parent;
  guint n_bins;
  guint64 n; /* numbers seen by the first reading */
  double min, max;
  double *edges; /* n_bins + 1: the one arithmetic for what is counted and what is written */
  guint64 *counts;
  ArborCharge charge;
} Histogram;

static gboolean
get_number (const ArborValue *value, double *number)
{
  if (!arbor_kind_is_number (value->kind))
    return FALSE;
  *number = arbor_number_to_double (value);
  return isfinite (*number);
}

/* The numbers of a lane as doubles; only of the kinds whose values are numbers and finite. */
static double *
get_reals (const ArborPart *part, ArborScope *scope)
{
  double *reals = arbor_scope_alloc (scope, (gsize)part->n * sizeof *reals);
  ArborNumbers numbers;
  ArborValue value;

  arbor_part_get_numbers (part, scope, &numbers);
  for (guint32 i = 0; i < part->n; i++)
    {
      arbor_part_get_value (part, &numbers, i, &value);
      reals[i] = arbor_number_to_double (&value);
    }
  return reals;
}

typedef void (*RealsFunc) (Histogram *self, const double *reals, guint32 n);

/* FALSE: row by row, since some values are texts of numbers, or it would matter which of 0 and -0.0
 * comes first. */
static gboolean
add_lanes (Histogram *self, const ArborRows *rows, ArborScope *scope, RealsFunc func)
{
  guint n_of_numbers = 0;
  ArborPathRows values;

  if (!arbor_series_reader_get_parts (self->parent.reader, rows, scope, &values))
    return FALSE;
  for (guint i = 0; i < values.n_parts; i++)
    {
      guint8 kind = values.parts[i].lane->kind;

      n_of_numbers += arbor_kind_is_number ((ArborKind)kind);
      if (kind == ARBOR_KIND_NUMBER)
        return FALSE;
    }
  if (n_of_numbers > 1)
    return FALSE;
  for (guint i = 0; i < values.n_parts; i++)
    if (arbor_kind_is_number ((ArborKind)values.parts[i].lane->kind))
      func (self, get_reals (&values.parts[i], scope), values.parts[i].n);
  return TRUE;
}

static void
find_end (Histogram *self, double number)
{
  if (self->n == 0 || number < self->min)
    self->min = number;
  if (self->n == 0 || number > self->max)
    self->max = number;
  self->n++;
}

static void
find_ends_of (Histogram *self, const double *reals, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    if (isfinite (reals[i]))
      find_end (self, reals[i]);
}

static gboolean
find_ends_in (ArborSummary *summary, const ArborRows *rows, ArborScope *scope, gboolean *is_taken,
              GError **error)
{
  *is_taken = add_lanes ((Histogram *)summary, rows, scope, find_ends_of);
  return TRUE;
}

static gboolean
find_ends (ArborSummary *summary, ArborValue *value, ArborScope *scope, GError **error)
{
  Histogram *self = (Histogram *)summary;
  double number;

  if (get_number (value, &number))
    find_end (self, number);
  return TRUE;
}

/* Equal values get bins around them, as wide together as 1, or as doubles can tell apart. */
static void
widen (Histogram *self)
{
  double value = self->max;
  double half = MAX (0.5, fabs (value) * DBL_EPSILON * self->n_bins);

  self->min = MAX (value - half, -DBL_MAX);
  self->max = MIN (value + half, DBL_MAX);
}

/* Edge i is (min (n - i) + max i) / n, rounded once. */
static gboolean
find_edges (Histogram *self, GError **error)
{
  self->edges = arbor_charge_alloc (&self->charge, self->n_bins + 1, sizeof (double), error);
  if (self->edges == NULL)
    return FALSE;
  if (self->min == self->max)
    widen (self);
  for (guint i = 0; i <= self->n_bins; i++)
    {
      ArborExactSum sum = { { 0 } };

      arbor_exact_sum_add_times (&sum, self->min, self->n_bins - i);
      arbor_exact_sum_add_times (&sum, self->max, i);
      self->edges[i] = arbor_exact_sum_divide (&sum, self->n_bins);
      arbor_exact_sum_clear (&sum);
    }
  return TRUE;
}

static void
count_real (Histogram *self, double number)
{
  double place, distance;
  guint bin = self->n_bins - 1;

  distance = self->max / 2 - self->min / 2;
  if (distance > 0)
    {
      place = (number / 2 - self->min / 2) / distance * self->n_bins;
      bin = (guint)CLAMP (place, 0, self->n_bins - 1);
    }
  while (bin > 0 && number < self->edges[bin])
    bin--;
  while (bin + 1 < self->n_bins && number >= self->edges[bin + 1])
    bin++;
  self->counts[bin]++;
}

static void
count_reals (Histogram *self, const double *reals, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    if (isfinite (reals[i]))
      count_real (self, reals[i]);
}

static gboolean
count_in (ArborSummary *summary, const ArborRows *rows, ArborScope *scope, gboolean *is_taken,
          GError **error)
{
  *is_taken = add_lanes ((Histogram *)summary, rows, scope, count_reals);
  return TRUE;
}

static gboolean
count_number (ArborSummary *summary, ArborValue *value, ArborScope *scope, GError **error)
{
  double number;

  if (get_number (value, &number))
    count_real ((Histogram *)summary, number);
  return TRUE;
}

static gboolean
compute (ArborSummary *summary, ArborAccess *access, guint32 *n_rows, GCancellable *cancellable,
         GError **error)
{
  Histogram *self = (Histogram *)summary;

  if (!arbor_summary_for_each_value (summary, access, find_ends_in, find_ends, cancellable, error))
    return FALSE;
  *n_rows = self->n > 0 ? self->n_bins : 0;
  if (self->n == 0)
    return TRUE;
  if (!find_edges (self, error))
    return FALSE;
  self->counts = arbor_charge_alloc (&self->charge, self->n_bins, sizeof (guint64), error);
  if (self->counts == NULL)
    return FALSE;
  memset (self->counts, 0, self->n_bins * sizeof (guint64));
  return arbor_summary_for_each_value (summary, access, count_in, count_number, cancellable,
                                       error);
}

static void
write_row (ArborSummary *summary, guint32 row, ArborScope *scope, ArborTapeWriter *out)
{
  Histogram *self = (Histogram *)summary;
  const ArborValue from = ARBOR_VALUE_DOUBLE (self->edges[row]);
  const ArborValue to = ARBOR_VALUE_DOUBLE (self->edges[row + 1]);
  const ArborValue count = ARBOR_VALUE_INT64 ((gint64)self->counts[row]);

  arbor_tape_writer_begin_object (out);
  arbor_summary_write_field (out, "from", &from, scope);
  arbor_summary_write_field (out, "to", &to, scope);
  arbor_summary_write_field (out, "count", &count, scope);
  arbor_tape_writer_end_object (out);
}

static void
clear (ArborSummary *summary)
{
  Histogram *self = (Histogram *)summary;

  g_clear_pointer (&self->edges, g_free);
  g_clear_pointer (&self->counts, g_free);
  arbor_charge_release (&self->charge);
  self->n = 0;
}

static void
describe (ArborSummary *summary, GString *text)
{
  g_autofree char *node = arbor_node_to_string (summary->node);

  g_string_append_printf (text, "histogram of %s, %u bins", node, ((Histogram *)summary)->n_bins);
}

ArborSource *
arbor_summary_histogram (ArborSource *source, ArborSelection *selection, ArborNode *node,
                         guint n_bins, GError **error)
{
  static const ArborSummaryClass class = { "histogram", compute,  write_row,
                                           clear,       describe, sizeof (Histogram) };
  Histogram *self;

  if (!arbor_node_check_row (node, error))
    return NULL;
  if (n_bins == 0 || n_bins > ARBOR_HISTOGRAM_MAX_BINS)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _("A histogram has 1 to %u bins, not %u"), ARBOR_HISTOGRAM_MAX_BINS, n_bins);
      return NULL;
    }
  self = (Histogram *)arbor_summary_new (&class, source, selection, node);
  self->n_bins = n_bins;
  self->charge.operation = class.name;
  return arbor_summary_to_source (&self->parent, error);
}
