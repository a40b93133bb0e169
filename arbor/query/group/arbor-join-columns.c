/* Pairs of trees by columns: of what somebody wants of a join, or of all of it, each field comes from the
 * left trees or from the right ones. Which of the two, and under which name, depends on the keys that both
 * trees have; where all trees at hand agree on that, columns are gathered.
 */

#include "query/group/arbor-join-private.h"

#include "base/arbor-bits.h"
#include "batch/arbor-batch-format.h"

struct _ArborJoinColumns
{
  const ArborJoinNames *names;
  const ArborWanted *wanted; /* NULL: all */
  ArborCompose *compose;
  ArborTogether right;
};

static gboolean
ends_with (const char *key, guint32 length, const char *suffix)
{
  gsize n = strlen (suffix);

  return n > 0 && length >= n && memcmp (key + length - n, suffix, n) == 0;
}

/* Names that are made up depend on what trees have without the suffixes. */
void
arbor_join_want_names (const char *suffix, const ArborWanted *wanted, ArborWanted *all)
{
  guint32 n_suffix = (guint32) strlen (suffix);

  for (guint i = 0; i < wanted->n; i++)
    {
      const ArborWantedField *field = &wanted->fields[i];

      arbor_wanted_add_field (all, field);
      for (guint32 n = field->length; ends_with (field->key, n, suffix); n -= n_suffix)
        arbor_wanted_add_key (all, field->key, n - n_suffix);
    }
}

/* Where names are made up, the order of the right tree's fields may count, which narrow trees do not keep. */
ArborWanted *
arbor_join_want_right (const ArborJoinNames *names, const ArborWanted *wanted)
{
  g_autoptr (ArborWanted) all = arbor_wanted_new ();

  for (guint i = 0; i < wanted->n; i++)
    {
      const ArborWantedField *field = &wanted->fields[i];

      if (ends_with (field->key, field->length, names->suffix))
        return NULL;
      if (!arbor_join_drops (names, field->key, field->length))
        arbor_wanted_add_field (all, field);
    }
  return g_steal_pointer (&all);
}

static gboolean
all_have (const ArborBatch *batch, guint32 column)
{
  return batch->columns[column].presence == ARBOR_PRESENCE_ALL;
}

/* A piece of pairs. */
typedef struct
{
  const ArborWanted *wanted;   /* NULL: all */
  const ArborJoinPairs *pairs;
  const ArborBatch *left;
  const ArborBatch *right;     /* NULL: no tree has a match */
  guint32 *right_rows;         /* of those that have one */
  guint32 n_right;
  const guint64 *has_right;    /* which have; NULL: all */
  GArray *fields;              /* of ArborFieldRows */
} Piece;

static void
piece_clear (Piece *self)
{
  g_clear_pointer (&self->fields, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Piece, piece_clear)

static const ArborWantedField *
find_wanted (const Piece *self, const char *key, guint32 length)
{
  return self->wanted != NULL ? arbor_wanted_find (self->wanted, key, length) : NULL;
}

static void
add_left (Piece *self, const char *key, guint32 length, guint32 column)
{
  const ArborFieldRows field = { .key = key,
                                 .length = length,
                                 .of = find_wanted (self, key, length),
                                 .batch = self->left,
                                 .column = column,
                                 .rows = self->pairs->left,
                                 .n_rows = self->pairs->n };

  g_array_append_val (self->fields, field);
}

static void
add_right (Piece *self, const char *key, guint32 length, guint32 column)
{
  const ArborFieldRows field = { .key = key,
                                 .length = length,
                                 .of = find_wanted (self, key, length),
                                 .batch = self->right,
                                 .column = column,
                                 .rows = self->right_rows,
                                 .n_rows = self->n_right,
                                 .present = self->has_right };

  g_array_append_val (self->fields, field);
}

static guint32
find_right (Piece *self, const ArborJoinNames *names, const char *key, guint32 length)
{
  if (self->right == NULL || arbor_join_drops (names, key, length))
    return ARBOR_NO_COLUMN;
  return arbor_batch_find_field (self->right, 0, key, length);
}

/* Some fields */

/* What stands under a name that no tree of either side has: a right field of a name that all left
 * trees have, with the suffix. FALSE: not the same for all. */
static gboolean
add_suffixed (Piece *self, const ArborJoinNames *names, const char *key, guint32 length)
{
  guint32 n_suffix = (guint32) strlen (names->suffix);
  guint32 n = length - n_suffix;
  guint32 left, right;

  if (self->right == NULL || !ends_with (key, length, names->suffix))
    return TRUE;
  /* Suffixes in a row, or a key that is left out but there: names that are made up may meet. */
  if (ends_with (key, n, names->suffix) ||
      arbor_batch_find_field (self->right, 0, key, length) != ARBOR_NO_COLUMN)
    return FALSE;
  left = arbor_batch_find_field (self->left, 0, key, n);
  right = find_right (self, names, key, n);
  if (left == ARBOR_NO_COLUMN || right == ARBOR_NO_COLUMN)
    return TRUE;
  if (!all_have (self->left, left))
    return FALSE;
  add_right (self, key, length, right);
  return TRUE;
}

/* FALSE: not the same for all trees. */
static gboolean
add_field (Piece *self, const ArborJoinNames *names, const char *key, guint32 length)
{
  guint32 left = arbor_batch_find_field (self->left, 0, key, length);
  guint32 right = find_right (self, names, key, length);

  if (left != ARBOR_NO_COLUMN)
    {
      if (right != ARBOR_NO_COLUMN && !all_have (self->left, left))
        return FALSE;
      /* A name made up for another field may meet this one where a tree does not have it. */
      if (!all_have (self->left, left) && self->right != NULL &&
          ends_with (key, length, names->suffix))
        return FALSE;
      add_left (self, key, length, left);
      return TRUE;
    }
  if (right != ARBOR_NO_COLUMN)
    {
      if (!all_have (self->right, right) && ends_with (key, length, names->suffix))
        return FALSE;
      add_right (self, key, length, right);
      return TRUE;
    }
  return add_suffixed (self, names, key, length);
}

static gboolean
list_wanted (Piece *self, const ArborJoinNames *names, const ArborWanted *wanted)
{
  for (guint i = 0; i < wanted->n; i++)
    {
      guint32 length;
      const char *key = arbor_wanted_get (wanted, i, &length);

      if (!add_field (self, names, key, length))
        return FALSE;
    }
  return TRUE;
}

/* All fields */

static gboolean
is_listed (const Piece *self, const char *key, gsize length)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      const ArborFieldRows *field = &g_array_index (self->fields, ArborFieldRows, i);

      if (field->length == length && (length == 0 || memcmp (field->key, key, length) == 0))
        return TRUE;
    }
  return FALSE;
}

/* A right field whose name left trees have. FALSE: not all, or the name that is made up is taken by some. */
static gboolean
add_renamed (Piece *self, const ArborJoinNames *names, guint32 column, ArborScope *scope)
{
  gsize n_suffix = strlen (names->suffix);
  guint32 length;
  const char *key = arbor_batch_get_key (self->right, column, &length);
  char *name = arbor_scope_alloc (scope, length + n_suffix + 1);

  memcpy (name, key, length);
  memcpy (name + length, names->suffix, n_suffix + 1);
  if (!all_have (self->left, arbor_batch_find_field (self->left, 0, key, length)) ||
      is_listed (self, name, length + n_suffix) ||
      arbor_batch_find_field (self->right, 0, name, length + n_suffix) != ARBOR_NO_COLUMN)
    return FALSE;
  add_right (self, name, (guint32) (length + n_suffix), column);
  return TRUE;
}

/* FALSE: not the same for all trees, or in another order. */
static gboolean
list_all (Piece *self, const ArborJoinNames *names, ArborScope *scope)
{
  guint32 *columns;
  guint32 n = arbor_compose_list_fields (self->left, scope, &columns);
  guint32 length;
  const char *key;

  if (n == ARBOR_NO_COLUMN)
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      key = arbor_batch_get_key (self->left, columns[i], &length);
      add_left (self, key, length, columns[i]);
    }
  n = self->right != NULL ? arbor_compose_list_fields (self->right, scope, &columns) : 0;
  if (n == ARBOR_NO_COLUMN)
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      key = arbor_batch_get_key (self->right, columns[i], &length);
      if (arbor_join_drops (names, key, length))
        continue;
      if (arbor_batch_find_field (self->left, 0, key, length) == ARBOR_NO_COLUMN)
        {
          if (is_listed (self, key, length))
            return FALSE;
          add_right (self, key, length, columns[i]);
        }
      else if (!add_renamed (self, names, columns[i], scope))
        {
          return FALSE;
        }
    }
  return TRUE;
}

/* The right trees of pairs that have one, and which have. */
static guint32
list_matched (const ArborJoinPairs *pairs, guint32 *indices, guint64 *has)
{
  guint32 n = 0;

  for (guint32 first = 0; first < pairs->n; first += 64)
    {
      guint32 n_here = MIN (pairs->n - first, 64);
      guint64 bits = 0;

      for (guint32 i = 0; i < n_here; i++)
        {
          guint64 is_matched = pairs->right[first + i] != ARBOR_NO_MATCH;

          indices[n] = pairs->right[first + i];
          n += is_matched;
          bits |= is_matched << i;
        }
      has[first / 64] = bits;
    }
  return n;
}

/* The right trees of the piece. *@is_done FALSE: by rows. */
static gboolean
find_right_rows (ArborJoinColumns *self, Piece *piece, ArborAccess *access, ArborScope *scope,
                 gboolean *is_done, GError **error)
{
  const ArborJoinPairs *pairs = piece->pairs;
  guint32 *indices = arbor_scope_alloc (scope, ((gsize) pairs->n + 1) * sizeof *indices);
  guint64 *has = NULL;

  *is_done = TRUE;
  if (pairs->are_matched)
    {
      memcpy (indices, pairs->right, pairs->n * sizeof *indices);
      piece->n_right = pairs->n;
    }
  else
    {
      has = arbor_scope_alloc (scope, arbor_bits_n_words (pairs->n) * 8);
      piece->n_right = list_matched (pairs, indices, has);
    }
  piece->has_right = piece->n_right < pairs->n ? has : NULL;
  piece->right_rows = indices;
  return piece->n_right == 0 ||
         arbor_together_find (&self->right, access, indices, piece->n_right, scope,
                                &piece->right, is_done, error);
}

/* Pairs */

ArborJoinColumns *
arbor_join_columns_new (const ArborJoinNames *names, const ArborWanted *wanted,
                        ArborBatchBuilder *builder)
{
  ArborJoinColumns *self = g_new0 (ArborJoinColumns, 1);

  self->names = names;
  self->wanted = wanted;
  if (wanted != NULL)
    {
      self->right.wanted = arbor_wanted_new ();
      arbor_join_want_names (names->suffix, wanted, self->right.wanted);
    }
  self->compose = arbor_compose_new (builder);
  return self;
}

void
arbor_join_columns_free (ArborJoinColumns *self)
{
  arbor_together_clear (&self->right);
  arbor_compose_free (self->compose);
  g_free (self);
}

void
arbor_join_columns_forget (ArborJoinColumns *self)
{
  arbor_compose_forget (self->compose);
}

gboolean
arbor_join_columns_add (ArborJoinColumns *self, const ArborJoinPairs *pairs, const ArborBatch *left,
                        ArborAccess *right, ArborScope *scope, gboolean *is_done, GBytes **bytes,
                        GError **error)
{
  g_auto (Piece) piece = { .wanted = self->wanted, .pairs = pairs, .left = left };
  g_autoptr (GError) failure = NULL;

  *is_done = FALSE;
  if (!arbor_compose_has_objects_only (left))
    return TRUE;
  if (!find_right_rows (self, &piece, right, scope, is_done, error))
    return FALSE;
  if (!*is_done || (piece.right != NULL && !arbor_compose_has_objects_only (piece.right)))
    {
      *is_done = FALSE;
      return TRUE;
    }
  piece.fields = g_array_new (FALSE, FALSE, sizeof (ArborFieldRows));
  *is_done = self->wanted != NULL ? list_wanted (&piece, self->names, self->wanted)
                                  : list_all (&piece, self->names, scope);
  if (*is_done && self->wanted != NULL)
    *bytes = arbor_compose_encode (self->compose,
                                   (const ArborFieldRows *) (gpointer) piece.fields->data,
                                   piece.fields->len, pairs->n, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  *is_done = *is_done &&
             (*bytes != NULL ||
              arbor_compose_add (self->compose,
                                 (const ArborFieldRows *) (gpointer) piece.fields->data,
                                 piece.fields->len, pairs->n));
  if (piece.right != NULL && piece.right == self->right.batch)
    arbor_compose_forget (self->compose);
  return TRUE;
}
