/* Trees to objects, by their properties. What is needed of a tree is read from its text, outside of the
 * store's gate: constructors and setters are foreign code, which may do anything.
 *
 * First what objects are constructed with, then the other properties, in the order of the class. Properties
 * that are no objects, arbor-object-read-plain.c reads.
 */

#include "arbor-object-read-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "arbor-arbor.h"
#include "arbor-load.h"
#include "arbor-tree-private.h"
#include "batch/arbor-value-access.h"

static GObject *read_object (ArborObjectReader *self, const ArborValue *value, GType type,
                             GObject *existing, GError **error);

static char *
dup_json (ArborObjectReader *self, const ArborValue *value)
{
  ArborBuffer text = { 0 };
  char *copy;

  arbor_value_write_json (value, self->scope, &text);
  copy = g_strndup ((const char *) text.data, text.length);
  arbor_buffer_free (&text);
  return copy;
}

static ArborTree *
make_tree (ArborObjectReader *self, const ArborValue *value, GError **error)
{
  g_autofree char *json = dup_json (self, value);
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (ArborArbor) arbor = arbor_read_json (bytes, error);

  return arbor != NULL ? arbor_arbor_get (arbor, 0, error) : NULL;
}

/* Objects and lists */

/* The class of the items of a list: of what the property has already; without one, they are trees. */
static GType
get_item_type (GObject *existing)
{
  GType type =
      G_IS_LIST_MODEL (existing) ? g_list_model_get_item_type (G_LIST_MODEL (existing)) : 0;

  return type != 0 && type != G_TYPE_OBJECT ? type : ARBOR_TYPE_TREE;
}

static gboolean
read_list (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, GObject *existing,
           GValue *out, GError **error)
{
  GType type = get_item_type (existing);
  g_autoptr (GListStore) list = NULL;
  ArborValueIter iter;
  ArborValue element;

  if (value->kind != ARBOR_KIND_ARRAY)
    return arbor_object_read_fail (self, pspec, _("an array"), value, error);
  list = g_list_store_new (type);
  arbor_value_iter_init (&iter, value, self->scope);
  while (arbor_value_iter_next (&iter, NULL, NULL, &element))
    {
      g_autoptr (GObject) item = read_object (self, &element, type, NULL, error);

      if (item == NULL)
        return FALSE;
      g_list_store_append (list, item);
    }
  g_value_set_object (out, list);
  return TRUE;
}

static gboolean
read_object_property (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value,
                      GObject *existing, GValue *out, GError **error)
{
  g_autoptr (GObject) object = NULL;
  GType type = pspec->value_type;

  if (type == G_TYPE_LIST_MODEL || type == G_TYPE_LIST_STORE)
    return read_list (self, pspec, value, existing, out, error);
  /* Of an abstract class or an interface: what is there says which. */
  if (existing != NULL && (G_TYPE_IS_ABSTRACT (type) || !g_type_is_a (type, G_TYPE_OBJECT)))
    type = G_OBJECT_TYPE (existing);
  if (!g_type_is_a (type, G_TYPE_OBJECT) || G_TYPE_IS_ABSTRACT (type))
    return arbor_object_read_fail (self, pspec, g_type_name (type), value, error);
  if (value->kind != ARBOR_KIND_OBJECT && type != ARBOR_TYPE_TREE)
    return arbor_object_read_fail (self, pspec, _("an object"), value, error);
  object = read_object (self, value, type, existing, error);
  g_value_set_object (out, object);
  return object != NULL;
}

/* FALSE without error: null leaves the property as it is. */
static gboolean
read_value (ArborObjectReader *self, GParamSpec *pspec, const ArborValue *value, GObject *existing,
            GValue *out, GError **error)
{
  GType fundamental = G_TYPE_FUNDAMENTAL (pspec->value_type);

  g_value_init (out, pspec->value_type);
  if (value->kind == ARBOR_KIND_NULL && pspec->value_type != ARBOR_TYPE_TREE)
    return fundamental == G_TYPE_STRING || fundamental == G_TYPE_BOXED ||
           fundamental == G_TYPE_OBJECT || fundamental == G_TYPE_INTERFACE;
  if (fundamental == G_TYPE_OBJECT || fundamental == G_TYPE_INTERFACE)
    return read_object_property (self, pspec, value, existing, out, error);
  return arbor_object_read_plain (self, pspec, value, out, error);
}

/* Fields of @value, of which @used gets those that are properties'. */
static gboolean
find_field (ArborObjectReader *self, const ArborValue *value, GParamSpec *pspec, GObject *object,
            GHashTable *used, ArborValue *found)
{
  char *field = arbor_property_dup_field (pspec, object);

  arbor_value_get_member (value, field, strlen (field), self->scope, found);
  if (found->kind == ARBOR_KIND_MISSING && strcmp (field, pspec->name) != 0)
    {
      g_free (field);
      field = g_strdup (pspec->name);
      arbor_value_get_member (value, field, strlen (field), self->scope, found);
    }
  g_hash_table_add (used, field);
  return found->kind != ARBOR_KIND_MISSING;
}

/* The object with what it is constructed with. */
static GObject *
construct (ArborObjectReader *self, const ArborValue *value, GType type, GParamSpec **pspecs,
           guint n, GHashTable *used, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GArray) values = g_array_new (FALSE, TRUE, sizeof (GValue));

  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  for (guint i = 0; i < n; i++)
    {
      GValue property = G_VALUE_INIT;
      GError *failure = NULL;
      ArborValue field;

      if ((pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY) == 0 ||
          !arbor_property_is_field (pspecs[i]) ||
          !find_field (self, value, pspecs[i], NULL, used, &field))
        continue;
      if (read_value (self, pspecs[i], &field, NULL, &property, &failure))
        {
          g_ptr_array_add (names, (gpointer) pspecs[i]->name);
          g_array_append_val (values, property);
          continue;
        }
      g_value_unset (&property);
      if (failure != NULL)
        {
          g_propagate_error (error, failure);
          return NULL;
        }
    }
  return g_object_new_with_properties (type, names->len, (const char **) names->pdata,
                                       (const GValue *) values->data);
}

static gboolean
read_by_class (ArborObjectReader *self, GObject *object, GParamSpec *pspec, const ArborValue *field,
               gboolean *is_done, GError **error)
{
  g_autoptr (ArborTree) tree = NULL;

  *is_done = FALSE;
  if (!ARBOR_IS_MAPPABLE (object))
    return TRUE;
  tree = make_tree (self, field, error);
  if (tree == NULL)
    return FALSE;
  *is_done = arbor_mappable_read_property (ARBOR_MAPPABLE (object), pspec, tree);
  return TRUE;
}

static gboolean
set_property (ArborObjectReader *self, GObject *object, GParamSpec *pspec, const ArborValue *field,
              GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GObject) existing = NULL;
  GError *failure = NULL;
  gboolean is_done;

  if (!read_by_class (self, object, pspec, field, &is_done, error) || is_done)
    return is_done;
  if (g_type_is_a (pspec->value_type, G_TYPE_OBJECT) || G_TYPE_IS_INTERFACE (pspec->value_type))
    g_object_get (object, pspec->name, &existing, NULL);
  if (read_value (self, pspec, field, existing, &value, &failure))
    g_object_set_property (object, pspec->name, &value);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

/* What no property has taken. */
static void
keep_rest (ArborObjectReader *self, GObject *object, const ArborValue *value, GHashTable *used)
{
  GString *rest = g_string_new (NULL);
  ArborValueIter iter;
  ArborValue member;
  const char *key;
  guint32 length;

  arbor_value_iter_init (&iter, value, self->scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    {
      g_autofree char *name = g_strndup (key, length);
      g_autofree char *name_json = NULL;
      g_autofree char *json = NULL;
      ArborValue text = ARBOR_VALUE_STRING (key, length);

      if (strlen (name) == length && g_hash_table_contains (used, name))
        continue;
      name_json = dup_json (self, &text);
      json = dup_json (self, &member);
      g_string_append_printf (rest, "%s%s:%s", rest->len > 0 ? "," : "", name_json, json);
    }
  arbor_object_take_rest (object, rest->len > 0 ? g_strdup (rest->str) : NULL);
  g_string_free (rest, TRUE);
}

static GObject *
read_members (ArborObjectReader *self, const ArborValue *value, GType type, GError **error)
{
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  g_autofree GParamSpec **pspecs = NULL;
  g_autoptr (GObject) object = NULL;
  guint n;

  pspecs = g_object_class_list_properties (G_OBJECT_CLASS (klass), &n);
  object = construct (self, value, type, pspecs, n, used, error);
  if (object == NULL)
    return NULL;
  if (g_object_is_floating (object))
    g_object_ref_sink (object);
  for (guint i = 0; i < n; i++)
    {
      ArborValue field;

      if ((pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY) != 0 ||
          !arbor_property_is_field (pspecs[i]) ||
          !find_field (self, value, pspecs[i], object, used, &field))
        continue;
      if (!set_property (self, object, pspecs[i], &field, error))
        return NULL;
    }
  keep_rest (self, object, value, used);
  return g_steal_pointer (&object);
}

static GObject *
read_object (ArborObjectReader *self, const ArborValue *value, GType type, GObject *existing,
             GError **error)
{
  GType outer = self->type;
  GObject *object;

  if (type == ARBOR_TYPE_TREE)
    return (GObject *) make_tree (self, value, error);
  if (value->kind != ARBOR_KIND_OBJECT)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _("A %s is made of an object, not of %s"),
                   g_type_name (type), arbor_kind_to_string (value->kind));
      return NULL;
    }
  if (self->depth == ARBOR_OBJECT_MAX_DEPTH)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT, _("Objects are nested more than %u deep"),
                   ARBOR_OBJECT_MAX_DEPTH);
      return NULL;
    }
  self->depth++;
  self->type = type;
  object = read_members (self, value, type, error);
  self->type = outer;
  self->depth--;
  return object;
}

/**
 * arbor_tree_to_object:
 * @self: a tree that is an object
 * @type: a class that is not abstract
 * @error: where to put an error
 *
 * A new object of a class, whose properties are those of the tree: each property that can be read and set
 * gets what the field of its name has, where `-` may be `_`. What there is no field for stays as the class
 * makes it, and so do numbers, truth values and enumerations of which the field is null. Types are those
 * that [ctor@Arbor.Tree.new_from_object] writes; enumerations and flags may be nicks, names or numbers.
 *
 * A property that is a [iface@Gio.ListModel] gets a [class@Gio.ListStore] of items of the class that the
 * list has which is there already; where there is none, of trees. Fields without a property stay
 * with the object, and are written again with it.
 *
 * Errors: %ARBOR_ERROR_TYPE when the tree is no object, or for a field whose value does not fit its property;
 * %ARBOR_ERROR_INVALID_ARGUMENT when @type is no class that objects can be made of, %ARBOR_ERROR_LIMIT for
 * objects in objects more than 100 deep, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread in which
 * objects of the class may be made may call this.
 *
 * Returns: (transfer full): the object
 *
 * Since: 1.0
 */
GObject *
arbor_tree_to_object (ArborTree *self, GType type, GError **error)
{
  g_autofree char *json = NULL;
  g_autoptr (ArborScope) scope = NULL;
  const ArborTape *tape;
  ArborValue value;
  ArborObjectReader reader = { .type = type };

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  json = arbor_tree_to_json (self, error);
  if (json == NULL)
    return NULL;
  if (!g_type_is_a (type, G_TYPE_OBJECT) || G_TYPE_IS_ABSTRACT (type))
    {
      const char *name = g_type_name (type);

      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _("No objects can be made of the type %s: it is no class, or abstract"),
                   name != NULL ? name : "?");
      return NULL;
    }
  reader.scope = scope = arbor_scope_new ();
  tape = arbor_scope_parse (scope, json, strlen (json));
  if (tape == NULL)
    {
      arbor_scope_check (scope, error);
      return NULL;
    }
  arbor_tape_get_value (tape, ARBOR_TAPE_ROOT, &value);
  return read_object (&reader, &value, type, NULL, error);
}
