/* Any lines through the batch builder: those that are JSON become trees of batches, which must verify,
 * give each tree's text as the tape gives it, and be the same bytes when the trees come from a batch
 * instead of text, and when the builder has been used for other things before.
 */

#include "base/arbor-tape.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-batch.h"
#include "batch/arbor-scope.h"
#include "batch/arbor-value-access.h"
#include "fuzz.h"

#include <string.h>

/* @texts holds the texts of the trees of @bytes, one after the other. */
static void
check_batch (GBytes *bytes, const ArborBuffer *texts)
{
  static ArborBatchBuilder *used;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborBatch) batch = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GError) error = NULL;
  ArborBuffer found = { NULL };
  ArborValue tree;

  batch = arbor_batch_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  arbor_batch_verify (batch, &error);
  g_assert_no_error (error);

  if (used == NULL)
    used = arbor_batch_builder_new ();
  for (guint32 i = 0; i < arbor_batch_get_n_trees (batch); i++)
    {
      arbor_batch_get_tree (batch, i, &tree);
      arbor_value_write_json (&tree, scope, &found);
      arbor_buffer_append_byte (&found, '\n');
      arbor_batch_builder_add_value (used, &tree, scope);
      g_assert_true (arbor_scope_check (scope, NULL));
      arbor_scope_reset (scope);
    }
  g_assert_cmpmem (found.data, found.length, texts->data, texts->length);
  arbor_buffer_free (&found);

  again = arbor_batch_builder_finish (used, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (again, bytes));
  arbor_batch_builder_reset (used);
}

static void
finish (ArborBatchBuilder *builder, ArborBuffer *texts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = arbor_batch_builder_finish (builder, &error);

  g_assert_no_error (error);
  check_batch (bytes, texts);
  arbor_buffer_clear (texts);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static ArborParser *parser;
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autofree char *padded = g_malloc0 (size + ARBOR_PARSER_PADDING);
  const char *end = padded + size;
  ArborBuffer texts = { NULL };

  if (parser == NULL)
    parser = arbor_parser_new ();
  if (size > 0)
    memcpy (padded, data, size);
  for (const char *line = padded, *next; line < end; line = next + 1)
    {
      ArborTape tape;
      const char *reason;
      gsize offset;

      next = memchr (line, '\n', (gsize) (end - line));
      if (next == NULL)
        next = end;
      if (!arbor_parser_parse (parser, line, (gsize) (next - line), &tape, &offset, &reason))
        continue;
      arbor_tape_write_json (&tape, ARBOR_TAPE_ROOT, &texts);
      arbor_buffer_append_byte (&texts, '\n');
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
      if (arbor_batch_builder_is_full (builder))
        finish (builder, &texts);
    }
  if (arbor_batch_builder_get_n_trees (builder) > 0)
    finish (builder, &texts);
  arbor_buffer_free (&texts);
  return 0;
}
