/* A program that opens a store and ends, in the way that it is told: see test-exits.py. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arbor/arbor.h>

static ArborStore *store;

static ArborArbor *
get_data (void)
{
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor = arbor_store_get (store, "data", &error);

  g_assert_no_error (error);
  return arbor;
}

static void
write_data (void)
{
  g_autoptr (ArborArbor) arbor = get_data ();
  g_autoptr (GError) error = NULL;

  arbor_store_put (store, "copy", arbor, NULL, &error);
  g_assert_no_error (error);
  arbor_store_delete (store, "copy", NULL, &error);
  g_assert_no_error (error);
}

/* Pins a snapshot, for good. */
static void
pin_snapshot (void)
{
  g_autoptr (ArborArbor) arbor = get_data ();
  g_autoptr (GError) error = NULL;
  ArborIter *iter = arbor_arbor_iterator (arbor, &error);

  g_assert_no_error (error);
  g_assert_nonnull (iter);
}

static gpointer
read_until_closed (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = data;

  while (error == NULL)
    {
      g_autoptr (ArborTree) tree = arbor_arbor_get (arbor, 0, &error);
    }
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  return NULL;
}

static void
close_beside_reader (void)
{
  GThread *reader = g_thread_new ("reader", read_until_closed, get_data ());

  g_usleep (1000);
  arbor_store_close (store);
  g_thread_join (reader);
}

static void
close_when_told (ArborCloseToken *token, gpointer other)
{
  arbor_store_close (other);
}

/* One store closes another, of the same file, from a handler. */
static void
close_from_handler (const char *path)
{
  g_autoptr (GError) error = NULL;
  ArborStore *other = arbor_store_open (path, NULL, NULL, &error);
  g_autoptr (ArborCloseToken) token = arbor_store_dup_close_token (store);

  g_assert_no_error (error);
  arbor_close_token_add_closed_func (token, close_when_told, other, g_object_unref);
  arbor_store_close (store);
}

static void
exit_inside (guint64 done, guint64 total, gpointer data)
{
  exit (0);
}

static gpointer
close_in_thread (gpointer data)
{
  arbor_store_close (store);
  return NULL;
}

int
main (int argc, char **argv)
{
  const char *path = argv[1];
  const char *way = argv[2];
  g_autoptr (GError) error = NULL;

  store = arbor_store_open (path, NULL, NULL, &error);
  g_assert_no_error (error);
  if (g_str_has_prefix (way, "write-"))
    {
      write_data ();
      way += strlen ("write-");
    }
  if (g_str_has_prefix (way, "pin-"))
    {
      pin_snapshot ();
      way += strlen ("pin-");
    }

  if (g_str_equal (way, "close"))
    arbor_store_close (store);
  else if (g_str_equal (way, "unref"))
    g_clear_object (&store);
  else if (g_str_equal (way, "close-exit"))
    {
      arbor_store_close (store);
      exit (0);
    }
  else if (g_str_equal (way, "close-in-thread"))
    g_thread_join (g_thread_new ("closer", close_in_thread, NULL));
  else if (g_str_equal (way, "close-beside-reader"))
    close_beside_reader ();
  else if (g_str_equal (way, "close-from-handler"))
    close_from_handler (path);
  else if (g_str_equal (way, "exit-inside"))
    arbor_store_import_file (store, "copy", argv[3], NULL, exit_inside, NULL, NULL, NULL);
  else if (g_str_equal (way, "_exit"))
    _exit (0);
  else
    g_assert_cmpstr (way, ==, "leak");
  return 0;
}
