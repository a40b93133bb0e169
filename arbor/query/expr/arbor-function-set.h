/* The literals of a call of is_in that has many, by their hashes: made once, when the call is. */

#pragma once

#include "batch/arbor-scope.h"
#include "query/expr/arbor-function.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborValue **slots; /* open addressing; NULL: free */
  guint32 mask;
  guint32 n;         /* of those that are not null */
  gboolean has_null; /* a literal null, which asks for null */
} ArborLiteralSet;

/* NULL: the call has few literals, or others among them. */
static inline const ArborLiteralSet *
arbor_literal_set_get (const ArborNode *call)
{
  return call->prepared;
}

/* Whether a value that is not null equals one of them. */
gboolean arbor_literal_set_has (const ArborLiteralSet *self, const ArborValue *value,
                                ArborScope *scope);

G_END_DECLS
