/* Reading tapes. See arbor-tape.h. */

#include "base/arbor-tape.h"

#include <xxhash.h>

#include "base/arbor-text.h"

/* Up to here comparing every key with every other is faster than a table. */
#define FEW_MEMBERS 8u

typedef struct
{
  guint32 key;
  guint32 value;
} Member;

guint32
arbor_tape_get_depth (const ArborTape *tape, guint32 index)
{
  guint32 end = arbor_tape_next (tape, index);
  guint32 depth = 0;
  guint32 deepest = 0;

  for (; index < end; index++)
    switch (arbor_tape_tag (tape, index))
      {
      case '{':
      case '[':
        depth++;
        deepest = MAX (deepest, depth);
        break;
      case '}':
      case ']':
        depth--;
        break;
      case 'l':
      case 'u':
      case 'd':
        index++;
        break;
      default:
        break;
      }
  return deepest;
}

void
arbor_tape_get_value (const ArborTape *tape, guint32 index, ArborValue *value)
{
  char tag = arbor_tape_tag (tape, index);
  guint32 length;
  const char *text;

  switch (tag)
    {
    case '{':
    case '[':
      *value = (ArborValue){ .kind = tag == '{' ? ARBOR_KIND_OBJECT : ARBOR_KIND_ARRAY,
                             .holder_kind = ARBOR_HOLDER_TAPE,
                             .index = index,
                             .holder = tape };
      return;
    case '"':
      text = arbor_tape_string (tape, index, &length);
      *value = ARBOR_VALUE_STRING (text, length);
      return;
    case 'N':
      text = arbor_tape_string (tape, index, &length);
      *value = ARBOR_VALUE_NUMBER (text, length);
      return;
    case 'l':
      *value = ARBOR_VALUE_INT64 ((gint64) tape->words[index + 1]);
      return;
    case 'u':
      *value = ARBOR_VALUE_UINT64 (tape->words[index + 1]);
      return;
    case 'd':
      *value = (ArborValue){ .kind = ARBOR_KIND_DOUBLE, .uint64 = tape->words[index + 1] };
      return;
    case 't':
    case 'f':
      *value = ARBOR_VALUE_BOOL (tag == 't');
      return;
    case 'n':
    default:
      *value = ARBOR_VALUE_NULL;
      return;
    }
}

static gboolean
keys_are_equal (const ArborTape *tape, guint32 a, guint32 b)
{
  guint32 a_length;
  guint32 b_length;
  const char *a_text = arbor_tape_string (tape, a, &a_length);
  const char *b_text = arbor_tape_string (tape, b, &b_length);

  return a_length == b_length && memcmp (a_text, b_text, a_length) == 0;
}

static guint32
hash_key (const ArborTape *tape, guint32 key)
{
  guint32 length;
  const char *text = arbor_tape_string (tape, key, &length);

  return (guint32) XXH3_64bits (text, length);
}

/* Moves later values to the first member of their key, by comparing with each; returns how many
 * members are left. */
static gsize
merge_few (const ArborTape *tape, Member *members, gsize n)
{
  gsize kept = 0;

  for (gsize i = 0; i < n; i++)
    {
      gsize first = 0;

      while (first < kept && !keys_are_equal (tape, members[first].key, members[i].key))
        first++;
      if (first < kept)
        members[first].value = members[i].value;
      else
        members[kept++] = members[i];
    }
  return kept;
}

/* The same through a table of positions plus one, with open addressing. */
static gsize
merge_many (const ArborTape *tape, Member *members, gsize n)
{
  gsize n_slots = (gsize) 1 << g_bit_storage (n * 2);
  g_autofree guint32 *slots = g_new0 (guint32, n_slots);
  gsize kept = 0;

  for (gsize i = 0; i < n; i++)
    {
      gsize slot = hash_key (tape, members[i].key) & (n_slots - 1);

      while (slots[slot] != 0 &&
             !keys_are_equal (tape, members[slots[slot] - 1].key, members[i].key))
        slot = (slot + 1) & (n_slots - 1);
      if (slots[slot] != 0)
        {
          members[slots[slot] - 1].value = members[i].value;
        }
      else
        {
          members[kept++] = members[i];
          slots[slot] = (guint32) kept;
        }
    }
  return kept;
}

gboolean
arbor_tape_resolve_object (const ArborTape *tape, guint32 index, ArborBuffer *members)
{
  guint32 end = arbor_tape_next (tape, index) - 1;
  gsize start = members->length;
  Member *first;
  gsize n;
  gsize kept;

  for (guint32 key = index + 1; key < end; key = arbor_tape_next (tape, key + 1))
    {
      Member member = { key, key + 1 };

      arbor_buffer_append (members, &member, sizeof member);
    }

  n = (members->length - start) / sizeof (Member);
  if (n < 2)
    {
      members->length = start;
      return FALSE;
    }
  first = (Member *) (gpointer) (members->data + start);
  kept = n <= FEW_MEMBERS ? merge_few (tape, first, n) : merge_many (tape, first, n);
  members->length = kept < n ? start + kept * sizeof (Member) : start;
  return kept < n;
}

/* Writing JSON text: an open container is a frame. Its children are the words [position, end), or,
 * where keys were duplicate, the members [position, end) of the buffer of members. */
typedef struct
{
  guint32 position;
  guint32 end;
  gsize members; /* where this frame's members begin, to be dropped with it */
  gboolean is_object;
  gboolean is_resolved;
  gboolean is_first;
} Frame;

static void
write_scalar (const ArborTape *tape, guint32 index, ArborBuffer *out)
{
  ArborValue value;

  arbor_tape_get_value (tape, index, &value);
  switch ((ArborKind) value.kind)
    {
    case ARBOR_KIND_BOOL:
      arbor_buffer_append_literal (out, value.boolean ? "true" : "false");
      return;
    case ARBOR_KIND_INT64:
      arbor_text_append_int64 (out, value.int64);
      return;
    case ARBOR_KIND_UINT64:
      arbor_text_append_uint64 (out, value.uint64);
      return;
    case ARBOR_KIND_DOUBLE:
      arbor_text_append_double (out, value.real);
      return;
    case ARBOR_KIND_NUMBER:
      arbor_buffer_append (out, value.text, value.length);
      return;
    case ARBOR_KIND_STRING:
      arbor_text_append_string (out, value.text, value.length);
      return;
    case ARBOR_KIND_MISSING:
    case ARBOR_KIND_NULL:
    case ARBOR_KIND_ARRAY:
    case ARBOR_KIND_OBJECT:
    default:
      arbor_buffer_append_literal (out, "null");
      return;
    }
}

/* The members of the object at @index, repeated ones too: the tape's own count has an end. */
static guint32
count_members (const ArborTape *tape, guint32 index)
{
  guint32 end = arbor_tape_next (tape, index) - 1;
  guint32 n = 0;

  for (guint32 key = index + 1; key < end; key = arbor_tape_next (tape, key + 1))
    n++;
  return n;
}

static void
open_frame (const ArborTape *tape, guint32 index, ArborBuffer *frames, ArborBuffer *members,
            ArborBuffer *out, guint64 *n_repeated)
{
  Frame frame = { .position = index + 1,
                  .end = arbor_tape_next (tape, index) - 1,
                  .members = members->length,
                  .is_object = arbor_tape_tag (tape, index) == '{',
                  .is_first = TRUE };

  if (frame.is_object && arbor_tape_resolve_object (tape, index, members))
    {
      frame.is_resolved = TRUE;
      frame.position = (guint32) (frame.members / sizeof (Member));
      frame.end = (guint32) (members->length / sizeof (Member));
      *n_repeated += count_members (tape, index) - (frame.end - frame.position);
    }
  arbor_buffer_append_byte (out, frame.is_object ? '{' : '[');
  arbor_buffer_append (frames, &frame, sizeof frame);
}

/* Steps to the next child, its key written: TRUE with its index, FALSE at the end. */
static gboolean
next_child (const ArborTape *tape, Frame *frame, const ArborBuffer *members, ArborBuffer *out,
            guint32 *child)
{
  Member member;

  if (frame->position == frame->end)
    return FALSE;
  if (!frame->is_first)
    arbor_buffer_append_byte (out, ',');
  frame->is_first = FALSE;

  if (frame->is_resolved)
    {
      member = ((const Member *) (gconstpointer) members->data)[frame->position++];
    }
  else
    {
      member.key = frame->position;
      member.value = frame->position + (frame->is_object ? 1 : 0);
      frame->position = arbor_tape_next (tape, member.value);
    }

  if (frame->is_object)
    {
      write_scalar (tape, member.key, out);
      arbor_buffer_append_byte (out, ':');
    }
  *child = member.value;
  return TRUE;
}

static inline gboolean
is_container (const ArborTape *tape, guint32 index)
{
  char tag = arbor_tape_tag (tape, index);

  return tag == '{' || tag == '[';
}

guint64
arbor_tape_write_json (const ArborTape *tape, guint32 index, ArborBuffer *out)
{
  ArborBuffer frames = { NULL };
  ArborBuffer members = { NULL };
  guint64 n_repeated = 0;

  if (!is_container (tape, index))
    {
      write_scalar (tape, index, out);
      return 0;
    }

  open_frame (tape, index, &frames, &members, out, &n_repeated);
  while (frames.length > 0)
    {
      Frame *frame = (Frame *) (gpointer) (frames.data + frames.length) - 1;
      guint32 child;

      if (!next_child (tape, frame, &members, out, &child))
        {
          arbor_buffer_append_byte (out, frame->is_object ? '}' : ']');
          members.length = frame->members;
          frames.length -= sizeof (Frame);
        }
      else if (is_container (tape, child))
        {
          open_frame (tape, child, &frames, &members, out, &n_repeated);
        }
      else
        {
          write_scalar (tape, child, out);
        }
    }
  arbor_buffer_free (&frames);
  arbor_buffer_free (&members);
  return n_repeated;
}
