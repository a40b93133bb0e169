/* Fields and tables of them, and how they are told as the C data interface has it. See
 * arbor-arrow-field.h. Fields are nested as deep as ARBOR_ARROW_MAX_DEPTH at most, so what follows them
 * calls itself.
 */

#include "query/arrow/arbor-arrow-field.h"

ArborArrowField *
arbor_arrow_field_new (ArborArrowType type, const char *key)
{
  ArborArrowField *self = g_new0 (ArborArrowField, 1);

  self->type = type;
  self->key = g_strdup (key);
  return self;
}

void
arbor_arrow_field_free (ArborArrowField *self)
{
  for (guint i = 0; i < self->n_children; i++)
    arbor_arrow_field_free (self->children[i]);
  g_free (self->children);
  g_free (self->key);
  g_free (self);
}

ArborArrowTable *
arbor_arrow_table_ref (ArborArrowTable *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_arrow_table_unref (ArborArrowTable *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  arbor_arrow_field_free (self->root);
  g_free (self);
}

/* As ArrowSchema */

static void
release_schema (struct ArrowSchema *self)
{
  for (gint64 i = 0; i < self->n_children; i++)
    {
      if (self->children[i]->release != NULL)
        self->children[i]->release (self->children[i]);
      g_free (self->children[i]);
    }
  g_free (self->children);
  if (self->dictionary != NULL)
    {
      if (self->dictionary->release != NULL)
        self->dictionary->release (self->dictionary);
      g_free (self->dictionary);
    }
  g_free ((char *) self->name);
  g_free ((char *) self->metadata);
  self->release = NULL;
}

static void
append_counted (GByteArray *out, const char *text)
{
  gint32 length = (gint32) strlen (text);

  g_byte_array_append (out, (const guint8 *) &length, sizeof length);
  g_byte_array_append (out, (const guint8 *) text, (guint) length);
}

/* One key and its value. */
static char *
make_metadata (const char *key, const char *value)
{
  GByteArray *out = g_byte_array_new ();
  const gint32 n = 1;

  g_byte_array_append (out, (const guint8 *) &n, sizeof n);
  append_counted (out, key);
  append_counted (out, value);
  return (char *) g_byte_array_free (out, FALSE);
}

static const char *
get_format (const ArborArrowField *self)
{
  static const char *const formats[] = {
    [ARBOR_ARROW_NULL] = "n",   [ARBOR_ARROW_BOOL] = "b",    [ARBOR_ARROW_INT64] = "l",
    [ARBOR_ARROW_UINT64] = "L", [ARBOR_ARROW_DOUBLE] = "g",  [ARBOR_ARROW_STRING] = "u",
    [ARBOR_ARROW_JSON] = "u",   [ARBOR_ARROW_STRUCT] = "+s", [ARBOR_ARROW_LIST] = "+l",
  };

  return self->is_large ? "U" : formats[self->type];
}

static void
begin_schema (struct ArrowSchema *out, const char *format, const char *name)
{
  *out = (struct ArrowSchema){ .format = format,
                               .name = g_strdup (name),
                               .flags = ARROW_FLAG_NULLABLE,
                               .release = release_schema };
}

void
arbor_arrow_field_export (const ArborArrowField *self, struct ArrowSchema *out)
{
  begin_schema (out, self->is_dictionary ? "i" : get_format (self),
                self->key != NULL ? self->key : "item");
  if (self->is_dictionary)
    {
      out->dictionary = g_new (struct ArrowSchema, 1);
      begin_schema (out->dictionary, get_format (self), "");
    }
  if (self->type == ARBOR_ARROW_JSON)
    out->metadata = make_metadata ("ARROW:extension:name", "arrow.json");
  out->n_children = self->n_children;
  out->children = g_new (struct ArrowSchema *, self->n_children);
  for (guint i = 0; i < self->n_children; i++)
    {
      out->children[i] = g_new (struct ArrowSchema, 1);
      arbor_arrow_field_export (self->children[i], out->children[i]);
    }
}

void
arbor_arrow_table_export (const ArborArrowTable *self, struct ArrowSchema *out)
{
  arbor_arrow_field_export (self->root, out);
  g_free ((char *) out->name);
  out->name = g_strdup ("");
  out->flags = 0;
  if (self->is_values)
    out->metadata = make_metadata (ARBOR_ARROW_TREES_KEY, ARBOR_ARROW_TREES_VALUE);
}
