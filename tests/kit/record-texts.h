/* Rows of a batch as ArborRecordWriter writes them, in whatever order they are asked for, beside cells
 * that are found value by value. A damaged batch has fields of which its shapes and its columns tell
 * different things: there the records need only be made.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-csv.h"
#include "json/arbor-record-writer.h"

static inline void
append_expected_cell (const ArborValue *value, char delimiter, gboolean is_alone, ArborScope *scope,
                      ArborBuffer *out)
{
  ArborBuffer text = { NULL };

  if (value->kind == ARBOR_KIND_STRING)
    arbor_buffer_append (&text, value->text, value->length);
  else if (!arbor_value_is_null (value))
    arbor_value_write_json (value, scope, &text);
  arbor_buffer_append_byte (&text, '\0');
  arbor_csv_append_cell (out, arbor_value_is_null (value) ? NULL : (char *) text.data,
                         text.length - 1, delimiter, is_alone);
  arbor_buffer_free (&text);
}

static inline void
append_expected_record (const ArborValue *tree, GPtrArray *names, char delimiter, ArborScope *scope,
                        ArborBuffer *out)
{
  for (guint i = 0; i < names->len; i++)
    {
      gsize length;
      const char *name = g_bytes_get_data (names->pdata[i], &length);
      ArborValue value;

      if (i > 0)
        arbor_buffer_append_byte (out, (guint8) delimiter);
      arbor_value_get_member (tree, length > 0 ? name : "", length, scope, &value);
      append_expected_cell (&value, delimiter, names->len == 1, scope, out);
    }
  arbor_buffer_append_byte (out, '\n');
}

/* The fields in the order in which trees have them. */
static inline GPtrArray *
list_names (const ArborBatch *batch, ArborScope *scope)
{
  GPtrArray *names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_bytes_hash, g_bytes_equal);

  for (guint32 i = 0; i < arbor_batch_get_n_trees (batch); i++)
    {
      ArborValue tree, member;
      ArborValueIter iter;
      const char *key;
      guint32 length;

      arbor_batch_get_tree (batch, i, &tree);
      if (tree.kind != ARBOR_KIND_OBJECT)
        continue;
      arbor_value_iter_init (&iter, &tree, scope);
      while (arbor_value_iter_next (&iter, &key, &length, &member))
        {
          g_autoptr (GBytes) name = g_bytes_new (key, length);

          if (g_hash_table_contains (seen, name))
            continue;
          g_ptr_array_add (names, g_bytes_ref (name));
          g_hash_table_add (seen, name);
        }
      arbor_scope_check (scope, NULL);
      arbor_scope_reset (scope);
    }
  return names;
}

static inline void
assert_record_same (ArborRecordWriter *writer, const ArborBatch *batch, guint32 row,
                    GPtrArray *names, char delimiter, gboolean is_sound, ArborScope *scope)
{
  ArborBuffer expected = { NULL }, found = { NULL };
  gboolean is_object;
  ArborValue tree;

  arbor_batch_get_tree (batch, row, &tree);
  is_object = arbor_record_writer_write (writer, batch, row, scope, &found);
  g_assert_cmpint (is_object, ==, tree.kind == ARBOR_KIND_OBJECT);
  arbor_scope_check (scope, NULL);
  arbor_scope_reset (scope);
  if (is_object)
    append_expected_record (&tree, names, delimiter, scope, &expected);
  arbor_scope_check (scope, NULL);
  arbor_scope_reset (scope);
  if (is_sound)
    g_assert_cmpmem (found.data, found.length, expected.data, expected.length);
  arbor_buffer_free (&expected);
  arbor_buffer_free (&found);
}

/* What collecting finds, then rows onwards twice, backwards, by leaps. */
static inline void
assert_records_same (const ArborBatch *batch, char delimiter, gboolean is_sound)
{
  g_autoptr (ArborRecordWriter) writer = arbor_record_writer_new (delimiter);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GPtrArray) names = list_names (batch, scope);
  guint32 n = arbor_batch_get_n_trees (batch);
  ArborBuffer header = { NULL }, expected = { NULL };
  guint32 n_fields;

  for (guint32 i = 0; i < n; i++)
    {
      arbor_record_writer_collect (writer, batch, i, scope, &n_fields);
      arbor_scope_check (scope, NULL);
      arbor_scope_reset (scope);
    }
  if (is_sound)
    {
      g_assert_cmpuint (arbor_record_writer_get_n_columns (writer), ==, names->len);
      arbor_record_writer_write_header (writer, &header);
      for (guint i = 0; i < names->len; i++)
        {
          gsize length;
          const char *name = g_bytes_get_data (names->pdata[i], &length);

          if (i > 0)
            arbor_buffer_append_byte (&expected, (guint8) delimiter);
          arbor_csv_append_cell (&expected, length > 0 ? name : NULL, length, delimiter,
                                 names->len == 1);
        }
      arbor_buffer_append_byte (&expected, '\n');
      g_assert_cmpmem (header.data, header.length, expected.data, expected.length);
    }
  for (guint32 i = 0; i < 2 * n; i++)
    assert_record_same (writer, batch, i % n, names, delimiter, is_sound, scope);
  for (guint32 i = n; i > 0; i--)
    assert_record_same (writer, batch, i - 1, names, delimiter, is_sound, scope);
  for (guint32 i = 0; i < n; i++)
    assert_record_same (writer, batch, (guint32) ((guint64) i * 37 % n), names, delimiter, is_sound,
                        scope);
  arbor_buffer_free (&header);
  arbor_buffer_free (&expected);
}
