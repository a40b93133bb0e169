/* Explode: a tree for each element of an array, or for each member of an object, whose key is kept
 * in a field. See arbor-fields.h.
 */

#include "query/make/arbor-fields.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-bits.h"
#include "batch/arbor-compose.h"
#include "batch/arbor-lanes.h"
#include "batch/arbor-value-access.h"
#include "query/view/arbor-narrow.h"

/* For members that are no objects, where trees are made of them. */
#define VALUE_FIELD "value"

/* The children of a container on the way to the array. */
typedef struct
{
  ArborValueIter iter;
  gboolean is_object;
  guint32 position; /* of the next child */
  guint32 target;   /* ARRAY: position of the child on the way */
} Frame;

typedef struct
{
  char *text;
  ArborPath *path;
  char *as;  /* NULL: in place of the array */
  char *key; /* the field for keys of members */
  const char *member; /* the key at hand; NULL: an element */
  guint32 length;
  Frame *frames; /* one a step */

  /* Where only some fields are made. */
  ArborWanted *wanted; /* NULL: all are */
  ArborCompose *compose;
  ArborGather *gather; /* where all are; or NULL */
} Explode;

static void
explode_free (gpointer data)
{
  Explode *self = data;

  g_clear_pointer (&self->path, arbor_path_free);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
  g_clear_pointer (&self->compose, arbor_compose_free);
  g_clear_pointer (&self->gather, arbor_gather_free);
  g_free (self->text);
  g_free (self->as);
  g_free (self->key);
  g_free (self->frames);
  g_free (self);
}

static void
explode_describe (gpointer data, GString *text)
{
  Explode *self = data;

  g_string_append_printf (text, "explode %s", self->text);
  if (self->as != NULL)
    g_string_append_printf (text, " as %s", self->as);
  if (!g_str_equal (self->key, ARBOR_FIELDS_KEY))
    g_string_append_printf (text, ", keys as %s", self->key);
}

static void
step_down (const ArborStep *step, const ArborValue *from, ArborScope *scope, ArborValue *to)
{
  if (step->kind == ARBOR_STEP_KEY)
    arbor_value_get_member (from, step->key, step->length, scope, to);
  else
    arbor_value_get_element (from, step->index, scope, to);
}

static void
open_frame (Explode *self, guint level, const ArborValue *container, ArborScope *scope,
            ArborTapeWriter *out)
{
  const ArborStep *step = &self->path->steps[level];
  Frame *frame = &self->frames[level];

  frame->is_object = container->kind == ARBOR_KIND_OBJECT;
  frame->position = 0;
  if (!frame->is_object)
    frame->target = (guint32) (step->index >= 0
                                   ? step->index
                                   : step->index + arbor_value_get_length (container, scope));
  arbor_value_iter_init (&frame->iter, container, scope);
  if (frame->is_object)
    arbor_tape_writer_begin_object (out);
  else
    arbor_tape_writer_begin_array (out);
}

static gboolean
is_on_the_way (Explode *self, guint level, const char *key, guint32 length)
{
  const ArborStep *step = &self->path->steps[level];
  Frame *frame = &self->frames[level];

  if (frame->is_object)
    return step->length == length && memcmp (step->key, key, length) == 0;
  return frame->position - 1 == frame->target;
}

/* Whether @element is an object that has its key where that is to go. */
static gboolean
has_own_key (Explode *self, const ArborValue *element, ArborScope *scope)
{
  ArborValue own;

  if (element->kind != ARBOR_KIND_OBJECT)
    return FALSE;
  arbor_value_get_member (element, self->key, strlen (self->key), scope, &own);
  return own.kind == ARBOR_KIND_STRING && own.length == self->length &&
         (own.length == 0 || memcmp (own.text, self->member, own.length) == 0);
}

static void
write_key (Explode *self, ArborTapeWriter *out)
{
  ArborValue key = ARBOR_VALUE_STRING (self->member, self->length);

  if (self->member == NULL)
    return;
  arbor_tape_writer_key (out, self->key, strlen (self->key));
  arbor_tape_writer_scalar (out, &key);
}

static void
close_frame (Explode *self, guint level, const ArborValue *element, ArborScope *scope,
             ArborTapeWriter *out)
{
  if (level == 0)
    write_key (self, out);
  if (level == 0 && self->as != NULL)
    {
      arbor_tape_writer_key (out, self->as, strlen (self->as));
      arbor_value_write_tape (element, scope, out);
    }
  if (self->frames[level].is_object)
    arbor_tape_writer_end_object (out);
  else
    arbor_tape_writer_end_array (out);
}

/* The tree, whose path leads to an array, with @element. */
static void
write_tree (Explode *self, const ArborValue *tree, const ArborValue *element, ArborScope *scope,
            ArborTapeWriter *out)
{
  guint level = 0;
  const char *key;
  guint32 length;
  ArborValue child;

  open_frame (self, 0, tree, scope, out);
  while (TRUE)
    {
      Frame *frame = &self->frames[level];
      gboolean is_way;

      if (!arbor_value_iter_next (&frame->iter, &key, &length, &child))
        {
          close_frame (self, level, element, scope, out);
          if (level-- == 0)
            return;
          continue;
        }
      frame->position++;
      is_way = is_on_the_way (self, level, key, length);
      if (is_way && level + 1 == self->path->n_steps && self->as != NULL)
        continue;
      if (frame->is_object)
        arbor_tape_writer_key (out, key, length);
      if (!is_way)
        arbor_value_write_tape (&child, scope, out);
      else if (level + 1 == self->path->n_steps)
        arbor_value_write_tape (element, scope, out);
      else
        open_frame (self, ++level, &child, scope, out);
    }
}

/* The tree is the array or object: the element, or as import does it the member behind its key. */
static void
write_root (Explode *self, const ArborValue *element, ArborScope *scope, ArborTapeWriter *out)
{
  ArborValueIter iter;
  const char *key;
  guint32 length;
  ArborValue value;

  if (self->member == NULL || has_own_key (self, element, scope))
    {
      arbor_value_write_tape (element, scope, out);
      return;
    }
  arbor_tape_writer_begin_object (out);
  write_key (self, out);
  if (element->kind != ARBOR_KIND_OBJECT)
    {
      arbor_tape_writer_key (out, VALUE_FIELD, strlen (VALUE_FIELD));
      arbor_value_write_tape (element, scope, out);
    }
  else
    {
      arbor_value_iter_init (&iter, element, scope);
      while (arbor_value_iter_next (&iter, &key, &length, &value))
        {
          arbor_tape_writer_key (out, key, length);
          arbor_value_write_tape (&value, scope, out);
        }
    }
  arbor_tape_writer_end_object (out);
}

static void
write_element (Explode *self, const ArborValue *tree, const ArborValue *element, ArborScope *scope,
               ArborTapeWriter *out)
{
  if (self->path->n_steps > 0)
    {
      write_tree (self, tree, element, scope, out);
    }
  else if (self->as == NULL)
    {
      write_root (self, element, scope, out);
    }
  else
    {
      /* The tree is the array: an object is made of the field alone. */
      arbor_tape_writer_begin_object (out);
      write_key (self, out);
      arbor_tape_writer_key (out, self->as, strlen (self->as));
      arbor_value_write_tape (element, scope, out);
      arbor_tape_writer_end_object (out);
    }
}

/* Whether the name is that of the array or object, which is left out. */
static gboolean
is_own_name (Explode *self, const char *name)
{
  return self->as != NULL && self->path->n_steps == 1 && arbor_step_is_key (self->path->steps, name);
}

/* Whether @tree has a place for the new field @name that costs no value. */
static gboolean
check_field_place (Explode *self, const ArborValue *tree, const char *name, ArborScope *scope,
                   GError **error)
{
  ArborValue other;

  if (tree->kind != ARBOR_KIND_OBJECT)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
                   self->as != NULL
                       ? _("A tree is an array, and the field '%s' needs an object: explode '%s' "
                           "without a field")
                       : _("A tree is an array, and the field '%s' for keys of '%s' needs an object"),
                   name, self->text);
      return FALSE;
    }
  if (is_own_name (self, name))
    return TRUE;
  arbor_value_get_member (tree, name, strlen (name), scope, &other);
  return other.kind == ARBOR_KIND_MISSING ||
         arbor_fields_set_taken_error (name, strlen (name), error);
}

/* The same for all fields of @tree, which has the array or (@has_keys) the object. */
static gboolean
check_place (Explode *self, const ArborValue *tree, gboolean has_keys, ArborScope *scope,
             GError **error)
{
  if (has_keys && g_strcmp0 (self->as, self->key) == 0)
    return arbor_fields_set_taken_error (self->key, strlen (self->key), error);
  if (self->path->n_steps == 0)
    return TRUE;
  return (self->as == NULL || check_field_place (self, tree, self->as, scope, error)) &&
         (!has_keys || check_field_place (self, tree, self->key, scope, error));
}

/* The same for a member that becomes a tree of its own. */
static gboolean
check_member (Explode *self, const ArborValue *element, ArborScope *scope, GError **error)
{
  ArborValue other = ARBOR_VALUE_MISSING;

  if (self->member == NULL || self->path->n_steps > 0 || self->as != NULL ||
      has_own_key (self, element, scope))
    return TRUE;
  if (element->kind == ARBOR_KIND_OBJECT)
    arbor_value_get_member (element, self->key, strlen (self->key), scope, &other);
  if (other.kind == ARBOR_KIND_MISSING &&
      (element->kind == ARBOR_KIND_OBJECT || !g_str_equal (self->key, VALUE_FIELD)))
    return TRUE;
  return arbor_fields_set_taken_error (self->key, strlen (self->key), error);
}

static gboolean
map_explode (gpointer data, const ArborBatch *batch, guint32 row, const ArborValue *tree,
             ArborScope *scope, ArborOutput *output, GError **error)
{
  Explode *self = data;
  ArborValue array = *tree;
  ArborValue element;
  ArborValueIter iter;
  gboolean has_keys;
  const char *key;

  for (guint i = 0; i < self->path->n_steps; i++)
    {
      ArborValue child;

      step_down (&self->path->steps[i], &array, scope, &child);
      array = child;
    }
  has_keys = array.kind == ARBOR_KIND_OBJECT;
  if (!has_keys && array.kind != ARBOR_KIND_ARRAY)
    return arbor_output_add_tree (output, tree, scope, error);
  if (!check_place (self, tree, has_keys, scope, error))
    return FALSE;

  arbor_value_iter_init (&iter, &array, scope);
  while (arbor_value_iter_next (&iter, &key, &self->length, &element))
    {
      ArborScopeMark mark = arbor_scope_mark (scope);

      /* One tree may become millions. */
      self->member = has_keys ? key : NULL;
      if (!arbor_scope_check (scope, error) || !check_member (self, &element, scope, error))
        return FALSE;
      write_element (self, tree, &element, scope, arbor_output_begin_tree (output));
      arbor_scope_release (scope, mark);
      if (!arbor_output_end_tree (output, error))
        return FALSE;
    }
  return TRUE;
}

/* By columns */

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
find_arrays (Explode *self, const ArborBatch *batch, ArborScope *scope, Arrays *found)
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
  if (found->lane != NULL && self->as != NULL && !is_own_name (self, self->as) &&
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

static gboolean
count_explode (gpointer data, const ArborRows *rows, ArborScope *scope, guint64 *n,
               gboolean *is_known, GError **error)
{
  Explode *self = data;
  Arrays arrays;

  *is_known = find_arrays (self, rows->batch, scope, &arrays);
  for (guint32 i = 0; *is_known && i < rows->n; i++)
    {
      guint32 row = arbor_rows_get (rows, i);
      guint32 start = 0, end = 1;

      if (arrays.arrays[row] != NO_ARRAY)
        get_elements (rows->batch, &arrays, row, &start, &end);
      *n += end - start;
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
list_wanted (Explode *self, const ArborBatch *batch, const Arrays *arrays, const Piece *piece,
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
write_piece (Explode *self, const ArborBatch *batch, const Arrays *arrays, const Piece *piece,
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
          write_element (self, &tree, &element, scope, arbor_output_begin_tree (output));
          is_good = arbor_output_end_tree (output, error);
        }
      if (!is_good || !arbor_scope_check (scope, error))
        return FALSE;
    }
  return TRUE;
}

/* FALSE: by rows. */
static gboolean
add_piece (Explode *self, const ArborBatch *batch, const Arrays *arrays, const Piece *piece,
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
make_piece (Explode *self, const ArborBatch *batch, const Arrays *arrays, Piece *piece,
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
goes_by_columns (Explode *self, const ArborBatch *batch, ArborScope *scope, Arrays *arrays)
{
  if (self->wanted != NULL ? !arbor_compose_has_objects_only (batch) : self->as != NULL)
    return FALSE;
  return find_arrays (self, batch, scope, arrays) &&
         (self->wanted != NULL || arrays->is_alone || arrays->lane == NULL);
}

/* The batch of the call before may be gone. */
static void
set_batch (Explode *self, const ArborBatch *batch, ArborBatchBuilder *builder)
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

static gboolean
explode_rows (gpointer data, const ArborRows *rows, ArborScope *scope, ArborOutput *output,
              gboolean *is_done, GError **error)
{
  Explode *self = data;
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
      guint32 start = 0, end = 1;

      if (has_array)
        get_elements (rows->batch, &arrays, row, &start, &end);
      for (; start < end; start++)
        {
          piece.rows[piece.n] = row;
          if (has_array)
            {
              piece.elements[piece.n_elements++] = start;
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

static gpointer
explode_narrow (gpointer data, const ArborWanted *wanted)
{
  const Explode *self = data;
  Explode *copy = g_new0 (Explode, 1);

  copy->text = g_strdup (self->text);
  copy->as = g_strdup (self->as);
  copy->key = g_strdup (self->key);
  copy->path = arbor_path_copy (self->path);
  copy->frames = g_new (Frame, self->path->n_steps + 1);
  copy->wanted = arbor_wanted_copy (wanted);
  return copy;
}

/* A place in the trees that come out, as a place in the old ones. */
static void
list_keys (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  static const ArborStepKind kinds[] = { ARBOR_STEP_EACH, ARBOR_STEP_ANY };
  Explode *self = data;
  const ArborPath *path = self->path;
  gboolean is_field = self->as != NULL && n_steps > 0 && arbor_step_is_key (steps, self->as);
  g_autofree ArborStep *old = g_new (ArborStep, path->n_steps + n_steps + 1);
  guint n_skipped = is_field ? 1 : path->n_steps;
  guint n_same = 0;

  while (n_same < path->n_steps && n_same < n_steps &&
         arbor_step_equal (&path->steps[n_same], &steps[n_same]))
    n_same++;
  if (n_steps == 0 && self->as != NULL)
    arbor_key_search_add (search, self->as);
  if (n_steps == 0)
    arbor_key_search_add (search, self->key);
  if (path->n_steps == 0 && self->as == NULL && n_steps == 0)
    arbor_key_search_add (search, VALUE_FIELD);
  else if (path->n_steps == 0 && self->as == NULL && arbor_step_is_key (steps, VALUE_FIELD))
    arbor_key_search_set_open (search);
  /* What is neither stays, and so do the other elements of an array on the way. */
  if (path->n_steps > 0 || self->as == NULL)
    arbor_key_search_ask (search, 0, steps, n_steps, NULL);
  if (!is_field && (self->as != NULL || n_same < path->n_steps))
    return;
  memcpy (old, path->steps, path->n_steps * sizeof (ArborStep));
  memcpy (old + path->n_steps + 1, steps + n_skipped, (n_steps - n_skipped) * sizeof (ArborStep));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      old[path->n_steps] = (ArborStep){ .kind = kinds[i] };
      arbor_key_search_ask (search, 0, old, path->n_steps + 1 + n_steps - n_skipped, NULL);
    }
}

static void
list_nodes (gpointer data, guint input, GPtrArray *nodes)
{
  Explode *self = data;

  g_ptr_array_add (nodes, arbor_node_new_path_take (arbor_path_copy (self->path)));
}

/* What is wanted of elements that come out; NULL: all. @nothing where none is. */
static const ArborWanted *
want_element (Explode *self, const ArborWanted *nothing)
{
  const ArborWanted *at = self->wanted;
  const ArborWantedField *field = NULL;

  if (self->as != NULL)
    {
      field = arbor_wanted_find (at, self->as, strlen (self->as));
      return field == NULL ? nothing : field->is_list ? NULL : field->below;
    }
  for (guint i = 0; i < self->path->n_steps && at != NULL; i++)
    if (self->path->steps[i].kind == ARBOR_STEP_KEY)
      {
        field = arbor_wanted_find (at, self->path->steps[i].key, self->path->steps[i].length);
        if (field == NULL)
          return nothing;
        at = field->is_list ? NULL : field->below;
      }
  return at;
}

static ArborWanted *
want_explode (gpointer data)
{
  Explode *self = data;
  g_autoptr (ArborWanted) nothing = arbor_wanted_new ();
  g_autoptr (ArborWanted) all = NULL;

  if (self->wanted == NULL)
    return NULL;
  all = arbor_wanted_copy (self->wanted);
  /* A tree that has these is refused. */
  arbor_wanted_add_key (all, self->key, (guint32) strlen (self->key));
  if (self->as != NULL)
    arbor_wanted_add_key (all, self->as, (guint32) strlen (self->as));
  return arbor_wanted_add (all, self->path->steps, self->path->n_steps,
                           want_element (self, nothing), TRUE)
             ? g_steal_pointer (&all)
             : NULL;
}

/* A field that holds the array cannot be set to an element without losing what else it holds. */
static gboolean
check_field (const ArborPath *path, const char *text, const char *as, GError **error)
{
  const ArborStep *step = path->steps;

  if (as == NULL || path->n_steps < 2 || step->kind != ARBOR_STEP_KEY ||
      step->length != strlen (as) || memcmp (step->key, as, step->length) != 0)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
               _("Field '%s' holds the array at '%s' and would lose all else in it: give another "
                 "name"),
               as, text);
  return FALSE;
}

ArborSource *
arbor_fields_explode (ArborSource *source, ArborSelection *selection, const char *path,
                      const char *as, const char *key, GError **error)
{
  static const ArborMapping mapping = { .map = map_explode,
                                        .map_rows = explode_rows,
                                        .count = count_explode,
                                        .narrow = explode_narrow,
                                        .want = want_explode,
                                        .describe = explode_describe,
                                        .free = explode_free,
                                        .keys = list_keys,
                                        .nodes = list_nodes };
  g_autoptr (ArborPath) parsed = arbor_path_parse (path, error);
  Explode *self;

  if (parsed == NULL)
    return NULL;
  if (parsed->is_vector)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY,
                   _ ("Path '%s' has [*], which gives several values, and one is needed here"),
                   path);
      return NULL;
    }
  if (!check_field (parsed, path, as, error))
    return NULL;
  self = g_new0 (Explode, 1);
  self->text = g_strdup (path);
  self->as = g_strdup (as);
  self->key = g_strdup (key != NULL ? key : ARBOR_FIELDS_KEY);
  self->frames = g_new (Frame, parsed->n_steps + 1);
  self->path = g_steal_pointer (&parsed);
  return arbor_source_new_mapped (&mapping, self, source, selection, NULL, 0, NULL, error);
}
