/* Lanes at paths: what they say of every row, against reading each row by itself. */

#include "batch/arbor-lanes.h"

#include "batch/arbor-batch-builder.h"
#include "batch/arbor-value-access.h"

#define N_TREES 3000

static const char *const paths[] = {
  "", "a", "b", "a.b", "a.b.c", "none", "a.none", "rare", "a.rare.x", "map.k1", "map", "deep.x",
};

static void
append_value (GRand *random, GString *out, guint depth)
{
  static const char *const scalars[] = { "null", "true", "false", "1", "-5", "300", "70000",
                                         "1.5", "18446744073709551615", "1e400", "\"x\"",
                                         "\"\"", "\"yy\"", "[]", "[1,{\"b\":2}]" };
  static const char *const keys[] = { "a", "b", "c", "rare", "x" };

  if (depth == 0 || g_rand_int_range (random, 0, 3) == 0)
    {
      g_string_append (out, scalars[g_rand_int_range (random, 0, G_N_ELEMENTS (scalars))]);
      return;
    }
  g_string_append_c (out, '{');
  for (guint i = 0, n = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_rand_int_range (random, 0, i < 3 ? 3 : 40) == 0 || (i == 0 && depth == 3))
      {
        g_string_append_printf (out, "%s\"%s\":", n++ > 0 ? "," : "", keys[i]);
        append_value (random, out, depth - 1);
      }
  g_string_append_c (out, '}');
}

/* An object that is a map with too many keys for columns. */
static void
append_map (GString *out)
{
  g_string_append (out, "{\"map\":{\"k1\":\"one\"");
  for (guint i = 2; i < 1200; i++)
    g_string_append_printf (out, ",\"k%u\":%u", i, i);
  g_string_append (out, "}}");
}

static GBytes *
make_batch (GRand *random, gboolean is_regular)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < N_TREES && !arbor_batch_builder_is_full (builder); i++)
    {
      ArborTape tape;
      gsize offset;
      const char *reason;

      g_string_truncate (text, 0);
      if (is_regular)
        g_string_append_printf (text, "{\"a\":{\"b\":{\"c\":%u}},\"b\":\"s%u\"}", i * 7 % 500, i % 9);
      else if (i % 500 == 7)
        append_map (text);
      else
        append_value (random, text, 3);
      g_string_append_len (text, "\0                                                                ",
                           ARBOR_PARSER_PADDING + 1);
      g_assert_true (arbor_parser_parse (parser, text->str,
                                         text->len - ARBOR_PARSER_PADDING - 1, &tape, &offset,
                                         &reason));
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
    }
  return arbor_batch_builder_finish (builder, NULL);
}

static gboolean
has_row (const guint64 *bits, guint32 row)
{
  return bits == NULL || arbor_bits_test (bits, row);
}

/* Value @index of a lane, read by another way: the column's value at the row. */
static void
assert_lane_value (const ArborLane *lane, guint32 index, const ArborValue *expected)
{
  guint32 length;
  const char *text;

  switch (lane->kind)
    {
    case ARBOR_KIND_INT64:
    case ARBOR_KIND_UINT64:
      g_assert_cmpuint (lane->record->min +
                            arbor_load_unsigned (lane->a, lane->record->width, index),
                        ==, expected->uint64);
      break;
    case ARBOR_KIND_STRING:
      if (lane->record->encoding == ARBOR_ENCODING_DICTIONARY)
        index = (guint32) arbor_load_unsigned (lane->a, lane->record->width, index);
      text = arbor_lane_get_string (lane, index, &length);
      g_assert_cmpmem (text, length, expected->text, expected->length);
      break;
    case ARBOR_KIND_BOOL:
      g_assert_cmpint (arbor_load_unsigned (lane->a, 1, index / 8) >> (index % 8) & 1, ==,
                       expected->boolean);
      break;
    default:
      break;
    }
}

static void
get_by_path (const ArborBatch *batch, guint32 row, const ArborPath *path, ArborScope *scope,
             ArborValue *value, gboolean *is_hidden)
{
  arbor_batch_get_tree (batch, row, value);
  *is_hidden = FALSE;
  for (guint i = 0; i < path->n_steps; i++)
    {
      *is_hidden |= value->holder_kind == ARBOR_HOLDER_TEXT;
      arbor_value_get_member (value, path->steps[i].key, path->steps[i].length, scope, value);
    }
}

static void
check_path (const ArborBatch *batch, const char *text)
{
  g_autoptr (ArborPath) path = arbor_path_parse (text, NULL);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborScope) bits_scope = arbor_scope_new ();
  guint32 next[ARBOR_N_LANE_KINDS] = { 0 };
  ArborLanes lanes;

  arbor_lanes_init (&lanes, batch, 0, path->steps, path->n_steps, bits_scope);
  g_assert_cmpuint (lanes.n_rows, ==, arbor_batch_get_n_trees (batch));
  for (guint32 row = 0; row < lanes.n_rows; row++)
    {
      const ArborLane *found = NULL;
      gboolean is_hidden;
      ArborValue value;

      get_by_path (batch, row, path, scope, &value, &is_hidden);
      g_assert_cmpint (lanes.hidden != NULL && arbor_bits_test (lanes.hidden, row), ==, is_hidden);
      for (guint i = 0; i < lanes.n_lanes; i++)
        if (has_row (lanes.lanes[i].rows, row))
          {
            g_assert_null (found);
            found = &lanes.lanes[i];
          }
      if (is_hidden || value.kind == ARBOR_KIND_MISSING)
        {
          g_assert_null (found);
          g_assert_false (has_row (lanes.present, row));
        }
      else if (value.kind == ARBOR_KIND_NULL)
        {
          g_assert_null (found);
          g_assert_true (has_row (lanes.present, row));
          g_assert_true (lanes.nulls != NULL && arbor_bits_test (lanes.nulls, row));
        }
      else
        {
          g_assert_nonnull (found);
          g_assert_true (has_row (lanes.present, row));
          g_assert_false (lanes.nulls != NULL && arbor_bits_test (lanes.nulls, row));
          g_assert_cmpuint (found->kind, ==,
                            value.holder_kind == ARBOR_HOLDER_TEXT ? ARBOR_LANE_OVERFLOW
                                                                   : value.kind);
          assert_lane_value (found, next[found->kind]++, &value);
        }
      arbor_scope_reset (scope);
    }
  for (guint i = 0; i < lanes.n_lanes; i++)
    {
      g_assert_cmpuint (next[lanes.lanes[i].kind], ==, lanes.lanes[i].count);
      g_assert_true (arbor_lanes_find (&lanes, lanes.lanes[i].kind) == &lanes.lanes[i]);
    }
}

static void
test_paths (gconstpointer is_regular)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (17);

  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (GBytes) bytes = make_batch (random, GPOINTER_TO_INT (is_regular));
      g_autoptr (ArborBatch) batch =
          arbor_batch_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);

      for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
        check_path (batch, paths[i]);
    }
}

/* Bits, against one at a time. */
static void
test_bits (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint round = 0; round < 2000; round++)
    {
      guint n = (guint) g_rand_int_range (random, 1, 400);
      guint64 a[7], b[7], out[7];
      guint32 listed[400];
      guint32 from = (guint32) g_rand_int_range (random, 0, (gint32) n);
      guint32 to = (guint32) g_rand_int_range (random, (gint32) from, (gint32) n + 1);
      guint32 k = 0;
      gsize count = 0;

      for (guint i = 0; i < G_N_ELEMENTS (a); i++)
        {
          a[i] = (guint64) g_rand_int (random) << 32 | g_rand_int (random);
          b[i] = g_rand_boolean (random) ? G_MAXUINT64 : (guint64) g_rand_int (random) << 20;
        }
      b[(n - 1) / 64] &= arbor_bits_last_mask (n);
      for (guint i = 0; i < n; i++)
        count += arbor_bits_test (b, i);
      g_assert_cmpuint (arbor_bits_count (b, n), ==, count);
      g_assert_cmpint (arbor_bits_any (b, n), ==, count > 0);

      arbor_bits_spread (out, a, b, n);
      for (guint i = 0; i < n; i++)
        {
          g_assert_cmpint (arbor_bits_test (out, i), ==,
                           arbor_bits_test (b, i) && arbor_bits_test (a, k));
          k += arbor_bits_test (b, i);
        }
      arbor_bits_not (out, a, n);
      for (guint i = 0; i < n; i++)
        g_assert_cmpint (arbor_bits_test (out, i), !=, arbor_bits_test (a, i));
      g_assert_cmpuint (out[(n - 1) / 64] & ~arbor_bits_last_mask (n), ==, 0);
      arbor_bits_and_not (out, a, b, n);
      for (guint i = 0; i < n; i++)
        g_assert_cmpint (arbor_bits_test (out, i), ==,
                         arbor_bits_test (a, i) && !arbor_bits_test (b, i));

      k = arbor_bits_list (b, from, to, 1000, 10, listed);
      for (guint i = from, j = 0; i < to && j < 10; i++)
        if (arbor_bits_test (b, i))
          g_assert_cmpuint (listed[j++], ==, 1000 + i);
      g_assert_cmpuint (k, <=, 10);
      g_assert_cmpuint (arbor_bits_list (b, 0, n, 0, 400, listed), ==, count);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lanes/bits", test_bits);
  g_test_add_data_func ("/lanes/mixed", GINT_TO_POINTER (FALSE), test_paths);
  g_test_add_data_func ("/lanes/regular", GINT_TO_POINTER (TRUE), test_paths);
  return g_test_run ();
}
