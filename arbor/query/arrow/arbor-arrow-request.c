/* A table as somebody asks for it. See arbor-arrow-field.h. */

#include "query/arrow/arbor-arrow-field.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "query/arrow/arbor-arrow-scalar.h"

typedef struct
{
  GString *path; /* of the column that is looked at */
  GError **error;
} Request;

static ArborArrowField *request_field (Request *self, const ArborArrowField *from,
                                       const struct ArrowSchema *schema, const char *key,
                                       guint depth);

static ArborArrowField *
refuse (Request *self, const struct ArrowSchema *schema)
{
  g_set_error (self->error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
               _("Arrow column '%s': its values do not all fit the type '%s' that was asked for"),
               self->path->str, schema->format);
  return NULL;
}

static ArborArrowField *
refuse_type (Request *self, const struct ArrowSchema *schema)
{
  g_set_error (self->error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED,
               _("Arrow column '%s': expected a type that arbors become, found '%s'"),
               self->path->str, schema->format);
  return NULL;
}

/* The type of a format of one letter, or of a container; FALSE: none that is made. */
static gboolean
find_type (const char *format, ArborArrowType *type)
{
  static const struct
  {
    const char *format;
    ArborArrowType type;
  } types[] = {
    { "n", ARBOR_ARROW_NULL },   { "b", ARBOR_ARROW_BOOL },    { "l", ARBOR_ARROW_INT64 },
    { "L", ARBOR_ARROW_UINT64 }, { "g", ARBOR_ARROW_DOUBLE },  { "u", ARBOR_ARROW_STRING },
    { "U", ARBOR_ARROW_STRING }, { "+s", ARBOR_ARROW_STRUCT }, { "+l", ARBOR_ARROW_LIST },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (format, types[i].format))
      {
        *type = types[i].type;
        return TRUE;
      }
  return FALSE;
}

/* Whether all values of @from (NULL: there are none) are of @type. */
static gboolean
fits (const ArborArrowField *from, ArborArrowType type)
{
  if (from == NULL || from->type == ARBOR_ARROW_NULL || from->type == type)
    return TRUE;
  return from->type == ARBOR_ARROW_INT64 && ((type == ARBOR_ARROW_UINT64 && !from->has_negative) ||
                                             (type == ARBOR_ARROW_DOUBLE && !from->has_large));
}

static const ArborArrowField *
find_child (const ArborArrowField *from, const char *key)
{
  for (guint i = 0; from != NULL && i < from->n_children; i++)
    if (g_strcmp0 (from->children[i]->key, key) == 0)
      return from->children[i];
  return NULL;
}

static gboolean
add_children (Request *self, ArborArrowField *field, const ArborArrowField *from,
              const struct ArrowSchema *schema, guint depth)
{
  gsize length = self->path->len;

  field->children = g_new0 (ArborArrowField *, schema->n_children);
  for (gint64 i = 0; i < schema->n_children; i++)
    {
      const struct ArrowSchema *child = schema->children[i];
      const char *key = child->name != NULL ? child->name : "";
      gboolean is_list = field->type == ARBOR_ARROW_LIST;
      const ArborArrowField *inner =
          !is_list ? find_child (from, key) : from != NULL && from->n_children > 0 ? from->children[0] : NULL;

      g_string_append_printf (self->path, is_list ? "[*]" : length > 0 ? ".%s" : "%s", key);
      field->children[i] = request_field (self, inner, child, is_list ? NULL : key, depth + 1);
      if (field->children[i] == NULL)
        return FALSE;
      field->n_children++;
      g_string_truncate (self->path, length);
    }
  return TRUE;
}

static ArborArrowField *
request_dictionary (Request *self, const ArborArrowField *from, const struct ArrowSchema *schema,
                    const char *key)
{
  ArborArrowField *field;

  if (!g_str_equal (schema->format, "i") || (!g_str_equal (schema->dictionary->format, "u") &&
                                             !g_str_equal (schema->dictionary->format, "U")))
    return refuse_type (self, schema);
  if (!fits (from, ARBOR_ARROW_STRING))
    return refuse (self, schema);
  field = arbor_arrow_field_new (ARBOR_ARROW_STRING, key);
  field->is_dictionary = TRUE;
  field->is_large = schema->dictionary->format[0] == 'U';
  return field;
}

static ArborArrowField *
request_field (Request *self, const ArborArrowField *from, const struct ArrowSchema *schema,
               const char *key, guint depth)
{
  g_autoptr (ArborArrowField) field = NULL;
  ArborArrowType type;

  if (schema->dictionary != NULL)
    return request_dictionary (self, from, schema, key);
  if (depth > ARBOR_ARROW_MAX_DEPTH || !find_type (schema->format, &type) ||
      (type == ARBOR_ARROW_LIST && schema->n_children != 1))
    return refuse_type (self, schema);
  if (type == ARBOR_ARROW_STRING &&
      (arbor_arrow_metadata_has (schema, "ARROW:extension:name", "arrow.json") ||
       (from != NULL && from->type == ARBOR_ARROW_JSON)))
    type = ARBOR_ARROW_JSON;
  if (type != ARBOR_ARROW_JSON && !fits (from, type))
    return refuse (self, schema);
  field = arbor_arrow_field_new (type, key);
  field->is_large = schema->format[0] == 'U';
  if ((type == ARBOR_ARROW_STRUCT || type == ARBOR_ARROW_LIST) &&
      !add_children (self, field, from, schema, depth))
    return NULL;
  return g_steal_pointer (&field);
}

ArborArrowTable *
arbor_arrow_table_request (const ArborArrowTable *table, const struct ArrowSchema *requested,
                           GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  Request request = { .path = path, .error = error };
  ArborArrowField *root;
  ArborArrowTable *made;

  if (!g_str_equal (requested->format, "+s") || requested->n_children > ARBOR_ARROW_MAX_FIELDS)
    {
      refuse_type (&request, requested);
      return NULL;
    }
  for (gint64 i = 0; table->is_values && i < requested->n_children; i++)
    if (g_strcmp0 (requested->children[i]->name, ARBOR_ARROW_VALUE) != 0)
      {
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
                     _("Arrow column '%s': not all trees are objects, so there is only the column '%s'"),
                     requested->children[i]->name, ARBOR_ARROW_VALUE);
        return NULL;
      }
  root = request_field (&request, table->root, requested, NULL, 0);
  if (root == NULL)
    return NULL;
  made = g_new0 (ArborArrowTable, 1);
  g_atomic_ref_count_init (&made->ref_count);
  made->root = root;
  made->is_values = table->is_values;
  return made;
}
