/* The order of strings: by bytes, what is shorter first where one begins with the other. For valid
 * UTF-8 that is the order of code points.
 */

#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

static inline int
arbor_bytes_compare (gconstpointer a, gsize m, gconstpointer b, gsize n)
{
  gsize shared = MIN (m, n);
  int order = shared > 0 ? memcmp (a, b, shared) : 0;

  return order != 0 ? order : m < n ? -1 : m > n;
}

G_END_DECLS
