/* ArborFinding: one thing that is wrong. Immutable; any thread. */

#include "arbor-report-private.h"

#include "arbor-enum-types.h"

/**
 * ArborFinding:
 *
 * One thing that is wrong with a store file: an item of [class@Arbor.Report].
 *
 * A finding is about a page, a record, a batch or a column, and says which arbor it touches, where that is
 * known, and which trees of it. Nothing of it changes any more; any thread may use it.
 *
 * Since: 1.0
 */
struct _ArborFinding
{
  GObject parent_instance;

  ArborFindingKind kind;
  char *message;
  char *arbor_name;
  char *column;
  guint64 page;
  guint64 batch;
  guint64 first_tree;
  guint64 n_trees;
};

enum
{
  PROP_KIND = 1,
  PROP_MESSAGE,
  PROP_ARBOR_NAME,
  PROP_COLUMN,
  PROP_PAGE,
  PROP_BATCH,
  PROP_FIRST_TREE,
  PROP_N_TREES,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ArborFinding, arbor_finding, G_TYPE_OBJECT)

static void
arbor_finding_finalize (GObject *object)
{
  ArborFinding *self = ARBOR_FINDING (object);

  g_free (self->message);
  g_free (self->arbor_name);
  g_free (self->column);

  G_OBJECT_CLASS (arbor_finding_parent_class)->finalize (object);
}

static void
arbor_finding_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  ArborFinding *self = ARBOR_FINDING (object);

  switch (property)
    {
    case PROP_KIND:
      g_value_set_enum (value, self->kind);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_ARBOR_NAME:
      g_value_set_string (value, self->arbor_name);
      break;
    case PROP_COLUMN:
      g_value_set_string (value, self->column);
      break;
    case PROP_PAGE:
      g_value_set_uint64 (value, self->page);
      break;
    case PROP_BATCH:
      g_value_set_uint64 (value, self->batch);
      break;
    case PROP_FIRST_TREE:
      g_value_set_uint64 (value, self->first_tree);
      break;
    case PROP_N_TREES:
      g_value_set_uint64 (value, self->n_trees);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
arbor_finding_class_init (ArborFindingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = arbor_finding_finalize;
  object_class->get_property = arbor_finding_get_property;

  /**
   * ArborFinding:kind: (getter get_kind)
   *
   * What it is about.
   *
   * Since: 1.0
   */
  properties[PROP_KIND] =
      g_param_spec_enum ("kind", NULL, NULL, ARBOR_TYPE_FINDING_KIND, ARBOR_FINDING_FILE, flags);
  /**
   * ArborFinding:message: (getter dup_message)
   *
   * What is wrong, in the language of the user.
   *
   * Since: 1.0
   */
  properties[PROP_MESSAGE] =
      g_param_spec_string ("message", NULL, NULL, NULL, flags);
  /**
   * ArborFinding:arbor-name: (getter dup_arbor_name)
   *
   * The arbor that it touches, or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ARBOR_NAME] =
      g_param_spec_string ("arbor-name", NULL, NULL, NULL, flags);
  /**
   * ArborFinding:column: (getter dup_column)
   *
   * The path of the column that it is about, or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_COLUMN] =
      g_param_spec_string ("column", NULL, NULL, NULL, flags);
  /**
   * ArborFinding:page: (getter get_page)
   *
   * The page of the file that it is about, or 0.
   *
   * Since: 1.0
   */
  properties[PROP_PAGE] =
      g_param_spec_uint64 ("page", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  /**
   * ArborFinding:batch: (getter get_batch)
   *
   * The batch that it is about, by its number in the file, or 0.
   *
   * Since: 1.0
   */
  properties[PROP_BATCH] =
      g_param_spec_uint64 ("batch", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  /**
   * ArborFinding:first-tree: (getter get_first_tree)
   *
   * The first tree of the arbor that it touches.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_TREE] =
      g_param_spec_uint64 ("first-tree", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  /**
   * ArborFinding:n-trees: (getter get_n_trees)
   *
   * How many trees of the arbor it touches: from the first on, but not always one after the other.
   *
   * Since: 1.0
   */
  properties[PROP_N_TREES] =
      g_param_spec_uint64 ("n-trees", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
arbor_finding_init (ArborFinding *self)
{
}

ArborFinding *
arbor_finding_new (const ArborFindingInfo *info)
{
  ArborFinding *self = g_object_new (ARBOR_TYPE_FINDING, NULL);

  self->kind = info->kind;
  self->message = g_strdup (info->message);
  self->arbor_name = g_strdup (info->name);
  self->column = g_strdup (info->column);
  self->page = info->page;
  self->batch = info->batch;
  self->first_tree = info->first_tree;
  self->n_trees = info->n_trees;
  return self;
}

/**
 * arbor_finding_get_kind: (get-property kind)
 * @self: a finding
 *
 * Gets what it is about. Any thread may call this.
 *
 * Returns: what it is about
 *
 * Since: 1.0
 */
ArborFindingKind
arbor_finding_get_kind (ArborFinding *self)
{
  g_return_val_if_fail (ARBOR_IS_FINDING (self), ARBOR_FINDING_FILE);

  return self->kind;
}

/**
 * arbor_finding_dup_message: (get-property message)
 * @self: a finding
 *
 * Gets what is wrong, in the language of the user. Any thread may call this.
 *
 * Returns: (transfer full): what is wrong, in the language of the user
 *
 * Since: 1.0
 */
char *
arbor_finding_dup_message (ArborFinding *self)
{
  g_return_val_if_fail (ARBOR_IS_FINDING (self), NULL);

  return g_strdup (self->message);
}

/**
 * arbor_finding_dup_arbor_name: (get-property arbor-name)
 * @self: a finding
 *
 * Gets the arbor that it touches, or %NULL. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the arbor that it touches
 *
 * Since: 1.0
 */
char *
arbor_finding_dup_arbor_name (ArborFinding *self)
{
  g_return_val_if_fail (ARBOR_IS_FINDING (self), NULL);

  return g_strdup (self->arbor_name);
}

/**
 * arbor_finding_dup_column: (get-property column)
 * @self: a finding
 *
 * Gets the path of the column that it is about, or %NULL. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the path of the column that it is about
 *
 * Since: 1.0
 */
char *
arbor_finding_dup_column (ArborFinding *self)
{
  g_return_val_if_fail (ARBOR_IS_FINDING (self), NULL);

  return g_strdup (self->column);
}

/**
 * arbor_finding_get_page: (get-property page)
 * @self: a finding
 *
 * Gets the page of the file that it is about, or 0. Any thread may call this.
 *
 * Returns: the page of the file that it is about, or 0
 *
 * Since: 1.0
 */
guint64
arbor_finding_get_page (ArborFinding *self)
{
  g_return_val_if_fail (ARBOR_IS_FINDING (self), 0);

  return self->page;
}

/**
 * arbor_finding_get_batch: (get-property batch)
 * @self: a finding
 *
 * Gets the batch that it is about, by its number in the file, or 0. Any thread may call this.
 *
 * Returns: the batch that it is about, by its number in the file, or 0
 *
 * Since: 1.0
 */
guint64
arbor_finding_get_batch (ArborFinding *self)
{
  g_return_val_if_fail (ARBOR_IS_FINDING (self), 0);

  return self->batch;
}

/**
 * arbor_finding_get_first_tree: (get-property first-tree)
 * @self: a finding
 *
 * Gets the first tree of the arbor that it touches. Any thread may call this.
 *
 * Returns: the first tree of the arbor that it touches
 *
 * Since: 1.0
 */
guint64
arbor_finding_get_first_tree (ArborFinding *self)
{
  g_return_val_if_fail (ARBOR_IS_FINDING (self), 0);

  return self->first_tree;
}

/**
 * arbor_finding_get_n_trees: (get-property n-trees)
 * @self: a finding
 *
 * Gets how many trees of the arbor it touches. Any thread may call this.
 *
 * Returns: how many trees of the arbor it touches
 *
 * Since: 1.0
 */
guint64
arbor_finding_get_n_trees (ArborFinding *self)
{
  g_return_val_if_fail (ARBOR_IS_FINDING (self), 0);

  return self->n_trees;
}
