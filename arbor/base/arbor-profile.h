/* Marks in a profile that Sysprof records: what the library did, from when, for how long. Nothing where
 * nobody records, or where it was left out of the build.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#ifdef ARBOR_HAVE_SYSPROF

/* When it began; 0: nobody records. */
gint64 arbor_profile_begin (void);
/* @what: import, read, commit; @about: a name, a path, or NULL. Shorter ones than a tenth of a millisecond
 * are left out, so that the access to one tree makes no mark. */
void arbor_profile_end (gint64 begin, const char *what, const char *about);

#else

static inline gint64
arbor_profile_begin (void)
{
  return 0;
}

static inline void
arbor_profile_end (gint64 begin, const char *what, const char *about)
{
}

#endif

G_END_DECLS
