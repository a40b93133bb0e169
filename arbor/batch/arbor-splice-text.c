/* Lanes of texts, copied piece by piece. See arbor-splice-private.h. Strings stay a dictionary where the
 * lane that has most of them is one: strings of the others are looked up there, and those that it does not have
 * are put among its own, in their order; only then are codes other ones.
 */

#include "batch/arbor-splice-private.h"

#include "batch/arbor-batch-pack.h"

typedef struct
{
  const char *text;
  guint32 length;
} Text;

static inline int
compare (const Text *a, const Text *b)
{
  guint32 n = MIN (a->length, b->length);
  int order = n > 0 ? memcmp (a->text, b->text, n) : 0;

  return order != 0 ? order : a->length < b->length ? -1 : a->length > b->length;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return compare (a, b);
}

/* Text @index of a lane in spans, or entry @index of its dictionary. FALSE: damaged. */
static gboolean
get_text (const ArborSplice *self, guint32 batch, const ArborLaneRecord *lane, guint32 index, Text *text)
{
  gboolean is_dictionary = lane->encoding == ARBOR_ENCODING_DICTIONARY;
  guint32 count = is_dictionary ? lane->n_distinct : lane->count;
  guint32 size = is_dictionary ? lane->size_c : lane->size_a;
  guint64 start, end;

  if (index >= count)
    return FALSE;
  arbor_spans_get (arbor_splice_get_buffer (self, batch, lane->offset_b), count, lane->span_width, index,
                   &start, &end);
  if (start > end || end > size)
    return FALSE;
  text->text = (const char *) arbor_splice_get_buffer (
                   self, batch, is_dictionary ? lane->offset_c : lane->offset_a) + start;
  text->length = (guint32) (end - start);
  return TRUE;
}

/* The string at place @index of a lane, whatever its encoding. */
static gboolean
get_string (const ArborSplice *self, guint32 batch, const ArborLaneRecord *lane, guint32 index, Text *text)
{
  if (lane->encoding == ARBOR_ENCODING_DICTIONARY)
    index = (guint32) arbor_load_unsigned (arbor_splice_get_buffer (self, batch, lane->offset_a),
                                           lane->width, index);
  return get_text (self, batch, lane, index, text);
}

/* In spans */

static guint32
list_lengths (const guint8 *spans, guint width, const ArborSplicePiece *piece, guint32 *lengths)
{
  guint32 total = 0;

  for (guint32 i = 0; i < piece->n; i++)
    {
      guint32 index = piece->from + i;

      lengths[i] = width < 4 ? (guint32) arbor_load_unsigned (spans, width, index)
                             : arbor_load_u32 (spans + ((gsize) index + 1) * 4) -
                                   arbor_load_u32 (spans + (gsize) index * 4);
      total += lengths[i];
    }
  return total;
}

static void
append (ArborSplice *self, const char *text, gsize length)
{
  ArborBuffer *out = &self->encoder.out;

  if (out->capacity - out->length <= length)
    arbor_batch_encoder_make_room (&self->encoder, length);
  if (length > 0)
    memcpy (out->data + out->length, text, length);
  out->length += length;
}

static gboolean
append_piece (ArborSplice *self, const ArborSplicePiece *piece, const ArborLaneRecord *from,
              guint32 *lengths)
{
  Text first, last;

  if (from->encoding == ARBOR_ENCODING_DICTIONARY)
    {
      for (guint32 i = 0; i < piece->n; i++)
        {
          if (!get_string (self, piece->batch, from, piece->from + i, &first))
            return FALSE;
          lengths[i] = first.length;
          append (self, first.text, first.length);
        }
      return TRUE;
    }
  if (!get_text (self, piece->batch, from, piece->from, &first) ||
      !get_text (self, piece->batch, from, piece->from + piece->n - 1, &last) ||
      last.text + last.length < first.text ||
      list_lengths (arbor_splice_get_buffer (self, piece->batch, from->offset_b), from->span_width, piece,
                    lengths) != (gsize) (last.text + last.length - first.text))
    return FALSE;
  append (self, first.text, (gsize) (last.text + last.length - first.text));
  return TRUE;
}

/* Buffers a and b. *@lengths are those of the texts. */
static gboolean
write_spans (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record, guint32 **lengths)
{
  ArborBuffer *out = &self->encoder.out;
  gsize padding_at, start, at = 0;

  *lengths = arbor_scope_alloc (self->scope, (gsize) record->count * sizeof **lengths);
  record->encoding = ARBOR_ENCODING_SPANS;
  padding_at = out->length;
  start = arbor_batch_encoder_reserve_unset (&self->encoder, 0, ARBOR_BATCH_ALIGNMENT);
  for (guint32 i = 0; i < lane->places.n; at += lane->places.list[i++].n)
    if (!append_piece (self, &lane->places.list[i], lane->of[lane->places.list[i].batch], *lengths + at) ||
        out->length - start > ARBOR_BATCH_MAX_BYTES)
      return FALSE;
  record->size_a = (guint32) (out->length - start);
  record->offset_a = record->size_a > 0 ? (guint32) start : 0;
  if (record->size_a == 0)
    out->length = padding_at;
  arbor_batch_encoder_write_spans (&self->encoder, record, *lengths, record->count);
  return TRUE;
}

gboolean
arbor_splice_write_text (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record)
{
  guint32 *lengths;

  return write_spans (self, lane, record, &lengths);
}

/* The least and the greatest */

typedef struct
{
  Text least, most;
  guint32 min, max;
  gboolean is_set;
} Range;

static void
add_to_range (Range *self, const Text *text, guint32 place)
{
  int order = self->is_set ? compare (text, &self->least) : -1;

  if (order < 0 || (order == 0 && place < self->min))
    {
      self->least = *text;
      self->min = place;
    }
  order = self->is_set ? compare (text, &self->most) : 1;
  if (order > 0 || (order == 0 && place < self->max))
    {
      self->most = *text;
      self->max = place;
    }
  self->is_set = TRUE;
}

/* Where place @index of batch @batch went; FALSE: nowhere. */
static gboolean
find_place (const ArborSpliceLane *lane, guint32 batch, guint64 index, guint32 *place)
{
  guint32 at = 0;

  for (guint32 i = 0; i < lane->places.n; at += lane->places.list[i++].n)
    {
      const ArborSplicePiece *piece = &lane->places.list[i];

      if (piece->batch == batch && index >= piece->from && index - piece->from < piece->n)
        {
          *place = at + (guint32) (index - piece->from);
          return TRUE;
        }
    }
  return FALSE;
}

/* A lane says which of its strings are the least and the greatest: where these are still there, the others
 * need not be looked at. */
static gboolean
add_ends (const ArborSplice *self, const ArborSpliceLane *lane, guint32 batch, Range *range)
{
  const ArborLaneRecord *from = lane->of[batch];
  guint32 min, max;
  Text text;

  if (from->encoding == ARBOR_ENCODING_DICTIONARY || from->min >= from->count ||
      from->max >= from->count || !find_place (lane, batch, from->min, &min) ||
      !find_place (lane, batch, from->max, &max))
    return FALSE;
  if (get_text (self, batch, from, (guint32) from->min, &text))
    add_to_range (range, &text, min);
  if (get_text (self, batch, from, (guint32) from->max, &text))
    add_to_range (range, &text, max);
  return TRUE;
}

static void
find_range (const ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record)
{
  Range range = { .is_set = FALSE };
  guint32 at = 0;
  gboolean *is_done = arbor_scope_alloc (self->scope, self->n_batches * sizeof *is_done);

  for (guint i = 0; i < self->n_batches; i++)
    is_done[i] = lane->of[i] == NULL || add_ends (self, lane, i, &range);
  for (guint32 i = 0; i < lane->places.n; at += lane->places.list[i++].n)
    {
      const ArborSplicePiece *piece = &lane->places.list[i];
      Text text;

      for (guint32 j = 0; !is_done[piece->batch] && j < piece->n; j++)
        if (get_string (self, piece->batch, lane->of[piece->batch], piece->from + j, &text))
          add_to_range (&range, &text, at + j);
    }
  record->min = range.min;
  record->max = range.max;
}

/* Dictionaries */

#define NEW 0x80000000u

typedef struct
{
  guint32 batch; /* whose dictionary it is */
  const ArborLaneRecord *lane;
  guint32 *codes; /* of each string that is not of that batch, in order: its code, or NEW and the number of
                   * one that is not in it */
  GArray *texts;  /* Text: those; then sorted, each once */
  guint32 *moved; /* of each entry: its new code; NULL: the same */
  guint32 n;
} Dictionary;

static guint32
find_entry (const ArborSplice *self, const Dictionary *dictionary, const Text *text)
{
  guint32 low = 0, high = dictionary->lane->n_distinct;

  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;
      Text entry;
      int order;

      if (!get_text (self, dictionary->batch, dictionary->lane, middle, &entry))
        return G_MAXUINT32;
      order = compare (&entry, text);
      if (order == 0)
        return middle;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return G_MAXUINT32;
}

/* The code of each entry of another dictionary, or G_MAXUINT32: both ascend. NULL: that would cost more than it is
 * worth, or something is damaged. */
static guint32 *
map_entries (const ArborSplice *self, const Dictionary *dictionary, guint32 batch, const ArborLaneRecord *lane,
             guint32 n_asked)
{
  guint32 *map, code = 0;
  Text own;

  if (lane == NULL || lane->encoding != ARBOR_ENCODING_DICTIONARY ||
      lane->n_distinct + dictionary->lane->n_distinct > 4 * n_asked ||
      !get_text (self, dictionary->batch, dictionary->lane, 0, &own))
    return NULL;
  map = arbor_scope_alloc (self->scope, (gsize) lane->n_distinct * sizeof *map);
  for (guint32 i = 0; i < lane->n_distinct; i++)
    {
      Text text;
      int order;

      if (!get_text (self, batch, lane, i, &text))
        return NULL;
      while ((order = compare (&own, &text)) < 0 && code + 1 < dictionary->lane->n_distinct)
        if (!get_text (self, dictionary->batch, dictionary->lane, ++code, &own))
          return NULL;
      map[i] = order == 0 ? code : G_MAXUINT32;
    }
  return map;
}

static gboolean
look_up_others (const ArborSplice *self, const ArborSpliceLane *lane, const guint32 *counts,
                Dictionary *dictionary)
{
  guint32 **maps = arbor_scope_alloc (self->scope, self->n_batches * sizeof *maps);
  guint32 at = 0;

  for (guint i = 0; i < self->n_batches; i++)
    maps[i] = i != dictionary->batch ? map_entries (self, dictionary, i, lane->of[i], counts[i]) : NULL;
  for (guint32 i = 0; i < lane->places.n; i++)
    {
      const ArborSplicePiece *piece = &lane->places.list[i];

      for (guint32 j = 0; piece->batch != dictionary->batch && j < piece->n; j++)
        {
          const ArborLaneRecord *from = lane->of[piece->batch];
          const guint32 *map = maps[piece->batch];
          Text text;
          guint32 code;

          if (map != NULL)
            {
              guint64 entry = arbor_load_unsigned (arbor_splice_get_buffer (self, piece->batch, from->offset_a),
                                                   from->width, piece->from + j);

              if (entry < from->n_distinct && map[entry] != G_MAXUINT32)
                {
                  dictionary->codes[at++] = map[entry];
                  continue;
                }
            }
          if (!get_string (self, piece->batch, lane->of[piece->batch], piece->from + j, &text))
            return FALSE;
          code = find_entry (self, dictionary, &text);
          if (code == G_MAXUINT32)
            {
              code = NEW | dictionary->texts->len;
              g_array_append_val (dictionary->texts, text);
            }
          dictionary->codes[at++] = code;
        }
    }
  return TRUE;
}

/* Puts the new strings among the entries: *@entries get all of them. */
static gboolean
merge (const ArborSplice *self, Dictionary *dictionary, Text *entries, const Text *sorted, guint32 n_sorted,
       guint32 *new_codes)
{
  guint32 n_old = dictionary->lane->n_distinct;
  guint32 old = 0, fresh = 0;

  dictionary->n = 0;
  while (old < n_old || fresh < n_sorted)
    {
      Text entry;

      if (old < n_old && !get_text (self, dictionary->batch, dictionary->lane, old, &entry))
        return FALSE;
      if (old < n_old && (fresh == n_sorted || compare (&entry, &sorted[fresh]) < 0))
        {
          dictionary->moved[old++] = dictionary->n;
          entries[dictionary->n++] = entry;
        }
      else
        {
          new_codes[fresh] = dictionary->n;
          entries[dictionary->n++] = sorted[fresh++];
        }
    }
  return TRUE;
}

static void
write_entries (ArborSplice *self, ArborLaneRecord *record, const Text *entries, guint32 n)
{
  guint32 *lengths = arbor_scope_alloc (self->scope, (gsize) n * sizeof *lengths);
  gsize size = 0;
  char *bytes;

  for (guint32 i = 0; i < n; i++)
    {
      lengths[i] = entries[i].length;
      size += lengths[i];
    }
  bytes = arbor_scope_alloc (self->scope, size + 1);
  size = 0;
  for (guint32 i = 0; i < n; size += lengths[i++])
    memcpy (bytes + size, entries[i].text, lengths[i]);
  arbor_batch_encoder_write_spans (&self->encoder, record, lengths, n);
  record->size_c = (guint32) size;
  record->offset_c = arbor_batch_encoder_write (&self->encoder, bytes, size);
}

static gboolean
write_new_entries (ArborSplice *self, Dictionary *dictionary, guint32 n_codes, ArborLaneRecord *record)
{
  guint32 n_old = dictionary->lane->n_distinct, n_new = dictionary->texts->len, n_sorted = 0;
  Text *texts = (Text *) (gpointer) dictionary->texts->data;
  Text *sorted = arbor_scope_alloc (self->scope, (gsize) n_new * sizeof *sorted);
  guint32 *new_codes = arbor_scope_alloc (self->scope, (gsize) n_new * sizeof *new_codes);
  Text *entries = arbor_scope_alloc (self->scope, ((gsize) n_old + n_new) * sizeof *entries);

  if (n_new > 0)
    memcpy (sorted, texts, n_new * sizeof *sorted);
  if (n_new > 1)
    qsort (sorted, n_new, sizeof *sorted, compare_texts);
  for (guint32 i = 0; i < n_new; i++)
    if (i == 0 || compare (&sorted[i], &sorted[n_sorted - 1]) != 0)
      sorted[n_sorted++] = sorted[i];
  dictionary->moved = arbor_scope_alloc (self->scope, (gsize) n_old * sizeof *dictionary->moved);
  if (!merge (self, dictionary, entries, sorted, n_sorted, new_codes))
    return FALSE;
  for (guint32 i = 0; i < n_codes; i++)
    if ((dictionary->codes[i] & NEW) != 0)
      {
        const Text *text = &texts[dictionary->codes[i] & ~NEW];
        const Text *found = bsearch (text, sorted, n_sorted, sizeof *sorted, compare_texts);

        dictionary->codes[i] = new_codes[found - sorted];
      }
    else
      {
        dictionary->codes[i] = dictionary->moved[dictionary->codes[i]];
      }
  write_entries (self, record, entries, dictionary->n);
  return TRUE;
}

static void
store (guint8 *out, guint width, gsize at, guint32 code)
{
  if (width > 0)
    memcpy (out + at * width, &code, width);
}

/* The codes of the dictionary's batch stay as they are. FALSE: some are damaged. */
static gboolean
keep_codes (ArborSplice *self, const ArborSpliceLane *lane, const Dictionary *dictionary, ArborLaneRecord *record,
            guint8 *out)
{
  ArborSpliceNumbers *from = arbor_scope_alloc (self->scope, self->n_batches * sizeof *from);
  ArborSplicePiece *list = arbor_scope_alloc (self->scope, (gsize) lane->places.n * sizeof *list);
  ArborPieces places = { .list = list, .n = lane->places.n };
  guint32 at = 0;

  /* Those of the others lie one after the other. */
  for (guint i = 0; i < self->n_batches; i++)
    from[i] = (ArborSpliceNumbers){ (const guint8 *) dictionary->codes, sizeof *dictionary->codes, 0 };
  from[dictionary->batch] = (ArborSpliceNumbers){
    arbor_splice_get_buffer (self, dictionary->batch, dictionary->lane->offset_a), record->width, 0
  };
  memcpy (list, lane->places.list, (gsize) places.n * sizeof *list);
  for (guint32 i = 0; i < places.n; i++)
    if (list[i].batch != dictionary->batch)
      {
        list[i].from = at;
        at += list[i].n;
      }
  arbor_splice_copy_numbers (from, &places, record->width, out);
  arbor_splice_get_range (out, record->width, record->count, &record->min, &record->max);
  return record->max < dictionary->n;
}

static gboolean
write_codes (ArborSplice *self, const ArborSpliceLane *lane, const Dictionary *dictionary,
             ArborLaneRecord *record)
{
  const guint8 *codes = arbor_splice_get_buffer (self, dictionary->batch, dictionary->lane->offset_a);
  guint width = dictionary->lane->width, n_others = 0;
  guint32 n_entries = dictionary->lane->n_distinct, least = G_MAXUINT32, most = 0;
  guint8 *out;
  gsize at = 0;

  record->width = (guint8) arbor_unsigned_width (dictionary->n - 1);
  record->size_a = record->count * record->width;
  if (record->size_a > 0)
    record->offset_a =
        arbor_batch_encoder_reserve_unset (&self->encoder, record->size_a, ARBOR_BATCH_ALIGNMENT);
  out = self->encoder.out.data + record->offset_a;
  if (dictionary->moved == NULL && width == record->width && width > 0)
    return keep_codes (self, lane, dictionary, record, out);
  for (guint32 i = 0; i < lane->places.n; at += lane->places.list[i++].n)
    {
      const ArborSplicePiece *piece = &lane->places.list[i];
      gboolean is_own = piece->batch == dictionary->batch;

      for (guint32 j = 0; j < piece->n; j++)
        {
          guint32 code = is_own ? (guint32) arbor_load_unsigned (codes, width, piece->from + j)
                                : dictionary->codes[n_others++];

          if (is_own && code >= n_entries)
            return FALSE;
          if (is_own && dictionary->moved != NULL)
            code = dictionary->moved[code];
          least = MIN (least, code);
          most = MAX (most, code);
          store (out, record->width, at + j, code);
        }
    }
  record->min = least;
  record->max = most;
  return TRUE;
}

static gboolean
write_dictionary (ArborSplice *self, const ArborSpliceLane *lane, guint32 batch, const guint32 *counts,
                  guint32 n_others, ArborLaneRecord *record)
{
  g_autoptr (GArray) texts = g_array_new (FALSE, FALSE, sizeof (Text));
  Dictionary dictionary = { .batch = batch, .lane = lane->of[batch], .texts = texts };
  const ArborLaneRecord *from = dictionary.lane;

  dictionary.codes = arbor_scope_alloc (self->scope, ((gsize) n_others + 1) * sizeof (guint32));
  dictionary.n = from->n_distinct;
  record->encoding = ARBOR_ENCODING_DICTIONARY;
  if (!look_up_others (self, lane, counts, &dictionary))
    return FALSE;
  if (texts->len > 0)
    {
      if (!write_new_entries (self, &dictionary, n_others, record))
        return FALSE;
    }
  else
    {
      record->span_width = from->span_width;
      record->size_b = from->size_b;
      record->offset_b = arbor_batch_encoder_write (
          &self->encoder, arbor_splice_get_buffer (self, batch, from->offset_b), from->size_b);
      record->size_c = from->size_c;
      record->offset_c = arbor_batch_encoder_write (
          &self->encoder, arbor_splice_get_buffer (self, batch, from->offset_c), from->size_c);
    }
  record->n_distinct = dictionary.n;
  return write_codes (self, lane, &dictionary, record);
}

gboolean
arbor_splice_write_strings (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record)
{
  guint32 *counts = arbor_scope_alloc (self->scope, self->n_batches * sizeof *counts);
  guint32 batch = 0, n_others;
  guint32 *lengths;

  memset (counts, 0, self->n_batches * sizeof *counts);
  for (guint32 i = 0; i < lane->places.n; i++)
    counts[lane->places.list[i].batch] += lane->places.list[i].n;
  for (guint i = 1; i < self->n_batches; i++)
    if (counts[i] > counts[batch])
      batch = i;
  n_others = record->count - counts[batch];
  /* A dictionary has no more entries than there are strings. */
  if (lane->of[batch]->encoding == ARBOR_ENCODING_DICTIONARY &&
      (guint64) lane->of[batch]->n_distinct + n_others <= record->count)
    return write_dictionary (self, lane, batch, counts, n_others, record);
  if (!write_spans (self, lane, record, &lengths))
    return FALSE;
  find_range (self, lane, record);
  return TRUE;
}
