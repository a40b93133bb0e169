/* The rows of a view as text, in its order. See arbor-export-private.h. Where trees are strewn over
 * batches they are written batch by batch, for a writer is at home in one batch, and their texts are
 * then put in order. Where that fails, or takes much memory, they are written in order, so that what is
 * told is told of the first tree that has it.
 *
 * Many rows are written by several threads, a piece of them each into memory of its own, wave by wave;
 * the thread that was asked then hands them on in order. Where a piece fails, the rows before that are
 * handed on, and the others written in order.
 */

#include "query/export/arbor-export-private.h"

#include "base/arbor-pool.h"
#include "base/arbor-stop.h"
#include "query/view/arbor-share.h"
#include "query/view/arbor-trees.h"

#define WRITE_SIZE (256u * 1024u) /* bytes handed to a stream at once */
#define N_SAMPLED 1024u           /* trees whose text tells how long all of it will be */
#define MAX_EXPANSION 16u         /* bytes of text for one of a batch, which are believed */
#define MAX_STREWN (32u * 1024u * 1024u) /* bytes of texts that are put in order at once */
#define CHECK_EACH 1024u          /* rows */
#define FIRST_PIECE 1024u         /* rows that a thread writes at once, before it is known how long they are */
#define PIECE_SIZE  (2u * 1024u * 1024u) /* bytes that these are to have */
#define MAX_PIECE_SIZE (4u * PIECE_SIZE) /* where they have more, they end sooner */
#define PIECES_EACH 2u            /* of a thread, in a wave */

typedef struct
{
  ArborExport *out;
  const ArborRowText *text;
  guint64 n_rows;      /* written so far */
  ArborSource *source; /* of which all is written, or NULL */
  ArborAccess *access;
  GCancellable *cancellable;
  ArborScope *scope;   /* of a row */
  ArborBuffer strewn;
  gboolean is_piece;   /* of what is written by several threads */
  gsize length;        /* of a piece: the text of whole rows */
  ArborFieldText *fields; /* NULL: trees are written */
} Rows;

/* A row of a run, and where its text lies. */
typedef struct
{
  const ArborBatch *batch;
  guint32 row;
  guint32 length;
  gsize start;
} Place;

void
arbor_export_clear (ArborExport *self)
{
  arbor_buffer_free (&self->text);
  arbor_charge_release (&self->charge);
}

/* Text that stays takes of the query memory: LIMIT, not an abort, where there is no more. */
static gboolean
charge_text (ArborExport *self, GError **error)
{
  self->charge.operation = "text of trees";
  return self->stream != NULL ||
         arbor_charge_add (&self->charge, self->text.length - self->charge.n_bytes, error);
}

gboolean
arbor_export_flush (ArborExport *self, gboolean is_end, GCancellable *cancellable, GError **error)
{
  if (self->stream == NULL || self->text.length == 0 ||
      (!is_end && self->text.length < WRITE_SIZE))
    return TRUE;
  if (!g_output_stream_write_all (self->stream, self->text.data, self->text.length, NULL,
                                  cancellable, error))
    return FALSE;
  arbor_buffer_clear (&self->text);
  return TRUE;
}

/* Text that grows in memory step by step is moved, page by page, with each step. */
static void
expect_text (Rows *self)
{
  guint64 n_trees = arbor_source_get_n_trees (self->source);
  guint64 most = arbor_source_get_n_bytes (self->source) * MAX_EXPANSION;
  double n_rows = (double) self->n_rows;
  double wanted = (double) self->out->text.length / n_rows * ((double) n_trees - n_rows) * 1.05;

  if (wanted > 0)
    arbor_buffer_expect (&self->out->text, (gsize) MIN (wanted, (double) most));
}

static void
begin_row (Rows *self)
{
  arbor_buffer_append_literal (&self->out->text,
                               self->n_rows > 0 ? self->text->between : self->text->first);
}

/* In the thread that was asked: pieces are told of when they are handed on. */
static void
tell (const Rows *self)
{
  if (!self->is_piece)
    arbor_stop_tell (self->n_rows,
                     self->source != NULL ? arbor_source_get_n_trees (self->source) : 0);
}

static gboolean
end_rows (Rows *self, guint32 n, GError **error)
{
  guint64 before = self->n_rows;

  self->n_rows += n;
  self->length = self->out->text.length;
  if (self->is_piece && self->length > MAX_PIECE_SIZE)
    return FALSE;
  if (before < N_SAMPLED && self->n_rows >= N_SAMPLED && self->out->stream == NULL &&
      self->source != NULL)
    expect_text (self);
  if (self->n_rows / CHECK_EACH > before / CHECK_EACH)
    {
      if (!arbor_access_check (self->access, self->cancellable, error) ||
          !charge_text (self->out, error))
        return FALSE;
      tell (self);
    }
  return arbor_export_flush (self->out, FALSE, self->cancellable, error);
}

static inline gboolean
write_row (Rows *self, const ArborBatch *batch, guint32 row, guint64 n, ArborBuffer *out,
           GError **error)
{
  gboolean is_good = self->text->write (self->text->data, batch, row, n, self->scope, out, error) &&
                     arbor_scope_check (self->scope, error);

  arbor_scope_reset (self->scope);
  return is_good;
}

/* Rows that follow each other */

static gboolean
write_in_order (Rows *self, const ArborBatch *batch, guint32 row, GError **error)
{
  begin_row (self);
  return write_row (self, batch, row, self->n_rows, &self->out->text, error) &&
         end_rows (self, 1, error);
}

/* Strewn ones */

/* FALSE: not so. */
static gboolean
write_by_batch (Rows *self, const ArborRows *rows, Place *places)
{
  arbor_buffer_clear (&self->strewn);
  for (guint32 i = 0; i < rows->n_stretches; i++)
    {
      const ArborStretch *stretch = &rows->stretches[i];

      for (guint32 j = 0; j < stretch->n; j++)
        {
          Place *place = &places[stretch->places[j]];

          place->start = self->strewn.length;
          if (place->start > MAX_STREWN ||
              !write_row (self, place->batch, place->row, self->n_rows + stretch->places[j],
                          &self->strewn, NULL))
            return FALSE;
          place->length = (guint32) (self->strewn.length - place->start);
        }
    }
  return TRUE;
}

static gboolean
put_in_order (Rows *self, const Place *places, guint32 n, GError **error)
{
  for (guint32 i = 0; i < n; i++)
    {
      begin_row (self);
      arbor_buffer_append (&self->out->text, self->strewn.data + places[i].start, places[i].length);
      if (!end_rows (self, 1, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_run (Rows *self, const ArborRows *rows, ArborScope *scope, GError **error)
{
  Place *places = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *places);

  for (guint32 i = 0; i < rows->n_stretches; i++)
    {
      const ArborStretch *stretch = &rows->stretches[i];

      for (guint32 j = 0; j < stretch->n; j++)
        places[stretch->places[j]] = (Place){ .batch = stretch->batch, .row = stretch->rows[j] };
    }
  if (write_by_batch (self, rows, places))
    return put_in_order (self, places, rows->n, error);
  for (guint32 i = 0; i < rows->n; i++)
    if (!write_in_order (self, places[i].batch, places[i].row, error))
      return FALSE;
  return TRUE;
}

/* Field by field. FALSE without an error: the next row does not go so, or the piece is long enough. */
static gboolean
write_fields (Rows *self, const ArborRows *rows, GError **error)
{
  guint32 n, n_done = 0;

  arbor_field_text_forget (self->fields);
  arbor_field_text_begin (self->fields, rows);
  for (; n_done < rows->n; n_done += n)
    {
      n = arbor_field_text_next (self->fields, self->n_rows == 0, &self->out->text);
      if (n == 0 || !end_rows (self, n, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Rows *self = data;

  if (self->fields != NULL)
    return write_fields (self, rows, error);
  self->text->forget (self->text->data);
  if (rows->batch == NULL)
    return write_run (self, rows, scope, error);
  for (guint32 i = 0; i < rows->n; i++)
    if (!write_in_order (self, rows->batch, arbor_rows_get (rows, i), error))
      return FALSE;
  return TRUE;
}

/* By several threads */

/* What a thread writes in a wave. Writers are kept from wave to wave. */
typedef struct
{
  ArborExport out;
  ArborRowText text;
  ArborFieldText *fields;
  ArborScope *scope;
  guint64 position;
  guint32 n;       /* rows that are to be written */
  guint64 n_rows;  /* that were */
  gsize length;    /* of their text */
} Piece;

typedef struct
{
  ArborSelection *selection;
  ArborAccess *access;
  GCancellable *cancellable;
  Piece *pieces;
  guint n_pieces;
} Wave;

static void
write_piece (guint32 task, gpointer data)
{
  const Wave *wave = data;
  Piece *self = &wave->pieces[task];
  Rows rows = { .out = &self->out,
                .text = &self->text,
                .n_rows = self->position,
                .access = wave->access,
                .cancellable = wave->cancellable,
                .scope = self->scope,
                .fields = self->fields,
                .is_piece = TRUE };
  guint32 n_read;

  arbor_buffer_clear (&self->out.text);
  arbor_charge_release (&self->out.charge);
  arbor_trees_read_content_runs (wave->selection, wave->access, self->position, self->n,
                                 write_rows, &rows, &n_read, wave->cancellable, NULL);
  arbor_buffer_free (&rows.strewn);
  self->n_rows = rows.n_rows - self->position;
  self->length = rows.length;
}

/* The text of a piece that comes next. */
static gboolean
hand_on (Rows *self, const Piece *piece, GError **error)
{
  arbor_buffer_append (&self->out->text, piece->out.text.data, piece->length);
  self->n_rows += piece->n_rows;
  tell (self);
  return charge_text (self->out, error) &&
         arbor_export_flush (self->out, FALSE, self->cancellable, error);
}

/* Rows from where @self is. *@goes_on FALSE: one of them failed. */
static gboolean
write_wave (Rows *self, Wave *wave, guint64 n_trees, guint32 n_each, gboolean *goes_on,
            GError **error)
{
  gboolean is_whole = TRUE;
  guint64 position = self->n_rows;
  gboolean is_good = TRUE;
  guint n = 0;

  for (; n < wave->n_pieces && position < n_trees; position += wave->pieces[n++].n)
    {
      wave->pieces[n].position = position;
      wave->pieces[n].n = (guint32) MIN (n_each, n_trees - position);
    }
  arbor_pool_run (n, write_piece, wave);
  for (guint i = 0; i < n && is_whole && is_good; i++)
    {
      is_good = hand_on (self, &wave->pieces[i], error);
      is_whole = wave->pieces[i].n_rows == wave->pieces[i].n;
      /* What is too long goes on with shorter pieces. */
      *goes_on = is_whole || wave->pieces[i].length > MAX_PIECE_SIZE;
    }
  return is_good;
}

static void
init_wave (Wave *self, const Rows *rows)
{
  self->n_pieces = PIECES_EACH * arbor_pool_get_n_threads ();
  self->pieces = g_new0 (Piece, self->n_pieces);
  for (guint i = 0; i < self->n_pieces; i++)
    {
      Piece *piece = &self->pieces[i];

      piece->text = *rows->text;
      piece->text.data = rows->text->copy (rows->text->data);
      piece->fields = rows->fields != NULL ? arbor_field_text_copy (rows->fields) : NULL;
      piece->scope = arbor_scope_new ();
    }
}

static void
clear_wave (Wave *self)
{
  for (guint i = 0; i < self->n_pieces; i++)
    {
      Piece *piece = &self->pieces[i];

      piece->text.free (piece->text.data);
      arbor_field_text_free (piece->fields);
      arbor_scope_free (piece->scope);
      arbor_export_clear (&piece->out);
    }
  g_free (self->pieces);
}

/* By how long those of the last wave are. */
static guint32
choose_n_each (const Wave *self)
{
  guint64 n_rows = 0, n_bytes = 1;

  for (guint i = 0; i < self->n_pieces; i++)
    {
      n_rows += self->pieces[i].n_rows;
      n_bytes += self->pieces[i].length;
    }
  return (guint32) CLAMP (PIECE_SIZE * n_rows / n_bytes, 1, ARBOR_BATCH_MAX_TREES);
}

/* As many rows as that goes well for. FALSE: what is handed on could not be taken. */
static gboolean
write_shared (Rows *self, ArborSelection *selection, GError **error)
{
  Wave wave = { .selection = selection, .access = self->access, .cancellable = self->cancellable };
  gboolean goes_on = TRUE, is_good = TRUE;
  guint32 n_each = FIRST_PIECE;
  guint64 n_trees;

  /* What has not been made is made as it is written. */
  if (!arbor_source_is_computed (self->access->source) ||
      !arbor_trees_can_share (selection, self->access, &n_trees, self->cancellable))
    return TRUE;
  init_wave (&wave, self);
  while (is_good && goes_on && self->n_rows < n_trees)
    {
      gboolean is_first = self->n_rows == 0;

      is_good = write_wave (self, &wave, n_trees, n_each, &goes_on, error);
      n_each = choose_n_each (&wave);
      if (is_first && self->n_rows > 0 && self->out->stream == NULL && self->source != NULL)
        expect_text (self);
    }
  clear_wave (&wave);
  return is_good;
}

/* From where @self is on. */
static gboolean
write_all (Rows *self, ArborSelection *selection, GError **error)
{
  guint32 n_read;

  return write_shared (self, selection, error) &&
         arbor_trees_read_content_runs (selection, self->access, self->n_rows, G_MAXUINT32,
                                        write_rows, self, &n_read, self->cancellable, error);
}

/* As many as go so. FALSE: no others are to be written. */
static gboolean
write_by_fields (Rows *self, gboolean *is_done, GError **error)
{
  const ArborExportFields *of = self->text->fields;
  g_autoptr (ArborFieldText) fields = arbor_field_text_new (of, &self->text->format);
  ArborAccess access = of->access;
  Rows rows = *self;
  GError *failure = NULL;

  rows.fields = fields;
  rows.access = &access;
  rows.source = arbor_selection_is_all (of->trace.selection) ? access.source : NULL;
  *is_done = write_all (&rows, of->trace.selection, &failure);
  self->n_rows = rows.n_rows;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

gboolean
arbor_export_write_rows (ArborExport *self, const ArborView *view, ArborAccess *access,
                         const ArborRowText *text, guint64 *n_rows, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Rows rows = { .out = self,
                .text = text,
                .access = access,
                .cancellable = cancellable,
                .scope = scope };
  gboolean is_done = FALSE;

  if (arbor_selection_is_all (view->selection))
    rows.source = view->source;
  if (text->fields != NULL && !write_by_fields (&rows, &is_done, error))
    return FALSE;
  is_done = is_done || write_all (&rows, view->selection, error);
  arbor_buffer_free (&rows.strewn);
  *n_rows = rows.n_rows;
  if (is_done)
    arbor_stop_tell (rows.n_rows, rows.n_rows);
  return is_done;
}
