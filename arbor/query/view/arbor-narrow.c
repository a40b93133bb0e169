/* Which fields expressions look at. See arbor-narrow.h; arbor-derived.c makes the sources. */

#include "query/view/arbor-narrow.h"

#include <string.h>

static ArborWanted *
wanted_new_take (GPtrArray *keys)
{
  ArborWanted *self = g_new (ArborWanted, 1);

  self->n = keys->len;
  self->keys = (GBytes **) g_ptr_array_free (keys, FALSE);
  return self;
}

static void
add_key (GPtrArray *keys, const ArborStep *step)
{
  for (guint i = 0; i < keys->len; i++)
    {
      gsize size;
      gconstpointer key = g_bytes_get_data (keys->pdata[i], &size);

      if (size == step->length && (size == 0 || memcmp (key, step->key, size) == 0))
        return;
    }
  g_ptr_array_add (keys, g_bytes_new (step->key, step->length));
}

/* Elements are found by the path of an array. */
static gboolean
add_path (GPtrArray *keys, const ArborNode *node)
{
  if (node->kind != ARBOR_NODE_PATH)
    return TRUE;
  if (node->path->n_steps == 0 || node->path->steps[0].kind != ARBOR_STEP_KEY)
    return FALSE;
  add_key (keys, &node->path->steps[0]);
  return TRUE;
}

ArborWanted *
arbor_wanted_new (ArborNode *const *nodes, guint n)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (open, nodes[i]);
  while (open->len > 0)
    {
      const ArborNode *node = g_ptr_array_steal_index_fast (open, open->len - 1);

      if (!add_path (keys, node))
        return NULL;
      for (guint32 i = 0; i < node->n_arguments; i++)
        g_ptr_array_add (open, node->arguments[i]);
    }
  return wanted_new_take (g_steal_pointer (&keys));
}

ArborWanted *
arbor_wanted_copy (const ArborWanted *self)
{
  ArborWanted *copy = g_new (ArborWanted, 1);

  copy->n = self->n;
  copy->keys = g_new (GBytes *, self->n + 1);
  for (guint i = 0; i < self->n; i++)
    copy->keys[i] = g_bytes_ref (self->keys[i]);
  return copy;
}

void
arbor_wanted_free (ArborWanted *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    g_bytes_unref (self->keys[i]);
  g_free (self->keys);
  g_free (self);
}

gboolean
arbor_wanted_has (const ArborWanted *self, const char *key, gsize length)
{
  for (guint i = 0; self != NULL && i < self->n; i++)
    {
      guint32 n;
      const char *other = arbor_wanted_get (self, i, &n);

      if (n == length && (n == 0 || memcmp (other, key, n) == 0))
        return TRUE;
    }
  return self == NULL;
}

void
arbor_nodes_add_field (GPtrArray *nodes, const char *key, guint32 length)
{
  ArborStep *step = g_new0 (ArborStep, 1);
  char *copy = g_malloc ((gsize) length + 1);

  memcpy (copy, key, length);
  copy[length] = '\0';
  step->kind = ARBOR_STEP_KEY;
  step->key = copy;
  step->length = length;
  g_ptr_array_add (nodes, arbor_node_new_path_take (arbor_path_new_take (step, 1)));
}

void
arbor_nodes_add_wanted (GPtrArray *nodes, const ArborWanted *wanted)
{
  for (guint i = 0; i < wanted->n; i++)
    {
      guint32 length;
      const char *key = arbor_wanted_get (wanted, i, &length);

      arbor_nodes_add_field (nodes, key, length);
    }
}

gboolean
arbor_wanted_covers (const ArborWanted *self, const ArborWanted *other)
{
  for (guint i = 0; i < other->n; i++)
    {
      guint32 length;
      const char *key = arbor_wanted_get (other, i, &length);

      if (!arbor_wanted_has (self, key, length))
        return FALSE;
    }
  return TRUE;
}
