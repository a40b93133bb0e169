/* ArborBuilder: trees, one after the other, into batches in memory.
 *
 * Every way of adding first makes a complete tape, so that what cannot be added is refused before
 * the batch builder sees any of it. What only shows when a batch is finished, that a tree is too
 * large for one, is tried beforehand in a batch builder of its own, for the few trees that are
 * large enough to ask.
 */

#include "arbor-builder.h"

#include <glib/gi18n-lib.h>

#include "arbor-arbor-private.h"
#include "arbor-tree-private.h"
#include "arbor-variant-private.h"
#include "base/arbor-memory.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-batch.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-json-cost.h"

/* A tape is at least about half as large as its batch, and an open batch is far below this much. */
#define TRIAL_WEIGHT ((gsize)64 << 20)
#define TRIAL_MARGIN ((gsize)16 << 20)

/**
 * ArborBuilder:
 *
 * Makes an arbor in memory out of trees, one by one.
 *
 * ```c
 * g_autoptr (ArborBuilder) builder = arbor_builder_new ();
 *
 * arbor_builder_add_json (builder, "{\"a\": 1}", &error);
 * arbor_builder_add_variant (builder, g_variant_new_parsed ("{'a': <2>}"), &error);
 * arbor = arbor_builder_finish (builder, &error);
 * ```
 *
 * A tree that cannot be added leaves the builder as it was. An object of this class is not
 * thread-safe: use it in one thread at a time.
 *
 * Since: 1.0
 */
struct _ArborBuilder
{
  GObject parent_instance;

  ArborBatchBuilder *batch_builder;
  GPtrArray *batches; /* of GBytes: those that are full */
  guint64 n_trees;
  ArborParser *parser;
  ArborTapeWriter *writer;
  ArborBuffer text; /* JSON text with the parser's padding */
};

G_DEFINE_FINAL_TYPE (ArborBuilder, arbor_builder, G_TYPE_OBJECT)

static GPtrArray *
new_batches (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
arbor_builder_finalize (GObject *object)
{
  ArborBuilder *self = ARBOR_BUILDER (object);

  arbor_batch_builder_free (self->batch_builder);
  g_ptr_array_unref (self->batches);
  arbor_parser_free (self->parser);
  arbor_tape_writer_free (self->writer);
  arbor_buffer_free (&self->text);

  G_OBJECT_CLASS (arbor_builder_parent_class)->finalize (object);
}

static void
arbor_builder_class_init (ArborBuilderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_builder_finalize;
}

static void
arbor_builder_init (ArborBuilder *self)
{
  self->batch_builder = arbor_batch_builder_new ();
  self->batches = new_batches ();
  self->parser = arbor_parser_new ();
  self->writer = arbor_tape_writer_new ();
}

/**
 * arbor_builder_new:
 *
 * Makes a builder without trees. Any thread may call this.
 *
 * Returns: (transfer full): the builder
 *
 * Since: 1.0
 */
ArborBuilder *
arbor_builder_new (void)
{
  return g_object_new (ARBOR_TYPE_BUILDER, NULL);
}

static void
begin_anew (ArborBuilder *self)
{
  arbor_batch_builder_reset (self->batch_builder);
  g_ptr_array_unref (self->batches);
  self->batches = new_batches ();
  self->n_trees = 0;
}

/* Bytes of a tape, words and strings. */
static gsize
weigh_tape (const ArborTape *tape)
{
  guint32 end = arbor_tape_next (tape, ARBOR_TAPE_ROOT);
  gsize weight = (gsize) end * sizeof (guint64);

  for (guint32 i = ARBOR_TAPE_ROOT; i < end; i++)
    {
      char tag = arbor_tape_tag (tape, i);

      if (tag == '"' || tag == 'N')
        {
          guint32 length;

          arbor_tape_string (tape, i, &length);
          weight += length;
        }
      else if (tag == 'l' || tag == 'u' || tag == 'd')
        i++;
    }
  return weight;
}

/* Whether the tree fits a batch together with what may be in the open one. */
static gboolean
try_tape (ArborBuilder *self, const ArborTape *tape, GError **error)
{
  const gsize limit = ARBOR_BATCH_MAX_BYTES - TRIAL_MARGIN;
  g_autoptr (GBytes) batch = NULL;

  if (weigh_tape (tape) < TRIAL_WEIGHT)
    return TRUE;
  batch = arbor_batch_new_of_tape (tape, NULL);
  if (batch == NULL || g_bytes_get_size (batch) > limit)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("Tree for an arbor: expected at most %u MiB in columns, found more"),
                   (guint) (limit >> 20));
      return FALSE;
    }
  return TRUE;
}

/* After a failure, which try_tape leaves nothing to cause, the trees of the open batch are gone, so
 * the rest goes too. */
static gboolean
finish_batch (ArborBuilder *self, GError **error)
{
  GBytes *batch = arbor_batch_builder_finish (self->batch_builder, error);

  if (batch == NULL)
    {
      begin_anew (self);
      return FALSE;
    }
  g_ptr_array_add (self->batches, batch);
  return TRUE;
}

static gboolean
add_tape (ArborBuilder *self, const ArborTape *tape, GError **error)
{
  if (!try_tape (self, tape, error))
    return FALSE;
  arbor_batch_builder_add_tape (self->batch_builder, tape, ARBOR_TAPE_ROOT);
  self->n_trees++;
  if (arbor_batch_builder_is_full (self->batch_builder))
    return finish_batch (self, error);
  return TRUE;
}

static guint
count_lines (const char *text, gsize length)
{
  guint n_lines = 1;

  for (gsize i = 0; i < length; i++)
    n_lines += text[i] == '\n';
  return n_lines;
}

/* In the words of the JSON reader. */
static void
set_parse_error (ArborBuilder *self, const char *text, gsize offset, const char *reason,
                 GError **error)
{
  g_autofree char *byte = g_strdup_printf ("%" G_GSIZE_FORMAT, offset);
  g_autofree char *tree = g_strdup_printf ("%" G_GUINT64_FORMAT, self->n_trees);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE, _("line %u, byte %s (tree %s): %s"),
               count_lines (text, offset), byte, tree, reason);
}

/* Whether there is memory to read @text; a small one is not worth asking. */
static gboolean
check_cost (const char *text, gsize length, GError **error)
{
  ArborJsonCost cost;

  if (length <= ARBOR_JSON_CHEAP)
    return TRUE;
  arbor_json_estimate (text, length, &cost);
  return arbor_memory_check (cost.n_bytes, error);
}

/**
 * arbor_builder_add_json:
 * @self: a builder
 * @json: one JSON document, UTF-8
 *
 * Adds a JSON document as one tree. Use a builder in one thread at a time.
 *
 * Errors: %ARBOR_ERROR_PARSE, whose message names line and byte, when the text is not one JSON
 * document; %ARBOR_ERROR_LIMIT when it is too large for a tree. Then nothing was added.
 *
 * Returns: %TRUE when the tree was added, %FALSE with an error otherwise
 *
 * Since: 1.0
 */
gboolean
arbor_builder_add_json (ArborBuilder *self, const char *json, GError **error)
{
  const char *reason = NULL;
  gsize n_bytes, offset = 0;
  ArborTape tape;

  g_return_val_if_fail (ARBOR_IS_BUILDER (self), FALSE);
  g_return_val_if_fail (json != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  n_bytes = strlen (json);
  if (n_bytes > G_MAXUINT32 - ARBOR_PARSER_PADDING)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                           _("JSON text for a tree: expected less than 4 GiB, found more"));
      return FALSE;
    }
  if (!check_cost (json, n_bytes, error))
    return FALSE;
  arbor_buffer_clear (&self->text);
  arbor_buffer_reserve (&self->text, n_bytes + ARBOR_PARSER_PADDING);
  arbor_buffer_append (&self->text, json, n_bytes);
  memset (self->text.data + n_bytes, 0, ARBOR_PARSER_PADDING);
  if (!arbor_parser_parse (self->parser, (const char *) self->text.data, n_bytes, &tape, &offset,
                           &reason))
    {
      set_parse_error (self, json, offset, reason, error);
      return FALSE;
    }
  return add_tape (self, &tape, error);
}

/**
 * arbor_builder_add_variant:
 * @self: a builder
 * @value: (transfer none): a value; a floating one is consumed
 *
 * Adds a GVariant as one tree. Use a builder in one thread at a time.
 *
 * Booleans, integers, doubles and strings (object paths and signatures too) become what they are,
 * bytes integers. Dictionaries with string keys become objects, arrays and tuples arrays; an array
 * of bytes is an array of integers. Variants are unboxed, a maybe type is its value or null.
 *
 * Errors: %ARBOR_ERROR_INVALID_ARGUMENT, whose message names the path, for what JSON cannot say: a
 * double that is not finite, a handle, a dictionary with other keys than strings;
 * %ARBOR_ERROR_LIMIT when the value is nested deeper than 1,024 levels or too large for a tree.
 * Then nothing was added.
 *
 * Returns: %TRUE when the tree was added, %FALSE with an error otherwise
 *
 * Since: 1.0
 */
gboolean
arbor_builder_add_variant (ArborBuilder *self, GVariant *value, GError **error)
{
  g_autoptr (GVariant) sunk = NULL;
  ArborTape tape;

  g_return_val_if_fail (ARBOR_IS_BUILDER (self), FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  sunk = g_variant_ref_sink (value);
  arbor_tape_writer_reset (self->writer);
  if (!arbor_variant_write_tape (sunk, self->writer, error))
    return FALSE;
  arbor_tape_writer_finish (self->writer, &tape);
  return add_tape (self, &tape, error);
}

/* Copies the tree while its store is entered. */
static gboolean
write_tree (ArborBuilder *self, ArborTree *tree, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborAccess access;
  ArborValue value;
  gboolean is_written = FALSE;

  if (!arbor_tree_enter (tree, &access, &value, error))
    return FALSE;
  if (value.kind == ARBOR_KIND_MISSING)
    g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                         _("Tree for an arbor: expected a value, found nothing"));
  else
    {
      arbor_value_write_tape (&value, scope, self->writer);
      is_written = arbor_scope_check (scope, error);
    }
  return arbor_access_end (&access, error) && is_written;
}

/**
 * arbor_builder_add_tree:
 * @self: a builder
 * @tree: a tree, or a part of one
 *
 * Adds a copy of a tree. Use a builder in one thread at a time.
 *
 * Errors: %ARBOR_ERROR_CLOSED when the tree's store has been closed; %ARBOR_ERROR_CORRUPT when the
 * store is damaged; %ARBOR_ERROR_LIMIT when the tree is too large. Then nothing was added.
 *
 * Returns: %TRUE when the tree was added, %FALSE with an error otherwise
 *
 * Since: 1.0
 */
gboolean
arbor_builder_add_tree (ArborBuilder *self, ArborTree *tree, GError **error)
{
  ArborTape tape;

  g_return_val_if_fail (ARBOR_IS_BUILDER (self), FALSE);
  g_return_val_if_fail (ARBOR_IS_TREE (tree), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arbor_tape_writer_reset (self->writer);
  if (!write_tree (self, tree, error))
    return FALSE;
  arbor_tape_writer_finish (self->writer, &tape);
  return add_tape (self, &tape, error);
}

/**
 * arbor_builder_get_n_trees:
 * @self: a builder
 *
 * Counts the trees that were added since the builder was made or finished. Use a builder in one
 * thread at a time.
 *
 * Returns: how many trees there are
 *
 * Since: 1.0
 */
guint64
arbor_builder_get_n_trees (ArborBuilder *self)
{
  g_return_val_if_fail (ARBOR_IS_BUILDER (self), 0);

  return self->n_trees;
}

/**
 * arbor_builder_finish:
 * @self: a builder
 *
 * Makes an arbor of the trees that were added, in order; without trees it is empty. The builder
 * begins anew. Use a builder in one thread at a time.
 *
 * Errors: %ARBOR_ERROR_LIMIT when there are more trees than an arbor can have.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_builder_finish (ArborBuilder *self, GError **error)
{
  g_autoptr (GPtrArray) batches = NULL;

  g_return_val_if_fail (ARBOR_IS_BUILDER (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (arbor_batch_builder_get_n_trees (self->batch_builder) > 0 && !finish_batch (self, error))
    return NULL;
  batches = g_ptr_array_ref (self->batches);
  begin_anew (self);
  return arbor_arbor_new_take_batches (g_steal_pointer (&batches), error);
}
