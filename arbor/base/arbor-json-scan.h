/* A strict reader of JSON text (RFC 8259), for the documents that the fast parser refuses or must not
 * decide: it says where and why a text stops being JSON, or makes the tape. Complete in itself:
 * nothing about the text is taken for granted, and nothing is left to a library's version.
 */

#pragma once

#include "base/arbor-tape.h"

G_BEGIN_DECLS

/* Reads one document of at most G_MAXUINT32 bytes and of at most ARBOR_TAPE_MAX_DEPTH levels onto
 * @writer, which has been reset; NULL only looks whether it is JSON. With @is_exact a number whose
 * text is not what its 64 bits would be written as stays text: 1.10, 1e2, -0, digits that no double
 * holds. FALSE sets *@error_offset, and *@reason to an untranslated phrase.
 */
gboolean arbor_json_scan (const char *text, gsize length, gboolean is_exact,
                          ArborTapeWriter *writer, gsize *error_offset, const char **reason);

G_END_DECLS
