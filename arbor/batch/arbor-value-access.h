/* Looking into values, wherever they lie: members, elements, the one total order, the one equality,
 * hashing that agrees with it, JSON text. See semantics.md sections 1 and 2 (docs/dev/semantics.md).
 * Nothing recurses over data. Scopes take what must be parsed on the way.
 */

#pragma once

#include "base/arbor-buffer.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

/* MISSING when @object is no object or has no such key. */
void arbor_value_get_member (const ArborValue *object, const char *key, gsize length,
                             ArborScope *scope, ArborValue *member);
/* MISSING when @array is no array or @index is outside; negative indices count from the end. */
void arbor_value_get_element (const ArborValue *array, gint64 index, ArborScope *scope,
                              ArborValue *element);
/* Elements of an array, members of an object, 0 for anything else. */
guint32 arbor_value_get_length (const ArborValue *container, ArborScope *scope);

/* Walks the children of an array or object in order; duplicate keys are resolved. */
typedef struct
{
  ArborValue container;
  ArborTape tape;      /* where the container is a tape */
  guint32 position;
  guint32 end;
  guint32 *plan;       /* tape objects with duplicate keys: where each member lies, in the scope */
} ArborValueIter;

void arbor_value_iter_init (ArborValueIter *iter, const ArborValue *container, ArborScope *scope);
/* FALSE at the end. @key and @length are set for members of objects, and may be NULL. */
gboolean arbor_value_iter_next (ArborValueIter *iter, const char **key, guint32 *length,
                                ArborValue *child);

/* false < true < numbers < strings < arrays < objects < null < MISSING. */
int arbor_value_compare (const ArborValue *a, const ArborValue *b, ArborScope *scope);
static inline gboolean
arbor_value_equal (const ArborValue *a, const ArborValue *b, ArborScope *scope)
{
  return arbor_value_compare (a, b, scope) == 0;
}
guint64 arbor_value_hash (const ArborValue *value, ArborScope *scope);

void arbor_value_write_json (const ArborValue *value, ArborScope *scope, ArborBuffer *out);
void arbor_value_write_tape (const ArborValue *value, ArborScope *scope, ArborTapeWriter *out);

G_END_DECLS
