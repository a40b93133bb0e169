/* For tests: a tape as readable text that shows every kind, in the order of the words, duplicate
 * keys and all. Integers i1 and u1, doubles d followed by their bits in hexadecimal, numbers n1,
 * strings with every byte outside of ASCII letters and digits as %XX. Checks on its way that the
 * words are well formed.
 */

#pragma once

#include "base/arbor-tape.h"

static inline void
tape_dump_string (const ArborTape *tape, guint32 index, GString *out)
{
  guint32 length;
  const char *text = arbor_tape_string (tape, index, &length);

  g_assert_cmpint (text[length], ==, 0);
  for (guint32 i = 0; i < length; i++)
    if (g_ascii_isalnum (text[i]))
      g_string_append_c (out, text[i]);
    else
      g_string_append_printf (out, "%%%02X", (guint8) text[i]);
}

static inline char *
tape_dump (const ArborTape *tape)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 n_words = (guint32) arbor_tape_payload (tape, 0);

  g_assert_cmpint (arbor_tape_tag (tape, 0), ==, 'r');
  g_assert_cmpint (arbor_tape_tag (tape, n_words - 1), ==, 'r');
  g_assert_cmpuint (arbor_tape_next (tape, ARBOR_TAPE_ROOT), ==, n_words - 1);

  for (guint32 i = ARBOR_TAPE_ROOT; i < n_words - 1; i++)
    {
      char tag = arbor_tape_tag (tape, i);
      guint32 begin;

      switch (tag)
        {
        case '{':
        case '[':
          g_array_append_val (open, i);
          g_string_append_printf (out, "%c%u ", tag,
                                  (guint) (arbor_tape_payload (tape, i) >> 32));
          break;
        case '}':
        case ']':
          g_assert_cmpuint (open->len, >, 0);
          begin = g_array_index (open, guint32, open->len - 1);
          g_assert_cmpuint (arbor_tape_payload (tape, i), ==, begin);
          g_assert_cmpuint (arbor_tape_next (tape, begin), ==, i + 1);
          g_assert_cmpint (arbor_tape_tag (tape, begin), ==, tag - 2);
          g_array_set_size (open, open->len - 1);
          g_string_append_printf (out, "%c ", tag);
          break;
        case '"':
          g_string_append_c (out, '"');
          tape_dump_string (tape, i, out);
          g_string_append (out, "\" ");
          break;
        case 'N':
          g_string_append_c (out, 'n');
          tape_dump_string (tape, i, out);
          g_string_append_c (out, ' ');
          break;
        case 'l':
          g_string_append_printf (out, "i%" G_GINT64_FORMAT " ", (gint64) tape->words[++i]);
          break;
        case 'u':
          g_string_append_printf (out, "u%" G_GUINT64_FORMAT " ", tape->words[++i]);
          break;
        case 'd':
          g_string_append_printf (out, "d%016" G_GINT64_MODIFIER "x ", tape->words[++i]);
          break;
        case 't':
        case 'f':
          g_string_append (out, tag == 't' ? "true " : "false ");
          break;
        case 'n':
          g_string_append (out, "null ");
          break;
        default:
          g_assert_not_reached ();
        }
    }
  g_assert_cmpuint (open->len, ==, 0);
  return g_strchomp (g_string_free (out, FALSE));
}
