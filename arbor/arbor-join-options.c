/* ArborJoinOptions: how trees of two arbors are joined. Setters take any value and notify only of
 * a change; what contradicts itself is refused where the options are used.
 */

#include "arbor-join-options-private.h"

#include "arbor-enum-types.h"
#include "query/plan/arbor-plan.h"
/**
 * ArborJoinOptions:
 *
 * What [method@Arbor.Arbor.join] and [method@Arbor.Query.join] do beyond giving a tree for each
 * pair that matches.
 *
 * An object of this class is not thread-safe: use it in one thread at a time. A call copies what it needs
 * when it begins.
 *
 * Since: 1.0
 */

struct _ArborJoinOptions
{
  GObject parent_instance;

  ArborJoinKind kind;
  char *suffix;
  GPtrArray *other_keys; /* of ArborExpr; NULL for the same ones */
};

enum
{
  PROP_KIND = 1,
  PROP_SUFFIX,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ArborJoinOptions, arbor_join_options, G_TYPE_OBJECT)

static void
arbor_join_options_finalize (GObject *object)
{
  ArborJoinOptions *self = ARBOR_JOIN_OPTIONS (object);

  g_free (self->suffix);
  g_clear_pointer (&self->other_keys, g_ptr_array_unref);

  G_OBJECT_CLASS (arbor_join_options_parent_class)->finalize (object);
}

static void
arbor_join_options_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborJoinOptions *self = ARBOR_JOIN_OPTIONS (object);

  switch (id)
    {
    case PROP_KIND:
      g_value_set_enum (value, self->kind);
      break;
    case PROP_SUFFIX:
      g_value_set_string (value, self->suffix);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
arbor_join_options_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ArborJoinOptions *self = ARBOR_JOIN_OPTIONS (object);

  switch (id)
    {
    case PROP_KIND:
      arbor_join_options_set_kind (self, g_value_get_enum (value));
      break;
    case PROP_SUFFIX:
      arbor_join_options_set_suffix (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
arbor_join_options_class_init (ArborJoinOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = arbor_join_options_finalize;
  object_class->get_property = arbor_join_options_get_property;
  object_class->set_property = arbor_join_options_set_property;

  /**
   * ArborJoinOptions:kind: (getter get_kind) (setter set_kind)
   *
   * Which trees there are in the result.
   *
   * Since: 1.0
   */
  properties[PROP_KIND] =
      g_param_spec_enum ("kind", NULL, NULL, ARBOR_TYPE_JOIN_KIND, ARBOR_JOIN_KIND_INNER,
                         PROPERTY_FLAGS);

  /**
   * ArborJoinOptions:suffix: (getter dup_suffix) (setter set_suffix)
   *
   * What a field of the other arbor gets behind its name when both sides have one of that name;
   * %NULL for `_right`.
   *
   * Since: 1.0
   */
  properties[PROP_SUFFIX] = g_param_spec_string ("suffix", NULL, NULL, NULL, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
arbor_join_options_init (G_GNUC_UNUSED ArborJoinOptions *self)
{
}

/**
 * arbor_join_options_new:
 *
 * Makes options with their defaults. Use options in one thread at a time.
 *
 * Returns: (transfer full): the options
 *
 * Since: 1.0
 */
ArborJoinOptions *
arbor_join_options_new (void)
{
  return g_object_new (ARBOR_TYPE_JOIN_OPTIONS, NULL);
}

/**
 * arbor_join_options_get_kind: (get-property kind)
 * @self: options
 *
 * Gets [property@Arbor.JoinOptions:kind]. Use options in one thread at a time.
 *
 * Returns: which trees to give
 *
 * Since: 1.0
 */
ArborJoinKind
arbor_join_options_get_kind (ArborJoinOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_JOIN_OPTIONS (self), ARBOR_JOIN_KIND_INNER);

  return self->kind;
}

/**
 * arbor_join_options_set_kind: (set-property kind)
 * @self: options
 * @kind: which trees to give
 *
 * Sets [property@Arbor.JoinOptions:kind]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_join_options_set_kind (ArborJoinOptions *self, ArborJoinKind kind)
{
  g_return_if_fail (ARBOR_IS_JOIN_OPTIONS (self));

  if (self->kind == kind)
    return;
  self->kind = kind;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KIND]);
}

/**
 * arbor_join_options_dup_suffix: (get-property suffix)
 * @self: options
 *
 * Gets [property@Arbor.JoinOptions:suffix]. Use options in one thread at a time.
 *
 * Returns: (transfer full) (nullable): what stands behind a name that both sides have
 *
 * Since: 1.0
 */
char *
arbor_join_options_dup_suffix (ArborJoinOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_JOIN_OPTIONS (self), NULL);

  return g_strdup (self->suffix);
}

/**
 * arbor_join_options_set_suffix: (set-property suffix)
 * @self: options
 * @suffix: (nullable): what stands behind a name that both sides have, or %NULL
 *
 * Sets [property@Arbor.JoinOptions:suffix]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_join_options_set_suffix (ArborJoinOptions *self, const char *suffix)
{
  g_autofree char *old = NULL;

  g_return_if_fail (ARBOR_IS_JOIN_OPTIONS (self));

  if (g_strcmp0 (self->suffix, suffix) == 0)
    return;
  old = g_steal_pointer (&self->suffix);
  self->suffix = g_strdup (suffix);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUFFIX]);
}

/**
 * arbor_join_options_dup_other_keys:
 * @self: options
 * @n_other_keys: (out): how many
 *
 * Gets what [method@Arbor.JoinOptions.set_other_keys] has set. Use options in one thread at a time.
 *
 * Returns: (transfer full) (array length=n_other_keys) (nullable): the keys of the other side, or %NULL
 *   where they are the same
 *
 * Since: 1.0
 */
ArborExpr **
arbor_join_options_dup_other_keys (ArborJoinOptions *self, gsize *n_other_keys)
{
  g_return_val_if_fail (ARBOR_IS_JOIN_OPTIONS (self), NULL);
  g_return_val_if_fail (n_other_keys != NULL, NULL);

  return arbor_exprs_dup (self->other_keys, n_other_keys);
}

/**
 * arbor_join_options_set_other_keys:
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
arbor_join_options_set_other_keys (ArborJoinOptions *self, ArborExpr **other_keys,
                                   gsize n_other_keys)
{
  g_return_if_fail (ARBOR_IS_JOIN_OPTIONS (self));
  g_return_if_fail (arbor_are_exprs (other_keys, n_other_keys));

  arbor_exprs_keep (&self->other_keys, other_keys, n_other_keys);
}

ArborPlanStep *
arbor_join_options_plan (ArborJoinOptions *options, ArborView *other, ArborGate *gate,
                         ArborExpr **keys, gsize n_keys)
{
  g_autofree ArborNode **nodes = arbor_exprs_get_nodes (keys, n_keys);
  g_autofree ArborNode **other_nodes = NULL;
  gsize n_other;

  other_nodes = arbor_exprs_get_nodes_or (options != NULL ? options->other_keys : NULL, keys, n_keys,
                                          &n_other);
  return arbor_plan_join (other, gate, nodes, n_keys, other_nodes, n_other,
                          options != NULL ? options->kind : ARBOR_JOIN_KIND_INNER,
                          options != NULL ? options->suffix : NULL);
}
