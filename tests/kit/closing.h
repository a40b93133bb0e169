/* For tests that close stores: a folder, a store of one arbor "people", and waiting for closing. */

#pragma once

#include <arbor/arbor.h>
#include <glib/gstdio.h>
#include <string.h>

#include "kit/arbors.h"

/* Small, so that ThreadSanitizer takes it. */
#define MAP_SIZE (G_GUINT64_CONSTANT (1) << 30)

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static inline void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "test.arbor", NULL);
}

static inline void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static inline ArborStore *
open_small_store (const char *path)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();

  arbor_store_options_set_map_size (options, MAP_SIZE);
  return open_store_with (path, options);
}

/* The trees {"n":0,"generation":@generation} and so on, @n of them. */
static inline ArborArbor *
make_arbor (guint n, guint generation)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "{\"n\":%u,\"generation\":%u}\n", i, generation);
  bytes = g_bytes_new (text->str, text->len);
  arbor = arbor_read_jsonl (bytes, &error);
  g_assert_no_error (error);
  return arbor;
}

static inline void
put (ArborStore *store, const char *name, guint n, guint generation)
{
  g_autoptr (ArborArbor) arbor = make_arbor (n, generation);
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_store_put (store, name, arbor, NULL, &error));
  g_assert_no_error (error);
}

static inline ArborIter *
iterate (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  ArborIter *iter = arbor_arbor_iterator (arbor, &error);

  g_assert_no_error (error);
  return iter;
}

static inline void
assert_closed (GError *error)
{
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_cmpstr (error->message, ==, "ArborStore has been closed");
}

static inline void
assert_store_closed (ArborStore *store)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_store_is_closed (store));
  g_assert_null (arbor_store_get (store, "people", &error));
  assert_closed (error);
}

/* Closes, and waits until nothing of it uses the file. */
static inline void
close_and_wait (ArborStore *store)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  arbor_store_close_async (store, NULL, keep_result, &result);
  g_assert_true (arbor_store_is_closed (store));
  g_assert_true (arbor_store_close_finish (store, wait_for (&result), &error));
  g_assert_no_error (error);
}

/* Whether the process has @path mapped or open: what /proc says. */
static inline gboolean
is_mapped (const char *path)
{
  g_autofree char *maps = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  return strstr (maps, path) != NULL;
}

static inline gboolean
is_open (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  gboolean found = FALSE;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      found |= target != NULL && g_str_has_prefix (target, path);
    }
  return found;
}
