/* Explode by columns. See arbor-explode-private.h. Which row has which array is told by lanes; the fields of
 * the trees that come out are columns of the batch and of the elements, and where trees are made whole, the
 * elements stand in the place of the arrays while columns are gathered.
 */

#include "query/make/arbor-explode-private.h"

#include "base/arbor-bits.h"
#include "batch/arbor-lanes.h"

#define NO_ARRAY G_MAXUINT32
/* Trees that are made at once where they are made whole, which may be large. */
#define WHOLE_TREES 2048u

/* The arrays of a batch, where lanes tell. */
typedef struct
{
  const ArborLane *lane; /* NULL: there are none */
  guint32 column;
  gboolean is_alone;     /* nothing else stands where the arrays do */
  guint32 *arrays;       /* of each row of the batch: which one, or NO_ARRAY */
} Arrays;

static gboolean
is_path_of_keys (const ArborPath *path)
{
  for (guint i = 0; i < path->n_steps; i++)
    if (path->steps[i].kind != ARBOR_STEP_KEY)
      return FALSE;
  return path->n_steps > 0;
}

/* FALSE: objects have members, text may be anything, or a tree may have no place for the new field. */
static gboolean
find_arrays (ArborExplode *self, const ArborBatch *batch, ArborScope *scope, Arrays *found)
{
  ArborLanes *lanes = arbor_scope_alloc (scope, sizeof *lanes);
  guint32 n = arbor_batch_get_n_trees (batch);
  guint32 *rows = arbor_scope_alloc (scope, (gsize) n * sizeof *rows);
  guint32 n_arrays = 0;

  if (!is_path_of_keys (self->path))
    return FALSE;
  arbor_lanes_init (lanes, batch, 0, self->path->steps, self->path->n_steps, scope);
  if (lanes->hidden != NULL || arbor_lanes_find (lanes, ARBOR_KIND_OBJECT) != NULL ||
      arbor_lanes_find (lanes, ARBOR_LANE_OVERFLOW) != NULL)
    return FALSE;
  *found = (Arrays){ .lane = arbor_lanes_find (lanes, ARBOR_KIND_ARRAY), .column = lanes->column };
  found->is_alone =
      lanes->n_lanes == (found->lane != NULL ? 1u : 0u) && lanes->nulls == NULL;
  if (found->lane != NULL && self->as != NULL && !arbor_explode_is_own_name (self, self->as) &&
      arbor_batch_find_field (batch, 0, self->as, strlen (self->as)) != ARBOR_NO_COLUMN)
    return FALSE;
  found->arrays = arbor_scope_alloc (scope, (gsize) n * sizeof *found->arrays);
  memset (found->arrays, 0xff, (gsize) n * sizeof *found->arrays);
  if (found->lane == NULL)
    return TRUE;
  if (found->lane->rows != NULL)
    n_arrays = arbor_bits_list (found->lane->rows, 0, n, 0, n, rows);
  for (guint32 i = 0; i < n_arrays; i++)
    found->arrays[rows[i]] = i;
  for (guint32 i = 0; found->lane->rows == NULL && i < n; i++)
    found->arrays[i] = i;
  return TRUE;
}

static void
get_elements (const ArborBatch *batch, const Arrays *arrays, guint32 row, guint32 *start,
              guint32 *end)
{
  guint64 first, last;

  arbor_spans_get (arrays->lane->b, arrays->lane->count, arrays->lane->record->span_width,
                   arrays->arrays[row], &first, &last);
  *start = (guint32) first;
  *end = (guint32) last;
}

gboolean
arbor_explode_count (gpointer data, const ArborRows *rows, ArborScope *scope, guint32 *counts,
                     gboolean *is_known, GError **error)
{
  ArborExplode *self = data;
  Arrays arrays;

  *is_known = find_arrays (self, rows->batch, scope, &arrays);
  for (guint32 i = 0; *is_known && i < rows->n; i++)
    {
      guint32 row = arbor_rows_get (rows, i);
      guint32 start = 0, end = 1;

      if (arrays.arrays[row] != NO_ARRAY)
        get_elements (rows->batch, &arrays, row, &start, &end);
      counts[i] = end - start;
    }
  return TRUE;
}

/* Trees that come out: of which row, and with which element. */
typedef struct
{
  guint32 n;
  guint32 n_elements;
  guint32 *rows;
  guint32 *elements;
  guint64 *has_element;
} Piece;

static void
piece_init (Piece *self, ArborScope *scope)
{
  *self = (Piece){ .n = 0 };
  self->rows = arbor_scope_alloc (scope, ARBOR_BATCH_MAX_TREES * sizeof (guint32));
  self->elements = arbor_scope_alloc (scope, ARBOR_BATCH_MAX_TREES * sizeof (guint32));
  self->has_element = arbor_scope_alloc (scope, ARBOR_BATCH_MAX_TREES / 8);
  memset (self->has_element, 0, ARBOR_BATCH_MAX_TREES / 8);
}

/* FALSE: what is wanted does not lie in columns. */
static gboolean
list_wanted (ArborExplode *self, const ArborBatch *batch, const Arrays *arrays, const Piece *piece,
             ArborFieldRows *fields, guint *n_fields)
{
  const ArborFieldRows element = { .batch = batch,
                                   .column = arrays->lane != NULL
                                                 ? arbor_batch_find_elements (batch, arrays->column)
                                                 : ARBOR_NO_COLUMN,
                                   .rows = piece->elements,
                                   .n_rows = piece->n_elements,
                                   .present = piece->n_elements < piece->n ? piece->has_element
                                                                           : NULL };

  for (guint i = 0; i < self->wanted->n; i++)
    {
      ArborFieldRows field = { .batch = batch, .rows = piece->rows, .n_rows = piece->n };
      guint32 length;
      const char *key = arbor_wanted_get (self->wanted, i, &length);
      const ArborStep *first = self->path->steps;
      const ArborWantedField *of = &self->wanted->fields[i];
      gboolean is_first = first->length == length && memcmp (first->key, key, length) == 0;
      gboolean is_as = self->as != NULL && strlen (self->as) == length &&
                       memcmp (self->as, key, length) == 0;

      if (is_first && !arrays->is_alone && arrays->lane != NULL)
        return FALSE;
      if (is_as && arrays->lane == NULL &&
          arbor_batch_find_field (batch, 0, key, length) != ARBOR_NO_COLUMN)
        return FALSE;
      if (is_as || (is_first && self->path->n_steps == 1 && self->as == NULL &&
                    arrays->lane != NULL))
        field = element;
      else if (is_first && self->path->n_steps == 1 && arrays->lane != NULL)
        continue;
      else
        field.column = arbor_batch_find_field (batch, 0, key, length);
      if (is_first && self->path->n_steps > 1 && arrays->lane != NULL)
        {
          field.arrays = arrays->column;
          field.elements = self->as == NULL ? piece->elements : NULL;
        }
      if (field.column == ARBOR_NO_COLUMN)
        continue;
      field.key = key;
      field.length = length;
      field.of = of;
      fields[(*n_fields)++] = field;
    }
  return TRUE;
}

static gboolean
write_piece (ArborExplode *self, const ArborBatch *batch, const Arrays *arrays, const Piece *piece,
             ArborOutput *output, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint32 n_elements = 0;

  self->member = NULL;
  for (guint32 i = 0; i < piece->n; i++)
    {
      ArborValue tree, element;
      gboolean is_good;

      arbor_scope_reset (scope);
      arbor_batch_get_tree (batch, piece->rows[i], &tree);
      if (!arbor_bits_test (piece->has_element, i))
        {
          is_good = arbor_output_add_tree (output, &tree, scope, error);
        }
      else
        {
          arbor_batch_get_value (batch, arbor_batch_find_elements (batch, arrays->column),
                                 piece->elements[n_elements++], &element);
          arbor_explode_write_element (self, &tree, &element, scope, arbor_output_begin_tree (output));
          is_good = arbor_output_end_tree (output, error);
        }
      if (!is_good || !arbor_scope_check (scope, error))
        return FALSE;
    }
  return TRUE;
}

/* FALSE: by rows. */
static gboolean
add_piece (ArborExplode *self, const ArborBatch *batch, const Arrays *arrays, const Piece *piece,
           ArborScope *scope)
{
  ArborFieldRows *fields;
  guint n_fields = 0;

  if (self->wanted == NULL)
    return arbor_gather_add_exploded (self->gather, piece->rows, piece->n,
                                      arrays->lane != NULL ? arrays->column : 0, piece->elements);
  fields = arbor_scope_alloc (scope, (self->wanted->n + 1) * sizeof *fields);
  return list_wanted (self, batch, arrays, piece, fields, &n_fields) &&
         arbor_compose_add (self->compose, fields, n_fields, piece->n);
}

static gboolean
make_piece (ArborExplode *self, const ArborBatch *batch, const Arrays *arrays, Piece *piece,
            ArborOutput *output, ArborScope *scope, GError **error)
{
  gboolean is_good;

  if (piece->n == 0)
    return TRUE;
  is_good = add_piece (self, batch, arrays, piece, scope)
                ? arbor_output_end_block (output, error)
                : write_piece (self, batch, arrays, piece, output, error);
  piece->n = piece->n_elements = 0;
  memset (piece->has_element, 0, ARBOR_BATCH_MAX_TREES / 8);
  return is_good;
}

/* Whether trees are made by columns: some of their fields, or all of them where nothing but an element comes
 * in the place of an array. */
static gboolean
goes_by_columns (ArborExplode *self, const ArborBatch *batch, ArborScope *scope, Arrays *arrays)
{
  if (self->wanted != NULL ? !arbor_compose_has_objects_only (batch) : self->as != NULL)
    return FALSE;
  return find_arrays (self, batch, scope, arrays) &&
         (self->wanted != NULL || arrays->is_alone || arrays->lane == NULL);
}

/* The batch of the call before may be gone. */
static void
set_batch (ArborExplode *self, const ArborBatch *batch, ArborBatchBuilder *builder)
{
  if (self->wanted != NULL && self->compose == NULL)
    self->compose = arbor_compose_new (builder);
  if (self->wanted == NULL && self->gather == NULL)
    self->gather = arbor_gather_new (builder);
  if (self->wanted != NULL)
    arbor_compose_forget (self->compose);
  else
    arbor_gather_set_batch (self->gather, batch);
}

gboolean
arbor_explode_map_rows (gpointer data, const ArborRows *rows, ArborScope *scope, ArborOutput *output,
              gboolean *is_done, GError **error)
{
  ArborExplode *self = data;
  ArborBatchBuilder *builder = arbor_output_get_builder (output);
  guint32 most = self->wanted != NULL ? ARBOR_BATCH_MAX_TREES : WHOLE_TREES;
  Arrays arrays;
  Piece piece;

  if (!goes_by_columns (self, rows->batch, scope, &arrays))
    return TRUE;
  *is_done = TRUE;
  set_batch (self, rows->batch, builder);
  piece_init (&piece, scope);
  for (guint32 i = 0; i < rows->n; i++)
    {
      guint32 row = arbor_rows_get (rows, i);
      gboolean has_array = arrays.arrays[row] != NO_ARRAY;
      guint32 first = 0, last = 1;
      guint64 start, end;

      if (has_array)
        get_elements (rows->batch, &arrays, row, &first, &last);
      start = first;
      end = last;
      arbor_windows_cut (&self->windows, &start, &end);
      for (; start < end; start++)
        {
          piece.rows[piece.n] = row;
          if (has_array)
            {
              piece.elements[piece.n_elements++] = (guint32) start;
              arbor_bits_set (piece.has_element, piece.n);
            }
          piece.n++;
          if (piece.n == MIN (arbor_batch_builder_get_room (builder), most) &&
              !make_piece (self, rows->batch, &arrays, &piece, output, scope, error))
            return FALSE;
        }
    }
  return make_piece (self, rows->batch, &arrays, &piece, output, scope, error);
}
