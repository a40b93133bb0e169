/* Values as GVariants: objects are a{sv}, arrays av, integers x or t, doubles d, strings s, null an
 * empty mv, and NUMBER an s with its text.
 */

#pragma once

#include "batch/arbor-value-access.h"

G_BEGIN_DECLS

/* (transfer full), not floating. LIMIT past 40 levels, NOT_SUPPORTED for U+0000. */
GVariant *arbor_variant_from_value (const ArborValue *value, ArborScope *scope, GError **error);

G_END_DECLS
