/* A tape: one JSON document as a flat run of 64-bit words, in the layout of simdjson
 * (https://github.com/simdjson/simdjson/blob/master/doc/tape.md). The top byte of a word is its
 * tag, the low 56 bits its payload:
 *
 *   '{' '['   low 32 bits: index one past the matching '}' ']'; next 24: count of pairs or
 *             elements, saturated at 0xFFFFFF. An object's pairs lie as key, value, key, value
 *   '}' ']'   index of the opening word
 *   '"'       offset into strings: u32 length (native order), the bytes, a NUL
 *   'N'       the same, holding the text of a NUMBER (ours; simdjson has no such word)
 *   'l' 'u' 'd'   the next word is the int64, uint64 or double
 *   't' 'f' 'n'   true, false, null
 *   'r'       first and last word; the document's value begins at word 1
 *
 * A tape made here is well formed: sizes need no further checks. Keys may be duplicate: who
 * reads a tape applies the rule (last value wins, at the first one's place).
 */

#pragma once

#include "base/arbor-buffer.h"
#include "base/arbor-value.h"

G_BEGIN_DECLS

/* What a tape takes at most for each byte of its text: 16 for a number of one digit and its comma, and
 * as much besides as the parser that makes it. */
#define ARBOR_TAPE_FACTOR 10u

typedef struct
{
  const guint64 *words;
  const guint8 *strings;
} ArborTape;

#define ARBOR_TAPE_ROOT 1u
#define ARBOR_TAPE_MAX_DEPTH 1024u

static inline char
arbor_tape_tag (const ArborTape *tape, guint32 index)
{
  return (char) (tape->words[index] >> 56);
}

static inline guint64
arbor_tape_payload (const ArborTape *tape, guint32 index)
{
  return tape->words[index] & G_GUINT64_CONSTANT (0x00FFFFFFFFFFFFFF);
}

static inline const char *
arbor_tape_string (const ArborTape *tape, guint32 index, guint32 *length)
{
  const guint8 *at = tape->strings + arbor_tape_payload (tape, index);

  memcpy (length, at, 4);
  return (const char *) at + 4;
}

/* The index of the value after the one at @index. */
static inline guint32
arbor_tape_next (const ArborTape *tape, guint32 index)
{
  switch (arbor_tape_tag (tape, index))
    {
    case '{':
    case '[':
      return (guint32) tape->words[index];
    case 'l':
    case 'u':
    case 'd':
      return index + 2;
    default:
      return index + 1;
    }
}

/* How many levels of arrays and objects the value at @index has; 0 for a scalar. */
guint32 arbor_tape_get_depth (const ArborTape *tape, guint32 index);

/* The value at @index; containers hold on to @tape. */
void arbor_tape_get_value (const ArborTape *tape, guint32 index, ArborValue *value);

/* Resolves the keys of the object at @index: FALSE when all differ. Where some do not, TRUE, and
 * the members that count are appended to @members in their order, as pairs of guint32: index of the
 * key, index of the value (the last one's, at the first one's place). */
gboolean arbor_tape_resolve_object (const ArborTape *tape, guint32 index, ArborBuffer *members);

/* Appends the JSON text of the value at @index, duplicate keys resolved; returns how many members
 * were left out so. */
guint64 arbor_tape_write_json (const ArborTape *tape, guint32 index, ArborBuffer *out);

/* Parser: JSON text to tape. Reusable; one thread at a time. */

typedef struct _ArborParser ArborParser;

#define ARBOR_PARSER_PADDING 64u

ArborParser *arbor_parser_new (void);
void arbor_parser_free (ArborParser *self);
/* Numbers whose text is not what their 64 bits would be written as (1.10, 1e2, -0, digits that no
 * double holds) become 'N', too. */
void arbor_parser_set_exact (ArborParser *self, gboolean is_exact);

/* Parses one document of @length bytes. At least ARBOR_PARSER_PADDING bytes after it must be
 * readable (their content does not matter). The tape is valid until the next parse. By
 * semantics.md section 1: depth over 1,024, lone surrogates, invalid UTF-8, trailing text and
 * empty text are errors; a number that no int64, uint64 or double holds becomes 'N'.
 * On failure returns FALSE, sets *@error_offset to the byte at which the text stops being JSON, and
 * *@reason to a translated phrase ("expected ',' or '}' in object", ...) that lives as long as the program.
 */
gboolean arbor_parser_parse (ArborParser *self, const char *text, gsize length, ArborTape *tape,
                             gsize *error_offset, const char **reason);

/* Writer: builds a tape from calls in document order. */

typedef struct _ArborTapeWriter ArborTapeWriter;

ArborTapeWriter *arbor_tape_writer_new (void);
void arbor_tape_writer_free (ArborTapeWriter *self);
void arbor_tape_writer_reset (ArborTapeWriter *self); /* keeps its memory */
void arbor_tape_writer_begin_object (ArborTapeWriter *self);
void arbor_tape_writer_end_object (ArborTapeWriter *self);
void arbor_tape_writer_begin_array (ArborTapeWriter *self);
void arbor_tape_writer_end_array (ArborTapeWriter *self);
void arbor_tape_writer_key (ArborTapeWriter *self, const char *key, gsize length);
void arbor_tape_writer_scalar (ArborTapeWriter *self, const ArborValue *scalar);
void arbor_tape_writer_copy (ArborTapeWriter *self, const ArborTape *tape, guint32 index);
/* Closes the document. The tape is valid until the next call on the writer. */
void arbor_tape_writer_finish (ArborTapeWriter *self, ArborTape *tape);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborParser, arbor_parser_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborTapeWriter, arbor_tape_writer_free)

G_END_DECLS
