/* ArborArbor: telling people how an arbor comes about, and what computing it takes. */

#include "arbor-arbor-private.h"

#include "base/arbor-error.h"
#include "query/view/arbor-derived.h"

static void
describe_given (ArborSource *source, GString *out)
{
  const char *name = arbor_source_get_name (source);

  if (name != NULL)
    g_string_append_printf (out, "stored '%s' in '%s'", name,
                            arbor_session_get_path (arbor_source_get_session (source)));
  else
    g_string_append (out, "in memory");
  g_string_append_printf (out, ": %" G_GUINT64_FORMAT " trees in %u batches\n",
                          arbor_source_get_n_trees (source), arbor_source_get_n_batches (source));
}

/* Another input: where it lies or how it is computed, and the steps of its view. */
static void
describe_other (ArborSource *derived, guint input, gboolean with_counters, GString *out)
{
  ArborSource *source = arbor_source_get_input (derived, input);
  ArborSelection *selection = arbor_source_get_input_selection (derived, input);
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  if (arbor_source_describe (source, text))
    g_string_append_c (text, '\n');
  else
    describe_given (source, text);
  if (selection != NULL)
    arbor_selection_describe (selection, with_counters, text);
  lines = g_strsplit (text->str, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    g_string_append_printf (out, "  %s %s\n", i == 0 ? "and" : "   ", lines[i]);
}

/* A derived source after what it is computed from, along its first inputs. */
static void
describe_source (ArborSource *source, gboolean with_counters, GString *out)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();

  g_ptr_array_add (sources, source);
  while (arbor_source_get_n_inputs (source) > 0)
    g_ptr_array_add (sources, source = arbor_source_get_input (source, 0));
  for (guint i = sources->len; i > 0; i--)
    {
      ArborSource *at = sources->pdata[i - 1];
      guint n_inputs = arbor_source_get_n_inputs (at);

      if (i < sources->len && arbor_source_get_input_selection (at, 0) != NULL)
        arbor_selection_describe (arbor_source_get_input_selection (at, 0), with_counters, out);
      for (guint j = 1; j < n_inputs; j++)
        describe_other (at, j, with_counters, out);
      if (arbor_source_describe (at, out))
        g_string_append_printf (out, " (%" G_GUINT64_FORMAT " trees so far)\n",
                                arbor_source_get_n_trees (at));
      else
        describe_given (at, out);
    }
}

/**
 * arbor_arbor_explain:
 * @self: an arbor
 *
 * How the arbor comes about, for people: a line for where its trees lie, then one for each step of
 * a view, in the order in which they are done, with how far it has been computed. Below a condition
 * it says which parts are decided by kernels, for all trees of a batch at once, and which row by row,
 * and which columns are read. A note follows for each path in the steps that no tree has, with the
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

  if (self->source == NULL)
    return g_strdup ("not opened\n");
  out = g_string_new (NULL);
  describe_source (self->source, FALSE, out);
  arbor_selection_describe (self->selection, FALSE, out);
  arbor_arbor_describe_notes (self, out);
  return g_string_free (out, FALSE);
}

/* Computes @selection; TRUE with what that took in @out. */
static gboolean
analyze (ArborArbor *self, ArborSelection *selection, GCancellable *cancellable, GString *out,
         GError **error)
{
  gint64 start = g_get_monotonic_time ();
  guint64 n_trees = 0;
  gboolean is_good;
  ArborAccess access;

  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  is_good = arbor_selection_get_count (selection, &access, cancellable, &n_trees, error);
  arbor_access_end (&access, error);
  if (!is_good)
    return FALSE;
  describe_source (self->source, TRUE, out);
  arbor_selection_describe (selection, TRUE, out);
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
 * looked at row by row, and how many bytes of columns were touched; at the end how many trees there
 * are and how many milliseconds it took. What the steps before an arbor of new trees took is told as
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

  if (self->source == NULL)
    {
      arbor_set_not_opened_error (error);
      return NULL;
    }
  selection = arbor_selection_copy (self->selection);
  if (!analyze (self, selection, cancellable, out, error))
    return NULL;
  arbor_arbor_describe_notes (self, out);
  return g_string_free (g_steal_pointer (&out), FALSE);
}
