/* A folder of its own for a test, which goes with everything in it. Needs GLib alone. */

#pragma once

#include <glib.h>
#include <glib/gstdio.h>

static inline char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("arbor-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

/* Folders in it must be empty. */
static inline void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}
