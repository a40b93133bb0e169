/* Gathering: for random rows of random batches, in any order, the bytes and the cuts are those of the
 * builder that is given the same trees one by one.
 */

#include "batch/arbor-gather.h"

#include <string.h>

#include "base/arbor-error.h"
#include "batch/arbor-batch-builder-private.h"
#include "batch/arbor-batch-format.h"
#include "batch/arbor-compose.h"
#include "batch/arbor-lanes.h"
#include "batch/arbor-splice.h"
#include "batch/arbor-value-access.h"

/* Kinds of data, each with batches of its own. */
typedef enum
{
  FLAT,      /* full columns, wide enough to be cut by measure */
  SPARSE,    /* fields that come and go, nulls, mixed kinds */
  NESTED,    /* arrays of objects with arrays */
  STRINGS,   /* dictionaries, distinct strings, columns that change from one to the other */
  LONG,      /* long strings: few trees a batch */
  OVERFLOW_TEXT, /* objects that are maps, among others */
  WIDE,      /* another key in each tree */
  ANY,       /* no rule at all */
  N_DATA
} Data;

static void
append_any (GRand *random, GString *out, guint depth)
{
  static const char *const scalars[] = { "null", "true", "false", "1", "-5", "300", "70000",
                                         "1.5", "18446744073709551615", "1e400", "\"x\"",
                                         "\"\"", "\"yy\"", "[]", "{}", "[1,{\"b\":2}]" };
  static const char *const keys[] = { "a", "b", "", "rare", "x" };
  guint kind = depth == 0 ? 0 : (guint) g_rand_int_range (random, 0, 4);

  if (kind < 2)
    {
      g_string_append (out, scalars[g_rand_int_range (random, 0, G_N_ELEMENTS (scalars))]);
      return;
    }
  g_string_append_c (out, kind == 2 ? '{' : '[');
  for (guint i = 0, n = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_rand_int_range (random, 0, i < 3 ? 2 : 30) == 0)
      {
        g_string_append (out, n++ > 0 ? "," : "");
        if (kind == 2)
          g_string_append_printf (out, "\"%s\":", keys[i]);
        append_any (random, out, depth - 1);
      }
  g_string_append_c (out, kind == 2 ? '}' : ']');
}

static void
append_map (GRand *random, GString *out)
{
  g_string_append (out, "{\"map\":{\"k1\":\"one\"");
  for (guint i = 2, n = (guint) g_rand_int_range (random, 1000, 1100); i < n; i++)
    g_string_append_printf (out, ",\"k%u\":%u", i, i);
  g_string_append (out, "}}");
}

static void
append_sparse (GRand *random, GString *out)
{
  g_string_append_c (out, '{');
  for (guint i = 0, n = 0; i < 12; i++)
    {
      guint dice = (guint) g_rand_int_range (random, 0, 100);

      if (dice >= (i + 1) * 8)
        continue;
      g_string_append_printf (out, "%s\"f%u\":", n++ > 0 ? "," : "", i % 7 == 6 ? 20 - i : i);
      if (dice % 5 == 0)
        g_string_append (out, "null");
      else if (i % 4 == 0 && dice % 2 == 0)
        g_string_append_printf (out, "\"s%u\"", dice);
      else if (i % 4 == 1 && dice % 3 == 0)
        g_string_append_printf (out, "%u.5", dice);
      else
        g_string_append_printf (out, "%d", g_rand_int_range (random, -100000, 100000) >> i);
    }
  g_string_append_c (out, '}');
}

static void
append_nested (GRand *random, GString *out)
{
  g_string_append_printf (out, "{\"id\":%u,\"list\":[", g_rand_int (random) % 1000);
  for (guint i = 0, n = (guint) g_rand_int_range (random, 0, 5); i < n; i++)
    {
      g_string_append_printf (out, "%s{\"v\":%u,\"tags\":[", i > 0 ? "," : "", i);
      for (guint j = 0, m = (guint) g_rand_int_range (random, 0, 3); j < m; j++)
        g_string_append_printf (out, "%s\"t%u\"", j > 0 ? "," : "", g_rand_int (random) % 9);
      g_string_append (out, "]}");
    }
  g_string_append (out, "]}");
}

static void
append_strings (GRand *random, GString *out, guint i)
{
  guint wild = g_rand_int (random);

  g_string_append_printf (out,
                          "{\"few\":\"f%u\",\"own\":\"%08x%u\",\"late\":\"%u\",\"half\":\"h%u\","
                          "\"one\":\"same\"}",
                          wild % 11, wild, i, i < 6000 ? i : 1, wild % 3000);
}

static void
append_tree (GRand *random, GString *out, Data data, guint i)
{
  switch (data)
    {
    case FLAT:
      g_string_append_printf (out, "{\"id\":%u,\"big\":%u,\"real\":%u.25,\"ok\":%s,\"name\":\"n%u\","
                              "\"u\":%" G_GUINT64_FORMAT ",\"sub\":{\"x\":%d,\"y\":\"%x\"}}",
                              i, g_rand_int (random), i % 77, i % 3 == 0 ? "true" : "false", i % 300,
                              G_MAXUINT64 - i, -(int) i, g_rand_int (random) % 50000);
      break;
    case SPARSE:
      append_sparse (random, out);
      break;
    case NESTED:
      append_nested (random, out);
      break;
    case STRINGS:
      append_strings (random, out, i);
      break;
    case LONG:
      g_string_append_printf (out, "{\"id\":%u,\"text\":\"", i);
      for (guint n = (guint) g_rand_int_range (random, 0, 3000); n > 0; n--)
        g_string_append_c (out, 'a' + (char) (n % 26));
      g_string_append (out, "\"}");
      break;
    case OVERFLOW_TEXT:
      if (g_rand_int_range (random, 0, 9) == 0)
        append_map (random, out);
      else
        g_string_append_printf (out, "{\"map\":{\"k1\":%u},\"id\":%u}", i, i % 100);
      break;
    case WIDE:
      g_string_append_printf (out, "{\"k%u\":%u,\"j%u\":[%u]}", i, i, g_rand_int (random) % 5000, i);
      break;
    default:
      append_any (random, out, 3);
      break;
    }
}

/* Batches of @n trees. */
static void
add_batches (GPtrArray *batches, GRand *random, Data data, guint n)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      ArborTape tape;
      gsize offset, length;
      const char *reason;

      g_string_truncate (text, 0);
      append_tree (random, text, data, i);
      length = text->len;
      for (guint j = 0; j < ARBOR_PARSER_PADDING; j++)
        g_string_append_c (text, '\0');
      g_assert_true (arbor_parser_parse (parser, text->str, length, &tape, &offset, &reason));
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
      if (arbor_batch_builder_is_full (builder) || i + 1 == n)
        g_ptr_array_add (batches, arbor_batch_builder_finish (builder, NULL));
    }
}

/* A builder and what it gave. */
typedef struct
{
  ArborBatchBuilder *builder;
  GPtrArray *out;
} Result;

static gboolean
flush (gpointer data, GError **error)
{
  Result *self = data;
  GBytes *batch = arbor_batch_builder_finish (self->builder, error);

  if (batch != NULL)
    g_ptr_array_add (self->out, batch);
  return batch != NULL;
}

static void
result_init (Result *self)
{
  self->builder = arbor_batch_builder_new ();
  self->out = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
result_clear (Result *self)
{
  arbor_batch_builder_free (self->builder);
  g_ptr_array_unref (self->out);
}

static void
add_one (Result *self, const ArborBatch *batch, guint32 row, ArborScope *scope)
{
  ArborValue tree;

  arbor_batch_get_tree (batch, row, &tree);
  arbor_batch_builder_add_value (self->builder, &tree, scope);
  g_assert_true (arbor_scope_check (scope, NULL));
  arbor_scope_reset (scope);
  if (arbor_batch_builder_is_full (self->builder))
    flush (self, NULL);
}

static void
assert_same (Result *found, Result *expected)
{
  g_assert_cmpuint (found->out->len, ==, expected->out->len);
  for (guint i = 0; i < found->out->len; i++)
    {
      gsize m, n;
      const guint8 *a = g_bytes_get_data (found->out->pdata[i], &m);
      const guint8 *b = g_bytes_get_data (expected->out->pdata[i], &n);

      g_assert_cmpuint (arbor_batch_peek_n_trees (a, m), ==, arbor_batch_peek_n_trees (b, n));
      g_assert_cmpuint (m, ==, n);
      g_assert_cmpint (memcmp (a, b, n), ==, 0);
    }
}

static ArborBatch *
open_batch (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  ArborBatch *batch = arbor_batch_open (data, size, &error);

  g_assert_no_error (error);
  return batch;
}

/* Some rows of a batch: all, a range, those that a filter keeps, any with repetitions, none. */
static guint32
choose_rows (GRand *random, guint32 n_trees, guint32 *rows, gboolean *is_range)
{
  guint32 from = (guint32) g_rand_int_range (random, 0, (gint32) n_trees);
  guint32 n = 0;
  guint way = (guint) g_rand_int_range (random, 0, 6);
  guint32 share = (guint32) g_rand_int_range (random, 1, 200);

  *is_range = way < 2;
  if (way == 0)
    from = 0;
  for (guint32 i = way < 2 ? from : 0; i < n_trees; i++)
    switch (way)
      {
      case 0:
      case 1:
        rows[n++] = i;
        break;
      case 2: /* stretches with single trees left out */
        if (g_rand_int_range (random, 0, (gint32) share) != 0)
          rows[n++] = i;
        break;
      case 3:
        if (g_rand_int_range (random, 0, (gint32) share) == 0)
          rows[n++] = i;
        break;
      case 4:
        if (g_rand_int_range (random, 0, 2) == 0)
          rows[n++] = i;
        break;
      default:
        rows[n++] = (guint32) g_rand_int_range (random, 0, (gint32) n_trees);
        break;
      }
  return n;
}

static void
gather_from (GRand *random, GPtrArray *batches, guint n_picks, guint64 *n_rows, guint64 *n_by_tape)
{
  g_autofree guint32 *rows = g_new (guint32, ARBOR_BATCH_MAX_TREES);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborGather) gather = NULL;
  Result found, expected;

  result_init (&found);
  result_init (&expected);
  gather = arbor_gather_new (found.builder);
  for (guint pick = 0; pick < n_picks; pick++)
    {
      GBytes *bytes = batches->pdata[g_rand_int_range (random, 0, (gint32) batches->len)];
      g_autoptr (ArborBatch) batch = open_batch (bytes);
      g_autoptr (GError) error = NULL;
      gboolean is_range;
      ArborRows some = { .batch = batch };

      some.n = choose_rows (random, arbor_batch_get_n_trees (batch), rows, &is_range);
      some.rows = is_range && some.n > 0 && rows[0] == 0 ? NULL : rows;
      *n_rows += some.n;
      arbor_gather_add_rows (gather, &some, flush, &found, &error);
      g_assert_no_error (error);
      for (guint32 i = 0; i < some.n; i++)
        add_one (&expected, batch, rows[i], scope);
      /* Single trees in between. */
      for (guint i = 0; i < 3; i++)
        {
          add_one (&found, batch, i % arbor_batch_get_n_trees (batch), scope);
          add_one (&expected, batch, i % arbor_batch_get_n_trees (batch), scope);
        }
    }
  *n_by_tape += arbor_gather_get_n_by_tape (gather);
  flush (&found, NULL);
  flush (&expected, NULL);
  assert_same (&found, &expected);
  result_clear (&found);
  result_clear (&expected);
}

static void
test_kind (gconstpointer user_data)
{
  Data data = GPOINTER_TO_UINT (user_data);
  const char *seed = g_getenv ("ARBOR_GATHER_SEED");
  const char *rounds = g_getenv ("ARBOR_GATHER_ROUNDS");
  g_autoptr (GRand) random = g_rand_new_with_seed (seed != NULL ? (guint32) atoi (seed) : 7 + data);
  g_autoptr (GPtrArray) batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint64 n_rows = 0, n_by_tape = 0;
  guint n = rounds != NULL ? (guint) atoi (rounds) : 2;

  add_batches (batches, random, data, data == FLAT || data == STRINGS ? 40000 : 6000);
  for (guint i = 0; i < n; i++)
    gather_from (random, batches, 5, &n_rows, &n_by_tape);
  g_test_message ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " rows by tape", n_by_tape, n_rows);
  /* One row out of very many columns may go by tape, too. */
  if (data != OVERFLOW_TEXT && data != WIDE)
    g_assert_cmpuint (n_by_tape, <=, data == ANY ? n_rows / 100 : 0);
}

/* Composed trees: as a batch of their own they are those that a builder is given, and statistics are exact. */

static void
assert_same_text (const ArborBatch *a, const ArborLaneRecord *x, guint64 i, const ArborBatch *b,
                  const ArborLaneRecord *y, guint64 j)
{
  const ArborLane one = { .record = x, .kind = x->kind, .count = x->count,
                          .a = a->data + x->offset_a, .b = a->data + x->offset_b,
                          .c = a->data + x->offset_c };
  const ArborLane other = { .record = y, .kind = y->kind, .count = y->count,
                            .a = b->data + y->offset_a, .b = b->data + y->offset_b,
                            .c = b->data + y->offset_c };
  guint32 m, n;
  const char *text = arbor_lane_get_string (&one, (guint32) i, &m);
  const char *same = arbor_lane_get_string (&other, (guint32) j, &n);

  g_assert_cmpmem (text, m, same, n);
}

static void
assert_same_statistics (const ArborBatch *found, const ArborBatch *expected)
{
  g_assert_cmpuint (arbor_batch_get_n_columns (found), ==, arbor_batch_get_n_columns (expected));
  for (guint32 i = 1; i < arbor_batch_get_n_columns (found); i++)
    for (guint8 kind = ARBOR_KIND_BOOL; kind <= ARBOR_KIND_STRING; kind++)
      {
        const ArborLaneRecord *a = arbor_batch_find_lane (found, &found->columns[i], kind);
        const ArborLaneRecord *b = arbor_batch_find_lane (expected, &expected->columns[i], kind);

        g_assert_cmpint (a == NULL, ==, b == NULL);
        if (a == NULL)
          continue;
        g_assert_cmpuint (a->count, ==, b->count);
        if (kind == ARBOR_KIND_STRING)
          {
            assert_same_text (found, a, a->min, expected, b, b->min);
            assert_same_text (found, a, a->max, expected, b, b->max);
          }
        else
          {
            g_assert_cmpuint (a->min, ==, b->min);
            g_assert_cmpuint (a->max, ==, b->max);
          }
      }
}

/* All fields of two batches, those of the second for some trees only. FALSE: they are not plain. */
static gboolean
compose_from (GRand *random, const ArborBatch *left, const ArborBatch *right)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborCompose) compose = arbor_compose_new (builder);
  g_autofree guint32 *rows = g_new (guint32, ARBOR_BATCH_MAX_TREES);
  g_autofree guint32 *others = g_new (guint32, ARBOR_BATCH_MAX_TREES);
  g_autofree guint64 *present = g_new0 (guint64, ARBOR_BATCH_MAX_TREES / 64);
  g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (ArborFieldRows));
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_range, has_all = g_rand_boolean (random);
  guint32 n = choose_rows (random, arbor_batch_get_n_trees (left), rows, &is_range);
  guint32 n_others = 0, *columns, n_left, n_right;
  Result found, expected;

  for (guint32 i = 0; i < n; i++)
    if (has_all || g_rand_int_range (random, 0, 5) > 0)
      {
        present[i / 64] |= G_GUINT64_CONSTANT (1) << (i % 64);
        others[n_others++] =
            (guint32) g_rand_int_range (random, 0, (gint32) arbor_batch_get_n_trees (right));
      }
  n_left = arbor_compose_list_fields (left, scope, &columns);
  for (guint32 i = 0; n > 0 && n_left != ARBOR_NO_COLUMN && i < n_left; i++)
    {
      ArborFieldRows field = { .batch = left, .column = columns[i], .rows = rows, .n_rows = n };

      field.key = arbor_batch_get_key (left, columns[i], &field.length);
      g_array_append_val (fields, field);
    }
  n_right = arbor_compose_list_fields (right, scope, &columns);
  for (guint32 i = 0; n > 0 && n_right != ARBOR_NO_COLUMN && i < n_right; i++)
    {
      ArborFieldRows field = { .batch = right, .column = columns[i], .rows = others,
                               .n_rows = n_others, .present = has_all ? NULL : present };
      char *key = g_strdup_printf ("~%u", i);
      char *kept = arbor_scope_copy (scope, key, strlen (key));

      field.key = kept;
      field.length = (guint32) strlen (key);
      g_free (key);
      g_array_append_val (fields, field);
    }
  if (fields->len == 0)
    return FALSE;
  bytes = arbor_compose_encode (compose, (const ArborFieldRows *) (gpointer) fields->data, fields->len,
                                n, &error);
  g_assert_no_error (error);
  if (bytes == NULL)
    return FALSE;

  result_init (&found);
  result_init (&expected);
  {
    g_autoptr (ArborBatch) batch = open_batch (bytes);
    g_autoptr (ArborGather) gather = arbor_gather_new (found.builder);
    const ArborRows all = { .batch = batch, .n = n };

    arbor_batch_builder_set_one_batch (found.builder);
    g_assert_true (arbor_gather_add_rows (gather, &all, flush, &found, &error));
    g_assert_cmpuint (arbor_gather_get_n_by_tape (gather), ==, 0);
    if (arbor_batch_builder_get_n_trees (found.builder) > 0)
      flush (&found, NULL);
    g_assert_true (arbor_compose_add (compose, (const ArborFieldRows *) (gpointer) fields->data,
                                      fields->len, n));
    g_ptr_array_add (expected.out, arbor_batch_builder_finish (builder, NULL));
    assert_same (&found, &expected);
    {
      g_autoptr (ArborBatch) same = open_batch (expected.out->pdata[0]);

      assert_same_statistics (batch, same);
    }
  }
  result_clear (&found);
  result_clear (&expected);
  return TRUE;
}

static void
test_compose (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (78);
  const char *rounds = g_getenv ("ARBOR_GATHER_ROUNDS");
  guint n_done = 0, n = rounds != NULL ? (guint) atoi (rounds) * 10 : 40;
  g_autoptr (GPtrArray) batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (Data data = 0; data < N_DATA; data++)
    add_batches (batches, random, data == FLAT || data == NESTED ? SPARSE : data, 3000);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ArborBatch) left =
          open_batch (batches->pdata[g_rand_int_range (random, 0, (gint32) batches->len)]);
      g_autoptr (ArborBatch) right =
          open_batch (batches->pdata[g_rand_int_range (random, 0, (gint32) batches->len)]);

      n_done += compose_from (random, left, right);
    }
  g_assert_cmpuint (n_done, >, n / 8);
}

/* One arbor out of batches of all kinds. */
static void
test_mixture (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (77);
  g_autoptr (GPtrArray) batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *rounds = g_getenv ("ARBOR_GATHER_ROUNDS");
  guint64 n_rows = 0, n_by_tape = 0;

  for (Data data = 0; data < N_DATA; data++)
    add_batches (batches, random, data, 2000);
  for (guint i = 0, n = rounds != NULL ? (guint) atoi (rounds) : 3; i < n; i++)
    gather_from (random, batches, 12, &n_rows, &n_by_tape);
  g_assert_cmpuint (n_by_tape, <, n_rows / 2);
}

/* Spliced trees: as a batch of their own they are those that a builder is given, and statistics are exact. */

#define MOST_PARTS 600u

/* Whether value @i of a lane comes not before value @i - 1. */
static gboolean
ascends (const ArborBatch *batch, const ArborLaneRecord *record, guint32 i)
{
  const guint8 *a = batch->data + record->offset_a;
  const ArborLane lane = { .record = record, .kind = record->kind, .count = record->count, .a = a,
                           .b = batch->data + record->offset_b, .c = batch->data + record->offset_c };
  guint64 last = arbor_load_unsigned (a, record->width, i - 1);
  guint64 next = arbor_load_unsigned (a, record->width, i);
  guint32 m, n;
  const char *text, *other;
  double before, after;
  int order;

  memcpy (&before, &last, 8);
  memcpy (&after, &next, 8);
  if (record->kind == ARBOR_KIND_DOUBLE)
    return before <= after;
  if (record->encoding != ARBOR_ENCODING_SPANS)
    return last <= next;
  text = arbor_lane_get_string (&lane, i - 1, &m);
  other = arbor_lane_get_string (&lane, i, &n);
  order = memcmp (text, other, MIN (m, n));
  return order < 0 || (order == 0 && m <= n);
}

/* Spliced batches have no digest, do not say which lanes are sorted, and their dictionaries may have entries
 * past the ones that are used: what is verified is a copy that has none of this. */
static ArborBatch *
open_spliced (GBytes *bytes)
{
  gsize size;
  gconstpointer spliced = g_bytes_get_data (bytes, &size);
  g_autoptr (GBytes) copy = arbor_batch_copy_bytes (spliced, size);
  guint8 *data = (guint8 *) (gpointer) g_bytes_get_data (copy, &size);
  g_autoptr (ArborBatch) batch = open_batch (copy);
  g_autoptr (GError) error = NULL;

  for (guint32 i = 0; i < batch->header->n_lanes; i++)
    {
      ArborLaneRecord *lane = (ArborLaneRecord *) &batch->lanes[i];
      guint32 at = 1;

      if (lane->kind < ARBOR_KIND_INT64 || lane->kind == ARBOR_KIND_NUMBER ||
          lane->kind > ARBOR_KIND_STRING)
        continue;
      while (at < lane->count && ascends (batch, lane, at))
        at++;
      lane->flags = at == lane->count ? ARBOR_LANE_SORTED : 0;
      if (lane->encoding != ARBOR_ENCODING_DICTIONARY)
        continue;
      lane->min = 0;
      lane->max = lane->n_distinct - 1;
    }
  arbor_batch_seal (data, size);
  arbor_batch_verify (batch, &error);
  g_assert_no_error (error);
  return open_batch (bytes);
}

/* Mostly the first batch, with rows of the others in between; or rows from anywhere. */
static guint32
choose_parts (GRand *random, const ArborBatch *const *batches, guint n_batches, ArborMendPart *parts)
{
  gboolean is_mended = g_rand_boolean (random);
  guint32 at = 0, n_trees = 0, n = 0;
  guint32 longest = (guint32) g_rand_int_range (random, 2, 200);

  while (n < MOST_PARTS && n_trees < ARBOR_BATCH_MAX_TREES - 2 * longest)
    {
      guint32 batch = g_rand_int_range (random, 0, 3) > 0 ? 0 : (guint32) g_rand_int_range (random, 0, (gint32) n_batches);
      guint32 n_there = arbor_batch_get_n_trees (batches[batch]);
      guint32 from = (guint32) g_rand_int_range (random, 0, (gint32) n_there);
      guint32 here = (guint32) g_rand_int_range (random, 1, (gint32) longest);

      if (is_mended && batch == 0)
        {
          from = at + (guint32) g_rand_int_range (random, 0, 3);
          if (from >= n_there)
            break;
          at = from + MIN (here, n_there - from);
        }
      parts[n] = (ArborMendPart){ batch, from, MIN (here, n_there - from) };
      n_trees += parts[n++].n_rows;
    }
  if (n == 0)
    parts[n++] = (ArborMendPart){ 0, 0, 1 };
  return n;
}

static void
assert_wanted (const ArborBatch *spliced, const ArborBatch *const *batches, const ArborMendPart *parts,
               guint32 n_parts, const char *key)
{
  guint32 there = arbor_batch_find_field (spliced, 0, key, strlen (key));
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint32 at = 0;

  for (guint32 i = 0; i < n_parts; i++)
    for (guint32 j = 0; j < parts[i].n_rows; j++, at++)
      {
        const ArborBatch *batch = batches[parts[i].batch];
        ArborValue tree, found = ARBOR_VALUE_MISSING, expected = ARBOR_VALUE_MISSING;

        arbor_scope_reset (scope);
        arbor_batch_get_tree (batch, parts[i].first_row + j, &tree);
        arbor_value_get_member (&tree, key, strlen (key), scope, &expected);
        arbor_batch_get_tree (spliced, at, &tree);
        arbor_value_get_member (&tree, key, strlen (key), scope, &found);
        g_assert_cmpint (arbor_value_compare (&found, &expected, scope), ==, 0);
      }
  g_assert_true (there == ARBOR_NO_COLUMN || arbor_batch_get_n_columns (spliced) > 1);
}

static void
splice_from (GRand *random, const ArborBatch *const *batches, guint n_batches, Data data)
{
  static const char *const keys[] = { "id", "few", "f3", "list", "map", "k5", "a" };
  g_autofree ArborMendPart *parts = g_new (ArborMendPart, MOST_PARTS);
  guint32 n = choose_parts (random, batches, n_batches, parts);
  g_autoptr (GBytes) bytes = arbor_splice (batches, n_batches, parts, n, NULL);
  const char *key = keys[g_rand_int_range (random, 0, G_N_ELEMENTS (keys))];
  g_autoptr (ArborWanted) wanted = arbor_wanted_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborBatch) spliced = NULL;
  Result found, expected;

  g_assert_nonnull (bytes);
  spliced = open_spliced (bytes);
  result_init (&found);
  result_init (&expected);
  arbor_batch_builder_set_one_batch (found.builder);
  arbor_batch_builder_set_one_batch (expected.builder);
  for (guint32 i = 0; i < n; i++)
    for (guint32 j = 0; j < parts[i].n_rows; j++)
      add_one (&expected, batches[parts[i].batch], parts[i].first_row + j, scope);
  for (guint32 i = 0; i < arbor_batch_get_n_trees (spliced); i++)
    add_one (&found, spliced, i, scope);
  flush (&found, NULL);
  flush (&expected, NULL);
  assert_same (&found, &expected);
  if (data < LONG && expected.out->len == 1)
    {
      g_autoptr (ArborBatch) batch = open_batch (expected.out->pdata[0]);

      assert_same_statistics (spliced, batch);
    }
  result_clear (&found);
  result_clear (&expected);

  arbor_wanted_add_key (wanted, key, (guint32) strlen (key));
  g_clear_pointer (&spliced, arbor_batch_free);
  g_clear_pointer (&bytes, g_bytes_unref);
  bytes = arbor_splice (batches, n_batches, parts, n, wanted);
  g_assert_nonnull (bytes);
  spliced = open_spliced (bytes);
  assert_wanted (spliced, batches, parts, n, key);
}

static void
test_splice (void)
{
  const char *seed = g_getenv ("ARBOR_GATHER_SEED");
  const char *rounds = g_getenv ("ARBOR_GATHER_ROUNDS");
  g_autoptr (GRand) random = g_rand_new_with_seed (seed != NULL ? (guint32) atoi (seed) : 91);

  for (guint round = 0, n = rounds != NULL ? (guint) atoi (rounds) : 1; round < n; round++)
    for (Data data = 0; data < N_DATA; data++)
      {
        g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
        const ArborBatch *batches[5];
        guint n_batches = (guint) g_rand_int_range (random, 1, 6);

        for (guint i = 0; i < n_batches; i++)
          {
            Data of = i > 0 && g_rand_int_range (random, 0, 4) == 0
                          ? (Data) g_rand_int_range (random, 0, N_DATA) : data;
            guint first = all->len;

            if (of != data && data == WIDE)
              of = FLAT;
            add_batches (all, random, of, i == 0 && of != WIDE ? 3000 : (guint) g_rand_int_range (random, 1, 300));
            batches[i] = open_batch (all->pdata[first]);
          }
        for (guint i = 0; i < 3; i++)
          splice_from (random, batches, n_batches, data);
        for (guint i = 0; i < n_batches; i++)
          arbor_batch_free ((ArborBatch *) batches[i]);
      }
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "flat", "sparse",   "nested", "strings",
                                       "long", "overflow", "wide",   "any" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < N_DATA; i++)
    {
      g_autofree char *path = g_strdup_printf ("/gather/%s", names[i]);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_kind);
    }
  g_test_add_func ("/gather/mixture", test_mixture);
  g_test_add_func ("/gather/compose", test_compose);
  g_test_add_func ("/gather/splice", test_splice);
  return g_test_run ();
}
