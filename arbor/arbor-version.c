/* Which version of the library a program runs with. */

#include "arbor-version.h"

#include <glib/gi18n-lib.h>

/**
 * arbor_get_major_version:
 *
 * The first number of the version of the library that the program runs with; %ARBOR_MAJOR_VERSION is
 * that of the version it was compiled against. Can be called from any thread.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
arbor_get_major_version (void)
{
  return ARBOR_MAJOR_VERSION;
}

/**
 * arbor_get_minor_version:
 *
 * The second number of the version of the library that the program runs with. Can be called from any
 * thread.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
arbor_get_minor_version (void)
{
  return ARBOR_MINOR_VERSION;
}

/**
 * arbor_get_micro_version:
 *
 * The third number of the version of the library that the program runs with. Can be called from any
 * thread.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
arbor_get_micro_version (void)
{
  return ARBOR_MICRO_VERSION;
}

/**
 * arbor_check_version:
 * @required_major: the first number of a version
 * @required_minor: its second number
 * @required_micro: its third number
 *
 * Whether the library that the program runs with can be used where that version is needed: it has the
 * same first number, and the others are not below. %ARBOR_CHECK_VERSION asks the same of the version
 * that a program is compiled against. Can be called from any thread.
 *
 * Returns: (nullable) (transfer none): %NULL when it can, else what is wrong, for a person
 *
 * Since: 1.0
 */
const char *
arbor_check_version (guint required_major, guint required_minor, guint required_micro)
{
  if (required_major < ARBOR_MAJOR_VERSION)
    return _("the library is too new: its major version differs");
  if (required_major > ARBOR_MAJOR_VERSION)
    return _("the library is too old: its major version differs");
  if (G_ENCODE_VERSION (required_minor, required_micro) >
      G_ENCODE_VERSION (ARBOR_MINOR_VERSION, ARBOR_MICRO_VERSION))
    return _("the library is too old: its version is below the one that is needed");
  return NULL;
}
