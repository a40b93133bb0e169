/* Damaged batches: opening refuses what its checks name, a column that is not sound reads as MISSING,
 * verifying finds the rest, and nothing ever crashes or takes longer than its bytes explain.
 *
 * Most cases are one sound batch and one change to it, its digest mended.
 */

#include "kit/values.h"

#include <math.h>

#include "base/arbor-error.h"
#include "batch/arbor-batch-format.h"

/* Batches as they are damaged: a private copy that lies as it should. */
typedef struct
{
  GBytes *bytes;
  guint8 *data;
  gsize size;
  ArborBatchHeader *header;
  ArborColumnRecord *columns;
  ArborLaneRecord *lanes;
} Patient;

static void
patient_init (Patient *self, const char *const *trees)
{
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func (document_free);
  TestBatch batch;

  for (guint i = 0; trees[i] != NULL; i++)
    g_ptr_array_add (documents, document_new (trees[i]));
  test_batch_init (&batch, (Document *const *) documents->pdata, documents->len);
  self->bytes = arbor_batch_copy_bytes (batch.batch->data, batch.batch->size);
  self->data = (guint8 *) g_bytes_get_data (self->bytes, &self->size);
  self->header = (ArborBatchHeader *) self->data;
  self->columns = (ArborColumnRecord *) (self->header + 1);
  self->lanes = (ArborLaneRecord *) (self->columns + self->header->n_columns);
  test_batch_clear (&batch);
}

static void
patient_clear (Patient *self)
{
  g_bytes_unref (self->bytes);
}

static void
patient_mend_digest (Patient *self)
{
  g_autoptr (ArborBatch) batch = arbor_batch_open_unsealed (self->data, self->size, NULL);

  if (batch != NULL)
    arbor_batch_seal (self->data, self->size);
}

/* The first lane of a column. */
static ArborLaneRecord *
patient_lane (Patient *self, guint column)
{
  return &self->lanes[self->columns[column].first_lane];
}

static guint8 *
patient_buffer (Patient *self, guint column)
{
  return self->data + patient_lane (self, column)->offset_a;
}

static void
patient_swap_buffers (Patient *self, guint a, guint b)
{
  guint32 offset = patient_lane (self, a)->offset_a;

  patient_lane (self, a)->offset_a = patient_lane (self, b)->offset_a;
  patient_lane (self, b)->offset_a = offset;
}

static void
store_u32 (guint8 *at, guint32 number)
{
  memcpy (at, &number, 4);
}

/* Reads everything that a damaged batch lets itself be read. */
static void
read_all (const ArborBatch *batch)
{
  for (guint32 i = 0; i < arbor_batch_get_n_trees (batch); i++)
    {
      g_autoptr (ArborScope) scope = arbor_scope_new ();
      ArborBuffer out = { NULL };
      ArborValue value;

      arbor_batch_get_tree (batch, i, &value);
      arbor_value_write_json (&value, scope, &out);
      arbor_value_hash (&value, scope);
      arbor_buffer_free (&out);
    }
  for (guint32 i = 0; i < arbor_batch_get_n_columns (batch); i++)
    {
      ArborColumnInfo info;

      arbor_batch_get_column_info (batch, i, &info);
    }
}

/* Columns: 0 root, 1 a, 2 b, 3 e (elements), 4 r (rare), 5 s, 6 t, 7 a.x, 8 b.y, 9 elements of e. */
static const char *const sound[] = {
  "{\"a\":{\"x\":5},\"b\":{\"y\":2.5},\"e\":[1,2],\"s\":\"abc\",\"t\":true}",
  "{\"a\":{\"x\":7},\"b\":{\"y\":1.5},\"e\":[],\"s\":\"abd\",\"t\":false}",
  "{\"a\":{\"x\":9},\"b\":{\"y\":4.5},\"e\":[3],\"s\":\"ab\",\"t\":true}",
  "{\"a\":{\"x\":6},\"b\":{\"y\":0.5},\"r\":1}",
  NULL,
};

enum
{
  A = 1,
  B,
  E,
  R,
  S,
  T,
  A_X,
  B_Y,
  E_ALL,
};

#define EDIT(name, statement)                                                                      \
  static void edit_##name (Patient *self)                                                          \
  {                                                                                                \
    statement;                                                                                     \
  }

EDIT (magic, self->header->magic[0] = 'a')
EDIT (version, self->header->version = 2)
EDIT (features, self->header->flags |= 4)
EDIT (not_large, self->header->flags |= ARBOR_BATCH_IS_LARGE)
EDIT (digest_of_old, self->header->flags = 0)
EDIT (buffers_crossed, patient_swap_buffers (self, A_X, B_Y))
EDIT (length, self->header->n_bytes++)
EDIT (no_trees, self->header->n_trees = 0)
EDIT (many_trees, self->header->n_trees = ARBOR_BATCH_MAX_TREES + 1)
EDIT (no_columns, self->header->n_columns = 0)
EDIT (many_columns, self->header->n_columns = ARBOR_BATCH_MAX_COLUMNS + 1)
EDIT (many_lanes, self->header->n_lanes = G_MAXUINT32)
EDIT (many_keys, self->header->n_keys = G_MAXUINT32)
EDIT (many_shapes, self->header->n_shapes = G_MAXUINT32)
EDIT (keys_in_directory, self->header->keys_offset = 64)
EDIT (data_past_end, self->header->data_offset = self->header->n_bytes + 64)
EDIT (key_descends, store_u32 (self->data + self->header->keys_offset + 4, G_MAXUINT32))
EDIT (shape_descends, store_u32 (self->data + self->header->shapes_offset + 4, G_MAXUINT32))
EDIT (shape_foreign, store_u32 (self->data + self->header->shapes_offset +
                                    (self->header->n_shapes + 1) * 4, A_X))
EDIT (shape_twice, memcpy (self->data + self->header->shapes_offset +
                               (self->header->n_shapes + 1) * 4,
                           self->data + self->header->shapes_offset +
                               (self->header->n_shapes + 2) * 4, 4))

/* Two parents with one child: reading would double at each level. */
EDIT (child_shared, self->columns[A].n_fields = 2)
EDIT (child_before, self->columns[A].first_child = A)
EDIT (child_skipped, self->columns[A].first_child++)
EDIT (children_past_end, self->columns[B].n_fields = G_MAXUINT32)
EDIT (child_dropped, self->columns[E].has_elements = 0)
EDIT (elements_two, self->columns[E].has_elements = 2)
EDIT (parent_self, self->columns[A_X].parent = A_X)
EDIT (parent_other, self->columns[A_X].parent = B)
EDIT (key_unknown, self->columns[A_X].key = self->header->n_keys)
EDIT (key_of_element, self->columns[E_ALL].key = 0)
EDIT (key_of_root, self->columns[0].key = 0)
EDIT (root_gaps, self->columns[0].n_rows++)
EDIT (rows_other, self->columns[A_X].n_rows++)
EDIT (no_values, self->columns[A].n_values = 0)
EDIT (nulls_too_many, self->columns[A].n_nulls++)
EDIT (element_gap, self->columns[E_ALL].n_rows = patient_lane (self, E)->size_a = 4)
EDIT (column_reserved, self->columns[A].zero = 1)
EDIT (presence_unknown, self->columns[A].presence = 3)
EDIT (presence_needless, self->columns[A].presence = ARBOR_PRESENCE_BITMAP)
EDIT (presence_past_end, self->columns[S].presence_offset = self->header->n_bytes + 16)
EDIT (lanes_shared, self->columns[B].first_lane = self->columns[A].first_lane)
EDIT (lanes_too_many, self->columns[E_ALL].n_lanes = 2)
EDIT (shapes_shared, self->columns[B].first_shape = self->columns[A].first_shape)
EDIT (shapes_too_many, self->columns[B].n_shapes++)
EDIT (shapes_left, self->columns[B].n_shapes--)

EDIT (lane_kind, patient_lane (self, A)->kind = ARBOR_N_LANE_KINDS)
EDIT (lane_null, patient_lane (self, A)->kind = ARBOR_KIND_NULL)
EDIT (lane_encoding, patient_lane (self, A_X)->encoding = 7)
EDIT (lane_other_encoding, patient_lane (self, A_X)->encoding = ARBOR_ENCODING_RAW)
EDIT (lane_width, patient_lane (self, A_X)->width = 3)
EDIT (lane_wide, patient_lane (self, A_X)->width = 8)
EDIT (lane_empty, patient_lane (self, A_X)->count = 0)
EDIT (lane_long, patient_lane (self, A_X)->count = 5)
EDIT (lane_flags, patient_lane (self, A_X)->flags |= 2)
EDIT (lane_reserved, patient_lane (self, A_X)->zero = 1)
EDIT (lane_unaligned, patient_lane (self, A_X)->offset_a += 8)
EDIT (lane_in_directory, patient_lane (self, A_X)->offset_a = 112)
EDIT (lane_past_end, patient_lane (self, A_X)->offset_a = (guint32) self->header->n_bytes)
EDIT (lane_nowhere, patient_lane (self, A)->offset_a = 64)
EDIT (spans_width, patient_lane (self, S)->span_width = 3)
EDIT (spans_short, patient_lane (self, S)->size_b--)
EDIT (runs_without_elements, patient_lane (self, E)->size_a = 0)

EDIT (use_bitmap, self->data[self->columns[S].presence_offset] = 0x0f)
EDIT (use_rank, self->data[self->columns[S].presence_offset + 8] = 1)
EDIT (use_runs, self->data[patient_lane (self, E)->offset_b] = 3)
EDIT (use_row, self->data[self->columns[R].presence_offset] = 4)
EDIT (use_bits, patient_buffer (self, T)[0] |= 8)
EDIT (use_shapes, patient_buffer (self, 0)[3] = 0)
EDIT (use_shape_id, patient_buffer (self, 0)[0] = 2)

EDIT (digest, self->header->digest ^= 1)
EDIT (utf8_key, *(char *) memchr (self->data + self->header->keys_offset, 'x', 200) = '\xff')
EDIT (key_order, *(char *) memchr (self->data + self->header->keys_offset, 'e', 200) = 'z')
EDIT (key_double, *(char *) memchr (self->data + self->header->keys_offset, 'e', 200) = 'b')
EDIT (utf8_string, patient_buffer (self, S)[0] = 0xff)
EDIT (string_min, patient_lane (self, S)->min = 0)
EDIT (string_max, patient_lane (self, S)->max = 3)
EDIT (string_sorted, patient_lane (self, S)->flags = ARBOR_LANE_SORTED)
EDIT (string_gap, patient_lane (self, S)->size_a--)
EDIT (int_min, patient_lane (self, A_X)->min = 4; patient_lane (self, A_X)->max = 9)
EDIT (int_max, patient_lane (self, A_X)->max = 10)
EDIT (int_value, patient_buffer (self, A_X)[2] = 5)
EDIT (int_sorted, patient_lane (self, A_X)->flags = ARBOR_LANE_SORTED)
EDIT (int_wraps, patient_lane (self, A_X)->min = G_MAXINT64; patient_lane (self, A_X)->max =
                     (guint64) G_MAXINT64 + 4)
EDIT (uint_small, patient_lane (self, A_X)->kind = ARBOR_KIND_UINT64)
EDIT (double_min, memset (&patient_lane (self, B_Y)->min, 0, 8))
EDIT (double_max, patient_lane (self, B_Y)->max++)
EDIT (double_infinite, memcpy (patient_buffer (self, B_Y), &(double){ INFINITY }, 8))
EDIT (double_sorted, patient_lane (self, B_Y)->flags = ARBOR_LANE_SORTED)
EDIT (bool_min, patient_lane (self, T)->min = 1)
EDIT (bool_max, patient_lane (self, T)->max = 0)
/* As many members as values, but not where the values are. */
EDIT (members, guint8 *ids = patient_buffer (self, 0); ids[0] = 1; ids[3] = 0)

typedef enum
{
  AT_OPEN,
  AT_USE, /* and by verify */
  AT_VERIFY,
} Found;

#define CASE(name, found) { #name, edit_##name, AT_##found, NULL }
/* With the tree at which it shows, and what is read there. */
#define CASE_USE(name, tree, text) { #name, edit_##name, AT_USE, text, tree }

static const struct
{
  const char *name;
  void (*edit) (Patient *self);
  Found found;
  const char *text;
  guint tree;
} cases[] = {
  CASE (magic, OPEN),
  CASE (version, OPEN),
  CASE (features, OPEN),
  CASE (not_large, OPEN),
  CASE (digest_of_old, OPEN),
  CASE (buffers_crossed, OPEN),
  CASE (length, OPEN),
  CASE (no_trees, OPEN),
  CASE (many_trees, OPEN),
  CASE (no_columns, OPEN),
  CASE (many_columns, OPEN),
  CASE (many_lanes, OPEN),
  CASE (many_keys, OPEN),
  CASE (many_shapes, OPEN),
  CASE (keys_in_directory, OPEN),
  CASE (data_past_end, OPEN),
  CASE (key_descends, OPEN),
  CASE (shape_descends, OPEN),
  CASE (shape_foreign, OPEN),
  CASE (shape_twice, OPEN),
  CASE (child_shared, OPEN),
  CASE (child_before, OPEN),
  CASE (child_skipped, OPEN),
  CASE (children_past_end, OPEN),
  CASE (child_dropped, OPEN),
  CASE (elements_two, OPEN),
  CASE (parent_self, OPEN),
  CASE (parent_other, OPEN),
  CASE (key_unknown, OPEN),
  CASE (key_of_element, OPEN),
  CASE (key_of_root, OPEN),
  CASE (root_gaps, OPEN),
  CASE (rows_other, OPEN),
  CASE (no_values, OPEN),
  CASE (nulls_too_many, OPEN),
  CASE (element_gap, OPEN),
  CASE (column_reserved, OPEN),
  CASE (presence_unknown, OPEN),
  CASE (presence_needless, OPEN),
  CASE (presence_past_end, OPEN),
  CASE (lanes_shared, OPEN),
  CASE (lanes_too_many, OPEN),
  CASE (shapes_shared, OPEN),
  CASE (shapes_too_many, OPEN),
  CASE (shapes_left, OPEN),
  CASE (lane_kind, OPEN),
  CASE (lane_null, OPEN),
  CASE (lane_encoding, OPEN),
  CASE (lane_other_encoding, OPEN),
  CASE (lane_width, OPEN),
  CASE (lane_wide, OPEN),
  CASE (lane_empty, OPEN),
  CASE (lane_long, OPEN),
  CASE (lane_flags, OPEN),
  CASE (lane_reserved, OPEN),
  CASE (lane_unaligned, OPEN),
  CASE (lane_in_directory, OPEN),
  CASE (lane_past_end, OPEN),
  CASE (lane_nowhere, OPEN),
  CASE (spans_width, OPEN),
  CASE (spans_short, OPEN),
  CASE (runs_without_elements, OPEN),
  CASE_USE (use_bitmap, 0, "{\"a\":{\"x\":5},\"b\":{\"y\":2.5},\"e\":[1,2],\"s\":null,\"t\":true}"),
  CASE_USE (use_rank, 0, "{\"a\":{\"x\":5},\"b\":{\"y\":2.5},\"e\":[1,2],\"s\":null,\"t\":true}"),
  CASE_USE (use_runs, 0, "{\"a\":{\"x\":5},\"b\":{\"y\":2.5},\"e\":null,\"s\":\"abc\",\"t\":true}"),
  CASE_USE (use_row, 3, "{\"a\":{\"x\":6},\"b\":{\"y\":0.5},\"r\":null}"),
  CASE_USE (use_bits, 0, "{\"a\":{\"x\":5},\"b\":{\"y\":2.5},\"e\":[1,2],\"s\":\"abc\",\"t\":null}"),
  CASE_USE (use_shapes, 0, "{}"),
  CASE_USE (use_shape_id, 1, "{}"),
  CASE (digest, OPEN),
  CASE (utf8_key, VERIFY),
  CASE (key_order, VERIFY),
  CASE (key_double, VERIFY),
  CASE (utf8_string, VERIFY),
  CASE (string_min, VERIFY),
  CASE (string_max, VERIFY),
  CASE (string_sorted, VERIFY),
  CASE (string_gap, VERIFY),
  CASE (int_min, VERIFY),
  CASE (int_max, VERIFY),
  CASE (int_value, VERIFY),
  CASE (int_sorted, VERIFY),
  CASE (int_wraps, VERIFY),
  CASE (uint_small, VERIFY),
  CASE (double_min, VERIFY),
  CASE (double_max, VERIFY),
  CASE (double_infinite, VERIFY),
  CASE (double_sorted, VERIFY),
  CASE (bool_min, VERIFY),
  CASE (bool_max, VERIFY),
  CASE (members, VERIFY),
};

static void
assert_tree (const ArborBatch *batch, guint32 tree, const char *expected)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree char *found = NULL;
  ArborValue value;

  arbor_batch_get_tree (batch, tree, &value);
  found = value_to_json (&value, scope);
  g_assert_cmpstr (found, ==, expected);
}

/* The batch of @patient fails where it should, and with what. */
static void
assert_found (Patient *patient, Found found, guint tree, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborBatch) batch = arbor_batch_open (patient->data, patient->size, &error);

  if (found == AT_OPEN)
    {
      g_assert_null (batch);
      g_assert_nonnull (error);
      g_assert_cmpint (error->code, ==,
                       patient->header->version != 1 || (patient->header->flags & ~ARBOR_BATCH_FLAGS) != 0
                           ? ARBOR_ERROR_VERSION
                           : ARBOR_ERROR_CORRUPT);
      return;
    }
  g_assert_no_error (error);
  if (found == AT_USE)
    assert_tree (batch, tree, text);
  read_all (batch);
  g_assert_false (arbor_batch_verify (batch, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
}

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Patient patient;

      g_test_message ("%s", cases[i].name);
      patient_init (&patient, sound);
      cases[i].edit (&patient);
      if (cases[i].edit != edit_digest)
        patient_mend_digest (&patient);
      assert_found (&patient, cases[i].found, cases[i].tree, cases[i].text);
      patient_clear (&patient);
    }
}

typedef struct
{
  guint64 id;
  char *column;
  guint n;
} Told;

static void
tell (gpointer data, guint64 id, const char *column)
{
  Told *told = data;

  told->id = id;
  g_free (told->column);
  told->column = g_strdup (column);
  told->n++;
}

/* A value that is another one, and could be right: its column is MISSING for all readers of the batch, who
 * know by whom it was told; the others are as they were. */
static void
test_digests (void)
{
  static const struct
  {
    guint column;
    const char *path, *text;
  } damaged[] = {
    { A_X, "a.x", "{\"a\":{\"x\":null},\"b\":{\"y\":2.5},\"e\":[1,2],\"s\":\"abc\",\"t\":true}" },
    { S, "s", "{\"a\":{\"x\":5},\"b\":{\"y\":2.5},\"e\":[1,2],\"s\":null,\"t\":true}" },
    { E_ALL, "e[*]", "{\"a\":{\"x\":5},\"b\":{\"y\":2.5},\"e\":[null,null],\"s\":\"abc\",\"t\":true}" },
    { 0, "$", "null" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (ArborBatch) batch = NULL, second = NULL;
      g_autoptr (GError) error = NULL;
      ArborBatchChecks *checks;
      Told told = { 0 };
      Patient patient;

      patient_init (&patient, sound);
      patient_buffer (&patient, damaged[i].column)[0] ^= 1;
      batch = arbor_batch_open (patient.data, patient.size, &error);
      second = arbor_batch_open (patient.data, patient.size, &error);
      g_assert_no_error (error);
      checks = arbor_batch_checks_new (batch, 7, tell, &told);
      g_assert_true (arbor_batch_set_checks (batch, checks));
      g_assert_true (arbor_batch_set_checks (second, checks));
      arbor_batch_checks_unref (checks);
      g_assert_cmpuint (told.n, ==, 0);
      assert_tree (batch, 0, damaged[i].text);
      g_assert_cmpuint (told.n, >=, 1);
      g_assert_cmpuint (told.id, ==, 7);
      g_assert_cmpstr (told.column, ==, damaged[i].path);
      told.n = 0;
      assert_tree (second, 0, damaged[i].text);
      g_assert_cmpuint (told.n, ==, 0);
      g_assert_false (arbor_batch_check_bytes (batch, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
      g_assert_nonnull (strstr (error->message, damaged[i].path));
      g_free (told.column);
      patient_clear (&patient);
    }
}

static const char *const nesting[] = { "[[[[1]]]]", NULL };

static void
assert_sound (Patient *patient)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborBatch) batch = arbor_batch_open (patient->data, patient->size, &error);

  g_assert_no_error (error);
  g_assert_true (arbor_batch_verify (batch, &error));
  g_assert_no_error (error);
}

/* Ends of strings that are strings of the lane, but not its least and greatest one. */
static void
test_string_ends (void)
{
  static const char *const strings[] = { "\"b\"", "\"d\"", "\"a\"", "\"c\"", NULL };

  for (guint end = 0; end < 4; end++)
    for (gboolean is_max = FALSE; is_max <= TRUE; is_max++)
      {
        gboolean is_right = end == (is_max ? 1u : 2u);
        ArborLaneRecord *lane;
        Patient patient;

        patient_init (&patient, strings);
        lane = patient_lane (&patient, 0);
        g_assert_cmpint (lane->encoding, ==, ARBOR_ENCODING_SPANS);
        g_assert_cmpuint (lane->min, ==, 2);
        g_assert_cmpuint (lane->max, ==, 1);
        if (is_max)
          lane->max = end;
        else
          lane->min = end;
        patient_mend_digest (&patient);
        if (is_right)
          assert_sound (&patient);
        else
          assert_found (&patient, AT_VERIFY, 0, NULL);
        patient_clear (&patient);
      }
}

/* A row list that does not ascend; slots that two lanes claim; dictionaries; texts that are not what
 * their lane says; more levels, and more values, than a batch may have. */
static void
test_other_cases (void)
{
  static const char *const few[] = { "\"b\"", "\"a\"", "\"b\"", "\"b\"", "\"a\"", "\"b\"",
                                     "\"a\"", "\"b\"", "\"b\"", "\"a\"", NULL };
  static const char *const mixed[] = { "1", "\"x\"", "null", NULL };
  static const char *const big[] = { "1e400", "1e500", NULL };
  Patient patient;
  guint8 *at;

  patient_init (&patient, few);
  g_assert_cmpint (patient_lane (&patient, 0)->encoding, ==, ARBOR_ENCODING_DICTIONARY);
  patient_buffer (&patient, 0)[0] = 2; /* no such code */
  patient_mend_digest (&patient);
  assert_found (&patient, AT_USE, 0, "\"\"");
  patient_clear (&patient);

  patient_init (&patient, few);
  memset (patient.data + patient_lane (&patient, 0)->offset_c, 'b', 2); /* twice the same */
  patient_mend_digest (&patient);
  assert_found (&patient, AT_USE, 1, "\"b\"");
  patient_clear (&patient);

  patient_init (&patient, few);
  patient_lane (&patient, 0)->flags = ARBOR_LANE_SORTED;
  patient_mend_digest (&patient);
  assert_found (&patient, AT_VERIFY, 0, NULL);
  patient_clear (&patient);

  patient_init (&patient, few);
  patient_lane (&patient, 0)->max = 0;
  patient_mend_digest (&patient);
  assert_found (&patient, AT_VERIFY, 0, NULL);
  patient_clear (&patient);

  patient_init (&patient, few); /* codes of nothing */
  patient_lane (&patient, 0)->n_distinct = 0;
  patient_lane (&patient, 0)->size_b =
      (guint32) arbor_spans_size (0, patient_lane (&patient, 0)->span_width);
  if (patient_lane (&patient, 0)->size_b == 0)
    patient_lane (&patient, 0)->offset_b = 0;
  patient_mend_digest (&patient);
  assert_found (&patient, AT_OPEN, 0, NULL);
  patient_clear (&patient);

  patient_init (&patient, mixed);
  at = patient.data + patient_lane (&patient, 0)[1].slots_offset;
  memcpy (at, patient.data + patient_lane (&patient, 0)->slots_offset,
          arbor_bitmap_size (3));
  patient_mend_digest (&patient);
  assert_found (&patient, AT_USE, 1, "null");
  patient_clear (&patient);

  patient_init (&patient, big);
  patient_buffer (&patient, 0)[0] = '-'; /* -e400 is no number */
  patient_mend_digest (&patient);
  assert_found (&patient, AT_VERIFY, 0, NULL);
  patient_clear (&patient);

  /* 2^32 - 1 nulls in two bytes each of the directory. */
  patient_init (&patient, nesting);
  patient_lane (&patient, 0)->size_a = patient.columns[1].n_rows = patient.columns[1].n_values =
      patient.columns[1].n_nulls = G_MAXUINT32;
  patient.columns[1].n_nulls--;
  patient_mend_digest (&patient);
  assert_found (&patient, AT_OPEN, 0, NULL);
  patient_clear (&patient);
}

/* A row list with two rows in the wrong order. */
static void
test_row_list (void)
{
  g_autoptr (GPtrArray) trees = g_ptr_array_new ();
  Patient patient;
  guint8 *rows;

  for (guint i = 0; i < 300; i++)
    g_ptr_array_add (trees, (gpointer) (i == 5 || i == 250 ? "{\"r\":1}" : "{}"));
  g_ptr_array_add (trees, NULL);
  patient_init (&patient, (const char *const *) trees->pdata);
  g_assert_cmpint (patient.columns[1].presence, ==, ARBOR_PRESENCE_ROWS);
  rows = patient.data + patient.columns[1].presence_offset;
  store_u32 (rows, 250);
  store_u32 (rows + 4, 5);
  patient_mend_digest (&patient);
  assert_found (&patient, AT_USE, 5, "{\"r\":null}");
  patient_clear (&patient);
}

/* A column below the last level that a batch may have: written by hand from a good one of 64. */
static void
test_levels (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *trees[] = { NULL, NULL };
  Patient patient;
  Patient deep;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborBatch) batch = NULL;
  guint n;

  for (guint i = 0; i < ARBOR_BATCH_MAX_DEPTH - 1; i++)
    g_string_append_c (text, '[');
  g_string_append_c (text, '1');
  for (guint i = 0; i < ARBOR_BATCH_MAX_DEPTH - 1; i++)
    g_string_append_c (text, ']');
  trees[0] = text->str;
  patient_init (&patient, trees);
  n = patient.header->n_columns;
  g_assert_cmpuint (n, ==, ARBOR_BATCH_MAX_DEPTH);

  /* One record of each more in front of what follows; all offsets move by the 128 bytes. */
  deep.size = patient.size + 128;
  deep.data = g_malloc0 (deep.size);
  deep.header = (ArborBatchHeader *) deep.data;
  deep.columns = (ArborColumnRecord *) (deep.header + 1);
  deep.lanes = (ArborLaneRecord *) (deep.columns + n + 1);
  memcpy (deep.data, patient.data, 64 + n * 64);
  memcpy (deep.lanes, patient.lanes, n * 64);
  memcpy (deep.lanes + n + 1, patient.lanes + n, patient.size - 64 - n * 128);
  deep.header->n_bytes = deep.size;
  deep.header->n_columns++;
  deep.header->n_lanes++;
  deep.header->keys_offset += 128;
  deep.header->shapes_offset += 128;
  deep.header->data_offset += 128;
  for (guint i = 0; i < n; i++)
    if (deep.lanes[i].size_b > 0)
      deep.lanes[i].offset_b += 128;
  deep.columns[n] = deep.columns[n - 1];
  deep.columns[n].parent = n - 1;
  deep.columns[n].first_lane = n;
  deep.columns[n - 1].first_child = n;
  deep.columns[n - 1].has_elements = 1;
  deep.lanes[n] = deep.lanes[n - 1];
  deep.lanes[n - 1] = deep.lanes[n - 2];
  patient_mend_digest (&deep);
  bytes = arbor_batch_copy_bytes (deep.data, deep.size);
  batch = arbor_batch_open (g_bytes_get_data (bytes, NULL), deep.size, &error);
  g_assert_null (batch);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, "column 64"));
  g_free (deep.data);
  patient_clear (&patient);
}

static const char *const kinds[] = {
  "null",
  "true",
  "-9223372036854775808",
  "18446744073709551615",
  "1.5",
  "-0.0",
  "1e400",
  "123456789012345678901234567890",
  "\"\"",
  "\"a\\u0000b\"",
  "[]",
  "{}",
  "[1,\"x\",null,[2,[]],{\"a\":[{}]}]",
  "{\"a\":1,\"b\":{\"c\":[1,2,{\"d\":null}]},\"\":false}",
  "{\"b\":2,\"a\":1}",
  "{\"a\":[true,false,1,2.5,\"s\"]}",
  "{\"b\":{\"c\":[]},\"a\":9007199254740993}",
  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1"
  "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
  NULL,
};

/* Every byte changed in turn: an error, or something to read, never a crash; and verify finds every
 * single change. The same for every length that is too short. */
static void
test_every_byte (void)
{
  static const guint8 changes[] = { 0x01, 0x80, 0xff };
  Patient patient;

  patient_init (&patient, kinds);
  for (gsize i = 0; i < patient.size; i++)
    for (guint j = 0; j < G_N_ELEMENTS (changes); j++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (ArborBatch) batch = NULL;

        patient.data[i] ^= changes[j];
        batch = arbor_batch_open (patient.data, patient.size, &error);
        if (batch != NULL)
          {
            read_all (batch);
            g_assert_false (arbor_batch_verify (batch, &error));
          }
        g_assert_true (g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT) ||
                       g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_VERSION));
        patient.data[i] ^= changes[j];
      }
  for (gsize length = 0; length < patient.size; length++)
    {
      g_autofree guint8 *copy = g_memdup2 (patient.data, length + 1);
      g_autoptr (GError) error = NULL;

      g_assert_null (arbor_batch_open (copy, length, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
    }
  patient_clear (&patient);
}

/* With the digest mended, whatever opens can be read and verified. */
static void
test_behind_digest (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  Patient patient;
  g_autofree guint8 *good = NULL;

  patient_init (&patient, kinds);
  good = g_memdup2 (patient.data, patient.size);
  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr (ArborBatch) batch = NULL;

      memcpy (patient.data, good, patient.size);
      for (gint n = g_rand_int_range (rand, 1, 4); n > 0; n--)
        patient.data[g_rand_int_range (rand, 64, (gint) patient.size)] = (guint8) g_rand_int (rand);
      patient_mend_digest (&patient);
      batch = arbor_batch_open (patient.data, patient.size, NULL);
      if (batch == NULL)
        continue;
      read_all (batch);
      arbor_batch_verify (batch, NULL);
    }
  patient_clear (&patient);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch-verify/digests", test_digests);
  g_test_add_func ("/batch-verify/cases", test_cases);
  g_test_add_func ("/batch-verify/other-cases", test_other_cases);
  g_test_add_func ("/batch-verify/string-ends", test_string_ends);
  g_test_add_func ("/batch-verify/row-list", test_row_list);
  g_test_add_func ("/batch-verify/levels", test_levels);
  g_test_add_func ("/batch-verify/every-byte", test_every_byte);
  g_test_add_func ("/batch-verify/behind-digest", test_behind_digest);
  return g_test_run ();
}
