/* ArborArbor: telling people how an arbor comes about, and what computing it takes. */

#include "arbor-arbor-private.h"

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "query/make/arbor-view-notes.h"
#include "query/series/arbor-series-ways.h"

/**
 * arbor_arbor_explain:
 * @self: an arbor
 *
 * How the arbor comes about, for people: a line for where its trees lie, then one for each step of
 * a view, in the order in which they are done, with how far it has been computed. Below a condition
 * it says which parts are decided by kernels, for all trees of a batch at once, which in columns, and
 * which row by row, with the function that is why, and which columns are read; below other steps the
 * same of their keys, fields and what aggregates are of. A note follows for each path in the steps that no tree has, with the
 * one that may have been meant ([method@Arbor.Arbor.check_paths]). Computes nothing, waits for nothing
 * and never fails. Programs must not rely on its words. Any thread may call this, at any time.
 *
 * Returns: (transfer full): the lines
 *
 * Since: 1.0
 */
char *
arbor_arbor_explain (ArborArbor *self)
{
  GString *out;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (self->view == NULL)
    return g_strdup ("not opened\n");
  out = g_string_new (NULL);
  arbor_view_describe (self->view, self->view->selection, FALSE, out);
  arbor_view_notes_describe (self->view, out);
  return g_string_free (out, FALSE);
}

/* Computes @selection; TRUE with what that took in @out. */
static gboolean
analyze (ArborArbor *self, ArborSelection *selection, GCancellable *cancellable, GString *out,
         GError **error)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (ArborTally) tally = arbor_tally_new ();
  g_auto (ArborStop) stop;
  guint64 n_trees = 0;
  gboolean is_good;
  ArborAccess access;

  arbor_stop_begin (&stop, cancellable);
  stop.tally = tally;
  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  is_good = arbor_selection_get_count (selection, &access, cancellable, &n_trees, error);
  is_good = arbor_access_end (&access, error) && is_good;
  if (!is_good)
    return FALSE;
  arbor_view_describe (self->view, selection, TRUE, out);
  arbor_tally_describe (tally, out);
  g_string_append_printf (out, "%" G_GUINT64_FORMAT " trees in %.3f ms\n", n_trees,
                          (double) (g_get_monotonic_time () - start) / 1000.0);
  return TRUE;
}

/**
 * arbor_arbor_explain_analyze:
 * @self: an arbor
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Computes the view once more, whatever has been computed of it already, and tells what
 * [method@Arbor.Arbor.explain] does and what it took: for each condition how many batches there were
 * and how many of them their statistics ruled out, how many trees kernels decided and how many were
 * looked at row by row, and how many bytes of columns were touched; then, of each expression that was
 * evaluated, how many values were read from lanes, computed in columns, computed once for each entry of
 * a dictionary, and found row by row; at the end how many trees there are and how many milliseconds it
 * took. What the steps before an arbor of new trees took is told as
 * it was when they were computed. Programs must not rely on its words.
 *
 * Errors: %ARBOR_ERROR_LIMIT when the query memory is too small, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: (transfer full): the lines
 *
 * Since: 1.0
 */
char *
arbor_arbor_explain_analyze (ArborArbor *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborSelection) selection = NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  if (self->view == NULL)
    {
      arbor_view_set_not_opened_error (error);
      return NULL;
    }
  selection = arbor_selection_copy (self->view->selection);
  if (!analyze (self, selection, cancellable, out, error))
    return NULL;
  arbor_view_notes_describe (self->view, out);
  return g_string_free (g_steal_pointer (&out), FALSE);
}
