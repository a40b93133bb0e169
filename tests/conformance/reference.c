/* The row evaluator over texts: see reference.h. */

#include "reference.h"

#include "batch/arbor-batch-builder.h"
#include "batch/arbor-value-access.h"

#include <string.h>

struct _Reference
{
  GPtrArray *lines;
  GPtrArray *padded;  /* what the tapes point into */
  GPtrArray *parsers; /* which own the tapes */
  ArborTape *tapes;
  guint64 *numbers;
  ArborValue *values;
  ArborScope *scope;
  ArborBuffer text;
};

static void
add_line (Reference *self, const char *line)
{
  gsize length = strlen (line);
  char *padded = g_malloc0 (length + ARBOR_PARSER_PADDING);
  ArborParser *parser = arbor_parser_new ();
  guint i = self->lines->len;
  const char *reason;
  gsize offset;

  memcpy (padded, line, length);
  g_ptr_array_add (self->lines, g_strdup (line));
  g_ptr_array_add (self->padded, padded);
  g_ptr_array_add (self->parsers, parser);
  if (!arbor_parser_parse (parser, padded, length, &self->tapes[i], &offset, &reason))
    g_error ("%s: %s", reason, line);
}

Reference *
reference_new (const char *lines, const guint64 *numbers)
{
  Reference *self = g_new0 (Reference, 1);
  g_auto (GStrv) texts = g_strsplit (lines, "\n", -1);
  guint n = g_strv_length (texts);

  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->padded = g_ptr_array_new_with_free_func (g_free);
  self->parsers = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_parser_free);
  self->tapes = g_new (ArborTape, n + 1);
  self->values = g_new (ArborValue, n + 1);
  self->numbers = g_new (guint64, n + 1);
  self->scope = arbor_scope_new ();
  for (guint i = 0; i < n; i++)
    if (texts[i][0] != '\0')
      {
        self->numbers[self->lines->len] = numbers != NULL ? numbers[i] : i;
        add_line (self, texts[i]);
      }
  return self;
}

void
reference_free (Reference *self)
{
  g_ptr_array_unref (self->parsers);
  g_ptr_array_unref (self->padded);
  g_ptr_array_unref (self->lines);
  g_free (self->tapes);
  g_free (self->values);
  g_free (self->numbers);
  arbor_scope_free (self->scope);
  arbor_buffer_free (&self->text);
  g_free (self);
}

guint
reference_get_n_trees (const Reference *self)
{
  return self->lines->len;
}

const char *
reference_get_line (const Reference *self, guint i)
{
  return self->lines->pdata[i];
}

ArborScope *
reference_get_scope (Reference *self)
{
  return self->scope;
}

/* An error has the number of its tree, which only a batch has: the tree once more, in one. */
static void
repeat_error (Reference *self, ArborNode *node, guint i, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborBatch) batch = NULL;
  ArborValue value;

  arbor_batch_builder_add_tape (builder, &self->tapes[i], ARBOR_TAPE_ROOT);
  bytes = arbor_batch_builder_finish (builder, NULL);
  batch = arbor_batch_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
  g_assert_nonnull (batch);
  arbor_evaluator_set_batch (evaluator, batch, self->numbers[i]);
  arbor_evaluator_get_value (evaluator, 0, scope, &value);
  g_assert_false (arbor_scope_check (scope, error));
}

gboolean
reference_evaluate (Reference *self, ArborNode *node, const ArborValue **values, GError **error)
{
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);

  arbor_scope_reset (self->scope);
  for (guint i = 0; i < self->lines->len; i++)
    {
      ArborValue tree;

      arbor_tape_get_value (&self->tapes[i], ARBOR_TAPE_ROOT, &tree);
      arbor_evaluator_get_value_of (evaluator, &tree, self->scope, &self->values[i]);
      if (!arbor_scope_check (self->scope, NULL))
        {
          repeat_error (self, node, i, error);
          return FALSE;
        }
    }
  *values = self->values;
  return TRUE;
}

char *
reference_write (Reference *self, const ArborValue *value)
{
  if (value->kind == ARBOR_KIND_MISSING)
    return NULL;
  arbor_buffer_clear (&self->text);
  arbor_value_write_json (value, self->scope, &self->text);
  return g_strndup ((const char *) self->text.data, self->text.length);
}
