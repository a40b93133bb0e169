/* What the files of objects share. An object is an object of JSON, each property that can be read and set a
 * field. What a tree had besides, an object that was read of it carries along as text, and writes it again.
 */

#pragma once

#include "arbor-object.h"
#include "base/arbor-buffer.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

/* Objects in objects: more are taken for a circle. */
#define ARBOR_OBJECT_MAX_DEPTH 100u

/* The properties of a class that are fields. */
static inline gboolean
arbor_property_is_field (GParamSpec *pspec)
{
  return (pspec->flags & G_PARAM_READABLE) != 0 && (pspec->flags & G_PARAM_WRITABLE) != 0 &&
         (pspec->flags & G_PARAM_DEPRECATED) == 0;
}

/* "first_name" of first-name. */
char *arbor_property_dup_field (GParamSpec *pspec, gpointer object);

/* The members that the class of an object knows nothing of, without braces; NULL: none. */
const char *arbor_object_get_rest (GObject *object);
void arbor_object_take_rest (GObject *object, char *rest);

/* For asynchronous calls: objects that were read in the thread that began one, or why they could not be. */
typedef struct _ArborObjectsRead ArborObjectsRead;

ArborObjectsRead *arbor_objects_read (GObject *const *objects, gsize n_objects);
void arbor_objects_read_free (ArborObjectsRead *self);
/* @read: an ArborObjectsRead. */
gboolean arbor_store_put_objects_in_task (GTask *task, ArborStore *self, const char *name,
                                          gpointer read, gsize n_objects, GCancellable *cancellable,
                                          GError **error);
guint64 arbor_store_upsert_objects_in_task (GTask *task, ArborStore *self, const char *name,
                                            const char *key, gpointer read, gsize n_objects,
                                            GCancellable *cancellable, GError **error);

gboolean arbor_object_write (GObject *object, ArborBuffer *out, GError **error);
GObject *arbor_object_read (const ArborValue *value, GType type, ArborScope *scope, GError **error);

G_END_DECLS
