/* From GVariant to tapes. */

#pragma once

#include <gio/gio.h>

#include "base/arbor-tape.h"

G_BEGIN_DECLS

/* Writes @value as one document; on failure @out holds a part of it.
 *
 * Booleans, integers, doubles and strings (also object paths and signatures) are what they are;
 * bytes are integers; arrays and tuples are arrays, "ay" included; dictionaries with string keys,
 * and single entries of such, are objects; variants are unboxed; a maybe is its value or null.
 *
 * INVALID_ARGUMENT for what JSON cannot say (doubles that are not finite, handles, other keys),
 * with its path; LIMIT for more than 1,024 levels, or 1 GiB. */
gboolean arbor_variant_write_tape (GVariant *value, ArborTapeWriter *out, GError **error);

G_END_DECLS
