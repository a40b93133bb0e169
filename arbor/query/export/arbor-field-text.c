/* Writing fields that are read elsewhere. See arbor-export-fields.h. */

#include "query/export/arbor-export-fields.h"

#include "base/arbor-text.h"
#include "json/arbor-csv.h"
#include "query/series/arbor-series-reader.h"

#define MAX_STEP (256u * 1024u)      /* bytes of text at a time, about */
#define MAX_ROW  (1024u * 1024u)     /* of a tree; others are for who makes trees */

typedef struct
{
  ArborSeriesReader *reader;
  ArborBuffer key;   /* of JSON: ,"name": */
  ArborSeries chunk;
  guint32 at;        /* in it */
} Field;

struct _ArborFieldText
{
  const ArborExportFields *of;
  ArborFieldFormat format;
  gsize n_between, n_end; /* bytes */
  guint n;
  Field *fields;
};

ArborFieldText *
arbor_field_text_new (const ArborExportFields *fields, const ArborFieldFormat *format)
{
  ArborFieldText *self = g_new0 (ArborFieldText, 1);

  self->of = fields;
  self->format = *format;
  self->n_between = strlen (format->between);
  self->n_end = strlen (format->end);
  self->n = fields->trace.n;
  self->fields = g_new0 (Field, self->n + 1);
  for (guint i = 0; i < self->n; i++)
    {
      Field *field = &self->fields[i];

      field->reader = arbor_series_reader_new (fields->trace.nodes[i]);
      arbor_buffer_append_byte (&field->key, ',');
      arbor_text_append_string (&field->key, fields->names[i], strlen (fields->names[i]));
      arbor_buffer_append_byte (&field->key, ':');
    }
  return self;
}

ArborFieldText *
arbor_field_text_copy (const ArborFieldText *self)
{
  return arbor_field_text_new (self->of, &self->format);
}

void
arbor_field_text_free (ArborFieldText *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    {
      arbor_series_reader_free (self->fields[i].reader);
      arbor_buffer_free (&self->fields[i].key);
    }
  g_free (self->fields);
  g_free (self);
}

void
arbor_field_text_forget (ArborFieldText *self)
{
  for (guint i = 0; i < self->n; i++)
    arbor_series_reader_forget (self->fields[i].reader);
}

void
arbor_field_text_begin (ArborFieldText *self, const ArborRows *rows)
{
  for (guint i = 0; i < self->n; i++)
    {
      arbor_series_reader_begin (self->fields[i].reader, rows);
      self->fields[i].chunk.n = self->fields[i].at = 0;
    }
}

/* How many rows all chunks have; 0: no more, or something is wrong. */
static guint32
fill (ArborFieldText *self)
{
  guint32 n = G_MAXUINT32;

  for (guint i = 0; i < self->n; i++)
    {
      Field *field = &self->fields[i];

      if (field->at == field->chunk.n)
        {
          field->at = 0;
          if (arbor_series_reader_next (field->reader, &field->chunk) == 0)
            field->chunk.n = 0;
          if (arbor_series_reader_take_trouble (field->reader))
            return 0;
        }
      n = MIN (n, field->chunk.n - field->at);
    }
  return n;
}

/* Values */

/* FALSE: an array or object. */
static inline gboolean
append_value (ArborFieldText *self, const ArborValue *value, ArborBuffer *out)
{
  switch (value->kind)
    {
    case ARBOR_KIND_BOOL:
      if (value->boolean)
        arbor_buffer_append (out, "true", 4);
      else
        arbor_buffer_append (out, "false", 5);
      return TRUE;
    case ARBOR_KIND_INT64:
      arbor_text_append_int64 (out, value->int64);
      return TRUE;
    case ARBOR_KIND_UINT64:
      arbor_text_append_uint64 (out, value->uint64);
      return TRUE;
    case ARBOR_KIND_DOUBLE:
      arbor_text_append_double (out, value->real);
      return TRUE;
    case ARBOR_KIND_NUMBER:
      arbor_buffer_append (out, value->text, value->length);
      return TRUE;
    case ARBOR_KIND_STRING:
      if (self->format.delimiter != 0)
        arbor_csv_append_cell (out, value->text, value->length, self->format.delimiter,
                               self->n == 1);
      else
        arbor_text_append_string (out, value->text, value->length);
      return TRUE;
    case ARBOR_KIND_NULL:
    case ARBOR_KIND_MISSING:
      if (self->format.delimiter != 0)
        arbor_csv_append_cell (out, NULL, 0, self->format.delimiter, self->n == 1);
      else
        arbor_buffer_append (out, "null", 4);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
append_record (ArborFieldText *self, guint32 place, ArborBuffer *out)
{
  ArborValue value;

  for (guint i = 0; i < self->n; i++)
    {
      const Field *field = &self->fields[i];

      if (i > 0)
        arbor_buffer_append_byte (out, (guint8) self->format.delimiter);
      arbor_series_get (&field->chunk, field->at + place, &value);
      if (!append_value (self, &value, out))
        return FALSE;
    }
  arbor_buffer_append (out, self->format.end, self->n_end);
  return TRUE;
}

static gboolean
append_object (ArborFieldText *self, guint32 place, ArborBuffer *out)
{
  gsize start = out->length;
  ArborValue value;

  for (guint i = 0; i < self->n; i++)
    {
      const Field *field = &self->fields[i];

      arbor_series_get (&field->chunk, field->at + place, &value);
      if (value.kind == ARBOR_KIND_MISSING)
        continue;
      arbor_buffer_append (out, field->key.data, field->key.length);
      if (!append_value (self, &value, out))
        return FALSE;
    }
  if (out->length == start)
    arbor_buffer_append_byte (out, '{');
  out->data[start] = '{';
  arbor_buffer_append (out, self->format.end, self->n_end);
  return TRUE;
}

static inline gboolean
append_row (ArborFieldText *self, guint32 place, ArborBuffer *out)
{
  gsize start = out->length;

  return (self->format.delimiter != 0 ? append_record (self, place, out)
                               : append_object (self, place, out)) &&
         out->length - start <= MAX_ROW;
}

guint32
arbor_field_text_next (ArborFieldText *self, gboolean is_first, ArborBuffer *out)
{
  guint32 n = fill (self), n_done = 0;
  gsize start = out->length;

  for (; n_done < n && out->length - start < MAX_STEP; n_done++, is_first = FALSE)
    {
      gsize before = out->length;

      if (is_first)
        arbor_buffer_append_literal (out, self->format.first);
      else
        arbor_buffer_append (out, self->format.between, self->n_between);
      if (!append_row (self, n_done, out))
        {
          out->length = before;
          break;
        }
    }
  for (guint i = 0; i < self->n; i++)
    self->fields[i].at += n_done;
  return n_done;
}
