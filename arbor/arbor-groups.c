/* ArborGroups: a grouping (query/group/arbor-group.h) of an arbor, that arbor, and a computed arbor of the
 * groups' keys. Nothing here computes: each function enters the arbor's gate and asks the grouping.
 */

#include "arbor-groups-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "arbor-arbor-private.h"
#include "arbor-expr-private.h"
#include "arbor-tree-private.h"
#include "base/arbor-error.h"
#include "query/make/arbor-view-notes.h"

/**
 * ArborGroups:
 *
 * The groups that an arbor's trees fall into by the values of some expressions, in the order in which
 * each was first met. [method@Arbor.Arbor.group_by] makes one.
 *
 * Two trees are in one group when all their key values are equal: `1` equals `1.0` and differs from
 * `"1"`, arrays and objects are compared whole. Null is a value as any other; a missing value is
 * one, too, and leaves its field out of the group's key.
 *
 * Groups are found when somebody first asks, once. Lists of members are made for
 * [method@Arbor.Groups.get_members] only; aggregates do without.
 *
 * Groups end as their arbor does: %ARBOR_ERROR_CLOSED when its store is closed, %ARBOR_ERROR_STALE when
 * its name has been replaced or deleted. Any thread may use them.
 *
 * Since: 1.0
 */
struct _ArborGroups
{
  GObject parent_instance;

  ArborGrouping *grouping; /* NULL when never opened */
  ArborArbor *arbor;
  ArborArbor *keys;
};

G_DEFINE_FINAL_TYPE (ArborGroups, arbor_groups, G_TYPE_OBJECT)

static void
arbor_groups_finalize (GObject *object)
{
  ArborGroups *self = ARBOR_GROUPS (object);

  g_clear_pointer (&self->grouping, arbor_grouping_unref);
  g_clear_object (&self->arbor);
  g_clear_object (&self->keys);

  G_OBJECT_CLASS (arbor_groups_parent_class)->finalize (object);
}

static void
arbor_groups_class_init (ArborGroupsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_groups_finalize;
}

static void
arbor_groups_init (ArborGroups *self)
{
}

ArborGroups *
arbor_groups_new_take (ArborGrouping *grouping, ArborArbor *arbor, ArborArbor *keys)
{
  ArborGroups *self = g_object_new (ARBOR_TYPE_GROUPS, NULL);

  self->grouping = grouping;
  self->arbor = g_object_ref (arbor);
  self->keys = g_object_ref (keys);
  return self;
}

static gboolean
enter (ArborGroups *self, ArborAccess *access, GError **error)
{
  if (self->grouping != NULL)
    return arbor_arbor_enter (self->arbor, access, error);
  arbor_view_set_not_opened_error (error);
  return FALSE;
}

/* Enters, with an @index that there is. */
static gboolean
enter_at (ArborGroups *self, guint64 index, ArborAccess *access, GError **error)
{
  guint32 n_groups;

  if (!enter (self, access, error))
    return FALSE;
  if (arbor_grouping_get_n_groups (self->grouping, access, NULL, &n_groups, error))
    {
      if (index < n_groups)
        return TRUE;
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                   _("Index %" PRIu64 " is out of range: there are %u groups"), index, n_groups);
    }
  return arbor_access_fail (access, error);
}

/**
 * arbor_groups_get_n_groups:
 * @self: groups
 * @error: where to put an error
 *
 * How many groups there are. Those that were not found yet are found.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_LIMIT when
 * the query memory is too small for their keys. Any thread may call this.
 *
 * Returns: the number of groups; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_groups_get_n_groups (ArborGroups *self, GError **error)
{
  guint32 n_groups = 0;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_GROUPS (self), 0);

  if (!enter (self, &access, error))
    return 0;
  if (!arbor_grouping_get_n_groups (self->grouping, &access, NULL, &n_groups, error))
    n_groups = 0;
  return arbor_access_end (&access, error) ? n_groups : 0;
}

/**
 * arbor_groups_get_key:
 * @self: groups
 * @index: a group, from 0
 * @error: where to put an error
 *
 * What the trees of a group have in common: an object of the key fields. A value that is missing
 * leaves its field out. Of values that are equal but written differently, `1` and `1.0`, it is the
 * one that was met first.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE, and those of [method@Arbor.Groups.get_n_groups]. Any thread may
 * call this.
 *
 * Returns: (transfer full): the key
 *
 * Since: 1.0
 */
ArborTree *
arbor_groups_get_key (ArborGroups *self, guint64 index, GError **error)
{
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_GROUPS (self), NULL);

  if (!enter_at (self, index, &access, error))
    return NULL;
  arbor_access_leave (&access, error);
  return arbor_arbor_get (self->keys, index, error);
}

/**
 * arbor_groups_get_members:
 * @self: groups
 * @index: a group, from 0
 * @error: where to put an error
 *
 * A view of the trees of a group, in their order. The first call lists the members of all groups,
 * which takes eight bytes of query memory a tree, and four of them for as long as the groups live.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE, and those of [method@Arbor.Groups.get_n_groups]. Any thread may
 * call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_groups_get_members (ArborGroups *self, guint64 index, GError **error)
{
  ArborSelection *selection = NULL;
  ArborAccess access;
  guint32 *members;
  guint64 n;

  g_return_val_if_fail (ARBOR_IS_GROUPS (self), NULL);

  if (!enter_at (self, index, &access, error))
    return NULL;
  members = arbor_grouping_dup_members (self->grouping, &access, (guint32) index, &n, error);
  if (members != NULL)
    selection = arbor_selection_new_list (members, n);
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&selection, arbor_selection_unref);
  return arbor_arbor_new_take (arbor_view_select (self->arbor->view, selection),
                               self->arbor->token);
}

/* An object with the key's fields, inside. */
static gboolean
find (ArborGroups *self, ArborAccess *access, ArborTree *key, gboolean *is_found, guint32 *group,
      GError **error)
{
  gboolean is_good;
  ArborLook look;

  if (!arbor_tree_look_begin (key, NULL, &look, error))
    return FALSE;
  is_good = look.value.kind == ARBOR_KIND_OBJECT ||
            arbor_tree_set_wrong_kind ("", _("an object"), &look.value, error);
  is_good = is_good && arbor_grouping_find (self->grouping, access, &look.value, look.scope,
                                            is_found, group, error);
  return arbor_tree_look_end (&look, is_good, error);
}

/**
 * arbor_groups_find:
 * @self: groups
 * @key: an object with the key fields, such as [method@Arbor.Groups.get_key] gives
 * @index: (out) (optional): the group
 * @error: where to put an error
 *
 * Finds the group of a key. A field that @key lacks is a missing value; other fields of it do not
 * matter, so that any tree which has the fields under the names of the keys will do.
 *
 * Errors: %ARBOR_ERROR_TYPE when @key is no object, and those of
 * [method@Arbor.Groups.get_n_groups]. Any thread may call this.
 *
 * Returns: whether there is such a group; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_groups_find (ArborGroups *self, ArborTree *key, guint64 *index, GError **error)
{
  gboolean is_found = FALSE;
  guint32 group = 0;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_GROUPS (self), FALSE);
  g_return_val_if_fail (ARBOR_IS_TREE (key), FALSE);

  if (index != NULL)
    *index = 0;
  if (!enter (self, &access, error))
    return FALSE;
  if (!find (self, &access, key, &is_found, &group, error))
    is_found = FALSE;
  is_found = arbor_access_end (&access, error) && is_found;
  if (is_found && index != NULL)
    *index = group;
  return is_found;
}

/**
 * arbor_groups_aggregate:
 * @self: groups
 * @names: (array zero-terminated=1): fields besides those of the keys, as many as there are
 *   expressions
 * @exprs: (array length=n_exprs): their values
 * @n_exprs: how many; 0 for the keys alone
 * @error: where to put an error
 *
 * An arbor of one tree for each group, in the order of the groups: the fields of its key, then these.
 *
 * In an expression each outermost call of an aggregate function (`count`, `sum`, `mean`, `max`,
 * `first`, ...) is computed over all trees of the group, its argument evaluated on each of them:
 * `max(height) - min(height)`, `round(sum(a) / count(a), 2)`. `count()` counts the trees. Null and
 * missing values are skipped. A path with `[*]` adds all of its values; an array at any other path is
 * one value. Further aggregates inside of an argument are those of one tree:
 * `mean(count(tags[*]))`. Outside of aggregates there can be literals and what equals a key of the
 * groups.
 *
 * Trees are computed when the first one is read. A value that is missing leaves its field out.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when a path is neither inside of an aggregate nor a key,
 * %ARBOR_ERROR_INVALID_ARGUMENT when a name comes twice or the numbers differ, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_STALE; what reads the new arbor reports %ARBOR_ERROR_LIMIT when the query memory is
 * too small for the groups. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_groups_aggregate (ArborGroups *self, const char *const *names, ArborExpr **exprs,
                        gsize n_exprs, GError **error)
{
  g_autofree ArborNode **nodes = NULL;
  ArborSource *source = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_GROUPS (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  nodes = arbor_exprs_get_nodes (exprs, n_exprs);
  if (!enter (self, &access, error))
    return NULL;
  if (arbor_plan_check_names (names, n_exprs, error) &&
      arbor_view_check_nodes (self->arbor->view, &access, nodes, n_exprs, error))
    source = arbor_grouping_aggregate (self->grouping, names, nodes, n_exprs, error);
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&source, arbor_source_unref);
  return arbor_arbor_new_take (arbor_view_compute (self->arbor->view, source), self->arbor->token);
}

/**
 * arbor_groups_is_closed:
 * @self: groups
 *
 * Whether the store of the groups' trees has been closed. Any thread may call this, at any time.
 *
 * Returns: whether they are closed
 *
 * Since: 1.0
 */
gboolean
arbor_groups_is_closed (ArborGroups *self)
{
  g_return_val_if_fail (ARBOR_IS_GROUPS (self), TRUE);

  return self->arbor == NULL || arbor_arbor_is_closed (self->arbor);
}

/**
 * arbor_groups_dup_close_token:
 * @self: groups
 *
 * The close token of the store that the groups' trees derive from. Any thread may call this, at any
 * time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for groups in memory
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_groups_dup_close_token (ArborGroups *self)
{
  g_return_val_if_fail (ARBOR_IS_GROUPS (self), NULL);

  return self->arbor != NULL ? arbor_arbor_dup_close_token (self->arbor) : NULL;
}

/**
 * arbor_groups_to_string:
 * @self: groups
 *
 * A description for people: the keys, and how many groups there are if they have been found. Any
 * thread may call this, at any time.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
arbor_groups_to_string (ArborGroups *self)
{
  GString *text;
  guint32 n_groups;

  g_return_val_if_fail (ARBOR_IS_GROUPS (self), NULL);

  if (self->grouping == NULL)
    return g_strdup ("ArborGroups (not opened)");
  text = g_string_new ("ArborGroups (by ");
  arbor_grouping_describe (self->grouping, text);
  if (arbor_grouping_peek_n_groups (self->grouping, &n_groups))
    g_string_append_printf (text, ", %u groups", n_groups);
  g_string_append (text, arbor_groups_is_closed (self) ? ", closed)" : ")");
  return g_string_free (text, FALSE);
}
