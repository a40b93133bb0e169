/* See arbor-column-builder.h. */

#include "batch/arbor-column-builder.h"

#include <xxhash.h>

#include "batch/arbor-batch-pack.h"

/* After so many strings, a dictionary must be worth it: every second string repeats, or the distinct
 * ones have less than half of the bytes. So leaving it early at most doubles the bytes. */
#define DICTIONARY_TRIAL 4096u

/* All growing buffers of a column. */
#define N_BUFFERS 18

static void
list_buffers (ArborColumnBuilder *self, ArborBuffer *buffers[N_BUFFERS])
{
  ArborBuffer *all[N_BUFFERS] = {
    &self->presence,      &self->tags,            &self->bools,          &self->ints,
    &self->uints,         &self->doubles,         &self->numbers.bytes,  &self->numbers.lengths,
    &self->arrays,        &self->overflow.bytes,  &self->overflow.lengths, &self->shapes,
    &self->strings.bytes, &self->strings.lengths, &self->spare.bytes,    &self->spare.lengths,
    &self->codes,         &self->starts,
  };

  memcpy (buffers, all, sizeof all);
}

void
arbor_column_builder_reset (ArborColumnBuilder *self, guint32 key, guint32 depth)
{
  ArborBuffer *buffers[N_BUFFERS];

  list_buffers (self, buffers);
  for (guint i = 0; i < N_BUFFERS; i++)
    arbor_buffer_clear (buffers[i]);
  if (self->slots != NULL)
    memset (self->slots, 0, (gsize) self->n_slots * sizeof *self->slots);
  memset (self->n_kind, 0, sizeof self->n_kind);
  self->key = key;
  self->key_start = 0;
  self->plain_length = ARBOR_KEY_NOT_PLAIN;
  self->depth = depth;
  self->first_field = self->last_field = self->next_field = ARBOR_NO_COLUMN;
  self->elements = self->follower = self->opener = ARBOR_NO_COLUMN;
  self->last_shape = ARBOR_NO_COLUMN;
  self->n_fields = self->n_rows = self->n_values = self->last_row = self->n_elements = 0;
  self->stamp = 0;
  self->has_gaps = self->is_mixed = self->has_left_dictionary = self->has_shapes = FALSE;
  self->n_string_bytes = 0;
  self->n_measured = 0;
  self->int_min = G_MAXINT64;
  self->int_max = G_MININT64;
}

void
arbor_column_builder_clear (ArborColumnBuilder *self)
{
  ArborBuffer *buffers[N_BUFFERS];

  list_buffers (self, buffers);
  for (guint i = 0; i < N_BUFFERS; i++)
    arbor_buffer_free (buffers[i]);
  g_clear_pointer (&self->slots, g_free);
}

static void
add_presence_word (ArborColumnBuilder *self, guint64 index, guint64 bits)
{
  ArborPresenceWord word = { .index = index, .bits = bits };

  arbor_buffer_append (&self->presence, &word, sizeof word);
}

void
arbor_column_builder_add_gap (ArborColumnBuilder *self, guint32 row)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << (row % 64);
  ArborPresenceWord *last = NULL;

  if (!self->has_gaps)
    {
      /* Rows 0 .. n_values - 1 have had one each. */
      for (guint32 i = 0; i < self->n_values / 64; i++)
        add_presence_word (self, i, G_MAXUINT64);
      if (self->n_values % 64 != 0)
        add_presence_word (self, self->n_values / 64,
                           (G_GUINT64_CONSTANT (1) << (self->n_values % 64)) - 1);
      self->has_gaps = TRUE;
    }

  if (self->presence.length > 0)
    last = (ArborPresenceWord *) (gpointer) (self->presence.data + self->presence.length) - 1;
  if (last != NULL && last->index == row / 64)
    last->bits |= bit;
  else
    add_presence_word (self, row / 64, bit);
}

void
arbor_column_builder_add_tag (ArborColumnBuilder *self, guint8 kind)
{
  if (!self->is_mixed)
    {
      guint8 only = 0;

      while (self->n_kind[only] == 0)
        only++;
      memset (arbor_buffer_reserve (&self->tags, self->n_values), only, self->n_values);
      self->tags.length = self->n_values;
      self->is_mixed = TRUE;
    }
  arbor_buffer_append_byte (&self->tags, kind);
}

static const char *
get_distinct (ArborColumnBuilder *self, guint32 code, guint32 *length)
{
  guint32 start = ((const guint32 *) self->starts.data)[code];

  *length = ((const guint32 *) self->strings.lengths.data)[code];
  return (const char *) self->strings.bytes.data + start;
}

static guint32
get_n_distinct (ArborColumnBuilder *self)
{
  return (guint32) (self->starts.length / 4);
}

/* Where to look for a string, and the upper half of what lies there: cheap for short ones. Which
 * slot it is has no influence on the bytes of the batch. */
static inline guint64
hash_text (const char *text, guint32 length)
{
  guint64 head = 0, tail = 0;

  if (length > 16)
    return XXH3_64bits (text, length);
  if (length >= 8)
    {
      memcpy (&head, text, 8);
      memcpy (&tail, text + length - 8, 8);
    }
  else if (length >= 4)
    {
      memcpy (&head, text, 4);
      memcpy (&tail, text + length - 4, 4);
    }
  else if (length > 0)
    {
      head = (guint64) (guint8) text[0] << 16 | (guint64) (guint8) text[length / 2] << 8 |
             (guint8) text[length - 1];
    }
  /* A multiplication moves bits up only: what is above is folded down before and after. */
  head = (head ^ head >> 32 ^ length) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
  head ^= head >> 29 ^ tail;
  head = (head ^ head >> 32) * G_GUINT64_CONSTANT (0xD6E8FEB86659FD93);
  return head ^ head >> 29;
}

static inline gboolean
is_same_text (const char *a, const char *b, guint32 length)
{
  guint64 x = 0, y = 0, v = 0, w = 0;

  if (length > 16)
    return memcmp (a, b, length) == 0;
  if (length < 4)
    {
      for (guint32 i = 0; i < length; i++)
        x |= (guint64) (a[i] ^ b[i]);
      return x == 0;
    }
  if (length < 8)
    {
      memcpy (&x, a, 4);
      memcpy (&y, b, 4);
      memcpy (&v, a + length - 4, 4);
      memcpy (&w, b + length - 4, 4);
      return ((x ^ y) | (v ^ w)) == 0;
    }
  memcpy (&x, a, 8);
  memcpy (&y, b, 8);
  memcpy (&v, a + length - 8, 8);
  memcpy (&w, b + length - 8, 8);
  return ((x ^ y) | (v ^ w)) == 0;
}

static void
grow_slots (ArborColumnBuilder *self)
{
  guint32 n_distinct = get_n_distinct (self);

  self->n_slots = MAX (256, self->n_slots * 2);
  self->slots = g_renew (guint64, self->slots, self->n_slots);
  memset (self->slots, 0, (gsize) self->n_slots * sizeof *self->slots);
  for (guint32 code = 0; code < n_distinct; code++)
    {
      guint32 length;
      const char *text = get_distinct (self, code, &length);
      guint64 hash = hash_text (text, length);
      guint32 slot = (guint32) hash & (self->n_slots - 1);

      while (self->slots[slot] != 0)
        slot = (slot + 1) & (self->n_slots - 1);
      self->slots[slot] = (hash >> 32) << 32 | (code + 1);
    }
}

/* The code of a string; a new one when it was not there. */
static inline guint32
intern (ArborColumnBuilder *self, const char *text, guint32 length)
{
  guint32 n_distinct = get_n_distinct (self);
  guint64 hash = hash_text (text, length);
  guint32 slot;

  if ((n_distinct + 1) * 2 > self->n_slots)
    grow_slots (self);
  for (slot = (guint32) hash & (self->n_slots - 1); self->slots[slot] != 0;
       slot = (slot + 1) & (self->n_slots - 1))
    if (self->slots[slot] >> 32 == hash >> 32)
      {
        guint32 code = (guint32) self->slots[slot] - 1;
        guint32 n;
        const char *other = get_distinct (self, code, &n);

        if (n == length && is_same_text (other, text, n))
          return code;
      }
  self->slots[slot] = (hash >> 32) << 32 | (n_distinct + 1);
  arbor_column_builder_add_u32 (&self->starts, (guint32) self->strings.bytes.length);
  arbor_text_lane_add (&self->strings, text, length);
  return n_distinct;
}

void
arbor_column_builder_leave_dictionary (ArborColumnBuilder *self)
{
  ArborTextLane distinct = self->strings;
  const guint32 *codes = (const guint32 *) self->codes.data;
  gsize n = self->codes.length / 4;

  /* When none has come twice, the distinct ones are all of them, in order. */
  if (get_n_distinct (self) < n)
    {
      self->strings = self->spare;
      arbor_buffer_clear (&self->strings.bytes);
      arbor_buffer_clear (&self->strings.lengths);
      arbor_buffer_reserve (&self->strings.bytes, self->n_string_bytes);
      for (gsize i = 0; i < n; i++)
        arbor_text_lane_add (&self->strings,
                             (const char *) distinct.bytes.data +
                                 ((const guint32 *) self->starts.data)[codes[i]],
                             ((const guint32 *) distinct.lengths.data)[codes[i]]);
      self->spare = distinct;
    }
  arbor_buffer_clear (&self->codes);
  arbor_buffer_clear (&self->starts);
  self->has_left_dictionary = TRUE;
}

guint32
arbor_column_builder_add_string (ArborColumnBuilder *self, const char *text, guint32 length)
{
  guint32 n_distinct;
  gsize n;

  self->n_string_bytes += length;
  if (self->has_left_dictionary)
    {
      arbor_text_lane_add (&self->strings, text, length);
      return length + 1;
    }

  n_distinct = get_n_distinct (self);
  arbor_column_builder_add_u32 (&self->codes, intern (self, text, length));
  n = self->codes.length / 4;
  if (n == DICTIONARY_TRIAL && get_n_distinct (self) > n / 2 &&
      self->n_string_bytes <= 2 * (guint64) self->strings.bytes.length)
    arbor_column_builder_leave_dictionary (self);
  return n_distinct == get_n_distinct (self) ? 1 : length + 3;
}

guint
arbor_unsigned_width (guint64 max)
{
  return max == 0 ? 0 : max <= G_MAXUINT8 ? 1 : max <= G_MAXUINT16 ? 2 : max <= G_MAXUINT32 ? 4 : 8;
}

gsize
arbor_column_builder_measure (ArborColumnBuilder *self)
{
  gsize n_ints = self->ints.length / 8;
  const gint64 *ints = (const gint64 *) self->ints.data;
  gsize n_strings = self->n_kind[ARBOR_KIND_STRING];
  gsize size = self->doubles.length + self->uints.length + self->bools.length / 8;

  if (self->n_measured < n_ints)
    {
      gint64 low, high;

      arbor_pack_range_signed (ints + self->n_measured, n_ints - self->n_measured, &low, &high);
      self->int_min = MIN (self->int_min, low);
      self->int_max = MAX (self->int_max, high);
      self->n_measured = (guint32) n_ints;
    }
  if (n_ints > 0)
    size += n_ints * arbor_unsigned_width ((guint64) self->int_max - (guint64) self->int_min);
  size += self->strings.bytes.length + self->strings.lengths.length / 3;
  if (!self->has_left_dictionary && n_strings > 0)
    size += n_strings * arbor_unsigned_width (get_n_distinct (self) - 1);
  size += self->numbers.bytes.length + self->numbers.lengths.length;
  size += self->overflow.bytes.length + self->overflow.lengths.length;
  size += self->arrays.length / 3 + self->tags.length / 3 + self->presence.length / 2;
  if (self->has_shapes)
    size += self->shapes.length / 4;
  return size;
}
