/* ArborListModel: its properties, as GObject knows them. Values are read and set by the functions that
 * everybody calls (arbor-list-model-settings.c), so that both ways do the same. Changes are told by
 * these, never by GObject. */

#include "arbor-list-model-private.h"

#include "arbor-expr.h"
#include "arbor-store.h"

static GParamSpec *properties[ARBOR_LIST_N_PROPS];

void
arbor_list_model_notify (ArborListModel *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborListModel *self = ARBOR_LIST_MODEL (object);

  switch (id)
    {
    case ARBOR_LIST_PROP_STORE:
      g_value_take_object (value, arbor_list_model_dup_store (self));
      break;
    case ARBOR_LIST_PROP_NAME:
      g_value_take_string (value, arbor_list_model_dup_name (self));
      break;
    case ARBOR_LIST_PROP_FILTER:
      g_value_take_object (value, arbor_list_model_dup_filter (self));
      break;
    case ARBOR_LIST_PROP_SEARCH:
      g_value_take_string (value, arbor_list_model_dup_search (self));
      break;
    case ARBOR_LIST_PROP_SEARCH_PATHS:
      g_value_take_boxed (value, arbor_list_model_dup_search_paths (self));
      break;
    case ARBOR_LIST_PROP_SORT:
      g_value_take_string (value, arbor_list_model_dup_sort (self));
      break;
    case ARBOR_LIST_PROP_REVERSED:
      g_value_set_boolean (value, arbor_list_model_get_reversed (self));
      break;
    case ARBOR_LIST_PROP_PENDING:
      g_value_set_uint (value, arbor_list_model_get_pending (self));
      break;
    case ARBOR_LIST_PROP_ERROR:
      g_value_take_boxed (value, arbor_list_model_dup_error (self));
      break;
    case ARBOR_LIST_PROP_N_ITEMS:
      g_value_set_uint (value, g_list_model_get_n_items (G_LIST_MODEL (self)));
      break;
    case ARBOR_LIST_PROP_ITEM_TYPE:
      g_value_set_gtype (value, g_list_model_get_item_type (G_LIST_MODEL (self)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ArborListModel *self = ARBOR_LIST_MODEL (object);

  switch (id)
    {
    case ARBOR_LIST_PROP_STORE:
      arbor_list_model_set_store (self, g_value_get_object (value));
      break;
    case ARBOR_LIST_PROP_NAME:
      arbor_list_model_set_name (self, g_value_get_string (value));
      break;
    case ARBOR_LIST_PROP_FILTER:
      arbor_list_model_set_filter (self, g_value_get_object (value));
      break;
    case ARBOR_LIST_PROP_SEARCH:
      arbor_list_model_set_search (self, g_value_get_string (value));
      break;
    case ARBOR_LIST_PROP_SEARCH_PATHS:
      arbor_list_model_set_search_paths (self, g_value_get_boxed (value));
      break;
    case ARBOR_LIST_PROP_SORT:
      arbor_list_model_set_sort (self, g_value_get_string (value));
      break;
    case ARBOR_LIST_PROP_REVERSED:
      arbor_list_model_set_reversed (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)
#define WRITABLE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

/* What is shown. */
static void
install_settings (void)
{
  /**
   * ArborListModel:store: (getter dup_store) (setter set_store)
   *
   * The store. The model keeps it.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_STORE] =
      g_param_spec_object ("store", NULL, NULL, ARBOR_TYPE_STORE, WRITABLE);

  /**
   * ArborListModel:name: (getter dup_name) (setter set_name)
   *
   * The name of the arbor that is shown; while the store has none of that name, no rows are.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, WRITABLE);

  /**
   * ArborListModel:filter: (getter dup_filter) (setter set_filter)
   *
   * The condition for trees to be shown, as of [method@Arbor.Arbor.filter]; %NULL shows all.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_FILTER] =
      g_param_spec_object ("filter", NULL, NULL, ARBOR_TYPE_EXPR, WRITABLE);

  /**
   * ArborListModel:search: (getter dup_search) (setter set_search)
   *
   * What somebody searches for: words with white space between them. Shown are trees in which each of
   * the words is a part of a value, whatever the case of letters ("straße" finds "STRASSE"): of a
   * string, or of a number as JSON writes it. %NULL and a text without words show all. Where there is a
   * filter, trees must fulfil both.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_SEARCH] = g_param_spec_string ("search", NULL, NULL, NULL, WRITABLE);

  /**
   * ArborListModel:search-paths: (getter dup_search_paths) (setter set_search_paths)
   *
   * Where to search: paths such as `name.last` and `tags[*]`, or other expressions, whose strings, and
   * what `to_string ()` makes of other values, are looked at; %NULL for all strings and numbers of trees.
   * Naming paths makes searching faster, and is needed where trees have values at more than 2,000.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_SEARCH_PATHS] =
      g_param_spec_boxed ("search-paths", NULL, NULL, G_TYPE_STRV, WRITABLE);

  /**
   * ArborListModel:sort: (getter dup_sort) (setter set_sort)
   *
   * The keys by which rows are ordered, as text: expressions with commas between them, each perhaps
   * followed by `descending` and by `nulls first`, such as `height descending, name.last`; `ascending` and
   * `nulls last` may be said, too. What keys mean, [method@Arbor.Arbor.sort_by] says. %NULL and the
   * empty text leave the order of the arbor.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_SORT] = g_param_spec_string ("sort", NULL, NULL, NULL, WRITABLE);

  /**
   * ArborListModel:reversed: (getter get_reversed) (setter set_reversed)
   *
   * Whether the last row comes first.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_REVERSED] =
      g_param_spec_boolean ("reversed", NULL, NULL, FALSE, WRITABLE);
}

static void
install_state (void)
{
  /**
   * ArborListModel:pending: (getter get_pending)
   *
   * How many trees are still to be looked at, about, and 1 at least while anything is computed; 0 when
   * the model shows what it should.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_PENDING] =
      g_param_spec_uint ("pending", NULL, NULL, 0, G_MAXUINT, 0, READABLE);

  /**
   * ArborListModel:error: (getter dup_error)
   *
   * Why the model does not show what it should, such as a condition that is none, damaged data, more
   * trees than a model can have, or a store that is closed; %NULL when it does.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_ERROR] =
      g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, READABLE);

  /**
   * ArborListModel:n-items:
   *
   * How many rows there are, for those who bind to it.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_N_ITEMS] =
      g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, READABLE);

  /**
   * ArborListModel:item-type:
   *
   * The class of rows: [class@Arbor.Row], or what [method@Arbor.ListModel.set_columns] has made of it.
   *
   * Since: 1.0
   */
  properties[ARBOR_LIST_PROP_ITEM_TYPE] =
      g_param_spec_gtype ("item-type", NULL, NULL, G_TYPE_OBJECT, READABLE);
}

void
arbor_list_model_install_properties (GObjectClass *klass)
{
  klass->get_property = get_property;
  klass->set_property = set_property;
  install_settings ();
  install_state ();
  g_object_class_install_properties (klass, ARBOR_LIST_N_PROPS, properties);
}
