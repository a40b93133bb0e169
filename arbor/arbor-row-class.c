/* Classes of rows: those derived from ArborRow that have columns as properties. A class is made once for
 * the same properties, types and names of columns, for GObject keeps classes as long as the program runs;
 * so there is a limit to them. What a property reads is the row's own (its expressions), so models of the
 * same columns share a class.
 *
 * A property is called as its column where that is a name for one; else after it, so far as that goes.
 */

#include "arbor-row-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/arbor-error.h"

#define MAX_CLASSES 1000u
#define MAX_COLUMNS 1000u

static const GParamFlags readable = G_PARAM_READABLE;

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  arbor_row_read (ARBOR_ROW (object), id - 1, value);
}

static GParamSpec *
new_property (const char *property, const char *name, GType type)
{
  switch (type)
    {
    case G_TYPE_BOOLEAN:
      return g_param_spec_boolean (property, name, NULL, FALSE, readable);
    case G_TYPE_INT64:
      return g_param_spec_int64 (property, name, NULL, G_MININT64, G_MAXINT64, 0, readable);
    case G_TYPE_UINT64:
      return g_param_spec_uint64 (property, name, NULL, 0, G_MAXUINT64, 0, readable);
    case G_TYPE_DOUBLE:
      return g_param_spec_double (property, name, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, readable);
    default:
      return g_param_spec_string (property, name, NULL, NULL, readable);
    }
}

static void
init_class (gpointer klass, gpointer data)
{
  const ArborRowColumns *columns = data;

  G_OBJECT_CLASS (klass)->get_property = get_property;
  for (guint i = 0; i < columns->n; i++)
    g_object_class_install_property (
        G_OBJECT_CLASS (klass), i + 1,
        new_property (columns->properties[i], columns->names[i], columns->types[i]));
}

/* What tells classes apart. */
static char *
make_key (const ArborRowColumns *columns)
{
  GString *key = g_string_new (NULL);

  for (guint i = 0; i < columns->n; i++)
    g_string_append_printf (key, "%s\t%s\t%s\n", columns->properties[i], g_type_name (columns->types[i]),
                            columns->names[i]);
  return g_string_free (key, FALSE);
}

static GType
register_class (const ArborRowColumns *columns, guint number)
{
  g_autofree char *name = g_strdup_printf ("ArborRow%u", number);
  GTypeInfo info = { .class_size = sizeof (ArborRowClass), .class_init = init_class };
  ArborRowColumns *of_class = g_new0 (ArborRowColumns, 1);
  GTypeQuery query;

  /* As long as the program: what the class is made of, but for the expressions. */
  g_atomic_ref_count_init (&of_class->ref_count);
  of_class->n = columns->n;
  of_class->names = g_strdupv (columns->names);
  of_class->properties = g_strdupv (columns->properties);
  of_class->types = g_memdup2 (columns->types, columns->n * sizeof (GType));
  g_type_query (ARBOR_TYPE_ROW, &query);
  info.instance_size = (guint16) query.instance_size;
  info.class_data = of_class;
  return g_type_register_static (ARBOR_TYPE_ROW, name, &info, G_TYPE_FLAG_FINAL);
}

GType
arbor_row_class_get (const ArborRowColumns *columns)
{
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static GHashTable *classes; /* guarded by mutex: GType by key */
  g_autofree char *key = NULL;
  GType type;

  if (columns->n == 0)
    return ARBOR_TYPE_ROW;
  key = make_key (columns);
  pthread_mutex_lock (&mutex);
  if (classes == NULL)
    classes = g_hash_table_new (g_str_hash, g_str_equal);
  type = (GType) g_hash_table_lookup (classes, key);
  if (type == 0 && g_hash_table_size (classes) < MAX_CLASSES)
    {
      type = register_class (columns, g_hash_table_size (classes) + 1);
      g_hash_table_insert (classes, g_steal_pointer (&key), (gpointer) type);
    }
  pthread_mutex_unlock (&mutex);
  return type;
}

/* Names of properties */

static gboolean
is_taken (const ArborRowColumns *columns, guint n, const char *property)
{
  if (g_object_class_find_property (g_type_class_peek (ARBOR_TYPE_ROW), property) != NULL)
    return TRUE;
  for (guint i = 0; i < n; i++)
    if (strcmp (columns->properties[i], property) == 0)
      return TRUE;
  return FALSE;
}

/* "birth country" becomes birth-country, "Größe" Grosse, "2x" x-2x. */
static char *
make_property (const char *name)
{
  g_autofree char *ascii = g_str_to_ascii (name, "C");
  GString *property = g_string_new (g_ascii_isalpha (*ascii) ? NULL : "x-");

  for (const char *at = ascii; *at != '\0'; at++)
    if (g_ascii_isalnum (*at))
      g_string_append_c (property, *at);
    else if (property->len > 0 && property->str[property->len - 1] != '-')
      g_string_append_c (property, '-');
  while (property->len > 1 && property->str[property->len - 1] == '-')
    g_string_truncate (property, property->len - 1);
  return g_string_free (property, FALSE);
}

static char *
find_property (const ArborRowColumns *columns, guint n)
{
  g_autofree char *property = make_property (columns->names[n]);
  char *other;

  if (!is_taken (columns, n, property))
    return g_steal_pointer (&property);
  for (guint i = 2;; i++)
    {
      other = g_strdup_printf ("%s-%u", property, i);
      if (!is_taken (columns, n, other))
        return other;
      g_free (other);
    }
}

ArborRowColumns *
arbor_row_columns_ref (ArborRowColumns *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_row_columns_unref (ArborRowColumns *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n; i++)
    arbor_node_unref (self->nodes[i]);
  g_free (self->nodes);
  g_free (self->types);
  g_strfreev (self->names);
  g_strfreev (self->properties);
  g_free (self);
}

ArborRowColumns *
arbor_row_columns_new (const char *const *names, ArborNode *const *nodes, const GType *types, guint n,
                       GError **error)
{
  g_autoptr (ArborRowColumns) self = g_new0 (ArborRowColumns, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_type_class_unref (g_type_class_ref (ARBOR_TYPE_ROW));
  self->names = g_new0 (char *, n + 1);
  self->properties = g_new0 (char *, n + 1);
  self->nodes = g_new0 (ArborNode *, n);
  self->types = g_memdup2 (types, n * sizeof (GType));
  for (self->n = 0; self->n < n; self->n++)
    {
      self->names[self->n] = g_strdup (names[self->n]);
      self->properties[self->n] = find_property (self, self->n);
      self->nodes[self->n] = arbor_node_ref (nodes[self->n]);
    }
  self->type = n <= MAX_COLUMNS ? arbor_row_class_get (self) : 0;
  if (self->type != 0)
    return g_steal_pointer (&self);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("A program can have %u classes of rows, of %u columns each: use columns with the same "
                 "names and types again"),
               MAX_CLASSES, MAX_COLUMNS);
  return NULL;
}
