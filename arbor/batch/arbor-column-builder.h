/* One column under construction: the values that came so far, lane by lane, in buffers that are
 * kept from batch to batch. Values come in row order; rows without one are simply skipped.
 *
 * Strings begin in a dictionary: codes, and the distinct strings in the text buffer. The column
 * leaves it for good, in this batch, when many values have shown that most are distinct.
 */

#pragma once

#include "base/arbor-buffer.h"
#include "batch/arbor-batch-format.h"

G_BEGIN_DECLS

#define ARBOR_KEY_NOT_PLAIN G_MAXUINT32

/* After so many strings, a dictionary must be worth it: every second string repeats, or the distinct
 * ones have less than half of the bytes. So leaving it early at most doubles the bytes. */
#define ARBOR_DICTIONARY_TRIAL 4096u

typedef struct
{
  ArborBuffer bytes;
  ArborBuffer lengths; /* guint32 */
} ArborTextLane;

/* 64 rows of which at least one has a value. A bitmap would grow with the rows, of which an array
 * can have millions: this grows with the values. */
typedef struct
{
  guint64 index; /* of the word in the bitmap */
  guint64 bits;
} ArborPresenceWord;

typedef struct
{
  /* What a walk over keys looks at comes first: one cache line. */
  guint32 key;          /* of the builder's keys; ARBOR_NO_COLUMN for the root and for elements */
  guint32 key_start;    /* of its text, in the builder's key_bytes */
  guint32 plain_length; /* of its text, when JSON text can have it as it is; else NOT_PLAIN */
  guint32 follower;     /* the field that came after this one in its object last time */
  guint32 opener;       /* the field that came first in an object of this column last time */
  guint32 elements;     /* column of the elements, ARBOR_NO_COLUMN before the first one */
  guint64 stamp;        /* serial of the object that had this field last: finds duplicate keys */
  guint32 depth;        /* the root's is 0 */
  guint32 last_row;

  guint32 first_field; /* fields in order of encounter, linked by next_field */
  guint32 last_field;
  guint32 next_field;
  guint32 n_fields;

  guint32 n_rows; /* set when the batch is finished */
  guint32 n_values;
  guint32 n_kind[ARBOR_N_LANE_KINDS];
  gboolean has_gaps;
  ArborBuffer presence; /* ArborPresenceWord, once has_gaps */
  gboolean is_mixed;    /* more than one lane or null seen: tags are kept */
  ArborBuffer tags;     /* lane kind of each value, once is_mixed */

  ArborBuffer bools;   /* guint8 */
  ArborBuffer ints;    /* gint64 */
  ArborBuffer uints;   /* guint64 */
  ArborBuffer doubles; /* double */
  ArborTextLane numbers;
  ArborTextLane overflow;
  ArborBuffer arrays;  /* guint32 lengths */
  guint32 n_elements;
  ArborBuffer shapes; /* guint32 ids, as the batch builder numbers them */
  guint32 last_shape;
  gboolean has_shapes; /* more than one: ids are needed */

  ArborTextLane strings; /* all of them, or the distinct ones */
  ArborTextLane spare;   /* where they are written out when the dictionary is left */
  gboolean has_left_dictionary;
  ArborBuffer codes;      /* guint32, while in the dictionary */
  ArborBuffer starts;     /* guint32: where each distinct string begins in strings.bytes */
  guint64 *slots;         /* open addressing: hash << 32 | code + 1, 0 is free */
  guint32 n_slots;        /* a power of two */
  guint64 n_string_bytes; /* of all strings, distinct or not */

  guint32 n_measured; /* ints seen by arbor_column_builder_measure */
  gint64 int_min, int_max;
} ArborColumnBuilder;

void arbor_column_builder_reset (ArborColumnBuilder *self, guint32 key, guint32 depth);
void arbor_column_builder_clear (ArborColumnBuilder *self); /* frees the buffers */

/* Notes that @row has a value of @kind (ArborKind or ARBOR_LANE_OVERFLOW); the value follows. */
void arbor_column_builder_add_gap (ArborColumnBuilder *self, guint32 row);
void arbor_column_builder_add_tag (ArborColumnBuilder *self, guint8 kind);

static inline void
arbor_column_builder_begin_value (ArborColumnBuilder *self, guint32 row, guint8 kind)
{
  if (G_UNLIKELY (self->has_gaps || row != self->n_values))
    arbor_column_builder_add_gap (self, row);
  if (G_UNLIKELY (self->is_mixed || self->n_kind[kind] != self->n_values))
    arbor_column_builder_add_tag (self, kind);
  self->n_kind[kind]++;
  self->n_values++;
  self->last_row = row;
}

static inline void
arbor_column_builder_add_word (ArborBuffer *lane, guint64 word)
{
  memcpy (arbor_buffer_reserve (lane, 8), &word, 8);
  lane->length += 8;
}

static inline void
arbor_column_builder_add_u32 (ArborBuffer *lane, guint32 number)
{
  memcpy (arbor_buffer_reserve (lane, 4), &number, 4);
  lane->length += 4;
}

/* Short ones without a call: most strings of data are. */
static inline void
arbor_copy_text (guint8 *out, const char *text, guint32 length)
{
  guint64 head, tail;

  if (length > 64)
    memcpy (out, text, length);
  else if (length > 32)
    {
      memcpy (out, text, 32);
      memcpy (out + length - 32, text + length - 32, 32);
    }
  else if (length > 16)
    {
      memcpy (out, text, 16);
      memcpy (out + length - 16, text + length - 16, 16);
    }
  else if (length >= 8)
    {
      memcpy (&head, text, 8);
      memcpy (&tail, text + length - 8, 8);
      memcpy (out, &head, 8);
      memcpy (out + length - 8, &tail, 8);
    }
  else if (length >= 4)
    {
      memcpy (out, text, 4);
      memcpy (out + length - 4, text + length - 4, 4);
    }
  else
    for (guint32 i = 0; i < length; i++)
      out[i] = (guint8) text[i];
}

static inline void
arbor_text_lane_add (ArborTextLane *lane, const char *text, guint32 length)
{
  arbor_copy_text (arbor_buffer_reserve (&lane->bytes, length), text, length);
  lane->bytes.length += length;
  arbor_column_builder_add_u32 (&lane->lengths, length);
}

/* Returns about how many encoded bytes the string adds. */
guint32 arbor_column_builder_add_string (ArborColumnBuilder *self, const char *text,
                                         guint32 length);

/* Several values at once: of the rows @row .. @row + @n_rows - 1, all of which come after the last
 * one, those that @present (NULL: all) has have a value, @n_values of them. Their kinds are @tags, or
 * all are of @kind. The values follow, lane by lane. */
void arbor_column_builder_begin_values (ArborColumnBuilder *self, guint32 row, guint32 n_rows,
                                        const guint64 *present, guint32 n_values, guint8 kind,
                                        const guint8 *tags);

/* @n strings, one after the other at @text; how many bytes they add to the raw size. */
gsize arbor_column_builder_add_strings (ArborColumnBuilder *self, const char *text,
                                        const guint32 *lengths, guint32 n);

/* Strings that are known by a number, as those of another batch's dictionary are: each is looked up
 * once for a column. String i lies at @starts[i] to @starts[i + 1]. */
typedef struct
{
  const char *text;
  guint32 *starts;
  guint32 *codes;      /* of the column; ARBOR_NO_COLUMN where it was not met */
  guint64 n_new_bytes; /* what those that were not met may add to the raw size, beside a byte each time */
} ArborStringTable;

gsize arbor_column_builder_add_numbered (ArborColumnBuilder *self, const guint32 *numbers, guint32 n,
                                         ArborStringTable *table);

/* Whether @n strings more leave it its dictionary for sure. */
static inline gboolean
arbor_column_builder_keeps_dictionary (const ArborColumnBuilder *self, guint32 n)
{
  gsize n_codes = self->codes.length / 4;

  return !self->has_left_dictionary &&
         (n_codes >= ARBOR_DICTIONARY_TRIAL || n_codes + n < ARBOR_DICTIONARY_TRIAL);
}

/* Writes all strings out and forgets the dictionary. */
void arbor_column_builder_leave_dictionary (ArborColumnBuilder *self);

/* About how many bytes the column will take, encoded. */
gsize arbor_column_builder_measure (ArborColumnBuilder *self);

/* Bytes of an unsigned number up to @max: 0, 1, 2, 4 or 8. */
guint arbor_unsigned_width (guint64 max);

G_END_DECLS
