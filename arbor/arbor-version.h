/* Which version of the library a program is compiled against, and which one it runs with. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

/**
 * ARBOR_CHECK_VERSION:
 * @major: a first number
 * @minor: a second number
 * @micro: a third number
 *
 * Whether the version that a program is compiled against is at least this one; for `#if`. Of the
 * version that it runs with [func@Arbor.check_version] tells the same.
 *
 * Returns: true when it is
 *
 * Since: 1.0
 */
#define ARBOR_CHECK_VERSION(major, minor, micro)                                                   \
  (ARBOR_MAJOR_VERSION > (major) ||                                                                \
   (ARBOR_MAJOR_VERSION == (major) && ARBOR_MINOR_VERSION > (minor)) ||                            \
   (ARBOR_MAJOR_VERSION == (major) && ARBOR_MINOR_VERSION == (minor) &&                            \
    ARBOR_MICRO_VERSION >= (micro)))

ARBOR_AVAILABLE_IN_1_0
guint arbor_get_major_version (void) G_GNUC_CONST;
ARBOR_AVAILABLE_IN_1_0
guint arbor_get_minor_version (void) G_GNUC_CONST;
ARBOR_AVAILABLE_IN_1_0
guint arbor_get_micro_version (void) G_GNUC_CONST;
ARBOR_AVAILABLE_IN_1_0
const char *arbor_check_version (guint required_major, guint required_minor, guint required_micro);

G_END_DECLS
