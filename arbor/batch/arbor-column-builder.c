/* See arbor-column-builder.h. */

#include "batch/arbor-column-builder.h"

#include <xxhash.h>

#include "batch/arbor-batch-pack.h"

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

/* Bits of a word that comes after all others, or is the last one. */
static void
add_presence_bits (ArborColumnBuilder *self, guint64 index, guint64 bits)
{
  ArborPresenceWord word = { .index = index, .bits = bits };
  ArborPresenceWord *last = NULL;

  if (bits == 0)
    return;
  if (self->presence.length > 0)
    last = (ArborPresenceWord *) (gpointer) (self->presence.data + self->presence.length) - 1;
  if (last != NULL && last->index == index)
    last->bits |= bits;
  else
    arbor_buffer_append (&self->presence, &word, sizeof word);
}

/* Rows 0 .. n_values - 1 have had one each. */
static void
begin_gaps (ArborColumnBuilder *self)
{
  if (self->has_gaps)
    return;
  for (guint32 i = 0; i < self->n_values / 64; i++)
    add_presence_bits (self, i, G_MAXUINT64);
  if (self->n_values % 64 != 0)
    add_presence_bits (self, self->n_values / 64,
                       (G_GUINT64_CONSTANT (1) << (self->n_values % 64)) - 1);
  self->has_gaps = TRUE;
}

void
arbor_column_builder_add_gap (ArborColumnBuilder *self, guint32 row)
{
  begin_gaps (self);
  add_presence_bits (self, row / 64, G_GUINT64_CONSTANT (1) << (row % 64));
}

/* The values so far have one kind each, the same. */
static void
begin_tags (ArborColumnBuilder *self)
{
  guint8 only = 0;

  if (self->is_mixed)
    return;
  while (only < (guint8) (ARBOR_N_LANE_KINDS - 1) && self->n_kind[only] == 0)
    only++;
  memset (arbor_buffer_reserve (&self->tags, self->n_values), only, self->n_values);
  self->tags.length = self->n_values;
  self->is_mixed = TRUE;
}

void
arbor_column_builder_add_tag (ArborColumnBuilder *self, guint8 kind)
{
  begin_tags (self);
  arbor_buffer_append_byte (&self->tags, kind);
}

/* Several values at once */

/* The last of @n_rows bits that is set; there is one. */
static guint32
find_last_bit (const guint64 *bits, guint32 n_rows)
{
  guint32 word = (n_rows - 1) / 64;

  while (bits[word] == 0)
    word--;
  return word * 64 + 63 - (guint32) __builtin_clzll (bits[word]);
}

static void
add_rows (ArborColumnBuilder *self, guint32 row, guint32 n_rows, const guint64 *present,
          guint32 n_values)
{
  guint32 last = present != NULL ? find_last_bit (present, n_rows) : n_rows - 1;

  self->last_row = row + last;
  /* Gaps begin with the first value that is behind one. */
  if (!self->has_gaps && row == self->n_values && last + 1 == n_values)
    return;
  begin_gaps (self);
  for (guint32 i = 0; i <= last; i += 64)
    {
      guint64 bits = present != NULL ? present[i / 64]
                     : last - i < 63 ? (G_GUINT64_CONSTANT (2) << (last - i)) - 1
                                     : G_MAXUINT64;
      guint64 index = ((guint64) row + i) / 64;
      guint shift = row % 64;

      add_presence_bits (self, index, bits << shift);
      if (shift != 0)
        add_presence_bits (self, index + 1, bits >> (64 - shift));
    }
}

void
arbor_column_builder_begin_values (ArborColumnBuilder *self, guint32 row, guint32 n_rows,
                                   const guint64 *present, guint32 n_values, guint8 kind,
                                   const guint8 *tags)
{
  add_rows (self, row, n_rows, present, n_values);
  if (tags != NULL || self->is_mixed || self->n_kind[kind] != self->n_values)
    {
      begin_tags (self);
      if (tags != NULL)
        arbor_buffer_append (&self->tags, tags, n_values);
      else
        {
          memset (arbor_buffer_reserve (&self->tags, n_values), kind, n_values);
          self->tags.length += n_values;
        }
    }
  for (guint32 i = 0; tags != NULL && i < n_values; i++)
    self->n_kind[tags[i]]++;
  if (tags == NULL)
    self->n_kind[kind] += n_values;
  self->n_values += n_values;
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
  if (n == ARBOR_DICTIONARY_TRIAL && get_n_distinct (self) > n / 2 &&
      self->n_string_bytes <= 2 * (guint64) self->strings.bytes.length)
    arbor_column_builder_leave_dictionary (self);
  return n_distinct == get_n_distinct (self) ? 1 : length + 3;
}

gsize
arbor_column_builder_add_strings (ArborColumnBuilder *self, const char *text,
                                  const guint32 *lengths, guint32 n)
{
  gsize raw_size = 0, size = 0;
  guint32 i;

  for (i = 0; i < n && !self->has_left_dictionary; i++)
    {
      raw_size += arbor_column_builder_add_string (self, text, lengths[i]);
      text += lengths[i];
    }
  for (guint32 j = i; j < n; j++)
    size += lengths[j];
  arbor_buffer_append (&self->strings.bytes, text, size);
  if (i < n)
    arbor_buffer_append (&self->strings.lengths, lengths + i, (gsize) (n - i) * 4);
  self->n_string_bytes += size;
  return raw_size + size + (n - i);
}

/* Strings that have their codes, as long as the dictionary is not on trial: how many these were. */
static guint32
add_known_codes (ArborColumnBuilder *self, const guint32 *numbers, guint32 n,
                 const ArborStringTable *table)
{
  guint32 n_before = (guint32) (self->codes.length / 4);
  guint32 *codes = (guint32 *) (gpointer) arbor_buffer_reserve (&self->codes, (gsize) n * 4);
  guint64 size = 0;
  guint32 i;

  if (n_before < ARBOR_DICTIONARY_TRIAL)
    n = MIN (n, ARBOR_DICTIONARY_TRIAL - 1 - n_before);
  for (i = 0; i < n && table->codes[numbers[i]] != ARBOR_NO_COLUMN; i++)
    {
      codes[i] = table->codes[numbers[i]];
      size += table->starts[numbers[i] + 1] - table->starts[numbers[i]];
    }
  self->codes.length += (gsize) i * 4;
  self->n_string_bytes += size;
  return i;
}

gsize
arbor_column_builder_add_numbered (ArborColumnBuilder *self, const guint32 *numbers, guint32 n,
                                   ArborStringTable *table)
{
  gsize raw_size = 0;
  guint32 i = 0;

  while (i < n)
    {
      guint32 start, length, n_known;

      if (!self->has_left_dictionary)
        {
          n_known = add_known_codes (self, numbers + i, n - i, table);
          raw_size += n_known;
          i += n_known;
          if (i == n)
            break;
        }
      start = table->starts[numbers[i]];
      length = table->starts[numbers[i] + 1] - start;
      raw_size += arbor_column_builder_add_string (self, table->text + start, length);
      if (!self->has_left_dictionary && table->codes[numbers[i]] == ARBOR_NO_COLUMN)
        {
          table->codes[numbers[i]] =
              ((const guint32 *) self->codes.data)[self->codes.length / 4 - 1];
          table->n_new_bytes -= length + 2;
        }
      i++;
    }
  return raw_size;
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
