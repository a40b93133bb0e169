/* See arbor-spelling.h. The distance of Damerau and Levenshtein in its restricted form, of which three
 * rows are kept. */

#include "base/arbor-spelling.h"

#include <string.h>

guint
arbor_spelling_get_distance (const char *a, const char *b, guint limit)
{
  g_autofree char *folded_a = g_utf8_casefold (a, -1);
  g_autofree char *folded_b = g_utf8_casefold (b, -1);
  glong n, m;
  g_autofree gunichar *x = g_utf8_to_ucs4_fast (folded_a, -1, &n);
  g_autofree gunichar *y = g_utf8_to_ucs4_fast (folded_b, -1, &m);
  guint rows[3][ARBOR_SPELLING_MAX_LENGTH + 1];

  if (n > (glong)ARBOR_SPELLING_MAX_LENGTH || m > (glong)ARBOR_SPELLING_MAX_LENGTH)
    return strcmp (folded_a, folded_b) == 0 ? 0 : limit + 1;
  for (glong j = 0; j <= m; j++)
    rows[0][j] = (guint) j;
  for (glong i = 1; i <= n; i++)
    {
      const guint *before = rows[(i - 1) % 3];
      guint *row = rows[i % 3];

      row[0] = (guint) i;
      for (glong j = 1; j <= m; j++)
        {
          row[j] = MIN (MIN (before[j], row[j - 1]) + 1, before[j - 1] + (x[i - 1] != y[j - 1]));
          if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
            row[j] = MIN (row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
  return MIN (rows[n % 3][m], limit + 1);
}
