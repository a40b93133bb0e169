/* Objects to trees, by their properties. Text is written, and read by the reader of JSON as any other. */

#include "arbor-object-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "arbor-arbor.h"
#include "arbor-load.h"
#include "arbor-store.h"
#include "arbor-tree-private.h"
#include "batch/arbor-value-access.h"

typedef struct
{
  ArborBuffer *out;
  ArborScope *scope;
  guint depth;
} Writer;

static gboolean write_object (Writer *self, GObject *object, GError **error);

static void
write_scalar (Writer *self, const ArborValue *value)
{
  arbor_value_write_json (value, self->scope, self->out);
}

static void
write_text (Writer *self, const char *text)
{
  ArborValue value = text != NULL ? ARBOR_VALUE_STRING (text, (guint32) strlen (text)) : ARBOR_VALUE_NULL;

  write_scalar (self, &value);
}

static void
write_own_text (Writer *self, char *text)
{
  write_text (self, text);
  g_free (text);
}

static void
write_double (Writer *self, double real)
{
  ArborValue value = isfinite (real) ? ARBOR_VALUE_DOUBLE (real) : ARBOR_VALUE_NULL;

  write_scalar (self, &value);
}

static void
write_int64 (Writer *self, gint64 integer)
{
  ArborValue value = ARBOR_VALUE_INT64 (integer);

  write_scalar (self, &value);
}

static void
write_uint64 (Writer *self, guint64 integer)
{
  ArborValue value = integer <= G_MAXINT64 ? ARBOR_VALUE_INT64 ((gint64) integer) : ARBOR_VALUE_UINT64 (integer);

  write_scalar (self, &value);
}

/* The nick, or the number of what has none. */
static void
write_enum (Writer *self, const GValue *value)
{
  GEnumClass *klass = g_type_class_ref (G_VALUE_TYPE (value));
  const GEnumValue *member = g_enum_get_value (klass, g_value_get_enum (value));

  if (member != NULL)
    write_text (self, member->value_nick);
  else
    write_int64 (self, g_value_get_enum (value));
  g_type_class_unref (klass);
}

/* An array of nicks, and the number of what is left. */
static void
write_flags (Writer *self, const GValue *value)
{
  GFlagsClass *klass = g_type_class_ref (G_VALUE_TYPE (value));
  guint left = g_value_get_flags (value);
  const GFlagsValue *member;
  gboolean is_first = TRUE;

  arbor_buffer_append_byte (self->out, '[');
  while (left != 0)
    {
      if (!is_first)
        arbor_buffer_append_byte (self->out, ',');
      is_first = FALSE;
      member = g_flags_get_first_value (klass, left);
      if (member == NULL || member->value == 0)
        {
          write_uint64 (self, left);
          break;
        }
      write_text (self, member->value_nick);
      left &= ~member->value;
    }
  arbor_buffer_append_byte (self->out, ']');
  g_type_class_unref (klass);
}

static void
write_texts (Writer *self, char **texts)
{
  if (texts == NULL)
    {
      write_text (self, NULL);
      return;
    }
  arbor_buffer_append_byte (self->out, '[');
  for (guint i = 0; texts[i] != NULL; i++)
    {
      if (i > 0)
        arbor_buffer_append_byte (self->out, ',');
      write_text (self, texts[i]);
    }
  arbor_buffer_append_byte (self->out, ']');
}

static void
write_date_time (Writer *self, GDateTime *moment)
{
  write_own_text (self, moment != NULL ? g_date_time_format_iso8601 (moment) : NULL);
}

static void
write_bytes (Writer *self, GBytes *bytes)
{
  gsize size = 0;
  const guchar *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  write_own_text (self, bytes != NULL ? g_base64_encode (data != NULL ? data : (const guchar *) "", size)
                                      : NULL);
}

static gboolean
write_tree (Writer *self, ArborTree *tree, GError **error)
{
  g_autofree char *json = arbor_tree_to_json (tree, error);

  if (json != NULL)
    arbor_buffer_append_literal (self->out, json);
  return json != NULL;
}

/* An item of a list, or a property's object. */
static gboolean
write_any (Writer *self, gpointer object, GError **error)
{
  gboolean is_good = TRUE;

  if (object == NULL)
    {
      write_text (self, NULL);
      return TRUE;
    }
  if (ARBOR_IS_TREE (object))
    return write_tree (self, object, error);
  if (!G_IS_LIST_MODEL (object))
    return write_object (self, object, error);

  arbor_buffer_append_byte (self->out, '[');
  for (guint i = 0; is_good && i < g_list_model_get_n_items (object); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_object (object, i);

      if (i > 0)
        arbor_buffer_append_byte (self->out, ',');
      /* No list in a list: that could be without end. */
      is_good = G_IS_LIST_MODEL (item) && !ARBOR_IS_TREE (item) ? write_object (self, item, error)
                                                                 : write_any (self, item, error);
    }
  arbor_buffer_append_byte (self->out, ']');
  return is_good;
}

/* FALSE without error: it has no form. */
static gboolean
write_boxed (Writer *self, const GValue *value)
{
  gpointer boxed = g_value_get_boxed (value);

  if (G_VALUE_TYPE (value) == G_TYPE_STRV)
    write_texts (self, boxed);
  else if (G_VALUE_TYPE (value) == G_TYPE_DATE_TIME)
    write_date_time (self, boxed);
  else if (G_VALUE_TYPE (value) == G_TYPE_BYTES)
    write_bytes (self, boxed);
  else
    return FALSE;
  return TRUE;
}

static gboolean
write_value (Writer *self, const GValue *value, gboolean *is_known, GError **error)
{
  ArborValue truth = ARBOR_VALUE_BOOL (FALSE);

  *is_known = TRUE;
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      truth.boolean = g_value_get_boolean (value);
      write_scalar (self, &truth);
      break;
    case G_TYPE_CHAR:
      write_int64 (self, g_value_get_schar (value));
      break;
    case G_TYPE_UCHAR:
      write_uint64 (self, g_value_get_uchar (value));
      break;
    case G_TYPE_INT:
      write_int64 (self, g_value_get_int (value));
      break;
    case G_TYPE_UINT:
      write_uint64 (self, g_value_get_uint (value));
      break;
    case G_TYPE_LONG:
      write_int64 (self, g_value_get_long (value));
      break;
    case G_TYPE_ULONG:
      write_uint64 (self, g_value_get_ulong (value));
      break;
    case G_TYPE_INT64:
      write_int64 (self, g_value_get_int64 (value));
      break;
    case G_TYPE_UINT64:
      write_uint64 (self, g_value_get_uint64 (value));
      break;
    case G_TYPE_FLOAT:
      write_double (self, (double) g_value_get_float (value));
      break;
    case G_TYPE_DOUBLE:
      write_double (self, g_value_get_double (value));
      break;
    case G_TYPE_STRING:
      write_text (self, g_value_get_string (value));
      break;
    case G_TYPE_ENUM:
      write_enum (self, value);
      break;
    case G_TYPE_FLAGS:
      write_flags (self, value);
      break;
    case G_TYPE_BOXED:
      *is_known = write_boxed (self, value);
      break;
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE:
      return write_any (self, g_value_get_object (value), error);
    default:
      *is_known = FALSE;
    }
  return TRUE;
}

static gboolean
write_property (Writer *self, GObject *object, GParamSpec *pspec, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *json = NULL;
  gboolean is_known;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (object, pspec->name, &value);
  if (ARBOR_IS_MAPPABLE (object))
    json = arbor_mappable_write_property (ARBOR_MAPPABLE (object), pspec, &value);
  if (json != NULL)
    {
      arbor_buffer_append_literal (self->out, json);
      return TRUE;
    }
  if (!write_value (self, &value, &is_known, error))
    return FALSE;
  if (!is_known)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
                 _("%s:%s is of the type %s, which has no form in JSON: implement ArborMappable, or use "
                   "another type"),
                 G_OBJECT_TYPE_NAME (object), pspec->name, g_type_name (pspec->value_type));
  return is_known;
}

static gboolean
write_members (Writer *self, GObject *object, GError **error)
{
  const char *rest = arbor_object_get_rest (object);
  g_autofree GParamSpec **pspecs = NULL;
  gboolean is_first = TRUE;
  guint n;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *field = NULL;

      if (!arbor_property_is_field (pspecs[i]))
        continue;
      field = arbor_property_dup_field (pspecs[i], object);
      if (!is_first)
        arbor_buffer_append_byte (self->out, ',');
      is_first = FALSE;
      write_text (self, field);
      arbor_buffer_append_byte (self->out, ':');
      if (!write_property (self, object, pspecs[i], error))
        return FALSE;
    }
  if (rest != NULL)
    {
      if (!is_first)
        arbor_buffer_append_byte (self->out, ',');
      arbor_buffer_append_literal (self->out, rest);
    }
  return TRUE;
}

static gboolean
write_object (Writer *self, GObject *object, GError **error)
{
  gboolean is_good;

  if (self->depth == ARBOR_OBJECT_MAX_DEPTH)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("Objects are nested more than %u deep, at a %s: is there a circle?"),
                   ARBOR_OBJECT_MAX_DEPTH, G_OBJECT_TYPE_NAME (object));
      return FALSE;
    }
  self->depth++;
  arbor_buffer_append_byte (self->out, '{');
  is_good = write_members (self, object, error);
  arbor_buffer_append_byte (self->out, '}');
  self->depth--;
  return is_good;
}

gboolean
arbor_object_write (GObject *object, ArborBuffer *out, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Writer writer = { .out = out, .scope = scope };

  return ARBOR_IS_TREE (object) ? write_tree (&writer, ARBOR_TREE (object), error)
                                : write_object (&writer, object, error);
}

/* An arbor of objects, in memory. */
static ArborArbor *
read_objects (GObject *const *objects, gsize n_objects, GError **error)
{
  ArborBuffer text = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  gboolean is_good = TRUE;

  for (gsize i = 0; i < n_objects && is_good; i++)
    {
      is_good = arbor_object_write (objects[i], &text, error);
      arbor_buffer_append_byte (&text, '\n');
    }
  bytes = g_bytes_new (text.data, text.length);
  arbor_buffer_free (&text);
  return is_good ? arbor_read_jsonl (bytes, error) : NULL;
}

static gboolean
are_objects (GObject *const *objects, gsize n_objects)
{
  if (objects == NULL && n_objects > 0)
    return FALSE;
  for (gsize i = 0; i < n_objects; i++)
    if (!G_IS_OBJECT (objects[i]))
      return FALSE;
  return TRUE;
}

/* Objects of an asynchronous call are read when it begins, in the thread whose they are. */
struct _ArborObjectsRead
{
  ArborArbor *arbor;
  GError *error;
};

ArborObjectsRead *
arbor_objects_read (GObject *const *objects, gsize n_objects)
{
  ArborObjectsRead *self = g_new0 (ArborObjectsRead, 1);

  self->arbor = read_objects (objects, n_objects, &self->error);
  return self;
}

void
arbor_objects_read_free (ArborObjectsRead *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->arbor);
  g_clear_error (&self->error);
  g_free (self);
}

/* What was read of them, borrowed. */
static ArborArbor *
get_read (gpointer read, GError **error)
{
  ArborObjectsRead *self = read;

  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  return self->arbor;
}

gboolean
arbor_store_put_objects_in_task (GTask *task, ArborStore *self, const char *name, gpointer read,
                                 gsize n_objects, GCancellable *cancellable, GError **error)
{
  ArborArbor *arbor = get_read (read, error);

  return arbor != NULL && arbor_store_put (self, name, arbor, cancellable, error);
}

guint64
arbor_store_upsert_objects_in_task (GTask *task, ArborStore *self, const char *name,
                                    const char *key, gpointer read, gsize n_objects,
                                    GCancellable *cancellable, GError **error)
{
  ArborArbor *arbor = get_read (read, error);

  return arbor != NULL ? arbor_store_upsert (self, name, key, arbor, cancellable, error) : 0;
}

/**
 * arbor_tree_new_from_object: (constructor)
 * @object: an object
 * @error: where to put an error
 *
 * A tree in memory of the properties of an object: those that can be read and set, each a field that is
 * called as the property, with `_` for `-`. Truth values, numbers and texts are what they are; enumerations
 * are the nicks of their values, flags arrays of nicks, `GStrv` an array of strings, [struct@GLib.DateTime]
 * ISO 8601 text, [struct@GLib.Bytes] base64 text, an [class@Arbor.Tree] what it is, another object an
 * object, and a [iface@Gio.ListModel] an array of its items. What is %NULL, and doubles that are not
 * finite, are null. A class that implements [iface@Arbor.Mappable] says what of it is otherwise.
 *
 * Fields that the class has no property for, of the tree that [method@Arbor.Tree.to_object] made the object
 * of, are written again.
 *
 * Errors: %ARBOR_ERROR_TYPE for a property of a type that has no form in JSON, %ARBOR_ERROR_LIMIT for
 * objects in objects more than 100 deep, %ARBOR_ERROR_PARSE when a class gives text that is no JSON,
 * %ARBOR_ERROR_CLOSED for a tree among the values. The thread that may use the object may call this.
 *
 * Returns: (transfer full): the tree
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_new_from_object (GObject *object, GError **error)
{
  g_autoptr (ArborArbor) arbor = NULL;

  g_return_val_if_fail (G_IS_OBJECT (object), NULL);

  arbor = read_objects (&object, 1, error);
  return arbor != NULL ? arbor_arbor_get (arbor, 0, error) : NULL;
}

/**
 * arbor_store_put_objects:
 * @self: a store
 * @name: the name of an arbor, which need not be there
 * @objects: (array length=n_objects): objects, not %NULL
 * @n_objects: how many
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Puts the trees of objects, as of [ctor@Arbor.Tree.new_from_object]; a tree among them is what it is. The
 * asynchronous form reads the objects before it returns, and writes in another thread.
 *
 * Errors: those of [ctor@Arbor.Tree.new_from_object] and [method@Arbor.Store.put].
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
arbor_store_put_objects (ArborStore *self, const char *name, GObject **objects, gsize n_objects,
                         GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborArbor) arbor = NULL;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (are_objects (objects, n_objects), FALSE);

  arbor = read_objects (objects, n_objects, error);
  return arbor != NULL && arbor_store_put (self, name, arbor, cancellable, error);
}

/**
 * arbor_store_upsert_objects:
 * @self: a store
 * @name: the name of an arbor, which need not be there
 * @key: (nullable): the path of the field that tells objects apart, such as `id`, or %NULL for what
 *   [method@Arbor.Store.set_keys] declared
 * @objects: (array length=n_objects): objects, not %NULL
 * @n_objects: how many
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Saves objects that are new or were changed: each comes instead of the tree whose key has an equal value,
 * or at the end where there is none, as [method@Arbor.Store.upsert] does. The asynchronous form reads the
 * objects before it returns.
 *
 * Errors: those of [ctor@Arbor.Tree.new_from_object] and [method@Arbor.Store.upsert].
 *
 * Returns: how many trees were changed or appended; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_store_upsert_objects (ArborStore *self, const char *name, const char *key, GObject **objects,
                            gsize n_objects, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborArbor) arbor = NULL;

  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (are_objects (objects, n_objects), 0);

  arbor = read_objects (objects, n_objects, error);
  return arbor != NULL ? arbor_store_upsert (self, name, key, arbor, cancellable, error) : 0;
}
