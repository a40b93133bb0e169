/* The row evaluator over texts: see reference.h. */

#include "reference.h"

#include "batch/arbor-batch-builder.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-function.h"

#include <string.h>

struct _Reference
{
  GPtrArray *lines;
  GPtrArray *padded;  /* what the tapes point into */
  GPtrArray *parsers; /* which own the tapes */
  ArborTape *tapes;
  guint64 *numbers;
  ArborValue *values;
  GError **errors;
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
  self->errors = g_new0 (GError *, n + 1);
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

static void
clear_errors (Reference *self)
{
  for (guint i = 0; i < self->lines->len; i++)
    g_clear_error (&self->errors[i]);
}

void
reference_free (Reference *self)
{
  clear_errors (self);
  g_free (self->errors);
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

void
reference_get_tree (const Reference *self, guint i, ArborValue *tree)
{
  arbor_tape_get_value (&self->tapes[i], ARBOR_TAPE_ROOT, tree);
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

/* What a condition may be: a bit each. */
enum
{
  MAY_BE_FALSE = 1,
  MAY_BE_NULL = 2,
  MAY_BE_TRUE = 4,
  MAY_BE_ANYTHING = 7,
};

static guint
find_possible_leaf (Reference *self, const ArborNode *node, guint i)
{
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new ((ArborNode *) node);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborValue tree, value;

  reference_get_tree (self, i, &tree);
  arbor_evaluator_get_value_of (evaluator, &tree, scope, &value);
  if (!arbor_scope_check (scope, NULL))
    return MAY_BE_ANYTHING;
  if (value.kind != ARBOR_KIND_BOOL)
    return MAY_BE_NULL;
  return value.boolean ? MAY_BE_TRUE : MAY_BE_FALSE;
}

/* The least ("and") or greatest ("or") of what two may be: false < null < true. */
static guint
combine (guint a, guint b, gboolean is_and)
{
  guint result = 0;

  for (guint x = 1; x <= MAY_BE_TRUE; x *= 2)
    for (guint y = 1; y <= MAY_BE_TRUE; y *= 2)
      if ((a & x) != 0 && (b & y) != 0)
        result |= is_and ? MIN (x, y) : MAX (x, y);
  return result;
}

static guint
find_possible (Reference *self, const ArborNode *node, guint i)
{
  const char *name = node->kind == ARBOR_NODE_CALL ? node->function->name : "";
  guint result;

  if (strcmp (name, "not") == 0)
    {
      result = find_possible (self, node->arguments[0], i);
      return (result & MAY_BE_NULL) | (result & MAY_BE_FALSE) * 4 | (result & MAY_BE_TRUE) / 4;
    }
  if (strcmp (name, "and") != 0 && strcmp (name, "or") != 0)
    return find_possible_leaf (self, node, i);
  result = find_possible (self, node->arguments[0], i);
  for (guint k = 1; k < node->n_arguments; k++)
    result = combine (result, find_possible (self, node->arguments[k], i), name[0] == 'a');
  return result;
}

void
reference_evaluate (Reference *self, ArborNode *node, const ArborValue **values,
                    GError *const **errors)
{
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);

  clear_errors (self);
  arbor_scope_reset (self->scope);
  for (guint i = 0; i < self->lines->len; i++)
    {
      ArborValue tree;

      reference_get_tree (self, i, &tree);
      arbor_evaluator_get_value_of (evaluator, &tree, self->scope, &self->values[i]);
      if (arbor_scope_check (self->scope, NULL))
        continue;
      repeat_error (self, node, i, &self->errors[i]);
      self->values[i] = find_possible (self, node, i) == MAY_BE_TRUE ? ARBOR_VALUE_BOOL (TRUE)
                                                                     : ARBOR_VALUE_NULL;
    }
  *values = self->values;
  *errors = self->errors;
}

gboolean
reference_is_excused (Reference *self, const ArborNode *condition, guint i)
{
  guint possible = find_possible (self, condition, i);

  return (possible & MAY_BE_TRUE) == 0 || possible == MAY_BE_TRUE;
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
