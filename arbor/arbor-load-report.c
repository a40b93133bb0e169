/* ArborLoadReport: what a load did. Immutable, so a copy is a reference. */

#include "arbor-load-private.h"

struct _ArborLoadReport
{
  ArborJsonReport counts;
  guint64 n_batches_written;
  guint64 n_batches_skipped;
};

/**
 * ArborLoadReport:
 *
 * What reading JSON text came to: how much was read, and the lines that were left out.
 *
 * A report is a plain value; any thread may use it.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (ArborLoadReport, arbor_load_report, arbor_load_report_copy,
                     arbor_load_report_free)

ArborLoadReport *
arbor_load_report_new_take (ArborJsonReport *counts, guint64 n_batches_written,
                            guint64 n_batches_skipped)
{
  ArborLoadReport *self = g_atomic_rc_box_new0 (ArborLoadReport);

  self->counts = *counts;
  self->n_batches_written = n_batches_written;
  self->n_batches_skipped = n_batches_skipped;
  memset (counts, 0, sizeof *counts);
  return self;
}

const ArborJsonReport *
arbor_load_report_get_counts (ArborLoadReport *self)
{
  return &self->counts;
}

static void
clear_report (gpointer data)
{
  ArborLoadReport *self = data;

  arbor_json_report_clear (&self->counts);
}

/**
 * arbor_load_report_copy:
 * @self: a report
 *
 * Copies a report. Any thread may call this.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
ArborLoadReport *
arbor_load_report_copy (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * arbor_load_report_free:
 * @self: (transfer full): a report
 *
 * Frees a report. Any thread may call this.
 *
 * Since: 1.0
 */
void
arbor_load_report_free (ArborLoadReport *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear_report);
}

/**
 * arbor_load_report_get_n_trees:
 * @self: a report
 *
 * Gets how many trees were read. Any thread may call this.
 *
 * Returns: the number of trees
 *
 * Since: 1.0
 */
guint64
arbor_load_report_get_n_trees (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->counts.n_trees;
}

/**
 * arbor_load_report_get_n_bytes:
 * @self: a report
 *
 * Gets how much text was read, in bytes. Any thread may call this.
 *
 * Returns: the number of bytes
 *
 * Since: 1.0
 */
guint64
arbor_load_report_get_n_bytes (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->counts.n_bytes;
}

/**
 * arbor_load_report_get_n_bad:
 * @self: a report
 *
 * Gets how many lines were no JSON and left out, which only
 * [property@Arbor.LoadOptions:skip-bad] allows. Any thread may call this.
 *
 * Returns: the number of bad lines
 *
 * Since: 1.0
 */
guint64
arbor_load_report_get_n_bad (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->counts.n_bad;
}

/**
 * arbor_load_report_get_n_repeated_keys:
 * @self: a report
 *
 * Gets how many members of objects were left out because their key came again in the same object:
 * of members with one key the last one stays, at the place of the first. Any thread may call this.
 *
 * Returns: the number of members that were left out
 *
 * Since: 1.0
 */
guint64
arbor_load_report_get_n_repeated_keys (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->counts.n_repeated;
}

/**
 * arbor_load_report_get_n_batches_written:
 * @self: a report
 *
 * Gets how many batches an import wrote into its store; 0 for a load into memory. Any thread may
 * call this.
 *
 * Returns: the number of batches
 *
 * Since: 1.0
 */
guint64
arbor_load_report_get_n_batches_written (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_batches_written;
}

/**
 * arbor_load_report_get_n_batches_skipped:
 * @self: a report
 *
 * Gets how many batches an import did not write, because the store had the same already; 0 for a
 * load into memory. Any thread may call this.
 *
 * Returns: the number of batches
 *
 * Since: 1.0
 */
guint64
arbor_load_report_get_n_batches_skipped (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_batches_skipped;
}

static guint
count_described (ArborLoadReport *self)
{
  return self->counts.bad_lines != NULL ? self->counts.bad_lines->len : 0;
}

/**
 * arbor_load_report_dup_bad_lines:
 * @self: a report
 * @n_lines: (out): how many there are
 *
 * Gets the numbers of the lines that were left out, from 1, in order: of the first 10,000. Any
 * thread may call this.
 *
 * Returns: (array length=n_lines) (transfer full): the line numbers
 *
 * Since: 1.0
 */
guint64 *
arbor_load_report_dup_bad_lines (ArborLoadReport *self, gsize *n_lines)
{
  guint64 *lines;
  guint n;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (n_lines != NULL, NULL);

  n = count_described (self);
  lines = g_new (guint64, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    lines[i] = g_array_index (self->counts.bad_lines, ArborBadLine, i).line;
  *n_lines = n;
  return lines;
}

/**
 * arbor_load_report_dup_bad_messages:
 * @self: a report
 *
 * Gets what is wrong with each line of [method@Arbor.LoadReport.dup_bad_lines], in the same order.
 * Any thread may call this.
 *
 * Returns: (array zero-terminated=1) (transfer full): the messages
 *
 * Since: 1.0
 */
char **
arbor_load_report_dup_bad_messages (ArborLoadReport *self)
{
  char **messages;
  guint n;

  g_return_val_if_fail (self != NULL, NULL);

  n = count_described (self);
  messages = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    messages[i] = g_strdup (g_array_index (self->counts.bad_lines, ArborBadLine, i).message);
  return messages;
}
