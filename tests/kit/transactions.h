/* What tests of transactions share: two stores on one file, and each step of a transaction as a
 * function that must succeed. Arbors are written as their JSON Lines.
 */

#pragma once

#include <arbor/arbor.h>
#include <glib/gstdio.h>

#include "kit/arbors.h"

typedef struct
{
  char *folder;
  char *path;
  ArborStore *store;
  ArborStore *other; /* on the same file */
} Fixture;

static inline void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "test.arbor", NULL);
  fixture->store = open_store (fixture->path);
  fixture->other = open_store (fixture->path);
}

static inline void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->store);
  g_clear_object (&fixture->other);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static inline char *
store_read (ArborStore *store, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) changed = arbor_store_refresh (store, &error);
  g_autoptr (ArborArbor) arbor = NULL;
  char *text;

  g_assert_no_error (error);
  g_assert_nonnull (changed);
  arbor = arbor_store_get (store, name, &error);
  if (arbor == NULL)
    {
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
      return NULL;
    }
  text = arbor_arbor_to_jsonl (arbor, &error);
  g_assert_no_error (error);
  return text;
}

static inline guint64
get_generation (ArborStore *store, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, name, &error);

  g_assert_no_error (error);
  return arbor_arbor_get_generation (arbor);
}

#define assert_stored(store, name, expected)                                                       \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *stored_text = store_read ((store), (name));                                   \
    g_assert_cmpstr (stored_text, ==, (expected));                                                 \
  }                                                                                                \
  G_STMT_END

static inline ArborTransaction *
begin (ArborStore *store)
{
  g_autoptr (GError) error = NULL;
  ArborTransaction *transaction = arbor_store_begin_transaction (store, &error);

  g_assert_no_error (error);
  return transaction;
}

static inline char *
read_staged (ArborTransaction *transaction, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_transaction_get (transaction, name, &error);
  char *text;

  g_assert_no_error (error);
  text = arbor_arbor_to_jsonl (arbor, &error);
  g_assert_no_error (error);
  return text;
}

#define assert_staged(transaction, name, expected)                                                 \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *staged_text = read_staged ((transaction), (name));                            \
    g_assert_cmpstr (staged_text, ==, (expected));                                                 \
  }                                                                                                \
  G_STMT_END

#define assert_names(transaction, expected)                                                        \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_auto (GStrv) listed_names = arbor_transaction_list_names ((transaction), NULL);              \
    g_autofree char *joined = g_strjoinv (",", listed_names);                                      \
    g_assert_cmpstr (joined, ==, (expected));                                                      \
  }                                                                                                \
  G_STMT_END

static inline void
put (ArborTransaction *transaction, const char *name, const char *text)
{
  g_autoptr (ArborArbor) arbor = read_lines (text);
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_transaction_put (transaction, name, arbor, NULL, &error));
  g_assert_no_error (error);
}

static inline void
append (ArborTransaction *transaction, const char *name, const char *text)
{
  g_autoptr (ArborArbor) arbor = read_lines (text);
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_transaction_append (transaction, name, arbor, NULL, &error));
  g_assert_no_error (error);
}

static inline void
replace (ArborTransaction *transaction, const char *name, guint64 start, guint64 n_trees,
         const char *text)
{
  g_autoptr (ArborArbor) arbor = text != NULL ? read_lines (text) : NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (
      arbor_transaction_replace (transaction, name, start, n_trees, arbor, NULL, &error));
  g_assert_no_error (error);
}

static inline void
rename_to (ArborTransaction *transaction, const char *name, const char *new_name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_transaction_rename (transaction, name, new_name, &error));
  g_assert_no_error (error);
}

static inline void
delete_name (ArborTransaction *transaction, const char *name, gboolean is_there)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (arbor_transaction_delete (transaction, name, &error), ==, is_there);
  g_assert_no_error (error);
}

static inline void
commit (ArborTransaction *transaction)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_transaction_commit (transaction, NULL, &error));
  g_assert_no_error (error);
}
