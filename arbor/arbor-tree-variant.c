/* Values as GVariants. See arbor-tree-variant-private.h. The walk keeps a stack of open containers, each
 * an iterator over its children.
 */

#include "arbor-tree-variant-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

/* Levels of nesting that fit into GVariant's own limit of 128 containers: three for each. */
#define MAX_VARIANT_DEPTH 40

static GVariant *
scalar_to_variant (const ArborValue *value)
{
  g_autofree char *text = NULL;

  switch (value->kind)
    {
    case ARBOR_KIND_BOOL:
      return g_variant_new_boolean (value->boolean);
    case ARBOR_KIND_INT64:
      return g_variant_new_int64 (value->int64);
    case ARBOR_KIND_UINT64:
      return g_variant_new_uint64 (value->uint64);
    case ARBOR_KIND_DOUBLE:
      return g_variant_new_double (value->real);
    case ARBOR_KIND_NUMBER:
    case ARBOR_KIND_STRING:
      text = g_strndup (value->text, value->length);
      return g_variant_new_take_string (g_steal_pointer (&text));
    default:
      return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
    }
}

static gboolean
check_variant_text (const char *text, gsize length, GError **error)
{
  if (memchr (text, 0, length) == NULL)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED,
               _("A GVariant cannot hold U+0000, which is in a string or key of the tree; use its "
                 "JSON text"));
  return FALSE;
}

static const GVariantType *
get_container_type (const ArborValue *value)
{
  return value->kind == ARBOR_KIND_OBJECT ? G_VARIANT_TYPE_VARDICT : G_VARIANT_TYPE ("av");
}

/* Adds one child to the container on top; opens it when it is a container itself. */
static gboolean
add_child (GVariantBuilder *builder, GArray *open, const ArborValue *child, const char *key,
           guint32 length, ArborScope *scope, GError **error)
{
  gboolean is_member =
      g_array_index (open, ArborValueIter, open->len - 1).container.kind == ARBOR_KIND_OBJECT;
  ArborValueIter iter;

  if ((is_member && !check_variant_text (key, length, error)) ||
      (child->kind == ARBOR_KIND_STRING && !check_variant_text (child->text, child->length, error)))
    return FALSE;
  if (is_member)
    {
      g_autofree char *copy = g_strndup (key, length);

      g_variant_builder_open (builder, G_VARIANT_TYPE ("{sv}"));
      g_variant_builder_add (builder, "s", copy);
    }
  if (child->kind < ARBOR_KIND_ARRAY)
    {
      g_variant_builder_add (builder, "v", scalar_to_variant (child));
      if (is_member)
        g_variant_builder_close (builder);
      return TRUE;
    }
  if (open->len >= MAX_VARIANT_DEPTH)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("The tree is nested deeper than the %d levels that a GVariant takes; use its "
                     "JSON text"),
                   MAX_VARIANT_DEPTH);
      return FALSE;
    }
  g_variant_builder_open (builder, G_VARIANT_TYPE_VARIANT);
  g_variant_builder_open (builder, get_container_type (child));
  arbor_value_iter_init (&iter, child, scope);
  g_array_append_val (open, iter);
  return TRUE;
}

GVariant *
arbor_variant_from_value (const ArborValue *value, ArborScope *scope, GError **error)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (ArborValueIter));
  g_auto (GVariantBuilder) builder;
  ArborValueIter iter;

  if (value->kind < ARBOR_KIND_ARRAY)
    {
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));
      if (value->kind == ARBOR_KIND_STRING &&
          !check_variant_text (value->text, value->length, error))
        return NULL;
      return g_variant_ref_sink (scalar_to_variant (value));
    }

  g_variant_builder_init (&builder, get_container_type (value));
  arbor_value_iter_init (&iter, value, scope);
  g_array_append_val (open, iter);
  while (open->len > 0)
    {
      ArborValueIter *top = &g_array_index (open, ArborValueIter, open->len - 1);
      const char *key = NULL;
      guint32 length = 0;
      ArborValue child;

      if (arbor_value_iter_next (top, &key, &length, &child))
        {
          if (!add_child (&builder, open, &child, key, length, scope, error))
            return NULL;
          continue;
        }
      g_array_set_size (open, open->len - 1);
      if (open->len == 0)
        break;
      g_variant_builder_close (&builder); /* the array or dictionary */
      g_variant_builder_close (&builder); /* its variant */
      if (g_array_index (open, ArborValueIter, open->len - 1).container.kind == ARBOR_KIND_OBJECT)
        g_variant_builder_close (&builder);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}
