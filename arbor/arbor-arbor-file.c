/* ArborArbor: all trees into a file, all or nothing. */

#include "arbor-arbor-private.h"

#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#include "arbor-gfile.h"
#include "arbor-load-private.h"
#include "base/arbor-error.h"
#include "base/arbor-new-file.h"
#include "base/arbor-packing.h"

/* How it is to be written. */
typedef struct
{
  ArborFormat format;
  const char *const *columns;
  const char *delimiter;
} Shape;

/* The format that is asked for, or that the name of the file tells. */
static gboolean
choose_shape (const char *path, Shape *shape, GError **error)
{
  gboolean is_about_csv = shape->columns != NULL || shape->delimiter != NULL;

  if (shape->format == ARBOR_FORMAT_AUTO &&
      (is_about_csv || arbor_is_named (path, ".csv", ".tsv")))
    shape->format = ARBOR_FORMAT_CSV;
  else if (shape->format == ARBOR_FORMAT_AUTO && arbor_is_named (path, ".json", ".json"))
    shape->format = ARBOR_FORMAT_JSON;
  if (shape->delimiter == NULL && arbor_is_named (path, ".tsv", ".tsv"))
    shape->delimiter = "\t";
  if (!is_about_csv || shape->format == ARBOR_FORMAT_CSV)
    return TRUE;
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                       _("Columns and delimiter are for CSV: not with another format"));
  return FALSE;
}

static gboolean
is_same_file (const char *path, const char *other)
{
  struct stat one, two;

  return stat (path, &one) == 0 && stat (other, &two) == 0 && one.st_dev == two.st_dev &&
         one.st_ino == two.st_ino;
}

/* A store that is exported over itself would be gone; one whose lock file was replaced would be open to
 * a second writer. */
static gboolean
check_target (ArborArbor *self, const char *path, GError **error)
{
  g_autofree char *lock_path = NULL;
  ArborSession *session;
  ArborAccess access;
  gboolean is_store = FALSE;

  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  session = arbor_source_get_session (self->view->source);
  if (session != NULL)
    {
      lock_path = g_strconcat (arbor_session_get_path (session), "-lock", NULL);
      is_store =
        is_same_file (path, arbor_session_get_path (session)) || is_same_file (path, lock_path);
    }
  arbor_access_leave (&access, error);
  if (is_store)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                 _("'%s' is the store itself: choose another file"), path);
  return !is_store;
}

static gboolean
write_all (ArborArbor *self, GOutputStream *stream, const Shape *shape, GCancellable *cancellable,
           GError **error)
{
  if (shape->format == ARBOR_FORMAT_CSV)
    return arbor_arbor_save_csv (self, stream, shape->columns, shape->delimiter, cancellable,
                                 error);
  return arbor_arbor_save (self, stream, shape->format, cancellable, error);
}

static gboolean
write_packed (ArborArbor *self, const char *path, GOutputStream *stream, const Shape *shape,
              GCancellable *cancellable, GError **error)
{
  const ArborPacking *packing = arbor_packing_of_name (path);
  g_autoptr (GOutputStream) packed = NULL;

  if (packing == NULL)
    return write_all (self, stream, shape, cancellable, error);
  packed = arbor_packing_new_stream (packing, stream);
  return write_all (self, packed, shape, cancellable, error) &&
         g_output_stream_close (packed, cancellable, error);
}

/**
 * arbor_arbor_save_file:
 * @self: an arbor
 * @path: (type filename): a file
 * @format: JSON Lines, one JSON array, or CSV; with %ARBOR_FORMAT_AUTO it is CSV when @columns or
 *   @delimiter are given or the name ends with `.csv` or `.tsv`, one JSON array when it ends with
 *   `.json`, else JSON Lines
 * @columns: (nullable) (array zero-terminated=1): the columns of CSV, or %NULL
 * @delimiter: (nullable): the delimiter of CSV; %NULL for the comma, or the tab in `.tsv`
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Writes all trees into a file, as [method@Arbor.Arbor.save] and [method@Arbor.Arbor.save_csv] do.
 * It is written under another name beside its place and put there when it is whole: after an error,
 * or when the call is cancelled, a file that was there is as it was, and where none was there is none.
 * A name that ends with `.gz` or `.zst` after that makes a compressed file, where the library was built
 * with zlib and zstd. Symbolic links are followed; a file that is replaced leaves its mode, and its owner where that is
 * allowed. Pipes and devices are written as they are.
 *
 * Errors: those of [method@Arbor.Arbor.save] and [method@Arbor.Arbor.save_csv], those of GIO for
 * files, and %ARBOR_ERROR_INVALID_ARGUMENT when the file is the arbor's own store, or that one's
 * lock file, or another format
 * has @columns or a @delimiter. Any thread may call this.
 *
 * Returns: whether all was written
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_save_file (ArborArbor *self, const char *path, ArborFormat format,
                       const char *const *columns, const char *delimiter,
                       GCancellable *cancellable, GError **error)
{
  Shape shape = { format, columns, delimiter };
  g_autoptr (ArborNewFile) file = NULL;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_target (self, path, error) || !choose_shape (path, &shape, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  file = arbor_new_file_open (path, cancellable, error);
  return file != NULL &&
         write_packed (self, path, arbor_new_file_get_stream (file), &shape, cancellable, error) &&
         arbor_new_file_finish (file, cancellable, error);
}

/**
 * arbor_arbor_save_gfile:
 * @self: an arbor
 * @file: a file
 * @format: JSON Lines, one JSON array, or CSV, as for [method@Arbor.Arbor.save_file]
 * @columns: (nullable) (array zero-terminated=1): the columns of CSV, or %NULL
 * @delimiter: (nullable): the delimiter of CSV; %NULL for the comma, or the tab in `.tsv`
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.save_file] with a file of GIO, which must be on this machine, where a file is
 * replaced as a whole.
 *
 * Errors: those of [method@Arbor.Arbor.save_file], and %ARBOR_ERROR_NOT_SUPPORTED when the file has no path on this machine.
 * Any thread may call this.
 *
 * Returns: whether all was written
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_save_gfile (ArborArbor *self, GFile *file, ArborFormat format,
                        const char *const *columns, const char *delimiter,
                        GCancellable *cancellable, GError **error)
{
  g_autofree char *path = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  /* Closed is told before anything about arguments. */
  if (!arbor_arbor_enter (self, &access, error))
    return FALSE;
  arbor_access_leave (&access, error);
  path = arbor_gfile_dup_path (file, _ ("write into a stream of it with save or save_csv"), error);
  return path != NULL && arbor_arbor_save_file (self, path, format, columns, delimiter, cancellable,
                                                error);
}
