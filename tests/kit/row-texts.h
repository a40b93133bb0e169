/* Rows of a batch as arbor_value_write_json and as ArborRowWriter write them: the same bytes, and
 * the same opinion on damage, in whatever order they are asked for.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-row-writer.h"

static inline void
assert_row_same (ArborRowWriter *writer, const ArborBatch *batch, guint32 row, ArborScope *scope,
                 ArborBuffer *expected, ArborBuffer *found)
{
  gboolean is_good;
  ArborValue tree;

  arbor_buffer_clear (expected);
  arbor_buffer_clear (found);
  arbor_batch_get_tree (batch, row, &tree);
  arbor_value_write_json (&tree, scope, expected);
  is_good = arbor_scope_check (scope, NULL);
  arbor_scope_reset (scope);
  arbor_row_writer_write (writer, batch, row, scope, found);
  g_assert_cmpmem (found->data, found->length, expected->data, expected->length);
  g_assert_cmpint (arbor_scope_check (scope, NULL), ==, is_good);
  arbor_scope_reset (scope);
}

/* Onwards twice, backwards, by leaps over each other. */
static inline void
assert_rows_same (const ArborBatch *batch)
{
  g_autoptr (ArborRowWriter) writer = arbor_row_writer_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint32 n = arbor_batch_get_n_trees (batch);
  ArborBuffer expected = { NULL };
  ArborBuffer found = { NULL };

  for (guint32 i = 0; i < n; i++)
    assert_row_same (writer, batch, i, scope, &expected, &found);
  for (guint32 i = 0; i < n; i++)
    assert_row_same (writer, batch, i, scope, &expected, &found);
  for (guint32 i = n; i > 0; i--)
    assert_row_same (writer, batch, i - 1, scope, &expected, &found);
  for (guint32 i = 0; i < n; i++)
    assert_row_same (writer, batch, (guint32) ((guint64) i * 37 % n), scope, &expected, &found);
  arbor_buffer_free (&expected);
  arbor_buffer_free (&found);
}
