/* What tests of public classes begin with: arbors of text, their text again, expressions, stores,
 * and the result of an asynchronous call. Each of these must succeed.
 */

#pragma once

#include <arbor/arbor.h>
#include <string.h>

#include "kit/files.h"

/* An arbor in memory of JSON Lines. */
static inline ArborArbor *
read_lines (const char *lines)
{
  g_autoptr (GBytes) bytes = g_bytes_new (lines, strlen (lines));
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor = arbor_read_jsonl (bytes, &error);

  g_assert_no_error (error);
  return arbor;
}

static inline void
assert_lines (ArborArbor *arbor, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *lines = NULL;

  g_assert_nonnull (arbor);
  lines = arbor_arbor_to_jsonl (arbor, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lines, ==, expected);
}

static inline ArborExpr *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ArborExpr *expr = arbor_expr_parse (text, &error);

  g_assert_no_error (error);
  return expr;
}

static inline ArborStore *
open_store_with (const char *path, ArborStoreOptions *options)
{
  g_autoptr (GError) error = NULL;
  ArborStore *store = arbor_store_open (path, options, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (ARBOR_IS_STORE (store));
  return store;
}

static inline ArborStore *
open_store (const char *path)
{
  return open_store_with (path, NULL);
}

static inline void
put_arbor (ArborStore *store, const char *name, ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_store_put (store, name, arbor, NULL, &error));
  g_assert_no_error (error);
}

static inline void
put_lines (ArborStore *store, const char *name, const char *lines)
{
  g_autoptr (ArborArbor) arbor = read_lines (lines);

  put_arbor (store, name, arbor);
}

static inline ArborArbor *
get_arbor (ArborStore *store, const char *name)
{
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor = arbor_store_get (store, name, &error);

  g_assert_no_error (error);
  return arbor;
}

static inline void
assert_stored (ArborStore *store, const char *name, const char *expected)
{
  g_autoptr (ArborArbor) arbor = get_arbor (store, name);

  assert_lines (arbor, expected);
}

/* A store in a folder of its own. */
typedef struct
{
  char *folder;
  char *path;
  ArborStore *store;
} StorePlace;

static inline void
store_place_set_up (StorePlace *self, gconstpointer data)
{
  self->folder = make_folder ();
  self->path = g_build_filename (self->folder, "test.arbor", NULL);
  self->store = open_store (self->path);
}

static inline void
store_place_tear_down (StorePlace *self, gconstpointer data)
{
  g_clear_object (&self->store);
  remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

/* The callback of an asynchronous call and the wait for its result, in the default main context. */
static inline void
keep_result (GObject *source, GAsyncResult *result, gpointer data)
{
  g_assert_null (*(GAsyncResult **) data);
  *(GAsyncResult **) data = g_object_ref (result);
}

static inline GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}
