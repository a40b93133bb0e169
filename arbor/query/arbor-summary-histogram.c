/* How numbers are spread. See arbor-summary.h. Trees are read twice: for the ends, and to count. */

#include "query/arbor-summary-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

#include "base/arbor-budget.h"
#include "base/arbor-error.h"
#include "base/arbor-number.h"

typedef struct
{
  ArborSummary parent;
  guint n_bins;
  guint64 n; /* numbers seen by the first reading */
  double min, max;
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

static gboolean
find_ends (ArborSummary *summary, ArborValue *value, ArborScope *scope, GError **error)
{
  Histogram *self = (Histogram *)summary;
  double number;

  if (!get_number (value, &number))
    return TRUE;
  if (self->n == 0 || number < self->min)
    self->min = number;
  if (self->n == 0 || number > self->max)
    self->max = number;
  self->n++;
  return TRUE;
}

/* Where bin @bin begins: the one arithmetic for what is counted and what is written. Halves keep the
 * distance of the ends finite. */
static double
get_edge (const Histogram *self, guint bin)
{
  double part = (double)bin / self->n_bins;
  double edge;

  if (bin == self->n_bins)
    return self->max;
  edge = self->min + 2 * (part * (self->max / 2 - self->min / 2));
  return CLAMP (edge, self->min, self->max);
}

static gboolean
count_number (ArborSummary *summary, ArborValue *value, ArborScope *scope, GError **error)
{
  Histogram *self = (Histogram *)summary;
  double number, place, distance;
  guint bin = self->n_bins - 1;

  if (!get_number (value, &number))
    return TRUE;
  distance = self->max / 2 - self->min / 2;
  if (distance > 0)
    {
      place = (number / 2 - self->min / 2) / distance * self->n_bins;
      bin = (guint)CLAMP (place, 0, self->n_bins - 1);
    }
  while (bin > 0 && number < get_edge (self, bin))
    bin--;
  while (bin + 1 < self->n_bins && number >= get_edge (self, bin + 1))
    bin++;
  self->counts[bin]++;
  return TRUE;
}

static gboolean
compute (ArborSummary *summary, ArborAccess *access, guint32 *n_rows, GCancellable *cancellable,
         GError **error)
{
  Histogram *self = (Histogram *)summary;

  if (!arbor_summary_for_each_value (summary, access, find_ends, cancellable, error))
    return FALSE;
  *n_rows = self->n > 0 ? self->n_bins : 0;
  if (self->n == 0)
    return TRUE;
  self->counts = arbor_charge_alloc (&self->charge, self->n_bins, sizeof (guint64), error);
  if (self->counts == NULL)
    return FALSE;
  memset (self->counts, 0, self->n_bins * sizeof (guint64));
  return arbor_summary_for_each_value (summary, access, count_number, cancellable, error);
}

static void
write_row (ArborSummary *summary, guint32 row, ArborScope *scope, ArborTapeWriter *out)
{
  Histogram *self = (Histogram *)summary;
  const ArborValue from = ARBOR_VALUE_DOUBLE (get_edge (self, row));
  const ArborValue to = ARBOR_VALUE_DOUBLE (get_edge (self, row + 1));
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
