/* What somebody looks at of trees: which of their fields, of the values of these which fields, and so on.
 * Arrays do not count: what is wanted of an array is wanted of its elements. Immutable once it is shared.
 */

#pragma once

#include "base/arbor-path.h"

G_BEGIN_DECLS

typedef struct _ArborWanted ArborWanted;

typedef struct
{
  char *key;
  guint32 length;
  ArborWanted *below; /* of the value; NULL: all of it */
  gboolean is_list;   /* that is about the elements of an array; an object there is wanted whole */
} ArborWantedField;

struct _ArborWanted
{
  guint n;
  ArborWantedField *fields;
};

ArborWanted *arbor_wanted_new (void); /* nothing, so that objects come out empty */
ArborWanted *arbor_wanted_copy (const ArborWanted *self);
void arbor_wanted_free (ArborWanted *self);

/* The place behind the @n_steps, and @below of its value (NULL: all). FALSE: trees as wholes. */
gboolean arbor_wanted_add (ArborWanted *self, const ArborStep *steps, guint n_steps,
                           const ArborWanted *below, gboolean is_list);
void arbor_wanted_add_field (ArborWanted *self, const ArborWantedField *field);
/* A field of the tree with its whole value. */
void arbor_wanted_add_key (ArborWanted *self, const char *key, guint32 length);

/* NULL when it is not wanted. */
const ArborWantedField *arbor_wanted_find (const ArborWanted *self, const char *key, gsize length);
/* Whether it is; with NULL, all keys are. */
gboolean arbor_wanted_has (const ArborWanted *self, const char *key, gsize length);
gboolean arbor_wanted_covers (const ArborWanted *self, const ArborWanted *other);

static inline const char *
arbor_wanted_get (const ArborWanted *self, guint i, guint32 *length)
{
  *length = self->fields[i].length;
  return self->fields[i].key;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborWanted, arbor_wanted_free)

G_END_DECLS
