/* What the first bytes of an input say: a byte order mark, or that it is no text at all. */

#pragma once

#include "json/arbor-json-reader-private.h"

G_BEGIN_DECLS

/* Skips one byte order mark and has UTF-16 decoded from there on. PARSE for UTF-32 and for what is
 * compressed, by name. */
gboolean arbor_json_sniff (ArborJsonReader *reader, GError **error);

G_END_DECLS
