/* Deleting and updating by a predicate. See arbor-content-where.h. */

#include "query/content/arbor-content-where.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "query/content/arbor-content-private.h"
#include "query/series/arbor-decider.h"
#include "query/view/arbor-keyed.h"
#include "query/expr/arbor-same.h"

/* The field that a key is, or NO_FIELD. */
#define NO_FIELD G_MAXUINT

typedef struct
{
  ArborNode *predicate;
  ArborDecider *decider;
  ArborScope *scope;
  ArborScope *row_scope;
  guint64 *bits; /* of a batch: trees that pass */
  GArray *trees; /* guint32: that change */

  /* Updating. */
  const ArborContentFields *fields; /* NULL: deleting */
  GHashTable *field_of;             /* name -> GUINT_TO_POINTER (field) */
  ArborEvaluator **evaluators;      /* a field each */
  ArborValue *values;               /* a field each, of one tree */
  gboolean *is_seen;                /* a field each, in one tree */
  const ArborBatch *batch;          /* that the evaluators are set to */
  guint64 first_tree;               /* its first tree's number */
  ArborTapeWriter *writer;
  ArborSame *same;
  GString *key; /* terminated, to look up */
} Where;

static void
where_clear (Where *self)
{
  for (gsize i = 0; self->fields != NULL && i < self->fields->n; i++)
    arbor_evaluator_free (self->evaluators[i]);
  g_clear_pointer (&self->decider, arbor_decider_free);
  g_clear_pointer (&self->scope, arbor_scope_free);
  g_clear_pointer (&self->row_scope, arbor_scope_free);
  g_clear_pointer (&self->trees, g_array_unref);
  g_clear_pointer (&self->field_of, g_hash_table_unref);
  g_clear_pointer (&self->writer, arbor_tape_writer_free);
  g_clear_pointer (&self->same, arbor_same_free);
  g_free (self->bits);
  g_free (self->evaluators);
  g_free (self->values);
  g_free (self->is_seen);
  if (self->key != NULL)
    g_string_free (self->key, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Where, where_clear)

static void
where_init (Where *self, ArborNode *predicate, const ArborContentFields *fields)
{
  *self = (Where){ .predicate = predicate,
                   .decider = arbor_decider_new (&predicate, 1),
                   .fields = fields };
  self->scope = arbor_scope_new ();
  self->row_scope = arbor_scope_new ();
  self->bits = g_new (guint64, ARBOR_BATCH_MAX_TREES / 64);
  self->trees = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (fields == NULL)
    return;

  self->field_of = g_hash_table_new (g_str_hash, g_str_equal);
  self->evaluators = g_new (ArborEvaluator *, fields->n);
  self->values = g_new (ArborValue, fields->n);
  self->is_seen = g_new (gboolean, fields->n);
  self->writer = arbor_tape_writer_new ();
  self->same = arbor_same_new ();
  self->key = g_string_new (NULL);
  for (gsize i = 0; i < fields->n; i++)
    {
      self->evaluators[i] = arbor_evaluator_new (fields->values[i]);
      g_hash_table_insert (self->field_of, (gpointer) fields->names[i], GUINT_TO_POINTER (i + 1));
    }
}

/* Updating */

static guint
find_field (Where *self, const char *key, guint32 length)
{
  if (memchr (key, 0, length) != NULL)
    return NO_FIELD;
  g_string_truncate (self->key, 0);
  g_string_append_len (self->key, key, length);
  /* Not there is 0, from which NO_FIELD comes. */
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->field_of, self->key->str)) - 1;
}

static void
evaluate_fields (Where *self, const ArborBatch *batch, guint64 first_tree, guint32 row,
                 ArborScope *scope)
{
  /* Another batch may lie where the one before did. */
  gboolean is_new = self->batch != batch || self->first_tree != first_tree;

  for (gsize i = 0; i < self->fields->n; i++)
    {
      if (is_new)
        arbor_evaluator_set_batch (self->evaluators[i], batch, first_tree);
      arbor_evaluator_get_value (self->evaluators[i], row, scope, &self->values[i]);
      self->is_seen[i] = FALSE;
    }
  self->batch = batch;
  self->first_tree = first_tree;
}

/* Whether the row is an object that an update makes another one. */
static gboolean
is_updated (Where *self, const ArborBatch *batch, guint64 first_tree, guint32 row)
{
  ArborValueIter iter;
  ArborValue tree, child;
  const char *key;
  guint32 length;

  arbor_batch_get_tree (batch, row, &tree);
  if (tree.kind != ARBOR_KIND_OBJECT)
    return FALSE;
  evaluate_fields (self, batch, first_tree, row, self->row_scope);
  arbor_value_iter_init (&iter, &tree, self->row_scope);
  while (arbor_value_iter_next (&iter, &key, &length, &child))
    {
      guint field = find_field (self, key, length);

      if (field == NO_FIELD)
        continue;
      self->is_seen[field] = TRUE;
      if (!arbor_same_is (self->same, &self->values[field], &child, self->row_scope))
        return TRUE;
    }
  for (gsize i = 0; i < self->fields->n; i++)
    if (!self->is_seen[i] && self->values[i].kind != ARBOR_KIND_MISSING)
      return TRUE;
  return FALSE;
}

static void
write_member (Where *self, const char *key, gsize length, const ArborValue *value,
              ArborScope *scope)
{
  if (value->kind == ARBOR_KIND_MISSING)
    return;
  arbor_tape_writer_key (self->writer, key, length);
  arbor_value_write_tape (value, scope, self->writer);
}

/* Fields that were there keep their places, new ones come last, in the order of the call. */
static gboolean
write_updated (guint n, const ArborBatch *batch, guint32 row, ArborScope *scope,
               ArborBatchBuilder *builder, gpointer data, GError **error)
{
  Where *self = data;
  ArborValueIter iter;
  ArborValue tree, child;
  const char *key;
  guint32 length;
  ArborTape tape;

  evaluate_fields (self, batch, g_array_index (self->trees, guint32, n) - (guint64) row, row,
                   scope);
  arbor_batch_get_tree (batch, row, &tree);
  arbor_tape_writer_reset (self->writer);
  arbor_tape_writer_begin_object (self->writer);
  arbor_value_iter_init (&iter, &tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &child))
    {
      guint field = find_field (self, key, length);

      if (field != NO_FIELD)
        self->is_seen[field] = TRUE;
      write_member (self, key, length, field != NO_FIELD ? &self->values[field] : &child, scope);
    }
  for (gsize i = 0; i < self->fields->n; i++)
    if (!self->is_seen[i])
      write_member (self, self->fields->names[i], strlen (self->fields->names[i]),
                    &self->values[i], scope);
  arbor_tape_writer_end_object (self->writer);
  arbor_tape_writer_finish (self->writer, &tape);
  if (arbor_tape_get_depth (&tape, ARBOR_TAPE_ROOT) > ARBOR_TAPE_MAX_DEPTH)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _ ("Value for a tree: expected at most %u levels, found more"),
                   ARBOR_TAPE_MAX_DEPTH);
      return FALSE;
    }
  arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
  return TRUE;
}

/* Both */

/* The rows that pass, in their order: *@n of them, as places among @rows. */
static guint32 *
find_rows (Where *self, const ArborRows *rows, guint32 *n)
{
  guint32 *found = arbor_scope_alloc (self->scope, rows->n * sizeof *found);

  *n = 0;
  /* Another batch may lie where the one before did. */
  arbor_decider_set_batch (self->decider, NULL, 0);
  arbor_decider_set_batch (self->decider, rows->batch, rows->first);
  if (rows->rows == NULL)
    {
      memset (self->bits, 0, arbor_bits_n_words (rows->n) * 8);
      arbor_decider_decide (self->decider, 0, rows->n, self->bits);
      *n = arbor_bits_list (self->bits, 0, rows->n, 0, rows->n, found);
    }
  else
    {
      guint32 n_kept = arbor_decider_decide_rows (self->decider, rows->rows, rows->n, found);

      for (guint32 i = 0; i < rows->n && *n < n_kept; i++)
        if (rows->rows[i] == found[*n])
          found[(*n)++] = i;
    }
  return found;
}

static gboolean
find_in_batch (const ArborRows *rows, const guint32 *trees, gpointer data, GError **error)
{
  Where *self = data;
  guint32 *found;
  guint32 n;

  arbor_scope_reset (self->scope);
  found = find_rows (self, rows, &n);
  if (!arbor_decider_check (self->decider, error))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      guint32 row = arbor_rows_get (rows, found[i]);
      guint32 tree = arbor_content_get_tree (rows, trees, found[i]);

      if (self->fields == NULL || is_updated (self, rows->batch, (guint64) tree - row, row))
        g_array_append_val (self->trees, tree);
      arbor_scope_reset (self->row_scope);
    }
  return arbor_scope_check (self->row_scope, error) && arbor_scope_check (self->scope, error);
}

/* The same where the predicate asks for keys: *@is_done, and nothing else need be looked at. */
static gboolean
find_by_keys (Where *self, ArborContent *content, ArborAccess *access, gboolean *is_done,
              GError **error)
{
  ArborRecord *record = arbor_content_get_record (content);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (ArborKeyPlace));

  *is_done = record != NULL && arbor_keyed_decide (access, record, &self->predicate, 1, places);
  for (guint i = 0; *is_done && i < places->len; i++)
    {
      const ArborKeyPlace *place = &g_array_index (places, ArborKeyPlace, i);
      const ArborBatch *batch =
          place->patch != 0
              ? arbor_content_get_patch (content, access, place->patch, TRUE, error)
              : arbor_content_get_base (content, access, place->entry, TRUE, error);

      if (batch == NULL)
        return FALSE;
      if (self->fields == NULL ||
          is_updated (self, batch, (guint64) place->tree - place->row, place->row))
        g_array_append_val (self->trees, place->tree);
      if (!arbor_scope_check (self->row_scope, error))
        return FALSE;
      arbor_scope_reset (self->row_scope);
    }
  return TRUE;
}

static int
compare_trees (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *) a, right = *(const guint32 *) b;

  return (left > right) - (left < right);
}

static gboolean
run (Where *self, ArborContent *content, ArborAccess *access, const ArborContentSink *sink,
     guint64 *n_changed, GCancellable *cancellable, GError **error)
{
  const ArborContentChange change = { .trees = self->trees,
                                      .write = self->fields != NULL ? write_updated : NULL,
                                      .reads_old = self->fields != NULL,
                                      .data = self };

  gboolean is_found;

  if (!find_by_keys (self, content, access, &is_found, error) ||
      (!is_found &&
       !arbor_content_for_each_batch (content, access, find_in_batch, self, cancellable, error)))
    return FALSE;
  g_array_sort (self->trees, compare_trees);
  *n_changed = self->trees->len;
  return arbor_content_change (content, access, &change, sink, cancellable, error);
}

gboolean
arbor_content_delete_where (ArborContent *self, ArborAccess *access, ArborNode *predicate,
                            const ArborContentSink *sink, guint64 *n_changed,
                            GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  g_auto (Where) where;

  arbor_stop_begin (&stop, cancellable);
  where_init (&where, predicate, NULL);
  return run (&where, self, access, sink, n_changed, cancellable, error);
}

gboolean
arbor_content_update_where (ArborContent *self, ArborAccess *access, ArborNode *predicate,
                            const ArborContentFields *fields, const ArborContentSink *sink,
                            guint64 *n_changed, GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  g_auto (Where) where;

  arbor_stop_begin (&stop, cancellable);
  where_init (&where, predicate, fields);
  return run (&where, self, access, sink, n_changed, cancellable, error);
}
