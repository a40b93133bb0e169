/* Looks at one value of a tree. See arbor-tree-private.h. */

#include "arbor-tree-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"

void
arbor_tree_look_note_step (ArborLook *look)
{
  if (look->value.holder_kind == ARBOR_HOLDER_TEXT || look->value.holder_kind == ARBOR_HOLDER_TAPE)
    look->is_passing = TRUE;
}

ArborPath *
arbor_tree_parse_path (const char *text, GError **error)
{
  g_autoptr (ArborPath) path = arbor_path_parse (text, error);

  if (path == NULL || !path->is_vector)
    return g_steal_pointer (&path);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY,
               _("Path '%s' has [*], which gives several values, and one is needed here"), text);
  return NULL;
}

static void
walk (const ArborPath *path, ArborLook *look)
{
  for (guint i = 0; i < path->n_steps; i++)
    {
      const ArborStep *step = &path->steps[i];
      ArborValue child;

      arbor_tree_look_note_step (look);
      if (step->kind == ARBOR_STEP_KEY)
        arbor_value_get_member (&look->value, step->key, step->length, look->scope, &child);
      else
        arbor_value_get_element (&look->value, step->index, look->scope, &child);
      look->value = child;
    }
}

gboolean
arbor_tree_look_end (ArborLook *look, gboolean is_good, GError **error)
{
  is_good = is_good && arbor_scope_check (look->scope, error);
  is_good = arbor_access_end (&look->access, error) && is_good;
  g_clear_pointer (&look->scope, arbor_scope_free);
  return is_good;
}

gboolean
arbor_tree_look_begin (ArborTree *self, const char *path, ArborLook *look, GError **error)
{
  g_autoptr (ArborPath) steps = NULL;

  if (!arbor_tree_enter (self, &look->access, &look->value, error))
    return FALSE;
  look->scope = arbor_scope_new ();
  look->is_passing = FALSE;
  if (path == NULL || path[0] == '\0')
    return TRUE;
  steps = arbor_tree_parse_path (path, error);
  if (steps != NULL)
    walk (steps, look);
  if (steps != NULL && arbor_scope_check (look->scope, error))
    return TRUE;
  return arbor_tree_look_end (look, FALSE, error);
}

char *
arbor_tree_look_to_json (ArborLook *look)
{
  ArborBuffer text = { NULL };

  /* Most trees need no more, and none keeps what it does not need. */
  arbor_buffer_reserve (&text, 1024);
  arbor_value_write_json (&look->value, look->scope, &text);
  arbor_buffer_append_byte (&text, '\0');
  return g_realloc (text.data, text.length);
}
