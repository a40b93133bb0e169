/* ArborObjectModel: a list model of trees or rows as one of objects. An object keeps its row, and a row
 * knows its object weakly, so the same row gives the same object while somebody has it.
 */

#include "arbor-object-private.h"

#include <pthread.h>

#include "arbor-row.h"
#include "arbor-tree.h"

/**
 * ArborObjectModel:
 *
 * A list model whose items are objects, made of the trees of another one: of an
 * [class@Arbor.ListModel], which it follows, or of an [class@Arbor.Arbor].
 *
 * Objects are made when they are asked for, as [method@Arbor.Tree.to_object] makes them. A tree that does
 * not fit gives an object as the class makes it, and a message in the log. Of an [class@Arbor.ListModel]
 * the same row gives the same object while somebody has it. A changed object is saved by
 * [method@Arbor.Store.upsert_objects]: the model then has another one in its place.
 *
 * Use it in the thread of the main context in which the other model tells of changes.
 *
 * Since: 1.0
 */
struct _ArborObjectModel
{
  GObject parent_instance;

  GListModel *model;
  GType type;
  gulong changed_id;
};

static void object_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ArborObjectModel, arbor_object_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, object_model_init))

enum
{
  PROP_MODEL = 1,
  PROP_OBJECT_TYPE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
relay (GListModel *model, guint position, guint n_removed, guint n_added, gpointer data)
{
  g_list_model_items_changed (data, position, n_removed, n_added);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborObjectModel *self = ARBOR_OBJECT_MODEL (object);

  if (id == PROP_MODEL)
    g_value_set_object (value, self->model);
  else if (id == PROP_OBJECT_TYPE)
    g_value_set_gtype (value, self->type);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ArborObjectModel *self = ARBOR_OBJECT_MODEL (object);

  if (id == PROP_MODEL)
    {
      self->model = g_value_dup_object (value);
      if (self->model != NULL)
        self->changed_id =
            g_signal_connect_object (self->model, "items-changed", G_CALLBACK (relay), self, 0);
    }
  else if (id == PROP_OBJECT_TYPE)
    self->type = g_value_get_gtype (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
arbor_object_model_dispose (GObject *object)
{
  ArborObjectModel *self = ARBOR_OBJECT_MODEL (object);

  /* A model that was disposed of has let go of it. */
  if (self->changed_id != 0 && g_signal_handler_is_connected (self->model, self->changed_id))
    g_signal_handler_disconnect (self->model, self->changed_id);
  self->changed_id = 0;
  g_clear_object (&self->model);

  G_OBJECT_CLASS (arbor_object_model_parent_class)->dispose (object);
}

static void
arbor_object_model_class_init (ArborObjectModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = arbor_object_model_dispose;

  /**
   * ArborObjectModel:model: (getter dup_model)
   *
   * The model of rows or trees.
   *
   * Since: 1.0
   */
  properties[PROP_MODEL] = g_param_spec_object ("model", NULL, NULL, G_TYPE_LIST_MODEL, flags);

  /**
   * ArborObjectModel:object-type:
   *
   * The class of the objects.
   *
   * Since: 1.0
   */
  properties[PROP_OBJECT_TYPE] = g_param_spec_gtype ("object-type", NULL, NULL, G_TYPE_OBJECT, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
arbor_object_model_init (ArborObjectModel *self)
{
  self->type = G_TYPE_OBJECT;
}

/**
 * arbor_object_model_new:
 * @model: a model of rows or trees, such as an [class@Arbor.ListModel]
 * @type: the class of objects
 *
 * A model of objects.
 *
 * Returns: (transfer full): the model
 *
 * Since: 1.0
 */
ArborObjectModel *
arbor_object_model_new (GListModel *model, GType type)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (model), NULL);
  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), NULL);

  return g_object_new (ARBOR_TYPE_OBJECT_MODEL, "model", model, "object-type", type, NULL);
}

/**
 * arbor_object_model_dup_model: (get-property model)
 * @self: a model of objects
 *
 * The model that it makes objects of.
 *
 * Returns: (transfer full) (nullable): the model
 *
 * Since: 1.0
 */
GListModel *
arbor_object_model_dup_model (ArborObjectModel *self)
{
  g_return_val_if_fail (ARBOR_IS_OBJECT_MODEL (self), NULL);

  return self->model != NULL ? g_object_ref (self->model) : NULL;
}

static GType
get_item_type (GListModel *model)
{
  return ARBOR_OBJECT_MODEL (model)->type;
}

static guint
get_n_items (GListModel *model)
{
  ArborObjectModel *self = ARBOR_OBJECT_MODEL (model);

  return self->model != NULL ? g_list_model_get_n_items (self->model) : 0;
}

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static GObject *
make_object (ArborObjectModel *self, gpointer item)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborTree) tree = NULL;
  GObject *object = NULL;

  if (ARBOR_IS_ROW (item))
    tree = arbor_row_get_tree (item, &error);
  else if (ARBOR_IS_TREE (item))
    tree = g_object_ref (item);
  if (tree != NULL)
    object = arbor_tree_to_object (tree, self->type, &error);
  if (object != NULL)
    return object;
  if (error != NULL && !g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED))
    g_info ("A tree is shown as an empty %s: %s", g_type_name (self->type), error->message);
  return G_TYPE_IS_ABSTRACT (self->type) ? g_object_new (G_TYPE_OBJECT, NULL)
                                         : g_object_new (self->type, NULL);
}

/* The object of a row, of this class; rows of several models may be one. */
static GObject *
find_object (ArborObjectModel *self, GObject *item)
{
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  g_autofree char *key = g_strdup_printf ("arbor-object-%s", g_type_name (self->type));
  GQuark quark = g_quark_from_string (key);
  g_autoptr (GObject) fresh = NULL;
  GObject *object;
  GWeakRef *weak;

  pthread_mutex_lock (&mutex);
  weak = g_object_get_qdata (item, quark);
  object = weak != NULL ? g_weak_ref_get (weak) : NULL;
  pthread_mutex_unlock (&mutex);
  if (object != NULL)
    return object;

  fresh = make_object (self, item);
  g_object_set_data_full (fresh, "arbor-row", g_object_ref (item), g_object_unref);
  pthread_mutex_lock (&mutex);
  weak = g_object_get_qdata (item, quark);
  if (weak == NULL)
    {
      weak = g_new0 (GWeakRef, 1);
      g_weak_ref_init (weak, NULL);
      g_object_set_qdata_full (item, quark, weak, free_weak);
    }
  object = g_weak_ref_get (weak);
  if (object == NULL)
    {
      g_weak_ref_set (weak, fresh);
      object = g_object_ref (fresh);
    }
  pthread_mutex_unlock (&mutex);
  return object;
}

static gpointer
get_item (GListModel *model, guint position)
{
  ArborObjectModel *self = ARBOR_OBJECT_MODEL (model);
  g_autoptr (GObject) item = NULL;

  if (self->model == NULL)
    return NULL;
  item = g_list_model_get_object (self->model, position);
  return item != NULL ? find_object (self, item) : NULL;
}

static void
object_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}
