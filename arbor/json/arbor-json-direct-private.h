/* The strings of arbor-json-direct.c: finding their end, and their escapes. */

#pragma once

#include "base/arbor-buffer.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

G_BEGIN_DECLS

/* The first quote, backslash or control character from @at on; there is one. May look at 15 bytes
 * more. */
static inline const char *
arbor_find_special (const char *at)
{
#ifdef __SSE2__
  const __m128i quotes = _mm_set1_epi8 ('"');
  const __m128i backslashes = _mm_set1_epi8 ('\\');
  const __m128i controls = _mm_set1_epi8 (0x1f);

  for (;; at += 16)
    {
      __m128i bytes = _mm_loadu_si128 ((const __m128i *) (gconstpointer) at);
      __m128i found =
          _mm_or_si128 (_mm_or_si128 (_mm_cmpeq_epi8 (bytes, quotes),
                                      _mm_cmpeq_epi8 (bytes, backslashes)),
                        _mm_cmpeq_epi8 (_mm_min_epu8 (bytes, controls), bytes));
      guint mask = (guint) _mm_movemask_epi8 (found);

      if (mask != 0)
        return at + __builtin_ctz (mask);
    }
#else
  while (*at != '"' && *at != '\\' && (guint8) *at >= 0x20)
    at++;
  return at;
#endif
}

/* Resolves the escapes of a string whose text begins at @begin and whose first backslash is @at.
 * Appends it to @buffer, where it stays as long as no other line is read. Returns its closing
 * quote, or NULL when it is not JSON. */
const char *arbor_unescape (ArborBuffer *buffer, const char *begin, const char *at,
                            const char **text, gsize *length);

G_END_DECLS
