/* Trees to objects, by their properties. What is needed of a tree is read from its text, outside of the
 * store's gate: constructors and setters are foreign code, which may do anything.
 *
 * First what objects are constructed with, then the other properties, in the order of the class.
 */

#include "arbor-object-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "arbor-arbor.h"
#include "arbor-load.h"
#include "arbor-tree-private.h"
#include "batch/arbor-value-access.h"

typedef struct
{
  ArborScope *scope;
  GType type; /* of the object at hand, for messages */
  guint depth;
} Reader;

static GObject *read_object (Reader *self, const ArborValue *value, GType type, GObject *existing,
                             GError **error);

static gboolean
fail (Reader *self, GParamSpec *pspec, const char *expected, const ArborValue *found, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _("%s:%s takes %s, found %s"),
               g_type_name (self->type), pspec->name, expected, arbor_kind_to_string (found->kind));
  return FALSE;
}

static char *
dup_text (const ArborValue *value)
{
  return g_strndup (value->text, value->length);
}

static char *
dup_json (Reader *self, const ArborValue *value)
{
  ArborBuffer text = { 0 };
  char *copy;

  arbor_value_write_json (value, self->scope, &text);
  copy = g_strndup ((const char *) text.data, text.length);
  arbor_buffer_free (&text);
  return copy;
}

static ArborTree *
make_tree (Reader *self, const ArborValue *value, GError **error)
{
  g_autofree char *json = dup_json (self, value);
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (ArborArbor) arbor = arbor_read_json (bytes, error);

  return arbor != NULL ? arbor_arbor_get (arbor, 0, error) : NULL;
}

/* Numbers */

/* An integer in [@least, @most], which a double may be too, without a fraction. */
static gboolean
get_integer (Reader *self, GParamSpec *pspec, const ArborValue *value, gint64 least, gint64 most,
             gint64 *integer, GError **error)
{
  g_autofree char *expected = NULL;

  if (value->kind == ARBOR_KIND_INT64)
    *integer = value->int64;
  else if (value->kind == ARBOR_KIND_DOUBLE && value->real >= -9007199254740992.0 &&
           value->real <= 9007199254740992.0 && (double) (gint64) value->real == value->real)
    *integer = (gint64) value->real;
  else
    return fail (self, pspec, _("an integer"), value, error);
  if (*integer >= least && *integer <= most)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
               _("%s:%s takes integers from %" PRId64 " to %" PRId64 ", found %" PRId64),
               g_type_name (self->type), pspec->name, least, most, *integer);
  return FALSE;
}

static gboolean
read_integer (Reader *self, GParamSpec *pspec, const ArborValue *value, GValue *out, GError **error)
{
  gint64 integer = 0;

  switch (G_TYPE_FUNDAMENTAL (pspec->value_type))
    {
#define READ(TYPE, least, most, set)                                                               \
  case TYPE:                                                                                       \
    if (!get_integer (self, pspec, value, least, most, &integer, error))                          \
      return FALSE;                                                                                \
    set;                                                                                           \
    return TRUE;

      READ (G_TYPE_CHAR, G_MININT8, G_MAXINT8, g_value_set_schar (out, (gint8) integer))
      READ (G_TYPE_UCHAR, 0, G_MAXUINT8, g_value_set_uchar (out, (guint8) integer))
      READ (G_TYPE_INT, G_MININT, G_MAXINT, g_value_set_int (out, (int) integer))
      READ (G_TYPE_UINT, 0, G_MAXUINT, g_value_set_uint (out, (guint) integer))
      READ (G_TYPE_LONG, G_MINLONG, G_MAXLONG, g_value_set_long (out, (glong) integer))
      READ (G_TYPE_INT64, G_MININT64, G_MAXINT64, g_value_set_int64 (out, integer))
#undef READ
    default:
      break;
    }
  /* The unsigned ones of 64 bits. */
  if (value->kind == ARBOR_KIND_UINT64)
    integer = (gint64) value->uint64;
  else if (!get_integer (self, pspec, value, 0, G_MAXINT64, &integer, error))
    return FALSE;
  if (G_TYPE_FUNDAMENTAL (pspec->value_type) == G_TYPE_ULONG)
    g_value_set_ulong (out, (gulong) integer);
  else
    g_value_set_uint64 (out, (guint64) integer);
  return TRUE;
}

static gboolean
read_real (Reader *self, GParamSpec *pspec, const ArborValue *value, GValue *out, GError **error)
{
  double real;

  if (value->kind == ARBOR_KIND_INT64)
    real = (double) value->int64;
  else if (value->kind == ARBOR_KIND_UINT64)
    real = (double) value->uint64;
  else if (value->kind == ARBOR_KIND_DOUBLE)
    real = value->real;
  else
    return fail (self, pspec, _("a number"), value, error);
  if (G_VALUE_HOLDS_FLOAT (out))
    g_value_set_float (out, (float) real);
  else
    g_value_set_double (out, real);
  return TRUE;
}

/* Enumerations and flags */

static gboolean
read_enum (Reader *self, GParamSpec *pspec, const ArborValue *value, GValue *out, GError **error)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  g_autofree char *nick = NULL;
  GEnumValue *member;
  gint64 integer;

  if (value->kind != ARBOR_KIND_STRING)
    {
      if (!get_integer (self, pspec, value, G_MININT, G_MAXINT, &integer, error))
        return FALSE;
      g_value_set_enum (out, (int) integer);
      return TRUE;
    }
  nick = dup_text (value);
  member = g_enum_get_value_by_nick (klass, nick);
  if (member == NULL)
    member = g_enum_get_value_by_name (klass, nick);
  if (member != NULL)
    {
      g_value_set_enum (out, member->value);
      return TRUE;
    }
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _("%s:%s takes a %s, which has no '%s'"),
               g_type_name (self->type), pspec->name, g_type_name (pspec->value_type), nick);
  return FALSE;
}

static gboolean
add_flag (Reader *self, GParamSpec *pspec, const ArborValue *value, guint *flags, GError **error)
{
  GFlagsClass *klass = G_PARAM_SPEC_FLAGS (pspec)->flags_class;
  g_autofree char *nick = NULL;
  GFlagsValue *member;
  gint64 integer;

  if (value->kind != ARBOR_KIND_STRING)
    {
      if (!get_integer (self, pspec, value, 0, G_MAXUINT, &integer, error))
        return FALSE;
      *flags |= (guint) integer;
      return TRUE;
    }
  nick = dup_text (value);
  member = g_flags_get_value_by_nick (klass, nick);
  if (member == NULL)
    member = g_flags_get_value_by_name (klass, nick);
  if (member != NULL)
    {
      *flags |= member->value;
      return TRUE;
    }
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _("%s:%s takes %s, which have no '%s'"),
               g_type_name (self->type), pspec->name, g_type_name (pspec->value_type), nick);
  return FALSE;
}

static gboolean
read_flags (Reader *self, GParamSpec *pspec, const ArborValue *value, GValue *out, GError **error)
{
  gboolean is_good = TRUE;
  guint flags = 0;
  ArborValueIter iter;
  ArborValue element;

  if (value->kind != ARBOR_KIND_ARRAY)
    {
      is_good = add_flag (self, pspec, value, &flags, error);
    }
  else
    {
      arbor_value_iter_init (&iter, value, self->scope);
      while (is_good && arbor_value_iter_next (&iter, NULL, NULL, &element))
        is_good = add_flag (self, pspec, &element, &flags, error);
    }
  g_value_set_flags (out, flags);
  return is_good;
}

/* Boxed */

static gboolean
read_texts (Reader *self, GParamSpec *pspec, const ArborValue *value, GValue *out, GError **error)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  ArborValueIter iter;
  ArborValue element;

  if (value->kind != ARBOR_KIND_ARRAY)
    return fail (self, pspec, _("an array of strings"), value, error);
  arbor_value_iter_init (&iter, value, self->scope);
  while (arbor_value_iter_next (&iter, NULL, NULL, &element))
    {
      g_autofree char *text = NULL;

      if (element.kind != ARBOR_KIND_STRING)
        return fail (self, pspec, _("an array of strings"), &element, error);
      text = dup_text (&element);
      g_strv_builder_add (texts, text);
    }
  g_value_take_boxed (out, g_strv_builder_end (texts));
  return TRUE;
}

static gboolean
read_boxed (Reader *self, GParamSpec *pspec, const ArborValue *value, GValue *out, GError **error)
{
  g_autofree char *text = NULL;
  GDateTime *moment;
  gsize size;

  if (pspec->value_type == G_TYPE_STRV)
    return read_texts (self, pspec, value, out, error);
  if (value->kind != ARBOR_KIND_STRING)
    return fail (self, pspec, _("a string"), value, error);
  text = dup_text (value);
  if (pspec->value_type == G_TYPE_BYTES)
    {
      guchar *bytes = g_base64_decode (text, &size);

      g_value_take_boxed (out, g_bytes_new_take (bytes, size));
      return TRUE;
    }
  moment = NULL;
  if (pspec->value_type == G_TYPE_DATE_TIME)
    {
      g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();

      moment = g_date_time_new_from_iso8601 (text, utc);
    }
  if (moment == NULL)
    return fail (self, pspec, g_type_name (pspec->value_type), value, error);
  g_value_take_boxed (out, moment);
  return TRUE;
}

/* Objects and lists */

/* The class of the items of a list: of what the property has already; without one, they are trees. */
static GType
get_item_type (GObject *existing)
{
  GType type = G_IS_LIST_MODEL (existing) ? g_list_model_get_item_type (G_LIST_MODEL (existing)) : 0;

  return type != 0 && type != G_TYPE_OBJECT ? type : ARBOR_TYPE_TREE;
}

static gboolean
read_list (Reader *self, GParamSpec *pspec, const ArborValue *value, GObject *existing, GValue *out,
           GError **error)
{
  GType type = get_item_type (existing);
  g_autoptr (GListStore) list = NULL;
  ArborValueIter iter;
  ArborValue element;

  if (value->kind != ARBOR_KIND_ARRAY)
    return fail (self, pspec, _("an array"), value, error);
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
read_object_property (Reader *self, GParamSpec *pspec, const ArborValue *value, GObject *existing,
                      GValue *out, GError **error)
{
  g_autoptr (GObject) object = NULL;
  GType type = pspec->value_type;

  if (type == G_TYPE_LIST_MODEL || type == G_TYPE_LIST_STORE)
    return read_list (self, pspec, value, existing, out, error);
  /* Of an abstract class or an interface: what is there says which. */
  if (existing != NULL && (G_TYPE_IS_ABSTRACT (type) || !g_type_is_a (type, G_TYPE_OBJECT)))
    type = G_OBJECT_TYPE (existing);
  if (!g_type_is_a (type, G_TYPE_OBJECT) || G_TYPE_IS_ABSTRACT (type))
    return fail (self, pspec, g_type_name (type), value, error);
  if (value->kind != ARBOR_KIND_OBJECT && type != ARBOR_TYPE_TREE)
    return fail (self, pspec, _("an object"), value, error);
  object = read_object (self, value, type, existing, error);
  g_value_set_object (out, object);
  return object != NULL;
}

/* FALSE without error: null leaves the property as it is. */
static gboolean
read_value (Reader *self, GParamSpec *pspec, const ArborValue *value, GObject *existing, GValue *out,
            GError **error)
{
  GType fundamental = G_TYPE_FUNDAMENTAL (pspec->value_type);

  g_value_init (out, pspec->value_type);
  if (value->kind == ARBOR_KIND_NULL && pspec->value_type != ARBOR_TYPE_TREE)
    return fundamental == G_TYPE_STRING || fundamental == G_TYPE_BOXED ||
           fundamental == G_TYPE_OBJECT || fundamental == G_TYPE_INTERFACE;
  switch (fundamental)
    {
    case G_TYPE_BOOLEAN:
      if (value->kind != ARBOR_KIND_BOOL)
        return fail (self, pspec, _("true or false"), value, error);
      g_value_set_boolean (out, value->boolean);
      return TRUE;
    case G_TYPE_STRING:
      if (value->kind != ARBOR_KIND_STRING)
        return fail (self, pspec, _("a string"), value, error);
      g_value_take_string (out, dup_text (value));
      return TRUE;
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
      return read_real (self, pspec, value, out, error);
    case G_TYPE_ENUM:
      return read_enum (self, pspec, value, out, error);
    case G_TYPE_FLAGS:
      return read_flags (self, pspec, value, out, error);
    case G_TYPE_BOXED:
      return read_boxed (self, pspec, value, out, error);
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE:
      return read_object_property (self, pspec, value, existing, out, error);
    case G_TYPE_CHAR:
    case G_TYPE_UCHAR:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
      return read_integer (self, pspec, value, out, error);
    default:
      return fail (self, pspec, g_type_name (pspec->value_type), value, error);
    }
}

/* Fields of @value, of which @used gets those that are properties'. */
static gboolean
find_field (Reader *self, const ArborValue *value, GParamSpec *pspec, GObject *object, GHashTable *used,
            ArborValue *found)
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
construct (Reader *self, const ArborValue *value, GType type, GParamSpec **pspecs, guint n,
           GHashTable *used, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GArray) values = g_array_new (FALSE, TRUE, sizeof (GValue));

  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  for (guint i = 0; i < n; i++)
    {
      GValue property = G_VALUE_INIT;
      GError *failure = NULL;
      ArborValue field;

      if ((pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY) == 0 || !arbor_property_is_field (pspecs[i]) ||
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
read_by_class (Reader *self, GObject *object, GParamSpec *pspec, const ArborValue *field, gboolean *is_done,
               GError **error)
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
set_property (Reader *self, GObject *object, GParamSpec *pspec, const ArborValue *field, GError **error)
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
keep_rest (Reader *self, GObject *object, const ArborValue *value, GHashTable *used)
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
read_members (Reader *self, const ArborValue *value, GType type, GError **error)
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

      if ((pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY) != 0 || !arbor_property_is_field (pspecs[i]) ||
          !find_field (self, value, pspecs[i], object, used, &field))
        continue;
      if (!set_property (self, object, pspecs[i], &field, error))
        return NULL;
    }
  keep_rest (self, object, value, used);
  return g_steal_pointer (&object);
}

static GObject *
read_object (Reader *self, const ArborValue *value, GType type, GObject *existing, GError **error)
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
  Reader reader = { .type = type };

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
