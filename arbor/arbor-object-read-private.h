/* What the files that make objects of trees share. */

#pragma once

#include "arbor-object-private.h"

G_BEGIN_DECLS

typedef struct
{
  ArborScope *scope;
  GType type; /* of the object at hand, for messages */
  guint depth;
} ArborObjectReader;

/* TYPE: a property of the object at hand takes @expected, and @found is none. Always FALSE. */
gboolean arbor_object_read_fail (ArborObjectReader *self, GParamSpec *pspec, const char *expected,
                                 const ArborValue *found, GError **error);
/* What a property gets that is neither an object nor a list of these. @out is of its type. */
gboolean arbor_object_read_plain (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value,
                                  GValue *out, GError **error);

G_END_DECLS
