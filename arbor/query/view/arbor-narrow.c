/* What expressions look at. See arbor-narrow.h; arbor-derived.c makes the sources. */

#include "query/view/arbor-narrow.h"

#include "query/expr/arbor-function.h"

/* Calls that ask how many elements an array has, or whether it is there, and not what they are. */
static gboolean
asks_for_array (const ArborNode *node)
{
  return node->kind == ARBOR_NODE_CALL && node->n_arguments == 1 &&
         node->arguments[0]->kind == ARBOR_NODE_PATH && !node->arguments[0]->is_vector &&
         (g_str_equal (node->function->name, "len") || g_str_equal (node->function->name, "exists"));
}

static gboolean
add_array (ArborWanted *self, const ArborPath *path)
{
  g_autoptr (ArborWanted) nothing = arbor_wanted_new ();

  return arbor_wanted_add (self, path->steps, path->n_steps, nothing, TRUE);
}

/* Elements are found by the path of an array. */
gboolean
arbor_wanted_add_node (ArborWanted *self, ArborNode *node)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new ();

  g_ptr_array_add (open, node);
  while (open->len > 0)
    {
      const ArborNode *at = g_ptr_array_steal_index_fast (open, open->len - 1);

      if (asks_for_array (at))
        {
          if (!add_array (self, at->arguments[0]->path))
            return FALSE;
          continue;
        }
      if (at->kind == ARBOR_NODE_PATH &&
          !arbor_wanted_add (self, at->path->steps, at->path->n_steps, NULL, FALSE))
        return FALSE;
      for (guint32 i = 0; i < at->n_arguments; i++)
        g_ptr_array_add (open, at->arguments[i]);
    }
  return TRUE;
}

ArborWanted *
arbor_wanted_new_nodes (ArborNode *const *nodes, guint n)
{
  g_autoptr (ArborWanted) self = arbor_wanted_new ();

  for (guint i = 0; i < n; i++)
    if (!arbor_wanted_add_node (self, nodes[i]))
      return NULL;
  return g_steal_pointer (&self);
}
