/* Characters, by Unicode's tables. See arbor-letters.h. GLib's functions have a part of these tables:
 * they leave out the folding of Cherokee, the case of Roman numerals and circled letters, and of white
 * space U+000B and U+0085.
 */

#include "base/arbor-letters.h"

#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>

gunichar
arbor_letters_to_lower (gunichar c)
{
  return c < 0x80 ? (guchar) g_ascii_tolower ((char) c) : uc_tolower (c);
}

gunichar
arbor_letters_to_upper (gunichar c)
{
  return c < 0x80 ? (guchar) g_ascii_toupper ((char) c) : uc_toupper (c);
}

char *
arbor_letters_fold (const char *text, gsize length, gsize *n_folded)
{
  g_autofree char *copy = NULL;
  uint8_t *folded;

  folded = u8_casefold ((const uint8_t *)text, length, NULL, NULL, NULL, n_folded);
  if (folded == NULL) /* the text was valid */
    g_error ("out of memory: %zu bytes of text to fold", length);
  /* It comes from malloc, whatever g_free takes. */
  copy = g_memdup2 (folded, *n_folded);
  free (folded);
  return g_steal_pointer (&copy);
}

gboolean
arbor_letters_is_space (const char *at, gsize length)
{
  gunichar c = (guchar) *at;

  if (c < 0x80)
    return c == ' ' || (c >= '\t' && c <= '\r');
  c = g_utf8_get_char_validated (at, (gssize) length);
  return c <= 0x10FFFF && uc_is_property_white_space (c);
}

void
arbor_letters_skip_space (const char **start, const char *end)
{
  while (*start < end)
    {
      const char *next = *start + 1;

      while (next < end && ((guchar) *next & 0xC0) == 0x80)
        next++;
      if (!arbor_letters_is_space (*start, (gsize) (next - *start)))
        return;
      *start = next;
    }
}

void
arbor_letters_drop_space (const char *start, const char **end)
{
  while (*end > start)
    {
      const char *last = *end - 1;

      while (last > start && ((guchar) *last & 0xC0) == 0x80)
        last--;
      if (!arbor_letters_is_space (last, (gsize) (*end - last)))
        return;
      *end = last;
    }
}
