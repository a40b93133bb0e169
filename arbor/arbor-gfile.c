/* Files of GIO: see arbor-gfile.h. */

#include "arbor-gfile.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-descriptors.h"
#include "base/arbor-error.h"

char *
arbor_gfile_dup_path (GFile *file, const char *instead, GError **error)
{
  g_autofree char *name = NULL;
  char *path = g_file_get_path (file);

  if (path != NULL)
    return path;
  name = arbor_gfile_dup_name (file);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED,
               _ ("'%s' has no path on this machine: %s"), name, instead);
  return NULL;
}

char *
arbor_gfile_dup_name (GFile *file)
{
  char *path = g_file_get_path (file);

  return path != NULL ? path : g_file_get_uri (file);
}

GInputStream *
arbor_gfile_read (GFile *file, const char *path, GCancellable *cancellable, GError **error)
{
  GFileInputStream *stream;

  if (file == NULL || g_file_peek_path (file) != NULL)
    return arbor_descriptors_read_file (path, cancellable, error);
  arbor_descriptors_hold ();
  stream = g_file_read (file, cancellable, error);
  arbor_descriptors_release ();
  return stream != NULL ? G_INPUT_STREAM (stream) : NULL;
}
