/* A strict scanner of JSON text (RFC 8259), for the documents that the fast parser refuses: it says
 * where and why a text stops being JSON, or finds the numbers that no int64, uint64 or double
 * holds. Complete in itself: nothing about the text is taken for granted.
 */

#pragma once

#include "base/arbor-buffer.h"

G_BEGIN_DECLS

/* A number to be kept as text. */
typedef struct
{
  guint32 offset;
  guint32 length;
  guint32 ordinal; /* its place among strings, keys and such numbers, in document order */
} ArborBigNumber;

/* Scans one document of at most G_MAXUINT32 bytes. TRUE when it is JSON of at most
 * ARBOR_TAPE_MAX_DEPTH levels; its big numbers are then in @big, an array of ArborBigNumber. FALSE
 * sets *@error_offset, and *@reason to an untranslated phrase.
 */
gboolean arbor_json_scan (const char *text, gsize length, ArborBuffer *big, gsize *error_offset,
                          const char **reason);

G_END_DECLS
