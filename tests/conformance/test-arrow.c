/* Arbors out by the Arrow stream interface and in again: whatever the trees, each array is well formed,
 * and what comes back is what Arrow can hold of them, said here once more in other words: a field that a
 * tree has not is null, integers among doubles are doubles, all else is as it was.
 */

#include "arbor-arbor-private.h"
#include "base/arbor-number.h"
#include "base/arbor-text.h"
#include "batch/arbor-value-access.h"
#include "query/arrow/arbor-arrow-stream.h"

#include "kit/arbors.h"
#include "kit/arrow.h"
#include "random-trees.h"

/* The types of an arbor, counted from its trees put anew. */
static ArborArrowTable *
count_table (ArborArbor *arbor)
{
  g_autoptr (ArborArrowCount) count = arbor_arrow_count_new ();
  g_autoptr (GPtrArray) batches = NULL;
  g_autoptr (GError) error = NULL;
  ArborAccess access;

  g_assert_true (arbor_arbor_enter (arbor, &access, &error));
  batches = arbor_trees_copy_batches (arbor->view->selection, &access, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < batches->len; i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (batches->pdata[i], &size);
      g_autoptr (ArborBatch) batch = arbor_batch_open (data, size, &error);

      arbor_arrow_count_add_batch (count, batch);
    }
  g_assert_true (arbor_access_end (&access, &error));
  return arbor_arrow_count_finish (count);
}

static void
write_expected (const ArborArrowField *field, const ArborValue *value, ArborScope *scope,
                ArborBuffer *out)
{
  ArborValueIter iter;
  ArborValue child;
  gboolean is_first = TRUE;

  if (arbor_value_is_null (value))
    arbor_buffer_append_literal (out, "null");
  else if (field->type == ARBOR_ARROW_STRUCT)
    {
      arbor_buffer_append_byte (out, '{');
      for (guint i = 0; i < field->n_children; i++)
        {
          const char *key = field->children[i]->key;

          arbor_buffer_append_literal (out, i > 0 ? "," : "");
          arbor_text_append_string (out, key, strlen (key));
          arbor_buffer_append_byte (out, ':');
          arbor_value_get_member (value, key, strlen (key), scope, &child);
          write_expected (field->children[i], &child, scope, out);
        }
      arbor_buffer_append_byte (out, '}');
    }
  else if (field->type == ARBOR_ARROW_LIST)
    {
      arbor_buffer_append_byte (out, '[');
      arbor_value_iter_init (&iter, value, scope);
      for (; arbor_value_iter_next (&iter, NULL, NULL, &child); is_first = FALSE)
        {
          arbor_buffer_append_literal (out, is_first ? "" : ",");
          write_expected (field->children[0], &child, scope, out);
        }
      arbor_buffer_append_byte (out, ']');
    }
  else if (field->type == ARBOR_ARROW_DOUBLE)
    arbor_text_append_double (out, arbor_number_to_double (value));
  else
    arbor_value_write_json (value, scope, out);
}

typedef struct
{
  const ArborArrowTable *table;
  ArborBuffer out;
} Expected;

static gboolean
add_expected (const ArborValue *tree, ArborScope *scope, gpointer data, GError **error)
{
  Expected *self = data;

  write_expected (self->table->is_values ? self->table->root->children[0] : self->table->root, tree,
                  scope, &self->out);
  arbor_buffer_append_byte (&self->out, '\n');
  return TRUE;
}

static char *
make_expected (ArborArbor *arbor)
{
  g_autoptr (ArborArrowTable) table = count_table (arbor);
  g_autoptr (GError) error = NULL;
  Expected expected = { .table = table };
  ArborAccess access;

  g_assert_true (arbor_arbor_enter (arbor, &access, &error));
  arbor_trees_for_each (arbor->view->selection, &access, add_expected, &expected, NULL, &error);
  g_assert_true (arbor_access_end (&access, &error));
  arbor_buffer_append_byte (&expected.out, '\0');
  return (char *) expected.out.data;
}

static ArborArbor *
go_round (ArborArbor *arbor)
{
  struct ArrowArrayStream stream;
  g_autoptr (GError) error = NULL;
  ArborArbor *back;

  arbor_arbor_export_arrow_stream (arbor, NULL, &stream, NULL, &error);
  g_assert_no_error (error);
  arrow_check_stream (&stream);
  back = arbor_load_arrow_stream (&stream, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (stream.release);
  return back;
}

static void
assert_round (ArborArbor *arbor)
{
  g_autofree char *expected = make_expected (arbor);
  g_autoptr (ArborArbor) back = go_round (arbor);
  g_autoptr (ArborArbor) again = go_round (back);

  assert_lines (back, expected);
  /* What came of Arrow once is as it is. */
  assert_lines (again, expected);
}

/* Random trees, in memory, stored, and in views. */
static void
assert_everywhere (ArborArbor *arbor, GRand *random)
{
  g_autoptr (GError) error = NULL;
  StorePlace place;
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborExpr) odd = parse ("n mod 3 == 1");
  g_autoptr (ArborArbor) few = arbor_arbor_filter (arbor, odd, &error);
  g_autoptr (ArborArbor) shuffled = arbor_arbor_shuffle (arbor, g_rand_int (random), &error);
  g_autoptr (ArborArbor) kept = NULL;

  assert_round (arbor);
  assert_round (few);
  assert_round (shuffled);
  store_place_set_up (&place, NULL);
  put_arbor (place.store, "t", arbor);
  stored = get_arbor (place.store, "t");
  assert_round (stored);
  /* Entries that are mended: their dead rows count for nothing. */
  arbor_store_delete_where (place.store, "t", odd, NULL, &error);
  g_assert_no_error (error);
  kept = get_arbor (place.store, "t");
  assert_round (kept);
  store_place_tear_down (&place, NULL);
}

static void
test_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (g_test_rand_int ());
  const char *rounds = g_getenv ("ARBOR_ARROW_ROUNDS");
  guint n_rounds = rounds != NULL ? (guint) atoi (rounds) : 12;

  for (guint round = 0; round < n_rounds; round++)
    {
      g_autoptr (GString) lines = g_string_new (NULL);
      g_autoptr (ArborArbor) arbor = NULL;
      guint n = (guint) g_rand_int_range (random, 0, round % 4 == 3 ? 40 : 700);

      for (guint i = 0; i < n; i++)
        {
          random_trees_append (random, (RandomTrees) (round % N_RANDOM_TREES), i, lines);
          g_string_append_c (lines, '\n');
        }
      arbor = read_lines (lines->str);
      assert_everywhere (arbor, random);
    }
}

/* Several batches, of which each has other fields. */
static void
test_batches (void)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (ArborArbor) arbor = NULL;

  for (guint i = 0; i < 40000; i++)
    g_string_append_printf (lines, "{\"n\":%u,\"%s\":[%u,%s],\"t\":\"%u\",\"d\":%u.5}\n", i,
                            i < 20000 ? "a" : "b", i, i % 7 == 0 ? "null" : "1", i % 100, i);
  arbor = read_lines (lines->str);
  assert_round (arbor);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arrow/random", test_random);
  g_test_add_func ("/arrow/batches", test_batches);
  return g_test_run ();
}
