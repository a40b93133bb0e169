/* The content of the file that the campaign is about, and what must hold in it at any moment. Who
 * raises the counters, and what they are, is in test-campaign.c.
 */

#pragma once

#include <arbor/arbor.h>

#include "kit/arbors.h"

#define N_WORKERS 4u
#define N_COPIES 40u
/* Less than one for each kill: the slots of the dead must be used again. */
#define MAX_READERS 16u
#define PATIENCE (120 * 1000) /* milliseconds without any commit */

static inline char *
make_name (const char *prefix, guint number)
{
  return g_strdup_printf ("%s-%u", prefix, number);
}

static inline ArborStore *
open_patient_store (const char *path)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();

  arbor_store_options_set_map_size (options, G_GUINT64_CONSTANT (1) << 30);
  arbor_store_options_set_max_readers (options, MAX_READERS);
  arbor_store_options_set_busy_timeout (options, PATIENCE);
  arbor_store_options_set_verify_checksums (options, TRUE);
  return open_store_with (path, options);
}

static inline ArborArbor *
make_arbor (guint n_trees, const char *tree)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor;

  for (guint i = 0; i < n_trees; i++)
    arbor_builder_add_json (builder, tree, &error);
  arbor = arbor_builder_finish (builder, &error);
  g_assert_no_error (error);
  return arbor;
}

/* As many equal trees, each {"n": @number} and something that makes it larger. */
static inline ArborArbor *
make_number (guint n_trees, gint64 number)
{
  g_autofree char *tree =
      g_strdup_printf ("{\"n\":%" G_GINT64_FORMAT ",\"text\":\"%0128" G_GINT64_MODIFIER "d\"}",
                       number, number);

  return make_arbor (n_trees, tree);
}

static inline guint64
count_trees (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  guint64 n_trees = arbor_arbor_get_n_trees (arbor, &error);

  g_assert_no_error (error);
  return n_trees;
}

static inline gint64
read_field (ArborTree *tree, const char *field)
{
  g_autoptr (GError) error = NULL;
  gint64 number = arbor_tree_get_int64 (tree, field, &error);

  g_assert_no_error (error);
  return number;
}

static inline gint64
read_number (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborTree) tree = arbor_arbor_get (arbor, 0, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (count_trees (arbor), ==, 1);
  return read_field (tree, "n");
}

static inline gint64
read_count (ArborStore *store, guint number)
{
  g_autofree char *name = make_name ("count", number);
  g_autoptr (ArborArbor) arbor = get_arbor (store, name);

  return read_number (arbor);
}

static inline ArborIter *
iterate (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  ArborIter *iter = arbor_arbor_iterator (arbor, &error);

  g_assert_no_error (error);
  return iter;
}

static inline ArborTree *
get_next (ArborIter *iter)
{
  g_autoptr (GError) error = NULL;
  ArborTree *tree = arbor_iter_next_value (iter, &error);

  g_assert_no_error (error);
  return tree;
}

/* The @n_left trees that @iter has still are of one total. */
static inline void
check_copies (ArborIter *iter, guint n_left, gint64 total)
{
  g_autofree char *text = g_strdup_printf ("%0128" G_GINT64_MODIFIER "d", total);
  ArborTree *tree;
  guint n = 0;

  for (; (tree = get_next (iter)) != NULL; n++)
    {
      g_autofree char *found = arbor_tree_dup_string (tree, "text", NULL);

      g_assert_cmpint (read_field (tree, "n"), ==, total);
      g_assert_cmpstr (found, ==, text);
      g_object_unref (tree);
    }
  g_assert_cmpuint (n, ==, n_left);
}

/* The last @n_trees entries, or all: each worker's counts are in order up to its present one. */
static inline void
check_log (ArborStore *store, guint64 n_trees)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) log = get_arbor (store, "log");
  g_autoptr (ArborArbor) tail = arbor_arbor_tail (log, n_trees, &error);
  g_autoptr (ArborIter) iter = iterate (tail);
  const gboolean is_all = n_trees >= count_trees (log);
  gint64 last[N_WORKERS] = { 0 };
  ArborTree *tree;

  while ((tree = get_next (iter)) != NULL)
    {
      gint64 worker = read_field (tree, "worker"), count = read_field (tree, "count");

      g_assert_cmpint (worker, >=, 0);
      g_assert_cmpint (worker, <, N_WORKERS);
      if (last[worker] > 0 || is_all)
        g_assert_cmpint (count, ==, last[worker] + 1);
      last[worker] = count;
      g_object_unref (tree);
    }
  for (guint i = 0; i < N_WORKERS; i++)
    if (last[i] > 0 || is_all)
      g_assert_cmpint (last[i], ==, read_count (store, i));
}

/* Of the store's present snapshot. */
static inline gint64
check_state (ArborStore *store, guint64 n_log_trees)
{
  g_autoptr (ArborArbor) arbor = get_arbor (store, "total");
  g_autoptr (ArborArbor) copies = get_arbor (store, "copies");
  g_autoptr (ArborArbor) log = get_arbor (store, "log");
  g_autoptr (ArborIter) iter = iterate (copies);
  const gint64 total = read_number (arbor);
  gint64 sum = 0;

  for (guint i = 0; i < N_WORKERS; i++)
    sum += read_count (store, i);
  g_assert_cmpint (sum, ==, total);
  g_assert_cmpint ((gint64) count_trees (log), ==, total);
  check_copies (iter, N_COPIES, total);
  check_log (store, n_log_trees);
  return total;
}

/* All counts up to @n_trees of them. */
static inline guint64
check_own (ArborStore *store, guint number)
{
  g_autofree char *name = make_name ("own", number);
  g_autoptr (ArborArbor) arbor = get_arbor (store, name);
  g_autoptr (ArborIter) iter = iterate (arbor);
  gint64 n_trees = 0;
  ArborTree *tree;

  while ((tree = get_next (iter)) != NULL)
    {
      g_assert_cmpint (read_field (tree, "n"), ==, ++n_trees);
      g_object_unref (tree);
    }
  return (guint64) n_trees;
}

static inline ArborStats *
get_stats (ArborStore *store)
{
  g_autoptr (GError) error = NULL;
  ArborStats *stats = arbor_store_get_stats (store, &error);

  g_assert_no_error (error);
  return stats;
}
