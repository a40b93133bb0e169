/* ArborIndexOptions: how trees are indexed. Setters take any value and notify only of
 * a change; what contradicts itself is refused where the options are used.
 */

#include "arbor-index-options-private.h"

#include "arbor-enum-types.h"
/**
 * ArborIndexOptions:
 *
 * What [method@Arbor.Arbor.index_by] does with keys.
 *
 * An object of this class is not thread-safe: use it in one thread at a time. A call copies what it needs
 * when it begins.
 *
 * Since: 1.0
 */

struct _ArborIndexOptions
{
  GObject parent_instance;

  ArborDuplicates duplicates;
};

enum
{
  PROP_DUPLICATES = 1,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ArborIndexOptions, arbor_index_options, G_TYPE_OBJECT)

static void
arbor_index_options_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborIndexOptions *self = ARBOR_INDEX_OPTIONS (object);

  switch (id)
    {
    case PROP_DUPLICATES:
      g_value_set_enum (value, self->duplicates);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
arbor_index_options_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ArborIndexOptions *self = ARBOR_INDEX_OPTIONS (object);

  switch (id)
    {
    case PROP_DUPLICATES:
      arbor_index_options_set_duplicates (self, g_value_get_enum (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
arbor_index_options_class_init (ArborIndexOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = arbor_index_options_get_property;
  object_class->set_property = arbor_index_options_set_property;

  /**
   * ArborIndexOptions:duplicates: (getter get_duplicates) (setter set_duplicates)
   *
   * What to do with a key that several trees have.
   *
   * Since: 1.0
   */
  properties[PROP_DUPLICATES] =
      g_param_spec_enum ("duplicates", NULL, NULL, ARBOR_TYPE_DUPLICATES, ARBOR_DUPLICATES_ERROR, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
arbor_index_options_init (G_GNUC_UNUSED ArborIndexOptions *self)
{
}

/**
 * arbor_index_options_new:
 *
 * Makes options with their defaults. Use options in one thread at a time.
 *
 * Returns: (transfer full): the options
 *
 * Since: 1.0
 */
ArborIndexOptions *
arbor_index_options_new (void)
{
  return g_object_new (ARBOR_TYPE_INDEX_OPTIONS, NULL);
}

/**
 * arbor_index_options_get_duplicates: (get-property duplicates)
 * @self: options
 *
 * Gets [property@Arbor.IndexOptions:duplicates]. Use options in one thread at a time.
 *
 * Returns: what to do with a key that several trees have
 *
 * Since: 1.0
 */
ArborDuplicates
arbor_index_options_get_duplicates (ArborIndexOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_INDEX_OPTIONS (self), ARBOR_DUPLICATES_ERROR);

  return self->duplicates;
}

/**
 * arbor_index_options_set_duplicates: (set-property duplicates)
 * @self: options
 * @duplicates: what to do with a key that several trees have
 *
 * Sets [property@Arbor.IndexOptions:duplicates]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_index_options_set_duplicates (ArborIndexOptions *self, ArborDuplicates duplicates)
{
  g_return_if_fail (ARBOR_IS_INDEX_OPTIONS (self));

  if (self->duplicates == duplicates)
    return;
  self->duplicates = duplicates;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DUPLICATES]);
}

ArborIndexOptions *
arbor_index_options_copy (ArborIndexOptions *options)
{
  ArborIndexOptions *copy = options != NULL ? arbor_index_options_new () : NULL;

  if (copy != NULL)
    copy->duplicates = options->duplicates;
  return copy;
}
