/* Digests of a batch: each byte belongs to one, so that a batch can be checked in the parts in which it
 * is read. Those of the columns are of all bytes from the first buffer of a column to the first of the
 * next, and lie in the columns' records; that of the header is of everything before the first buffer,
 * these records among it. So whoever knows the digest of the header knows all bytes.
 *
 * Batches without ARBOR_BATCH_HAS_DIGESTS have one digest, of everything.
 */

#include "batch/arbor-batch-format.h"

#include <glib/gi18n-lib.h>
#include <xxhash.h>

#include "base/arbor-error.h"

#define MOST_BUFFERS 4u

typedef struct
{
  guint32 offset; /* 0: there is none */
  guint64 size;
} Buffer;

static Buffer
get_presence (const ArborColumnRecord *column)
{
  return (Buffer){ column->presence_offset,
                   column->presence == ARBOR_PRESENCE_BITMAP ? arbor_bitmap_size (column->n_rows)
                   : column->presence == ARBOR_PRESENCE_ROWS ? (guint64) column->n_values * 4
                                                             : 0 };
}

/* Those that the encoding has, as they follow each other: what other fields say was not checked. */
static void
list_buffers (const ArborColumnRecord *column, const ArborLaneRecord *lane, Buffer *buffers)
{
  gboolean is_dictionary = lane->encoding == ARBOR_ENCODING_DICTIONARY;
  gboolean has_spans = is_dictionary || lane->encoding == ARBOR_ENCODING_SPANS ||
                       lane->encoding == ARBOR_ENCODING_RUNS;

  memset (buffers, 0, MOST_BUFFERS * sizeof *buffers);
  if (lane->slots_offset != 0)
    buffers[0] = (Buffer){ lane->slots_offset, arbor_bitmap_size (column->n_values) };
  if (lane->encoding != ARBOR_ENCODING_RUNS)
    buffers[1] = (Buffer){ lane->offset_a, lane->size_a };
  if (has_spans)
    buffers[2] = (Buffer){ lane->offset_b, lane->size_b };
  if (is_dictionary)
    buffers[3] = (Buffer){ lane->offset_c, lane->size_c };
}

/* The first buffer of a column; 0: it has none. */
static guint32
find_start (const ArborBatch *self, guint32 column)
{
  const ArborColumnRecord *record = &self->columns[column];
  guint32 start = get_presence (record).offset;

  for (guint i = 0; i < record->n_lanes && start == 0; i++)
    {
      Buffer buffers[MOST_BUFFERS];

      list_buffers (record, &self->lanes[record->first_lane + i], buffers);
      for (guint j = 0; j < MOST_BUFFERS && start == 0; j++)
        start = buffers[j].offset;
    }
  return start;
}

/* Columns without buffers are passed over once by the column before them. */
gboolean
arbor_batch_get_extent (const ArborBatch *self, guint32 column, guint32 *start, guint32 *end)
{
  *start = find_start (self, column);
  *end = 0;
  if (*start == 0)
    return FALSE;
  for (guint32 next = column + 1; next < self->header->n_columns && *end == 0; next++)
    *end = find_start (self, next);
  if (*end == 0)
    *end = (guint32) self->size;
  return *end > *start; /* it is not in an older batch that is damaged */
}

/* Whether the buffer begins where the one before it has ended, or later. */
static gboolean
pass (guint64 *end, Buffer buffer)
{
  if (buffer.offset == 0)
    return TRUE;
  if (buffer.offset < *end)
    return FALSE;
  *end = buffer.offset + buffer.size;
  return TRUE;
}

gboolean
arbor_batch_check_order (const ArborBatch *self)
{
  guint32 first = 0;
  guint64 end = self->header->data_offset;

  for (guint32 i = 0; i < self->header->n_columns; i++)
    {
      const ArborColumnRecord *column = &self->columns[i];

      if (first == 0)
        first = find_start (self, i);
      if (!pass (&end, get_presence (column)))
        return FALSE;
      for (guint j = 0; j < column->n_lanes; j++)
        {
          Buffer buffers[MOST_BUFFERS];

          list_buffers (column, &self->lanes[column->first_lane + j], buffers);
          for (guint k = 0; k < MOST_BUFFERS; k++)
            if (!pass (&end, buffers[k]))
              return FALSE;
        }
    }
  return first == 0 || first == self->header->data_offset;
}

static gboolean
has_buffers (const ArborBatch *self)
{
  for (guint32 i = 0; i < self->header->n_columns; i++)
    if (find_start (self, i) != 0)
      return TRUE;
  return FALSE;
}

guint64
arbor_batch_compute_digest (const ArborBatch *self)
{
  gboolean has_digests = (self->header->flags & ARBOR_BATCH_HAS_DIGESTS) != 0;
  gsize end = has_digests && has_buffers (self) ? self->header->data_offset : self->size;

  return XXH3_64bits_withSeed (self->data + sizeof (ArborBatchHeader),
                               end - sizeof (ArborBatchHeader),
                               XXH3_64bits (self->data, ARBOR_BATCH_DIGEST_OFFSET));
}

static guint64
compute_column_digest (const ArborBatch *self, guint32 column)
{
  guint32 start, end;

  if (!arbor_batch_get_extent (self, column, &start, &end))
    return 0;
  return XXH3_64bits_withSeed (self->data + start, end - start, column);
}

gboolean
arbor_batch_column_has_digest (const ArborBatch *self, guint32 column)
{
  return (self->header->flags & ARBOR_BATCH_HAS_DIGESTS) == 0 ||
         compute_column_digest (self, column) == self->columns[column].digest;
}

void
arbor_batch_seal (guint8 *data, gsize size)
{
  ArborBatchHeader *header = (ArborBatchHeader *) (gpointer) data;
  ArborColumnRecord *columns = (ArborColumnRecord *) (gpointer) (header + 1);
  ArborBatch batch = { .data = data, .size = size, .header = header, .columns = columns };

  batch.lanes = (const ArborLaneRecord *) (columns + header->n_columns);
  if ((header->flags & ARBOR_BATCH_HAS_DIGESTS) != 0)
    for (guint32 i = 0; i < header->n_columns; i++)
      columns[i].digest = compute_column_digest (&batch, i);
  header->digest = arbor_batch_compute_digest (&batch);
}

/* The path of a column, for messages. */
char *
arbor_batch_dup_path (const ArborBatch *self, guint32 column)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (; column != 0; column = self->columns[column].parent)
    {
      guint32 length;
      const char *key = arbor_batch_get_key (self, column, &length);

      if (path->len > 0 && path->str[0] != '[')
        g_string_prepend_c (path, '.');
      if (key == NULL)
        g_string_prepend (path, "[*]");
      else
        g_string_prepend_len (path, key, length);
    }
  return g_utf8_make_valid (path->len > 0 ? path->str : "$", -1);
}

gboolean
arbor_batch_check_bytes (const ArborBatch *self, GError **error)
{
  if ((self->header->flags & ARBOR_BATCH_HAS_DIGESTS) == 0)
    {
      if (arbor_batch_compute_digest (self) == self->header->digest)
        return TRUE;
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                   _("Damaged batch: its bytes do not have the digest that its header gives"));
      return FALSE;
    }
  for (guint32 i = 0; i < self->header->n_columns; i++)
    if (!arbor_batch_column_has_digest (self, i))
      {
        g_autofree char *path = arbor_batch_dup_path (self, i);

        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                     _("Damaged batch: the bytes of column '%s' do not have their digest"), path);
        return FALSE;
      }
  return TRUE;
}

/* Checks */

ArborBatchChecks *
arbor_batch_checks_new (const ArborBatch *of, guint64 id, ArborBatchTell tell, gpointer data)
{
  gsize n = (gsize) of->header->n_columns + 1;
  ArborBatchChecks *self = g_malloc0 (sizeof *self + n);

  g_atomic_ref_count_init (&self->ref_count);
  self->id = id;
  self->tell = tell;
  self->data = data;
  self->n_states = n;
  return self;
}

ArborBatchChecks *
arbor_batch_checks_ref (ArborBatchChecks *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_batch_checks_unref (ArborBatchChecks *self)
{
  if (g_atomic_ref_count_dec (&self->ref_count))
    g_free (self);
}

gboolean
arbor_batch_checks_is_last (ArborBatchChecks *self)
{
  return g_atomic_ref_count_compare (&self->ref_count, 1);
}

gboolean
arbor_batch_set_checks (ArborBatch *self, ArborBatchChecks *checks)
{
  if (checks->n_states != (gsize) self->header->n_columns + 1)
    return FALSE;
  g_assert (self->checks == NULL);
  g_free (self->column_states);
  self->checks = arbor_batch_checks_ref (checks);
  self->column_states = checks->states;
  return TRUE;
}

void
arbor_batch_tell (const ArborBatch *self, guint32 column)
{
  g_autofree char *path = NULL;

  if (self->checks == NULL)
    return;
  path = arbor_batch_dup_path (self, column);
  self->checks->tell (self->checks->data, self->checks->id, path);
}
