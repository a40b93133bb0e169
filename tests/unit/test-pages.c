/* The walk over the pages of an LMDB file, on a small file that is put together here byte by byte: each
 * claim on a page, at the edges of what is right. Damage to real files is in tests/recovery.
 *
 * Pages of 512 bytes: 0 and 1 meta pages, 2 the main tree with the table "t", 3 the leaf of "t" whose one
 * value lies in overflow pages 4 to 6, 7 the leaf of the free list. It has the list of transaction 1,
 * pages 13 and 12, and that of transaction 2, in overflow pages 8 to 10: page 11.
 */

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arbor-error.h"
#include "storage/arbor-pages.h"

#define PAGE     512u
#define N_PAGES  14u
#define VALUE    1500u /* of "t": three pages */
#define BIG_LIST 1200u /* bytes of the big free list: three pages */

typedef struct
{
  guint8 bytes[N_PAGES * PAGE];
  gsize size; /* of the file */
} File;

static void
put (File *file, gsize at, guint64 value, guint width)
{
  /* Not g_assert_true: that one may return, for all that the compiler knows. */
  g_assert (width <= sizeof file->bytes && at <= sizeof file->bytes - width);
  memcpy (file->bytes + at, &value, width);
}

static void
begin_page (File *file, guint page, guint flags)
{
  put (file, page * PAGE, page, 8);
  put (file, page * PAGE + 10, flags, 2);
}

static void
put_table (File *file, gsize at, guint flags, guint64 root, guint64 entries)
{
  put (file, at + 4, flags, 2);
  put (file, at + 6, 1, 2);
  put (file, at + 16, 1, 8);
  put (file, at + 32, entries, 8);
  put (file, at + 40, root, 8);
}

/* The next node of a leaf, from the end of the page down; returns where its data begins. */
static gsize
add_node (File *file, guint page, guint index, gconstpointer key, guint key_size, guint flags,
          guint32 size, guint room, guint *upper)
{
  gsize at;

  *upper -= (8 + key_size + room + 1) & ~1u;
  at = page * PAGE + *upper;
  put (file, at, size, 4);
  put (file, at + 4, flags, 2);
  put (file, at + 6, key_size, 2);
  memcpy (file->bytes + at + 8, key, key_size);
  put (file, page * PAGE + 16 + 2 * index, *upper, 2);
  put (file, page * PAGE + 12, 16 + 2 * (index + 1), 2);
  put (file, page * PAGE + 14, *upper, 2);
  return at + 8 + key_size;
}

static void
begin_overflow (File *file, guint page, guint n_pages)
{
  begin_page (file, page, 4);
  put (file, page * PAGE + 12, n_pages, 4);
}

static gsize small_list, big_list;

static void
make_file (File *file)
{
  guint upper = PAGE;
  guint64 txnid;
  gsize at;

  *file = (File){ .size = sizeof file->bytes };
  for (guint meta = 0; meta < 2; meta++)
    {
      at = meta * PAGE + 16;
      begin_page (file, meta, 8);
      put (file, at, 0xbeefc0de, 4);
      put (file, at + 4, 1, 4);
      put_table (file, at + 24, 8, 7, 2);
      put (file, at + 24, PAGE, 4);
      put_table (file, at + 72, 0, 2, 1);
      put (file, at + 120, N_PAGES - 1, 8);
      put (file, at + 128, 2 + meta, 8);
    }
  begin_page (file, 2, 2);
  at = add_node (file, 2, 0, "t", 1, 2, 48, 48, &upper);
  put_table (file, at, 0, 3, 1);

  upper = PAGE;
  begin_page (file, 3, 2);
  at = add_node (file, 3, 0, "k", 1, 1, VALUE, 8, &upper);
  put (file, at, 4, 8);
  begin_overflow (file, 4, 3);

  upper = PAGE;
  begin_page (file, 7, 2);
  txnid = 1;
  small_list = add_node (file, 7, 0, &txnid, 8, 0, 24, 24, &upper);
  put (file, small_list, 2, 8);
  put (file, small_list + 8, 13, 8);
  put (file, small_list + 16, 12, 8);
  txnid = 2;
  at = add_node (file, 7, 1, &txnid, 8, 1, BIG_LIST, 8, &upper);
  put (file, at, 8, 8);
  begin_overflow (file, 8, 3);
  big_list = 8 * PAGE + 16;
  put (file, big_list, 1, 8);
  put (file, big_list + 8, 11, 8);
}

/* Whether the walk finds nothing wrong; all that it may say else is that the file is damaged. */
static gboolean
is_sound (const File *file)
{
  static const char *const names[] = { "t", NULL };
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  ArborPagesInfo info;
  int fd = g_file_open_tmp ("pages-XXXXXX", &path, NULL);
  gboolean is_sound, is_new;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, file->bytes, file->size), ==, (gssize)file->size);
  is_sound = arbor_pages_check_header (fd, path, file->size, &is_new, &error) &&
             arbor_pages_walk (fd, path, 2, names, ARBOR_PAGES_TREES, &info, &error);
  if (!is_sound)
    g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  else
    g_assert_cmpuint (info.page_size, ==, PAGE);
  close (fd);
  g_unlink (path);
  return is_sound;
}

static void
test_sound (void)
{
  File file;

  make_file (&file);
  g_assert_true (is_sound (&file));
}

/* A value whose overflow pages end with the file, and one byte more. */
static void
test_extent (void)
{
  const gsize value_page = 3 * PAGE + PAGE - 9; /* of an odd number of bytes */
  const gsize value_size = value_page - 9;
  File file;

  make_file (&file);
  /* The lists give up their pages to it. */
  put (&file, small_list, 0, 8);
  put (&file, big_list, 0, 8);
  put (&file, value_page, 11, 8);
  begin_overflow (&file, 11, 3);
  g_assert_true (is_sound (&file));
  put (&file, value_size, 3 * PAGE - 16, 4);
  g_assert_true (is_sound (&file));
  put (&file, value_size, 3 * PAGE - 15, 4);
  g_assert_false (is_sound (&file));

  /* Into the pages of another: the big list is in 8 to 10. */
  put (&file, value_size, VALUE, 4);
  put (&file, value_page, 5, 8);
  g_assert_false (is_sound (&file));
  put (&file, value_page, 4, 8);
  g_assert_true (is_sound (&file));
  put (&file, value_size, 3 * PAGE - 15, 4);
  g_assert_false (is_sound (&file));
  put (&file, value_page, 1, 8);
  g_assert_false (is_sound (&file));
  put (&file, value_page, N_PAGES, 8);
  g_assert_false (is_sound (&file));
  /* One page, which is a meta page. */
  put (&file, value_size, 400, 4);
  put (&file, value_page, 11, 8);
  g_assert_true (is_sound (&file));
  put (&file, value_page, 1, 8);
  g_assert_false (is_sound (&file));
}

/* A page that is free twice, in one list and in two, or free and in use. */
static void
test_freed_twice (void)
{
  File file;

  make_file (&file);
  put (&file, small_list + 16, 13, 8);
  g_assert_false (is_sound (&file));
  make_file (&file);
  put (&file, big_list + 8, 12, 8);
  g_assert_false (is_sound (&file));
  for (guint page = 0; page < N_PAGES; page++)
    {
      make_file (&file);
      put (&file, big_list + 8, page, 8);
      g_assert_cmpint (is_sound (&file), ==, page == 11);
    }
}

/* Ascending pages, more than there is room for, and pages past the end of the file: those up to the
 * meta page's last one were free when they should have been written. */
static void
test_free_list (void)
{
  File file;

  make_file (&file);
  put (&file, small_list + 8, 12, 8);
  put (&file, small_list + 16, 13, 8);
  g_assert_false (is_sound (&file));

  make_file (&file);
  put (&file, small_list, 3, 8);
  g_assert_false (is_sound (&file));
  put (&file, small_list, 1, 8);
  g_assert_true (is_sound (&file));
  put (&file, small_list, 2, 8);
  put (&file, small_list - 16, 16, 4); /* bytes, of which 8 are the count */
  g_assert_false (is_sound (&file));

  make_file (&file);
  file.size = 12 * PAGE;
  g_assert_true (is_sound (&file));
  put (&file, small_list + 8, 14, 8);
  g_assert_false (is_sound (&file));
  put (&file, small_list + 8, 13, 8);
  put (&file, small_list + 16, 13, 8);
  g_assert_false (is_sound (&file));
}

/* The overflow pages of a list: as many as it needs or more, and none of another. */
static void
test_overflow_of_list (void)
{
  File file;

  make_file (&file);
  put (&file, 8 * PAGE + 12, 2, 4);
  g_assert_false (is_sound (&file));
  put (&file, 8 * PAGE + 12, 4, 4);
  g_assert_false (is_sound (&file)); /* page 11 is free */
  put (&file, big_list, 0, 8);
  g_assert_true (is_sound (&file));
  put (&file, 8 * PAGE + 12, 5, 4);
  g_assert_false (is_sound (&file)); /* page 12, too */
  put (&file, small_list, 1, 8);
  g_assert_true (is_sound (&file));
  put (&file, small_list, 0, 8);
  put (&file, 8 * PAGE + 12, 6, 4);
  g_assert_true (is_sound (&file));
  put (&file, 8 * PAGE + 12, 7, 4);
  g_assert_false (is_sound (&file)); /* past the end */

  make_file (&file);
  put (&file, 8 * PAGE, 9, 8);
  g_assert_false (is_sound (&file));
  make_file (&file);
  put (&file, 8 * PAGE + 10, 2, 2);
  g_assert_false (is_sound (&file));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pages/sound", test_sound);
  g_test_add_func ("/pages/extent", test_extent);
  g_test_add_func ("/pages/freed-twice", test_freed_twice);
  g_test_add_func ("/pages/free-list", test_free_list);
  g_test_add_func ("/pages/overflow-of-list", test_overflow_of_list);

  return g_test_run ();
}
