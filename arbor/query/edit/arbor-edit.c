/* The structure of nodes. See arbor-edit.h. Invariants: a node is in one place at most; an open array
 * has its elements in a GPtrArray, an open object its members in a ring around a head, each of
 * them also in the table, where a node stands for its key. Arrays and tables are owned by the edit,
 * everything else by the scope.
 */

#include "query/edit/arbor-edit.h"

#include <glib/gi18n-lib.h>
#include <xxhash.h>

#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"

/* What all copies of an edit may have together; a batch holds no more. */
#define MAX_COPIED_BYTES (G_GUINT64_CONSTANT (256) << 20)
#define VALUE_BYTES 16u

struct _ArborEditNode
{
  ArborEditNode *previous; /* members, in a ring */
  ArborEditNode *next;
  const char *key;
  guint32 length;   /* of key */
  gboolean is_open;
  ArborValue value; /* of an open node only the kind counts */
  GPtrArray *elements; /* of an open array */
  GHashTable *members; /* of an open object: nodes by their keys */
  ArborEditNode *head; /* of an open object: before the first member and after the last */
};

struct _ArborEdit
{
  ArborScope *scope;
  ArborEditNode *root;
  GPtrArray *arrays;
  GPtrArray *tables;
  guint64 n_copied;
};

/* A node that is to be frozen, and where the value goes. */
typedef struct
{
  ArborEditNode *node;
  ArborValue *value;
} Pending;

static guint
hash_key (gconstpointer data)
{
  const ArborEditNode *node = data;

  return (guint) XXH3_64bits (node->key, node->length);
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  const ArborEditNode *x = a, *y = b;

  return x->length == y->length && (x->length == 0 || memcmp (x->key, y->key, x->length) == 0);
}

ArborEditNode *
arbor_edit_new_node (ArborEdit *self, const ArborValue *value)
{
  ArborEditNode *node = arbor_scope_alloc (self->scope, sizeof *node);

  *node = (ArborEditNode){ .value = *value };
  return node;
}

ArborEdit *
arbor_edit_new (const ArborValue *root, ArborScope *scope)
{
  ArborEdit *self = g_new0 (ArborEdit, 1);

  self->scope = scope;
  self->arrays = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  self->tables = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
  self->root = arbor_edit_new_node (self, root);
  return self;
}

void
arbor_edit_free (ArborEdit *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->arrays);
  g_ptr_array_unref (self->tables);
  g_free (self);
}

ArborKind
arbor_edit_get_kind (ArborEditNode *node)
{
  return node->value.kind;
}

static void
add_member (ArborEditNode *object, ArborEditNode *node, const char *key, guint32 length)
{
  ArborEditNode *head = object->head;

  node->key = key;
  node->length = length;
  node->next = head;
  node->previous = head->previous;
  head->previous->next = node;
  head->previous = node;
  g_hash_table_add (object->members, node);
}

static void
open_node (ArborEdit *self, ArborEditNode *node)
{
  ArborValueIter iter;
  ArborValue child;
  const char *key = NULL;
  guint32 length = 0;

  if (node->is_open)
    return;
  node->is_open = TRUE;
  if (node->value.kind == ARBOR_KIND_ARRAY)
    {
      node->elements = g_ptr_array_new ();
      g_ptr_array_add (self->arrays, node->elements);
    }
  else
    {
      node->members = g_hash_table_new (hash_key, equal_keys);
      g_ptr_array_add (self->tables, node->members);
      node->head = arbor_edit_new_node (self, &ARBOR_VALUE_MISSING);
      node->head->previous = node->head->next = node->head;
    }

  arbor_value_iter_init (&iter, &node->value, self->scope);
  while (arbor_value_iter_next (&iter, &key, &length, &child))
    if (node->elements != NULL)
      g_ptr_array_add (node->elements, arbor_edit_new_node (self, &child));
    else
      add_member (node, arbor_edit_new_node (self, &child), key, length);
}

guint32
arbor_edit_get_length (ArborEdit *self, ArborEditNode *container)
{
  if (!container->is_open)
    return arbor_value_get_length (&container->value, self->scope);
  return container->elements != NULL ? container->elements->len
                                     : g_hash_table_size (container->members);
}

ArborEditNode *
arbor_edit_get (ArborEdit *self, const ArborEditPlace *place)
{
  const ArborEditNode wanted = { .key = place->key, .length = place->length };

  if (place->parent == NULL)
    return self->root;
  open_node (self, place->parent);
  if (place->parent->members != NULL)
    return g_hash_table_lookup (place->parent->members, &wanted);
  return place->index < place->parent->elements->len
             ? g_ptr_array_index (place->parent->elements, place->index)
             : NULL;
}

static void
replace_member (ArborEditNode *object, ArborEditNode *old, ArborEditNode *node)
{
  g_hash_table_remove (object->members, old);
  node->key = old->key;
  node->length = old->length;
  node->previous = old->previous;
  node->next = old->next;
  node->previous->next = node;
  node->next->previous = node;
  g_hash_table_add (object->members, node);
}

void
arbor_edit_put (ArborEdit *self, const ArborEditPlace *place, ArborEditNode *node)
{
  ArborEditNode *old = arbor_edit_get (self, place);

  if (place->parent == NULL)
    self->root = node;
  else if (place->parent->members != NULL && old != NULL)
    replace_member (place->parent, old, node);
  else if (place->parent->members != NULL)
    add_member (place->parent, node, place->key, place->length);
  else if (old != NULL)
    place->parent->elements->pdata[place->index] = node;
  else
    g_ptr_array_add (place->parent->elements, node);
}

void
arbor_edit_insert (ArborEdit *self, const ArborEditPlace *place, ArborEditNode *node)
{
  if (place->parent == NULL || place->parent->value.kind != ARBOR_KIND_ARRAY)
    {
      arbor_edit_put (self, place, node);
      return;
    }
  open_node (self, place->parent);
  g_assert (place->index <= place->parent->elements->len);
  g_ptr_array_insert (place->parent->elements, (gint)place->index, node);
}

ArborEditNode *
arbor_edit_take (ArborEdit *self, const ArborEditPlace *place)
{
  ArborEditNode *node = arbor_edit_get (self, place);

  g_assert (node != NULL && place->parent != NULL);
  if (place->parent->elements != NULL)
    return g_ptr_array_remove_index (place->parent->elements, place->index);
  g_hash_table_remove (place->parent->members, node);
  node->previous->next = node->next;
  node->next->previous = node->previous;
  return node;
}

static void
add_pending (ArborBuffer *todo, ArborEditNode *node, ArborValue *value)
{
  const Pending pending = { node, value };

  arbor_buffer_append (todo, &pending, sizeof pending);
}

/* Gives an open node a list of values, and puts its children into @todo to fill it. */
static void
freeze_open (ArborEdit *self, ArborEditNode *node, ArborValue *value, ArborBuffer *todo)
{
  guint32 n = arbor_edit_get_length (self, node);
  gsize n_values = (gsize)n * (node->members != NULL ? 2 : 1);
  ArborValue *list = arbor_scope_alloc (self->scope, MAX (n_values, 1) * sizeof *list);

  *value = (ArborValue){
    .kind = node->value.kind, .holder_kind = ARBOR_HOLDER_LIST, .index = n, .holder = list
  };
  if (node->elements != NULL)
    for (guint32 i = 0; i < n; i++)
      add_pending (todo, node->elements->pdata[i], &list[i]);
  else
    for (ArborEditNode *member = node->head->next; member != node->head; member = member->next)
      {
        *list++ = ARBOR_VALUE_STRING (member->key, member->length);
        add_pending (todo, member, list++);
      }
}

void
arbor_edit_freeze (ArborEdit *self, ArborEditNode *node, ArborValue *value)
{
  ArborBuffer todo = { 0 };

  add_pending (&todo, node, value);
  while (todo.length > 0)
    {
      Pending pending;

      todo.length -= sizeof pending;
      memcpy (&pending, todo.data + todo.length, sizeof pending);
      if (pending.node->is_open)
        freeze_open (self, pending.node, pending.value, &todo);
      else
        *pending.value = pending.node->value;
    }
  arbor_buffer_free (&todo);
}

static gboolean
set_depth_error (GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _ ("A tree nests at most %u levels deep, and the edited one would be deeper"),
               ARBOR_TAPE_MAX_DEPTH);
  return FALSE;
}

static gboolean
set_size_error (GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT, _ ("Copies make the tree larger than %u MiB"),
               (guint)(MAX_COPIED_BYTES >> 20));
  return FALSE;
}

/* Adds what the value weighs to @weight, if that is given, and tests depth and weight. */
static gboolean
measure (const ArborValue *value, ArborScope *scope, guint64 *weight, GError **error)
{
  ArborValueWalk walk;
  ArborWalkEvent event;
  ArborScopeMark mark = arbor_scope_mark (scope);
  gboolean is_good = TRUE;
  guint depth = 0;

  arbor_value_walk_init (&walk, value, scope);
  while (is_good && (event = arbor_value_walk_next (&walk)) != ARBOR_WALK_END)
    {
      depth += event == ARBOR_WALK_OPEN;
      depth -= event == ARBOR_WALK_CLOSE;
      if (depth > ARBOR_TAPE_MAX_DEPTH)
        is_good = set_depth_error (error);
      if (weight == NULL || event == ARBOR_WALK_CLOSE || !is_good)
        continue;
      *weight += VALUE_BYTES + (walk.key != NULL ? walk.key_length : 0);
      if (walk.value.kind == ARBOR_KIND_STRING || walk.value.kind == ARBOR_KIND_NUMBER)
        *weight += walk.value.length;
      if (*weight > MAX_COPIED_BYTES)
        is_good = set_size_error (error);
    }
  arbor_scope_release (scope, mark);
  return is_good;
}

ArborEditNode *
arbor_edit_copy (ArborEdit *self, ArborEditNode *node, GError **error)
{
  ArborValue value;

  arbor_edit_freeze (self, node, &value);
  if (!measure (&value, self->scope, &self->n_copied, error))
    return NULL;
  return arbor_edit_new_node (self, &value);
}

gboolean
arbor_edit_finish (ArborEdit *self, ArborValue *value, GError **error)
{
  arbor_edit_freeze (self, self->root, value);
  return measure (value, self->scope, NULL, error);
}
