/* Which objects are dictionaries, and a table in which their keys are one node. See
 * arbor-path-table.h for the rule.
 *
 * The collapsed table is made from the root down: each of its nodes stands for some nodes of the old
 * one, whose children are looked at together, so that the values of a dictionary may be dictionaries
 * in turn. A node comes after its parent in both tables.
 */

#include "query/make/arbor-path-table.h"

/* Kinds that are like each other. */
typedef enum
{
  LIKE_NOTHING, /* only null */
  LIKE_BOOL,
  LIKE_NUMBER,
  LIKE_STRING,
  LIKE_ARRAY,
  LIKE_OBJECT,
  LIKE_SEVERAL,
  N_LIKES,
} Like;

typedef struct
{
  const ArborPathTable *table;
  ArborPathTable *collapsed;
  guint32 *first;    /* of a node: its first child, 0 for none: the root is nobody's child */
  guint32 *next;     /* its next sibling */
  guint32 *same;     /* of a node: another one that is the same in the collapsed table, 0 for none */
  GArray *heads;     /* of a node of the collapsed table: the first that is the same */
  gboolean is_found; /* a dictionary */
} Collapse;

static Like
get_like (const ArborPathNode *node)
{
  Like like = LIKE_NOTHING;

  for (guint kind = ARBOR_KIND_BOOL; kind < ARBOR_N_KINDS; kind++)
    {
      Like of_kind = kind == ARBOR_KIND_BOOL     ? LIKE_BOOL
                     : kind == ARBOR_KIND_STRING ? LIKE_STRING
                     : kind == ARBOR_KIND_ARRAY  ? LIKE_ARRAY
                     : kind == ARBOR_KIND_OBJECT ? LIKE_OBJECT
                                                 : LIKE_NUMBER;

      if (node->n_kind[kind] == 0 || like == of_kind)
        continue;
      if (like != LIKE_NOTHING)
        return LIKE_SEVERAL;
      like = of_kind;
    }
  return like;
}

/* Whether there are enough children at all, which is soon seen. */
static gboolean
may_be_dictionary (Collapse *self, const ArborPathNode *node)
{
  guint64 n_children = 0;

  for (guint32 old = g_array_index (self->heads, guint32, node->index);;)
    {
      for (guint32 at = self->first[old]; at != 0; at = self->next[at])
        if (++n_children > ARBOR_DICTIONARY_KEYS)
          return TRUE;
      old = self->same[old];
      if (old == 0)
        return FALSE;
    }
}

/* The children of all old nodes that @node stands for, as a table of one level: elements, and keys,
 * each with its counts. */
static void
gather_children (Collapse *self, const ArborPathNode *node, ArborPathTable *level)
{
  const ArborPathNode *root = arbor_path_table_get (level, 0);

  for (guint32 old = g_array_index (self->heads, guint32, node->index);;)
    {
      for (guint32 at = self->first[old]; at != 0; at = self->next[at])
        {
          const ArborPathNode *child = arbor_path_table_get (self->table, at);
          ArborPathNode *sum = arbor_path_table_ensure (
              level, root, child->is_element ? NULL : child->key, child->key_length);

          for (guint kind = 0; kind < ARBOR_N_KINDS; kind++)
            sum->n_kind[kind] += child->n_kind[kind];
        }
      old = self->same[old];
      if (old == 0)
        return;
    }
}

static gboolean
has_dictionary_keys (const ArborPathTable *level, guint64 n_objects)
{
  guint64 n_like[N_LIKES] = { 0 };
  guint64 n_keys = 0;
  guint64 n_values = 0;
  guint64 n_most = 0;
  gboolean is_alike, is_sparse;

  for (guint32 i = 1; i < level->nodes->len; i++)
    {
      const ArborPathNode *child = arbor_path_table_get (level, i);

      if (child->is_element)
        continue;
      n_keys++;
      n_values += arbor_path_node_count_values (child);
      n_like[get_like (child)]++;
    }
  if (n_keys <= ARBOR_DICTIONARY_KEYS)
    return FALSE;

  for (guint like = LIKE_BOOL; like < LIKE_SEVERAL; like++)
    n_most = MAX (n_most, n_like[like]);
  is_alike = (n_most + n_like[LIKE_NOTHING]) * 10 >= n_keys * 9;
  if (is_alike && n_most > 0 && MAX (n_like[LIKE_ARRAY], n_like[LIKE_OBJECT]) == n_most)
    return TRUE;
  is_sparse = (double)n_values * 2 <= (double)n_objects * (double)n_keys;
  return (is_alike || n_keys > ARBOR_DICTIONARY_MANY) && (is_sparse || n_objects <= n_keys / 100);
}

static gboolean
is_dictionary (Collapse *self, const ArborPathNode *node)
{
  ArborPathTable level;
  gboolean is_so;

  arbor_path_table_init (&level);
  gather_children (self, node, &level);
  is_so = has_dictionary_keys (&level, node->n_kind[ARBOR_KIND_OBJECT]);
  arbor_path_table_clear (&level);
  return is_so;
}

/* Gives the children of what @node stands for their nodes. */
static void
collapse_children (Collapse *self, ArborPathNode *node)
{
  for (guint32 old = g_array_index (self->heads, guint32, node->index);;)
    {
      for (guint32 at = self->first[old]; at != 0; at = self->next[at])
        {
          const ArborPathNode *child = arbor_path_table_get (self->table, at);
          ArborPathNode *target = arbor_path_table_ensure (
              self->collapsed, node, child->is_element ? NULL : child->key, child->key_length);

          for (guint kind = 0; kind < ARBOR_N_KINDS; kind++)
            target->n_kind[kind] += child->n_kind[kind];
          if (target->index == self->heads->len)
            g_array_append_val (self->heads, at);
          else
            {
              guint32 *head = &g_array_index (self->heads, guint32, target->index);

              self->same[at] = *head;
              *head = at;
            }
        }
      old = self->same[old];
      if (old == 0)
        return;
    }
}

/* Lists the children of each node, in their order. */
static void
list_children (Collapse *self)
{
  for (guint32 i = self->table->nodes->len - 1; i > 0; i--)
    {
      guint32 parent = arbor_path_table_get (self->table, i)->parent;

      self->next[i] = self->first[parent];
      self->first[parent] = i;
    }
}

gboolean
arbor_path_table_collapse (const ArborPathTable *self, ArborPathTable *collapsed)
{
  guint32 n = self->nodes->len;
  const ArborPathNode *root = arbor_path_table_get (self, 0);
  g_autofree guint32 *first = g_new0 (guint32, n);
  g_autofree guint32 *next = g_new0 (guint32, n);
  g_autofree guint32 *same = g_new0 (guint32, n);
  g_autoptr (GArray) heads = g_array_new (FALSE, TRUE, sizeof (guint32));
  Collapse data = { self, collapsed, first, next, same, heads, FALSE };

  list_children (&data);
  memcpy (arbor_path_table_get (collapsed, 0)->n_kind, root->n_kind, sizeof root->n_kind);
  g_array_set_size (heads, 1);
  for (guint32 i = 0; i < collapsed->nodes->len; i++)
    {
      ArborPathNode *node = arbor_path_table_get (collapsed, i);

      if (may_be_dictionary (&data, node))
        node->is_dictionary = is_dictionary (&data, node);
      data.is_found |= node->is_dictionary;
      collapse_children (&data, node);
    }
  return data.is_found;
}
