/* Content edited in a store, as ArborStore does it: against a plain list of numbers, what is
 * written, and how many batches there are.
 */

#include "base/arbor-tape.h"
#include "query/content/arbor-content.h"
#include "query/view/arbor-trees.h"
#include "kit/sessions.h"
#include "storage/arbor-staging.h"

typedef struct
{
  char *folder;
  ArborSession *session;
  guint64 bytes_written; /* by all edits */
  guint64 n_written;     /* batches, by the last edit */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;

  fixture->folder = make_folder ();
  path = g_build_filename (fixture->folder, "a.arbor", NULL);
  options.no_meta_sync = TRUE;
  fixture->session = arbor_session_open (path, &options, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_store (fixture->session);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

/* Numbers, each a tree. With a padding, the tree is a string of that many letters that begins with
 * the number. */
static ArborSource *
make_source (const gint64 *numbers, guint n, gsize padding)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  GPtrArray *batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  ArborSource *source;

  for (guint i = 0; i < n; i++)
    {
      ArborValue value = ARBOR_VALUE_INT64 (numbers[i]);

      if (padding > 0)
        {
          g_autofree char *text = g_strdup_printf ("%-*" G_GINT64_FORMAT, (int) padding, numbers[i]);

          value = ARBOR_VALUE_STRING (arbor_scope_copy (scope, text, padding), (guint32) padding);
        }
      arbor_batch_builder_add_value (builder, &value, scope);
      arbor_scope_reset (scope);
      if (i == n - 1 || arbor_batch_builder_is_full (builder))
        {
          g_ptr_array_add (batches, arbor_batch_builder_finish (builder, &error));
          g_assert_no_error (error);
        }
    }
  source = arbor_source_new_memory (batches, &error);
  g_assert_no_error (error);
  return source;
}

static ArborRecord *
look_up (Fixture *fixture, ArborSnapshot *snapshot)
{
  g_autoptr (GError) error = NULL;
  ArborRecord *record = arbor_snapshot_lookup (snapshot, "a", &error);

  if (!g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND))
    g_assert_no_error (error);
  return record;
}

typedef struct
{
  ArborStaging *staging;
  ArborRecord *record;
} Sink;

static gboolean
keep (guint32 piece, gpointer data, GError **error)
{
  Sink *sink = data;

  arbor_staging_keep_batch (sink->staging, sink->record, piece);
  return TRUE;
}

static gboolean
add (GBytes *batch, gpointer data, GError **error)
{
  Sink *sink = data;

  return arbor_staging_add_batch (sink->staging, batch, NULL, error);
}

/* @start of G_MAXUINT64 stands for the end. */
static gboolean
try_replace (Fixture *fixture, guint64 start, guint64 n_trees, ArborSource *source, GError **error)
{
  g_autoptr (ArborStaging) staging = arbor_staging_new (fixture->session, NULL, error);
  g_autoptr (ArborSelection) trees = NULL;
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (ArborContent) content = NULL;
  ArborAccess access, trees_access;
  Sink data = { .staging = staging };
  const ArborContentSink sink = { .keep = keep, .add = add, .data = &data };
  guint64 n_skipped;
  gboolean is_good;

  g_assert_true (arbor_access_begin_session (&access, fixture->session, error));
  access.snapshot = arbor_session_dup_snapshot (fixture->session, error);
  data.record = record = look_up (fixture, access.snapshot);
  content = arbor_content_new (record);
  if (source != NULL)
    {
      trees = arbor_selection_new_all ();
      g_assert_true (arbor_access_begin (&trees_access, source, NULL, error));
    }
  if (start == G_MAXUINT64)
    start = arbor_content_get_n_trees (content);
  is_good = arbor_staging_begin_arbor (staging, "a", error) &&
            arbor_content_replace (content, &access, start, n_trees, trees, &trees_access, &sink,
                                   NULL, error) &&
            arbor_staging_commit (staging, NULL, error);
  if (source != NULL)
    arbor_access_leave (&trees_access, NULL);
  arbor_access_leave (&access, NULL);
  arbor_staging_get_counts (staging, &fixture->n_written, &n_skipped);
  fixture->bytes_written += arbor_staging_get_bytes_written (staging);
  return is_good;
}

static void
replace (Fixture *fixture, guint64 start, guint64 n_trees, ArborSource *source)
{
  g_autoptr (GError) error = NULL;
  gboolean is_good = try_replace (fixture, start, n_trees, source, &error);

  g_assert_no_error (error);
  g_assert_true (is_good);
}

static void
append (Fixture *fixture, ArborSource *source)
{
  replace (fixture, G_MAXUINT64, 0, source);
}

static guint32
count_batches (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (fixture->session, &error);
  g_autoptr (ArborRecord) record = look_up (fixture, snapshot);

  return record->n_batches;
}

static gboolean
compare_tree (const ArborValue *tree, ArborScope *scope, gpointer data, GError **error)
{
  const gint64 **next = data;

  if (tree->kind == ARBOR_KIND_STRING)
    {
      g_autofree char *text = g_strndup (tree->text, tree->length);

      g_assert_cmpint (g_ascii_strtoll (text, NULL, 10), ==, *(*next)++);
      return TRUE;
    }
  g_assert_cmpint (tree->kind, ==, ARBOR_KIND_INT64);
  g_assert_cmpint (tree->int64, ==, *(*next)++);
  return TRUE;
}

static void
assert_numbers (Fixture *fixture, GArray *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (fixture->session, &error);
  g_autoptr (ArborRecord) record = look_up (fixture, snapshot);
  g_autoptr (ArborSource) source =
      arbor_source_new_stored (fixture->session, record, snapshot, NULL);
  g_autoptr (ArborSelection) trees = arbor_selection_new_all ();
  const gint64 *next = (const gint64 *) expected->data;
  ArborAccess access;

  g_assert_cmpuint (record->n_trees, ==, expected->len);
  g_assert_true (arbor_access_begin (&access, source, NULL, &error));
  arbor_trees_for_each (trees, &access, compare_tree, &next, NULL, &error);
  g_assert_no_error (error);
  arbor_access_leave (&access, NULL);
}

static GArray *
count_up (gint64 from, guint n)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < n; i++)
    {
      gint64 number = from + i;

      g_array_append_val (numbers, number);
    }
  return numbers;
}

/* An edit of both, of @n_new numbers from @number on. */
static void
edit_both (Fixture *fixture, GArray *numbers, guint64 start, guint64 n_trees, gint64 number,
           guint n_new, gsize padding)
{
  g_autoptr (GArray) fresh = count_up (number, n_new);
  g_autoptr (ArborSource) source =
      n_new > 0 ? make_source ((const gint64 *) fresh->data, n_new, padding) : NULL;

  replace (fixture, start, n_trees, source);
  g_array_remove_range (numbers, (guint) start, (guint) n_trees);
  g_array_insert_vals (numbers, (guint) start, fresh->data, n_new);
}

/* Random edits, small and large, at random places and at batch bounds. */
static void
edit_randomly (Fixture *fixture, guint32 seed, guint n_edits, guint most, gsize padding)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  gint64 number = 0;

  edit_both (fixture, numbers, 0, 0, 0, 0, padding);
  for (guint i = 0; i < n_edits; i++)
    {
      guint start = (guint) g_rand_int_range (random, 0, (gint32) numbers->len + 1);
      guint n_trees = 0, n_new = 0;

      if (g_rand_int_range (random, 0, 4) == 0)
        start = numbers->len;
      else if (g_rand_int_range (random, 0, 4) == 0)
        start -= start % ARBOR_BATCH_CUT_TREES;
      if (g_rand_boolean (random))
        n_trees = (guint) g_rand_int_range (random, 0, g_rand_boolean (random) ? 3 : (gint32) most);
      n_trees = MIN (n_trees, numbers->len - start);
      if (g_rand_int_range (random, 0, 3) > 0)
        n_new = (guint) g_rand_int_range (random, 0, g_rand_boolean (random) ? 3 : (gint32) most);
      edit_both (fixture, numbers, start, n_trees, number, n_new, padding);
      number += n_new;
      assert_numbers (fixture, numbers);
    }
}

static void
test_random_small (Fixture *fixture, gconstpointer data)
{
  edit_randomly (fixture, 1, 300, 40, 0);
}

static void
test_random_large (Fixture *fixture, gconstpointer data)
{
  edit_randomly (fixture, 2, 40, 50000, 0);
}

/* Batches that are full by their bytes. */
static void
test_random_long (Fixture *fixture, gconstpointer data)
{
  edit_randomly (fixture, 3, 25, 1500, 2000);
}

static void
test_range (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) numbers = count_up (0, 10);
  g_autoptr (ArborSource) source = make_source ((const gint64 *) numbers->data, 10, 0);
  g_autoptr (GError) error = NULL;

  append (fixture, source);
  g_assert_false (try_replace (fixture, 11, 0, source, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_assert_cmpstr (error->message, ==,
                   "A range of 0 trees from index 11 on is out of range: the arbor has 10 trees");
  g_clear_error (&error);
  g_assert_false (try_replace (fixture, 9, 2, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_clear_error (&error);
  g_assert_false (try_replace (fixture, 1, G_MAXUINT64, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  assert_numbers (fixture, numbers);
}

/* A tree of 200 letters, appended again and again, as often as ARBOR_CONTENT_APPENDS says. Each
 * append writes 2,048 bytes at least, so trees far smaller than that cannot stay below a small
 * multiple of their size. */
static void
test_appends (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  const char *text = g_getenv ("ARBOR_CONTENT_APPENDS");
  const guint n = text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : 2000;
  const gsize padding = 200;
  guint32 most = 0;

  for (guint i = 0; i < n; i++)
    {
      guint32 n_batches;

      edit_both (fixture, numbers, i, 0, i, 1, padding);
      n_batches = count_batches (fixture);
      most = MAX (most, n_batches);
      g_assert_cmpuint (n_batches, <=, 1 + g_bit_storage (i + 1) + (i + 1) * padding / 1000000);
    }
  assert_numbers (fixture, numbers);
  g_test_message ("%u appends: %.1f times the data, %u batches at most", n,
                  (double) fixture->bytes_written / (double) (n * padding), most);
  g_assert_cmpuint (fixture->bytes_written, <, 25 * n * padding);
}

/* Appends of falling sizes never lie one behind the other as they are. */
static void
test_falling_appends (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint n = 150; n > 0; n--)
    edit_both (fixture, numbers, numbers->len, 0, numbers->len, n, 0);
  assert_numbers (fixture, numbers);
  g_assert_cmpuint (count_batches (fixture), <=, 1 + g_bit_storage (numbers->len));
}

static void
test_one_of_a_million (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) numbers = count_up (0, 1000000);
  g_autoptr (ArborSource) source = make_source ((const gint64 *) numbers->data, numbers->len, 0);
  guint64 generation;

  append (fixture, source);
  g_assert_cmpuint (count_batches (fixture), ==, 62);
  edit_both (fixture, numbers, 500000, 1, -5, 1, 0);
  g_assert_cmpuint (fixture->n_written, <=, 2);
  assert_numbers (fixture, numbers);

  /* The same once more: nothing is written. */
  generation = get_generation (fixture->session, "a");
  edit_both (fixture, numbers, 500000, 1, -5, 1, 0);
  g_assert_cmpuint (fixture->n_written, ==, 0);
  g_assert_cmpuint (get_generation (fixture->session, "a"), ==, generation);

  edit_both (fixture, numbers, 16384 * 7, 0, -6, 1, 0);
  g_assert_cmpuint (fixture->n_written, <=, 2);
  edit_both (fixture, numbers, 16384 * 3, 16384 * 20, 0, 0, 0);
  g_assert_cmpuint (fixture->n_written, <=, 2);
  assert_numbers (fixture, numbers);
}

/* Insertions at one place, and deletions all over, leave no dust. */
static void
test_dust (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));

  edit_both (fixture, numbers, 0, 0, 0, 10 * ARBOR_BATCH_CUT_TREES, 0);
  for (guint i = 0; i < 100; i++)
    edit_both (fixture, numbers, 3 * ARBOR_BATCH_CUT_TREES, 0, -(gint64) i, 1, 0);
  assert_numbers (fixture, numbers);
  g_assert_cmpuint (count_batches (fixture), <=, 12);
  while (numbers->len > 2000)
    edit_both (fixture, numbers, numbers->len % 90, 1500, 0, 0, 0);
  assert_numbers (fixture, numbers);
  g_assert_cmpuint (count_batches (fixture), <=, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add ("/content/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (random_small);
  ADD (random_large);
  ADD (random_long);
  ADD (range);
  ADD (appends);
  ADD (falling_appends);
  ADD (one_of_a_million);
  ADD (dust);
#undef ADD

  return g_test_run ();
}
