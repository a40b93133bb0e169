/* See arbor-concat.h. */

#include "query/view/arbor-concat.h"

#include "query/view/arbor-pick.h"
#include "query/view/arbor-source-private.h"

typedef struct
{
  GPtrArray *parts; /* of ArborView */
  guint part;    /* the one to read on in */
  guint64 position;
  guint next_part; /* after the step under way */
  guint64 next_position;
} Concat;

/* One part at a time. */
static gboolean
concat_step (gpointer data, ArborAccess *access, guint32 n_trees, ArborOutput *output,
             gboolean *at_end, GCancellable *cancellable, GError **error)
{
  Concat *self = data;
  const ArborView *part = self->part < self->parts->len ? self->parts->pdata[self->part] : NULL;
  ArborAccess input;
  guint32 n_read = 0;

  self->next_part = self->part;
  self->next_position = 0;
  if (part != NULL && arbor_trees_are_whole (part->selection, part->source))
    {
      if (!arbor_output_add_batches (output, part->source, 0,
                                     arbor_source_get_n_batches (part->source), error))
        return FALSE;
      self->next_part++;
    }
  else if (part != NULL)
    {
      arbor_access_borrow (&input, access, part->source);
      if (!arbor_rebuild_add_positions (arbor_output_get_rebuild (output), part->selection, &input,
                                        self->position, n_trees, &n_read, cancellable, error))
        return FALSE;
      if (n_read < n_trees)
        self->next_part++;
      else
        self->next_position = self->position + n_read;
    }
  *at_end = self->next_part == self->parts->len;
  return TRUE;
}

static void
concat_commit (gpointer data)
{
  Concat *self = data;

  self->part = self->next_part;
  self->position = self->next_position;
}

static void
concat_describe (gpointer data, GString *text)
{
  Concat *self = data;

  g_string_append_printf (text, "concat of %u", self->parts->len);
}

static void
concat_free (gpointer data)
{
  Concat *self = data;

  g_ptr_array_unref (self->parts);
  g_free (self);
}

static void
concat_list_keys (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  Concat *self = data;

  for (guint i = 0; i < self->parts->len; i++)
    arbor_key_search_ask (search, i, steps, n_steps, NULL);
}

static gboolean
concat_count (gpointer data, ArborAccess *access, guint64 limit, guint64 *n, gboolean *is_known,
              GCancellable *cancellable, GError **error)
{
  Concat *self = data;

  *n = 0;
  *is_known = TRUE;
  for (guint i = 0; i < self->parts->len && *n < limit; i++)
    {
      const ArborView *part = self->parts->pdata[i];
      ArborAccess input;
      guint64 n_here;

      arbor_access_borrow (&input, access, part->source);
      if (!arbor_selection_tell_up_to (part->selection, &input, limit - *n, cancellable, &n_here,
                                       error))
        return FALSE;
      *n += n_here;
    }
  return TRUE;
}

/* Of a part, the first of @indices that it has, as trees of its source; *@n: how many. NULL: an error. */
static ArborView *
pick_part (const ArborView *part, ArborAccess *access, guint64 start, const guint32 *indices,
           guint32 *n, GCancellable *cancellable)
{
  g_autofree guint32 *positions = g_new (guint32, *n);
  ArborAccess input;
  guint64 count;

  arbor_access_borrow (&input, access, part->source);
  if (!arbor_selection_tell_up_to (part->selection, &input, indices[*n - 1] - start + 1, cancellable,
                                   &count, NULL))
    return NULL;
  while (*n > 0 && indices[*n - 1] - start >= count)
    (*n)--;
  for (guint32 i = 0; i < *n; i++)
    positions[i] = (guint32) (indices[i] - start);
  if (!arbor_pick_positions (part->selection, &input, positions, n, cancellable))
    return NULL;
  return arbor_view_select (part, arbor_selection_new_list (g_steal_pointer (&positions), *n));
}

static gpointer
concat_pick (gpointer data, ArborAccess *access, const guint32 *indices, guint32 n,
             GCancellable *cancellable)
{
  Concat *self = data;
  Concat *picked = g_new0 (Concat, 1);
  guint64 start = 0;

  picked->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_view_unref);
  for (guint i = 0; i < self->parts->len && n > 0; i++)
    {
      const ArborView *part = self->parts->pdata[i];
      guint32 n_here = n;
      ArborView *view = pick_part (part, access, start, indices, &n_here, cancellable);
      ArborAccess input;
      guint64 n_trees = 0;

      if (view != NULL)
        g_ptr_array_add (picked->parts, view);
      indices += n_here;
      n -= n_here;
      arbor_access_borrow (&input, access, part->source);
      if (view == NULL || (n > 0 && !arbor_selection_tell_count (part->selection, &input,
                                                                 cancellable, &n_trees, NULL)))
        {
          concat_free (picked);
          return NULL;
        }
      start += n_trees;
    }
  return picked;
}

static const ArborOperator concat_operator = {
  .name = "concat",
  .step = concat_step,
  .commit = concat_commit,
  .describe = concat_describe,
  .free = concat_free,
  .keys = concat_list_keys,
  .count = concat_count,
  .pick = concat_pick,
};

static void
add_part (Concat *self, ArborView *part)
{
  Concat *inner = arbor_selection_is_all (part->selection)
                      ? arbor_source_get_operator_data (part->source, &concat_operator)
                      : NULL;

  /* Of those none is a concatenation. */
  for (guint i = 0; inner != NULL && i < inner->parts->len; i++)
    g_ptr_array_add (self->parts, arbor_view_ref (inner->parts->pdata[i]));
  if (inner == NULL)
    g_ptr_array_add (self->parts, arbor_view_ref (part));
}

ArborSource *
arbor_concat_new (ArborView *const *views, gsize n_views, ArborGate *gate, GError **error)
{
  Concat *self = g_new0 (Concat, 1);
  g_autofree ArborSource **inputs = NULL;
  ArborSource *source;

  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_view_unref);
  for (gsize i = 0; i < n_views; i++)
    add_part (self, views[i]);
  inputs = g_new (ArborSource *, self->parts->len + 1);
  for (guint i = 0; i < self->parts->len; i++)
    inputs[i] = ((ArborView *) self->parts->pdata[i])->source;
  source = arbor_source_new_derived (&concat_operator, self, inputs, self->parts->len, gate, error);
  for (guint i = 0; source != NULL && i < self->parts->len; i++)
    arbor_source_set_input_selection (source, i,
                                      ((ArborView *) self->parts->pdata[i])->selection);
  return source;
}
