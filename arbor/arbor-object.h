#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_MAPPABLE (arbor_mappable_get_type ())

ARBOR_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (ArborMappable, arbor_mappable, ARBOR, MAPPABLE, GObject)

/**
 * ArborMappableInterface:
 * @dup_field_name: the field of a property, %NULL for the usual one
 * @write_property: the JSON text of a property's value, %NULL for the usual one
 * @read_property: sets a property from what its field has, and says whether it did
 *
 * What a class says of its own properties. All of these may be left out.
 *
 * Since: 1.0
 */
struct _ArborMappableInterface
{
  /*< private >*/
  GTypeInterface g_iface;

  /*< public >*/
  char *(*dup_field_name) (ArborMappable *self, GParamSpec *pspec);
  char *(*write_property) (ArborMappable *self, GParamSpec *pspec, const GValue *value);
  gboolean (*read_property) (ArborMappable *self, GParamSpec *pspec, ArborTree *tree);

  /*< private >*/
  gpointer padding[8];
};

ARBOR_AVAILABLE_IN_1_0
char *arbor_mappable_dup_field_name (ArborMappable *self, GParamSpec *pspec);
ARBOR_AVAILABLE_IN_1_0
char *arbor_mappable_write_property (ArborMappable *self, GParamSpec *pspec, const GValue *value);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_mappable_read_property (ArborMappable *self, GParamSpec *pspec, ArborTree *tree);

ARBOR_AVAILABLE_IN_1_0
GObject *arbor_tree_to_object (ArborTree *self, GType type, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_new_from_object (GObject *object, GError **error);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_put_objects (ArborStore *self, const char *name, GObject **objects,
                                  gsize n_objects, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_store_upsert_objects (ArborStore *self, const char *name, const char *key,
                                    GObject **objects, gsize n_objects, GCancellable *cancellable,
                                    GError **error);

#define ARBOR_TYPE_OBJECT_MODEL (arbor_object_model_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborObjectModel, arbor_object_model, ARBOR, OBJECT_MODEL, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborObjectModel *arbor_object_model_new (GListModel *model, GType type);
ARBOR_AVAILABLE_IN_1_0
GListModel *arbor_object_model_dup_model (ArborObjectModel *self);

G_END_DECLS
