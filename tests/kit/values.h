/* JSON texts as values that lie where a test wants them: on a tape, as text, in a batch. */

#pragma once

#include <string.h>

#include "base/arbor-tape.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-batch.h"
#include "batch/arbor-value-access.h"
#include "query/series/arbor-decider.h"

typedef struct
{
  char *text; /* padded */
  gsize length;
  ArborParser *parser;
  ArborTape tape;
  ArborBuffer written; /* the text as the library writes it */
} Document;

static inline void
document_free (gpointer data)
{
  Document *self = data;

  arbor_parser_free (self->parser);
  arbor_buffer_free (&self->written);
  g_free (self->text);
  g_free (self);
}

static inline Document *
document_new (const char *json)
{
  Document *self = g_new0 (Document, 1);
  gsize offset = 0;
  const char *reason = "";

  self->length = strlen (json);
  self->text = g_malloc0 (self->length + ARBOR_PARSER_PADDING);
  memcpy (self->text, json, self->length);
  self->parser = arbor_parser_new ();
  if (!arbor_parser_parse (self->parser, self->text, self->length, &self->tape, &offset, &reason))
    g_error ("%s at %" G_GSIZE_FORMAT " of %s", reason, offset, json);
  arbor_tape_write_json (&self->tape, ARBOR_TAPE_ROOT, &self->written);
  return self;
}

static inline ArborValue
document_on_tape (const Document *self)
{
  ArborValue value;

  arbor_tape_get_value (&self->tape, ARBOR_TAPE_ROOT, &value);
  return value;
}

/* Containers as overflow text, which is always the library's own writing: a number that is spelled
 * otherwise there is a NUMBER, whose digits were kept. */
static inline ArborValue
document_as_text (const Document *self)
{
  ArborValue value = document_on_tape (self);

  if (value.kind >= ARBOR_KIND_ARRAY)
    {
      value.holder_kind = ARBOR_HOLDER_TEXT;
      value.text = (const char *) self->written.data;
      value.length = (guint32) self->written.length;
    }
  return value;
}

/* A batch of many documents, one tree each. */
typedef struct
{
  GBytes *bytes;
  ArborBatch *batch;
} TestBatch;

static inline void
test_batch_init (TestBatch *self, Document *const *documents, guint n)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    arbor_batch_builder_add_tape (builder, &documents[i]->tape, ARBOR_TAPE_ROOT);
  self->bytes = arbor_batch_builder_finish (builder, &error);
  g_assert_no_error (error);
  self->batch = arbor_batch_open (g_bytes_get_data (self->bytes, NULL),
                                  g_bytes_get_size (self->bytes), &error);
  g_assert_no_error (error);
}

static inline void
test_batch_clear (TestBatch *self)
{
  arbor_batch_free (self->batch);
  g_bytes_unref (self->bytes);
}

static inline char *
value_to_json (const ArborValue *value, ArborScope *scope)
{
  ArborBuffer out = { 0 };

  arbor_value_write_json (value, scope, &out);
  arbor_buffer_append_byte (&out, 0);
  return (char *) out.data;
}

/* Which of the @n rows of a batch a filter keeps; @kept may be @rows. */
static inline guint32
test_batch_filter (const ArborBatch *batch, ArborNode *predicate, const guint32 *rows, guint32 n,
                   guint32 *kept)
{
  g_autoptr (ArborDecider) decider = arbor_decider_new (&predicate, 1);

  arbor_decider_set_batch (decider, batch, 0);
  n = arbor_decider_decide_rows (decider, rows, n, kept);
  g_assert_true (arbor_decider_check (decider, NULL));
  return n;
}
