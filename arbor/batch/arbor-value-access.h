/* Looking into values, wherever they lie: members, elements, the one total order, the one equality,
 * hashing that agrees with it, JSON text. See semantics.md sections 1 and 2
 * (docs/dev/semantics.md). Nothing recurses over data. Scopes take what must be parsed on the way.
 */

#pragma once

#include "base/arbor-buffer.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

/* MISSING when @object is no object or has no such key. @member may be @object. */
void arbor_value_get_member (const ArborValue *object, const char *key, gsize length,
                             ArborScope *scope, ArborValue *member);
/* MISSING when @array is no array or @index is outside; negative indices count from the end.
 * @element may be @array. */
void arbor_value_get_element (const ArborValue *array, gint64 index, ArborScope *scope,
                              ArborValue *element);
/* Elements of an array, members of an object, 0 for anything else. */
guint32 arbor_value_get_length (const ArborValue *container, ArborScope *scope);

/* Walks the children of an array or object in order; duplicate keys are resolved. Of anything else
 * there are none. */
typedef struct
{
  ArborValue container; /* never TEXT: that is parsed first */
  ArborTape tape;       /* where the container is a tape */
  guint32 position;
  guint32 end;
  guint32 column;       /* batch arrays: of the elements */
  guint32 *plan;        /* tape objects with duplicate keys: where each member lies, in the scope */
} ArborValueIter;

void arbor_value_iter_init (ArborValueIter *iter, const ArborValue *container, ArborScope *scope);
/* FALSE at the end. @key and @length are set for members of objects, and may be NULL. */
gboolean arbor_value_iter_next (ArborValueIter *iter, const char **key, guint32 *length,
                                ArborValue *child);

/* Walks a whole value in document order, without recursion. */
typedef enum
{
  ARBOR_WALK_SCALAR,
  ARBOR_WALK_OPEN,  /* an array or object begins: its children come next */
  ARBOR_WALK_CLOSE, /* the innermost open one ends */
  ARBOR_WALK_END,
} ArborWalkEvent;

typedef struct _ArborWalkFrame ArborWalkFrame;
struct _ArborWalkFrame
{
  ArborWalkFrame *parent;
  ArborScopeMark mark; /* before this frame */
  ArborValueIter iter;
  guint32 n_children;  /* seen so far */
};

typedef struct
{
  ArborScope *scope;
  ArborWalkFrame *top; /* the innermost open container, in the scope */
  ArborValue value;    /* of SCALAR, OPEN and CLOSE; what was TEXT is a tape by now */
  const char *key;     /* of a member; NULL for elements and for the value itself */
  guint32 key_length;
  guint32 position;    /* among its siblings */
  gboolean is_begun;
  gboolean is_opening; /* value is a container whose children come next */
} ArborValueWalk;

/* What is allocated from @scope between init and the END must be released in between: frames lie
 * there, one on the other. */
void arbor_value_walk_init (ArborValueWalk *walk, const ArborValue *value, ArborScope *scope);
ArborWalkEvent arbor_value_walk_next (ArborValueWalk *walk);
/* After OPEN: goes on behind the container, without its CLOSE. */
void arbor_value_walk_skip (ArborValueWalk *walk);

/* false < true < numbers < strings < arrays < objects < null < MISSING. */
int arbor_value_compare (const ArborValue *a, const ArborValue *b, ArborScope *scope);
static inline gboolean
arbor_value_equal (const ArborValue *a, const ArborValue *b, ArborScope *scope)
{
  return arbor_value_compare (a, b, scope) == 0;
}
guint64 arbor_value_hash (const ArborValue *value, ArborScope *scope);

/* Compact JSON text, key order kept. MISSING, which JSON does not know, is written as null. */
void arbor_value_write_json (const ArborValue *value, ArborScope *scope, ArborBuffer *out);
void arbor_value_write_tape (const ArborValue *value, ArborScope *scope, ArborTapeWriter *out);

G_END_DECLS
