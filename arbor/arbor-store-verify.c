/* ArborStore: whether all of it is sound, and copying what is. */

#include "arbor-store-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-gfile.h"
#include "arbor-report-private.h"
#include "storage/arbor-inspect-file.h"
#include "storage/arbor-new-store.h"
#include "storage/arbor-recover.h"

typedef struct
{
  ArborReport *report;
  ArborGate *gate; /* NULL: of no open store */
  ArborProgressFunc progress;
  gpointer progress_data;
  guint64 before;            /* what was done before this step, */
  gboolean is_two_steps;     /* of two that take the same */
  const char *new_path;      /* what is sound is copied there; NULL: nowhere */
  GCancellable *cancellable;
} Verifying;

static void
find (gpointer data, const ArborFindingInfo *info)
{
  Verifying *self = data;

  arbor_report_add_finding (self->report, info);
}

/* Whoever is told may close the store. */
static gboolean
tell (gpointer data, guint64 done, guint64 total, GError **error)
{
  Verifying *self = data;

  if (self->progress != NULL)
    self->progress (self->before + done, self->is_two_steps ? 2 * total : total, self->progress_data);
  return self->gate == NULL || arbor_gate_check (self->gate, error);
}

static gboolean
take (ArborInspection *inspection, gpointer data, GError **error)
{
  Verifying *self = data;

  arbor_report_take_inspection (self->report, inspection);
  return TRUE;
}

static gboolean
recover (ArborInspection *inspection, gpointer data, GError **error)
{
  Verifying *self = data;
  const ArborInspector inspector = { find, tell, self };

  arbor_report_take_inspection (self->report, inspection);
  self->before = arbor_inspection_get_n_bytes (inspection);
  return arbor_recover (inspection, self->new_path, &inspector, self->cancellable, error);
}

/**
 * arbor_store_verify:
 * @self: a store
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes of batches
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Reads all of a store and says what is damaged: every page that something leads to and the list of free
 * pages, every record, every batch with all its values, and what these say of each other. Nothing
 * that was checked before is believed, and nothing is written.
 *
 * Damage is no error: it is what the report lists ([method@Arbor.Report.is_sound]). It is of the state that was
 * the newest when this began; others may write meanwhile. To copy what is sound there is
 * [func@Arbor.recover_file].
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_LIMIT, those of reading the file, %G_IO_ERROR_CANCELLED. Any
 * thread may call this.
 *
 * Returns: (transfer full): what was found
 *
 * Since: 1.0
 */
ArborReport *
arbor_store_verify (ArborStore *self, ArborProgressFunc progress, gpointer progress_data,
                    GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborReport) report = arbor_report_new ();
  Verifying verifying = { .report = report, .progress = progress, .progress_data = progress_data };
  const ArborInspector inspector = { find, tell, &verifying };
  gboolean is_done;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);

  if (!arbor_store_enter (self, &access, error))
    return NULL;
  verifying.gate = arbor_session_get_gate (self->session);
  is_done = arbor_session_inspect (self->session, &inspector, take, &verifying, cancellable, error);
  if (!is_done)
    {
      arbor_access_fail (&access, error);
      return NULL;
    }
  return arbor_access_end (&access, error) ? g_steal_pointer (&report) : NULL;
}

/**
 * arbor_verify_file:
 * @path: (type filename): a store
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes of batches
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Does what [method@Arbor.Store.verify] does of a store that nobody needs to have open, and of a file that is
 * too damaged to be opened: that it is, is the first finding then, and what can be found of its pages and batches
 * is looked at nevertheless, while nobody writes it. Nothing is written.
 *
 * Errors: those of opening a file, %ARBOR_ERROR_NOT_A_STORE where nothing in it is part of a store,
 * %ARBOR_ERROR_VERSION, %ARBOR_ERROR_BUSY, %ARBOR_ERROR_LIMIT, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: (transfer full): what was found
 *
 * Since: 1.0
 */
ArborReport *
arbor_verify_file (const char *path, ArborProgressFunc progress, gpointer progress_data,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborReport) report = arbor_report_new ();
  Verifying verifying = { .report = report, .progress = progress, .progress_data = progress_data };
  const ArborInspector inspector = { find, tell, &verifying };

  g_return_val_if_fail (path != NULL, NULL);

  if (!arbor_inspect_file (path, &inspector, take, &verifying, cancellable, error))
    return NULL;
  return g_steal_pointer (&report);
}

/**
 * arbor_verify_gfile:
 * @file: a store
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes of batches
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Does what [func@Arbor.verify_file] does, of a file that GIO names. It must be on this machine. Any thread may
 * call this.
 *
 * Errors: those of [func@Arbor.verify_file], %ARBOR_ERROR_NOT_SUPPORTED.
 *
 * Returns: (transfer full): what was found
 *
 * Since: 1.0
 */
ArborReport *
arbor_verify_gfile (GFile *file, ArborProgressFunc progress, gpointer progress_data,
                    GCancellable *cancellable, GError **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  path = arbor_gfile_dup_path (file, _("copy it here first"), error);
  return path != NULL ? arbor_verify_file (path, progress, progress_data, cancellable, error) : NULL;
}

/**
 * arbor_recover_file:
 * @path: (type filename): a store, damaged or not, which is only read
 * @new_path: (type filename): where a new one is to be; there must be nothing
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes of batches
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; there is no new store then
 * @error: where to put an error
 *
 * Copies all that is sound of a store into a new one, and says of the rest what [func@Arbor.verify_file] says.
 * Of a batch that is damaged in part those trees are copied that have no value in a column that is damaged.
 * Arbors keep their names, what is declared of them, and the order of their trees; those of which nothing is
 * left are left out.
 *
 * A file that cannot be opened is looked through for what it had: with one meta page, or none; and where the
 * catalogue is damaged, batches that no name lists any more become an arbor called `recovered`.
 *
 * The new store gets its name when it is whole. The damaged file is never written.
 *
 * Errors: those of [func@Arbor.verify_file], %G_IO_ERROR_EXISTS, those of writing a store. Any thread may call
 * this.
 *
 * Returns: (transfer full): what was found; what it counts as sound was copied
 *
 * Since: 1.0
 */
ArborReport *
arbor_recover_file (const char *path, const char *new_path, ArborProgressFunc progress,
                    gpointer progress_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborReport) report = arbor_report_new ();
  Verifying verifying = { .report = report, .progress = progress, .progress_data = progress_data,
                          .is_two_steps = TRUE, .new_path = new_path, .cancellable = cancellable };
  const ArborInspector inspector = { find, tell, &verifying };

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (new_path != NULL, NULL);

  if (!arbor_new_store_check_place (new_path, error) ||
      !arbor_inspect_file (path, &inspector, recover, &verifying, cancellable, error))
    return NULL;
  return g_steal_pointer (&report);
}

/**
 * arbor_recover_gfile:
 * @file: a store, damaged or not, which is only read
 * @new_file: where a new one is to be; there must be nothing
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes of batches
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; there is no new store then
 * @error: where to put an error
 *
 * Does what [func@Arbor.recover_file] does, of files that GIO names. Both must be on this machine. Any thread
 * may call this.
 *
 * Errors: those of [func@Arbor.recover_file], %ARBOR_ERROR_NOT_SUPPORTED.
 *
 * Returns: (transfer full): what was found; what it counts as sound was copied
 *
 * Since: 1.0
 */
ArborReport *
arbor_recover_gfile (GFile *file, GFile *new_file, ArborProgressFunc progress, gpointer progress_data,
                     GCancellable *cancellable, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *new_path = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (G_IS_FILE (new_file), NULL);

  path = arbor_gfile_dup_path (file, _("copy it here first"), error);
  new_path = path != NULL ? arbor_gfile_dup_path (new_file, _("name a file here"), error) : NULL;
  return new_path != NULL
             ? arbor_recover_file (path, new_path, progress, progress_data, cancellable, error)
             : NULL;
}
