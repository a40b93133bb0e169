/* Files that are there whole or not at all: new ones, replaced ones, through links, given up. */

#include "base/arbor-new-file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/files.h"

typedef struct
{
  char *folder;
  char *path;
  char *link;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = make_folder ();
  self->path = g_build_filename (self->folder, "file", NULL);
  self->link = g_build_filename (self->folder, "link", NULL);
}

/* Nothing else may be left. */
static guint
count_files (Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_unlink (self->path);
  g_unlink (self->link);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_free (self->path);
  g_free (self->link);
}

static void
write_some (ArborNewFile *file, const char *text)
{
  g_assert_true (g_output_stream_write_all (arbor_new_file_get_stream (file), text, strlen (text),
                                            NULL, NULL, NULL));
}

static void
assert_text (const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static mode_t
get_mode (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_lstat (path, &status), ==, 0);
  return status.st_mode & 07777;
}

static void
test_new (Fixture *self, gconstpointer data)
{
  mode_t mask = umask (027);
  g_autoptr (ArborNewFile) file = arbor_new_file_open (self->path, NULL, NULL);

  umask (mask);
  write_some (file, "one");
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
  write_some (file, "two");
  g_assert_true (arbor_new_file_finish (file, NULL, NULL));
  assert_text (self->path, "onetwo");
  g_assert_cmpuint (get_mode (self->path), ==, 0640);
  g_assert_cmpuint (count_files (self), ==, 1);
}

static void
test_replaced (Fixture *self, gconstpointer data)
{
  g_autoptr (ArborNewFile) file = NULL;

  g_file_set_contents (self->path, "old", -1, NULL);
  g_chmod (self->path, 0604);
  file = arbor_new_file_open (self->path, NULL, NULL);
  write_some (file, "new");
  assert_text (self->path, "old");
  g_assert_true (arbor_new_file_finish (file, NULL, NULL));
  assert_text (self->path, "new");
  g_assert_cmpuint (get_mode (self->path), ==, 0604);
  g_assert_cmpuint (count_files (self), ==, 1);
}

/* Given up, or cancelled at the last moment. */
static void
test_given_up (Fixture *self, gconstpointer data)
{
  for (guint way = 0; way < 4; way++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      ArborNewFile *file;

      if (way >= 2)
        g_file_set_contents (self->path, "old", -1, NULL);
      file = arbor_new_file_open (self->path, NULL, NULL);
      write_some (file, "new");
      if (way % 2 == 1)
        {
          g_cancellable_cancel (cancellable);
          g_assert_false (arbor_new_file_finish (file, cancellable, &error));
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        }
      arbor_new_file_free (file);
      g_assert_cmpuint (count_files (self), ==, way >= 2 ? 1 : 0);
      if (way >= 2)
        assert_text (self->path, "old");
    }
}

static void
test_links (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  /* To nothing yet, and to a file; by a relative path. */
  g_assert_cmpint (symlink ("file", self->link), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (ArborNewFile) file = arbor_new_file_open (self->link, NULL, NULL);

      write_some (file, i == 0 ? "one" : "two");
      g_assert_true (arbor_new_file_finish (file, NULL, NULL));
      assert_text (self->path, i == 0 ? "one" : "two");
      g_assert_true (g_file_test (self->link, G_FILE_TEST_IS_SYMLINK));
      g_assert_cmpuint (count_files (self), ==, 2);
    }
  g_unlink (self->link);
  g_assert_cmpint (symlink ("link", self->link), ==, 0);
  g_assert_null (arbor_new_file_open (self->link, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS);
}

static void
test_devices (Fixture *self, gconstpointer data)
{
  g_autoptr (ArborNewFile) null = arbor_new_file_open ("/dev/null", NULL, NULL);
  g_autoptr (ArborNewFile) pipe = NULL;
  g_autoptr (ArborNewFile) descriptor = NULL;
  g_autofree char *name = NULL;
  char text[4] = "";
  int reader, writer;

  write_some (null, "x");
  g_assert_true (arbor_new_file_finish (null, NULL, NULL));

  g_assert_cmpint (mkfifo (self->path, 0600), ==, 0);
  reader = g_open (self->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  pipe = arbor_new_file_open (self->path, NULL, NULL);
  write_some (pipe, "abc");
  g_assert_true (arbor_new_file_finish (pipe, NULL, NULL));
  g_assert_cmpint (read (reader, text, 3), ==, 3);
  g_assert_cmpstr (text, ==, "abc");
  g_assert_cmpuint (count_files (self), ==, 1);
  close (reader);
  g_unlink (self->path);

  /* A file by a descriptor of it: who holds that sees what is written. */
  writer = g_open (self->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (write (writer, "1", 1), ==, 1);
  name = g_strdup_printf ("/dev/fd/%d", writer);
  descriptor = arbor_new_file_open (name, NULL, NULL);
  write_some (descriptor, "23");
  g_assert_true (arbor_new_file_finish (descriptor, NULL, NULL));
  g_assert_cmpint (pread (writer, text, 3, 0), ==, 3);
  g_assert_cmpstr (text, ==, "123");
  close (writer);
}

static void
test_errors (Fixture *self, gconstpointer data)
{
  g_autofree char *nowhere = g_build_filename (self->folder, "no", "file", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_new_file_open (nowhere, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (arbor_new_file_open (self->folder, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/new-file/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("new", test_new);
  ADD ("replaced", test_replaced);
  ADD ("given-up", test_given_up);
  ADD ("links", test_links);
  ADD ("devices", test_devices);
  ADD ("errors", test_errors);
  return g_test_run ();
}
