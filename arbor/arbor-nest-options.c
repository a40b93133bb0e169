/* ArborNestOptions: how trees of one arbor are put into those of another. Setters take any value and notify only of
 * a change; what contradicts itself is refused where the options are used.
 */

#include "arbor-nest-options-private.h"

#include "arbor-enum-types.h"
#include "query/plan/arbor-plan.h"
/**
 * ArborNestOptions:
 *
 * What [method@Arbor.Arbor.nest] and [method@Arbor.Query.nest] do beyond putting all matches into
 * an array.
 *
 * An object of this class is not thread-safe: use it in one thread at a time. A call copies what it needs
 * when it begins.
 *
 * Since: 1.0
 */

struct _ArborNestOptions
{
  GObject parent_instance;

  ArborNestKind kind;
  GPtrArray *other_keys; /* of ArborExpr; NULL for the same ones */
};

enum
{
  PROP_KIND = 1,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ArborNestOptions, arbor_nest_options, G_TYPE_OBJECT)

static void
arbor_nest_options_finalize (GObject *object)
{
  ArborNestOptions *self = ARBOR_NEST_OPTIONS (object);

  g_clear_pointer (&self->other_keys, g_ptr_array_unref);

  G_OBJECT_CLASS (arbor_nest_options_parent_class)->finalize (object);
}

static void
arbor_nest_options_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborNestOptions *self = ARBOR_NEST_OPTIONS (object);

  switch (id)
    {
    case PROP_KIND:
      g_value_set_enum (value, self->kind);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
arbor_nest_options_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ArborNestOptions *self = ARBOR_NEST_OPTIONS (object);

  switch (id)
    {
    case PROP_KIND:
      arbor_nest_options_set_kind (self, g_value_get_enum (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
arbor_nest_options_class_init (ArborNestOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = arbor_nest_options_finalize;
  object_class->get_property = arbor_nest_options_get_property;
  object_class->set_property = arbor_nest_options_set_property;

  /**
   * ArborNestOptions:kind: (getter get_kind) (setter set_kind)
   *
   * Whether the field gets an array of all matches or the one that there is.
   *
   * Since: 1.0
   */
  properties[PROP_KIND] =
      g_param_spec_enum ("kind", NULL, NULL, ARBOR_TYPE_NEST_KIND, ARBOR_NEST_KIND_MANY,
                         PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
arbor_nest_options_init (G_GNUC_UNUSED ArborNestOptions *self)
{
}

/**
 * arbor_nest_options_new:
 *
 * Makes options with their defaults. Use options in one thread at a time.
 *
 * Returns: (transfer full): the options
 *
 * Since: 1.0
 */
ArborNestOptions *
arbor_nest_options_new (void)
{
  return g_object_new (ARBOR_TYPE_NEST_OPTIONS, NULL);
}

/**
 * arbor_nest_options_get_kind: (get-property kind)
 * @self: options
 *
 * Gets [property@Arbor.NestOptions:kind]. Use options in one thread at a time.
 *
 * Returns: whether it gets an array of matches or the one that there is
 *
 * Since: 1.0
 */
ArborNestKind
arbor_nest_options_get_kind (ArborNestOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_NEST_OPTIONS (self), ARBOR_NEST_KIND_MANY);

  return self->kind;
}

/**
 * arbor_nest_options_set_kind: (set-property kind)
 * @self: options
 * @kind: whether it gets an array of matches or the one that there is
 *
 * Sets [property@Arbor.NestOptions:kind]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_nest_options_set_kind (ArborNestOptions *self, ArborNestKind kind)
{
  g_return_if_fail (ARBOR_IS_NEST_OPTIONS (self));

  if (self->kind == kind)
    return;
  self->kind = kind;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KIND]);
}

/**
 * arbor_nest_options_dup_other_keys:
 * @self: options
 * @n_other_keys: (out): how many
 *
 * Gets what [method@Arbor.NestOptions.set_other_keys] has set. Use options in one thread at a time.
 *
 * Returns: (transfer full) (array length=n_other_keys) (nullable): the keys of the other side, or %NULL
 *   where they are the same
 *
 * Since: 1.0
 */
ArborExpr **
arbor_nest_options_dup_other_keys (ArborNestOptions *self, gsize *n_other_keys)
{
  g_return_val_if_fail (ARBOR_IS_NEST_OPTIONS (self), NULL);
  g_return_val_if_fail (n_other_keys != NULL, NULL);

  return arbor_exprs_dup (self->other_keys, n_other_keys);
}

/**
 * arbor_nest_options_set_other_keys:
 * @self: options
 * @other_keys: (array length=n_other_keys) (nullable): what trees of the other arbor are matched by, as
 *   many as there are keys; none for the same
 * @n_other_keys: how many, or 0
 *
 * Sets what trees of the other arbor are matched by, where it is not what those of the first are. Use
 * options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_nest_options_set_other_keys (ArborNestOptions *self, ArborExpr **other_keys,
                                   gsize n_other_keys)
{
  g_return_if_fail (ARBOR_IS_NEST_OPTIONS (self));
  g_return_if_fail (arbor_are_exprs (other_keys, n_other_keys));

  arbor_exprs_keep (&self->other_keys, other_keys, n_other_keys);
}

ArborPlanStep *
arbor_nest_options_plan (ArborNestOptions *options, ArborView *other, ArborGate *gate,
                         ArborExpr **keys, gsize n_keys, const char *field)
{
  g_autofree ArborNode **nodes = arbor_exprs_get_nodes (keys, n_keys);
  g_autofree ArborNode **other_nodes = NULL;
  gsize n_other;

  other_nodes = arbor_exprs_get_nodes_or (options != NULL ? options->other_keys : NULL, keys, n_keys,
                                          &n_other);
  return arbor_plan_nest (other, gate, nodes, n_keys, other_nodes, n_other, field,
                          options != NULL ? options->kind : ARBOR_NEST_KIND_MANY);
}
