/* Filters: the same trees whoever decides them and however they are read; errors, and going on after
 * them. */

#include "query/view/arbor-filter.h"

#include <string.h>

#include "base/arbor-budget.h"
#include "base/arbor-error.h"
#include "base/arbor-pool.h"
#include "batch/arbor-batch-builder.h"
#include "query/series/arbor-decider.h"

#define N_BATCHES 120u

typedef struct
{
  ArborSource *source;
  guint32 n_trees;
  ArborBatch *batches[N_BATCHES];
  GBytes *bytes[N_BATCHES];
} Data;

static void
add_tree (ArborBatchBuilder *builder, ArborParser *parser, GString *text)
{
  gsize length = text->len, offset;
  const char *reason;
  ArborTape tape;

  for (guint i = 0; i < ARBOR_PARSER_PADDING; i++)
    g_string_append_c (text, ' ');
  g_assert_true (arbor_parser_parse (parser, text->str, length, &tape, &offset, &reason));
  arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
}

/* A tree whose map lies in overflow text. */
static void
append_map (GString *text)
{
  g_string_append (text, "{\"n\":-1,\"map\":{\"key0\":0");
  for (guint i = 1; i < 1100; i++)
    g_string_append_printf (text, ",\"key%u\":%u", i, i);
  g_string_append (text, "}}");
}

static GBytes *
make_batch (GRand *random, guint number, guint n)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      g_string_truncate (text, 0);
      if (i == 0 && number % 10 == 3)
        append_map (text);
      else
        g_string_append_printf (text, "{\"n\":%d,\"s\":\"w%d\",\"batch\":%u}",
                                g_rand_int_range (random, 0, 1000),
                                g_rand_int_range (random, 0, 50), number);
      add_tree (builder, parser, text);
    }
  return arbor_batch_builder_finish (builder, NULL);
}

/* Where a damaged text of a map in @bytes stops being JSON. */
static void
damage (GBytes *bytes)
{
  gsize size;
  guint8 *data = (guint8 *) g_bytes_get_data (bytes, &size);
  guint8 *found = memmem (data, size, "\"key7\":", 7);

  g_assert_nonnull (found);
  found[6] = '!';
}

static void
data_init (Data *self, guint first_damaged)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  *self = (Data){ 0 };
  for (guint i = 0; i < N_BATCHES; i++)
    {
      guint n = (guint) g_rand_int_range (random, 1, 200);
      GBytes *bytes = make_batch (random, i, n);

      if (i >= first_damaged && i % 10 == 3)
        damage (bytes);
      self->n_trees += n;
      self->bytes[i] = g_bytes_ref (bytes);
      self->batches[i] = arbor_batch_open (g_bytes_get_data (bytes, NULL),
                                           g_bytes_get_size (bytes), NULL);
      g_ptr_array_add (list, bytes);
    }
  self->source = arbor_source_new_memory (list, NULL);
  g_assert_nonnull (self->source);
}

static void
data_clear (Data *self)
{
  arbor_source_unref (self->source);
  for (guint i = 0; i < N_BATCHES; i++)
    {
      arbor_batch_free (self->batches[i]);
      g_bytes_unref (self->bytes[i]);
    }
}

/* One tree at a time. */
static GArray *
find_slowly (const Data *data, ArborNode *predicate)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (predicate);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint32 index = 0;

  for (guint i = 0; i < N_BATCHES; i++)
    {
      arbor_evaluator_set_batch (evaluator, data->batches[i], 0);
      for (guint32 row = 0; row < arbor_batch_get_n_trees (data->batches[i]); row++, index++)
        {
          ArborValue value;

          arbor_evaluator_get_value (evaluator, row, scope, &value);
          if (arbor_value_is_true (&value))
            g_array_append_val (found, index);
          arbor_scope_reset (scope);
        }
    }
  return found;
}

static void
assert_read (const ArborFilter *filter, const GArray *expected, guint64 position, guint32 max)
{
  g_autofree guint32 *indices = g_new (guint32, max + 1);
  guint64 n_found = arbor_filter_get_n_found (filter);
  guint32 n = arbor_filter_read (filter, position, max, indices);

  g_assert_cmpuint (n, ==, position < n_found ? MIN (max, n_found - position) : 0);
  for (guint32 i = 0; i < n; i++)
    g_assert_cmpuint (indices[i], ==, g_array_index (expected, guint32, position + i));
}

static const char *const predicates[] = {
  "n < 500", "n == 7", "s == \"w3\" or lower(s) == \"w4\"", "batch == 60", "map.key7 == 7",
  "lower(s) == \"none\"", "n >= -1", "batch > 90 and n > 900",
};

static void
test_threads (void)
{
  static const guint n_threads[] = { 1, 2, 3, 8 };
  ArborAccess access;
  Data data;

  data_init (&data, N_BATCHES);
  g_assert_true (arbor_access_begin (&access, data.source, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (predicates); i++)
    {
      g_autoptr (ArborNode) node = arbor_node_parse (predicates[i], NULL);
      g_autoptr (GArray) expected = find_slowly (&data, node);
      ArborKernelCounters first = { 0 }, counters;

      for (guint j = 0; j < G_N_ELEMENTS (n_threads); j++)
        {
          g_autoptr (ArborFilter) filter = arbor_filter_new (&node, 1);
          g_autoptr (GError) error = NULL;

          arbor_pool_set_n_threads (n_threads[j]);
          arbor_filter_find (filter, &access, G_MAXUINT64, NULL, &error);
          g_assert_no_error (error);
          g_assert_true (arbor_filter_is_complete (filter));
          g_assert_cmpuint (arbor_filter_get_n_found (filter), ==, expected->len);
          for (guint64 position = 0; position <= expected->len; position += 1 + expected->len / 9)
            assert_read (filter, expected, position, (guint32) (position % 700));
          assert_read (filter, expected, 0, expected->len + 5);
          arbor_filter_get_counters (filter, &counters);
          if (j == 0)
            first = counters;
          g_assert_cmpmem (&first, sizeof first, &counters, sizeof counters);
        }
    }
  arbor_access_leave (&access, NULL);
  arbor_pool_set_n_threads (0);
  data_clear (&data);
}

/* As far as is asked, and no further. */
static void
test_parts (void)
{
  ArborAccess access;
  Data data;

  data_init (&data, N_BATCHES);
  g_assert_true (arbor_access_begin (&access, data.source, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (predicates); i++)
    {
      g_autoptr (ArborNode) node = arbor_node_parse (predicates[i], NULL);
      g_autoptr (GArray) expected = find_slowly (&data, node);
      g_autoptr (ArborFilter) filter = arbor_filter_new (&node, 1);
      ArborKernelCounters counters;

      for (guint64 wanted = 1; !arbor_filter_is_complete (filter); wanted += wanted / 3 + 1)
        {
          g_autoptr (GError) error = NULL;

          arbor_filter_find (filter, &access, wanted, NULL, &error);
          g_assert_no_error (error);
          g_assert_cmpuint (arbor_filter_get_n_found (filter), >=, MIN (wanted, expected->len));
          assert_read (filter, expected, wanted / 2, 100);
          arbor_filter_get_counters (filter, &counters);
          if (wanted == 1 && expected->len > 0)
            g_assert_cmpuint (counters.n_batches, <=,
                              arbor_source_find_batch (data.source,
                                                       g_array_index (expected, guint32, 0)) + 1);
        }
      g_assert_cmpuint (arbor_filter_get_n_found (filter), ==, expected->len);
    }
  arbor_access_leave (&access, NULL);
  data_clear (&data);
}

/* Damage that a row meets ends the filter, whoever met it first; what came before stays. */
static void
test_errors (void)
{
  g_autoptr (ArborNode) node = arbor_node_parse ("map.key7 == 7 or n == 3", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ArborAccess access;
  Data data;

  data_init (&data, 43);
  g_assert_true (arbor_access_begin (&access, data.source, NULL, NULL));
  g_cancellable_cancel (cancellable);
  for (guint n_threads = 1; n_threads <= 4; n_threads++)
    {
      g_autoptr (ArborFilter) filter = arbor_filter_new (&node, 1);
      g_autoptr (GError) error = NULL;

      arbor_pool_set_n_threads (n_threads);
      g_assert_false (
          arbor_filter_find (filter, &access, G_MAXUINT64, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      for (guint i = 0; i < 2; i++)
        {
          g_assert_false (arbor_filter_find (filter, &access, G_MAXUINT64, NULL, &error));
          g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
          g_assert_false (arbor_filter_is_complete (filter));
          g_clear_error (&error);
        }
      /* Maps 3, 13, 23, 33 are good. */
      g_assert_true (arbor_filter_find (filter, &access, 4, NULL, &error));
      g_assert_cmpuint (arbor_filter_get_n_found (filter), >=, 4);
    }
  arbor_access_leave (&access, NULL);
  arbor_pool_set_n_threads (0);
  data_clear (&data);
}

/* Bits are charged while they are found. */
static void
test_memory (void)
{
  g_autoptr (ArborNode) node = arbor_node_parse ("n < 500", NULL);
  g_autoptr (ArborFilter) filter = arbor_filter_new (&node, 1);
  g_autoptr (GError) error = NULL;
  ArborAccess access;
  Data data;

  data_init (&data, N_BATCHES);
  g_assert_true (arbor_access_begin (&access, data.source, NULL, NULL));
  arbor_budget_set_limit (1000);
  g_assert_false (arbor_filter_find (filter, &access, G_MAXUINT64, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_clear_error (&error);
  arbor_budget_set_limit (0);
  g_assert_true (arbor_filter_find (filter, &access, G_MAXUINT64, NULL, &error));
  g_assert_cmpuint (arbor_budget_get_used (), ==, 0);
  arbor_access_leave (&access, NULL);
  data_clear (&data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/filter/threads", test_threads);
  g_test_add_func ("/filter/parts", test_parts);
  g_test_add_func ("/filter/errors", test_errors);
  g_test_add_func ("/filter/memory", test_memory);
  return g_test_run ();
}
