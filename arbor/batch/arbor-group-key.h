/* A key of a group table: one value in 16 bytes, so that most values are equal when two words are. It is
 * a number, a truth value or nothing, a text of up to 13 bytes as it is, or says where its value lies.
 *
 *   bytes 0 to 7    the number; the text; or a pointer
 *   bytes 8 to 12   the text goes on; or how long it is, where the pointer leads to it
 *   byte 13         how long the text is that lies here
 *   byte 14         what it is: ArborGroupKeyClass
 *   byte 15         as what it came: ArborGroupKeyOrigin; does not count when keys are compared
 *
 * Numbers that are equal have the same class and word, whatever their kind: 1, 1.0 and a text 1.00.
 */

#pragma once

#include <string.h>

#include "base/arbor-value.h"

G_BEGIN_DECLS

typedef union
{
  guint64 words[2];
  guint8 bytes[16];
  const char *text;        /* of LONG */
  const ArborValue *value; /* of OTHER */
} ArborGroupKey;

G_STATIC_ASSERT (sizeof (ArborGroupKey) == 16);

typedef enum
{
  ARBOR_GROUP_KEY_MISSING,
  ARBOR_GROUP_KEY_NULL,
  ARBOR_GROUP_KEY_BOOL,
  ARBOR_GROUP_KEY_INTEGER,  /* of 64 bits */
  ARBOR_GROUP_KEY_UNSIGNED, /* past them */
  ARBOR_GROUP_KEY_REAL,     /* the bits of any other double */
  ARBOR_GROUP_KEY_SHORT,
  ARBOR_GROUP_KEY_LONG,
  ARBOR_GROUP_KEY_OTHER, /* an array, an object, or a NUMBER that equals no number of 64 bits */
} ArborGroupKeyClass;

typedef enum
{
  ARBOR_GROUP_KEY_AS_CLASS,
  ARBOR_GROUP_KEY_AS_UINT64,
  ARBOR_GROUP_KEY_AS_DOUBLE,
  ARBOR_GROUP_KEY_AS_NEGATIVE_ZERO,
  ARBOR_GROUP_KEY_AS_NUMBER, /* whose text the table has beside it */
} ArborGroupKeyOrigin;

#define ARBOR_GROUP_KEY_TEXT   13u
#define ARBOR_GROUP_KEY_LENGTH 13
#define ARBOR_GROUP_KEY_CLASS  14
#define ARBOR_GROUP_KEY_ORIGIN 15
/* What counts of the second word. */
#define ARBOR_GROUP_KEY_MASK GUINT64_TO_LE (G_GUINT64_CONSTANT (0x00FFFFFFFFFFFFFF))

#define ARBOR_TWO_TO_63 9223372036854775808.0

static inline guint8
arbor_group_key_get_class (const ArborGroupKey *self)
{
  return self->bytes[ARBOR_GROUP_KEY_CLASS];
}

static inline void
arbor_group_key_set_word (ArborGroupKey *self, guint64 word, guint8 class, guint8 origin)
{
  self->words[0] = word;
  self->words[1] = GUINT64_TO_LE ((guint64)class << 48 | (guint64)origin << 56);
}

static inline void
arbor_group_key_set_unsigned (ArborGroupKey *self, guint64 number)
{
  if (number > G_MAXINT64)
    arbor_group_key_set_word (self, number, ARBOR_GROUP_KEY_UNSIGNED, ARBOR_GROUP_KEY_AS_CLASS);
  else
    arbor_group_key_set_word (self, number, ARBOR_GROUP_KEY_INTEGER, ARBOR_GROUP_KEY_AS_UINT64);
}

static inline void
arbor_group_key_set_real (ArborGroupKey *self, double real)
{
  guint64 bits;

  memcpy (&bits, &real, sizeof bits);
  if (real >= -ARBOR_TWO_TO_63 && real < ARBOR_TWO_TO_63 && (double)(gint64)real == real)
    arbor_group_key_set_word (self, (guint64)(gint64)real, ARBOR_GROUP_KEY_INTEGER,
                              bits == G_GUINT64_CONSTANT (1) << 63 ? ARBOR_GROUP_KEY_AS_NEGATIVE_ZERO
                                                                   : ARBOR_GROUP_KEY_AS_DOUBLE);
  else if (real >= ARBOR_TWO_TO_63 && real < 2 * ARBOR_TWO_TO_63)
    arbor_group_key_set_word (self, (guint64)real, ARBOR_GROUP_KEY_UNSIGNED,
                              ARBOR_GROUP_KEY_AS_DOUBLE);
  else
    arbor_group_key_set_word (self, bits, ARBOR_GROUP_KEY_REAL, ARBOR_GROUP_KEY_AS_CLASS);
}

/* The bytes at @text as a number whose first byte is the lowest; no byte past them is read. */
static inline guint64
arbor_group_key_load (const char *text, guint32 length)
{
  const guint8 *bytes = (const guint8 *)text;
  guint32 low, high;

  if (length >= 4)
    {
      memcpy (&low, text, 4);
      memcpy (&high, text + length - 4, 4);
      return GUINT32_FROM_LE (low) | (guint64)GUINT32_FROM_LE (high) << 8 * (length - 4);
    }
  if (length == 0)
    return 0;
  return bytes[0] | (guint64)bytes[length / 2] << 8 * (length / 2) |
         (guint64)bytes[length - 1] << 8 * (length - 1);
}

static inline void
arbor_group_key_set_text (ArborGroupKey *self, const char *text, guint32 length)
{
  guint64 head, tail = 0;

  if (length > ARBOR_GROUP_KEY_TEXT)
    {
      self->words[0] = 0;
      self->text = text;
      self->words[1] = GUINT64_TO_LE (length | (guint64)ARBOR_GROUP_KEY_LONG << 48);
      return;
    }
  if (length >= 8)
    memcpy (&head, text, 8);
  else
    head = GUINT64_TO_LE (arbor_group_key_load (text, length));
  if (length > 8)
    {
      memcpy (&tail, text + length - 8, 8);
      tail = GUINT64_FROM_LE (tail) >> 8 * (16 - length);
    }
  self->words[0] = head;
  self->words[1] =
      GUINT64_TO_LE (tail | (guint64)length << 40 | (guint64)ARBOR_GROUP_KEY_SHORT << 48);
}

/* Of LONG. */
static inline guint32
arbor_group_key_get_long_length (const ArborGroupKey *self)
{
  return (guint32)GUINT64_FROM_LE (self->words[1]);
}

/* Keys that say all of their value. */
static inline void
arbor_group_key_set_scalar (ArborGroupKey *self, const ArborValue *value)
{
  switch (value->kind)
    {
    case ARBOR_KIND_BOOL:
      arbor_group_key_set_word (self, !!value->boolean, ARBOR_GROUP_KEY_BOOL, 0);
      break;
    case ARBOR_KIND_INT64:
      arbor_group_key_set_word (self, value->uint64, ARBOR_GROUP_KEY_INTEGER, 0);
      break;
    case ARBOR_KIND_UINT64:
      arbor_group_key_set_unsigned (self, value->uint64);
      break;
    case ARBOR_KIND_DOUBLE:
      arbor_group_key_set_real (self, value->real);
      break;
    case ARBOR_KIND_STRING:
      arbor_group_key_set_text (self, value->text, value->length);
      break;
    default:
      arbor_group_key_set_word (self, 0,
                                value->kind == ARBOR_KIND_NULL ? ARBOR_GROUP_KEY_NULL
                                                               : ARBOR_GROUP_KEY_MISSING,
                                0);
      break;
    }
}

G_END_DECLS
