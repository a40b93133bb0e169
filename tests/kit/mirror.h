/* A mirror of a list model: it applies each splice that is told to what it has, and compares the whole of
 * it with the model, in the middle of each emission: number, texts, and that what stays stays the same
 * object.
 */

#pragma once

#include "kit/arbors.h"

typedef struct
{
  GListModel *model;
  GPtrArray *rows;  /* ArborRow */
  GPtrArray *texts; /* their trees as JSON */
  guint n_splices;
  gulong id;
} Mirror;

static inline char *
dup_row_text (ArborRow *row)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborTree) tree = arbor_row_get_tree (row, &error);
  char *text;

  /* Of a closed store rows are left, whose trees are not. */
  if (g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED))
    return NULL;
  g_assert_no_error (error);
  text = arbor_tree_to_json (tree, &error);
  g_assert_no_error (error);
  return text;
}

static inline void
mirror_compare (Mirror *self)
{
  guint n = g_list_model_get_n_items (self->model);

  g_assert_cmpuint (n, ==, self->rows->len);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ArborRow) row = g_list_model_get_item (self->model, i);
      g_autofree char *text = NULL;

      g_assert_true (ARBOR_IS_ROW (row));
      if (row != self->rows->pdata[i])
        g_error ("row %u of %u is another object after %u splices", i, n, self->n_splices);
      text = dup_row_text (row);
      if (text != NULL)
        g_assert_cmpstr (text, ==, self->texts->pdata[i]);
    }
  g_assert_null (g_list_model_get_item (self->model, n));
}

static inline void
mirror_splice (GListModel *model, guint position, guint n_removed, guint n_added, gpointer data)
{
  Mirror *self = data;

  self->n_splices++;
  g_assert_cmpuint (position + n_removed, <=, self->rows->len);
  if (n_removed > 0)
    {
      g_ptr_array_remove_range (self->rows, position, n_removed);
      g_ptr_array_remove_range (self->texts, position, n_removed);
    }
  for (guint i = position; i < position + n_added; i++)
    {
      ArborRow *row = g_list_model_get_item (model, i);

      g_assert_nonnull (row);
      g_ptr_array_insert (self->rows, i, row);
      g_ptr_array_insert (self->texts, i, dup_row_text (row));
    }
  mirror_compare (self);
}

static inline void
mirror_begin (Mirror *self, gpointer model)
{
  *self = (Mirror){ .model = g_object_ref (model) };
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->texts = g_ptr_array_new_with_free_func (g_free);
  mirror_splice (model, 0, 0, g_list_model_get_n_items (model), self);
  self->n_splices = 0;
  self->id = g_signal_connect (model, "items-changed", G_CALLBACK (mirror_splice), self);
}

static inline void
mirror_end (Mirror *self)
{
  g_signal_handler_disconnect (self->model, self->id);
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->texts);
  g_object_unref (self->model);
}

/* JSON Lines of what the mirror has. */
static inline char *
mirror_dup_lines (const Mirror *self)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < self->texts->len; i++)
    g_string_append_printf (lines, "%s\n", (const char *) self->texts->pdata[i]);
  return g_string_free (lines, FALSE);
}

/* Until nothing is under way any more. */
static inline void
settle (ArborListModel *model)
{
  while (arbor_list_model_get_pending (model) > 0 || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
}
