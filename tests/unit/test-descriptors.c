/* Holding the numbers 0 to 2. Standard error is closed and put back; output and input stay. */

#include "base/arbor-descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int
close_stderr (void)
{
  int saved = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, 10);

  g_assert_cmpint (saved, >=, 10);
  g_assert_cmpint (close (STDERR_FILENO), ==, 0);
  return saved;
}

static void
put_back (int saved)
{
  g_assert_cmpint (dup2 (saved, STDERR_FILENO), ==, STDERR_FILENO);
  close (saved);
}

static gboolean
is_open (int fd)
{
  return fcntl (fd, F_GETFD) >= 0;
}

static void
assert_opens_above (void)
{
  int fd = open ("/dev/null", O_RDWR | O_CLOEXEC);

  g_assert_cmpint (fd, >, STDERR_FILENO);
  close (fd);
}

static void
test_hold (void)
{
  int saved = close_stderr ();

  errno = EDOM;
  arbor_descriptors_hold ();
  g_assert_cmpint (errno, ==, EDOM);
  assert_opens_above ();
  /* As closed as before to whoever prints. */
  g_assert_cmpint (write (STDERR_FILENO, "x", 1), ==, -1);
  g_assert_cmpint (errno, ==, EBADF);
  arbor_descriptors_release ();
  g_assert_false (is_open (STDERR_FILENO));
  put_back (saved);
}

static void
test_nested (void)
{
  int saved;

  arbor_descriptors_hold ();
  saved = close_stderr ();
  arbor_descriptors_hold ();
  assert_opens_above ();
  arbor_descriptors_release ();
  assert_opens_above ();
  arbor_descriptors_release ();
  g_assert_false (is_open (STDERR_FILENO));
  put_back (saved);
}

/* Nothing is closed that somebody else put there. */
static void
test_replaced (void)
{
  int saved = close_stderr ();

  arbor_descriptors_hold ();
  g_assert_cmpint (dup2 (saved, STDERR_FILENO), ==, STDERR_FILENO);
  arbor_descriptors_release ();
  g_assert_true (is_open (STDERR_FILENO));
  g_assert_true (is_open (STDOUT_FILENO));
  put_back (saved);
}

static void
test_fork (void)
{
  int saved = close_stderr ();
  pid_t child;
  int status;

  arbor_descriptors_hold ();
  child = fork ();
  if (child == 0)
    {
      gboolean was_open = is_open (STDERR_FILENO);

      arbor_descriptors_release ();
      arbor_descriptors_hold ();
      assert_opens_above ();
      arbor_descriptors_release ();
      _exit (was_open || is_open (STDERR_FILENO) ? 1 : 0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  assert_opens_above ();
  arbor_descriptors_release ();
  put_back (saved);
  g_assert_cmpint (status, ==, 0);
}

static void
test_read_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  int written = g_file_open_tmp (NULL, &name, &error);
  g_autoptr (GInputStream) stream = NULL;
  int saved;

  g_assert_no_error (error);
  close (written);
  saved = close_stderr ();
  stream = arbor_descriptors_read_file (name, NULL, &error);
  g_assert_false (is_open (STDERR_FILENO));
  put_back (saved);
  g_assert_no_error (error);
  g_assert_nonnull (stream);

  unlink (name);
  g_assert_null (arbor_descriptors_read_file (name, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/descriptors/hold", test_hold);
  g_test_add_func ("/descriptors/nested", test_nested);
  g_test_add_func ("/descriptors/replaced", test_replaced);
  g_test_add_func ("/descriptors/fork", test_fork);
  g_test_add_func ("/descriptors/read-file", test_read_file);
  return g_test_run ();
}
