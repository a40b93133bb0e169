/* See arbor-key-index.h. */

#include "query/group/arbor-key-index.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>

#include "base/arbor-error.h"
#include "batch/arbor-group-table.h"
#include "batch/arbor-value-access.h"
#include "query/group/arbor-asked.h"

struct _ArborKeyIndex
{
  gatomicrefcount ref_count;
  gsize n;
  char *text;   /* of the keys, for people */
  char **names; /* of the values in the grouping: "0", "1", ... */
  ArborSource *source;
  ArborNode **keys;
  ArborNode *condition; /* none of them is null */
  ArborAsked *asked;    /* NULL: anything may be looked up */

  pthread_mutex_t mutex;   /* guards the choice between all trees and those that are asked for */
  gboolean is_chosen;      /* atomic; from then on the grouping stays */
  gboolean is_of_asked;
  ArborGrouping *grouping;
};

/* a != null and b != null: the literal null stands for missing, too. */
static ArborNode *
make_condition (ArborNode *const *keys, gsize n, GError **error)
{
  const ArborValue null = ARBOR_VALUE_NULL;
  g_autoptr (ArborNode) literal = arbor_node_new_literal (&null);
  g_autoptr (ArborNode) condition = NULL;

  for (gsize i = 0; i < n; i++)
    {
      ArborNode *operands[] = { keys[i], literal };
      g_autoptr (ArborNode) is_there = arbor_node_new_call ("!=", operands, 2, error);
      g_autoptr (ArborNode) before = g_steal_pointer (&condition);
      ArborNode *both[] = { before, is_there };

      if (is_there == NULL)
        return NULL;
      condition = before == NULL ? g_steal_pointer (&is_there)
                                 : arbor_node_new_call ("and", both, 2, error);
      if (condition == NULL)
        return NULL;
    }
  return g_steal_pointer (&condition);
}

static char *
describe_keys (ArborNode *const *keys, gsize n)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (texts, arbor_node_to_string (keys[i]));
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (", ", (char **) texts->pdata);
}

static ArborGrouping *
make_grouping (ArborKeyIndex *self, ArborSelection *selection, GError **error)
{
  g_autoptr (ArborSelection) filtered =
      arbor_selection_new_filter (selection, self->condition, error);
  ArborGrouping *grouping =
      filtered != NULL ? arbor_grouping_new (self->source, filtered, (const char *const *) self->names,
                                             self->keys, self->n, error)
                       : NULL;

  if (grouping != NULL)
    arbor_grouping_expect_members (grouping);
  return grouping;
}

ArborKeyIndex *
arbor_key_index_new (ArborSource *source, ArborSelection *selection, ArborNode *const *keys,
                     gsize n, GError **error)
{
  g_autoptr (ArborKeyIndex) self = NULL;

  if (n == 0)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                           _("Expected at least one key, found none"));
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    if (!arbor_node_check_scalar (keys[i], error))
      return NULL;
  self = g_new0 (ArborKeyIndex, 1);
  g_atomic_ref_count_init (&self->ref_count);
  pthread_mutex_init (&self->mutex, NULL);
  self->is_chosen = TRUE;
  self->source = arbor_source_ref (source);
  self->names = g_new0 (char *, n + 1);
  self->keys = g_new (ArborNode *, n);
  for (; self->n < n; self->n++)
    {
      self->keys[self->n] = arbor_node_ref (keys[self->n]);
      self->names[self->n] = g_strdup_printf ("%" G_GSIZE_FORMAT, self->n);
    }
  self->text = describe_keys (keys, n);
  self->condition = make_condition (keys, n, error);
  if (self->condition != NULL)
    self->grouping = make_grouping (self, selection, error);
  return self->grouping != NULL ? g_steal_pointer (&self) : NULL;
}

void
arbor_key_index_expect (ArborKeyIndex *self, ArborAsked *asked)
{
  self->asked = asked;
  self->is_chosen = asked == NULL;
}

ArborKeyIndex *
arbor_key_index_ref (ArborKeyIndex *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_key_index_unref (ArborKeyIndex *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->grouping, arbor_grouping_unref);
  g_clear_pointer (&self->asked, arbor_asked_free);
  g_clear_pointer (&self->condition, arbor_node_unref);
  for (gsize i = 0; i < self->n; i++)
    arbor_node_unref (self->keys[i]);
  g_free (self->keys);
  arbor_source_unref (self->source);
  pthread_mutex_destroy (&self->mutex);
  g_strfreev (self->names);
  g_free (self->text);
  g_free (self);
}

gsize
arbor_key_index_get_n_values (ArborKeyIndex *self)
{
  return self->n;
}

void
arbor_key_index_describe (ArborKeyIndex *self, GString *text)
{
  gboolean is_chosen = __atomic_load_n (&self->is_chosen, __ATOMIC_ACQUIRE);

  g_string_append (text, self->text);
  if (self->asked != NULL && (!is_chosen || self->is_of_asked))
    arbor_asked_describe (self->asked, is_chosen, text);
}

/* Those of few keys that are asked for, or all. */
static void
choose (ArborKeyIndex *self, ArborAccess *access, GCancellable *cancellable)
{
  g_autoptr (ArborSelection) selection = arbor_asked_find (self->asked, access, cancellable);
  ArborGrouping *grouping = selection != NULL ? make_grouping (self, selection, NULL) : NULL;

  if (grouping == NULL)
    return;
  arbor_grouping_unref (self->grouping);
  self->grouping = grouping;
  self->is_of_asked = TRUE;
}

static ArborGrouping *
get_grouping (ArborKeyIndex *self, ArborAccess *access, GCancellable *cancellable)
{
  if (__atomic_load_n (&self->is_chosen, __ATOMIC_ACQUIRE))
    return self->grouping;
  pthread_mutex_lock (&self->mutex);
  if (!self->is_chosen)
    choose (self, access, cancellable);
  __atomic_store_n (&self->is_chosen, TRUE, __ATOMIC_RELEASE);
  pthread_mutex_unlock (&self->mutex);
  return self->grouping;
}

gboolean
arbor_key_index_get_n_keys (ArborKeyIndex *self, ArborAccess *access, GCancellable *cancellable,
                            guint32 *n_keys, GError **error)
{
  return arbor_grouping_get_n_groups (get_grouping (self, access, cancellable), access, cancellable,
                                      n_keys, error);
}

guint32 *
arbor_key_index_look_up (ArborKeyIndex *self, ArborAccess *access, ArborValue *values,
                         ArborScope *scope, guint64 *n, GError **error)
{
  gboolean is_found = FALSE;
  ArborGrouping *grouping;
  guint32 group;

  *n = 0;
  for (gsize i = 0; i < self->n; i++)
    if (arbor_value_is_null (&values[i]))
      return g_new (guint32, 1);
  grouping = get_grouping (self, access, NULL);
  if (!arbor_grouping_find_values (grouping, access, values, scope, &is_found, &group, error))
    return NULL;
  return is_found ? arbor_grouping_dup_members (grouping, access, group, n, error)
                  : g_new (guint32, 1);
}

/* A value that no tree could hold is null as a key, and yet not null to the condition above: so a group
 * of null can be there, which nothing is to find. */
gboolean
arbor_key_index_find (ArborKeyIndex *self, ArborAccess *access, ArborValue *values, guint32 n,
                      ArborScope *scope, guint32 *groups, GError **error)
{
  if (!arbor_grouping_find_rows (get_grouping (self, access, NULL), access, values, n, scope, groups, error))
    return FALSE;
  for (gsize i = 0; i < n * self->n; i++)
    if (arbor_value_is_null (&values[i]))
      groups[i / self->n] = ARBOR_NO_GROUP;
  return TRUE;
}

gboolean
arbor_key_index_find_keys (ArborKeyIndex *self, ArborAccess *access, const ArborGroupKey *keys,
                           guint32 n, guint32 *groups, GError **error)
{
  if (!arbor_grouping_find_keys (get_grouping (self, access, NULL), access, keys, n, groups, error))
    return FALSE;
  for (gsize i = 0; i < n * self->n; i++)
    if (arbor_group_key_get_class (&keys[i]) <= ARBOR_GROUP_KEY_NULL)
      groups[i / self->n] = ARBOR_NO_GROUP;
  return TRUE;
}

gboolean
arbor_key_index_get_matches (ArborKeyIndex *self, ArborAccess *access, const guint32 **members,
                             const guint64 **starts, GError **error)
{
  return arbor_grouping_get_members (get_grouping (self, access, NULL), access, members, starts, error);
}

gboolean
arbor_key_index_check_unique (ArborKeyIndex *self, ArborAccess *access, GError **error)
{
  guint32 n_keys;

  if (!arbor_key_index_get_n_keys (self, access, NULL, &n_keys, error))
    return FALSE;
  for (guint32 i = 0; i < n_keys; i++)
    {
      g_autofree guint32 *members = NULL;
      guint64 n;

      members = arbor_grouping_dup_members (get_grouping (self, access, NULL), access, i, &n, error);
      if (members == NULL)
        return FALSE;
      if (n > 1)
        {
          g_autofree char *key = arbor_grouping_dup_key_text (self->grouping, i);

          g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY,
                       _("Key %s belongs to several trees, the ones at %u and %u of the source among "
                         "them, and one was expected"),
                       key, members[0], members[1]);
          return FALSE;
        }
    }
  return TRUE;
}
