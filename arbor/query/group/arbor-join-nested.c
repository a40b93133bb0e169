/* Left trees with their matches in a field, by columns: the matches of all trees at hand, one after the other,
 * are the elements of the field's arrays, or its values where there is one at most.
 */

#include "query/group/arbor-join-private.h"

#include "base/arbor-bits.h"
#include "batch/arbor-batch-format.h"

struct _ArborNestColumns
{
  const char *field;
  guint32 length;
  ArborNestKind nest;
  const ArborWanted *wanted; /* NULL: all */
  ArborCompose *compose;
  ArborTogether right;
};

ArborWanted *
arbor_nest_want_right (const char *field, ArborNestKind nest, const ArborWanted *wanted)
{
  const ArborWantedField *found;

  if (wanted == NULL)
    return NULL;
  found = arbor_wanted_find (wanted, field, strlen (field));
  if (found == NULL)
    return arbor_wanted_new ();
  return found->below == NULL || (found->is_list && nest == ARBOR_NEST_KIND_ONE)
             ? NULL
             : arbor_wanted_copy (found->below);
}

ArborNestColumns *
arbor_nest_columns_new (const char *field, ArborNestKind nest, const ArborWanted *wanted,
                        ArborBatchBuilder *builder)
{
  ArborNestColumns *self = g_new0 (ArborNestColumns, 1);

  self->field = field;
  self->length = (guint32) strlen (field);
  self->nest = nest;
  self->wanted = wanted;
  self->right.wanted = arbor_nest_want_right (field, nest, wanted);
  self->compose = arbor_compose_new (builder);
  return self;
}

void
arbor_nest_columns_free (ArborNestColumns *self)
{
  arbor_together_clear (&self->right);
  arbor_compose_free (self->compose);
  g_free (self);
}

void
arbor_nest_columns_forget (ArborNestColumns *self)
{
  arbor_compose_forget (self->compose);
}

/* The matches as values of the field. */
static void
add_matches (ArborNestColumns *self, const ArborNestPiece *piece, const ArborBatch *right,
             const guint64 *has_right, GArray *fields)
{
  ArborFieldRows field = { .key = self->field,
                           .length = self->length,
                           .batch = right,
                           .rows = piece->right,
                           .n_rows = piece->n_right };

  /* Nothing was found for any of the trees: none has the field. */
  if (self->nest == ARBOR_NEST_KIND_ONE && piece->n_right == 0)
    return;
  if (self->wanted != NULL)
    field.of = arbor_wanted_find (self->wanted, self->field, self->length);
  if (self->nest == ARBOR_NEST_KIND_MANY)
    field.lengths = piece->lengths;
  else
    field.present = has_right;
  g_array_append_val (fields, field);
}

static void
add_left (ArborNestColumns *self, const ArborNestPiece *piece, const ArborBatch *left,
          guint32 column, GArray *fields)
{
  ArborFieldRows field = {
    .batch = left, .column = column, .rows = piece->left, .n_rows = piece->n
  };

  field.key = arbor_batch_get_key (left, column, &field.length);
  if (self->wanted != NULL)
    field.of = arbor_wanted_find (self->wanted, field.key, field.length);
  g_array_append_val (fields, field);
}

/* The columns of the left trees that come out, in their order. ARBOR_NO_COLUMN: there is none. */
static guint32
list_left (ArborNestColumns *self, const ArborBatch *left, ArborScope *scope, guint32 **columns)
{
  guint32 n = 0;

  if (self->wanted == NULL)
    return arbor_compose_list_fields (left, scope, columns);
  *columns = arbor_scope_alloc (scope, ((gsize) self->wanted->n + 1) * sizeof **columns);
  for (guint i = 0; i < self->wanted->n; i++)
    {
      guint32 length;
      const char *key = arbor_wanted_get (self->wanted, i, &length);

      (*columns)[n] = arbor_batch_find_field (left, 0, key, length);
      n += (*columns)[n] != ARBOR_NO_COLUMN;
    }
  return n;
}

/* FALSE: not the same for all trees, or in another order. */
static gboolean
list_fields (ArborNestColumns *self, const ArborNestPiece *piece, const ArborBatch *left,
             const ArborBatch *right, const guint64 *has_right, ArborScope *scope, GArray *fields)
{
  guint32 own = arbor_batch_find_field (left, 0, self->field, self->length);
  guint32 *columns;
  guint32 n = list_left (self, left, scope, &columns);

  /* Trees without a match keep what stands in the field; trees without the field have it at the end. */
  if (n == ARBOR_NO_COLUMN ||
      (own != ARBOR_NO_COLUMN && (self->nest == ARBOR_NEST_KIND_ONE ||
                                  left->columns[own].presence != ARBOR_PRESENCE_ALL)))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    if (columns[i] == own)
      add_matches (self, piece, right, has_right, fields);
    else
      add_left (self, piece, left, columns[i], fields);
  if (own == ARBOR_NO_COLUMN && arbor_wanted_has (self->wanted, self->field, self->length))
    add_matches (self, piece, right, has_right, fields);
  return TRUE;
}

gboolean
arbor_nest_columns_add (ArborNestColumns *self, ArborNestPiece *piece, const ArborBatch *left,
                        ArborAccess *right, ArborScope *scope, gboolean *is_done, GError **error)
{
  guint64 *has_right = arbor_scope_alloc (scope, arbor_bits_n_words (piece->n) * 8);
  g_autoptr (GArray) fields = NULL;
  const ArborBatch *batch = NULL;

  *is_done = FALSE;
  if (!arbor_compose_has_objects_only (left))
    return TRUE;
  memset (has_right, 0, arbor_bits_n_words (piece->n) * 8);
  for (guint32 i = 0; i < piece->n; i++)
    {
      if (piece->lengths[i] > 1 && self->nest == ARBOR_NEST_KIND_ONE)
        return TRUE; /* an error that names the key */
      if (piece->lengths[i] > 0)
        arbor_bits_set (has_right, i);
    }
  if (piece->n_right > 0)
    {
      if (!arbor_together_find (&self->right, right, piece->right, piece->n_right, scope, &batch,
                                  is_done, error))
        return FALSE;
      if (!*is_done)
        return TRUE;
    }
  fields = g_array_new (FALSE, FALSE, sizeof (ArborFieldRows));
  *is_done = list_fields (self, piece, left, batch, has_right, scope, fields) &&
             arbor_compose_add (self->compose, (const ArborFieldRows *) (gpointer) fields->data,
                                fields->len, piece->n);
  if (batch != NULL && batch == self->right.batch)
    arbor_compose_forget (self->compose);
  return TRUE;
}
