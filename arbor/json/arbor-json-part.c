/* See arbor-json-part.h. */

#include "json/arbor-json-part.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/arbor-error.h"

char *
arbor_json_part_read_line (ArborJsonInput *input, gsize most, GError **error)
{
  for (;;)
    {
      gsize length = arbor_json_input_length (input);
      const char *text = arbor_json_input_text (input);
      const char *end = length > 0 ? memchr (text, '\n', length) : NULL;

      if (end != NULL || (input->is_at_end && length > 0))
        {
          gsize n = end != NULL ? (gsize) (end - text) : length;
          char *line = g_strndup (text, n > 0 && text[n - 1] == '\r' ? n - 1 : n);

          arbor_json_input_consume (input, end != NULL ? n + 1 : n);
          return line;
        }
      if (input->is_at_end)
        return NULL;
      if (length > most)
        {
          g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT, _("a line is too long"));
          return NULL;
        }
      if (!arbor_json_input_fill (input, error))
        return NULL;
    }
}

#define PART_TYPE (part_get_type ())

static GType part_get_type (void);

typedef struct
{
  GInputStream parent_instance;

  ArborJsonInput *input;
  guint64 n_left; /* lines */
} Part;

typedef GInputStreamClass PartClass;

G_DEFINE_TYPE (Part, part, G_TYPE_INPUT_STREAM)

/* How many of @length bytes belong to the lines that are left, which are counted. */
static gsize
count_bytes (Part *self, const char *text, gsize length)
{
  const char *at = text;

  while (self->n_left > 0)
    {
      const char *end = memchr (at, '\n', length - (gsize) (at - text));

      if (end == NULL)
        return length;
      at = end + 1;
      self->n_left--;
    }
  return (gsize) (at - text);
}

static gssize
part_read (GInputStream *stream, void *buffer, gsize size, GCancellable *cancellable, GError **error)
{
  Part *self = (Part *) stream;
  gsize n;

  if (self->n_left == 0 || size == 0)
    return 0;
  while (arbor_json_input_length (self->input) == 0)
    {
      if (self->input->is_at_end)
        return 0;
      if (!arbor_json_input_fill (self->input, error))
        return -1;
    }
  n = count_bytes (self, arbor_json_input_text (self->input),
                   MIN (size, arbor_json_input_length (self->input)));
  memcpy (buffer, arbor_json_input_text (self->input), n);
  arbor_json_input_consume (self->input, n);
  return (gssize) n;
}

static void
part_class_init (PartClass *klass)
{
  klass->read_fn = part_read;
}

static void
part_init (Part *self)
{
}

GInputStream *
arbor_json_part_new (ArborJsonInput *input, guint64 n)
{
  Part *self = g_object_new (PART_TYPE, NULL);

  self->input = input;
  self->n_left = n;
  return G_INPUT_STREAM (self);
}
