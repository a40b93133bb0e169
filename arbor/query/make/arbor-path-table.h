/* The paths at which values stand in some trees, each with how many of which kind.
 *
 * A node is a path: its parent's node and a key, or the elements of its parent, or any key of its
 * parent, which then is a dictionary and has no nodes of single keys. Nodes lie in an
 * array in order of first encounter (parents always before children), the root first, and in a
 * hash set by parent and key. One thread at a time, as long as something is added.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

#define ARBOR_NO_PARENT G_MAXUINT32

typedef struct
{
  guint32 index;  /* in nodes */
  guint32 parent; /* ARBOR_NO_PARENT for the root */
  gboolean is_element;
  gboolean is_any;        /* any key of a dictionary */
  gboolean is_dictionary; /* keys below it are one node */
  guint32 key_length;
  const char *key; /* in keys; not terminated */
  guint64 n_kind[ARBOR_N_KINDS];
} ArborPathNode;

typedef struct
{
  GPtrArray *nodes;   /* of ArborPathNode; owned; 0 is the root */
  GHashTable *by_key; /* set of ArborPathNode */
  GStringChunk *keys;
} ArborPathTable;

void arbor_path_table_init (ArborPathTable *self);
void arbor_path_table_clear (ArborPathTable *self);

/* An object is a dictionary, data keyed by id and no record, where it has more different keys than
 * this, and
 *  - nine of ten keys have values of one kind, arrays or objects; or
 *  - nine of ten have values of one kind, or there are more keys than ARBOR_DICTIONARY_MANY, and an
 *    object has half of the keys at most, or there is one object at most for each hundred keys.
 * All numbers are one kind; a key that is null everywhere is of any. */
#define ARBOR_DICTIONARY_KEYS 100u
#define ARBOR_DICTIONARY_MANY 1000u

/* The same counts in @collapsed, which is empty, with each dictionary's keys made one node. FALSE:
 * there was none, and @collapsed is a copy. */
gboolean arbor_path_table_collapse (const ArborPathTable *self, ArborPathTable *collapsed);
/* Forgets counts, not nodes: what is counted next finds the dictionaries again. */
void arbor_path_table_reset_counts (ArborPathTable *self);

/* The node of a key below @parent, or of its elements when @key is NULL. */
ArborPathNode *arbor_path_table_ensure (ArborPathTable *self, const ArborPathNode *parent,
                                        const char *key, guint32 length);

static inline ArborPathNode *
arbor_path_table_get (const ArborPathTable *self, guint32 index)
{
  return self->nodes->pdata[index];
}

/* Counts all values of a batch, by its columns. */
void arbor_path_table_add_batch (ArborPathTable *self, const ArborBatch *batch, ArborScope *scope);

/* Told of each value that was counted, containers before what they contain. */
typedef gboolean (*ArborPathFunc) (ArborPathNode *node, const ArborValue *value, ArborScope *scope,
                                   gpointer data, GError **error);

/* Counts all values of a tree. @func may be NULL. */
gboolean arbor_path_table_add_tree (ArborPathTable *self, const ArborValue *tree, ArborScope *scope,
                                    ArborPathFunc func, gpointer data, GError **error);
/* Those below @container, which stands at @node and is counted already. */
gboolean arbor_path_table_add_children (ArborPathTable *self, const ArborPathNode *node,
                                        const ArborValue *container, ArborScope *scope,
                                        ArborPathFunc func, gpointer data, GError **error);

guint64 arbor_path_node_count_values (const ArborPathNode *node);
/* How many values there could be: the objects that might have the key. */
guint64 arbor_path_table_count_places (const ArborPathTable *self, const ArborPathNode *node);

/* The nodes that have values, to be freed: parents before children, elements before keys, keys by
 * bytes. The root only when some tree is no object. */
const ArborPathNode **arbor_path_table_order (const ArborPathTable *self, guint *n_fields);
guint arbor_path_table_get_depth (const ArborPathTable *self, const ArborPathNode *node);
char *arbor_path_table_dup_path (const ArborPathTable *self, const ArborPathNode *node);

G_END_DECLS
