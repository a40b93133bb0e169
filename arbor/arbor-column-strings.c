/* ArborColumn: strings, by codes and dictionary, or one after the other. */

#include "arbor-column-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-typed-private.h"

/**
 * arbor_column_dup_codes:
 * @self: a column
 * @error: where to put an error
 *
 * Strings as #gint32 indices into [method@Arbor.Column.dup_dictionary]; -1 where a row has no
 * value.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is no string. Any thread may call this.
 *
 * Returns: (transfer full): 4 bytes a row
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_codes (ArborColumn *self, GError **error)
{
  GBytes *bytes;
  gsize row;

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  bytes = arbor_column_data_to_codes (self->data, &row);
  return bytes != NULL ? bytes : arbor_column_set_bad_row (self, row, NULL, _("a string"), error);
}

/**
 * arbor_column_dup_dictionary:
 * @self: a column
 * @error: where to put an error
 *
 * The different strings, each once, in the order in which rows have them first.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is no string, or one that holds U+0000 and so needs
 * [method@Arbor.Column.dup_dictionary_bytes]. Any thread may call this.
 *
 * Returns: (transfer full) (array zero-terminated=1): the strings
 *
 * Since: 1.0
 */
char **
arbor_column_dup_dictionary (ArborColumn *self, GError **error)
{
  g_autoptr (GBytes) codes = NULL;
  g_autoptr (GPtrArray) strings = NULL;

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  codes = arbor_column_dup_codes (self, error);
  if (codes == NULL)
    return NULL;
  strings = g_ptr_array_new_with_free_func (g_free);
  for (guint32 i = 0; i < self->data->texts.n_groups; i++)
    {
      ArborValue value = ARBOR_VALUE_STRING (NULL, 0);
      char *string;

      value.text = arbor_column_data_get_text (self->data, i, &value.length);
      string = arbor_typed_dup_string (self->path, &value, error);

      if (string == NULL)
        return NULL;
      g_ptr_array_add (strings, string);
    }
  g_ptr_array_add (strings, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&strings), FALSE);
}

static GBytes *
dup_offsets (ArborColumn *self, gboolean is_dictionary, GError **error)
{
  gsize row;
  GBytes *bytes = arbor_column_data_to_offsets (self->data, is_dictionary, &row);

  return bytes != NULL ? bytes : arbor_column_set_bad_row (self, row, NULL, _("a string"), error);
}

static GBytes *
dup_bytes (ArborColumn *self, gboolean is_dictionary, GError **error)
{
  gsize row;
  GBytes *bytes = arbor_column_data_to_bytes (self->data, is_dictionary, &row);

  return bytes != NULL ? bytes : arbor_column_set_bad_row (self, row, NULL, _("a string"), error);
}

/**
 * arbor_column_dup_dictionary_offsets:
 * @self: a column
 * @error: where to put an error
 *
 * Where the different strings lie in [method@Arbor.Column.dup_dictionary_bytes]: string i goes from
 * number i to number i + 1.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is no string. Any thread may call this.
 *
 * Returns: (transfer full): one #gint64 more than there are different strings
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_dictionary_offsets (ArborColumn *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  return dup_offsets (self, TRUE, error);
}

/**
 * arbor_column_dup_dictionary_bytes:
 * @self: a column
 * @error: where to put an error
 *
 * The UTF-8 bytes of the different strings, one after the other. They may hold U+0000.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is no string. Any thread may call this.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_dictionary_bytes (ArborColumn *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  return dup_bytes (self, TRUE, error);
}

/**
 * arbor_column_dup_offsets:
 * @self: a column
 * @error: where to put an error
 *
 * Where the string of each row lies in [method@Arbor.Column.dup_bytes]: that of row i goes from
 * number i to number i + 1. A row without a value has an empty one.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is no string. Any thread may call this.
 *
 * Returns: (transfer full): one #gint64 more than there are rows
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_offsets (ArborColumn *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  return dup_offsets (self, FALSE, error);
}

/**
 * arbor_column_dup_bytes:
 * @self: a column
 * @error: where to put an error
 *
 * The UTF-8 bytes of the strings of all rows, one after the other. They may hold U+0000.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is no string. Any thread may call this.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_bytes (ArborColumn *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  return dup_bytes (self, FALSE, error);
}
