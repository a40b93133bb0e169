/* File systems that cannot make holes in files: this program defines fallocate, which then says so. */

#include <arbor/arbor.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>

#include "kit/arbors.h"

static gboolean is_refused;

typedef int (*FallocateFunc) (int, int, off_t, off_t);

int
fallocate (int fd, int mode, off_t offset, off_t length)
{
  static FallocateFunc real;

  if (is_refused && (mode & FALLOC_FL_PUNCH_HOLE) != 0)
    {
      errno = EOPNOTSUPP;
      return -1;
    }
  if (real == NULL)
    real = (FallocateFunc) dlsym (RTLD_NEXT, "fallocate");
  return real (fd, mode, offset, length);
}

static gboolean
can_shrink (ArborStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStats) stats = arbor_store_get_stats (store, &error);

  g_assert_no_error (error);
  return arbor_stats_get_can_shrink (stats);
}

static void
put_and_delete (ArborStore *store)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, "{\"id\":%u,\"t\":\"text %u of it\"}\n", i, i * 7919);
  bytes = g_bytes_new (text->str, text->len);
  arbor = arbor_read_jsonl (bytes, &error);
  g_assert_no_error (error);
  g_assert_true (arbor_store_put (store, "a", arbor, NULL, &error));
  g_assert_true (arbor_store_delete (store, "a", NULL, &error));
  g_assert_no_error (error);
}

static void
test_refused (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.arbor", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStore) store = arbor_store_open (path, NULL, NULL, &error);

  g_assert_no_error (error);
  put_and_delete (store);
  g_assert_true (can_shrink (store));
  is_refused = TRUE;
  g_assert_false (can_shrink (store));
  g_assert_false (arbor_store_compact (store, ARBOR_COMPACT_NONE, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  /* As a whole it can. */
  g_assert_true (arbor_store_compact (store, ARBOR_COMPACT_FULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  is_refused = FALSE;
  g_assert_true (arbor_store_compact (store, ARBOR_COMPACT_NONE, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  arbor_store_close (store);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shrink/refused", test_refused);
  return g_test_run ();
}
