/* Reading an expression through a map of trees: saying of the tree before it what an expression says of
 * the tree that the map makes.
 */

#pragma once

#include "query/expr/arbor-node.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_FIELDS_MAP_SELECT, /* objects of the fields alone */
  ARBOR_FIELDS_MAP_ADD,    /* trees with these fields besides, or instead of their own */
  ARBOR_FIELDS_MAP_DROP,
  ARBOR_FIELDS_MAP_RENAME,
} ArborFieldsMapKind;

typedef struct
{
  ArborFieldsMapKind kind;
  char **names;      /* NULL-terminated */
  char **new_names;  /* RENAME */
  ArborNode **nodes; /* SELECT, ADD */
} ArborFieldsMap;

typedef enum
{
  ARBOR_THROUGH_PATHS, /* a field may give way to a path only, so that nothing is computed twice */
  ARBOR_THROUGH_ONCE,  /* or to what the map computes, once, of a select */
  ARBOR_THROUGH_FIELDS, /* or to that, any number of times: as fields (arbor_node_new_field) */
} ArborThrough;

/* NULL: it cannot be said, or would be too large. @used: of ONCE, the set of what gave way so far. */
ArborNode *arbor_node_read_through (ArborNode *self, const ArborFieldsMap *map, ArborThrough how,
                                    GHashTable *used);

G_END_DECLS
