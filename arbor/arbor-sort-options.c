/* ArborSortOptions: how keys order trees. Setters take any value and notify only of
 * a change; what contradicts itself is refused where the options are used.
 */

#include "arbor-sort-options-private.h"

#include "arbor-enum-types.h"
/**
 * ArborSortOptions:
 *
 * How the keys of [method@Arbor.Arbor.sort_by], [method@Arbor.Arbor.top_k], those of
 * [class@Arbor.Query] and [method@Arbor.ListModel.sort_by] order: ascending and null last unless
 * these say otherwise, for all keys by properties, or for each of them by
 * [method@Arbor.SortOptions.set_flags].
 *
 * An object of this class is not thread-safe: use it in one thread at a time. A call copies what it needs
 * when it begins.
 *
 * Since: 1.0
 */

struct _ArborSortOptions
{
  GObject parent_instance;

  gboolean descending;
  gboolean nulls_first;
  GArray *flags; /* of ArborSortFlags, one for each key; NULL for the same for all */
};

enum
{
  PROP_DESCENDING = 1,
  PROP_NULLS_FIRST,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ArborSortOptions, arbor_sort_options, G_TYPE_OBJECT)

static void
arbor_sort_options_finalize (GObject *object)
{
  ArborSortOptions *self = ARBOR_SORT_OPTIONS (object);

  g_clear_pointer (&self->flags, g_array_unref);

  G_OBJECT_CLASS (arbor_sort_options_parent_class)->finalize (object);
}

static void
arbor_sort_options_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborSortOptions *self = ARBOR_SORT_OPTIONS (object);

  switch (id)
    {
    case PROP_DESCENDING:
      g_value_set_boolean (value, self->descending);
      break;
    case PROP_NULLS_FIRST:
      g_value_set_boolean (value, self->nulls_first);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
arbor_sort_options_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ArborSortOptions *self = ARBOR_SORT_OPTIONS (object);

  switch (id)
    {
    case PROP_DESCENDING:
      arbor_sort_options_set_descending (self, g_value_get_boolean (value));
      break;
    case PROP_NULLS_FIRST:
      arbor_sort_options_set_nulls_first (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
arbor_sort_options_class_init (ArborSortOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = arbor_sort_options_finalize;
  object_class->get_property = arbor_sort_options_get_property;
  object_class->set_property = arbor_sort_options_set_property;

  /**
   * ArborSortOptions:descending: (getter get_descending) (setter set_descending)
   *
   * Whether the greatest comes first, for keys without flags of their own.
   *
   * Since: 1.0
   */
  properties[PROP_DESCENDING] =
      g_param_spec_boolean ("descending", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ArborSortOptions:nulls-first: (getter get_nulls_first) (setter set_nulls_first)
   *
   * Whether null and missing values come first, for keys without flags of their own.
   *
   * Since: 1.0
   */
  properties[PROP_NULLS_FIRST] =
      g_param_spec_boolean ("nulls-first", NULL, NULL, FALSE, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
arbor_sort_options_init (G_GNUC_UNUSED ArborSortOptions *self)
{
}

/**
 * arbor_sort_options_new:
 *
 * Makes options with their defaults. Use options in one thread at a time.
 *
 * Returns: (transfer full): the options
 *
 * Since: 1.0
 */
ArborSortOptions *
arbor_sort_options_new (void)
{
  return g_object_new (ARBOR_TYPE_SORT_OPTIONS, NULL);
}

/**
 * arbor_sort_options_get_descending: (get-property descending)
 * @self: options
 *
 * Gets [property@Arbor.SortOptions:descending]. Use options in one thread at a time.
 *
 * Returns: whether the greatest comes first
 *
 * Since: 1.0
 */
gboolean
arbor_sort_options_get_descending (ArborSortOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_SORT_OPTIONS (self), FALSE);

  return self->descending;
}

/**
 * arbor_sort_options_set_descending: (set-property descending)
 * @self: options
 * @descending: whether the greatest comes first
 *
 * Sets [property@Arbor.SortOptions:descending]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_sort_options_set_descending (ArborSortOptions *self, gboolean descending)
{
  g_return_if_fail (ARBOR_IS_SORT_OPTIONS (self));

  descending = !!descending;
  if (self->descending == descending)
    return;
  self->descending = descending;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DESCENDING]);
}

/**
 * arbor_sort_options_get_nulls_first: (get-property nulls-first)
 * @self: options
 *
 * Gets [property@Arbor.SortOptions:nulls-first]. Use options in one thread at a time.
 *
 * Returns: whether null and missing values come first
 *
 * Since: 1.0
 */
gboolean
arbor_sort_options_get_nulls_first (ArborSortOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_SORT_OPTIONS (self), FALSE);

  return self->nulls_first;
}

/**
 * arbor_sort_options_set_nulls_first: (set-property nulls-first)
 * @self: options
 * @nulls_first: whether null and missing values come first
 *
 * Sets [property@Arbor.SortOptions:nulls-first]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_sort_options_set_nulls_first (ArborSortOptions *self, gboolean nulls_first)
{
  g_return_if_fail (ARBOR_IS_SORT_OPTIONS (self));

  nulls_first = !!nulls_first;
  if (self->nulls_first == nulls_first)
    return;
  self->nulls_first = nulls_first;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NULLS_FIRST]);
}

/**
 * arbor_sort_options_dup_flags:
 * @self: options
 * @n_flags: (out): how many
 *
 * Gets what [method@Arbor.SortOptions.set_flags] has set. Use options in one thread at a time.
 *
 * Returns: (transfer full) (array length=n_flags) (nullable): the flags of each key, or %NULL where all
 *   keys order alike
 *
 * Since: 1.0
 */
ArborSortFlags *
arbor_sort_options_dup_flags (ArborSortOptions *self, gsize *n_flags)
{
  g_return_val_if_fail (ARBOR_IS_SORT_OPTIONS (self), NULL);
  g_return_val_if_fail (n_flags != NULL, NULL);

  *n_flags = self->flags != NULL ? self->flags->len : 0;
  return self->flags != NULL ? g_memdup2 (self->flags->data, *n_flags * sizeof (ArborSortFlags))
                             : NULL;
}

/**
 * arbor_sort_options_set_flags:
 * @self: options
 * @flags: (array length=n_flags) (nullable): how each key orders, one for each key; none where all order
 *   as the properties say
 * @n_flags: how many, or 0
 *
 * Sets how each of several keys orders. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_sort_options_set_flags (ArborSortOptions *self, const ArborSortFlags *flags, gsize n_flags)
{
  g_return_if_fail (ARBOR_IS_SORT_OPTIONS (self));
  g_return_if_fail (flags != NULL || n_flags == 0);
  g_return_if_fail (n_flags <= G_MAXUINT);

  g_clear_pointer (&self->flags, g_array_unref);
  if (n_flags == 0)
    return;
  self->flags = g_array_sized_new (FALSE, FALSE, sizeof (ArborSortFlags), (guint) n_flags);
  g_array_append_vals (self->flags, flags, (guint) n_flags);
}

ArborSortFlags *
arbor_sort_options_make_flags (ArborSortOptions *options, gsize *n_flags)
{
  ArborSortFlags *flags = NULL;

  *n_flags = 0;
  if (options == NULL)
    return NULL;
  if (options->flags != NULL)
    return arbor_sort_options_dup_flags (options, n_flags);
  flags = g_new (ArborSortFlags, 1);
  *flags = (options->descending ? ARBOR_SORT_DESCENDING : ARBOR_SORT_NONE) |
           (options->nulls_first ? ARBOR_SORT_NULLS_FIRST : ARBOR_SORT_NONE);
  *n_flags = 1;
  return flags;
}
