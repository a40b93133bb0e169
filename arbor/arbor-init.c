/* What must have happened before the library's first message: its text domain is bound. This is a
 * constructor because messages arise in every layer, before any type is made.
 *
 * ARBOR_LOCALE_DIR in the environment names another folder of translations: for a build that is not
 * installed.
 */

#include <glib.h>
#include <libintl.h>
#include <stdlib.h>

__attribute__ ((constructor)) static void
bind_text_domain (void)
{
  const char *folder = secure_getenv ("ARBOR_LOCALE_DIR");

  bindtextdomain (GETTEXT_PACKAGE, folder != NULL ? folder : ARBOR_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}
