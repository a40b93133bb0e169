/* Writing tapes. See arbor-tape.h. A container's opening word is written without its payload when it
 * begins, and completed when it ends; a stack of open containers counts their values.
 */

#include "base/arbor-tape.h"

#define MAX_COUNT 0xFFFFFFu

typedef struct
{
  guint32 index; /* of the opening word */
  guint32 count; /* values written inside, keys too */
} Frame;

struct _ArborTapeWriter
{
  ArborBuffer words;
  ArborBuffer strings;
  ArborBuffer open; /* of Frame */
};

static void
append_word (ArborTapeWriter *self, char tag, guint64 payload)
{
  guint64 word = (guint64) (guint8) tag << 56 | payload;

  arbor_buffer_append (&self->words, &word, sizeof word);
}

static guint32
next_index (ArborTapeWriter *self)
{
  gsize index = self->words.length / sizeof (guint64);

  if (index > G_MAXUINT32 - 2)
    g_error ("out of memory: a tape of more than 2^32 words");
  return (guint32) index;
}

static inline guint64 *
word_at (ArborTapeWriter *self, guint32 index)
{
  return (guint64 *) (gpointer) self->words.data + index;
}

/* One value more in the innermost open container. */
static void
count_value (ArborTapeWriter *self)
{
  if (self->open.length > 0)
    ((Frame *) (gpointer) (self->open.data + self->open.length))[-1].count++;
}

static void
begin_container (ArborTapeWriter *self, char tag)
{
  Frame frame = { next_index (self), 0 };

  count_value (self);
  append_word (self, tag, 0);
  arbor_buffer_append (&self->open, &frame, sizeof frame);
}

static void
end_container (ArborTapeWriter *self, char tag, char end_tag)
{
  Frame frame;

  g_assert (self->open.length > 0);
  self->open.length -= sizeof frame;
  memcpy (&frame, self->open.data + self->open.length, sizeof frame);
  g_assert ((char) (*word_at (self, frame.index) >> 56) == tag);

  if (tag == '{')
    frame.count /= 2;
  append_word (self, end_tag, frame.index);
  *word_at (self, frame.index) |=
    (guint64) MIN (frame.count, MAX_COUNT) << 32 | next_index (self);
}

static void
append_string (ArborTapeWriter *self, char tag, const char *bytes, gsize length)
{
  guint32 n = (guint32) length;

  g_assert (length <= G_MAXUINT32);
  append_word (self, tag, self->strings.length);
  arbor_buffer_append (&self->strings, &n, sizeof n);
  arbor_buffer_append (&self->strings, bytes, length);
  arbor_buffer_append_byte (&self->strings, 0);
}

ArborTapeWriter *
arbor_tape_writer_new (void)
{
  ArborTapeWriter *self = g_new0 (ArborTapeWriter, 1);

  arbor_tape_writer_reset (self);
  return self;
}

void
arbor_tape_writer_free (ArborTapeWriter *self)
{
  if (self == NULL)
    return;
  arbor_buffer_free (&self->words);
  arbor_buffer_free (&self->strings);
  arbor_buffer_free (&self->open);
  g_free (self);
}

void
arbor_tape_writer_reset (ArborTapeWriter *self)
{
  arbor_buffer_clear (&self->words);
  arbor_buffer_clear (&self->strings);
  arbor_buffer_clear (&self->open);
  append_word (self, 'r', 0);
}

void
arbor_tape_writer_begin_object (ArborTapeWriter *self)
{
  begin_container (self, '{');
}

void
arbor_tape_writer_end_object (ArborTapeWriter *self)
{
  end_container (self, '{', '}');
}

void
arbor_tape_writer_begin_array (ArborTapeWriter *self)
{
  begin_container (self, '[');
}

void
arbor_tape_writer_end_array (ArborTapeWriter *self)
{
  end_container (self, '[', ']');
}

void
arbor_tape_writer_key (ArborTapeWriter *self, const char *key, gsize length)
{
  count_value (self);
  append_string (self, '"', key, length);
}

void
arbor_tape_writer_scalar (ArborTapeWriter *self, const ArborValue *scalar)
{
  guint64 word = scalar->uint64;

  count_value (self);
  switch ((ArborKind) scalar->kind)
    {
    case ARBOR_KIND_NULL:
      append_word (self, 'n', 0);
      return;
    case ARBOR_KIND_BOOL:
      append_word (self, scalar->boolean ? 't' : 'f', 0);
      return;
    case ARBOR_KIND_INT64:
    case ARBOR_KIND_UINT64:
    case ARBOR_KIND_DOUBLE:
      append_word (self,
                   scalar->kind == ARBOR_KIND_INT64    ? 'l'
                   : scalar->kind == ARBOR_KIND_UINT64 ? 'u'
                                                       : 'd',
                   0);
      arbor_buffer_append (&self->words, &word, sizeof word);
      return;
    case ARBOR_KIND_NUMBER:
      append_string (self, 'N', scalar->text, scalar->length);
      return;
    case ARBOR_KIND_STRING:
      append_string (self, '"', scalar->text, scalar->length);
      return;
    case ARBOR_KIND_MISSING:
    case ARBOR_KIND_ARRAY:
    case ARBOR_KIND_OBJECT:
    default:
      g_assert_not_reached ();
    }
}

void
arbor_tape_writer_copy (ArborTapeWriter *self, const ArborTape *tape, guint32 index)
{
  guint32 end = arbor_tape_next (tape, index);
  guint32 shift = next_index (self) - index; /* modulo 2^32 */
  const char *string;
  guint32 length;

  count_value (self);
  for (guint32 i = index; i < end; i++)
    {
      guint64 word = tape->words[i];
      char tag = (char) (word >> 56);

      switch (tag)
        {
        case '"':
        case 'N':
          string = arbor_tape_string (tape, i, &length);
          append_string (self, tag, string, length);
          break;
        case '{':
        case '[':
        case '}':
        case ']':
          word = (word & ~(guint64) G_MAXUINT32) | (guint32) ((guint32) word + shift);
          arbor_buffer_append (&self->words, &word, sizeof word);
          break;
        case 'l':
        case 'u':
        case 'd':
          arbor_buffer_append (&self->words, tape->words + i, 2 * sizeof word);
          i++;
          break;
        default:
          append_word (self, tag, 0);
          break;
        }
    }
  next_index (self);
}

void
arbor_tape_writer_finish (ArborTapeWriter *self, ArborTape *tape)
{
  g_assert (self->open.length == 0);
  g_assert (next_index (self) > ARBOR_TAPE_ROOT);

  append_word (self, 'r', 0);
  *word_at (self, 0) |= next_index (self);
  tape->words = word_at (self, 0);
  tape->strings = self->strings.data;
}
