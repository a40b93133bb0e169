/* See arbor-new-store.h. */

#include "storage/arbor-new-store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-descriptors.h"
#include "base/arbor-new-file.h"
#include "storage/arbor-storage-error.h"

#define BUSY_TIMEOUT 5000u
#define MAX_READERS  126u

struct _ArborNewStore
{
  char *path;
  char *passing; /* NULL: it has its name */
  ArborSession *session;
};

static gboolean
set_exists (const char *path, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               _("'%s' is there already: name a file that is not"), path);
  return FALSE;
}

gboolean
arbor_new_store_check_place (const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    return set_exists (path, error);
  return TRUE;
}

ArborSession *
arbor_session_open_own (const char *path, gboolean create, GCancellable *cancellable, GError **error)
{
  const ArborSessionOptions options = { .create = create, .busy_timeout = BUSY_TIMEOUT,
                                        .max_readers = MAX_READERS };

  return arbor_session_open (path, &options, cancellable, error);
}

ArborNewStore *
arbor_new_store_begin (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborNewStore) self = g_new0 (ArborNewStore, 1);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *passing = g_build_filename (folder, ".arbor-XXXXXX", NULL);
  int fd;

  if (!arbor_new_store_check_place (path, error))
    return NULL;
  arbor_descriptors_hold ();
  fd = g_mkstemp_full (passing, O_RDWR | O_CLOEXEC, 0600);
  arbor_descriptors_release ();
  if (fd < 0)
    {
      arbor_storage_set_file_error (error, errno, path);
      return NULL;
    }
  close (fd);
  self->path = g_strdup (path);
  self->passing = g_steal_pointer (&passing);
  self->session = arbor_session_open_own (self->passing, TRUE, cancellable, error);
  return self->session != NULL ? g_steal_pointer (&self) : NULL;
}

ArborSession *
arbor_new_store_get_session (ArborNewStore *self)
{
  return self->session;
}

static void
tell_gone (gpointer data)
{
  g_atomic_int_set ((gint *) data, 1);
}

/* Nobody else knows of it, so there is next to nothing to wait for. */
void
arbor_session_close_own (ArborSession *session)
{
  g_autoptr (ArborGate) gate = arbor_gate_ref (arbor_session_get_gate (session));
  gint is_gone = 0;

  arbor_gate_close (gate);
  arbor_gate_add_torn_down_func (gate, tell_gone, &is_gone);
  while (!g_atomic_int_get (&is_gone))
    g_usleep (200);
  arbor_session_unref (session);
}

static void
remove_lock_file (ArborNewStore *self)
{
  g_autofree char *lock = g_strconcat (self->passing, "-lock", NULL);

  unlink (lock);
}

/* Where the file system cannot rename without replacing, a second name is made, and the first removed. */
static int
rename_to (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;
  if (link (from, to) != 0)
    return errno;
  unlink (from);
  return 0;
}

gboolean
arbor_new_store_finish (ArborNewStore *self, GError **error)
{
  int failed;

  g_clear_pointer (&self->session, arbor_session_close_own);
  remove_lock_file (self);
  failed = rename_to (self->passing, self->path);
  if (failed == EEXIST)
    return set_exists (self->path, error);
  if (failed != 0)
    return arbor_storage_set_file_error (error, failed, self->path);
  g_clear_pointer (&self->passing, g_free);
  arbor_new_file_sync_folder (self->path);
  return TRUE;
}

void
arbor_new_store_free (ArborNewStore *self)
{
  g_clear_pointer (&self->session, arbor_session_close_own);
  if (self->passing != NULL)
    {
      remove_lock_file (self);
      unlink (self->passing);
    }
  g_free (self->passing);
  g_free (self->path);
  g_free (self);
}
